"""The joint pencil of a pipeline: M, solved fit by fit.

Write V^b for the residuals of inputs b in terms of weights: v_{k,b} = Σ_t γ_t (w_source(t) + δ_t) − γ_{k,b} w_k. With
the cores c, ζ, g, h of the fits, and T_b rows of N(0, Σ_b), the Dyson equation of the pencil is

    Ĝ(s) = (c − Σ_b T_b s_b Ĥ^b V^b)⁻¹,    Ĥ^b = (ζ − V^b τ^b)⁻¹,    τ^b_{kl} = tr Σ_b Ĝ_{kl}.

All are lower triangular, for a fit sees only what is earlier. Row k, column l holds τ_{kl} linearly and nothing that is
later, so one linear equation gives it (of several covariances: one for each). What is kept is

- ``incoming``: the weights in w_k = g_k (Σ_j K_{kj} w_j + noise), over fits, the truth, and shifts;
- ``passing``: Ĥ^b; ``own``: what remains of w_j in v_{k,b} once w_k is put in; all functions of the eigenvalues.

Nothing of it refers to noise; that, and all second moments, is in `joint_pencils_moments`.
"""

from collections.abc import Iterable, Sequence

from sympy import Add, Expr, S

from symcollapse.equivalents.joint_pencils_cores import (
    FitRegime,
    core_of,
    shared_residual,
    space_of,
)
from symcollapse.equivalents.joint_pencils_functions import (
    ZERO,
    SpectralFunction,
    constant,
    named,
    solved,
    total,
)
from symcollapse.equivalents.joint_pencils_solved import JointPencil as JointPencil
from symcollapse.equivalents.joint_pencils_solved import Source as Source
from symcollapse.equivalents.joint_pencils_solved import seers_of
from symcollapse.equivalents.size_quotients import collected, is_rational
from symcollapse.language.pipelines import Pipeline
from symcollapse.language.spectra import Covariance


def joint_pencil(pipeline: Pipeline, regimes: Sequence[FitRegime]) -> JointPencil:
    """Solve the joint pencil of a pipeline.

    Parameters
    ----------
    pipeline
        The pipeline, in letters or numbers.
    regimes
        For each fit, where its sizes lie.

    Raises
    ------
    NotSupported
        If a fit has no core in this version, or too many fits share data.

    Example
    -------
    >>> from symcollapse.language.pipelines import Inputs, Labels, PipelineFit, Share
    >>> from symcollapse.language.symbols import ridge, samples
    >>> fit = PipelineFit((Share(0),), ridge)
    >>> pipeline = Pipeline((Inputs(samples),), (Labels(0, None),), (fit,))
    >>> joint_pencil(pipeline, [FitRegime()]).lost().expression
    kappa(lambda, T)/(s + kappa(lambda, T))
    """
    return _Solution(pipeline, regimes).pencil()


