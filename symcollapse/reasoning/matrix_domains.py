"""Where an equivalent of a matrix expression is tried: numbers for its sizes, spectra and vectors."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from sympy import Basic, MatrixSymbol, Rational, S, Symbol
from sympy.matrices.expressions.matexpr import MatrixExpr

from symcollapse.equivalents.families import families_of
from symcollapse.language import symbols
from symcollapse.language.domains import GRAIN, Domain, Range
from symcollapse.language.spectra import LevelsSpectrum
from symcollapse.language.targets import ExplicitTarget, truth

MOST_LEVELS = 3
"""Levels of a spectrum."""


@dataclass(frozen=True)
class MatrixDomain(Domain):
    """Ranges of the symbols of a matrix expression, with spectra for its covariances and entries for its vectors.

    Covariances of one size get levels of the same multiplicities, and so one eigenbasis; vectors get coefficients of
    either sign in it.

    Example
    -------
    >>> from sympy import Trace
    >>> from symcollapse.language.spectra import covariance
    >>> Sigma, Omega = covariance("Sigma", 4), covariance("Omega", 4)
    >>> (point,) = MatrixDomain(expression=Trace(Sigma * Omega)).points(1)
    >>> point[Sigma].counts == point[Omega].counts
    True
    """

    expression: Basic = S.Zero
    """The matrix expression."""

    def _draw(self, random: Random) -> tuple[dict[Basic, Basic], Callable[[], dict[Basic, Basic]]]:
        sizes, others = _symbols(self.expression)
        families = families_of(self.expression)
        # Sizes first, as the conditions are about them; features fewer, as each has a coefficient.
        usual = {
            symbol: Range(3, 24, whole=True)
            if symbol in families or symbol == symbols.dimension
            else Range(2, 60, whole=True)
            for symbol in sizes
        } | dict.fromkeys(others, Range(Fraction(1, 100), 3))
        point, surroundings = Domain({**usual, **self.ranges}, isotropic=True)._draw(random)
        point |= surroundings()
        for space, family in families.items():
            size = int(space.xreplace(point))
            levels = min(size, random.randint(2, MOST_LEVELS))
            cuts = sorted(random.sample(range(1, size), levels - 1))
            counts = [b - a for a, b in zip([0, *cuts], [*cuts, size], strict=True)]
            for matrix, variable in family.variables.items():
                values = [Rational(random.randint(1, 500), GRAIN) for _ in counts]
                point[matrix] = LevelsSpectrum(values, counts)
                point[variable] = Rational(random.randint(1, 500), GRAIN)
        for vector in sorted(self.expression.atoms(MatrixSymbol), key=str):
            length = int(vector.shape[0].xreplace(point))
            entries = [
                Rational(random.choice((-1, 1)) * random.randint(1, 300), GRAIN)
                for _ in range(length)
            ]
            point[truth(vector.name)] = ExplicitTarget(entries)
        return point, dict


def _symbols(expression: Basic) -> tuple[list[Symbol], list[Symbol]]:
    """The symbols of an expression: those of sizes, and the others."""
    sizes: set[Symbol] = set()
    for matrix in expression.atoms(MatrixExpr):
        for size in matrix.shape:
            sizes |= {symbol for symbol in size.free_symbols if isinstance(symbol, Symbol)}
    others = {symbol for symbol in expression.free_symbols if isinstance(symbol, Symbol)} - sizes
    return sorted(sizes, key=str), sorted(others, key=str)
