"""Rotation invariance: a Gaussian matrix Z with independent rows has the law of OZ for every orthogonal O.

So the row indices of its entries can only be matched in pairs. With D_π the tensor that says "matched as in the
pairing π" and G(π, σ) = ⟨D_π, D_σ⟩ = N^loops, averaging over O projects onto their span: E[Z⊗…⊗Z f(ZᵀZ)] is the sum
over π, σ of G⁻(π, σ) D_π times the same product with its rows matched as in σ. Any generalised inverse G⁻ does.
"""

from collections.abc import Iterator
from functools import cache
from typing import TypeAlias

from sympy import Expr, cancel
from sympy.polys.matrices import DomainMatrix

from symcollapse.equivalents.exact_cuts import Cut
from symcollapse.equivalents.exact_words import Gaussian, Monomial, Place, Terms, add_term
from symcollapse.equivalents.wick import row_and_column
from symcollapse.language.errors import NotSupported

MOST_MATCHED = 6
"""Most row indices that are matched: 15 pairings, in pairs."""

Pairing: TypeAlias = tuple[tuple[int, int], ...]


def pairings(items: tuple[int, ...]) -> Iterator[Pairing]:
    """All ways to match an even number of items in pairs.

    Example
    -------
    >>> list(pairings((0, 1, 2, 3)))
    [((0, 1), (2, 3)), ((0, 2), (1, 3)), ((0, 3), (1, 2))]
    """
    if not items:
        yield ()
        return
    first, *others = items
    for partner in others:
        rest = tuple(item for item in others if item != partner)
        for pairing in pairings(rest):
            yield ((first, partner), *pairing)


def loops(one: Pairing, other: Pairing) -> int:
    """Number of cycles in which two pairings together connect the items.

    Example
    -------
    >>> loops(((0, 1), (2, 3)), ((0, 1), (2, 3))), loops(((0, 1), (2, 3)), ((0, 2), (1, 3)))
    (2, 1)
    """
    steps = [dict((*pairing, *((b, a) for a, b in pairing))) for pairing in (one, other)]
    seen: set[int] = set()
    count = 0
    for start in steps[0]:
        if start not in seen:
            count += 1
            item = start
            while item not in seen:
                middle = steps[0][item]
                seen |= {item, middle}
                item = steps[1][middle]
    return count


@cache
def weights(count: int, size: Expr) -> dict[tuple[Pairing, Pairing], Expr]:
    """A generalised inverse of the Gram matrix N^loops of the pairings, without its zeros.

    Example
    -------
    >>> from symcollapse.language.symbols import samples
    >>> list(weights(2, samples).values())
    [1/T]
    """
    spanning = list(pairings(tuple(range(count))))
    gram = DomainMatrix.from_list_sympy(
        len(spanning), len(spanning), [[size ** loops(a, b) for b in spanning] for a in spanning]
    ).to_field()
    # Where N is small the tensors depend on each other; a basis among them spans the same space.
    _, pivots = gram.rref()
    basis = [spanning[pivot] for pivot in pivots]
    inverse = gram.extract(list(pivots), list(pivots)).inv().to_Matrix()
    return {
        (a, b): cancel(inverse[i, j])
        for i, a in enumerate(basis)
        for j, b in enumerate(basis)
        if inverse[i, j] != 0
    }


def unmatched(monomial: Monomial, gaussian: Gaussian) -> list[Place]:
    """Places of Z or Zᵀ whose row index does not meet that of another: all but the ZᵀZ.

    Example
    -------
    >>> from sympy import Integer
    >>> from symcollapse.equivalents.exact_words import function_letter
    >>> one = function_letter(Integer(1), Integer(2))
    >>> Z = Gaussian("Z", "Z", Integer(3), Integer(2), one, one)
    >>> unmatched(Monomial((), (Z.letter, Z.letter.T, Z.letter)), Z)
    [(-1, 0)]
    """
    places = []
    for number, position in monomial.places("gaussian", gaussian):
        word = monomial.word(number)
        neighbour = position + 1 if word[position].transposed else position - 1
        if number >= 0:
            neighbour %= len(word)
        inside = 0 <= neighbour < len(word)
        if not (inside and word[neighbour] == word[position].T):
            places.append((number, position))
    return places


def rows_matched(monomial: Monomial, gaussian: Gaussian) -> Terms:
    """The sum of words in ZᵀZ and its inverse that E[monomial] equals by rotation invariance.

    Raises
    ------
    NotSupported
        If there are too many factors.

    Example
    -------
    >>> from sympy import Integer
    >>> from symcollapse.equivalents.exact_words import function_letter
    >>> one = function_letter(Integer(1), Integer(2))
    >>> Z = Gaussian("Z", "Z", Integer(3), Integer(2), one, one)
    >>> rows_matched(Monomial((), (Z.letter, Z.inverse, Z.letter.T)), Z)
    {Monomial(traces=(), open=()): 2/3}
    """
    places = unmatched(monomial, gaussian)
    if len(places) % 2:
        return {}
    if len(places) > MOST_MATCHED:
        raise NotSupported(
            f"{len(places)} factors of {gaussian.name} beside an inverse, more than {MOST_MATCHED}; "
            "take a lower moment"
        )
    terms: Terms = {}
    for (rows, columns), weight in weights(len(places), gaussian.rows).items():
        cut = Cut(monomial, places)
        ends = [row_and_column(cut, monomial, place) for place in places]
        for place, (_, column) in zip(places, ends, strict=True):
            cut.attach(column, (monomial.at(place),))
        for one, other in rows:
            cut.join(ends[one][0], ends[other][0])
        for one, other in columns:
            cut.join(ends[one][1], ends[other][1])
        coefficient, glued = cut.glued()
        add_term(terms, glued, weight * coefficient)
    return terms
