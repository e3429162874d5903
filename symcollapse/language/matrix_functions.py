"""How a function of Σ prints: as a product of powers of Σ and of resolvents, where it is one."""

from typing import Any

from sympy import Add, Expr, Mul

from symcollapse.language.spectra import Covariance, Spectrum
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.symbols import name_symbol


def printed_name(covariance: Spectrum) -> Expr:
    """The letter of a covariance: its own, or Σ for a spectrum that has none.

    Example
    -------
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> printed_name(IsotropicSpectrum(3))
    Sigma
    """
    return covariance.args[0] if isinstance(covariance, Covariance) else name_symbol("Sigma")


def matrix_latex(printer: Any, summand: Expr, covariance: Spectrum) -> str:
    r"""LaTeX of f(Σ) as a product of powers of Σ, resolvents (Σ + κI)⁻ᵐ, and other factors.

    Example
    -------
    >>> from sympy.printing.latex import LatexPrinter
    >>> from symcollapse.language.problems import SIGMA
    >>> from symcollapse.language.symbols import effective
    >>> print(matrix_latex(LatexPrinter(), s / (s + effective) ** 2, SIGMA))
    \Sigma \left(\Sigma + \kappa I\right)^{-2}
    """
    name = printed_name(covariance)
    if summand.is_Add:
        terms = [matrix_latex(printer, term, covariance) for term in summand.as_ordered_terms()]
        return " + ".join(terms).replace("+ -", "- ")
    letter = printer._print(name)
    parts: list[str] = []
    for factor in Mul.make_args(summand):
        base, power = factor.as_base_exp()
        exponent = "" if power == 1 else f"^{{{printer._print(power)}}}"
        if base == s:
            parts.append(f"{letter}{exponent}")
        elif isinstance(base, Add) and base.coeff(s) == 1 and not (base - s).has_free(s):
            parts.append(rf"\left({letter} + {printer._print(base - s)} I\right){exponent}")
        elif not base.has_free(s):
            if factor != 1:
                parts.insert(0, printer._print(factor))
        else:
            inner = (
                rf"\left({matrix_latex(printer, base, covariance)}\right)"
                if base.is_Add
                else printer._print(base.xreplace({s: name}))
            )
            parts.append(f"{inner}{exponent}")
    return " ".join(parts) or "I"
