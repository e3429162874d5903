"""Executors by name: processes of this machine, a Dask cluster, MPI."""

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from symcollapse.language.errors import InvalidProblem, WorkersFailed
from symcollapse.language.optional_packages import require_packages

KINDS = ("processes", "dask", "dask:ADDRESS", "mpi")
"""Names; with an address, Dask is that of a scheduler that runs already."""

CONNECTING_SECONDS = 30
"""How long a scheduler may take to answer."""


@contextmanager
def named_executor(kind: str, workers: int) -> Iterator[tuple[Executor | None, int]]:
    """An executor, or None for processes of this machine, and how many workers it has.

    Parameters
    ----------
    kind
        One of "processes", "dask" (a scheduler and worker processes on this machine), "dask:ADDRESS" such as
        "dask:tcp://10.0.0.1:8786", and "mpi" (``mpiexec -n N python -m mpi4py.futures -m symcollapse …``).
    workers
        Processes; a cluster that runs already says itself how many it has.

    Raises
    ------
    InvalidProblem
        If there is no such kind.
    NotSupported
        If a package is not installed.
    WorkersFailed
        If there is no scheduler at the address.

    Example
    -------
    >>> with named_executor("processes", workers=3) as (executor, workers):
    ...     executor, workers
    (None, 3)
    """
    name, _, address = kind.partition(":")
    if kind == "processes":
        yield None, workers
    elif name == "dask" and (address or kind == "dask"):
        require_packages("--executor dask", ["distributed"], "symcollapse[distributed]")
        with _dask_client(address, workers) as client:
            threads = sum(client.nthreads().values()) if address else workers
            # Chunks are no pure functions to Dask: one that failed is to be done again, and not remembered.
            yield client.get_executor(pure=False), max(1, threads)
    elif kind == "mpi":
        require_packages("--executor mpi", ["mpi4py"], "mpi4py")
        with import_module("mpi4py.futures").MPIPoolExecutor() as executor:
            yield executor, max(1, executor.num_workers)
    else:
        raise InvalidProblem(f"executor = '{kind[:80]}': give one of {', '.join(KINDS)}")


@contextmanager
def _dask_client(address: str, workers: int) -> Iterator[Any]:
    from distributed import Client, LocalCluster

    if not address:
        with (
            LocalCluster(
                n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None
            ) as cluster,
            Client(cluster) as client,
        ):
            yield client
        return
    try:
        client = Client(address, timeout=CONNECTING_SECONDS)
    except (OSError, TimeoutError, ValueError) as error:
        words = " ".join(str(error).split())[:200]
        raise WorkersFailed(f"no Dask scheduler at '{address[:80]}' ({words})") from None
    with client:
        yield client
