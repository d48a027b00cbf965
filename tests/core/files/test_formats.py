import errno
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.files import CURVE_SUFFIXES, read_performance, write_performance
from rigtalk.core.performance import Performance
from rigtalk.rigs import control_set

ARKIT = control_set("arkit")


def curves(frames: int = 50, rig: str = "arkit", start: float = 0.25) -> Performance:
    controls = control_set(rig)
    rng = np.random.default_rng(0)
    values = controls.lows + (controls.highs - controls.lows) * rng.random((frames, len(controls)))
    return Performance(values, 60, controls, start)


@pytest.mark.parametrize("suffix", CURVE_SUFFIXES)
@pytest.mark.parametrize("rig", ["arkit", "metahuman", "metahuman-board"])
def test_there_and_back(tmp_path: Path, suffix: str, rig: str):
    given = curves(rig=rig)
    path = tmp_path / f"a{suffix}"
    assert write_performance(path, given) == 50
    back = read_performance(path)
    assert back.controls is given.controls
    assert back.fps == 60
    assert back.start == pytest.approx(0.25, abs=1e-5)
    np.testing.assert_allclose(back.values, given.values, atol=1e-6)


@pytest.mark.parametrize("suffix", CURVE_SUFFIXES)
def test_parts_give_the_file_of_the_whole(tmp_path: Path, suffix: str):
    given = curves(start=0.0)
    whole, parts = tmp_path / f"whole{suffix}", tmp_path / f"parts{suffix.upper()}"
    write_performance(whole, given)
    cuts = (given.between(a, a + 0.21) for a in np.arange(0, 0.83, 0.21))
    assert write_performance(parts, cuts) == 50
    assert whole.read_bytes() == parts.read_bytes()


@pytest.mark.parametrize("suffix", CURVE_SUFFIXES)
def test_a_fault_on_the_way_leaves_nothing(tmp_path: Path, suffix: str):
    path = tmp_path / f"a{suffix}"
    path.write_text("what was there before")

    def broken() -> Iterator[Performance]:
        yield curves()
        raise RigtalkError("the recording is truncated")

    with pytest.raises(RigtalkError, match="truncated"):
        write_performance(path, broken())
    assert path.read_text() == "what was there before"
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(RigtalkError, match="no curves to write"):
        write_performance(path, iter(()))
    assert list(tmp_path.iterdir()) == [path]


class FullDisk:
    """A file on a disk that fills up after some bytes."""

    def __init__(self, file, room: int) -> None:
        self._file, self._room = file, room

    def write(self, data) -> int:
        self._room -= len(data)
        if self._room < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return self._file.write(data)

    def __enter__(self) -> "FullDisk":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __getattr__(self, name: str):
        return getattr(self._file, name)


@pytest.mark.parametrize("suffix", CURVE_SUFFIXES)
@pytest.mark.parametrize("room", [0, 3000])
def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str, room: int):
    real = Path.open

    def opened(self: Path, mode: str = "r", *args, **options):
        file = real(self, mode, *args, **options)
        return FullDisk(file, room) if "w" in mode else file

    monkeypatch.setattr(Path, "open", opened)
    with pytest.raises(RigtalkError, match="No space left on device") as error:
        write_performance(tmp_path / f"a{suffix}", curves(500))
    assert "\n" not in str(error.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is of Linux")
@pytest.mark.parametrize("suffix", [".csv", ".json"])
def test_a_disk_that_is_full_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
):
    # Small files reach the disk when they are closed.
    real = Path.open

    def opened(self: Path, mode: str = "r", *args, **options):
        if "w" in mode:
            real(self, mode).close()
            return real(Path("/dev/full"), mode)
        return real(self, mode, *args, **options)

    monkeypatch.setattr(Path, "open", opened)
    with pytest.raises(RigtalkError, match="No space left on device"):
        write_performance(tmp_path / f"a{suffix}", curves(1))
    assert list(tmp_path.iterdir()) == []


