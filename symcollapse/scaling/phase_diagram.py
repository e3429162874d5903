"""Phase diagrams: which term of the test error decides over two exponents, in exact regions.

Two kinds. With ℓ on an axis, or given, a region is where one term decays most slowly. With ℓ free, the best ℓ is
taken, and a region is where one formula gives the exponent at the best ℓ.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import groupby, pairwise
from typing import Any

from sympy import And, Expr, Ge, Rational, Symbol, nan, oo
from sympy.logic.boolalg import Boolean, false

from symcollapse.language import symbols
from symcollapse.language.abbreviations import Abbreviation
from symcollapse.language.errors import InvalidProblem
from symcollapse.language.exactness import exact
from symcollapse.language.problems import Problem
from symcollapse.scaling.phase_landscapes import Choice, Landscape, Letters, Province
from symcollapse.scaling.planar_cells import Curve, Edge, Frame, Strip, strips
from symcollapse.scaling.rate_pieces import decays, error_terms
from symcollapse.scaling.rate_scalings import Scaling
from symcollapse.scaling.rates import Rates, error_rates
from symcollapse.scaling.tropical_forms import Form
from symcollapse.theory.test_errors import TestError

LETTERS: Mapping[str, Symbol] = {
    "ridge": symbols.ridge_exponent,
    "generations": symbols.generations_exponent,
    "generation_samples": symbols.generation_samples_exponent,
    "dimension": symbols.dimension_exponent,
    "noise": symbols.noise_exponent,
    "source": symbols.source,
    "capacity": symbols.capacity,
}
"""Exponents that may be an axis, by the fields of a scaling; exponents are linear in all but the last."""

LEAST: Mapping[str, int] = {
    "ridge": 0,
    "dimension": 0,
    "generation_samples": 0,
    "source": 0,
    "capacity": 1,
}
"""Where the range of an axis may begin."""


@dataclass(frozen=True)
class Phase:
    """What a region stands for."""

    part: str
    """bias, variance or synthetic; "best" if ℓ is free; "outside" where the formulas do not hold."""
    terms: tuple[str, ...]
    """The terms that decay so; if ℓ is free, those that decide at the best ℓ."""
    exponent: Expr
    """x in T^-x, in the letters of the axes."""
    is_consistent: bool
    """Whether the error goes to zero."""
    scope: Boolean
    """Order of the levels in which the formula was read off."""


@dataclass(frozen=True)
class Boundary:
    """A piece of a border between two regions."""

    kind: str
    """crossover: two terms exchange dominance; scope: the levels change their order; consistency: the sign of the
    exponent changes; outside: the formulas end."""
    curve: Curve | None
    """None for a line of constant first coordinate."""
    start: Edge
    end: Edge
    heights: tuple[Curve, Curve] | None
    """Where a line of constant first coordinate begins and ends."""


@dataclass(frozen=True)
class BestRidge:
    """The ridge exponents of the fastest decay at one place of the other axis."""

    place: Fraction
    smallest: Fraction
    largest: Fraction | None
    """None if every larger ℓ is as good."""
    exponent: Fraction


@dataclass(frozen=True)
class PhaseDiagram:
    """Regions over two exponents. The first coordinate u is the axis in which curves need not be lines."""

    rates: Rates
    axes: tuple[str, str]
    """Fields of the scaling: u, then v."""
    frame: Frame
    landscape: Landscape
    strips: tuple[Strip[Phase], ...]
    """From left to right, in each slab from bottom to top; exact."""

    @property
    def is_optimised(self) -> bool:
        """Whether the best ℓ is taken at each point."""
        return _has_free_ridge(self.rates.scaling, self.axes)

    @property
    def letters(self) -> tuple[Symbol, Symbol]:
        """The letters of u and v."""
        return LETTERS[self.axes[0]], LETTERS[self.axes[1]]

    def exponent_at(self, u: Any, v: Any) -> Expr | None:
        """The decay exponent at a point with exact coordinates; None where the formulas do not hold."""
        height = self.landscape.height(_fraction(exact(u)), _fraction(exact(v)))
        return None if height is None else Rational(height.numerator, height.denominator)

    def phase_at(self, u: Any, v: Any) -> Phase:
        """The region of a point that lies on no border.

        Raises
        ------
        InvalidProblem
            If it lies on a border, or outside of the frame.
        """
        x, y = _fraction(exact(u)), _fraction(exact(v))
        for strip in self.strips:
            if strip.holds(x, y):
                return strip.label
        raise InvalidProblem(f"({u}, {v}) lies in no region: give a point off the borders")

    @cached_property
    def boundaries(self) -> tuple[Boundary, ...]:
        """The borders between regions."""
        slabs = [list(group) for _, group in groupby(self.strips, lambda strip: strip.start)]
        found: list[Boundary] = []
        for slab in slabs:
            for below, above in pairwise(slab):
                kind = _kind(below.label, above.label)
                found.append(Boundary(kind, above.lower, above.start, above.end, None))
        for left, right in pairwise(slabs):
            found += _upright(left, right)
        return tuple(found)

    def best_ridge_at(self, u: Any) -> BestRidge | None:
        """The best ℓ at one place of the other axis, where ℓ is an axis; also beyond the frame.

        None where the decay speeds up with ℓ for ever, or the formulas hold for no ℓ.
        """
        if self.axes[1] != "ridge":
            return None
        place = _fraction(exact(u))
        roots = (curve.height(place) for curve in self.landscape.curves())
        ridges = sorted({Fraction(0), *(root for root in roots if root is not None and root > 0)})
        heights = [(ridge, self.landscape.height(place, ridge)) for ridge in ridges]
        known = [(ridge, height) for ridge, height in heights if height is not None]
        if not known:
            return None
        best = max(height for _, height in known)
        optimal = [ridge for ridge, height in known if height == best]
        beyond = self.landscape.height(place, ridges[-1] + 1)
        if beyond is not None and beyond > best:
            return None
        return BestRidge(place, optimal[0], None if beyond == best else optimal[-1], best)


def phase_diagram(
    problem: Problem | TestError,
    scaling: Scaling,
    axes: Mapping[str, tuple[Any, Any]],
) -> PhaseDiagram:
    """Regions of a test error's decay over two exponents, with the others numbers.

    Parameters
    ----------
    problem
        A problem, or its test error; it gives the chain.
    scaling
        Numbers, or infinite, or tied to the axes, such as d = T^b with b on an axis; ``ridge`` may be left a symbol:
        then the best ℓ is taken. Where a tied exponent leaves its range, the diagram is outside.
    axes
        Two fields of the scaling, each with the ends of its range.

    Returns
    -------
    diagram
        Exact. Its first coordinate is the capacity if that is an axis; its second one is ℓ if that is an axis.

    Raises
    ------
    InvalidProblem
        If there are not two axes, a range is empty or leaves the exponent's domain, or an exponent has no number.
    NotSupported
        If a border is not linear in either axis, as may happen over β and r with ℓ free; or as ``error_rates`` says.

    Example
    -------
    >>> from symcollapse.language.problem_files import read_problem
    >>> clean = read_problem("power-law", {"generations.0.repeat": "0"})
    >>> scaling = Scaling(
    ...     capacity=2, source="1/2", dimension=oo, generations=0, generation_samples=1
    ... )
    >>> diagram = phase_diagram(clean, scaling, {"noise": (0, 2), "ridge": (0, 3)})
    >>> for strip in diagram.strips[:3]:
    ...     print(strip.label.part, strip.label.exponent, strip.label.scope)
    bias ell ell/2 <= 1
    variance -ell/2 + nu + 1 ell/2 <= 1
    variance nu 1 <= ell/2
    >>> diagram.best_ridge_at(0)
    BestRidge(place=Fraction(0, 1), smallest=Fraction(2, 3), largest=Fraction(2, 3), exponent=Fraction(2, 3))
    """
    names = _ordered(axes)
    frame = Frame(*_range(names[0], axes[names[0]]), *_range(names[1], axes[names[1]]))
    given = scaling.at(**{name: LETTERS[name] for name in names})
    letters = Letters(LETTERS[names[0]], LETTERS[names[1]])
    is_optimised = _has_free_ridge(given, names)
    for name in LETTERS:
        value = getattr(given, name)
        is_free = name == "ridge" and is_optimised
        if not is_free and not value.free_symbols <= {LETTERS[axis] for axis in names}:
            raise InvalidProblem(
                f"{name} = {value}: give a number, or an expression in the letters of the axes"
            )
    rates = error_rates(problem, given)
    provinces = _optimised(rates, letters) if is_optimised else _competing(rates, letters)
    within = And(
        *(Ge(getattr(given, name), least) for name, least in LEAST.items() if name not in names)
    )
    landscape = Landscape(
        tuple(
            replace(province, condition=condition)
            for province in provinces
            if (condition := And(province.condition, within)) != false
        )
    )
    cells = strips(
        landscape.curves(),
        frame,
        lambda u, v: _phase(landscape, u, v),
        landscape.may_matter,
    )
    diagram = PhaseDiagram(rates, names, frame, landscape, cells)
    return _with_terms(diagram) if is_optimised else diagram


HOLDERS: Mapping[str, Symbol] = {
    "ridge": symbols.ridge,
    "generations": symbols.generation_noise,
    "generation_samples": symbols.generation_samples,
    "noise": symbols.noise,
}
"""The letter of a formula that brings in an exponent."""


def exponents_of(error: TestError) -> tuple[str, ...]:
    """The fields of the scaling that a test error depends on.

    Example
    -------
    >>> from symcollapse.language.problem_files import read_problem
    >>> from symcollapse.theory import test_error
    >>> exponents_of(test_error(read_problem("power-law", {"generations.0.repeat": "0"})))
    ('ridge', 'dimension', 'noise', 'source', 'capacity')
    """
    held: set[object] = set()
    for term in error_terms(error):
        held |= term.formula.free_symbols
        for part in term.formula.atoms(Abbreviation):
            held |= part.definition.free_symbols
    return tuple(name for name in LETTERS if HOLDERS.get(name) in (None, *held))


def _has_free_ridge(scaling: Scaling, axes: Sequence[str]) -> bool:
    """Whether ℓ is a letter that is neither an axis nor tied to one."""
    letters = {LETTERS[name] for name in axes}
    return isinstance(scaling.ridge, Symbol) and scaling.ridge not in letters


def _ordered(axes: Mapping[str, Any]) -> tuple[str, str]:
    for name in axes:
        if name not in LETTERS:
            raise InvalidProblem(f"{name}: no axis; give two of {', '.join(LETTERS)}")
    if len(axes) != 2:
        raise InvalidProblem(f"{len(axes)} axes: give two")
    # The capacity is multiplied with everything; ℓ is the one that is tuned.
    first, second = sorted(axes, key=list(LETTERS).index, reverse=True)
    return first, second


def _range(name: str, ends: tuple[Any, Any]) -> tuple[Fraction, Fraction]:
    low, high = (exact(end) for end in ends)
    for end in (low, high):
        if not isinstance(end, Rational) or end is nan:
            raise InvalidProblem(f"{name} = {end}: give a rational number as the end of a range")
    least = LEAST.get(name)
    if least is not None and low < least:
        raise InvalidProblem(f"{name} = {low}: begin the range at {least} or above")
    if low >= high:
        raise InvalidProblem(f"{name} from {low} to {high}: give a range that is not empty")
    return _fraction(low), _fraction(high)


def _competing(rates: Rates, letters: Letters) -> list[Province]:
    """The least of the terms' exponents in each piece."""
    provinces = []
    for piece in rates.pieces:
        owners: dict[Form, list[str]] = {}
        for term, growths in zip(rates.named, piece.piece.growths, strict=True):
            for form in decays(growths or ()):
                owners.setdefault(form, []).append(term.name)
        rows = [
            (rates.space.written(form), tuple(owners[form]))
            for branch in piece.least
            for form in branch.forms
        ]
        if rows:
            provinces.append(Province(piece.scope, Choice.least(rows, letters)))
    return provinces


