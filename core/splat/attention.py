"""Sound-conditioned changes of a head's Gaussians, as they are shown: no torch.

Shapes move a face along straight lines, correctives along with the shapes; what a voice does
besides is told by its sound. Every Gaussian that takes part has an embedding by its place on the
mesh, and attends to the tokens of a frame: parts of a window of sound, the weights of the shapes,
and a null token that takes what never changes (spatial-audio attention of the first
GaussianTalker, arXiv 2404.16012, section 3.3). What it sees becomes offsets of the Gaussian at
rest, in the channels of `rigtalk.core.splat.correctives`. `rigtalk.training.splat` trains it.

With x the embeddings, t the tokens, and one or two layers::

    x ← x + Σ over heads  softmax(query(x)ᵀ key(t)) value(t)
    offsets = output(relu(inner(x)))

What a Gaussian asks in the first layer is the same in every frame and kept; what tokens answer is
the same for every Gaussian, so a frame costs a few narrow matrix products.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ..errors import RigtalkError
from ..features import MELS
from .gaussians import Gaussians
from .hearing import heard_at

if TYPE_CHECKING:
    from .head import SplatHead

__all__ = ["ARRAYS", "ATTENTION_CHANNELS", "Attention", "attention_offsets"]

ATTENTION_CHANNELS: Mapping[str, int] = {
    "positions": 3,
    "log_scales": 3,
    "rotations": 3,
    "opacity_logits": 1,
    "sh": 3,
}
"""What can be changed, and in how many numbers; of the harmonics the constant colour alone."""
ARRAYS: Mapping[str, tuple[str, str]] = {
    "index": ("<i4", "m"),
    "embedding": ("<f2", "m d"),
    "sound_in": ("<f4", "r i"),
    "sound_in_bias": ("<f4", "i"),
    "sound_out": ("<f4", "i d"),
    "sound_place": ("<f4", "a d"),
    "weights_in": ("<f4", "s j"),
    "weights_in_bias": ("<f4", "j"),
    "weights_out": ("<f4", "j e"),
    "weights_out_bias": ("<f4", "e"),
    "null": ("<f4", "z d"),
    "query": ("<f4", "l d d"),
    "query_bias": ("<f4", "l d"),
    "key": ("<f4", "l d d"),
    "value": ("<f4", "l d d"),
    "value_bias": ("<f4", "l d"),
    "out": ("<f4", "l d d"),
    "inner": ("<f4", "d h"),
    "inner_bias": ("<f4", "h"),
    "output": ("<f4", "h c"),
    "output_bias": ("<f4", "c"),
}
"""Types and sizes: m Gaussians that take part, width d, r = 64 bands of one part of the sound, a
such parts, s shapes, e = d times the tokens of expression, z null tokens, l layers, c numbers of
the channels. Matrices are applied from the right."""
_BLOCK = 2048
"""Gaussians at a time: what is in between stays in the processor's cache."""
_SAFE = 40.0
"""Scores below this can go through exp in float32 as they are."""


