"""Cores of a Dyson equation as data, and the form that every one of them has: its traces as coupled unknowns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sympy import Expr, Symbol

from symcollapse.equivalents.families import Family
from symcollapse.language.coupled_traces import TraceSystem
from symcollapse.language.symbols import real_symbol


@dataclass(frozen=True)
class CoreEquation:
    """One equation of a core: unknown = trace of a rational function of eigenvalues."""

    unknown: Symbol
    family: Family
    summand: Expr
    """The block of M, times the covariance on the feature side."""
    is_sample_side: bool = False
    """Whether the trace is over samples, where all directions are alike."""


@dataclass(frozen=True)
class SolvedCore:
    """A core in terms of its effective ridges."""

    values: Mapping[Symbol, Expr]
    """Each unknown trace."""
    ridges: tuple[Expr, ...]
    """The effective ridges."""
    equations: tuple[Expr, ...]
    """The equations that define them, in their own symbols."""
    symbols: tuple[Symbol, ...]
    """The symbols of these equations."""
    rule: Mapping[Expr, Expr] = field(default_factory=dict)
    """A parameter in terms of the ridges, by an equation that is linear in it; empty where results do not need it."""


def by_traces(equations: Sequence[CoreEquation], first: int = 1) -> SolvedCore:
    """The core with its traces as the unknowns of a system in fixed-point form, numbered from the first.

    Example
    -------
    >>> from sympy import Integer
    >>> from symcollapse.language.symbols import name_symbol, ridge
    >>> tau = name_symbol("tau")
    >>> samples = Family(Integer(3), None, {})
    >>> by_traces([CoreEquation(tau, samples, 1 / (ridge + tau))]).values
    {tau: tau_1}
    """
    letters: dict[Expr, Symbol] = {}
    for equation in equations:
        stem = "rho" if equation.is_sample_side else "tau"
        number = sum(letter.name.startswith(stem) for letter in letters.values())
        letters[equation.unknown] = real_symbol(f"{stem}_{first + number}")
    system = TraceSystem(
        letters.values(),
        (equation.family.trace(equation.summand.xreplace(letters)) for equation in equations),
    )
    traces = system.ridges()
    unknowns = (equation.unknown for equation in equations)
    values = dict(zip(unknowns, traces, strict=True))
    return SolvedCore(values, traces, system.equations, system.unknowns)
