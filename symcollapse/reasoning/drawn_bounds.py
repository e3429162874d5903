"""The judge of bounds between means over designs: where a mean is certain, as it takes one value at every draw.

Both sides are sums and products of means. Each is put between the least and the largest value that it takes over exact
draws of the designs. A mean of what does not depend on the draw is thereby known; one of something that varies is only
seen. So a bound is refuted if it fails with all values that were met and the side that is bounded is known.
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
    refuted: the left side is 0 at every draw, the right side at least ...
    """
    tried = 0
    for sizes in size_draws((before, after), domain).chosen:
        draw = ExactDraw(Random(tried), sizes=sizes)
        try:
            (low, high), (least, most) = (_between(side, draw) for side in (before, after))
        except NotEvaluable as error:
            return Undecided(str(error))
        except ZeroDivisionError:
            continue
        outside = low > most if by.above else high < least
        if outside and low == high:
            at = ", ".join(f"{symbol} = {value}" for symbol, value in sizes.items())
            limit = f"at most {_short(most)}" if by.above else f"at least {_short(least)}"
            return Refuted(
                f"the left side is {_short(low)} at every draw, the right side {limit}, at {at}"
            )
        if not (high <= least if by.above else low >= most):
            return Undecided("values at exact draws are not in order, and no mean is known")
        tried += 1
    return Supported(f"in order at {tried} exact draws") if tried else Undecided("no draw")


def _between(side: Any, draw: ExactDraw) -> tuple[Any, Any]:
    """Least and largest value of a side, which must not decrease in any of its means."""
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
        ends.append((min(values), max(values)))
    low, high = (
        draw.number(outer.xreplace(dict(zip(letters, map(_rational, chosen), strict=True))))
        for chosen in ([end[0] for end in ends], [end[1] for end in ends])
    )
    return low, high


def _redrawn(argument: Any, number: int) -> Any:
    """The same with other draws of all designs."""
    rule: dict[Basic, Basic] = {
        design: gaussian_design(f"{design.name}^{number}", *design.args[1:])
        for design in argument.atoms(GaussianDesign)
    }
    return argument.xreplace(rule)


def _rational(value: Any) -> Any:
    return Rational(int(value.p), int(value.q))


def _short(value: fmpq) -> str:
    return f"{int(value.p) / int(value.q):.3g}"
