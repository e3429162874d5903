"""The ledger of derivations is fresh. Its verdicts are those of the golden files, which a test of their own checks."""

import importlib
import re
from pathlib import Path

import pytest

from symcollapse.interfaces.bundled_derivations import bundled_derivations
from symcollapse.reasoning import Derivation, check
from symcollapse.typesetting.ledgers import LedgerRow, ledger_markdown, ledger_row, row_of

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"
LEDGER = ROOT / "derivations" / "README.md"


def load(name: str) -> Derivation:
    derivation = importlib.import_module(f"derivations.{name}").DERIVATION
    assert isinstance(derivation, Derivation)
    return derivation


def row_from(name: str, golden: str) -> LedgerRow:
    """The row that a golden file tells, without checking anything again."""
    steps = re.findall(r"^  &.*\[(proved|supported|undecided|refuted): ", golden, re.M)
    published = re.findall(
        r"^\\noindent Published: .*?\$\. (?:.*: )?(agrees|differs|cannot tell); ", golden, re.M
    )
    return row_of(name, load(name), steps, published)


def rows() -> list[LedgerRow]:
    return [
        row_from(name, (GOLDEN / f"{name}.tex").read_text(encoding="utf-8"))
        for name in bundled_derivations()
    ]


def test_the_ledger_is_fresh(request: pytest.FixtureRequest) -> None:
    fresh = ledger_markdown(rows())
    if request.config.getoption("--update-golden"):
        LEDGER.write_text(fresh, encoding="utf-8")
    assert LEDGER.read_text(encoding="utf-8") == fresh, (
        "pytest --update-golden tests/derivations/test_ledger.py writes it anew"
    )


def test_every_derivation_stands_in_it_and_every_verdict_is_counted() -> None:
    found = rows()
    for row in found:
        derivation = load(row.name)
        assert len(row.steps) == len(derivation.steps), row.name
        assert len(row.published) == len(derivation.published), row.name
        assert row.stands, row.name
    ledger = LEDGER.read_text(encoding="utf-8")
    assert all(f"]({row.name}.py)" in ledger for row in found)


@pytest.mark.parametrize(
    "name", ["effective_ridge_of_isotropic_data", "bias_at_source_one_has_a_logarithm"]
)
def test_a_check_gives_the_row_of_the_golden_file(name: str) -> None:
    golden = (GOLDEN / f"{name}.tex").read_text(encoding="utf-8")
    assert ledger_row(name, check(load(name))) == row_from(name, golden)


def test_a_step_that_falls_is_seen() -> None:
    name = "effective_ridge_of_isotropic_data"
    golden = (GOLDEN / f"{name}.tex").read_text(encoding="utf-8")
    fallen = row_from(name, re.sub(r"\[(proved|supported): ", "[refuted: ", golden, count=1))
    assert not fallen.stands
    assert "1 refuted" in fallen.verdict
    assert ledger_markdown([fallen]) != ledger_markdown([row_from(name, golden)])
