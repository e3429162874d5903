"""The theory's own quantities in programs on balls: sums over eigenvalues are loops, κ is a certified root."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Basic, Expr, Integer, Integral, Piecewise, Product, Rational, Sum, Symbol, oo

from symcollapse.evaluation.arb_builder import ProgramBuilder
from symcollapse.evaluation.arb_elementary import real_of
from symcollapse.evaluation.arb_programs import Program
from symcollapse.evaluation.arb_steps import (
    at_least,
    effective_ridge,
    listed,
    residual_degrees,
    whole_range,
)
from symcollapse.evaluation.long_sums import is_long
from symcollapse.language.abbreviations import Abbreviation
from symcollapse.language.coupled_ridges import CoupledUnknown
from symcollapse.language.effective_ridges import (
    EffectiveRidge,
    GuardedSize,
    ResidualDegreesOfFreedom,
)
from symcollapse.language.errors import NotEvaluable
from symcollapse.language.joint_spectra import JointSpectrum
from symcollapse.language.quantities import (
    DegreesOfFreedom,
    QuadraticForm,
    Quantity,
    SpectralTrace,
)
from symcollapse.language.spectra import (
    Covariance,
    ExplicitSpectrum,
    IsotropicSpectrum,
    LevelsSpectrum,
    Spectrum,
)
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.symbols import index, placeholder
from symcollapse.language.targets import Target, UniformTarget
from symcollapse.language.unfolding import level_values, level_weights

Walker = Callable[[Mapping[Symbol, Any]], Any]
"""What evaluates a quantity by a walk, from balls for the symbols."""


@dataclass(frozen=True)
class Walked:
    """A quantity that is evaluated by a walk, not by steps of its own."""

    node: Basic
    """The quantity."""

    def __call__(self, walk: Any) -> Any:
        """Its ball."""
        return walk.evaluate(self.node)


@dataclass(frozen=True)
class StartOfWalk:
    """A walk over the numbers of one call, which all quantities of the call share."""

    symbols: tuple[Symbol, ...]
    """Arguments of the program."""
    walker: Walker
    """Makes the walk."""

    def __call__(self, *numbers: Any) -> Any:
        """The walk."""
        balls = [real_of(number) for number in numbers]
        return self.walker(dict(zip(self.symbols, balls, strict=True)))


class FormulaBuilder(ProgramBuilder):
    """Turns formulas of the theory into one program.

    Parameters
    ----------
    arguments
        Symbols whose numbers are given at each call.
    walker
        Evaluates what has no steps: sums over long or infinite spectra, coupled ridges. None refuses these.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> trace = SpectralTrace(s / (s + ridge), LevelsSpectrum([1, 3], [2, 4]))
    >>> from flint import arb
    >>> FormulaBuilder([ridge], None).program([trace]).runner()((arb(1),))
    (4.00000000000000,)
    """

    def __init__(self, arguments: Sequence[Symbol], walker: Walker | None) -> None:
        super().__init__(arguments)
        self._walker = walker
        self._awaited: dict[Spectrum, dict[Basic, None]] = {}

    def program(self, expressions: Sequence[Expr]) -> Program:
        self._await(expressions)
        return super().program(expressions)

    def build(self, node: Basic) -> int:
        sums = SpectralTrace | QuadraticForm | DegreesOfFreedom
        if isinstance(node, Quantity) and not isinstance(node, sums):
            # What is defined by an equation, or guarded, is not computed as an analytic function.
            self.refuse_in_integrand(node)
        match node:
            case SpectralTrace() | QuadraticForm() | EffectiveRidge() if self._is_walked(
                node.covariance
            ):
                return self._walk(node)
            case SpectralTrace() | QuadraticForm():
                return self._spectral(node)
            case DegreesOfFreedom():
                return self.place(node.unfolded())
            case EffectiveRidge():
                data = (self.place(node.ridge), self.place(node.samples))
                levels = self._levels(node.covariance)
                counts = self._weights(node.covariance, None)
                return self.call(effective_ridge, *data, levels, counts)
            case ResidualDegreesOfFreedom():
                return self._residual(node)
            case GuardedSize():
                if node.covariance.dimension is oo:
                    return self._walk(node)
                least, regime = self.literal(Integer(node.least)), self.literal(node.regime)
                return self.call(at_least, self.place(node.unfolded()), least, regime)
            case CoupledUnknown() | Quantity():
                return self._walk(node)
            case _:
                return super().build(node)

    # What is left to a walk.

    def _is_walked(self, spectrum: Spectrum) -> bool:
        if isinstance(spectrum, JointSpectrum):
            return True
        return is_long(spectrum) and (self._walker is not None or spectrum.dimension is oo)

    def _walk(self, node: Basic) -> int:
        walker = self._walker
        if walker is None:
            raise NotEvaluable(
                f"{str(node)[:80]} has no steps that can be written out (an infinite or joint spectrum, or coupled "
                "ridges): compile it with arb_function"
            )
        if not self.free(node) <= self.arguments.keys():
            raise NotEvaluable(f"{str(node)[:80]}: depends on a running variable of a sum")
        symbols = tuple(symbol for symbol in self.arguments if isinstance(symbol, Symbol))
        walk = self.kept(
            StartOfWalk,
            frozenset(),
            lambda: self.call(StartOfWalk(symbols, walker), *self.arguments.values()),
        )
        return self.call(Walked(node), walk)

    # Sums over eigenvalues.

    def _await(self, expressions: Sequence[Expr]) -> None:
        """Note the sums over each spectrum that are needed in any case, so that one loop takes several."""
        pending: list[Basic] = list(expressions)
        seen: set[Basic] = set()
        while pending:
            node = pending.pop()
            if node in seen or isinstance(node, Piecewise | Sum | Product | Integral | Spectrum):
                continue
            seen.add(node)
            pending.extend(node.args)
            if isinstance(node, Abbreviation):
                pending.append(node.definition)
            elif isinstance(node, DegreesOfFreedom):
                pending.append(node.unfolded())
            elif isinstance(node, ResidualDegreesOfFreedom):
                pending += [*node.effective_ridges, _shared(node)]
            elif isinstance(node, SpectralTrace | QuadraticForm):
                self._awaited.setdefault(node.covariance, {})[node] = None

    def _ready(self, node: Any) -> bool:
        known = self.scopes[0].known
        parts = node.summand.atoms(Quantity, Abbreviation)
        return (
            node not in known and parts <= known.keys() and self.free(node) <= self.arguments.keys()
        )

    def _spectral(self, node: Any) -> int:
        spectrum: Spectrum = node.covariance
        group = [node]
        for part in sorted(node.summand.atoms(Quantity), key=str):
            if not self.free(part) & {s}:
                self.place(part)
        if len(self.scopes) == 1:
            group += [
                other
                for other in self._awaited.get(spectrum, {})
                if other != node and self._ready(other)
            ]
        bound: dict[Basic, int] = {s: self.new_place("s")}
        sources = [self._levels(spectrum)]
        weights: dict[Target | None, int] = {}
        for member in group:
            target = member.target if isinstance(member, QuadraticForm) else None
            plain = target is None and _is_indexed(spectrum)
            if not plain and target not in weights:
                weights[target] = bound[placeholder("weight")] = self.new_place("weight")
                sources.append(self._weights(spectrum, target))

        def terms() -> list[int]:
            places = []
            for member in group:
                target = member.target if isinstance(member, QuadraticForm) else None
                place = self.operand(member.summand)
                if target in weights:
                    place = self.call(operator.mul, place, weights[target])
                places.append(place)
            return places

        totals = self.loop("sum", bound, sources, terms)
        for member, total in zip(group[1:], totals[1:], strict=True):
            self.scopes[-1].known[member] = total
        return totals[0]

    def _levels(self, spectrum: Spectrum) -> int:
        return self.kept(
            ("levels", spectrum), self.free(spectrum), lambda: self._list_levels(spectrum)
        )

    def _list_levels(self, spectrum: Spectrum) -> int:
        match spectrum:
            case Covariance():
                raise NotEvaluable(
                    f"{spectrum} is abstract: give a problem that states its spectrum"
                )
            case IsotropicSpectrum() | LevelsSpectrum():
                return self.call(listed, *map(self.operand, level_values(spectrum)))
            case ExplicitSpectrum():
                return self.call(listed, *map(self.operand, dict.fromkeys(spectrum.eigenvalues)))
            case _:
                return self._over_index(spectrum, spectrum.eigenvalue_at(index))

    def _over_index(self, spectrum: Spectrum, formula: Expr) -> int:
        numbers = self.kept(
            ("range", spectrum.dimension),
            self.free(spectrum.dimension),
            lambda: self.call(
                whole_range, self.literal(Integer(1)), self.operand(spectrum.dimension)
            ),
        )
        bound: dict[Basic, int] = {index: self.new_place("j")}
        (column,) = self.loop(
            "list", bound, [numbers], lambda: [self.operand(formula)], counting=True
        )
        return column

    def _weights(self, spectrum: Spectrum, target: Target | None) -> int:
        free = self.free(spectrum) | (frozenset() if target is None else self.free(target))
        return self.kept(
            ("weights", spectrum, target), free, lambda: self._list_weights(spectrum, target)
        )

    def _list_weights(self, spectrum: Spectrum, target: Target | None) -> int:
        if target is not None and target.is_abstract:
            raise NotEvaluable(f"{target} is abstract: give a problem that states its target")
        if isinstance(spectrum, IsotropicSpectrum | LevelsSpectrum):
            weights = level_weights(spectrum, target)
            if weights is None:
                raise NotEvaluable(f"{type(target).__name__} does not go with levels")
            return self.call(listed, *map(self.operand, weights))
        if isinstance(spectrum, ExplicitSpectrum):
            squares = None if target is None else target.listed
            unit = Integer(1)
            if target is not None and squares is None:
                assert isinstance(target, UniformTarget)
                unit = target.squared_norm / spectrum.dimension
            sums: dict[Rational, Any] = dict.fromkeys(spectrum.eigenvalues, Integer(0))
            for position, eigenvalue in enumerate(spectrum.eigenvalues):
                sums[eigenvalue] += unit if squares is None else squares[position]
            return self.call(listed, *map(self.operand, sums.values()))
        if target is None:
            return self._over_index(spectrum, Integer(1))
        if target.listed is not None:
            return self.call(listed, *map(self.operand, target.listed))
        return self._over_index(spectrum, target.energy_at(index, spectrum))

    def _residual(self, node: ResidualDegreesOfFreedom) -> int:
        first, second = (self.place(kappa) for kappa in node.effective_ridges)
        shared = self.place(_shared(node))
        dimension = node.covariance.dimension
        # An infinite dimension is none that anything is taken from: κ > 0 there.
        size = self.literal(Integer(0)) if dimension is oo else self.operand(dimension)
        samples, ridge = self.place(node.samples), self.place(node.ridges[0])
        return self.call(residual_degrees, samples, size, ridge, first, second, shared)


def _shared(node: ResidualDegreesOfFreedom) -> Expr:
    first, second = node.effective_ridges
    return SpectralTrace(s / ((s + first) * (s + second)), node.covariance)


def _is_indexed(spectrum: Spectrum) -> bool:
    """Whether every eigenvector has an entry of its own, so that multiplicities are 1."""
    return not isinstance(spectrum, IsotropicSpectrum | LevelsSpectrum | ExplicitSpectrum)
