"""A search over splits of a budget into integers, for pipelines whose error is no sum over their fits.

Exchanges of 2^k samples between two fits lead to the split; balls prove that exchanges of one sample cost. Where there
are few splits all are compared, and the best is proven.
"""

from dataclasses import replace
from itertools import combinations, pairwise
from math import comb
from typing import Any

from flint import arb, ctx
from sympy import Expr, Integer, Symbol

from symcollapse.evaluation.balls import BallEvaluator
from symcollapse.evaluation.numbers import in_numbers
from symcollapse.language.errors import Diverges, InvalidProblem, NotSupported, OutOfRegime
from symcollapse.language.naming import fit_letters
from symcollapse.language.problems import Downstream, Fit, Generation, Problem
from symcollapse.theory.test_errors import test_error

SEARCH_BITS = 96
"""Working precision of the search; it tells splits apart that differ by one sample."""

TIE_BITS = 60
"""Relative difference, in bits, below which two errors count as equal."""

MOST_FITS = 8
"""Fits over which a budget is searched; each round looks at every pair."""

MOST_SPLITS = 400
"""Splits up to which all are compared."""

Split = list[int]


def fits_with_samples(problem: Problem) -> list[Fit]:
    """The fits that have inputs of their own, so that a budget is split over them.

    Example
    -------
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> chain = (Generation(9), Generation(9, design="shared"))
    >>> len(fits_with_samples(Problem(IsotropicSpectrum(3), UniformTarget(1), chain)))
    1
    """
    return [fit for place, fit in enumerate(_active(problem)) if place == 0 or not _is_shared(fit)]


def _active(problem: Problem) -> list[Fit]:
    fits: list[Fit] = [entry for entry in problem.generations if entry.repeat != 0]
    return fits if problem.downstream is None else [*fits, problem.downstream]


def _is_shared(fit: Fit) -> bool:
    return isinstance(fit, Generation | Downstream) and fit.design == "shared"


def with_samples(problem: Problem, split: Split) -> Problem:
    """The problem with other numbers of samples, in the order of its fits on fresh inputs.

    Example
    -------
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> chain = (Generation(9), Generation(9, design="shared"))
    >>> problem = Problem(IsotropicSpectrum(3), UniformTarget(1), chain)
    >>> [entry.samples for entry in with_samples(problem, [12]).generations]
    [12, 12]
    """
    sizes = _spread(problem, split)
    entries = [entry for entry in problem.generations if entry.repeat != 0]
    changed = tuple(
        replace(entry, samples=Integer(size)) for entry, size in zip(entries, sizes, strict=False)
    )
    downstream = problem.downstream
    if downstream is not None:
        downstream = replace(downstream, samples=Integer(sizes[-1]))
    return replace(problem, generations=changed, downstream=downstream)


def _spread(problem: Problem, split: Split) -> Split:
    """Samples of every fit: a fit on a shared design has those of the fit before."""
    rest = list(split)
    sizes: Split = []
    for place, fit in enumerate(_active(problem)):
        sizes.append(sizes[-1] if place and _is_shared(fit) else rest.pop(0))
    return sizes


