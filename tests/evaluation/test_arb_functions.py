"""Compiled functions on balls, and their source, against mpmath at sixty digits and against the walk."""

import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import pytest
from flint import acb, arb, ctx, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import (
    Abs,
    Basic,
    Catalan,
    Chi,
    Ci,
    E,
    Ei,
    EulerGamma,
    Expr,
    FallingFactorial,
    GoldenRatio,
    I,
    Integer,
    Integral,
    LambertW,
    Li,
    Max,
    Min,
    Piecewise,
    Product,
    Rational,
    RisingFactorial,
    Shi,
    Si,
    Sum,
    acos,
    acosh,
    acot,
    acoth,
    acsc,
    acsch,
    airyai,
    airyaiprime,
    airybi,
    airybiprime,
    asec,
    asech,
    asin,
    asinh,
    assoc_laguerre,
    atan,
    atan2,
    atanh,
    besseli,
    besselj,
    besselk,
    bessely,
    beta,
    binomial,
    ceiling,
    chebyshevt,
    chebyshevu,
    cos,
    cosh,
    cot,
    coth,
    csc,
    csch,
    digamma,
    dirichlet_eta,
    elliptic_e,
    elliptic_f,
    elliptic_k,
    erf,
    erfc,
    erfcinv,
    erfi,
    erfinv,
    exp,
    expint,
    factorial,
    floor,
    fresnelc,
    fresnels,
    gamma,
    gegenbauer,
    harmonic,
    hermite,
    hyper,
    jacobi,
    laguerre,
    legendre,
    lerchphi,
    li,
    log,
    loggamma,
    lowergamma,
    oo,
    pi,
    polygamma,
    polylog,
    sec,
    sech,
    sign,
    sin,
    sinc,
    sinh,
    sqrt,
    tan,
    tanh,
    trigamma,
    uppergamma,
    zeta,
)
from sympy.functions.special.zeta_functions import riemann_xi

import symcollapse as sc
from symcollapse.evaluation import in_numbers
from symcollapse.evaluation.arb_sums import ConvergentWhere, KnownReal
from symcollapse.evaluation.arb_table import BALL_FUNCTIONS
from symcollapse.language.errors import Diverges, NotEvaluable, OutOfRegime, PrecisionExhausted
from symcollapse.language.symbols import (
    capacity,
    generation,
    index,
    noise,
    real_symbol,
    ridge,
    source,
)

x, y = capacity, source
"""Two positive symbols."""

BITS = 240
"""Precision of the balls; about 72 digits."""

DIGITS = 60
"""Digits of mpmath, which rounds each function in its last few."""


def outside(ball: Any, truth: Any) -> bool:
    """Whether a ball is known not to hold the truth, which has an error of a few units of its sixtieth digit."""
    if isinstance(ball, acb):
        return outside(ball.real, truth.real) or outside(ball.imag, truth.imag)
    middle = arb(mpmath.nstr(mpmath.mpf(truth), DIGITS + 10))
    slack = arb(0, 1) * (abs(middle) + 1) * arb(10) ** (4 - DIGITS)
    return not ball.overlaps(middle + slack)


def narrow(ball: Any) -> bool:
    """Whether a ball has lost no more than forty of its digits' bits."""
    return bool(ball.is_finite() and ball.rel_accuracy_bits() > BITS - 133)


