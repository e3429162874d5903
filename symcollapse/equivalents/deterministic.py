"""Deterministic equivalents of matrix expressions: from the expression to a formula in κ, degrees of freedom and traces.

The way: the label noise is averaged out (`functionals`), each trace or bilinear form gets a pencil (`linearisation`),
the pencil its Dyson equation (`dyson`), which is separated and solved (`separation`, `cores`), and the block of M
that stands for the expression is brought into closed form (`closed_forms`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sympy import (
    Add,
    Basic,
    Expr,
    Float,
    Integer,
    MatMul,
    MatrixExpr,
    MatrixSymbol,
    Mul,
    Pow,
    Sum,
    Trace,
    expand_mul,
)
from sympy.matrices.expressions.matexpr import MatrixElement

from symcollapse.equivalents.closed_forms import closed, shortened
from symcollapse.equivalents.dyson import DysonEquation
from symcollapse.equivalents.families import Family, families_of
from symcollapse.equivalents.front_door import require_free_names, require_sound
from symcollapse.equivalents.functionals import Functional, functionals_of
from symcollapse.equivalents.limits import ridgeless_limit
from symcollapse.equivalents.linearisation import linearise
from symcollapse.equivalents.pencils import Pencil
from symcollapse.equivalents.push_through import pushed_through
from symcollapse.equivalents.regularisation import regularised
from symcollapse.equivalents.separation import Naming, SeparatedEquation
from symcollapse.language.errors import InexactConstant, InvalidProblem, NotSupported
from symcollapse.language.pairings import bilinear_form
from symcollapse.language.random_matrices import LabelNoise, RandomMatrix
from symcollapse.language.spectra import IsotropicSpectrum
from symcollapse.language.targets import truth


@dataclass(frozen=True)
class SolvedFunctional:
    """A trace or a bilinear form with its pencil, its separated Dyson equation, and its value."""

    functional: Functional
    """What was asked for."""
    operator: Any
    """Its matrix expression as the pencil has it: turned under the trace, pushed through."""
    pencil: Pencil
    """The pencil of the operator."""
    equation: SeparatedEquation
    """The Dyson equation, solved part by part."""
    matrix: Expr
    """The equivalent of the operator, a function of eigenvalues."""
    value: Expr
    """The equivalent of the functional."""


@dataclass(frozen=True)
class Equivalent:
    """A deterministic equivalent, with what it was made of."""

    expression: Any
    """The expression that was given."""
    formula: Expr
    """Its equivalent, ≃ in the proportional limit; for a matrix, a function of eigenvalues."""
    functionals: tuple[SolvedFunctional, ...] = field(compare=False)
    """The traces and bilinear forms of the expression, solved."""
    conditions: tuple[Basic, ...] = ()
    """Relations between sizes under which it was derived."""

    def __str__(self) -> str:
        return str(self.formula)


def deterministic_equivalent(expression: Any, *, assuming: Iterable[Any] = ()) -> Equivalent:
    """Deterministic equivalent of a rational expression in Gaussian designs.

    Pseudo-inverses, and inverses without a ridge such as that of XᵀX, are limits of a vanishing ridge.

    Parameters
    ----------
    expression
        A SymPy expression in traces and 1 × 1 matrices, or a square matrix expression, over `gaussian_design`,
        `gaussian_projection`, `label_noise`, `pseudo_inverse`, `covariance`, ``Identity`` and vectors
        ``MatrixSymbol("u", d, 1)``.
    assuming
        Relations such as ``Ge(T, d)`` or ``Lt(T, d)``, for a vanishing ridge whose limit depends on them.

    Returns
    -------
    Equivalent
        Its ``formula`` is in effective ridges, degrees of freedom, spectral traces and quadratic forms. Relation: ≃,
        equal in the limit of sizes that grow in proportion; the error is of relative order 1/size.

    Raises
    ------
    NotSupported
        For an expression that is not rational, or needs matrices that do not commute, or is the product of two factors
        that are 0 on average; the message names the node.
    InvalidProblem
        If shapes do not conform, one name stands for two random matrices, or a parameter is an eigenvalue's symbol.
    Diverges
        If a vanishing ridge leads to no finite limit.

    Example
    -------
    >>> from sympy import Identity
    >>> from symcollapse.language.random_matrices import gaussian_design
    >>> from symcollapse.language.spectra import covariance
    >>> from symcollapse.language.symbols import dimension, ridge, samples
    >>> Sigma = covariance("Sigma", dimension)
    >>> X = gaussian_design("X", samples, Sigma)
    >>> resolvent = (X.T * X / samples + ridge * Identity(dimension)).inverse()
    >>> print(deterministic_equivalent(Trace(Sigma * resolvent)))
    df_1(kappa(lambda, T))*kappa(lambda, T)/lambda
    >>> inverse = deterministic_equivalent((X.T * X).inverse())
    >>> print(inverse, inverse.conditions)
    1/(s*(T - d)) (T > d,)
    """
    expression = _read(expression)
    prepared, vanishing = regularised(expression)
    families = families_of(prepared)
    require_free_names(
        expression, {symbol for family in families.values() for symbol in family.symbols}
    )
    solver = _Solver(families)
    if isinstance(prepared, MatrixExpr) and not _is_scalar(prepared):
        formula = solver.functional(Functional(prepared, is_matrix=True)).matrix
    else:
        formula = solver.scalar(prepared)
    conditions = dict.fromkeys(assuming if vanishing else ())
    for ridge in vanishing:
        conditions |= dict.fromkeys(ridge.presupposes)
    for ridge in vanishing:
        formula = ridgeless_limit(formula, ridge.ridge, assuming=conditions)
    return Equivalent(expression, formula, tuple(solver.solved.values()), tuple(conditions))


def _read(expression: Any) -> Any:
    """The expression, if it is one of SymPy's and of a shape that has an equivalent."""
    if isinstance(expression, int):
        return Integer(expression)
    if not isinstance(expression, Expr):
        raise InvalidProblem(
            f"{str(expression)[:60]!r} is no matrix expression; build one with gaussian_design, covariance and Identity"
        )
    for number in expression.atoms(Float):
        raise InexactConstant(f"{number} in the expression; write a Rational")
    require_sound(expression)
    if isinstance(expression, MatrixExpr) and not _is_scalar(expression):
        for trace in expression.atoms(Trace):
            raise NotSupported(
                f"{trace} in a matrix of shape {expression.shape}: derive the trace and the matrix apart"
            )
        for vector in expression.atoms(MatrixSymbol, LabelNoise):
            if 1 in vector.shape:
                raise NotSupported(
                    f"{vector} in a matrix of shape {expression.shape}: close the expression to a number, "
                    "by a trace or a vector on either side"
                )
    return expression


