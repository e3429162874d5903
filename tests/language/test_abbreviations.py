"""An abbreviation behaves as its definition, and a long chain of them stays short."""

import pickle
import time
from collections.abc import Callable
from typing import Any

import mpmath
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import (
    Basic,
    Expr,
    Integer,
    Rational,
    Symbol,
    cancel,
    expand,
    factor,
    latex,
    simplify,
    together,
    zoo,
)

from symcollapse.evaluation import evaluate
from symcollapse.language.abbreviations import Abbreviation, abbreviations
from symcollapse.language.effective_ridges import (
    EffectiveRidge,
    ResidualDegreesOfFreedom,
    SurplusSamples,
)
from symcollapse.language.errors import Diverges
from symcollapse.language.problems import SIGMA, W0, Downstream, Generation, Problem
from symcollapse.language.quantities import DegreesOfFreedom, quadratic_form, spectral_trace
from symcollapse.language.spectra import (
    ExplicitSpectrum,
    ExponentialSpectrum,
    IsotropicSpectrum,
    LevelsSpectrum,
    PowerLawSpectrum,
    Spectrum,
)
from symcollapse.language.symbols import (
    capacity,
    dimension,
    effective,
    generation_ridge,
    generation_samples,
    name_symbol,
    noise,
    ridge,
    samples,
    source,
)
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.targets import (
    ExplicitTarget,
    LevelsTarget,
    SourceTarget,
    UniformTarget,
)
from symcollapse.language.unfolding import unfold
from symcollapse.theory import test_error as derive
from tests.strategies import problems, spectra, targets

SYMBOLS = (ridge, samples, noise, effective)


def flat(formula: Expr) -> Expr:
    """The formula without abbreviations."""
    return unfold(formula, Abbreviation)


@st.composite
def formulas(draw: st.DrawFn) -> Expr:
    """Nonnegative expressions over four symbols, with abbreviations within abbreviations."""
    known: list[Expr] = [*SYMBOLS, Integer(2), Rational(1, 3)]
    for position in range(draw(st.integers(1, 6))):
        left, right = draw(st.sampled_from(known)), draw(st.sampled_from(known))
        value = draw(
            st.sampled_from(
                [left + right, left * right, left / (1 + right), left**2 + right, 1 / (right + 2)]
            )
        )
        named: Expr = Abbreviation(name_symbol(f"tau_{position}"), value)
        known.append(draw(st.sampled_from([named, value, named * 2])))
    return sum(known[len(SYMBOLS) :], Integer(0))


@given(formulas(), st.sampled_from(SYMBOLS), st.sampled_from([*SYMBOLS, Integer(0), Integer(3)]))
@settings(max_examples=100)
def test_an_abbreviation_behaves_as_its_definition(formula: Expr, old: Symbol, new: Expr) -> None:
    plain = flat(formula)
    assert not plain.atoms(Abbreviation)
    assert formula.free_symbols == plain.free_symbols
    assert flat(formula.xreplace({old: new})) == plain.xreplace({old: new})
    assert flat(formula.subs(old, new)) == plain.subs(old, new)
    assert (flat(formula.diff(old)) - plain.diff(old)).expand() == 0 or (
        (flat(formula.diff(old)) - plain.diff(old)).simplify() == 0
    )


@given(formulas(), st.permutations(SYMBOLS))
@settings(max_examples=50)
def test_replacement_is_simultaneous(formula: Expr, order: list[Symbol]) -> None:
    rule: dict[Basic, Basic] = dict(zip(SYMBOLS, order, strict=True))
    assert flat(formula.xreplace(rule)) == flat(formula).xreplace(rule)
    by_subs: Any = {old: new for old, new in rule.items() if old != new}
    assert flat(formula.subs(by_subs, simultaneous=True)) == flat(formula).xreplace(rule)


@given(formulas())
@settings(max_examples=25)
def test_abbreviations_have_the_value_of_their_definition(formula: Expr) -> None:
    values = {symbol: Rational(k + 2, 7) for k, symbol in enumerate(SYMBOLS)}
    assert evaluate(formula, values=values, digits=25).text == (
        evaluate(flat(formula), values=values, digits=25).text
    )


@given(formulas())
def test_each_abbreviation_comes_after_what_it_needs(formula: Expr) -> None:
    order = abbreviations(formula)
    assert len(set(order)) == len(order)
    for place, part in enumerate(order):
        assert set(part.definition.atoms(Abbreviation)) <= set(order[:place])


