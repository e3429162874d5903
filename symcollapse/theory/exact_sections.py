"""What the sections of a pipeline hand on to each other, and what they need to know of its sizes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sympy import Basic, Expr, Integer, expand, oo

from symcollapse.language.effective_ridges import WishartDeficit, WishartSurplus
from symcollapse.language.joint_spectra import joint_spectrum
from symcollapse.language.naming import named_parts, substitution
from symcollapse.language.pipelines import Pipeline
from symcollapse.language.problems import SIGMA, Problem
from symcollapse.language.quantities import quadratic_form, spectral_trace
from symcollapse.language.spectra import Covariance, IsotropicSpectrum
from symcollapse.language.symbols import dimension
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.theory.matrix_beta_moments import passed_energy

EDGE = " = d - 1, d, d + 1: infinite"
"""Sizes at which E W† does not exist, as a condition says it after N."""


@dataclass(frozen=True)
class Sizes:
    """A pipeline in letters, the same with its numbers, and what follows from the numbers.

    Example
    -------
    >>> from symcollapse.language.pipelines import pipeline_of
    >>> from symcollapse.language.problems import Generation
    >>> from symcollapse.language.targets import UniformTarget
    >>> problem = Problem(IsotropicSpectrum(3), UniformTarget(1), (Generation(9),))
    >>> pipeline = pipeline_of(problem)
    >>> Sizes.of(problem, pipeline, pipeline).surplus((0,))
    6
    """

    problem: Problem
    pipeline: Pipeline
    values: Pipeline
    numbers: Mapping[Basic, Basic]
    """What the letters stand for."""

    @classmethod
    def of(cls, problem: Problem, pipeline: Pipeline, values: Pipeline) -> "Sizes | None":
        """The sizes, or None where some are no numbers."""
        numbers = [each.samples for each in values.inputs]
        if not all(size.is_Integer for size in (*numbers, problem.dimension)):
            return None
        return cls(problem, pipeline, values, substitution(problem))

    def rows(self, inputs: tuple[int, ...]) -> Expr:
        """Rows of several inputs, in letters."""
        return sum((self.pipeline.inputs[each].samples for each in inputs), Integer(0))

    def surplus(self, inputs: tuple[int, ...]) -> int:
        """The number N − d."""
        rows = sum(int(self.values.inputs[each].samples) for each in inputs)
        return rows - int(self.problem.dimension)

    def vanishes(self, value: Expr) -> bool:
        """Whether a number of the problem is zero, in letters or put in."""
        if value.is_Rational:
            return value == 0
        put_in = value.xreplace(dict(self.numbers))
        # Letters that stand for no number may still cancel each other.
        return (put_in if put_in.is_number else expand(put_in)) == 0

    def covariance(self, inputs: tuple[int, ...]) -> Covariance | None:
        """The covariance of all these inputs, None if they have several."""
        found = {self.pipeline.inputs[each].covariance for each in inputs}
        return found.pop() if len(found) == 1 else None

    def kept(self, inputs: tuple[int, ...]) -> Expr | None:
        """E P, as a number: 1, N/d for isotropic inputs, or None where it is not known."""
        covariance = self.covariance(inputs)
        if covariance is None:
            return None
        if self.surplus(inputs) >= 0:
            return Integer(1)
        spectra = {SIGMA: self.problem.spectrum, **dict(named_parts(self.problem).spectra)}
        isotropic = all(
            isinstance(spectra[each], IsotropicSpectrum) for each in (SIGMA, covariance)
        )
        return self.rows(inputs) / dimension if isotropic else None

    def passed(self, part: tuple[int, ...], inputs: tuple[int, ...]) -> Expr | None:
        """The factor E‖C†W e‖²_Σ/‖e‖²_Σ, infinite where it is; None where it is not known."""
        if self.covariance(inputs) != SIGMA:
            # The error is measured in another covariance than that in which W is rotation invariant.
            return None
        rest = tuple(each for each in inputs if each not in part)
        factor = passed_energy(
            self.rows(part), self.rows(rest), self.surplus(inputs), self.problem.dimension
        )
        return oo if factor is None else factor

    def common_weight(self, fit: int) -> Expr | None:
        """The weight of all inputs of a fit, None where they differ."""
        weights = list(self.pipeline.weights(fit).values())
        alike = all(self.vanishes(weight - weights[0]) for weight in weights)
        return expand(weights[0]) if alike and not self.vanishes(weights[0]) else None


@dataclass(frozen=True)
class Kernel:
    """E tr ΣC† and where it is so."""

    trace: Expr
    condition: str


def kernel(inputs: tuple[int, ...], sizes: Sizes) -> Kernel:
    """The trace E tr ΣC†, of inputs with one covariance, isotropic where N < d.

    Example
    -------
    >>> from symcollapse.language.pipelines import pipeline_of
    >>> from symcollapse.language.problems import Generation
    >>> from symcollapse.language.targets import UniformTarget
    >>> problem = Problem(IsotropicSpectrum(3), UniformTarget(1), (Generation(9),))
    >>> pipeline = pipeline_of(problem)
    >>> kernel((0,), Sizes.of(problem, pipeline, pipeline)).trace
    d/(8 - d)
    """
    covariance = sizes.covariance(inputs)
    assert covariance is not None
    rows, surplus = sizes.rows(inputs), sizes.surplus(inputs)
    trace: Expr = dimension
    if covariance != SIGMA:
        joint = joint_spectrum([SIGMA, covariance])
        own = dict(zip(joint.members, joint.variables, strict=True))
        trace = spectral_trace(own[SIGMA] / own[covariance], joint)
    if surplus >= 2:
        return Kernel(trace / WishartSurplus(rows, SIGMA), f"{rows} >= d + 2")
    if surplus <= -2:
        return Kernel(trace * rows / (dimension * WishartDeficit(rows, SIGMA)), f"{rows} <= d - 2")
    return Kernel(oo, f"{rows}{EDGE}")


@dataclass(frozen=True)
class Outcome:
    """The test error after some fits, in parts."""

    unrecovered: Expr
    """Share of ‖w₀‖²_Σ."""
    noises: Mapping[int, Expr]
    """What the noise of each set of labels adds."""
    shifts: Mapping[int, Expr]
    """What the shift of each adds."""
    conditions: tuple[str, ...]

    @property
    def is_null(self) -> bool:
        """Whether there is no error at all."""
        return self.unrecovered == 0 and not self.noises and not self.shifts

    def passed_on(self, factor: Expr, added: Expr) -> "Outcome":
        """After a fit that multiplies the error by a factor and adds to the bias."""

        def scaled(parts: Mapping[int, Expr]) -> dict[int, Expr]:
            return {} if factor == 0 else {at: factor * value for at, value in parts.items()}

        before = Integer(0) if factor == 0 or self.unrecovered == 0 else factor * self.unrecovered
        return Outcome(before + added, scaled(self.noises), scaled(self.shifts), self.conditions)

    def with_noise(self, labels: int, factor: Expr, trace: Kernel, sizes: Sizes) -> "Outcome":
        """With factor·σ²·E tr ΣC† for the noise of some labels; nothing where there is none."""
        deviation = sizes.pipeline.labels[labels].noise
        if sizes.vanishes(factor * deviation):
            return self
        value = self.noises.get(labels, Integer(0)) + factor * deviation**2 * trace.trace
        return replace(self, noises={**self.noises, labels: value}).needing(trace.condition)

    def with_shift(self, labels: int, factor: Expr, sizes: Sizes) -> "Outcome":
        """With factor·E‖δ‖²_Σ for the shift of some labels; nothing where there is none."""
        shift = sizes.pipeline.labels[labels].shift
        if shift is None or sizes.vanishes(factor):
            return self
        value = self.shifts.get(labels, Integer(0)) + factor * quadratic_form(s, SIGMA, shift)
        return replace(self, shifts={**self.shifts, labels: value})

    def joined(self, other: "Outcome") -> "Outcome":
        """With what other labels add."""
        assert not {*self.noises} & {*other.noises}
        joined = Outcome(
            self.unrecovered + other.unrecovered,
            {**self.noises, **other.noises},
            {**self.shifts, **other.shifts},
            self.conditions,
        )
        return joined.needing(*other.conditions)

    def needing(self, *conditions: str) -> "Outcome":
        """Under further conditions."""
        known = dict.fromkeys((*self.conditions, *conditions))
        says_more = {" >= d + 2": (" >= d",), " <= d - 2": (" < d",), EDGE: (" >= d", " < d")}
        implied = {
            each.removesuffix(more) + less
            for each in known
            for more, weaker in says_more.items()
            for less in weaker
            if each.endswith(more)
        }
        return replace(self, conditions=tuple(each for each in known if each not in implied))
