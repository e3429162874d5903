"""A problem verified: its formula as a number, set beside its simulation."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sympy import Expr

from symcollapse.evaluation import Evaluated, evaluate
from symcollapse.language.effective_ridges import ResidualDegreesOfFreedom
from symcollapse.language.problems import Problem
from symcollapse.simulation.trials import Progress
from symcollapse.theory import TestError, test_error
from symcollapse.theory.chains import Stage
from symcollapse.theory.pipeline_errors import cores_of
from symcollapse.verification.agreement import Agreement
from symcollapse.verification.sequential import FIRST_TRIALS, Claim, verify_claims

LEAST_MARGIN = 0.02
"""Relative deviation that is always accepted.

An excess risk spreads by 5 % to 25 % of its mean over the draws (the fewer directions it is made of, the more); 4096
draws of 20 % resolve 2 % at a risk of 1e-6, and no less.
"""

LARGEST_MARGIN = 0.5
"""Relative deviation that is never exceeded: a test that accepts more shows nothing."""

EXACT_MARGIN = 0.01
"""Relative deviation accepted of an exact law.

It has no finite-size error, so this only says how much is resolved: draws that spread by 10 % of their mean, as those
of a few hundred features do, need about 3000 trials for it at a risk of 1e-6.
"""


@dataclass(frozen=True)
class Verification:
    """A prediction and what simulation says about it."""

    problem: Problem
    error: TestError
    """The derived test error."""
    prediction: Evaluated
    """What was judged: the total of the derived formula, or the formula that was given, in numbers."""
    agreement: Agreement
    """The draws against the prediction."""
    exact_prediction: Evaluated | None
    """The test error by the exact finite-size law, where one is known and the prediction is the derived one."""
    exact_agreement: Agreement | None
    """The same draws against the exact law."""

    @property
    def verdict(self) -> Literal["shown", "refuted", "cannot tell"]:
        """That on the prediction; *refuted* too if the draws refute the exact law."""
        if self.exact_agreement is not None and self.exact_agreement.verdict == "refuted":
            return "refuted"
        return self.agreement.verdict

    @property
    def reason(self) -> str:
        """The verdict's reason in one line."""
        exact = self.exact_agreement
        if exact is not None and exact.verdict == "refuted":
            return f"the exact law: {exact.reason}"
        return self.agreement.reason


def verify(
    problem: Problem,
    *,
    formula: Expr | None = None,
    margin: float | None = None,
    risk: float = 1e-6,
    seed: int = 1,
    most_trials: int = 4096,
    workers: int = 1,
    progress: Progress | None = None,
) -> Verification:
    """Judge the derived test error of a problem, or a formula for it, by simulation.

    Parameters
    ----------
    problem
        Without symbols that have no value.
    formula
        A claim to judge in place of the derived total, in the symbols and quantities of this package.
    margin
        Relative deviation that one accepts, in (0, 1); without it that of `finite_size_margin`.
    risk
        Chance that the verdict is wrong.
    seed, workers, progress
        As for ``simulate``; the verdict does not depend on the workers.
    most_trials
        Draws after which one stops undecided.

    Returns
    -------
    verification
        *shown*, *refuted* or *cannot tell*, with the evidence.

    Raises
    ------
    NotEvaluable
        If the problem cannot be simulated, or the formula holds a symbol without a value.
    NotSupported
        If the problem needs more than this version derives.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.symbols import dimension, noise, samples
    >>> from symcollapse.language.targets import UniformTarget
    >>> fit = Downstream(151, noise=1, ridge="1/10")
    >>> problem = Problem(IsotropicSpectrum(50), UniformTarget(1), downstream=fit)
    >>> verify(problem, risk=1e-3).verdict
    'shown'
    >>> verify(problem, formula=noise**2 * dimension / samples, risk=1e-3).verdict
    'refuted'
    """
    predicted = predict(problem, formula, margin)
    error, prediction, exact = predicted.error, predicted.prediction, predicted.exact_prediction
    if float(prediction) < 0:
        impossible = _impossible(prediction, predicted.claims[0].margin, risk)
        return Verification(problem, error, prediction, impossible, None, None)
    first = min(FIRST_TRIALS, most_trials)
    agreements = verify_claims(
        problem, predicted.claims, risk, first, most_trials, seed, workers, progress
    )
    return Verification(
        problem,
        error,
        prediction,
        agreements[0],
        exact,
        agreements[1] if exact is not None else None,
    )


