"""Which symbol stands for which number of a problem.

Formulas are derived in the field's letters even where the problem gives numbers: the downstream fit has T, σ, λ; the
i-th ``[[generations]]`` entry T_i, σ_i, λ_i and its count n (n_i where there are several). Values that hold symbols
of their own are kept as they are written.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sympy import Basic, Expr, Integer, Symbol

from symcollapse.language import symbols
from symcollapse.language.errors import InvalidProblem, NotSupported
from symcollapse.language.exactness import is_number
from symcollapse.language.fits import NUMBERS
from symcollapse.language.problems import SIGMA, W0, Fit, Generation, Problem
from symcollapse.language.spectra import Covariance, Spectrum
from symcollapse.language.targets import Target, Truth, spelled_out, truth


@dataclass(frozen=True)
class NamedFit:
    """A fit of a problem with the symbols that stand for it."""

    fit: Fit
    samples: Symbol
    noise: Symbol
    ridge: Symbol
    position: int
    """Place among the entries of the problem, from 0; the downstream fit comes after all."""
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
        named.append(NamedFit(entry, *symbols.generator_symbols(position), position, count))
    if problem.downstream is not None:
        last = len(problem.generations)
        own = (symbols.samples, symbols.noise, symbols.ridge)
        named.append(NamedFit(problem.downstream, *own, last))
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
        for key, letter in fit_letters(named.fit, named.position).items():
            value = getattr(named.fit, key)
            if key in ("real_samples", "features") and value is not None:
                sizes[letter] = value
            elif key in ("real_weight", "real_noise") and value is not None:
                dependent[letter] = (named.samples, value)
    rule = {symbol: size for symbol, size in sizes.items() if symbol not in keep and symbol != size}
    for symbol, (own_samples, value) in dependent.items():
        if symbol not in keep:
            in_own_size = value.xreplace({symbols.samples: own_samples})
            rule[symbol] = in_own_size.xreplace(rule) if symbol != value else value
    rule[SIGMA] = problem.spectrum
    rule[W0] = problem.target
    if not problem.replaces:
        parts = named_parts(problem)
        rule |= dict(parts.spectra) | dict(parts.targets)
        if parts.spectra:
            # A source refers to the capacity of one spectrum, and a function of several does not know which.
            rule |= {
                name: spelled_out(target, problem.spectrum)
                for name, target in ((W0, problem.target), *parts.targets)
            }
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
        for key, letter in fit_letters(named.fit, named.position).items():
            if getattr(named.fit, key) not in (letter, None, 0):
                taken[letter] = f"{key} = {getattr(named.fit, key)}"
        if isinstance(named.fit, Generation) and named.count not in (None, named.fit.repeat):
            assert named.count is not None
            taken[named.count] = f"repeat = {named.fit.repeat}"
    for named in fits:
        # A fit may speak of its own size, by its letter or as `samples`.
        allowed = {named.samples, symbols.samples, symbols.dimension}
        for key in NUMBERS:
            value = getattr(named.fit, key)
            own = allowed if key != "samples" else {symbols.dimension}
            for letter in set() if value is None else value.free_symbols - own:
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


def fit_letters(fit: Fit, position: int) -> Mapping[str, Symbol]:
    """The symbols that stand for the numbers of a fit in formulas, by their keys.

    Example
    -------
    >>> fit_letters(Generation(600), 1)["real_weight"]
    omega_1
    """
    first = ("samples", "noise", "ridge")
    others = ("real_weight", "real_samples", "real_noise", "features")
    if isinstance(fit, Generation):
        found = zip(first, symbols.generator_symbols(position), strict=True)
        return dict(found) | dict(zip(others, symbols.mixing_symbols(position), strict=True))
    return {key: getattr(symbols, key) for key in (*first, *others)}


@dataclass(frozen=True)
class NamedParts:
    """What the names of a pipeline stand for."""

    spectra: tuple[tuple[Covariance, Spectrum], ...]
    targets: tuple[tuple[Truth, Target], ...]


def named_parts(problem: Problem) -> NamedParts:
    """Spectra and shifts that the pipeline of a problem has beside Σ and w₀, by their names.

    Example
    -------
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> from symcollapse.language.problems import Downstream
    >>> fit = Downstream(9, shift=UniformTarget(1))
    >>> named_parts(Problem(IsotropicSpectrum(3), UniformTarget(1), (), fit)).targets
    ((delta_0, UniformTarget(1)),)
    """
    spectra: dict[Covariance, Spectrum] = {}
    targets: dict[Truth, Target] = {}
    count = 0
    for position, (_, fit) in enumerate(problem.fits):
        # Formulas in a symbolic number of generations name the shift of a repeated fit once.
        is_counted = isinstance(fit, Generation) and not is_number(fit.repeat)
        for _ in range(1 if is_counted else repetitions(fit)):
            if fit.spectrum is not None:
                spectra[own_covariance(position)] = fit.spectrum
            if fit.shift is not None:
                targets[truth(f"delta_{count}")] = fit.shift
            count += 1
    return NamedParts(tuple(spectra.items()), tuple(targets.items()))


def own_covariance(position: int) -> Covariance:
    """Name of the covariance of a kind of fit that has a spectrum of its own.

    Example
    -------
    >>> own_covariance(0)
    Sigma_0
    """
    return Covariance(symbols.name_symbol(f"Sigma_{position}"), symbols.dimension)


def repetitions(fit: Fit) -> int:
    """How often a fit is made.

    Raises
    ------
    NotSupported
        If that is a symbol.

    Example
    -------
    >>> repetitions(Generation(9, repeat=3))
    3
    """
    repeat = fit.repeat if isinstance(fit, Generation) else Integer(1)
    if not is_number(repeat):
        raise NotSupported(
            f"repeat = {repeat}: this needs a number of generations; give one, or take solve_generations"
        )
    return int(repeat)
