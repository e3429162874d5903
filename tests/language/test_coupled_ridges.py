"""Systems that define several effective ridges, symbolically."""

import pickle

import pytest
from sympy import Integer, Rational, latex, sqrt

from symcollapse.language.coupled_ridges import CoupledRidge, CoupledSystem
from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.errors import InvalidProblem, NotSupported
from symcollapse.language.joint_spectra import joint_spectrum
from symcollapse.language.problems import SIGMA
from symcollapse.language.quantities import DegreesOfFreedom, SpectralTrace, canonical
from symcollapse.language.spectra import IsotropicSpectrum, covariance
from symcollapse.language.symbols import dimension as d
from symcollapse.language.symbols import (
    effective,
    generator_symbols,
    nonnegative_symbol,
    ridge,
    samples,
)
from symcollapse.language.unfolding import unfold
from symcollapse.reasoning.normal_forms import is_identity

ONE, TWO = nonnegative_symbol("kappa_1"), nonnegative_symbol("kappa_2")
LAMBDAS = [generator_symbols(n)[2] for n in (1, 2)]
SIZES = [generator_symbols(n)[0] for n in (1, 2)]
JOINT = joint_spectrum([covariance("Sigma_1", d), covariance("Sigma_2", d)])
A, B = JOINT.variables
SYSTEM = CoupledSystem(
    [ONE, TWO],
    [
        kappa - lam - SpectralTrace(s / (1 + A / ONE + B / TWO), JOINT) / size
        for kappa, lam, size, s in zip((ONE, TWO), LAMBDAS, SIZES, (A, B), strict=True)
    ],
)
FIRST, SECOND = SYSTEM.ridges()


def test_unknowns_are_bound() -> None:
    assert SYSTEM.free_symbols == {d, *LAMBDAS, *SIZES}
    assert FIRST.free_symbols == SYSTEM.free_symbols
    assert FIRST.xreplace({ONE: Integer(3), TWO: Integer(2)}) == FIRST
    assert FIRST.subs(ONE, 3) == FIRST
    assert FIRST.diff(ONE) == 0
    moved = FIRST.xreplace({LAMBDAS[0]: ridge})
    assert moved != FIRST
    assert moved.system.unknowns == (ONE, TWO)
    assert moved == FIRST.subs(LAMBDAS[0], ridge)
    assert pickle.loads(pickle.dumps(FIRST)) == FIRST


def test_a_symbol_that_would_be_captured_is_refused() -> None:
    with pytest.raises(TypeError, match="kappa_1 is an unknown of these equations"):
        FIRST.xreplace({LAMBDAS[0]: 2 * ONE})
    with pytest.raises(TypeError, match="kappa_1 is an unknown of these equations"):
        FIRST.subs(LAMBDAS[0], 2 * ONE)
    # What does not occur is replaced by nothing.
    assert FIRST.xreplace({ridge: 2 * ONE}) == FIRST


def test_a_ridge_prints_as_its_unknown_and_is_positive() -> None:
    assert (str(FIRST), str(SECOND)) == ("kappa_1", "kappa_2")
    assert latex(FIRST) == r"\kappa_{1}"
    assert FIRST.is_positive is not False
    assert FIRST.is_extended_positive
    assert FIRST != SECOND


def test_shape_is_checked() -> None:
    with pytest.raises(InvalidProblem, match="1 equations for the unknowns"):
        CoupledSystem([ONE, TWO], [ONE])
    with pytest.raises(InvalidProblem, match="give one for each"):
        CoupledSystem([ONE, ONE], [ONE, ONE])
    with pytest.raises(InvalidProblem, match="position = 2"):
        CoupledRidge(SYSTEM, 2)


def test_derivatives_of_a_system_with_a_closed_form() -> None:
    # κ₁κ₂ = λ, κ₁ = λκ₂ has the solution κ₁ = λ, κ₂ = 1 … and κ₁² = λ², so derivatives 1 and 0.
    plain = CoupledSystem([ONE, TWO], [ONE * TWO - ridge, ONE - ridge * TWO])
    first, second = plain.ridges()
    at = {first: ridge, second: Integer(1)}
    assert first.diff(ridge).xreplace(at).simplify() == 1
    assert second.diff(ridge).xreplace(at).simplify() == 0
    root = CoupledRidge(CoupledSystem([ONE], [ONE**2 - ridge]), 0)
    assert root.diff(ridge).xreplace({root: sqrt(ridge)}) == 1 / (2 * sqrt(ridge))
    assert first.diff(samples) == 0


def test_derivatives_of_one_ridge_are_those_of_the_effective_ridge() -> None:
    known = EffectiveRidge(ridge, samples, SIGMA)
    same = CoupledRidge(CoupledSystem([effective], [known.equation()]), 0)
    for parameter in (ridge, samples):
        mine = same.diff(parameter).xreplace({same: known})
        assert is_identity(mine, known.diff(parameter))
        assert not is_identity(2 * mine, known.diff(parameter))


def test_formulas_with_ridges_stay_formulas() -> None:
    degrees = DegreesOfFreedom(1, FIRST, SIGMA)
    assert canonical(unfold(degrees)) == degrees
    assert unfold(FIRST) == FIRST
    assert is_identity((FIRST + SECOND) ** 2, FIRST**2 + 2 * FIRST * SECOND + SECOND**2)
    assert not is_identity(FIRST, SECOND)
    put = FIRST.xreplace({d: Integer(3)})
    assert put.system.free_symbols == {*LAMBDAS, *SIZES}


def test_the_spectrum_of_a_system_can_be_put_in() -> None:
    concrete = FIRST.xreplace({m: IsotropicSpectrum(3) for m in JOINT.members})
    assert concrete.free_symbols == {*LAMBDAS, *SIZES}


def test_an_equation_without_a_positive_solution_is_refused_by_its_unknown() -> None:
    with pytest.raises(
        NotSupported, match=r"ridges kappa have no solution > 0 .* -1/2 = 0\): keep"
    ):
        CoupledSystem([effective], [Rational(-1, 2)])
