"""What is asked of a line: its recording, its words, its emotion, its strengths."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import bpy

from rigtalk.core.direction import EMOTIONS, STRENGTH_REGIONS, Direction
from rigtalk.core.script import Script

from .. import compat
from ..direction.moods import Mood
from ..translations.text import OURS

__all__ = ["direction_of", "mix_name", "set_mood", "setting_fields", "strength_name"]

STRENGTH_HELP = {
    "speech": "How far the mouth goes in speaking, from mumbled to exaggerated",
    "mouth": "Lips, corners and tongue",
    "jaw": "How far the jaw opens",
    "brows": "Brows",
    "eyes": "Lids and squints",
    "cheeks": "Cheeks and nose",
    "head": "Turning and nodding of the head",
    "blinks": "Blinks",
    "gaze": "Darts of the eyes",
}


def _search_strips(_owner: Any, context: bpy.types.Context, text: str) -> Iterable[str]:
    names = (strip.name for strip in compat.sound_strips(context.scene))
    return [name for name in names if text.casefold() in name.casefold()]


def mix_name(emotion: str) -> str:
    """Property that holds an emotion's share in the mix."""
    return f"mix_{emotion}"


def strength_name(region: str) -> str:
    """Property that holds a region's strength."""
    return f"strength_{region}"


def setting_fields() -> dict[str, Any]:
    """Annotations of a class that asks for a line: Blender makes properties of them."""
    fields: dict[str, Any] = {
        "audio_source": bpy.props.EnumProperty(
            name="Audio",
            description="Where the recording comes from",
            items=(
                ("FILE", "File", "A recording on disk: WAV, FLAC, OGG, Opus or MP3"),
                ("STRIP", "Strip", "A sound strip of the video sequencer, as it is trimmed there"),
            ),
            default="FILE",
        ),
        "audio_path": bpy.props.StringProperty(
            name="Recording",
            description="The recorded line",
            subtype="FILE_PATH",
            options=compat.PATH_OPTIONS,
        ),
        "audio_strip": bpy.props.StringProperty(
            name="Strip", description="A sound strip of the sequencer", search=_search_strips
        ),
        "script": bpy.props.StringProperty(
            name="Words",
            description="What is said in the recording, in English, or the path of a file of it "
            "(.txt, .TextGrid, .phn, .lab): lips then close where it has p, b and m. "
            "Empty: the sound alone decides",
            translation_context=OURS,
        ),
        "emotion": bpy.props.EnumProperty(
            name="Emotion",
            description="How the line is meant",
            items=[(name, name.capitalize(), "") for name in ("neutral", *EMOTIONS)],
            default="neutral",
        ),
        "intensity": bpy.props.FloatProperty(
            name="Intensity",
            description="How strongly the emotion shows",
            min=0.0,
            max=1.0,
            default=0.7,
            subtype="FACTOR",
        ),
        "seed": bpy.props.IntProperty(
            name="Take",
            description="Chooses blinks, gaze and head motion; the same number gives the same take",
            min=0,
            default=0,
        ),
        "start_frame": bpy.props.IntProperty(
            name="Start", description="Frame at which the recording starts", default=1
        ),
        "add_sound": bpy.props.BoolProperty(
            name="Add Sound Strip",
            description="Put the recording into the sequencer at the start frame, once",
            default=True,
        ),
    }
    for emotion in EMOTIONS:
        fields[mix_name(emotion)] = bpy.props.FloatProperty(
            name=emotion.capitalize(),
            description=f"Share of {emotion}, beside the emotion chosen above",
            min=0.0,
            max=1.0,
            subtype="FACTOR",
        )
    for region in STRENGTH_REGIONS:
        fields[strength_name(region)] = bpy.props.FloatProperty(
            name=region.capitalize(),
            description=f"{STRENGTH_HELP[region]}: 0 is still, 1 is natural, 2 is twice as much",
            min=0.0,
            max=2.0,
            default=1.0,
            subtype="FACTOR",
        )
    return fields


def direction_of(settings: Any, script: Script | None = None) -> Direction:
    """The direction that settings, or an operator's properties, ask for.

    Parameters
    ----------
    settings : RigTalkLine or AnimateOperator
    script : Script, optional
        What `script.script_of` found in them.
    """
    mixed = {emotion: getattr(settings, mix_name(emotion)) for emotion in EMOTIONS}
    if settings.emotion != "neutral":
        mixed[settings.emotion] = max(mixed[settings.emotion], settings.intensity)
    return Direction(
        emotions={name: share for name, share in mixed.items() if share > 0.0},
        strength={name: getattr(settings, strength_name(name)) for name in STRENGTH_REGIONS},
        seed=settings.seed,
        script=script,
    )


def set_mood(settings: Any, mood: Mood) -> None:
    """Ask for a mood: its strongest emotion is the line's, the others go into the mix.

    The words stay: they belong to the recording.
    """
    emotions = dict(mood.emotions)
    leading = max(emotions, key=lambda name: emotions[name], default="neutral")
    settings.emotion = leading
    settings.intensity = emotions.pop(leading, settings.intensity)
    for emotion in EMOTIONS:
        setattr(settings, mix_name(emotion), emotions.get(emotion, 0.0))
    for region in STRENGTH_REGIONS:
        setattr(settings, strength_name(region), mood.strength.get(region, 1.0))
