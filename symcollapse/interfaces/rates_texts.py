"""Rates and phase diagrams in words, LaTeX, records and rows."""

from collections.abc import Callable, Mapping
from typing import Any

from sympy import Add, Basic, Eq, Expr, Piecewise, false, true
from sympy.core.relational import Relational
from sympy.functions.elementary.piecewise import ExprCondPair
from sympy.logic.boolalg import And, Boolean, Or

from symcollapse.interfaces.phase_plots import best_ridge_path
from symcollapse.interfaces.rates_requests import SYMBOLS, WRITTEN, in_letters
from symcollapse.interfaces.tables import csv_text, plain_table
from symcollapse.language import symbols
from symcollapse.language.errors import NotSupported
from symcollapse.scaling.phase_diagram import LEAST, PhaseDiagram, exponents_of
from symcollapse.scaling.rate_optimum import OptimalRidge
from symcollapse.scaling.rates import Rates
from symcollapse.typesetting import latex_of, text_of

POWERS: Mapping[str, str] = {
    "ridge": "λ = T^-l",
    "generations": "n·σ₀² = T^a",
    "generation_samples": "T₀ = T^b",
    "dimension": "d = T^q",
    "noise": "σ² = T^-nu",
    "source": "r",
    "capacity": "β",
}
"""What the letters stand for."""

SIGNS: Mapping[str, str] = {"==": "=", "<=": "≤", ">=": "≥", "<": "<", ">": ">"}

NAMES: Mapping[Basic, str] = {symbols.ridge_exponent: "ℓ", symbols.noise_exponent: "ν"}


def in_words(formula: Basic) -> str:
    """An exponent or a condition on one line.

    Example
    -------
    >>> in_words((symbols.ridge_exponent <= 2) & (symbols.noise_exponent > 0))
    'ν > 0 and ℓ ≤ 2'
    """
    match formula:
        case And() | Or():
            joint = " and " if isinstance(formula, And) else " or "
            return joint.join(
                sorted(map(in_words, formula.args), key=lambda text: (len(text), text))
            )
        case Eq():
            return " = ".join(map(in_words, _without_common(formula.lhs, formula.rhs)))
        case Relational():
            relation: str = getattr(formula, "rel_op", "")
            sign = SIGNS.get(relation, relation)
            return f"{in_words(formula.lhs)} {sign} {in_words(formula.rhs)}"
        case Piecewise():
            cases = [
                in_words(case.expr) + ("" if case.cond == true else f" if {in_words(case.cond)}")
                for case in formula.args
                if isinstance(case, ExprCondPair)
            ]
            return ", else ".join(cases)
    if formula in (true, false):
        return "always" if formula == true else "never"
    assert isinstance(formula, Expr)
    return (
        text_of(formula, NAMES).replace("Min(", "min(").replace("Max(", "max(").replace("oo", "∞")
    )


def _without_common(left: Expr, right: Expr) -> tuple[Expr, Expr]:
    """Two sides of an equation without the summands that both have."""
    first, second = Add.make_args(left), Add.make_args(right)
    return (
        Add(*(term for term in first if term not in second)),
        Add(*(term for term in second if term not in first)),
    )


def rates_record(rates: Rates, diagram: PhaseDiagram | None) -> dict[str, Any]:
    """Everything as JSON has it; formulas in the syntax of SymPy.

    Example
    -------
    >>> from symcollapse.interfaces.rates_requests import rates_request
    >>> rates, _ = rates_request(["power-law", "q=2"], []).answer()
    >>> rates_record(rates, None)["pieces"][0]["exponent"]
    'Min(3*ell/4, -ell/2 + nu + 1, -a + b - ell/2 - 1)'
    """
    held = exponents_of(rates.error)
    record: dict[str, Any] = {
        "regime": rates.error.regime,
        "exponents": {WRITTEN[name]: str(getattr(rates.scaling, name)) for name in held},
        "formulas": {term.name: str(term.formula) for term in rates.named},
        "pieces": [],
        "boundaries": [str(each) for each in rates.boundaries],
    }
    for number, piece in enumerate(rates.pieces):
        terms = [
            {"name": term.name, "exponent": str(term.exponent), "logarithm": str(term.logarithm)}
            for term in piece.terms
        ]
        crossovers = [
            {
                "equation": str(each.equation),
                "between": list(each.between),
                "witness": {str(name): str(value) for name, value in each.witness},
            }
            for each in rates.crossovers_in(number)
        ]
        record["pieces"].append(
            {
                "scope": str(piece.scope),
                "exponent": str(piece.exponent),
                "consistent": str(piece.consistent),
                "terms": terms,
                "crossovers": crossovers,
            }
        )
    cases, reason = _optimum(rates)
    record["optimum"] = [
        {
            "condition": str(case.condition),
            "exponent": str(case.exponent),
            "smallest": str(case.smallest),
            "largest": str(case.largest),
        }
        for case in cases
    ]
    record["optimum_unknown"] = reason
    if diagram is not None:
        record["diagram"] = diagram_rows(diagram)
    return record


