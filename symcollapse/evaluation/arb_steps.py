"""What a program on balls needs besides functions: sizes, conditions, integrals, and the effective ridge.

As in `arb_functions`, nothing is imported but python-flint and the errors, so that the source can be written out.
"""

from collections.abc import Callable
from typing import Any

from flint import acb, arb, ctx

from symcollapse.evaluation.arb_elementary import real_of
from symcollapse.evaluation.arb_functions import nowhere
from symcollapse.language.errors import NotEvaluable, OutOfRegime, PrecisionExhausted

MOST_TERMS = 10**7
"""Terms of a finite sum that are added one by one."""

MOST_HALVINGS = 5000
"""Halvings of ln κ, enough for any bracket that fits in memory."""

MOST_PIECES = 400
"""Parts of an interval on which an integrand is shown to be real."""


def imaginary_unit() -> Any:
    """The number i.

    Example
    -------
    >>> imaginary_unit() ** 2
    -1.00000000000000
    """
    return acb(0, 1)


def golden_ratio() -> Any:
    """The number (1 + √5)/2.

    Example
    -------
    >>> golden_ratio() > 1.618
    True
    """
    return (1 + arb(5).sqrt()) / 2


def listed(*numbers: Any) -> list[Any]:
    """Balls in a list, such as the eigenvalues of a spectrum.

    Example
    -------
    >>> listed(arb(2), 1)
    [2.00000000000000, 1.00000000000000]
    """
    return [number if isinstance(number, arb | acb) else arb(number) for number in numbers]


def whole_range(lower: Any, upper: Any) -> range:
    """The whole numbers from one to another, for a sum that is added up.

    Example
    -------
    >>> whole_range(arb(2), arb(4))
    range(2, 5)
    """
    ends = [real_of(alike_ball(end)).unique_fmpz() for end in (lower, upper)]
    if None in ends:
        raise NotEvaluable("a bound of a sum is no whole number: give integers")
    first, last = (int(end) for end in ends)
    if last < first - 1:
        raise NotEvaluable(f"a sum from {first} to {last}: give an upper bound >= {first - 1}")
    if last - first >= MOST_TERMS:
        raise NotEvaluable(f"a sum of {last - first + 1} terms: at most {MOST_TERMS} are added up")
    return range(first, last + 1)


def alike_ball(number: Any) -> Any:
    """A ball around an exact number; a ball as it is.

    Example
    -------
    >>> alike_ball(2)
    2.00000000000000
    """
    return number if isinstance(number, arb | acb) else arb(number)


def at_least(value: Any, smallest: int, regime: str) -> Any:
    """A difference of sizes, refused where the formula that holds it does not apply.

    Example
    -------
    >>> at_least(arb(3), 0, "T >= d")
    3.00000000000000
    """
    if value < smallest:
        raise OutOfRegime(f"derived for {regime}, evaluated elsewhere; derive it anew")
    return value


def is_below(left: Any, right: Any) -> bool:
    """Whether left < right, if the balls decide it.

    Example
    -------
    >>> is_below(arb(1), arb(2))
    True
    """
    difference = real_of(left - right)
    if not (difference < 0 or difference >= 0):
        raise PrecisionExhausted("whether one number is below another is not decided")
    return bool(difference < 0)


def is_equal(left: Any, right: Any) -> bool:
    """Whether left = right, if the balls decide it.

    Example
    -------
    >>> is_equal(arb(1), arb(2))
    False
    """
    difference = left - right
    if not difference.is_zero() and difference.contains(0):
        raise PrecisionExhausted("whether two numbers are equal is not decided")
    return bool(difference.is_zero())


def convergent_where(value: Any, margin: Any) -> Any:
    """The value of an infinite sum, where its margin of convergence is positive.

    Example
    -------
    >>> convergent_where(arb(2), arb(1))
    2.00000000000000
    """
    margin = real_of(margin)
    if margin <= 0:
        raise NotEvaluable("an infinite sum does not converge here: give a finite upper bound")
    if not margin > 0:
        raise PrecisionExhausted("whether an infinite sum converges is not decided")
    return value


def root_inside(x: Any, analytic: bool) -> Any:  # noqa: FBT001 - python-flint passes it so
    """Square root in an integrand; where the integrand must be analytic, none on the cut.

    Example
    -------
    >>> root_inside(acb(-1), True).is_finite()
    False
    """
    return x.sqrt(analytic=analytic) if isinstance(x, acb) else x.sqrt()


def log_inside(x: Any, analytic: bool) -> Any:  # noqa: FBT001 - python-flint passes it so
    """Logarithm in an integrand.

    Example
    -------
    >>> log_inside(acb(1), True)
    0
    """
    return x.log(analytic=analytic) if isinstance(x, acb) else x.log()


def power_inside(x: Any, exponent: Any, analytic: bool) -> Any:  # noqa: FBT001 - python-flint passes it so
    """Power in an integrand.

    Example
    -------
    >>> power_inside(acb(1), arb(2), True)
    1.00000000000000
    """
    if isinstance(x, acb) or isinstance(exponent, acb):
        return acb(x).pow(acb(exponent), analytic=analytic)
    return x**exponent


