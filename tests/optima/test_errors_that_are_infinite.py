"""Test errors that are infinite whatever is tuned are refused by the place that makes them so."""

from collections.abc import Callable
from typing import Any

import pytest

from symcollapse.language.errors import Diverges
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import IsotropicSpectrum, PowerLawSpectrum
from symcollapse.language.targets import UniformTarget
from symcollapse.optima.certified_optimum import certified_optimum
from symcollapse.optima.joint_optimum import joint_optimum
from symcollapse.optima.mixing_schedule import optimal_real_weights
from symcollapse.optima.mixing_weight import optimal_real_weight

TUNED: tuple[Callable[[Problem], Any], ...] = (
    certified_optimum,
    optimal_real_weight,
    optimal_real_weights,
)


@pytest.mark.parametrize("tuned", TUNED)
@pytest.mark.parametrize("spectrum", [IsotropicSpectrum(30), PowerLawSpectrum(30, 2)])
def test_a_generator_with_as_many_samples_as_features_is_named(
    tuned: Callable[[Problem], Any], spectrum: IsotropicSpectrum | PowerLawSpectrum
) -> None:
    fit = Downstream(60, noise=1, ridge=1)
    at, beside = (
        Problem(spectrum, UniformTarget(1), (Generation(size, noise=1),), fit) for size in (30, 40)
    )
    with pytest.raises(
        Diverges, match=r"^generations\.0\.samples = 30, without ridge: .*ridge > 0$"
    ):
        tuned(at)
    # Ten samples more are not refused.
    tuned(beside)


def test_both_ends_of_a_chain_are_named() -> None:
    chain = Problem(
        IsotropicSpectrum(30), UniformTarget(1), (Generation(30, noise=1),), Downstream(30, noise=1)
    )
    with pytest.raises(
        Diverges, match=r"generations\.0\.samples = 30 and downstream\.samples = 30"
    ):
        optimal_real_weight(chain)
    with pytest.raises(Diverges, match=r"^downstream\.samples = 30, without"):
        joint_optimum(chain)


def test_a_ridge_of_its_own_that_is_infinite_is_beside_the_best_one() -> None:
    # Two batches of 15 rows have 30 together: without a ridge infinite, with one not.
    batches = (Generation(15, noise=1, repeat=2, data="accumulate"),)
    found = certified_optimum(Problem(IsotropicSpectrum(30), UniformTarget(1), batches))
    assert found.own.total.is_infinite
    assert not found.parts["total"].is_infinite
