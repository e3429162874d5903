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
    # what a fit sees beside its own synthetic samples
    "data-true": _generation("data", "samples = 3\ndata = true"),
    "downstream-unknown-data": _downstream("data", 'samples = 3\ndata = "acumulate"'),
    "weight-nan": _generation("real_weight", "samples = 3\nreal_weight = nan"),
    "weight-infinite": _generation("real_weight", "samples = 3\nreal_weight = inf"),
    "weight-word": _generation("real_weight", 'samples = 3\nreal_weight = "half"'),
    "weight-list": _downstream("real_weight", "samples = 3\nreal_weight = [0.5]"),
    "weight-imaginary": _downstream("real_weight", 'samples = 3\nreal_weight = "sqrt(-1)"'),
    "real-samples-negative": _generation("real_samples", "samples = 3\nreal_samples = -1"),
    "real-samples-half": _generation("real_samples", "samples = 3\nreal_samples = 0.5"),
    "real-samples-by-size": _generation("real_samples", 'samples = 3\nreal_samples = "samples/2"'),
    "real-samples-huge": _downstream("real_samples", 'samples = 3\nreal_samples = "9^9^9"'),
    "real-noise-negative": _generation("real_noise", "samples = 3\nreal_noise = -1"),
    "real-noise-by-size": _downstream("real_noise", 'samples = 3\nreal_noise = "samples - 4"'),
    "real-data-unknown": _generation("real_data", 'samples = 3\nreal_data = "some"'),
    "real-data-on-fresh-inputs": (
        "generations.1.real_data",
        f"{_GOOD}[[generations]]\nsamples = 3\n"
        '[[generations]]\nsamples = 3\nreal_weight = 0.5\nreal_data = "same"\n',
    ),
    "real-data-of-other-size": (
        "generations.1.real_samples",
        f"{_GOOD}[[generations]]\nsamples = 9\nreal_samples = 4\n"
        '[[generations]]\nsamples = 9\nreal_samples = 5\nreal_data = "same"\n',
    ),
    "features-zero": _downstream("features", "samples = 3\nfeatures = 0"),
    "features-half": _downstream("features", 'samples = 3\nfeatures = "samples/2"'),
    "features-infinite": _downstream("features", "samples = 3\nfeatures = inf"),
    "features-misspelt": _downstream("feature", "samples = 3\nfeature = 9"),
    "weight-misspelt": _generation("realweight", "samples = 3\nrealweight = 0.5"),
    "downstream-unknown-design": _downstream("design", 'samples = 3\ndesign = "share"'),
    "downstream-shared-first": _downstream("samples", 'design = "shared"'),
    "downstream-shared-of-other-size": (
        "downstream.samples",
        f"{_GOOD}design = 'shared'\n[[generations]]\nsamples = 9\n",
    ),
    "own-spectrum-number": _generation("spectrum", "samples = 3\nspectrum = 3"),
    "own-spectrum-entries": _generation("spectrum", "samples = 3\n[[generations.spectrum]]"),
    "own-spectrum-no-kind": _generation("spectrum.kind", "samples = 3\n[generations.spectrum]"),
    "own-spectrum-unknown-kind": _generation(
        "spectrum.kind", 'samples = 3\n[generations.spectrum]\nkind = "flat"'
    ),
    "own-spectrum-kind-is-list": _generation(
        "spectrum.kind", "samples = 3\n[generations.spectrum]\nkind = [1]"
    ),
    "own-spectrum-other-dimension": _generation(
        "spectrum", 'samples = 3\n[generations.spectrum]\nkind = "isotropic"\ndimension = 299'
    ),
    "own-spectrum-infinite": _generation(
        "spectrum.dimension",
        'samples = 3\n[generations.spectrum]\nkind = "isotropic"\ndimension = "inf"',
    ),
    "own-spectrum-of-other-length": _downstream(
        "spectrum",
        'samples = 3\n[downstream.spectrum]\nkind = "explicit"\neigenvalues = [1, 2]',
    ),
    "own-spectrum-no-capacity": _downstream(
        "spectrum.capacity", 'samples = 3\n[downstream.spectrum]\nkind = "power-law"'
    ),
    "own-spectrum-no-file": _downstream(
        "spectrum.file",
        'samples = 3\n[downstream.spectrum]\nkind = "explicit"\nfile = "there-is-none.txt"',
    ),
    "shared-with-other-spectrum": (
        "generations.1.spectrum",
        f"{_GOOD}[[generations]]\nsamples = 9\n[[generations]]\ndesign = 'shared'\n"
        '[generations.spectrum]\nkind = "isotropic"\nscale = 2\n',
    ),
    "shift-number": _generation("shift", "samples = 3\nshift = 1"),
    "shift-no-kind": _generation("shift.kind", "samples = 3\n[generations.shift]"),
    "shift-negative": _downstream(
        "shift.squared_norm",
        'samples = 3\n[downstream.shift]\nkind = "uniform"\nsquared_norm = -1',
    ),
    "shift-source-isotropic": _downstream(
        "shift.kind", 'samples = 3\n[downstream.shift]\nkind = "source"\nsource = 1'
    ),
    "shift-of-other-length": _generation(
        "shift.coefficients",
        'samples = 3\n[generations.shift]\nkind = "explicit"\ncoefficients = [1]',
    ),
    "shift-misspelt": _generation(
        "shift.squarednorm",
        'samples = 3\n[generations.shift]\nkind = "uniform"\nsquarednorm = 1',
    ),
    # schedules
    "schedule-begins-with-zero": _generation("samples", 'samples = "100*m"'),
    "schedule-of-logarithms": _generation("samples", 'samples = "100*log(m + 2)"\nrepeat = 3'),
    "schedule-of-log-zero": _generation("samples", 'samples = "ceil(1 + log(m))"\nrepeat = 3'),
    "schedule-falls-late": _generation("samples", 'samples = "900 - m"\nrepeat = 901'),
    "schedule-divides-late": _generation("ridge", 'samples = 9\nridge = "1/(m - 90)"\nrepeat = 99'),
    "schedule-of-noise": _generation("noise", 'samples = 9\nnoise = "2 - m"\nrepeat = 9'),
    "schedule-grows": _generation("samples", 'samples = "2^2^m"\nrepeat = 99'),
    "schedule-over-many": _generation("samples", 'samples = "9 + m"\nrepeat = 1001'),
    "schedule-of-weight": _generation(
        "real_weight", 'samples = 9\nreal_weight = "1/m"\nrepeat = 9'
    ),
    "schedule-through-samples": _generation(
        "ridge", 'samples = "9 + m"\nridge = "1/(samples - 12)"\nrepeat = 9'
    ),
    "schedule-on-shared-inputs": (
        "generations.1.samples",
        f'{_GOOD}[[generations]]\nsamples = "9 + m"\n[[generations]]\ndesign = "shared"\n',
    ),
    "schedule-downstream": _downstream("samples", 'samples = "9 + m"'),
    "schedule-in-repeat": _generation("repeat", 'samples = 9\nrepeat = "m + 1"'),
    # functions
    "log-of-zero": _ridge("log(0)"),
    "log-of-negative": _ridge("log(dimension - samples)"),
    "log-without-argument": _ridge("log"),
    "log-of-nothing": _ridge("log()"),
    "log-open": _ridge("log(2"),
    "log-undecided": _ridge("log(2^(1/2) + 3^(1/2) - (5 + 2*6^(1/2))^(1/2))"),
    "sqrt-of-negative": _ridge("sqrt(1 - samples)"),
    "ceil-undecided": _ridge("ceil(2^(1/2) + 3^(1/2) - (5 + 2*6^(1/2))^(1/2))"),
    "ceil-below-zero": _ridge("floor(-1/2)"),
    "two-arguments": _ridge("log(2, 3)"),
    "unknown-function": _ridge("sin(1)"),
    "many-logs": _ridge("log(" * 60 + "10^99" + ")" * 60),
    "calls-a-number": _ridge("2(3)"),
    "shared-with-other-samples": (
        "generations.1.samples",
        f'{_GOOD}[[generations]]\nsamples = 9\n[[generations]]\nsamples = 8\ndesign = "shared"\n',
    ),
}

BAD_FILES: dict[str, str | bytes] = {f"{name}.toml": text for name, (_, text) in _CASES.items()}
"""File name -> content."""

NAMED_KEYS: dict[str, str] = {f"{name}.toml": key for name, (key, _) in _CASES.items()}
"""File name -> what the refusal must name, beside the file: the dotted key, or the place."""
