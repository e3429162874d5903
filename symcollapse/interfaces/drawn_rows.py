"""Rows that a plot shows: all of a short table; of a long one as many as can be told apart."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from symcollapse.interfaces.result_files import Block
from symcollapse.interfaces.sweeps import Sweep

MOST_ALONG = 2000
"""Points of one curve; a picture is about as many dots wide."""

MOST_DRAWN = 20_000
"""Points of all curves."""


class DrawnRows:
    """The rows of a curve that are kept for a plot, evenly spaced, with both ends.

    Example
    -------
    >>> from symcollapse.interfaces.sweeps import parse_sweep
    >>> drawn = DrawnRows([parse_sweep("a=1:9:lin:9")])
    >>> drawn.take(0, {"a": list("123456789"), "total": [1.0] * 9})
    >>> len(drawn.rows), drawn.note
    (9, '')
    """

    def __init__(self, sweeps: Sequence[Sweep]) -> None:
        axis = sweeps[-1]
        self._length = len(axis.values)
        families = 1
        for sweep in sweeps[:-1]:
            families *= len(sweep.values)
        self._total = families * self._length
        self._along = _spread(self._length, MOST_ALONG)
        self._families = _spread(families, max(1, MOST_DRAWN // len(self._along)))
        shown = tuple(axis.values[place] for place in self._along.tolist())
        self.sweeps = (*sweeps[:-1], Sweep(axis.key, shown, axis.is_logarithmic))
        """The sweeps, with those values of the last one that are drawn."""
        self.rows: list[dict[str, Any]] = []
        """The rows that are drawn, once all were taken."""

    @property
    def note(self) -> str:
        """What a reader of the plot has to know of rows that are left out; empty where there are none."""
        drawn = len(self._along) * len(self._families)
        return "" if drawn == self._total else f"{drawn} of {self._total} points drawn"

    def take(self, start: int, block: Block) -> None:
        """Keep what is drawn of consecutive rows.

        Parameters
        ----------
        start
            Number of the first of them.
        block
            Their columns.
        """
        places = np.arange(start, start + len(next(iter(block.values()))))
        chosen = np.isin(places % self._length, self._along)
        chosen &= np.isin(places // self._length, self._families)
        for at in np.flatnonzero(chosen).tolist():
            self.rows.append({name: column[at] for name, column in block.items()})

    def in_doubles(self) -> list[dict[str, Any]]:
        """The rows with decimal strings as doubles."""
        texts = {sweep.key for sweep in self.sweeps} | {"regime"}
        return [
            {
                name: float(value) if isinstance(value, str) and name not in texts else value
                for name, value in row.items()
            }
            for row in self.rows
        ]


def _spread(size: int, most: int) -> Any:
    """Places, evenly spaced from the first to the last."""
    if size <= most:
        return np.arange(size)
    return np.unique(np.linspace(0, size - 1, most).round().astype(np.int64))
