"""Calls the C ABI in good and bad ways: run with a library's path, alone or under sanitizers."""

import ctypes
import sys
from pathlib import Path

import numpy as np

from rigtalk.core.splat.camera import Camera
from rigtalk.core.splat.correctives import Correctives
from rigtalk.core.splat.gaussians import Gaussians
from rigtalk.core.splat.native import frames
from rigtalk.core.splat.native import structures as native
from rigtalk.core.splat.native.gradients import adam
from rigtalk.core.splat.native.library import Library, NativeRenderer
from rigtalk.core.splat.posed import Posed
from rigtalk.core.splat.reference import Settings
from rigtalk.rigs.errors import RigtalkError

ONE = ((3,), (3,), (4,), (), (1, 3))  # shapes of raw Gaussians
PARTS = (0.3, 0.3, 0.3, 0.1)  # how often each number of threads
ODD = (0.0, -1.0, 1e-45, 1e30, -1e30, 3e38, np.inf, -np.inf, np.nan)


def main(path: Path) -> tuple[int, int]:
    """Returns how many calls were answered, and of how many kinds refusals were."""
    library = Library(path)
    answered, refused = 0, set()
    for seed in range(150):
        rng = np.random.default_rng(seed)
        for call in (odd_numbers, odd_raw, odd_structures, odd_arrays):
            try:
                call(library, rng)
                answered += 1
            except RigtalkError as error:
                refused.add(str(error))
    return answered, len(refused)


def odd_numbers(library: Library, rng: np.random.Generator) -> None:
    """Arrays of the right size with anything in them."""
    names = [""]
    if not library.path.name.count("cuda"):
        names += ["portable", "avx2", "avx512"]
    renderer = NativeRenderer(
        library, threads=int(rng.integers(1, 4)), instructions=str(rng.choice(names))
    )
    try:
        for _ in range(3):
            count = int(rng.choice([0, 1, 15, 16, 17, 200, 1500]))
            degree = int(rng.integers(0, 4))
            renderer.set(
                Posed(
                    *(
                        spoilt(rng, (count, *shape))
                        for shape in ((3,), (6,), (), ((degree + 1) ** 2, 3), (4,), (3,))
                    )
                )
            )
            vertices = None
            if rng.random() < 0.5 and count:
                v, t = int(rng.integers(1, 60)), int(rng.integers(1, 60))
                vertices = spoilt(rng, (v, 3))
                corners = rng.integers(0, v, (t, 3))
                renderer.bind(vertices, corners, rng.integers(0, t, count), spoilt(rng, (count, 3)))
                vertices = spoilt(rng, (v, 3))
            width, height = (int(each) for each in rng.choice([0, 1, 5, 16, 17, 64, 130], 2))
            camera = Camera(width, height, 50, 60, 8, -3, np.eye(3), rng.normal(size=3))
            if rng.random() < 0.3:
                name = str(rng.choice(["fx", "near", "cx", "cy", "translation"]))
                wrong = rng.choice(ODD, 3 if name == "translation" else ())
                object.__setattr__(camera, name, wrong)
            frame = renderer.render(
                camera,
                Settings(float(rng.choice([0, 0.3, 1e4])), bool(rng.integers(2))),
                vertices=vertices,
                extras=bool(rng.integers(2)),
            )
            assert frame.drawn <= count
    finally:
        renderer.close()


