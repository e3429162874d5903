"""How formulas of the theory grow with T, read node by node in any arithmetic of growths.

Everything that a test error holds is positive, so a sum grows like its largest term and nothing is lost by going over
to growths. A formula in which something is subtracted is refused, but for the differences that the theory names:
T − df₂, which is rewritten by its positive form, and T − d where T ≥ d.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from sympy import Add, Expr, Mul, Pow, Rational, Symbol

from symcollapse.language.abbreviations import Abbreviation
from symcollapse.language.effective_ridges import (
    EffectiveRidge,
    ResidualDegreesOfFreedom,
    SurplusSamples,
    WishartSurplus,
)
from symcollapse.language.errors import NotSupported
from symcollapse.language.quantities import DegreesOfFreedom, QuadraticForm, SpectralTrace
from symcollapse.language.resolvent_products import ResolventProduct, resolvent_products
from symcollapse.language.symbols import dimension
from symcollapse.language.symbols import eigenvalue as s

G = TypeVar("G")
"""A growth; None stands for that of zero."""
L = TypeVar("L")
"""A level: the exponent x of the index j = T^x up to which s_j exceeds an effective ridge."""


@dataclass(frozen=True)
class Summand(Generic[L]):
    """The function s^power · Π (s + κ)^-order, with each κ by its level."""

    power: Rational
    resolvents: tuple[tuple[L, Expr], ...]
    """Levels with their orders, which are positive numbers."""
    is_weighted: bool
    """Whether it is summed with the squared coefficients of the truth."""


class GrowthRules(ABC, Generic[G, L]):
    """An arithmetic of growths: what a sum, a product and a spectral sum grow like; abstract."""

    @abstractmethod
    def one(self) -> G:
        """Growth of a constant."""

    @abstractmethod
    def letter(self, symbol: Symbol) -> G | None:
        """Growth of a symbol of the theory."""

    @abstractmethod
    def total(self, growths: list[G]) -> G:
        """Growth of a sum of positive terms, of which there is at least one."""

    @abstractmethod
    def multiplied(self, first: G, second: G) -> G:
        """Growth of a product."""

    @abstractmethod
    def raised(self, growth: G, exponent: Rational) -> G:
        """Growth of a power."""

    @abstractmethod
    def level(self, ridge: Expr, samples: Expr) -> L | None:
        """Level of κ(λ, T); None where it is zero."""

    def resolvent_level(self, kappa: Expr) -> L | None:
        """Level of the κ of a resolvent (Σ + κ)^-1; None where it is zero.

        Raises
        ------
        NotSupported
            If it is no effective ridge.
        """
        if not isinstance(kappa, EffectiveRidge):
            raise NotSupported(f"s + {kappa}: give positive whole powers of s + κ(λ, T)")
        return self.level(kappa.ridge, kappa.samples)

    @abstractmethod
    def of_level(self, level: L) -> G:
        """Growth of an effective ridge."""

    @abstractmethod
    def surplus(self, samples: Expr) -> G:
        """Growth of T − d in a formula that holds for T ≥ d."""

    def takes(self, order: Expr) -> bool:
        """Whether resolvents of that order have a rule."""
        return bool(order.is_Integer and order.is_nonnegative)

    @abstractmethod
    def spectral_sum(self, summand: Summand[L]) -> G:
        """Growth of the sum over the eigenvalues."""

    def of(self, formula: Expr) -> G | None:
        """Growth of a formula; None where it is zero.

        Raises
        ------
        NotSupported
            If something is subtracted, or a node has no rule.
        """
        match formula:
            case Rational():
                if formula < 0:
                    raise NotSupported(f"{formula}: growths are those of positive formulas")
                return None if formula == 0 else self.one()
            case Symbol():
                return self.letter(formula)
            case Abbreviation():
                return self.of(formula.definition)
            case EffectiveRidge():
                level = self.level(formula.ridge, formula.samples)
                return None if level is None else self.of_level(level)
            case SurplusSamples() | WishartSurplus():
                return self.surplus(formula.samples)
            case ResidualDegreesOfFreedom():
                return self._residual(formula)
            case DegreesOfFreedom():
                return self.of(formula.unfolded())
            case SpectralTrace() | QuadraticForm():
                return self._over_eigenvalues(formula)
            case Add():
                return self._sum(formula)
            case Mul():
                return self._product([self.of(factor) for factor in formula.args])
            case Pow(base=base, exp=Rational() as exponent):
                return self._power(self.of(base), exponent, formula)
        raise NotSupported(f"{formula}: no rule for its growth")

    def _sum(self, formula: Expr) -> G | None:
        if len(formula.args) == 2 and -dimension in formula.args:
            # What T − d is where T ≥ d is known without a ridge.
            return self.surplus(formula + dimension)
        found = [self.of(term) for term in Add.make_args(formula)]
        growths = [growth for growth in found if growth is not None]
        return self.total(growths) if growths else None

    def _product(self, growths: list[G | None]) -> G | None:
        total = self.one()
        for growth in growths:
            if growth is None:
                return None
            total = self.multiplied(total, growth)
        return total

    def _power(self, base: G | None, exponent: Rational, formula: Expr) -> G | None:
        if base is not None:
            return self.raised(base, exponent)
        if exponent > 0:
            return None
        raise NotSupported(f"{formula}: zero in a denominator")

    def _residual(self, residual: ResidualDegreesOfFreedom) -> G | None:
        ridges = residual.ridges
        levels = [self.level(ridge, residual.samples) for ridge in ridges]
        if None not in levels:
            return self.of(residual.positive_form())
        if ridges[0] == ridges[1]:
            return self.surplus(residual.samples)
        raise NotSupported(f"{residual}: one of two ridges is zero where T >= d")

    def _over_eigenvalues(self, node: SpectralTrace | QuadraticForm) -> G | None:
        growths: list[G] = []
        for term in _products(node.summand):
            coefficient = self.of(term.coefficient)
            power = term.power
            resolvents: list[tuple[L, Expr]] = []
            for kappa, order in term.resolvents:
                if not self.takes(order):
                    raise NotSupported(f"{node}: give positive whole powers of s + κ(λ, T)")
                level = self.resolvent_level(kappa)
                if level is None:
                    power -= order
                else:
                    resolvents.append((level, order))
            if not isinstance(power, Rational):
                raise NotSupported(f"{node}: give a rational power of {s}")
            if coefficient is not None:
                weighted = isinstance(node, QuadraticForm)
                summed = self.spectral_sum(Summand(power, tuple(resolvents), weighted))
                growths.append(self.multiplied(coefficient, summed))
        return self.total(growths) if growths else None


@lru_cache(maxsize=1024)
def _products(summand: Expr) -> tuple[ResolventProduct, ...]:
    # One formula is read once for every order of its levels.
    return resolvent_products(summand)
