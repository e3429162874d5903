"""Functions of balls that python-flint has not under one name, for real (``arb``) and complex (``acb``) arguments.

They import nothing but python-flint and the errors, so that `arb_code` can write their source beside a formula. Where
a value does not exist, or is complex at real arguments, the ball is not finite.
"""

from typing import Any

from flint import acb, arb

from symcollapse.language.errors import NotEvaluable


def alike(first: Any, *others: Any) -> Any:
    """The first ball, complex if one of the others is.

    Example
    -------
    >>> alike(arb(2), acb(0, 1)).bessel_j(acb(0, 1)).is_finite()
    True
    """
    return acb(first) if any(isinstance(other, acb) for other in others) else first


def nowhere() -> Any:
    """The ball that says nothing.

    Example
    -------
    >>> nowhere().is_finite()
    False
    """
    return arb("nan")


def real_if_known(value: Any, *arguments: Any) -> Any:
    """A complex value as a real ball if the arguments are real and it has no imaginary part; else nothing is known.

    Example
    -------
    >>> real_if_known(acb(4).sqrt(), arb(4)), real_if_known(acb(-4).sqrt(), arb(-4))
    (2.00000000000000, nan)
    """
    if any(isinstance(argument, acb) for argument in arguments):
        return value
    return value.real if value.imag.is_zero() else nowhere()


def whole_power(base: Any, exponent: int) -> Any:
    """A positive whole power of a ball, also of one that holds 0, of which `arb` knows none.

    Example
    -------
    >>> whole_power(arb(0, 1), 2).is_finite(), whole_power(arb(-2), 3)
    (True, -8.00000000000000)
    """
    product, square = None, base
    while exponent:
        if exponent % 2:
            product = square if product is None else product * square
        exponent //= 2
        if exponent:
            square = square * square
    return product


def factorial_of(x: Any) -> Any:
    """Γ(x + 1).

    Example
    -------
    >>> factorial_of(arb(4))
    24.0000000000000
    """
    return (x + 1).gamma()


def beta_of(x: Any, y: Any) -> Any:
    """Γ(x)Γ(y)/Γ(x + y).

    Example
    -------
    >>> beta_of(arb(2), arb(2)).overlaps(arb(1) / 6)
    True
    """
    return x.gamma() * y.gamma() * (x + y).rgamma()


def binomial_of(n: Any, k: Any) -> Any:
    """Γ(n + 1)/(Γ(k + 1)Γ(n − k + 1)).

    Example
    -------
    >>> binomial_of(arb(5), arb(2)).overlaps(arb(10))
    True
    """
    return (n + 1).gamma() * (k + 1).rgamma() * (n - k + 1).rgamma()


def rising_of(x: Any, k: Any) -> Any:
    """Γ(x + k)/Γ(x).

    Example
    -------
    >>> rising_of(arb(3), arb(2))
    12.0000000000000
    """
    return alike(x, k).rising(k)


def falling_of(x: Any, k: Any) -> Any:
    """Γ(x + 1)/Γ(x − k + 1).

    Example
    -------
    >>> falling_of(arb(4), arb(2))
    12.0000000000000
    """
    return rising_of(x - k + 1, k)


def harmonic_of(n: Any, order: Any = None) -> Any:
    """1 + … + 1/n^order, continued to numbers between the whole ones.

    Example
    -------
    >>> harmonic_of(arb(2)).overlaps(arb(3) / 2), harmonic_of(arb(2), arb(2)).overlaps(arb(5) / 4)
    (True, True)
    """
    if order is None or order == 1:
        return (n + 1).digamma() + arb.const_euler()
    return order.zeta() - alike(order, n).zeta(n + 1)


def polygamma_of(order: Any, x: Any) -> Any:
    """ψ⁽ⁿ⁾(x) for a whole n ≥ 0.

    Example
    -------
    >>> polygamma_of(arb(1), arb(1)).overlaps(arb.pi() ** 2 / 6)
    True
    """
    whole = order.unique_fmpz()
    if whole is None or whole < 0:
        raise NotEvaluable("polygamma of an order that is no integer >= 0")
    if whole == 0:
        return x.digamma()
    # ψ⁽ⁿ⁾(x) = (−1)ⁿ⁺¹ n! ζ(n + 1, x).
    return (-1) ** (int(whole) + 1) * factorial_of(order) * alike(order + 1, x).zeta(x)


