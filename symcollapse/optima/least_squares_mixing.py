"""Best mixing weights of least-squares chains on fresh inputs, in closed form.

A generation with T ≥ d samples fits the labels ω·(real) + (1 − ω)·(synthetic), so its error v in the norm of Σ obeys

    v' = (1 − ω)²·(v + σ²c) + ω²·σ_r²c,    c = d/(T − d)  (exactly: d/(T − d − 1), for T ≥ d + 2).

**One weight per generation.** For every ω the right side does not decrease with v, so by induction the least v after
m + 1 generations follows from the least v after m: what is best stepwise is best in all (the principle of optimality).
The parabola A(1 − ω)² + Bω² has its minimum AB/(A + B) at ω = A/(A + B), here with A = v + σ²c, B = σ_r²c: the
least error is a harmonic sum. Generations after it that fit synthetic labels only, and a downstream fit, add to v what
does not depend on it, so the weights stay.

**The same weight in each.** The limit n → ∞ is the fixed point of the map, which contracts for 0 < ω < 2. Its minimum
over ω is where the stepwise weights tend to: v = AB/(A + B) is stationary in ω as well.
"""

from dataclasses import dataclass

from sympy import Expr, Integer, Poly, cancel, fraction, radsimp, solve, sqrt, together

from symcollapse.language import symbols
from symcollapse.language.errors import NotSupported
from symcollapse.language.exactness import exact
from symcollapse.language.naming import number_at, repetitions
from symcollapse.language.problems import Problem
from symcollapse.language.symbols import placeholder


@dataclass(frozen=True)
class LimitingWeight:
    """The best fixed weight of a long least-squares chain.

    Example
    -------
    >>> limiting_weight(1, 1).weight
    -1/2 + sqrt(5)/2
    """

    weight: Expr
    """ω*, by the noises alone: neither T nor d nor Σ is in it."""
    polynomial: Expr
    """Stationarity: the polynomial in ``symbols.real_weight`` with the root ω*."""
    error: Expr
    """Error of the limit n → ∞ as a function of ``symbols.real_weight``, in units of c = d/(T − d)."""
    least: Expr
    """That error at ω*, in the same units."""


def one_generation(error: Expr, weight: Expr, noise: Expr, real_noise: Expr) -> Expr:
    """The map v → v', in units of c = d/(T − d).

    Example
    -------
    >>> one_generation(Integer(0), Integer(1), Integer(1), Integer(3))
    9
    """
    return (1 - weight) ** 2 * (error + noise**2) + weight**2 * real_noise**2


def limiting_weight(noise: Expr | int, real_noise: Expr | int) -> LimitingWeight:
    """The weight, the same in every generation, that minimises the error of the limit n → ∞.

    Derived from the map: the fixed point is differentiated, and what can vanish in the derivative for 0 < ω ≤ 1 is a
    quadratic with one positive root.

    Parameters
    ----------
    noise, real_noise
        Standard deviations σ of synthetic and σ_r of real labels; numbers or symbols, σ not 0.

    Raises
    ------
    NotSupported
        If σ = 0: then all ω do, or ω = 0 is best.

    Example
    -------
    >>> from symcollapse.language.symbols import noise, real_noise
    >>> limiting_weight(noise, real_noise).polynomial
    omega**2*sigma_R**2 + omega*sigma**2 - sigma**2
    """
    noise, real_noise = exact(noise), exact(real_noise)
    if noise == 0:
        raise NotSupported("noise = 0: without noise of synthetic labels no weight is needed")
    weight, error = symbols.real_weight, placeholder("v")
    (limit,) = solve(one_generation(error, weight, noise, real_noise) - error, error)
    numerator, _ = fraction(together(cancel(limit.diff(weight))))
    stationary = Poly(numerator, weight)
    constant = stationary.eval(0)
    polynomial = Poly(
        {power: cancel(-(noise**2) * value / constant) for power, value in stationary.terms()},
        weight,
    )
    second, first, zeroth = (polynomial.coeff_monomial(weight**k) for k in (2, 1, 0))
    # Of the two roots this is the positive one, in a form that holds for σ_r = 0 too: there it is 1.
    root = -2 * zeroth / (first + sqrt(first**2 - 4 * second * zeroth))
    value = _radicals(root)
    return LimitingWeight(
        weight=value,
        polynomial=polynomial.as_expr(),
        error=cancel(limit),
        least=_radicals(limit.xreplace({weight: value})),
    )


def _radicals(value: Expr) -> Expr:
    """Numbers with the root in the numerator; letters as they are."""
    return value if value.free_symbols else radsimp(value).expand()


@dataclass(frozen=True)
class WeightSchedule:
    """The best weights, one per generation, and the errors they lead to."""

    weights: tuple[Expr, ...]
    """ω_0*, ω_1*, …"""
    errors: tuple[Expr, ...]
    """Least error after each generation."""

    @property
    def error(self) -> Expr:
        """Least error after the last one."""
        return self.errors[-1]


