import os
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Expr, Rational, ceiling, floor, log, oo, sqrt

from symcollapse.language import symbols
from symcollapse.language.errors import InvalidProblem, NotSupported
from symcollapse.language.problem_files import bundled_problems, problem_to_toml, read_problem
from symcollapse.language.problems import Downstream, Generation, Problem
from symcollapse.language.spectra import (
    ExplicitSpectrum,
    ExponentialSpectrum,
    IsotropicSpectrum,
    LevelsSpectrum,
    PowerLawSpectrum,
    Spectrum,
    covariance,
)
from symcollapse.language.targets import (
    ExplicitTarget,
    LevelsTarget,
    SourceTarget,
    Target,
    UniformTarget,
    truth,
)
from tests.language.bad_problem_files import BAD_FILES, NAMED_KEYS

T = symbols.samples
d = symbols.dimension

CONTRACT = """
[spectrum]
kind = "power-law"        # isotropic | power-law | exponential | levels | explicit
dimension = 300
capacity = "2"
[target]
kind = "source"
source = "3/8"
[[generations]]           # in order; none for clean data
samples = 600
noise = "1/5"
ridge = 0
repeat = 5
design = "fresh"
data = "replace"
real_weight = 0
[downstream]
samples = 1000
noise = "1/10"
ridge = "samples^(-4/5)"
"""

SMALL = '[spectrum]\nkind = "isotropic"\ndimension = 3\n[downstream]\nsamples = 9\n'


def write(folder: Path, text: str | bytes, name: str = "a.toml") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def read(folder: Path, text: str, **overrides: str) -> Problem:
    changes = {key.replace("__", "."): value for key, value in overrides.items()}
    return read_problem(write(folder, text), changes)


def refusal(path: str | Path, overrides: dict[str, str] | None = None) -> str:
    with pytest.raises(InvalidProblem) as caught:
        read_problem(path, overrides or {})
    message = str(caught.value)
    assert message.isprintable()
    assert len(message) < 700
    return message


def test_the_contract_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, CONTRACT) == Problem(
        PowerLawSpectrum(300, 2),
        SourceTarget("3/8"),
        (Generation(samples=600, noise="1/5", repeat=5),),
        Downstream(samples=1000, noise="1/10", ridge=T ** Rational(-4, 5)),
    )


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_refused_at_once_in_one_line(name: str, tmp_path: Path) -> None:
    path = write(tmp_path, BAD_FILES[name], name)
    start = time.perf_counter()
    message = refusal(path)
    assert time.perf_counter() - start < 1
    assert message.startswith(f"{name}: ")
    assert NAMED_KEYS[name] in message
    remedied = ("; ", "give ", "did you mean", "use ", "needs ", "write ")
    assert any(word in message for word in remedied), message


def test_the_table_of_bad_files_is_large() -> None:
    assert len(BAD_FILES) >= 200


@pytest.mark.parametrize(
    ("lines", "spectrum"),
    [
        ('kind = "isotropic"\ndimension = 3', IsotropicSpectrum(3)),
        ('kind = "isotropic"\ndimension = "10^15"\nscale = 0.5', IsotropicSpectrum(10**15, "1/2")),
        (
            'kind = "power-law"\ndimension = "inf"\ncapacity = 1.5\n[target]\nkind = "source"\nsource = 1',
            PowerLawSpectrum(oo, "3/2"),
        ),
        (
            'kind = "power-law"\ndimension = inf\ncapacity = "2^(1/2)"\nscale = 2\n'
            '[target]\nkind = "source"\nsource = 1',
            PowerLawSpectrum(oo, sqrt(2), 2),
        ),
        (
            'kind = "exponential"\ndimension = "inf"\nrate = "1/4"\n'
            '[target]\nkind = "uniform"\nsquared_norm = 0',
            ExponentialSpectrum(oo, "1/4"),
        ),
        (
            'kind = "exponential"\ndimension = 200\nrate = "1/4"\nscale = 3',
            ExponentialSpectrum(200, "1/4", 3),
        ),
        (
            'kind = "levels"\nvalues = [4, "1/3"]\ncounts = [100, 200]',
            LevelsSpectrum([4, "1/3"], [100, 200]),
        ),
        (
            'kind = "explicit"\neigenvalues = [3, 0.1, "1/3"]',
            ExplicitSpectrum([3, "1/10", "1/3"]),
        ),
    ],
)
def test_every_kind_of_spectrum_is_read(lines: str, spectrum: Spectrum, tmp_path: Path) -> None:
    problem = read(tmp_path, f"[spectrum]\n{lines}\n[downstream]\nsamples = 9\n")
    assert problem.spectrum == spectrum
    if spectrum.dimension is not oo:
        assert problem.target == UniformTarget(1)


