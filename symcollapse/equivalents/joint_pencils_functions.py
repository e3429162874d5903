"""Functions of eigenvalues as sums of a number times powers of s and of 1/(s + κ), each product of powers once.

In the joint pencil of a pipeline every block of M is such a sum. Kept as a table from products of powers to numbers,
equal terms meet, and numbers that are sums get a name, so that nothing is written twice.
"""

from collections.abc import Callable, Iterable, Mapping

from sympy import Add, Expr, Integer, S

from symcollapse.equivalents.size_quotients import collected, is_rational
from symcollapse.language.abbreviations import Abbreviation
from symcollapse.language.effective_ridges import SurplusSamples
from symcollapse.language.errors import NotSupported
from symcollapse.language.symbols import name_symbol

MOST_TERMS = 1600
"""Products of powers in one function; each costs a trace. Five accumulating fits with a ridge stay below, six do not."""

LONGEST_UNNAMED = 8
"""Operations in a sum up to which it needs no name."""

LONGEST_RATIONAL = 200
"""The same of a rational function of sizes: under a name it could not be collected with others."""


class SpectralFunction:
    """A sum of numbers times products of powers of s and of s + κ; immutable.

    Example
    -------
    >>> from symcollapse.language.symbols import eigenvalue as s
    >>> function = SpectralFunction({s: Integer(2)}) + SpectralFunction({s: Integer(1)})
    >>> (function * function).expression
    9*s**2
    """

    __slots__ = ("terms",)

    def __init__(self, terms: Mapping[Expr, Expr]) -> None:
        self.terms: Mapping[Expr, Expr] = {
            shape: number for shape, number in terms.items() if number != 0
        }
        if len(self.terms) > MOST_TERMS:
            raise NotSupported(
                f"more than {MOST_TERMS} terms in one function of the covariance: fits that share data with many "
                "others are beyond this formula; lower repeat, or take state_evolution, in numbers"
            )

    @property
    def is_zero(self) -> bool:
        """Whether there is no term."""
        return not self.terms

    @property
    def expression(self) -> Expr:
        """The sum."""
        return Add(*(number * shape for shape, number in self.terms.items()))

    def __add__(self, other: "SpectralFunction") -> "SpectralFunction":
        return total((self, other))

    def __mul__(self, other: "SpectralFunction") -> "SpectralFunction":
        products: dict[Expr, list[Expr]] = {}
        for shape, number in self.terms.items():
            for other_shape, weight in other.terms.items():
                products.setdefault(shape * other_shape, []).append(number * weight)
        return SpectralFunction({shape: Add(*numbers) for shape, numbers in products.items()})

    def times(self, number: Expr) -> "SpectralFunction":
        """All of it times a number."""
        return SpectralFunction({shape: number * value for shape, value in self.terms.items()})

    def named(self, stem: str) -> "SpectralFunction":
        """The same with a name for each number that is a long sum."""
        return SpectralFunction(
            {
                shape: named(f"{stem}_{place}", number)
                for place, (shape, number) in enumerate(self.terms.items())
            }
        )

    def applied(self, functional: Callable[[Expr], Expr]) -> Expr:
        """A linear functional of the function, such as the trace."""
        return Add(*(number * functional(shape) for shape, number in self.terms.items()))


ZERO = SpectralFunction({})
"""The function 0."""

ONE = SpectralFunction({S.One: S.One})
"""The function 1."""


def total(functions: Iterable[SpectralFunction]) -> SpectralFunction:
    """The sum of functions.

    Example
    -------
    >>> total([ONE, ONE]).expression
    2
    """
    terms: dict[Expr, list[Expr]] = {}
    for function in functions:
        for shape, number in function.terms.items():
            terms.setdefault(shape, []).append(number)
    return SpectralFunction({shape: Add(*numbers) for shape, numbers in terms.items()})


def constant(number: Expr) -> SpectralFunction:
    """A multiple of the function 1.

    Example
    -------
    >>> constant(Integer(2)).expression
    2
    """
    return SpectralFunction({S.One: number})


def named(name: str, number: Expr) -> Expr:
    """The number, under a name if it is a long sum; one that is rational in sizes is collected first.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge, samples
    >>> named("tau", ridge + samples)
    T + lambda
    """
    if number.is_Atom or not number.has(Add, SurplusSamples):
        return number
    rational = is_rational(number)
    if rational:
        number = collected(number)
    if number.count_ops() <= (LONGEST_RATIONAL if rational else LONGEST_UNNAMED):
        return number
    return Abbreviation(name_symbol(name), number)


def solved(rows: list[list[Expr]], values: list[Expr]) -> list[Expr]:
    """The solution of a small linear system, by Cramer's rule; a single equation by a division.

    Example
    -------
    >>> solved([[Integer(2)]], [Integer(6)])
    [3]
    """
    if len(rows) == 1:
        return [values[0] / rows[0][0]]
    determinant = _determinant(rows)
    replaced = (
        [[*row[:place], value, *row[place + 1 :]] for row, value in zip(rows, values, strict=True)]
        for place in range(len(rows))
    )
    return [_determinant(matrix) / determinant for matrix in replaced]


def _determinant(rows: list[list[Expr]]) -> Expr:
    if len(rows) == 1:
        return rows[0][0]
    minors = (
        Integer(-1) ** place
        * entry
        * _determinant([[*row[:place], *row[place + 1 :]] for row in rows[1:]])
        for place, entry in enumerate(rows[0])
    )
    return Add(*minors)
