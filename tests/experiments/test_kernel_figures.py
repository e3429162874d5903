"""Figures of kernels on the small digits: complete, repeatable, with a theory that no wrong one passes for."""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sympy import Rational

from symcollapse.experiments import kernel_figures
from symcollapse.experiments.digit_data import DigitData, read_digits
from symcollapse.experiments.figures import Figure, gaps
from symcollapse.experiments.kernel_figures import (
    EFFORTS,
    Effort,
    figure_kernel,
    kernel_figure,
    scaled_images,
)
from symcollapse.experiments.kernel_remarks import spread_remarks
from symcollapse.experiments.kernel_ridges import (
    CORRECTED,
    RidgeRule,
    classical_exponent,
    corrected_exponent,
    ridge_rules,
)
from symcollapse.experiments.kernel_spectra import KernelSpectrum
from symcollapse.language.errors import InvalidProblem
from symcollapse.simulation.kernel_functions import PolynomialKernel, RadialKernel

SMALL = Effort(600, 500, (60, 120), 80, (0, 2), 6)


@pytest.fixture(scope="module")
def digits() -> DigitData:
    return read_digits(None)


@pytest.fixture(scope="module")
def figure(digits: DigitData) -> Figure:
    return kernel_figure("rbf", "quick", digits, seed=2, effort=SMALL)


def test_every_measured_curve_has_its_theory(figure: Figure) -> None:
    assert figure.name == "figure-4-rbf"
    assert [panel.title for panel in figure.panels] == ["n = 0", "n = 2"]
    pairs = gaps(figure)
    # Clean data have no corrected ridge.
    assert [sum(gap.panel == panel.title for gap in pairs) for panel in figure.panels] == [3, 4]
    assert all(gap.points == len(SMALL.sizes) for gap in pairs)
    assert all(gap.standard_error < 0.5 for gap in pairs)
    assert not any(CORRECTED in curve.label for curve in figure.panels[0].curves)


def test_the_theory_is_near_the_digits_on_clean_data(figure: Figure) -> None:
    clean = [gap for gap in gaps(figure) if gap.panel == "n = 0"]
    # Of digits no theory is exact: on MNIST the gap is some 10 % for these ridges; here six repetitions add as much.
    assert max(gap.worst for gap in clean) < 0.35
    doubled = tuple(
        replace(curve, y=tuple(2 * y for y in curve.y)) if curve.kind == "theory" else curve
        for curve in figure.panels[0].curves
    )
    wrong = replace(figure, panels=(replace(figure.panels[0], curves=doubled),))
    assert min(gap.worst for gap in gaps(wrong)) > 0.35


