"""On fixed inputs with T₀ < d the best weight of a long chain is that of T₀ > d, for any Σ and any truth."""

from symcollapse.language.references import cite
from symcollapse.language.symbols import generation_noise
from symcollapse.reasoning import Derivation, Differentiate, Published, Solve, Step

from .best_weight_of_real_labels_is_the_golden_ratio_for_equal_noises import BEST, GOLDEN
from .least_squares_pipelines import REAL_NOISE, WEIGHT
from .mixing_on_fixed_inputs_leaves_the_bias_of_few_samples import BIAS, FEW, KERNEL, NOISE

_OWN, _REAL = generation_noise**2, REAL_NOISE**2
_SLOPE = 2 * KERNEL * (_REAL * WEIGHT**2 + _OWN * WEIGHT - _OWN) / (WEIGHT * (2 - WEIGHT)) ** 2

DERIVATION = Derivation(
    title="Best weight of few samples on fixed inputs",
    claim=cite("garg2025", "abstract"),
    subject=r"\mathcal{E}_\infty",
    start=BIAS + NOISE * KERNEL / (WEIGHT * (2 - WEIGHT)),
    steps=(Step(_SLOPE, Differentiate(WEIGHT)), Step(BEST, Solve(WEIGHT))),
    domain=FEW,
    published=(
        Published(
            GOLDEN,
            Solve(WEIGHT),
            place="1/golden ratio for any Σ, for equal noises",
            of=_SLOPE.xreplace({REAL_NOISE: generation_noise}),
        ),
    ),
    notes=(
        "The start is the sum of the geometric series of "
        "derivations/mixing_on_fixed_inputs_leaves_the_bias_of_few_samples. "
        "It holds for each draw of the inputs too, as X does not change: 1/(ω(2 − ω)) multiplies tr Σ(XᵀX)†, and no bias "
        "depends on ω."
    ),
)
