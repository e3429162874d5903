"""Theorems 4.5 and 4.6: generators with fewer samples than features."""

from collections.abc import Sequence
from itertools import product
from typing import Any

from sympy import Expr, Ge, Gt, Integer, Lt, MatrixSymbol, Min, Mul, Trace

from symcollapse.language.domains import Domain
from symcollapse.language.problems import SIGMA, W0
from symcollapse.language.quantities import QuadraticForm, quadratic_form
from symcollapse.language.spectra import IsotropicSpectrum
from symcollapse.language.symbols import (
    dimension,
    generation_samples,
    ridge,
    samples,
    squared_norm,
)
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.targets import UniformTarget
from symcollapse.reasoning import Algebra, Counterexample, ExactMean, MatrixIdentity, Statement

from ..chains_of_projections import DESIGNS, EYE, SIZES, projection, projections
from ..fitted_matrices import TRUTH
from ..fresh_projections_carry_forms_by_a_recursion import (
    by_recursion,
    factors,
    second_moment,
)
from ..fresh_projections_multiply_in_the_mean import (
    RIDGES,
    SCOPE,
    averaged,
    derived_mean,
    shrunk,
)
from ..isotropic_projections import DESIGNS as ISOTROPIC
from ..isotropic_projections import SQUARED_NORM, kept, lost
from ..one_shared_design_forgets_once import SHARED
from .printed import ADDED_BIAS, claim

_FEW = Domain(conditions=(Lt(generation_samples, dimension),))
_FEW_THEN_ENOUGH = Domain(conditions=(Lt(generation_samples, dimension), Gt(samples, dimension)))
_PHI0 = dimension / generation_samples
_NO_RIDGE = {
    SIGMA: IsotropicSpectrum(dimension),
    W0: UniformTarget(squared_norm),
    ridge: Integer(0),
}


def _shared(count: int) -> tuple[Any, ...]:
    return ISOTROPIC[:1] * count


_ON_ONE_DESIGN = tuple(
    statement
    for count in (1, 2, 5)
    for statement in (
        Statement(
            kept(_shared(count)),
            ExactMean(),
            SQUARED_NORM / _PHI0,
            _FEW,
            f"‖ŵ‖², n = {count}",
            name=rf"\mathbb{{E}}\,\|\hat w_{count}\|^2",
        ),
        Statement(
            lost(_shared(count)),
            ExactMean(),
            SQUARED_NORM * (1 - 1 / _PHI0),
            _FEW_THEN_ENOUGH,
            f"ΔBias, n = {count}",
            name=ADDED_BIAS,
        ),
    )
)


def _eta(sizes: Sequence[Any]) -> Expr:
    """The product of min(1/φ_m, 1)."""
    return Mul(*(Min(size / dimension, 1) for size in sizes))


def _fresh(few: Sequence[bool]) -> tuple[Statement, ...]:
    """‖ŵ‖² and ΔBias after generators of which these have T_m < d, and the others T_m ≥ d."""
    sizes = SIZES[: len(few)]
    conditions = tuple(
        (Lt if less else Ge)(size, dimension) for size, less in zip(sizes, few, strict=True)
    )
    shown = ", ".join(f"T_{m} {'<' if less else '≥'} d" for m, less in enumerate(few))
    designs = ISOTROPIC[: len(few)]
    return (
        Statement(
            kept(designs),
            ExactMean(),
            SQUARED_NORM * _eta(sizes),
            Domain(conditions=conditions),
            f"‖ŵ‖², {shown}",
            name=rf"\mathbb{{E}}\,\|\hat w_{len(few)}\|^2",
        ),
        Statement(
            lost(designs),
            ExactMean(),
            SQUARED_NORM * (1 - _eta(sizes)),
            Domain(conditions=(*conditions, Gt(samples, dimension))),
            f"ΔBias, {shown}",
            name=ADDED_BIAS,
        ),
    )


_ON_FRESH_DESIGNS = tuple(
    statement
    for few in (*product((True, False), repeat=1), *product((True, False), repeat=2), (True,) * 3)
    for statement in _fresh(few)
)
_ALL_FEW = _fresh((True, True))
_BEFORE: Any = MatrixSymbol("v", dimension, 1)


def _one_more(relation: Any, sign: str) -> tuple[Statement, ...]:
    """What one more projection makes of the two forms, whatever the weights before it are."""
    size = SIZES[0]
    after, share = projection(ISOTROPIC[0]) * _BEFORE, Min(size / dimension, 1)
    scope = Domain(conditions=(relation(size, dimension),))
    where = f"from one generation to the next, T_m {sign} d"
    return tuple(
        Statement(
            Trace(left.T * after),
            ExactMean(),
            share * Trace(before.T * _BEFORE),
            scope,
            f"{form}, {where}",
            name=rf"\mathbb{{E}}\,{name}",
        )
        for left, before, form, name in (
            (after, _BEFORE, "‖ŵ‖²", r"\|P_mv\|^2"),
            (TRUTH, TRUTH, "w₀ᵀŵ", r"w_0^\top P_mv"),
        )
    )


