"""Affine maps of moments, applied to sequences of them: again and again, or once more."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sympy import Basic, Expr, Integer, factor

from symcollapse.equivalents import Design
from symcollapse.language.problems import SIGMA
from symcollapse.language.quantities import DegreesOfFreedom
from symcollapse.language.symbols import dimension
from symcollapse.recursions.linear_recursions import Equal, ExponentialSum, solve_recursion
from symcollapse.recursions.moments import GenerationMap, Moments, respond


@dataclass(frozen=True)
class Channels:
    """The sequences of the first number, and of the second without and with noise alone."""

    first: ExponentialSum = field(default_factory=ExponentialSum)
    signal: ExponentialSum = field(default_factory=ExponentialSum)
    noise: ExponentialSum = field(default_factory=ExponentialSum)


@dataclass(frozen=True)
class AffineMap:
    """A fit as a map of (constant, first, second, noise), by its coefficients."""

    firsts: Mapping[str, Expr]
    """Those of the new first number."""
    seconds: Mapping[str, Expr]
    """Those of the new second number."""
    errors: Mapping[str, Expr]
    """Those of the error."""


def affine_map(fit: GenerationMap, *, isotropic: bool, exact: bool = False) -> AffineMap:
    """The coefficients of a fit, read off at unit arguments.

    Example
    -------
    >>> from symcollapse.language.problems import Generation, Problem
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> from symcollapse.recursions.moments import generation_map
    >>> problem = Problem(IsotropicSpectrum(3), UniformTarget(1), (Generation(9, noise=1),))
    >>> affine_map(generation_map(problem, 0), isotropic=False).seconds["noise"]
    sigma_0**2/(T_0 - d)
    """
    zero, one = Integer(0), Integer(1)
    units = {
        "constant": (zero, zero, one, zero),
        "first": (one, zero, zero, zero),
        "second": (zero, one, zero, zero),
        "noise": (zero, zero, zero, fit.noise),
    }
    answers = {
        name: respond(
            fit,
            Moments(first, second),
            isotropic=isotropic,
            constant=constant,
            noise=own,
            exact=exact,
        )
        for name, (first, second, constant, own) in units.items()
    }
    return AffineMap(
        {name: each.moments.first for name, each in answers.items()},
        {name: each.moments.second for name, each in answers.items()},
        {name: each.error for name, each in answers.items()},
    )


def in_sizes(step: AffineMap, design: Design, scale: Expr) -> AffineMap:
    """The map with the quantities of least squares below the dimension written out, for Σ = scale·I.

    There κ = scale·(d − T)/T, so that df₁ = T and df₂ = T²/d. Ratios and coefficients that are equal, or 0, are then seen
    to be.

    Example
    -------
    >>> from symcollapse.language.problems import Generation, Problem
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> from symcollapse.recursions.moments import generation_map
    >>> problem = Problem(IsotropicSpectrum(9), UniformTarget(1), (Generation(3, noise=1),))
    >>> found = generation_map(problem, 0)
    >>> in_sizes(affine_map(found, isotropic=True), found.design, Integer(1)).seconds["second"]
    T_0/d
    """
    if design.ridge != 0 or design.recovers:
        return step
    kappa, rows = design.effective_ridge, design.samples
    quantities: dict[Basic, Basic] = {
        design.residual: rows * (dimension - rows) / dimension,
        DegreesOfFreedom(1, kappa, SIGMA): rows,
        DegreesOfFreedom(2, kappa, SIGMA): rows**2 / dimension,
    }
    ridge: dict[Basic, Basic] = {kappa: scale * (dimension - rows) / rows}

    def written_out(row: Mapping[str, Expr]) -> dict[str, Expr]:
        return {
            name: factor(each.xreplace(quantities).xreplace(ridge)) for name, each in row.items()
        }

    return AffineMap(*map(written_out, (step.firsts, step.seconds, step.errors)))


def repeated(step: AffineMap, start: Channels, equal: Equal) -> Channels:
    """A map again and again, from moments that are constants.

    Example
    -------
    >>> half = dict(constant=Integer(1), first=Integer(0), second=Integer(2), noise=Integer(0))
    >>> nothing = dict.fromkeys(half, Integer(0))
    >>> repeated(AffineMap(nothing, half, half), Channels(), lambda a, b: a == b).signal.terms
    ((1, (-1,)), (2, (1,)))
    """
    first = _solved(
        step.firsts["first"], ExponentialSum.constant(step.firsts["constant"]), start.first, equal
    )
    driven = first.times(step.seconds["first"]).plus(
        ExponentialSum.constant(step.seconds["constant"]), equal
    )
    factor, noise = step.seconds["second"], ExponentialSum.constant(step.seconds["noise"])
    return Channels(
        first,
        _solved(factor, driven, start.signal, equal),
        _solved(factor, noise, start.noise, equal),
    )


def _solved(
    factor: Expr, forcing: ExponentialSum, start: ExponentialSum, equal: Equal
) -> ExponentialSum:
    """A recursion from a constant on; nothing from nothing."""
    if not forcing.terms and not start.terms:
        return forcing
    return solve_recursion(factor, forcing, start.at(Integer(0)), equal)


def stepped(step: AffineMap, before: Channels, equal: Equal) -> Channels:
    """One more map, which may be another."""

    def combined(row: Mapping[str, Expr]) -> ExponentialSum:
        moved = before.first.times(row["first"]).plus(before.signal.times(row["second"]), equal)
        return moved.plus(ExponentialSum.constant(row["constant"]), equal)

    noise = before.noise.times(step.seconds["second"])
    return Channels(
        combined(step.firsts),
        combined(step.seconds),
        noise.plus(ExponentialSum.constant(step.seconds["noise"]), equal),
    )


def errors_of(
    tested: AffineMap, before: Channels, equal: Equal
) -> tuple[ExponentialSum, ExponentialSum]:
    """Errors of a fit, without noise and of noise alone."""
    ended = stepped(AffineMap(tested.firsts, tested.errors, tested.errors), before, equal)
    return ended.signal, ended.noise
