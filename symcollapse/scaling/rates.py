"""Rates of a test error under power laws, as T → ∞: exact exponents of every term, derived from the error's formula.

With λ = T^-ℓ, T₀ = T^b, n·σ₀² = T^a, d = T^q, σ² = T^-ν each term of the error decays as T^-x, times a power of ln T at
a few places, where x is piecewise linear in the exponents. No exponent is typed in: each is read off the formula.

Example
-------
>>> from symcollapse.language.problem_files import read_problem
>>> from symcollapse.theory import test_error
>>> error = test_error(read_problem("power-law", {}))
>>> rates = error_rates(error, Scaling(dimension="3/2"))
>>> rates.at(
...     ridge="1/2", generation_samples=2, generations=0, noise=0, capacity=2, source=1
... ).exponent
3/4
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

from sympy import And, Eq, Expr, Gt, Min, Piecewise, Symbol, oo
from sympy.logic.boolalg import Boolean, Or, false

from symcollapse.language import symbols
from symcollapse.language.errors import NotSupported
from symcollapse.language.problems import Problem
from symcollapse.language.spectra import Covariance, PowerLawSpectrum
from symcollapse.language.targets import SourceTarget, Truth
from symcollapse.scaling.growth import Growth, growth
from symcollapse.scaling.growth_in_cells import Largest, pruned
from symcollapse.scaling.rate_crossovers import Crossover, crossovers
from symcollapse.scaling.rate_optimum import OptimalRidge, optimal_ridges
from symcollapse.scaling.rate_pieces import (
    ErrorTerm,
    Piece,
    decays,
    decided_ties,
    error_terms,
    letters_of,
    levels_of,
    pieces_of,
    sides_of,
    written_relations,
)
from symcollapse.scaling.rate_scalings import Scaling
from symcollapse.scaling.tropical_forms import Form, FormSpace, Item
from symcollapse.scaling.tropical_minima import Branch, branches, minimum
from symcollapse.theory.test_errors import TestError, test_error


@dataclass(frozen=True)
class RateTerm:
    """The decay of one term of the test error in one piece of the scope."""

    name: str
    """Unique, such as ``synthetic 2``."""
    part: str
    """bias, variance or synthetic."""
    formula: Expr
    exponent: Expr
    """x in T^-x; infinite for a term that is zero."""
    logarithm: Boolean
    """Where a factor ln T stands beside it, inside the piece."""


@dataclass(frozen=True)
class RatePiece:
    """The decay of a test error where the levels are in a certain order."""

    scope: Boolean
    """Conditions under which the expressions hold."""
    terms: tuple[RateTerm, ...]
    exponent: Expr
    """The least of the terms' exponents, without terms that are never the least."""
    consistent: Boolean
    """Where the error goes to zero."""
    piece: Piece
    least: tuple[Branch, ...]


@dataclass(frozen=True)
class RateAt:
    """The decay at exponents that are numbers."""

    exponent: Expr
    """x in error ≍ T^-x · (ln T)^logarithms; infinite for an error that is zero."""
    logarithms: int
    dominating: tuple[str, ...]
    """Names of the terms that decay most slowly."""
    terms: tuple[tuple[str, Growth | None], ...]
    """Growth of every term, by its name; None for a term that is zero."""


