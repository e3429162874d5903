"""An expression in random matrices beside a formula for its mean, at one size.

A deterministic equivalent is off by O(1/size), so it is judged with an allowance of that order.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sympy import Basic, Expr, Identity, MatrixSymbol

from symcollapse.evaluation import Evaluated, evaluate
from symcollapse.language.errors import InvalidProblem
from symcollapse.language.exactness import exact
from symcollapse.language.random_matrices import RandomMatrix
from symcollapse.language.spectra import Covariance
from symcollapse.language.targets import ExplicitTarget, truth
from symcollapse.simulation import Simulation, instance_of, join, simulate_expression
from symcollapse.simulation.instances import Spectra, Values, Vectors
from symcollapse.verification.agreement import Agreement, compare
from symcollapse.verification.sequential import FIRST_TRIALS, look_sizes

SPREAD_OF_SIZES = 4
"""Relative finite-size error of a deterministic equivalent, in units of 1/(smallest size): an estimate, not a bound."""

LARGEST_MARGIN = 0.5
"""Relative deviation that is never exceeded: a test that accepts more shows nothing."""

REFLECTIONS = 16
"""Sign patterns that a draw with vectors is averaged over; more hardly narrow it further."""


@dataclass(frozen=True)
class ExpressionVerification:
    """A formula for the mean of an expression, and what simulation says about it."""

    expression: Basic
    formula: Expr
    prediction: Evaluated
    """The formula in numbers."""
    agreement: Agreement
    """The draws against the prediction."""

    @property
    def verdict(self) -> Literal["shown", "refuted", "cannot tell"]:
        """Whether the mean lies within the margin of the prediction."""
        return self.agreement.verdict

    @property
    def reason(self) -> str:
        """The verdict in words, in one line."""
        return self.agreement.reason


@dataclass(frozen=True, eq=False)
class ExpressionSetting:
    """An expression and its numbers."""

    expression: Any
    spectra: Spectra
    values: Values
    vectors: Vectors

    @property
    def smallest(self) -> int:
        """The smallest size of a matrix, beside the 1 of vectors."""
        instance = instance_of(self.expression, self.spectra, self.values, self.vectors)
        sizes = [instance.size(side) for side in sides_of(self.expression)]
        return min((size for size in sizes if size > 1), default=1)

    def prediction(self, formula: Any) -> Evaluated:
        """The formula in numbers."""
        rule: dict[Basic, Basic] = {}
        for covariance, spectrum in self.spectra.items():
            rule[covariance] = spectrum
        for vector, given in self.vectors.items():
            target = given if isinstance(given, ExplicitTarget) else ExplicitTarget(given)
            rule[truth(vector.name)] = target
        return evaluate(exact(formula).xreplace(rule), values=self.values)

    def simulated(
        self, trials: int, seed: int, reflections: int, earlier: Simulation | None
    ) -> Simulation:
        """So many draws, of which some may be there already."""
        done = 0 if earlier is None else earlier.trials
        later = simulate_expression(
            self.expression,
            self.spectra,
            self.values,
            self.vectors,
            trials=trials - done,
            seed=seed,
            first=done,
            reflections=reflections,
        )
        return later if earlier is None else join(earlier, later)


def verify_expression(
    expression: Any,
    formula: Any,
    spectra: Spectra | None = None,
    values: Values | None = None,
    vectors: Vectors | None = None,
    *,
    margin: float | None = None,
    scale: float | None = None,
    risk: float = 1e-6,
    seed: int = 1,
    first_trials: int = FIRST_TRIALS,
    most_trials: int = 4096,
    reflections: int = REFLECTIONS,
) -> ExpressionVerification:
    """Judge a formula for the mean of a scalar expression in random matrices, by draws of them.

    Parameters
    ----------
    expression, spectra, values, vectors
        As for ``simulate_expression``.
    formula
        In the quantities of this package over the same covariances, and over ``truth("u")`` for a vector u.
    margin
        Relative deviation that one accepts, in (0, 1); without it 4/(smallest size), at most 0.5.
    scale
        Size that deviations are relative to; without it that of the prediction. Bilinear forms of vectors at a right
        angle need one.
    risk
        Chance that the verdict is wrong.
    seed, reflections
        As for ``simulate_expression``.
    first_trials, most_trials
        The draws are judged after the first so many, then each time they doubled, up to the most.

    Returns
    -------
    verification
        *shown*, *refuted* or *cannot tell*, with the evidence.

    Raises
    ------
    NotEvaluable
        If something has no number, or cannot be drawn or evaluated.
    InvalidProblem
        If sizes do not fit, or the prediction is 0 and there is no scale.

    Reason
        The mean of a trace of real Gaussian matrices of size N differs from its limit by O(1), relatively by O(1/N); so
        does that of a bilinear form. For least squares this is d/(T − d − 1) against d/(T − d): 1/(T − d − 1), a small
        multiple of 1/T unless T is close to d. Four times 1/N leaves room for products of several resolvents. It is an
        estimate: ridges far below the eigenvalues at T ≈ d need a wider margin, or larger sizes.

    Example
    -------
    >>> from sympy import Identity, Trace
    >>> from symcollapse.language.random_matrices import gaussian_design
    >>> from symcollapse.language.symbols import dimension as d, samples as T
    >>> X = gaussian_design("X", T, Identity(d))
    >>> sizes = {d: 40, T: 120}
    >>> inverse = Trace((X.T * X).inverse())
    >>> verify_expression(inverse, d / (T - d), values=sizes).verdict
    'shown'
    >>> verify_expression(inverse, d / T, values=sizes).verdict
    'refuted'
    """
    setting = ExpressionSetting(expression, spectra or {}, values or {}, vectors or {})
    allowance = min(SPREAD_OF_SIZES / setting.smallest, LARGEST_MARGIN)
    accepted = allowance if margin is None else margin
    prediction = setting.prediction(formula)
    looks = look_sizes(first_trials, most_trials)
    simulation: Simulation | None = None
    agreement: Agreement | None = None
    for trials in looks:
        simulation = setting.simulated(trials, seed, reflections, simulation)
        agreement = _judge(simulation.draws, float(prediction), scale, accepted, risk, len(looks))
        if agreement.verdict != "cannot tell":
            break
    assert agreement is not None, "there is one look at least"
    return ExpressionVerification(expression, exact(formula), prediction, agreement)


def sides_of(expression: Basic) -> set[Expr]:
    """Numbers of rows and columns of the matrices in an expression.

    Example
    -------
    >>> from symcollapse.language.random_matrices import label_noise
    >>> from symcollapse.language.symbols import samples
    >>> sorted(sides_of(label_noise("E", samples, 1)), key=str)
    [1, T]
    """
    leaves: set[Any] = expression.atoms(RandomMatrix, Covariance, MatrixSymbol, Identity)
    return {side for leaf in leaves for side in leaf.shape}


def unit_of(prediction: float, scale: float | None) -> float:
    """What relative deviations are relative to: the scale, or else the prediction.

    Raises
    ------
    InvalidProblem
        If there is neither.

    Example
    -------
    >>> unit_of(-2.0, None), unit_of(-2.0, 1.0)
    (-2.0, 1.0)
    """
    if scale is None and prediction == 0:
        raise InvalidProblem("scale: 0 is predicted; give the size that deviations are relative to")
    if scale is not None and not (scale > 0 and math.isfinite(scale)):
        raise InvalidProblem(f"scale = {scale:g}: give a number > 0")
    return prediction if scale is None else scale


def _judge(
    draws: Sequence[float],
    prediction: float,
    scale: float | None,
    margin: float,
    risk: float,
    looks: int,
) -> Agreement:
    unit = unit_of(prediction, scale)
    if scale is None or not math.isfinite(prediction):
        sign = math.copysign(1.0, prediction)
        return compare([sign * draw for draw in draws], abs(prediction), margin, risk, looks)
    # Shifted, so that a deviation of one scale is one of 100 %.
    return compare([unit + draw - prediction for draw in draws], unit, margin, risk, looks)