def _optimum(rates: Rates) -> tuple[tuple[OptimalRidge, ...], str | None]:
    """The best ridges, or why there are none."""
    try:
        return rates.optimum, None
    except NotSupported as error:
        return (), in_letters(str(error))


def diagram_rows(diagram: PhaseDiagram) -> list[dict[str, str]]:
    """Regions, borders and the best ridge, one row each, with the same columns; exact.

    Example
    -------
    >>> from symcollapse.interfaces.rates_requests import rates_request
    >>> request = rates_request(["power-law", "q=2", "b=3", "nu=0"], ["a=0:4", "l=0:3"])
    >>> rates, diagram = request.answer()
    >>> row = diagram_rows(diagram)[0]
    >>> row["terms"], row["exponent"], row["a_from"], row["a_to"], row["l_from"], row["l_to"]
    ('bias', '3*ell/4', '0', '1', '0', '4/5')
    """
    first, second = (WRITTEN[name] for name in diagram.axes)
    letter = diagram.letters[0]

    def row(kind: str, *cells: Any) -> dict[str, str]:
        columns = ("terms", "exponent", "consistent", "scope")
        places = (f"{first}_from", f"{first}_to", f"{second}_from", f"{second}_to")
        return {
            "kind": kind,
            **{key: str(cell) for key, cell in zip((*columns, *places), cells, strict=True)},
        }

    rows = []
    for strip in diagram.strips:
        phase = strip.label
        rows.append(
            row(
                "outside" if phase.part == "outside" else "region",
                "; ".join(phase.terms),
                phase.exponent if phase.part != "outside" else "",
                phase.is_consistent,
                phase.scope,
                strip.start.exact,
                strip.end.exact,
                strip.lower.formula(letter),
                strip.upper.formula(letter),
            )
        )
    for border in diagram.boundaries:
        heights = border.heights or (border.curve, border.curve)
        ends: list[Any] = [
            "" if curve is None else curve.formula(border.start.exact if border.heights else letter)
            for curve in heights
        ]
        rows.append(row(border.kind, "", "", "", "", border.start.exact, border.end.exact, *ends))
    for best in best_ridge_path(diagram):
        ends = [best.place, best.place, best.smallest, best.largest or "inf"]
        rows.append(row("best ridge", "", best.exponent, best.exponent > 0, "", *ends))
    return rows


def diagram_csv(diagram: PhaseDiagram) -> str:
    """The rows of a diagram as CSV."""
    rows = diagram_rows(diagram)
    return csv_text(list(rows[0]), [list(row.values()) for row in rows])


