"""Pages of text with formulas: written once as blocks, printed as Markdown or as a LaTeX document.

The LaTeX is ASCII but for Latin letters and needs packages of every distribution only, so that any engine takes it.
Formulas too wide for the line are shrunk to fit.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from symcollapse.typesetting.latex_words import escaped


class Kind(Enum):
    """What a piece of a line is."""

    PLAIN = "plain"
    STRONG = "strong"
    CODE = "code"
    MATH = "math"
    LINK = "link"


@dataclass(frozen=True)
class Span:
    """A piece of a line; a link is its words, ``|``, and where it leads.

    Example
    -------
    >>> Span("x_0", Kind.CODE).content
    'x_0'
    """

    content: str
    kind: Kind = Kind.PLAIN


Line: TypeAlias = tuple[Span, ...]
"""Pieces one after the other."""


@dataclass(frozen=True)
class Heading:
    """A title; level 1 is that of the page."""

    level: int
    line: Line


@dataclass(frozen=True)
class Paragraph:
    """A paragraph."""

    line: Line


@dataclass(frozen=True)
class Display:
    """A formula on a line of its own, in LaTeX."""

    formula: str


@dataclass(frozen=True)
class Items:
    """A list of points."""

    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Table:
    """A table; widths are shares of the line."""

    headers: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]
    widths: tuple[float, ...]


@dataclass(frozen=True)
class Folded:
    """Formulas that most readers pass over: folded behind a title in Markdown, small on paper."""

    title: str
    blocks: tuple["Paragraph | Display", ...]


Block: TypeAlias = Heading | Paragraph | Display | Items | Table | Folded
"""What a page is made of."""


def line_of(*pieces: str | Span) -> Line:
    """A line of pieces; text alone is plain.

    Example
    -------
    >>> [span.kind.value for span in line_of("see ", Span("a.toml", Kind.CODE))]
    ['plain', 'code']
    """
    return tuple(Span(piece) if isinstance(piece, str) else piece for piece in pieces)


def markdown_page(blocks: Sequence[Block]) -> str:
    r"""The page in Markdown, with formulas between dollars.

    Example
    -------
    >>> print(markdown_page([Heading(2, line_of("A_b")), Display("x")]))
    ## A\_b
    <BLANKLINE>
    $$ x $$
    <BLANKLINE>
    """
    return "\n\n".join(map(_markdown, blocks)) + "\n"


def _markdown(block: Block) -> str:
    match block:
        case Heading(level, line):
            return f"{'#' * level} {_markdown_line(line)}"
        case Paragraph(line):
            return _markdown_line(line)
        case Display(formula):
            return f"$$ {formula} $$"
        case Items(lines):
            return "\n".join(f"- {_markdown_line(line)}" for line in lines)
        case Table(headers, rows, _):
            cells = [headers, tuple("---" for _ in headers)]
            cells += [tuple(map(_markdown_line, row)) for row in rows]
            return "\n".join(f"| {' | '.join(row)} |" for row in cells)
        case Folded(title, blocks):
            body = "\n\n".join(map(_markdown, blocks))
            return f"<details><summary>{_plain_markdown(title)}</summary>\n\n{body}\n\n</details>"


def _markdown_line(line: Line) -> str:
    return "".join(map(_markdown_span, line))


def _markdown_span(span: Span) -> str:
    match span.kind:
        case Kind.CODE:
            return f"`{span.content}`"
        case Kind.MATH:
            return f"${span.content}$"
        case Kind.STRONG:
            return f"**{_plain_markdown(span.content)}**"
        case Kind.LINK:
            words, _, target = span.content.rpartition("|")
            return f"[{_plain_markdown(words)}]({target})"
        case _:
            return _plain_markdown(span.content)


def _plain_markdown(words: str) -> str:
    return re.sub(r"([\\`*_<>|#$\[\]])", r"\\\1", words)


_PREAMBLE = r"""\documentclass[10pt,a4paper]{article}
\usepackage[margin=22mm]{geometry}
\usepackage{iftex}
\ifPDFTeX\usepackage[T1]{fontenc}\usepackage[utf8]{inputenc}\usepackage{lmodern}\fi
\usepackage{amsmath,amssymb,graphicx,array,longtable,booktabs}
\usepackage[hidelinks]{hyperref}
\setlength{\parindent}{0pt}\setlength{\parskip}{4pt plus 1pt}
\sloppy\emergencystretch=3em
\setcounter{secnumdepth}{0}\setcounter{tocdepth}{1}
\newcommand{\closer}{\setlength{\abovedisplayskip}{3pt plus 2pt}\setlength{\belowdisplayskip}{5pt plus 2pt}%
  \setlength{\abovedisplayshortskip}{2pt plus 1pt}\setlength{\belowdisplayshortskip}{4pt plus 2pt}}
