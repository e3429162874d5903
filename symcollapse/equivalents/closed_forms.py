"""Formulas in their short form: rational functions of ridges, sizes, traces and eigenvalues.

A quantity counts as one letter here. Of the forms that differ by T − tr Σ²G₁G₂ and tr Σ²G₁G₂, the one with fewer
operations is taken; a function of eigenvalues is split by the letters that are free of them, so that each trace or
form has one coefficient.
"""

from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

from sympy import Add, Expr, Function, Integer, Mul, Poly, Pow, binomial, factor, fraction

from symcollapse.equivalents.rational_functions import factored
from symcollapse.equivalents.spread_functions import Spread
from symcollapse.language.abbreviations import Abbreviation
from symcollapse.language.coupled_ridges import CoupledUnknown, outside_systems
from symcollapse.language.effective_ridges import EffectiveRidge, ResidualDegreesOfFreedom
from symcollapse.language.quantities import (
    DegreesOfFreedom,
    Quantity,
    SpectralTrace,
    spectral_trace,
)
from symcollapse.language.symbols import placeholder


def masked(formula: Expr) -> tuple[Expr, dict[Expr, Expr]]:
    """The formula with each quantity under a letter, and what the letters mean.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA
    >>> from symcollapse.language.symbols import effective
    >>> plain, meanings = masked(DegreesOfFreedom(2, effective, SIGMA) + 1)
    >>> plain.xreplace(meanings)
    df_2(kappa) + 1
    """
    letters: dict[Expr, Expr] = {}

    def walk(node: Any) -> Any:
        if isinstance(node, Quantity | Abbreviation):
            if node not in letters:
                letters[node] = placeholder(f"q_{len(letters)}")
            return letters[node]
        if not node.args:
            return node
        arguments = tuple(walk(argument) for argument in node.args)
        return node if arguments == node.args else node.func(*arguments)

    return walk(formula), {letter: node for node, letter in letters.items()}


def length(formula: Expr) -> int:
    """Number of operations, with each quantity as one letter.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> length(1 + ridge)
    1
    """
    return int(masked(formula)[0].count_ops())


def shortened(formula: Expr) -> Expr:
    """The formula with common factors cancelled, and residual degrees of freedom recognised.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA
    >>> from symcollapse.language.symbols import ridge, samples
    >>> degrees = DegreesOfFreedom(2, EffectiveRidge(ridge, samples, SIGMA), SIGMA)
    >>> shortened(1 / (1 - degrees / samples))
    T/(T - df_2(kappa(lambda, T)))
    """
    if length(formula) > LONGEST_FACTORED:
        if isinstance(formula, Add | Mul):
            return formula.func(*(shortened(part) for part in formula.args))
        return formula
    overlaps = _overlaps(formula)
    short = _factored(formula.xreplace({trace: r.samples - r for trace, r in overlaps.items()}))
    for trace, residual in overlaps.items():
        # Residuals belong below; above, the overlap itself may be shorter.
        above, below = fraction(short)
        if above.has(residual):
            direct = _factored(above.xreplace({residual: residual.samples - trace}))
            if length(direct) <= length(above):
                short = direct / below
    return _by_degrees(short)


def _by_degrees(formula: Expr) -> Expr:
    """The formula with λ = κ(1 − df₁(κ)/T) put in where that makes it shorter."""
    for kappa in sorted(outside_systems(formula, EffectiveRidge), key=lambda node: node.sort_key()):
        plain, meanings = masked(formula)
        if kappa.ridge.is_Symbol and plain.has_free(kappa.ridge):
            degrees = DegreesOfFreedom(1, kappa, kappa.covariance)
            value = kappa * (1 - degrees / kappa.samples)
            other = _factored(plain.xreplace({kappa.ridge: value}).xreplace(meanings))
            if length(other) < length(formula):
                formula = other
    return formula


def _factored(formula: Expr) -> Expr:
    plain, meanings = masked(formula)
    return factored(plain).xreplace(meanings)


def _overlaps(formula: Expr) -> Mapping[Expr, ResidualDegreesOfFreedom]:
    """The traces tr Σ²G₁G₂ of one design in a formula, with their residuals T − tr Σ²G₁G₂."""
    found: dict[Expr, ResidualDegreesOfFreedom] = {}
    for residual in outside_systems(formula, ResidualDegreesOfFreedom):
        found[residual.overlap()] = residual
    for trace in outside_systems(formula, DegreesOfFreedom, SpectralTrace):
        ridges = sorted(outside_systems(trace, EffectiveRidge), key=lambda node: node.sort_key())
        if not 1 <= len(ridges) <= 2:
            continue
        first, last = ridges[0], ridges[-1]
        if first.samples == last.samples and first.covariance == last.covariance:
            residual = ResidualDegreesOfFreedom(
                first.samples, first.ridge, last.ridge, first.covariance
            )
            if isinstance(residual, ResidualDegreesOfFreedom) and residual.overlap() == trace:
                found[trace] = residual
    return found


def in_degrees(formula: Expr) -> Expr:
    """The formula with traces of one ridge reduced to degrees of freedom and traces of powers of Σ.

    κ(Σ + κ)⁻¹ = I − Σ(Σ + κ)⁻¹, again and again; formulas that are equal become so literally.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA
    >>> from symcollapse.language.quantities import spectral_trace
    >>> from symcollapse.language.symbols import effective, eigenvalue
    >>> in_degrees(spectral_trace(eigenvalue / (eigenvalue + effective) ** 2, SIGMA))
    (df_1(kappa) - df_2(kappa))/kappa
    """
    return formula.xreplace({trace: _in_degrees(trace) for trace in formula.atoms(SpectralTrace)})


