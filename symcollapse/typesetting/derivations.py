"""Derivations as plain text, Markdown, LaTeX and JSON."""

import json
from collections.abc import Sequence
from typing import Any

from sympy import Basic, Expr

from symcollapse.language.abbreviations import abbreviations
from symcollapse.reasoning import Derivation, Optimise, Refuted, Solve, Undecided, Verdict
from symcollapse.typesetting.asymptotic_reasons import reason_of
from symcollapse.typesetting.formulas import latex_of, ridge_definitions, ridge_names, text_of
from symcollapse.typesetting.pencils import pencil_definitions

_PLAIN_SUBJECT = {
    r"\mathbb{E}\,\|\hat{w} - w_0\|_\Sigma^2": "E‖ŵ − w₀‖²_Σ",
    r"\mathrm{Bias}": "Bias",
    r"\mathrm{Var}": "Var",
    r"n\sigma_0^2\rho": "n·σ₀²·ρ",
    r"\mathrm{Bias} + \mathrm{Var}": "Bias + Var",
    r"\lambda(\kappa)": "λ(κ)",
    r"T - \operatorname{tr}\Sigma^2G_1G_2": "T − tr Σ²G₁G₂",
    r"\tfrac1T\mathbb{E}[R\hat\Sigma R](s)": "E[RΣ̂R](s)/T",
    r"\tfrac1n\,\mathbb{E}\,\|\hat{w}_n - w_0\|_\Sigma^2": "E‖ŵₙ − w₀‖²_Σ/n",
    r"\mathbb{E}\,\|\hat{w}_n - w_0\|_\Sigma^2 - \|w_0\|_\Sigma^2": "E‖ŵₙ − w₀‖²_Σ − ‖w₀‖²_Σ",
    r"\mathrm{df}_m(\kappa)": "df_m(κ)",
    r"\kappa^2w_0^\top\Sigma(\Sigma+\kappa)^{-2}w_0": "κ²·w₀ᵀΣ(Σ + κ)⁻²w₀",
    r"\sum_k\lambda_k^p/(1+\lambda_k/\kappa)^m": "Σ_k λ_k^p/(1 + λ_k/κ)^m",
    r"\sum_k\lambda_k^{m+1/\beta}/(1+\lambda_k/\kappa)^m": "Σ_k λ_k^(m + 1/β)/(1 + λ_k/κ)^m",
    r"\kappa(\lambda, T)": "κ(λ, T)",
    r"\kappa(0, T)": "κ(0, T)",
    r"\lambda_\star": "λ⋆",
    r"\ell_{\max}": "ℓ_max",
    r"-\log_T(\mathrm{Bias} + \mathrm{Var})": "−log_T(Bias + Var)",
    r"-\log_T\mathbb{E}\,\|\hat{w} - w_0\|_\Sigma^2": "−log_T E‖ŵ − w₀‖²_Σ",
    r"\mathbb{E}\,\|P_1P_0w_0 - w_0\|^2": "E‖P₁P₀w₀ − w₀‖²",
}
"""Left-hand sides in plain text; others are shown in LaTeX."""


def _lines(derivation: Derivation) -> tuple[Expr, ...]:
    claims = (
        line
        for claim in derivation.published
        for line in (claim.formula, claim.of)
        if line is not None
    )
    return (derivation.start, *(step.to for step in derivation.steps), *claims)


def _names(derivation: Derivation, *, latex: bool) -> dict[Basic, str]:
    return ridge_names(_lines(derivation), latex=latex)


def _definitions(derivation: Derivation, *, latex: bool) -> list[tuple[str, str]]:
    names = _names(derivation, latex=latex)
    found = list(ridge_definitions(names, latex=latex))
    write = latex_of if latex else text_of
    known = {name for name, _ in found}
    for line in _lines(derivation):
        for part in abbreviations(line):
            name = write(part, names)
            if name not in known:
                known.add(name)
                found.append((name, write(part.definition, names)))
    return found + pencil_definitions(derivation, names, latex=latex)


def _remarks(verdicts: Sequence[Verdict] | None, count: int) -> list[str]:
    return [str(verdict) for verdict in verdicts] if verdicts is not None else [""] * count


