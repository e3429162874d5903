"""Test errors of pipelines that are exact at finite size; the entry point is `exact_law_of_pipeline`.

Least squares only. In the errors e_k = w_k − w₀ a fit of N rows, with P = C†C and C = Σ_b W_b over its inputs, is

    e_k = −(I − P) w₀ + Σ_t γ_t C†(W_b(t) (e_source + δ_t) + X_b(t)ᵀ ξ_t).

Fits that share no inputs, nor inputs with the fits before, depend on these through E‖e‖²_Σ alone: the pipeline falls
into *sections*. Exact laws are given for sections of three kinds, each from N ≥ d + 2 for any Σ, and from N ≤ d − 2 where
Σ is isotropic (of the third kind: as stated there).

- One design: fresh or shared, labels mixed with any weights, fresh real labels or the first ones (self-distillation),
  and a covariance of its own. Everything is a number times P or X†.
- One fit on several designs of one covariance: pooled fresh real samples. `matrix_beta_moments` has what it takes.
- Accumulated data: see `exact_accumulation`.

Noise at N = d − 1, d, d + 1 has an infinite mean, and that is the law there; without noise, and without pooling, the
error is finite at these sizes too. No law is given (None) for a ridge, for random features, for general Σ with N < d, for
different covariances in one fit, for the same real samples beside fresh synthetic ones in more than one replacing fit
(inverses of overlapping sums: no rational law exists even for d = 1), and for several designs fitted together twice.
Least squares without noise and shifts makes no error wherever N ≥ d throughout: that is exact for every pipeline.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Add, Expr, Integer, expand, oo

from symcollapse.language.naming import refuse_captured_letters
from symcollapse.language.pipelines import Pipeline, pipeline_of
from symcollapse.language.problems import SIGMA, W0, Problem
from symcollapse.language.quantities import quadratic_form
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.theory.exact_accumulation import accumulated, purely_accumulated
from symcollapse.theory.exact_laws import ExactLaw
from symcollapse.theory.exact_sections import EDGE, Outcome, Sizes, kernel
from symcollapse.theory.pipeline_errors import on_real_labels


@dataclass(frozen=True)
class ExactContribution:
    """What a set of labels adds to the test error."""

    labels: int
    """Its number in the pipeline."""
    noise: Expr
    """By the noise of the labels."""
    shift: Expr
    """By the shift of the weights that make them."""


@dataclass(frozen=True)
class ExactPipelineLaw(ExactLaw):
    """Test error of a pipeline, exact at finite size; the bias includes the shifts."""

    contributions: tuple[ExactContribution, ...] = ()
    """Of all labels that add something, in order."""

    @property
    def shift(self) -> Expr:
        """The part of the bias that shifts make."""
        return Add(*(each.shift for each in self.contributions))


def exact_law_of_pipeline(problem: Problem) -> ExactPipelineLaw | None:
    """The exact law of a problem with numbers for sizes and repetitions, or None where none is known.

    Parameters
    ----------
    problem
        Any problem, plain chains included; formulas are in the letters of `pipeline_of`.

    Returns
    -------
    law
        Exact in every part. ``variance`` is the noise of the labels that the last fit is the first to use,
        ``synthetic`` that of all others, ``bias`` the rest. A part is ``oo`` where its mean is infinite.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream, Generation
    >>> from symcollapse.language.spectra import PowerLawSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> problem = Problem(
    ...     PowerLawSpectrum(3, 2),
    ...     UniformTarget(1),
    ...     (Generation(9, noise=1, repeat=2, data="accumulate"),),
    ...     Downstream(8),
    ... )
    >>> law = exact_law_of_pipeline(problem)
    >>> law.synthetic
    d*sigma_0**2/(2*(2*T_0 - d - 1)) + d*sigma_0**2/(T_0 - d - 1)
    >>> law.conditions
    ('T_0 >= d + 2', '2*T_0 >= d + 2', 'T >= d')
    """
    refuse_captured_letters(problem)
    pipeline, values = pipeline_of(problem, letters=True), pipeline_of(problem)
    law = _law(problem, pipeline, values)
    if law is None:
        return None
    alone = _law(problem, on_real_labels(pipeline), on_real_labels(values))
    clean = None if alone is None else alone.total
    return ExactPipelineLaw(
        law.bias, law.variance, law.synthetic, clean, law.conditions, law.contributions
    )


def _law(problem: Problem, pipeline: Pipeline, values: Pipeline) -> ExactPipelineLaw | None:
    sizes = Sizes.of(problem, pipeline, values)
    if sizes is None or any(fit.ridge != 0 or fit.features is not None for fit in values.fits):
        return None
    energy = quadratic_form(s, SIGMA, W0)
    outcome: Outcome | None = Outcome(Integer(0), {}, {}, ())
    if not _makes_no_error(sizes):
        for section in sections(pipeline, sizes):
            assert outcome is not None
            outcome = _after(outcome, section, sizes)
            if outcome is None:
                return None
    assert outcome is not None
    contributions = tuple(
        ExactContribution(
            at, outcome.noises.get(at, Integer(0)), outcome.shifts.get(at, Integer(0))
        )
        for at in sorted({*outcome.noises, *outcome.shifts})
    )
    earlier = {share.labels for fit in pipeline.fits[:-1] for share in fit.shares}
    bias = outcome.unrecovered * energy + Add(*(each.shift for each in contributions))
    parts = {
        own: Add(*(each.noise for each in contributions if (each.labels not in earlier) is own))
        for own in (True, False)
    }
    return ExactPipelineLaw(
        bias, parts[True], parts[False], None, outcome.conditions, contributions
    )


def _makes_no_error(sizes: Sizes) -> bool:
    """Whether the truth is found exactly by every fit, which nothing disturbs."""
    disturbed = any(each.noise != 0 or each.shift is not None for each in sizes.values.labels)
    fits = range(len(sizes.values.fits))
    return not disturbed and all(sizes.surplus(sizes.pipeline.inputs_of(fit)) >= 0 for fit in fits)


def sections(pipeline: Pipeline, sizes: Sizes) -> list[list[int]]:
    """The fits in consecutive groups that share no inputs, or none that matter.

    Least squares with T ≥ d on one design recovers what its labels say, so that a fit to new labels on an old design is
    as good as one on a new design.

    Example
    -------
    >>> from symcollapse.language.problems import Generation
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> entries = (Generation(9), Generation(9, data="accumulate", repeat=2), Generation(9))
    >>> problem = Problem(IsotropicSpectrum(3), UniformTarget(1), entries)
    >>> pipeline = pipeline_of(problem)
    >>> sections(pipeline, Sizes.of(problem, pipeline, pipeline))
    [[0, 1, 2], [3]]
    """
    groups: list[list[int]] = []
    for fit in range(len(pipeline.fits)):
        seen = set(pipeline.inputs_of(fit))
        before = {share.labels for earlier in pipeline.fits[:fit] for share in earlier.shares}
        new_labels = all(share.labels not in before for share in pipeline.fits[fit].shares)
        own = [fit]
        if not (len(seen) == 1 and new_labels and sizes.surplus(tuple(seen)) >= 0):
            first = next(
                (
                    number
                    for number, group in enumerate(groups)
                    if any(seen & set(pipeline.inputs_of(each)) for each in group)
                ),
                len(groups),
            )
            own = [each for group in groups[first:] for each in group] + own
            groups = groups[:first]
        groups.append(own)
    return groups


def _after(entering: Outcome, section: Sequence[int], sizes: Sizes) -> Outcome | None:
    """The outcome after a section, or None where no law is known."""
    pipeline = sizes.pipeline
    allowed = {None, section[0] - 1, *section[:-1]}
    for fit in section:
        for share in pipeline.fits[fit].shares:
            if pipeline.labels[share.labels].source not in allowed:
                return None
    inputs = {each for fit in section for each in pipeline.inputs_of(fit)}
    if len(inputs) == 1:
        return _on_one_design(entering, section, sizes)
    if len(section) == 1:
        return _pooled(entering, section[0], sizes)
    if section[0] != 0:
        return None
    return purely_accumulated(section, sizes) or accumulated(section, sizes)


def _on_one_design(entering: Outcome, section: Sequence[int], sizes: Sizes) -> Outcome | None:
    """Fits on one design: e = −(I − P)w₀ + P(c·e_entering + Σ c_t δ_t) + X† Σ c_t ξ_t."""
    pipeline = sizes.pipeline
    used = pipeline.inputs_of(section[0])
    kept = sizes.kept(used)
    if kept is None:
        return None
    before = section[0] - 1
    # Coefficients of the entering error, at −1, and of the labels, after each fit.
    coefficients: dict[int, dict[int, Expr]] = {}
    for fit in section:
        total = Add(*(share.weight for share in pipeline.fits[fit].shares))
        if sizes.vanishes(total):
            return None
        row: dict[int, Expr] = {}
        for share in pipeline.fits[fit].shares:
            weight = share.weight / total
            source = pipeline.labels[share.labels].source
            row[share.labels] = row.get(share.labels, Integer(0)) + weight
            if source is not None:
                passed = {-1: Integer(1)} if source == before else coefficients[source]
                for at, value in passed.items():
                    row[at] = row.get(at, Integer(0)) + weight * value
        coefficients[fit] = {
            at: expand(value) for at, value in row.items() if not sizes.vanishes(value)
        }
    last = coefficients[section[-1]]
    result = entering.passed_on(kept * last.pop(-1, Integer(0)) ** 2, 1 - kept)
    for at, value in last.items():
        result = result.with_noise(at, value**2, kernel(used, sizes), sizes)
        result = result.with_shift(at, value**2 * kept, sizes)
    return result.needing(f"{sizes.rows(used)} {'>=' if kept == 1 else '<'} d")


def _pooled(entering: Outcome, fit: int, sizes: Sizes) -> Outcome | None:
    """One fit on several designs: e = −(I − P)w₀ + Σ_t γ_t C†(W_t (e_source + δ_t) + X_tᵀξ_t)."""
    pipeline = sizes.pipeline
    used = pipeline.inputs_of(fit)
    kept, weight = sizes.kept(used), sizes.common_weight(fit)
    if kept is None or weight is None:
        return None
    # Share of the entering error in the labels of each of the inputs.
    shares: dict[int, Expr] = {}
    result = Outcome(Integer(0), {}, {}, ())
    for share in pipeline.fits[fit].shares:
        labels = pipeline.labels[share.labels]
        own = share.weight / weight
        if labels.source is not None:
            shares[labels.inputs] = shares.get(labels.inputs, Integer(0)) + own
        part = pipeline.inputs[labels.inputs].samples / sizes.rows(used)
        result = result.with_noise(share.labels, own**2 * part, kernel(used, sizes), sizes)
        if labels.shift is not None:
            passed = sizes.passed((labels.inputs,), used)
            if passed is None:
                return None
            result = result.with_shift(share.labels, own**2 * passed, sizes)
    shares = {at: value for at, value in shares.items() if not sizes.vanishes(value)}
    amount = next(iter(shares.values()), Integer(0))
    if any(not sizes.vanishes(value - amount) for value in shares.values()):
        return None
    factor: Expr | None = Integer(0)
    if shares and not entering.is_null:
        factor = sizes.passed(tuple(shares), used)
    if factor is None:
        return None
    if factor == oo:
        result = result.needing(f"{sizes.rows(used)}{EDGE}")
    return entering.passed_on(factor * amount**2, 1 - kept).joined(result)