def odd_raw(library: Library, rng: np.random.Generator) -> None:
    """Raw Gaussians of any size, corrected, drawn and taken back."""
    renderer = NativeRenderer(library, threads=int(rng.integers(1, 4)))
    try:
        for _ in range(3):
            count = int(rng.choice([0, 1, 15, 16, 17, 200, 1500]))
            degree, most = int(rng.integers(0, 4)), float(rng.choice([1, 1, 30]))
            k = (degree + 1) ** 2
            gaussians = Gaussians(
                rng.normal(0, 1, (count, 3)),
                rng.uniform(-most, most * 0.3, (count, 3)),
                rng.normal(size=(count, 4)),
                rng.uniform(-most, most, count),
                rng.normal(0, 1, (count, k, 3)),
            )
            if count and rng.random() < 0.3:
                name = str(rng.choice(["positions", "log_scales", "rotations", "sh"]))
                array = getattr(gaussians, name).reshape(-1)
                array[rng.integers(0, array.size)] = rng.choice(ODD)
            renderer.set_raw(gaussians)
            vertices = None
            if rng.random() < 0.5 and count:
                vertices = rng.normal(size=(5, 3)).astype(np.float32)
                corners, weights = rng.integers(0, 5, (4, 3)), rng.dirichlet((1, 1, 1), count)
                renderer.bind(vertices, corners, rng.integers(0, 4, count), weights)
                vertices = spoilt(rng, (5, 3))
            if rng.random() < 0.6:
                bases = int(rng.integers(0, 4))
                renderer.correctives(odd_rows(rng, count, bases, k))
                renderer.correct(spoilt(rng, (bases,)))
                if rng.random() < 0.5:
                    renderer.correct(rng.normal(size=bases).astype(np.float32))
            width, height = (int(each) for each in rng.choice([0, 1, 5, 17, 64], 2))
            camera = Camera(width, height, 50, 60, 8, -3, np.eye(3), rng.normal(size=3) + 2)
            settings = Settings(float(rng.choice([0, 0.3, 1e4])), bool(rng.integers(2)))
            if rng.random() < 0.7:
                renderer.render(camera, settings, vertices=vertices)
            d_rgba = rng.normal(size=(height, width, 4)).astype(np.float32)
            error = rng.random((height, width)) if rng.random() < 0.5 else None
            found = renderer.gradient(camera, settings, d_rgba, vertices, error)
            for values in (found.positions, found.sh):
                first, second = np.zeros_like(values), np.zeros_like(values)
                step = int(rng.integers(0, 99))
                threads = int(rng.integers(0, 3))
                adam(library, values, values * 1, first, second, rate=1, step=step, threads=threads)
    finally:
        renderer.close()


def odd_rows(rng: np.random.Generator, count: int, bases: int, k: int) -> Correctives:
    """Correctives of so many Gaussians, or ones that lie about whom they are for."""
    rows = int(rng.choice([0, 1, 40, 3000])) if count and bases else 0
    lower = int(rng.integers(0, k + 1 + (rng.random() < 0.1)))
    widths = {"positions": (3,), "rotations": (3,), "opacity_logits": (), "sh": (lower, 3)}
    kept = {
        name: np.nan_to_num(np.clip(spoilt(rng, (rows, *width)), -6e4, 6e4))
        for name, width in widths.items()
        if rng.random() < 0.6
    }
    gaussian = np.sort(rng.integers(0, max(count, 1), rows))
    made = Correctives(np.zeros((1, bases)), gaussian, rng.integers(0, max(bases, 1), rows), kept)
    if rows and rng.random() < 0.2:
        lying = made.gaussian if rng.random() < 0.5 else made.basis
        lying[rng.integers(0, rows)] = rng.choice([-(2**31), -1, 0, count, bases, 2**31 - 1])
    return made


