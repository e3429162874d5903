"""Images of handwritten digits: MNIST from a folder or from OpenML, or the small set that scikit-learn brings."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from symcollapse.experiments.idx_files import read_idx
from symcollapse.language.errors import InvalidProblem, NotSupported
from symcollapse.language.optional_packages import require_packages

Doubles: TypeAlias = NDArray[np.float64]

TRAINING, TEST = "train", "t10k"
"""How the names of MNIST's files begin."""

SMALL_TEST_SIZE = 500
"""Images of scikit-learn's 1797 that are held out."""

SMALL_SEED = 7
"""Of the permutation of those; they come sorted by writer. Fixed: results can be set side by side."""

BRIGHTEST = {"MNIST": 255.0, "scikit-learn digits": 16.0}
"""Largest value of a pixel as given out."""


@dataclass(frozen=True, eq=False)
class DigitData:
    """Images of digits, those to learn from and those held out.

    Example
    -------
    >>> DigitData(
    ...     "none", np.zeros((3, 4)), np.array([1, 2, 3]), np.zeros((1, 4)), np.array([5])
    ... ).name
    'none (3 images, 1 held out)'
    """

    source: str
    """MNIST, or scikit-learn digits."""
    images: Doubles
    """Shape (N, p); pixels in [0, 1], row by row."""
    digits: NDArray[np.int64]
    """Shape (N,); 0 to 9."""
    test_images: Doubles
    """Shape (M, p); held out."""
    test_digits: NDArray[np.int64]
    """Shape (M,)."""

    @property
    def name(self) -> str:
        """Source and sizes, for a title."""
        return f"{self.source} ({len(self.images)} images, {len(self.test_images)} held out)"


def read_digits(folder: Path | None) -> DigitData:
    """Digits without a network: MNIST from its four IDX files, or scikit-learn's own.

    Parameters
    ----------
    folder
        Holds ``train-images-idx3-ubyte``, ``train-labels-idx1-ubyte``, ``t10k-images-idx3-ubyte`` and
        ``t10k-labels-idx1-ubyte``, each with or without ``.gz``, or with a dot before ``idx``. None: the 1797 digits
        of 8 × 8 pixels that come with scikit-learn, in a fixed random order, the last 500 held out.

    Returns
    -------
    data
        Pixels divided by the largest value that they can have.

    Raises
    ------
    InvalidProblem
        If a file is missing, damaged, or does not fit the others.
    NotSupported
        If scikit-learn is asked for and not installed.

    Example
    -------
    >>> read_digits(None).name
    'scikit-learn digits (1297 images, 500 held out)'
    """
    if folder is None:
        return _bundled_digits()
    images, digits = _part(folder, TRAINING)
    test_images, test_digits = _part(folder, TEST)
    if images.shape[1] != test_images.shape[1]:
        raise InvalidProblem(
            f"{folder}: {images.shape[1]} pixels to learn from and {test_images.shape[1]} held out; "
            "give files of one data set"
        )
    return DigitData("MNIST", images, digits, test_images, test_digits)


def fetch_digits() -> DigitData:
    """MNIST from OpenML by scikit-learn, which keeps a copy: the first 60,000 to learn from, 10,000 held out.

    Raises
    ------
    NotSupported
        If scikit-learn is not installed, or OpenML cannot be reached.
    InvalidProblem
        If what comes is not MNIST.

    Example
    -------
    >>> fetch_digits().name  # doctest: +SKIP
    'MNIST (60000 images, 10000 held out)'
    """
    _require_scikit_learn()
    from sklearn.datasets import fetch_openml

    try:
        found = fetch_openml("mnist_784", version=1, as_frame=False, parser="liac-arff")
    except (
        Exception
    ) as problem:  # urllib's errors, http's, scikit-learn's own: no network is all alike
        raise NotSupported(
            f"MNIST could not be fetched from OpenML ({type(problem).__name__}); "
            "name a folder with its four IDX files, or take scikit-learn's digits"
        ) from problem
    pixels = np.asarray(found.data, dtype=np.float64)
    digits = np.asarray(found.target).astype(np.int64)
    if pixels.shape != (70_000, 784) or digits.shape != (70_000,):
        raise InvalidProblem(
            f"OpenML's mnist_784 has the shape {pixels.shape}, not (70000, 784); "
            "name a folder with the four IDX files"
        )
    pixels /= BRIGHTEST["MNIST"]
    return DigitData("MNIST", pixels[:60_000], digits[:60_000], pixels[60_000:], digits[60_000:])


