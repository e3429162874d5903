"""Problem files that must be refused, quickly and in one line: file name, key to be named, content.

Whoever reads problem files can hold itself to this table: ``BAD_FILES`` maps names to contents.
"""

_SPECTRUM = '[spectrum]\nkind = "isotropic"\ndimension = 300\n'
_DOWNSTREAM = "[downstream]\nsamples = 1000\n"
_GOOD = _SPECTRUM + _DOWNSTREAM


def _ridge(text: str) -> tuple[str, str]:
    return "downstream.ridge", f'{_GOOD}ridge = "{text}"\n'


def _downstream(key: str, line: str) -> tuple[str, str]:
    return f"downstream.{key}", f"{_SPECTRUM}[downstream]\n{line}\n"


def _generation(key: str, lines: str) -> tuple[str, str]:
    return f"generations.0.{key}", f"{_GOOD}[[generations]]\n{lines}\n"


def _spectrum(key: str, lines: str) -> tuple[str, str]:
    return f"spectrum{key}", f"[spectrum]\n{lines}\n{_DOWNSTREAM}"


def _target(key: str, lines: str) -> tuple[str, str]:
    return f"target{key}", f"{_GOOD}[target]\n{lines}\n"


_POWER_LAW = 'kind = "power-law"\ndimension = 300\n'

