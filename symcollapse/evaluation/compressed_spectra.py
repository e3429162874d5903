"""Which spectra of a formula are taken on few points in doubles, and how steep the sums over them are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sympy import Add, Basic, Expr, Integer, Mul, Pow, exp, oo

from symcollapse.evaluation.compressed_lists import CompressedList, ListCompressor
from symcollapse.evaluation.index_rules import LAST_DISCRETE, IndexRule, Steepness, index_rule
from symcollapse.evaluation.roots_in_doubles import Panels
from symcollapse.evaluation.rounded import ROUNDOFF, Array, Rounded
from symcollapse.language.abbreviations import Abbreviation
from symcollapse.language.coupled_ridges import CoupledUnknown
from symcollapse.language.effective_ridges import EffectiveRidge, ResidualDegreesOfFreedom
from symcollapse.language.errors import NotSupported
from symcollapse.language.exactness import is_number
from symcollapse.language.joint_spectra import JointSpectrum
from symcollapse.language.quantities import DegreesOfFreedom, QuadraticForm, SpectralTrace
from symcollapse.language.resolvent_products import resolvent_products
from symcollapse.language.spectra import (
    ExplicitSpectrum,
    ExponentialSpectrum,
    IsotropicSpectrum,
    PowerLawSpectrum,
    Spectrum,
)
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.targets import PowerTarget, SourceTarget, Target, UniformTarget
from symcollapse.language.unfolding import unfold

FEWEST = 150
"""Eigenvalues below which nothing is gained."""

FEWEST_LISTED = 1500
"""Different eigenvalues of a list below which nothing is gained."""

MOST_ORDER = 60
"""Steepness beyond which a rule would be longer than what it stands for."""


@dataclass(frozen=True, eq=False)
class CompressedSpectra:
    """Rules for spectra given by a formula in the index, by dimension, and short lists for long ones."""

    rules: Mapping[Basic, IndexRule]
    lists: Mapping[Spectrum, "ShortList"]

    def panels(self, spectrum: Spectrum) -> Panels | None:
        """What the points of a spectrum stand for; None where each is an eigenvalue."""
        short = self.lists.get(spectrum)
        found: IndexRule | CompressedList | None = (
            self.rules.get(spectrum.dimension) if short is None else short.points
        )
        if found is None or not isinstance(
            spectrum, PowerLawSpectrum | ExponentialSpectrum | ExplicitSpectrum
        ):
            return None
        size = spectrum.dimension
        return Panels(
            found.counts, found.heads.astype(np.int64), np.inf if size is oo else float(size)
        )


@dataclass(frozen=True, eq=False)
class ShortList:
    """A long list of eigenvalues on few points, with the weights of those targets that occur."""

    points: CompressedList
    targets: tuple[Target, ...]
    """In the order of the weights after the first."""

    @property
    def levels(self) -> Rounded:
        """The points; an eigenvalue as a double is within one rounding of itself."""
        values = self.points.eigenvalues[None, :]
        return Rounded(values, 4 * ROUNDOFF * values)

    def weights(self, target: Target | None) -> Rounded | None:
        """Multiplicities, or the weights of a target; None for one that did not occur."""
        if target is not None and target not in self.targets:
            return None
        row = 0 if target is None else 1 + self.targets.index(target)
        values = self.points.weights[row][None, :]
        return Rounded(values, (self.points.tolerance + 4 * ROUNDOFF) * np.abs(values))


NOTHING = CompressedSpectra({}, {})
"""Every eigenvalue for itself."""


class SpectralPlan:
    """The spectra of one formula, or several, and how they may be compressed.

    Parameters
    ----------
    formulas
        In numbers but for some symbols, in which no spectrum is compressed.

    Example
    -------
    >>> from symcollapse.language.symbols import ridge
    >>> kappa = EffectiveRidge(ridge, 100, PowerLawSpectrum(oo, 2))
    >>> plan = SpectralPlan([kappa])
    >>> (depths,) = plan.depths({kappa.covariance: np.array([1e-3])}, 1)
    >>> spectra = plan.compressed(depths)
    >>> spectra.rules[oo].nodes.size < 500
    True
    """

    def __init__(self, formulas: list[Expr]) -> None:
        self._families: dict[Basic, _Family] = {}
        self._lists: dict[ExplicitSpectrum, _ListedSums] = {}
        self.ridges: tuple[EffectiveRidge, ...] = ()
        self._known: dict[tuple[Basic, int], IndexRule | None] = {}
        self._short: dict[Spectrum, ShortList] = {}
        ridges: dict[EffectiveRidge, None] = {}
        for node in _parts(formulas):
            match node:
                case EffectiveRidge():
                    ridges[node] = None
                    self._sum(s / (s + 1) ** 2, node.covariance, None)
                case ResidualDegreesOfFreedom():
                    self._sum(s / (s + 1) ** 2, node.covariance, None)
                case SpectralTrace():
                    self._sum(node.summand, node.covariance, None)
                case QuadraticForm():
                    self._sum(node.summand, node.covariance, node.target)
                case CoupledUnknown():
                    for spectrum in node.system.atoms(Spectrum):
                        self._family(spectrum).has_coupled_ridges = True
        self.ridges = tuple(ridges)

    @property
    def is_empty(self) -> bool:
        """Whether nothing can be compressed."""
        return not self._lists and not any(family.is_possible for family in self._families.values())

    @property
    def is_deep(self) -> bool:
        """Whether a rule hangs on how small κ may be."""
        return any(family.hangs_on_ridge for family in self._families.values())

    def depths(self, smallest: Mapping[Spectrum, Array], points: int) -> NDArray[np.int64]:
        """How far down the rules of each dimension must reach for each point, shape (points, dimensions).

        Parameters
        ----------
        smallest
            Lower bounds of κ over each spectrum, shape (points,); 0, or left out, where nothing is known.
        points
            How many.
        """
        families = self._families.values()
        columns = [family.depths(smallest, points) for family in families]
        return np.stack(columns, axis=1) if columns else np.zeros((points, 0), dtype=np.int64)

    def compressed(self, depths: Sequence[int]) -> CompressedSpectra:
        """Rules that reach so far, one depth for each dimension."""
        rules: dict[Basic, IndexRule] = {}
        for (size, family), depth in zip(self._families.items(), depths, strict=True):
            if not family.is_possible:
                continue
            if (size, depth) not in self._known:
                self._known[size, depth] = family.rule(size, depth)
            rule = self._known[size, depth]
            if rule is not None:
                rules[size] = rule
        if self._lists and not self._short:
            self._short = {spectrum: sums.short() for spectrum, sums in self._lists.items()}
        return CompressedSpectra(rules, self._short)

    def _family(self, spectrum: Spectrum) -> "_Family":
        return self._families.setdefault(spectrum.dimension, _Family())

    def _sum(self, summand: Expr, spectrum: Spectrum, target: Target | None) -> None:
        if isinstance(spectrum, ExplicitSpectrum):
            if len(set(spectrum.eigenvalues)) > FEWEST_LISTED:
                self._lists.setdefault(spectrum, _ListedSums(spectrum)).take(summand, target)
            return
        self._family(spectrum).take(summand, spectrum, target)


DECADES = 8
"""By which the smallest κ of a rule is stepped."""

_DEEPEST = 40
"""Depth b reaches down to κ = 10^-(8 b) of the scale; the last, to all there are."""


class _Family:
    """All sums over spectra of one dimension that are given by a formula in the index."""

    def __init__(self) -> None:
        self.is_possible, self.has_coupled_ridges = True, False
        self.capacity = self.rate = self.decay = 0.0
        self.flattest = np.inf
        self.order = self.poles = 1.0
        self.growth = np.inf
        self.spectra: dict[Spectrum, None] = {}

    def take(self, summand: Expr, spectrum: Spectrum, target: Target | None) -> None:
        members = spectrum.members if isinstance(spectrum, JointSpectrum) else (spectrum,)
        size = spectrum.dimension
        if not (size is oo or (isinstance(size, Integer) and int(size) > FEWEST)):
            self.is_possible = False
            return
        for member in members:
            self.spectra[member] = None
            self._steepen(member)
        delta = decay_of(target, spectrum)
        steep = _steepness_of(summand, spectrum)
        if delta is None or steep is None or steep.order > MOST_ORDER:
            self.is_possible = False
            return
        self.decay = max(self.decay, abs(delta))
        self.order, self.poles = max(self.order, steep.order), max(self.poles, steep.poles)
        if isinstance(spectrum, PowerLawSpectrum) and self.is_possible:
            self.growth = min(self.growth, steep.tail * float(spectrum.capacity) + delta - 1)
        elif isinstance(spectrum, ExponentialSpectrum):
            self.growth = min(self.growth, steep.tail)
        else:
            self.growth = min(self.growth, 0.0)

    def _steepen(self, member: Spectrum) -> None:
        if isinstance(member, PowerLawSpectrum) and is_number(member.capacity):
            steep = abs(float(member.capacity))
            self.capacity, self.flattest = max(self.capacity, steep), min(self.flattest, steep)
        elif isinstance(member, ExponentialSpectrum) and is_number(member.rate):
            steep = abs(float(member.rate))
            self.rate, self.flattest = max(self.rate, steep), min(self.flattest, steep)
        elif not isinstance(member, IsotropicSpectrum):
            self.is_possible = False

    @property
    def hangs_on_ridge(self) -> bool:
        """Whether the rule hangs on how small κ may be; those of power laws of moderate length need not."""
        if not self.is_possible or self.has_coupled_ridges:
            return False
        sizes = [spectrum.dimension for spectrum in self.spectra]
        return self.rate > 0 or any(size is oo or size > LAST_DISCRETE for size in sizes)

    def depths(self, smallest: Mapping[Spectrum, Array], points: int) -> NDArray[np.int64]:
        """How deep the smallest κ is at each point, in steps of eight decades."""
        deepest = np.full(points, _DEEPEST)
        if not self.hangs_on_ridge:
            return deepest
        least = np.ones(points)
        for spectrum in self.spectra:
            if isinstance(spectrum, IsotropicSpectrum) or not is_number(spectrum.args[2]):
                return deepest
            known = smallest.get(spectrum, np.zeros(points))
            least = np.minimum(least, known / float(spectrum.args[2]))
        with np.errstate(divide="ignore"):
            depth = np.maximum(1, np.ceil(-np.log10(least) / DECADES))
        return np.where(least < 1e-300, _DEEPEST, depth).astype(np.int64)

    def rule(self, size: Basic, depth: int) -> IndexRule | None:
        smallest = 0.0 if depth == _DEEPEST else 10.0 ** (-DECADES * depth)
        flattest = self.flattest if np.isfinite(self.flattest) else None
        steep = Steepness(self.capacity, self.rate, self.order, self.poles, self.decay, flattest)
        dimension = None if size is oo else int(size)  # type: ignore[call-overload]
        growth = self.growth if np.isfinite(self.growth) else 1.0
        found = index_rule(dimension, steep, smallest=smallest, growth=max(growth, 0.0))
        if found is not None and dimension is not None and found.nodes.size > 0.7 * dimension:
            return None
        return found


class _ListedSums:
    """All sums over one long list."""

    def __init__(self, spectrum: ExplicitSpectrum) -> None:
        self.spectrum = spectrum
        self.order = self.poles = 2.0
        self.targets: dict[Target, None] = {}

    def take(self, summand: Expr, target: Target | None) -> None:
        steep = _steepness_of(summand, self.spectrum)
        if steep is not None:
            self.order, self.poles = max(self.order, steep.order), max(self.poles, steep.poles)
        else:
            self.order = self.poles = float(MOST_ORDER)
        if target is not None and not target.is_abstract:
            self.targets[target] = None

    def short(self) -> ShortList:
        values = np.array([float(value) for value in self.spectrum.eigenvalues])
        weights = [np.ones(values.size)]
        for target in self.targets:
            if isinstance(target, UniformTarget):
                weights.append(np.full(values.size, float(target.squared_norm) / values.size))
            else:
                assert target.listed is not None
                weights.append(np.array([float(square) for square in target.listed]))
        compressor = ListCompressor(len(weights), Steepness(order=self.order, poles=self.poles))
        compressor.add(values, weights)
        return ShortList(compressor.result(), tuple(self.targets))


@dataclass(frozen=True)
class _Powers:
    order: float
    poles: float
    tail: float
    """The summand goes like s^tail at least for s → 0."""


def _parts(formulas: list[Expr]) -> Iterator[Basic]:
    """Every node of the formulas, inside abbreviations and degrees of freedom too."""
    seen: set[Basic] = set()
    pending: list[Basic] = list(formulas)
    while pending:
        node = pending.pop()
        if node in seen or isinstance(node, Spectrum | Target):
            continue
        seen.add(node)
        pending.extend(node.args)
        if isinstance(node, Abbreviation):
            pending.append(node.definition)
        elif isinstance(node, DegreesOfFreedom):
            pending.append(node.unfolded())
        elif isinstance(node, CoupledUnknown):
            pending.append(node.system)
        yield node


def decay_of(target: Target | None, spectrum: Spectrum) -> float | None:
    """δ of c_j² ~ j^-δ; None where the coefficients are a list, or not in numbers.

    Example
    -------
    >>> decay_of(SourceTarget(1), PowerLawSpectrum(oo, 2))
    3.0
    """
    match target:
        case None | UniformTarget():
            return 0.0
        case SourceTarget():
            bearer = spectrum.carrier(target) if isinstance(spectrum, JointSpectrum) else spectrum
            if not isinstance(bearer, PowerLawSpectrum):
                return None
            delta = 1 + bearer.capacity * (2 * target.source - 1)
        case PowerTarget():
            delta = target.args[0]
        case _:
            return None
    return float(delta) if is_number(delta) else None


def _steepness_of(summand: Expr, spectrum: Spectrum) -> _Powers | None:
    """Exponents of the products that a summand is made of; None where they are no numbers."""
    if isinstance(spectrum, JointSpectrum):
        degree = _degree(summand, set(spectrum.variables))
        return None if degree is None else _Powers(degree, degree, 0.0)
    try:
        if any(s in part.free_symbols for part in summand.atoms(Abbreviation)):
            summand = unfold(summand, Abbreviation)
        products = resolvent_products(summand)
    except NotSupported:
        degree = _degree(summand, {s})
        return None if degree is None else _Powers(degree, degree, 0.0)
    order = poles = 0.0
    tail = np.inf
    for product in products:
        exponents = [product.power, *(m for _, m in product.resolvents)]
        if not all(map(is_number, exponents)):
            return None
        power, orders = float(exponents[0]), [float(m) for m in exponents[1:]]
        size = sum(map(abs, orders))
        alike = all(m > 0 for m in orders)
        order = max(order, max(abs(power), abs(power - size)) if alike else abs(power) + size)
        poles = max(poles, size)
        zeros = [float(m) for kappa, m in product.resolvents if kappa == 0]
        tail = min(tail, power - sum(zeros))
    return _Powers(order, poles, tail if np.isfinite(tail) else 0.0)


def _degree(expression: Expr, variables: set[Basic]) -> float | None:
    """Bound of the exponents of a function of eigenvalues, whatever its form."""
    if not expression.free_symbols & variables:
        return 0.0
    if expression in variables:
        return 1.0
    if isinstance(expression, Abbreviation):
        return _degree(expression.definition, variables)
    if isinstance(expression, Add | Mul):
        degrees = [_degree(argument, variables) for argument in expression.args]
        if any(degree is None for degree in degrees):
            return None
        known = [degree for degree in degrees if degree is not None]
        return max(known) if isinstance(expression, Add) else sum(known)
    if isinstance(expression, Pow) and is_number(expression.exp):
        inner = _degree(expression.base, variables)
        return None if inner is None else abs(float(expression.exp)) * inner
    if isinstance(expression, exp):
        return None
    return None
