"""Random matrices as SymPy matrix symbols: designs, projections, label noise, and pseudo-inverses.

They go into ordinary SymPy matrix expressions, next to `covariance`, ``Identity``, ``Trace`` and vectors
(``MatrixSymbol("u", d, 1)``). Two symbols of one name and shape are one random matrix; different ones are independent.
"""

from typing import TYPE_CHECKING, Any, ClassVar, Self

from sympy import Basic, Expr, Identity, Integer, MatrixExpr, Mul, Symbol, Transpose
from sympy.matrices.expressions.matmul import MatMul
from sympy.printing.precedence import PRECEDENCE

from symcollapse.language.errors import InvalidProblem
from symcollapse.language.exactness import exact, may_be_positive
from symcollapse.language.spectra import Covariance
from symcollapse.language.symbols import name_symbol


class RandomMatrix(MatrixExpr):
    """A random matrix that is known by its name; abstract. The name is the first argument."""

    if TYPE_CHECKING:
        args: tuple[Any, ...]
    precedence: ClassVar[int] = PRECEDENCE["Atom"]

    @property
    def name(self) -> str:
        """Printed name."""
        return str(self.args[0])

    @property
    def free_symbols(self) -> set[Basic]:
        """Symbols of the size and of the law; the name is not a variable."""
        return set().union(*(argument.free_symbols for argument in self.args[1:]))

    def _entry(self, i: Any, j: Any, **hints: Any) -> Expr:
        del hints
        raise TypeError(f"entry ({i}, {j}) of the random matrix {self.name} has no formula")

    def _sympystr(self, printer: Any) -> str:
        return printer._print(self.args[0])

    def _latex(self, printer: Any) -> str:
        return printer._print(self.args[0])


class GaussianDesign(RandomMatrix):
    """A design X, T × d, with independent rows N(0, Σ); build it with `gaussian_design`."""

    def __new__(cls, name: Symbol, samples: Expr, covariance: Expr) -> Self:
        return super().__new__(cls, name, samples, covariance)

    @property
    def samples(self) -> Expr:
        """Number of rows T."""
        return self.args[1]

    @property
    def covariance(self) -> Any:
        """Covariance Σ of a row: a matrix expression, d × d."""
        return self.args[2]

    @property
    def shape(self) -> tuple[Expr, Expr]:
        """Rows and columns, T × d."""
        return self.samples, self.covariance.shape[0]


class LabelNoise(RandomMatrix):
    """Label noise, T × 1, with independent entries N(0, σ²); build it with `label_noise`."""

    def __new__(cls, name: Symbol, samples: Expr, deviation: Expr) -> Self:
        return super().__new__(cls, name, samples, deviation)

    @property
    def deviation(self) -> Expr:
        """Standard deviation σ of an entry."""
        return self.args[2]

    @property
    def shape(self) -> tuple[Expr, Expr]:
        """Rows and columns, T × 1."""
        return self.args[1], Integer(1)


class PseudoInverse(MatrixExpr):
    """Moore-Penrose inverse A† = lim (AᵀA + μI)⁻¹Aᵀ for μ → 0⁺; build it with `pseudo_inverse`."""

    if TYPE_CHECKING:
        args: tuple[Any, ...]

    def __new__(cls, argument: Any) -> Self:
        return super().__new__(cls, argument)

    @property
    def argument(self) -> Any:
        """The matrix A."""
        return self.args[0]

    @property
    def shape(self) -> tuple[Expr, Expr]:
        """That of Aᵀ."""
        rows, columns = self.argument.shape
        return columns, rows

    def _entry(self, i: Any, j: Any, **hints: Any) -> Expr:
        del hints
        raise TypeError(f"entry ({i}, {j}) of {self} has no formula")

    def _eval_transpose(self) -> MatrixExpr:
        return PseudoInverse(self.argument.T)

    def _sympystr(self, printer: Any) -> str:
        return f"pinv({printer._print(self.argument)})"

    def _latex(self, printer: Any) -> str:
        inside = printer._print(self.argument)
        return (
            rf"{inside}^{{\dagger}}"
            if self.argument.is_Atom
            else rf"\left({inside}\right)^{{\dagger}}"
        )


def _size(value: Any, key: str) -> Expr:
    size = exact(value)
    if not may_be_positive(size) or size.is_integer is False:
        raise InvalidProblem(f"{key} = {size}: give an integer >= 1, or a symbol for one")
    return size


