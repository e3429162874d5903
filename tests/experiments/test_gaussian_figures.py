"""Figures of Gaussian data: the theory lies on the measurements, and a wrong theory does not."""

from dataclasses import replace
from fractions import Fraction

import pytest

from symcollapse.experiments.figures import Curve, Figure, Panel, gaps
from symcollapse.experiments.gaussian_figures import EFFORTS, GaussianFigure, gaussian_figure
from symcollapse.experiments.laid_curves import distance, pair, predicted
from symcollapse.experiments.power_law_figures import CORRECTED, clean_exponent
from symcollapse.experiments.simulated_paths import Effort, Run, seed_of, simulate_runs
from symcollapse.language import symbols
from symcollapse.language.errors import InvalidProblem
from symcollapse.language.problems import Problem
from symcollapse.simulation import simulate

SMALL: dict[GaussianFigure, Effort] = {
    "figure-1a": Effort(
        100, 4, {"spectrum.dimension": "60", "generations.0.samples": "240"}, (90, 400)
    ),
    "figure-1b": Effort(
        200, 4, {"spectrum.dimension": "60", "generations.0.samples": "240"}, (100, 400)
    ),
    "figure-2a": Effort(100, 4, {"spectrum.dimension": "60"}, (15, 30, 45)),
    "figure-2b": Effort(100, 4, {"spectrum.dimension": "60"}, (15, 30, 45)),
}


@pytest.fixture(scope="module")
def figures() -> dict[str, Figure]:
    return {name: gaussian_figure(name, seed=3, effort=effort) for name, effort in SMALL.items()}


def wrong(figure: Figure, factor: float) -> Figure:
    """The same figure with another theory."""
    panels = []
    for panel in figure.panels:
        curves = tuple(
            replace(curve, y=tuple(factor * y for y in curve.y))
            if curve.kind == "theory"
            else curve
            for curve in panel.curves
        )
        panels.append(replace(panel, curves=curves))
    return replace(figure, panels=tuple(panels))


@pytest.mark.monte_carlo
@pytest.mark.parametrize("name", SMALL)
def test_theory_lies_on_the_measurements(figures: dict[str, Figure], name: GaussianFigure) -> None:
    # Finite size moves the mean by some 1/(T0 - d) or 1/d, 2 % here; the draws by less than 5 standard errors.
    for gap in gaps(figures[name]):
        assert gap.worst < 5 * gap.standard_error + 0.02, gap


@pytest.mark.monte_carlo
@pytest.mark.parametrize("name", SMALL)
def test_a_wrong_theory_shows(figures: dict[str, Figure], name: GaussianFigure) -> None:
    # Five further generations, or a noise twice as large, move an error by more than this factor.
    false = wrong(figures[name], 1.5)
    assert all(gap.worst > 5 * gap.standard_error + 0.02 for gap in gaps(false))
    assert distance(false).standard_errors > 5


def test_generations_mixed_up_show(figures: dict[str, Figure]) -> None:
    """The theory of n = 10 under the name of n = 1."""
    figure = figures["figure-1a"]
    panel = figure.panels[0]
    curves = {(curve.label, curve.kind): curve for curve in panel.curves}
    impostor = replace(curves["n = 10", "theory"], label="n = 1")
    false = replace(panel, curves=(curves["n = 1", "measured"], impostor))
    [gap] = gaps(replace(figure, panels=(false,)))
    assert gap.worst > 0.3


def test_every_measured_point_has_a_theory_and_an_error(figures: dict[str, Figure]) -> None:
    for figure in figures.values():
        measured = [c for panel in figure.panels for c in panel.curves if c.kind == "measured"]
        assert sum(gap.points for gap in gaps(figure)) == sum(len(c.x) for c in measured)
        assert all(c.standard_error is not None for c in measured)
        assert distance(figure).points == sum(len(c.x) for c in measured)


def test_a_figure_can_be_read_without_the_problem_file(figures: dict[str, Figure]) -> None:
    said = {name: figure.remarks[0] for name, figure in figures.items()}
    assert said["figure-1a"] == (
        "Set-up: Σ = I, d = 60; generators by least squares, T₀ = 240, σ₀ = 0.2; tested fit σ = 0.1."
    )
    assert said["figure-1b"] == (
        "Set-up: β = 2, r = 3/8, d = 60; generators by least squares, T₀ = 240, σ₀ = 1; tested fit σ = 1."
    )
    assert said["figure-2b"] == (
        "Set-up: Σ = I, d = 60; generators by least squares, σ₀ = 0; tested fit T = 1000, σ = 0.1."
    )
    for name, effort in SMALL.items():
        tables = figures[name].settings["tables"]
        assert tables["spectrum"]["dimension"] == "60"
        own = effort.overrides.get("generations.0.samples", 150)
        assert tables["generations"][0]["samples"] == own