class SampleSearch:
    """The search for one problem and budget.

    Parameters
    ----------
    problem
        In numbers, every repetition of a generation an entry of its own.
    budget
        Number of samples.

    Raises
    ------
    NotSupported
        If there are too many fits, or the budget is too small.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> chain = (Generation(90, noise=1, ridge="1/2"),)
    >>> fit = Downstream(90, noise=3, ridge=1)
    >>> search = SampleSearch(Problem(IsotropicSpectrum(30), UniformTarget(1), chain, fit), 120)
    >>> search.exchanges_cost(search.best()), search.exchanges_cost([60, 60])
    (True, False)
    """

    def __init__(self, problem: Problem, budget: int) -> None:
        self._problem = problem
        self._budget = budget
        self._count = len(fits_with_samples(problem))
        if self._count > MOST_FITS:
            raise NotSupported(
                f"{self._count} fits: a budget is searched over at most {MOST_FITS}; lower repeat"
            )
        if budget < self._count:
            raise NotSupported(f"budget = {budget}: give {self._count} samples or more")
        self._formulas: dict[tuple[bool, ...], tuple[Expr, tuple[Symbol, ...]]] = {}
        self._known: dict[tuple[int, ...], Any] = {}

    def ball(self, split: Split, bits: int) -> Any:
        """Ball of the error of a split."""
        formula, letters = self._formula(split)
        sizes = _spread(self._problem, split)
        with ctx.workprec(bits):
            values = {letter: arb(size) for letter, size in zip(letters, sizes, strict=True)}
            return BallEvaluator(values).evaluate(formula)

    def _formula(self, split: Split) -> tuple[Expr, tuple[Symbol, ...]]:
        """The error in the letters of the samples; one formula for each regime of T ≥ d."""
        sizes = _spread(self._problem, split)
        dimension = self._problem.dimension
        regime = tuple((size > dimension) == True for size in sizes)  # noqa: E712
        at_edge = any(size == dimension for size in sizes)
        if regime not in self._formulas or at_edge:
            at = with_samples(self._problem, split)
            fits = _active(at)
            letters = tuple(fit_letters(fit, place)["samples"] for place, fit in enumerate(fits))
            formula = in_numbers(test_error(at).total, at, letters)
            if at_edge:
                return formula, letters
            self._formulas[regime] = (formula, letters)
        return self._formulas[regime]

    def _error(self, split: Split) -> Any:
        """Ball of the error at the precision of the search; infinite where there is none."""
        key = tuple(split)
        if key not in self._known:
            try:
                ball = self.ball(split, SEARCH_BITS)
            except (Diverges, OutOfRegime, InvalidProblem, ZeroDivisionError):
                ball = arb("inf")
            self._known[key] = ball if ball.is_finite() else arb("inf")
        return self._known[key]

    def best(self) -> Split:
        """The split that exchanges lead to, from the equal one and from each that favours one fit."""
        count, budget = self._count, self._budget
        if self.is_complete:
            return min(self._all(), key=lambda split: float(self._error(split).mid()))
        starts = [[budget // count + (m < budget % count) for m in range(count)]]
        for favoured in range(count if count > 1 else 0):
            for few in {1, max(1, budget // (4 * count))}:
                start = [few] * count
                start[favoured] = budget - few * (count - 1)
                starts.append(start)
        ends = [self._descend(start) for start in starts]
        return min(ends, key=lambda split: float(self._error(split).mid()))

    @property
    def is_complete(self) -> bool:
        """Whether there are so few splits that all are compared."""
        return comb(self._budget - 1, self._count - 1) <= MOST_SPLITS

    def _all(self) -> list[Split]:
        """Every split: what lies between the bars."""
        budget = self._budget
        bars = combinations(range(1, budget), self._count - 1)
        return [[b - a for a, b in pairwise((0, *places, budget))] for places in bars]

    def is_least(self, split: Split) -> bool:
        """Whether no other split has a lower error, for certain but for ties; all are looked at."""
        return all(other == split or self._is_no_better(other, split) for other in self._all())

    def _is_no_better(self, other: Split, split: Split) -> bool:
        # Fits that are alike may change places: then the two are equal, and told apart at no precision.
        return bool(self._error(other) > self._error(split) * (1 - arb(2) ** -TIE_BITS))

    def _descend(self, split: Split) -> Split:
        step = 1
        while 4 * step * self._count < self._budget:
            step *= 2
        while step >= 1:
            moved = self._best_move(split, step)
            if moved is None:
                step //= 2
            else:
                split = moved
        return split

    def _best_move(self, split: Split, step: int) -> Split | None:
        best, least = None, self._error(split)
        for moved in self._moves(split, step):
            error = self._error(moved)
            if error < least:
                best, least = moved, error
        return best

    def _moves(self, split: Split, step: int) -> list[Split]:
        moves = []
        for giver in range(self._count):
            for taker in range(self._count):
                if giver != taker and split[giver] > step:
                    moved = list(split)
                    moved[giver] -= step
                    moved[taker] += step
                    moves.append(moved)
        return moves

    def exchanges_cost(self, split: Split) -> bool:
        """Whether no move of one sample from one fit to another lowers the error, for certain but for ties."""
        return all(self._is_no_better(moved, split) for moved in self._moves(split, 1))
