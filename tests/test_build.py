"""The one door, tried without installing anything."""

import importlib.util
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def build(root: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("rigtalk_build", root / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def call(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, root / "build.py", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_help_names_every_verb(root: Path) -> None:
    answer = call(root, "--help")
    assert answer.returncode == 0
    for verb in ("demo", "test", "extension", "bench", "setup"):
        assert verb in answer.stdout


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["demo", "no_such_recording.wav"], "no_such_recording.wav: no such file"),
        (["demo", "tests"], "tests: no such file"),
    ],
)
def test_bad_input_gets_one_line(root: Path, words: list[str], complaint: str) -> None:
    answer = subprocess.run(
        [sys.executable, root / "build.py", *words],
        capture_output=True, text=True, check=False, timeout=120, cwd=root,
    )  # fmt: skip
    assert answer.returncode == 2
    assert complaint in answer.stderr
    assert len(answer.stderr.strip().splitlines()) == 1


def test_imports_only_the_standard_library(root: Path) -> None:
    code = "import sys, runpy; runpy.run_path('build.py'); print(*sys.modules)"
    answer = subprocess.run(
        [sys.executable, "-S", "-c", code], capture_output=True, text=True, check=True, cwd=root
    )
    loaded = {name.partition(".")[0] for name in answer.stdout.split()}
    assert not loaded - set(sys.stdlib_module_names) - {"__main__", "__mp_main__"}


@pytest.mark.parametrize(
    ("wheel", "platform"),
    [
        ("onnxruntime-1.31.1-cp311-cp311-manylinux_2_28_x86_64.whl", "linux-x64"),
        ("onnxruntime-1.31.1-cp311-cp311-manylinux_2_28_aarch64.whl", "linux-arm64"),
        ("onnxruntime-1.31.1-cp311-cp311-win_amd64.whl", "windows-x64"),
        ("onnxruntime-1.31.1-cp311-cp311-win_arm64.whl", "windows-arm64"),
        ("onnxruntime-1.31.1-cp311-cp311-macosx_14_0_arm64.whl", "macos-arm64"),
        ("onnxruntime-1.31.1-cp311-cp311-macosx_13_0_universal2.whl", "macos-x64"),
    ],
)
def test_platform_names(build: ModuleType, tmp_path: Path, wheel: str, platform: str) -> None:
    (tmp_path / wheel).touch()
    assert build.blender_platform(tmp_path) == platform


def test_every_python_found_really_starts(build: ModuleType) -> None:
    here = f"{sys.version_info[0]}.{sys.version_info[1]}"
    found = build.find_python(here)
    assert found is not None
    answer = subprocess.run([found, "--version"], capture_output=True, text=True, check=True)
    assert here in answer.stdout
    assert build.find_python("3.99") is None


def test_zip_is_written_whole_and_in_order(build: ModuleType, tmp_path: Path) -> None:
    source = tmp_path / "stage"
    (source / "b").mkdir(parents=True)
    (source / "b" / "two.txt").write_text("2")
    (source / "a.txt").write_text("1")
    archive = tmp_path / "out.zip"
    build.write_zip(source, archive)
    with zipfile.ZipFile(archive) as bundle:
        assert bundle.namelist() == ["a.txt", "b/two.txt"]
    assert not list(tmp_path.glob("*.part"))


def test_constraints_hold_every_blender_of_the_matrix(build: ModuleType, root: Path) -> None:
    pinned = (root / "constraints.txt").read_text("utf-8")
    for version in ("5.0", "5.2"):
        assert build.MATRIX[version][1] in pinned
        assert build.MATRIX[version][2] in pinned


def test_an_environment_of_another_python_is_made_afresh(
    build: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "ROOT", tmp_path)
    folder = tmp_path / "env"
    build.make_venv(folder, sys.executable, build.HERE)
    kept = folder / "kept.txt"
    kept.touch()
    build.make_venv(folder, sys.executable, build.HERE)
    assert kept.exists()
    settings = folder / "pyvenv.cfg"
    settings.write_text(settings.read_text().replace(f"version = {build.HERE}", "version = 3.1"))
    build.make_venv(folder, sys.executable, build.HERE)
    assert not kept.exists()
    assert build.venv_python(folder).is_file()


@pytest.fixture
def small_tree(tmp_path: Path, root: Path) -> Path:
    """As little as there can be of a repository, with a built library and its source."""
    tree = tmp_path / "tree"
    for name in ("rigtalk", "rigs", "core", "core/splat", "core/splat/native"):
        (tree / name).mkdir(parents=True, exist_ok=True)
        (tree / name / "__init__.py").touch()
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(root / name, tree)
    data = tree / "core" / "data"
    data.mkdir()
    for name in ("words.xz", "words.md"):
        (data / name).touch()
    native = tree / "core" / "splat" / "native"
    (native / "abi.cpp").touch()
    (native / "lib").mkdir()
    for suffix in ("so", "dll", "dylib"):
        (native / "lib" / f"librigtalk_splat.{suffix}").touch()
    return tree


@pytest.mark.parametrize("fast", [True, False])
def test_the_wheel_has_the_libraries_of_its_platform_or_is_for_all(
    build: ModuleType, small_tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fast: bool
) -> None:
    monkeypatch.setattr(build, "ROOT", small_tree)
    build.package_wheel(Path(sys.executable), tmp_path / "wheels", fast=fast)
    (wheel,) = (tmp_path / "wheels").iterdir()
    with zipfile.ZipFile(wheel) as bundle:
        names = bundle.namelist()
    # Blender unpacks what is at the top of a wheel, and nothing from a ".data" folder.
    assert "rigtalk/core/splat/native/__init__.py" in names
    libraries = [name for name in names if "librigtalk" in name]
    assert [name.rpartition("/")[0] for name in libraries] == (
        ["rigtalk/core/splat/native/lib"] * 3 if fast else []
    )
    assert not [name for name in names if name.endswith(".cpp")]
    # The dictionary goes with its terms.
    assert {"rigtalk/core/data/words.xz", "rigtalk/core/data/words.md"} <= set(names)
    assert wheel.stem.endswith("py3-none-any") != fast
    assert "-py3-none-" in wheel.stem


def test_what_is_installed_from_sources_can_be_compiled(small_tree: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir"]
    subprocess.run([*command, tmp_path / "wheels", small_tree], check=True)
    (wheel,) = (tmp_path / "wheels").iterdir()
    with zipfile.ZipFile(wheel) as bundle:
        assert "rigtalk/core/splat/native/abi.cpp" in bundle.namelist()


def test_without_a_compiler_the_extension_says_that_it_is_slow(
    build: ModuleType, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")
    assert not build.native_libraries()
    told = capfd.readouterr()
    assert not told.out
    (line,) = told.err.splitlines()
    assert "slowly" in line
    assert "install g++" in line