def _in_degrees(trace: SpectralTrace) -> Expr:
    variables = trace.covariance.variables
    if len(variables) != 1:
        return trace
    s = variables[0]
    powers = dict(base.as_base_exp() for base in Mul.make_args(trace.summand))
    above = powers.pop(s, Integer(0))
    if len(powers) != 1:
        return trace
    ((base, power),) = powers.items()
    kappa = base - s
    if kappa.has_free(s) or not (above.is_Integer and power.is_Integer and power < 0 <= above):
        return trace
    rows, columns = int(above), -int(power)
    if rows > columns:
        rest = spectral_trace(s ** (rows - 1) / base ** (columns - 1), trace.covariance)
        less = spectral_trace(s ** (rows - 1) / base**columns, trace.covariance)
        return in_degrees(rest) - kappa * in_degrees(less)
    extra = columns - rows
    parts = [
        Integer(-1) ** k
        * binomial(extra, k)
        * spectral_trace((s / base) ** (rows + k), trace.covariance)
        for k in range(extra + 1)
    ]
    return Add(*parts) / kappa**extra


def closed(
    function: Spread, functional: Callable[[Expr], Expr], variables: tuple[Expr, ...]
) -> tuple[Expr, Expr]:
    """A function by shapes as one formula, and a linear functional of it.

    Short functions get a common denominator, and residuals where they shorten it; in long ones each shape keeps its own
    weight.

    Example
    -------
    >>> from symcollapse.language.symbols import eigenvalue as s, ridge
    >>> closed({s: ridge, Integer(1): ridge}, lambda shape: shape.xreplace({s: Integer(2)}), (s,))
    (lambda*(s + 1), 3*lambda)
    """
    whole = Add(*(weight * shape for shape, weight in function.items()))
    if length(whole) <= LONGEST_FACTORED:
        matrix = shortened(whole)
        return matrix, applied(functional, matrix, variables)
    weights = {shape: shortened(weight) for shape, weight in function.items()}
    return (
        Add(*(weight * shape for shape, weight in weights.items())),
        Add(*(weight * functional(shape) for shape, weight in weights.items())),
    )


def applied(
    functional: Callable[[Expr], Expr], function: Expr, variables: tuple[Expr, ...]
) -> Expr:
    """A trace or a quadratic form of a function of eigenvalues, with one term for each coefficient.

    Parameters
    ----------
    functional
        Linear map from functions of eigenvalues to numbers, in its shortest form.
    function
        A rational function, factored.
    variables
        The eigenvalues.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA
    >>> from symcollapse.language.quantities import spectral_trace
    >>> from symcollapse.language.symbols import eigenvalue as s, noise
    >>> applied(lambda f: spectral_trace(f, SIGMA), noise * s + noise, (s,))
    sigma*(d + tr(Sigma))
    """
    overlaps = list(_overlaps(function).items())
    candidates: list[Expr] = []
    tried = min(len(overlaps), MOST_CHOICES if length(function) <= LONGEST_CHOSEN else 1)
    for choice in product((True, False), repeat=tried):
        rule = {
            (trace if by_residual else residual): residual.samples
            - (residual if by_residual else trace)
            for by_residual, (trace, residual) in zip(choice, overlaps, strict=False)
        }
        candidates.append(_applied(functional, function, variables, rule))
    return min(candidates, key=length)


def _applied(
    functional: Callable[[Expr], Expr],
    function: Expr,
    variables: tuple[Expr, ...],
    rule: Mapping[Expr, Expr],
) -> Expr:
    above, below = fraction(function)
    plain, meanings = masked(above.xreplace(rule))
    bottom, more = masked(below)
    meanings |= more
    # Roots of parameters are letters of their own, as T**(-2/5) in a ridge.
    roots = {
        root: placeholder("root") for root in sorted(_roots(plain * bottom, variables), key=str)
    }
    plain, bottom = plain.xreplace(roots), bottom.xreplace(roots)
    meanings |= {letter: root.xreplace(meanings) for root, letter in roots.items()}
    ridges = {letter for letter, node in meanings.items() if isinstance(node, RIDGES)}
    letters = sorted(plain.free_symbols - set(variables) - ridges, key=str)
    outside, inside = bottom.as_independent(*variables, as_Add=False)
    terms = Poly(plain, *letters).terms() if letters else [((), plain)]
    # One coefficient for each shape.
    weights: dict[Expr, Expr] = {}
    for powers, shape in terms:
        weight = Mul(*(letter**power for letter, power in zip(letters, powers, strict=True)))
        free, bound = factor(shape / inside).as_independent(*variables, as_Add=False)
        weights[bound] = weights.get(bound, Integer(0)) + weight * free
    return Add(
        *(
            shortened((weight / outside).xreplace(meanings)) * functional(shape.xreplace(meanings))
            for shape, weight in weights.items()
        )
    )


def _roots(plain: Expr, variables: tuple[Expr, ...]) -> set[Expr]:
    """What no polynomial holds: functions of parameters, and powers of them that are no integers."""
    return {
        root
        for root in plain.atoms(Pow, Function)
        if not (root.is_Pow and root.exp.is_Integer)
        and not root.has_free(*variables)
        and not root.is_number
    }


LONGEST_FACTORED = 160
"""Operations up to which a formula is factored as a whole; the time grows steeply with them."""

LONGEST_CHOSEN = 60
"""Operations up to which each residual is chosen for itself."""

MOST_CHOICES = 4
"""Residuals that are tried either way; the number of forms is two to this power."""

RIDGES = (EffectiveRidge, CoupledUnknown)
"""Quantities that functions of eigenvalues are made of."""