def test_the_name_is_no_variable_and_does_not_make_equal() -> None:
    tau = name_symbol("tau")
    part = Abbreviation(tau, ridge + 1)
    assert part.free_symbols == {ridge}
    assert part.subs(tau, 3) == part
    assert part != Abbreviation(tau, ridge + 2)
    assert part == Abbreviation(tau, ridge + 1)
    assert part - Abbreviation(tau, ridge + 2) != 0
    assert part - Abbreviation(tau, ridge + 1) == 0
    assert part.xreplace({part: noise}) == noise
    assert Abbreviation(tau, Integer(3)) == 3
    assert part.xreplace({ridge: Integer(2)}) == 3


def test_replacing_by_infinity_is_not_hidden_by_a_name() -> None:
    part = Abbreviation(name_symbol("tau"), 1 / SurplusSamples(samples, SIGMA) + ridge)
    # 1/0 has no sign once it is put in, so it is refused by name rather than called +∞.
    for infinite in (
        part.xreplace({samples: dimension}) * 2,
        Abbreviation(name_symbol("tau"), zoo),
    ):
        with pytest.raises(Diverges):
            evaluate(infinite)


def deep_chain(length: int) -> Expr:
    """A formula of 2^length terms, were it written out."""
    # A node that stays a node: rationals would double their digits at every step.
    value: Expr = DegreesOfFreedom(1, ridge, PowerLawSpectrum(5, 2))
    for position in range(length):
        value = Abbreviation(name_symbol(f"tau_{position}"), value + 1 / (1 + value))
    return value


def test_a_chain_of_forty_stays_fast() -> None:
    start = time.perf_counter()
    value = deep_chain(40)
    assert value.free_symbols == {ridge}
    replaced = value.xreplace({ridge: noise + 1})
    assert replaced.free_symbols == {noise}
    assert replaced.subs(noise, ridge) == deep_chain(40).xreplace({ridge: ridge + 1})
    assert len(abbreviations(value)) == 40
    assert str(value) == "tau_39"
    number = evaluate(value, values={ridge: 2}, digits=30)
    with_one_step = evaluate(value.xreplace({ridge: Integer(2)}), digits=30)
    assert number.text == with_one_step.text
    assert pickle.loads(pickle.dumps(value)) == value
    assert value == deep_chain(40)
    # Milliseconds; the tree has 10^12 nodes.
    assert time.perf_counter() - start < 5


def test_the_derivative_of_a_chain_is_right() -> None:
    slope = evaluate(deep_chain(8).diff(ridge), values={ridge: 2}, digits=20)
    step = Rational(1, 10**12)
    up, down = (
        evaluate(deep_chain(8), values={ridge: 2 + sign * step}, digits=60).mpf for sign in (1, -1)
    )
    assert abs(float((up - down) * 10**12 / 2) - float(slope)) < 1e-12


def test_a_long_fresh_chain_stays_small() -> None:
    problem = Problem(
        PowerLawSpectrum(40, 2),
        SourceTarget(1),
        (Generation(60, 1, "1/5", repeat=20),),
        Downstream(70, 1, "1/9"),
    )
    start = time.perf_counter()
    error = derive(problem)
    assert len(pickle.dumps(error.total)) < 10**6
    assert float(evaluate(error.total, problem)) > 0
    assert time.perf_counter() - start < 20


@pytest.mark.parametrize("act", [simplify, together, factor, cancel, expand])
def test_sympy_may_rewrite_around_a_name(act: Any) -> None:
    """What has no arguments must not be rebuilt from them."""
    first = Abbreviation(name_symbol("tau_0"), ridge + samples)
    second = Abbreviation(name_symbol("tau_1"), first**2 + noise)
    formula = 1 / (1 + second) + ridge * first / second
    values = {symbol: Rational(k + 2, 7) for k, symbol in enumerate(SYMBOLS)}
    expected = evaluate(formula, values=values, digits=25)
    assert evaluate(act(formula), values=values, digits=25).text == expected.text


@pytest.mark.parametrize("act", [simplify, together, factor, cancel, expand])
def test_sympy_may_rewrite_around_explicit_data(act: Any) -> None:
    spectrum, target = ExplicitSpectrum([3, 1]), ExplicitTarget([1, 2])
    kappa = EffectiveRidge("1/3", 1, spectrum)
    form = quadratic_form(s / (s + kappa), spectrum, target)
    formula = 1 / (1 + form) + form * DegreesOfFreedom(1, kappa, spectrum)
    assert evaluate(act(formula), digits=25).text == evaluate(formula, digits=25).text


