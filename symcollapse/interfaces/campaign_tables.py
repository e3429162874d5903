"""What a campaign has found, as a table, JSON, CSV or Markdown."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from symcollapse.interfaces.result_files import as_csv, as_json
from symcollapse.interfaces.tables import plain_table
from symcollapse.verification.campaign_results import Campaign, CampaignResult

HEADERS = ("problem", "verdict", "measured", "trials", "predicted", "margin", "risk", "reason")
"""Columns for people."""


def record_of(result: CampaignResult) -> dict[str, Any]:
    """A result as JSON and CSV have it; numbers that do not exist are None.

    The mean, its error and the trials are those of the verdict: what was drawn beyond, is in ``kept``.
    """
    stored, agreement, exact = result.problem, result.agreement, result.exact_agreement
    return {
        "problem": stored.name,
        "digest": stored.digest,
        "seed": stored.seed,
        "verdict": result.verdict,
        "decided": result.is_decided,
        "mean": agreement.mean if agreement else None,
        "standard_error": _finite(agreement.standard_error) if agreement else None,
        "trials": agreement.trials if agreement else 0,
        "predicted": _finite(stored.prediction),
        "margin": stored.margin,
        "risk": stored.risk,
        "ratio_low": _finite(agreement.ratio_low) if agreement else None,
        "ratio_high": _finite(agreement.ratio_high) if agreement else None,
        "exact_predicted": _finite(stored.exact_prediction),
        "exact_verdict": exact.verdict if exact else None,
        "exact_trials": exact.trials if exact else None,
        "kept": len(result.draws),
        "seconds": result.seconds,
        "versions": stored.versions,
        "reason": result.reason,
    }


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None


def _cells(campaign: Campaign) -> list[list[str]]:
    rows = []
    for result in campaign.results:
        agreement, stored = result.agreement, result.problem
        measured = f"{agreement.mean:.6g} ± {agreement.standard_error:.2g}" if agreement else ""
        rows.append(
            [
                stored.name,
                result.verdict,
                measured,
                str(agreement.trials if agreement else 0),
                f"{stored.prediction:.6g}",
                f"{stored.margin:.3g}",
                f"{stored.risk:g}",
                result.reason,
            ]
        )
    return rows


def as_table(campaign: Campaign) -> str:
    """Columns side by side, and a count below."""
    return plain_table(HEADERS, _cells(campaign)) + _counted(campaign) + "\n"


def as_markdown(campaign: Campaign) -> str:
    """A table of Markdown, and a count below."""
    lines = [list(HEADERS), ["---"] * len(HEADERS), *_cells(campaign)]
    shown = [
        f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines
    ]
    return "\n".join([*shown, "", _counted(campaign), ""])


def _counted(campaign: Campaign) -> str:
    verdicts = [result.verdict for result in campaign.results]
    parts = [
        f"{verdicts.count(verdict)} {verdict}" for verdict in ("shown", "refuted", "cannot tell")
    ]
    drawn = sum(len(result.draws) for result in campaign.results)
    return f"{len(verdicts)} problems: {', '.join(parts)}; {drawn} trials kept"


WRITERS: Mapping[str, Callable[[Campaign], str]] = {
    "table": as_table,
    "json": lambda campaign: as_json([record_of(result) for result in campaign.results]),
    "csv": lambda campaign: (
        as_csv([record_of(result) for result in campaign.results]) if campaign.results else ""
    ),
    "markdown": as_markdown,
}
"""Formats, by name."""
