"""``rigtalk train --from … --captures …`` from end to end, on a made-up face."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from rigtalk.core.files import write_performance
from rigtalk.core.network import load_network
from rigtalk.core.performance import Performance
from rigtalk.rigs import control_set
from rigtalk.rigs.errors import RigtalkError
from rigtalk.training import cli
from rigtalk.training.finetune.captures import Capture


@pytest.fixture
def folder(tmp_path: Path, made_up: Capture) -> Path:
    """A good take, and one without sound."""
    place = tmp_path / "takes"
    write(place / "line", made_up)
    write(place / "deep" / "mute", replace(made_up, samples=np.zeros_like(made_up.samples)))
    return place


def write(stem: Path, capture: Capture) -> None:
    stem.parent.mkdir(parents=True, exist_ok=True)
    performance = Performance(capture.values, 50.0, control_set("arkit"))
    write_performance(stem.with_suffix(".csv"), performance)
    soundfile.write(stem.with_suffix(".flac"), capture.samples, 16000)


def test_looking_over_says_what_is_wrong(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(folder.rglob("*"))
    assert cli.main(["--captures", str(folder), "--check"]) == 2
    said = capsys.readouterr().out
    assert "refused: deep/mute: 0.0 s of speech; is it the right recording?" in said
    assert "line: " in said
    assert sorted(folder.rglob("*")) == before
    (folder / "deep" / "mute.csv").unlink()
    (folder / "deep" / "mute.flac").unlink()
    assert cli.main(["--captures", str(folder), "--check"]) == 0


@pytest.mark.filterwarnings("ignore")  # torch's exporter warns of its own folding
def test_an_actor_and_a_report_are_written(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "new" / "mine.onnx"
    words = ["--captures", str(folder), "--measure", str(folder), "--onnx", str(path)]
    assert cli.main([*words, "--steps", "10"]) == 0
    assert sorted(p.name for p in path.parent.iterdir()) == ["mine.json", "mine.onnx"]
    report = json.loads(path.with_suffix(".json").read_text())
    assert list(report["takes"]) == ["line"]
    assert report["measured"]["takes"] == ["line"]
    before, after = report["measured"]["before"], report["measured"]["after"]
    assert after["jaw_mm"] < before["jaw_mm"]
    assert after["gap_mm"] < 0.8 * before["gap_mm"]
    assert report["emotions"]["all"]["r"] > 0.9
    said = capsys.readouterr().out
    assert "lip gap" in said
    assert "emotions, what each does" in said
    load_network(path, threads=1)


def test_nothing_is_written_when_nothing_can_be_learnt(folder: Path, tmp_path: Path) -> None:
    (folder / "line.csv").unlink()
    with pytest.raises(RigtalkError, match="no take that can be learnt from"):
        cli.main(["--captures", str(folder), "--onnx", str(tmp_path / "mine.onnx")])
    assert not list(tmp_path.glob("*.onnx"))


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--from", "actor.onnx"], "--from needs --captures"),
        (["--captures", "none"], "none: no such folder"),
        (["--from", "none.onnx", "--captures", "."], "none.onnx: no such actor"),
        (["--captures", ".", "--minutes", "0"], "--minutes is 0: it must be above 0"),
        (["--captures", ".", "--steps", "0"], "--steps is 0: it must be at least 1"),
        (["--captures", ".", "--seed", "-1"], "--seed is -1"),
        (["--captures", ".", "--longest-lag", "0"], "--longest-lag is 0"),
        (["actor", "--captures", "."], "unrecognized arguments: actor"),
    ],
)
def test_bad_words_get_one_line(
    words: list[str], complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RigtalkError) as caught:
        cli.main(words)
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)
