"""Second moments of a share of a Wishart matrix: the exact coefficients that pooled and accumulated data need.

With W and R independent Wishart matrices of T and N − T degrees of freedom, C = W + R ~ Wishart(N, I) and
U = C^(-1/2) W C^(-1/2), a matrix-variate beta: U is independent of C and has the law of O U Oᵀ, so that

    E U_ij U_kl = p δ_ij δ_kl + q (δ_ik δ_jl + δ_il δ_jk),

and the moments E (tr W)² and E tr W², of W = C^(1/2) U C^(1/2), give p and q. Nothing else enters. In the units of the
covariance of the inputs everything is exact for any Σ, as long as all inputs in a fit have one.
"""

from functools import lru_cache

from sympy import Expr, Integer, factor

from symcollapse.language.effective_ridges import WishartDeficit, WishartSurplus
from symcollapse.language.problems import SIGMA
from symcollapse.language.symbols import dimension as d
from symcollapse.language.symbols import real_samples, samples


@lru_cache(maxsize=1)
def _coefficients() -> tuple[Expr, Expr]:
    """The coefficients p and q, in the letters of `samples` for T and of `real_samples` for N − T."""

    def squares(size: Expr) -> tuple[Expr, Expr]:
        """The moments E tr W² and E (tr W)² of a Wishart matrix."""
        return d * size * (size + d + 1), d**2 * size**2 + 2 * d * size

    (joined, apart), (share_joined, share_apart) = squares(samples + real_samples), squares(samples)
    determinant = 2 * joined**2 - apart * (joined + apart)
    p = (2 * joined * share_joined - (joined + apart) * share_apart) / determinant
    q = (joined * share_apart - apart * share_joined) / determinant
    return factor(p), factor(q)


def beta_coefficients(share: Expr, rest: Expr) -> tuple[Expr, Expr]:
    """The coefficients p and q of E U_ij U_kl; they do not depend on d.

    Parameters
    ----------
    share
        T, degrees of freedom of W.
    rest
        N − T, degrees of freedom of the other.

    Example
    -------
    >>> beta_coefficients(Integer(2), Integer(2))
    (2/9, 1/18)
    """
    rule = {samples: share, real_samples: rest}
    p, q = _coefficients()
    return p.xreplace(rule), q.xreplace(rule)


def share_of_square(share: Expr, rest: Expr) -> Expr:
    """The mean E tr U²/d.

    Example
    -------
    >>> share_of_square(Integer(2), Integer(0))
    1
    """
    if rest == 0:
        return Integer(1)
    p, q = beta_coefficients(share, rest)
    return p + q + q * d


def passed_energy(share: Expr, rest: Expr, surplus: int, dimension: Expr) -> Expr | None:
    """The factor c in E‖C†W e‖²_Σ = c‖e‖²_Σ: what a fit of N = T + R rows passes on of an error in the labels of T.

    Exact for any Σ and N ≥ d + 2, where E DᵀD = E[C⁻¹ U C U] for D = C⁻¹W, and for Σ = sI and N ≤ d − 2, where the T
    rows beyond the span of the others are Gaussian in d − N + T dimensions. If all rows are labelled so, R = 0, it is
    the kept share: 1, or N/d.

    Parameters
    ----------
    share, rest
        T and R.
    surplus
        The number N − d.
    dimension
        The number d: in one dimension C⁻¹W is at most 1, so that there c is finite for every N.

    Returns
    -------
    factor
        In the letters of share and rest; None where the mean is infinite.

    Example
    -------
    >>> passed_energy(Integer(4), Integer(4), 5, Integer(3)).xreplace({d: Integer(3)})
    3/7
    """
    rows = share + rest
    if rest == 0:
        return Integer(1) if surplus >= 0 else rows / d
    if dimension == 1:
        # W/C is a beta variable; p and q alone are not defined for N = 1.
        return share * (share + 2) / (rows * (rows + 2))
    if surplus >= 2:
        p, q = beta_coefficients(share, rest)
        # E tr C · tr C⁻¹ = (dN − 2) E tr C⁻¹, as tr C⁻¹ is homogeneous of degree −1.
        return p + q + q * (d * rows - 2) / WishartSurplus(rows, SIGMA)
    if surplus <= -2:
        return (share + rest * share / WishartDeficit(rows, SIGMA)) / d
    return None
