"""The one- and two-resolvent equivalents, and what follows for rational functions of Σ̂: shortcuts past the engine.

With R(x) = (Σ̂ + xI)⁻¹, Σ̂ = XᵀX/T, κ = κ(x, T) and H = κ(Σ + κI)⁻¹, in the proportional limit:

- one resolvent: xR ≃ H;
- two: xyR_x B R_y ≃ H_x B H_y + H_x Σ H_y · tr(BΣG_xG_y)/(T − tr Σ²G_xG_y), for B a function of Σ.

Both are derived from their pencils, in `derivations.one_resolvent_is_one_at_the_effective_ridge` and
`derivations.two_resolvents_gain_a_fluctuation`; that the formulas below are what the engine gives is tested.

A rational function of Σ̂ with poles at −λᵢ is a sum of residues: f(Σ̂) = f(∞) − Σᵢ Res_{x=λᵢ} f(−x)R(x). Its moments
follow by taking the residues of the rules. They are taken in κ, where everything is explicit,
x = κ − κ df₁(κ)/T: a pole of order m needs m Taylor coefficients in u = κ_x − κᵢ, and the formula grows like a
power of m, where repeated derivatives in λ would grow like the partitions of m.

Matrices here are functions of Σ, written as functions of its eigenvalue s.

See also bach2024, hachem2007 in `language.references`. Holds for bounded spectra of Σ and x > 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count

from sympy import Add, Expr, Integer

from symcollapse.equivalents.series import Naming, Series, multiply, power
from symcollapse.language.abbreviations import Abbreviation
from symcollapse.language.effective_ridges import EffectiveRidge, ResidualDegreesOfFreedom
from symcollapse.language.quantities import spectral_trace
from symcollapse.language.spectra import Spectrum
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.symbols import name_symbol


@dataclass(frozen=True)
class RationalFunction:
    """The function f(s) = s^zeros / ∏ (s + λ)^poles[λ] of Σ̂ = XᵀX/T.

    Bounded at infinity: ``zeros`` is at most the number of poles.
    """

    zeros: int
    """Power of s, possibly −1 where the poles hold a factor that makes f regular."""
    poles: Mapping[Expr, int]
    """Order of the pole at −λ, by λ > 0; different keys are different numbers."""
    samples: Expr
    """T."""
    covariance: Spectrum
    """Σ."""
    label: str = "0"
    """Goes into the names of the abbreviations."""

    @property
    def at_infinity(self) -> int:
        """The value f(∞), 0 or 1."""
        return int(self.zeros == sum(self.poles.values()))

    @property
    def is_simple(self) -> bool:
        """Whether no pole is repeated."""
        return all(order == 1 for order in self.poles.values())

    def effective_ridge(self, ridge: Expr) -> Expr:
        """κ(λ, T)."""
        return EffectiveRidge(ridge, self.samples, self.covariance)

    def named(self, name: str, value: Expr) -> Expr:
        """The value under a name, unless it is short or no pole is repeated."""
        if self.is_simple or len(value.args) < 2:
            return value
        return Abbreviation(name_symbol(f"{name}_{self.label}"), value)

    def ridge_series(self, ridge: Expr, length: int) -> Series:
        """Taylor coefficients of x = κ_x − κ_x df₁(κ_x)/T in u = κ_x − κ."""
        kappa = self.effective_ridge(ridge)
        residual = ResidualDegreesOfFreedom(self.samples, ridge, ridge, self.covariance)
        terms: list[Expr] = [ridge, residual / self.samples]
        for order in range(2, length):
            # κ df₁(κ) = tr(Σ − Σ²G), of which [uⁿ] = −(−1)ⁿ tr Σ²Gⁿ⁺¹.
            trace = spectral_trace(s**2 / (s + kappa) ** (order + 1), self.covariance)
            terms.append(Integer(-1) ** order * trace / self.samples)
        return tuple(terms[:length])

    def weights(self, ridge: Expr) -> Series:
        """Coefficients w_a with Res f(−x)/x · F dx = Σ_a w_a · [uᵃ]F at this pole, for F regular there."""
        order = self.poles[ridge]
        name = self._naming(f"xi_{tuple(self.poles).index(ridge)}")
        # x − λ starts at u¹: keep one more coefficient and divide by u.
        x = self.ridge_series(ridge, order + 1)
        speed = tuple(i * x[i] for i in range(1, order + 1))
        total = multiply(power(x[1:], -order, name), speed, name)
        for other, multiplicity in self.poles.items():
            if other != ridge:
                distance = (ridge - other, *x[1:order])
                total = multiply(total, power(distance, -multiplicity, name), name)
        total = multiply(total, power((ridge, *x[1:order]), self.zeros - 1, name), name)
        # f(−x) = (−x)^zeros ∏ (λ − x)^−order.
        sign = Integer(-1) ** (self.zeros + sum(self.poles.values()))
        return tuple(sign * total[order - 1 - a] for a in range(order))

    def _naming(self, stem: str) -> Naming:
        """Names for the coefficients of series, numbered in the order in which they are met."""
        numbers = count(1)

        def name(coefficient: Expr) -> Expr:
            if self.is_simple or coefficient.count_ops() < 6:
                return coefficient
            return Abbreviation(name_symbol(f"{stem}_{next(numbers)}_{self.label}"), coefficient)

        return name

    def shapes(self, ridge: Expr) -> Series:
        """Coefficients [uᵃ] of H = κ_x/(s + κ_x), functions of s."""
        kappa = self.effective_ridge(ridge)
        return tuple(
            kappa / (s + kappa) if a == 0 else -(Integer(-1) ** a) * s / (s + kappa) ** (a + 1)
            for a in range(self.poles[ridge])
        )


def mean_of(function: RationalFunction) -> Expr:
    """Equivalent of f(Σ̂), a function of s.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA
    >>> from symcollapse.language.symbols import ridge, samples
    >>> mean_of(RationalFunction(1, {ridge: 1}, samples, SIGMA))
    1 - kappa(lambda, T)/(s + kappa(lambda, T))
    """
    return Integer(function.at_infinity) - residues_of(function)


def residues_of(function: RationalFunction) -> Expr:
    """The sum of residues Σᵢ Res f(−x)R(x) = f(∞) − f(Σ̂), a function of s.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA
    >>> from symcollapse.language.symbols import ridge, samples
    >>> residues_of(RationalFunction(1, {ridge: 1}, samples, SIGMA))
    kappa(lambda, T)/(s + kappa(lambda, T))
    """
    return Add(
        *(
            weight * shape
            for ridge in function.poles
            for weight, shape in zip(function.weights(ridge), function.shapes(ridge), strict=True)
        )
    )


def fluctuation_of(function: RationalFunction, middle: Expr) -> Expr:
    """E[f(Σ̂)·B·f(Σ̂)] − E[f(Σ̂)]·B·E[f(Σ̂)], a function of s.

    Parameters
    ----------
    function
        The function f.
    middle
        The matrix B, a function of s.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA
    >>> from symcollapse.language.symbols import ridge, samples
    >>> fluctuation_of(RationalFunction(1, {ridge: 1}, samples, SIGMA), s)
    s*df_2(kappa(lambda, T))*kappa(lambda, T)**2/((s + kappa(lambda, T))**2*(T - df_2(kappa(lambda, T))))
    """
    total: Expr = Integer(0)
    for left in function.poles:
        for right in function.poles:
            coupling = _coupling(function, middle, left, right)
            weights = function.weights(left), function.weights(right)
            shapes = function.shapes(left), function.shapes(right)
            for a, shape_left in enumerate(shapes[0]):
                for b, shape_right in enumerate(shapes[1]):
                    coefficient = Add(
                        *(
                            weights[0][a + i] * weights[1][b + k] * coupling[i, k]
                            for i in range(len(shapes[0]) - a)
                            for k in range(len(shapes[1]) - b)
                        )
                    )
                    named = function.named(f"gamma_{a}{b}", coefficient)
                    total += s * shape_left * shape_right * named
    return total


def _coupling(
    function: RationalFunction, middle: Expr, left: Expr, right: Expr
) -> dict[tuple[int, int], Expr]:
    """Taylor coefficients [uⁱvᵏ] of tr(BΣG_xG_y)/(T − tr Σ²G_xG_y)."""
    kappa_left, kappa_right = function.effective_ridge(left), function.effective_ridge(right)
    orders = function.poles[left], function.poles[right]

    def trace(matrix: Expr, i: int, k: int) -> Expr:
        denominators = (s + kappa_left) ** (i + 1) * (s + kappa_right) ** (k + 1)
        return Integer(-1) ** (i + k) * spectral_trace(matrix / denominators, function.covariance)

    residual = ResidualDegreesOfFreedom(function.samples, left, right, function.covariance)
    coefficients: dict[tuple[int, int], Expr] = {}
    for i in range(orders[0]):
        for k in range(orders[1]):
            known = Add(
                *(
                    trace(s**2, i - p, k - q) * coefficients[p, q]
                    for p in range(i + 1)
                    for q in range(k + 1)
                    if (p, q) != (i, k)
                )
            )
            numerator = trace(middle * s, i, k) + known
            if function.is_simple:
                if numerator.is_Add:
                    numerator = Abbreviation(name_symbol(f"tau_{function.label}"), numerator)
                coefficients[i, k] = numerator / residual
            else:
                coefficients[i, k] = function.named(f"theta_{i}{k}", numerator / residual)
    return coefficients
