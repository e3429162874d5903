"""Reports of an audit say what was judged, and nothing that was not; LaTeX reads no word as a command."""

import dataclasses

import pytest
from sympy import Ge, Identity, MatrixSymbol, Symbol

from symcollapse.language.domains import Domain
from symcollapse.language.symbols import dimension, noise, ridge, samples
from symcollapse.reasoning import (
    Algebra,
    Bound,
    Counterexample,
    Evidence,
    JudgedClaim,
    JudgedStatement,
    Outcome,
    Proved,
    PublishedClaim,
    Refuted,
    ShownCounterexample,
    Statement,
    Supported,
    Undecided,
)
from symcollapse.typesetting.audit_reports import audit_latex, audit_markdown
from symcollapse.typesetting.audit_statements import (
    conditions_text,
    readable,
    statement_latex,
    statement_text,
)
from symcollapse.typesetting.audit_texts import (
    audit_record,
    audit_rows,
    audit_tally,
    audit_text,
)
from symcollapse.typesetting.latex_words import escaped
from symcollapse.typesetting.pages import (
    Block,
    Display,
    Heading,
    Items,
    Kind,
    Paragraph,
    Span,
    Table,
    latex_page,
    line_of,
    markdown_page,
)

SCOPE = Domain(conditions=(Ge(samples, dimension),))
SUBJECT = ridge * (ridge + noise)
FALSE = Statement(SUBJECT, Algebra(), ridge**2 + noise, SCOPE, "product")
TRUE = Statement(SUBJECT, Algebra(), ridge**2 + ridge * noise, SCOPE, "product")
CONTROL = JudgedStatement(
    Statement(SUBJECT, Algebra(), 2 * SUBJECT, SCOPE, "twice"),
    (Evidence("exact points", Refuted("1 against 2")),),
)
DOWN = JudgedStatement(
    FALSE, (Evidence("exact points", Refuted("[1.5 +/- 3e-9] against 2 at {'lambda': '1/2'}")),)
)
STANDS = JudgedStatement(
    TRUE, (Evidence("edges", Supported("at 9 points")), Evidence("proof", Proved("expansion")))
)
CLAIM = PublishedClaim(
    "product", "eq. (1)", r"\lambda(\lambda+\sigma)=\lambda^2+\sigma", (FALSE,), "T >= d"
)
CORRECTED = JudgedClaim(CLAIM, (DOWN,), (STANDS,), (CONTROL,))
CONFIRMED = JudgedClaim(dataclasses.replace(CLAIM, id="fine"), (STANDS,), (), (CONTROL,))
SHOWN = ShownCounterexample(Refuted("they differ"), "3.25", "1.75", "simulated 3.26 ± 0.02")
REFUTED = JudgedClaim(
    dataclasses.replace(CLAIM, id="false", counterexample=Counterexample("false.toml")),
    (DOWN,),
    (),
    (CONTROL,),
    counterexample=SHOWN,
)
OPEN = JudgedClaim(
    dataclasses.replace(CLAIM, id="open", step_of="fine"),
    (JudgedStatement(FALSE, (Evidence("exact points", Undecided("no point")),)),),
    (),
    (CONTROL,),
)
ALL = (CORRECTED, CONFIRMED, REFUTED, OPEN)


def test_the_examples_have_all_four_outcomes() -> None:
    assert [each.outcome for each in ALL] == [
        Outcome.CORRECTED,
        Outcome.CONFIRMED,
        Outcome.REFUTED,
        Outcome.UNDECIDED,
    ]


def test_a_record_has_the_five_keys_and_a_correction_only_where_there_is_one() -> None:
    assert audit_record(CORRECTED) == {
        "id": "product",
        "verdict": "corrected",
        "by": "exact points",
        "note": "product: 1.5 against 2 at λ = 1/2",
        "corrected": "product: λ·(λ + σ) = λ² + λ·σ",
    }
    assert [audit_record(each)["corrected"] for each in ALL[1:]] == [None, None, None]


@pytest.mark.parametrize("judged", ALL, ids=lambda judged: judged.claim.id)
def test_a_claim_explains_itself_in_five_lines(judged: JudgedClaim) -> None:
    lines = audit_text(judged, "dohmatob2024").splitlines()
    assert len(lines) == 5
    assert lines[0].startswith(f"{judged.claim.id}: {judged.outcome.value}  (eq. (1)")
    assert CLAIM.tex in lines[1]
    assert "(given T ≥ d)" in lines[1]
    assert f"symcollapse audit {judged.claim.id}" in lines[4]


def test_a_correction_and_a_counterexample_stand_in_their_lines() -> None:
    assert "corrected  product: λ·(λ + σ) = λ² + λ·σ" in audit_text(CORRECTED, "p")
    shown = audit_text(REFUTED, "p").splitlines()[3]
    file = "derivations/p/counterexamples/false.toml"
    assert shown == f"  shown at   {file}: 3.25 against 1.75; simulated 3.26 ± 0.02"
    assert f"symcollapse evaluate {file}" in audit_text(REFUTED, "p")
    assert "corrected" not in audit_text(REFUTED, "p")


