"""Judges prove what is true, refute what is false, and say so when they cannot tell."""

from collections.abc import Callable
from dataclasses import replace
from typing import get_args

import pytest
from sympy import Add, Expr, Gt, Integer, Lt, Matrix, Rational, oo, sqrt

from symcollapse.equivalents import (
    Design,
    MeanMap,
    NoiseMoment,
    SecondMoment,
    complement,
    fluctuation,
    noise_kernel,
    replace_exactly,
    replace_moments,
)
from symcollapse.language import symbols as sym
from symcollapse.language.domains import Domain, EmptyDomain, Range
from symcollapse.language.effective_ridges import (
    EffectiveRidge,
    ResidualDegreesOfFreedom,
    SurplusSamples,
    WishartSurplus,
)
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.quantities import (
    DegreesOfFreedom,
    QuadraticForm,
    SpectralTrace,
    quadratic_form,
    spectral_trace,
)
from symcollapse.language.spectra import IsotropicSpectrum
from symcollapse.language.unfolding import unfold
from symcollapse.reasoning import (
    Algebra,
    Derivation,
    Differentiate,
    Equivalents,
    ExactMoments,
    Justification,
    Limit,
    Proved,
    Refuted,
    Solve,
    Step,
    Substitute,
    Supported,
    Undecided,
    Unfold,
    check,
    is_identity,
    judge,
)
from symcollapse.reasoning.relations import Relation, weakest
from symcollapse.reasoning.verdicts import passed

s, kappa, T, d = sym.eigenvalue, sym.effective, sym.samples, sym.dimension
KAPPA = EffectiveRidge(sym.ridge, T, SIGMA)
DF1, DF2 = DegreesOfFreedom(1, KAPPA, SIGMA), DegreesOfFreedom(2, KAPPA, SIGMA)
TRACE = spectral_trace(s / (s + KAPPA) ** 2, SIGMA)

TRUE_IDENTITIES = {
    "df1 - df2": (DF1 - DF2, KAPPA * TRACE),
    "d - 2 df1 + df2": (d - 2 * DF1 + DF2, KAPPA**2 * spectral_trace((s + KAPPA) ** -2, SIGMA)),
    "equation of kappa": (KAPPA - sym.ridge, KAPPA * DF1 / T),
    "stable residual": (T - DF2, sym.ridge * T / KAPPA + KAPPA * TRACE),
    "resolvent identity": (
        spectral_trace(1 / ((s + kappa) * (s + 2 * kappa)), SIGMA) * kappa,
        spectral_trace(1 / (s + kappa) - 1 / (s + 2 * kappa), SIGMA),
    ),
    "quadratic forms": (
        quadratic_form(s, SIGMA, W0) - quadratic_form(s**2 / (s + kappa), SIGMA, W0),
        kappa * quadratic_form(s / (s + kappa), SIGMA, W0),
    ),
}

FALSE_IDENTITIES = {
    "df1 for df2": (DF1, DF2),
    "off by 1e-50": (DF1, DF1 * (1 + Integer(10) ** -50)),
    "sign": (T - DF2, T + DF2),
    "equation with df2": (KAPPA - sym.ridge, KAPPA * DF2 / T),
    "lost factor": (d - 2 * DF1 + DF2, spectral_trace((s + KAPPA) ** -2, SIGMA)),
    "residual without ridge": (T - DF2, KAPPA * TRACE),
    "trace for form": (
        quadratic_form(s / (s + kappa), SIGMA, W0),
        spectral_trace(s / (s + kappa), SIGMA),
    ),
}


@pytest.mark.parametrize("name", TRUE_IDENTITIES)
def test_a_true_identity_is_proved(name: str) -> None:
    left, right = TRUE_IDENTITIES[name]
    assert isinstance(judge(Algebra(), left, right, Domain()), Proved)


@pytest.mark.parametrize("name", FALSE_IDENTITIES)
def test_a_false_identity_is_refuted(name: str) -> None:
    left, right = FALSE_IDENTITIES[name]
    assert not is_identity(left, right)
    assert isinstance(judge(Algebra(), left, right, Domain()), Refuted)


def test_the_bound_eigenvalue_is_not_replaced_at_points() -> None:
    # A point gives the free s a value; inside a trace s is bound.
    trace = SpectralTrace(s / (s + kappa), SIGMA)
    assert trace.xreplace({s: Integer(7)}) == trace
    assert (s + trace).xreplace({s: Integer(7)}) == 7 + trace


