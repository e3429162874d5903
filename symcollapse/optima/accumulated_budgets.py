"""A budget of samples split over least-squares fits that accumulate: the order of the batches matters.

With N_m = T_0 + … + T_m samples the error after the last fit is exactly Σ_m σ_m²·(T_m/N_m)·d/(N_m − d − 1), for
N_0 ≥ d + 2.

**All that is free goes to the first batch.** Let each later batch have t_m samples at least. Its term, at a given N_m,
falls as N_{m−1} grows, for then T_m = N_m − N_{m−1} shrinks; and where T_m = t_m it falls as N_m grows. The first term,
with T_0 = N_0, falls as N_0 grows. So at any N_1 the largest N_0 is the best, T_1 = t_1; then all terms up to the first
fall as N_1 grows, so that at any N_2 the largest N_1 is the best; and so on to N_n = B. This holds for all noises: labels
made by a fit say nothing about the truth that the fit did not say, and add noise.
"""

from fractions import Fraction

from symcollapse.language.errors import NotSupported


def accumulated_error(variances: list[Fraction], samples: list[int], dimension: int) -> Fraction:
    """Test error of least squares on all samples so far, exactly.

    Parameters
    ----------
    variances
        σ_m² of each batch of labels.
    samples
        T_m; the first is at least d + 2.
    dimension
        The number d.

    Example
    -------
    >>> accumulated_error([Fraction(1), Fraction(1)], [5, 5], 2)
    Fraction(8, 7)
    """
    total, rows = Fraction(0), 0
    for variance, batch in zip(variances, samples, strict=True):
        rows += batch
        total += variance * Fraction(batch * dimension, rows * (rows - dimension - 1))
    return total


def split_accumulated(count: int, dimension: int, budget: int, least: int = 1) -> list[int]:
    """The best split of a budget over accumulating least-squares fits, for all noises of their labels.

    Parameters
    ----------
    count
        Number of fits.
    dimension
        The number d.
    budget
        B.
    least
        Samples that each later batch has at least.

    Raises
    ------
    NotSupported
        If the budget is too small.

    Example
    -------
    >>> split_accumulated(3, 3, 60)
    [58, 1, 1]
    """
    later = [least] * (count - 1)
    first = budget - sum(later)
    if first < dimension + 2:
        raise NotSupported(
            f"budget = {budget}: least squares on {count} growing sets needs {dimension + 2 + sum(later)} or more"
        )
    return [first, *later]
