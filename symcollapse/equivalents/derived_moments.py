"""Moments of one design from plain matrix expressions, by the engine: what the shortcuts of `designs` have to equal.

E[A], E[AᵀBA] and E[KKᵀ] are written out over a Gaussian design and handed to `deterministic_equivalent`, or to
`expectation` for exact ones. B is a further covariance that commutes with Σ; the function that it stands for is put in
afterwards, and so are sizes and ridges, so that each pattern of fits is derived once.

Least squares beside a ridge is left out of the expression, by Penrose's XᵀXX† = Xᵀ and X†XXᵀ = Xᵀ.
"""

from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple

from sympy import Expr, Ge, Identity, Integer, Lt, Mul, cancel

from symcollapse.equivalents.designs import Design
from symcollapse.equivalents.deterministic import deterministic_equivalent
from symcollapse.equivalents.exact_moments import expectation
from symcollapse.equivalents.families import families_of
from symcollapse.equivalents.moments import MeanMap, Moment, NoiseMoment, SecondMoment
from symcollapse.language.abbreviations import Abbreviation
from symcollapse.language.errors import NotSupported
from symcollapse.language.problems import SIGMA
from symcollapse.language.quantities import SpectralTrace, spectral_trace
from symcollapse.language.random_matrices import gaussian_design, pseudo_inverse
from symcollapse.language.spectra import covariance
from symcollapse.language.symbols import dimension, generator_symbols, samples
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.unfolding import unfold

X: Any = gaussian_design("X", samples, SIGMA)
B: Any = covariance("B", dimension)


class Kind(Enum):
    """Which moment of a design."""

    MEAN = "E[A]"
    SECOND = "E[AᵀBA]"
    NOISE = "E[KKᵀ]"


MOST_FITS = {Kind.MEAN: 3, Kind.SECOND: 2, Kind.NOISE: 2}
"""Fits with a ridge on one design up to which the engine takes a few seconds; with three, E[AᵀBA] takes a minute."""


class Pattern(NamedTuple):
    """A moment up to names and sizes."""

    kind: Kind
    """Which moment."""
    fits: tuple[int, ...]
    """Number of the ridge of each fit in order of time, equal numbers for equal ridges; none for least squares."""
    is_determined: bool = False
    """Whether T ≥ d, for least squares."""


def pattern_of(moment: Moment) -> tuple[Pattern, tuple[Expr, ...]]:
    """The pattern of a moment, and the ridges that its numbers stand for.

    Example
    -------
    >>> from symcollapse.language.symbols import generation_ridge, ridge
    >>> design = Design(0, samples, (0, ridge, generation_ridge, ridge), SIGMA)
    >>> pattern, ridges = pattern_of(NoiseMoment(design, 0))
    >>> pattern.kind.value, pattern.fits, ridges
    ('E[KKᵀ]', (0, 1, 0), (lambda, lambda_0))
    """
    design = moment.design
    fits = design.ridges[moment.fit :] if isinstance(moment, NoiseMoment) else design.ridges
    shrinking = tuple(ridge for ridge in fits if ridge != 0)
    ridges = tuple(dict.fromkeys(shrinking))
    numbers = tuple(ridges.index(ridge) for ridge in shrinking)
    return Pattern(_kind(moment), numbers, design.is_determined and not numbers), ridges


def _kind(moment: Moment) -> Kind:
    match moment:
        case MeanMap():
            return Kind.MEAN
        case SecondMoment():
            return Kind.SECOND
        case NoiseMoment():
            return Kind.NOISE
        case _:
            raise TypeError(type(moment).__name__)


def matrix_expression(pattern: Pattern) -> Any:
    """A moment before the average, as a matrix expression.

    Example
    -------
    >>> matrix_expression(Pattern(Kind.MEAN, ()))
    pinv(X)*X
    >>> matrix_expression(Pattern(Kind.NOISE, (0,)))
    T**(-2)*(lambda_0*I + 1/T*X.T*X)**(-1)*X.T*X*(lambda_0*I + 1/T*X.T*X)**(-1)
    """
    maps = [_resolvent(number) * X.T * X / samples for number in pattern.fits]
    maps = maps or [pseudo_inverse(X) * X]
    if pattern.kind is Kind.NOISE:
        own = _resolvent(pattern.fits[0]) * X.T / samples if pattern.fits else pseudo_inverse(X)
        noise = _later_first([own, *maps[1:]])
        return (noise * noise.T).doit(deep=False)
    product = _later_first(maps)
    return product.T * B * product if pattern.kind is Kind.SECOND else product


def _later_first(maps: list[Any]) -> Any:
    product = maps[0]
    for later in maps[1:]:
        product = later * product
    return product


def _resolvent(number: int) -> Any:
    return (X.T * X / samples + _ridge(number) * Identity(dimension)).inverse()