@pytest.mark.parametrize(
    ("lines", "target"),
    [
        ('kind = "uniform"', UniformTarget(1)),
        ('kind = "uniform"\nsquared_norm = "2^(1/2)"', UniformTarget(sqrt(2))),
        ('kind = "levels"\nenergies = [0.25]', LevelsTarget(["1/4"])),
        ('kind = "explicit"\ncoefficients = [1, -2, "1/3"]', ExplicitTarget([1, -2, "1/3"])),
    ],
)
def test_every_kind_of_target_is_read(lines: str, target: Target, tmp_path: Path) -> None:
    assert read(tmp_path, f"{SMALL}[target]\n{lines}\n").target == target


def test_a_float_is_the_decimal_that_is_written(tmp_path: Path) -> None:
    text = SMALL + "noise = 0.1\nridge = +1_0.000_000_000_000_000_001e-2\n"
    downstream = read(tmp_path, text).downstream
    assert downstream is not None
    assert downstream.noise == Rational(1, 10)
    assert downstream.ridge == Rational(10**19 + 1, 10**20)


def test_title_and_description_are_of_no_consequence(tmp_path: Path) -> None:
    titled = read(tmp_path, 'title = "a"\ndescription = """b\nc"""\n' + SMALL)
    assert titled == read(tmp_path, SMALL)
    assert titled.name == "a"


def test_sizes_may_be_used(tmp_path: Path) -> None:
    text = '[downstream]\nsamples = "2*dimension"\nnoise = "1/dimension"\nridge = "1/samples"\n'
    downstream = read(tmp_path, SMALL.partition("[down")[0] + text).downstream
    assert downstream == Downstream(samples=6, noise=1 / d, ridge=1 / T)


def test_samples_may_be_used_in_infinite_dimension(tmp_path: Path) -> None:
    text = CONTRACT.replace("300", '"inf"')
    assert read(tmp_path, text).dimension == oo


PIPELINE = """
[spectrum]
kind = "power-law"
dimension = 30
capacity = 2
[[generations]]
samples = "ceil(20*(m + 2)*log(m + 2)^2)"
noise = "1/(m + 2)"
ridge = "log(samples)/samples"
repeat = 4
data = "accumulate"
real_weight = "-1/3"
real_samples = "dimension/2"
real_noise = "sqrt(m)"
features = "2*samples"
[generations.spectrum]
kind = "exponential"
rate = "1/4"
[generations.shift]
kind = "source"
source = "3/8"
[[generations]]
samples = 40
real_samples = 15
real_data = "same"
[downstream]
design = "shared"
real_weight = 1.5
real_data = "same"
[downstream.shift]
kind = "uniform"
squared_norm = "1/100"
"""


def test_every_key_of_a_fit_is_read(tmp_path: Path) -> None:
    m = symbols.generation
    samples = ceiling(20 * (m + 2) * log(m + 2) ** 2)
    scheduled = Generation(
        samples,
        noise=1 / (m + 2),
        ridge=log(T) / T,
        repeat=4,
        data="accumulate",
        real_weight="-1/3",
        real_samples=15,
        real_noise=sqrt(m),
        features=2 * samples,
        spectrum=ExponentialSpectrum(30, "1/4"),
        shift=SourceTarget("3/8"),
    )
    student = Downstream(
        40, design="shared", real_weight="3/2", real_data="same", shift=UniformTarget("1/100")
    )
    problem = read(tmp_path, PIPELINE)
    assert problem.generations == (
        scheduled,
        Generation(40, real_samples=15, real_data="same"),
    )
    assert problem.downstream == student
    # The sizes of a schedule are integers; 20·2·log(2)² is 19.2.
    sizes = [int(samples.subs(m, number)) for number in range(4)]
    assert sizes == [20, 73, 154, 260]
    assert read(tmp_path, problem_to_toml(problem)) == problem


