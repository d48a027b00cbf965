"""What actors are judged on: people and captured mouths that nobody trained on, and a head."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from rigtalk.core.judge.heads import embedded_probe, ict_probe
from rigtalk.core.judge.pitch import loudness_of, pitch_of
from rigtalk.core.judge.probe import Probe
from rigtalk.core.judge.take import FPS
from rigtalk.rigs.errors import RigtalkError

from ..articulation import facegood_to_arkit
from ..corpus.captures import HELD_OUT, Take, read_takes
from ..corpus.dataset import Corpus
from ..corpus.utterance import Utterance
from .conditions import read_sexes

__all__ = ["Material", "at_judged_rate", "captured_values", "load_material"]

_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Material:
    """What actors are judged on.

    Attributes
    ----------
    utterances : tuple of Utterance
    takes : tuple of Take
    probe : Probe
    sexes : mapping of str to str
        ``F`` or ``M`` of the speakers of whom it is known.
    """

    utterances: tuple[Utterance, ...]
    takes: tuple[Take, ...]
    probe: Probe
    sexes: Mapping[str, str] = field(default_factory=dict)
    _prosodies: dict[int, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict, repr=False)

    def prosody(self, utterance: Utterance) -> tuple[np.ndarray, np.ndarray]:
        """Pitch and loudness of a line, found once for all who speak it."""
        key = id(utterance)
        if key not in self._prosodies:
            found = pitch_of(utterance.samples), loudness_of(utterance.samples)
            self._prosodies[key] = found
        return self._prosodies[key]


def load_material(
    *,
    cache: Path = _ROOT / ".cache" / "corpus",
    shared: Path = _ROOT.parent / "shared" / "data",
    split: str = "real-validation",
    takes: Sequence[str] = tuple(sorted(HELD_OUT)),
    head: str | None = None,
) -> Material:
    """Validation speech, held-out takes and a head to measure on.

    Parameters
    ----------
    cache : Path
        With the real speech that `build_real` aligned.
    shared : Path
        With ``captures`` and ``heads``; without them there are no takes, and the embedded head.
    split : str
        Of `rigtalk.training.corpus.dataset.SPLITS`.
    takes : sequence of str
    head : str, optional
        ``"ict"`` or ``"embedded"``; by default the first that is there.

    Raises
    ------
    RigtalkError
        If no speech has been aligned, or a head is unknown or absent.
    """
    ict = shared / "heads" / "ict_facekit.npz"
    head = head or ("ict" if ict.is_file() else "embedded")
    if head not in ("ict", "embedded"):
        raise RigtalkError(f"unknown head {head!r}: choose from ict, embedded")
    captures = shared / "captures"
    return Material(
        utterances=tuple(entry.utterance() for entry in Corpus(cache, split)),
        takes=read_takes(captures, names=takes) if captures.is_dir() else (),
        probe=ict_probe(ict) if head == "ict" else embedded_probe(),
        sexes=read_sexes(shared / "speech"),
    )


def captured_values(take: Take) -> np.ndarray:
    """A take as ARKit controls at `FPS`, shape (frames, 61), float32."""
    return at_judged_rate(facegood_to_arkit(take.values, take.names), take.fps)


def at_judged_rate(values: np.ndarray, fps: float) -> np.ndarray:
    """Curves brought to `FPS`, linear in between."""
    times = np.arange(int((len(values) - 1) / fps * FPS) + 1) / FPS * fps
    low = np.minimum(times.astype(np.intp), max(len(values) - 2, 0))
    part = (times - low)[:, None].astype(np.float32)
    return values[low] * (1 - part) + values[np.minimum(low + 1, len(values) - 1)] * part
