"""Enclosures of the test error and of its derivatives over an interval of the effective ridge.

Every sum over eigenvalues is taken apart into products of powers of s and of s + κ. Such a product is positive and
decreasing in κ (in 1/κ, once a power of it is taken out), and so are its derivatives up to their known sign and
order: values at the two ends of an interval enclose all between. Only sums at points are ever evaluated.
"""

from typing import Any, TypeAlias

from flint import arb, ctx
from sympy import Add, Basic, Expr, Integer, Mul, Pow, Symbol

from symcollapse.evaluation.balls import BallEvaluator
from symcollapse.language.abbreviations import Abbreviation
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.errors import NotSupported
from symcollapse.language.quantities import (
    DegreesOfFreedom,
    QuadraticForm,
    SpectralTrace,
)
from symcollapse.language.resolvent_products import resolvent_products
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.symbols import placeholder
from symcollapse.optima.interval_jets import ONE, Interval, Jet
from symcollapse.optima.ridge_charts import Chart, TunedError

Point = tuple[int, int]
"""An exact binary number, as mantissa and exponent."""

KAPPA = placeholder("kappa")
"""κ in the sums over eigenvalues that are evaluated at points."""

Sum: TypeAlias = SpectralTrace | QuadraticForm
"""A sum over eigenvalues."""

MOST_WALKS = 4
"""Points whose columns over the eigenvalues are held; of the others the sums are."""


class ErrorBounds:
    """Enclosures of functions of κ at one working precision.

    Parameters
    ----------
    tuned
        The error whose parts are enclosed.
    bits
        Working precision.

    Example
    -------
    >>> from symcollapse.language.problems import Problem
    >>> from symcollapse.optima.ridge_charts import tuned_error
    >>> tuned = tuned_error(Problem.from_file("figure-1a"))
    >>> bounds = ErrorBounds(tuned, 96)
    >>> enclosed = bounds.enclose(tuned.parts["total"], Chart.MIDDLE, arb(1), arb(2)).value
    >>> bool(enclosed.low < 0.25 < enclosed.high)
    True
    """

    def __init__(self, tuned: TunedError, bits: int) -> None:
        self._tuned = tuned
        self.bits = bits
        self._base = BallEvaluator({})
        self._letters: dict[Basic, Symbol] = {}
        self._constants: dict[Basic, Any] = {}
        self._moves: dict[Basic, bool] = {}
        self._sums: dict[Expr, list[tuple[Expr, int, Sum]]] = {}
        self._nodes: dict[tuple[Expr, int, int], Expr] = {}
        self._points: dict[Point, dict[Expr, Any]] = {}
        self._walks: dict[Point, BallEvaluator] = {}

    def enclose(self, formula: Expr, chart: Chart, low: Any, high: Any) -> Jet:
        """Value and two derivatives of a formula over an interval of a chart's variable.

        Parameters
        ----------
        formula
            One of the parts of the error, or another formula in λ of the tested fit.
        chart
            In the chart ``MIDDLE``, derivatives are in ln κ, and the interval is one of κ.
        low, high
            Exact balls: 0 ≤ low ≤ high, and 0 < low in the chart ``MIDDLE``.

        Returns
        -------
        Jet
            Of order 0, or of a negative one where the formula has a pole at 0.
        """
        with ctx.workprec(self.bits):
            walk = _Walk(self, chart, low, high)
            jet = walk.evaluate(formula)
            return jet.at_order(0, walk.variable) if jet.order > 0 else jet

    def constant(self, node: Basic) -> Any:
        """Ball around what does not hold λ."""
        if node not in self._constants:
            with ctx.workprec(self.bits):
                self._constants[node] = self._base.evaluate(node)
        return self._constants[node]

    def moves(self, node: Basic) -> bool:
        """Whether a formula holds λ."""
        if node not in self._moves:
            self._moves[node] = self._tuned.letter in node.free_symbols
        return self._moves[node]

    @property
    def tuned(self) -> TunedError:
        """The error whose parts are enclosed."""
        return self._tuned

    def products(self, node: Sum) -> list[tuple[Expr, int, Sum]]:
        """A sum over eigenvalues as Σ coefficient · sum with one factor (s + κ)^-m: triples with the order m.

        The third entry is the sum without that factor.
        """
        if node not in self._sums:
            kappa = self._tuned.effective_ridge
            found = []
            for term in resolvent_products(node.summand):
                orders = dict(term.resolvents)
                order = int(orders.pop(kappa, Integer(0)))
                if order < 0:
                    raise NotSupported(f"{node}: grows with the effective ridge")
                rest = s**term.power
                for other, power in orders.items():
                    if self.moves(other):
                        raise NotSupported(f"{node}: the tested ridge stands in two resolvents")
                    rest *= (s + self._letter(other)) ** -power
                found.append((term.coefficient, order, _with_summand(node, rest)))
            self._sums[node] = found
        return self._sums[node]

    def _letter(self, constant: Expr) -> Expr:
        """A letter with a value in place of another effective ridge, so that it is found once."""
        if isinstance(constant, Symbol) or constant.is_Rational:
            return constant
        if constant not in self._letters:
            letter = placeholder("q")
            self._letters[constant] = letter
            self._base = self._base.extended({letter: self.constant(constant)})
            self._walks.clear()
        return self._letters[constant]

    def sum_at(self, chart: Chart, point: Any, base: Sum, shift: int, order: int) -> Any:
        """Ball around the sum of s^shift·(s + κ)^-order; in 1/κ, of s^shift·(1 + s/κ)^-order."""
        mantissa, exponent = point.man_exp()
        at: Point = (int(mantissa), int(exponent))
        is_large = chart is Chart.LARGE
        if at[0] == 0:
            return self.constant(_times(base, s**shift * (1 if is_large else s**-order)))
        if is_large:
            # 1/κ is the exact number; κ is not, and is known by its reciprocal.
            at = (-at[0], at[1])
        key = (base, shift, order)
        if key not in self._nodes:
            self._nodes[key] = _times(base, s**shift * (s + KAPPA) ** -order)
        node = self._nodes[key]
        known = self._points.setdefault(at, {})
        if node not in known:
            if at not in self._walks:
                while len(self._walks) >= MOST_WALKS:
                    self._walks.pop(next(iter(self._walks)))
                kappa = arb(1) / point if is_large else point
                self._walks[at] = self._base.extended({KAPPA: kappa})
            value = self._walks[at].evaluate(node)
            known[node] = value / point**order if is_large else value
        return known[node]


