"""With accumulated fresh batches the error lacks σ₀²d/(nT₀) of its limit after n generations."""

from sympy import oo

from symcollapse.language.symbols import (
    dimension,
    generation_noise,
    generation_samples,
    generations,
)
from symcollapse.reasoning import Derivation, Limit, Published, Step

from .accumulated_fresh_inputs_stay_below_the_bound import LAW, LIMIT
from .least_squares_pipelines import ENOUGH_SAMPLES, FIRST

assert LAW.exact is not None

DERIVATION = Derivation(
    title="Approach of accumulated least squares to its limit",
    subject=r"n\,(\mathcal{E}_\infty - \mathcal{E}_n)",
    start=generations * (LIMIT - LAW.exact),
    steps=(Step(generation_noise**2 * dimension / generation_samples, Limit(generations, oo)),),
    domain=ENOUGH_SAMPLES,
    published=(
        Published(
            FIRST,
            Limit(generations, oo),
            place="the first error over n, as on one design",
        ),
    ),
    notes=(
        "Exact at finite size, T₀ ≥ d + 2. On one design the same difference is the first error over n: it has "
        "T₀ − d − 1 "
        "in place of T₀."
    ),
)
