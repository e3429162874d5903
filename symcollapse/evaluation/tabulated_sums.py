"""Sums of w(s)(s + κ)^-m over a spectrum that stays, tabulated in ln κ where a curve asks for many κ, in balls."""

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, TypeAlias

from flint import arb, arb_mat, ctx

from symcollapse.evaluation.folding import Evaluator
from symcollapse.evaluation.interpolated_sums import InterpolatedSum, Rule, nodes_of, rule_for
from symcollapse.evaluation.long_nodes_in_balls import LongNodes
from symcollapse.evaluation.long_sums import LongSums, is_long
from symcollapse.evaluation.moving_sums import MovingPart
from symcollapse.evaluation.sums_on_nodes import sums_on_nodes
from symcollapse.language.spectra import PowerLawSpectrum, Spectrum
from symcollapse.language.targets import SourceTarget, Target, UniformTarget

ENTRIES_AT_ONCE = 150_000
"""Resolvents held at a time, levels times points of a cell: balls of some 100 bytes at 50 digits."""

MOST_POINTS = 500
"""Points of a cell above which sums are not tabulated, some 200 digits: what is held grows with their square."""

MATRICES_KEPT = 2
"""Such tables of powers of resolvents that are kept, for sums with other weights."""

ROWS_KEPT = 1
"""Such tables of resolvents that are kept, for other powers."""

STEP = 64
"""Working precisions of values are multiples of this, so that columns are found for few of them."""

Place: TypeAlias = tuple[Spectrum, int, int, LongNodes | None]
"""A spectrum, a cell, how many points it has, and the nodes that stand for the eigenvalues, if any do."""


