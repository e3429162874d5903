"""The effective ridge κ(λ, T), defined by its equation, and the denominators that come with it."""

from collections.abc import Callable
from typing import Any, ClassVar

from sympy import Expr, Integer, Symbol
from sympy.printing.precedence import PRECEDENCE

from symcollapse.language.errors import OutOfRegime
from symcollapse.language.exactness import exact, is_number
from symcollapse.language.matrix_functions import is_named
from symcollapse.language.quantities import DegreesOfFreedom, Quantity, spectral_trace
from symcollapse.language.spectra import Spectrum
from symcollapse.language.symbols import effective
from symcollapse.language.symbols import eigenvalue as s


class EffectiveRidge(Quantity):
    """Effective ridge κ(λ, T): the root κ ≥ 0 of κ − λ = κ df₁(κ)/T.

    For λ = 0 it is 0 if T ≥ d, and the root of df₁(κ) = T if T < d. Zero is put in as soon as it is certain.

    Example
    -------
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> EffectiveRidge(0, 600, IsotropicSpectrum(300))
    0
    >>> from symcollapse.language.problems import SIGMA
    >>> from symcollapse.language.symbols import ridge, samples
    >>> EffectiveRidge(ridge, samples, SIGMA).diff(ridge)
    T/(T - df_2(kappa(lambda, T)))
    """

    def __new__(cls, ridge: Any, samples: Any, covariance: Spectrum) -> Any:
        ridge, samples = exact(ridge), exact(samples)
        if ridge == 0 and (samples - covariance.dimension).is_extended_nonnegative:
            return Integer(0)
        return super().__new__(cls, ridge, samples, covariance)

    @property
    def ridge(self) -> Expr:
        """The ridge λ."""
        return self.args[0]

    @property
    def samples(self) -> Expr:
        """The number of samples T."""
        return self.args[1]

    def equation(self, unknown: Expr = effective) -> Expr:
        """Self-consistency: the expression in the unknown that vanishes at κ.

        Example
        -------
        >>> from symcollapse.language.problems import SIGMA
        >>> from symcollapse.language.symbols import ridge, samples
        >>> EffectiveRidge(ridge, samples, SIGMA).equation()
        kappa - lambda - kappa*df_1(kappa)/T
        """
        degrees = DegreesOfFreedom(1, unknown, self.covariance)
        return unknown - self.ridge - unknown * degrees / self.samples

    def _residual(self) -> Expr:
        return ResidualDegreesOfFreedom(self.samples, self.ridge, self.ridge, self.covariance)

    def _diff_rules(self) -> tuple[tuple[int, Callable[[], Expr]], ...]:
        # Implicit function theorem on the equation, whose derivative in κ is 1 − df₂(κ)/T.
        degrees = DegreesOfFreedom(1, self, self.covariance)
        return (
            (0, lambda: self.samples / self._residual()),
            (1, lambda: -self * degrees / (self.samples * self._residual())),
        )

    def _spectral_derivative(self, slope: Expr) -> Expr:
        moved = spectral_trace((s / (s + self)).diff(s) * slope, self.covariance)
        return self * moved / self._residual()

    def _sympystr(self, printer: Any) -> str:
        name = getattr(printer, "ridge_names", {}).get(self)
        whose = f"; {printer._print(self.covariance)}" if is_named(self.covariance) else ""
        inside = f"{printer._print(self.ridge)}, {printer._print(self.samples)}{whose}"
        return name or f"kappa({inside})"

    def _latex(self, printer: Any) -> str:
        name = getattr(printer, "ridge_names", {}).get(self)
        whose = f";{printer._print(self.covariance)}" if is_named(self.covariance) else ""
        inside = f"{printer._print(self.ridge)}, {printer._print(self.samples)}{whose}"
        return name or rf"\kappa\left({inside}\right)"


