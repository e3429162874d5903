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
from typing import Any

from sympy import (
    Add,
    Expr,
    Integer,
    Mul,
    Poly,
    Symbol,
    fraction,
)

from symcollapse.equivalents.core_equations import CoreEquation, SolvedCore, by_traces
from symcollapse.equivalents.families import Family
from symcollapse.equivalents.rational_functions import factored, is_negative
from symcollapse.language.coupled_ridges import CoupledSystem
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.errors import NotSupported
from symcollapse.language.quantities import DegreesOfFreedom, Quantity
from symcollapse.language.spectra import IsotropicSpectrum
from symcollapse.language.symbols import nonnegative_symbol, placeholder

MOST_TRACES = 12
"""Unknown traces of a core, two for each data set; eliminating more takes minutes."""

MOST_OPERATIONS = 600
"""Operations in the equations of a core at which its elimination is given up; there they grow from step to step."""

GROWTH = 2.5
"""Operations in what effective ridges need, conditions and values included, over those in the equations, at most."""


class _NoRidges(Exception):
    """Effective ridges do not take the place of the traces of a core."""


def solve_core(equations: Sequence[CoreEquation]) -> SolvedCore:
    """Reduce a core to effective ridges; where that does not succeed, keep its traces as coupled unknowns.

    Raises
    ------
    NotSupported
        If the core has no admissible solution.
    """
    if len(equations) <= MOST_TRACES:
        try:
            return _Core(equations).solved()
        except _NoRidges:
            pass
    return by_traces(equations)


