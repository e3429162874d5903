"""Files of a figure: its points, its record, its pictures, and a page that shows all figures of a folder."""

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from symcollapse.experiments.figures import Figure
from symcollapse.interfaces.atomic_files import require_writable, written_whole
from symcollapse.interfaces.figure_drawings import draw_figure
from symcollapse.interfaces.plots import PLOT_FORMATS
from symcollapse.interfaces.sweeps import shortened
from symcollapse.interfaces.tables import csv_text
from symcollapse.language.errors import InvalidProblem

FIGURE_FORMATS = ("csv", "json", "png", "pdf", "svg")
"""What --format may name."""

PAGE = "README.md"
"""Name of the page, so that code hosts show it with the folder."""

PAGE_FORMATS = frozenset({"csv", "json", "png", "pdf"})
"""What the page shows or links to."""

TITLE = "# Gallery\n"
"""First line of the page."""

COLUMNS = ("panel", "curve", "kind", "x", "y", "standard_error")
"""Of the points of a figure, one point a row."""


def figure_csv(figure: Figure) -> str:
    r"""Every point of a figure, one a row; doubles with as few digits as tell them apart.

    Example
    -------
    >>> from symcollapse.experiments.figures import Curve, Panel
    >>> panel = Panel("T = 400", "λ", "error", (Curve("n = 0", "theory", (0.1,), (0.25,)),))
    >>> figure_csv(Figure("figure-1a", "An example", (panel,), 1, {}))
    'panel,curve,kind,x,y,standard_error\nT = 400,n = 0,theory,0.1,0.25,\n'
    """
    rows = []
    for panel in figure.panels:
        for curve in panel.curves:
            errors: Sequence[float | None] = curve.standard_error or [None] * len(curve.x)
            for x, y, error in zip(curve.x, curve.y, errors, strict=True):
                shown = "" if error is None else repr(float(error))
                rows.append(
                    [panel.title, curve.label, curve.kind, repr(float(x)), repr(float(y)), shown]
                )
    return csv_text(COLUMNS, rows)


def require_folder(folder: Path, names: Iterable[str], formats: Sequence[str]) -> None:
    """Say before the work if a file cannot be written; a folder that is not there is made.

    Raises
    ------
    InvalidProblem
        If there is a file of that name.
    OSError
        If the folder, or a file in it, cannot be written.

    Example
    -------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as name:
    ...     require_folder(Path(name) / "figures", ["figure-1a"], ["csv"])
    ...     [path.name for path in Path(name).iterdir()]
    ['figures']
    """
    if folder.exists() and not folder.is_dir():
        raise InvalidProblem(f"-o {shortened(str(folder))}: this is a file; give a folder")
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        for form in formats:
            require_writable(folder / f"{name}.{form}")


def write_figure(
    folder: Path, figure: Figure, record: Mapping[str, Any], formats: Sequence[str]
) -> tuple[Path, ...]:
    """Write the files of a figure, all of them or none.

    Example
    -------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as name:
    ...     empty = Figure("figure-1a", "An example", (), 1, {})
    ...     [path.name for path in write_figure(Path(name), empty, {}, ["csv", "json"])]
    ['figure-1a.csv', 'figure-1a.json']
    """
    paths = tuple(folder / f"{figure.name}.{form}" for form in formats)
    with ExitStack() as stack:
        for path in paths:
            # What leaves the stack without an error takes its place; with one, nothing does.
            place = stack.enter_context(written_whole(path))
            if path.suffix in PLOT_FORMATS:
                draw_figure(place, path.suffix, figure)
            elif path.suffix == ".csv":
                place.write_text(figure_csv(figure), encoding="utf-8")
            else:
                text = json.dumps(record, indent=2, ensure_ascii=False)
                place.write_text(text + "\n", encoding="utf-8")
    return paths