_CASES: dict[str, tuple[str, str | bytes]] = {
    # the file as a whole
    "empty": ("empty", ""),
    "blank": ("empty", "  \n\t\n"),
    "comment-only": ("spectrum", "# nothing here\n"),
    "not-utf-8": ("line 2", b"[spectrum]\nkind = '\xff\xfe'\n"),
    "utf-16": ("line 1", _GOOD.encode("utf-16")),
    "binary": ("", bytes(range(256))),
    "null-byte": ("line 1", b"[spectrum]\x00\n"),
    "no-toml": ("line 1", "once upon a time\n"),
    "open-string": ("line 2", '[spectrum]\nkind = "isotropic\n'),
    "open-table": ("line 1", "[spectrum\n"),
    "repeated-key": ("line 4", _SPECTRUM + "dimension = 3\n"),
    "repeated-section": ("line 4", _SPECTRUM + _SPECTRUM),
    "no-value": ("line 2", "[spectrum]\nkind =\n"),
    "json": ("line 1", '{"spectrum": {"kind": "isotropic"}}'),
    "deep-lists": ("nested", "x = " + "[" * 100_000),
    "deep-tables": ("", "x = " + "{a = " * 100_000),
    "long-key": ("line 1", "a." * 100_000 + "a = 1\n"),
    "long-quoted-key": ("line 1", '"a" . ' * 50_000 + "a = 1\n"),
    "many-digits": ("digits", f"{_GOOD}ridge = {'9' * 100_000}\n"),
    "hexadecimal": ("downstream.ridge", f"{_GOOD}ridge = 0x{'f' * 100_000}\n"),
    "no-spectrum": ("spectrum", _DOWNSTREAM),
    "nothing-fitted": ("nothing is fitted", _SPECTRUM),
    "all-left-out": ("nothing is fitted", _SPECTRUM + "[[generations]]\nsamples = 9\nrepeat = 0\n"),
    "unknown-section": ("targte", _GOOD + "[targte]\n"),
    "unknown-strange-key": ("unknown key", _GOOD + '["\\u001b[31m\\n"]\n'),
    "unknown-top-level": ("sample", "sample = 3\n" + _GOOD),
    "section-is-number": ("spectrum", "spectrum = 3\n" + _DOWNSTREAM),
    "section-is-list": ("downstream", "downstream = [1]\n" + _SPECTRUM),
    "sections-are-entries": ("spectrum", "[[spectrum]]\nkind = 'isotropic'\n"),
    "title-is-number": ("title", "title = 0.5\n" + _GOOD),
    "description-is-list": ("description", "description = ['a']\n" + _GOOD),
    # spectra
    "no-kind": _spectrum(".kind", "dimension = 300"),
    "unknown-kind": _spectrum(".kind", 'kind = "power-lwa"'),
    "kind-is-list": _spectrum(".kind", 'kind = ["isotropic"]'),
    "no-dimension": _spectrum(".dimension", 'kind = "isotropic"'),
    "zero-dimension": _spectrum(".dimension", 'kind = "isotropic"\ndimension = 0'),
    "negative-dimension": _spectrum(".dimension", 'kind = "isotropic"\ndimension = -300'),
    "half-dimension": _spectrum(".dimension", 'kind = "isotropic"\ndimension = 0.5'),
    "huge-dimension": _spectrum(".dimension", 'kind = "isotropic"\ndimension = "10^15 + 1"'),
    "infinite-isotropic": _spectrum(".dimension", 'kind = "isotropic"\ndimension = "inf"'),
    "true-dimension": _spectrum(".dimension", 'kind = "isotropic"\ndimension = true'),
    "date-dimension": _spectrum(".dimension", 'kind = "isotropic"\ndimension = 2024-01-01'),
    "negative-infinity": _spectrum(".dimension", _POWER_LAW.replace("300", "-inf")),
    "zero-scale": _spectrum(".scale", 'kind = "isotropic"\ndimension = 3\nscale = 0'),
    "tiny-negative-scale": _spectrum(
        ".scale", 'kind = "isotropic"\ndimension = 3\nscale = "-10^(-2000)"'
    ),
    "no-capacity": _spectrum(".capacity", _POWER_LAW),
    "zero-capacity": _spectrum(".capacity", _POWER_LAW + "capacity = 0"),
    "nan-capacity": _spectrum(".capacity", _POWER_LAW + "capacity = nan"),
    "divergent-power-law": _spectrum(
        ".capacity", 'kind = "power-law"\ndimension = "inf"\ncapacity = 1'
    ),
    "divergent-irrational": _spectrum(
        ".capacity", 'kind = "power-law"\ndimension = inf\ncapacity = "2^(-1/2)"'
    ),
    "negative-rate": _spectrum(".rate", 'kind = "exponential"\ndimension = 300\nrate = "-1/4"'),
    "key-of-other-kind": _spectrum(".capacity", 'kind = "isotropic"\ndimension = 3\ncapacity = 2'),
    "levels-without-counts": _spectrum(".counts", 'kind = "levels"\nvalues = [1]'),
    "levels-unequal": _spectrum(".counts", 'kind = "levels"\nvalues = [1, 2]\ncounts = [1]'),
    "levels-empty": _spectrum(".values", 'kind = "levels"\nvalues = []\ncounts = []'),
    "levels-nested": _spectrum(".values.0", 'kind = "levels"\nvalues = [[1]]\ncounts = [1]'),
    "levels-half-count": _spectrum(".counts", 'kind = "levels"\nvalues = [1]\ncounts = ["1/2"]'),
    "levels-zero-value": _spectrum(".values", 'kind = "levels"\nvalues = [0]\ncounts = [1]'),
    "levels-huge": _spectrum(".counts", 'kind = "levels"\nvalues = [1]\ncounts = ["10^2000"]'),
    "levels-number": _spectrum(".values", 'kind = "levels"\nvalues = 1\ncounts = [1]'),
    "explicit-nothing": _spectrum(".eigenvalues", 'kind = "explicit"'),
    "explicit-zero": _spectrum(".eigenvalues.1", 'kind = "explicit"\neigenvalues = [1, 0]'),
    "explicit-nan": _spectrum(".eigenvalues.0", 'kind = "explicit"\neigenvalues = [nan]'),
    "explicit-irrational": _spectrum(
        ".eigenvalues.0", 'kind = "explicit"\neigenvalues = ["2^(1/2)"]'
    ),
    "explicit-both": _spectrum(".file", 'kind = "explicit"\neigenvalues = [1]\nfile = "a.txt"'),
    "explicit-no-file": _spectrum(".file", 'kind = "explicit"\nfile = "there-is-none.txt"'),
    "explicit-folder": _spectrum(".file", 'kind = "explicit"\nfile = "."'),
    "explicit-null-file": _spectrum(".file", 'kind = "explicit"\nfile = "a\\u0000b"'),
    "explicit-long-file": _spectrum(".file", f'kind = "explicit"\nfile = "{"a" * 5000}"'),
    "explicit-file-number": _spectrum(".file", 'kind = "explicit"\nfile = 3'),
    # targets
    "target-no-kind": _target(".kind", "squared_norm = 1"),
    "target-unknown-kind": _target(".kind", 'kind = "sauce"'),
    "target-source-isotropic": _target(".kind", 'kind = "source"\nsource = "3/8"'),
    "target-negative-norm": _target(".squared_norm", 'kind = "uniform"\nsquared_norm = -1'),
    "target-no-source": (
        "target.source",
        f'[spectrum]\n{_POWER_LAW}capacity = 2\n{_DOWNSTREAM}[target]\nkind = "source"\n',
    ),
    "target-zero-source": (
        "target.source",
        f'[spectrum]\n{_POWER_LAW}capacity = 2\n{_DOWNSTREAM}[target]\nkind = "source"\nsource = 0',
    ),
    "target-unequal-levels": _target(".energies", 'kind = "levels"\nenergies = [1, 2]'),
    "target-negative-energy": _target(".energies", 'kind = "levels"\nenergies = [-1]'),
    "target-unequal-coefficients": _target(
        ".coefficients", 'kind = "explicit"\ncoefficients = [1]'
    ),
    "target-wrong-type": _target(".coefficients.0", 'kind = "explicit"\ncoefficients = [true]'),
    "target-misspelt": _target(".squarednorm", 'kind = "uniform"\nsquarednorm = 1'),
    # fits
    "no-samples": _downstream("samples", "noise = 1"),
    "zero-samples": _downstream("samples", "samples = 0"),
    "negative-samples": _downstream("samples", "samples = -3"),
    "half-samples": _downstream("samples", 'samples = "dimension/7"'),
    "infinite-samples": _downstream("samples", "samples = inf"),
    "samples-of-samples": _downstream("samples", 'samples = "2*samples"'),
    "samples-list": _downstream("samples", "samples = [1000]"),
    "negative-noise": _downstream("noise", "samples = 1000\nnoise = -0.1"),
    "nan-noise": _downstream("noise", "samples = 1000\nnoise = nan"),
    "misspelt-key": _downstream("rigde", "samples = 1000\nrigde = 1"),
    "repeat-downstream": _downstream("repeat", "samples = 1000\nrepeat = 2"),
    "negative-ridge": _ridge("-1/10"),
    "negative-by-size": _ridge("299 - dimension"),
    "negative-by-samples": _ridge("(dimension - samples)*1e-9"),
    "imaginary-by-size": _ridge("(dimension - samples)^(1/2)"),
    "infinite-by-size": _ridge("1/(samples - 1000)"),
    "huge-by-size": _ridge("samples^samples"),
    "tower-of-powers": _ridge("9^9^9^9"),
    "factorial-digits": _ridge("(10^2000)^2000"),
    "huge-exponent": _ridge("1e999999999"),
    "tiny-exponent": _ridge("1e-999999999999999999999"),
    "huge-float": ("downstream.ridge", _GOOD + "ridge = 1e999999999\n"),
    "division-by-zero": _ridge("1/0"),
    "hidden-zero": _ridge("1/(2^(1/2) + 3^(1/2) - (5 + 2*6^(1/2))^(1/2))"),
    "undecided-zero": _ridge("2^(1/2) + 3^(1/2) - (5 + 2*6^(1/2))^(1/2)"),
    "negative-power-of-zero": _ridge("0^-1"),
    "imaginary": _ridge("(-1)^(1/2)"),
    "cube-root-of-negative": _ridge("(-8)^(1/3)"),
    "cancelled-tower": _ridge("(2^(10^9*samples))^(1/samples)"),
    "nested-roots": _ridge("((samples^1000)^1000)^1000"),
    "many-parentheses": _ridge("(" * 900 + "1" + ")" * 900),
    "many-signs": _ridge("-" * 1900 + "1"),
    "many-powers": _ridge("1" + "^1" * 900),
    "long-expression": _ridge("1" + "+1" * 100_000),
    "empty-expression": _ridge(""),
    "open-parenthesis": _ridge("(1 + 2"),
    "closing-parenthesis": _ridge("1 + 2)"),
    "two-operators": _ridge("1 +* 2"),
    "missing-operator": _ridge("2 samples"),
    "comma": _ridge("0,5"),
    "unknown-name": _ridge("sampels^(-1/2)"),
    "function-call": _ridge("exp(1)"),
    "import": _ridge("__import__('os').system('true')"),
    "attribute": _ridge("samples.__class__"),
    "lambda": _ridge("lambda: 0"),
    "infinity-word": _ridge("inf"),
    "factorial": _ridge("9!"),
    "thai-digits": _ridge("๑/๒"),
    "superscript": _ridge("10²"),
    "minus-sign": _ridge("1e\u22123"),
    "null-in-expression": _ridge("1\\u0000"),
    "escape-in-expression": _ridge("\\u001b[2J"),
    "newline-in-expression": _ridge("1\\n+"),
    "true-ridge": ("downstream.ridge", _GOOD + "ridge = true\n"),
    "table-ridge": ("downstream.ridge", _GOOD + "ridge = { value = 1 }\n"),
    "dimension-is-infinite": (
        "downstream.ridge",
        '[spectrum]\nkind = "power-law"\ndimension = "inf"\ncapacity = 2\n'
        + _DOWNSTREAM
        + 'ridge = "1/dimension"\n',
    ),
    # generations
    "generations-table": ("generations", _GOOD + "[generations]\nsamples = 3\n"),
    "generations-number": ("generations", "generations = 3\n" + _GOOD),
    "generations-of-numbers": ("generations.0", "generations = [1, 2]\n" + _GOOD),
    "too-many-entries": ("generations", _GOOD + "[[generations]]\nsamples = 3\n" * 1001),
    "generation-no-samples": _generation("samples", "noise = 1"),
    "generation-shared-first": _generation("samples", 'design = "shared"'),
    "generation-negative-samples": _generation("samples", "samples = -3"),
    "generation-negative-repeat": _generation("repeat", "samples = 3\nrepeat = -1"),
    "generation-half-repeat": _generation("repeat", 'samples = 3\nrepeat = "1/2"'),
    "generation-huge-repeat": _generation("repeat", "samples = 3\nrepeat = 1000001"),
    "generation-unknown-design": _generation("design", 'samples = 3\ndesign = "freshh"'),
    "generation-true-design": _generation("design", "samples = 3\ndesign = true"),
    "generation-unknown-data": _generation("data", 'samples = 3\ndata = "keep"'),
    "generation-accumulates": _generation("data", 'samples = 3\ndata = "accumulate"'),
    "generation-mixes-labels": _generation("real_weight", 'samples = 3\nreal_weight = "1/2"'),
    "generation-weight-above-one": _generation("real_weight", "samples = 3\nreal_weight = 1.5"),
    "generation-negative-weight": _generation("real_weight", "samples = 3\nreal_weight = -0.5"),
    "shared-with-other-samples": (
        "generations.1.samples",
        f'{_GOOD}[[generations]]\nsamples = 9\n[[generations]]\nsamples = 8\ndesign = "shared"\n',
    ),
}

BAD_FILES: dict[str, str | bytes] = {f"{name}.toml": text for name, (_, text) in _CASES.items()}
"""File name -> content."""

NAMED_KEYS: dict[str, str] = {f"{name}.toml": key for name, (key, _) in _CASES.items()}
"""File name -> what the refusal must name, beside the file: the dotted key, or the place."""

NOT_YET = ("generation-accumulates.toml", "generation-mixes-labels.toml")
"""Files that keep the contract, but that this version cannot do."""
