"""Leading forms of a function of two effective ridges that are far apart: above the generators' floor, and below."""

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Add, Expr, Integer, Mul, expand, factor_terms, log, powsimp, simplify

from symcollapse.expansions.expansion import tidy
from symcollapse.expansions.two_ridges import Monomial
from symcollapse.language.symbols import (
    effective,
    generation_samples,
    generator_effective,
    placeholder,
    ridge,
    samples,
)
from symcollapse.scaling.two_ridge_quantities import (
    NODES,
    Products,
    exceeds,
    powers_far_apart,
    split,
)

SIZES = (samples, generation_samples)
"""T and T_0."""


@dataclass(frozen=True)
class FloorRegimes:
    """What the regimes of one power law share.

    Example
    -------
    >>> FloorRegimes(Integer(2), Integer(3), Integer(2) ** -1).share
    1/2
    """

    capacity: Expr
    """β."""
    constant: Expr
    """A of df₁ ≃ Aκ^(-1/β): κ_g ≃ (A/T_0)^β."""
    share: Expr
    """1 − df₂/T of a fit without a ridge."""

    def leading(
        self,
        function: Expr,
        sums: Mapping[Expr, Products],
        residuals: tuple[Expr, Expr],
        *,
        above: bool,
        ridgeless: bool,
    ) -> Expr:
        """The largest products of powers, in λ, T and T_0, or in T and T_0 without a ridge.

        Parameters
        ----------
        function
            A polynomial with positive terms in letters for sums over eigenvalues, and in negative powers of
            residual degrees of freedom.
        sums
            What these letters stand for.
        residuals
            Letters for T − df₂ and for T_0 − df₂ of the generators.
        above
            Whether κ ≫ κ_g; else κ ≪ κ_g.
        ridgeless
            Whether λ = 0; else λ ≫ T^-β.

        Example
        -------
        >>> one, other = placeholder("residual"), placeholder("residual")
        >>> FloorRegimes(Integer(2), Integer(3), Integer(2) ** -1).leading(
        ...     1 / one + samples / other**2, {}, (one, other), above=True, ridgeless=True
        ... )
        2/T
        """
        # Letters for all constants: multiplied out, roots of numbers would mix with the powers.
        constants: dict[Expr, Expr] = {}
        whole: dict[Expr, Expr] = {
            letter: Add(
                *(_written(piece, constants) for piece in powers_far_apart(found, above=above))
            )
            for letter, found in sums.items()
        }
        tested, generators = residuals
        whole[tested] = samples * (self.share if ridgeless else 1)
        whole[generators] = generation_samples * self.share
        kept = self._largest(
            function.xreplace(dict(whole)), constants, above=above, ridgeless=ridgeless
        )
        return self._in_sizes(kept, ridgeless=ridgeless)

    def _largest(
        self, formula: Expr, constants: Mapping[Expr, Expr], *, above: bool, ridgeless: bool
    ) -> list[tuple[Expr, ...]]:
        """Products (coefficient, powers of κ, κ_g, T, T_0) that none exceeds everywhere in the regime."""
        beta = self.capacity
        sums: dict[tuple[Expr, ...], Expr] = {}
        for term in Add.make_args(expand(formula)):
            rest, powers = term, []
            for letter in (*NODES, *SIZES):
                rest, power = split(rest, letter)
                powers.append(tidy(power))
            sums[tuple(powers)] = sums.get(tuple(powers), Integer(0)) + rest
        kinds = []
        for powers_, coefficient in sums.items():
            value = coefficient.xreplace(dict(constants))
            if expand(value) == 0:
                continue
            x, y, c, c_g = powers_
            y = y - c_g / beta
            # T is κ^(-1/β)/u, with u ≪ 1 above the crossover; the other two are the larger ridge and their ratio.
            sizes = [tidy(x + y - c / beta), tidy(y if above else x - c / beta)]
            if not ridgeless:
                sizes.append(-c)
            kinds.append((tuple(sizes), (value, *powers_)))
        return [
            kind
            for sizes, kind in kinds
            if not any(exceeds(other, sizes) for other, _ in kinds if other != sizes)
        ]

    def _in_sizes(self, kept: list[tuple[Expr, ...]], *, ridgeless: bool) -> Expr:
        """The sum of such products in λ, T and T_0, or without λ."""
        beta, constant = self.capacity, self.constant
        found = []
        for coefficient, x, y, c, c_g in kept:
            level = log(constant)
            logs = {log(generator_effective): beta * (level - log(generation_samples))}
            front = constant ** (beta * y)
            powers = {samples: c, generation_samples: c_g - beta * y}
            if ridgeless:
                logs[log(effective)] = beta * (level - log(samples))
                front *= constant ** (beta * x)
                powers[samples] = c - beta * x
            else:
                logs[log(effective)] = log(ridge)
                powers[ridge] = x
            scale = Mul(*(base ** tidy(power) for base, power in powers.items()))
            value = expand(coefficient.xreplace(logs))
            # Logarithms stay sums: simplify would put powers of T into one.
            value = factor_terms(value) if value.has(log) else simplify(value * front) / front
            found.append(powsimp(value * front) * scale)
        return Add(*found)


def _written(piece: Monomial, constants: dict[Expr, Expr]) -> Expr:
    """The product, with a letter for its constant, whose value is added to the constants."""
    letter = placeholder("constant")
    constants[letter] = piece.coefficient
    return letter * effective**piece.first * generator_effective**piece.second
