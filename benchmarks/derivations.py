"""How long it takes from a plain matrix expression to its deterministic equivalent in closed form.

Run it in the repository: ``python benchmarks/derivations.py``, with ``--json`` for a record. Each repetition is a fresh
process; it derives once, with every cache empty, and once more when the modules are loaded and the caches cleared.
"""

import argparse
import functools
import gc
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sympy import Expr, Identity, MatrixSymbol, Symbol, Trace
from sympy.core.cache import clear_cache

import symcollapse as sc

REPETITIONS = 5
GOAL = 0.25
"""Part of the peer's time that ours must stay under."""

d, T, lam, sigma = sc.dimension, sc.samples, sc.ridge, sc.noise
EYE = Identity(d)
SIGMA, SIGMA_1, SIGMA_2, SIGMA_3 = (
    sc.covariance(name, d) for name in ("Sigma", "Sigma_1", "Sigma_2", "Sigma_3")
)
W0 = MatrixSymbol("w_0", d, 1)
X, E = sc.gaussian_design("X", T, SIGMA), sc.label_noise("E", T, sigma)


@dataclass(frozen=True)
class Peer:
    """What the fastest other program was measured to need for the same task."""

    seconds: float
    """The least of its times."""
    source: str
    """What it was asked for, and where it was measured."""


RIDGE_PEER = Peer(
    16.0,
    "auto-fpt, ridge test error: 16-19 s, from a ready pencil, to 7 raw equations; "
    "measured on two shared cores of the same kind; ratios count, not seconds",
)
FEATURES_PEER = Peer(
    10.7,
    "auto-fpt, random features: 10.7 s; "
    "measured on two shared cores of the same kind; ratios count, not seconds",
)
SOURCES_PEER = Peer(
    7.0,
    "auto-fpt, resolvent of two sources: 7.0 s; "
    "measured on two shared cores of the same kind; ratios count, not seconds",
)


def resolvent(design: Any, ridge: Any) -> Any:
    """(XᵀX/T + λI)⁻¹."""
    return (design.T * design / design.shape[0] + ridge * EYE).inverse()


def fit(design: Any, labels: Any, ridge: Any) -> Any:
    """Weights of ridge regression."""
    return resolvent(design, ridge) * design.T * labels / design.shape[0]


def error(weights: Any, covariance: Any) -> Any:
    """Squared distance to the truth in the norm of a covariance."""
    return (weights - W0).T * covariance * (weights - W0)


def ridge_test_error() -> Any:
    """Bias and variance of ridge regression."""
    return error(fit(X, X * W0 + E, lam), SIGMA)


def random_features_test_error() -> Any:
    """Ridge regression on m Gaussian random features."""
    width = Symbol("m", positive=True)
    projection = sc.gaussian_projection("S", d, width)
    features = X * projection
    inverse = (features.T * features / T + lam * Identity(width)).inverse()
    return error(projection * inverse * features.T * (X * W0 + E) / T, SIGMA)


def two_sources() -> tuple[Any, Any, Any]:
    """Two designs of different covariance, and their common resolvent."""
    first = sc.gaussian_design("X_1", sc.generator_symbols(1)[0], SIGMA_1)
    second = sc.gaussian_design("X_2", sc.generator_symbols(2)[0], SIGMA_2)
    return first, second, (first.T * first / T + second.T * second / T + lam * EYE).inverse()


def two_source_resolvent() -> Any:
    """The trace of the common resolvent against a third covariance."""
    return Trace(two_sources()[-1] * SIGMA_3)


def two_source_test_error() -> Any:
    """Ridge regression on two sources, tested on a third covariance."""
    first, second, inverse = two_sources()
    sums = [
        design.T * (design * W0 + sc.label_noise(name, design.shape[0], sigma))
        for name, design in (("E_1", first), ("E_2", second))
    ]
    return error(inverse * (sums[0] + sums[1]) / T, SIGMA_3)


def ridges(count: int) -> list[Any]:
    """Symbols λ₁, λ₂ and so on."""
    return [sc.generator_symbols(entry)[2] for entry in range(1, count + 1)]


def two_resolvents() -> Any:
    """Two resolvents of one design at two penalties, around another covariance."""
    one, two = (resolvent(X, ridge) for ridge in ridges(2))
    return Trace(one * SIGMA_1 * two * SIGMA)


def four_resolvents() -> Any:
    """Four resolvents of one design at four penalties."""
    one, two, three, four = (resolvent(X, ridge) for ridge in ridges(4))
    return Trace(one * SIGMA * two * SIGMA * three * SIGMA * four)


def chain_of_two_generators() -> Any:
    """Two generators with a ridge and label noise, then a downstream fit."""
    weights: Any = W0
    for entry in (1, 2):
        size, deviation, ridge = sc.generator_symbols(entry)
        design = sc.gaussian_design(f"X_{entry}", size, SIGMA)
        weights = fit(
            design, design * weights + sc.label_noise(f"E_{entry}", size, deviation), ridge
        )
    return error(fit(X, X * weights + E, lam), SIGMA)


