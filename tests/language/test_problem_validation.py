"""What can never be a problem is refused where it is made, in one line that names the key."""

from collections.abc import Callable
from typing import Any

import pytest
from sympy import Expr, I, Rational, Symbol, log, nan, oo

from symcollapse.language import symbols
from symcollapse.language.errors import InvalidProblem
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import (
    ExponentialSpectrum,
    IsotropicSpectrum,
    LevelsSpectrum,
    PowerLawSpectrum,
)
from symcollapse.language.targets import ExplicitTarget, LevelsTarget, SourceTarget, UniformTarget

T = symbols.samples
d = symbols.dimension
a = Symbol("a", positive=True)
k = Symbol("k", positive=True, integer=True)
imaginary = Symbol("z", imaginary=True)


def refusal(make: Callable[[], Any]) -> str:
    with pytest.raises(InvalidProblem) as caught:
        make()
    message = str(caught.value)
    assert message.isprintable()
    assert any(word in message for word in ("give ", "needs ", "use ")), message
    return message


def isotropic(fit: Downstream, *generations: Generation) -> Problem:
    return Problem(IsotropicSpectrum(300), UniformTarget(1), generations, fit)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("noise", I * d),
        ("noise", -d),
        ("noise", 1 - d / 2),
        ("ridge", (1 - d) / 10**4),
        ("ridge", -d),
        ("ridge", log(d - 300)),
        ("ridge", 1 / (d - 300)),
        ("ridge", T - 4 * d),
        ("ridge", -a),
        ("noise", -a / T),
        ("ridge", imaginary),
        ("ridge", nan),
        ("noise", oo),
    ],
)
def test_noise_and_ridge_are_checked_with_the_dimension_put_in(key: str, value: Expr) -> None:
    sole: dict[str, Any] = {key: value}
    assert f"{key} = " in refusal(lambda: isotropic(Downstream(1000, **sole)))
    message = refusal(
        lambda: isotropic(Downstream(1000), Generation(600), Generation(1000, **sole))
    )
    assert f"{key} = " in message


def test_a_refusal_names_the_fit() -> None:
    value = (1 - d) / 10**4
    message = refusal(lambda: isotropic(Downstream(1000, ridge=value)))
    assert message.startswith("downstream.ridge = ")
    assert message.endswith(": give a number >= 0")
    message = refusal(lambda: isotropic(Downstream(1000), Generation(600), Generation(9, value)))
    assert message.startswith("generations.1.noise = ")


def test_what_is_right_at_the_dimension_is_kept() -> None:
    for value in (d - 300, d / T, (T - 3 * d) / 7, log(d), a, Symbol("x"), T ** Rational(-4, 5)):
        assert isotropic(Downstream(1000, ridge=value)).dimension == 300
    size = Symbol("m", positive=True, integer=True)
    open_size = Problem(IsotropicSpectrum(size), UniformTarget(1), (), Downstream(9, ridge=1 - d))
    assert open_size.is_symbolic


@pytest.mark.parametrize("value", [-k, -a, imaginary, oo, nan, Rational(1, 2) + k])
def test_counts_of_a_bad_sign_are_refused(value: Expr) -> None:
    assert "repeat = " in refusal(lambda: Generation(5, repeat=value))
    assert "samples = " in refusal(lambda: Downstream(value))


@pytest.mark.parametrize(
    ("key", "make"),
    [
        ("dimension", lambda: IsotropicSpectrum(oo)),
        ("dimension", lambda: IsotropicSpectrum(nan)),
        ("dimension", lambda: IsotropicSpectrum(-a)),
        ("dimension", lambda: IsotropicSpectrum(imaginary)),
        ("scale", lambda: IsotropicSpectrum(3, nan)),
        ("scale", lambda: IsotropicSpectrum(3, -a)),
        ("counts", lambda: LevelsSpectrum([1], [oo])),
        ("counts", lambda: LevelsSpectrum([1], [-k])),
        ("values", lambda: LevelsSpectrum([nan], [3])),
        ("dimension", lambda: PowerLawSpectrum(-oo, 2)),
        ("dimension", lambda: PowerLawSpectrum(nan, 2)),
        ("capacity", lambda: PowerLawSpectrum(3, nan)),
        ("capacity", lambda: PowerLawSpectrum(oo, nan)),
        ("capacity", lambda: PowerLawSpectrum(oo, I)),
        ("capacity", lambda: PowerLawSpectrum(oo, 1)),
        ("rate", lambda: ExponentialSpectrum(3, nan)),
        ("dimension", lambda: ExponentialSpectrum(-oo, 1)),
        ("squared_norm", lambda: UniformTarget(nan)),
        ("squared_norm", lambda: UniformTarget(-a)),
        ("energies", lambda: LevelsTarget([nan])),
        ("source", lambda: SourceTarget(nan)),
        ("scale", lambda: SourceTarget(1, nan)),
    ],
)
def test_a_spectrum_or_target_without_meaning_is_refused(key: str, make: Callable[[], Any]) -> None:
    assert refusal(make).startswith(f"{key} = ")


def test_a_uniform_target_needs_a_finite_dimension() -> None:
    for spectrum in (PowerLawSpectrum(oo, 2), ExponentialSpectrum(oo, 1)):
        message = refusal(lambda: Problem(spectrum, UniformTarget(1), (), Downstream(9)))  # noqa: B023
        assert message.startswith("target.kind = uniform")
    Problem(PowerLawSpectrum(oo, 2), SourceTarget(1), (), Downstream(9))


def test_a_list_of_coefficients_needs_a_finite_dimension() -> None:
    listed = ExplicitTarget([1, 1])
    message = refusal(lambda: Problem(PowerLawSpectrum(oo, 2), listed, (), Downstream(9)))
    assert message.startswith("target.kind = explicit: a list has no end in dimension inf; give")
    Problem(PowerLawSpectrum(2, 2), listed, (), Downstream(9))


@pytest.mark.parametrize(
    ("key", "part"),
    [
        ("downstream", Generation(600)),
        ("downstream", 600),
        ("spectrum", "x"),
        ("spectrum", None),
        ("target", None),
        ("target", IsotropicSpectrum(3)),
        ("generations", (Downstream(600),)),
        ("generations", Generation(5)),
        ("generations", "x"),
        ("generations", None),
    ],
)
def test_a_part_of_the_wrong_kind_is_refused(key: str, part: Any) -> None:
    parts: dict[str, Any] = {
        "spectrum": IsotropicSpectrum(300),
        "target": UniformTarget(1),
        "downstream": Downstream(1000),
    }
    assert refusal(lambda: Problem(**{**parts, key: part})).startswith(key)
