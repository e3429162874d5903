"""Fits: how many samples, whose labels on which inputs, how noisy, which ridge.

A fit sees synthetic samples, labelled by the predictor before it, and what else its keys say: real labels on the same
inputs, real samples beside them, earlier samples again. The same words serve for generators and for the downstream fit.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from sympy import Expr, nan, zoo

from symcollapse.language import symbols
from symcollapse.language.errors import InvalidProblem
from symcollapse.language.exactness import exact
from symcollapse.language.spectra import Spectrum
from symcollapse.language.targets import Target

NUMBERS = ("samples", "noise", "ridge", "real_weight", "real_samples", "real_noise", "features")
"""Fields of a fit that are numbers; `real_noise` and `features` may be None."""

WHOLE = ("samples", "real_samples", "features")
"""Those that are integers."""


def check_number(value: Expr, key: str, least: int | None, *, whole: bool = False) -> None:
    """Refuse what is known not to be a number, or an integer, from ``least`` on; a symbol may be one.

    Raises
    ------
    InvalidProblem
        With the key and the remedy.

    Example
    -------
    >>> check_number(exact(3), "samples", 1, whole=True)
    """
    constant = not value.free_symbols
    if value.has(nan, zoo) or value.is_infinite:
        raise InvalidProblem(f"{key} = {value}: give a finite number")
    if value.is_extended_real is False or (constant and not value.is_extended_real):
        raise InvalidProblem(f"{key} = {value}: give a real number")
    if whole and (value.is_integer is False or (constant and not value.is_Integer)):
        raise InvalidProblem(f"{key} = {value}: give an integer >= {least}")
    if least is not None and (value - least).is_extended_negative:
        raise InvalidProblem(
            f"{key} = {value}: give {'an integer' if whole else 'a number'} >= {least}"
        )


@dataclass(frozen=True)
class Fit:
    """One fit: its samples, their labels, and the ridge.

    Numbers may contain ``symcollapse.samples`` and ``symcollapse.dimension``, the sizes of this fit (``ridge`` and
    noises only), and in a generator ``symcollapse.generation``, its number m = 0, 1, … in the chain.

    Example
    -------
    >>> Fit(600, ridge="1/10", real_samples=50).real_samples
    50
    """

    samples: Any
    """Number of synthetic samples: fresh rows of the design, labelled by the predictor before."""
    noise: Any = 0
    """Standard deviation of the noise of the synthetic labels."""
    ridge: Any = 0
    """λ in (XᵀX/N + λI)⁻¹XᵀY/N, with N samples in all; 0 is ordinary least squares of minimum norm."""
    data: Literal["replace", "accumulate"] = field(default="replace", kw_only=True)
    """Fit on this fit's samples only, or on all samples so far as well, with the labels they had."""
    real_weight: Any = field(default=0, kw_only=True)
    """Weight ω: the labels fitted are ω·(real labels) + (1 − ω)·(synthetic labels), on the same inputs."""
    real_samples: Any = field(default=0, kw_only=True)
    """Number of real samples in the same fit: rows of N(0, Σ), labelled by the truth."""
    real_noise: Any = field(default=None, kw_only=True)
    """Standard deviation of the noise of real labels; None: ``noise``."""
    real_data: Literal["fresh", "same"] = field(default="fresh", kw_only=True)
    """Real labels and real samples drawn anew, or those of before: the first labels that these inputs had (on a shared
    design: in self-distillation the teacher's own), and the real samples of the fit before."""
    spectrum: Spectrum | None = field(default=None, kw_only=True)
    """Spectrum of the synthetic inputs, eigenvector by eigenvector in the order of the problem's; None: the
    problem's. Real samples, and the test, have the problem's."""
    shift: Target | None = field(default=None, kw_only=True)
    """Shift of the labelling weights: synthetic labels come from ŵ + δ with δ ~ N(0, Δ), drawn once for this fit; the
    squared coefficients of the target are the variances, Δ_jj."""
    features: Any = field(default=None, kw_only=True)
    """Width M of random features: the fit sees Sᵀx with S (d × M) of iid N(0, 1/M), drawn anew; None: x itself."""

    def __post_init__(self) -> None:
        for key in NUMBERS:
            value = getattr(self, key)
            if value is not None:
                object.__setattr__(self, key, exact(value))
        _check_word("data", self.data, ("replace", "accumulate"))
        _check_word("real_data", self.real_data, ("fresh", "same"))
        for key, kind, example in (
            ("spectrum", Spectrum, "IsotropicSpectrum(300)"),
            ("shift", Target, "UniformTarget(1)"),
        ):
            part = getattr(self, key)
            if part is not None and not isinstance(part, kind):
                raise InvalidProblem(
                    f"{key}: this is a {type(part).__name__}; give {example}, or None"
                )
        self._check_numbers("", {})

    def at_own_size(self, value: Expr) -> Expr:
        """The value with ``samples`` replaced by this fit's own number of samples."""
        return value.xreplace({symbols.samples: self.samples})

    def check_at(self, dimension: Expr, place: str) -> None:
        """Refuse numbers that are none at this dimension.

        Raises
        ------
        InvalidProblem
            With the key, which begins with the place of the fit, and the remedy.
        """
        self._check_numbers(f"{place}.", {symbols.dimension: dimension})

    def _check_numbers(self, prefix: str, sizes: dict[Any, Any]) -> None:
        least = {"samples": 1, "real_weight": None, "features": 1}
        for key in NUMBERS:
            value = getattr(self, key)
            if value is not None:
                sized = self.at_own_size(value).xreplace(sizes)
                check_number(sized, f"{prefix}{key}", least.get(key, 0), whole=key in WHOLE)

    @property
    def deviation_of_real_labels(self) -> Expr:
        """``real_noise``, or ``noise`` where that is None."""
        return self.noise if self.real_noise is None else self.real_noise

    @property
    def replaces(self) -> bool:
        """Whether this is a plain fit: on its own synthetic samples alone, the same in every generation."""
        return (
            self.data == "replace"
            and self.real_weight == 0
            and self.real_samples == 0
            and self.spectrum is None
            and self.shift is None
            and self.features is None
            and not self.is_scheduled
        )

    @property
    def is_scheduled(self) -> bool:
        """Whether some number changes from generation to generation."""
        values = (getattr(self, key) for key in NUMBERS)
        return any(value is not None and value.has(symbols.generation) for value in values)


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
        check_number(self.repeat, "repeat", 0, whole=True)
        _check_word("design", self.design, ("fresh", "shared"))


@dataclass(frozen=True)
class Downstream(Fit):
    """The fit that is tested, on inputs labelled by the last generator.

    Example
    -------
    >>> Downstream(samples=1000, noise="1/10", ridge="1/5").ridge
    1/5
    """

    design: Literal["fresh", "shared"] = field(default="fresh", kw_only=True)
    """Fresh inputs, or those of the last generator: a student that sees its teacher's own inputs."""

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_word("design", self.design, ("fresh", "shared"))


def _check_word(key: str, value: object, words: tuple[str, ...]) -> None:
    if value not in words:
        raise InvalidProblem(f"{key} = {value!r}: give {' or '.join(map(repr, words))}")