def test_the_number_of_a_generation_counts_over_all_entries(tmp_path: Path) -> None:
    entries = "[[generations]]\nsamples = 7\nrepeat = 3\n[[generations]]\nsamples = 'm - 2'\n"
    assert len(read(tmp_path, SMALL + entries).generations) == 2
    # In the second entry m is 3, so that of 'm - 2' nothing is wrong, but of 'm - 3' all is.
    message = refusal(write(tmp_path, SMALL + entries.replace("m - 2", "m - 3")))
    assert "generations.1.samples = 'm - 3': at m = 3 this is 0; give an integer >= 1" in message


@pytest.mark.parametrize(
    ("samples", "first"),
    [
        ("100*log(m + 2)", "at m = 0 this is 100*log(2); give an integer >= 1, or use ceil( )"),
        ("12/(m + 1)", "at m = 4 this is 12/5; give an integer >= 1, or use ceil( )"),
        ("12/(9 - m)", "at m = 0 this is 4/3; give an integer >= 1, or use ceil( )"),
        ("sqrt(m^2 + 9) + 1", "at m = 1 this is 1 + sqrt(10); give an integer"),
        ("6 - m", "at m = 6 this is 0; give an integer >= 1"),
        ("ceil(1/(7 - m))", "division by zero; give a divisor that is not zero (at m = 7)"),
        ("ceil(log(m))", "(at m = 0)"),
    ],
)
def test_a_schedule_is_refused_at_the_first_generation_that_fails(
    samples: str, first: str, tmp_path: Path
) -> None:
    entry = f'[[generations]]\nsamples = "{samples}"\nrepeat = 9\n'
    assert first in refusal(write(tmp_path, SMALL + entry))


def test_a_schedule_that_ends_in_time_is_taken(tmp_path: Path) -> None:
    for samples in ("12/(m + 1)", "6 - m", "ceil(1/(7 - m))"):
        entry = f'[[generations]]\nsamples = "{samples}"\nrepeat = 4\n'
        assert read(tmp_path, SMALL + entry).generations[0].repeat == 4


def test_a_spectrum_of_its_own_has_the_problems_dimension(tmp_path: Path) -> None:
    text = SMALL + '[downstream.spectrum]\nkind = "isotropic"\nscale = 2\n'
    downstream = read(tmp_path, text).downstream
    assert downstream is not None
    assert downstream.spectrum == IsotropicSpectrum(3, 2)
    text = text.replace("isotropic", "power-law").replace("scale = 2", "capacity = 3")
    text += '[target]\nkind = "source"\nsource = 1\n'
    again = read(tmp_path, text, spectrum__dimension="inf", spectrum__capacity="2").downstream
    assert again is not None
    assert again.spectrum == PowerLawSpectrum(oo, 3)


def test_a_student_on_shared_inputs_has_its_teachers(tmp_path: Path) -> None:
    teacher = (
        "[[generations]]\nsamples = 7\n[generations.spectrum]\nkind = 'isotropic'\nscale = 2\n"
    )
    text = SMALL.replace("samples = 9", "design = 'shared'") + teacher
    assert read(tmp_path, text).downstream == Downstream(
        7, design="shared", spectrum=IsotropicSpectrum(3, 2)
    )


def test_a_shared_design_has_its_predecessors_samples(tmp_path: Path) -> None:
    entries = "[[generations]]\nsamples = 7\n[[generations]]\nsamples = 8\nrepeat = 0\n"
    generations = read(
        tmp_path, SMALL + entries + "[[generations]]\ndesign = 'shared'\n"
    ).generations
    assert generations[2] == Generation(samples=7, design="shared")


def test_a_problem_may_do_without_a_downstream_fit(tmp_path: Path) -> None:
    text = SMALL.replace("downstream", "[generations]")
    assert read(tmp_path, text).generations == (Generation(samples=9),)


def test_line_ends_and_byte_order_marks_do_not_matter(tmp_path: Path) -> None:
    path = write(tmp_path, b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode(), "b.toml")
    assert read_problem(path, {}) == read(tmp_path, SMALL)


