"""``symcollapse verify``: formula and simulation side by side."""

import json
import math
from collections.abc import Sequence
from typing import Any

import click

from symcollapse import verification
from symcollapse.interfaces.evaluations import Evaluation, evaluation_of
from symcollapse.interfaces.options import (
    MOST_TRIALS,
    TABLE_OR_JSON,
    Share,
    margin_option,
    seed_option,
    title_of,
    workers_option,
)
from symcollapse.interfaces.progress_bars import progress_bar
from symcollapse.language.problems import Problem
from symcollapse.simulation import plan_of
from symcollapse.typesetting import text, typeset
from symcollapse.verification import Agreement, Verification
from symcollapse.verification.agreement import FEWEST_DRAWS

DIGITS = 12
"""Significant digits of the derived numbers; simulation decides three or four."""

DEFAULT = ("figure-1a",)
"""What is verified if nothing is named."""


@click.command()
@click.argument("files", metavar="[FILE]...", nargs=-1)
@margin_option
@click.option(
    "--risk",
    type=Share(),
    default=1e-6,
    show_default=True,
    help="Chance to accept that a verdict is wrong.",
)
@seed_option
@click.option(
    "--trials",
    type=click.IntRange(FEWEST_DRAWS, MOST_TRIALS),
    default=4096,
    show_default=True,
    help="Most trials; fewer are run if they decide.",
)
@workers_option
@click.option("--format", "form", type=TABLE_OR_JSON, default="table", show_default=True)
def verify(
    files: Sequence[str],
    margin: float | None,
    risk: float,
    seed: int,
    trials: int,
    workers: int,
    form: str,
) -> int:
    """Set the derived test error of each FILE beside a simulation that knows no formula.

    Without a FILE, the bundled problem figure-1a is verified. Trials are doubled until they decide: the ratio
    measured/predicted lies within 1 ± margin (shown), outside (refuted), or the most trials leave it open (cannot
    tell). Where an exact finite-size law is known, the same trials are set beside it too.

    Exit status: 0 if all are shown, 1 if one is refuted or cannot be told, 2 for an error.

    JSON: a list of one object for each FILE: problem, title, verdict, reason, formula, regime, total, bias,
    variance, synthetic (decimal strings), mean, standard_error, trials, seed, margin, risk, ratio_low, ratio_high,
    and exact (null, or an object: total, verdict, reason, margin, ratio_low, ratio_high).

    \b
    Example:
      symcollapse verify
      symcollapse verify figure-1a figure-2a --workers 2 --format json
    """
    problems = [Problem.from_file(file) for file in files or DEFAULT]
    evaluations = [evaluation_of(problem, DIGITS) for problem in problems]
    for problem in problems:
        # What cannot be simulated is refused before anything is.
        plan_of(problem)
    records, blocks = [], []
    for file, problem, evaluation in zip(files or DEFAULT, problems, evaluations, strict=True):
        with progress_bar(f"trials of {problem.name}") as report:
            result = verification.verify(
                problem,
                margin=margin,
                risk=risk,
                seed=seed,
                most_trials=trials,
                workers=workers,
                progress=report,
            )
        records.append(verification_record(title_of(file), evaluation, result, seed))
        blocks.append(_block(title_of(file), evaluation, result))
    if form == "json":
        click.echo(json.dumps(records, indent=2, ensure_ascii=False))
    else:
        click.echo("\n\n".join(blocks))
    return 0 if all(record["verdict"] == "shown" for record in records) else 1


def verification_record(
    title: str, evaluation: Evaluation, result: Verification, seed: int
) -> dict[str, Any]:
    """A verification as JSON has it."""
    agreement = result.agreement
    exact = None
    if result.exact_prediction is not None and result.exact_agreement is not None:
        exact = {"total": str(result.exact_prediction), **_judged(result.exact_agreement)}
    parts = {
        name: str(evaluation.values[name]) for name in ("total", "bias", "variance", "synthetic")
    }
    return {
        "problem": result.problem.name,
        "title": title,
        **_judged(agreement),
        "verdict": result.verdict,
        "reason": result.reason,
        "formula": text(result.error.total),
        "regime": result.error.regime,
        **parts,
        "mean": agreement.mean,
        "standard_error": agreement.standard_error,
        "trials": agreement.trials,
        "seed": seed,
        "risk": agreement.risk,
        "exact": exact,
    }


def _judged(agreement: Agreement) -> dict[str, Any]:
    low, high = agreement.ratio_low, agreement.ratio_high
    return {
        "verdict": agreement.verdict,
        "reason": agreement.reason,
        "margin": agreement.margin,
        "ratio_low": None if math.isnan(low) else low,
        "ratio_high": None if math.isnan(high) else high,
    }


def _block(title: str, evaluation: Evaluation, result: Verification) -> str:
    values, agreement = evaluation.values, result.agreement
    typed = typeset(result.error.total, latex=False)
    lines = [
        title,
        f"  formula     {typed.formula}",
        *(f"      where   {name} = {meaning}" for name, meaning in typed.definitions),
        f"  regime      {result.error.regime}",
        f"  predicted   {values['total']}",
        f"              = bias {values['bias']} + variance {values['variance']} "
        f"+ synthetic {values['synthetic']}",
        f"  simulated   {_measured(agreement)}",
        f"  verdict     {agreement.verdict}: {agreement.reason} (risk {agreement.risk:g})",
    ]
    if result.exact_agreement is not None:
        exact = result.exact_agreement
        lines += [
            f"  exact law   {result.exact_prediction}",
            f"  simulated   {_measured(exact)}",
            f"  verdict     {exact.verdict}: {exact.reason} (risk {exact.risk:g})",
        ]
    return "\n".join(lines)


def _measured(agreement: Agreement) -> str:
    return f"{agreement.mean:.6g} ± {agreement.standard_error:.2g} from {agreement.trials} trials"
