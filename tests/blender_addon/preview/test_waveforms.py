"""Outlines made on a thread, within a bound."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import soundfile

from rigtalk.blender_addon.preview import waveforms as module
from rigtalk.blender_addon.preview.waveforms import Waveforms


@pytest.fixture
def known():
    made = Waveforms(lambda: 1 << 20)
    yield made
    made.clear()


@pytest.fixture
def recordings(tmp_path: Path) -> list[Path]:
    paths = []
    for i in range(3):
        path = tmp_path / f"{i}.wav"
        soundfile.write(path, np.full(16000, 0.1 * (i + 1), np.float32), 16000)
        paths.append(path)
    return paths


def settle(known: Waveforms) -> None:
    ends = time.monotonic() + 30
    while known.pending:
        assert time.monotonic() < ends
        time.sleep(0.005)


def test_asked_for_now_there_later(known, recordings):
    assert known.get(recordings[0]) is None
    settle(known)
    peaks = known.get(recordings[0])
    assert peaks is not None
    assert peaks.seconds == 1.0
    assert known.revision == 1
    assert known.get(recordings[0]) is peaks


def test_a_recording_that_changed_is_listened_to_again(known, recordings, monkeypatch):
    monkeypatch.setattr(module, "STAT_SECONDS", 0.0)
    path = recordings[0]
    known.get(path)
    settle(known)
    soundfile.write(path, np.zeros(32000, np.float32), 16000)
    known.get(path)
    settle(known)
    assert known.get(path).seconds == 2.0
    os.utime(path, ns=(1, 1))
    assert known.get(path) is None
    settle(known)
    assert known.get(path).seconds == 2.0


def test_what_cannot_be_heard_is_said_once(known, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "STAT_SECONDS", 0.0)
    path = tmp_path / "none.wav"
    known.get(path)
    settle(known)
    assert "none.wav" in known.fault(path)
    assert known.get(path) is None
    assert not known.pending


def test_memory_is_bounded_by_forgetting_the_oldest(recordings):
    known = Waveforms(lambda: 850)  # each is 200 peaks of 2 bytes
    for path in recordings:
        known.get(path)
        settle(known)
    assert known.nbytes <= 850
    assert known.get(recordings[2]) is not None
    assert known.get(recordings[1]) is not None
    assert known.get(recordings[0]) is None
    known.clear()


def test_clearing_waits_for_the_thread(recordings, monkeypatch):
    begun = threading.Event()

    def slow(_audio, *, cancelled):
        begun.set()
        while not cancelled():
            time.sleep(0.001)

    monkeypatch.setattr(module, "peaks_of", slow)
    known = Waveforms(lambda: 1 << 20)
    known.get(recordings[0])
    assert begun.wait(30)
    known.clear()
    assert not [t for t in threading.enumerate() if t.name == "rigtalk peaks"]
    assert known.nbytes == 0
