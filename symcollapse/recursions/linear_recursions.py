"""First-order linear recursions with constant coefficients, solved in closed form.

The solution of x_{m+1} = q·x_m + f(m) is a sum of terms c·m^k·r^m where f is one. A term of another ratio than q
passes through with its polynomial changed; a term of the same ratio resonates, and its polynomial grows by one degree.
Which of the two holds is decided by the caller, who knows the numbers: with letters alone, ratios that are written
differently count as different.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sympy import Add, Expr, Integer, binomial

from symcollapse.language.errors import NotSupported

ZERO = Integer(0)
"""Where recursions start."""

Equal = Callable[[Expr, Expr], bool]
"""Whether two ratios are equal."""


def written_alike(first: Expr, second: Expr) -> bool:
    """Whether two ratios are written alike.

    Example
    -------
    >>> written_alike(Integer(1), Integer(2))
    False
    """
    return first == second


@dataclass(frozen=True)
class Rate:
    """How a sequence goes to its limit, or to infinity."""

    kind: str
    """constant; geometric (distance to the limit); power or logarithmic (distance, or growth); linear, polynomial
    or exponential growth; not known."""
    value: Expr | None = None
    """Ratio, slope, exponent of n, or factor of log n."""

    def __str__(self) -> str:
        words = {
            "geometric": "to the limit like {}^n",
            "power": "to the limit like n^{}",
            "logarithmic approach": "to the limit like 1/log n",
            "linear": "grows like {}*n",
            "polynomial": "grows like n^{}",
            "logarithmic": "grows like {}*log n",
            "exponential": "grows like {}^n",
        }
        if self.kind == "geometric" and self.value is None:
            return "to the limit geometrically"
        value = f"({self.value})" if self.value is not None and self.value.args else self.value
        return words.get(self.kind, self.kind).format(value)


@dataclass(frozen=True)
class ExponentialSum:
    """A sequence Σ_j p_j(m)·r_j^m, with polynomials p_j.

    Example
    -------
    >>> from symcollapse.language.symbols import generations
    >>> sequence = ExponentialSum(((Integer(2), (Integer(5), Integer(3))),))
    >>> sequence.at(generations)
    2**n*(3*n + 5)
    """

    terms: tuple[tuple[Expr, tuple[Expr, ...]], ...] = ()
    """Pairs (ratio, coefficients of the polynomial from the constant on); no ratio twice."""

    @classmethod
    def constant(cls, value: Expr) -> "ExponentialSum":
        """The sequence that is the same everywhere.

        Example
        -------
        >>> ExponentialSum.constant(Integer(3)).terms
        ((1, (3,)),)
        """
        return cls(((Integer(1), (value,)),) if value != 0 else ())

    def at(self, count: Expr) -> Expr:
        """The term of the sequence at a place, which may be a symbol."""
        return Add(
            *(
                Add(*(each * count**power for power, each in enumerate(coefficients)))
                * ratio**count
                for ratio, coefficients in self.terms
            )
        )

    def plus(self, other: "ExponentialSum", equal: Equal = written_alike) -> "ExponentialSum":
        """The sum of two sequences.

        Example
        -------
        >>> one = ExponentialSum.constant(Integer(1))
        >>> one.plus(one).terms
        ((1, (2,)),)
        """
        kept = list(self.terms)
        for ratio, coefficients in other.terms:
            for place, (known, present) in enumerate(kept):
                if equal(known, ratio):
                    longer = max(len(present), len(coefficients))
                    padded = [
                        Add(*(each[power] for each in (present, coefficients) if power < len(each)))
                        for power in range(longer)
                    ]
                    kept[place] = (known, tuple(padded))
                    break
            else:
                kept.append((ratio, coefficients))
        return ExponentialSum(tuple(filter(None, map(_trimmed, kept))))

    def times(self, factor: Expr) -> "ExponentialSum":
        """A multiple of the sequence.

        Example
        -------
        >>> ExponentialSum.constant(Integer(3)).times(Integer(2)).terms
        ((1, (6,)),)
        """
        if factor == 0:
            return ExponentialSum()
        return ExponentialSum(
            tuple((ratio, tuple(factor * each for each in all_)) for ratio, all_ in self.terms)
        )

    def with_terms(self, change: Callable[[Expr], Expr]) -> "ExponentialSum":
        """The sequence with every ratio and coefficient replaced, as by numbers."""
        changed = (
            (change(ratio), tuple(change(each) for each in all_)) for ratio, all_ in self.terms
        )
        return ExponentialSum(tuple(filter(None, map(_trimmed, changed))))

    def one_before(self) -> "ExponentialSum":
        """The sequence x_{m−1}.

        Example
        -------
        >>> ExponentialSum(((Integer(1), (Integer(0), Integer(3))),)).one_before().terms
        ((1, (-3, 3)),)
        """
        moved = []
        for ratio, all_ in self.terms:
            signs = [
                Add(*(binomial(j, k) * (-1) ** (j - k) * c for j, c in enumerate(all_) if j >= k))
                for k in range(len(all_))
            ]
            moved.append((ratio, tuple(each / ratio for each in signs)))
        return ExponentialSum(tuple(filter(None, map(_trimmed, moved))))

    def difference(self) -> "ExponentialSum":
        """The sequence x_{m+1} − x_m.

        Example
        -------
        >>> ExponentialSum(((Integer(2), (Integer(5),)),)).difference().terms
        ((2, (5,)),)
        >>> ExponentialSum.constant(Integer(7)).difference().terms
        ()
        """
        stepped = []
        for ratio, coefficients in self.terms:
            moved = tuple(
                ratio * Add(*(binomial(j, k) * c for j, c in enumerate(coefficients) if j >= k))
                - coefficients[k]
                for k in range(len(coefficients))
            )
            stepped.append((ratio, moved))
        return ExponentialSum(tuple(filter(None, map(_trimmed, stepped))))


def _trimmed(term: tuple[Expr, tuple[Expr, ...]]) -> tuple[Expr, tuple[Expr, ...]] | None:
    """The term without leading zeros, or None where nothing is left."""
    ratio, coefficients = term
    while coefficients and coefficients[-1] == 0:
        coefficients = coefficients[:-1]
    return (ratio, coefficients) if coefficients else None


def solve_recursion(
    factor: Expr,
    forcing: ExponentialSum,
    initial: Expr = ZERO,
    equal: Equal = written_alike,
) -> ExponentialSum:
    """The sequence with x_0 = initial and x_{m+1} = factor·x_m + forcing(m).

    Parameters
    ----------
    factor
        q, not 0.
    forcing
        f.
    initial
        x_0.
    equal
        Whether two ratios are equal; decides where the forcing resonates.

    Raises
    ------
    NotSupported
        If the factor is 0: then nothing recurs.

    Example
    -------
    >>> from symcollapse.language.symbols import generations
    >>> solve_recursion(Integer(1), ExponentialSum.constant(Integer(3))).at(generations)
    3*n
    >>> solve_recursion(Integer(2), ExponentialSum.constant(Integer(3))).at(generations)
    3*2**n - 3
    """
    if factor == 0:
        raise NotSupported("a recursion of factor 0 forgets its past at once; nothing is to solve")
    solution = ExponentialSum()
    for ratio, coefficients in forcing.terms:
        if equal(ratio, factor):
            polynomial = _resonant(factor, coefficients)
            solution = solution.plus(ExponentialSum(((factor, polynomial),)), equal)
        else:
            polynomial = _passed_through(ratio, factor, coefficients)
            solution = solution.plus(ExponentialSum(((ratio, polynomial),)), equal)
    start = initial - solution.at(Integer(0))
    own = _trimmed((factor, (start,)))
    return solution.plus(ExponentialSum((own,) if own else ()), equal)


def _passed_through(ratio: Expr, factor: Expr, forcing: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """The polynomial p with ratio·p(m + 1) − factor·p(m) equal to the forcing's."""
    found: list[Expr] = [Integer(0)] * len(forcing)
    for k in range(len(forcing) - 1, -1, -1):
        higher = Add(*(binomial(j, k) * found[j] for j in range(k + 1, len(forcing))))
        found[k] = (forcing[k] - ratio * higher) / (ratio - factor)
    return tuple(found)


def _resonant(factor: Expr, forcing: tuple[Expr, ...]) -> tuple[Expr, ...]:
    """The polynomial p without constant, with factor·(p(m + 1) − p(m)) equal to the forcing's."""
    degree = len(forcing)
    found: list[Expr] = [Integer(0)] * (degree + 1)
    for k in range(degree - 1, -1, -1):
        higher = Add(*(binomial(j, k) * found[j] for j in range(k + 2, degree + 1)))
        found[k + 1] = (forcing[k] / factor - higher) / (k + 1)
    return tuple(found)