# ------------------------------------------------------------------------------------ overrides


def test_overrides_replace_values(tmp_path: Path) -> None:
    problem = read(
        tmp_path,
        CONTRACT,
        downstream__ridge="samples^(-1/2)",
        generations__0__repeat="3",
        generations__0__design="shared",
        spectrum__capacity="1.5",
        spectrum__dimension="inf",
    )
    assert problem.spectrum == PowerLawSpectrum(oo, "3/2")
    assert problem.generations == (Generation(samples=600, noise="1/5", repeat=3, design="shared"),)
    assert problem.downstream is not None
    assert problem.downstream.ridge == 1 / sqrt(T)


def test_overrides_may_begin_a_section_and_replace_a_list(tmp_path: Path) -> None:
    text = '[spectrum]\nkind = "levels"\nvalues = [1, 2]\ncounts = [3, 4]\n'
    problem = read(tmp_path, text, downstream__samples="9", spectrum__values="[1/3, 5]")
    assert problem.spectrum == LevelsSpectrum(["1/3", 5], [3, 4])
    assert problem.downstream == Downstream(samples=9)


@pytest.mark.parametrize(
    ("key", "value", "named"),
    [
        ("downstream.rigde", "1", "did you mean ridge?"),
        ("downstraem.ridge", "1", "did you mean downstream?"),
        ("ridge", "1", "unknown key"),
        ("", "1", "unknown key"),
        (".", "1", "unknown key"),
        ("downstream", "1", "not one value"),
        ("downstream.", "1", "unknown key"),
        ("downstream.ridge.value", "1", "unknown key"),
        ("downstream.ridge", "", "column 1"),
        ("downstream.ridge", "9^9^9^9", "too many digits"),
        ("downstream.ridge", "[1, 2]", "column 1"),
        ("downstream.samples", "-3", "integer >= 1"),
        ("downstream.samples", "inf", "unknown name"),
        ("generations", "1", "not one value"),
        ("generations.0", "1", "not one value"),
        ("generations.1.repeat", "1", "there are 1 entries"),
        ("generations.-1.repeat", "1", "count the entries from 0"),
        ("generations.99999999999999999999.repeat", "1", "count the entries from 0"),
        ("generations.٠.repeat", "1", "count the entries from 0"),
        ("generations.repeat", "1", "generations.0.key"),
        ("generations.0.design", "sharde", "did you mean shared?"),
        ("generations.0.data", "acumulate", "did you mean accumulate?"),
        ("generations.0.spectrum.kind", "flat", "generations.0.spectrum.kind"),
        ("downstream.shift", "1", "downstream.shift"),
        ("spectrum.kind", "isotropic", "does not belong"),
        ("spectrum.values", "[1", "does not belong"),
        ("title.x", "1", "title"),
        ("x" * 10_000, "1", "unknown key"),
        ("downstream.\x1b[2J\n", "1", "unknown key"),
    ],
)
def test_a_bad_override_is_refused(key: str, value: str, named: str, tmp_path: Path) -> None:
    message = refusal(write(tmp_path, CONTRACT), {key: value})
    assert message.startswith("a.toml: ")
    assert named in message


# -------------------------------------------------------------------------------- finding files


def test_bundled_problems_are_read_by_name() -> None:
    assert set(bundled_problems()) >= {"figure-1a", "figure-1b", "figure-2a", "figure-2b"}
    for name, path in bundled_problems().items():
        problem = read_problem(name, {})
        assert problem.name == name
        assert not problem.is_symbolic
        assert problem == read_problem(path, {}) == read_problem(f"{name}.toml", {})


def test_a_bundled_problem_is_found_beside_a_folder_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "figure-1a").mkdir()
    monkeypatch.chdir(tmp_path)
    assert read_problem("figure-1a", {}).dimension == 300


def test_a_file_goes_before_a_bundled_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, SMALL, "figure-1a")
    monkeypatch.chdir(tmp_path)
    assert read_problem("figure-1a", {}).dimension == 3


