"""The benchmarks derive what they say they time; no test looks at the clock."""

import json

import pytest
from sympy import Trace

import benchmarks.derivations as benchmark
import symcollapse as sc
from symcollapse.language.symbols import name_symbol


@pytest.mark.parametrize("name", benchmark.CASES)
def test_a_case_derives_to_closed_form(name: str) -> None:
    formula = sc.deterministic_equivalent(benchmark.CASES[name].expression()).formula
    assert benchmark.unknowns(formula) == set()
    assert not formula.has(Trace)
    assert formula.has(sc.DegreesOfFreedom, sc.SpectralTrace)


def test_an_unknown_trace_is_noticed() -> None:
    unknown = name_symbol("tau_11_X")
    assert benchmark.unknowns(unknown * sc.ridge) == {"tau_11_X"}


def test_the_goal_is_a_quarter_of_the_peer() -> None:
    peer = benchmark.Peer(10.0, "another program")
    fast = benchmark.Timing("case", "a case", (1.0, 2.0, 3.0), (1.0,), peer)
    assert fast.ratio == 5
    assert fast.meets_goal
    slow = benchmark.Timing("case", "a case", (2.5,), (1.0,), peer)
    assert slow.meets_goal is False
    alone = benchmark.Timing("case", "a case", (2.5,), (1.0,), None)
    assert alone.ratio is None
    lines = benchmark.table([fast, slow, alone]).splitlines()
    assert [line.split(" | ")[-1] for line in lines[2:5]] == ["met |", "missed |", " |"]
    assert [entry["meets_goal"] for entry in json.loads(benchmark.record([fast, alone]))] == [
        True,
        None,
    ]
