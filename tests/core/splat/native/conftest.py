"""The native libraries, compiled once for all tests."""

import os
from pathlib import Path

import numpy as np
import pytest

from rigtalk.core.splat.camera import Camera
from rigtalk.core.splat.gaussians import Gaussians
from rigtalk.core.splat.native import compiling
from rigtalk.core.splat.native.library import Library, NativeRenderer
from rigtalk.rigs.errors import RigtalkError

from . import emulator

INSTRUCTIONS = ("portable", "avx2", "avx512")
EMULATED = "cuda"
"""The CUDA back end's own source, run on the processor."""


@pytest.fixture(scope="session")
def library_file(tmp_path_factory):
    if compiling.find_compiler() is None:
        pytest.skip("needs a C++ compiler to build the native renderer")
    return compiling.build(tmp_path_factory.mktemp("native"))[0]


@pytest.fixture(scope="session")
def library(library_file):
    return Library(library_file)


@pytest.fixture(scope="session")
def emulated(tmp_path_factory):
    if built := os.environ.get("RIGTALK_EMULATED"):
        return Library(Path(built))
    if reason := emulator.why_not():
        pytest.skip(reason)
    return Library(emulator.build(tmp_path_factory.mktemp("emulated")))


@pytest.fixture
def card(emulated):
    made = emulator.Emulator(emulated)
    made.set("reset")
    yield made
    made.set("reset")


@pytest.fixture
def cuda(card, emulated):
    before = card.count("device"), card.count("host")
    opened = NativeRenderer(emulated)
    yield opened
    opened.close()
    assert (card.count("device"), card.count("host")) == before  # nothing is left behind


@pytest.fixture(params=(*INSTRUCTIONS, EMULATED))
def renderer(request):
    try:
        if request.param == EMULATED:
            opened = NativeRenderer(request.getfixturevalue("emulated"))
        else:
            library = request.getfixturevalue("library")
            opened = NativeRenderer(library, threads=2, instructions=request.param)
    except RigtalkError as error:
        pytest.skip(str(error))
    yield opened
    opened.close()


@pytest.fixture
def camera():
    return Camera.look_at((1, 2, 6), (0, 0, 0), field_of_view=0.7, width=75, height=53)


@pytest.fixture
def some():
    """Make Gaussians of a size around the origin."""

    def make(count, degree=1, *, seed=0, size=0.15):
        rng = np.random.default_rng(seed)
        return Gaussians(
            rng.normal(size=(count, 3)),
            np.log(size) + rng.normal(0, 0.7, (count, 3)),
            rng.normal(size=(count, 4)),
            rng.normal(0, 3, count),
            rng.normal(0, 0.4, (count, (degree + 1) ** 2, 3)),
        )

    return make
