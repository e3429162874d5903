"""Generations without number: the solved recursion against the listed chain, and against recursions written by hand."""

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Expr, Integer, Poly, Rational, coth, log, oo, pi, sqrt

from symcollapse.evaluation import evaluate, lambdify
from symcollapse.language.errors import Diverges, InvalidProblem, NotSupported
from symcollapse.language.problems import SIGMA, W0, Downstream, Generation, Problem
from symcollapse.language.quantities import quadratic_form
from symcollapse.language.spectra import IsotropicSpectrum, LevelsSpectrum, PowerLawSpectrum
from symcollapse.language.symbols import (
    count_symbol,
    dimension,
    eigenvalue,
    generation,
    generation_noise,
    generation_samples,
    generations,
    generator_symbols,
    mixing_symbols,
    surplus,
)
from symcollapse.language.targets import SourceTarget, UniformTarget
from symcollapse.language.unfolding import unfold
from symcollapse.recursions.at_integers import first_positive, least
from symcollapse.recursions.linear_recursions import ExponentialSum, solve_recursion
from symcollapse.recursions.long_run import GenerationLaw
from symcollapse.recursions.maps import affine_map, in_sizes
from symcollapse.recursions.moments import generation_map
from symcollapse.recursions.solved import solve_generations
from symcollapse.recursions.sums import summed
from symcollapse.theory import test_error as derive

ISOTROPIC = IsotropicSpectrum(30)
UNIFORM = UniformTarget(1)
POWER_LAW = (PowerLawSpectrum(30, 2), SourceTarget(1))
LEVELS = (LevelsSpectrum([4, 1], [10, 20]), UNIFORM)
DIGITS = 20
CLOSE = Fraction(1, 10 ** (DIGITS - 3))
"""Two routes, each rounded to 20 digits; the errors here are of order 1."""
RIDGE = Downstream(50, noise="1/3", ridge="1/10")
LATER = count_symbol(1)
SMALL = settings(derandomize=True, deadline=None, max_examples=60)


def number(formula: Expr, problem: Problem | None = None) -> Fraction:
    result = evaluate(formula, problem, digits=DIGITS)
    assert not result.is_infinite
    return Fraction(result.text)


def repeated(problem: Problem, position: int, count: int) -> Problem:
    entries = tuple(
        replace(entry, repeat=count) if place == position else entry
        for place, entry in enumerate(problem.generations)
    )
    return replace(problem, generations=entries)


def one(entry: Generation, downstream: Downstream | None = None, **parts: Any) -> Problem:
    return Problem(
        parts.get("spectrum", ISOTROPIC), parts.get("target", UNIFORM), (entry,), downstream
    )


PLAIN = {
    "least squares": one(Generation(60, noise="1/5", repeat=generations)),
    "least squares, then ridge": one(Generation(60, noise="1/5", repeat=generations), RIDGE),
    "least squares, then ridge, power law": Problem(
        *POWER_LAW, (Generation(60, noise="1/5", repeat=generations),), RIDGE
    ),
    "least squares, then ridge, levels": Problem(
        *LEVELS, (Generation(60, noise="1/5", repeat=generations),), RIDGE
    ),
    "minimum norm": one(Generation(20, noise="1/5", repeat=generations)),
    "minimum norm, then ridge": one(Generation(20, noise="1/5", repeat=generations), RIDGE),
    "ridge": one(Generation(40, noise=2, ridge="1/100", repeat=generations)),
    "ridge, then ridge": one(Generation(40, noise="1/5", ridge="1/10", repeat=generations), RIDGE),
    "one design": one(Generation(20, noise="1/5", design="shared", repeat=generations)),
    "one design, power law": Problem(
        *POWER_LAW, (Generation(20, noise="1/5", design="shared", repeat=generations),)
    ),
}


