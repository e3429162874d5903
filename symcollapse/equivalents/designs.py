"""One Gaussian design and the fits made on it: first and second moments of the maps from old to new weights.

A fit with ridge λ sends weights w and label noise E to A·w + K·E with A = (Σ̂ + λI)⁻¹Σ̂ and K = (Σ̂ + λI)⁻¹Xᵀ/T;
λ = 0 means the minimum-norm limit, A = X†X. Several fits on one design (shared inputs) multiply up to one
function of Σ̂. For functions B of Σ this module gives, as functions of the eigenvalue s,

- `mean`: E[A], and `complement`: I − E[A];
- `fluctuation`: E[AᵀBA] − E[A]·B·E[A];
- `noise_kernel`: E[K Kᵀ], for the noise of one of the fits, carried through the later ones.

These are shortcuts: a single fit takes the short form, several take the residues of `resolvents`. The engine derives them
from plain matrix expressions (`derived_moments`; step by step in `derivations`: `one_fit_maps_quadratic_forms`,
`noise_kernel_follows_from_its_pencil`, `projections_keep_what_the_samples_span`,
`minimum_norm_noise_has_a_finite_kernel`, `noise_of_least_squares_spreads_by_the_inverse`). That all give the same is
tested.
"""

from typing import Any, Self

from sympy import Basic, Expr, Integer, Tuple
from sympy.logic.boolalg import false, true

from symcollapse.equivalents.resolvents import (
    RationalFunction,
    fluctuation_of,
    mean_of,
    residues_of,
)
from symcollapse.language.abbreviations import Abbreviation
from symcollapse.language.effective_ridges import (
    EffectiveRidge,
    ResidualDegreesOfFreedom,
    SurplusSamples,
)
from symcollapse.language.exactness import exact
from symcollapse.language.quantities import spectral_trace
from symcollapse.language.spectra import Spectrum
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.symbols import name_symbol


class Design(Basic):
    """A Gaussian design X (T × d, rows iid N(0, Σ)) with the ridges of the fits made on it, in order.

    Parameters
    ----------
    position
        Place in the chain, from 0; designs at different places are independent.
    samples
        Number of rows T.
    ridges
        Ridge of each fit, in order of time.
    covariance
        Σ.
    determined
        Whether T ≥ d is known, so that least squares recovers the weights: X†X = I.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA
    >>> from symcollapse.language.symbols import generation_samples
    >>> mean(Design(0, generation_samples, (0,), SIGMA, determined=True))
    1
    """

    def __new__(
        cls,
        position: Any,
        samples: Any,
        ridges: Any,
        covariance: Spectrum,
        determined: Any = false,
    ) -> Self:
        flag = true if determined in (True, true) else false
        values = tuple(exact(ridge) for ridge in ridges)
        return super().__new__(
            cls, exact(position), exact(samples), Tuple(*values), covariance, flag
        )

    @property
    def position(self) -> int:
        """Place in the chain."""
        return int(self.args[0])  # type: ignore[call-overload]

    @property
    def samples(self) -> Expr:
        """Number of rows T."""
        return self.args[1]  # type: ignore[return-value]

    @property
    def ridges(self) -> tuple[Expr, ...]:
        """Ridge of each fit."""
        return tuple(self.args[2])  # type: ignore[arg-type]

    @property
    def covariance(self) -> Spectrum:
        """Σ."""
        return self.args[3]  # type: ignore[return-value]

    @property
    def is_determined(self) -> bool:
        """Whether T ≥ d is known."""
        return bool(self.args[4] == true)

    @property
    def recovers(self) -> bool:
        """Whether all fits together are the identity on weights."""
        return self.is_determined and not self.shrinking

    @property
    def shrinking(self) -> tuple[Expr, ...]:
        """Ridges other than 0; least squares changes nothing beside them, as X†X is 1 where they act."""
        return tuple(ridge for ridge in self.ridges if ridge != 0)

    @property
    def is_single(self) -> bool:
        """Whether the map is that of one ridge (possibly 0)."""
        return len(self.shrinking) <= 1

    @property
    def ridge(self) -> Expr:
        """The one ridge of a single design."""
        return (*self.shrinking, Integer(0))[0]

    @property
    def effective_ridge(self) -> Expr:
        """κ of the one ridge."""
        return EffectiveRidge(self.ridge, self.samples, self.covariance)

    @property
    def residual(self) -> Expr:
        """T − df₂(κ) of the one ridge."""
        return ResidualDegreesOfFreedom(self.samples, self.ridge, self.ridge, self.covariance)


