"""``symcollapse derive``: the formula of a problem with its steps, or a bundled derivation."""

import json
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from symcollapse.interfaces.bundled_derivations import bundled_derivations, derivation_named
from symcollapse.interfaces.progress_bars import progress_bar
from symcollapse.interfaces.sweeps import shortened
from symcollapse.interfaces.tables import show_table
from symcollapse.language.errors import InvalidProblem
from symcollapse.language.problem_files import bundled_problems
from symcollapse.language.problems import Problem
from symcollapse.reasoning import Checked, Derivation, check
from symcollapse.theory import TestError, test_error
from symcollapse.typesetting import derivation_record, latex, markdown, text, typeset
from symcollapse.typesetting.ledgers import ledger_markdown, ledger_record, ledger_row

PARTS = ("bias", "variance", "synthetic")
"""What the derived total is the sum of."""


@click.command()
@click.argument("file", metavar="FILE|NAME|list")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "latex", "markdown", "json"]),
    default="text",
    show_default=True,
    help="How to print the derivation.",
)
def derive(file: str, form: str) -> int:
    """Derive the test error of the problem in FILE, step by step, or show the derivation NAME.

    Each step says where it arrives and by what right, and is checked as it is printed: proved, supported (a
    theorem that is cited, or numbers that agree), undecided or refuted. "derive list" lists the derivations that
    come with the package; in Markdown or JSON it checks them all, which takes minutes, and prints the ledger: title,
    relation, verdict, source.

    Formulas are written in the samples T, noise σ and ridge λ of the tested fit, T₀, σ₀, λ₀ and the number n of the
    generators (T₁, … where there are several kinds), the dimension d, effective ridges κ and degrees of freedom
    df₁, df₂; what a name stands for is listed below.

    JSON of a FILE: one object {problem, regime, total, bias, variance, synthetic, clean, effective_ridge,
    derivation}, each formula an object {text, latex, definitions}; of a NAME: the derivation alone.

    Exit status: 0 if every step stands, 1 if one does not, 2 for an error.

    \b
    Example:
      symcollapse derive figure-1a
      symcollapse derive figure-1b --format latex
      symcollapse derive effective_ridge_of_isotropic_data
    """
    if file == "list" and not Path(file).exists():
        return _list(form)
    if not Path(file).exists() and file in bundled_derivations():
        checked = _checked(lambda: derivation_named(file))
        click.echo(_written(checked, form))
    else:
        error = test_error(_problem(file))
        checked = _checked(lambda: error.derivation)
        click.echo(_written_with_parts(error, checked, form))
    return 0 if checked.passed else 1


def _list(form: str) -> int:
    """The names and titles; or the ledger, for which every derivation is checked."""
    names = bundled_derivations()
    if form == "text":
        show_table(["name", "title"], [[name, derivation_named(name).title] for name in names])
        return 0
    if form == "latex":
        raise InvalidProblem("derive list: no LaTeX of the ledger; take --format markdown or json")
    rows = []
    with progress_bar("derivations") as report:
        for place, name in enumerate(names):
            if report is not None:
                report(place, len(names))
            rows.append(ledger_row(name, check(derivation_named(name))))
    if form == "json":
        click.echo(json.dumps(list(map(ledger_record, rows)), indent=2, ensure_ascii=False))
    else:
        click.echo(ledger_markdown(rows), nl=False)
    return 0 if all(row.stands for row in rows) else 1


def _checked(derivation_of: Callable[[], Derivation]) -> Checked:
    """A derivation and its verdicts; pooled data take minutes, which a terminal sees pass by."""
    with progress_bar("derivation") as report:
        derivation = derivation_of()
        if report is not None:
            report(0, len(derivation.steps))
        return check(derivation, report)


def _problem(file: str) -> Problem:
    if not Path(file).exists() and file.removesuffix(".toml") not in bundled_problems():
        known = (*bundled_problems(), *bundled_derivations())
        close = get_close_matches(file[:80], known, 3, 0.5)
        remedy = (
            f"did you mean {', '.join(close)}?"
            if close
            else 'see "symcollapse problems" and "symcollapse derive list"'
        )
        raise InvalidProblem(f"{shortened(file)}: no such file, problem or derivation; {remedy}")
    return Problem.from_file(file)


def _written(checked: Checked, form: str) -> str:
    match form:
        case "json":
            record = derivation_record(checked.derivation, checked.verdicts, checked.published)
            return json.dumps(record, indent=2, ensure_ascii=False)
        case "latex":
            return latex(checked)
        case "markdown":
            return markdown(checked)
        case _:
            return text(checked)


def _written_with_parts(error: TestError, checked: Checked, form: str) -> str:
    parts = {name: error.parts[name] for name in PARTS}
    derivation = _written(checked, form)
    match form:
        case "json":
            return json.dumps(_record(error, checked), indent=2, ensure_ascii=False)
        case "latex":
            lines = " \\\\\n".join(
                rf"  \text{{{name}}} &= {latex(formula)}" for name, formula in parts.items()
            )
            summands = f"\\begin{{align*}}\n{lines}\n\\end{{align*}}"
            return f"% regime: {error.regime}\n{derivation}\n{summands}"
        case "markdown":
            lines = "\n".join(f"- {name}: ${latex(formula)}$" for name, formula in parts.items())
            return f"{derivation}\n\nRegime: {error.regime}. The summands:\n\n{lines}"
        case _:
            lines = "\n".join(f"  {name:9} = {text(formula)}" for name, formula in parts.items())
            return f"{derivation}\nsummands\n{lines}\nregime: {error.regime}"


def _record(error: TestError, checked: Checked) -> dict[str, Any]:
    formulas = {**error.parts, "effective_ridge": error.effective_ridge}
    record: dict[str, Any] = {"problem": error.problem.name, "regime": error.regime}
    for name, formula in formulas.items():
        plain = typeset(formula, latex=False)
        record[name] = {
            "text": plain.formula,
            "latex": typeset(formula, latex=True).formula,
            "definitions": [
                {"name": letter, "meaning": meaning} for letter, meaning in plain.definitions
            ],
        }
    record["derivation"] = derivation_record(
        checked.derivation, checked.verdicts, checked.published
    )
    return record
