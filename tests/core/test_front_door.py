"""rigtalk/__main__.py: which Blender is used, and what is said where something is missing."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from rigtalk import __main__ as front
from rigtalk.core.errors import RigtalkError


@pytest.fixture
def no_bpy(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name, *a: None if name == "bpy" else real(name, *a)
    )


def fake_blender(tmp_path: Path, commands: str) -> str:
    """A program that answers like Blender's --command, and notes how it was called."""
    log, script = tmp_path / "log", tmp_path / "blender"
    script.write_text(
        f"#!{sys.executable}\n"
        "import sys\n"
        f"open({str(log)!r}, 'a').write(repr(sys.argv[1:]) + chr(10))\n"
        f"print({commands!r}) if sys.argv[2] == 'help' else sys.exit(3)\n"
    )
    script.chmod(0o755)
    return str(script)


@pytest.mark.usefixtures("no_bpy")
def test_without_any_blender(
    line: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert front.main(["animate", str(line), "-o", str(tmp_path / "a.blend")]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "scenes need Blender: pip install bpy" in err
    assert front.main(["animate", str(line), "-o", str(tmp_path / "a.csv")]) == 0


@pytest.mark.usefixtures("no_bpy")
@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for Blender is a Unix script")
def test_a_blender_on_the_path_does_the_command(
    line: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    blender = fake_blender(tmp_path, "extension\nrigtalk\n")
    monkeypatch.setattr(shutil, "which", lambda name: blender)
    words = ["animate", str(line), "-o", str(tmp_path / "a.blend"), "--fps", "24"]
    assert front.main(words) == 3  # its exit status is ours
    calls = (tmp_path / "log").read_text().splitlines()
    assert calls == [repr(["--command", "help"]), repr(["--command", "rigtalk", *words])]


@pytest.mark.usefixtures("no_bpy")
@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for Blender is a Unix script")
def test_workers_of_a_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Curves need no Blender; scenes get the one that is there, if it can serve them."""
    host = front._AnyBlender([])
    python = [sys.executable, "-m", "rigtalk", "batch-worker"]
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert host.worker_command(scenes=False) == python
    with pytest.raises(RigtalkError, match="scenes need Blender: pip install bpy"):
        host.worker_command(scenes=True)
    blender = fake_blender(tmp_path, "extension\nrigtalk\n")
    monkeypatch.setattr(shutil, "which", lambda name: blender)
    assert host.worker_command(scenes=False) == python
    assert host.worker_command(scenes=True) == [blender, "--command", "rigtalk", "batch-worker"]
    bare = fake_blender(tmp_path, "extension\n")
    monkeypatch.setattr(shutil, "which", lambda name: bare)
    with pytest.raises(RigtalkError, match="has no RigTalk extension"):
        host.worker_command(scenes=True)
    monkeypatch.undo()
    if importlib.util.find_spec("bpy"):
        assert host.worker_command(scenes=True) == python


@pytest.mark.usefixtures("no_bpy")
@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for Blender is a Unix script")
def test_a_blender_without_the_extension(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    blender = fake_blender(tmp_path, "extension\n")
    monkeypatch.setattr(shutil, "which", lambda name: blender)
    assert front.main(["rigs", "hero.blend"]) == 2
    assert "has no RigTalk extension" in capsys.readouterr().err


def test_training_without_torch(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setitem(sys.modules, "torch", None)
    for name in [n for n in sys.modules if n.startswith("rigtalk.training")]:
        monkeypatch.delitem(sys.modules, name)
    assert front.main(["train"]) == 2
    assert "training needs torch: pip install '.[train]'" in capsys.readouterr().err


def test_as_a_module(line: Path, tmp_path: Path):
    out = tmp_path / "a.npz"
    done = subprocess.run(
        [sys.executable, "-m", "rigtalk", "animate", str(line), "-o", str(out)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, [str(out)], "")
    assert out.stat().st_size > 10_000
