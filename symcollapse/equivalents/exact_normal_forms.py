"""One spelling for equal words: what cancels is cancelled, and a trace begins where its spelling is first."""

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

from sympy import Expr, Integer, Inverse

from symcollapse.equivalents.exact_words import (
    Gaussian,
    Letter,
    Monomial,
    Word,
    function_letter,
    transposed,
)


@cache
def _key(letter: Letter) -> tuple[str, str, bool]:
    name = letter.node.name if isinstance(letter.node, Gaussian) else str(letter.node)
    return letter.kind, name, letter.transposed


def _word_key(word: Word) -> tuple[Any, ...]:
    return len(word), tuple(_key(letter) for letter in word)


def _reduced(word: Sequence[Letter]) -> tuple[Expr, Word]:
    """Coefficient and word after (ZᵀZ)⁻¹ZᵀZ = I, A⁻¹A = I, and products of functions of Σ."""
    coefficient: Expr = Integer(1)
    stack: list[Letter] = []
    for letter in word:
        stack.append(letter)
        if letter.kind == "function":
            function = letter
            stack.pop()
            if stack and stack[-1].kind == "function":
                before = stack.pop()
                function = function_letter(
                    before.node * letter.node, letter.rows, before.families + letter.families
                )
            names = [family.args[0] for family in function.families]
            if names:
                scalar, rest = function.node.as_independent(*names, as_Add=False)
            else:
                scalar, rest = function.node, Integer(1)
            coefficient *= scalar
            if rest != 1:
                stack.append(function_letter(rest, function.rows, function.families))
        elif len(stack) >= 2 and _are_inverse(stack[-2], stack[-1]):
            del stack[-2:]
        elif len(stack) >= 3 and _is_cancelled(*stack[-3:]):
            del stack[-3:]
    return coefficient, tuple(stack)


def _are_inverse(left: Letter, right: Letter) -> bool:
    if left.kind != "matrix" or right.kind != "matrix" or left.transposed != right.transposed:
        return False
    return (
        left.node == Inverse(right.node)
        if _inverts(left.node)
        else (_inverts(right.node) and right.node == Inverse(left.node))
    )


def _inverts(node: Any) -> bool:
    return isinstance(node, Inverse)


def _is_cancelled(first: Letter, second: Letter, third: Letter) -> bool:
    """Whether the three are (ZᵀZ)⁻¹ZᵀZ or ZᵀZ(ZᵀZ)⁻¹."""
    if not first.node == second.node == third.node or not isinstance(first.node, Gaussian):
        return False
    kinds = first.kind, second.kind, third.kind
    if kinds == ("inverse", "gaussian", "gaussian"):
        return second.transposed and not third.transposed
    if kinds == ("gaussian", "gaussian", "inverse"):
        return first.transposed and not second.transposed
    return False


def _reduced_cycle(word: Word) -> tuple[Expr, Word]:
    """The same for a trace, where the last letter stands before the first; () has become a number."""
    coefficient: Expr = Integer(1)
    turns = 0
    while turns <= len(word):
        size = word[0].rows
        scalar, shorter = _reduced(word)
        coefficient *= scalar
        if not shorter:
            return coefficient * size, ()
        turns = turns + 1 if len(shorter) == len(word) else 0
        word = shorter[1:] + shorter[:1]
    return coefficient, word


def _cycles(word: Word) -> list[Word]:
    """A trace in its first spelling, split where an index has one value only."""
    cuts = [position for position, letter in enumerate(word) if letter.rows == 1]
    if cuts:
        turned = word[cuts[0] :] + word[: cuts[0]]
        return [_first_spelling(segment) for segment in _segments(turned)]
    spellings = []
    for turn in range(len(word)):
        spelling = word[turn:] + word[:turn]
        spellings += [spelling, transposed(spelling)]
    return [min(spellings, key=_word_key)]


def _first_spelling(segment: Word) -> Word:
    return min(segment, transposed(segment), key=_word_key)


def _segments(word: Word) -> list[Word]:
    cuts = [position for position, letter in enumerate(word) if letter.rows == 1 and position]
    return [word[start:stop] for start, stop in pairwise([0, *cuts, len(word)])]


def normal_form(traces: Iterable[Word], opened: Word | None) -> tuple[Expr, Monomial]:
    """Coefficient and monomial in the one spelling that equal products share.

    Example
    -------
    >>> from sympy import MatrixSymbol
    >>> from symcollapse.equivalents.exact_words import matrix_letter
    >>> a, b = (matrix_letter(MatrixSymbol(name, 2, 2)) for name in "AB")
    >>> normal_form([(a, b)], None) == normal_form([(a.T, b.T)], None)
    True
    """
    coefficient: Expr = Integer(1)
    cycles: list[Word] = []
    for trace in traces:
        scalar, word = _reduced_cycle(trace)
        coefficient *= scalar
        if word:
            cycles += _cycles(word)
    if opened is not None:
        scalar, opened = _reduced(opened)
        coefficient *= scalar
        segments = _segments(opened)
        if len(segments) > 1:
            # What lies between two indices of one value is a number; so is a row before or a column behind.
            first = 0 if opened[0].rows == 1 and opened[-1].columns != 1 else 1
            last = len(segments) - (1 if opened[-1].columns != 1 else 0)
            cycles += [_first_spelling(segment) for segment in segments[first:last]]
            opened = tuple(
                letter
                for place, segment in enumerate(segments)
                for letter in segment
                if not first <= place < last
            )
    return coefficient, Monomial(tuple(sorted(_uncancelled(cycles), key=_word_key)), opened)


def _uncancelled(cycles: list[Word]) -> list[Word]:
    """Without ZᵀZ and its inverse where both are numbers, so that they need not be neighbours."""
    rest = list(cycles)
    for word in cycles:
        if len(word) == 1 and word[0].kind == "inverse" and word[0].rows == 1:
            Z = word[0].node.letter
            # Of a Z that is a number itself the two factors lie apart.
            square = [(Z,)] * 2 if Z.rows == 1 else [(Z.T, Z)]
            factors = [_first_spelling(factor) for factor in square]
            if rest.count(factors[0]) >= len(factors):
                for cancelled in (word, *factors):
                    rest.remove(cancelled)
    return rest
