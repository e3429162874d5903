"""Test error of a problem: bias + variance + synthetic, as formulas.

Chains of plain fits are composed map by map; every other pipeline goes through its joint pencil.
"""

from collections.abc import Hashable
from dataclasses import dataclass, replace
from functools import lru_cache

from sympy import Add, Expr, Integer, S

from symcollapse.language.effective_ridges import EffectiveRidge
from symcollapse.language.errors import NotSupported
from symcollapse.language.pipelines import pipeline_of
from symcollapse.language.problems import SIGMA, Problem
from symcollapse.reasoning import Derivation
from symcollapse.theory.chain_derivations import derivation_of
from symcollapse.theory.chains import Chain, chain_of
from symcollapse.theory.composition import compose
from symcollapse.theory.exact_laws import ExactLaw, exact_law
from symcollapse.theory.exact_pipeline_laws import exact_law_of_pipeline
from symcollapse.theory.pipeline_derivations import derivation_of_pipeline
from symcollapse.theory.pipeline_errors import problem_error, regime_text, regimes_of


@dataclass(frozen=True)
class NoiseContribution:
    """What label noise of one origin adds to the test error."""

    deviation: Expr
    """Standard deviation of the noise."""
    count: Expr
    """How many independent noises alike are taken together: generations, where a formula counts them."""
    value: Expr
    """What they add, all together."""
    is_tested: bool
    """Whether it belongs to the variance; else to the synthetic part."""
    fit: int | None = None
    """Number of the fit, from 0, whose labels they are; None in a chain of plain fits, where it may count several."""
    is_real: bool = False
    """Whether the labels are real ones, mixed in, pooled, or the first."""


@dataclass(frozen=True)
class TestError:
    """Test error E‖ŵ − w₀‖²_Σ of a problem in the proportional limit, in κ, df, traces and quadratic forms."""

    __test__ = False  # not a test case, whatever pytest makes of the name

    problem: Problem
    bias: Expr
    """Error without any label noise; what synthetic data and shifts add to it is included."""
    variance: Expr
    """What the label noise of the tested fit adds: of all labels drawn for it, real ones too."""
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
    contributions: tuple[NoiseContribution, ...] = ()
    """The variance and the synthetic part, noise by noise in order of time."""
    shift: Expr = S.Zero
    """The part of the bias that shifts of the labels make."""
    composed: Chain | None = None
    """The chain of designs, of plain fits; None for other pipelines."""

    @property
    def chain(self) -> Chain:
        """The chain of designs of a problem of plain fits.

        Raises
        ------
        NotSupported
            For any other pipeline.
        """
        if self.composed is None:
            raise NotSupported(
                "this needs a chain of plain fits: no accumulated, mixed, real or shifted data, no features, no "
                "student on shared inputs"
            )
        return self.composed

    @property
    def total(self) -> Expr:
        """Sum of the three parts."""
        return self.bias + self.variance + self.synthetic

    @property
    def derivation(self) -> Derivation:
        """The steps from the definition to the total.

        Raises
        ------
        NotSupported
            For long chains, and for other pipelines of more than two fits; the formula itself is there.
        """
        title = f"Test error of {self.problem.name}"
        if self.composed is None:
            return derivation_of_pipeline(self.problem, self.total, title)
        return derivation_of(self.composed, self.total, title)

    @property
    def parts(self) -> dict[str, Expr]:
        """Every part by its name, the total first."""
        return {
            "total": self.total,
            "bias": self.bias,
            **({} if self.shift == 0 else {"shift": self.shift}),
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
    return _of_chain(problem) if problem.replaces else _of_pipeline(problem)


test_error.__test__ = False  # type: ignore[attr-defined]


def structure_of(problem: Problem) -> Hashable:
    """All that the formula of a problem depends on: problems of one structure share it, whatever their numbers.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> one, other = (
    ...     Problem(IsotropicSpectrum(3), UniformTarget(1), (), Downstream(size)) for size in (7, 9)
    ... )
    >>> structure_of(one) == structure_of(other)
    True
    """
    if problem.replaces:
        return chain_of(problem), chain_of(without_generations(problem))
    return pipeline_of(problem, letters=True), regimes_of(problem)


def without_generations(problem: Problem) -> Problem:
    """The same tested fit on real labels alone: what it shares with generations is its own then.

    An accumulating fit is left with its own samples, a student with fresh inputs. (``TestError.clean`` of such a
    pipeline is another thing: all the data that its last fit sees, with real labels.)

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


def _of_chain(problem: Problem) -> TestError:
    """By composition of the maps of its designs."""
    chain = chain_of(problem)
    bias, contributions = _composed(chain)
    clean_bias, clean_noises = _composed(chain_of(without_generations(problem)))
    last = chain.stages[-1].design
    tested = last.ridges[-1]
    return TestError(
        problem=problem,
        bias=bias,
        variance=Add(*(each.value for each in contributions if each.is_tested)),
        synthetic=Add(*(each.value for each in contributions if not each.is_tested)),
        clean=clean_bias + Add(*(each.value for each in clean_noises)),
        effective_ridge=(
            Integer(0)
            if tested == 0 and last.recovers
            else EffectiveRidge(tested, last.samples, SIGMA)
        ),
        regime="; ".join(chain.regime),
        exact=exact_law(problem, chain),
        contributions=contributions,
        composed=chain,
    )


def _of_pipeline(problem: Problem) -> TestError:
    """By the joint pencil."""
    error, clean = problem_error(problem)
    last = len(error.pencil.cores) - 1
    return TestError(
        problem=problem,
        bias=error.bias,
        variance=error.variance,
        synthetic=error.synthetic,
        clean=clean.total,
        effective_ridge=error.pencil.cores[last].effective_ridge,
        regime=regime_text(problem),
        exact=exact_law_of_pipeline(problem),
        contributions=tuple(
            NoiseContribution(
                each.deviation, Integer(1), each.value, each.fit == last, each.fit, each.is_real
            )
            for each in error.contributions
        ),
        shift=error.shift,
    )


def _composed(chain: Chain) -> tuple[Expr, tuple[NoiseContribution, ...]]:
    """Bias, and what each noise adds."""
    composition = compose(chain)
    return composition.bias, tuple(
        NoiseContribution(
            each.noise.deviation,
            each.noise.count,
            each.value,
            chain.is_tested(chain.stages[each.stage], each.noise),
        )
        for each in composition.contributions
    )
