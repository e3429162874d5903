"""Nonlinear cores of a Dyson equation, reduced to effective ridges.

A core is a set of traces that need each other. All blocks of M in it are rational in the eigenvalues, with
denominators

    c₀ + c₁·s₁ + c₂·s₂ + …

whose coefficients hold the unknown traces. Each ratio κ_i = c₀/c_i is an *effective ridge*: data set i acts like a
ridge κ_i in units of its covariance. In terms of them every trace over eigenvalues is a known function, the unknown
traces are eliminated one by one from what is then a polynomial system, and one equation for each κ_i remains. With
one data set it is the equation κ − λ = κ df₁(κ)/T, whatever pencil it came from; otherwise the κ_i are a coupled
system.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Expr, Integer, Mul, Poly, Symbol, cancel, factor_list, fraction, together

from symcollapse.equivalents.families import Family
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.errors import NotSupported
from symcollapse.language.quantities import DegreesOfFreedom
from symcollapse.language.symbols import nonnegative_symbol, placeholder


@dataclass(frozen=True)
class CoreEquation:
    """One equation of a core: unknown = trace of a rational function of eigenvalues."""

    unknown: Symbol
    family: Family
    summand: Expr
    """The block of M, times the covariance on the feature side."""


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


def solve_core(equations: Sequence[CoreEquation]) -> SolvedCore:
    """Reduce a core to effective ridges.

    Raises
    ------
    NotSupported
        If the core is not of the form described above.
    """
    return _Core(equations).solved()


class _Core:
    """A polynomial system, while it is being reduced."""

    def __init__(self, equations: Sequence[CoreEquation]) -> None:
        self.unknowns = [equation.unknown for equation in equations]
        self.ratios: dict[Expr, Symbol] = {}
        self.traces: dict[Expr, Symbol] = {}
        self.relations: list[Expr] = []
        for equation in equations:
            self.relations.append(_numerator(equation.unknown - self._trace(equation)))
        for ratio, symbol in self.ratios.items():
            self.relations.append(_numerator(symbol - ratio))

    def _trace(self, equation: CoreEquation) -> Expr:
        """The trace of a summand, by effective ridges and traces under a letter."""
        family = equation.family
        if not family.symbols:
            return family.trace(equation.summand)
        numerator, denominator = fraction(cancel(together(equation.summand)))
        below = Poly(denominator, *family.symbols)
        base = self._base(below)
        total: Expr = Integer(0)
        scaled = Integer(0)
        for monomial, coefficient in below.terms():
            shape = _monomial(family, monomial)
            if self._is_known(cancel(coefficient / base)):
                scaled += shape * cancel(coefficient / base)
            else:
                scaled += shape / self._ratio(cancel(base / coefficient))
        for monomial, coefficient in Poly(numerator, *family.symbols).terms():
            shape = _monomial(family, monomial)
            total += coefficient / base * self._named(shape / scaled, family)
        return total

    def _base(self, below: Poly) -> Expr:
        """The coefficient that the others are compared with: one without unknowns, if there is one."""
        known = [c for _, c in sorted(below.terms()) if self._is_known(c)]
        return known[0] if known else min(below.terms())[1]

    def _is_known(self, coefficient: Expr) -> bool:
        return not coefficient.free_symbols & set(self.unknowns)

    def _ratio(self, ratio: Expr) -> Symbol:
        if ratio not in self.ratios:
            self.ratios[ratio] = nonnegative_symbol(f"kappa_{len(self.ratios) + 1}")
        return self.ratios[ratio]

    def _named(self, summand: Expr, family: Family) -> Expr:
        """Trace of a function of eigenvalues and effective ridges, as letters."""
        summand = cancel(together(summand))
        ridges = [symbol for symbol in self.ratios.values() if summand.has_free(symbol)]
        variables = [symbol for symbol in family.symbols if summand.has_free(symbol)]
        if not ridges:
            return family.trace(summand)
        if len(ridges) == len(variables) == 1:
            # One kind of trace is enough: that of s/(s + κ), and what polynomial division leaves.
            (kappa,), (variable,) = ridges, variables
            above, below = (Poly(part, variable) for part in fraction(summand))
            if below.degree() == 1 and cancel(below.eval(-kappa)) == 0:
                quotient, remainder = above.div(below)
                degrees = self._letter(family.trace(variable / (variable + kappa)))
                rest = remainder.as_expr() / below.LC()
                return family.trace(quotient.as_expr()) + rest * (family.space - degrees) / kappa
        return self._letter(family.trace(summand))

    def _letter(self, trace: Expr) -> Expr:
        if trace not in self.traces:
            self.traces[trace] = placeholder(f"D_{len(self.traces)}")
        return self.traces[trace]

    def solved(self) -> SolvedCore:
        """Eliminate, and recognise what is left."""
        found, left = self._eliminated()
        meanings = {letter: trace for trace, letter in self.traces.items()}
        ridges = tuple(self.ratios.values())
        if len(left) != len(ridges):
            raise NotSupported(
                f"{len(left)} equations for {len(ridges)} effective ridges: this nonlinear core is not supported"
            )
        standard = self._standard(left, ridges)
        if standard is not None:
            node, degrees_value = standard
            final = {ridges[0]: node}
            letters = dict.fromkeys(meanings, degrees_value)
            equations: tuple[Expr, ...] = (node.equation(ridges[0]),)
        else:
            raise NotSupported("coupled effective ridges are not supported")
        values = {
            unknown: cancel(together(value.xreplace(letters))).xreplace(meanings).xreplace(final)
            for unknown, value in found.items()
        }
        return SolvedCore(values, tuple(final.values()), equations, ridges)

    def _eliminated(self) -> tuple[dict[Symbol, Expr], list[Expr]]:
        """Values of the unknowns in terms of ridges and letters, and the equations that are left."""
        waiting, left = list(self.relations), set(self.unknowns)
        found: dict[Symbol, Expr] = {}
        while left:
            choice = _linear_in_one(waiting, left)
            if choice is None:
                raise NotSupported(
                    f"the traces {sorted(map(str, left))} cannot be eliminated: this nonlinear core is not supported"
                )
            place, unknown, value = choice
            waiting.pop(place)
            left.remove(unknown)
            rule = {unknown: value}
            waiting = [_numerator(equation.xreplace(rule)) for equation in waiting]
            waiting = [equation for equation in waiting if equation != 0]
            found = {
                symbol: cancel(together(known.xreplace(rule))) for symbol, known in found.items()
            }
            found[unknown] = value
        return found, waiting

    def _standard(
        self, left: Sequence[Expr], ridges: Sequence[Symbol]
    ) -> tuple[EffectiveRidge, Expr] | None:
        """The equation as that of κ(λ, T), with df₁ by that equation."""
        if len(left) != 1 or len(self.traces) != 1:
            return None
        ((trace, letter),) = self.traces.items()
        (kappa,) = ridges
        if not isinstance(trace, DegreesOfFreedom) or Poly(left[0], letter).degree() != 1:
            return None
        slope, rest = Poly(left[0], letter).all_coeffs()
        line = Poly(cancel(-rest * kappa / slope), kappa)
        if line.degree() != 1:
            return None
        size, shift = line.all_coeffs()
        node = EffectiveRidge(cancel(-shift / size), size, trace.covariance)
        return node, size * (1 - node.ridge / kappa)


def _monomial(family: Family, powers: Sequence[int]) -> Expr:
    return Mul(*(symbol**power for symbol, power in zip(family.symbols, powers, strict=True)))


def _numerator(expression: Expr) -> Expr:
    """The numerator, without factors that are a number or one symbol."""
    top = fraction(cancel(together(expression)))[0]
    _, factors = factor_list(top)
    return Mul(*(factor for factor, _ in factors if not factor.is_Symbol))


def _linear_in_one(
    equations: Sequence[Expr], unknowns: set[Symbol]
) -> tuple[int, Symbol, Expr] | None:
    """The shortest equation that gives one unknown by a division."""
    choices: list[tuple[int, int, int, Any, Expr]] = []
    for place, equation in enumerate(equations):
        for unknown in sorted(equation.free_symbols & unknowns, key=str):
            polynomial = Poly(equation, unknown)
            if polynomial.degree() == 1:
                slope, rest = polynomial.all_coeffs()
                others = len((slope.free_symbols) & unknowns)
                choices.append(
                    (others, equation.count_ops(), place, unknown, cancel(-rest / slope))
                )
    if not choices:
        return None
    _, _, place, unknown, value = min(choices, key=lambda choice: choice[:3])
    return place, unknown, value
