"""What ``symcollapse rates`` is asked for: a pipeline, its exponents in letters, and the axes of a diagram."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sympy import Expr, Rational, Symbol, oo

from symcollapse.interfaces.sweeps import shortened
from symcollapse.language.errors import InvalidProblem, SymcollapseError
from symcollapse.language.expressions import parse_expression
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import PowerLawSpectrum
from symcollapse.language.symbols import name_symbol
from symcollapse.language.targets import SourceTarget
from symcollapse.scaling.phase_diagram import LETTERS, PhaseDiagram, exponents_of, phase_diagram
from symcollapse.scaling.rate_scalings import Scaling
from symcollapse.scaling.rates import Rates, error_rates
from symcollapse.theory.test_errors import TestError, test_error

WRITTEN: Mapping[str, str] = {
    "ridge": "l",
    "generations": "a",
    "generation_samples": "b",
    "dimension": "q",
    "noise": "nu",
    "source": "r",
    "capacity": "beta",
}
"""Letters of the command line, by the fields of a scaling."""

FIELDS: Mapping[str, str] = {letter: name for name, letter in WRITTEN.items()}
"""Fields of a scaling, by the letters of the command line."""

SYMBOLS: Mapping[str, Symbol] = {letter: LETTERS[name] for letter, name in FIELDS.items()}
"""What a letter stands for in an expression."""

INFINITE: Mapping[str, tuple[str, Expr]] = {
    "l": ("inf", oo),
    "a": ("-inf", -oo),
    "q": ("inf", oo),
    "nu": ("inf", oo),
}
"""Letters that may be infinite, and how that is written."""

REGIMES: Mapping[str, tuple[str, str]] = {
    "T_0 >= d": ("b >= q", "T_0 < d"),
    "T_0 < d": ("b <= q", "T_0 >= d"),
    "T >= d": ("q <= 1", "T < d"),
    "T < d": ("q >= 1", "T >= d"),
}
"""What to give on each side of the dimension."""

UNUSED: Mapping[str, Any] = {"ridge": oo, "generations": 0, "generation_samples": 1, "noise": 0}
"""Numbers for exponents that a pipeline does not have; the result does not depend on them."""


@dataclass(frozen=True)
class RatesRequest:
    """The words of a command line, read; nothing is derived yet."""

    file: str | None
    """None for generations of least squares with T₀ ≥ d, and ridge regression on their labels."""
    settings: Mapping[str, Expr]
    """Letters, with what they are: a number, infinity, or an expression in other letters."""
    axes: Mapping[str, tuple[Rational, Rational]]
    """None or two letters, the horizontal one first, with the ends of their ranges."""

    def answer(self) -> tuple[Rates, PhaseDiagram | None]:
        """The rates and, if there are axes, the phase diagram.

        Raises
        ------
        SymcollapseError
            In the letters of the command line, with the remedy.

        Example
        -------
        >>> rates, diagram = rates_request(["power-law", "q=b"], []).answer()
        >>> rates.scaling.dimension, rates.scaling.source, diagram
        (b, 3/8, None)
        """
        error, told = _pipeline(self.file)
        held = exponents_of(error)
        self._check_letters(held)
        exponents = {**told, **_resolved(self.settings, told)}
        try:
            rates = error_rates(error, Scaling(**exponents))
            return rates, self._diagram(error, exponents, held) if self.axes else None
        except SymcollapseError as failure:
            raise type(failure)(in_letters(str(failure))) from None

    def _check_letters(self, held: Sequence[str]) -> None:
        for letter in (*self.settings, *self.axes):
            if FIELDS[letter] not in held:
                raise InvalidProblem(f"{letter}: this pipeline has no such exponent; leave it out")
            if letter in self.settings and letter in self.axes:
                raise InvalidProblem(f"{letter}: both given and an axis; take one of the two")
        for letter, value in self.settings.items():
            for other, symbol in SYMBOLS.items():
                if symbol in value.free_symbols and FIELDS[other] not in held:
                    raise InvalidProblem(
                        f"{letter}={shortened(_written(value))}: this pipeline has no exponent {other}; "
                        "leave it out"
                    )

    def _diagram(
        self, error: TestError, exponents: Mapping[str, Any], held: Sequence[str]
    ) -> PhaseDiagram:
        chosen = dict(exponents)
        for name, letter in WRITTEN.items():
            if name not in held:
                chosen[name] = UNUSED[name]
            elif name not in chosen and letter not in self.axes and name != "ridge":
                raise InvalidProblem(
                    f"{letter}: give a number, {letter}=…; only the axes and l need none"
                )
        axes = {FIELDS[letter]: ends for letter, ends in self.axes.items()}
        return phase_diagram(error, Scaling(**chosen), axes)


def rates_request(given: Sequence[str], ranges: Sequence[str]) -> RatesRequest:
    """Read ``[FILE] LETTER=VALUE…`` and the ``LETTER=FROM:TO`` of the axes.

    Raises
    ------
    InvalidProblem
        With the word and the remedy.

    Example
    -------
    >>> request = rates_request(["power-law", "q=b", "l=0.5"], ["a=-1:3", "b=1:2"])
    >>> request.file, request.settings["q"], request.settings["l"], request.axes["b"]
    ('power-law', b, 1/2, (1, 2))
    """
    texts = list(given)
    file = None
    if texts and (not re.match(r"\w+\s*=", texts[0]) or Path(texts[0]).is_file()):
        file = texts.pop(0)
    settings: dict[str, Expr] = {}
    for text in texts:
        letter, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not value:
            raise InvalidProblem(f"{shortened(text)}: give LETTER=VALUE, and FILE before it")
        _require_letter(letter)
        if letter in settings:
            raise InvalidProblem(f"{letter}: set twice; give it once")
        settings[letter] = _value(letter, value)
    return RatesRequest(file, settings, _axes(ranges))


def in_letters(message: str) -> str:
    """An error of the theory with the letters of the command line.

    Example
    -------
    >>> in_letters("capacity = 1: give a number > 1")
    'beta = 1: give a number > 1'
    """
    for name, letter in WRITTEN.items():
        if re.match(rf"{name}\b", message):
            return letter + re.sub(r"\bell\b", "l", message.removeprefix(name))
    for regime, (sizes, other) in REGIMES.items():
        if message.startswith(f"derived for {regime};"):
            return f"the formulas hold for {regime}: give {sizes}, or a FILE with {other}"
    return message


def _require_letter(letter: str) -> None:
    if letter not in FIELDS:
        raise InvalidProblem(f"{shortened(letter)}: no exponent; give some of {', '.join(FIELDS)}")


def _value(letter: str, text: str) -> Expr:
    word, infinite = INFINITE.get(letter, ("", oo))
    if text == word:
        return infinite
    if text.lstrip("+-") in ("inf", "oo", "infinity"):
        remedy = f"only {word} is an infinity that it may be" if word else "give a finite number"
        raise InvalidProblem(f"{shortened(f'{letter}={text}')}: {remedy}")
    value = _parsed(f"{letter}={text}", text, SYMBOLS)
    if not value.is_rational_function(*value.free_symbols):
        raise InvalidProblem(
            f"{shortened(f'{letter}={text}')}: no roots or letters in powers; use + - * / and integer powers"
        )
    return value


def _parsed(shown: str, text: str, names: Mapping[str, Expr]) -> Expr:
    try:
        value = parse_expression(text, names)
    except InvalidProblem as error:
        raise InvalidProblem(f"{shortened(shown)}: {error}") from None
    if not isinstance(value, Rational) and not value.free_symbols:
        raise InvalidProblem(f"{shortened(shown)}: give a rational number such as 3/8")
    return value


def _axes(ranges: Sequence[str]) -> dict[str, tuple[Rational, Rational]]:
    axes: dict[str, tuple[Rational, Rational]] = {}
    for text in ranges:
        letter, equals, ends = (part.strip() for part in text.partition("="))
        low, colon, high = ends.partition(":")
        if not (equals and colon and low.strip() and high.strip()) or ":" in high:
            raise InvalidProblem(f"{shortened(text)}: give --over LETTER=FROM:TO")
        _require_letter(letter)
        if letter in axes:
            raise InvalidProblem(f"{letter}: twice an axis; give two different letters")
        first, last = (_parsed(text, end, {}) for end in (low, high))
        assert isinstance(first, Rational)
        assert isinstance(last, Rational)
        axes[letter] = first, last
    if len(axes) not in (0, 2):
        raise InvalidProblem(f"--over: {len(axes)} given; a phase diagram has two axes")
    return axes


def _pipeline(file: str | None) -> tuple[TestError, dict[str, Expr]]:
    """The test error, and the exponents that the file tells."""
    if file is None:
        # Only the chain counts, not its numbers.
        chain = (Generation(600, noise=1, repeat=5),)
        fit = Downstream(1000, noise=1, ridge=1)
        return test_error(Problem(PowerLawSpectrum(300, 2), SourceTarget(1), chain, fit)), {}
    problem = Problem.from_file(file)
    shown = shortened(Path(file).name)
    spectrum, target = problem.spectrum, problem.target
    if not isinstance(spectrum, PowerLawSpectrum):
        raise InvalidProblem(f'{shown}: rates need spectrum.kind = "power-law"')
    if not isinstance(target, SourceTarget):
        raise InvalidProblem(f'{shown}: rates need target.kind = "source"')
    exponents: dict[str, Expr] = {"capacity": spectrum.capacity, "source": target.source}
    if spectrum.dimension == oo:
        exponents["dimension"] = oo
    return test_error(problem), exponents


def _resolved(settings: Mapping[str, Expr], told: Mapping[str, Expr]) -> dict[str, Expr]:
    """The settings by field, each in letters that have no setting of their own."""
    known = {WRITTEN[name]: value for name, value in told.items()} | dict(settings)

    def resolve(letter: str, trail: tuple[str, ...]) -> Expr:
        if letter in trail:
            chain = " and ".join(f"{each}={shortened(_written(known[each]))}" for each in trail)
            raise InvalidProblem(f"{chain}: {letter} is given by itself; leave one of them out")
        held = [other for other in known if SYMBOLS[other] in known[letter].free_symbols]
        rule = {SYMBOLS[other]: resolve(other, (*trail, letter)) for other in held}
        return known[letter].xreplace(rule)

    return {FIELDS[letter]: resolve(letter, ()) for letter in settings}


def _written(value: Expr) -> str:
    """As it may be typed."""
    return str(value.xreplace({each: name_symbol(letter) for letter, each in SYMBOLS.items()}))
