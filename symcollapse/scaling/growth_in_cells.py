"""Growth with T at exponents that are symbols: the largest of a few linear forms, within one order of the levels."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from sympy import Eq, Expr, Rational, Symbol, oo, solve, true
from sympy.logic.boolalg import Boolean

from symcollapse.language import symbols
from symcollapse.language.errors import Diverges, InvalidProblem, NotSupported, OutOfRegime
from symcollapse.scaling.growth import Sides
from symcollapse.scaling.growth_rules import GrowthRules, Summand
from symcollapse.scaling.tropical_forms import (
    LEVELS,
    ZERO,
    Cell,
    Form,
    FormSpace,
    Item,
    Slope,
)

Largest = tuple[tuple[Form, frozenset[Boolean]], ...]
"""Forms whose largest is the exponent, each with the conditions under which it brings a logarithm."""


@dataclass(frozen=True)
class GrowthInCell(GrowthRules[Largest, Item]):
    """Growths within one order of the levels."""

    space: FormSpace
    cell: Cell
    sides: Sides

    def one(self) -> Largest:
        """The form 0."""
        return ((self.space.zero, frozenset()),)

    def letter(self, symbol: Symbol) -> Largest | None:
        """Growth of a symbol of the theory."""
        scaling, space = self.space.scaling, self.space
        if symbol in (symbols.ridge, symbols.generation_ridge):
            item = space.level(LEVELS[symbol])
            return None if item is None else self.of_level(item)
        if symbol in LEVELS:
            item = space.level(LEVELS[symbol])
            if item is None:
                raise Diverges(f"{symbol} is infinite, and so is the formula")
            return ((self._times(item, Fraction(1)), frozenset()),)
        if symbol == symbols.generations:
            # Only n·σ₀² has an exponent; the formulas hold n beside σ₀² or not at all.
            return self.one()
        if symbol == symbols.noise:
            if scaling.noise == oo:
                return None
            return ((space.exponent(scaling.noise, Fraction(-1, 2)), frozenset()),)
        if symbol == symbols.generation_noise:
            if scaling.generations == -oo:
                return None
            return ((space.exponent(scaling.generations, Fraction(1, 2)), frozenset()),)
        raise NotSupported(f"{symbol}: no exponent belongs to it; give generators that are alike")

    def total(self, growths: list[Largest]) -> Largest:
        """All forms, but for those that are never the largest."""
        return pruned((entry for growth in growths for entry in growth), self.space, (self.cell,))

    def multiplied(self, first: Largest, second: Largest) -> Largest:
        """Every form plus every other."""
        sums = ((a + b, i | j) for a, i in first for b, j in second)
        return pruned(sums, self.space, (self.cell,))

    def raised(self, growth: Largest, exponent: Rational) -> Largest:
        """Every form times the exponent; only a single one may have a negative exponent."""
        if exponent < 0 and len(growth) > 1:
            raise NotSupported("a denominator of several growths that compete: give more numbers")
        if exponent < 0 and growth[0][1]:
            raise NotSupported("a logarithm in a denominator: give numbers")
        factor = Fraction(exponent.p, exponent.q)
        return tuple((form.scaled(factor), logs) for form, logs in growth)

    def level(self, ridge: Expr, samples: Expr) -> Item | None:
        """ℓ/β, at most the exponent of the samples where these are fewer than the dimension."""
        if ridge != 0 and ridge not in (symbols.ridge, symbols.generation_ridge):
            raise NotSupported(f"ridge {ridge}: rates know lambda and lambda_0")
        own = self.space.level(LEVELS[ridge]) if ridge != 0 else None  # type: ignore[index]
        size = self._size(samples)
        if self._recovers(samples):
            if own is None and self._declared(samples) is False:
                raise OutOfRegime(f"derived for {samples} < d; derive it anew")
            return own
        if own is None:
            return size
        return own if self._rank(own) <= self._rank(size) else size

    def of_level(self, level: Item) -> Largest:
        """κ is the eigenvalue at its level."""
        slope = self.space.slope(Fraction(0), Fraction(-1), Fraction(0))
        return ((self.space.form(level, slope), frozenset()),)

    def surplus(self, samples: Expr) -> Largest:
        """That of the samples: they are at least a fixed factor more than the dimension."""
        size, dimension = self._size(samples), self.space.level("dimension")
        too_few = dimension is None or self._rank(size) < self._rank(dimension)
        if too_few or self._declared(samples) is False:
            raise OutOfRegime(f"derived for {samples} >= d; derive it anew")
        return ((self._times(size, Fraction(1)), frozenset()),)

    def spectral_sum(self, summand: Summand[Item]) -> Largest:
        """The values at 0, the levels and d of a function of j = T^x that is linear between them."""
        power = Fraction(summand.power.p, summand.power.q)
        slope = self._slope(1, -power, 0)
        if summand.is_weighted:
            slope = self._slope(0, 1 - power, -2)
        last = self.space.level("dimension")
        if last is None and not self._is_negative(slope):
            raise Diverges(
                "d = oo: the sum over the eigenvalues may diverge; give a finite dimension"
            )
        bends = {
            t: sum(int(m) for other, m in summand.resolvents if other == t)
            for t, _ in summand.resolvents
            if last is None or self._rank(t) < self._rank(last)
        }
        points: list[Item] = [Fraction(0), *(t for t in bends if t != Fraction(0))]
        points = sorted(set(points), key=self._rank)
        if last is not None and last not in points:
            points.append(last)
        heights = [self._height(x, slope, summand) for x in points]
        kept = {
            form
            for form, _ in pruned(((h, frozenset()) for h in heights), self.space, (self.cell,))
        }
        logs: dict[Form, frozenset[Boolean]] = {height: frozenset() for height in heights}
        for (x, low), (_, high) in pairwise(zip(points, heights, strict=True)):
            if low in kept and high in kept:
                later = sum(int(m) for t, m in summand.resolvents if self._rank(t) > self._rank(x))
                added = self.space.slope(Fraction(0), Fraction(later), Fraction(0))
                flat = self._vanishes(
                    (slope[0] + added[0], slope[1] + added[1], slope[2] + added[2])
                )
                logs[low] |= flat
                logs[high] |= flat
        return pruned(logs.items(), self.space, (self.cell,))

    def _height(self, x: Item, slope: Slope, summand: Summand[Item]) -> Form:
        total = self.space.form(x, slope)
        for t, order in summand.resolvents:
            lower = x if self._rank(x) <= self._rank(t) else t
            total += self.space.form(lower, self._slope(0, int(order), 0))
        return total

    def _vanishes(self, slope: Slope) -> frozenset[Boolean]:
        if slope == ZERO:
            return frozenset({true})
        written = self.space.written_slope(slope)
        for unknown in (self.space.scaling.source, self.space.scaling.capacity):
            if isinstance(unknown, Symbol) and unknown in written.free_symbols:
                (root,) = solve(written, unknown) or (None,)
                if root is None or root.is_extended_nonpositive:
                    return frozenset()
                return frozenset({Eq(unknown, root)})
        return frozenset()

    def _is_negative(self, slope: Slope) -> bool:
        opposite: Slope = (-slope[0], -slope[1], -slope[2])
        return opposite != ZERO and self.space.is_slope_nonnegative(opposite)

    def _slope(
        self, one: Fraction | int, beta: Fraction | int, beta_source: Fraction | int
    ) -> Slope:
        return self.space.slope(Fraction(one), Fraction(beta), Fraction(beta_source))

    def _times(self, item: Item, factor: Fraction) -> Form:
        return self.space.form(item, (factor, Fraction(0), Fraction(0)))

    def _rank(self, item: Item) -> int:
        return self.cell.rank(item)

    def _size(self, samples: Expr) -> Item:
        if samples not in (symbols.samples, symbols.generation_samples):
            raise NotSupported(f"samples {samples}: rates know T and T_0")
        item = self.space.level(LEVELS[samples])  # type: ignore[index]
        assert item is not None
        return item

    def _declared(self, samples: Expr) -> bool | None:
        if samples == symbols.samples:
            return self.sides.samples_recover
        return self.sides.generation_samples_recover

    def _recovers(self, samples: Expr) -> bool:
        size, dimension = self._size(samples), self.space.level("dimension")
        if dimension is None:
            return False
        if size != dimension:
            return self._rank(size) > self._rank(dimension)
        side = self._declared(samples)
        if side is None:
            raise InvalidProblem(
                f"{samples} and d grow alike: give a problem that says which is larger"
            )
        return side


def pruned(
    entries: Iterable[tuple[Form, frozenset[Boolean]]], space: FormSpace, cells: Iterable[Cell]
) -> Largest:
    """Forms without those that another is at least as large as, in every one of some cells."""
    merged: dict[Form, frozenset[Boolean]] = {}
    for form, logs in entries:
        merged[form] = merged.get(form, frozenset()) | logs
    within = tuple(cells)
    kept = dict(merged)
    for form in merged:
        rivals = (other for other in kept if other != form)
        if any(all(space.is_nonnegative(o - form, cell) for cell in within) for o in rivals):
            del kept[form]
    return tuple(kept.items())
