"""The law of a number n of generations: closed form, limit, the best n, and the n at which nothing is learnt any more."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from sympy import (
    Basic,
    Expr,
    Integer,
    Pow,
    Rational,
    Sum,
    Symbol,
    factor,
    floor,
    harmonic,
    log,
    nan,
    oo,
    polygamma,
    zoo,
)

from symcollapse.evaluation.numbers import evaluate
from symcollapse.language.errors import NotSupported
from symcollapse.language.exactness import is_number
from symcollapse.language.problems import Problem
from symcollapse.language.spectra import IsotropicSpectrum, LevelsSpectrum
from symcollapse.language.unfolding import unfold
from symcollapse.recursions.at_integers import FoundGeneration, first_positive, least
from symcollapse.recursions.far_generations import limit_of, sign_of
from symcollapse.recursions.linear_recursions import ExponentialSum, Rate
from symcollapse.recursions.sums import Summed
from symcollapse.theory.exact_laws import null_risk

LONGEST_UNFOLDED = 64
"""Dimension up to which traces are written out to see whether a number is rational."""

MOST_EXACT = 10_000
"""Generations up to which harmonic numbers and powers are written out as fractions; more take minutes."""

MOST_GENERATIONS = 2**60
"""Generation up to which the null predictor's is looked for, where a sum has a closed form."""

MOST_ADDED = 512
"""The same, where it has none: its terms are added as fractions, whose digits grow."""


