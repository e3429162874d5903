"""One design, many ridges: the factor that all of them share, and where it is not to be trusted."""

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh_tridiagonal, lapack, qr

from symcollapse.simulation.populations import Doubles
from symcollapse.simulation.regression import AMPLE, fit, solve_normal_equations

LARGEST_CONDITION = 1e7
"""Of XᵀX/N + λI (or XXᵀ/N + λI): beyond it the shared factor is not used.

Its error is that of a symmetric change E of XᵀX with ‖E‖ a small multiple of 2^-53 ‖XᵀX‖. That moves ŵ by (XᵀX + λN)⁻¹Eŵ,
at most the condition times 2^-53 ‖ŵ‖: nine digits stay.
"""


BLOCK = 64
"""Columns that LAPACK works off at once where it is given the memory."""


def fit_ridges(
    X: Doubles,
    Y: Doubles,
    ridges: Doubles,
    rows: float | None = None,
    *,
    ample: bool | None = None,
) -> NDArray[np.float64]:
    """Ridge regression of many sets of labels at many ridges, on one design.

    Parameters
    ----------
    X
        Shape (T, d), of full rank; features in falling order of variance.
    Y
        Shape (T, k).
    ridges
        Shape (l,), each ≥ 0, in the normalisation of ``fit``.
    rows, ample
        As in ``fit``.

    Returns
    -------
    weights
        Shape (l, d, k): as of ``fit`` for each ridge. In the norm ‖·‖_Σ of the excess risk the two differ by less than
        1e-9 √s₁ ‖ŵ‖, with s₁ the largest variance: where the condition of the problem could make it more, this function
        does what ``fit`` does. Over spectra up to j^-8 and ridges from 0 it was less than 1e-9 ‖ŵ‖_Σ, too.

    Raises
    ------
    ArithmeticError
        If X has not full rank.

    Applicability and issues
        XᵀX (XXᵀ for T < d) is brought to tridiagonal form once, by Householder's reflections; each ridge is then a
        tridiagonal system. Where ``LARGEST_CONDITION`` forbids that, each ridge has a factor of its own as in ``fit``.

    Example
    -------
    >>> weights = fit_ridges(np.eye(2), np.array([[1.0], [2.0]]), np.array([0.0, 0.5]))
    >>> weights[:, :, 0].round(12).tolist()
    [[1.0, 2.0], [0.5, 1.0]]
    """
    samples, features = X.shape
    count = float(samples if rows is None else rows)
    dual = samples < features
    A = X @ X.T if dual else X.T @ X
    b = Y if dual else X.T @ Y
    reduced = _Tridiagonal(A)
    penalties = np.asarray(ridges, dtype=np.float64) * count
    shared = reduced.trusted(penalties)
    weights = np.empty((len(penalties), features, Y.shape[1]))
    if shared.any():
        solutions = reduced.solutions(b, penalties[shared])
        weights[shared] = np.matmul(X.T, solutions) if dual else solutions
    if shared.all():
        return weights
    if samples >= AMPLE * features if ample is None else ample:
        for at in np.flatnonzero(~shared):
            weights[at] = solve_normal_equations(X.T @ X, b.copy(), penalties[at])
        return weights
    if samples > features:
        # The same least squares problem on d rows: Householder's factors keep the accuracy of each column.
        Q, R = qr(X, mode="economic", check_finite=False)
        X, Y = R.astype(np.float64, copy=False), Q.T @ Y
    for at in np.flatnonzero(~shared):
        weights[at] = fit(X, Y, ridges[at], count, ample=False)
    return weights


class _Tridiagonal:
    """A = Q T Qᵀ with T tridiagonal; the reflections of Q are kept as LAPACK returns them. A is overwritten."""

    def __init__(self, A: Doubles) -> None:
        self.size = len(A)
        self.diagonal, self.beside = A.diagonal().copy(), np.zeros(max(0, self.size - 1))
        if self.size > 1:
            # Symmetric, so its transpose is A, in the order of LAPACK: no copy is made.
            factor, self.diagonal, self.beside, self.tau, _ = lapack.dsytrd(
                A.T, lower=1, lwork=BLOCK * self.size, overwrite_a=True
            )
            self.reflections = np.asfortranarray(factor[1:, :-1])

    def trusted(self, penalties: Doubles) -> NDArray[np.bool_]:
        """Whether the condition of A + penalty·I allows it, for each penalty."""
        if not np.isfinite(self.diagonal).all() or not np.isfinite(self.beside).all():
            return np.zeros(len(penalties), dtype=np.bool_)
        sides = np.zeros(self.size + 1)
        sides[1:-1] = np.abs(self.beside)
        largest = float((np.abs(self.diagonal) + sides[:-1] + sides[1:]).max())
        least = 0.0
        if self.size > 1 and (penalties * LARGEST_CONDITION < largest).any():
            # In units of the largest: bisection squares what it is given, and that may overflow.
            (smallest,) = eigh_tridiagonal(
                self.diagonal / largest,
                self.beside / largest,
                eigvals_only=True,
                select="i",
                select_range=(0, 0),
            )
            least = max(0.0, float(smallest) * largest)
        elif self.size == 1:
            least = largest
        return (least + penalties) * LARGEST_CONDITION >= largest + penalties

    def rotated(self, B: Doubles, *, back: bool) -> Doubles:
        """QᵀB, or QB."""
        if self.size == 1:
            return B
        # Q leaves the first coordinate alone.
        C = np.asfortranarray(B[1:])
        trans = "N" if back else "T"
        work = BLOCK * (B.shape[1] + BLOCK + 1)
        turned, _, _ = lapack.dormqr("L", trans, self.reflections, self.tau, C, work)
        return np.concatenate([B[:1], turned])

    def solutions(self, b: Doubles, penalties: Doubles) -> NDArray[np.float64]:
        """(A + penalty·I)⁻¹b for each penalty; shape (l, size, k)."""
        turned = self.rotated(b, back=False)
        width = b.shape[1]
        columns = np.empty((self.size, len(penalties) * width), order="F")
        for at, penalty in enumerate(penalties):
            if self.size == 1:
                solution = turned / (self.diagonal + penalty)
            else:
                _, _, solution, failed = lapack.dptsv(self.diagonal + penalty, self.beside, turned)
                if failed:
                    raise ArithmeticError("the design has not full rank")
            columns[:, at * width : (at + 1) * width] = solution
        back = self.rotated(columns, back=True)
        return back.reshape(self.size, len(penalties), width).transpose(1, 0, 2)