@pytest.mark.parametrize("name", PLAIN)
def test_the_law_is_that_of_the_listed_chain(name: str) -> None:
    problem = PLAIN[name]
    law = solve_generations(problem)
    for count in range(law.first, 6):
        listed = derive(repeated(problem, 0, count))
        for part in ("total", "bias", "variance", "synthetic"):
            wanted = number(listed.parts[part], repeated(problem, 0, count))
            assert abs(number(law.at(count, part)) - wanted) < CLOSE, (count, part)


@pytest.mark.parametrize("name", ["minimum norm", "minimum norm, then ridge", "ridge, then ridge"])
def test_the_limit_is_the_error_of_ten_thousand_generations(name: str) -> None:
    # The ratios are below 0.95, and 0.95^10000 is below 10^-200.
    law = solve_generations(PLAIN[name])
    limit = number(law.number(law.limit))
    assert law.rate.kind == "geometric"
    assert abs(number(law.at(10_000)) - limit) < CLOSE
    # Negative control: it is not reached at once.
    assert abs(number(law.at(3)) - limit) > Fraction(1, 100)


def test_linear_growth_is_by_its_slope() -> None:
    law = solve_generations(PLAIN["least squares, then ridge"])
    assert law.limit is oo
    assert law.rate.value is not None
    step = number(law.at(10_000)) - number(law.at(9_999))
    assert abs(step - number(law.number(law.rate.value))) < CLOSE


SHIFTED = UniformTarget("1/3")
PIPELINES = {
    "pooled": Problem(
        *LEVELS, (Generation(50, noise="1/5", real_samples=20, real_noise=2, repeat=generations),)
    ),
    "pooled and mixed, ridge": one(
        Generation(
            30,
            noise="1/5",
            ridge="1/7",
            real_samples=20,
            real_noise=2,
            real_weight="1/4",
            repeat=generations,
        ),
        RIDGE,
    ),
    "shifted": Problem(
        *LEVELS,
        (Generation(50, noise="1/5", real_samples=20, shift=SHIFTED, repeat=generations),),
        replace(RIDGE, shift=UniformTarget("1/2")),
    ),
    "accumulated": Problem(
        *LEVELS, (Generation(50, noise="1/5", data="accumulate", repeat=generations),), RIDGE
    ),
    "own labels again": Problem(
        *LEVELS,
        (
            Generation(
                50,
                noise="1/5",
                real_weight="1/3",
                design="shared",
                real_data="same",
                repeat=generations,
            ),
        ),
    ),
    "student on the teacher's inputs": one(
        Generation(50, noise="1/5", repeat=generations),
        Downstream(50, noise="1/3", design="shared"),
    ),
}


@pytest.mark.parametrize("name", PIPELINES)
def test_the_law_is_that_of_the_joint_pencil(name: str) -> None:
    problem = PIPELINES[name]
    law = solve_generations(problem)
    for count in range(law.first, 4):
        listed = derive(repeated(problem, 0, count))
        for part in ("total", "variance", "synthetic"):
            wanted = number(listed.parts[part], repeated(problem, 0, count))
            assert abs(number(law.at(count, part)) - wanted) < CLOSE, (count, part)


DIP = Problem(
    ISOTROPIC,
    UNIFORM,
    (
        Generation(40, noise="1/2", repeat=2),
        Generation(300, noise="1/100", ridge="1/20", repeat=9),
        Generation(90, noise="1/7"),
    ),
)
"""Noisy labels that are smoothed until nothing is left."""


def test_entries_before_and_after_the_repeated_ones() -> None:
    problem = replace(DIP, generations=(*DIP.generations[:1], *DIP.generations[1:2]))
    problem = repeated(problem, 1, 1)
    problem = replace(
        problem,
        generations=(
            problem.generations[0],
            replace(problem.generations[1], repeat=count_symbol(1)),
        ),
        downstream=RIDGE,
    )
    law = solve_generations(problem)
    for count in range(4):
        listed = repeated(problem, 1, count)
        wanted = number(derive(listed).total, listed)
        assert abs(number(law.at(count)) - wanted) < CLOSE


