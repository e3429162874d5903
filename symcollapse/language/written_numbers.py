"""How the numbers of a fit are written in formulas, and what they are."""

from sympy import Expr

from symcollapse.language.exactness import is_number
from symcollapse.language.fits import Fit
from symcollapse.language.naming import fit_letters
from symcollapse.language.problems import Problem
from symcollapse.language.symbols import dimension, generation, samples


def written_number(problem: Problem, position: int, key: str, at: Expr | None = None) -> Expr:
    """A number of the fit at a position: by its letter, or as it is given where it holds symbols.

    Parameters
    ----------
    problem
        The problem.
    position
        Place of the fit, from 0; the downstream fit comes last.
    key
        Key of the number, such as ``"real_weight"``.
    at
        Number of the generation in its chain, for schedules, which are written out; None leaves them as they are.

    Example
    -------
    >>> from symcollapse.language.problems import Generation
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> entry = Generation(9, noise=2 / (generation + 1), real_samples=8)
    >>> problem = Problem(IsotropicSpectrum(3), UniformTarget(1), (entry,))
    >>> [written_number(problem, 0, key, at=generation) for key in ("samples", "noise", "ridge")]
    [T_0, 2/(i + 1), 0]
    """
    fit = problem.fits[position][1]
    value, own = _given(fit, key), fit.samples
    if value.has(generation) or (value.has(samples) and own.has(generation)):
        sized = value.xreplace({samples: own}) if key != "samples" else value
        # A number that the dimension happens to be is not the dimension.
        if problem.dimension.is_Symbol:
            sized = sized.xreplace({problem.dimension: dimension})
        return sized if at is None else sized.xreplace({generation: at})
    letters = fit_letters(fit, position)
    sized = fit.at_own_size(value).xreplace({dimension: problem.dimension})
    if is_number(sized):
        kept_as_is = sized == 0 or (key == "real_weight" and sized == 1)
        shown = "noise" if key == "real_noise" and fit.real_noise is None else key
        return sized if kept_as_is else letters[shown]
    size = letters["samples"] if is_number(own) else own
    kept = value if key == "samples" else value.xreplace({samples: size})
    # The dimension prints as d, whatever the problem calls it.
    return kept.xreplace({problem.dimension: dimension}) if problem.dimension.is_Symbol else kept


def given_number(problem: Problem, position: int, key: str, at: Expr) -> Expr:
    """The same number as the problem gives it, in the generation of that number.

    Example
    -------
    >>> from sympy import Integer
    >>> from symcollapse.language.problems import Generation
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> entry = Generation(9 * (generation + 1), ridge=1 / samples)
    >>> problem = Problem(IsotropicSpectrum(3), UniformTarget(1), (entry,))
    >>> given_number(problem, 0, "ridge", Integer(1))
    1/18
    """
    fit = problem.fits[position][1]
    own = fit.samples.xreplace({generation: at})
    sizes = {samples: own, dimension: problem.dimension}
    return _given(fit, key).xreplace({generation: at}).xreplace(sizes)


def _given(fit: Fit, key: str) -> Expr:
    value: Expr = fit.deviation_of_real_labels if key == "real_noise" else getattr(fit, key)
    return value
