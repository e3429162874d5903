"""An expression in random matrices beside a formula for its mean, at two sizes.

The part of the gap that goes as 1/size is taken out by extrapolation, and what is left is judged: the gap of a right
formula shrinks as the size grows, that of a formula off by a few per cent stays.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from sympy import Basic, Integer, MatrixSymbol

from symcollapse.language.errors import InvalidProblem
from symcollapse.language.exactness import exact
from symcollapse.language.spectra import Covariance, Spectrum
from symcollapse.language.targets import ExplicitTarget
from symcollapse.simulation import Simulation, instance_of
from symcollapse.simulation.instances import Values
from symcollapse.verification.agreement import Agreement, compare
from symcollapse.verification.expression_verification import (
    LARGEST_MARGIN,
    REFLECTIONS,
    SPREAD_OF_SIZES,
    ExpressionSetting,
    sides_of,
    unit_of,
)
from symcollapse.verification.sequential import FIRST_TRIALS, look_sizes

EXTRAPOLATED_MARGIN = 0.005
"""Relative deviation that is always accepted of an extrapolated gap: what some hundred traces resolve."""

SpectraOfSize: TypeAlias = Mapping[Covariance, Callable[[int], Spectrum]]
"""Spectrum of each covariance, as a function of the dimension."""

VectorsOfSize: TypeAlias = Mapping[MatrixSymbol, Callable[[int], ExplicitTarget | Sequence[Any]]]
"""Coefficients of each vector, as a function of its size."""


@dataclass(frozen=True)
class Gap:
    """How far the measured mean is from the prediction at one size."""

    size: int
    """Smallest size of a matrix in the expression."""
    prediction: float
    relative: float
    """(measured − predicted)/scale, or /predicted where no scale is given."""
    standard_error: float


@dataclass(frozen=True)
class TwoSizes:
    """Gaps between an expression and a formula at two sizes, and their extrapolation."""

    smaller: Gap
    larger: Gap
    agreement: Agreement
    """1 plus the extrapolated gap, per pair of draws, against 1."""

    @property
    def verdict(self) -> Literal["shown", "refuted", "cannot tell"]:
        """*shown* if the gap vanishes as 1/size within the margin, *refuted* if some of it stays."""
        return self.agreement.verdict

    @property
    def extrapolated(self) -> float:
        """Relative gap at infinite size, if it is a constant and a part of order 1/size."""
        return self.agreement.mean - 1

    @property
    def reason(self) -> str:
        """The verdict in words, in one line."""
        gaps = ", ".join(
            f"{gap.relative:+.2%} ± {gap.standard_error:.2%} at size {gap.size}"
            for gap in (self.smaller, self.larger)
        )
        return (
            f"relative gap {gaps}; without its part of order 1/size {self.extrapolated:+.2%} ± "
            f"{self.agreement.standard_error:.2%}, where ± {self.agreement.margin:.2%} is accepted"
        )


def verify_at_two_sizes(
    expression: Any,
    formula: Any,
    spectra: SpectraOfSize | None = None,
    values: Values | None = None,
    vectors: VectorsOfSize | None = None,
    *,
    factor: int = 2,
    margin: float | None = None,
    scale: float | None = None,
    risk: float = 1e-6,
    seed: int = 1,
    first_trials: int = FIRST_TRIALS,
    most_trials: int = 4096,
    reflections: int = REFLECTIONS,
) -> TwoSizes:
    """Judge whether the gap between an expression and a formula vanishes as 1/size.

    Parameters
    ----------
    expression, formula, scale, risk, seed, first_trials, most_trials, reflections
        As for `verify_expression`.
    spectra, vectors
        Those of `verify_expression`, each as a function of its size.
    values
        Numbers at the smaller size. Symbols in the sizes of matrices are multiplied by the factor at the larger one.
    factor
        Larger size over smaller size, ≥ 2.
    margin
        Extrapolated relative gap that one accepts, in (0, 1); without it 0.005 + (4/(smallest size))².

    Returns
    -------
    gaps
        At both sizes, with their standard errors, and the verdict on the extrapolated gap.

    Raises
    ------
    NotEvaluable
        If something has no number, or cannot be drawn or evaluated.
    InvalidProblem
        If sizes do not fit or are no symbols, or the prediction is 0 and there is no scale.

    Reason
        With gaps g(N) = b + c/N + O(1/N²), the combination (f·g(fN) − g(N))/(f − 1) is b + O(1/N²). A right formula has
        b = 0: then g(fN) is g(N)/f. The margin is the square of the allowance at one size, and what draws resolve.

    Example
    -------
    >>> from sympy import Identity, Trace
    >>> from symcollapse.language.random_matrices import gaussian_design
    >>> from symcollapse.language.symbols import dimension as d, samples as T
    >>> X = gaussian_design("X", T, Identity(d))
    >>> sizes = {d: 40, T: 160}
    >>> inverse = Trace((X.T * X).inverse())
    >>> verify_at_two_sizes(inverse, d / (T - d), values=sizes).verdict
    'shown'
    """
    if factor < 2:
        raise InvalidProblem(f"factor = {factor}: give an integer >= 2")
    small, large = (
        _setting_of_size(expression, spectra or {}, values or {}, vectors or {}, times)
        for times in (1, factor)
    )
    accepted = EXTRAPOLATED_MARGIN + (SPREAD_OF_SIZES / small.smallest) ** 2
    accepted = min(accepted, LARGEST_MARGIN) if margin is None else margin
    predictions = [float(setting.prediction(formula)) for setting in (small, large)]
    if not all(math.isfinite(prediction) for prediction in predictions):
        raise InvalidProblem(f"formula = {predictions[0]:g}: give sizes at which it is finite")
    units = [unit_of(prediction, scale) for prediction in predictions]
    looks = look_sizes(first_trials, most_trials)
    simulations: list[Simulation | None] = [None, None]
    gaps: list[list[float]] = []
    agreement: Agreement | None = None
    for trials in looks:
        gaps = []
        for place, setting in enumerate((small, large)):
            # Seeds are apart, lest draws of one size be shared by the other.
            so_far = setting.simulated(trials, 2 * seed + place, reflections, simulations[place])
            simulations[place] = so_far
            gaps.append([(draw - predictions[place]) / units[place] for draw in so_far.draws])
        extrapolated = [
            1 + (factor * far - near) / (factor - 1) for near, far in zip(*gaps, strict=True)
        ]
        agreement = compare(extrapolated, 1.0, accepted, risk, len(looks))
        if agreement.verdict != "cannot tell":
            break
    assert agreement is not None, "there is one look at least"
    summaries = [Simulation.of(each, seed) for each in gaps]
    near, far = (
        Gap(setting.smallest, prediction, summary.mean, summary.standard_error)
        for setting, prediction, summary in zip((small, large), predictions, summaries, strict=True)
    )
    return TwoSizes(near, far, agreement)


def _setting_of_size(
    expression: Any, spectra: SpectraOfSize, values: Values, vectors: VectorsOfSize, times: int
) -> ExpressionSetting:
    growing: set[Basic] = set()
    for side in sides_of(expression):
        if side != 1 and not side.free_symbols:
            raise InvalidProblem(f"size {side} does not grow; give a symbol, and its value")
        growing |= side.free_symbols
    scaled = {
        symbol: exact(value) * (times if symbol in growing else 1)
        for symbol, value in values.items()
    }
    sizes = instance_of(Integer(0), values=scaled)
    return ExpressionSetting(
        expression,
        {matrix: of_size(sizes.size(matrix.dimension)) for matrix, of_size in spectra.items()},
        scaled,
        {vector: of_size(sizes.size(vector.shape[0])) for vector, of_size in vectors.items()},
    )
