import math
import time
from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sympy import Expr, Float, Integer, Pow, Rational, ceiling, log, sqrt

from symcollapse.language import symbols
from symcollapse.language.errors import InvalidProblem
from symcollapse.language.expressions import InvalidExpression, parse_expression

SYMBOLS: dict[str, Expr] = {"samples": symbols.samples, "dimension": symbols.dimension}
NUMBERS: dict[str, Expr] = {"samples": Integer(1000), "dimension": Integer(300)}
T = symbols.samples
d = symbols.dimension


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3", 3),
        ("-3", -3),
        ("0.1", Rational(1, 10)),
        (".5", Rational(1, 2)),
        ("5.", 5),
        ("1e-3", Rational(1, 1000)),
        ("1.25E+2", 125),
        ("007", 7),
        (" 3 / 8\t", Rational(3, 8)),
        ("1/2/2", Rational(1, 4)),
        ("1-2-3", -4),
        ("1-(2-3)", 2),
        ("2+3*4", 14),
        ("2*3^2", 18),
        ("-2^2", -4),
        ("(-2)^2", 4),
        ("2^-1", Rational(1, 2)),
        ("2^-2^2", Rational(1, 16)),
        ("2^3^2", 512),
        ("2**3**2", 512),
        ("--1", 1),
        ("2*-3", -6),
        ("1--1", 2),
        ("0^0", 1),
        ("0^(1/2)", 0),
        ("4^(1/2)", 2),
        ("(-1)^(10^2000)", 1),
        ("2^(1/2)", sqrt(2)),
        ("2^(1/2) - 2^(1/2)", 0),
        ("2^.5^2", Pow(2, Rational(1, 4))),
        ("samples", T),
        ("samples^(-4/5)", T ** Rational(-4, 5)),
        ("(dimension + 1)/samples", (d + 1) / T),
        ("samples^(1/dimension)", T ** (1 / d)),
        ("log(1)", 0),
        ("log(2)/2", log(2) / 2),
        ("log(samples)^2", log(T) ** 2),
        ("sqrt(9/4)", Rational(3, 2)),
        ("sqrt(2)*sqrt(8)", 4),
        ("sqrt(samples)", sqrt(T)),
        ("ceil(7/2)", 4),
        ("ceil(-7/2)", -3),
        ("floor(7/2)", 3),
        ("floor(-7/2)", -4),
        ("ceil(3)", 3),
        ("floor(sqrt(2)*10^20)", 141421356237309504880),
        ("ceil(100*log(2))", 70),
        ("ceil(samples/3)", ceiling(T / 3)),
    ],
)
def test_a_text_means_this_value(text: str, value: Expr) -> None:
    assert parse_expression(text, SYMBOLS) == value


def test_roots_stay_exact() -> None:
    root = parse_expression("1000^(-4/5)", {})
    assert not root.has(Float)
    assert root**5 == Rational(1, 10**12)
    assert parse_expression("samples^(-4/5)", NUMBERS) == root


def test_substitution_after_parsing_is_parsing_with_numbers() -> None:
    for text in ("samples^(-4/5)", "(dimension + 1)/samples", "1/10 + samples^-2*dimension"):
        later = parse_expression(text, SYMBOLS).xreplace({T: Integer(1000), d: Integer(300)})
        assert later == parse_expression(text, NUMBERS)