_STEPS = (*_one_more(Lt, "<"), *_one_more(Ge, "≥"))


def _fewer(count: int) -> Domain:
    return Domain(SCOPE.ranges, tuple(Lt(size, dimension) for size in SIZES[:count]))


def _squared(designs: Sequence[Any]) -> Any:
    return projections(designs).T * projections(designs)


_TWO = projections(DESIGNS[:2])

# What the test error of two noise-free generators is, by its two forms; the form of Σ is the truth's.
_TRUTH_FORM = quadratic_form(s, SIGMA, W0)


def _error_by(second: Expr, first: Expr) -> Expr:
    """‖w₀‖²_Σ − 2w₀ᵀΣE[Q]w₀ + w₀ᵀE[QᵀΣQ]w₀."""
    return _TRUTH_FORM - 2 * first + second


def _times_sigma(form: Any) -> Expr:
    return QuadraticForm(s * form.args[0], SIGMA, W0)


_PLACES = {1: "n = 1", 2: "n = 2", 3: "n = 3"}
_WITHOUT, _WITH = (
    tuple(
        Statement(derived_mean(n), Algebra(), shrunk(n, power), SCOPE, place, solved=True)
        for n, place in _PLACES.items()
        for power in (n * factor,)
    )
    for factor in (0, 1)
)
_FORMS = {
    **{derived_mean(n): rf"w_0^\top Q_{n - 1}w_0" for n in _PLACES},
    projections(ISOTROPIC[:2]): r"\mathbb{E}\,Q_1",
}
_SECOND = {n: averaged(second_moment(n), range(n - 1, -1, -1)) for n in (1, 2)}


def _on_both_sides(count: int, formula: Expr, place: str) -> Statement:
    return Statement(_SECOND[count], Algebra(), formula, SCOPE, place, solved=True)