def is_scaled_identity(matrix: Any) -> bool:
    """Whether a matrix expression is a number times ``Identity``.

    Example
    -------
    >>> is_scaled_identity(2 * Identity(3))
    True
    """
    if isinstance(matrix, MatMul):
        return all(not factor.is_Matrix or isinstance(factor, Identity) for factor in matrix.args)
    return isinstance(matrix, Identity)


def gaussian_design(name: str, samples: Any, covariance: Any) -> GaussianDesign:
    """Gaussian design X: T independent rows N(0, Σ).

    Parameters
    ----------
    name
        Printed name; another name is an independent design.
    samples
        Number of rows T, an integer or a symbol.
    covariance
        Σ, d × d: a `covariance`, or a number times ``Identity(d)``, or a product or sum of such.

    Raises
    ------
    InvalidProblem
        If a size is not a positive integer, or Σ is not a square matrix expression.

    Example
    -------
    >>> from symcollapse.language.spectra import covariance
    >>> from symcollapse.language.symbols import dimension, samples
    >>> X = gaussian_design("X", samples, covariance("Sigma", dimension))
    >>> X.T * X / samples
    1/T*X.T*X
    >>> X.shape
    (T, d)
    """
    size = _size(samples, "samples")
    if not isinstance(covariance, MatrixExpr) or covariance.shape[0] != covariance.shape[1]:
        raise InvalidProblem(
            f"covariance of {name} = {covariance}: give covariance('Sigma', d) or Identity(d)"
        )
    for atom in covariance.atoms(RandomMatrix):
        raise InvalidProblem(f"covariance of {name}: {atom} is random; give a deterministic matrix")
    return GaussianDesign(name_symbol(name), size, covariance)


def gaussian_projection(name: str, features: Any, width: Any) -> Any:
    """Gaussian projection S, features × width, with independent entries N(0, 1).

    Random features are ``X*S``; divide by ``sqrt(width)`` for entries of variance 1/width.

    Example
    -------
    >>> from symcollapse.language.symbols import dimension
    >>> gaussian_projection("S", dimension, 50).shape
    (d, 50)
    """
    size = _size(features, "features")
    return Transpose(GaussianDesign(name_symbol(name), _size(width, "width"), Identity(size)))


def label_noise(name: str, samples: Any, deviation: Any) -> LabelNoise:
    """Label noise E of a sample: independent entries N(0, σ²), independent of every design.

    Parameters
    ----------
    name
        Printed name; another name is an independent noise.
    samples
        Number of entries T.
    deviation
        Standard deviation σ.

    Example
    -------
    >>> from symcollapse.language.symbols import noise, samples
    >>> label_noise("E", samples, noise).shape
    (T, 1)
    """
    return LabelNoise(name_symbol(name), _size(samples, "samples"), exact(deviation))


def pseudo_inverse(matrix: Any) -> Any:
    """Moore-Penrose inverse of a matrix expression: minimum-norm least squares is ``pseudo_inverse(X)*Y``.

    Example
    -------
    >>> from symcollapse.language.spectra import covariance
    >>> from symcollapse.language.symbols import dimension, samples
    >>> X = gaussian_design("X", samples, covariance("Sigma", dimension))
    >>> pseudo_inverse(X) * X
    pinv(X)*X
    """
    if not isinstance(matrix, MatrixExpr):
        raise InvalidProblem(f"pseudo_inverse of {matrix}: give a matrix expression")
    scalar, rest = matrix.as_coeff_mmul() if isinstance(matrix, MatMul) else (Integer(1), matrix)
    return Mul(1 / scalar, 1) * PseudoInverse(rest) if scalar != 1 else PseudoInverse(matrix)


def random_matrices(expression: Basic) -> tuple[RandomMatrix, ...]:
    """The random matrices of an expression, in order of their names.

    Example
    -------
    >>> from symcollapse.language.spectra import covariance
    >>> X = gaussian_design("X", 3, covariance("Sigma", 2))
    >>> random_matrices(X.T * X)
    (X,)
    """
    return tuple(sorted(expression.atoms(RandomMatrix), key=lambda matrix: matrix.sort_key()))


def deterministic_matrices(expression: Basic) -> tuple[Covariance, ...]:
    """The covariances that an expression or the laws of its designs are made of, in order of their names.

    Example
    -------
    >>> from symcollapse.language.spectra import covariance
    >>> deterministic_matrices(gaussian_design("X", 3, covariance("Sigma", 2)))
    (Sigma,)
    """
    return tuple(sorted(expression.atoms(Covariance), key=lambda matrix: matrix.sort_key()))
