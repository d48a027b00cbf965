"""Folders of takes: what belongs together, in which mood, in which file format."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from rigtalk.core.files import write_performance
from rigtalk.core.performance import Performance
from rigtalk.rigs import control_set
from rigtalk.rigs.errors import RigtalkError
from rigtalk.training.finetune.captures import CaptureFiles, find_captures, read_capture

ARKIT = control_set("arkit")


def sound(path: Path, seconds: float = 0.5) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, np.zeros(round(seconds * 16000)), 16000)
    return path


def curves(path: Path, *, fps: float = 30.0, rig: str = "arkit", rows: int = 20) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    controls = control_set(rig)
    values = np.linspace(0, 0.5, rows, dtype=np.float32)[:, None] * (controls.highs <= 1)
    write_performance(path, Performance(values, fps, controls))
    return path


def test_recordings_and_curves_of_one_name_are_takes(tmp_path: Path) -> None:
    sound(tmp_path / "a.wav")
    curves(tmp_path / "a.csv")
    sound(tmp_path / "monday" / "late" / "b.flac")
    curves(tmp_path / "monday" / "late" / "b.npz", rig="metahuman")
    sound(tmp_path / "lonely.wav")
    curves(tmp_path / "mute.csv")
    curves(tmp_path / "a_raw.csv")  # Live Link Face leaves these two beside each take
    curves(tmp_path / "a_neutral.csv")
    sound(tmp_path / "twice.wav")
    curves(tmp_path / "twice.csv")
    curves(tmp_path / "twice.json")
    (tmp_path / "notes.txt").write_text("none")
    takes, complaints = find_captures(tmp_path)
    assert [take.name for take in takes] == ["a", "monday/late/b"]
    assert sorted(line.partition(":")[0] for line in complaints) == ["lonely", "mute", "twice"]


def test_moods_come_from_files_or_names(tmp_path: Path) -> None:
    for name in ("one", "two_anger", "three-sadness40", "deep/four", "deep/five"):
        sound(tmp_path / f"{name}.wav")
        curves(tmp_path / f"{name}.csv")
    (tmp_path / "emotions.toml").write_text(
        'one = "joy=0.7,surprise=0.2"\ntwo_anger = {fear = 0.5}\nsix = "joy"\n'
    )
    (tmp_path / "deep" / "emotions.csv").write_text("take,emotion\nfour,disgust=0.3\n")
    takes, complaints = find_captures(tmp_path)
    assert {take.name: dict(take.emotions) for take in takes} == {
        "deep/five": {},
        "deep/four": {"disgust": 0.3},
        "one": {"joy": 0.7, "surprise": 0.2},
        "three-sadness40": {"sadness": 0.4},
        "two_anger": {"fear": 0.5},  # the file has the last word
    }
    assert complaints == ["six: has an emotion, but there is no such take; mind the spelling"]


@pytest.mark.parametrize("mood", ['one = "bliss"', 'one = "joy=2"', "one = [1]", "one = "])
def test_moods_that_make_no_sense_are_named(tmp_path: Path, mood: str) -> None:
    sound(tmp_path / "one.wav")
    curves(tmp_path / "one.csv")
    (tmp_path / "emotions.toml").write_text(mood)
    with pytest.raises(RigtalkError, match=r"emotions\.toml"):
        find_captures(tmp_path)


def test_a_folder_without_takes_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RigtalkError, match="no such folder"):
        find_captures(tmp_path / "none")
    sound(tmp_path / "a.wav")
    with pytest.raises(RigtalkError, match="no take in it"):
        find_captures(tmp_path)


@pytest.mark.parametrize("suffix", ["csv", "json", "npz"])
@pytest.mark.parametrize("rig", ["arkit", "metahuman"])
@pytest.mark.parametrize("fps", [30.0, 60.0, 30000 / 1001, 60000 / 1001])
def test_every_format_is_read_at_every_rate(
    tmp_path: Path, suffix: str, rig: str, fps: float
) -> None:
    audio = sound(tmp_path / "a.wav")
    file = curves(tmp_path / f"a.{suffix}", fps=fps, rig=rig)
    capture = read_capture(CaptureFiles("a", audio, file))
    assert capture.controls.name == rig
    assert capture.given.all()
    # Timecode holds thousandths of a 60th of a second.
    np.testing.assert_allclose(capture.times, np.arange(20) / fps, atol=2e-5)
    np.testing.assert_allclose(capture.values[:, 17], np.linspace(0, 0.5, 20), atol=1e-6)


def test_columns_may_be_missing_and_rows_dropped(tmp_path: Path) -> None:
    audio, file = sound(tmp_path / "a.wav"), tmp_path / "a.csv"
    stamps = [(i // 30, 2 * (i % 30)) for i in range(90) if i not in (4, 5)]
    rows = [f"10:00:{second:02d}:{frame:02d}.000,2,0.25,0.5" for second, frame in stamps]
    file.write_text("Timecode,BlendShapeCount,JawOpen,MouthFunnel\n" + "\n".join(rows) + "\n")
    capture = read_capture(CaptureFiles("a", audio, file))
    named = {ARKIT.names[i] for i in np.flatnonzero(capture.given)}
    assert named == {"jawOpen", "mouthFunnel"}
    assert np.diff(capture.times).max() == pytest.approx(3 / 30)


def test_curves_for_a_board_are_refused(tmp_path: Path) -> None:
    audio = sound(tmp_path / "a.wav")
    file = curves(tmp_path / "a.npz", rig="metahuman-board")
    with pytest.raises(RigtalkError, match="captures must be Live Link Face"):
        read_capture(CaptureFiles("a", audio, file))
