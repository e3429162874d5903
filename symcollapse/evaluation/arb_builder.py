"""From a SymPy expression to a program on balls: every distinct part once, as far outside of loops as it may stand."""

import operator
from collections.abc import Sequence
from typing import Any

from flint import arb
from sympy import (
    Add,
    Basic,
    Derivative,
    Expr,
    I,
    Integer,
    Integral,
    Mul,
    NumberSymbol,
    Piecewise,
    Pow,
    Product,
    Rational,
    Subs,
    Sum,
    Symbol,
    Tuple,
    exp,
    hyper,
    log,
    nan,
    oo,
    zoo,
)
from sympy.core.relational import (
    Equality,
    LessThan,
    Relational,
    StrictGreaterThan,
    StrictLessThan,
    Unequality,
)
from sympy.logic.boolalg import And, BooleanFalse, BooleanTrue, Not, Or

from symcollapse.evaluation.arb_functions import hypergeometric, whole_power
from symcollapse.evaluation.arb_programs import (
    Choice,
    Condition,
    Integration,
    Program,
)
from symcollapse.evaluation.arb_scopes import Scope, StepCollector
from symcollapse.evaluation.arb_steps import (
    imaginary_unit,
    is_below,
    is_equal,
    listed,
    log_inside,
    power_inside,
    root_inside,
    whole_range,
)
from symcollapse.evaluation.arb_sums import infinite_sum
from symcollapse.evaluation.arb_table import BALL_FUNCTIONS, MEROMORPHIC, Method
from symcollapse.evaluation.special_functions import constant_function, pieces
from symcollapse.language.abbreviations import Abbreviation, abbreviations
from symcollapse.language.errors import Diverges, NotEvaluable


