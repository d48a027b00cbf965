"""The file of the dictionary, whole and damaged."""

import lzma
from pathlib import Path

import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.speech.word_file import read_vocabulary, write_vocabulary

WORDS = {
    "map": (("m", "ae", "p"),),
    "a": (("ah",), ("ey",)),
    "able-bodied": (("ey", "b", "ah", "l"),),
    "a.'s": (("ey", "z"),),
}
RULES: dict[str, tuple[str, ...]] = {"a": ("ae",), "ae": (), "xa": ("k", "s")}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "words.xz"
    write_vocabulary(path, WORDS, RULES)
    return path


def test_what_is_written_is_what_is_read(path: Path) -> None:
    read = read_vocabulary(path)
    assert {word: read.ways(word) for word in read.words} == WORDS
    assert read.rules == RULES
    assert read.ways("zorb") == ()


def test_the_order_of_what_is_given_does_not_matter(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.xz"
    write_vocabulary(other, dict(reversed(WORDS.items())), dict(reversed(RULES.items())))
    assert other.read_bytes() == path.read_bytes()


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(RigtalkError, match=r"words\.xz.*No such file.*install rigtalk again"):
        read_vocabulary(tmp_path / "words.xz")


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "text", "folder"])
def test_a_damaged_file(path: Path, damage: str) -> None:
    data = path.read_bytes()
    middle = len(data) // 2
    if damage == "folder":
        path.unlink()
        path.mkdir()
    else:
        path.write_bytes(
            {
                "empty": b"",
                "cut": data[:middle],
                "flipped": data[:middle] + bytes([data[middle] ^ 255]) + data[middle + 1 :],
                "text": b"rigtalk words 1\n",
            }[damage]
        )
    with pytest.raises(RigtalkError, match="install rigtalk again") as told:
        read_vocabulary(path)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("words 1", "words 2"),
        (" ae ", " qq "),
        ("\nmap", ""),
        ("\n\n", "\n"),
        ("able", "äble"),
        ("-\n", "~\n"),
    ],
)
def test_a_file_of_something_else(path: Path, old: str, new: str) -> None:
    text = lzma.decompress(path.read_bytes()).decode("ascii")
    assert old in text
    path.write_bytes(lzma.compress(text.replace(old, new, 1).encode("utf-8")))
    with pytest.raises(RigtalkError, match="damaged, or of another version; install rigtalk again"):
        read_vocabulary(path)


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(RigtalkError, match="is a folder"):
        write_vocabulary(tmp_path, WORDS, RULES)
