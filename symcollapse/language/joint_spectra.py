"""Several covariances with one eigenbasis: Σ₁, Σ₂, … by the eigenvalues (s₁ⱼ, s₂ⱼ, …) of each eigenvector.

Functions of them are written in one variable for each member. The order matters: the j-th eigenvalues of all members
belong to one eigenvector, so members are never sorted by size.
"""

from collections.abc import Iterable
from itertools import chain, repeat
from typing import Any, Self

from sympy import Basic, Expr, Integer, Symbol, Tuple

from symcollapse.language.errors import InvalidProblem, NotEvaluable
from symcollapse.language.exactness import is_number
from symcollapse.language.spectra import (
    Covariance,
    ExplicitSpectrum,
    IsotropicSpectrum,
    LevelsSpectrum,
    PowerLawSpectrum,
    Spectrum,
)
from symcollapse.language.symbols import eigenvalue, joint_eigenvalue
from symcollapse.language.targets import LevelsTarget, SourceTarget, Target


class JointSpectrum(Spectrum):
    """Two or more spectra over one eigenbasis; build it with `joint_spectrum`.

    The variables are bound: they stay when a member is replaced by a concrete spectrum.

    Example
    -------
    >>> from symcollapse.language.spectra import covariance
    >>> joint = joint_spectrum([covariance("Sigma_1", 3), covariance("Sigma_2", 3)])
    >>> joint.variables
    (s_Sigma_1, s_Sigma_2)
    """

    def __new__(cls, variables: Iterable[Symbol], members: Iterable[Spectrum]) -> Self:
        symbols, spectra = Tuple(*variables), Tuple(*members)
        if len(symbols) != len(spectra) or len(set(symbols)) < len(symbols):
            raise InvalidProblem(f"variables = {symbols}: give one for each covariance")
        sizes = [member.dimension for member in spectra]
        known = {size for size in sizes if not size.free_symbols}
        if len(known) > 1:
            raise InvalidProblem(
                f"dimension = {', '.join(map(str, sizes))}: give covariances of one size"
            )
        return super().__new__(cls, symbols, spectra)

    @property
    def variables(self) -> tuple[Symbol, ...]:
        """One variable for each member."""
        return tuple(self.args[0])

    @property
    def members(self) -> tuple[Spectrum, ...]:
        """The spectra, in the order of the variables."""
        return tuple(self.args[1])

    @property
    def dimension(self) -> Expr:
        """Number of eigenvectors: a number if some member knows it."""
        sizes = [member.dimension for member in self.members]
        return next((size for size in sizes if not size.free_symbols), sizes[0])

    @property
    def free_symbols(self) -> set[Basic]:
        """Symbols of the members; the variables are bound."""
        return set().union(*(member.free_symbols for member in self.members))

    @property
    def bound_symbols(self) -> list[Basic]:
        """The variables."""
        return list(self.variables)

    def _xreplace(self, rule: Any) -> tuple[Basic, bool]:
        if self in rule:
            return rule[self], True
        members, changed = self.args[1]._xreplace(rule)
        return (self.func(self.args[0], members), True) if changed else (self, False)

    def _eval_subs(self, old: Basic, new: Basic) -> Basic | None:
        return self.func(self.args[0], self.args[1]._subs(old, new))

    def sensitivity(self, parameter: Symbol) -> Expr | None:
        """None; with several variables there is one for each: see `sensitivities`."""
        return super().sensitivity(parameter)

    def sensitivities(self, parameter: Symbol) -> tuple[tuple[Symbol, Expr], ...]:
        """Pairs (variable, ∂variable/∂parameter), for the variables that move with the parameter."""
        pairs = []
        for variable, member in zip(self.variables, self.members, strict=True):
            slope = member.sensitivity(parameter)
            if slope is not None:
                pairs.append((variable, slope.xreplace({eigenvalue: variable})))
        return tuple(pairs)

    def restricted_to(self, variables: Iterable[Symbol]) -> Spectrum:
        """The spectrum of those members only that some variables belong to; the member itself for one."""
        wanted = set(variables)
        pairs = zip(self.variables, self.members, strict=True)
        kept = [(variable, member) for variable, member in pairs if variable in wanted]
        if len(kept) == 1:
            return kept[0][1]
        return self.func(*zip(*kept, strict=True))

    def shared_counts(self) -> tuple[Expr, ...] | None:
        """Multiplicities, where all members are constant on the same levels; None elsewhere."""
        counts = {member.counts for member in self.members if isinstance(member, LevelsSpectrum)}
        steps = all(
            isinstance(member, IsotropicSpectrum | LevelsSpectrum) for member in self.members
        )
        if not steps or len(counts) > 1:
            return None
        return next(iter(counts), (self.dimension,))

    def carrier(self, target: Target) -> Spectrum:
        """The one member whose eigenvalues the coefficients of a target refer to; all, where they refer to none.

        Raises
        ------
        NotEvaluable
            If none, or several, could be meant.
        """
        kinds = {SourceTarget: PowerLawSpectrum, LevelsTarget: LevelsSpectrum}
        kind = kinds.get(type(target))
        if kind is None:
            return self
        if kind is LevelsSpectrum and self.shared_counts() is None:
            raise NotEvaluable(
                "LevelsTarget: the members have other levels; give coefficients one by one"
            )
        possible = {member for member in self.members if isinstance(member, kind)}
        if len(possible) != 1:
            raise NotEvaluable(
                f"{type(target).__name__} over {len(possible)} members of type {kind.__name__}: it must be clear "
                "whose; give coefficients one by one"
            )
        return possible.pop()