def schedule_of(noises: list[Expr], real_noises: list[Expr], shares: list[Expr]) -> WeightSchedule:
    """The best weights of generations with given noises and sizes.

    Parameters
    ----------
    noises, real_noises
        σ and σ_r of each generation.
    shares
        c = d/(T − d) of each, or d/(T − d − 1).

    Example
    -------
    For equal noises the weights are ratios of neighbouring Fibonacci numbers:

    >>> one = [Integer(1)] * 5
    >>> schedule_of(one, one, one).weights
    (1/2, 3/5, 8/13, 21/34, 55/89)
    """
    error: Expr = Integer(0)
    weights, errors = [], []
    for noise, real_noise, share in zip(noises, real_noises, shares, strict=True):
        synthetic, real = error + noise**2 * share, real_noise**2 * share
        if synthetic == 0 and real == 0:
            raise NotSupported("no label has noise: every weight is best")
        weight = cancel(synthetic / (synthetic + real))
        error = cancel(weight * real)
        weights.append(weight)
        errors.append(error)
    return WeightSchedule(tuple(weights), tuple(errors))


def schedule_in_closed_form(noise: Expr | int, real_noise: Expr | int, count: Expr | int) -> Expr:
    """The best weight of the last of ``count`` equal generations, in closed form.

    With g = σ²/σ_r² the weight obeys ω' = (ω + g)/(ω + g + 1), ω = 0 before the first. It is a Möbius map of
    determinant 1 and trace 2 + g: with x a root of x + 1/x = 2 + g its n-th power is made of (xⁿ − x⁻ⁿ)/(x − 1/x), for
    g = 1 the Fibonacci number F_2n.

    Parameters
    ----------
    noise, real_noise
        σ > 0 and σ_r > 0.
    count
        Number n of generations; a number or a symbol.

    Example
    -------
    >>> [schedule_in_closed_form(1, 1, n).nsimplify() for n in (1, 2, 3)]
    [1/2, 3/5, 8/13]
    """
    ratio = exact(noise) ** 2 / exact(real_noise) ** 2
    growth = (2 + ratio + sqrt(ratio**2 + 4 * ratio)) / 2

    def second_kind(index: Expr | int) -> Expr:
        return (growth**index - growth**-index) / (growth - 1 / growth)

    # By Cayley and Hamilton Mⁿ = u_n·M − u_{n−1}·I, applied to ω = 0: the second column.
    top = ratio * second_kind(count)
    bottom = (1 + ratio) * second_kind(count) - second_kind(count - 1)
    return top / bottom


def least_squares_schedule(problem: Problem, *, exact: bool = False) -> WeightSchedule:
    """The best weights of the generations of a problem, one each.

    Parameters
    ----------
    problem
        Generations that are least-squares fits of fresh inputs, T > d, on their own labels alone. Numbers or symbols; the
        weights that it states are not used.
    exact
        By the law that is exact at finite size, T ≥ d + 2, instead of the proportional limit.

    Raises
    ------
    NotSupported
        If a generation is of another kind.

    Example
    -------
    >>> from symcollapse.language.problems import Generation
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> chain = (Generation(9, noise=1, repeat=3),)
    >>> least_squares_schedule(Problem(IsotropicSpectrum(3), UniformTarget(1), chain)).weights
    (1/2, 3/5, 8/13)
    """
    noises: list[Expr] = []
    real_noises: list[Expr] = []
    shares: list[Expr] = []
    for position, entry in enumerate(problem.generations):
        plain = entry.data == "replace" and entry.design == "fresh" and entry.real_samples == 0
        own = entry.spectrum is None and entry.shift is None and entry.features is None
        if not plain or not own or entry.ridge != 0:
            raise NotSupported(
                f"generations.{position}: the closed form is that of least squares on fresh inputs; "
                "optimal_real_weights finds the weights in numbers"
            )
        for _ in range(repetitions(entry)):
            at = {symbols.generation: Integer(len(noises))}
            samples = entry.samples.xreplace(at).doit()
            surplus = samples - problem.dimension - (1 if exact else 0)
            if surplus.is_nonpositive:
                raise NotSupported(
                    f"generations.{position}.samples = {samples}: the closed form needs samples > dimension"
                    f"{' + 1' if exact else ''}"
                )
            own_fit = type(entry)(samples)
            for values, value in (
                (noises, entry.noise),
                (real_noises, entry.deviation_of_real_labels),
            ):
                values.append(number_at(problem, own_fit, value.xreplace(at).doit()))
            shares.append(problem.dimension / surplus)
    if not noises:
        raise NotSupported("generations: there are none; give one at least")
    return schedule_of(noises, real_noises, shares)