KNOWN: dict[type[Basic], tuple[Expr, Callable[[Any, Any], Any]]] = {
    Abs: (Abs(x - 2), lambda x, _y: abs(x - 2)),
    Chi: (Chi(x), lambda x, _y: mpmath.chi(x)),
    Ci: (Ci(x), lambda x, _y: mpmath.ci(x)),
    Ei: (Ei(x), lambda x, _y: mpmath.ei(x)),
    FallingFactorial: (FallingFactorial(x, y), mpmath.ff),
    LambertW: (LambertW(x), lambda x, _y: mpmath.lambertw(x).real),
    Li: (Li(x + 1), lambda x, _y: mpmath.li(x + 1) - mpmath.li(2)),
    Max: (Max(x, y, 1), lambda x, y: max(x, y, 1)),
    Min: (Min(x, y, 1), lambda x, y: min(x, y, 1)),
    RisingFactorial: (RisingFactorial(x, y), mpmath.rf),
    Shi: (Shi(x), lambda x, _y: mpmath.shi(x)),
    Si: (Si(x), lambda x, _y: mpmath.si(x)),
    acos: (acos(x / 5), lambda x, _y: mpmath.acos(x / 5)),
    acosh: (acosh(1 + x), lambda x, _y: mpmath.acosh(1 + x)),
    acot: (acot(x), lambda x, _y: mpmath.acot(x)),
    acoth: (acoth(1 + x), lambda x, _y: mpmath.acoth(1 + x)),
    acsc: (acsc(1 + x), lambda x, _y: mpmath.acsc(1 + x)),
    acsch: (acsch(x), lambda x, _y: mpmath.acsch(x)),
    airyai: (airyai(x), lambda x, _y: mpmath.airyai(x)),
    airyaiprime: (airyaiprime(x), lambda x, _y: mpmath.airyai(x, derivative=1)),
    airybi: (airybi(x), lambda x, _y: mpmath.airybi(x)),
    airybiprime: (airybiprime(x), lambda x, _y: mpmath.airybi(x, derivative=1)),
    asec: (asec(1 + x), lambda x, _y: mpmath.asec(1 + x)),
    asech: (asech(x / 5), lambda x, _y: mpmath.asech(x / 5)),
    asin: (asin(x / 5), lambda x, _y: mpmath.asin(x / 5)),
    asinh: (asinh(x), lambda x, _y: mpmath.asinh(x)),
    assoc_laguerre: (assoc_laguerre(x, y, x), lambda x, y: mpmath.laguerre(x, y, x)),
    atan: (atan(x), lambda x, _y: mpmath.atan(x)),
    atan2: (atan2(x - 2, y - 1), lambda x, y: mpmath.atan2(x - 2, y - 1)),
    atanh: (atanh(x / 5), lambda x, _y: mpmath.atanh(x / 5)),
    besseli: (besseli(y, x), lambda x, y: mpmath.besseli(y, x)),
    besselj: (besselj(y, x), lambda x, y: mpmath.besselj(y, x)),
    besselk: (besselk(y, x), lambda x, y: mpmath.besselk(y, x)),
    bessely: (bessely(y, x), lambda x, y: mpmath.bessely(y, x)),
    beta: (beta(x, y), mpmath.beta),
    binomial: (binomial(x, y), mpmath.binomial),
    ceiling: (ceiling(x), lambda x, _y: mpmath.ceil(x)),
    chebyshevt: (chebyshevt(y, x / 5), lambda x, y: mpmath.chebyt(y, x / 5)),
    chebyshevu: (chebyshevu(y, x / 5), lambda x, y: mpmath.chebyu(y, x / 5)),
    cos: (cos(x), lambda x, _y: mpmath.cos(x)),
    cosh: (cosh(x), lambda x, _y: mpmath.cosh(x)),
    cot: (cot(x), lambda x, _y: mpmath.cot(x)),
    coth: (coth(x), lambda x, _y: mpmath.coth(x)),
    csc: (csc(x), lambda x, _y: mpmath.csc(x)),
    csch: (csch(x), lambda x, _y: mpmath.csch(x)),
    digamma: (digamma(x), lambda x, _y: mpmath.digamma(x)),
    dirichlet_eta: (dirichlet_eta(x), lambda x, _y: mpmath.altzeta(x)),
    elliptic_e: (elliptic_e(x / 5), lambda x, _y: mpmath.ellipe(x / 5)),
    elliptic_f: (elliptic_f(y / 5, x / 5), lambda x, y: mpmath.ellipf(y / 5, x / 5)),
    elliptic_k: (elliptic_k(x / 5), lambda x, _y: mpmath.ellipk(x / 5)),
    erf: (erf(x), lambda x, _y: mpmath.erf(x)),
    erfc: (erfc(x), lambda x, _y: mpmath.erfc(x)),
    erfcinv: (erfcinv(x / 5), lambda x, _y: mpmath.erfinv(1 - x / 5)),
    erfi: (erfi(x), lambda x, _y: mpmath.erfi(x)),
    erfinv: (erfinv(x / 5), lambda x, _y: mpmath.erfinv(x / 5)),
    expint: (expint(y, x), lambda x, y: mpmath.expint(y, x)),
    factorial: (factorial(x), lambda x, _y: mpmath.factorial(x)),
    floor: (floor(x), lambda x, _y: mpmath.floor(x)),
    fresnelc: (fresnelc(x), lambda x, _y: mpmath.fresnelc(x)),
    fresnels: (fresnels(x), lambda x, _y: mpmath.fresnels(x)),
    gamma: (gamma(x), lambda x, _y: mpmath.gamma(x)),
    gegenbauer: (gegenbauer(y, x, y / 5), lambda x, y: mpmath.gegenbauer(y, x, y / 5)),
    harmonic: (harmonic(x), lambda x, _y: mpmath.harmonic(x)),
    hermite: (hermite(y, x), lambda x, y: mpmath.hermite(y, x)),
    hyper: (hyper([x, y], [x + 2], -y), lambda x, y: mpmath.hyp2f1(x, y, x + 2, -y)),
    jacobi: (jacobi(y, x, 1, x / 5), lambda x, y: mpmath.jacobi(y, x, 1, x / 5)),
    laguerre: (laguerre(y, x), lambda x, y: mpmath.laguerre(y, 0, x)),
    legendre: (legendre(y, x / 5), lambda x, y: mpmath.legendre(y, x / 5)),
    lerchphi: (lerchphi(x / 5, y, x), lambda x, y: mpmath.lerchphi(x / 5, y, x)),
    li: (li(x + 1), lambda x, _y: mpmath.li(x + 1)),
    loggamma: (loggamma(x), lambda x, _y: mpmath.loggamma(x)),
    lowergamma: (lowergamma(y, x), lambda x, y: mpmath.gammainc(y, 0, x)),
    polygamma: (polygamma(3, x), lambda x, _y: mpmath.polygamma(3, x)),
    polylog: (polylog(y, x / 5), lambda x, y: mpmath.polylog(y, x / 5)),
    sec: (sec(x), lambda x, _y: mpmath.sec(x)),
    sech: (sech(x), lambda x, _y: mpmath.sech(x)),
    sign: (sign(x - 2), lambda x, _y: mpmath.sign(x - 2)),
    sin: (sin(x), lambda x, _y: mpmath.sin(x)),
    sinc: (sinc(x), lambda x, _y: mpmath.sinc(x)),
    sinh: (sinh(x), lambda x, _y: mpmath.sinh(x)),
    tan: (tan(x), lambda x, _y: mpmath.tan(x)),
    tanh: (tanh(x), lambda x, _y: mpmath.tanh(x)),
    trigamma: (trigamma(x), lambda x, _y: mpmath.polygamma(1, x)),
    uppergamma: (uppergamma(y, x), lambda x, y: mpmath.gammainc(y, x)),
    zeta: (zeta(x + 1, y), lambda x, y: mpmath.zeta(x + 1, y)),
}


