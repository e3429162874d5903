"""Traces and forms of several commuting covariances, symbolically."""

import pickle

import pytest
from sympy import Integer, Rational, Symbol, latex

from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.errors import InvalidProblem, NotEvaluable
from symcollapse.language.joint_spectra import JointSpectrum, joint_spectrum
from symcollapse.language.problems import SIGMA, W0
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
from symcollapse.language.symbols import capacity, effective, eigenvalue, ridge, samples
from symcollapse.language.symbols import dimension as d
from symcollapse.language.symbols import scale as c
from symcollapse.language.targets import (
    ExplicitTarget,
    LevelsTarget,
    SourceTarget,
    Target,
    UniformTarget,
)
from symcollapse.language.unfolding import unfold
from symcollapse.reasoning.normal_forms import is_identity

FIRST, SECOND, THIRD = (covariance(f"Sigma_{n}", d) for n in (1, 2, 3))
JOINT = joint_spectrum([FIRST, SECOND])
A, B = JOINT.variables
RESOLVENT = 1 / (1 + A / 2 + B / 3)


def over(*spectra: Spectrum) -> Spectrum:
    return JOINT.xreplace(dict(zip((FIRST, SECOND), spectra, strict=True)))


# Construction.


def test_a_single_spectrum_is_its_own_joint() -> None:
    assert FIRST.variables == (eigenvalue,)
    assert FIRST.members == (FIRST,)
    assert joint_spectrum([FIRST, FIRST]) == FIRST


def test_order_and_repetition_do_not_matter() -> None:
    assert joint_spectrum([SECOND, FIRST, SECOND]) == JOINT
    assert joint_spectrum([JOINT, THIRD]) == joint_spectrum([THIRD, SECOND, FIRST])
    assert JOINT.members == (FIRST, SECOND)
    assert pickle.loads(pickle.dumps(JOINT)) == JOINT


def test_each_name_has_its_own_variable() -> None:
    names = ("A_1", "A1", "a_1", "Sigma", "Sigma_1")
    joint = joint_spectrum(covariance(name, d) for name in names)
    assert len(set(joint.variables)) == len(names)
    assert eigenvalue not in joint.variables


def test_the_variables_are_bound() -> None:
    trace = spectral_trace(A * B, JOINT)
    assert trace.free_symbols == {d}
    assert trace.xreplace({A: Integer(3)}) == trace
    assert trace.subs(A, 3) == trace
    assert JOINT.xreplace({A: B}) == JOINT
    assert over(IsotropicSpectrum(3), PowerLawSpectrum(3, 2)).variables == (A, B)


def test_a_number_settles_the_dimension() -> None:
    assert JOINT.dimension == d
    assert JOINT.xreplace({SECOND: IsotropicSpectrum(3)}).dimension == 3
    with pytest.raises(InvalidProblem, match="dimension = 3, 4: give covariances of one size"):
        over(IsotropicSpectrum(3), IsotropicSpectrum(4))


def test_misuse_is_refused_in_one_line() -> None:
    with pytest.raises(InvalidProblem, match="give at least one covariance"):
        joint_spectrum([])
    with pytest.raises(InvalidProblem, match="has no name"):
        joint_spectrum([FIRST, IsotropicSpectrum(3)])
    with pytest.raises(InvalidProblem, match="give one for each"):
        joint_spectrum([FIRST, covariance("Sigma_1", 3)])
    with pytest.raises(TypeError, match="written in"):
        spectral_trace(eigenvalue, JOINT)
    with pytest.raises(TypeError, match="those of one covariance"):
        DegreesOfFreedom(1, effective, JOINT)


# Shortest form.


def test_terms_go_to_the_covariances_they_hold() -> None:
    assert spectral_trace(A / (A + effective), JOINT) == DegreesOfFreedom(1, effective, FIRST)
    assert spectral_trace(B**2 / (B + effective) ** 2, JOINT) == DegreesOfFreedom(
        2, effective, SECOND
    )
    assert spectral_trace(7, JOINT) == 7 * d
    assert spectral_trace(3 * A + A * B, JOINT) == 3 * SpectralTrace(
        eigenvalue, FIRST
    ) + SpectralTrace(A * B, JOINT)
    three = joint_spectrum([FIRST, SECOND, THIRD])
    assert spectral_trace(A * B, three) == spectral_trace(A * B, JOINT)


