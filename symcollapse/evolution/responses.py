"""How the errors of later fits respond to those of earlier ones: the joint pencil of a pipeline, row by row.

With errors e_k = w_k − w₀ and residuals on inputs b, X_b v_k + noise, v_k = Σ_t γ_t(e_source(t) + δ_t) − γ_k e_k, the
pencil of all fits has the equivalent G(s) on features, H^b on the rows of inputs b, both lower triangular in time:

    G = (diag(Nκ) − Σ_b T_b s_b H^b V^b)⁻¹,    H^b = (diag(ζ) − V^b τ^b)⁻¹,    τ^b_kl = tr[Σ_b G_kl],    v = V e.

Row k follows from the rows before, column by column backwards in time: τ_kl enters linearly, once. A shift of labels is
a node that nothing acts on.
"""

from dataclasses import dataclass, field

import numpy as np

from symcollapse.evaluation.rounded import Array
from symcollapse.evolution.measures import SpectralMeasures
from symcollapse.evolution.plans import Integers, Plan, Step, span
from symcollapse.evolution.ridges import FitCore, Group, Levels, fit_core


@dataclass(eq=False)
class Row:
    """The row of one fit, for its second moments."""

    core: FitCore
    resolvent: Array
    """G_kk, shape (points,)."""
    live: Integers
    inputs: Integers
    """Places of its inputs."""
    weights: Array
    """γ of each."""
    rows: Array
    """T of each."""
    own: Array
    """H_kk of each."""
    covariances: Array
    """Of each, shape (covariances, inputs), 0 or 1."""
    pulls: Array
    """P_kl, coefficients of s_c, shape (covariances, live)."""
    amplification: float = 1.0
    """By how much rounding of the residuals' second moments grows in the error; found with the moments."""
    overlaps: Array = field(default_factory=lambda: np.zeros((0, 0)))
    """O of each live node, shape (live, covariances)."""
    solutions: Array = field(default_factory=lambda: np.zeros((0, 0, 0)))
    """(1 − 𝒯O)⁻¹ of each live node, shape (live, covariances, covariances)."""
    traces: Array = field(default_factory=lambda: np.zeros((0, 0, 0)))
    """𝒯 = tr[s_c s_c' G_k G_l], of the same shape."""


