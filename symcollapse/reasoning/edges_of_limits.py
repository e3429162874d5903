"""Statements about a limit at the edges of their scope: letters at the ends of their ranges, and on allowed borders."""

from collections.abc import Iterator
from dataclasses import replace

from sympy import Basic, Expr, Ge, Le, Symbol

from symcollapse.language.domains import Domain, EmptyDomain
from symcollapse.reasoning.asymptotic_steps import Leading
from symcollapse.reasoning.checking import judge
from symcollapse.reasoning.verdicts import Refuted, Supported, Verdict


def judge_limit_at_edges(by: Leading, before: Expr, after: Expr, domain: Domain) -> Verdict | None:
    """Verdict with one letter after the other on an edge; None where there are no edges.

    Example
    -------
    >>> from sympy import oo
    >>> from symcollapse.language.domains import Range
    >>> from symcollapse.language.symbols import power, samples
    >>> from symcollapse.reasoning.asymptotic_steps import Towards
    >>> scope = Domain({power: Range(0, 1)})
    >>> leading = Leading(Towards(samples, oo))
    >>> verdict = judge_limit_at_edges(leading, samples + samples**power, samples, scope)
    >>> verdict.why[:26]
    'at p = 1: the ratio is off'
    """
    tried = 0
    for letter, value in _edges(domain):
        rule: dict[Basic, Basic] = {letter: value}
        conditions = [condition.xreplace(rule) for condition in domain.conditions]
        if any(condition == False for condition in conditions):  # noqa: E712 -- SymPy's false
            continue
        ranges = {known: each for known, each in domain.ranges.items() if known != letter}
        left = tuple(each for each in conditions if each != True)  # noqa: E712 -- SymPy's true
        following = tuple((name, each.xreplace(rule)) for name, each in by.towards.following)
        pinned = replace(by, towards=replace(by.towards, following=following))
        scope = replace(domain, ranges=ranges, conditions=left)
        try:
            verdict = judge(pinned, before.xreplace(rule), after.xreplace(rule), scope)
        except EmptyDomain:
            continue
        if isinstance(verdict, Refuted):
            return Refuted(f"at {letter} = {value}: {verdict.why}")
        tried += isinstance(verdict, Supported)
    return Supported(f"holds on {tried} edges of the scope as well") if tried else None


def _edges(domain: Domain) -> Iterator[tuple[Symbol, Expr]]:
    for letter, interval in domain.ranges.items():
        if not interval.whole:
            yield letter, interval.low
            yield letter, interval.high
    for condition in domain.conditions:
        if isinstance(condition, Ge | Le) and condition.lhs in domain.ranges:
            yield condition.lhs, condition.rhs