def joint_spectrum(members: Iterable[Spectrum]) -> Spectrum:
    """The common spectrum of some covariances: the covariance itself for one, a `JointSpectrum` for more.

    Parameters
    ----------
    members
        Covariances, or joint spectra of such, in any order; those that occur twice count once. Put concrete spectra
        in afterwards, by ``xreplace``.

    Raises
    ------
    InvalidProblem
        If a member has no name, two have the same, or their sizes differ.

    Example
    -------
    >>> from symcollapse.language.spectra import covariance
    >>> first, second = covariance("Sigma_1", 3), covariance("Sigma_2", 3)
    >>> joint_spectrum([second, first, second]) == joint_spectrum([first, second])
    True
    >>> joint_spectrum([first])
    Sigma_1
    """
    found: dict[Spectrum, Symbol] = {}
    for member in chain.from_iterable(_paired(spectrum) for spectrum in members):
        found[member[0]] = member[1]
    if not found:
        raise InvalidProblem("members = []: give at least one covariance")
    if len(found) == 1:
        return next(iter(found))
    ordered = sorted(found, key=lambda member: member.sort_key())
    return JointSpectrum([found[member] for member in ordered], ordered)


def _paired(spectrum: Spectrum) -> list[tuple[Spectrum, Symbol]]:
    if isinstance(spectrum, Covariance):
        return [(spectrum, joint_eigenvalue(spectrum.name))]
    if isinstance(spectrum, JointSpectrum):
        return list(zip(spectrum.members, spectrum.variables, strict=True))
    raise InvalidProblem(
        f"{spectrum} has no name: join abstract covariances, then put spectra in by xreplace"
    )


def level_columns(joint: Spectrum, levels: int) -> list[tuple[Expr, ...]]:
    """Eigenvalues of each member on each of the levels that all members share.

    Example
    -------
    >>> from symcollapse.language.spectra import covariance
    >>> first, second = covariance("Sigma_1", 3), covariance("Sigma_2", 3)
    >>> joint = joint_spectrum([first, second]).xreplace(
    ...     {first: IsotropicSpectrum(3), second: LevelsSpectrum([4, 9], [1, 2])}
    ... )
    >>> level_columns(joint, 2)
    [(1, 1), (4, 9)]
    """
    return [
        member.values
        if isinstance(member, LevelsSpectrum)
        else (member.eigenvalue_at(Integer(1)),) * levels
        for member in joint.members
    ]


def listed_eigenvalues(spectrum: Spectrum) -> tuple[Expr, ...]:
    """The eigenvalues one by one in the order of the eigenvectors, levels written out.

    Example
    -------
    >>> listed_eigenvalues(LevelsSpectrum([4, 9], [1, 2]))
    (4, 9, 9)
    """
    if isinstance(spectrum, ExplicitSpectrum):
        return spectrum.eigenvalues
    if isinstance(spectrum, LevelsSpectrum):
        pairs = zip(spectrum.values, spectrum.counts, strict=True)
        return tuple(chain.from_iterable(repeat(value, int(count)) for value, count in pairs))
    size = spectrum.dimension
    if not (is_number(size) and size.is_Integer):
        raise NotEvaluable(f"dimension = {size}: give an integer, to list the eigenvalues")
    return tuple(spectrum.eigenvalue_at(Integer(j)) for j in range(1, int(size) + 1))
