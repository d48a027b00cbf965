import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from rigtalk.core.files import write_performance
from rigtalk.core.performance import frame_count
from rigtalk.core.pictures import read_picture
from rigtalk.core.splat import renderer
from rigtalk.core.splat.correctives import Correctives
from rigtalk.core.splat.files.formats import write_splats

from ..conftest import random_attention

av = pytest.importorskip("av", reason="needs PyAV: the extra 'video'")
SIZE = ("--size", "120x112")


@pytest.fixture
def short(line: Path, tmp_path: Path) -> Path:
    """A second and a half of the embedded line."""
    samples, rate = soundfile.read(line)
    path = tmp_path / "short.wav"
    soundfile.write(path, samples[: int(1.5 * rate)], rate)
    return path


@pytest.fixture
def jaw(tmp_path: Path, make_curves) -> Path:
    """The jaw opens, and shuts again."""
    path = tmp_path / "jaw.npz"
    write_performance(path, make_curves(jawOpen=[0.0, 0.5, 1.0, 0.5, 0.0, 0.0]))
    return path


def decoded(path: Path) -> tuple[np.ndarray, float, np.ndarray, int]:
    """Frames, frames a second, samples (channels, n) and their rate."""
    with av.open(str(path)) as container:
        rate = float(container.streams.video[0].average_rate)
        assert container.streams.video[0].codec_context.name == "h264"
        frames = [f.to_ndarray(format="rgb24") for f in container.decode(video=0)]
    with av.open(str(path)) as container:
        if not container.streams.audio:
            return np.stack(frames), rate, np.zeros((1, 0)), 1
        sound = [frame.to_ndarray() for frame in container.decode(audio=0)]
        return (
            np.stack(frames),
            rate,
            np.concatenate(sound, axis=1),
            container.streams.audio[0].rate,
        )


def test_a_recording_becomes_a_video_that_speaks(
    run, head_file: Path, short: Path, tiny_path: Path, tmp_path: Path
):
    out = tmp_path / "line.mp4"
    words = ["render", head_file, short, "-o", out, *SIZE, "--fps", "12", "--actor", tiny_path]
    status, told, _ = run(*words, "--strength", "blinks=0,gaze=0,head=0")
    assert (status, told) == (0, [str(out)])
    frames, rate, sound, sound_rate = decoded(out)
    assert rate == 12
    assert frames.shape == (frame_count(1.5, 12), 112, 120, 3)
    samples, original_rate = soundfile.read(short)
    assert sound_rate == original_rate
    # AAC comes in blocks of 1024.
    assert sound.shape[1] == pytest.approx(len(samples), abs=1100)
    count = min(len(samples), sound.shape[1])
    assert np.corrcoef(samples[:count], sound[0, :count])[0, 1] > 0.95
    # The mouth moves more than the crown, which is not spoken with.
    change = frames.astype(float).std(axis=0).mean(axis=2)
    assert change[55:80, 45:75].max() > 10
    assert change[:22].max() < 5
    assert sorted(path.name for path in tmp_path.iterdir()) == ["line.mp4", "short.wav"]


def test_curves_move_the_jaw_and_the_sound_is_optional(
    run, head_file: Path, jaw: Path, short: Path, tmp_path: Path
):
    silent, spoken = tmp_path / "silent.mp4", tmp_path / "spoken.mp4"
    assert run("render", head_file, jaw, "-o", silent, *SIZE)[0] == 0
    frames, rate, sound, _ = decoded(silent)
    assert (len(frames), rate, sound.shape[1]) == (6, 30, 0)
    open_jaw = np.abs(frames[2].astype(int) - frames[5]).max()
    assert open_jaw > 60
    assert np.abs(frames[0].astype(int) - frames[4]).max() < 0.3 * open_jaw
    assert run("render", head_file, jaw, "-o", spoken, *SIZE, "--audio", short)[0] == 0
    _, _, sound, sound_rate = decoded(spoken)
    assert sound.shape[1] / sound_rate == pytest.approx(6 / 30, abs=0.05)  # not longer than it


def test_pictures_have_alpha(run, head_file: Path, jaw: Path, tmp_path: Path):
    out = tmp_path / "pictures"
    words = ["render", head_file, jaw, "-o", out, *SIZE, "--frames", "2:3"]
    assert run(*words) == (0, [str(out)], [])
    assert sorted(path.name for path in out.iterdir()) == ["jaw.0002.png", "jaw.0003.png"]
    picture = read_picture(out / "jaw.0003.png")
    assert picture.shape == (112, 120, 4)
    assert picture[0, 0, 3] == 0
    assert picture[56, 60, 3] > 0.98
    status, _, notes = run(*words[:-1], "3:3")
    assert status == 0
    assert "earlier run, such as jaw.0002.png" in notes[0]


