"""A card that is not there, too old, too small, lost in the middle, or one of several."""

import numpy as np
import pytest

from rigtalk.core.splat import renderer as renderers
from rigtalk.core.splat.camera import Camera
from rigtalk.core.splat.native.library import NativeRenderer
from rigtalk.core.splat.posed import Posed
from rigtalk.core.splat.reference import Settings
from rigtalk.rigs.errors import RigtalkError

from .scenes import correctives, head, wanted

CODES = {"memory": 2, "lost": 719}
WORDS = {"memory": "not enough memory", "lost": "graphics card failed"}
CALLS = (
    *("cudaMalloc", "cudaMallocHost", "cudaMemcpyAsync", "cudaMemsetAsync", "cudaLaunchKernelEx"),
    *("cudaStreamSynchronize", "cudaStreamBeginCapture", "cudaStreamEndCapture"),
    *("cudaGraphInstantiate", "cudaGraphLaunch", "cudaEventCreate", "cudaEventRecordWithFlags"),
    *("cudaSetDevice", "cudaStreamCreateWithFlags", "cudaGetDeviceProperties"),
)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("kind", ["memory", "lost"])
def test_every_call_may_fail(card, emulated, some, camera, name, kind):
    """At every place in turn: a line of text, no crash, and no memory kept."""
    gaussians, mesh, binding = head(some, 40)
    small = Camera.look_at((1, 2, 6), (0, 0, 0), field_of_view=0.7, width=20, height=18)

    def everything(renderer):
        renderer.set(Posed.of(gaussians))
        renderer.bind(mesh.vertices, mesh.triangles, *binding)
        renderer.set_raw(gaussians)
        renderer.correctives(correctives(gaussians))
        renderer.correct(np.array([1.0, 2.0, 3.0]))
        renderer.render(small, Settings(), vertices=mesh.vertices, extras=True)
        renderer.gradient(small, Settings(), vertices=mesh.vertices, **wanted(small))
        return renderer.render(small, Settings(), vertices=mesh.vertices).rgba.tobytes()

    opened = NativeRenderer(emulated)
    truth = everything(opened)
    opened.close()
    held = card.count("device"), card.count("host")
    told = set()
    # Many calls of some kinds: after the first ones some.
    for well in (*range(6), *range(6, 90, 7)):
        card.set(f"code {name}", CODES[kind])
        card.set(f"fail {name}", well)
        renderer = None
        try:
            renderer = NativeRenderer(emulated)
            assert everything(renderer) == truth
        except RigtalkError as error:
            told.add(str(error))
            if renderer and kind == "lost":
                with pytest.raises(RigtalkError, match=r"failed|set them first"):
                    renderer.render(small, Settings())
            card.set("reset")
            if renderer and kind == "memory":  # what was short is there again: all is well
                assert everything(renderer) == truth
        if renderer:
            renderer.close()
        assert (card.count("device"), card.count("host")) == held
        card.set("reset")
    assert told
    assert all(WORDS[kind] in each for each in told)


def test_a_card_with_little_memory(card, cuda, some, camera):
    cuda.set_raw(some(100))
    expected = cuda.render(camera, Settings()).rgba
    card.set("memory", 3_000_000)
    large = Camera.look_at((1, 2, 6), (0, 0, 0), field_of_view=0.7, width=2000, height=2000)
    with pytest.raises(RigtalkError, match=r"not enough memory.*smaller picture"):
        cuda.render(large, Settings())
    assert np.array_equal(cuda.render(camera, Settings()).rgba, expected)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"driver": 0}, "no NVIDIA driver"),
        ({"driver": 12040}, "knows CUDA 12.4 and 13.0 is needed: update the driver"),
        ({"devices": 0}, "none is seen"),
        ({"fail cudaFuncGetAttributes": 0, "code cudaFuncGetAttributes": 209}, "too old"),
        ({"fail cudaSetDevice": 0, "code cudaSetDevice": 46}, "graphics card failed"),
    ],
)
def test_why_no_card_draws(card, emulated, monkeypatch, settings, words):
    """The reason is told, and another back end draws."""
    for name, value in settings.items():
        card.set(name, value)
    with pytest.raises(RigtalkError, match=words):
        NativeRenderer(emulated)
    for name, value in settings.items():
        card.set(name, value)
    usual = renderers._library
    monkeypatch.setattr(
        renderers, "_library", lambda name: emulated if name == "cuda" else usual(name)
    )
    opened = renderers.open_renderer()
    assert opened.backend != "cuda"
    assert words in opened.reason
    opened.close()


def test_the_card_with_the_most_free_memory(card, emulated, monkeypatch):
    monkeypatch.delenv("RIGTALK_CUDA_DEVICE", raising=False)
    card.set("devices", 3)
    for number, free in enumerate((500, 900, 700)):
        card.set(f"free {number}", free)

    def chosen():
        renderer = NativeRenderer(emulated)
        renderer.close()
        return renderer.description

    assert chosen() == "CUDA, Emulated 1, compute capability 9.0, number 1 of 0 to 2"
    card.set("fail cudaMemGetInfo", 1)  # the second card's, which another program has
    card.set("code cudaMemGetInfo", 46)
    assert "Emulated 2" in chosen()
    monkeypatch.setenv("RIGTALK_CUDA_DEVICE", "0")
    assert "Emulated 0" in chosen()
    for wrong in ("3", "-1", "first", "1x"):
        monkeypatch.setenv("RIGTALK_CUDA_DEVICE", wrong)
        with pytest.raises(RigtalkError, match=f'"{wrong}": choose a graphics card from 0 to 2'):
            chosen()


def test_it_draws_for_the_renderer(card, emulated, monkeypatch, some, camera):
    """The test picture of `open_renderer` passes, and a head is drawn."""
    monkeypatch.setattr(renderers, "_library", lambda _: emulated)
    opened = renderers.open_renderer()
    assert (opened.backend, opened.reason) == ("cuda", "")
    opened.show(some(50))
    assert opened.draw(camera).alpha.max() > 0.3
    opened.close()
