"""The demo: a recording becomes curves, a scene, an FBX, a video and a contact sheet.

Runs in any Python with bpy (``python -m rigtalk.blender_addon.demo [AUDIO] --out FOLDER``) and
inside Blender (``blender --background --python-expr ... -- [AUDIO] --out FOLDER``).
"""

from __future__ import annotations

import argparse
import ctypes.util
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

import bpy

import rigtalk.core
from rigtalk.core.actor import Actor
from rigtalk.core.cli import main as run_verb
from rigtalk.core.direction import Direction
from rigtalk.core.errors import RigtalkError
from rigtalk.core.files import write_performance
from rigtalk.core.performance import Performance
from rigtalk.core.scene_host import SceneJob
from rigtalk.core.scripted import scripted
from rigtalk.core.splat.native.library import library_path

from .host import HEAD_FPS, BlenderHost
from .moments import telling_moments
from .quiet import quiet
from .render import render_contact_sheet, render_video

__all__ = ["EMBEDDED_LINE", "main", "make_demo"]

EMBEDDED_LINE = Path(rigtalk.core.__file__).parent / "data" / "line.flac"
VIDEO_SECONDS = 12.0
"""Of a longer recording only this much is rendered, so that the demo stays short."""
GAUSSIAN_FPS = 30
VIDEO_STEP = 2
"""Every second frame: 30 a second."""
START_FRAME = 1
SHEET_ZOOM = 1.5
"""The face alone, so that the mouth can be seen in a small picture."""


def make_demo(
    audio: Path, out: Path, *, say: Callable[[str], None] = lambda text: None
) -> list[Path]:
    """Animate the embedded head with a recording and leave every kind of result in a folder.

    Parameters
    ----------
    audio : Path
        The recording. A ``.txt`` of its name beside it is taken for what is said.
    out : Path
        Folder for ``line.csv``, ``line.blend``, ``line.fbx``, ``line.png``, ``line.mp4`` and
        ``gaussians.mp4``; made if it is missing.
    say : callable
        Told what is going on, in one line each time.

    Returns
    -------
    list of Path
        The files that were written.

    Raises
    ------
    RigtalkError
        If the recording cannot be used or a file cannot be written.
    """
    audio, out = audio.absolute(), _folder(out)
    curves, blend, fbx, sheet, video = (
        out / f"line.{suffix}" for suffix in ("csv", "blend", "fbx", "png", "mp4")
    )
    say(f"listening to {audio.name}")
    text = audio.with_suffix(".txt")
    said = str(text) if text.is_file() else None
    if said:
        say(f"following {text.name}")
    performance = Actor.load().perform(audio, scripted(Direction(), audio, said), fps=HEAD_FPS)
    write_performance(curves, performance)
    say("keying the head, saving the scene and the FBX")
    job = SceneJob(audio, performance, blend=blend, exports=(fbx,), start_frame=START_FRAME)
    report = BlenderHost().animate(job)
    for note in report.notes:
        say(note)
    written = [curves, blend, fbx]
    missing = _missing_for_pictures()
    if missing:
        say(missing)
    else:
        written += _pictures(performance, sheet, video, say)
    return [*written, *_gaussians(audio, said, out / "gaussians.mp4", say)]


def _gaussians(
    audio: Path, said: str | None, video: Path, say: Callable[[str], None]
) -> list[Path]:
    """A video in which the embedded head of Gaussians speaks, where it can be drawn in time."""
    if find_spec("av") is None or not library_path("cpu").is_file():
        say("no video of the head of Gaussians: it needs PyAV and `python build.py native`")
        return []
    say("the head of Gaussians speaks")
    head, frames = EMBEDDED_LINE.with_name("head.splathead"), round(GAUSSIAN_FPS * VIDEO_SECONDS)
    words = ["head", "render", head, audio, "-o", video, "--fps", GAUSSIAN_FPS]
    words += ["--script", said] if said else []
    status = run_verb([str(word) for word in (*words, "--frames", f":{frames}")])
    return [] if status else [video]


def _pictures(
    performance: Performance, sheet: Path, video: Path, say: Callable[[str], None]
) -> list[Path]:
    scene = bpy.context.scene
    shown = performance.between(0.0, VIDEO_SECONDS)
    moments = telling_moments(shown)
    say(f"rendering {len(moments)} pictures")
    with quiet():
        render_contact_sheet(
            sheet,
            scene=scene,
            frames=[START_FRAME + moment.time * performance.fps for moment in moments],
            labels=[f"{moment.time:.2f} s  {moment.label}" for moment in moments],
            zoom=SHEET_ZOOM,
        )
    if len(shown) < len(performance):
        say(f"the video shows the first {VIDEO_SECONDS:g} s of {performance.duration:.0f} s")
    say(f"rendering a video of {shown.duration:.1f} s")
    with quiet():
        notes = render_video(
            video,
            scene=scene,
            first=START_FRAME,
            last=START_FRAME + len(shown) - 1,
            step=VIDEO_STEP,
        )
    for note in notes:
        say(note)
    return [sheet, video]


def _folder(out: Path) -> Path:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise RigtalkError(f"cannot make the folder {out}: {fault.strerror}") from None
    return out.absolute()


def _missing_for_pictures() -> str:
    """Blender ends the whole process where it cannot draw, so it is asked before."""
    if sys.platform == "linux" and ctypes.util.find_library("EGL") is None:
        return "no pictures and no video: install libegl1 and libgl1-mesa-dri first"
    return ""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo from the command line; 0 if all went well, 2 after a complaint."""
    if argv is None:
        # Inside Blender everything before "--" is Blender's own.
        argv = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]
    parser = argparse.ArgumentParser(prog="demo", description="Animate the embedded head.")
    parser.add_argument("audio", nargs="?", type=Path, default=EMBEDDED_LINE)
    parser.add_argument("--out", type=Path, default=Path("demo", "out"))
    arguments = parser.parse_args(argv)
    try:
        written = make_demo(arguments.audio, arguments.out, say=_say)
    except RigtalkError as fault:
        sys.stderr.write(f"rigtalk: error: {fault}\n")
        return 2
    listed = "\n".join(f"  {path}" for path in written)
    sys.stdout.write(f"\nDone. Look at:\n{listed}\n")
    return 0


def _say(text: str) -> None:
    sys.stdout.write(f"demo: {text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
