"""How right doubles and balls are, over a domain that is searched for the worst.

Run it in the repository: ``python -m benchmarks.accuracy`` prints the tables of the README; ``--examples N`` searches
longer. Hypothesis draws spectra over up to 300 decades, of any dimension up to 10^12 or infinite, λ ∈ [1e-300, 1e10]
and T/d ∈ [1e-6, 1e6], the same ones each time, and is told the errors that it found, so that it looks for larger ones.
"""

import argparse
import warnings
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

import numpy as np
from flint import arb, ctx
from hypothesis import HealthCheck, Phase, given, settings, target

import symcollapse as sc
from benchmarks.accuracy_domain import NAMES, Case, cases, point
from benchmarks.measuring import figure, markdown
from benchmarks.ridge_curves import HARD
from symcollapse.evaluation.balls import BallEvaluator

SILENT = 1e-12
"""Bound of the relative error up to which doubles are given without a warning."""

SECOND_ORDER = 1.001
"""Bounds are first order in 2⁻⁵³; what they leave out is far below a thousandth of them."""

ROUNDING = 2.0**-53
"""Relative error of one rounded operation."""

SMALLEST = 2.0**-1022
"""Smallest normal double: what an underflow may lose."""

REFERENCE_BITS = 160
"""Working precision of the reference at the first attempt."""

ENOUGH_BITS = 80
"""Relative accuracy of the reference, far beyond that of a double."""

MOST_BITS = 10_000
"""Working precision at which a reference is given up, and counted."""

PRECISIONS = (64, 128, 256)
"""Bits at which balls are checked; each is compared with twice as many."""

Stated = tuple[float, float] | str
"""A double and the bound of its relative error, or the name of the refusal."""

Evaluate = Callable[[Case], Mapping[str, Sequence[Stated]]]
"""The functionals of a case in doubles, at each of its points."""


def in_doubles(case: Case) -> dict[str, list[Stated]]:
    """All functionals by one compiled function; where that refuses, one by one and point by point."""
    names, formulas = list(case.formulas), list(case.formulas.values())
    columns = np.array(case.points).T
    try:
        results = _compiled(formulas, columns)
    except sc.SymcollapseError:
        return {
            name: [_alone(formula, pair) for pair in case.points]
            for name, formula in case.formulas.items()
        }
    return {
        name: [(float(v), float(e)) for v, e in zip(values, errors, strict=True)]
        for name, (values, errors) in zip(names, results, strict=True)
    }


def _compiled(formulas: Sequence[Any], columns: Any) -> Sequence[Any]:
    ridge, samples = columns
    return sc.lambdify(list(formulas), [sc.ridge, sc.samples], errors=True)(ridge, samples)


def _alone(formula: Any, pair: tuple[float, float]) -> Stated:
    try:
        ((value, error),) = _compiled([formula], np.array([pair]).T)
    except sc.SymcollapseError as refusal:
        return type(refusal).__name__
    return float(value[0]), float(error[0])


def balls(case: Case, place: int, bits: int) -> dict[str, Any]:
    """Balls of all functionals at one point, at a working precision; what is not decided is left out."""
    found = {}
    ridge, samples = case.points[place]
    with ctx.workprec(bits):
        evaluator = BallEvaluator({})
        for name, formula in case.formulas.items():
            try:
                ball = evaluator.evaluate(point(formula, ridge, samples))
            except sc.SymcollapseError:
                continue
            if ball.is_finite():
                found[name] = ball
    return found


def reference(case: Case, place: int) -> dict[str, Any]:
    """Balls far narrower than a double's error; at most `MOST_BITS` are spent on them."""
    bits = REFERENCE_BITS
    found: dict[str, Any] = {}
    while bits <= MOST_BITS:
        found |= {
            name: ball
            for name, ball in balls(case, place, bits).items()
            if ball.is_zero() or ball.rel_accuracy_bits() > ENOUGH_BITS
        }
        if len(found) == len(case.formulas):
            break
        bits *= 4
    return found


@dataclass
class Tally:
    """What was found about one functional in doubles."""

    checks: int = 0
    silent: int = 0
    worst: float = 0.0
    """Greatest relative error of those given without a warning."""
    worst_at: str = ""
    broken: list[str] = field(default_factory=list)
    """Points at which the error is above the bound that was stated."""
    excess: list[float] = field(default_factory=list)
    """Bound over error, or over one rounding where the error happens to be smaller."""
    warned: int = 0
    """Points with a bound above the accepted one, or none."""
    refused: Counter[str] = field(default_factory=Counter)
    unknown: int = 0
    """Points without a reference."""

    def add(self, stated: Stated, truth: Any | None, where: str) -> float | None:
        """Take one number into account; gives its relative error if it was given without a warning."""
        self.checks += 1
        if isinstance(stated, str):
            self.refused[stated] += 1
            return None
        if truth is None:
            self.unknown += 1
            return None
        value, bound = stated
        if not (np.isfinite(value) and np.isfinite(bound)):
            self.warned += 1
            return None
        with ctx.workprec(2 * REFERENCE_BITS):
            distance = abs(arb(value) - truth)
            size = abs(truth) if truth.is_zero() is False else arb(1)
            error = float((distance / size).upper())
            allowed = abs(arb(value)) * bound * SECOND_ORDER + SMALLEST
            if not distance < allowed:
                self.broken.append(f"{where}: {value!r} stated to {bound:.1e}, off by {error:.1e}")
        self.excess.append(bound / max(error, ROUNDING))
        if bound > SILENT:
            self.warned += 1
            return None
        self.silent += 1
        if error > self.worst:
            self.worst, self.worst_at = error, where
        return error


