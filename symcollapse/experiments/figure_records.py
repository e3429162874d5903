"""Records: all that is needed to make a figure again, and what was found, as JSON has it."""

import hashlib
import math
import os
import platform
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from symcollapse.experiments.digit_data import DigitData
from symcollapse.experiments.figures import Figure, Scale, gaps
from symcollapse.language.optional_packages import installed_version

PACKAGES = (
    "symcollapse", "numpy", "scipy", "sympy", "mpmath", "python-flint", "scikit-learn", "matplotlib", "torch",
)  # fmt: skip
"""What computes, or decides what is computed."""


def figure_record(
    figure: Figure,
    scale: Scale,
    command: str,
    seconds: float,
    workers: int = 1,
    data: DigitData | None = None,
) -> dict[str, Any]:
    """How a figure was made and what it shows, but for its points.

    Parameters
    ----------
    figure
        The figure.
    scale
        How much was drawn.
    command
        What makes it again.
    seconds
        Wall time that it took.
    workers
        Processes that shared the work.
    data
        The digits it is on, if any.

    Returns
    -------
    record
        Strings, finite numbers, lists and mappings of them; without the name of the machine, or of a folder.

    Example
    -------
    >>> record = figure_record(Figure("figure-1a", "An example", (), 1, {}), "quick", "", 2.0)
    >>> record["seed"], record["scale"], "host" in record["machine"]
    (1, 'quick', False)
    """
    record = {
        "name": figure.name,
        "title": figure.title,
        "command": command,
        "scale": scale,
        "seed": figure.seed,
        "settings": figure.settings,
        "remarks": list(figure.remarks),
        "gaps": [
            {
                "panel": gap.panel,
                "curve": gap.label,
                "points": gap.points,
                "lowest": gap.lowest,
                "highest": gap.highest,
                "worst": gap.worst,
                "standard_error": gap.standard_error,
            }
            for gap in gaps(figure)
        ],
        "data": None if data is None else data_record(data),
        "seconds": round(seconds, 2),
        "workers": workers,
        "versions": {
            "python": platform.python_version(),
            **{package: found for package in PACKAGES if (found := installed_version(package))},
        },
        "machine": {
            "system": platform.system(),
            "architecture": platform.machine(),
            "processors": os.cpu_count(),
        },
    }
    return {key: plain(value) for key, value in record.items()}


def data_record(data: DigitData) -> dict[str, Any]:
    """What digits these are, by their number and a digest of every array.

    Example
    -------
    >>> images, digits = np.zeros((2, 4)), np.array([3, 5])
    >>> data_record(DigitData("MNIST", images, digits, images, digits))["images"]
    2
    """
    arrays = {
        "images": data.images,
        "digits": data.digits,
        "test_images": data.test_images,
        "test_digits": data.test_digits,
    }
    return {
        "source": data.source,
        "images": len(data.images),
        "pixels": data.images.shape[1],
        "test_images": len(data.test_images),
        "sha256": {name: _digest(array) for name, array in arrays.items()},
    }


def plain(value: Any) -> Any:
    """A value as JSON has it: numbers of NumPy become Python's, tuples lists; what is not finite becomes a string.

    Example
    -------
    >>> plain({"sizes": (np.int64(3), math.inf)})
    {'sizes': [3, 'inf']}
    """
    if isinstance(value, Mapping):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, np.ndarray | np.generic):
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    if value is None or isinstance(value, str | bool | int | float):
        return value
    # An exact number is written as it is.
    return str(value)


def _digest(array: NDArray[Any]) -> str:
    """Of the numbers, whatever the order of bytes of the machine."""
    kind = "<f8" if np.issubdtype(array.dtype, np.floating) else "<i8"
    return hashlib.sha256(np.ascontiguousarray(array, dtype=kind).tobytes()).hexdigest()
