"""Laws that every test error obeys, on random problems: parts, units, symmetries, limits."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sympy import Basic, Expr, Integer, Rational

from symcollapse.evaluation import evaluate
from symcollapse.language.errors import Diverges, InvalidProblem, NotSupported
from symcollapse.language.problems import SIGMA, W0, Downstream, Fit, Generation, Problem
from symcollapse.language.spectra import (
    ExplicitSpectrum,
    ExponentialSpectrum,
    IsotropicSpectrum,
    LevelsSpectrum,
    PowerLawSpectrum,
    Spectrum,
)
from symcollapse.language.symbols import (
    dimension,
    generation_samples,
    generations,
    generator_symbols,
    noise,
    ridge,
    samples,
    surplus,
)
from symcollapse.language.targets import (
    ExplicitTarget,
    LevelsTarget,
    SourceTarget,
    Target,
    UniformTarget,
)
from symcollapse.language.unfolding import unfold
from symcollapse.theory import test_error as derive
from symcollapse.theory.chains import MOST_DESIGNS, MOST_SHARED_RIDGES
from tests.strategies import problems

SMALL = problems(most=25, most_generations=2)
FEW = settings(max_examples=15)
DIGITS = 25
CLOSE = Fraction(1, 10 ** (DIGITS - 3))
"""Two values of 25 correctly rounded digits, compared after a few roundings."""


def value(formula: Expr, problem: Problem, count: Any = None) -> Fraction:
    given = {} if count is None else {generations: count}
    result = evaluate(formula, problem, digits=DIGITS, values=given)
    assert not result.is_infinite
    return Fraction(result.text)


def parts(problem: Problem) -> dict[str, Fraction]:
    return {name: value(part, problem) for name, part in derive(problem).parts.items()}


def total(problem: Problem) -> Fraction:
    return value(derive(problem).total, problem)


def same(left: Fraction, right: Fraction) -> bool:
    return abs(left - right) <= CLOSE * max(abs(left), abs(right))


def with_fits(problem: Problem, change: Any) -> Problem:
    """The problem with a change made to each of its fits."""
    return replace(
        problem,
        generations=tuple(change(entry) for entry in problem.generations),
        downstream=None if problem.downstream is None else change(problem.downstream),
    )


def scaled_target(target: Target, by: Expr) -> Target:
    """The target with w₀ multiplied by a number."""
    match target:
        case UniformTarget():
            return UniformTarget(target.squared_norm * by**2)
        case SourceTarget():
            return SourceTarget(target.source, target.scale * by**2)
        case LevelsTarget():
            return LevelsTarget([share * by**2 for share in target.energies])
        case ExplicitTarget():
            return ExplicitTarget([c * by for c in target.coefficients])
        case _:
            raise AssertionError(target)


def scaled_spectrum(spectrum: Spectrum, by: Expr) -> Spectrum:
    match spectrum:
        case IsotropicSpectrum():
            return IsotropicSpectrum(spectrum.dimension, spectrum.scale * by)
        case PowerLawSpectrum():
            return PowerLawSpectrum(spectrum.dimension, spectrum.capacity, spectrum.scale * by)
        case ExponentialSpectrum():
            return ExponentialSpectrum(spectrum.dimension, spectrum.rate, spectrum.scale * by)
        case LevelsSpectrum():
            return LevelsSpectrum([each * by for each in spectrum.values], spectrum.counts)
        case ExplicitSpectrum():
            return ExplicitSpectrum([each * by for each in spectrum.eigenvalues])
        case _:
            raise AssertionError(spectrum)


# Parts.


@FEW
@given(SMALL)
def test_each_part_is_what_its_noise_adds(problem: Problem) -> None:
    every = parts(problem)
    assert all(part >= 0 for part in every.values())
    assert same(every["total"], every["bias"] + every["variance"] + every["synthetic"])
    silent = with_fits(problem, lambda fit: replace(fit, noise=0))
    assert same(total(silent), every["bias"])
    assert parts(silent)["variance"] == parts(silent)["synthetic"] == 0
    if problem.downstream is not None:
        own = with_fits(
            problem, lambda fit: fit if isinstance(fit, Downstream) else replace(fit, noise=0)
        )
        assert same(total(own), every["bias"] + every["variance"])


@FEW
@given(SMALL)
def test_clean_is_the_problem_without_generations(problem: Problem) -> None:
    assume(problem.downstream is not None)
    clean = replace(problem, generations=())
    assert same(parts(problem)["clean"], total(clean))
    never = replace(
        problem, generations=tuple(replace(entry, repeat=0) for entry in problem.generations)
    )
    assert same(total(never), total(clean))
    assert parts(never)["synthetic"] == 0


@FEW
@given(SMALL, st.sampled_from([Rational(1, 2), Integer(3)]))
def test_labels_in_another_unit_change_the_error_by_its_square(
    problem: Problem, unit: Expr
) -> None:
    louder = replace(
        with_fits(problem, lambda fit: replace(fit, noise=fit.noise * unit)),
        target=scaled_target(problem.target, unit),
    )
    square = Fraction(str(unit**2))
    for name, part in parts(problem).items():
        assert same(parts(louder)[name], square * part), name


@FEW
@given(SMALL, st.sampled_from([Rational(1, 4), Integer(9)]))
def test_features_in_another_unit_change_nothing_but_the_unit(problem: Problem, by: Expr) -> None:
    """X → √by·x with w₀ → w₀/√by: the labels, and so the error, stay; ridges go with Σ."""
    root = by ** Rational(1, 2)
    target = problem.target
    # A level's energy is s·c², which stays.
    moved = target if isinstance(target, LevelsTarget) else scaled_target(target, 1 / root)
    other = replace(
        with_fits(problem, lambda fit: replace(fit, ridge=fit.ridge * by)),
        spectrum=scaled_spectrum(problem.spectrum, by),
        target=moved,
    )
    for name, part in parts(problem).items():
        assert same(parts(other)[name], part), name


@FEW
@given(SMALL)
def test_a_noise_never_helps(problem: Problem) -> None:
    before = parts(problem)
    louder = parts(with_fits(problem, lambda fit: replace(fit, noise=fit.noise + 1)))
    assert same(louder["bias"], before["bias"])
    assert louder["total"] > before["total"]


# Symmetries of the spectrum.

FITS: dict[str, Any] = {
    "generations": (
        Generation(9, 1, "1/3", repeat=2),
        Generation(9, "1/2", 0, design="shared"),
        Generation(30, "1/5", "1/7"),
    ),
    "downstream": Downstream(14, "1/4", "1/9"),
}


@given(st.permutations(range(3)))
@settings(max_examples=6)
def test_the_order_of_levels_does_not_matter(order: list[int]) -> None:
    values, counts, energies = [4, 1, "1/5"], [3, 4, 5], [1, "1/2", 2]
    base = Problem(LevelsSpectrum(values, counts), LevelsTarget(energies), **FITS)
    moved = Problem(
        LevelsSpectrum([values[k] for k in order], [counts[k] for k in order]),
        LevelsTarget([energies[k] for k in order]),
        **FITS,
    )
    assert same(total(moved), total(base))


def test_a_level_may_be_split_or_listed_one_by_one() -> None:
    base = Problem(LevelsSpectrum([4, 1], [4, 8]), LevelsTarget([2, 3]), **FITS)
    split = Problem(
        LevelsSpectrum([4, 1, 1, 4], [1, 3, 5, 3]), LevelsTarget([1, "1/2", "5/2", 1]), **FITS
    )
    # Energies 2 and 3 in all: c² = 2/4 on one axis and 3 on one axis; only sums over a level count.
    listed = Problem(
        ExplicitSpectrum([1] * 8 + [4] * 4),
        ExplicitTarget([0, 1, 1, 0, 0, 1, 0, 0, "1/2", 0, "1/2", 0]),
        **FITS,
    )
    assert same(total(split), total(base))
    assert same(total(listed), total(base))
    unlike = replace(base, target=LevelsTarget([3, 2]))
    assert not same(total(unlike), total(base))


def test_one_level_is_isotropic() -> None:
    one = Problem(IsotropicSpectrum(12, 3), UniformTarget(2), **FITS)
    for spectrum, target in (
        (LevelsSpectrum([3], [12]), LevelsTarget([6])),
        (LevelsSpectrum([3, 3], [5, 7]), UniformTarget(2)),
        (ExplicitSpectrum([3] * 12), ExplicitTarget([1, 1] + [0] * 10)),
    ):
        assert same(total(Problem(spectrum, target, **FITS)), total(one))


def test_a_power_law_is_its_list_of_eigenvalues() -> None:
    power = Problem(PowerLawSpectrum(12, 2), SourceTarget("1/2"), **FITS)
    listed = Problem(
        ExplicitSpectrum([Rational(1, j**2) for j in range(1, 13)]), UniformTarget(1), **FITS
    )
    uniform = replace(power, target=UniformTarget(1))
    assert same(total(uniform), total(listed))
    # δ = 1 + 2·0: c_j² = 1/j.
    assert not same(total(power), total(uniform))


# Chains written in different ways.


@given(
    st.integers(1, 3),
    st.sampled_from(["0", "1/3"]),
    st.sampled_from([5, 30]),
    st.sampled_from(["fresh", "shared"]),
    st.booleans(),
)
@settings(max_examples=30)
def test_a_repetition_is_as_many_separate_entries(
    repeat: int,
    lam: str,
    size: int,
    design: Any,
    last: bool,  # noqa: FBT001
) -> None:
    downstream = None if last else FITS["downstream"]
    base = LevelsSpectrum([4, 1], [4, 8]), LevelsTarget([2, 3])
    entry = Generation(size, "1/2", lam, design=design)
    once = Problem(*base, (replace(entry, repeat=repeat),), downstream)
    apart = Problem(*base, (entry,) * repeat, downstream)
    for name, part in parts(once).items():
        assert same(parts(apart)[name], part), name


@FEW
@given(SMALL)
def test_repetitions_in_any_chain_are_separate_entries(problem: Problem) -> None:
    # Also where a shared entry follows a repeated fresh one: it re-uses the last design only.
    apart = replace(
        problem,
        generations=tuple(
            replace(entry, repeat=1)
            for entry in problem.generations
            for _ in range(int(entry.repeat))
        ),
    )
    separate = parts(apart)
    for name, part in parts(problem).items():
        assert same(separate[name], part), name


def test_equal_ridges_written_differently_are_one_pole() -> None:
    base = LevelsSpectrum([4, 1], [4, 8]), LevelsTarget([2, 3])
    entries = (Generation(20, 1, "1/5"), Generation(20, 1, "0.2", design="shared"))
    apart = Problem(*base, entries, FITS["downstream"])
    by_size = replace(
        apart, generations=(entries[0], Generation(20, 1, 4 / samples, design="shared"))
    )
    once = replace(apart, generations=(Generation(20, 1, "1/5", repeat=2, design="shared"),))
    assert same(total(apart), total(once))
    assert same(total(by_size), total(once))
    nearly = replace(apart, generations=(entries[0], Generation(20, 1, "0.20001", design="shared")))
    assert 0 < abs(total(nearly) / total(once) - 1) < Fraction(1, 10**4)


def test_ridges_on_one_design_commute_without_noise() -> None:
    base = LevelsSpectrum([4, 1], [4, 8]), LevelsTarget([2, 3])
    ridges = ("1/5", "0", "2", "1/5")

    def chain(order: tuple[str, ...]) -> Problem:
        return Problem(*base, tuple(Generation(9, 0, lam, design="shared") for lam in order))

    assert same(total(chain(ridges)), total(chain(ridges[::-1])))
    assert same(total(chain(ridges)), total(chain(("2", "1/5", "1/5"))))  # X†X beside a ridge


def test_least_squares_on_shared_inputs_is_made_once() -> None:
    base = LevelsSpectrum([4, 1], [4, 8]), LevelsTarget([2, 3])
    for size in (7, 20):
        many = Problem(
            *base, (Generation(size, 1, 0, repeat=5, design="shared"),), FITS["downstream"]
        )
        one = Problem(*base, (Generation(size, 1, 0),), FITS["downstream"])
        assert same(parts(many)["bias"], parts(one)["bias"])
        assert same(parts(many)["synthetic"], 5 * parts(one)["synthetic"])


@pytest.mark.parametrize("repeat", [1, 2, 5])
@pytest.mark.parametrize("downstream", [None, Downstream(12, 1), Downstream(30, 1)])
def test_ridgeless_fits_at_the_dimension_are_infinite_however_many(
    repeat: int, downstream: Downstream | None
) -> None:
    """Two parts that are infinite add up to infinity, not to something undefined."""
    problem = Problem(
        PowerLawSpectrum(12, 2), SourceTarget(1), (Generation(12, 1, repeat=repeat),), downstream
    )
    assert evaluate(derive(problem).total, problem).is_infinite
    difference = derive(problem).synthetic - derive(problem).variance
    if repeat > 1 and downstream is None:
        with pytest.raises(Diverges):
            evaluate(difference, problem)


# Symbols first, numbers later.


@FEW
@given(SMALL)
def test_symbols_with_numbers_put_in_later_are_the_numbers(problem: Problem) -> None:
    assume(all(entry.repeat != 0 for entry in problem.generations))
    named = [generator_symbols(k) for k in range(len(problem.generations))]
    entries: list[Generation] = []
    for entry, (size, deviation, lam) in zip(problem.generations, named, strict=True):
        if entry.design == "shared" and entries:
            size = entries[-1].samples
        # Zero ridges stay: least squares is another formula than a ridge of 0 put in later.
        entries.append(
            replace(entry, samples=size, noise=deviation, ridge=0 if entry.ridge == 0 else lam)
        )
    downstream = problem.downstream
    if downstream is not None:
        downstream = Downstream(samples, noise, 0 if downstream.ridge == 0 else ridge)
    symbolic = Problem(SIGMA, W0, tuple(entries), downstream)
    assert symbolic.is_symbolic
    same_ridges = {fit.ridge for _, fit in problem.fits if fit.ridge != 0}
    repeated = len(same_ridges) < sum(1 for _, fit in problem.fits if fit.ridge != 0)
    assume(not repeated or all(entry.design == "fresh" for entry in problem.generations))
    ours = derive(symbolic)
    for name, part in parts(problem).items():
        assert same(value(ours.parts[name], problem), part), name


def test_a_surplus_says_that_there_are_enough_samples() -> None:
    symbolic = Problem(
        SIGMA,
        W0,
        (Generation(dimension + surplus, 1, repeat=generations),),
        Downstream(dimension + 2 * surplus, 1),
    )
    error = derive(symbolic)
    assert error.bias == 0
    loud = {generator_symbols(0)[1]: Integer(1), noise: Integer(1)}
    total = unfold(error.total).xreplace(loud)
    assert total == dimension * generations / surplus + dimension / (2 * surplus)


@pytest.mark.parametrize("lam", [0, "1/7"])
@pytest.mark.parametrize("design", ["fresh", "shared"])
def test_a_symbolic_number_of_generations_is_any_number(lam: Any, design: Any) -> None:
    def problem(count: Any) -> Problem:
        return Problem(
            LevelsSpectrum([4, 1], [4, 8]),
            LevelsTarget([2, 3]),
            (Generation(30, "1/2", 0, repeat=count, design=design),),
            Downstream(9, 1, lam),
        )

    formula = derive(problem(generations)).total
    for count in (0, 1, 2, 7, 10**6):
        # Substituted before the problem's own numbers.
        assert same(value(formula, problem(generations), count), total(problem(count)))


@pytest.mark.parametrize(
    "entry",
    [
        Generation(30, 1, "1/5", repeat=generations),
        Generation(30, 1, "1/5", repeat=generations, design="shared"),
        Generation(9, 1, 0, repeat=generations),
        Generation(generation_samples, 1, 0, repeat=generations),
    ],
)
def test_a_symbolic_number_of_generations_that_has_to_be_listed_is_refused(
    entry: Generation,
) -> None:
    with pytest.raises(NotSupported, match="symbolic number of generations"):
        derive(Problem(PowerLawSpectrum(12, 2), SourceTarget(1), (entry,), Downstream(30)))


def test_too_much_is_refused_with_its_limit() -> None:
    base = PowerLawSpectrum(12, 2), SourceTarget(1)
    with pytest.raises(NotSupported, match=str(MOST_DESIGNS)):
        derive(Problem(*base, (Generation(30, 1, "1/5", repeat=MOST_DESIGNS + 1),)))
    with pytest.raises(NotSupported, match=str(MOST_SHARED_RIDGES)):
        derive(
            Problem(
                *base, (Generation(30, 1, "1/5", repeat=MOST_SHARED_RIDGES + 1, design="shared"),)
            )
        )
    # Counted, not listed.
    many = Problem(*base, (Generation(30, 1, 0, repeat=10**9),), Downstream(30, 1))
    assert same(total(many), 12 * Fraction(10**9 + 1, 18))


def test_a_problem_without_a_fit_is_refused() -> None:
    with pytest.raises(InvalidProblem, match="nothing is fitted"):
        Problem(PowerLawSpectrum(12, 2), SourceTarget(1), (Generation(9, repeat=0),))


# Exact laws.


@given(st.integers(1, 40), st.integers(2, 60), st.integers(2, 60), st.integers(0, 5))
@settings(max_examples=30)
def test_exact_laws_for_enough_samples(d: int, more: int, more_0: int, n: int) -> None:
    problem = Problem(
        PowerLawSpectrum(d, "3/2"),
        UniformTarget(1),
        (Generation(d + more_0, "1/2", repeat=n),),
        Downstream(d + more, "1/3"),
    )
    error = derive(problem)
    assert error.exact is not None
    law = Fraction(n * d, 4 * (more_0 - 1)) + Fraction(d, 9 * (more - 1))
    assert same(value(error.exact.total, problem), law)
    assert value(error.exact.bias, problem) == 0
    assert same(value(error.exact.variance, problem), Fraction(d, 9 * (more - 1)))
    assert error.exact.clean is not None
    assert same(value(error.exact.clean, problem), Fraction(d, 9 * (more - 1)))
    asymptotic = Fraction(n * d, 4 * more_0) + Fraction(d, 9 * more)
    assert same(total(problem), asymptotic)


@given(st.integers(4, 60), st.data())
@settings(max_examples=30)
def test_exact_laws_of_isotropic_data_with_few_samples(d: int, data: st.DataObject) -> None:
    T = data.draw(st.integers(1, d - 2))
    unit = Rational(5, 2)
    problem = Problem(IsotropicSpectrum(d, unit), UniformTarget(1), (), Downstream(T, "1/3"))
    law = derive(problem).exact
    assert law is not None
    bias = Fraction(5, 2) * (1 - Fraction(T, d))
    variance = Fraction(T, 9 * (d - T - 1))
    assert same(value(law.bias, problem), bias)
    assert same(value(law.variance, problem), variance)
    twice = Problem(
        IsotropicSpectrum(d, unit), UniformTarget(1), (Generation(T, 1),), Downstream(T, 0)
    )
    second = derive(twice).exact
    assert second is not None
    # Two independent projections keep (T/d)² of E[Mw·w], and T/d of the noise's energy.
    assert same(value(second.bias, twice), Fraction(5, 2) * (1 - Fraction(T, d) ** 2))
    assert same(value(second.synthetic, twice), Fraction(T, d) * Fraction(T, d - T - 1))


def test_no_exact_law_is_claimed_where_none_is_known() -> None:
    general, flat = PowerLawSpectrum(12, 2), IsotropicSpectrum(12)
    target = UniformTarget(1)
    assert derive(Problem(general, target, (), Downstream(9, 1))).exact is None
    assert derive(Problem(general, target, (Generation(9, 1),), Downstream(30, 1))).exact is None
    assert derive(Problem(flat, target, (), Downstream(30, 1, "1/5"))).exact is None
    assert (
        derive(Problem(flat, target, (Generation(30, 1, "1/5"),), Downstream(30, 1))).exact is None
    )
    assert derive(Problem(flat, target, (), Downstream(samples, 1))).exact is None


@pytest.mark.parametrize("spectrum", [PowerLawSpectrum(12, 2), IsotropicSpectrum(12)])
@pytest.mark.parametrize("away", [-2, -1, 0, 1, 2])
def test_near_the_dimension_the_exact_expectation_is_infinite(
    spectrum: Spectrum, away: int
) -> None:
    target = UniformTarget(1)
    loud = Problem(spectrum, target, (), Downstream(12 + away, 1))
    law = derive(loud).exact
    if away < 0 and not isinstance(spectrum, IsotropicSpectrum):
        assert law is None
        return
    assert law is not None
    assert evaluate(law.variance, loud).is_infinite == (abs(away) <= 1)
    assert evaluate(law.total, loud).is_infinite == (abs(away) <= 1)
    # Without noise nothing is infinite: X†X is a projection.
    quiet = Problem(spectrum, target, (), Downstream(12 + away, 0))
    silent = derive(quiet).exact
    assert silent is not None
    assert not evaluate(silent.total, quiet).is_infinite
    # A generator at the dimension spoils the synthetic part only.
    before = Problem(spectrum, target, (Generation(12 + away, 1),), Downstream(30, 1))
    spoiled = derive(before).exact
    assert spoiled is not None
    assert evaluate(spoiled.synthetic, before).is_infinite == (abs(away) <= 1)
    assert not evaluate(spoiled.clean, before).is_infinite


# What is true of the numbers.


@given(st.integers(2, 25), st.integers(1, 60), st.integers(1, 40))
@settings(max_examples=20)
def test_monotone_in_the_ridge_and_in_the_samples(d: int, T: int, tenths: int) -> None:
    def at(size: int, lam: Any) -> Problem:
        return Problem(PowerLawSpectrum(d, "3/2"), SourceTarget(1), (), Downstream(size, 1, lam))

    low, high = Rational(tenths, 10), Rational(tenths + 3, 10)
    assert parts(at(T, high))["variance"] < parts(at(T, low))["variance"]
    kappa = [value(derive(p).effective_ridge, p) for p in (at(T, low), at(T, high), at(T + 1, low))]
    assert kappa[0] < kappa[1]
    assert kappa[2] < kappa[0]
    assert kappa[0] > Fraction(tenths, 10)


@given(st.integers(1, 6))
@settings(max_examples=6)
def test_each_generation_makes_it_worse(n: int) -> None:
    def after(count: int) -> Problem:
        return Problem(
            PowerLawSpectrum(12, 2),
            SourceTarget(1),
            (Generation(20, "1/2", "1/50", repeat=count),),
            Downstream(100, "1/2", "1/50"),
        )

    assert total(after(n)) > total(after(n - 1)) > 0


def test_a_ridge_that_falls_to_zero_meets_the_ridgeless_law() -> None:
    for size in (7, 30):

        def at(lam: Any, size: int = size) -> Problem:
            fits: tuple[Fit, Fit] = (Generation(size, 1, lam), Downstream(size, 1, lam))
            return Problem(PowerLawSpectrum(12, 2), SourceTarget(1), fits[:1], fits[1])  # type: ignore[arg-type]

        limit = total(at(0))
        assert abs(total(at(Rational(1, 10**18))) / limit - 1) < Fraction(1, 10**12)


def test_an_overwhelming_ridge_predicts_nothing() -> None:
    problem = Problem(
        LevelsSpectrum([4, 1], [4, 8]),
        LevelsTarget([2, 3]),
        (Generation(9, 1),),
        Downstream(9, 1, 10**12),
    )
    assert abs(total(problem) / 5 - 1) < Fraction(1, 10**10)


def test_many_samples_and_no_ridge_leave_no_error() -> None:
    problem = Problem(
        PowerLawSpectrum(12, 2),
        SourceTarget(1),
        (Generation(10**15, 1, repeat=3),),
        Downstream(10**15, 1),
    )
    assert abs(total(problem) * 10**15 / 48 - 1) < Fraction(1, 10**10)


def test_formulas_speak_of_symbols_not_of_numbers() -> None:
    free = derive(Problem(PowerLawSpectrum(12, 2), SourceTarget(1), **FITS)).total.free_symbols
    expected: set[Basic] = {samples, noise, ridge, dimension}
    for k in range(3):
        expected |= set(generator_symbols(k))
    # The shared second entry has the first's inputs, and no ridge.
    assert free <= expected
    assert {samples, noise, ridge, *generator_symbols(0)} <= free