def test_places_that_cannot_be_written(tmp_path: Path):
    with pytest.raises(RigtalkError, match=r"cannot be written \(No such file or directory\)"):
        write_performance(tmp_path / "none" / "a.csv", curves())
    (tmp_path / "d.csv").mkdir()
    with pytest.raises(RigtalkError, match="is a folder"):
        write_performance(tmp_path / "d.csv", curves())
    with pytest.raises(RigtalkError, match=r"unknown format '.xls'.*\.csv, \.json, \.npz"):
        write_performance(tmp_path / "a.xls", curves())


@pytest.mark.parametrize("suffix", CURVE_SUFFIXES)
def test_places_that_cannot_be_read(tmp_path: Path, suffix: str):
    with pytest.raises(RigtalkError, match="no such file"):
        read_performance(tmp_path / f"none{suffix}")
    (tmp_path / f"d{suffix}").mkdir()
    with pytest.raises(RigtalkError, match="is a folder"):
        read_performance(tmp_path / f"d{suffix}")
    (tmp_path / f"e{suffix}").touch()
    with pytest.raises(RigtalkError, match=f"e{suffix}"):
        read_performance(tmp_path / f"e{suffix}")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"format": "other"}, "not curves of rigtalk"),
        ({"version": 2}, "version 2 of the format; this rigtalk reads 1"),
        ({"control_set": "toon"}, "unknown control set 'toon'"),
        ({"control_set_version": 7}, "version 7 of the control set"),
        ({"names": ["jawOpen"]}, "columns are not those"),
        ({"names": None}, "wrong type"),
        ({"fps": 0}, "fps is 0"),
        ({"fps": "fast"}, "wrong type"),
        ({"start": None}, "wrong type"),
        ({"values": [[0.0] * 61, [0.0] * 60]}, "frame 1 has 60 values, not 61"),
        ({"values": [["a"] * 61]}, "wrong type"),
        ({"values": [[float("nan")] * 61]}, "not a number at frame 0"),
    ],
)
def test_bad_json(tmp_path: Path, changes: dict, complaint: str):
    path = tmp_path / "a.json"
    write_performance(path, curves(2))
    data = json.loads(path.read_text()) | changes
    path.write_text(json.dumps(data))
    with pytest.raises(RigtalkError, match=complaint):
        read_performance(path)


@pytest.mark.parametrize("key", ["fps", "start", "names", "values", "control_set"])
def test_json_with_a_hole(tmp_path: Path, key: str):
    path = tmp_path / "a.json"
    write_performance(path, curves(2))
    data = json.loads(path.read_text())
    del data[key]
    path.write_text(json.dumps(data))
    with pytest.raises(RigtalkError, match=f"'{key}' is missing"):
        read_performance(path)


@pytest.mark.parametrize("text", ["{", "[]", "3", "[" * 100000])
def test_what_is_no_json(tmp_path: Path, text: str):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(RigtalkError, match="JSON"):
        read_performance(tmp_path / "a.json")


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"format": "other"}, "not curves of rigtalk"),
        ({"version": 2}, "version 2 of the format"),
        ({"control_set_version": 7}, "version 7 of the control set"),
        ({"fps": None}, "'fps' is missing"),
        ({"values": np.zeros((2, 3))}, r"\(frames, 61\)"),
        ({"names": np.array(["a"])}, "columns are not those"),
    ],
)
def test_bad_npz(tmp_path: Path, changes: dict, complaint: str):
    path = tmp_path / "a.npz"
    write_performance(path, curves(2))
    with np.load(path, allow_pickle=False) as arrays:
        data = {name: arrays[name] for name in arrays.files} | changes
    np.savez(path, **{name: value for name, value in data.items() if value is not None})
    with pytest.raises(RigtalkError, match=complaint):
        read_performance(path)


def test_npz_never_unpickles(tmp_path: Path):
    path = tmp_path / "a.npz"
    np.savez(path, format=np.array([{"a": 1}], dtype=object))
    with pytest.raises(RigtalkError, match="not an NPZ with curves, or damaged"):
        read_performance(path)


def test_npz_cut_short(tmp_path: Path):
    path = tmp_path / "a.npz"
    write_performance(path, curves())
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(RigtalkError, match="not an NPZ with curves, or damaged"):
        read_performance(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("format.npy", b"no array")
    with pytest.raises(RigtalkError, match="not curves of rigtalk"):
        read_performance(path)
