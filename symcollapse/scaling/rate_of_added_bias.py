"""The bias that synthetic data add to the clean one, as a difference of two positive formulas with rates of their own.

A generator of minimum norm with T₀ < d shrinks the truth by s/(s + κ₀), so the tested fit loses more of it; its own
fluctuation adds besides. But what is shrunk is also spared the fluctuation of the tested fit. With
ρ = s/(s + κ₀), m = κ/(s + κ) the loss 1 − ρⁿ(1 − m) is m + (1 − m)(1 − ρ)(1 + ρ + … + ρⁿ⁻¹), and nothing cancels.
"""

from dataclasses import dataclass

from sympy import Add, Expr, Integer

from symcollapse.language.effective_ridges import EffectiveRidge, ResidualDegreesOfFreedom
from symcollapse.language.errors import NotSupported
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.quantities import DegreesOfFreedom, quadratic_form
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.scaling.rate_pieces import ErrorTerm
from symcollapse.scaling.rate_scalings import Scaling
from symcollapse.scaling.rates import Rates, rates_of_terms
from symcollapse.theory.test_errors import TestError


@dataclass(frozen=True)
class AddedBias:
    """Bias − clean bias = gained − spared, both sums of positive terms."""

    error: TestError
    gained: tuple[ErrorTerm, ...]
    """More of the truth lost, and the generators' own fluctuation."""
    spared: tuple[ErrorTerm, ...]
    """Less fluctuation of the tested fit."""

    @property
    def difference(self) -> Expr:
        """The bias that synthetic data add; it may be negative."""
        return Add(*(term.formula for term in self.gained)) - Add(
            *(term.formula for term in self.spared)
        )

    def rates(self, scaling: Scaling | None = None) -> tuple[Rates, Rates]:
        """Rates of what is gained and of what is spared.

        Raises
        ------
        OutOfRegime
            If the scaling contradicts T₀ < d.
        """
        gained = rates_of_terms(self.error, self.gained, scaling or Scaling())
        spared = rates_of_terms(self.error, self.spared, scaling or Scaling())
        return gained, spared


def added_bias(error: TestError) -> AddedBias:
    """The bias that generators of minimum norm with T₀ < d add to that of clean data.

    Parameters
    ----------
    error
        Test error of a chain of fresh generators alike, or of any number on one shared design.

    Raises
    ------
    NotSupported
        If generators have ridges, are of several kinds, or there is none that shrinks.

    Example
    -------
    >>> from sympy import oo
    >>> from symcollapse.language.problem_files import read_problem
    >>> from symcollapse.theory import test_error
    >>> error = test_error(read_problem("power-law", {"generations.0.samples": "100"}))
    >>> gained, spared = added_bias(error).rates(Scaling(dimension=oo))
    >>> spared.scope, spared.exponent.has(oo)
    ((ell/beta <= 1) & (ell/beta <= b), False)
    """
    *generators, tested = error.chain.stages
    sizes = {(stage.design.samples, stage.design.ridges[-1]) for stage in generators}
    if len(sizes) != 1 or any(stage.design.recovers for stage in generators):
        raise NotSupported("give least-squares generators that are alike, with samples < dimension")
    ((samples, ridge),) = sizes
    if ridge != 0 or any(stage.design.shrinking for stage in generators):
        raise NotSupported("generators with a ridge: give ridge = 0")
    kappa, smaller = error.effective_ridge, EffectiveRidge(0, samples, SIGMA)
    kept, lost = s / (s + smaller), kappa / (s + kappa)
    # n powers of ρ; twice as many for 1 − ρ²ⁿ.
    count = len(generators)
    powers = [kept**k for k in range(2 * count)]
    more = s / (s + kappa) * smaller / (s + smaller) * Add(*powers[:count])
    own = [
        term
        for term in Add.make_args(error.bias)
        if any(node.samples == samples for node in term.atoms(ResidualDegreesOfFreedom))
    ]
    gained = [
        quadratic_form(s * 2 * lost * more, SIGMA, W0),
        quadratic_form(s * more**2, SIGMA, W0),
    ]
    spared: Expr = Integer(0)
    if isinstance(kappa, EffectiveRidge):
        residual = ResidualDegreesOfFreedom(tested.design.samples, kappa.ridge, kappa.ridge, SIGMA)
        spread = DegreesOfFreedom(2, kappa, SIGMA) / residual
        less = s * lost**2 * smaller / (s + smaller) * Add(*powers)
        spared = spread * quadratic_form(less, SIGMA, W0)
    return AddedBias(
        error,
        tuple(
            ErrorTerm(f"gained {number}", "bias", formula)
            for number, formula in enumerate((*gained, *own), 1)
            if formula != 0
        ),
        (ErrorTerm("spared", "bias", spared),),
    )
