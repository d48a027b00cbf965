"""What holds for the whole repository: nothing unsafe, nothing of one machine, nothing huge."""

import ast
import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ("rigs", "core", "blender_addon")
CODE = ("rigs", "core", "training", "blender_addon", "rigtalk", "build.py")

LARGEST_FILE = 25_000_000
LONGEST_CODE = 400
LONGER_FOR_A_REASON: dict[str, str] = {}

PICKLES = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}
NETWORK = {
    "aiohttp",
    "ftplib",
    "http",
    "httpx",
    "imaplib",
    "poplib",
    "requests",
    "smtplib",
    "socket",
    "socketserver",
    "ssl",
    "telnetlib",
    "urllib.request",
    "urllib3",
    "webbrowser",
    "xmlrpc",
}
SHELLS = {"os.system", "os.popen", "eval", "exec", "subprocess.getoutput"}

# In pieces, so that this file does not hold what it looks for.
FOLDERS = ("home", "root", "Users", "work", "mnt", "media", "private")
MACHINE_PATH = re.compile(r"(?<![\w.:/~>*-])/(?:" + "|".join(FOLDERS) + r")/\w|\b[A-Z]:\\+Users\b")
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")


@cache
def _files() -> tuple[Path, ...]:
    """Every file that is in the repository or about to be."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - git is found on the PATH
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("needs a git checkout: the files of the repository are listed by git")
    paths = (ROOT / name for name in listed.stdout.split("\0") if name)
    return tuple(sorted(path for path in paths if path.is_file()))


def _sources(*places: str) -> list[Path]:
    return [
        path
        for path in _files()
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in places
    ]


def _text(path: Path) -> str | None:
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        return None


def _imports(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _imports_any(tree: ast.AST, modules: set[str]) -> set[str]:
    return {
        name
        for name in _imports(tree)
        if any(name == module or name.startswith(module + ".") for module in modules)
    }


def _unsafe(source: str) -> list[str]:
    """Calls that read objects from files or run text as commands, and imports made for that."""
    tree = ast.parse(source)
    found = [f"imports {name}" for name in sorted(_imports_any(tree, PICKLES))]
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        given = {key.arg: ast.unparse(key.value) for key in node.keywords}
        if name in ("np.load", "numpy.load") and given.get("allow_pickle") != "False":
            found.append(f"line {node.lineno}: {name} without allow_pickle=False")
        if name == "torch.load" and given.get("weights_only") != "True":
            found.append(f"line {node.lineno}: torch.load without weights_only=True")
        if name in SHELLS or given.get("shell") == "True":
            found.append(f"line {node.lineno}: {name} runs text")
    return found


def test_nothing_is_unpickled_and_no_text_is_run():
    found = {
        path.relative_to(ROOT).as_posix(): unsafe
        for path in _sources(*CODE, "tests")
        if (unsafe := _unsafe(path.read_text("utf-8")))
    }
    assert not found


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "from joblib import load",
        "np.load(path)",
        "np.load(path, allow_pickle=True)",
        "torch.load(path)",
        "os.system('ls')",
        "subprocess.run('ls', shell=True)",
        "eval('1')",
    ],
)
def test_unsafe_code_is_seen(source):
    assert len(_unsafe(source)) == 1


def test_safe_code_is_let_through():
    assert not _unsafe(
        "import json\nnp.load(path, allow_pickle=False)\ntorch.load(path, weights_only=True)\n"
        "model.eval()\nsubprocess.run(['ls'])"
    )


def test_what_is_shipped_does_not_speak_to_the_network():
    found = {
        path.relative_to(ROOT).as_posix(): names
        for path in _sources(*SHIPPED)
        if (names := _imports_any(ast.parse(path.read_text("utf-8")), NETWORK))
    }
    assert not found


def test_network_imports_are_seen():
    tree = ast.parse("import urllib.parse\nfrom urllib import request\nimport http.client as c")
    assert _imports_any(tree, NETWORK) == {"urllib.request", "http.client"}


def test_no_path_of_one_machine():
    found = [
        f"{path.relative_to(ROOT).as_posix()}:{number}: {line.strip()[:100]}"
        for path in _files()
        if (text := _text(path)) is not None
        for number, line in enumerate(text.splitlines(), 1)
        if MACHINE_PATH.search(line)
    ]
    assert not found, "\n".join(found)


def test_paths_of_one_machine_are_seen():
    for folder in FOLDERS:
        assert MACHINE_PATH.search(f'open("/{folder}/someone/file")')
    assert MACHINE_PATH.search("C:" + r"\Users\someone")
    for harmless in ("a/work/b", "https://host/home/x", "../work/x", "and/or", "~/work/x"):
        assert not MACHINE_PATH.search(harmless)


def test_nothing_is_left_unfinished():
    found = [
        f"{path.relative_to(ROOT).as_posix()}:{number}"
        for path in _files()
        if path.suffix in (".py", ".toml", ".md") and (text := _text(path)) is not None
        for number, line in enumerate(text.splitlines(), 1)
        if UNFINISHED.search(line)
    ]
    assert not found, "\n".join(found)


def test_no_file_is_too_large_to_clone():
    found = {p.relative_to(ROOT).as_posix(): p.stat().st_size for p in _files()}
    assert {name: size for name, size in found.items() if size > LARGEST_FILE} == {}


def test_a_file_of_code_fits_a_sitting():
    lengths = {
        path.relative_to(ROOT).as_posix(): path.read_text("utf-8").count("\n")
        for path in _sources(*CODE)
    }
    too_long = {name: lines for name, lines in lengths.items() if lines > LONGEST_CODE}
    assert too_long.keys() == LONGER_FOR_A_REASON.keys(), too_long


def test_versions_agree():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    manifest = ROOT / "blender_addon" / "blender_manifest.toml"
    extension = tomllib.loads(manifest.read_text("utf-8"))["version"]
    module = re.search(r'__version__ = "(.+)"', (ROOT / "rigtalk" / "__init__.py").read_text())
    assert project == extension == module[1]
