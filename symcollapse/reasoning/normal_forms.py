"""A normal form that decides identities between formulas of the theory.

Every spectral trace of a rational function of s is a combination of tr G_iᵏ, G_i = (Σ + κ_iI)⁻¹, by partial fractions in
s; the equation of κ_i then gives tr G_i = (d − T(κ_i − λ_i)/κ_i)/κ_i. After that, and with the quadratic forms reduced
the same way, an identity holds if and only if it is one of rational functions in independent unknowns, as long as no
further relation between the unknowns is known.
"""

from collections.abc import Mapping
from typing import Any

from sympy import (
    Add,
    Basic,
    Expr,
    Integer,
    Pow,
    apart,
    cancel,
    expand,
    factor,
    fraction,
    nan,
    rem,
    together,
)
from sympy.polys.polyerrors import PolynomialError

from symcollapse.equivalents.rational_functions import numerator
from symcollapse.language.abbreviations import Abbreviation
from symcollapse.language.coupled_ridges import CoupledUnknown
from symcollapse.language.effective_ridges import (
    EffectiveRidge,
    GuardedSize,
    ResidualDegreesOfFreedom,
)
from symcollapse.language.errors import Diverges
from symcollapse.language.exactness import exact
from symcollapse.language.quantities import (
    DegreesOfFreedom,
    QuadraticForm,
    SpectralTrace,
    canonical,
)
from symcollapse.language.spectra import IsotropicSpectrum
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.symbols import fresh_ridge
from symcollapse.language.unfolding import unfold

DEFINED = (
    Abbreviation,
    DegreesOfFreedom,
    QuadraticForm,
    ResidualDegreesOfFreedom,
    SpectralTrace,
    GuardedSize,
)
"""Quantities with a definition; the effective ridge has an equation instead."""


def is_identity(left: Expr, right: Expr) -> bool:
    """Whether two formulas are equal by partial fractions and the equations of the effective ridges.

    False means that this did not show it, not that they differ.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA
    >>> from symcollapse.language.quantities import DegreesOfFreedom, spectral_trace
    >>> from symcollapse.language.symbols import effective
    >>> total = DegreesOfFreedom(1, effective, SIGMA) + effective * spectral_trace(
    ...     1 / (s + effective), SIGMA
    ... )
    >>> is_identity(total, SIGMA.dimension)
    True
    >>> is_identity(total, SIGMA.dimension + 1)
    False
    """
    try:
        return vanishes(exact(left) - exact(right))
    except PolynomialError:
        return False  # a power with a symbolic exponent: there are no partial fractions


def vanishes(formula: Expr) -> bool:
    """Whether the normal form of a formula is 0.

    Example
    -------
    >>> vanishes(s - s)
    True
    """
    unknowns: dict[Basic, Expr] = {}
    relations: dict[Basic, Expr] = {}
    # What an abbreviation held is free of s, and is taken out of the sums again.
    plain = unfold(canonical(unfold(formula, *DEFINED)), DegreesOfFreedom)
    plain = plain.xreplace({node: fresh_ridge() for node in plain.atoms(CoupledUnknown)})
    letters: dict[EffectiveRidge, Expr] = {
        node: fresh_ridge() for node in sorted(plain.atoms(EffectiveRidge), key=_order)
    }
    opened = _opened(plain.xreplace(letters), letters, unknowns, relations)
    above = _numerator(opened.xreplace(relations))
    if above is nan:
        return False
    for node, letter in letters.items():
        if isinstance(node.covariance, IsotropicSpectrum):
            above = rem(above, _minimal_polynomial(node, letter, letters), letter)
    return expand(above) == 0


def _numerator(formula: Expr) -> Expr:
    """The numerator in lowest terms; nan of what divides by 0, which shows nothing."""
    if any(not power.exp.is_Integer for power in formula.atoms(Pow)):
        return fraction(cancel(together(formula)))[0]
    # FLINT takes milliseconds where SymPy takes minutes.
    try:
        return numerator(formula)
    except Diverges:
        return nan


def _order(node: Basic) -> Any:
    return node.sort_key()


def _minimal_polynomial(
    node: EffectiveRidge, letter: Expr, letters: Mapping[EffectiveRidge, Expr]
) -> Expr:
    """The polynomial in κ that vanishes at the effective ridge of an isotropic spectrum.

    For λ = 0 the factor κ is left out: the node stands only where T ≥ d is not known.
    """
    assert isinstance(node.covariance, IsotropicSpectrum)
    unit, dimension = node.covariance.scale, node.covariance.dimension
    samples, ridge = node.samples.xreplace(letters), node.ridge.xreplace(letters)
    if ridge == 0:
        return samples * (unit + letter) - dimension * unit
    return samples * (letter - ridge) * (unit + letter) - dimension * unit * letter


def _opened(
    opened: Expr,
    letters: Mapping[EffectiveRidge, Expr],
    unknowns: dict[Basic, Expr],
    relations: dict[Basic, Expr],
) -> Expr:
    """The formula with traces and quadratic forms as independent unknowns."""
    sums: dict[Basic, Basic] = {}
    for node in sorted(opened.atoms(SpectralTrace, QuadraticForm), key=_order):
        sums[node] = _reduced(node, unknowns)
    for root, letter in letters.items():
        resolvent = SpectralTrace(1 / (s + letter), root.covariance)
        if resolvent in unknowns:
            # κ − λ = κ(d − κ tr G)/T, solved for tr G.
            ridge = root.ridge.xreplace(letters)
            degrees = root.samples.xreplace(letters) * (letter - ridge) / letter
            relations[unknowns[resolvent]] = (root.covariance.dimension - degrees) / letter
    return opened.xreplace(sums)


def _reduced(node: Basic, unknowns: dict[Basic, Expr]) -> Expr:
    """A sum over eigenvalues as a combination of unknowns, one for each partial fraction in s."""
    assert isinstance(node, SpectralTrace | QuadraticForm)
    if node.covariance.variables != (s,):
        return _whole(node, unknowns)
    total: Expr = Integer(0)
    for term in Add.make_args(apart(together(node.summand), s)):
        coefficient, function = together(term).as_independent(s, as_Add=False)
        # One spelling for a power of s + κ, whatever numeric factor it came with.
        content, primitive = function.factor().as_independent(s, as_Add=False)
        if primitive == 1 and isinstance(node, SpectralTrace):
            total += coefficient * content * node.covariance.dimension
            continue
        key = node.func(primitive, *node.args[1:])
        if key not in unknowns:
            unknowns[key] = fresh_ridge()
        total += coefficient * content * unknowns[key]
    return total


def _whole(node: SpectralTrace | QuadraticForm, unknowns: dict[Basic, Expr]) -> Expr:
    """A sum over several spectra as a multiple of one unknown: there are no partial fractions in many variables."""
    function = factor(together(node.summand))
    coefficient, primitive = function.as_independent(*node.covariance.variables, as_Add=False)
    key = node.func(primitive, *node.args[1:])
    if key not in unknowns:
        unknowns[key] = fresh_ridge()
    return coefficient * unknowns[key]