@dataclass(frozen=True)
class GenerationLaw:
    """Test error as a function of the number of generations."""

    problem: Problem
    """The problem, with n in place of the number of repetitions."""
    count: Symbol
    """n."""
    first: int
    """Smallest n: 0 with a downstream fit, else 1."""
    bias: Expr
    """Error without any label noise."""
    variance: Expr
    """What the label noise of the tested fit adds."""
    synthetic: Expr
    """What the label noise of all earlier generations adds."""
    sequence: ExponentialSum | None
    """The error as a sum of exponentials, where it is one."""
    growth: tuple[Expr, Expr, Summed] | None
    """(A, B, S) where the error is A + B·S(n) with a sum S of positive terms."""
    numbers: Mapping[Basic, Basic]
    """What the problem puts in place of letters."""
    exact: Expr | None
    """The error exact at finite size, where it is known."""
    conditions: tuple[str, ...]
    """Where the law holds."""

    @property
    def error(self) -> Expr:
        """The test error: bias + variance + synthetic."""
        return self.bias + self.variance + self.synthetic

    @property
    def parts(self) -> dict[str, Expr]:
        """Every part by its name, the total first."""
        return {
            "total": self.error,
            "bias": self.bias,
            "variance": self.variance,
            "synthetic": self.synthetic,
        }

    def at(self, generations: int, part: str = "total") -> Expr:
        """The error, or a part of it, after a number of generations, with the problem's numbers put in.

        Returns
        -------
        error
            A fraction where it is one; beyond n = 10,000 harmonic numbers stay polygamma functions, which ``evaluate``
            knows. oo where it is infinite, as for noise of a fit with as many samples as features.

        Raises
        ------
        NotSupported
            If nothing of its kind is fitted then, or exact powers would have too many digits.
        Diverges
            If it is infinite, of a sign that is not known.
        """
        if part != "total":
            return self._at(self.parts[part], generations)
        # The sum of parts that are infinite has no sign for SymPy.
        values = [self.at(generations, name) for name in ("bias", "variance", "synthetic")]
        return oo if oo in values else self._at(self.error, generations)

    def exact_at(self, generations: int) -> Expr:
        """The same of the total that is exact at finite size.

        Raises
        ------
        NotSupported
            If no exact law is known, or as `at` does.
        """
        if self.exact is None:
            raise NotSupported("no law that is exact at finite size is known here; take at")
        return self._at(self.exact, generations)

    def _at(self, formula: Expr, generations: int) -> Expr:
        if generations < self.first:
            raise NotSupported(f"n = {generations}: the law does not say; give n >= {self.first}")
        place = Integer(generations)
        if generations > MOST_EXACT:
            if self._has_powers(formula):
                raise NotSupported(
                    f"n = {generations}: the exact number has too many digits; give n <= {MOST_EXACT}, or take "
                    "lambdify(law.error, [generations], law.problem)"
                )
            # SymPy would add up a harmonic number of so many terms.
            lettered = formula.xreplace(dict(self.numbers))
            kept = {
                node: node.func(
                    *(each.xreplace({self.count: place}) for each in node.args), evaluate=False
                )
                for node in lettered.atoms(polygamma, harmonic)
                if node.has_free(self.count)
            }
            put = lettered.xreplace(kept).xreplace({self.count: place})
        else:
            put = formula.xreplace({self.count: place})
        if put.has(Sum):
            put = put.doit()
        value = self.number(put)
        if value.has(nan):
            # Infinities of two signs may cancel: balls tell, or refuse.
            evaluate(factor(formula), self.problem, values={self.count: place})
        # Parts of an error are nonnegative, so that what is infinite is +∞.
        return oo if value.has(nan, zoo) else value

    def _has_powers(self, formula: Expr) -> bool:
        """Whether SymPy writes its numbers with a digit or more for each generation: powers with n on top."""
        return any(power.exp.has(self.count) for power in formula.atoms(Pow))

    def number(self, formula: Expr) -> Expr:
        """A formula in the problem's numbers: a rational where it is one."""
        value = formula.xreplace(dict(self.numbers))
        if value.free_symbols or isinstance(value, Rational) or not self._is_short:
            return value
        short = unfold(value)
        return short if isinstance(short, Rational) else value

    @property
    def _is_short(self) -> bool:
        """Whether traces can be written out."""
        size = self.problem.dimension
        few = is_number(size) and size <= LONGEST_UNFOLDED
        return few or isinstance(self.problem.spectrum, IsotropicSpectrum | LevelsSpectrum)

    @cached_property
    def in_numbers(self) -> ExponentialSum:
        """The sequence in the problem's numbers.

        Raises
        ------
        NotSupported
            If the problem holds symbols.
        """
        if self.sequence is None:
            raise NotSupported("the error is no sum of exponentials; see growth")
        found = self.sequence.with_terms(self.number)
        for ratio, coefficients in found.terms:
            for each in (ratio, *coefficients):
                if each.free_symbols:
                    raise NotSupported(
                        f"this needs numbers, the problem holds {_named(each.free_symbols)}; give values"
                    )
        return found

    @cached_property
    def _far(self) -> tuple[Expr, Rate, tuple[str, ...]]:
        if self.growth is not None:
            base, slope, total = self.growth
            limit = oo if total.limit is oo else base + slope * total.limit
            rate = total.rate
            if rate.kind in ("linear", "logarithmic") and rate.value is not None:
                rate = Rate(rate.kind, slope * rate.value)
            return limit, rate, ()
        assert self.sequence is not None
        return limit_of(self.sequence, self.number)

    @property
    def limit(self) -> Expr:
        """The error for n → ∞; oo where it grows for ever."""
        return self._far[0]

    @property
    def rate(self) -> Rate:
        """How the error gets there."""
        return self._far[1]

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What the limit takes for granted of letters."""
        return self._far[2]

    @cached_property
    def best_generation(self) -> FoundGeneration:
        """The number of generations at which the error is smallest, among all.

        Raises
        ------
        NotSupported
            If the problem holds symbols.
        """
        if self.growth is not None:
            return FoundGeneration(
                Integer(self.first), "every further generation adds a positive term"
            )
        return least(self.in_numbers, self.first)

    @cached_property
    def null_generation(self) -> FoundGeneration:
        """The first number of generations at which the error exceeds that of the null predictor, ‖w₀‖²_Σ.

        Raises
        ------
        NotSupported
            If the problem holds symbols and there is no closed form.
        """
        if self.growth is not None:
            return self._first_of_sum()
        assert self.sequence is not None
        formula = self._crossing()
        try:
            excess = self.in_numbers.plus(ExponentialSum.constant(-self.number(null_risk())))
        except NotSupported:
            if formula is None:
                raise
            return FoundGeneration(
                formula, "solved for n; it is the first, if it is a number >= 0 at all", formula
            )
        found = first_positive(excess, self.first)
        # The solved n says nothing where the null predictor wins at once.
        crosses = found.generation is not None and found.generation > self.first
        return FoundGeneration(found.generation, found.proof, formula if crosses else None)

    def _crossing(self) -> Expr | None:
        """The solved n, for A + B·n and for A + B·q^n."""
        assert self.sequence is not None
        constant: Expr = Integer(0)
        moving: list[tuple[Expr, tuple[Expr, ...]]] = []
        for ratio, coefficients in self.sequence.terms:
            if ratio == 1:
                constant = coefficients[0]
                moving += [(ratio, coefficients)] if len(coefficients) > 1 else []
            else:
                moving.append((ratio, coefficients))
        if len(moving) != 1:
            return None
        ((ratio, coefficients),) = moving
        if ratio == 1 and len(coefficients) == 2:
            return floor((null_risk() - constant) / coefficients[1]) + 1
        if ratio != 1 and len(coefficients) == 1:
            return floor(log((null_risk() - constant) / coefficients[0]) / log(ratio)) + 1
        return None

    def _first_of_sum(self) -> FoundGeneration:
        assert self.growth is not None
        base, slope, total = self.growth
        formula = None
        if total.rate.kind == "linear" and total.partial == total.count * total.rate.value:
            formula = floor((null_risk() - base) / (slope * total.rate.value)) + 1
        null = self.number(null_risk())
        limit = self.number(self.limit)
        if limit is not oo and not limit.has(Sum, zoo):
            gap = sign_of(limit - null)
            if gap <= 0:
                return FoundGeneration(
                    None, "never: the error rises towards a limit that is no greater"
                )
        most = MOST_GENERATIONS if total.is_closed else MOST_ADDED
        if self._has_powers(self.parts["total"]):
            most = MOST_EXACT

        def exceeds(generations: int) -> bool:
            error = self.at(generations)
            return error is oo or sign_of(error - null) > 0

        if exceeds(self.first):
            return FoundGeneration(Integer(self.first), "the error rises from there on", formula)
        low, high = self.first, self.first + 1
        while not exceeds(high):
            low, high = high, 2 * high
            if high > most:
                return FoundGeneration(
                    None, f"not before n = {low}: the error rises, and is less there"
                )
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if exceeds(middle) else (middle, high)
        return FoundGeneration(Integer(high), "bisection: the error rises with n", formula)


def _named(symbols: set[Basic]) -> str:
    return ", ".join(sorted(map(str, symbols)))
