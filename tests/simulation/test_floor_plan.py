"""The simulation knows problems, and no formula that it could confirm."""

import ast
from pathlib import Path

import symcollapse.simulation

ALLOWED = {"symcollapse.language", "symcollapse.simulation"}


def imported_names(source: str) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide where they lead"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def strangers(source: str) -> set[str]:
    own = {name for name in imported_names(source) if name.split(".")[0] == "symcollapse"}
    return {name for name in own if ".".join(name.split(".")[:2]) not in ALLOWED}


def test_simulation_imports_nothing_of_the_theory() -> None:
    files = sorted(Path(symcollapse.simulation.__file__).parent.rglob("*.py"))
    assert len(files) >= 5
    for file in files:
        assert not strangers(file.read_text(encoding="utf-8")), file.name


def test_an_import_of_the_theory_is_noticed() -> None:
    assert strangers("def f():\n    from symcollapse.theory import test_error\n")
    assert strangers("import symcollapse.evaluation")
    assert strangers("from symcollapse import equivalents")
