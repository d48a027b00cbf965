"""Drives a real Blender window; runs inside that Blender, started by `launching.Window`.

    blender … --python driver.py -- SCRIPT FOLDER [ARGUMENT…]

SCRIPT is a Python file with ``steps(window)``, a generator. What it yields says when it goes on:
None at the next tick of the main loop, a number after so many seconds, a callable as soon as it is
true. The report goes to FOLDER/report.json, pictures to FOLDER/NAME.png.
"""

from __future__ import annotations

import json
import runpy
import sys
import time
import traceback
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy
import numpy as np

PATIENCE = 40.0
"""Seconds that a condition may take to come true."""
TICK = 0.001
"""Seconds between two looks of the driver; without events the main loop itself sleeps 5 ms."""
SETTLING = 6
"""Ticks after which what was tagged for redraw is on the screen."""

Wait = float | Callable[[], object] | None


class Driver:
    """A window, and what happens in it over time.

    Attributes
    ----------
    folder : Path
        For the report and pictures.
    arguments : list of str
        What the test passed on.
    report : dict
        Whatever the script wants to tell; written as JSON at the end.
    """

    def __init__(self, folder: Path, arguments: list[str]) -> None:
        self.folder = folder
        self.arguments = arguments
        self.report: dict[str, Any] = {"blender": bpy.app.version_string, "blocks": {}}
        self._steps: Iterator[Wait] = iter(())
        self._ready: Callable[[], object] = lambda: True
        self._last = time.perf_counter()
        self._excused = 0.0
        self._gaps: dict[str, list[float]] = {}

    def start(self, steps: Iterator[Wait]) -> None:
        """Run a script's steps, one a tick at most."""
        self._steps = steps
        bpy.app.timers.register(self._tick, first_interval=0.5, persistent=True)

    @contextmanager
    def measured(self, name: str) -> Iterator[list[float]]:
        """Record for how long the main loop is blocked, in seconds, from tick to tick.

        What the steps themselves do counts, taking pictures does not.
        """
        gaps = self._gaps.setdefault(name, [])
        yield gaps
        self._gaps.pop(name)
        ms = np.sort(gaps)[::-1] * 1000 if gaps else np.zeros(1)
        self.report["blocks"][name] = {
            "ticks": len(gaps),
            "longest_ms": round(float(ms[0]), 1),
            "over_50_ms": int((ms > 50).sum()),
            "median_ms": round(float(np.median(ms)), 2),
            "five_longest_ms": [round(float(gap), 1) for gap in ms[:5]],
        }

    def picture(self, name: str) -> Iterator[Wait]:
        """Take a picture of the screen once it is drawn; use it with ``yield from``."""
        for _ in range(SETTLING):
            yield None
        began = time.perf_counter()
        write_png(self.folder / f"{name}.png", screen_pixels(self.folder / "Xvfb_screen0"))
        self._excused += time.perf_counter() - began

    def seen(self, region: bpy.types.Region) -> np.ndarray:
        """Pixels of a region now, shape (height, width, 3), uint8, the uppermost row first."""
        screen = screen_pixels(self.folder / "Xvfb_screen0")
        top = len(screen) - region.y - region.height
        return screen[top : top + region.height, region.x : region.x + region.width]

    def click(self, x: int, y: int) -> Iterator[Wait]:
        """Click with the mouse, pixels from the lower left of the window; needs ``yield from``."""
        window = bpy.context.window_manager.windows[0]
        window.event_simulate(type="MOUSEMOVE", value="NOTHING", x=x, y=y)
        yield None
        window.event_simulate(type="LEFTMOUSE", value="PRESS", x=x, y=y)
        window.event_simulate(type="LEFTMOUSE", value="RELEASE", x=x, y=y)
        yield None

    def press(self, key: str, *, x: int, y: int) -> Iterator[Wait]:
        """Press and release a key with the mouse at a place; needs ``yield from``."""
        window = bpy.context.window_manager.windows[0]
        window.event_simulate(type="MOUSEMOVE", value="NOTHING", x=x, y=y)
        yield None
        window.event_simulate(type=key, value="PRESS", x=x, y=y)
        window.event_simulate(type=key, value="RELEASE", x=x, y=y)
        yield None

    def areas(self, kind: str = "VIEW_3D") -> list[bpy.types.Area]:
        """Areas of a kind in all windows."""
        windows = bpy.context.window_manager.windows
        return [area for window in windows for area in window.screen.areas if area.type == kind]

    @contextmanager
    def inside(self, area: bpy.types.Area, region: str = "WINDOW") -> Iterator[None]:
        """Operators and `bpy.context` see this area, as if the mouse were in it."""
        windows = bpy.context.window_manager.windows
        window = next(w for w in windows if area in tuple(w.screen.areas))
        part = next(r for r in area.regions if r.type == region)
        with bpy.context.temp_override(window=window, area=area, region=part):
            yield

    def open_tab(self, name: str) -> Iterator[Wait]:
        """Show a tab of the sidebar in every 3D viewport; needs ``yield from``."""
        for area in self.areas():
            area.spaces.active.show_region_ui = True
        yield from (None,) * SETTLING
        for area in self.areas():
            for region in area.regions:
                if region.type == "UI":
                    region.active_panel_category = name
                    region.tag_redraw()
        yield None

    def _tick(self) -> float | None:
        now = time.perf_counter()
        gap = now - self._last - self._excused
        for gaps in self._gaps.values():
            gaps.append(gap)
        self._last, self._excused = now, 0.0
        try:
            if self._ready():
                self._ready = self._condition(next(self._steps))
        except StopIteration:
            return self._end()
        except BaseException:
            self.report["fault"] = traceback.format_exc()
            return self._end()
        return TICK

    def _condition(self, wait: Wait) -> Callable[[], object]:
        if wait is None:
            return lambda: True
        now = time.perf_counter()
        if not callable(wait):
            return lambda: time.perf_counter() >= now + wait

        def come_true() -> object:
            if time.perf_counter() > now + PATIENCE:
                raise TimeoutError(f"line {wait.__code__.co_firstlineno} is still not true")
            return wait()

        return come_true

    def _end(self) -> None:
        (self.folder / "report.json").write_text(json.dumps(self.report, indent=1))
        bpy.ops.wm.quit_blender()


