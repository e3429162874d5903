"""Ridge generators for every spectrum: what they tend to, and how fast, without a closed form in n.

A ridge, or fewer rows than features, couples all eigenvalues: the second moments obey P ↦ D·P + K·⟨f, P⟩ + source with
functions D and f of Σ and a kernel K of rank one. Its powers have no closed form in n, but its limit has one: the mean
is fixed by one division, R by one linear equation in traces. The spectral radius is the root ρ of

    1 = tr( Σ f K/(ρ − D) ),

which falls in ρ beyond sup D, so that two signs enclose it.
"""

from dataclasses import dataclass
from typing import Any

from flint import ctx
from sympy import Basic, Expr, Integer, Lt, Max, Rational, true

from symcollapse.equivalents.designs import complement, mean
from symcollapse.evaluation.numbers import ball_at
from symcollapse.language.errors import NotSupported, PrecisionExhausted
from symcollapse.language.problems import SIGMA, W0, Problem
from symcollapse.language.quantities import quadratic_form, spectral_trace
from symcollapse.language.spectra import ExplicitSpectrum, LevelsSpectrum, Spectrum
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.unfolding import unfold
from symcollapse.recursions.moments import generation_map
from symcollapse.recursions.repeated import NUMERIC, Repetition

BITS = 256
"""Working precision of the signs that enclose the spectral radius."""

HALVINGS = 60
"""Halvings of its bracket, whose last width is 2^-60."""


@dataclass(frozen=True)
class StationaryLaw:
    """Test error after very many ridge generations."""

    bias: Expr
    """Part of the limit without any label noise."""
    noise: Expr
    """Part of the limit that label noise makes."""
    ratio_of_mean: Expr
    """Ratio at which the mean of the weights approaches its limit, in the slowest direction."""
    ratio_of_noise: tuple[Rational, Rational] | None
    """Bracket of that of second moments, proved by signs; None where the problem has letters."""
    assumptions: tuple[Basic, ...] = ()
    """What the limit takes for granted of letters: that neither means nor second moments grow for ever."""

    @property
    def limit(self) -> Expr:
        """The error for n → ∞, in the letters of the problem."""
        return self.bias + self.noise


def stationary_law(problem: Problem) -> StationaryLaw:
    """The limit of many ridge generators, each on fresh inputs, with any spectrum.

    Without real data every generation shrinks, and the limit is that of the null predictor, and the noise that the last
    generations made.

    Parameters
    ----------
    problem
        With one ``[[generations]]`` entry and no downstream fit.

    Raises
    ------
    NotSupported
        For other problems, and where second moments grow for ever. Of letters that is not known: then ``assumptions``
        say what they have to fulfil.

    Example
    -------
    >>> from symcollapse.language.problems import Generation
    >>> from symcollapse.language.spectra import PowerLawSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> entry = Generation(60, ridge="1/10", repeat=9)
    >>> law = stationary_law(Problem(PowerLawSpectrum(30, 2), UniformTarget(1), (entry,)))
    >>> law.bias, law.noise
    (<w_0|Sigma|w_0>, 0)
    """
    repetition = Repetition(problem)
    if len(problem.generations) != 1 or problem.downstream is not None:
        raise NotSupported(f"the limit is solved for one entry without a downstream fit; {NUMERIC}")
    entry = repetition.entry
    if entry.design == "shared" or entry.data == "accumulate" or entry.shift is not None:
        raise NotSupported(f"the limit is solved for fresh designs that replace; {NUMERIC}")
    if entry.real_data == "same" and entry.real_samples != 0:
        raise NotSupported(f"real_data = 'same': no closed recursion is known; {NUMERIC}")
    fit = generation_map(repetition.single, 0)
    if fit.design.recovers:
        raise NotSupported("least squares with samples >= dimension is solved by solve_generations")
    kept, lost, weight = mean(fit.design), complement(fit.design), fit.kept
    loop = _Loop(weight**2 * kept**2, s * (weight**2 * lost**2 + fit.spread) * fit.kernel())
    # Without real data the mean is forgotten: l/(1 − a) is 1, and so is what remains of w₀w₀ᵀ.
    forgets = weight == 1
    means = Integer(1) if forgets else lost / (1 - weight * kept)
    source = lost**2 + 2 * weight * kept * lost * means
    still = Integer(1) if forgets else source / (1 - loop.memory)
    feedback = loop.gain(Integer(1))
    coupling = weight**2 * lost**2 + fit.spread
    driven = _form(s * (lost**2 * (1 - 2 * weight * means) + coupling * still))
    response = spectral_trace(s * fit.kernel() / (1 - loop.memory), SIGMA) / (1 - feedback)
    numbers = dict(repetition.numbers)
    has_letters = bool(feedback.xreplace(numbers).free_symbols)
    slowest = (weight * kept).xreplace({s: largest_eigenvalue(problem.spectrum)}).xreplace(numbers)
    bounds = (Lt(slowest**2, 1), Lt(feedback.xreplace(numbers), 1)) if has_letters else ()
    return StationaryLaw(
        _form(s * still) + response * driven,
        response * fit.noise,
        slowest,
        None if has_letters else loop.radius(numbers, slowest),
        tuple(bound for bound in bounds if bound != true),
    )


@dataclass(frozen=True)
class _Loop:
    """Second moments act on themselves: P ↦ D·P, and by a kernel of rank one."""

    memory: Expr
    """D."""
    product: Expr
    """The function Σ·f·K, whose trace over ρ − D is the loop's gain."""

    def gain(self, ratio: Expr) -> Expr:
        """What comes back after one turn, weighed by 1/ρ for each generation it took."""
        return spectral_trace(self.product / (ratio - self.memory), SIGMA)

    def radius(self, numbers: dict[Basic, Basic], slowest: Expr) -> tuple[Rational, Rational]:
        """Bracket of the spectral radius: beyond sup D, where the gain is 1."""

        def is_above(ratio: Rational) -> bool:
            # The gain falls in ρ beyond sup D; below, the radius is not.
            return (
                _sign(ratio - slowest**2) > 0
                and _sign((self.gain(ratio) - 1).xreplace(numbers)) < 0
            )

        low, high = Rational(0), Rational(1)
        if not is_above(high):
            raise NotSupported("second moments grow for ever: the error has no limit")
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            low, high = (low, middle) if is_above(middle) else (middle, high)
        return low, high


def _form(function: Expr) -> Expr:
    return quadratic_form(function, SIGMA, W0)


def largest_eigenvalue(spectrum: Spectrum) -> Expr:
    """The largest eigenvalue of a spectrum.

    Example
    -------
    >>> from symcollapse.language.spectra import LevelsSpectrum
    >>> largest_eigenvalue(LevelsSpectrum([1, 4], [20, 10]))
    4
    """
    if isinstance(spectrum, LevelsSpectrum):
        return Max(*spectrum.values)
    if isinstance(spectrum, ExplicitSpectrum):
        return max(spectrum.eigenvalues)
    # The others fall in j.
    return spectrum.eigenvalue_at(Integer(1))


def _ball(value: Expr) -> Any:
    with ctx.workprec(BITS):
        found = ball_at(value, BITS)
    if found is None:
        raise PrecisionExhausted(f"{value}: not finite")
    return found


def _sign(value: Expr) -> int:
    ball = _ball(value)
    if ball < 0 or ball > 0:
        return 1 if ball > 0 else -1
    # A halving may hit a bound exactly, where it is rational.
    short = unfold(value)
    if short.is_Rational and short.is_zero:
        return 0
    raise PrecisionExhausted(f"the sign of {value} is not decided")
