"""Campaigns: many problems, each drawn in chunks of trials until it is shown or refuted, over any executor.

Every chunk has its seed and its trials, so its numbers are the same whoever draws it; what is finished is in the store
before it counts, so a run that ends, in whatever way, is taken up where it was.
"""

import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from importlib.metadata import version
from numbers import Integral, Real
from pathlib import Path
from typing import TypeAlias

from threadpoolctl import threadpool_limits

from symcollapse.language.errors import InvalidProblem, NotEvaluable
from symcollapse.language.problem_files import printable, problem_to_toml
from symcollapse.language.problem_sections import ProblemSections
from symcollapse.language.problems import Problem
from symcollapse.simulation import plan_of, population_of
from symcollapse.simulation.trials import Progress
from symcollapse.verification.campaign_results import Campaign, Tallies
from symcollapse.verification.campaign_runs import CampaignRun, named_errors
from symcollapse.verification.campaign_store import CampaignStore, StoredProblem
from symcollapse.verification.problem_verification import predict
from symcollapse.verification.sequential import FIRST_TRIALS, ROUNDING

CHUNK = FIRST_TRIALS
"""Trials that are drawn, stored and judged together: a second of work or so, against milliseconds to store it."""

Store: TypeAlias = str | Path
"""Name of the file."""


