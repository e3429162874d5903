"""Test error of a problem: bias + variance + synthetic, as formulas."""

from dataclasses import dataclass, replace
from functools import lru_cache

from sympy import Add, Expr, Integer

from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.problems import SIGMA, Problem
from symcollapse.reasoning import Derivation
from symcollapse.theory.chain_derivations import derivation_of
from symcollapse.theory.chains import Chain, chain_of
from symcollapse.theory.composition import compose
from symcollapse.theory.exact_laws import ExactLaw, exact_law


@dataclass(frozen=True)
class TestError:
    """Test error E‖ŵ − w₀‖²_Σ of a problem in the proportional limit, in κ, df, traces and quadratic forms."""

    __test__ = False  # not a test case, whatever pytest makes of the name

    problem: Problem
    chain: Chain
    bias: Expr
    """Error without any label noise; what synthetic data add to it is included."""
    variance: Expr
    """What the label noise of the tested fit adds."""
    synthetic: Expr
    """What the label noise of all earlier generations adds: n·σ₀²·ρ."""
    clean: Expr
    """Test error of the same last fit on real labels, n = 0."""
    effective_ridge: Expr
    """κ of the tested fit."""
    regime: str
    """Where the formula holds."""
    exact: ExactLaw | None
    """The law that is exact at finite size, where one is known."""

    @property
    def total(self) -> Expr:
        """Sum of the three parts."""
        return self.bias + self.variance + self.synthetic

    @property
    def derivation(self) -> Derivation:
        """The steps from the definition to the total."""
        return derivation_of(self.chain, self.total, f"Test error of {self.problem.name}")

    @property
    def parts(self) -> dict[str, Expr]:
        """Every part by its name, the total first."""
        return {
            "total": self.total,
            "bias": self.bias,
            "variance": self.variance,
            "synthetic": self.synthetic,
            "clean": self.clean,
        }


@lru_cache(maxsize=1024)
def test_error(problem: Problem) -> TestError:
    """Derive the test error of a problem.

    Numbers of the problem are written by their symbols (T, σ, λ of the downstream fit; T_0, σ_0, λ_0, n of the
    generators), and put in by ``evaluate`` and ``lambdify``; values that hold symbols stay as they are given. The
    formula is that of the problem's regime: T_0 ≥ d, T_0 < d, or, where that is not decided, both at once. Fits on one
    shared design whose ridges are equal numbers have one letter for them: equal ridges are a case of its own.

    Raises
    ------
    NotSupported
        If the problem needs more than this version derives.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream, Generation
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> problem = Problem(
    ...     IsotropicSpectrum(300),
    ...     UniformTarget(1),
    ...     (Generation(600, noise=1, repeat=5),),
    ...     Downstream(1000, noise=1),
    ... )
    >>> test_error(problem).total
    d*n*sigma_0**2/(T_0 - d) + d*sigma**2/(T - d)
    """
    chain = chain_of(problem)
    bias, variance, synthetic = _parts(chain)
    clean = Add(*_parts(chain_of(without_generations(problem))))
    last = chain.stages[-1].design
    tested = last.ridges[-1]
    return TestError(
        problem=problem,
        chain=chain,
        bias=bias,
        variance=variance,
        synthetic=synthetic,
        clean=clean,
        effective_ridge=(
            Integer(0)
            if tested == 0 and last.recovers
            else EffectiveRidge(tested, last.samples, SIGMA)
        ),
        regime="; ".join(chain.regime),
        exact=exact_law(problem, chain),
    )


test_error.__test__ = False  # type: ignore[attr-defined]


def without_generations(problem: Problem) -> Problem:
    """The same tested fit on real labels.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream, Generation
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> fit = Downstream(9)
    >>> problem = Problem(IsotropicSpectrum(3), UniformTarget(1), (Generation(7),), fit)
    >>> without_generations(problem).generations
    ()
    """
    if problem.downstream is not None:
        return replace(problem, generations=())
    kept = max(i for i, entry in enumerate(problem.generations) if entry.repeat != 0)
    entries = tuple(
        replace(entry, repeat=1, design="fresh") if i == kept else replace(entry, repeat=0)
        for i, entry in enumerate(problem.generations)
    )
    return replace(problem, generations=entries)


def _parts(chain: Chain) -> tuple[Expr, Expr, Expr]:
    """Bias, variance, synthetic."""
    composition = compose(chain)
    variance: Expr = Integer(0)
    synthetic: Expr = Integer(0)
    for each in composition.contributions:
        if chain.is_tested(chain.stages[each.stage], each.noise):
            variance += each.value
        else:
            synthetic += each.value
    return composition.bias, variance, synthetic
