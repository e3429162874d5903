"""The floor plan in the README is the contract that import-linter holds."""

import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MARKER = "<!-- floor plan -->"


def layers() -> list[frozenset[str]]:
    """Rooms of each floor, top first, from the contract."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = [
        each for each in project["tool"]["importlinter"]["contracts"] if each["type"] == "layers"
    ]
    assert len(contracts) == 1
    assert contracts[0]["exhaustive"] is True
    return [frozenset(room.strip() for room in line.split("|")) for line in contracts[0]["layers"]]


def floors(readme: str, rooms: frozenset[str]) -> list[frozenset[str]]:
    """Rooms of each line of the picture, top first; what is said of a room comes after two spaces."""
    assert MARKER in readme, f"the README has no {MARKER}"
    block = readme.split(MARKER, 1)[1].split("```")
    assert len(block) >= 3, f"no code block after {MARKER}"
    found = []
    for line in block[1].splitlines()[1:]:
        if not line.strip():
            continue
        named = line.strip().split("  ")[0]
        floor = frozenset(room.strip() for room in named.split("|"))
        assert floor <= rooms, f"{sorted(floor - rooms)} is no room of the contract: {line!r}"
        found.append(floor)
    return found


def test_the_picture_in_the_readme_is_the_contract() -> None:
    contract = layers()
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert floors(readme, frozenset().union(*contract)) == contract


def test_every_room_exists_and_is_on_the_plan() -> None:
    planned = frozenset().union(*layers())
    built = {path.parent.name for path in (ROOT / "symcollapse").glob("*/__init__.py")}
    assert built == planned


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        ("", "has no"),
        (f"{MARKER}\nno picture", "no code block"),
        (f"{MARKER}\n```\nattic   nothing\n```", "attic"),
    ],
)
def test_a_readme_without_the_picture_is_noticed(picture: str, words: str) -> None:
    with pytest.raises(AssertionError, match=words):
        floors(picture, frozenset({"language"}))


def test_a_picture_in_another_order_is_noticed() -> None:
    picture = f"{MARKER}\n```\nlanguage   words\n\ninterfaces | b   above\n```\n"
    rooms = frozenset({"language", "interfaces", "b"})
    assert floors(picture, rooms) == [{"language"}, {"interfaces", "b"}]
    assert floors(picture, rooms) != [{"interfaces", "b"}, {"language"}]
