"""The accuracy tables of the README, in small: what doubles and balls promise holds wherever the search looks.

`benchmarks.accuracy` searches the same domain longer and prints the tables.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from flint import ctx

import symcollapse as sc
from benchmarks import accuracy
from benchmarks.accuracy import Stated, balls_table, doubles_table, in_doubles
from benchmarks.accuracy_domain import NAMES, Case, cases, explicit

EXAMPLES = 12

DOUBLES = 1e-13
"""A power law over 300 decades has eigenvalues that hang on ln 10^300 = 690 roundings of 1.1e-16 of its capacity."""


@pytest.fixture(scope="module")
def tallies() -> dict[str, accuracy.Tally]:
    return doubles_table(EXAMPLES)


@pytest.mark.parametrize("name", NAMES)
def test_doubles_are_as_right_as_they_say(tallies: dict[str, accuracy.Tally], name: str) -> None:
    found = tallies[name]
    assert found.broken == []
    assert found.unknown == 0
    assert found.silent > found.checks / 2
    assert found.worst < DOUBLES, found.worst_at


def test_the_bounds_are_of_use(tallies: dict[str, accuracy.Tally]) -> None:
    """A bound that holds because it is enormous would say nothing: half of them are within 1000 times the error."""
    for name, found in tallies.items():
        assert np.median(found.excess) < 1000, name


def test_balls_hold_what_twice_the_precision_finds() -> None:
    for bits, found in balls_table(4, cases(points=1)).items():
        assert found.broken == [], bits
        assert found.decided > 50
        assert found.undecided < found.decided / 10


def plain(case: Case) -> Mapping[str, Sequence[Stated]]:
    """T − df₂ as it is written, by someone who trusts it to a few roundings."""
    found = {name: list(values) for name, values in in_doubles(case).items()}
    for place, (_, samples) in enumerate(case.points):
        kappa = found["κ"][place]
        assert not isinstance(kappa, str)
        s = np.array([float(x) for x in case.spectrum.eigenvalues])  # type: ignore[attr-defined]
        found["T − df₂"][place] = samples - float(np.sum((s / (s + kappa[0])) ** 2)), 1e-14
    return found


def truncated(case: Case) -> Mapping[str, Sequence[Stated]]:
    """The first thousand eigenvalues of a long power law for all of them."""
    assert isinstance(case.spectrum, sc.PowerLawSpectrum)
    first = sc.PowerLawSpectrum(1000, *case.spectrum.args[1:])
    return in_doubles(Case(first, case.target, case.generators, case.points))


def test_the_search_catches_a_difference_that_cancels(monkeypatch: pytest.MonkeyPatch) -> None:
    # The plain evaluator reads the eigenvalues, so they are given one by one.
    monkeypatch.setattr(accuracy, "hard_cases", list)
    found = doubles_table(12, plain, cases(kinds=explicit))
    assert found["T − df₂"].broken
    assert found["κ"].broken == []


def test_the_search_catches_a_tail_that_is_left_out() -> None:
    law = sc.PowerLawSpectrum(10**6, "3/2")
    case = Case(law, sc.SourceTarget("1/2"), ((900, 0.1), (900, 0.1)), ((1e-3, 500.0),))
    found = {name: accuracy.Tally() for name in NAMES}
    accuracy.tally(case, truncated, found)
    assert all(found[name].broken for name in ("κ", "df₁", "total"))


def test_a_ball_without_its_radius_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = accuracy.balls

    def bare(case: Case, place: int, bits: int) -> dict[str, Any]:
        with ctx.workprec(bits):
            return {name: ball.mid() for name, ball in honest(case, place, bits).items()}

    monkeypatch.setattr(accuracy, "balls", bare)
    assert all(found.broken for found in balls_table(1).values())


def test_a_refusal_is_counted_and_the_others_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case(sc.IsotropicSpectrum(10), sc.UniformTarget(1), ((5, 0.1), (5, 0.1)), ((0.1, 20.0),))
    whole = accuracy._compiled

    def refusing(formulas: Sequence[Any], columns: Any) -> Any:
        if any(formula == case.formulas["df₁"] for formula in formulas):
            raise sc.NotEvaluable("not this one")
        return whole(formulas, columns)

    monkeypatch.setattr(accuracy, "_compiled", refusing)
    found = {name: accuracy.Tally() for name in NAMES}
    accuracy.tally(case, in_doubles, found)
    assert found["df₁"].refused == {"NotEvaluable": 1}
    assert found["df₂"].silent == 1


def test_the_tables_are_printed(tallies: dict[str, accuracy.Tally]) -> None:
    lines = accuracy.shown_doubles(tallies).splitlines()
    assert [line.split(" | ")[0].strip("| ") for line in lines[2:]] == list(NAMES)
    kept = accuracy.Containment(decided=2, broken=["κ"], digits=[0.5])
    assert accuracy.shown_balls({64: kept}).splitlines()[-1] == "| 64 | 2 | 1 | 0 | 50% |"
