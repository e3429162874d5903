"""Matrix expressions at one draw of exact numbers: every size a small integer, every entry a rational.

An identity between rational matrix expressions that fails, fails at almost every draw; one that holds, holds exactly.
Sizes are told apart by their names, so that a product of matrices that only fit by accident does not pass.
"""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import product
from math import isqrt
from random import Random
from typing import Any, TypeAlias

from flint import fmpq, fmpq_mat
from sympy import (
    Add,
    Basic,
    Expr,
    Identity,
    Integer,
    Inverse,
    MatAdd,
    MatMul,
    MatPow,
    MatrixSymbol,
    Max,
    Min,
    Mul,
    Pow,
    Rational,
    Symbol,
    Trace,
    Transpose,
)
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.matrices.expressions.special import ZeroMatrix

from symcollapse.equivalents.pencils import Pencil
from symcollapse.language.errors import NotEvaluable
from symcollapse.language.quantities import SpectralTrace
from symcollapse.language.random_matrices import GaussianDesign, LabelNoise, PseudoInverse
from symcollapse.language.spectra import Covariance
from symcollapse.language.symbols import eigenvalue

Rationals: TypeAlias = Any
"""An ``fmpq`` or an ``fmpq_mat``; python-flint ships no types."""

FIVE_POINTS = (
    (fmpq(0), fmpq(1, 2)),
    (fmpq(1), fmpq(1, 6)),
    (fmpq(-1), fmpq(1, 6)),
    (fmpq(2), fmpq(1, 12)),
    (fmpq(-2), fmpq(1, 12)),
)
"""A law with the moments 0, 1, 0, 3, 0 of N(0, 1), as (value, probability)."""

MOST_OUTCOMES = 4000
"""Outcomes of the noise over which an expectation is summed."""


