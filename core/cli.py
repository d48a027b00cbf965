"""One door per verb: the command line of the console script and of Blender."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from rigtalk.rigs import known_bone_rigs, known_rigs

from .actor import Actor, check_rig
from .arguments import make_parser, parse_direction, parse_fps
from .direction import Direction
from .errors import RigtalkError
from .exporting import run_export
from .files import write_performance
from .outputs import CurveOutputs, SceneOutputs, plan_outputs
from .performance import check_fps
from .scene_host import SceneHost, SceneJob
from .script_files import check_script
from .scripted import as_asked
from .splat.commands.talking import note
from .transcribing import run_transcribe

__all__ = ["Verb", "main"]

DEFAULT_FPS = 60.0
Verb = tuple[str, Callable[[list[str]], int]]
"""What a verb does, for the help, and what runs it on the words after it."""


def main(
    argv: Sequence[str] | None = None,
    host: SceneHost | None = None,
    *,
    extra_verbs: Mapping[str, Verb] | None = None,
) -> int:
    """Run one command.

    Parameters
    ----------
    argv : sequence of str, optional
        Words after the program's name; those of the process if absent.
    host : SceneHost, optional
        Who opens scenes. Without one, scene outputs are an error.
    extra_verbs : mapping of str to Verb, optional
        Verbs that live in rooms which core does not know.

    Returns
    -------
    int
        0 if all was done, 2 after a complaint (one line for each on stderr), 130 if interrupted.
        Faults of ours pass through as exceptions.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    extra = extra_verbs or {}
    try:
        if words and words[0] in extra:
            return extra[words[0]][1](words[1:])
        parser = make_parser({verb: what for verb, (what, _) in extra.items()})
        arguments = parser.parse_args(words)
        return _VERBS[arguments.verb](arguments, host)
    except RigtalkError as error:
        _complain(error)
        return 2
    except KeyboardInterrupt:
        _complain("interrupted")
        return 130
    except BrokenPipeError:  # the reader of our output has gone; so may we
        sys.stdout = None  # nothing to flush at exit
        return 0
    except SystemExit as end:  # --help, --version
        return int(end.code or 0)


def _animate(arguments: argparse.Namespace, host: SceneHost | None) -> int:
    fps = None if arguments.fps is None else parse_fps(arguments.fps)
    check_fps(DEFAULT_FPS if fps is None else fps)
    if arguments.rig is not None:
        check_rig(arguments.rig)
    if arguments.threads < 1:
        raise RigtalkError(f"--threads is {arguments.threads}: it must be at least 1")
    direction = parse_direction(arguments.emotion, arguments.strength, arguments.seed)
    check_script(arguments.script, len(arguments.audio), recognised=arguments.recognise)
    planned = plan_outputs(
        arguments.audio,
        arguments.output,
        format=arguments.format,
        exports=arguments.export,
        scene=arguments.scene,
    )
    if isinstance(planned, SceneOutputs):
        if arguments.scene is None and arguments.object is not None:
            raise RigtalkError("--object names a character in a scene: give the scene with --scene")
        return _animate_scene(arguments, _present(host), planned, direction, fps)
    if arguments.object is not None or arguments.start_frame != 1:
        raise RigtalkError("--object and --start-frame are for scenes; use -o with .blend")
    actor = Actor.load(arguments.actor, threads=arguments.threads)
    return _animate_curves(arguments, actor, planned, direction, fps or DEFAULT_FPS)


def _animate_curves(
    arguments: argparse.Namespace,
    actor: Actor,
    planned: CurveOutputs,
    direction: Direction,
    fps: float,
) -> int:
    """Every recording that can be done is done; the others get a line each."""
    if planned.folder:
        try:
            planned.folder.mkdir()
        except OSError as error:
            raise RigtalkError(f"{planned.folder}: cannot be made ({error.strerror})") from None
    failed = False
    for audio, path in zip(arguments.audio, planned.paths, strict=True):
        try:
            with _progress(audio) as progress:
                rig = arguments.rig or "arkit"
                told = as_asked(direction, audio, arguments, progress)
                noted: list[str] = []
                parts = actor.stream(
                    audio, told, fps=fps, rig=rig, progress=progress, note=noted.append
                )
                write_performance(path, parts)
            for text in noted:
                note(f"{audio}: {text}")
            _tell(path)
        except RigtalkError as error:
            _complain(error)
            failed = True
    if planned.folder:
        with contextlib.suppress(OSError):  # goes only if nothing came to lie in it
            planned.folder.rmdir()
    return 2 if failed else 0


