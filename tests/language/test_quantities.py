"""Quantities unfold to their definition, differentiate to the truth, and print as in the papers."""

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from flint import arb, ctx
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sympy import Basic, Expr, Integer, Rational, Sum, Symbol, exp, latex, log, simplify, sqrt

from symcollapse.evaluation import evaluate
from symcollapse.language.abbreviations import Abbreviation
from symcollapse.language.effective_ridges import (
    EffectiveRidge,
    ResidualDegreesOfFreedom,
    SurplusSamples,
)
from symcollapse.language.errors import InexactConstant, OutOfRegime
from symcollapse.language.problems import SIGMA, W0, Downstream, Problem
from symcollapse.language.quantities import (
    DegreesOfFreedom,
    QuadraticForm,
    SpectralTrace,
    canonical,
    quadratic_form,
    spectral_trace,
)
from symcollapse.language.spectra import (
    ExplicitSpectrum,
    ExponentialSpectrum,
    IsotropicSpectrum,
    LevelsSpectrum,
    PowerLawSpectrum,
    Spectrum,
    covariance,
)
from symcollapse.language.symbols import (
    capacity,
    dimension,
    effective,
    name_symbol,
    rate,
    ridge,
    samples,
    scale,
    source,
)
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.symbols import generation_ridge as ridge_0
from symcollapse.language.targets import (
    ExplicitTarget,
    LevelsTarget,
    SourceTarget,
    Target,
    UniformTarget,
    truth,
)
from symcollapse.language.unfolding import isotropic_effective_ridge, sum_over, unfold
from tests.strategies import scales, spectra, targets

KAPPA = EffectiveRidge(ridge, samples, SIGMA)
TAU = name_symbol("tau_0")

NODES: dict[str, Expr] = {
    "df_1": DegreesOfFreedom(1, effective, SIGMA),
    "df_3": DegreesOfFreedom(3, ridge + 1, SIGMA),
    "kappa": KAPPA,
    "nested": DegreesOfFreedom(2, KAPPA, SIGMA),
    "residual": ResidualDegreesOfFreedom(samples, ridge, ridge, SIGMA),
    "two ridges": ResidualDegreesOfFreedom(samples, ridge, ridge_0, SIGMA),
    "surplus": SurplusSamples(samples, SIGMA),
    "trace": SpectralTrace(s**2 / (s + KAPPA) ** 3, SIGMA),
    "form": QuadraticForm(s / (s + KAPPA) ** 2, SIGMA, W0),
    "abbreviation": Abbreviation(TAU, KAPPA * DegreesOfFreedom(2, KAPPA, SIGMA) + 1),
}


# Derivatives.

DIGITS = 40
STEPS = (Rational(1, 10**9), Rational(1, 2 * 10**9))
"""Two steps, one half the other: the error of the central difference must fall by four."""


def at(formula: Expr, values: dict[Symbol, Expr]) -> Any:
    numeric = formula.xreplace(values)
    return evaluate(numeric, digits=DIGITS).mpf


def assert_derivative(formula: Expr, symbol: Symbol, values: dict[Symbol, Expr]) -> None:
    """The derivative is the limit of central differences, at the rate that these have."""
    with mpmath.workdps(DIGITS + 10):
        claimed = at(formula.diff(symbol), values)
        errors = []
        for step in STEPS:
            up, down = (
                at(formula, {**values, symbol: values[symbol] + sign * step}) for sign in (1, -1)
            )
            width = 2 * mpmath.mpf(int(step.p)) / int(step.q)
            errors.append((up - down) / width - claimed)
        size = max(abs(claimed), mpmath.mpf(10) ** -15)
        # 1e-9 squared, times third derivatives up to 1e8 of the size.
        assert abs(errors[0]) < mpmath.mpf(10) ** -10 * size, f"{formula} by {symbol}: {claimed}"
        if abs(errors[0]) > mpmath.mpf(10) ** -22 * size:
            assert abs(errors[0] / errors[1] - 4) < 0.01


SPECTRA_WITH_PARAMETERS: list[tuple[Spectrum, dict[Symbol, Expr]]] = [
    (IsotropicSpectrum(12, scale), {scale: Rational(3, 2)}),
    (PowerLawSpectrum(12, capacity, scale), {capacity: Rational(7, 5), scale: Rational(3, 2)}),
    (ExponentialSpectrum(12, rate, scale), {rate: Rational(1, 3), scale: Rational(3, 2)}),
    (PowerLawSpectrum(12, capacity**2 + 1, capacity), {capacity: Rational(4, 5)}),
]


