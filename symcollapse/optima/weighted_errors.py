"""The test error of a problem as a polynomial in the weights of real labels.

With the designs fixed, a fit is linear in its labels, and its labels are linear in ω and in the fit that makes them. A
label that a fit makes has the weight 1 − ω of its own generation once on every path from the truth to the tested
predictor, so the predictor is of degree 1 in each generation's weight, and the expected squared error of degree 2. No
effective ridge depends on the weights where they add up to 1 on every input; then the equivalent is a polynomial too.
Where first labels are fitted again beside accumulated ones they do not, and a value at a further point refuses it.

Its coefficients are found from values, in balls: nothing has to be known about the formula.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import product
from typing import Any

from flint import arb, arb_poly, ctx
from sympy import Expr, Rational, Symbol

from symcollapse.evaluation.balls import BallEvaluator, exact_ball
from symcollapse.evaluation.numbers import in_numbers
from symcollapse.language import symbols
from symcollapse.language.errors import NotEvaluable, NotSupported, PrecisionExhausted
from symcollapse.language.naming import fit_letters, repetitions
from symcollapse.language.problems import Downstream, Fit, Generation, Problem
from symcollapse.optima.finite_errors import require_finite
from symcollapse.optima.listed_generations import one_by_one
from symcollapse.theory.test_errors import test_error

MOST_WEIGHTS = 6
"""Weights of their own; a polynomial of degree 2 in each has 3^n coefficients."""

BITS_PER_DEGREE = 8
"""Bits that interpolation may lose for each degree."""


@dataclass(frozen=True)
class WeightedError:
    """The test error in numbers, but for weights of real labels."""

    problem: Problem
    """The problem, with the weight 1/2 where weights are tuned."""
    letters: tuple[Symbol, ...]
    """The weights, generation by generation; one letter if all are the same."""
    degree: int
    """Degree in each of them, at most."""
    total: Expr
    """Test error, in the letters."""

    def at(self, weights: list[Any], bits: int) -> Any:
        """Ball of the error at given balls of the weights."""
        with ctx.workprec(bits):
            values = dict(zip(self.letters, weights, strict=True))
            return BallEvaluator(values).evaluate(self.total)

    def coefficients(self, bits: int) -> list[Any]:
        """Balls of the coefficients of the powers of a single weight, the constant first."""
        if len(self.letters) != 1:
            raise NotSupported(f"{len(self.letters)} weights: coefficients are those of one")
        return _coefficients(self, bits)

    def tensor(self, bits: int) -> dict[tuple[int, ...], Any]:
        """Balls of the coefficients of the products of powers 0, 1, 2 of several weights."""
        return _tensor(self, bits)


@lru_cache(maxsize=64)
def _coefficients(error: WeightedError, bits: int) -> list[Any]:
    precision = bits + BITS_PER_DEGREE * (error.degree + 1)
    with ctx.workprec(precision):
        nodes = [
            exact_ball(Rational(2 * k + 1, 2 * error.degree + 2)) for k in range(error.degree + 1)
        ]
        values = [error.at([node], precision) for node in nodes]
        found = arb_poly.interpolate(nodes, values).coeffs()
        found += [arb(0)] * (error.degree + 1 - len(found))
        # The degree is proven on paper; a value beyond the nodes would show a formula that breaks the proof.
        further = exact_ball(Rational(-3, 7))
        value: Any = arb_poly(found)(further)
        if not value.overlaps(error.at([further], precision)):
            raise NotSupported(
                f"the error is no polynomial of degree {error.degree} in the weight of real labels"
            )
        if not all(each.is_finite() for each in found):
            raise PrecisionExhausted("the error is not finite: its best weight is not defined")
    return found


@lru_cache(maxsize=16)
def _tensor(error: WeightedError, bits: int) -> dict[tuple[int, ...], Any]:
    # Values at 1/4, 1/2 and 3/4 give the powers of one weight after the other; at 0 and 1 a formula may be 0/0.
    precision = bits + 8 * len(error.letters)
    with ctx.workprec(precision):
        nodes = [exact_ball(Rational(quarters, 4)) for quarters in (1, 2, 3)]
        values = {
            places: error.at([nodes[place] for place in places], precision)
            for places in product(range(3), repeat=len(error.letters))
        }
        for axis in range(len(error.letters)):
            values = _powers_along(values, axis)
        if not all(each.is_finite() for each in values.values()):
            raise PrecisionExhausted("the error is not finite: its best weights are not defined")
    return values


def _powers_along(values: dict[tuple[int, ...], Any], axis: int) -> dict[tuple[int, ...], Any]:
    found: dict[tuple[int, ...], Any] = {}
    for places in values:
        if places[axis] != 0:
            continue
        low, middle, high = (values[(*places[:axis], k, *places[axis + 1 :])] for k in range(3))
        square = 8 * (low - 2 * middle + high)
        linear = 2 * (high - low) - square
        constant = middle - linear / 2 - square / 4
        for power, value in enumerate((constant, linear, square)):
            found[(*places[:axis], power, *places[axis + 1 :])] = value
    return found


def is_student_mixed(problem: Problem) -> bool:
    """Whether the weight of the downstream fit is the one to tune: no generation mixes labels, and it alone does.

    Example
    -------
    >>> is_student_mixed(Problem.from_file("self-distillation"))
    True
    """
    active = [entry for entry in problem.generations if entry.repeat != 0]
    if problem.downstream is None:
        return False
    alone = all(entry.real_weight == 0 for entry in active)
    return not active or (alone and problem.downstream.real_weight != 0)


def error_in_one_weight(problem: Problem) -> WeightedError:
    """The test error as a function of one weight ω, the same in every generation.

    If the downstream fit alone mixes labels, or there are no generations, the weight is that of the downstream fit; else
    a weight of the downstream fit stays.

    Raises
    ------
    NotEvaluable
        If the problem holds symbols.

    Example
    -------
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> from symcollapse.language.problems import Generation
    >>> chain = (Generation(9, noise=1, repeat=3),)
    >>> error_in_one_weight(Problem(IsotropicSpectrum(3), UniformTarget(1), chain)).degree
    6
    """
    _refuse_symbols(problem)
    if is_student_mixed(problem):
        assert problem.downstream is not None
        tuned = replace(problem, downstream=replace(problem.downstream, real_weight=Rational(1, 2)))
        own = symbols.real_weight
        total = in_numbers(test_error(tuned).total, tuned, (own,))
        return WeightedError(tuned, (own,), 2, require_finite(total, tuned))
    tuned = _with_weights(problem, [entry for entry in problem.generations if entry.repeat != 0])
    letter = symbols.real_weight if not tuned.generations else symbols.mixing_symbols(0)[0]
    letters = _letters(tuned)
    # One entry's letter stands for all.
    total = test_error(tuned).total.xreplace(dict.fromkeys(letters, letter))
    count = sum(repetitions(entry) for entry in tuned.generations) or 1
    total = require_finite(in_numbers(total, tuned, (letter,)), tuned)
    return WeightedError(tuned, (letter,), 2 * count, total)


def error_in_each_weight(problem: Problem) -> WeightedError:
    """The test error as a function of weights of their own, one per generation.

    Raises
    ------
    NotEvaluable
        If the problem holds symbols.
    NotSupported
        If there are more generations than are treated.

    Example
    -------
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> chain = (Generation(9, noise=1, repeat=3),)
    >>> error_in_each_weight(Problem(IsotropicSpectrum(3), UniformTarget(1), chain)).letters
    (omega_0, omega_1, omega_2)
    """
    _refuse_symbols(problem)
    entries = one_by_one(problem)
    if len(entries) > MOST_WEIGHTS:
        raise NotSupported(
            f"{len(entries)} generations: weights of their own are tuned for at most {MOST_WEIGHTS}; tune one weight "
            "for all (real_weight)"
        )
    tuned = _with_weights(problem, entries)
    letters = _letters(tuned)
    total = require_finite(in_numbers(test_error(tuned).total, tuned, letters), tuned)
    return WeightedError(tuned, letters, 2, total)


def _with_weights(problem: Problem, entries: list[Generation]) -> Problem:
    """The problem with these generations, and the weight 1/2 in each, so that each has a letter."""
    half = Rational(1, 2)
    if not entries:
        assert problem.downstream is not None
        return replace(problem, downstream=replace(problem.downstream, real_weight=half))
    mixed = tuple(replace(entry, real_weight=half) for entry in entries)
    return replace(problem, generations=mixed)


def _letters(tuned: Problem) -> tuple[Symbol, ...]:
    fits: list[Fit] = list(tuned.generations)
    if not fits:
        assert isinstance(tuned.downstream, Downstream)
        fits = [tuned.downstream]
    return tuple(fit_letters(fit, position)["real_weight"] for position, fit in enumerate(fits))


def _refuse_symbols(problem: Problem) -> None:
    if problem.is_symbolic:
        raise NotEvaluable(
            "the problem holds symbols, a best weight is a number; give numbers for all of them"
        )
