"""The ridge that minimises the test error over a power law, with its constant, for many samples.

Far above the crossover the error is L(κ) = B·κ^q + V·κ^(-1/β), with q = 2·min(r, 1); at r = 1 the bias has a logarithm.
Label noise of the generators that is left by T_0 samples acts as noise of the downstream labels, raised to
σ² + nσ₀²·(T + d)/(T_0 − d). So κ* solves q·B·κ^(q + 1/β) = V/β, and λ* = κ*·(1 − df₁(κ*)/T). B, V and q are read off
``expand_test_error``. One step of Newton's method on the uniform form of the error, from the root of L', gives the
first correction: what remains is of the squares of its relative orders. For r ≥ 1 the bias is κ² times a series in κ
beside its singular power, and κ can exceed all those squares: then the uniform form keeps that power as well.

Without noise, or with so little of it that the best ridge is ~ T^-β, the optimum lies in the crossover:
``optimal_crossover``.
"""

from dataclasses import dataclass, replace
from typing import Any

from sympy import (
    Add,
    Basic,
    Expr,
    Integer,
    LambertW,
    Lt,
    Piecewise,
    Rational,
    cancel,
    exp,
    expand,
    log,
    oo,
    powdenest,
    powsimp,
    simplify,
    solve,
)

from symcollapse.expansions.reading import split_power
from symcollapse.language.errors import NotSupported
from symcollapse.language.problems import Problem
from symcollapse.language.spectra import PowerLawSpectrum
from symcollapse.language.symbols import (
    crossover,
    dimension,
    effective,
    noise,
    ridge,
    ridgeless,
)
from symcollapse.language.targets import SourceTarget
from symcollapse.scaling.test_error_expansions import ErrorExpansion, expand_test_error
from symcollapse.theory.test_errors import without_generations


@dataclass(frozen=True)
class OptimalRidge:
    """The best ridge for T^-β ≪ λ* ≪ 1, in the symbols of the test error.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream
    >>> from symcollapse.language.symbols import noise, samples
    >>> fit = Downstream(samples, noise=noise, ridge=ridge)
    >>> best = optimal_ridge(Problem(PowerLawSpectrum(oo, 2), SourceTarget("1/2"), (), fit))
    >>> best.leading
    2**(2/3)*pi**(2/3)*sigma**(4/3)/(4*T**(2/3))
    >>> best.error
    3*2**(2/3)*pi**(2/3)*sigma**(4/3)/(8*T**(2/3))
    """

    leading: Expr
    """λ* to its leading order."""
    corrected: Expr
    """λ* with the first correction; its relative error is of the order of the squares of ``relative_orders``.

    In finite dimension the tail j > d adds (κ*d^β)^-min(2r + 1, 2 − 1/β) and df₁/T·(κ*d^β)^-min(2r, 1 − 1/β).
    """
    relative_orders: tuple[Expr, ...]
    """Relative orders of the first correction: df₁/T and κ^(1/β); for r ≠ 1 the ratio of the singular power of the bias
    to κ², or its inverse; and for r ≥ 1 the next power, κ, at r = 3/2 up to a logarithm."""
    exponent: Expr
    """ℓ* of λ* ∝ V^ℓ*: 1/(q + 1/β); at r = 1 up to a logarithm."""
    error: Expr
    """Test error at λ*, to its leading order: V·κ^(-1/β)·(1 + 1/(qβ)); and at r = 1 κ²/2 times the coefficient of the
    bias before −ln κ."""
    leading_error: Expr
    """L(κ): test error to its leading order as a function of ``symbols.effective``, for κ ≫ T^-β."""
    noise_constant: Expr
    """V of the noise V·κ^(-1/β)."""
    conditions: tuple[Basic, ...]
    """λ* ≫ T^-β, λ* ≪ 1, and κ*d^β ≫ 1: that the small quantities are < 1."""


@dataclass(frozen=True)
class CrossoverOptimum:
    """The best ridge at the scale T^-β, on real labels in infinite dimension, by the crossover variable w.

    κ = κ₀w^β and λ = κ(1 − 1/w). The best w is 1, without a ridge, for noise up to a threshold, and the root of
    squared_noise = σ² beyond.
    """

    squared_noise: Expr
    """σ² for which a w > 1 is the best, as a function of w and κ₀."""
    threshold: Expr
    """σ² up to which no ridge is the best; negative where even without noise a ridge is better."""
    noiseless: Expr
    """The best w without noise; below 1 where no ridge is the best."""
    ridge: Expr
    """λ as a function of w and κ₀."""
    ridgeless_ridge: Expr
    """κ₀ in T."""


