"""Compiles the native renderers: with CMake where it is, else with a compiler alone.

Run by ``python build.py native``; imports only the standard library.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

__all__ = ["BuildError", "build", "find_compiler", "find_nvcc", "state_of_sources"]

HERE = Path(__file__).resolve().parent
COMPILERS = ("g++", "clang++", "c++")
SUFFIX = {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so")
FLAGS = ("-std=c++17", "-O3", "-fno-math-errno", "-fvisibility=hidden", "-Wall", "-Wextra")
# Sources of the CPU's library, and what each needs on x86.
SOURCES = {
    "abi.cpp": (),
    "cpu.cpp": (),
    "cpu_gradient.cpp": (),
    "cpu_raw.cpp": (),
    "kernels_portable.cpp": (),
    "kernels_avx2.cpp": ("-mavx2", "-mfma", "-mf16c"),
    "kernels_avx512.cpp": (
        *("-mavx512f", "-mavx512dq", "-mavx512bw", "-mavx512vl", "-mfma"),
        "-mprefer-vector-width=512",
    ),
}
KINDS = (".cpp", ".h", ".inl", ".cu", ".cuh", ".txt")
"""Suffixes of what libraries are built from."""
STAMP = "sources.sha256"
"""Of the folder of the libraries: what they were built from."""
# Machine code for every generation since Turing, and PTX for those to come.
ARCHITECTURES = ("75", "80", "86", "89", "90", "100", "120")
MISSING = (
    "no C++ compiler: install g++ or clang++ (Debian, Ubuntu: sudo apt-get install g++; "
    "macOS: xcode-select --install; Windows: LLVM or MinGW). Without it Gaussian heads are drawn "
    "by numpy, slowly"
)


class BuildError(Exception):
    """What is wrong and what to do, in one line."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=HERE / "lib", help="folder of the libraries")
    parser.add_argument("--plain", action="store_true", help="do without CMake")
    parser.add_argument("--no-cuda", action="store_true", help="leave the CUDA back end out")
    parser.add_argument("--if-changed", action="store_true", help="only if the sources changed")
    arguments = parser.parse_args()
    stamp, state = arguments.out / STAMP, state_of_sources(cuda=not arguments.no_cuda)
    enough = {state, state_of_sources(cuda=True)}  # more than what is asked for will do
    if arguments.if_changed and stamp.is_file() and stamp.read_text("utf-8") in enough:
        return 0
    without = "" if find_nvcc() else "there is no nvcc here"
    try:
        stamp.unlink(missing_ok=True)
        try:
            built = build(arguments.out, plain=arguments.plain, cuda=not arguments.no_cuda)
        except BuildError as error:
            if arguments.no_cuda or without:
                raise
            without = str(error)  # an nvcc that does not work leaves the CPU's renderer
            built = build(arguments.out, plain=arguments.plain)
        for old in set(arguments.out.glob(f"lib*{SUFFIX}")) - set(built):
            old.unlink()  # of other sources
        stamp.write_text(state, "utf-8")
    except BuildError as error:
        sys.stderr.write(f"build.py: error: {error}\n")
        return 2
    for path in built:
        sys.stdout.write(f"{path} ({path.stat().st_size / 1e6:.1f} MB)\n")
    if len(built) == 1 and not arguments.no_cuda:
        sys.stdout.write(f"No CUDA back end: {without}; graphics cards are not used.\n")
    return 0


def build(
    out: Path, *, plain: bool = False, cuda: bool = False, sanitize: str = ""
) -> tuple[Path, ...]:
    """Build the libraries into a folder and return their paths.

    Parameters
    ----------
    out : Path
    plain : bool
        Whether to do without CMake.
    cuda : bool
        Whether to build the CUDA back end too where there is an nvcc.
    sanitize : str
        Sanitizers, such as ``"address,undefined"``.

    Raises
    ------
    BuildError
        If there is no compiler, or it fails.
    """
    compiler = find_compiler()
    if compiler is None:
        raise BuildError(MISSING)
    nvcc = find_nvcc() if cuda and (HERE / "cuda.cu").is_file() else None
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        stage = Path(temporary)
        ready = not plain and shutil.which("cmake") and (shutil.which("ninja") or _make())
        make = _with_cmake if ready else _alone
        make(stage, compiler, nvcc, sanitize)
        names = ["rigtalk_splat", *(["rigtalk_splat_cuda"] if nvcc else [])]
        return tuple(_placed(stage / f"lib{name}{SUFFIX}", out) for name in names)


