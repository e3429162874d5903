"""Spectral sums over a power law or an exponential spectrum too long to be added term by term, or infinite, in balls.

The summand is written as a sum of products of powers of s and of s + κ; each kind of product is summed once.
"""

from collections.abc import Callable
from math import log10
from typing import Any

from flint import arb, ctx
from sympy import Basic, Expr, Integer, Mul, Tuple, expand, fraction, oo, together

from symcollapse.evaluation.exponential_sums import exponential_sum
from symcollapse.evaluation.power_law_sums import power_law_sum
from symcollapse.language.abbreviations import Abbreviation
from symcollapse.language.errors import Diverges, NotSupported, TooManyBits
from symcollapse.language.exactness import is_number
from symcollapse.language.resolvent_products import ResolventProduct, resolvent_products
from symcollapse.language.spectra import ExponentialSpectrum, PowerLawSpectrum, Spectrum
from symcollapse.language.symbols import eigenvalue as s
from symcollapse.language.symbols import placeholder
from symcollapse.language.targets import SourceTarget, Target, UniformTarget
from symcollapse.language.unfolding import unfold

LONG = 1000
"""Eigenvalues above which a sum in balls is quicker by the rule of Euler and Maclaurin than term by term."""

MOST_BITS = 12_000
"""Working precision above which such sums take minutes."""


def is_long(spectrum: Spectrum, least: int = LONG) -> bool:
    """Whether a spectrum has a formula in its index, and more eigenvalues than the least number, or infinitely many.

    Example
    -------
    >>> is_long(PowerLawSpectrum(oo, 2)), is_long(PowerLawSpectrum(300, 2))
    (True, False)
    """
    size = spectrum.dimension if isinstance(spectrum, PowerLawSpectrum | ExponentialSpectrum) else 0
    return size is oo or (isinstance(size, Integer) and int(size) > least)


class LongSums:
    """Sums over long spectra, each kind of product once.

    Parameters
    ----------
    evaluate
        Ball of an expression free of the eigenvalue.

    Example
    -------
    >>> from symcollapse.evaluation.balls import BallEvaluator
    >>> sums = LongSums(BallEvaluator({}).evaluate)
    >>> value = sums.total(s, PowerLawSpectrum(oo, 2), None)
    >>> value.overlaps(arb.pi() ** 2 / 6)
    True
    """

    def __init__(self, evaluate: Callable[[Expr], Any]) -> None:
        self._evaluate = evaluate
        self._known: dict[Basic, Any] = {}

    def total(self, summand: Expr, spectrum: Spectrum, target: Target | None) -> Any | None:
        """Ball around the sum of f(s_j), weighted by c_j² if there is a target; None if f or target is of no known kind.

        Raises
        ------
        Diverges
            If the sum over infinitely many eigenvalues is infinite.
        PrecisionExhausted
            If the working precision does not suffice.
        TooManyBits
            If it is too high.
        """
        if not isinstance(target, SourceTarget | UniformTarget | None):
            return None
        if target is not None:
            target.check_against(spectrum)
        _refuse_many_bits()
        try:
            products = _products(summand)
            if any(_converges(product, spectrum, target) is False for product in products):
                products = _over_one_denominator(summand)
            return sum((self._term(product, spectrum, target) for product in products), arb(0))
        except NotSupported:
            return None

    def _term(self, product: ResolventProduct, spectrum: Spectrum, target: Target | None) -> Any:
        if _converges(product, spectrum, target) is False:
            raise Diverges(
                f"the sum of {product.function} over infinitely many eigenvalues diverges: "
                "give a finite dimension"
            )
        return self._evaluate(product.coefficient) * self._one(product, spectrum, target)

    def _one(self, product: ResolventProduct, spectrum: Spectrum, target: Target | None) -> Any:
        weight = Integer(0) if target is None else target
        pairs = Tuple(*(Tuple(*pair) for pair in product.resolvents))
        key = Tuple(product.power, pairs, spectrum, weight)
        if key not in self._known:
            power = self._evaluate(product.power)
            resolvents = [
                (self._evaluate(kappa), self._evaluate(order))
                for kappa, order in product.resolvents
            ]
            self._known[key] = self.sum_of(power, resolvents, spectrum, target)
        return self._known[key]

    def eigenvalue_at(self, position: Any, spectrum: Spectrum) -> Any:
        """Ball of s_j, for a ball j."""
        scale = self._evaluate(spectrum.args[2])
        decay = self._evaluate(spectrum.args[1])
        if isinstance(spectrum, ExponentialSpectrum):
            return scale * (-decay * position).exp()
        return scale * position**-decay

    def sum_of(
        self,
        power: Any,
        resolvents: list[tuple[Any, Any]],
        spectrum: Spectrum,
        target: Target | None = None,
    ) -> Any:
        """Ball around the sum of s^p Π (s + κ_i)^-m_i, for balls p, κ_i ≥ 0 and m_i, weighted if there is a target.

        Raises
        ------
        NotSupported
            If a κ_i < 0.
        """
        kept = []
        for kappa, order in resolvents:
            if kappa < 0:
                raise NotSupported("a sum of s + κ with κ < 0: give κ >= 0")
            if kappa.is_zero():
                power = power - order
            else:
                kept.append((kappa, order))
        size = spectrum.dimension
        dimension = None if size is oo else int(size)
        scale = self._evaluate(spectrum.args[2])
        order = sum((m for _, m in kept), arb(0))
        reduced = tuple((kappa / scale, m) for kappa, m in kept)
        unit = scale ** (power - order)
        if isinstance(target, UniformTarget):
            unit = unit * self._evaluate(target.squared_norm / size)
        if isinstance(spectrum, ExponentialSpectrum):
            return unit * exponential_sum(power, self._evaluate(spectrum.rate), reduced, dimension)
        assert isinstance(spectrum, PowerLawSpectrum)
        beta = self._evaluate(spectrum.capacity)
        decay = beta * (power - order)
        if isinstance(target, SourceTarget):
            unit = unit * self._evaluate(target.scale)
            decay = decay + self._evaluate(_source_decay(spectrum, target))
        return unit * power_law_sum(decay, beta, reduced, dimension)


