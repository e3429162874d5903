"""Rules that the source keeps, read off its syntax tree; each rule is shown to notice its breach."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(
    path for folder in ("symcollapse", "derivations") for path in (ROOT / folder).rglob("*.py")
)
NOTEBOOKS = sorted((ROOT / "notebooks").rglob("*.ipynb"))
MOST_LINES = 400
SYMBOLS_FILE = ROOT / "symcollapse" / "language" / "symbols.py"

MAKERS = {"Symbol", "symbols", "Dummy", "Wild", "var"}
EVALUATORS = {"eval", "exec", "sympify", "parse_expr", "S", "compile", "__import__"}


def called(node: ast.Call) -> tuple[str, bool]:
    """Name of what is called, and whether it is a method or attribute of something else."""
    match node.func:
        case ast.Name(id=name):
            return name, False
        case ast.Attribute(attr=name, value=ast.Name(id=owner)):
            return name, owner not in {"sympy", "sp", "sym", "builtins"}
        case ast.Attribute(attr=name):
            return name, True
    return "", False


def aliases(tree: ast.Module, names: set[str]) -> dict[str, str]:
    """Local names that stand for one of SymPy's, as in ``from sympy import Symbol as Sym``."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "sympy":
            for alias in node.names:
                if alias.name in names:
                    found[alias.asname or alias.name] = alias.name
    return found


def made_symbols(source: str) -> list[int]:
    """Lines on which SymPy is asked for a symbol."""
    tree = ast.parse(source)
    local = aliases(tree, MAKERS)
    lines = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name, foreign = called(node)
            if not foreign and (
                name in local or (isinstance(node.func, ast.Attribute) and name in MAKERS)
            ):
                lines.append(node.lineno)
    return lines


def evaluated_text(source: str) -> list[int]:
    """Lines on which a text could be run or read as a formula."""
    tree = ast.parse(source)
    lines = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name, foreign = called(node)
            if name in EVALUATORS and not foreign:
                lines.append(node.lineno)
        if isinstance(node, ast.ImportFrom) and node.module and "sympy.parsing" in node.module:
            lines.append(node.lineno)
    return lines


def undocumented(source: str) -> list[str]:
    """Public functions, classes and methods without a docstring, and a module without one."""
    tree = ast.parse(source)
    missing = [] if ast.get_docstring(tree) or not tree.body else ["module"]

    def visit(body: list[ast.stmt], inside: str, overrides: bool) -> None:  # noqa: FBT001
        for node in body:
            if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
                continue
            # An overridden method is documented where it is declared.
            if not ast.get_docstring(node) and not overrides:
                missing.append(f"{inside}{node.name}")
            if isinstance(node, ast.ClassDef):
                visit(node.body, f"{node.name}.", bool(node.bases))

    visit(tree.body, "", overrides=False)
    return missing


def test_the_source_is_found() -> None:
    assert len(MODULES) > 40
    assert SYMBOLS_FILE in MODULES


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_keeps_the_rules(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    if path != SYMBOLS_FILE:
        assert made_symbols(source) == [], "symbols are made in language/symbols.py"
    assert evaluated_text(source) == [], "no text is ever evaluated"
    assert undocumented(source) == []
    assert source.count("\n") <= MOST_LINES


@pytest.mark.parametrize(
    "breach",
    [
        'from sympy import Symbol\nx = Symbol("x")',
        'from sympy import Symbol as Sym\nx = Sym("x")',
        'import sympy\nx = sympy.symbols("x y")',
        'import sympy as sp\ndef f():\n    return sp.Dummy("x")',
        "from sympy.core.symbol import Dummy\nx = Dummy()",
    ],
)
def test_a_symbol_made_elsewhere_is_noticed(breach: str) -> None:
    assert made_symbols(breach)


def test_our_own_makers_are_no_breach() -> None:
    assert not made_symbols(
        'from symcollapse.language.symbols import name_symbol\nname_symbol("x")'
    )
    assert not made_symbols("match node:\n    case Symbol():\n        pass")


@pytest.mark.parametrize(
    "breach",
    [
        "eval(text)",
        "exec(text)",
        "from sympy import sympify\nsympify(text)",
        "import sympy\nsympy.sympify(text)",
        "from sympy import S\nS(text)",
        "from sympy.parsing.sympy_parser import parse_expr\nparse_expr(text)",
        "def f():\n    from sympy.parsing import latex",
    ],
)
def test_an_evaluated_text_is_noticed(breach: str) -> None:
    assert evaluated_text(breach)
    assert not evaluated_text("re.compile(text)\nself.exec(text)")


def test_a_missing_docstring_is_noticed() -> None:
    assert undocumented('"""Doc."""\ndef f(): ...\nclass A:\n    def g(self): ...') == [
        "f",
        "A",
        "A.g",
    ]
    assert undocumented("x = 1") == ["module"]
    assert not undocumented(
        '"""Doc."""\ndef _f(): ...\nclass B(A):\n    """Doc."""\n    def g(self): ...'
    )


def test_every_symbol_says_what_it_is() -> None:
    tree = ast.parse(SYMBOLS_FILE.read_text(encoding="utf-8"))
    names = []
    for node, after in zip(tree.body, [*tree.body[1:], None], strict=True):
        if isinstance(node, ast.Assign):
            text = after.value if isinstance(after, ast.Expr) else None
            assert isinstance(text, ast.Constant), ast.unparse(node)
            assert isinstance(text.value, str)
            call = node.value
            assert isinstance(call, ast.Call)
            names.append(ast.literal_eval(call.args[0]))
    assert len(names) > 10
    assert len(set(names)) == len(names), "two symbols print alike"


# Notebooks are clients.


def cells(path: Path) -> Iterator[dict[str, object]]:
    yield from json.loads(path.read_text(encoding="utf-8"))["cells"]


def faults(cell: dict[str, object]) -> list[str]:
    if cell["cell_type"] != "code":
        return []
    lines = cell["source"]
    text = "".join(lines) if isinstance(lines, list) else str(lines)
    code = "\n".join(line for line in text.splitlines() if not line.startswith(("%", "!")))
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda
    found = [f"defines {node}" for node in ast.walk(ast.parse(code)) if isinstance(node, kinds)]
    if cell.get("outputs"):
        found.append("stored output")
    if cell.get("execution_count") is not None:
        found.append("execution count")
    return found


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_calls_and_shows_no_more(path: Path) -> None:
    assert [fault for cell in cells(path) for fault in faults(cell)] == []


def test_a_notebook_with_output_is_noticed() -> None:
    clean: dict[str, object] = {"cell_type": "code", "source": ["1 + 1"], "outputs": []}
    assert faults(clean) == []
    assert faults({**clean, "outputs": [{"text": "2"}]}) == ["stored output"]
    assert faults({**clean, "execution_count": 1}) == ["execution count"]
    assert faults({**clean, "source": "def f(): ..."})
    assert faults({"cell_type": "markdown", "source": "def f(): ..."}) == []
