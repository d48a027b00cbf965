"""Jobs files in a folder, and batches over them with real worker processes."""

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from rigtalk.core.cli import main
from rigtalk.core.errors import RigtalkError

STAGE = Path(__file__).with_name("stage.py")


class Stage:
    """A host whose workers are `stage.py`: scenes are small texts."""

    def worker_command(self, *, scenes: bool) -> list[str]:
        return [sys.executable, str(STAGE)]


class NoBlender:
    """A host that has nothing for scenes."""

    def worker_command(self, *, scenes: bool) -> list[str]:
        if scenes:
            raise RigtalkError("scenes need Blender")
        return [sys.executable, "-m", "rigtalk", "batch-worker"]


@dataclass
class Done:
    """What a batch said and left behind."""

    status: int
    out: list[str]
    complaints: list[str]
    summary: dict = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        return self.summary["counts"]


@pytest.fixture
def folder(tmp_path: Path, sound, babble) -> Path:
    """A folder with three short recordings."""
    for number, name in enumerate(("one.wav", "two.wav", "three.wav")):
        sound(name, babble[8000 * number : 8000 * number + 24000])
    return tmp_path


@pytest.fixture
def jobs(folder: Path, tiny_path: Path):
    """Writes a jobs file whose lines are spoken by the small network."""

    def write(name: str, text: str) -> Path:
        path = folder / name
        if path.suffix == ".toml" and "[defaults]" not in text:
            text = f"[defaults]\nactor = '{tiny_path}'\n{text}"
        if path.suffix == ".csv":
            rows = text.strip().split("\n")
            cells = ["actor", *[str(tiny_path)] * (len(rows) - 1)]
            text = "\n".join(f"{row},{cell}" for row, cell in zip(rows, cells, strict=True))
        path.write_text(text, "utf-8")
        return path

    return write


@pytest.fixture
def batch(folder: Path, capsys: pytest.CaptureFixture[str]):
    """Runs a batch to its end."""

    def run(path: Path, *words: object, host=None) -> Done:
        report = folder / "report.json"
        report.unlink(missing_ok=True)
        texts = ["batch", str(path), "--json", str(report), *(str(word) for word in words)]
        status = main(texts, host or NoBlender())
        out, err = capsys.readouterr()
        summary = json.loads(report.read_text("utf-8")) if report.exists() else {}
        return Done(status, out.splitlines(), err.splitlines(), summary)

    return run


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def files(folder: Path):
    """Names of all files in the folder, without the recordings and what a batch keeps."""
    kept = ("rigtalk-batch.jsonl", ".rigtalk-batch.lock", "report.json")

    def names() -> set[str]:
        return {
            path.relative_to(folder).as_posix()
            for path in folder.rglob("*")
            if path.is_file() and path.name not in kept and path.suffix not in (".wav", ".toml")
        }

    return names
