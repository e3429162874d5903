"""Best mixing weights and budgets as ``symcollapse optimum --tune`` prints them, with what is proven."""

import json
import sys
from dataclasses import dataclass
from typing import Any

import click

from symcollapse.evaluation import Evaluated
from symcollapse.interfaces.tables import csv_text, show_table
from symcollapse.language.problems import Problem
from symcollapse.optima.choices import Choice
from symcollapse.optima.mixing_schedule import optimal_real_weights
from symcollapse.optima.mixing_weight import optimal_real_weight
from symcollapse.optima.sample_budget import optimal_samples
from symcollapse.optima.weighted_errors import is_student_mixed

COLUMNS = ("setting", "total", "price", "excess_percent")
"""What is printed of a setting, beside its name."""


@dataclass(frozen=True)
class TunedSettings:
    """A tuned setting, in the form that every key prints."""

    key: str
    digits: int
    choices: tuple[Choice, ...]
    """The best one first."""
    details: dict[str, Any]
    """What else is known, by name: texts, or lists of them."""
    certificate: str
    is_global: bool


def tuned_settings(problem: Problem, key: str, digits: int, budget: int | None) -> TunedSettings:
    """Tune one setting of a problem.

    Example
    -------
    >>> from symcollapse.language.problems import Generation
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> chain = (Generation(600, noise=1), Generation(600, noise=3))
    >>> problem = Problem(IsotropicSpectrum(300), UniformTarget(1), chain)
    >>> tuned_settings(problem, "samples", 10, 1002).choices[0].setting
    '401 601'
    """
    if key == "real_weight":
        one = optimal_real_weight(problem, digits)
        anywhere = () if one.anywhere is None else (one.anywhere,)
        place = "downstream" if is_student_mixed(problem) else "generations"
        details: dict[str, Any] = {
            "tuned": f"{place}.real_weight",
            "bracket": list(one.bracket),
            "degree": str(one.degree),
            "higher_local_minima": str(one.local_minima),
        }
        choices: tuple[Choice, ...] = (one.best, *one.others, *anywhere)
        return TunedSettings(key, digits, choices, details, one.certificate, is_global=True)
    if key == "real_weights":
        many = optimal_real_weights(problem, digits)
        details = {
            "weights": list(many.weights),
            "brackets": [" … ".join(each) for each in many.brackets],
            "closed_form": None
            if many.closed_form is None
            else [str(each) for each in many.closed_form],
        }
        choices = (many.best, *many.others)
        return TunedSettings(key, digits, choices, details, many.certificate, many.is_global)
    if budget is None:
        raise click.UsageError("--tune samples: give the samples in all, as --budget 10000")
    split = optimal_samples(problem, budget, digits)
    details = {
        "samples": [str(each) for each in split.samples],
        "over_real_numbers": None
        if split.in_reals is None
        else [str(each.evalf(digits)) for each in split.in_reals],
        "law": split.law,
    }
    choices = (split.best, *split.others)
    return TunedSettings(key, digits, choices, details, split.certificate, split.is_global)


def show_settings(found: TunedSettings, form: str, *, certified: bool) -> None:
    """Print tuned settings as a table, JSON or CSV."""
    if form == "json":
        click.echo(
            json.dumps(settings_record(found, certified=certified), indent=2, ensure_ascii=False)
        )
        return
    headers = list(COLUMNS)
    if certified:
        headers += ["total_radius", "price_radius", "excess_percent_radius"]
    rows = [[each.name, *_cells(each, certified=certified)] for each in found.choices]
    if form == "csv":
        sys.stdout.write(csv_text(["name", *headers], rows))
        return
    shown = {"total": "test error", "excess_percent": "excess, %"}
    show_table(["", *(shown.get(name, name.replace("_", " ")) for name in headers)], rows)
    click.echo()
    details = [
        [name.replace("_", " "), ", ".join(value) if isinstance(value, list) else value]
        for name, value in found.details.items()
        if value is not None
    ]
    show_table([f"best {found.key}", ""], [*details, ["proven", found.certificate]])


def settings_record(found: TunedSettings, *, certified: bool) -> dict[str, Any]:
    """The numbers as JSON has them.

    Example
    -------
    >>> one = Evaluated("1", "0", 3)
    >>> best = Choice("best", "0.5", one, one, Evaluated("0", "0", 3))
    >>> found = TunedSettings("real_weight", 3, (best,), {}, "proven", True)
    >>> settings_record(found, certified=False)["settings"][0]["total"]
    '1'
    """
    settings = []
    for each in found.choices:
        record: dict[str, Any] = {"name": each.name, "setting": each.setting}
        numbers = _numbers(each)
        record |= {name: value.text for name, value in numbers.items()}
        if certified:
            record["radius"] = {name: value.radius for name, value in numbers.items()}
        settings.append(record)
    return {
        "tune": found.key,
        "best": found.choices[0].setting,
        "settings": settings,
        **found.details,
        "digits": found.digits,
        "is_global": found.is_global,
        "certificate": found.certificate,
    }


def _numbers(each: Choice) -> dict[str, Evaluated]:
    return {"total": each.total, "price": each.price, "excess_percent": each.excess}


def _cells(each: Choice, *, certified: bool) -> list[str]:
    numbers = _numbers(each).values()
    texts = [each.setting, *(value.text for value in numbers)]
    return [*texts, *(value.radius for value in numbers)] if certified else texts