\newcommand{\opening}{\closer\raggedright\setlength{\parskip}{4pt plus 1pt}}
\newsavebox{\wide}
\newcommand{\fit}[1]{\sbox{\wide}{$\displaystyle #1$}%
  \ifdim\wd\wide>\linewidth\resizebox{\linewidth}{!}{\usebox{\wide}}\else\usebox{\wide}\fi}
"""


def latex_page(blocks: Sequence[Block]) -> str:
    r"""The page as a LaTeX document.

    Example
    -------
    >>> page = latex_page([Heading(1, line_of("Title")), Paragraph(line_of("50 % of κ"))])
    >>> [line for line in page.splitlines() if "%" in line][-1]
    '50 \\% of $\\kappa$'
    """
    title = next((block.line for block in blocks if isinstance(block, Heading)), ())
    rest = [block for block in blocks if not (isinstance(block, Heading) and block.level == 1)]
    opening = rf"\title{{{_latex_line(title)}}}\author{{}}\date{{}}"
    body = _latex_blocks(rest)
    return f"{_PREAMBLE}{opening}\n\\begin{{document}}\\opening\n\\maketitle\n\n{body}\n\n\\end{{document}}\n"


def _latex_blocks(blocks: Sequence[Block]) -> str:
    """Blocks one after the other; a display belongs to the paragraph before it, or TeX sets an empty line between."""
    pieces = [("\n" if isinstance(block, Display) else "\n\n") + _latex(block) for block in blocks]
    return "".join(pieces).lstrip("\n")


def _latex(block: Block) -> str:
    match block:
        case Heading(level, line):
            name = {2: "section", 3: "subsection"}.get(level, "paragraph")
            return rf"\{name}{{{_latex_line(line)}}}"
        case Paragraph(line):
            return _latex_line(line)
        case Display(formula):
            return rf"\[ \fit{{{formula}}} \]"
        case Items(lines):
            points = "\n".join(rf"  \item {_latex_line(line)}" for line in lines)
            return f"\\begin{{itemize}}\\setlength{{\\itemsep}}{{0pt}}\n{points}\n\\end{{itemize}}"
        case Table(headers, rows, widths):
            columns = "".join(
                rf">{{\raggedright\arraybackslash}}p{{{width}\linewidth}}" for width in widths
            )
            head = " & ".join(map(escaped, headers)) + r" \\ \midrule \endhead"
            body = "\n".join(" & ".join(map(_latex_line, row)) + r" \\" for row in rows)
            content = f"\\toprule\n{head}\n{body}\n\\bottomrule"
            return f"\\begin{{longtable}}{{{columns}}}\n{content}\n\\end{{longtable}}"
        case Folded(title, blocks):
            opened = Paragraph(line_of(f"{title}:"))
            return f"{{\\footnotesize\\closer {_latex_blocks((opened, *blocks))}\n\n}}"


def _latex_line(line: Line) -> str:
    return "".join(map(_latex_span, line))


def _latex_span(span: Span) -> str:
    match span.kind:
        case Kind.CODE:
            # Names and paths are long words: they may break after their signs.
            broken = re.sub(r"(\\_|[-/.]|\$\\cdot\$)", r"\1\\allowbreak{}", escaped(span.content))
            return rf"\texttt{{{broken}}}"
        case Kind.MATH:
            return f"${span.content}$"
        case Kind.STRONG:
            return rf"\textbf{{{escaped(span.content)}}}"
        case Kind.LINK:
            # On paper it leads nowhere.
            return escaped(span.content.rpartition("|")[0])
        case _:
            return escaped(span.content)
