"""Packages: whether those that only some results need are here, what brings them, and which versions there are."""

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from symcollapse.language.errors import NotSupported


def require_packages(what: str, packages: Sequence[str], install: str, otherwise: str = "") -> None:
    """Say at once if a package is missing, before any work.

    Parameters
    ----------
    what
        What needs them.
    packages
        Names to import.
    install
        What pip installs, such as symcollapse[plot].
    otherwise
        Another way out, if there is one.

    Raises
    ------
    NotSupported
        With the packages and the command that brings them.

    Example
    -------
    >>> require_packages("--plot", ["math"], "symcollapse[plot]")
    >>> require_packages("--plot", ["no_package"], "symcollapse[plot]")
    Traceback (most recent call last):
    symcollapse.language.errors.NotSupported: --plot needs no_package; install it with: pip install 'symcollapse[plot]'
    """
    if any(find_spec(package) is None for package in packages):
        them = "it" if len(packages) == 1 else "them"
        raise NotSupported(
            f"{what} needs {' and '.join(packages)}; install {them} with: pip install '{install}'"
            f"{otherwise and f', or {otherwise}'}"
        )


def installed_version(package: str) -> str | None:
    """Version of a package, by the name that pip knows; None if it is not installed.

    Example
    -------
    >>> installed_version("numpy") is None, installed_version("no-package")
    (False, None)
    """
    try:
        return version(package)
    except PackageNotFoundError:
        return None