CLAIMS = (
    claim(
        "thm-4.5",
        (
            *_ON_ONE_DESIGN,
            Statement(
                SHARED.xreplace(_NO_RIDGE),
                Algebra(),
                squared_norm * (1 - 1 / _PHI0),
                _FEW_THEN_ENOUGH,
                "the bias of the derived test error, any n",
                solved=True,
            ),
        ),
        names={SHARED.xreplace(_NO_RIDGE): ADDED_BIAS},
        controls=(
            Statement(
                kept(_shared(2)),
                ExactMean(),
                SQUARED_NORM / _PHI0**2,
                _FEW,
                "‖ŵ‖² as on fresh designs",
            ),
            Statement(
                lost(_shared(1)),
                ExactMean(),
                SQUARED_NORM * (1 - 1 / _PHI0),
                Domain(conditions=(Lt(generation_samples, dimension), Lt(samples, dimension))),
                "T < d downstream",
            ),
        ),
        derivations=("one_shared_design_forgets_once",),
        reading="Without noise, and with Σ̂R → X†X for λ → 0⁺.",
        remark="Both formulas are exact at every finite size.",
    ),
    claim(
        "thm-4.6",
        (*_ON_FRESH_DESIGNS, *_STEPS),
        controls=(
            Statement(
                _ALL_FEW[0].subject,
                ExactMean(),
                SQUARED_NORM * Min(*(size / dimension for size in SIZES[:2])),
                _ALL_FEW[0].scope,
                "the smallest share for the product",
            ),
            Statement(
                _ALL_FEW[1].subject,
                ExactMean(),
                SQUARED_NORM * (1 - _eta(SIZES[:2])) ** 2,
                _ALL_FEW[1].scope,
                "(1 − η)² for 1 − η",
            ),
        ),
        derivations=(
            "noise_free_generations_lose_all_but_a_product",
            "fresh_projections_forget_the_truth",
            "projections_of_isotropic_inputs_keep_exact_shares",
        ),
        reading=(
            "Without noise, λ → 0⁺. n = 1, 2 in every regime of the T_m, n = 3 with all T_m < d; and the step from any "
            "weights v to the next, which gives every n: ‖ŵ − w₀‖² is ‖ŵ‖² − 2w₀ᵀŵ + ‖w₀‖²."
        ),
        remark="Exact at every finite size. The proof passes through a step that is false; see the claim on it.",
    ),
    claim(
        "thm-4.6-projection-step",
        (
            Statement(
                _squared(DESIGNS[:1]),
                MatrixIdentity(),
                projections(DESIGNS[:1]),
                _fewer(1),
                "n = 1",
            ),
            Statement(_squared(DESIGNS[:2]), MatrixIdentity(), _TWO, _fewer(2), "n = 2"),
        ),
        names={_squared(DESIGNS[:n]): rf"Q_{n - 1}^\top Q_{n - 1}" for n in (1, 2)},
        controls=(
            Statement(
                _squared(DESIGNS[:2]),
                MatrixIdentity(),
                projection(DESIGNS[0]),
                _fewer(2),
                "P₀ for Q",
            ),
            Statement(
                projections(DESIGNS[:1]), MatrixIdentity(), EYE, _fewer(1), "P₀ = I, for T₀ < d"
            ),
        ),
        derivations=(
            "a_projection_keeps_its_mean_in_the_identity",
            "projections_of_isotropic_inputs_keep_exact_shares",
        ),
        counterexample=Counterexample("thm-4.6-projection-step.toml", place="n = 2"),
        step_of="thm-4.6",
        reading="The step stands in the proof for every draw, without a mean.",
        remark=(
            "QᵀQ is P₀P₁P₀ for n = 2, and Q is P₁P₀. For Σ = I their means are equal, so that the theorem holds; "
            "for other Σ the means differ too."
        ),
    ),
    claim(
        "lemma-F.7",
        _WITHOUT,
        names=_FORMS,
        repaired=_WITH,
        controls=(
            Statement(
                derived_mean(2), Algebra(), shrunk(2, 1), SCOPE, "n = 2, with Σ for Σ²", solved=True
            ),
        ),
        derivations=("fresh_projections_multiply_in_the_mean",),
        counterexample=Counterexample(
            "lemma-F.7.toml",
            place="n = 2",
            implied=_error_by(_SECOND[2], _times_sigma(shrunk(2, 0))),
        ),
        reading="For u = v = w₀, and so for all u and v by polarisation.",
        remark="Lemma F.8 states it with Σⁿ, which is right.",
    ),
    claim(
        "lemma-F.8-first",
        (
            *_WITH,
            Statement(
                projections(ISOTROPIC[:2]),
                ExactMean(),
                Mul(*SIZES[:2]) / dimension**2 * EYE,
                Domain(conditions=tuple(Lt(size, dimension) for size in SIZES[:2])),
                "n = 2, Σ = I, where κ_m = d/T_m − 1, at finite size",
            ),
        ),
        names=_FORMS,
        controls=(
            Statement(
                derived_mean(2),
                Algebra(),
                shrunk(2, 2).xreplace({RIDGES[1]: RIDGES[0]}),
                SCOPE,
                "n = 2, κ₀ twice",
                solved=True,
            ),
        ),
        derivations=("fresh_projections_multiply_in_the_mean",),
        reading="For u = v = w₀, and so for all u and v by polarisation; n = 1, 2, 3 with unequal T_m.",
        remark="Errors of relative order 1/d add up over the generations, so that n is to stay far below d.",
    ),
    claim(
        "lemma-F.8-second",
        (
            _on_both_sides(1, factors(1, 1, samples), "n = 1, T as printed"),
            _on_both_sides(2, factors(2, 2, samples), "n = 2, T as printed"),
            _on_both_sides(2, factors(2, 2), "n = 2, read with T_m for T"),
        ),
        names={_SECOND[n]: rf"w_0^\top Q_{n - 1}^\top\Sigma Q_{n - 1}w_0" for n in (1, 2)},
        repaired=tuple(
            _on_both_sides(n, by_recursion(n), f"n = {n}, by recursion") for n in (1, 2)
        ),
        controls=(
            _on_both_sides(2, factors(2, 1), "n = 2, with Σ for Σⁿ"),
            _on_both_sides(
                2,
                QuadraticForm(s**5 * Mul(*((s + k) ** -2 for k in RIDGES[:2])), SIGMA, W0),
                "the mean only",
            ),
        ),
        derivations=(
            "projections_of_one_generator_do_not_multiply",
            "fresh_projections_carry_forms_by_a_recursion",
        ),
        counterexample=Counterexample(
            "lemma-F.8-second.toml",
            place="n = 2, read with T_m for T",
            implied=_error_by(factors(2, 2), _times_sigma(shrunk(2, 2))),
        ),
        reading="For u = v = w₀, and so for all u and v by polarisation. T in A_m is read as printed, and as T_m; "
        "the recursion has one step for each generator.",
        remark=(
            "With T_m for T the product is right for n = 1, and with Σ for Σⁿ for Σ = I. For T_m ≥ d and n = 2 it is "
            "not: then Q = I, and the left side is uᵀΣv, the right one uᵀΣ²v."
        ),
    ),
)
