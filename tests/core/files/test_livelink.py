from pathlib import Path

import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.files import read_livelink, read_performance, write_livelink, write_performance
from rigtalk.core.files.decimals import decimal_rows
from rigtalk.core.performance import Performance
from rigtalk.rigs import control_set

ARKIT = control_set("arkit")
HEADER = "Timecode,BlendShapeCount,JawOpen,EyeBlinkLeft\n"


def written(tmp_path: Path, rows: str, header: str = HEADER) -> Path:
    path = tmp_path / "take.csv"
    path.write_text(header + rows)
    return path


@pytest.fixture
def recording(shared_data: Path) -> Path:
    return shared_data / "captures" / "livelink_alex_rom_3.csv"


def test_a_real_recording_comes_back_to_the_byte(recording: Path, tmp_path: Path):
    take = read_livelink(recording)
    assert take.values.shape == (1999, 61)
    assert take.rate == 60
    write_livelink(tmp_path / "copy.csv", take)
    assert (tmp_path / "copy.csv").read_bytes() == recording.read_bytes()


def test_a_real_recording_as_curves(recording: Path, tmp_path: Path):
    take = read_livelink(recording)
    performance = take.performance()
    assert performance.fps == pytest.approx(30, rel=2e-4)
    assert len(performance) == 2000  # the phone dropped one frame
    assert performance.start == 13 * 3600 + 13 * 60 + 4 + 31.652 / 60
    gap = int(np.argmax(np.diff(take.ticks)))
    np.testing.assert_array_equal(performance.values[: gap + 1], take.values[: gap + 1])
    np.testing.assert_array_equal(performance.values[gap + 2 :], take.values[gap + 1 :])
    middle = (take.values[gap] + take.values[gap + 1]) / 2
    np.testing.assert_allclose(performance.values[gap + 1], middle, atol=1e-6)
    # Times of rows and frames agree to a tenth of a frame of the phone's unsteady clock.
    assert abs(performance.times[-1] - take.times[-1]) < 1e-6
    write_performance(tmp_path / "again.csv", performance)
    again = read_performance(tmp_path / "again.csv")
    np.testing.assert_allclose(again.values, performance.values, atol=1e-9)
    assert again.fps == pytest.approx(performance.fps, rel=1e-6)


@pytest.mark.parametrize("fps", [23.976, 24, 25, 30000 / 1001, 30, 48, 60, 120])
@pytest.mark.parametrize("rig", ["arkit", "metahuman", "metahuman-board"])
def test_every_rate_and_rig(tmp_path: Path, fps: float, rig: str):
    controls = control_set(rig)
    rng = np.random.default_rng(0)
    values = controls.lows + (controls.highs - controls.lows) * rng.random((90, len(controls)))
    given = Performance(values, fps, controls, 1.5)
    write_performance(tmp_path / "a.csv", given)
    back = read_performance(tmp_path / "a.csv")
    assert back.controls is controls
    assert back.fps == pytest.approx(fps, rel=1e-4)
    assert back.start == pytest.approx(1.5, abs=1e-5)
    np.testing.assert_allclose(back.values, given.values, atol=1e-7)


def test_the_shape_of_the_file(tmp_path: Path):
    values = np.zeros((3, 61), dtype=np.float32)
    values[1, ARKIT.index("jawOpen")] = 0.25
    values[1, ARKIT.index("headYaw")] = -0.5
    write_performance(tmp_path / "a.csv", Performance(values, 24, ARKIT, 3661.0))
    lines = (tmp_path / "a.csv").read_text().split("\n")
    header = lines[0].split(",")
    assert header[:3] == ["Timecode", "BlendShapeCount", "EyeBlinkLeft"]
    assert header[-1] == "RightEyeRoll"
    row = lines[2].split(",")
    assert row[:2] == ["01:01:01:02.500", "61"]  # 24 fps in timecode of 60
    assert row[header.index("JawOpen")] == "0.2500000000"
    assert row[header.index("HeadYaw")] == "-0.5000000000"
    assert lines[4:] == [""]


