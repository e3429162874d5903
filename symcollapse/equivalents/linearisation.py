"""From a rational matrix expression to its pencil, by block rules.

The expression acts on an unknown vector x, from right to left. What it has made of x so far is a combination of
unknown vectors; the rules are

- a deterministic matrix multiplies the coefficients;
- a sum acts term by term, a product factor by factor;
- a random matrix on a vector is a vector of its own as soon as something else acts on it: y = Xz;
- an inverse of A on c is a vector z with the equation Az = c.

Vectors are kept by what they mean, so that a shared subexpression on the same vector is one vector: XᵀX/T + λI acts
as two unknowns, z and Xz, whatever the number of products around it.
"""

from collections.abc import Mapping
from typing import Any, TypeAlias

from sympy import Add, Expr, Integer, Inverse, MatAdd, MatMul, MatPow, Transpose
from sympy.matrices.expressions.special import ZeroMatrix

from symcollapse.equivalents.families import Family, is_deterministic
from symcollapse.equivalents.pencils import Letter, Node, Pencil
from symcollapse.language.errors import NotSupported
from symcollapse.language.random_matrices import GaussianDesign

Term: TypeAlias = tuple[Letter | None, int]
"""A vector, or a random matrix times a vector."""

Combination: TypeAlias = Mapping[Term, Expr]
"""A linear combination of terms; coefficients of bare vectors may be functions of eigenvalues."""

INPUT = 0
"""Position of the vector x that the expression acts on."""


def linearise(matrix: Any, families: Mapping[Expr, Family]) -> Pencil:
    r"""The pencil of a rational matrix expression.

    Parameters
    ----------
    matrix
        Expression in designs, deterministic matrices of commuting families, sums, products, transposes and inverses.
    families
        The family of each feature space.

    Raises
    ------
    NotSupported
        For a node that is not rational, or does not commute; the message names it.

    Example
    -------
    >>> from sympy import Identity
    >>> from symcollapse.equivalents.families import families_of
    >>> from symcollapse.language.random_matrices import gaussian_design
    >>> from symcollapse.language.spectra import covariance
    >>> from symcollapse.language.symbols import dimension, ridge, samples
    >>> X = gaussian_design("X", samples, covariance("Sigma", dimension))
    >>> resolvent = (X.T * X / samples + ridge * Identity(dimension)).inverse()
    >>> linearise(resolvent, families_of(resolvent)).array()
    Matrix([
    [lambda, X^{\top}/T],
    [    -X,          1]])
    """
    return _Linearisation(families, matrix.shape[1]).pencil(matrix)


