"""What a run is of, part by part: equal records give equal rows, to the last bit."""

import hashlib
import json
import platform
from collections.abc import Iterator, Mapping
from typing import Any

from symcollapse.interfaces.curve_streams import CurveSettings
from symcollapse.interfaces.requested_points import RequestedPoints
from symcollapse.language.optional_packages import installed_version
from symcollapse.language.problem_files import ProblemFile

PROGRAMS = ("symcollapse", "numpy", "scipy", "sympy", "mpmath", "python-flint")
"""What rounds, or decides what is rounded."""


def run_record(
    file: ProblemFile, requested: RequestedPoints, settings: CurveSettings
) -> dict[str, str]:
    """The parts of a run: the problem with its data files, the sweeps, the settings, and the programs.

    Example
    -------
    >>> from symcollapse.interfaces.requested_points import requested_points
    >>> requested = requested_points(["downstream.ridge=1/10,1/5"], [])
    >>> record = run_record(ProblemFile.read("figure-1a"), requested, CurveSettings())
    >>> list(record)
    ['the problem file', 'its data files', 'the sweeps', 'the settings', 'the options', 'the versions']
    """
    options = {
        "digits": settings.digits,
        "certified": settings.certified,
        "asymptote": settings.asymptote,
        "trials": settings.trials,
        "seed": settings.seed if settings.trials is not None else None,
        "chunk": settings.chunk,
    }
    sweeps = hashlib.sha256()
    for sweep in requested.sweeps:
        kept = sweep.values if isinstance(sweep.values, tuple) else (repr(sweep.values),)
        for text in (sweep.key, str(len(kept)), *kept):
            sweeps.update(f"{len(text)}:{text}".encode())
    return {
        "the problem file": hashlib.sha256(file.content).hexdigest(),
        "its data files": _of_data_files(file, requested),
        "the sweeps": sweeps.hexdigest(),
        "the settings": json.dumps(dict(requested.settings), ensure_ascii=False),
        "the options": json.dumps(options),
        "the versions": ", ".join([*map(_version, PROGRAMS), platform.machine()]),
    }


def table_attributes(file: ProblemFile, requested: RequestedPoints) -> dict[str, str]:
    """What a table is of, for formats that have a place for it.

    Example
    -------
    >>> from symcollapse.interfaces.requested_points import requested_points
    >>> requested = requested_points(["downstream.ridge=1/10,1/5"], ["downstream.noise=1"])
    >>> table_attributes(ProblemFile.read("figure-1a"), requested)["settings"]
    '{"downstream.noise": "1"}'
    """
    return {
        "problem": file.name,
        "problem_file": file.content.decode("utf-8-sig"),
        "settings": json.dumps(dict(requested.settings), ensure_ascii=False),
        "symcollapse_version": _version("symcollapse"),
    }


def _of_data_files(file: ProblemFile, requested: RequestedPoints) -> str:
    names = {*_named_files(file.tree)}
    names |= {text for key, text in requested.settings.items() if key.endswith(".file")}
    for sweep in requested.sweeps:
        if sweep.key.endswith(".file"):
            names |= set(sweep.values)
    digest = hashlib.sha256()
    for name in sorted(names):
        place = file.place.parent / name
        content = place.read_bytes() if place.is_file() else b""
        digest.update(f"{len(name)}:{name}{hashlib.sha256(content).hexdigest()}".encode())
    return digest.hexdigest()


def _named_files(entries: Any) -> Iterator[str]:
    """Values of the key ``file`` anywhere in a problem file."""
    if isinstance(entries, Mapping):
        for key, value in entries.items():
            if key == "file" and isinstance(value, str):
                yield value
            yield from _named_files(value)
    elif isinstance(entries, list):
        for entry in entries:
            if isinstance(entry, Mapping):
                yield from _named_files(entry)


def _version(program: str) -> str:
    return f"{program} {installed_version(program) or 'of no version'}"
