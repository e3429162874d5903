"""The judge of bounds between means over designs: where a mean is certain, as it takes one value at every draw.

Both sides are sums and products of means of what is never negative. A mean of what does not depend on the draw is known
by any draw. One of something that varies is not: exact draws have not the weights of Gaussian ones, so that no value
that is met bounds it; it is positive, and no more. What follows from that refutes a bound, or supports it.
"""

from random import Random
from typing import Any

from flint import fmpq
from sympy import Basic, Rational

from symcollapse.language.design_means import DesignMean
from symcollapse.language.domains import Domain
from symcollapse.language.errors import NotEvaluable
from symcollapse.language.random_matrices import GaussianDesign, gaussian_design
from symcollapse.language.symbols import nonnegative_symbol
from symcollapse.reasoning.exact_draws import ExactDraw
from symcollapse.reasoning.size_draws import size_draws
from symcollapse.reasoning.steps import Bound
from symcollapse.reasoning.verdicts import Refuted, Supported, Undecided, Verdict

DRAWS = 4
"""Draws of the designs at each choice of sizes, covariances and vectors."""


def judge_drawn_bound(by: Bound, before: Any, after: Any, domain: Domain) -> Verdict:
    """Verdict on a bound between means over designs.

    Example
    -------
    >>> from sympy import Identity, Trace
    >>> from symcollapse.language.random_matrices import pseudo_inverse
    >>> from symcollapse.language.symbols import dimension, samples
    >>> X = gaussian_design("X", samples, Identity(dimension))
    >>> P = pseudo_inverse(X) * X
    >>> known, varying = (DesignMean(Trace(A.T * A)) for A in (X * P - X, X))
    >>> print(judge_drawn_bound(Bound(above=False), known, varying, Domain()))  # doctest: +ELLIPSIS
    refuted: the left side is 0 at every draw, the right side more than 0, such as ...
    """
    tried = 0
    for sizes in size_draws((before, after), domain).chosen:
        draw = ExactDraw(Random(tried), sizes=sizes)
        try:
            (known, more), (other, further) = (_least(side, draw) for side in (before, after))
        except NotEvaluable as error:
            return Undecided(str(error))
        except ZeroDivisionError:
            continue
        left, right = (known, more), (other, further)
        small, large = (right, left) if by.above else (left, right)
        # What is known of the small side as a whole, and of the large one from below, is enough to refute.
        if not small[1] and (small[0] < large[0] or (small[0] == large[0] and large[1])):
            at = ", ".join(f"{symbol} = {value}" for symbol, value in sizes.items())
            return Refuted(
                f"the left side is {_told(*left)}, the right side {_told(*right)}, at {at}"
            )
        if large[1] or large[0] > small[0]:
            return Undecided("the means that vary from draw to draw are not known")
        tried += 1
    return Supported(f"in order at {tried} exact draws") if tried else Undecided("no draw")


def _least(side: Any, draw: ExactDraw) -> tuple[Any, Any]:
    """The least value that a side can have, and one with means as they were drawn if it is certainly larger, else 0.

    A side must not decrease in any of its means.
    """
    means = sorted(side.atoms(DesignMean), key=str)
    letters = [nonnegative_symbol(f"E_{place}") for place in range(len(means))]
    outer = side.xreplace(dict(zip(means, letters, strict=True)))
    if not all(outer.diff(letter).is_nonnegative for letter in letters):
        raise NotEvaluable(f"{side}: only sums and products of means are put between values")
    ends: list[tuple[Any, Any]] = []
    for mean in means:
        values = [draw.number(_redrawn(mean.argument, number)) for number in range(DRAWS)]
        if min(values) < 0:
            raise NotEvaluable(f"{mean}: not positive")
        first = values[0]
        ends.append((first if len(set(values)) == 1 else fmpq(0), max(values)))
    least, drawn = (
        draw.number(outer.xreplace(dict(zip(letters, map(_rational, chosen), strict=True))))
        for chosen in ([end[0] for end in ends], [end[1] for end in ends])
    )
    return least, drawn if drawn > least else fmpq(0)


def _redrawn(argument: Any, number: int) -> Any:
    """The same with other draws of all designs."""
    rule: dict[Basic, Basic] = {
        design: gaussian_design(f"{design.name}^{number}", *design.args[1:])
        for design in argument.atoms(GaussianDesign)
    }
    return argument.xreplace(rule)


def _rational(value: Any) -> Any:
    return Rational(int(value.p), int(value.q))


def _told(known: Any, more: Any) -> str:
    if not more:
        return f"{_short(known)} at every draw"
    return f"more than {_short(known)}, such as {_short(more)}"


def _short(value: fmpq) -> str:
    return f"{int(value.p) / int(value.q):.3g}"