def quantities_of(spectrum: Spectrum) -> dict[str, Expr]:
    kappa = EffectiveRidge(ridge, samples, spectrum)
    long = kappa + DegreesOfFreedom(2, kappa, spectrum)
    return {
        "df_1": DegreesOfFreedom(1, ridge, spectrum),
        "df_3": DegreesOfFreedom(3, kappa, spectrum),
        "kappa": kappa,
        "residual": ResidualDegreesOfFreedom(samples, ridge, ridge, spectrum),
        "two ridges": ResidualDegreesOfFreedom(samples, ridge, 2 * ridge + 1, spectrum),
        "trace": spectral_trace(s**2 * (s + ridge) / (s + kappa) ** 3, spectrum),
        "log": SpectralTrace(log(s + kappa), spectrum),
        "abbreviation": Abbreviation(TAU, long) ** 2 * Abbreviation(TAU, long),
    }


@pytest.mark.parametrize("name", list(quantities_of(SIGMA)))
@pytest.mark.parametrize(("spectrum", "parameters"), SPECTRA_WITH_PARAMETERS)
@pytest.mark.parametrize("size", [5, 12, 20])
def test_derivatives_are_limits_of_differences(
    spectrum: Spectrum, parameters: dict[Symbol, Expr], name: str, size: int
) -> None:
    formula = quantities_of(spectrum)[name]
    values = {**parameters, ridge: Rational(1, 7), samples: Integer(size)}
    for symbol in values:
        if symbol in formula.free_symbols:
            assert_derivative(formula, symbol, values)
    # And once more, of the derivative itself.
    assert_derivative(formula.diff(ridge), ridge, values)


@pytest.mark.parametrize(
    ("spectrum", "target"),
    [
        (PowerLawSpectrum(12, 2), SourceTarget("3/8")),
        (LevelsSpectrum([3, "1/2"], [4, 8]), LevelsTarget([1, 2])),
        (ExplicitSpectrum([3, 2, 1]), ExplicitTarget([1, -1, "1/2"])),
    ],
)
def test_quadratic_forms_have_derivatives_in_the_ridge(spectrum: Spectrum, target: Target) -> None:
    kappa = EffectiveRidge(ridge, samples, spectrum)
    form = quadratic_form(kappa**2 * s / (s + kappa) ** 2, spectrum, target)
    values: dict[Symbol, Expr] = {ridge: Rational(1, 7), samples: Integer(8)}
    for symbol in values:
        assert_derivative(form, symbol, values)


def test_a_derivative_that_is_off_is_noticed() -> None:
    class Off(DegreesOfFreedom):
        """Derivative too large by 1e-7."""

        def _diff_rules(self) -> tuple[tuple[int, Callable[[], Expr]], ...]:
            ((place, rule),) = super()._diff_rules()
            return ((place, lambda: rule() * (1 + Rational(1, 10**7))),)

    spectrum = PowerLawSpectrum(12, 2)
    with pytest.raises(AssertionError):
        assert_derivative(Off(2, ridge, spectrum), ridge, {ridge: Rational(1, 7)})


def test_derivatives_that_do_not_exist_are_refused() -> None:
    sized = PowerLawSpectrum(dimension, 2)
    with pytest.raises(TypeError, match="with respect to d"):
        DegreesOfFreedom(1, ridge, sized).diff(dimension)
    moving = QuadraticForm(s / (s + ridge), PowerLawSpectrum(9, capacity), SourceTarget(1))
    with pytest.raises(TypeError, match="move together"):
        moving.diff(capacity)
    listed = DegreesOfFreedom(1, ridge, LevelsSpectrum([scale, 1], [2, 3]))
    with pytest.raises(TypeError, match="no derivative"):
        listed.diff(scale)


def test_the_derivative_of_the_effective_ridge_is_the_one_of_the_theory() -> None:
    residual = ResidualDegreesOfFreedom(samples, ridge, ridge, SIGMA)
    assert KAPPA.diff(ridge) == samples / residual
    assert KAPPA.diff(samples) == -KAPPA * DegreesOfFreedom(1, KAPPA, SIGMA) / samples / residual


# Unfolding.


