"""Takes of a head that speaks: a recording, and how the face truly moves to it.

A take is one of

    line.wav                a recording alone: the embedded actor performs it, and the face moves as
                            in `rigtalk.training.splat.motion`, which needs a ``jawOpen``
    line.wav + line.npz     a recording, and the mesh as it was animated or simulated: ``times``
                            (F,) seconds, ``vertices`` (F, V, 3) in the head's space, ``weights``
                            (F, controls) and ``names`` (controls,)
    a folder of a capture   `rigtalk.core.splat.fitting.capture.CaptureFolder` with pictures of the
                            frames; its facts hold ``audio``, a path in the folder, and ``times``,
                            a JSON list of seconds, one a shot

or a folder with any of these in it.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rigtalk.core import Actor
from rigtalk.core.audio import read_clip
from rigtalk.core.splat.fitting.capture import CaptureFolder
from rigtalk.core.splat.head import SplatHead
from rigtalk.core.splat.hearing import audio_features
from rigtalk.rigs.errors import RigtalkError

from ..finetune.captures import AUDIO_SUFFIXES
from .motion import HingedMotion, breath

__all__ = ["HeadTake", "find_takes", "performed_take", "read_takes"]

FPS = 25.0
"""Of the frames that the actor performs to learn from."""
INDEX = "capture.json"


@dataclass(frozen=True, eq=False)
class HeadTake:
    """One take.

    Attributes
    ----------
    name : str
    features : np.ndarray, shape (n, 64), float32
        Of `audio_features`.
    times : np.ndarray, shape (F,), float64
        Seconds of the recording; they rise.
    weights : np.ndarray, shape (F, shapes), float32
        Of the head's shapes.
    vertices : callable
        From a frame's number to the mesh (V, 3) as it truly is.
    pictures : CaptureFolder, optional
        Its shots are the frames.
    """

    name: str
    features: np.ndarray
    times: np.ndarray
    weights: np.ndarray
    vertices: Callable[[int], np.ndarray]
    pictures: CaptureFolder | None = None

    def __len__(self) -> int:
        return len(self.times)


def find_takes(paths: Iterable[Path]) -> list[Path]:
    """Recordings and folders of captures, among them and in the folders among them.

    Raises
    ------
    RigtalkError
        If a path does not exist, or no take is found.
    """
    found: list[Path] = []
    for path in paths:
        if not path.exists():
            raise RigtalkError(f"{path}: no such take: give recordings, or folders of them")
        if path.is_file() or (path / INDEX).is_file():
            found.append(path)
            continue
        inside = sorted(path.iterdir())
        found += [each for each in inside if each.suffix.lower() in AUDIO_SUFFIXES]
        found += [each for each in inside if (each / INDEX).is_file()]
    if not found:
        raise RigtalkError("no take found: give recordings, or folders of them")
    return list(dict.fromkeys(found))


def read_takes(paths: Iterable[Path], head: SplatHead) -> list[HeadTake]:
    """Read takes; see the module.

    Raises
    ------
    RigtalkError
        If one cannot be read or is of another head, or if some have motion and some have none.
    """
    found = find_takes(paths)
    bare = [p for p in found if p.is_file() and not p.with_suffix(".npz").is_file()]
    if bare and len(bare) < len(found):
        raise RigtalkError(
            f"{bare[0]}: no motion: put {bare[0].stem}.npz beside it, as the other takes have, or "
            "train on recordings alone"
        )
    if bare:
        motion, actor = HingedMotion.of(head), Actor.load()
        return [performed_take(path, head, motion, actor) for path in bare]
    return [_captured(path, head) if path.is_dir() else _animated(path, head) for path in found]


def performed_take(path: Path, head: SplatHead, motion: HingedMotion, actor: Actor) -> HeadTake:
    """A recording that the actor performs on a face that moves by `motion`.

    Raises
    ------
    RigtalkError
        If the recording cannot be read.
    """
    clip = read_clip(path)
    features = audio_features(clip)
    performance = actor.perform(clip, fps=FPS)
    weights = head.weights(performance.controls.names, performance.values)
    full = breath(features, performance.times)
    return HeadTake(
        path.stem,
        features,
        performance.times,
        weights,
        lambda frame: motion.vertices(weights[frame], full[frame]),
    )


def _animated(path: Path, head: SplatHead) -> HeadTake:
    file = path.with_suffix(".npz")
    try:
        with np.load(file, allow_pickle=False) as arrays:
            times = arrays["times"].astype(np.float64)
            vertices = arrays["vertices"].astype(np.float32)
            weights = arrays["weights"].astype(np.float32)
            names = [str(name) for name in arrays["names"]]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        raise RigtalkError(
            f"{file}: not the motion of a take: it needs times, vertices, weights and names"
        ) from None
    count = len(times)
    if vertices.shape != (count, *head.mesh.vertices.shape):
        raise RigtalkError(
            f"{file}: vertices are {vertices.shape}; {count} frames of this head need "
            f"{(count, *head.mesh.vertices.shape)}"
        )
    if weights.shape != (count, len(names)):
        raise RigtalkError(f"{file}: weights are {weights.shape}, not {(count, len(names))}")
    _check(file, times, vertices, weights)
    told = head.weights(names, weights)
    return HeadTake(path.stem, audio_features(read_clip(path)), times, told, vertices.__getitem__)


def _captured(path: Path, head: SplatHead) -> HeadTake:
    folder = CaptureFolder.open(path)
    head.check_mesh(folder.head.signature)
    try:
        audio = path / str(folder.facts["audio"])
        times = np.array(json.loads(str(folder.facts["times"])), np.float64)
    except (KeyError, ValueError, TypeError):
        raise RigtalkError(
            f"{path}: not the capture of a take: its facts lack audio, or the times of its shots"
        ) from None
    if times.shape != (len(folder.shots),) or folder.missing():
        raise RigtalkError(f"{path}: not every frame was captured, or has a time; capture again")
    names = sorted({name for shot in folder.shots for name in shot.weights})
    values = np.array([[shot.weights.get(n, 0.0) for n in names] for shot in folder.shots])
    weights = head.weights(names, values.reshape(len(times), len(names)))
    _check(path, times, weights)
    return HeadTake(
        path.name,
        audio_features(read_clip(audio)),
        times,
        weights,
        lambda frame: folder.photo(frame).vertices,
        folder,
    )


def _check(path: Path, times: np.ndarray, *arrays: np.ndarray) -> None:
    if len(times) < 2 or not (np.diff(times) > 0).all():
        raise RigtalkError(f"{path}: the times of a take must rise, and be two or more")
    if not all(np.isfinite(array).all() for array in (times, *arrays)):
        raise RigtalkError(f"{path}: holds numbers that are not finite")
