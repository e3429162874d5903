"""Expansions as data: terms, the orders left out, and where the formula changes its form."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeAlias

from sympy import (
    Add,
    And,
    Basic,
    Eq,
    Expr,
    Integer,
    Lt,
    Ne,
    Piecewise,
    cancel,
    expand,
    factor_terms,
    limit,
    log,
    nan,
    simplify,
    true,
    zoo,
)

Ball: TypeAlias = Any
"""An ``arb``; python-flint ships no types."""


def tidy(formula: Expr) -> Expr:
    """An exponent as a short sum, so that equal exponents are the same expression.

    Example
    -------
    >>> from symcollapse.language.symbols import capacity, source
    >>> tidy((capacity * (2 - 2 * source)) / capacity)
    2 - 2*r
    """
    return expand(cancel(expand(formula)))


def unique(items: Iterable[Any]) -> tuple[Any, ...]:
    """Each item once, in the order of its first appearance.

    Example
    -------
    >>> unique([2, 1, 2])
    (2, 1)
    """
    return tuple(dict.fromkeys(items))


@dataclass(frozen=True)
class Term:
    """The term coefficient · κ^exponent · (ln κ)^logarithms.

    Example
    -------
    >>> from symcollapse.language.symbols import effective
    >>> Term(Integer(3), Integer(2), 1).at(effective)
    3*kappa**2*log(kappa)
    """

    coefficient: Expr
    """Free of κ."""
    exponent: Expr
    """Any real number, or an expression in symbols."""
    logarithms: int = 0
    """Power of ln κ."""

    def at(self, variable: Expr) -> Expr:
        """The term at a value of κ."""
        return self.coefficient * variable**self.exponent * log(variable) ** self.logarithms


class Part(Protocol):
    """One sum that was expanded, which knows how far its own expansion may be off."""

    def remainder(self, values: Mapping[Any, Ball]) -> Ball:
        """Upper bound of |sum − expansion| in balls."""
        ...


@dataclass(frozen=True)
class Meeting:
    """A place in the space of parameters where two poles meet: two powers of κ turn into one with a logarithm.

    Both coefficients are infinite there; their sum is not.
    """

    gap: Expr
    """Difference of the two exponents: the poles meet where it is 0."""
    apart: tuple[Term, ...]
    """The two terms elsewhere."""
    together: tuple[Term, ...]
    """What they become."""

    @property
    def condition(self) -> Basic:
        """The equation of the place.

        Example
        -------
        >>> from symcollapse.language.symbols import source
        >>> Meeting(2 * source - 2, (), ()).condition
        Eq(r, 1)
        """
        return solved(Eq(self.gap, 0))


def solved(relation: Any) -> Any:
    """A relation in its shortest form.

    Example
    -------
    >>> from symcollapse.language.symbols import source
    >>> solved(2 * source - 2 < 0)
    r < 1
    """
    return relation if relation in (True, False) else simplify(relation)


def collected(terms: Iterable[Term]) -> tuple[Term, ...]:
    """Terms of one kind added up, those that vanish left out, in the order of their exponents where that is known.

    Example
    -------
    >>> collected(
    ...     [
    ...         Term(Integer(1), Integer(1)),
    ...         Term(Integer(2), Integer(0)),
    ...         Term(Integer(1), Integer(1)),
    ...     ]
    ... )
    (Term(coefficient=2, exponent=0, logarithms=0), Term(coefficient=2, exponent=1, logarithms=0))
    """
    sums: dict[tuple[Expr, int], list[Expr]] = {}
    for term in terms:
        sums.setdefault((tidy(term.exponent), term.logarithms), []).append(term.coefficient)
    ordered: list[Term] = []
    for (exponent, logarithms), coefficients in sums.items():
        total = Add(*coefficients)
        if expand(total) == 0:
            continue
        # One coefficient stays as it stands: rebuilt, a zeta function may be written out in hundreds of digits.
        coefficient = factor_terms(total) if len(coefficients) > 1 else total
        term = Term(coefficient, exponent, logarithms)
        place = len(ordered)
        while place and _before(term, ordered[place - 1]):
            place -= 1
        ordered.insert(place, term)
    return tuple(ordered)


def _before(first: Term, second: Term) -> bool:
    gap = first.exponent - second.exponent
    if gap == 0:
        return first.logarithms > second.logarithms
    return gap.is_negative is True


@dataclass(frozen=True)
class Expansion:
    """An expansion in powers of a small variable, and of its logarithm.

    The difference from the truth is at most of the order of the sum of κ^e over ``next_exponents``, plus that of
    ``tail_orders``.

    Example
    -------
    >>> from symcollapse.language.symbols import effective
    >>> expansion = Expansion(effective, (Term(Integer(3), Integer(0)),), (Integer(1),), ())
    >>> expansion.formula, expansion.leading()
    (3, 3)
    """

    variable: Expr
    """The small variable κ."""
    terms: tuple[Term, ...]
    """Each kind (exponent, logarithms) once."""
    next_exponents: tuple[Expr, ...]
    """Orders of what is left out: the remainder is O(Σ κ^e). Empty where the formula is exact."""
    conditions: tuple[Basic, ...]
    """Under which the formula is meant: poles apart, sums that converge, the side of κ ~ s_d."""
    tail_orders: tuple[Expr, ...] = ()
    """Further orders left out, as formulas in κ and d, where a finite dimension adds them."""
    tail: tuple[Term, ...] = ()
    """Terms due to a finite dimension, on the side where the smallest eigenvalue lies below κ.

    They are small where d is large, though their powers of κ are negative.
    """
    meetings: tuple[Meeting, ...] = ()
    """Where poles meet if symbols take certain values."""
    parts: tuple[Part, ...] = ()
    """The sums that were expanded; ``remainder_bound`` asks them."""

    @property
    def formula(self) -> Expr:
        """The sum of the terms, and of those of the tail."""
        return Add(*(term.at(self.variable) for term in (*self.terms, *self.tail)))

    def at_meeting(self, gap: Expr) -> "Expansion":
        """The expansion where a difference of exponents vanishes: the poles that meet there give a logarithm.

        The symbols stay; only terms that would be infinite are replaced.

        Parameters
        ----------
        gap
            The ``gap`` of one of the ``meetings``, up to its sign.

        Example
        -------
        >>> from sympy import Rational
        >>> from symcollapse.expansions.power_laws import expand_power_law_sum
        >>> from symcollapse.language.spectra import PowerLawSpectrum
        >>> from symcollapse.language.symbols import (
        ...     capacity,
        ...     dimension,
        ...     effective,
        ...     eigenvalue,
        ...     source,
        ... )
        >>> from symcollapse.language.targets import SourceTarget
        >>> from sympy import oo
        >>> bias = effective**2 * eigenvalue / (eigenvalue + effective) ** 2
        >>> law = PowerLawSpectrum(oo, capacity)
        >>> expansion = expand_power_law_sum(bias, law, SourceTarget(source), terms=1)
        >>> expansion.at_meeting(expansion.meetings[0].gap).formula
        kappa**2*(EulerGamma - 1/beta) - kappa**2*log(kappa)/beta
        """
        met = [
            meeting
            for meeting in self.meetings
            if tidy(meeting.gap - gap) == 0 or tidy(meeting.gap + gap) == 0
        ]
        terms = list(self.terms)
        for meeting in met:
            terms += [replace(term, coefficient=-term.coefficient) for term in meeting.apart]
            terms += meeting.together
        apart = {condition for meeting in met for condition in (solved(Ne(meeting.gap, 0)),)}
        return replace(
            self,
            terms=collected(terms),
            conditions=(
                *(c for c in self.conditions if c not in apart),
                *(m.condition for m in met),
            ),
            meetings=tuple(meeting for meeting in self.meetings if meeting not in met),
        )

    def leading(self, values: Mapping[Any, Expr] | None = None) -> Expr:
        """The dominant power as κ → 0, with its logarithm; for finite d, as long as the tail is small.

        Where exponents hold symbols and their order is open, a ``Piecewise`` over the conditions that decide it, the
        places where two exponents agree among them (three that agree are left out).

        Parameters
        ----------
        values
            What is known of symbols, such as ``{source: Rational(1, 2)}``. Give numbers to the expansion itself
            where a coefficient would be infinite or 0/0 at them.

        Example
        -------
        >>> from sympy import Rational
        >>> from symcollapse.language.symbols import effective, source
        >>> terms = (Term(Integer(5), 2 * source), Term(Integer(7), Integer(2)))
        >>> expansion = Expansion(effective, terms, (Integer(3),), ())
        >>> expansion.leading()
        Piecewise((7*kappa**2, r > 1), (5*kappa**(2*r), r < 1), (12*kappa**2, Eq(r, 1)))
        >>> expansion.leading({source: Rational(1, 2)})
        5*kappa
        """
        known: Mapping[Any, Expr] = values or {}
        exponents = _least({tidy(term.exponent.subs(known)) for term in self.terms})
        if not exponents:
            return Integer(0)
        if len(exponents) == 1:
            return self._on(exponents[0], known)
        pieces = [
            (self._on(exponent, known), self._smallest(exponent, exponents))
            for exponent in exponents
        ]
        for place, first in enumerate(exponents):
            for second in exponents[place + 1 :]:
                gap = tidy(first - second)
                others = [e for e in exponents if e not in (first, second)]
                met = self.at_meeting(gap)
                # The two exponents agree here; the plainer of them is written.
                shown = min(first, second, key=lambda e: (len(e.free_symbols), e.count_ops()))
                value = met._on(shown, known, also=second if shown == first else first)
                value = _finite_at(value, solved(Eq(gap, 0)))
                where = And(solved(Eq(gap, 0)), self._smallest(shown, [shown, *others]))
                pieces.append((value, where))
        return Piecewise(*((value, where) for value, where in pieces if where != False))  # noqa: E712

    def _on(self, exponent: Expr, known: Mapping[Any, Expr], also: Expr | None = None) -> Expr:
        chosen = [
            replace(term, coefficient=term.coefficient.subs(known), exponent=exponent)
            for term in self.terms
            if tidy(term.exponent.subs(known)) in (exponent, also)
        ]
        return factor_terms(Add(*(term.at(self.variable) for term in collected(chosen))))

    @staticmethod
    def _smallest(exponent: Expr, exponents: list[Expr]) -> Any:
        others = [solved(Lt(tidy(exponent - other), 0)) for other in exponents if other != exponent]
        return And(*others) if others else true


def _finite_at(value: Expr, place: Any) -> Expr:
    """The value with its limit taken if it is written 0/0 at a place such as r = 1/2."""
    if not isinstance(place, Eq) or not place.lhs.is_Symbol or not place.rhs.is_number:
        return value
    free, held = expand(value).as_independent(place.lhs, as_Add=True)
    if not held.subs(place.lhs, place.rhs).has(nan, zoo):
        return value
    return factor_terms(free + limit(simplify(held), place.lhs, place.rhs))


def _least(exponents: set[Expr]) -> list[Expr]:
    """The exponents that none of the others is known to undercut."""
    ordered = sorted(exponents, key=lambda exponent: exponent.sort_key())
    return [
        exponent
        for exponent in ordered
        if not any((exponent - other).is_positive for other in ordered)
    ]
