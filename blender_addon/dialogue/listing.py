"""Fills the list of lines: from files, and from the strips of the sequencer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bpy

from rigtalk.core.errors import RigtalkError

from .. import compat
from ..characters import targets
from ..translations.text import translated
from .line import line_by_uid, new_line, settings_of
from .subtitles import Subtitle, read_subtitles, said_over

__all__ = ["Filled", "add_files", "fill_from_strips", "unused_name"]


@dataclass
class Filled:
    """What filling the list did.

    Attributes
    ----------
    added, kept : int
        Lines that are new, and strips that were in the list already.
    worded : int
        Lines that got their words.
    notes : list of str
        What was left out or is to be looked at.
    """

    added: int = 0
    kept: int = 0
    worded: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def told(self) -> str:
        """One line for people."""
        parts = [translated("{} lines added", self.added)]
        if self.kept:
            parts.append(translated("{} were there already", self.kept))
        if self.worded:
            parts.append(translated("words for {} from text strips", self.worded))
        return "; ".join([*parts, *self.notes])


def add_files(
    scene: bpy.types.Scene,
    paths: Iterable[Path],
    *,
    character: bpy.types.Object | None,
    start_frame: int,
) -> Filled:
    """A line for each recording, all starting at one frame.

    Parameters
    ----------
    paths : iterable of Path
        Whether they can be read is found out when they are generated.
    character : bpy.types.Object, optional
        Who speaks them.
    """
    filled = Filled()
    for path in paths:
        line = new_line(scene, unused_name(scene, path.stem))
        line.audio_source, line.audio_path = "FILE", str(path)
        line.start_frame, line.character = start_frame, character
        filled.added += 1
    return filled


def fill_from_strips(scene: bpy.types.Scene, strips: Sequence[Any] | None = None) -> Filled:
    """A line for each sound strip, spoken by the character that its channel is named after.

    Strips that a line speaks already keep that line. A scene with one character needs no names.
    Lines without words get those of the text strips that lie over theirs.

    Parameters
    ----------
    strips : sequence, optional
        Those to take; all sound strips of the sequencer if absent.

    Raises
    ------
    RigtalkError
        If there is no sound strip at all.
    """
    strips = list(compat.sound_strips(scene) if strips is None else strips)
    if not strips:
        raise RigtalkError("there is no sound strip: add the dialogue in the Video Sequencer first")
    characters = _characters(scene)
    spoken: dict[str, list[int]] = {}  # a line moves in memory when another is added
    for line in settings_of(scene).lines:
        if line.audio_source == "STRIP":
            spoken.setdefault(line.audio_strip, []).append(line.uid)
    subtitles = read_subtitles(scene)
    filled = Filled()
    muted, nobody = [], []
    for strip in sorted(strips, key=lambda strip: compat.strip_span(strip)[1]):
        if strip.name in spoken:
            filled.kept += 1
            for uid in spoken[strip.name]:
                filled.worded += _give_words(line_by_uid(scene, uid), strip, subtitles)
        elif strip.mute or compat.channel_is_muted(scene, strip):
            muted.append(strip.name)
        else:
            line = new_line(scene, unused_name(scene, strip.name))
            line.audio_source, line.audio_strip = "STRIP", strip.name
            line.character = _speaker(compat.channel_name(scene, strip), strip.name, characters)
            filled.added += 1
            filled.worded += _give_words(line, strip, subtitles)
            if line.character is None:
                nobody.append(line.name)
    if muted:
        filled.notes.append(translated("{} muted and left out", _listed(muted)))
    if nobody:
        filled.notes.append(
            translated(
                "no character for {}: name the channel after the character, or choose",
                _listed(nobody),
            )
        )
    return filled


def unused_name(scene: bpy.types.Scene, wanted: str) -> str:
    """A name that no line has yet: with a number after it where it is taken."""
    taken = {line.name for line in settings_of(scene).lines}
    name, number = wanted, 1
    while name in taken:
        name, number = f"{wanted}.{number:03d}", number + 1
    return name


def _give_words(line: Any, strip: Any, subtitles: Sequence[Subtitle]) -> bool:
    """Fill in what a line without words says; whether there was anything."""
    words = "" if line.script.strip() else said_over(strip, subtitles)
    if words:
        line.script = words
    return bool(words)


def _characters(scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """The objects that carry a character's controls, each once."""
    return [scene.objects[row.object_name] for row in targets.list_targets(scene.objects)]


def _speaker(
    channel: str, strip: str, characters: list[bpy.types.Object]
) -> bpy.types.Object | None:
    """The character with the name of the channel, else one that the strip's name begins with."""
    wanted = channel.casefold().strip()
    for character in characters:
        if wanted in _names(character):
            return character
    named = [c for c in characters if any(strip.casefold().startswith(n) for n in _names(c))]
    if len(named) == 1:
        return named[0]
    return characters[0] if len(characters) == 1 else None


def _names(character: bpy.types.Object) -> set[str]:
    """What a character may be called: by its object, its parents or its collections."""
    names, here = set(), character
    while here is not None:
        names.add(here.name.casefold())
        here = here.parent
    names |= {collection.name.casefold() for collection in character.users_collection}
    return names - {"collection", "scene collection"}


def _listed(names: list[str], most: int = 3) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
