"""Simulation shows the derived formulas, and refutes what is nearly them.

The margin is the finite-size error of a proportional limit at d of 40 to 60: 1/(T − d) against 1/(T − d − 1) is 4 % at
T − d = 0.6·d, and a chain of up to four fits multiplies up to three such factors. The risk is that of a false verdict.
"""

from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sympy import Expr, Rational

from symcollapse.evaluation import evaluate
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import (
    ExponentialSpectrum,
    IsotropicSpectrum,
    LevelsSpectrum,
    PowerLawSpectrum,
)
from symcollapse.language.symbols import generator_symbols, samples
from symcollapse.language.targets import LevelsTarget, SourceTarget, UniformTarget
from symcollapse.simulation import simulate
from symcollapse.theory import test_error as derive
from symcollapse.verification import Agreement, compare

pytestmark = pytest.mark.monte_carlo

MARGIN = 0.15
RISK = 1e-6
LOOKS = (400, 1600, 6400)


def number(formula: Expr, problem: Problem, **values: Any) -> float:
    return float(evaluate(formula, problem, **values))


def verdicts(problem: Problem, prediction: float, wrong: float, margin: float) -> tuple[str, str]:
    """Verdicts on the formula and on its twin, on the same draws, of which there are as many as it takes."""
    judged: list[Agreement] = []
    for trials in LOOKS:
        draws = simulate(problem, trials=trials, seed=1).draws
        judged = [
            compare(draws, each, margin=margin, risk=RISK, looks=len(LOOKS))
            for each in (prediction, wrong)
        ]
        found = judged[0].verdict, judged[1].verdict
        if "cannot tell" not in found:
            return found
    raise AssertionError("; ".join(each.reason for each in judged))


def assert_shown(problem: Problem, margin: float = MARGIN) -> None:
    error = derive(problem)
    right = number(error.total, problem)
    # A twin: what earlier generations add is forgotten, or the tested fit has d more samples.
    twins = [number(error.bias + error.variance, problem)]
    if problem.downstream is not None:
        more = int(problem.downstream.samples) + int(problem.dimension)
        if problem.downstream.ridge != 0 or more < 2 * int(problem.dimension):
            twins.append(number(error.total, problem, values={samples: more}))
    wrong = min(twins, key=lambda twin: twin / right)
    assert wrong < right * (1 - 2 * margin), "the twin is too close to be told apart"
    assert verdicts(problem, right, wrong, margin) == ("shown", "refuted")


L3, E3 = LevelsSpectrum([4, 1, "1/10"], [10, 20, 20]), LevelsTarget([1, 2, 1])
CASES: dict[str, Problem] = {
    "clean, few samples": Problem(
        PowerLawSpectrum(50, "3/2"), SourceTarget("1/2"), (Generation(25, 1),), None
    ),
    "least squares collapse": Problem(
        PowerLawSpectrum(50, 2),
        SourceTarget(1),
        (Generation(120, 1, repeat=5),),
        Downstream(150, 1),
    ),
    "fresh ridges, then a ridge": Problem(
        L3, E3, (Generation(60, 2, "1/5", repeat=3),), Downstream(120, 1, "1/50")
    ),
    "minimum norm, again and again": Problem(
        L3, E3, (Generation(30, 1, repeat=3),), Downstream(90)
    ),
    "one design, one ridge thrice": Problem(
        L3, E3, (Generation(90, 2, "1/10", repeat=3, design="shared"),), Downstream(100, 1, "1/5")
    ),
    "one design, two ridges": Problem(
        L3,
        E3,
        (Generation(90, 2, "1/10"), Generation(90, 2, "1/2", design="shared")),
        Downstream(100, 1, "1/5"),
    ),
    "one design, ridge and minimum norm": Problem(
        L3,
        E3,
        (
            Generation(30, 2, 0, repeat=2, design="shared"),
            Generation(30, 1, "1/2", design="shared"),
            Generation(30, 2, 0, repeat=2, design="shared"),
        ),
        Downstream(120, 1, "1/5"),
    ),
    "shared, then fresh, each with few samples": Problem(
        ExponentialSpectrum(50, "1/10", 5),
        UniformTarget(3),
        (
            Generation(35, 1, "1/5", repeat=2, design="shared"),
            Generation(30, 1, "1/20"),
        ),
        Downstream(80, 1, "1/5"),
    ),
    "isotropic": Problem(
        IsotropicSpectrum(50, 2),
        UniformTarget(1),
        (Generation(80, 1, "1/3", repeat=2),),
        Downstream(90, 1, "1/3"),
    ),
    "the last generator is tested": Problem(
        L3, E3, (Generation(90, 6, "1/3", repeat=3, design="shared"),), None
    ),
}


@pytest.mark.parametrize("name", [name for name in CASES if name != "clean, few samples"])
def test_the_formula_is_shown_and_its_twin_refuted(name: str) -> None:
    assert_shown(CASES[name])


def test_minimum_norm_on_few_samples_is_shown() -> None:
    problem = CASES["clean, few samples"]
    error = derive(problem)
    right = number(error.total, problem)
    # κ for T + d is 0: no bias at all, and another variance.
    size = generator_symbols(0)[0]
    wrong = number(error.total, problem, values={size: 75})
    assert verdicts(problem, right, wrong, MARGIN) == ("shown", "refuted")


def away(dimension: int) -> st.SearchStrategy[int]:
    """Numbers of samples at which a proportional limit at this size is within a few percent."""
    few = st.integers(dimension // 3, int(0.6 * dimension))
    many = st.integers(int(1.7 * dimension), 3 * dimension)
    return st.one_of(few, many)


@st.composite
def noisy_chains(draw: st.DrawFn) -> Problem:
    """Chains whose generators are loud enough that forgetting them is noticed."""
    counts = draw(st.lists(st.integers(14, 20), min_size=3, max_size=3))
    values = [
        Rational(each, 10) for each in draw(st.lists(st.integers(3, 40), min_size=3, max_size=3))
    ]
    size = sum(counts)
    ridges = st.one_of(
        st.just(Rational(0)), st.integers(1, 10).map(lambda tenth: Rational(tenth, 10))
    )
    entries: list[Generation] = []
    for _ in range(draw(st.integers(1, 2))):
        design: Any = draw(st.sampled_from(["fresh", "shared"]))
        T = int(entries[-1].samples) if design == "shared" and entries else draw(away(size))
        lam = draw(ridges)
        if lam == 0 and size > T:
            # Least squares on few samples has draws so skew that a verdict takes 10⁵ of them.
            lam = Rational(1, 20)
        entries.append(Generation(T, draw(st.integers(2, 3)), lam, draw(st.integers(1, 2)), design))
    return Problem(
        LevelsSpectrum(values, counts),
        UniformTarget("1/20"),
        tuple(entries),
        Downstream(draw(away(size)), "1/2", draw(ridges) + Rational(1, 20)),
    )


@given(noisy_chains())
@settings(max_examples=6)
def test_random_chains_are_shown_and_their_twins_refuted(problem: Problem) -> None:
    error = derive(problem)
    share = number(error.synthetic, problem) / number(error.total, problem)
    assume(share > 2.5 * MARGIN)
    assert_shown(problem)
