"""A line of speech with true phone times, and mouths to try its curves on."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from rigtalk.rigs import control_set
from rigtalk.rigs.head import build_head
from rigtalk.training.corpus.utterance import Phone

ARKIT = control_set("arkit")

# "Bob and Pam saw five blue moons above the farm, and we move very quickly past the big shiny
# church.", as flite's voice rms says it: phone, stress, end in seconds.
LINE = """sil:0.142 b:0.233 aa1:0.355 b:0.508 ae1:0.671 n:0.726 d:0.778 p:0.864 ae1:1.063 m:1.137
s:1.279 ao1:1.430 f:1.543 ay1:1.799 v:1.856 b:1.991 l:2.116 uw1:2.240 m:2.329 uw1:2.408 n:2.523
z:2.663 ah:2.707 b:2.780 ah1:2.873 v:2.920 dh:2.961 ah:3.001 f:3.149 aa1:3.183 r:3.335 m:3.441
sil:3.579 ae1:3.682 n:3.752 d:3.789 w:3.885 iy1:3.965 m:4.055 uw1:4.167 v:4.302 eh1:4.348 r:4.441
iy1:4.528 k:4.602 w:4.702 ih1:4.747 k:4.830 l:4.920 iy1:5.015 p:5.149 ae1:5.302 s:5.455 t:5.539
dh:5.604 ah:5.631 b:5.704 ih1:5.780 g:5.828 sh:5.979 ay1:6.116 n:6.159 iy1:6.279 ch:6.402 er1:6.562
ch:6.785 sil:7.400"""

Say = Callable[..., tuple[Phone, ...]]


def say(text: str, *, start: float = 0.0, rate: float = 1.0) -> tuple[Phone, ...]:
    """Phones of ``symbol[stress]:end`` items, `rate` times as fast."""
    phones = []
    now = start
    for item in text.split():
        name, end = item.split(":")
        symbol, stress = (name[:-1], int(name[-1])) if name[-1].isdigit() else (name, 0)
        phones.append(Phone(now, start + float(end) / rate, symbol, stress))
        now = phones[-1].end
    return tuple(phones)


@pytest.fixture(scope="session")
def speak() -> Say:
    return say


@pytest.fixture(scope="session")
def line() -> tuple[Phone, ...]:
    return say(LINE)


@dataclass(frozen=True)
class Mouth:
    """Where the lips of a head go; millimetres.

    `uppers`, `lowers` (frames, 3 points) are heights of the inner lips, `corners` (frames, 2, 3)
    the corners, `teeth` the height of the edge of the upper teeth at rest.
    """

    rest: np.ndarray
    shapes: np.ndarray
    columns: np.ndarray
    teeth: float
    up: int

    def points(self, arkit: np.ndarray) -> np.ndarray:
        """The eight points, shape (frames, 8, 3)."""
        return self.rest + np.tensordot(arkit[:, self.columns], self.shapes, axes=1)

    def gaps(self, arkit: np.ndarray) -> np.ndarray:
        """Heights between the lips in the middle and on both sides, shape (frames, 3)."""
        at = self.points(arkit)[:, :, self.up]
        return at[:, :3] - at[:, 3:6]

    def width(self, arkit: np.ndarray) -> np.ndarray:
        at = self.points(arkit)
        return np.linalg.norm(at[:, 6] - at[:, 7], axis=1)

    def under_teeth(self, arkit: np.ndarray) -> np.ndarray:
        """How far the lower lip stays below the upper teeth, shape (frames,)."""
        return self.teeth - self.points(arkit)[:, 3, self.up]


@pytest.fixture(scope="session")
def own_mouth() -> Mouth:
    """The embedded head's."""
    head = build_head()
    names = [
        f"lip_{lip}_inner{side}" for lip in ("upper", "lower") for side in ("", "_left", "_right")
    ]
    at = [head.landmarks[n] for n in (*names, "mouth_corner_left", "mouth_corner_right")]
    return Mouth(
        rest=head.vertices[at] * 1000.0,
        shapes=head.shape_deltas[:, at] * 1000.0,
        columns=ARKIT.indices(*head.shape_names),
        teeth=float(head.vertices[head.landmarks["teeth_upper_edge"], 2]) * 1000.0,
        up=2,
    )


@pytest.fixture(scope="session")
def ict_mouth(shared_data: Path) -> Mouth:
    """That of the ICT FaceKit head."""
    with np.load(shared_data / "heads" / "ict_facekit.npz", allow_pickle=False) as head:
        at = head["landmarks68"][[62, 61, 63, 66, 67, 65, 60, 64]]
        names = [str(n).replace("_L", "Left").replace("_R", "Right") for n in head["shape_names"]]
        whole = {"browInnerUpLeft": "browInnerUp", "browInnerUpRight": "browInnerUp"}
        whole |= {"cheekPuffLeft": "cheekPuff", "cheekPuffRight": "cheekPuff"}
        used = [(i, whole.get(n, n)) for i, n in enumerate(names) if whole.get(n, n) in ARKIT.names]
        return Mouth(
            rest=head["vertices"][at].astype(np.float64) * 10.0,
            shapes=head["shape_deltas"][[i for i, _ in used]][:, at].astype(np.float64) * 10.0,
            columns=ARKIT.indices(*(name for _, name in used)),
            teeth=-35.3,
            up=1,
        )