def test_an_isotropic_identity_uses_the_quadratic() -> None:
    spectrum = IsotropicSpectrum(d)
    root = EffectiveRidge(sym.ridge, T, spectrum)
    true = (root - sym.ridge) * (1 + root) * T
    assert isinstance(judge(Algebra(), true, d * root, Domain(isotropic=True)), Proved)
    assert isinstance(judge(Algebra(), true, T * root, Domain(isotropic=True)), Refuted)


def test_a_proof_outside_its_regime_is_refuted() -> None:
    # κ(0, T₀) = d/T₀ − 1 needs T₀ < d: symbols alone would prove it, the points of the domain decide.
    root = EffectiveRidge(0, sym.generation_samples, IsotropicSpectrum(d))
    closed = d / sym.generation_samples - 1
    inside = Domain(conditions=(Lt(sym.generation_samples, d),))
    outside = Domain(conditions=(Gt(sym.generation_samples, d),))
    assert isinstance(judge(Algebra(), root, closed, inside), Proved)
    assert isinstance(judge(Algebra(), root, closed, outside), Refuted)
    ridgeless = EffectiveRidge(0, T, SIGMA)
    assert isinstance(judge(Algebra(), DegreesOfFreedom(1, ridgeless, SIGMA), T, Domain()), Refuted)


def test_a_relation_between_few_eigenvalues_is_refuted() -> None:
    # The Hankel determinant of five power sums vanishes for up to four distinct eigenvalues.
    hankel = Matrix(5, 5, lambda i, j: SpectralTrace(s ** (i + j), SIGMA) if i + j else d)
    determinant = hankel.det(method="berkowitz")
    verdict = judge(
        Algebra(), determinant, Integer(0), Domain(ranges={d: Range(6, 12, whole=True)})
    )
    assert isinstance(verdict, Refuted)


def test_the_size_of_an_abstract_covariance_is_not_differentiated() -> None:
    # It was 0, silently, and the judge proved it.
    for quantity in (KAPPA, DF2, TRACE, ResidualDegreesOfFreedom(T, sym.ridge, sym.ridge, SIGMA)):
        with pytest.raises(TypeError, match="no derivative"):
            quantity.diff(d)


def test_a_range_must_hold_a_number() -> None:
    with pytest.raises(EmptyDomain, match="low <= high"):
        Range(3, 1)
    assert all(p[d].is_Integer for p in Domain(ranges={d: Range(3, 9)}).points(9))


def test_a_condition_without_ranges_is_an_error() -> None:
    with pytest.raises(EmptyDomain, match="give ranges"):
        Domain(conditions=(Gt(sym.generator_symbols(7)[0], d),)).points(1)


def test_an_equivalence_after_a_limit_is_refuted() -> None:
    moment = SpectralTrace(NoiseMoment(DESIGN, 0), SIGMA)
    n = sym.generations
    steps = (Step(moment, Limit(n, oo)), Step(moment, Equivalents((0,))))
    start = moment * (n + 1) / n
    assert "after another limit" in str(check(Derivation("Wrong order", start, steps)).verdicts[1])


def test_too_few_decided_points_is_undecided() -> None:
    never = Domain(ranges={sym.scale: Range(1, 1)})
    # 1/(c − 1) has no value at c = 1.
    expression = 1 / (sym.scale - 1)
    assert isinstance(judge(Algebra(), expression, 2 * expression, never), Undecided)


def test_an_empty_domain_is_an_error() -> None:
    with pytest.raises(EmptyDomain, match="widen"):
        Domain(conditions=(Gt(d, 10**6),)).points(1)


def test_unfold_judges_definitions() -> None:
    assert isinstance(
        judge(Unfold(), DF2, SpectralTrace((s / (s + KAPPA)) ** 2, SIGMA), Domain()), Proved
    )
    assert isinstance(judge(Unfold(), sym.ridge, sym.ridge, Domain()), Refuted)
    assert isinstance(
        judge(Unfold((DegreesOfFreedom,)), DF2, SpectralTrace(s / (s + KAPPA), SIGMA), Domain()),
        Refuted,
    )


def test_differentiate_judges_derivatives() -> None:
    ridge_of = kappa - kappa * DegreesOfFreedom(1, kappa, SIGMA) / T
    slope = 1 - DegreesOfFreedom(2, kappa, SIGMA) / T
    assert isinstance(judge(Differentiate(kappa), ridge_of, slope, Domain()), Proved)
    wrong = 1 - DegreesOfFreedom(1, kappa, SIGMA) / T
    assert isinstance(judge(Differentiate(kappa), ridge_of, wrong, Domain()), Refuted)


