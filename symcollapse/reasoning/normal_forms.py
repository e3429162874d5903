"""A normal form that decides identities between formulas of the theory.

Every spectral trace of a rational function of s is a combination of tr G_iᵏ, G_i = (Σ + κ_iI)⁻¹, by partial fractions in
s; the equation of κ_i then gives tr G_i = (d − T(κ_i − λ_i)/κ_i)/κ_i. After that, and with the quadratic forms reduced
the same way, an identity holds if and only if it is one of rational functions in independent unknowns, as long as no
further relation between the unknowns is known.
"""

from sympy import Add, Basic, Expr, Integer, apart, cancel, expand, together

from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.exactness import exact
from symcollapse.language.quantities import QuadraticForm, SpectralTrace
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.symbols import fresh_ridge
from symcollapse.language.unfolding import unfold


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
    return vanishes(exact(left) - exact(right))


def vanishes(formula: Expr) -> bool:
    """Whether the normal form of a formula is 0.

    Example
    -------
    >>> vanishes(s - s)
    True
    """
    unknowns: dict[Basic, Expr] = {}
    relations: dict[Basic, Expr] = {}
    plain = _opened(unfold(formula), unknowns, relations)
    reduced = plain.xreplace(relations) if relations else plain
    return cancel(together(reduced)) == 0 or expand(reduced) == 0


def _opened(formula: Expr, unknowns: dict[Basic, Expr], relations: dict[Basic, Expr]) -> Expr:
    """The formula with κs, traces and quadratic forms as independent unknowns."""
    ridges = sorted(formula.atoms(EffectiveRidge), key=lambda node: node.sort_key())
    letters: dict[Basic, Expr] = {node: fresh_ridge() for node in ridges}
    opened = formula.xreplace(letters)
    sums: dict[Basic, Basic] = {}
    for node in sorted(
        opened.atoms(SpectralTrace, QuadraticForm), key=lambda node: node.sort_key()
    ):
        sums[node] = _reduced(node, unknowns)
    opened = opened.xreplace(sums)
    for node, letter in letters.items():
        assert isinstance(node, EffectiveRidge)
        resolvent = SpectralTrace(1 / (s + letter), node.covariance)
        if resolvent in unknowns:
            # κ − λ = κ(d − κ tr G)/T, solved for tr G.
            ridge = node.ridge.xreplace(letters)
            samples = node.samples.xreplace(letters)
            degrees = samples * (letter - ridge) / letter
            relations[unknowns[resolvent]] = (node.covariance.dimension - degrees) / letter
    return opened


def _reduced(node: Basic, unknowns: dict[Basic, Expr]) -> Expr:
    """A sum over eigenvalues as a combination of unknowns, one for each partial fraction in s."""
    assert isinstance(node, SpectralTrace | QuadraticForm)
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
