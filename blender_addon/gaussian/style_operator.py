"""Gives the active character's head of Gaussians the colours of a picture."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import bpy
import numpy as np
from bpy_extras.io_utils import ImportHelper

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.files.head_file import read_head, write_head
from rigtalk.core.splat.style import recoloured

from ..translations.text import translated
from .filing import chosen_file, free_path, keep
from .open_head import head_path
from .preview_operator import why_no_head
from .properties import holder_of
from .work import Work

__all__ = ["CLASSES", "colours_of_file"]

_EDGE = 512
"""Pixels along an edge that are enough to know a picture's colours."""


class StyleHeadOperator(bpy.types.Operator, ImportHelper):
    """Give the head of Gaussians the colours of a picture, in a file beside the one it has"""

    bl_idname = "rigtalk.style_gaussian_head"
    bl_label = "Recolour After a Picture"
    bl_options: ClassVar = {"UNDO"}
    __annotations__ = {
        "filter_glob": bpy.props.StringProperty(
            default=";".join(f"*{suffix}" for suffix in sorted(bpy.path.extensions_image)),
            options={"HIDDEN"},
        ),
        "strength": bpy.props.FloatProperty(
            name="Strength",
            description="0 leaves the colours as they are, 1 takes those of the picture",
            min=0.0,
            max=1.0,
            default=1.0,
            subtype="FACTOR",
        ),
    }

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        reason = _why_not(context)
        if reason:
            cls.poll_message_set(reason)
        return not reason

    def draw(self, _context: bpy.types.Context) -> None:
        self.layout.use_property_split = True
        self.layout.prop(self, "strength", slider=True)

    def execute(self, context: bpy.types.Context) -> set[str]:
        character = holder_of(context.object)
        try:
            picture = chosen_file(self.filepath)
            colours = colours_of_file(picture)
            path = head_path(character)
            head = recoloured(read_head(path), colours, strength=self.strength)
            goal = free_path(path.with_name(f"{path.stem} {picture.stem}{path.suffix}"))
            write_head(goal, head)
        except RigtalkError as fault:
            self.report({"ERROR"}, str(fault))
            return {"CANCELLED"}
        keep(character, goal)
        self.report({"INFO"}, translated("Wrote {}", goal))
        return {"FINISHED"}


def colours_of_file(path: Path) -> np.ndarray:
    """Pixels of a picture, thinned out, as sRGB and alpha (h, w, 4) float32, 0-1.

    Raises
    ------
    RigtalkError
        If the file is not there or no picture.
    """
    if not path.is_file():
        raise RigtalkError(f"{path}: no such file: choose a picture")
    try:
        image = bpy.data.images.load(str(path), check_existing=False)
    except RuntimeError:
        raise _no_picture(path) from None
    try:
        width, height = image.size
        if not width or not height or image.channels not in (1, 3, 4):
            raise _no_picture(path)
        flat: np.ndarray = np.empty(width * height * image.channels, np.float32)
        image.pixels.foreach_get(flat)
        pixels = flat.reshape(height, width, image.channels)
        pixels = pixels[:: -(-height // _EDGE), :: -(-width // _EDGE)]
        linear = image.is_float
    finally:
        bpy.data.images.remove(image)
    pixels = np.nan_to_num(pixels, nan=0.0, posinf=1.0, neginf=0.0)
    colours = pixels[..., :3] if pixels.shape[2] > 1 else np.repeat(pixels, 3, axis=2)
    if linear:
        colours = _encoded(colours)
    alpha = pixels[..., 3:] if pixels.shape[2] == 4 else np.ones_like(colours[..., :1])
    return np.clip(np.concatenate([colours, alpha], axis=2), 0, 1)


def _encoded(linear: np.ndarray) -> np.ndarray:
    """Light as sRGB (IEC 61966-2-1)."""
    light = np.clip(linear, 0, 1)
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def _no_picture(path: Path) -> RigtalkError:
    return RigtalkError(f"{path}: not a picture that Blender can read: use PNG, JPEG or EXR")


def _why_not(context: bpy.types.Context) -> str:
    reason = why_no_head(context.object)
    if not reason and Work.running is not None:
        reason = translated("Something is being computed already")
    if not reason and not holder_of(context.object).is_editable:
        name = holder_of(context.object).name
        reason = translated("{} is linked: use Override Character first", name)
    return reason


CLASSES = (StyleHeadOperator,)


def register() -> None:
    """Register the operator."""
    for cls in CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Remove it."""
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
