"""Every repetition of a generation as a generation of its own, so that each has settings of its own."""

from dataclasses import replace

from sympy import Integer

from symcollapse.language import symbols
from symcollapse.language.fits import NUMBERS
from symcollapse.language.naming import repetitions
from symcollapse.language.problems import Generation, Problem


def one_by_one(problem: Problem) -> list[Generation]:
    """Every repetition of a generation as one of its own, its number put in.

    Example
    -------
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> chain = (Generation(9 * (symbols.generation + 1), repeat=3),)
    >>> problem = Problem(IsotropicSpectrum(3), UniformTarget(1), chain)
    >>> [entry.samples for entry in one_by_one(problem)]
    [9, 18, 27]
    """
    entries: list[Generation] = []
    for entry in problem.generations:
        for _ in range(repetitions(entry)):
            at = {symbols.generation: Integer(len(entries))}
            own = replace(entry, repeat=1)
            changes = {
                key: getattr(own, key).xreplace(at).doit()
                for key in NUMBERS
                if getattr(own, key) is not None
            }
            entries.append(replace(own, **changes))
    return entries
