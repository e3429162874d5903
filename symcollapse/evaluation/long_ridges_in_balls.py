"""The effective ridge over a long or infinite spectrum as a certified ball.

The equation is written as P(κ) = Q(κ) with P increasing, Q decreasing and both positive:

    many eigenvalues below κ:   T = df₁ + λT/κ
    few below κ, T ≥ d:         (T − d) + κ tr(Σ+κ)⁻¹ = λT/κ
    few below κ, T < d:         κ tr(Σ+κ)⁻¹ = (d − T) + λT/κ

ln P − ln Q increases in ln κ, and is nearly straight where one power of κ outweighs the others: Newton's method on it
needs a few steps from any bracket.
"""

from typing import Any

from flint import arb, ctx
from sympy import oo

from symcollapse.evaluation.long_sums import LongSums
from symcollapse.evaluation.roots_in_balls import MOST_BISECTIONS, certified_root
from symcollapse.language.errors import NotEvaluable, PrecisionExhausted
from symcollapse.language.spectra import Spectrum

SEARCH_BITS = 64
"""Working precision of the search, beyond the bits of the dimension."""

SETTLED = 2.0**-24
"""Relative size of the last Newton step of the search; what it leaves is of the order of its square."""


def enclose_long_ridge(ridge: Any, samples: Any, spectrum: Spectrum, sums: LongSums) -> Any:
    """Ball that contains κ(λ, T), certified.

    Parameters
    ----------
    ridge, samples
        λ ≥ 0 and T > 0, balls.
    spectrum
        A power law or an exponential spectrum.
    sums
        Gives its sums.

    Raises
    ------
    NotEvaluable
        If λ < 0 or T <= 0 for certain.
    PrecisionExhausted
        If the working precision is too low to decide the sign at two points around the root.

    Example
    -------
    >>> from symcollapse.evaluation.balls import BallEvaluator
    >>> from symcollapse.language.spectra import PowerLawSpectrum
    >>> at = LongSums(BallEvaluator({}).evaluate)
    >>> kappa = enclose_long_ridge(arb(0), arb(100), PowerLawSpectrum(oo, 2), at)
    >>> round(float(kappa) * 100.5**2 / 9.8696, 3)  # κ(0, T) = (π/2)²/(T + 1/2)² · 4/4
    0.25
    """
    if ridge < 0:
        raise NotEvaluable(f"ridge = {float(ridge):g} in an effective ridge: give a number >= 0")
    if samples <= 0:
        raise NotEvaluable(f"samples = {float(samples):g} in an effective ridge: give a number > 0")
    equation = _Equation(ridge, samples, spectrum, sums)
    if ridge.is_zero() and equation.dimension is not None and samples >= equation.dimension:
        return arb(0)
    size = 0 if equation.dimension is None else equation.dimension.bit_length()
    # What the evaluator meets first at the low precision of the search it would keep at that precision.
    sums.eigenvalue_at(arb(1), spectrum)
    with ctx.workprec(min(int(ctx.prec), SEARCH_BITS + size)):
        start = equation.start()
    return certified_root(start, equation.residual, equation.slope)


class _Equation:
    def __init__(self, ridge: Any, samples: Any, spectrum: Spectrum, sums: LongSums) -> None:
        self.ridge, self.samples, self.spectrum, self.sums = ridge, samples, spectrum, sums
        size = spectrum.dimension
        self.dimension = None if size is oo else int(size)

    def at(self, power: int, kappa: Any, order: int) -> Any:
        """Sum of s^p/(s + κ)^m."""
        return self.sums.sum_of(arb(power), [(kappa, arb(order))], self.spectrum)

    def level(self, position: Any) -> Any:
        """The eigenvalue s_j."""
        return self.sums.eigenvalue_at(position, self.spectrum)

    def sides(self, kappa: Any) -> tuple[Any, Any]:
        """P and Q."""
        pull = self.ridge * self.samples / kappa
        if self.dimension is None or not kappa < self.level(arb(self.dimension) / 2):
            return self.samples, self.at(1, kappa, 1) + pull
        rest = kappa * self.at(0, kappa, 1)
        surplus = self.samples - self.dimension
        return (rest, pull - surplus) if surplus < 0 else (surplus + rest, pull)

    def residual(self, kappa: Any) -> Any:
        """T − df₁(κ) − λT/κ."""
        left, right = self.sides(kappa)
        return left - right

    def slope(self, kappa: Any) -> Any:
        """Its derivative."""
        return self.at(1, kappa, 2) + self.ridge * self.samples / kappa**2

    def bracket(self) -> tuple[Any, Any]:
        """Bounds of κ.

        κ ≤ λ + tr Σ/T. And κ ≥ λ; for λ = 0, J eigenvalues of at least s_J make df₁ ≥ J s_J/(s_J + κ), so that
        κ ≥ s_J (J − T)/T for J > T.
        """
        high = self.ridge + self.at_trace() / self.samples
        low = self.ridge
        if not low > 0:
            twice = (2 * self.samples).ceil().upper()
            count = twice if self.dimension is None else twice.min(arb(self.dimension))
            low = self.level(count) * (count - self.samples) / self.samples
        if not low > 0:
            raise PrecisionExhausted("whether the effective ridge vanishes is not decided")
        return low.log().lower(), high.log().upper()

    def at_trace(self) -> Any:
        """Trace of Σ."""
        return self.sums.sum_of(arb(1), [], self.spectrum)

    def start(self) -> Any:
        """The root to about 40 bits, or as many as the working precision lets decide."""
        low, high = self.bracket()
        y = ((low + high) / 2).mid()
        for _ in range(MOST_BISECTIONS):
            kappa = y.exp().mid()
            left, right = self.sides(kappa)
            if left < right:
                low = y
            elif left > right:
                high = y
            else:
                return kappa
            gain = kappa * self.slope(kappa)
            pull = self.ridge * self.samples / kappa
            # The part of κ(P' − Q') that belongs to Q is −κQ': all of it, or λT/κ alone.
            falls = gain if left is self.samples else pull
            steep = (gain - falls) / left + falls / right
            step = ((left.log() - right.log()) / steep).mid()
            if abs(step) < SETTLED:
                return (y - step).exp().mid()
            proposal = (y - step).mid()
            y = proposal if low < proposal < high else ((low + high) / 2).mid()
        return y.exp().mid()