def test_equal_members_are_one() -> None:
    one = JOINT.xreplace({FIRST: SIGMA, SECOND: SIGMA})
    raw = SpectralTrace(A * B / (A + effective) ** 2, one)
    assert canonical(raw) == DegreesOfFreedom(2, effective, SIGMA)
    form = QuadraticForm(A / (B + effective), one, W0)
    assert canonical(form) == quadratic_form(eigenvalue / (eigenvalue + effective), SIGMA, W0)


def test_a_form_keeps_the_members_its_coefficients_may_refer_to() -> None:
    form = quadratic_form(2 * A, JOINT, W0)
    assert form == 2 * QuadraticForm(A, JOINT, W0)


def test_nested_sums_are_rebuilt_alike() -> None:
    inner = SpectralTrace(eigenvalue / (eigenvalue + effective) + 1, FIRST)
    outer = SpectralTrace(1 / (1 + A * inner + B), JOINT)
    assert canonical(inner + outer) == canonical(inner) + SpectralTrace(
        1 / (1 + A * canonical(inner) + B), JOINT
    )


# Signs.


def test_only_what_is_known_to_be_nonnegative_says_so() -> None:
    assert SpectralTrace(A / (A + B), JOINT).is_extended_nonnegative
    assert SpectralTrace(A - B, JOINT).is_extended_nonnegative is None
    assert SpectralTrace(eigenvalue - 1, SIGMA).is_extended_nonnegative is None
    assert QuadraticForm(A / (A + B), JOINT, W0).is_extended_nonnegative
    assert QuadraticForm(A - B, JOINT, W0).is_extended_nonnegative is None


# Printing.


def test_printing() -> None:
    kappas = EffectiveRidge(ridge, samples, FIRST), EffectiveRidge(ridge, samples, SIGMA)
    assert str(kappas[0]) == "kappa(lambda, T; Sigma_1)"
    assert str(kappas[1]) == "kappa(lambda, T)"
    assert latex(kappas[0]) == r"\kappa\left(\lambda, T;\Sigma_{1}\right)"
    degrees = DegreesOfFreedom(1, effective, FIRST)
    assert str(degrees) == "df_1(kappa; Sigma_1)"
    assert latex(degrees) == r"\mathrm{df}_{1}\left(\kappa;\Sigma_{1}\right)"
    trace = SpectralTrace(A / (c * A + capacity * B + ridge), JOINT)
    assert str(trace) == "tr(Sigma_1/(Sigma_1*c + Sigma_2*beta + lambda))"
    assert latex(trace) == (
        r"\operatorname{tr}\left(\Sigma_{1} \left(c \Sigma_{1} + \beta \Sigma_{2} + \lambda I\right)^{-1}\right)"
    )
    concrete = trace.xreplace({FIRST: IsotropicSpectrum(3), SECOND: IsotropicSpectrum(3)})
    assert str(concrete) == str(trace)
    signs = SpectralTrace(A - 2 * c * A * B, JOINT)
    assert latex(signs) == (
        r"\operatorname{tr}\left(- 2 c \Sigma_{1} \Sigma_{2} + \Sigma_{1}\right)"
    )
    sums = SpectralTrace(A * B / (1 + (1 + c) * A + B), JOINT)
    assert r"\left(\left(c + 1\right) \Sigma_{1} + \Sigma_{2} + I\right)^{-1}" in latex(sums)
    form = QuadraticForm(1 / (A + B + 1), JOINT, W0)
    assert str(form) == "<w_0|1/(Sigma_1 + Sigma_2 + 1)|w_0>"
    assert latex(form) == r"w_{0}^{\top} \left(\Sigma_{1} + \Sigma_{2} + I\right)^{-1} w_{0}"


# Derivatives.


def test_a_derivative_moves_every_member() -> None:
    parameter = Symbol("p", positive=True)
    spectra = over(IsotropicSpectrum(4, parameter), PowerLawSpectrum(4, parameter, 1 + parameter))
    summand = A / (1 + parameter * A + B)
    trace = SpectralTrace(summand, spectra)
    derivative = unfold(trace.diff(parameter)).doit()
    by_hand = unfold(trace).doit().diff(parameter)
    still = unfold(SpectralTrace(summand.diff(parameter), spectra)).doit()
    at = {parameter: Rational(3, 2)}
    assert abs((derivative - by_hand).subs(at).evalf(40)) < 1e-35
    assert abs((derivative - still).subs(at).evalf(40)) > 1e-3
    with pytest.raises(TypeError, match="no derivative"):
        SpectralTrace(A * B, JOINT).diff(d)
    with pytest.raises(TypeError, match="move together"):
        QuadraticForm(A * B, spectra, W0).diff(parameter)


