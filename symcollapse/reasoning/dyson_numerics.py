"""The Dyson equation M = (Λ − 𝒮[M])⁻¹ in numbers, straight from the axiom.

Nothing is taken over from the symbolic solution but the pencil: 𝒮[M] = E[Ξ M Ξ] is summed over pairs of letters,

- X … Xᵀ gives tr(Σ M)·I, and Xᵀ … X gives tr(M)·Σ;
- X … X, Xᵀ … Xᵀ and letters of different designs give nothing;

and M is inverted eigenvalue by eigenvalue. So it can be the referee of any solution in closed form.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
from sympy import Basic, Expr, Integer

from symcollapse.equivalents.families import Family
from symcollapse.equivalents.pencils import Pencil
from symcollapse.language.errors import NotEvaluable
from symcollapse.language.joint_spectra import listed_eigenvalues
from symcollapse.language.random_matrices import GaussianDesign
from symcollapse.language.spectra import LevelsSpectrum
from symcollapse.language.symbols import eigenvalue

N = TypeVar("N")

Place = tuple[int, int]

MOST_ROUNDS = 20_000
"""Rounds of the iteration at which it is given up."""

TOLERANCE = 1e-13
"""Relative change of the traces at which the iteration ends; below it rounding may keep them from settling."""


class TraceKey(NamedTuple):
    """Which trace: tr(Σ M_kl) over the features of a design, or tr M_kl over its samples."""

    place: Place
    design: GaussianDesign
    is_sample_side: bool


class Level(NamedTuple):
    """An eigenvalue of each covariance of a space, and how many eigenvectors have them."""

    multiplicity: Expr
    eigenvalues: Mapping[Basic, Basic]


def levels_of(space: Expr, family: Family | None, values: Mapping[Any, Any]) -> tuple[Level, ...]:
    """The levels of a space, where each covariance has a concrete spectrum.

    Example
    -------
    >>> from symcollapse.equivalents.families import families_of
    >>> from symcollapse.language.spectra import covariance
    >>> Sigma = covariance("Sigma", 3)
    >>> family = families_of(Sigma)[Integer(3)]
    >>> levels_of(Integer(3), family, {Sigma: LevelsSpectrum([4, 9], [1, 2])})
    (Level(multiplicity=1, eigenvalues={s: 4}), Level(multiplicity=2, eigenvalues={s: 9}))
    """
    size = space.xreplace(dict(values))
    if family is None:
        return (Level(size, {}),)
    if not family.variables:
        return (Level(size, {eigenvalue: Integer(1)}),)
    spectra = [values[matrix] for matrix in family.variables]
    counts = {spectrum.counts for spectrum in spectra if isinstance(spectrum, LevelsSpectrum)}
    if len(counts) == 1 and all(isinstance(spectrum, LevelsSpectrum) for spectrum in spectra):
        columns, (shared,) = [spectrum.values for spectrum in spectra], counts
    else:
        columns = [listed_eigenvalues(spectrum) for spectrum in spectra]
        shared = (Integer(1),) * len(columns[0])
    rows = zip(*columns, strict=True)
    return tuple(
        Level(count, dict(zip(family.variables.values(), row, strict=True)))
        for count, row in zip(shared, rows, strict=True)
    )


class ConcretePencil(Generic[N]):
    """A pencil with numbers for everything deterministic, and the two sides of its Dyson equation.

    Parameters
    ----------
    pencil
        The pencil.
    families
        The family of each feature space.
    values
        Numbers for symbols, spectra for covariances.
    number
        Turns an exact expression without symbols into a number.
    inverse
        Inverse of a square array of numbers.
    """

    def __init__(
        self,
        pencil: Pencil,
        families: Mapping[Expr, Family],
        values: Mapping[Any, Any],
        number: Callable[[Expr], N],
        inverse: Callable[[list[list[N]]], list[list[N]]],
    ) -> None:
        self.pencil = pencil
        self.families = families
        self.values = dict(values)
        self._number = number
        self._inverse = inverse
        self.nodes: dict[Expr, list[int]] = {}
        for node in pencil.nodes:
            self.nodes.setdefault(node.space, []).append(node.position)
        self.levels = {space: levels_of(space, families.get(space), values) for space in self.nodes}

    def at(self, function: Expr, level: Level) -> N:
        """A function of eigenvalues at a level."""
        return self._number(function.xreplace({**self.values, **level.eigenvalues}))

    @cached_property
    def pairs(self) -> tuple[tuple[Place, TraceKey, N], ...]:
        """What E[Ξ M Ξ] consists of: the block it goes to, the trace of M, and the coefficient."""
        letters = [
            (place, letter, coefficient)
            for place, entry in self.pencil.random.items()
            for letter, coefficient in entry.items()
        ]
        found = []
        for (row, k), first, alpha in letters:
            for (end, column), second, beta in letters:
                same = first.design == second.design
                if same and first.is_transposed != second.is_transposed:
                    key = TraceKey((k, end), first.design, first.is_transposed)
                    product = (alpha * beta).xreplace(self.values)
                    found.append(((row, column), key, self._number(product)))
        return tuple(found)

    @cached_property
    def keys(self) -> tuple[TraceKey, ...]:
        """The traces that E[Ξ M Ξ] may need."""
        return tuple(dict.fromkeys(key for _, key, _ in self.pairs))

    @cached_property
    def _shapes(self) -> dict[tuple[GaussianDesign, int], N]:
        """Σ of a design at each level of its features."""
        shapes = {}
        for design in {key.design for key in self.keys}:
            family = self.families[design.shape[1]]
            for place, level in enumerate(self.levels[design.shape[1]]):
                shapes[design, place] = self.at(family.covariance(design), level)
        return shapes

    @cached_property
    def _deterministic(self) -> dict[Expr, list[dict[Place, N]]]:
        return {
            space: [
                {
                    place: self.at(entry, level)
                    for place, entry in self.pencil.deterministic.items()
                    if place[0] in nodes
                }
                for level in self.levels[space]
            ]
            for space, nodes in self.nodes.items()
        }

    def blocks(self, traces: Mapping[TraceKey, N]) -> dict[Place, list[N]]:
        """The blocks of M = (Λ − 𝒮[M])⁻¹ for given traces, level by level."""
        found: dict[Place, list[N]] = {}
        zero = self._number(Integer(0))
        for space, nodes in self.nodes.items():
            for number, fixed in enumerate(self._deterministic[space]):
                array = [[fixed.get((row, column), zero) for column in nodes] for row in nodes]
                for (row, column), key, coefficient in self.pairs:
                    if row not in nodes or key not in traces:
                        continue
                    term = coefficient * traces[key]  # type: ignore[operator]
                    if key.is_sample_side:
                        term = term * self._shapes[key.design, number]
                    array[nodes.index(row)][nodes.index(column)] -= term
                inverse = self._inverse(array)
                for i, row in enumerate(nodes):
                    for j, column in enumerate(nodes):
                        found.setdefault((row, column), []).append(inverse[i][j])
        return found

    def trace(self, key: TraceKey, blocks: Mapping[Place, list[N]]) -> N:
        """The trace that a key stands for."""
        start, end = key.place
        total: Any = self._number(Integer(0))
        # E[Ξ M Ξ] has no block between different spaces: M has none either.
        if self.pencil.nodes[start].space != self.pencil.nodes[end].space:
            return total
        for place, level in enumerate(self.levels[self.pencil.nodes[start].space]):
            shape = 1 if key.is_sample_side else self._shapes[key.design, place]
            count: Any = self._number(level.multiplicity)
            total += count * shape * blocks[key.place][place]
        return total

    def function(self, blocks: Mapping[Place, list[N]]) -> list[N]:
        """The combination left · M · right, at each level of its space."""
        space = self.pencil.nodes[next(iter(self.pencil.left))].space
        result: list[N] = []
        for place, level in enumerate(self.levels[space]):
            total: Any = self._number(Integer(0))
            for k, left in self.pencil.left.items():
                for e, right in self.pencil.right.items():
                    if self.pencil.nodes[k].space == self.pencil.nodes[e].space:
                        outside: Any = self.at(left * right, level)
                        total += outside * blocks[k, e][place]
            result.append(total)
        return result


@dataclass(frozen=True)
class DysonSolution:
    """The Dyson equation of a pencil, solved in doubles."""

    traces: Mapping[TraceKey, float]
    """The traces of blocks of M."""
    levels: tuple[Level, ...]
    """The levels of the space that the pencil's expression acts on."""
    function: tuple[float, ...]
    """The equivalent of the expression at each level."""
    rounds: int
    """Rounds that the iteration took."""

    @property
    def trace(self) -> float:
        """The trace of the equivalent."""
        pairs = zip(self.levels, self.function, strict=True)
        return float(sum(float(level.multiplicity) * value for level, value in pairs))

    def form(self, left: Iterable[Any], right: Iterable[Any]) -> float:
        """The bilinear form of two vectors, by their coefficients."""
        counts = [int(level.multiplicity) for level in self.levels]
        products = [float(u * v) for u, v in zip(left, right, strict=True)]
        return float(np.repeat(self.function, counts) @ products)


