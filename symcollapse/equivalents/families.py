"""Spaces and their commuting families: deterministic matrices as functions of eigenvalues.

A space is a dimension. All deterministic matrices on it are functions of the covariances of that size, which commute;
each is written as a function of the eigenvalues of those covariances, and its trace is a spectral trace.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Basic, Expr, Identity, Integer, Inverse, MatAdd, MatMul, MatPow, Mul, Transpose
from sympy.matrices.expressions.special import ZeroMatrix

from symcollapse.language.errors import NotSupported
from symcollapse.language.joint_spectra import joint_spectrum
from symcollapse.language.quantities import spectral_trace
from symcollapse.language.random_matrices import GaussianDesign, RandomMatrix
from symcollapse.language.spectra import Covariance, IsotropicSpectrum, Spectrum
from symcollapse.language.symbols import eigenvalue


@dataclass(frozen=True)
class Family:
    """The commuting deterministic matrices of one space."""

    space: Expr
    """Dimension."""
    spectrum: Spectrum | None
    """Joint spectrum of the covariances; isotropic if a design lives here without any; None for samples."""
    variables: Mapping[Covariance, Expr]
    """Eigenvalue symbol of each covariance."""

    @property
    def symbols(self) -> tuple[Expr, ...]:
        """The eigenvalue symbols."""
        return self.spectrum.variables if self.spectrum is not None else ()

    def trace(self, function: Expr) -> Expr:
        """Trace of a function of the family."""
        if self.spectrum is None:
            return self.space * function
        return spectral_trace(function, self.spectrum)

    def covariance(self, design: GaussianDesign) -> Expr:
        """Covariance of a design on this space, as a function of eigenvalues."""
        function = self.function(design.covariance)
        # Isotropic designs keep a variable, so that their traces are degrees of freedom too.
        return function if self.variables else function * eigenvalue

    def function(self, matrix: Basic) -> Expr:
        """A deterministic matrix expression as a function of eigenvalues.

        Raises
        ------
        NotSupported
            For a matrix that is not known to commute with the covariances.
        """
        match matrix:
            case Identity():
                return Integer(1)
            case ZeroMatrix():
                return Integer(0)
            case Covariance():
                return self.variables[matrix]
            case MatAdd():
                return sum((self.function(term) for term in matrix.args), Integer(0))
            case MatMul():
                return Mul(
                    *(
                        self.function(factor) if factor.is_Matrix else factor
                        for factor in matrix.args
                    )
                )
            case Inverse():
                return 1 / self.function(matrix.arg)
            case MatPow() if matrix.exp.is_Rational:
                return self.function(matrix.base) ** matrix.exp
            case Transpose():
                return self.function(matrix.arg)
            case _:
                raise NotSupported(
                    f"{matrix}: not known to commute with the covariances; give a function of covariance(name, "
                    f"{self.space}) matrices, or use it as a vector"
                )


def families_of(expression: Basic) -> dict[Expr, Family]:
    """The families of all feature spaces of an expression, by dimension.

    Example
    -------
    >>> from symcollapse.language.random_matrices import gaussian_design
    >>> from symcollapse.language.spectra import covariance
    >>> families_of(gaussian_design("X", 3, covariance("Sigma", 2)))[Integer(2)].symbols
    (s,)
    """
    families: dict[Expr, Family] = {}
    covariances = sorted(expression.atoms(Covariance), key=lambda matrix: matrix.sort_key())
    for space in dict.fromkeys(matrix.dimension for matrix in covariances):
        members = tuple(matrix for matrix in covariances if matrix.dimension == space)
        spectrum = joint_spectrum(members)
        variables = dict(zip(members, spectrum.variables, strict=True))
        families[space] = Family(space, spectrum, variables)
    for design in sorted(expression.atoms(GaussianDesign), key=lambda matrix: matrix.sort_key()):
        space = design.shape[1]
        families.setdefault(space, Family(space, IsotropicSpectrum(space), {}))
    return families


def is_deterministic(matrix: Basic) -> bool:
    """Whether no random matrix occurs.

    Example
    -------
    >>> is_deterministic(Identity(2))
    True
    """
    return not matrix.has(RandomMatrix)
