"""Expansions of the effective ridge κ(λ, T) of a power law, by Lagrange's inversion of its equation.

At small κ the degrees of freedom are df₁ = Aκ^(-1/β) + c₀ + c₁κ + …, with terms from ``symcollapse.expansions``. The
constant c₀ (−1/2 where d = ∞) only changes the sizes: with τ = T − c₀ and μ = λT/τ the equation of κ is

    κ − μ = κ·(df₁(κ) − c₀)/τ,

so that three regimes are three readings of it. Far above T^-β the right-hand side is small, of the relative order
ε = Aμ^(-1/β)/τ. Without a ridge df₁(κ₀) − c₀ = τ, and κ₀ = (A/τ)^β up to the relative order τ^-(β+1). Between the two,
with κ = κ₀w^β, all is explicit in w ≥ 1: μ = κ(1 − 1/w).

Lagrange: the root of u = a + h(u) that tends to a has f(u) = f(a) + Σ_{k≥1} (d/da)^(k−1)[f′(a)·h(a)^k]/k!.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement

from sympy import Add, Basic, Expr, Ge, Gt, Integer, Lt, Mul, factorial, ff

from symcollapse.expansions.power_laws import expand_power_law_sum
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.quantities import DegreesOfFreedom, SpectralTrace
from symcollapse.language.spectra import PowerLawSpectrum
from symcollapse.language.symbols import crossover, effective, ridge, samples

_Power = tuple[Expr, Expr]
"""Coefficient and exponent of one power."""


@dataclass(frozen=True)
class RidgeExpansion:
    """An expansion of κ in one regime: formula·(1 + O(the sum of the next orders))."""

    formula: Expr
    """κ, in the symbols λ and T."""
    small: Expr
    """The parameter in whose powers it goes."""
    next_orders: tuple[Expr, ...]
    """Relative orders of what is left out."""
    conditions: tuple[Basic, ...]
    """Where the series converges, and what is asked of the sizes."""


@dataclass(frozen=True)
class RidgeCrossover:
    """κ and λ through the crossover λ ~ T^-β, as functions of one variable w = (κ/κ₀)^(1/β) ≥ 1.

    λ grows with w, from 0 at w = 1: its derivative has the sign of βw − (β − 1).

    Example
    -------
    >>> from sympy import oo
    >>> found = effective_ridge_crossover(PowerLawSpectrum(oo, 2))
    >>> found.effective_ridge, found.ridge.subs(crossover, 1)
    (pi**2*w**2/(4*(T + 1/2)**2), 0)
    """

    effective_ridge: Expr
    """κ as a function of w and T."""
    ridge: Expr
    """λ as a function of w and T."""
    equation: Expr
    """The same as an equation: an expression in κ, λ and T that vanishes."""
    next_orders: tuple[Expr, ...]
    """Absolute error of λ/κ as orders in κ and T."""
    conditions: tuple[Basic, ...]


@dataclass(frozen=True)
class _Equation:
    """The equation of κ with df₁ expanded."""

    leading: _Power
    """Coefficient A and exponent −1/β of df₁."""
    others: tuple[_Power, ...]
    """Further powers of df₁, without the constant."""
    samples: Expr
    """τ = T − c₀."""
    ridge: Expr
    """μ = λT/τ."""
    left_out: tuple[Expr, ...]
    """Orders of df₁ left out, as powers of κ."""
    conditions: tuple[Basic, ...]


def _equation(spectrum: PowerLawSpectrum, terms: int) -> _Equation:
    kappa = EffectiveRidge(ridge, samples, spectrum)
    degrees = DegreesOfFreedom(1, effective, spectrum)
    trace = degrees.unfolded()
    assert isinstance(trace, SpectralTrace)
    expansion = expand_power_law_sum(trace.summand, spectrum, terms=terms)
    kept = (*expansion.terms, *expansion.tail)
    powers = [(term.coefficient, term.exponent) for term in kept]
    power = -1 / spectrum.capacity
    constant = Add(*(coefficient for coefficient, exponent in powers if exponent == 0))
    ((leading, _),) = (each for each in powers if each[1] == power)
    # The equation is linear in df₁, so a constant in it moves into T and λ: read off where df₁ = c₀ + x.
    equation = kappa.equation().xreplace({degrees: constant}).expand()
    slope, rest = equation.coeff(effective), equation.xreplace({effective: Integer(0)})
    own_samples = (slope * samples).expand()
    return _Equation(
        leading=(leading, power),
        others=tuple(each for each in powers if each[1] not in (0, power)),
        samples=own_samples,
        ridge=-rest * samples / own_samples,
        left_out=(
            *(effective**exponent for exponent in expansion.next_exponents),
            *expansion.tail_orders,
        ),
        conditions=expansion.conditions,
    )


def lagrange(start: Expr, powers: Sequence[_Power], outer: _Power, orders: int) -> tuple[Expr, ...]:
    """Lagrange's series of c·u^p at the root of u = a + Σ h_i·u^(e_i), as its terms of the orders 0 … orders − 1.

    Parameters
    ----------
    start
        a.
    powers
        The pairs (h_i, e_i).
    outer
        The pair (c, p).
    orders
        Number of terms; the k-th holds all products of k of the powers.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> one = Integer(1)
    >>> lagrange(ridge, [(one, Integer(2))], (one, one), 4)
    (lambda, lambda**2, 2*lambda**3, 5*lambda**4)
    """
    coefficient, exponent = outer
    found: list[Expr] = [coefficient * start**exponent]
    for order in range(1, orders):
        pieces: list[Expr] = []
        for chosen in combinations_with_replacement(range(len(powers)), order):
            ways = factorial(order) / Mul(*(factorial(chosen.count(i)) for i in set(chosen)))
            factor = Mul(*(powers[i][0] for i in chosen))
            power = Add(exponent - 1, *(powers[i][1] for i in chosen))
            derived = ff(power, order - 1).expand(func=True) * start ** (power - order + 1)
            pieces.append(ways * factor * derived)
        found.append(coefficient * exponent * Add(*pieces) / factorial(order))
    return tuple(found)


def effective_ridge_at_large_ridge(
    spectrum: PowerLawSpectrum, *, orders: int = 2, terms: int = 2
) -> RidgeExpansion:
    """κ for λ ≫ T^-β, in powers of ε = Aμ^(-1/β)/τ.

    Parameters
    ----------
    spectrum
        The power law; of finite dimension d, large enough that κd^β exceeds its scale.
    orders
        Powers ε⁰ … ε^(orders−1); the error is of the relative order ε^orders.
    terms
        Analytic powers κ⁰ … κ^(terms−1) of df₁.

    Example
    -------
    >>> from sympy import oo
    >>> found = effective_ridge_at_large_ridge(PowerLawSpectrum(oo, 2), orders=2, terms=1)
    >>> found.formula
    pi*sqrt(T)*sqrt(lambda)/(2*(T + 1/2)**(3/2)) + T*lambda/(T + 1/2)
    """
    equation = _equation(spectrum, terms)
    coefficient, power = equation.leading
    start, size = equation.ridge, equation.samples
    powers = [(value / size, e + 1) for value, e in (equation.leading, *equation.others)]
    series = lagrange(start, powers, (Integer(1), Integer(1)), orders)
    small = coefficient * start**power / size
    share = 1 + power
    return RidgeExpansion(
        formula=Add(*series),
        small=small,
        next_orders=(
            small**orders,
            *(each.subs(effective, start) / size for each in equation.left_out),
        ),
        conditions=(
            *(each.subs(effective, start) for each in equation.conditions),
            # Radius of convergence of u = 1 + εu^s for 0 < s < 1, where the two roots u of it meet.
            Lt(small, share**-share * (1 - share) ** (share - 1)),
        ),
    )


def ridgeless_effective_ridge(
    spectrum: PowerLawSpectrum, *, orders: int = 2, terms: int = 2
) -> RidgeExpansion:
    """κ₀ = κ(0, T) for T ≪ d: (A/τ)^β and its corrections, of the relative orders τ^-(β+1), τ^-2(β+1) and so on.

    Parameters
    ----------
    spectrum
        The power law, of infinite or large dimension.
    orders
        Corrections of the orders 0 … orders − 1.
    terms
        Analytic powers of df₁; with 1 there are no corrections.

    Example
    -------
    >>> from sympy import oo
    >>> from symcollapse.language.symbols import capacity
    >>> ridgeless_effective_ridge(PowerLawSpectrum(oo, capacity), orders=1).formula.subs(
    ...     capacity, 3
    ... )
    8*sqrt(3)*pi**3/(243*(T + 1/2)**3)
    """
    equation = _equation(spectrum, terms)
    coefficient, power = equation.leading
    size = equation.samples
    start = size / coefficient
    # The unknown is u = κ^(-1/β), so that κ^e = u^(e/power).
    powers = [(-value / coefficient, e / power) for value, e in equation.others]
    series = lagrange(start, powers, (Integer(1), 1 / power), orders)
    first = [abs_order(value / coefficient * start ** (e - 1)) for value, e in powers[:1]]
    leading = series[0]
    return RidgeExpansion(
        formula=Add(*series),
        small=1 / start,
        next_orders=(
            *(order**orders for order in first),
            *(each.subs(effective, leading) / size for each in equation.left_out),
        ),
        conditions=tuple(each.subs(effective, leading) for each in equation.conditions),
    )


def abs_order(value: Expr) -> Expr:
    """An order of magnitude without its sign.

    Example
    -------
    >>> abs_order(-samples)
    T
    """
    return -value if value.could_extract_minus_sign() else value


def effective_ridge_near_ridgeless(
    spectrum: PowerLawSpectrum, *, orders: int = 2
) -> RidgeExpansion:
    """κ for λ ≪ T^-β ≪ 1, in powers of μ/κ₀ with κ₀ = (A/τ)^β.

    The terms of df₁ beyond the constant are left out: they change κ by the relative order κ₀/τ.

    Parameters
    ----------
    spectrum
        The power law, of infinite or large dimension.
    orders
        Powers (μ/κ₀)⁰ … (μ/κ₀)^(orders−1).

    Example
    -------
    >>> from sympy import oo
    >>> found = effective_ridge_near_ridgeless(PowerLawSpectrum(oo, 2), orders=3)
    >>> found.formula.expand().coeff(ridge, 1).subs(samples, 10)
    40/21
    """
    equation = _equation(spectrum, 1)
    coefficient, power = equation.leading
    beta = -1 / power
    ridgeless = (equation.samples / coefficient) ** (1 / power)
    small = equation.ridge / ridgeless
    # μ = κ(1 − 1/w) with κ = κ₀w^β is w = 1 + (μ/κ₀)·w^(1−β).
    series = lagrange(Integer(1), [(small, 1 - beta)], (ridgeless, beta), orders)
    return RidgeExpansion(
        formula=Add(*series),
        small=small,
        next_orders=(
            small**orders,
            *(each.subs(effective, ridgeless) / equation.samples for each in equation.left_out),
        ),
        conditions=(
            *(each.subs(effective, ridgeless) for each in equation.conditions),
            Lt(small, (beta - 1) ** (beta - 1) / beta**beta),
        ),
    )


def effective_ridge_crossover(spectrum: PowerLawSpectrum, *, terms: int = 1) -> RidgeCrossover:
    """κ and λ for any λ ≪ 1, by the crossover variable w, which is T/(Aκ^(-1/β)) up to 1/T.

    Parameters
    ----------
    spectrum
        The power law, of infinite or large dimension.
    terms
        Analytic powers of df₁; with 1, λ = κ(1 − 1/w)τ/T.

    Example
    -------
    >>> from sympy import oo
    >>> effective_ridge_crossover(PowerLawSpectrum(oo, 2)).equation
    -T*lambda/(T + 1/2) - pi*sqrt(kappa)/(2*(T + 1/2)) + kappa
    """
    equation = _equation(spectrum, terms)
    coefficient, power = equation.leading
    size, w = equation.samples, crossover
    kappa = (size / (coefficient * w)) ** (1 / power)
    rest = Add(*(value * effective**e for value, e in equation.others)) / size
    own_ridge = kappa * (1 - 1 / w - rest.subs(effective, kappa))
    leading = coefficient * effective ** (power + 1) / size
    return RidgeCrossover(
        effective_ridge=kappa,
        ridge=own_ridge * size / samples,
        equation=effective - leading - effective * rest - equation.ridge,
        next_orders=tuple(each / samples for each in equation.left_out),
        conditions=(*equation.conditions, Ge(w, 1), Gt(spectrum.capacity, 1)),
    )