def test_every_function_of_the_table_is_tested() -> None:
    # The two of our own stand in infinite sums, below; a hypergeometric function has lists, and no entry.
    assert set(KNOWN) == (set(BALL_FUNCTIONS) - {ConvergentWhere, KnownReal}) | {hyper}


@pytest.mark.parametrize("kind", KNOWN, ids=lambda kind: kind.__name__)
def test_a_function_lies_in_its_ball_and_the_ball_is_narrow(kind: type[Basic]) -> None:
    formula, known = KNOWN[kind]
    compiled = sc.arb_function(formula, [x, y])
    for first, second in ((Fraction(7, 3), Fraction(6, 5)), (Fraction(9, 7), Fraction(17, 8))):
        with ctx.workprec(BITS), mpmath.workdps(DIGITS):
            ball = compiled(first, second)
            numbers = [mpmath.mpf(n.numerator) / n.denominator for n in (first, second)]
            truth = mpmath.re(known(*numbers))
            assert narrow(ball)
            assert not outside(ball, truth)
            # A ball beside the truth is told apart.
            assert outside(ball + (1 + abs(ball)) * arb(10) ** -40, truth)


# Expressions.

LEAVES: tuple[tuple[Expr, Callable[[Any, Any], Any]], ...] = (
    (x, lambda x, _y: x),
    (y, lambda _x, y: y),
    (Rational(3, 7), lambda _x, _y: mpmath.mpf(3) / 7),
    (Integer(-2), lambda _x, _y: mpmath.mpf(-2)),
    (pi, lambda _x, _y: +mpmath.pi),
    (E, lambda _x, _y: +mpmath.e),
    (EulerGamma, lambda _x, _y: +mpmath.euler),
    (Catalan, lambda _x, _y: +mpmath.catalan),
    (GoldenRatio, lambda _x, _y: +mpmath.phi),
)

Pair = tuple[Expr, Callable[[Any, Any], Any]]


def _joined(pair: tuple[str, Pair, Pair]) -> Pair:
    name, (a, f), (b, g) = pair
    match name:
        case "+":
            return a + b, lambda x, y: f(x, y) + g(x, y)
        case "*":
            return a * b, lambda x, y: f(x, y) * g(x, y)
        case "/":
            return a / (1 + b**2), lambda x, y: f(x, y) / (1 + g(x, y) ** 2)
        case "-":
            return a - b, lambda x, y: f(x, y) - g(x, y)
        case _:
            # Powers of what is positive, to exponents of moderate size.
            return (1 + a**2) ** sin(b), lambda x, y: (1 + f(x, y) ** 2) ** mpmath.sin(g(x, y))


def _applied(pair: tuple[str, Pair]) -> Pair:
    name, (a, f) = pair
    functions: dict[str, tuple[Any, Any]] = {
        "sin": (sin, mpmath.sin),
        "atan": (atan, mpmath.atan),
        "erf": (erf, mpmath.erf),
        "log": (lambda a: log(2 + sin(a)), lambda v: mpmath.log(2 + mpmath.sin(v))),
        "gamma": (lambda a: gamma(2 + cos(a)), lambda v: mpmath.gamma(2 + mpmath.cos(v))),
        "root": (lambda a: sqrt(1 + a**2), lambda v: mpmath.sqrt(1 + v**2)),
        "inverse": (
            lambda a: (1 + a**2) ** Rational(-5, 3),
            lambda v: mpmath.root(1 + v**2, 3) ** -5,
        ),
        "square": (lambda a: a**2, lambda v: v**2),
        "cube": (lambda a: (a + 1) ** -3 if a == x else a**3, lambda v: v**3),
    }
    if name == "cube" and a == x:
        return (x + 1) ** -3, lambda x, _y: (x + 1) ** -3
    ours, theirs = functions[name]
    return ours(a), lambda x, y: theirs(f(x, y))


