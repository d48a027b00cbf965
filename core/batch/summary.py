"""What came of a batch: for people, for programs, and as a page."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rigtalk import __version__

from ..errors import RigtalkError
from ..files.replacing import replacing
from .plan import Plan
from .tasks import Task

__all__ = ["DONE", "FAILED", "LEFT", "SKIPPED", "Result", "Summary", "write_text"]

DONE, SKIPPED, FAILED, LEFT = "done", "skipped", "failed", "left"
"""Made now; made before; not made; not come to."""


@dataclass
class Result:
    """What came of one line.

    Attributes
    ----------
    label, name, character : str
    status : str
        `DONE`, `SKIPPED`, `FAILED` or `LEFT`.
    outputs : list of Path
        Its files, there or not.
    seconds : float
        Of a worker's time; a scene's is shared evenly by its lines.
    errors, notes, faults : list of str
    """

    label: str
    name: str = ""
    character: str = ""
    status: str = LEFT
    outputs: list[Path] = field(default_factory=list)
    seconds: float = 0.0
    errors: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    _tasks: int = 0

    @property
    def over(self) -> bool:
        """Whether nothing more will come of it."""
        return self._tasks == 0


class Summary:
    """What came of every line.

    Parameters
    ----------
    jobs : Path
        The jobs file.
    plan : Plan
    """

    def __init__(self, jobs: Path, plan: Plan) -> None:
        self.jobs = jobs
        self.seconds = 0.0
        self.processes = 0
        self.peak_memory = 0.0
        self.interrupted = False
        self.results = []
        for label, line in zip(plan.labels, plan.lines, strict=True):
            result = Result(label)
            if line:
                result.name, result.character = line.name, line.character
                result.outputs = list(line.outputs)
            self.results.append(result)
        for row, problem in plan.problems.items():
            self.results[row].status = FAILED
            self.results[row].errors.append(problem)
        for task in plan.tasks:
            for row in task.rows:
                self.results[row]._tasks += 1

    def note(
        self,
        task: Task,
        *,
        errors: list[str],
        notes: list[list[str]],
        status: str,
        seconds: float = 0.0,
        fault: str = "",
    ) -> list[Result]:
        """What came of a task; returns the lines that are over with it.

        Parameters
        ----------
        task : Task
        errors : list of str
            For each line of the task, empty where it went well.
        notes : list of list of str
        status : str
            Of the lines that went well.
        seconds : float
        fault : str
            A traceback.
        """
        over = []
        for row, error, said in zip(task.rows, errors, notes, strict=True):
            result = self.results[row]
            result._tasks -= 1
            result.seconds += seconds / len(task.rows)
            result.notes += [note for note in said if note not in result.notes]
            if fault:
                result.faults.append(fault)
            if error:
                result.status = FAILED
                result.errors += [error] * (error not in result.errors)
            elif result.status != FAILED and result.status != DONE:
                result.status = status
            if result.over:
                over.append(result)
        return over

    @property
    def counts(self) -> Counter[str]:
        """Lines by status."""
        return Counter(result.status if result.over else LEFT for result in self.results)

    def words(self) -> str:
        """It in one line."""
        counts = self.counts
        parts = [f"{counts[status]} {status}" for status in (DONE, SKIPPED, FAILED, LEFT)]
        return ", ".join(part for part in parts if not part.startswith("0 ")) or "nothing to do"

    def as_json(self) -> str:
        """It for programs."""
        facts: dict[str, Any] = {
            "rigtalk": __version__,
            "jobs": str(self.jobs),
            "counts": dict(self.counts),
            "interrupted": self.interrupted,
            "seconds": round(self.seconds, 3),
            "processes": self.processes,
            "worker_peak_mib": round(self.peak_memory, 1),
            "lines": [
                {
                    "row": result.label,
                    "name": result.name,
                    "character": result.character,
                    "status": result.status if result.over else LEFT,
                    "outputs": [str(path) for path in result.outputs],
                    "seconds": round(result.seconds, 3),
                    "errors": result.errors,
                    "notes": result.notes,
                    **({"faults": result.faults} if result.faults else {}),
                }
                for result in self.results
            ],
        }
        return json.dumps(facts, indent=1, ensure_ascii=False) + "\n"


def write_text(path: Path, text: str) -> None:
    """Write a file, whole or not at all.

    Raises
    ------
    RigtalkError
        If it cannot be written.
    """
    if not path.absolute().parent.is_dir():
        raise RigtalkError(f"{path}: the folder {path.absolute().parent} does not exist")
    with replacing(path) as file:
        file.write(text.encode("utf-8"))
