"""A budget of samples, split over the fits of a problem so that its test error is least.

Least squares on fresh inputs has exact laws: the best split into integers is then proven. For all other pipelines the
error of the deterministic equivalent is searched over integers, and what is proven is that no single exchange is better.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from sympy import Expr, Integer, Rational

from symcollapse.evaluation.numbers import Evaluated, ball_at
from symcollapse.language import symbols
from symcollapse.language.errors import InvalidProblem, NotEvaluable, NotSupported
from symcollapse.language.exactness import exact
from symcollapse.language.naming import number_at
from symcollapse.language.problems import Fit, Problem
from symcollapse.optima.accumulated_budgets import accumulated_error, split_accumulated
from symcollapse.optima.choices import GUARD_BITS, Choice, choice, first_bits
from symcollapse.optima.listed_generations import one_by_one
from symcollapse.optima.sample_search import SampleSearch, fits_with_samples
from symcollapse.optima.separable_budgets import (
    as_fraction,
    received_noises,
    split_budget,
    split_in_integers,
)

TotalOf: TypeAlias = Callable[[list[int], int], Any]
"""Ball of the error of a split, at a working precision."""


@dataclass(frozen=True)
class OptimalSamples:
    """The best split of a budget of samples over the fits of a problem."""

    problem: Problem
    budget: int
    digits: int
    """Significant digits of every number; all right."""
    samples: tuple[int, ...]
    """T of each fit on fresh inputs, in order of time, the downstream fit last."""
    best: Choice
    others: tuple[Choice, ...]
    """The equal split, and the problem's own proportions."""
    in_reals: tuple[Expr, ...] | None
    """The best split over the real numbers, where it has a closed form."""
    law: str
    """Which error is minimised: the exact law, or the deterministic equivalent."""
    certificate: str
    """What is proven, in words."""
    is_global: bool
    """Whether no split into integers is better, for certain (for least squares: with T ≥ d + 2)."""


def optimal_samples(problem: Problem, budget: int, digits: int = 10) -> OptimalSamples:
    """The best split of a budget over the generations and the downstream fit.

    Parameters
    ----------
    problem
        In numbers. Every fit on fresh inputs gets a share; a fit on a shared design has that of the fit before. Its own
        samples are only compared with; real samples in a fit of their own stay, and are not counted.
    budget
        Number of samples B in all.
    digits
        Significant digits of errors.

    Raises
    ------
    NotEvaluable
        If the problem holds symbols, or the budget is no positive integer.
    NotSupported
        If the budget is too small.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream, Generation
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> chain = (Generation(100, noise=1), Generation(100, noise=3))
    >>> problem = Problem(IsotropicSpectrum(19), UniformTarget(1), chain, Downstream(100, noise=1))
    >>> optimal_samples(problem, 360).samples
    (80, 200, 80)
    """
    first_bits(digits)
    whole = exact(budget)
    if not (whole.is_Integer and whole.is_positive):
        raise NotEvaluable(f"budget = {budget}: give a positive integer")
    if problem.is_symbolic:
        raise NotEvaluable(
            "the problem holds symbols, a best split is numbers; give numbers for all of them"
        )
    budget = int(whole)
    entries = tuple(one_by_one(problem))
    listed = replace(problem, generations=entries)
    law = _separable(listed) or _accumulating(listed)
    if law is None:
        return _searched(problem, listed, budget, digits)
    best = law.split(budget)
    return _result(
        problem,
        listed,
        budget,
        digits,
        best,
        total_of=lambda samples, bits: ball_at(_rational(law.error(samples)), bits),
        in_reals=law.in_reals(budget),
        law="exact law of least squares",
        certificate=f"global minimum over integers >= {law.least}, {law.reason}",
        is_global=True,
    )


@dataclass(frozen=True)
class _Law:
    """An exact law of the error in terms of the samples of each fit."""

    dimension: int
    received: list[Any] | None
    """The a_m of a separable law."""
    variances: list[Any] | None
    """The σ_m² of an accumulating one."""
    reason: str

    @property
    def least(self) -> str:
        return "d + 2" if self.received is not None else "1 (the first: d + 2)"

    def split(self, budget: int) -> list[int]:
        if self.received is not None:
            return split_in_integers(self.received, self.dimension + 1, budget)
        assert self.variances is not None
        return split_accumulated(len(self.variances), self.dimension, budget)

    def error(self, samples: list[int]) -> Any:
        edge = self.dimension + 1
        fitted = samples if self.received is not None else samples[:1]
        if min(fitted) <= edge:
            raise NotSupported(f"samples = {min(fitted)}: least squares needs {edge + 1} or more")
        if self.received is not None:
            return sum(a / (size - edge) for a, size in zip(self.received, samples, strict=True))
        assert self.variances is not None
        return accumulated_error(self.variances, samples, self.dimension)

    def in_reals(self, budget: int) -> tuple[Expr, ...] | None:
        if self.received is None:
            return None
        received = [_rational(each) for each in self.received]
        return split_budget(received, Integer(self.dimension + 1), Integer(budget)).samples


def _rational(number: Any) -> Expr:
    return Rational(number.numerator, number.denominator)


