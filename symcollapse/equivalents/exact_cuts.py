"""Words cut and glued: contracting two random letters cuts the words at both and glues the ends crosswise.

So do integration by parts and rotation invariance; that is all that exact moments of Gaussian matrices are made of.
"""

from collections.abc import Iterable
from typing import TypeAlias

from sympy import Expr, Integer, Mul

from symcollapse.equivalents.exact_normal_forms import normal_form
from symcollapse.equivalents.exact_words import OPEN, Letter, Monomial, Place, Word, transposed

End: TypeAlias = tuple[int, int]
"""A loose end: the number of the strand, and 0 for its beginning or 1 for its end."""


class Cut:
    """A monomial cut at some of its letters: strands with loose ends, to be glued anew."""

    def __init__(self, monomial: Monomial, places: Iterable[Place]) -> None:
        self.strands: list[list[Letter]] = []
        self.sizes: list[Expr] = []
        self.left: dict[Place, End] = {}
        """The loose end that was before the letter."""
        self.right: dict[Place, End] = {}
        """The loose end that was behind it."""
        self.joins: dict[End, tuple[End, Word]] = {}
        self.opened = monomial.open
        self.first: End | None = None
        cut_at: dict[int, list[int]] = {}
        for number, position in sorted(places):
            cut_at.setdefault(number, []).append(position)
        self.whole = [word for number, word in enumerate(monomial.traces) if number not in cut_at]
        for number, positions in cut_at.items():
            self._cut(number, monomial.word(number), positions)

    def _cut(self, number: int, word: Word, positions: list[int]) -> None:
        base = len(self.strands)
        if number == OPEN:
            self.first = (base, 0)
            self._strand(word[: positions[0]], word[positions[0]].rows)
            self.left[number, positions[0]] = (base, 1)
            base += 1
        for offset, (position, after) in enumerate(
            zip(positions, [*positions[1:], None], strict=True)
        ):
            self.right[number, position] = (base + offset, 0)
            if after is not None:
                letters = word[position + 1 : after]
                self.left[number, after] = (base + offset, 1)
            elif number == OPEN:
                letters = word[position + 1 :]
            else:
                letters = word[position + 1 :] + word[: positions[0]]
                self.left[number, positions[0]] = (base + offset, 1)
            self._strand(letters, word[position].columns)

    def _strand(self, letters: Word, size: Expr) -> None:
        self.strands.append(list(letters))
        self.sizes.append(size)

    def attach(self, end: End, letters: Word) -> None:
        """Lengthen a strand: the letters as read in the direction of the word."""
        strand, side = end
        if side:
            self.strands[strand].extend(letters)
        else:
            self.strands[strand][:0] = letters

    def join(self, one: End, other: End, between: Word = ()) -> None:
        """Glue two ends, with a symmetric letter or none in between."""
        self.joins[one] = (other, between)
        self.joins[other] = (one, between)

    def glued(self) -> tuple[Expr, Monomial]:
        """Coefficient and monomial, in normal form."""
        loops: list[Word] = list(self.whole)
        coefficient: Expr = Integer(1)
        seen: set[int] = set()
        opened = self.opened
        if self.first is not None:
            opened = self._walk(self.first, seen)
        for strand in range(len(self.strands)):
            if strand not in seen:
                loop = self._walk((strand, 0), seen)
                if loop:
                    loops.append(loop)
                else:
                    coefficient *= self.sizes[strand]
        scalar, monomial = normal_form(loops, opened)
        return Mul(coefficient, scalar), monomial

    def _walk(self, start: End, seen: set[int]) -> Word:
        word: list[Letter] = []
        end = start
        while True:
            strand, side = end
            seen.add(strand)
            word.extend(transposed(self.strands[strand]) if side else self.strands[strand])
            leaving = (strand, 1 - side)
            if leaving not in self.joins:
                return tuple(word)
            end, between = self.joins[leaving]
            word.extend(between)
            if end == start:
                return tuple(word)
