"""Judges of the steps from a matrix expression to its deterministic equivalent.

None of them runs the engine again. Identities of matrices are tried at draws of exact rationals, the Dyson equation is
rebuilt from the axiom in balls, values of unknown traces are put into the equations that they have to solve, and the
closed form is set beside a numerical solution of the Dyson equation from scratch.
"""

from collections.abc import Callable
from random import Random
from typing import Any

from flint import arb, arb_mat, ctx
from sympy import Basic, Expr, Integer, Rational, Symbol, Trace, nan, oo, zoo

from symcollapse.evaluation.balls import BallEvaluator
from symcollapse.evaluation.numbers import ball_at
from symcollapse.language.domains import Domain
from symcollapse.language.errors import NotEvaluable, SymcollapseError
from symcollapse.language.random_matrices import LabelNoise
from symcollapse.language.targets import truth
from symcollapse.reasoning.checking import BITS, compare_at_points, judge
from symcollapse.reasoning.dyson_numerics import (
    ConcretePencil,
    DysonSolution,
    TraceKey,
    solve_dyson,
)
from symcollapse.reasoning.equivalent_derivations import functionals_in
from symcollapse.reasoning.exact_draws import ExactDraw
from symcollapse.reasoning.pencil_functionals import DysonFunctional, PencilFunctional
from symcollapse.reasoning.steps import (
    Algebra,
    CloseForm,
    DysonAxiom,
    Eliminate,
    Linearise,
    NoiseAverage,
    VanishingRidges,
)
from symcollapse.reasoning.verdicts import Refuted, Supported, Undecided, Verdict

DRAWS = 3
"""Draws of exact numbers at which an identity of matrices is tried."""

MOST_ATTEMPTS = 10
"""Draws at which an inverse may fail to exist before a step is refused."""

POINTS = 3
"""Points at which a Dyson equation is rebuilt or solved."""

TRACE_POINTS = 8
"""Points at which the value of a trace is put into its equation; coupled ridges are solved for at each."""

NARROW = 1e-30
"""Width of balls that count as an answer."""

LIMIT_POINTS = 6
"""Points at which a limit is tried."""

TINY = Rational(1, 10**20)
"""A ridge near 0; its square is the other one that is tried."""

CLOSE = 1e-8
"""Relative difference between a closed form and the iteration in doubles that is put down to rounding."""


def _at_draws(attempt: Callable[[ExactDraw], str], small: tuple[Expr, ...] = ()) -> Verdict:
    """Verdict of an attempt at some draws; it returns what went wrong, or nothing."""
    done = 0
    for seed in range(MOST_ATTEMPTS):
        try:
            wrong = attempt(ExactDraw(Random(seed), small))
        except ZeroDivisionError:
            continue
        except NotEvaluable as error:
            return Undecided(str(error))
        if wrong:
            return Refuted(wrong)
        done += 1
        if done == DRAWS:
            return Supported(f"exact identity at {DRAWS} draws of rational matrices")
    return Refuted(f"an inverse does not exist at {MOST_ATTEMPTS - done} draws")


@judge.register
def _(by: NoiseAverage, before: Expr, after: Expr, domain: Domain) -> Verdict:
    del by, domain
    if after.has(LabelNoise):
        return Refuted("there is label noise left")
    noises = sorted(before.atoms(LabelNoise), key=lambda noise: noise.sort_key())
    small = tuple(dict.fromkeys(noise.shape[0] for noise in noises))

    def attempt(draw: ExactDraw) -> str:
        average, claimed = draw.averaged(before), draw.number(after)
        return "" if average == claimed else f"the average is {average}, not {claimed}"

    return _at_draws(attempt, small)


@judge.register
def _(by: Linearise, before: Expr, after: Expr, domain: Domain) -> Verdict:
    del by, domain
    nodes = functionals_in(after, PencilFunctional).values()

    def attempt(draw: ExactDraw) -> str:
        for node in nodes:
            operator = draw.matrix(node.operator)
            if draw.pencil(node.pencil) != operator:
                return f"pencil {node.label} is not one of {node.operator}"
            turned = node.is_trace and node.operator != node.functional.operator
            meant = (
                draw.number(Trace(node.functional.operator)) == draw.number(Trace(node.operator))
                if turned
                else operator == draw.matrix(node.functional.operator)
            )
            if not meant:
                return f"functional {node.label} is not one of {node.operator}"
        if isinstance(after, PencilFunctional) and after.is_matrix:
            return "" if draw.matrix(before) == draw.matrix(after.operator) else "another matrix"
        line = after.xreplace({node: node.functional.expression for node in nodes})
        return "" if draw.number(line) == draw.number(before) else "the lines differ"

    return _at_draws(attempt)


