"""The diagonal of the joint pencil of a pipeline: what each fit does on its own, in effective ridges.

With r the weighted residuals of a fit, N λ w = Σ_b X_bᵀr_b and r_b = X_b v_b + noise. Residuals are scaled, r = ζ r̂, so
that all stays finite for λ = 0: then c·w = Σ_b X_bᵀr̂_b, and the diagonal blocks of M are g(s) for weights, h_b for r̂_b:

- inputs alike: c = Nκ, g = 1/(N(s + κ)), h = 1, with κ = κ(λ, N);
- random features of width M: the same, with κ(1 − df₁(κ)/M)(1 − df₁(κ)/N) = λ;
- covariances or weights γ_b that differ: c = 1, g = 1/(1 + Σ_b s_b/κ_b), h_b = 1/(γ_bT_bκ_b), with
  κ_b = Nλ/(γ_bT_b) + tr Σ_b g/T_b.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sympy import Add, Expr, Integer, S, Symbol

from symcollapse.equivalents.joint_pencils_functions import SpectralFunction
from symcollapse.language.coupled_ridges import CoupledSystem
from symcollapse.language.effective_ridges import (
    EffectiveRidge,
    ResidualDegreesOfFreedom,
    SurplusSamples,
)
from symcollapse.language.errors import NotSupported
from symcollapse.language.joint_spectra import JointSpectrum, joint_spectrum
from symcollapse.language.pipelines import Pipeline
from symcollapse.language.problems import SIGMA
from symcollapse.language.quantities import DegreesOfFreedom, spectral_trace
from symcollapse.language.spectra import Covariance, Spectrum
from symcollapse.language.symbols import eigenvalue, nonnegative_symbol


@dataclass(frozen=True)
class Space:
    """Eigenvalues that functions are written in: one variable for each covariance of a pipeline."""

    spectrum: Spectrum
    variables: Mapping[Covariance, Symbol]

    def trace(self, function: SpectralFunction) -> Expr:
        """Its trace."""
        return function.applied(lambda shape: spectral_trace(shape, self.spectrum))

    def variable(self, covariance: Covariance) -> SpectralFunction:
        """The eigenvalue of a covariance, as a function."""
        return SpectralFunction({self.variables[covariance]: S.One})


def space_of(pipeline: Pipeline) -> Space:
    """The eigenvalues of a pipeline's covariances.

    Example
    -------
    >>> from symcollapse.language.pipelines import Inputs, Labels, PipelineFit, Share
    >>> fit = PipelineFit((Share(0),))
    >>> space_of(Pipeline((Inputs(Integer(9)),), (Labels(0, None),), (fit,))).spectrum
    Sigma
    """
    spectrum = joint_spectrum(pipeline.covariances)
    if isinstance(spectrum, JointSpectrum):
        pairs = zip(spectrum.members, spectrum.variables, strict=True)
        return Space(
            spectrum, {member: letter for member, letter in pairs if isinstance(member, Covariance)}
        )
    return Space(spectrum, {SIGMA: eigenvalue})


@dataclass(frozen=True)
class FitRegime:
    """Where the sizes of a fit lie, as far as it is known."""

    determined: bool = False
    """Whether it has N ≥ d rows, and as many random features if it has such."""
    narrow: bool | None = None
    """Whether it has fewer random features than rows."""


@dataclass(frozen=True)
class Core:
    """The diagonal blocks of one fit."""

    rows: Expr
    """N."""
    distinct_rows: Expr
    """Rows without weights, Σ_b T_b."""
    penalty: Expr
    """c."""
    weights: SpectralFunction
    """g(s)."""
    residuals: Mapping[int, Expr]
    """h_b for each of its inputs."""
    ridge: Expr
    """λ."""
    effective_ridge: Expr
    """κ; of a coupled core the first of its effective ridges."""
    is_determined: bool
    """Whether the fit is least squares on N ≥ d rows, so that κ = 0."""
    features: Expr | None
    """Width M of random features."""
    is_simple: bool
    """Whether its inputs have one covariance, Σ, and one weight."""
    residual_degrees: Expr
    """N − df₂, which the relative error at finite size goes with; of random features the smaller of N and M less df₂."""


def core_of(pipeline: Pipeline, fit: int, space: Space, regime: FitRegime) -> Core:
    """The core of a fit.

    Parameters
    ----------
    pipeline
        The pipeline.
    fit
        Which fit.
    space
        Eigenvalues of the pipeline.
    regime
        Where its sizes lie.

    Raises
    ------
    NotSupported
        For least squares with N < d on inputs of several covariances or weights, and for random features on such.

    Example
    -------
    >>> from symcollapse.language.pipelines import Inputs, Labels, PipelineFit, Share
    >>> from symcollapse.language.symbols import ridge, samples
    >>> fit = PipelineFit((Share(0),), ridge)
    >>> pipeline = Pipeline((Inputs(samples),), (Labels(0, None),), (fit,))
    >>> core_of(pipeline, 0, space_of(pipeline), FitRegime()).weights.expression
    1/(T*(s + kappa(lambda, T)))
    """
    weights, rows = pipeline.weights(fit), pipeline.rows(fit)
    ridge, features = pipeline.fits[fit].ridge, pipeline.fits[fit].features
    kinds = {(pipeline.inputs[each].covariance, weight) for each, weight in weights.items()}
    distinct = Add(*(pipeline.inputs[each].samples for each in weights))
    if len(kinds) > 1 or {kind for kind, _ in kinds} != {SIGMA}:
        if features is not None:
            raise NotSupported(
                f"features = {features} on inputs of several covariances or weights: this version derives random "
                "features of the problem's own spectrum; leave out spectrum, or take state_evolution"
            )
        return _coupled(pipeline, fit, space, determined=regime.determined)
    recovers = ridge == 0 and regime.determined
    kappa = Integer(0)
    if not recovers and features is None:
        kappa = EffectiveRidge(ridge, distinct, SIGMA)
    elif not recovers and features is not None:
        kappa = _feature_ridge(ridge, distinct, features, narrow=regime.narrow)
    shape = 1 / (space.variables[SIGMA] + kappa)
    return Core(
        rows=rows,
        distinct_rows=distinct,
        penalty=rows * kappa,
        weights=SpectralFunction({shape: 1 / rows}),
        residuals=dict.fromkeys(weights, S.One),
        ridge=ridge,
        effective_ridge=kappa,
        is_determined=recovers,
        features=features,
        is_simple=True,
        residual_degrees=_residual_degrees(
            distinct, ridge, kappa, features, recovers=recovers, narrow=regime.narrow
        ),
    )


def _residual_degrees(
    rows: Expr,
    ridge: Expr,
    kappa: Expr,
    features: Expr | None,
    *,
    recovers: bool,
    narrow: bool | None,
) -> Expr:
    if features is not None:
        return (features if narrow else rows) - DegreesOfFreedom(2, kappa, SIGMA)
    if recovers:
        return SurplusSamples(rows, SIGMA)
    return ResidualDegreesOfFreedom(rows, ridge, ridge, SIGMA)


def _feature_ridge(ridge: Expr, rows: Expr, features: Expr, *, narrow: bool | None) -> Expr:
    if ridge != 0:
        return _feature_system(ridge, rows, features).ridges()[0]
    if narrow is None:
        raise NotSupported(
            f"ridge = 0 with {features} random features for {rows} rows: give numbers, to know which is less"
        )
    # One of the two factors vanishes, that of the smaller number.
    return EffectiveRidge(0, features if narrow else rows, SIGMA)


@lru_cache(maxsize=256)
def _feature_system(ridge: Expr, rows: Expr, features: Expr) -> CoupledSystem:
    kappa = nonnegative_symbol("kappa_1")
    degrees = DegreesOfFreedom(1, kappa, SIGMA)
    left = (features - degrees, rows - degrees)
    equation = kappa * left[0] * left[1] / (features * rows) - ridge
    return CoupledSystem([kappa], [equation], left)


def _coupled(pipeline: Pipeline, fit: int, space: Space, *, determined: bool) -> Core:
    weights, rows = pipeline.weights(fit), pipeline.rows(fit)
    ridge = pipeline.fits[fit].ridge
    if ridge == 0 and not determined:
        raise NotSupported(
            "ridge = 0 with fewer rows than dimensions, on inputs of several covariances or weights: give this fit a "
            "ridge, or take state_evolution, in numbers"
        )
    kinds: dict[tuple[Covariance, Expr], list[int]] = {}
    for each, weight in weights.items():
        kinds.setdefault((pipeline.inputs[each].covariance, weight), []).append(each)
    samples = [
        Add(*(pipeline.inputs[each].samples for each in members)) for members in kinds.values()
    ]
    keys = list(kinds)
    ridges = _coupled_system(
        tuple(space.variables[covariance] for covariance, _ in keys),
        tuple(weight for _, weight in keys),
        tuple(samples),
        rows * ridge,
        space.spectrum,
    ).ridges()
    alone = Integer(0) if ridge == 0 else Integer(1)
    scaled = _scaled([space.variables[covariance] for covariance, _ in keys], ridges, alone)
    residuals = {
        each: 1 / (weight * size * kappa)
        for (_, weight), members, size, kappa in zip(
            keys, kinds.values(), samples, ridges, strict=True
        )
        for each in members
    }
    return Core(
        rows=rows,
        distinct_rows=Add(*samples),
        penalty=alone,
        weights=SpectralFunction({1 / scaled: S.One}),
        residuals=residuals,
        ridge=ridge,
        effective_ridge=ridges[0] if ridge != 0 else Integer(0),
        is_determined=False,
        features=None,
        is_simple=False,
        residual_degrees=Add(*samples) - spectral_trace((1 - alone / scaled) ** 2, space.spectrum),
    )


@lru_cache(maxsize=256)
def _coupled_system(
    variables: tuple[Symbol, ...],
    weights: tuple[Expr, ...],
    samples: tuple[Expr, ...],
    penalty: Expr,
    spectrum: Spectrum,
) -> CoupledSystem:
    """Effective ridges in units of the penalty; of least squares, where that is 0, κ_b/(Nλ) in its limit."""
    unknowns = [nonnegative_symbol(f"kappa_{place + 1}") for place in range(len(variables))]
    alone = Integer(0) if penalty == 0 else Integer(1)
    unit = Integer(1) if penalty == 0 else penalty
    scaled = _scaled(variables, unknowns, alone)
    equations = [
        unknown - unit / (weight * size) - spectral_trace(variable / scaled, spectrum) / size
        for unknown, variable, weight, size in zip(
            unknowns, variables, weights, samples, strict=True
        )
    ]
    return CoupledSystem(unknowns, equations)


def _scaled(variables: Sequence[Symbol], ridges: Sequence[Expr], alone: Expr) -> Expr:
    return Add(
        alone, *(variable / ridge for variable, ridge in zip(variables, ridges, strict=True))
    )


def shared_residual(core: Core, other: Core, overlap: Expr, space: Space) -> Expr:
    """1 − overlap·tr s²g_kg_l of two simple cores, without a difference that cancels where one is known.

    Example
    -------
    >>> from symcollapse.language.pipelines import Inputs, Labels, PipelineFit, Share
    >>> from symcollapse.language.symbols import ridge, samples
    >>> fit = PipelineFit((Share(0),), ridge)
    >>> pipeline = Pipeline((Inputs(samples),), (Labels(0, None),), (fit,))
    >>> space = space_of(pipeline)
    >>> core = core_of(pipeline, 0, space, FitRegime())
    >>> shared_residual(core, core, samples, space)
    (T - df_2(kappa(lambda, T)))/T
    """
    rows, fewer = core.distinct_rows, other.distinct_rows
    # Without the weights of rows: they divide out.
    alike = overlap * rows * fewer / (core.rows * other.rows)
    if core.is_determined and other.is_determined and alike in (rows, fewer):
        larger = fewer if alike == rows else rows
        return SurplusSamples(larger, SIGMA) / larger
    plain = core.features is None and other.features is None
    if plain and alike == rows == fewer:
        return ResidualDegreesOfFreedom(rows, core.ridge, other.ridge, SIGMA) / rows
    s = space.variable(SIGMA)
    return 1 - overlap * space.trace(s * s * core.weights * other.weights)