def dip() -> GenerationLaw:
    entries = DIP.generations
    return solve_generations(
        replace(
            DIP, generations=(entries[0], replace(entries[1], repeat=count_symbol(1)), entries[2])
        )
    )


def test_where_the_error_falls_and_rises_the_best_generation_is_the_least_of_all() -> None:
    law = dip()
    best = law.best_generation.generation
    errors = [number(law.at(count)) for count in range(60)]
    assert best == errors.index(min(errors))
    assert best is not None
    assert 1 < int(best) < 40


def mixed(weight: Fraction, entry: Generation, count: int) -> Fraction:
    """Second moment of least squares on mixed labels, by hand."""
    of_real = entry.deviation_of_real_labels
    level = (1 - weight) ** 2 * Fraction(str(entry.noise)) ** 2 + weight**2 * Fraction(
        str(of_real)
    ) ** 2
    error = Fraction(0)
    for _ in range(count):
        error = (1 - weight) ** 2 * error + level * Fraction(30, int(entry.samples) - 30)
    return error


@pytest.mark.parametrize("weight", ["1/3", "-1/4", "3/2", "2"])
def test_mixed_labels_are_a_geometric_recursion(weight: str) -> None:
    # At ω = 2 the factor (1 − ω)² is 1: the recursion resonates, and grows linearly.
    entry = Generation(50, noise="1/5", real_weight=weight, real_noise=2, repeat=generations)
    law = solve_generations(one(entry))
    for count in range(1, 7):
        assert law.at(count) == Rational(str(mixed(Fraction(weight), entry, count)))
    kinds = {"2": "linear", "-1/4": "exponential"}
    assert law.rate.kind == kinds.get(weight, "geometric")
    assert (law.limit is oo) == (weight in kinds)


def test_equal_noises_are_best_mixed_in_the_golden_ratio() -> None:
    entry = Generation(50, noise=1, real_weight="1/2", repeat=generations)
    limit = solve_generations(one(entry)).limit
    weight = mixing_symbols(0)[0]
    (root,) = [each for each in _roots(_slope(limit, weight), weight) if 0 < each < 1]
    assert abs(root - (5**0.5 - 1) / 2) < 1e-9


def _slope(limit: Expr, weight: Any) -> Expr:
    """Numerator of the derivative, with all other letters 1 and 2."""
    others = {each: 1 + (each == generation_samples) for each in limit.free_symbols - {weight}}
    plain = unfold(limit).xreplace({key: Integer(value) for key, value in others.items()})
    return plain.diff(weight).together().as_numer_denom()[0]


def _roots(polynomial: Expr, variable: Any) -> list[float]:
    """Real roots, in doubles."""
    roots = Poly(polynomial, variable).nroots()
    return [float(each) for each in roots if each.is_real]


def pooled(size: int, real: int, noise: Fraction, of_real: Fraction, count: int) -> Fraction:
    """Real and synthetic rows in one least squares fit, by hand: R = E‖labels − prediction‖², shared out."""
    rows, error = size + real, Fraction(0)
    share = Fraction(size, rows)
    for _ in range(count):
        level = share * noise**2 + (1 - share) * of_real**2
        # E‖e'‖² = α²E‖e‖² + (d/N)·(level + αE‖e − e'‖² + (1 − α)E‖e'‖²), solved for E‖e'‖².
        known = share**2 * error + Fraction(30, rows) * (level + share * (1 - 2 * share) * error)
        error = known / (1 - Fraction(30, rows))
    return error


@pytest.mark.parametrize(("size", "real"), [(50, 20), (20, 50), (18, 18)])
def test_pooled_real_samples(size: int, real: int) -> None:
    entry = Generation(size, noise="1/5", real_samples=real, real_noise=2, repeat=generations)
    law = solve_generations(one(entry))
    for count in range(1, 7):
        wanted = pooled(size, real, Fraction(1, 5), Fraction(2), count)
        assert law.at(count) == Rational(str(wanted))


