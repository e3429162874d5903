"""Reports of an audit say what was judged, and nothing that was not; LaTeX reads no word as a command."""

import dataclasses

import pytest
from sympy import Add, Ge, Identity, MatrixSymbol, Mul, Symbol, oo

from symcollapse.interfaces.bundled_papers import paper_named
from symcollapse.language.domains import Domain
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.quantities import QuadraticForm
from symcollapse.language.symbols import dimension, eigenvalue, noise, ridge, samples
from symcollapse.reasoning import (
    Algebra,
    Bound,
    Counterexample,
    Evidence,
    ExactMean,
    Exponent,
    JudgedClaim,
    JudgedStatement,
    MatrixIdentity,
    Outcome,
    Proved,
    PublishedClaim,
    Refuted,
    ShownCounterexample,
    Statement,
    Supported,
    Towards,
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
    counterexample_words,
    decided_by,
    ways_to_run,
)
from symcollapse.typesetting.latex_words import escaped, plain_name
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
SHOWN = ShownCounterexample(Refuted("they differ"), "3.25", "1.75", "3.26 ± 0.02")
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
    assert (
        shown
        == f"  shown at   {file}: the left side is 3.25, must be 1.75 as printed; simulated test error 3.26 ± 0.02"
    )
    assert f"symcollapse evaluate {file}" in audit_text(REFUTED, "p")
    assert "corrected" not in audit_text(REFUTED, "p")


def test_a_refutation_tells_of_its_counterexample_and_a_correction_does_not() -> None:
    assert REFUTED.outcome is Outcome.REFUTED
    assert decided_by(REFUTED) == "by exact points and a counterexample"
    assert decided_by(CORRECTED) == "by exact points"
    page = audit_markdown((REFUTED,), "p", "")
    assert "**Verdict:** refuted by exact points and a counterexample." in page


@pytest.mark.parametrize(
    ("by", "example", "words"),
    [
        (Bound(above=False), Counterexample("f"), "λ̂ is 22.05, must be ≥ 55.6 as printed"),
        (Algebra(), Counterexample("f"), "λ̂ is 22.05, must be 55.6 as printed"),
        (
            Algebra(),
            Counterexample("f", raised=samples),
            "as T goes to 10⁶, 10¹² and 10²⁴ λ̂ is 22.05, and the printed order 55.6",
        ),
        (MatrixIdentity(), Counterexample("f"), "22.05 against 55.6"),
    ],
)
def test_a_counterexample_is_a_sentence(
    by: Algebra | Bound | MatrixIdentity, example: Counterexample, words: str
) -> None:
    printed = Statement(SUBJECT, by, noise, name=r"\hat\lambda")
    claim = PublishedClaim("c", "here", "", (printed,), counterexample=example)
    shown = ShownCounterexample(Refuted("no"), "22.05", "55.6")
    assert counterexample_words(JudgedClaim(claim, (), counterexample=shown)) == words


def test_the_sentence_names_the_test_error_where_both_sides_are_its() -> None:
    claim = dataclasses.replace(REFUTED.claim, printed=(dataclasses.replace(FALSE, name="L"),))
    shown = ShownCounterexample(Refuted("no"), "2", "3", of_error=True)
    told = counterexample_words(dataclasses.replace(REFUTED, claim=claim, counterexample=shown))
    assert told == "the test error is 2, must be 3 as printed"


NAMED = dataclasses.replace(
    CORRECTED,
    printed=(dataclasses.replace(DOWN, statement=dataclasses.replace(FALSE, name=r"\Pi")),),
    repaired=(dataclasses.replace(STANDS, statement=dataclasses.replace(TRUE, name=r"\Pi")),),
)
SIDE = r"\lambda \left(\lambda + \sigma\right)"