def test_sixteen_bits_and_a_background(run, head_file: Path, jaw: Path, tmp_path: Path):
    words = ["render", head_file, jaw, *SIZE, "--frames", ":1"]
    fine, flat = tmp_path / "fine", tmp_path / "flat"
    assert run(*words, "-o", fine, "--bits", "16")[0] == 0
    assert (fine / "jaw.0001.png").read_bytes()[24] == 16
    assert run(*words, "-o", flat, "--background", "#204080")[0] == 0
    picture = read_picture(flat / "jaw.0001.png")
    np.testing.assert_allclose(picture[0, 0], [32 / 255, 64 / 255, 128 / 255, 1])
    clear = read_picture(fine / "jaw.0001.png")
    over = clear[..., :3] * clear[..., 3:] + (1 - clear[..., 3:]) * picture[0, 0, :3]
    assert np.abs(over - picture[..., :3]).max() < 3 / 255


def test_turning_the_head_is_walking_around_it(run, head_file: Path, tmp_path: Path, make_curves):
    """To its right by some radians looks as from its left by as many."""
    turned, still = tmp_path / "turned.npz", tmp_path / "still.npz"
    write_performance(turned, make_curves(headYaw=[np.radians(20.0)]))
    write_performance(still, make_curves(headYaw=[0.0]))
    a, b = tmp_path / "a", tmp_path / "b"
    assert run("render", head_file, turned, "-o", a, *SIZE)[0] == 0
    assert run("render", head_file, still, "-o", b, *SIZE, "--camera", "20")[0] == 0
    one, two = read_picture(a / "turned.0001.png"), read_picture(b / "still.0001.png")
    assert np.abs(one - two).max() < 2.5 / 255
    assert run("render", head_file, still, "-o", b, *SIZE)[0] == 0
    assert np.abs(one - read_picture(b / "still.0001.png")).max() > 0.3


def test_the_slow_way_says_so_and_draws_the_same(run, head_file: Path, jaw: Path, tmp_path: Path):
    small = ["--size", "48x48", "--frames", "3:3"]
    a, b = tmp_path / "a", tmp_path / "b"
    status, _, notes = run("render", head_file, jaw, "-o", a, *small, "--backend", "numpy")
    assert status == 0
    assert notes[0].startswith("rigtalk: note: drawing with numpy, the slow way: ")
    assert run("render", head_file, jaw, "-o", b, *small)[0] == 0
    one, two = (read_picture(place / "jaw.0003.png") for place in (a, b))
    assert np.abs(one[..., 3] - two[..., 3]).max() <= 2.01 / 255


def test_a_missing_library_is_told_with_its_reason(
    run, head_file: Path, jaw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(renderer, "library_path", lambda name: tmp_path / "none.so")
    words = ["render", head_file, jaw, "-o", tmp_path / "out", "--size", "32x32"]
    status, _, notes = run(*words, "--frames", "1:1")
    assert status == 0
    assert "cpu: not built: run `python build.py native`" in notes[0]
    assert "not built" in run(*words, "--backend", "cpu")[2][0]


def test_inside_the_head(run, head_file: Path, jaw: Path, tmp_path: Path):
    words = ["render", head_file, jaw, "-o", tmp_path / "out", *SIZE, "--frames", "1:1"]
    status, _, notes = run(*words, "--camera", "0,0,0.01,90")
    assert status == 0
    assert notes == ["rigtalk: note: the camera is inside the head"]
    assert run(*words, "--camera", "0,0,1,90")[2] == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--size", "121x112"], "H.264 needs even numbers, such as 122x112"),
        (["--size", "0x112"], "--size 0x112: a picture has 1 to 16384 pixels"),
        (["--size", "20000x20000"], "a picture has 1 to 16384"),
        (["--size", "10000x100"], "a video of 10000x100 cannot be"),
        (["--size", "big"], "--size 'big' is not understood"),
        (["--fps", "0"], "fps is 0"),
        (["--fps", "fast"], "fps is 'fast'"),
        (["--camera", "1,2,3,4,5"], "YAW,PITCH,DISTANCE,FOV, not more"),
        (["--camera", "left"], "'left' is no number"),
        (["--camera", "0,120"], "pitch is 120"),
        (["--camera", "0,0,-1"], "distance is -1"),
        (["--camera", "0,0,0,180"], "field of view is 180"),
        (["--camera", "nan"], "not finite"),
        (["--background", "mauve"], "--background 'mauve' is not understood"),
        (["--background", "transparent"], "a video has no transparency"),
        (["--frames", "7:9"], "there are frames 1 to 6"),
        (["--frames", "3:2"], "there are frames 1 to 6"),
        (["--frames", "3"], "write FIRST:LAST"),
        (["--threads", "-1"], "--threads is -1"),
        (["--emotion", "joy"], "are for a recording"),
        (["--audio", "none.wav"], "none.wav: no such file"),
        (["--bits", "12"], "invalid choice"),
        (["--backend", "vulkan"], "invalid choice"),
    ],
)
def test_what_is_not_understood(
    complaint, head_file: Path, jaw: Path, tmp_path: Path, words: list[str], message: str
):
    assert message in complaint("render", head_file, jaw, "-o", tmp_path / "out.mp4", *words)
    assert [path.name for path in tmp_path.iterdir()] == ["jaw.npz"]


