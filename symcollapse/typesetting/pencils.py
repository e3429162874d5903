"""Pencils, Dyson equations and their solution on paper.

A pencil prints as the block matrix L = Λ − Ξ with the rows l and r between which its inverse stands. Below a derivation
that went through pencils stand the pencils, the unknown traces with their equations and values, and the equations of
the effective ridges.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sympy import Basic, Expr, Integer

from symcollapse.equivalents.dyson import Unknown
from symcollapse.equivalents.pencils import Letter, Pencil
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.random_matrices import is_scaled_identity
from symcollapse.language.symbols import name_symbol
from symcollapse.reasoning import Derivation, DysonFunctional, Eliminate, PencilFunctional
from symcollapse.typesetting.formulas import latex_of, text_of

Names = Mapping[Basic, str]


def pencil_latex(pencil: Pencil) -> str:
    r"""A pencil in LaTeX: its block matrix, and the rows l and r.

    Example
    -------
    >>> from sympy import Identity
    >>> from symcollapse.equivalents.families import families_of
    >>> from symcollapse.equivalents.linearisation import linearise
    >>> from symcollapse.language.random_matrices import gaussian_design
    >>> from symcollapse.language.spectra import covariance
    >>> from symcollapse.language.symbols import dimension, ridge, samples
    >>> X = gaussian_design("X", samples, covariance("Sigma", dimension))
    >>> resolvent = (X.T * X / samples + ridge * Identity(dimension)).inverse()
    >>> print(pencil_latex(linearise(resolvent, families_of(resolvent))))
    L = \begin{pmatrix} \lambda & \frac{X^{\top}}{T} \\ - X & 1 \end{pmatrix},
    \quad l = \begin{pmatrix} 1 & 0 \end{pmatrix}, \quad r = \begin{pmatrix} 1 \\ 0 \end{pmatrix}
    """
    left, right = _rows(pencil, latex=True)
    row, column = _pmatrix([left]), _pmatrix([[entry] for entry in right])
    array = _pmatrix(_array(pencil, latex=True))
    return f"L = {array},\n\\quad l = {row}, \\quad r = {column}"


def pencil_text(pencil: Pencil) -> str:
    """A pencil as plain text: the rows of its block matrix with their spaces, and the rows l and r.

    Example
    -------
    >>> from sympy import Identity
    >>> from symcollapse.equivalents.families import families_of
    >>> from symcollapse.equivalents.linearisation import linearise
    >>> from symcollapse.language.random_matrices import gaussian_design
    >>> from symcollapse.language.spectra import covariance
    >>> from symcollapse.language.symbols import dimension, ridge, samples
    >>> X = gaussian_design("X", samples, covariance("Sigma", dimension))
    >>> resolvent = (X.T * X / samples + ridge * Identity(dimension)).inverse()
    >>> print(pencil_text(linearise(resolvent, families_of(resolvent))))
    L = [  λ  X'/T ]  d
        [ -X  1    ]  T
    l = [1, 0], r = [1, 0]'
    """
    array = _array(pencil, latex=False)
    widths = [max(len(row[column]) for row in array) for column in range(pencil.size)]
    lines = []
    for node, row in zip(pencil.nodes, array, strict=True):
        head, *tail = row
        padded = [head.rjust(widths[0])]
        padded += [entry.ljust(width) for entry, width in zip(tail, widths[1:], strict=True)]
        lines.append(f"[ {'  '.join(padded)} ]  {text_of(node.space)}")
    left, right = _rows(pencil, latex=False)
    body = "\n".join(("L = " if n == 0 else "    ") + line for n, line in enumerate(lines))
    return f"{body}\nl = [{', '.join(left)}], r = [{', '.join(right)}]'"


def _array(pencil: Pencil, *, latex: bool) -> list[list[str]]:
    """The blocks, printed."""
    write = latex_of if latex else text_of
    entries: dict[tuple[int, int], Expr] = dict.fromkeys(pencil.random, Integer(0))
    for place, function in pencil.deterministic.items():
        entries[place] = entries.get(place, Integer(0)) + _by_name(function, pencil)
    for place, letters in pencil.random.items():
        for letter, coefficient in letters.items():
            entries[place] -= coefficient * _letter(letter, latex=latex)
    return [
        [write(entries.get((row, column), Integer(0))) for column in range(pencil.size)]
        for row in range(pencil.size)
    ]


def _rows(pencil: Pencil, *, latex: bool) -> tuple[list[str], list[str]]:
    write = latex_of if latex else text_of
    left, right = (
        [write(_by_name(side.get(n, Integer(0)), pencil)) for n in range(pencil.size)]
        for side in (pencil.left, pencil.right)
    )
    return left, right


def _by_name(function: Expr, pencil: Pencil) -> Expr:
    """A function of eigenvalues, in the names of the matrices."""
    return function.xreplace({s: name_symbol(str(matrix)) for s, matrix in pencil.matrices.items()})


def _letter(letter: Letter, *, latex: bool) -> Expr:
    mark = (r"^{\top}" if latex else "'") if letter.is_transposed else ""
    return name_symbol(f"{letter.design.name}{mark}")


def _pmatrix(rows: Sequence[Sequence[str]]) -> str:
    body = r" \\ ".join(" & ".join(row) for row in rows)
    return rf"\begin{{pmatrix}} {body} \end{{pmatrix}}"


def pencil_definitions(
    derivation: Derivation, names: Names, *, latex: bool
) -> list[tuple[str, str]]:
    """What L, l, r and M, the unknown traces and the ridges of a derivation stand for, as (name, meaning).

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> pencil_definitions(Derivation("Start only", ridge), {}, latex=True)
    []
    """
    found: list[tuple[str, str]] = []
    values = {
        (step.by.label, symbol): value
        for step in derivation.steps
        if isinstance(step.by, Eliminate)
        for symbol, value in step.by.values
    }
    pencils = _first(derivation, PencilFunctional)
    for label, functional in pencils.items():
        found += _of_pencil(label, functional.pencil, latex=latex)
    for node in _first(derivation, DysonFunctional).values():
        for unknown in node.unknowns:
            found.append(_of_unknown(node, unknown, values, names, latex=latex))
    return found + _ridge_equations(derivation, names, latex=latex)


def _first(derivation: Derivation, kind: type[Any]) -> dict[int, Any]:
    """The first functional of a kind, by label."""
    found: dict[int, Any] = {}
    for step in derivation.steps:
        for node in sorted(step.to.atoms(kind), key=lambda node: node.label):
            found.setdefault(node.label, node)
    return dict(sorted(found.items()))


def _of_pencil(label: int, pencil: Pencil, *, latex: bool) -> list[tuple[str, str]]:
    array, (left, right) = _array(pencil, latex=latex), _rows(pencil, latex=latex)
    if latex:
        return [
            (f"L_{{{label}}}", _pmatrix(array)),
            (f"l_{{{label}}}", _pmatrix([left])),
            (f"r_{{{label}}}^{{\\top}}", _pmatrix([right])),
            (f"M_{{{label}}}", rf"\left(\Lambda - \mathcal{{S}}[M_{{{label}}}]\right)^{{-1}}"),
        ]
    return [
        (f"L_{label}", "[" + "; ".join(", ".join(row) for row in array) + "]"),
        (f"l_{label}", f"[{', '.join(left)}]"),
        (f"r_{label}'", f"[{', '.join(right)}]"),
        (f"M_{label}", f"(Λ − S[M_{label}])⁻¹"),
    ]


def _of_unknown(
    node: DysonFunctional,
    unknown: Unknown,
    values: Mapping[tuple[int, Any], Expr],
    names: Names,
    *,
    latex: bool,
) -> tuple[str, str]:
    """An unknown trace with the block that it is one of, its equation and its value."""

    def write(formula: Expr) -> str:
        return latex_of(formula, names) if latex else text_of(formula, names)

    row, column = unknown.place
    covariance = unknown.design.covariance
    shown = not unknown.is_sample_side and not _is_identity(covariance)
    shape = f"{write(covariance)} " if shown else ""
    name = write(unknown.symbol)
    block = (
        rf"\operatorname{{tr}} {shape}\left(M_{{{node.label}}}\right)_{{{row},{column}}}"
        if latex
        else f"tr({shape}M_{node.label}[{row},{column}])"
    )
    meaning = [block, write(node.equations[unknown.symbol])]
    value = values.get((node.label, unknown.symbol))
    if value is not None and write(value) != meaning[-1]:
        meaning.append(write(value))
    return name, " = ".join(meaning)


def _is_identity(covariance: Any) -> bool:
    return is_scaled_identity(covariance) and covariance.is_Identity is True


def _ridge_equations(derivation: Derivation, names: Names, *, latex: bool) -> list[tuple[str, str]]:
    """The equations of effective ridges that have no short name, each once."""

    def write(formula: Expr) -> str:
        return latex_of(formula, names) if latex else text_of(formula, names)

    found: dict[Expr, list[tuple[str, str]]] = {}
    for step in derivation.steps:
        if not isinstance(step.by, Eliminate):
            continue
        for (letter, equation), ridge in zip(step.by.equations, step.by.ridges, strict=True):
            if ridge in names or ridge in found:
                continue
            if isinstance(ridge, EffectiveRidge):
                # Its own equation holds no other ridge: the ridge itself may stand in it.
                found[ridge] = [("0", write(equation.xreplace({letter: ridge})))]
            else:
                found[ridge] = [("0", write(equation))]
    return [row for rows in found.values() for row in rows]
