"""Test error of a pipeline: its joint pencil, put together into bias, shift, variance and synthetic error.

    error = w₀ᵀ s·p_n² w₀ + Σ_{b,k,l} Ψ^b_{kl} w₀ᵀ s_b μ_k μ_l w₀ + (alike for each shift) + Σ_t σ_t² Σ_{kl} γ_kγ_l Ψ_{kl}

with p_n what the last fit has lost of the truth in the mean, and μ_k what fit k leaves unexplained of its labels. Here
letters and regimes of a problem meet the formulas of `equivalents`.
"""

from collections import Counter
from dataclasses import dataclass, replace

from sympy import Add, Expr, Integer, Mul

from symcollapse.equivalents.joint_pencils import JointPencil, Source, joint_pencil
from symcollapse.equivalents.joint_pencils_cores import Core, FitRegime, core_of, space_of
from symcollapse.equivalents.joint_pencils_functions import SpectralFunction
from symcollapse.equivalents.joint_pencils_moments import JointMoments, joint_moments
from symcollapse.language.abbreviations import distinctly_named
from symcollapse.language.errors import Diverges, NotSupported
from symcollapse.language.naming import refuse_captured_letters
from symcollapse.language.pipelines import Pipeline, pipeline_of
from symcollapse.language.problems import SIGMA, W0, Problem
from symcollapse.language.quantities import QuadraticForm, quadratic_form
from symcollapse.language.targets import Target
from symcollapse.theory.composition import gather

MOST_FITS_IN_FORMULA = 60
"""Fits that a formula lists; its size grows with their square, where no data are shared."""

MOST_ENTANGLED = 5
"""Effective ridges of fits that share data; five take 10 s and 40,000 operations, six do not end."""


@dataclass(frozen=True)
class LabelContribution:
    """What the noise of one set of labels adds to the test error."""

    fit: int
    """Number of the fit, from 0, that is the first to take a share of these labels."""
    labels: int
    """Number of the labels in the pipeline, from 0."""
    is_real: bool
    """Whether the truth made them, not an earlier fit."""
    deviation: Expr
    """Standard deviation of the noise."""
    value: Expr
    """What it adds."""


@dataclass(frozen=True)
class PipelineError:
    """Parts of the test error of a pipeline."""

    pencil: JointPencil
    bias: Expr
    """Error without label noise; shifts are included."""
    shift: Expr
    """What the shifts of labels add, 0 where there are none."""
    contributions: tuple[LabelContribution, ...]
    """Each label noise, in order of time."""

    @property
    def variance(self) -> Expr:
        """The noise of labels drawn for the last fit."""
        return self._noise(tested=True)

    @property
    def synthetic(self) -> Expr:
        """The noise of all other labels."""
        return self._noise(tested=False)

    @property
    def total(self) -> Expr:
        """Bias and all noise."""
        return self.bias + Add(*(each.value for each in self.contributions))

    def _noise(self, *, tested: bool) -> Expr:
        last = len(self.pencil.cores) - 1
        return Add(*(each.value for each in self.contributions if (each.fit == last) == tested))


def pipeline_error(pipeline: Pipeline, regimes: tuple[FitRegime, ...]) -> PipelineError:
    """Derive the test error of a pipeline, in the proportional limit.

    Parameters
    ----------
    pipeline
        In letters, or in numbers.
    regimes
        For each fit, where its sizes lie; see `regimes_of`.

    Raises
    ------
    NotSupported
        If there are more fits than `MOST_FITS_IN_FORMULA`, or they share too much.

    Example
    -------
    >>> from symcollapse.language.pipelines import Inputs, Labels, PipelineFit, Share
    >>> from symcollapse.language.symbols import noise, samples
    >>> fit = PipelineFit((Share(0),))
    >>> pipeline = Pipeline((Inputs(samples),), (Labels(0, None, noise),), (fit,))
    >>> pipeline_error(pipeline, (FitRegime(determined=True),)).total
    d*sigma**2/(T - d)
    """
    if len(pipeline.fits) > MOST_FITS_IN_FORMULA:
        raise NotSupported(
            f"{len(pipeline.fits)} fits: a formula lists at most {MOST_FITS_IN_FORMULA}; lower repeat, or take "
            "state_evolution, in numbers"
        )
    if entanglement(pipeline, regimes) > MOST_ENTANGLED:
        raise NotSupported(
            f"more than {MOST_ENTANGLED} effective ridges of fits that share data: their formula would be too long; "
            "lower repeat, or take state_evolution, in numbers"
        )
    pencil = joint_pencil(pipeline, regimes)
    moments = joint_moments(pencil)
    lost = pencil.lost()
    square = lost * lost * pencil.space.variable(SIGMA)
    bias: Expr = Integer(0)
    if not _recovers_the_truth(pipeline, regimes):
        bias = _form(pencil, square, W0) + _of_source(pencil, moments, None, W0)
    shift: Expr = Integer(0)
    for name in pipeline.shifts:
        kept = pencil.kept(name)[-1]
        shift += _form(pencil, kept * kept * pencil.space.variable(SIGMA), name)
        shift += _of_source(pencil, moments, name, name)
    contributions = []
    for number, labels in enumerate(pipeline.labels):
        takers = [
            fit
            for fit, entry in enumerate(pipeline.fits)
            if any(share.labels == number for share in entry.shares)
        ]
        if labels.noise != 0 and takers:
            value = labels.noise**2 * moments.label_noise(pencil, number)

            is_real = labels.source is None
            contributions.append(LabelContribution(takers[0], number, is_real, labels.noise, value))
    contributions.sort(key=lambda each: (each.fit, each.labels))
    values = [each.value for each in contributions]
    bias, shift, *values = distinctly_named([gather(bias) + shift, shift, *values])
    named = [replace(each, value=value) for each, value in zip(contributions, values, strict=True)]
    return PipelineError(pencil, bias, shift, tuple(named))


