"""nvcc takes the CUDA back end without a warning, and what it makes loads where no card is."""

import subprocess
import sys

import pytest

from rigtalk.core.splat.native import compiling
from rigtalk.core.splat.native.library import Library, NativeRenderer
from rigtalk.rigs.errors import RigtalkError

needs_nvcc = pytest.mark.skipif(
    compiling.find_compiler() is None or compiling.find_nvcc() is None,
    reason="needs a C++ compiler and CUDA's compiler nvcc",
)


@needs_nvcc
def test_the_library_loads_without_a_driver(tmp_path, monkeypatch):
    """Without a graphics card it answers with a reason; with one it draws. For one generation
    here: all of them take minutes, and differ in nothing that is of the source."""
    monkeypatch.setattr(compiling, "ARCHITECTURES", ("75",))
    (tmp_path / "out").mkdir()
    built = tmp_path / "out" / f"librigtalk_splat_cuda{compiling.SUFFIX}"
    compiling._with_nvcc(compiling.find_nvcc(), compiling.find_compiler(), built)
    assert built.stat().st_size < 8_000_000
    try:
        opened = NativeRenderer(Library(built))
    except RigtalkError as error:
        assert "graphics card" in str(error)  # noqa: PT017 - or none
    else:
        assert opened.description.startswith("CUDA")
    assert b"libcudart.so" not in built.read_bytes()  # the runtime is within


@needs_nvcc
def test_no_warning(tmp_path):
    words = ["-std=c++17", "-arch=sm_120", "-cubin", "--Werror", "all-warnings"]
    words += ["-Xcompiler=-Wall,-Wextra,-Werror", "-ccbin", compiling.find_compiler()]
    answer = subprocess.run(
        [compiling.find_nvcc(), *words, compiling.HERE / "cuda.cu", "-o", tmp_path / "out"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr


def test_an_nvcc_that_fails_leaves_the_cpu_renderer(tmp_path, monkeypatch, capsys):
    def build(out, *, plain=False, cuda=False):
        if cuda:
            raise compiling.BuildError("nvcc failed: no good host compiler")
        out.mkdir()
        (out / "libcpu").write_bytes(b"made")
        return (out / "libcpu",)

    monkeypatch.setattr(compiling, "build", build)
    monkeypatch.setattr(compiling, "find_nvcc", lambda: "nvcc")
    monkeypatch.setattr(sys, "argv", ["compiling.py", "--out", str(tmp_path / "out")])
    assert compiling.main() == 0
    told = capsys.readouterr().out
    assert "libcpu" in told
    assert "No CUDA back end: nvcc failed: no good host compiler" in told


@pytest.mark.skipif(sys.platform == "win32", reason="the compiler is a shell script")
def test_an_older_nvcc_is_not_asked_for_newer_cards(tmp_path):
    older = tmp_path / "nvcc"
    older.write_text("#!/bin/sh\necho compute_75 compute_80 compute_90\n")
    older.chmod(0o755)
    assert compiling._architectures(str(older)) == ("75", "80", "90")
