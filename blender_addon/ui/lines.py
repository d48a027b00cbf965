"""The list of lines."""

from __future__ import annotations

from typing import Any

import bpy

from ..dialogue.queue import Running
from ..dialogue.status import status_of
from ..translations.text import translated

__all__ = ["CLASSES", "LineList"]


class LineList(bpy.types.UIList):
    """Lines of dialogue: ticked or not, how they stand, what they are and who speaks."""

    bl_idname = "RIGTALK_UL_lines"

    def draw_item(
        self,
        context: bpy.types.Context,
        layout: bpy.types.UILayout,
        _data: Any,
        item: Any,
        _icon: int,
        _active_data: Any,
        _active_property: str,
    ) -> None:
        row = layout.row(align=True)
        row.prop(item, "chosen", text="")
        entry = Running.queue.entry(item.uid) if Running.queue else None
        if entry is not None and not entry.done:
            # 4.2 draws no progress in a row that is not its own.
            row.row().progress(factor=entry.fraction, text=item.name)
            return
        split = row.split(factor=0.55)
        status = status_of(context.scene, item)
        split.prop(item, "name", text="", emboss=False, icon=status.icon)
        name = item.character.name if item.character else translated("Nobody")
        split.label(text=name, translate=False)

    def filter_items(
        self, _context: bpy.types.Context, data: Any, name: str
    ) -> tuple[list[int], list[int]]:
        lines = getattr(data, name)
        helper = bpy.types.UI_UL_list
        shown: list[int] = []
        if self.filter_name:
            # A search finds lines by what they are called and by who speaks them.
            wanted = self.filter_name.casefold()
            shown = [self.bitflag_filter_item * (wanted in _searched(line)) for line in lines]
        order = helper.sort_items_by_name(lines, "name") if self.use_filter_sort_alpha else []
        return shown, order


def _searched(line: Any) -> str:
    speaker = line.character.name if line.character else ""
    return f"{line.name} {speaker}".casefold()


CLASSES = (LineList,)
