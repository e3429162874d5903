"""The Dyson equation of a pencil: L⁻¹ ≃ M with M = (Λ − 𝒮[M])⁻¹.

This is the one axiom of the theory. M couples only vectors of one space. 𝒮[M] holds the traces

- tr(Σ_i M_{kl}) for two vectors k, l that X_i acts on, times the identity of the samples;
- tr(M_{kl}) for two vectors that X_iᵀ acts on, times Σ_i;

which are the unknowns. Which blocks of M vanish is worked out first, as the least solution that holds Λ⁻¹ and is
closed under the equation: it is what the expansion in powers of Ξ can reach.

Reference: the axiom is section "The one axiom" of the theory; matrix Dyson equation, erdos2019 in
`language.references`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product

from sympy import Add, Expr, Integer, Symbol
from sympy.utilities.iterables import strongly_connected_components

from symcollapse.equivalents.families import Family
from symcollapse.equivalents.pencils import Letter, Pencil
from symcollapse.language.random_matrices import GaussianDesign
from symcollapse.language.symbols import name_symbol

Place = tuple[int, int]


@dataclass(frozen=True)
class Unknown:
    """A trace of a block of M: tr(Σ_i M_{kl}), or tr M_{kl} on the sample side."""

    symbol: Symbol
    """Its letter."""
    place: Place
    """(k, l): unknown vector, equation."""
    design: GaussianDesign
    """The design whose X (or Xᵀ, on the sample side) acts on k."""
    is_sample_side: bool
    """Whether it is tr M_{kl} over samples."""
    space: Expr
    """Space of the block."""


class DysonEquation:
    """The Dyson equation of a pencil, with its unknown traces.

    Parameters
    ----------
    pencil
        The pencil L = Λ − Ξ.
    families
        The family of each feature space.
    """

    def __init__(self, pencil: Pencil, families: Mapping[Expr, Family]) -> None:
        self.pencil = pencil
        self.families = families

    def family(self, space: Expr) -> Family:
        """Family of a space; samples have only multiples of the identity."""
        return self.families.get(space, Family(space, None, {}))

    @cached_property
    def couplings(self) -> Mapping[Place, tuple[tuple[Place, Letter, Expr], ...]]:
        """For (e, k): what 𝒮[M]_{ek} is made of, as (place of the block of M, first letter, coefficient)."""
        found: dict[Place, list[tuple[Place, Letter, Expr]]] = {}
        entries = [
            (place, letter, coefficient)
            for place, letters in self.pencil.random.items()
            for letter, coefficient in letters.items()
        ]
        for (first, a, alpha), (second, b, beta) in product(entries, entries):
            # E[X M X] has no trace: it is of lower order.
            if a.design == b.design and a.is_transposed != b.is_transposed:
                inner = (first[1], second[0])
                if self._space(inner[0]) == self._space(inner[1]):
                    outer = (first[0], second[1])
                    found.setdefault(outer, []).append((inner, a, alpha * beta))
        return {place: tuple(parts) for place, parts in found.items()}

    def _space(self, position: int) -> Expr:
        return self.pencil.nodes[position].space

    @cached_property
    def support(self) -> tuple[frozenset[Place], frozenset[Place]]:
        """Places where Λ − 𝒮[M] and M are not 0."""
        size = range(self.pencil.size)
        operator = set(self.pencil.deterministic) | {(n, n) for n in size}
        while True:
            reach = _closure(operator, self.pencil.size)
            wider = operator | {
                outer
                for outer, parts in self.couplings.items()
                if any(inner in reach for inner, _, _ in parts)
            }
            if wider == operator:
                return frozenset(operator), frozenset(reach)
            operator = wider

    @cached_property
    def unknowns(self) -> Mapping[tuple[Place, GaussianDesign, bool], Unknown]:
        """The traces that 𝒮[M] needs."""
        _, reach = self.support
        found: dict[tuple[Place, GaussianDesign, bool], Unknown] = {}
        for parts in self.couplings.values():
            for inner, letter, _ in parts:
                key = (inner, letter.design, letter.is_transposed)
                if inner in reach and key not in found:
                    # X M Xᵀ takes tr(ΣM), Xᵀ M X takes tr(M).
                    stem = "rho" if letter.is_transposed else "tau"
                    # Of (1, 11) and (11, 1) the digits alone are the same.
                    mark = "" if self.pencil.size <= 10 else "_"
                    place = f"{inner[0]}{mark}{inner[1]}"
                    symbol = name_symbol(f"{stem}_{place}_{letter.design.name}")
                    found[key] = Unknown(
                        symbol, inner, letter.design, letter.is_transposed, self._space(inner[0])
                    )
        return found

    def operator(self, place: Place) -> Expr:
        """The entry (Λ − 𝒮[M])_{ek}, a function of eigenvalues and unknowns."""
        entry = self.pencil.deterministic.get(place, Integer(0))
        _, reach = self.support
        family = self.family(self._space(place[0]))
        parts = []
        for inner, letter, coefficient in self.couplings.get(place, ()):
            if inner in reach:
                symbol = self.unknowns[inner, letter.design, letter.is_transposed].symbol
                shape = family.covariance(letter.design) if letter.is_transposed else Integer(1)
                parts.append(coefficient * symbol * shape)
        return entry - Add(*parts)

    @cached_property
    def components(self) -> Mapping[int, tuple[int, ...]]:
        """The strongly connected component of each vector: blocks of M that have to be inverted at once."""
        operator, _ = self.support
        found = strongly_connected_components((list(range(self.pencil.size)), list(operator)))
        return {n: tuple(sorted(component)) for component in found for n in component}


def _closure(edges: set[Place], size: int) -> set[Place]:
    """Pairs connected by a path."""
    following: dict[int, set[int]] = {n: set() for n in range(size)}
    for start, end in edges:
        following[start].add(end)
    reach: set[Place] = set()
    for start in range(size):
        stack, seen = [start], {start}
        while stack:
            for end in following[stack.pop()]:
                if end not in seen:
                    seen.add(end)
                    stack.append(end)
        reach |= {(start, end) for end in seen}
    return reach
