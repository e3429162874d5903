"""Statements of published claims on paper: both sides, what their names stand for, the scope, and a judge's reason."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Add, Basic, Expr, oo
from sympy.matrices.expressions.matadd import MatAdd

from symcollapse.language.abbreviations import abbreviations
from symcollapse.language.domains import Domain
from symcollapse.language.quantities import QuadraticForm
from symcollapse.reasoning import (
    BestRidge,
    ExactMean,
    Exponent,
    Justification,
    MatrixIdentity,
    Optimise,
    OrderHoldsWhere,
    Solve,
    Statement,
    Towards,
)
from symcollapse.typesetting.formulas import (
    GREEK,
    latex_of,
    ridge_definitions,
    ridge_names,
    text_of,
)
from symcollapse.typesetting.latex_words import plain_name, with_indices

LONGEST_SIDE = 1500
"""Characters of LaTeX; a side that is longer is named, and not written out."""

WIDEST_ROW = 110
"""Printed signs, by a rough count, after which a sum goes on in the next row."""

WIDEST_PRODUCT = 140
"""Printed signs of one row that cannot be broken and can still be read when it is shrunk to the line."""

WIDEST_DERIVED = 124
"""The same for a derived side, which stands behind its name and in small letters."""

SHORT_LEFT = 24
"""Printed signs of a left side that may stand in one row with a wide right one."""

_TOO_WIDE = "too wide for a page"

LONGEST_LEFT = 120
"""Characters of a derived left side in a line of text; the place of a statement stands for a longer one."""


@dataclass(frozen=True)
class DerivedSide:
    """A side that stands in a statement by its name, written out."""

    name: str
    formula: str
    """In LaTeX; empty for one that is too wide for a page in rows."""
    text: str
    """In a line of plain text."""
    definitions: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class WrittenStatement:
    """A statement in letters.

    Example
    -------
    >>> WrittenStatement("Bias", "≃", "κ", ()).line
    'Bias ≃ κ'
    """

    left: str
    relation: str
    right: str
    definitions: tuple[tuple[str, str], ...]
    """What names in it stand for."""
    derived: tuple["DerivedSide", ...] = ()
    """Its derived sides, where papers have a name for them."""

    @property
    def line(self) -> str:
        """Both sides in one line."""
        return f"{self.left} {self.relation} {self.right}"

    @property
    def rows(self) -> str:
        """Both sides in LaTeX, in a row each where one row would be wide."""
        fits = _width(self.line) <= WIDEST_ROW and r"\\" not in self.line
        # A short name stands before the rows of the other side.
        if fits or (r"\\" not in self.left and _width(self.left) <= SHORT_LEFT):
            return self.line
        return rf"\begin{{aligned}} & {self.left} \\ &{self.relation} {self.right} \end{{aligned}}"


def statement_text(statement: Statement) -> WrittenStatement:
    """A statement as plain text, with the names that papers have for its sides.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> from symcollapse.reasoning import Algebra
    >>> statement_text(Statement(ridge + ridge, Algebra(), 3 * ridge)).line
    '2·λ = 3·λ'
    """
    names = _names(statement, latex=False)
    subject = _text(statement.subject, names)
    shown = subject if len(subject) <= LONGEST_LEFT else "…"
    before, after = _around_place(statement.by, latex=False)
    open_mean, close_mean = _around_mean(statement.by, latex=False)
    left = plain_name(statement.name) or f"{open_mean}{shown}{close_mean}"
    return WrittenStatement(
        f"{before}{left}{after}",
        _sign(statement, latex=False),
        plain_name(statement.formula_name) or _text(statement.formula, names),
        _definitions(_unnamed_sides(statement), names, latex=False),
    )


def statement_latex(statement: Statement) -> WrittenStatement:
    r"""A statement in LaTeX, with the names that papers have for its sides; long sums stand in several rows.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> from symcollapse.reasoning import Algebra
    >>> statement_latex(Statement(ridge, Algebra(), ridge**2)).rows
    '\\lambda = \\lambda^{2}'
    """
    names = _names(statement, latex=True)
    before, after = _around_place(statement.by, latex=True)
    open_mean, close_mean = _around_mean(statement.by, latex=True)
    subject = f"{open_mean}{_latex(statement.subject, names)}{close_mean}"
    formula = _latex(statement.formula, names)
    derived = tuple(
        DerivedSide(
            name,
            "" if _TOO_WIDE in written or _widest(written) > WIDEST_DERIVED else written,
            _text(side, _names(statement, latex=False)),
            _definitions(_basic(side), names, latex=True),
        )
        for name, side, written in (
            (statement.name, statement.subject, subject),
            (statement.formula_name, statement.formula, formula),
        )
        if name
    )
    return WrittenStatement(
        f"{before}{statement.name or subject}{after}",
        _sign(statement, latex=True),
        statement.formula_name or formula,
        _definitions(_unnamed_sides(statement), names, latex=True),
        derived,
    )


def _around_mean(by: Justification, *, latex: bool) -> tuple[str, str]:
    """What stands around a derived subject of which the mean is stated; a name has it in itself."""
    match by:
        case ExactMean():
            return (r"\mathbb{E}\left[", r"\right]") if latex else ("E[", "]")
        case MatrixIdentity(averaged=True):
            given = r"\mathbb{E}\left[", r"\;\middle|\;\text{designs}\right]"
            return given if latex else ("E[", " | designs]")
        case _:
            return "", ""


def _around_place(by: Justification, *, latex: bool) -> tuple[str, str]:
    """What stands before and after a subject of which not the value is stated: a best place, an order."""
    write = latex_of if latex else text_of
    match by:
        case Solve(symbol=symbol) | Optimise(symbol=symbol, best=None):
            what = "root" if isinstance(by, Solve) else "best"
            name = write(symbol)
        case BestRidge():
            what, name = "best", write(by.over.exponent)
        case Exponent() if by.over is not None:
            what, name = "least, over", write(by.over.exponent)
        case OrderHoldsWhere():
            order = "∞" if by.order == oo and not latex else write(by.order)
            arrow = (r" \to " if latex else " → ") if by.order in (0, oo) else " ≍ "
            return "", f"{arrow.replace('≍', chr(92) + 'asymp') if latex else arrow}{order}"
        case _:
            return "", ""
    if latex:
        return rf"\text{{{what} }} {name} \text{{ of }} ", ""
    return f"{what} {name} of ", ""


def _sign(statement: Statement, *, latex: bool) -> str:
    """What is written between both sides; a bound on an order holds up to a constant, and says so."""
    if isinstance(statement.by, Exponent) and statement.by.bound:
        signs = {"above": ("≲", r"\lesssim"), "below": ("≳", r"\gtrsim")}
        return signs[statement.by.bound][latex]
    return statement.relation.latex if latex else statement.relation.value


def _sides(statement: Statement) -> list[Basic]:
    return _basic(statement.subject, statement.formula)


def _basic(*sides: Any) -> list[Basic]:
    return [side for side in sides if isinstance(side, Basic)]


def _unnamed_sides(statement: Statement) -> list[Basic]:
    """The sides that are written out."""
    pairs = (
        (statement.name, statement.subject),
        (statement.formula_name, statement.formula),
    )
    return _basic(*(side for name, side in pairs if not name))


def _names(statement: Statement, *, latex: bool) -> dict[Basic, str]:
    return ridge_names(_sides(statement), latex=latex)


def _text(side: Any, names: Mapping[Basic, str]) -> str:
    if not isinstance(side, Basic):
        return str(side)
    return re.sub(r"\.T\b", "ᵀ", text_of(side, names, sized=True))


def _latex(side: Any, names: Mapping[Basic, str]) -> str:
    if not isinstance(side, Basic):
        return rf"\text{{{_bare(str(side))}}}"
    whole = latex_of(side, names, sized=True)
    if len(whole) > LONGEST_SIDE:
        return _too_wide(side)
    if _width(whole) <= WIDEST_ROW:
        return whole
    if isinstance(side, QuadraticForm) and isinstance(side.args[0], Add):
        # It is linear in what stands in it, so that it breaks where that does.
        side = Add(*(side.func(term, *side.args[1:]) for term in side.args[0].args))
    if not isinstance(side, Add | MatAdd):
        return whole if _width(whole) <= WIDEST_PRODUCT else _too_wide(side)
    ordered = side.as_ordered_terms() if isinstance(side, Add) else list(side.args)
    rows = [""]
    for term in ordered:
        written = latex_of(term, names, sized=True)
        signed = written if written.startswith("-") or rows == [""] else f"+ {written}"
        if rows[-1] and _width(f"{rows[-1]} {signed}") > WIDEST_ROW:
            rows.append(signed)
        else:
            rows[-1] = f"{rows[-1]} {signed}".strip()
    if _widest(r"\\ ".join(rows)) > WIDEST_PRODUCT:
        return _too_wide(side)
    body = r" \\ & \quad ".join(rows)
    return rf"\begin{{aligned}}[t] & {body} \end{{aligned}}" if len(rows) > 1 else whole


def _too_wide(side: Basic) -> str:
    return rf"\text{{(a side of {side.count_ops()} operations, {_TOO_WIDE})}}"


def _widest(tex: str) -> int:
    """Width of the widest row."""
    return max(map(_width, tex.split(r"\\ ")))


def _bare(words: str) -> str:
    return re.sub(r"[\\{}$&#%_^~]", " ", words)


def _width(tex: str) -> int:
    """Signs that are printed, roughly: a command is one sign; a fraction is as wide as both its parts."""
    bare = re.sub(r"\\(left|right|operatorname|mathrm|text|frac|quad|begin|end)\b", "", tex)
    return len(re.sub(r"[\s{}_^&]|\\(?=\\)", "", re.sub(r"\\[a-zA-Z]+", "x", bare)))


def _definitions(
    sides: Sequence[Basic], names: Mapping[Basic, str], *, latex: bool
) -> tuple[tuple[str, str], ...]:
    write = latex_of if latex else text_of
    own = ridge_names(sides, latex=latex)
    found = list(ridge_definitions({k: v for k, v in names.items() if k in own}, latex=latex))
    known = {name for name, _ in found}
    for side in sides:
        for part in abbreviations(side) if isinstance(side, Expr) else ():
            name = write(part, names)
            if name not in known:
                known.add(name)
                found.append((name, write(part.definition, names)))
    return tuple(found)


def limit_text(by: Justification) -> str:
    """The limit that a reason speaks of; empty for one that speaks of none.

    Example
    -------
    >>> from sympy import oo
    >>> from symcollapse.language.symbols import ridge, samples
    >>> limit_text(Exponent(Towards(samples, oo, ((ridge, 1 / samples),))))
    'T → ∞ with λ = 1/T'
    """
    towards = getattr(by, "towards", None)
    if not isinstance(towards, Towards):
        return ""
    end = "∞" if towards.to == oo else text_of(towards.to)
    pairs = ", ".join(f"{text_of(old)} = {text_of(new)}" for old, new in towards.following)
    return f"{text_of(towards.variable)} → {end}" + (f" with {pairs}" if pairs else "")


def scope_text(scope: Domain) -> str:
    """The conditions of a scope; empty for one without any.

    Example
    -------
    >>> from sympy import Ge
    >>> from symcollapse.language.symbols import dimension, samples
    >>> scope_text(Domain(conditions=(Ge(samples, dimension),), isotropic=True))
    'T ≥ d, Σ a multiple of the identity'
    """
    parts = [text_of(condition) for condition in scope.conditions]
    if scope.isotropic:
        parts.append("Σ a multiple of the identity")
    return ", ".join(parts)


def readable(reason: str) -> str:
    """A judge's reason with the numbers and letters of print: no brackets of intervals, no quotes of names.

    Example
    -------
    >>> readable("[1.25 +/- 3.1e-12] against [2.5 +/- 1e-9] at {'T_0': '3', 'lambda': '1/2'}")
    '1.25 against 2.5 at T₀ = 3, λ = 1/2'
    """
    plain = re.sub(r"\[([-+\d.e]+) \+/- [\d.e+-]+\]", r"\1", reason)
    plain = re.sub(r"\{('[^{}]*)\}", _point, plain)
    plain = re.sub(r"LevelsSpectrum\((\(.*?\)), (\(.*?\))\)", _levels, plain)
    plain = re.sub(r"LevelsTarget\(\((.*?),?\)\)", r"energies \1", plain)
    plain = re.sub(r"IsotropicSpectrum\((\d+)(?:, (\S+?))?\)", _isotropic, plain)
    plain = re.sub(rf"\b(T|w|phi|{'|'.join(GREEK)})(?:_(\d+))?\b", _named, plain)
    return re.sub(r"\boo\b", "∞", plain.replace("**", "^"))


def _named(found: re.Match[str]) -> str:
    return _letter(found[0])


def _point(found: re.Match[str]) -> str:
    pairs = re.findall(r"'([^']*)': '([^']*)'", found[1])
    return ", ".join(f"{_letter(name)} = {value}" for name, value in pairs)


def _letter(name: str) -> str:
    stem, _, rest = name.partition("_")
    lowered = rest.translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))
    if lowered == rest:
        return f"{GREEK.get(stem, stem)}_{rest}" if rest else GREEK.get(stem, stem)
    return f"{GREEK.get(stem, stem)}{lowered}"


def _levels(found: re.Match[str]) -> str:
    values, counts = (re.findall(r"[^(),\s]+", part) for part in found.groups())
    return " and ".join(f"{n} × {value}" for value, n in zip(values, counts, strict=False))


def _isotropic(found: re.Match[str]) -> str:
    return f"{found[1]} × {found[2] or 1}"


_WORDS = {
    "lambda": "λ", "Lambda": "Λ", "sigma": "σ", "Sigma": "Σ", "kappa": "κ", "phi": "φ", "beta": "β", "delta": "δ",
    "Delta": "Δ", "gamma": "γ", "rho": "ρ", "infinity": "∞", "l": "ℓ", "l_crit": "ℓ_crit", "l_star": "ℓ⋆",
}  # fmt: skip


def conditions_text(given: str) -> str:
    """Printed conditions, typed in ASCII, with the letters and signs of print.

    Example
    -------
    >>> conditions_text("lambda ~ T^-l, T_0 >= d+2, phi_0 in (0,1), Sigma_hat R")
    'λ ~ T^-ℓ, T₀ ≥ d+2, φ₀ in (0,1), Σ_hat R'
    """
    signs = given.replace(">=", "≥").replace("<=", "≤").replace("->", "→")
    words = re.sub(
        r"(?<![A-Za-z_])(l_crit|l_star|[A-Za-z]+)(?![a-z])",
        lambda word: _WORDS.get(word[1], word[1]),
        signs,
    )
    return with_indices(words).replace("^2", "²")
