"""The weight of real labels, the same in every generation, that minimises the test error: certified.

The error is a polynomial in the weight ω. Its derivative's real roots are isolated in ball arithmetic, so the least
value over 0 ≤ ω ≤ 1, and over all real ω, is proven. Where ω enters one fit alone the polynomial is a parabola,
and its minimum a formula in traces.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from flint import arb, ctx
from sympy import Expr, Rational, S, cancel, sqrt

from symcollapse.evaluation.balls import BallEvaluator
from symcollapse.evaluation.numbers import Evaluated, ball_at, in_numbers, rounded_outwards
from symcollapse.language.errors import NotSupported, PrecisionExhausted
from symcollapse.language.naming import fit_letters
from symcollapse.language.problems import Problem
from symcollapse.optima.choices import GUARD_BITS, Choice, choice, first_bits, rounded
from symcollapse.optima.polynomial_minima import Least, least_anywhere, least_between, value_at
from symcollapse.optima.weighted_errors import (
    WeightedError,
    error_in_one_weight,
    is_student_mixed,
)
from symcollapse.theory.test_errors import test_error

GOLDEN = (sqrt(5) - 1) / 2
"""The best weight of a long least-squares chain with equal noises."""

BRACKET_DIGITS = 5
"""Digits of a bracket beyond those asked for."""


@dataclass(frozen=True)
class OptimalWeight:
    """The best weight ω of real labels, the same in every generation.

    The error is that of the problem's deterministic equivalent, ``test_error(problem).total``.
    """

    problem: Problem
    digits: int
    """Significant digits of every number; all right."""
    best: Choice
    """The minimum over 0 ≤ ω ≤ 1."""
    bracket: tuple[str, str]
    """Two decimals between which it lies for certain."""
    anywhere: Choice | None
    """The minimum over all real ω; None where the error does not grow at both ends, as if all is real."""
    others: tuple[Choice, ...]
    """All labels synthetic (0), all real (1), the golden ratio, and the problem's own weights."""
    degree: int
    """Degree of the error as a polynomial in ω."""
    local_minima: int
    """Further local minima between 0 and 1, proven to be higher."""
    least: Callable[[int], Any] = field(repr=False, compare=False)
    """Ball of the least error, by the bits asked for."""

    @property
    def weight(self) -> str:
        """ω*, in decimals."""
        return self.best.setting

    @property
    def certificate(self) -> str:
        """What is proven, in words."""
        return (
            f"global minimum over 0 <= ω <= 1: the error is a polynomial of degree {self.degree} in ω, "
            "and all real roots of its derivative are enclosed"
        )


class _Minimum:
    """The minimum of an error, as narrow as it is asked for."""

    def __init__(self, error: WeightedError, *, bounded: bool) -> None:
        self._error = error
        self._bounded = bounded
        self._known: dict[int, Least] = {}

    def at(self, bits: int) -> Least:
        if bits not in self._known:
            self._known[bits] = self._found(bits)
        return self._known[bits]

    def _found(self, bits: int) -> Least:
        # The place is known to half the bits that its value is known to; the coefficients have to carry both.
        precision = 2 * bits
        last: PrecisionExhausted | None = None
        for _ in range(4):
            coefficients = self._error.coefficients(precision)
            with ctx.workprec(precision + GUARD_BITS):
                if all(each.contains(0) for each in coefficients[1:]):
                    raise NotSupported(
                        "real_weight: the error does not depend on the weight of real labels"
                    )
                try:
                    if self._bounded:
                        return least_between(coefficients, arb(0), arb(1), bits)
                    return least_anywhere(coefficients, bits)
                except PrecisionExhausted as reason:
                    last = reason
            precision *= 2
        assert last is not None
        raise last

    def weight(self, bits: int) -> Any:
        found = self.at(bits)
        with ctx.workprec(2 * bits + GUARD_BITS):
            return found.low.union(found.high)

    def total(self, bits: int) -> Any:
        return self.at(bits).value


def optimal_real_weight(problem: Problem, digits: int = 10) -> OptimalWeight:
    """The weight of real labels, the same in every generation, that minimises the test error, certified.

    Parameters
    ----------
    problem
        In numbers. Its weights are only compared with. A weight of the downstream fit stays, unless no generation
        mixes labels: then it is the one that is tuned, as in self-distillation.
    digits
        Significant digits, 1 … 10000.

    Raises
    ------
    NotEvaluable
        If the problem holds symbols.
    NotSupported
        If the error does not depend on the weight.
    PrecisionExhausted
        If digits were not reached, as where two weights have the same least error.

    Example
    -------
    >>> from symcollapse.language.problems import Generation
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> chain = (Generation(600, noise=1, repeat=30),)
    >>> print(optimal_real_weight(Problem(IsotropicSpectrum(300), UniformTarget(1), chain)).weight)
    0.6180339887
    """
    bits = first_bits(digits)
    error = error_in_one_weight(problem)
    inside = _Minimum(error, bounded=True)
    best = choice("best", rounded(inside.weight, digits).text, inside.total, inside.total, digits)
    others = [
        _stated(error, name, weight, inside, digits)
        for name, weight in (("synthetic", S.Zero), ("real", S.One), ("golden", GOLDEN))
    ]
    own = own_weights(problem)
    others.append(_own(problem, own, inside, digits))
    with ctx.workprec(2 * bits):
        bracket = rounded_outwards(inside.weight(bits), digits + BRACKET_DIGITS)
    return OptimalWeight(
        problem=problem,
        digits=digits,
        best=best,
        bracket=bracket,
        anywhere=_anywhere(error, inside, best, digits),
        others=tuple(others),
        degree=error.degree,
        local_minima=inside.at(bits).others,
        least=inside.total,
    )


