"""A problem's formula is shown by its simulation, and plausible slips are refuted by the same draws."""

import math
from dataclasses import dataclass
from functools import lru_cache

import pytest
from sympy import Add, Expr, Mul, expand

import symcollapse as sc
from symcollapse.language.errors import NotEvaluable
from symcollapse.verification import Claim, compare, finite_size_margin, verify, verify_claims
from symcollapse.verification.problem_verification import EXACT_MARGIN, LARGEST_MARGIN

RISK = 1e-6


@dataclass(frozen=True)
class Evidence:
    """A point of a figure, with draws enough for a margin at which most of its terms matter."""

    file: str
    overrides: tuple[tuple[str, str], ...]
    trials: int
    margin: float
    """Covers the finite-size error, which is below 1/(T₀ − d − 1) = 0.34 % where T₀ = 600, and else below 1 %."""

    @property
    def problem(self) -> sc.Problem:
        return sc.Problem.from_file(self.file, dict(self.overrides))


# Two noises of 1/10 and 1/5 and a ridge cannot all matter at one point: see the shares below.
EVIDENCE = {
    # Shares of the total: bias 12 %, variance 5.4 %, the synthetic error's two terms 69 % and 13 %.
    "power law": Evidence("power-law", (), 2048, 0.027),
    # Synthetic 80 % and 15 %, variance 5.0 %; the bias, 0.1 %, does not matter at so small a ridge.
    "1b": Evidence("figure-1b", (), 2048, 0.025),
    # Bias 7 %, variance 4.5 %, synthetic 88 %; its second term, 0.2 %, needs a larger ridge.
    "1a": Evidence(
        "figure-1a", (("generations.0.repeat", "2"), ("downstream.ridge", "1/20")), 800, 0.022
    ),
    # Bias 62 %, variance 38 %, both over T - df_2 = 1000 - 262.
    "1a, clean": Evidence(
        "figure-1a", (("generations.0.repeat", "0"), ("downstream.ridge", "1/20")), 600, 0.04
    ),
    # Bias 49 %, synthetic 42 % and 8 %: as the second term carries κ², it needs a large ridge, and then a loud generator.
    "1a, loud": Evidence(
        "figure-1a",
        (
            ("generations.0.repeat", "1"),
            ("generations.0.noise", "4"),
            ("downstream.ridge", "2"),
        ),
        900,
        0.035,
    ),
    # One term of 38 % for the shared projection; variance and the fluctuation of the last design stay below 1 %.
    "2a": Evidence("figure-2a", (), 256, 0.04),
    # Terms of 5.5 %, 2.8 % and 1.4 % for the three projections, of which the first is resolved.
    "2b": Evidence("figure-2b", (), 256, 0.025),
}

LONG = 1000
"""Trials from which drawing every row of every design takes minutes."""


@lru_cache
def draws_of(name: str) -> tuple[float, ...]:
    evidence = EVIDENCE[name]
    # The long ones by sufficient statistics, a route that is tested to be of the same law; the others by definition.
    trials = evidence.trials
    return sc.simulate(
        evidence.problem, trials, route="sufficient" if trials > LONG else "plain"
    ).draws


def verdict_on(name: str, formula: Expr) -> str:
    evidence = EVIDENCE[name]
    prediction = float(sc.evaluate(formula, evidence.problem))
    return compare(draws_of(name), prediction, evidence.margin, RISK).verdict


def terms_of(error: sc.TestError) -> list[Expr]:
    """Every additive term, with a name for the summand that it comes from."""
    return [
        term
        for part in (error.bias, error.variance, error.synthetic)
        for term in Add.make_args(expand(part))
        if term != 0
    ]


def share(term: Expr, error: sc.TestError) -> float:
    value = float(sc.evaluate(term, error.problem))
    return value / float(sc.evaluate(error.total, error.problem))


@pytest.mark.monte_carlo
@pytest.mark.parametrize("name", EVIDENCE)
def test_the_derived_formula_is_shown(name: str) -> None:
    assert verdict_on(name, sc.test_error(EVIDENCE[name].problem).total) == "shown"


@pytest.mark.monte_carlo
@pytest.mark.parametrize("name", EVIDENCE)
def test_no_term_that_can_matter_may_be_dropped(name: str) -> None:
    error = sc.test_error(EVIDENCE[name].problem)
    dropped = 0
    for term in terms_of(error):
        if share(term, error) > 2 * EVIDENCE[name].margin:
            dropped += 1
            assert verdict_on(name, error.total - term) == "refuted", term
            assert verdict_on(name, error.total + term) == "refuted", term
            flipped = error.total - 2 * term
            # A negative prediction of an excess risk needs no draws to be refuted.
            negative = float(sc.evaluate(flipped, error.problem)) < 0
            assert negative or verdict_on(name, flipped) == "refuted", term
    assert dropped >= 2