class _Linearisation:
    """Nodes and equations, while they are being collected."""

    def __init__(self, families: Mapping[Expr, Family], space: Expr) -> None:
        self.families = families
        self.nodes = [Node(INPUT, space, "x")]
        self.deterministic: dict[tuple[int, int], Expr] = {(INPUT, INPUT): Integer(1)}
        self.random: dict[tuple[int, int], dict[Letter, Expr]] = {}
        self.known: dict[object, int] = {}

    def pencil(self, matrix: Any) -> Pencil:
        result = self.apply(matrix, {(None, INPUT): Integer(1)})
        left = {
            position: coefficient for (_, position), coefficient in self.vectors(result).items()
        }
        kept = self._without_input(left)
        order = {old: new for new, old in enumerate(kept)}
        right = (
            {order[INPUT]: Integer(1)}
            if INPUT in order
            else {
                order[equation]: -entry
                for (equation, unknown), entry in self.deterministic.items()
                if unknown == INPUT != equation
            }
        )
        return Pencil(
            tuple(Node(order[old], self.nodes[old].space, self.nodes[old].meaning) for old in kept),
            {
                (order[equation], order[unknown]): entry
                for (equation, unknown), entry in self.deterministic.items()
                if entry != 0 and equation in order and unknown in order
            },
            {
                (order[equation], order[unknown]): {
                    letter: coefficient
                    for letter, coefficient in letters.items()
                    if coefficient != 0
                }
                for (equation, unknown), letters in self.random.items()
            },
            {order[position]: coefficient for position, coefficient in left.items()},
            right,
            {
                symbol: matrix
                for family in self.families.values()
                for matrix, symbol in family.variables.items()
            },
        )

    def _without_input(self, left: Mapping[int, Expr]) -> list[int]:
        """Positions to keep: x goes to the right-hand side where no random matrix acts on it."""
        used = any(unknown == INPUT for _, unknown in self.random)
        return list(range(0 if used or INPUT in left else 1, len(self.nodes)))

    def apply(self, matrix: Any, to: Combination) -> Combination:
        """What a matrix makes of a combination."""
        if is_deterministic(matrix) and matrix.shape[0] == matrix.shape[1]:
            return self._multiplied(matrix, to)
        match matrix:
            case GaussianDesign():
                return self._letter(Letter(matrix, is_transposed=False), to)
            case Transpose(arg=GaussianDesign() as design):
                return self._letter(Letter(design, is_transposed=True), to)
            case Transpose():
                return self.apply(transposed(matrix.arg), to)
            case ZeroMatrix():
                return {}
            case MatAdd():
                total: Combination = {}
                for term in matrix.args:
                    total = _added(total, self.apply(term, to))
                return total
            case MatMul():
                for factor in reversed(matrix.args):
                    to = self.apply(factor, to) if factor.is_Matrix else _scaled(to, factor)
                return to
            case Inverse():
                return self._inverse(matrix.arg, to)
            case MatPow() if matrix.exp.is_Integer:
                for _ in range(abs(int(matrix.exp))):
                    to = (
                        self.apply(matrix.base, to)
                        if matrix.exp > 0
                        else self._inverse(matrix.base, to)
                    )
                return to
            case _:
                raise NotSupported(
                    f"{matrix}: not a rational expression in designs, covariances and identities "
                    f"({type(matrix).__name__})"
                )

    def _multiplied(self, matrix: Any, to: Combination) -> Combination:
        space = matrix.shape[0]
        family = self.families.get(space, Family(space, None, {}))
        function = family.function(matrix)
        if function.free_symbols & set(family.symbols):
            to = self.vectors(to)
        return _scaled(to, function)

    def _letter(self, letter: Letter, to: Combination) -> Combination:
        result: dict[Term, Expr] = {}
        symbols = set(self._symbols(letter.columns))
        for (_, position), coefficient in self.vectors(to).items():
            if coefficient.free_symbols & symbols:
                result[letter, self._alias(coefficient, position)] = Integer(1)
            else:
                result[letter, position] = coefficient
        return result

    def _symbols(self, space: Expr) -> tuple[Expr, ...]:
        return self.families[space].symbols if space in self.families else ()

    def vectors(self, combination: Combination) -> Combination:
        """The combination with each random matrix times a vector made a vector."""
        result: dict[Term, Expr] = {}
        for (letter, position), coefficient in combination.items():
            place = position if letter is None else self._product(letter, position)
            result = _added(result, {(None, place): coefficient})
        return result

    def _product(self, letter: Letter, position: int) -> int:
        """The vector y = Xz."""
        if (letter, position) not in self.known:
            node = self._new(letter.rows, f"{letter} {self.nodes[position].meaning}")
            self.known[letter, position] = node
            self.deterministic[node, node] = Integer(1)
            self.random[node, position] = {letter: Integer(1)}
        return self.known[letter, position]

    def _alias(self, function: Expr, position: int) -> int:
        """The vector y = f(Σ)z."""
        if (function, position) not in self.known:
            space, meaning = self.nodes[position].space, self.nodes[position].meaning
            node = self._new(space, f"({function}) {meaning}")
            self.known[function, position] = node
            self.deterministic[node, node] = Integer(1)
            self.deterministic[node, position] = -function
        return self.known[function, position]

    def _inverse(self, argument: Any, to: Combination) -> Combination:
        """The vector z with Az = c."""
        key = (argument, tuple(sorted(to.items(), key=str)))
        if key not in self.known:
            rows, columns = argument.shape
            if rows != columns:
                raise NotSupported(f"{Inverse(argument)}: the matrix is not square")
            node = self._new(columns, f"z_{len(self.nodes)}")
            self.known[key] = node
            equation = _added(
                self.apply(argument, {(None, node): Integer(1)}), _scaled(to, Integer(-1))
            )
            for (letter, position), coefficient in equation.items():
                if letter is None:
                    self.deterministic[node, position] = coefficient
                else:
                    letters = self.random.setdefault((node, position), {})
                    letters[letter] = -coefficient
        return {(None, self.known[key]): Integer(1)}

    def _new(self, space: Expr, meaning: str) -> int:
        self.nodes.append(Node(len(self.nodes), space, meaning))
        return len(self.nodes) - 1


def _added(left: Combination, right: Combination) -> dict[Term, Expr]:
    total = dict(left)
    for term, coefficient in right.items():
        total[term] = Add(total.get(term, Integer(0)), coefficient)
    return {term: coefficient for term, coefficient in total.items() if coefficient != 0}


def _scaled(combination: Combination, factor: Expr) -> dict[Term, Expr]:
    return {term: factor * coefficient for term, coefficient in combination.items() if factor != 0}


def transposed(matrix: Any) -> Any:
    """The transpose, carried down to the random matrices.

    Example
    -------
    >>> from symcollapse.language.random_matrices import gaussian_design
    >>> from symcollapse.language.spectra import covariance
    >>> X = gaussian_design("X", 3, covariance("Sigma", 2))
    >>> transposed((X.T * X).inverse() * X.T)
    X*(X.T*X)**(-1)
    """
    match matrix:
        case MatAdd():
            return MatAdd(*(transposed(term) for term in matrix.args))
        case MatMul():
            scalars = [factor for factor in matrix.args if not factor.is_Matrix]
            factors = [transposed(factor) for factor in reversed(matrix.args) if factor.is_Matrix]
            return MatMul(*scalars, *factors)
        case Inverse():
            return Inverse(transposed(matrix.arg))
        case MatPow():
            return MatPow(transposed(matrix.base), matrix.exp)
        case Transpose():
            return matrix.arg
        case _:
            return Transpose(matrix).doit()