@pytest.mark.parametrize(
    ("out", "message"),
    [
        ("out.webm", "name a .mp4, or a folder for PNGs"),
        ("none/out.mp4", "does not exist"),
        ("none/out", "does not exist"),
    ],
)
def test_places_that_cannot_be(
    complaint, head_file: Path, jaw: Path, tmp_path: Path, out: str, message: str
):
    assert message in complaint("render", head_file, jaw, "-o", tmp_path / out)


def test_correctives_and_attention_are_drawn(run, write, head, jaw, short, tmp_path):
    """Gaussians that shut out the light as the jaw opens, and others as it sounds."""
    mix = np.zeros((len(head.shape_names), 1))
    mix[head.shape_names.index("jawOpen")] = 1
    mixed = Correctives.of_dense(mix, {"opacity_logits": np.full((1, len(head)), -9)})
    everyone = np.arange(len(head))
    heard = random_attention(
        everyone, channels=("opacity_logits",), shapes=len(head.shape_names), size=0.01
    )
    heard = replace(heard, arrays={**heard.arrays, "output_bias": np.full(1, -9.0)})
    words = ["-o", tmp_path / "out", *SIZE, "--frames", "3:3"]

    def solid(*more: object, **parts: object) -> tuple[float, list[str]]:
        status, _, notes = run("render", write(head, **parts), jaw, *words, *more)
        assert status == 0
        return read_picture(tmp_path / "out" / "jaw.0003.png")[40:70, 50:70, 3].mean(), notes

    assert solid()[0] > 0.95
    assert solid(correctives=mixed)[0] < 0.5
    assert solid("--audio", short, attention=heard)[0] < 0.5
    opacity, notes = solid(attention=heard)
    assert opacity > 0.95
    assert notes == ["rigtalk: note: the head also moves by the sound: give it with --audio"]


def test_bad_heads_and_curves(complaint, head, head_file, jaw, write, tmp_path, cloud):
    out = ("-o", tmp_path / "out.mp4")
    assert "no such file" in complaint("render", tmp_path / "none.splathead", jaw, *out)
    foreign = tmp_path / "foreign.splathead"
    foreign.write_bytes(b"something else" * 100)
    assert "not a head of Gaussians" in complaint("render", foreign, jaw, *out)
    cut = tmp_path / "cut.splathead"
    cut.write_bytes(head_file.read_bytes()[:5000])
    assert "truncated" in complaint("render", cut, jaw, *out)
    scan = tmp_path / "scan.ply"
    write_splats(scan, cloud(10))
    assert "bind them first" in complaint("render", scan, jaw, *out)
    stiff = write(head, shape_names=(), shape_deltas=None)
    assert "has no shapes, so curves cannot move it" in complaint("render", stiff, jaw, *out)
    other = write(head, facts={"rig": "oculus"})
    assert "none of its 52 shapes is a control of 'oculus'" in complaint("render", other, jaw, *out)
    unknown = write(head, facts={"rig": "klingon"})
    assert "the rig 'klingon', which" in complaint("render", unknown, jaw, *out)
    lost = write(head, facts={"front": "[0, 0, 1]"})
    assert "its front is up" in complaint("render", lost, jaw, *out)
    odd = write(head, facts={"front": "north"})
    assert "'front' is 'north', not a list" in complaint("render", odd, jaw, *out)
    bad = tmp_path / "bad.csv"
    bad.write_text("a,b\n1,2\n")
    assert str(bad) in complaint("render", head_file, bad, *out)
    assert "no such file" in complaint("render", head_file, tmp_path / "none.wav", *out)
    assert not (tmp_path / "out.mp4").exists()


def test_without_pyav(complaint, run, head_file, jaw, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    message = complaint("render", head_file, jaw, "-o", tmp_path / "out.mp4")
    assert 'pip install "rigtalk[video]"' in message
    assert "a folder of PNGs" in message
    words = ["render", head_file, jaw, "-o", tmp_path / "out", "--frames", "1:1", *SIZE]
    assert run(*words)[0] == 0
    assert (tmp_path / "out" / "jaw.0001.png").is_file()


def test_an_interrupted_video_leaves_nothing(run, head_file, jaw, tmp_path, monkeypatch):
    drawn = renderer.Renderer.draw_rgba

    def third(self, *words, **options):
        third.times += 1
        if third.times == 3:
            raise KeyboardInterrupt
        return drawn(self, *words, **options)

    third.times = 0
    monkeypatch.setattr(renderer.Renderer, "draw_rgba", third)
    status, told, complaints = run("render", head_file, jaw, "-o", tmp_path / "out.mp4", *SIZE)
    assert (status, told, complaints) == (130, [], ["rigtalk: error: interrupted"])
    assert [path.name for path in tmp_path.iterdir()] == ["jaw.npz"]


def test_an_old_video_stays_until_the_new_one_is_whole(run, head_file, jaw, tmp_path, monkeypatch):
    out = tmp_path / "out.mp4"
    out.write_bytes(b"old")

    def full(self, *words, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(renderer.Renderer, "draw_rgba", full)
    status, _, complaints = run("render", head_file, jaw, "-o", out, *SIZE)
    assert status == 2
    assert complaints == [f"rigtalk: error: {out}: cannot be written (No space left on device)"]
    assert out.read_bytes() == b"old"
