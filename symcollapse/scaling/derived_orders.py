"""The order of a formula of the theory at exponents that are numbers, with all that moves along with T."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sympy import Add, Basic, Expr, Integer, Rational, Symbol, oo

from symcollapse.language import symbols
from symcollapse.language.abbreviations import Abbreviation
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.errors import NotSupported, OutOfRegime
from symcollapse.language.quantities import QuadraticForm, Quantity, SpectralTrace
from symcollapse.language.spectra import PowerLawSpectrum
from symcollapse.language.targets import SourceTarget
from symcollapse.reasoning import Towards
from symcollapse.scaling.growth import Growth, NumericGrowth, Sides
from symcollapse.scaling.orders import ONE, Order, order_of
from symcollapse.scaling.rate_scalings import Scaling


@dataclass(frozen=True)
class _GrowthAlong(NumericGrowth):
    """Growths where κ itself may be what moves, and resolvents may have any positive order."""

    effective: Rational | None = None
    """The exponent of κ."""
    surpluses: tuple[tuple[Basic, Order | None], ...] = ()
    """Samples beyond the dimension, by the symbol of the samples."""

    def letter(self, symbol: Symbol) -> Growth | None:
        """Growth of a symbol of the theory."""
        if symbol == symbols.effective and self.effective is not None:
            return Growth(self.effective, 0)
        return super().letter(symbol)

    def surplus(self, samples: Expr) -> Growth:
        """That of the samples beyond the dimension, however few they are."""
        for symbol, order in self.surpluses:
            if symbol == samples:
                if order is None:
                    raise OutOfRegime(f"derived for {samples} >= d; derive it anew")
                return Growth(order.exponent, 0)
        return super().surplus(samples)

    def resolvent_level(self, kappa: Expr) -> Rational | None:
        """Level of the κ of a resolvent."""
        if kappa == symbols.effective and self.effective is not None:
            return -self.effective / self.scaling.capacity
        return super().resolvent_level(kappa)

    def takes(self, order: Expr) -> bool:
        """Whether resolvents of that order have a rule."""
        return isinstance(order, Rational) and order >= 0


@dataclass(frozen=True)
class Course:
    """What moves at one point, by its order in a variable that goes to infinity.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge, samples
    >>> towards = Towards(samples, oo, ((ridge, samples**-2),))
    >>> str(course(towards, {}).orders[ridge])
    'T^(-2)'
    """

    point: Mapping[Basic, Rational]
    orders: Mapping[Basic, Order | None]
    surpluses: tuple[tuple[Basic, Order | None], ...] = ()

    def of(self, formula: Expr) -> Order | None:
        """Order of a formula: of the theory, with traces and effective ridges, or a plain one; None if it is zero.

        Raises
        ------
        NotSupported
            If it has no rule, or sizes come so close that their difference is of a smaller order.
        Diverges
            If a sum over infinitely many eigenvalues does.
        """
        found = [part for part in self.of_terms(formula) if part is not None]
        return max(found, key=lambda part: part.key) if found else None

    def of_terms(self, formula: Expr) -> tuple[Order | None, ...]:
        """Orders of the terms of a sum; a plain formula counts as one term."""
        read = _read(formula)
        if read is None:
            return (order_of(formula, self.orders, self.point),)
        rules, rule = self._rules(read), dict(self.point)
        # The scaling holds capacity and source; numbers go only where a power of s is written by letters.
        lettered = bool(read.letters & self.point.keys())
        parts = (rules.of(part.xreplace(rule) if lettered else part) for part in read.terms)
        return tuple(
            None if part is None else Order(part.exponent, Integer(part.logarithms))
            for part in parts
        )

    def _rules(self, read: "_Reading") -> _GrowthAlong:
        if read.law is None:
            raise NotSupported("one power law is expected")
        endless = read.law.dimension == oo
        scaling = Scaling(
            ridge=-self._exponent(symbols.ridge),
            generations=self._generations(),
            generation_samples=self._exponent(symbols.generation_samples, Integer(1)),
            dimension=oo if endless else self._exponent(symbols.dimension),
            noise=-2 * self._exponent(symbols.noise),
            capacity=read.law.capacity.xreplace(dict(self.point)),
            source=read.source.xreplace(dict(self.point)),
            generation_ridge=-self._exponent(symbols.generation_ridge),
        )
        self._refuse_the_peak(scaling.capacity)
        moved = self.orders.get(symbols.effective)
        effective = None if moved is None else moved.exponent
        return _GrowthAlong(scaling, self._sides(), effective, self.surpluses)

    def _exponent(self, symbol: Symbol, default: Any = None) -> Any:
        if symbol not in self.orders:
            return Integer(0) if default is None else default
        moved = self.orders[symbol]
        return -oo if moved is None else moved.exponent

    def _generations(self) -> Any:
        noise = self._exponent(symbols.generation_noise)
        return noise if noise == -oo else 2 * noise + self._exponent(symbols.generations)

    def _sides(self) -> Sides:
        if symbols.dimension not in self.orders:
            return Sides()
        if symbols.generation_samples not in self.orders:
            return Sides(self._recovers(symbols.samples))
        return Sides(self._recovers(symbols.samples), self._recovers(symbols.generation_samples))

    def _refuse_the_peak(self, capacity: Expr) -> None:
        """With d = T and a ridge below the smallest eigenvalue T − df₂ is of a smaller order than T: no rule knows it."""
        size, own = self.orders.get(symbols.dimension), self.orders.get(symbols.samples)
        if size is None or own is None or size.factor is None:
            return
        if (own.exponent, own.factor) != (size.exponent, size.factor):
            return
        penalty = self.orders.get(symbols.ridge, ONE)
        if penalty is None or penalty.exponent < -capacity * size.exponent:
            raise NotSupported(
                "d = T and a ridge below the smallest eigenvalue: give d/T another limit"
            )

    def _recovers(self, symbol: Symbol) -> bool:
        """Whether there are at least as many samples as dimensions, by a fixed factor where they grow alike."""
        size, own = self.orders[symbols.dimension], self.orders[symbol]
        assert size is not None
        assert own is not None
        if own.exponent != size.exponent:
            return bool(own.exponent > size.exponent)
        if own.factor is None or size.factor is None:
            raise NotSupported(f"{symbol} and d grow alike: give their factors")
        return bool(own.factor >= size.factor)


def course(towards: Towards, point: Mapping[Basic, Rational]) -> Course:
    """What moves at a point, where a variable goes to infinity, or to 0 as the inverse of one that does."""
    exponent = Integer(1) if towards.to == oo else Integer(-1)
    orders: dict[Basic, Order | None] = {
        # Samples stand still where something else moves.
        symbols.samples: ONE,
        towards.variable: replace(ONE, exponent=exponent),
    }
    for symbol, value in towards.following:
        orders[symbol] = order_of(value, orders, point)
    surpluses = tuple(
        (symbol, _surplus(value, dict(towards.following)[symbols.dimension], orders, point))
        for symbol, value in towards.following
        if symbol == symbols.generation_samples and symbols.dimension in orders
    )
    for symbol, surplus in surpluses:
        # Where sizes come close, their difference is of a smaller order than both.
        assert isinstance(symbol, Symbol)
        orders[symbol - symbols.dimension] = surplus
        own = orders[symbol]
        if surplus is not None and own is not None:
            orders[1 - symbols.dimension / symbol] = surplus.times(own.raised(Integer(-1)))
    still = {symbol: value for symbol, value in point.items() if symbol not in orders}
    return Course(still, orders, surpluses)


def _surplus(
    size: Expr, dimension: Expr, orders: Mapping[Basic, Order | None], point: Mapping[Basic, Any]
) -> Order | None:
    """The order of the samples beyond the dimension; None where there are fewer samples."""
    own, other = order_of(size, orders, point), order_of(dimension, orders, point)
    assert own is not None
    assert other is not None
    if own.key != other.key:
        return own if other < own else None
    return order_of((size - dimension).xreplace(dict(point)), orders, point)


@dataclass(frozen=True)
class _Reading:
    """What is read off a formula once, for all points."""

    terms: tuple[Expr, ...]
    law: PowerLawSpectrum | None
    """None unless there is just one power law."""
    source: Expr
    letters: frozenset[Basic]
    """The letters of its functions of an eigenvalue."""


@lru_cache(maxsize=256)
def _read(formula: Expr) -> _Reading | None:
    """None for a plain formula, without traces and effective ridges."""
    if not formula.has(Quantity, Abbreviation, EffectiveRidge):
        return None
    laws = list(formula.atoms(PowerLawSpectrum))
    same = len({(law.capacity, law.scale) for law in laws}) == 1
    sources = {target.source for target in formula.atoms(SourceTarget)} or {Integer(1)}
    summands = [node.summand for node in formula.atoms(SpectralTrace, QuadraticForm)]
    letters = frozenset[Basic]().union(*(summand.free_symbols for summand in summands))
    law = laws[0] if same else None
    return _Reading(Add.make_args(formula), law, sources.pop(), letters)