def rates_text(rates: Rates) -> str:
    """The rates in words.

    Example
    -------
    >>> from symcollapse.interfaces.rates_requests import rates_request
    >>> rates, _ = rates_request(["power-law", "q=2"], []).answer()
    >>> print(rates_text(rates).splitlines()[3])
    scope       2 ≤ b and ℓ/2 ≤ 1
    """
    given, tied = _numbers(rates), _ties(rates)
    first, *others = rates.pieces
    lines = [
        f"regime      {rates.error.regime}",
        f"with        {', '.join(POWERS[name] for name in exponents_of(rates.error))}",
        f"numbers     {', '.join(given) or 'none'}",
        *([f"tied        {', '.join(tied)}"] if tied else []),
        f"scope       {in_words(first.scope)}",
        f"error       T^-x, x = {in_words(first.exponent)}",
        f"vanishes    {_when(first.consistent)}",
        "",
        plain_table(
            ["term", "x", "times ln T"],
            [[t.name, in_words(t.exponent), _when(t.logarithm)] for t in first.terms],
        ),
    ]
    if rates.crossovers:
        rows = [[" = ".join(c.between), in_words(c.equation)] for c in rates.crossovers]
        lines.append(plain_table(["crossover", "where"], rows))
    cases, reason = _optimum(rates)
    if reason is not None:
        lines.append(f"best ridge: {reason}\n")
    for case in cases:
        lines += [
            "best ridge" + ("" if case.condition == true else f", if {in_words(case.condition)}"),
            f"  ℓ         {in_words(case.smallest)}",
            *([] if case.largest == case.smallest else [f"  up to     {in_words(case.largest)}"]),
            f"  x         {in_words(case.exponent)}",
            "",
        ]
    if others:
        rows = [[in_words(p.scope), in_words(p.exponent), _when(p.consistent)] for p in others]
        lines.append(plain_table(["other scope", "x", "vanishes"], rows))
    return "\n".join(lines).rstrip() + "\n"


def _numbers(rates: Rates) -> list[str]:
    """The exponents that are numbers."""
    return [
        f"{WRITTEN[name]} = {in_words(getattr(rates.scaling, name))}"
        for name in exponents_of(rates.error)
        if not getattr(rates.scaling, name).free_symbols
    ]


def _ties(rates: Rates) -> list[str]:
    """The exponents that are expressions in other ones."""
    values = ((name, getattr(rates.scaling, name)) for name in exponents_of(rates.error))
    return [
        f"{WRITTEN[name]} = {in_words(value)}{_range_of(name, value)}"
        for name, value in values
        if value.free_symbols and value != SYMBOLS[WRITTEN[name]]
    ]


def _range_of(name: str, value: Expr) -> str:
    """The range of an exponent, where an expression for it may leave it."""
    least = LEAST.get(name)
    if least is None:
        return ""
    is_open = name in ("capacity", "source", "generation_samples")
    inside = value - least
    if inside.is_positive if is_open else inside.is_nonnegative:
        return ""
    return f" {'>' if is_open else '≥'} {least}"


def _when(condition: Boolean) -> str:
    return in_words(condition) if condition in (true, false) else f"if {in_words(condition)}"


def rates_latex(rates: Rates) -> str:
    r"""The rates as LaTeX: an array for each scope, then the best ridge.

    Example
    -------
    >>> from symcollapse.interfaces.rates_requests import rates_request
    >>> rates, _ = rates_request(["power-law", "q=2"], []).answer()
    >>> print("\n".join(rates_latex(rates).splitlines()[1:3]))
    % numbers: q = 2, r = 3/8, beta = 2
    % scope: 2 ≤ b and ℓ/2 ≤ 1
    """
    write: Callable[[Any], str] = latex_of
    lines = [f"% regime: {rates.error.regime}"]
    for kind, values in (("numbers", _numbers(rates)), ("tied", _ties(rates))):
        lines += [f"% {kind}: {', '.join(values)}"] if values else []
    for piece in rates.pieces:
        rows = [rf"  x_{{\text{{{t.name}}}}} &= {write(t.exponent)}" for t in piece.terms]
        rows.append(rf"  x &= {write(piece.exponent)}")
        lines += [f"% scope: {in_words(piece.scope)}", *_aligned(rows)]
    cases, reason = _optimum(rates)
    if reason is not None:
        lines.append(f"% best ridge: {reason}")
    for case in cases:
        rows = [
            rf"  \ell^* &= {write(case.smallest)}",
            rf"  \max_\ell x &= {write(case.exponent)}",
        ]
        lines += [f"% best ridge: {in_words(case.condition)}", *_aligned(rows)]
    return "\n".join(lines) + "\n"


def _aligned(rows: list[str]) -> list[str]:
    return [r"\begin{align*}", " \\\\\n".join(rows), r"\end{align*}"]
