"""Formulas in LaTeX and as plain text, with the effective ridges under short names.

κ(λ, T) of the downstream fit prints as κ, κ(λ_i, T_i) and κ(0, T_i) of the generators as κ_i; what the names stand
for is listed beside the formula.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sympy import Basic, Expr
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, Boolean, Not, Or, true
from sympy.printing.latex import LatexPrinter
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.str import StrPrinter

from symcollapse.language import symbols
from symcollapse.language.abbreviations import abbreviations
from symcollapse.language.coupled_ridges import CoupledSystem
from symcollapse.language.coupled_traces import TraceSystem
from symcollapse.language.effective_ridges import EffectiveRidge, ResidualDegreesOfFreedom
from symcollapse.language.matrix_functions import is_named
from symcollapse.language.symbols import name_symbol

GREEK = {
    "lambda": "λ", "sigma": "σ", "kappa": "κ", "beta": "β", "alpha": "α", "tau": "τ", "theta": "θ",
    "omega": "ω", "Sigma": "Σ", "rho": "ρ", "mu": "μ", "nu": "ν", "ell": "ℓ", "delta": "δ",
}  # fmt: skip
"""Names of symbols that plain text writes as one letter."""

_SIGNS = {"==": "=", "<=": "≤", ">=": "≥", "!=": "≠"}
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


@dataclass(frozen=True)
class Typeset:
    """A formula as text, and the definitions of the names in it."""

    formula: str
    definitions: tuple[tuple[str, str], ...]
    """Pairs of name and definition, in an order in which each needs only earlier ones."""


def ridge_names(formulas: Iterable[Basic], *, latex: bool) -> dict[Basic, str]:
    """Short names of the effective ridges in some formulas; without one, κ prints with its arguments.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA
    >>> ridge_names([EffectiveRidge(symbols.ridge, symbols.samples, SIGMA)], latex=False)
    {kappa(lambda, T): 'κ'}
    """
    nodes: set[EffectiveRidge] = set()
    for formula in formulas:
        nodes |= _effective_ridges(formula)
    taken: dict[Basic, str] = {}
    owners: dict[str, tuple[Expr, Expr]] = {}
    for node in sorted(nodes, key=lambda node: node.sort_key()):
        name = _ridge_name(node, latex=latex)
        # Before and after Σ is given a spectrum it is the same κ.
        if name and owners.setdefault(name, (node.ridge, node.samples)) == (
            node.ridge,
            node.samples,
        ):
            taken[node] = name
    return taken


def _effective_ridges(formula: Basic) -> set[EffectiveRidge]:
    found: set[EffectiveRidge] = set()
    pending: list[Basic] = [formula]
    if isinstance(formula, Expr):
        pending += [part.definition for part in abbreviations(formula)]
    for part in pending:
        found |= part.atoms(EffectiveRidge)
        for node in part.atoms(ResidualDegreesOfFreedom):
            found |= set().union(*(kappa.atoms(EffectiveRidge) for kappa in node.effective_ridges))
    return found


def _ridge_name(node: EffectiveRidge, *, latex: bool) -> str | None:
    if is_named(node.covariance):
        # Several covariances in one formula: the name must say whose κ it is.
        return None
    letter = r"\kappa" if latex else "κ"
    if node.samples == symbols.samples:
        return letter if node.ridge in (0, symbols.ridge) else None
    match = re.fullmatch(r"T_(\d+)", str(node.samples))
    if match is None or not re.fullmatch(r"0|lambda_\d+", str(node.ridge)):
        return None
    suffix = match[1]
    if node.ridge != 0 and str(node.ridge) != f"lambda_{suffix}":
        return None
    return f"{letter}_{{{suffix}}}" if latex else letter + suffix.translate(_SUBSCRIPTS)


class _TextPrinter(StrPrinter):
    def __init__(self, names: Mapping[Basic, str], *, sized: bool = False) -> None:
        super().__init__()
        self.ridge_names = names
        self.sized = sized

    def _print_Identity(self, expr: Any) -> str:  # noqa: N802
        return f"I_{self._print(expr.rows)}" if self.sized else "I"

    def _print_Symbol(self, expr: Basic) -> str:  # noqa: N802 - the name SymPy looks up
        stem, _, rest = str(expr).partition("_")
        subscript = rest.translate(_SUBSCRIPTS) if rest.replace("_", "").isdigit() else rest
        joined = f"{GREEK.get(stem, stem)}{subscript}"
        return joined if not rest or rest.isdigit() else f"{GREEK.get(stem, stem)}_{rest}"

    def _print_Dummy(self, expr: Any) -> str:  # noqa: N802
        return self._print_Symbol(name_symbol(expr.name))

    def _print_Trace(self, expr: Any) -> str:  # noqa: N802
        return f"tr({self._print(expr.arg)})"

    def _print_Piecewise(self, expr: Any) -> str:  # noqa: N802
        cases = [
            f"{self._print(value)} else"
            if condition is true
            else f"{self._print(value)} if {text_of(condition, self.ridge_names)}"
            for value, condition in expr.args
        ]
        return f"({'; '.join(cases)})"


class _LatexPrinter(LatexPrinter):
    def __init__(self, names: Mapping[Basic, str], *, sized: bool = False) -> None:
        super().__init__({"mul_symbol": None, "fold_short_frac": False})
        self.ridge_names = names
        self.sized = sized

    def _print_Transpose(self, expr: Any) -> str:  # noqa: N802
        inside = self.parenthesize(expr.arg, PRECEDENCE["Pow"])
        return rf"{inside}^{{\top}}"

    def _print_Identity(self, expr: Any) -> str:  # noqa: N802
        return f"I_{{{self._print(expr.rows)}}}" if self.sized else "I"


def text_of(
    formula: Basic, names: Mapping[Basic, str] | None = None, *, sized: bool = False
) -> str:
    """A formula, or a condition, in one line of plain text; ``sized`` writes I_d for an identity of d × d.

    Example
    -------
    >>> text_of(symbols.generation_noise**2 * symbols.ridge)
    'λ·σ₀²'
    >>> text_of((symbols.ridge <= 2) & (symbols.noise > 0))
    'λ ≤ 2 and σ > 0'
    """
    if names is None:
        names = ridge_names([formula], latex=False)
    # A symbol is a Boolean too, and prints itself.
    if isinstance(formula, Boolean) and not formula.is_Symbol:
        return _condition_text(formula, names)
    plain = _TextPrinter(names, sized=sized).doprint(formula)
    plain = re.sub(
        r"\*\*(?:(\d+)|\((-\d+)\))",
        lambda power: (power[1] or power[2]).translate(_SUPERSCRIPTS),
        plain,
    )
    plain = re.sub(r"df_(\d+)", lambda order: "df" + order[1].translate(_SUBSCRIPTS), plain)
    return plain.replace("**", "^").replace("*", "·")


def _condition_text(condition: Boolean, names: Mapping[Basic, str]) -> str:
    """A condition in signs and words; what joins others stands in brackets inside another."""
    match condition:
        case Relational():
            relation: str = getattr(condition, "rel_op", "")
            sign = _SIGNS.get(relation, relation)
            return f"{text_of(condition.lhs, names)} {sign} {text_of(condition.rhs, names)}"
        case And() | Or():
            parts = [text_of(part, names) for part in condition.args]
            parts = [
                f"({text})" if isinstance(part, And | Or) else text
                for part, text in sorted(
                    zip(condition.args, parts, strict=True), key=lambda pair: pair[1]
                )
            ]
            return (" and " if isinstance(condition, And) else " or ").join(parts)
        case Not():
            return f"not ({text_of(condition.args[0], names)})"
    return str(condition).lower()


def latex_of(
    formula: Basic, names: Mapping[Basic, str] | None = None, *, sized: bool = False
) -> str:
    r"""A formula, or a condition, in LaTeX, without delimiters; ``sized`` as of ``text_of``.

    Example
    -------
    >>> latex_of(symbols.generation_noise**2 * symbols.ridge)
    '\\lambda \\sigma_{0}^{2}'
    """
    if names is None:
        names = ridge_names([formula], latex=True)
    return _LatexPrinter(names, sized=sized).doprint(formula)


def typeset(formula: Expr, *, latex: bool) -> Typeset:
    """A formula with the definitions of its abbreviations and effective ridges.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA
    >>> typeset(EffectiveRidge(symbols.ridge, symbols.samples, SIGMA), latex=False).definitions
    (('κ', 'the root κ ≥ 0 of κ − λ = κ·df₁(κ)/T'),)
    """
    names = ridge_names([formula], latex=latex)
    write: Callable[[Expr], str] = (
        (lambda part: latex_of(part, names)) if latex else (lambda part: text_of(part, names))
    )
    definitions = list(ridge_definitions(names, latex=latex))
    definitions += [
        (", ".join(map(write, system.ridges())), _system_meaning(system, write, latex=latex))
        for system in _coupled_systems(formula)
    ]
    definitions += [(write(part), write(part.definition)) for part in abbreviations(formula)]
    return Typeset(write(formula), tuple(definitions))


def _coupled_systems(formula: Expr) -> list[CoupledSystem]:
    found = formula.atoms(CoupledSystem)
    for part in abbreviations(formula):
        found |= part.definition.atoms(CoupledSystem)
    return sorted(found, key=lambda system: system.sort_key())


def _system_meaning(system: CoupledSystem, write: Callable[[Expr], str], *, latex: bool) -> str:
    """The equations and conditions of coupled effective ridges, or of coupled traces, in one line."""
    if isinstance(system, TraceSystem):
        pairs = zip(system.unknowns, system.traces, strict=True)
        return (r",\; " if latex else ", ").join(
            f"{write(u)} = {write(trace)}" for u, trace in pairs
        )
    positive = [*system.unknowns, *system.conditions]
    lines = [f"{write(equation)} = 0" for equation in system.equations]
    lines += [f"{write(condition)} > 0" for condition in positive]
    return (r",\; " if latex else ", ").join(lines)


def ridge_definitions(names: Mapping[Basic, str], *, latex: bool) -> tuple[tuple[str, str], ...]:
    """What the names of effective ridges stand for.

    Example
    -------
    >>> ridge_definitions({}, latex=True)
    ()
    """
    definitions: list[tuple[str, str]] = []
    for node, name in names.items():
        assert isinstance(node, EffectiveRidge)
        if any(name == known for known, _ in definitions):
            continue
        samples = latex_of(node.samples) if latex else text_of(node.samples)
        ridge = latex_of(node.ridge) if latex else text_of(node.ridge)
        if latex:
            degrees = rf"\mathrm{{df}}_{{1}}\left({name}\right)"
            meaning = (
                rf"{name} - {ridge} = {name}\,{degrees} / {samples}"
                if node.ridge != 0
                else rf"{name} = 0 \text{{ if }} {samples} \geq d, \text{{ else }} {degrees} = {samples}"
            )
            definitions.append((name, meaning))
        elif node.ridge != 0:
            definitions.append(
                (name, f"the root {name} ≥ 0 of {name} − {ridge} = {name}·df₁({name})/{samples}")
            )
        else:
            definitions.append(
                (name, f"0 if {samples} ≥ d, else the root of df₁({name}) = {samples}")
            )
    return tuple(definitions)