def test_the_plateau_and_the_decay(figures: dict[str, Figure]) -> None:
    for name in ("figure-2a", "figure-2b"):
        counted = figures[name].panels[1]
        for curve in counted.curves:
            first, second = curve.y[1], curve.y[-1]
            # On one design without noise all later fits are the first one, but for rounding.
            assert (abs(second / first - 1) < 1e-9) == (name == "figure-2a"), curve.label


def test_the_corrected_ridge_is_better_for_later_generations(figures: dict[str, Figure]) -> None:
    panels = {panel.title: panel for panel in figures["figure-1b"].panels}
    for title, is_later in (("n = 0", False), ("n = 5", True)):
        last = {c.label: c.y[-1] for c in panels[title].curves if c.kind == "theory"}
        clean = last["λ = T^-0.8, best for clean data"]
        assert (last[CORRECTED] < 0.8 * clean) == is_later


def test_the_clean_exponent_is_that_of_the_rates() -> None:
    # What is published for r <= 1 is β/(2βr + 1); here it comes from the derived rates.
    for source, exponent in (("3/8", Fraction(4, 5)), ("1/2", Fraction(2, 3))):
        problem = Problem.from_file("figure-1b", {"target.source": source})
        assert clean_exponent(problem) == exponent
    with pytest.raises(TypeError):
        clean_exponent(Problem.from_file("figure-1a"))


def test_measured_is_what_a_simulation_of_the_problem_says() -> None:
    run = Run("figure-1a", {"spectrum.dimension": "20", "downstream.samples": "30"}, (0.2,), (5,))
    [path] = simulate_runs([run], 20, 7, 1, None)
    problem = Problem.from_file("figure-1a", dict(run.overrides))
    alone = simulate(problem, 20, seed_of(7, 0), route="sufficient")
    # The same draws in another order of additions.
    assert path.mean[0][0] == pytest.approx(alone.mean, rel=1e-9)


def test_workers_do_not_change_the_figure_and_seeds_do() -> None:
    effort = Effort(6, 2, {"spectrum.dimension": "10", "generations.0.samples": "30"}, (20,))
    one, two = (gaussian_figure("figure-1a", workers=workers, effort=effort) for workers in (1, 2))
    assert one == two
    assert gaussian_figure("figure-1a", seed=2, effort=effort).panels != one.panels


def test_progress_counts_all_simulations() -> None:
    seen: list[tuple[int, int]] = []
    effort = Effort(4, 2, {"spectrum.dimension": "10"}, (3, 5, 7))
    gaussian_figure("figure-2b", effort=effort, progress=lambda *done: seen.append(done))
    assert seen[-1] == (12, 12)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_a_figure_of_another_kind_is_refused() -> None:
    with pytest.raises(InvalidProblem, match="give one of figure-1a, figure-1b"):
        gaussian_figure("figure-6")  # type: ignore[arg-type]


def test_sizes_that_collide_are_refused() -> None:
    effort = Effort(4, 2, {"generations.0.samples": "0"})
    with pytest.raises(InvalidProblem, match="samples"):
        gaussian_figure("figure-1a", effort=effort)


def test_every_scale_has_an_effort_and_draws_more() -> None:
    assert set(EFFORTS) == set(SMALL)
    for efforts in EFFORTS.values():
        trials = [efforts[scale].trials for scale in ("quick", "standard", "full")]
        assert trials == sorted(set(trials))


def test_theory_has_a_point_at_every_measured_one() -> None:
    measured, theory = pair("a", (0.1, 0.3), (1.0, 2.0), (0.1, 0.1), lambda x: x)
    assert set(measured.x) <= set(theory.x)
    assert len(theory.x) > len(measured.x)
    assert list(theory.x) == sorted(theory.x)


def test_a_formula_without_the_ridge_is_constant() -> None:
    problem = Problem.from_file("figure-1a", {"downstream.ridge": "0"})
    assert len(set(predicted(problem, {symbols.ridge: (0.1, 0.2)}))) == 1
    ridged = Problem.from_file("figure-1a")
    assert len(set(predicted(ridged, {symbols.ridge: (0.1, 0.2)}))) == 2


def test_a_figure_without_theory_has_no_distance() -> None:
    curve = Curve("a", "measured", (1.0,), (1.0,), (0.1,))
    figure = Figure("b", "b", (Panel("p", "x", "y", (curve,)),), 1, {})
    with pytest.raises(ValueError, match="no measured point"):
        distance(figure)
