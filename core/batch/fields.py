"""What can be said of a line in a jobs file, and how each word is understood."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rigtalk.rigs import control_set_names

from ..arguments import parse_direction, parse_fps
from ..errors import RigtalkError
from ..performance import check_fps
from ..script_files import script_path
from .placeholders import fill, safe

__all__ = ["DEFAULT_OUTPUT", "FIELDS", "SCENE_NAME", "Line", "check_names", "parse_line"]

DEFAULT_GAP = 0.5
"""Seconds between lines that follow one another in a scene."""
DEFAULT_OUTPUT = "{name}.csv"
SCENE_NAME = "scene/name"
"""What a table of scenes calls this one; no key that a jobs file could hold."""
FRAMES = 1_000_000
"""Blender's time line goes from minus this to this."""


_TRUTHS = {"true": True, "false": False}
"""As a table writes them; TOML has its own."""


@dataclass(frozen=True)
class Line:
    """One line to be spoken, as a row of a jobs file asks for it.

    Attributes
    ----------
    label : str
        What messages call it: where it stands in the jobs file.
    name, character : str
    audio : Path
    outputs : tuple of Path
        Files of curves and of scenes, by suffix.
    object : str or None
        Name of the character in the scene.
    scene : Path or None
        None is the embedded head.
    start : int or None
        Frame at which it starts; None for frame 1, or after the line before it in the scene.
    gap : float
        Seconds between the line before it and this one, where `start` does not say.
    emotion, strength : tuple of str
        In the words of the command line.
    seed : int
    script : str or None
        What is said.
    script_file : Path or None
        Where it stands, if not in `script`.
    recognise : bool
        Whether the words of a line without a script are recognised.
    fps : float or None
    rig : str or None
    actor : Path or None
    preset : str or None
        What the exports of its scene are for; None for plain ones.
    timeout : float or None
        Seconds after which it is given up.
    """

    label: str
    name: str
    character: str
    audio: Path
    outputs: tuple[Path, ...]
    object: str | None = None
    scene: Path | None = None
    start: int | None = None
    gap: float = DEFAULT_GAP
    emotion: tuple[str, ...] = ()
    strength: tuple[str, ...] = ()
    seed: int = 0
    script: str | None = None
    script_file: Path | None = None
    recognise: bool = False
    fps: float | None = None
    rig: str | None = None
    actor: Path | None = None
    preset: str | None = None
    timeout: float | None = None


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise RigtalkError(f"is {value!r}: give a text")
    text = str(value).strip()
    if not text or "\0" in text:
        raise RigtalkError("is empty: give a text, or leave it out")
    return text


def _texts(value: Any) -> tuple[str, ...]:
    """A list, or one text with ``;`` between, as in a cell of a table."""
    items = value if isinstance(value, list) else str(_text(value)).split(";")
    return tuple(_text(item) for item in items if not isinstance(item, str) or item.strip())


def _weights(value: Any) -> tuple[str, ...]:
    if isinstance(value, Mapping):
        return tuple(f"{name}={_number(weight)!r}" for name, weight in value.items())
    return _texts(value)


def _number(value: Any) -> float:
    try:
        number = float("nan") if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = float("nan")
    if not abs(number) < float("inf"):
        raise RigtalkError(f"is {value!r}: give a number")
    return number


def _whole(value: Any) -> int:
    number = _number(value)
    if number != int(number):
        raise RigtalkError(f"is {value!r}: give a whole number")
    return int(number)


def _truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word not in _TRUTHS:
        raise RigtalkError(f"is {value!r}: give {' or '.join(_TRUTHS)}")
    return _TRUTHS[word]


def _frame(value: Any) -> int:
    frame = _whole(value)
    if abs(frame) > FRAMES:
        raise RigtalkError(f"is {frame}: Blender's frames go to {FRAMES}")
    return frame


def _seconds(value: Any) -> float:
    seconds = _number(value)
    if seconds < 0:
        raise RigtalkError(f"is {seconds:g}: give seconds, 0 or more")
    return seconds


def _timeout(value: Any) -> float:
    seconds = _seconds(value)
    if seconds == 0:
        raise RigtalkError("is 0: give more than 0 seconds")
    return seconds


