"""How long state evolution takes at d = 10⁵: 300 fresh generations, 200 accumulating ones, and a plain script.

Run it in the repository: ``python benchmarks/state_evolution.py``. The plain script is what one writes for replaced data
by hand: each generation finds κ by bisection and updates bias and noise on all eigenvalues.
"""

import os
import time
from collections.abc import Callable

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

# The order is the point.
import numpy as np  # noqa: E402

import symcollapse as sc  # noqa: E402
from symcollapse.evolution.state_evolution import state_evolution  # noqa: E402

DIMENSION = 10**5
FRESH, ACCUMULATED = 300, 200
SAMPLES, NOISE, RIDGE = 2000, 0.1, 1e-3


def problem(repeat: int, **keys: str) -> sc.Problem:
    """Generations alike over a power law."""
    entry = sc.Generation(SAMPLES, noise="1/10", ridge="1/1000", repeat=repeat, **keys)  # type: ignore[arg-type]
    return sc.Problem(sc.PowerLawSpectrum(DIMENSION, "3/2"), sc.SourceTarget("1/2"), (entry,))


def plain_script() -> float:
    """Test error of replaced data, by hand."""
    s = np.arange(1.0, DIMENSION + 1) ** -1.5
    squares = np.arange(1.0, DIMENSION + 1) ** -1.0
    mean, spread = np.zeros(DIMENSION), np.zeros(DIMENSION)
    for _ in range(FRESH):
        low, high = RIDGE, RIDGE + float(np.sum(s)) / SAMPLES
        kappa = high
        while high > low * (1 + 1e-15):
            kappa = (low + high) / 2
            if kappa in (low, high):
                break
            if kappa - RIDGE < kappa * float(np.sum(s / (s + kappa))) / SAMPLES:
                low = kappa
            else:
                high = kappa
        g = 1 / (s + kappa)
        weights = kappa * g * (mean + 1)
        residual = float(np.sum(s * weights**2 * squares) + np.sum(kappa**2 * s * g**2 * spread))
        noise = (residual + NOISE**2) / (SAMPLES - float(np.sum((s * g) ** 2)))
        mean = s * g * (mean + 1) - 1
        spread = (s * g) ** 2 * spread + s * g**2 * noise
    return float(np.sum(s * (mean**2 * squares + spread)))


def timed(name: str, work: Callable[[], float]) -> None:
    """Print what it gives, and how long it takes."""
    start = time.perf_counter()
    value = work()
    print(f"{name:45s} {time.perf_counter() - start:7.2f} s   error {value:.15g}")


def main() -> None:
    """Time all."""
    print(f"d = {DIMENSION}")
    timed(f"plain script, {FRESH} fresh", plain_script)
    fresh, pooled = problem(FRESH), problem(FRESH, real_weight="1/4", real_samples="100")
    accumulated = problem(ACCUMULATED, data="accumulate")
    timed(f"{FRESH} fresh", lambda: float(state_evolution(fresh).errors[-1]))
    timed(f"{FRESH} fresh, mixed and pooled", lambda: float(state_evolution(pooled).errors[-1]))
    timed(f"{ACCUMULATED} accumulated", lambda: float(state_evolution(accumulated).errors[-1]))


if __name__ == "__main__":
    main()
