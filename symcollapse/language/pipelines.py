"""A training pipeline as data: inputs, the labels they get, and the fits made on them, in order of time.

Every way of training on one's own output is of one form. There are sets of *inputs*, independent designs. A set of
*labels* is made on one of them, by the truth or by an earlier fit, with noise of its own. A *fit* minimises, over w,

    Σ_shares weight·‖X w − Y‖² + N λ ‖w‖²,    N = Σ_shares weight·(rows of X),

over the labels that it takes a share of. Replacing, accumulating, mixing labels, pooling data, sharing designs and
self-distillation differ in who shares what, and in nothing else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sympy import Add, Expr, Integer, S

from symcollapse.language.errors import InvalidProblem, NotSupported
from symcollapse.language.naming import own_covariance, repetitions
from symcollapse.language.problems import SIGMA, Downstream, Fit, Generation, Problem
from symcollapse.language.spectra import Covariance
from symcollapse.language.targets import Truth, truth
from symcollapse.language.written_numbers import given_number, written_number

MOST_FITS = 1000
"""Fits of one pipeline; a longer one is better solved as a recursion."""


@dataclass(frozen=True)
class Inputs:
    """A Gaussian design: rows iid N(0, Σ), independent of all others."""

    samples: Expr
    """Number of rows."""
    covariance: Covariance = SIGMA
    """Σ, by its name."""


@dataclass(frozen=True)
class Labels:
    """Labels of a set of inputs: X·(weights of the source + shift) + noise."""

    inputs: int
    """Which inputs."""
    source: int | None
    """Number of the fit that makes the labels; None for the truth."""
    noise: Expr = S.Zero
    """Standard deviation of their noise, independent of all other noise."""
    shift: Truth | None = None
    """Name of a shift δ ~ N(0, Δ) of the source's weights, or None."""


@dataclass(frozen=True)
class Share:
    """What a fit takes of a set of labels."""

    labels: int
    """Which labels."""
    weight: Expr = S.One
    """Their weight in the loss."""


@dataclass(frozen=True)
class PipelineFit:
    """One fit of a pipeline."""

    shares: tuple[Share, ...]
    """What is fitted."""
    ridge: Expr = S.Zero
    """λ; 0 is least squares of minimum norm."""
    features: Expr | None = None
    """Width of random features, drawn anew for this fit; None for the inputs themselves."""


@dataclass(frozen=True)
class Pipeline:
    """Inputs, labels and fits; the last fit is the one that is tested.

    Raises
    ------
    InvalidProblem
        If a part refers to one that is not there, or not there yet.

    Example
    -------
    >>> chain = Pipeline(
    ...     (Inputs(Integer(9)), Inputs(Integer(8))),
    ...     (Labels(0, None), Labels(1, 0)),
    ...     (PipelineFit((Share(0),)), PipelineFit((Share(1),))),
    ... )
    >>> chain.rows(1), chain.inputs_of(1)
    (8, (1,))
    """

    inputs: tuple[Inputs, ...]
    labels: tuple[Labels, ...]
    fits: tuple[PipelineFit, ...]

    def __post_init__(self) -> None:
        if not self.fits:
            raise InvalidProblem("fits: nothing is fitted; give one fit at least")
        for position, fit in enumerate(self.fits):
            if not fit.shares:
                raise InvalidProblem(f"fits.{position}.shares: nothing is fitted; give labels")
            for share in fit.shares:
                if not 0 <= share.labels < len(self.labels):
                    raise InvalidProblem(
                        f"fits.{position}.shares: labels {share.labels} of {len(self.labels)}; count from 0"
                    )
                source = self.labels[share.labels].source
                if source is not None and not 0 <= source < position:
                    raise InvalidProblem(
                        f"labels.{share.labels}.source = {source}: fit {position} takes a share of them; "
                        "give an earlier fit"
                    )
        for position, labels in enumerate(self.labels):
            if not 0 <= labels.inputs < len(self.inputs):
                raise InvalidProblem(
                    f"labels.{position}.inputs = {labels.inputs}: of {len(self.inputs)}; count from 0"
                )

    def inputs_of(self, fit: int) -> tuple[int, ...]:
        """Which inputs a fit sees, in order."""
        seen = {self.labels[share.labels].inputs for share in self.fits[fit].shares}
        return tuple(sorted(seen))

    def weights(self, fit: int) -> Mapping[int, Expr]:
        """Total weight of each of the inputs that a fit sees."""
        return {
            each: Add(
                *(
                    share.weight
                    for share in self.fits[fit].shares
                    if self.labels[share.labels].inputs == each
                )
            )
            for each in self.inputs_of(fit)
        }

    def rows(self, fit: int) -> Expr:
        """The number N of rows that a fit sees, counted with their weights."""
        return Add(
            *(weight * self.inputs[each].samples for each, weight in self.weights(fit).items())
        )

    @property
    def covariances(self) -> tuple[Covariance, ...]:
        """Covariances of the inputs, that of the test first."""
        return tuple(dict.fromkeys([SIGMA, *(each.covariance for each in self.inputs)]))

    @property
    def shifts(self) -> tuple[Truth, ...]:
        """The shifts of its labels."""
        found = (each.shift for each in self.labels if each.shift is not None)
        return tuple(dict.fromkeys(found))


