"""LaTeX run on a document, in a folder of its own and without a shell; any engine that is installed will do."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from symcollapse.language.errors import SymcollapseError

LONGEST_RUN = 300
"""Seconds for one run of an engine; a report takes five."""

_FLAGS = ("-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape")


class LatexFailed(SymcollapseError):
    """No engine, or a document that the engine refuses."""


@dataclass(frozen=True)
class Engine:
    """A program that makes a PDF.

    Example
    -------
    >>> Engine("pdflatex", ("-halt-on-error",), runs=2).command
    ['pdflatex', '-halt-on-error', 'report.tex']
    """

    program: str
    flags: tuple[str, ...]
    runs: int = 1
    """How often it is run, until tables know their widths."""

    @property
    def command(self) -> list[str]:
        """What is run."""
        return [self.program, *self.flags, "report.tex"]


ENGINES = (
    # No settings of the user are read: what they would run is not ours to know.
    Engine("latexmk", ("-norc", "-pdf", *_FLAGS)),
    Engine("tectonic", ("--untrusted", "--chatter=minimal")),
    Engine("xelatex", _FLAGS, runs=3),
    Engine("lualatex", _FLAGS, runs=3),
    Engine("pdflatex", _FLAGS, runs=3),
)
"""Programs that are looked for, in this order."""


def latex_engines() -> tuple[Engine, ...]:
    """Those of the engines that are installed.

    latexmk alone is of no use: it runs pdflatex.

    Example
    -------
    >>> set(latex_engines()) <= set(ENGINES)
    True
    """
    found = tuple(engine for engine in ENGINES if shutil.which(engine.program))
    if shutil.which("pdflatex") is None:
        found = tuple(engine for engine in found if engine.program != "latexmk")
    return found


def require_latex() -> Engine:
    """The engine to use.

    Raises
    ------
    LatexFailed
        If none is installed.
    """
    engines = latex_engines()
    if not engines:
        names = ", ".join(engine.program for engine in ENGINES)
        raise LatexFailed(
            f"no LaTeX here ({names}); install one, or take --format latex or markdown"
        )
    return engines[0]


def pdf_of(document: str, engine: Engine) -> bytes:
    """A document as PDF.

    It is made in a folder that is removed afterwards. The engine may start no program, and reads and writes no file
    above that folder but its own.

    Raises
    ------
    LatexFailed
        If the engine refuses the document, with its first complaint, or takes too long.
    """
    with tempfile.TemporaryDirectory(prefix="symcollapse-") as name:
        folder = Path(name)
        (folder / "report.tex").write_text(document, encoding="utf-8")
        output = ""
        for _ in range(engine.runs):
            output = _run(engine.command, folder)
        result = folder / "report.pdf"
        if not result.is_file():
            raise LatexFailed(f"{engine.program}: no PDF; {_complaint(output)}")
        return result.read_bytes()


def _run(command: Sequence[str], folder: Path) -> str:
    # "p": as TeX says for paranoid. The date makes two runs of one document the same file.
    settings = {"openin_any": "p", "openout_any": "p", "SOURCE_DATE_EPOCH": "0"}
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, **settings, "FORCE_SOURCE_DATE": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LONGEST_RUN,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise LatexFailed(f"{command[0]}: not done after {LONGEST_RUN} s") from None
    output = (done.stdout + done.stderr).decode("utf-8", "replace")
    if done.returncode != 0:
        raise LatexFailed(f"{command[0]}: {_complaint(output)}")
    return output


def _complaint(output: str) -> str:
    """The first line in which TeX says what is wrong, with the line after it."""
    lines = output.splitlines()
    for place, line in enumerate(lines):
        if line.startswith("!") or "error:" in line:
            return " ".join(lines[place : place + 2])[:300]
    return (lines[-1] if lines else "no word from it")[:300]
