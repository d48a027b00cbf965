"""What became of a line: found out when it is shown, and then only where something may differ."""

from __future__ import annotations

import enum
import time
from collections.abc import Callable
from typing import Any, ClassVar

import bpy

from rigtalk.core.errors import RigtalkError

from ..animation.homes import ACTIVE, Home
from ..animation.layers import HOMES
from ..animation.write import count_edits
from ..characters import targets
from .line import take_of
from .script import script_file, script_stamp
from .sources import find_source, fingerprint

__all__ = ["Status", "forget", "forget_edits", "status_of"]

SECONDS = 2.0
"""Files are not asked for their date more often than this."""


class Status(enum.Enum):
    """How it stands with a line: what is shown, and the icon before it."""

    NEW = ("New", "ADD")
    GENERATED = ("Generated", "CHECKMARK")
    EDITED = ("Edited by hand", "GREASEPENCIL")
    AUDIO_CHANGED = ("The recording changed", "FILE_REFRESH")
    WORDS_CHANGED = ("The words changed", "FILE_REFRESH")
    AUDIO_MISSING = ("The recording is missing", "LIBRARY_DATA_BROKEN")
    FAILED = ("Failed", "ERROR")

    @property
    def label(self) -> str:
        """For people."""
        return self.value[0]

    @property
    def icon(self) -> str:
        """Blender's name of an icon."""
        return self.value[1]


class _Files:
    """Stamps of recordings and scripts, each good for a moment; by line and what is stamped."""

    known: ClassVar[dict[tuple[int, str], tuple[float, str]]] = {}


class _Edited:
    """Whether a line's keys were changed by hand; by line, until keys change."""

    known: ClassVar[dict[int, bool]] = {}


def status_of(scene: bpy.types.Scene, line: Any) -> Status:
    """How it stands with a line of a scene's list."""
    if line.fault:
        return Status.FAILED
    if not line.made:
        return Status.NEW
    heard = _heard(scene, line)
    if not heard:
        return Status.AUDIO_MISSING
    if heard != line.heard:
        return Status.AUDIO_CHANGED
    if _said(line) != line.said:
        return Status.WORDS_CHANGED
    return Status.EDITED if _edited(line) else Status.GENERATED


def forget() -> None:
    """Find everything out anew: another file was loaded, or time went back."""
    _Files.known.clear()
    _Edited.known.clear()


def forget_edits() -> None:
    """Keys have changed."""
    _Edited.known.clear()


def _heard(scene: bpy.types.Scene, line: Any) -> str:
    def find() -> str:
        try:
            return fingerprint(find_source(scene, line))
        except RigtalkError:
            return ""

    return _recent((line.uid, ""), find)


def _said(line: Any) -> str:
    words = line.script
    if not words or script_file(words) is None:
        return script_stamp(words)
    return _recent((line.uid, words), lambda: script_stamp(words))


def _recent(key: tuple[int, str], find: Callable[[], str]) -> str:
    when, stamp = _Files.known.get(key, (-SECONDS, ""))
    now = time.monotonic()
    if now - when > SECONDS:
        stamp = find()
        _Files.known[key] = now, stamp
    return stamp


def _edited(line: Any) -> bool:
    if line.uid not in _Edited.known:
        try:
            channels = targets.find_target(line.character).channels if line.character else ()
            homes: tuple[Home, ...] = (ACTIVE, *HOMES.values())
            take = take_of(line)
            _Edited.known[line.uid] = any(
                count_edits(channels, take=take, home=home) for home in homes
            )
        except RigtalkError:  # the character has no controls now; nothing to compare
            _Edited.known[line.uid] = False
    return _Edited.known[line.uid]
