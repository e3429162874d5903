"""Random rational matrix expressions in one or two designs: always defined, and of values of order 1."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from sympy import Expr, Identity, Inverse, MatAdd, MatMul, MatrixSymbol, Rational, Trace, Transpose
from sympy.matrices.expressions.matexpr import MatrixExpr

from symcollapse.language import symbols
from symcollapse.language.random_matrices import (
    gaussian_design,
    gaussian_projection,
    random_matrices,
)
from symcollapse.language.spectra import (
    Covariance,
    IsotropicSpectrum,
    LevelsSpectrum,
    Spectrum,
    covariance,
)

Draw = st.DrawFn

d, T, T2, m = symbols.dimension, *(symbols.generator_symbols(entry)[0] for entry in (1, 2, 3))
SIGMA, OMEGA = covariance("Sigma", d), covariance("Omega", d)
EYE: Any = Identity(d)
U, V = MatrixSymbol("u", d, 1), MatrixSymbol("v", d, 1)

RIDGES = (Rational(1, 2), Rational(1), Rational(2))
WEIGHTS = (Rational(1, 2), Rational(-1, 2), Rational(2), Rational(-1))
ASPECTS = {d: Rational(1), T: Rational(3, 2), T2: Rational(2), m: Rational(3, 4)}
"""Sizes relative to the dimension; all away from each other, as T = d has the largest finite-size errors."""


def two_levels(values: tuple[int, int]) -> Callable[[int], Spectrum]:
    """Half of the eigenvalues at one level, half at the other."""

    def of_size(size: int) -> Spectrum:
        return LevelsSpectrum(values, [size // 2, size - size // 2])

    return of_size


def isotropic(size: int) -> Spectrum:
    return IsotropicSpectrum(size)


SPECTRA: dict[str, dict[Covariance, Callable[[int], Spectrum]]] = {
    "two levels": {SIGMA: two_levels((2, 1)), OMEGA: two_levels((1, 2))},
    "isotropic": {SIGMA: isotropic, OMEGA: isotropic},
    "one of each": {SIGMA: two_levels((2, 1)), OMEGA: isotropic},
}
"""Spectra as functions of the dimension; levels of both covariances are the same halves."""


def unit_vector(size: int) -> list[Rational]:
    """Norm near 1, spread over all directions, in fractions of few figures."""
    return [Rational(round(10_000 / float(size) ** 0.5), 10_000)] * size


def uneven_vector(size: int) -> list[Rational]:
    """Norm near 1, of both signs, not at a right angle to the other vector."""
    signs = [-1 if j % 4 == 3 else 1 for j in range(size)]
    return [sign * each for sign, each in zip(signs, unit_vector(size), strict=True)]


VECTORS: dict[MatrixSymbol, Callable[[int], list[Rational]]] = {U: unit_vector, V: uneven_vector}


@dataclass(frozen=True)
class RandomExpression:
    """A scalar expression, with the spectra that its covariances get."""

    scalar: Expr
    """A trace over d, or a bilinear form, 1 × 1: of order 1, whatever the dimension."""
    matrix: MatrixExpr
    """What the functional is taken of, d × d."""
    spectra_name: str

    @property
    def spectra_of_size(self) -> dict[Covariance, Callable[[int], Spectrum]]:
        """Spectra of the covariances that occur, as functions of the dimension."""
        given = SPECTRA[self.spectra_name]
        return {matrix: given[matrix] for matrix in self.scalar.atoms(Covariance)}

    @property
    def vectors_of_size(self) -> dict[MatrixSymbol, Callable[[int], list[Rational]]]:
        """Coefficients of the vectors that occur, as functions of the dimension."""
        return {vector: VECTORS[vector] for vector in self.scalar.atoms(MatrixSymbol)}

    def spectra(self, size: int) -> dict[Covariance, Spectrum]:
        """Spectra at one dimension."""
        return {matrix: of_size(size) for matrix, of_size in self.spectra_of_size.items()}

    def vectors(self, size: int) -> dict[MatrixSymbol, list[Rational]]:
        """Coefficients at one dimension."""
        return {vector: of_size(size) for vector, of_size in self.vectors_of_size.items()}

    def values(self, size: int) -> dict[Any, int]:
        """Sizes, for a dimension that is a multiple of four."""
        assert size % 4 == 0
        used = self.scalar.free_symbols | {d}
        return {symbol: int(size * ratio) for symbol, ratio in ASPECTS.items() if symbol in used}

    def describe(self) -> str:
        """The expression and its setting, as one can type them again."""
        sizes = ", ".join(f"{name} = {ratio} d" for name, ratio in ASPECTS.items() if name != d)
        laws = ", ".join(
            f"{matrix.name} {matrix.shape}, covariance {matrix.args[2]}"
            for matrix in random_matrices(self.scalar)
        )
        return f"{self.scalar}\n  where {laws or 'nothing is random'}; {sizes}; {self.spectra_name}"

    def __repr__(self) -> str:
        return self.describe()


@dataclass(frozen=True)
class Designs:
    """The random matrices that an expression may be made of."""

    first: Any
    second: Any
    """None for expressions in one design."""
    projection: Any
    """None without random features."""

    def sample_covariances(self) -> list[Any]:
        """X'X/T of each design."""
        designs = [design for design in (self.first, self.second) if design is not None]
        return [design.T * design / design.shape[0] for design in designs]


