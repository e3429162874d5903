"""The experiments by name: what makes each figure, and what it needs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from symcollapse.experiments.digit_data import DigitData
from symcollapse.experiments.figures import Figure, Progress, Scale
from symcollapse.language.errors import InvalidProblem
from symcollapse.language.optional_packages import require_packages


@dataclass(frozen=True)
class Request:
    """What is asked of an experiment.

    Example
    -------
    >>> Request(scale="quick").seed
    1
    """

    scale: Scale = "standard"
    seed: int = 1
    """Where all random numbers come from."""
    workers: int = 1
    """Processes, where trials are shared among them; the figure does not depend on it."""
    data: DigitData | None = None
    """The digits, for experiments on them."""
    progress: Progress | None = None

    def digits(self) -> DigitData:
        """The digits of an experiment on digits.

        Raises
        ------
        InvalidProblem
            If none were given.

        Example
        -------
        >>> Request().digits()
        Traceback (most recent call last):
        symcollapse.language.errors.InvalidProblem: this experiment is on digits; give data, as read_digits(None)
        """
        if self.data is None:
            raise InvalidProblem("this experiment is on digits; give data, as read_digits(None)")
        return self.data


@dataclass(frozen=True)
class Experiment:
    """A figure that can be made.

    Example
    -------
    >>> EXPERIMENTS["figure-6"].packages
    {'torch': 'gpu'}
    """

    name: str
    """As the command line calls it."""
    title: str
    """What it shows, in one line."""
    make: Callable[[Request], Figure]
    uses_digits: bool = False
    """Whether it needs ``Request.data``."""
    packages: Mapping[str, str] | None = None
    """Optional packages that it imports, each with the extra that brings it."""

    def require_packages(self) -> None:
        """Say before the work if a package is missing.

        Raises
        ------
        NotSupported
            With the package and the extra that brings it.

        Example
        -------
        >>> EXPERIMENTS["figure-1a"].require_packages()
        """
        for package, extra in (self.packages or {}).items():
            require_packages(self.name, [package], f"symcollapse[{extra}]")


def named_experiments(names: Sequence[str]) -> tuple[Experiment, ...]:
    """The experiments of these names, each once; ``all`` stands for all of them, and 1a for figure-1a.

    Raises
    ------
    InvalidProblem
        If there is none of that name, with the names nearest to it.

    Example
    -------
    >>> [experiment.name for experiment in named_experiments(["2b", "figure-1a", "2b"])]
    ['figure-2b', 'figure-1a']
    >>> named_experiments(["figure-1c"])
    Traceback (most recent call last):
    symcollapse.language.errors.InvalidProblem: no experiment 'figure-1c'; did you mean figure-1b or figure-1a?
    """
    found: dict[str, Experiment] = {}
    for name in names:
        if name == "all":
            found |= EXPERIMENTS
            continue
        full = name if name.startswith("figure-") else f"figure-{name}"
        if full not in EXPERIMENTS:
            raise InvalidProblem(f"no experiment {name[:80]!r}; {_nearest(full)}")
        found[full] = EXPERIMENTS[full]
    return tuple(found.values())


def _nearest(name: str) -> str:
    near = get_close_matches(name, EXPERIMENTS, n=2, cutoff=0.75)
    if near:
        return f"did you mean {' or '.join(near)}?"
    return f"there are all, {', '.join(EXPERIMENTS)}"


# The makers import what they need when they run: a list of names needs none of it.


def _gaussian(
    name: Literal["figure-1a", "figure-1b", "figure-2a", "figure-2b"],
) -> Callable[[Request], Figure]:
    def make(request: Request) -> Figure:
        from symcollapse.experiments.gaussian_figures import gaussian_figure

        return gaussian_figure(name, request.scale, request.seed, request.workers, request.progress)

    return make


def _kernel(kernel: Literal["rbf", "polynomial"]) -> Callable[[Request], Figure]:
    def make(request: Request) -> Figure:
        from symcollapse.experiments.kernel_figures import kernel_figure

        digits = request.digits()
        return kernel_figure(kernel, request.scale, digits, request.seed, request.progress)

    return make


def _random_features(request: Request) -> Figure:
    from symcollapse.experiments.random_features_figure import random_features_figure

    return random_features_figure(request.scale, request.digits(), request.seed, request.progress)


def _two_layer(request: Request) -> Figure:
    from symcollapse.experiments.trained_networks_figure import two_layer_figure

    return two_layer_figure(request.scale, request.digits(), request.seed, request.progress)


EXPERIMENTS: Mapping[str, Experiment] = {
    experiment.name: experiment
    for experiment in (
        Experiment(
            "figure-1a",
            "Collapse of isotropic ridge regression: test error against the ridge",
            _gaussian("figure-1a"),
        ),
        Experiment(
            "figure-1b",
            "Collapse under a power law: test error against the samples, ridges T^-l",
            _gaussian("figure-1b"),
        ),
        Experiment(
            "figure-2a",
            "Generators with fewer samples than features, one design: the error levels off",
            _gaussian("figure-2a"),
        ),
        Experiment(
            "figure-2b",
            "Generators with fewer samples than features, fresh designs: the signal is lost",
            _gaussian("figure-2b"),
        ),
        Experiment(
            "figure-4-rbf",
            "Kernel ridge regression on digits, RBF kernel",
            _kernel("rbf"),
            uses_digits=True,
        ),
        Experiment(
            "figure-4-polynomial",
            "Kernel ridge regression on digits, polynomial kernel",
            _kernel("polynomial"),
            uses_digits=True,
        ),
        Experiment(
            "figure-5",
            "A network on digits whose first layer is random",
            _random_features,
            uses_digits=True,
        ),
        Experiment(
            "figure-6",
            "A network of two layers on digits, trained by stochastic gradients",
            _two_layer,
            uses_digits=True,
            packages={"torch": "gpu"},
        ),
    )
}
"""All experiments, in the order of the figures."""