def _with_summand(node: Sum, function: Expr) -> Sum:
    if isinstance(node, QuadraticForm):
        return QuadraticForm(function, node.covariance, node.target)
    return SpectralTrace(function, node.covariance)


def _times(base: Sum, factor: Expr) -> Expr:
    """The sum with a further factor under it."""
    function = base.summand * factor
    if function == 1 and isinstance(base, SpectralTrace):
        # The dimension, which no column is needed for.
        return base.covariance.dimension
    return _with_summand(base, function)


class _Walk:
    """One walk over formulas, on one interval."""

    def __init__(self, bounds: ErrorBounds, chart: Chart, low: Any, high: Any) -> None:
        self._bounds = bounds
        self._chart = chart
        self._ends = (low, high)
        self._is_point = bool(low == high)
        whole = Interval(low, high)
        self._variable = Jet(whole, whole, whole) if chart is Chart.MIDDLE else Jet(whole, ONE)
        order = {Chart.SMALL: 1, Chart.MIDDLE: 0, Chart.LARGE: -1}[chart]
        self._kappa = Jet(ONE, order=order) if order else self._variable
        self._memo: dict[Basic, Jet] = {}

    @property
    def variable(self) -> Jet:
        """The variable itself."""
        return self._variable

    def evaluate(self, node: Basic) -> Jet:
        if node not in self._memo:
            self._memo[node] = self._evaluate(node)
        return self._memo[node]

    def _evaluate(self, node: Basic) -> Jet:
        bounds = self._bounds
        if not bounds.moves(node):
            return Jet(Interval.around(bounds.constant(node)))
        if node == bounds.tuned.effective_ridge:
            return self._kappa
        if node == bounds.tuned.residual:
            return self.evaluate(bounds.tuned.residual_in(self._chart))
        match node:
            case Add():
                total = self.evaluate(node.args[0])
                for term in node.args[1:]:
                    total = total.plus(self.evaluate(term), self._variable)
                return total
            case Mul():
                product = self.evaluate(node.args[0])
                for factor in node.args[1:]:
                    product = product.times(self.evaluate(factor))
                return product
            case Pow() if isinstance(node.exp, Integer):
                return self.evaluate(node.base).power(int(node.exp))
            case Abbreviation():
                return self.evaluate(node.definition)
            case DegreesOfFreedom():
                return self.evaluate(node.unfolded())
            case SpectralTrace() | QuadraticForm():
                return self._sum(node)
            case EffectiveRidge():
                raise NotSupported(f"{node}: the tested ridge stands in another effective ridge")
            case _:
                raise NotSupported(
                    f"{type(node).__name__}: no enclosure over an interval of ridges"
                )

    def _sum(self, node: Sum) -> Jet:
        total: Jet | None = None
        for coefficient, order, base in self._bounds.products(node):
            term = self.evaluate(coefficient).times(self._resolvent(base, order))
            total = term if total is None else total.plus(term, self._variable)
        assert total is not None
        return total

    def _resolvent(self, base: Sum, order: int) -> Jet:
        """The sum with a factor (s + κ)^-order, and its derivatives."""
        is_large = self._chart is Chart.LARGE
        zeroth, first, second = (
            self._enclosed(base, k if is_large else 0, order + k) for k in range(3)
        )
        slope = -order * first
        curvature = order * (order + 1) * second
        if self._chart is Chart.MIDDLE:
            kappa = self._variable.value
            slope = slope * kappa
            curvature = curvature * kappa * kappa + slope
        return Jet(zeroth, slope, curvature, order if is_large else 0)

    def _enclosed(self, base: Sum, shift: int, order: int) -> Interval:
        low, high = self._ends
        first = Interval.around(self._bounds.sum_at(self._chart, low, base, shift, order))
        if self._is_point:
            return first
        last = Interval.around(self._bounds.sum_at(self._chart, high, base, shift, order))
        return Interval(last.low, first.high)