def test_every_term_matters_somewhere() -> None:
    def letters(term: Expr) -> str:
        # One generation is not counted, two are n.
        return str(term.subs(sc.generations, 1))

    points = ("power law", "1a", "1a, loud")
    errors = {name: sc.test_error(EVIDENCE[name].problem) for name in points}
    every = {letters(term) for error in errors.values() for term in terms_of(error)}
    # They are one formula, of four terms.
    assert len(every) == 4
    for family in (("power law",), ("1a", "1a, loud")):
        resolved = {
            letters(term)
            for name in family
            for term in terms_of(errors[name])
            if share(term, errors[name]) > 2 * EVIDENCE[name].margin
        }
        assert resolved == every


def the_total(name: str) -> Expr:
    """Written out, so that every letter can be swapped."""
    return sc.unfold(
        sc.test_error(EVIDENCE[name].problem).total, sc.ResidualDegreesOfFreedom, sc.SurplusSamples
    )


KAPPA = sc.EffectiveRidge(sc.ridge, sc.samples, sc.SIGMA)
DF1 = sc.DegreesOfFreedom(1, KAPPA, sc.SIGMA)
DF2 = sc.DegreesOfFreedom(2, KAPPA, sc.SIGMA)
T, T0, D = sc.samples, sc.generation_samples, sc.dimension

SLIPS: dict[str, dict[Expr, Expr]] = {
    "the generator's noise is not squared": {sc.generation_noise**2: sc.generation_noise},
    "both noises are one": {sc.generation_noise: sc.noise},
    "T and T_0 are swapped": {T: T0, T0: T},
    "T_0 stands for T": {T: T0},
    "T stands for T_0": {T0: T},
    "df_1 stands for df_2": {DF2: DF1},
    "one generation less": {sc.generations: sc.generations - 1},
    "one generation more": {sc.generations: sc.generations + 1},
    "T - df_2 lacks df_2": {T - DF2: T},
    "T - df_2 is T - d": {T - DF2: T - D},
    "T_0 - d lacks d": {T0 - D: T0},
    "T_0 - d is T_0 + d": {T0 - D: T0 + D},
    "the ridge stands for the effective ridge": {KAPPA: sc.ridge},
    "the ridge is not shared out": {sc.ridge: sc.ridge * T / D},
}
"""What a hand computation may get wrong: what is replaced by what."""


@pytest.mark.monte_carlo
@pytest.mark.parametrize("slip", SLIPS)
def test_a_plausible_slip_is_refuted(slip: str) -> None:
    verdicts = set()
    for name in ("power law", "1b", "1a", "1a, clean", "1a, loud"):
        formula = the_total(name)
        wrong = formula.subs([*SLIPS[slip].items()], simultaneous=True)
        # At a point where a letter hardly matters, such as df_2 in T - df_2 = 1000 - 27, nothing can refute it.
        if wrong != formula and wrong.free_symbols <= formula.free_symbols | {sc.noise}:
            verdicts.add(verdict_on(name, wrong))
    assert "refuted" in verdicts


SMALL = sc.Problem(
    sc.LevelsSpectrum([4, 1, "1/4"], [20, 20, 20]),
    sc.UniformTarget(1),
    (sc.Generation(150, "1/2", repeat=2),),
    sc.Downstream(200, "1/2", ridge="1/10"),
)


@pytest.mark.monte_carlo
def test_a_problem_is_verified_with_its_evidence() -> None:
    result = verify(SMALL)
    assert result.verdict == "shown"
    assert result.agreement.margin == finite_size_margin(SMALL)
    assert result.prediction == sc.evaluate(sc.test_error(SMALL).total, SMALL)
    assert (result.exact_prediction, result.exact_agreement) == (None, None)
    assert "inside" in result.reason


@pytest.mark.monte_carlo
def test_a_wrong_formula_is_refuted() -> None:
    error = sc.test_error(SMALL)
    result = verify(SMALL, formula=error.bias + error.synthetic)
    assert result.verdict == "refuted"
    assert result.agreement.trials < 4096


def test_a_negative_prediction_needs_no_draws() -> None:
    error = sc.test_error(SMALL)
    result = verify(SMALL, formula=error.variance - error.total)
    assert (result.verdict, result.agreement.trials) == ("refuted", 0)
    assert "never negative" in result.reason


LEAST_SQUARES = sc.Problem(
    sc.IsotropicSpectrum(40),
    sc.UniformTarget(1),
    (sc.Generation(60, 1, repeat=2),),
    sc.Downstream(60, 1),
)
"""T − d = 20: the equivalent, d/(T − d), is 5 % below the exact law, d/(T − d − 1)."""


