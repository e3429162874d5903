"""What the accuracy tables range over: any spectrum, truth and two generators, and points (λ, T)."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from hypothesis import strategies as st
from sympy import Expr, Integer, Rational, oo

import symcollapse as sc
from symcollapse.evaluation import in_numbers

DECADES = 150
"""Eigenvalues lie in 10^±150, so that a spectrum spans up to 300 decades."""

LARGEST = 10**12
"""Largest finite dimension."""

Draw = st.DrawFn

UNKNOWN_TRUTH = ("κ", "df₁", "df₂", "T − df₂")
CHAIN = ("bias", "variance", "total", "clean", "synthetic")
NAMES = (*UNKNOWN_TRUTH, *CHAIN)


@dataclass(frozen=True)
class Case:
    """A spectrum, a truth and two generators with a ridge, and the points of a curve."""

    spectrum: sc.Spectrum
    target: sc.Target | None
    """None where no truth is known for the spectrum: then there is no test error."""
    generators: tuple[tuple[int, float], tuple[int, float]]
    """Sample size and ridge of each."""
    points: tuple[tuple[float, float], ...]
    """Ridge λ and sample size T of the downstream fit."""

    @cached_property
    def formulas(self) -> dict[str, Expr]:
        """Each functional, with λ and T as symbols and all else in numbers."""
        kappa = sc.EffectiveRidge(sc.ridge, sc.samples, self.spectrum)
        found: dict[str, Expr] = {
            "κ": kappa,
            "df₁": sc.DegreesOfFreedom(1, kappa, self.spectrum),
            "df₂": sc.DegreesOfFreedom(2, kappa, self.spectrum),
            "T − df₂": sc.ResidualDegreesOfFreedom(sc.samples, sc.ridge, sc.ridge, self.spectrum),
        }
        if self.target is None:
            return found
        noise = Rational(1, 5)
        chain = tuple(
            sc.Generation(size, noise=noise, ridge=exactly(lam)) for size, lam in self.generators
        )
        problem = sc.Problem(
            self.spectrum, self.target, chain, sc.Downstream(sc.samples, noise / 2, sc.ridge)
        )
        error = sc.test_error(problem)
        for name in CHAIN:
            formula = in_numbers(getattr(error, name), problem, (sc.ridge, sc.samples))
            found[name] = formula
        return found


def exactly(value: float) -> Any:
    """The rational that a double is."""
    fraction = Fraction(value)
    return Rational(fraction.numerator, fraction.denominator)


def point(formula: Expr, ridge: float, samples: float) -> Expr:
    """A formula at exactly these doubles."""
    return formula.xreplace({sc.ridge: exactly(ridge), sc.samples: exactly(samples)})


@st.composite
def _magnitudes(draw: Draw, low: int = -DECADES, high: int = DECADES) -> Any:
    figures = Rational(draw(st.integers(100, 999)), 100)
    return figures * Integer(10) ** draw(st.integers(low, high - 1))


def _log_uniform(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high).map(lambda exponent: 10.0**exponent)


_dimensions = st.one_of(
    st.integers(1, 300), st.floats(0, 12).map(lambda exponent: min(LARGEST, int(10**exponent)))
)


@st.composite
def _power_laws(draw: Draw) -> sc.PowerLawSpectrum:
    infinite = draw(st.integers(0, 3)) == 0
    size = LARGEST if infinite else draw(_dimensions)
    # Capacities at which the eigenvalues stay within the decades; an infinite sum has to converge.
    steepest = 40.0 if size == 1 else min(40.0, 2 * DECADES / len(str(size)))
    capacity = Rational(draw(st.integers(11 if infinite else 1, int(10 * steepest))), 10)
    return sc.PowerLawSpectrum(oo if infinite else size, capacity, draw(_magnitudes(-20, 20)))


@st.composite
def _exponentials(draw: Draw) -> sc.ExponentialSpectrum:
    rate, scale = Rational(draw(st.integers(1, 80)), 20), draw(_magnitudes(-2, 2))
    if draw(st.integers(0, 3)) == 0:
        return sc.ExponentialSpectrum(oo, rate, scale)
    # More of them are added one by one in balls, which takes seconds for each sum.
    size = min(draw(_dimensions), 10**4)
    # Beyond e^-690 there is nothing left that a double could hold.
    return sc.ExponentialSpectrum(size, min(rate, Rational(690, size)), scale)


@st.composite
def _levels(draw: Draw) -> sc.LevelsSpectrum:
    values = draw(st.lists(_magnitudes(), min_size=1, max_size=4))
    return sc.LevelsSpectrum(values, [draw(_dimensions) for _ in values])


explicit = st.lists(_magnitudes(), min_size=1, max_size=12).map(sc.ExplicitSpectrum)
"""Up to a dozen eigenvalues over 300 decades."""


@st.composite
def _isotropic(draw: Draw) -> sc.IsotropicSpectrum:
    return sc.IsotropicSpectrum(draw(_dimensions), draw(_magnitudes()))


def spectra() -> st.SearchStrategy[sc.Spectrum]:
    """A spectrum of any kind, of any dimension up to 10^12 or infinite, over up to 300 decades."""
    return st.one_of(explicit, _levels(), _power_laws(), _exponentials(), _isotropic())


@st.composite
def targets(draw: Draw, spectrum: sc.Spectrum) -> sc.Target | None:
    """A truth that goes with the spectrum, of unit size, if there is one."""
    if isinstance(spectrum, sc.ExponentialSpectrum) and spectrum.dimension is oo:
        return None
    if isinstance(spectrum, sc.PowerLawSpectrum) and (
        spectrum.dimension is oo or draw(st.booleans())
    ):
        return sc.SourceTarget(Rational(draw(st.integers(1, 16)), 8))
    return sc.UniformTarget(1)


ridge_values = _log_uniform(-300, 10)
"""λ ∈ [1e-300, 1e10]."""


@st.composite
def sample_sizes(draw: Draw, spectrum: sc.Spectrum) -> float:
    """T/d ∈ [1e-6, 1e6], often exactly d; for infinite d any size up to 10^12."""
    if spectrum.dimension is oo:
        return draw(_log_uniform(0, 12))
    size = float(int(spectrum.dimension))
    return size * draw(st.one_of(st.just(1.0), _log_uniform(-6, 6), st.floats(0.5, 2)))


@st.composite
def cases(draw: Draw, points: int = 3, kinds: st.SearchStrategy[sc.Spectrum] | None = None) -> Case:
    """A spectrum of any kind or of those given, a truth, two generators and a few points."""
    spectrum = draw(spectra() if kinds is None else kinds)
    sizes = sample_sizes(spectrum)
    first, second = ((max(1, round(draw(sizes))), draw(ridge_values)) for _ in ("first", "second"))
    return Case(
        spectrum,
        draw(targets(spectrum)),
        (first, second),
        tuple((draw(ridge_values), draw(sizes)) for _ in range(points)),
    )