class Responses:
    """G, H and τ of the live nodes.

    Example
    -------
    >>> from symcollapse.evolution.measures import plain_measures
    >>> Responses(plain_measures([np.ones(1)], np.ones(1), np.ones(1)), 2, 1).resolvents.shape
    (2, 2, 1)
    """

    def __init__(self, measures: SpectralMeasures, width: int, inputs_width: int) -> None:
        self.s = measures.eigenvalues
        self.counts = measures.counts
        self.weighted = self.s * self.counts
        size, points = self.s.shape
        self.resolvents = np.zeros((width, width, points))
        self.pulls = np.zeros((size, width, width))
        self.tau = np.zeros((size, width, width))
        self.H = np.zeros((width, inputs_width, width))
        """H^b_kl at (k, b, l)."""
        self.sources = np.zeros((width, inputs_width, width))
        """Weight of source l in fit k on inputs b."""
        self.gamma = np.zeros((width, inputs_width))
        self.kappas = np.zeros(width)
        """Nκ of each node."""
        self.sizes = np.zeros(width)
        """Rows of each, not weighted; 0 where it has several groups."""
        self.levels = Levels(self.s, self.counts)

    def release(self, nodes: tuple[int, ...], inputs: tuple[int, ...]) -> None:
        """Forget nodes and inputs."""
        for place in nodes:
            for array in (self.H, self.sources):
                array[place] = 0
                array[:, :, place] = 0
            self.gamma[place] = 0
        for place in inputs:
            self.H[:, place] = 0
            self.sources[:, place] = 0
            self.gamma[:, place] = 0

    def add_shift(self, step: Step) -> None:
        """A node that nothing acts on."""
        self.resolvents[step.place, step.place] = 1.0
        self.tau[:, step.place] = self.tau[:, :, step.place] = 0
        self.pulls[:, step.place] = 0
        self.resolvents[step.place, step.live] = 0

    def add_fit(self, step: Step, plan: Plan, core: FitCore, groups: tuple[Group, ...]) -> Row:
        """The row of a fit."""
        here, live = step.place, step.live
        inputs = np.array(step.input_places, dtype=np.int64)
        weights = np.array(step.weights)
        rows = plan.rows[list(step.inputs)]
        which = np.array([plan.covariances[each] for each in step.inputs])
        covariances = (which == np.arange(len(self.s))[:, None]).astype(np.float64)
        keys = {(g.covariance, g.weight): n for n, g in enumerate(groups)}
        member = [keys[int(c), w] for c, w in zip(which, step.weights, strict=True)]
        own = np.array([core.pulls[g] / (groups[g].weight * groups[g].rows) for g in member])
        pull = np.zeros(len(self.s))
        for group, value in zip(groups, core.pulls, strict=True):
            pull[group.covariance] += value
        resolvent = 1 / (core.rows * core.effective_ridge + pull @ self.s)
        self.gamma[here, inputs] = weights
        self.H[here, inputs, here] = own
        places = dict(zip(step.inputs, step.input_places, strict=True))
        for share in step.shares:
            for source in share.sources:
                self.sources[here, places[share.inputs], self.place_of[source]] += share.weight
        self.kappas[here] = core.rows * core.effective_ridge
        self.sizes[here] = np.sum(rows) if len(groups) == 1 else 0.0
        self.resolvents[here, here] = resolvent
        self.tau[:, here, here] = self.weighted @ resolvent
        row = Row(core, resolvent, live, inputs, weights, rows, own, covariances, np.zeros((0, 0)))
        self._columns(here, row)
        return row

    place_of: dict[int, int]

    def _columns(self, here: int, row: Row) -> None:
        """Columns of the row, the latest first."""
        live, count = row.live, len(row.live)
        size, points = self.s.shape
        seen, before = span(row.inputs), span(live)
        sources = self.sources[here][seen][:, before]
        known = np.zeros((len(row.inputs), count))
        for c in range(size):
            tau = self.tau[c][before][:, before]
            known += row.covariances[c][:, None] * (sources @ tau)
        of_each = row.covariances * row.rows
        from_own = of_each @ (row.own[:, None] * sources)
        response = np.zeros((len(row.inputs), count))
        added = np.zeros((size, count))
        passed = np.zeros((count, points))
        row.pulls, row.overlaps = np.zeros((size, count)), np.zeros((count, size))
        row.solutions, row.traces = np.zeros((count, size, size)), np.zeros((count, size, size))
        for at in range(count - 1, -1, -1):
            place = int(live[at])
            diagonal = self.H[place, :, place][seen]
            gamma = self.gamma[place][seen]
            base = row.own * (known[:, at] * diagonal + response[:, at])
            pull = from_own[:, at] + added[:, at] - of_each @ (gamma * base)
            other = self.resolvents[place, place]
            column = row.resolvent * (passed[at] + (pull @ self.s) * other)
            tau = self.weighted @ column
            if np.any(gamma):
                pair = row.resolvent * other
                overlap = of_each @ (row.weights * gamma * row.own * diagonal)
                traces = (self.weighted * pair) @ self.s.T
                solution = self.solution(row, place, overlap, traces, gamma, pair)
                tau = solution @ tau
                pull = pull + overlap * tau
                column = column + pair * ((overlap * tau) @ self.s)
                base = base - row.own * row.weights * (tau @ row.covariances) * diagonal
                row.overlaps[at], row.solutions[at], row.traces[at] = overlap, solution, traces
            self.tau[:, here, place], self.pulls[:, here, place] = tau, pull
            self.tau[:, place, here] = self.pulls[:, place, here] = 0
            self.H[here, row.inputs, place] = base
            self.resolvents[here, place] = column
            row.pulls[:, at] = pull
            if at:
                earlier = span(live[:at])
                effect = known[:, at] - row.weights * (tau @ row.covariances)
                response[:, :at] += effect[:, None] * self.H[place][seen][:, earlier]
                if np.any(base):
                    added[:, :at] += (of_each * base) @ self.sources[place][seen][:, earlier]
                passed[:at] += (pull @ self.s) * self.resolvents[place][earlier]

    def solution(
        self, row: Row, place: int, overlap: Array, traces: Array, gamma: Array, pair: Array
    ) -> Array:
        """(1 − 𝒯O)⁻¹; for one group in each of both fits, by a sum of positive terms.

        With p tr[sG_k] + ζ_k = 1 and p_l s G_l = 1 − N_lκ_l G_l the difference 1 − O tr[s²G_kG_l] is
        (1 − q) + q(ζ_k + p_k N_lκ_l tr[sG_kG_l]/T_k), q the part of the rows of l that k sees.
        """
        if len(overlap) == 1 and self.sizes[place] > 0 and len(row.core.pulls) == 1:
            part = float(np.sum(row.rows[gamma > 0])) / self.sizes[place]
            trace = float(self.weighted[0] @ pair)
            pull = row.core.pulls[0] / float(np.sum(row.rows))
            least = row.core.slack + pull * self.kappas[place] * trace
            return np.array([[1 / ((1 - part) + part * least)]])
        return np.asarray(np.linalg.inv(np.eye(len(overlap)) - traces * overlap), dtype=np.float64)


def groups_of(step: Step, plan: Plan) -> tuple[Group, ...]:
    """The inputs of a fit by covariance and weight.

    Example
    -------
    >>> step = Step(0, 0, np.zeros(0, dtype=np.int64), (), inputs=(0, 1), weights=(1.0, 1.0))
    >>> plan = Plan((), 1, 2, np.array([3.0, 4.0]), (0, 0), np.zeros(0), 0)
    >>> groups_of(step, plan)
    (Group(covariance=0, weight=1.0, rows=7.0),)
    """
    rows: dict[tuple[int, float], float] = {}
    for each, weight in zip(step.inputs, step.weights, strict=True):
        key = (plan.covariances[each], weight)
        rows[key] = rows.get(key, 0.0) + float(plan.rows[each])
    return tuple(Group(covariance, weight, total) for (covariance, weight), total in rows.items())


def cores_of(
    plan: Plan, measures: SpectralMeasures, full: SpectralMeasures
) -> dict[int, tuple[FitCore, tuple[Group, ...]]]:
    """Core and groups of each node that is a fit; equal fits are solved once.

    Example
    -------
    >>> from symcollapse.evolution.measures import plain_measures
    >>> one = plain_measures([np.ones(1)], np.ones(1), np.ones(1))
    >>> cores_of(Plan((), 1, 2, np.zeros(0), (), np.zeros(0), 0), one, one)
    {}
    """
    levels = Levels(measures.eigenvalues, measures.counts)
    every = None if full is measures else Levels(full.eigenvalues, full.counts)
    known: dict[object, FitCore] = {}
    found: dict[int, tuple[FitCore, tuple[Group, ...]]] = {}
    for step in plan.steps:
        if step.shift is None:
            groups = groups_of(step, plan)
            key = (groups, step.ridge, step.features)
            if key not in known:
                known[key] = fit_core(groups, step.ridge, step.features, levels, every)
            found[step.node] = known[key], groups
    return found