def test_few_pooled_rows_blow_up() -> None:
    # At N < 4d/3 and equal shares the map of the synthetic part has a second moment beyond 1.
    entry = Generation(18, noise="1/5", real_samples=18, repeat=generations)
    law = solve_generations(one(entry))
    assert law.limit is oo
    assert law.rate.kind == "exponential"
    assert solve_generations(one(replace(entry, samples=25, real_samples=25))).limit is not oo


def by_hand(count: int, ridge_root: float, rows: int, entry: dict[str, float]) -> float:
    """Isotropic ridge on mixed labels, by the maps of second moments of weights (not of errors)."""
    kept = 1 / (1 + ridge_root)
    degrees = 30 * kept**2
    kernel = kept**2 / (rows - degrees)
    weight, mean, second = entry["weight"], 1.0, 1.0
    for _ in range(count):
        source_mean = weight + (1 - weight) * mean
        source = weight**2 + 2 * weight * (1 - weight) * mean + (1 - weight) ** 2 * second
        level = (1 - weight) ** 2 * entry["noise"] ** 2 + weight**2 * entry["real"] ** 2
        lost = ridge_root / (1 + ridge_root)
        second = kept**2 * source + 30 * kernel * (level + lost**2 * source)
        mean = kept * source_mean
    return second - 2 * mean + 1


def test_isotropic_ridge_on_mixed_labels() -> None:
    entry = Generation(
        40, noise="1/2", ridge="1/10", real_weight="1/4", real_noise=1, repeat=generations
    )
    law = solve_generations(one(entry))
    slack = 1 - 30 / 40 - 0.1
    root = ((slack**2 + 4 * 0.1) ** 0.5 - slack) / 2
    for count in range(1, 7):
        wanted = by_hand(count, root, 40, {"weight": 0.25, "noise": 0.5, "real": 1.0})
        # Doubles, over a few generations.
        assert abs(float(number(law.at(count))) - wanted) < 1e-12
    far = float(number(law.number(law.limit)))
    # The ratio is below 0.8, so nothing is left at 10⁴; doubles again.
    assert abs(by_hand(10_000, root, 40, {"weight": 0.25, "noise": 0.5, "real": 1.0}) - far) < 1e-12


def test_accumulated_labels_stay_bounded() -> None:
    entry = Generation(60, noise="1/2", data="accumulate", repeat=generations)
    law = solve_generations(one(entry))
    error = Fraction(0)
    for count in range(1, 7):
        rows = 60 * count
        error += Fraction(1, 4) * Fraction(60, rows) * Fraction(30, rows - 30)
        assert number(law.at(count)) == number(Rational(str(error)))
    # σ²(−γ − ψ(1/2)) = 2σ² log 2.
    assert abs(number(law.number(law.limit)) - number(log(2) / 2)) < CLOSE
    assert str(law.rate) == "to the limit like n^-1"
    assert law.null_generation.generation is None


def test_accumulated_labels_of_one_design_sum_to_pi_squared_over_six() -> None:
    entry = Generation(60, noise=1, data="accumulate", design="shared", repeat=generations)
    law = solve_generations(one(entry))
    assert law.number(law.limit).equals(pi**2 / 6)
    assert law.null_generation.generation == 2
    assert law.at(1).equals(1)


def test_accumulated_labels_then_ridge() -> None:
    entry = Generation(60, noise="1/2", data="accumulate", repeat=generations)
    law = solve_generations(one(entry, RIDGE))
    level = Fraction(1, 4) * (Fraction(1, 30) + Fraction(1, 2) * Fraction(1, 90))
    # Two accumulating generators leave the noise of one with another deviation.
    alike = Problem(
        ISOTROPIC,
        UNIFORM,
        (Generation(60, noise=Rational(str(level * 30)) ** Rational(1, 2)),),
        RIDGE,
    )
    assert abs(number(law.at(2)) - number(derive(alike).total, alike)) < CLOSE


