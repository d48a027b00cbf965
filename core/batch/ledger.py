"""What is done, kept beside the outputs so that a batch can go on where it was stopped.

One JSON object a line, only ever appended. A line that was torn by a crash is skipped; what it
would have said is done again.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from rigtalk import __version__

from ..errors import RigtalkError
from ..files.replacing import replacing
from .stamps import unchanged
from .tasks import EMBEDDED, Task, relative

__all__ = ["LEDGER_NAME", "Ledger"]

LEDGER_NAME = "rigtalk-batch.jsonl"
FORMAT = 1
BEGUN, DONE, FAILED = "begun", "done", "failed"
SLACK = 1000
"""Lines that may be out of date before the ledger is written anew."""


class Ledger:
    """The ledger of a folder.

    Parameters
    ----------
    folder : Path

    Raises
    ------
    RigtalkError
        If the file cannot be read or written, or is of a later version.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._path = folder, folder / LEDGER_NAME
        self._records: dict[str, dict[str, Any]] = {}
        self._written: dict[str, Any] = {}
        lines = self._read()
        if lines > 2 * len(self._records) + SLACK:
            self._rewrite()
        try:
            self._file = self._path.open("a+b")
            self._file.seek(0, os.SEEK_END)
            if self._file.tell():
                self._file.seek(-1, os.SEEK_END)
                if self._file.read(1) != b"\n":  # the end was torn off
                    self._file.write(b"\n")
        except OSError as error:
            raise RigtalkError(f"{self._path}: cannot be written ({error.strerror})") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def state(self, task: Task) -> dict[str, Any] | None:
        """What came of a task the last time, if nothing about it has changed since; else None."""
        record = self._records.get(self._key(task))
        if record is None or record["state"] not in (DONE, FAILED):
            return None
        if record.get("settings") != self._settings(task):
            return None
        stamps = record.get("inputs", {})
        for path in task.inputs:
            if not unchanged(path, stamps.get(self._name(path))):
                return None
        if record["state"] == DONE and not all(path.is_file() for path in task.outputs):
            return None
        return record

    def edited(self, task: Task) -> list[Path]:
        """Outputs that somebody else has changed since they were written."""
        found = []
        for path in task.outputs:
            stamp = self._written.get(relative(path, self._folder))
            if stamp is not None and path.is_file() and not unchanged(path, stamp):
                found.append(path)
        return found

    def begin(self, task: Task) -> None:
        """Note that its outputs may from now on be replaced."""
        self._append({"state": BEGUN, "outputs": self._outputs(task)}, sync=False)

    def finish(
        self,
        task: Task,
        *,
        inputs: Mapping[str, Any],
        outputs: Mapping[str, Any],
        errors: list[str],
        seconds: float,
        notes: list[list[str]],
    ) -> None:
        """Note what came of it.

        Parameters
        ----------
        task : Task
        inputs, outputs : mapping of str to stamp
            By path.
        errors : list of str
            For each line why it failed, or empty.
        seconds : float
        notes : list of list of str
            For each line.
        """
        self._append(
            {
                "state": FAILED if any(errors) else DONE,
                "outputs": self._outputs(task),
                "settings": self._settings(task),
                "inputs": self._relative(inputs),
                "written": self._relative(outputs),
                "errors": errors,
                "seconds": round(seconds, 3),
                "notes": notes,
            },
            sync=True,
        )

    def _append(self, record: dict[str, Any], *, sync: bool) -> None:
        record = {"format": FORMAT, **record}
        try:
            self._file.write(json.dumps(record, separators=(",", ":")).encode() + b"\n")
            self._file.flush()
            if sync:
                os.fsync(self._file.fileno())
        except OSError as error:
            raise RigtalkError(f"{self._path}: cannot be written ({error.strerror})") from None
        self._note(record)

    def _read(self) -> int:
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise RigtalkError(f"{self._path}: cannot be read ({error.strerror})") from None
        lines = data.split(b"\n")
        for line in lines:
            try:
                record = json.loads(line)
                later = record["format"] > FORMAT
                if not later:
                    self._note(record)
            except (ValueError, TypeError, KeyError, AttributeError):
                continue
            if later:
                raise RigtalkError(
                    f"{self._path}: is of a later rigtalk; update rigtalk, or use another --out"
                )
        return len(lines)

    def _note(self, record: dict[str, Any]) -> None:
        outputs = [str(path) for path in record["outputs"]]
        if record["state"] == BEGUN:
            for path in outputs:
                self._written.pop(path, None)
        key = "\n".join(outputs)
        self._records.pop(key, None)  # the latest comes last
        self._records[key] = record
        self._written.update(record.get("written", {}))

    def _rewrite(self) -> None:
        with replacing(self._path) as file:
            for record in self._records.values():
                file.write(json.dumps(record, separators=(",", ":")).encode() + b"\n")

    def _outputs(self, task: Task) -> list[str]:
        return [relative(path, self._folder) for path in task.outputs]

    def _key(self, task: Task) -> str:
        return "\n".join(self._outputs(task))

    def _settings(self, task: Task) -> str:
        text = f"{__version__} {task.settings(self._folder)}"
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

    def _relative(self, stamps: Mapping[str, Any]) -> dict[str, Any]:
        return {self._name(Path(path)): stamp for path, stamp in stamps.items()}

    def _name(self, path: Path) -> str:
        # It lies elsewhere in every installation.
        return EMBEDDED.name if path == EMBEDDED else relative(path, self._folder)
