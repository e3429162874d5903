"""Moments of V = (ZᵀZ)⁻¹ by Stein's identity: linear equations among the words of one degree, solved by program.

With V = V·ZᵀZ·C⁻¹ · CV, integration by parts in the inserted Z says that LC⁻¹R, of one V less, equals in expectation a
sum of words with as many V as LVR; there are as many such equations as words. A moment of degree k exists for
N ≥ p + 2k.
"""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from sympy import Add, Basic, Expr, Integer, cancel, denom, expand
from sympy.polys.matrices import DomainMatrix

from symcollapse.equivalents.exact_normal_forms import normal_form
from symcollapse.equivalents.exact_words import OPEN, Gaussian, Monomial, Place, Terms, Word
from symcollapse.equivalents.wick import integrated_by_parts
from symcollapse.language.errors import NotSupported
from symcollapse.language.symbols import surplus

HIGHEST_DEGREE = 3
"""Most inverses in one word: 15 words in 15 unknowns."""


def _with(monomial: Monomial, place: Place, letters: Word) -> Monomial:
    """The monomial with other letters at one place, not in normal form."""
    number, position = place
    word = monomial.word(number)
    changed = word[:position] + letters + word[position + 1 :]
    if number == OPEN:
        return Monomial(monomial.traces, changed)
    traces = (*monomial.traces[:number], changed, *monomial.traces[number + 1 :])
    return Monomial(traces, monomial.open)


def stein_equation(monomial: Monomial, gaussian: Gaussian) -> tuple[Terms, Terms]:
    """Words of the monomial's degree, and those of one degree less that they equal in expectation.

    Example
    -------
    >>> from symcollapse.equivalents.exact_words import function_letter
    >>> one = function_letter(Integer(1), Integer(2))
    >>> Z = Gaussian("Z", "Z", Integer(9), Integer(2), one, one)
    >>> [list(side.values()) for side in stein_equation(Monomial((), (Z.inverse,)), Z)]
    [[6], [1]]
    """
    place = monomial.places("inverse", gaussian)[0]
    Z = gaussian.letter
    longer = _with(monomial, place, (gaussian.inverse, Z.T, Z, gaussian.precision))
    higher = integrated_by_parts(longer, (place[0], place[1] + 2), gaussian)
    coefficient, shorter = normal_form(longer.traces, longer.open)
    return higher, {shorter: coefficient}


def inverse_moment(monomial: Monomial, gaussian: Gaussian) -> Terms:
    """Expectation of a monomial whose only letters of Z are inverses of ZᵀZ.

    Raises
    ------
    NotSupported
        If there are too many inverses.

    Example
    -------
    >>> from symcollapse.equivalents.exact_words import function_letter
    >>> one = function_letter(Integer(1), Integer(2))
    >>> Z = Gaussian("Z", "Z", Integer(9), Integer(2), one, one)
    >>> inverse_moment(Monomial((), (Z.inverse,)), Z)
    {Monomial(traces=(), open=()): 1/6}
    """
    degree = len(monomial.places("inverse", gaussian))
    if degree > HIGHEST_DEGREE:
        raise NotSupported(
            f"{degree} inverses of one Wishart matrix, of {gaussian.name}, in one term: at most "
            f"{HIGHEST_DEGREE} in this version; take a lower moment"
        )
    sizes = {surplus: gaussian.rows - gaussian.columns} if _in_surplus(gaussian) else {}
    moment = _moment(monomial, gaussian)
    return {result: coefficient.xreplace(sizes) for result, coefficient in moment.items()}


def _in_surplus(gaussian: Gaussian) -> dict[Expr, Expr]:
    """N = p + t, in which the equations are functions of t alone; nothing where N is no symbol."""
    if gaussian.rows.is_Symbol and not (gaussian.rows - gaussian.columns).has(surplus):
        return {gaussian.rows: gaussian.columns + surplus}
    return {}


@lru_cache(maxsize=1024)
def _moment(monomial: Monomial, gaussian: Gaussian) -> Mapping[Monomial, Expr]:
    if not monomial.places("inverse", gaussian):
        return MappingProxyType({monomial: Integer(1)})
    unknowns = [monomial]
    rows: list[Terms] = []
    known: list[Terms] = []
    for unknown in unknowns:  # grows while it is walked, until the words are closed
        higher, lower = stein_equation(unknown, gaussian)
        rows.append(higher)
        known.append(lower)
        unknowns += [other for other in higher if other not in unknowns]
    sizes = _in_surplus(gaussian)
    matrix = [
        [expand(row.get(unknown, Integer(0)).xreplace(sizes)) for unknown in unknowns]
        for row in rows
    ]
    total: Terms = {}
    for weight, lower in zip(_first_row_of_inverse(matrix), known, strict=True):
        if weight != 0:
            for shorter, coefficient in lower.items():
                for result, factor in _moment(shorter, gaussian).items():
                    add_rational(total, result, weight * coefficient * factor)
    return MappingProxyType(total)


def add_rational(terms: Terms, monomial: Monomial, coefficient: Expr) -> None:
    """Add a term whose coefficient is a fraction; what cancels is dropped.

    Example
    -------
    >>> from symcollapse.language.symbols import samples
    >>> terms: Terms = {}
    >>> add_rational(terms, Monomial(), 1 / samples)
    >>> add_rational(terms, Monomial(), -1 / samples)
    >>> terms
    {}
    """
    # Fractions in the sizes of different designs stay apart: over one denominator they would grow with each design.
    by_sizes: dict[frozenset[Basic], Expr] = {}
    for term in Add.make_args(terms.pop(monomial, Integer(0)) + coefficient):
        sizes = frozenset(denom(term).free_symbols)
        by_sizes[sizes] = by_sizes.get(sizes, Integer(0)) + term
    total = Add(*(cancel(part) for part in by_sizes.values()))
    if total != 0:
        terms[monomial] = total


def _first_row_of_inverse(matrix: list[list[Expr]]) -> list[Expr]:
    size = len(matrix)
    transposed = [[matrix[j][i] for j in range(size)] for i in range(size)]
    left = DomainMatrix.from_list_sympy(size, size, transposed).to_field()
    unit = DomainMatrix.from_list_sympy(
        size, 1, [[Integer(int(i == 0))] for i in range(size)]
    ).convert_to(left.domain)
    return [cancel(entry) for entry in left.lu_solve(unit).to_Matrix()]
