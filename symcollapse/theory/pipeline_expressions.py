"""A pipeline as a plain matrix expression: its estimators in designs, label noise and projections, as defined.

This is the other route to a test error. The engine derives the equivalent of the expression without knowing what a
pipeline is; that it gives what the joint pencil gives is tested, and is the last step of a derivation.
"""

from dataclasses import dataclass
from typing import Any

from sympy import Expr, Identity, MatrixSymbol, sqrt

from symcollapse.language.pipelines import Pipeline, pipeline_of
from symcollapse.language.problems import SIGMA, Problem
from symcollapse.language.random_matrices import (
    gaussian_design,
    gaussian_projection,
    label_noise,
    pseudo_inverse,
)
from symcollapse.language.symbols import dimension
from symcollapse.language.targets import Truth

MOST_FITS_IN_STEPS = 2
"""Fits up to which the engine derives the plain expression in seconds."""


def excess_risk_expression(problem: Problem | Pipeline) -> Expr:
    """The excess risk of a pipeline as a matrix expression, in designs X_b, label noise E_t and projections S_k.

    Parameters
    ----------
    problem
        A problem with numbers of repetitions, written in letters; or a pipeline as it stands.

    Returns
    -------
    expression
        The mean over shifts of (w − w₀)ᵀΣ(w − w₀), for `deterministic_equivalent`, `expectation` or a simulation.

    Raises
    ------
    NotSupported
        If a number of repetitions is a symbol.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> problem = Problem(IsotropicSpectrum(3), UniformTarget(1), (), Downstream(9))
    >>> from symcollapse.equivalents import deterministic_equivalent
    >>> from symcollapse.language.symbols import samples
    >>> deterministic_equivalent(
    ...     excess_risk_expression(problem), assuming=[samples >= dimension]
    ... ).formula
    0
    """
    pipeline = pipeline_of(problem, letters=True) if isinstance(problem, Problem) else problem
    truth = _vector("w_0")
    weights = _Estimators(pipeline, truth, None).last()
    risks = [(weights - truth).T * SIGMA * (weights - truth)]
    for shift in pipeline.shifts:
        # Shifts are independent of everything else and 0 on average: each adds what it does alone.
        moved = _Estimators(pipeline, None, shift).last()
        risks.append(moved.T * SIGMA * moved)
    return sum(risks[1:], risks[0])


def _vector(name: str) -> Any:
    return MatrixSymbol(name, dimension, 1)


@dataclass(frozen=True)
class _Estimators:
    """The fits of a pipeline as expressions, of the truth with all noise, or of one shift alone."""

    pipeline: Pipeline
    truth: Any
    shift: Truth | None

    def last(self) -> Any:
        """Weights of the last fit."""
        found: list[Any] = []
        for fit in range(len(self.pipeline.fits)):
            found.append(self._fitted(fit, found))
        return found[-1]

    def _design(self, inputs: int) -> Any:
        entry = self.pipeline.inputs[inputs]
        return gaussian_design(f"X_{inputs}", entry.samples, entry.covariance)

    def _labels(self, labels: int, found: list[Any]) -> Any:
        entry = self.pipeline.labels[labels]
        design = self._design(entry.inputs)
        source = self.truth if entry.source is None else found[entry.source]
        terms = [] if source is None else [design * source]
        if self.shift is not None and entry.shift == self.shift:
            terms.append(design * _vector(str(self.shift)))
        if self.shift is None and entry.noise != 0:
            samples = self.pipeline.inputs[entry.inputs].samples
            terms.append(label_noise(f"E_{labels}", samples, entry.noise))
        return sum(terms[1:], terms[0]) if terms else None

    def _fitted(self, fit: int, found: list[Any]) -> Any:
        entry, rows = self.pipeline.fits[fit], self.pipeline.rows(fit)
        weights = self.pipeline.weights(fit)
        features: Any = None
        if entry.features is not None:
            features = gaussian_projection(f"S_{fit}", dimension, entry.features)
            features = features / sqrt(entry.features)
        seen = {
            each: self._design(each) if features is None else self._design(each) * features
            for each in weights
        }
        known = [(share, self._labels(share.labels, found)) for share in entry.shares]
        known = [(share, labels) for share, labels in known if labels is not None]
        if not known:
            return None
        if entry.ridge == 0 and len(weights) == 1:
            (design,) = seen.values()
            (weight,) = weights.values()
            terms = [share.weight / weight * labels for share, labels in known]
            solution = pseudo_inverse(design) * sum(terms[1:], terms[0])
            return solution if features is None else features * solution
        moments = [weight * seen[each].T * seen[each] for each, weight in weights.items()]
        matrix = sum(moments[1:], moments[0])
        if entry.ridge != 0:
            size = dimension if entry.features is None else entry.features
            matrix = matrix + rows * entry.ridge * Identity(size)
        terms = [
            share.weight * seen[self.pipeline.labels[share.labels].inputs].T * labels
            for share, labels in known
        ]
        solution = matrix.inverse() * sum(terms[1:], terms[0])
        return solution if features is None else features * solution
