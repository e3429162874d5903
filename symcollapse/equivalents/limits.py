"""Limits of closed formulas: ridges that vanish, and samples far beyond the dimension.

For λ → 0⁺ the effective ridge goes to κ₀ = κ(0, T), the root of df₁(κ₀) = T where T < d, and to 0 where T ≥ d. Terms in
which nothing is divided by 0 are put in. In the others, λ = κ(1 − df₁(κ)/T) is put in and all traces are opened by
partial fractions, so that common factors cancel; what is left is regular, or is expanded at κ = 0, or diverges.
"""

from collections.abc import Iterable, Mapping
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
    cancel,
    factor,
    fraction,
    nan,
    together,
    zoo,
)

from symcollapse.equivalents.closed_forms import length, masked, shortened
from symcollapse.equivalents.coupled_limits import coupled_limit
from symcollapse.equivalents.limit_requests import refuse_unless_closed, relations_of
from symcollapse.equivalents.partial_fractions import Opening, Sum, refuse_irrational, vanishes
from symcollapse.equivalents.rational_functions import factored
from symcollapse.language.abbreviations import Abbreviation
from symcollapse.language.coupled_ridges import CoupledUnknown
from symcollapse.language.effective_ridges import (
    EffectiveRidge,
    ResidualDegreesOfFreedom,
    SurplusSamples,
)
from symcollapse.language.errors import Diverges, NotSupported
from symcollapse.language.exactness import exact
from symcollapse.language.quantities import DegreesOfFreedom, Quantity, canonical
from symcollapse.language.symbols import placeholder
from symcollapse.language.unfolding import unfold

HIGHEST_ORDER = 8
"""Order at which the search for a leading term is given up."""


def ridgeless_limit(formula: Any, ridge: Any, *, assuming: Iterable[Any] = ()) -> Expr:
    """Limit λ → 0⁺ of a closed formula.

    Parameters
    ----------
    formula
        Rational in effective ridges, traces and forms.
    ridge
        The symbol λ.
    assuming
        Relations such as ``Ge(T, d)`` or ``Lt(T, d)``, where the sizes do not tell the regime.

    Returns
    -------
    formula
        Where both regimes lead to one formula in κ(0, T), that one, which holds in both.

    Raises
    ------
    Diverges
        If there is no finite limit.
    NotSupported
        If the two regimes differ and neither is assumed, or the limit is beyond this version.

    Example
    -------
    >>> from sympy import Ge
    >>> from symcollapse.language.problems import SIGMA
    >>> from symcollapse.language.symbols import dimension, ridge, samples
    >>> kappa = EffectiveRidge(ridge, samples, SIGMA)
    >>> degrees = DegreesOfFreedom(2, kappa, SIGMA)
    >>> ridgeless_limit(degrees / (samples - degrees), ridge)
    df_2(kappa(0, T))/(T - df_2(kappa(0, T)))
    >>> ridgeless_limit(degrees / (samples - degrees), ridge, assuming=[Ge(samples, dimension)])
    d/(T - d)
    """
    refuse_unless_closed(formula, ridge)
    assuming = relations_of(assuming)
    plain = unfold(exact(formula), Abbreviation)
    if not plain.has_free(ridge):
        return plain
    if any(node.has_free(ridge) for node in plain.atoms(CoupledUnknown)):
        return coupled_limit(plain, ridge, assuming)
    vanishing = _vanishing(plain, ridge)
    value = _Limit(plain, ridge, {node: has_surplus(node, assuming) for node in vanishing}).value()
    if value.has(zoo, nan):
        raise Diverges(f"{ridge} -> 0: the formula divides by 0 there")
    return value


def has_surplus(node: EffectiveRidge, assuming: Iterable[Any] = ()) -> bool | None:
    """Whether T ≥ d, if that is known.

    Example
    -------
    >>> from sympy import Lt
    >>> from symcollapse.language.problems import SIGMA
    >>> from symcollapse.language.symbols import dimension, samples
    >>> node = EffectiveRidge(0, samples, SIGMA)
    >>> has_surplus(node), has_surplus(node, [Lt(samples, dimension)])
    (None, False)
    """
    surplus = node.samples - node.covariance.dimension
    if surplus.is_extended_nonnegative is not None:
        return bool(surplus.is_extended_nonnegative)
    for relation in assuming:
        if isinstance(relation, Ge | Gt | Le | Lt):
            difference = relation.gts - relation.lts
            if (difference - surplus).expand() == 0:
                return True
            if (difference + surplus).expand() == 0:
                return False
    return None


