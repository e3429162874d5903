"""Two noiseless generators with T₀ < d on fresh isotropic designs lose all but (T₀/d)² of the signal."""

from sympy import Lt

from symcollapse.language.domains import Domain
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.references import cite
from symcollapse.language.spectra import IsotropicSpectrum
from symcollapse.language.symbols import dimension, generation_samples, squared_norm
from symcollapse.language.targets import UniformTarget
from symcollapse.reasoning import Algebra, Derivation, Step, Substitute
from symcollapse.theory import test_error

from .settings import TWO_FRESH_PROJECTIONS

_RULE = ((SIGMA, IsotropicSpectrum(dimension)), (W0, UniformTarget(squared_norm)))
_GENERAL = test_error(TWO_FRESH_PROJECTIONS).total

DERIVATION = Derivation(
    title="Fresh projections forget the truth",
    claim=cite("dohmatob2024", "Theorem 4.6, with n = 2"),
    subject=r"\mathbb{E}\,\|P_1P_0w_0 - w_0\|^2",
    start=_GENERAL,
    steps=(
        Step(_GENERAL.xreplace(dict(_RULE)), Substitute(_RULE, "isotropic data")),
        Step(
            squared_norm * (1 - (generation_samples / dimension) ** 2),
            Algebra("κ₀ = d/T₀ − 1"),
        ),
    ),
    domain=Domain(conditions=(Lt(generation_samples, dimension),)),
    notes="Exact at finite size too: E[P₀P₁P₁P₀] = (T₀/d)²I for independent uniform projections.",
)
