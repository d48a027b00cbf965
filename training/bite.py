"""The lower lip at the upper teeth in f and v, taken from the articulation model.

As with closures, an average of a lip that touches the teeth and one that does not is neither. So
where the network is sure to hear an f or a v, the lip goes all the way.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from rigtalk.core.speech.phones import SYMBOL_IDS
from rigtalk.core.speech.timing import Phone
from rigtalk.rigs import ControlSet, control_set

from .articulation import Style, articulate

__all__ = ["BITING_PHONES", "CERTAIN", "bite_pose"]

BITING_PHONES = tuple(SYMBOL_IDS[symbol] for symbol in ("f", "v"))
CERTAIN = 0.25
"""Probability of an f or a v from which the lip goes all the way. On unseen people .62 of f v reach
the teeth without this, .74 with 0.3 and .78 with 0.2, and nothing else is the worse for it."""
_MOVING = {
    "arkit": ("mouthRollLower", "mouthShrugLower", "mouthUpperUp", "mouthLowerDown", "jawOpen"),
    "metahuman": (
        "mouthLowerLipTowardsTeeth",
        "mouthLowerLipBite",
        "mouthLowerLipRollIn",
        "mouthLowerLipDepress",
        "mouthUpperLipRaise",
        "jawChinRaiseD",
        "jawOpen",
    ),
}
"""Beginnings of the controls that take the lip to the teeth; the others are free."""
_LINE = (("sil", 0.3), ("ah", 0.2), ("f", 0.2), ("ah", 0.2), ("sil", 0.3))


@lru_cache(maxsize=2)
def bite_pose(controls: ControlSet) -> tuple[np.ndarray, np.ndarray]:
    """How the articulation model says an f between open vowels, where the lip has risen furthest.

    Parameters
    ----------
    controls : ControlSet
        ``arkit`` or ``metahuman``.

    Returns
    -------
    moving : ndarray, shape (controls,), bool
        What belongs to the bite.
    pose : ndarray, shape (controls,), float32
    """
    ends = np.cumsum([seconds for _, seconds in _LINE])
    phones = tuple(
        Phone(float(end) - seconds, float(end), symbol)
        for (symbol, seconds), end in zip(_LINE, ends, strict=True)
    )
    spoken = articulate(
        phones,
        float(ends[-1]),
        rng=np.random.default_rng(0),
        style=Style(variation=0.0, asymmetry=0.0),
    )
    rising = control_set("arkit").indices("mouthRollLower", "mouthShrugLower")
    highest = int(spoken.arkit[:, rising].sum(axis=1).argmax())
    pose = {"arkit": spoken.arkit, "metahuman": spoken.metahuman}[controls.name][highest]
    moving = [
        name.removeprefix("CTRL_expressions_").startswith(_MOVING[controls.name])
        for name in controls.names
    ]
    return np.array(moving), pose.astype(np.float32)
