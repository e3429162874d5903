"""Formulas in doubles, for many points at once, each with a bound of its rounding error."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Self

import numpy as np
from sympy import Basic, Expr, Integer, Mul, Piecewise, Pow, Rational, Symbol, oo
from sympy.core.relational import Relational

from symcollapse.evaluation.compressed_spectra import NOTHING, CompressedSpectra
from symcollapse.evaluation.continued_roots_in_doubles import solve_trace_system
from symcollapse.evaluation.coupled_roots_in_doubles import solve_coupled_system
from symcollapse.evaluation.folding import Evaluator
from symcollapse.evaluation.resolvent_sums_in_doubles import Resolvent, resolvent_sum
from symcollapse.evaluation.roots_in_doubles import solve_effective_ridge
from symcollapse.evaluation.rounded import (
    ROUNDOFF,
    Array,
    Rounded,
    add,
    exponential,
    from_exact,
    integer_power,
    logarithm,
    multiply,
    real_power,
    weighted_sum,
)
from symcollapse.evaluation.special_doubles import pieces_chosen, through_balls
from symcollapse.evaluation.special_functions import constant_ball, pieces, special_ball
from symcollapse.language.coupled_ridges import CoupledSystem
from symcollapse.language.coupled_traces import TraceSystem
from symcollapse.language.effective_ridges import (
    EffectiveRidge,
    GuardedSize,
    ResidualDegreesOfFreedom,
)
from symcollapse.language.errors import NotEvaluable, NotSupported, OutOfRegime
from symcollapse.language.joint_spectra import JointSpectrum
from symcollapse.language.quantities import SpectralTrace
from symcollapse.language.resolvent_products import ResolventProduct, resolvent_products
from symcollapse.language.spectra import Spectrum
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.symbols import index
from symcollapse.language.targets import Target

CANCELLATION = 8
"""How much worse than its terms a sum of products may be before it is set beside the form it comes from."""


class DoubleEvaluator(Evaluator[Rounded]):
    """A walk in doubles; scalars have the shape (points, 1), columns (1 or points, levels).

    Parameters
    ----------
    values
        Numbers of the free symbols.
    spectra
        Which spectra are taken on few points; left out, every eigenvalue stands for itself.

    Example
    -------
    >>> DoubleEvaluator({}).evaluate(Rational(1, 3)).value
    array([[0.33333333]])
    """

    def __init__(
        self, values: Mapping[Symbol, Rounded], spectra: CompressedSpectra = NOTHING
    ) -> None:
        super().__init__(values)
        self._spectra = spectra
        self._products: dict[Basic, tuple[ResolventProduct, ...] | None] = {}

    def extended(self, values: Mapping[Symbol, Rounded]) -> Self:
        """A walk in which further symbols have numbers, over the same compressed spectra."""
        other = super().extended(values)
        other._spectra, other._products = self._spectra, self._products
        return other

    def rational(self, number: Rational) -> Rounded:
        """The nearest double."""
        try:
            nearest = int(number.p) / int(number.q)
        except OverflowError:
            raise NotEvaluable(
                f"{number} is out of the range of doubles: use digits or balls"
            ) from None
        if nearest == 0 and number != 0:
            raise NotEvaluable("a number below the range of doubles: use digits or balls")
        return from_exact(nearest, is_exact=Rational(nearest) == number)

    def constant(self, number: Basic) -> Rounded:
        """π, e or γ."""
        return from_exact(float(constant_ball(number)), is_exact=False)

    def add(self, terms: list[Rounded]) -> Rounded:
        """A sum."""
        return add(terms)

    def multiply(self, factors: list[Rounded]) -> Rounded:
        """A product."""
        return multiply(factors)

    def product(self, node: Mul, spectrum: Basic | None) -> Rounded:
        """A product with numerators paired with denominators, as (s/(s + κ))^p.

        Taken one after the other, s^p would underflow where the ratio is of order 1.
        """
        over: list[tuple[Expr, int]] = []
        under: list[tuple[Expr, int]] = []
        factors: list[Rounded] = []
        for factor in node.args:
            base, exponent = factor.as_base_exp()
            if isinstance(exponent, Integer) and not isinstance(base, Rational):
                side = over if exponent > 0 else under
                side.append((base, abs(int(exponent))))
            else:
                factors.append(self.evaluate(factor, spectrum))
        while over and under:
            (above, p), (below, q) = over.pop(), under.pop()
            shared = min(p, q)
            key = (Mul(above, Pow(below, -1), evaluate=False), spectrum)
            if key not in self._memo:
                numerator = self.evaluate(above, spectrum)
                inverse = integer_power(self.evaluate(below, spectrum), -1)
                self._memo[key] = multiply([numerator, inverse])
            factors.append(integer_power(self._memo[key], shared))
            if p > shared:
                over.append((above, p - shared))
            if q > shared:
                under.append((below, q - shared))
        factors += [integer_power(self.evaluate(base, spectrum), p) for base, p in over]
        factors += [integer_power(self.evaluate(base, spectrum), -q) for base, q in under]
        return multiply(factors)

    def power(self, base: Rounded, exponent: Expr, value: Rounded | None) -> Rounded:
        """A power."""
        if exponent.is_Integer and abs(int(exponent)) <= 64:
            return integer_power(base, int(exponent))
        if exponent == Rational(1, 2):
            with np.errstate(invalid="ignore"):
                root = np.sqrt(base.value)
            half = real_power(base, from_exact(0.5, is_exact=True))
            return Rounded(root, half.error)
        if value is None:
            assert isinstance(exponent, Rational)
            value = self.rational(exponent)
        return real_power(base, value)

    def function(self, name: str, argument: Rounded) -> Rounded:
        """The function exp or log."""
        return exponential(argument) if name == "exp" else logarithm(argument)

    def special(self, node: Basic, arguments: list[Rounded]) -> Rounded:
        """A named function, entry by entry in balls."""
        return through_balls(lambda balls: special_ball(node, balls), arguments)

    def piecewise(self, node: Piecewise, spectrum: Basic | None) -> Rounded:
        """The first piece whose condition holds, point by point; not decided within the errors is of infinite error."""
        pairs = pieces(node)
        conditions = [condition for _, condition in pairs]
        relations = {relation for c in conditions for relation in c.atoms(Relational)}
        sides: dict[Basic, tuple[Rounded, Rounded]] = {
            relation: (self.evaluate(relation.lhs), self.evaluate(relation.rhs))
            for relation in relations
        }
        chosen = pieces_chosen(conditions, sides)
        value, error = np.full(chosen.shape, np.nan), np.full(chosen.shape, np.inf)
        for piece, (formula, _) in enumerate(pairs):
            if np.any(chosen == piece):
                result = self.evaluate(formula, spectrum)
                value = np.where(chosen == piece, result.value, value)
                error = np.where(chosen == piece, result.error, error)
        return Rounded(value, error)

    def total(self, column: Rounded, weights: Rounded) -> Rounded:
        """Weighted sum over the levels."""
        return weighted_sum(column, weights)

    def counting_column(self, size: int) -> Rounded:
        """The column 1, 2, …, size."""
        values = np.arange(1.0, size + 1.0)[np.newaxis, :]
        return Rounded(values, np.zeros_like(values))

    def column(self, entries: list[Rounded]) -> Rounded:
        """A column of scalars."""
        values = np.broadcast_arrays(*(entry.value for entry in entries))
        errors = np.broadcast_arrays(*(entry.error for entry in entries))
        return Rounded(np.concatenate(values, axis=-1), np.concatenate(errors, axis=-1))

    def _counter(self, spectrum: Spectrum) -> Integer:
        rule = self._spectra.rules.get(spectrum.dimension)
        if rule is None:
            return super()._counter(spectrum)
        counter: Any = spectrum.dimension
        if counter not in self._columns:
            nodes = rule.nodes[None, :]
            # A whole number stands for itself.
            loose = np.where(nodes == np.floor(nodes), 0.0, 4 * ROUNDOFF * nodes)
            self._columns[counter] = {index: Rounded(nodes, loose)}
        return counter

    def multiplicities(self, spectrum: Spectrum) -> Rounded:
        """How many eigenvalues each point stands for."""
        rule = self._spectra.rules.get(spectrum.dimension)
        if rule is None:
            return super().multiplicities(spectrum)
        weights = rule.weights[None, :]
        single = (weights == 1) & (rule.counts[None, :] == 1)
        return Rounded(weights, np.where(single, 0.0, (rule.tolerance + 2 * ROUNDOFF) * weights))

    def counted(self, energies: Rounded, spectrum: Spectrum) -> Rounded:
        """Squared coefficients times how many eigenvalues each point stands for."""
        if spectrum.dimension not in self._spectra.rules:
            return energies
        return multiply([energies, self.multiplicities(spectrum)])

    def _levels(self, spectrum: Spectrum) -> Rounded:
        short = self._spectra.lists.get(spectrum)
        return super()._levels(spectrum) if short is None else short.levels

    def _weights(self, spectrum: Spectrum, target: Target | None) -> Rounded:
        short = self._spectra.lists.get(spectrum)
        known = None if short is None else short.weights(target)
        return super()._weights(spectrum, target) if known is None else known

    def _sum(self, summand: Expr, spectrum: Spectrum, target: Target | None) -> Rounded:
        products = None if isinstance(spectrum, JointSpectrum) else self._products_of(summand)
        terms = None if products is None else self._quick_terms(products, spectrum, target)
        quick = add(terms) if terms else None
        if quick is not None and terms:
            each = np.max([np.max(term.relative_error) for term in terms])
            # Only where products cancel is the form that they were multiplied out from any better.
            if np.all(quick.relative_error <= CANCELLATION * each):
                return quick
        careful = super()._sum(summand, spectrum, target)
        if quick is None:
            return careful
        better = quick.error < careful.error
        return Rounded(
            np.where(better, quick.value, careful.value),
            np.where(better, quick.error, careful.error),
        )

    def _products_of(self, summand: Expr) -> tuple[ResolventProduct, ...] | None:
        if summand not in self._products:
            try:
                self._products[summand] = resolvent_products(summand)
            except NotSupported:
                self._products[summand] = None
        return self._products[summand]

    def _quick_terms(
        self, products: tuple[ResolventProduct, ...], spectrum: Spectrum, target: Target | None
    ) -> list[Rounded] | None:
        """The sums of the products, each taken at once; None where one is of no known kind."""
        levels, weights = self.levels(spectrum), self.weights(spectrum, target)
        terms = []
        for product in products:
            power = product.power
            orders = [order for _, order in product.resolvents]
            whole = all(isinstance(order, Integer) and order > 0 for order in orders)
            if not (isinstance(power, Rational) and whole):
                return None
            resolvents = [
                Resolvent(self.evaluate(kappa), int(order)) for kappa, order in product.resolvents
            ]
            exponent = Fraction(int(power.p), int(power.q))
            total = resolvent_sum(levels, weights, exponent, resolvents)
            if total is None:
                return None
            terms.append(multiply([self.evaluate(product.coefficient), total]))
        return terms

    def effective_ridge(self, node: EffectiveRidge) -> Rounded:
        """The root κ."""
        return solve_effective_ridge(
            self.evaluate(node.ridge),
            self.evaluate(node.samples),
            self.levels(node.covariance),
            self.weights(node.covariance, None),
            self._spectra.panels(node.covariance),
        )

    def solve(self, system: CoupledSystem) -> tuple[Rounded, ...]:
        """The coupled effective ridges, or coupled traces."""
        if isinstance(system, TraceSystem):
            return solve_trace_system(system, self.extended)
        return solve_coupled_system(system, self.extended)

    def residual(self, node: ResidualDegreesOfFreedom) -> Rounded:
        """λ₁T/κ₁ + κ₂ tr ΣG₁G₂; where κ₁ = 0 the first term is T − d."""
        first, second = (self.evaluate(kappa) for kappa in node.effective_ridges)
        kappas = node.effective_ridges
        shared = self.evaluate(
            SpectralTrace(s / ((s + kappas[0]) * (s + kappas[1])), node.covariance)
        )
        samples = self.evaluate(node.samples)
        pull = multiply([self.evaluate(node.ridges[0]), samples, integer_power(first, -1)])
        if node.covariance.dimension is oo:
            return add([pull, multiply([second, shared])])
        dimension = self.evaluate(node.covariance.dimension)
        surplus = add([samples, multiply([self.evaluate(Integer(-1)), dimension])])
        vanishes = first.value == 0
        head = Rounded(
            np.where(vanishes, surplus.value, pull.value),
            np.where(vanishes, surplus.error, pull.error),
        )
        return add([head, multiply([second, shared])])

    def guarded(self, node: GuardedSize) -> Rounded:
        """A difference of sizes."""
        value = self.evaluate(node.unfolded())
        if np.any(value.value < node.least):
            smallest = float(np.min(self.evaluate(node.samples).value))
            raise OutOfRegime(
                f"derived for {node.regime}, evaluated at T = {smallest:g} among others; derive it anew"
            )
        return value


def points_as_doubles(values: Array) -> Rounded:
    """Argument values as a scalar per point; doubles are exact.

    Example
    -------
    >>> points_as_doubles(np.array([1.0, 2.0])).value.shape
    (2, 1)
    """
    column = np.asarray(values, dtype=np.float64).reshape(-1, 1)
    return Rounded(column, np.zeros_like(column))
