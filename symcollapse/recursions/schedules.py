"""Generations whose errors add up: schedules of samples and noise, and labels that are kept."""

from sympy import Expr, Integer, Sum, summation

from symcollapse.language.errors import NotSupported
from symcollapse.language.symbols import dimension, generation, placeholder
from symcollapse.recursions.linear_recursions import ExponentialSum
from symcollapse.recursions.long_run import GenerationLaw
from symcollapse.recursions.maps import Channels, affine_map, errors_of, stepped
from symcollapse.recursions.moments import (
    SCHEDULE_CHECKED,
    generation_map,
    is_determined,
    written,
)
from symcollapse.recursions.repeated import NUMERIC, Repetition, is_scheduled
from symcollapse.recursions.sums import summed


def scheduled(repetition: Repetition) -> GenerationLaw:
    """Least squares on samples, and with noise, that differ from generation to generation.

    Raises
    ------
    NotSupported
        With a ridge, with fewer samples than features, or with real data beside.

    Example
    -------
    >>> from symcollapse.language.problems import Generation, Problem
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> entry = Generation(600 * (generation + 1), noise=1, repeat=9)
    >>> problem = Problem(IsotropicSpectrum(300), UniformTarget(1), (entry,))
    >>> str(scheduled(Repetition(problem)).rate)
    'grows like (d*sigma_0**2/600)*log n'
    """
    repetition.refuse_mixed("a schedule")
    found = generation_map(repetition.single, repetition.position, at=generation)
    repetition.check(repetition.position, found, recovering=found.design.recovers)
    if not found.design.recovers:
        raise NotSupported(
            f"a schedule with a ridge, or with fewer samples than features: {NUMERIC}"
        )
    surplus = found.design.samples - dimension
    return _added_up(repetition, found.noise / surplus, found.noise / (surplus - 1))


def accumulated(repetition: Repetition) -> GenerationLaw:
    """Least squares on all labels so far: the new ones move the fit by C⁻¹XᵀE, where C = XᵀX of all rows.

    Raises
    ------
    NotSupported
        With a ridge, with fewer samples than features, or with real data beside.

    Example
    -------
    >>> from symcollapse.language.problems import Generation, Problem
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> entry = Generation(600, noise=1, repeat=9, data="accumulate")
    >>> problem = Problem(IsotropicSpectrum(300), UniformTarget(1), (entry,))
    >>> accumulated(Repetition(problem)).limit.factor()
    -sigma_0**2*(polygamma(0, 1 - d/T_0) + EulerGamma)
    """
    repetition.refuse_mixed("data = 'accumulate'")
    entry, single, position = repetition.entry, repetition.single, repetition.position
    if is_determined(single, entry) is not True or entry.ridge != 0:
        raise NotSupported(
            f"data = 'accumulate' is solved for least squares with samples >= dimension; {NUMERIC}"
        )
    noise = written(single, position, "noise", generation)
    size = written(single, position, "samples", generation)
    if entry.design == "shared":
        if is_scheduled(entry):
            raise NotSupported(f"accumulated labels of one design in a schedule: {NUMERIC}")
        # Each fit is the mean of the fits of all its labels, so the new noise has the weight 1/(m + 1).
        weight, rows = noise**2 / (generation + 1) ** 2, size
    else:
        rows = size * (generation + 1)
        if size.has(generation):
            each = placeholder("m")
            rows = summation(size.xreplace({generation: each}), (each, 0, generation))
        if rows.has(Sum):
            raise NotSupported(f"samples = {size}: their sum has no closed form; {NUMERIC}")
        weight = noise**2 * size / rows
    return _added_up(repetition, weight / (rows - dimension), weight / (rows - dimension - 1))


def _added_up(repetition: Repetition, level: Expr, exact_level: Expr) -> GenerationLaw:
    """The law of a noise level π that grows by a function of the generation's number."""
    if repetition.position:
        raise NotSupported("generations that add up must be the first entry")
    count, equal = repetition.count, repetition.equal
    total = summed(level, count)
    after = repetition.listed_after()
    exact = None
    bias: Expr = Integer(0)
    if not after:
        variance = dimension * level.xreplace({generation: count - 1})
        base, slope = Integer(0), dimension
        # The sum of one term less, not a difference, which would cancel.
        synthetic = dimension * total.partial.xreplace({count: count - 1})
        if not _is_near_the_dimension(repetition):
            exact = dimension * summed(exact_level, count).partial
    else:
        unit = placeholder("pi")
        channels = Channels(noise=ExponentialSum.constant(unit))
        maps = {place: generation_map(repetition.single, place) for place in after}
        for place, found in maps.items():
            repetition.check(place, found, recovering=True)
        steps = {place: affine_map(found, isotropic=False) for place, found in maps.items()}
        for place in after[:-1]:
            channels = stepped(steps[place], channels, equal)
        tested = steps[repetition.tested]
        bias, noisy = (each.at(Integer(0)) for each in errors_of(tested, channels, equal))
        variance, slope = tested.errors["noise"], noisy.diff(unit)
        rest = noisy.xreplace({unit: Integer(0)}) - variance
        synthetic = slope * total.partial + rest
        base = bias + variance + rest
    return GenerationLaw(
        repetition.problem,
        count,
        repetition.least_count,
        bias,
        variance,
        synthetic,
        None,
        (base, slope, total),
        repetition.numbers,
        exact,
        ("every batch has as many samples as features, or more",),
    )


def _is_near_the_dimension(repetition: Repetition) -> bool:
    """Whether some fit has fewer than d + 2 rows, where noise has an infinite mean."""
    entry, least = repetition.entry, dimension + 2
    # Rows that accumulate are fewest in the first fit.
    tried = 1 if entry.data == "accumulate" else SCHEDULE_CHECKED
    sizes = (entry.samples.xreplace({generation: Integer(m)}) for m in range(tried))
    numbers = {dimension: repetition.problem.dimension}
    return any((size - least).xreplace(numbers).is_extended_negative for size in sizes)
