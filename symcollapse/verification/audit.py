"""The audit of published claims: every route that applies, then the verdict by rule.

Routes go from cheap to dear. A statement that one of them refutes is not tried further; the others are all tried, and
the strongest evidence is named.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sympy import Expr

from symcollapse.language.domains import Domain
from symcollapse.language.errors import Diverges, OutOfRegime, SymcollapseError
from symcollapse.reasoning import (
    Algebra,
    Bound,
    Derivation,
    Evidence,
    JudgedClaim,
    JudgedStatement,
    Leading,
    Paper,
    Proved,
    PublishedClaim,
    Refuted,
    ShownCounterexample,
    Statement,
    Undecided,
    Verdict,
    check,
    judge,
    judge_at_edges,
)
from symcollapse.reasoning.edges_of_limits import judge_limit_at_edges
from symcollapse.reasoning.structural_checks import structural_check
from symcollapse.verification.counterexample_search import search_route
from symcollapse.verification.counterexamples import show_counterexample


@dataclass(frozen=True)
class Route:
    """A way to judge a statement; it answers None where it does not apply."""

    name: str
    judge: Callable[[Statement], Verdict | None]
    quick: bool = True
    """Whether a quick audit has time for it."""


def _judged(statement: Statement) -> Verdict:
    return judge(statement.by, statement.subject, statement.formula, statement.scope)


def _at_edges(statement: Statement) -> Verdict | None:
    by, subject, scope = statement.by, statement.subject, statement.scope
    if isinstance(by, Leading):
        return judge_limit_at_edges(by, subject, statement.formula, scope)
    if not isinstance(by, Algebra | Bound) or not isinstance(subject, Expr):
        return None
    # Scopes of matrix expressions draw sizes of their own.
    if type(scope) is not Domain:
        return None
    return judge_at_edges(by, subject, statement.formula, scope)


ROUTES = (
    Route("structure", structural_check),
    Route("judge", _judged),
    Route("edges", _at_edges),
    Route("search", search_route, quick=False),
)
"""All routes, the cheapest first."""


def judge_statement(statement: Statement, *, quick: bool = False) -> JudgedStatement:
    """Every route tried on a statement, until one refutes it.

    Parameters
    ----------
    statement
        What is claimed.
    quick
        Without the routes that take long.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> from symcollapse.reasoning import Algebra
    >>> judge_statement(Statement(ridge + ridge, Algebra(), 2 * ridge)).decisive.route
    'proof'
    """
    found: list[Evidence] = []
    for route in ROUTES:
        if quick and not route.quick:
            continue
        try:
            verdict = route.judge(statement)
        except Diverges as error:
            verdict = Refuted(f"one side diverges: {error}")
        except OutOfRegime as error:
            # What holds in a part of its scope only does not stand, whatever other routes say.
            return JudgedStatement(statement, (Evidence(route.name, Undecided(str(error))),))
        except (SymcollapseError, ZeroDivisionError) as error:
            verdict = Undecided(f"{type(error).__name__}: {error}")
        if verdict is None:
            continue
        found.append(Evidence(_named(route, statement, verdict), verdict))
        if isinstance(verdict, Refuted):
            break
    return JudgedStatement(statement, tuple(found))


_KINDS = {
    "Algebra": "exact points",
    "Bound": "exact points",
    "MatrixIdentity": "exact draws",
    "ExactMean": "exact law",
    "Rate": "exponents",
    "Exponent": "exponents",
    "BestRidge": "optimum",
    "OrderHoldsWhere": "exponents",
    "Leading": "certified values",
    "Expand": "certified values",
    "Limit": "limit",
    "HoldsWhere": "exact points",
    "Optimise": "optimum",
}


def _named(route: Route, statement: Statement, verdict: Verdict) -> str:
    """The route in a word or two; the judges of justifications are told apart by what they do."""
    if route.name != "judge":
        return route.name
    if isinstance(verdict, Proved):
        return "proof"
    return _KINDS.get(type(statement.by).__name__, "judge")


def audit_claim(
    claim: PublishedClaim,
    derivation: Callable[[str], Derivation] | None = None,
    *,
    paper: Paper | None = None,
    quick: bool = False,
) -> JudgedClaim:
    """Judge one claim.

    Parameters
    ----------
    claim
        The claim.
    derivation
        Gives a derivation by its name; without it none are checked.
    paper
        Where it is from, with the problem files of counterexamples; without it none is run.
    quick
        No derivations, no simulations, and the quick routes only.
    """

    def judged(statements: tuple[Statement, ...]) -> tuple[JudgedStatement, ...]:
        return tuple(judge_statement(each, quick=quick) for each in statements)

    names = () if derivation is None or quick else claim.derivations
    return JudgedClaim(
        claim,
        judged(claim.printed),
        judged(claim.repaired),
        judged(claim.controls),
        tuple((name, check(derivation(name))) for name in names if derivation is not None),
        None if paper is None else _shown(paper, claim, quick=quick),
    )


def _shown(paper: Paper, claim: PublishedClaim, *, quick: bool) -> ShownCounterexample | None:
    try:
        return show_counterexample(paper, claim, quick=quick)
    except SymcollapseError as error:
        return ShownCounterexample(Undecided(f"{type(error).__name__}: {error}"), "", "")


def audit(
    paper: Paper,
    derivation: Callable[[str], Derivation] | None = None,
    *,
    quick: bool = False,
) -> tuple[JudgedClaim, ...]:
    """Judge every claim of a paper, in its order."""
    return tuple(audit_claim(claim, derivation, paper=paper, quick=quick) for claim in paper.claims)
