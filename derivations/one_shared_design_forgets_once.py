"""On one shared design with T₀ < d the first generator loses N(1 − T₀/d) of an isotropic truth, later ones nothing."""

from typing import Any

from sympy import Gt, Integer, Lt

from symcollapse.language.domains import Domain
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.references import cite
from symcollapse.language.spectra import IsotropicSpectrum
from symcollapse.language.symbols import (
    dimension,
    generation_samples,
    ridge,
    samples,
    squared_norm,
)
from symcollapse.language.targets import UniformTarget
from symcollapse.reasoning import Algebra, Derivation, Published, Step, Substitute
from symcollapse.theory import test_error

from .few_generator_samples_spare_bias_along_the_tail import BIAS
from .settings import TOO_FEW_SAMPLES

SHARED: Any = test_error(TOO_FEW_SAMPLES).bias
"""Bias after n generators on one shared design; the formula holds no n."""
_RULE = (
    (SIGMA, IsotropicSpectrum(dimension)),
    (W0, UniformTarget(squared_norm)),
    (ridge, Integer(0)),
)
_ISOTROPIC = SHARED.xreplace(dict(_RULE))
_LOST = squared_norm * (1 - generation_samples / dimension)

DERIVATION = Derivation(
    title="Bias after any number of generators on one design",
    claim=cite("dohmatob2024", "Theorem 4.5"),
    subject=r"\widetilde{\mathrm{Bias}}",
    start=SHARED,
    steps=(
        Step(_ISOTROPIC, Substitute(_RULE, "isotropic data, no ridge")),
        Step(_LOST, Algebra("κ(0, T) = 0, κ(0, T₀) = d/T₀ − 1")),
    ),
    domain=Domain(conditions=(Lt(generation_samples, dimension), Gt(samples, dimension + 1))),
    published=(
        Published(
            BIAS,
            Algebra(),
            Domain(conditions=(Lt(generation_samples, dimension),)),
            "that after one, any Σ",
        ),
    ),
    notes="T₀ < d < T. P₀² = P₀: what the first fit kept, every later fit on the same inputs keeps.",
)