def _ridge(number: int) -> Expr:
    return generator_symbols(number)[2]


def derived(moment: Moment) -> Expr:
    """The deterministic equivalent of a moment, a function of s, derived by the engine.

    Raises
    ------
    NotSupported
        For more fits on the design than `MOST_FITS`.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> design = Design(0, samples, (ridge,), SIGMA)
    >>> derived(MeanMap(design)), derived(NoiseMoment(design, 0))
    (s/(s + kappa(lambda, T)), s/((s + kappa(lambda, T))**2*(T - df_2(kappa(lambda, T)))))
    >>> derived(SecondMoment(Design(0, samples, (0,), SIGMA, determined=True), s**2))
    s**2
    """
    pattern, ridges = pattern_of(moment)
    if len(pattern.fits) > MOST_FITS[pattern.kind]:
        raise NotSupported(
            f"{pattern.kind.value} of {len(pattern.fits)} ridges on one design: the engine takes minutes; "
            f"take at most {MOST_FITS[pattern.kind]}"
        )
    return specialised(derived_pattern(pattern), moment, ridges)


@lru_cache(maxsize=128)
def derived_pattern(pattern: Pattern) -> Expr:
    """The deterministic equivalent of a pattern, a function of s, or of eigenvalues of Σ and B.

    Example
    -------
    >>> derived_pattern(Pattern(Kind.MEAN, (0,)))
    s/(s + kappa(lambda_0, T))
    """
    regime = Ge(samples, dimension) if pattern.is_determined else Lt(samples, dimension)
    formula = deterministic_equivalent(matrix_expression(pattern), assuming=[regime]).formula
    # Traces with B must be in sight when B is put in.
    return unfold(formula, Abbreviation)


def specialised(formula: Expr, moment: Moment, ridges: tuple[Expr, ...]) -> Expr:
    """The equivalent of a pattern with the sizes, ridges and the matrix B of a moment.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> moment = MeanMap(Design(0, 30, (ridge,), SIGMA))
    >>> specialised(derived_pattern(Pattern(Kind.MEAN, (0,))), moment, (ridge,))
    s/(s + kappa(lambda, 30))
    """
    design = moment.design
    rule: dict[Any, Any] = {samples: design.samples}
    rule |= {_ridge(number): value for number, value in enumerate(ridges)}
    if design.covariance != SIGMA:
        rule |= {SIGMA: design.covariance, dimension: design.covariance.dimension}
    own = formula.xreplace(rule)
    if not isinstance(moment, SecondMoment):
        return own
    # Last, as B may hold quantities of other designs, with sizes and ridges of their own.
    return _with_middle(own, moment.middle, design)


def _with_middle(formula: Expr, middle: Expr, design: Design) -> Expr:
    """A formula in eigenvalues of Σ and B with the function of s that B is."""
    variables = families_of(matrix_expression(Pattern(Kind.SECOND, (0,))))[dimension].variables
    rule: dict[Any, Any] = {variables[SIGMA]: s, variables[B]: middle}
    traces: dict[Any, Any] = {}
    for node in formula.atoms(SpectralTrace):
        if node.covariance != design.covariance:
            # Over one covariance alone, a trace is written in s.
            bound = rule if node.covariance.variables != (s,) else {s: middle}
            traces[node] = spectral_trace(node.summand.xreplace(bound), design.covariance)
    return formula.xreplace(traces).xreplace(rule)


def derived_exactly(moment: Moment) -> Expr:
    """The exact moment of least squares with T ≥ d + 2, a function of s, by Stein's equations.

    Raises
    ------
    NotSupported
        For a design with a ridge, or with T < d.

    Example
    -------
    >>> least_squares = Design(0, samples, (0,), SIGMA, determined=True)
    >>> derived_exactly(NoiseMoment(least_squares, 0))
    1/(s*(T - d - 1))
    """
    design = moment.design
    if not design.recovers:
        raise NotSupported(
            f"design {design.position}: an exact law needs least squares with T >= d + 2"
        )
    pattern, ridges = pattern_of(moment)
    return specialised(_expected(pattern), moment, ridges)


@lru_cache(maxsize=8)
def _expected(pattern: Pattern) -> Expr:
    exact = expectation(matrix_expression(pattern), assuming=[Ge(samples, dimension + 2)]).formula
    scalar = Mul(*(factor for factor in exact.args if not factor.is_Matrix))
    if not exact.is_MatMul:
        scalar = Integer(1)
    # What is left is deterministic and its own equivalent.
    if pattern.kind is not Kind.SECOND:
        return scalar * deterministic_equivalent(exact / scalar).formula
    # Beside Σ, also B alone has a variable of its own.
    beside: Any = SIGMA * (exact / scalar)
    variable = families_of(beside)[dimension].variables[SIGMA]
    return scalar * cancel(deterministic_equivalent(beside).formula / variable)
