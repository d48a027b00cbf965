#!/usr/bin/env python3
"""The one door: set-up, demo, tests, the Blender extension and benchmarks.

    python build.py demo [AUDIO]      animate the embedded head with its own line or yours
    python build.py test [ARGS]       run every test (ARGS go to pytest)
    python build.py extension         dist/rigtalk-<version>-<platform>.zip for Blender
    python build.py native            the fast renderers of Gaussian heads, with CMake or a compiler
    python build.py bench [NAME]      speed and memory, each beside a peer or a bound
    python build.py setup             only make the environment in .venv, without torch

Needs nothing but Python 3.11 to 3.14. Everything it installs goes into .venv and .envs beside it;
on Debian and Ubuntu it also installs system libraries when it may, and otherwise says which.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent
NATIVE = ROOT / "core" / "splat" / "native"
VENV = ROOT / ".venv"
ENVS = ROOT / ".envs"
OUT = ROOT / "demo" / "out"
WINDOWS = os.name == "nt"
HERE = f"{sys.version_info[0]}.{sys.version_info[1]}"

PYTHONS_WITH_BPY = ("3.11", "3.13")

# Blender versions that the extension is tried on, apart from the one in .venv:
# version -> (Python, bpy, the numpy that this Blender brings).
MATRIX = {
    "4.2": ("3.11", "bpy==4.2.23", "numpy==1.24.4"),
    "4.5": ("3.11", "bpy==4.5.15", "numpy==1.26.4"),
    "5.0": ("3.11", "bpy==5.0.1", "numpy==1.26.4"),
    "5.2": ("3.13", "bpy==5.2.3", "numpy==2.5.5"),
}

# Debian and Ubuntu packages.
RENDER_LIBRARIES = [
    "libegl1",
    "libgl1",
    "libgl1-mesa-dri",
    "libxkbcommon0",
    "libsm6",
    "libice6",
    "libxi6",
    "libxrender1",
    "libxxf86vm1",
    "libxfixes3",
    "libxext6",
]
SPEECH_ENGINES = [
    "espeak-ng",
    "libespeak-ng1",
    "flite",
    "festival",
    "festvox-kallpc16k",
    "festvox-kdlpc16k",
    "festvox-us-slt-hts",
    "htsengine",
]

# Wheels inside the extension. Blender brings numpy; nothing that runs needs pycparser, flatbuffers
# or protobuf.
EXTENSION_WHEELS = ("onnxruntime", "soundfile", "cffi", "soxr", "typing_extensions")
EXTENSION_PYTHONS = ("3.11", "3.13")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="build.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    verbs = parser.add_subparsers(dest="verb", required=True)
    demo_parser = verbs.add_parser("demo", help="animate the embedded head")
    demo_parser.add_argument("audio", nargs="?", type=Path, help="your own recording")
    demo_parser.add_argument("--out", type=Path, default=OUT, help="folder for the results")
    test_parser = verbs.add_parser("test", help="run every test")
    test_parser.add_argument("args", nargs=argparse.REMAINDER, help="passed to pytest")
    verbs.add_parser("extension", help="build the extension for Blender")
    verbs.add_parser("native", help="build the fast renderers of Gaussian heads")
    bench_parser = verbs.add_parser("bench", help="measure speed and memory")
    bench_parser.add_argument("args", nargs=argparse.REMAINDER, help="names of benchmarks")
    verbs.add_parser("setup", help="make .venv")
    arguments = parser.parse_args()
    try:
        return {
            "demo": lambda: demo(arguments.audio, arguments.out),
            "test": lambda: test(arguments.args),
            "extension": lambda: print_path(extension()),
            "native": lambda: run([sys.executable, NATIVE / "compiling.py"]),
            "bench": lambda: bench(arguments.args),
            "setup": lambda: print_path(setup("demo")),
        }[arguments.verb]()
    except BuildError as error:
        print(f"build.py: error: {error}", file=sys.stderr)
        return 2


class BuildError(Exception):
    """What is wrong and what to do, in one line."""


def demo(audio: Path | None, out: Path) -> int:
    """Animate the embedded head; needs no torch."""
    if audio is not None and not audio.is_file():
        raise BuildError(f"{audio}: no such file: give a recording that exists")
    python = setup("demo")
    system_packages(RENDER_LIBRARIES, "to render without a display")
    out = out.resolve()
    sound = [str(audio.resolve())] if audio else []
    if has_module(python, "bpy"):
        # What draws the head of Gaussians; without a compiler the demo says what is left out.
        run([sys.executable, NATIVE / "compiling.py", "--no-cuda", "--if-changed"])
        return run([python, "-m", "rigtalk.blender_addon.demo", *sound, "--out", out])
    if blender := shutil.which("blender"):
        return demo_in_blender(blender, sound, out)
    out.mkdir(parents=True, exist_ok=True)
    line = sound or [str(ROOT / "core" / "data" / "line.flac")]
    status = run([python, "-m", "rigtalk", "animate", *line, "-o", out / "line.csv"])
    if status == 0:
        print(
            "These are the curves. The scene, the FBX and the video need Blender: use Python "
            f"{' or '.join(PYTHONS_WITH_BPY)}, or put a blender (4.2 or later) on the PATH."
        )
    return status


def demo_in_blender(blender: str, sound: list[str], out: Path) -> int:
    """The demo inside an installed Blender, with the extension in a folder of its own."""
    archive = extension()
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "BLENDER_USER_RESOURCES": folder}
        install = ["extension", "install-file", "--repo", "user_default", "--enable", archive]
        if run([blender, "--factory-startup", "--command", *install], env=env):
            raise BuildError(f"{blender} did not take the extension: see its messages above")
        code = "import sys; from bl_ext.user_default.rigtalk import demo; sys.exit(demo.main())"
        words = ["--background", "--python-exit-code", "1", "--python-expr", code]
        return run([blender, *words, "--", *sound, "--out", out], env=env)


def test(arguments: list[str]) -> int:
    """Everything that the tests need, then pytest."""
    python = setup("test")
    system_packages(RENDER_LIBRARIES, "to render without a display")
    system_packages(SPEECH_ENGINES, "to synthesise training speech")
    for version in MATRIX:
        blender_environment(version)
    # Without a compiler, tests of the native renderer are left out, and say so.
    run([sys.executable, NATIVE / "compiling.py", "--no-cuda", "--if-changed"])
    return run([python, "-m", "pytest", *arguments])


def bench(arguments: list[str]) -> int:
    python = setup("test")
    return run([python, ROOT / "tests" / "bench", *arguments])


def extension() -> Path:
    """Build the zip for Blender's "Install from Disk".

    Its wheels are those of the platform that this runs on, for every Python since Blender 4.2. The
    fast renderers of Gaussian heads are in it where there is a compiler.
    """
    python = setup("demo")
    fast = native_libraries()
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    (ROOT / "dist").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        stage = Path(temporary) / "rigtalk"
        shutil.copytree(
            ROOT / "blender_addon", stage, ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
        )
        shutil.copy(ROOT / "LICENSE", stage)
        wheels = stage / "wheels"
        download_wheels(python, wheels)
        package_wheel(python, wheels, fast=fast)
        platform = blender_platform(wheels)
        manifest = stage / "blender_manifest.toml"
        names = "".join(f'    "./wheels/{path.name}",\n' for path in sorted(wheels.iterdir()))
        text = manifest.read_text("utf-8")
        # Top-level keys must come before the first table of the manifest.
        head, bracket, tail = text.partition("\n[")
        head += f'platforms = ["{platform}"]\nwheels = [\n{names}]\n'
        manifest.write_text(head + bracket + tail, "utf-8")
        archive = ROOT / "dist" / f"rigtalk-{version}-{platform}.zip"
        write_zip(stage, archive)
    return archive


def setup(purpose: str) -> Path:
    """Make or update .venv and return its Python.

    ``demo`` holds what users need and bpy; ``test`` adds training, tests and benchmarks.
    """
    if not (3, 11) <= sys.version_info[:2] <= (3, 14):
        raise BuildError(f"this is Python {sys.version.split()[0]}: use Python 3.11 to 3.14")
    python = venv_python(VENV)
    stamp = VENV / f"rigtalk-{purpose}.stamp"
    inputs = [ROOT / "pyproject.toml", ROOT / "constraints.txt"]
    state = hashlib.sha256(b"".join(path.read_bytes() for path in inputs)).hexdigest()
    state = f"{HERE} {state}"
    if stamp.is_file() and stamp.read_text("utf-8") == state:
        return python
    make_venv(VENV, sys.executable, HERE)
    extras = {"demo": "[video]", "test": "[train,bench,test,video]"}[purpose]
    words = ["--editable", f"{ROOT}{extras}", "--constraint", ROOT / "constraints.txt"]
    if HERE in PYTHONS_WITH_BPY:
        words.append("bpy")
    pip(python, *words)
    if purpose == "test":
        (VENV / "rigtalk-demo.stamp").write_text(state, "utf-8")
    stamp.write_text(state, "utf-8")
    return python


def blender_environment(version: str) -> Path | None:
    """An environment with another Blender; None where its Python is missing."""
    wanted, bpy, numpy = MATRIX[version]
    if version == {"3.11": "5.0", "3.13": "5.2"}.get(HERE):
        return venv_python(VENV)
    interpreter = sys.executable if wanted == HERE else find_python(wanted)
    folder = ENVS / f"bpy-{version}"
    python, stamp = venv_python(folder), folder / "rigtalk.stamp"
    if stamp.is_file() and stamp.read_text("utf-8") == f"{bpy} {numpy}":
        return python
    if interpreter is None:
        print(
            f"build.py: no Python {wanted} here: tests in Blender {version} will be skipped",
            flush=True,
        )
        return None
    make_venv(folder, interpreter, wanted)
    pip(python, bpy, numpy)
    stamp.write_text(f"{bpy} {numpy}", "utf-8")
    return python


def find_python(version: str) -> str | None:
    """An interpreter of this version that really starts."""
    name = f"python{version}"
    homes = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/{name}"), reverse=True)
    candidates = [[name], *([str(path)] for path in homes)]
    if WINDOWS:
        candidates = [["py", f"-{version}"]]
    for command in candidates:
        try:
            answer = subprocess.run(
                [*command, "-c", "import sys; print(sys.executable)"],
                capture_output=True, text=True, check=True, timeout=60,
            )  # fmt: skip
        except (OSError, subprocess.SubprocessError):
            continue
        return answer.stdout.strip()
    return None


def make_venv(folder: Path, interpreter: str, version: str) -> None:
    """Make an environment, afresh where one of another Python lies in its place."""
    settings = folder / "pyvenv.cfg"
    if venv_python(folder).is_file() and settings.is_file():
        found = re.search(r"^version\w* *= *(\d+\.\d+)", settings.read_text("utf-8"), re.M)
        if found and found[1] == version:
            return
    print(f"build.py: making {folder.relative_to(ROOT)}", flush=True)
    if run([interpreter, "-m", "venv", "--clear", folder]):
        raise BuildError(
            f"could not make {folder.name} with {interpreter}: "
            "on Debian and Ubuntu install python3-venv"
        )


def venv_python(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if WINDOWS else "bin/python")


def pip(python: Path, *words: str | Path) -> None:
    print(f"build.py: installing into {python.parents[1].relative_to(ROOT)}", flush=True)
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *words]
    if run(command):
        raise BuildError("pip could not install what is needed: see its message above")


def has_module(python: Path, name: str) -> bool:
    code = f"import importlib.util as u, sys; sys.exit(u.find_spec({name!r}) is None)"
    return run([python, "-c", code]) == 0


def system_packages(names: list[str], purpose: str) -> None:
    """Install missing Debian packages where that is possible; elsewhere say what is missing."""
    if not shutil.which("dpkg-query"):
        return
    query = ["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\n", *names]
    answer = subprocess.run(query, capture_output=True, text=True, check=False)
    installed = {
        line.split()[0] for line in answer.stdout.splitlines() if line.endswith(" installed")
    }
    missing = [name for name in names if name not in installed]
    if not missing:
        return
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        print(f"build.py: installing {' '.join(missing)} {purpose}", flush=True)
        env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        quiet = {"stdout": subprocess.DEVNULL, "env": env}
        if run(["apt-get", "update", "-qq"], **quiet) == 0 and (
            run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing], **quiet)
            == 0
        ):
            return
    print(f"build.py: {purpose}, install: sudo apt-get install {' '.join(missing)}")


def download_wheels(python: Path, folder: Path) -> None:
    """Binary wheels of the running platform for every Python that Blender has."""
    pins = dict(re.findall(r"^([\w-]+)==([\w.]+)", (ROOT / "constraints.txt").read_text(), re.M))
    for version in EXTENSION_PYTHONS:
        words = ["--only-binary=:all:", "--no-deps", "--implementation", "cp"]
        words += ["--python-version", version, "--dest", folder]
        names = [f"{name}=={pins[name]}" for name in EXTENSION_WHEELS]
        command = [python, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
        if run([*command, *words, *names]):
            raise BuildError("could not download the extension's wheels: is there a network?")


def native_libraries() -> bool:
    """Build what draws Gaussian heads fast, unless it is built; whether it is there then."""
    command = [sys.executable, str(NATIVE / "compiling.py"), "--if-changed"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode:
        reason = answer.stderr.strip().rpartition("\n")[2].removeprefix("build.py: error: ")
        print(
            f"build.py: the extension will draw Gaussian heads slowly: {reason}",
            file=sys.stderr,
            flush=True,
        )
    return answer.returncode == 0


def package_wheel(python: Path, folder: Path, *, fast: bool) -> None:
    """rigtalk itself, without the rooms and the sources that Blender has no use for."""
    left_out = ["__pycache__", "*.cpp", "*.h", "*.inl", "*.cu", "*.cuh", "CMakeLists.txt"]
    left_out.append("head.splathead")  # what a character is baked into lies beside its scene
    if not fast:
        left_out.append("lib")  # of other sources
    with tempfile.TemporaryDirectory() as temporary:
        stage = Path(temporary)
        for name in ("rigtalk", "rigs", "core"):
            shutil.copytree(ROOT / name, stage / name, ignore=shutil.ignore_patterns(*left_out))
        for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
            shutil.copy(ROOT / name, stage)
        words = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, stage]
        if run([python, *words]):
            raise BuildError("could not build rigtalk's own wheel: see pip's message above")


def blender_platform(wheels: Path) -> str:
    """Blender's name for the platform that the wheels were made for."""
    tag = next(wheels.glob("onnxruntime-*.whl")).stem.rpartition("-")[2]
    system = (
        "windows" if "win" in tag and "macos" not in tag else "macos" if "macos" in tag else "linux"
    )
    machine = "arm64" if re.search("arm64|aarch64", tag) else "x64"
    return f"{system}-{machine}"


def write_zip(folder: Path, archive: Path) -> None:
    """Zip a folder's content in a fixed order, beside the final name, and rename."""
    partial = archive.with_suffix(".part")
    with zipfile.ZipFile(partial, "w") as bundle:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                packed = zipfile.ZIP_STORED if path.suffix == ".whl" else zipfile.ZIP_DEFLATED
                bundle.write(path, path.relative_to(folder), packed)
    partial.replace(archive)


def run(command: list[object], **options: object) -> int:
    try:
        return subprocess.run([str(word) for word in command], check=False, **options).returncode
    except OSError as error:
        raise BuildError(f"could not start {command[0]}: {error.strerror}") from error


def print_path(path: Path) -> int:
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