class ProgramBuilder(StepCollector):
    """Turns expressions into one program; a subclass adds the quantities of the theory.

    Parameters
    ----------
    arguments
        Symbols whose numbers are given at each call.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> program = ProgramBuilder([ridge]).program([ridge**2 + 1])
    >>> program.runner()((arb(2),))
    (5.00000000000000,)
    """

    def __init__(self, arguments: Sequence[Symbol]) -> None:
        super().__init__(arguments)
        self._uses: dict[Basic, int] = {}

    def program(self, expressions: Sequence[Expr]) -> Program:
        """The program for all expressions.

        Raises
        ------
        NotEvaluable
            If a part has no ball; it is named, with the remedy.
        Diverges
            If a part is infinite.
        """
        self._count_uses(expressions)
        for part in abbreviations(Tuple(*expressions)):
            # The earlier ones first, so that nothing recurses through a long chain.
            if self.free(part) <= self.arguments.keys():
                self.place(part)
        return self.finished([self.ball(expression) for expression in expressions])

    # Expressions.

    def ball(self, node: Basic) -> int:
        """Place of a ball, also for a rational."""
        return self.place(node)

    def place(self, node: Basic) -> int:
        """Place of an expression's value."""
        if isinstance(node, Symbol):
            return self._symbol(node)
        return self.kept(node, self.free(node), lambda: self.build(node))

    def operand(self, node: Basic) -> int:
        """Place of a term or a factor: a rational stays exact until it meets a ball."""
        return self.literal(node) if isinstance(node, Rational) else self.place(node)

    def _symbol(self, symbol: Symbol) -> int:
        for scope in reversed(self.scopes):
            if symbol in scope.bound:
                return scope.bound[symbol]
        raise NotEvaluable(
            f"the symbol {symbol} has no value: name it among the arguments, or give a problem that states it"
        )

    def build(self, node: Basic) -> int:
        """Steps for one expression; the place of its value."""
        match node:
            case Rational():
                return self.call(arb, self.literal(node))
            case Add():
                return self._sum_of(node)
            case Mul():
                return self._product_of(node)
            case exp():
                return self.call(Method("exp"), self.place(node.args[0]))
            case Pow():
                return self._power(node)
            case log():
                return self._log(node)
            case NumberSymbol():
                return self.call(constant_function(node))
            case Piecewise():
                return self._piecewise(node)
            case hyper():
                self.refuse_in_integrand(node)
                above, below = (
                    self.call(listed, *(self.operand(part) for part in parts.args))
                    for parts in node.args[:2]
                )
                return self.call(hypergeometric, above, below, self.place(node.args[2]))
            case _ if type(node) in BALL_FUNCTIONS:
                if type(node) not in MEROMORPHIC:
                    self.refuse_in_integrand(node)
                places = [self.place(part) for part in node.args]
                return self.call(BALL_FUNCTIONS[type(node)], *places)
            case Abbreviation():
                return self.place(node.definition)
            case Sum() | Product():
                return self._added_up(node)
            case Integral():
                return self._integral(node)
            case Derivative() | Subs():
                done = node.doit()
                if done.has(Derivative, Subs):
                    raise NotEvaluable(f"{str(node)[:80]}: a derivative that is not known")
                return self.place(done)
            case _ if node is I:
                return self.call(imaginary_unit)
            case _ if node in (oo, -oo, zoo, nan):
                raise Diverges(f"the formula holds {node}: it is infinite, or 0·∞")
            case _:
                raise NotEvaluable(
                    f"{type(node).__name__} is not a function that this arithmetic knows: {str(node)[:80]}"
                )

    def _count_uses(self, expressions: Sequence[Expr]) -> None:
        pending: list[Basic] = list(expressions)
        seen: set[Basic] = set()
        while pending:
            node = pending.pop()
            if node in seen:
                continue
            seen.add(node)
            parts = list(node.args) + ([node.definition] if isinstance(node, Abbreviation) else [])
            for part in parts:
                if isinstance(part, Pow) and part.exp.is_Integer and part.exp < 0:
                    self._uses[part.base] = self._uses.get(part.base, 0) + 1
            pending.extend(parts)

    def _sum_of(self, node: Add) -> int:
        def negative(term: Expr) -> bool:
            return bool(term.as_coeff_Mul()[0].is_negative)

        terms = sorted(node.args, key=negative)
        total = self.operand(terms[0])
        for term in terms[1:]:
            if negative(term):
                total = self.call(operator.sub, total, self.operand(-term))
            else:
                total = self.call(operator.add, total, self.operand(term))
        return total

    def _product_of(self, node: Mul) -> int:
        above, below = [], []
        for factor in node.args:
            if isinstance(factor, Rational):
                above += [] if abs(factor.p) == 1 else [Integer(abs(factor.p))]
                below += [] if factor.q == 1 else [Integer(factor.q)]
            elif self._is_divisor(factor):
                below.append(1 / factor)
            else:
                above.append(factor)
        negative = node.args[0].is_Rational and node.args[0].is_negative
        total = self._chain(above) if above else self.literal(Integer(1))
        if negative:
            total = self.call(operator.neg, total)
        if not below:
            return total
        exact = len(below) == 1 and above and isinstance(below[0], Integer)
        divisor = self.operand(below[0]) if exact else self._chain(below)
        return self.call(operator.truediv, total, divisor)

    def _is_divisor(self, factor: Basic) -> bool:
        """Whether a factor is 1/b, for a b that is divided by only here: others are inverted once."""
        return (
            isinstance(factor, Pow)
            and bool(factor.exp.is_Integer and factor.exp < 0)
            and self._uses.get(factor.base, 0) <= 1
        )

    def _chain(self, factors: Sequence[Basic]) -> int:
        # A rational alone is a ball, since what follows may ask for one.
        total = self.operand(factors[0]) if len(factors) > 1 else self.place(factors[0])
        for factor in factors[1:]:
            total = self.call(operator.mul, total, self.operand(factor))
        return total

    def _mark(self, node: Basic) -> int | None:
        """Place of the mark of an integrand, if the node stands in one and depends on its variable."""
        for scope in reversed(self.scopes):
            if scope.analytic is not None and self.free(node) & scope.bound.keys():
                return scope.analytic
        return None

    def refuse_in_integrand(self, node: Basic) -> None:
        """Refuse what may not be analytic in the variable of an integral around it."""
        if self._mark(node) is not None:
            raise NotEvaluable(
                f"{type(node).__name__} in an integrand, where it may not be analytic: "
                "only what has no branch cuts, powers and logarithms are integrated; split or substitute"
            )

    def _power(self, node: Pow) -> int:
        base, exponent = node.base, node.exp
        if isinstance(exponent, Integer):
            whole = int(exponent)
            if whole == -1:
                return self.call(operator.truediv, self.literal(Integer(1)), self.place(base))
            if whole < 0:
                return self.place_power(self.place(1 / base), -whole)
            return self.place_power(self.place(base), whole)
        mark, at = self._mark(node), self.place(base)
        if mark is not None:
            if exponent == Rational(1, 2):
                return self.call(root_inside, at, mark)
            return self.call(power_inside, at, self.place(exponent), mark)
        if exponent == Rational(1, 2):
            return self.call(Method("sqrt"), at)
        if exponent == Rational(-1, 2):
            return self.call(Method("rsqrt"), at)
        return self.call(operator.pow, at, self.operand(exponent))

    def place_power(self, base: int, exponent: int) -> int:
        """Steps for a positive whole power of a ball."""
        if exponent == 1:
            return base
        if exponent == 2:
            return self.call(operator.mul, base, base)
        return self.call(whole_power, base, self.literal(Integer(exponent)))

    def _log(self, node: Basic) -> int:
        mark, at = self._mark(node), self.place(node.args[0])
        return self.call(Method("log"), at) if mark is None else self.call(log_inside, at, mark)

    def _piecewise(self, node: Piecewise) -> int:
        self.refuse_in_integrand(node)
        conditions, blocks, results = [], [], []
        for value, condition in pieces(node):
            conditions.append(self._condition(condition))
            with self.inside(Scope(is_piece=True)) as scope:
                results.append(self.place(value))
            blocks.append(tuple(scope.steps))
        target = self.new_place()
        self.append(Choice(target, tuple(conditions), tuple(blocks), tuple(results)))
        return target

    def _condition(self, condition: Basic) -> Condition:
        match condition:
            case BooleanTrue() | BooleanFalse():
                return Condition("true" if condition else "false")
            case And() | Or() | Not():
                parts = tuple(self._condition(part) for part in condition.args)
                return Condition(type(condition).__name__.lower(), parts)
            case Relational():
                left, right = (self.place(side) for side in condition.args)
                if isinstance(condition, Equality | Unequality):
                    test = Condition("test", (), is_equal, (left, right))
                    return test if isinstance(condition, Equality) else Condition("not", (test,))
                if isinstance(condition, StrictLessThan):
                    return Condition("test", (), is_below, (left, right))
                if isinstance(condition, StrictGreaterThan):
                    return Condition("test", (), is_below, (right, left))
                pair = (right, left) if isinstance(condition, LessThan) else (left, right)
                return Condition("not", (Condition("test", (), is_below, pair),))
            case _:
                raise NotEvaluable(f"{condition}: not a condition that can be decided")

    def _added_up(self, node: Sum | Product) -> int:
        limits: list[Any] = list(node.limits)
        *inner, (symbol, lower, upper) = limits
        function = type(node)(node.function, *inner) if inner else node.function
        if lower is -oo or upper is oo:
            if isinstance(node, Product) or lower is -oo:
                raise NotEvaluable(f"{str(node)[:80]}: an infinite product, or a sum from -oo")
            return self.place(infinite_sum(function, symbol, lower))
        numbers = self.call(whole_range, self.operand(lower), self.operand(upper))
        bound: dict[Basic, int] = {symbol: self.new_place(symbol.name)}
        kind = "sum" if isinstance(node, Sum) else "product"
        (total,) = self.loop(
            kind, bound, [numbers], lambda: [self.operand(function)], counting=True
        )
        return total

    def _integral(self, node: Integral) -> int:
        if len(node.limits) != 1 or len(node.limits[0]) != 3:
            raise NotEvaluable(f"{str(node)[:80]}: integrals in one variable between bounds only")
        symbol, lower, upper = node.limits[0]
        if {lower, upper} & {oo, -oo}:
            raise NotEvaluable(
                f"{str(node)[:80]}: an integral to infinity has no certified tail; substitute, so that the bounds "
                "are finite"
            )
        self.refuse_in_integrand(node)
        bounds = (self.operand(lower), self.operand(upper))
        variable, mark = self.new_place(symbol.name), self.new_place("analytic")
        body, (result,) = self.block(
            Scope(bound={symbol: variable}, analytic=mark), lambda: [self.place(node.function)]
        )
        target = self.new_place()
        self.append(Integration(target, variable, mark, bounds, body, result))
        return target