REFUSED = {
    "": "column 1",
    "   ": "column 4",
    "(": "column 2",
    "()": "column 2",
    "1)": "column 2",
    "(1": "column 3",
    "1 2": "column 3",
    "1 +": "column 4",
    "+1": "column 1",
    "1//2": "column 3",
    "1.2.3": "column 4",
    "1_000": "column 2",
    "1e": "column 2",
    "1,5": "column 2",
    "2samples": "operator",
    "sampels": "did you mean samples",
    "inf": "unknown name",
    "nan": "unknown name",
    "I": "unknown name",
    "exp(1)": "unknown function",
    "lgo(2)": "did you mean log",
    "samples(2)": "column 8",
    "log": "is a function",
    "log 2": "is a function",
    "log()": "column 5",
    "log(2": "column 6",
    "log(1, 2)": "column 6",
    "log(0)": "not > 0",
    "log(1 - 2^(1/2))": "not > 0",
    "log(log(2) - log(2))": "not > 0",
    "sqrt(-2)": "not real",
    "sqrt(2^(1/2)+3^(1/2)-(5+2*6^(1/2))^(1/2))": "division by zero",
    "1/log(1)": "division by zero",
    "1/floor(1/2)": "division by zero",
    "ceil(2^(1/2)+3^(1/2)-(5+2*6^(1/2))^(1/2))": "cannot be told",
    "floor(1 + log(2) + log(3) - log(6))": "cannot be told",
    "2^ceil(9^9/2)": "too many digits",
    "log(" * 41 + "9" + ")" * 41: "nested|not > 0",
    "samples.__class__": "column 8",
    "__import__('os')": "column 12",
    "[1]": "column 1",
    "1=1": "column 2",
    "9!": "column 2",
    "٣": "column 1",
    "１": "column 1",
    "²": "column 1",
    "1\x00": "column 2",
    "1\u22121": "column 2",
    "\ud800": "column 1",
    "1/0": "division by zero",
    "1/(1-1)": "division by zero",
    "0^-1": "division by zero",
    "0^(-1/2)": "division by zero",
    "0^(2^(1/2))": "division by zero",
    "1/(samples - samples)": "division by zero",
    "(-1)^(1/2)": "not real",
    "(-8)^(1/3)": "not real",
    "(-2)^(2^(1/2))": "not real",
    "(1-2^(1/2))^(1/2)": "not real",
    "9^9^9^9": "too many digits",
    "2^(10^9)": "too many digits",
    "2^-(10^9)": "too many digits",
    "(1/3)^99999": "too many digits",
    "10^2000*10^2000": "too many digits",
    "1e999999999": "too many digits",
    "1e-9999999999999999999999999": "too many digits",
    "0e99999999999": "too many digits",
    "(2^(1/2))^(10^12)": "too many digits",
    "samples^(10^9)": "too many digits",
    "(2*samples)^(10^9)": "too many digits",
    "((samples^1000)^1000)^1000": "too many digits",
    "(2^(10^9*samples))^(1/samples)": "too many digits",
    "(2^(10^9*2^(1/2)))^(2^(1/2))": "too many digits",
    "(10^1500+1)^(1/7)": "too many digits",
    "2^(1/2)+3^(1/2)-(5+2*6^(1/2))^(1/2)": "told from zero",
    "2^(1/2)-" + "1.4142135623730950488016887242096980785696718753769480731766797379907324784621"
    "07038850387534327641572735013846230912297024924836055850737212644121497099935831413222665": (
        "told from zero"
    ),
    "(" * 41 + "1" + ")" * 41: "nested",
    "-" * 41 + "1": "nested",
    "1" + "^1" * 41: "nested",
    "1" * 6001: "too long",
    "1" * 2800: "too many digits",
    "1" + "+1" * 500: "too long",
}


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: ascii(text)[:40])
def test_what_is_no_number_is_refused_in_one_line(text: str) -> None:
    start = time.perf_counter()
    with pytest.raises(InvalidExpression, match=REFUSED[text]) as refusal:
        parse_expression(text, SYMBOLS)
    message = str(refusal.value)
    assert time.perf_counter() - start < 1
    assert message.isprintable()
    assert message.startswith("column ")
    assert "; " in message, "the remedy is missing"


def test_a_refusal_is_an_invalid_problem() -> None:
    with pytest.raises(InvalidProblem):
        parse_expression("1 +", {})


