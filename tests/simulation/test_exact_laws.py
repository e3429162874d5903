"""Where an exact law is known, the simulation shows it, and refutes what is nearly it."""

import pytest

from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import IsotropicSpectrum, PowerLawSpectrum, Spectrum
from symcollapse.language.targets import UniformTarget
from symcollapse.simulation import simulate
from symcollapse.verification import compare

pytestmark = pytest.mark.monte_carlo

RISK = 1e-6


def least_squares_chain(
    generations: int, d: int, T0: int, T: int, noise0: float, noise: float, less: int = 1
) -> float:
    """Exact for less = 1, from the mean of an inverse Wishart matrix; any spectrum, any truth."""
    return generations * noise0**2 * d / (T0 - d - less) + noise**2 * d / (T - d - less)


@pytest.mark.parametrize("spectrum", [IsotropicSpectrum(40, 3), PowerLawSpectrum(40, 2)])
def test_collapse_adds_one_variance_per_generation(spectrum: Spectrum) -> None:
    problem = Problem(
        spectrum, UniformTarget(1), (Generation(120, "1/5", repeat=5),), Downstream(100, "1/10")
    )
    draws = simulate(problem, trials=800, seed=1).draws
    law = least_squares_chain(5, 40, 120, 100, 0.2, 0.1)
    one_less = least_squares_chain(4, 40, 120, 100, 0.2, 0.1)
    # The laws of n and n - 1 generations differ by a sixth.
    assert compare(draws, law, margin=0.06, risk=RISK).verdict == "shown"
    assert compare(draws, one_less, margin=0.06, risk=RISK).verdict == "refuted"


def test_few_features_tell_the_exact_law_from_the_asymptotic_one() -> None:
    problem = Problem(
        IsotropicSpectrum(4), UniformTarget(1), (Generation(14, 1, repeat=2),), Downstream(14, 1)
    )
    draws = simulate(problem, trials=24_000, seed=1).draws
    law = least_squares_chain(2, 4, 14, 14, 1, 1)
    without_one = least_squares_chain(2, 4, 14, 14, 1, 1, less=0)
    assert compare(draws, law, margin=0.05, risk=RISK).verdict == "shown"
    assert compare(draws, without_one, margin=0.05, risk=RISK).verdict == "refuted"


def test_minimum_norm_keeps_a_share_of_isotropic_truth() -> None:
    problem = Problem(IsotropicSpectrum(30), UniformTarget(1), (), Downstream(12, "1/2"))
    draws = simulate(problem, trials=2000, seed=1).draws
    # The mean of a projection on T of d directions, and of a singular inverse Wishart matrix.
    law = 1 - 12 / 30 + 0.25 * 12 / (30 - 12 - 1)
    assert compare(draws, law, margin=0.03, risk=RISK).verdict == "shown"
    assert compare(draws, 1 - 12 / 30, margin=0.03, risk=RISK).verdict == "refuted"
