"""Least squares with as many rows as features: without noise it is its source again, with noise it is infinite.

The response to noise is infinite there, and 0·∞ where none meets it. So such fits are taken out of a pipeline: a later
fit sees the labels of their source, and their own noise is infinite for all that depends on them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from symcollapse.evaluation.rounded import Array
from symcollapse.evolution.plans import number
from symcollapse.language.pipelines import Labels, Pipeline


@dataclass(frozen=True)
class Reduction:
    """A pipeline without its square fits."""

    pipeline: Pipeline | None
    """The fits that are left, with all inputs and labels; None if no fit is left."""
    resolved: tuple[int | None, ...]
    """For each fit of the old pipeline, which one of the new one it equals but for infinite noise; None: the truth."""
    is_square: tuple[bool, ...]
    """For each fit of the old pipeline."""
    infinite: tuple[frozenset[int], ...]
    """For each fit of the old pipeline, the labels whose noise is infinite there."""

    def rows(self, values: Array | None) -> Array:
        """What the fits of the old pipeline have in common with those of the new one; 0 of the truth.

        Parameters
        ----------
        values
            One row for each fit of the new pipeline; None if there is no fit.

        Example
        -------
        >>> Reduction(None, (None,), (True,), (frozenset(),)).rows(None)
        array([0.])
        """
        shape = () if values is None else values.shape[1:]
        found = np.zeros((len(self.resolved), *shape))
        for fit, each in enumerate(self.resolved):
            if each is not None and values is not None:
                found[fit] = values[each]
        return found


def reduced(pipeline: Pipeline, dimension: float) -> Reduction | None:
    """A pipeline without its square fits, where there are some that can be taken out.

    Those are left in whose labels are of several sources, are shifted, or have noise that a later fit on the same inputs
    sees again.

    Parameters
    ----------
    pipeline
        With numbers everywhere.
    dimension
        Number of features.

    Example
    -------
    >>> from sympy import Integer
    >>> from symcollapse.language.pipelines import Inputs, PipelineFit, Share
    >>> fit = PipelineFit((Share(0),))
    >>> found = reduced(Pipeline((Inputs(Integer(3)),), (Labels(0, None),), (fit,)), 3.0)
    >>> found.pipeline is None, found.resolved
    (True, (None,))
    """
    # No number is asked for where nothing is without ridge.
    if all(fit.ridge != 0 for fit in pipeline.fits):
        return None
    resolved: list[int | None] = []
    squares: list[bool] = []
    infinite: list[frozenset[int]] = []
    kept: list[int] = []
    for fit in range(len(pipeline.fits)):
        own = [pipeline.labels[share.labels] for share in pipeline.fits[fit].shares]
        lost = frozenset[int]().union(
            *(infinite[each.source] for each in own if each.source is not None)
        )
        is_square = _is_square(pipeline, fit, resolved, dimension)
        squares.append(is_square)
        if is_square:
            source = own[0].source
            resolved.append(None if source is None else resolved[source])
            shares = pipeline.fits[fit].shares
            lost |= {share.labels for share in shares if pipeline.labels[share.labels].noise != 0}
        else:
            resolved.append(len(kept))
            kept.append(fit)
        infinite.append(lost)
    if not any(squares):
        return None

    def moved(labels: Labels) -> Labels:
        source = labels.source
        return labels if source is None else replace(labels, source=resolved[source])

    left = (
        Pipeline(
            pipeline.inputs,
            tuple(map(moved, pipeline.labels)),
            tuple(pipeline.fits[fit] for fit in kept),
        )
        if kept
        else None
    )
    return Reduction(left, tuple(resolved), tuple(squares), tuple(infinite))


def _is_square(
    pipeline: Pipeline, fit: int, resolved: Sequence[int | None], dimension: float
) -> bool:
    entry, seen = pipeline.fits[fit], pipeline.inputs_of(fit)
    if entry.ridge != 0:
        return False
    own = [pipeline.labels[share.labels] for share in entry.shares]
    sources = {None if each.source is None else resolved[each.source] for each in own}
    if len(sources) > 1 or any(each.shift is not None for each in own):
        return False
    if sum(number(pipeline.inputs[each].samples) for each in seen) != dimension:
        return False
    if entry.features is not None and number(entry.features) < dimension:
        return False
    # A later fit on the same inputs sees the noisy labels again: not what is infinite, but what made it so.
    again = any(
        set(seen) & set(pipeline.inputs_of(other))
        for other in range(len(pipeline.fits))
        if other != fit
    )
    return not again or all(each.noise == 0 for each in own)