def test_fast_text_matches_printf():
    rng = np.random.default_rng(0)
    values = (rng.random((300, 40)) * 2 - 1).astype(np.float32) ** 3
    values[0, :6] = [0, 1, -1, 1e-11, 2.5e-10, 9.98]
    slow = [
        ",".join(["", *(f"{v:.10f}" for v in row)])
        .replace("-0.0000000000", "0.0000000000")
        .encode()
        for row in values.tolist()
    ]
    assert decimal_rows(values) == slow
    large = np.full((2, 3), 123.25, dtype=np.float32)
    assert decimal_rows(large)[0] == b",123.2500000000" * 3


def test_columns_in_any_order_and_number(tmp_path: Path):
    path = written(tmp_path, "00:00:00:00.000,2,0.5,0.25\n00:00:00:02.000,2,0.6,0.35\n")
    performance = read_performance(path)
    assert performance.controls is ARKIT
    np.testing.assert_allclose(performance.curve("jawOpen"), [0.5, 0.6])
    np.testing.assert_allclose(performance.curve("eyeBlinkLeft"), [0.25, 0.35])
    assert not performance.curve("mouthSmileLeft").any()
    assert performance.fps == 30


@pytest.mark.parametrize(("rate", "frames"), [(24, 24), (25, 25), (30, 30), (60, 60)])
def test_timecode_rates_are_told_apart(tmp_path: Path, rate: int, frames: int):
    rows = [f"00:00:{i // rate:02d}:{i % rate:02d}.000,2,0.1,0.2\n" for i in range(3 * rate)]
    performance = read_performance(written(tmp_path, "".join(rows)))
    assert performance.fps == frames
    assert len(performance) == 3 * rate


def test_over_midnight(tmp_path: Path):
    path = written(
        tmp_path, "23:59:59:58.000,2,0,0\n00:00:00:00.000,2,0,0\n00:00:00:02.000,2,0,0\n"
    )
    assert read_performance(path).fps == 30


def test_rows_without_a_face_are_filled(tmp_path: Path):
    rows = [f"00:00:00:{i:02d}.000,2,{i / 100:.3f},0\n" for i in range(10)]
    rows[4] = "00:00:00:04.000,0,,\n"
    performance = read_performance(written(tmp_path, "".join(rows)))
    np.testing.assert_allclose(performance.curve("jawOpen"), np.arange(10) / 100, atol=1e-6)


def test_one_frame(tmp_path: Path):
    performance = read_performance(written(tmp_path, "00:00:01:00.000,2,0.5,0\n"))
    assert len(performance) == 1
    assert performance.start == 1.0


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        ("", "no frame"),
        ("00:00:00:00.000,2,0.5\n", "line 2 has 3 cells, the header has 4"),
        ("00:00:00:00.000,2,0.5,x\n", "line 2: 'x' is not a number"),
        ("00:00:00:00.000,2,0.5,nan\n", "line 2: 'nan' is no value"),
        ("00:00:00:00.000,2,0.5,inf\n", "line 2: 'inf' is no value"),
        ("half past one,2,0.5,0\n", "line 2: 'half past one' is no timecode"),
        ("00:00:00:00.000,2,0,0\n00:00:00:00.000,2,0,0\n", "line 3: the timecode does not rise"),
        ("00:00:00:500.000,2,0,0\n", "more than 120 frames"),
    ],
)
def test_bad_rows(tmp_path: Path, rows: str, complaint: str):
    with pytest.raises(RigtalkError, match=complaint):
        read_performance(written(tmp_path, rows))


@pytest.mark.parametrize(
    ("header", "complaint"),
    [
        ("a,b\n", "not a Live Link Face CSV"),
        ("Timecode,BlendShapeCount,JawOpen,Nostril\n", "unknown column 'Nostril'"),
        ("Timecode,BlendShapeCount,JawOpen,jawopen\n", "'JawOpen' comes twice"),
    ],
)
def test_bad_headers(tmp_path: Path, header: str, complaint: str):
    with pytest.raises(RigtalkError, match=complaint):
        read_performance(written(tmp_path, "00:00:00:00.000,2,0,0\n", header))


def test_binary(tmp_path: Path):
    (tmp_path / "b.csv").write_bytes(bytes(range(256)))
    with pytest.raises(RigtalkError, match="not a text file"):
        read_performance(tmp_path / "b.csv")
