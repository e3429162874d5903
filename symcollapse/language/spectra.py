"""Spectra of the covariance Σ: one abstract, five concrete.

A spectrum is an immutable SymPy object, so that it can be an argument of a formula, hold symbols, and be put
in place of the abstract Σ by ``xreplace``.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from sympy import Basic, Expr, Integer, MatrixExpr, Rational, Symbol, Tuple, exp, log, oo

from symcollapse.language.errors import InvalidProblem
from symcollapse.language.exactness import exact, is_number, may_be_positive
from symcollapse.language.symbols import eigenvalue, name_symbol


def _positive(value: Expr, key: str) -> None:
    if may_be_positive(value):
        return
    infinite = value.is_extended_positive and value.is_infinite
    raise InvalidProblem(f"{key} = {value}: give a {'finite number' if infinite else 'number > 0'}")


def _whole(value: Expr, key: str, remedy: str = "give an integer >= 1") -> None:
    # What cannot be told of a symbol is no reason to refuse it.
    if (
        not may_be_positive(value)
        or value.is_integer is False
        or (is_number(value) and not value.is_Integer)
    ):
        raise InvalidProblem(f"{key} = {value}: {remedy}")


class Spectrum(Basic):
    """Eigenvalues of a covariance; abstract."""

    if TYPE_CHECKING:
        args: tuple[Any, ...]

    @property
    def dimension(self) -> Expr:
        """Number of eigenvalues, with multiplicity."""
        raise TypeError(f"{type(self).__name__} states no dimension")

    def eigenvalue_at(self, index: Expr) -> Expr:
        """The eigenvalue s_j as a formula in j, where there is one."""
        del index
        raise TypeError(f"{type(self).__name__} has no formula for its eigenvalues")

    @property
    def variables(self) -> tuple[Symbol, ...]:
        """The symbols that stand for the eigenvalues of one eigenvector; functions of Σ are written in them."""
        return (eigenvalue,)

    @property
    def members(self) -> tuple["Spectrum", ...]:
        """The spectra that the variables belong to, in their order."""
        return (self,)

    def sensitivity(self, parameter: Symbol) -> Expr | None:
        """∂s/∂parameter as a function of the eigenvalue s; None if the spectrum is free of it."""
        if parameter not in self.free_symbols:
            return None
        raise TypeError(f"no derivative of {type(self).__name__} with respect to {parameter}")

    def restricted_to(self, variables: Iterable[Symbol]) -> "Spectrum":
        """The spectrum of those members only that some variables belong to."""
        del variables
        return self

    def sensitivities(self, parameter: Symbol) -> tuple[tuple[Symbol, Expr], ...]:
        """Pairs (variable, ∂variable/∂parameter), for the variables that move with the parameter."""
        slope = self.sensitivity(parameter)
        return () if slope is None else ((eigenvalue, slope),)


class Covariance(Spectrum, MatrixExpr):
    """The covariance Σ of general features, of which only the name and the size are known.

    It is a spectrum, for quantities, and a symmetric matrix symbol, for matrix expressions. Covariances of one size
    commute with each other: they have one eigenbasis.
    """

    is_symmetric = True

    def __new__(cls, name: Symbol, dimension: Expr) -> Self:
        return Basic.__new__(cls, name, dimension)

    @property
    def name(self) -> str:
        """Printed name."""
        return str(self.args[0])

    @property
    def shape(self) -> tuple[Expr, Expr]:
        """Rows and columns, d × d."""
        return self.dimension, self.dimension

    def _eval_transpose(self) -> Self:
        return self

    def _eval_adjoint(self) -> Self:
        return self

    def _entry(self, i: Any, j: Any, **hints: Any) -> Expr:
        del hints
        raise TypeError(f"entry ({i}, {j}) of {self.name} has no formula: its eigenbasis is free")

    @property
    def dimension(self) -> Expr:
        """Number of features."""
        return self.args[1]

    def sensitivity(self, parameter: Symbol) -> Expr | None:
        """None but for the size, in which nothing can be differentiated: eigenvalues would have to be added."""
        return super().sensitivity(parameter)

    @property
    def free_symbols(self) -> set[Basic]:
        """Symbols of the size; the name is not a variable."""
        return self.args[1].free_symbols

    def _sympystr(self, printer: Any) -> str:
        return printer._print(self.args[0])

    def _latex(self, printer: Any) -> str:
        return printer._print(self.args[0])


def covariance(name: str, dimension: Any) -> Covariance:
    """Abstract covariance matrix of the given size.

    Example
    -------
    >>> from symcollapse.language.symbols import dimension
    >>> covariance("Sigma", dimension)
    Sigma
    """
    size = exact(dimension)
    _whole(size, "dimension")
    return Covariance(name_symbol(name), size)


class IsotropicSpectrum(Spectrum):
    """All eigenvalues equal: s_j = scale.

    Example
    -------
    >>> IsotropicSpectrum(300).dimension
    300
    """

    def __new__(cls, dimension: Any, scale: Any = 1) -> Self:
        size, unit = exact(dimension), exact(scale)
        _whole(size, "dimension")
        _positive(unit, "scale")
        return super().__new__(cls, size, unit)

    @property
    def dimension(self) -> Expr:
        """Number of features."""
        return self.args[0]

    @property
    def scale(self) -> Expr:
        """The eigenvalue."""
        return self.args[1]

    def eigenvalue_at(self, index: Expr) -> Expr:
        """The eigenvalue s_j, at any j."""
        del index
        return self.scale

    def sensitivity(self, parameter: Symbol) -> Expr | None:
        """∂s/∂parameter."""
        if self.dimension.has(parameter):
            return super().sensitivity(parameter)
        return self.scale.diff(parameter) if self.scale.has(parameter) else None


class PowerLawSpectrum(Spectrum):
    """Power law: s_j = scale · j^-capacity, j = 1 … dimension (which may be infinite).

    Example
    -------
    >>> PowerLawSpectrum(300, 2).eigenvalue_at(exact(10))
    1/100
    """

    def __new__(cls, dimension: Any, capacity: Any, scale: Any = 1) -> Self:
        size, exponent, unit = exact(dimension), exact(capacity), exact(scale)
        _positive(exponent, "capacity")
        if size is not oo:
            _whole(size, "dimension")
        elif not may_be_positive(exponent - 1):
            message = f"capacity = {exponent}: an infinite dimension needs capacity > 1"
            raise InvalidProblem(message)
        _positive(unit, "scale")
        return super().__new__(cls, size, exponent, unit)

    @property
    def dimension(self) -> Expr:
        """Number of features."""
        return self.args[0]

    @property
    def capacity(self) -> Expr:
        """Exponent β."""
        return self.args[1]

    @property
    def scale(self) -> Expr:
        """Largest eigenvalue."""
        return self.args[2]

    def eigenvalue_at(self, index: Expr) -> Expr:
        """The eigenvalue s_j."""
        return self.scale * index ** (-self.capacity)

    def sensitivity(self, parameter: Symbol) -> Expr | None:
        """∂s/∂parameter, with ln j written as ln(scale/s)/capacity."""
        if self.dimension.has(parameter):
            return super().sensitivity(parameter)
        if parameter not in self.free_symbols:
            return None
        log_index = log(self.scale / eigenvalue) / self.capacity
        return eigenvalue * (
            self.scale.diff(parameter) / self.scale - self.capacity.diff(parameter) * log_index
        )


class ExponentialSpectrum(Spectrum):
    """Exponential decay: s_j = scale · exp(-rate · j), j = 1 … dimension (which may be infinite).

    Example
    -------
    >>> ExponentialSpectrum(200, "1/4").eigenvalue_at(exact(4))
    exp(-1)
    """

    def __new__(cls, dimension: Any, rate: Any, scale: Any = 1) -> Self:
        size, decay, unit = exact(dimension), exact(rate), exact(scale)
        if size is not oo:
            _whole(size, "dimension")
        _positive(decay, "rate")
        _positive(unit, "scale")
        return super().__new__(cls, size, decay, unit)

    @property
    def dimension(self) -> Expr:
        """Number of features."""
        return self.args[0]

    @property
    def rate(self) -> Expr:
        """Decay per index."""
        return self.args[1]

    @property
    def scale(self) -> Expr:
        """Unit of the eigenvalues."""
        return self.args[2]

    def eigenvalue_at(self, index: Expr) -> Expr:
        """The eigenvalue s_j."""
        return self.scale * exp(-self.rate * index)

    def sensitivity(self, parameter: Symbol) -> Expr | None:
        """∂s/∂parameter, with j written as ln(scale/s)/rate."""
        if self.dimension.has(parameter):
            return super().sensitivity(parameter)
        if parameter not in self.free_symbols:
            return None
        position = log(self.scale / eigenvalue) / self.rate
        return eigenvalue * (
            self.scale.diff(parameter) / self.scale - self.rate.diff(parameter) * position
        )


class LevelsSpectrum(Spectrum):
    """A few distinct eigenvalues, each with its multiplicity.

    Example
    -------
    >>> LevelsSpectrum([4, 1], [100, 200]).dimension
    300
    """

    def __new__(cls, values: Iterable[Any], counts: Iterable[Any]) -> Self:
        eigenvalues = Tuple(*(exact(value) for value in values))
        multiplicities = Tuple(*(exact(count) for count in counts))
        if not eigenvalues:
            raise InvalidProblem("values = []: give at least one eigenvalue")
        if len(eigenvalues) != len(multiplicities):
            raise InvalidProblem(
                f"counts: {len(multiplicities)} of them for {len(eigenvalues)} values; give as many"
            )
        for value in eigenvalues:
            _positive(value, "values")
        for count in multiplicities:
            _whole(count, "counts", "give integers >= 1")
        return super().__new__(cls, eigenvalues, multiplicities)

    @property
    def values(self) -> tuple[Expr, ...]:
        """Distinct eigenvalues."""
        return tuple(self.args[0])

    @property
    def counts(self) -> tuple[Expr, ...]:
        """Multiplicity of each eigenvalue."""
        return tuple(self.args[1])

    @property
    def dimension(self) -> Expr:
        """Number of features."""
        return sum(self.counts, Integer(0))


class ExplicitSpectrum(Spectrum):
    """Eigenvalues given one by one; exact positive rationals, in any order.

    The values are held as one atom, so that formulas over 10⁵ of them stay quick to walk.

    Example
    -------
    >>> ExplicitSpectrum([3, "1/2", 1]).dimension
    3
    """

    is_Atom = True  # noqa: N815 -- SymPy's name; there are no arguments to be rebuilt from
    eigenvalues: tuple[Rational, ...]

    def __new__(cls, eigenvalues: Iterable[Any]) -> Self:
        values = tuple(exact(value) for value in eigenvalues)
        if not values:
            raise InvalidProblem("eigenvalues = []: give at least one")
        for value in values:
            if not isinstance(value, Rational) or value <= 0:
                raise InvalidProblem(
                    f"eigenvalues = {value}: give numbers > 0; a direction of variance 0 adds nothing"
                )
        self = super().__new__(cls)
        self.eigenvalues = values
        return self

    def _hashable_content(self) -> tuple[Any, ...]:
        return self.eigenvalues

    def doit(self, **hints: Any) -> Self:
        """Nothing to be done."""
        del hints
        return self

    def __getnewargs__(self) -> tuple[Any, ...]:
        return (self.eigenvalues,)

    @property
    def dimension(self) -> Expr:
        """Number of features."""
        return Integer(len(self.eigenvalues))

    def _sympystr(self, printer: Any) -> str:
        del printer
        return f"ExplicitSpectrum({len(self.eigenvalues)} eigenvalues)"