def parity(data: DigitData) -> tuple[Doubles, Doubles]:
    """Digit mod 2 as a number, of the images to learn from and of those held out.

    Raises
    ------
    InvalidProblem
        If there is nothing to learn: the images are all alike to the last pixel, or all digits odd, or none is.

    Example
    -------
    >>> data = DigitData("none", np.eye(3), np.array([1, 2, 3]), np.zeros((1, 3)), np.array([5]))
    >>> [labels.tolist() for labels in parity(data)]
    [[1.0, 0.0, 1.0], [1.0]]
    """
    odd, test_odd = (
        np.asarray(digits % 2, dtype=np.float64) for digits in (data.digits, data.test_digits)
    )
    for name, values in (("pixels", data.images), ("labels, digit mod 2,", odd)):
        if values.min() == values.max():
            raise InvalidProblem(
                f"{data.name}: all {name} are {values.flat[0]:g}; give images of digits, odd and even ones"
            )
    return odd, test_odd


def _part(folder: Path, start: str) -> tuple[Doubles, NDArray[np.int64]]:
    images_at = _find(folder, f"{start}-images", "idx3-ubyte")
    digits_at = _find(folder, f"{start}-labels", "idx1-ubyte")
    images, digits = read_idx(images_at, 3), read_idx(digits_at, 1)
    if not images.size:
        raise InvalidProblem(f"{images_at}: no pixels; give the files of MNIST as given out")
    if len(images) != len(digits):
        raise InvalidProblem(
            f"{digits_at}: {len(digits)} digits for the {len(images)} images of {images_at.name}; "
            "give files of one data set"
        )
    if digits.max() > 9:
        raise InvalidProblem(f"{digits_at}: a label {digits.max()}; digits are 0 to 9")
    pixels = images.reshape(len(images), -1) / BRIGHTEST["MNIST"]
    return pixels, digits.astype(np.int64)


def _find(folder: Path, start: str, kind: str) -> Path:
    for separator in "-.":
        for end in ("", ".gz"):
            path = folder / f"{start}{separator}{kind}{end}"
            try:
                found = path.is_file()
            except OSError as problem:  # no right to look, or no such name
                raise InvalidProblem(
                    f"{folder}: {problem.strerror}; give a folder to read"
                ) from None
            if found:
                return path
    raise InvalidProblem(
        f"{folder}: no {start}-{kind}, with or without .gz; give the folder of MNIST's four files"
    )


def _bundled_digits() -> DigitData:
    _require_scikit_learn()
    from sklearn.datasets import load_digits

    found = load_digits()
    order = np.random.default_rng(SMALL_SEED).permutation(len(found.data))
    pixels = np.asarray(found.data, dtype=np.float64)[order] / BRIGHTEST["scikit-learn digits"]
    digits = np.asarray(found.target, dtype=np.int64)[order]
    kept = len(pixels) - SMALL_TEST_SIZE
    return DigitData(
        "scikit-learn digits", pixels[:kept], digits[:kept], pixels[kept:], digits[kept:]
    )


def _require_scikit_learn() -> None:
    way_out = "name a folder with MNIST's four IDX files"
    require_packages("scikit-learn's data", ["sklearn"], "symcollapse[experiments]", way_out)
