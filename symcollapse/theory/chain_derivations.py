"""The steps from the definition of a chain's test error to its formula.

The start is what the definition gives once the independent label noises are averaged: with M = A_n ⋯ A_0,

    E‖ŵ − w₀‖²_Σ = w₀ᵀE[(M − I)ᵀΣ(M − I)]w₀ + Σ_noises σ² tr(E[(A_n ⋯ A_{k+1})ᵀΣ(A_n ⋯ A_{k+1})] E[K_kK_kᵀ]).

Then the designs are averaged from the last to the first, each by its rule, and the lines are collected. This route shares
with `composition` only the rules for one design; its last step proves that both give the same.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Literal

from sympy import Add, Expr, Gt, Integer, Lt, Symbol
from sympy.core.relational import Relational

from symcollapse.equivalents import (
    MeanMap,
    Moment,
    NoiseMoment,
    SecondMoment,
    replace_exactly,
    replace_moments,
)
from symcollapse.language.domains import Domain, Range
from symcollapse.language.errors import NotSupported
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.quantities import QuadraticForm, SpectralTrace
from symcollapse.language.symbols import dimension
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.reasoning import (
    Algebra,
    Derivation,
    Equivalents,
    ExactMoments,
    Justification,
    Step,
)
from symcollapse.theory.chains import Chain

LONGEST_IN_STEPS = 3
"""Designs up to which each is averaged in a step of its own."""

MOST_IN_STEPS = 24
"""Designs up to which the steps are written out; lines grow with the square of their number."""

Part = Literal["total", "bias", "variance", "synthetic"]
"""Part of the test error."""

SUBJECTS: Mapping[Part, str] = {
    "total": r"\mathbb{E}\,\|\hat{w} - w_0\|_\Sigma^2",
    "bias": r"\mathrm{Bias}",
    "variance": r"\mathrm{Var}",
    "synthetic": r"n\sigma_0^2\rho",
}
"""The parts, as LaTeX."""


def definition(chain: Chain, part: Part = "total") -> Expr:
    """The test error of a chain, or a part of it, before any design is averaged.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream, Problem
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> from symcollapse.theory.chains import chain_of
    >>> fit = Downstream(1000, noise=1, ridge=1)
    >>> definition(chain_of(Problem(IsotropicSpectrum(300), UniformTarget(1), (), fit)))
    sigma**2*tr(Sigma*E[K_0 K_0']) + <w_0|(-2*Sigma*E[A_0] + Sigma + E[A_0' Sigma A_0])|w_0>
    """
    second: Expr = s
    average: Expr = Integer(1)
    noises: list[Expr] = []
    for stage in reversed(chain.stages):
        for noise in stage.noises:
            if part not in ("total", "variance" if chain.is_tested(stage, noise) else "synthetic"):
                continue
            kernel = NoiseMoment(stage.design, noise.fit)
            noises.append(noise.count * noise.deviation**2 * SpectralTrace(second * kernel, SIGMA))
        second = SecondMoment(stage.design, second)
        average = average * MeanMap(stage.design)
    if part in ("total", "bias"):
        noises.append(QuadraticForm(second - 2 * s * average + s, SIGMA, W0))
    return Add(*noises)


def domain_of(chain: Chain) -> Domain:
    """Where a chain's formula is tried: in its regime, off the interpolation threshold.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream, Problem
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> from symcollapse.theory.chains import chain_of
    >>> domain_of(
    ...     chain_of(Problem(IsotropicSpectrum(3), UniformTarget(1), (), Downstream(9)))
    ... ).conditions
    (T > d + 1,)
    """
    conditions: list[Relational] = []
    ranges: dict[Symbol, Range] = {}
    for stage in chain.stages:
        _add_ranges(ranges, stage.design.samples, Range(2, 90, whole=True))
        for ridge in stage.design.ridges:
            _add_ranges(ranges, ridge, Range(Fraction(1, 1000), 3))
        for noise in stage.noises:
            _add_ranges(ranges, noise.deviation, Range(Fraction(1, 10), 2))
            _add_ranges(ranges, noise.count, Range(1, 30, whole=True))
    for stage in chain.stages:
        samples = stage.design.samples
        if 0 not in stage.design.ridges or not samples.free_symbols:
            continue
        condition = (
            Gt(samples, dimension + 1) if stage.design.is_determined else Lt(samples, dimension)
        )
        if condition not in conditions:
            conditions.append(condition)
    return Domain(ranges, tuple(conditions))


def _add_ranges(ranges: dict[Symbol, Range], value: Expr, usual: Range) -> None:
    """Ranges for the symbols of a value that have none yet; those of sizes come first."""
    for symbol in sorted(value.free_symbols, key=str):
        if isinstance(symbol, Symbol) and symbol != dimension:
            ranges.setdefault(symbol, usual)


def derivation_of(chain: Chain, result: Expr, title: str, part: Part = "total") -> Derivation:
    """Derivation of a chain's test error, or of a part of it, in the proportional limit.

    Parameters
    ----------
    chain
        The chain.
    result
        The formula that the composition gave; the last step shows that it is the same.
    title
        What is derived.
    part
        The total, or its bias, variance or synthetic part.

    Raises
    ------
    NotSupported
        For chains of more than `MOST_IN_STEPS` designs.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream, Problem
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> from symcollapse.reasoning import check
    >>> from symcollapse.theory.test_errors import test_error
    >>> problem = Problem(
    ...     IsotropicSpectrum(3), UniformTarget(1), (), Downstream(9, noise=1, ridge=1)
    ... )
    >>> error = test_error(problem)
    >>> check(derivation_of(error.chain, error.total, "Ridge")).passed
    True
    """
    start = definition(chain, part)
    steps = _averaged(chain, start, replace_moments, Equivalents)
    if not steps or result != steps[-1].to:
        steps.append(Step(result, Algebra("collected, so that every term is positive")))
    return Derivation(title, start, tuple(steps), domain_of(chain), SUBJECTS[part])


def _averaged(
    chain: Chain,
    start: Expr,
    rule: Callable[[Expr, int], Expr | None],
    justification: Callable[[tuple[int, ...]], Justification],
) -> list[Step]:
    """Steps that average the designs by a rule, from the last to the first."""
    if len(chain.stages) > MOST_IN_STEPS:
        raise NotSupported(
            f"{len(chain.stages)} designs: steps are written out for at most {MOST_IN_STEPS}; lower repeat "
            "(the formula itself is there)"
        )
    line, steps = start, []
    for positions in _batches(chain, start):
        for position in positions:
            replaced = rule(line, position)
            assert replaced is not None
            line = replaced
        steps.append(Step(line, justification(positions)))
    return steps


def _batches(chain: Chain, line: Expr) -> tuple[tuple[int, ...], ...]:
    """Designs from last to first, one to a step, or in long chains the last one and then all others."""
    present = {moment.design.position for moment in line.atoms(Moment)}
    order = tuple(k for k in range(len(chain.stages) - 1, -1, -1) if k in present)
    if len(order) <= LONGEST_IN_STEPS:
        return tuple((position,) for position in order)
    return order[:1], order[1:]


def exact_derivation_of(chain: Chain, result: Expr, title: str) -> Derivation:
    """Derivation of the exact test error of least squares with T ≥ d + 2 throughout.

    Raises
    ------
    NotSupported
        For chains of another kind.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream, Problem
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> from symcollapse.theory.test_errors import test_error
    >>> problem = Problem(IsotropicSpectrum(3), UniformTarget(1), (), Downstream(9, noise=1))
    >>> error = test_error(problem)
    >>> exact_derivation_of(error.chain, error.exact.total, "Least squares").result
    d*sigma**2/(T - d - 1)
    """
    start = definition(chain)
    steps = _averaged(chain, start, replace_exactly, ExactMoments)
    if not steps or result != steps[-1].to:
        steps.append(Step(result, Algebra("collected")))
    return Derivation(title, start, tuple(steps), domain_of(chain), SUBJECTS["total"])
