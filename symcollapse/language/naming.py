"""Which symbol stands for which number of a problem.

Formulas are derived in the field's letters even where the problem gives numbers: the downstream fit has T, σ, λ; the
i-th ``[[generations]]`` entry T_i, σ_i, λ_i and its count n (n_i where there are several). Values that hold symbols
of their own are kept as they are written.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sympy import Basic, Expr, Symbol

from symcollapse.language import symbols
from symcollapse.language.errors import InvalidProblem
from symcollapse.language.exactness import is_number
from symcollapse.language.problems import SIGMA, W0, Fit, Generation, Problem


@dataclass(frozen=True)
class NamedFit:
    """A fit of a problem with the symbols that stand for it."""

    fit: Fit
    samples: Symbol
    noise: Symbol
    ridge: Symbol
    count: Symbol | None = None
    """Number of repetitions, of a generator."""

    @property
    def is_generator(self) -> bool:
        """Whether this is a ``[[generations]]`` entry."""
        return isinstance(self.fit, Generation)


def named_fits(problem: Problem) -> tuple[NamedFit, ...]:
    """The fits of a problem in order of time, with their symbols; entries with repeat = 0 are left out.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> problem = Problem(IsotropicSpectrum(3), UniformTarget(1), (), Downstream(samples=9))
    >>> named_fits(problem)[0].samples
    T
    """
    named = []
    for position, entry in enumerate(problem.generations):
        if entry.repeat == 0:
            continue
        count = symbols.generations
        if len(problem.generations) > 1:
            count = symbols.count_symbol(position)
        named.append(NamedFit(entry, *symbols.generator_symbols(position), count))
    if problem.downstream is not None:
        named.append(NamedFit(problem.downstream, symbols.samples, symbols.noise, symbols.ridge))
    return tuple(named)


def substitution(problem: Problem, keep: Collection[Symbol] = ()) -> dict[Basic, Basic]:
    """What to put in place of the symbols of a formula, so that it speaks of this problem.

    Parameters
    ----------
    problem
        The problem whose numbers are put in.
    keep
        Symbols that stay; what the problem states in terms of them, such as λ = T^(-4/5), follows them.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> fit = Downstream(samples=16, ridge=symbols.samples**-1)
    >>> problem = Problem(IsotropicSpectrum(3), UniformTarget(1), (), fit)
    >>> substitution(problem)[symbols.ridge]
    1/16
    >>> substitution(problem, keep=[symbols.samples])[symbols.ridge]
    1/T
    """
    sizes: dict[Basic, Basic] = {symbols.dimension: problem.dimension}
    dependent: dict[Basic, tuple[Symbol, Expr]] = {}
    for named in named_fits(problem):
        sizes[named.samples] = named.fit.samples
        if named.count is not None and isinstance(named.fit, Generation):
            sizes[named.count] = named.fit.repeat
        dependent[named.ridge] = (named.samples, named.fit.ridge)
        dependent[named.noise] = (named.samples, named.fit.noise)
    rule = {symbol: size for symbol, size in sizes.items() if symbol not in keep and symbol != size}
    for symbol, (own_samples, value) in dependent.items():
        if symbol not in keep:
            in_own_size = value.xreplace({symbols.samples: own_samples})
            rule[symbol] = in_own_size.xreplace(rule) if symbol != value else value
    rule[SIGMA] = problem.spectrum
    rule[W0] = problem.target
    return {old: new for old, new in rule.items() if old != new}


def refuse_captured_letters(problem: Problem) -> None:
    """Refuse a symbol of the problem that is the letter of another of its numbers.

    A generator of noise σ beside a downstream fit of noise 1/10 would silently get 1/10.

    Raises
    ------
    InvalidProblem
        With the key and the remedy.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> fit = Downstream(9, noise=symbols.generation_noise)
    >>> refuse_captured_letters(Problem(IsotropicSpectrum(3), UniformTarget(1), (), fit))
    """
    fits = named_fits(problem)
    taken: dict[Symbol, str] = {}
    for named in fits:
        for letter, key in (
            (named.samples, "samples"),
            (named.noise, "noise"),
            (named.ridge, "ridge"),
        ):
            if getattr(named.fit, key) != letter:
                taken[letter] = f"{key} = {getattr(named.fit, key)}"
        if isinstance(named.fit, Generation) and named.count not in (None, named.fit.repeat):
            assert named.count is not None
            taken[named.count] = f"repeat = {named.fit.repeat}"
    for named in fits:
        # A fit may speak of its own size, by its letter or as `samples`.
        allowed = {named.samples, symbols.samples, symbols.dimension}
        for key in ("samples", "noise", "ridge"):
            own = allowed if key != "samples" else {symbols.dimension}
            for letter in getattr(named.fit, key).free_symbols - own:
                if letter in taken:
                    raise InvalidProblem(
                        f"{key} = {getattr(named.fit, key)}: {letter} is the letter of {taken[letter]} in formulas; "
                        "use another symbol"
                    )


def number_at(problem: Problem, fit: Fit, value: Expr) -> Expr:
    """A noise or ridge of a fit with that fit's own size put in: a number where the problem has numbers.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> fit = Downstream(samples=16, ridge=1 / symbols.samples)
    >>> number_at(Problem(IsotropicSpectrum(3), UniformTarget(1), (), fit), fit, fit.ridge)
    1/16
    """
    sized = fit.at_own_size(value)
    if is_number(sized):
        return sized
    return sized.xreplace({symbols.dimension: problem.dimension})
