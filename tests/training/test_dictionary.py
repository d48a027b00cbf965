"""The dictionary packed, read again and measured."""

from pathlib import Path

import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.speech.dictionary import WORDS
from rigtalk.core.speech.spelling import spell
from rigtalk.core.speech.word_file import read_vocabulary
from rigtalk.training.dictionary import Figures, held_out, main, measure, pack, read_cmudict

SMALL = """\
;;; a comment
a AH0
a(2) EY1
a. EY
bob B AA1 B
bob's B AA B Z
bomb B AA M  # another
map M AE P
map(2) M AE1 P
pam P AE M
tab T AE B
tamp T AE M P
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.dict"
    path.write_text(SMALL)
    return path


def test_a_dictionary_is_read(small: Path) -> None:
    words = read_cmudict(small)
    assert words["a"] == (("ah",), ("ey",))
    assert words["map"] == (("m", "ae", "p"),)
    assert words["bomb"] == (("b", "aa", "m"),)
    assert len(words) == 9


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("map M QQ P\n", "line 1: no phone is called 'QQ'"),
        ("a AH\nmap\n", "line 2: give a word"),
        ("a AH\nmap SIL\n", "line 2: give a word"),
        ("café K AH F EY\n", "line 1: give a word of ASCII letters"),
        ("\n;;; nothing\n", "has no words"),
        ("", "has no words"),
        (None, "cannot be read"),
        (b"\xff\xfe", "cannot be read"),
    ],
)
def test_what_is_no_dictionary(tmp_path: Path, text: str | bytes | None, complaint: str) -> None:
    path = tmp_path / "bad.dict"
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(RigtalkError, match=complaint):
        read_cmudict(path)


def test_what_is_packed_is_what_was_read(small: Path, tmp_path: Path) -> None:
    words = read_cmudict(small)
    for name in ("one.xz", "two.xz"):
        pack(words, tmp_path / name)
    packed = read_vocabulary(tmp_path / "one.xz")
    assert {word: packed.ways(word) for word in packed.words} == words
    assert spell("tamp", packed.rules) == ("t", "ae", "m", "p")
    assert (tmp_path / "one.xz").read_bytes() == (tmp_path / "two.xz").read_bytes()


def test_the_shipped_file_is_made_of_pocketsphinx_s_dictionary() -> None:
    pocketsphinx = pytest.importorskip("pocketsphinx")
    words = read_cmudict(Path(pocketsphinx.get_model_path("en-us/cmudict-en-us.dict")))
    shipped = read_vocabulary(WORDS)
    assert shipped.words.keys() == words.keys()
    assert all(shipped.ways(word) == ways for word, ways in words.items())
    some = {w: ways for w, ways in list(words.items())[::50] if w.isalpha() and w.isascii()}
    figures = measure(some, lambda word: spell(word, shipped.rules))
    # Of words that the rules were learnt from; those that are not said as written are wrong.
    assert figures.words > 0.85
    assert min(figures.precision, figures.recall) > 0.99


def test_figures() -> None:
    words = {
        "map": (("m", "ae", "p"),),
        "bob": (("b", "aa", "b"), ("b", "ao", "b")),
        "pat": (("p", "ae", "t"),),
    }
    assert measure(words, lambda word: words[word][-1]) == Figures(1, 1, 1, 1)
    guesses = {"map": ("m", "ae", "b", "p"), "bob": ("b", "ao", "b"), "pat": ("ae", "t")}
    figures = measure(words, guesses.__getitem__)
    assert figures.phones == pytest.approx(1 - 2 / 9)
    assert figures.words == pytest.approx(1 / 3)
    assert figures.precision == pytest.approx(4 / 5)
    assert figures.recall == pytest.approx(4 / 5)
    assert measure({}, guesses.__getitem__).words == 0


def test_held_out_words_are_not_learnt(small: Path) -> None:
    words = read_cmudict(small)
    # The first word, "a", is held out, and no other teaches what a final a is: by chance alone.
    rules, parts = held_out(words)
    assert 0 <= rules.words <= 1
    assert parts == rules


def test_the_command(small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "words.xz"
    assert main([str(small), "-o", str(out)]) == 0
    assert capsys.readouterr().out == f"{out}\n"
    assert "map" in read_vocabulary(out).words
    assert main([str(small), "--measure"]) == 0
    assert capsys.readouterr().out.startswith("rules: Figures(")


def test_the_command_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.dict"), "-o", str(tmp_path / "words.xz")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "none.dict: cannot be read" in line
    assert not list(tmp_path.iterdir())
