"""How a problem becomes a chain: what is shared, what is counted, and which letter stands for what."""

from dataclasses import replace

import pytest
from sympy import Expr, Rational, Symbol

from symcollapse.evaluation import evaluate
from symcollapse.language import symbols as sym
from symcollapse.language.errors import InvalidProblem, NotEvaluable, OutOfRegime
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import IsotropicSpectrum, LevelsSpectrum
from symcollapse.language.targets import UniformTarget
from symcollapse.reasoning import check
from symcollapse.simulation import simulate
from symcollapse.theory import test_error as derive
from symcollapse.verification import compare

LEVELS = LevelsSpectrum([4, "1/2"], [30, 50])
TARGET = UniformTarget(1)


def total(*generations: Generation, downstream: Downstream | None = None) -> float:
    problem = Problem(LEVELS, TARGET, generations, downstream)
    return float(evaluate(derive(problem).total, problem))


REUSED = {
    "ridge, then ridge": (Generation(160, ridge=1), Generation(160, ridge=2)),
    "noise below d": (Generation(50, noise=1), Generation(50, noise=1)),
    "noise above d": (Generation(160, noise=1), Generation(160, ridge=1)),
    "ridge, then noise": (Generation(50, noise=1, ridge="1/2"), Generation(50, noise=2)),
}


@pytest.mark.parametrize("name", REUSED)
@pytest.mark.parametrize("downstream", [None, Downstream(120, noise=1, ridge="1/5")])
def test_only_the_last_of_repeated_fresh_designs_is_shared(
    name: str, downstream: Downstream | None
) -> None:
    first, second = REUSED[name]
    again = replace(second, design="shared")
    together = total(replace(first, repeat=3), again, downstream=downstream)
    apart = total(first, first, first, again, downstream=downstream)
    assert together == pytest.approx(apart, rel=1e-13)  # rounding of the printed doubles
    # The control: without sharing it is another problem.
    fresh = total(replace(first, repeat=3), second, downstream=downstream)
    assert together != pytest.approx(fresh, rel=1e-5)


def test_the_exact_law_shares_the_last_design_too() -> None:
    spectrum = IsotropicSpectrum(8)

    def law(*generations: Generation) -> float:
        problem = Problem(spectrum, TARGET, generations)
        exact = derive(problem).exact
        assert exact is not None
        return float(evaluate(exact.total, problem))

    once, again = Generation(5, noise=1), Generation(5, noise=1, design="shared")
    assert law(Generation(5, noise=1, repeat=2), again) == pytest.approx(
        law(once, once, again), rel=1e-13
    )


@pytest.mark.monte_carlo
def test_a_reused_design_agrees_with_its_simulation() -> None:
    problem = Problem(
        LEVELS,
        TARGET,
        (Generation(160, noise=3, repeat=3), Generation(160, noise=0, ridge=3, design="shared")),
    )
    prediction = float(evaluate(derive(problem).total, problem))
    draws = simulate(problem, trials=800).draws
    # Finite size: 1/(160 - 80) for each of two maps, and as much again for the spread of the draws.
    assert compare(draws, prediction, margin=0.05, risk=1e-6).verdict == "shown"
    # The twin shares no design.
    fresh = replace(
        problem,
        generations=(problem.generations[0], replace(problem.generations[1], design="fresh")),
    )
    wrong = float(evaluate(derive(fresh).total, fresh))
    assert compare(draws, wrong, margin=0.05, risk=1e-6).verdict == "refuted"


def test_a_ridge_follows_the_size_of_its_own_fit() -> None:
    size = Symbol("N_0", positive=True)
    tested = Downstream(1000, noise=1, ridge="1/10")
    symbolic = Problem(LEVELS, TARGET, (Generation(size, noise=1, ridge=1 / sym.samples),), tested)
    numeric = Problem(LEVELS, TARGET, (Generation(40, noise=1, ridge=1 / sym.samples),), tested)
    late = evaluate(derive(symbolic).total, symbolic, values={size: 40})
    assert str(late) == str(evaluate(derive(numeric).total, numeric))


def captured() -> dict[str, tuple[Generation, Downstream]]:
    return {
        "noise": (Generation(600, noise=sym.noise), Downstream(1000, noise="1/10")),
        "ridge": (Generation(600, noise=1, ridge=sym.ridge), Downstream(1000, ridge="1/5")),
        "samples": (Generation(600, noise=1), Downstream(sym.generation_samples)),
    }


@pytest.mark.parametrize("name", captured())
def test_the_letter_of_another_number_is_refused(name: str) -> None:
    generation, downstream = captured()[name]
    with pytest.raises(InvalidProblem, match="use another symbol"):
        derive(Problem(LEVELS, TARGET, (generation,), downstream))


def test_one_symbol_may_stand_in_two_places() -> None:
    both = Problem(
        LEVELS,
        TARGET,
        (Generation(600, noise=sym.noise),),
        Downstream(1000, noise=sym.noise, ridge="1/5"),
    )
    error = derive(both)
    with pytest.raises(NotEvaluable, match="sigma"):
        evaluate(error.total, both)
    numeric = Problem(
        LEVELS, TARGET, (Generation(600, noise=2),), Downstream(1000, noise=2, ridge="1/5")
    )
    value: Expr = error.total
    assert str(evaluate(value, both, values={sym.noise: 2})) == str(
        evaluate(derive(numeric).total, numeric)
    )


def test_derivations_of_several_kinds_of_generations_are_checked() -> None:
    own = Symbol("b", positive=True)
    for problem in (
        Problem(
            LEVELS,
            TARGET,
            (Generation(100, noise=1), Generation(90, noise=2)),
            Downstream(120, noise=1, ridge=1),
        ),
        Problem(
            LEVELS,
            TARGET,
            (Generation(60, ridge=1), Generation(60, ridge=Rational(1, 2), design="shared")),
            Downstream(120, noise=own, ridge=own),
        ),
        Problem(
            LEVELS,
            TARGET,
            (Generation(60, ridge=1, repeat=2, design="shared"),),
            Downstream(120, noise=1, ridge=1),
        ),
    ):
        assert check(derive(problem).derivation).passed


def test_an_exact_law_is_refused_outside_its_conditions() -> None:
    above = Problem(LEVELS, TARGET, (Generation(600, noise=1, repeat=2),), Downstream(500, noise=1))
    law = derive(above).exact
    assert law is not None
    for size in (50, 80, 81):
        with pytest.raises(OutOfRegime, match="T >= d \\+ 2"):
            evaluate(law.total, above, values={sym.generation_samples: size})
    assert float(evaluate(law.total, above, values={sym.generation_samples: 82})) > 0
    below = Problem(IsotropicSpectrum(80), TARGET, (Generation(50, noise=1),), Downstream(500))
    law = derive(below).exact
    assert law is not None
    with pytest.raises(OutOfRegime, match="T <= d - 2"):
        evaluate(law.total, below, values={sym.generation_samples: 600})
