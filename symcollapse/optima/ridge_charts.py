"""The test error as a function of the effective ridge of the tested fit, and of nothing else.

The ridge λ = κ·(1 − df₁(κ)/T) increases with κ, so the error is looked at as a function of κ: no equation has to be
solved on the way. Three charts cover every ridge, 0 and ∞ included: κ itself from its least value on, ln κ, and 1/κ.
"""

from dataclasses import dataclass, replace
from enum import Enum

from sympy import Expr, Integer, Symbol, oo

from symcollapse.evaluation.numbers import in_numbers
from symcollapse.language.effective_ridges import EffectiveRidge, ResidualDegreesOfFreedom
from symcollapse.language.errors import NotEvaluable, NotSupported
from symcollapse.language.naming import named_fits
from symcollapse.language.pipelines import pipeline_of
from symcollapse.language.problems import SIGMA, Generation, Problem
from symcollapse.language.quantities import SpectralTrace
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.optima.finite_errors import require_finite
from symcollapse.theory.test_errors import test_error


class Chart(Enum):
    """The variable that the error is a function of."""

    SMALL = "kappa"
    MIDDLE = "ln kappa"
    LARGE = "1/kappa"


@dataclass(frozen=True)
class TunedError:
    """The error of a problem, in numbers but for the ridge λ of the tested fit."""

    problem: Problem
    """The problem with the ridge 1 in the tested fit."""
    letter: Symbol
    """λ of the tested fit."""
    parts: dict[str, Expr]
    """Total, bias, variance and synthetic; they hold λ in κ(λ, T) and in T − df₂ alone."""
    effective_ridge: EffectiveRidge
    """κ(λ, T)."""
    residual: Expr
    """T − df₂(κ), as it stands in the parts."""
    is_determined: bool
    """Whether T ≥ d, so that κ begins at 0."""

    @property
    def samples(self) -> Expr:
        """The number of samples T of the tested fit."""
        return self.effective_ridge.samples

    @property
    def least_effective_ridge(self) -> Expr:
        """κ at λ = 0."""
        return EffectiveRidge(0, self.samples, self.problem.spectrum)

    @property
    def slack(self) -> Expr:
        """T − df₁(κ), which is Tλ/κ; where T ≥ d, of positive terms only."""
        kappa, spectrum = self.effective_ridge, self.problem.spectrum
        if not self.is_determined:
            return self.samples - SpectralTrace(s / (s + kappa), spectrum)
        surplus = self.samples - self.problem.dimension
        return surplus + kappa * SpectralTrace(1 / (s + kappa), spectrum)

    @property
    def ridge(self) -> Expr:
        """λ as a function of κ."""
        return self.effective_ridge * self.slack / self.samples

    def residual_in(self, chart: Chart) -> Expr:
        """T − df₂(κ) in the form that keeps its digits in a chart."""
        kappa, spectrum = self.effective_ridge, self.problem.spectrum
        if chart is Chart.LARGE:
            return self.samples - SpectralTrace(s**2 / (s + kappa) ** 2, spectrum)
        return self.slack + kappa * SpectralTrace(s / (s + kappa) ** 2, spectrum)


def tuned_problem(problem: Problem) -> Problem:
    """The problem with the ridge 1 in the tested fit alone.

    Without a downstream fit, the last generation is tested; of a repeated one the last repetition is taken out.

    Raises
    ------
    NotEvaluable
        If the problem holds symbols.

    Example
    -------
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> chain = Problem(IsotropicSpectrum(3), UniformTarget(1), (Generation(9, repeat=4),))
    >>> [(entry.repeat, entry.ridge) for entry in tuned_problem(chain).generations]
    [(3, 0), (1, 1)]
    """
    if problem.is_symbolic:
        raise NotEvaluable(
            "the problem holds symbols, an optimal ridge is a number; give numbers for all of them"
        )
    if problem.downstream is not None:
        return replace(problem, downstream=replace(problem.downstream, ridge=1))
    active = [entry for entry in problem.generations if entry.repeat != 0]
    last = active[-1]
    earlier: list[Generation] = active[:-1]
    if last.repeat != 1:
        earlier.append(replace(last, repeat=last.repeat - 1))
    design = last.design if earlier else "fresh"
    tested = replace(last, repeat=1, design=design, ridge=1)
    return replace(problem, generations=(*earlier, tested))


def tuned_error(problem: Problem) -> TunedError:
    """The test error of a problem, in numbers but for the ridge of its tested fit.

    Raises
    ------
    NotEvaluable
        If the problem holds symbols.
    NotSupported
        If the tested fit shares its inputs with an earlier one, or has no effective ridge of its own.

    Example
    -------
    >>> tuned = tuned_error(Problem.from_file("figure-1a"))
    >>> tuned.letter, tuned.effective_ridge, tuned.slack
    (lambda, kappa(lambda, 1000), kappa(lambda, 1000)*tr(1/(Sigma + kappa(lambda, 1000))) + 700)
    """
    tuned = tuned_problem(problem)
    named = named_fits(tuned)[-1]
    letter, spectrum = named.ridge, tuned.spectrum
    samples = _rows(tuned)
    error = test_error(tuned)
    return TunedError(
        problem=tuned,
        letter=letter,
        parts={
            name: require_finite(in_numbers(part, tuned, (letter,)), tuned)
            for name, part in error.parts.items()
            if name not in ("clean", "shift")
        },
        effective_ridge=EffectiveRidge(letter, samples, spectrum),
        residual=ResidualDegreesOfFreedom(samples, letter, letter, spectrum),
        is_determined=bool(samples >= tuned.dimension),
    )


def _rows(tuned: Problem) -> Expr:
    """The number of rows N of the tested fit, which none of the earlier fits has seen."""
    if tuned.replaces:
        last = tuned.generations[-1] if tuned.downstream is None else tuned.downstream
        if isinstance(last, Generation) and last.design == "shared":
            raise NotSupported("the tested fit shares its inputs with an earlier fit")
        return last.samples
    pipeline = pipeline_of(tuned)
    last_fit = len(pipeline.fits) - 1
    seen = pipeline.inputs_of(last_fit)
    if any(set(seen) & set(pipeline.inputs_of(fit)) for fit in range(last_fit)):
        raise NotSupported("the tested fit shares its inputs with an earlier fit")
    alone = pipeline.fits[last_fit].features is None
    if not alone or any(pipeline.inputs[each].covariance != SIGMA for each in seen):
        raise NotSupported("the tested fit has no effective ridge of its own")
    return pipeline.rows(last_fit)


def extreme_eigenvalues(problem: Problem) -> tuple[list[Expr], list[Expr]]:
    """Candidates for the smallest and for the largest eigenvalue; no smallest one in infinite dimension.

    Example
    -------
    >>> extreme_eigenvalues(Problem.from_file("figure-1b"))
    ([1/90000], [1])
    """
    spectrum = problem.spectrum
    listed = getattr(spectrum, "eigenvalues", None) or getattr(spectrum, "values", None)
    if listed is not None:
        return list(listed), list(listed)
    size = spectrum.dimension
    smallest = [] if size is oo else [spectrum.eigenvalue_at(size)]
    return smallest, [spectrum.eigenvalue_at(Integer(1))]