class ExactDraw:
    """Numbers for the sizes, symbols and matrices of expressions, drawn when they are first met.

    Parameters
    ----------
    random
        The stream.
    small
        Sizes that are to get the smallest integers.
    sizes
        Integers for the symbols of sizes, and rationals for letters that are not to be drawn. No size is drawn if it is
        given.
    draws_noise
        Whether label noise is a vector like any other, so that an identity has to hold for every noise.

    Example
    -------
    >>> from symcollapse.language.spectra import covariance
    >>> Sigma = covariance("Sigma", 300)
    >>> draw = ExactDraw(Random(1))
    >>> draw.matrix(Sigma * Sigma.inverse()) == draw.matrix(Identity(300))
    True
    """

    def __init__(
        self,
        random: Random,
        small: tuple[Expr, ...] = (),
        *,
        sizes: Mapping[Symbol, Any] | None = None,
        draws_noise: bool = False,
    ) -> None:
        self._random = random
        self._given = sizes
        self._draws_noise = draws_noise
        self._sizes: dict[Basic, int] = {Integer(1): 1}
        self._free = [2, 3, 4, 5]
        random.shuffle(self._free)
        self._free += [6, 7, 8, 9, 10]
        for place, space in enumerate(small):
            self._sizes[space] = 2 + place
            self._free.remove(2 + place)
        self._numbers: dict[Basic, Rationals] = {
            symbol: fmpq(int(value.numerator), int(value.denominator))
            for symbol, value in (sizes or {}).items()
        }
        self._matrices: dict[Basic, Rationals] = {}

    def size(self, space: Basic) -> int:
        """The integer that a dimension is given."""
        if self._given is not None:
            return int(self.number(space).p)
        if space not in self._sizes:
            if not self._free:
                raise NotEvaluable("more than nine sizes: this judge draws no more")
            self._sizes[space] = self._free.pop(0)
        return self._sizes[space]

    def matrix(self, node: Any) -> Rationals:
        """The value of a matrix expression.

        Raises
        ------
        NotEvaluable
            For a node that is not rational.
        ZeroDivisionError
            If an inverse does not exist at this draw.
        """
        if node not in self._matrices:
            self._matrices[node] = self._matrix(node)
        return self._matrices[node]

    def _matrix(self, node: Any) -> Rationals:
        rows, columns = (self.size(space) for space in node.shape)
        match node:
            case Identity():
                return self._diagonal([fmpq(1)] * rows)
            case ZeroMatrix():
                return fmpq_mat(rows, columns)
            case Covariance():
                return self._diagonal([self._positive() for _ in range(rows)])
            case LabelNoise() if not self._draws_noise:
                raise NotEvaluable(f"{node}: noise is averaged, not drawn")
            case GaussianDesign() | LabelNoise() | MatrixSymbol():
                entries = [self._random.randint(-9, 9) for _ in range(rows * columns)]
                return fmpq_mat(rows, columns, entries)
            case MatAdd():
                total = fmpq_mat(rows, columns)
                for term in node.args:
                    total = total + self.matrix(term)
                return total
            case MatMul():
                value: Rationals = self._diagonal([fmpq(1)] * rows)
                scalar = fmpq(1)
                for factor in node.args:
                    if not factor.is_Matrix:
                        scalar *= self.number(factor)
                    else:
                        value = value * self.matrix(factor)
                return scalar * value
            case Transpose():
                return self.matrix(node.arg).transpose()
            case Inverse():
                return self.matrix(node.arg).inv()
            case PseudoInverse():
                return _pseudo_inverse(self.matrix(node.argument))
            case MatPow() if node.exp.is_Integer:
                base = self.matrix(node.base)
                base = base if node.exp > 0 else base.inv()
                value = self._diagonal([fmpq(1)] * rows)
                for _ in range(abs(int(node.exp))):
                    value = value * base
                return value
            case _:
                raise NotEvaluable(f"{node}: {type(node).__name__} has no exact value here")

    def number(self, node: Any) -> Rationals:
        """The value of a scalar expression; symbols are squares, so that their roots are rational.

        Raises
        ------
        NotEvaluable
            For a number that is not rational.
        """
        match node:
            case Rational():
                return fmpq(int(node.p), int(node.q))
            case Symbol():
                if node not in self._numbers:
                    self._numbers[node] = self._positive() ** 2
                return self._numbers[node]
            case Trace():
                value = self.matrix(node.arg)
                return sum((value[n, n] for n in range(value.nrows())), fmpq(0))
            case SpectralTrace():
                value = self.matrix(node.covariance)
                levels = [value[n, n] for n in range(value.nrows())]
                rules = [{eigenvalue: Rational(int(each.p), int(each.q))} for each in levels]
                return sum((self.number(node.summand.xreplace(rule)) for rule in rules), fmpq(0))
            case MatrixElement():
                return self.matrix(node.parent)[int(node.i), int(node.j)]
            case _ if getattr(node, "is_Matrix", False) and node.shape == (1, 1):
                return self.matrix(node)[0, 0]
            case Add():
                return sum((self.number(term) for term in node.args), fmpq(0))
            case Mul():
                value = fmpq(1)
                for factor in node.args:
                    value *= self.number(factor)
                return value
            case Max() | Min():
                values = [self.number(argument) for argument in node.args]
                return max(values) if isinstance(node, Max) else min(values)
            case Pow() if node.exp.is_Integer:
                return self.number(node.base) ** int(node.exp)
            case Pow() if (2 * node.exp).is_Integer:
                return _root(self.number(node.base)) ** int(2 * node.exp)
            case _:
                raise NotEvaluable(f"{node}: {type(node).__name__} has no exact value here")

    def averaged(self, node: Any) -> Rationals:
        """The expectation of a scalar over its label noise, outcome by outcome.

        A law that takes a few values stands in for the normal one: it has the same moments up to the degree of the
        expression in the noise. Up to degree 3 the second differences along the axes are enough.

        Raises
        ------
        NotEvaluable
            For a degree above 5, or too many outcomes.
        """
        noises = sorted(node.atoms(LabelNoise), key=lambda noise: noise.sort_key())
        lengths = [self.size(noise.shape[0]) for noise in noises]
        self.number(node.xreplace({noise: ZeroMatrix(*noise.shape) for noise in noises}))
        known = dict(self._matrices)
        total = fmpq(0)
        for weight, outcome in _outcomes(sum(lengths), noise_degree(node)):
            self._matrices = dict(known)
            start = 0
            for noise, length in zip(noises, lengths, strict=True):
                deviation = self.number(noise.deviation)
                entries = [deviation * value for value in outcome[start : start + length]]
                self._matrices[noise] = fmpq_mat(length, 1, entries)
                start += length
            total += weight * self.number(node)
        self._matrices = known
        return total

    def pencil(self, pencil: Pencil) -> Rationals:
        """The combination left · L⁻¹ · right of blocks of a pencil's inverse.

        Raises
        ------
        ZeroDivisionError
            If the pencil is singular at this draw.
        """
        sizes = [self.size(node.space) for node in pencil.nodes]
        starts = [sum(sizes[:n]) for n in range(len(sizes))]
        whole = fmpq_mat(sum(sizes), sum(sizes))
        for (row, column), function in pencil.deterministic.items():
            _add(whole, starts[row], starts[column], self._function(function, row, pencil))
        for (row, column), letters in pencil.random.items():
            for letter, coefficient in letters.items():
                block = self.matrix(letter.design)
                block = block.transpose() if letter.is_transposed else block
                _add(whole, starts[row], starts[column], -self.number(coefficient) * block)
        out, into = (sizes[next(iter(side))] for side in (pencil.left, pencil.right))
        left, right = fmpq_mat(out, sum(sizes)), fmpq_mat(sum(sizes), into)
        for position, function in pencil.left.items():
            _add(left, 0, starts[position], self._function(function, position, pencil))
        for position, function in pencil.right.items():
            _add(right, starts[position], 0, self._function(function, position, pencil))
        return left * whole.solve(right)

    def _function(self, function: Expr, position: int, pencil: Pencil) -> Rationals:
        """A function of the deterministic matrices on the space of a vector."""
        space = pencil.nodes[position].space
        values = {
            symbol: self.matrix(matrix)
            for symbol, matrix in pencil.matrices.items()
            if matrix.shape[0] == space
        }
        entries = []
        for n in range(self.size(space)):
            rule = {
                symbol: Rational(int(value[n, n].p), int(value[n, n].q))
                for symbol, value in values.items()
            }
            entries.append(self.number(function.xreplace(rule)))
        return self._diagonal(entries)

    def _positive(self) -> Rationals:
        return fmpq(self._random.randint(1, 19), self._random.randint(1, 19))

    @staticmethod
    def _diagonal(entries: list[Rationals]) -> Rationals:
        value = fmpq_mat(len(entries), len(entries))
        for n, entry in enumerate(entries):
            value[n, n] = entry
        return value