class _Core:
    """A polynomial system, while it is being reduced."""

    def __init__(self, equations: Sequence[CoreEquation]) -> None:
        self.equations = tuple(equations)
        self.unknowns = [equation.unknown for equation in equations]
        self.ratios: dict[Expr, Symbol] = {}
        self.traces: dict[Expr, Symbol] = {}
        self.relations: list[Expr] = []
        for equation in equations:
            self.relations.append(_numerator(equation.unknown - self._trace(equation)))
        for ratio, symbol in self.ratios.items():
            self.relations.append(_numerator(symbol - ratio))

    @property
    def operations(self) -> int:
        """Operations in the equations for the traces."""
        return sum(int(equation.summand.count_ops()) for equation in self.equations)

    def _trace(self, equation: CoreEquation) -> Expr:
        """The trace of a summand, by effective ridges and traces under a letter."""
        family = equation.family
        if equation.is_sample_side and not equation.summand.has_free(*family.symbols):
            return family.space * equation.summand
        numerator, denominator = fraction(factored(equation.summand))
        below = Poly(denominator, *family.symbols)
        # Λ and 𝒮 apart, also where they stand at the same power: their ratio is the effective ridge.
        split = self._split(below, family)
        known = [(shape, part) for shape, part, _ in split if part != 0]
        moved = [(shape, part) for shape, _, part in reversed(split) if part != 0]
        base = (known or moved)[0][1]
        total: Expr = Integer(0)
        scaled = Add(*(shape * factored(part / base) for shape, part in known))
        for shape, part in moved:
            scaled += shape / self._ratio(factored(base / part)) if part != base else shape
        for monomial, coefficient in Poly(numerator, *family.symbols).terms():
            shape = _monomial(family, monomial)
            total += coefficient / base * self._quotient(shape, scaled, family)
        return total

    def _quotient(self, shape: Expr, scaled: Expr, family: Family) -> Expr:
        """Trace of a monomial over the scaled denominator, as letters."""
        alone, rest = scaled.as_independent(*family.symbols, as_Add=True)
        if shape == 1 and isinstance(rest, Add):
            # 1/(1 + Σ s_k/κ_k) = 1 − Σ (s_k/κ_k)/(1 + …): one trace less.
            parts = [self._quotient_of(term, scaled, family) for term in rest.args]
            return (family.space - Add(*parts)) / alone
        return self._named(shape / scaled, family)

    def _quotient_of(self, term: Expr, scaled: Expr, family: Family) -> Expr:
        weight, shape = term.as_independent(*family.symbols, as_Add=False)
        return weight * self._quotient(shape, scaled, family)

    def _split(self, below: Poly, family: Family) -> list[tuple[Expr, Expr, Expr]]:
        """Each monomial of a denominator with the part of its coefficient that is free of unknowns, and the rest."""
        zero = dict.fromkeys(self.unknowns, Integer(0))
        parts = []
        for monomial, coefficient in sorted(below.terms()):
            known = coefficient.xreplace(zero)
            parts.append((_monomial(family, monomial), known, factored(coefficient - known)))
        return parts

    def _ratio(self, ratio: Expr) -> Symbol:
        if ratio not in self.ratios:
            self.ratios[ratio] = nonnegative_symbol(f"kappa_{len(self.ratios) + 1}")
        return self.ratios[ratio]

    def _named(self, summand: Expr, family: Family) -> Expr:
        """Trace of a function of eigenvalues and effective ridges, as letters."""
        summand = factored(summand)
        ridges = [symbol for symbol in self.ratios.values() if summand.has_free(symbol)]
        variables = [symbol for symbol in family.symbols if summand.has_free(symbol)]
        if not ridges:
            return self._lettered(family.trace(summand))
        if len(ridges) == len(variables) == 1:
            # One kind of trace is enough: that of s/(s + κ), and what polynomial division leaves.
            (kappa,), (variable,) = ridges, variables
            above, below = (Poly(part, variable) for part in fraction(summand))
            if below.degree() == 1 and factored(below.eval(-kappa)) == 0:
                quotient, remainder = above.div(below)
                degrees = self._letter(family.trace(variable / (variable + kappa)))
                rest = remainder.as_expr() / below.LC()
                whole = self._lettered(family.trace(quotient.as_expr()))
                return whole + rest * (family.space - degrees) / kappa
        if len(ridges) == 1 and not variables:
            # Whitened: every direction alike, as if Σ were the identity.
            (kappa,) = ridges
            above, below = (Poly(part, kappa) for part in fraction(summand))
            if below.degree() == 1 and below.eval(-1) == 0 and above.degree() <= 1:
                degrees = self._letter(DegreesOfFreedom(1, kappa, IsotropicSpectrum(family.space)))
                linear, constant = above.nth(1), above.nth(0)
                return (constant + linear * kappa) / below.LC() * degrees
        return self._letter(family.trace(summand))

    def _lettered(self, formula: Expr) -> Expr:
        """A formula with its traces under letters."""
        return formula.xreplace({node: self._letter(node) for node in formula.atoms(Quantity)})

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
            raise _NoRidges(f"{len(left)} equations for {len(ridges)} effective ridges")
        standard = self._standard(left, ridges)
        if standard is not None:
            node, degrees_value = standard
            final: dict[Expr, Expr] = {ridges[0]: node}
            letters = dict.fromkeys(meanings, degrees_value)
            equations: tuple[Expr, ...] = (node.equation(ridges[0]),)
            rule: dict[Expr, Expr] = {}
        else:
            positive = self._positive(found)
            parts = (*left, *positive, *found.values())
            if sum(part.count_ops() for part in parts) > GROWTH * self.operations:
                raise _NoRidges("the equations for traces are shorter")
            equations = tuple(
                _monic(equation, ridges, meanings) for equation in _in_order(left, ridges)
            )
            conditions = tuple(value.xreplace(meanings) for value in positive)
            system = CoupledSystem(ridges, equations, conditions)
            final = dict(zip(ridges, system.ridges(), strict=True))
            letters = _traces_by_ridges(left, meanings)
            rule = {
                parameter: value.xreplace(meanings).xreplace(final)
                for parameter, value in _parameter(left, ridges, meanings).items()
            }
        values = {
            unknown: factored(value.xreplace(letters)).xreplace(meanings).xreplace(final)
            for unknown, value in found.items()
        }
        return SolvedCore(values, tuple(final.values()), equations, ridges, rule)

    def _eliminated(self) -> tuple[dict[Symbol, Expr], list[Expr]]:
        """Values of the unknowns in terms of ridges and letters, and the equations that are left."""
        waiting, left = list(self.relations), set(self.unknowns)
        found: dict[Symbol, Expr] = {}
        while left:
            choice = _linear_in_one(waiting, left)
            if choice is None:
                raise _NoRidges(f"no equation is linear in one of {sorted(map(str, left))}")
            place, unknown, value = choice
            waiting.pop(place)
            left.remove(unknown)
            rule = {unknown: value}
            waiting = [_numerator(equation.xreplace(rule)) for equation in waiting]
            waiting = [equation for equation in waiting if equation != 0]
            if sum(equation.count_ops() for equation in waiting) > MOST_OPERATIONS:
                raise _NoRidges("the equations grow")
            found = {symbol: factored(known.xreplace(rule)) for symbol, known in found.items()}
            found[unknown] = value
        return found, waiting

    def _positive(self, found: Mapping[Symbol, Expr]) -> list[Expr]:
        """What keeps its sign on the way from no randomness to the solution, so that it is positive there.

        A trace that does not vanish for Ξ = 0 never does where the matrices inverted are positive: it is a trace of such
        an inverse. Elsewhere the conditions choose among roots, and the certificate says no more than that they hold.
        """
        conditions: dict[Expr, None] = {}
        for equation in self.equations:
            start = equation.summand.xreplace(dict.fromkeys(self.unknowns, Integer(0)))
            start = start.xreplace({symbol: placeholder("p") for symbol in start.free_symbols})
            sign = 1 if start.is_positive else -1 if start.is_negative else 0
            weight, factors = factored(sign * found[equation.unknown]).as_coeff_mul()
            powers = [factor.as_base_exp() for factor in factors]
            held = [base for base, power in powers if power % 2 and not base.is_Symbol]
            if sign and held:
                conditions[(1 if weight > 0 else -1) * Mul(*held)] = None
        return list(conditions)

    def _standard(
        self, left: Sequence[Expr], ridges: Sequence[Symbol]
    ) -> tuple[EffectiveRidge, Expr] | None:
        """The equation as that of κ(λ, T), with df₁ by that equation."""
        if len(left) != 1 or len(self.traces) != 1:
            return None
        ((trace, letter),) = self.traces.items()
        (kappa,) = ridges
        if not isinstance(trace, DegreesOfFreedom) or trace.ridge != kappa:
            return None
        if Poly(left[0], letter).degree() != 1:
            return None
        slope, rest = Poly(left[0], letter).all_coeffs()
        line = Poly(factored(-rest * kappa / slope), kappa)
        if line.degree() != 1:
            return None
        size, shift = line.all_coeffs()
        ridge = factored(-shift / size)
        if ridge.is_extended_real is False or (ridge.is_extended_nonpositive and ridge != 0):
            raise NotSupported(
                f"ridge = {ridge}: the resolvent has poles inside the spectrum; give a ridge >= 0"
            )
        node = EffectiveRidge(ridge, size, trace.covariance)
        return node, size * (1 - node.ridge / kappa)


