"""The judge of exact means over Gaussian designs.

Three ways, by what the right side holds. A formula: the exact law is derived by rotation invariance and Stein's
equations. A mean of something random: the designs that it does not hold are integrated out, and the rest has to agree for
every draw. Where draws disagree, the proportional limits of both sides are set beside each other: equal means have equal
limits.
"""

from collections.abc import Iterable, Mapping
from random import Random
from typing import Any

from sympy import Basic, Integer, MatrixExpr, MatrixSymbol, Trace, preorder_traversal
from sympy.core.relational import Relational
from sympy.matrices.expressions.matexpr import MatrixElement

from symcollapse.equivalents import deterministic_equivalent
from symcollapse.equivalents.exact_moments import expectation
from symcollapse.evaluation.numbers import ball_at
from symcollapse.language.design_means import DesignMean, without_means
from symcollapse.language.domains import Domain
from symcollapse.language.errors import NotEvaluable, NotSupported, OutOfRegime, SymcollapseError
from symcollapse.language.random_matrices import PseudoInverse, RandomMatrix, random_matrices
from symcollapse.language.spectra import LevelsSpectrum
from symcollapse.language.symbols import placeholder
from symcollapse.reasoning.checking import BITS, judge
from symcollapse.reasoning.claimed_steps import ExactMean
from symcollapse.reasoning.exact_draws import ExactDraw
from symcollapse.reasoning.identity_judges import equal_at_draws, spaces_refused
from symcollapse.reasoning.matrix_domains import MatrixDomain
from symcollapse.reasoning.size_draws import candidates, size_draws, sizes_in
from symcollapse.reasoning.steps import Algebra
from symcollapse.reasoning.verdicts import Proved, Refuted, Supported, Undecided, Verdict

FROM_STEIN = "exact law, derived: rotation invariance and Stein's equations"

POINTS_OF_A_LIMIT = 6
"""Exact points at which the proportional limits of two means are compared."""

MOST_PSEUDO_INVERSES = 2
"""Occurrences with which a limit is derived in a second; four of one design take minutes."""

DRAWS_OF_A_FACTOR = 4
"""Draws at which two means are in one ratio, before it counts as theirs."""

ENLARGED = Integer(10) ** 6
"""Factor on all sizes there: what a limit leaves out is of relative order 1/size."""

APART = 1e-3
"""Relative difference of two limits that counts: far above what they leave out at those sizes."""


@judge.register
def _(by: ExactMean, before: Any, after: Any, domain: Domain) -> Verdict:
    del by
    if held := random_matrices(_outside_means(after)):
        names = ", ".join(str(matrix) for matrix in held)
        return Refuted(
            f"the left side is averaged over {names}, the right side still depends on it"
        )
    if refused := spaces_refused(before, without_means(after), domain):
        return refused
    if after.has(DesignMean):
        return _mean_against_mean(before, after, domain)
    return _mean_against_formula(before, after, domain)


def _outside_means(after: Any) -> Any:
    return after.xreplace({mean: placeholder("mean") for mean in after.atoms(DesignMean)})


def _mean_against_formula(before: Any, after: Any, domain: Domain) -> Verdict:
    sizes = sizes_in(before)
    try:
        found = expectation(before, assuming=_about(sizes, domain))
    except (NotSupported, OutOfRegime) as error:
        return Undecided(str(error))
    if refused := _without_mean(found.conditions, sizes, domain):
        return refused
    return _formulas_against_each_other(found.formula, after, domain, before)


def _formulas_against_each_other(found: Any, after: Any, domain: Domain, before: Any) -> Verdict:
    if _is_plain(found) and _is_plain(after):
        return _named(judge(Algebra(), found, after, _surroundings(before, domain)))
    return _named(equal_at_draws(found, after, domain, averaged=False, sized_by=(before,)))


def _named(verdict: Verdict) -> Verdict:
    match verdict:
        case Proved():
            return Proved(FROM_STEIN)
        case Supported(how):
            return Supported(f"{FROM_STEIN}; {how}")
        case _:
            return verdict


def _is_plain(formula: Any) -> bool:
    """Whether balls can evaluate it: no matrix, but as the spectrum of a trace."""
    return not isinstance(formula, MatrixExpr) and not formula.has(Trace, MatrixElement)


def _about(sizes: Any, domain: Domain) -> list[Relational]:
    return [each for each in domain.conditions if each.free_symbols <= set(sizes)]


def _without_mean(conditions: tuple[Any, ...], sizes: Any, domain: Domain) -> Refuted | None:
    """Sizes in the scope at which the mean does not exist, or is another one."""
    for point in candidates(sizes, domain):
        for condition in conditions:
            if condition.xreplace(point) == False:  # noqa: E712 - a SymPy relation is no bool
                shown = ", ".join(f"{symbol} = {value}" for symbol, value in point.items())
                return Refuted(f"the mean needs {condition}, and {shown} is in the scope")
    return None


def _surroundings(before: Any, domain: Domain) -> MatrixDomain:
    return MatrixDomain(domain.ranges, domain.conditions, domain.isotropic, before)


