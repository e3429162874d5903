"""A formula as a number: one walk over the expression, for any arithmetic.

The walk visits every distinct subexpression once. An arithmetic supplies the four operations, sums over
eigenvalues and the root that defines the effective ridge; everything else is shared.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, Generic, Self, TypeVar

from sympy import (
    Add,
    Basic,
    Expr,
    Integer,
    Integral,
    Mul,
    NumberSymbol,
    Piecewise,
    Pow,
    Product,
    Rational,
    Sum,
    Symbol,
    exp,
    log,
    oo,
)
from sympy.core.numbers import Infinity, NegativeInfinity

from symcollapse.evaluation.arb_parts import compiled_part
from symcollapse.evaluation.special_functions import is_special, operands
from symcollapse.language.abbreviations import Abbreviation
from symcollapse.language.coupled_ridges import CoupledSystem, CoupledUnknown
from symcollapse.language.effective_ridges import (
    EffectiveRidge,
    GuardedSize,
    ResidualDegreesOfFreedom,
)
from symcollapse.language.errors import Diverges, NotEvaluable
from symcollapse.language.exactness import is_number
from symcollapse.language.joint_spectra import JointSpectrum, listed_eigenvalues
from symcollapse.language.quantities import (
    DegreesOfFreedom,
    QuadraticForm,
    Quantity,
    SpectralTrace,
)
from symcollapse.language.spectra import (
    Covariance,
    ExplicitSpectrum,
    IsotropicSpectrum,
    LevelsSpectrum,
    Spectrum,
)
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.symbols import index
from symcollapse.language.targets import Target, UniformTarget
from symcollapse.language.unfolding import joint_level_weights, level_values, level_weights

N = TypeVar("N")

MOST_LEVELS = 10**6
"""Distinct eigenvalues that are summed one by one; memory and time grow with their number."""


class Evaluator(ABC, Generic[N]):
    """A walk over expressions in one arithmetic; abstract.

    Numbers of the arithmetic are scalars, or columns with one entry for each distinct eigenvalue.

    Parameters
    ----------
    values
        Numbers of the free symbols.
    """

    def __init__(self, values: Mapping[Symbol, N]) -> None:
        self._values = dict(values)
        self._memo: dict[tuple[Basic, Basic | None], N] = {}
        self._columns: dict[Basic, dict[Basic, N]] = {}
        self._shares: dict[tuple[Basic, Basic], N] = {}
        self._solutions: dict[CoupledSystem, tuple[N, ...]] = {}

    def extended(self, values: Mapping[Symbol, N]) -> Self:
        """A walk in which further symbols have numbers; it takes over columns and solutions known so far."""
        other = type(self)({**self._values, **values})
        other._columns = {
            spectrum: columns
            for spectrum, columns in self._columns.items()
            if not spectrum.free_symbols & values.keys()
        }
        other._shares = {
            key: share
            for key, share in self._shares.items()
            if not (key[0].free_symbols | key[1].free_symbols) & values.keys()
        }
        other._solutions = {
            system: solution
            for system, solution in self._solutions.items()
            if not system.free_symbols & values.keys()
        }
        return other

    @abstractmethod
    def rational(self, number: Rational) -> N:
        """An exact rational."""

    @abstractmethod
    def constant(self, number: Basic) -> N:
        """π, e or γ."""

    @abstractmethod
    def add(self, terms: list[N]) -> N:
        """A sum."""

    @abstractmethod
    def multiply(self, factors: list[N]) -> N:
        """A product."""

    @abstractmethod
    def power(self, base: N, exponent: Expr, value: N | None) -> N:
        """A power; the exponent is exact, or given by its value."""

    @abstractmethod
    def function(self, name: str, argument: N) -> N:
        """The function exp or log."""

    @abstractmethod
    def special(self, node: Basic, arguments: list[N]) -> N:
        """A function of `special_functions`."""

    @abstractmethod
    def piecewise(self, node: Piecewise, spectrum: Basic | None) -> N:
        """The value on the first piece whose condition holds."""

    @abstractmethod
    def total(self, column: N, weights: N) -> N:
        """Weighted sum of a column."""

    @abstractmethod
    def counting_column(self, size: int) -> N:
        """The column 1, 2, …, size."""

    @abstractmethod
    def column(self, entries: list[N]) -> N:
        """A column of scalars."""

    @abstractmethod
    def effective_ridge(self, node: EffectiveRidge) -> N:
        """The root κ."""

    @abstractmethod
    def solve(self, system: CoupledSystem) -> tuple[N, ...]:
        """The coupled effective ridges, or coupled traces."""

    @abstractmethod
    def residual(self, node: ResidualDegreesOfFreedom) -> N:
        """T − tr Σ²G₁G₂, without the cancellation."""

    @abstractmethod
    def guarded(self, node: GuardedSize) -> N:
        """A difference of sizes, refused where it is too small."""

    def evaluate(self, node: Basic, spectrum: Basic | None = None) -> N:
        """Value of an expression; inside a sum over eigenvalues, a column over that spectrum."""
        if spectrum is not None and not node.free_symbols & self._columns[spectrum].keys():
            spectrum = None
        key = (node, spectrum)
        if key not in self._memo:
            self._memo[key] = self._evaluate(node, spectrum)
        return self._memo[key]

    def _evaluate(self, node: Basic, spectrum: Basic | None) -> N:
        def value(argument: Basic) -> N:
            return self.evaluate(argument, spectrum)

        match node:
            case Rational():
                return self.rational(node)
            case Symbol() if spectrum is not None and node in self._columns[spectrum]:
                return self._columns[spectrum][node]
            case Symbol() if node in self._values:
                return self._values[node]
            case Add():
                return self.add([value(term) for term in node.args])
            case Mul():
                return self.product(node, spectrum)
            case exp():
                return self.function("exp", value(node.args[0]))
            case Pow() if isinstance(node.exp, Rational):
                return self.power(value(node.base), node.exp, None)
            case Pow():
                return self.power(value(node.base), node.exp, value(node.exp))
            case log():
                return self.function("log", value(node.args[0]))
            case NumberSymbol():
                return self.constant(node)
            case Piecewise():
                return self.piecewise(node, spectrum)
            case _ if is_special(node):
                return self.special(node, [value(argument) for argument in operands(node)])
            case Sum() | Product() | Integral():
                part, inputs = compiled_part(node)
                return self.special(part, [value(argument) for argument in inputs])
            case Abbreviation():
                return self.evaluate(node.definition)
            case SpectralTrace():
                return self._sum(node.summand, node.covariance, None)
            case QuadraticForm():
                return self._sum(node.summand, node.covariance, node.target)
            case DegreesOfFreedom():
                return self.evaluate(node.unfolded())
            case EffectiveRidge():
                return self.effective_ridge(node)
            case CoupledUnknown():
                return self.coupled_unknown(node)
            case ResidualDegreesOfFreedom():
                return self.residual(node)
            case GuardedSize():
                if node.covariance.dimension is oo:
                    node.refuse_unless(node.unfolded() is oo)
                    raise Diverges(
                        f"{node} is infinite at dimension = inf: give a finite dimension"
                    )
                return self.guarded(node)
            case Infinity() | NegativeInfinity():
                raise Diverges(
                    "the formula is infinite at dimension = inf: give a finite dimension"
                )
            case Symbol():
                raise NotEvaluable(f"the symbol {node} has no value: give a problem that states it")
            case _:
                raise NotEvaluable(
                    f"{type(node).__name__} is not a function that this arithmetic knows: {node}"
                )

    def coupled_unknown(self, node: CoupledUnknown) -> N:
        """One of the numbers that a system defines; the system is solved once."""
        system = node.system
        if system not in self._solutions:
            # What does not depend on the unknowns is known to all points that the search visits.
            for inner in system.atoms(CoupledUnknown):
                assert isinstance(inner, CoupledUnknown)
                self.coupled_unknown(inner)
            for sums in system.atoms(SpectralTrace, DegreesOfFreedom):
                assert isinstance(sums, Quantity)
                self._with_levels(sums.covariance)
                self.weights(sums.covariance, None)
            self._solutions[system] = self.solve(system)
        return self._solutions[system][node.position]

    def product(self, node: Mul, spectrum: Basic | None) -> N:
        """Value of a product; an arithmetic may choose the order of the factors."""
        return self.multiply([self.evaluate(factor, spectrum) for factor in node.args])

    def _sum(self, summand: Expr, spectrum: Spectrum, target: Target | None) -> N:
        column = self.evaluate(summand, self._with_levels(spectrum))
        return self.total(column, self.weights(spectrum, target))

    def _with_levels(self, spectrum: Spectrum) -> Spectrum:
        if spectrum not in self._columns:
            self._columns[spectrum] = (
                self._joint_levels(spectrum)
                if isinstance(spectrum, JointSpectrum)
                else {s: self._levels(spectrum)}
            )
        return spectrum

    def levels(self, spectrum: Spectrum) -> N:
        """Column of the distinct eigenvalues of one spectrum."""
        return self._columns[self._with_levels(spectrum)][s]

    def _joint_levels(self, joint: JointSpectrum) -> dict[Basic, N]:
        # An isotropic member is a scalar, which goes with columns of any length.
        counts = joint.shared_counts()
        columns: dict[Basic, N] = {}
        for variable, member in zip(joint.variables, joint.members, strict=True):
            if isinstance(member, IsotropicSpectrum):
                columns[variable] = self.evaluate(member.scale)
            elif counts is None and isinstance(member, LevelsSpectrum | ExplicitSpectrum):
                _size_of(joint)
                columns[variable] = self.column(
                    [self.evaluate(value) for value in listed_eigenvalues(member)]
                )
            else:
                columns[variable] = self._levels(member)
        return columns

    def _levels(self, spectrum: Spectrum) -> N:
        match spectrum:
            case Covariance():
                raise NotEvaluable(
                    f"{spectrum} is abstract: give a problem that states its spectrum"
                )
            case IsotropicSpectrum() | LevelsSpectrum():
                return self.column([self.evaluate(value) for value in level_values(spectrum)])
            case ExplicitSpectrum():
                distinct = dict.fromkeys(spectrum.eigenvalues)
                return self.column([self.rational(value) for value in distinct])
            case _:
                return self._over_index(spectrum.eigenvalue_at(index), spectrum)

    def _counter(self, spectrum: Spectrum) -> Integer:
        counter = Integer(_size_of(spectrum))
        if counter not in self._columns:
            self._columns[counter] = {index: self.counting_column(int(counter))}
        return counter

    def _over_index(self, formula: Expr, spectrum: Spectrum) -> N:
        counter = self._counter(spectrum)
        value = self.evaluate(formula, counter)
        if not formula.has_free(index):
            # A constant over the index, such as a source of exponent 0 has, is a column all the same.
            value = self.multiply([value, self._ones(spectrum)])
        return value

    def weights(self, spectrum: Spectrum, target: Target | None) -> N:
        """Column of multiplicities or, with a target, of the sums of c_j² over each level."""
        key = Add(0) if target is None else target
        if (key, spectrum) not in self._shares:
            self._shares[key, spectrum] = self._weights(spectrum, target)
        return self._shares[key, spectrum]

    def _weights(self, spectrum: Spectrum, target: Target | None) -> N:
        if target is not None and target.is_abstract:
            raise NotEvaluable(f"{target} is abstract: give a problem that states its target")
        if isinstance(spectrum, JointSpectrum) and (shared := spectrum.shared_counts()) is not None:
            shares = joint_level_weights(spectrum, shared, target)
            return self.column([self.evaluate(share) for share in shares])
        if isinstance(spectrum, IsotropicSpectrum | LevelsSpectrum):
            weights = level_weights(spectrum, target)
            assert weights is not None
            return self.column([self.evaluate(weight) for weight in weights])
        if isinstance(target, UniformTarget):
            counts = self.weights(spectrum, None)
            return self.multiply([self.evaluate(target.squared_norm / spectrum.dimension), counts])
        if isinstance(spectrum, ExplicitSpectrum):
            sums: dict[Rational, Any] = dict.fromkeys(spectrum.eigenvalues, 0)
            squares = target.listed if target is not None else None
            for position, eigenvalue in enumerate(spectrum.eigenvalues):
                sums[eigenvalue] += 1 if squares is None else squares[position]
            return self.column([self.rational(Rational(total)) for total in sums.values()])
        if target is None:
            return self.multiplicities(spectrum)
        if target.listed is not None:
            return self.column([self.evaluate(weight) for weight in target.listed])
        bearer = spectrum.carrier(target) if isinstance(spectrum, JointSpectrum) else spectrum
        energies = self._over_index(target.energy_at(index, bearer), spectrum)
        return self.counted(energies, spectrum)

    def multiplicities(self, spectrum: Spectrum) -> N:
        """How many eigenvalues an entry of a column over the index stands for: one."""
        return self._ones(spectrum)

    def counted(self, energies: N, spectrum: Spectrum) -> N:
        """Squared coefficients times the multiplicities of the entries."""
        del spectrum
        return energies

    def _ones(self, spectrum: Spectrum) -> N:
        # Power laws, exponentials and joint spectra: every eigenvector has an entry of its own.
        return self.power(self._columns[self._counter(spectrum)][index], Integer(0), None)


def _size_of(spectrum: Spectrum) -> int:
    """Number of entries of a column with one for each eigenvector."""
    size = spectrum.dimension
    if size is oo:
        raise NotEvaluable(
            "dimension = inf: only sums of powers of s and of s + κ over one spectrum are evaluated there; "
            "give a finite dimension"
        )
    if not is_number(size):
        raise NotEvaluable(f"the dimension {size} has no value: give a problem that states it")
    if size > MOST_LEVELS:
        raise NotEvaluable(
            f"dimension = {size}: at most {MOST_LEVELS} distinct eigenvalues are summed one by one; "
            "give a smaller dimension"
        )
    return int(size)
