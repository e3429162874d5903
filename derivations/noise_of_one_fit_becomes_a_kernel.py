"""The noise kernel E[RΣ̂R]/T of ridge regression follows from the one-resolvent rule alone."""

from symcollapse.equivalents import RationalFunction, mean_of
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA
from symcollapse.language.quantities import DegreesOfFreedom
from symcollapse.language.symbols import eigenvalue, ridge, samples
from symcollapse.reasoning import Algebra, Derivation, Step

_KAPPA = EffectiveRidge(ridge, samples, SIGMA)

DERIVATION = Derivation(
    title="Noise kernel of ridge regression",
    claim="E[RΣ̂R]/T ≃ ΣG²/(T − df₂)",
    subject=r"\tfrac1T\mathbb{E}[R\hat\Sigma R](s)",
    # s/(s + λ)² at Σ̂: the residue at a double pole, by the rule λR ≃ κG.
    start=mean_of(RationalFunction(1, {ridge: 2}, samples, SIGMA)) / samples,
    steps=(
        Step(
            eigenvalue
            / (eigenvalue + _KAPPA) ** 2
            / (samples - DegreesOfFreedom(2, _KAPPA, SIGMA)),
            Algebra("the residue, with dλ/dκ = 1 − df₂(κ)/T"),
        ),
    ),
    notes=(
        "A function of the eigenvalue s of Σ. For λ → 0⁺ it is the kernel of minimum-norm least squares. "
        "The one-resolvent rule is derived in one_resolvent_is_one_at_the_effective_ridge, the kernel without it in "
        "noise_kernel_follows_from_its_pencil."
    ),
)
