"""Infinite sums that have a value of their own: powers give Hurwitz' zeta function, times a ratio Lerch's Φ.

Rational functions are split into partial fractions first, and simple poles give the digamma function. Others are
refused: what is left out of a sum has no bound that holds for any summand.
"""

from dataclasses import dataclass

from sympy import (
    Abs,
    Add,
    Expr,
    Function,
    I,
    Integer,
    Mul,
    Poly,
    Pow,
    Symbol,
    apart,
    digamma,
    exp,
    expand,
    factor_list,
    fraction,
    lerchphi,
    powsimp,
    simplify,
    sqrt,
    together,
    zeta,
)

from symcollapse.language.errors import Diverges, NotEvaluable

MOST_PEELED = 1000
"""Terms at positions <= 0 that are added one by one."""


class ConvergentWhere(Function):
    """A value that stands for a sum where a margin is positive; elsewhere it is refused.

    Example
    -------
    >>> from symcollapse.language.symbols import capacity
    >>> ConvergentWhere(zeta(capacity), capacity - 1).args[1]
    beta - 1
    """


class KnownReal(Function):
    """A value that is real, though its parts are complex: a sum over pairs of conjugate poles.

    Example
    -------
    >>> KnownReal(zeta(3)).args
    (zeta(3),)
    """


def infinite_sum(summand: Expr, symbol: Symbol, lower: Expr) -> Expr:
    """Value of the sum of f(lower), f(lower + 1), … in named functions.

    Parameters
    ----------
    summand
        Products of powers a j + b to exponents free of j, and of ratios to the power of j; or a rational function
        of linear factors, and of quadratic ones without symbols; or a sum of these.
    symbol
        The index j.
    lower
        Where it begins: a whole number, or a symbol for one.

    Raises
    ------
    NotEvaluable
        If the summand is of no such kind.
    Diverges
        If the sum is known to be infinite.

    Example
    -------
    >>> from symcollapse.language.symbols import index
    >>> infinite_sum(1 / index**2, index, Integer(1))
    pi**2/6
    >>> infinite_sum(index / 3**index, index, Integer(0))
    lerchphi(1/3, -1, 0)
    """
    terms = [_Term.of(term, symbol) for term in _terms(summand, symbol)]
    if None in terms:
        raise NotEvaluable(
            f"the sum of {str(summand)[:60]} over infinitely many {symbol} has no proven tail: only powers of "
            f"{symbol}, ratios to the power of {symbol}, and rational functions of linear factors (or of quadratic "
            "ones without symbols) have; give a finite upper bound"
        )
    known = [term for term in terms if term is not None]
    harmonic = [term for term in known if term.ratio == 1 and term.order == 1]
    if harmonic and simplify(Add(*(term.weight for term in harmonic))) != 0:
        raise Diverges(f"the sum of {str(summand)[:60]} over infinitely many {symbol} is infinite")
    total: Expr = Integer(0)
    for term in known:
        total += term.summed(lower)
    # Conjugate poles come in pairs, so that the sum of a function written in real numbers is real.
    is_real = not summand.has(I) and all(
        x.is_real for x in summand.free_symbols | lower.free_symbols
    )
    return KnownReal(total) if total.has(I) and is_real else total


def _terms(summand: Expr, symbol: Symbol) -> tuple[Expr, ...]:
    if summand.is_rational_function(symbol):
        return _partial_fractions(together(summand), symbol)
    terms: list[Expr] = []
    for term in Add.make_args(summand):
        # Multiplied out only where need be: it takes the powers of sums apart, too.
        known = _Term.of(term, symbol) is not None
        terms += [term] if known else Add.make_args(powsimp(expand(term)))
    return tuple(terms)


def _partial_fractions(function: Expr, symbol: Symbol) -> tuple[Expr, ...]:
    """Partial fractions; quadratic factors with numbers for coefficients are split into their roots."""
    weight, function = function.as_independent(symbol, as_Add=False)
    roots = []
    for factor, _ in factor_list(fraction(function)[1], symbol)[1]:
        polynomial = Poly(factor, symbol)
        if polynomial.degree() == 2 and function.free_symbols == {symbol}:
            roots.append(sqrt(polynomial.discriminant()))
    split = apart(function, symbol, extension=roots) if roots else apart(function, symbol)
    return tuple(weight * term for term in Add.make_args(split))


@dataclass(frozen=True)
class _Term:
    """weight · ratio^j · (j + shift)^-order."""

    weight: Expr
    ratio: Expr
    shift: Expr
    order: Expr

    @classmethod
    def of(cls, term: Expr, symbol: Symbol) -> "_Term | None":
        weight, rest = term.as_independent(symbol, as_Add=False)
        ratio, order, shift = Integer(1), Integer(0), None
        for factor in Mul.make_args(rest):
            if factor == 1:
                continue
            base, exponent = (
                (exp(1), factor.args[0]) if isinstance(factor, exp) else factor.as_base_exp()
            )
            if symbol not in base.free_symbols:
                slope, rest_of = _linear(exponent, symbol)
                if slope is None:
                    return None
                ratio, weight = ratio * Pow(base, slope), weight * Pow(base, rest_of)
                continue
            slope, constant = _linear(base, symbol)
            if slope is None or symbol in exponent.free_symbols:
                return None
            if not (exponent.is_integer or slope.is_positive):
                return None
            if shift is not None and simplify(shift - constant / slope) != 0:
                return None
            shift = constant / slope
            weight, order = weight * Pow(slope, exponent), order - exponent
        return cls(weight, simplify(ratio), Integer(0) if shift is None else shift, order)

    def _at(self, position: Expr) -> Expr:
        return self.weight * self.ratio**position * (position + self.shift) ** -self.order

    def summed(self, lower: Expr) -> Expr:
        start = lower + self.shift
        peeled: Expr = Integer(0)
        while start.is_nonpositive and lower.is_Integer and self.order != -abs(self.order):
            if abs(start) > MOST_PEELED:
                raise NotEvaluable(f"an infinite sum from {lower}: begin at a number > 0")
            if start == 0:
                raise Diverges(f"an infinite sum has a term 1/0, at {lower}")
            peeled, lower, start = peeled + self._at(lower), lower + 1, start + 1
        return peeled + self.weight * self._tail(lower, start)

    def _tail(self, lower: Expr, start: Expr) -> Expr:
        if self.ratio == 1:
            if self.order == 1:
                return -digamma(start)
            return _where(zeta(self.order, start), self.order - 1, "powers")
        value = self.ratio**lower * lerchphi(self.ratio, self.order, start)
        if self.order == 0:
            value = self.ratio**lower / (1 - self.ratio)
        if self.ratio == -1:
            return _where(value, self.order, "alternating powers")
        return _where(value, 1 - Abs(self.ratio), "a ratio")


def _linear(expression: Expr, symbol: Symbol) -> tuple[Expr | None, Expr]:
    """Slope and constant of an expression linear in a symbol."""
    slope = expression.diff(symbol)
    if symbol in slope.free_symbols or slope == 0:
        return None, expression
    return slope, expand(expression - slope * symbol)


def _where(value: Expr, margin: Expr, what: str) -> Expr:
    if margin.is_positive:
        return value
    if margin.is_nonpositive:
        raise Diverges(f"an infinite sum of {what} diverges: its margin of convergence is {margin}")
    return ConvergentWhere(value, margin)
