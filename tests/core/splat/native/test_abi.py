"""No call of the C ABI crashes, whatever it is given."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rigtalk.core.splat.camera import Camera
from rigtalk.core.splat.native.library import NativeRenderer
from rigtalk.core.splat.posed import Posed
from rigtalk.core.splat.reference import Settings
from rigtalk.rigs.errors import RigtalkError

EXERCISE = Path(__file__).with_name("exercise.py")


def test_whatever_it_is_given(library_file):
    answer = subprocess.run(
        [sys.executable, EXERCISE, library_file], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr[-3000:]
    answered, refused = (int(word) for word in answer.stdout.split() if word.isdigit())
    assert answered > 40
    assert refused > 10


def test_too_many_large_gaussians_are_refused_before_memory_is_short(library, some):
    """A million Gaussians that each fill a large picture."""
    renderer = NativeRenderer(library, threads=2)
    renderer.set(Posed.of(some(5_000, 0, size=100.0)))
    camera = Camera(4096, 4096, 4000, 4000, 2048, 2048, np.eye(3), np.array([0, 0, 500.0]))
    with pytest.raises(RigtalkError, match="too many large Gaussians"):
        renderer.render(camera, Settings())
    # And it still draws.
    small = Camera(64, 64, 60, 60, 32, 32, np.eye(3), np.array([0, 0, 500.0]))
    assert renderer.render(small, Settings()).rgba[..., 3].max() > 0.5