def solve_dyson(
    pencil: Pencil, families: Mapping[Expr, Family], values: Mapping[Any, Any]
) -> DysonSolution:
    """Solve the Dyson equation of a pencil in doubles, by damped iteration from M = Λ⁻¹.

    Parameters
    ----------
    pencil
        The pencil.
    families
        The family of each feature space.
    values
        Exact numbers for all symbols, concrete spectra for all covariances: a point of a `MatrixDomain`.

    Raises
    ------
    NotEvaluable
        If the iteration does not settle.

    Example
    -------
    >>> from sympy import Identity, Rational
    >>> from symcollapse.equivalents.families import families_of
    >>> from symcollapse.equivalents.linearisation import linearise
    >>> from symcollapse.language.random_matrices import gaussian_design
    >>> X = gaussian_design("X", 300, Identity(300))
    >>> resolvent = (X.T * X / 300 + Identity(300)).inverse()
    >>> families = families_of(resolvent)
    >>> round(solve_dyson(linearise(resolvent, families), families, {}).trace / 300, 12)
    0.61803398875
    """
    concrete = ConcretePencil(pencil, families, values, float, _inverse)
    traces = dict.fromkeys(concrete.keys, 0.0)
    for rounds in range(1, MOST_ROUNDS + 1):
        blocks = concrete.blocks(traces)
        found = {key: concrete.trace(key, blocks) for key in concrete.keys}
        change = max(
            (abs(found[key] - old) / (1 + abs(old)) for key, old in traces.items()), default=0.0
        )
        if change < TOLERANCE:
            space = pencil.nodes[next(iter(pencil.left))].space
            function = tuple(concrete.function(blocks))
            return DysonSolution(found, concrete.levels[space], function, rounds)
        # Features and samples answer each other with opposite signs: half a step takes the oscillation out.
        traces = {key: (old + found[key]) / 2 for key, old in traces.items()}
    raise NotEvaluable(f"the Dyson equation did not settle in {MOST_ROUNDS} rounds")


def _inverse(array: list[list[float]]) -> list[list[float]]:
    try:
        return np.linalg.inv(np.array(array)).tolist()
    except np.linalg.LinAlgError:
        # Λ may be singular where there is no ridge: the first round then starts from M = 0.
        return [[0.0] * len(array) for _ in array]
