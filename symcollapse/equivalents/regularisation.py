"""Vanishing ridges in the place of pseudo-inverses and of inverses that have no ridge of their own.

X† = lim (XᵀX/T + μI)⁻¹Xᵀ/T for μ → 0⁺, and XᵀX is inverted as XᵀX + TμI. The scale 1/T makes κ(μ, T) of μ, as of any
ridge. All inverses of one matrix share one μ, so that X†X stays a projection up to O(μ).
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sympy import (
    Basic,
    Expr,
    Gt,
    Identity,
    Inverse,
    Lt,
    MatAdd,
    MatMul,
    MatPow,
    Mul,
    Rel,
    Trace,
    Transpose,
)

from symcollapse.equivalents.families import is_deterministic
from symcollapse.equivalents.linearisation import transposed
from symcollapse.language.errors import Diverges
from symcollapse.language.random_matrices import GaussianDesign, PseudoInverse
from symcollapse.language.symbols import placeholder


class VanishingRidge(NamedTuple):
    """A ridge μ → 0⁺ that was put in."""

    ridge: Expr
    """The symbol μ."""
    matrix: Any
    """The design, or the matrix A of AᵀA + μI, that it belongs to."""
    presupposes: tuple[Any, ...]
    """Relations between sizes without which the inverse does not exist; none for a pseudo-inverse."""


def regularised(expression: Any) -> tuple[Any, tuple[VanishingRidge, ...]]:
    """The expression with vanishing ridges, and these.

    Raises
    ------
    Diverges
        For the inverse of a matrix that is singular at the given sizes.

    Example
    -------
    >>> from symcollapse.language.random_matrices import gaussian_design, pseudo_inverse
    >>> from symcollapse.language.spectra import covariance
    >>> from symcollapse.language.symbols import dimension, samples
    >>> X = gaussian_design("X", samples, covariance("Sigma", dimension))
    >>> regularised(pseudo_inverse(X))[0]
    1/T*(_mu*I + 1/T*X.T*X)**(-1)*X.T
    >>> inverse, (ridge,) = regularised((X.T * X).inverse())
    >>> inverse, ridge.presupposes
    (1/T*(_mu*I + 1/T*X.T*X)**(-1), (T > d,))
    """
    pass_ = _Regularisation()
    prepared = pass_.rewritten(expression)
    ridges = (
        VanishingRidge(ridge, matrix, tuple(dict.fromkeys(pass_.presupposed.get(matrix, ()))))
        for matrix, ridge in pass_.ridges.items()
    )
    return prepared, tuple(ridges)


class _Regularisation:
    """One pass over an expression, with the ridges put in so far."""

    def __init__(self) -> None:
        self.ridges: dict[Any, Expr] = {}
        self.presupposed: dict[Any, list[Any]] = {}

    def rewritten(self, node: Any) -> Any:
        """The expression with vanishing ridges, from the leaves up."""
        if not any(_needs_ridge(part) for part in _parts(node)):
            return node
        if isinstance(node, Trace):
            return Trace(self.rewritten(node.arg))
        arguments = [self.rewritten(argument) for argument in node.args]
        if isinstance(node, PseudoInverse):
            return self._pseudo_inverse(arguments[0])
        if isinstance(node, Inverse | MatPow) and _needs_ridge(node):
            power = int(node.exp)
            inverse = self._inverse(arguments[0])
            return inverse if power == -1 else MatMul(*(inverse,) * -power).doit(deep=False)
        if isinstance(node, MatMul):
            scalars = [argument for argument in arguments if not argument.is_Matrix]
            matrices = [argument for argument in arguments if argument.is_Matrix]
            return MatMul(Mul(*scalars), *matrices).doit(deep=False)
        if isinstance(node, Transpose):
            return transposed(arguments[0])
        if isinstance(node, MatAdd):
            return MatAdd(*arguments).doit(deep=False)
        return node.func(*arguments)

    def _ridge(self, matrix: Any) -> Expr:
        if matrix not in self.ridges:
            self.ridges[matrix] = placeholder(
                "mu" if not self.ridges else f"mu_{len(self.ridges) + 1}"
            )
        return self.ridges[matrix]

    def _pseudo_inverse(self, matrix: Any) -> Any:
        scalar, factors = _scalar_and_factors(matrix)
        if is_deterministic(matrix) and matrix.shape[0] == matrix.shape[1]:
            # Covariances are positive definite.
            return Inverse(matrix)
        if scalar != 1:
            return 1 / scalar * self._pseudo_inverse(MatMul(*factors).doit(deep=False))
        if len(factors) == 1 and isinstance(factors[0], Transpose):
            return transposed(self._pseudo_inverse(factors[0].arg))
        if isinstance(matrix, MatPow) and matrix.exp.is_Integer and _is_symmetric(matrix.base):
            # (Aⁿ)† = (A†)ⁿ for a symmetric A.
            once = self._pseudo_inverse(matrix.base)
            return MatMul(*(once,) * int(matrix.exp)).doit(deep=False)
        if (other := transposed(matrix)) in self.ridges:
            # One ridge for A and Aᵀ.
            return transposed(self._pseudo_inverse(other))
        half = len(factors) // 2
        right = MatMul(*factors[half:]).doit(deep=False)
        if len(factors) % 2 == 0 and _product(factors[:half]) == transposed(right):
            # (AᵀA)† = A†A†ᵀ is of lower degree.
            once = self._pseudo_inverse(right)
            return once * transposed(once)
        samples = matrix.shape[0]
        gram = MatMul(1 / samples, transposed(matrix), matrix).doit(deep=False)
        ridged = gram + self._ridge(matrix) * Identity(matrix.shape[1])
        return 1 / samples * Inverse(ridged) * transposed(matrix)

    def _inverse(self, matrix: Any) -> Any:
        """The inverse of A, which has no deterministic part, with a vanishing ridge."""
        scalar, factors = _scalar_and_factors(matrix)
        before, core, after = _peeled(factors)
        if core and (before or after):
            inverses = [Inverse(factor) for factor in reversed(after)]
            inverses.append(self._inverse(_product(core)))
            inverses += [Inverse(factor) for factor in reversed(before)]
            return MatMul(1 / scalar, *inverses).doit(deep=False)
        if _is_design(matrix):
            # SymPy takes (XᵀX)⁻¹ apart where X is square.
            raise Diverges(_singular(matrix))
        gram = _gram_of(factors)
        if gram is None:
            ridge = self._ridge(matrix)
            return Inverse(matrix + ridge * Identity(matrix.shape[0]))
        design, by_samples = gram
        samples, size = design.shape
        if (samples - size).expand().is_number and not size.is_number:
            raise Diverges(
                f"({matrix})^-1: {samples} and {size} do not grow in proportion, so that there is no limit; "
                "take its expectation"
                if samples != size
                else _singular(matrix)
            )
        self._presuppose(design, Lt(samples, size) if by_samples else Gt(samples, size), matrix)
        scaled = MatMul(1 / samples, *factors).doit(deep=False)
        return (
            1
            / (scalar * samples)
            * Inverse(scaled + self._ridge(design) * Identity(matrix.shape[0]))
        )

    def _presuppose(self, design: GaussianDesign, relation: Any, matrix: Any) -> None:
        if relation == False:  # noqa: E712 - SymPy's false, or a relation
            raise Diverges(_singular(matrix))
        if isinstance(relation, Rel):
            self.presupposed.setdefault(design, []).append(relation)


def _singular(matrix: Any) -> str:
    return f"({matrix})^-1: singular at these sizes, or of infinite mean; take samples unequal to features"


def _parts(node: Basic) -> Iterator[Any]:
    """All parts of an expression, without the laws of its random matrices."""
    yield node
    if not isinstance(node, GaussianDesign):
        for argument in node.args:
            yield from _parts(argument)


def _needs_ridge(node: Any) -> bool:
    """Whether it is a pseudo-inverse, or the inverse of a positive matrix without a deterministic part."""
    if isinstance(node, PseudoInverse):
        return True
    if not isinstance(node, MatPow | Inverse) or not (node.exp.is_Integer and node.exp < 0):
        return False
    _, core, _ = _peeled(_scalar_and_factors(node.base)[1])
    base = _product(core) if core else node.base
    terms = base.args if isinstance(base, MatAdd) else (base,)
    return _is_design(base) or all(
        not is_deterministic(term) and _is_symmetric(term) and not _is_regular(term)
        for term in terms
    )


def _is_regular(term: Any) -> bool:
    """Whether a term is a positive multiple of an inverse, so that it keeps what it is added to regular."""
    scalar, factors = _scalar_and_factors(term)
    return len(factors) == 1 and isinstance(factors[0], Inverse) and bool(scalar.is_positive)


def _is_design(matrix: Any) -> bool:
    return isinstance(matrix.arg if isinstance(matrix, Transpose) else matrix, GaussianDesign)


def _is_symmetric(term: Any) -> bool:
    _, factors = _scalar_and_factors(term)
    return _product(factors) == transposed(_product(factors))


def _scalar_and_factors(matrix: Any) -> tuple[Expr, list[Any]]:
    arguments = matrix.args if isinstance(matrix, MatMul) else (matrix,)
    scalar = Mul(*(argument for argument in arguments if not argument.is_Matrix))
    return scalar, [argument for argument in arguments if argument.is_Matrix]


def _peeled(factors: list[Any]) -> tuple[list[Any], list[Any], list[Any]]:
    """Deterministic factors in front, the random core, and deterministic factors behind."""
    places = [place for place, factor in enumerate(factors) if not is_deterministic(factor)]
    if not places:
        return factors, [], []
    first, last = places[0], places[-1] + 1
    return factors[:first], factors[first:last], factors[last:]


def _product(factors: list[Any]) -> Any:
    return MatMul(*factors).doit(deep=False) if factors else None


def _gram_of(factors: list[Any]) -> tuple[GaussianDesign, bool] | None:
    """(X, False) for XᵀX, (X, True) for XXᵀ."""
    match factors:
        case [Transpose(arg=GaussianDesign() as first), GaussianDesign() as last] if first == last:
            return last, False
        case [GaussianDesign() as first, Transpose(arg=GaussianDesign() as last)] if first == last:
            return first, True
        case _:
            return None
