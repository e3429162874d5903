"""Arguments and options that several commands share."""

import math
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from symcollapse.evaluation.numbers import MOST_DIGITS
from symcollapse.language.problem_files import bundled_problems

F = TypeVar("F", bound=Callable[..., Any])

MOST_WORKERS = 256
"""Processes of a simulation."""

MOST_TRIALS = 10**7
"""Trials of a simulation; their results are kept."""

TABLE_OR_JSON = click.Choice(["table", "json"])
"""Formats of commands whose result is one value."""


class Share(click.FloatRange):
    """A number between 0 and 1, both left out.

    Example
    -------
    >>> Share().convert("0.25", None, None)
    0.25
    """

    def __init__(self) -> None:
        super().__init__(0, 1, min_open=True, max_open=True)

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        number: float = super().convert(value, param, ctx)
        # No comparison with nan is true, so none refuses it.
        if math.isnan(number):
            self.fail("nan is no number; give one between 0 and 1.", param, ctx)
        return number


def problem_argument(function: F) -> F:
    """The argument FILE."""
    return click.argument("file", metavar="FILE")(function)


def number_options(digits: int) -> Callable[[F], F]:
    """The options --digits, with a default, --certified and --format of commands that print certified numbers.

    Example
    -------
    >>> command = number_options(15)(lambda digits, form, certified: None)
    >>> [option.name for option in reversed(command.__click_params__)]
    ['digits', 'certified', 'form']
    """
    options = (
        click.option(
            "--digits",
            type=click.IntRange(1, MOST_DIGITS),
            default=digits,
            show_default=True,
            help="Significant digits; every one of them is right.",
        ),
        click.option(
            "--certified",
            is_flag=True,
            help="Give a proven bound of the rounding error beside each number.",
        ),
        click.option(
            "--format",
            "form",
            type=click.Choice(["table", "json", "csv"]),
            default="table",
            show_default=True,
            help="How to print the numbers.",
        ),
    )

    def with_options(function: F) -> F:
        # As decorators one above the other: the last one is applied first.
        for option in reversed(options):
            function = option(function)
        return function

    return with_options


def seed_option(function: F) -> F:
    """The option --seed."""
    return click.option(
        "--seed",
        type=click.IntRange(min=0),
        default=1,
        show_default=True,
        help="Start of the random numbers; the same seed gives the same output.",
    )(function)


def workers_option(function: F) -> F:
    """The option --workers."""
    return click.option(
        "--workers",
        type=click.IntRange(1, MOST_WORKERS),
        default=1,
        show_default=True,
        help="Processes to share the trials; the output does not depend on it.",
    )(function)


def margin_option(function: F) -> F:
    """The option --margin of commands that judge."""
    return click.option(
        "--margin",
        type=Share(),
        help="Relative deviation to accept; without it, 2 % and the finite-size error 1/(T − df₂) of each design.",
    )(function)


def set_option(function: F) -> F:
    """The option --set of commands that sweep."""
    return click.option(
        "--set", "settings", metavar="KEY=VALUE", multiple=True, help="Another value for a key."
    )(function)


def points_trials_option(function: F) -> F:
    """The option --simulate of commands that sweep."""
    return click.option(
        "--simulate",
        "trials",
        metavar="TRIALS",
        type=click.IntRange(2, MOST_TRIALS),
        help="Simulate each point by so many trials.",
    )(function)


def plot_option(function: F) -> F:
    """The option --plot."""
    return click.option(
        "--plot",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Draw it: .png, .svg or .pdf.",
    )(function)


def title_of(file: str) -> str:
    """Title that a problem file gives itself; its name where it gives none.

    Example
    -------
    >>> title_of("figure-1a")
    'Figure 1a: collapse of isotropic ridge regression'
    """
    path = Path(file)
    if not path.is_file():
        path = bundled_problems().get(file.removesuffix(".toml"), path)
    try:
        title = tomllib.loads(path.read_bytes().decode("utf-8-sig")).get("title")
    except (OSError, ValueError):
        return path.stem
    return title if isinstance(title, str) and title.isprintable() else path.stem