def _is_plain(fit: Fit) -> bool:
    """Whether this is least squares on inputs of its own kind alone, with no real samples beside."""
    own = fit.spectrum is None and fit.shift is None and fit.features is None
    return own and fit.ridge == 0 and fit.real_samples == 0 and fit.real_data == "fresh"


def _noises(problem: Problem, fits: list[Fit]) -> tuple[list[Expr], list[Expr]] | None:
    """Noises of synthetic and real labels, where they do not follow the samples."""
    if any(
        each.has(symbols.samples)
        for fit in fits
        for each in (fit.noise, fit.deviation_of_real_labels)
    ):
        return None
    return (
        [number_at(problem, fit, fit.noise) for fit in fits],
        [number_at(problem, fit, fit.deviation_of_real_labels) for fit in fits],
    )


def _separable(listed: Problem) -> _Law | None:
    fits = [fit for _, fit in listed.fits]
    if not all(_is_plain(fit) and fit.data == "replace" for fit in fits):
        return None
    if len(fits_with_samples(listed)) != len(fits):
        return None
    noises = _noises(listed, fits)
    if noises is None:
        return None
    weights = [fit.real_weight for fit in fits]
    received = received_noises(*noises, weights, listed.dimension)
    if not all(isinstance(each, Rational) for each in received):
        return None
    fractions = [as_fraction(each) for each in received]
    reason = "proven: each fit's part of the error is convex in its samples, and no single exchange is better"
    return _Law(int(listed.dimension), fractions, None, reason)


def _accumulating(listed: Problem) -> _Law | None:
    fits = [fit for _, fit in listed.fits]
    later = all(fit.data == "accumulate" for fit in fits[1:])
    plain = all(_is_plain(fit) and fit.real_weight == 0 for fit in fits)
    if not (later and plain) or len(fits_with_samples(listed)) != len(fits):
        return None
    noises = _noises(listed, fits)
    if noises is None or not all(isinstance(each, Rational) for each in noises[0]):
        return None
    variances = [as_fraction(noise**2) for noise in noises[0]]
    reason = "proven: every later batch only adds noise to what the first one said"
    return _Law(int(listed.dimension), None, variances, reason)


def _searched(problem: Problem, listed: Problem, budget: int, digits: int) -> OptimalSamples:
    search = SampleSearch(listed, budget)
    best = search.best()
    is_global = search.is_complete and search.is_least(best)
    certificate = "best of those searched; that no exchange is better is not certain"
    if is_global:
        certificate = "global minimum over integers >= 1: of all splits none is better by more than 1e-18 (balls)"
    elif search.exchanges_cost(best):
        certificate = (
            "local minimum over integers: no move of one sample is better by more than 1e-18, proven in balls; "
            "other splits were searched, not ruled out"
        )
    return _result(
        problem,
        listed,
        budget,
        digits,
        best,
        total_of=search.ball,
        in_reals=None,
        law="deterministic equivalent",
        certificate=certificate,
        is_global=is_global,
    )


def _result(
    problem: Problem,
    listed: Problem,
    budget: int,
    digits: int,
    best: list[int],
    *,
    total_of: TotalOf,
    in_reals: tuple[Expr, ...] | None,
    law: str,
    certificate: str,
    is_global: bool,
) -> OptimalSamples:
    def least(bits: int) -> Any:
        return total_of(best, bits + GUARD_BITS)

    count = len(best)
    own = [int(fit.samples) for fit in fits_with_samples(listed)]
    equal = [budget // count + (m < budget % count) for m in range(count)]
    others = (
        _compared("equal split", equal, best, total_of, digits),
        _compared("own proportions", in_proportion(own, budget), best, total_of, digits),
    )
    return OptimalSamples(
        problem=problem,
        budget=budget,
        digits=digits,
        samples=tuple(best),
        best=choice("best", " ".join(map(str, best)), least, least, digits),
        others=others,
        in_reals=in_reals,
        law=law,
        certificate=certificate,
        is_global=is_global,
    )


def _compared(
    name: str, split: list[int], best: list[int], total_of: TotalOf, digits: int
) -> Choice:
    """A split beside the best one; "nan" where its error has no law, as with too few samples in a fit."""

    def least(bits: int) -> Any:
        return total_of(best, bits + GUARD_BITS)

    def here(bits: int) -> Any:
        return total_of(split, bits + GUARD_BITS)

    text = " ".join(map(str, split))
    try:
        return choice(name, text, least if split == best else here, least, digits)
    except (ArithmeticError, NotSupported, NotEvaluable, InvalidProblem):
        unknown = Evaluated("nan", "0", digits)
        return Choice(name, text, unknown, unknown, unknown)


def in_proportion(sizes: list[int], budget: int) -> list[int]:
    """A budget in given proportions, in integers by the largest remainders.

    Example
    -------
    >>> in_proportion([1, 1, 2], 10)
    [3, 2, 5]
    """
    total = sum(sizes)
    parts = [budget * size // total for size in sizes]
    remainders = [budget * size % total for size in sizes]
    order = sorted(range(len(sizes)), key=lambda m: -remainders[m])
    for m in order[: budget - sum(parts)]:
        parts[m] += 1
    return parts
