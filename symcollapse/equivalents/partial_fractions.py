"""Formulas by partial fractions: rational functions of effective ridges and of independent traces.

Each trace or bilinear form of a rational function of s becomes a combination of those of 1/(s + κ)ᵐ and sᵖ, and the
equation of κ gives tr(Σ + κ)⁻¹. What remains is independent for a general Σ, so that a formula vanishes where its
polynomial does. `Opening.written` goes back to short traces.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from sympy import Add, Expr, Integer, Mul, Poly, apart, binomial, cancel, factor, fraction, together

from symcollapse.equivalents.closed_forms import masked
from symcollapse.language.effective_ridges import (
    EffectiveRidge,
    GuardedSize,
    ResidualDegreesOfFreedom,
)
from symcollapse.language.errors import NotSupported
from symcollapse.language.quantities import (
    DegreesOfFreedom,
    QuadraticForm,
    SpectralTrace,
    quadratic_form,
    spectral_trace,
)
from symcollapse.language.spectra import Spectrum
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.symbols import placeholder
from symcollapse.language.targets import Target
from symcollapse.language.unfolding import unfold


class Sum(NamedTuple):
    """The sum of (s + κ)ᵖ over the eigenvalues, weighted by a target if there is one."""

    covariance: Spectrum
    target: Target | None
    ridge: Expr
    """κ; 0 for powers of s."""
    power: Expr

    @property
    def shape(self) -> Expr:
        """The function of s."""
        return (s + self.ridge) ** self.power

    def of(self, function: Expr) -> Expr:
        """The same kind of sum, of another function."""
        if self.target is None:
            return spectral_trace(function, self.covariance)
        return quadratic_form(function, self.covariance, self.target)


class Opening:
    """A formula in letters, and what the letters mean.

    Effective ridges become letters too. Traces over several covariances are one letter each.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA
    >>> from symcollapse.language.symbols import ridge, samples
    >>> kappa = EffectiveRidge(ridge, samples, SIGMA)
    >>> opening = Opening()
    >>> degrees = opening.opened(DegreesOfFreedom(1, kappa, SIGMA))
    >>> opening.written(degrees)
    df_1(kappa(lambda, T))
    >>> vanishes(samples * ridge - kappa * (samples - DegreesOfFreedom(1, kappa, SIGMA)))
    True
    """

    def __init__(self) -> None:
        self.sums: dict[Sum, Expr] = {}
        self.others: dict[Expr, Expr] = {}
        self.ridges: dict[EffectiveRidge, Expr] = {}

    def opened(self, formula: Expr) -> Expr:
        """The formula in letters; tr(Σ + κ)⁻¹ is one of them, see `equations`."""
        plain = unfold(formula, ResidualDegreesOfFreedom, GuardedSize, DegreesOfFreedom)
        for node in sorted(plain.atoms(EffectiveRidge), key=lambda node: node.sort_key()):
            self.ridges.setdefault(node, placeholder(f"k_{len(self.ridges)}"))
            size = node.covariance.dimension
            if size.is_Symbol:
                # The dimension is the trace of 1, and is written so again.
                self.letter(Sum(node.covariance, None, Integer(0), Integer(0)))
        lettered = plain.xreplace(self.ridges)
        outer, meanings = masked(lettered)
        opened = {letter: self._reduced(node) for letter, node in meanings.items()}
        sizes = {
            member.covariance.dimension: letter
            for member, letter in self.sums.items()
            if member.target is None and member.power == 0 and member.covariance.dimension.is_Symbol
        }
        return outer.xreplace(sizes).xreplace(opened)

    def letter(self, member: Sum) -> Expr:
        """The letter of a sum."""
        return self.sums.setdefault(member, placeholder(f"g_{len(self.sums)}"))

    def _reduced(self, node: Expr) -> Expr:
        if not isinstance(node, SpectralTrace | QuadraticForm) or node.covariance.variables != (s,):
            return self.others.setdefault(node, placeholder(f"q_{len(self.others)}"))
        target = node.target if isinstance(node, QuadraticForm) else None
        total: Expr = Integer(0)
        for term in Add.make_args(apart(together(node.summand), s)):
            coefficient, function = together(term).as_independent(s, as_Add=False)
            content, primitive = function.factor().as_independent(s, as_Add=False)
            base, power = primitive.as_base_exp() if primitive != 1 else (s, Integer(0))
            line = Poly(base, s) if base.is_polynomial(s) else None
            if line is None or line.degree() != 1:
                whole = node.func(primitive, *node.args[1:])
                value: Expr = self.others.setdefault(whole, placeholder(f"q_{len(self.others)}"))
            else:
                slope, shift = line.all_coeffs()
                member = Sum(node.covariance, target, cancel(shift / slope), power)
                value = slope**power * self.letter(member)
            total += coefficient * content * value
        return total

    def equations(self, without: Iterable[EffectiveRidge] = ()) -> dict[Expr, Expr]:
        """The letter of tr(Σ + κ)⁻¹ by the equation of κ, for each κ."""
        found: dict[Expr, Expr] = {}
        for node, letter in self.ridges.items():
            if node not in without:
                size = self.letter(Sum(node.covariance, None, Integer(0), Integer(0)))
                degrees = node.samples * (letter - node.ridge.xreplace(self.ridges)) / letter
                resolvent = self.letter(Sum(node.covariance, None, letter, Integer(-1)))
                found[resolvent] = (size - degrees) / letter
        return found

    def sizes(self) -> dict[Expr, Expr]:
        """The letters of dimensions, in their own symbols."""
        return {
            letter: member.covariance.dimension
            for member, letter in self.sums.items()
            if member.target is None and member.power == 0
        }

    def written(self, opened: Expr, *, by_degrees: bool = False) -> Expr:
        """Back from letters to traces: each factor that is linear in the sums is one trace of each kind.

        Products of traces are shorter in degrees of freedom, which divide by κ.
        """
        value: Expr = Integer(1)
        for part in Mul.make_args(factor(cancel(together(opened)))):
            base, power = part.as_base_exp()
            value *= self._factor(base, by_degrees=by_degrees) ** power
        meanings = {letter: node for node, letter in self.others.items()}
        ridges = {letter: node for node, letter in self.ridges.items()}
        return value.xreplace(self.sizes()).xreplace(meanings).xreplace(ridges)

    def _factor(self, base: Expr, *, by_degrees: bool) -> Expr:
        members = {letter: member for member, letter in self.sums.items()}
        held = [letter for letter in members if base.has_free(letter)]
        if not held:
            return base
        if base in members:
            return members[base].of(members[base].shape)
        if by_degrees and Poly(base, *held).total_degree() > 1:
            base = cancel(together(base.xreplace(self._by_degrees(held))))
        above, below = fraction(base)
        letters = [letter for letter in members if above.has_free(letter)]
        # At most one factor of each product stands for a function: a form, or else a lone trace.
        forms = [letter for letter in letters if members[letter].target is not None]
        total: Expr = Integer(0)
        shapes: dict[tuple[Any, ...], tuple[Sum, Expr]] = {}
        for powers, coefficient in Poly(above, *letters).terms() if letters else [((), above)]:
            used = dict(zip(letters, powers, strict=True)) if letters else {}
            lone = [letter for letter, power in used.items() if power and letter in forms]
            if not lone and sum(used.values()) == 1:
                lone = [letter for letter, power in used.items() if power]
            rest = Mul(
                *(
                    members[letter].of(members[letter].shape) ** power
                    for letter, power in used.items()
                    if letter not in lone
                )
            )
            if lone:
                member = members[lone[0]]
                kind = (member.covariance, member.target, rest)
                _, known = shapes.get(kind, (member, Integer(0)))
                shapes[kind] = (member, known + coefficient * member.shape)
            else:
                total += coefficient * rest
        for (_, _, rest), (member, function) in shapes.items():
            total += rest * member.of(factor(together(function)))
        return total / below

    def _by_degrees(self, held: Iterable[Expr]) -> dict[Expr, Expr]:
        """Traces of (Σ + κ)⁻ᵐ by degrees of freedom, which products of traces are shorter in."""
        rule: dict[Expr, Expr] = {}
        members = {letter: member for member, letter in self.sums.items()}
        for letter in held:
            member = members[letter]
            order = -member.power
            if member.target is None and member.ridge != 0 and order.is_Integer and order > 0:
                rule[letter] = Add(
                    *(
                        binomial(order, place) * (-1) ** place * self._degrees(member, place)
                        for place in range(int(order) + 1)
                    )
                ) / (member.ridge**order)
        return rule

    def _degrees(self, member: Sum, order: int) -> Expr:
        """The letter of a df_m(κ); for m = 0 that of the dimension, the others are their own."""
        if order == 0:
            return self.letter(Sum(member.covariance, None, Integer(0), Integer(0)))
        node = DegreesOfFreedom(order, member.ridge, member.covariance)
        return self.others.setdefault(node, placeholder(f"q_{len(self.others)}"))


def vanishes(formula: Expr) -> bool:
    """Whether a formula is 0 for a general Σ, by partial fractions and the equations of its effective ridges.

    Example
    -------
    >>> vanishes(s - s)
    True
    """
    opening = Opening()
    opened = opening.opened(formula)
    # A size that is a number was never under a letter.
    return bool(
        fraction(cancel(together(opened.xreplace(opening.equations()).xreplace(opening.sizes()))))[
            0
        ]
        == 0
    )


def refuse_irrational(formula: Expr, variable: Expr) -> None:
    """Refuse what is not a rational function of a variable.

    Raises
    ------
    NotSupported
        With the variable.

    Example
    -------
    >>> refuse_irrational(1 / s, s)
    """
    if not formula.is_rational_function(variable):
        raise NotSupported(f"not a rational function of {variable}; take the limit by hand")
