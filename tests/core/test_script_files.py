from pathlib import Path

import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.script import LONGEST_TEXT, Script
from rigtalk.core.script_files import check_script, read_script, read_text


def test_words_are_words(tmp_path: Path) -> None:
    audio = tmp_path / "a.wav"
    for text in ("Hello there.", "one\ntwo", "x" * 5000 + " y", "and/or", "He said: go!"):
        assert read_script(text, audio) == Script(text)


def test_a_file_and_a_folder_of_files(tmp_path: Path, sound) -> None:
    audio = sound("hero.wav", np.zeros(8000, np.float32), rate=8000)
    text = tmp_path / "said.txt"
    text.write_bytes("\ufeffMap, baby, né?".encode())
    assert read_script(str(text), audio).text == "Map, baby, né?"
    folder = tmp_path / "scripts"
    folder.mkdir()
    with pytest.raises(RigtalkError, match=r"holds no script for hero.wav; add hero.txt"):
        read_script(str(folder), audio)
    (folder / "hero.txt").write_text("map")
    assert read_script(str(folder), audio).text == "map"
    (folder / "hero.phn").write_text("0 1600 h#\n1600 3200 m\n3200 4800 ae\n")
    script = read_script(str(folder), audio)
    assert script.text == ""
    assert [(p.symbol, p.start, p.end) for p in script.phones][1:] == [
        ("m", pytest.approx(0.2), pytest.approx(0.4)),  # samples of the recording: 8 kHz
        ("ae", pytest.approx(0.4), pytest.approx(0.6)),
    ]


def test_labels_of_a_recording_that_is_not_there(tmp_path: Path) -> None:
    labels = tmp_path / "a.phn"
    labels.write_text("0 1600 m\n1600 3200 ae\n")
    assert read_script(str(labels), tmp_path / "none.wav").phones[0].end == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("none.txt", None, "no such file"),
        ("none.TextGrid", None, "no such file"),
        ("a.txt", b"", "has no words in it"),
        ("a.txt", b"?! ...", "has no words in it"),
        ("a.txt", b"\xff\xfe\x00", "not a text file"),
        ("a.txt", b"word " * 300_000, "too long for a text"),
        ("a.txt", b"word " * 30_000, "has 150000 characters"),
        ("a.lab", b"nonsense", "is not a start, an end and a phone"),
    ],
)
def test_bad_files(tmp_path: Path, name: str, content: bytes | None, complaint: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RigtalkError, match=complaint) as error:
        read_script(str(path), tmp_path / "a.wav")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("text", ["", "  ", "...", "\0"])
def test_no_words(text: str) -> None:
    with pytest.raises(RigtalkError, match="--text has no words"):
        read_text(text, "--text")
    with pytest.raises(RigtalkError, match="the script has no words"):
        read_script(text, Path("a.wav"))


def test_a_script_says_something() -> None:
    with pytest.raises(RigtalkError, match="the script is empty"):
        Script(" \n")
    for span in ((2.0, 1.0), (1.0, 1.0), (0.0, float("nan"))):
        with pytest.raises(RigtalkError, match="it must end after it begins"):
            Script("a", span=span)
    with pytest.raises(RigtalkError, match="characters"):
        Script("a" * (LONGEST_TEXT + 1))


def test_words_that_cannot_all_be_meant(tmp_path: Path) -> None:
    check_script(None, 3, recognised=True)
    check_script("hello", 1, recognised=False)
    check_script(str(tmp_path), 3, recognised=False)
    with pytest.raises(RigtalkError, match="3 recordings do not say the same; name a folder"):
        check_script("hello", 3, recognised=False)
    with pytest.raises(RigtalkError, match="give one"):
        check_script("hello", 1, recognised=True)