def _vanishing(formula: Expr, ridge: Expr) -> list[EffectiveRidge]:
    """The effective ridges with the vanishing λ."""
    shown = unfold(formula, ResidualDegreesOfFreedom)
    nodes = [node for node in shown.atoms(EffectiveRidge) if node.ridge.has_free(ridge)]
    return sorted(
        (node for node in nodes if node.ridge.xreplace({ridge: Integer(0)}) == 0),
        key=lambda node: node.sort_key(),
    )


class _Limit:
    """One limit λ → 0⁺, side by side for T ≥ d, T < d or both."""

    def __init__(
        self, formula: Expr, ridge: Any, surplus: Mapping[EffectiveRidge, bool | None]
    ) -> None:
        self.formula = formula
        self.ridge = ridge
        self.surplus = surplus
        self.above = {node: Integer(0) for node, known in surplus.items() if known}

    def value(self) -> Expr:
        """The limit."""
        regular: list[Expr] = []
        rest: list[Expr] = []
        for term in Add.make_args(self.formula):
            value = self.put_in(term)
            if value is None:
                rest.append(term)
            else:
                regular.append(value)
        if rest:
            regular.append(self.expanded(Add(*rest)))
        return self.guarded(Add(*regular))

    def put_in(self, term: Expr) -> Expr | None:
        """The term at λ = 0, or None where something there is divided by 0."""
        if not term.has_free(self.ridge):
            return term
        above, below = _parts(self.at_zero_formula(term))
        at_zero = self.at_zero(below)
        if vanishes(at_zero):
            return None
        undecided = [node for node, known in self.surplus.items() if known is None]
        if undecided:
            # It must hold with κ(0, T) = 0 as well.
            rule = dict.fromkeys(undecided, Integer(0))
            other = self.at_zero(unfold(below, ResidualDegreesOfFreedom).xreplace(rule))
            if vanishes(other):
                return None
        return shortened(self.at_zero(above) / at_zero)

    def at_zero_formula(self, term: Expr) -> Expr:
        """The term with κ = 0 ahead of λ = 0 where there is surplus: the residuals have to show their κ."""
        return unfold(term, ResidualDegreesOfFreedom) if self.above else term

    def at_zero(self, part: Expr) -> Expr:
        """A numerator or denominator at λ = 0."""
        return canonical(part.xreplace(self.above).xreplace({self.ridge: Integer(0)}))

    def expanded(self, formula: Expr) -> Expr:
        """The limit of terms that are not regular one by one."""
        if len(self.surplus) != 1:
            raise NotSupported(
                f"{self.ridge.name} -> 0 with {len(self.surplus)} effective ridges of {self.ridge.name} at once: "
                "give each design its own ridge"
            )
        ((node, surplus),) = self.surplus.items()
        opening = Opening()
        opened = opening.opened(formula)
        kappa = opening.ridges[node]
        size = opening.letter(Sum(node.covariance, None, Integer(0), Integer(0)))
        resolvent = opening.letter(Sum(node.covariance, None, kappa, Integer(-1)))
        scale = cancel(node.ridge / self.ridge)
        # λ = κ(1 − df₁(κ)/T), with df₁(κ) = d − κ tr(Σ + κ)⁻¹.
        by_kappa = kappa * (node.samples - size + kappa * resolvent) / (node.samples * scale)
        opened = opened.xreplace(opening.equations([node])).xreplace({self.ridge: by_kappa})
        refuse_irrational(opened, kappa)
        above, below = fraction(cancel(together(opened)))
        if surplus:
            return self._with_surplus(opening, kappa, above, below)
        deficit = {resolvent: (size - node.samples) / kappa}
        divides = cancel(below.xreplace(deficit)) == 0
        limit_node = EffectiveRidge(0, node.samples, node.covariance)
        opening.ridges = {
            (limit_node if other == node else other): letter
            for other, letter in opening.ridges.items()
        }
        if surplus is None:
            if divides or self._order(opening, kappa, below)[0] > 0:
                raise NotSupported(
                    f"{self.ridge.name} -> 0: the limits for {node.samples} >= {node.covariance.dimension} and "
                    f"{node.samples} < {node.covariance.dimension} differ; give one in assuming=, as "
                    f"Ge({node.samples}, {node.covariance.dimension})"
                )
            return shortened(opening.written(above / below))
        if divides:
            raise Diverges(
                f"{self.ridge.name} -> 0: infinite for {node.samples} < {node.covariance.dimension}"
            )
        ratio = above / below
        forms = [
            opening.written(form, by_degrees=True) for form in (ratio, ratio.xreplace(deficit))
        ]
        samples = {DegreesOfFreedom(1, limit_node, node.covariance): node.samples}
        return min((shortened(form.xreplace(samples)) for form in forms), key=length)

    def _with_surplus(self, opening: Opening, kappa: Expr, above: Expr, below: Expr) -> Expr:
        first, leading = self._order(opening, kappa, above)
        second, divisor = self._order(opening, kappa, below)
        (node,) = self.surplus
        if first < second:
            raise Diverges(
                f"{self.ridge.name} -> 0: infinite for {node.samples} >= {node.covariance.dimension}"
            )
        if first > second:
            return Integer(0)
        ratio = factor(cancel(leading / divisor))
        size = opening.letter(Sum(node.covariance, None, Integer(0), Integer(0)))
        named = opening.others.setdefault(
            SurplusSamples(node.samples, node.covariance), placeholder("surplus")
        )
        # T − d is a letter of its own in the factors that are shorter with it.
        parts = [part.as_base_exp() for part in Mul.make_args(ratio)]
        ratio = Mul(
            *(_shorter(base, {size: node.samples - named}) ** power for base, power in parts)
        )
        return opening.written(ratio)

    def _order(self, opening: Opening, kappa: Expr, part: Expr) -> tuple[int, Expr]:
        """Order and coefficient of the leading term of a polynomial in letters, at κ = 0."""
        if part == 0:
            return HIGHEST_ORDER, part
        for order in range(HIGHEST_ORDER):
            series = {
                letter: _expansion(opening, member, kappa, order)
                for member, letter in tuple(opening.sums.items())
                if member.ridge == kappa
            }
            polynomial = Poly(part.xreplace(series), kappa)
            for power in range(order + 1):
                coefficient = polynomial.coeff_monomial(kappa**power)
                if cancel(coefficient.xreplace(opening.sizes())) != 0:
                    return power, coefficient
        raise NotSupported(f"{self.ridge.name} -> 0: no leading term up to order {HIGHEST_ORDER}")

    def guarded(self, formula: Expr) -> Expr:
        """T − d as a quantity that refuses other regimes, where it is a factor."""
        for node in self.above:
            # One term for each trace or form, so that T − d shows as a factor of its weight.
            formula = _collected(formula)
            formula = _with_surplus_named(formula, node)
        return formula