def test_substitute_refuses_to_do_nothing() -> None:
    rule = ((sym.noise, sym.generation_noise),)
    assert isinstance(
        judge(Substitute(rule), sym.noise**2, sym.generation_noise**2, Domain()), Proved
    )
    assert isinstance(judge(Substitute(rule), sym.ridge, sym.ridge, Domain()), Refuted)
    assert isinstance(
        judge(Substitute(rule), sym.noise**2, sym.generation_noise, Domain()), Refuted
    )


DESIGN = Design(0, T, (sym.ridge,), SIGMA)


def test_equivalents_judge_by_the_rule() -> None:
    before = QuadraticForm(s * MeanMap(DESIGN), SIGMA, W0)
    right = quadratic_form(s**2 / (s + KAPPA), SIGMA, W0)
    assert isinstance(judge(Equivalents((0,)), before, right, Domain()), Supported)
    assert isinstance(judge(Equivalents((0,)), before, 2 * right, Domain()), Refuted)
    assert isinstance(judge(Equivalents((1,)), before, right, Domain()), Refuted)
    # The naive equivalent of a second moment, without its fluctuation.
    moment = SpectralTrace(SecondMoment(DESIGN, s), SIGMA)
    naive = spectral_trace(s**3 / (s + KAPPA) ** 2, SIGMA)
    assert isinstance(judge(Equivalents((0,)), moment, naive, Domain()), Refuted)


WRONG_RULES: dict[str, tuple[str, Callable[..., Expr]]] = {
    "df1 for df2": (
        "fluctuation",
        lambda design, middle: (
            fluctuation(design, middle)
            * design.residual
            / (T - DegreesOfFreedom(1, design.effective_ridge, SIGMA))
        ),
    ),
    "the trace of another matrix": (
        "fluctuation",
        lambda design, middle: fluctuation(design, s * middle),
    ),
    "no fluctuation": ("fluctuation", lambda design, middle: Integer(0) * design.samples * middle),
    "complement for mean": ("mean", complement),
    "lambda for kappa": ("mean", lambda design: s / (s + design.ridge)),
    "kernel of one sample more": (
        "noise_kernel",
        lambda design, fit: noise_kernel(design, fit) * design.residual / (design.residual + 1),
    ),
}


