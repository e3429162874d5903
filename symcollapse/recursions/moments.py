"""One generation as an affine map of a few numbers.

Let e = ŵ − w₀ be the error of the labelling predictor, with mean −u(Σ)w₀ and second moment P(Σ), and let a fit see N
rows, a share α of them labelled by it. On these rows the labels carry real labels of weight ω, so that the fit is drawn
to b·e with b = α(1 − ω) on average over rows. With A the map of one design of N rows (`designs`: its `mean` a, its
`complement` l = 1 − a, its `noise_kernel` K), in the proportional limit

    e' = −l·w₀ + a·b·e + (noise of covariance K·R),
    R  = mean noise of labels + mean over rows of E‖l·(w₀ + b·e)‖²_Σ + (α(1 − ω)² − b²)·E‖e‖²_Σ.

The last term is the variance of the labels' source from row to row: it is 0 unless real and synthetic rows are
pooled. For one kind of rows R is σ² + E‖l(w₀ + e)‖²_Σ, which is `fluctuation` read from the side of the weights.

The map closes on two numbers in two cases: least squares with N ≥ d, for every Σ (l = 0, so P = π·Σ⁻¹ + θ·Δ), and
any fit for Σ = s·I, where all functions of Σ are numbers.
"""

from dataclasses import dataclass

from sympy import Expr, Integer

from symcollapse.equivalents.designs import Design, complement, mean, noise_kernel
from symcollapse.language.effective_ridges import WishartSurplus
from symcollapse.language.errors import NotSupported
from symcollapse.language.fits import Fit
from symcollapse.language.problems import SIGMA, W0, Downstream, Generation, Problem
from symcollapse.language.quantities import quadratic_form, spectral_trace
from symcollapse.language.spectra import IsotropicSpectrum
from symcollapse.language.symbols import dimension, generation
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.targets import Truth, truth
from symcollapse.language.written_numbers import written_number

SCHEDULE_CHECKED = 64
"""Generations of a schedule at which T_m ≥ d is tried where it cannot be told for all m."""


@dataclass(frozen=True)
class GenerationMap:
    """What one fit does to the moments of the error."""

    design: Design
    """The map of a design of as many rows as the fit sees."""
    kept: Expr
    """b: weight of the synthetic labels, over all rows."""
    spread: Expr
    """α(1 − ω)² − b²: variance of the labels' source over the rows, per E‖e‖²."""
    noise: Expr
    """Mean variance of the labels' noise, over all rows."""
    shift: Truth | None
    """Shift of the labelling weights."""
    scale: Expr | None
    """s, for Σ = s·I; None for other spectra."""

    @property
    def closes(self) -> bool:
        """Whether two numbers carry the moments on."""
        return self.design.recovers or self.scale is not None

    def kernel(self, *, exact: bool = False) -> Expr:
        """E[KKᵀ] as a function of s; exact at finite size for least squares, if asked for."""
        if exact:
            return 1 / (s * WishartSurplus(self.design.samples, SIGMA))
        return noise_kernel(self.design, 0)

    def functional(self, function: Expr) -> Expr:
        """The trace of a function of Σ."""
        if self.scale is not None:
            return dimension * function.xreplace({s: self.scale})
        return spectral_trace(function, SIGMA)

    def of_truth(self, function: Expr, whose: Truth = W0) -> Expr:
        """The form ⟨w|Σ·f(Σ)|w⟩."""
        if self.scale is not None:
            return quadratic_form(s, SIGMA, whose) * function.xreplace({s: self.scale})
        return quadratic_form(s * function, SIGMA, whose)


@dataclass(frozen=True)
class Moments:
    """The two numbers: of least squares (θ, π), of isotropic data (u, E‖e‖²_Σ)."""

    first: Expr
    second: Expr

    def __add__(self, other: "Moments") -> "Moments":
        return Moments(self.first + other.first, self.second + other.second)


@dataclass(frozen=True)
class Response:
    """What a fit makes of moments: those of its own error, and E‖e'‖²_Σ."""

    moments: Moments
    error: Expr


def respond(
    fit: GenerationMap,
    moments: Moments,
    *,
    isotropic: bool,
    constant: Expr,
    noise: Expr,
    exact: bool = False,
) -> Response:
    """One fit, linear in the moments, in the truth (constant = 1; 0 leaves it out) and in the labels' noise.

    Parameters
    ----------
    fit
        The map.
    moments
        Those of the labelling predictor.
    isotropic
        Which two numbers the moments are.
    constant
        1 for the truth and for shifts, 0 without.
    noise
        Mean variance of the labels' noise.
    exact
        With the kernel that is exact at finite size.

    Example
    -------
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> problem = Problem(IsotropicSpectrum(3), UniformTarget(1), (Generation(9, noise=1),))
    >>> found = generation_map(problem, 0)
    >>> start = Moments(Integer(0), Integer(0))
    >>> respond(found, start, isotropic=True, constant=Integer(1), noise=found.noise).error
    d*sigma_0**2/(T_0 - d)
    """
    kept, lost = mean(fit.design), complement(fit.design)
    weight = fit.kept

    def energy(function: Expr) -> Expr:
        """The form E eᵀΣf(Σ)e, with the shift of these labels."""
        shifted = constant * fit.of_truth(function, fit.shift) if fit.shift is not None else 0
        if isotropic:
            assert fit.scale is not None
            return moments.second * function.xreplace({s: fit.scale}) + shifted
        own = moments.second * spectral_trace(function, SIGMA) + shifted
        if moments.first != 0:
            own += moments.first * _form_of_shift(fit, function)
        return own

    # In least squares e has mean 0, and θ is no part of it.
    means = moments.first if isotropic else Integer(0)
    residual = (
        noise
        + fit.of_truth(lost**2) * (constant - 2 * weight * means)
        + energy(weight**2 * lost**2 + fit.spread)
    )
    kernel = fit.kernel(exact=exact)
    error = (
        fit.of_truth(lost**2) * constant
        + 2 * weight * means * fit.of_truth(lost * kept)
        + energy(weight**2 * kept**2)
        + fit.functional(s * kernel) * residual
    )
    if isotropic:
        assert fit.scale is not None
        at_scale = {s: fit.scale}
        first = constant * lost.xreplace(at_scale) + weight * means * kept.xreplace(at_scale)
        return Response(Moments(first, error), error)
    if not fit.design.recovers:
        return Response(Moments(Integer(0), Integer(0)), error)
    shift = constant if fit.shift is not None else Integer(0)
    level = weight**2 * moments.second + s * kernel * residual
    return Response(Moments(weight**2 * (moments.first + shift), level), error)


