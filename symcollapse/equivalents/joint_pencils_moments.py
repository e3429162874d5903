"""Second moments of a pipeline, from its joint pencil: what each noise, each shift and the truth add to an error.

The test error is E of the quadratic form A with A = s on the last fit, over weights w. Fits are taken out one by one,
the last first: w_k = g_k(Σ_j K_{kj} w_j + x_k), where the fluctuation x_k stems from the inputs of fit k. Its covariance
with x_l comes from the inputs that both see,

    Cov(x_k, x_l)(s) = Σ_b T_b s_b [Ĥ^b (Q^b + S^b) Ĥ^bᵀ]_{kl},    Q^b_{kl} = E v_{k,b}ᵀ Σ_b v_{l,b},

so that what it adds to the error is again a quadratic form, of the v, with numbers

    Ψ^b = Ĥ^bᵀ (T_b tr s_b Z) Ĥ^b,        Z_{kl}: the coefficient of x_k x_l.

Z_{kl} holds Ψ_{kl} linearly, through the x in v, and otherwise only what is later: one linear equation for each pair. A
fit on random features of width M adds noise η with E η² = E‖û‖²/M in each direction, û = Nκ w − η: a number Φ beside
Ψ. Every label noise σ_t then adds σ_t² Σ_{kl} γ_{k,t} γ_{l,t} Ψ_{kl}, and a source its mean forms, all of them squares
where nothing is shared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sympy import Add, Expr, Integer, S

from symcollapse.equivalents.joint_pencils import JointPencil, Source
from symcollapse.equivalents.joint_pencils_cores import shared_residual
from symcollapse.equivalents.joint_pencils_functions import (
    ZERO,
    SpectralFunction,
    constant,
    named,
    solved,
    total,
)
from symcollapse.equivalents.size_quotients import collected, is_rational
from symcollapse.language.problems import SIGMA
from symcollapse.language.quantities import spectral_trace
from symcollapse.language.symbols import eigenvalue


@dataclass(frozen=True)
class JointMoments:
    """What fluctuations add to the test error of a pipeline."""

    residual_forms: Mapping[tuple[int, int, int], Expr]
    """Ψ^b_{kl} by (b, k, l), k ≥ l: the weight of E v_kᵀΣ_b v_l, and of the noise of labels that both take."""
    feature_forms: Mapping[int, Expr]
    """Φ_k of each fit on random features: the weight of E‖û_k‖²."""

    def label_noise(self, pencil: JointPencil, labels: int) -> Expr:
        """What the noise of some labels adds, per variance.

        Example
        -------
        >>> from symcollapse.equivalents.joint_pencils import joint_pencil
        >>> from symcollapse.equivalents.joint_pencils_cores import FitRegime
        >>> from symcollapse.language.pipelines import Inputs, Labels, Pipeline, PipelineFit, Share
        >>> from symcollapse.language.symbols import samples
        >>> fit = PipelineFit((Share(0),))
        >>> pipeline = Pipeline((Inputs(samples),), (Labels(0, None),), (fit,))
        >>> pencil = joint_pencil(pipeline, [FitRegime(determined=True)])
        >>> joint_moments(pencil).label_noise(pencil, 0)
        d/(T - d)
        """
        inputs = pencil.pipeline.labels[labels].inputs
        shares = [
            {share.labels: share.weight for share in fit.shares}.get(labels, S.Zero)
            for fit in pencil.pipeline.fits
        ]
        terms = [
            (1 if first == second else 2) * shares[first] * shares[second] * value
            for (each, first, second), value in self.residual_forms.items()
            if each == inputs
        ]
        value = Add(*terms)
        return collected(value) if is_rational(value) else value

    def mean_forms(
        self, pencil: JointPencil, source: Source, kept: Sequence[SpectralFunction]
    ) -> SpectralFunction:
        """The function f(s) such that a source adds source·f(Σ)·source, beside what its mean leaves."""
        terms: list[SpectralFunction] = []
        left: dict[tuple[int, int], SpectralFunction] = {}
        for each, first, second in self.residual_forms:
            for fit in (first, second):
                if (each, fit) not in left:
                    left[each, fit] = pencil.remaining(fit, each, source, kept)
        for (each, first, second), value in self.residual_forms.items():
            product = left[each, first] * left[each, second] * pencil.variable(each)
            terms.append(product.times(value if first == second else 2 * value))
        for fit, value in self.feature_forms.items():
            square = kept[fit] * kept[fit]
            terms.append(square.times(value * pencil.cores[fit].penalty ** 2))
        return total(terms)


def joint_moments(pencil: JointPencil) -> JointMoments:
    """Second moments of the error of the last fit.

    Example
    -------
    >>> from symcollapse.equivalents.joint_pencils import joint_pencil
    >>> from symcollapse.equivalents.joint_pencils_cores import FitRegime
    >>> from symcollapse.language.pipelines import Inputs, Labels, Pipeline, PipelineFit, Share
    >>> from symcollapse.language.symbols import ridge, samples
    >>> fit = PipelineFit((Share(0),), ridge)
    >>> pipeline = Pipeline((Inputs(samples),), (Labels(0, None),), (fit,))
    >>> joint_moments(joint_pencil(pipeline, [FitRegime()])).residual_forms
    {(0, 0, 0): df_2(kappa(lambda, T))/(T - df_2(kappa(lambda, T)))}
    """
    return _Elimination(pencil).moments()


Variable = tuple[str, int]
"""("w", k): weights of fit k; ("x", k): its fluctuation."""

Linear = dict[Variable, SpectralFunction]
"""A linear form in variables."""


class _Elimination:
    """A quadratic form in weights and fluctuations, from which fits are taken out."""

    def __init__(self, pencil: JointPencil) -> None:
        self.pencil = pencil
        self.form: dict[tuple[Variable, Variable], SpectralFunction] = {}
        self.psi: dict[tuple[int, int, int], Expr] = {}
        self.phi: dict[int, Expr] = {}
        self.spread: dict[tuple[int, int, int], Expr] = {}
        """W^b_{kl} = T_b tr s_b Z_{kl}."""
        self.later: dict[tuple[int, int], Linear] = {}
        """v_{k,b} of fits taken out, in the variables that are left; for inputs that an earlier fit sees."""

    def moments(self) -> JointMoments:
        """All fits, the last first."""
        last = len(self.pencil.cores) - 1
        self._put(("w", last), ("w", last), self.pencil.space.variable(SIGMA))
        for fit in range(last, -1, -1):
            self._take_out(fit)
        return JointMoments(self.psi, self.phi)

    def _get(self, one: Variable, other: Variable) -> SpectralFunction:
        """The coefficient of a pair, half of that of the product for two different ones."""
        return self.form.get((max(one, other), min(one, other)), ZERO)

    def _put(self, one: Variable, other: Variable, function: SpectralFunction) -> None:
        key = (max(one, other), min(one, other))
        self.form[key] = self.form.get(key, ZERO) + function

    def _take_out(self, fit: int) -> None:
        pencil, core = self.pencil, self.pencil.cores[fit]
        own: Variable = ("w", fit)
        inputs = list(pencil.own[fit])
        g = core.weights
        through: Linear = {
            ("w", j): g * part for j, part in pencil.incoming[fit].items() if isinstance(j, int)
        }
        through = {variable: part.named(f"a_{fit}") for variable, part in through.items()}
        fluctuation: Variable = ("x", fit)
        residual: dict[int, Linear] = {}
        for each in inputs:
            residual[each] = {
                ("w", j): part for j, part in pencil.own[fit][each].items() if isinstance(j, int)
            }
            residual[each][fluctuation] = g.times(-pencil.weight(fit, each))
        self._replace(own, {**through, fluctuation: g})
        # In order of time, the last first: each holds those that are later.
        laters = {later for each in inputs for later in pencil.seers(each) if later > fit}
        for later in sorted(laters, reverse=True):
            self._pair(later, fit, residual)
        self._square(fit, residual, fluctuation, through)
        self._forget(fit, residual)

    def _replace(self, own: Variable, value: Linear) -> None:
        """Put a linear form for a variable, in the quadratic form and in all linear ones."""
        square = self.form.pop((own, own), ZERO)
        crossed = [
            (one if other == own else other, function)
            for (one, other), function in self.form.items()
            if own in (one, other)
        ]
        self.form = {key: part for key, part in self.form.items() if own not in key}
        for other, function in crossed:
            for variable, part in value.items():
                # 2·F·x·y becomes 2·F·x·(…), and y = x counts a square twice.
                factor = 2 if variable == other else 1
                self._put(other, variable, (function * part).times(Integer(factor)))
        if not square.is_zero:
            for one, first in value.items():
                for other, second in value.items():
                    if one >= other:
                        self._put(one, other, square * first * second)
        for key, linear in self.later.items():
            if own in linear:
                replaced = dict(linear)
                function = replaced.pop(own)
                for variable, part in value.items():
                    replaced[variable] = replaced.get(variable, ZERO) + function * part
                self.later[key] = replaced

    def _add_product(self, first: Linear, second: Linear, weight: SpectralFunction) -> None:
        """Add weight·first·second, twice if they are two different forms of a symmetric pair."""
        both = first is not second
        for one, left in first.items():
            for other, right in second.items():
                product = left * right * weight
                if both:
                    # 2·weight·first·second: each ordered pair once, halves on both sides.
                    self._put(one, other, product.times(Integer(2)) if one == other else product)
                elif one >= other:
                    self._put(one, other, product)

    def _crossing(self, fit: int, other: int) -> SpectralFunction:
        return self._get(("x", fit), ("x", other))

    def _pair(self, later: int, fit: int, residual: dict[int, Linear]) -> None:
        """Ψ of a fit and a later one, for all inputs that both see."""
        pencil = self.pencil
        core, other = pencil.cores[fit], pencil.cores[later]
        shared = [each for each in residual if later in pencil.seers(each)]
        known = {each: self._known(each, later, fit) for each in shared}
        both = core.weights * other.weights
        crossing = self._crossing(later, fit)
        kinds = list(dict.fromkeys(pencil.covariance(each) for each in shared))
        members = {
            kind: [each for each in shared if pencil.covariance(each) == kind] for kind in kinds
        }
        matrix, values = [], []
        for place, kind in enumerate(kinds):
            left = pencil.space.variable(kind)
            row, value = [], pencil.space.trace(left * crossing)
            for right_kind in kinds:
                trace = pencil.space.trace(left * pencil.space.variable(right_kind) * both)
                weights = {each: self._gammas(each, later, fit) for each in members[right_kind]}
                slopes = (
                    weights[each]
                    * core.residuals[each]
                    * other.residuals[each]
                    * pencil.samples(each)
                    for each in members[right_kind]
                )
                overlap = Add(*slopes)
                row.append(-overlap * trace)
                value += trace * Add(*(weights[each] * known[each] for each in weights))
                if len(kinds) == 1 and core.is_simple and other.is_simple:
                    row = [shared_residual(other, core, overlap, pencil.space) - 1]
            row[place] += 1
            matrix.append(row)
            values.append(named(f"z_{later}_{fit}", value))
        answers = dict(zip(kinds, solved(matrix, values), strict=True))
        for each in shared:
            spread = pencil.samples(each) * answers[pencil.covariance(each)]
            self.spread[each, later, fit] = named(f"z_{later}_{fit}", spread)
            slope = core.residuals[each] * other.residuals[each]
            value = named(f"psi_{later}_{fit}", slope * self.spread[each, later, fit] + known[each])
            self.psi[each, later, fit] = value
            weight = pencil.variable(each).times(value)
            self._add_product(self.later[later, each], residual[each], weight)

    def _gammas(self, inputs: int, later: int, fit: int) -> Expr:
        return self.pencil.weight(fit, inputs) * self.pencil.weight(later, inputs)

    def _known(self, inputs: int, later: int, fit: int) -> Expr:
        """The part of Ψ_{kl} that does not hold Z_{kl}: through Ĥ of later fits."""
        seers = self.pencil.seers(inputs)
        passing = self.pencil.passing
        terms = []
        for one in (m for m in seers if m >= later):
            for other in (m for m in seers if m >= fit):
                if (one, other) == (later, fit):
                    continue
                spread = self.spread.get((inputs, max(one, other), min(one, other)))
                if spread is not None:
                    terms.append(passing[inputs, one, later] * spread * passing[inputs, other, fit])
        return named(f"phi_{later}_{fit}", Add(*terms))

    def _square(
        self, fit: int, residual: dict[int, Linear], fluctuation: Variable, through: Linear
    ) -> None:
        """Ψ of a fit with itself, and Φ of its random features."""
        pencil, core = self.pencil, self.pencil.cores[fit]
        known = {each: self._known(each, fit, fit) for each in residual}
        crossing = self._crossing(fit, fit)
        square = core.weights * core.weights
        kinds = list(dict.fromkeys(pencil.covariance(each) for each in residual))
        matrix, values = [], []
        for place, kind in enumerate(kinds):
            left = pencil.space.variable(kind)
            row, value = [], pencil.space.trace(left * crossing)
            for right_kind in kinds:
                members = [each for each in residual if pencil.covariance(each) == right_kind]
                trace = pencil.space.trace(left * pencil.space.variable(right_kind) * square)
                gammas = {each: pencil.weight(fit, each) ** 2 for each in members}
                overlap = Add(
                    *(gammas[e] * core.residuals[e] ** 2 * pencil.samples(e) for e in members)
                )
                row.append(-overlap * trace)
                value += trace * Add(*(gammas[each] * known[each] for each in members))
                if core.is_simple:
                    row = [shared_residual(core, core, overlap, pencil.space) - 1]
            row[place] += 1
            matrix.append(row)
            values.append(named(f"tau_{fit}", value))
        if core.features is None:
            answers = dict(zip(kinds, solved(matrix, values), strict=True))
        else:
            answers = {SIGMA: self._with_features(fit, matrix[0][0], values[0], known)}
        for each in residual:
            spread = pencil.samples(each) * answers[pencil.covariance(each)]
            self.spread[each, fit, fit] = spread
            value = named(f"psi_{fit}", core.residuals[each] ** 2 * spread + known[each])
            self.psi[each, fit, fit] = value
            weight = pencil.variable(each).times(value)
            self._add_product(residual[each], residual[each], weight)
        if fit in self.phi:
            size = constant(core.penalty)
            unexplained = {variable: size * part for variable, part in through.items()}
            unexplained[fluctuation] = size * core.weights
            self._add_product(unexplained, unexplained, constant(self.phi[fit]))

    def _with_features(
        self, fit: int, residual: Expr, value: Expr, known: Mapping[int, Expr]
    ) -> Expr:
        """Trace of s·Z of a fit on random features, beside its Φ: two linear equations."""
        pencil, core = self.pencil, self.pencil.cores[fit]
        assert core.features is not None
        kappa, rows = core.effective_ridge, core.distinct_rows
        s = eigenvalue
        crossing = pencil.space.trace(self._crossing(fit, fit))
        # tr G²Σ, with the trace of Σ(Σ + κ)⁻² = (df₁ − df₂)/κ.
        spread = spectral_trace(s / (s + kappa) ** 2, SIGMA)
        through = (pencil.weight(fit, each) ** 2 * value for each, value in known.items())
        crossing += spread / core.rows**2 * Add(*through)
        lost = kappa * spread
        first = spectral_trace(s / (s + kappa), SIGMA)
        left = core.features - first + lost
        product = residual * rows * left - lost**2
        if core.ridge != 0:
            product = core.ridge * rows * core.features / kappa + lost * (
                rows + core.features - 2 * first
            )
        product = named(f"omega_{fit}", product)
        self.phi[fit] = named(f"chi_{fit}", (residual * rows * crossing + spread * value) / product)
        return rows * (value * left + kappa**2 * spread * crossing) / product

    def _forget(self, fit: int, residual: dict[int, Linear]) -> None:
        """Keep only what an earlier fit on the same inputs will meet, and name what repeats."""
        pencil = self.pencil

        def is_met(inputs: int) -> bool:
            return pencil.seers(inputs)[0] < fit

        for each, linear in residual.items():
            if is_met(each):
                self.later[fit, each] = linear
        self.later = {key: linear for key, linear in self.later.items() if is_met(key[1])}
        kept = {("x", later) for later, _ in self.later}
        self.later = {
            key: {
                variable: part.named(f"d_{fit}")
                for variable, part in linear.items()
                if variable[0] == "w" or variable in kept
            }
            for key, linear in self.later.items()
        }
        self.form = {
            key: part.named(f"b_{fit}")
            for key, part in self.form.items()
            if all(variable[0] == "w" or variable in kept for variable in key)
        }
