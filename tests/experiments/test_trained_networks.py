"""Networks trained by stochastic gradients: against a plain descent, and the figure of them. All that needs PyTorch."""

from dataclasses import replace

import numpy as np
import pytest

from symcollapse.experiments import trained_networks_figure as figures
from symcollapse.experiments.digit_data import DigitData
from symcollapse.experiments.generation_growth import Doubles, growth
from symcollapse.experiments.trained_networks_figure import TrainedEffort, two_layer_figure
from symcollapse.language.errors import InvalidProblem
from symcollapse.simulation.feature_networks import LabelledImages
from symcollapse.simulation.two_layer_networks import TrainedChain, simulate_trained_chain

pytest.importorskip("torch", reason="networks are trained by PyTorch")

CHAIN = TrainedChain(width=7, samples=20, epochs=30, generations=2, noise=0.3, batch=8)


def test_chain_is_its_definition() -> None:
    """The same draws, and gradients by hand in doubles."""
    data, test = _clouds(1, 30), _clouds(2, 40)
    found = simulate_trained_chain(CHAIN, data, test, seed=5)
    errors, mistakes = _by_hand(CHAIN, data, test, 5)
    # Single precision, some 1e-7 a step, over 3 · 90 steps; shares of wrong answers are whole numbers of 40.
    assert np.allclose(found.errors, errors, rtol=1e-4)
    assert np.array_equal(found.mistakes, mistakes)
    # Control: a rate of the gradient of the sum over the labels, three times the mean's, is another descent.
    other, _ = _by_hand(replace(CHAIN, rate=0.3), data, test, 5)
    assert not np.allclose(found.errors, other, rtol=1e-2)


def test_seed_decides() -> None:
    data = _clouds(1, 30)
    first, again, other = (simulate_trained_chain(CHAIN, data, data, seed) for seed in (5, 5, 6))
    assert np.array_equal(first.errors, again.errors)
    assert not np.allclose(first.errors, other.errors)


def test_network_wide_enough_learns_its_images() -> None:
    data = LabelledImages(np.eye(4), np.eye(4))
    found = simulate_trained_chain(TrainedChain(50, 4, 4000, noise=0.0), data, data, 1)
    # The descent goes on: what is left after 4000 steps is small, not zero.
    assert found.errors[0] < 1e-4
    assert found.mistakes[0] == 0


def test_descent_that_diverges_is_refused() -> None:
    data = _clouds(1, 30)
    with pytest.raises(
        ArithmeticError, match=r"rate = 1000\.0: the descent diverged in generation 0"
    ):
        simulate_trained_chain(replace(CHAIN, rate=1000.0), data, data, 1)


def test_too_few_images_are_refused() -> None:
    data = _clouds(1, 10)
    with pytest.raises(InvalidProblem, match="samples = 20: there are 10 images"):
        simulate_trained_chain(CHAIN, data, data, 1)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"epochs": 0}, "epochs = 0: give an integer >= 1"),
        ({"generations": -1}, "generations = -1: give an integer >= 0"),
        ({"noise": -1.0}, "noise = -1.0: give a number >= 0"),
        ({"rate": 0.0}, "rate = 0.0: give a number > 0"),
    ],
)
def test_bad_settings_are_refused(change: dict[str, float], said: str) -> None:
    with pytest.raises(InvalidProblem, match=said):
        replace(CHAIN, **change)  # type: ignore[arg-type]


