"""The CUDA renderer of Gaussians beside gsplat 1.5.3 on the same moving head, in the same run.

Kernel time is what the card's own clock says lies between a frame's first piece of work and its
last; wall clock is a frame asked for and waited for, its vertices sent to the card. The picture's
way to the host, for a viewport, is told apart. On both sides cameras and vertices are made before
the clock runs.
"""

import ctypes
import sys
import time
from collections.abc import Callable

import numpy as np
import peer_gsplat
from bench_splat import covered, head_mesh

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.camera import Camera
from rigtalk.core.splat.head import SplatHead
from rigtalk.core.splat.mesh import Mesh
from rigtalk.core.splat.native.frames import frame_of
from rigtalk.core.splat.native.library import Library, NativeRenderer, library_path
from rigtalk.core.splat.reference import Settings

SIZES = ((512, 512), (1920, 1080))
COUNTS = (50_000, 100_000, 1_000_000)
GOAL_FPS, GOAL_TIMES = 3000, 3  # at 100 k Gaussians and 512 x 512
SEEDS = (120, 130)  # frames a second that the two GaussianTalkers report at 512 x 512
FRAMES, WARM = 200, 20
HEADING = (
    *(
        "Gaussians, picture",
        "kernels ms",
        "FPS of kernels",
        "wall ms",
        "FPS",
        "with copy to host ms",
    ),
    *("project", "sort", "bin", "blend", "pairs", "gsplat ms", "gsplat alone ms", "times faster"),
)


def main() -> int:
    try:
        library = cuda_library()
        renderer = NativeRenderer(library)
    except RigtalkError as error:
        print(f"no CUDA device: {error}")
        sizes()
        return 0
    print(f"## Gaussian head on a graphics card: {renderer.description}\n")
    renderer.close()
    print(f"Peer: {peer_gsplat.MISSING or peer_gsplat.version()}.\n")
    print(f"| {' | '.join(HEADING)} |\n{'|---' * len(HEADING)}|", flush=True)
    mesh = head_mesh()
    for count in COUNTS:
        head = covered(mesh, count)
        for size in SIZES:
            row(library, head, size)
    print(f"\nThe seeds report {SEEDS[0]} and {SEEDS[1]} FPS at 512².\n")
    fitting(library, covered(mesh, 50_000))
    sizes()
    return 0


def cuda_library() -> Library:
    path = library_path("cuda")
    if not path.is_file():
        raise RigtalkError("the library is not built: run `python build.py native` where nvcc is")
    return Library(path)


def motion(mesh: Mesh, size: tuple[int, int]) -> tuple[list[Camera], list[np.ndarray]]:
    """A face in motion before a turning camera."""
    rest, (width, height) = mesh.vertices, size
    middle, tall = (rest.max(0) + rest.min(0)) / 2, float(np.ptp(rest[:, 2]))
    cameras, vertices = [], []
    for i in range(40):
        angle = 0.4 * np.sin(i / 6)
        eye = middle + 3 * tall * np.array([np.sin(angle), -np.cos(angle), 0.1])
        cameras.append(
            Camera.look_at(
                *(eye, middle, (0, 0, 1)),
                field_of_view=0.37,
                width=width,
                height=height,
                near=0.01 * tall,
            )
        )
        moved = rest + np.float32(0.01) * tall * np.sin(rest / tall * 9 + i / 5)
        vertices.append(np.ascontiguousarray(moved, np.float32))
    return cameras, vertices


def timed(work: Callable[[int], object]) -> float:
    """Median seconds of one call, each waited for."""
    seconds = []
    for i in range(WARM + FRAMES):
        begin = time.perf_counter()
        work(i % 40)
        seconds.append(time.perf_counter() - begin)
    return float(np.median(seconds[WARM:]))


