"""``symcollapse campaign``: many problems verified, in chunks that are kept."""

from collections.abc import Sequence
from glob import glob
from pathlib import Path

import click

from symcollapse.interfaces.campaign_tables import WRITERS
from symcollapse.interfaces.options import MOST_TRIALS, Share, margin_option, workers_option
from symcollapse.interfaces.progress_bars import progress_bar
from symcollapse.language.errors import InvalidProblem
from symcollapse.language.problems import Problem
from symcollapse.verification.agreement import FEWEST_DRAWS
from symcollapse.verification.campaign_executors import KINDS, named_executor
from symcollapse.verification.campaigns import CHUNK, report_campaign, run_campaign


@click.command()
@click.argument("store", metavar="STORE", type=click.Path(path_type=Path))
@click.argument("files", metavar="[FILE]...", nargs=-1)
@click.option(
    "--trials",
    type=click.IntRange(FEWEST_DRAWS, MOST_TRIALS),
    default=4096,
    show_default=True,
    help="Most trials of each problem, in whole chunks; fewer are drawn if they decide.",
)
@click.option("--all-trials", is_flag=True, help="Draw them all, also after the verdict.")
@workers_option
@click.option(
    "--executor",
    "kind",
    metavar="|".join(KINDS),
    default="processes",
    show_default=True,
    help="Who draws.",
)
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    help="Start of the random numbers; another seed is another campaign in the same store.",
)
@click.option(
    "--risk",
    type=Share(),
    default=1e-6,
    show_default=True,
    help="Chance to accept that a verdict is wrong, over all looks together.",
)
@margin_option
@click.option(
    "--chunk",
    type=click.IntRange(1, MOST_TRIALS),
    default=CHUNK,
    show_default=True,
    help="Trials that are drawn, kept and judged together.",
)
@click.option("--report", "only_report", is_flag=True, help="Only say what the store holds now.")
@click.option(
    "--format", "form", type=click.Choice(list(WRITERS)), default="table", show_default=True
)
def campaign(
    store: Path,
    files: Sequence[str],
    trials: int,
    all_trials: bool,  # noqa: FBT001 # a flag of the command line
    workers: int,
    kind: str,
    seed: int,
    risk: float,
    margin: float | None,
    chunk: int,
    only_report: bool,  # noqa: FBT001 # a flag of the command line
    form: str,
) -> int:
    """Verify the problem of each FILE, as verify does, and keep what is drawn in STORE, an SQLite file.

    A FILE may be a bundled problem, or a pattern such as 'problems/*.toml'; without one, the problems that STORE has go
    on, with the margin, risk and chunk that they came with. A run that was ended, in whatever way, goes on by the same
    command, and no finished chunk is drawn again; several runs may share one STORE. A problem gets draws until it is
    shown or refuted, or has all its trials. Verdicts may be looked at always, with --report, also while a run goes on:
    their risk is that of all looks together.

    Exit status: 0 if all are shown, 1 if one is refuted or undecided, 2 for an error.

    JSON and CSV: problem, digest, seed, verdict, decided, mean, standard_error, trials, predicted, margin, risk,
    ratio_low, ratio_high, exact_predicted, exact_verdict, exact_trials, kept, seconds, versions, reason.

    \b
    Example:
      symcollapse campaign runs.db figure-1a figure-1b --workers 2
      symcollapse campaign runs.db --report --format markdown
      symcollapse campaign runs.db --executor dask:tcp://10.0.0.1:8786
    """
    if only_report:
        if files:
            raise click.UsageError("--report is of the whole store; leave out the files.")
        result = report_campaign(store)
    else:
        problems = [Problem.from_file(name) for name in _named(files)]
        with named_executor(kind, workers) as (executor, count), progress_bar("trials") as report:
            result = run_campaign(
                problems,
                store,
                trials=trials,
                until_decided=not all_trials,
                margin=margin,
                risk=risk,
                seed=seed,
                chunk=chunk,
                executor=executor,
                workers=count,
                progress=report,
            )
    click.echo(WRITERS[form](result), nl=False)
    return 0 if result.is_shown else 1


def _named(files: Sequence[str]) -> list[str]:
    """Names of files, with patterns, which a shell may have left alone, replaced by what they match."""
    names = []
    for file in files:
        if not any(mark in file for mark in "*?[") or Path(file).exists():
            names.append(file)
            continue
        found = sorted(glob(file, recursive=True))  # noqa: PTH207 # a pattern may be absolute
        if not found:
            raise InvalidProblem(f"{file[:80]}: no file matches; give another pattern")
        names += found
    return names
