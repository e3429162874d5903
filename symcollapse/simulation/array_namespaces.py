"""Where stacks of small problems are solved: NumPy, or PyTorch on a processor or a GPU, behind one interface.

The interface is the Array API standard (https://data-apis.org/array-api), so the code that uses it is written once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from symcollapse.language.errors import InvalidProblem, NotSupported
from symcollapse.simulation.populations import Doubles


@dataclass(frozen=True)
class ArrayPlace:
    """A namespace of the Array API with its linear algebra, and one of its devices; see `array_place`.

    Example
    -------
    >>> place = array_place("numpy")
    >>> place.on_host(place.arrays([1.0, 2.0])).tolist()
    [1.0, 2.0]
    """

    name: str
    """As it was asked for."""
    namespace: Any
    """The module."""
    device: Any = None
    """As the namespace calls it; None: the one it takes by itself."""

    def arrays(self, values: Any) -> Any:
        """The values as doubles on the device."""
        host = np.ascontiguousarray(values, dtype=np.float64)
        if self.namespace is np:
            return host
        return self.namespace.asarray(host, dtype=self.namespace.float64, device=self.device)

    def on_host(self, values: Any) -> Doubles:
        """An array of the namespace as one of NumPy's."""
        if hasattr(values, "cpu"):
            values = values.cpu()
        return np.asarray(np.from_dlpack(values), dtype=np.float64)

    @contextmanager
    def one_thread(self) -> Iterator[None]:
        """One thread for what PyTorch computes on the processor, as NumPy has here."""
        if "torch" not in self.name:
            yield
            return
        torch = import_module("torch")
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(before)


def array_place(name: str) -> ArrayPlace:
    """The namespace and device of a name.

    Parameters
    ----------
    name
        "numpy"; "torch" for PyTorch on the processor; "torch:DEVICE" for one of its devices, as "torch:cuda".

    Raises
    ------
    InvalidProblem
        If there is no such namespace or device.
    NotSupported
        If PyTorch is not installed; the message says how to.

    Example
    -------
    >>> array_place("numpy").namespace.__name__
    'numpy'
    >>> array_place("cupy")
    Traceback (most recent call last):
        ...
    symcollapse.language.errors.InvalidProblem: arrays = 'cupy': give "numpy", "torch", or "torch:cuda"
    """
    kind, _, device = name.partition(":")
    if kind == "numpy" and not device:
        return ArrayPlace(name, np)
    if kind != "torch" or name.endswith(":"):
        raise InvalidProblem(f'arrays = {name!r}: give "numpy", "torch", or "torch:cuda"')
    try:
        torch, namespace = import_module("torch"), import_module("array_api_compat.torch")
    except ImportError:
        raise NotSupported(
            f"arrays = {name!r} needs torch and array-api-compat; "
            "install them with: pip install 'symcollapse[gpu]'"
        ) from None
    try:
        found = torch.device(device or "cpu")
        # Read back, since some devices hold no numbers.
        float(torch.zeros(1, dtype=torch.float64, device=found))
    except (RuntimeError, AssertionError, TypeError, NotImplementedError):
        # What PyTorch says runs over many lines.
        raise InvalidProblem(
            f"arrays = {name!r}: PyTorch finds no device {device!r} with doubles here; "
            'give "torch", or a device that it has'
        ) from None
    return ArrayPlace(name, namespace, found)
