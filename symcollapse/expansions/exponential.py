"""Sums over exponential spectra, expanded at small κ.

With s_j = c·e^(−αj), x = κ/c and q = p − m each sum is c^q F(x), F(x) = Σ_j e^(−αqj)/(1 + x e^(αj))^m. Its Mellin
transform holds a geometric series in place of ζ: F(x) = (1/2πi) ∫ x^-z B(z, m−z) / (e^(α(q+z)) − 1) dz, with
max(0, −q) < Re z < m. Moved to the left, the line meets the poles of Γ(z) and those at z = −q + 2πik/α, k any
whole number:

F(x) = Σ_k C(−m,k) x^k / (e^(α(q−k)) − 1) + (1/α) Σ_k x^(q−2πik/α) B(−q+2πik/α, p−2πik/α).

Both series converge for x < 1, and the formula is exact there. The second one oscillates in ln x with period α;
its amplitudes fall like e^(−2π²k/α), and no closed form of it is known. Where q = k two poles meet, and the two
terms become C(−m,k) x^k [(ψ(k+1) − ψ(m+k) − ln x)/α − 1/2]; for df_m this is always so at k = 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sympy import (
    Add,
    Basic,
    Expr,
    Gt,
    I,
    Integer,
    Lt,
    Mul,
    Ne,
    Rational,
    cos,
    cosh,
    exp,
    expand,
    factorial,
    gamma,
    im,
    log,
    oo,
    pi,
    polygamma,
    powsimp,
    re,
    sin,
    sinh,
)

from symcollapse.expansions.balls import enclosed
from symcollapse.expansions.expansion import Ball, Expansion, Meeting, Term, solved, tidy, unique
from symcollapse.expansions.exponential_bounds import exponential_remainder
from symcollapse.expansions.power_law_parts import beta_constant, meeting_place
from symcollapse.expansions.reading import added, binomial_coefficient, factors, require_counts
from symcollapse.language.errors import Diverges, NotSupported
from symcollapse.language.spectra import ExponentialSpectrum
from symcollapse.language.symbols import effective
from symcollapse.language.targets import Target, UniformTarget


@dataclass(frozen=True)
class ExponentialPart:
    """One sum coefficient · κ^shift · Σ_{j≤d} e^(−rate·decay·j) / (1 + κ e^(rate·j)/scale)^order, and how it is expanded.

    Example
    -------
    >>> from symcollapse.language.symbols import effective, rate
    >>> zero, one = Integer(0), Integer(1)
    >>> ExponentialPart(effective, one, zero, rate, zero, one, one, oo, 1, 0, 0, True).meets
    0
    """

    variable: Expr
    """κ."""
    coefficient: Expr
    """Free of κ and j."""
    shift: Expr
    """Power of κ in front."""
    rate: Expr
    """α."""
    decay: Expr
    """q."""
    order: Expr
    """m; 0 for a sum without a resolvent."""
    scale: Expr
    """c."""
    dimension: Expr
    """d, or ∞."""
    terms: int
    """Powers of x kept."""
    harmonics: int
    """Harmonics kept."""
    tail_terms: int
    """Terms of the tail kept."""
    beyond: bool
    """Whether κ e^(αd) > c."""

    @property
    def meets(self) -> int | None:
        """The k with q = k, if q is such a number."""
        return meeting_place(tidy(-self.decay))

    @property
    def kept(self) -> int:
        """Powers of x in the expansion: a logarithm at the first one left out would exceed that one."""
        return self.terms + (self.meets == self.terms)

    @property
    def keeps_singular(self) -> bool:
        """Whether x^q is in the expansion: not where it is known to be smaller than what is left out."""
        return (self.decay - self.kept).is_positive is not True

    def remainder(self, values: Mapping[Any, Ball]) -> Ball:
        """Upper bound of |sum − expansion| in balls, at values of all symbols."""
        kappa = enclosed(self.variable, values)
        front = enclosed(self.coefficient, values) * kappa ** enclosed(self.shift, values)
        return abs(front) * exponential_remainder(
            enclosed(self.rate, values),
            enclosed(self.decay, values),
            enclosed(self.order, values),
            kappa / enclosed(self.scale, values),
            terms=self.kept,
            harmonics=self.harmonics,
            meets=self.meets,
            singular=self.keeps_singular,
            dimension=None if self.dimension is oo else enclosed(self.dimension, values),
            tail_terms=self.tail_terms,
            beyond=self.beyond,
        )


def expand_exponential_sum(
    summand: Expr,
    spectrum: ExponentialSpectrum,
    target: Target | None = None,
    *,
    terms: int,
    harmonics: int = 0,
    variable: Expr = effective,
    beyond: bool = True,
    tail_terms: int | None = None,
) -> Expansion:
    """The small-κ expansion of Σ_j f(s_j), over an exponential spectrum.

    Parameters
    ----------
    summand
        f as a function of the eigenvalue s: a sum of products coefficient · s^p/(s+κ)^m with one resolvent each.
    spectrum
        The exponential spectrum, of finite or infinite dimension.
    target
        None, or a uniform target in finite dimension.
    terms
        Powers κ^0 … κ^(terms−1) of each sum that are kept.
    harmonics
        Oscillations in ln κ that are kept, beside the mean. Their coefficients hold cosines and sines of ln κ. The
        first is small, e^(−2π²/α), where the eigenvalues lie densely.
    variable
        κ.
    beyond
        For finite d: whether the smallest eigenvalue lies below κ. If so, the tail j > d is subtracted as a series in
        c/(κ e^(αd)); if not, all is one power series in κ/c with geometric sums as coefficients. Both converge;
        there is no closed form of either.
    tail_terms
        Terms of that tail; as many as ``terms`` by default.

    Returns
    -------
    Expansion
        For infinite d it converges to the truth for κ < c, as terms and harmonics are added.

    Raises
    ------
    NotSupported
        If a product has two resolvents, m ≤ 0, the spectrum is not exponential, a target is not uniform, or a number
        of terms is < 0.
    Diverges
        If the dimension is infinite and the sum is.

    Example
    -------
    >>> from symcollapse.language.symbols import eigenvalue as s, rate
    >>> spectrum = ExponentialSpectrum(oo, rate)
    >>> expand_exponential_sum(s / (s + effective), spectrum, terms=1).formula
    -1/2 - log(kappa)/alpha
    """
    if not isinstance(spectrum, ExponentialSpectrum):
        raise NotSupported(
            f"{type(spectrum).__name__}: not exponential; expand_power_law_sum expands over a power law"
        )
    require_counts(terms=terms, harmonics=harmonics, tail_terms=tail_terms)
    weight: Expr = Integer(1)
    if isinstance(target, UniformTarget):
        target.check_against(spectrum)
        weight = target.squared_norm / spectrum.dimension
    elif target is not None:
        raise NotSupported(f"target {type(target).__name__}: use a uniform target, or none")
    parts = [
        ExponentialPart(
            variable=variable,
            coefficient=read.coefficient * weight * spectrum.scale ** tidy(read.power - read.order),
            shift=read.shift,
            rate=spectrum.rate,
            decay=tidy(read.power - read.order),
            order=read.order,
            scale=spectrum.scale,
            dimension=spectrum.dimension,
            terms=terms,
            harmonics=harmonics,
            tail_terms=terms if tail_terms is None else tail_terms,
            beyond=beyond,
        )
        for read in factors(summand, variable)
    ]
    return added(variable, [_expand_part(part) for part in parts], parts)


def _expand_part(part: ExponentialPart) -> Expansion:
    conditions: tuple[Basic, ...] = ()
    power = tidy(part.decay + part.order)
    if part.dimension is oo:
        if power.is_nonpositive:
            raise Diverges(f"the sum of s^{power} does not converge: give a finite dimension")
        conditions = () if power.is_positive else (solved(Gt(power, 0)),)
    if part.order == 0:
        pure = Term(part.coefficient * _geometric(part, -part.decay), part.shift)
        return Expansion(part.variable, (pure,), (), conditions, parts=(part,))
    if part.dimension is oo:
        return _infinite(part, (*conditions, solved(Lt(part.variable, part.scale))))
    size = part.variable * exp(part.rate * part.dimension)
    if part.beyond:
        return _beyond(
            part,
            (solved(Lt(part.variable, part.scale)), solved(Gt(size, part.scale))),
        )
    powers = tuple(
        _scaled(part, binomial_coefficient(part.order, k) * _geometric(part, k - part.decay), k)
        for k in range(part.terms)
    )
    return Expansion(
        part.variable,
        powers,
        (tidy(part.shift + part.terms),),
        (*conditions, solved(Lt(size, part.scale))),
    )


def _geometric(part: ExponentialPart, step: Expr) -> Expr:
    """Σ_{j≤d} e^(α·step·j)."""
    step = tidy(step)
    growth = exp(part.rate * step)
    if part.dimension is oo:
        return growth / (1 - growth)
    if step == 0:
        return part.dimension
    return growth * (exp(part.rate * step * part.dimension) - 1) / (growth - 1)


def _scaled(
    part: ExponentialPart, coefficient: Expr, exponent: Expr | int, logarithms: int = 0
) -> Term:
    """The term coefficient · x^exponent of F, as one of the sum in κ."""
    power = tidy(Integer(0) + exponent)
    return Term(
        powsimp(part.coefficient * part.scale**-power) * coefficient,
        tidy(part.shift + power),
        logarithms,
    )


def _infinite(part: ExponentialPart, conditions: tuple[Basic, ...]) -> Expansion:
    q = part.decay
    terms: list[Term] = []
    meetings: list[Meeting] = []
    mean = (
        _scaled(part, beta_constant(tidy(-q), part.order) / part.rate, q)
        if part.meets is None
        else None
    )
    for k in range(part.kept):
        if part.meets == k:
            terms += _together(part, k)
            continue
        value = binomial_coefficient(part.order, k) / (exp(part.rate * tidy(q - k)) - 1)
        plain = _scaled(part, value, k)
        terms.append(plain)
        if mean is not None and (q - k).is_zero is None:
            meetings.append(Meeting(tidy(q - k), (mean, plain), tuple(_together(part, k))))
            conditions = (*conditions, solved(Ne(tidy(q - k), 0)))
    if mean is not None and part.keeps_singular:
        terms.append(mean)
    terms += [_scaled(part, _oscillation(part, k), q) for k in range(1, part.harmonics + 1)]
    amplitude = exp(-2 * pi**2 * (part.harmonics + 1) / part.rate)
    return Expansion(
        part.variable,
        tuple(terms),
        (tidy(part.shift + part.kept),),
        unique(conditions),
        tail_orders=(part.variable ** tidy(part.shift + q) * amplitude,),
        meetings=tuple(meetings),
    )


def _together(part: ExponentialPart, k: int) -> list[Term]:
    order = part.order
    if order.is_Integer:
        digammas: Expr = -Add(*(Rational(1, k + i) for i in range(1, int(order))))
    else:
        digammas = polygamma(0, Integer(k + 1)) - polygamma(0, order + k)
    binomial = binomial_coefficient(order, k)
    constant = (digammas + log(part.scale)) / part.rate - Rational(1, 2)
    return [
        _scaled(part, binomial * constant, k),
        _scaled(part, -binomial / part.rate, k, 1),
    ]


def _oscillation(part: ExponentialPart, k: int) -> Expr:
    """The pair of harmonics ±k, as a bounded factor of x^q: (2/α) Re[x^(−iy) B(−q+iy, p−iy)], y = 2πk/α."""
    y = 2 * pi * k / part.rate
    turn = y * log(part.variable / part.scale)
    real, imaginary = _beta_on_line(part.decay, part.order, y)
    return 2 / part.rate * (real * cos(turn) + imaginary * sin(turn))


def _beta_on_line(q: Expr, order: Expr, y: Expr) -> tuple[Expr, Expr]:
    """Real and imaginary part of B(−q+iy, m+q−iy).

    For whole m, sin π(−q+iy) = −(sin πq cosh πy − i cos πq sinh πy), of which the square of the absolute value is
    sinh² πy + sin² πq.
    """
    if not order.is_Integer:
        beta = gamma(-q + I * y) * gamma(order + q - I * y) / gamma(order)
        return re(beta), im(beta)
    sine, cosine = sin(expand(pi * q)), cos(expand(pi * q))
    conjugate = -sine * cosh(pi * y) - I * cosine * sinh(pi * y)
    above = expand(Mul(*(i + q - I * y for i in range(1, int(order)))) * conjugate)
    below = (sinh(pi * y) ** 2 + sine**2) * factorial(order - 1) / pi
    real, imaginary = above.as_real_imag()
    return real / below, imaginary / below


def _beyond(part: ExponentialPart, conditions: tuple[Basic, ...]) -> Expansion:
    """The infinite sum less its tail; both by continuation in q where they diverge one by one."""
    power = tidy(part.decay + part.order)
    if power.is_integer and power.is_nonpositive:
        raise NotSupported(f"s^{power}: the tail holds d itself; use beyond=False")
    head = _infinite(part, conditions)
    tail = []
    for i in range(part.tail_terms):
        step = part.rate * tidy(power + i)
        value = exp(-step * part.dimension) / (exp(step) - 1)
        tail.append(_scaled(part, -binomial_coefficient(part.order, i) * value, -part.order - i))
    left = part.order + part.tail_terms
    order = part.variable ** tidy(part.shift - left) * exp(
        -part.rate * part.dimension * tidy(power + part.tail_terms)
    )
    return Expansion(
        part.variable,
        head.terms,
        head.next_exponents,
        head.conditions,
        tail_orders=(*head.tail_orders, order),
        tail=tuple(tail),
        meetings=head.meetings,
    )
