"""Counterexamples run: both sides of a printed statement at a problem, in certified digits, and a simulation."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from sympy import Basic, Expr, Symbol, Trace

from symcollapse.language.errors import InvalidProblem, SymcollapseError
from symcollapse.language.naming import substitution
from symcollapse.language.problem_files import read_problem
from symcollapse.language.problems import Problem
from symcollapse.language.spectra import Covariance
from symcollapse.reasoning import (
    Counterexample,
    MatrixIdentity,
    Paper,
    PublishedClaim,
    Refuted,
    Relation,
    ShownCounterexample,
    Statement,
    Undecided,
    Verdict,
)
from symcollapse.simulation import simulate_expression
from symcollapse.theory import test_error
from symcollapse.verification.problem_verification import Prediction, predict
from symcollapse.verification.raised_sizes import drifts
from symcollapse.verification.sequential import Claim, verify_claims
from symcollapse.verification.statements_at_problems import compared_at

FOLDER = "counterexamples"
"""Where the problem files lie, in the folder of a paper."""

DRAWS = 64
"""Draws of an identity between matrices; one that holds leaves the rounding of each, so that few are enough."""


def problem_of(paper: Paper, claim: PublishedClaim) -> Problem | None:
    """The problem at which a claim is said to fail; None if there is none.

    Raises
    ------
    InvalidProblem
        If the file is missing or wrong.
    """
    if claim.counterexample is None:
        return None
    place = place_of(paper, claim.counterexample)
    if not place.is_file():
        raise InvalidProblem(f"{claim.counterexample.file}: {claim.id} has no such problem file")
    return read_problem(place, {})


def place_of(paper: Paper, counterexample: Counterexample) -> Path:
    """Where the problem file of a counterexample lies."""
    return paper.folder / FOLDER / counterexample.file


def show_counterexample(
    paper: Paper, claim: PublishedClaim, *, quick: bool = False, seed: int = 1
) -> ShownCounterexample | None:
    """Run the counterexample of a claim: digits of both sides, and a simulation.

    Parameters
    ----------
    paper, claim
        The claim and the paper that it is from.
    quick
        Without the simulation.
    seed
        Of the draws.

    Returns
    -------
    shown
        None if the claim has no counterexample. The verdict is *refuted* only if certified digits show it, and a
        simulation that was run does not speak against it.

    Raises
    ------
    InvalidProblem
        If the problem file is missing or wrong.
    """
    problem = problem_of(paper, claim)
    if problem is None or claim.counterexample is None:
        return None
    statement = _about(claim, claim.counterexample)
    return run_counterexample(statement, claim.counterexample, problem, quick=quick, seed=seed)


def run_counterexample(
    statement: Statement,
    counterexample: Counterexample,
    problem: Problem,
    *,
    quick: bool = False,
    seed: int = 1,
) -> ShownCounterexample:
    """A statement at a problem.

    Example
    -------
    >>> from symcollapse.language.problems import Downstream
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.symbols import dimension, noise, samples
    >>> from symcollapse.language.targets import UniformTarget
    >>> from symcollapse.reasoning import Algebra
    >>> problem = Problem(IsotropicSpectrum(50), UniformTarget(1), (), Downstream(150, noise=1))
    >>> printed = Statement(test_error(problem).total, Algebra(), noise**2 * dimension / samples)
    >>> case = Counterexample("least-squares.toml", implied=printed.formula)
    >>> shown = run_counterexample(printed, case, problem)
    >>> shown.subject, shown.formula, type(shown.verdict).__name__
    ('0.50000000', '0.33333333', 'Refuted')
    """
    if isinstance(statement.by, MatrixIdentity):
        return _identity(statement, problem, seed)
    if counterexample.raised is not None:
        error = _derived(counterexample, problem)
        return drifts(error, counterexample.implied, counterexample.raised, problem)
    of_error = False
    try:
        left, right, verdict = compared_at(statement, problem)
    except (SymcollapseError, ZeroDivisionError) as error:
        if counterexample.implied is None:
            return ShownCounterexample(Undecided(f"{type(error).__name__}: {error}"), "", "")
        # The sides have no number at a problem, such as means of random matrices: what they imply has.
        derived = _derived(counterexample, problem)
        implied = Statement(derived, statement.by, counterexample.implied)
        left, right, verdict = compared_at(implied, problem)
        of_error = True
    shown = ShownCounterexample(verdict, left, right, of_error=of_error)
    if quick or counterexample.implied is None:
        return shown
    return _simulated(statement, counterexample, problem, shown, seed)


def _about(claim: PublishedClaim, counterexample: Counterexample) -> Statement:
    """The statement that the counterexample is about."""
    if not counterexample.place:
        return claim.printed[0]
    return next(each for each in claim.printed if each.place == counterexample.place)


def _derived(counterexample: Counterexample, problem: Problem) -> Expr:
    derived = counterexample.derived
    return test_error(problem).total if derived is None else derived


def _simulated(
    statement: Statement,
    counterexample: Counterexample,
    problem: Problem,
    shown: ShownCounterexample,
    seed: int,
) -> ShownCounterexample:
    """What is printed and what is derived, both as claims on the same draws of the problem."""
    printed, derived = (
        predict(problem, formula, counterexample.margin)
        for formula in (counterexample.implied, counterexample.derived)
    )
    # By the exact law where there is one, with the margin of the other: how much is resolved is the same for both.
    holds = Claim(derived.claims[-1].prediction, derived.claims[0].margin)
    impossible = float(printed.prediction) < 0
    claims = [holds] if impossible else [printed.claims[0], holds]
    *against, agrees = verify_claims(problem, claims, seed=seed)
    told = (
        f"{agrees.mean:.5g} ± {agrees.standard_error:.2g} over {agrees.trials} draws; "
        f"{_digits(derived)} is {agrees.verdict}; "
    )
    printed_verdict = "refuted" if impossible else against[0].verdict
    told += f"{_kind(statement)}{_digits(printed)}, as printed, is {printed_verdict}"
    verdict = shown.verdict
    if agrees.verdict == "refuted" or printed_verdict == "shown":
        verdict = Undecided(f"simulation speaks against it: {told}")
    elif (
        against
        and printed_verdict == "refuted"
        and not _wrong_side(statement, against[0].ratio_low)
    ):
        verdict = Undecided(f"simulation does not contradict the bound: {told}")
    return replace(shown, verdict=verdict, simulation=told)


def _digits(prediction: Prediction) -> str:
    exact = prediction.exact_prediction
    return f"{float(prediction.prediction if exact is None else exact):.6g}"


def _kind(statement: Statement) -> str:
    return {Relation.AT_LEAST: "at least ", Relation.AT_MOST: "at most "}.get(
        statement.relation, ""
    )


def _wrong_side(statement: Statement, ratio: float) -> bool:
    """Whether measured/printed, which is not 1, lies where the statement does not allow it."""
    if statement.relation is Relation.AT_LEAST:
        return ratio < 1
    return statement.relation is not Relation.AT_MOST or ratio > 1


def _identity(statement: Statement, problem: Problem, seed: int) -> ShownCounterexample:
    """An identity of matrices at Gaussian draws of the problem's sizes: ‖left‖² and ‖left − right‖²."""
    left, gap = statement.subject, statement.subject - statement.formula
    rule = substitution(problem)
    values = {key: value for key, value in rule.items() if isinstance(key, Symbol)}
    found: list[str] = []
    for matrix in (left, gap):
        norm = Trace(matrix.T * matrix)
        covariances: set[Basic] = norm.atoms(Covariance)
        spectra: Any = dict.fromkeys(covariances, problem.spectrum)
        draws = simulate_expression(norm, spectra, values, trials=DRAWS, seed=seed)
        found.append(f"{draws.mean:.4g} ± {draws.standard_error:.2g}")
        least = min(draws.draws)
    size, distance = found
    told = f"‖left‖² is {size} and ‖left − right‖² is {distance}, at least {least:.2g}, over {DRAWS} draws"
    # Rounding leaves 1e-30 of a squared norm that vanishes; 1e-12 is far from it.
    verdict: Verdict = Refuted(told) if least > 1e-12 else Undecided(told)
    return ShownCounterexample(verdict, size, f"off by {distance}", told)