def test_a_step_of_a_proof_is_told_apart_from_its_result() -> None:
    assert audit_rows(ALL)[3][2] == "undecided (result confirmed)"
    assert audit_rows(ALL)[1][2] == "confirmed"
    assert audit_tally(ALL) == "4 claims: 1 confirmed, 1 corrected, 1 refuted, 1 undecided"


@pytest.mark.parametrize("write", [audit_markdown, audit_latex])
def test_pages_hold_every_claim_with_its_evidence(write: object) -> None:
    assert callable(write)
    page = write(ALL, "dohmatob2024", "symcollapse audit --paper x_y")
    for judged in ALL:
        assert f"{judged.claim.id}: {judged.outcome.value}" in page
    for words in (CLAIM.tex, "1.5 against 2", "3.25 against 1.75", "no point", "1 against 2"):
        assert words in page
    assert page.count(r"\lambda^{2} + \lambda \sigma") == 2  # repaired, and confirmed
    assert write(ALL[:1], "dohmatob2024", "") != write(ALL[1:2], "dohmatob2024", "")


def test_markdown_escapes_what_it_would_read() -> None:
    page = markdown_page([Paragraph(line_of("a_b *c* <d> | ", Span("x_y|z", Kind.CODE)))])
    assert page == "a\\_b \\*c\\* \\<d\\> \\| `x_y|z`\n"


def test_latex_escapes_what_it_would_run() -> None:
    assert escaped(r"\input{x} 5% #1 $ & ~ ^") == (
        r"\textbackslash{}input\{x\} 5\% \#1 \$ \& $\sim$ \textasciicircum{}"
    )
    assert escaped("κ₀² ≥ Erdős ⟦") == r"$\kappa$$_0$$^2$ $\geq$ Erdős U+27E6"
    assert escaped("Σ\u0302, r\u0332") == r"$\hat{\Sigma}$, $\underline{r}$"


def test_a_page_of_every_block_in_both_forms() -> None:
    blocks: list[Block] = [
        Heading(1, line_of("Title")),
        Heading(2, line_of("Section")),
        Display(r"x^2"),
        Items((line_of("one"), line_of(Span("two", Kind.STRONG)))),
        Table(("a", "b"), ((line_of("1"), line_of(Span("x", Kind.MATH))),), (0.3, 0.6)),
    ]
    assert markdown_page(blocks) == (
        "# Title\n\n## Section\n\n$$ x^2 $$\n\n- one\n- **two**\n\n| a | b |\n| --- | --- |\n| 1 | $x$ |\n"
    )
    page = latex_page(blocks)
    for words in (r"\title{Title}", r"\section{Section}", r"\fit{x^2}", r"\textbf{two}", "1 & $x$"):
        assert words in page
    assert "write18" not in page


def test_a_reason_is_readable_and_keeps_its_numbers() -> None:
    reason = (
        "[0.25 +/- 1.0e-12] against [-2.5e-7 +/- 1e-19] at {'T_0': '3', 'sigma_0': '1/2', "
        "'Sigma': 'LevelsSpectrum((1/3, 2), (4, 5))', 'w_0': 'LevelsTarget((1, 7/2))'}"
    )
    assert readable(reason) == (
        "0.25 against -2.5e-7 at T₀ = 3, σ₀ = 1/2, Σ = 4 × 1/3 and 5 × 2, w₀ = energies 1, 7/2"
    )
    assert readable("no numbers") == "no numbers"


def test_printed_conditions_get_their_letters() -> None:
    assert conditions_text("sigma_0^2 ~ T^a, 0 <= l < beta, l_star") == "σ₀² ~ T^a, 0 ≤ ℓ < β, ℓ⋆"
    assert conditions_text("large T, any w_0") == "large T, any w₀"


def test_matrices_and_bounds_are_written_too() -> None:
    X = MatrixSymbol("X", samples, dimension)
    gram = Statement(X.T * X, Algebra(), Identity(dimension))
    assert statement_latex(gram).rows == r"X^{\top} X = I"
    assert statement_text(Statement(ridge, Bound(above=True), noise)).line == "λ ≤ σ"


def test_a_wide_sum_stands_in_rows() -> None:
    letters = [Symbol(f"x_{place}") for place in range(80)]
    wide = statement_latex(Statement(ridge, Algebra(), sum(letters, noise)))
    assert wide.rows.count(r"\begin{aligned}") == wide.rows.count(r"\end{aligned}") == 2
    assert all(f"x_{{{place}}}" in wide.rows for place in range(80))
    assert r"\\" not in statement_latex(Statement(ridge, Algebra(), noise)).rows
