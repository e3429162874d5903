"""Limits of ridge generators for any spectrum, against the recursion run in doubles and against the isotropic law."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray
from sympy import StrictLessThan

from symcollapse.evaluation import evaluate
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.errors import NotSupported
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import IsotropicSpectrum, LevelsSpectrum, PowerLawSpectrum
from symcollapse.language.symbols import ridge
from symcollapse.language.targets import UniformTarget
from symcollapse.recursions.solved import solve_generations
from symcollapse.recursions.stationary import stationary_law

CASES = {
    "mixed": Generation(25, noise="1/2", ridge="1/10", real_weight="1/4", real_noise=1, repeat=9),
    "pooled": Generation(25, noise="1/2", ridge="1/10", real_samples=15, repeat=9),
    "minimum norm": Generation(15, noise="1/2", real_weight="1/3", repeat=9),
    "no real data": Generation(25, noise="1/2", ridge="1/10", repeat=9),
}


def in_doubles(entry: Generation, steps: int) -> tuple[float, float]:
    """Error after many generations, and the spectral radius of second moments, on the power law j^-2, d = 30."""
    spectrum: NDArray[np.float64] = np.arange(1, 31.0) ** -2
    rows = int(entry.samples + entry.real_samples)
    share, weight = float(entry.samples) / rows, float(entry.real_weight)
    root = float(
        evaluate(EffectiveRidge(entry.ridge, rows, PowerLawSpectrum(30, 2)), digits=16).text
    )
    kept, degrees = spectrum / (spectrum + root), ((spectrum / (spectrum + root)) ** 2).sum()
    truth = np.full(30, 1 / 30)
    mean, moment = np.zeros(30), np.zeros(30)  # of the error, in units of w₀ and squared
    blend = share * (1 - weight)
    real = float(entry.deviation_of_real_labels)
    level = share * ((1 - weight) * float(entry.noise)) ** 2
    level += share * (weight * real) ** 2 + (1 - share) * real**2

    def second(
        moment: NDArray[np.float64], mean: NDArray[np.float64], on: float
    ) -> NDArray[np.float64]:
        """New second moments: the plain part, and R from residuals of both kinds of rows, solved for itself."""
        plain = on * (1 - kept) ** 2 * truth + (kept * blend) ** 2 * moment
        plain = plain + 2 * on * (1 - kept) * kept * blend * mean * truth
        cross = kept * blend * moment + on * (1 - kept) * mean * truth
        residual = on * level + (spectrum * plain).sum()
        residual += (
            share * (spectrum * ((1 - weight) ** 2 * moment - 2 * (1 - weight) * cross)).sum()
        )
        return plain + spectrum / (spectrum + root) ** 2 * residual / (rows - degrees)

    for _ in range(steps):
        moment, mean = second(moment, mean, 1.0), (1 - kept) + kept * blend * mean
    matrix = np.stack([second(unit, np.zeros(30), 0.0) for unit in np.eye(30)], axis=1)
    radius = float(np.abs(np.linalg.eigvals(matrix)).max())
    return float((spectrum * moment).sum()), radius


@pytest.mark.parametrize("name", CASES)
def test_the_limit_is_where_the_recursion_goes(name: str) -> None:
    entry = CASES[name]
    problem = Problem(PowerLawSpectrum(30, 2), UniformTarget(1), (entry,))
    law = stationary_law(problem)
    error, radius = in_doubles(entry, 4000)
    # Doubles, in sums of 30 terms, at a fixed point.
    assert abs(float(evaluate(law.limit, problem, digits=16).text) / error - 1) < 1e-11
    assert law.ratio_of_noise is not None
    low, high = (float(each) for each in law.ratio_of_noise)
    assert abs(radius - low) < 1e-9
    assert high - low < 1e-15
    # Negative control: the error is not there yet after a few generations.
    assert abs(in_doubles(entry, 2)[0] / error - 1) > 1e-3


def test_without_real_data_only_the_null_predictor_and_noise_are_left() -> None:
    problem = Problem(PowerLawSpectrum(30, 2), UniformTarget(1), (CASES["no real data"],))
    law = stationary_law(problem)
    null = sum(Fraction(1, 30 * j**2) for j in range(1, 31))
    assert abs(Fraction(evaluate(law.bias, problem, digits=20).text) - null) < Fraction(1, 10**18)


@pytest.mark.parametrize("name", CASES)
def test_one_level_is_the_isotropic_law(name: str) -> None:
    entry = CASES[name]
    problem = Problem(IsotropicSpectrum(30), UniformTarget(1), (entry,))
    limit = evaluate(stationary_law(problem).limit, problem, digits=20)
    law = solve_generations(problem)
    closed = evaluate(law.number(law.limit), digits=20)
    # Both correctly rounded to 20 digits.
    assert abs(Fraction(limit.text) / Fraction(closed.text) - 1) < Fraction(1, 10**18)


def test_what_the_limit_is_not_solved_for_is_said() -> None:
    levels = LevelsSpectrum([1, 4], [20, 10])
    for entry, downstream, words in (
        (Generation(60, repeat=9), None, "solve_generations"),
        (Generation(25, ridge=1, repeat=9), Downstream(9), "state_evolution"),
        (Generation(25, ridge=1, design="shared", repeat=9), None, "state_evolution"),
        (Generation(18, real_samples=13, ridge="1/10000", real_weight=-1, repeat=9), None, "grow"),
    ):
        with pytest.raises(NotSupported, match=words):
            stationary_law(Problem(levels, UniformTarget(1), (entry,), downstream))


@pytest.mark.parametrize(
    ("penalty", "weight", "is_bounded"), [("1/10", "1/3", True), ("1/10000", -1, False)]
)
def test_the_limit_in_letters_says_what_it_assumes(
    penalty: str, weight: str | int, *, is_bounded: bool
) -> None:
    entry = Generation(18, real_samples=13, ridge=ridge, real_weight=weight, noise=1, repeat=9)
    spectrum = LevelsSpectrum([1, 4], [20, 10])
    problem = Problem(spectrum, UniformTarget(1), (entry,))
    law = stationary_law(problem)
    assert law.ratio_of_noise is None
    assert law.assumptions
    kept = []
    for each in law.assumptions:
        assert isinstance(each, StrictLessThan)
        kept.append(float(evaluate(each.lhs, problem, values={ridge: penalty})) < float(each.rhs))
    # The signs that decide numbers decide the assumptions at these numbers.
    assert all(kept) == is_bounded
    numeric = Problem(spectrum, UniformTarget(1), (replace(entry, ridge=penalty),))
    if is_bounded:
        assert stationary_law(numeric).assumptions == ()
    else:
        with pytest.raises(NotSupported, match="grow for ever"):
            stationary_law(numeric)
