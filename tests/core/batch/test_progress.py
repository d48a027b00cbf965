"""What a terminal shows."""

import io

import pytest

from rigtalk.core.batch import progress as module
from rigtalk.core.batch.progress import Progress, duration


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "0 s"), (59.4, "59 s"), (61, "1 min 01 s"), (3600, "1 h 00 min"), (9000, "2 h 30 min")],
)
def test_duration(seconds, words):
    assert duration(seconds) == words


def test_on_a_terminal(monkeypatch):
    terminal, clock = Terminal(), iter([0.0, 10.0, 10.0, 20.0, 20.0, 20.0])
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr(module.time, "monotonic", lambda: next(clock))
    shown = Progress(10)
    shown.step(failed=False)
    shown.step(failed=True)
    shown.clear()
    assert terminal.getvalue() == (
        "\r\033[K1 of 10 lines · 6 a minute · 1 min 30 s left"
        "\r\033[K2 of 10 lines · 1 failed · 6 a minute · 1 min 20 s left"
        "\r\033[K"
    )


def test_in_a_pipe(capsys):
    shown = Progress(1)
    shown.step(failed=True)
    shown.clear()
    assert capsys.readouterr() == ("", "")