@st.composite
def designs(draw: Draw, most_designs: int = 2, *, projections: bool = False) -> Designs:
    """One design or two, with a covariance or the identity; a projection where asked for."""
    first = gaussian_design("X", T, draw(st.sampled_from([SIGMA, EYE])))
    second = None
    if most_designs > 1 and draw(st.booleans()):
        second = gaussian_design("Y", T2, draw(st.sampled_from([OMEGA, SIGMA, EYE])))
    projection = gaussian_projection("S", d, m) if projections and draw(st.booleans()) else None
    return Designs(first, second, projection)


@st.composite
def positive_pieces(draw: Draw, over: Designs) -> Any:
    """A positive semi-definite matrix of order 1: Σ, a sample covariance, or one of random features."""
    pieces = [*over.sample_covariances(), SIGMA]
    if over.projection is not None:
        pieces.append(over.projection * over.projection.T / m)
    return draw(st.sampled_from(pieces))


@st.composite
def resolvents(draw: Draw, over: Designs) -> Any:
    """The inverse of a positive definite matrix: of one design, pooled, on the samples' side, of features."""
    ridge = draw(st.sampled_from(RIDGES))
    kinds = ["one", "samples", "general"]
    kinds += ["pooled"] if over.second is not None else []
    kinds += ["features"] if over.projection is not None else []
    sample_covariances = over.sample_covariances()
    match draw(st.sampled_from(kinds)):
        case "one":
            return Inverse(draw(st.sampled_from(sample_covariances)) + ridge * EYE)
        case "pooled":
            return Inverse(MatAdd(*sample_covariances) + ridge * EYE)
        case "samples":
            X, size = over.first, over.first.shape[0]
            return X.T * Inverse(X * X.T / size + ridge * Identity(size)) * X / size
        case "features":
            S: Any = over.projection
            inner = S.T * sample_covariances[0] * S / m + ridge * Identity(m)
            return S * Inverse(inner) * S.T / m
        case _:
            count = draw(st.integers(1, 2))
            pieces = [draw(positive_pieces(over)) for _ in range(count)]
            return Inverse(EYE + MatAdd(*pieces))


@st.composite
def atoms(draw: Draw, over: Designs) -> Any:
    """What sums and products are made of; resolvents most often."""
    if draw(st.integers(0, 2)):
        return draw(resolvents(over))
    return draw(st.one_of(positive_pieces(over), st.just(EYE)))


@st.composite
def matrices(draw: Draw, over: Designs, depth: int = 2, most_factors: int = 3) -> Any:
    """A rational expression, d × d, of a bounded depth."""
    kind = draw(st.sampled_from(["atom", "product", "sum", "transpose", "multiple", "inverse"]))
    if depth == 0 or kind == "atom":
        return draw(atoms(over))
    smaller = matrices(over, depth - 1, most_factors=2)
    match kind:
        case "product":
            count = draw(st.integers(2, most_factors))
            return MatMul(*(draw(smaller) for _ in range(count)))
        case "sum":
            return draw(smaller) + draw(smaller)
        case "transpose":
            return Transpose(draw(smaller)).doit()
        case "multiple":
            return draw(st.sampled_from(WEIGHTS)) * draw(smaller)
        case _:
            # A'A is positive, whatever A.
            inner = draw(smaller)
            return Inverse(EYE + Transpose(inner).doit() * inner)


@st.composite
def random_expressions(
    draw: Draw,
    depth: int = 2,
    most_designs: int = 2,
    most_factors: int = 4,
    *,
    projections: bool = False,
    forms: bool = True,
) -> RandomExpression:
    """A scalar expression with its spectra.

    Parameters
    ----------
    depth
        Of sums, products, transposes and inverses over the resolvents and sample covariances.
    most_designs
        1, or 2 for a second, independent design, and pooled resolvents.
    most_factors
        Of a product at the top; further down there are two.
    projections
        Whether random features may occur.
    forms
        Whether bilinear forms may be taken, besides traces.
    """
    over = draw(designs(most_designs, projections=projections))
    matrix = draw(matrices(over, depth, most_factors))
    if forms and draw(st.booleans()):
        scalar = U.T * matrix * draw(st.sampled_from([U, V]))
    else:
        scalar = Trace(draw(st.sampled_from([EYE, SIGMA])) * matrix) / d
    return RandomExpression(scalar, matrix, draw(st.sampled_from(sorted(SPECTRA))))
