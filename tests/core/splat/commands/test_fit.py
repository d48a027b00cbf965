import signal
from dataclasses import replace
from pathlib import Path

import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat import renderer
from rigtalk.core.splat.commands import fit as command
from rigtalk.core.splat.files.head_file import read_head
from rigtalk.core.splat.fitting.job import HeadCaptureJob
from rigtalk.core.splat.fitting.options import FitState
from rigtalk.core.splat.fitting.plan import QUALITIES

FACTS = {"psnr view": 34.56, "ssim view": 0.9712, "psnr expression": 31.2, "ssim expression": 0.95}


class Studio:
    """A host that takes pictures of nothing."""

    def __init__(self) -> None:
        self.jobs: list[HeadCaptureJob] = []

    def capture_head(self, job: HeadCaptureJob) -> str:
        self.jobs.append(job)
        job.folder.mkdir(exist_ok=True)
        for name in ("capture.json", "mesh.npz", "shot-0000.npz"):
            (job.folder / name).write_bytes(b"")
        job.progress(1.0)
        return "pictures"


class Fitting:
    """In place of the optimiser."""

    def __init__(self, head) -> None:
        self.head, self.options, self.checkpoint = head, None, None

    def __call__(self, pictures, options, *, checkpoint, progress, cancelled):
        assert pictures == "pictures"
        self.options, self.checkpoint = options, checkpoint
        checkpoint.write_bytes(b"half")
        progress(FitState(0.5, 10, 20, 1000, 30.0, 1.0))
        return None if cancelled() else replace(self.head, facts=FACTS)


@pytest.fixture
def studio() -> Studio:
    return Studio()


@pytest.fixture
def fitting(head, monkeypatch: pytest.MonkeyPatch) -> Fitting:
    """The optimiser and the native renderer are tried elsewhere."""
    stand_in = Fitting(head)
    monkeypatch.setattr(command, "fit", stand_in)
    monkeypatch.setattr(command, "open_renderer", lambda threads: renderer.Renderer("cpu", ""))
    return stand_in


def test_a_head_is_made(run, studio, fitting, head, tmp_path: Path):
    scene, out = tmp_path / "hero.blend", tmp_path / "hero.splathead"
    scene.write_bytes(b"blend")
    words = ["fit", scene, "--object", "Face", "-o", out, "--quality", "draft", "--size", "200"]
    words += ["--engine", "eevee", "--gaussians", "900", "--minutes", "7", "--threads", "2"]
    status, told, notes = run(*words, host=studio)
    assert (status, told) == (0, [str(out)])
    assert notes == [
        "rigtalk: note: unseen views: 34.6 dB PSNR, 0.971 SSIM",
        "rigtalk: note: unseen expressions: 31.2 dB PSNR, 0.950 SSIM",
        f"rigtalk: note: {len(head)} Gaussians",
    ]
    (job,) = studio.jobs
    work = tmp_path / "hero.splathead.work"
    assert (job.folder, job.scene, job.object_name) == (work, scene, "Face")
    assert (job.quality, job.engine, job.size) == ("draft", "eevee", 200)
    used = fitting.options
    assert (used.gaussians, used.minutes, used.threads) == (900, 7.0, 2)
    assert used.steps == QUALITIES["draft"].steps
    assert fitting.checkpoint == work / "fit.npz"
    assert len(read_head(out)) == len(head)
    assert not work.exists()


def test_the_embedded_head_and_pictures_that_are_kept(run, studio, fitting, tmp_path: Path):
    work = tmp_path / "work"
    work.mkdir()
    (work / "notes.txt").write_text("mine")
    words = ["fit", "-o", tmp_path / "a.splathead", "--work", work]
    assert run(*words, "--keep", host=studio)[0] == 0
    assert studio.jobs[0].scene is None
    assert (work / "shot-0000.npz").exists()
    assert run(*words, host=studio)[0] == 0
    assert [path.name for path in work.iterdir()] == ["notes.txt"]  # nothing of the user's goes


