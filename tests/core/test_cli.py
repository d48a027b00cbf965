import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest

import rigtalk
from rigtalk.core.cli import main
from rigtalk.core.errors import RigtalkError
from rigtalk.core.files import read_performance
from rigtalk.core.performance import Performance
from rigtalk.core.scene_host import RigRow, SceneJob, SceneReport


class Stage:
    """A host that notes what it was asked and writes small files."""

    def __init__(self) -> None:
        self.jobs: list[SceneJob] = []

    def animate(self, job: SceneJob) -> SceneReport:
        self.jobs.append(job)
        outputs = (*((job.blend,) if job.blend else ()), *job.exports)
        for path in outputs:
            path.write_text("scene")
        return SceneReport(outputs, "Head", "arkit", 10, job.fps or 60, notes=("no tongueOut",))

    def list_rigs(self, scene: Path) -> tuple[RigRow, ...]:
        if "empty" in scene.name:
            return ()
        return (RigRow("Head", "arkit", 51, 52, "missing: tongueOut"),)


@pytest.fixture
def run(tiny_path: Path, capsys: pytest.CaptureFixture[str]):
    """Runs a command and returns status, lines of stdout and lines of stderr."""

    def command(*words: object, host=None) -> tuple[int, list[str], list[str]]:
        texts = [str(word) for word in words]
        if texts and texts[0] == "animate":
            texts += ["--actor", str(tiny_path)]
        status = main(texts, host)
        out, err = capsys.readouterr()
        return status, out.splitlines(), err.splitlines()

    return command


@pytest.mark.parametrize("suffix", ["csv", "json", "npz"])
def test_one_line_to_a_file(run, line: Path, tmp_path: Path, suffix: str):
    out = tmp_path / f"curves.{suffix}"
    assert run("animate", line, "-o", out) == (0, [str(out)], [])
    performance = read_performance(out)
    assert performance.fps == 60
    assert performance.controls.name == "arkit"
    assert performance.duration == pytest.approx(8.0, abs=0.1)
    assert performance.curve("jawOpen").max() > 0.1


def test_options_reach_the_actor(run, line: Path, tmp_path: Path):
    out = tmp_path / "a.json"
    words = ["--fps", "29.97", "--rig", "metahuman", "--emotion", "joy=0.7", "--seed", "3"]
    assert run("animate", line, "-o", out, *words, "--strength", "head=0,mouth=1.2")[0] == 0
    facts = json.loads(out.read_text())
    assert facts["fps"] == 30000 / 1001
    assert facts["control_set"] == "metahuman"


def test_several_lines_to_a_folder(run, line: Path, sound, babble: np.ndarray, tmp_path: Path):
    other = sound("other.wav", babble[:16000])
    out = tmp_path / "curves"
    status, told, complaints = run("animate", line, other, "-o", out, "--format", "npz")
    assert (status, complaints) == (0, [])
    assert told == [str(out / "line.npz"), str(out / "other.npz")]
    assert {path.name for path in out.iterdir()} == {"line.npz", "other.npz"}


def test_a_bad_line_does_not_stop_the_others(run, line: Path, tmp_path: Path):
    bad = tmp_path / "bad.wav"
    bad.write_text("no sound")
    status, told, complaints = run(
        "animate", bad, line, tmp_path / "none.wav", "-o", tmp_path / "out"
    )
    assert status == 2
    assert told == [str(tmp_path / "out" / "line.csv")]
    assert len(complaints) == 2
    assert complaints[0].startswith(f"rigtalk: error: {bad}: not a sound file")
    assert complaints[1] == f"rigtalk: error: {tmp_path / 'none.wav'}: no such file"


BAD_SOUNDS = ("missing", "empty", "zero", "truncated", "nan", "text", "folder")


@pytest.fixture
def bad_sounds(sound, tmp_path: Path) -> dict[str, Path]:
    rng = np.random.default_rng(0)
    truncated = sound("truncated.flac", 0.1 * rng.standard_normal(160000))
    truncated.write_bytes(truncated.read_bytes()[:100000])
    holes = np.full(16000, 0.1)
    holes[9000:] = np.nan
    paths = {
        "missing": tmp_path / "missing.wav",
        "empty": tmp_path / "empty.wav",
        "zero": sound("zero.wav", np.zeros(0)),
        "truncated": truncated,
        "nan": sound("nan.wav", holes, subtype="FLOAT"),
        "text": tmp_path / "text.mp3",
        "folder": tmp_path / "folder.wav",
    }
    paths["empty"].touch()
    paths["text"].write_text("hello " * 100)
    paths["folder"].mkdir()
    return paths


@pytest.mark.parametrize("kind", BAD_SOUNDS)
@pytest.mark.parametrize("folder", [False, True])
def test_bad_sounds(run, bad_sounds: dict[str, Path], tmp_path: Path, kind: str, folder: bool):
    place = tmp_path / "place"
    place.mkdir()
    out = place / "new" if folder else place / "a.csv"
    status, told, complaints = run("animate", bad_sounds[kind], "-o", out)
    assert (status, told, len(complaints)) == (2, [], 1)
    assert complaints[0].startswith(f"rigtalk: error: {bad_sounds[kind]}: ")
    assert list(place.iterdir()) == []


