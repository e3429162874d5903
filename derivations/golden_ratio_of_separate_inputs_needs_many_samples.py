"""Where real and synthetic labels have inputs of their own, the golden ratio is the best weight for d ≪ T only."""

from sympy import Ge, Integer, Le, Rational, oo

from symcollapse.equivalents.joint_pencils_cores import FitRegime
from symcollapse.language.abbreviations import Abbreviation
from symcollapse.language.domains import Domain, Range
from symcollapse.language.pipelines import Inputs, Labels, Pipeline, PipelineFit, Share
from symcollapse.language.problems import SIGMA
from symcollapse.language.references import cite
from symcollapse.language.spectra import IsotropicSpectrum
from symcollapse.language.symbols import (
    dimension,
    generation_noise,
    noise,
    real_noise,
    real_weight,
    samples,
)
from symcollapse.language.unfolding import unfold
from symcollapse.reasoning import Bound, Derivation, Leading, Published, Step, Substitute, Towards
from symcollapse.theory.pipeline_errors import pipeline_error

from .best_weight_of_real_labels_is_the_golden_ratio_for_equal_noises import GOLDEN

# A fit, and its successor on T real and T synthetic rows, whose weights in the loss are ω and 1 − ω.
_TWO = Pipeline(
    (Inputs(samples), Inputs(samples), Inputs(samples)),
    (Labels(0, None, generation_noise), Labels(1, None, real_noise), Labels(2, 0, noise)),
    (
        PipelineFit((Share(0),)),
        PipelineFit((Share(1, real_weight), Share(2, 1 - real_weight))),
    ),
)
_SURE = FitRegime(determined=True)
# Written out: the abbreviations of both kinds of rows have one name.
_PASSED, _REAL, _SYNTHETIC = (
    unfold(each.value, Abbreviation) for each in pipeline_error(_TWO, (_SURE, _SURE)).contributions
)
_FIRST = generation_noise**2 * dimension / (samples - dimension)
_RULE = (
    (SIGMA, IsotropicSpectrum(dimension)),
    (generation_noise, Integer(1)),
    (real_noise, Integer(1)),
    (noise, Integer(1)),
)
# v' = (passed)·v + (own noise): the limit of a long chain of such fits.
ERROR = (_REAL + _SYNTHETIC) / (1 - _PASSED / _FIRST)
AT = ERROR.xreplace(dict(_RULE))
_BESIDE = Rational(13, 20)
_FEW = Domain(
    {dimension: Range(6, 20, whole=True), samples: Range(8, 40, whole=True)},
    (Ge(samples, dimension + 2), Le(samples, 3 * dimension)),
)

DERIVATION = Derivation(
    title="Weights of real and synthetic samples of their own",
    claim=cite(
        "he2025", "abstract: asymptotically the golden ratio, for as many samples of both kinds"
    ),
    subject=r"\mathcal{E}_\infty",
    start=ERROR,
    steps=(
        Step(AT, Substitute(_RULE, "unit noises, isotropic data")),
        Step(
            dimension
            / samples
            * (real_weight**2 + (1 - real_weight) ** 2)
            / (real_weight * (2 - real_weight)),
            Leading(Towards(samples, oo)),
        ),
    ),
    domain=Domain(
        {
            dimension: Range(3, 6, whole=True),
            samples: Range(8, 20, whole=True),
            real_weight: Range(Rational(1, 5), Rational(4, 5)),
        },
        (Ge(samples, dimension + 2),),
    ),
    published=(
        Published(
            AT.xreplace({real_weight: GOLDEN}),
            Bound(above=False),
            _FEW,
            "beyond what is stated, T ≤ 3d: the weight 13/20 is no better than 1/golden ratio",
            AT.xreplace({real_weight: _BESIDE}),
        ),
    ),
    notes=(
        "Proportional limit, T rows of each kind, T > d. On the same inputs the weight of labels is that of "
        "means; on separate "
        "ones the two second moments differ too, the more so the larger d/T, and synthetic rows pass more of "
        "the old error on."
    ),
)