def _published(
    derivation: Derivation, verdicts: Sequence[Verdict] | None, *, latex: bool
) -> list[tuple[str, str]]:
    """Each published formula with its relation, and in words where it is and what the judge says."""
    names = _names(derivation, latex=latex)
    write = latex_of if latex else text_of
    remarks = _remarks(None, len(derivation.published))
    if verdicts:
        remarks = [f"{agreement_words(verdict)}; {verdict}" for verdict in verdicts]
    rows = []
    for claim, remark in zip(derivation.published, remarks, strict=True):
        relation = claim.by.relation.latex if latex else claim.by.relation.value
        of = "" if claim.of is None else f"{write(claim.of, names)} "
        if isinstance(claim.by, Solve) or (
            isinstance(claim.by, Optimise) and claim.by.best is None
        ):
            # The formula is that of a place, not of the value there.
            of = f"{write(claim.by.symbol, names)} "
        words = ": ".join(part for part in (claim.place, remark) if part)
        rows.append((f"{of}{relation} {write(claim.formula, names)}", words))
    return rows


def agreement_words(verdict: Verdict) -> str:
    """Whether a published formula agrees with what is derived.

    Example
    -------
    >>> agreement_words(Refuted("2 against 3"))
    'differs'
    """
    match verdict:
        case Refuted():
            return "differs"
        case Undecided():
            return "cannot tell"
        case _:
            return "agrees"


def derivation_text(
    derivation: Derivation,
    verdicts: Sequence[Verdict] | None = None,
    published: Sequence[Verdict] | None = None,
) -> str:
    """A derivation as plain text, one step to a line with its justification below.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> from symcollapse.reasoning import Algebra, Step
    >>> print(
    ...     derivation_text(
    ...         Derivation("Doubling", ridge + ridge, (Step(2 * ridge, Algebra("sum")),))
    ...     )
    ... )
    Doubling
      2·λ
    = 2·λ
        by sum
    """
    names = _names(derivation, latex=False)
    subject = _PLAIN_SUBJECT.get(derivation.subject, derivation.subject)
    lines = [derivation.title]
    if derivation.claim:
        lines.append(f"  claim: {derivation.claim}")
    opening = f"  {subject} = " if subject else "  "
    lines.append(f"{opening}{text_of(derivation.start, names)}")
    remarks = _remarks(verdicts, len(derivation.steps))
    for step, remark in zip(derivation.steps, remarks, strict=True):
        lines.append(f"{step.by.relation.value} {text_of(step.to, names)}")
        reason = reason_of(step.by, latex=False) or step.by
        lines.append(f"    by {reason}" + (f"  [{remark}]" if remark else ""))
    definitions = _definitions(derivation, latex=False)
    if definitions:
        lines.append("where")
        lines += [f"  {name} = {meaning}" for name, meaning in definitions]
    for formula, words in _published(derivation, published, latex=False):
        lines += [f"published: {formula}", f"    {words}"]
    if derivation.notes:
        lines.append(f"note: {derivation.notes}")
    return "\n".join(lines)


def derivation_latex(
    derivation: Derivation,
    verdicts: Sequence[Verdict] | None = None,
    published: Sequence[Verdict] | None = None,
) -> str:
    r"""A derivation as an ``align*`` environment with the justifications beside the steps.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> print(derivation_latex(Derivation("Start only", ridge)))
    % Start only
    \begin{align*}
      & \lambda
    \end{align*}
    """
    names = _names(derivation, latex=True)
    rows = [rf"  {derivation.subject} &= " if derivation.subject else "  & "]
    rows[0] += latex_of(derivation.start, names)
    remarks = _remarks(verdicts, len(derivation.steps))
    for step, remark in zip(derivation.steps, remarks, strict=True):
        verdict = _escaped(f" [{remark}]") if remark else ""
        reason = (reason_of(step.by, latex=True) or _escaped(f"{step.by}")) + verdict
        rows.append(rf"  &{step.by.relation.latex} {latex_of(step.to, names)} && \text{{{reason}}}")
    lines = [f"% {derivation.title}", r"\begin{align*}", " \\\\\n".join(rows), r"\end{align*}"]
    definitions = _definitions(derivation, latex=True)
    if definitions:
        body = " \\\\\n".join(
            rf"  & {meaning}" if meaning.startswith(name) else rf"  {name} &= {meaning}"
            for name, meaning in definitions
        )
        lines += ["where", r"\begin{align*}", body, r"\end{align*}"]
    for formula, words in _published(derivation, published, latex=True):
        lines += [rf"\noindent Published: ${formula}$. {_escaped(words)}.", ""]
    return "\n".join(lines).rstrip()


