"""JSON lines over pipes, found among whatever else a Blender prints."""

from __future__ import annotations

import json
import os
import queue
import threading
from collections.abc import Iterator
from typing import Any, BinaryIO

__all__ = ["Channel", "parse", "read_lines"]

MARK = b"\x1erigtalk "
"""Begins every message (RFC 7464 begins JSON texts with the same character)."""
LONGEST = 1 << 24
"""Bytes of a line."""


class Channel:
    """The worker's end: messages from the process that started it, and answers to it.

    From then on whatever else is printed goes to stderr. The end of the messages without an
    ``end`` means that the other process has died, and ends this one where it stands: nobody would
    note what it makes.
    """

    def __init__(self) -> None:
        self._answers = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)
        self._messages: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        thread = threading.Thread(target=self._listen, name="rigtalk-batch", daemon=True)
        thread.start()

    def send(self, message: dict[str, Any]) -> None:
        """Answer."""
        self._answers.write(MARK + json.dumps(message).encode() + b"\n")
        self._answers.flush()

    def __iter__(self) -> Iterator[dict[str, Any]]:
        while not (message := self._messages.get()).get("end"):
            yield message

    def _listen(self) -> None:
        with open(0, "rb", closefd=False) as stdin:
            for line in read_lines(stdin):
                self._messages.put(json.loads(line))
        os._exit(1)


def read_lines(stream: BinaryIO) -> Iterator[bytes]:
    """Lines of a stream, none longer than a message can be."""
    while line := stream.readline(LONGEST):
        yield line


def parse(line: bytes) -> dict[str, Any] | None:
    """The message that a line holds, maybe after something printed without an end of line."""
    _, mark, text = line.partition(MARK)
    if not mark:
        return None
    try:
        message = json.loads(text)
    except ValueError:  # something printed in between
        return None
    return message if isinstance(message, dict) else None
