"""The printed words of a paper's claims, from its ``claims.toml``, joined to what they say in SymPy."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from symcollapse.reasoning import PublishedClaim, Statement


class PrintedClaims:
    """The list of a paper's claims as printed.

    Parameters
    ----------
    folder
        Where ``claims.toml`` lies, and the counterexamples.
    """

    def __init__(self, folder: Path) -> None:
        words = tomllib.loads((folder / "claims.toml").read_text(encoding="utf-8"))
        self._entries: dict[str, dict[str, str]] = {entry["id"]: entry for entry in words["claim"]}

    def claim(
        self,
        name: str,
        printed: tuple[Statement, ...],
        *,
        names: str | Mapping[Any, str] = "",
        **parts: Any,
    ) -> PublishedClaim:
        """The claim of that name: its printed words, its statements, and the other parts of a ``PublishedClaim``.

        Parameters
        ----------
        name, printed, parts
            Of the claim.
        names
            How papers write the sides, in LaTeX: one name for every left side, or a name for each derived side.
            A left side that one statement names has its name in every statement.
        """
        entry = self._entries[name]
        statements = [printed, *(parts.get(kind, ()) for kind in ("repaired", "controls"))]
        named = {each.subject: each.name for group in statements for each in group if each.name}
        if isinstance(names, Mapping):
            named.update(names)
        every = names if isinstance(names, str) else ""
        stated, repaired, controls = (
            tuple(_named(each, named, every) for each in group) for group in statements
        )
        return PublishedClaim(
            id=name,
            at=entry["at"],
            tex=entry["tex"],
            given=entry.get("given", ""),
            printed=stated,
            **{**parts, "repaired": repaired, "controls": controls},
        )

    def in_order(self, claims: Iterable[PublishedClaim]) -> tuple[PublishedClaim, ...]:
        """The claims in the order of the paper's list."""
        known = {each.id: each for each in claims}
        return tuple(known[name] for name in self._entries if name in known)


def _named(statement: Statement, names: Mapping[Any, str], every: str) -> Statement:
    return replace(
        statement,
        name=names.get(statement.subject, every),
        formula_name=names.get(statement.formula, statement.formula_name),
    )
