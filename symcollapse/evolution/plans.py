"""What state evolution must remember of a pipeline, and for how long.

Nodes are fits, and shifts of labels, in order of time. A node is *live* as long as a later fit can depend on it: as a
source of labels, as a fit on the same inputs, or through the fluctuations of inputs that come back. Fresh data need the
fit before only; accumulated data need all. Live nodes and inputs have places in arrays, which are used again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from symcollapse.evaluation.doubles import DoubleEvaluator
from symcollapse.evaluation.rounded import Array
from symcollapse.language.errors import NotEvaluable
from symcollapse.language.pipelines import Pipeline

Integers: TypeAlias = NDArray[np.int64]

Places: TypeAlias = slice | Integers
"""Where something is in an array."""


@dataclass(frozen=True)
class NumericShare:
    """A share of labels, in numbers."""

    labels: int
    inputs: int
    weight: float
    sources: tuple[int, ...]
    """Nodes that make the labels: the fit, and the shift."""


@dataclass(frozen=True, eq=False)
class Step:
    """One node, when it is made."""

    node: int
    place: int
    live: Integers
    """Places of the live nodes before it, in order of time."""
    released: tuple[int, ...]
    """Places of nodes and of inputs that are free from now on."""
    released_inputs: tuple[int, ...] = ()
    shift: int | None = None
    """Number of the shift, if it is one; else it is a fit, with what follows."""
    fit: int = 0
    ridge: float = 0.0
    features: float | None = None
    shares: tuple[NumericShare, ...] = ()
    inputs: tuple[int, ...] = ()
    input_places: tuple[int, ...] = ()
    weights: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class Plan:
    """A pipeline in numbers, step by step."""

    steps: tuple[Step, ...]
    width: int
    """Most nodes live at a time."""
    inputs_width: int
    """Most inputs live at a time."""
    rows: Array
    """Of each of the inputs."""
    covariances: tuple[int, ...]
    """Of each of the inputs, by its place among the pipeline's."""
    noises: Array
    """Standard deviation of the noise of each set of labels."""
    shifts: int
    """Number of shifts."""


def number(value: object) -> float:
    """Double of an exact number.

    Raises
    ------
    NotEvaluable
        If it holds a symbol.

    Example
    -------
    >>> from sympy import Rational
    >>> number(Rational(1, 4))
    0.25
    """
    evaluator = DoubleEvaluator({})
    return float(evaluator.evaluate(value).value[0, 0])  # type: ignore[arg-type]


def plan_of(pipeline: Pipeline) -> Plan:
    """The steps of a pipeline.

    Raises
    ------
    NotEvaluable
        If it holds symbols.

    Example
    -------
    >>> from sympy import Integer
    >>> from symcollapse.language.pipelines import Inputs, Labels, PipelineFit, Share
    >>> size = range(9)
    >>> chain = Pipeline(
    ...     tuple(Inputs(Integer(8)) for _ in size),
    ...     tuple(Labels(k, k - 1 if k else None) for k in size),
    ...     tuple(PipelineFit((Share(k),)) for k in size),
    ... )
    >>> plan_of(chain).width
    2
    """
    order, shares = _nodes(pipeline)
    deaths, ends = _deaths(order, shares, len(pipeline.inputs))
    places: dict[int, int] = {}
    input_places: dict[int, int] = {}
    free: list[int] = []
    free_inputs: list[int] = []
    steps: list[Step] = []
    width = inputs_width = 0
    for node, (kind, which) in enumerate(order):
        gone = [each for each in places if deaths[each] < node]
        released = tuple(places.pop(each) for each in gone)
        gone_inputs = [each for each in input_places if ends[each] < node]
        released_inputs = tuple(input_places.pop(each) for each in gone_inputs)
        free, free_inputs = sorted([*free, *released]), sorted([*free_inputs, *released_inputs])
        live = np.array([places[each] for each in sorted(places)], dtype=np.int64)
        place = free.pop(0) if free else width
        width = max(width, place + 1)
        places[node] = place
        common = (node, place, live, released, released_inputs)
        if kind == "shift":
            steps.append(Step(*common, shift=which))
            continue
        fit, own = pipeline.fits[which], shares[node]
        seen = tuple(sorted({share.inputs for share in own}))
        for each in seen:
            if each not in input_places:
                input_places[each] = free_inputs.pop(0) if free_inputs else inputs_width
                inputs_width = max(inputs_width, input_places[each] + 1)
        weights = tuple(sum(s.weight for s in own if s.inputs == each) for each in seen)
        steps.append(
            Step(
                *common,
                fit=which,
                ridge=number(fit.ridge),
                features=None if fit.features is None else number(fit.features),
                shares=own,
                inputs=seen,
                input_places=tuple(input_places[each] for each in seen),
                weights=weights,
            )
        )
    names = pipeline.covariances
    return Plan(
        tuple(steps),
        width,
        inputs_width,
        np.array([number(each.samples) for each in pipeline.inputs]),
        tuple(names.index(each.covariance) for each in pipeline.inputs),
        np.array([number(each.noise) for each in pipeline.labels]),
        len(pipeline.shifts),
    )