def _mean_against_mean(before: Any, after: Any, domain: Domain) -> Verdict:
    means = after.atoms(DesignMean)
    letters = {mean: placeholder("mean") for mean in means}
    polynomial = after.xreplace(letters).as_poly(*letters.values())
    if polynomial is None or not polynomial.is_linear:
        return Undecided("the right side is not linear in its means")
    inside = without_means(after)
    kept = set(random_matrices(inside))
    try:
        averaged, integrated = _integrated(before, kept, domain)
    except (NotSupported, OutOfRegime) as error:
        return Undecided(str(error))
    if isinstance(averaged, Refuted):
        return averaged
    tried = equal_at_draws(averaged, inside, domain, averaged=True, sized_by=(before,))
    if isinstance(tried, Supported):
        over = f"after the exact mean over {', '.join(integrated)}, " if integrated else ""
        return Supported(f"{over}{tried.how}, and so in the mean")
    if not isinstance(tried, Refuted):
        return tried
    if refused := _another_factor(averaged, inside, domain, before):
        return refused
    if (verdict := _laws_against_each_other(averaged, inside, domain, before)) is not None:
        return verdict
    return _limits_against_each_other(averaged, inside, _surroundings(before, domain), tried)


def _integrated(before: Any, kept: set[RandomMatrix], domain: Domain) -> tuple[Any, list[str]]:
    """The mean over the designs that the right side does not hold, with the others as they are."""
    lost = [
        matrix for matrix in random_matrices(before) if matrix not in kept and _is_design(matrix)
    ]
    if not lost:
        return before, []
    others = [matrix for matrix in random_matrices(before) if matrix not in lost]
    frozen = {matrix: MatrixSymbol(matrix.name, *matrix.shape) for matrix in others}
    sizes = sizes_in(before)
    found = expectation(before.xreplace(frozen), assuming=_about(sizes, domain))
    if refused := _without_mean(found.conditions, sizes, domain):
        return refused, []
    back = {symbol: matrix for matrix, symbol in frozen.items()}
    return found.formula.xreplace(back), [matrix.name for matrix in lost]


def _is_design(matrix: RandomMatrix) -> bool:
    return matrix.shape[1] != 1


def _another_factor(left: Any, right: Any, domain: Domain, before: Any) -> Refuted | None:
    """Multiples of one another at every draw, by a factor that is not 1: then so are their means."""
    for sizes in size_draws((left, right, before), domain).chosen[:2]:
        factors: set[Any] = set()
        for seed in range(DRAWS_OF_A_FACTOR):
            draw = ExactDraw(Random(seed), sizes=sizes)
            try:
                values = draw.averaged(left), draw.averaged(right)
            except (ZeroDivisionError, NotEvaluable):
                return None
            # A mean of either sign could be 0, and then any multiple of it is the same.
            if not min(values) > 0:
                return None
            factors.add(values[0] / values[1])
        if len(factors) == 1 and factors != {1}:
            (factor,) = factors
            shown = ", ".join(f"{size} = {value}" for size, value in sizes.items())
            return Refuted(
                f"the left side is {factor} times the right one at every draw with {shown}"
            )
    return None


def _laws_against_each_other(left: Any, right: Any, domain: Domain, before: Any) -> Verdict | None:
    """Verdict by the exact laws of both sides; None if one of them is out of reach."""
    sizes = sizes_in(left, right)
    try:
        laws = [expectation(side, assuming=_about(sizes, domain)) for side in (left, right)]
    except (NotSupported, OutOfRegime):
        return None
    for law in laws:
        if refused := _without_mean(law.conditions, sizes, domain):
            return refused
    return _formulas_against_each_other(laws[0].formula, laws[1].formula, domain, before)


def _limits_against_each_other(
    left: Any, right: Any, surroundings: MatrixDomain, tried: Refuted
) -> Verdict:
    """Draws that differ leave open whether the means do; proportional limits that differ do not."""
    sizes = sizes_in(surroundings.expression)
    conditions = _about(sizes, surroundings)
    open_still = f"draws differ ({tried.why})"
    if any(_is_out_of_reach(side) for side in (left, right)):
        return Undecided(f"{open_still}; their means are out of reach")
    try:
        limits = [
            deterministic_equivalent(side, assuming=conditions).formula for side in (left, right)
        ]
        for point in surroundings.points(POINTS_OF_A_LIMIT):
            large = _enlarged(point, sizes)
            one, other = (ball_at(limit.xreplace(large), BITS) for limit in limits)
            if one is None or other is None:
                continue
            if (one - other).abs_lower() > APART * (one.abs_upper() + other.abs_upper()):
                shown = ", ".join(f"{size} = {large[size]}" for size in sizes)
                return Refuted(
                    f"the means differ in the limit: {one.str(8)} against {other.str(8)} at {shown}"
                )
    except SymcollapseError as error:
        return Undecided(f"{open_still}; their means are out of reach: {error}")
    return Undecided(f"{open_still}, though their means have one limit")


def _is_out_of_reach(side: Any) -> bool:
    """Whether a limit would take minutes, or would need vectors at sizes of millions."""
    nodes = list(preorder_traversal(side))
    vanishing = sum(isinstance(node, PseudoInverse) for node in nodes)
    return vanishing > MOST_PSEUDO_INVERSES or any(
        isinstance(node, MatrixSymbol) and node.shape[1] == 1 for node in nodes
    )


def _enlarged(point: Mapping[Basic, Basic], sizes: Iterable[Basic]) -> dict[Basic, Basic]:
    """The point with every size, and every multiplicity of an eigenvalue, times ``ENLARGED``."""
    large: dict[Any, Any] = dict(point)
    for key, value in point.items():
        if isinstance(value, LevelsSpectrum):
            counts = [ENLARGED * count for count in value.counts]
            large[key] = LevelsSpectrum(list(value.values), counts)
    return large | {size: ENLARGED * large[size] for size in sizes}
