"""Linear pencils: a rational matrix expression as one entry of an inverse.

A `Pencil` is a square array L = Λ − Ξ of blocks. Block rows are equations, block columns are unknown vectors,
equation n and unknown n live in the same space (a space is a dimension: ``d`` for features, ``T`` for the samples of
a design). Λ holds functions of the commuting deterministic matrices, Ξ numbers times random matrices. The expression
is

    Q = Σ_{k, e} left_k · (L⁻¹)_{k e} · right_e,

with functions left_k and right_e of the deterministic matrices. `equivalents.linearisation` builds pencils.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sympy import Expr, zeros

from symcollapse.language.random_matrices import GaussianDesign
from symcollapse.language.symbols import name_symbol


class Letter(NamedTuple):
    """A random matrix or its transpose."""

    design: GaussianDesign
    """The matrix X, T × d."""
    is_transposed: bool
    """Whether Xᵀ is meant."""

    @property
    def rows(self) -> Expr:
        """Space that it maps to."""
        return self.design.shape[1] if self.is_transposed else self.design.shape[0]

    @property
    def columns(self) -> Expr:
        """Space that it maps from."""
        return self.design.shape[0] if self.is_transposed else self.design.shape[1]

    def __str__(self) -> str:
        return self.design.name + ("'" if self.is_transposed else "")


class Node(NamedTuple):
    """An unknown vector of a pencil, and the equation that goes with it."""

    position: int
    """Its place, from 0."""
    space: Expr
    """Dimension of its space."""
    meaning: str
    """What the vector is, in words of the expression."""


@dataclass(frozen=True)
class Pencil:
    """The pencil L = Λ − Ξ of an expression."""

    nodes: tuple[Node, ...]
    """Unknowns and equations."""
    # Mappings have no hash; pencils of the same nodes are told apart by comparison.
    deterministic: Mapping[tuple[int, int], Expr] = field(hash=False)
    """Λ: functions of eigenvalues by (equation, unknown)."""
    random: Mapping[tuple[int, int], Mapping[Letter, Expr]] = field(hash=False)
    """Ξ: numbers by letter, by (equation, unknown)."""
    left: Mapping[int, Expr] = field(hash=False)
    """Functions that multiply (L⁻¹)_{k·} from the left, by unknown."""
    right: Mapping[int, Expr] = field(hash=False)
    """Functions that multiply (L⁻¹)_{·e} from the right, by equation."""
    matrices: Mapping[Expr, Any] = field(default_factory=dict, hash=False)
    """The deterministic matrix behind each eigenvalue symbol, for print and for numerical checks."""

    @property
    def size(self) -> int:
        """Number of blocks."""
        return len(self.nodes)

    @property
    def weight(self) -> tuple[int, int]:
        """Number of blocks, and of those that are not 0: what makes one pencil simpler than another."""
        entries = len(self.deterministic) + len(self.random) + len(self.left) + len(self.right)
        return self.size, entries

    def array(self) -> Any:
        """The pencil as a SymPy matrix of block symbols, for print.

        Blocks are shown as commutative symbols, which says where they stand and not how they multiply.
        """
        names = {symbol: name_symbol(str(matrix)) for symbol, matrix in self.matrices.items()}
        array = zeros(self.size, self.size)
        for place, entry in self.deterministic.items():
            array[place] += entry.xreplace(names)
        for place, letters in self.random.items():
            for letter, coefficient in letters.items():
                mark = r"^{\top}" if letter.is_transposed else ""
                array[place] -= coefficient * name_symbol(f"{letter.design.name}{mark}")
        return array
