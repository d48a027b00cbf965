"""Live Link Face CSV: one row of weights a frame, stamped with a timecode.

``Timecode,BlendShapeCount,EyeBlinkLeft,…`` then ``13:13:04:31.652,61,0.1236470118,…``. The timecode
counts 60 frames a second whatever the rate of the rows, with thousandths of a frame after the dot;
ten decimals hold a float32 below 1 to the last bit that matters. Other control sets than ARKit are
written the same way under their own names.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from rigtalk.rigs import ControlSet

from ..errors import RigtalkError
from ..performance import Performance
from .columns import match_columns
from .decimals import decimal_rows
from .replacing import replacing

__all__ = ["LiveLinkTake", "read_csv", "read_livelink", "write_csv", "write_livelink"]

TIMECODE_RATE = 60
"""Frames that the timecode of Live Link Face counts in a second."""
OTHER_RATES = (24, 25, 30, 48, 50, 120)
"""Timecode rates that other programs write."""
COMMON_FPS = (24, 25, 30, 48, 50, 60, 100, 120, *(n * 1000 / 1001 for n in (24, 30, 60, 120)))
SNAP_SECONDS = 1e-3
"""A rate is taken for a common one if the last frame is off by no more than this."""
_TIMECODE = re.compile(r"(\d{1,2})[:;](\d{2})[:;](\d{2})[:;](\d{1,3})(?:\.(\d{1,3}))?")
_DAY = 24 * 3600


@dataclass(frozen=True, eq=False)
class LiveLinkTake:
    """A recording as it is in the file, row by row.

    Attributes
    ----------
    values : ndarray, shape (rows, controls), float32
        As recorded, even where slightly out of range.
    ticks : ndarray, shape (rows,), int64
        Thousandths of timecode frames since midnight.
    rate : int
        Timecode frames in a second.
    controls : ControlSet
    """

    values: np.ndarray
    ticks: np.ndarray
    rate: int
    controls: ControlSet

    @property
    def times(self) -> np.ndarray:
        """Seconds since midnight of the day it began, shape (rows,), float64."""
        return self.ticks / (1000.0 * self.rate)

    def performance(self) -> Performance:
        """Even curves, with dropped frames filled in.

        The rate is that of the rows; a row keeps its values. Where a camera dropped frames, values
        between the neighbours take their place.
        """
        times = self.times - self.times[0]
        if len(times) == 1:
            return Performance(self.values, float(TIMECODE_RATE), self.controls, self.times[0])
        step = float(np.median(np.diff(times)))
        counts = np.concatenate([[0], np.cumsum(np.round(np.diff(times) / step))])
        fps = _common(counts[-1] / times[-1], counts[-1], times[-1])
        even = np.abs(times * fps - counts).max() < 0.3 and (np.diff(counts) > 0).all()
        positions = counts if even else times * fps
        frames = np.arange(int(positions[-1] + 1e-6) + 1)
        columns = [np.interp(frames, positions, column) for column in self.values.T]
        return Performance(np.stack(columns, axis=1), fps, self.controls, self.times[0])


def read_livelink(path: str | Path) -> LiveLinkTake:
    """Read a Live Link Face CSV as it is.

    Rows in which the app lost the face (no values) are left out.

    Raises
    ------
    RigtalkError
        If a timecode, a number or the length of a row is wrong, a column is unknown, or no row is
        there. The message names the line.
    OSError
        If the file cannot be read.
    """
    path = Path(path)
    with path.open(encoding="utf-8-sig") as file:
        header = file.readline().rstrip("\r\n").split(",")
        if len(header) < 3 or header[0].strip().lower() != "timecode":
            raise RigtalkError(f"{path}: not a Live Link Face CSV: it has no Timecode column")
        controls, columns = match_columns(header[2:], str(path))
        stamps, rows = _read_rows(file, len(header), path)
    if not stamps:
        raise RigtalkError(f"{path}: no frame in it")
    read = np.array(rows, dtype=np.float32).reshape(len(stamps), len(columns))
    values = np.tile(controls.rests, (len(stamps), 1))
    values[:, columns] = read
    ticks, rate = _ticks(np.array(stamps, dtype=np.int64), path)
    return LiveLinkTake(values, ticks, rate, controls)


def write_livelink(path: str | Path, take: LiveLinkTake) -> None:
    """Write a recording row by row, as `read_livelink` gave it.

    Raises
    ------
    RigtalkError
        If the file cannot be written.
    """
    with replacing(Path(path)) as file:
        _write_header(file, take.controls)
        _write_rows(file, take.values, take.ticks, take.rate)


def read_csv(path: Path) -> Performance:
    """Read a Live Link Face CSV as even curves (`LiveLinkTake.performance`)."""
    return read_livelink(path).performance()


def write_csv(path: Path, parts: Iterable[Performance]) -> int:
    """Write consecutive performances; returns the number of frames."""
    frames = 0
    with replacing(path) as file:
        for part in parts:
            if not frames:
                _write_header(file, part.controls)
            ticks = np.round(part.times * 1000.0 * TIMECODE_RATE).astype(np.int64)
            _write_rows(file, part.values, ticks, TIMECODE_RATE)
            frames += len(part)
        if not frames:
            raise RigtalkError(f"{path}: there are no curves to write")
    return frames


def _write_header(file: BinaryIO, controls: ControlSet) -> None:
    # Live Link Face writes ARKit's names with a capital; others keep their own.
    names = [name[0].upper() + name[1:] for name in controls.names]
    file.write((",".join(["Timecode", "BlendShapeCount", *names]) + "\n").encode())


def _write_rows(file: BinaryIO, values: np.ndarray, ticks: np.ndarray, rate: int) -> None:
    count = b",%d" % values.shape[1]
    for tick, row in zip(ticks.tolist(), decimal_rows(values), strict=True):
        file.write(b"".join((_timecode(tick, rate).encode(), count, row, b"\n")))


def _timecode(tick: int, rate: int) -> str:
    seconds, rest = divmod(tick % (_DAY * rate * 1000), rate * 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    frame, thousandth = divmod(rest, 1000)
    return f"{hour:02d}:{minute:02d}:{second:02d}:{frame:02d}.{thousandth:03d}"


def _read_rows(
    lines: Iterable[str], width: int, path: Path
) -> tuple[list[tuple[int, int]], array[float]]:
    """(seconds, thousandths of a frame) of each row, and all its values in one sequence."""
    stamps: list[tuple[int, int]] = []
    values = array("f")
    for number, line in enumerate(lines, start=2):
        cells = line.rstrip("\r\n").split(",")
        if cells == [""]:
            continue
        if len(cells) != width:
            raise RigtalkError(
                f"{path}: line {number} has {len(cells)} cells, the header has {width}"
            )
        if not any(cells[2:]):
            continue
        stamp = _TIMECODE.fullmatch(cells[0].strip())
        if not stamp:
            raise RigtalkError(
                f"{path}: line {number}: {cells[0]!r} is no timecode like 13:04:05:59.250"
            )
        hour, minute, second, frame = (int(part) for part in stamp.groups()[:4])
        thousandth = int((stamp[5] or "").ljust(3, "0"))
        stamps.append(((hour * 60 + minute) * 60 + second, frame * 1000 + thousandth))
        values.extend(_numbers(cells[2:], f"{path}: line {number}"))
    return stamps, values


def _numbers(cells: list[str], where: str) -> Iterator[float]:
    for cell in cells:
        try:
            value = float(cell)
        except ValueError:
            raise RigtalkError(f"{where}: {cell!r} is not a number") from None
        if not abs(value) < 1e30:  # NaN compares false
            raise RigtalkError(f"{where}: {cell!r} is no value for a control")
        yield value


def _ticks(stamps: np.ndarray, path: Path) -> tuple[np.ndarray, int]:
    """Ticks since midnight and timecode rate, from (seconds, thousandths of a frame)."""
    seconds, parts = stamps.T
    days = np.cumsum(np.diff(seconds, prepend=seconds[0]) < -_DAY // 2)
    seconds = seconds + days * _DAY
    # The rate is not in the file. The right one makes the steps even across each full second.
    rates = [r for r in (TIMECODE_RATE, *OTHER_RATES) if parts.max() < r * 1000]
    if not rates:
        raise RigtalkError(f"{path}: a timecode counts more than 120 frames a second")

    def unevenness(rate: int) -> float:
        steps = np.diff(seconds * rate * 1000 + parts) / rate
        return float(np.mean(np.abs(steps - np.median(steps)))) if len(steps) else 0.0

    rate = min(rates, key=unevenness)  # of equal ones, the first
    ticks = seconds * rate * 1000 + parts
    if (np.diff(ticks) <= 0).any():
        line = int(np.argmax(np.diff(ticks) <= 0)) + 3
        raise RigtalkError(f"{path}: line {line}: the timecode does not rise")
    return ticks, rate


def _common(fps: float, frames: float, seconds: float) -> float:
    nearest = min(COMMON_FPS, key=lambda common: abs(common - fps))
    return float(nearest) if abs(frames / nearest - seconds) < SNAP_SECONDS else float(fps)