@dataclass(frozen=True)
class Prediction:
    """What is claimed of a problem before anything is drawn."""

    error: TestError
    """The derived test error."""
    prediction: Evaluated
    """Its total, or the formula that was given, in numbers."""
    exact_prediction: Evaluated | None
    """By the exact finite-size law, where one is known and no formula was given."""
    claims: tuple[Claim, ...]
    """The prediction, and the exact one, each with its margin."""


def predict(
    problem: Problem, formula: Expr | None = None, margin: float | None = None
) -> Prediction:
    """The derived test error of a problem, or a formula for it, as claims that draws can judge.

    Parameters
    ----------
    problem, formula, margin
        As for `verify`.

    Raises
    ------
    NotEvaluable, NotSupported
        As for `verify`.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> fit = Downstream(150, noise=1)
    >>> predict(Problem(IsotropicSpectrum(50), UniformTarget(1), downstream=fit)).claims[0]
    Claim(prediction=0.5, margin=0.03)
    """
    error = test_error(problem)
    prediction = evaluate(error.total if formula is None else formula, problem)
    accepted = finite_size_margin(problem) if margin is None else margin
    claims = [Claim(float(prediction), accepted)]
    exact = None
    if formula is None and error.exact is not None:
        exact = evaluate(error.exact.total, problem)
        claims.append(Claim(float(exact), EXACT_MARGIN))
    return Prediction(error, prediction, exact, tuple(claims))


def finite_size_margin(problem: Problem) -> float:
    """Relative deviation of a finite problem from its deterministic equivalent that one has to accept.

    Returns
    -------
    margin
        In (0, 0.5]; an estimate, not a bound: 2 %, and what follows.

    Reason
        The relative error of a deterministic equivalent is of the order 1/(T − df₂(κ)) for each design. For least
        squares this is exact: d/(T − d − 1) against d/(T − d) is a relative error of 1/(T − d − 1). Noise passes
        its own design last, so the largest of these errors counts once for all; a design whose map is not the
        identity also shrinks what earlier ones left, so these errors add up along the chain. 2 % is for
        what the order leaves open, and for what 4096 draws resolve. Where T − df₂(κ) = 0, at least squares with
        T = d, nothing is bounded, and the largest margin is as good as any: there the prediction is infinite, or 0.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> fit = Downstream(150, noise=1)
    >>> finite_size_margin(Problem(IsotropicSpectrum(50), UniformTarget(1), downstream=fit))
    0.03
    """
    if not problem.replaces:
        return min(LEAST_MARGIN + _error_of_pipeline(problem), LARGEST_MARGIN)
    stages = test_error(problem).chain.stages
    errors = [max(_relative_errors(problem, stage)) for stage in stages]
    shrinking = [
        error for error, stage in zip(errors, stages, strict=True) if not stage.design.recovers
    ]
    return min(LEAST_MARGIN + max(errors) + math.fsum(shrinking), LARGEST_MARGIN)


def _error_of_pipeline(problem: Problem) -> float:
    """The same for fits that may share data: 1/(N − df₂(κ)) for each fit, by its own κ."""
    errors = []
    for core in cores_of(problem):
        remaining = float(evaluate(core.residual_degrees, problem))
        error = 1 / remaining if remaining > 0 else math.inf
        errors.append((error, core.is_determined))
    largest = max(error for error, _ in errors)
    return largest + math.fsum(error for error, recovers in errors if not recovers)


def _relative_errors(problem: Problem, stage: Stage) -> Iterator[float]:
    """The error 1/(T − df₂(κ)) for each of the design's ridges."""
    design = stage.design
    for ridge in set(design.ridges):
        residual = ResidualDegreesOfFreedom(design.samples, ridge, ridge, design.covariance)
        remaining = float(evaluate(residual, problem))
        yield 1 / remaining if remaining > 0 else math.inf


def _impossible(prediction: Evaluated, margin: float, risk: float) -> Agreement:
    return Agreement(
        "refuted",
        math.nan,
        math.nan,
        math.nan,
        math.nan,
        0,
        float(prediction),
        margin,
        risk,
        f"{float(prediction):.4g} is predicted; an excess risk is never negative",
    )
