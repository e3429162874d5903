"""A problem: spectrum, target, generators and the downstream fit, as one immutable value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from sympy import Basic, Expr, nan, zoo

from symcollapse.language import symbols
from symcollapse.language.errors import InvalidProblem
from symcollapse.language.exactness import exact
from symcollapse.language.spectra import Covariance, ExplicitSpectrum, Spectrum
from symcollapse.language.targets import ExplicitTarget, Target, Truth

SIGMA = Covariance(symbols.name_symbol("Sigma"), symbols.dimension)
"""The covariance that formulas speak of until a problem gives its spectrum."""

W0 = Truth(symbols.name_symbol("w_0"))
"""The truth that formulas speak of until a problem gives its target."""


def _check(value: Expr, key: str, least: int, *, whole: bool = False) -> None:
    """Refuse what is known not to be a number, or an integer, from ``least`` on; a symbol may be one."""
    constant = not value.free_symbols
    if value.has(nan, zoo) or value.is_infinite:
        raise InvalidProblem(f"{key} = {value}: give a finite number")
    if value.is_extended_real is False or (constant and not value.is_extended_real):
        raise InvalidProblem(f"{key} = {value}: give a real number")
    if whole and (value.is_integer is False or (constant and not value.is_Integer)):
        raise InvalidProblem(f"{key} = {value}: give an integer >= {least}")
    if (value - least).is_extended_negative:
        raise InvalidProblem(
            f"{key} = {value}: give {'an integer' if whole else 'a number'} >= {least}"
        )


@dataclass(frozen=True)
class Fit:
    """One fit: how many samples, how noisy their labels, which ridge.

    ``ridge`` and ``noise`` may contain ``symcollapse.samples`` and ``symcollapse.dimension``: the sizes of this fit.
    """

    samples: Any
    """Number of rows of the design."""
    noise: Any = 0
    """Standard deviation of the label noise."""
    ridge: Any = 0
    """λ in (XᵀX/T + λI)⁻¹XᵀY/T; 0 is ordinary least squares of minimum norm."""

    def __post_init__(self) -> None:
        for key in ("samples", "noise", "ridge"):
            object.__setattr__(self, key, exact(getattr(self, key)))
        _check(self.samples, "samples", 1, whole=True)
        _check(self.at_own_size(self.noise), "noise", 0)
        _check(self.at_own_size(self.ridge), "ridge", 0)

    def at_own_size(self, value: Expr) -> Expr:
        """The value with ``samples`` replaced by this fit's own number of samples."""
        return value.xreplace({symbols.samples: self.samples})

    def check_at(self, dimension: Expr, place: str) -> None:
        """Refuse samples, noise or ridge that are none at this dimension.

        Raises
        ------
        InvalidProblem
            With the key, which begins with the place of the fit, and the remedy.
        """
        for key, whole in (("samples", True), ("noise", False), ("ridge", False)):
            value = self.at_own_size(getattr(self, key)).xreplace({symbols.dimension: dimension})
            _check(value, f"{place}.{key}", 1 if whole else 0, whole=whole)


@dataclass(frozen=True)
class Generation(Fit):
    """A generator: labels made by its predecessor, refitted; ``repeat`` times over.

    Example
    -------
    >>> Generation(samples=600, noise="1/5", repeat=5).ridge
    0
    """

    repeat: Any = 1
    """How often the same generation is repeated; 0 leaves it out."""
    design: Literal["fresh", "shared"] = "fresh"
    """Fresh inputs, or the previous generation's again."""

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "repeat", exact(self.repeat))
        _check(self.repeat, "repeat", 0, whole=True)
        if self.design not in ("fresh", "shared"):
            raise InvalidProblem(f"design = {self.design!r}: give 'fresh' or 'shared'")


@dataclass(frozen=True)
class Downstream(Fit):
    """The fit that is tested, on fresh inputs labelled by the last generator.

    Example
    -------
    >>> Downstream(samples=1000, noise="1/10", ridge="1/5").ridge
    1/5
    """


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
        previous: Generation | None = None
        for position, entry in enumerate(self.generations):
            if entry.repeat == 0:
                continue
            if (
                entry.design == "shared"
                and previous is not None
                and entry.samples != previous.samples
            ):
                raise InvalidProblem(
                    f"generations.{position}.samples = {entry.samples}: a shared design has the previous "
                    f"generation's {previous.samples} samples; give that number"
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
        own = {symbols.samples, symbols.dimension}
        fits: list[Fit] = list(self.generations)
        if self.downstream is not None:
            fits.append(self.downstream)
        free: set[Basic] = set()
        for part in (self.spectrum, self.target):
            if not isinstance(part, ExplicitSpectrum | ExplicitTarget):
                free |= part.free_symbols
        for fit in fits:
            free |= fit.samples.free_symbols
            free |= (fit.noise.free_symbols | fit.ridge.free_symbols) - own
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