EXPRESSIONS = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from("+*/-^"), inner, inner).map(_joined),
        st.tuples(
            st.sampled_from(
                ["sin", "atan", "erf", "log", "gamma", "root", "inverse", "square", "cube"]
            ),
            inner,
        ).map(_applied),
    ),
    max_leaves=8,
)
POINTS = st.fractions(Fraction(1, 9), Fraction(3), max_denominator=40)


@given(EXPRESSIONS, POINTS, POINTS)
@settings(derandomize=True, deadline=None, max_examples=150)
def test_an_expression_lies_in_its_ball(pair: Pair, first: Fraction, second: Fraction) -> None:
    formula, known = pair
    with ctx.workprec(BITS), mpmath.workdps(2 * DIGITS):
        ball = sc.arb_function(formula, [x, y])(first, second)
        # What lost its digits, such as sin of 10⁶⁰, is finite all the same; at twice the digits the truth is right.
        truth = known(*(mpmath.mpf(n.numerator) / n.denominator for n in (first, second)))
        assert ball.is_finite()
        assert not outside(ball, truth)
        assert outside(ball + (1 + abs(ball)) * arb(2) ** -40, truth)


@given(EXPRESSIONS, POINTS, POINTS)
@settings(derandomize=True, deadline=None, max_examples=40)
def test_a_wide_argument_gives_a_ball_of_all_values(
    pair: Pair, first: Fraction, second: Fraction
) -> None:
    compiled = sc.arb_function(pair[0], [x, y])
    with ctx.workprec(BITS):
        low, high = (arb(fmpq(n.numerator, n.denominator)) for n in (first, second))
        wide = compiled(low.union(high), low)
        for share in (0, fmpq(1, 3), 1):
            inside = compiled(low + (high - low) * share, low)
            assert wide.overlaps(inside)
            # The ball moved by more than its width is told apart.
            beside = wide + 2 * wide.rad() + 1
            assert not (wide.is_finite() and beside.overlaps(inside))


# Source.


