"""The mean over all designs and noises, unevaluated: what a formula holds that was not averaged further."""

from typing import TYPE_CHECKING, Any, Self

from sympy import Basic, Expr, Trace

from symcollapse.language.errors import InvalidProblem


class DesignMean(Expr):
    """E[·] of a scalar over its Gaussian designs and label noise.

    Example
    -------
    >>> from sympy import Identity, Trace
    >>> from symcollapse.language.random_matrices import gaussian_design
    >>> X = gaussian_design("X", 5, Identity(3))
    >>> 2 * DesignMean(Trace(X.T * X))
    2*E[Trace(X.T*X)]
    """

    if TYPE_CHECKING:
        args: tuple[Any, ...]
    is_commutative = True
    is_extended_real = True

    def __new__(cls, argument: Any) -> Self:
        shape = getattr(argument, "shape", (1, 1))
        if shape != (1, 1):
            raise InvalidProblem(f"mean of {argument}: give a scalar, such as a trace")
        scalar = Trace(argument) if getattr(argument, "is_Matrix", False) else argument
        return super().__new__(cls, scalar)

    @property
    def argument(self) -> Any:
        """What is averaged, a scalar."""
        return self.args[0]

    def _sympystr(self, printer: Any) -> str:
        return f"E[{printer._print(self.argument)}]"

    def _latex(self, printer: Any) -> str:
        return rf"\mathbb{{E}}\left[{printer._print(self.argument)}\right]"


def without_means(expression: Basic) -> Any:
    """The expression under its means, for one draw of everything.

    Example
    -------
    >>> from symcollapse.language.symbols import noise
    >>> without_means(2 * DesignMean(noise))
    2*sigma
    """
    means = expression.atoms(DesignMean)
    return expression.xreplace({mean: mean.argument for mean in means})
