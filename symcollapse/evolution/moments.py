"""Second moments of the errors along a pipeline, part by part: without noise, by each noise, by shifts.

e = G·(fixed + ξ): fixed parts −Nκ w₀ and the shifts, and fluctuations with Cov(ξ_k, ξ_l)(s) = Σ_b T_b s_b R^b_kl,
R^b = H^b (Q^b + S^b) H^bᵀ, Q^b_kl = E[v_kᵀ Σ_b v_l], S^b the noise of shared labels. What is fixed is kept as functions
of s, for their squares are summed with the squared coefficients of the truth or the shift; the rest of E[e_k e_l] is a
function F_kl(s) for each part. Each row follows from those before, column by column forwards: tr[s F_kl] enters linearly,
once.
"""

import numpy as np

from symcollapse.evaluation.rounded import Array
from symcollapse.evolution.measures import SpectralMeasures
from symcollapse.evolution.plans import Integers, Places, Plan, Step, span
from symcollapse.evolution.responses import Responses, Row


class Moments:
    """E[e_k e_l] of the live nodes, by parts: 0 without noise, then the noises, the shifts last.

    Example
    -------
    >>> from symcollapse.evolution.measures import plain_measures
    >>> measures = plain_measures([np.ones(1)], np.ones(1), np.ones(1))
    >>> plan = Plan((), 1, 1, np.ones(1), (0,), np.zeros(1), 0)
    >>> Moments(measures, plan, Responses(measures, 1, 1), np.array([1]), 3).parts
    3
    """

    def __init__(
        self,
        measures: SpectralMeasures,
        plan: Plan,
        responses: Responses,
        part_of_labels: Integers,
        parts: int,
    ) -> None:
        self.measures, self.plan, self.responses = measures, plan, responses
        self.part_of_labels, self.parts = part_of_labels, parts
        size, points = measures.eigenvalues.shape
        width, inputs = plan.width, plan.inputs_width
        self.s = measures.eigenvalues
        self.fixed_weights = np.concatenate([[measures.truth], measures.shifts])
        self.fixed = np.zeros((width, 1 + plan.shifts, points))
        """Response of each node to the truth and to each shift."""
        self.F = np.zeros((width, width * parts * points))
        self.z = np.zeros((size, width, width, parts))
        """tr[s_c E e_k e_l]."""
        self.noise = np.zeros((inputs, width, width * parts))
        """Q + S at (b, k, (l, part))."""
        self.shares: dict[int, dict[int, float]] = {}
        """Weight of labels in each live fit."""

    def release(self, nodes: tuple[int, ...], inputs: tuple[int, ...]) -> None:
        """Forget nodes and inputs."""
        wide = self.noise.reshape(len(self.noise), self.plan.width, self.plan.width, self.parts)
        for place in nodes:
            wide[:, place] = 0
            wide[:, :, place] = 0
            self.shares.pop(place, None)
        for place in inputs:
            wide[place] = 0

    def add_shift(self, step: Step) -> None:
        """A node that is fixed."""
        assert step.shift is not None
        here = step.place
        self.fixed[here] = 0
        self.fixed[here, 1 + step.shift] = 1.0
        self._wide()[here, :] = 0
        self._wide()[:, here] = 0
        self.z[:, here, :] = self.z[:, :, here] = 0
        own = self.s @ self.measures.shifts[step.shift]
        self.z[:, here, here, -1] = own

    def _wide(self) -> Array:
        return self.F.reshape(self.plan.width, self.plan.width, self.parts, self.s.shape[1])

    def add_fit(self, step: Step, row: Row) -> Array:
        """The row of a fit; its error by parts, over each covariance, shape (covariances, parts)."""
        here, live, count = step.place, row.live, len(row.live)
        responses, parts = self.responses, self.parts
        points = self.s.shape[1]
        own, before, seen = row.resolvent, span(live), span(row.inputs)
        pulls = row.pulls
        weighted = self.s * self.measures.counts
        fixed = self._fixed_response(row, before)
        self.fixed[here] = fixed
        fixed_traces = self._fixed_traces(fixed, before)
        moved = self._moved(pulls, before, live)
        sources = responses.sources[here][seen]
        rows_of = row.covariances * row.rows
        label_noise = self._label_noise(step, row, count)
        cross = np.zeros((len(row.inputs), count, parts))
        for c in range(len(self.s)):
            z = self.z[c][before][:, before].reshape(count, count * parts)
            part = (sources[:, before] @ z).reshape(len(sources), count, parts)
            cross += row.covariances[c][:, None, None] * part
        past = self._past(here, seen, before, live)
        differences = np.zeros((len(row.inputs), count, parts))
        residuals = np.zeros((len(row.inputs), count, parts))
        fluctuation = np.zeros((count, parts * points))
        found = np.zeros((count, parts, points))
        noises = np.zeros((len(row.inputs), count, parts))
        traces = np.zeros((len(self.s), count, parts))
        is_quiet = True
        for at in range(count):
            place = int(live[at])
            other = responses.resolvents[place, place]
            earlier = span(live[:at])
            source = responses.sources[place][seen][:, earlier]
            gamma = responses.gamma[place][seen]
            carried = np.zeros((parts, points))
            if at and not is_quiet:
                for c in range(len(self.s)):
                    weights = responses.pulls[c, place][earlier]
                    carried += self.s[c] * (weights @ fluctuation[:at]).reshape(parts, points)
                carried *= other
            column = own * (moved[at] + carried)
            known = weighted @ column.T + fixed_traces[:, at]
            added = np.zeros((len(self.s), parts))
            if np.any(gamma):
                diagonal = responses.H[place, :, place][seen]
                rest = label_noise[:, at] - gamma[:, None] * cross[:, at]
                rest += np.einsum("bj,bjr->br", source, differences[:, :at])
                inner = (row.own[:, None] * rest + past[:, at]) * diagonal[:, None]
                inner += np.einsum(
                    "bj,bjr->br", responses.H[place][seen][:, earlier], residuals[:, :at]
                )
                y = rows_of @ inner
                z = row.solutions[at] @ (known + row.traces[at] @ y)
                added = y + row.overlaps[at][:, None] * z
                carried = carried + other * (added.T @ self.s)
                column = column + own * other * (added.T @ self.s)
                is_quiet = False
                value = (row.weights * gamma)[:, None] * (row.covariances.T @ z) + rest
                noises[:, at] = np.where(gamma[:, None] > 0, value, 0.0)
                residuals[:, at] = row.own[:, None] * noises[:, at] + past[:, at]
            else:
                z = known
            fluctuation[at], found[at], traces[:, at] = carried.reshape(-1), column, z
            differences[:, at] = cross[:, at] - row.weights[:, None] * (row.covariances.T @ z)
        wide, tall = (
            self._wide(),
            self.noise.reshape(len(self.noise), self.plan.width, self.plan.width, parts),
        )
        wide[here, before], wide[before, here] = found, found
        self.z[:, here, before], self.z[:, before, here] = traces, traces
        for number, place in enumerate(row.inputs):
            tall[place, here, before] = noises[number]
            tall[place, before, here] = noises[number]
        last = (sources, fluctuation.reshape(count, parts, points), found, differences, residuals)
        return self._diagonal(step, row, fixed, traces, noises, label_noise, *last)

    def _fixed_response(self, row: Row, before: Places) -> Array:
        """Mean response of the fit to the truth and the shifts."""
        pulled = np.zeros(self.fixed.shape[1:])
        count = len(row.live)
        earlier = self.fixed[before].reshape(count, pulled.size)
        for c in range(len(self.s)):
            pulled += self.s[c] * (row.pulls[c] @ earlier).reshape(pulled.shape)
        pulled[0] -= row.core.rows * row.core.effective_ridge
        return pulled * row.resolvent

    def _fixed_traces(self, fixed: Array, before: Places) -> Array:
        """Part of tr[s_c E e_k e_l] from what is fixed, shape (covariances, live, parts)."""
        others = self.fixed[before]
        traces = np.zeros((len(self.s), len(others), self.parts))
        for c in range(len(self.s)):
            weighted = fixed * self.fixed_weights * self.s[c]
            traces[c, :, 0] = others[:, 0] @ weighted[0]
            if len(weighted) > 1:
                size = len(others)
                traces[c, :, -1] = others[:, 1:].reshape(size, weighted[1:].size) @ weighted[
                    1:
                ].reshape(-1)
        return traces

    def _moved(self, pulls: Array, before: Places, live: Integers) -> Array:
        """Σ_j P_kj F_jl, shape (live, parts, points)."""
        count, points = len(live), self.s.shape[1]
        inner = self.parts * points
        if not count:
            return np.zeros((0, self.parts, points))
        if isinstance(before, slice):
            block = self.F[before, before.start * inner : before.stop * inner]
        else:
            block = self._wide()[np.ix_(live, live)].reshape(count, -1)
        total = np.zeros((count, self.parts, points))
        for c in range(len(self.s)):
            total += self.s[c] * (pulls[c] @ block).reshape(total.shape)
        return total

    def _label_noise(self, step: Step, row: Row, count: int) -> Array:
        """S^b_kl for the live nodes and, last, for the fit itself."""
        noise = np.zeros((len(row.inputs), count + 1, self.parts))
        numbers = {each: at for at, each in enumerate(step.inputs)}
        places = {int(place): at for at, place in enumerate(row.live)}
        own: dict[int, float] = {}
        for share in step.shares:
            own[share.labels] = own.get(share.labels, 0.0) + share.weight
        inputs_of = {share.labels: share.inputs for share in step.shares}
        others = [(at, self.shares[place]) for place, at in places.items() if place in self.shares]
        for labels, weight in own.items():
            variance = weight * float(self.plan.noises[labels]) ** 2
            if variance == 0:
                continue
            cell, part = noise[numbers[inputs_of[labels]]], int(self.part_of_labels[labels])
            cell[count, part] += weight * variance
            for at, theirs in others:
                if labels in theirs:
                    cell[at, part] += theirs[labels] * variance
        self.shares[step.place] = own
        return noise

    def _past(self, here: int, seen: Places, before: Places, live: Integers) -> Array:
        """Σ_i H_ki (Q + S)_ij over the live nodes."""
        count, parts = len(live), self.parts
        response = self.responses.H[here][seen][:, before]
        if isinstance(before, slice):
            block = self.noise[seen, before, before.start * parts : before.stop * parts]
        else:
            wide = self.noise.reshape(len(self.noise), self.plan.width, self.plan.width, parts)
            block = wide[seen][:, live][:, :, live].reshape(len(response), count, count * parts)
        return np.matmul(response[:, None, :], block).reshape(len(response), count, parts)

    def _diagonal(
        self,
        step: Step,
        row: Row,
        fixed: Array,
        traces: Array,
        noises: Array,
        label_noise: Array,
        sources: Array,
        fluctuation: Array,
        found: Array,
        differences: Array,
        residuals: Array,
    ) -> Array:
        """E[e_k e_k], with the features' own noise."""
        here, before, own = step.place, span(row.live), row.resolvent
        s, counts, parts = self.s, self.measures.counts, self.parts
        count, points = found.shape[0], s.shape[1]
        carried = np.zeros((parts, points))
        moved = np.zeros((parts, points))
        for c in range(len(s)):
            weights = row.pulls[c]
            carried += s[c] * (weights @ fluctuation.reshape(count, parts * points)).reshape(
                parts, points
            )
            moved += s[c] * (weights @ found.reshape(count, parts * points)).reshape(parts, points)
        column = own * (moved + own * carried)
        fixed_own = np.zeros((len(s), parts))
        for c in range(len(s)):
            squares = np.sum(fixed**2 * self.fixed_weights * s[c], axis=1)
            fixed_own[c, 0] = squares[0]
            fixed_own[c, -1] += np.sum(squares[1:])
        known = (s * counts) @ column.T + fixed_own
        source = sources[:, before]
        cross = np.einsum("bj,cb,cjr->br", source, row.covariances, traces)
        rest = label_noise[:, count] - row.weights[:, None] * cross
        rest += np.einsum("bj,bjr->br", source, differences)
        response = self.responses.H[here][span(row.inputs)][:, before]
        inner = row.own[:, None] * rest + np.einsum("bj,bjr->br", response, noises)
        inner = inner * row.own[:, None] + np.einsum("bj,bjr->br", response, residuals)
        y = (row.covariances * row.rows) @ inner
        pair = own**2
        matrix = (s * counts * pair) @ s.T
        overlap = (row.covariances * row.rows) @ (row.weights**2 * row.own**2)
        feature = np.zeros((len(s), parts))
        feature_traces = (s * counts) @ pair
        kappa = row.core.rows * row.core.effective_ridge
        features = step.features if row.core.effective_ridge > 0 else None
        width = 0.0
        per_residual = np.zeros(len(s))
        if features is not None:
            # M − df₂ as a sum of positive terms.
            shrunk = np.array(row.core.pulls) @ s[self._group_covariances(row)]
            width = row.core.surplus_features + kappa * float(np.sum(counts * shrunk * pair))
            start = column @ counts + self._fixed_fit(row, fixed)
            feature[0] = kappa**2 * start / width
            per_residual = kappa**2 * feature_traces / width
            known = known + feature_traces[:, None] * feature[0]
            matrix = matrix + np.outer(feature_traces, per_residual)
        inverse = self._own_solution(row, overlap, matrix, features, float(feature_traces[0]))
        row.amplification = float(np.max(np.abs(inverse), initial=1.0))
        row.amplification = max(
            row.amplification, float(np.max(np.abs(row.solutions), initial=1.0))
        )
        z = inverse @ (known + matrix @ y)
        added = y + overlap[:, None] * z
        total = column + pair * (added.T @ s)
        if features is not None:
            variance = feature[0] + per_residual @ added
            total = total + pair * variance[:, None]
        wide = self._wide()
        wide[here, here] = total
        self.z[:, here, here] = z
        tall = self.noise.reshape(len(self.noise), self.plan.width, self.plan.width, parts)
        value = (row.weights**2)[:, None] * (row.covariances.T @ z) + rest
        tall[row.inputs, here, here] = value
        return z

    def _group_covariances(self, row: Row) -> list[int]:
        found: dict[tuple[int, float], int] = {}
        for number, weight in enumerate(row.weights):
            covariance = int(np.argmax(row.covariances[:, number]))
            found.setdefault((covariance, float(weight)), covariance)
        return list(found.values())

    def _fixed_fit(self, row: Row, fixed: Array) -> Array:
        """Σ of the squared fixed parts of w = e + w₀, by parts."""
        kappa = row.core.rows * row.core.effective_ridge
        shrunk = fixed.copy()
        # 1 − NκG is kept as ΣpsG: a weak fit is a small number, not a difference of large ones.
        pulled = fixed[0] + kappa * row.resolvent
        pull = np.array(row.core.pulls) @ self.s[self._group_covariances(row)]
        shrunk[0] = pulled + pull * row.resolvent
        squares = np.sum(shrunk**2 * self.fixed_weights, axis=1)
        total = np.zeros(self.parts)
        total[0] = squares[0]
        total[-1] += np.sum(squares[1:])
        return total

    def _own_solution(
        self, row: Row, overlap: Array, matrix: Array, features: float | None, trace: float
    ) -> Array:
        """(1 − 𝒯O)⁻¹ of a fit with itself; for one group by positive terms."""
        if len(row.core.pulls) > 1 or len(overlap) > 1:
            return np.asarray(
                np.linalg.inv(np.eye(len(overlap)) - matrix * overlap), dtype=np.float64
            )
        rows = float(np.sum(row.rows))
        kappa = row.core.rows * row.core.effective_ridge
        pulled = row.core.pulls[0] / rows * kappa * trace
        if features is None:
            return np.array([[1 / (row.core.slack + pulled)]])
        slack, left = row.core.slack, row.core.surplus_features
        least = (slack * (left + rows * pulled) + pulled * left) / (left + rows * pulled)
        return np.array([[1 / least]])