def ran(code: str, *calls: str) -> list[str]:
    """What a fresh interpreter, which knows no package but installed ones, prints for some calls."""
    lines = "".join(f"\nprint(({call}).str(60, radius=True))" for call in calls)
    text = f"{code}\nfrom flint import ctx\nctx.prec = {BITS}{lines}\n"
    done = subprocess.run(
        [sys.executable, "-I", "-c", text], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split("\n")[: len(calls)]


def imported(code: str) -> list[str]:
    """Lines of a source that import something."""
    return [line for line in code.splitlines() if "import" in line.split()[:1] + line.split()[2:3]]


def test_every_function_is_written_and_its_source_gives_the_same_balls() -> None:
    formulas = [formula for formula, _ in KNOWN.values()]
    code = sc.arb_code(formulas, [x, y], "values")
    compiled = sc.arb_function(formulas, [x, y])
    assert imported(code) == ["from flint import acb, arb"]
    with ctx.workprec(BITS):
        ours = [ball.str(60, radius=True) for ball in compiled(Fraction(7, 3), Fraction(6, 5))]
    calls = [f"values(arb(7) / 3, arb(6) / 5)[{k}]" for k in range(len(formulas))]
    theirs = ran(code, *calls)
    assert theirs == ours
    # The last, ζ(x + 1, y), is another one beside.
    moved = ran(code, f"values(arb(7) / 3, arb(6) / 5 + arb(10) ** -30)[{len(formulas) - 1}]")
    assert moved != ours[-1:]


def test_the_source_of_a_test_error_brings_its_effective_ridge_along() -> None:
    problem = sc.Problem.from_file("figure-1a", {"generations.0.repeat": "1"})
    spectrum, target = sc.PowerLawSpectrum(40, "3/2"), sc.SourceTarget("3/4")
    problem = sc.Problem(spectrum, target, problem.generations, problem.downstream)
    total = sc.test_error(problem).total
    code = sc.arb_code(total, [ridge], "total_error", problem)
    assert imported(code) == ["from flint import acb, arb, ctx, fmpq"]
    assert "def effective_ridge" in code
    for at in ("1/10", "1/1000"):
        (text,) = ran(code, f"total_error(arb({at.replace('/', ')/')})")
        known = sc.evaluate(total, problem, values={ridge: at}, digits=50)
        with ctx.workprec(BITS):
            # Fifty digits, half a unit of the last; a unit beside them is told apart.
            ball, unit = arb(text), arb(known.radius)
            assert ball.overlaps(arb(known.text) + arb(0, 1) * unit)
            assert ball.rel_accuracy_bits() > 170
            assert not ball.overlaps(arb(known.text) * (1 + arb(10) ** -45))


def test_names_of_symbols_are_never_code() -> None:
    hostile = real_symbol("x\nraise SystemExit(3)\r\x0c\u2028raise SystemExit(4)\n#")
    helper, word, taken = real_symbol("alike_ball"), real_symbol("lambda"), real_symbol("abs")
    code = sc.arb_code(
        hostile * gamma(helper) * Abs(word) * taken, [hostile, helper, word, taken], "f"
    )
    assert ran(code, "f(2, 3, -1, 1)")[0].startswith("4.0")
    with pytest.raises(NotEvaluable, match="give a name of letters"):
        sc.arb_code(x, [x], "f(): pass #")
    with pytest.raises(NotEvaluable, match="give a name of letters"):
        sc.arb_code(x, [x], "lambda")


# Sums, products, integrals.


def at(formula: Expr, *numbers: Any) -> Any:
    """Ball of a formula in x and y at numbers."""
    with ctx.workprec(BITS):
        return sc.arb_function(formula, [x, y])(*numbers)


def test_finite_sums_and_products_are_added_up_also_nested() -> None:
    i, j = generation, index
    inner = Sum(x**i / (i + j), (i, 0, j))
    value = at(Sum(inner * y, (j, 1, 6)), 2, 3)
    known = sum(Fraction(3 * 2**a, a + b) for b in range(1, 7) for a in range(b + 1))
    with ctx.workprec(BITS):
        assert value.overlaps(arb(fmpq(known.numerator, known.denominator)))
        assert value.rad() < 1e-60
    assert at(Product(1 + x * j, (j, 1, 5)), 2, 3).overlaps(arb(3 * 5 * 7 * 9 * 11))
    # The same letter bound twice is two variables.
    twice = Sum(j * Sum(j**2, (j, 1, 3)), (j, 1, 2))
    assert at(twice, 1, 1).overlaps(arb(42))
    assert at(Sum(j, (j, 1, 0)), 1, 1).is_zero()
    assert at(Sum(j, (j, x, y)), 2, 4).overlaps(arb(9))
    with pytest.raises(NotEvaluable, match="no whole number"):
        at(Sum(j, (j, 1, y)), 2, Fraction(5, 2))
    with pytest.raises(NotEvaluable, match="at most"):
        at(Sum(1 / j, (j, 1, 10**9)), 1, 1)
    with pytest.raises(NotEvaluable, match="give an upper bound"):
        at(Sum(j, (j, 5, 2)), 1, 1)


INFINITE: dict[str, tuple[Any, Callable[[Any, Any], Any]]] = {
    "powers": (Sum(index**-x, (index, 3, oo)), lambda x, _y: mpmath.zeta(x, 3)),
    "shifted powers": (
        Sum(5 / (2 * index + y) ** x, (index, 1, oo)),
        lambda x, y: 5 * mpmath.mpf(2) ** -x * mpmath.zeta(x, 1 + y / 2),
    ),
    "a ratio": (
        Sum((y / 2) ** (index + 1), (index, 2, oo)),
        lambda _x, y: (y / 2) ** 3 / (1 - y / 2),
    ),
    "a ratio and a square": (
        Sum(index**2 * exp(-x * index), (index, 0, oo)),
        lambda x, _y: mpmath.polylog(-2, mpmath.exp(-x)),
    ),
    "alternating": (
        Sum((-1) ** index / index, (index, 1, oo)),
        lambda _x, _y: -mpmath.log(2),
    ),
    "rational": (
        Sum(1 / ((index + y) * (index + y + 3)), (index, 1, oo)),
        lambda _x, y: (mpmath.digamma(4 + y) - mpmath.digamma(1 + y)) / 3,
    ),
    "quadratic": (
        Sum(x / (index**2 + 3), (index, 1, oo)),
        lambda x, _y: (
            x
            * (
                mpmath.pi * mpmath.coth(mpmath.pi * mpmath.sqrt(3)) / mpmath.sqrt(12)
                - mpmath.mpf(1) / 6
            )
        ),
    ),
}


@pytest.mark.parametrize("name", INFINITE)
def test_infinite_sums_have_their_digits_in_every_arithmetic(name: str) -> None:
    formula, known = INFINITE[name]
    with ctx.workprec(BITS), mpmath.workdps(DIGITS):
        point = (mpmath.mpf(5) / 2, mpmath.mpf(6) / 5)
        ball, truth = at(formula, Fraction(5, 2), Fraction(6, 5)), known(*point)
        assert narrow(ball)
        assert not outside(ball, truth)
        assert outside(ball * (1 + arb(10) ** -40), truth)
    values = {x: Rational(5, 2), y: Rational(6, 5)}
    assert (
        abs(sc.evaluate(formula, values=values, digits=40).mpf / truth - 1) < mpmath.mpf(10) ** -39
    )
    # Doubles round once, to 1.1e-16, and announce no more than 1e-12.
    present = [(symbol, point) for symbol, point in ((x, 2.5), (y, 1.2)) if formula.has(symbol)]
    in_doubles = sc.lambdify(formula, [symbol for symbol, _ in present])
    assert abs(float(in_doubles(*(point for _, point in present))) / truth - 1) < 1e-12


@pytest.mark.parametrize(
    ("formula", "error", "message"),
    [
        (Sum(1 / index, (index, 1, oo)), Diverges, "is infinite"),
        (Sum(sin(index), (index, 1, oo)), NotEvaluable, "no proven tail.*give a finite"),
        (Sum(x**index, (index, 1, oo)), NotEvaluable, "does not converge here"),
        (Sum(index**-y, (index, 1, oo)), NotEvaluable, "does not converge here"),
        (Sum(2**index, (index, 1, oo)), Diverges, "diverges"),
        (Sum(1 / (index - 3) ** 2, (index, 1, oo)), Diverges, "1/0"),
        (Product(x, (index, 1, oo)), NotEvaluable, "an infinite product"),
        (Integral(exp(-x * index), (index, 0, oo)), NotEvaluable, "no certified tail; substitute"),
        (Integral(asin(index / x), (index, 0, 1)), NotEvaluable, "asin in an integrand"),
        (Integral(Abs(noise - 1), (noise, 0, 2)), NotEvaluable, "Abs in an integrand"),
        (
            Integral(index ** Sum(1, (generation, 0, index)), (index, 0, 2)),
            NotEvaluable,
            "whole number",
        ),
        (
            Integral(sc.EffectiveRidge(ridge, 3, sc.PowerLawSpectrum(5, 2)), (ridge, 1, 2)),
            NotEvaluable,
            "EffectiveRidge in an integrand",
        ),
        (riemann_xi(x), NotEvaluable, "riemann_xi is not a function"),
        (ridge * x, NotEvaluable, "the symbol lambda has no value: name it"),
    ],
)
def test_what_has_no_certified_value_is_refused_in_one_line(
    formula: Expr, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        at(formula, 2, Fraction(1, 2))
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_integrals_are_certified() -> None:
    t = noise
    formula = Integral(x * sqrt(1 + t) * log(2 + t) / (1 + y * t**2), (t, 0, x))
    with ctx.workprec(BITS), mpmath.workdps(DIGITS):
        truth = mpmath.quad(
            lambda t: 2 * mpmath.sqrt(1 + t) * mpmath.log(2 + t) / (1 + 3 * t**2), [0, 0.5, 1, 2]
        )
        ball = at(formula, 2, 3)
        assert isinstance(ball, arb)
        assert narrow(ball)
        assert not outside(ball, truth)
        assert outside(ball * (1 + arb(10) ** -40), truth)
    # A sum over eigenvalues in an integrand, against the integral of each term.
    trace = sc.spectral_trace(sc.eigenvalue / (sc.eigenvalue + ridge), sc.PowerLawSpectrum(9, 2))
    term = log((Rational(1) / index**2 + 2) / (Rational(1) / index**2 + 1)) / index**2
    ours = sc.evaluate(Integral(trace, (ridge, 1, 2)), digits=30)
    assert ours.text == sc.evaluate(Sum(term, (index, 1, 9)), digits=30).text
    assert ours.text != sc.evaluate(Sum(term, (index, 1, 10)), digits=30).text
    # A pole between the bounds.
    assert not at(Integral(1 / (t - 1), (t, 0, x)), 2, 1).is_finite()
    with mpmath.workdps(30):
        known = mpmath.quad(mpmath.gamma, [1, 1.5, 2])
        assert abs(sc.evaluate(Integral(gamma(t), (t, 1, 2)), digits=25).mpf / known - 1) < 1e-24


# Where there is no value.


def test_poles_cuts_and_wide_balls_give_no_finite_ball() -> None:
    for formula in (
        gamma(-x),
        loggamma(-x),
        1 / (x - 2),
        zeta(x - 1),
        tan(pi / x),
        log(1 - x / 2),
    ):
        assert not at(formula, 2, 1).is_finite(), formula
    for formula in (sqrt(1 - x), log(1 - x), acosh(x / 4), elliptic_k(x), asin(x), (1 - x) ** y):
        assert not at(formula, 2, Fraction(1, 3)).is_finite(), formula
    assert not at(atan2(x - 2, y - 1), 2, 1).is_finite()
    with ctx.workprec(BITS):
        wide = arb(0, 1)
        for formula in (log(x), 1 / x, gamma(x), sqrt(x), x**-3):
            assert not sc.arb_function(formula, [x])(wide).is_finite()
        # Even powers of a ball around 0 are finite.
        assert sc.arb_function(x**4, [x])(wide).overlaps(arb(0))
        # A cut that a complex ball touches: both sides.
        both = sc.arb_function(log(x), [x])(acb(-1, arb(0, "1e-5")))
        assert both.imag.contains(arb.pi())
        assert both.imag.contains(-arb.pi())


def test_conditions_that_are_not_decided_give_no_number() -> None:
    formula = Piecewise((sqrt(x - 1), x > 1), (log(1 - x), x < 1), (7, True))
    compiled = sc.arb_function(formula, [x])
    assert compiled(2).overlaps(arb(1))
    assert compiled("1/2").overlaps(-arb(2).log())
    assert compiled(1).overlaps(arb(7))
    with pytest.raises(PrecisionExhausted):
        compiled(arb(1, "1e-3"))
    with pytest.raises(NotEvaluable, match="no piece"):
        sc.arb_function(Piecewise((1, x > 5)), [x])(1)
    (text,) = ran(sc.arb_code(formula, [x]), "f(2)")
    assert text.startswith("1.0000")


def test_complex_arguments_ask_for_the_complex_function() -> None:
    formula = [gamma(x) * sqrt(x) + log(x - 5), besselj(y, x), hyper([x, 1], [y], -x), x + I]
    compiled = sc.arb_function(formula, [x, y])
    with ctx.workprec(BITS), mpmath.workdps(DIGITS):
        balls = compiled(acb(2, 3), Fraction(1, 3))
        z, third = mpmath.mpc(2, 3), mpmath.mpf(1) / 3
        truths = [
            mpmath.gamma(z) * mpmath.sqrt(z) + mpmath.log(z - 5),
            mpmath.besselj(third, z),
            mpmath.hyp2f1(z, 1, third, -z),
            z + 1j,
        ]
        for ball, truth in zip(balls, truths, strict=True):
            assert isinstance(ball, acb)
            assert not outside(ball, truth)
            assert outside(ball + arb(10) ** -40, truth)


def test_calls_are_checked() -> None:
    compiled = sc.arb_function(x + y, [x, y])
    assert compiled("1/3", 0.5).overlaps(arb(5) / 6)
    with pytest.raises(NotEvaluable, match="1 numbers for 2 arguments"):
        compiled(1)
    with pytest.raises(sc.InexactConstant):
        sc.arb_function(0.1 * x, [x])
    with pytest.raises(sc.InexactConstant):
        compiled("one", 2)
    with pytest.raises(NotEvaluable, match="twice"):
        sc.arb_function(x, [x, x])
    assert compiled.digits(20, "1/3", 1).text == "1.3333333333333333333"
    with pytest.raises(PrecisionExhausted):
        sc.arb_function(sin(x) ** 2 + cos(x) ** 2 - 1, [x]).digits(5, 1)


# The theory's own quantities and formulas.

SPECTRA = (
    (sc.IsotropicSpectrum(12, "3/2"), sc.UniformTarget(2)),
    (sc.LevelsSpectrum([4, 1], [5, 9]), sc.LevelsTarget([1, 3])),
    (sc.ExplicitSpectrum([3, 3, "1/2", 1]), sc.ExplicitTarget([1, 2, 3, "1/2"])),
    (sc.ExplicitSpectrum([3, 3, "1/2", 1]), sc.UniformTarget(2)),
    (sc.PowerLawSpectrum(30, "3/2"), sc.SourceTarget("3/4")),
    (sc.ExponentialSpectrum(20, "1/4"), sc.UniformTarget(2)),
    (sc.PowerLawSpectrum(oo, 2), sc.SourceTarget("3/4")),
    (sc.PowerLawSpectrum(5000, 2), sc.SourceTarget("3/4")),
)


@pytest.mark.parametrize(("spectrum", "target"), SPECTRA)
@pytest.mark.parametrize("count", [3, 40])
def test_quantities_agree_with_the_walk(
    spectrum: sc.Spectrum, target: sc.Target, count: int
) -> None:
    kappa = sc.EffectiveRidge(ridge, count, spectrum)
    s = sc.eigenvalue
    formula = (
        sc.DegreesOfFreedom(1, kappa, spectrum) + 2 * sc.DegreesOfFreedom(2, kappa, spectrum)
    ) / sc.ResidualDegreesOfFreedom(count, ridge, 2 * ridge, spectrum) + sc.quadratic_form(
        kappa * s / (s + kappa) ** 2, spectrum, target
    )
    compiled = sc.arb_function(formula, [ridge])
    for value in ("1/7", "1/1000000"):
        known = sc.evaluate(formula, values={ridge: value}, digits=40)
        found = compiled.digits(40, value)
        assert found.text == known.text
        assert compiled.digits(40, Fraction(value) + Fraction(1, 10**60)).text == known.text
        assert compiled.digits(40, Fraction(value) * (1 + Fraction(1, 10**20))).text != known.text


def test_the_effective_ridge_of_hard_spectra_is_certified() -> None:
    # Underflowing ridges, T = d, a spectrum of a thousand decades: two signs, or no number.
    for spectrum, count, value in (
        (sc.PowerLawSpectrum(200, "3/2"), 200, Fraction(1, 10**12)),
        (sc.ExponentialSpectrum(200, "1/4"), 100, Fraction(1, 10**15)),
        (sc.PowerLawSpectrum(200, 4), 100, Fraction(1, 10**14)),
        (sc.LevelsSpectrum([1, Fraction(1, 10**500)], [5, 5]), 7, Fraction(1, 10**300)),
        (sc.IsotropicSpectrum(100), 100, Fraction(1, 10**300)),
        (sc.LevelsSpectrum([1, 10**500], [5, 5]), 7, Fraction(0)),
    ):
        formula = sc.EffectiveRidge(ridge, count, spectrum)
        found = sc.arb_function(formula, [ridge]).digits(50, value)
        assert found.text == sc.evaluate(formula, values={ridge: value}, digits=50).text
    with pytest.raises(NotEvaluable, match="give a number >= 0"):
        sc.arb_function(formula, [ridge])(-1)


def test_sizes_out_of_regime_are_refused() -> None:
    surplus = sc.SurplusSamples(sc.samples, sc.IsotropicSpectrum(20))
    compiled = sc.arb_function(1 / surplus, [sc.samples])
    assert compiled(25).overlaps(arb(1) / 5)
    with pytest.raises(OutOfRegime, match="derived for T >= d"):
        compiled(10)
    with pytest.raises(NotEvaluable, match="abstract"):
        sc.arb_function(sc.spectral_trace(sc.eigenvalue, sc.SIGMA), [])
    with pytest.raises(NotEvaluable, match="compile it with arb_function"):
        sc.arb_code(sc.spectral_trace(sc.eigenvalue, sc.PowerLawSpectrum(oo, 2)), [])
    written = sc.arb_code(sc.spectral_trace(sc.eigenvalue, sc.PowerLawSpectrum(5000, 2)), [])
    with mpmath.workdps(DIGITS):
        assert not outside(arb(ran(written, "f()")[0]), mpmath.zeta(2) - mpmath.zeta(2, 5001))


def _produced() -> dict[str, Expr]:
    """Formulas that the other rooms write."""
    s, m, oo_law = sc.eigenvalue, sc.effective, sc.PowerLawSpectrum(oo, x)
    decay = sc.ExponentialSpectrum(oo, sc.rate)
    fit = sc.Downstream(sc.samples, noise=noise, ridge=ridge)
    found: dict[str, Expr] = {}
    for order in (1, 2):
        summand = (s / (s + m)) ** order
        found[f"df_{order}"] = sc.expand_power_law_sum(summand, oo_law, terms=3).formula
        found[f"df_{order}, capacity 2"] = sc.expand_power_law_sum(
            summand, sc.PowerLawSpectrum(oo, 2), terms=3
        ).formula
        found[f"df_{order}, exponential"] = sc.expand_exponential_sum(
            summand, decay, terms=2, harmonics=2
        ).formula
        found[f"bias {order}"] = sc.expand_power_law_sum(
            summand / s, oo_law, sc.SourceTarget(y), terms=3
        ).formula
    found["df_1, finite dimension"] = sc.expand_power_law_sum(
        s / (s + m), sc.PowerLawSpectrum(sc.dimension, x), terms=2
    ).formula
    plain = sc.Problem(oo_law, sc.SourceTarget(y), (), fit)
    best = sc.optimal_ridge(plain)
    found["least ridge"], found["least error"] = best.leading, best.error
    expanded = sc.expand_test_error(plain)
    for name, part in expanded.parts.items():
        found[f"{name} at large ridge"] = part.at_large_ridge
        found[f"{name} through the crossover"] = part.through_crossover
    found["ridgeless ridge"] = expanded.ridgeless_ridge
    small = sc.Generation(20, noise="1/2", real_weight="1/3", repeat=sc.generations)
    scheduled = sc.Generation(40 * (generation + 1) ** 2, noise="1/3", repeat=sc.generations)
    curved = sc.Generation(generation**2 + 35, noise="1/3", repeat=sc.generations)
    for name, entry in (("mixed", small), ("scheduled", scheduled), ("curved", curved)):
        problem = sc.Problem(sc.IsotropicSpectrum(30), sc.UniformTarget(1), (entry,))
        law = sc.solve_generations(problem)
        found[f"{name} chain"] = in_numbers(law.error, problem)
        found[f"{name} chain, limit"] = in_numbers(law.limit, problem)
    return found


PRODUCED = _produced()

NUMBERS: dict[str, Any] = {
    "beta": Rational(7, 3), "r": Rational(3, 5), "kappa": Rational(1, 50), "alpha": Rational(1, 3),
    "d": Rational(30), "T": Rational(100), "T_0": Rational(70), "n": Rational(5), "w": Rational(6, 5),
    "kappa_0": Rational(1, 40),
}  # fmt: skip


@pytest.mark.parametrize("name", PRODUCED)
def test_formulas_that_the_package_writes_compile(name: str) -> None:
    compares(PRODUCED[name])


def compares(formula: Expr) -> None:
    """Compiled and walked to forty digits; at numbers moved in their twentieth they differ."""
    symbols: list[Any] = sorted(formula.free_symbols, key=str)
    values = [NUMBERS.get(str(symbol), Rational(1, 7)) for symbol in symbols]
    compiled = sc.arb_function(formula, symbols)
    known = sc.evaluate(formula, values=dict(zip(symbols, values, strict=True)), digits=40)
    assert compiled.digits(40, *values).text == known.text
    for position, symbol in enumerate(symbols):
        moved = list(values)
        moved[position] *= 1 + Rational(1, 10**20)
        if not symbol.is_integer:
            assert compiled.digits(40, *moved).text != known.text