def _in_order(left: Sequence[Expr], ridges: Sequence[Symbol]) -> list[Expr]:
    """The equations, each in the place of the ridge that it has alone, where there is one."""

    def place(equation: Expr) -> int:
        held = [n for n, ridge in enumerate(ridges) if equation.has_free(ridge)]
        return held[0] if len(held) == 1 else len(ridges)

    return sorted(left, key=place)


def _monic(equation: Expr, ridges: Sequence[Symbol], meanings: Mapping[Symbol, Expr]) -> Expr:
    """The equation as κ_i − F_i where it is linear in one κ_i, else as a polynomial."""
    held = [ridge for ridge in ridges if equation.has_free(ridge)]
    if len(held) == 1:
        polynomial = Poly(equation, held[0])
        if polynomial.degree() == 1 and not polynomial.LC().free_symbols & set(meanings):
            equation = held[0] + polynomial.TC() / polynomial.LC()
        else:
            powers = (polynomial * (-1 if is_negative(polynomial.LC()) else 1)).terms()
            equation = Add(*(factored(part) * held[0] ** power for (power,), part in powers))
    return equation.xreplace(meanings)


def _parameter(
    left: Sequence[Expr], ridges: Sequence[Symbol], letters: Mapping[Symbol, Expr]
) -> dict[Expr, Expr]:
    """A parameter that the only equation gives by a division by numbers and sizes."""
    if len(left) != 1:
        return {}
    unknown = {*ridges, *letters}
    parameters: list[Any] = sorted(left[0].free_symbols - unknown, key=str)
    for parameter in parameters:
        polynomial = Poly(left[0], parameter)
        if polynomial.degree() == 1 and not polynomial.LC().free_symbols & unknown:
            return {parameter: factored(-polynomial.TC() / polynomial.LC())}
    return {}


def _traces_by_ridges(left: Sequence[Expr], meanings: Mapping[Symbol, Expr]) -> dict[Symbol, Expr]:
    """The letters that the equations give in terms of the ridges, so that results hold no trace for them."""
    found: dict[Symbol, Expr] = {}
    for equation in left:
        held = [letter for letter in meanings if equation.has_free(letter)]
        if len(held) == 1 and Poly(equation, held[0]).degree() == 1:
            slope, rest = Poly(equation, held[0]).all_coeffs()
            found.setdefault(held[0], factored(-rest / slope))
    return found


def _monomial(family: Family, powers: Sequence[int]) -> Expr:
    return Mul(*(symbol**power for symbol, power in zip(family.symbols, powers, strict=True)))


def _numerator(expression: Expr) -> Expr:
    """The numerator, without factors that are a number or one symbol."""
    top = fraction(factored(expression))[0]
    bases = (factor.as_base_exp()[0] for factor in Mul.make_args(top))
    return Mul(*(base for base in bases if not (base.is_Symbol or (base.is_Number and top != 0))))


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
                    (others, equation.count_ops(), place, unknown, factored(-rest / slope))
                )
    if not choices:
        return None
    _, _, place, unknown, value = min(choices, key=lambda choice: choice[:3])
    return place, unknown, value