def _optimised(rates: Rates, letters: Letters) -> list[Province]:
    return [Province(case.condition, Choice.of(case.exponent, letters)) for case in rates.optimum]


def _phase(landscape: Landscape, u: Fraction, v: Fraction) -> Phase:
    found = landscape.at(u, v)
    if found is None:
        return Phase("outside", (), oo, is_consistent=False, scope=false)
    province, choice = found
    part = choice.terms[0].partition(" ")[0] if choice.terms else "best"
    exponent = choice.formula.expand() if choice.terms else choice.formula
    return Phase(part, choice.terms, exponent, landscape.is_positive(u, v), province.condition)


def _with_terms(diagram: PhaseDiagram) -> PhaseDiagram:
    """The same diagram, with the terms that decide at the best ℓ."""
    return replace(diagram, strips=tuple(_named(diagram, strip) for strip in diagram.strips))


def _named(diagram: PhaseDiagram, strip: Strip[Phase]) -> Strip[Phase]:
    if strip.label.part == "outside":
        return strip
    numbers = [Rational(c.numerator, c.denominator) for c in strip.inside()]
    point = dict(zip(diagram.letters, numbers, strict=True))
    case = next(case for case in diagram.rates.optimum if case.condition == strip.label.scope)
    ridge = case.smallest.xreplace(point)
    exponents = dict(zip(diagram.axes, numbers, strict=True))
    terms = diagram.rates.at(ridge=ridge, **exponents).dominating
    return replace(strip, label=replace(strip.label, terms=terms))


def _kind(first: Phase, second: Phase) -> str:
    if "outside" in (first.part, second.part):
        return "outside"
    if first.scope != second.scope:
        return "scope"
    return "consistency" if first.exponent == second.exponent else "crossover"


def _upright(left: list[Strip[Phase]], right: list[Strip[Phase]]) -> Iterator[Boundary]:
    """Borders on the line between two slabs."""
    edge = right[0].start
    for one in left:
        for other in right:
            bottom = max(one.lower, other.lower, key=lambda curve: curve.height_near(edge.near))
            top = min(one.upper, other.upper, key=lambda curve: curve.height_near(edge.near))
            is_open = bottom.height_near(edge.near) < top.height_near(edge.near) - 1e-9
            if is_open and one.label != other.label:
                yield Boundary(_kind(one.label, other.label), None, edge, edge, (bottom, top))


def _fraction(value: Expr) -> Fraction:
    assert isinstance(value, Rational)
    return Fraction(value.p, value.q)