def screen_pixels(framebuffer: Path) -> np.ndarray:
    """What Xvfb shows, shape (height, width, 3), uint8, from the XWD file that it keeps."""
    raw = framebuffer.read_bytes()
    header = np.frombuffer(raw, dtype=">u4", count=25)
    size, width, height, stride, colours = (int(header[i]) for i in (0, 4, 5, 12, 19))
    rows = np.frombuffer(raw, np.uint8, stride * height, size + 12 * colours)
    return rows.reshape(height, stride)[:, : 4 * width].reshape(height, width, 4)[..., 2::-1]


def write_png(path: Path, pixels: np.ndarray) -> None:
    """Save pixels, shape (height, width, 3), uint8."""
    height, width = pixels.shape[:2]
    rows = np.pad(pixels.reshape(height, -1), ((0, 0), (1, 0)))

    def chunk(kind: bytes, data: bytes) -> bytes:
        length, check = len(data).to_bytes(4, "big"), zlib.crc32(kind + data).to_bytes(4, "big")
        return length + kind + data + check

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 2, 0, 0, 0])
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows.tobytes(), 6))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body + chunk(b"IEND", b""))


def main() -> None:
    script, folder, *arguments = sys.argv[sys.argv.index("--") + 1 :]
    bpy.context.preferences.view.show_splash = False
    driver = Driver(Path(folder), arguments)
    driver.start(runpy.run_path(script)["steps"](driver))


if __name__ == "__main__":
    main()
