"""Which generations of a problem are repeated n times, what stands beside them, and what is not solved."""

from collections.abc import Mapping
from dataclasses import replace

from sympy import Basic, Expr, Rational, Symbol

from symcollapse.language import symbols
from symcollapse.language.errors import InvalidProblem, NotSupported
from symcollapse.language.exactness import is_number
from symcollapse.language.naming import refuse_captured_letters, substitution
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.symbols import dimension, generation
from symcollapse.language.unfolding import unfold
from symcollapse.recursions.moments import GenerationMap, is_determined

MOST_LISTED = 60
"""Fits after the repeated ones that are written out."""

NUMERIC = "sc.state_evolution follows it in numbers"
"""Where to turn."""


class Repetition:
    """A problem whose generations of one kind are repeated n times.

    Raises
    ------
    NotSupported
        If several numbers of repetitions are symbols.
    InvalidProblem
        If it is not clear which entry is repeated.

    Example
    -------
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> entry = Generation(600, repeat=5)
    >>> Repetition(Problem(IsotropicSpectrum(300), UniformTarget(1), (entry,))).count
    n
    """

    def __init__(self, problem: Problem) -> None:
        self.position = _repeated(problem)
        entry = problem.generations[self.position]
        self.count = _count(problem, self.position)
        single = [
            replace(each, repeat=1) if position == self.position else each
            for position, each in enumerate(problem.generations)
        ]
        self.single = replace(problem, generations=tuple(single))
        refuse_captured_letters(self.single)
        for place, each in enumerate(problem.generations):
            if place != self.position and not is_number(each.repeat):
                raise NotSupported(f"generations.{place}.repeat = {each.repeat}: give a number")
        self.problem = replace(
            problem,
            generations=tuple(
                replace(each, repeat=self.count) if position == self.position else each
                for position, each in enumerate(problem.generations)
            ),
        )
        self.entry = entry
        self.numbers: Mapping[Basic, Basic] = substitution(self.single, keep=(self.count,))

    def equal(self, first: Expr, second: Expr) -> bool:
        """Whether two ratios are equal, in numbers where there are some."""
        if first == second:
            return True
        difference = unfold((first - second).xreplace(dict(self.numbers)))
        if isinstance(difference, Rational):
            return bool(difference == 0)
        return difference.is_zero is True

    @property
    def least_count(self) -> int:
        """The smallest n that the law holds for: at n = 0 another fit may be tested, or the design be another."""
        # A design with too few rows leaves its mark once, whatever n >= 1 is.
        return 1 if not self.listed_after() or self.is_shared_and_short else 0

    def listed_after(self) -> list[int]:
        """The fits after the repeated ones, one by one."""
        places: list[int] = []
        for place, (_, fit) in enumerate(self.single.fits):
            if place > self.position:
                repeats = int(fit.repeat) if isinstance(fit, Generation) else 1
                if len(places) + repeats > MOST_LISTED:
                    raise NotSupported(
                        f"{repeats} fits after the repeated ones: at most {MOST_LISTED} are written out; lower repeat"
                    )
                places += [place] * repeats
        return places

    @property
    def tested(self) -> int:
        """Which kind of fit is tested."""
        after = self.listed_after()
        return after[-1] if after else self.position

    @property
    def is_shared_and_short(self) -> bool:
        """Whether plain least squares runs on one design with fewer rows than features."""
        return (
            self.problem.replaces
            and self.entry.design == "shared"
            and self.entry.ridge == 0
            and is_determined(self.single, self.entry) is not True
        )

    def has_exact_law(self, found: GenerationMap) -> bool:
        """Whether a fit has a law at finite size: least squares, on rows of one kind."""
        surplus = (found.design.samples - dimension).xreplace(dict(self.numbers))
        too_few = (surplus - 2).is_extended_negative is True
        return found.design.recovers and found.spread == 0 and not too_few

    def refuse_mixed(self, what: str) -> None:
        """Refuse what a sum over generations cannot say."""
        entry = self.entry
        for key in ("real_weight", "real_samples"):
            if getattr(entry, key) != 0:
                raise NotSupported(f"{what} with {key}: no closed recursion is known; {NUMERIC}")
        for key in ("spectrum", "shift", "features"):
            if getattr(entry, key) is not None:
                raise NotSupported(f"{what} with {key}: no closed recursion is known; {NUMERIC}")

    def check(self, place: int, found: GenerationMap, *, recovering: bool) -> None:
        """Refuse a fit that the recursion does not know."""
        name, fit = self.single.fits[place]
        assert isinstance(fit, Generation | Downstream)
        if fit.data == "accumulate":
            raise NotSupported(f"{name}.data = 'accumulate' beside others: {NUMERIC}")
        generator = isinstance(fit, Generation)
        if generator and not recovering and not found.closes:
            raise NotSupported(
                f"{name}: a ridge, or fewer rows than features, couples all eigenvalues of a general spectrum; "
                f"sc.stationary_law gives the limit, {NUMERIC}"
            )
        if not recovering and found.scale is None:
            raise NotSupported(f"{name}: solved for an isotropic spectrum only; {NUMERIC}")
        if fit.real_data == "same":
            first_on_one = place == self.position == 0 and fit.design == "shared"
            if fit.real_samples != 0 or (fit.real_weight != 0 and not first_on_one):
                raise NotSupported(
                    f"{name}.real_data = 'same': no closed recursion is known; {NUMERIC}"
                )
        many = place == self.position or (isinstance(fit, Generation) and fit.repeat != 1)
        used_again = fit.design == "shared" and (place > 0 or many)
        if used_again and (not found.design.recovers or fit.real_samples != 0):
            raise NotSupported(
                f"{name}.design = 'shared': solved for least squares with samples >= dimension; {NUMERIC}"
            )
        if fit.shift is not None and place not in (self.position, len(self.single.generations)):
            raise NotSupported(f"{name}.shift: shifts are solved for the repeated entry; {NUMERIC}")
        if fit.shift is not None and fit.real_weight != 0 and fit.real_data == "same":
            raise NotSupported(f"{name}.shift beside first labels, which have it too: {NUMERIC}")
        if fit.shift is not None and generator and place != 0:
            raise NotSupported(
                f"{name}.shift: solved where the repeated entry is the first; {NUMERIC}"
            )


