"""Scripts on the command line, in batches, and the words that a recogniser hears."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from rigtalk.core import scripted as scripted_module
from rigtalk.core import transcribing
from rigtalk.core.actor import USELESS
from rigtalk.core.batch.fields import parse_line
from rigtalk.core.batch.tasks import Task, task_from_wire
from rigtalk.core.batch.worker import _direction
from rigtalk.core.cli import main
from rigtalk.core.direction import Direction
from rigtalk.core.errors import RigtalkError
from rigtalk.core.files import read_performance
from rigtalk.core.script import Script
from rigtalk.core.scripted import scripted
from rigtalk.core.speech import recognise as recognising
from rigtalk.core.speech.pieces import LONGEST, pieces_of
from rigtalk.core.speech.recognise import recognise


@pytest.fixture
def run(telling_path: Path, capsys: pytest.CaptureFixture[str]):
    def command(*words: object) -> tuple[int, list[str], list[str]]:
        texts = [str(word) for word in words]
        if texts[0] == "animate" and "--actor" not in texts:
            texts += ["--actor", str(telling_path)]
        status = main(texts)
        out, err = capsys.readouterr()
        return status, out.splitlines(), err.splitlines()

    return command


@pytest.fixture
def lines(sound, babble: np.ndarray) -> tuple[Path, Path]:
    return sound("a.wav", babble[:32000]), sound("b.wav", babble[32000:64000])


def test_a_script_changes_the_lips(run, lines, tmp_path: Path) -> None:
    plain, told = tmp_path / "plain.npz", tmp_path / "told.npz"
    assert run("animate", lines[0], "-o", plain)[0] == 0
    assert run("animate", lines[0], "-o", told, "--script", "Mom, mom! Mom mom mom.")[0] == 0
    changed = np.abs(read_performance(plain).values - read_performance(told).values).max(axis=0)
    names = read_performance(plain).controls.names
    assert changed.max() > 0.05
    for name, change in zip(names, changed, strict=True):
        if change > 1e-6:
            assert name.startswith(("mouth", "jaw", "nose", "tongue")), name


def test_a_folder_of_scripts(run, lines, tmp_path: Path) -> None:
    scripts, out = tmp_path / "scripts", tmp_path / "out"
    scripts.mkdir()
    (scripts / "a.txt").write_text("mama")
    status, told, complaints = run("animate", *lines, "-o", out, "--script", scripts)
    assert (status, told) == (2, [str(out / "a.csv")])
    (complaint,) = complaints
    assert "holds no script for b.wav; add b.txt" in complaint


def test_a_script_of_another_line_is_noted(run, lines, tmp_path: Path) -> None:
    plain, out = tmp_path / "plain.csv", tmp_path / "x.csv"
    assert run("animate", lines[0], "-o", plain)[2] == []
    status, told, notes = run("animate", lines[0], "-o", out, "--script", "sixty kicks, sit!")
    assert (status, told) == (0, [str(out)])
    assert notes == [f"rigtalk: note: {lines[0]}: {USELESS}"]
    assert out.read_bytes() == plain.read_bytes()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--script", "none.txt"], "none.txt: no such file"),
        (["--script", "..."], "the script has no words in it"),
        (["--script", "hello", "--recognise"], "give one"),
    ],
)
def test_scripts_that_are_none(run, lines, tmp_path: Path, words: list[str], complaint: str):
    out = tmp_path / "x.csv"
    status, told, complaints = run("animate", lines[0], "-o", out, *words)
    assert (status, told, len(complaints)) == (2, [], 1)
    assert complaint in complaints[0]
    assert not out.exists()


def test_one_text_for_two_recordings(run, lines, tmp_path: Path) -> None:
    status, _, complaints = run("animate", *lines, "-o", tmp_path / "o", "--script", "hello")
    assert status == 2
    assert "2 recordings do not say the same" in complaints[0]


def test_an_actor_of_before(run, lines, tiny_path: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.csv"
    words = ["--script", "hello", "--actor", tiny_path]
    status, _, complaints = run("animate", lines[0], "-o", out, *words)
    assert status == 2
    assert "cannot follow a script" in complaints[0]
    assert not out.exists()


def test_words_are_recognised_where_asked(monkeypatch, lines) -> None:
    heard = []

    def hears(samples: np.ndarray, *, progress) -> str:
        heard.append(len(samples))
        return "mama" if len(heard) == 1 else ""

    monkeypatch.setattr(scripted_module, "recognise", hears)
    direction = Direction({"joy": 1.0}, seed=4)
    assert scripted(direction, lines[0], None) is direction
    assert not heard
    told = scripted(direction, lines[0], None, recognised=True)
    assert told == Direction({"joy": 1.0}, seed=4, script=Script("mama"))
    assert heard == [32000]
    assert scripted(direction, lines[0], None, recognised=True) is direction  # no word was heard


def test_without_pocketsphinx(monkeypatch, lines, run, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "pocketsphinx", None)
    monkeypatch.delitem(sys.modules, "rigtalk.core.speech.align", raising=False)
    status, _, complaints = run("animate", lines[0], "-o", tmp_path / "x.csv", "--recognise")
    assert status == 2
    assert "recognising words needs pocketsphinx: pip install pocketsphinx" in complaints[0]
    assert not (tmp_path / "x.csv").exists()


def test_the_embedded_line_is_recognised(line: Path, capsys, tmp_path: Path) -> None:
    pytest.importorskip("pocketsphinx")
    assert main(["transcribe", str(line)]) == 0
    shown = capsys.readouterr().out
    assert {"every", "word", "watch", "lips", "baby", "above", "waves"} <= set(shown.split())
    folder = tmp_path / "words"
    assert main(["transcribe", str(line), str(tmp_path / "none.wav"), "-o", str(folder)]) == 2
    out, err = capsys.readouterr()
    assert out.split() == [str(folder / "line.txt")]
    assert "none.wav" in err
    assert (folder / "line.txt").read_text() == shown
    (folder / "line.txt").write_text("corrected")
    assert main(["transcribe", str(line), "-o", str(folder)]) == 2
    assert "is there already" in capsys.readouterr().err
    assert (folder / "line.txt").read_text() == "corrected"


def test_nothing_to_transcribe(sound, capsys, monkeypatch, tmp_path: Path) -> None:
    quiet = sound("quiet.wav", np.zeros(16000, np.float32))
    monkeypatch.setattr(transcribing, "recognise", lambda samples, *, progress: "")
    assert main(["transcribe", str(quiet), "-o", str(tmp_path / "w")]) == 2
    assert "no English words were recognised" in capsys.readouterr().err
    assert list((tmp_path / "w").iterdir()) == []
    assert main(["transcribe", str(quiet), "-o", str(quiet)]) == 2
    assert "cannot be made" in capsys.readouterr().err


def test_silence_has_no_words() -> None:
    pytest.importorskip("pocketsphinx")
    assert recognise(np.zeros(16000, np.float32)) == ""


def test_pieces_are_short_and_cover_the_speech(babble: np.ndarray, monkeypatch) -> None:
    monkeypatch.setattr(recognising, "pieces_of", pieces_of)
    pieces = pieces_of(np.concatenate([babble, babble]))
    assert len(pieces) > 4
    for (begin, end), (following, _) in zip(pieces, [*pieces[1:], (99.0, 0.0)], strict=True):
        assert 0 < end - begin <= LONGEST + 1e-6
        assert end <= following + 1e-6
    spoken = sum(end - begin for begin, end in pieces)
    assert 0.6 * 80 < spoken < 80


def test_batches(tmp_path: Path, lines) -> None:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("mama")
    (tmp_path / "b.TextGrid").write_text("")

    def parsed(**values):
        return parse_line("row", {"audio": "a.wav", **values}, base=tmp_path, out=tmp_path)

    plain, text, folder, labels = (
        parsed(),
        parsed(script="Map, baby\nand bubble."),
        parsed(script="texts"),
        parsed(script="b.TextGrid", recognise="true"),
    )
    assert (plain.script, plain.script_file, plain.recognise) == (None, None, False)
    assert (text.script, text.script_file) == ("Map, baby\nand bubble.", None)
    assert (folder.script, folder.script_file) == (None, tmp_path / "texts" / "a.txt")
    assert (labels.script_file, labels.recognise) == (tmp_path / "b.TextGrid", True)
    assert _direction(plain).script is None
    assert _direction(text).script == Script("Map, baby\nand bubble.")
    assert _direction(folder).script == Script("mama")
    task = Task("curves", (0, 1), (text, folder))
    assert task_from_wire(json.loads(json.dumps(task.wire()))) == task
    assert tmp_path / "texts" / "a.txt" in task.inputs
    other = Task("curves", (0, 1), (parsed(script="Map"), folder))
    assert other.settings(tmp_path) != task.settings(tmp_path)
    with pytest.raises(RigtalkError, match="recognise is 'maybe': give true or false"):
        parsed(recognise="maybe")
    with pytest.raises(RigtalkError, match="script is empty"):
        parsed(script=" ")
    with pytest.raises(RigtalkError, match=r"texts: holds no script for b.wav"):
        parse_line("r", {"audio": "b.wav", "script": "texts"}, base=tmp_path, out=tmp_path)
