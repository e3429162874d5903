"""Theorem 4.3 and what its proof says of the bias on synthetic labels."""

from sympy import Expr, Ge, Identity, Integer, Lt, MatrixSymbol, Min, Piecewise, Trace

from symcollapse.equivalents import MeanMap, SecondMoment, replace_moments
from symcollapse.equivalents.designs import Design
from symcollapse.language.design_means import DesignMean
from symcollapse.language.domains import Domain
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.quantities import (
    DegreesOfFreedom,
    QuadraticForm,
    SpectralTrace,
    quadratic_form,
)
from symcollapse.language.random_matrices import gaussian_design, pseudo_inverse
from symcollapse.language.spectra import covariance
from symcollapse.language.symbols import dimension, generation_samples, ridge, samples
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.reasoning import Algebra, Bound, Counterexample, MatrixIdentity, Statement
from symcollapse.theory import test_error

from ..settings import ENOUGH_SAMPLES
from .printed import ADDED_BIAS, BIAS, BIAS_OF_LABELS, claim

_KAPPA = EffectiveRidge(ridge, samples, SIGMA)
_KAPPA0 = EffectiveRidge(0, generation_samples, SIGMA)
_DF2 = DegreesOfFreedom(2, _KAPPA, SIGMA)
_PRINTED_BIAS = _KAPPA**2 * quadratic_form(s / (s + _KAPPA) ** 2, SIGMA, W0) / (1 - _DF2 / samples)

_FIRST, _SECOND = (Design(place, generation_samples, (0,), SIGMA) for place in range(2))
_LAST = Design(2, samples, (ridge,), SIGMA)
_FITTED = SecondMoment(_LAST, s)
_ENOUGH = Ge(generation_samples, dimension)
_FEW = Lt(generation_samples, dimension)


def _averaged(form: Expr) -> Expr:
    """The form with every design averaged, the last one first."""
    for position in (2, 1, 0):
        replaced = replace_moments(form, position)
        form = form if replaced is None else replaced
    return form


def _of_truth(moments: Expr) -> Expr:
    return _averaged(QuadraticForm(moments, SIGMA, W0))


_KEPT = MeanMap(_FIRST), MeanMap(_FIRST) * MeanMap(_SECOND)
"""E Q for one generator, and for two on fresh inputs."""
_PROJECTED = SecondMoment(_FIRST, _FITTED), SecondMoment(_FIRST, SecondMoment(_SECOND, _FITTED))
"""E QᵀAᵀΣAQ, for A = Σ̂R."""
_BIAS = _of_truth(_FITTED - 2 * s * MeanMap(_LAST) + s)
"""Bias: E‖Aw₀ − w₀‖²_Σ."""
_BIAS_OF_LABELS = tuple(
    _of_truth(projected - 2 * kept * s * MeanMap(_LAST) + s)
    for kept, projected in zip(_KEPT, _PROJECTED, strict=True)
)
"""Bias~: E‖AQw₀ − w₀‖²_Σ, for n = 1 and 2."""
_BIAS_OF_LABELS_ANYWHERE = Piecewise(
    (test_error(ENOUGH_SAMPLES).bias, _ENOUGH), (_BIAS_OF_LABELS[0], True)
)
"""Bias~ for any n where T₀ ≥ d, and for n = 1 elsewhere: so that it is seen what the condition is for."""
_ADDED = tuple(
    _of_truth(projected - 2 * kept * _FITTED + _FITTED)
    for kept, projected in zip(_KEPT, _PROJECTED, strict=True)
)
"""ΔBias: E‖A(Qw₀ − w₀)‖²_Σ, for n = 1 and 2."""
_CROSS = _of_truth((1 - _KEPT[0]) * (s * MeanMap(_LAST) - _FITTED))
"""E w₀ᵀ(I − P₀)AᵀΣ(I − A)w₀."""

_SMALLER = (
    _of_truth(1 - _KEPT[0]) * _averaged(SpectralTrace(_FITTED, SIGMA)) / Min(samples, dimension)
)
"""Less than the printed bound: ‖M‖²_op ≥ ‖M‖²_F / rank M, and E‖P₀w₀ − w₀‖² = w₀ᵀ(I − E P₀)w₀."""

_SIGMA = covariance("Sigma", dimension)
_X0 = gaussian_design("X_0", generation_samples, _SIGMA)
_P0 = pseudo_inverse(_X0) * _X0

_W0 = MatrixSymbol("w_0", dimension, 1)
_SHARED = _X0.T * _X0 / generation_samples
_SHARED_FIT = _SHARED * (_SHARED + ridge * Identity(dimension)).inverse()
_ERASED = _P0 * _W0 - _W0
_ADDED_IF_SHARED = DesignMean(Trace(_ERASED.T * _SHARED_FIT.T * _SIGMA * _SHARED_FIT * _ERASED))
_SMALLER_IF_SHARED = DesignMean(
    Trace(_SHARED_FIT.T * _SIGMA * _SHARED_FIT) / generation_samples
) * DesignMean(Trace(_ERASED.T * _ERASED))
"""The same as ``_SMALLER`` where the last design is the generator's own, exactly at finite size."""

_NAMES = {
    _BIAS: BIAS,
    **dict.fromkeys(_BIAS_OF_LABELS, BIAS_OF_LABELS),
    **dict.fromkeys((*_ADDED, _ADDED_IF_SHARED), ADDED_BIAS),
    **{_BIAS + added: f"{BIAS} + {ADDED_BIAS}" for added in _ADDED},
    _SMALLER: r"\mathbb{E}\,\|\Sigma^{1/2}\hat\Sigma R\|_F^2\,Bias_0/\min(T, d)",
    _SMALLER_IF_SHARED: r"\mathbb{E}\,\|\Sigma^{1/2}\hat\Sigma R\|_F^2\,Bias_0/T_0",
    _CROSS: r"\lim\,\mathbb{E}\,w_0^\top(I-P_0)A\Sigma(I-A)w_0",
}
"""The sides that are derived, as the paper writes them."""