@pytest.mark.parametrize("name", list(NODES))
def test_unfolding_twice_changes_nothing(name: str) -> None:
    node = NODES[name]
    once = unfold(node)
    assert unfold(once) == once
    assert not once.atoms(DegreesOfFreedom, SurplusSamples, Abbreviation, ResidualDegreesOfFreedom)


@given(spectra(most=12), st.data())
@settings(max_examples=25)
def test_unfolding_a_concrete_spectrum_twice_changes_nothing_and_keeps_the_value(
    spectrum: Spectrum, data: st.DataObject
) -> None:
    target = data.draw(targets(spectrum))
    values: dict[Basic, Basic] = {ridge: Rational(1, 3), samples: Integer(7)}
    for node in NODES.values():
        concrete = node.xreplace(
            {SIGMA: spectrum, W0: target, ridge_0: Integer(2), effective: Rational(5, 4)}
        )
        once = unfold(concrete)
        assert unfold(once) == once
    kappa = EffectiveRidge(ridge, samples, spectrum)
    form = quadratic_form(s / (s + kappa) ** 2, spectrum, target) + DegreesOfFreedom(
        2, kappa, spectrum
    )
    written = unfold(form).xreplace(values)
    numeric = form.xreplace(values)
    if not written.has(Sum):
        assert evaluate(written, digits=20).text == evaluate(numeric, digits=20).text


def test_unfolding_one_kind_leaves_the_others() -> None:
    both = DegreesOfFreedom(2, effective, SIGMA) * SurplusSamples(samples, SIGMA)
    only = unfold(both, SurplusSamples)
    assert only.atoms(DegreesOfFreedom)
    assert not only.atoms(SurplusSamples)
    assert unfold(both, DegreesOfFreedom).atoms(SurplusSamples)


@given(scales(-6, 3), scales(-1, 3), st.integers(1, 500), scales())
def test_isotropic_data_have_the_closed_form(lam: Expr, size: Expr, d: int, unit: Expr) -> None:
    kappa = EffectiveRidge(lam, size, IsotropicSpectrum(d, unit))
    closed = isotropic_effective_ridge(kappa)
    assert evaluate(closed, digits=30).text == evaluate(kappa, digits=30).text
    # And it solves the equation, exactly: a surd, so that SymPy can tell.
    leftover = kappa.equation(closed)
    assert simplify(unfold(leftover)) == 0


@given(st.integers(2, 300), st.integers(1, 300), scales())
def test_the_closed_form_without_a_ridge(d: int, size: int, unit: Expr) -> None:
    kappa = EffectiveRidge(0, size, IsotropicSpectrum(d, unit))
    assert unfold(kappa) == max(Integer(0), unit * (Rational(d, size) - 1))


def test_only_isotropic_data_have_a_closed_form() -> None:
    assert unfold(KAPPA) == KAPPA
    kappa = EffectiveRidge(1, 3, LevelsSpectrum([2, 2], [1, 3]))
    assert isotropic_effective_ridge(kappa) == kappa


# Sums over the levels.


@given(spectra(most=12), st.data())
@settings(max_examples=60)
def test_a_sum_written_out_is_the_sum_over_the_levels(
    spectrum: Spectrum, data: st.DataObject
) -> None:
    target = data.draw(st.one_of(st.none(), targets(spectrum)))
    summand = s**2 / (s + 1) ** 2
    written = sum_over(summand, spectrum, target)
    assert written is not None
    values, squares = explicit_levels(spectrum, target)
    with mpmath.workdps(30):
        direct = mpmath.fsum(c * v**2 / (v + 1) ** 2 for v, c in zip(values, squares, strict=True))
        node = (
            SpectralTrace(summand, spectrum)
            if target is None
            else QuadraticForm(summand, spectrum, target)
        )
        ours = evaluate(node, digits=25).mpf
        assert abs(ours - direct) <= mpmath.mpf(10) ** -23 * abs(direct)
        theirs = mpmath.mpf(str(written.doit().evalf(30)))
        assert abs(theirs - direct) <= mpmath.mpf(10) ** -23 * abs(direct)


