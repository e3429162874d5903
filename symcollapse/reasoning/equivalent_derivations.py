"""The steps by which the engine derived a deterministic equivalent, as a derivation that judges can check.

expression  =  Σ coefficient · functionals       the label noise averaged
=  Σ coefficient · tr(l L⁻¹ r)       each functional by its pencil
≃  Σ coefficient · tr(l M r)         the Dyson equation, in unknown traces
=  …                                 the unknowns eliminated, core by core and part by part
=  formula                           the blocks in closed form, and the terms collected
"""

from collections.abc import Callable
from typing import Any

from sympy import Add, Basic, Dummy, Expr, Integer, MatrixExpr, Mul, Pow, Symbol, Trace
from sympy.core.relational import Relational
from sympy.matrices.expressions.matexpr import MatrixElement

from symcollapse.equivalents.deterministic import Equivalent, SolvedFunctional
from symcollapse.equivalents.functionals import Functional, functionals_of
from symcollapse.equivalents.regularisation import regularised
from symcollapse.language.domains import Domain
from symcollapse.language.random_matrices import LabelNoise
from symcollapse.reasoning.matrix_domains import MatrixDomain
from symcollapse.reasoning.pencil_functionals import DysonFunctional, PencilFunctional
from symcollapse.reasoning.steps import (
    Algebra,
    CloseForm,
    Derivation,
    DysonAxiom,
    Eliminate,
    Linearise,
    NoiseAverage,
    Step,
    VanishingRidges,
)


def derivation_of_equivalent(
    equivalent: Equivalent, title: str = "", *, domain: Domain | None = None
) -> Derivation:
    """The derivation of a deterministic equivalent, from the plain expression.

    Parameters
    ----------
    equivalent
        What `deterministic_equivalent` gave.
    title
        What is derived.
    domain
        Where formulas are tried; by default a `MatrixDomain` of the expression.

    Example
    -------
    >>> from sympy import Identity
    >>> from symcollapse.equivalents import deterministic_equivalent
    >>> from symcollapse.language.random_matrices import gaussian_design
    >>> from symcollapse.language.spectra import covariance
    >>> from symcollapse.language.symbols import dimension, ridge, samples
    >>> from symcollapse.reasoning import check
    >>> X = gaussian_design("X", samples, covariance("Sigma", dimension))
    >>> resolvent = (X.T * X / samples + ridge * Identity(dimension)).inverse()
    >>> derivation = derivation_of_equivalent(deterministic_equivalent(Trace(resolvent)))
    >>> for step in derivation.steps:
    ...     print(step.by.relation.value, step.to)
    = tr(l_1 L_1^-1 r_1)
    ≃ tr(l_1 M_1(rho_11_X, tau_00_X) r_1)
    = tr(l_1 M_1 r_1)
    = kappa(lambda, T)*tr(1/(Sigma + kappa(lambda, T)))/lambda
    >>> check(derivation).passed
    True
    """
    expression, ridges = _with_ridges(equivalent)
    line = expression
    is_matrix = isinstance(expression, MatrixExpr) and not _is_scalar(expression)
    by_functional = {solved.functional: solved for solved in equivalent.functionals}
    pencils = {
        functional: PencilFunctional(
            label, functional, solved.operator, solved.pencil, is_matrix=is_matrix
        )
        for label, (functional, solved) in enumerate(by_functional.items(), start=1)
    }

    def written(of: Callable[[Functional], Expr]) -> Any:
        return of(next(iter(pencils))) if is_matrix else written_by(expression, of)

    steps: list[Step] = []
    if not is_matrix:
        line = written(lambda functional: functional.expression)
        if line != expression:
            noises = sorted(noise.name for noise in expression.atoms(LabelNoise))
            steps.append(Step(line, NoiseAverage(tuple(noises))))
    steps.append(Step(written(lambda functional: pencils[functional]), Linearise()))
    blocks = {
        functional: dyson_functional(pencils[functional], solved)
        for functional, solved in by_functional.items()
    }
    steps.append(Step(written(lambda functional: blocks[functional]), DysonAxiom()))
    for functional, solved in by_functional.items():
        for elimination in eliminations(pencils[functional].label, solved):
            blocks[functional] = blocks[functional].solved(dict(elimination.values))
            steps.append(Step(written(lambda functional: blocks[functional]), elimination))
    line = written(
        lambda functional: (
            by_functional[functional].matrix if is_matrix else by_functional[functional].value
        )
    )
    steps.append(Step(line, CloseForm()))
    notes = ""
    if ridges:
        limit = VanishingRidges(ridges, equivalent.conditions)
        steps.append(Step(equivalent.formula, limit))
        notes = f"The start is {equivalent.expression}, with a vanishing ridge for each inverse that has none."
    elif line != equivalent.formula:
        steps.append(Step(equivalent.formula, Algebra("collected")))
    where = domain or MatrixDomain(
        conditions=tuple(c for c in equivalent.conditions if isinstance(c, Relational)),
        expression=expression,
    )
    return Derivation(title, expression, tuple(steps), where, notes=notes)


