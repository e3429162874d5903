"""Formulas over a spectrum of few levels, in doubles and fast: for searches that certify what they find elsewhere."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import brentq
from sympy import Basic, Expr, Symbol, lambdify

from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.errors import NotEvaluable
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.quantities import QuadraticForm, Quantity, SpectralTrace
from symcollapse.language.symbols import dimension, eigenvalue, placeholder
from symcollapse.language.unfolding import unfold

SMALLEST = 1e-14
"""Share of the largest eigenvalue below which no effective ridge is looked for."""


@dataclass(frozen=True)
class Levels:
    """Eigenvalues with their multiplicities, and the truth's shares of ‖w₀‖²_Σ."""

    values: Sequence[float]
    counts: Sequence[int]
    energies: Sequence[float]


class LevelFormula:
    """A formula in quantities over Σ and w₀, compiled once, evaluated for many spectra of few levels.

    Raises
    ------
    NotEvaluable
        If the formula holds a quantity other than traces and forms over Σ and w₀ and their effective ridges.

    Example
    -------
    >>> from symcollapse.language.quantities import DegreesOfFreedom
    >>> from symcollapse.language.symbols import ridge, samples
    >>> formula = LevelFormula(DegreesOfFreedom(1, EffectiveRidge(ridge, samples, SIGMA), SIGMA))
    >>> levels = Levels([1.0], [300], [1.0])
    >>> round(formula({ridge: 1.0, samples: 300.0}, levels), 3)  # 300/(1 + 1.618)
    114.59
    """

    def __init__(self, formula: Expr) -> None:
        self._definitions: list[tuple[Symbol, Basic, Callable[..., Any]]] = []
        rest: Any = unfold(formula)
        while innermost := sorted(filter(_is_innermost, rest.atoms(Quantity)), key=str):
            rule: dict[Basic, Basic] = {}
            for node in innermost:
                letter = placeholder(f"q_{len(self._definitions)}")
                self._definitions.append((letter, node, self._compiled(node)))
                rule[node] = letter
            rest = rest.xreplace(rule)
        self.letters = formula.free_symbols - {dimension}
        """What has to be given a number."""
        self._outer = self._function([rest])

    def _compiled(self, node: Basic) -> Callable[..., Any]:
        match node:
            case EffectiveRidge() if node.covariance == SIGMA:
                return self._function([node.ridge, node.samples])
            case SpectralTrace() if node.covariance == SIGMA:
                return self._function([node.summand])
            case QuadraticForm() if node.covariance == SIGMA and node.target == W0:
                return self._function([node.summand])
            case _:
                raise NotEvaluable(f"{node}: the search knows no such quantity")

    def _function(self, parts: list[Expr]) -> Callable[..., Any]:
        held = sorted({symbol for part in parts for symbol in part.free_symbols}, key=str)
        # SciPy has the special functions, such as those of sums over generations.
        compiled = lambdify(held, parts, ["scipy", "numpy"])

        def called(numbers: Mapping[Basic, Any]) -> Any:
            return compiled(*(numbers[symbol] for symbol in held))

        return called

    def __call__(self, numbers: Mapping[Any, float], levels: Levels) -> float:
        """The value; nan where there is none.

        Parameters
        ----------
        numbers
            For every letter but d.
        levels
            The spectrum and the truth.
        """
        values, counts = np.asarray(levels.values), np.asarray(levels.counts, dtype=float)
        weights = np.asarray(levels.energies) / values
        known: dict[Basic, Any] = {**numbers, dimension: float(counts.sum()), eigenvalue: values}
        with np.errstate(all="ignore"):
            for letter, node, function in self._definitions:
                parts = function(known)
                if isinstance(node, EffectiveRidge):
                    known[letter] = effective_ridge(
                        float(parts[0]), float(parts[1]), values, counts
                    )
                else:
                    weighted = weights if isinstance(node, QuadraticForm) else counts
                    known[letter] = float(np.sum(weighted * parts[0]))
            try:
                return float(self._outer(known)[0])
            except (ZeroDivisionError, OverflowError, TypeError):
                return math.nan


def _is_innermost(node: Basic) -> bool:
    return not any(part.atoms(Quantity) for part in node.args)


def effective_ridge(ridge: float, samples: float, values: Any, counts: Any) -> float:
    """The root of κ − λ = κ df₁(κ)/T, in doubles; nan where the search for it fails.

    Example
    -------
    >>> round(effective_ridge(1.0, 300.0, np.array([1.0]), np.array([300.0])), 6)
    1.618034
    """
    if ridge == 0 and samples >= counts.sum():
        return 0.0

    def excess(logarithm: float) -> float:
        kappa = math.exp(logarithm)
        return float(1 - ridge / kappa - np.sum(counts * values / (values + kappa)) / samples)

    most = ridge + float(np.sum(counts * values)) / samples
    least = ridge if ridge > 0 else SMALLEST * float(np.max(values))
    if not (math.isfinite(most) and excess(math.log(least)) < 0 <= excess(math.log(most) + 1e-9)):
        return math.nan
    return math.exp(float(brentq(excess, math.log(least), math.log(most) + 1e-9, xtol=1e-13)))