def odd_structures(library: Library, rng: np.random.Generator) -> None:
    """Structures with any sizes, pointers that are null or crooked, renderers that are none."""
    renderer = NativeRenderer(library, threads=1)
    try:
        which = int(rng.integers(0, len(native.STRUCTURES)))
        kind = native.STRUCTURES[which]
        block = np.zeros(4096, np.float32)
        given = kind()
        given.bytes = int(rng.choice([ctypes.sizeof(kind), ctypes.sizeof(kind), 0, 2**32 - 1]))
        for name, of in kind._fields_[1:]:
            if of is ctypes.c_uint32:
                setattr(given, name, int(rng.choice([0, 1, 1, 1, 3, 2**16, 2**31, 2**32 - 1])))
            elif of is native.Array:
                address = int(rng.choice([0, block.ctypes.data, block.ctypes.data + 1]))
                count = int(rng.choice([0, 1, 3, 4, 6, 4096])) if rng.random() < 0.8 else 2**63
                setattr(given, name, native.Array(address or None, count))
            elif of is ctypes.c_double:
                setattr(given, name, float(rng.choice([*ODD, 1.0, 1.0, 1.0])))
        number = (renderer.number, 0, 2**64 - 1)[int(rng.choice(3, p=(0.8, 0.1, 0.1)))]
        place = ctypes.byref(given) if rng.random() < 0.9 else None
        name = (
            *("rt_set", "rt_bind", "rt_render", "rt_set_raw", "rt_set_correctives", "rt_gradient"),
        )[which]
        if which == 5 or (which == 4 and rng.random() < 0.9):
            renderer.set_raw(Gaussians(*(np.ones((1, *each)) for each in ONE)))
        elif which and rng.random() < 0.7:
            renderer.set(
                Posed(
                    *(np.ones((1, *each), np.float32) for each in ((3,), (6,), (), (1, 3))),
                    np.ones((1, 4), np.float32),
                    np.ones((1, 3), np.float32),
                )
            )
        if name == "rt_gradient":
            size = int(rng.integers(0, 3))
            camera = Camera(size, size, 50, 60, 0, 0, np.eye(3), np.ones(3))
            arrays = (None, None, None, None)
            frame = frames.frame_of(camera, Settings(), arrays, [])
            library.call(name, number, ctypes.byref(frame), place)
        else:
            library.call(name, number, place)
        if rng.random() < 0.2:
            array = native.Array(block.ctypes.data, int(rng.choice([0, 1, 2**63])))
            library.call("rt_correct", number, array)
    finally:
        renderer.close()


def odd_arrays(library: Library, rng: np.random.Generator) -> None:
    """What an optimiser calls, with counts that lie and pointers that are null or crooked."""
    blocks = np.ones((6, 4096), np.float32)
    left = iter(blocks)
    lie = rng.random() < 0.7

    def array(count: int) -> native.Array:
        block = next(left)
        if not lie or rng.random() < 0.7:
            return native.Array(block.ctypes.data, count)
        address = int(rng.choice([0, block.ctypes.data + 1, block.ctypes.data]))
        return native.Array(address or None, int(rng.choice([0, 1, count, 4096, 2**62])))

    odd, threads = float(rng.choice([*ODD, 0.5, 0.5])), int(rng.choice([0, 1, 3, 2**20], p=PARTS))
    n, mean = int(rng.choice([0, 1, 5, 1000])), ctypes.c_double()
    none = native.Array(None, 0)
    match int(rng.integers(0, 3)):
        case 0:
            arrays = [array(4 * n) for _ in range(4)]
            rates = (ctypes.c_double(each) for each in (odd, 0.9, abs(odd), 1e-8))
            library.call("rt_adam", *arrays, *rates, int(rng.choice([0, 1, 2**64 - 1])), threads)
        case 1:
            library.call("rt_turn", array(4 * n), array(3 * n), threads)
        case 2:
            target = (array(4 * n), none) if rng.random() < 0.5 else (none, array(4 * n))
            given = array(4 * n), *target, array(n), ctypes.c_double(odd), threads
            place = ctypes.byref(mean) if rng.random() < 0.9 else None
            library.call("rt_loss", *given, array(4 * n), array(n), place)


def spoilt(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Random numbers, some of which are extreme or none."""
    values = rng.normal(0, rng.choice([0.1, 1, 1e3]), shape)
    odd = rng.random(shape) < rng.choice([0, 0.01, 0.3])
    return np.where(odd, rng.choice(ODD, shape), values).astype(np.float32)


if __name__ == "__main__":
    answered, refused = main(Path(sys.argv[1]))
    sys.stdout.write(f"{answered} answered, {refused} kinds of refusal\n")
