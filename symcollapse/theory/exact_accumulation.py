"""Accumulated data: fits on all inputs so far, alone or mixed with fits on new inputs only.

Two laws. *Purely accumulated* data, each generation's own labels on its own new inputs: the normal equations of the fit
before are contained in those of the next, so that, at every size,

    w_{m+1} = w_m + C_m†X_mᵀ(ξ_m + X_m δ_m),

a sum of independent terms: any Σ where N ≥ d, isotropic Σ where N < d, noise and shifts.

*In general* (mixed labels, fresh real samples, generations that replace in between) with N ≥ d + 2 in all fits and no
shifts: let C = Σ W_b be over all inputs so far, S = Σ(W_b e_source + X_bᵀξ) over all labels so far, e the last error.
Replacing the X_b by X_b A, for an invertible A, replaces C, S, e by AᵀCA, AᵀS, A⁻¹e; so, given C,

    E[SSᵀ|C] = s·C,    E[Seᵀ|C] = m·I,    E[eeᵀ|C] = v·C⁻¹,

with three numbers, and as what comes new is independent of the past, they follow from the three before. Their
coefficients are means of Wishart matrices alone: if E[Q|C] = φ·C then φ = E tr Q / E tr C. Exact for any Σ.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Expr, Integer, S, expand

from symcollapse.language.effective_ridges import WishartSurplus
from symcollapse.language.problems import SIGMA
from symcollapse.language.symbols import dimension as d
from symcollapse.theory.exact_sections import Outcome, Sizes, kernel
from symcollapse.theory.matrix_beta_moments import passed_energy, share_of_square


@dataclass(frozen=True)
class _Step:
    """One fit of a section that accumulates."""

    is_full: bool
    """Whether it sees all inputs so far, or the new ones only."""
    old: tuple[int, ...]
    """Inputs seen before."""
    passing: tuple[int, ...]
    """New inputs whose labels hold the error before."""
    resting: tuple[int, ...]
    """Other new inputs."""
    amount: Expr
    """Share of the error before in the labels of ``passing``."""
    labels: tuple[tuple[int, Expr], ...]
    """New labels, with their weights."""

    @property
    def new(self) -> tuple[int, ...]:
        """All new inputs."""
        return self.passing + self.resting


def _steps(section: Sequence[int], sizes: Sizes) -> list[_Step] | None:
    """The fits of a section, or None if they are not as described above."""
    pipeline = sizes.pipeline
    so_far: dict[int, Expr] = {}
    seen: tuple[int, ...] = ()
    found: list[_Step] = []
    for fit in section:
        weight = sizes.common_weight(fit)
        if weight is None or not sizes.vanishes(weight - 1):
            return None
        used = pipeline.inputs_of(fit)
        new = tuple(each for each in used if each not in seen)
        shares: dict[int, Expr] = {}
        for share in pipeline.fits[fit].shares:
            shares[share.labels] = shares.get(share.labels, Integer(0)) + share.weight
        is_full = set(used) == {*seen, *new}
        own = {at: value for at, value in shares.items() if pipeline.labels[at].inputs in new}
        old = {at: value for at, value in shares.items() if at not in own}
        if not new or old != (so_far if is_full else {}):
            return None
        passed: dict[int, Expr] = {}
        for at, value in own.items():
            labels = pipeline.labels[at]
            if labels.source is not None:
                if labels.source != fit - 1:
                    return None
                passed[labels.inputs] = passed.get(labels.inputs, Integer(0)) + value
        passed = {at: value for at, value in passed.items() if not sizes.vanishes(value)}
        amount = next(iter(passed.values()), Integer(0))
        if any(not sizes.vanishes(value - amount) for value in passed.values()):
            return None
        resting = tuple(each for each in new if each not in passed)
        found.append(
            _Step(is_full, seen, tuple(passed), resting, expand(amount), tuple(own.items()))
        )
        seen += new
        so_far |= own
    return found


def purely_accumulated(section: Sequence[int], sizes: Sizes) -> Outcome | None:
    """The outcome where every fit sees all labels so far, and all labels but the first are of the fit before.

    Example
    -------
    >>> from symcollapse.language.pipelines import pipeline_of
    >>> from symcollapse.language.problems import Generation, Problem
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> entries = (Generation(4, noise=1, repeat=2, data="accumulate"),)
    >>> problem = Problem(IsotropicSpectrum(2), UniformTarget(1), entries)
    >>> pipeline = pipeline_of(problem)
    >>> purely_accumulated([0, 1], Sizes.of(problem, pipeline, pipeline)).noises
    {0: d/(3 - d), 1: d/(2*(7 - d))}
    """
    steps = _steps(section, sizes)
    if steps is None:
        return None
    outcome = Outcome(Integer(0), {}, {}, ())
    for number, step in enumerate(steps):
        alone = number > 0 and (step.resting or not sizes.vanishes(step.amount - 1))
        used = step.old + step.new
        kept = sizes.kept(used)
        if not step.is_full or alone or kept is None:
            return None
        if number == 0:
            outcome = outcome.passed_on(Integer(0), 1 - kept)
        for at, weight in step.labels:
            labels = sizes.pipeline.labels[at]
            part = sizes.pipeline.inputs[labels.inputs].samples / sizes.rows(used)
            outcome = outcome.with_noise(at, weight**2 * part, kernel(used, sizes), sizes)
            if labels.shift is not None:
                passed = sizes.passed((labels.inputs,), used)
                if passed is None:
                    return None
                outcome = outcome.with_shift(at, weight**2 * passed, sizes)
        outcome = outcome.needing(f"{sizes.rows(used)} {'>=' if kept == 1 else '<'} d")
    return outcome


@dataclass(frozen=True)
class _State:
    """The second moments of S and e, given C, for the noise of one set of labels: a common factor times (s, m, v).

    After a fit to all inputs s = m = v. Without the factor the formula would be three times as long with every such fit.
    """

    factor: Expr = S.One
    sums: Expr = S.Zero
    """s"""
    mixed: Expr = S.Zero
    """m"""
    error: Expr = S.Zero
    """v"""


def accumulated(section: Sequence[int], sizes: Sizes) -> Outcome | None:
    """The outcome in general, for N ≥ d + 2 and labels without shifts.

    Example
    -------
    >>> from symcollapse.language.pipelines import pipeline_of
    >>> from symcollapse.language.problems import Generation, Problem
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> entries = (Generation(4, noise=1), Generation(4, real_weight=1, data="accumulate"))
    >>> problem = Problem(IsotropicSpectrum(2), UniformTarget(1), entries)
    >>> pipeline = pipeline_of(problem)
    >>> accumulated([0, 1], Sizes.of(problem, pipeline, pipeline)).noises
    {0: d/(2*(7 - d))}
    """
    steps = _steps(section, sizes)
    pipeline = sizes.pipeline
    if steps is None:
        return None
    inputs = tuple(each for step in steps for each in step.new)
    if sizes.covariance(inputs) is None:
        return None
    for step in steps:
        used = step.new + step.old if step.is_full else step.new
        shifted = any(pipeline.labels[at].shift is not None for at, _ in step.labels)
        if shifted or sizes.surplus(used) < 2:
            return None
    outcome = Outcome(Integer(0), {}, {}, ())
    for first, step in enumerate(steps):
        for at, weight in step.labels:
            if not sizes.vanishes(weight * pipeline.labels[at].noise):
                state = _new(step, at, weight, sizes)
                for later in steps[first + 1 :]:
                    state = _next(state, later, sizes)
                trace = kernel(inputs, sizes)
                outcome = outcome.with_noise(at, state.factor * state.error, trace, sizes)
    for step in steps:
        used = step.old + step.new if step.is_full else step.new
        outcome = outcome.needing(f"{sizes.rows(used)} >= d + 2")
    return outcome


def _new(step: _Step, labels: int, weight: Expr, sizes: Sizes) -> _State:
    """The state after the fit that is the first to see some labels, in units of their variance."""
    part = sizes.pipeline.inputs[sizes.pipeline.labels[labels].inputs].samples
    fresh = sizes.rows(step.new)
    total = sizes.rows(step.old + step.new)
    sums = weight**2 * part / total
    if step.is_full:
        return _State(sums, S.One, S.One, S.One)
    in_new = weight**2 * part / fresh
    return _State(S.One, sums, in_new, in_new * _ratio(total, fresh))


def _next(state: _State, step: _Step, sizes: Sizes) -> _State:
    """The state after one more fit, whose own noise is counted elsewhere."""
    old, share, rest = (sizes.rows(each) for each in (step.old, step.passing, step.resting))
    fresh, total = share + rest, old + share + rest
    amount = step.amount
    inverse = 1 / WishartSurplus(old, SIGMA)
    # E[W C⁻¹ W|C'] and so on, with E C⁻¹ put in for C⁻¹, which is independent of W.
    square = share * (share + d + 1) * inverse / total
    sums = (
        state.sums * old / total
        + 2 * amount * state.mixed * share / total
        + amount**2 * state.error * square
    )
    if step.is_full:
        return _State(state.factor * sums, S.One, S.One, S.One)
    if not step.passing:
        return _State(state.factor, sums)
    passed = passed_energy(share, rest, sizes.surplus(step.new), sizes.problem.dimension)
    assert passed is not None
    mixed = (
        amount * state.mixed * share / fresh
        + amount**2 * state.error * fresh * share_of_square(share, rest) * inverse
    )
    error = amount**2 * state.error * passed * _ratio(total, old)
    return _State(state.factor, sums, mixed, error)


def _ratio(total: Expr, part: Expr) -> Expr:
    """The number r in E[C_part⁻¹|C] = r·C⁻¹."""
    return WishartSurplus(total, SIGMA) / WishartSurplus(part, SIGMA)
