"""The ridgeless limit of an effective ridge that several sizes share, such as that of random features.

With λ linear in its equation, λ = g(κ), g(κ) increases from 0: λ → 0⁺ is the first zero of g that one meets from large κ.
Where g is a product of κ and of factors n − df₁(κ), that is df₁(κ) = n for the smallest n, or κ = 0 if d is smaller than
every n: the narrowest of the matrices decides.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sympy import (
    Add,
    Expr,
    Ge,
    Gt,
    Integer,
    Le,
    Lt,
    Mul,
    Poly,
    binomial,
    factorial,
    fraction,
    nan,
    zoo,
)

from symcollapse.equivalents.closed_forms import masked, shortened
from symcollapse.equivalents.partial_fractions import Opening, Sum, vanishes
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
from symcollapse.language.symbols import placeholder

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
    is_full = smallest == spectrum.dimension
    above, below = fraction(shortened(_expanded(hidden, kappa) if is_full else hidden))
    value = Integer(0) if is_full else EffectiveRidge(0, smallest, spectrum)
    degrees = DegreesOfFreedom(1, kappa, spectrum)

    def at_limit(part: Expr) -> Expr:
        put_in = canonical(part.xreplace({degrees: smallest}).xreplace({kappa: value}))
        return nan if put_in.has(nan, zoo) else shortened(put_in)

    top, bottom = at_limit(above), at_limit(below)
    if nan not in (top, bottom) and not vanishes(bottom):
        return shortened(top / bottom)
    # What cancels need not have been seen to: a long formula stays a sum, and traces are tied to each other.
    if is_full:
        return _full_limit(hidden, kappa, spectrum, ridge)
    return _narrow_limit(hidden, kappa, EffectiveRidge(0, smallest, spectrum), ridge)


def _narrow_limit(hidden: Expr, kappa: Any, limit: EffectiveRidge, ridge: Any) -> Expr:
    """The limit at df₁(κ) = n for the smallest size n, in independent traces and in lowest terms."""
    opening = Opening()
    opened = opening.opened(hidden)
    size, resolvent = (
        opening.letter(Sum(limit.covariance, None, shift, power))
        for shift, power in ((Integer(0), Integer(0)), (kappa, Integer(-1)))
    )
    degrees = placeholder("degrees")
    single = factored(opened.xreplace({resolvent: (size - degrees) / kappa}))
    above, below = (factored(part.xreplace({degrees: limit.samples})) for part in fraction(single))
    if below == 0:
        raise _infinite(above, limit.samples, ridge)
    written = opening.written(above / below, by_degrees=True)
    return shortened(canonical(written.xreplace({kappa: limit})))


def _full_limit(hidden: Expr, kappa: Any, spectrum: Spectrum, ridge: Any) -> Expr:
    """The limit at κ = 0, where d is the smallest size, by the leading powers of κ."""
    opening = Opening()
    above, below = fraction(factored(opening.opened(hidden)))
    if any(node.has_free(kappa) for node in opening.others):
        raise _unsupported(ridge)
    (first, leading), (second, divisor) = (
        _leading(opening, part, kappa, ridge) for part in (above, below)
    )
    if first > second:
        return Integer(0)
    if first < second:
        raise _infinite(leading, spectrum.dimension, ridge)
    return shortened(canonical(opening.written(leading / divisor)))


def _leading(opening: Opening, part: Expr, kappa: Any, ridge: Any) -> tuple[int, Expr]:
    """Least power of κ in a polynomial, and its coefficient."""
    if part == 0:
        return ORDERS, part
    # Powers below ORDERS are exact: every factor is known to that order.
    series = {
        letter: Add(
            *(
                binomial(member.power, place)
                * kappa**place
                * opening.letter(member._replace(ridge=Integer(0), power=member.power - place))
                for place in range(ORDERS)
            )
        )
        for member, letter in tuple(opening.sums.items())
        if member.ridge == kappa
    }
    polynomial = Poly(part.xreplace(series).xreplace(opening.sizes()), kappa)
    for power in range(ORDERS):
        coefficient = factored(polynomial.coeff_monomial(kappa**power))
        if coefficient != 0:
            return power, coefficient
    raise _unsupported(ridge)


def _infinite(above: Expr, smallest: Expr, ridge: Any) -> Diverges | NotSupported:
    """What to say where the denominator of lowest terms vanishes."""
    if above == 0:
        return _unsupported(ridge)
    return Diverges(
        f"{ridge.name} -> 0: the limit is infinite where {smallest} is the smallest size"
    )


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
