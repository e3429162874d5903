"""The ridge that minimises the test error over isotropic data, in closed form.

Let Σ = c·I, φ = d/T, N = c‖w₀‖² the signal, S = Σ nσ₀²·d/(T₀ − d) the noise that the generators leave, and z = c/(c + κ)
the shrinkage of the tested fit. For λ from 0 to ∞ it falls from min(1, 1/φ) to 0, and λ = c·(1 − z)(1 − φz)/z.
The test error of the theory is a rational function of z, and the numerator of its derivative is a quartic without a
cubic term, ``polynomial``:

    P(z) = N·(1 − z)(1 − φz) − φσ²·z − S·(φ²z⁴ − 3φz² + (1 + φ)z).

**One root.** Let φ ≤ 1 and v = 1/z − 1. The coefficients of P(z)/z⁴ in v, from the constant on, are

    −φσ² − S(1−φ)²,  N(1−φ) − 3φσ² − 3S(1−φ),  N(3−2φ) − 3φσ² − 3S,  N(3−φ) − φσ² − S(1+φ),  N.

If one of them is ≥ 0, so is the next: the second gives N ≥ 3S and N(1−φ) ≥ 3φσ², and 3 − 2φ = 1 + 2(1−φ); the third gives
the fourth as 3 − φ ≥ 3 − 2φ and 3S ≥ S(1+φ). So their signs change once, and by Descartes' rule P has one root with
0 < z < 1 (or only z = 1, where the constant is 0). For φ > 1 put z = y/φ: P is the same polynomial in y with 1/φ
in place of φ and σ² in place of φσ², so that one root lies in 0 < y < 1. P(0) = N > 0: as κ grows the error falls up
to the root and grows beyond it. It is the minimum, and there is no other. For φ = 1 and σ = 0 the constant and, at
N = 3S, the next coefficient vanish: λ* = 0 where N ≥ 3S, and a root z < 1 remains where N < 3S.

**Closed form.** With p, q, r the coefficients of the monic quartic z⁴ + pz² + qz + r: r < 0 < q, so that one root is
negative and the sum of it and of the smallest positive one is −√y < 0, with y the largest root of the resolvent
y³ + 2py² + (p² − 4r)y − q². Its discriminant is made of p² + 12r, which is a square here, ((N − 3S)/(φS))².
"""

from dataclasses import dataclass, replace

from sympy import (
    Add,
    And,
    Basic,
    Eq,
    Expr,
    Ge,
    Gt,
    Integer,
    Or,
    Piecewise,
    Poly,
    acos,
    cancel,
    cbrt,
    cos,
    factor,
    factor_list,
    fraction,
    oo,
    solve,
    sqrt,
    together,
)

from symcollapse.language.effective_ridges import EffectiveRidge, ResidualDegreesOfFreedom
from symcollapse.language.errors import NotSupported
from symcollapse.language.problems import SIGMA, W0, Problem
from symcollapse.language.spectra import IsotropicSpectrum
from symcollapse.language.symbols import dimension, noise, ridge, samples, shrinkage
from symcollapse.language.targets import ExplicitTarget, LevelsTarget, UniformTarget
from symcollapse.language.unfolding import unfold
from symcollapse.theory.test_errors import test_error

_OTHER_ERROR = (
    "the closed form is that of least-squares generators with samples >= dimension; "
    "minimise the error numerically"
)


@dataclass(frozen=True)
class IsotropicOptimum:
    """The optimal ridge of the tested fit, in the symbols of the test error.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream
    >>> from symcollapse.language.symbols import squared_norm
    >>> fit = Downstream(samples, noise=noise, ridge=ridge)
    >>> truth = UniformTarget(squared_norm)
    >>> isotropic_optimal_ridge(Problem(IsotropicSpectrum(dimension), truth, (), fit)).ridge
    d*sigma**2/(N*T)
    """

    ridge: Expr
    """λ*; ∞ where there is no signal."""
    shrinkage: Expr
    """z* = c/(c + κ*), the smallest positive root of the polynomial; 0 where there is no signal."""
    effective_ridge: Expr
    """κ*."""
    polynomial: Expr
    """Stationarity: the polynomial in ``symbols.shrinkage`` with the root z*."""
    error: Expr
    """Test error as a function of ``symbols.shrinkage``."""
    ridge_at: Expr
    """λ as a function of ``symbols.shrinkage``."""
    ridgeless: Basic
    """The condition under which λ* = 0."""