def explicit_levels(spectrum: Spectrum, target: Target | None) -> tuple[list[Any], list[Any]]:
    """Eigenvalues one by one with their c_j², by the definitions in the README: mpmath only."""

    def number(value: Expr) -> Any:
        return mpmath.mpf(int(value.p)) / int(value.q)  # type: ignore[attr-defined]

    with mpmath.workdps(40):
        size = int(spectrum.dimension)
        level = list(range(size))
        match spectrum:
            case IsotropicSpectrum():
                values, level = [number(spectrum.scale)] * size, [0] * size
            case PowerLawSpectrum():
                values = [
                    number(spectrum.scale) * mpmath.mpf(j) ** -number(spectrum.capacity)
                    for j in range(1, size + 1)
                ]
            case ExponentialSpectrum():
                values = [
                    number(spectrum.scale) * mpmath.exp(-number(spectrum.rate) * j)
                    for j in range(1, size + 1)
                ]
            case LevelsSpectrum():
                level = [k for k, count in enumerate(spectrum.counts) for _ in range(int(count))]
                values = [number(spectrum.values[k]) for k in level]
            case ExplicitSpectrum():
                values = [number(value) for value in spectrum.eigenvalues]
            case _:
                raise AssertionError(spectrum)
        match target:
            case None:
                return values, [mpmath.mpf(1)] * size
            case UniformTarget():
                return values, [number(target.squared_norm) / size] * size
            case SourceTarget():
                assert isinstance(spectrum, PowerLawSpectrum)
                delta = 1 + number(spectrum.capacity) * (2 * number(target.source) - 1)
                return values, [
                    number(target.scale) * mpmath.mpf(j) ** -delta for j in range(1, size + 1)
                ]
            case LevelsTarget():
                return values, [
                    number(target.energies[k]) / level.count(k) / value
                    for k, value in zip(level, values, strict=True)
                ]
            case ExplicitTarget():
                return values, [number(c) ** 2 for c in target.coefficients]
            case _:
                raise AssertionError(target)


def test_a_sum_over_the_unknown_stays() -> None:
    assert sum_over(s, SIGMA, None) is None
    assert sum_over(s, IsotropicSpectrum(3), W0) is None
    assert sum_over(s, PowerLawSpectrum(9, 2), SourceTarget(source)) is not None
    symbolic = sum_over(s, PowerLawSpectrum(dimension, capacity), SourceTarget(source))
    assert isinstance(symbolic, Sum)
    assert symbolic.free_symbols == {dimension, capacity, source}


@given(st.permutations(range(4)))
def test_equal_functions_become_equal_traces(order: list[int]) -> None:
    terms = [3 * s**2 / (s + effective) ** 2, Integer(1), s / (s + effective), ridge * s]
    total = sum((terms[place] for place in order), Integer(0))
    assert spectral_trace(total, SIGMA) == (
        3 * DegreesOfFreedom(2, effective, SIGMA)
        + dimension
        + DegreesOfFreedom(1, effective, SIGMA)
        + ridge * SpectralTrace(s, SIGMA)
    )


def test_products_of_sums_become_the_trace_of_their_expansion() -> None:
    product = (s + 1) * (s + ridge) / (s + effective) ** 2
    trace = spectral_trace(product, SIGMA)
    values: dict[Basic, Basic] = {
        ridge: Integer(2),
        effective: Rational(1, 3),
        SIGMA: PowerLawSpectrum(7, 2),
    }
    plain = SpectralTrace(product, SIGMA).xreplace(values)
    assert evaluate(trace.xreplace(values), digits=25).text == evaluate(plain, digits=25).text


def test_a_substitution_is_brought_to_the_shortest_form() -> None:
    trace = SpectralTrace(s**2 / ((s + ridge) * (s + ridge_0)), SIGMA)
    assert canonical(trace.xreplace({ridge_0: ridge})) == DegreesOfFreedom(2, ridge, SIGMA)
    assert canonical(canonical(trace)) == canonical(trace)


# The bound eigenvalue.


def test_the_eigenvalue_is_bound() -> None:
    trace = SpectralTrace(s / (s + ridge), SIGMA)
    assert trace.free_symbols == {ridge, dimension}
    assert trace.subs(s, 3) == trace
    assert trace.diff(s) == 0
    form = QuadraticForm(s / (s + KAPPA), SIGMA, W0)
    assert form.free_symbols == {ridge, samples, dimension}
    assert form.subs(s, ridge) == form


# Exactness.


