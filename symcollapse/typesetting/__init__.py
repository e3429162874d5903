"""Formulas and derivations on paper: LaTeX, Markdown, plain text, JSON."""

from functools import singledispatch
from typing import Any

from sympy import Basic

from symcollapse.equivalents.pencils import Pencil
from symcollapse.reasoning import Checked, Derivation, JudgedClaim
from symcollapse.typesetting.audit_texts import audit_text as audit_text
from symcollapse.typesetting.derivations import derivation_json as derivation_json
from symcollapse.typesetting.derivations import derivation_latex as derivation_latex
from symcollapse.typesetting.derivations import derivation_markdown as derivation_markdown
from symcollapse.typesetting.derivations import derivation_record as derivation_record
from symcollapse.typesetting.derivations import derivation_text as derivation_text
from symcollapse.typesetting.formulas import Typeset as Typeset
from symcollapse.typesetting.formulas import latex_of as latex_of
from symcollapse.typesetting.formulas import text_of as text_of
from symcollapse.typesetting.formulas import typeset as typeset
from symcollapse.typesetting.pencils import pencil_latex as pencil_latex
from symcollapse.typesetting.pencils import pencil_text as pencil_text


@singledispatch
def latex(thing: Any) -> str:
    r"""LaTeX of a formula or a condition, a pencil, a derivation, or a checked derivation.

    Example
    -------
    >>> from symcollapse.language.symbols import generation_noise
    >>> print(latex(generation_noise**2))
    \sigma_{0}^{2}
    """
    raise TypeError(f"no LaTeX for a {type(thing).__name__}: give a formula or a derivation")


@latex.register
def _(thing: Basic) -> str:
    return latex_of(thing)


@latex.register
def _(thing: Derivation) -> str:
    return derivation_latex(thing)


@latex.register
def _(thing: Checked) -> str:
    return derivation_latex(thing.derivation, thing.verdicts, thing.published)


@latex.register
def _(thing: Pencil) -> str:
    return pencil_latex(thing)


@singledispatch
def text(thing: Any) -> str:
    """Plain text of a formula or a condition, a pencil, a derivation, a checked derivation, or a judged claim.

    Example
    -------
    >>> from symcollapse.language.symbols import generation_noise
    >>> print(text(generation_noise**2))
    σ₀²
    """
    raise TypeError(f"no text for a {type(thing).__name__}: give a formula or a derivation")


@text.register
def _(thing: Basic) -> str:
    return text_of(thing)


@text.register
def _(thing: Derivation) -> str:
    return derivation_text(thing)


@text.register
def _(thing: Checked) -> str:
    return derivation_text(thing.derivation, thing.verdicts, thing.published)


@text.register
def _(thing: Pencil) -> str:
    return pencil_text(thing)


@text.register
def _(thing: JudgedClaim) -> str:
    return audit_text(thing)


@singledispatch
def markdown(thing: Any) -> str:
    r"""Markdown of a formula or a condition, a derivation, or a checked derivation.

    Example
    -------
    >>> from symcollapse.language.symbols import generation_noise
    >>> print(markdown(generation_noise**2))
    $$ \sigma_{0}^{2} $$
    """
    raise TypeError(f"no Markdown for a {type(thing).__name__}: give a formula or a derivation")


@markdown.register
def _(thing: Basic) -> str:
    return f"$$ {latex_of(thing)} $$"


@markdown.register
def _(thing: Derivation) -> str:
    return derivation_markdown(thing)


@markdown.register
def _(thing: Checked) -> str:
    return derivation_markdown(thing.derivation, thing.verdicts, thing.published)