@judge.register
def _(by: DysonAxiom, before: Expr, after: Expr, domain: Domain) -> Verdict:
    del by
    pencils = functionals_in(before, PencilFunctional)
    blocks = functionals_in(after, DysonFunctional)
    if after.xreplace({node: node.source for node in blocks.values()}) != before:
        return Refuted("more was changed than pencils for their Dyson equations")
    for node in blocks.values():
        if node.source != pencils[node.label]:
            return Refuted(f"pencil {node.label} was changed")
        for seed, point in enumerate(domain.points(POINTS)):
            with ctx.workprec(BITS):
                wrong = _against_the_axiom(node, point, Random(seed))
            if wrong:
                return Refuted(f"M_{node.label}: {wrong}")
    return Supported(f"cited theorem; the equations rebuilt from the axiom at {POINTS} points")


def _against_the_axiom(node: DysonFunctional, point: Any, random: Random) -> str:
    """What is wrong with the equations of a Dyson functional, at any values of its unknowns."""
    concrete = ConcretePencil(node.pencil, node.families, point, _ball, _inverse)
    drawn: dict[Symbol, Rational] = {
        unknown.symbol: Rational(random.randint(1, 200), 97) * random.choice((1, -1))
        for unknown in node.unknowns
    }
    keys = {
        unknown.symbol: TraceKey(unknown.place, unknown.design, unknown.is_sample_side)
        for unknown in node.unknowns
    }
    blocks = concrete.blocks({keys[symbol]: _ball(value) for symbol, value in drawn.items()})
    rule: dict[Any, Any] = {**point, **drawn}
    for symbol, equation in node.equations.items():
        trace = concrete.trace(keys[symbol], blocks)
        if not _agree(trace, _ball(equation.xreplace(rule))):
            return f"the axiom gives another equation for {symbol}"
    for key in concrete.keys:
        if key not in keys.values() and not _agree(concrete.trace(key, blocks), arb(0)):
            return f"the trace of block {key.place} over {key.design} does not vanish"
    space = node.pencil.nodes[next(iter(node.pencil.left))].space
    for level, value in zip(concrete.levels[space], concrete.function(blocks), strict=True):
        if not _agree(value, _ball(node.function.xreplace({**rule, **level.eigenvalues}))):
            return "the axiom gives another block"
    return ""


@judge.register
def _(by: Eliminate, before: Expr, after: Expr, domain: Domain) -> Verdict:
    node = functionals_in(before, DysonFunctional).get(by.label)
    if node is None:
        return Refuted(f"there is no pencil {by.label}")
    values = dict(by.values)
    if before.xreplace({node: node.solved(values)}) != after:
        return Refuted("the line is not the one before with the values put in")
    open_symbols = {unknown.symbol for unknown in node.unknowns}
    weakest: Verdict | None = None
    for symbol, value in values.items():
        if symbol not in node.equations:
            return Refuted(f"{symbol} is no unknown of pencil {by.label}")
        right = node.equations[symbol].xreplace(values)
        if (right.free_symbols | value.free_symbols) & open_symbols:
            return Refuted(f"{symbol} depends on a trace that is not known yet")
        # In balls only: the equation is one of the axiom, not yet in its shortest form.
        verdict = compare_at_points(value, right, domain, TRACE_POINTS)
        if not isinstance(verdict, Supported):
            return verdict
        weakest = verdict
    for letter, equation in by.equations:
        ridge = dict(zip((name for name, _ in by.equations), by.ridges, strict=True))
        verdict = compare_at_points(equation.xreplace(ridge), Integer(0), domain, TRACE_POINTS)
        if isinstance(verdict, Refuted):
            return Refuted(f"the equation of {letter} does not hold: {verdict.why}")
    return weakest or Undecided("no unknown was eliminated")


