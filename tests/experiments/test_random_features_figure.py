"""The figure of networks with a random first layer, on the digits that scikit-learn brings."""

from dataclasses import replace

import numpy as np
import pytest

from symcollapse.experiments import trained_networks_figure
from symcollapse.experiments.digit_data import DigitData, read_digits
from symcollapse.experiments.figures import Figure, gaps
from symcollapse.experiments.generation_growth import growth
from symcollapse.experiments.random_features_figure import (
    FEATURES_EFFORTS,
    FeaturesEffort,
    random_features_figure,
)
from symcollapse.language.errors import NotSupported

SMALL = FeaturesEffort(
    widths=(20, 60, 300),
    samples=150,
    generations=2,
    repetitions=8,
    sample_of_images=700,
    test_images=400,
    ridge=1e-4,
)


@pytest.fixture(scope="module")
def digits() -> DigitData:
    pytest.importorskip("sklearn", reason="these digits come with scikit-learn")
    return read_digits(None)


@pytest.fixture(scope="module")
def figure(digits: DigitData) -> Figure:
    return random_features_figure("quick", digits, 1, effort=SMALL)


@pytest.mark.monte_carlo
def test_measured_lies_at_the_theory(figure: Figure) -> None:
    compared = gaps(figure)
    # Every curve of the three panels, at every measured point.
    assert [gap.points for gap in compared] == [3] * 9
    # Four standard errors of eight repetitions, and a fifth for all else: images are not Gaussian, 64 pixels are few,
    # the spectrum is known from 700 images, and the 400 held out are the same in all repetitions.
    assert _far(figure, 0.2) == []
    # Control: the theory without the noise of the labels is refused in every panel.
    assert {panel for panel, _ in _far(figure, 0.2, theory_times=0.5)} == {
        panel.title for panel in figure.panels
    }


def test_remarks_say_what_the_curves_show(figure: Figure) -> None:
    curves = [curve for panel in figure.panels[:2] for curve in panel.curves]
    measured = [curve for curve in curves if curve.kind == "measured"]
    theories = [curve for curve in curves if curve.kind == "theory"]
    for curve, theory, remark in zip(measured, theories, figure.remarks, strict=False):
        line, predicted = growth([curve.y]), growth([theory.y])
        assert f"grows by {line.slope:.3g} ± " in remark
        assert f"R² = {line.determination:.3f}" in remark
        assert f"(theory: {predicted.slope:.3g}, R² = {predicted.determination:.3f}" in remark
    # Noise 1 on 150 samples of 20 features: 20/(150 − 20 − 1) a generation.
    assert "least squares on as many Gaussian features: 0.155, R² = 1)" in figure.remarks[0]


def test_seed_decides_and_progress_ends(digits: DigitData) -> None:
    tiny = replace(SMALL, widths=(5,), repetitions=2, sample_of_images=60, test_images=20)
    calls: list[tuple[int, int]] = []
    first = random_features_figure("quick", digits, 1, lambda *work: calls.append(work), tiny)
    assert calls == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert random_features_figure("quick", digits, 1, effort=tiny) == first
    other = random_features_figure("quick", digits, 2, effort=tiny)
    assert other.panels[0].curves[0].y != first.panels[0].curves[0].y


def test_both_kinds_of_first_layer_begin_alike(figure: Figure) -> None:
    """The first network of a chain has one first layer either way, and the same images and noise here."""
    shared, fresh, _ = figure.panels
    for one, other in zip(shared.curves, fresh.curves, strict=True):
        if one.kind == "measured":
            # Sums of outputs in another order.
            assert np.isclose(one.y[0], other.y[0], rtol=1e-9)
            assert not np.isclose(one.y[1], other.y[1], rtol=1e-9)


def test_effort_on_few_images(digits: DigitData) -> None:
    found = FEATURES_EFFORTS["standard"].on(digits)
    assert (found.samples, found.widths) == (216, (21, 64, 216, 864))
    assert (found.sample_of_images, found.test_images) == (1297, 500)
    trained = trained_networks_figure._trained_effort("full", digits)
    assert (trained.samples, trained.epochs, trained.test_images) == (648, 240, 500)


def test_missing_torch_is_named(monkeypatch: pytest.MonkeyPatch, digits: DigitData) -> None:
    monkeypatch.setattr("symcollapse.language.optional_packages.find_spec", lambda _: None)
    with pytest.raises(
        NotSupported, match=r"needs torch; install it with: pip install 'symcollapse\[gpu\]'"
    ):
        trained_networks_figure.two_layer_figure("quick", digits)


def test_growth_of_a_line_and_of_noise() -> None:
    exact = growth([[1.0, 3.0, 5.0, 7.0]])
    assert (exact.slope, exact.determination, exact.standard_error) == (2.0, 1.0, None)
    assert exact.sentence == "grows by 2 a generation, a line with R² = 1.000"
    x = np.arange(6.0)
    draws = 3 * x + np.random.default_rng(1).standard_normal((50, 6))
    found = growth(draws)
    # By NumPy's own least squares: rounding errors.
    slope, _ = np.polyfit(x, draws.mean(axis=0), 1)
    assert np.isclose(found.slope, slope, rtol=1e-12)
    correlation = np.corrcoef(x, draws.mean(axis=0))[0, 1]
    assert np.isclose(found.determination, correlation**2, rtol=1e-12)
    # The standard error is 1/√(50 Σ(x − x̄)²) = 0.0338; a third more or less by chance of 50 draws.
    assert found.standard_error is not None
    assert abs(found.standard_error / np.sqrt(1 / (50 * 17.5)) - 1) < 1 / 3
    assert growth(np.ones((1, 3))).determination == 1.0


def _far(figure: Figure, allowed: float, theory_times: float = 1.0) -> list[tuple[str, str]]:
    """Curves with a point farther from the theory than four standard errors and the share allowed."""
    found = []
    for panel in figure.panels:
        theories = {curve.label: curve for curve in panel.curves if curve.kind == "theory"}
        for curve in panel.curves:
            if curve.kind == "theory":
                continue
            values = dict(zip(theories[curve.label].x, theories[curve.label].y, strict=True))
            for x, y, error in zip(curve.x, curve.y, curve.standard_error or (), strict=True):
                theory = theory_times * values[x]
                if abs(y - theory) > 4 * error + allowed * theory:
                    found.append((panel.title, curve.label))
                    break
    return found