def test_an_unknown_name_is_refused_with_names_close_to_it() -> None:
    assert "figure-1a" in refusal("figure-1")
    assert "figure-2b" in refusal("figur2b.toml")
    assert "bundled are accumulate, " in refusal("/nowhere/at/all")


@pytest.mark.parametrize("name", ["", "a\0b", "x" * 10_000, "\ud800", "\x1b[2J\n"])
def test_a_strange_name_is_refused(name: str) -> None:
    refusal(name)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert "is a directory" in refusal(tmp_path)


def test_a_file_of_strange_name_is_named_in_one_line(tmp_path: Path) -> None:
    message = refusal(write(tmp_path, "", "a\n\x1b.toml"))
    assert message.startswith(r"a\n\x1b.toml: ")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_an_unreadable_file_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, SMALL)
    path.chmod(0)
    assert "cannot be read" in refusal(path)


def test_a_file_that_fails_to_be_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*arguments: Any, **options: Any) -> Any:
        del arguments, options
        raise PermissionError(13, "Permission denied")

    path = write(tmp_path, SMALL)
    monkeypatch.setattr(Path, "open", denied)
    assert refusal(path) == "a.toml: cannot be read (Permission denied); check the path"


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    with path.open("wb") as stream:
        stream.truncate(50_000_001)
    start = time.perf_counter()
    assert "50 MB" in refusal(path)
    assert time.perf_counter() - start < 1


# ----------------------------------------------------------------------------------- data files


def explicit(file: str) -> str:
    return f'[spectrum]\nkind = "explicit"\nfile = "{file}"\n[downstream]\nsamples = 9\n'


def test_a_text_file_is_read_exactly(tmp_path: Path) -> None:
    write(tmp_path, "# a comment\n1, 0.1\t1/3\n\n2e-3 # and another\n+4,,5\n", "s.txt")
    expected = ExplicitSpectrum([1, "1/10", "1/3", "1/500", 4, 5])
    assert read(tmp_path, explicit("s.txt")).spectrum == expected
    assert read(tmp_path, explicit(str(tmp_path / "s.txt"))).spectrum == expected


@pytest.mark.parametrize("dtype", ["<f8", ">f8", "<f4", "<i4", "<u8"])
def test_an_array_is_read_exactly(dtype: str, tmp_path: Path) -> None:
    values = np.array([1, 5, 9], dtype=dtype) / np.array([1, 10, 1]).astype(dtype)
    np.save(tmp_path / "s.npy", values.astype(dtype) + np.array(1, dtype=dtype))
    stored = np.load(tmp_path / "s.npy")
    expected = ExplicitSpectrum([Fraction(value) for value in stored.tolist()])
    assert read(tmp_path, explicit("s.npy")).spectrum == expected


def test_a_target_may_be_a_file(tmp_path: Path) -> None:
    write(tmp_path, "1 -2 0", "w.txt")
    text = SMALL + '[target]\nkind = "explicit"\nfile = "w.txt"\n'
    assert read(tmp_path, text).target == ExplicitTarget([1, -2, 0])


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("", "holds 0 numbers"),
        ("# nothing\n", "holds 0 numbers"),
        ("1\n2 x\n", "line 2"),
        ("1\n0\n", "position 1 is 0"),
        ("-1", "position 0 is -1"),
        ("nan", "line 1"),
        ("1e999999999", "too many digits"),
        ("9^9^9^9", "too many digits"),
        ("2^(1/2)", "rational"),
        ("1;2", "line 1"),
        ("\x1b[2J", "line 1"),
        (b"\xff\xfe1", "UTF-8"),
        (b"\x931\n", "UTF-8"),
        ("1 " * 1_000_001, "more than 1000000"),
    ],
)
def test_a_bad_text_file_is_refused(content: str | bytes, named: str, tmp_path: Path) -> None:
    write(tmp_path, content, "s.txt")
    message = refusal(write(tmp_path, explicit("s.txt")))
    assert message.startswith("a.toml: spectrum.file = ")
    assert named in message


