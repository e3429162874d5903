"""placeholder."""

import click


@click.command()
def derive() -> None:
    """Derive."""
