"""The effective ridge from tabulated sums, certified, in balls."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flint import arb

from symcollapse.evaluation.interpolated_sums import InterpolatedSum
from symcollapse.evaluation.roots_in_balls import certified_root

SMALL_SHARE = 0.5
"""κ tr(Σ + κ)⁻¹ as a part of T below which the equation is written with it: T − df₁ = (T − d) + κ tr(Σ + κ)⁻¹."""


@dataclass(frozen=True)
class TabulatedEquation:
    """T − df₁(κ) = λT/κ with df₁ = S(κ) or, where few eigenvalues are below κ, d − κC(κ).

    Example
    -------
    >>> from symcollapse.evaluation.interpolated_sums import nodes_of, rule_for
    >>> rule = rule_for(1, 80)
    >>> values = [300 / (1 + kappa) for kappa in nodes_of(0, rule)]
    >>> table = InterpolatedSum(0, 1, rule, values)
    >>> equation = TabulatedEquation(arb(1), arb(300), table, lambda: table, 300)
    >>> equation.root(1.618034).overlaps((1 + arb(5).sqrt()) / 2)
    True
    """

    ridge: Any
    """λ > 0, or λ = 0 and T < d: a ball."""
    samples: Any
    """T."""
    degrees: InterpolatedSum
    """S(κ): the sum of s/(s + κ)."""
    inverse: Callable[[], InterpolatedSum | None]
    """C(κ): the sum of 1/(s + κ), where there is a table of it; asked for only if it is needed."""
    dimension: int | None
    """d; None stands for ∞."""

    def root(self, start: float) -> Any:
        """Ball that contains κ, from an approximation.

        Raises
        ------
        PrecisionExhausted
            If the tables are not precise enough to decide the sign at two points around the root.
        """
        first = arb(start)
        above = self.degrees.at(first, first.log())
        if self.dimension is not None and self.dimension - above < SMALL_SHARE * self.samples:
            inverse = self.inverse()
            if inverse is not None:
                return certified_root(
                    first,
                    lambda kappa: self._below(kappa, inverse),
                    lambda kappa: self._slope_below(kappa, inverse),
                )
        return certified_root(first, self._above, self._slope_above)

    def _pull(self, kappa: Any) -> Any:
        return self.ridge * self.samples / kappa

    def _above(self, kappa: Any) -> Any:
        return self.samples - self.degrees.at(kappa, kappa.log()) - self._pull(kappa)

    def _slope_above(self, kappa: Any) -> Any:
        return self._pull(kappa) / kappa - self.degrees.slope(kappa, kappa.log())

    def _below(self, kappa: Any, inverse: InterpolatedSum) -> Any:
        rest = kappa * inverse.at(kappa, kappa.log())
        return (self.samples - self.dimension) + rest - self._pull(kappa)

    def _slope_below(self, kappa: Any, inverse: InterpolatedSum) -> Any:
        place = kappa.log()
        rest = inverse.at(kappa, place) + kappa * inverse.slope(kappa, place)
        return rest + self._pull(kappa) / kappa