@pytest.mark.parametrize(
    ("array", "named"),
    [
        (np.ones((2, 2)), "one-dimensional"),
        (np.float64(1.0), "one-dimensional"),
        (np.ones(2) * 1j, "one-dimensional real"),
        (np.ones(2, dtype=bool), "one-dimensional real"),
        (np.array(["a"]), "one-dimensional real"),
        (np.array([None]), "not a plain .npy"),
        (np.ones(2, dtype=np.longdouble), "one-dimensional real"),
        (np.array([]), "holds 0 numbers"),
        (np.array([1.0, np.nan]), "position 1 is nan"),
        (np.array([np.inf]), "position 0 is inf"),
        (np.array([1.0, -1.0]), "position 1 is -1"),
        (np.ones(1_000_001, dtype=np.int8), "at most 1000000"),
    ],
)
def test_a_bad_array_is_refused(array: Any, named: str, tmp_path: Path) -> None:
    np.save(tmp_path / "s.npy", array, allow_pickle=True)
    message = refusal(write(tmp_path, explicit("s.npy")))
    assert message.startswith("a.toml: spectrum.file = 's.npy': ")
    assert named in message


def test_a_broken_array_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "s.npy", np.ones(100))
    whole = (tmp_path / "s.npy").read_bytes()
    liar = whole.replace(b"(100,)", b"(10**9,)"), whole.replace(b"(100,), ", b"(9999999999999,), ")
    for content in (b"", b"PK\x03\x04", whole[:20], whole[:-8], whole[:8] + b"\xff" * 100, *liar):
        write(tmp_path, content, "s.npy")
        assert "not a plain .npy" in refusal(write(tmp_path, explicit("s.npy")))


# ------------------------------------------------------------------------------------ round trip

_numbers = st.one_of(
    st.integers(1, 10**25).map(Rational),
    st.fractions(min_value=Fraction(1, 10**9), max_value=10**9).map(
        lambda value: Rational(value.numerator, value.denominator)
    ),
    st.builds(
        lambda base, exponent: Rational(base) ** Rational(exponent.numerator, exponent.denominator),
        st.integers(2, 1000),
        st.fractions(-2, 2, max_denominator=7),
    ),
)


def _formula(number: Expr, exponent: Fraction, other: Fraction) -> Expr:
    power = Rational(exponent.numerator, exponent.denominator)
    return number * T**power + d ** Rational(other.numerator, other.denominator) / (1 + T)


_formulas = st.builds(
    _formula,
    _numbers,
    st.fractions(-2, 2, max_denominator=5),
    st.fractions(-2, 2, max_denominator=5),
)
_amounts = st.one_of(st.just(Rational(0)), _numbers)


@st.composite
def _problems(draw: st.DrawFn) -> Problem:
    size = draw(st.integers(1, 6))
    spectrum: Spectrum = draw(
        st.one_of(
            st.builds(IsotropicSpectrum, st.integers(1, 10**15), _numbers),
            st.builds(
                PowerLawSpectrum,
                st.one_of(st.integers(1, 10**15), st.just(oo)),
                _numbers.map(lambda value: 1 + value),
                _numbers,
            ),
            st.builds(
                ExponentialSpectrum,
                st.one_of(st.integers(1, 10**15), st.just(oo)),
                _numbers,
                _numbers,
            ),
            st.lists(st.tuples(_numbers, st.integers(1, 10**9)), min_size=1, max_size=4).map(
                lambda levels: LevelsSpectrum(*zip(*levels, strict=True))
            ),
            st.lists(st.fractions(min_value=Fraction(1, 10**9)), min_size=size, max_size=size).map(
                ExplicitSpectrum
            ),
        )
    )
    norms = st.just(0) if spectrum.dimension is oo else _amounts
    targets: list[st.SearchStrategy[Target]] = [st.builds(UniformTarget, norms)]
    if isinstance(spectrum, PowerLawSpectrum):
        targets.append(st.builds(SourceTarget, _numbers, _numbers))
    if isinstance(spectrum, LevelsSpectrum | IsotropicSpectrum):
        count = len(spectrum.values) if isinstance(spectrum, LevelsSpectrum) else 1
        targets.append(st.lists(_amounts, min_size=count, max_size=count).map(LevelsTarget))
    if isinstance(spectrum, ExplicitSpectrum):
        targets.append(st.lists(st.fractions(), min_size=size, max_size=size).map(ExplicitTarget))
    amounts = _amounts if spectrum.dimension is oo else st.one_of(_amounts, _formulas)
    target = st.one_of(targets)
    common: dict[str, st.SearchStrategy[Any]] = {
        "noise": amounts,
        "ridge": amounts,
        "data": st.sampled_from(["replace", "accumulate"]),
        "real_weight": st.one_of(st.just(Rational(0)), amounts, amounts.map(lambda value: -value)),
        "real_samples": st.one_of(st.just(0), st.integers(1, 10**12)),
        "real_noise": st.one_of(st.none(), amounts),
        "features": st.one_of(st.none(), st.integers(1, 10**12)),
        "spectrum": st.one_of(st.none(), st.just(spectrum)),
        "shift": st.one_of(st.none(), target),
    }
    samples = draw(st.integers(1, 10**12))
    sharing = {**common, "spectrum": st.just(draw(common["spectrum"]))}
    alike = st.builds(
        Generation,
        samples=st.just(samples),
        repeat=st.integers(1, 10**6),
        design=st.sampled_from(["fresh", "shared"]),
        **sharing,
    )
    m = symbols.generation
    scheduled = st.builds(
        Generation,
        samples=st.sampled_from(
            [m + 2, 3 * 2**m, ceiling(9 * (m + 1) * log(m + 2) ** 2), floor(9 * sqrt(m + 1))]
        ),
        repeat=st.integers(1, 9),
        **{**common, "noise": st.sampled_from([1 / (m + 1), sqrt(m), log(m + 1) / T])},
    )
    return Problem(
        spectrum,
        draw(target),
        tuple(draw(st.lists(draw(st.sampled_from([alike, scheduled])), max_size=3))),
        draw(st.builds(Downstream, st.integers(1, 10**30), **common)),
    )


