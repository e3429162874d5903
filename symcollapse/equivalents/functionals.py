"""Scalar functionals of random matrices: traces and bilinear forms, with the label noise averaged out.

A trace or a 1 × 1 matrix is a sum of products of *functionals*: tr Q, or uᵀQv for two vectors, with Q free of
vectors. Sums that hold no vector stay together, so that one pencil serves them all. Label noise is averaged exactly:
by Isserlis' rule the expectation of a product of noises is the sum over all pairings, and E[εεᵀ] = σ²I.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sympy import (
    Basic,
    Expr,
    Identity,
    Integer,
    MatAdd,
    MatMul,
    MatPow,
    MatrixSymbol,
    Mul,
    Trace,
    Transpose,
)

from symcollapse.equivalents.linearisation import transposed
from symcollapse.language.errors import NotSupported
from symcollapse.language.random_matrices import LabelNoise


@dataclass(frozen=True)
class Functional:
    """The trace tr Q, or the bilinear form uᵀQv."""

    operator: Any
    """The matrix expression Q, free of vectors."""
    left: Any = None
    """The vector u; None for a trace."""
    right: Any = None
    """The vector v; None for a trace."""
    is_matrix: bool = False
    """Whether Q itself is meant, in all its directions, rather than its trace."""

    @property
    def is_trace(self) -> bool:
        """Whether it is tr Q, so that the factors of Q may be turned."""
        return self.left is None and not self.is_matrix

    @property
    def expression(self) -> Expr:
        """The functional as a SymPy trace."""
        if self.left is None:
            return Trace(self.operator)
        return Trace(self.left.T * self.operator * self.right)


Product: TypeAlias = tuple[Expr, tuple[Functional, ...]]
"""A number times a product of functionals."""

Word: TypeAlias = tuple[Expr, tuple[Any, ...]]
"""A number times a product of matrices; each holds no vector, or is one."""


def functionals_of(leaf: Basic) -> tuple[Product, ...]:
    """A trace, or a 1 × 1 matrix, as a sum of products of functionals, with equal ones collected.

    Raises
    ------
    NotSupported
        For a vector or a trace inside an inverse.

    Example
    -------
    >>> from symcollapse.language.random_matrices import label_noise
    >>> from symcollapse.language.symbols import noise
    >>> noise_vector = label_noise("E", 3, noise)
    >>> functionals_of(noise_vector.T * noise_vector)
    ((sigma**2, (Functional(operator=I, left=None, right=None, is_matrix=False),)),)
    """
    matrix = leaf.arg if isinstance(leaf, Trace) else leaf
    products: list[Product] = []
    for coefficient, factors in _words(matrix):
        segments = _segments(factors)
        if segments is None:
            products.append((coefficient, (Functional(_product(factors)),)))
        else:
            products.extend(
                (coefficient * weight, functionals) for weight, functionals in _paired(segments)
            )
    return _collected(products)


def _is_vector(matrix: Basic) -> bool:
    return isinstance(matrix, LabelNoise) or (
        isinstance(matrix, MatrixSymbol) and matrix.shape[1] == 1
    )


def _holds_vector(matrix: Basic) -> bool:
    return any(_is_vector(atom) for atom in matrix.atoms(LabelNoise, MatrixSymbol))


def _words(matrix: Basic) -> list[Word]:
    """The matrix as a sum of words; sums without vectors or traces are one factor."""
    if not (_holds_vector(matrix) or matrix.has(Trace)):
        return [(Integer(1), (matrix,))]
    match matrix:
        case MatrixSymbol() | LabelNoise():
            return [(Integer(1), (matrix,))]
        case MatAdd():
            return [word for term in matrix.args for word in _words(term)]
        case MatMul():
            words: list[Word] = [(Integer(1), ())]
            for factor in matrix.args:
                parts: list[Word] = _words(factor) if factor.is_Matrix else [(factor, ())]
                words = [(a * b, (*left, *right)) for a, left in words for b, right in parts]
            return words
        case Transpose():
            return [
                (coefficient, tuple(transposed(factor) for factor in reversed(factors)))
                for coefficient, factors in _words(matrix.arg)
            ]
        case MatPow() if matrix.exp.is_Integer and matrix.exp > 0:
            return _words(MatMul(*(matrix.base,) * int(matrix.exp), evaluate=False))
        case _:
            raise NotSupported(
                f"{matrix}: a vector or a trace inside {type(matrix).__name__}; write it with these outside of inverses"
            )


Segment: TypeAlias = tuple[Any, Any, Any]
"""uᵀQv as (u, Q, v)."""


def _segments(factors: Sequence[Any]) -> list[Segment] | None:
    """A closed word, cut where its dimension is 1; None for a word without vectors."""
    cuts = [place for place, factor in enumerate(factors) if factor.shape[0] == 1]
    if not cuts:
        return None
    turned = (*factors[cuts[0] :], *factors[: cuts[0]])
    segments: list[Segment] = []
    start = 0
    for end, factor in enumerate(turned, start=1):
        if factor.shape[1] == 1:
            if end - start < 2:
                raise NotSupported(f"{factor}: a 1 x 1 matrix of its own; take its only entry")
            first, *inner, last = turned[start:end]
            segments.append((transposed(first), _product(inner) or Identity(last.shape[0]), last))
            start = end
    return segments


def _product(factors: Sequence[Any]) -> Any:
    return MatMul(*factors).doit() if factors else None


def _paired(segments: Sequence[Segment]) -> Iterator[Product]:
    """The expectation over the label noise: all pairings of equal noises."""
    ends = [
        (place, side)
        for place, segment in enumerate(segments)
        for side in (0, 2)
        if isinstance(segment[side], LabelNoise)
    ]
    for pairs in _pairings(ends):
        weight: Expr = Integer(1)
        partner: dict[tuple[int, int], tuple[int, int]] = {}
        for one, other in pairs:
            first, second = segments[one[0]][one[1]], segments[other[0]][other[1]]
            if first != second:
                break
            weight *= first.deviation**2
            partner |= {one: other, other: one}
        else:
            yield weight, _chains(segments, partner)


def _pairings(ends: Sequence[tuple[int, int]]) -> Iterator[list[Any]]:
    if not ends:
        yield []
        return
    first, *rest = ends
    for place, other in enumerate(rest):
        for pairs in _pairings([*rest[:place], *rest[place + 1 :]]):
            yield [(first, other), *pairs]


def _chains(
    segments: Sequence[Segment], partner: dict[tuple[int, int], tuple[int, int]]
) -> tuple[Functional, ...]:
    """What the segments become when paired ends are joined: open chains and closed loops."""
    left = set(range(len(segments)))
    found: list[Functional] = []

    def follow(place: int, side: int) -> tuple[list[Any], Any]:
        """Operators from an end on, and the vector at the other end; None for a loop."""
        operators: list[Any] = []
        start = (place, side)
        while True:
            left.discard(place)
            operator = segments[place][1]
            operators.append(operator if side == 0 else transposed(operator))
            far = (place, 2 - side)
            if far not in partner:
                return operators, segments[place][2 - side]
            place, side = partner[far]
            if (place, side) == start:
                return operators, None

    for place, segment in enumerate(segments):
        for side in (0, 2):
            if place in left and (place, side) not in partner:
                operators, other = follow(place, side)
                found.append(_bilinear(segment[side], operators, other))
    while left:
        operators, _ = follow(min(left), 0)
        found.append(Functional(_product(operators)))
    return tuple(found)


def _bilinear(left: Any, operators: Sequence[Any], right: Any) -> Functional:
    operator = _product(operators)
    if right.sort_key() < left.sort_key():
        left, right, operator = right, left, transposed(operator)
    return Functional(operator, left, right)


def _collected(products: Sequence[Product]) -> tuple[Product, ...]:
    """Single functionals of the same kind added up, so that each kind needs one pencil."""
    sums: dict[tuple[Any, Any, Any], list[Any]] = {}
    others: list[Product] = []
    for coefficient, functionals in products:
        if len(functionals) == 1 and not coefficient.has(Trace):
            (only,) = functionals
            space = only.operator.shape[0]
            sums.setdefault((only.left, only.right, space), []).append((coefficient, only.operator))
        else:
            others.append((coefficient, functionals))
    collected: list[Product] = []
    for (left, right, _), terms in sums.items():
        if len(terms) == 1:
            ((coefficient, operator),) = terms
            collected.append((coefficient, (Functional(operator, left, right),)))
        else:
            operator = MatAdd(*(Mul(coefficient, 1) * operator for coefficient, operator in terms))
            collected.append((Integer(1), (Functional(operator.doit(), left, right),)))
    return (*collected, *others)
