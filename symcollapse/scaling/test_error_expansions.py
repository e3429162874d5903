"""Expansions of the parts of the test error over power laws, for λ ≫, ~ and ≪ T^-β, with their constants.

The formula of the theory is a function of a few sums over eigenvalues. Each is replaced by its expansion at small κ:

- **uniform**: several terms of each; valid for all λ ≪ 1, as all regimes of λ have κ ≪ 1;
- **leading**: the largest power of each; in the variable w of the crossover it is explicit for every λ, ridgeless at
  w = 1, and for w → ∞, where κ ≃ λ and df₂ ≪ T, it is a power of λ and T.

What is left out of a sum n_i changes a part F by ∂F/∂n_i times as much, so the orders left out follow as well.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sympy import (
    Basic,
    Expr,
    Integer,
    Piecewise,
    Pow,
    binomial,
    expand_power_base,
    factor,
    factor_terms,
    oo,
    powdenest,
    powsimp,
)

from symcollapse.expansions.expansion import Expansion, Term
from symcollapse.expansions.power_laws import expand_power_law_sum
from symcollapse.language.effective_ridges import (
    EffectiveRidge,
    GuardedSize,
    ResidualDegreesOfFreedom,
)
from symcollapse.language.errors import NotSupported
from symcollapse.language.problems import SIGMA, W0, Problem
from symcollapse.language.quantities import (
    DegreesOfFreedom,
    QuadraticForm,
    Quantity,
    SpectralTrace,
)
from symcollapse.language.resolvent_products import ResolventProduct, resolvent_products
from symcollapse.language.spectra import PowerLawSpectrum
from symcollapse.language.symbols import (
    crossover,
    dimension,
    effective,
    placeholder,
    ridge,
    ridgeless,
    samples,
)
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.targets import Target
from symcollapse.language.unfolding import unfold
from symcollapse.theory.test_errors import test_error


@dataclass(frozen=True)
class PartExpansion:
    """One part of the test error at small κ."""

    uniform: Expr
    """In κ and T, for any λ ≪ 1."""
    next_orders: tuple[Expr, ...]
    """Orders of what ``uniform`` leaves out, in κ and T; as they are, not relative. Their signs mean nothing."""
    leading: Expr
    """The largest power of each sum, in κ and T, for any λ ≪ 1."""
    at_large_ridge: Expr
    """The same in λ and T for λ ≫ T^-β."""
    through_crossover: Expr
    """The same in w, T and κ₀ ~ T^-β, ``symbols.ridgeless``: κ = κ₀w^β, λ = κ(1 − 1/w)."""

    @property
    def ridgeless(self) -> Expr:
        """The leading form at λ = 0, in T and κ₀."""
        return self.through_crossover.xreplace({crossover: Integer(1)})


@dataclass(frozen=True)
class ErrorExpansion:
    """Every part of a test error at small κ, by the names of ``test_error``."""

    parts: Mapping[str, PartExpansion]
    """bias, variance, synthetic and clean; their sum is the total."""
    ridgeless_ridge: Expr
    """κ₀ as a function of T, to its leading order."""
    large_ridge_order: Expr
    """Relative order of what ``at_large_ridge`` leaves out of df₂ ≪ T and κ ≃ λ: Aλ^(-1/β)/T."""
    conditions: tuple[Basic, ...]


def expand_test_error(problem: Problem, *, terms: int = 1, tail_terms: int = 0) -> ErrorExpansion:
    """The small-κ expansion of the test error of a problem over a power law.

    Sizes and noises are written by the symbols of ``test_error``. Exponents may be symbols: then the largest of two
    powers is chosen by a ``Piecewise``, and ``uniform`` holds both.

    Parameters
    ----------
    problem
        A problem over a power law. A finite dimension is meant to be large: κd^β ≫ 1.
    terms
        Analytic powers of κ that are kept of each sum, beside its singular one.
    tail_terms
        Terms that are kept of the sums over j > d.

    Raises
    ------
    NotSupported
        If the spectrum is no power law, no downstream fit is given, or the error holds sums with two effective ridges,
        as that of generators with a ridge, or with T_0 < d.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream
    >>> from symcollapse.language.symbols import capacity, noise, source
    >>> from symcollapse.language.targets import SourceTarget
    >>> fit = Downstream(samples, noise=noise, ridge=ridge)
    >>> found = expand_test_error(Problem(PowerLawSpectrum(oo, 2), SourceTarget("1/2"), (), fit))
    >>> found.parts["variance"].at_large_ridge
    pi*sigma**2/(4*T*sqrt(lambda))
    >>> found.parts["bias"].at_large_ridge
    lambda/2
    >>> found.parts["bias"].through_crossover, found.ridgeless_ridge
    (kappa_0*w**3/(2*w - 1), pi**2/(4*T**2))
    """
    spectrum = problem.spectrum
    if not isinstance(spectrum, PowerLawSpectrum):
        raise NotSupported("expansions at small κ need a power-law spectrum")
    if problem.downstream is None:
        # The letters of the last generation are T_0 and λ_0, not those of κ₀ and of the crossover.
        raise NotSupported(
            "expansions are those of the downstream fit: give one, as Downstream(1000)"
        )
    size = oo if spectrum.dimension is oo else dimension
    law = PowerLawSpectrum(size, spectrum.capacity, spectrum.scale)
    expander = _Expander(law, problem.target, terms, tail_terms)
    rule: dict[Basic, Basic] = {SIGMA: law, W0: problem.target}
    error = test_error(problem)
    degrees = expander.leading(DegreesOfFreedom(1, effective, law))
    kappa = error.effective_ridge.xreplace(rule)
    constant = degrees.xreplace({effective: Integer(1)})
    parts = {
        name: expander.expanded(part.xreplace(rule), kappa, constant)
        for name, part in error.parts.items()
        if name != "total"
    }
    return ErrorExpansion(
        parts=parts,
        ridgeless_ridge=(constant / samples) ** law.capacity,
        large_ridge_order=degrees.xreplace({effective: ridge}) / samples,
        conditions=expander.expansion(DegreesOfFreedom(1, effective, law)).conditions,
    )


@dataclass(frozen=True)
class _Expander:
    law: PowerLawSpectrum
    target: Target
    terms: int
    tail_terms: int

    def expanded(self, part: Expr, kappa: Expr, constant: Expr) -> PartExpansion:
        guards = {guard: placeholder("size") for guard in part.atoms(GuardedSize)}
        sizes = {letter: unfold(guard, GuardedSize) for guard, letter in guards.items()}
        guarded: Any = part.xreplace(dict(guards))
        opened = unfold(guarded, ResidualDegreesOfFreedom).xreplace({kappa: effective})
        if opened.atoms(EffectiveRidge):
            raise NotSupported(
                "sums with two effective ridges: use expand_few_samples for T_0 < d; generators with a ridge "
                "are not expanded"
            )
        sums = _sums(opened)
        names = {node: placeholder("sum") for node in sums}
        function = opened.xreplace(dict(names))
        uniform = {names[node]: self.expansion(node).formula for node in sums}
        orders = tuple(
            function.diff(names[node]).xreplace(uniform).xreplace(sizes) * order
            for node in sums
            for order in self.left_out(node)
        )
        leading = {names[node]: self.leading(node) for node in sums}
        # Beside T the degrees of freedom are small far above the crossover.
        free = guarded.replace(
            lambda node: isinstance(node, ResidualDegreesOfFreedom), lambda node: node.samples
        ).xreplace({kappa: effective})
        at_large_ridge = free.xreplace({node: self.leading(node) for node in sums})
        largest = function.xreplace(leading)
        return PartExpansion(
            uniform=function.xreplace(uniform).xreplace(sizes),
            next_orders=tuple(dict.fromkeys(order for order in orders if order != 0)),
            leading=largest.xreplace(sizes),
            at_large_ridge=tidied(at_large_ridge.xreplace({effective: ridge})).xreplace(sizes),
            through_crossover=tidied(self._in_crossover(largest, constant)).xreplace(sizes),
        )

    def _in_crossover(self, formula: Expr, constant: Expr) -> Expr:
        """The formula at κ = κ₀w^β, where A·κ₀^(-1/β) = T."""
        beta = self.law.capacity
        spread = formula.xreplace({effective: ridgeless * crossover**beta})
        moved = powdenest(expand_power_base(spread))
        return moved.replace(
            lambda node: node.is_Pow and node.base == ridgeless and node.exp == -1 / beta,
            lambda _: samples / constant,
        )

    def expansion(self, node: Quantity) -> Expansion:
        """The expansion of one sum over eigenvalues."""
        weights = node.target if isinstance(node, QuadraticForm) else None
        trace = node.unfolded() if isinstance(node, DegreesOfFreedom) else node
        assert isinstance(trace, SpectralTrace | QuadraticForm)
        summand = trace.summand
        products = resolvent_products(summand)
        if weights is None and self.law.dimension is not oo:
            flat = [product for product in products if product.power == 0 and product.resolvents]
            if flat and len(products) == 1:
                return self._flat(flat[0])
        return self._expand(summand, weights)

    def _expand(self, summand: Expr, weights: Target | None) -> Expansion:
        return expand_power_law_sum(
            summand, self.law, weights, terms=self.terms, tail_terms=self.tail_terms
        )

    def _flat(self, product: ResolventProduct) -> Expansion:
        """Expansion of tr (Σ + κ)^-m, by κ/(s + κ) = 1 − s/(s + κ): nearly d·κ^-m."""
        ((kappa, order),) = product.resolvents
        found = [Term(product.coefficient * self.law.dimension, -order)]
        nexts: tuple[Expr, ...] = ()
        tails: tuple[Expr, ...] = ()
        conditions: tuple[Basic, ...] = ()
        for power in range(1, int(order) + 1):
            inner = self._expand((s / (s + kappa)) ** power, None)
            factor = product.coefficient * (-1) ** power * binomial(order, power)
            found += [
                Term(factor * term.coefficient, term.exponent - order, term.logarithms)
                for term in (*inner.terms, *inner.tail)
            ]
            nexts += tuple(exponent - order for exponent in inner.next_exponents)
            tails += tuple(kappa**-order * each for each in inner.tail_orders)
            conditions += inner.conditions
        return Expansion(kappa, tuple(found), nexts, conditions, tail_orders=tails)

    def left_out(self, node: Quantity) -> tuple[Expr, ...]:
        expansion = self.expansion(node)
        powers = tuple(effective**exponent for exponent in expansion.next_exponents)
        return (*powers, *expansion.tail_orders)

    def leading(self, node: Quantity) -> Expr:
        """The largest power: for d ≫ κ^(-1/β) that of d, where there is one."""
        expansion = self.expansion(node)
        with_size = [term for term in expansion.terms if term.coefficient == self.law.dimension]
        if with_size:
            return with_size[0].at(effective)
        return expansion.leading()


def tidied(formula: Expr) -> Expr:
    """A sum of products in their shortest form.

    Example
    -------
    >>> tidied(samples * ridge / samples)
    lambda
    """
    cases = sorted(formula.atoms(Piecewise), key=lambda node: node.sort_key())
    if len(cases) != 1:
        if cases:
            return formula
        # Over roots of numbers, as sin(3π/4), or of symbols, factors are sought for minutes.
        rooted = any(
            power.exp.is_Rational and not power.exp.is_Integer for power in formula.atoms(Pow)
        )
        return factor_terms(powsimp(formula)) if rooted else powsimp(factor(powsimp(formula)))
    (case,) = cases
    pieces: tuple[Any, ...] = case.args
    return Piecewise(
        *((tidied(formula.xreplace({case: value})), condition) for value, condition in pieces)
    )


def _sums(formula: Expr) -> list[Quantity]:
    kinds: tuple[Callable[..., Basic], ...] = (DegreesOfFreedom, SpectralTrace, QuadraticForm)
    found = formula.atoms(*kinds)
    return sorted(
        (node for node in found if isinstance(node, Quantity)), key=lambda n: n.sort_key()
    )