@pytest.mark.monte_carlo
def test_of_gaussian_images_the_theory_holds_in_every_panel(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The whole way, from images to gaps, where the theory is known to hold: Gaussian features, part of them told."""
    generator = np.random.default_rng(11)
    j = np.arange(1.0, 151)
    images = generator.standard_normal((4000, 150)) * j**-0.6
    digits = (images @ j**-0.3 > 0).astype(np.int64)
    data = DigitData("none", images[:2500], digits[:2500], images[2500:], digits[2500:])
    linear = PolynomialKernel(1, 1 / 150)
    monkeypatch.setattr(kernel_figures, "figure_kernel", lambda *_: linear)
    effort = Effort(600, 1500, (60, 250), 90, (0, 2), 12)
    figure = kernel_figure("rbf", "quick", data, seed=2, effort=effort)
    # Twelve repetitions: standard errors are 3 to 10 %; four of them, and 3 % for the spectrum of 600 images.
    assert _beyond(figure, 0.03) == []
    # Both of them Gaussian: each within four of its own standard errors, and 3 %.
    (said,) = (said for said in figure.remarks if said.startswith("A fit like the generators'"))
    for ratio, error in re.findall(r"([0-9.]+) ± ([0-9.]+)", said):
        assert abs(float(ratio) - 1) < 4 * float(error) + 0.03, said

    def without_samples(
        theory: Callable[[Sequence[float], Sequence[float]], list[float]],
        rule: RidgeRule,
        sizes: Sequence[float],
    ) -> list[float]:
        return theory(sizes, [rule.ridge(size) * size for size in sizes])

    # Control: the ridge of the other normalisation.
    monkeypatch.setattr(kernel_figures, "_followed", without_samples)
    wrong = kernel_figure("rbf", "quick", data, seed=2, effort=replace(effort, generations=(0,)))
    assert len(_beyond(wrong, 0.03)) == 3


def test_a_figure_owes_to_its_seed_alone(digits: DigitData) -> None:
    short = replace(SMALL, images=250, sizes=(40,), generations=(1,), repetitions=2)
    first, second, other = (
        kernel_figure("rbf", "quick", digits, seed=seed, effort=short) for seed in (2, 2, 3)
    )
    assert first == second
    assert other.panels[0].curves[0].y != first.panels[0].curves[0].y


def test_remarks_have_what_was_measured(figure: Figure) -> None:
    said = "\n".join(figure.remarks)
    assert "Pixels as in the figure, 600 images: " in said
    assert "the paper quotes" not in said  # that is of MNIST
    for words in ("n = 2, T = 120: the classical ridge", "resolves"):
        assert words in said
    assert figure.settings["generation_ridge"] > 0


def test_what_images_leave_of_each_other_is_told_from_gaussian_features(figure: Figure) -> None:
    population = KernelSpectrum(np.arange(1.0, 401) ** -1.2, np.ones(400), 10**6)
    features = np.random.default_rng(3).standard_normal((300, 400)) * np.sqrt(
        population.eigenvalues
    )
    linear = PolynomialKernel(1, 1.0, 0.0)
    *_, alike = spread_remarks(linear, features, 100, 1e-4, population)
    *_, mixed = spread_remarks(
        linear, features * np.resize([0.2, 1.0], 300)[:, None], 100, 1e-4, population
    )
    found = [[int(word) for word in re.findall(r"(\d+) %", said)] for said in (alike, mixed)]
    # Two draws of a hundred: what they leave differs by a tenth or so, of both alike.
    assert abs(found[0][0] - found[0][1]) < 4
    # Control: every other image a fifth as large.
    assert found[1][0] > 3 * found[1][1]
    assert any("what the others leave of K(x, x)" in said for said in figure.remarks)
    # An RBF kernel has K(x, x) = 1, of which there is nothing to say; a linear one has not.
    assert len([*spread_remarks(RadialKernel(0.1), features, 100, 1e-4, population)]) == 1
    assert len([*spread_remarks(linear, features, 100, 1e-4, population)]) == 2


def test_sizes_are_what_the_images_allow(digits: DigitData) -> None:
    steps: list[tuple[int, int]] = []
    effort = replace(EFFORTS["quick"], repetitions=2, generations=(0,), images=400)
    figure = kernel_figure(
        "polynomial", "quick", digits, progress=lambda *step: steps.append(step), effort=effort
    )
    sizes = figure.settings["samples"]
    assert sizes[-1] == len(digits.images) // 2
    assert len(sizes) == len(effort.sizes)
    assert steps == [(1, 2), (2, 2)]
    assert any(said.startswith("With K(x, x) divided out") for said in figure.remarks)


def test_digits_too_few_for_anything_are_refused(digits: DigitData) -> None:
    few = replace(digits, images=digits.images[:3], digits=digits.digits[:3])
    with pytest.raises(InvalidProblem, match=r"3 images, .* give at least 200"):
        kernel_figure("rbf", "quick", few)
    with pytest.raises(InvalidProblem, match=r"1 repetitions: .* and 2 for error bars"):
        kernel_figure("rbf", "quick", digits, effort=replace(SMALL, repetitions=1))


def test_bandwidths_are_for_784_pixels(digits: DigitData) -> None:
    assert figure_kernel("rbf") == RadialKernel(1e-4)
    assert figure_kernel("rbf", 196) == RadialKernel(4e-4)
    byte, _ = scaled_images(digits, "byte")
    unit, held_out = scaled_images(digits, "unit", 7)
    assert byte.max() == 255
    assert unit.max() == 1
    assert len(held_out) == 7


def test_ridges_follow_the_derived_rates() -> None:
    capacity, source = Rational(33, 20), Rational(97, 1000)
    # With noise the best ridge is the effective one at which bias and variance decay alike: ℓ = β/(1 + 2βr).
    best = classical_exponent(capacity, source)
    assert best == capacity / (1 + 2 * capacity * source)
    for b in (Rational(1, 2), Rational(3, 4)):
        assert corrected_exponent(capacity, source, b) == b * best
    classical, corrected, *others = ridge_rules("rbf", 500)
    assert [classical.ridge(T) for T in (100, 500)] == [corrected.ridge(T) for T in (100, 500)]
    # From T₀ on the corrected ridge stays: T^-bℓ = T₀^-ℓ, up to the third digit of b.
    assert corrected.ridge(4000) == pytest.approx(classical.ridge(500), rel=0.01)
    assert len({rule.ridge(1000) for rule in (classical, *others)}) == 3


@pytest.mark.slow
def test_on_mnist_the_theory_of_the_rbf_kernel_is_near_where_the_ridge_is_not_small() -> None:
    beside = Path(__file__).parents[3] / "shared" / "data" / "mnist"
    folder = Path(os.environ.get("SYMCOLLAPSE_MNIST", beside))
    if not folder.is_dir():
        pytest.skip("no folder of MNIST; name one in SYMCOLLAPSE_MNIST")
    effort = replace(EFFORTS["quick"], images=2000, sizes=(250, 500, 1000), repetitions=4)
    figure = kernel_figure("rbf", "quick", read_digits(folder), effort=effort)
    found = {(gap.panel, gap.label): gap for gap in gaps(figure)}
    # Measured: 2 % and 7 % with statistical errors of 2 % and 5 %; digits are not Gaussian, so no test can be closer.
    assert found["n = 0", "λ = T^-0.625"].worst < 0.08
    assert found["n = 0", "λ = T^-1.25, best for clean data"].worst < 0.2
    # Where generators have next to no ridge, the theory is a third off: it does not pass for all of it.
    assert max(gap.worst for gap in found.values()) > 0.2
    assert "the paper quotes (1.65, 0.097)" in figure.remarks[0]


def _beyond(figure: Figure, allowed: float) -> list[tuple[str, str]]:
    """Curves with a point farther from the theory than four standard errors and the share allowed."""
    found = set()
    for panel in figure.panels:
        theories = {
            curve.label: dict(zip(curve.x, curve.y, strict=True))
            for curve in panel.curves
            if curve.kind == "theory"
        }
        for curve in panel.curves:
            if curve.kind == "measured" and curve.standard_error is not None:
                for x, y, error in zip(curve.x, curve.y, curve.standard_error, strict=True):
                    theory = theories[curve.label][x]
                    if abs(y - theory) > 4 * error + allowed * theory:
                        found.add((panel.title, curve.label))
    return sorted(found)
