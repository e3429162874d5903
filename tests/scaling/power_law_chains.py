"""Chains over power laws for tests of rates, and slopes of their certified errors."""

import math
from fractions import Fraction
from functools import lru_cache
from typing import Any

from hypothesis import strategies as st
from sympy import Expr, Integer, Rational, Symbol, oo

from symcollapse.evaluation import evaluate
from symcollapse.language import symbols
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import PowerLawSpectrum
from symcollapse.language.targets import SourceTarget
from symcollapse.scaling.rate_scalings import Scaling
from symcollapse.scaling.rates import Rates, error_rates
from symcollapse.theory import test_error as derive

LETTERS: dict[str, Symbol] = {
    "ridge": symbols.ridge_exponent,
    "generations": symbols.generations_exponent,
    "generation_samples": symbols.generation_samples_exponent,
    "dimension": symbols.dimension_exponent,
    "noise": symbols.noise_exponent,
    "capacity": symbols.capacity,
    "source": symbols.source,
}
FIXED_RATIO = Scaling(dimension=symbols.generation_samples_exponent, noise=oo)
"""φ_0 = d/T_0 fixed, σ = 0."""


def chain(*generations: Generation, samples: int = 1000, ridge: Any = "1/10") -> Problem:
    """A problem for its chain; rates do not use its numbers."""
    fit = Downstream(samples, noise=1, ridge=ridge)
    return Problem(PowerLawSpectrum(300, 2), SourceTarget(1), generations, fit)


CLEAN = chain()
RECOVERING = chain(Generation(600, noise=1))
FRESH = {n: chain(Generation(200, noise=1, repeat=n)) for n in (1, 2, 3)}
SHARED = chain(Generation(200, noise=1, repeat=5, design="shared"))
RIDGELESS = chain(Generation(200, noise=1), samples=250, ridge=0)
PROBLEMS = {
    "clean": CLEAN,
    "T_0 >= d": RECOVERING,
    "fresh 1": FRESH[1],
    "fresh 2": FRESH[2],
    "shared": SHARED,
    "ridgeless": RIDGELESS,
}


@lru_cache(maxsize=64)
def rates_of(problem: Problem, scaling: Scaling | None = None) -> Rates:
    """The rates, derived once."""
    return error_rates(problem, scaling)


def _numbers(lowest: int, highest: int) -> st.SearchStrategy[Rational]:
    # Small denominators, so that ties and boundaries are met often.
    return st.sampled_from([1, 2, 3, 5]).flatmap(
        lambda k: st.integers(lowest * k + 1, highest * k).map(lambda i: Rational(i, k))
    )


EXPONENTS = st.fixed_dictionaries(
    {
        "ridge": _numbers(-1, 5).filter(lambda x: x >= 0),
        "generations": _numbers(-3, 2),
        "generation_samples": _numbers(0, 3),
        "dimension": _numbers(-1, 3).filter(lambda x: x >= 0),
        "noise": _numbers(-2, 3),
        "capacity": _numbers(1, 4),
        "source": _numbers(0, 2),
    }
)


def put_in(value: Any, point: dict[str, Rational]) -> Any:
    """An expression at a point, given by the names of the exponents."""
    return value.xreplace({LETTERS[name]: number for name, number in point.items()})


def scaled(problem: Problem, point: dict[str, Any], decades: int, ratio: int = 1) -> Problem:
    """The chain at T = 10^decades, with T_0 = ratio·T^b; exponents over decades are to be whole."""

    def size(exponent: Expr) -> Expr:
        return Rational(10) ** (exponent * decades)

    generations = [
        Generation(
            ratio * size(point["generation_samples"]),
            noise=size(point["generations"] / 2),
            repeat=entry.repeat,
            design=entry.design,
        )
        for entry in problem.generations
    ]
    dimension = point["dimension"]
    return Problem(
        PowerLawSpectrum(oo if dimension == oo else size(dimension), point["capacity"]),
        SourceTarget(point["source"]),
        tuple(generations),
        Downstream(
            size(Integer(1)),
            noise=size(-point["noise"] / 2),
            ridge=0 if point["ridge"] == oo else size(-point["ridge"]),
        ),
    )


def value_of(formula: Expr, problem: Problem) -> Fraction:
    """Certified value of a formula; all eight digits are right."""
    return Fraction(evaluate(formula, problem, digits=8).text)


def slope_of(
    problem: Problem, point: dict[str, Any], first: int, last: int, ratio: int = 1
) -> float:
    """Slope of the whole test error between two powers of ten of T."""
    values = []
    for decades in (first, last):
        at = scaled(problem, point, decades, ratio)
        values.append(value_of(derive(at).total, at))
    return math.log10(values[1] / values[0]) / (last - first)
