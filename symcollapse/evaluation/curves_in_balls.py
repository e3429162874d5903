"""Formulas along a curve, in balls: what the points share is found once.

What does not depend on the moving symbols is evaluated once. Effective ridges are searched for in doubles, all points at
a time; spectral sums are tabulated in those ranges of κ where enough points lie (`interpolated_sums`), and taken term
by term elsewhere. Each number is a proven ball all the same: doubles only say where to look.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import log
from typing import Any

from flint import ctx
from sympy import Basic, Expr, Integer, Rational, Symbol, oo

from symcollapse.evaluation.balls import Ball, BallEvaluator, exact_ball
from symcollapse.evaluation.interpolated_sums import InterpolatedSum, cell_of
from symcollapse.evaluation.moving_sums import MovingPart, moving_parts
from symcollapse.evaluation.ridge_guesses import RidgeGuesses, effective_ridges
from symcollapse.evaluation.tabulated_ridges import TabulatedEquation
from symcollapse.evaluation.tabulated_sums import MOST_POINTS, TabulatedSums
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.errors import SymcollapseError
from symcollapse.language.quantities import QuadraticForm, SpectralTrace
from symcollapse.language.resolvent_products import ResolventProduct
from symcollapse.language.spectra import Spectrum
from symcollapse.language.targets import Target

WORTH = 3
"""A range of κ is tabulated if it holds at least a third as many points as the table takes."""

TABLE_GUARD = 4
"""Bits by which tables are finer than the working precision."""


@dataclass(frozen=True, eq=False)
class TabulatedPart:
    """One part of a sum, with the tables of it that are known so far."""

    part: MovingPart
    """What is summed."""
    spectrum: Spectrum
    """Over what."""
    target: Target | None
    """With whose weights."""
    tables: dict[int, InterpolatedSum | None] = field(default_factory=dict)
    """By the number of the cell; None where there is no route to the values."""

    @cached_property
    def sum_that_stays(self) -> Expr:
        """The sum of the weights themselves, where there is no κ."""
        if self.target is None:
            return SpectralTrace(self.part.weight, self.spectrum)
        return QuadraticForm(self.part.weight, self.spectrum, self.target)


class CurveInBalls:
    """Formulas as functions of moving symbols, at one working precision.

    Parameters
    ----------
    formulas
        Expressions whose free symbols are the moving ones.
    symbols
        The moving symbols.
    bits
        Working precision.

    Example
    -------
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.symbols import ridge
    >>> curve = CurveInBalls([EffectiveRidge(ridge, 300, IsotropicSpectrum(300))], [ridge], 100)
    >>> for (kappa,) in curve.at([(Integer(1),), (Integer(2),)]):
    ...     print(round(float(kappa), 6))
    1.618034
    2.732051
    """

    def __init__(self, formulas: Sequence[Expr], symbols: Sequence[Symbol], bits: int) -> None:
        self.formulas = tuple(formulas)
        self.symbols = tuple(symbols)
        self.bits = bits
        self.moving = frozenset(symbols)
        self.fixed = BallEvaluator({})
        self._tables = TabulatedSums(bits + TABLE_GUARD, lambda: BallEvaluator({}))
        self._moves: dict[Basic, bool] = {}
        moving = [ridge for ridge in effective_ridges(self.formulas) if self.moves(ridge)]
        self._guesses = RidgeGuesses(moving, self.symbols)
        self._found: Counter[tuple[Any, int]] = Counter()
        self._equations: dict[Basic, tuple[TabulatedPart, TabulatedPart]] = {}
        self._plans: dict[Any, tuple[TabulatedPart, ...] | None] = {}

    def at(self, points: Sequence[tuple[Rational, ...]]) -> list[tuple[Ball | None, ...]]:
        """Balls of the formulas at each point; None where the working precision does not decide a number.

        A formula that has no value, or is refused, is None as well: a walk at that point alone says why.
        """
        starts = self._starts(points)
        results = []
        with ctx.workprec(self.bits):
            for position, point in enumerate(points):
                values = {
                    symbol: exact_ball(number)
                    for symbol, number in zip(self.symbols, point, strict=True)
                }
                known = {
                    ridge: float(column[position])
                    for ridge, column in starts.items()
                    if column[position] > 0
                }
                walk = _PointWalk(self, values, known)
                results.append(tuple(_finite(walk, formula) for formula in self.formulas))
        return results

    @property
    def tables_known(self) -> int:
        """How many tables of sums have been made."""
        parts = [part for pair in self._equations.values() for part in pair]
        parts += [part for plan in self._plans.values() for part in plan or ()]
        return sum(len(part.tables) for part in parts)

    def moves(self, node: Basic) -> bool:
        """Whether a node depends on a moving symbol."""
        if node not in self._moves:
            self._moves[node] = bool(node.free_symbols & self.moving)
        return self._moves[node]

    def plan(
        self, summand: Expr, spectrum: Spectrum, target: Target | None
    ) -> tuple["TabulatedPart", ...] | None:
        """The sum split into parts that one κ moves; None where that is not possible."""
        key = (summand, spectrum, target)
        if key not in self._plans:
            stays = not (self.moves(spectrum) or (target is not None and self.moves(target)))
            parts = moving_parts(summand, self.moving) if stays else None
            self._plans[key] = (
                None
                if parts is None
                else tuple(TabulatedPart(part, spectrum, target) for part in parts)
            )
        return self._plans[key]

    def table(self, part: "TabulatedPart", start: float | None) -> InterpolatedSum | None:
        """A table of a sum around an approximate κ, if enough points lie there."""
        if start is None:
            return None
        cell = cell_of(log(start))
        if cell not in part.tables:
            points = self._tables.points(part.part.order)
            if points > MOST_POINTS or WORTH * self._found[part.part.kappa, cell] < points:
                return None
            part.tables[cell] = self._tables.table(part.part, part.spectrum, part.target, cell)
        return part.tables[cell]

    def equation_parts(self, node: EffectiveRidge) -> tuple["TabulatedPart", "TabulatedPart"]:
        """The sums of s/(s + κ) and of 1/(s + κ), by which κ is defined."""
        if node not in self._equations:
            above, below = (
                MovingPart(Integer(1), node, 1, (ResolventProduct(Integer(1), Integer(p), ()),))
                for p in (1, 0)
            )
            self._equations[node] = (
                TabulatedPart(above, node.covariance, None),
                TabulatedPart(below, node.covariance, None),
            )
        return self._equations[node]

    def _starts(self, points: Sequence[tuple[Rational, ...]]) -> dict[Basic, Any]:
        starts = self._guesses.at(points)
        for ridge, column in starts.items():
            self._found.update((ridge, cell_of(log(kappa))) for kappa in column if kappa > 0)
        return starts


def _finite(walk: BallEvaluator, formula: Expr) -> Ball | None:
    try:
        ball = walk.evaluate(formula)
    except (SymcollapseError, ArithmeticError, ValueError):
        return None
    return ball if ball.is_finite() else None


class _PointWalk(BallEvaluator):
    """A walk at one point of a curve; what stays is taken from the curve."""

    def __init__(
        self, curve: CurveInBalls, values: Mapping[Symbol, Ball], starts: Mapping[Basic, float]
    ) -> None:
        super().__init__(values)
        self._curve = curve
        self._starts = starts
        self._logs: dict[Basic, Any] = {}

    def extended(self, values: Mapping[Symbol, Ball]) -> Any:
        """A plain walk: unknowns of coupled systems move at each step of their search."""
        plain = BallEvaluator(self._values)
        plain._columns = {**self._columns, **self._curve.fixed._columns}
        plain._shares = {**self._shares, **self._curve.fixed._shares}
        plain._solutions = self._solutions
        return plain.extended(values)

    def _evaluate(self, node: Basic, spectrum: Basic | None) -> Ball:
        fixed = self._curve.fixed
        if not self._curve.moves(node) and (spectrum is None or spectrum in fixed._columns):
            # Searches run at lower precisions: what all points share is found at the full one.
            with ctx.workprec(self._curve.bits):
                return fixed.evaluate(node, spectrum)
        return super()._evaluate(node, spectrum)

    def _with_levels(self, spectrum: Spectrum) -> Spectrum:
        if spectrum not in self._columns and not self._curve.moves(spectrum):
            with ctx.workprec(self._curve.bits):
                self._curve.fixed._with_levels(spectrum)
            self._columns[spectrum] = self._curve.fixed._columns[spectrum]
            return spectrum
        return super()._with_levels(spectrum)

    def weights(self, spectrum: Spectrum, target: Target | None) -> Ball:
        """Column of multiplicities, or of the target's shares."""
        if self._curve.moves(spectrum) or (target is not None and self._curve.moves(target)):
            return super().weights(spectrum, target)
        with ctx.workprec(self._curve.bits):
            return self._curve.fixed.weights(spectrum, target)

    def _sum(self, summand: Expr, spectrum: Spectrum, target: Target | None) -> Ball:
        parts = self._curve.plan(summand, spectrum, target)
        terms = []
        for part in parts or ():
            term = self._part(part)
            if term is None:
                break
            terms.append(term)
        else:
            if terms:
                return self.add(terms)
        return super()._sum(summand, spectrum, target)

    def _part(self, tabulated: TabulatedPart) -> Ball | None:
        """One part of a sum from its table; None if there is none."""
        part = tabulated.part
        if part.kappa is None:
            return self.evaluate(part.coefficient) * self.evaluate(tabulated.sum_that_stays)
        table = self._curve.table(tabulated, self._starts.get(part.kappa))
        if table is None:
            return None
        kappa = self.evaluate(part.kappa)
        if part.kappa not in self._logs:
            self._logs[part.kappa] = kappa.mid().log()
        return self.evaluate(part.coefficient) * table.at(kappa, self._logs[part.kappa])

    def effective_ridge(self, node: EffectiveRidge) -> Ball:
        """The root κ, certified; from tables where there are any."""
        start = self._starts.get(node)
        above, below = self._curve.equation_parts(node)
        degrees = self._curve.table(above, start)
        if start is None or degrees is None:
            return super().effective_ridge(node)
        size = node.covariance.dimension
        equation = TabulatedEquation(
            self.evaluate(node.ridge),
            self.evaluate(node.samples),
            degrees,
            lambda: self._curve.table(below, start),
            None if size is oo else int(size),
        )
        return equation.root(start)
