"""A group of commands whose every failure is one line on stderr and an exit status."""

import os
import re
import sys
from collections.abc import Sequence
from typing import Any

import click

from symcollapse.language.errors import SymcollapseError

FAILED = 2
"""Exit status of errors."""

INTERRUPTED = 130
"""Exit status after Ctrl-C, 128 + SIGINT."""

READER_GONE = 141
"""Exit status when nobody reads on, 128 + SIGPIPE."""


class OneLineGroup(click.Group):
    """Commands that never show a traceback for what a user can bring about.

    Example
    -------
    >>> OneLineGroup("symcollapse").main(["fly"], standalone_mode=False)
    2
    """

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: FBT001, FBT002 # click's own signature
        **extra: Any,
    ) -> Any:
        """Run a command line; an integer that a command returns is the exit status."""
        try:
            result = super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
            sys.stdout.flush()
            status = result if isinstance(result, int) else 0
        except (_ReaderGone, BrokenPipeError, SystemExit):
            # A SystemExit is click's answer to a pipe that closes while it prints help.
            status = _without_reader()
        except _Interrupted as stop:
            status = _fail("; ".join(["interrupted", *map(str, stop.args)]), INTERRUPTED)
        except click.UsageError as error:
            path = error.ctx.command_path if error.ctx is not None else "symcollapse"
            status = _fail(f"{_without_pages(error)} See {path} --help", FAILED)
        except click.ClickException as error:
            status = _fail(_without_pages(error), FAILED)
        except click.Abort:
            status = _fail("interrupted", INTERRUPTED)
        except SymcollapseError as error:
            status = _fail(str(error), FAILED)
        except OSError as error:
            place = f"{error.filename}: " if error.filename is not None else ""
            status = _fail(f"{place}{error.strerror or error}", FAILED)
        except MemoryError:
            status = _fail("not enough memory for this problem; make it smaller", FAILED)
        except RecursionError:
            status = _fail("too deeply nested a formula; take fewer generations", FAILED)
        if standalone_mode:
            sys.exit(status)
        return status

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; click would print an empty line for Ctrl-C, and hide a broken pipe."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stop:
            raise _Interrupted(*stop.args) from None
        except BrokenPipeError:
            raise _ReaderGone from None


class _Interrupted(Exception):
    """Ctrl-C, with a word on what is kept, if anything is."""


class _ReaderGone(Exception):
    """A pipe that was closed at the other end."""


def _fail(message: str, status: int) -> int:
    line = " ".join(message.split())
    sys.stderr.write(f"symcollapse: {line}\n")
    return status


def _without_pages(error: click.ClickException) -> str:
    # Quoted or not, what a user gave may be a page long.
    return re.sub(r"'[^']{81,}'|\S{81,}", _cut, error.format_message())


def _cut(found: re.Match[str]) -> str:
    text = found[0]
    return text[:79] + ("…'" if text.startswith("'") else "…")


def _without_reader() -> int:
    # Python flushes stdout once more at its end; that must find something to write to.
    devnull = os.open(os.devnull, os.O_WRONLY)
    os.dup2(devnull, sys.stdout.fileno())
    return READER_GONE
