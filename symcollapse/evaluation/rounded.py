"""Doubles with a running bound of their rounding error.

The bound is first order in the unit roundoff u = 2⁻⁵³: products of two relative errors, 10⁻³², are left out.
Arrays have the shape (points, 1) or (points, levels), and broadcast.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]

ROUNDOFF = 2.0**-53
"""Relative error of one rounded operation."""

SMALLEST = 2.0**-1022
"""Smallest normal double: what an underflow may lose."""


@dataclass(frozen=True)
class Rounded:
    """A double array and a bound of its absolute error."""

    value: Array
    error: Array

    @property
    def relative_error(self) -> Array:
        """Bound of the relative error; infinite where the value is 0 and its error is not."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.error == 0, 0.0, self.error / np.abs(self.value))


def _loose(values: Array) -> Array:
    # Below the normal range the error is absolute.
    return ROUNDOFF * np.abs(values) + np.where(np.abs(values) < SMALLEST, SMALLEST, 0.0)


def from_exact(value: float, *, is_exact: bool) -> Rounded:
    """A scalar that is a double exactly, or the rounding of a number.

    Example
    -------
    >>> float(from_exact(0.5, is_exact=True).error[0, 0])
    0.0
    """
    scalar = np.array([[value]])
    return Rounded(scalar, np.zeros_like(scalar) if is_exact else ROUNDOFF * np.abs(scalar))


def add(terms: list[Rounded]) -> Rounded:
    """Sum of the terms in order.

    Example
    -------
    >>> one = from_exact(1.0, is_exact=True)
    >>> float(add([one, one]).value[0, 0])
    2.0
    """
    value, error = terms[0].value, terms[0].error
    for term in terms[1:]:
        value = value + term.value
        error = error + term.error + ROUNDOFF * np.abs(value)
    return Rounded(value, error)


def multiply(factors: list[Rounded]) -> Rounded:
    """Product of the factors in order.

    Example
    -------
    >>> third = from_exact(1 / 3, is_exact=False)
    >>> bool(multiply([third, third]).error[0, 0] < 4 * ROUNDOFF / 9)
    True
    """
    value, error = factors[0].value, factors[0].error
    for factor in factors[1:]:
        product = value * factor.value
        # A 0 that an underflow left is no 0: what was lost has no relative error.
        zero = ((value == 0) & (error == 0)) | ((factor.value == 0) & (factor.error == 0))
        error = (
            np.abs(value) * factor.error
            + np.abs(factor.value) * error
            + np.where(zero, 0.0, _loose(product))
        )
        value = product
    return Rounded(value, error)


def integer_power(base: Rounded, exponent: int) -> Rounded:
    """Power with a small integer exponent.

    Example
    -------
    >>> float(integer_power(from_exact(2.0, is_exact=True), -2).value[0, 0])
    0.25
    """
    if exponent == 0:
        ones = np.ones_like(base.value)
        return Rounded(ones, np.zeros_like(ones))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        # A value that may be 0 within its error has no reciprocal that could be bounded.
        value = base.value ** float(exponent)
        relative = np.where(base.error == 0, 0.0, base.error / np.abs(base.value))
        relative = relative * abs(exponent) + 2 * ROUNDOFF
        error = np.abs(value) * relative + np.where(np.abs(value) < SMALLEST, SMALLEST, 0.0)
        if exponent < 0:
            error = np.where(np.abs(base.value) <= base.error, np.inf, error)
            error = np.where(base.value == 0, np.where(base.error == 0, 0.0, np.inf), error)
        else:
            error = np.where(base.value == 0, base.error ** float(exponent), error)
    return Rounded(value, error)


def real_power(base: Rounded, exponent: Rounded) -> Rounded:
    """Power of a positive base with a real exponent.

    Example
    -------
    >>> half = from_exact(0.5, is_exact=True)
    >>> float(real_power(from_exact(4.0, is_exact=True), half).value[0, 0])
    2.0
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        value = base.value**exponent.value
        logarithm = np.abs(np.log(base.value))
        relative_base = np.where(base.error == 0, 0.0, base.error / np.abs(base.value))
        relative = (
            np.abs(exponent.value) * relative_base + logarithm * exponent.error + 2 * ROUNDOFF
        )
        error = np.abs(value) * relative
    return Rounded(value, np.where((base.value == 0) & (base.error == 0), 0.0, error))


def exponential(argument: Rounded) -> Rounded:
    """Exponential function.

    Example
    -------
    >>> float(exponential(from_exact(0.0, is_exact=True)).value[0, 0])
    1.0
    """
    value = np.exp(argument.value)
    return Rounded(value, value * (argument.error + 2 * ROUNDOFF) + SMALLEST * (value < SMALLEST))


def logarithm(argument: Rounded) -> Rounded:
    """Natural logarithm of a positive number.

    Example
    -------
    >>> float(logarithm(from_exact(1.0, is_exact=True)).value[0, 0])
    0.0
    """
    value = np.log(argument.value)
    return Rounded(value, argument.relative_error + 2 * ROUNDOFF * np.abs(value))


def weighted_sum(column: Rounded, weights: Rounded) -> Rounded:
    """Sum over the levels, the last axis, of column times weights.

    NumPy adds pairwise in blocks of 128: at most 16 + log₂(levels/128) roundings touch one term.

    Example
    -------
    >>> ones = Rounded(np.ones((1, 3)), np.zeros((1, 3)))
    >>> float(weighted_sum(ones, ones).value[0, 0])
    3.0
    """
    product = multiply([column, weights])
    value, error = np.broadcast_arrays(product.value, product.error)
    roundings = 16 + max(0.0, float(np.log2(value.shape[-1] / 128)))
    total = np.sum(np.ascontiguousarray(value), axis=-1, keepdims=True)
    size = np.sum(np.abs(value), axis=-1, keepdims=True)
    return Rounded(
        total,
        np.sum(error, axis=-1, keepdims=True) + roundings * ROUNDOFF * size,
    )