def _nodes(
    pipeline: Pipeline,
) -> tuple[list[tuple[str, int]], dict[int, tuple[NumericShare, ...]]]:
    """Fits and shifts in order of time, and the shares of each fit."""
    order: list[tuple[str, int]] = []
    fits: dict[int, int] = {}
    shifts: dict[int, int] = {}
    numbers = {name: place for place, name in enumerate(pipeline.shifts)}
    shares: dict[int, tuple[NumericShare, ...]] = {}
    values: dict[object, float] = {}
    for which, fit in enumerate(pipeline.fits):
        own: list[NumericShare] = []
        for share in fit.shares:
            labels = pipeline.labels[share.labels]
            sources = () if labels.source is None else (fits[labels.source],)
            if labels.shift is not None:
                shift = numbers[labels.shift]
                if shift not in shifts:
                    shifts[shift] = len(order)
                    order.append(("shift", shift))
                sources = (*sources, shifts[shift])
            if share.weight not in values:
                values[share.weight] = number(share.weight)
            own.append(NumericShare(share.labels, labels.inputs, values[share.weight], sources))
        fits[which] = len(order)
        shares[len(order)] = tuple(own)
        order.append(("fit", which))
    return order, shares


def _deaths(
    order: list[tuple[str, int]], shares: dict[int, tuple[NumericShare, ...]], inputs: int
) -> tuple[list[int], list[int]]:
    """The last node that may depend on each node, and that sees each of the inputs."""
    first, last = [len(order)] * inputs, [-1] * inputs
    touched: list[set[int]] = [set() for _ in range(inputs)]
    for node, own in shares.items():
        for share in own:
            first[share.inputs] = min(first[share.inputs], node)
            last[share.inputs] = max(last[share.inputs], node)
            touched[share.inputs].update((node, *share.sources))
    base = list(range(len(order)))
    for seen, nodes in enumerate(touched):
        for node in nodes:
            base[node] = max(base[node], last[seen])
    returning = [-1] * len(order)
    for seen in range(inputs):
        if first[seen] < len(order):
            returning[first[seen]] = max(returning[first[seen]], last[seen])
    returning = list(np.maximum.accumulate(returning))
    later: list[set[int]] = [set() for _ in order]
    for node, own in shares.items():
        for seen in {share.inputs for share in own}:
            for each in touched[seen]:
                if each < node:
                    later[each].add(node)
    deaths = list(base)
    for node in range(len(order) - 1, -1, -1):
        depending = (min(deaths[each], int(returning[node])) for each in later[node])
        deaths[node] = max(deaths[node], max(depending, default=-1))
    return deaths, last


def span(places: Iterable[int]) -> Places:
    """Consecutive places as a slice, which is a view of an array; others as they are.

    Example
    -------
    >>> span([2, 3, 4])
    slice(2, 5, None)
    """
    listed = np.asarray(list(places), dtype=np.int64)
    if listed.size and np.array_equal(listed, np.arange(listed[0], listed[0] + listed.size)):
        return slice(int(listed[0]), int(listed[0]) + listed.size)
    return listed


def refuse_too_large(entries: float, most: float) -> None:
    """Refuse to hold more doubles than a limit.

    Raises
    ------
    NotEvaluable
        With the number.

    Example
    -------
    >>> refuse_too_large(10, 100)
    """
    if entries > most:
        raise NotEvaluable(
            f"state evolution would hold {entries:.1e} numbers: take fewer generations, or fewer distinct eigenvalues"
        )
