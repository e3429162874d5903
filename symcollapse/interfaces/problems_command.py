"""``symcollapse problems``: the problems that come with the package."""

import click

from symcollapse.interfaces.options import title_of
from symcollapse.interfaces.tables import show_table
from symcollapse.language.problem_files import bundled_problems


@click.command()
def problems() -> None:
    """List the bundled problems.

    Each name can be given wherever a FILE is asked for. The files themselves, to copy and to change, lie in
    the folder "problems" of the package.

    \b
    Example:
      symcollapse problems
      symcollapse evaluate figure-1b
    """
    show_table(["name", "title"], [[name, title_of(name)] for name in bundled_problems()])