def _fps(value: Any) -> float:
    fps = parse_fps(_text(value))
    check_fps(fps)
    return fps


def _rig(value: Any) -> str:
    rig = _text(value)
    if rig not in control_set_names():
        raise RigtalkError(f"is {rig!r}: choose from {', '.join(control_set_names())}")
    return rig


FIELDS: dict[str, Callable[[Any], Any]] = {
    "audio": _text,
    "name": _text,
    "character": _text,
    "object": _text,
    "scene": _text,
    "start": _frame,
    "gap": _seconds,
    "emotion": _weights,
    "strength": _weights,
    "seed": _whole,
    "script": _text,
    "recognise": _truth,
    "fps": _fps,
    "rig": _rig,
    "actor": _text,
    "preset": _text,
    "timeout": _timeout,
    "outputs": _texts,
    "export": _text,
}
"""What a line may say, and what reads it."""


def check_names(names: Iterable[str], known: Iterable[str] = FIELDS) -> None:
    """Raise RigtalkError if something is said that nobody would read."""
    known = tuple(known)
    for name in names:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(known)}"
            raise RigtalkError(f"unknown key {name!r}: {hint}")


def parse_line(label: str, values: Mapping[str, Any], *, base: Path, out: Path) -> Line:
    """The line that a row asks for.

    Parameters
    ----------
    label : str
        What messages call the row.
    values : mapping
        What it says, by the names in `FIELDS`.
    base : Path
        Folder that its recordings, scenes and actors are looked for in.
    out : Path
        Folder that its outputs are relative to.

    Raises
    ------
    RigtalkError
        If a word is not understood. The message does not name the row.
    """
    values = dict(values)
    scene_name = values.pop(SCENE_NAME, "")
    check_names(values)
    read: dict[str, Any] = {}
    for field, value in values.items():
        try:
            read[field] = FIELDS[field](value)
        except RigtalkError as error:
            said = str(error)
            raise RigtalkError(f"{field} {said}" if said.startswith("is ") else said) from None
    if "audio" not in read:
        raise RigtalkError("has no audio: name a recording")
    parse_direction(list(read.get("emotion", ())), list(read.get("strength", ())), seed_of(read))
    audio = base / read["audio"]
    scene = base / read["scene"] if "scene" in read else None
    script, script_file = _script(read.get("script"), base, audio)
    character = read.get("character", read.get("object", ""))
    named = {
        "name": safe(read.get("name", audio.stem)),
        "character": safe(character),
        "scene": safe(str(scene_name) or (scene.stem if scene else "head")),
        "export": safe(read.get("export", "")),
        "folder": _folder(read["audio"]),
    }
    outputs = read.get("outputs") or (DEFAULT_OUTPUT,)
    return Line(
        label=label,
        name=read.get("name", audio.stem),
        character=character,
        audio=audio,
        outputs=tuple(out / fill(output, named) for output in outputs),
        object=read.get("object", character if scene and character else None),
        scene=scene,
        start=read.get("start"),
        gap=read.get("gap", DEFAULT_GAP),
        emotion=read.get("emotion", ()),
        strength=read.get("strength", ()),
        seed=seed_of(read),
        script=script,
        script_file=script_file,
        recognise=read.get("recognise", False),
        fps=read.get("fps"),
        rig=read.get("rig"),
        actor=base / read["actor"] if "actor" in read else None,
        preset=read.get("preset"),
        timeout=read.get("timeout"),
    )


def seed_of(read: Mapping[str, Any]) -> int:
    """The seed that was read, or that of a first take."""
    return int(read.get("seed", 0))


def _script(said: str | None, base: Path, audio: Path) -> tuple[str | None, Path | None]:
    """The words of a line, or the file that they are in."""
    if said is None:
        return None, None
    for named in (str(base / said), said):
        path = script_path(named, audio)
        if path is not None:
            return None, path
    return said, None


def _folder(audio: str) -> str:
    """Where a recording lies, as the end of a path that leads nowhere else."""
    parts = [part for part in Path(audio).parent.parts if part not in ("..", ".")]
    return "/".join(safe(part) for part in parts if not Path(part).anchor) or "."
