"""The derivations that come with the package, found where it is installed."""

import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from symcollapse.language.errors import InvalidProblem
from symcollapse.reasoning import Derivation


def bundled_derivations() -> tuple[str, ...]:
    """Names of the derivations: the modules of the folder that prove something.

    Example
    -------
    >>> "effective_ridge_of_isotropic_data" in bundled_derivations()
    True
    """
    folder = derivations_folder()
    if folder is None:
        return ()
    # Whatever proves something says so; settings that proofs share do not.
    return tuple(
        path.stem
        for path in sorted(folder.glob("*.py"))
        if not path.stem.startswith("_") and "DERIVATION = " in path.read_text(encoding="utf-8")
    )


def derivation_named(name: str) -> Derivation:
    """One of the derivations.

    Raises
    ------
    InvalidProblem
        If there is none of that name.

    Example
    -------
    >>> derivation_named("effective_ridge_of_isotropic_data").title
    'Effective ridge of isotropic data'
    """
    if name not in bundled_derivations():
        raise InvalidProblem(f'{name}: no such derivation; "symcollapse derive list" lists them')
    package = derivations_package()
    derivation = importlib.import_module(f"{package.__name__}.{name}").DERIVATION
    assert isinstance(derivation, Derivation)
    return derivation


def derivations_folder() -> Path | None:
    """Their folder: inside the package where it is installed, beside it where it is developed.

    Example
    -------
    >>> (derivations_folder() / "settings.py").is_file()
    True
    """
    package = Path(__file__).parent.parent
    places = (package / "derivations", package.parent / "derivations")
    return next((place for place in places if (place / "__init__.py").is_file()), None)


def derivations_package() -> ModuleType:
    """The package that holds them, loaded from its folder.

    Example
    -------
    >>> derivations_package().__name__
    'symcollapse.derivations'
    """
    folder = derivations_folder()
    assert folder is not None
    name = "symcollapse.derivations"
    if name in sys.modules:
        return sys.modules[name]
    # Loaded by its place: beside the package, the folder need not be on the path.
    spec = importlib.util.spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
