"""What the command line asks of whoever can open a 3D scene.

core knows nothing of Blender. The command line builds a `SceneJob` and hands it to a `SceneHost`,
which the extension implements on bpy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from .direction import Direction
from .errors import RigtalkError
from .exporting import ExportJob
from .performance import Performance

if TYPE_CHECKING:  # a host that only lists rigs has no need of onnxruntime
    from .actor import Actor
    from .splat.fitting.capture import CaptureFolder
    from .splat.fitting.job import HeadCaptureJob
    from .splat.head_mesh import HeadMesh

__all__ = ["SCENE_SUFFIXES", "RigRow", "SceneHost", "SceneJob", "SceneReport"]

SCENE_SUFFIXES = (".blend", ".fbx", ".glb", ".usd")
"""Outputs that need a scene, by suffix."""


@dataclass(frozen=True)
class SceneJob:
    """One recording to be put on one character, and what to save.

    Attributes
    ----------
    audio : Path
        The recording; it becomes the scene's sound at `start_frame`.
    source : Actor or Performance
        The actor who speaks it, or curves that exist already.
    direction : Direction
        For the actor.
    scene : Path or None
        A .blend to open; None for the embedded head in a new scene.
    object_name : str or None
        The character in the scene; None for the only one there is.
    blend : Path or None
        Where to save the scene.
    exports : tuple of Path
        Further files, by suffix: .fbx, .glb, .usd.
    fps : float or None
        Frame rate of the scene; None for the scene's own (60 for the embedded head).
    start_frame : int
        Frame at which the recording starts.
    gap : float or None
        Where it has a line before it in the scene: seconds from the end of that to the start of
        this one, in place of `start_frame`.
    rig : str or None
        Name of the control set to use; None for what the character has.
    preset : str or None
        What the exports are for, one of those of ``rigtalk export``; None for plain ones.
    take : str
        What the animation is called where a preset names it; empty for the recording's name.
    progress : callable
        Called with the fraction done, 0-1.
    """

    audio: Path
    source: Actor | Performance
    direction: Direction = field(default_factory=Direction)
    scene: Path | None = None
    object_name: str | None = None
    blend: Path | None = None
    exports: tuple[Path, ...] = ()
    fps: float | None = None
    start_frame: int = 1
    gap: float | None = None
    rig: str | None = None
    preset: str | None = None
    take: str = ""
    progress: Callable[[float], None] = lambda fraction: None

    def perform(
        self, rig: str, fps: float, *, note: Callable[[str], None] = lambda text: None
    ) -> Performance:
        """The curves for a control set, by name, at a frame rate.

        `note` is told what the user should know, see `Actor.perform`.

        Raises
        ------
        RigtalkError
            If the audio cannot be read, or the rig or fps is unknown.
        """
        if isinstance(self.source, Performance):
            return self.source.to(rig).resampled(fps)
        return self.source.perform(
            self.audio, self.direction, fps=fps, rig=rig, progress=self.progress, note=note
        )


@dataclass(frozen=True)
class SceneReport:
    """What a host did.

    Attributes
    ----------
    outputs : tuple of Path
        Files that were written.
    object_name : str
        The character.
    rig : str
        Name of the control set that was keyed.
    frames : int
        Frames of the performance.
    fps : float
        Rate of the scene.
    notes : tuple of str
        What the user should know: controls that the character lacks, and the like.
    """

    outputs: tuple[Path, ...]
    object_name: str
    rig: str
    frames: int
    fps: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class RigRow:
    """A character found in a scene.

    Attributes
    ----------
    object_name : str
        Name of the object.
    rig : str
        Name of the control set that fits it best.
    matched : int
        Controls of that set that the object has.
    total : int
        Controls of that set.
    note : str
        What is missing, in words, or empty.
    """

    object_name: str
    rig: str
    matched: int
    total: int
    note: str = ""


class SceneHost(Protocol):
    """A program that can open scenes."""

    def animate(self, job: SceneJob) -> SceneReport:
        """Key the character and save every output that the job names, or none.

        Raises
        ------
        RigtalkError
            If the scene, the object or an output is not usable.
        """

    def animate_lines(
        self, jobs: Sequence[SceneJob], begins: Callable[[int], None]
    ) -> tuple[SceneReport | RigtalkError, ...]:
        """Key line after line in one scene, and save it once.

        Parameters
        ----------
        jobs : sequence of SceneJob
            With the same scene, fps and .blend. An export that several name holds the frames of
            all of these, another one the frames of its line.
        begins : callable
            Called with the place of each line before it is keyed.

        Returns
        -------
        tuple of SceneReport or RigtalkError
            For each line. One that cannot be keyed leaves the others as they would be without it.

        Raises
        ------
        RigtalkError
            If the scene or an output is not usable; nothing is saved then.
        """

    def worker_command(self, *, scenes: bool) -> list[str]:
        """Words that start a process which runs ``batch-worker``, with Blender if for scenes.

        Raises
        ------
        RigtalkError
            If there is no Blender.
        """

    def export(self, job: ExportJob) -> tuple[Path, ...]:
        """Write takes of a character, all files or none; returns their names.

        Raises
        ------
        RigtalkError
            If the scene, the preset, the character, a take or the folder is not usable.
        """

    def list_rigs(self, scene: Path) -> tuple[RigRow, ...]:
        """The characters in a .blend.

        Raises
        ------
        RigtalkError
            If the file cannot be opened.
        """

    def capture_head(self, job: HeadCaptureJob) -> CaptureFolder:
        """Take the pictures that a head of Gaussians is fitted to.

        Returns
        -------
        CaptureFolder
            With some still missing if the job was cancelled.

        Raises
        ------
        RigtalkError
            If the scene, the character, the engine or the folder is not usable. The pictures taken
            so far are kept and gone on with.
        """

    def head_mesh(self, scene: Path | None, object_name: str | None) -> HeadMesh:
        """The meshes of a character as one, and how its controls move them.

        Parameters
        ----------
        scene : Path or None
            A .blend to open; None for the embedded head.
        object_name : str or None
            The character in the scene; None for the only one there is.

        Raises
        ------
        RigtalkError
            If the scene or the character is not usable.
        """
