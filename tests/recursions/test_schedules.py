"""Schedules: numbers that follow m keep their own letters, and a shared design keeps its size."""

from dataclasses import replace

import pytest
from sympy import Integer

from symcollapse.language.errors import InvalidProblem
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import IsotropicSpectrum
from symcollapse.language.symbols import (
    count_symbol,
    dimension,
    generation,
    generation_noise,
    generations,
)
from symcollapse.language.targets import UniformTarget
from symcollapse.recursions.solved import solve_generations

UNIFORM = UniformTarget(1)


@pytest.mark.parametrize("own", [3, 5])
def test_a_number_that_the_dimension_happens_to_be_stays_a_number(own: int) -> None:
    # 5·(m + 5)/4 rows hold the number 5 thrice; the dimension is that number, or another.
    entry = Generation(5 * (4 * generation + 5), noise=5 / (generation + 5), repeat=generations)
    law = solve_generations(Problem(IsotropicSpectrum(own), UNIFORM, (entry,)))
    by_hand = dimension * 25 / (generations + 4) ** 2 / (5 * (4 * generations + 1) - dimension)
    assert (law.variance - by_hand).simplify() == 0
    # With the dimension for the number it would be the same at one dimension only.
    assert (law.variance - by_hand.xreplace({Integer(25): dimension**2})).simplify() != 0


def test_a_dimension_that_is_a_symbol_is_the_dimension() -> None:
    letter = count_symbol(7)
    entry = Generation(letter + generation + 1, noise=1, repeat=generations)
    law = solve_generations(Problem(IsotropicSpectrum(letter), UNIFORM, (entry,)))
    # Rows beyond the dimension are 1, 2, …: a harmonic sum.
    assert law.variance == dimension * generation_noise**2 / generations
    assert law.rate.value == dimension * generation_noise**2


def test_a_shared_design_has_one_size_in_its_own_repetitions_too() -> None:
    entry = Generation(generation + 60, noise=1, design="shared", repeat=2)
    with pytest.raises(InvalidProblem, match="one size"):
        Problem(IsotropicSpectrum(30), UNIFORM, (entry,))
    with pytest.raises(InvalidProblem, match="one size"):
        Problem(IsotropicSpectrum(30), UNIFORM, (replace(entry, repeat=generations),))
    # A single one has nothing to share yet.
    once = Problem(IsotropicSpectrum(30), UNIFORM, (replace(entry, repeat=1),), Downstream(60))
    assert once.generations[0].design == "shared"
