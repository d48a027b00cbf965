"""Curves over time: the currency between all stages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from rigtalk import rigs
from rigtalk.rigs.controls import REGIONS, ControlSet

from .errors import RigtalkError
from .interpolation import interpolate

__all__ = ["Performance", "check_fps", "concatenate", "frame_count"]

MAX_FPS = 1000.0


@dataclass(frozen=True, eq=False)
class Performance:
    """Curves for the controls of one set, sampled evenly.

    Between frames the motion is a monotone cubic (see `at`), so the same performance can be sampled
    at any rate: two rates agree wherever their frames coincide.

    Attributes
    ----------
    values : ndarray, shape (frames, controls), float32
        Weights or radians, in the ranges of `controls`.
    fps : float
        Frames in a second; need not be whole.
    controls : ControlSet
        What the columns are.
    start : float
        Time of frame 0, in seconds of the audio.

    Raises
    ------
    RigtalkError
        If the shape does not fit the control set, a value is not finite or fps is out of range.
    """

    values: np.ndarray
    fps: float
    controls: ControlSet
    start: float = 0.0

    def __post_init__(self) -> None:
        check_fps(self.fps)
        values = np.ascontiguousarray(self.values, dtype=np.float32)
        if values.ndim != 2 or values.shape[1] != len(self.controls):
            raise RigtalkError(
                f"a performance for {self.controls.name!r} needs an array of (frames, "
                f"{len(self.controls)}), not {self.values.shape}"
            )
        if not np.isfinite(values).all():
            frame, column = np.argwhere(~np.isfinite(values))[0]
            name = self.controls.names[column]
            raise RigtalkError(f"the curve of {name} is not a number at frame {frame}")
        if not np.isfinite(self.start):
            raise RigtalkError(f"the start of a performance is {self.start}: it must be finite")
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "fps", float(self.fps))
        object.__setattr__(self, "start", float(self.start))

    def __len__(self) -> int:
        return len(self.values)

    @property
    def duration(self) -> float:
        """Seconds that the frames cover, each lasting 1 / fps."""
        return len(self.values) / self.fps

    @property
    def end(self) -> float:
        """Time at which a performance that continues this one starts, in seconds."""
        return self.start + self.duration

    @property
    def times(self) -> np.ndarray:
        """Time of each frame in seconds, shape (frames,), float64."""
        return self.start + np.arange(len(self.values)) / self.fps

    def curve(self, name: str) -> np.ndarray:
        """Values of one control, shape (frames,)."""
        return self.values[:, self.controls.index(name)]

    def at(self, times: np.ndarray) -> np.ndarray:
        """Values at any times.

        Parameters
        ----------
        times : ndarray, shape (n,)
            Seconds; outside the performance its first or last frame holds.

        Returns
        -------
        ndarray, shape (n, controls), float32
            In range. A monotone cubic through the frames: it never passes beyond two neighbouring
            frames, so what is shut stays shut, and it returns a frame unchanged at its own time.
        """
        positions = (np.asarray(times, dtype=np.float64) - self.start) * self.fps
        return self.controls.clip(interpolate(self.values, positions))

    def resampled(self, fps: float) -> Performance:
        """The same motion at another frame rate, from the same start.

        Frames are sampled where they fall, with no low-pass filter: an animator who asks for
        24 fps wants the poses of those instants, and a filter would open lips that are shut for two
        frames. The actor holds every lip closure for at least 42 ms (see `closures`), so from
        23.976 fps up at least one frame shows it.
        """
        check_fps(fps)
        if fps == self.fps:
            return self
        # A frame at the very end is kept although the division may fall short of it by rounding.
        last = (len(self.values) - 1) / self.fps
        count = int(np.floor(last * fps + 1e-6)) + 1 if len(self.values) else 0
        values = self.at(self.start + np.arange(count) / fps)
        return replace(self, values=values, fps=fps)

    def between(self, begin: float, end: float) -> Performance:
        """The frames with ``begin <= time < end`` (seconds)."""
        # Frame times such as 0.1 + 0.2 are not exact; a microsecond is far below any frame.
        first, stop = (
            int(
                np.clip(np.ceil((t - self.start) * self.fps - 1e-6 * self.fps), 0, len(self.values))
            )
            for t in (begin, end)
        )
        stop = max(stop, first)
        return replace(self, values=self.values[first:stop], start=self.start + first / self.fps)

    def shifted(self, seconds: float) -> Performance:
        """The same curves, later by some seconds."""
        return replace(self, start=self.start + seconds)

    def selected(self, *regions: str) -> Performance:
        """Only the curves of some regions; the others rest."""
        keep = self.controls.in_region(*_checked_regions(regions))
        values = np.tile(self.controls.rests, (len(self.values), 1))
        values[:, keep] = self.values[:, keep]
        return replace(self, values=values)

    def scaled(self, gains: Mapping[str, float]) -> Performance:
        """Curves made stronger or weaker by region, kept in range; gains by region name."""
        _checked_regions(gains)
        factors = np.ones(len(self.controls), dtype=np.float32)
        for region, gain in gains.items():
            factors[self.controls.in_region(region)] *= gain
        rests = self.controls.rests
        return replace(self, values=self.controls.clip(rests + (self.values - rests) * factors))

    def to(self, control_set: str) -> Performance:
        """The same performance on another control set, by name (``rigs.mapping``)."""
        if control_set == self.controls.name:
            return self
        target = rigs.control_set(control_set)
        mapping = rigs.mapping(self.controls.name, control_set)
        return replace(self, values=target.clip(mapping.apply(self.values)), controls=target)


def concatenate(parts: Iterable[Performance]) -> Performance:
    """Performances that follow one another, as one.

    Raises
    ------
    RigtalkError
        If there is none, if rates or control sets differ, or if one does not start where the last
        one ended.
    """
    kept = list(_joined(parts))
    if not kept:
        raise RigtalkError("there is no performance to join")
    return replace(kept[0], values=np.concatenate([part.values for part in kept]))


def _joined(parts: Iterable[Performance]) -> Iterator[Performance]:
    first: Performance | None = None
    frames = 0
    for part in parts:
        first = first or part
        same = part.fps == first.fps and part.controls.names == first.controls.names
        expected = first.start + frames / first.fps
        if not same or abs(part.start - expected) * first.fps > 1e-3:
            raise RigtalkError(
                "performances can be joined only at one rate, for one control set, and end to start"
            )
        frames += len(part)
        yield part


def check_fps(fps: float) -> None:
    """Raise RigtalkError unless fps is a rate that curves can have."""
    if not 0.0 < fps <= MAX_FPS:
        raise RigtalkError(f"fps is {fps:g}: it must be above 0 and at most {MAX_FPS:g}")


def frame_count(duration: float, fps: float) -> int:
    """Frames needed so that the last one is at or after the end of a sound of some seconds."""
    return int(np.ceil(duration * fps - 1e-6)) + 1


def _checked_regions(regions: Iterable[str]) -> tuple[str, ...]:
    regions = tuple(regions)
    for region in regions:
        if region not in REGIONS:
            raise RigtalkError(f"unknown region {region!r}: choose from {', '.join(REGIONS)}")
    return regions
