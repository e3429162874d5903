"""Minima of linear forms in shortest writing: 2βr·x and 2β·x are one branch, 2β·x·min(r, 1)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from sympy import Basic, Expr, Integer, Min, Rational

from symcollapse.scaling.tropical_forms import ZERO, Cell, Form, FormSpace, Slope


@dataclass(frozen=True)
class Branch:
    """The function base + bent·min(r, threshold), with bent ≥ 0; linear in the variables at each β and r."""

    forms: tuple[Form, ...]
    """The forms that it joins."""
    base: Form
    bent: Form | None = None
    threshold: Expr | None = None
    """Where in r the branch bends; None if it does not."""

    def written(self, space: FormSpace, names: Sequence[Expr] | None = None) -> Expr:
        """The branch as an expression, in the variables' own names or in others."""
        total = space.written(self.base, names)
        if self.bent is None or self.threshold is None:
            return total
        return total + space.written(self.bent, names) * Min(space.scaling.source, self.threshold)

    def at(self, capacity: Fraction, source: Fraction) -> tuple[Fraction, ...]:
        """Coefficients of the variables at a capacity and a source that are numbers."""
        values = [_value(slope, capacity, source) for slope in self.base.slopes]
        if self.bent is not None:
            least = min(source, self.bend_at(capacity))
            values = [
                value + least * _value(slope, capacity, source)
                for value, slope in zip(values, self.bent.slopes, strict=True)
            ]
        return tuple(values)

    def bend_at(self, capacity: Fraction) -> Fraction:
        """The threshold at a capacity that is a number."""
        assert self.threshold is not None
        bend: Basic = self.threshold
        for symbol in self.threshold.free_symbols:
            bend = bend.subs(symbol, _rational(capacity))
        assert isinstance(bend, Rational)
        return Fraction(bend.p, bend.q)


def _value(slope: Slope, capacity: Fraction, source: Fraction) -> Fraction:
    return slope[0] + slope[1] * capacity + slope[2] * capacity * source


def _rational(value: Fraction) -> Rational:
    return Rational(value.numerator, value.denominator)


def branches(decays: Iterable[Form], space: FormSpace, cells: Sequence[Cell]) -> tuple[Branch, ...]:
    """The forms of a minimum, with those joined that differ by a multiple of r − number."""
    forms = list(decays)
    joined: list[Branch] = []
    while len(forms) > 1:
        for first, second in combinations(forms, 2):
            branch = _joined(first, second, space, cells)
            if branch is not None:
                joined.append(branch)
                forms.remove(first)
                forms.remove(second)
                break
        else:
            break
    return (*joined, *(Branch((form,), form) for form in forms))


def _joined(first: Form, second: Form, space: FormSpace, cells: Sequence[Cell]) -> Branch | None:
    if space.is_source_known:
        return None
    difference = first - second
    held = [slope for slope in difference.slopes if slope != ZERO]
    if not held or any(slope[2] == 0 for slope in held):
        return None
    ratios = {(slope[0] / slope[2], slope[1] / slope[2]) for slope in held}
    if len(ratios) > 1:
        return None
    # difference = bent·(r − threshold), and the sign of bent says which of the two is which.
    (ratio,) = ratios
    one, beta = (Rational(-part.numerator, part.denominator) for part in ratio)
    threshold = one / space.scaling.capacity + beta
    if threshold.is_extended_positive is not True:
        return None
    bent = Form(
        tuple(space.slope(Fraction(0), slope[2], Fraction(0)) for slope in difference.slopes)
    )
    if not all(space.is_nonnegative(bent, cell) for cell in cells):
        return _joined(second, first, space, cells) if _is_reversed(bent, space, cells) else None
    base = Form(
        tuple(
            (own[0], own[1], own[2] - slope[2])
            for own, slope in zip(first.slopes, difference.slopes, strict=True)
        )
    )
    return Branch((first, second), base, bent, threshold)


def _is_reversed(bent: Form, space: FormSpace, cells: Sequence[Cell]) -> bool:
    opposite = bent.scaled(Fraction(-1))
    return all(space.is_nonnegative(opposite, cell) for cell in cells)


def minimum(
    chosen: Iterable[Branch], space: FormSpace, names: Sequence[Expr] | None = None
) -> Expr:
    """The minimum of some branches as an expression."""
    written = [branch.written(space, names) for branch in chosen]
    return Min(*written) if written else Integer(0)
