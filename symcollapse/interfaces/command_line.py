"""The command line: its commands, and what a process needs around them."""

import io
import os
import sys
from pathlib import Path

import click
from threadpoolctl import threadpool_limits

import symcollapse
from symcollapse.interfaces.audit_command import audit
from symcollapse.interfaces.campaign_command import campaign
from symcollapse.interfaces.compare_command import compare
from symcollapse.interfaces.curve_command import curve
from symcollapse.interfaces.derive_command import derive
from symcollapse.interfaces.evaluate_command import evaluate
from symcollapse.interfaces.experiment_command import experiment
from symcollapse.interfaces.one_line_group import FAILED, OneLineGroup
from symcollapse.interfaces.optimum_command import optimum
from symcollapse.interfaces.problems_command import problems
from symcollapse.interfaces.rates_command import rates
from symcollapse.interfaces.simulate_command import simulate
from symcollapse.interfaces.verify_command import verify

THREAD_SETTINGS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""What the linear algebra below NumPy reads when it is loaded; workers of a simulation load it anew."""


@click.group(cls=OneLineGroup, invoke_without_command=True)
@click.version_option(symcollapse.__version__, prog_name="symcollapse")
@click.pass_context
def commands(context: click.Context) -> None:
    """Derive, verify and evaluate the test error of ridge regression on synthetic data.

    A problem file (TOML) describes the spectrum of the covariance, the truth, the generators that
    label data one after the other, and the fit that is tested. Its test error is the excess risk
    E‖ŵ − w₀‖²_Σ, without the noise of the test labels. Where a FILE is asked for, the name of a bundled
    problem will do; "symcollapse problems" lists them.

    Results go to stdout, errors in one line to stderr. Exit status: 0; 1 if a verification does not
    show agreement; 2 for an error; 130 after Ctrl-C.

    \b
    Example:
      symcollapse evaluate figure-1a
      symcollapse verify figure-1a
      symcollapse curve figure-1a --over downstream.ridge=1e-3:10:log:60 --plot curve.png
      symcollapse compare figure-2a figure-2b --over generations=0:5
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


for _command in (
    problems,
    evaluate,
    optimum,
    rates,
    simulate,
    verify,
    curve,
    compare,
    derive,
    audit,
    experiment,
    campaign,
):
    commands.add_command(_command)


def main() -> None:
    """Run the command line: the entry point of the installed program."""
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 # until the end
    if sys.stdout is None:
        sys.stderr.write("symcollapse: standard output is closed; give it a place to write to\n")
        sys.exit(FAILED)
    # Trials run side by side in processes; threads inside them would compete for the same cores.
    for setting in THREAD_SETTINGS:
        os.environ.setdefault(setting, "1")
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal without Greek letters gets their names, and no crash.
        sys.stdout.reconfigure(errors="backslashreplace")
    with threadpool_limits(int(os.environ["OMP_NUM_THREADS"]), user_api="blas"):
        commands(prog_name="symcollapse")


if __name__ == "__main__":
    main()
