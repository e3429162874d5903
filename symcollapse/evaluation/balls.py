"""Formulas in ball arithmetic: every number is an interval that contains the truth (python-flint's ``arb``).

The working precision is that of ``flint.ctx``; callers set it with ``workprec``.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from flint import arb, fmpq, fmpz
from sympy import Basic, Expr, Integer, Piecewise, Rational, Symbol
from sympy.core.relational import Relational

from symcollapse.evaluation.coupled_roots_in_balls import enclose_coupled_system
from symcollapse.evaluation.doubles import DoubleEvaluator, points_as_doubles
from symcollapse.evaluation.folding import Evaluator
from symcollapse.evaluation.long_ridges_in_balls import enclose_long_ridge
from symcollapse.evaluation.long_sums import LongSums, is_long
from symcollapse.evaluation.roots_in_balls import enclose_effective_ridge
from symcollapse.evaluation.special_functions import constant_ball, holds, pieces, special_ball
from symcollapse.language.coupled_ridges import CoupledSystem
from symcollapse.language.effective_ridges import (
    EffectiveRidge,
    GuardedSize,
    ResidualDegreesOfFreedom,
)
from symcollapse.language.errors import NotEvaluable, PrecisionExhausted
from symcollapse.language.quantities import SpectralTrace
from symcollapse.language.spectra import Spectrum
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.targets import Target

Ball: TypeAlias = Any
"""An ``arb``, or a list of them: a scalar or a column. python-flint ships no types."""


def exact_ball(number: Rational) -> Ball:
    """Ball around a rational, as narrow as the working precision allows.

    Example
    -------
    >>> exact_ball(Rational(1, 2))
    0.500000000000000
    """
    return arb(fmpq(int(number.p), int(number.q)))


def whole_power(base: Ball, exponent: int) -> Ball:
    """A positive whole power of a ball, also of one that holds 0, for which ``arb`` knows none.

    Example
    -------
    >>> whole_power(arb(0, 1), 2).is_finite(), whole_power(arb(-2), 3)
    (True, -8.00000000000000)
    """
    if not base.contains(0) or not base.is_finite():
        return base ** fmpz(exponent)
    product = base
    for _ in range(exponent - 1):
        product = product * base
    return product


class BallEvaluator(Evaluator[Ball]):
    """A walk in balls.

    Example
    -------
    >>> BallEvaluator({}).evaluate(Rational(1, 3)).contains(exact_ball(Rational(1, 3)))
    True
    """

    def __init__(self, values: Mapping[Symbol, Ball]) -> None:
        super().__init__(values)
        self._long = LongSums(self.evaluate)

    def rational(self, number: Rational) -> Ball:
        """A ball around the rational."""
        return exact_ball(number)

    def constant(self, number: Basic) -> Ball:
        """π, e or γ."""
        return constant_ball(number)

    def add(self, terms: list[Ball]) -> Ball:
        """A sum."""
        total = terms[0]
        for term in terms[1:]:
            match isinstance(total, list), isinstance(term, list):
                case True, True:
                    total = [a + b for a, b in zip(total, term, strict=True)]
                case True, False:
                    total = [a + term for a in total]
                case False, True:
                    total = [total + b for b in term]
                case _:
                    total = total + term
        return total

    def multiply(self, factors: list[Ball]) -> Ball:
        """A product; scalars first, so that they meet a column once."""
        total: Ball = arb(1)
        for factor in factors:
            if not isinstance(factor, list):
                total = total * factor
        for factor in factors:
            if isinstance(factor, list):
                if isinstance(total, list):
                    total = [a * b for a, b in zip(total, factor, strict=True)]
                else:
                    total = [total * b for b in factor]
        return total

    def power(self, base: Ball, exponent: Expr, value: Ball | None) -> Ball:
        """A power; of a column, entry by entry."""
        power: Any
        if isinstance(exponent, Integer):
            power = fmpz(int(exponent))
            if power == -1:
                one = arb(1)
                return [one / b for b in base] if isinstance(base, list) else one / base
        else:
            power = exact_ball(exponent) if isinstance(exponent, Rational) else value
        if isinstance(power, list):
            bases = base if isinstance(base, list) else [base] * len(power)
            return [b**p for b, p in zip(bases, power, strict=True)]
        if isinstance(exponent, Integer) and exponent > 0:
            whole = int(exponent)
            if isinstance(base, list):
                return [whole_power(b, whole) for b in base]
            return whole_power(base, whole)
        return [b**power for b in base] if isinstance(base, list) else base**power

    def function(self, name: str, argument: Ball) -> Ball:
        """The function exp or log."""
        if isinstance(argument, list):
            return [getattr(entry, name)() for entry in argument]
        return getattr(argument, name)()

    def special(self, node: Basic, arguments: list[Ball]) -> Ball:
        """A named function; of columns, entry by entry."""
        lengths = [len(argument) for argument in arguments if isinstance(argument, list)]
        if not lengths:
            return special_ball(node, arguments)
        columns = [a if isinstance(a, list) else [a] * lengths[0] for a in arguments]
        return [special_ball(node, list(row)) for row in zip(*columns, strict=True)]

    def piecewise(self, node: Piecewise, spectrum: Basic | None) -> Ball:
        """The first piece whose condition holds; conditions are free of the eigenvalue."""

        def difference(relation: Relational) -> Ball:
            return self.evaluate(relation.lhs) - self.evaluate(relation.rhs)

        for value, condition in pieces(node):
            if holds(condition, difference):
                return self.evaluate(value, spectrum)
        raise NotEvaluable(f"no piece of {node} holds here")

    def total(self, column: Ball, weights: Ball) -> Ball:
        """Weighted sum over the levels."""
        if not isinstance(column, list):
            column = [column] * len(weights)
        return sum((a * b for a, b in zip(column, weights, strict=True)), arb(0))

    def counting_column(self, size: int) -> Ball:
        """The column 1, 2, …, size."""
        return [arb(position) for position in range(1, size + 1)]

    def column(self, entries: list[Ball]) -> Ball:
        """A column of scalars."""
        return list(entries)

    def effective_ridge(self, node: EffectiveRidge) -> Ball:
        """The root κ, certified."""
        if is_long(node.covariance):
            return enclose_long_ridge(
                self.evaluate(node.ridge), self.evaluate(node.samples), node.covariance, self._long
            )
        return enclose_effective_ridge(
            self.evaluate(node.ridge),
            self.evaluate(node.samples),
            self.levels(node.covariance),
            self.weights(node.covariance, None),
        )

    def _sum(self, summand: Expr, spectrum: Spectrum, target: Target | None) -> Ball:
        if is_long(spectrum):
            total = self._long.total(summand, spectrum, target)
            if total is not None:
                return total
        return super()._sum(summand, spectrum, target)

    def solve(self, system: CoupledSystem) -> tuple[Ball, ...]:
        """The coupled effective ridges, or coupled traces, certified; the search for them runs in doubles."""
        values = {
            symbol: points_as_doubles(np.array([float(ball)]))
            for symbol, ball in self._values.items()
            if symbol in system.free_symbols
        }
        try:
            start = DoubleEvaluator(values).solve(system)
        except PrecisionExhausted as reason:
            raise NotEvaluable(f"no start for certified digits: {reason}") from None
        return enclose_coupled_system(system, self.extended, start)

    def residual(self, node: ResidualDegreesOfFreedom) -> Ball:
        """λ₁T/κ₁ + κ₂ tr ΣG₁G₂; where κ₁ = 0 the first term is T − d."""
        kappas = node.effective_ridges
        first, second = (self.evaluate(kappa) for kappa in kappas)
        shared = self.evaluate(
            SpectralTrace(s / ((s + kappas[0]) * (s + kappas[1])), node.covariance)
        )
        samples = self.evaluate(node.samples)
        if first.is_zero():
            head = samples - self.evaluate(node.covariance.dimension)
        else:
            head = self.evaluate(node.ridges[0]) * samples / first
        return head + second * shared

    def guarded(self, node: GuardedSize) -> Ball:
        """A difference of sizes."""
        value = self.evaluate(node.unfolded())
        node.refuse_unless(not value < node.least)
        return value