@dataclass(frozen=True)
class Rates:
    """The decay of a test error with T, over all orders of the levels."""

    error: TestError
    scaling: Scaling
    pieces: tuple[RatePiece, ...]
    """The piece of weak regularisation limits first: that in which ℓ/β is smallest."""
    space: FormSpace
    named: tuple[ErrorTerm, ...]

    @property
    def terms(self) -> tuple[RateTerm, ...]:
        """The terms in the first piece, in which the ridge decides: T^(ℓ/β) is less than T and d."""
        return self.pieces[0].terms

    @property
    def exponent(self) -> Expr:
        """The decay exponent in the first piece."""
        return self.pieces[0].exponent

    @property
    def scope(self) -> Boolean:
        """The conditions of the first piece."""
        return self.pieces[0].scope

    @property
    def consistent(self) -> Boolean:
        """Where in the first piece the error goes to zero."""
        return self.pieces[0].consistent

    @property
    def everywhere(self) -> Expr:
        """The decay exponent over all pieces."""
        return Piecewise(*((piece.exponent, piece.scope) for piece in self.pieces))

    @cached_property
    def crossovers(self) -> tuple[Crossover, ...]:
        """The lines in the first piece on which two terms exchange dominance."""
        return self.crossovers_in(0)

    def crossovers_in(self, number: int) -> tuple[Crossover, ...]:
        """The lines in one of the pieces on which two terms exchange dominance, or one bends."""
        piece = self.pieces[number]
        owners: dict[Form, str] = {}
        for term, largest in zip(self.named, piece.piece.growths, strict=True):
            for form in decays(largest or ()):
                owners.setdefault(form, term.name)
        return crossovers(piece.least, owners, self.space, piece.piece.cells)

    @property
    def boundaries(self) -> tuple[Eq, ...]:
        """The lines on which two pieces meet, such as ℓ/β = 1, beyond which a smaller ridge changes nothing."""
        found: list[Eq] = []
        for i, first in enumerate(self.pieces):
            for second in self.pieces[i + 1 :]:
                turned = first.piece.relations & {
                    (high, low) for low, high in second.piece.relations
                }
                if len(turned) == 1:
                    (relation,) = turned
                    bound = written_relations(frozenset({relation}), frozenset())
                    # A relation that always or never holds is no line.
                    equation = Eq(*bound.args) if bound.args else bound
                    if isinstance(equation, Eq) and not {equation, equation.reversed} & {*found}:
                        found.append(equation)
        return tuple(found)

    @cached_property
    def optimum(self) -> tuple[OptimalRidge, ...]:
        """The ridge exponents of the fastest decay and that decay, one for each order of the other levels.

        Raises
        ------
        NotSupported
            If the tested fit has no ridge, another exponent is written by that of the ridge, or the sign of a slope
            depends on exponents without a number.
        """
        if symbols.ridge not in {letter for each in self.named for letter in letters_of(each)}:
            raise NotSupported("the tested fit has no ridge: no ridge exponent is the best")
        ridge = self.scaling.ridge
        varied = ridge if isinstance(ridge, Symbol) else symbols.ridge_exponent
        for each in fields(self.scaling):
            value = getattr(self.scaling, each.name)
            if each.name != "ridge" and varied in value.free_symbols:
                raise NotSupported(
                    f"{each.name} = {value} moves with the ridge: use another letter"
                )
        if isinstance(ridge, Symbol):
            ties = decided_ties(self.space, sides_of(self.error))
            return optimal_ridges([each.piece for each in self.pieces], self.space, ties)
        return error_rates(self.error, self.scaling.at(ridge=symbols.ridge_exponent)).optimum

    def at(self, **exponents: Any) -> RateAt:
        """The decay at numbers, by the names of the scaling's fields; it holds in all orders of the levels.

        Exact; it is read off the formula anew, not off the expressions.

        Raises
        ------
        InvalidProblem
            If an exponent is left without a number, or T₀ and d grow alike and the problem does not tell which is
            larger.
        OutOfRegime
            If the error was derived for the other side of the dimension.
        """
        scaling = self.scaling.at(**exponents)
        sides = sides_of(self.error)
        found = [(term.name, growth(term.formula, scaling, sides)) for term in self.named]
        largest = max((each for _, each in found if each is not None), default=None)
        names = tuple(name for name, each in found if each is not None and each == largest)
        if largest is None:
            return RateAt(oo, 0, names, tuple(found))
        return RateAt(-largest.exponent, largest.logarithms, names, tuple(found))