@pytest.mark.parametrize("name", WRONG_RULES)
def test_a_wrong_rule_is_refuted_though_applied_as_stated(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Add(
        SpectralTrace(SecondMoment(DESIGN, s / (s + kappa)) * s, SIGMA),
        SpectralTrace(s * MeanMap(DESIGN), SIGMA),
        SpectralTrace(s * NoiseMoment(DESIGN, 0), SIGMA),
    )
    right = replace_moments(before, 0)
    assert right is not None
    assert isinstance(judge(Equivalents((0,)), before, right, Domain()), Supported)
    rule, wrong = WRONG_RULES[name]
    monkeypatch.setitem(replace_moments.__globals__, rule, wrong)
    after = replace_moments(before, 0)
    assert after is not None
    verdict = judge(Equivalents((0,)), before, after, Domain())
    assert isinstance(verdict, Refuted)
    assert "another derivation" in str(verdict)


def test_a_wrong_exact_law_is_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    design = Design(0, T, (0,), SIGMA, determined=True)
    before = SpectralTrace(s * NoiseMoment(design, 0), SIGMA)
    enough = Domain(conditions=(Gt(T, d + 1),))
    monkeypatch.setitem(replace_exactly.__globals__, "WishartSurplus", SurplusSamples)
    after = replace_exactly(before, 0)
    assert after == d / SurplusSamples(T, SIGMA)
    assert isinstance(judge(ExactMoments((0,)), before, after, enough), Refuted)


def test_fits_beyond_the_engine_are_said_to_be_by_residues() -> None:
    ridges = tuple(sym.generator_symbols(k)[2] for k in range(5))
    design = Design(0, T, ridges, SIGMA)
    before = SpectralTrace(SecondMoment(design, s), SIGMA)
    after = replace_moments(before, 0)
    assert after is not None
    verdict = judge(Equivalents((0,)), before, after, Domain())
    assert isinstance(verdict, Supported)
    assert "residues" in str(verdict)
    assert "engine" not in str(verdict)


def test_exact_moments_judge_by_the_law() -> None:
    design = Design(0, T, (0,), SIGMA, determined=True)
    before = SpectralTrace(s * NoiseMoment(design, 0), SIGMA)
    enough = Domain(conditions=(Gt(T, d + 1),))
    assert isinstance(
        judge(ExactMoments((0,)), before, d / WishartSurplus(T, SIGMA), enough), Proved
    )
    assert isinstance(
        judge(ExactMoments((0,)), before, d / SurplusSamples(T, SIGMA), enough), Refuted
    )
    # Outside its conditions the law is refused, however it is applied.
    for outside in (Domain(), Domain(conditions=(Lt(T, d),))):
        assert isinstance(
            judge(ExactMoments((0,)), before, d / WishartSurplus(T, SIGMA), outside), Refuted
        )
    mean = SpectralTrace(MeanMap(design), SIGMA)
    assert isinstance(judge(Equivalents((0,)), mean, d, enough), Supported)
    assert isinstance(judge(Equivalents((0,)), mean, d, Domain(conditions=(Lt(T, d),))), Refuted)


def test_limit_and_solve() -> None:
    n = sym.generations
    assert isinstance(judge(Limit(n, oo), (n + 1) / n, Integer(1), Domain()), Proved)
    assert isinstance(judge(Limit(n, oo), (n + 1) / n, Integer(2), Domain()), Refuted)
    assert isinstance(judge(Solve(n), 2 * n - T, T / 2, Domain()), Proved)
    assert isinstance(judge(Solve(n), 2 * n - T, T, Domain()), Refuted)
    assert isinstance(judge(Solve(n), n**2 - T, T ** Rational(1, 2), Domain()), Supported)
    assert isinstance(judge(Solve(sym.noise), 2 * n - T, T, Domain()), Refuted)
    assert isinstance(judge(Solve(kappa), 1 / kappa, oo, Domain()), Refuted)
    slack = 1 - d / T - sym.ridge
    equation = unfold(EffectiveRidge(sym.ridge, T, IsotropicSpectrum(d)).equation(kappa))
    roots = [(sign * sqrt(slack**2 + 4 * sym.ridge) - slack) / 2 for sign in (1, -1)]
    assert isinstance(judge(Solve(kappa), equation, roots[0], Domain()), Supported)
    assert isinstance(judge(Solve(kappa), equation, roots[1], Domain()), Refuted)


def test_a_limit_says_when_it_depends_on_the_side_or_is_not_found() -> None:
    below = Domain(conditions=(Lt(T, d),))
    for claim in (oo, -oo):
        assert isinstance(judge(Limit(T, d), 1 / (T - d), claim, below), Undecided)
    assert isinstance(judge(Limit(T, oo), KAPPA, sym.ridge, Domain()), Undecided)


def test_every_justification_has_a_judge() -> None:
    for kind in get_args(Justification):
        assert judge.dispatch(kind) is not judge.dispatch(object), kind


def test_an_unknown_justification_is_an_error() -> None:
    with pytest.raises(TypeError, match="no judge"):
        judge("because", sym.ridge, sym.ridge, Domain())  # type: ignore[arg-type]


def test_relations_compose_to_the_weakest() -> None:
    assert weakest((Relation.EQUAL, Relation.EQUIVALENT)) is Relation.EQUIVALENT
    assert weakest((Relation.EQUIVALENT, Relation.LIMIT)) is Relation.LIMIT
    with pytest.raises(ValueError, match="after another limit"):
        weakest((Relation.LIMIT, Relation.EQUIVALENT))


def test_a_derivation_with_one_wrong_step_does_not_pass() -> None:
    good = Derivation("Good", DF1 - DF2, (Step(KAPPA * TRACE, Algebra()),))
    assert check(good).passed
    bad: Expr = KAPPA * TRACE * 2
    assert not check(replace(good, steps=(Step(bad, Algebra()), Step(bad, Algebra())))).passed


def test_the_residual_node_is_its_definition() -> None:
    node = ResidualDegreesOfFreedom(T, sym.ridge, sym.ridge, SIGMA)
    assert isinstance(judge(Algebra(), node, T - DF2, Domain()), Proved)


def test_progress_is_told_step_by_step() -> None:
    steps = tuple(Step(count * sym.ridge, Algebra()) for count in (1, 2))
    told: list[tuple[int, int]] = []
    checked = check(Derivation("Half right", sym.ridge, steps), lambda *done: told.append(done))
    assert told == [(1, 2), (2, 2)]
    assert [passed(verdict) for verdict in checked.verdicts] == [True, False]


def test_a_formula_that_divides_by_nothing_is_no_identity() -> None:
    lost = 1 / ((sym.ridge + 1) ** 2 - sym.ridge**2 - 2 * sym.ridge - 1)
    assert not is_identity(lost, lost + sym.ridge)
    assert not is_identity(lost, 2 * lost)
    assert is_identity((sym.ridge + 1) ** 2 - sym.ridge**2, 2 * sym.ridge + 1)
    assert not is_identity((sym.ridge + 1) ** 2 - sym.ridge**2, 2 * sym.ridge + 2)
