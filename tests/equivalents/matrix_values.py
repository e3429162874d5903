"""Values of matrix expressions, node by node from their definitions: of one matrix, or of many draws at once."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from sympy import (
    Add,
    Expr,
    Identity,
    Inverse,
    MatAdd,
    MatMul,
    MatPow,
    Mul,
    Pow,
    Symbol,
    Trace,
    Transpose,
    ZeroMatrix,
)

from symcollapse.language.joint_spectra import JointSpectrum
from symcollapse.language.pairings import Pairing
from symcollapse.language.quantities import QuadraticForm, SpectralTrace
from symcollapse.language.random_matrices import PseudoInverse
from symcollapse.language.symbols import eigenvalue

Values = Mapping[str, Any]


def value(
    node: Any, matrices: Values, sizes: Mapping[Symbol, Any], known: dict[Any, Any] | None = None
) -> Any:
    """The value, with matrices looked up by name; covariances are diagonal, scalars are 1 × 1.

    A leading axis of a matrix counts draws. Entries of type object, such as fractions or polynomials, stay exact.
    """
    # Each subexpression once: the draws of a pseudo-inverse are dear.
    found: dict[Any, Any] = {} if known is None else known
    if node not in found:
        found[node] = _value(node, matrices, sizes, found)
    return found[node]


def _value(node: Any, matrices: Values, sizes: Mapping[Symbol, Any], known: dict[Any, Any]) -> Any:
    def of(inner: Any) -> Any:
        return value(inner, matrices, sizes, known)

    match node:
        case Identity():
            return np.eye(int(node.shape[0].xreplace(sizes)), dtype=object)
        case ZeroMatrix():
            return np.zeros([int(size.xreplace(sizes)) for size in node.shape], dtype=object)
        case Add() | MatAdd():
            return sum((of(term) for term in node.args[1:]), of(node.args[0]))
        case MatMul():
            product: Any = None
            scalar: Any = 1
            for factor in node.args:
                if getattr(factor, "is_Matrix", False):
                    right = of(factor)
                    product = right if product is None else product @ right
                else:
                    scalar = scalar * of(factor)
            return scalar * product
        case Mul():
            total: Any = 1
            for factor in node.args:
                total = total * of(factor)
            return total
        case Transpose():
            return np.swapaxes(of(node.arg), -1, -2)
        case Inverse():
            return np.linalg.inv(of(node.arg).astype(float))
        case PseudoInverse():
            return full_rank_inverse(of(node.argument).astype(float))
        case MatPow():
            base, power = of(node.base), int(node.exp)
            base = base if power > 0 else np.linalg.inv(base.astype(float))
            product = base
            for _ in range(abs(power) - 1):
                product = product @ base
            return product
        case Pow():
            return of(node.base) ** int(node.exp)
        case Trace():
            return np.asarray(np.trace(of(node.arg), axis1=-2, axis2=-1))[..., None, None]
        case QuadraticForm() | SpectralTrace():
            return over_eigenvalues(node, matrices, sizes)
        case Symbol():
            return sizes[node]
        case Expr() if node.is_Rational:
            # An integer of SymPy's would turn arrays of doubles into arrays of objects.
            return int(node) if node.is_Integer else node
        case _:
            return matrices[node.name]


def full_rank_inverse(matrix: Any) -> Any:
    """Moore-Penrose inverse of matrices of full rank; of AᵀA with fewer rows in A than columns, by its own means."""
    rows, columns = matrix.shape[-2:]
    flipped = np.swapaxes(matrix, -1, -2)
    if rows == columns:
        return np.linalg.pinv(matrix, rcond=1e-9)
    if rows > columns:
        return np.linalg.solve(flipped @ matrix, flipped)
    return np.swapaxes(np.linalg.solve(matrix @ flipped, matrix), -1, -2)


def over_eigenvalues(node: Any, matrices: Values, sizes: Mapping[Symbol, Any]) -> Any:
    """A sum over the eigenvalues of diagonal covariances."""
    spectrum: Any = node.covariance
    pairs = (
        dict(zip(spectrum.variables, spectrum.members, strict=True))
        if isinstance(spectrum, JointSpectrum)
        else {eigenvalue: spectrum}
    )
    members: dict[Any, Any] = pairs
    columns = {variable: np.diag(matrices[member.name]) for variable, member in members.items()}
    weights: Any = [1] * len(next(iter(columns.values())))
    if isinstance(node, QuadraticForm):
        names = node.target.args if isinstance(node.target, Pairing) else (node.target,) * 2
        first, second = (matrices[str(name)][:, 0] for name in names)
        weights = first * second
    total: Any = 0
    for place, weight in enumerate(weights):
        at = {variable: column[place] for variable, column in columns.items()}
        total += weight * of_scalar(node.summand.subs(sizes).subs(at))
    return np.array([[total]])


def of_scalar(number: Any) -> Any:
    """The number itself: exact if it is rational."""
    return number if number.is_Rational else float(number)