def error_rates(problem: Problem | TestError, scaling: Scaling | None = None) -> Rates:
    """The rates of a problem's test error under power laws.

    The problem gives the chain: how many generators, on fresh or shared designs, with T₀ ≥ d or T₀ < d, with or without
    ridge and noise. Its numbers are not used: the scaling replaces them, those of its power law and source too.

    Parameters
    ----------
    problem
        A problem, or its test error.
    scaling
        The exponents; by default all are symbols.

    Raises
    ------
    OutOfRegime
        If the scaling contradicts the side of the dimension that the formulas were derived for.
    Diverges
        If d = ∞ and a sum over the eigenvalues diverges.
    NotSupported
        If the spectrum is no power law or the truth no source target, generators are of several kinds, or growths in
        a denominator compete.

    Example
    -------
    >>> from symcollapse.language.problem_files import read_problem
    >>> clean = read_problem("power-law", {"generations.0.repeat": "0"})
    >>> rates = error_rates(clean, Scaling(dimension=oo))
    >>> rates.exponent, rates.scope
    (Min(2*ell*Min(1, r), nu + 1 - ell/beta), ell/beta <= 1)
    >>> rates.boundaries
    (Eq(ell/beta, 1),)
    """
    _refuse_other_data(problem.problem if isinstance(problem, TestError) else problem)
    error = problem if isinstance(problem, TestError) else test_error(problem)
    chosen = scaling or Scaling()
    return rates_of_terms(error, error_terms(error), chosen)


def rates_of_terms(error: TestError, terms: Sequence[ErrorTerm], scaling: Scaling) -> Rates:
    """Rates of a sum of positive terms that is part of a test error, or was made of one.

    Raises
    ------
    OutOfRegime
        If the scaling contradicts the side of the dimension that the formulas were derived for.

    Example
    -------
    >>> from symcollapse.language.problem_files import read_problem
    >>> error = test_error(read_problem("power-law", {}))
    >>> variance = [term for term in error_terms(error) if term.part == "variance"]
    >>> rates_of_terms(error, variance, Scaling(dimension=oo)).exponent
    nu + 1 - ell/beta
    """
    space = FormSpace.of(scaling, levels_of(terms, scaling))
    pieces = pieces_of(terms, space, sides_of(error))
    ties = decided_ties(space, sides_of(error))
    written = [_written(piece, terms, space, ties) for piece in _ordered(pieces, space)]
    return Rates(error, scaling, tuple(written), space, tuple(terms))


def _refuse_other_data(problem: Problem) -> None:
    """Refuse a spectrum or a truth that the exponents of a scaling say nothing about."""
    spectrum, target = problem.spectrum, problem.target
    if not isinstance(spectrum, PowerLawSpectrum | Covariance):
        raise NotSupported(
            f"spectrum: rates are those of a power law, this is a {type(spectrum).__name__}; give a PowerLawSpectrum"
        )
    if not isinstance(target, SourceTarget | Truth):
        raise NotSupported(
            f"target: rates are those of a source condition, this is a {type(target).__name__}; give a SourceTarget"
        )


def _ordered(pieces: Sequence[Piece], space: FormSpace) -> list[Piece]:
    ridge = space.level("ridge") if "ridge" in space.level_names else None

    def place(piece: Piece) -> int:
        orders = [cell.order for cell in piece.cells]
        return min(order.index(ridge) if ridge in order else 0 for order in orders)

    return sorted(pieces, key=place)


def _written(
    piece: Piece,
    terms: Sequence[ErrorTerm],
    space: FormSpace,
    ties: frozenset[tuple[Item, Item]],
) -> RatePiece:
    written = tuple(
        _term(term, largest, piece, space)
        for term, largest in zip(terms, piece.growths, strict=True)
    )
    forms = [entry for largest in piece.growths if largest for entry in largest]
    least = branches(decays(pruned(forms, space, piece.cells)), space, piece.cells)
    exponents = [branch.written(space) for branch in least]
    return RatePiece(
        scope=written_relations(piece.relations, ties),
        terms=written,
        exponent=Min(*exponents) if exponents else oo,
        consistent=And(*(Gt(each, 0) for each in exponents)),
        piece=piece,
        least=least,
    )


def _term(term: ErrorTerm, largest: Largest | None, piece: Piece, space: FormSpace) -> RateTerm:
    if largest is None:
        return RateTerm(term.name, term.part, term.formula, oo, false)
    exponent = minimum(branches(decays(largest), space, piece.cells), space)
    logarithm = Or(*(condition for _, conditions in largest for condition in conditions))
    return RateTerm(term.name, term.part, term.formula, exponent, logarithm)
