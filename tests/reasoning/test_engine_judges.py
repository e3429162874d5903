"""The judges of the engine's steps pass what it derives, and refuse every slip that one could make on the way."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import pytest
from sympy import Expr, Identity, Integer, Inverse, MatrixSymbol, Symbol, Trace, sqrt

from symcollapse.equivalents import deterministic_equivalent
from symcollapse.equivalents.families import families_of
from symcollapse.equivalents.linearisation import linearise
from symcollapse.equivalents.pencils import Letter, Pencil
from symcollapse.evaluation.numbers import ball_at
from symcollapse.language import symbols as sym
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA
from symcollapse.language.quantities import DegreesOfFreedom
from symcollapse.language.random_matrices import (
    gaussian_design,
    gaussian_projection,
    label_noise,
    pseudo_inverse,
)
from symcollapse.language.spectra import covariance
from symcollapse.reasoning import (
    CloseForm,
    Derivation,
    DysonAxiom,
    DysonFunctional,
    Eliminate,
    Linearise,
    MatrixDomain,
    NoiseAverage,
    PencilFunctional,
    Refuted,
    Step,
    VanishingRidges,
    check,
    derivation_of_equivalent,
    judge,
    solve_dyson,
)
from symcollapse.reasoning.verdicts import Supported, Undecided, passed

d, T, T0 = sym.dimension, sym.samples, sym.generation_samples
EYE: Any = Identity(d)
OMEGA: Any = covariance("Omega", d)
X: Any = gaussian_design("X", T, SIGMA)
X0: Any = gaussian_design("X_0", T0, SIGMA)
E: Any = label_noise("E", T, sym.noise)
E0: Any = label_noise("E_0", T0, sym.generation_noise)
W: Any = MatrixSymbol("w_0", d, 1)
M = sym.generator_symbols(5)[0]
S: Any = gaussian_projection("S", d, M)
Y: Any = gaussian_design("Y", T0, OMEGA)


def resolvent(design: Any, ridge: Expr) -> Any:
    return Inverse(design.T * design / design.shape[0] + ridge * EYE)


R, R0 = resolvent(X, sym.ridge), resolvent(X0, sym.generation_ridge)
R_OTHER = resolvent(X, sym.generation_ridge)
FIT: Any = R * X.T * (X * W + E) / T
MEAN: Any = R0 * X0.T * X0 / T0

EXPRESSIONS: Mapping[str, Any] = {
    "resolvent": Trace(OMEGA * R),
    "two resolvents": Trace(OMEGA * R * SIGMA * R_OTHER),
    "ridge error": (FIT - W).T * SIGMA * (FIT - W),
    "two designs": Trace(MEAN.T * R * OMEGA * R * MEAN),
    "matrix": R * OMEGA * R_OTHER,
    "power of a trace": Trace(R) ** 2 + Trace(R * OMEGA) * Trace(E.T * X * R * X.T * E) / T,
}
NAMES = tuple(EXPRESSIONS)


@lru_cache
def derived(name: str) -> Derivation:
    return derivation_of_equivalent(deterministic_equivalent(EXPRESSIONS[name]), name)


def step_of(name: str, kind: type[Any], *, core: bool | None = None) -> tuple[Expr, Step]:
    """The first step of a kind, with the line before it."""
    derivation = derived(name)
    line = derivation.start
    for step in derivation.steps:
        wanted = core is None or (isinstance(step.by, Eliminate) and bool(step.by.ridges) == core)
        if isinstance(step.by, kind) and wanted:
            return line, step
        line = step.to
    raise LookupError(f"{name}: no {kind.__name__}")


def verdict_on(name: str, before: Expr, step: Step) -> Any:
    return judge(step.by, before, step.to, derived(name).domain)


@pytest.mark.parametrize("name", NAMES)
def test_what_the_engine_derives_passes(name: str) -> None:
    checked = check(derived(name))
    assert checked.passed, [str(verdict) for verdict in checked.verdicts]
    assert derived(name).relation.value == "≃"


# Slips in a pencil.


def first_place(pencil: Pencil) -> tuple[tuple[int, int], Letter]:
    place = min(pencil.random)
    return place, next(iter(pencil.random[place]))


def with_random(pencil: Pencil, change: Callable[[Letter, Expr], dict[Letter, Expr]]) -> Pencil:
    place, letter = first_place(pencil)
    return replace(
        pencil,
        random={**pencil.random, place: change(letter, pencil.random[place][letter])},
    )


def dropped_coupling(pencil: Pencil) -> Pencil:
    place = next(p for p in pencil.deterministic if p[0] != p[1])
    kept = {p: entry for p, entry in pencil.deterministic.items() if p != place}
    return replace(pencil, deterministic=kept)


PENCIL_SLIPS: Mapping[str, Callable[[Pencil], Pencil]] = {
    "sign of a random block": lambda p: with_random(p, lambda letter, c: {letter: -c}),
    "T forgotten": lambda p: with_random(p, lambda letter, c: {letter: c * T}),
    "d for T": lambda p: with_random(p, lambda letter, c: {letter: c * T / d}),
    "random block dropped": lambda p: replace(
        p, random={place: e for place, e in p.random.items() if place != min(p.random)}
    ),
    "sign of a deterministic block": lambda p: replace(
        p, deterministic={**p.deterministic, (0, 0): -p.deterministic[0, 0]}
    ),
    "left doubled": lambda p: replace(p, left={k: 2 * f for k, f in p.left.items()}),
}


def with_pencil(line: Expr, kind: type[Any], change: Callable[[Pencil], Pencil]) -> Expr:
    node = min(line.atoms(kind), key=lambda node: node.label)
    wrong = PencilFunctional(
        node.label,
        node.functional,
        node.operator,
        change(node.pencil),
        is_matrix=node.is_matrix,
    )
    return line.xreplace({node: wrong})


@pytest.mark.parametrize("slip", PENCIL_SLIPS)
@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_pencil_is_refused(name: str, slip: str) -> None:
    before, step = step_of(name, Linearise)
    wrong = with_pencil(step.to, PencilFunctional, PENCIL_SLIPS[slip])
    assert wrong != step.to
    assert isinstance(verdict_on(name, before, Step(wrong, step.by)), Refuted)


@pytest.mark.parametrize("name", ["two resolvents", "two designs", "matrix"])
def test_a_dropped_block_between_vectors_is_refused(name: str) -> None:
    before, step = step_of(name, Linearise)
    wrong = with_pencil(step.to, PencilFunctional, dropped_coupling)
    assert isinstance(verdict_on(name, before, Step(wrong, step.by)), Refuted)


def test_a_trace_that_is_turned_the_wrong_way_is_refused() -> None:
    before, step = step_of("two resolvents", Linearise)
    (node,) = step.to.atoms(PencilFunctional)
    other = R * OMEGA * SIGMA * R
    wrong = PencilFunctional(1, node.functional, other, node.pencil)
    assert isinstance(verdict_on("two resolvents", before, Step(wrong, step.by)), Refuted)


# Slips in the noise.


@pytest.mark.parametrize("name", ["ridge error", "power of a trace"])
@pytest.mark.parametrize(
    "slip",
    [
        lambda line: line.xreplace({sym.noise: sym.noise**2}),
        lambda line: line.xreplace({sym.noise: Integer(0)}),
        lambda line: 2 * line,
        lambda line: line.xreplace({T: 2 * T}),
    ],
)
def test_a_wrong_average_over_noise_is_refused(name: str, slip: Any) -> None:
    before, step = step_of(name, NoiseAverage)
    assert isinstance(verdict_on(name, before, Step(slip(step.to), step.by)), Refuted)


def test_the_fourth_moment_of_noise_needs_all_three_pairings() -> None:
    fourth = Trace(E * E.T * E * E.T)
    two = sym.noise**4 * Trace(Identity(T)) ** 2 + 2 * sym.noise**4 * Trace(Identity(T))
    one = sym.noise**4 * Trace(Identity(T)) ** 2
    domain = MatrixDomain(expression=fourth)
    assert passed(judge(NoiseAverage(("E",)), fourth, two, domain))
    assert isinstance(judge(NoiseAverage(("E",)), fourth, one, domain), Refuted)


def test_noise_that_is_left_is_refused() -> None:
    start = EXPRESSIONS["ridge error"]
    assert isinstance(judge(NoiseAverage(), start, start, MatrixDomain()), Refuted)


# Slips in the Dyson equation.


def changed(
    node: DysonFunctional,
    equations: Callable[[Symbol, Expr], Expr] = lambda _, equation: equation,
    function: Expr | None = None,
    dropped: int = 0,
) -> DysonFunctional:
    return DysonFunctional(
        node.source,
        node.families,
        node.unknowns[dropped:],
        {
            symbol: equations(symbol, equation)
            for symbol, equation in list(node.equations.items())[dropped:]
        },
        node.function if function is None else function,
    )


def without_unknown(node: DysonFunctional) -> DysonFunctional:
    """As if a term of 𝒮 were forgotten."""
    gone = {node.unknowns[0].symbol: Integer(0)}
    return changed(
        node, lambda _, equation: equation.xreplace(gone), node.function.xreplace(gone), dropped=1
    )


DYSON_SLIPS: Mapping[str, Callable[[DysonFunctional], DysonFunctional]] = {
    "a term of S dropped": without_unknown,
    "a term of S dropped from the equations": lambda n: changed(
        n, lambda _, e: e.xreplace({n.unknowns[0].symbol: Integer(0)})
    ),
    "normalised by d": lambda n: changed(n, lambda _, e: e.xreplace({T: d})),
    "sign of S": lambda n: changed(
        n, lambda _, e: e.xreplace({u.symbol: -u.symbol for u in n.unknowns})
    ),
    "traces of the wrong side": lambda n: changed(
        n,
        lambda _, e: e.xreplace(
            {u.symbol: v.symbol for u, v in zip(n.unknowns, n.unknowns[::-1], strict=True)}
        ),
    ),
    "another block": lambda n: changed(n, function=2 * n.function),
}


@pytest.mark.parametrize("slip", DYSON_SLIPS)
@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_dyson_equation_is_refused(name: str, slip: str) -> None:
    before, step = step_of(name, DysonAxiom)
    node = min(step.to.atoms(DysonFunctional), key=lambda node: node.label)
    wrong = DYSON_SLIPS[slip](node)
    assert wrong != node
    line = step.to.xreplace({node: wrong})
    assert isinstance(verdict_on(name, before, Step(line, step.by)), Refuted)


def test_a_missing_transpose_is_another_pencil() -> None:
    # Without Xᵀ there is no trace to couple by: the equations of the right pencil are not those of the wrong.
    _, step = step_of("resolvent", DysonAxiom)
    (node,) = step.to.atoms(DysonFunctional)
    place, _ = first_place(node.pencil)
    kept = {p: e for p, e in node.pencil.random.items() if p != place}
    source = PencilFunctional(
        1, node.functional, node.source.operator, replace(node.pencil, random=kept)
    )
    wrong = DysonFunctional(source, node.families, node.unknowns, node.equations, node.function)
    verdict = judge(step.by, source, wrong, derived("resolvent").domain)
    assert isinstance(verdict, Refuted)


# Slips in the solution.


def with_values(name: str, change: Callable[[Expr], Expr], *, core: bool) -> Any:
    before, step = step_of(name, Eliminate, core=core)
    by = step.by
    assert isinstance(by, Eliminate)
    values = tuple((symbol, change(value)) for symbol, value in by.values)
    assert values != by.values
    (node,) = (n for n in before.atoms(DysonFunctional) if n.label == by.label)
    line = before.xreplace({node: node.solved(dict(values))})
    return verdict_on(name, before, Step(line, replace(by, values=values)))


def ridge_for_effective_ridge(value: Expr) -> Expr:
    return value.xreplace({node: 2 * node.ridge for node in value.atoms(EffectiveRidge)})


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("change", [ridge_for_effective_ridge, lambda v: -v, lambda v: v * T / d])
def test_a_wrong_core_is_refused(name: str, change: Callable[[Expr], Expr]) -> None:
    assert isinstance(with_values(name, change, core=True), Refuted)


@pytest.mark.parametrize("name", ["two resolvents", "ridge error", "two designs", "matrix"])
@pytest.mark.parametrize("change", [lambda v: 2 * v, lambda v: -v, lambda v: v + 1])
def test_a_wrong_linear_solution_is_refused(name: str, change: Callable[[Expr], Expr]) -> None:
    assert isinstance(with_values(name, change, core=False), Refuted)


@pytest.mark.parametrize("name", ["two resolvents", "ridge error", "matrix"])
def test_parts_in_the_wrong_order_are_refused(name: str) -> None:
    line, _ = step_of(name, Eliminate)
    _, linear = step_of(name, Eliminate, core=False)
    by = linear.by
    assert isinstance(by, Eliminate)
    (node,) = (n for n in line.atoms(DysonFunctional) if n.label == by.label)
    # A value that keeps the other unknowns open is no value yet.
    open_values = tuple((symbol, node.equations[symbol]) for symbol, _ in by.values[:1])
    moved = line.xreplace({node: node.solved(dict(open_values))})
    verdict = judge(Eliminate(by.label, open_values), line, moved, derived(name).domain)
    assert isinstance(verdict, Refuted)


def test_a_line_that_hides_another_change_is_refused() -> None:
    before, step = step_of("ridge error", Eliminate)
    assert isinstance(verdict_on("ridge error", before, Step(2 * step.to, step.by)), Refuted)


# Slips in the formula.


def lower_degrees(formula: Expr) -> Expr:
    return formula.xreplace(
        {
            node: DegreesOfFreedom(node.order + 1, *node.args[1:])
            for node in formula.atoms(DegreesOfFreedom)
        }
    )


FORMULA_SLIPS: Mapping[str, Callable[[Expr], Any]] = {
    "T for d": lambda f: f.xreplace({T: T + 1}),
    "ridge for effective ridge": lambda f: f.xreplace(
        {n: n.ridge for n in f.atoms(EffectiveRidge)}
    ),
    "factor": lambda f: 2 * f,
    "df of another order": lambda f: lower_degrees(f) if f.has(DegreesOfFreedom) else -f,
}


@pytest.mark.parametrize("slip", FORMULA_SLIPS)
@pytest.mark.parametrize("name", NAMES)
def test_a_wrong_formula_is_refused(name: str, slip: str) -> None:
    before, step = step_of(name, CloseForm)
    wrong = FORMULA_SLIPS[slip](step.to)
    assert isinstance(verdict_on(name, before, Step(wrong, step.by)), Refuted)


def test_a_formula_with_unknowns_is_refused() -> None:
    before, _ = step_of("resolvent", Eliminate)
    _, step = step_of("resolvent", CloseForm)
    assert isinstance(verdict_on("resolvent", before, step), Refuted)


# The referee.


@pytest.mark.parametrize("name", NAMES)
def test_the_iteration_gives_the_closed_form(name: str) -> None:
    equivalent = deterministic_equivalent(EXPRESSIONS[name])
    for point in derived(name).domain.points(2, seed=7):
        for solved in equivalent.functionals:
            solution = solve_dyson(solved.pencil, solved.equation.equation.families, point)
            for level, number in zip(solution.levels, solution.function, strict=True):
                closed = ball_at(solved.matrix.xreplace({**point, **level.eigenvalues}), 128)
                assert float(closed) == pytest.approx(number, rel=1e-9)


def test_the_iteration_solves_coupled_cores() -> None:
    # Pooled data of two covariances: in the limit of one, the pool of both samples.
    pooled = X.T * X / T + X0.T * X0 / T
    whole = Inverse(pooled + sym.ridge * EYE)
    families = families_of(whole)
    (point,) = MatrixDomain(expression=Trace(whole)).points(1)
    together = gaussian_design("Y", T + T0, SIGMA)
    alone = Inverse(together.T * together / T + sym.ridge * EYE)
    one = solve_dyson(linearise(whole, families), families, point).trace
    other = solve_dyson(linearise(alone, families), families, point).trace
    assert one == pytest.approx(other, rel=1e-10)


# Pooled data, random features, and vanishing ridges.

POOLED: Any = Inverse(X.T * X / T + Y.T * Y / T + sym.ridge * EYE)
FEATURES: Any = Inverse(S.T * X.T * X * S / T + sym.ridge * Identity(M))


# A general ridge next to another covariance: the effective ridge holds sums over one of two spectra.
GENERAL: Any = Inverse(X.T * X / T + SIGMA + EYE)


@pytest.mark.parametrize(
    "expression", [Trace(OMEGA * POOLED), Trace(FEATURES), Trace(OMEGA * GENERAL)], ids=str
)
def test_coupled_cores_pass_and_wrong_ones_do_not(expression: Any) -> None:
    derivation = derivation_of_equivalent(deterministic_equivalent(expression))
    assert check(derivation).passed
    last = derivation.steps[-1]
    before = derivation.steps[-2].to
    wrong = last.to.xreplace({T: T + 1})
    assert isinstance(judge(last.by, before, wrong, derivation.domain), Refuted)


PSEUDO: Any = pseudo_inverse(X)
LIMITS: Mapping[str, Any] = {
    "inverse": Trace(SIGMA * Inverse(X.T * X)),
    "projection": Trace(OMEGA * PSEUDO * X),
    "variance": Trace(SIGMA * PSEUDO * PSEUDO.T),
    "least squares": (PSEUDO * (X * W + E) - W).T * SIGMA * (PSEUDO * (X * W + E) - W),
}


@pytest.mark.parametrize("name", LIMITS)
def test_a_vanishing_ridge_passes_and_a_wrong_limit_does_not(name: str) -> None:
    derivation = derivation_of_equivalent(deterministic_equivalent(LIMITS[name]), name)
    checked = check(derivation)
    assert checked.passed, [str(verdict) for verdict in checked.verdicts]
    assert derivation.relation.value == "→"
    last, before = derivation.steps[-1], derivation.steps[-2].to
    assert isinstance(last.by, VanishingRidges)
    slips = [2 * last.to, last.to.xreplace({T: T + 1}), lower_degrees(last.to), before]
    for wrong in slips:
        if wrong != last.to:
            assert isinstance(judge(last.by, before, wrong, derivation.domain), Refuted), wrong


def test_what_is_not_rational_is_undecided() -> None:
    projection = gaussian_projection("S", d, 50)
    start = Trace(projection * projection.T)
    (node,) = (
        derivation_of_equivalent(deterministic_equivalent(start))
        .steps[0]
        .to.atoms(PencilFunctional)
    )
    assert isinstance(judge(Linearise(), start, node, MatrixDomain()), Supported)
    assert isinstance(
        judge(Linearise(), sqrt(2) * start, sqrt(2) * node, MatrixDomain()), Undecided
    )
