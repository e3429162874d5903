"""The push-through identity A⁻¹(A − Q) = I − A⁻¹Q, applied where it makes pencils smaller.

With A = P + Q, P random and Q deterministic, A⁻¹P needs the vectors Px and A⁻¹(Px); I − A⁻¹Q needs A⁻¹x only. Between
two inverses of the same A the identity is left alone: A⁻¹PA⁻¹ shares its vectors anyway.
"""

from typing import Any

from sympy import Identity, Integer, Inverse, MatAdd, MatMul, Mul, Transpose

from symcollapse.equivalents.families import is_deterministic


def pushed_through(matrix: Any) -> Any:
    """The matrix expression with A⁻¹P and PA⁻¹ replaced; an exact identity.

    Example
    -------
    >>> from sympy import Identity
    >>> from symcollapse.language.random_matrices import gaussian_design
    >>> from symcollapse.language.spectra import covariance
    >>> from symcollapse.language.symbols import dimension, ridge, samples
    >>> X = gaussian_design("X", samples, covariance("Sigma", dimension))
    >>> R = (X.T * X / samples + ridge * Identity(dimension)).inverse()
    >>> pushed_through(R * X.T * X / samples)
    (-lambda)*(lambda*I + 1/T*X.T*X)**(-1) + I
    """
    match matrix:
        case MatAdd():
            return MatAdd(*(pushed_through(term) for term in matrix.args)).doit(deep=False)
        case MatMul():
            return _product(matrix)
        case Transpose():
            return matrix
        case _:
            return matrix


def _product(matrix: Any) -> Any:
    scalar = Mul(*(factor for factor in matrix.args if not factor.is_Matrix))
    factors = [pushed_through(factor) for factor in matrix.args if factor.is_Matrix]
    place = 0
    while place < len(factors):
        if isinstance(factors[place], Inverse):
            for weight, random, rest in _splittings(factors[place].arg):
                size = len(random)
                after = factors[place + 1 : place + 1 + size]
                before = factors[place - size : place] if place >= size else []
                inverse = factors[place]
                if after == random and factors[place + 1 + size : place + 2 + size] != [inverse]:
                    factors[place : place + 1 + size] = [_complement(inverse * rest)]
                    scalar /= weight
                    break
                if before == random and (place == size or factors[place - size - 1] != inverse):
                    factors[place - size : place + 1] = [_complement(rest * inverse)]
                    scalar /= weight
                    place -= size
                    break
        place += 1
    return MatMul(scalar, *factors).doit(deep=False)


def _complement(product: Any) -> Any:
    return Identity(product.shape[0]) - product


def _splittings(argument: Any) -> list[tuple[Any, list[Any], Any]]:
    """A = c·P + Q with Q deterministic, as (c, factors of P, Q)."""
    if not isinstance(argument, MatAdd):
        return []
    random = [term for term in argument.args if not is_deterministic(term)]
    if len(random) != 1 or not isinstance(random[0], MatMul):
        return []
    weight = Mul(*(factor for factor in random[0].args if not factor.is_Matrix))
    factors = [factor for factor in random[0].args if factor.is_Matrix]
    rest = MatAdd(*(term for term in argument.args if term is not random[0])).doit(deep=False)
    return [(weight or Integer(1), factors, rest)]
