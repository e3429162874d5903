"""Names given to parts of a formula.

A long chain has a formula whose parts repeat: written out as a tree it grows exponentially with the number of
generations. An `Abbreviation` keeps such a part under a name, so that it is stored, evaluated and printed once.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Self

from sympy import Basic, Expr, Integer, Symbol, Tuple

from symcollapse.language.symbols import name_symbol


class Abbreviation(Expr):
    """A real number under a name, with its definition attached.

    It prints as its name and behaves as its definition in derivatives, substitutions, signs and free symbols. Its
    derivative is an abbreviation again, with the variable as a subscript, so that chains can be differentiated.

    Example
    -------
    >>> from symcollapse.language.symbols import name_symbol, ridge
    >>> part = Abbreviation(name_symbol("tau_1"), 2 * ridge)
    >>> part, part.diff(ridge), part.xreplace({ridge: Integer(3) * ridge}).definition
    (tau_1, 2, 6*lambda)
    """

    is_Atom = True  # noqa: N815 -- SymPy's name; there are no arguments to be rebuilt from
    is_commutative = True
    is_extended_real = True
    name: Symbol
    definition: Expr

    def __new__(cls, name: Symbol, definition: Expr) -> Any:
        if definition.is_Number:
            return definition
        return _interned(name, definition)

    @classmethod
    def _make(cls, name: Symbol, definition: Expr) -> Self:
        self = super().__new__(cls)
        self.name = name
        self.definition = definition
        return self

    def _hashable_content(self) -> tuple[Any, ...]:
        return (self.name, self.definition)

    def __getnewargs__(self) -> tuple[Any, ...]:
        return (self.name, self.definition)

    def doit(self, **hints: Any) -> Self:
        """Nothing to be done."""
        del hints
        return self

    def sort_key(self, order: Any = None) -> Any:
        """Ordered among symbols by its name."""
        return self.name.sort_key(order)

    @property
    def free_symbols(self) -> set[Basic]:
        """Those of the definition."""
        return set(_free_symbols(self))

    def _eval_is_extended_nonnegative(self) -> bool | None:
        return self.definition.is_extended_nonnegative

    def _eval_derivative(self, symbol: Symbol) -> Expr:
        # The earlier ones first: each then finds its parts done, and nothing recurses through the chain.
        for part in abbreviations(self):
            _derived(part, symbol)
        return _derived(self, symbol)

    def _eval_subs(self, old: Basic, new: Basic) -> Basic | None:
        return Abbreviation(self.name, self.definition._subs(old, new))

    def _xreplace(self, rule: Any) -> tuple[Basic, bool]:
        if self in rule:
            return rule[self], True
        if not isinstance(rule, Mapping):
            # SymPy's simplify passes a transformation; it acts on what is printed.
            return self, False
        replaced = _replaced(self, tuple(rule.items()))
        return replaced, replaced is not self

    def _sympystr(self, printer: Any) -> str:
        return printer._print(self.name)

    def _latex(self, printer: Any) -> str:
        return printer._print(self.name)


@lru_cache(maxsize=65536)
def _interned(name: Symbol, definition: Expr) -> Abbreviation:
    # One object per definition: equality of deep chains is then a comparison of identities.
    return Abbreviation._make(name, definition)


@lru_cache(maxsize=65536)
def _free_symbols(part: Abbreviation) -> frozenset[Basic]:
    return frozenset(part.definition.free_symbols)


@lru_cache(maxsize=65536)
def _replaced(part: Abbreviation, items: tuple[tuple[Basic, Basic], ...]) -> Expr:
    definition = part.definition.xreplace(dict(items))
    return part if definition == part.definition else Abbreviation(part.name, definition)


@lru_cache(maxsize=65536)
def _derived(part: Abbreviation, symbol: Symbol) -> Expr:
    if symbol not in part.free_symbols:
        return Integer(0)
    derivative = part.definition.diff(symbol)
    if derivative.is_Atom or not derivative.args:
        return derivative
    return Abbreviation(name_symbol(f"{part.name}_{symbol}"), derivative)


def abbreviations(formula: Basic) -> tuple[Abbreviation, ...]:
    """All abbreviations of a formula, in an order in which each needs only earlier ones.

    Example
    -------
    >>> from symcollapse.language.symbols import name_symbol, ridge
    >>> first = Abbreviation(name_symbol("tau_1"), 2 * ridge)
    >>> abbreviations(1 + Abbreviation(name_symbol("tau_2"), first + 1))
    (tau_1, tau_2)
    """
    ordered: dict[Abbreviation, None] = {}

    def visit(node: Basic) -> None:
        for part in sorted(node.atoms(Abbreviation), key=lambda part: part.sort_key()):
            if part not in ordered:
                visit(part.definition)
                ordered[part] = None

    visit(formula)
    return tuple(ordered)


def distinctly_named(formulas: Sequence[Expr]) -> tuple[Expr, ...]:
    """The same formulas, in which no two different parts have one name.

    Example
    -------
    >>> from symcollapse.language.symbols import name_symbol, ridge
    >>> parts = [Abbreviation(name_symbol("tau"), k * ridge + 1) for k in (1, 2)]
    >>> distinctly_named([parts[0] + parts[1]])
    (tau + tau_2,)
    """
    taken: dict[Symbol, Expr] = {}
    renamed: dict[Basic, Basic] = {}
    for part in abbreviations(Tuple(*formulas)):
        definition = part.definition.xreplace(renamed)
        name, count = part.name, 1
        while taken.setdefault(name, definition) != definition:
            count += 1
            name = name_symbol(f"{part.name}_{count}")
        renamed[part] = Abbreviation(name, definition)
    return tuple(formula.xreplace(renamed) for formula in formulas)
