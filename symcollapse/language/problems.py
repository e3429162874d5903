"""A problem: spectrum, target, generators and the downstream fit, as one immutable value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sympy import Basic, Expr

from symcollapse.language import symbols
from symcollapse.language.errors import InvalidProblem
from symcollapse.language.fits import NUMBERS
from symcollapse.language.fits import Downstream as Downstream
from symcollapse.language.fits import Fit as Fit
from symcollapse.language.fits import Generation as Generation
from symcollapse.language.spectra import Covariance, ExplicitSpectrum, Spectrum
from symcollapse.language.targets import ExplicitTarget, Target, Truth

SIGMA = Covariance(symbols.name_symbol("Sigma"), symbols.dimension)
"""The covariance that formulas speak of until a problem gives its spectrum."""

W0 = Truth(symbols.name_symbol("w_0"))
"""The truth that formulas speak of until a problem gives its target."""


@dataclass(frozen=True)
class Problem:
    """Spectrum, target, generators in order, and the downstream fit, if any.

    Raises
    ------
    InvalidProblem
        If the parts do not fit together, with the key and the remedy.

    Example
    -------
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> problem = Problem(
    ...     IsotropicSpectrum(300),
    ...     UniformTarget(1),
    ...     generations=(Generation(samples=600, noise="1/5", repeat=5),),
    ...     downstream=Downstream(samples=1000, noise="1/10", ridge="1/5"),
    ... )
    >>> problem.dimension
    300
    """

    spectrum: Spectrum
    target: Target
    generations: tuple[Generation, ...] = ()
    downstream: Downstream | None = None
    name: str = field(default="problem", compare=False)

    def __post_init__(self) -> None:
        self._check_kinds()
        self.target.check_against(self.spectrum)
        for place, fit in self.fits:
            fit.check_at(self.dimension, place)
        if self.downstream is None and all(entry.repeat == 0 for entry in self.generations):
            raise InvalidProblem(
                "nothing is fitted: give [downstream] or one [[generations]] entry"
            )
        self._check_shared_designs()
        for place, fit in self.fits:
            if fit.spectrum is not None:
                _check_size(fit.spectrum.dimension, self.dimension, f"{place}.spectrum")
            if fit.shift is not None:
                try:
                    fit.shift.check_against(self.spectrum)
                except InvalidProblem as error:
                    shift = str(error).replace("target.", f"{place}.shift.", 1)
                    raise InvalidProblem(shift) from None

    def _check_shared_designs(self) -> None:
        previous: Fit | None = None
        for place, entry in self.fits:
            if isinstance(entry, Generation) and entry.repeat == 0:
                continue
            assert isinstance(entry, Generation | Downstream)
            again = previous is not None or (isinstance(entry, Generation) and entry.repeat != 1)
            if entry.design == "shared" and again and entry.samples.has(symbols.generation):
                raise InvalidProblem(
                    f"{place}.samples = {entry.samples}: a shared design has one size; give one without m"
                )
            if entry.design == "shared" and previous is not None:
                if entry.samples != previous.samples:
                    raise InvalidProblem(
                        f"{place}.samples = {entry.samples}: a shared design has the previous "
                        f"generation's {previous.samples} samples; give that number"
                    )
                if entry.spectrum != previous.spectrum:
                    raise InvalidProblem(
                        f"{place}.spectrum: a shared design has the previous generation's; give the same"
                    )
            if entry.real_data == "same" and previous is not None:
                if entry.real_samples != 0 and entry.real_samples != previous.real_samples:
                    raise InvalidProblem(
                        f"{place}.real_samples = {entry.real_samples}: real_data = 'same' takes the previous "
                        f"generation's {previous.real_samples}; give that number"
                    )
                if entry.real_weight != 0 and entry.design != "shared":
                    raise InvalidProblem(
                        f"{place}.real_data = 'same': fresh inputs have had no labels yet; give design = 'shared', "
                        "or real_data = 'fresh'"
                    )
            previous = entry

    def _check_kinds(self) -> None:
        generations: Any = self.generations
        listed = isinstance(generations, Iterable) and not isinstance(generations, str)
        wanted = (
            (
                "spectrum",
                isinstance(self.spectrum, Spectrum),
                "a spectrum, as IsotropicSpectrum(300)",
            ),
            ("target", isinstance(self.target, Target), "a target, as UniformTarget(1)"),
            ("generations", listed, "a tuple, as (Generation(600),)"),
            (
                "downstream",
                isinstance(self.downstream, Downstream | None),
                "a fit, as Downstream(1000), or None",
            ),
        )
        for key, right, remedy in wanted:
            if not right:
                kind = type(getattr(self, key)).__name__
                raise InvalidProblem(f"{key}: this is a {kind}; give {remedy}")
        entries: tuple[Any, ...] = tuple(generations)
        for position, entry in enumerate(entries):
            if not isinstance(entry, Generation):
                kind = type(entry).__name__
                raise InvalidProblem(
                    f"generations.{position}: this is a {kind}; give a Generation, as Generation(600)"
                )
        object.__setattr__(self, "generations", entries)

    @property
    def dimension(self) -> Expr:
        """Number of features."""
        return self.spectrum.dimension

    @property
    def is_symbolic(self) -> bool:
        """Whether some size, noise, ridge or exponent has no number yet."""
        own = {symbols.samples, symbols.dimension, symbols.generation}
        fits: list[Fit] = list(self.generations)
        if self.downstream is not None:
            fits.append(self.downstream)
        free: set[Basic] = set()
        parts: list[Any] = [self.spectrum, self.target]
        for fit in fits:
            free |= fit.samples.free_symbols - {symbols.generation}
            for key in NUMBERS[1:]:
                value = getattr(fit, key)
                free |= set() if value is None else value.free_symbols - own
            parts += [part for part in (fit.spectrum, fit.shift) if part is not None]
        for part in parts:
            if not isinstance(part, ExplicitSpectrum | ExplicitTarget):
                free |= part.free_symbols
        for entry in self.generations:
            free |= entry.repeat.free_symbols
        return bool(free) or isinstance(self.spectrum, Covariance) or isinstance(self.target, Truth)

    @property
    def fits(self) -> tuple[tuple[str, Fit], ...]:
        """Every kind of fit with its place in the problem file, generators first."""
        named: list[tuple[str, Fit]] = [
            (f"generations.{position}", entry) for position, entry in enumerate(self.generations)
        ]
        if self.downstream is not None:
            named.append(("downstream", self.downstream))
        return tuple(named)

    @property
    def replaces(self) -> bool:
        """Whether every fit is plain: each generation fits the labels of the one before, and nothing else."""
        plain = all(fit.replaces for _, fit in self.fits)
        return plain and (self.downstream is None or self.downstream.design == "fresh")

    @classmethod
    def from_file(cls, path: str | Path, overrides: Mapping[str, str] | None = None) -> "Problem":
        """Read a problem file (or a bundled problem by its name), with some keys replaced.

        Parameters
        ----------
        path
            A TOML file as described in the README, or the name of a bundled problem.
        overrides
            New values by dotted key, such as ``{"downstream.ridge": "1/10"}``.

        Raises
        ------
        InvalidProblem
            With file, key and remedy, in one line.
        """
        # The file format knows problems, so it is imported when asked for.
        from symcollapse.language.problem_files import read_problem

        return read_problem(path, overrides or {})


def _check_size(size: Expr, dimension: Expr, key: str) -> None:
    if not size.free_symbols and not dimension.free_symbols and size != dimension:
        raise InvalidProblem(f"{key}: {size} eigenvalues in dimension {dimension}; give as many")
