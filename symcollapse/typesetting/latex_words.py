"""Plain words in LaTeX, nothing in them read as a command; and short names in LaTeX as plain words."""

import re
import unicodedata

_NAMES = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ζ": "zeta", "η": "eta", "θ": "theta",
    "κ": "kappa", "λ": "lambda", "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma", "τ": "tau",
    "φ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega", "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda",
    "Ξ": "Xi", "Π": "Pi", "Σ": "Sigma", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega",
    "≥": "geq", "≤": "leq", "≠": "neq", "≃": "simeq", "≍": "asymp", "∼": "sim", "→": "to", "⇒": "Rightarrow",
    "⇔": "Leftrightarrow", "∞": "infty", "·": "cdot", "×": "times", "±": "pm", "≪": "ll", "≫": "gg", "∈": "in",
    "ℓ": "ell", "√": "surd", "‖": "|", "∫": "int", "∑": "sum", "∂": "partial", "≲": "lesssim", "≳": "gtrsim",
}  # fmt: skip
_WORDS = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "~": r"$\sim$", "^": r"\textasciicircum{}", "<": "$<$", ">": "$>$", "|": "$|$", "−": "$-$",
    "–": "--", "—": "---", "“": "``", "”": "''", "‘": "`", "’": "'", "…": r"\dots{}", "†": r"$^\dagger$",
    "⋆": r"$^\star$", "ᵀ": r"$^\top$", "ŵ": r"$\hat w$", "⁺": "$^+$", "⁻": "$^-$", "ⁿ": "$^n$", "ₙ": "$_n$", "ₘ": "$_m$",
    "½": r"$\tfrac12$", "\N{NO-BREAK SPACE}": "~",
}  # fmt: skip
_MARKS = {"\u0302": "hat", "\u0332": "underline"}
"""Signs that stand above or below the letter before them."""

_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True))
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))

_PLAIN = {name: letter for letter, name in _NAMES.items()} | {
    "|": "‖", ",": " ", "top": "ᵀ", "star": "⋆", "dagger": "†", "le": " ≤ ", "ge": " ≥ ", "to": " → ",
    "lim": "lim", "min": "min", "max": "max",
}  # fmt: skip
_RAISE = {sign: letter for letter, sign in _RAISED.items()} | {"ᵀ": "ᵀ", "†": "†", "⋆": "⋆"}
_LOWER = {sign: letter for letter, sign in _LOWERED.items()} | {"n": "ₙ", "m": "ₘ"}
_ACCENTS = {"hat": "\u0302", "widetilde": "~"}


def plain_name(tex: str) -> str:
    r"""A short name in LaTeX, such as of a left side, as plain text.

    Raises
    ------
    ValueError
        If it holds a command that has no plain form here.

    Example
    -------
    >>> plain_name(r"\widetilde{\mathrm{Bias}} + \|\hat w_0\|^2 \le E_{test}(\hat w_n^{pred})")
    'Bias~ + ‖ŵ₀‖² ≤ E_test(ŵₙ^pred)'
    """
    plain = re.sub(
        r"\\(?!(?:mathrm|mathbb|text|hat|widetilde)\b)([a-zA-Z]+|[|,])( (?=[a-zA-Z]))?",
        _commanded,
        tex,
    )
    plain = re.sub(r"\\(?:mathrm|mathbb|text)\{([^{}]*)\}", r"\1", plain)
    plain = re.sub(r"\\(hat|widetilde)(?: ?(\w)|\{(\w+)\})", _accented, plain)
    plain = re.sub(r"(\^|_)(?:\{([^{}]*)\}|(.))", _set_off, plain)
    return unicodedata.normalize("NFC", re.sub(" +", " ", plain))


def with_indices(words: str) -> str:
    """Words with the indices of print, where they have a letter for it.

    Example
    -------
    >>> with_indices("T_0 and X_m, but not l_crit or Q_{n-1}")
    'T₀ and Xₘ, but not l_crit or Q_{n-1}'
    """
    return re.sub(r"(?<=\w)_(\d|[mn](?!\w))", lambda found: _LOWER[found[1]], words)


def _accented(found: re.Match[str]) -> str:
    return f"{found[2] or found[3]}{_ACCENTS[found[1]]}"


def _commanded(found: re.Match[str]) -> str:
    if found[1] not in _PLAIN:
        raise ValueError(f"{found[0]} has no plain form")
    return _PLAIN[found[1]]


def _set_off(found: re.Match[str]) -> str:
    sign, words = found[1], found[2] or found[3]
    letters = _RAISE if sign == "^" else _LOWER
    if all(letter in letters for letter in words):
        return "".join(letters[letter] for letter in words)
    return f"{sign}{words}" if words.isalnum() or len(words) == 1 else f"{sign}({words})"


def escaped(words: str) -> str:
    r"""Plain text for LaTeX: its signs by commands, nothing in it read as a command.

    Example
    -------
    >>> escaped("T₀ ≥ d_1")
    'T$_0$ $\\geq$ d\\_1'
    """
    return re.sub("(.)([\u0302\u0332])|(.)", _piece, words, flags=re.DOTALL)


def _piece(found: re.Match[str]) -> str:
    letter, mark, alone = found.groups()
    if alone is not None:
        return _sign(alone)
    inner = rf"\{_NAMES[letter]}" if letter in _NAMES else escaped(letter)
    return rf"$\{_MARKS[mark]}{{{inner}}}$"


def _sign(letter: str) -> str:
    for table, form in (
        (_NAMES, r"$\{}$"),
        (_RAISED, "$^{}$"),
        (_LOWERED, "$_{}$"),
    ):
        if letter in table:
            return form.format(table[letter])
    if letter in _WORDS:
        return _WORDS[letter]
    if letter.isascii() or (letter.isalpha() and ord(letter) < 0x180):
        return letter
    # What no table has: its plain letters if it has any, else its number.
    return unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode() or (
        f"U+{ord(letter):04X}"
    )