def _recovers_the_truth(pipeline: Pipeline, regimes: tuple[FitRegime, ...]) -> bool:
    """Whether the last fit finds the truth where there is no noise: then terms that cancel need not be written."""
    recovers: dict[int | None, bool] = {None: True}
    for fit, (entry, regime) in enumerate(zip(pipeline.fits, regimes, strict=True)):
        sources = (pipeline.labels[share.labels].source for share in entry.shares)
        exact = entry.ridge == 0 and regime.determined
        recovers[fit] = exact and all(recovers[source] for source in sources)
    return recovers[len(pipeline.fits) - 1]


def entanglement(pipeline: Pipeline, regimes: tuple[FitRegime, ...]) -> int:
    """How many effective ridges meet in one function of s: those of fits that share inputs with others.

    The formula grows by a factor of 4 with each; least squares with N ≥ d has none, unless its inputs differ in their
    covariances or weights.

    Example
    -------
    >>> from symcollapse.language.problems import Generation
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> entry = Generation(9, ridge=1, repeat=3, data="accumulate")
    >>> problem = Problem(IsotropicSpectrum(3), UniformTarget(1), (entry,))
    >>> entanglement(pipeline_of(problem), regimes_of(problem))
    3
    """
    seen = [pipeline.inputs_of(fit) for fit in range(len(pipeline.fits))]
    times = Counter(each for inputs in seen for each in inputs)

    def has_ridges(fit: int) -> bool:
        weights = pipeline.weights(fit)
        kinds = {(pipeline.inputs[each].covariance, weight) for each, weight in weights.items()}
        return pipeline.fits[fit].ridge != 0 or not regimes[fit].determined or len(kinds) > 1

    return len(
        {
            (entry.ridge, pipeline.rows(fit), entry.features)
            for fit, entry in enumerate(pipeline.fits)
            if has_ridges(fit) and any(times[e] > 1 for e in seen[fit])
        }
    )


def _of_source(pencil: JointPencil, moments: JointMoments, source: Source, target: Target) -> Expr:
    return _form(pencil, moments.mean_forms(pencil, source, pencil.kept(source)), target)


def _form(pencil: JointPencil, function: SpectralFunction, target: Target) -> Expr:
    spectrum = pencil.space.spectrum
    # A sum to be squared stays one form: multiplied out, n fits would give n² of them.
    return function.applied(
        lambda shape: (
            QuadraticForm(shape, spectrum, target)
            if _has_sum(shape, pencil)
            else quadratic_form(shape, spectrum, target)
        )
    )


def _has_sum(shape: Expr, pencil: JointPencil) -> bool:
    """Whether a product of powers has a factor that is more than one of s, or of a weight block."""
    single: set[Expr] = {*pencil.space.variables.values()}
    for core in pencil.cores:
        for part in core.weights.terms:
            single |= {part.as_base_exp()[0]}
    bases = (factor.as_base_exp()[0] for factor in Mul.make_args(shape))
    return any(base.is_Add and base not in single for base in bases)