@settings(max_examples=80, derandomize=True, deadline=None)
@given(problem=_problems())
def test_a_written_problem_is_read_back_equal(
    problem: Problem, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "round-trip.toml"
    path.write_text(problem_to_toml(problem), encoding="utf-8")
    assert read_problem(path, {}) == problem


def test_the_largest_numbers_survive_writing(tmp_path: Path) -> None:
    problem = read(tmp_path, SMALL + 'noise = "7^-2900"\nridge = "(2^8000 + 1)/3^5000"\n')
    assert read(tmp_path, problem_to_toml(problem)) == problem


@pytest.mark.parametrize("name", bundled_problems())
def test_a_bundled_problem_survives_writing(name: str, tmp_path: Path) -> None:
    problem = read_problem(name, {})
    assert read(tmp_path, problem_to_toml(problem)) == problem


@pytest.mark.parametrize(
    "problem",
    [
        Problem(IsotropicSpectrum(d), UniformTarget(1), (), Downstream(9)),
        Problem(IsotropicSpectrum(10**16), UniformTarget(1), (), Downstream(9)),
        Problem(IsotropicSpectrum(3), UniformTarget(symbols.squared_norm), (), Downstream(9)),
        Problem(IsotropicSpectrum(3), UniformTarget(1), (), Downstream(T)),
        Problem(IsotropicSpectrum(3), UniformTarget(1), (), Downstream(9, ridge=symbols.ridge)),
        Problem(IsotropicSpectrum(3), truth(), (), Downstream(9)),
        Problem(covariance("Sigma", 3), UniformTarget(1), (), Downstream(9)),
    ],
)
def test_what_a_file_cannot_hold_is_not_written(problem: Problem) -> None:
    with pytest.raises(NotSupported) as caught:
        problem_to_toml(problem)
    assert str(caught.value).isprintable()


def test_a_problem_of_the_derivations_is_found_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    place = "derivations/dohmatob2024/counterexamples/null-threshold.toml"
    shipped = read_problem(place, {})
    # What lies in the folder itself goes before.
    own = tmp_path / place
    own.parent.mkdir(parents=True)
    own.write_text(SMALL, encoding="utf-8")
    assert read_problem(place, {}) != shipped
    for wrong in (
        "derivations/dohmatob2024/counterexamples/no-such.toml",
        "derivations/../pyproject.toml",
        "derivations/a\0b.toml",
    ):
        with pytest.raises(InvalidProblem, match="no such file"):
            read_problem(wrong, {})