def test_a_name_stands_for_a_derived_side_which_is_shown_once() -> None:
    page = audit_markdown((NAMED,), "p", "")
    assert r"$$ \Pi = \lambda^{2} + \sigma $$" in page
    assert r"$$ \Pi = \lambda^{2} + \lambda \sigma $$" in page
    assert page.count(SIDE) == 1
    folded = page[page.index("<details>") : page.index("</details>")]
    assert rf"$$ \Pi:\quad {SIDE} $$" in folded
    small = audit_latex((NAMED,), "p", "")
    assert small.count(SIDE) == 1
    assert r"{\footnotesize\closer Sides as derived:" in small
    assert audit_record(NAMED)["corrected"] == "product: Π = λ² + λ·σ"


def test_without_a_name_the_derived_side_stands_in_each_statement() -> None:
    page = audit_markdown((CORRECTED,), "p", "")
    assert page.count(SIDE) == 2
    assert "<details>" not in page


def test_parts_that_read_alike_share_a_formula_and_keep_their_derived_sides() -> None:
    parts = tuple(
        JudgedStatement(
            Statement(factor * noise, Algebra(), ridge, place=f"T_{place}", name="x"),
            STANDS.evidence,
        )
        for place, factor in enumerate((2, 3))
    )
    page = audit_markdown((JudgedClaim(CLAIM, parts, (), (CONTROL,)),), "p", "")
    assert page.count(r"$$ x = \lambda $$") == 1
    assert page.count("**In SymPy**, T₀: ") == page.count("**In SymPy**, T₁: ") == 1
    assert r"$$ x:\quad 2 \sigma $$" in page
    assert r"$$ x:\quad 3 \sigma $$" in page


def test_a_side_that_rows_cannot_hold_is_derived_in_plain_text() -> None:
    product = Mul(*(Symbol(f"x_{place}") + noise for place in range(80)))
    named = JudgedStatement(Statement(product, Algebra(), ridge, name="x"), STANDS.evidence)
    page = audit_markdown((JudgedClaim(CLAIM, (named,), (), (CONTROL,)),), "p", "")
    assert "too wide" not in page
    assert "$x$: `(σ + x₀)·(σ + x₁)·" in page


def test_the_route_is_told_once() -> None:
    found = JudgedStatement(TRUE, (Evidence("exact law", Supported("exact law, derived: so")),))
    page = audit_markdown((JudgedClaim(CLAIM, (found,), (), (CONTROL,)),), "p", "")
    assert "supported by exact law, derived: so." in page


def test_a_display_belongs_to_its_paragraph_on_paper() -> None:
    page = latex_page([Paragraph(line_of("Thus")), Display("x"), Paragraph(line_of("then"))])
    assert "Thus\n\\[ \\fit{x} \\]\n\nthen" in page


def test_a_name_decides_nothing() -> None:
    named = dataclasses.replace(FALSE, name=r"\rho")
    assert named == FALSE
    assert NAMED.outcome is CORRECTED.outcome
    assert TRUE.answers(named)
    assert named.answers(TRUE)


def test_a_mean_stands_around_a_derived_side_and_not_around_a_name() -> None:
    mean = Statement(SUBJECT, ExactMean(), noise)
    assert statement_text(mean).left == "E[λ·(λ + σ)]"
    assert statement_text(dataclasses.replace(mean, name=r"\mathrm{Var}")).left == "Var"


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        (r"E_{test}(\hat w_n^{pred}) \le E_{test}(0)", "E_test(ŵₙ^pred) ≤ E_test(0)"),
        (r"\widetilde{\mathrm{Bias}} + \Delta\mathrm{Bias}", "Bias~ + ΔBias"),
        (r"w_0^\top Q_{n-1}w_0", "w₀ᵀQ_(n-1)w₀"),
        (r"\mathbb{E}\,\|\hat\Sigma R\|_F^2", "E ‖Σ̂R‖_F²"),
        (r"n\,(E_\infty - E_n)", "n (E_∞ - Eₙ)"),
    ],
)
def test_a_name_has_a_plain_form(name: str, plain: str) -> None:
    assert plain_name(name) == plain


def test_a_name_without_a_plain_form_is_refused() -> None:
    with pytest.raises(ValueError, match="frac"):
        plain_name(r"\frac{1}{2}")