class TabulatedSums:
    """Interpolants of sums over spectra that stay.

    Parameters
    ----------
    precision
        Bits asked for.
    walk
        A new walk in balls, in which the symbols that stay have their numbers.

    Example
    -------
    >>> from symcollapse.evaluation.balls import BallEvaluator
    >>> from symcollapse.evaluation.moving_sums import moving_parts
    >>> from symcollapse.language.spectra import PowerLawSpectrum
    >>> from symcollapse.language.symbols import effective
    >>> from symcollapse.language.symbols import eigenvalue as s
    >>> (part,) = moving_parts(s / (s + effective), frozenset({effective}))
    >>> tables = TabulatedSums(100, lambda: BallEvaluator({}))
    >>> table = tables.table(part, PowerLawSpectrum(3, 2), None, -1)
    >>> bool(abs(table.at(arb("0.5"), arb("0.5").log()) - (1 / 1.5 + 1 / 3 + 1 / 5.5)) < 1e-15)
    True
    """

    def __init__(self, precision: int, walk: Callable[[], Evaluator[Any]]) -> None:
        self._precision = precision
        self._walk = walk
        self._walks: dict[int, Evaluator[Any]] = {}
        self._long: dict[int, LongSums] = {}
        self._rows: dict[tuple[Place, int], list[list[Any]]] = {}
        self._matrices: dict[tuple[tuple[Place, int], int], Any] = {}

    def points(self, order: int) -> int:
        """Values that an interpolant of this order takes."""
        return rule_for(order, self._precision).points

    def table(
        self, part: MovingPart, spectrum: Spectrum, target: Target | None, cell: int
    ) -> InterpolatedSum | None:
        """The interpolant on a cell; None if some weights are not known to be ≥ 0, or there is no route to the sums.

        Raises
        ------
        Diverges
            If the sum over infinitely many eigenvalues does.
        """
        rule = rule_for(part.order, self._precision)
        with ctx.workprec(-(-rule.bits // STEP) * STEP):
            if int(ctx.prec) not in self._walks:
                self._walks[int(ctx.prec)] = self._walk()
            if is_long(spectrum):
                values = self._shared_values(part, spectrum, target, cell, rule)
                if values is None:
                    values = self._long_values(part, spectrum, target, cell, rule)
            else:
                values = self._listed_values(part, spectrum, target, cell, rule)
        return None if values is None else InterpolatedSum(cell, part.order, rule, values)

    def _long_values(
        self, part: MovingPart, spectrum: Spectrum, target: Target | None, cell: int, rule: Rule
    ) -> Sequence[Any] | None:
        if not isinstance(target, SourceTarget | UniformTarget | None):
            return None
        walk = self._walks[int(ctx.prec)]
        sums = self._long.setdefault(int(ctx.prec), LongSums(walk.evaluate))
        order = arb(part.order)
        values = [arb(0)] * rule.points
        for product in part.fixed:
            coefficient, power = walk.evaluate(product.coefficient), walk.evaluate(product.power)
            if not coefficient >= 0:
                return None
            rest = [(walk.evaluate(kappa), walk.evaluate(m)) for kappa, m in product.resolvents]
            for place, kappa in enumerate(nodes_of(cell, rule)):
                resolvents = [*rest, (kappa, order)]
                values[place] += coefficient * sums.sum_of(power, resolvents, spectrum, target)
        return values

    def _shared_values(
        self, part: MovingPart, spectrum: Spectrum, target: Target | None, cell: int, rule: Rule
    ) -> Sequence[Any] | None:
        """By the same nodes for all κ; None where there are none for such sums."""
        if not isinstance(spectrum, PowerLawSpectrum):
            return None
        walk = self._walks[int(ctx.prec)]
        kappas = nodes_of(cell, rule)
        values = [arb(0)] * rule.points
        for product in part.fixed:
            sums = sums_on_nodes(
                product, part.order, spectrum, target, walk.evaluate, kappas[-1], rule.bits
            )
            if sums is None:
                return None
            place_here = (spectrum, cell, rule.points, sums.nodes)
            totals = self._totals(place_here, kappas, sums.levels, sums.column, part.order)
            for place, (kappa, total) in enumerate(zip(kappas, totals, strict=True)):
                values[place] += sums.completed(total, kappa)
        return values

    def _listed_values(
        self, part: MovingPart, spectrum: Spectrum, target: Target | None, cell: int, rule: Rule
    ) -> Sequence[Any] | None:
        walk = self._walks[int(ctx.prec)]
        walk.levels(spectrum)
        column = walk.evaluate(part.weight, spectrum)
        shares = walk.weights(spectrum, target)
        weights = walk.multiply([column, shares])
        if not all(weight >= 0 for weight in weights):
            return None
        place = (spectrum, cell, rule.points, None)
        kappas = nodes_of(cell, rule)
        return self._totals(place, kappas, walk.levels(spectrum), weights, part.order)

    def _totals(
        self,
        place: Place,
        kappas: Sequence[Any],
        levels: Sequence[Any],
        column: Sequence[Any],
        order: int,
    ) -> Sequence[Any]:
        """Σ_j c_j (s_j + κ_i)^-m at the points of a cell."""
        values = arb_mat(len(kappas), 1)
        most = ENTRIES_AT_ONCE // len(kappas)
        for start in range(0, len(column), most):
            block = column[start : start + most]
            powers = self._powers_of((place, start), kappas, levels[start : start + most], order)
            values += powers * arb_mat(len(block), 1, block)
        return list(values.entries())

    def _powers_of(
        self,
        place: tuple[Place, int],
        kappas: Sequence[Any],
        levels: Sequence[Any],
        order: int,
    ) -> Any:
        """Matrix of (s_j + κ_i)^-m over points of the cell and levels, the first of which is given by its number."""
        key = (place, order)
        if key not in self._matrices:
            if place not in self._rows:
                one = arb(1)
                _make_room(self._rows, ROWS_KEPT)
                self._rows[place] = [
                    [one / (level + kappa) for level in levels] for kappa in kappas
                ]
            rows = self._rows[place]
            if order == 2:
                rows = [[entry * entry for entry in row] for row in rows]
            elif order > 2:
                rows = [[entry**order for entry in row] for row in rows]
            _make_room(self._matrices, MATRICES_KEPT)
            entries = list(chain.from_iterable(rows))
            self._matrices[key] = arb_mat(len(rows), len(rows[0]), entries)
        return self._matrices[key]


def _make_room(kept: dict[Any, Any], most: int) -> None:
    while len(kept) >= most:
        del kept[next(iter(kept))]
