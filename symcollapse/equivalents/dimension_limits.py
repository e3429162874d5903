"""Samples far beyond the dimension: T → ∞ at fixed d, of closed formulas.

κ(λ, T) is a power series in 1/T: it solves κ = λ + κ df₁(κ)/T, so that Lagrange's inversion gives its coefficients,
Σ_n T⁻ⁿ/n! · ∂ⁿ⁻¹(λ df₁(λ))ⁿ/∂λⁿ⁻¹. With it the numerator and the denominator of a formula are expanded until a
coefficient is not 0; the quotient of the leading terms is the limit's leading term.
"""

from collections.abc import Mapping
from typing import Any

from sympy import Add, Expr, Integer, Poly, cancel, factorial, fraction, together

from symcollapse.equivalents.closed_forms import masked, shortened
from symcollapse.equivalents.limit_requests import refuse_unless_closed
from symcollapse.equivalents.partial_fractions import vanishes
from symcollapse.language.abbreviations import Abbreviation
from symcollapse.language.coupled_ridges import CoupledUnknown
from symcollapse.language.effective_ridges import (
    EffectiveRidge,
    GuardedSize,
    ResidualDegreesOfFreedom,
)
from symcollapse.language.errors import NotSupported
from symcollapse.language.exactness import exact
from symcollapse.language.quantities import DegreesOfFreedom, canonical
from symcollapse.language.symbols import placeholder
from symcollapse.language.unfolding import unfold

HIGHEST_ORDER = 4
"""Order in 1/T at which the search for a leading term is given up."""


def low_dimensional_limit(formula: Any, samples: Any) -> Expr:
    """Leading term of a closed formula as T → ∞ at fixed dimension and fixed ridges.

    Parameters
    ----------
    formula
        Rational in sizes, effective ridges, traces and forms.
    samples
        The symbol T.

    Raises
    ------
    NotSupported
        If a ridge depends on T, or no leading term is found.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA
    >>> from symcollapse.language.symbols import ridge, samples
    >>> kappa = EffectiveRidge(ridge, samples, SIGMA)
    >>> degrees = DegreesOfFreedom(2, kappa, SIGMA)
    >>> low_dimensional_limit(degrees / (samples - degrees), samples)
    df_2(lambda)/T
    >>> low_dimensional_limit(kappa - ridge, samples)
    lambda*df_1(lambda)/T
    """
    refuse_unless_closed(formula, samples)
    plain = unfold(exact(formula), Abbreviation, ResidualDegreesOfFreedom, GuardedSize)
    if not plain.has_free(samples):
        return plain
    if any(node.has_free(samples) for node in plain.atoms(CoupledUnknown)):
        raise NotSupported(f"{samples} -> oo in a formula of coupled effective ridges")
    small = placeholder("u")
    above, below = _parts(_prepared(plain, samples))
    first, leading = _leading(above, samples, small)
    second, divisor = _leading(below, samples, small)
    return shortened(leading / divisor) * samples ** (second - first)


def _prepared(formula: Expr, samples: Any) -> Expr:
    """The formula without the κ(0, T) that are 0 beyond T = d."""
    rule: dict[Expr, Expr] = {}
    for node in formula.atoms(EffectiveRidge):
        if node.ridge.has_free(samples):
            raise NotSupported(
                f"{samples} -> oo with a ridge {node.ridge} that depends on it: put in a number for one of them"
            )
        if node.has_free(samples) and node.ridge == 0:
            rule[node] = Integer(0)
    return canonical(formula.xreplace(rule))


def _parts(formula: Expr) -> tuple[Expr, Expr]:
    plain, meanings = masked(formula)
    above, below = fraction(cancel(together(plain)))
    return above.xreplace(meanings), below.xreplace(meanings)


def _leading(part: Expr, samples: Any, small: Expr) -> tuple[int, Expr]:
    """Order in 1/T and coefficient of the leading term of a polynomial in quantities."""
    if part == 0:
        return 0, part
    degree = int(Poly(masked(part)[0], samples).degree()) if part.has_free(samples) else 0
    for order in range(HIGHEST_ORDER + 1):
        # Up to the order in question and no further: higher derivatives are long.
        series = {node: _ridge_series(node, small, order) for node in _moving(part, samples)}
        plain, meanings = masked(part.xreplace(series))
        rule = {letter: _taylor(node, small, order) for letter, node in meanings.items()}
        scaled = cancel(plain.xreplace({samples: 1 / small}) * small**degree)
        # The lower coefficients are known to vanish by now.
        value = _coefficient(scaled, rule, small, order)
        if not vanishes(value):
            return order - degree, value
    raise NotSupported(
        f"{samples} -> oo: no leading term up to order {HIGHEST_ORDER} in 1/{samples}"
    )


def _moving(part: Expr, samples: Any) -> list[EffectiveRidge]:
    nodes = [node for node in part.atoms(EffectiveRidge) if node.has_free(samples)]
    for node in nodes:
        if node.samples != samples:
            raise NotSupported(
                f"{samples} -> oo with {node.samples} samples of one design: give them in {samples}"
            )
    return sorted(nodes, key=lambda node: node.sort_key())


def _ridge_series(node: EffectiveRidge, small: Expr, order: int) -> Expr:
    """κ(λ, 1/u) to an order in u."""
    letter = placeholder("lambda")
    slope = letter * DegreesOfFreedom(1, letter, node.covariance)
    terms = [small**n / factorial(n) * (slope**n).diff(letter, n - 1) for n in range(1, order + 1)]
    return Add(node.ridge, *(term.xreplace({letter: node.ridge}) for term in terms))


def _taylor(node: Expr, small: Expr, order: int) -> list[Expr]:
    """Coefficients of a quantity in powers of u."""
    found = []
    for n in range(order + 1):
        found.append(canonical(node.xreplace({small: Integer(0)})) / factorial(n))
        node = node.diff(small) if n < order else node
    return found


def _coefficient(scaled: Expr, rule: Mapping[Expr, list[Expr]], small: Expr, order: int) -> Expr:
    """The coefficient of uⁿ."""
    values: dict[Expr, Expr] = {}
    series: dict[Expr, Expr] = {}
    for letter, terms in rule.items():
        # Letters again: polynomial arithmetic need not look into traces.
        names = [placeholder("a") for _ in terms]
        values |= dict(zip(names, terms, strict=True))
        series[letter] = Add(*(name * small**n for n, name in enumerate(names)))
    polynomial = Poly(scaled.xreplace(series), small)
    return canonical(polynomial.coeff_monomial(small**order).xreplace(values))
