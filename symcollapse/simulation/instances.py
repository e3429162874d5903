"""Instances: a matrix expression with numbers for all that is not random."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from sympy import Add, Basic, Expr, MatrixSymbol, Mul, Pow, Symbol

from symcollapse.language.errors import InvalidProblem, NotEvaluable
from symcollapse.language.exactness import exact
from symcollapse.language.random_matrices import RandomMatrix, random_matrices
from symcollapse.language.spectra import Covariance, Spectrum
from symcollapse.language.targets import ExplicitTarget
from symcollapse.simulation.populations import Doubles, eigenvalues_of, number

Spectra: TypeAlias = Mapping[Covariance, Spectrum]
"""Eigenvalues of each covariance; the j-th of one belongs to the direction of the j-th of another."""

Values: TypeAlias = Mapping[Symbol, Any]
"""Exact numbers of sizes and other symbols."""

Vectors: TypeAlias = Mapping[MatrixSymbol, ExplicitTarget | Sequence[Any]]
"""Coefficients of deterministic vectors in the common eigenbasis, as exact numbers."""


@dataclass(frozen=True, eq=False)
class Instance:
    """A matrix expression with numbers for all that is not random; build it with `instance_of`."""

    expression: Basic
    values: Mapping[Symbol, float]
    """Number of each symbol."""
    eigenvalues: Mapping[Covariance, Doubles]
    """Shape (d,), per covariance."""
    coefficients: Mapping[MatrixSymbol, Doubles]
    """Shape (d,), per vector."""

    def size(self, size: Expr) -> int:
        """Number of rows or columns.

        Raises
        ------
        NotEvaluable
            If it has no value.
        InvalidProblem
            If it is not a positive integer.
        """
        value = self.scalar(size)
        if value < 1 or value != int(value):
            raise InvalidProblem(f"size {size} = {value:g}: give an integer >= 1")
        return int(value)

    def scalar(self, node: Basic) -> float:
        """Number of an expression without matrices."""
        if isinstance(node, Symbol):
            if node not in self.values:
                raise NotEvaluable(f"{node} has no value; give one in values")
            return self.values[node]
        return arithmetic(node, self.scalar)

    @cached_property
    def has_vectors(self) -> bool:
        """Whether reflections of the eigenbasis change a draw."""
        return self.expression.has(MatrixSymbol)


def instance_of(
    expression: Any,
    spectra: Spectra | None = None,
    values: Values | None = None,
    vectors: Vectors | None = None,
) -> Instance:
    """The expression with its numbers, as doubles.

    Raises
    ------
    NotEvaluable
        If a covariance, a vector or a size is without numbers.
    InvalidProblem
        If numbers do not fit the sizes, or one name stands for two random matrices.

    Example
    -------
    >>> from symcollapse.language.symbols import dimension, samples
    >>> instance_of(samples * dimension, values={samples: 9, dimension: 3}).size(samples / 3)
    3
    """
    if not isinstance(expression, Basic):
        raise InvalidProblem(f"{expression!r}: give a SymPy expression")
    numbers = {
        symbol: number(exact(value), str(symbol)) for symbol, value in (values or {}).items()
    }
    # Sizes need only the values.
    sizes = Instance(expression, numbers, {}, {})
    names: dict[str, RandomMatrix] = {}
    for matrix in random_matrices(expression):
        if names.setdefault(matrix.name, matrix) != matrix:
            raise InvalidProblem(
                f"{matrix.name} stands for two random matrices; give each a name of its own"
            )
    eigenvalues, coefficients = {}, {}
    for covariance in expression.atoms(Covariance):
        if covariance not in (spectra or {}):
            raise NotEvaluable(f"{covariance} has no spectrum; give one in spectra")
        eigenvalues[covariance] = eigenvalues_of((spectra or {})[covariance])
        _require_length(covariance, eigenvalues[covariance], sizes.size(covariance.dimension))
    for vector in expression.atoms(MatrixSymbol):
        if vector not in (vectors or {}):
            raise NotEvaluable(f"{vector} has no coefficients; give them in vectors")
        if vector.shape[1] != 1:
            raise InvalidProblem(f"{vector} is {vector.shape}: give a vector, d × 1")
        given = (vectors or {})[vector]
        target = given if isinstance(given, ExplicitTarget) else ExplicitTarget(given)
        coefficients[vector] = np.array([float(value) for value in target.coefficients])
        _require_length(vector, coefficients[vector], sizes.size(vector.shape[0]))
    return Instance(expression, numbers, eigenvalues, coefficients)


def arithmetic(node: Basic, value: Callable[[Basic], float]) -> float:
    """Number of a sum, product or power, out of those of its parts.

    Raises
    ------
    NotEvaluable
        If the expression is of another kind, or has no value.

    Example
    -------
    >>> from sympy import Integer
    >>> arithmetic(Pow(2, Integer(-3), evaluate=False), float)
    0.125
    """
    if not node.args and isinstance(node, Expr):
        return number(node, "expression")
    match node:
        case Add():
            return math.fsum(value(argument) for argument in node.args)
        case Mul():
            return math.prod(value(argument) for argument in node.args)
        case Pow():
            base, power = (value(argument) for argument in node.args)
            try:
                return math.pow(base, power)
            except (ValueError, OverflowError, ZeroDivisionError):
                raise NotEvaluable(f"{shown(node)} has no value at {base:g}^{power:g}") from None
    raise NotEvaluable(
        f"{shown(node)}: {type(node).__name__} cannot be drawn; use sums, products, powers, and "
        "Trace(A) for the entry A[0, 0] of a 1 × 1 matrix"
    )


def shown(node: Basic) -> str:
    """The expression as text for a message of one line.

    Example
    -------
    >>> shown(exact("1/3"))
    '1/3'
    """
    text = str(node)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _require_length(node: Basic, values: Doubles, size: int) -> None:
    if len(values) != size:
        raise InvalidProblem(f"{node} is of size {size}, not {len(values)}; give as many numbers")
