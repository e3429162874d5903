"""One point of a curve."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CurvePoint:
    """The test error at one point; inf where it is infinite."""

    total: float
    bias: float
    variance: float
    synthetic: float
    clean: float
    effective_ridge: float
    exact_total: float | None
    """By the exact finite-size law, where one is known."""
    regime: str
