"""A problem as a chain of independent designs, with the symbols that formulas are written in.

Consecutive fits on shared inputs make one design. Repetitions that a formula need not tell apart are counted, not
listed: least squares with T ≥ d is the identity on weights, and repeated least squares on one design is the same
as once, so there the number of generations may be a symbol, or 10⁶.
"""

from dataclasses import dataclass

from sympy import Expr, Integer, S, Symbol

from symcollapse.equivalents import Design
from symcollapse.language import symbols
from symcollapse.language.errors import NotSupported
from symcollapse.language.exactness import is_number
from symcollapse.language.naming import (
    NamedFit,
    named_fits,
    number_at,
    refuse_captured_letters,
)
from symcollapse.language.problems import SIGMA, Generation, Problem

MOST_DESIGNS = 60
"""Independent designs that a formula lists; its size grows with their square."""

MOST_SHARED_RIDGES = 12
"""Fits with a ridge on one shared design; the formula grows like the fourth power of their number."""


@dataclass(frozen=True)
class Noise:
    """Label noise of a fit on a design."""

    fit: int
    """Which of the design's ridges."""
    deviation: Expr
    """Standard deviation."""
    count: Expr
    """How many independent noises alike."""


@dataclass(frozen=True)
class Stage:
    """One design of a chain, and the noises that enter on it."""

    design: Design
    noises: tuple[Noise, ...]


@dataclass(frozen=True)
class Chain:
    """Designs in order of time; the last noise of the last stage belongs to the fit that is tested."""

    stages: tuple[Stage, ...]
    regime: tuple[str, ...]
    """For each kind of fit, where its number of samples lies relative to the dimension."""

    def is_tested(self, stage: Stage, noise: Noise) -> bool:
        """Whether the noise is that of the fit that is tested."""
        last = self.stages[-1]
        return stage is last and noise.fit == len(last.design.ridges) - 1


@dataclass
class _Group:
    """Fits on one design, while they are being collected."""

    samples: Expr
    is_determined: bool
    ridges: list[tuple[Expr, Expr]]
    """Each ridge as it is written in formulas, with its value."""
    noises: list[Noise]
    count: Expr = S.One

    def add(self, ridge: Expr, value: Expr, deviation: Expr, count: Expr) -> None:
        # Equal numbers get one symbol: partial fractions divide by differences of ridges.
        same = [written for written, known in self.ridges if known == value]
        self.ridges.append(((same or [ridge])[0], value))
        if deviation != 0:
            self.noises.append(Noise(len(self.ridges) - 1, deviation, count))

    def last_of(self) -> "_Group":
        """Split off the last of several designs alike."""
        self.count -= 1
        return _Group(self.samples, self.is_determined, list(self.ridges), list(self.noises))


def chain_of(problem: Problem) -> Chain:
    """The chain of a problem.

    Raises
    ------
    NotSupported
        If repetitions have to be listed and there are too many, or their number is a symbol.
    InvalidProblem
        If a symbol of the problem is the letter of something else.

    Example
    -------
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> from symcollapse.language.problems import Downstream
    >>> problem = Problem(
    ...     IsotropicSpectrum(300),
    ...     UniformTarget(1),
    ...     (Generation(600, noise=1, repeat=5),),
    ...     Downstream(1000, ridge="1/10"),
    ... )
    >>> chain_of(problem).regime
    ('T_0 >= d', 'T >= d')
    """
    if not problem.replaces:
        raise NotSupported(
            "this needs a chain of plain fits: no accumulated, mixed, real or shifted data, no features, no student "
            "on shared inputs"
        )
    groups: list[_Group] = []
    regimes: list[str] = []
    refuse_captured_letters(problem)
    fits = named_fits(problem)
    for place, named in enumerate(fits):
        size = _written(problem, named.fit.samples, named.samples)
        determined = _is_determined(problem, named)
        regimes.append(f"{size} {_relation(problem, named)}")
        following = fits[place + 1].fit if place + 1 < len(fits) else None
        shared_next = isinstance(following, Generation) and following.design == "shared"
        _collect(
            problem,
            named,
            size,
            groups,
            is_determined=determined is True,
            is_last=following is None,
            is_shared_next=shared_next,
        )
    stages: list[Stage] = []
    for group in groups:
        for _ in range(int(group.count)):
            design = Design(
                len(stages),
                group.samples,
                tuple(ridge for ridge, _ in group.ridges),
                SIGMA,
                group.is_determined,
            )
            stages.append(Stage(design, tuple(group.noises)))
    return Chain(tuple(stages), tuple(regimes))