def test_a_growing_schedule_converges_where_the_sum_does() -> None:
    m = generation
    squares = solve_generations(one(Generation(60 * (m + 1) ** 2, noise=1, repeat=generations)))
    error = sum(Fraction(30, 60 * k**2 - 30) for k in range(1, 6))
    assert number(squares.at(5)) == number(Rational(str(error)))
    assert squares.limit is not oo
    linear = solve_generations(one(Generation(60 * (m + 1), noise=1, repeat=generations)))
    assert linear.limit is oo
    assert linear.rate.kind == "logarithmic"


def test_the_null_predictor_s_generation_in_closed_form() -> None:
    law = solve_generations(PLAIN["least squares"])
    found = law.null_generation
    assert found.formula is not None
    assert found.generation == law.number(found.formula) == 26
    assert law.at(25) <= 1 < law.at(26)


def test_letters_are_solved_too() -> None:
    weight = mixing_symbols(0)[0]
    entry = Generation(
        dimension + surplus, noise=generation_noise, real_weight=weight, repeat=generations
    )
    letters = solve_generations(Problem(SIGMA, W0, (entry,)))
    assert letters.assumptions == ("|(1 - omega_0)**2| < 1",)
    numbers: dict[Any, Any] = {dimension: 30, surplus: 20, generation_noise: Rational(1, 5)}
    numbers[weight] = Rational(1, 3)
    wanted = mixed(Fraction(1, 3), Generation(50, noise="1/5"), 4)
    assert unfold(letters.at(4)).subs(numbers) == Rational(str(wanted))
    with pytest.raises(NotSupported, match="needs numbers"):
        _ = letters.best_generation


def test_what_is_not_decided_of_letters_is_asked_for() -> None:
    entry = Generation(count_symbol(7), noise=1, repeat=generations)
    with pytest.raises(NotSupported, match="not decided"):
        solve_generations(one(entry))


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (Problem(*POWER_LAW, (Generation(60, ridge="1/9", repeat=9),)), "state_evolution"),
        (one(Generation(20, data="accumulate", repeat=9)), "samples >= dimension"),
        (one(Generation(60, real_weight=1, repeat=9)), "nothing is synthetic"),
        (one(Generation(60, features=40, repeat=9)), "features"),
        (one(Generation(60, ridge=1 / (generation + 1), repeat=9)), "schedule"),
        (one(Generation(60, real_samples=9, real_data="same", repeat=9)), "real_data"),
        (one(Generation(60, repeat=generations + 1)), "give a symbol"),
    ],
)
def test_what_has_no_closed_form_is_said(problem: Problem, words: str) -> None:
    with pytest.raises(NotSupported, match=words):
        solve_generations(problem)


def test_which_entry_is_repeated_must_be_clear() -> None:
    twice = (Generation(60, repeat=2), Generation(60, repeat=3))
    with pytest.raises(InvalidProblem, match="not clear"):
        solve_generations(Problem(ISOTROPIC, UNIFORM, twice))


fractions = st.fractions(min_value=-2, max_value=2, max_denominator=6).map(
    lambda each: Rational(each.numerator, each.denominator)
)
ratios = st.sampled_from([Rational(k, 6) for k in (-4, 1, 3, 5, 6, 7)])


@SMALL
@given(st.lists(st.tuples(ratios, fractions), max_size=3), ratios, fractions)
def test_a_solved_recursion_is_the_recursion(
    forcing: list[tuple[Expr, Expr]], factor: Expr, initial: Expr
) -> None:
    drive = ExponentialSum()
    for ratio, weight in forcing:
        drive = drive.plus(ExponentialSum(((ratio, (weight,)),)))
    # Solved twice, so that polynomials resonate too.
    once = solve_recursion(factor, drive, initial)
    twice = solve_recursion(factor, once, initial)
    first, second = initial, initial
    for place in range(6):
        assert once.at(Integer(place)) == first
        assert twice.at(Integer(place)) == second
        first, second = factor * first + drive.at(Integer(place)), factor * second + first