@judge.register
def _(by: CloseForm, before: Expr, after: Expr, domain: Domain) -> Verdict:
    del by
    nodes = functionals_in(before, DysonFunctional)
    for node in nodes.values():
        if node.unknowns:
            return Refuted(f"M_{node.label} holds unknowns")
    written = before.xreplace({node: node.formula for node in nodes.values()})
    # What balls refute is not worth a proof: those of many ridges take long.
    verdict = compare_at_points(written, after, domain, POINTS)
    if isinstance(verdict, Supported):
        verdict = judge(Algebra(), written, after, domain)
    if isinstance(verdict, Refuted | Undecided):
        return verdict
    return _beside_the_iteration(before, after, nodes, domain) or verdict


@judge.register
def _(by: VanishingRidges, before: Expr, after: Expr, domain: Domain) -> Verdict:
    if after.has(*by.ridges):
        return Refuted("there are vanishing ridges left")
    decided = 0
    for point in domain.points(LIMIT_POINTS):
        at = {key: value for key, value in point.items() if key not in by.ridges}
        limit = _known_ball(after.xreplace(at))
        gaps = []
        for size in (TINY, TINY**2):
            near = _known_ball(before.xreplace({**at, **dict.fromkeys(by.ridges, size)}))
            if near is None or limit is None:
                break
            gaps.append(float(abs(near - limit).upper()) / (1 + float(abs(limit).upper())))
        else:
            # At T = d the distance is of order √μ, elsewhere of order μ.
            if gaps[1] > CLOSE:
                return Refuted(f"at ridges of {float(TINY**2):.0e} the line is {gaps[1]:.3g} away")
            decided += gaps[1] <= gaps[0]
    if decided < LIMIT_POINTS // 2:
        return Undecided(f"only {decided} of {LIMIT_POINTS} points could be decided")
    return Supported(f"tends to the limit at {decided} exact points, down to a ridge of 1e-40")


def _known_ball(expression: Expr) -> Any:
    """The value, or None where it has none."""
    if expression.has(zoo, nan, oo):
        return None
    try:
        return ball_at(expression, 4 * BITS)
    except SymcollapseError:
        return None


def _beside_the_iteration(
    before: Expr, after: Expr, nodes: dict[int, DysonFunctional], domain: Domain
) -> Verdict | None:
    """A refutation where the Dyson equation, solved by iteration, gives another number.

    Equations of the unknowns have several solutions; this tells whether it is the right one that was taken.
    """
    for point in domain.points(POINTS):
        found: dict[Basic, Basic] = {}
        for node in nodes.values():
            try:
                solution = solve_dyson(node.pencil, node.families, point)
            except NotEvaluable:
                return None
            if node.is_matrix:
                for level, number in zip(solution.levels, solution.function, strict=True):
                    closed = ball_at(after.xreplace({**point, **level.eigenvalues}), BITS)
                    if closed is not None and _far(float(closed), number):
                        return Refuted(f"iteration gives {number:.9g} against {float(closed):.9g}")
                return None
            found[node] = Rational(_functional_value(node, solution, point))
        number = float(_ball(before.xreplace(found).xreplace(point)))
        closed = ball_at(after.xreplace(point), BITS)
        if closed is not None and _far(float(closed), number):
            return Refuted(f"iteration gives {number:.9g} against {float(closed):.9g}")
    return None


def _functional_value(node: DysonFunctional, solution: DysonSolution, point: Any) -> float:
    if node.is_trace:
        return solution.trace
    left, right = (
        point[truth(vector.name)].coefficients
        for vector in (node.functional.left, node.functional.right)
    )
    return solution.form(left, right)


def _far(closed: float, number: float) -> bool:
    return abs(closed - number) > CLOSE * (abs(closed) + abs(number))


def _ball(expression: Basic) -> Any:
    return BallEvaluator({}).evaluate(expression)


def _inverse(array: list[list[Any]]) -> list[list[Any]]:
    return arb_mat(array).inv().tolist()


def _agree(left: Any, right: Any) -> bool:
    difference = left - right
    return bool(
        difference.contains(0) and difference.abs_upper() < NARROW * (1 + right.abs_upper())
    )
