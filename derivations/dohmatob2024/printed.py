"""The printed words of the claims, from ``claims.toml``, joined to what they say in SymPy."""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from symcollapse.reasoning import PublishedClaim, Statement

FOLDER = Path(__file__).parent
"""Where the claims and the counterexamples lie."""

_ENTRIES: dict[str, dict[str, str]] = {
    entry["id"]: entry
    for entry in tomllib.loads((FOLDER / "claims.toml").read_text(encoding="utf-8"))["claim"]
}


def claim(name: str, printed: tuple[Statement, ...], **parts: Any) -> PublishedClaim:
    """The claim of that name: its printed words, its statements, and the other parts of a ``PublishedClaim``."""
    entry = _ENTRIES[name]
    return PublishedClaim(
        id=name,
        at=entry["at"],
        tex=entry["tex"],
        given=entry.get("given", ""),
        printed=printed,
        **parts,
    )


def in_order(claims: Iterable[PublishedClaim]) -> tuple[PublishedClaim, ...]:
    """The claims in the order of the paper's list."""
    known = {each.id: each for each in claims}
    return tuple(known[name] for name in _ENTRIES if name in known)