def _function(design: Design) -> RationalFunction:
    """The map A = ∏ Σ̂/(Σ̂ + λᵢ) of several ridges."""
    poles = {ridge: design.shrinking.count(ridge) for ridge in design.shrinking}
    label = str(design.position)
    return RationalFunction(len(design.shrinking), poles, design.samples, design.covariance, label)


def mean(design: Design) -> Expr:
    """E[A] as a function of s.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA
    >>> from symcollapse.language.symbols import ridge, samples
    >>> mean(Design(0, samples, (ridge,), SIGMA))
    s/(s + kappa(lambda, T))
    """
    if design.recovers:
        return Integer(1)
    if design.is_single:
        return s / (s + design.effective_ridge)
    return mean_of(_function(design))


def complement(design: Design) -> Expr:
    """I − E[A] as a function of s, without the cancellation.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA
    >>> from symcollapse.language.symbols import ridge, samples
    >>> complement(Design(0, samples, (ridge,), SIGMA))
    kappa(lambda, T)/(s + kappa(lambda, T))
    """
    if design.recovers:
        return Integer(0)
    if design.is_single:
        return design.effective_ridge / (s + design.effective_ridge)
    return residues_of(_function(design))


def fluctuation(design: Design, middle: Expr) -> Expr:
    """E[AᵀBA] − E[A]·B·E[A] as a function of s.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA
    >>> from symcollapse.language.symbols import ridge, samples
    >>> fluctuation(Design(0, samples, (ridge,), SIGMA), s)
    s*df_2(kappa(lambda, T))*kappa(lambda, T)**2/((s + kappa(lambda, T))**2*(T - df_2(kappa(lambda, T))))
    """
    if design.recovers:
        return Integer(0)
    if design.is_single:
        kappa = design.effective_ridge
        overlap = spectral_trace(middle * s / (s + kappa) ** 2, design.covariance)
        if overlap.is_Add:
            # Second moments of long chains repeat this sum; unnamed, it would double at every design.
            overlap = Abbreviation(name_symbol(f"tau_{design.position}"), overlap)
        return kappa**2 * s / (s + kappa) ** 2 * overlap / design.residual
    return fluctuation_of(_function(design), middle)


def noise_kernel(design: Design, fit: int) -> Expr:
    """E[KKᵀ] as a function of s, for the noise of one fit, carried through the later fits on the design.

    Example
    -------
    >>> from symcollapse.language.problems import SIGMA
    >>> from symcollapse.language.symbols import ridge, samples
    >>> noise_kernel(Design(0, samples, (ridge,), SIGMA), 0)
    s/((s + kappa(lambda, T))**2*(T - df_2(kappa(lambda, T))))
    >>> noise_kernel(Design(0, samples, (0,), SIGMA, determined=True), 0)
    1/(s*(T - d))
    """
    own = design.ridges[fit]
    later = tuple(ridge for ridge in design.ridges[fit + 1 :] if ridge != 0)
    # The kernel is ψ(Σ̂)/T with ψ(s) = s·(∏_later s/(s + λ))²/(s + λ_own)².
    if own == 0 and not later:
        if design.is_determined:
            return 1 / (s * SurplusSamples(design.samples, design.covariance))
        return _single_kernel(design, Integer(0))
    if own == 0 and len(later) == 1:
        return _single_kernel(design, later[0])
    if own != 0 and not later:
        return _single_kernel(design, own)
    factors = (*later, *((own,) if own != 0 else ())) * 2
    zeros = 2 * len(later) + (1 if own != 0 else -1)
    poles = {ridge: factors.count(ridge) for ridge in factors}
    label = f"{design.position}{fit}"
    kernel = RationalFunction(zeros, poles, design.samples, design.covariance, label)
    return mean_of(kernel) / design.samples


def _single_kernel(design: Design, ridge: Expr) -> Expr:
    kappa = EffectiveRidge(ridge, design.samples, design.covariance)
    residual = ResidualDegreesOfFreedom(design.samples, ridge, ridge, design.covariance)
    return s / (s + kappa) ** 2 / residual
