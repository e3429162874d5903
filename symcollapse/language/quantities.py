"""Named quantities that print as in the papers and unfold to their definition.

Every node here is an unevaluated SymPy expression. ``unfold`` replaces names by definitions; derivatives are
taken in every argument, implicitly for the effective ridge. With G = (Σ + κI)⁻¹:

====================================  =========================================  =========================
node                                  definition                                 prints
====================================  =========================================  =========================
``SpectralTrace(f, Σ)``               Σ_j f(s_j)                                 tr(f(Σ))
``QuadraticForm(f, Σ, w₀)``           Σ_j c_j² f(s_j)                            w₀ᵀ f(Σ) w₀
``DegreesOfFreedom(m, κ, Σ)``         tr Σᵐ(Σ + κI)⁻ᵐ                            df_m(κ)
``EffectiveRidge(λ, T, Σ)``           root κ ≥ 0 of κ − λ = κ df₁(κ)/T           κ(λ, T)
``ResidualDegreesOfFreedom``          T − tr Σ²G₁G₂, for κ₁ = κ₂: T − df₂(κ)     (T − df₂(κ))
``SurplusSamples(T, Σ)``              T − d, where T ≥ d                         (T − d)
====================================  =========================================  =========================

The functions ``spectral_trace`` and ``quadratic_form`` build the first two in their shortest form.

Reference: dohmatob2024, section 4; bach2024, in `language.references`.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Self

from sympy import Add, Basic, Expr, Integer, Mul, Pow, Symbol
from sympy.printing.precedence import PRECEDENCE

from symcollapse.language.exactness import exact
from symcollapse.language.matrix_functions import (
    is_named,
    matrix_latex,
    merged,
    printed_letters,
    restricted,
)
from symcollapse.language.spectra import Spectrum
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.targets import Target


class Quantity(Expr):
    """A real number with a name, nonnegative unless a kind says otherwise; abstract."""

    if TYPE_CHECKING:
        args: tuple[Any, ...]

    is_commutative = True
    is_extended_real = True
    precedence: ClassVar[int] = PRECEDENCE["Func"]

    @property
    def covariance(self) -> Spectrum:
        """The spectrum that the quantity is about."""
        for argument in self.args:
            if isinstance(argument, Spectrum):
                return argument
        raise TypeError(f"{type(self).__name__} has no covariance")

    def unfolded(self) -> Expr:
        """The definition, one level deep."""
        return self

    def _eval_is_extended_nonnegative(self) -> bool | None:
        return True

    def _diff_rules(self) -> tuple[tuple[int, Callable[[], Expr]], ...]:
        return ()

    def _eval_derivative(self, symbol: Symbol) -> Expr:
        total: Expr = Integer(0)
        for position, rule in self._diff_rules():
            inner = self.args[position].diff(symbol)
            if inner != 0:
                total += rule() * inner
        for _, slope in self.covariance.sensitivities(symbol):
            total += self._spectral_derivative(slope)
        return total

    def _spectral_derivative(self, slope: Expr) -> Expr:
        """Derivative while every eigenvalue s moves at the speed slope(s)."""
        raise TypeError(f"no derivative of {type(self).__name__} in its spectrum, at speed {slope}")


class _OverEigenvalues(Quantity):
    """Sum of a function of the eigenvalues, whose variables (s, or one for each of several spectra) are bound."""

    @property
    def summand(self) -> Expr:
        """The function f(s)."""
        return self.args[0]

    @property
    def bound_symbols(self) -> list[Basic]:
        """The eigenvalue, s; of several spectra, one for each."""
        return list(self.covariance.variables)

    @property
    def free_symbols(self) -> set[Basic]:
        """Symbols of the function without s, and those of spectrum and target."""
        free = self.args[0].free_symbols - set(self.covariance.variables)
        for other in self.args[1:]:
            free |= other.free_symbols
        return free

    def _eval_is_extended_nonnegative(self) -> bool | None:
        return True if self.summand.is_extended_nonnegative else None

    def _eval_subs(self, old: Basic, new: Basic) -> Basic | None:
        del new
        return self if old in self.covariance.variables else None

    def _xreplace(self, rule: Any) -> tuple[Basic, bool]:
        bound = self.covariance.variables
        if any(variable in rule for variable in bound):
            # They are bound here, whatever they are replaced by outside.
            rule = {old: new for old, new in rule.items() if old not in bound}
        return super()._xreplace(rule)

    def _printed_summand(self, printer: Any) -> str:
        return printer._print(self.summand.xreplace(printed_letters(self.covariance)))


class SpectralTrace(_OverEigenvalues):
    """General spectral trace tr f(Σ) = Σ_j f(s_j); build it with `spectral_trace`."""

    def __new__(cls, summand: Expr, covariance: Spectrum) -> Self:
        return super().__new__(cls, summand, covariance)

    def _eval_derivative(self, symbol: Symbol) -> Expr:
        moved = spectral_trace(self.summand.diff(symbol), self.covariance)
        for variable, slope in self.covariance.sensitivities(symbol):
            moved += spectral_trace(self.summand.diff(variable) * slope, self.covariance)
        return moved

    def _sympystr(self, printer: Any) -> str:
        return f"tr({self._printed_summand(printer)})"

    def _latex(self, printer: Any) -> str:
        return rf"\operatorname{{tr}}\left({matrix_latex(printer, self.summand, self.covariance)}\right)"


class QuadraticForm(_OverEigenvalues):
    """Quadratic form w₀ᵀ f(Σ) w₀ = Σ_j c_j² f(s_j); build it with `quadratic_form`."""

    def __new__(cls, summand: Expr, covariance: Spectrum, target: Target) -> Self:
        return super().__new__(cls, summand, covariance, target)

    @property
    def target(self) -> Target:
        """The truth."""
        target = self.args[2]
        assert isinstance(target, Target)
        return target

    def _eval_is_extended_nonnegative(self) -> bool | None:
        return super()._eval_is_extended_nonnegative() if self.target.is_square else None

    def _eval_derivative(self, symbol: Symbol) -> Expr:
        if symbol in self.covariance.free_symbols | self.target.free_symbols:
            raise TypeError(
                f"no derivative of a quadratic form with respect to {symbol}: spectrum and target move together"
            )
        return quadratic_form(self.summand.diff(symbol), self.covariance, self.target)

    def _sympystr(self, printer: Any) -> str:
        inside = self._printed_summand(printer)
        if self.summand.is_Add:
            inside = f"({inside})"
        bra, ket = self.target.bra_and_ket(printer, "w_0")
        return f"<{bra}|{inside}|{ket}>"

    def _latex(self, printer: Any) -> str:
        bra, ket = self.target.bra_and_ket(printer, "w_{0}")
        inside = matrix_latex(printer, self.summand, self.covariance)
        if self.summand.is_Add:
            inside = rf"\left({inside}\right)"
        return rf"{bra}^{{\top}} {inside} {ket}"


class DegreesOfFreedom(Quantity):
    """Degrees of freedom df_m(κ) = tr Σᵐ(Σ + κI)⁻ᵐ, for an integer m ≥ 1.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA
    >>> DegreesOfFreedom(2, 0, SIGMA)
    d
    >>> from symcollapse.language.symbols import effective
    >>> DegreesOfFreedom(1, effective, SIGMA).diff(effective)
    -tr(Sigma/(Sigma + kappa)**2)
    """

    def __new__(cls, order: Any, ridge: Any, covariance: Spectrum) -> Any:
        order, ridge = exact(order), exact(ridge)
        if not (order.is_Integer and order >= 1):
            raise ValueError(f"df_m needs an integer m >= 1, not {order}")
        if covariance.variables != (s,):
            raise TypeError("degrees of freedom are those of one covariance; use spectral_trace")
        if ridge == 0:
            return covariance.dimension
        return super().__new__(cls, order, ridge, covariance)

    @property
    def order(self) -> int:
        """The power m."""
        return int(self.args[0])

    @property
    def ridge(self) -> Expr:
        """The effective ridge κ."""
        return self.args[1]

    def unfolded(self) -> Expr:
        """The trace."""
        return SpectralTrace((s / (s + self.ridge)) ** self.order, self.covariance)

    def _diff_rules(self) -> tuple[tuple[int, Callable[[], Expr]], ...]:
        m, kappa = self.order, self.ridge
        return ((1, lambda: -m * spectral_trace(s**m / (s + kappa) ** (m + 1), self.covariance)),)

    def _spectral_derivative(self, slope: Expr) -> Expr:
        summand = (s / (s + self.ridge)) ** self.order
        return spectral_trace(summand.diff(s) * slope, self.covariance)

    def _sympystr(self, printer: Any) -> str:
        whose = f"; {printer._print(self.covariance)}" if is_named(self.covariance) else ""
        return f"df_{self.order}({printer._print(self.ridge)}{whose})"

    def _latex(self, printer: Any) -> str:
        whose = f";{printer._print(self.covariance)}" if is_named(self.covariance) else ""
        inside = rf"\left({printer._print(self.ridge)}{whose}\right)"
        return rf"\mathrm{{df}}_{{{self.order}}}{inside}"


def _linear(summand: Expr, variables: tuple[Symbol, ...], single: Callable[[Expr], Expr]) -> Expr:
    """Apply a linear functional term by term, with what is free of the variables taken out."""
    # Not has_free: effective ridges hold sums in which s is bound.
    if variables != (s,) and s in summand.free_symbols:
        raise TypeError(f"a function of several covariances is written in {variables}, not in s")
    total: Expr = Integer(0)
    for term in _terms(summand, variables):
        coefficient, function = term.as_independent(*variables, as_Add=False)
        total += coefficient * single(function) if coefficient != 0 else 0
    return total


def _terms(summand: Expr, variables: tuple[Symbol, ...]) -> tuple[Expr, ...]:
    """Terms of a sum, with sums in numerators multiplied out where they hold s; denominators stay factored."""
    terms: list[Expr] = []
    for term in Add.make_args(summand):
        for factor in Mul.make_args(term):
            base, power = factor.as_base_exp()
            sums = isinstance(base, Add) and power.is_Integer and power > 0
            if sums and base.has_free(*variables):
                rest = term / factor * base ** (power - 1)
                for inner in base.args:
                    terms.extend(_terms(inner * rest, variables))
                break
        else:
            terms.append(term)
    return tuple(terms)


def _powers(function: Expr) -> Expr:
    """One spelling for a product of powers of s and of s + κ."""
    return Mul(*(Pow(*factor.as_base_exp()) for factor in Mul.make_args(function)))


def spectral_trace(summand: Any, covariance: Spectrum) -> Expr:
    """The trace tr f(Σ) in its shortest form: sums and constants taken out, degrees of freedom recognised.

    Parameters
    ----------
    summand
        The function f, an expression in ``symcollapse.eigenvalue`` (s); of a joint spectrum, in its variables.
    covariance
        The spectrum, abstract or concrete. Over a joint one each term is taken over those members only that it
        holds.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA
    >>> from symcollapse.language.symbols import effective
    >>> spectral_trace(3 * s**2 / (s + effective) ** 2 + 1, SIGMA)
    d + 3*df_2(kappa)
    """
    summand, covariance = merged(exact(summand), covariance)

    def single(function: Expr) -> Expr:
        if function == 1:
            return covariance.dimension
        function, spectrum = restricted(function, covariance)
        order, kappa = _degrees(function) if spectrum.variables == (s,) else (0, function)
        if order:
            return DegreesOfFreedom(order, kappa, spectrum)
        return SpectralTrace(function, spectrum)

    return _linear(summand, covariance.variables, single)


def _degrees(function: Expr) -> tuple[int, Expr]:
    """(m, κ) if the function is (s/(s + κ))ᵐ, else (0, 0)."""
    powers = dict(factor.as_base_exp() for factor in Mul.make_args(function))
    if len(powers) == 2 and s in powers:
        order = powers.pop(s)
        ((base, power),) = powers.items()
        kappa = base - s
        if power == -order and order.is_Integer and order > 0 and not kappa.has_free(s):
            return int(order), kappa
    return 0, Integer(0)


def quadratic_form(summand: Any, covariance: Spectrum, target: Target) -> Expr:
    """The form w₀ᵀf(Σ)w₀ in its shortest form: sums and constants taken out.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA, W0
    >>> from symcollapse.language.symbols import effective
    >>> quadratic_form(effective**2 * s / (s + effective) ** 2, SIGMA, W0)
    kappa**2*<w_0|Sigma/(Sigma + kappa)**2|w_0>
    """
    # The form stays over all members: coefficients may refer to one that the function does not hold.
    summand, covariance = merged(exact(summand), covariance)
    return _linear(
        summand,
        covariance.variables,
        lambda function: QuadraticForm(_powers(function), covariance, target),
    )


def canonical(formula: Expr) -> Expr:
    """The formula with every trace and quadratic form rebuilt in its shortest form, as after a substitution.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA
    >>> from symcollapse.language.symbols import effective
    >>> canonical(SpectralTrace(s / (s + effective) + 1, SIGMA))
    d + df_1(kappa)
    """
    # A replacement does not look into what it has put in; a sum nested in another's coefficients comes first.
    rebuilt: dict[Basic, Basic] = {}
    for node in formula.atoms(SpectralTrace):
        rebuilt[node] = spectral_trace(canonical(node.summand), node.covariance)
    for form in formula.atoms(QuadraticForm):
        rebuilt[form] = quadratic_form(canonical(form.summand), form.covariance, form.target)
    return formula.xreplace(rebuilt) if rebuilt else formula