def optimal_ridge(problem: Problem, *, saturated: bool = False) -> OptimalRidge:
    """The best ridge of the downstream fit for many samples, with its constant.

    Parameters
    ----------
    problem
        A power law with a source target. Generators are least-squares fits of T_0 ≥ d samples; or none.
    saturated
        For a source r that is a symbol: whether r > 1, instead of r < 1.

    Raises
    ------
    NotSupported
        If no downstream fit is given, or there is no noise: then no ridge above T^-β is the best.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream
    >>> from symcollapse.language.symbols import capacity, noise, samples, source
    >>> fit = Downstream(samples, noise=noise, ridge=ridge)
    >>> law = PowerLawSpectrum(oo, capacity)
    >>> optimal_ridge(Problem(law, SourceTarget(source), (), fit)).exponent
    beta/(2*beta*r + 1)
    """
    spectrum, target = problem.spectrum, problem.target
    if not isinstance(spectrum, PowerLawSpectrum) or not isinstance(target, SourceTarget):
        raise NotSupported("the constant needs a power-law spectrum and a source target")
    if problem.downstream is None:
        raise NotSupported("nothing is tuned: give a downstream fit, as Downstream(1000, noise=1)")
    beta = spectrum.capacity
    saturates = not _is_unsaturated(target.source, saturated=saturated)
    # Where the bias is κ² its next analytic power has the relative order κ: not below the squares for β < 2.
    found = expand_test_error(problem, terms=2 if saturates else 1)
    spread = _noise_constant(found, beta)
    if spread == 0:
        raise NotSupported("without noise the best ridge is 0 or ~ T^-beta: use optimal_crossover")
    bias = _branch(found.parts["bias"].at_large_ridge, target.source, saturated=saturated)
    if target.source == 1:
        power = Integer(2)
        logarithm = _stationary_with_logarithm(bias, beta, spread)
        kappa, root = exp(logarithm), exp(-logarithm / beta)
    else:
        split = split_power(bias, ridge)
        if split is None:
            raise NotSupported(f"the bias {bias} is no power of the ridge")
        front, power = split
        balance = spread / (power * beta * front)
        kappa, root = (
            powdenest(powsimp(balance ** simplify(each)))
            for each in (1 / (power + 1 / beta), -1 / (power * beta + 1))
        )
    leading_error = bias.xreplace({ridge: effective}) + spread * effective ** (-1 / beta)
    total = Add(*(found.parts[name].uniform for name in ("bias", "variance", "synthetic")))
    step = total.diff(effective) / leading_error.diff(effective, 2)
    moved = effective - step
    degrees = found.large_ridge_order.xreplace({ridge: moved})
    orders = [found.large_ridge_order.xreplace({ridge: kappa}), kappa ** (1 / beta)]
    if target.source != 1:
        gap = 2 - 2 * target.source
        orders.append(kappa ** (-gap if saturates else gap))
    if saturates:
        orders.append(kappa)
    small = [orders[0], kappa]
    if spectrum.dimension is not oo:
        small.append(1 / (kappa * dimension**beta))
    return OptimalRidge(
        leading=kappa,
        corrected=(moved * (1 - degrees)).xreplace({effective: kappa}),
        relative_orders=tuple(dict.fromkeys(orders)),
        exponent=simplify(1 / (power + 1 / beta)),
        error=powsimp(spread * root * simplify(1 + 1 / (power * beta)))
        + _slope(bias) * kappa**2 / 2,
        leading_error=leading_error,
        noise_constant=spread,
        conditions=tuple(Lt(each, 1) for each in small),
    )


def price_of_the_classical_ridge(problem: Problem, *, saturated: bool = False) -> tuple[Expr, Expr]:
    """How much larger λ* is than on real labels, and the test error at the classical λ over the least, leading orders.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream, Generation
    >>> from symcollapse.language.symbols import generation_noise, generations, noise
    >>> generators = (Generation(600, noise=1, repeat=5),)
    >>> fit = Downstream(1000, noise=1, ridge=1)
    >>> problem = Problem(PowerLawSpectrum(300, 2), SourceTarget("1/2"), generators, fit)
    >>> ratio, price = price_of_the_classical_ridge(problem)
    >>> numbers = {"T": 1000, "T_0": 600, "d": 300, "sigma": 1, "sigma_0": 1, "n": 5}
    >>> values = {
    ...     symbol: numbers[str(symbol)] for symbol in ratio.free_symbols | price.free_symbols
    ... }
    >>> ratio.subs(values).evalf(5), price.subs(values).evalf(5)
    (8.0092, 1.9283)
    """
    best = optimal_ridge(problem, saturated=saturated)
    classical = optimal_ridge(without_generations(problem), saturated=saturated)
    paid = best.leading_error.xreplace({effective: classical.leading})
    return powsimp(best.leading / classical.leading), paid / best.error


