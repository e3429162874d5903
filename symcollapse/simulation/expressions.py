"""Matrix expressions by drawing their random matrices: plain linear algebra, and no formula.

Covariances of one size are diagonal in one basis, in the order of their spectra; vectors are given in that basis.
"""

from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from symcollapse.language.errors import InvalidProblem
from symcollapse.simulation.instances import Spectra, Values, Vectors, instance_of, shown
from symcollapse.simulation.populations import Doubles
from symcollapse.simulation.realisations import Realisation
from symcollapse.simulation.trials import Progress, Simulation


def realise(
    expression: Any,
    spectra: Spectra | None = None,
    values: Values | None = None,
    vectors: Vectors | None = None,
    *,
    seed: int = 1,
    trial: int = 0,
) -> Doubles:
    """One draw of a matrix expression.

    Returns
    -------
    draw
        Of the shape of the expression; of shape () for a scalar one.

    Raises
    ------
    NotEvaluable, InvalidProblem
        As `simulate_expression`.

    Example
    -------
    >>> from sympy import Identity
    >>> from symcollapse.language.random_matrices import gaussian_design
    >>> X = gaussian_design("X", 5, Identity(2))
    >>> realise(X.T * X).shape
    (2, 2)
    >>> bool((realise(X.T * X) == realise(X).T @ realise(X)).all())
    True
    """
    _require("seed", seed, 0)
    _require("trial", trial, 0)
    with threadpool_limits(1):
        realisation = Realisation(instance_of(expression, spectra, values, vectors))
        realisation.start_trial(seed, trial)
        return np.array(realisation.value(realisation.instance.expression))


def simulate_expression(
    expression: Any,
    spectra: Spectra | None = None,
    values: Values | None = None,
    vectors: Vectors | None = None,
    *,
    trials: int = 400,
    seed: int = 1,
    first: int = 0,
    reflections: int = 1,
    progress: Progress | None = None,
) -> Simulation:
    """Mean of a scalar expression in random matrices, over independent draws of them.

    Parameters
    ----------
    expression
        A trace, a 1 × 1 matrix, or sums, products and powers of such, in `gaussian_design`, `gaussian_projection`,
        `label_noise`, `pseudo_inverse`, `covariance`, ``Identity`` and vectors ``MatrixSymbol("u", d, 1)``.
    spectra
        Eigenvalues of each covariance.
    values
        Exact numbers of the sizes and other symbols.
    vectors
        Coefficients of each vector, exact, in the common eigenbasis of the covariances.
    trials
        Number of draws.
    seed
        ≥ 0; draw i depends on it and on i only.
    first
        Number of the first trial, to go on where another simulation ended (see ``join``).
    reflections
        Sign patterns of the eigenbasis that a draw is the mean over; 1 leaves the basis as it is.
    progress
        Called with the trials done and the trials asked for.

    Returns
    -------
    simulation
        ``mean``, ``standard_error`` and the draws.

    Raises
    ------
    NotEvaluable
        If something has no number, cannot be drawn, or is singular.
    InvalidProblem
        If sizes do not fit, or the expression is not a scalar.

    Reason
        With D diagonal of signs, XD has the law of X, and covariances keep DΣD = Σ. So the vectors Du may stand for u,
        at the same mean. Averaged over D, bilinear forms lose most of the noise of order 1/√d that off-diagonal
        entries make, and keep that of order 1/d.

    Example
    -------
    >>> from sympy import Identity, Trace
    >>> from symcollapse.language.random_matrices import gaussian_design
    >>> X = gaussian_design("X", 20, Identity(5))
    >>> inverse = simulate_expression(Trace((X.T * X).inverse()), trials=300)
    >>> abs(inverse.mean - 5 / (20 - 5 - 1)) < 5 * inverse.standard_error
    True
    """
    for key, given, least in (
        ("trials", trials, 1),
        ("seed", seed, 0),
        ("first", first, 0),
        ("reflections", reflections, 1),
    ):
        _require(key, given, least)
    instance = instance_of(expression, spectra, values, vectors)
    shape = getattr(expression, "shape", ())
    if shape and tuple(instance.size(side) for side in shape) != (1, 1):
        raise InvalidProblem(f"{shown(expression)} is a matrix; take a trace or a bilinear form")
    realisation = Realisation(instance)
    draws = []
    with threadpool_limits(1), np.errstate(over="ignore", invalid="ignore"):
        for trial in range(first, first + trials):
            realisation.start_trial(seed, trial)
            draws.append(realisation.mean_over_reflections(reflections))
            if progress is not None:
                progress(len(draws), trials)
    return Simulation.of(draws, seed, first)


def _require(key: str, value: int, least: int) -> None:
    if value < least:
        raise InvalidProblem(f"{key} = {value}: give an integer >= {least}")