class _Solver:
    """Functionals of one expression, each solved once."""

    def __init__(self, families: Mapping[Expr, Family]) -> None:
        self.families = families
        self.naming = Naming()
        self.solved: dict[Functional, SolvedFunctional] = {}

    def scalar(self, expression: Any) -> Expr:
        """The equivalent of a scalar expression; traces concentrate, so that it goes through products and powers."""
        match expression:
            case Trace():
                return self._leaf(expression)
            case MatrixElement() if _is_scalar(expression.parent):
                return self._leaf(expression.parent)
            case MatrixExpr() if _is_scalar(expression):
                return self._leaf(expression)
            case Add():
                return Add(*(self.scalar(term) for term in expression.args))
            case Mul():
                return self._product(expression)
            case Pow():
                base = self.scalar(expression.base)
                if base == 0 and expression.exp != 1:
                    _refuse_fluctuations(expression, (expression.base,))
                return Pow(base, expression.exp)
            case _ if not expression.has(MatrixExpr):
                return expression
            case Sum():
                raise NotSupported(
                    "an entry [0, 0] of a product, which SymPy writes as a sum: write Trace(u.T*A*v) instead"
                )
            case _:
                raise NotSupported(
                    f"{expression}: {type(expression).__name__} is not a rational function of traces"
                )

    def _product(self, expression: Any) -> Expr:
        values = [self.scalar(factor) for factor in expression.args]
        vanishing = [
            factor
            for factor, value in zip(expression.args, values, strict=True)
            if value == 0 and factor.has(RandomMatrix)
        ]
        if len(vanishing) > 1:
            _refuse_fluctuations(expression, vanishing)
        if vanishing and (expanded := expand_mul(expression, deep=False)) != expression:
            return self.scalar(expanded)
        return Mul(*values)

    def _leaf(self, leaf: Basic) -> Expr:
        terms: list[Expr] = []
        for coefficient, functionals in functionals_of(leaf):
            weight = self.scalar(coefficient)
            values = [self.functional(functional).value for functional in functionals]
            if [weight, *values].count(Integer(0)) > 1:
                _refuse_fluctuations(leaf, (leaf,))
            value = weight * Mul(*values)
            terms.extend(shortened(term) for term in Add.make_args(expand_mul(value, deep=False)))
        return Add(*terms)

    def functional(self, functional: Functional) -> SolvedFunctional:
        """A trace or a bilinear form, solved."""
        if functional not in self.solved:
            self.solved[functional] = self._solved(functional)
        return self.solved[functional]

    def _solved(self, functional: Functional) -> SolvedFunctional:
        turns = functional.is_trace
        operators = _rotations(functional.operator) if turns else [functional.operator]
        # As they stand first: of two pencils alike, the earlier is taken.
        operators += [pushed_through(operator) for operator in operators]
        pencils = [(linearise(operator, self.families), operator) for operator in operators]
        pencil, operator = min(pencils, key=lambda pair: pair[0].weight)
        dyson = DysonEquation(pencil, self.families)
        require_free_names(
            functional.operator, {unknown.symbol for unknown in dyson.unknowns.values()}
        )
        equation = SeparatedEquation(dyson, self.naming)
        space = operator.shape[0]
        family = self.families.get(space, Family(space, None, {}))
        matrix, value = closed(equation.function(), _form(functional, family), family.symbols)
        return SolvedFunctional(functional, operator, pencil, equation, matrix, value)


def _refuse_fluctuations(product: Any, factors: Iterable[Any]) -> None:
    """Refuse a product of random factors that are 0 on average, for its mean is made of their fluctuations."""
    if any(factor.has(RandomMatrix) for factor in factors):
        raise NotSupported(
            f"{product}: of factors that are 0 on average the product need not be 0; take its expectation, "
            "or write label noise as one product E.T*A*E"
        )


def _is_scalar(matrix: Any) -> bool:
    return bool(matrix.shape == (1, 1))


def _form(functional: Functional, family: Family) -> Any:
    """The functional as a linear map of functions of eigenvalues."""
    if functional.left is None:
        return family.trace
    left, right = (truth(vector.name) for vector in (functional.left, functional.right))
    spectrum = family.spectrum or IsotropicSpectrum(family.space)
    return lambda function: bilinear_form(function, spectrum, left, right)


def _rotations(operator: Any) -> list[Any]:
    """The products that have the same trace."""
    if not isinstance(operator, MatMul):
        return [operator]
    scalars = [factor for factor in operator.args if not factor.is_Matrix]
    factors = [factor for factor in operator.args if factor.is_Matrix]
    return [MatMul(*scalars, *factors[place:], *factors[:place]) for place in range(len(factors))]