@SMALL
@given(st.lists(st.tuples(ratios, fractions, fractions), min_size=1, max_size=3))
def test_the_least_of_a_sequence_is_that_of_all(terms: list[tuple[Expr, Expr, Expr]]) -> None:
    sequence = ExponentialSum()
    for ratio, constant, slope in terms:
        sequence = sequence.plus(ExponentialSum(((ratio, (constant, slope)),)))
    values = [sequence.at(Integer(place)) for place in range(80)]
    found, crossed = least(sequence, 0), first_positive(sequence, 0)
    if found.generation is not None:
        assert values[int(found.generation)] == min(values)
        assert int(found.generation) == values.index(min(values))
    if crossed.generation is not None:
        assert int(crossed.generation) == next(k for k, each in enumerate(values) if each > 0)
    elif crossed.proof.startswith("never"):
        assert all(each <= 0 for each in values)


def test_a_sequence_that_only_falls_has_no_least_place() -> None:
    falling = ExponentialSum(((Rational(1, 2), (Integer(1),)),))
    assert least(falling, 0).generation is None
    # A term that outweighs late is not overlooked.
    late = ExponentialSum(((Rational(11, 10), (Rational(1, 1000),)), (Integer(1), (Integer(-1),))))
    assert first_positive(late, 0).generation == 73
    assert late.at(Integer(72)) <= 0 < late.at(Integer(73))


def test_sums_that_diverge_are_told_from_those_that_do_not() -> None:
    m = generation
    assert summed(1 / ((m + 2) * log(m + 2)), generations).limit is oo
    slow = summed(1 / ((m + 2) * log(m + 2) ** 2), generations)
    assert slow.limit is not oo
    assert not slow.is_closed
    assert summed(1 / (2 * m + 1), generations).limit is oo
    assert summed(1 / ((2 * m + 1) * (m + 3)), generations).limit is not oo


def test_the_law_begins_where_its_kind_of_fit_is_tested() -> None:
    # Without a later fit, n = 0 tests the entry before, whose own noise is another.
    law = solve_generations(
        Problem(
            ISOTROPIC, UNIFORM, (Generation(60, noise=1), Generation(70, ridge=1, repeat=LATER))
        )
    )
    with pytest.raises(NotSupported, match="give n >= 1"):
        law.at(0, "variance")
    # One design with too few rows leaves its mark once, for every n >= 1, and none for n = 0.
    short = one(Generation(20, design="shared", repeat=generations), RIDGE)
    law = solve_generations(short)
    with pytest.raises(NotSupported, match="give n >= 1"):
        law.at(0)
    listed = repeated(short, 0, 3)
    assert abs(number(law.at(3), listed) - number(derive(listed).total, listed)) <= CLOSE
    none = repeated(short, 0, 0)
    assert abs(number(law.at(3), listed) - number(derive(none).total, none)) > CLOSE


def test_what_shares_a_design_below_the_dimension_or_a_shift_is_refused() -> None:
    twice = Generation(60, ridge=1, repeat=2, design="shared")
    later = Generation(70, ridge=1, repeat=LATER)
    with pytest.raises(NotSupported, match="design = 'shared'"):
        solve_generations(Problem(ISOTROPIC, UNIFORM, (twice, later)))
    once = Problem(ISOTROPIC, UNIFORM, (replace(twice, repeat=1), later))
    assert solve_generations(once).limit != oo
    first_labels = Generation(
        60, repeat=generations, design="shared", real_weight="1/2", real_data="same", shift=UNIFORM
    )
    with pytest.raises(NotSupported, match="shift beside first labels"):
        solve_generations(one(first_labels))


