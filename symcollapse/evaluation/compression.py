"""A spectrum of any size as a short list of points and weights, for use outside this package."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from sympy import oo

from symcollapse.evaluation.compressed_lists import ListCompressor
from symcollapse.evaluation.compressed_spectra import decay_of
from symcollapse.evaluation.doubles import DoubleEvaluator, points_as_doubles
from symcollapse.evaluation.index_rules import Steepness, index_rule
from symcollapse.evaluation.rounded import Array
from symcollapse.language.errors import NotSupported
from symcollapse.language.exactness import is_number
from symcollapse.language.spectra import ExponentialSpectrum, PowerLawSpectrum
from symcollapse.language.symbols import index
from symcollapse.language.targets import Target


@dataclass(frozen=True, eq=False)
class CompressedSpectrum:
    """Points that stand for all eigenvalues in sums Σ s^p Π (s + κ_i)^-m_i, plain or weighted by a target."""

    eigenvalues: Array
    """Shape (points,)."""
    multiplicities: Array
    """Weights in place of counting, shape (points,); over lists also negative ones."""
    energies: Array | None
    """Weights in place of the squared coefficients c_j², shape (points,)."""
    tolerance: float
    """Bound of the error of a sum, relative to the sum of its absolute terms, rounding aside."""

    def trace(self, function: Callable[[Array], Array]) -> float:
        """Σ f(s_j)."""
        return float(np.sum(self.multiplicities * function(self.eigenvalues)))

    def quadratic_form(self, function: Callable[[Array], Array]) -> float:
        """Σ c_j² f(s_j).

        Raises
        ------
        NotSupported
            If there is no target.
        """
        if self.energies is None:
            raise NotSupported("no target: give one when the spectrum is compressed")
        return float(np.sum(self.energies * function(self.eigenvalues)))


def compressed_spectrum(
    spectrum: PowerLawSpectrum | ExponentialSpectrum | Iterable[Array],
    target: Target | Iterable[Array] | None = None,
    *,
    order: float = 4.0,
    smallest_ridge: float = 0.0,
) -> CompressedSpectrum:
    """A spectrum of any size on few points.

    Parameters
    ----------
    spectrum
        A power law or an exponential of any dimension, in numbers; then the cost does not depend on it. Or chunks of
        eigenvalues > 0 in any order, such as one array in a list, or a generator that reads a file; they are gone
        through once.
    target
        Weights of a second kind: a target that goes with the spectrum, or chunks of squared coefficients.
    order
        The largest Σm, and exponent of s, of the functions to be added up.
    smallest_ridge
        Lower bound of the κ's; needed for infinite dimensions, and shortens exponentials.

    Returns
    -------
    CompressedSpectrum
        For all κ from the lower bound on, to less than a rounding of a double.

    Raises
    ------
    NotSupported
        If the spectrum has letters, a sum over infinitely many eigenvalues diverges, or too many points are needed.

    Example
    -------
    >>> from symcollapse.language.targets import SourceTarget
    >>> short = compressed_spectrum(PowerLawSpectrum(10**12, 2), SourceTarget(1))
    >>> short.eigenvalues.size < 1000
    True
    >>> round(short.trace(lambda s: s / (s + 1e-6)), 6)  # π/2·10³ − 1/2 but for what d cuts off
    1570.296326
    """
    if isinstance(spectrum, PowerLawSpectrum | ExponentialSpectrum):
        if not isinstance(target, Target | None):
            raise NotSupported("target: give one that goes with the spectrum, or None")
        return _of_formula(spectrum, target, order, smallest_ridge)
    if isinstance(target, Target):
        raise NotSupported("target: over a list give its squared coefficients in the same chunks")
    kinds = 1 if target is None else 2
    compressor = ListCompressor(kinds, Steepness(order=order, poles=order))
    squares = None if target is None else iter(target)
    for chunk in spectrum:
        weights = [np.ones(np.size(chunk))]
        if squares is not None:
            weights.append(np.asarray(next(squares, np.zeros(0)), dtype=np.float64))
        compressor.add(np.asarray(chunk), weights)
    found = compressor.result()
    energies = None if target is None else found.weights[1]
    return CompressedSpectrum(found.eigenvalues, found.weights[0], energies, found.tolerance)


def _of_formula(
    spectrum: PowerLawSpectrum | ExponentialSpectrum,
    target: Target | None,
    order: float,
    smallest: float,
) -> CompressedSpectrum:
    decay = decay_of(target, spectrum)
    parameters = spectrum.args if spectrum.dimension is not oo else spectrum.args[1:]
    if decay is None or not all(map(is_number, parameters)):
        raise NotSupported("a spectrum and a target in numbers: no letters, no lists")
    scale = float(spectrum.args[2])
    power_law = isinstance(spectrum, PowerLawSpectrum)
    steep = float(spectrum.args[1])
    steepness = Steepness(
        steep if power_law else 0.0, 0.0 if power_law else steep, order, order, abs(decay)
    )
    size = spectrum.dimension
    rule = index_rule(
        None if size is oo else int(size),
        steepness,
        smallest=smallest / scale,
        growth=steep + min(decay, 0.0) - 1 if power_law else 1.0,
        always=True,
    )
    if rule is None:
        raise NotSupported(
            "no short list: give smallest_ridge > 0, a capacity well above 1 for dimension = inf, or a lower order"
        )
    at = DoubleEvaluator({index: points_as_doubles(rule.nodes)})
    with np.errstate(all="ignore"):
        levels = at.evaluate(spectrum.eigenvalue_at(index)).value[:, 0]
        energies = None
        if target is not None:
            squares = at.evaluate(target.energy_at(index, spectrum)).value
            energies = rule.weights * np.broadcast_to(squares[:, 0], rule.weights.shape)
    return CompressedSpectrum(levels, rule.weights, energies, rule.tolerance)
