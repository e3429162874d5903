"""Random spectra, targets, fits and problems: exact, and small enough to be evaluated at once."""

from typing import Literal

from hypothesis import strategies as st
from sympy import Expr, Integer, Rational

from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import (
    ExplicitSpectrum,
    ExponentialSpectrum,
    IsotropicSpectrum,
    LevelsSpectrum,
    PowerLawSpectrum,
    Spectrum,
)
from symcollapse.language.targets import (
    ExplicitTarget,
    LevelsTarget,
    SourceTarget,
    Target,
    UniformTarget,
)

Draw = st.DrawFn


@st.composite
def scales(draw: Draw, low: int = -2, high: int = 2) -> Expr:
    """A positive rational of three figures, spread evenly over the decades 10^low … 10^high."""
    figures = draw(st.integers(100, 999))
    decade = draw(st.integers(low, max(low, high - 1)))
    return Rational(figures, 100) * Integer(10) ** decade


@st.composite
def isotropic(draw: Draw, most: int = 40) -> IsotropicSpectrum:
    return IsotropicSpectrum(draw(st.integers(1, most)), draw(scales()))


@st.composite
def power_laws(draw: Draw, most: int = 40) -> PowerLawSpectrum:
    capacity = Rational(draw(st.integers(1, 40)), 10)
    return PowerLawSpectrum(draw(st.integers(1, most)), capacity, draw(scales()))


@st.composite
def exponentials(draw: Draw, most: int = 40) -> ExponentialSpectrum:
    rate = Rational(draw(st.integers(1, 20)), 20)
    return ExponentialSpectrum(draw(st.integers(1, most)), rate, draw(scales()))


@st.composite
def levels(draw: Draw, most: int = 40, decades: int = 2) -> LevelsSpectrum:
    count = draw(st.integers(1, 4))
    values = [draw(scales(-decades, decades)) for _ in range(count)]
    counts = [draw(st.integers(1, max(1, most // count))) for _ in range(count)]
    return LevelsSpectrum(values, counts)


@st.composite
def explicit(draw: Draw, most: int = 12, decades: int = 2) -> ExplicitSpectrum:
    size = draw(st.integers(1, most))
    return ExplicitSpectrum([draw(scales(-decades, decades)) for _ in range(size)])


def spectra(most: int = 40) -> st.SearchStrategy[Spectrum]:
    """One spectrum of any concrete kind."""
    return st.one_of(
        isotropic(most), power_laws(most), exponentials(most), levels(most), explicit(min(most, 12))
    )


@st.composite
def wide_spectra(draw: Draw) -> Spectrum:
    """Spectra over up to 240 decades, at any unit that doubles can hold."""
    match draw(st.sampled_from(["levels", "explicit", "power", "exponential", "isotropic"])):
        case "levels":
            return draw(levels(most=60, decades=120))
        case "explicit":
            return draw(explicit(most=12, decades=120))
        case "power":
            capacity = Rational(draw(st.integers(1, 1000)), 10)
            return PowerLawSpectrum(draw(st.integers(1, 150)), capacity, draw(scales(-20, 20)))
        case "exponential":
            rate = Rational(draw(st.integers(1, 80)), 20)
            return ExponentialSpectrum(draw(st.integers(1, 130)), rate, draw(scales(-20, 20)))
        case _:
            return IsotropicSpectrum(draw(st.integers(1, 10**6)), draw(scales(-120, 120)))


@st.composite
def targets(draw: Draw, spectrum: Spectrum) -> Target:
    """A target that goes with the spectrum."""
    kinds = ["uniform"]
    size = int(spectrum.dimension)
    if isinstance(spectrum, PowerLawSpectrum):
        kinds.append("source")
    if isinstance(spectrum, LevelsSpectrum | IsotropicSpectrum):
        kinds.append("levels")
    if size <= 40:
        kinds.append("explicit")
    match draw(st.sampled_from(kinds)):
        case "source":
            return SourceTarget(Rational(draw(st.integers(1, 16)), 8), draw(scales(-1, 1)))
        case "levels":
            count = len(spectrum.values) if isinstance(spectrum, LevelsSpectrum) else 1
            return LevelsTarget([draw(scales(-1, 1)) for _ in range(count)])
        case "explicit":
            return ExplicitTarget([Rational(draw(st.integers(-20, 20)), 10) for _ in range(size)])
        case _:
            return UniformTarget(draw(scales(-1, 1)))


@st.composite
def sizes(draw: Draw, dimension: int) -> int:
    """A number of samples well below, well above, and away from the dimension by at least two."""
    size = draw(st.integers(max(1, dimension // 4), 3 * dimension + 3))
    return dimension + 2 if abs(size - dimension) < 2 else size


ridges = st.one_of(st.just(Integer(0)), scales(-2, 1))
noises = st.one_of(st.just(Integer(0)), scales(-1, 1))


@st.composite
def generations(draw: Draw, dimension: int, most: int = 3) -> tuple[Generation, ...]:
    """Generators, fresh and shared, with and without a ridge."""
    entries: list[Generation] = []
    for _ in range(draw(st.integers(0, most))):
        design: Literal["fresh", "shared"] = draw(st.sampled_from(["fresh", "shared"]))
        size = draw(sizes(dimension))
        if design == "shared" and entries:
            size = int(entries[-1].samples)
        entries.append(
            Generation(
                size, draw(noises), draw(ridges), repeat=draw(st.integers(1, 2)), design=design
            )
        )
    return tuple(entries)


@st.composite
def problems(draw: Draw, most: int = 40, most_generations: int = 3) -> Problem:
    """A problem with numbers: any spectrum, chain, and a downstream fit or none."""
    spectrum = draw(spectra(most))
    size = int(spectrum.dimension)
    entries = draw(generations(size, most_generations))
    downstream = None
    if not entries or draw(st.booleans()):
        downstream = Downstream(draw(sizes(size)), draw(noises), draw(ridges))
    return Problem(spectrum, draw(targets(spectrum)), entries, downstream)