CLAIMS = (
    claim(
        "thm-4.3-bias-inequality",
        (
            Statement(
                _BIAS_OF_LABELS[0],
                Bound(above=False),
                _BIAS + _ADDED[0],
                place="Bias~ ≥ Bias + ΔBias, n = 1",
                solved=True,
            ),
            Statement(
                _BIAS_OF_LABELS[1],
                Bound(above=False),
                _BIAS + _ADDED[1],
                place="Bias~ ≥ Bias + ΔBias, n = 2",
                solved=True,
            ),
            Statement(
                _BIAS_OF_LABELS[0],
                Bound(above=False),
                _BIAS,
                place="Bias~ ≥ Bias, n = 1",
                solved=True,
            ),
            Statement(
                _BIAS + _ADDED[0],
                Bound(above=False),
                _BIAS,
                place="Bias + ΔBias ≥ Bias, n = 1",
                solved=True,
            ),
        ),
        names=_NAMES,
        controls=(
            Statement(_BIAS, Bound(above=False), _BIAS + _ADDED[0], place="ΔBias ≤ 0", solved=True),
        ),
        derivations=(
            "few_generator_samples_spare_bias_along_the_tail",
            "without_a_ridge_a_uniform_truth_gains_bias_below_the_bound",
            "smooth_truths_over_power_laws_keep_the_bound_on_the_bias",
            "what_generators_lose_grows_with_the_eigenvalue",
            "isotropic_data_keep_the_bound_on_the_bias",
        ),
        counterexample=Counterexample(
            "thm-4.3-bias-inequality.toml", "Bias~ ≥ Bias, n = 1", implied=_BIAS, margin=0.1
        ),
        remark=(
            "What holds is an identity: Bias~ − Bias − ΔBias = 2κ w₀ᵀΣ(Σ − e)(I − E Q)(Σ + κ)⁻²w₀ with "
            "e = κ df₂/(T − df₂). So the bound holds for Σ = I, for T₀ ≥ d, and over power laws from r = 1 − 1/(2β) on."
        ),
    ),
    claim(
        "thm-4.3-equality",
        (
            Statement(
                _BIAS_OF_LABELS_ANYWHERE,
                Algebra(),
                _PRINTED_BIAS,
                Domain(conditions=(_ENOUGH,)),
                "Bias~ = Bias",
                solved=True,
                name=BIAS_OF_LABELS,
            ),
            Statement(
                _ADDED[0],
                Algebra(),
                Integer(0),
                Domain(conditions=(_ENOUGH,)),
                "ΔBias = 0, n = 1",
                solved=True,
            ),
            Statement(
                _P0,
                MatrixIdentity(),
                Identity(dimension),
                Domain(conditions=(_ENOUGH,)),
                "P₀ = I at finite size, so that Q = I for every n",
            ),
        ),
        names=_NAMES,
        controls=(
            Statement(
                _BIAS_OF_LABELS[0],
                Algebra(),
                _PRINTED_BIAS,
                Domain(conditions=(_FEW,)),
                "Bias~ = Bias for T₀ < d",
                solved=True,
            ),
            Statement(
                _P0,
                MatrixIdentity(),
                Identity(dimension),
                Domain(conditions=(Ge(generation_samples, dimension - 1),)),
                "P₀ = I for T₀ ≥ d − 1",
            ),
        ),
        derivations=("synthetic_error_with_enough_samples",),
    ),
    claim(
        "delta-bias-lower-bound",
        (
            Statement(
                _ADDED_IF_SHARED,
                Bound(above=False),
                _SMALLER_IF_SHARED,
                Domain(conditions=(_FEW,)),
                "X_n = X₀, with ‖·‖²_F/rank for ‖·‖²_op, which is less",
            ),
            Statement(
                _ADDED[0],
                Bound(above=False),
                _SMALLER,
                Domain(conditions=(_FEW,)),
                "X_n a design of its own, with ‖·‖²_F/rank for ‖·‖²_op, which is less",
                solved=True,
            ),
        ),
        names=_NAMES,
        controls=(
            Statement(
                _ADDED[0],
                Bound(),
                _SMALLER,
                Domain(conditions=(_FEW,)),
                "from above instead",
                solved=True,
            ),
        ),
        derivations=("isotropic_data_keep_the_bound_on_the_bias",),
        counterexample=Counterexample(
            "delta-bias-lower-bound.toml",
            "X_n a design of its own, with ‖·‖²_F/rank for ‖·‖²_op, which is less",
            implied=_BIAS_OF_LABELS[0] - _ADDED[0] + _SMALLER,
        ),
        reading=(
            "X_n = X₀ is tried by the letter, where Σ̂(P₀ − I) = 0 and so ΔBias = 0, and with X_n as a design of its own, "
            "as in the definition of ΔBias."
        ),
        remark=(
            "An operator norm bounds ΔBias from above; from below the smallest singular value does, which is 0 for T < d."
        ),
    ),
    claim(
        "cross-term-sign",
        (Statement(_CROSS, Bound(above=False), Integer(0), solved=True),),
        names=_NAMES,
        controls=(Statement(_CROSS, Bound(), Integer(0), place="≤ 0", solved=True),),
        derivations=("few_generator_samples_spare_bias_along_the_tail",),
        counterexample=Counterexample("cross-term-sign.toml", implied=_BIAS + _ADDED[0]),
    ),
)