def trigamma_of(x: Any) -> Any:
    """ψ′(x).

    Example
    -------
    >>> trigamma_of(arb(1)).overlaps(arb.pi() ** 2 / 6)
    True
    """
    return polygamma_of(arb(1), x)


def lambert_of(x: Any, branch: Any = None) -> Any:
    """The branches 0 and −1 of W.

    Example
    -------
    >>> lambert_of(arb(0))
    0
    """
    if branch is None or branch == 0:
        return x.lambertw()
    if branch == -1:
        return x.lambertw(-1)
    raise NotEvaluable(f"LambertW on the branch {branch}: real on the branches 0 and -1 only")


def lerch_of(z: Any, s: Any, a: Any) -> Any:
    """Lerch's Φ(z, s, a).

    Example
    -------
    >>> lerch_of(arb(1) / 2, arb(0), arb(3)).overlaps(arb(2))
    True
    """
    return real_if_known(acb(z).lerch_phi(s, a), z, s, a)


def eta_of(s: Any, a: Any = None) -> Any:
    """Dirichlet's η(s), or the alternating sum of (n + a)^-s.

    Example
    -------
    >>> eta_of(arb(1)).overlaps(arb(2).log())
    True
    """
    return real_if_known(acb(s).dirichlet_eta(), s) if a is None else lerch_of(arb(-1), s, a)


def polylog_of(s: Any, z: Any) -> Any:
    """Li_s(z), also at z = 1 where it is ζ(s).

    Example
    -------
    >>> polylog_of(arb(2), arb(1)).overlaps(arb.pi() ** 2 / 6)
    True
    """
    if z == 1:
        return s.zeta() if isinstance(s, acb) or s > 1 else nowhere()
    return alike(z, s).polylog(s)


def elliptic_k_of(m: Any) -> Any:
    """Complete elliptic integral of the first kind, of the parameter m.

    Example
    -------
    >>> elliptic_k_of(arb(0)).overlaps(arb.pi() / 2), elliptic_k_of(arb(2)).is_finite()
    (True, False)
    """
    return real_if_known(acb(m).elliptic_k(), m)


def elliptic_e_of(first: Any, m: Any = None) -> Any:
    """Elliptic integral of the second kind: complete, or up to an angle.

    Example
    -------
    >>> elliptic_e_of(arb(0)).overlaps(arb.pi() / 2), elliptic_e_of(arb(1), arb(0)).overlaps(arb(1))
    (True, True)
    """
    if m is None:
        return real_if_known(acb(first).elliptic_e(), first)
    return real_if_known(acb.elliptic_e_inc(acb(first), acb(m)), first, m)


def elliptic_f_of(angle: Any, m: Any) -> Any:
    """Elliptic integral of the first kind up to an angle.

    Example
    -------
    >>> elliptic_f_of(arb(1), arb(0)).overlaps(arb(1))
    True
    """
    return real_if_known(acb.elliptic_f(acb(angle), acb(m)), angle, m)


def hypergeometric(above: list[Any], below: list[Any], z: Any) -> Any:
    """PFq of two lists of parameters.

    Example
    -------
    >>> hypergeometric([arb(1), arb(1)], [arb(2)], arb(1) / 2).overlaps(2 * arb(2).log())
    True
    """
    z = alike(z, *above, *below)
    if len(above) == 2 and len(below) == 1:
        return z.hypgeom_2f1(*above, *below)
    return z.hypgeom(above, below)


def laguerre_of(n: Any, x: Any) -> Any:
    """Laguerre polynomial.

    Example
    -------
    >>> laguerre_of(arb(1), arb(3))
    -2.00000000000000
    """
    return alike(x, n).laguerre_l(n, 0)


def offset_integral(x: Any) -> Any:
    """Logarithmic integral from 2.

    Example
    -------
    >>> offset_integral(arb(2)).overlaps(arb(0))
    True
    """
    return x.li() - arb(2).li()


def airy_slope(x: Any) -> Any:
    """Ai'(x).

    Example
    -------
    >>> airy_slope(arb(0)) < 0
    True
    """
    return x.airy_ai(derivative=1)


def airy_second_slope(x: Any) -> Any:
    """Bi'(x).

    Example
    -------
    >>> airy_second_slope(arb(0)) > 0
    True
    """
    return x.airy_bi(derivative=1)
