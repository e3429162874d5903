"""Bias and noise of a chain of independent designs, composed backwards from the tested fit.

Write A_k for the map of design k on weights and M = A_n ⋯ A_0. With B_k = E[(A_n ⋯ A_k)ᵀΣ(A_n ⋯ A_k)] one has, because
the designs are independent, B_{n+1} = Σ and B_k = E[A_kᵀB_{k+1}A_k], and

- bias = E‖Mw₀ − w₀‖²_Σ = w₀ᵀ[Σ(I − E M)² + V_0]w₀,
- a noise that enters on design k with kernel K adds its variance times tr(B_{k+1} E[KKᵀ]),

where V_k = B_k − Σ(E A_n ⋯ E A_k)² is the part that the designs' fluctuations add. Every term is positive, so nothing
cancels; I − E M is kept as the sum Σ_k E[A_0 ⋯ A_{k−1}](I − E A_k).
"""

from dataclasses import dataclass

from sympy import Add, Expr, Integer, Mul

from symcollapse.equivalents import complement, fluctuation, mean, noise_kernel
from symcollapse.language.effective_ridges import ResidualDegreesOfFreedom
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.quantities import (
    DegreesOfFreedom,
    QuadraticForm,
    quadratic_form,
    spectral_trace,
)
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.theory.chains import Chain, Noise


@dataclass(frozen=True)
class Contribution:
    """What one noise adds to the test error."""

    stage: int
    noise: Noise
    value: Expr


@dataclass(frozen=True)
class Composition:
    """Bias of a chain and the contribution of each noise, the tested fit's last."""

    bias: Expr
    contributions: tuple[Contribution, ...]


def compose(chain: Chain) -> Composition:
    """Bias and noise contributions of a chain, in the proportional limit.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream, Problem
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> from symcollapse.theory.chains import chain_of
    >>> fit = Downstream(1000, noise=1)
    >>> problem = Problem(IsotropicSpectrum(300), UniformTarget(1), (), fit)
    >>> compose(chain_of(problem)).contributions[0].value
    d*sigma**2/(T - d)
    """
    shrinkage: Expr = Integer(1)
    lost: Expr = Integer(0)
    fluctuations: Expr = Integer(0)
    contributions: list[Contribution] = []
    for position in range(len(chain.stages) - 1, -1, -1):
        stage = chain.stages[position]
        design = stage.design
        middle = s * shrinkage**2 + fluctuations
        for noise in reversed(stage.noises):
            kernel = noise_kernel(design, noise.fit)
            value = noise.count * noise.deviation**2 * spectral_trace(middle * kernel, SIGMA)
            contributions.append(Contribution(position, noise, value))
        kept = mean(design)
        added = fluctuation(design, middle)
        fluctuations = Add(*(kept**2 * term for term in Add.make_args(fluctuations))) + added
        lost = complement(design) + kept * lost
        shrinkage = kept * shrinkage
    bias = _squared_loss(lost) + quadratic_form(fluctuations, SIGMA, W0)
    return Composition(gather(bias), tuple(reversed(contributions)))


def _squared_loss(lost: Expr) -> Expr:
    if lost.is_Add:
        # Multiplied out, n designs would give n² forms.
        return QuadraticForm(s * lost**2, SIGMA, W0)
    return quadratic_form(s * lost**2, SIGMA, W0)


def gather(bias: Expr) -> Expr:
    """One coefficient for each quadratic form, with 1 + df₂/(T − df₂) written as T/(T − df₂).

    Example
    -------
    >>> from symcollapse.language.symbols import effective
    >>> form = quadratic_form(s / (s + effective) ** 2, SIGMA, W0)
    >>> gather(2 * form + form) == 3 * form
    True
    """
    coefficients: dict[Expr, Expr] = {}
    for term in Add.make_args(bias):
        # SymPy's collect would walk into every abbreviation; here each term has one form as a factor.
        factors = Mul.make_args(term)
        forms = [factor for factor in factors if isinstance(factor, QuadraticForm)]
        key = forms[0] if len(forms) == 1 else Integer(1)
        rest = Mul(*(factor for factor in factors if factor is not key)) if key != 1 else term
        coefficients[key] = coefficients.get(key, Integer(0)) + rest
    return Add(*(form * _shorter(coefficient) for form, coefficient in coefficients.items()))


def _shorter(coefficient: Expr) -> Expr:
    for residual in coefficient.atoms(ResidualDegreesOfFreedom):
        first, second = residual.effective_ridges
        degrees = DegreesOfFreedom(2, first, residual.covariance)
        if first == second and coefficient.has(degrees):
            rewritten = coefficient.xreplace({degrees: residual.samples - residual}).expand()
            if rewritten.count_ops() < coefficient.count_ops():
                coefficient = rewritten
    return coefficient