def test_accumulated_noise_before_the_first_refit_is_none() -> None:
    law = solve_generations(
        Problem(*POWER_LAW, (Generation(45, noise=1, repeat=generations, data="accumulate"),))
    )
    assert law.synthetic.xreplace({generations: Integer(1)}) == 0
    listed = repeated(law.problem, 0, 3)
    found = number(law.at(3, "synthetic"), listed)
    assert found > 0
    assert abs(found - number(derive(listed).synthetic, listed)) <= CLOSE


@pytest.mark.parametrize("samples", [30, 31, 32])
@pytest.mark.parametrize("size", [Integer(0), generation])
def test_an_exact_sum_needs_two_rows_more_than_features(samples: int, size: Expr) -> None:
    entry = Generation(samples + size, noise=1, repeat=generations)
    for each in (entry, replace(entry, data="accumulate")):
        assert (solve_generations(one(each)).exact is not None) == (samples == 32)


def test_exact_powers_of_too_many_digits_are_refused_and_doubles_have_them() -> None:
    law = solve_generations(one(Generation(60, noise=1, repeat=4, real_weight="1/3")))
    with pytest.raises(NotSupported, match="too many digits; give n <= 10000"):
        law.at(10**6)
    far = lambdify(law.error, [generations], law.problem)(10**6)
    # (4/9)^n has no digits left at n = 100.
    assert far == pytest.approx(float(law.at(100)), rel=1e-14)
    plain = Generation(60, noise=1, repeat=4)
    line = solve_generations(Problem(IsotropicSpectrum(30), UniformTarget(1), (plain,)))
    assert line.at(10**6) == 10**6


@pytest.mark.parametrize("design", ["fresh", "shared"])
@pytest.mark.parametrize("exact", [False, True])
def test_harmonic_numbers_of_many_generations_stay_closed_and_have_digits(
    design: Any, *, exact: bool
) -> None:
    entry = Generation(60, noise=1, repeat=4, data="accumulate", design=design)
    law = solve_generations(one(entry))
    at, lost = (law.exact_at, 31) if exact else (law.at, 30)
    many = 10**4 + 1
    shares = [
        30.0 / (m * (60 * m - lost) if design == "fresh" else m * m * (60 - lost))
        for m in range(1, many + 1)
    ]
    here, far = (float(evaluate(at(count))) for count in (many, 10**12))
    # Rounding of each share to a double; their exact sum is of order 1.
    assert here == pytest.approx(math.fsum(shares), rel=1e-14)
    assert here != pytest.approx(math.fsum(shares[:-1]), rel=1e-10)
    # What follows is an integral of share ∝ 1/m², but for a relative 1/m; the difference of doubles loses four digits.
    assert far - here == pytest.approx(shares[-1] * many, rel=1e-3)
    with pytest.raises(NotSupported, match="no law that is exact"):
        replace(law, exact=None).exact_at(3)


@pytest.mark.parametrize("data", ["replace", "accumulate"])
@pytest.mark.parametrize("downstream", [None, Downstream(30, noise=1), Downstream(60, noise=1)])
@pytest.mark.parametrize("noise", [0, 1])
@pytest.mark.parametrize("samples", [30, 40])
def test_at_the_dimension_the_law_is_infinite_where_the_formula_is(
    data: Any, downstream: Downstream | None, noise: int, samples: int
) -> None:
    entry = Generation(samples, noise=noise, repeat=3, data=data)
    problem = Problem(IsotropicSpectrum(30), UniformTarget(1), (entry,), downstream)
    law = solve_generations(problem)
    derived = derive(problem)
    for part in ("total", "bias", "variance", "synthetic"):
        formula = evaluate(derived.parts[part], problem)
        value = law.at(3, part)
        assert formula.is_infinite == (value is oo)
        if value is not oo:
            # Both are exact but for the rounding to 15 digits.
            assert float(formula) == pytest.approx(float(value), rel=1e-14)


