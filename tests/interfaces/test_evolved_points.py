"""Points by state evolution: the same numbers as by the formula, where there is one."""

import itertools
import math

import pytest

from symcollapse.interfaces.curves import curve_points
from symcollapse.interfaces.evolved_points import evolved_point, is_entangled
from symcollapse.language.errors import NotEvaluable
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import IsotropicSpectrum, PowerLawSpectrum
from symcollapse.language.targets import SourceTarget, UniformTarget

SPECTRUM = PowerLawSpectrum(40, "3/2")

NUMBERS = ("total", "bias", "variance", "synthetic", "clean", "effective_ridge")


def accumulating(repeat: int) -> Problem:
    entry = Generation(30, noise="1/2", ridge="1/20", repeat=repeat, data="accumulate")
    return Problem(SPECTRUM, SourceTarget("1/2"), (entry,), Downstream(60, noise=1, ridge="1/10"))


@pytest.mark.parametrize(
    "problem",
    [
        Problem.from_file("mixed-labels-ridge"),
        Problem.from_file("shifted"),
        Problem.from_file("accumulate", {"generations.0.repeat": "2"}),
        accumulating(2),
        Problem(
            SPECTRUM,
            SourceTarget("1/2"),
            (Generation(50, noise=1, ridge="1/20"),),
            Downstream(50, ridge="1/20", design="shared", shift=UniformTarget(1)),
        ),
    ],
    ids=["mixed", "shifted", "accumulated", "accumulated-ridge", "student"],
)
def test_every_number_is_that_of_the_formula(problem: Problem) -> None:
    (formula,) = curve_points([problem])
    evolved = evolved_point(problem)
    for name in NUMBERS:
        # State evolution answers for 1e-9 of the total; parts are of its size or smaller.
        wanted = getattr(formula, name)
        assert getattr(evolved, name) == pytest.approx(wanted, rel=1e-8, abs=1e-9 * formula.total)
    # The comparison refuses a point without the noise of earlier generations.
    assert evolved.bias + evolved.variance != pytest.approx(formula.total, rel=1e-3)


def test_long_accumulation_is_a_curve_without_a_break() -> None:
    problems = [accumulating(repeat) for repeat in range(1, 9)]
    assert [is_entangled(each) for each in problems] == [False] * 3 + [True] * 5
    totals = [point.total for point in curve_points(problems)]
    steps = [later - earlier for earlier, later in itertools.pairwise(totals)]
    # Accumulation adds less and less; a change of route would show as a step out of order.
    assert all(0 < later < earlier for earlier, later in itertools.pairwise(steps))


def test_long_least_squares_has_its_exact_law_too() -> None:
    short, long = (
        Problem.from_file("accumulate", {"generations.0.repeat": count}) for count in ("6", "7")
    )
    assert [is_entangled(short), is_entangled(long)] == [False, True]
    samples, dimension, noises = 600, 300, 1
    problem = Problem(
        IsotropicSpectrum(dimension),
        UniformTarget(1),
        (Generation(samples, noise=noises, repeat=9, data="accumulate"),),
    )
    point = evolved_point(problem)
    exact = sum(dimension / m / (samples * m - dimension - 1) for m in range(1, 10))
    limit = sum(dimension / m / (samples * m - dimension) for m in range(1, 10))
    # Doubles: a few units in the last place of sums of nine terms.
    assert point.exact_total == pytest.approx(exact, rel=1e-13)
    assert point.total == pytest.approx(limit, rel=1e-12)
    assert exact != pytest.approx(limit, rel=1e-3)


def test_a_total_that_is_not_known_well_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("symcollapse.interfaces.evolved_points.ACCURACY", 0.0)
    with pytest.raises(NotEvaluable, match="state evolution knows the total only to"):
        evolved_point(accumulating(4))


def test_noise_at_the_dimension_is_infinite_in_its_own_part_alone() -> None:
    chain = Problem(
        SPECTRUM,
        SourceTarget("1/2"),
        (Generation(30, noise=1, ridge="1/10"),),
        Downstream(40, noise=1),
    )
    point = evolved_point(chain)
    assert (point.total, point.variance) == (math.inf, math.inf)
    (formula,) = curve_points([chain])
    # State evolution answers for 1e-9; these parts are finite.
    assert point.synthetic == pytest.approx(formula.synthetic, rel=1e-8)
    assert point.bias == pytest.approx(formula.bias, rel=1e-8)
    assert 0 < point.synthetic < math.inf
