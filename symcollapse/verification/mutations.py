"""Corruptions of true statements, made systematically: what an auditor that deserves its name has to refuse.

A statement is changed at one place of its formula, in one letter throughout, in its scope or in its relation. Nothing
here says whether the change matters; that is computed (`mutation_runs`).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sympy import (
    Add,
    And,
    Basic,
    Expr,
    Ge,
    Gt,
    Integer,
    Inverse,
    Le,
    Lt,
    MatAdd,
    MatMul,
    Max,
    Min,
    Mul,
    Or,
    Pow,
    Symbol,
    Trace,
    Transpose,
)
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.logic.boolalg import BooleanFunction

from symcollapse.language import symbols as sym
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA
from symcollapse.language.quantities import DegreesOfFreedom
from symcollapse.language.random_matrices import GaussianDesign, LabelNoise, PseudoInverse
from symcollapse.reasoning import Bound, HoldsWhere, Statement

Change = tuple[str, str, Any]
"""Kind, what was done, and what comes out."""


@dataclass(frozen=True)
class Mutant:
    """A corrupted statement."""

    kind: str
    """Such as ``sign`` or ``condition``."""
    change: str
    """What was done, in a few words."""
    statement: Statement
    original: Statement
    """The statement before."""


_KAPPA = EffectiveRidge(sym.ridge, sym.samples, SIGMA)
_KAPPA0 = EffectiveRidge(Integer(0), sym.generation_samples, SIGMA)

SWAPS: tuple[tuple[str, Basic, Basic], ...] = (
    ("T and T_0", sym.samples, sym.generation_samples),
    ("sigma and sigma_0", sym.noise, sym.generation_noise),
    ("kappa and kappa_0", _KAPPA, _KAPPA0),
    ("kappa and lambda", _KAPPA, sym.ridge),
    ("a and b", sym.generations_exponent, sym.generation_samples_exponent),
    ("b and q", sym.generation_samples_exponent, sym.dimension_exponent),
    ("beta and r", sym.capacity, sym.source),
    ("d and T", sym.dimension, sym.samples),
    ("d and T_0", sym.dimension, sym.generation_samples),
)
"""Letters that are taken for one another, everywhere or at one place; φ and φ₀ are d/T and d/T₀."""

SHIFTS: tuple[tuple[str, Symbol, Expr], ...] = (
    ("T + 1 for T", sym.samples, sym.samples + 1),
    ("T_0 - 1 for T_0", sym.generation_samples, sym.generation_samples - 1),
    ("d + 1 for d", sym.dimension, sym.dimension + 1),
    ("n - 1 for n", sym.generations, sym.generations - 1),
    ("n + 1 for n", sym.generations, sym.generations + 1),
    ("sigma_0^2 for sigma_0", sym.generation_noise, sym.generation_noise**2),
    ("sigma^2 for sigma", sym.noise, sym.noise**2),
    ("1 for r", sym.source, Integer(1)),
    ("2r for r", sym.source, 2 * sym.source),
)
"""Letters that are off by one, or by a power."""


def mutants(statement: Statement) -> tuple[Mutant, ...]:
    """Every corruption of a statement, each once, in a fixed order.

    Example
    -------
    >>> from symcollapse.language.symbols import noise, ridge
    >>> from symcollapse.reasoning import Algebra
    >>> doubled = Statement(ridge + ridge, Algebra(), 2 * ridge)
    >>> sorted({each.kind for each in mutants(doubled)})
    ['dropped factor', 'factor', 'swapped letters']
    >>> str(mutants(doubled)[0].statement.formula)
    '4*lambda'
    """
    found: list[Mutant] = []
    seen: set[Any] = {statement.formula}
    for kind, change, formula in _changes(statement.formula):
        if formula not in seen and _has_value(formula):
            seen.add(formula)
            found.append(Mutant(kind, change, replace(statement, formula=formula), statement))
    for kind, change, changed in _of_the_frame(statement):
        found.append(Mutant(kind, change, changed, statement))
    return tuple(found)


def _has_value(formula: Any) -> bool:
    """Whether SymPy did not make a truth value or an infinity of it: then nobody would print it."""
    return isinstance(formula, Basic) and not formula.is_Boolean | _is_infinite(formula)


def _is_infinite(formula: Any) -> bool:
    return bool(getattr(formula, "is_infinite", False)) or getattr(formula, "is_number", 0) is None


def _changes(formula: Any) -> Iterator[Change]:
    scalar = not getattr(formula, "is_Matrix", False)
    if scalar and isinstance(formula, Expr):
        yield "factor", "twice the whole", 2 * formula
    for path, node, raised in _places(formula):
        for kind, change, new in _at(node):
            if (put := _put(formula, path, new)) is not None:
                yield "exponent" if raised else kind, change, put
        for name, one, other in SWAPS:
            for old, new in ((one, other), (other, one)):
                if node == old and (put := _put(formula, path, new)) is not None:
                    yield "swapped letters", f"{new} for {old} at one place of {name}", put
    for name, one, other in SWAPS:
        yield "swapped letters", f"{name} swapped", _scalars(formula, {one: other, other: one})
    for name, old, new in SHIFTS:
        yield "shifted letters", name, _scalars(formula, {old: new})
    yield from _indices(formula)


def _places(node: Any, path: tuple[int, ...] = (), *, raised: bool = False) -> Iterator[Any]:
    """Every place of a tree where a formula stands: (path, node, whether it is part of an exponent)."""
    yield path, node, raised
    if isinstance(node, EffectiveRidge | GaussianDesign | LabelNoise) or not _is_formula(node):
        return
    for position, part in enumerate(node.args):
        if _is_formula(part):
            inside = raised or (isinstance(node, Pow) and position == 1)
            yield from _places(part, (*path, position), raised=inside)


def _is_formula(node: Any) -> bool:
    if getattr(node, "is_Matrix", False):
        return bool(node.args) and not hasattr(node, "name")
    kinds = (Expr, ExprCondPair, BooleanFunction)
    return isinstance(node, kinds) or bool(getattr(node, "is_Relational", False))


def _put(formula: Any, path: tuple[int, ...], new: Any) -> Any:
    """The formula with something else at a place; None where that cannot be built."""
    if not path:
        return new
    parts = list(formula.args)
    part = _put(parts[path[0]], path[1:], new)
    if part is None:
        return None
    parts[path[0]] = part
    try:
        return formula.func(*parts)
    except (TypeError, ValueError, AttributeError, ZeroDivisionError):
        return None


def _at(node: Any) -> Iterator[Change]:
    """Changes of one node."""
    match node:
        case Add() | MatAdd():
            for term in node.args:
                rest = [each for each in node.args if each is not term]
                yield "dropped term", f"without {term}", node.func(*rest).doit(deep=False)
                yield "sign", f"sign of {term}", node.func(*rest, -term)
                yield "factor", f"twice {term}", node.func(*rest, 2 * term)
        case Mul():
            for factor in node.args:
                rest = [each for each in node.args if each is not factor]
                if factor.is_Number and factor != -1:
                    yield "factor", f"{factor + 1} for {factor}", Mul(factor + 1, *rest)
                kind = "sign" if factor == -1 else "dropped factor"
                yield kind, f"without the factor {factor}", Mul(*rest)
        case Pow() if node.exp.is_Rational:
            for power in (node.exp + 1, node.exp - 1, -node.exp):
                yield "exponent", f"{power} for the power {node.exp}", node.base**power
        case DegreesOfFreedom():
            for order in (node.order + 1, node.order - 1):
                yield "index", f"df_{order} for df_{node.order}", node.func(order, *node.args[1:])
        case Min() | Max():
            other = Max if isinstance(node, Min) else Min
            yield "min and max", f"{other.__name__} for {node.func.__name__}", other(*node.args)
            for part in node.args:
                cases: list[Any] = [each for each in node.args if each is not part]
                yield (
                    "dropped term",
                    f"without {part} in the {node.func.__name__}",
                    node.func(*cases),
                )
        case And() | Or():
            for part in node.args:
                others: list[Any] = [each for each in node.args if each is not part]
                yield "condition", f"without {part}", node.func(*others)
        case Gt() | Ge() | Lt() | Le():
            yield "sign", "the relation turned", node.reversedsign.func(node.lhs, node.rhs)
        case _:
            yield from _at_matrix(node)


def _at_matrix(node: Any) -> Iterator[Change]:
    match node:
        case Trace():
            yield "dropped factor", "without the trace of a square", Trace(node.arg * node.arg)
        case MatMul():
            factors: list[Any] = list(node.args)
            for place, factor in enumerate(factors):
                if not factor.is_Matrix or factor.shape[0] == factor.shape[1]:
                    rest = factors[:place] + factors[place + 1 :]
                    yield "dropped factor", f"without {factor}", MatMul(*rest).doit(deep=False)
                if place and factor.shape == factors[place - 1].shape == factor.shape[::-1]:
                    turned = [*factors[: place - 1], factor, factors[place - 1]]
                    turned += factors[place + 1 :]
                    yield "order", f"{factor} first", MatMul(*turned)
        case PseudoInverse():
            yield "transpose", "transpose for the pseudo-inverse", Transpose(node.args[0])
        case Inverse() | Transpose() if node.arg.shape[0] == node.arg.shape[1]:
            yield "transpose", f"{node.arg} itself", node.arg
        case _:
            return


def _scalars(node: Any, rule: Mapping[Basic, Basic]) -> Any:
    """Scalars replaced, sizes of matrices and spectra not."""
    if node in rule:
        return rule[node]
    if not _is_formula(node):
        return node
    parts = [_scalars(part, rule) for part in node.args]
    if all(new is old for new, old in zip(parts, node.args, strict=True)):
        return node
    try:
        return node.func(*parts)
    except (TypeError, ValueError, AttributeError, ZeroDivisionError):
        return node


def _indices(formula: Any) -> Iterator[Change]:
    """One design or noise taken for another one of its size, everywhere."""
    kinds: tuple[Any, ...] = (GaussianDesign, LabelNoise)
    for kind in kinds:
        met = sorted(formula.atoms(kind), key=str)
        for one in met:
            for other in met:
                if one != other and one.shape == other.shape:
                    yield "index", f"{other} for {one}", formula.xreplace({one: other})


def _of_the_frame(statement: Statement) -> Iterator[tuple[str, str, Statement]]:
    """Changes of the scope and of the relation."""
    scope = statement.scope
    for place, condition in enumerate(scope.conditions):
        rest = scope.conditions[:place] + scope.conditions[place + 1 :]
        without = replace(scope, conditions=rest)
        yield "condition", f"without {condition}", replace(statement, scope=without)
        for weaker in _weaker(condition):
            weakened = replace(scope, conditions=(*rest, weaker))
            yield "condition", f"{weaker} for {condition}", replace(statement, scope=weakened)
    if scope.isotropic:
        any_spectrum = replace(scope, isotropic=False)
        yield "condition", "not isotropic", replace(statement, scope=any_spectrum)
    by = statement.by
    if isinstance(by, Bound):
        turned = replace(by, above=not by.above)
        yield "relation", "the bound turned", replace(statement, by=turned)
    if isinstance(by, HoldsWhere) and not isinstance(statement.formula, bool):
        yield "relation", "its negation", replace(statement, formula=~statement.formula)


def _weaker(condition: Any) -> Iterator[Any]:
    one = Integer(1)
    weaken: Mapping[Any, Callable[[Any, Any], Any]] = {
        Ge: lambda left, right: Ge(left, right - one),
        Gt: Ge,
        Le: lambda left, right: Le(left, right + one),
        Lt: Le,
    }
    if rule := weaken.get(type(condition)):
        yield rule(condition.lhs, condition.rhs)
