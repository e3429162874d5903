"""Gaussian integration by parts: E[Z_ta F] = Σ_b C_ab E[∂F/∂Z_tb] for a matrix Z with rows N(0, C).

Applied until no Z is left it is the sum over all pairings (Isserlis, Wick), with equal terms collected on the way. It
holds as well where (ZᵀZ)⁻¹ occurs, whose derivative is −(ZᵀZ)⁻¹ d(ZᵀZ) (ZᵀZ)⁻¹.
"""

from sympy import Expr, factorial2

from symcollapse.equivalents.exact_cuts import Cut, End
from symcollapse.equivalents.exact_words import Gaussian, Monomial, Place, Terms, add_term
from symcollapse.language.errors import NotSupported

MOST_PAIRINGS = 200_000
"""Pairings beyond this are refused: 14 letters have 135,135."""


def row_and_column(cut: Cut, monomial: Monomial, place: Place) -> tuple[End, End]:
    """The loose ends at a cut letter Z or Zᵀ: that of its row index, that of its column index.

    Example
    -------
    >>> from sympy import Integer
    >>> from symcollapse.equivalents.exact_words import function_letter
    >>> one = function_letter(Integer(1), Integer(2))
    >>> Z = Gaussian("Z", "Z", Integer(3), Integer(2), one, one)
    >>> monomial = Monomial((), (Z.letter.T,))
    >>> row_and_column(Cut(monomial, [(-1, 0)]), monomial, (-1, 0))
    ((1, 0), (0, 1))
    """
    left, right = cut.left[place], cut.right[place]
    return (right, left) if monomial.at(place).transposed else (left, right)


def integrated_by_parts(monomial: Monomial, place: Place, gaussian: Gaussian) -> Terms:
    """The sum that E[monomial] equals, by parts in the letter Z or Zᵀ at a place.

    Example
    -------
    >>> from sympy import Integer
    >>> from symcollapse.equivalents.exact_words import function_letter
    >>> one = function_letter(Integer(1), Integer(2))
    >>> Z = Gaussian("Z", "Z", Integer(3), Integer(2), one, one)
    >>> integrated_by_parts(Monomial((), (Z.letter.T, Z.letter)), (-1, 0), Z)
    {Monomial(traces=(), open=()): 3}
    """
    terms: Terms = {}

    def glue(cut: Cut, row: End, column: End, sign: int) -> None:
        own_row, own_column = row_and_column(cut, monomial, place)
        cut.join(own_row, row)
        cut.join(own_column, column, (gaussian.covariance,))
        coefficient, glued = cut.glued()
        add_term(terms, glued, sign * coefficient)

    for other in monomial.places("gaussian", gaussian):
        if other != place:
            cut = Cut(monomial, [place, other])
            glue(cut, *row_and_column(cut, monomial, other), 1)
    inverse, Z = (gaussian.inverse,), (gaussian.letter,)
    for other in monomial.places("inverse", gaussian):
        # d(ZᵀZ) = dZᵀ Z + Zᵀ dZ
        cut = Cut(monomial, [place, other])
        left, right = cut.left[other], cut.right[other]
        cut.attach(left, inverse)
        cut.attach(right, Z + inverse)
        glue(cut, right, left, -1)
        cut = Cut(monomial, [place, other])
        left, right = cut.left[other], cut.right[other]
        cut.attach(left, (*inverse, gaussian.letter.T))
        cut.attach(right, inverse)
        glue(cut, left, right, -1)
    return terms


def without_gaussian_letters(terms: Terms, gaussian: Gaussian) -> Terms:
    """The expectation over Z up to inverses of ZᵀZ, with the letters Z integrated by parts one after the other.

    Raises
    ------
    NotSupported
        If there are too many pairings.

    Example
    -------
    >>> from sympy import Integer
    >>> from symcollapse.equivalents.exact_words import function_letter
    >>> one = function_letter(Integer(1), Integer(2))
    >>> Z = Gaussian("Z", "Z", Integer(3), Integer(2), one, one)
    >>> without_gaussian_letters({Monomial(((Z.letter.T, Z.letter),) * 2): Integer(1)}, Z)
    {Monomial(traces=(), open=None): 48}
    """
    done: Terms = {}
    levels: dict[int, Terms] = {}

    def sort_in(monomial: Monomial, coefficient: Expr) -> None:
        count = len(monomial.places("gaussian", gaussian))
        if count % 2 == 0:  # odd moments vanish: Z and −Z have one law
            add_term(levels.setdefault(count, {}) if count else done, monomial, coefficient)

    for monomial, coefficient in terms.items():
        sort_in(monomial, coefficient)
    while levels:
        count = max(levels)
        if factorial2(count - 1) > MOST_PAIRINGS:
            raise NotSupported(
                f"{count} factors of {gaussian.name} have {factorial2(count - 1)} pairings, more than "
                f"{MOST_PAIRINGS}; take a lower moment"
            )
        for monomial, coefficient in levels.pop(count).items():
            place = monomial.places("gaussian", gaussian)[0]
            for result, factor in integrated_by_parts(monomial, place, gaussian).items():
                sort_in(result, coefficient * factor)
    return done
