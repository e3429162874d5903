"""Real parts, extremes, whole parts and inverse functions of balls, as in `arb_functions`."""

from typing import Any

from flint import acb, arb

from symcollapse.language.errors import NotEvaluable


def golden_ratio() -> Any:
    """The number (1 + √5)/2.

    Example
    -------
    >>> golden_ratio() > 1.618
    True
    """
    return (1 + arb(5).sqrt()) / 2


def real_of(x: Any) -> Any:
    """A real ball: itself, or one that is complex without an imaginary part.

    Example
    -------
    >>> real_of(acb(2))
    2.00000000000000
    """
    if not isinstance(x, acb):
        return x
    if x.imag.is_zero():
        return x.real
    raise NotEvaluable("a complex number where an order or a whole number is asked for")


def real_part_of(x: Any) -> Any:
    """Real part, of a number that is known to be real.

    Example
    -------
    >>> real_part_of(acb(2, arb(0, 1)))
    2.00000000000000
    """
    if not x.imag.contains(0):
        raise NotEvaluable("a complex number for a symbol that is declared real")
    return x.real


def angle_of(y: Any, x: Any) -> Any:
    """Angle of the point (x, y).

    Example
    -------
    >>> angle_of(arb(0), arb(1))
    0
    """
    y, x = real_of(y), real_of(x)
    # The origin has no angle; Arb says 0.
    return arb("nan") if x.is_zero() and y.is_zero() else arb.atan2(y, x)


def greatest(first: Any, *others: Any) -> Any:
    """Largest of some real balls.

    Example
    -------
    >>> greatest(arb(1), arb(3), arb(2))
    3.00000000000000
    """
    first = real_of(first)
    for other in others:
        first = first.max(real_of(other))
    return first


def least(first: Any, *others: Any) -> Any:
    """Smallest of some real balls.

    Example
    -------
    >>> least(arb(2), arb(3), arb(1))
    1.00000000000000
    """
    first = real_of(first)
    for other in others:
        first = first.min(real_of(other))
    return first


def floor_of(x: Any) -> Any:
    """Whole part.

    Example
    -------
    >>> floor_of(arb(2.5))
    2.00000000000000
    """
    return real_of(x).floor()


def ceiling_of(x: Any) -> Any:
    """Smallest whole number that is not less.

    Example
    -------
    >>> ceiling_of(arb(2.5))
    3.00000000000000
    """
    return real_of(x).ceil()


def inverse_cotangent(x: Any) -> Any:
    """Arc tangent of 1/x.

    Example
    -------
    >>> inverse_cotangent(arb(1)).overlaps(arb.pi() / 4)
    True
    """
    return (1 / x).atan()


def inverse_secant(x: Any) -> Any:
    """Arc cosine of 1/x.

    Example
    -------
    >>> inverse_secant(arb(1))
    0
    """
    return (1 / x).acos()


def inverse_cosecant(x: Any) -> Any:
    """Arc sine of 1/x.

    Example
    -------
    >>> inverse_cosecant(arb(1)).overlaps(arb.pi() / 2)
    True
    """
    return (1 / x).asin()


def inverse_hyperbolic_cotangent(x: Any) -> Any:
    """Area tangent of 1/x.

    Example
    -------
    >>> inverse_hyperbolic_cotangent(arb(1)).is_finite()
    False
    """
    return (1 / x).atanh()


def inverse_hyperbolic_secant(x: Any) -> Any:
    """Area cosine of 1/x.

    Example
    -------
    >>> inverse_hyperbolic_secant(arb(1))
    0
    """
    return (1 / x).acosh()


def inverse_hyperbolic_cosecant(x: Any) -> Any:
    """Area sine of 1/x.

    Example
    -------
    >>> inverse_hyperbolic_cosecant(arb(1)).overlaps((1 + arb(2).sqrt()).log())
    True
    """
    return (1 / x).asinh()
