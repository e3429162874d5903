"""Random pipelines: small problems with numbers, over every key of a fit, freely combined.

All are problems that the language accepts; what else is promised is said by the options. Reuse:

    @given(pipelines())                                   # anything
    @given(pipelines(exact_only=True))                    # least squares, N >= d + 2 rows or more in every fit
    @given(pipelines(keys={"data", "design"}))            # accumulate and share, nothing else
    @given(pipelines(keys=EVERY_KEY - {"features"}))      # all but random features
    @given(pipelines(gap=5, dimensions=(20, 30)))         # errors with light tails, for simulations
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st
from sympy import Expr, Integer, Rational

from symcollapse.language import symbols
from symcollapse.language.pipelines import Pipeline, pipeline_of
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import ExplicitSpectrum, Spectrum
from symcollapse.language.targets import ExplicitTarget, UniformTarget
from tests.strategies import Draw, spectra, targets

EVERY_KEY = frozenset(
    {
        "data",
        "design",
        "real_weight",
        "real_samples",
        "real_noise",
        "real_data",
        "spectrum",
        "shift",
        "features",
        "ridge",
        "schedule",
    }
)
"""Keys of a fit that a pipeline may use beside samples, noise and repeat; ``schedule`` is numbers that follow m."""

EXACT_KEYS = frozenset(
    {"data", "design", "real_weight", "real_noise", "real_data", "real_samples", "schedule"}
)
"""Those that least squares with N ≥ d + 2 rows of one law has."""

WEIGHTS = tuple(
    Rational(*each) for each in ((-1, 8), (1, 5), (1, 3), (1, 2), (3, 4), (1, 1), (9, 8))
)
"""Weights ω, outside [0, 1] too; so near to it that four fits on the same inputs keep a positive total."""


@st.composite
def pipelines(
    draw: Draw,
    *,
    exact_only: bool = False,
    max_fits: int = 4,
    keys: Collection[str] = EVERY_KEY,
    dimensions: tuple[int, int] = (1, 8),
    gap: int = 2,
) -> Problem:
    """A problem with numbers: any spectrum and target, generators of every kind, a downstream fit or none.

    Parameters
    ----------
    draw
        Hypothesis' own.
    exact_only
        Least squares without random features, all inputs of the problem's spectrum, on d + 2 rows at least.
    max_fits
        Most fits in all, repetitions counted, 1 … 4.
    keys
        Keys that may be used; see `EVERY_KEY`.
    dimensions
        Least and most features; a drawn spectrum of levels may have a few less than the least.
    gap
        Each fit sees rows whose number differs by this at least from the number at which its error is infinite or
        has heavy tails: d, or the width of its random features, if that is smaller.
    """
    assert 1 <= max_fits <= 4, "WEIGHTS keeps totals positive for four fits"
    assert set(keys) <= EVERY_KEY, set(keys) - EVERY_KEY
    used = frozenset(keys) & EXACT_KEYS if exact_only else frozenset(keys)
    least, most = dimensions
    spectrum = draw(spectra(most).filter(lambda found: int(found.dimension) >= least))
    fits = _Fits(draw, spectrum, used, exact_only)
    entries: list[Generation] = []
    left = max_fits - draw(st.integers(0, max_fits - 1))
    downstream = draw(st.booleans())
    while left > downstream:
        repeat = draw(st.integers(1, min(3, left - downstream)))
        entries.append(Generation(**fits.fit(), repeat=repeat))
        left -= repeat
    last = Downstream(**fits.fit()) if downstream else None
    problem = Problem(spectrum, draw(targets(spectrum)), tuple(entries), last)
    pipeline = pipeline_of(problem)
    ahead = (distance(problem, pipeline, each) for each in range(len(pipeline.fits)))
    assume(all(each >= 2 if exact_only else abs(each) >= gap for each in ahead))
    return problem


def distance(problem: Problem, pipeline: Pipeline, fit: int) -> int:
    """Rows that a fit sees beyond the number at which its error is infinite."""
    rows = sum(int(pipeline.inputs[each].samples) for each in pipeline.inputs_of(fit))
    width = pipeline.fits[fit].features
    size = int(problem.dimension)
    return rows - (size if width is None else min(size, int(width)))


@dataclass
class _Fits:
    """What fits are drawn from, and the one before."""

    draw: Draw
    spectrum: Spectrum
    keys: frozenset[str]
    exact_only: bool
    before: dict[str, Any] | None = None

    def fit(self) -> dict[str, Any]:
        """Keys of one fit, legal after the one before."""
        wanted = self.uses("design")
        # Inputs that are shared have one number of rows, whatever m is.
        if self.before is not None and self.before["samples"].has(symbols.generation):
            wanted = False
        # The first fit has nothing to share yet: its own repetitions do.
        found: dict[str, Any] = {"design": "shared" if wanted else "fresh"}
        shared = wanted and self.before is not None
        self.add_inputs(found, shared=shared)
        found["noise"] = self.noise()
        if self.uses("ridge") and not self.exact_only:
            found["ridge"] = self.scheduled(self.ratio(1, 40) / 10)
        if self.uses("data"):
            found["data"] = "accumulate"
        self.add_real(found)
        if self.uses("shift"):
            found["shift"] = self.shift()
        if self.uses("features"):
            found["features"] = self.integer(1, 2 * self.size + 2)
        self.before = found
        return found

    def add_inputs(self, found: dict[str, Any], *, shared: bool) -> None:
        """Samples and their spectrum."""
        if shared and self.before is not None:
            found["samples"] = self.before["samples"]
            found["spectrum"] = self.before["spectrum"]
            return
        least = self.size + 2 if self.exact_only else 1
        samples: Expr = Integer(self.integer(least, 3 * self.size + 5))
        if "schedule" in self.keys and found["design"] == "fresh" and self.chance():
            samples += self.integer(1, 3) * symbols.generation
        found["samples"] = samples
        found["spectrum"] = self.own_spectrum() if self.uses("spectrum") else None

    def add_real(self, found: dict[str, Any]) -> None:
        """Real labels and real samples."""
        before = self.before
        if self.uses("real_weight"):
            found["real_weight"] = self.draw(st.sampled_from(WEIGHTS))
        if self.uses("real_samples"):
            found["real_samples"] = self.integer(1, self.size + 3)
        if self.uses("real_noise"):
            found["real_noise"] = self.noise()
        if "real_data" not in self.keys or not self.chance():
            return
        weighted, pooled = "real_weight" in found, "real_samples" in found
        if weighted and found["design"] != "shared":
            return
        if pooled and before is not None and "real_samples" not in before:
            return
        if pooled and before is not None:
            found["real_samples"] = before["real_samples"]
        found["real_data"] = "same"

    @property
    def size(self) -> int:
        return int(self.spectrum.dimension)

    def uses(self, key: str) -> bool:
        return key in self.keys and self.chance()

    def chance(self) -> bool:
        return self.draw(st.sampled_from([False, False, True]))

    def integer(self, least: int, most: int) -> int:
        return self.draw(st.integers(least, most))

    def ratio(self, least: int, most: int) -> Expr:
        return Rational(self.integer(least, most), 10)

    def noise(self) -> Expr:
        return self.scheduled(self.ratio(0, 15))

    def scheduled(self, value: Expr) -> Expr:
        """The number, or one that falls with m."""
        if "schedule" in self.keys and value != 0 and self.draw(st.integers(0, 4)) == 4:
            return value / (1 + symbols.generation)
        return value

    def own_spectrum(self) -> Spectrum:
        return ExplicitSpectrum([self.ratio(1, 40) for _ in range(self.size)])

    def shift(self) -> UniformTarget | ExplicitTarget:
        if self.chance():
            return ExplicitTarget([self.ratio(-10, 10) for _ in range(self.size)])
        return UniformTarget(self.ratio(1, 20))