def _form_of_shift(fit: GenerationMap, function: Expr) -> Expr:
    # Shifts of earlier generators have one name: that of the repeated entry.
    return fit.of_truth(function, SHIFT)


SHIFT = truth("delta_0")
"""Shift of the repeated generators."""


def generation_map(problem: Problem, position: int, *, at: Expr | None = None) -> GenerationMap:
    """The map of the fit at a position of a problem, in letters where the problem has numbers.

    Parameters
    ----------
    problem
        The problem.
    position
        Entry, from 0; the downstream fit comes last.
    at
        Number of the generation in its chain, for a schedule; None for entries without one.

    Raises
    ------
    NotSupported
        For fits of which this recursion knows nothing.

    Example
    -------
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> entry = Generation(9, real_samples=8)
    >>> problem = Problem(IsotropicSpectrum(3), UniformTarget(1), (entry,))
    >>> generation_map(problem, 0).kept
    T_0/(T_0 + T_R0)
    """
    place, fit = problem.fits[position]
    assert isinstance(fit, Generation | Downstream)
    for key in ("spectrum", "features"):
        if getattr(fit, key) is not None:
            raise NotSupported(
                f"{place}.{key}: no closed recursion is known; sc.state_evolution follows it in numbers"
            )
    size = written(problem, position, "samples", at)
    real = written(problem, position, "real_samples", at)
    weight = written(problem, position, "real_weight", at)
    deviation = written(problem, position, "noise", at)
    of_real = written(problem, position, "real_noise", at)
    if weight == 1:
        raise NotSupported(f"{place}.real_weight = 1: nothing is synthetic; take fewer generations")
    rows = size + real
    share = size / rows if real != 0 else Integer(1)
    kept = share * (1 - weight)
    synthetic = share * (1 - weight) ** 2 * deviation**2
    if weight != 0 and fit.real_data == "same":
        # The first labels of these inputs are those of the first fit: e_m = c + f_m with c = X†E_0 for ever, so
        # E‖e_{m+1}‖² = (1 − ω)²E‖e_m‖² + E‖X†E‖².
        synthetic, of_real = share * deviation**2, Integer(0)
    # `real_noise` is that of real labels, on the same inputs and on real samples.
    real_part = share * weight**2 * of_real**2 + (1 - share) * of_real**2
    ridge = written(problem, position, "ridge", at)
    determined = is_determined(problem, fit)
    if ridge == 0 and determined is None:
        raise NotSupported(
            f"{place}: whether its rows are as many as the dimension is not decided; give numbers"
        )
    design = Design(0, rows, (ridge,), SIGMA, determined=determined is True)
    spectrum = problem.spectrum
    return GenerationMap(
        design,
        kept,
        share * (1 - weight) ** 2 - kept**2 if real != 0 else Integer(0),
        synthetic + real_part,
        None if fit.shift is None else truth(f"delta_{position}"),
        spectrum.scale if isinstance(spectrum, IsotropicSpectrum) else None,
    )


def is_determined(problem: Problem, fit: Fit) -> bool | None:
    """Whether a fit sees at least as many rows as the dimension, in every generation; None if that is open.

    Example
    -------
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> problem = Problem(IsotropicSpectrum(3), UniformTarget(1), (Generation(9),))
    >>> is_determined(problem, problem.generations[0])
    True
    """
    surplus = (fit.samples + fit.real_samples).xreplace({dimension: problem.dimension})
    surplus -= problem.dimension
    decided = surplus.is_extended_nonnegative
    if decided is None and surplus.free_symbols == {generation}:
        tried = [
            surplus.xreplace({generation: Integer(m)}).is_extended_nonnegative
            for m in range(SCHEDULE_CHECKED)
        ]
        return None if None in tried else all(tried)
    return decided


def written(problem: Problem, position: int, key: str, at: Expr | None = None) -> Expr:
    """How a number of a fit is written in formulas; a schedule needs the number of the generation.

    Example
    -------
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> problem = Problem(IsotropicSpectrum(3), UniformTarget(1), (Generation(9, noise=2),))
    >>> written(problem, 0, "noise"), written(problem, 0, "ridge")
    (sigma_0, 0)
    """
    value = written_number(problem, position, key, at)
    if at is None and value.has(generation):
        raise NotSupported(
            f"{problem.fits[position][0]}.{key} = {value}: a schedule is solved for least squares with "
            "samples >= dimension that replaces; sc.state_evolution follows it in numbers"
        )
    return value
