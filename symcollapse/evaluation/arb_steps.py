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
    refusals: list[Exception] = []

    def integrand(x: Any, analytic: Any) -> Any:
        # Arb's integrator passes no exceptions on.
        try:
            return acb("nan") if refusals else acb(function(x, analytic))
        except Exception as refusal:
            refusals.append(refusal)
            return acb("nan")

    value = acb.integral(integrand, lower, upper)
    if refusals:
        raise refusals[0]
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
    """T − df₁(κ) − λT/κ, which increases with κ; of balls, or of floats.

    Example
    -------
    >>> residual_of(arb(1), arb(1), arb(4), [arb(1)], [arb(2)])
    -1.00000000000000
    """
    # s/(s + κ) = 1 − κ/(s + κ): taken in the small form, so that no precision goes into cancelling the ones.
    whole, large, small = samples, 0 * kappa, 0 * kappa
    for s, m in zip(levels, counts, strict=True):
        if s > kappa:
            whole = whole - m
            large = large + m / (s + kappa)
        else:
            small = small + m * s / (s + kappa)
    return whole + kappa * large - small - ridge * samples / kappa


def slope_of(kappa: Any, ridge: Any, samples: Any, levels: list[Any], counts: list[Any]) -> Any:
    """Derivative of the residual in κ.

    Example
    -------
    >>> slope_of(arb(1), arb(1), arb(4), [arb(1)], [arb(2)])
    4.50000000000000
    """
    total = ridge * samples / (kappa * kappa)
    for s, m in zip(levels, counts, strict=True):
        sum_of = s + kappa
        total = total + m * s / (sum_of * sum_of)
    return total


def approached(low: Any, high: Any, data: tuple[Any, ...]) -> Any:
    """The root of the residual to half the digits at hand, from a bracket; None if it is not found.

    Halvings of ln κ narrow the bracket; then Newton from the left, which never passes the root of a concave
    function.

    Example
    -------
    >>> abs(approached(0.5, 4.0, (1.0, 4.0, [1.0], [2.0])) - 1.2807764) < 1e-6
    True
    """
    for _ in range(MOST_HALVINGS):
        if high < 1.3 * low:
            break
        middle = midpoint(low**0.5 * high**0.5)
        if residual_of(middle, *data) < 0:
            low = middle
        else:
            high = middle
    kappa = low
    for _ in range(40):
        step = midpoint(residual_of(kappa, *data) / slope_of(kappa, *data))
        kappa = midpoint(kappa - step)
        if not kappa > 0:
            return None
        if abs(step) < kappa * 2.0**-24:
            return kappa
    return None


def midpoint(number: Any) -> Any:
    """The middle of a ball; a float as it is.

    Example
    -------
    >>> midpoint(arb(2, 1)), midpoint(0.5)
    (2.00000000000000, 0.5)
    """
    return number if isinstance(number, float) else number.mid()


def effective_ridge(ridge: Any, samples: Any, levels: list[Any], counts: list[Any]) -> Any:
    """Effective ridge κ: the root of κ − λ = κ df₁(κ)/T, certified by a change of sign around it.

    The residual increases, so that two signs prove that the root exists, once, between them. It is approached in
    floats where nothing underflows, else in balls.

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
    levels = [real_of(alike_ball(level)) for level in levels]
    counts = [real_of(alike_ball(count)) for count in counts]
    dimension = sum(counts, arb(0))
    if ridge.is_zero() and samples >= dimension:
        return arb(0)
    data, precision = (ridge, samples, levels, counts), int(ctx.prec)
    for start in (start_in_floats, start_in_balls):
        with ctx.workprec(64):
            kappa = start(*data, dimension)
        right = 40
        while kappa is not None and right < precision:
            right = min(2 * right, precision)
            with ctx.workprec(min(precision, right + 16)):
                kappa = (kappa - residual_of(kappa, *data) / slope_of(kappa, *data)).mid()
        width = 8
        while kappa is not None and width < precision - 4:
            margin = arb(2) ** (width - precision)
            low, high = (kappa * (1 - margin)).mid(), (kappa * (1 + margin)).mid()
            if residual_of(low, *data) < 0 and residual_of(high, *data) > 0:
                return low.union(high)
            width += max(4, width // 2)
    raise PrecisionExhausted(f"the effective ridge is not decided at {precision} bits")


def start_in_floats(
    ridge: Any, samples: Any, levels: list[Any], counts: list[Any], dimension: Any
) -> Any:
    """About half the digits of κ, in units of the largest eigenvalue; None where floats do not reach.

    Example
    -------
    >>> abs(start_in_floats(arb(1), arb(300), [arb(1)], [arb(300)], arb(300)) - 1.6180340) < 1e-6
    True
    """
    largest = levels[0].mid()
    for s in levels:
        largest = largest.max(s.mid())
    values = [float(s.mid() / largest) for s in levels]
    weights = [float(m) for m in counts]
    shrunk, size = float(ridge.mid() / largest), float(samples)
    if not (min(values) > 1e-150 and (ridge.is_zero() or 1e-150 < shrunk < 1e150)):
        return None
    if not (1e-50 < size < 1e15 and max(weights) < 1e15):
        return None
    low = max(min(values) * float((dimension - samples) / samples), shrunk)
    high = shrunk + sum(m * s for m, s in zip(weights, values, strict=True)) / size
    if not low > 0:
        return None
    kappa = approached(low * 0.999, high * 1.001, (shrunk, size, values, weights))
    return None if kappa is None else arb(kappa) * largest


def start_in_balls(
    ridge: Any, samples: Any, levels: list[Any], counts: list[Any], dimension: Any
) -> Any:
    """About half the digits of κ at the working precision, whatever its size.

    Example
    -------
    >>> abs(start_in_balls(arb(1), arb(300), [arb(1)], [arb(300)], arb(300)) - 1.6180340) < 1e-6
    True
    """
    smallest, trace = levels[0].mid(), arb(0)
    for s, m in zip(levels, counts, strict=True):
        smallest = smallest.min(s.mid())
        trace = trace + m * s
    low = (smallest * (dimension - samples) / samples).max(ridge).mid()
    if not low > 0:
        return None
    high = 2 * (ridge + trace / samples).mid()
    return approached(low, high, (ridge, samples, levels, counts))


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