@pytest.mark.parametrize("paper", ["dohmatob2024", "gerstgrasser2024"])
def test_every_bundled_side_that_is_derived_has_a_short_plain_form(paper: str) -> None:
    for claim in paper_named(paper).claims:
        for statement in (*claim.printed, *claim.repaired):
            written = statement_text(statement)
            assert "…" not in written.left, claim.id
            assert "\\" not in f"{written.left}{plain_name(statement.formula_name)}", claim.id


@pytest.mark.slow
@pytest.mark.parametrize("paper", ["dohmatob2024", "gerstgrasser2024"])
def test_no_bundled_statement_is_too_wide_for_a_page(paper: str) -> None:
    for claim in paper_named(paper).claims:
        for statement in (*claim.printed, *claim.repaired):
            assert "too wide" not in statement_latex(statement).line, claim.id


def test_a_product_too_wide_for_a_page_is_said_to_be() -> None:
    factors = [Symbol(f"x_{place}") + noise for place in range(80)]
    wide = Statement(ridge, Algebra(), Mul(*factors))
    assert "too wide for a page" in statement_latex(wide).line
    derived = Statement(Mul(*factors), Algebra(), ridge, name="x")
    assert [side.formula for side in statement_latex(derived).derived] == [""]


def test_a_quadratic_form_breaks_where_its_sum_does() -> None:
    terms = [(eigenvalue + place) ** -2 * noise**place for place in range(1, 12)]
    form = QuadraticForm(Add(*terms), SIGMA, W0)
    rows = statement_latex(Statement(ridge, Algebra(), form)).rows
    assert rows.count(r"\begin{aligned}") == 1
    assert rows.count(r"w_{0}^{\top}") == len(terms)


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
    for words in (CLAIM.tex, "1.5 against 2", "3.25, must be 1.75", "no point", "1 against 2"):
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
    assert statement_latex(gram).rows == r"X^{\top} X = I_{d}"
    assert statement_text(gram).line.endswith("= I_d")
    assert statement_text(Statement(ridge, Bound(above=True), noise)).line == "λ ≤ σ"


def test_a_wide_sum_stands_in_rows() -> None:
    letters = [Symbol(f"x_{place}") for place in range(80)]
    wide = statement_latex(Statement(ridge, Algebra(), sum(letters, noise)))
    assert wide.rows.count(r"\begin{aligned}") == wide.rows.count(r"\end{aligned}") == 1
    assert all(f"x_{{{place}}}" in wide.rows for place in range(80))
    assert r"\\" not in statement_latex(Statement(ridge, Algebra(), noise)).rows


def test_five_lines_tell_the_reading_and_a_correction_of_two_parts_once() -> None:
    printed, repair, evidence = DOWN, STANDS, STANDS.evidence
    again = JudgedStatement(
        dataclasses.replace(printed.statement, place="at its edge"), DOWN.evidence
    )
    mended = JudgedStatement(dataclasses.replace(repair.statement, place="at its edge"), evidence)
    claim = dataclasses.replace(CLAIM, reading="σ is the noise")
    text = audit_text(JudgedClaim(claim, (printed, again), (repair, mended), (CONTROL,)))
    assert len(text.splitlines()) == 5
    assert "; read as: σ is the noise" in text
    assert text.count("λ² + λ·σ") == 1
    assert "product, and at its edge: " in text


def test_what_holds_at_finite_size_only_is_shown_again_by_simulation() -> None:
    low = paper_named("dohmatob2024").claim("low-dimensional-rho")
    assert ways_to_run(low, "dohmatob2024")[1].startswith("symcollapse simulate ")
    intro = paper_named("dohmatob2024").claim("intro-decomposition")
    assert ways_to_run(intro, "dohmatob2024")[1].startswith("symcollapse evaluate ")


def test_a_bound_on_an_order_is_no_inequality() -> None:
    towards = Towards(samples, oo)
    below = Statement(samples, Exponent(towards, bound="below"), samples)
    assert statement_text(below).relation == "≳"
    assert statement_latex(below).relation == r"\gtrsim"
    assert statement_text(Statement(samples, Bound(above=False), samples)).relation == "≥"
