"""Test errors that are exact at finite size.

For least squares the moments of one design are known exactly in two cases, with W = XᵀX:

- T ≥ d, any Σ: X†X = I almost surely, and E W⁻¹ = Σ⁻¹/(T − d − 1), which exists for T ≥ d + 2;
- T < d, Σ = sI: E X†X = (T/d)I, and E W† = T/(d(d − T − 1))·I/s, which exists for T ≤ d − 2.

With noise and T = d − 1, d, d + 1 the expectation is infinite: that is the exact law there. For general Σ and T < d no
law is known, and none is given. The chain is composed as in `composition`, in scalars.

`expectation` derives both, as is tested; see also vonrosen1988, cook2011 in `language.references`.
"""

from dataclasses import dataclass

from sympy import Expr, Integer, oo

from symcollapse.language.effective_ridges import WishartDeficit, WishartSurplus
from symcollapse.language.naming import substitution
from symcollapse.language.problems import SIGMA, W0, Problem
from symcollapse.language.quantities import quadratic_form
from symcollapse.language.spectra import IsotropicSpectrum
from symcollapse.language.symbols import dimension
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.theory.chains import Chain, Stage


@dataclass(frozen=True)
class ExactLaw:
    """Test error of a chain, exact at finite size."""

    bias: Expr
    variance: Expr
    synthetic: Expr
    clean: Expr | None
    """Test error of the same last fit on real labels; None where that alone has no law."""
    conditions: tuple[str, ...]
    """Where the law holds; for T outside, the expectation is infinite or not known."""

    @property
    def total(self) -> Expr:
        """Sum of the three parts."""
        return self.bias + self.variance + self.synthetic


def exact_law(problem: Problem, chain: Chain) -> ExactLaw | None:
    """The exact law of a problem with numbers for sizes, or None where none is known.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream, Generation
    >>> from symcollapse.language.targets import UniformTarget
    >>> from symcollapse.theory.chains import chain_of
    >>> problem = Problem(
    ...     IsotropicSpectrum(3),
    ...     UniformTarget(1),
    ...     (Generation(9, noise=1, repeat=4),),
    ...     Downstream(8),
    ... )
    >>> exact_law(problem, chain_of(problem)).total
    d*n*sigma_0**2/(T_0 - d - 1)
    """
    surplus = [_surplus(problem, stage) for stage in chain.stages]
    if any(stage.design.shrinking for stage in chain.stages):
        return None
    if any(difference is None for difference in surplus):
        return None
    isotropic = isinstance(problem.spectrum, IsotropicSpectrum)
    if not isotropic and any(difference < 0 for difference in surplus if difference is not None):
        return None
    signal: Expr = Integer(1)
    variance: Expr = Integer(0)
    synthetic: Expr = Integer(0)
    conditions: list[str] = []
    for stage, difference in zip(reversed(chain.stages), reversed(surplus), strict=True):
        assert difference is not None
        for noise in reversed(stage.noises):
            kernel, condition = _kernel_trace(stage, difference)
            value = noise.count * noise.deviation**2 * signal * kernel
            if chain.is_tested(stage, noise):
                variance += value
            else:
                synthetic += value
            if condition not in conditions:
                conditions.append(condition)
        signal = signal * _kept(stage, difference)
    # E[MᵀM] = E[M] for products of independent uniform projections, so the bias is 1 − E[M].
    energy = quadratic_form(s, SIGMA, W0)
    bias = energy * (1 - signal)
    clean = energy * (1 - _kept(chain.stages[-1], surplus[-1] or 0)) + variance
    return ExactLaw(bias, variance, synthetic, clean, tuple(reversed(conditions)))


def _surplus(problem: Problem, stage: Stage) -> int | None:
    """The number T − d, or None for a symbol."""
    numbers = substitution(problem)
    difference = (stage.design.samples - dimension).xreplace(numbers)
    return int(difference) if difference.is_Integer else None


def _kept(stage: Stage, difference: int) -> Expr:
    """E X†X, a multiple of I."""
    return Integer(1) if difference >= 0 else stage.design.samples / dimension


def _kernel_trace(stage: Stage, difference: int) -> tuple[Expr, str]:
    """The trace tr(Σ E[W†]) and the condition under which it is finite."""
    samples = stage.design.samples
    if difference >= 2:
        return dimension / WishartSurplus(samples, SIGMA), f"{samples} >= d + 2"
    if difference <= -2:
        return samples / WishartDeficit(samples, SIGMA), f"{samples} <= d - 2"
    return oo, f"{samples} = d - 1, d, d + 1: infinite"


def null_risk() -> Expr:
    """Test error of the null predictor, ‖w₀‖²_Σ.

    Example
    -------
    >>> null_risk()
    <w_0|Sigma|w_0>
    """
    return quadratic_form(s, SIGMA, W0)
