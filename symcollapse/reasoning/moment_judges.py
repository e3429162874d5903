"""Judges of the steps that average designs: what a step put in is compared with what the engine derives.

The step takes the shortcuts of `designs`, the judge the way from the plain matrix expression; both have to give one
function of s, for the matrix B that stands in this step.
"""

from collections.abc import Callable

from sympy import Expr

from symcollapse.equivalents import Moment, replace_exactly, replace_moments
from symcollapse.equivalents.derived_moments import derived, derived_exactly
from symcollapse.equivalents.moments import equivalent_of, exact_value_of, moments_of
from symcollapse.language.domains import Domain
from symcollapse.language.errors import NotSupported
from symcollapse.reasoning.checking import POINTS, compare_at_points, judge
from symcollapse.reasoning.normal_forms import is_identity
from symcollapse.reasoning.steps import Equivalents, ExactMoments
from symcollapse.reasoning.verdicts import Proved, Refuted, Supported, Verdict

POINTS_OF_A_MOMENT = 6
"""Exact points at which a moment is compared with its derivation."""

LONGEST_PROOF = 120
"""Operations up to which a symbolic proof is tried: a few tenths of a second."""

FROM_THE_ENGINE = "derived by the engine: pencil, Dyson equation, closed form"
FROM_RESIDUES = "by residues of the two-resolvent rule, which derivations/two_resolvents_gain_a_fluctuation derives"
FROM_STEIN = "derived: rotation invariance and Stein's equations"


@judge.register
def _(by: Equivalents, before: Expr, after: Expr, domain: Domain) -> Verdict:
    if refused := _outside_regime(before, by.positions, domain, surplus=0):
        return refused
    moments = _replaced(replace_moments, by.positions, before, after)
    if isinstance(moments, Refuted):
        return moments
    in_reach, beyond = [], False
    for moment in moments:
        try:
            in_reach.append((moment, equivalent_of(moment), derived(moment)))
        except NotSupported:
            beyond = True
    verdict = _compared(in_reach, domain, FROM_THE_ENGINE)
    if not isinstance(verdict, Proved | Supported):
        return verdict
    # The Dyson equation is a theorem that is cited, so that nothing here is proved from the ground up.
    sources = [verdict.how] if in_reach else []
    return Supported("; ".join([*sources, FROM_RESIDUES] if beyond else sources))


@judge.register
def _(by: ExactMoments, before: Expr, after: Expr, domain: Domain) -> Verdict:
    if refused := _outside_regime(before, by.positions, domain, surplus=2):
        return refused
    moments = _replaced(replace_exactly, by.positions, before, after)
    if isinstance(moments, Refuted):
        return moments
    triples = [(moment, exact_value_of(moment), derived_exactly(moment)) for moment in moments]
    return _compared(triples, domain, FROM_STEIN)


def _outside_regime(
    before: Expr, positions: tuple[int, ...], domain: Domain, surplus: int
) -> Refuted | None:
    """A point of the domain at which T ≥ d + surplus fails, though a design's moments need it."""
    for moment in before.atoms(Moment):
        design = moment.design
        if design.position not in positions or not design.is_determined or 0 not in design.ridges:
            continue
        excess = design.samples - design.covariance.dimension
        for point in domain.points(POINTS):
            value = excess.xreplace(point)
            if value.is_number and value < surplus:
                return Refuted(
                    f"design {design.position} needs T >= d + {surplus}; the domain has T - d = {value}"
                )
    return None


def _replaced(
    rule: Callable[[Expr, int], Expr | None], positions: tuple[int, ...], before: Expr, after: Expr
) -> tuple[Moment, ...] | Refuted:
    """The moments that a step replaced."""
    line = before
    moments: dict[Moment, None] = {}
    for position in positions:
        moments |= dict.fromkeys(moments_of(line, position))
        replaced = rule(line, position)
        if replaced is None:
            return Refuted(f"no moment of design {position} to replace")
        line = replaced
    return tuple(moments) if line == after else Refuted("the rule gives another formula")


def _compared(triples: list[tuple[Moment, Expr, Expr]], domain: Domain, source: str) -> Verdict:
    """Verdict on moments, each with what was put in for it and what is derived."""
    proved = True
    for moment, put_in, found in triples:
        if put_in == found:
            continue
        tried = compare_at_points(put_in, found, domain, POINTS_OF_A_MOMENT)
        if isinstance(tried, Refuted):
            return Refuted(f"{moment} has another derivation: {tried.why}")
        if not isinstance(tried, Supported):
            return tried
        short = put_in.count_ops() + found.count_ops() <= LONGEST_PROOF
        proved = proved and short and is_identity(put_in, found)
    if proved:
        return Proved(source)
    return Supported(f"{source}, equal at {POINTS_OF_A_MOMENT} exact points")
