"""A problem with a symbolic number of generations, solved.

The recursion depends on what is repeated:

- least squares with as many rows as features, for every Σ, and any fit for Σ = s·I: two numbers, of which each obeys a
  linear recursion with constant coefficients (`moments`);
- labels that are kept (accumulated), on fresh or on the same inputs, and schedules: a sum over generations
  (`schedules`);
- least squares again and again on one design with fewer rows: what the formula of `test_errors` says at once.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

from sympy import Eq, Expr, Integer, Piecewise, Poly

from symcollapse.language.errors import NotSupported
from symcollapse.language.problems import Problem
from symcollapse.language.spectra import IsotropicSpectrum
from symcollapse.language.symbols import dimension
from symcollapse.recursions.linear_recursions import ExponentialSum
from symcollapse.recursions.long_run import GenerationLaw
from symcollapse.recursions.maps import (
    Channels,
    affine_map,
    errors_of,
    in_sizes,
    repeated,
    stepped,
)
from symcollapse.recursions.moments import (
    SHIFT,
    GenerationMap,
    generation_map,
    written,
)
from symcollapse.recursions.repeated import NUMERIC, Repetition, is_scheduled
from symcollapse.recursions.schedules import accumulated, scheduled
from symcollapse.theory.test_errors import test_error


@dataclass(frozen=True)
class _Parts:
    """The error without noise, with noise alone, and with the tested fit's noise alone."""

    bias: ExponentialSum
    noise: ExponentialSum
    variance: ExponentialSum
    synthetic: ExponentialSum
    """Noise less variance, without the cancellation."""


@lru_cache(maxsize=256)
def solve_generations(problem: Problem) -> GenerationLaw:
    """Solve the recursion of a problem in the number n of its repeated generations.

    Parameters
    ----------
    problem
        With one repeated entry: its ``repeat`` is a symbol, or a number, for which n is put.

    Raises
    ------
    NotSupported
        Where no closed form is known; `state_evolution` goes on in numbers.
    InvalidProblem
        If it is not clear which entry is repeated.

    Example
    -------
    >>> from symcollapse.language.problems import Generation
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.symbols import generations
    >>> from symcollapse.language.targets import UniformTarget
    >>> entry = Generation(600, noise=1, repeat=generations)
    >>> law = solve_generations(Problem(IsotropicSpectrum(300), UniformTarget(1), (entry,)))
    >>> law.error.factor(), law.limit, str(law.rate)
    (d*n*sigma_0**2/(T_0 - d), oo, 'grows like (d*sigma_0**2/(T_0 - d))*n')
    """
    repetition = Repetition(problem)
    entry = repetition.entry
    if entry.data == "accumulate":
        return accumulated(repetition)
    for place, (name, fit) in enumerate(repetition.single.fits):
        if place != repetition.position and fit.data == "accumulate":
            raise NotSupported(
                f"{name}.data = 'accumulate' beside generations that replace: {NUMERIC}"
            )
    if is_scheduled(entry):
        return scheduled(repetition)
    if repetition.is_shared_and_short:
        return _on_one_short_design(repetition)
    return _closed(repetition)


def _closed(repetition: Repetition) -> GenerationLaw:
    """Two numbers carry the moments on."""
    single, equal = repetition.single, repetition.equal
    maps = [generation_map(single, place) for place in range(len(single.fits))]
    recovering = all(each.design.recovers for each in maps[: len(single.generations)])
    for place, found in enumerate(maps):
        repetition.check(place, found, recovering=recovering)
    parts = _solved(repetition, maps, isotropic=not recovering, exact=False)
    exact = None
    if recovering and all(map(repetition.has_exact_law, maps)):
        finite = _solved(repetition, maps, isotropic=False, exact=True)
        exact = finite.bias.plus(finite.noise, equal).at(repetition.count)
    conditions = (
        f"{each.design.samples} {'>=' if each.design.is_determined else '<'} d"
        for each in maps
        if each.design.recovers or each.design.ridge == 0
    )
    law = _law(repetition, parts, exact, tuple(dict.fromkeys(conditions)))
    entry = repetition.entry
    if entry.real_weight != 0 and entry.real_data == "same" and not repetition.listed_after():
        # Only the first fit's own noise is kept whole; later ones give theirs the weight 1 − ω.
        own = law.variance * (1 - written(single, repetition.position, "real_weight")) ** 2
        variance = Piecewise((law.variance, Eq(law.count, 1)), (own, True))
        synthetic = Piecewise(
            (Integer(0), Eq(law.count, 1)), (law.synthetic + law.variance - own, True)
        )
        return replace(law, variance=variance, synthetic=synthetic)
    return law


def _solved(
    repetition: Repetition, maps: list[GenerationMap], *, isotropic: bool, exact: bool
) -> _Parts:
    equal = repetition.equal
    steps = [affine_map(each, isotropic=isotropic, exact=exact) for each in maps]
    spectrum = repetition.problem.spectrum
    if isotropic and isinstance(spectrum, IsotropicSpectrum):
        steps = [
            in_sizes(step, each.design, spectrum.scale)
            for step, each in zip(steps, maps, strict=True)
        ]
    channels = Channels()
    for place in range(repetition.position + 1):
        channels = repeated(steps[place], channels, equal)
        if place < repetition.position:
            repeats = repetition.single.generations[place].repeat
            at = [each.at(repeats) for each in (channels.first, channels.signal, channels.noise)]
            channels = Channels(*map(ExponentialSum.constant, at))
    after = repetition.listed_after()
    for place in after[:-1]:
        channels = stepped(steps[place], channels, equal)
    tested = steps[repetition.tested]
    variance = ExponentialSum.constant(tested.errors["noise"])
    carried = tested.errors["second"]
    if after:
        bias, noise = errors_of(tested, channels, equal)
        return _Parts(bias, noise, variance, channels.noise.times(carried))
    earlier = channels.noise.one_before().times(carried)
    if isotropic:
        return _Parts(channels.signal, channels.noise, variance, earlier)
    bias = channels.signal.times(dimension)
    if channels.first.terms:
        of_shift = maps[repetition.position].of_truth(Integer(1), SHIFT)
        bias = bias.plus(channels.first.times(of_shift), equal)
    return _Parts(bias, channels.noise.times(dimension), variance, earlier)


def _on_one_short_design(repetition: Repetition) -> GenerationLaw:
    """Least squares of minimum norm on the same inputs: each fit after the first adds its noise, and no more."""
    found = test_error(repetition.problem)
    wanted = (found.bias, found.variance + found.synthetic, found.variance, found.synthetic)
    parts = []
    for part in wanted:
        powers = Poly(part, repetition.count).all_coeffs()
        parts.append(ExponentialSum(((Integer(1), tuple(reversed(powers))),) if part != 0 else ()))
    return _law(repetition, _Parts(*parts), None, found.chain.regime)


def _law(
    repetition: Repetition, parts: _Parts, exact: Expr | None, conditions: tuple[str, ...]
) -> GenerationLaw:
    return GenerationLaw(
        repetition.problem,
        repetition.count,
        repetition.least_count,
        parts.bias.at(repetition.count),
        parts.variance.at(repetition.count),
        parts.synthetic.at(repetition.count),
        parts.bias.plus(parts.noise, repetition.equal),
        None,
        repetition.numbers,
        exact,
        conditions,
    )