def test_figure_shows_what_the_chains_gave(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(0)
    digits = np.arange(60) % 10
    images = np.eye(10)[digits] + 0.2 * generator.random((60, 10))
    data = DigitData("made up", images[:40], digits[:40], images[40:], digits[40:])
    effort = TrainedEffort(
        widths=(5, 20), samples=30, epochs=20, generations=2, repetitions=2, test_images=15
    )
    chains, calls = [], []

    def recorded(*arguments: object) -> object:
        chains.append(simulate_trained_chain(*arguments))  # type: ignore[arg-type]
        return chains[-1]

    monkeypatch.setattr(figures, "simulate_trained_chain", recorded)
    figure = two_layer_figure("quick", data, 3, lambda *work: calls.append(work), effort)
    assert calls == [(1, 4), (2, 4), (3, 4), (4, 4)]
    errors, mistakes = figure.panels
    assert [curve.label for curve in errors.curves] == ["width 5", "width 20"]
    for place in (0, 1):
        own = chains[2 * place : 2 * place + 2]
        curve, wrong = errors.curves[place], mistakes.curves[place]
        # The mean and half the distance of two numbers: rounding errors.
        assert np.allclose(curve.y, (own[0].errors + own[1].errors) / 2, rtol=1e-14)
        assert curve.standard_error is not None
        half = np.abs(own[0].errors - own[1].errors) / 2
        assert np.allclose(curve.standard_error, half, rtol=1e-10, atol=1e-15)
        assert np.allclose(wrong.y, (own[0].mistakes + own[1].mistakes) / 2, rtol=1e-14)
        line = growth([list(one.errors) for one in own])
        assert line.sentence in figure.remarks[place]
    # Repetitions and widths have random numbers of their own.
    assert len({float(chain.errors[0]) for chain in chains}) == 4
    assert figure.settings["noise"] == 0.1
    assert figure.settings["rate"] == 0.1
    assert figure.settings["batch"] == 128


def _clouds(seed: int, count: int) -> LabelledImages:
    """Three clouds of points, and which one."""
    generator = np.random.default_rng(seed)
    which = np.arange(count) % 3
    return LabelledImages(
        np.eye(3)[which] + 0.3 * generator.standard_normal((count, 3)), np.eye(3)[which]
    )


def _by_hand(
    chain: TrainedChain, data: LabelledImages, test: LabelledImages, seed: int
) -> tuple[list[float], list[float]]:
    generator = np.random.default_rng(seed)
    errors, mistakes = [], []
    weights: tuple[Doubles, ...] = ()
    for _ in range(chain.generations + 1):
        rows = generator.choice(len(data.images), chain.samples, replace=False)
        X = data.images[rows]
        Y = data.labels[rows] if not weights else _answer(X, *weights)
        Y = Y + chain.noise * generator.standard_normal(Y.shape)
        W = generator.uniform(-1, 1, (chain.width, 3)) / np.sqrt(3)
        b = generator.uniform(-1, 1, chain.width) / np.sqrt(3)
        V = generator.uniform(-1, 1, (3, chain.width)) / np.sqrt(chain.width)
        c = generator.uniform(-1, 1, 3) / np.sqrt(chain.width)
        for _ in range(chain.epochs):
            order = generator.permutation(chain.samples)
            for start in range(0, chain.samples, chain.batch):
                x, y = X[order[start : start + chain.batch]], Y[order[start : start + chain.batch]]
                inner = x @ W.T + b
                hidden = np.maximum(inner, 0)
                slope = 2 * (hidden @ V.T + c - y) / y.size
                back = (slope @ V) * (inner > 0)
                W, b = W - chain.rate * back.T @ x, b - chain.rate * back.sum(axis=0)
                V, c = V - chain.rate * slope.T @ hidden, c - chain.rate * slope.sum(axis=0)
        weights = (W, b, V, c)
        outputs = _answer(test.images, *weights)
        errors.append(float(np.square(outputs - test.labels).sum(axis=1).mean()))
        mistakes.append(float((outputs.argmax(axis=1) != test.labels.argmax(axis=1)).mean()))
    return errors, mistakes


def _answer(images: Doubles, W: Doubles, b: Doubles, V: Doubles, c: Doubles) -> Doubles:
    return np.asarray(np.maximum(images @ W.T + b, 0) @ V.T + c, dtype=np.float64)