def certified_integral(function: Callable[[Any, Any], Any], lower: Any, upper: Any) -> Any:
    """Integral of an analytic function; a real ball if the function is shown to be real on the way.

    Example
    -------
    >>> certified_integral(lambda x, _: x * x, arb(0), arb(1)).overlaps(arb(1) / 3)
    True
    """
    lower, upper = alike_ball(lower), alike_ball(upper)
    value = acb.integral(lambda x, analytic: acb(function(x, analytic)), lower, upper)
    if isinstance(lower, acb) or isinstance(upper, acb):
        return value
    pending, seen = [(lower, upper)], 0
    while pending:
        low, high = pending.pop()
        seen += 1
        there = function(low.union(high), False)  # noqa: FBT003 - as python-flint passes it
        if isinstance(there, arb) and there.is_finite():
            continue
        if isinstance(there, acb) or seen > MOST_PIECES:
            return value
        middle = ((low + high) / 2).mid()
        pending += [(low, middle), (middle, high)]
    return value.real if value.is_finite() else nowhere()


def residual_of(kappa: Any, ridge: Any, samples: Any, levels: list[Any], counts: list[Any]) -> Any:
    """T − df₁(κ) − λT/κ, which increases with κ.

    Example
    -------
    >>> residual_of(arb(1), arb(1), arb(4), [arb(1)], [arb(2)])
    -1.00000000000000
    """
    # s/(s + κ) = 1 − κ/(s + κ): taken in the small form, so that no precision goes into cancelling the ones.
    whole, rest = samples, arb(0)
    for s, m in zip(levels, counts, strict=True):
        if s > kappa:
            whole = whole - m
            rest = rest + m * kappa / (s + kappa)
        else:
            rest = rest - m * s / (s + kappa)
    return whole + rest - ridge * samples / kappa


def slope_of(kappa: Any, ridge: Any, samples: Any, levels: list[Any], counts: list[Any]) -> Any:
    """Derivative of the residual in κ.

    Example
    -------
    >>> slope_of(arb(1), arb(1), arb(4), [arb(1)], [arb(2)])
    4.50000000000000
    """
    total = ridge * samples / (kappa * kappa)
    for s, m in zip(levels, counts, strict=True):
        total = total + m * s / ((s + kappa) * (s + kappa))
    return total


def effective_ridge(ridge: Any, samples: Any, levels: list[Any], counts: list[Any]) -> Any:
    """Effective ridge κ: the root of κ − λ = κ df₁(κ)/T, certified by a change of sign around it.

    The root of an increasing concave function: halvings of ln κ bracket it, Newton from the left approaches it, and
    two signs prove that it exists, once, between them.

    Raises
    ------
    NotEvaluable
        If λ < 0 or T <= 0 for certain.
    PrecisionExhausted
        If the working precision is too low to decide the signs.

    Example
    -------
    >>> kappa = effective_ridge(arb(1), arb(300), [arb(1)], [arb(300)])
    >>> kappa.overlaps((1 + arb(5).sqrt()) / 2)
    True
    """
    ridge, samples = real_of(alike_ball(ridge)), real_of(alike_ball(samples))
    if ridge < 0:
        raise NotEvaluable(f"ridge = {float(ridge):g} in an effective ridge: give a number >= 0")
    if samples <= 0:
        raise NotEvaluable(f"samples = {float(samples):g} in an effective ridge: give a number > 0")
    dimension, trace = sum(counts, arb(0)), arb(0)
    if ridge.is_zero() and samples >= dimension:
        return arb(0)
    for s, m in zip(levels, counts, strict=True):
        trace = trace + m * s
    data = (ridge, samples, levels, counts)
    precision = int(ctx.prec)
    ctx.prec = 64
    try:
        smallest = levels[0].mid()
        for s in levels:
            smallest = smallest.min(s.mid())
        low = (smallest * (dimension - samples) / samples).max(ridge).mid()
        if not low > 0:
            raise PrecisionExhausted("whether the effective ridge is 0 is not decided")
        low, high = low.log().mid(), (ridge + trace / samples).mid().log().mid() + 1
        for _ in range(MOST_HALVINGS):
            if high - low < 0.25:
                break
            middle = ((low + high) / 2).mid()
            if residual_of(middle.exp().mid(), *data) < 0:
                low = middle
            else:
                high = middle
        kappa, right = low.exp().mid(), 0
        for _ in range(40):
            step = (residual_of(kappa, *data) / slope_of(kappa, *data)).mid()
            kappa = (kappa - step).mid()
            if abs(step) < kappa * arb(2) ** -28:
                right = 50
                break
        while 0 < right < precision:
            right = min(2 * right, precision)
            ctx.prec = min(precision, right + 16)
            kappa = (kappa - residual_of(kappa, *data) / slope_of(kappa, *data)).mid()
    finally:
        ctx.prec = precision
    width = 8
    while width < precision - 4:
        margin = arb(2) ** (width - precision)
        low, high = (kappa * (1 - margin)).mid(), (kappa * (1 + margin)).mid()
        if residual_of(low, *data) < 0 and residual_of(high, *data) > 0:
            return low.union(high)
        width += max(4, width // 2)
    raise PrecisionExhausted(f"the effective ridge is not decided at {precision} bits")


def residual_degrees(
    samples: Any, dimension: Any, ridge: Any, first: Any, second: Any, shared: Any
) -> Any:
    """T − tr Σ²G₁G₂ as λ₁T/κ₁ + κ₂ tr ΣG₁G₂, which cancels nothing; where κ₁ = 0 the first term is T − d.

    Example
    -------
    >>> residual_degrees(arb(3), arb(2), arb(0), arb(0), arb(0), arb(5))
    1.00000000000000
    """
    head = samples - dimension if first.is_zero() else ridge * samples / first
    return head + second * shared