@pytest.mark.monte_carlo
def test_the_exact_law_is_judged_by_the_same_draws() -> None:
    result = verify(LEAST_SQUARES, margin=0.1)
    assert result.agreement.verdict == "shown"
    assert result.exact_agreement is not None
    assert result.exact_prediction is not None
    assert math.isclose(float(result.exact_prediction), 3 * 40 / 19)
    assert result.exact_agreement.margin == EXACT_MARGIN
    assert result.exact_agreement.verdict != "refuted"


@pytest.mark.monte_carlo
def test_the_law_is_told_from_its_neighbours() -> None:
    tight = [Claim(3 * 40 / 19, 0.03), Claim(3 * 40 / 20, 0.03), Claim(3 * 40 / 18, 0.03)]
    # 5 % apart: the draws that show the law refute its neighbours.
    verdicts = [each.verdict for each in verify_claims(LEAST_SQUARES, tight, most_trials=16384)]
    assert verdicts[0] == "shown"
    assert "shown" not in verdicts[1:]


@pytest.mark.monte_carlo
def test_a_verdict_does_not_depend_on_what_else_is_judged() -> None:
    right, wrong = Claim(3 * 40 / 19, 0.08), Claim(5.0, 0.08)
    alone = [verify_claims(LEAST_SQUARES, [claim])[0] for claim in (right, wrong)]
    assert list(verify_claims(LEAST_SQUARES, [right, wrong])) == alone


def test_noiseless_least_squares_is_zero() -> None:
    problem = sc.Problem(
        sc.PowerLawSpectrum(30, 2),
        sc.SourceTarget("3/8"),
        (sc.Generation(40, repeat=3),),
        sc.Downstream(30),
    )
    result = verify(problem)
    assert str(result.prediction) == "0"
    assert result.verdict == "shown"
    assert "rounding" in result.reason


@pytest.mark.monte_carlo
def test_an_exact_law_is_shown_at_its_margin() -> None:
    fit = sc.Downstream(300, 1)
    problem = sc.Problem(sc.IsotropicSpectrum(100), sc.UniformTarget(1), downstream=fit)
    result = verify(problem, risk=1e-3, most_trials=16384)
    assert result.exact_agreement is not None
    assert (result.verdict, result.exact_agreement.verdict) == ("shown", "shown")


def test_an_infinite_prediction_cannot_be_told() -> None:
    problem = sc.Problem(
        sc.IsotropicSpectrum(20), sc.UniformTarget(1), downstream=sc.Downstream(20, 1)
    )
    result = verify(problem)
    assert result.prediction.is_infinite
    assert result.verdict == "cannot tell"
    assert "infinite" in result.reason
    assert result.agreement.trials < 4096


def test_the_margin_is_that_of_its_docstring() -> None:
    kappa = sc.EffectiveRidge(sc.ridge, sc.samples, sc.SIGMA)
    last = 200 - float(sc.evaluate(sc.DegreesOfFreedom(2, kappa, sc.SIGMA), SMALL))
    # Generators recover the weights, the downstream ridge does not.
    expected = 0.02 + max(1 / last, 1 / (150 - 60)) + 1 / last
    assert math.isclose(finite_size_margin(SMALL), expected)
    assert math.isclose(finite_size_margin(LEAST_SQUARES), 0.02 + 1 / 20)


def test_the_margin_of_a_shared_design_is_that_of_its_smallest_ridge() -> None:
    def shared(*ridges: str) -> float:
        generations = tuple(sc.Generation(150, "1/2", ridge, design="shared") for ridge in ridges)
        return finite_size_margin(
            sc.Problem(SMALL.spectrum, SMALL.target, generations, sc.Downstream(2000))
        )

    assert shared("1/10", "1/1000") == shared("1/1000", "1/10") == shared("1/1000")
    assert shared("1/1000") > shared("1/10")


def test_the_margin_has_a_largest_value() -> None:
    few = sc.Problem(sc.IsotropicSpectrum(3), sc.UniformTarget(1), downstream=sc.Downstream(4, 1))
    assert finite_size_margin(few) == LARGEST_MARGIN


def test_what_cannot_be_simulated_is_refused() -> None:
    endless = sc.Problem(
        sc.PowerLawSpectrum(30_000, 2), sc.SourceTarget(1), downstream=sc.Downstream(9, ridge=1)
    )
    with pytest.raises(NotEvaluable, match="dimension"):
        verify(endless)


def test_terms_are_products() -> None:
    # What the shares are shares of: each term a product, so none hides a sum with both signs.
    for name in ("power law", "1b", "1a"):
        for term in terms_of(sc.test_error(EVIDENCE[name].problem)):
            assert isinstance(term, Mul)
