"""A worker whose host writes scenes as small texts, and fails as recordings are called.

"die" ends the process as a fault in Blender would, "hang" never comes back, "break" is a fault of
ours and "refuse" cannot be used. What has happened is told in a file called `log` beside them.
With words it is the batch itself.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence

from rigtalk.core.cli import main
from rigtalk.core.errors import RigtalkError
from rigtalk.core.scene_host import SceneJob, SceneReport


class Stage:
    """See above."""

    def animate_lines(
        self, jobs: Sequence[SceneJob], begins: Callable[[int], None]
    ) -> tuple[SceneReport | RigtalkError, ...]:
        """Write what was asked for."""
        results: list[SceneReport | RigtalkError] = []
        blend = jobs[0].blend
        part = blend and blend.with_name(f".{blend.stem}.{os.getpid()}.part{blend.suffix}")
        if part:
            part.write_text("half")
        sys.stdout.write("Blender says this and that\n")
        sys.stdout.flush()
        for place, job in enumerate(jobs):
            begins(place)
            try:
                results.append(self._line(job))
            except RigtalkError as error:
                results.append(error)
        told = [[str(job.audio.name), job.object_name, job.start_frame, job.gap] for job in jobs]
        if part and blend:
            part.write_text(json.dumps(told))
            part.replace(blend)
        for job in jobs:
            for path in job.exports:
                path.write_text(job.audio.name)
        return tuple(results)

    def _line(self, job: SceneJob) -> SceneReport:
        with (job.audio.parent / "log").open("a") as log:
            log.write(f"{os.getpid()} {job.audio.name}\n")
        name = job.audio.stem
        if name.startswith("die") and not (job.audio.parent / "alive").exists():
            sys.stderr.write("a fault in the graphics driver\n")
            sys.stderr.flush()
            os.kill(os.getpid(), signal.SIGKILL)
        if name.startswith("hang"):
            time.sleep(600)
        if name.startswith("break"):
            raise KeyError(name)
        if name.startswith("refuse"):
            raise RigtalkError(f"{job.audio}: cannot be used")
        outputs = tuple(path for path in (job.blend, *job.exports) if path)
        return SceneReport(outputs, job.object_name or "Head", "arkit", 3, 24.0, ("no tongue",))

    def worker_command(self, *, scenes: bool) -> list[str]:
        """The same file again."""
        return [sys.executable, __file__]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["batch-worker"], Stage()))