def state_of_sources(*, cuda: bool) -> str:
    """What the libraries depend on, as a hash: the sources, and which compilers there are."""
    digest = hashlib.sha256(f"{find_compiler()} {cuda and find_nvcc()}".encode())
    for path in sorted(HERE.iterdir()):
        if path.suffix in KINDS or path.name == Path(__file__).name:
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def find_compiler() -> str | None:
    """The C++ compiler: that of the variable CXX, or the first known one."""
    wanted = os.environ.get("CXX")
    return next(filter(None, map(shutil.which, (wanted,) if wanted else COMPILERS)), None)


def find_nvcc() -> str | None:
    """CUDA's compiler, on the PATH or where CUDA_PATH says."""
    home = os.environ.get("CUDA_PATH") or os.environ.get("CUDA_HOME")
    return shutil.which("nvcc") or (shutil.which("nvcc", path=f"{home}/bin") if home else None)


def _make() -> str | None:
    return shutil.which("make") if sys.platform != "win32" else None


def _with_cmake(stage: Path, compiler: str, nvcc: str | None, sanitize: str) -> None:
    folder = stage / "cmake"
    words = ["-G", "Ninja"] if shutil.which("ninja") else []
    words += [f"-DCMAKE_CXX_COMPILER={compiler}", f"-DRIGTALK_OUT={stage.as_posix()}"]
    words += ["-DCMAKE_BUILD_TYPE=Release", f"-DRIGTALK_SANITIZE={sanitize}"]
    if nvcc:
        *codes, last = _architectures(nvcc)
        every = ";".join([*(f"{each}-real" for each in codes), last])
        words += ["-DRIGTALK_CUDA=ON", f"-DCMAKE_CUDA_COMPILER={nvcc}"]
        words += [f"-DCMAKE_CUDA_ARCHITECTURES={every}"]
    _run("cmake", "-S", HERE, "-B", folder, *words)
    _run("cmake", "--build", folder, "--config", "Release", "--parallel")


def _alone(stage: Path, compiler: str, nvcc: str | None, sanitize: str) -> None:
    checked = (
        [f"-fsanitize={sanitize}", "-fno-sanitize-recover=all", "-g", "-O1"] if sanitize else []
    )
    pic = [] if sys.platform == "win32" else ["-fPIC"]
    x86 = platform.machine().lower() in ("x86_64", "amd64")
    objects = []
    for name, special in SOURCES.items():
        objects.append(stage / f"{name}.o")
        words = [*FLAGS, *pic, *checked, *(special if x86 else ())]
        _run(compiler, *words, "-c", HERE / name, "-o", objects[-1])
    library = stage / f"librigtalk_splat{SUFFIX}"
    _run(compiler, "-shared", "-pthread", *checked, *objects, "-o", library)
    if nvcc:
        _with_nvcc(nvcc, compiler, stage / f"librigtalk_splat_cuda{SUFFIX}")


def _with_nvcc(nvcc: str, compiler: str, library: Path) -> None:
    known = _architectures(nvcc)
    codes = [f"-gencode=arch=compute_{each},code=sm_{each}" for each in known]
    codes.append(f"-gencode=arch=compute_{known[-1]},code=compute_{known[-1]}")
    words = ["-std=c++17", "-O3", "--threads=0", "-cudart=static", "-shared", "-ccbin", compiler]
    words += ["-Xcompiler=-fPIC", "-Xcompiler=-fvisibility=hidden", *codes]
    _run(nvcc, *words, HERE / "abi.cpp", HERE / "cuda.cu", "-o", library)


def _architectures(nvcc: str) -> tuple[str, ...]:
    """Those of `ARCHITECTURES` that this nvcc knows, an older one not the newest."""
    answer = subprocess.run(  # noqa: S603 - the compiler that was found
        [nvcc, "--list-gpu-arch"], capture_output=True, text=True, check=False
    )
    known = answer.stdout.split()
    return tuple(each for each in ARCHITECTURES if f"compute_{each}" in known) or ARCHITECTURES


def _placed(built: Path, out: Path) -> Path:
    """Move a library into place in one step, so that a running program keeps the old one."""
    final = out / built.name
    partial = final.with_suffix(".part")
    shutil.copy(built, partial)
    partial.replace(final)
    return final


def _run(*words: str | Path) -> None:
    command: Sequence[str] = [str(word) for word in words]
    answer = subprocess.run(  # noqa: S603 - a compiler, with words composed here
        command, capture_output=True, text=True, check=False
    )
    if answer.returncode:
        lines = (answer.stderr + answer.stdout).strip().splitlines()
        first = next((line for line in lines if "error" in line.lower()), "no message")
        raise BuildError(f"{Path(command[0]).name} failed: {first.strip()}")


if __name__ == "__main__":
    sys.exit(main())
