"""What has no optimum: a test error that is infinite whatever is tuned."""

from sympy import Expr, nan, zoo

from symcollapse.language.abbreviations import abbreviations
from symcollapse.language.errors import Diverges
from symcollapse.language.problems import Problem


def require_finite(error: Expr, problem: Problem) -> Expr:
    """A test error in numbers, but for what is tuned, unless 1/0 stands in it.

    Raises
    ------
    Diverges
        With the places of the problem that bring it about, where they are known, and the remedy.

    Example
    -------
    >>> from sympy import Integer
    >>> require_finite(Integer(3), Problem.from_file("figure-1a"))
    3
    """
    if not any(
        part.has(zoo, nan) for part in (error, *(a.definition for a in abbreviations(error)))
    ):
        return error
    square = [
        f"{place}.samples = {fit.samples}"
        for place, fit in problem.fits
        if fit.ridge == 0 and fit.samples == problem.dimension
    ]
    where = " and ".join(square) or "as many samples as features"
    raise Diverges(
        f"{where}, without ridge: the error is infinite or 0·∞ there, so that nothing can be tuned; give other samples, "
        "or a ridge > 0"
    )