# Pickling.

KAPPA = EffectiveRidge(ridge, samples, SIGMA)
VALUES: dict[str, Callable[[], Any]] = {
    "isotropic": lambda: IsotropicSpectrum(dimension, "3/2"),
    "power law": lambda: PowerLawSpectrum(300, capacity),
    "exponential": lambda: ExponentialSpectrum(300, "1/4", 3),
    "levels": lambda: LevelsSpectrum([4, "1/2"], [3, dimension]),
    "explicit": lambda: ExplicitSpectrum([3, "1/2", 3]),
    "covariance": lambda: SIGMA,
    "truth": lambda: W0,
    "source": lambda: SourceTarget(source),
    "uniform": lambda: UniformTarget(2),
    "level energies": lambda: LevelsTarget([1, 2]),
    "coefficients": lambda: ExplicitTarget([1, "-1/2"]),
    "df": lambda: DegreesOfFreedom(2, KAPPA, SIGMA),
    "kappa": lambda: KAPPA,
    "residual": lambda: ResidualDegreesOfFreedom(samples, ridge, generation_ridge, SIGMA),
    "surplus": lambda: SurplusSamples(generation_samples, SIGMA),
    "trace": lambda: spectral_trace(s / (s + KAPPA) ** 2, SIGMA),
    "form": lambda: quadratic_form(s / (s + KAPPA) ** 2, SIGMA, W0),
    "on explicit": lambda: DegreesOfFreedom(1, ridge, ExplicitSpectrum([3, 1])),
    "abbreviation": lambda: Abbreviation(name_symbol("tau_0"), KAPPA + noise) ** 2,
}


@pytest.mark.parametrize("name", list(VALUES))
def test_every_node_survives_pickling(name: str) -> None:
    value = VALUES[name]()
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        copy = pickle.loads(pickle.dumps(value, protocol))
        assert copy == value
        assert hash(copy) == hash(value)
        assert str(copy) == str(value)
        assert latex(copy) == latex(value)
        assert copy.free_symbols == value.free_symbols
        assert type(copy) is type(value)
    assert value != 0
    assert value == VALUES[name]()


def test_different_nodes_are_different() -> None:
    nodes = [build() for build in VALUES.values()]
    assert len(set(nodes)) == len(nodes)
    assert ExplicitSpectrum([3, 1]) != ExplicitSpectrum([1, 3])
    assert ExplicitTarget([1]) != ExplicitTarget([-1])
    assert DegreesOfFreedom(1, 1, ExplicitSpectrum([3, 1])) != DegreesOfFreedom(
        1, 1, ExplicitSpectrum([3, 2])
    )
    assert SourceTarget(1) != UniformTarget(1)


@given(problems())
def test_every_problem_survives_pickling(problem: Problem) -> None:
    copy = pickle.loads(pickle.dumps(problem))
    assert copy == problem
    assert hash(copy) == hash(problem)
    assert copy.dimension == problem.dimension


@given(spectra(), st.data())
def test_formulas_of_a_problem_s_own_spectrum_survive_pickling(
    spectrum: Spectrum, data: st.DataObject
) -> None:
    target = data.draw(targets(spectrum))
    kappa = EffectiveRidge("1/3", 7, spectrum)
    form = quadratic_form(s / (s + kappa) ** 2, spectrum, target) * DegreesOfFreedom(
        1, kappa, spectrum
    )
    copy = pickle.loads(pickle.dumps(form))
    assert copy == form
    assert evaluate(copy).text == evaluate(form).text


def test_a_long_chain_can_be_differentiated() -> None:
    # The derivative names its own parts; written out it would have 2^40 terms.
    chain = DegreesOfFreedom(1, ridge, PowerLawSpectrum(5, 2))
    for depth in range(40):
        chain = Abbreviation(name_symbol(f"tau_{depth}"), chain + 1 / (1 + chain))
    point, step = Rational(1, 3), Rational(1, 10**12)
    slope = evaluate(chain.diff(ridge), values={ridge: point}, digits=20).mpf
    ends = [evaluate(chain, values={ridge: point + sign * step}, digits=40).mpf for sign in (1, -1)]
    with mpmath.workdps(45):
        difference = (ends[0] - ends[1]) / (2 * mpmath.mpf(10) ** -12)
        # Central difference: an error of order step² = 1e-24, and 20 digits of the slope.
        assert abs(difference - slope) < 1e-18