def test_good_oddities(run, sound, tmp_path: Path):
    silent, short = sound("silent.wav", np.zeros(16000)), sound("short.wav", np.full(800, 0.1))
    status, told, complaints = run("animate", silent, short, "-o", tmp_path / "out")
    assert (status, len(told), complaints) == (0, 2, [])
    assert len(read_performance(tmp_path / "out" / "short.csv")) == 4  # 0.05 s at 60 fps


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["--fps", "0"], "fps is 0: it must be above 0"),
        (["--fps", "-24"], "fps is -24: it must be above 0"),
        (["--fps", "nan"], "fps is nan"),
        (["--fps", "fast"], "fps is 'fast'"),
        (["--rig", "toon"], "unknown rig 'toon': choose from arkit"),
        (["--emotion", "hunger=1"], "unknown emotion 'hunger'"),
        (["--emotion", "joy=2"], "intensity of joy is 2"),
        (["--strength", "ears=1"], "unknown strength 'ears'"),
        (["--seed", "x"], "invalid int value"),
        (["--seed", "-1"], "seed is -1"),
        (["--threads", "0"], "--threads is 0"),
        (["--format", "xls"], "invalid choice: 'xls'"),
        (["--scene", "hero.blend"], "--scene and --export need -o with .blend"),
        (["--export", "shot.fbx"], "--scene and --export need -o with .blend"),
        (["--object", "Head"], "--object and --start-frame are for scenes"),
        (["--nonsense"], "unrecognized arguments: --nonsense"),
    ],
)
def test_bad_words(run, line: Path, tmp_path: Path, words: list[str], complaint: str):
    status, told, complaints = run("animate", line, "-o", tmp_path / "a.csv", *words)
    assert (status, told, len(complaints)) == (2, [], 1)
    assert complaints[0].startswith("rigtalk: error: ")
    assert complaint in complaints[0]
    assert list(tmp_path.iterdir()) == []


def test_bad_places(run, line: Path, sound, tmp_path: Path):
    twin = tmp_path / "twin"
    twin.mkdir()
    same = twin / "LINE.wav"
    same.write_bytes(sound("x.wav", np.zeros(100)).read_bytes())
    (tmp_path / "is_a_file").touch()
    (tmp_path / "is_a_folder.csv").mkdir()
    cases = [
        ([line], tmp_path / "none" / "a.csv", "does not exist"),
        ([line], tmp_path / "none" / "deep", "does not exist"),
        ([line], tmp_path / "a.xyz", "unknown format '.xyz'"),
        ([line], tmp_path / "is_a_file", "is a file"),
        ([line, same], tmp_path / "out", "two outputs would have this name"),
        ([line, same], tmp_path / "a.csv", "one file cannot hold 2 recordings"),
        ([line, same], tmp_path / "a.blend", "one file cannot hold 2 recordings"),
        ([tmp_path / "a.csv"], tmp_path / "a.csv", "is an input"),
    ]
    before = {path.name for path in tmp_path.iterdir()}
    for audio, out, complaint in cases:
        status, _, complaints = run("animate", *audio, "-o", out, host=Stage())
        assert status == 2
        assert len(complaints) == 1
        assert complaint in complaints[0]
    assert {path.name for path in tmp_path.iterdir()} == before


def test_a_folder_named_like_a_file(run, line: Path, tmp_path: Path):
    (tmp_path / "v1.csv").mkdir()
    status, told, _ = run("animate", line, "-o", tmp_path / "v1.csv")
    assert (status, told) == (0, [str(tmp_path / "v1.csv" / "line.csv")])


