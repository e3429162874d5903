"""The second route to a trial: the keys of a problem read in order, and each fit by its normal equations.

It knows problems, not pipelines or plans. It draws in the same order, so that numbers can be compared.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from sympy import Basic, Expr, Integer

from symcollapse.language import symbols
from symcollapse.language.problems import Downstream, Fit, Generation, Problem
from symcollapse.simulation import coefficients_of, eigenvalues_of
from symcollapse.simulation.populations import Doubles


class Later:
    """A value that is drawn when it is first asked for."""

    def __init__(self, draw: Callable[[], Doubles]) -> None:
        self.draw = draw
        self.value: Doubles | None = None

    def __call__(self) -> Doubles:
        if self.value is None:
            self.value = self.draw()
        return self.value


@dataclass
class Labelled:
    """A term weight·‖Xw − Y‖² of a loss."""

    X: Later
    Y: Later
    weight: float


@dataclass
class Past:
    """What later fits may ask of earlier ones."""

    weights: list[Doubles]
    X: Later | None = None
    first_labels: Later | None = None
    real: Labelled | None = None
    terms: list[Labelled] = field(default_factory=list)
    made: list[Later] = field(default_factory=list)
    """All inputs and labels in order, drawn or not."""

    def later(self, draw: Callable[[], Doubles]) -> Later:
        self.made.append(Later(draw))
        return self.made[-1]

    def in_order(self, term: Labelled) -> tuple[int, int]:
        return self.made.index(term.X), self.made.index(term.Y)


def errors_by_definition(problem: Problem, generator: np.random.Generator) -> list[float]:
    """Excess risk of every fit in one trial."""
    spectrum = eigenvalues_of(problem.spectrum)
    # Features are drawn in falling order of variance.
    order = np.argsort(-spectrum, kind="stable")
    truth = coefficients_of(problem.target, problem.spectrum)[order]
    past = Past([truth])
    for _, entry in problem.fits:
        for _ in range(int(entry.repeat) if isinstance(entry, Generation) else 1):
            past.weights.append(_fitted(problem, entry, past, order, generator))
    return [float((spectrum[order] * (w - truth) ** 2).sum()) for w in past.weights[1:]]


def _fitted(
    problem: Problem,
    entry: Fit,
    past: Past,
    order: NDArray[np.intp],
    generator: np.random.Generator,
) -> Doubles:
    assert isinstance(entry, Generation | Downstream)
    at: dict[Basic, Basic] = {symbols.generation: Integer(len(past.weights) - 1)}
    sizes: dict[Basic, Basic] = {
        symbols.samples: entry.samples.xreplace(at),
        symbols.dimension: problem.dimension,
    }

    def number(value: Expr) -> float:
        return float(value.xreplace(sizes).xreplace(at))

    def inputs(samples: float, own: Doubles) -> Later:
        return past.later(
            lambda: generator.standard_normal((int(samples), len(order))) * np.sqrt(own[order])
        )

    def labels(X: Later, source: Doubles, noise: float, spread: Doubles | None = None) -> Later:
        def draw() -> Doubles:
            rows = X()
            shift = 0.0 if spread is None else spread * generator.standard_normal(len(order))
            return rows @ (source + shift) + noise * generator.standard_normal(len(rows))

        return past.later(draw)

    sigma = eigenvalues_of(problem.spectrum)
    if entry.design == "fresh" or past.X is None:
        own = sigma if entry.spectrum is None else eigenvalues_of(entry.spectrum)
        past.X, past.first_labels = inputs(number(entry.samples), own), None
    X = past.X
    spread = (
        None
        if entry.shift is None
        else np.abs(coefficients_of(entry.shift, problem.spectrum))[order]
    )
    noise = number(entry.noise)
    real_noise = noise if entry.real_noise is None else number(entry.real_noise)
    synthetic = labels(X, past.weights[-1], noise, spread)
    past.first_labels = past.first_labels or synthetic
    omega = number(entry.real_weight)
    fresh = entry.real_data == "fresh"
    real = labels(X, past.weights[0], real_noise) if fresh else past.first_labels
    own_terms = [Labelled(X, synthetic, 1 - omega), Labelled(X, real, omega)]
    if real is synthetic:
        own_terms = [Labelled(X, synthetic, 1)]
    if entry.real_samples == 0:
        past.real = None
    else:
        if fresh or past.real is None:
            rows = inputs(number(entry.real_samples), sigma)
            past.real = Labelled(rows, labels(rows, past.weights[0], real_noise), 1)
        own_terms.append(past.real)
    known = [term.Y for term in past.terms]
    every = past.terms + [term for term in own_terms if term.weight and term.Y not in known]
    terms = every if entry.data == "accumulate" else [term for term in own_terms if term.weight]
    past.terms = every
    return _minimum(
        sorted(terms, key=past.in_order), number(entry.ridge), entry.features, generator
    )


def _minimum(
    terms: list[Labelled], ridge: float, width: Expr | None, generator: np.random.Generator
) -> Doubles:
    for term in terms:
        term.Y()
    d = terms[0].X().shape[1]
    S = np.eye(d)
    if width is not None:
        S = generator.standard_normal((d, int(width))) / np.sqrt(int(width))
    N = sum(term.weight * len(term.X()) for term in terms)
    A = sum((term.weight * term.X().T @ term.X() for term in terms), np.zeros((d, d)))
    b = sum((term.weight * term.X().T @ term.Y() for term in terms), np.zeros(d))
    inner = S.T @ A @ S + N * ridge * np.eye(S.shape[1])
    return S @ np.linalg.pinv(inner, rcond=1e-13, hermitian=True) @ S.T @ b
