"""What every test relies on: one thread, reproducible examples, and no arithmetic state left behind."""

import os

# Before NumPy: BLAS reads these once. Small fits on many threads run ten times slower.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

# The order is the point of this file.
from collections.abc import Iterator  # noqa: E402
from typing import Any  # noqa: E402

import flint  # noqa: E402
import mpmath  # noqa: E402
import numpy as np  # noqa: E402
import pytest  # noqa: E402
from hypothesis import HealthCheck, settings  # noqa: E402

# How long a machine takes to draw an example says nothing about the code: shared cores trip that check.
settings.register_profile(
    "gate",
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "search",
    deadline=None,
    max_examples=5000,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "gate"))


def arithmetic_state() -> dict[str, Any]:
    """Precision and error handling that code may set, but must set back."""
    return {
        "flint.ctx.prec": flint.ctx.prec,
        "mpmath.mp.prec": mpmath.mp.prec,
        "numpy.geterr": np.geterr(),
    }


@pytest.fixture(autouse=True)
def unchanged_arithmetic() -> Iterator[None]:
    """Fail a test that leaves a precision or NumPy's error state changed, and set it back."""
    before = arithmetic_state()
    yield
    after = arithmetic_state()
    if after != before:
        flint.ctx.prec = before["flint.ctx.prec"]
        mpmath.mp.prec = before["mpmath.mp.prec"]
        np.seterr(**before["numpy.geterr"])
        changed = [
            f"{key}: {before[key]} -> {after[key]}" for key in before if before[key] != after[key]
        ]
        pytest.fail(f"left changed: {'; '.join(changed)}")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Golden files are rewritten on request; the difference is then read before it is committed."""
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden files")
