"""The best ridge of a problem as data: numbers, what other ridges cost, and what is proven."""

from dataclasses import dataclass

from symcollapse.evaluation.numbers import Evaluated
from symcollapse.language.problems import Problem


@dataclass(frozen=True)
class RidgeChoice:
    """A ridge other than the optimal one, and what it costs."""

    ridge: Evaluated
    total: Evaluated
    """Test error of the problem at this ridge."""
    price: Evaluated
    """That error over the least one, ≥ 1; "inf" where the least one is 0 and this is not."""
    excess: Evaluated
    """How much greater it is, in percent; "0" with a radius where it is not told from 0."""


@dataclass(frozen=True)
class CertifiedOptimum:
    """The optimal ridge of the tested fit of a problem.

    The error is that of the problem's deterministic equivalent, ``test_error(problem).total``.
    """

    problem: Problem
    digits: int
    """Significant digits of every number; all right."""
    ridge: Evaluated
    """λ*; "0" for no ridge, "inf" where predicting 0 is best."""
    bracket: tuple[str, str]
    """Two decimals between which the minimum lies for certain."""
    effective_ridge: Evaluated
    """κ at λ*."""
    parts: dict[str, Evaluated]
    """Test error at λ*: total, bias, variance, synthetic."""
    null_risk: Evaluated
    """Test error at λ = ∞."""
    classical: RidgeChoice
    """The optimal ridge of the same fit on real labels, used on this problem."""
    own: RidgeChoice
    """The ridge that the problem states."""
    unresolved: tuple[tuple[str, str], ...]
    """Ranges of λ in which a lower error is not ruled out; none if the minimum is proven global."""
    intervals: int
    """Intervals of κ that the proof consists of; 0 if the error is 0 at every ridge."""

    @property
    def is_global(self) -> bool:
        """Whether no ridge in [0, ∞] has a lower error, for certain."""
        return not self.unresolved

    @property
    def certificate(self) -> str:
        """What is proven, in words."""
        if self.intervals == 0:
            return "the error is 0 at every ridge"
        if self.is_global:
            return f"global minimum over all ridges, 0 and inf included, proven with {self.intervals} intervals"
        ranges = ", ".join(f"[{low}, {high}]" for low, high in self.unresolved[:4])
        more = ", …" if len(self.unresolved) > 4 else ""
        return f"local minimum within the bracket; a lower error is not ruled out for ridges in {ranges}{more}"