def noise_degree(node: Any) -> int:
    """Degree of an expression as a polynomial in its label noise.

    Example
    -------
    >>> from symcollapse.language.random_matrices import label_noise
    >>> from symcollapse.language.symbols import noise
    >>> E = label_noise("E", 3, noise)
    >>> noise_degree(Trace(E * E.T) ** 2)
    4
    """
    match node:
        case LabelNoise():
            return 1
        case Add() | MatAdd():
            return max(map(noise_degree, node.args))
        case Pow() | MatPow() if node.exp.is_Integer and node.exp > 0:
            return noise_degree(node.base) * int(node.exp)
        case _:
            return sum(map(noise_degree, node.args))


def _outcomes(length: int, degree: int) -> Iterator[tuple[Rationals, list[Rationals]]]:
    """Weights and vectors of noise with which a polynomial of that degree has its mean under N(0, 1)."""
    if degree <= 3:
        # Odd parts cancel, and what mixes two entries is 0 on the axes as it is in the mean.
        yield fmpq(1 - length), [fmpq(0)] * length
        for place in range(length):
            for sign in (1, -1):
                yield fmpq(1, 2), [fmpq(sign * (n == place)) for n in range(length)]
        return
    if degree > 5 or len(FIVE_POINTS) ** length > MOST_OUTCOMES:
        raise NotEvaluable(f"{length} entries of noise, to the power {degree}: too many")
    for outcome in product(FIVE_POINTS, repeat=length):
        weight = fmpq(1)
        for _, probability in outcome:
            weight *= probability
        yield weight, [value for value, _ in outcome]


def _pseudo_inverse(matrix: Rationals) -> Rationals:
    """Moore-Penrose inverse of any rational matrix, by A = BC with B of full column rank, C of full row rank."""
    reduced, rank = matrix.rref()
    if rank == 0:
        return fmpq_mat(matrix.ncols(), matrix.nrows())
    rows = [[reduced[i, j] for j in range(matrix.ncols())] for i in range(rank)]
    pivots = [next(j for j, entry in enumerate(row) if entry != 0) for row in rows]
    right = fmpq_mat(rank, matrix.ncols(), [entry for row in rows for entry in row])
    left = fmpq_mat(
        matrix.nrows(), rank, [matrix[i, j] for i in range(matrix.nrows()) for j in pivots]
    )
    across, down = right.transpose(), left.transpose()
    return across * (right * across).inv() * (down * left).inv() * down


def _add(whole: Rationals, row: int, column: int, block: Rationals) -> None:
    for i in range(block.nrows()):
        for j in range(block.ncols()):
            whole[row + i, column + j] = whole[row + i, column + j] + block[i, j]


def _root(number: Rationals) -> Rationals:
    fraction = Fraction(int(number.p), int(number.q))
    above, below = isqrt(abs(fraction.numerator)), isqrt(fraction.denominator)
    if Fraction(above, below) ** 2 != fraction:
        raise NotEvaluable(f"the root of {fraction} is not rational")
    return fmpq(above, below)
