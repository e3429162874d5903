"""Linear forms over orders of levels: what is decided about signs, against points of the cells."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Min

from symcollapse.language import symbols
from symcollapse.scaling.rate_scalings import Scaling
from symcollapse.scaling.tropical_forms import Cell, Form, FormSpace, generators
from symcollapse.scaling.tropical_minima import branches

SPACE = FormSpace.of(Scaling(), ("unit", "ridge", "dimension", "generation_samples"))
SMALL = st.integers(-2, 2).map(Fraction)
SLOPES = st.tuples(SMALL, SMALL, SMALL)
WEIGHTS = st.integers(0, 6).map(lambda k: Fraction(k, 2))


def levelled(slopes: list[tuple[Fraction, Fraction, Fraction]]) -> Form:
    zero = (Fraction(0),) * 3
    padded = [*slopes, *([zero] * (len(SPACE.names) - len(slopes)))]
    return Form(tuple(padded))


def test_all_orders_are_found() -> None:
    cells = list(SPACE.cells())
    assert len(cells) == len(set(cells)) == 24
    fixed = FormSpace.of(Scaling(dimension="3/2"), ("unit", "ridge", "dimension"))
    assert len(list(fixed.cells())) == 3


@settings(derandomize=True, deadline=None, max_examples=200)
@given(
    slopes=st.lists(SLOPES, min_size=4, max_size=4),
    place=st.integers(0, 23),
    weights=st.lists(WEIGHTS, min_size=4, max_size=4),
    more=WEIGHTS,
    source=WEIGHTS,
)
def test_a_form_called_nonnegative_is_so_at_every_point(
    slopes: list[tuple[Fraction, Fraction, Fraction]],
    place: int,
    weights: list[Fraction],
    more: Fraction,
    source: Fraction,
) -> None:
    form, cell = levelled(slopes), list(SPACE.cells())[place]
    corners = generators(cell, SPACE.names)
    capacity, product = 1 + more, (1 + more) * source
    point = [sum(w * c[i] for w, c in zip(weights, corners, strict=False)) for i in range(4)]
    value = sum(
        (one + beta * capacity + both * product) * x
        for (one, beta, both), x in zip(slopes, point, strict=True)
    )
    if SPACE.is_nonnegative(form, cell):
        assert value >= 0


def test_a_form_that_is_negative_somewhere_is_not_called_nonnegative() -> None:
    level, unit = symbols.ridge_exponent / symbols.capacity, Fraction(1)
    low = SPACE.form(level, SPACE.slope(Fraction(1), Fraction(0), Fraction(0)))
    one = SPACE.form(unit, SPACE.slope(Fraction(1), Fraction(0), Fraction(0)))
    rest = (symbols.dimension_exponent, symbols.generation_samples_exponent)
    below, above = Cell((level, unit, *rest)), Cell((unit, level, *rest))
    assert SPACE.is_nonnegative(one - low, below)
    assert not SPACE.is_nonnegative(one - low, above)
    # β − 1 is positive, β − 1 − 1/9 is not everywhere.
    margin = SPACE.form(unit, (Fraction(-1), Fraction(1), Fraction(0)))
    assert SPACE.is_nonnegative(margin, below)
    assert not SPACE.is_nonnegative(margin - one.scaled(Fraction(1, 9)), below)
    # Nothing is known of a sign that no order holds.
    assert not SPACE.is_nonnegative(SPACE.exponent(symbols.noise_exponent, Fraction(1)), below)


def test_forms_that_meet_at_a_source_are_one_branch() -> None:
    level = symbols.ridge_exponent / symbols.capacity
    smooth = SPACE.form(level, (Fraction(0), Fraction(2), Fraction(0)))
    rough = SPACE.form(level, (Fraction(0), Fraction(0), Fraction(2)))
    (branch,) = branches([rough, smooth], SPACE, list(SPACE.cells()))
    assert branch.written(SPACE) == 2 * symbols.ridge_exponent * Min(1, symbols.source)
    other = SPACE.form(level, (Fraction(1), Fraction(0), Fraction(2)))
    assert len(branches([other, smooth], SPACE, list(SPACE.cells()))) == 2