def test_ctrl_c_keeps_what_is_done(run, studio, fitting, tmp_path: Path):
    out = tmp_path / "hero.splathead"

    def interrupted(job: HeadCaptureJob) -> str:
        folder = Studio.capture_head(studio, job)
        if len(studio.jobs) == 1:
            signal.raise_signal(signal.SIGINT)
            assert job.cancelled()
        return folder

    before = signal.getsignal(signal.SIGINT)
    studio.capture_head = interrupted
    status, told, complaints = run("fit", "-o", out, host=studio)
    assert (status, told) == (130, [])
    assert complaints[0].endswith("hero.splathead.work: the same command goes on with it")
    assert complaints[1] == "rigtalk: error: interrupted"
    assert signal.getsignal(signal.SIGINT) is before
    assert fitting.options is None  # not even begun
    assert not out.exists()
    assert run("fit", "-o", out, host=studio)[0] == 0
    assert studio.jobs[0].folder == studio.jobs[1].folder


def test_ctrl_c_while_fitting(run, studio, fitting, tmp_path: Path, monkeypatch):
    def stopped(*words, cancelled, **options):
        signal.raise_signal(signal.SIGINT)
        return fitting(*words, cancelled=cancelled, **options)

    monkeypatch.setattr(command, "fit", stopped)
    assert run("fit", "-o", tmp_path / "hero.splathead", host=studio)[0] == 130
    assert (tmp_path / "hero.splathead.work" / "fit.npz").read_bytes() == b"half"


def test_what_the_host_says(complaint, studio, fitting, tmp_path: Path):
    def refused(job: HeadCaptureJob) -> None:
        raise RigtalkError("the scene has no character")

    studio.capture_head = refused
    words = ["fit", "-o", tmp_path / "hero.splathead"]
    assert complaint(*words, host=studio) == "the scene has no character"


def test_without_the_native_renderer(complaint, studio, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(renderer, "library_path", lambda name: tmp_path / "none.so")
    message = complaint("fit", "-o", tmp_path / "hero.splathead", host=studio)
    assert "only the native renderer can fit a head" in message
    assert "python build.py native" in message
    assert not studio.jobs  # said before an hour of pictures


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["none.blend"], "none.blend: no such file"),
        (["--object", "Face"], "give the scene before it"),
        (["--quality", "superb"], "invalid choice"),
        (["--engine", "luxcore"], "--engine luxcore: choose from workbench, eevee, cycles"),
        (["--size", "8"], "--size is 8: use 32 to 4096"),
        (["--gaussians", "-5"], "--gaussians is -5"),
        (["--gaussians", "5"], "gaussians of a bake: 5 is not 100 to 1,000,000"),
        (["--gaussians", "1000000000"], "gaussians of a bake"),
        (["--minutes", "0"], "--minutes is 0"),
        (["--minutes", "nan"], "--minutes is nan"),
        (["--threads", "-2"], "--threads is -2"),
        (["--work", "missing/work"], "does not exist"),
    ],
)
def test_what_cannot_be(complaint, studio, fitting, tmp_path, monkeypatch, words, message):
    monkeypatch.chdir(tmp_path)
    assert message in complaint("fit", *words, "-o", "hero.splathead", host=studio)
    assert not studio.jobs
    assert not list(tmp_path.iterdir())


def test_the_place_of_the_head(complaint, studio, fitting, tmp_path: Path):
    assert "ends in .splathead" in complaint("fit", "-o", tmp_path / "hero.ply", host=studio)
    (tmp_path / "a.splathead").mkdir()
    message = complaint("fit", "-o", tmp_path / "a.splathead", host=studio)
    assert "is a folder; name a file" in message
    assert "scenes need Blender" in complaint("fit", "-o", tmp_path / "hero.splathead")
