"""Expansions of the test error for generators with T₀ < d over infinite power laws, with their constants.

The error is then a function of two effective ridges: κ of the tested fit, and κ_g = κ(0, T₀) ≃ (A/T₀)^β of the
generators. Its sums are expanded by ``expansions.two_ridges``, uniformly in κ/κ_g. Far above the floor, κ ≫ κ_g, and far
below, κ ≪ κ_g, each sum is a sum of powers; of the products of such powers those stay that no other one exceeds
wherever the ridge is small, the two ridges are far apart and df₂ ≪ T (or, without a ridge, df₂ = (1 − 1/β)T).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sympy import Add, Expr, Integer, expand_power_base, oo, simplify

from symcollapse.language.abbreviations import Abbreviation
from symcollapse.language.effective_ridges import (
    EffectiveRidge,
    GuardedSize,
    ResidualDegreesOfFreedom,
)
from symcollapse.language.errors import NotSupported
from symcollapse.language.problems import SIGMA, W0, Problem
from symcollapse.language.quantities import (
    DegreesOfFreedom,
    QuadraticForm,
    Quantity,
    SpectralTrace,
)
from symcollapse.language.spectra import PowerLawSpectrum
from symcollapse.language.symbols import (
    effective,
    generation_samples,
    generator_effective,
    placeholder,
    samples,
)
from symcollapse.language.targets import Target
from symcollapse.scaling.floor_regimes import SIZES, FloorRegimes
from symcollapse.scaling.rate_of_added_bias import added_bias
from symcollapse.scaling.two_ridge_quantities import (
    NODES,
    Products,
    formula_of,
    orders_left_out,
    products_of,
)
from symcollapse.theory.test_errors import TestError, test_error


@dataclass(frozen=True)
class FewSamplesPart:
    """One part of a test error with T₀ < d, at small κ and κ_g."""

    uniform: Expr
    """In κ, κ_g, T and T_0, several terms; for κ ≠ κ_g, in any order of the two."""
    next_orders: tuple[Expr, ...]
    """Orders of what ``uniform`` leaves out, as they are; their signs mean nothing."""
    leading: Expr
    """The largest power of each sum; uniform in κ/κ_g, for κ ≠ κ_g."""
    at_equal_ridges: Expr
    """The same at κ_g = κ, in κ, T and T_0, as for T = T_0 without a ridge."""
    above_floor: Expr
    """In λ, T and T_0, for κ_g ≪ λ and T^-β ≪ λ."""
    below_floor: Expr
    """In λ, T and T_0, for T^-β ≪ λ ≪ κ_g, where T_0 ≪ T."""
    ridgeless: Expr
    """``leading`` at λ = 0, in T and T_0, for T ≠ T_0."""
    ridgeless_above_floor: Expr
    """At λ = 0 for T ≪ T_0."""
    ridgeless_below_floor: Expr
    """At λ = 0 for T_0 ≪ T."""


@dataclass(frozen=True)
class FewSamplesExpansion:
    """Parts of a test error with T₀ < d at small ridges."""

    parts: Mapping[str, FewSamplesPart]
    """By the names of ``test_error``; their sum is the total, apart from clean."""
    floor: Expr
    """κ_g as a function of T_0, to its leading order."""
    ridgeless_ridge: Expr
    """κ(0, T), to its leading order."""


def expand_few_samples(problem: Problem, *, terms: int = 1) -> FewSamplesExpansion:
    """The expansion of the test error where least-squares generators that are alike have T_0 < d = ∞ samples.

    Numbers of the problem are written by the symbols of ``test_error``, κ by ``symbols.effective`` and κ_g by
    ``symbols.generator_effective``. Where exponents are letters and do not decide which power is the largest, all stay.

    Parameters
    ----------
    problem
        A problem over an infinite power law, with a downstream fit.
    terms
        Whole powers of the ridges that ``uniform`` keeps of each sum, beside its singular one.

    Raises
    ------
    NotSupported
        If the spectrum is no infinite power law, or generators are of several sizes or have a ridge.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream, Generation
    >>> from symcollapse.language.targets import SourceTarget
    >>> generators = (Generation(100, noise=1),)
    >>> fit = Downstream(1000, noise=1, ridge="1/10")
    >>> found = expand_few_samples(
    ...     Problem(PowerLawSpectrum(oo, 2), SourceTarget("1/2"), generators, fit)
    ... )
    >>> found.parts["bias"].above_floor, found.floor
    (lambda/2, pi**2/(4*T_0**2))
    """
    error, expander = _read(problem, terms)
    parts = {name: part for name, part in error.parts.items() if name != "total"}
    return expander.expansion_of(parts)


def expand_added_bias(problem: Problem, *, terms: int = 1) -> FewSamplesExpansion:
    """The same of the bias that synthetic data add: its two positive parts, gained and spared, of ``added_bias``.

    Raises
    ------
    NotSupported
        As ``expand_few_samples``.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream, Generation
    >>> from symcollapse.language.targets import SourceTarget
    >>> fit = Downstream(1000, noise=1, ridge="1/10")
    >>> problem = Problem(
    ...     PowerLawSpectrum(oo, 2), SourceTarget("3/2"), (Generation(100, noise=1),), fit
    ... )
    >>> expand_added_bias(problem).parts["gained"].below_floor
    pi**4*zeta(3)/(8*T_0**4)
    """
    error, expander = _read(problem, terms)
    added = added_bias(error)
    parts = {
        "gained": Add(*(term.formula for term in added.gained)),
        "spared": Add(*(term.formula for term in added.spared)),
    }
    return expander.expansion_of(parts)


def _read(problem: Problem, terms: int) -> tuple[TestError, "_Expander"]:
    law = problem.spectrum
    if not isinstance(law, PowerLawSpectrum) or law.dimension is not oo:
        raise NotSupported("with T_0 < d the expansion needs a power law of infinite dimension")
    if problem.downstream is None:
        raise NotSupported("with T_0 < d the expansion needs a downstream fit")
    error = test_error(problem)
    tested = error.effective_ridge
    ridges = _written_out(error.total).atoms(EffectiveRidge) - {tested}
    if len(ridges) != 1:
        raise NotSupported("give generators that are alike, with samples < dimension and no ridge")
    (floor,) = ridges
    if not isinstance(floor, EffectiveRidge) or floor.ridge != 0:
        raise NotSupported("generators with a ridge are not expanded: give ridge = 0")
    if floor.samples != generation_samples or not isinstance(tested, EffectiveRidge):
        raise NotSupported("sizes that are formulas are not expanded: give numbers")
    if tested.samples != samples:
        raise NotSupported("sizes that are formulas are not expanded: give numbers")
    return error, _Expander(law, problem.target, tested, floor, terms)


@dataclass(frozen=True)
class _Expander:
    law: PowerLawSpectrum
    target: Target
    tested: Expr
    floor: EffectiveRidge
    terms: int

    def expansion_of(self, parts: Mapping[str, Expr]) -> FewSamplesExpansion:
        beta, constant = self.law.capacity, self.constant(1)
        return FewSamplesExpansion(
            parts={name: self.expanded(part) for name, part in parts.items()},
            floor=(constant / generation_samples) ** beta,
            ridgeless_ridge=(constant / samples) ** beta,
        )

    def constant(self, order: int) -> Expr:
        """The constant of df_m ≃ constant·κ^(-1/β)."""
        degrees = DegreesOfFreedom(order, effective, self.law)
        ((_, found),) = products_of(degrees, self.law, None, 1)
        return found.formula(leading=True).xreplace({effective: Integer(1)})

    @property
    def residual_share(self) -> Expr:
        """The share 1 − df₂/T that remains without a ridge."""
        return simplify(1 - self.constant(2) / self.constant(1))

    def expanded(self, part: Expr) -> FewSamplesPart:
        if part == 0:
            # Without noise a part is nothing, which has no power of κ to be read.
            return FewSamplesPart(part, (), part, part, part, part, part, part, part)
        opened = self._in_letters(part)
        residual, others = placeholder("residual"), placeholder("residual")
        designs = {
            node: residual if node.samples == samples else others
            for node in opened.atoms(ResidualDegreesOfFreedom)
            if isinstance(node, ResidualDegreesOfFreedom)
        }
        function = opened.xreplace(dict(designs))
        sums = _sums(function)
        names = {node: placeholder("sum") for node in sums}
        function = function.xreplace(dict(names))
        degrees = {node: products_of(node, self.law, None, self.terms) for node in self._degrees()}
        products = {node: products_of(node, self.law, self.target, self.terms) for node in sums}

        first, second = self._degrees()

        def put_in(*, leading: bool, equal: bool = False) -> dict[Expr, Expr]:
            values = {
                node: formula_of(found, leading=leading, equal=equal)
                for node, found in (*products.items(), *degrees.items())
            }
            sizes: dict[Expr, Expr] = {
                residual: samples - values[first],
                others: generation_samples - values[second],
            }
            letters: dict[Expr, Expr] = {names[node]: values[node] for node in sums}
            return letters | dict(sizes)

        several, single = put_in(leading=False), put_in(leading=True)
        uniform, leading = (function.xreplace(dict(known)) for known in (several, single))
        changes = [(names[node], found) for node, found in products.items()]
        changes += [(residual, degrees[first]), (others, degrees[second])]
        orders = tuple(
            function.diff(letter).xreplace(dict(several)) * order
            for letter, found in changes
            for order in orders_left_out(found)
        )
        equal = function.xreplace(dict(put_in(leading=True, equal=True))).xreplace(
            {generator_effective: effective}
        )
        regimes = FloorRegimes(self.law.capacity, self.constant(1), self.residual_share)
        known: dict[Expr, Products] = {names[node]: found for node, found in products.items()}

        def far_apart(*, above: bool, ridgeless: bool) -> Expr:
            residuals = residual, others
            return regimes.leading(function, known, residuals, above=above, ridgeless=ridgeless)

        ridges = dict(
            zip(
                NODES,
                ((self.constant(1) / size) ** self.law.capacity for size in SIZES),
                strict=True,
            )
        )
        return FewSamplesPart(
            uniform=uniform,
            next_orders=tuple(dict.fromkeys(order for order in orders if order != 0)),
            leading=leading,
            at_equal_ridges=equal,
            above_floor=far_apart(above=True, ridgeless=False),
            below_floor=far_apart(above=False, ridgeless=False),
            ridgeless=expand_power_base(leading.xreplace(ridges)),
            ridgeless_above_floor=far_apart(above=True, ridgeless=True),
            ridgeless_below_floor=far_apart(above=False, ridgeless=True),
        )

    def _in_letters(self, part: Expr) -> Expr:
        """The part over the law, with κ and κ_g as letters, and residual degrees of freedom still folded."""
        written = _written_out(part)
        if written.atoms(GuardedSize):
            raise NotSupported("a part of this error holds only for T or T_0 above the dimension")
        letters = {self.tested: effective, self.floor: generator_effective}
        return written.xreplace(dict(letters)).xreplace({SIGMA: self.law, W0: self.target})

    def _degrees(self) -> tuple[Quantity, Quantity]:
        """df₂ of the tested fit and of the generators."""
        first, second = (DegreesOfFreedom(2, node, self.law) for node in NODES)
        return first, second


def _written_out(part: Expr) -> Expr:
    """The formula without abbreviations."""
    written: Any = part
    while named := written.atoms(Abbreviation):
        written = written.xreplace(
            {each: each.definition for each in named if isinstance(each, Abbreviation)}
        )
    return written


def _sums(formula: Expr) -> list[Quantity]:
    found = formula.atoms(DegreesOfFreedom, SpectralTrace, QuadraticForm)
    return sorted(
        (node for node in found if isinstance(node, Quantity)), key=lambda node: node.sort_key()
    )
