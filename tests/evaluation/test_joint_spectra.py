"""Sums over several spectra, in all arithmetics, against sums by hand."""

from typing import Any

import numpy as np
import pytest
from sympy import Expr, log

from symcollapse.evaluation import evaluate, lambdify
from symcollapse.evaluation.certified_curves import enclose
from symcollapse.language.errors import InvalidProblem, NotEvaluable
from symcollapse.language.joint_spectra import joint_spectrum
from symcollapse.language.pairings import Pairing
from symcollapse.language.quantities import QuadraticForm, SpectralTrace
from symcollapse.language.spectra import (
    ExplicitSpectrum,
    ExponentialSpectrum,
    IsotropicSpectrum,
    LevelsSpectrum,
    PowerLawSpectrum,
    Spectrum,
    covariance,
)
from symcollapse.language.symbols import dimension, effective
from symcollapse.language.targets import (
    ExplicitTarget,
    SourceTarget,
    Target,
    UniformTarget,
)

FIRST, SECOND = covariance("Sigma_1", dimension), covariance("Sigma_2", dimension)
JOINT = joint_spectrum([FIRST, SECOND])
A, B = JOINT.variables
J = np.arange(1.0, 7.0)

SPECTRA: list[tuple[Spectrum, Any]] = [
    (IsotropicSpectrum(6, 3), np.full(6, 3.0)),
    (PowerLawSpectrum(6, 2), J**-2),
    (ExponentialSpectrum(6, "1/2"), np.exp(-J / 2)),
    (ExplicitSpectrum([1, 5, 1, 2, 2, 9]), np.array([1.0, 5, 1, 2, 2, 9])),
    (LevelsSpectrum([4, 1], [2, 4]), np.array([4.0, 4, 1, 1, 1, 1])),
    (LevelsSpectrum([2, 7], [2, 4]), np.array([2.0, 2, 7, 7, 7, 7])),
    (LevelsSpectrum([3, 1], [5, 1]), np.array([3.0, 3, 3, 3, 3, 1])),
]
PAIRS = [(first, second) for first in SPECTRA for second in SPECTRA if first is not second]
COEFFICIENTS = [1, -2, 3, 1, 4, -1]
OTHERS = [2, 2, -1, 0, 1, 1]
SUMMAND = A * B / (1 + A / effective + 2 * B) ** 2 + log(1 + A)


def values(a: Any, b: Any, kappa: float) -> Any:
    return a * b / (1 + a / kappa + 2 * b) ** 2 + np.log(1 + a)


def over(first: Spectrum, second: Spectrum) -> Spectrum:
    return JOINT.xreplace({FIRST: first, SECOND: second})


def check(node: Expr, expected: float, other: float) -> None:
    function = lambdify(node, [effective])
    # Rounding of short sums of positive numbers, a few units in the last place.
    assert function(0.5) == pytest.approx(expected, rel=1e-13)
    assert function(0.5) != pytest.approx(other, rel=1e-6)
    # The same rounding in an array; its middle argument has another value.
    np.testing.assert_allclose(function([0.5, 0.25, 0.5])[[0, 2]], expected, rtol=1e-13)
    number = evaluate(node, digits=30, values={effective: "1/2"})
    assert float(number) == pytest.approx(expected, rel=1e-13)
    assert enclose(node.xreplace({effective: 1 / (effective / effective + 1)}), 40).rad() < 1e-38


@pytest.mark.parametrize(("first", "second"), PAIRS, ids=str)
def test_a_trace_pairs_the_eigenvalues_of_one_eigenvector(first: Any, second: Any) -> None:
    a, b = first[1], second[1]
    expected = float(np.sum(values(a, b, 0.5)))
    check(SpectralTrace(SUMMAND, over(first[0], second[0])), expected, expected + 1)
    # Eigenvalues paired in another order give another number, where both members vary.
    if np.ptp(a) and np.ptp(b):
        crossed = [float(np.sum(values(a, np.roll(b, k), 0.5))) for k in range(1, 6)]
        assert max(abs(other - expected) for other in crossed) > 1e-6 * expected


@pytest.mark.parametrize(("first", "second"), PAIRS, ids=str)
@pytest.mark.parametrize(
    ("target", "weights"),
    [
        (UniformTarget(12), np.full(6, 2.0)),
        (ExplicitTarget(COEFFICIENTS), np.square(COEFFICIENTS)),
        (
            Pairing(ExplicitTarget(COEFFICIENTS), ExplicitTarget(OTHERS)),
            np.multiply(COEFFICIENTS, OTHERS),
        ),
    ],
    ids=["uniform", "explicit", "pairing"],
)
def test_a_form_weighs_them(first: Any, second: Any, target: Target, weights: Any) -> None:
    node = QuadraticForm(SUMMAND, over(first[0], second[0]), target)
    expected = float(np.sum(weights * values(first[1], second[1], 0.5)))
    assert lambdify(node, [effective])(0.5) == pytest.approx(expected, rel=1e-12)
    number = evaluate(node, digits=30, values={effective: "1/2"})
    assert float(number) == pytest.approx(expected, rel=1e-12)


def test_a_source_goes_with_the_one_power_law() -> None:
    form = QuadraticForm(SUMMAND, over(SPECTRA[1][0], SPECTRA[4][0]), SourceTarget("3/4"))
    weights = J ** -(1 + 2 * 0.5)
    expected = float(np.sum(weights * values(SPECTRA[1][1], SPECTRA[4][1], 0.5)))
    check(form, expected, expected + 1)
    two = QuadraticForm(
        A * B, over(PowerLawSpectrum(6, 2), PowerLawSpectrum(6, 3)), SourceTarget(1)
    )
    with pytest.raises(NotEvaluable, match="over 2 members"):
        evaluate(two)


def test_a_source_whose_coefficients_are_all_alike() -> None:
    form = QuadraticForm(SUMMAND, over(SPECTRA[1][0], SPECTRA[2][0]), SourceTarget("1/4"))
    expected = float(np.sum(values(SPECTRA[1][1], SPECTRA[2][1], 0.5)))
    check(form, expected, expected + 1)


def test_levels_in_common_are_summed_level_by_level() -> None:
    huge = 10**15
    first, second = LevelsSpectrum([4, 1], [1, huge]), LevelsSpectrum([2, 3], [1, huge])
    assert (
        evaluate(SpectralTrace(A * B, over(first, second)), digits=20).text
        == f"{8 + 3 * huge}.0000"
    )
    constant = over(IsotropicSpectrum(huge, 2), IsotropicSpectrum(huge, 3))
    assert float(evaluate(SpectralTrace(A * B, constant))) == 6 * huge
    apart = over(first, LevelsSpectrum([2, 3], [huge, 1]))
    with pytest.raises(NotEvaluable, match="at most 1000000"):
        evaluate(SpectralTrace(A * B, apart))


def test_what_has_no_number_is_refused() -> None:
    with pytest.raises(NotEvaluable, match="abstract"):
        evaluate(SpectralTrace(A * B, JOINT.xreplace({FIRST: IsotropicSpectrum(3)})))
    with pytest.raises(InvalidProblem, match="one size"):
        over(PowerLawSpectrum(3, 2), IsotropicSpectrum(4))
