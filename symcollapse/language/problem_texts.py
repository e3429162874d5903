"""A problem written as the text of a problem file."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NoReturn

from sympy import Add, Expr, Integer, Mul, Pow, Rational, Symbol, ceiling, floor, log, oo

from symcollapse.language import symbols
from symcollapse.language.errors import InvalidProblem, NotSupported
from symcollapse.language.fits import NUMBERS
from symcollapse.language.problem_sections import ProblemSections
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import (
    ExplicitSpectrum,
    ExponentialSpectrum,
    IsotropicSpectrum,
    LevelsSpectrum,
    PowerLawSpectrum,
    Spectrum,
)
from symcollapse.language.targets import (
    ExplicitTarget,
    LevelsTarget,
    SourceTarget,
    Target,
    UniformTarget,
)

TOML_INTEGER = 2**63
"""Every TOML reader takes integers below; larger ones are written as strings."""

ALWAYS = ("samples", "noise", "ridge", "real_noise")
"""Numbers that are written even if they are 0."""

NAMES: Mapping[Symbol, str] = {
    symbols.samples: "samples",
    symbols.dimension: "dimension",
    symbols.generation: "m",
}
"""How a problem file calls the symbols that its numbers may hold."""


def problem_to_toml(problem: Problem) -> str:
    """The problem as a problem file; reading it gives an equal problem.

    Raises
    ------
    NotSupported
        If a problem file cannot hold it: a number is a symbol, or is out of the file's bounds.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream
    >>> fit = Downstream(samples=600, ridge=symbols.samples ** Rational(-4, 5))
    >>> print(problem_to_toml(Problem(IsotropicSpectrum(300), UniformTarget(1), (), fit)))
    [spectrum]
    kind = "isotropic"
    dimension = 300
    scale = 1
    <BLANKLINE>
    [target]
    kind = "uniform"
    squared_norm = 1
    <BLANKLINE>
    [downstream]
    samples = 600
    noise = 0
    ridge = "samples^(-4/5)"
    <BLANKLINE>
    """
    sections = [_spectrum("spectrum", problem.spectrum), _target("target", problem.target)]
    for entry in problem.generations:
        repeat = f"repeat = {_number(entry.repeat)}"
        sections += _fit("generations", entry, ["[[generations]]", repeat])
    if problem.downstream is not None:
        sections += _fit("downstream", problem.downstream, ["[downstream]"])
    text = "\n".join("\n".join(lines) + "\n" for lines in sections)
    try:
        again = ProblemSections("the text", Path(), tomllib.loads(text)).problem(problem.name)
    except (InvalidProblem, ValueError) as error:
        raise NotSupported(f"the problem cannot be written as a file ({error})") from None
    if again != problem:
        raise NotSupported("the problem cannot be written as a file; simplify its expressions")
    return text


def _spectrum(place: str, spectrum: Spectrum) -> list[str]:
    match spectrum:
        case IsotropicSpectrum():
            kind, numbers = "isotropic", {"scale": spectrum.scale}
        case PowerLawSpectrum():
            kind, numbers = "power-law", {"capacity": spectrum.capacity, "scale": spectrum.scale}
        case ExponentialSpectrum():
            kind, numbers = "exponential", {"rate": spectrum.rate, "scale": spectrum.scale}
        case LevelsSpectrum():
            values, counts = _list(spectrum.values), _list(spectrum.counts)
            return [f"[{place}]", 'kind = "levels"', f"values = {values}", f"counts = {counts}"]
        case ExplicitSpectrum():
            eigenvalues = _list(spectrum.eigenvalues)
            return [f"[{place}]", 'kind = "explicit"', f"eigenvalues = {eigenvalues}"]
        case _:
            _refuse(spectrum)
    size = '"inf"' if spectrum.dimension is oo else _number(spectrum.dimension)
    lines = [f"{key} = {_number(value)}" for key, value in numbers.items()]
    return [f"[{place}]", f'kind = "{kind}"', f"dimension = {size}", *lines]


def _target(place: str, target: Target) -> list[str]:
    match target:
        case SourceTarget():
            kind, numbers = "source", {"source": target.source, "scale": target.scale}
        case UniformTarget():
            kind, numbers = "uniform", {"squared_norm": target.squared_norm}
        case LevelsTarget():
            return [f"[{place}]", 'kind = "levels"', f"energies = {_list(target.energies)}"]
        case ExplicitTarget():
            coefficients = _list(target.coefficients)
            return [f"[{place}]", 'kind = "explicit"', f"coefficients = {coefficients}"]
        case _:
            _refuse(target)
    lines = [f"{key} = {_number(value)}" for key, value in numbers.items()]
    return [f"[{place}]", f'kind = "{kind}"', *lines]


def _fit(place: str, fit: Generation | Downstream, lines: list[str]) -> list[list[str]]:
    """The section of a fit, begun by some lines, and those of its own spectrum and shift."""
    own = list(lines)
    for key in NUMBERS:
        value = getattr(fit, key)
        if value is not None and (key in ALWAYS or value != 0):
            own.append(f"{key} = {_number(value)}")
    own += [
        f'{key} = "{getattr(fit, key)}"'
        for key, usual in (("design", "fresh"), ("data", "replace"), ("real_data", "fresh"))
        if getattr(fit, key) != usual
    ]
    sections = [own]
    if fit.spectrum is not None:
        sections.append(_spectrum(f"{place}.spectrum", fit.spectrum))
    if fit.shift is not None:
        sections.append(_target(f"{place}.shift", fit.shift))
    return sections


def _list(values: Iterable[Expr]) -> str:
    return "[" + ", ".join(_number(value) for value in values) + "]"


def _number(value: Expr) -> str:
    if isinstance(value, Integer) and abs(int(value)) < TOML_INTEGER:
        return str(value)
    text = _expression(value)
    return '"' + (text[1:-1] if text.startswith("(") else text) + '"'


def _expression(value: Expr) -> str:
    """The expression in the grammar of problem files; all but single words in parentheses."""
    if isinstance(value, Integer):
        return f"({value})" if value < 0 else f"{value}"
    if isinstance(value, Rational):
        return f"({value.p}/{value.q})"
    if isinstance(value, Symbol) and value in NAMES:
        return NAMES[value]
    if isinstance(value, log | ceiling | floor):
        name = {log: "log", ceiling: "ceil", floor: "floor"}[value.func]
        argument = _expression(value.args[0])
        return name + (argument if argument.startswith("(") else f"({argument})")
    if isinstance(value, Add):
        return "(" + " + ".join(_expression(term) for term in value.args) + ")"
    if isinstance(value, Mul):
        return "(" + "*".join(_expression(factor) for factor in value.args) + ")"
    if isinstance(value, Pow):
        return f"({_expression(value.base)}^{_expression(value.exp)})"
    return _refuse(value)


def _refuse(value: object) -> NoReturn:
    shown = str(value)
    shown = shown if len(shown) <= 60 else shown[:59] + "…"
    raise NotSupported(f"{shown} cannot be written in a problem file; give it a number first")