def _collected(formula: Expr) -> Expr:
    """The sum with one factored weight for each product of quantities."""
    weights: dict[Expr, Expr] = {}
    for term in Add.make_args(formula):
        held = [factor for factor in Mul.make_args(term) if factor.has(Quantity)]
        shape = Mul(*held)
        weights[shape] = weights.get(shape, Integer(0)) + term / shape
    return Add(*(factored(weight) * shape for shape, weight in weights.items()))


def _shorter(base: Expr, rule: Mapping[Expr, Expr]) -> Expr:
    other = factor(base.xreplace(rule))
    return other if other.count_ops() < base.count_ops() else base


def _parts(term: Expr) -> tuple[Expr, Expr]:
    """Numerator and denominator, with each quantity as a letter in between."""
    plain, meanings = masked(term)
    above, below = fraction(cancel(together(plain)))
    return above.xreplace(meanings), below.xreplace(meanings)


def _expansion(opening: Opening, member: Sum, kappa: Expr, order: int) -> Expr:
    """Σ (s + κ)ᵖ in powers of κ."""
    return Add(
        *(
            binomial(member.power, place)
            * kappa**place
            * opening.letter(member._replace(ridge=Integer(0), power=member.power - place))
            for place in range(order + 1)
        )
    )


def _with_surplus_named(formula: Expr, node: EffectiveRidge) -> Expr:
    surplus = node.samples - node.covariance.dimension
    if surplus.is_number or surplus.is_Symbol:
        return formula
    named = SurplusSamples(node.samples, node.covariance)

    def walk(part: Any) -> Any:
        if part == surplus:
            return named
        if part == -surplus:
            return -named
        if part.is_Add or part.is_Mul or part.is_Pow:
            return part.func(*(walk(inner) for inner in part.args))
        return part

    return walk(formula)
