"""The steps from the plain matrix expression of a pipeline to the formula of its joint pencil.

The engine derives the expression in its own steps, knowing nothing of pipelines; the last step says that both formulas
are the same, and is judged.
"""

from sympy import Expr, Ge, Lt
from sympy.core.relational import Relational

from symcollapse.equivalents import deterministic_equivalent
from symcollapse.language.errors import NotSupported
from symcollapse.language.pipelines import pipeline_of
from symcollapse.language.problems import Problem
from symcollapse.language.symbols import dimension
from symcollapse.reasoning import Algebra, Derivation, Step, derivation_of_equivalent
from symcollapse.theory.pipeline_errors import regimes_of
from symcollapse.theory.pipeline_expressions import MOST_FITS_IN_STEPS, excess_risk_expression


def derivation_of_pipeline(problem: Problem, result: Expr, title: str) -> Derivation:
    """Derivation of the test error of a pipeline from its plain expression.

    Parameters
    ----------
    problem
        The problem.
    result
        The formula of its joint pencil; the last step shows that it is the same.
    title
        What is derived.

    Raises
    ------
    NotSupported
        For more than `MOST_FITS_IN_STEPS` fits.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> from symcollapse.theory.test_errors import test_error
    >>> fit = Downstream(9, noise=1, ridge=1, real_weight="1/4")
    >>> problem = Problem(IsotropicSpectrum(3), UniformTarget(1), (), fit)
    >>> derivation = derivation_of_pipeline(problem, test_error(problem).total, "Mixed")
    >>> derivation.result == test_error(problem).total
    True
    """
    count = len(pipeline_of(problem).fits)
    if count > MOST_FITS_IN_STEPS:
        raise NotSupported(
            f"{count} fits, not all plain: steps are written out for at most {MOST_FITS_IN_STEPS}; lower repeat "
            "(the formula itself is there)"
        )
    equivalent = deterministic_equivalent(
        excess_risk_expression(problem), assuming=_conditions(problem)
    )
    derived = derivation_of_equivalent(equivalent, title)
    if derived.result == result:
        return derived
    step = Step(result, Algebra("the same by the joint pencil of the pipeline, fit by fit"))
    return Derivation(
        title, derived.start, (*derived.steps, step), derived.domain, notes=derived.notes
    )


def _conditions(problem: Problem) -> list[Relational]:
    """Relations of sizes that least squares needs, as the problem's numbers have them."""
    written, given = pipeline_of(problem, letters=True), pipeline_of(problem)
    found: dict[Relational, None] = {}
    for fit, regime in enumerate(regimes_of(problem)):
        if given.fits[fit].ridge != 0:
            continue
        rows = written.rows(fit)
        width, own_width = written.fits[fit].features, given.fits[fit].features
        sizes = [(rows, given.rows(fit))]
        if width is not None and own_width is not None:
            sizes.append((width, own_width))
            if regime.narrow is not None:
                found[Lt(width, rows) if regime.narrow else Ge(width, rows)] = None
        for size, value in sizes:
            known = (value - problem.dimension).is_extended_nonnegative
            if known is not None and size.free_symbols:
                found[Ge(size, dimension) if known else Lt(size, dimension)] = None
    return list(found)