def _with_ridges(equivalent: Equivalent) -> tuple[Any, tuple[Symbol, ...]]:
    """The expression with its vanishing ridges, under the symbols that the engine gave them."""
    prepared, vanishing = regularised(equivalent.expression)
    if not vanishing:
        return equivalent.expression, ()
    given = {
        symbol.name: symbol
        for solved in equivalent.functionals
        for symbol in solved.operator.atoms(Dummy)
    }
    rule = {
        vanished.ridge: given.get(str(vanished.ridge).lstrip("_"), vanished.ridge)
        for vanished in vanishing
    }
    return prepared.xreplace(rule), tuple(rule.values())


def written_by(expression: Any, of: Callable[[Functional], Expr]) -> Expr:
    """A scalar expression with its functionals replaced, and its label noise averaged out.

    Example
    -------
    >>> from symcollapse.language.random_matrices import label_noise
    >>> from symcollapse.language.symbols import noise
    >>> E = label_noise("E", 3, noise)
    >>> written_by(E.T * E, lambda functional: functional.expression)
    sigma**2*Trace(I)
    """
    match expression:
        case Trace() | MatrixExpr() | MatrixElement():
            leaf = expression.parent if isinstance(expression, MatrixElement) else expression
            return Add(
                *(
                    Mul(written_by(coefficient, of), *(of(functional) for functional in factors))
                    for coefficient, factors in functionals_of(leaf)
                )
            )
        case Add() | Mul():
            return expression.func(*(written_by(term, of) for term in expression.args))
        case Pow():
            return Pow(written_by(expression.base, of), expression.exp)
        case _:
            assert isinstance(expression, Expr)
            return expression


def dyson_functional(source: PencilFunctional, solved: SolvedFunctional) -> DysonFunctional:
    """The functional by the Dyson equation of its pencil, before an unknown is eliminated.

    Example
    -------
    >>> from sympy import Identity
    >>> from symcollapse.equivalents import deterministic_equivalent
    >>> from symcollapse.language.random_matrices import gaussian_design
    >>> from symcollapse.language.spectra import covariance
    >>> X = gaussian_design("X", 9, covariance("Sigma", 3))
    >>> resolvent = (X.T * X / 9 + Identity(3)).inverse()
    >>> (solved,) = deterministic_equivalent(Trace(resolvent)).functionals
    >>> source = PencilFunctional(1, solved.functional, solved.operator, solved.pencil)
    >>> dyson_functional(source, solved).equations
    {rho_11_X: 9/(tau_00_X/9 + 1), tau_00_X: tr(Sigma/(Sigma*rho_11_X/9 + 1))}
    """
    separated, equation = solved.equation, solved.equation.equation
    equations = {}
    for unknown in sorted(equation.unknowns.values(), key=lambda unknown: str(unknown.symbol)):
        family = equation.family(unknown.space)
        shape = Integer(1) if unknown.is_sample_side else family.covariance(unknown.design)
        equations[unknown.symbol] = family.trace(shape * separated.raw_block(unknown.place))
    unknowns = tuple(sorted(equation.unknowns.values(), key=lambda unknown: str(unknown.symbol)))
    function = Add(
        *(
            left * separated.raw_block((vector, place)) * right
            for vector, left in solved.pencil.left.items()
            for place, right in solved.pencil.right.items()
        )
    )
    return DysonFunctional(source, equation.families, unknowns, equations, function)


def eliminations(label: int, solved: SolvedFunctional) -> tuple[Eliminate, ...]:
    """How the unknowns of a functional were eliminated, part by part.

    Example
    -------
    >>> from sympy import Identity
    >>> from symcollapse.equivalents import deterministic_equivalent
    >>> from symcollapse.language.random_matrices import gaussian_design
    >>> from symcollapse.language.spectra import covariance
    >>> X = gaussian_design("X", 9, covariance("Sigma", 3))
    >>> resolvent = (X.T * X / 9 + Identity(3)).inverse()
    >>> (solved,) = deterministic_equivalent(Trace(resolvent)).functionals
    >>> print(*eliminations(1, solved))
    core of pencil 1 solved for rho_11_X, tau_00_X
    """
    found = []
    for part in solved.equation.parts:
        symbols = [unknown.symbol for unknown in part.unknowns]
        values = tuple(zip(symbols, part.values, strict=True))
        core = part.core
        if core is None:
            found.append(Eliminate(label, values))
        else:
            equations = tuple(zip(core.symbols, core.equations, strict=True))
            found.append(Eliminate(label, values, core.ridges, equations))
    return tuple(found)


def functionals_in(line: Basic, kind: type[Any]) -> dict[int, Any]:
    """The functionals of one kind in a line, by their labels.

    Example
    -------
    >>> functionals_in(Integer(1), PencilFunctional)
    {}
    """
    return {node.label: node for node in line.atoms(kind)}


def _is_scalar(matrix: Any) -> bool:
    return bool(matrix.shape == (1, 1))