def row(library: Library, head: SplatHead, size: tuple[int, int]) -> None:
    """One line of the table."""
    cameras, vertices = motion(head.mesh, size)
    renderer = NativeRenderer(library)
    renderer.set_raw(head.gaussians)
    mesh = head.mesh
    renderer.bind(mesh.vertices, mesh.triangles, head.triangle, head.barycentric)
    steps, held = [], []
    # Pictures that stay on the card: the ABI allows it, and only a benchmark wants it.
    frames = [
        frame_of(camera, Settings(), (moved, None, None, None), held)
        for camera, moved in zip(cameras, vertices, strict=True)
    ]

    def stay(i: int) -> None:
        library.call("rt_render", renderer.number, ctypes.byref(frames[i]))
        steps.append(tuple(frames[i].seconds))

    wall = timed(stay)
    out = np.empty((size[1], size[0], 4), np.float32)
    copied = timed(lambda i: renderer.render(cameras[i], Settings(), vertices=vertices[i], out=out))
    split = np.median(steps[WARM:], axis=0)
    kernels = float(np.median(np.sum(steps[WARM:], axis=1)))
    renderer.render(cameras[0], Settings(), vertices=vertices[0], out=out)
    pairs = frames[0].pairs
    renderer.close()

    goal = (len(head), *size) == (100_000, 512, 512)
    cells = [f"{len(head) // 1000} k, {size[0]} x {size[1]}", f"{kernels * 1e3:.3f}"]
    cells += [f"{1 / kernels:.0f}" + f" (goal {GOAL_FPS})" * goal, f"{wall * 1e3:.3f}"]
    cells += [f"{1 / wall:.0f}", f"{copied * 1e3:.3f}", *(f"{each * 1e3:.3f}" for each in split)]
    try:
        theirs = peer(head, cameras, vertices, out, wall, goal=goal)
    except (RuntimeError, ImportError) as error:  # it compiles itself when first used
        print(f"gsplat does not work here: {str(error).strip().splitlines()[0]}")
        theirs = ["", "", ""]
    cells += [str(pairs), *theirs]
    print(f"| {' | '.join(cells)} |", flush=True)


def peer(
    head: SplatHead,
    cameras: list[Camera],
    vertices: list[np.ndarray],
    ours: np.ndarray,
    wall: float,
    *,
    goal: bool,
) -> list[str]:
    """gsplat's cells: with deformation and without, and how many times slower the first is."""
    if peer_gsplat.MISSING:
        return ["", "", ""]
    import torch

    there = peer_gsplat.Peer(head)
    views = [there.view(camera) for camera in cameras]
    moved = [there.vertices(each).cpu().pin_memory() for each in vertices]
    centres = [torch.tensor(np.array(c.centre, np.float32)).cuda() for c in cameras]

    def whole(i: int) -> None:
        there.draw(moved[i].cuda(non_blocking=True), views[i], centres[i])
        peer_gsplat.synchronise()

    with torch.no_grad():
        places, covariances, rotation = there.deform(moved[0].cuda())
        colours = there.colours(places, rotation, centres[0])

    def alone(i: int) -> None:
        there.rasterise((places, covariances), colours, views[i])
        peer_gsplat.synchronise()

    theirs, bare = timed(whole), timed(alone)
    picture = there.draw(moved[0].cuda(), views[0], centres[0]).cpu().numpy()
    apart = np.abs(picture - ours[..., :3])
    if apart.mean() > 2 / 255:  # gsplat cuts Gaussians off at three deviations: nearly the same
        print(f"The two pictures differ by {apart.mean() * 255:.1f}/255: not compared.")
        return ["", "", ""]
    times = f"{theirs / wall:.1f}" + f" (goal {GOAL_TIMES})" * goal
    return [f"{theirs * 1e3:.3f}", f"{bare * 1e3:.3f}", times]


def fitting(library: Library, head: SplatHead) -> None:
    """Passes forwards and backwards over the raw Gaussians, as fitting makes them."""
    size = 512, 512
    cameras, vertices = motion(head.mesh, size)
    rng = np.random.default_rng(0)
    wanted = rng.normal(size=(512, 512, 4)).astype(np.float32)
    error = rng.random((512, 512)).astype(np.float32)

    def ours(renderer: NativeRenderer) -> float:
        renderer.set_raw(head.gaussians)
        mesh = head.mesh
        renderer.bind(mesh.vertices, mesh.triangles, head.triangle, head.barycentric)
        holder: list = [None]

        def step(i: int) -> None:
            holder[0] = renderer.gradient(
                cameras[i], Settings(), wanted, vertices=vertices[i], error=error, out=holder[0]
            )

        seconds = timed(step)
        renderer.close()
        return seconds

    card = ours(NativeRenderer(library))
    text = f"Fitting, 50 k at 512²: forwards and backwards {card * 1e3:.2f} ms, arrays copied to "
    text += "the host and back included"
    if not peer_gsplat.MISSING:
        import torch

        there = peer_gsplat.Peer(head)
        views = [there.view(camera) for camera in cameras]
        steps = [there.fitting_step(view, torch.from_numpy(wanted).cuda()) for view in views[:4]]

        def step(i: int) -> None:
            steps[i % 4]()
            peer_gsplat.synchronise()

        text += f"; gsplat, nothing copied or deformed, {timed(step) * 1e3:.2f} ms"
    if library_path("cpu").is_file():
        processor = NativeRenderer(Library(library_path("cpu")))
        words = processor.description
        text += f"; {words}: {ours(processor) * 1e3:.1f} ms"
    print(f"{text}.\n")


def sizes() -> None:
    """Of the libraries, as they lie on disk."""
    for name in ("cpu", "cuda"):
        path = library_path(name)
        if path.is_file():
            print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB.")


if __name__ == "__main__":
    sys.exit(main())