def _escaped(remark: str) -> str:
    for plain, tex in (
        ("≥", r"$\geq$"), ("→", r"$\to$"), ("κ", r"$\kappa$"), ("≃", r"$\simeq$"), ("−", "-"),
        ("_", r"\_"), ("…", r"\dots "), ("†", r"$^\dagger$"), ("^", r"\^{}"), ("#", r"\#"), ("%", r"\%"),
        ("&", r"\&"),
        ("λ", r"$\lambda$"), ("σ", r"$\sigma$"), ("Σ", r"$\Sigma$"), ("ρ", r"$\rho$"), ("φ", r"$\varphi$"),
        ("⁺", "$^+$"), ("₀", "$_0$"), ("₁", "$_1$"), ("₂", "$_2$"), ("²", "$^2$"), ("∞", r"$\infty$"), ("·", r"$\cdot$"),
        ("ℓ", r"$\ell$"), ("β", r"$\beta$"), ("ν", r"$\nu$"), ("≪", r"$\ll$"), ("≫", r"$\gg$"), ("≠", r"$\neq$"),
        ("≤", r"$\leq$"), ("γ", r"$\gamma$"), ("⋆", r"$_\star$"),
        ("ω", r"$\omega$"), ("π", r"$\pi$"), ("Δ", r"$\Delta$"), ("δ", r"$\delta$"), ("ξ", r"$\xi$"),
        ("ψ", r"$\psi$"), ("√", r"$\surd$"), ("ⁿ", "$^n$"), ("‖", r"$\|$"), ("ᵀ", r"$^\top$"),
    ):  # fmt: skip
        remark = remark.replace(plain, tex)
    return remark


def derivation_markdown(
    derivation: Derivation,
    verdicts: Sequence[Verdict] | None = None,
    published: Sequence[Verdict] | None = None,
) -> str:
    """A derivation as Markdown with LaTeX formulas.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> derivation_markdown(Derivation("Start only", ridge)).splitlines()[0]
    '## Start only'
    """
    names = _names(derivation, latex=True)
    parts = [f"## {derivation.title}"]
    if derivation.claim:
        parts.append(f"Claim: {derivation.claim}")
    opening = f"{derivation.subject} = " if derivation.subject else ""
    parts.append(f"$$ {opening}{latex_of(derivation.start, names)} $$")
    remarks = _remarks(verdicts, len(derivation.steps))
    for number, (step, remark) in enumerate(zip(derivation.steps, remarks, strict=True), start=1):
        reason = reason_of(step.by, latex=True) or step.by
        parts.append(f"{number}. {reason}" + (f" — *{remark}*" if remark else ""))
        parts.append(f"$$ {step.by.relation.latex} {latex_of(step.to, names)} $$")
    definitions = _definitions(derivation, latex=True)
    if definitions:
        parts.append("where")
        parts += [
            f"$$ {meaning} $$" if meaning.startswith(name) else f"$$ {name} = {meaning} $$"
            for name, meaning in definitions
        ]
    for formula, words in _published(derivation, published, latex=True):
        parts.append(f"Published: ${formula}$ — {words}")
    if derivation.notes:
        parts.append(derivation.notes)
    return "\n\n".join(parts)


def derivation_record(
    derivation: Derivation,
    verdicts: Sequence[Verdict] | None = None,
    published: Sequence[Verdict] | None = None,
) -> dict[str, Any]:
    """A derivation as plain data, for JSON.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> derivation_record(Derivation("Start only", ridge))["relation"]
    '='
    """
    names = _names(derivation, latex=False)
    tex = _names(derivation, latex=True)
    remarks = _remarks(verdicts, len(derivation.steps))
    return {
        "title": derivation.title,
        "claim": derivation.claim,
        "subject": derivation.subject,
        "relation": derivation.relation.value,
        "start": {
            "text": text_of(derivation.start, names),
            "latex": latex_of(derivation.start, tex),
        },
        "steps": [
            {
                "relation": step.by.relation.value,
                "text": text_of(step.to, names),
                "latex": latex_of(step.to, tex),
                "justification": reason_of(step.by, latex=False) or str(step.by),
                "kind": type(step.by).__name__,
                "verdict": remark or None,
            }
            for step, remark in zip(derivation.steps, remarks, strict=True)
        ],
        "definitions": [
            {"name": name, "meaning": meaning}
            for name, meaning in _definitions(derivation, latex=False)
        ],
        "published": [
            {"text": formula, "latex": tex_formula, "verdict": words}
            for (formula, words), (tex_formula, _) in zip(
                _published(derivation, published, latex=False),
                _published(derivation, published, latex=True),
                strict=True,
            )
        ],
        "notes": derivation.notes,
    }


def derivation_json(
    derivation: Derivation,
    verdicts: Sequence[Verdict] | None = None,
    published: Sequence[Verdict] | None = None,
) -> str:
    """A derivation as one JSON object.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> json.loads(derivation_json(Derivation("Start only", ridge)))["title"]
    'Start only'
    """
    return json.dumps(
        derivation_record(derivation, verdicts, published), ensure_ascii=False, indent=2
    )
