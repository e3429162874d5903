"""Growth with T at exponents that are numbers: an exact exponent, and a power of ln T."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sympy import Expr, Integer, Rational, Symbol, oo

from symcollapse.language import symbols
from symcollapse.language.errors import Diverges, InvalidProblem, NotSupported, OutOfRegime
from symcollapse.scaling.growth_rules import GrowthRules, Summand
from symcollapse.scaling.rate_scalings import Scaling


@dataclass(frozen=True, order=True)
class Growth:
    """T^exponent · (ln T)^logarithms, up to a constant; ordered by size.

    Example
    -------
    >>> Growth(Integer(1), 0) < Growth(Integer(1), 1) < Growth(Rational(3, 2), 0)
    True
    """

    exponent: Rational
    logarithms: int


@dataclass(frozen=True)
class Sides:
    """On which side of the dimension the sizes lie where their exponents are equal; None if nobody said."""

    samples_recover: bool | None = None
    """Whether T ≥ d."""
    generation_samples_recover: bool | None = None
    """Whether T₀ ≥ d."""


@dataclass(frozen=True)
class NumericGrowth(GrowthRules[Growth, Rational]):
    """Growths at a scaling all of whose exponents are numbers."""

    scaling: Scaling
    sides: Sides

    def one(self) -> Growth:
        """Growth of a constant."""
        return Growth(Integer(0), 0)

    def letter(self, symbol: Symbol) -> Growth | None:
        """Growth of a symbol of the theory."""
        scaling = self.scaling
        exponents: dict[Symbol, Expr] = {
            symbols.samples: Integer(1),
            symbols.dimension: scaling.dimension,
            symbols.generation_samples: scaling.generation_samples,
            symbols.ridge: -scaling.ridge,
            symbols.generation_ridge: -scaling.generation_ridge,
            symbols.noise: -scaling.noise / 2,
            # Only n·σ₀² has an exponent; the formulas hold n beside σ₀² or not at all.
            symbols.generations: Integer(0),
            symbols.generation_noise: scaling.generations / 2,
        }
        if symbol not in exponents:
            raise NotSupported(
                f"{symbol}: no exponent belongs to it; give generators that are alike"
            )
        exponent = exponents[symbol]
        if exponent == oo:
            raise Diverges(f"{symbol} is infinite, and so is the formula")
        return None if exponent == -oo else Growth(_number(exponent, symbol), 0)

    def total(self, growths: list[Growth]) -> Growth:
        """The largest."""
        return max(growths)

    def multiplied(self, first: Growth, second: Growth) -> Growth:
        """Both grades add."""
        return Growth(first.exponent + second.exponent, first.logarithms + second.logarithms)

    def raised(self, growth: Growth, exponent: Rational) -> Growth:
        """Both grades are multiplied."""
        logarithms = growth.logarithms * exponent
        if not logarithms.is_Integer:
            raise NotSupported(f"(ln T)^({logarithms}): give whole powers")
        return Growth(growth.exponent * exponent, int(logarithms))

    def level(self, ridge: Expr, samples: Expr) -> Rational | None:
        """ℓ/β, at most the exponent of the samples where these are fewer than the dimension."""
        exponent = {
            symbols.ridge: self.scaling.ridge,
            symbols.generation_ridge: self.scaling.generation_ridge,
        }.get(ridge, oo)  # type: ignore[call-overload]
        if ridge != 0 and ridge not in (symbols.ridge, symbols.generation_ridge):
            raise NotSupported(f"ridge {ridge}: rates know lambda and lambda_0")
        size = self._size(samples)
        own = None if exponent == oo else _number(exponent / self._capacity, ridge)
        if self._recovers(samples):
            if own is None and self._declared(samples) is False:
                raise OutOfRegime(f"derived for {samples} < d; derive it anew")
            return own
        return size if own is None else min(own, size)

    def of_level(self, level: Rational) -> Growth:
        """κ is the eigenvalue at its level."""
        return Growth(-self._capacity * level, 0)

    def surplus(self, samples: Expr) -> Growth:
        """That of the samples: they are at least a fixed factor more than the dimension."""
        size = self._size(samples)
        if size < self._dimension or self._declared(samples) is False:
            raise OutOfRegime(f"derived for {samples} >= d; derive it anew")
        return Growth(size, 0)

    def spectral_sum(self, summand: Summand[Rational]) -> Growth:
        """The largest value over j = T^x of a function that is linear between levels, logarithm where it is flat."""
        capacity, last = self._capacity, self._dimension
        slope = 1 - capacity * summand.power
        if summand.is_weighted:
            slope -= 1 + capacity * (2 * _number(self.scaling.source, symbols.source) - 1)

        def height(x: Rational) -> Rational:
            bends = sum((m * min(x, t) for t, m in summand.resolvents), Integer(0))
            return slope * x + capacity * bends

        if last == oo and slope >= 0:
            raise Diverges("d = oo: the sum over the eigenvalues diverges; give a finite dimension")
        points = sorted(
            {Integer(0), *(t for t, _ in summand.resolvents if t < last)}
            | (set() if last == oo else {last})
        )
        heights = [height(x) for x in points]
        largest = max(heights)
        flat = any(first == second == largest for first, second in pairwise(heights))
        return Growth(largest, int(flat))

    @property
    def _capacity(self) -> Rational:
        return _number(self.scaling.capacity, symbols.capacity)

    @property
    def _dimension(self) -> Any:
        dimension = self.scaling.dimension
        return dimension if dimension == oo else _number(dimension, symbols.dimension)

    def _size(self, samples: Expr) -> Rational:
        if samples == symbols.samples:
            return Integer(1)
        if samples == symbols.generation_samples:
            return _number(self.scaling.generation_samples, samples)
        raise NotSupported(f"samples {samples}: rates know T and T_0")

    def _declared(self, samples: Expr) -> bool | None:
        if samples == symbols.samples:
            return self.sides.samples_recover
        return self.sides.generation_samples_recover

    def _recovers(self, samples: Expr) -> bool:
        size, dimension = self._size(samples), self._dimension
        if size != dimension:
            return bool(size > dimension)
        side = self._declared(samples)
        if side is None:
            raise InvalidProblem(
                f"{samples} and d grow alike: give a problem that says which is larger"
            )
        return side


def _number(value: Expr, name: Expr) -> Rational:
    if not isinstance(value, Rational):
        raise InvalidProblem(f"exponent of {name} = {value}: give a rational number")
    return value


def growth(formula: Expr, scaling: Scaling, sides: Sides | None = None) -> Growth | None:
    """How a formula of the theory grows with T; None if it is zero.

    Exact. The formula is one in T, T_0, d, λ, λ_0, σ, σ_0, n and the functionals of Σ and w₀, as ``test_error`` gives.

    Raises
    ------
    InvalidProblem
        If an exponent that is needed is no number, or T₀ and d grow alike and ``sides`` does not tell which is larger.
    OutOfRegime
        If the formula was derived for the other side of the dimension.
    Diverges
        If a sum over infinitely many eigenvalues does.
    NotSupported
        If the formula subtracts something, or holds what has no rule.

    Example
    -------
    >>> from symcollapse.language.effective_ridges import EffectiveRidge
    >>> from symcollapse.language.problems import SIGMA
    >>> from symcollapse.language.quantities import DegreesOfFreedom
    >>> kappa = EffectiveRidge(symbols.ridge, symbols.samples, SIGMA)
    >>> scaling = Scaling(ridge=1, dimension=oo, capacity=2, source=1)
    >>> growth(DegreesOfFreedom(2, kappa, SIGMA), scaling)
    Growth(exponent=1/2, logarithms=0)
    """
    return NumericGrowth(scaling, sides or Sides()).of(formula)