def _collect(
    problem: Problem,
    named: NamedFit,
    size: Expr,
    groups: list[_Group],
    *,
    is_determined: bool,
    is_last: bool,
    is_shared_next: bool,
) -> None:
    fit = named.fit
    ridge_value = number_at(problem, fit, fit.ridge)
    noise_value = number_at(problem, fit, fit.noise)
    # In a file or in Python, `samples` in a ridge or a noise is the size of the fit itself.
    own = {symbols.samples: size}
    ridge = _written(problem, ridge_value, named.ridge, fit.ridge.xreplace(own))
    deviation = _written(problem, noise_value, named.noise, fit.noise.xreplace(own))
    repeat = fit.repeat if isinstance(fit, Generation) else Integer(1)
    shared = isinstance(fit, Generation) and fit.design == "shared"
    is_counted = ridge == 0 and (shared or is_determined)
    if not is_number(repeat) and not is_counted:
        raise NotSupported(
            f"repeat = {repeat}: a symbolic number of generations needs least squares with samples >= dimension "
            "or a shared design; give a number"
        )
    count = named.count if named.count is not None and is_number(repeat) and is_counted else repeat
    if is_counted and repeat == 1:
        count = Integer(1)
    if not shared or not groups:
        groups.append(_Group(size, is_determined, [], []))
    elif groups[-1].count != 1:
        # Of several fresh designs only the last is used again.
        groups.append(groups[-1].last_of())
    group = groups[-1]
    if is_counted:
        # The tested fit stands apart: its noise is the variance, that of the others synthetic. So does a fit whose
        # design is used again: later fits on it do not see the designs before.
        stands_apart = is_last or (is_shared_next and not shared)
        if stands_apart and count != 1:
            group.add(ridge, ridge_value, deviation, count - 1)
            if not shared:
                groups.append(_Group(size, is_determined, [], []))
            groups[-1].add(ridge, ridge_value, deviation, Integer(1))
        else:
            group.add(ridge, ridge_value, deviation, count)
        return
    if shared:
        if len(group.ridges) + int(repeat) > MOST_SHARED_RIDGES:
            raise NotSupported(
                f"{len(group.ridges) + int(repeat)} fits with a ridge on one shared design: this version derives "
                f"at most {MOST_SHARED_RIDGES}; lower repeat, or take design = 'fresh' or ridge = 0"
            )
        for _ in range(int(repeat)):
            group.add(ridge, ridge_value, deviation, Integer(1))
        return
    group.add(ridge, ridge_value, deviation, Integer(1))
    group.count = repeat
    if sum(int(each.count) for each in groups) > MOST_DESIGNS:
        raise NotSupported(
            f"repeat = {repeat}: this version composes at most {MOST_DESIGNS} different fresh designs; lower it"
        )


def _written(problem: Problem, value: Expr, symbol: Symbol, given: Expr | None = None) -> Expr:
    """How a number is written in a formula: 0 as 0, numbers by their symbol, the rest as it is given."""
    if is_number(value):
        return Integer(0) if value == 0 else symbol
    kept = given if given is not None else value
    own = problem.dimension
    # The dimension prints as d, whatever the problem calls it.
    return kept.xreplace({own: symbols.dimension}) if own.is_Symbol else kept


def _is_determined(problem: Problem, named: NamedFit) -> bool | None:
    return (named.fit.samples - problem.dimension).is_extended_nonnegative


def _relation(problem: Problem, named: NamedFit) -> str:
    return {True: ">= d", False: "< d", None: "against d: either"}[_is_determined(problem, named)]