def isotropic_optimal_ridge(problem: Problem) -> IsotropicOptimum:
    """The ridge of the downstream fit that minimises the test error over isotropic data.

    The generators are least-squares fits of T_0 ≥ d samples; there may be several kinds, or none. Sizes and noises are
    written by the symbols of ``test_error``; the scale of the spectrum and the truth are the problem's.

    Raises
    ------
    NotSupported
        If the spectrum is not isotropic, or the error is not of the kind that the closed form is proved for, as with
        generators that have a ridge, or too few samples.

    Example
    -------
    >>> from symcollapse.evaluation.numbers import in_numbers
    >>> from symcollapse.language.problems import Downstream, Generation
    >>> generators = (Generation(600, noise=1, repeat=5),)
    >>> fit = Downstream(1000, noise="1/10", ridge=1)
    >>> problem = Problem(IsotropicSpectrum(300), UniformTarget(1), generators, fit)
    >>> optimum = isotropic_optimal_ridge(problem)
    >>> in_numbers(optimum.ridge, problem).evalf(12)
    5.87320542982
    """
    spectrum = problem.spectrum
    if not isinstance(spectrum, IsotropicSpectrum) or problem.downstream is None:
        raise NotSupported(
            "the closed form needs an isotropic spectrum and a downstream fit; minimise the error numerically"
        )
    # The ridge is what is looked for: the problem's own, 0 among them, has no part in it.
    problem = replace(problem, downstream=replace(problem.downstream, ridge=1))
    unit = spectrum.args[1]
    size = IsotropicSpectrum(dimension, unit)
    error, ridge_at = _in_shrinkage(problem, size, _squared_norm(problem, unit))
    z = shrinkage
    numerator, _ = fraction(together(error.diff(z)))
    aspect = dimension / samples
    signal = unit * _squared_norm(problem, unit)
    if signal == 0:
        return IsotropicOptimum(oo, Integer(0), oo, z, error, ridge_at, Eq(0, 1))
    stationary = _stationary(numerator, signal)
    generated = cancel(-stationary.coeff_monomial(z**4) / aspect**2)
    if cancel(stationary.coeff_monomial(z**2) - aspect * (signal + 3 * generated)) != 0:
        raise NotSupported(_OTHER_ERROR)
    root = _smallest_positive_root(stationary, signal, generated, aspect)
    # λ(z) less a multiple of P(z): a sum without the difference 1 − z, that loses digits for small ridges.
    reduced = cancel(ridge_at - unit * stationary.as_expr() / (signal * z))
    return IsotropicOptimum(
        ridge=factor(reduced) if not reduced.has(z) else reduced.xreplace({z: root}),
        shrinkage=root,
        effective_ridge=unit * (1 / root - 1),
        polynomial=stationary.as_expr(),
        error=error,
        ridge_at=ridge_at,
        ridgeless=And(
            Eq(noise, 0),
            Or(Eq(generated, 0), And(Eq(dimension, samples), Ge(signal, 3 * generated))),
        ),
    )


def _squared_norm(problem: Problem, unit: Expr) -> Expr:
    """‖w₀‖²."""
    target = problem.target
    if isinstance(target, UniformTarget):
        return target.squared_norm
    if isinstance(target, LevelsTarget):
        return target.energies[0] / unit
    if isinstance(target, ExplicitTarget):
        return Add(*target.squares)
    raise NotSupported(f"{type(target).__name__}: give a target that states its squared norm")


def _in_shrinkage(problem: Problem, spectrum: IsotropicSpectrum, norm: Expr) -> tuple[Expr, Expr]:
    """Test error and λ as functions of the shrinkage z."""
    unit = spectrum.args[1]
    kappa = EffectiveRidge(ridge, samples, spectrum)
    total = test_error(problem).total.xreplace({SIGMA: spectrum, W0: UniformTarget(norm)})
    folded = unfold(total, ResidualDegreesOfFreedom)
    if folded.atoms(EffectiveRidge) - {kappa}:
        raise NotSupported(_OTHER_ERROR)
    value = unit * (1 / shrinkage - 1)
    error = unfold(folded.xreplace({kappa: value}))
    (solved,) = solve(unfold(kappa.equation(value)), ridge)
    return error, factor(solved)


def _stationary(numerator: Expr, signal: Expr) -> Poly:
    """The factor of the derivative's numerator that can vanish, with the value of the signal at z = 0."""
    z = shrinkage
    _, factors = factor_list(numerator)
    candidates = [part for part, _ in factors if part.has(z) and part != z]
    if len(candidates) != 1:
        raise NotSupported(_OTHER_ERROR)
    polynomial = Poly(candidates[0], z)
    if polynomial.degree() > 4 or polynomial.coeff_monomial(z**3) != 0:
        raise NotSupported(_OTHER_ERROR)
    unit = signal / polynomial.coeff_monomial(1)
    return Poly({power: cancel(unit * value) for power, value in polynomial.terms()}, z)


def _smallest_positive_root(polynomial: Poly, signal: Expr, generated: Expr, aspect: Expr) -> Expr:
    z = shrinkage
    linear = -polynomial.coeff_monomial(z)
    if generated == 0:
        return 2 * signal / (linear + sqrt(linear**2 - 4 * aspect * signal**2))
    p = -(signal + 3 * generated) / (aspect * generated)
    q = linear / (aspect**2 * generated)
    r = -signal / (aspect**2 * generated)
    # The resolvent y³ + 2py² + (p² − 4r)y − q² in t = y + 2p/3 is t³ − 3Q·t − 2R, with Q = (p² + 12r)/9.
    root_of_square = (signal - 3 * generated) / (3 * aspect * generated)
    square = root_of_square**2
    half = p**3 / 27 - 4 * p * r / 3 + q**2 / 2
    gap = half**2 - square**3
    largest = cbrt(half + sqrt(gap))
    # R ≥ −Q^(3/2), with equality for φ = 1, σ = 0 only; so the largest root is the one of these that is defined.
    unbent = sqrt(square)
    t = Piecewise(
        (largest + square / largest, And(Gt(half, 0), Ge(gap, 0))),
        (Integer(0), Eq(square, 0)),
        (2 * unbent * cos(acos(half / unbent**3) / 3), True),
    )
    y = t - 2 * p / 3
    return (sqrt(2 * q / sqrt(y) - 2 * p - y) - sqrt(y)) / 2