@lru_cache(maxsize=256)
def pipeline_of(problem: Problem, *, letters: bool = False) -> Pipeline:
    """The pipeline that a problem describes.

    Parameters
    ----------
    problem
        With numbers for all repetitions.
    letters
        Write numbers by the symbols that stand for them (T_0, σ_0, ω_0, …), as formulas do; else as they are.

    Raises
    ------
    NotSupported
        If a number of repetitions is a symbol, or there are too many fits.

    Example
    -------
    >>> from symcollapse.language.spectra import IsotropicSpectrum
    >>> from symcollapse.language.targets import UniformTarget
    >>> entries = (Generation(9, noise=1, repeat=3, data="accumulate"),)
    >>> pipeline = pipeline_of(Problem(IsotropicSpectrum(3), UniformTarget(1), entries))
    >>> pipeline.rows(2), len(pipeline.fits)
    (27, 3)
    """
    return _Assembly(problem, letters=letters).pipeline()


class _Assembly:
    """A pipeline, while it is put together."""

    def __init__(self, problem: Problem, *, letters: bool) -> None:
        self.problem = problem
        self.letters = letters
        self.inputs: list[Inputs] = []
        self.labels: list[Labels] = []
        self.fits: list[PipelineFit] = []
        self.so_far: list[Share] = []
        """Shares that an accumulating fit takes."""
        self.synthetic: int | None = None
        """Inputs of the fit before, for a shared design."""
        self.real: int | None = None
        """Labels of the real samples of the fit before."""

    def pipeline(self) -> Pipeline:
        """All entries, repetition by repetition."""
        for position, (_, fit) in enumerate(self.problem.fits):
            count = repetitions(fit)
            if len(self.fits) + count > MOST_FITS:
                raise NotSupported(
                    f"{len(self.fits) + count} fits: at most {MOST_FITS} are listed; lower repeat"
                )
            for _ in range(count):
                self.add(position, fit)
        return Pipeline(tuple(self.inputs), tuple(self.labels), tuple(self.fits))

    def add(self, position: int, fit: Fit) -> None:
        """One fit, with what it needs."""
        assert isinstance(fit, Generation | Downstream)
        if fit.design == "fresh" or self.synthetic is None:
            covariance = SIGMA if fit.spectrum is None else own_covariance(position)
            self.synthetic = self.new_inputs(self.number(position, "samples"), covariance)
        source = len(self.fits) - 1 if self.fits else None
        shift = None if fit.shift is None else truth(f"delta_{len(self.fits)}")
        synthetic = self.new_labels(self.synthetic, source, self.number(position, "noise"), shift)
        weight = self.number(position, "real_weight")
        shares = [Share(synthetic, 1 - weight)]
        if weight != 0:
            real = self.real_labels(self.synthetic, fit, position)
            shares = [share for share in (*shares, Share(real, weight)) if share.weight != 0]
            if real == synthetic:
                # Their first labels are these: ω and 1 - ω of the same.
                shares = [Share(synthetic)]
        if fit.real_samples != 0:
            if fit.real_data == "fresh" or self.real is None:
                rows = self.new_inputs(self.number(position, "real_samples"), SIGMA)
                self.real = self.new_labels(rows, None, self.number(position, "real_noise"), None)
            shares.append(Share(self.real))
        else:
            self.real = None
        every = _joined([*self.so_far, *shares]) if fit.data == "accumulate" else shares
        features = None if fit.features is None else self.number(position, "features")
        self.fits.append(PipelineFit(tuple(every), self.number(position, "ridge"), features))
        self.so_far = _joined([*self.so_far, *shares])

    def number(self, position: int, key: str) -> Expr:
        """A number of the fit that is being added: a symbol for a constant, if letters are wanted, else its value."""
        at = Integer(len(self.fits))
        of = written_number if self.letters else given_number
        return of(self.problem, position, key, at)

    def new_inputs(self, samples: Expr, covariance: Covariance) -> int:
        """Number of a further design."""
        self.inputs.append(Inputs(samples, covariance))
        return len(self.inputs) - 1

    def new_labels(self, inputs: int, source: int | None, noise: Expr, shift: Truth | None) -> int:
        """Number of further labels."""
        self.labels.append(Labels(inputs, source, noise, shift))
        return len(self.labels) - 1

    def real_labels(self, inputs: int, fit: Fit, position: int) -> int:
        """Real labels on the inputs of this fit: fresh, or the first that they had."""
        if fit.real_data == "same":
            return next(at for at, each in enumerate(self.labels) if each.inputs == inputs)
        return self.new_labels(inputs, None, self.number(position, "real_noise"), None)


def _joined(shares: Iterable[Share]) -> list[Share]:
    """Each set of labels once, with the weight that it had first."""
    kept: dict[int, Share] = {}
    for share in shares:
        kept.setdefault(share.labels, share)
    return list(kept.values())