@pytest.mark.parametrize(
    "text",
    [
        "(10^40 + 7)^(1/3)",
        "((10^600 + 7)*(10^600 + 9))^(1/3)",
        "(10^1000 + 1)^(1/7)",
        "7^(1/(10^300 + 51))",
        "*".join(f"({base}^(1/{base}))" for base in range(2, 100)),
        "+".join(f"{base}^(1/{base})" for base in range(2, 120)),
        "(samples + dimension)^500",
        "((((2^(1/2) + 1)^(1/2) + 1)^(1/2) + 1)^(1/2) + 1)^(1/2)",
        "2^(2^(1/2))",
        "log(10^2000 + 1)",
        "log((10^1000 + 7)/(10^900 + 9))",
        "log(((((2^(1/2) + 1)^(1/2) + 1)^(1/2) + 1)^(1/2) + 1)^(1/2))",
        "log(" + "+".join(f"{base}^(1/{base})" for base in range(2, 120)) + ")",
        "ceil(log((samples + dimension)^500 + 2))",
        "log(" + "*".join(f"(samples + {base})" for base in range(2, 100)) + ")",
        "+".join(f"ceil(log(samples + {base})*2^(1/2))" for base in range(2, 50)),
    ],
)
def test_a_hard_number_is_taken_without_long_work(text: str) -> None:
    start = time.perf_counter()
    assert not parse_expression(text, SYMBOLS).has(Float)
    assert time.perf_counter() - start < 1


Tree = tuple[str, Fraction]
"""A text with its value."""

_OPERATIONS: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
}


@st.composite
def _leaves(draw: st.DrawFn) -> Tree:
    whole = draw(st.integers(0, 10**6))
    if draw(st.booleans()):
        return str(whole), Fraction(whole)
    part = draw(st.text("0123456789", min_size=1, max_size=6))
    power = draw(st.sampled_from(["", "e2", "e-3", "E+1"]))
    text = f"{whole}.{part}{power}"
    return text, Fraction(text)


@st.composite
def _branches(draw: st.DrawFn, children: st.SearchStrategy[Tree]) -> Tree:
    kind = draw(st.sampled_from([*_OPERATIONS, "minus", "power"]))
    text, value = draw(children)
    if kind == "minus":
        return f"-({text})", -value
    if kind == "power":
        exponent = draw(st.integers(-3, 3))
        assume(value != 0 or exponent >= 0)
        sign = draw(st.sampled_from(["^", "**"]))
        return f"({text}){sign}{exponent}", value**exponent
    other_text, other = draw(children)
    assume(kind != "/" or other != 0)
    return f"({text}) {kind} ({other_text})", _OPERATIONS[kind](value, other)


@settings(max_examples=200, deadline=None)
@given(st.recursive(_leaves(), _branches, max_leaves=12))
def test_parsing_is_exact_arithmetic(tree: Tree) -> None:
    text, value = tree
    assume(max(abs(value.numerator), value.denominator).bit_length() < 2000)
    assume(len(text) < 1500)
    parsed = parse_expression(text, {})
    assert isinstance(parsed, Rational)
    assert Fraction(int(parsed.p), int(parsed.q)) == value


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.fractions(-(10**9), 10**9, max_denominator=10**6), st.integers(-9, 9))
def test_rounding_is_that_of_exact_numbers(value: Fraction, shift: int) -> None:
    text = f"({value.numerator})/({value.denominator})"
    assert parse_expression(f"ceil({text})", {}) == math.ceil(value)
    assert parse_expression(f"floor({text})", {}) == math.floor(value)
    # An irrational number lies between two integers; log 2 is 0.693…
    assert parse_expression(f"ceil({shift} + log(2))", {}) == shift + 1
    assert parse_expression(f"floor({shift} - log(2))", {}) == shift - 1


@settings(max_examples=200, deadline=None)
@given(st.text("0123456789.+-*/^() eE_asmpledincfogqrt\x00٣", max_size=60))
def test_any_text_is_a_number_or_is_refused(text: str) -> None:
    try:
        value = parse_expression(text, NUMBERS)
    except InvalidExpression:
        return
    assert value.is_finite
    assert value.is_extended_real


@settings(max_examples=100, deadline=None)
@given(st.integers(-50, 50), st.integers(-50, 50), st.integers(1, 50))
def test_precedence_is_pythons(a: int, b: int, c: int) -> None:
    text = f"{a} - {b}*{c}**2 - -{c}"
    assert parse_expression(text.replace("**", "^"), {}) == a - b * c**2 - -c