@dataclass(frozen=True, eq=False)
class Attention:
    """The module of one head.

    Attributes
    ----------
    channels : tuple of str
        Some of `ATTENTION_CHANNELS`, in the order of the columns of ``output``.
    heads : int
        Of the attention; divides the width.
    arrays : mapping of str to np.ndarray
        All of `ARRAYS`. ``index`` rises: the Gaussians that take part.

    Raises
    ------
    RigtalkError
        If sizes disagree, something is missing, or a number is not finite.
    """

    channels: tuple[str, ...]
    heads: int
    arrays: Mapping[str, np.ndarray]

    def __post_init__(self) -> None:
        known = [name for name in ATTENTION_CHANNELS if name in self.channels]
        if tuple(known) != tuple(self.channels) or not known:
            raise RigtalkError(f"an attention changes no {', '.join(map(str, self.channels))}")
        if set(self.arrays) != set(ARRAYS):
            odd = ", ".join(sorted(set(self.arrays) ^ set(ARRAYS)))
            raise RigtalkError(f"an attention lacks arrays, or has too many: {odd}")
        sizes = {"c": sum(ATTENTION_CHANNELS[name] for name in known)}
        arrays = {}
        for name, (kind, letters) in ARRAYS.items():
            with np.errstate(over="ignore"):
                array = np.ascontiguousarray(self.arrays[name], dtype=kind)
            shape = tuple(
                sizes.setdefault(letter, size)
                for letter, size in zip(letters.split(), array.shape, strict=False)
            )
            if array.ndim != len(letters.split()) or array.shape != shape:
                raise RigtalkError(f"the attention's {name} has the shape {array.shape}")
            if not np.isfinite(array).all():
                raise RigtalkError(f"the attention's {name} has numbers that are not finite")
            arrays[name] = array
        width, heads = sizes["d"], self.heads
        if min(sizes[letter] for letter in "adehijlrz") < 1 or not 1 <= heads <= width:
            raise RigtalkError("an attention has a size of 0")
        if width % heads or sizes["e"] % width or sizes["r"] % MELS:
            raise RigtalkError("an attention's sizes do not divide as they should")
        index = arrays["index"]
        if len(index) and (index[0] < 0 or (np.diff(index) <= 0).any()):
            raise RigtalkError("the attention's Gaussians are not in rising order")
        object.__setattr__(self, "channels", tuple(known))
        object.__setattr__(self, "arrays", arrays)

    def check(self, gaussians: Gaussians, shapes: int) -> None:
        """Raise RigtalkError unless it is for these Gaussians and so many shapes."""
        index, told = self.arrays["index"], len(self.arrays["weights_in"])
        if told != shapes:
            raise RigtalkError(f"the attention knows {told} shapes, the head has {shapes}")
        if len(index) and index[-1] >= len(gaussians):
            raise RigtalkError(f"the attention changes more than {len(gaussians)} Gaussians")

    @property
    def window(self) -> int:
        """Frames of 10 ms that it hears at a time."""
        return len(self.arrays["sound_place"]) * (len(self.arrays["sound_in"]) // MELS)

    def tokens(self, heard: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """What a frame tells.

        Parameters
        ----------
        heard : np.ndarray, shape (window, 64)
            From `heard_at`.
        weights : np.ndarray, shape (shapes,)

        Returns
        -------
        np.ndarray, shape (T, d), float32
        """
        w = self.arrays
        parts = np.asarray(heard, np.float32).reshape(len(w["sound_place"]), -1)
        sounds = np.maximum(parts @ w["sound_in"] + w["sound_in_bias"], 0) @ w["sound_out"]
        told = np.asarray(weights, np.float32) @ w["weights_in"] + w["weights_in_bias"]
        told = np.maximum(told, 0) @ w["weights_out"] + w["weights_out_bias"]
        told = told.reshape(-1, w["null"].shape[1])
        return np.concatenate([sounds + w["sound_place"], told, w["null"]])

    def offsets(self, tokens: np.ndarray, count: int) -> dict[str, np.ndarray]:
        """What is to be added to the Gaussians at rest.

        Parameters
        ----------
        tokens : np.ndarray, shape (T, d)
        count : int
            Of the head's Gaussians.

        Returns
        -------
        dict of str to np.ndarray, float32
            ``positions``, ``log_scales``, ``rotations`` (count, 3), ``opacity_logits`` (count,),
            ``sh`` (count, 1, 3); those of the channels that are changed.
        """
        answers = [self._answers(tokens, layer) for layer in range(len(self.arrays["query"]))]
        columns = self.arrays["output"].shape[1]
        found = np.empty((len(self._embedding), columns), np.float32)
        for begin in range(0, len(found), _BLOCK):
            part = slice(begin, begin + _BLOCK)
            found[part] = self._changed(part, answers)
        index, result, at = self.arrays["index"], {}, 0
        for name in self.channels:
            size = ATTENTION_CHANNELS[name]
            change = np.zeros((count, size), np.float32)
            change[index] = found[:, at : at + size]
            result[name] = change.reshape(_SHAPES.get(name, (-1, size)))
            at += size
        return result

    @cached_property
    def _embedding(self) -> np.ndarray:
        return self.arrays["embedding"].astype(np.float32)

    @cached_property
    def _asked(self) -> tuple[np.ndarray, float]:
        """What the Gaussians ask in the first layer, (m, d), and the longest of it in a head."""
        asked = self._query(self._embedding, 0)
        by_head = asked.reshape(len(asked), self.heads, -1)
        return asked, float(np.linalg.norm(by_head, axis=2).max(initial=0.0))

    def _query(self, x: np.ndarray, layer: int) -> np.ndarray:
        size = x.shape[1] // self.heads
        scale = np.float32(size**-0.5)
        w = self.arrays
        return x @ (w["query"][layer] * scale) + w["query_bias"][layer] * scale

    def _answers(self, tokens: np.ndarray, layer: int) -> tuple[np.ndarray, np.ndarray, float]:
        """Keys (d, heads · T) with a head's rows to itself, values of each head (heads, T, d + 1)
        as they enter x, with a last column of ones, and the longest key."""
        w, heads, count = self.arrays, self.heads, len(tokens)
        width = tokens.shape[1]
        key = (tokens @ w["key"][layer]).reshape(count, heads, -1)
        value = (tokens @ w["value"][layer] + w["value_bias"][layer]).reshape(count, heads, -1)
        out = w["out"][layer].reshape(heads, -1, width)
        keys = np.zeros((heads, width // heads, heads, count), np.float32)
        for head in range(heads):
            keys[head, :, head] = key[:, head].T
        values = np.ones((heads, count, width + 1), np.float32)
        values[..., :width] = np.einsum("thk,hkd->htd", value, out)
        longest = float(np.linalg.norm(key, axis=2).max(initial=0.0))
        return keys.reshape(width, heads * count), values, longest

    def _changed(
        self, part: slice, answers: list[tuple[np.ndarray, np.ndarray, float]]
    ) -> np.ndarray:
        w, x = self.arrays, self._embedding[part]
        for layer, (keys, values, longest) in enumerate(answers):
            asked = self._asked[0][part] if layer == 0 else self._query(x, layer)
            scores = asked @ keys
            by_head = scores.reshape(len(x), self.heads, -1)
            if layer or self._asked[1] * longest > _SAFE:
                by_head -= by_head.max(axis=2, keepdims=True)
            np.exp(scores, out=scores)
            x = x.copy()
            for head, value in enumerate(values):
                seen = by_head[:, head] @ value
                seen[:, :-1] /= seen[:, -1:]
                x += seen[:, :-1]
        inner = x @ w["inner"]
        inner += w["inner_bias"]
        np.maximum(inner, 0, out=inner)
        return inner @ w["output"] + w["output_bias"]


_SHAPES = {"opacity_logits": (-1,), "sh": (-1, 1, 3)}


def attention_offsets(
    head: SplatHead, features: np.ndarray, weights: np.ndarray, time: float
) -> dict[str, np.ndarray] | None:
    """What a head's attention adds to its Gaussians at rest at a moment of a recording.

    Parameters
    ----------
    head : SplatHead
    features : np.ndarray, shape (frames, 64)
        From `audio_features`, once for a recording.
    weights : np.ndarray, shape (shapes,)
        Of the head's shapes at that moment.
    time : float
        Seconds of the recording.

    Returns
    -------
    dict of str to np.ndarray, or None
        For `SplatHead.posed`; None if the head has no attention.
    """
    attention = head.attention
    if attention is None:
        return None
    heard = heard_at(features, np.array(time), attention.window)
    return attention.offsets(attention.tokens(heard, weights), len(head))
