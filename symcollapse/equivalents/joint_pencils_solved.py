"""What is kept of the joint pencil of a pipeline, and the mean weights that follow from it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sympy import Expr, S

from symcollapse.equivalents.joint_pencils_cores import Core, Space
from symcollapse.equivalents.joint_pencils_functions import ZERO, SpectralFunction, constant, total
from symcollapse.language.pipelines import Pipeline
from symcollapse.language.spectra import Covariance
from symcollapse.language.targets import Truth

Source = int | Truth | None
"""Whose weights: a fit's, a shift's, or, None, the truth's."""


@dataclass(frozen=True)
class JointPencil:
    """The solved pencil of a pipeline."""

    pipeline: Pipeline
    space: Space
    cores: tuple[Core, ...]
    incoming: tuple[dict[Source, SpectralFunction], ...]
    """K_{kj}: for each fit, what comes in from each source."""
    own: tuple[dict[int, dict[Source, SpectralFunction]], ...]
    """For each fit and each of its inputs: v in terms of sources, with the fit itself put in, noise left out."""
    passing: dict[tuple[int, int, int], Expr] = field(repr=False)
    """Ĥ^b_{kl}, by (b, k, l), where both fits see b."""

    def seers(self, inputs: int) -> tuple[int, ...]:
        """The fits that see some inputs."""
        return self._seers[inputs]

    @cached_property
    def _seers(self) -> tuple[tuple[int, ...], ...]:
        return seers_of(self.pipeline)

    def weight(self, fit: int, inputs: int) -> Expr:
        """γ_{k,b}."""
        return self.pipeline.weights(fit)[inputs]

    def covariance(self, inputs: int) -> Covariance:
        """Σ_b."""
        return self.pipeline.inputs[inputs].covariance

    def samples(self, inputs: int) -> Expr:
        """T_b."""
        return self.pipeline.inputs[inputs].samples

    def variable(self, inputs: int) -> SpectralFunction:
        """Eigenvalue s_b, as a function."""
        return self.space.variable(self.covariance(inputs))

    @cached_property
    def is_memoryless(self) -> bool:
        """Whether no two fits share inputs."""
        return all(len(fits) <= 1 for fits in self._seers)

    def kept(self, source: Source) -> tuple[SpectralFunction, ...]:
        """For each fit, the mean share of a source in its weights: E w_k = m_k(Σ)·source."""
        means: list[SpectralFunction] = []
        for fit, core in enumerate(self.cores):
            terms = [self.incoming[fit].get(source, ZERO)]
            terms += self._through(fit, means)
            means.append(self._whole(core.weights * total(terms), f"m_{fit}"))
        return tuple(means)

    def lost(self) -> SpectralFunction:
        """The mean share of the truth that the last fit has lost, I − E w_n, as a sum of positive terms."""
        losses: list[SpectralFunction] = []
        for fit, core in enumerate(self.cores):
            terms = [constant(core.penalty), *self._through(fit, losses)]
            losses.append(self._whole(core.weights * total(terms), f"p_{fit}"))
        return losses[-1]

    def _through(self, fit: int, means: Sequence[SpectralFunction]) -> list[SpectralFunction]:
        """What comes in from earlier fits."""
        coming = self.incoming[fit].items()
        return [part * means[other] for other, part in coming if isinstance(other, int)]

    def _whole(self, function: SpectralFunction, stem: str) -> SpectralFunction:
        """A mean with names; where no data are shared as one term, so that a long chain is not multiplied out."""
        if self.is_memoryless and len(function.terms) > 1:
            return SpectralFunction({function.expression: S.One})
        return function.named(stem)

    def remaining(
        self, fit: int, inputs: int, source: Source, kept: Sequence[SpectralFunction]
    ) -> SpectralFunction:
        """The mean of v_{k,b} per source: what the fit leaves unexplained of its labels there."""
        form = self.own[fit][inputs]
        terms = [form.get(source, ZERO)]
        terms += [part * kept[other] for other, part in form.items() if isinstance(other, int)]
        return self._whole(total(terms), f"mu_{fit}_{inputs}")


def seers_of(pipeline: Pipeline) -> tuple[tuple[int, ...], ...]:
    """For each of the inputs, the fits that see them.

    Example
    -------
    >>> from sympy import Integer
    >>> from symcollapse.language.pipelines import Inputs, Labels, PipelineFit, Share
    >>> fit = PipelineFit((Share(0),))
    >>> seers_of(Pipeline((Inputs(Integer(9)),), (Labels(0, None),), (fit, fit)))
    ((0, 1),)
    """
    seen: list[list[int]] = [[] for _ in pipeline.inputs]
    for fit in range(len(pipeline.fits)):
        for each in pipeline.inputs_of(fit):
            seen[each].append(fit)
    return tuple(tuple(fits) for fits in seen)
