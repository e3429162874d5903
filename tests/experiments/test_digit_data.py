"""Digits from files as they come, and files that are no such thing."""

import gzip
import os
import struct
from pathlib import Path

import numpy as np
import pytest

from symcollapse.experiments.digit_data import DigitData, fetch_digits, parity, read_digits
from symcollapse.language.errors import InvalidProblem, NotSupported

IMAGES = np.arange(24, dtype=np.uint8).reshape(4, 2, 3)
DIGITS = np.array([3, 1, 4, 1], dtype=np.uint8)


def idx(array: np.ndarray) -> bytes:
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


def mnist_folder() -> Path | None:
    named = os.environ.get("SYMCOLLAPSE_MNIST")
    beside = Path(__file__).parents[3] / "shared" / "data" / "mnist"
    folder = Path(named) if named else beside
    return folder if folder.is_dir() else None


def write(folder: Path, names: dict[str, bytes]) -> Path:
    for name, content in names.items():
        (folder / name).write_bytes(content)
    return folder


def four(**other: bytes) -> dict[str, bytes]:
    files = {
        "train-images-idx3-ubyte": idx(IMAGES),
        "train-labels-idx1-ubyte": idx(DIGITS),
        "t10k-images-idx3-ubyte": idx(IMAGES[:2]),
        "t10k-labels-idx1-ubyte": idx(DIGITS[:2]),
    }
    return files | {key.replace("_", "-"): value for key, value in other.items()}


def test_plain_and_gzipped_files_with_dots_or_hyphens_mix(tmp_path: Path) -> None:
    plain, mixed = tmp_path / "plain", tmp_path / "mixed"
    plain.mkdir()
    mixed.mkdir()
    write(plain, four())
    write(
        mixed,
        {
            "train-images.idx3-ubyte": idx(IMAGES),
            "train-labels-idx1-ubyte.gz": gzip.compress(idx(DIGITS)),
            "t10k-images.idx3-ubyte.gz": gzip.compress(idx(IMAGES[:2])),
            "t10k-labels-idx1-ubyte": gzip.compress(
                idx(DIGITS[:2])
            ),  # gzip by content, not by name
        },
    )
    for folder in (plain, mixed):
        data = read_digits(folder)
        assert data.source == "MNIST"
        assert (data.images == IMAGES.reshape(4, 6) / 255).all()
        assert data.digits.tolist() == [3, 1, 4, 1]
        assert data.test_images.shape == (2, 6)
        assert data.test_digits.tolist() == [3, 1]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (idx(IMAGES)[:-1], "23 bytes for an array of shape .*; fetch the file again"),
        (idx(IMAGES) + b"\0", "25 bytes"),
        (idx(DIGITS), "in 1 dimensions; bytes .* in 3 are expected"),
        (b"\x89PNG" + bytes(40), "not an IDX file"),
        (b"", "not an IDX file"),
        (idx(IMAGES)[:9], "ends within its header"),
        (gzip.compress(idx(IMAGES))[:-9], "a damaged gzip file"),
        (struct.pack(">HBB3I", 0, 13, 3, 4, 2, 3) + bytes(96), "entries of type 13"),
        (idx(IMAGES[:3]), "4 digits for the 3 images"),
        (idx(IMAGES[:, :0]), "no pixels"),
        (idx(IMAGES[:0]), "no pixels"),
        (idx(IMAGES[:, :, :2]), "4 pixels to learn from and 6 held out"),
    ],
)
def test_a_file_that_is_not_as_it_should_be_is_named(
    tmp_path: Path, content: bytes, words: str
) -> None:
    write(tmp_path, four(train_images_idx3_ubyte=content))
    with pytest.raises(InvalidProblem, match=words) as raised:
        read_digits(tmp_path)
    assert str(tmp_path) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_folder_that_cannot_be_looked_into_is_named() -> None:
    with pytest.raises(InvalidProblem, match="File name too long; give a folder to read"):
        read_digits(Path("x" * 300))


def test_images_or_labels_all_alike_have_nothing_to_learn() -> None:
    some = np.eye(3)
    for images, digits, said in (
        (np.ones((3, 3)), [1, 2, 3], "all pixels are 1"),
        (some, [1, 5, 3], "all labels, digit mod 2, are 1"),
        (some, [2, 4, 4], "all labels, digit mod 2, are 0"),
    ):
        data = DigitData("none", images, np.array(digits), some, np.array([1, 2, 3]))
        with pytest.raises(InvalidProblem, match=said):
            parity(data)


def test_missing_files_and_labels_that_are_no_digits_are_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidProblem, match="no train-images-idx3-ubyte, with or without"):
        read_digits(tmp_path)
    write(tmp_path, four(train_labels_idx1_ubyte=idx(DIGITS + np.uint8(7))))
    with pytest.raises(InvalidProblem, match="a label 11; digits are 0 to 9"):
        read_digits(tmp_path)


def test_the_bundled_digits_are_the_same_every_time() -> None:
    first, second = read_digits(None), read_digits(None)
    assert (first.images == second.images).all()
    assert first.images.shape == (1297, 64)
    assert first.test_images.shape == (500, 64)
    assert (first.images.min(), first.images.max()) == (0, 1)
    assert set(first.digits) == set(first.test_digits) == set(range(10))


def test_no_network_is_one_line_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    import sklearn.datasets

    def offline(*_: object, **__: object) -> None:
        raise OSError("Temporary failure in name resolution")

    monkeypatch.setattr(sklearn.datasets, "fetch_openml", offline)
    with pytest.raises(NotSupported, match="name a folder with its four IDX files") as raised:
        fetch_digits()
    assert "\n" not in str(raised.value)


def test_without_scikit_learn_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("symcollapse.language.optional_packages.find_spec", lambda _: None)
    for read in (lambda: read_digits(None), fetch_digits):
        with pytest.raises(NotSupported, match=r"pip install 'symcollapse\[experiments\]'"):
            read()


def test_mnist_as_given_out_is_read() -> None:
    folder = mnist_folder()
    if folder is None:
        pytest.skip("no folder of MNIST; name one in SYMCOLLAPSE_MNIST")
    data = read_digits(folder)
    assert data.name == "MNIST (60000 images, 10000 held out)"
    # Counts of each digit that the makers of the set state.
    assert np.bincount(data.digits).tolist() == [
        5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949,
    ]  # fmt: skip