@pytest.mark.parametrize("value", [0.5, np.float64(0.5), Rational(1, 2) + ridge * 0.1, True])
def test_floats_are_refused_everywhere(value: Any) -> None:
    builders: list[Callable[[], object]] = [
        lambda: DegreesOfFreedom(1, value, SIGMA),
        lambda: EffectiveRidge(value, 3, SIGMA),
        lambda: EffectiveRidge(1, value, SIGMA),
        lambda: ResidualDegreesOfFreedom(3, value, 1, SIGMA),
        lambda: SurplusSamples(value, SIGMA),
        lambda: spectral_trace(value, SIGMA),
        lambda: quadratic_form(value, SIGMA, W0),
        lambda: IsotropicSpectrum(3, value),
        lambda: PowerLawSpectrum(3, value),
        lambda: ExponentialSpectrum(3, value),
        lambda: LevelsSpectrum([value], [3]),
        lambda: ExplicitSpectrum([value]),
        lambda: SourceTarget(value),
        lambda: UniformTarget(value),
        lambda: LevelsTarget([value]),
        lambda: ExplicitTarget([value]),
        lambda: Downstream(9, value),
        lambda: Downstream(9, 1, value),
    ]
    for build in builders:
        with pytest.raises(InexactConstant):
            build()


@pytest.mark.parametrize("order", [0, -1, "1/2", ridge])
def test_degrees_of_freedom_have_a_whole_order(order: Any) -> None:
    with pytest.raises(ValueError, match="integer"):
        DegreesOfFreedom(order, ridge, SIGMA)


# What is certain is put in at once.


def test_ridgeless_quantities_know_their_regime() -> None:
    t = samples
    assert EffectiveRidge(0, dimension + t, SIGMA) == 0
    assert EffectiveRidge(0, dimension, SIGMA) == 0
    assert isinstance(EffectiveRidge(0, t, SIGMA), EffectiveRidge)
    assert isinstance(EffectiveRidge(0, 2, IsotropicSpectrum(3)), EffectiveRidge)
    assert EffectiveRidge(ridge, t, SIGMA).xreplace({ridge: Integer(0), t: 2 * dimension}) == 0
    assert ResidualDegreesOfFreedom(dimension + t, 0, 0, SIGMA) == t
    assert DegreesOfFreedom(3, 0, SIGMA) == dimension
    with pytest.raises(OutOfRegime, match="T >= d, evaluated at T = 2, d = 3"):
        SurplusSamples(t, IsotropicSpectrum(3)).xreplace({t: Integer(2)})


def test_two_ridges_of_one_design_have_no_order() -> None:
    first = ResidualDegreesOfFreedom(samples, ridge, ridge_0, SIGMA)
    assert first == ResidualDegreesOfFreedom(samples, ridge_0, ridge, SIGMA)
    assert hash(first) == hash(ResidualDegreesOfFreedom(samples, ridge_0, ridge, SIGMA))


@given(spectra(most=15), scales(-6, 1), scales(-6, 1), scales(0, 2))
@example(IsotropicSpectrum(5), Integer(1), Rational(1, 10**9), Integer(5))
def test_the_positive_form_is_the_difference(
    spectrum: Spectrum, first: Expr, second: Expr, size: Expr
) -> None:
    residual = ResidualDegreesOfFreedom(size, first, second, spectrum)
    with ctx.workprec(400):
        digits = [
            evaluate(form, digits=30).text
            for form in (residual, residual.unfolded(), residual.positive_form())
        ]
        assert digits[0] == digits[1] == digits[2]
        assert arb(digits[0]) > 0


# Printing.


