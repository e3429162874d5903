"""From words back to a SymPy expression, in traces and quadratic forms of Σ where they are such."""

from collections.abc import Iterable
from functools import reduce
from typing import Any

from sympy import (
    Add,
    Expr,
    Identity,
    Integer,
    Inverse,
    MatrixSymbol,
    Mul,
    Pow,
    Trace,
    Transpose,
    ZeroMatrix,
    denom,
    factor,
)

from symcollapse.equivalents.exact_words import Letter, Terms, Word
from symcollapse.language.joint_spectra import JointSpectrum, joint_spectrum
from symcollapse.language.pairings import bilinear_form
from symcollapse.language.quantities import Quantity, spectral_trace
from symcollapse.language.spectra import Covariance, Spectrum
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.targets import truth


def _function(expression: Any, families: dict[Any, Covariance], size: Expr) -> Any:
    """A function of covariances as a matrix expression."""
    if expression in families:
        return families[expression]
    if not any(expression.has(name) for name in families):
        return expression * Identity(size)
    if isinstance(expression, Pow) and expression.exp.is_Integer:
        return _function(expression.base, families, size) ** expression.exp
    parts = [_function(part, families, size) for part in expression.args]
    if isinstance(expression, Add):
        return reduce(lambda one, other: one + other, parts)
    if isinstance(expression, Mul):
        return reduce(lambda one, other: one * other, parts)
    raise TypeError(f"{expression} is no rational function of covariances")


def _letter(letter: Letter) -> Any:
    if letter.kind == "function":
        families = {family.args[0]: family for family in letter.families}
        return _function(letter.node, families, letter.rows)
    if letter.kind == "inverse":
        return Inverse(letter.node.matrix.T * letter.node.matrix)
    matrix = letter.node.matrix if letter.kind == "gaussian" else letter.node
    return Transpose(matrix).doit(deep=False) if letter.transposed else matrix


def _matrix(word: Word, size: Expr) -> Any:
    if not word:
        return Identity(size)
    return reduce(lambda one, other: one * other, (_letter(letter) for letter in word))


def _scalar(word: Word, default: Covariance | None) -> Expr:
    """A trace, as a spectral trace, quadratic form or bilinear form where it is one."""
    first, last = word[0], word[-1]
    if len(word) == 1 and first.kind == "function":
        return spectral_trace(*_spectral(first))
    inner = word[1:-1]
    if len(word) > 1 and last.columns == 1 and _is_vector(first.T) and _is_vector(last):
        vectors = truth(first.node.name), truth(last.node.name)
        if not inner and default is not None and default.dimension == last.rows:
            return bilinear_form(Integer(1), default, *vectors)
        if len(inner) == 1 and inner[0].kind == "function":
            return bilinear_form(*_spectral(inner[0]), *vectors)
    return Trace(_matrix(word, first.rows))


def _is_vector(letter: Letter) -> bool:
    return isinstance(letter.node, MatrixSymbol) and letter.columns == 1 and not letter.transposed


def _spectral(letter: Letter) -> tuple[Expr, Spectrum]:
    """The function in the variables of the joint spectrum of its covariances, and that spectrum."""
    spectrum = joint_spectrum(letter.families)
    if isinstance(spectrum, JointSpectrum):
        pairs = zip(spectrum.members, spectrum.variables, strict=True)
        return letter.node.xreplace(
            {member.args[0]: variable for member, variable in pairs}
        ), spectrum
    return letter.node.xreplace({spectrum.args[0]: s}), spectrum


def written(
    terms: Terms,
    shape: tuple[Expr, Expr] | None,
    default: Covariance | None = None,
    order: Iterable[Expr] = (),
) -> Any:
    """The SymPy expression of a sum of words.

    Parameters
    ----------
    terms
        The words, all open or none.
    shape
        That of the matrix; None for a scalar.
    default
        The covariance that the squared length of a vector is written with.
    order
        Symbols of sizes, the larger first: differences are written as larger − smaller, and only sizes are
        gathered in one fraction.

    Example
    -------
    >>> from sympy import MatrixSymbol
    >>> from symcollapse.equivalents.exact_words import Monomial, matrix_letter
    >>> A = matrix_letter(MatrixSymbol("A", 2, 2))
    >>> written({Monomial(((A,),), (A,)): Integer(3)}, (Integer(2), Integer(2)))
    (3*Trace(A))*A
    """
    scalars: dict[Word | None, Expr] = {}
    for monomial, coefficient in terms.items():
        product = Mul(coefficient, *(_scalar(word, default) for word in monomial.traces))
        scalars[monomial.open] = scalars.get(monomial.open, Integer(0)) + product
    if shape is None:
        return _collected(scalars.get(None, Integer(0)), order)
    total: Any = ZeroMatrix(*shape)
    for word, coefficient in scalars.items():
        weight = _collected(coefficient, order)
        if weight != 0:
            matrix = weight * _matrix(word or (), shape[0])
            total = matrix if isinstance(total, ZeroMatrix) else total + matrix
    return total


def _collected(expression: Expr, order: Iterable[Expr]) -> Expr:
    """The sum with each coefficient in its factors."""
    by_product: dict[Expr, Expr] = {}
    sizes = tuple(order)
    for term in Add.make_args(expression.expand()):
        if denom(term).free_symbols.difference(sizes):
            term = factor(term)
        coefficient, product = term.as_independent(
            *term.atoms(Trace, Quantity), *term.free_symbols.difference(sizes), as_Add=False
        )
        by_product[product] = by_product.get(product, Integer(0)) + coefficient
    return Add(*(_factored(value, sizes) * product for product, value in by_product.items()))


def _factored(coefficient: Expr, order: Iterable[Expr]) -> Expr:
    # The leading symbol of each factor gets the positive sign.
    present = coefficient.free_symbols
    first = [symbol for symbol in order if symbol in present]
    rest = sorted(present - set(first), key=lambda symbol: symbol.sort_key())
    return factor(coefficient, *first, *rest)