# Sums written out.

ROWS = [(2, 1), (2, 5), (7, 5)]


@pytest.mark.parametrize(
    ("spectra", "rows"),
    [
        ((IsotropicSpectrum(3, 2), IsotropicSpectrum(3, 5)), [(2, 5)] * 3),
        ((LevelsSpectrum([2, 7], [2, 1]), LevelsSpectrum([1, 5], [1, 2])), ROWS),
        ((LevelsSpectrum([2, 7], [2, 1]), ExplicitSpectrum([1, 5, 5])), ROWS),
        ((LevelsSpectrum([2, 7], [2, 1]), LevelsSpectrum([5, 3], [2, 1])), [(2, 5)] * 2 + [(7, 3)]),
        (
            (PowerLawSpectrum(3, 1), ExplicitSpectrum([1, 5, 5])),
            [(1, 1), (Integer(1) / 2, 5), (Integer(1) / 3, 5)],
        ),
        (
            (PowerLawSpectrum(3, 1), PowerLawSpectrum(3, 2, 3)),
            [(Integer(1) / j, Integer(3) / j**2) for j in (1, 2, 3)],
        ),
    ],
)
@pytest.mark.parametrize("target", [None, UniformTarget(6), ExplicitTarget([1, 2, -3])])
def test_a_sum_written_out_pairs_the_eigenvalues_of_one_eigenvector(
    spectra: tuple[Spectrum, Spectrum], rows: list[tuple[int, int]], target: Target | None
) -> None:
    joint = over(*spectra)
    weights = {UniformTarget: [2, 2, 2], ExplicitTarget: [1, 4, 9]}.get(type(target), [1, 1, 1])
    summand = A * RESOLVENT
    node = (
        SpectralTrace(summand, joint) if target is None else QuadraticForm(summand, joint, target)
    )
    expected = sum(w * summand.subs({A: a, B: b}) for w, (a, b) in zip(weights, rows, strict=True))
    assert unfold(node).doit() == expected


def test_a_target_refers_to_one_member() -> None:
    joint = over(IsotropicSpectrum(3, 2), PowerLawSpectrum(3, 1))
    form = QuadraticForm(A, joint, SourceTarget(1))
    assert unfold(form).doit() == 2 * (1 + Integer(1) / 4 + Integer(1) / 9)
    twice = over(PowerLawSpectrum(3, 2), PowerLawSpectrum(3, 1))
    with pytest.raises(NotEvaluable, match="over 2 members"):
        unfold(QuadraticForm(A, twice, SourceTarget(1)))
    levels = over(LevelsSpectrum([2, 4], [1, 2]), IsotropicSpectrum(3))
    assert unfold(QuadraticForm(A * B, levels, LevelsTarget([6, 8]))) == 6 + 8
    mixed = over(LevelsSpectrum([2, 4], [1, 2]), PowerLawSpectrum(3, 1))
    with pytest.raises(NotEvaluable, match="other levels"):
        unfold(QuadraticForm(A * B, mixed, LevelsTarget([6, 8])))


def test_over_abstract_members_a_sum_stays() -> None:
    node = SpectralTrace(A * B, JOINT.xreplace({FIRST: ExponentialSpectrum(d, 1)}))
    assert unfold(node) == node


# Proofs.


def test_identities_are_proved_and_others_are_not() -> None:
    whole = spectral_trace(A * RESOLVENT / 2 + B * RESOLVENT / 3 + RESOLVENT, JOINT)
    assert is_identity(
        3 * SpectralTrace(2 * A * RESOLVENT, JOINT), SpectralTrace(6 * A * RESOLVENT, JOINT)
    )
    # Products of traces are not traces of products.
    product = SpectralTrace(A * RESOLVENT, JOINT) * SpectralTrace(RESOLVENT, JOINT)
    assert not is_identity(product, d * SpectralTrace(A * RESOLVENT**2, JOINT))
    assert not is_identity(whole, d + 1)


def test_a_joint_spectrum_wants_a_variable_for_each() -> None:
    with pytest.raises(InvalidProblem, match="one for each"):
        JointSpectrum([A], [FIRST, SECOND])
