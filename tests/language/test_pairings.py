"""Bilinear forms."""

import pickle
from typing import Any

import pytest
from sympy import Integer, latex

from symcollapse.evaluation import evaluate
from symcollapse.language.errors import InvalidProblem, NotEvaluable
from symcollapse.language.pairings import Pairing, bilinear_form
from symcollapse.language.problems import SIGMA
from symcollapse.language.quantities import QuadraticForm, quadratic_form
from symcollapse.language.spectra import (
    ExplicitSpectrum,
    IsotropicSpectrum,
    LevelsSpectrum,
    PowerLawSpectrum,
)
from symcollapse.language.symbols import effective
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.targets import (
    ExplicitTarget,
    LevelsTarget,
    SourceTarget,
    UniformTarget,
    truth,
)
from symcollapse.language.unfolding import unfold

U, V = truth("u"), truth("v")
ONE, TWO = ExplicitTarget([1, 2, 3]), ExplicitTarget([-1, 1, -2])


def test_a_pairing_is_symmetric() -> None:
    assert Pairing(U, V) == Pairing(V, U)
    assert Pairing(ONE, TWO) == Pairing(TWO, ONE)
    assert pickle.loads(pickle.dumps(Pairing(ONE, TWO))) == Pairing(TWO, ONE)


def test_a_vector_with_itself_gives_the_quadratic_form() -> None:
    assert Pairing(U, U) == U
    assert bilinear_form(s, SIGMA, U, U) == quadratic_form(s, SIGMA, U)
    put = bilinear_form(s, SIGMA, U, V).xreplace({U: ONE, V: ONE})
    assert put == quadratic_form(s, SIGMA, ONE)


def test_constants_and_sums_are_taken_out() -> None:
    form = bilinear_form(effective * s + 2, SIGMA, V, U)
    assert str(form) == "kappa*<u|Sigma|v> + 2*<u|1|v>"
    assert latex(QuadraticForm(s / (s + 1), SIGMA, Pairing(U, V))) == (
        r"u^{\top} \Sigma \left(\Sigma + I\right)^{-1} v"
    )
    assert str(QuadraticForm(s, SIGMA, Pairing(U, ONE))) in ("<u|Sigma|w_0>", "<w_0|Sigma|u>")


def test_a_pairing_has_no_sign() -> None:
    assert bilinear_form(s, SIGMA, U, V).is_extended_nonnegative is None
    assert quadratic_form(s, SIGMA, U).is_extended_nonnegative


@pytest.mark.parametrize(
    ("spectrum", "value"),
    [
        (ExplicitSpectrum([2, 2, 5]), -1 * 2 + 2 * 2 - 6 * 5),
        (LevelsSpectrum([2, 5], [2, 1]), -1 * 2 + 2 * 2 - 6 * 5),
        (IsotropicSpectrum(3, 2), -10),
        (PowerLawSpectrum(3, 1), Integer(-1) + 1 - 2),
    ],
)
def test_products_keep_their_signs(spectrum: Any, value: Any) -> None:
    form = QuadraticForm(s, spectrum, Pairing(ONE, TWO))
    assert unfold(form).doit() == value
    assert evaluate(form).text.rstrip("0").rstrip(".") in (str(value), f"{value}")
    squares = QuadraticForm(s, spectrum, ONE)
    assert unfold(squares).doit() != value


@pytest.mark.parametrize("other", [UniformTarget(1), LevelsTarget([1, 1]), SourceTarget(1)])
def test_squares_have_no_signs_to_pair(other: Any) -> None:
    spectrum = PowerLawSpectrum(3, 1)
    if isinstance(other, LevelsTarget):
        spectrum = LevelsSpectrum([1, 2], [1, 2])  # type: ignore[assignment]
    form = QuadraticForm(s, spectrum, Pairing(ONE, other))
    for number in (evaluate, unfold):
        with pytest.raises(NotEvaluable, match="squares, no signs"):
            number(form)


def test_what_is_abstract_has_no_value() -> None:
    form = QuadraticForm(s, IsotropicSpectrum(3), Pairing(U, ONE))
    assert unfold(form) == form
    with pytest.raises(NotEvaluable, match="abstract"):
        evaluate(form)


def test_misuse_is_refused() -> None:
    with pytest.raises(TypeError, match="two vectors"):
        Pairing(Pairing(U, V), U)
    with pytest.raises(InvalidProblem, match="give one for each"):
        Pairing(ONE, TWO).check_against(IsotropicSpectrum(4))
