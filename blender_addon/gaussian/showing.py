"""A head that is shown in viewports, with the last picture for each."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

import bpy
import numpy as np

from rigtalk.core.errors import RigtalkError

from . import drawing, hiding, standing
from .framing import passepartout
from .open_head import OpenHead, head_path
from .pace import Pace
from .pinhole import Eye, Window

__all__ = ["Figures", "Showing", "depsgraphs", "object_of"]

MOST_PICTURES = 12
"""Regions whose pictures are kept for a head."""
CORRECTING = 0.01
"""Seconds: correctives that take longer wait until nothing moves."""
BIAS = 0.03
"""Of the head's size: how much nearer it counts where an engine draws its mesh all the same."""
BY_ENGINE = {"MATERIAL", "RENDERED"}
"""Shadings in which engines draw meshes whatever they are to be shown as, and leave the depth of
the scene behind for overlays alone."""


@dataclass
class Figures:
    """What it takes to show a head.

    Attributes
    ----------
    following, rendering, uploading, drawing : float
        Seconds it took last: to read the meshes, to draw a picture, to hand it to the graphics
        card, and to have it drawn into the viewport.
    pictures : int
        Drawn anew since the head is shown.
    scale : float
        Pixels a side of the last one, as a share of the region's.
    backend, reason : str
        What draws, and why nothing faster does.
    """

    following: float = 0.0
    rendering: float = 0.0
    uploading: float = 0.0
    drawing: float = 0.0
    pictures: int = 0
    scale: float = 1.0
    backend: str = ""
    reason: str = ""


@dataclass(eq=False)
class _Seen:
    """A picture of a head in a region, and what it is a picture of."""

    key: tuple[Any, ...]
    whole: bool
    window: Window
    eye: Eye
    picture: drawing.Picture | None


