"""How ridge, sizes and noises scale with the number of samples T of the tested fit."""

from dataclasses import dataclass, fields, replace
from typing import Any

from sympy import Expr, Rational, nan, oo, zoo

from symcollapse.language import symbols
from symcollapse.language.errors import InvalidProblem
from symcollapse.language.exactness import exact, is_number


@dataclass(frozen=True)
class Scaling:
    """Exponents of T → ∞, each an exact number, a symbol, or infinite where the field says so.

    Spectrum s_j = j^-capacity and coefficients c_j² = j^-(1 + capacity·(2·source − 1)).

    Raises
    ------
    InvalidProblem
        If an exponent is outside its range, with its name and the remedy.

    Example
    -------
    >>> Scaling(noise=oo).noise, Scaling(ridge="3/8").ridge
    (oo, 3/8)
    >>> Scaling(capacity=1)
    Traceback (most recent call last):
        ...
    symcollapse.language.errors.InvalidProblem: capacity = 1: give a number > 1
    """

    ridge: Any = symbols.ridge_exponent
    """ℓ ≥ 0 in λ = T^-ℓ; infinite for λ = 0."""
    generations: Any = symbols.generations_exponent
    """a in n·σ₀² = T^a; -oo for generators without label noise."""
    generation_samples: Any = symbols.generation_samples_exponent
    """b > 0 in T₀ = T^b."""
    dimension: Any = symbols.dimension_exponent
    """q ≥ 0 in d = T^q; infinite for d = ∞."""
    noise: Any = symbols.noise_exponent
    """ν in σ² = T^-ν; infinite for σ = 0."""
    capacity: Any = symbols.capacity
    """β > 1."""
    source: Any = symbols.source
    """r > 0."""
    generation_ridge: Any = oo
    """ℓ₀ ≥ 0 in λ₀ = T^-ℓ₀; infinite for λ₀ = 0."""

    def __post_init__(self) -> None:
        for each in fields(self):
            value = _exact(getattr(self, each.name))
            object.__setattr__(self, each.name, value)
            self._check(each.name, value)

    def _check(self, name: str, value: Expr) -> None:
        infinite = {
            "ridge": oo,
            "dimension": oo,
            "noise": oo,
            "generation_ridge": oo,
            "generations": -oo,
        }
        if value == infinite.get(name):
            return
        if value.is_infinite or value.has(nan, zoo):
            raise InvalidProblem(f"{name} = {value}: give a finite number, or a symbol")
        least = {"capacity": 1, "source": 0, "generation_samples": 0}.get(name)
        if least is not None and (value - least).is_extended_nonpositive:
            raise InvalidProblem(f"{name} = {value}: give a number > {least}")
        if name in ("ridge", "dimension", "generation_ridge") and value.is_extended_negative:
            raise InvalidProblem(f"{name} = {value}: give a number >= 0")
        if is_number(value) and not isinstance(value, Rational):
            raise InvalidProblem(f"{name} = {value}: give a rational number")

    @property
    def is_numeric(self) -> bool:
        """Whether every exponent is a number, or infinite."""
        return not any(getattr(self, each.name).free_symbols for each in fields(self))

    def at(self, **exponents: Any) -> "Scaling":
        """The same scaling with some exponents replaced, by the names of the fields.

        A symbol that is replaced in its own field is replaced in the others too: with d = T^b, a new b is a new d.

        Raises
        ------
        InvalidProblem
            For a name that is no field.

        Example
        -------
        >>> Scaling().at(ridge=1, source="1/2").ridge
        1
        """
        known = {each.name for each in fields(self)}
        for name in exponents:
            if name not in known:
                raise InvalidProblem(
                    f"{name}: no exponent; give some of {', '.join(sorted(known))}"
                )
        given = {name: _exact(value) for name, value in exponents.items()}
        old = {getattr(self, name): value for name, value in given.items()}
        rule = {symbol: value for symbol, value in old.items() if symbol.is_Symbol}
        carried = {
            each.name: getattr(self, each.name).xreplace(rule)
            for each in fields(self)
            if each.name not in given
        }
        return replace(self, **carried, **given)


def _exact(value: Any) -> Expr:
    # Infinity is exact as a float too.
    return next((end for end in (oo, -oo) if value == end), None) or exact(value)
