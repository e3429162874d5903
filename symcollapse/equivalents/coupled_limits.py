"""The ridgeless limit of an effective ridge that several sizes share, such as that of random features.

With λ linear in its equation, λ = g(κ), g(κ) increases from 0: λ → 0⁺ is the first zero of g that one meets from large κ.
Where g is a product of κ and of factors n − df₁(κ), that is df₁(κ) = n for the smallest n, or κ = 0 if d is smaller than
every n: the narrowest of the matrices decides.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sympy import Expr, Ge, Gt, Integer, Le, Lt, Mul, Poly, factorial, fraction

from symcollapse.equivalents.closed_forms import masked, shortened
from symcollapse.equivalents.rational_functions import factored
from symcollapse.language.coupled_ridges import CoupledRidge
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.errors import Diverges, NotSupported
from symcollapse.language.quantities import (
    DegreesOfFreedom,
    QuadraticForm,
    SpectralTrace,
    canonical,
)
from symcollapse.language.spectra import Spectrum

ORDERS = 4
"""Terms of a trace at κ = 0; formulas divide by κ³ at the most."""


def coupled_limit(formula: Expr, ridge: Any, assuming: Iterable[Any] = ()) -> Expr:
    """The limit λ → 0⁺ of a formula with one coupled effective ridge of λ.

    Raises
    ------
    NotSupported
        If the equation is not of the form above, or it is not known which size is the smallest.
    Diverges
        If there is no finite limit.

    Example
    -------
    >>> from sympy import Identity, Lt, Trace
    >>> from symcollapse.equivalents.deterministic import deterministic_equivalent
    >>> from symcollapse.language.random_matrices import gaussian_design, gaussian_projection
    >>> from symcollapse.language.spectra import covariance
    >>> from symcollapse.language.symbols import dimension, ridge, samples
    >>> Sigma = covariance("Sigma", dimension)
    >>> features = gaussian_design("X", samples, Sigma) * gaussian_projection("S", dimension, 50)
    >>> resolvent = (features.T * features / samples + ridge * Identity(50)).inverse()
    >>> formula = deterministic_equivalent(Trace(resolvent)).formula
    >>> coupled_limit(formula, ridge, [Lt(50, samples), Lt(50, dimension)])
    T/((T - 50)*kappa(0, 50))
    """
    nodes = [node for node in formula.atoms(CoupledRidge) if node.has_free(ridge)]
    if len(nodes) != 1 or len(nodes[0].system.unknowns) != 1:
        return _put_in(formula, ridge)
    (node,) = nodes
    (kappa,), (equation,) = node.system.unknowns, node.system.equations
    found = _sizes(equation.xreplace({ridge: Integer(0)}), kappa)
    if found is None:
        return _put_in(formula, ridge)
    sizes, spectrum = found
    smallest = _smallest((*sizes, spectrum.dimension), tuple(assuming), ridge)
    hidden = formula.xreplace({node: kappa}).xreplace({ridge: _ridge(equation, ridge)})
    if smallest == spectrum.dimension:
        hidden = _expanded(hidden, kappa)
    above, below = fraction(shortened(hidden))
    value = Integer(0) if smallest == spectrum.dimension else EffectiveRidge(0, smallest, spectrum)
    degrees = DegreesOfFreedom(1, kappa, spectrum)

    def at_limit(part: Expr) -> Expr:
        return shortened(canonical(part.xreplace({degrees: smallest}).xreplace({kappa: value})))

    bottom = at_limit(below)
    if bottom != 0:
        return shortened(at_limit(above) / bottom)
    if at_limit(above) != 0:
        raise Diverges(
            f"{ridge.name} -> 0: the limit is infinite where {smallest} is the smallest size"
        )
    raise _unsupported(ridge)


def _expanded(formula: Expr, kappa: Any) -> Expr:
    """The formula with its traces expanded at κ = 0, so that what cancels there does so."""
    rule: dict[Expr, Expr] = {}
    for trace in formula.atoms(DegreesOfFreedom, SpectralTrace, QuadraticForm):
        if trace.has_free(kappa):
            total, derivative = Integer(0), trace
            for order in range(ORDERS):
                at_zero = canonical(derivative.xreplace({kappa: Integer(0)}))
                total += at_zero * kappa**order / factorial(order)
                derivative = derivative.diff(kappa)
            rule[trace] = total
    return formula.xreplace(rule)


def _unsupported(ridge: Any) -> NotSupported:
    return NotSupported(
        f"{ridge.name} -> 0 in a formula of coupled effective ridges that is not of the kind κ·(n − df_1(κ))···: "
        "keep the ridge, and evaluate at a small one"
    )


def _ridge(equation: Expr, ridge: Any) -> Expr:
    """λ by an equation that is linear in it."""
    plain, meanings = masked(equation)
    line = Poly(plain, ridge)
    if line.degree() != 1:
        raise _unsupported(ridge)
    return factored(-line.TC() / line.LC()).xreplace(meanings)


def _put_in(formula: Expr, ridge: Any) -> Expr:
    """The formula at λ = 0, where nothing is divided by λ; a system without a positive root is refused on evaluation."""
    short = shortened(formula)
    below = fraction(masked(short)[0])[1]
    if factored(below.xreplace({ridge: Integer(0)})) == 0:
        raise _unsupported(ridge)
    return short.xreplace({ridge: Integer(0)})


def _sizes(product: Expr, kappa: Any) -> tuple[list[Expr], Spectrum] | None:
    """The sizes n of a product of κ, numbers and sizes, and factors n − df₁(κ); None for another equation."""
    plain, meanings = masked(product)
    sizes: list[Expr] = []
    spectra: set[Spectrum] = set()
    for factor in Mul.make_args(factored(plain)):
        base, _ = factor.as_base_exp()
        held = [letter for letter in meanings if base.has_free(letter)]
        if not held:
            if base.has_free(kappa) and base != kappa:
                return None
            continue
        quantity = meanings[held[0]]
        line = Poly(base, held[0])
        if not (
            len(held) == 1
            and isinstance(quantity, DegreesOfFreedom)
            and (quantity.order, quantity.ridge) == (1, kappa)
            and line.degree() == 1
        ):
            return None
        sizes.append(factored(-line.TC() / line.LC()))
        spectra.add(quantity.covariance)
    return (sizes, spectra.pop()) if len(spectra) == 1 else None


def _smallest(sizes: Sequence[Expr], assuming: Sequence[Any], ridge: Any) -> Expr:
    """The smallest of the sizes, as far as it is known."""
    for size in sizes:
        if all(size == other or _is_below(size, other, assuming) for other in sizes):
            return size
    names = ", ".join(str(size) for size in sizes)
    raise NotSupported(
        f"{ridge.name} -> 0: which of {names} is the smallest? say so, as in assuming=(Lt({sizes[0]}, {sizes[-1]}),)"
    )


def _is_below(size: Expr, other: Expr, assuming: Sequence[Any]) -> bool:
    gap = other - size
    if gap.is_extended_nonnegative:
        return True
    return any(
        (relation.gts - relation.lts - gap).expand() == 0
        for relation in assuming
        if isinstance(relation, Ge | Gt | Le | Lt)
    )
