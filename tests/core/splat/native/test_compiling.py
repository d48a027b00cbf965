"""The libraries build in every way there is, and what is missing is told."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rigtalk.core.splat.native import compiling
from rigtalk.core.splat.native.library import Library, NativeRenderer
from rigtalk.rigs.errors import RigtalkError

EXERCISE = Path(__file__).with_name("exercise.py")

needs_compiler = pytest.mark.skipif(
    compiling.find_compiler() is None, reason="needs a C++ compiler"
)


@needs_compiler
def test_without_cmake(tmp_path):
    (built,) = compiling.build(tmp_path / "out", plain=True)
    assert NativeRenderer(Library(built), threads=1).description.startswith("CPU")


def test_no_compiler(tmp_path, monkeypatch):
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.raises(compiling.BuildError, match="install g"):
        compiling.build(tmp_path)


@needs_compiler
def test_what_is_built_is_built_again_only_when_sources_change(tmp_path):
    words = ["--out", tmp_path, "--no-cuda", "--if-changed"]
    command = [sys.executable, compiling.__file__, *words]
    subprocess.run(command, check=True)
    (library,) = tmp_path.glob(f"lib*{compiling.SUFFIX}")
    library.write_text("kept")
    left = tmp_path / f"librigtalk_other{compiling.SUFFIX}"
    left.touch()
    subprocess.run(command, check=True)
    assert library.read_text() == "kept"
    (tmp_path / compiling.STAMP).write_text("of other sources")
    subprocess.run(command, check=True)
    assert library.stat().st_size > 10_000
    assert not left.exists()


@needs_compiler
def test_a_compiler_that_fails(tmp_path, monkeypatch):
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho 'x: error: out of order' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("CXX", str(broken))
    with pytest.raises(compiling.BuildError, match="out of order"):
        compiling.build(tmp_path / "out", plain=True)
    assert not list((tmp_path / "out").iterdir())


@needs_compiler
@pytest.mark.skipif(sys.platform != "linux", reason="sanitizers are preloaded as Linux does")
@pytest.mark.parametrize("sanitizers", ["address,undefined", "thread"])
def test_under_sanitizers(tmp_path, sanitizers):
    """Good and bad calls, with every access to memory (or every race) watched."""
    compiler = compiling.find_compiler()
    # Exceptions are watched too, which needs the compiler's own library of C++ in the process.
    names = ["libasan.so" if "address" in sanitizers else "libtsan.so", "libstdc++.so"]
    runtimes = [
        subprocess.run(
            [compiler, f"-print-file-name={name}"], capture_output=True, text=True, check=True
        ).stdout.strip()
        for name in names
    ]
    if not all(Path(each).is_absolute() for each in runtimes):
        pytest.skip(f"needs {' and '.join(names)} of the compiler")
    (built,) = compiling.build(tmp_path, plain=True, sanitize=sanitizers)
    answer = subprocess.run(
        [sys.executable, EXERCISE, built],
        env={
            **os.environ,
            "LD_PRELOAD": " ".join(runtimes),
            "ASAN_OPTIONS": "detect_leaks=0",
            "TSAN_OPTIONS": "halt_on_error=1 report_signal_unsafe=0",
            "OPENBLAS_NUM_THREADS": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr[-4000:]
    assert "answered" in answer.stdout


@needs_compiler
@pytest.mark.skipif(compiling.find_nvcc() is None, reason="needs CUDA's compiler nvcc")
def test_the_cuda_back_end_builds_and_loads_without_a_driver(tmp_path, monkeypatch):
    """Without a graphics card it answers with a reason; with one it draws. For one generation of
    cards: each of them takes as long as all else."""
    monkeypatch.setattr(compiling, "ARCHITECTURES", ("75",))
    _, built = compiling.build(tmp_path, cuda=True)
    assert built.stat().st_size < 8_000_000
    library = Library(built)
    try:
        opened = NativeRenderer(library)
    except RigtalkError as error:
        assert "graphics card" in str(error)  # noqa: PT017 - or none
    else:
        assert opened.description.startswith("CUDA")