@dataclass(frozen=True)
class Case:
    """An expression that is derived, and who else derives it."""

    title: str
    expression: Callable[[], Any]
    peer: Peer | None = None


CASES = {
    "ridge": Case("ridge test error", ridge_test_error, RIDGE_PEER),
    "features": Case("random-features test error", random_features_test_error, FEATURES_PEER),
    "sources": Case("resolvent of two sources", two_source_resolvent, SOURCES_PEER),
    "source-error": Case("test error of two sources", two_source_test_error),
    "two": Case("product of two resolvents", two_resolvents),
    "four": Case("product of four resolvents", four_resolvents),
    "chain": Case("chain of two generators", chain_of_two_generators),
}


def unknowns(formula: Expr) -> set[str]:
    """Names in a closed formula that are neither sizes, noises and ridges nor in the field's quantities.

    Raw equations have unknown traces as plain symbols; a closed formula has none.
    """
    known = {d, T, lam, sigma, Symbol("m", positive=True)}
    for entry in range(1, 5):
        known |= set(sc.generator_symbols(entry))
    return {str(symbol) for symbol in formula.free_symbols - known}


@dataclass(frozen=True)
class Timing:
    """Seconds of one case over the repetitions."""

    case: str
    title: str
    first: tuple[float, ...]
    """The first derivation of a fresh process, modules loaded."""
    warm: tuple[float, ...]
    """The second one, with all caches cleared."""
    peer: Peer | None

    @property
    def ratio(self) -> float | None:
        """How many times as long the peer takes as our first call."""
        return self.peer.seconds / statistics.median(self.first) if self.peer else None

    @property
    def meets_goal(self) -> bool | None:
        """Whether our first call takes less than the goal's part of the peer's time."""
        return None if self.ratio is None else self.ratio > 1 / GOAL


def clear_caches() -> None:
    """Empty the caches of SymPy and of this package."""
    clear_cache()
    for thing in gc.get_objects():
        if isinstance(thing, functools._lru_cache_wrapper) and str(
            getattr(thing, "__module__", "")
        ).startswith("symcollapse."):
            thing.cache_clear()


def seconds(case: Case) -> float:
    """Seconds from the plain expression, built anew, to its closed form."""
    start = time.perf_counter()
    sc.deterministic_equivalent(case.expression())
    return time.perf_counter() - start


def measured(case: str, repetitions: int) -> Timing:
    """A case timed in so many fresh processes, one after the other."""
    pairs = []
    for _ in range(repetitions):
        command = [sys.executable, __file__, "--once", case]
        answer = subprocess.run(command, check=True, capture_output=True, text=True)
        pairs.append(json.loads(answer.stdout))
    first, warm = zip(*pairs, strict=True)
    return Timing(case, CASES[case].title, first, warm, CASES[case].peer)


def shown(figures: Sequence[float]) -> str:
    """Median, and least to greatest."""
    return f"{statistics.median(figures):.2f} ({min(figures):.2f}-{max(figures):.2f})"


def table(timings: Sequence[Timing]) -> str:
    """The timings as a Markdown table, with the sources of the peers' figures below."""
    lines = [
        "| derivation | first call, s | warm, s | peer, s | peer/ours | goal |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for timing in timings:
        peer = ["", "", ""]
        if timing.peer is not None:
            met = "met" if timing.meets_goal else "missed"
            peer = [f"{timing.peer.seconds:.1f}", f"{timing.ratio:.0f}", met]
        lines.append(
            f"| {' | '.join([timing.title, shown(timing.first), shown(timing.warm), *peer])} |"
        )
    sources = [timing.peer.source for timing in timings if timing.peer is not None]
    return "\n".join([*lines, "", f"Goal: under {GOAL:.0%} of the peer's time.", *sources])


def record(timings: Sequence[Timing]) -> str:
    """The timings as JSON."""
    return json.dumps(
        [
            {
                **asdict(timing),
                "first_median": statistics.median(timing.first),
                "warm_median": statistics.median(timing.warm),
                "ratio": timing.ratio,
                "meets_goal": timing.meets_goal,
            }
            for timing in timings
        ],
        indent=2,
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--json", action="store_true", help="print a record instead of a table")
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    parser.add_argument("--case", action="append", choices=list(CASES), help="only this one")
    parser.add_argument("--once", choices=list(CASES), help="time one case in this process")
    options = parser.parse_args()
    if options.once:
        first = seconds(CASES[options.once])
        clear_caches()
        print(json.dumps([first, seconds(CASES[options.once])]))
        return
    timings = [measured(case, options.repetitions) for case in options.case or CASES]
    print(record(timings) if options.json else table(timings))


if __name__ == "__main__":
    main()
