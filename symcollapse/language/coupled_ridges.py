"""Effective ridges of several data sets in one resolvent, defined together by a system of equations.

Two systems that resolvents lead to:

- pooled data, (X₁ᵀX₁/T + X₂ᵀX₂/T + λ)⁻¹: κ_i − λ_i − tr(Σ_i(I + Σ₁/κ₁ + Σ₂/κ₂)⁻¹)/T_i = 0, with λ_i = λT/T_i;
- random features of width m: κ(1 − df₁(κ)/m)(1 − df₁(κ)/T) − λ = 0, where m > df₁(κ) and T > df₁(κ).

The right-hand sides F_i(κ) = λ_i + tr(…)/T_i of the first are positive, increasing and scalable, F(ακ) < αF(κ) for
α > 1; so it has at most one positive solution.

Reference: Yates 1995, A framework for uplink power control in cellular radio systems, theorem 1.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Self

from sympy import Add, Basic, Expr, Integer, Matrix, Symbol, Tuple, preorder_traversal

from symcollapse.language.errors import InvalidProblem, NotSupported
from symcollapse.language.exactness import exact
from symcollapse.language.quantities import Quantity
from symcollapse.language.symbols import name_symbol


class CoupledSystem(Basic):
    """Equations E_i(κ₁, …, κ_n) = 0 for positive unknowns, and conditions > 0 that tell the root that is meant.

    The unknowns are bound, as s is in a trace.

    Parameters
    ----------
    unknowns
        A symbol for each effective ridge; its name is what the ridge prints as.
    equations
        As many expressions, which vanish at the solution.
    conditions
        Expressions that are positive at the solution, and at all larger κ.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA
    >>> from symcollapse.language.quantities import DegreesOfFreedom
    >>> from symcollapse.language.symbols import effective, ridge, samples
    >>> left = samples - DegreesOfFreedom(1, effective, SIGMA)
    >>> system = CoupledSystem([effective], [effective * left / samples - ridge], [left])
    >>> effective in system.free_symbols
    False
    """

    if TYPE_CHECKING:
        args: tuple[Any, ...]

    are_positive: ClassVar[bool] = True
    """Whether the unknowns are positive at the solution that is meant."""

    def __new__(
        cls, unknowns: Iterable[Symbol], equations: Iterable[Any], conditions: Iterable[Any] = ()
    ) -> Self:
        letters = Tuple(*unknowns)
        vanishing = Tuple(*(exact(equation) for equation in equations))
        positive = Tuple(*(exact(condition) for condition in conditions))
        if not letters or len(set(letters)) < len(letters) or len(letters) != len(vanishing):
            raise InvalidProblem(
                f"{len(vanishing)} equations for the unknowns {letters}: give one for each"
            )
        for equation in vanishing:
            # One term vanishes only where a ridge is 0 or infinite, which no equation here means.
            if not isinstance(equation, Add) and not equation.has(Add):
                named = ", ".join(str(letter) for letter in letters)
                raise NotSupported(
                    f"the equations of the coupled effective ridges {named} have no solution > 0 at these sizes (one is "
                    f"{str(equation)[:80]} = 0): keep the ridges of this expression > 0"
                )
        if any(condition.is_nonpositive for condition in positive):
            raise NotSupported("these coupled ridges have no admissible root: keep all ridges > 0")
        kept = Tuple(*(condition for condition in positive if not condition.is_number))
        return super().__new__(cls, letters, vanishing, kept)

    @property
    def unknowns(self) -> tuple[Symbol, ...]:
        """The bound symbols."""
        return tuple(self.args[0])

    @property
    def equations(self) -> tuple[Expr, ...]:
        """What vanishes, in the unknowns."""
        return tuple(self.args[1])

    @property
    def conditions(self) -> tuple[Expr, ...]:
        """What is positive, in the unknowns."""
        return tuple(self.args[2])

    @property
    def bound_symbols(self) -> list[Basic]:
        """The unknowns."""
        return list(self.unknowns)

    @property
    def free_symbols(self) -> set[Basic]:
        """Symbols of equations and conditions, without the unknowns."""
        return set(_free_symbols(self))

    def ridges(self) -> "tuple[CoupledUnknown, ...]":
        """The solution.

        Example
        -------
        >>> from symcollapse.language.symbols import effective, ridge
        >>> CoupledSystem([effective], [effective - 2 * ridge]).ridges()
        (kappa,)
        """
        return tuple(CoupledRidge(self, position) for position in range(len(self.unknowns)))

    def jacobian(self) -> tuple[tuple[Expr, ...], ...]:
        """The derivatives ∂E_i/∂κ_k, in the unknowns."""
        return _gradients(self.equations, self.unknowns)

    def condition_gradients(self) -> tuple[tuple[Expr, ...], ...]:
        """The derivatives of the conditions in the unknowns."""
        return _gradients(self.conditions, self.unknowns)

    def _refuse_capture(self, old: Basic, new: Basic) -> None:
        taken = (new.free_symbols - old.free_symbols) & set(self.unknowns)
        if taken and (old.free_symbols & self.free_symbols or self.has(old)):
            raise TypeError(
                f"{old} -> {new}: {taken.pop()} is an unknown of these equations; use another symbol"
            )

    def _xreplace(self, rule: Any) -> tuple[Basic, bool]:
        if self in rule:
            return rule[self], True
        nodes = _nodes(self)
        kept = {
            old: Integer(new) if isinstance(new, int) else new
            for old, new in rule.items()
            if old not in self.unknowns and old in nodes
        }
        if not kept:
            # A long formula holds a system in many places: it is not walked through in each.
            return self, False
        for old, new in kept.items():
            self._refuse_capture(old, new)
        parts = [part._xreplace(kept) for part in self.args[1:]]
        if not any(changed for _, changed in parts):
            return self, False
        return self.func(self.args[0], *(part for part, _ in parts)), True

    def _eval_subs(self, old: Basic, new: Basic) -> Basic | None:
        if old in self.unknowns:
            return self
        self._refuse_capture(old, new)
        return self.func(self.args[0], *(part._subs(old, new) for part in self.args[1:]))


class CoupledUnknown(Quantity):
    """One of the numbers that a system of equations defines; abstract.

    Its derivatives follow from the implicit function theorem: J·∂κ/∂p = −∂E/∂p.
    """

    def __new__(cls, system: CoupledSystem, position: Any) -> Self:
        place = exact(position)
        if not (place.is_Integer and 0 <= place < len(system.unknowns)):
            raise InvalidProblem(
                f"position = {place}: give 0 … {len(system.unknowns) - 1}, the place among the unknowns"
            )
        return super().__new__(cls, system, place)

    @property
    def system(self) -> CoupledSystem:
        """The equations."""
        system = self.args[0]
        assert isinstance(system, CoupledSystem)
        return system

    @property
    def position(self) -> int:
        """The place among the unknowns, from 0."""
        return int(self.args[1])

    @property
    def free_symbols(self) -> set[Basic]:
        """Those of the system."""
        return self.system.free_symbols

    def _eval_derivative(self, symbol: Symbol) -> Expr:
        return _implicit_derivatives(self.system, symbol)[self.position]

    def _name(self) -> Symbol:
        return name_symbol(self.system.unknowns[self.position].name)

    def _sympystr(self, printer: Any) -> str:
        return printer._print(self._name())

    def _latex(self, printer: Any) -> str:
        return printer._print(self._name())


class CoupledRidge(CoupledUnknown):
    """One of the effective ridges that a system of equations defines; positive.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA
    >>> from symcollapse.language.quantities import DegreesOfFreedom
    >>> from symcollapse.language.symbols import effective, ridge, samples
    >>> equation = effective - ridge - effective * DegreesOfFreedom(1, effective, SIGMA) / samples
    >>> kappa = CoupledRidge(CoupledSystem([effective], [equation]), 0)
    >>> kappa
    kappa
    >>> kappa.diff(ridge)
    1/(1 + kappa*tr(Sigma/(Sigma + kappa)**2)/T - df_1(kappa)/T)
    """

    is_extended_positive = True


def outside_systems(formula: Expr, *kinds: type[Basic]) -> set[Any]:
    """The nodes of some kinds that do not stand inside the equations of a coupled unknown.

    Example
    -------
    >>> from symcollapse.language.symbols import effective, ridge
    >>> (kappa,) = CoupledSystem([effective], [effective - 2 * ridge]).ridges()
    >>> outside_systems(kappa + ridge, CoupledRidge, Symbol) == {kappa, ridge}
    True
    """
    found: set[Any] = set()
    seen: set[Basic] = set()
    stack: list[Basic] = [formula]
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        if isinstance(node, kinds):
            found.add(node)
        if not isinstance(node, CoupledUnknown):
            stack.extend(node.args)
    return found


@lru_cache(maxsize=4096)
def _nodes(system: CoupledSystem) -> frozenset[Basic]:
    """All that can be replaced in a system."""
    return frozenset(preorder_traversal(system))


@lru_cache(maxsize=4096)
def _free_symbols(system: CoupledSystem) -> frozenset[Basic]:
    held = set().union(*(part.free_symbols for part in system.args[1:]))
    return frozenset(held - set(system.unknowns))


@lru_cache(maxsize=4096)
def _gradients(
    expressions: tuple[Expr, ...], unknowns: tuple[Symbol, ...]
) -> tuple[tuple[Expr, ...], ...]:
    return tuple(
        tuple(expression.diff(unknown) for unknown in unknowns) for expression in expressions
    )


@lru_cache(maxsize=4096)
def _implicit_derivatives(system: CoupledSystem, symbol: Symbol) -> tuple[Expr, ...]:
    if symbol not in system.free_symbols:
        return (Integer(0),) * len(system.unknowns)
    jacobian = Matrix(system.jacobian())
    moved = Matrix([-equation.diff(symbol) for equation in system.equations])
    # By cofactors: the matrix is small, and its entries are not to be taken apart.
    determinant = jacobian.det(method="berkowitz")
    solution = jacobian.adjugate(method="berkowitz") * moved
    meanings = dict(zip(system.unknowns, system.ridges(), strict=True))
    return tuple((entry / determinant).xreplace(meanings) for entry in solution)