def test_what_is_infinite_for_every_number_of_generations_says_so() -> None:
    for weight in (0, Rational(1, 3)):
        law = solve_generations(one(Generation(30, noise=1, repeat=3, real_weight=weight)))
        for name in ("best_generation", "null_generation"):
            with pytest.raises(Diverges, match=r"samples = dimension .*, or a ridge > 0"):
                getattr(law, name)
    sums = solve_generations(one(Generation(30, noise=1, repeat=3, data="accumulate")))
    assert sums.null_generation.generation == 1
    larger = solve_generations(one(Generation(90, noise="1/10", repeat=3, data="accumulate")))
    assert larger.null_generation.generation is None


def test_below_the_dimension_the_rate_is_that_of_the_second_moment() -> None:
    # The mean falls like (1 − ω)q with q = T₀/d, slower, but the error does not hold it: its coefficient is 0.
    entry = Generation(20, repeat=4, real_weight="1/3")
    law = solve_generations(Problem(IsotropicSpectrum(30), UniformTarget(1), (entry,)))
    assert law.rate.value is not None
    ratio = law.rate.value.xreplace(dict(law.numbers))
    assert ratio == Rational(2, 3) * Rational(4, 9)
    steps = [law.at(n + 1) - law.at(n) for n in (5, 6)]
    assert steps[1] / steps[0] == ratio
    assert steps[1] / steps[0] != Rational(2, 3) ** 2
    q = Rational(2, 3)
    assert law.at(1) == 1 - q
    energy = quadratic_form(eigenvalue, SIGMA, W0)
    left = (law.limit / energy).xreplace(dict(law.numbers))
    assert left == (1 - q) / (1 - Rational(4, 9) * q)


def test_a_sum_without_closed_form_is_searched_in_seconds_and_has_digits() -> None:
    entry = Generation(generation**2 + 5, noise="1/3", repeat=generations)
    problem = Problem(IsotropicSpectrum(2), UniformTarget(1), (entry,))
    law = solve_generations(problem)
    assert law.null_generation.generation is None
    assert law.null_generation.proof.startswith("not before n = 512")
    # Finite, though SymPy writes no number for it: 2·Σ (1/9)/(i² + 3), by the series of π coth πx.
    root = sqrt(3)
    known = Rational(2, 9) * (pi * coth(pi * root) / (2 * root) + Rational(1, 6))
    found = evaluate(law.limit, problem, digits=40).text
    assert found == evaluate(known, digits=40).text
    assert found != evaluate(known + Rational(1, 10**30), digits=40).text


@pytest.mark.parametrize(
    ("size", "scale"), [(20, Integer(1)), (7, Rational(3, 2)), (29, Integer(4))]
)
def test_quantities_below_the_dimension_written_in_sizes_are_their_own_values(
    size: int, scale: Expr
) -> None:
    entry = Generation(size, noise=1, real_weight="1/3")
    problem = Problem(IsotropicSpectrum(30, scale), UniformTarget(1), (entry,))
    found = generation_map(problem, 0)
    plain = affine_map(found, isotropic=True)
    short = in_sizes(plain, found.design, scale)
    for row, other in ((plain.seconds, short.seconds), (plain.errors, short.errors)):
        for name, value in row.items():
            # Beside 1: a sum that is 0 in disguise has no digits of its own.
            wanted = evaluate(1 + value, problem, digits=25)
            assert evaluate(1 + other[name], problem, digits=25).text == wanted.text, name
    # A map of one row more is told apart.
    slip = short.seconds["second"].xreplace({generator_symbols(0)[0]: Integer(size + 1)})
    assert (
        evaluate(slip, problem, digits=25).text
        != evaluate(plain.seconds["second"], problem, digits=25).text
    )
