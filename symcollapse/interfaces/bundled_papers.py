"""The papers whose claims come with the package: folders of the derivations, each named by its reference."""

import importlib

from symcollapse.interfaces.bundled_derivations import derivations_folder, derivations_package
from symcollapse.language.errors import InvalidProblem
from symcollapse.reasoning import Paper


def bundled_papers() -> tuple[str, ...]:
    """Keys of the papers, the base paper first.

    Example
    -------
    >>> bundled_papers()[0]
    'dohmatob2024'
    """
    folder = derivations_folder()
    if folder is None:
        return ()
    found = sorted(path.parent.name for path in folder.glob("*/claims.toml"))
    return tuple(sorted(found, key=lambda key: key != "dohmatob2024"))


def paper_named(key: str) -> Paper:
    """One of the papers.

    Raises
    ------
    InvalidProblem
        If there is none of that key.

    Example
    -------
    >>> paper_named("dohmatob2024").key
    'dohmatob2024'
    """
    if key not in bundled_papers():
        raise InvalidProblem(f"{key}: no such paper; there are {', '.join(bundled_papers())}")
    paper = importlib.import_module(f"{derivations_package().__name__}.{key}").PAPER
    assert isinstance(paper, Paper)
    return paper