def optimal_crossover(problem: Problem, *, saturated: bool = False) -> CrossoverOptimum:
    """The best ridge on real labels for little noise or none, where it is 0 or of the order T^-β.

    Raises
    ------
    NotSupported
        If there are generators, a finite dimension, or r = 1.

    Example
    -------
    Without noise a ridge helps for a hard target, here r = 1/10, but not for r = 1/2:

    >>> from symcollapse.language.problems import Downstream
    >>> from symcollapse.language.symbols import noise, samples
    >>> fit = Downstream(samples, noise=noise, ridge=ridge)
    >>> law = PowerLawSpectrum(oo, 2)
    >>> hard = optimal_crossover(Problem(law, SourceTarget("1/10"), (), fit))
    >>> hard.noiseless, hard.threshold.is_negative
    (7/4, True)
    >>> optimal_crossover(Problem(law, SourceTarget("1/2"), (), fit)).threshold
    kappa_0/2
    """
    spectrum, target = problem.spectrum, problem.target
    if not isinstance(spectrum, PowerLawSpectrum) or not isinstance(target, SourceTarget):
        raise NotSupported("the crossover needs a power-law spectrum and a source target")
    if problem.generations or spectrum.dimension is not oo or target.source == 1:
        raise NotSupported(
            "the crossover is explicit on real labels, in infinite dimension, for r != 1"
        )
    w, beta = crossover, spectrum.capacity
    if problem.downstream is None:
        raise NotSupported("nothing is tuned: give a downstream fit")
    # Noise that is 0 would leave no variance to compare the bias with.
    found = expand_test_error(replace(problem, downstream=replace(problem.downstream, noise=noise)))
    bias = _branch(found.parts["bias"].through_crossover, target.source, saturated=saturated)
    # The variance is σ² times a function of w: so σ² is explicit where the derivative of the error vanishes.
    share = found.parts["variance"].through_crossover / noise**2
    squared_noise = simplify(-bias.diff(w) / share.diff(w))
    power = 2 * target.source if _is_unsaturated(target.source, saturated=saturated) else Integer(2)
    (noiseless,) = solve(simplify(squared_noise / w ** (power * beta)), w)
    return CrossoverOptimum(
        squared_noise=squared_noise,
        threshold=simplify(squared_noise.xreplace({w: Integer(1)})),
        noiseless=noiseless,
        ridge=ridgeless * w**beta * (1 - 1 / w),
        ridgeless_ridge=found.ridgeless_ridge,
    )


def _is_unsaturated(source: Expr, *, saturated: bool) -> bool:
    return not saturated if source.free_symbols else bool(source < 1)


def _branch(bias: Expr, source: Expr, *, saturated: bool) -> Expr:
    """The case of a source that is a symbol."""
    if not isinstance(bias, Piecewise):
        return bias
    example = Rational(7, 3) if saturated else Rational(1, 3)
    pieces: tuple[Any, ...] = bias.args
    (value,) = (value for value, condition in pieces if condition.subs(source, example) == True)  # noqa: E712
    return value


def _noise_constant(found: ErrorExpansion, beta: Expr) -> Expr:
    """V, from variance and synthetic error at a large ridge."""
    parts = (found.parts[name].at_large_ridge for name in ("variance", "synthetic"))
    constant = Add(*(powsimp(part * ridge ** (1 / beta)) for part in parts))
    if ridge in constant.free_symbols:
        raise NotSupported("the noise is not a power of the ridge")
    return constant


def _slope(bias: Expr) -> Expr:
    """The b of a bias κ²(a − b·ln κ), which at L' = 0 is 1/(2β) of the noise and bκ²/2; 0 for a power of κ."""
    return -expand(bias / ridge**2).coeff(log(ridge), 1)


def _stationary_with_logarithm(bias: Expr, beta: Expr, spread: Expr) -> Expr:
    """The ln κ* where the bias is κ²(a − b·ln κ), by Lambert's function on its branch −1, as κ* → 0."""
    slope = _slope(bias)
    constant = cancel(expand(bias / ridge**2) + slope * log(ridge))
    # κ^p·(2a − b − 2b·ln κ) = V/β with p = 2 + 1/β: in y = κ^p it is y·(C − D·ln y) = V/β.
    power = 2 + 1 / beta
    c, d = 2 * constant - slope, 2 * slope / power
    return (c / d + LambertW(-spread / (beta * d) * exp(-c / d), -1)) / power
