"""Structural checks of published statements: cheap, and a slip that one of them finds needs no other explanation.

==================  ================================================================================================
spaces              matrices that are added, multiplied, inverted or traced fit by the names of their sizes
letters             a letter that stands on the right side only does not move it
labels × √t         truth and noises times √t: both sides grow by the same power of t
inputs × √t         Σ and the ridges times t, the truth by 1/√t: likewise
signs               where one side is positive, the other is not negative
limits              as T₀ → ∞, T → ∞ or λ → ∞, both sides vanish, or neither
==================  ================================================================================================

A check compares certified numbers at a few exact points inside the stated scope, so what it refutes is refuted; the
reason is the gain. What passes all of them is not thereby true.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flint import arb, ctx
from sympy import Basic, Expr, Integer, Rational, Symbol

from symcollapse.evaluation.numbers import ball_at
from symcollapse.language import symbols
from symcollapse.language.errors import SymcollapseError
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.random_matrices import GaussianDesign
from symcollapse.language.spectra import IsotropicSpectrum, LevelsSpectrum, Spectrum
from symcollapse.language.targets import LevelsTarget, Target
from symcollapse.reasoning.limit_points import short
from symcollapse.reasoning.matrix_spaces import misfit
from symcollapse.reasoning.published_claims import Statement
from symcollapse.reasoning.relations import Relation
from symcollapse.reasoning.steps import Algebra, Bound
from symcollapse.reasoning.verdicts import Refuted

POINTS = 3
"""Exact points at which both sides are compared."""

BITS = 128
"""Working precision: far more than the twelve digits that a degree is read off with."""

FACTOR = Rational(9, 4)
"""What is scaled is scaled by this: a square, so that noises stay rational."""

NEVER_THE_SAME = 1e-9
"""Degrees that differ by more than this differ; the balls are narrower by many orders."""

FAR = Integer(10) ** 30
"""A size or a ridge that stands for infinity."""

VANISHING = 1e-12
"""Share of a side that counts as gone at 10³⁰: a side that falls like a square root keeps 1e-15."""

LASTING = 1e-3
"""Share of a side that counts as still there."""

_ENTRIES = range(9)
"""Generators that have letters of their own."""

_DEVIATIONS = (
    symbols.noise,
    symbols.real_noise,
    *(symbols.generator_symbols(entry)[1] for entry in _ENTRIES),
)
_RIDGES = (
    symbols.ridge,
    symbols.effective,
    symbols.ridgeless,
    symbols.generator_effective,
    *(symbols.generator_symbols(entry)[2] for entry in _ENTRIES),
)
_UNSCALED = frozenset(
    (
        symbols.dimension,
        symbols.samples,
        symbols.generations,
        symbols.real_samples,
        symbols.real_weight,
        symbols.features,
        symbols.power,
        symbols.order,
        *(symbols.generator_symbols(entry)[0] for entry in _ENTRIES),
        *(symbols.count_symbol(entry) for entry in _ENTRIES),
    )
)

_EXTREMES = (symbols.generation_samples, symbols.samples, symbols.ridge)


@dataclass(frozen=True)
class Scaling:
    """A change of units under which a formula of this field turns into a multiple of itself."""

    name: str
    powers: Mapping[Symbol, Rational]
    """How symbols grow with the factor."""
    covariance: int
    """How Σ does."""
    energies: int
    """How the shares of ‖w₀‖²_Σ do."""

    def applies(self, statement: Statement) -> bool:
        """Whether it is known how everything in both sides scales, and the scope has no unit of its own."""
        held = statement.subject.free_symbols | statement.formula.free_symbols
        if held - _UNSCALED - _SCALED:
            return False
        scope = statement.scope
        conditioned = {symbol for each in scope.conditions for symbol in each.free_symbols}
        fixed = {
            symbol
            for symbol, interval in scope.ranges.items()
            if interval.low == interval.high and interval.low != 0
        }
        if (conditioned | fixed) & set(self.powers):
            return False
        named = _nodes(statement, Spectrum) <= {SIGMA} and _nodes(statement, Target) <= {W0}
        unit = scope.isotropic and symbols.scale not in scope.ranges
        return named and not (self.covariance and unit)

    def scaled(self, point: Mapping[Basic, Any]) -> dict[Basic, Any]:
        """The point in the other units."""
        moved = dict(point)
        for symbol, degree in self.powers.items():
            if symbol in moved:
                moved[symbol] = moved[symbol] * FACTOR**degree
        spectrum, target = moved[SIGMA], moved[W0]
        unit = FACTOR**self.covariance
        if isinstance(spectrum, LevelsSpectrum):
            moved[SIGMA] = LevelsSpectrum(
                [value * unit for value in spectrum.values], spectrum.counts
            )
        elif isinstance(spectrum, IsotropicSpectrum):
            moved[SIGMA] = IsotropicSpectrum(spectrum.dimension, spectrum.scale * unit)
        moved[W0] = LevelsTarget([energy * FACTOR**self.energies for energy in target.energies])
        return moved


_HALF = Rational(1, 2)
LABELS = Scaling(
    "with labels √t times as large",
    {**dict.fromkeys(_DEVIATIONS, _HALF), symbols.squared_norm: Integer(1)},
    covariance=0,
    energies=1,
)
"""Truth and noises times √t."""
INPUTS = Scaling(
    "with inputs √t times as large",
    {
        **dict.fromkeys((*_RIDGES, symbols.eigenvalue, symbols.scale), Integer(1)),
        symbols.squared_norm: Integer(-1),
    },
    covariance=1,
    energies=0,
)
"""Every input times √t, the truth by 1/√t: the labels stay."""
_SCALED = {*LABELS.powers, *INPUTS.powers}


def structural_check(statement: Statement) -> Refuted | None:
    """The first structural check that a statement does not pass; None if it passes all that apply.

    Example
    -------
    >>> from symcollapse.language.quantities import quadratic_form
    >>> from symcollapse.language.symbols import eigenvalue as s, noise
    >>> energy = quadratic_form(s, SIGMA, W0)
    >>> print(structural_check(Statement(energy + noise**2, Algebra(), energy + noise)))
    refuted: with labels √t times as large the left side is multiplied by t, the right side by no one power of t
    """
    fault = misfit(statement.subject, statement.formula, statement.scope.conditions)
    if fault is not None:
        return Refuted(f"spaces: {fault}")
    numbers = isinstance(statement.by, Algebra | Bound)
    sides = (statement.subject, statement.formula)
    if not numbers or not all(isinstance(side, Expr) for side in sides):
        return None
    if any(side.has(GaussianDesign) for side in sides):
        return None
    return _numeric(statement)


def _nodes(statement: Statement, kind: type[Basic]) -> set[Basic]:
    found: set[Basic] = set()
    for side in (statement.subject, statement.formula):
        found |= side.atoms(kind)
    return found


def _numeric(statement: Statement) -> Refuted | None:
    """The checks that compare numbers."""
    try:
        points = statement.scope.points(POINTS)
    except SymcollapseError:
        return None
    compared = _Compared(statement, points)
    checks = (
        compared.letter_fault(),
        *(compared.degree_fault(each) for each in (LABELS, INPUTS)),
        compared.sign_fault(),
        *(compared.limit_fault(each) for each in _EXTREMES),
    )
    return next((Refuted(fault) for fault in checks if fault is not None), None)


class _Compared:
    """Both sides of a statement at points, each number computed once."""

    def __init__(self, statement: Statement, points: tuple[dict[Basic, Basic], ...]) -> None:
        self.statement = statement
        self.points = points
        self.values = [self._at(point) for point in points]

    def _at(self, point: Mapping[Basic, Any]) -> tuple[Any, Any] | None:
        sides = (self.statement.subject, self.statement.formula)
        try:
            left, right = (ball_at(side.xreplace(dict(point)), BITS) for side in sides)
        except (SymcollapseError, ZeroDivisionError):
            return None
        return None if left is None or right is None else (left, right)

    def letter_fault(self) -> str | None:
        """A letter of the right side that nothing on the left speaks of, and that moves the right side."""
        if not isinstance(self.statement.by, Algebra):
            return None
        subject, formula = self.statement.subject, self.statement.formula
        known = subject.free_symbols | {symbols.dimension, symbols.eigenvalue}
        if subject.atoms(Spectrum, Target):
            known |= {symbols.scale, symbols.squared_norm, symbols.capacity, symbols.source}
        for condition in self.statement.scope.conditions:
            known |= condition.free_symbols
        for letter in sorted(formula.free_symbols - known, key=str):
            values = [self._at({**self.points[0], letter: Integer(number)}) for number in (2, 3)]
            if None not in values and not values[0][1].overlaps(values[1][1]):  # type: ignore[index]
                return f"letters: {letter} stands on the right side only, and moves it"
        return None

    def degree_fault(self, scaling: Scaling) -> str | None:
        """Degrees of the two sides under a change of units, if they certainly differ."""
        if not scaling.applies(self.statement):
            return None
        # Different powers leave a bound alone where both sides differ in sign.
        if isinstance(self.statement.by, Bound) and not all(
            values is None or values[0] * values[1] > 0 for values in self.values
        ):
            return None
        degrees: list[list[Any]] = [[], []]
        for point, values in zip(self.points, self.values, strict=True):
            moved = self._at(scaling.scaled(point))
            if values is None or moved is None:
                continue
            ratios = [_degree(after, before) for before, after in zip(values, moved, strict=True)]
            if None not in ratios:
                for side, degree in zip(degrees, ratios, strict=True):
                    side.append(degree)
        left, right = degrees
        # A side that is no power of t on the left is none of these quantities: nothing is known then.
        if not left or not _all_alike(left):
            return None
        if all(_alike(left[0], degree) for degree in right):
            return None
        scales = len(right) > 1 and _all_alike(right)
        if isinstance(self.statement.by, Bound) and not scales:
            return None
        told = f"by {_power(right[0])}" if scales else "by no one power of t"
        return f"{scaling.name} the left side is multiplied by {_power(left[0])}, the right side {told}"

    def sign_fault(self) -> str | None:
        """Opposite signs of an equality, if there are any."""
        if not isinstance(self.statement.by, Algebra):
            return None
        for values in self.values:
            if values is not None and values[0] * values[1] < 0:
                left, right = values
                return f"signs: the left side is {short(left)}, the right side {short(right)}"
        return None

    def limit_fault(self, symbol: Symbol) -> str | None:
        """One side vanishes as the symbol grows, and the other does not."""
        scope = self.statement.scope
        sides = (self.statement.subject, self.statement.formula)
        if self.statement.relation not in (Relation.EQUAL, Relation.EQUIVALENT):
            return None
        if not any(symbol in side.free_symbols for side in sides) or symbol in scope.ranges:
            return None
        far = {**self.points[0], symbol: FAR}
        conditions = (each.xreplace(far) for each in scope.conditions)
        if self.values[0] is None or any(each != True for each in conditions):  # noqa: E712
            return None
        values = self._at(far)
        if values is None:
            return None
        if any(then.contains(0) for then in self.values[0]):
            return None
        kept = [abs(now / then) for now, then in zip(values, self.values[0], strict=True)]
        for gone, there, which in ((kept[0], kept[1], "left"), (kept[1], kept[0], "right")):
            if gone < VANISHING and there > LASTING:
                other = "right" if which == "left" else "left"
                return f"limits: as {symbol} → ∞ the {which} side vanishes, and the {other} side does not"
        return None


def _degree(after: Any, before: Any) -> Any | None:
    with ctx.workprec(BITS):
        ratio = after / before
        return ratio.log() / (arb(int(FACTOR.p)) / int(FACTOR.q)).log() if ratio > 0 else None


def _alike(one: Any, other: Any) -> bool:
    return not abs(one - other) > NEVER_THE_SAME


def _all_alike(degrees: list[Any]) -> bool:
    return all(_alike(degrees[0], degree) for degree in degrees)


def _power(degree: Any) -> str:
    plain = _plain(degree)
    return {"0": "1", "1": "t"}.get(plain, f"t^{plain}")


def _plain(degree: Any) -> str:
    return "0" if abs(degree) < NEVER_THE_SAME else f"{float(degree.mid()):.3g}"
