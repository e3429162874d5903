"""Plans: a pipeline in doubles. Each exact number of a problem is converted here, once, and checked."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sympy import Add, Basic, Expr

from symcollapse.language import symbols
from symcollapse.language.errors import InvalidProblem, NotEvaluable
from symcollapse.language.fits import NUMBERS
from symcollapse.language.naming import named_parts, repetitions
from symcollapse.language.pipelines import Pipeline, PipelineFit, pipeline_of
from symcollapse.language.problems import SIGMA, Fit, Generation, Problem
from symcollapse.simulation.populations import (
    Doubles,
    coefficients_of,
    eigenvalues_of,
    features,
    number,
    population_of,
)
from symcollapse.simulation.regression import AMPLE

MOST_ENTRIES = 200_000_000
"""Entries of the designs held at once; 1.6 GB, and at most twice that again while they are fitted."""

ALIKE = 16
"""Rows whose weighted variances stay within this factor of the largest, feature by feature, count as alike.

Normal equations are safe if there are ample rows alike: their condition grows by this factor at most.
"""


@dataclass(frozen=True, eq=False)
class PlannedInputs:
    """A design to be drawn."""

    samples: int
    """Number of rows."""
    eigenvalues: Doubles
    """Shape (d,); variances of the features."""
    last_use: int
    """Number of the last fit that sees it."""
    fits: int
    """How many fits see it."""


@dataclass(frozen=True, eq=False)
class PlannedLabels:
    """Labels to be made."""

    inputs: int
    """Which inputs."""
    source: int | None
    """Number of the fit that makes them; None for the truth."""
    noise: float
    """Standard deviation of their noise."""
    shift: Doubles | None
    """Shape (d,); standard deviations of the shift of the source's weights, if there is one."""
    last_use: int
    """Number of the last fit that takes a share."""


@dataclass(frozen=True)
class Batch:
    """One set of inputs of a fit, and its labels there: a weighted mean of several."""

    inputs: int
    """Which inputs."""
    weight: float
    """Total weight of its labels in the loss, > 0."""
    labels: tuple[tuple[int, float], ...]
    """Which labels, each with its part of that weight; the parts add up to 1."""


@dataclass(frozen=True, eq=False)
class PlannedFit:
    """A fit in numbers."""

    batches: tuple[Batch, ...]
    """What is fitted."""
    rows: float
    """N: rows counted with their weights."""
    ridge: float
    """λ; 0 is least squares of minimum norm."""
    features: int | None
    """Width of random features."""
    ample: bool
    """Whether the normal equations are safe."""
    order: NDArray[np.intp] | None
    """Shape (d,); features in falling order of variance, if that is not the order of the plan."""


@dataclass(frozen=True, eq=False)
class Plan:
    """A pipeline in numbers: all that one trial needs; build it with `plan_of`."""

    eigenvalues: Doubles
    """Shape (d,); variances of the features in the test, in falling order."""
    truth: Doubles
    """Shape (d,); w₀ in the same order."""
    inputs: tuple[PlannedInputs, ...]
    labels: tuple[PlannedLabels, ...]
    fits: tuple[PlannedFit, ...]
    """In order of time; the last one is what is tested."""


def plan_of(problem: Problem) -> Plan:
    """Numbers of a problem; each exact number becomes a double here, once.

    Raises
    ------
    NotEvaluable
        If symbols have no value (the message names them), or the problem is too large to draw.
    InvalidProblem
        If a noise or a ridge comes out negative, a size is no integer, or labels have no positive weight.
    NotSupported
        If there are too many fits.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> plan = plan_of(
    ...     Problem(
    ...         IsotropicSpectrum(2),
    ...         UniformTarget(1),
    ...         generations=(Generation(8, noise="1/5", repeat=3),),
    ...         downstream=Downstream(16, ridge=symbols.samples**-1, data="accumulate"),
    ...     )
    ... )
    >>> plan.fits[3].ridge, plan.fits[3].rows
    (0.0625, 40.0)
    """
    unknown = _unknown_symbols(problem)
    if unknown:
        names = ", ".join(sorted(str(symbol) for symbol in unknown))
        raise NotEvaluable(f"a simulation needs numbers: {names} has no value; give one for each")
    return _Planning(problem).plan()


