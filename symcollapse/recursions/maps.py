"""Affine maps of moments, applied to sequences of them: again and again, or once more."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sympy import Expr, Integer

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
