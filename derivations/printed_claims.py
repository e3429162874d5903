"""The printed words of a paper's claims, from its ``claims.toml``, joined to what they say in SymPy."""

import tomllib
from collections.abc import Iterable
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

    def claim(self, name: str, printed: tuple[Statement, ...], **parts: Any) -> PublishedClaim:
        """The claim of that name: its printed words, its statements, and the other parts of a ``PublishedClaim``."""
        entry = self._entries[name]
        return PublishedClaim(
            id=name,
            at=entry["at"],
            tex=entry["tex"],
            given=entry.get("given", ""),
            printed=printed,
            **parts,
        )

    def in_order(self, claims: Iterable[PublishedClaim]) -> tuple[PublishedClaim, ...]:
        """The claims in the order of the paper's list."""
        known = {each.id: each for each in claims}
        return tuple(known[name] for name in self._entries if name in known)