def gap_rows(record: Mapping[str, Any]) -> list[list[str]]:
    """The gaps between measured and theory of a record, as cells.

    Example
    -------
    >>> gap = {"panel": "T = 400", "curve": "n = 0", "points": 4, "lowest": 0.95, "highest": 1.02}
    >>> gap_rows({"gaps": [{**gap, "worst": 0.05, "standard_error": 0.03}]})
    [['T = 400', 'n = 0', '4', '0.950', '1.020', '5.0 %', '3.0 %']]
    """
    return [
        [
            str(gap["panel"]),
            str(gap["curve"]),
            str(gap["points"]),
            f"{float(gap['lowest']):.3f}",
            f"{float(gap['highest']):.3f}",
            f"{100 * float(gap['worst']):.1f} %",
            f"{100 * float(gap['standard_error']):.1f} %",
        ]
        for gap in record["gaps"]
    ]


GAP_HEADERS = ("panel", "curve", "points", "lowest", "highest", "worst gap", "standard error")
"""Lowest and highest are of measured/theory; the standard error is the largest of a point, relative."""


def read_records(folder: Path, names: Iterable[str]) -> list[dict[str, Any]]:
    """The records of these figures that lie in a folder; what is no record is passed over.

    Example
    -------
    >>> read_records(Path("nowhere"), ["figure-1a"])
    []
    """
    found = []
    for name in names:
        try:
            record = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(record, dict) and record.get("name") == name and record.keys() >= _PARTS:
            found.append(record)
    return found


_PARTS = {"title", "command", "scale", "seed", "remarks", "gaps", "seconds", "workers", "versions"}


def gallery_page(records: Sequence[Mapping[str, Any]]) -> str:
    """A page in Markdown: each figure, what was found, how far measured lies from theory, and how to make it again.

    Example
    -------
    >>> print(gallery_page([]).splitlines()[0])
    # Gallery
    """
    lines = [
        TITLE.strip(),
        "",
        "Figures of the field, measured anew (marks, with two standard errors), and the theory's curves laid over",
        "(broken lines). Beside each picture lie a PDF, all points as CSV, and a record of settings, seeds, versions",
        "and times as JSON. `symcollapse experiment all -o gallery` makes this page and all files; the command under a",
        "figure makes that one. A gap is |measured/theory - 1|.",
        "",
        *(f"- [{record['title']}](#{record['name']}): {_worst(record)}" for record in records),
    ]
    for record in records:
        lines += _section(record)
    return "\n".join(lines) + "\n"


def is_gallery_page(page: Path) -> bool:
    """Whether a file is such a page, which may be replaced.

    Example
    -------
    >>> is_gallery_page(Path("nowhere") / PAGE)
    False
    """
    try:
        return page.read_text(encoding="utf-8").startswith(TITLE)
    except (OSError, UnicodeDecodeError):
        return False


def _worst(record: Mapping[str, Any]) -> str:
    if not record["gaps"]:
        return "measured alone"
    return f"worst gap {100 * max(float(gap['worst']) for gap in record['gaps']):.1f} %"


def _section(record: Mapping[str, Any]) -> list[str]:
    name, title = record["name"], record["title"]
    seconds = float(record["seconds"])
    time = f"{seconds:.0f} s" if seconds < 180 else f"{seconds / 60:.0f} min"
    python = record["versions"].get("python", "")
    lines = ["", f"## {name}", "", f"**{title}.**", "", f"![{title}]({name}.png)", ""]
    lines += [f"- {remark}" for remark in record["remarks"]]
    if record["gaps"]:
        lines += ["", "| " + " | ".join(GAP_HEADERS) + " |", "| --- " * len(GAP_HEADERS) + "|"]
        cells = [[cell.replace("|", "\\|") for cell in row] for row in gap_rows(record)]
        lines += ["| " + " | ".join(row) + " |" for row in cells]
    by = "1 process" if record["workers"] == 1 else f"{record['workers']} processes"
    data = record.get("data")
    on = f" on {data['source']} ({data['images']} + {data['test_images']} images)" if data else ""
    return [
        *lines,
        "",
        f"Made{on} at the {record['scale']} scale in {time} by {by}, Python {python}: `{record['command']}`"
        f" ([points]({name}.csv), [record]({name}.json), [PDF]({name}.pdf)).",
    ]