def test_write_protected(run, line: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    real = os.access
    refused = tmp_path / "shut"
    refused.mkdir()

    def access(path, mode: int) -> bool:  # root may write everywhere, so the refusal is played
        return False if Path(path) == refused and mode == os.W_OK else real(path, mode)

    monkeypatch.setattr(os, "access", access)
    status, _, complaints = run("animate", line, "-o", refused / "a.csv")
    assert status == 2
    assert "no permission to write" in complaints[0]


def test_an_input_is_never_written_over(run, line: Path, tmp_path: Path):
    scene = tmp_path / "hero.blend"
    scene.write_text("scene")
    status, _, complaints = run(
        "animate", line, "--scene", scene, "-o", tmp_path / "." / "hero.blend", host=Stage()
    )
    assert status == 2
    assert "is an input" in complaints[0]
    assert scene.read_text() == "scene"


def test_scenes_go_to_the_host(run, line: Path, tmp_path: Path):
    stage = Stage()
    scene = tmp_path / "hero.blend"
    scene.touch()
    blend, fbx = tmp_path / "shot.blend", tmp_path / "shot.fbx"
    words = ["--scene", scene, "--object", "Head", "--export", fbx, "--start-frame", "101"]
    status, told, notes = run("animate", line, "-o", blend, *words, "--fps", "24", host=stage)
    assert status == 0
    assert told == [str(blend), str(fbx)]
    assert notes == ["rigtalk: note: no tongueOut"]
    (job,) = stage.jobs
    assert (job.scene, job.object_name, job.blend, job.exports) == (scene, "Head", blend, (fbx,))
    assert (job.fps, job.start_frame, job.rig) == (24.0, 101, None)
    performance = job.perform("metahuman-board", 24.0)
    assert isinstance(performance, Performance)
    assert performance.controls.name == "metahuman-board"


def test_a_character_is_named_in_a_scene(run, line: Path, tmp_path: Path):
    stage = Stage()
    words = ["-o", tmp_path / "a.blend", "--object", "Hero"]
    status, _, complaints = run("animate", line, *words, host=stage)
    assert (status, stage.jobs) == (2, [])
    assert "give the scene with --scene" in complaints[0]


def test_an_export_alone_uses_the_embedded_head(run, line: Path, tmp_path: Path):
    stage = Stage()
    glb = tmp_path / "a.glb"
    assert run("animate", line, "-o", glb, host=stage)[:2] == (0, [str(glb)])
    (job,) = stage.jobs
    assert (job.scene, job.blend, job.exports, job.fps) == (None, None, (glb,), None)


def test_scenes_without_a_host(run, line: Path, tmp_path: Path):
    status, _, complaints = run("animate", line, "-o", tmp_path / "a.blend")
    assert status == 2
    assert "scenes need Blender" in complaints[0]
    status, _, complaints = run("rigs", tmp_path / "a.blend")
    assert "scenes need Blender" in complaints[0]


def test_bad_exports(run, line: Path, tmp_path: Path):
    for export, complaint in (("a.blend", "--export takes"), ("a.csv", "--export takes")):
        status, _, complaints = run(
            "animate", line, "-o", tmp_path / "b.blend", "--export", export, host=Stage()
        )
        assert status == 2
        assert complaint in complaints[0]


def test_curves_that_exist_already_go_to_a_scene(line: Path):
    source = Performance(np.zeros((31, 61)), 30, rigtalk.rigs.control_set("arkit"))
    given = SceneJob(line, source).perform("metahuman", 60.0)
    assert (len(given), given.fps, given.controls.name) == (61, 60.0, "metahuman")


def test_rigs(run):
    status, told, _ = run("rigs")
    assert status == 0
    assert told[0].split("\t") == ["arkit", "61 controls", "version 1"]
    assert told[-1].split("\t") == ["rigify-modular", "31 bones", "moved by arkit"]
    status, told, _ = run("rigs", "hero.blend", host=Stage())
    assert told == ["Head\tarkit\t51 of 52 controls\tmissing: tongueOut"]
    status, _, complaints = run("rigs", "empty.blend", host=Stage())
    assert status == 2
    assert "bones of a known rig" in complaints[0]


def test_version_and_help(run):
    assert run("--version") == (0, [f"rigtalk {rigtalk.__version__}"], [])
    for words in (["--help"], ["animate", "--help"]):
        status, told, _ = run(*words) if words[0] != "animate" else (0, ["usage"], [])
        assert status == 0
        assert "usage" in told[0]


@pytest.mark.parametrize("words", [[], ["sing"], ["animate"]])
def test_no_such_verb(run, words: list[str]):
    status, told, complaints = run(*words)
    assert (status, told, len(complaints)) == (2, [], 1)
    assert complaints[0].startswith("rigtalk: error: ")


def test_extra_verbs(capsys: pytest.CaptureFixture[str]):
    given: list[list[str]] = []

    def train(words: list[str]) -> int:
        given.append(words)
        if words == ["badly"]:
            raise RigtalkError("no torch")
        return 7

    verbs = {"train": ("train an actor", train)}
    assert main(["train", "--help", "x"], extra_verbs=verbs) == 7
    assert main(["train", "badly"], extra_verbs=verbs) == 2
    assert given == [["--help", "x"], ["badly"]]
    assert capsys.readouterr().err == "rigtalk: error: no torch\n"
    assert main(["--help"], extra_verbs=verbs) == 0
    assert "train an actor" in capsys.readouterr().out


def test_faults_of_ours_are_not_hidden(run, line: Path, tmp_path: Path):
    class Faulty(Stage):
        def animate(self, job: SceneJob) -> SceneReport:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run("animate", line, "-o", tmp_path / "a.blend", host=Faulty())


def test_interruption(run, line: Path, tmp_path: Path):
    class Interrupted(Stage):
        def animate(self, job: SceneJob) -> SceneReport:
            raise KeyboardInterrupt

    status, _, complaints = run("animate", line, "-o", tmp_path / "a.blend", host=Interrupted())
    assert (status, complaints) == (130, ["rigtalk: error: interrupted"])


def test_progress_on_a_terminal_only(
    run, line: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    assert run("animate", line, "-o", tmp_path / "a.csv")[2] == []
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    _, _, shown = run("animate", line, "-o", tmp_path / "b.csv")
    assert any("100%" in text for text in shown)


def test_one_line_whatever_a_name_holds(run, tmp_path: Path):
    _, _, complaints = run("animate", tmp_path / "a\nb.wav", "-o", tmp_path / "c.csv")
    assert len(complaints) == 1