def described(case: Case, place: int) -> str:
    """A point, so that it can be looked at again."""
    ridge, samples = case.points[place]
    return f"{case.spectrum}, {case.target}, generators {case.generators}, λ = {ridge!r}, T = {samples!r}"


def tally(case: Case, evaluate: Evaluate, tallies: dict[str, Tally]) -> dict[str, float]:
    """Check one case; gives the greatest error of each functional."""
    found = evaluate(case)
    errors: dict[str, float] = {}
    for place in range(len(case.points)):
        truth = reference(case, place)
        for name, values in found.items():
            where = f"{name} of {described(case, place)}"
            error = tallies[name].add(values[place], truth.get(name), where)
            if error is not None:
                errors[name] = max(errors.get(name, 0.0), error)
    return errors


def hard_cases() -> list[Case]:
    """The five hard spectra, with two generators of the same size and ridge."""
    return [
        Case(spectrum, sc.UniformTarget(1), ((size, lam), (size, lam)), ((lam, float(size)),))
        for spectrum, _, size, lam in HARD.values()
    ]


def search(look: Callable[[Case], None], examples: int, domain: Any = None) -> None:
    """Show so many cases of the domain to a function, the same ones each time."""
    # Nothing is shrunk: what breaks a promise is counted, and the search goes on.
    searched = settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.target],
        suppress_health_check=list(HealthCheck),
    )
    searched(given(cases() if domain is None else domain)(look))()


def doubles_table(
    examples: int, evaluate: Evaluate = in_doubles, domain: Any = None
) -> dict[str, Tally]:
    """Errors of doubles and of their bounds: on the five hard spectra, and on the searched domain."""
    tallies = {name: Tally() for name in NAMES}
    for case in hard_cases():
        tally(case, evaluate, tallies)

    def look(case: Case) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", sc.LossOfDigits)
            errors = tally(case, evaluate, tallies)
        for name, error in errors.items():
            if error > 0:
                target(float(np.log10(error)), label=name)

    search(look, examples, domain)
    return tallies


@dataclass
class Containment:
    """What was found about the balls of one precision."""

    decided: int = 0
    undecided: int = 0
    """Balls that were not found, or not finite, at this precision."""
    broken: list[str] = field(default_factory=list)
    """Balls that do not hold the value computed with twice as many bits."""
    digits: list[float] = field(default_factory=list)
    """Bits that the balls are sure of, as part of the working precision."""


def balls_table(examples: int, domain: Any = None) -> dict[int, Containment]:
    """Whether balls hold what twice the precision finds."""
    found = {bits: Containment() for bits in PRECISIONS}

    def check(case: Case) -> None:
        for place in range(len(case.points)):
            computed = {
                bits: balls(case, place, bits)
                for bits in {*PRECISIONS, *(2 * b for b in PRECISIONS)}
            }
            for bits, containment in found.items():
                for name in case.formulas:
                    ball, finer = (computed[b].get(name) for b in (bits, 2 * bits))
                    if ball is None or finer is None:
                        containment.undecided += 1
                        continue
                    containment.decided += 1
                    if not ball.contains(finer.mid()):
                        containment.broken.append(f"{name} of {described(case, place)}")
                    if not ball.is_zero():
                        containment.digits.append(ball.rel_accuracy_bits() / bits)

    for case in hard_cases():
        check(case)
    search(check, examples, domain)
    return found


def shown_doubles(tallies: Mapping[str, Tally]) -> str:
    """Markdown table of the doubles."""
    rows = [
        [
            name,
            str(tally.checks),
            str(tally.silent),
            f"{tally.worst:.1e}",
            str(len(tally.broken)),
            figure(median(tally.excess)) if tally.excess else "",
            str(tally.warned),
            str(tally.refused.total()),
            str(tally.unknown),
        ]
        for name, tally in tallies.items()
    ]
    head = [
        "functional",
        "points",
        "given without a warning",
        "worst relative error of these",
        "bound below the error",
        "bound/error, median",
        "warned",
        "refused",
        "no reference",
    ]
    return markdown(head, rows)


def shown_balls(found: Mapping[int, Containment]) -> str:
    """Markdown table of the balls."""
    rows = [
        [
            str(bits),
            str(kept.decided),
            str(len(kept.broken)),
            str(kept.undecided),
            f"{median(kept.digits):.0%}" if kept.digits else "",
        ]
        for bits, kept in found.items()
    ]
    head = [
        "bits",
        "balls",
        "without the value at twice the bits",
        "undecided",
        "bits sure, median",
    ]
    return markdown(head, rows)


def main() -> None:
    """Search and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--examples", type=int, default=400, help="cases of the search in doubles")
    parser.add_argument("--balls", type=int, default=60, help="cases of the search in balls")
    parser.add_argument("--points", action="store_true", help="list the worst points, and failures")
    options = parser.parse_args()
    tallies = doubles_table(options.examples)
    print(shown_doubles(tallies), end="\n\n", flush=True)
    found = balls_table(options.balls)
    print(shown_balls(found))
    if options.points:
        for tally in tallies.values():
            print(f"\nworst: {tally.worst_at}")
            print("\n".join([f"broken: {line}" for line in tally.broken]), dict(tally.refused))
        for kept in found.values():
            print("\n".join(f"ball without the value: {line}" for line in kept.broken))


if __name__ == "__main__":
    main()