@dataclass(eq=False)
class Showing:
    """A head that is shown.

    Attributes
    ----------
    number : int
        Session number of the character.
    name : str
        Of the character, when it was last looked for.
    head : OpenHead or None
        None until it is first drawn, and where it cannot be.
    fault : str
        Why it is not drawn.
    figures : Figures
    """

    number: int
    name: str
    head: OpenHead | None = None
    fault: str = ""
    figures: Figures = field(default_factory=Figures)
    pace: Pace = field(default_factory=Pace)
    _stamp: tuple[Any, ...] = ()
    _opened_at: int = -1
    _followed_at: tuple[Any, ...] = ()
    _corrected: bool = True
    _seen: OrderedDict[int, _Seen] = field(default_factory=OrderedDict)

    def objects(self) -> tuple[bpy.types.Object, ...]:
        """The meshes that it takes the place of."""
        return self.head.follower.objects() if self.head is not None else ()

    def edited(self) -> bpy.types.Object | None:
        """One of its meshes that is being edited."""
        return self.head.follower.edited() if self.head is not None else None

    def hide(self, depsgraph: Any) -> None:
        """Take its meshes out of sight, or show them where the head cannot be."""
        if self.fault or self.edited() is not None:
            hiding.reveal(self.objects(), [depsgraph])
        else:
            hiding.hide(self.objects(), depsgraph)

    def draw(self, context: bpy.types.Context, tick: int) -> None:
        """Draw it into the region of a context.

        Parameters
        ----------
        context : Context
            While Blender draws a 3D viewport.
        tick : int
            Another one than before if anything in the scene may have changed.

        Raises
        ------
        RigtalkError
            If it cannot be drawn as things are: its meshes are shown then.
        """
        if not self._open(tick) or not self._follow(context, tick):
            return
        # Some switches of a viewport evaluate everything anew and tell nobody.
        hiding.hide(self.objects(), context.view_layer.depsgraph)
        seen = self._picture(context)
        if seen.picture is not None:
            began = time.perf_counter()
            drawing.draw(seen.picture, self._layer(seen, context))
            self.figures.drawing = time.perf_counter() - began

    def fail(self, words: str) -> None:
        """Show the meshes, and say why, here and in the panel."""
        hiding.reveal(self.objects(), depsgraphs())
        if words != self.fault:
            self.fault = words
            character = object_of(self.number)
            if character is not None:
                standing.say(character, words)

    def mend(self) -> None:
        """Take back what `fail` said."""
        character = object_of(self.number) if self.fault else None
        if character is not None and standing.words_of(character) == self.fault:
            standing.clear(character)
        self.fault = ""

    def coarse(self) -> set[int]:
        """Regions whose pictures can be drawn more finely."""
        return {number for number, seen in self._seen.items() if not seen.whole}

    def forget(self) -> None:
        """Look for meshes and controls anew: undo replaces data-blocks."""
        if self.head is not None:
            self.head.follower.forget()

    def close(self) -> None:
        """Show the meshes and free what it holds."""
        if self.head is not None:
            hiding.reveal(self.objects(), depsgraphs())
            self.head.close()
        self.head = None
        self._seen.clear()

    def _open(self, tick: int) -> bool:
        """Read the head's file if that is not done, or it is another one now."""
        if tick != self._opened_at:
            character = object_of(self.number)
            if character is None:
                return False
            path = head_path(character)
            try:
                status = path.stat()
                stamp = str(path), status.st_mtime_ns, status.st_size
            except OSError:
                stamp = str(path), 0, 0
            self._opened_at = tick
            if stamp != self._stamp:
                self.close()
                self._stamp = stamp
                self.head = OpenHead(character, path, quick=True)
                renderer = self.head.renderer
                self.figures.backend, self.figures.reason = renderer.description, renderer.reason
                self.mend()
        return self.head is not None

    def _follow(self, context: bpy.types.Context, tick: int) -> bool:
        """Bring the head up to date; false where it is not to be drawn."""
        layer, head = context.view_layer, self.head
        assert head is not None  # noqa: S101 - opened before
        now = tick, context.scene.session_uid, layer.name
        settled = not self.pace.moves(time.perf_counter())
        if now == self._followed_at and (self.fault or self._corrected or not settled):
            return not self.fault and head.follower.edited() is None
        self._followed_at = now
        if head.follower.edited() is not None:
            return False
        began = time.perf_counter()
        quick = settled or head.correcting < CORRECTING
        try:
            self._corrected = head.follow(layer.depsgraph, correct=quick)
        except RigtalkError:
            self._corrected = True
            raise
        self.figures.following = time.perf_counter() - began
        self.mend()
        return True

    def _picture(self, context: bpy.types.Context) -> _Seen:
        """What a region shows of the head, drawn anew where it has to be."""
        head = self.head
        assert head is not None  # noqa: S101 - opened before
        region, view = context.region, context.region_data
        projection, matrix = np.array(view.window_matrix), np.array(view.view_matrix)
        size = region.width, region.height
        number = region.as_pointer()
        key = (head.revision, size, projection.tobytes(), matrix.tobytes())
        now = time.perf_counter()
        seen = self._seen.get(number)
        same = seen is not None and seen.key == key
        if seen is not None and same and (seen.whole or self.pace.moves(now)):
            return seen
        scale = self.pace.scale(now)
        eye = head.eye(matrix, projection, size)
        window = head.window(eye)
        picture = None
        if window.width and window.height:
            rgba, depth = head.picture(eye.through(window, scale))
            began = time.perf_counter()
            picture = drawing.upload(rgba, depth)
            figures = self.figures
            figures.rendering, figures.uploading = head.seconds, time.perf_counter() - began
            figures.pictures, figures.scale = figures.pictures + 1, scale
            self.pace.took(figures.rendering + figures.uploading, scale)
        if not same:
            self.pace.changed = time.perf_counter()
        seen = _Seen(key, scale == 1.0 and self._corrected, window, eye, picture)
        self._seen[number] = seen
        self._seen.move_to_end(number)
        while len(self._seen) > MOST_PICTURES:
            self._seen.popitem(last=False)
        return seen

    def _layer(self, seen: _Seen, context: bpy.types.Context) -> drawing.Layer:
        assert self.head is not None  # noqa: S101 - opened before
        space, region = context.space_data, context.region
        by_engine = space.shading.type in BY_ENGINE
        bias = BIAS * self.head.follower.size if by_engine else 0.0
        frame, outside = passepartout(context)
        return drawing.Layer(
            seen.window,
            (region.width, region.height),
            seen.eye.shift + bias,
            seen.eye.depth,
            frame,
            outside,
            in_front=by_engine and not space.overlay.show_overlays,
        )


def object_of(number: int) -> bpy.types.Object | None:
    """The object with a session number, if it is still there."""
    return next((thing for thing in bpy.data.objects if thing.session_uid == number), None)


def depsgraphs() -> list[Any]:
    """Those of every view layer that has been evaluated."""
    layers = (layer for scene in bpy.data.scenes for layer in scene.view_layers)
    return [layer.depsgraph for layer in layers if layer.depsgraph is not None]
