"""Realisations: the matrices of one trial, and what an expression comes to with them.

A random matrix is drawn from a stream of the seed, the trial and its own name: the order in which an expression is
walked does not matter, and another expression over the same names sees the same matrices.
"""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from sympy import (
    Basic,
    Identity,
    Integer,
    Inverse,
    MatAdd,
    MatMul,
    MatPow,
    MatrixExpr,
    MatrixSymbol,
    Rational,
    Trace,
    Transpose,
    ZeroMatrix,
)
from sympy.matrices.expressions.matexpr import MatrixElement

from symcollapse.language.errors import InvalidProblem, NotEvaluable
from symcollapse.language.random_matrices import (
    GaussianDesign,
    LabelNoise,
    PseudoInverse,
    RandomMatrix,
)
from symcollapse.language.spectra import Covariance
from symcollapse.simulation.instances import Instance, arithmetic, shown
from symcollapse.simulation.populations import Doubles

# Nodes are computed once per expression, per trial, or per reflection of the eigenbasis.
_FIXED, _DRAWN, _REFLECTED = range(3)

_REFLECTION = 0x110000
"""Streams of reflections start above every character that a name's stream can hold."""


class Realisation:
    """Values of an instance's nodes, each computed once for as long as it holds."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self._levels: dict[Basic, int] = {}
        self._known: tuple[dict[Basic, Any], ...] = ({}, {}, {})
        self._signs: dict[int, Doubles] = {}
        self._stream = (0, 0)

    def start_trial(self, seed: int, trial: int) -> None:
        """Forget what was drawn."""
        self._stream = seed, trial
        self._signs.clear()
        self._known[_DRAWN].clear()
        self._known[_REFLECTED].clear()

    def mean_over_reflections(self, count: int) -> float:
        """The scalar expression, averaged over sign patterns."""
        expression = self.instance.expression
        if count == 1 or not self.instance.has_vectors:
            return self.scalar(expression)
        sizes = sorted({len(each) for each in self.instance.coefficients.values()})
        results = []
        for reflection in range(count):
            generator = _generator(*self._stream, _REFLECTION + reflection)
            # Vectors of one size are reflected together: they may live in one space.
            self._signs = {size: generator.choice([-1.0, 1.0], size) for size in sizes}
            self._known[_REFLECTED].clear()
            results.append(self.scalar(expression))
        return math.fsum(results) / count

    def scalar(self, node: Basic) -> float:
        """Value of a scalar or of a 1 × 1 matrix."""
        return float(np.asarray(self.value(node)).reshape(()))

    def value(self, node: Basic) -> Any:
        """Array of a matrix, or number of a scalar."""
        known = self._known[self._level(node)]
        if node not in known:
            known[node] = self._matrix(node) if isinstance(node, MatrixExpr) else self._number(node)
        return known[node]

    def _level(self, node: Basic) -> int:
        if node not in self._levels:
            own = _FIXED
            if isinstance(node, RandomMatrix | MatrixSymbol):
                own = _DRAWN if isinstance(node, RandomMatrix) else _REFLECTED
            self._levels[node] = max([own, *(self._level(argument) for argument in node.args)])
        return self._levels[node]

    def _number(self, node: Basic) -> float:
        if isinstance(node, Trace):
            return self._trace(node.arg)
        if isinstance(node, MatrixElement):
            return self._element(node)
        if not node.has(MatrixExpr):
            return self.instance.scalar(node)
        return arithmetic(node, self.scalar)

    def _matrix(self, node: MatrixExpr) -> Doubles:
        match node:
            case Covariance():
                return np.diag(self.instance.eigenvalues[node])
            case MatrixSymbol():
                vector = self.instance.coefficients[node]
                return (vector * self._signs.get(len(vector), 1.0))[:, np.newaxis]
            case Identity():
                return np.eye(self.instance.size(node.shape[0]))
            case ZeroMatrix():
                return np.zeros([self.instance.size(side) for side in node.shape])
            case GaussianDesign():
                return self._design(node)
            case LabelNoise():
                normal = self._normal(node, self.instance.size(node.shape[0]), 1)
                return normal * self.scalar(node.deviation)
            case PseudoInverse():
                return np.linalg.pinv(self.value(node.argument))
            case Transpose():
                transposed: Doubles = self.value(node.arg).T
                return transposed
            case MatPow():
                return self._matrix_power(node)
            case MatMul():
                coefficient, factors = node.as_coeff_matrices()
                return self.scalar(coefficient) * self._product(factors)
            case MatAdd():
                terms = [self.value(term) for term in node.args]
                for term in terms:
                    _require_fit(term.shape == terms[0].shape, node, terms[0], term)
                return np.sum(terms, axis=0)
        raise NotEvaluable(f"{shown(node)}: {type(node).__name__} is no matrix that can be drawn")

    def _normal(self, matrix: RandomMatrix, rows: int, columns: int) -> Doubles:
        generator = _generator(*self._stream, *map(ord, matrix.name))
        return generator.standard_normal((rows, columns))

    def _design(self, design: GaussianDesign) -> Doubles:
        # Not a power that SymPy may rewrite, but a node of its own, so that it is computed once.
        root = self.value(MatPow(design.covariance, Rational(1, 2)))
        normal = self._normal(design, self.instance.size(design.samples), len(root))
        spread = np.diagonal(root)
        return normal * spread if _is_diagonal(root) else normal @ root

    def _matrix_power(self, node: MatPow) -> Doubles:
        base, power = self.value(node.base), node.exp
        _require_fit(base.shape[0] == base.shape[1], node, base, base)
        if power == -1:
            try:
                return np.linalg.inv(base)
            except np.linalg.LinAlgError:
                raise NotEvaluable(f"{shown(node)} is singular; use pseudo_inverse") from None
        if power == Rational(1, 2):
            return _symmetric_root(base, node.base)
        if not isinstance(power, Integer):
            raise NotEvaluable(f"{shown(node)}: power {power}; give an integer")
        if power < 0:
            # The inverse is likely to stand elsewhere too.
            base = self.value(Inverse(node.base))
        return np.linalg.matrix_power(base, abs(int(power)))

    def _product(self, factors: Sequence[MatrixExpr]) -> Doubles:
        arrays = [self.value(factor) for factor in factors]
        for left, right in pairwise(arrays):
            _require_fit(left.shape[1] == right.shape[0], MatMul(*factors), left, right)
        # In the cheapest order: vectors make it quadratic.
        return np.linalg.multi_dot(arrays) if len(arrays) > 1 else arrays[0]

    def _trace(self, matrix: MatrixExpr) -> float:
        if isinstance(matrix, MatMul):
            coefficient, factors = matrix.as_coeff_matrices()
            if len(factors) > 1:
                left, right = self._product(factors[:-1]), self.value(factors[-1])
                _require_fit(left.shape == right.T.shape, matrix, left, right)
                # The last product would give entries that nobody looks at.
                return self.scalar(coefficient) * float(np.sum(left * right.T))
        value = self.value(matrix)
        _require_fit(value.shape[0] == value.shape[1], matrix, value, value)
        return float(np.trace(value))

    def _element(self, node: MatrixElement) -> float:
        value = self.value(node.parent)
        if value.shape != (1, 1) or (node.i, node.j) != (0, 0):
            raise NotEvaluable(f"{shown(node)}: only the entry [0, 0] of a 1 × 1 matrix is drawn")
        return float(value[0, 0])


def _generator(seed: int, trial: int, *key: int) -> np.random.Generator:
    # A grandchild of SeedSequence(seed), without spawning its siblings.
    stream = np.random.SeedSequence(seed, spawn_key=(trial, *key))
    return np.random.Generator(np.random.PCG64(stream))


def _symmetric_root(matrix: Doubles, node: Basic) -> Doubles:
    if _is_diagonal(matrix):
        values, basis = np.diagonal(matrix), np.eye(len(matrix))
    elif np.allclose(matrix, matrix.T):
        values, basis = np.linalg.eigh(matrix)
    else:
        raise InvalidProblem(f"{shown(node)} is not symmetric; a covariance must be")
    # Rounding may put zero eigenvalues below zero.
    if values.min() < -1e-12 * abs(values).max():
        raise InvalidProblem(f"{shown(node)} has a negative eigenvalue; a covariance must not")
    roots = np.sqrt(np.maximum(values, 0.0))
    return np.diag(roots) if _is_diagonal(matrix) else (basis * roots) @ basis.T


def _is_diagonal(matrix: Doubles) -> bool:
    return np.count_nonzero(matrix) == np.count_nonzero(np.diagonal(matrix))


def _require_fit(fits: bool, node: Basic, left: Doubles, right: Doubles) -> None:  # noqa: FBT001
    if not fits:
        shapes = " and ".join(f"{rows} × {columns}" for rows, columns in (left.shape, right.shape))
        raise InvalidProblem(f"{shown(node)}: {shapes} do not fit; give other sizes")