def _stated(error: WeightedError, name: str, weight: Expr, least: _Minimum, digits: int) -> Choice:
    def total(bits: int) -> Any:
        coefficients = error.coefficients(2 * bits)
        with ctx.workprec(2 * bits + GUARD_BITS):
            return value_at(coefficients, BallEvaluator({}).evaluate(weight))

    shown = (
        str(weight) if weight.is_Rational else rounded(lambda bits: ball_at(weight, bits), digits)
    )
    return choice(name, str(shown), total, least.total, digits)


def _anywhere(error: WeightedError, inside: _Minimum, best: Choice, digits: int) -> Choice | None:
    everywhere = _Minimum(error, bounded=False)
    bits = first_bits(digits)
    try:
        found, bounded = everywhere.at(bits), inside.at(bits)
        if found.low > 0 and found.high < 1:
            # All roots of the derivative are isolated: one between 0 and 1 is the same root.
            return replace(best, name="any real")
        if found.low < bounded.high and bounded.low < found.high:
            return replace(best, name="any real")
        weight: Evaluated = rounded(everywhere.weight, digits)
    except PrecisionExhausted:
        return None
    return choice("any real", weight.text, everywhere.total, inside.total, digits)


def own_weights(problem: Problem) -> tuple[Expr, ...]:
    """The weights that a problem states for what is tuned.

    Example
    -------
    >>> from symcollapse.language.problems import Generation
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> chain = (Generation(9, real_weight="1/3"), Generation(9))
    >>> own_weights(Problem(IsotropicSpectrum(3), UniformTarget(1), chain))
    (1/3, 0)
    """
    active = [entry.real_weight for entry in problem.generations if entry.repeat != 0]
    if is_student_mixed(problem):
        assert problem.downstream is not None
        active = [problem.downstream.real_weight]
    return tuple(dict.fromkeys(active))


def _own(problem: Problem, own: tuple[Expr, ...], least: _Minimum, digits: int) -> Choice:
    total = in_numbers(test_error(problem).total, problem)

    def of(bits: int) -> Any:
        ball = ball_at(total, bits + GUARD_BITS)
        return arb("nan") if ball is None else ball

    return choice("own", ", ".join(map(str, own)), of, least.total, digits)


def weight_in_closed_form(problem: Problem, position: int | None = None) -> Expr:
    """The best weight of one fit, all others fixed: the vertex of a parabola, as a formula in traces.

    Parameters
    ----------
    problem
        Numbers or symbols, as ``test_error`` takes them.
    position
        Which ``[[generations]]`` entry, with repeat = 1; None: the downstream fit.

    Returns
    -------
    weight
        In the letters of the test error; over all real weights.

    Raises
    ------
    NotSupported
        If that fit is made more than once, or its weight has no part in the error.

    Example
    -------
    >>> from symcollapse.language.problems import Generation
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> chain = (Generation(9, noise=1, real_noise=2),)
    >>> weight_in_closed_form(Problem(IsotropicSpectrum(3), UniformTarget(1), chain), 0)
    sigma_0**2/(sigma_0**2 + sigma_R0**2)
    """
    half = Rational(1, 2)
    if position is None:
        if problem.downstream is None:
            raise NotSupported("downstream: there is none; give the position of a generation")
        tuned = replace(problem, downstream=replace(problem.downstream, real_weight=half))
        letter = fit_letters(problem.downstream, 0)["real_weight"]
    else:
        entries = list(problem.generations)
        if entries[position].repeat != 1:
            raise NotSupported(
                f"generations.{position}.repeat = {entries[position].repeat}: the weight of several fits has no closed "
                "form; optimal_real_weight finds it in numbers"
            )
        entries[position] = replace(entries[position], real_weight=half)
        tuned = replace(problem, generations=tuple(entries))
        letter = fit_letters(entries[position], position)["real_weight"]
    total = test_error(tuned).total
    slope = total.diff(letter)
    first, second = slope.xreplace({letter: S.Zero}), slope.diff(letter).xreplace({letter: S.Zero})
    if second == 0:
        raise NotSupported("real_weight: the error does not depend on the weight of real labels")
    return cancel(-first / second)
