"""With a ridge and T₀ < d synthetic labels can deserve more than half the weight, as they act like a larger ridge."""

from sympy import Integer, Rational

from symcollapse.language.domains import Domain, Range
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.references import cite
from symcollapse.language.spectra import LevelsSpectrum
from symcollapse.language.symbols import generation_noise, generation_ridge, generation_samples
from symcollapse.language.targets import LevelsTarget
from symcollapse.reasoning import Bound, Derivation, Published, Step, Substitute

from .least_squares_pipelines import RANGES, REAL_NOISE, WEIGHT
from .mixing_with_a_ridge import ERROR

_RULE = (
    (generation_samples, Integer(50)),
    (generation_ridge, Rational(1, 10)),
    (generation_noise, Rational(1, 10)),
    (REAL_NOISE, Rational(1, 10)),
    (SIGMA, LevelsSpectrum([4, 1], [50, 50])),
    (W0, LevelsTarget([0, 1])),
)
PLACE = Rational(3, 10)
"""A weight below 1/2."""
AT = ERROR.xreplace(dict(_RULE))
"""The error of the counterexample, in ω."""
_HERE = Domain({WEIGHT: Range(Rational(2, 5), Rational(1, 2))})
_ABOVE = Domain({WEIGHT: Range(Rational(1, 2), 1)})

DERIVATION = Derivation(
    title="A best weight below one half",
    claim=cite(
        "garg2025", "abstract: at least one half for isotropic, random-effects and spiked models"
    ),
    subject=r"\mathcal{E}_\infty",
    start=ERROR,
    steps=(Step(AT, Substitute(_RULE, "two levels, the truth in the lower")),),
    domain=Domain(RANGES),
    published=(
        Published(
            Integer(0),
            Bound(),
            _HERE,
            "beyond what is stated: the error falls up to ω = 1/2 for any Σ and w₀",
            AT.diff(WEIGHT),
        ),
        Published(
            AT.xreplace({WEIGHT: PLACE}),
            Bound(above=False),
            _ABOVE,
            "in no paper we know: every ω from 1/2 to 1 is worse than 3/10",
            AT,
        ),
    ),
    notes=(
        "d = 100, T₀ = 50, λ = 1/10, σ = σ_R = 1/10; half of the eigenvalues are 4, and the truth is in the "
        "other half. The "
        "large eigenvalues that the truth has no part in act like noise, against which a larger ridge helps: "
        "synthetic labels "
        "provide it, as the mean is that of the ridge λ/ω."
    ),
)
