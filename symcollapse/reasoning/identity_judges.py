"""The judge of identities of matrices: both sides as exact rationals, in every order of the sizes.

An identity between rational matrix expressions that fails, fails at almost every draw; one that holds, holds exactly.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from random import Random
from typing import Any

from sympy import Basic, Expr, Integer, Symbol

from symcollapse.language.domains import Domain, Range
from symcollapse.language.errors import NotEvaluable
from symcollapse.reasoning.checking import judge
from symcollapse.reasoning.claimed_steps import MatrixIdentity
from symcollapse.reasoning.exact_draws import ExactDraw
from symcollapse.reasoning.matrix_spaces import misfit
from symcollapse.reasoning.size_draws import size_draws
from symcollapse.reasoning.verdicts import Proved, Refuted, Supported, Undecided, Verdict

MOST_ATTEMPTS = 4
"""Draws of the entries, for sizes at which an inverse happens not to exist."""

MOST_LETTERS = 200
"""Draws of the letters, before the conditions on them are given up."""

ANY_NUMBER = Range(Fraction(1, 20), 3)
"""A letter on which there is a condition, but no range."""

_SCALAR = (Integer(1), Integer(1))


@judge.register
def _(by: MatrixIdentity, before: Any, after: Any, domain: Domain) -> Verdict:
    if refused := spaces_refused(before, after, domain):
        return refused
    if before == after:
        return Proved("both sides are the same expression")
    return equal_at_draws(before, after, domain, averaged=by.averaged)


def spaces_refused(before: Any, after: Any, scope: Domain) -> Refuted | None:
    """Sizes that do not conform, in a side or between both: SymPy lets them pass if they are symbols.

    Example
    -------
    >>> from sympy import MatrixSymbol
    >>> from symcollapse.language.symbols import dimension, samples
    >>> X = MatrixSymbol("X", samples, dimension)
    >>> print(spaces_refused(X.T * X, X * X.T, Domain()))
    refuted: sizes do not fit: the left side is d × d, the right side T × T
    """
    scalars = [_shape(side) == _SCALAR for side in (before, after)]
    if scalars[0] != scalars[1]:
        return Refuted("sizes do not fit: a matrix on one side, a number on the other")
    fault = misfit(before, after, scope.conditions)
    return None if fault is None else Refuted(f"sizes do not fit: {fault}")


def equal_at_draws(
    before: Any, after: Any, scope: Domain, *, averaged: bool, sized_by: tuple[Basic, ...] = ()
) -> Verdict:
    """Verdict on the equality of both sides at exact draws of all matrices.

    Parameters
    ----------
    before, after
        Scalars or matrices of one shape.
    scope
        Its conditions choose the sizes.
    averaged
        Whether scalars are averaged over their label noise for given designs; else noise is drawn.
    sized_by
        Expressions whose sizes the scope speaks of too, though none of their matrices is left in the sides.

    Example
    -------
    >>> from sympy import Identity
    >>> from symcollapse.language.random_matrices import gaussian_design, pseudo_inverse
    >>> from symcollapse.language.symbols import dimension, samples
    >>> X = gaussian_design("X", samples, Identity(dimension))
    >>> print(equal_at_draws(X * pseudo_inverse(X) * X, X, Domain(), averaged=False))
    supported: exactly equal at 4 draws, in all 3 orders of the sizes
    """
    sizes_tried = size_draws((before, after, *sized_by), scope)
    scalar = _shape(before) == _SCALAR
    if averaged and not scalar:
        return Undecided("the mean over the noise is taken of scalars only")

    def valued(draw: ExactDraw, side: Any) -> Any:
        if not scalar:
            return draw.matrix(side)
        return draw.averaged(side) if averaged else draw.number(side)

    for sizes in sizes_tried.chosen:
        try:
            values = _with_letters(sizes, (before, after), scope)
            sides = _drawn(values, before, after, valued, draws_noise=not averaged)
        except NotEvaluable as error:
            return Undecided(str(error))
        if sides is None:
            return Refuted(f"an inverse does not exist at {_at(sizes)}")
        if sides[0] != sides[1]:
            return Refuted(f"{_difference(*sides, scalar=scalar)} at {_at(sizes)}")
    return Supported(f"exactly equal at {sizes_tried}")


def _with_letters(
    sizes: Mapping[Symbol, int], sides: tuple[Any, ...], scope: Domain
) -> dict[Symbol, Any]:
    """The sizes, with numbers for the letters that the scope restricts; other letters are drawn freely."""
    held = set().union(*(side.free_symbols for side in sides)) - set(sizes)
    stated = [each for each in scope.conditions if each.free_symbols & held]
    bound = set(scope.ranges) | {symbol for each in stated for symbol in each.free_symbols}
    letters = sorted((symbol for symbol in held & bound if isinstance(symbol, Symbol)), key=str)
    random = Random(1)
    for _ in range(MOST_LETTERS if letters else 1):
        values: dict[Symbol, Any] = {
            letter: scope.ranges.get(letter, ANY_NUMBER).draw(random) for letter in letters
        }
        if all(each.xreplace({**sizes, **values}) == True for each in stated):  # noqa: E712
            return {**sizes, **values}
    raise NotEvaluable(f"no numbers for {', '.join(map(str, letters))} in the scope")


def _drawn(
    sizes: Mapping[Symbol, Any],
    before: Any,
    after: Any,
    valued: Callable[[ExactDraw, Any], Any],
    *,
    draws_noise: bool,
) -> tuple[Any, Any] | None:
    for seed in range(MOST_ATTEMPTS):
        draw = ExactDraw(Random(seed), sizes=sizes, draws_noise=draws_noise)
        try:
            return valued(draw, before), valued(draw, after)
        except ZeroDivisionError:
            continue
    return None


def _difference(left: Any, right: Any, *, scalar: bool) -> str:
    if scalar:
        return f"{_decimal(left)} against {_decimal(right)}"
    for i in range(left.nrows()):
        for j in range(left.ncols()):
            if left[i, j] != right[i, j]:
                entry = f"entry ({i + 1}, {j + 1})"
                return f"{entry} is {_decimal(left[i, j])} against {_decimal(right[i, j])}"
    raise AssertionError("equal matrices")


def _decimal(number: Any) -> str:
    fraction = Fraction(int(number.p), int(number.q))
    short = fraction.denominator < 1000 and abs(fraction.numerator) < 10**6
    return str(fraction) if short else f"{float(fraction):.12g}"


def _at(sizes: Mapping[Symbol, int]) -> str:
    return ", ".join(f"{symbol} = {value}" for symbol, value in sizes.items())


def _shape(side: Any) -> tuple[Expr, Expr]:
    return getattr(side, "shape", _SCALAR)
