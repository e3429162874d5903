"""Spectral sums over power laws, expanded at small κ."""

from sympy import Expr, Integer

from symcollapse.expansions.expansion import Expansion, tidy
from symcollapse.expansions.power_law_parts import PowerLawPart, expand_part
from symcollapse.expansions.reading import added, factors, require_counts
from symcollapse.language.errors import NotSupported
from symcollapse.language.spectra import PowerLawSpectrum
from symcollapse.language.symbols import effective
from symcollapse.language.targets import SourceTarget, Target, UniformTarget


def expand_power_law_sum(
    summand: Expr,
    spectrum: PowerLawSpectrum,
    target: Target | None = None,
    *,
    terms: int,
    variable: Expr = effective,
    beyond: bool = True,
    tail_terms: int | None = None,
    large_dimension: int | None = None,
) -> Expansion:
    """The small-κ expansion of Σ_j c_j² f(s_j), or Σ_j f(s_j) without a target, over a power law.

    Parameters
    ----------
    summand
        f as a function of the eigenvalue s: a sum of products coefficient · s^p/(s+κ)^m with one resolvent each.
        Powers p and m may be any real numbers or symbols, m > 0; coefficients may hold powers of κ.
    spectrum
        The power law, of finite or infinite dimension.
    target
        Gives the weights c_j²: a source target, or a uniform one in finite dimension.
    terms
        Analytic powers κ^0 … κ^(terms−1) of each sum that are kept, beside its one singular power.
    variable
        κ.
    beyond
        For finite d: whether the smallest eigenvalue lies below κ. If so, the tail j > d is subtracted as a series in
        c/(κ d^β); if not, all is one power series in κ d^β/c with sums of d terms as coefficients. Both converge.
    tail_terms
        Terms of that tail; as many as ``terms`` by default.
    large_dimension
        Number of terms in which the Hurwitz zeta functions of the tail are expanded for large d; as they are by
        default, and then ``remainder_bound`` holds.

    Returns
    -------
    Expansion
        Exact in its coefficients. Numbers among the parameters are followed where two poles meet; symbols stay
        generic, with the conditions under which they may.

    Raises
    ------
    NotSupported
        If a product has two resolvents, m ≤ 0, a weight or spectrum without a power law, or a number of terms < 0.
    Diverges
        If the dimension is infinite and the sum is.

    Example
    -------
    >>> from sympy import oo
    >>> from symcollapse.language.symbols import capacity, eigenvalue as s
    >>> expansion = expand_power_law_sum(s / (s + effective), PowerLawSpectrum(oo, 2), terms=2)
    >>> expansion.formula
    -1/2 + pi/(2*sqrt(kappa))
    >>> expansion.next_exponents
    (2,)
    >>> generic = expand_power_law_sum(s / (s + effective), PowerLawSpectrum(oo, capacity), terms=2)
    >>> generic.formula
    -kappa*zeta(-beta) - 1/2 + pi/(beta*kappa**(1/beta)*sin(pi/beta))
    """
    if not isinstance(spectrum, PowerLawSpectrum):
        raise NotSupported(
            f"{type(spectrum).__name__}: no power law; expand_exponential_sum expands over an exponential spectrum"
        )
    require_counts(terms=terms, tail_terms=tail_terms, large_dimension=large_dimension)
    weight, weight_decay = _weight(spectrum, target)
    parts = []
    for read in factors(summand, variable):
        gap = tidy(read.power - read.order)
        parts.append(
            PowerLawPart(
                variable=variable,
                coefficient=read.coefficient * weight * spectrum.scale**gap,
                shift=read.shift,
                capacity=spectrum.capacity,
                decay=tidy(spectrum.capacity * gap + weight_decay),
                order=read.order,
                scale=spectrum.scale,
                dimension=spectrum.dimension,
                terms=terms,
                tail_terms=terms if tail_terms is None else tail_terms,
                beyond=beyond,
            )
        )
    pieces = [expand_part(part, large_dimension) for part in parts]
    return added(variable, pieces, parts if large_dimension is None else ())


def _weight(spectrum: PowerLawSpectrum, target: Target | None) -> tuple[Expr, Expr]:
    """The factor and the decay of c_j² = factor · j^-decay."""
    if target is None:
        return Integer(1), Integer(0)
    target.check_against(spectrum)
    if isinstance(target, SourceTarget):
        return target.scale, 1 + spectrum.capacity * (2 * target.source - 1)
    if isinstance(target, UniformTarget):
        return target.squared_norm / spectrum.dimension, Integer(0)
    raise NotSupported(
        f"target {type(target).__name__}: its weights are no power law; use a source or a uniform target"
    )
