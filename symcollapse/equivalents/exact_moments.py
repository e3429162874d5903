"""Exact expectations at finite size over Gaussian designs, by derivation.

Three rules do all of it: integration by parts (`wick`), Stein's equations for inverses (`inverse_wishart`), and
rotation invariance of the rows (`invariance`). A design with T < d and Σ = cI is the transpose of one with T >= d. No
moment formula is stored, and what has no exact law is refused, never approximated.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sympy import Expr, Ge, MatrixExpr, Trace, expand
from sympy.core.relational import Relational

from symcollapse.equivalents.exact_reading import Reader
from symcollapse.equivalents.exact_words import Gaussian, Terms
from symcollapse.equivalents.exact_writing import written
from symcollapse.equivalents.front_door import require_sound
from symcollapse.equivalents.invariance import rows_matched, unmatched
from symcollapse.equivalents.inverse_wishart import add_rational, inverse_moment
from symcollapse.equivalents.wick import without_gaussian_letters
from symcollapse.language.errors import Diverges, InvalidProblem
from symcollapse.language.exactness import exact, is_number
from symcollapse.language.random_matrices import LabelNoise, deterministic_matrices


@dataclass(frozen=True)
class MomentStep:
    """One expectation, over one random matrix, and what was left after it."""

    rule: str
    after: Any

    def __str__(self) -> str:
        return f"{self.rule}: {self.after}"


@dataclass(frozen=True)
class ExactMoment:
    """An expectation that is exact at finite size."""

    formula: Any
    """A matrix expression for a matrix, an Expr for a scalar or a 1 × 1 matrix."""
    conditions: tuple[Relational, ...]
    """Sizes at which the expectation exists; those that hold by themselves are left out."""
    steps: tuple[MomentStep, ...]

    def __str__(self) -> str:
        return str(self.formula)


def expectation(expression: Any, *, assuming: Iterable[Any] = ()) -> ExactMoment:
    """Exact expectation of an expression over all its Gaussian designs and label noises.

    Parameters
    ----------
    expression
        A SymPy matrix expression, or an Expr in traces of such, over `gaussian_design`, `gaussian_projection`,
        `label_noise` and `pseudo_inverse`; with `covariance`, ``Identity``, ``MatrixSymbol``, sums, products, powers,
        transposes and inverses.
    assuming
        Relations between sizes, such as ``Ge(T, d)``, that choose the regime of a pseudo-inverse.

    Returns
    -------
    moment
        The formula, the conditions under which it holds, and the steps.

    Raises
    ------
    NotSupported
        If no exact law is known, or none in this version; names the node.
    Diverges, OutOfRegime
        If the sizes are numbers at which the expectation does not exist, or the regime is open.
    InvalidProblem
        If shapes do not conform, or one name stands for two random matrices.

    Example
    -------
    >>> from sympy import Identity
    >>> from symcollapse.language.random_matrices import gaussian_design, pseudo_inverse
    >>> from symcollapse.language.spectra import covariance
    >>> from symcollapse.language.symbols import dimension, samples
    >>> Sigma = covariance("Sigma", dimension)
    >>> X = gaussian_design("X", samples, Sigma)
    >>> W = X.T * X
    >>> print(expectation(W * W))
    (T*(T + 1))*Sigma**2 + (T*tr(Sigma))*Sigma
    >>> moment = expectation(W.inverse())
    >>> print(moment, moment.conditions)
    1/(T - d - 1)*Sigma**(-1) (T >= d + 2,)
    >>> Z = gaussian_design("Z", 3, Identity(8))
    >>> print(expectation(pseudo_inverse(Z) * Z))
    (3/8)*I
    """
    if not isinstance(expression, Expr):
        raise InvalidProblem(f"expectation of {expression}: give a SymPy expression")
    node: Any = exact(expression)
    require_sound(node)
    shape: Any = node.shape if isinstance(node, MatrixExpr) else None
    if shape == (1, 1):
        node, shape = Trace(node), None
    reader = Reader(node, _relations(assuming))
    terms = reader.terms(node)
    families = deterministic_matrices(node)
    default = families[0] if len(families) == 1 else None
    conditions: list[Relational] = []
    steps: list[MomentStep] = []
    # Noise first: what is left of it are ZᵀZ, which cancel against inverses.
    gaussians = [
        gaussian
        for _, gaussian in sorted(
            reader.gaussians.items(),
            key=lambda item: (not isinstance(item[0], LabelNoise), item[1].name),
        )
    ]
    order = _sizes(gaussians, reader.inverted)
    for gaussian in gaussians:
        before = terms
        inverted = gaussian in reader.inverted
        terms, needed = _integrated(terms, gaussian)
        if inverted:
            conditions += [relation for relation in needed if relation not in conditions]
        if terms != before:
            rule = _rule(gaussian, inverted=inverted)
            steps.append(MomentStep(rule, written(terms, shape, default, order)))
    formula = steps[-1].after if steps else written(terms, shape, default, order)
    return ExactMoment(formula, tuple(conditions), tuple(steps))


def _sizes(gaussians: list[Gaussian], inverted: set[Gaussian]) -> list[Any]:
    """Symbols of the sizes, such that T, d, T₀ comes of inverses that need T >= d >= T₀."""
    smaller = {gaussian.columns for gaussian in gaussians if gaussian in inverted}
    sizes = [gaussian.rows for gaussian in gaussians] + [gaussian.columns for gaussian in gaussians]
    sizes.sort(key=lambda size: size in smaller)
    symbols = (sorted(size.free_symbols, key=lambda symbol: symbol.sort_key()) for size in sizes)
    return list(dict.fromkeys(symbol for group in symbols for symbol in group))


def _relations(assuming: Iterable[Any]) -> list[Relational]:
    relations: list[Any] = []
    for relation in assuming:
        if relation == True:  # noqa: E712 - SymPy's true, for what holds by itself
            continue
        if getattr(relation, "rel_op", None) not in {">", "<", ">=", "<="}:
            raise InvalidProblem(f"assuming {relation}: give relations such as Ge(T, d + 2)")
        relations.append(relation)
    return relations


def _rule(gaussian: Gaussian, *, inverted: bool) -> str:
    if inverted:
        return f"over {gaussian.name}, by rotation invariance and Stein's equations"
    return f"over {gaussian.name}, by pairings"


def _integrated(terms: Terms, gaussian: Gaussian) -> tuple[Terms, list[Relational]]:
    """Expectation over one Gaussian matrix, and the sizes at which it exists."""
    matched: Terms = {}
    pairs = 0
    for monomial, coefficient in terms.items():
        if monomial.places("inverse", gaussian):
            pairs = max(pairs, len(unmatched(monomial, gaussian)) // 2)
            for result, factor in rows_matched(monomial, gaussian).items():
                add_rational(matched, result, coefficient * factor)
        else:
            add_rational(matched, monomial, coefficient)
    degree = max((len(m.places("inverse", gaussian)) for m in matched), default=0)
    # Asked before the equations are solved: outside they have no finite solution.
    needed = _conditions(gaussian, degree, pairs)
    total: Terms = {}
    for monomial, coefficient in without_gaussian_letters(matched, gaussian).items():
        for result, factor in inverse_moment(monomial, gaussian).items():
            add_rational(total, result, coefficient * factor)
    return total, needed


def _conditions(gaussian: Gaussian, degree: int, pairs: int) -> list[Relational]:
    rows, columns = gaussian.rows, gaussian.columns
    excess = expand(rows - columns - 2 * degree)
    if degree and excess.is_extended_negative:
        raise Diverges(
            f"a moment with {degree} inverse{'s' * (degree > 1)} of {gaussian.name} is infinite at sizes "
            f"{rows} and {columns}: they have to differ by {2 * degree} or more"
        )
    needed: list[Relational] = []
    if not excess.is_extended_nonnegative:
        surplus = expand(rows - columns)
        nested = not (rows.is_Symbol or surplus.free_symbols >= rows.free_symbols)
        needed.append(Ge(surplus, 2 * degree) if nested else Ge(rows, columns + 2 * degree))
    # With fewer rows than pairs the weights of the pairings have poles.
    if pairs > 1 and not (rows - pairs).is_extended_nonnegative and not is_number(rows):
        needed.append(Ge(rows, pairs))
    return needed
