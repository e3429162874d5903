"""What this package leans on in SymPy, or steers around: a new version that changes it should fail here first."""

import pytest
from sympy import (
    Add,
    AtomicExpr,
    Basic,
    Dummy,
    Expr,
    Float,
    Integer,
    Mul,
    Pow,
    Rational,
    Sum,
    Symbol,
    Tuple,
    nan,
    oo,
    preorder_traversal,
    zoo,
)
from sympy.abc import j, k, x, y, z


def test_symbols_of_other_assumptions_are_others() -> None:
    assert Symbol("T") != Symbol("T", positive=True)
    assert Symbol("T", positive=True) == Symbol("T", positive=True)
    assert Dummy("x") != Dummy("x")
    assert (Symbol("T") * Symbol("T", positive=True)).free_symbols == {
        Symbol("T"),
        Symbol("T", positive=True),
    }


def test_division_by_zero_has_no_sign_and_its_sum_no_value() -> None:
    """Why ``evaluate`` looks at the terms of a sum before it calls it undefined."""
    assert 1 / Integer(0) is zoo
    assert zoo + zoo is nan
    assert zoo * 2 is zoo
    assert zoo * 0 is nan
    assert oo + oo is oo
    assert nan.is_Number
    assert not zoo.is_Number


def test_infinity_is_found_inside_arguments() -> None:
    """Why an infinite dimension must not be mistaken for an infinite value."""
    assert Tuple(oo).has(oo)
    walk = preorder_traversal(Tuple(Tuple(oo), x))
    seen = []
    for node in walk:
        seen.append(node)
        if node == Tuple(oo):
            walk.skip()
    assert oo not in seen
    assert x in seen


def test_numbers_do_not_split_a_power_of_a_sum() -> None:
    """Powers of sums stay whole, so that (s + κ)^-2 is one factor; products of sums stay products."""
    assert ((x + y) ** -2).as_base_exp() == (x + y, -2)
    assert Mul.make_args(x * (x + y) ** -2) == (x, (x + y) ** -2)
    split = ((x + y) * (x + z)) ** 2
    assert set(Mul.make_args(split)) == {(x + y) ** 2, (x + z) ** 2}
    assert set(Mul.make_args((x / (x + y)) ** 3)) == {x**3, (x + y) ** -3}
    # A number goes into a sum: 2(x + y) is no product any more.
    assert isinstance(2 * (x + y), Add)
    assert isinstance(Rational(1, 2) * (x + y) * z, Mul)


def test_a_fraction_in_a_sum_keeps_the_coefficient_of_its_variable() -> None:
    assert (x + Rational(1, 3)).coeff(x) == 1
    term, rest = (3 * y * x / (x + z)).as_independent(x, as_Add=False)
    assert term == 3 * y
    assert rest == x / (x + z)
    assert (x * y).as_independent(z, as_Add=False) == (x * y, 1)


class Node(Expr):
    """An expression of ours, in small."""

    def __new__(cls, inner: Expr, name: Expr) -> "Node":
        return super().__new__(cls, inner, name)

    def _eval_derivative(self, symbol: Symbol) -> Expr:
        argument = self.args[0]
        assert isinstance(argument, Expr)
        return argument.diff(symbol) * 7


def test_replacement_rebuilds_our_nodes_by_their_constructor() -> None:
    node = Node(x + 1, y)
    assert node.xreplace({x: Integer(2)}) == Node(Integer(3), y)
    assert isinstance((z * node).xreplace({y: z}).args[1], Node)
    assert (z * node).xreplace({node: y}) == z * y
    assert node.subs({x: y, y: x}, simultaneous=True) == Node(y + 1, x)
    assert node.func(*node.args) == node


def test_chain_rule_reaches_our_nodes() -> None:
    node = Node(x**2, y)
    assert node.diff(x) == 14 * x
    assert (1 / node).diff(x) == -14 * x / node**2
    assert (z * node).diff(z) == node


def test_atomic_expressions_have_no_derivative_of_their_own() -> None:
    """Why quantities derive from ``Expr``: an ``AtomicExpr`` is a constant to every symbol but itself."""

    class Atomic(AtomicExpr):
        @property
        def free_symbols(self) -> set[Basic]:
            return {x}

    assert Atomic().diff(x) == 0


def test_an_expression_without_the_symbol_is_not_asked_for_its_derivative() -> None:
    """Why ``free_symbols`` of every node has to be right."""

    class Closed(Node):
        @property
        def free_symbols(self) -> set[Basic]:
            return set()

    assert Closed(x**2, y).diff(x) == 0


def test_what_has_no_arguments_is_rebuilt_from_none_unless_it_is_an_atom() -> None:
    """Why abbreviations and explicit data say that they are atoms."""

    class Named(Expr):
        is_Atom = True  # noqa: N815 -- SymPy's name
        is_commutative = True

        def __new__(cls, text: str) -> "Named":
            node = super().__new__(cls)
            node.text = text  # type: ignore[attr-defined]
            return node

    named = Named("a")
    assert named.args == ()
    assert (1 / named + x).together() == (named * x + 1) / named
    assert named.xreplace({x: y}) is named


def test_sums_bind_their_index_but_not_against_replacement() -> None:
    """Why formulas hold traces, and a ``Sum`` appears only when it is asked for."""
    total = Sum(x**j, (j, 1, k))
    assert total.free_symbols == {x, k}
    assert total.subs(j, 3) == total
    with pytest.raises(ValueError, match="Invalid limits"):
        total.xreplace({j: Integer(3)})


def test_floats_are_found_wherever_they_are() -> None:
    assert (x + y * 0.5).has(Float)
    assert not (x + y / 2).has(Float)
    assert Pow(x, 0.5).has(Float)


def test_sorting_by_key_is_the_same_for_equal_expressions() -> None:
    assert (x + y).sort_key() == (y + x).sort_key()
    assert Node(x, y).sort_key() != Node(y, x).sort_key()