class _Planning:
    """A plan, while it is put together."""

    def __init__(self, problem: Problem) -> None:
        population = population_of(problem)
        self.size = features(problem.spectrum)
        self.places = [(place, fit) for place, fit in problem.fits for _ in range(repetitions(fit))]
        """The entry that each fit comes from."""
        self.pipeline: Pipeline = pipeline_of(problem)
        # Several spectra have no order in common that falls: fits have their own, where it matters.
        self.order = np.argsort(-population.eigenvalues, kind="stable")
        self.truth = population.coefficients[self.order]
        parts = named_parts(problem)
        self.eigenvalues = {SIGMA: population.eigenvalues[self.order]}
        for name, spectrum in parts.spectra:
            self.eigenvalues[name] = eigenvalues_of(spectrum)[self.order]
        self.shifts = {
            name: np.abs(coefficients_of(target, problem.spectrum))[self.order]
            for name, target in parts.targets
        }
        self.doubles: dict[Expr, float] = {}
        """Weights met so far."""
        self.users: dict[int, list[int]] = {}
        """Which fits see each of the inputs, in order."""
        self.shares: dict[int, list[int]] = {}
        """Which fits take a share of each set of labels, in order."""
        for position in range(len(self.pipeline.fits)):
            for inputs in self.pipeline.inputs_of(position):
                self.users.setdefault(inputs, []).append(position)
            for share in self.pipeline.fits[position].shares:
                self.shares.setdefault(share.labels, []).append(position)

    def plan(self) -> Plan:
        """Every part, in order."""
        inputs = tuple(self.inputs(at) for at in range(len(self.pipeline.inputs)))
        self.check_entries(inputs)
        labels = tuple(self.labels(at) for at in range(len(self.pipeline.labels)))
        fits = tuple(self.fit(at, inputs) for at in range(len(self.pipeline.fits)))
        return Plan(self.eigenvalues[SIGMA], self.truth, inputs, labels, fits)

    def key_of(self, inputs: int) -> str:
        """Where the size of inputs stands in the problem."""
        first = self.users.get(inputs, [0])[0]
        new = [at for at, users in self.users.items() if users[0] == first]
        _, fit = self.places[first]
        # A fit draws its synthetic inputs first, unless it shares those of the fit before.
        shares = first > 0 and getattr(fit, "design", "fresh") == "shared"
        real = inputs != min(new, default=inputs) or shares
        return f"{self.places[first][0]}.{'real_samples' if real else 'samples'}"

    def inputs(self, at: int) -> PlannedInputs:
        """One design."""
        given = self.pipeline.inputs[at]
        key = self.key_of(at)
        samples = _whole(given.samples, key, 0 if key.endswith("real_samples") else 1)
        if samples * self.size > MOST_ENTRIES:
            raise NotEvaluable(
                f"{key} = {samples}: that times {self.size} inputs are too many to draw; "
                f"give at most {MOST_ENTRIES // self.size}"
            )
        users = self.users.get(at, [-1])
        return PlannedInputs(samples, self.eigenvalues[given.covariance], users[-1], len(users))

    def check_entries(self, inputs: tuple[PlannedInputs, ...]) -> None:
        """Refuse more designs at once than there is memory for."""
        # A design is held from the first fit that sees it to the last.
        changes = [0] * (len(self.pipeline.fits) + 1)
        for at, users in self.users.items():
            changes[users[0]] += inputs[at].samples
            changes[users[-1] + 1] -= inputs[at].samples
        held = 0
        for position, change in enumerate(changes[:-1]):
            held += change
            if held * self.size > MOST_ENTRIES:
                raise NotEvaluable(
                    f"{self.places[position][0]}.samples: with those kept from before these are {held}, times "
                    f"{self.size} inputs too many to hold; stay within {MOST_ENTRIES // self.size} in all"
                )

    def labels(self, at: int) -> PlannedLabels:
        """One set of labels."""
        given = self.pipeline.labels[at]
        first = self.shares[at][0] if at in self.shares else 0
        place, entry = self.places[first]
        synthetic = at == 0 or given.source is not None or entry.real_noise is None
        noise = _nonnegative(given.noise, f"{place}.{'noise' if synthetic else 'real_noise'}")
        shift = None if given.shift is None else self.shifts[given.shift]
        last = self.shares[at][-1] if at in self.shares else -1
        return PlannedLabels(given.inputs, given.source, noise, shift, last)

    def fit(self, position: int, inputs: tuple[PlannedInputs, ...]) -> PlannedFit:
        """One fit."""
        place, entry = self.places[position]
        given = self.pipeline.fits[position]
        batches = self.batches(given, place, entry)
        width = None
        if given.features is not None:
            width = _whole(given.features, f"{place}.features", 1)
            if width * self.size > MOST_ENTRIES:
                raise NotEvaluable(
                    f"{place}.features = {width}: that times {self.size} inputs are too many to draw; "
                    f"give at most {MOST_ENTRIES // self.size}"
                )
        variances = [batch.weight * inputs[batch.inputs].eigenvalues for batch in batches]
        largest = np.max(variances, axis=0)
        alike = sum(
            inputs[batch.inputs].samples
            for batch, variance in zip(batches, variances, strict=True)
            if bool((variance >= largest / ALIKE).all())
        )
        falls = bool((np.diff(largest) <= 0).all())
        # Random features mix all variances: their normal equations would lose the small ones.
        ample = width is None and alike >= AMPLE * self.size
        order = None if falls or ample else np.argsort(-largest, kind="stable")
        rows = sum(batch.weight * inputs[batch.inputs].samples for batch in batches)
        ridge = _nonnegative(given.ridge, f"{place}.ridge")
        return PlannedFit(batches, rows, ridge, width, ample, order)

    def batches(self, given: PipelineFit, place: str, entry: Fit) -> tuple[Batch, ...]:
        """The shares of a fit, gathered by their inputs."""
        gathered: dict[int, list[tuple[int, Expr]]] = {}
        for share in sorted(given.shares, key=lambda each: each.labels):
            inputs = self.pipeline.labels[share.labels].inputs
            gathered.setdefault(inputs, []).append((share.labels, share.weight))
        batches = []
        for inputs, shares in sorted(gathered.items()):
            # Added while exact: weights ω and 1 - ω are 1 together, and not nearly so.
            total = self.weight(Add(*(weight for _, weight in shares)), place)
            if total <= 0:
                raise InvalidProblem(
                    f"{place}.real_weight = {entry.real_weight}: the labels of one set of inputs have total weight "
                    f"{total:g} in this fit; give a weight that leaves it positive"
                )
            parts = ((at, self.weight(weight, place) / total) for at, weight in shares)
            batches.append(Batch(inputs, total, tuple(parts)))
        return tuple(batches)

    def weight(self, value: Expr, place: str) -> float:
        """A weight in doubles; long accumulations ask for the same few again and again."""
        if value not in self.doubles:
            self.doubles[value] = number(value, f"{place}.real_weight")
        return self.doubles[value]


def _whole(value: Expr, key: str, least: int) -> int:
    found = number(value, key)
    if found < least or found != int(found):
        raise InvalidProblem(f"{key} = {found:g}: give an integer >= {least}")
    return int(found)


def _nonnegative(value: Expr, key: str) -> float:
    found = number(value, key)
    if found < 0:
        raise InvalidProblem(f"{key} = {found:g}: give a number >= 0")
    return found


def _unknown_symbols(problem: Problem) -> set[Basic]:
    own: Mapping[str, set[Basic]] = {"samples": {symbols.generation}}
    others: set[Basic] = {symbols.samples, symbols.dimension, symbols.generation}
    unknown = set(problem.spectrum.free_symbols) | set(problem.target.free_symbols)
    for _, entry in problem.fits:
        for key in NUMBERS:
            value = getattr(entry, key)
            if value is not None:
                unknown |= value.free_symbols - own.get(key, others)
        for part in (entry.spectrum, entry.shift):
            unknown |= set() if part is None else set(part.free_symbols)
        if isinstance(entry, Generation):
            unknown |= entry.repeat.free_symbols
    return unknown
