"""Bilinear forms uᵀ f(Σ) v: quadratic forms with the products u_j v_j in the place of squares."""

from typing import Any

from sympy import Basic, Expr

from symcollapse.language.errors import NotEvaluable
from symcollapse.language.quantities import quadratic_form
from symcollapse.language.spectra import Spectrum
from symcollapse.language.targets import ExplicitTarget, Target


class Pairing(Target):
    """Two vectors u and v, by the products u_j v_j of their coefficients; symmetric, and u itself for u = v.

    Only for explicit coefficients are the products known: other targets know squares, and no signs.

    Example
    -------
    >>> Pairing(ExplicitTarget([1, 2]), ExplicitTarget([3, -1])).listed
    (3, -2)
    >>> Pairing(ExplicitTarget([1, 2]), ExplicitTarget([1, 2]))
    ExplicitTarget(2 coefficients)
    """

    def __new__(cls, first: Target, second: Target) -> Any:
        for vector in (first, second):
            if isinstance(vector, Pairing):
                raise TypeError("a pairing is made of two vectors, not of pairings")
        if first == second:
            return first
        return super().__new__(cls, *sorted((first, second), key=_order))

    @property
    def is_abstract(self) -> bool:
        """Whether one of the two is known by its name only."""
        return any(vector.is_abstract for vector in self.args)

    @property
    def is_square(self) -> bool:
        """Not so: products have either sign."""
        return False

    @property
    def listed(self) -> tuple[Expr, ...]:
        """The products, one by one.

        Raises
        ------
        NotEvaluable
            If the signs of the coefficients are not known.
        """
        first, second = self.args
        for vector in self.args:
            if not isinstance(vector, ExplicitTarget):
                raise NotEvaluable(
                    f"a bilinear form of {type(vector).__name__}: it gives squares, no signs; give both vectors "
                    "by their coefficients"
                )
        pairs = zip(first.coefficients, second.coefficients, strict=True)
        return tuple(u * v for u, v in pairs)

    def check_against(self, spectrum: Spectrum) -> None:
        """Both have to go with it."""
        for vector in self.args:
            vector.check_against(spectrum)

    def bra_and_ket(self, printer: Any, default: str) -> tuple[str, str]:
        """The two names."""
        first, second = self.args
        return first.bra_and_ket(printer, default)[0], second.bra_and_ket(printer, default)[1]


def _order(vector: Basic) -> Any:
    # Explicit targets are atoms that SymPy does not tell apart in order.
    coefficients = vector.coefficients if isinstance(vector, ExplicitTarget) else ()
    return (*vector.sort_key(), coefficients)


def bilinear_form(summand: Any, covariance: Spectrum, first: Target, second: Target) -> Expr:
    """The form uᵀf(Σ)v in its shortest form: sums and constants taken out.

    Parameters
    ----------
    summand
        The function f, an expression in the variables of the spectrum.
    covariance
        The spectrum, abstract or concrete, of one covariance or several.
    first, second
        The vectors u and v.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA
    >>> from symcollapse.language.symbols import eigenvalue, effective
    >>> from symcollapse.language.targets import truth
    >>> bilinear_form(2 * eigenvalue + 1, SIGMA, truth("v"), truth("u"))
    <u|1|v> + 2*<u|Sigma|v>
    """
    return quadratic_form(summand, covariance, Pairing(first, second))