def is_scheduled(entry: Generation) -> bool:
    """Whether a number of a generator differs from generation to generation.

    Example
    -------
    >>> is_scheduled(Generation(600))
    False
    """
    values = (entry.samples, entry.noise, entry.ridge, entry.real_weight, entry.real_samples)
    return any(each.has(generation) for each in values)


def _repeated(problem: Problem) -> int:
    """Which entry is repeated n times."""
    entries = problem.generations
    symbolic = [place for place, each in enumerate(entries) if not is_number(each.repeat)]
    if len(symbolic) > 1:
        raise NotSupported(
            f"generations.{symbolic[1]}.repeat = {entries[symbolic[1]].repeat}: one number of generations may be a "
            "symbol; give a number"
        )
    many = symbolic or [place for place, each in enumerate(entries) if each.repeat > 1]
    many = many or [place for place, each in enumerate(entries) if each.repeat == 1]
    if len(many) != 1:
        raise InvalidProblem(
            "generations: which entry is repeated n times is not clear; give one of them repeat = a symbol"
        )
    return many[0]


def _count(problem: Problem, position: int) -> Symbol:
    repeat = problem.generations[position].repeat
    if isinstance(repeat, Symbol):
        return repeat
    if not is_number(repeat):
        raise NotSupported(f"generations.{position}.repeat = {repeat}: give a symbol, as n")
    several = len(problem.generations) > 1
    return symbols.count_symbol(position) if several else symbols.generations
