"""How a function of Σ prints: as a product of powers of Σ and of resolvents, where it is one."""

from typing import Any

from sympy import Add, Basic, Expr, Integer, Mul, Symbol

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


def printed_letters(covariance: Spectrum) -> dict[Symbol, Expr]:
    """The letter of each variable of a spectrum, one or several.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA
    >>> printed_letters(SIGMA)
    {s: Sigma}
    """
    if covariance.variables == (s,):
        return {s: printed_name(covariance)}
    # A variable carries its covariance's name, also once a spectrum has taken the covariance's place.
    return {
        variable: name_symbol(str(variable).removeprefix("s_")) for variable in covariance.variables
    }


def restricted(function: Expr, covariance: Spectrum) -> tuple[Expr, Spectrum]:
    """A function of several covariances over those only that it holds, and written in s if that is one.

    Example
    -------
    >>> from symcollapse.language.joint_spectra import joint_spectrum
    >>> from symcollapse.language.spectra import covariance
    >>> joint = joint_spectrum([covariance("Sigma_1", 3), covariance("Sigma_2", 3)])
    >>> restricted(2 * joint.variables[1], joint)
    (2*s, Sigma_2)
    """
    # Not has_free, here and below: effective ridges hold traces in which the same letters are bound.
    held = [variable for variable in covariance.variables if variable in function.free_symbols]
    if len(held) == len(covariance.variables):
        return function, covariance
    spectrum = covariance.restricted_to(held)
    if spectrum.variables == (s,):
        renamed: Any = function.xreplace({held[0]: s})
        return renamed, spectrum
    return function, spectrum


def merged(function: Expr, covariance: Spectrum) -> tuple[Expr, Spectrum]:
    """A function of several spectra in one variable for those that are equal, as after a substitution.

    Example
    -------
    >>> from symcollapse.language.joint_spectra import joint_spectrum
    >>> from symcollapse.language.problems import SIGMA
    >>> from symcollapse.language.spectra import covariance
    >>> from symcollapse.language.symbols import dimension
    >>> members = [covariance(name, dimension) for name in ("Sigma_1", "Sigma_2")]
    >>> joint = joint_spectrum(members)
    >>> both = joint.variables[0] + joint.variables[1]
    >>> merged(both, joint.xreplace(dict.fromkeys(members, SIGMA)))
    (2*s, Sigma)
    """
    first: dict[Spectrum, Symbol] = {}
    rule: dict[Basic, Basic] = {}
    for variable, member in zip(covariance.variables, covariance.members, strict=True):
        rule[variable] = first.setdefault(member, variable)
    if len(first) == len(rule):
        return function, covariance
    spectrum = covariance.restricted_to(first.values())
    if spectrum.variables == (s,):
        rule = dict.fromkeys(rule, s)
    return function.xreplace(rule), spectrum


def is_named(covariance: Spectrum) -> bool:
    """Whether a covariance has a name other than Σ, so that quantities about it must say so.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA
    >>> is_named(SIGMA)
    False
    """
    return isinstance(covariance, Covariance) and covariance.name != "Sigma"


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
    return _product_latex(printer, summand, printed_letters(covariance))


def _product_latex(printer: Any, summand: Expr, letters: dict[Symbol, Expr]) -> str:
    if summand.is_Add:
        return _sum_latex(printer, summand, letters, unit="")
    parts: list[str] = []
    number: Expr = Integer(1)
    for factor in Mul.make_args(summand):
        base, power = factor.as_base_exp()
        exponent = "" if power == 1 else f"^{{{printer._print(power)}}}"
        if isinstance(base, Symbol) and base in letters:
            parts.append(f"{printer._print(letters[base])}{exponent}")
        elif not factor.free_symbols & set(letters):
            number *= factor
        elif base.is_Mul and not power.free_symbols & set(letters):
            # SymPy leaves (s/(s + κ))^m as it is where m need not be an integer.
            parts.append(rf"\left({_product_latex(printer, base, letters)}\right){exponent}")
        elif base.is_Add:
            # Only beside matrices alone does a number stand for that multiple of the identity.
            unit = "I" if _is_linear(base, letters) else ""
            parts.append(rf"\left({_sum_latex(printer, base, letters, unit)}\right){exponent}")
        else:
            parts.append(printer._print(factor.xreplace(letters)))
    if number != 1:
        written = printer._print(number)
        parts.insert(0, rf"\left({written}\right)" if number.is_Add else written)
    return " ".join(parts) or "I"


def _is_linear(base: Expr, letters: dict[Symbol, Expr]) -> bool:
    slopes: dict[Symbol, Any] = {letter: base.coeff(letter) for letter in letters}
    rest = base - Add(*(slope * letter for letter, slope in slopes.items()))
    parts = (*slopes.values(), rest)
    return not any(part.expand().free_symbols & set(letters) for part in parts)


def _sum_latex(printer: Any, total: Expr, letters: dict[Symbol, Expr], unit: str) -> str:
    """Terms of a sum; with a unit, those of the matrices in their order, then what multiplies the identity."""
    if not unit:
        terms = [_product_latex(printer, term, letters) for term in total.as_ordered_terms()]
        return " + ".join(terms).replace("+ -", "- ")
    number, matrices = total.as_independent(*letters, as_Add=True)
    ordered = sorted(
        matrices.as_ordered_terms(),
        key=lambda term: [letter not in term.free_symbols for letter in letters],
    )
    terms = [_product_latex(printer, term, letters) for term in ordered]
    if number == 1:
        terms.append(unit)
    elif number != 0:
        several = number.is_Add and not matrices.is_symbol
        written = printer._print(number)
        terms.append(rf"\left({written}\right) {unit}" if several else f"{written} {unit}")
    return " + ".join(terms).replace("+ -", "- ")
