"""Capacity and source from lists with a known law, and lists without one."""

import numpy as np
import pytest
from mpmath import zeta

from symcollapse.experiments.power_law_fits import fit_power_law, tail_energies
from symcollapse.language.errors import InvalidProblem

j = np.arange(1.0, 1001)


def energies(capacity: float, source: float) -> np.ndarray:
    """c_j² s_j of a power law: c_j² = j^-δ with δ = 1 + β(2r − 1)."""
    decay = 1 + capacity * (2 * source - 1)
    return j ** -(decay + capacity)


@pytest.mark.parametrize(
    ("capacity", "source"), [(1.65, 0.097), (1.2, 0.15), (1.5, 0.25), (2.0, 0.5)]
)
def test_exact_power_laws_give_their_exponents(capacity: float, source: float) -> None:
    total = float(zeta(1 + 2 * capacity * source))
    fit = fit_power_law(j**-capacity, energies(capacity, source), total=total)
    assert abs(fit.capacity - capacity) < 1e-9  # rounding: a straight line is fitted to one
    # The sum from k + 1 on is an integral from k + 1/2 on up to a relative term of order 1/k², with k from 10 on.
    assert abs(fit.source - source) < 5e-4 * source
    assert max(fit.bends) < 0.01
    assert fit.capacity_spread < 1e-9
    assert fit.source_spread < 2e-3 * source
    # Without the energy beyond the list the tails bend down to zero: that is no such law.
    with pytest.raises(InvalidProblem):
        fit_power_law(j**-capacity, energies(capacity, source))


@pytest.mark.parametrize("rate", [1e-4, 1e-3, 1e-2, 0.1])
def test_exponential_decay_is_refused(rate: float) -> None:
    exponential, power = np.exp(-rate * j), j**-1.5
    with pytest.raises(
        InvalidProblem, match=r"no power law: .* of the eigenvalues grows as j\^1.00"
    ):
        fit_power_law(exponential, energies(1.5, 0.25), 10, 150, total=float(zeta(1.75)))
    beyond = float(np.exp(-rate * 1001) / -np.expm1(-rate))
    total = float(exponential.sum()) + beyond
    with pytest.raises(InvalidProblem, match=r"no power law: .* of the energies grows as j\^1.0"):
        fit_power_law(power, exponential, 10, 150, total=total)


def test_eigenvalues_that_stay_the_same_are_no_power_law() -> None:
    level = np.where(j < 90, j**-1.5, 90**-1.5)
    with pytest.raises(InvalidProblem, match="over half of 10 to 900 the eigenvalues do not fall"):
        fit_power_law(level, energies(1.5, 0.25), 10, 900, total=float(zeta(1.75)))


def test_a_stretched_exponential_is_allowed_as_a_bend_and_no_more() -> None:
    fit = fit_power_law(np.exp(-(j**0.5)), energies(1.5, 0.25), 10, 300, total=float(zeta(1.75)))
    # Slopes of chords over half the range stand for local ones.
    assert abs(fit.bends[0] - 0.5) < 0.02
    # β doubles over the range, and the spread over its parts says so.
    assert fit.capacity_spread > 0.3 * fit.capacity


def test_a_break_shows_in_the_spread_over_ranges() -> None:
    broken = np.where(j < 100, j**-1.2, 100**0.6 * j**-1.8)
    fit = fit_power_law(broken, energies(1.5, 0.25), total=float(zeta(1.75)))
    assert 1.2 < fit.capacity < 1.8
    assert fit.capacity_spread > 0.2


def test_what_images_take_by_chance_is_undone() -> None:
    exact = tail_energies(energies(1.2, 0.15), total=float(zeta(1.36)))
    # In expectation the first k of N estimated directions leave a share 1 − k/N of what is beyond them.
    left = exact * (1 - j / 2000)
    measured = -np.diff(np.concatenate([[float(zeta(1.36))], left]))
    np.testing.assert_allclose(
        tail_energies(measured, total=float(zeta(1.36)), images=2000), exact, rtol=1e-10
    )  # rounding of differences of sums
    assert (tail_energies(measured, total=float(zeta(1.36)))[1:] < exact[1:]).all()


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (10, 99, "a ratio of 10 at least"),
        (0, 500, "from 0 to 500"),
        (10, 1001, "from 10 to 1001 of 1000"),
        (10, 1000, "energies beyond 10 to 1000: one is not positive"),
    ],
)
def test_ranges_that_cannot_be_are_refused(first: int, last: int, words: str) -> None:
    with pytest.raises(InvalidProblem, match=words):
        fit_power_law(j**-1.5, energies(1.5, 0.25), first, last)