def _animate_scene(
    arguments: argparse.Namespace,
    host: SceneHost,
    planned: SceneOutputs,
    direction: Direction,
    fps: float | None,
) -> int:
    audio = arguments.audio[0]
    with _progress(audio) as progress:
        report = host.animate(
            SceneJob(
                audio=audio,
                source=Actor.load(arguments.actor, threads=arguments.threads),
                direction=as_asked(direction, audio, arguments, progress),
                scene=arguments.scene,
                object_name=arguments.object,
                blend=planned.blend,
                exports=planned.exports,
                fps=fps,
                start_frame=arguments.start_frame,
                rig=arguments.rig,
                progress=progress,
            )
        )
    for text in report.notes:
        note(text)
    for path in report.outputs:
        _tell(path)
    return 0


def _transcribe(arguments: argparse.Namespace, host: SceneHost | None) -> int:
    return run_transcribe(arguments, _progress, _complain)


def _rigs(arguments: argparse.Namespace, host: SceneHost | None) -> int:
    if arguments.scene is None:
        for rig in known_rigs():
            _tell(f"{rig.name}\t{rig.controls} controls\tversion {rig.version}")
        for bones in known_bone_rigs():
            _tell(f"{bones.name}\t{bones.looked_for} bones\tmoved by arkit")
        return 0
    rows = _present(host).list_rigs(arguments.scene)
    if not rows:
        raise RigtalkError(
            f"{arguments.scene}: no object with the shape keys, properties or bones of a known rig "
            "(rigtalk rigs lists them)"
        )
    for row in rows:
        note = f"\t{row.note}" if row.note else ""
        _tell(f"{row.object_name}\t{row.rig}\t{row.matched} of {row.total} controls{note}")
    return 0


def _judge(arguments: argparse.Namespace, host: SceneHost | None) -> int:
    from .judge.verb import judge_files  # drawings and tables that no other verb needs

    return judge_files(arguments, _progress)


def _export(arguments: argparse.Namespace, host: SceneHost | None) -> int:
    with _progress(arguments.scene) as progress:
        return run_export(arguments, _present(host), progress)


def _head(arguments: argparse.Namespace, host: SceneHost | None) -> int:
    from .splat.commands.verb import run_head  # renderers that no other verb needs

    scenes = arguments.head_verb in ("fit", "bind")
    return run_head(arguments, _present(host) if scenes else host)


def _batch(arguments: argparse.Namespace, host: SceneHost | None) -> int:
    from .batch.verb import run_batch

    return run_batch(arguments, host)


def _batch_worker(arguments: argparse.Namespace, host: SceneHost | None) -> int:
    from .batch.worker import serve

    return serve(host)


_VERBS = {
    "animate": _animate,
    "batch": _batch,
    "batch-worker": _batch_worker,
    "export": _export,
    "head": _head,
    "judge": _judge,
    "rigs": _rigs,
    "transcribe": _transcribe,
}


def _present(host: SceneHost | None) -> SceneHost:
    if host is None:
        raise RigtalkError(
            "scenes need Blender: pip install bpy, or run it in Blender's own Python"
        )
    return host


@contextlib.contextmanager
def _progress(audio: Path) -> Iterator[Callable[[float], None]]:
    """Percentages on a terminal; nothing where nobody watches."""
    if not sys.stderr.isatty():
        yield lambda fraction: None
        return

    def show(fraction: float) -> None:
        sys.stderr.write(f"\r{audio.name} {fraction:4.0%}")
        sys.stderr.flush()

    try:
        yield show
    finally:
        sys.stderr.write("\r\033[K")
        sys.stderr.flush()


def _tell(line: object) -> None:
    sys.stdout.write(f"{line}\n")


def _complain(problem: object) -> None:
    text = " ".join(str(problem).split())  # one line, whatever a file name holds
    sys.stderr.write(f"rigtalk: error: {text}\n")