def problem_error(problem: Problem) -> tuple[PipelineError, PipelineError]:
    """The test error of a problem by its joint pencil, and that of the same last fit on real labels.

    Raises
    ------
    NotSupported
        If the pipeline is beyond the formula; the message says what to take instead.
    InvalidProblem
        If a symbol of the problem is the letter of something else.

    Example
    -------
    >>> from symcollapse.language.problems import Generation
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> entry = Generation(9, noise=1, repeat=2, data="accumulate")
    >>> error, clean = problem_error(Problem(IsotropicSpectrum(3), UniformTarget(1), (entry,)))
    >>> error.variance, clean.total
    (d*sigma_0**2/(2*(2*T_0 - d)), d*sigma_0**2/(2*T_0 - d))
    """
    refuse_captured_letters(problem)
    pipeline, regimes = pipeline_of(problem, letters=True), regimes_of(problem)
    error = pipeline_error(pipeline, regimes)
    return error, pipeline_error(on_real_labels(pipeline), regimes[-1:])


def cores_of(problem: Problem) -> tuple[Core, ...]:
    """What each fit of a problem does on its own: its effective ridge and degrees of freedom.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> problem = Problem(IsotropicSpectrum(3), UniformTarget(1), (), Downstream(9))
    >>> cores_of(problem)[0].residual_degrees
    (T - d)
    """
    pipeline = pipeline_of(problem, letters=True)
    space = space_of(pipeline)
    return tuple(
        core_of(pipeline, fit, space, regime) for fit, regime in enumerate(regimes_of(problem))
    )


def on_real_labels(pipeline: Pipeline) -> Pipeline:
    """The last fit alone, on the same inputs with the same weights and noises, but with labels of the truth.

    Example
    -------
    >>> from symcollapse.language.pipelines import Inputs, Labels, PipelineFit, Share
    >>> pipeline = Pipeline(
    ...     (Inputs(Integer(9)), Inputs(Integer(8))),
    ...     (Labels(0, None), Labels(1, 0)),
    ...     (PipelineFit((Share(0),)), PipelineFit((Share(1),))),
    ... )
    >>> on_real_labels(pipeline).labels[1].source is None
    True
    """
    labels = tuple(replace(each, source=None, shift=None) for each in pipeline.labels)
    return Pipeline(pipeline.inputs, labels, pipeline.fits[-1:])


def regimes_of(problem: Problem) -> tuple[FitRegime, ...]:
    """For each fit of a problem, where its sizes lie, as far as its numbers tell.

    Raises
    ------
    Diverges
        If a fit without ridge has as many random features as samples, and fewer than dimensions: what the features
        miss acts as noise, and the response to it is infinite.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> regimes_of(Problem(IsotropicSpectrum(3), UniformTarget(1), (), Downstream(9)))
    (FitRegime(determined=True, narrow=None),)
    """
    pipeline = pipeline_of(problem)
    regimes = []
    for fit, entry in enumerate(pipeline.fits):
        rows, width = _distinct_rows(pipeline, fit), entry.features
        sizes = [rows] if width is None else [rows, width]
        determined = all(_is_at_least(size, problem.dimension) for size in sizes)
        if width is not None and entry.ridge == 0 and width == rows and not determined:
            raise Diverges(
                f"features = samples = {rows} without ridge: the test error is infinite, noise or none; take a ridge > 0"
            )
        at_least = None if width is None else _is_at_least(width, rows)
        regimes.append(FitRegime(determined, None if at_least is None else not at_least))
    return tuple(regimes)


def regime_text(problem: Problem) -> str:
    """Where the rows of each fit lie relative to the dimension, and to the width of random features.

    Example
    -------
    >>> from symcollapse.language.problems import Generation
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> entry = Generation(2, repeat=2, data="accumulate")
    >>> regime_text(Problem(IsotropicSpectrum(3), UniformTarget(1), (entry,)))
    'T_0 < d; 2*T_0 >= d'
    """
    written, given = pipeline_of(problem, letters=True), pipeline_of(problem)
    texts: dict[str, None] = {}
    for fit, entry in enumerate(given.fits):
        pairs = [(_distinct_rows(written, fit), _distinct_rows(given, fit))]
        letter = written.fits[fit].features
        if entry.features is not None and letter is not None:
            pairs.append((letter, entry.features))
        for name, size in pairs:
            relation = {True: ">= d", False: "< d", None: "against d: either"}
            texts[f"{name} {relation[_is_at_least(size, problem.dimension)]}"] = None
    return "; ".join(texts)


def _distinct_rows(pipeline: Pipeline, fit: int) -> Expr:
    """Rows without weights: a design whose labels are fitted twice has no more directions for it."""
    return Add(*(pipeline.inputs[each].samples for each in pipeline.inputs_of(fit)))


def _is_at_least(size: Expr, other: Expr) -> bool | None:
    return (size - other).is_extended_nonnegative
