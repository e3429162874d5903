"""Traces that a nonlinear core of a Dyson equation defines together, where no effective ridges take their place.

The unknowns are the traces u_i of blocks of M themselves, and the equations are u_i = F_i(u), with F_i(u) the trace of
that block of (Λ − 𝒮[u])⁻¹. Such equations have many roots. The one that is meant is connected to no randomness: with
√t·Ξ in place of Ξ, every u inside M comes with a factor t,

    u(t) = F(t·u(t)),    u(0) = F(0),

and the root is u(1) on this path. Inverses of inverses lead here, as (I + R²)⁻¹ with a resolvent R.

Reference: the axiom is section "The one axiom" of the theory; matrix Dyson equation, erdos2019 in
`language.references`.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, ClassVar, Self

from sympy import Add, Basic, Expr, Integer, Symbol, Tuple

from symcollapse.language.coupled_ridges import CoupledSystem, CoupledUnknown
from symcollapse.language.errors import InvalidProblem
from symcollapse.language.exactness import exact
from symcollapse.language.symbols import real_symbol


class TraceSystem(CoupledSystem):
    """Equations u_i = F_i(u₁, …, u_n) for real unknowns; the root is that on the path from u = F(0).

    The unknowns are bound, as s is in a trace.

    Parameters
    ----------
    unknowns
        A symbol for each trace; its name is what the trace prints as.
    traces
        As many functions F_i of the unknowns.

    Example
    -------
    >>> from symcollapse.language.symbols import real_symbol, ridge
    >>> tau = real_symbol("tau")
    >>> system = TraceSystem([tau], [1 / (ridge + tau)])
    >>> system.equations
    (tau - 1/(lambda + tau),)
    """

    are_positive: ClassVar[bool] = False

    def __new__(cls, unknowns: Iterable[Symbol], traces: Iterable[Any]) -> Self:
        letters = Tuple(*unknowns)
        values = Tuple(*(exact(trace) for trace in traces))
        if not letters or len(set(letters)) < len(letters) or len(letters) != len(values):
            raise InvalidProblem(
                f"{len(values)} traces for the unknowns {letters}: give one for each"
            )
        return Basic.__new__(cls, letters, values)

    @property
    def traces(self) -> tuple[Expr, ...]:
        """The right-hand sides F_i."""
        return tuple(self.args[1])

    @property
    def equations(self) -> tuple[Expr, ...]:
        """What vanishes: u_i − F_i."""
        pairs = zip(self.unknowns, self.traces, strict=True)
        return tuple(unknown - trace for unknown, trace in pairs)

    @property
    def conditions(self) -> tuple[Expr, ...]:
        """None: what tells the root is the path."""
        return ()

    @property
    def is_linear(self) -> bool:
        """Whether the equations are linear in the unknowns, so that they have one root."""
        unknowns = set(self.unknowns)
        return not any(entry.free_symbols & unknowns for row in self.jacobian() for entry in row)

    def ridges(self) -> tuple[CoupledUnknown, ...]:
        """The solution.

        Example
        -------
        >>> from symcollapse.language.symbols import real_symbol, ridge
        >>> tau = real_symbol("tau")
        >>> TraceSystem([tau], [1 / (ridge + tau)]).ridges()
        (tau,)
        """
        return tuple(CoupledTrace(self, position) for position in range(len(self.unknowns)))


class CoupledTrace(CoupledUnknown):
    """One of the traces that a system of equations defines; real.

    Its derivatives are coupled traces again, of the linear system u' = F_u·u' + ∂F/∂p; written out, they would be
    determinants of as many rows as there are traces.

    Example
    -------
    >>> from symcollapse.language.symbols import real_symbol, ridge
    >>> tau = real_symbol("tau")
    >>> node = CoupledTrace(TraceSystem([tau], [1 / (ridge + tau)]), 0)
    >>> node.is_extended_real, node.is_extended_nonnegative
    (True, None)
    >>> node.diff(ridge)
    tau_lambda
    >>> node.diff(ridge).system.traces
    (-tau_lambda/(lambda + tau)**2 - 1/(lambda + tau)**2,)
    """

    def _eval_derivative(self, symbol: Symbol) -> Expr:
        system = self.system
        if symbol not in system.free_symbols:
            return Integer(0)
        assert isinstance(system, TraceSystem)
        return _moved(system, symbol).ridges()[self.position]

    def _eval_is_extended_nonnegative(self) -> bool | None:
        return None


@lru_cache(maxsize=4096)
def _moved(system: TraceSystem, symbol: Symbol) -> TraceSystem:
    """The linear equations of the derivatives with respect to a parameter."""
    speeds = [real_symbol(f"{unknown.name}_{symbol.name}") for unknown in system.unknowns]
    meanings = dict(zip(system.unknowns, system.ridges(), strict=True))
    moved = []
    for trace in system.traces:
        slopes = (trace.diff(unknown).xreplace(meanings) for unknown in system.unknowns)
        terms = (slope * speed for slope, speed in zip(slopes, speeds, strict=True))
        moved.append(Add(trace.diff(symbol).xreplace(meanings), *terms))
    return TraceSystem(speeds, moved)