class _Solution:
    """A pencil, while it is solved."""

    def __init__(self, pipeline: Pipeline, regimes: Sequence[FitRegime]) -> None:
        self.pipeline = pipeline
        self.space = space_of(pipeline)
        self.cores = tuple(
            core_of(pipeline, fit, self.space, regime) for fit, regime in enumerate(regimes)
        )
        self.seers = seers_of(pipeline)
        self.gamma = [dict(pipeline.weights(fit)) for fit in range(len(self.cores))]
        self.drawn = [self._drawn(fit) for fit in range(len(self.cores))]
        self.incoming: list[dict[Source, SpectralFunction]] = []
        self.passing: dict[tuple[int, int, int], Expr] = {}
        self.responses: dict[tuple[int, int], SpectralFunction] = {}
        self.traces: dict[tuple[Covariance, int, int], Expr] = {}
        self.late: dict[Source, SpectralFunction] = {}

    def _drawn(self, fit: int) -> dict[int, dict[Source, Expr]]:
        """V^b_{kj} for each of the inputs, without the fit itself."""
        drawn: dict[int, dict[Source, Expr]] = {}
        for share in self.pipeline.fits[fit].shares:
            labels = self.pipeline.labels[share.labels]
            row = drawn.setdefault(labels.inputs, {})
            sources: list[Source] = [labels.source]
            if labels.shift is not None:
                sources.append(labels.shift)
            for source in sources:
                row[source] = row.get(source, S.Zero) + share.weight
        return drawn

    def pencil(self) -> JointPencil:
        """All fits in order."""
        own = []
        for fit in range(len(self.cores)):
            late = self._solve(fit)
            own.append({each: self._own(fit, each, late) for each in self.gamma[fit]})
        return JointPencil(
            self.pipeline,
            self.space,
            self.cores,
            tuple(self.incoming),
            tuple(own),
            self.passing,
        )

    def _s(self, inputs: int) -> SpectralFunction:
        return self.space.variable(self.pipeline.inputs[inputs].covariance)

    def _samples(self, inputs: int) -> Expr:
        return self.pipeline.inputs[inputs].samples

    def _solve(self, fit: int) -> dict[Source, SpectralFunction]:
        """Row of a fit; returns the part of K that goes through shared inputs."""
        core, drawn = self.cores[fit], self.drawn[fit]
        for each in drawn:
            self.passing[each, fit, fit] = core.residuals[each]
        leading: dict[Source, SpectralFunction] = {}
        for each, row in drawn.items():
            size = self._samples(each) * core.residuals[each]
            for source, weight in row.items():
                part = self._s(each).times(size * weight)
                leading[source] = leading.get(source, ZERO) + part
        rows = dict(leading)
        late: dict[Source, SpectralFunction] = {}
        self.incoming.append(rows)
        self.late = late
        sources = {source for row in drawn.values() for source in row if isinstance(source, int)}
        last = max([-1, *sources, *(m for each in drawn for m in self.seers[each] if m < fit)])
        for other in range(last, -1, -1):
            self._couple(fit, other)
        self._external(fit)
        self.incoming[fit] = {
            source: part.named(f"k_{fit}") for source, part in rows.items() if not part.is_zero
        }
        return late

    def _add(self, source: Source, part: SpectralFunction) -> None:
        """More of K, in the row that is being solved."""
        rows = self.incoming[-1]
        rows[source] = rows.get(source, ZERO) + part
        self.late[source] = self.late.get(source, ZERO) + part

    def _couple(self, fit: int, other: int) -> None:
        """Column ``other`` of the row: Ĥ_{kl} for the inputs that both see, then K_{kl}."""
        rows = self.incoming[fit]
        for each in self.drawn[fit]:
            for between in self._between(each, other, fit):
                weight = self.drawn[between][each].get(other)
                if weight is not None:
                    passed = self.passing[each, fit, between]
                    part = self._s(each).times(self._samples(each) * passed * weight)
                    self._add(other, part)
        shared = [each for each in self.drawn[fit] if other in self.seers[each]]
        if not shared:
            return
        core, earlier = self.cores[fit], self.cores[other]
        known = {each: self._known(each, fit, other) for each in shared}
        through = [
            self.incoming[fit][m] * self.response(m, other)
            for m in range(other + 1, fit)
            if m in self.incoming[fit]
        ]
        direct = rows.get(other, ZERO) + total(
            self._s(each).times(-self._samples(each) * known[each] * self.gamma[other][each])
            for each in shared
        )
        unsolved = core.weights * total([*through, direct * earlier.weights])
        both = core.weights * earlier.weights
        answers = self._traces(fit, other, shared, unsolved, both)
        for each in shared:
            trace = answers[self.pipeline.inputs[each].covariance]
            slope = core.residuals[each] * earlier.residuals[each] * self.gamma[fit][each]
            value = named(f"eta_{fit}_{other}", known[each] - slope * trace)
            self.passing[each, fit, other] = value
            part = self._s(each).times(-self._samples(each) * value * self.gamma[other][each])
            self._add(other, part)

    def _between(self, inputs: int, low: int, high: int) -> Iterable[int]:
        return (m for m in self.seers[inputs] if low < m < high)

    def _known(self, inputs: int, fit: int, other: int) -> Expr:
        """The part of Ĥ_{kl} that does not hold τ_{kl}."""
        core, earlier = self.cores[fit], self.cores[other]
        terms = [
            weight * self.trace(inputs, source, other) * earlier.residuals[inputs]
            for source, weight in self.drawn[fit][inputs].items()
            if isinstance(source, int) and source >= other
        ]
        for between in self._between(inputs, other, fit):
            reach = [
                weight * self.trace(inputs, source, between)
                for source, weight in self.drawn[fit][inputs].items()
                if isinstance(source, int) and source >= between
            ]
            reach.append(-self.gamma[fit][inputs] * self.trace(inputs, fit, between))
            terms.append(Add(*reach) * self.passing[inputs, between, other])
        return named(f"eps_{fit}_{other}", core.residuals[inputs] * Add(*terms))

    def _traces(
        self,
        fit: int,
        other: int,
        shared: Sequence[int],
        unsolved: SpectralFunction,
        both: SpectralFunction,
    ) -> dict[Covariance, Expr]:
        """τ_{kl} for each covariance of the shared inputs, from its linear equation."""
        core, earlier = self.cores[fit], self.cores[other]
        kinds = list(dict.fromkeys(self.pipeline.inputs[each].covariance for each in shared))
        overlaps = {
            kind: Add(
                *(
                    self._samples(each)
                    * self.gamma[fit][each]
                    * self.gamma[other][each]
                    * core.residuals[each]
                    * earlier.residuals[each]
                    for each in shared
                    if self.pipeline.inputs[each].covariance == kind
                )
            )
            for kind in kinds
        }
        variables = [self.space.variable(kind) for kind in kinds]
        matrix, values = [], []
        for place, left in enumerate(variables):
            row = [
                -overlaps[kind] * self.space.trace(left * right * both)
                for kind, right in zip(kinds, variables, strict=True)
            ]
            row[place] += 1
            if len(kinds) == 1 and core.is_simple and earlier.is_simple:
                row = [shared_residual(core, earlier, overlaps[kinds[0]], self.space)]
            matrix.append(row)
            values.append(named(f"t_{fit}_{other}", self.space.trace(left * unsolved)))
        answers = solved(matrix, values)
        found = {
            kind: named(f"tau_{fit}_{other}", value)
            for kind, value in zip(kinds, answers, strict=True)
        }
        for kind, value in found.items():
            self.traces[kind, fit, other] = value
        return found

    def _external(self, fit: int) -> None:
        """K from the truth and from shifts, through the inputs that earlier fits saw."""
        for each in self.drawn[fit]:
            for between in self._between(each, -1, fit):
                passed = self.passing[each, fit, between]
                for source, weight in self.drawn[between][each].items():
                    if not isinstance(source, int):
                        part = self._s(each).times(self._samples(each) * passed * weight)
                        self._add(source, part)

    def response(self, fit: int, other: int) -> SpectralFunction:
        """Ĝ_{kl}."""
        if fit == other:
            return self.cores[fit].weights
        if (fit, other) not in self.responses:
            terms = [
                self.incoming[fit][m] * self.response(m, other)
                for m in range(other, fit)
                if m in self.incoming[fit]
            ]
            found = self.cores[fit].weights * total(terms)
            self.responses[fit, other] = found.named(f"g_{fit}_{other}")
        return self.responses[fit, other]

    def trace(self, inputs: int, fit: int, other: int) -> Expr:
        """τ^b_{kl}."""
        key = (self.pipeline.inputs[inputs].covariance, fit, other)
        if key not in self.traces:
            value = self.space.trace(self._s(inputs) * self.response(fit, other))
            self.traces[key] = named(f"tau_{fit}_{other}", value)
        return self.traces[key]

    def _own(
        self, fit: int, inputs: int, late: dict[Source, SpectralFunction]
    ) -> dict[Source, SpectralFunction]:
        """V_{kj} − γ g K_{kj}, written without the difference that cancels.

        1 = g·(c + Σ_b γ_b T_b s_b h_b) splits V_{kj}; against the leading part of K only V_b γ_{b'} − γ_b V_{b'} is left.
        """
        core, row, gamma = self.cores[fit], self.drawn[fit][inputs], self.gamma[fit]
        form: dict[Source, SpectralFunction] = {}
        for source in {**dict.fromkeys(self.incoming[fit]), **dict.fromkeys(row)}:
            weight = row.get(source, S.Zero)
            terms = [constant(weight * core.penalty)]
            for each, other in self.drawn[fit].items():
                left = weight * gamma[each] - gamma[inputs] * other.get(source, S.Zero)
                size = self._samples(each) * core.residuals[each]
                terms.append(self._s(each).times(size * _short(left)))
            terms.append(late.get(source, ZERO).times(-gamma[inputs]))
            function = core.weights * total(terms)
            if not function.is_zero:
                form[source] = function.named(f"c_{fit}_{inputs}")
        return form


def _short(difference: Expr) -> Expr:
    """A difference of weights, 0 if it is."""
    return collected(difference) if is_rational(difference) else difference.expand()