class ResidualDegreesOfFreedom(Quantity):
    """Residual degrees of freedom of one design at two ridges: T − tr Σ²G₁G₂, with κᵢ = κ(λᵢ, T).

    For λ₁ = λ₂ it is T − df₂(κ), the denominator of every second-order equivalent. It is a quantity of its own
    because the difference loses all digits where κ → 0 at T = d, while the equal sum λ₁T/κ₁ + κ₂ tr ΣG₁G₂
    (from the equation of κ₁) has positive terms only; evaluation uses that sum, and
    ``derivations/residual_degrees_of_freedom_are_positive`` proves it.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA
    >>> from symcollapse.language.symbols import ridge, samples
    >>> ResidualDegreesOfFreedom(samples, ridge, ridge, SIGMA)
    (T - df_2(kappa(lambda, T)))
    """

    precedence: ClassVar[int] = PRECEDENCE["Atom"]

    def __new__(cls, samples: Any, first: Any, second: Any, covariance: Spectrum) -> Any:
        samples, first, second = exact(samples), exact(first), exact(second)
        if first == second == 0 and (samples - covariance.dimension).is_extended_nonnegative:
            return samples - covariance.dimension
        # Symmetric in the two ridges: one order, so that equal nodes are equal.
        first, second = sorted((first, second), key=lambda ridge: ridge.sort_key())
        return super().__new__(cls, samples, first, second, covariance)

    @property
    def samples(self) -> Expr:
        """The number of samples T."""
        return self.args[0]

    @property
    def ridges(self) -> tuple[Expr, Expr]:
        """The two ridges λ₁, λ₂."""
        return self.args[1], self.args[2]

    @property
    def effective_ridges(self) -> tuple[Expr, Expr]:
        """The two effective ridges κ₁, κ₂."""
        first, second = self.ridges
        return (
            EffectiveRidge(first, self.samples, self.covariance),
            EffectiveRidge(second, self.samples, self.covariance),
        )

    def overlap(self) -> Expr:
        """The subtrahend tr Σ²G₁G₂."""
        first, second = self.effective_ridges
        return spectral_trace(s**2 / ((s + first) * (s + second)), self.covariance)

    def unfolded(self) -> Expr:
        """The difference T − tr Σ²G₁G₂."""
        return self.samples - self.overlap()

    def positive_form(self) -> Expr:
        """The equal sum λ₁T/κ₁ + κ₂ tr ΣG₁G₂, of positive terms; defined where κ₁ > 0."""
        first, second = self.effective_ridges
        shared = spectral_trace(s / ((s + first) * (s + second)), self.covariance)
        return self.ridges[0] * self.samples / first + second * shared

    def _eval_derivative(self, symbol: Symbol) -> Expr:
        return self.unfolded().diff(symbol)

    def _sympystr(self, printer: Any) -> str:
        return f"({printer._print(self.unfolded())})"

    def _latex(self, printer: Any) -> str:
        return rf"\left({printer._print(self.unfolded())}\right)"


class GuardedSize(Quantity):
    """A difference of sizes in a formula that holds only where it is not too small; abstract."""

    precedence: ClassVar[int] = PRECEDENCE["Atom"]
    least: ClassVar[int] = 0
    """Smallest value at which the formula holds."""
    regime: ClassVar[str] = ""
    """The same, in the sizes."""

    def __new__(cls, samples: Any, covariance: Spectrum) -> Any:
        self = super().__new__(cls, exact(samples), covariance)
        value = self.unfolded()
        if is_number(value):
            self.refuse_unless(bool(value >= cls.least))
            return value
        return self

    @property
    def samples(self) -> Expr:
        """The number of samples T."""
        return self.args[0]

    def refuse_unless(self, holds: bool) -> None:  # noqa: FBT001 - it is what the name asks for
        """Refuse sizes at which the formula does not hold.

        Raises
        ------
        OutOfRegime
            With the regime that the formula was derived for.
        """
        if not holds:
            raise OutOfRegime(
                f"derived for {self.regime}, evaluated at T = {self.samples}, d = {self.covariance.dimension}; "
                "derive it anew"
            )

    def _eval_derivative(self, symbol: Symbol) -> Expr:
        return self.unfolded().diff(symbol)

    def _sympystr(self, printer: Any) -> str:
        return f"({printer._print(self.unfolded())})"

    def _latex(self, printer: Any) -> str:
        return rf"\left({printer._print(self.unfolded())}\right)"


class SurplusSamples(GuardedSize):
    """Samples beyond the dimension, T − d, in a formula that holds for T ≥ d only.

    Example
    -------
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> SurplusSamples(600, IsotropicSpectrum(300))
    300
    >>> SurplusSamples(200, IsotropicSpectrum(300))
    Traceback (most recent call last):
        ...
    symcollapse.language.errors.OutOfRegime: derived for T >= d, evaluated at T = 200, d = 300; derive it anew
    """

    regime = "T >= d"

    def unfolded(self) -> Expr:
        """The difference."""
        return self.samples - self.covariance.dimension


class WishartSurplus(GuardedSize):
    """The denominator T − d − 1 of the mean of an inverse Wishart matrix, which exists for T ≥ d + 2.

    Example
    -------
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> WishartSurplus(600, IsotropicSpectrum(300))
    299
    """

    least = 1
    regime = "T >= d + 2"

    def unfolded(self) -> Expr:
        """The difference."""
        return self.samples - self.covariance.dimension - 1


class WishartDeficit(GuardedSize):
    """The denominator d − T − 1 of the mean of a singular Wishart matrix's inverse, which exists for T ≤ d − 2.

    Example
    -------
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> WishartDeficit(150, IsotropicSpectrum(300))
    149
    """

    least = 1
    regime = "T <= d - 2"

    def unfolded(self) -> Expr:
        """The difference."""
        return self.covariance.dimension - self.samples - 1
