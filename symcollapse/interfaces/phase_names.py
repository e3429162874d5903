"""What stands in and around a phase diagram, in the mathtext of matplotlib."""

from collections.abc import Mapping

from sympy import Add, Expr, fraction, latex

from symcollapse.scaling.phase_diagram import LETTERS, Phase, PhaseDiagram, exponents_of
from symcollapse.typesetting import latex_of

AXES: Mapping[str, str] = {
    "ridge": r"$\ell$,  ridge $\lambda = T^{-\ell}$",
    "generations": r"$a$,  generations $n\,\sigma_0^2 = T^{a}$",
    "generation_samples": r"$b$,  samples of the generators $T_0 = T^{b}$",
    "dimension": r"$q$,  dimension $d = T^{q}$",
    "noise": r"$\nu$,  noise $\sigma^2 = T^{-\nu}$",
    "source": r"$r$,  source",
    "capacity": r"$\beta$,  capacity",
}
"""Labels of axes."""


def given_numbers(diagram: PhaseDiagram) -> str:
    r"""What the exponents that are on no axis are, as far as the problem holds them, and what is drawn.

    Example
    -------
    >>> from symcollapse.interfaces.rates_requests import rates_request
    >>> request = rates_request(["power-law", "q=b", "nu=0"], ["b=1:4", "a=0:4"])
    >>> given_numbers(request.answer()[1]).partition(".")[0]
    '$\\beta = 2$,  $r = 3/8$,  $\\nu = 0$,  $q = b$'
    """
    scaling = diagram.rates.scaling
    held = exponents_of(diagram.rates.error)
    shown = []
    for name in reversed(list(LETTERS)):
        value = getattr(scaling, name)
        if name in held and name not in diagram.axes and value != LETTERS[name]:
            shown.append(rf"${latex_of(LETTERS[name])} = {_flat(value)}$")
    what = "the best exponent $x$" if diagram.is_optimised else "the term that decides and its $x$"
    return ",  ".join(shown) + rf".   Error $\asymp T^{{-x}}$: {what}"


def _flat(value: Expr) -> str:
    """A number on one line; what is tied to the axes, as it is."""
    written: str = latex_of(value) if value.free_symbols else str(value).replace("oo", r"\infty")
    return written


def region_name(phase: Phase) -> tuple[str, ...]:
    r"""The lines of a region's label: the parts of the error that decide, and the exponent.

    Example
    -------
    >>> from sympy import true
    >>> from symcollapse.language.symbols import noise_exponent
    >>> region_name(
    ...     Phase("variance", ("variance",), noise_exponent - 1, is_consistent=True, scope=true)
    ... )
    ('variance', '$\\nu - 1$')
    """
    parts = dict.fromkeys(term.partition(" ")[0] for term in phase.terms)
    start = "x = " if phase.part == "best" else ""
    return " = ".join(parts), f"${start}{_sum(phase.exponent)}$"


def _sum(formula: Expr) -> str:
    """A formula whose first term is positive, if one is."""

    def place(term: Expr) -> tuple[bool, bool, str]:
        return term.could_extract_minus_sign(), not term.is_Rational, str(term)

    terms = sorted(Add.make_args(formula), key=place)
    signs = ["-" if term.could_extract_minus_sign() else "+" for term in terms]
    sizes = [
        latex(-term if sign == "-" else term, fold_short_frac=fraction(term)[1].is_Atom)
        for sign, term in zip(signs, terms, strict=True)
    ]
    joined = " ".join(f"{sign} {size}" for sign, size in zip(signs, sizes, strict=True))
    return joined.removeprefix("+ ").replace(r"\frac", r"\dfrac")