def _refuse_many_bits() -> None:
    if int(ctx.prec) > MOST_BITS:
        raise TooManyBits(
            f"sums over more than {LONG} eigenvalues are taken with at most {MOST_BITS} bits, about "
            f"{int(MOST_BITS * log10(2))} digits: ask for fewer; or the value is 0, or cancels"
        )


def _source_decay(spectrum: PowerLawSpectrum, target: SourceTarget) -> Expr:
    return 1 + spectrum.capacity * (2 * target.source - 1)


def _converges(product: ResolventProduct, spectrum: Spectrum, target: Target | None) -> bool | None:
    """Whether the sum over infinitely many eigenvalues does; None if that hangs on a symbol."""
    if spectrum.dimension is not oo:
        return True
    growth = product.power - sum(m for kappa, m in product.resolvents if kappa == 0)
    if isinstance(spectrum, PowerLawSpectrum):
        growth = spectrum.capacity * growth - 1
        if isinstance(target, SourceTarget):
            growth += _source_decay(spectrum, target)
    return growth.is_positive if is_number(growth) else None


def _products(summand: Expr) -> tuple[ResolventProduct, ...]:
    if any(s in part.free_symbols for part in summand.atoms(Abbreviation)):
        summand = unfold(summand, Abbreviation)
    return resolvent_products(summand)


def _over_one_denominator(summand: Expr) -> tuple[ResolventProduct, ...]:
    """The products with one denominator for all, so that infinite sums that cancel, as in 1 − κ/(s + κ), are no more."""
    kappas = {kappa for product in _products(summand) for kappa, _ in product.resolvents}
    letters = {kappa: placeholder("kappa") for kappa in kappas if not kappa.is_Number}
    rebuilt = sum(
        product.coefficient
        * s**product.power
        * Mul(*((s + kappa) ** -m for kappa, m in product.resolvents))
        for product in _products(summand)
    )
    above, below = fraction(together(rebuilt.xreplace(letters)))
    back = {letter: kappa for kappa, letter in letters.items()}
    return tuple(
        product
        for term in expand(above).as_ordered_terms()
        for product in resolvent_products((term / below).xreplace(back))
    )
