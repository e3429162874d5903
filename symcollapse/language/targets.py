"""Targets: the truth w₀, by the squares of its coefficients in the eigenbasis of Σ."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from sympy import Basic, Expr, Rational, Symbol, Tuple, oo

from symcollapse.language.errors import InvalidProblem
from symcollapse.language.exactness import exact, is_number, may_be_positive
from symcollapse.language.spectra import (
    IsotropicSpectrum,
    LevelsSpectrum,
    PowerLawSpectrum,
    Spectrum,
)
from symcollapse.language.symbols import name_symbol


class Target(Basic):
    """Squared coefficients c_j² of the truth w₀; abstract."""

    if TYPE_CHECKING:
        args: tuple[Any, ...]

    @property
    def is_abstract(self) -> bool:
        """Whether only a name is known."""
        return False

    @property
    def is_square(self) -> bool:
        """Whether the weights are squares, and so not negative."""
        return True

    @property
    def listed(self) -> tuple[Expr, ...] | None:
        """The weights c_j² one by one, in the order of the eigenvalues; None where a formula gives them."""
        return None

    def bra_and_ket(self, printer: Any, default: str) -> tuple[str, str]:
        """Printed names of the vectors left and right of the function; the default for one without a name."""
        del printer
        return default, default

    def energy_at(self, index: Expr, spectrum: Spectrum) -> Expr:
        """The squared coefficient c_j² as a formula in j, where there is one."""
        del index, spectrum
        raise TypeError(f"{type(self).__name__} has no formula for its coefficients")

    def check_against(self, spectrum: Spectrum) -> None:
        """Refuse a spectrum that this target cannot go with.

        Raises
        ------
        InvalidProblem
            With the key and the remedy.
        """
        del spectrum


class Truth(Target):
    """The truth w₀ of which only the name is known."""

    def __new__(cls, name: Symbol) -> Self:
        return super().__new__(cls, name)

    @property
    def is_abstract(self) -> bool:
        """That it is."""
        return True

    def bra_and_ket(self, printer: Any, default: str) -> tuple[str, str]:
        """The name, twice."""
        del default
        name = printer._print(self)
        return name, name

    @property
    def free_symbols(self) -> set[Basic]:
        """None: the name is not a variable."""
        return set()

    def _sympystr(self, printer: Any) -> str:
        return printer._print(self.args[0])

    def _latex(self, printer: Any) -> str:
        return printer._print(self.args[0])


def truth(name: str = "w_0") -> Truth:
    """Abstract truth of a given name.

    Example
    -------
    >>> truth()
    w_0
    """
    return Truth(name_symbol(name))


class SourceTarget(Target):
    """Source condition: c_j² = scale · j^-δ with δ = 1 + capacity·(2·source − 1), over a power law.

    Example
    -------
    >>> SourceTarget("3/8").energy_at(exact(16), PowerLawSpectrum(300, 2))
    1/4
    """

    def __new__(cls, source: Any, scale: Any = 1) -> Self:
        exponent, unit = exact(source), exact(scale)
        if not may_be_positive(exponent):
            raise InvalidProblem(f"source = {exponent}: give a number > 0")
        if not may_be_positive(unit):
            raise InvalidProblem(f"scale = {unit}: give a number > 0")
        return super().__new__(cls, exponent, unit)

    @property
    def source(self) -> Expr:
        """Exponent r."""
        return self.args[0]

    @property
    def scale(self) -> Expr:
        """Square of the first coefficient."""
        return self.args[1]

    def check_against(self, spectrum: Spectrum) -> None:
        """Only a power law has the capacity that δ is made of."""
        if not isinstance(spectrum, PowerLawSpectrum):
            raise InvalidProblem(
                "target.kind = source: needs a power-law spectrum; use uniform, levels or explicit"
            )

    def energy_at(self, index: Expr, spectrum: Spectrum) -> Expr:
        """The squared coefficient c_j²."""
        self.check_against(spectrum)
        assert isinstance(spectrum, PowerLawSpectrum)
        delta = 1 + spectrum.capacity * (2 * self.source - 1)
        return self.scale * index ** (-delta)


class PowerTarget(Target):
    """Coefficients that fall as a power of their number, whatever the eigenvalues: c_j² = scale·j^-decay.

    A source over one power law, where there are several spectra: then it has to be said whose capacity is meant.

    Example
    -------
    >>> PowerTarget(2, 3).energy_at(exact(4), IsotropicSpectrum(9))
    3/16
    """

    def __new__(cls, decay: Any, scale: Any = 1) -> Self:
        return super().__new__(cls, exact(decay), exact(scale))

    def energy_at(self, index: Expr, spectrum: Spectrum) -> Expr:
        """The squared coefficient c_j²."""
        del spectrum
        decay, scale = self.args
        return scale * index ** (-decay)


def spelled_out(target: Target, spectrum: Spectrum) -> Target:
    """The same coefficients without reference to the spectrum that they go with, where that is a power law.

    Example
    -------
    >>> from symcollapse.language.spectra import PowerLawSpectrum
    >>> spelled_out(SourceTarget("1/2"), PowerLawSpectrum(9, 2))
    PowerTarget(1, 1)
    """
    if isinstance(target, SourceTarget) and isinstance(spectrum, PowerLawSpectrum):
        return PowerTarget(1 + spectrum.capacity * (2 * target.source - 1), target.scale)
    return target


class UniformTarget(Target):
    """All coefficients alike: c_j² = squared_norm / d.

    Example
    -------
    >>> UniformTarget(1).squared_norm
    1
    """

    def __new__(cls, squared_norm: Any = 1) -> Self:
        norm = exact(squared_norm)
        if not may_be_positive(norm, or_zero=True):
            raise InvalidProblem(f"squared_norm = {norm}: give a number >= 0")
        return super().__new__(cls, norm)

    @property
    def squared_norm(self) -> Expr:
        """‖w₀‖²."""
        return self.args[0]

    def check_against(self, spectrum: Spectrum) -> None:
        """In infinite dimension all coefficients would be 0, whatever their norm."""
        if spectrum.dimension is oo and self.squared_norm != 0:
            raise InvalidProblem(
                "target.kind = uniform: shared among infinitely many directions, each coefficient is 0; "
                "give a finite dimension, or kind source"
            )

    def energy_at(self, index: Expr, spectrum: Spectrum) -> Expr:
        """The squared coefficient c_j²."""
        del index
        return self.squared_norm / spectrum.dimension


class LevelsTarget(Target):
    """Each level's share of ‖w₀‖_Σ²: Σ_{j in level} s_j c_j², over a spectrum of levels.

    Example
    -------
    >>> LevelsTarget([1, "1/2"]).energies
    (1, 1/2)
    """

    def __new__(cls, energies: Iterable[Any]) -> Self:
        shares = Tuple(*(exact(energy) for energy in energies))
        for share in shares:
            if not may_be_positive(share, or_zero=True):
                raise InvalidProblem(f"energies = {share}: give numbers >= 0")
        return super().__new__(cls, shares)

    @property
    def energies(self) -> tuple[Expr, ...]:
        """Shares of ‖w₀‖_Σ², level by level."""
        return tuple(self.args[0])

    def check_against(self, spectrum: Spectrum) -> None:
        """As many energies as levels; isotropic counts as one level."""
        levels = {LevelsSpectrum: lambda: len(spectrum.args[0]), IsotropicSpectrum: lambda: 1}
        count = levels.get(type(spectrum))
        if count is None:
            raise InvalidProblem(
                "target.kind = levels: needs a spectrum of kind levels or isotropic"
            )
        if count() != len(self.energies):
            raise InvalidProblem(
                f"target.energies: {len(self.energies)} of them for {count()} levels; give as many"
            )


class ExplicitTarget(Target):
    """Coefficients c_j given one by one, in the order of the eigenvalues.

    Over a spectrum of levels the order is level by level.

    Example
    -------
    >>> ExplicitTarget([1, -2]).squares
    (1, 4)
    """

    is_Atom = True  # noqa: N815 -- SymPy's name; there are no arguments to be rebuilt from
    coefficients: tuple[Rational, ...]

    def __new__(cls, coefficients: Iterable[Any]) -> Self:
        values = tuple(exact(value) for value in coefficients)
        for value in values:
            if not isinstance(value, Rational):
                raise InvalidProblem(f"coefficients = {value}: give rational numbers")
        self = super().__new__(cls)
        self.coefficients = values
        return self

    def _hashable_content(self) -> tuple[Any, ...]:
        return self.coefficients

    def doit(self, **hints: Any) -> Self:
        """Nothing to be done."""
        del hints
        return self

    def __getnewargs__(self) -> tuple[Any, ...]:
        return (self.coefficients,)

    @property
    def squares(self) -> tuple[Expr, ...]:
        """The squared coefficients c_j²."""
        return tuple(value**2 for value in self.coefficients)

    @property
    def listed(self) -> tuple[Expr, ...]:
        """The squares."""
        return self.squares

    def check_against(self, spectrum: Spectrum) -> None:
        """As many coefficients as features."""
        size = spectrum.dimension
        if size is oo:
            raise InvalidProblem(
                "target.kind = explicit: a list has no end in dimension inf; give kind source, or a finite dimension"
            )
        if not is_number(size) or size != len(self.coefficients):
            raise InvalidProblem(
                f"target.coefficients: {len(self.coefficients)} of them in dimension {size}; "
                "give one for each"
            )

    def _sympystr(self, printer: Any) -> str:
        del printer
        return f"ExplicitTarget({len(self.coefficients)} coefficients)"