@pytest.mark.parametrize(
    ("node", "text", "tex"),
    [
        (NODES["df_1"], "df_1(kappa)", r"\mathrm{df}_{1}\left(\kappa\right)"),
        (KAPPA, "kappa(lambda, T)", r"\kappa\left(\lambda, T\right)"),
        (
            NODES["residual"],
            "(T - df_2(kappa(lambda, T)))",
            r"\left(T - \mathrm{df}_{2}\left(\kappa\left(\lambda, T\right)\right)\right)",
        ),
        (NODES["surplus"], "(T - d)", r"\left(T - d\right)"),
        (1 / SurplusSamples(samples, SIGMA), "1/(T - d)", r"\frac{1}{\left(T - d\right)}"),
        (SurplusSamples(samples, SIGMA) ** 2, "(T - d)**2", r"\left(T - d\right)^{2}"),
        (
            SpectralTrace(s / (s + effective) ** 2, SIGMA),
            "tr(Sigma/(Sigma + kappa)**2)",
            r"\operatorname{tr}\left(\Sigma \left(\Sigma + \kappa I\right)^{-2}\right)",
        ),
        (
            QuadraticForm(s / (s + effective) ** 2, SIGMA, W0),
            "<w_0|Sigma/(Sigma + kappa)**2|w_0>",
            r"w_{0}^{\top} \Sigma \left(\Sigma + \kappa I\right)^{-2} w_{0}",
        ),
        (QuadraticForm(Integer(1), SIGMA, W0), "<w_0|1|w_0>", r"w_{0}^{\top} I w_{0}"),
        (
            SpectralTrace(s, covariance("Gamma", 3)),
            "tr(Gamma)",
            r"\operatorname{tr}\left(\Gamma\right)",
        ),
        (QuadraticForm(s, SIGMA, truth("v")), "<v|Sigma|v>", r"v^{\top} \Sigma v"),
        (Abbreviation(TAU, ridge + 1), "tau_0", r"\tau_{0}"),
        (2 * Abbreviation(TAU, ridge + 1) ** 2, "2*tau_0**2", r"2 \tau_{0}^{2}"),
        (ridge * KAPPA**2, "lambda*kappa(lambda, T)**2", None),
    ],
)
def test_quantities_print_as_in_the_papers(node: Expr, text: str, tex: str | None) -> None:
    assert str(node) == text
    if tex is not None:
        assert " ".join(latex(node).split()) == tex


def test_concrete_spectra_print_as_sigma() -> None:
    for spectrum in (PowerLawSpectrum(9, 2), ExplicitSpectrum([3, 1]), LevelsSpectrum([1], [2])):
        assert str(SpectralTrace(s / (s + ridge), spectrum)) == "tr(Sigma/(Sigma + lambda))"
        assert r"\Sigma" in latex(SpectralTrace(s / (s + ridge), spectrum))


def test_a_power_prints_around_the_quantity() -> None:
    assert str(KAPPA**2) == "kappa(lambda, T)**2"
    assert "{" in latex(DegreesOfFreedom(1, effective, SIGMA) ** 2)


# Sensitivities of spectra.


@pytest.mark.parametrize(("spectrum", "values"), SPECTRA_WITH_PARAMETERS[:3])
def test_sensitivity_is_the_derivative_of_each_eigenvalue(
    spectrum: Spectrum, values: dict[Symbol, Expr]
) -> None:
    for symbol in values:
        slope = spectrum.sensitivity(symbol)
        assert slope is not None
        for place in range(1, 6):
            level = spectrum.eigenvalue_at(Integer(place))
            assert simplify((slope.xreplace({s: level}) - level.diff(symbol)).expand()) == 0 or (
                abs((slope.xreplace({s: level}) - level.diff(symbol)).xreplace(values).evalf(30))
                < 1e-25
            )
    assert spectrum.sensitivity(ridge) is None


def test_square_roots_and_exponentials_may_stand_in_a_trace() -> None:
    trace = SpectralTrace(sqrt(s) * exp(-s), PowerLawSpectrum(5, 2))
    with mpmath.workdps(30):
        direct = mpmath.fsum(mpmath.exp(-(mpmath.mpf(j) ** -2)) / j for j in range(1, 6))
        assert abs(evaluate(trace, digits=25).mpf - direct) < mpmath.mpf(10) ** -23


def test_problems_speak_of_their_own_numbers() -> None:
    problem = Problem(PowerLawSpectrum(9, 2), SourceTarget(1), (), Downstream(5, 1, "1/7"))
    assert evaluate(KAPPA, problem, digits=20).text == (
        evaluate(EffectiveRidge("1/7", 5, problem.spectrum), digits=20).text
    )


def test_quantities_over_given_numbers_add_up() -> None:
    one, two = ExplicitSpectrum([1, 2]), ExplicitSpectrum([3, 1])
    traces = spectral_trace(1 / (s + 1), one) + spectral_trace(1 / (s + 1), two)
    assert float(evaluate(traces)) == pytest.approx(19 / 12, rel=1e-14)
    first, second = ExplicitTarget([1, -2]), ExplicitTarget([-1, 3])
    forms = quadratic_form(s, one, first) + quadratic_form(s, one, second)
    assert float(evaluate(forms)) == pytest.approx(28, rel=1e-14)