def run_campaign(
    problems: Sequence[Problem],
    store: Store,
    *,
    trials: int = 4096,
    until_decided: bool = True,
    margin: float | None = None,
    risk: float = 1e-6,
    seed: int = 1,
    chunk: int = CHUNK,
    executor: Executor | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> Campaign:
    """Judge the derived test errors of many problems by simulation, in chunks of trials that are stored.

    What the store has is not drawn again. Other runs may work on it at the same time; what they draw is used too.

    Parameters
    ----------
    problems
        Without symbols that have no value. None: those that the store has of this seed.
    store
        An SQLite file, made where there is none.
    trials
        Most trials of each problem, in whole chunks: rounded up.
    until_decided
        Whether a problem gets no more draws once there are verdicts on it; else all of them are drawn, and the first
        verdict stays.
    margin, risk
        As for `verify`; the risk is that of all looks together (see `compare_at_any_time`). A stored problem keeps
        those that it came with.
    seed
        As for ``simulate``; each problem draws what ``simulate`` does.
    chunk
        Trials that are drawn and judged together.
    executor
        Any: a ``ProcessPoolExecutor``, the ``get_executor()`` of a Dask client, an ``MPIPoolExecutor``. Without one,
        the processes of ``workers``.
    workers
        Processes, or how many chunks to keep an executor busy with: about half of those given out at a time.
    progress
        Called now and then with trials done and trials to do; the latter falls when a problem is decided early.

    Returns
    -------
    campaign
        Verdicts, to the last bit the same for any executor and any number of workers of one kind of machine (another
        one's linear algebra may round otherwise).

    Raises
    ------
    InvalidProblem
        If the file is no store, or a stored problem was begun with another margin, risk or chunk.
    NotEvaluable, NotSupported
        If a problem cannot be simulated, derived, or written as a file; before anything is drawn. If trials of a problem
        overflow; after the others are done.
    WorkersFailed
        If processes die again and again; what is finished is stored.
    OSError
        If the store cannot be written.

    Example
    -------
    >>> import tempfile
    >>> from symcollapse.language.problems import Downstream
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> fit = Downstream(151, noise=1, ridge="1/10")
    >>> problem = Problem(IsotropicSpectrum(50), UniformTarget(1), downstream=fit)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     campaign = run_campaign([problem], Path(folder) / "a.db", risk=1e-3)
    >>> [(result.verdict, result.agreement.trials) for result in campaign.results]
    [('shown', 1088)]
    """
    whole = {"trials": trials, "chunk": chunk, "workers": workers, "seed": seed}
    _require_settings(whole, {"risk": risk} | ({} if margin is None else {"margin": margin}))
    problems = _listed(problems)
    if not problems and not Path(store).exists():
        # A new file would be left behind, with nothing in it.
        raise InvalidProblem(f"{store}: no such store; name problems to begin one")
    with threadpool_limits(1), CampaignStore(Path(store)) as opened:
        stored = []
        for each in problems:
            with named_errors(each.name):
                stored.append(_stored(opened, each, seed, chunk, risk, margin))
        if not problems:
            stored = [each for each in opened.problems() if each.seed == seed]
        if not stored:
            raise InvalidProblem(f"{opened.name}: no problem of seed {seed} is in it; name some")
        tallies = Tallies(stored)
        run = CampaignRun(opened, tallies, problem_of, trials, until_decided=until_decided)
        with _said_what_is_kept(tallies):
            run.finish(executor, workers, progress)
        return tallies.campaign


def report_campaign(store: Store) -> Campaign:
    """What a store holds now: verdicts on what is drawn, also while runs go on.

    Raises
    ------
    InvalidProblem, OSError
        As for `run_campaign`; if there is no such file, too.

    Example
    -------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with CampaignStore(Path(folder) / "a.db"):
    ...         pass
    ...     report_campaign(Path(folder) / "a.db")
    Campaign(results=())
    """
    with CampaignStore(Path(store), only_read=True) as opened:
        tallies = Tallies(opened.problems())
        tallies.read(opened)
        return tallies.campaign


def problem_of(stored: StoredProblem) -> Problem:
    """The problem of a text; parsed as a problem file is, never run.

    Raises
    ------
    InvalidProblem
        If the text is not that of a problem: the store was changed.

    Example
    -------
    >>> text = problem_to_toml(Problem.from_file("figure-1a"))
    >>> digest = digest_of(text)
    >>> stored = StoredProblem("a", text, digest, 1, 64, 1e-6, 0.1, 1.0, None, None, 0.0, "")
    >>> problem_of(stored) == Problem.from_file("figure-1a")
    True
    """
    if digest_of(stored.text) != stored.digest:
        raise InvalidProblem(
            f"{stored.name}: the stored text is damaged; restore the file, or give another one"
        )
    try:
        tree = tomllib.loads(stored.text)
    except ValueError as error:
        raise InvalidProblem(f"{stored.name}: the stored text is damaged ({error})") from None
    return ProblemSections(stored.name, Path(), tree).problem(stored.name)


def digest_of(text: str) -> str:
    """SHA-256 of a text, in hexadecimal digits.

    Example
    -------
    >>> digest_of("")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(text.encode()).hexdigest()


def _require_settings(whole: Mapping[str, object], shares: Mapping[str, object]) -> None:
    """Refuse numbers out of range before anything is stored with them."""
    for key, value in whole.items():
        least = 0 if key == "seed" else 1
        if not isinstance(value, Integral) or value < least:
            raise InvalidProblem(f"{key} = {value!r}: give an integer >= {least}")
    for key, value in shares.items():
        if not isinstance(value, Real) or not 0 < float(value) < 1:
            raise InvalidProblem(f"{key} = {value!r}: give a number between 0 and 1")


def _listed(problems: object) -> tuple[Problem, ...]:
    if isinstance(problems, Iterable):
        found = tuple(problems)
        if all(isinstance(each, Problem) for each in found):
            return found
    raise InvalidProblem("problems: give a list of problems, as [Problem.from_file('figure-1a')]")


def _stored(
    store: CampaignStore,
    problem: Problem,
    seed: int,
    chunk: int,
    risk: float,
    margin: float | None,
) -> StoredProblem:
    """The problem in the store, derived and put there if it is not."""
    plan_of(problem)  # what cannot be simulated is refused before anything is
    text = problem_to_toml(problem)
    digest = digest_of(text)
    known = store.found(digest, seed)
    if known is not None:
        _require_same(store.name, known, chunk, risk, margin)
        return known
    predicted = predict(problem, margin=margin)
    claim, *exact = predicted.claims
    if not claim.prediction >= 0:
        raise NotEvaluable(f"{claim.prediction:.4g} is predicted, and an excess risk is never that")
    entry = StoredProblem(
        name=printable(problem.name) or digest[:8],
        text=text,
        digest=digest,
        seed=seed,
        chunk=chunk,
        risk=risk,
        margin=claim.margin,
        prediction=claim.prediction,
        exact_prediction=exact[0].prediction if exact else None,
        exact_margin=exact[0].margin if exact else None,
        rounding=ROUNDING * population_of(problem).energy,
        versions=", ".join(f"{name} {version(name)}" for name in ("symcollapse", "numpy")),
    )
    kept = store.add(entry)
    _require_same(store.name, kept, chunk, risk, margin)
    return kept


def _require_same(
    name: str, known: StoredProblem, chunk: int, risk: float, margin: float | None
) -> None:
    """A verdict's risk holds for what was asked before its draws were seen, so that is not changed."""
    asked: dict[str, tuple[float, float]] = {
        "chunk": (known.chunk, chunk),
        "risk": (known.risk, risk),
        "margin": (known.margin, known.margin if margin is None else margin),
    }
    for key, (begun, wanted) in asked.items():
        if begun != wanted:
            raise InvalidProblem(
                f"{name}: {known.name} was begun with {key} = {begun:g}, now it is {wanted:g}; "
                "give that again, or another seed or file"
            )


@contextmanager
def _said_what_is_kept(tallies: Tallies) -> Iterator[None]:
    """Errors and Ctrl-C with a word on what is kept."""
    try:
        yield
    except (KeyboardInterrupt, OSError) as error:
        if isinstance(error, FileNotFoundError):
            raise  # what was kept went with the file
        count = sum(len(tally.firsts) for tally in tallies.of.values())
        kept = f"{count} chunks are kept, and the same command goes on"
        if isinstance(error, KeyboardInterrupt):
            raise KeyboardInterrupt(kept) from None
        reason = f"{error.strerror or error}; {kept}"
        raise OSError(error.errno, reason, error.filename) from None
