"""The native renderer of Gaussians on the embedded head: speed, scaling and distance to bounds."""

import os
import time
from functools import partial

import numpy as np

from rigtalk.core.splat.camera import Camera
from rigtalk.core.splat.correctives import Correctives
from rigtalk.core.splat.gaussians import Gaussians
from rigtalk.core.splat.head import SplatHead
from rigtalk.core.splat.mesh import Mesh, triangles_of
from rigtalk.core.splat.native.gradients import Gradients, adam
from rigtalk.core.splat.native.library import Library, NativeRenderer, library_path
from rigtalk.core.splat.posed import Posed
from rigtalk.core.splat.reference import Settings, _project
from rigtalk.rigs.head.build import build_head

FRAMES = 60
SIZES = (512, 1024)
COUNTS = (25_000, 50_000, 100_000, 200_000)
GOALS = {(50_000, 512): 60, (100_000, 512): 40}
BASES = 16
FITTING = (
    *("what", "take raw", f"correct, {BASES} bases", "forward", "backward", "its blending"),
    *("its chain", "Adam", "forward and backward", "ratio"),
)
HEADING = ("what", "ms", "best", "CPU ms", "FPS", "project", "sort", "bin", "blend", "pairs")


def main() -> None:
    if not library_path("cpu").is_file():
        print("The native renderer is not built: run `python build.py native`.")
        return
    library = Library(library_path("cpu"))
    mesh = head_mesh()
    print(
        f"## Gaussian head: {len(mesh.vertices)} vertices, {len(mesh.triangles)} triangles; "
        f"load of the machine {os.getloadavg()[0]:.1f}\n"
    )
    print(f"| {' | '.join(HEADING)} |\n{'|---' * len(HEADING)}|", flush=True)
    for count in COUNTS:
        head = covered(mesh, count)
        for size in SIZES:
            row(library, head, size, threads=2)
        if (count, 512) in GOALS:
            row(library, head, 512, threads=1)
            row(library, head, 512, threads=2, instructions="avx2")
            row(library, head, 512, threads=2, extras=True)
    bounds(library, covered(mesh, 100_000))
    fitting(library, mesh)


def head_mesh() -> Mesh:
    """The embedded head's, of triangles."""
    head = build_head()
    sizes = (head.faces >= 0).sum(axis=1)
    return Mesh(head.vertices, triangles_of(sizes, head.faces[head.faces >= 0]))


def covered(mesh: Mesh, count: int) -> SplatHead:
    """Flat Gaussians all over a mesh, by area, as fitting begins with them."""
    rng = np.random.default_rng(0)
    corners = mesh.vertices[mesh.triangles].astype(np.float64)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    doubled = np.linalg.norm(normals, axis=1)
    triangle = np.sort(rng.choice(len(doubled), count, p=doubled / doubled.sum()))
    barycentric = rng.dirichlet((1, 1, 1), count)
    spacing = np.sqrt(doubled.sum() / 2 / count)
    positions = np.einsum("nci,nc->ni", corners[triangle], barycentric)
    normals = normals[triangle] / np.maximum(doubled[triangle], 1e-30)[:, None]
    # The turn that takes z to the normal.
    rotations = np.stack(
        [1 + normals[:, 2], -normals[:, 1], normals[:, 0], np.zeros(count)], axis=1
    )
    rotations[np.linalg.norm(rotations, axis=1) < 1e-6] = (0, 1, 0, 0)
    log_scales = np.log(spacing * np.array([0.7, 0.7, 0.1])) + rng.normal(0, 0.25, (count, 3))
    sh = np.concatenate([rng.normal(0, 0.6, (count, 1, 3)), rng.normal(0, 0.1, (count, 3, 3))], 1)
    gaussians = Gaussians(positions, log_scales, rotations, rng.normal(2, 1, count), sh)
    return SplatHead(gaussians, triangle, barycentric, mesh)


def row(
    library: Library,
    head: SplatHead,
    size: int,
    *,
    threads: int,
    instructions: str = "",
    extras: bool = False,
) -> None:
    """One line of the table: `FRAMES` frames of the head moving before a turning camera."""
    renderer = NativeRenderer(library, threads=threads, instructions=instructions)
    renderer.set(Posed.of(head.gaussians))
    rest = head.mesh.vertices
    renderer.bind(rest, head.mesh.triangles, head.triangle, head.barycentric)
    middle = (rest.max(0) + rest.min(0)) / 2
    height = float(np.ptp(rest[:, 2]))
    out = np.empty((size, size, 4), np.float32)
    walls, busy, steps, pairs = [], [], [], 0
    for i in range(FRAMES + 5):
        angle = 0.4 * np.sin(i / 20)
        eye = middle + 3 * height * np.array([np.sin(angle), -np.cos(angle), 0.1])
        camera = Camera.look_at(
            eye, middle, (0, 0, 1), field_of_view=0.37, width=size, height=size, near=0.01 * height
        )
        moved = rest + np.float32(0.01) * height * np.sin(rest / height * 9 + i / 5)
        begin, work = time.perf_counter(), time.process_time()
        frame = renderer.render(camera, Settings(), vertices=moved, extras=extras, out=out)
        if i >= 5:
            walls.append(time.perf_counter() - begin)
            busy.append(time.process_time() - work)
            steps.append(tuple(frame.seconds.values()))
            pairs = frame.pairs
    renderer.close()
    wall, cpu = np.median(walls) * 1e3, np.median(busy) * 1e3
    count = len(head)
    what = f"{count // 1000} k, {size}², {renderer.description}" + (", depth, normals" * extras)
    goal = GOALS.get((count, size)) if threads == 2 and not instructions and not extras else None
    rate = f"{1e3 / wall:.0f}" + (f" (goal {goal})" if goal else "")
    cells = [what, f"{wall:.2f}", f"{min(walls) * 1e3:.2f}", f"{cpu:.2f}", rate]
    cells += [f"{each * 1e3:.2f}" for each in np.median(steps, axis=0)]
    print(f"| {' | '.join(cells)} | {pairs} |", flush=True)


def fitting(library: Library, mesh: Mesh) -> None:
    """What an iteration of fitting takes beside its loss: the backward pass against the forward."""
    print(
        "\n## Fitting: milliseconds, best of "
        f"{FRAMES}; backward over forward in the last column; load {os.getloadavg()[0]:.1f}\n"
    )
    print(f"| {' | '.join(FITTING)} |\n{'|---' * len(FITTING)}|", flush=True)
    for count, threads, instructions in (
        (50_000, 1, ""),
        (50_000, 1, "avx2"),
        (50_000, 2, ""),
        (100_000, 1, ""),
        (100_000, 2, ""),
    ):
        fitting_row(library, covered(mesh, count), threads, instructions)


def fitting_row(library: Library, head: SplatHead, threads: int, instructions: str) -> None:
    rng = np.random.default_rng(0)
    gaussians, rest, count = head.gaussians, head.mesh.vertices, len(head)
    middle, height = (rest.max(0) + rest.min(0)) / 2, float(np.ptp(rest[:, 2]))
    camera = Camera.look_at(
        middle - (0, 3 * height, 0), middle, (0, 0, 1), field_of_view=0.37, width=512, height=512
    )
    d_rgba = rng.normal(size=(512, 512, 4)).astype(np.float32)
    error = rng.random((512, 512)).astype(np.float32)
    names = ("positions", "log_scales", "rotations", "opacity_logits", "sh")
    values = {name: getattr(gaussians, name).copy() for name in names}
    values["rotations"] = np.zeros((count, 3), np.float32)
    moments = {name: [np.zeros_like(each) for _ in range(2)] for name, each in values.items()}
    bases = {"positions": rng.normal(0, 1e-4, (BASES, count, 3))}
    bases["sh"] = rng.normal(0, 1e-3, (BASES, *gaussians.sh.shape))
    renderer = NativeRenderer(library, threads=threads, instructions=instructions)
    renderer.set_raw(gaussians)
    renderer.bind(rest, head.mesh.triangles, head.triangle, head.barycentric)
    renderer.correctives(Correctives.of_dense(np.ones((1, BASES)), bases))
    amounts = np.ones(BASES, np.float32)
    out, result = np.empty((512, 512, 4), np.float32), Gradients.empty(count, 4)
    times, steps = [], []
    for i in range(FRAMES + 2):
        moved = rest + np.float32(0.01) * height * np.sin(rest / height * 9 + i / 5)
        given = _timed(lambda: renderer.set_raw(gaussians))
        corrected = _timed(lambda: renderer.correct(amounts))
        render = partial(renderer.render, camera, Settings(), vertices=moved, out=out)
        gradient = partial(renderer.gradient, camera, Settings(), d_rgba, moved, error, result)
        forward, backward = _timed(render), _timed(gradient)
        begin = time.perf_counter()
        for name, each in values.items():
            slope = getattr(result, name)
            adam(library, each, slope, *moments[name], rate=0.0, step=i + 1, threads=threads)
        stepped = time.perf_counter() - begin
        if i >= 2:
            times.append((given, corrected, forward, backward, stepped))
            steps.append((renderer.seconds["blend"], renderer.seconds["chain"]))
    description = renderer.description
    renderer.close()
    best, (blend, chain) = np.min(times, axis=0) * 1e3, np.min(steps, axis=0) * 1e3
    cells = [f"{each:.2f}" for each in (*best[:4], blend, chain, best[4])]
    both, ratio = best[2] + best[3], best[3] / best[2]
    goal = " (goal 35)" if count == 50_000 and threads == 1 and not instructions else ""
    print(
        f"| {count // 1000} k, 512², {description} | {' | '.join(cells)} | {both:.2f}{goal} "
        f"| {ratio:.2f} |",
        flush=True,
    )


def bounds(library: Library, head: SplatHead) -> None:
    """How far one thread is from what memory and arithmetic allow, on a picture of 512²."""
    block = np.ones(16_000_000, np.float32)
    into = np.empty_like(block)
    bandwidth = 2 * block.nbytes / min(_timed(lambda: np.copyto(into, block)) for _ in range(5))
    square = np.ones((1024, 1024), np.float32)
    flops = 2 * 1024**3 / min(_timed(lambda: square @ square) for _ in range(5))

    rest = head.mesh.vertices
    middle, height = (rest.max(0) + rest.min(0)) / 2, float(np.ptp(rest[:, 2]))
    camera = Camera.look_at(
        middle - (0, 3 * height, 0), middle, (0, 0, 1), field_of_view=0.37, width=512, height=512
    )
    posed = Posed.of(head.gaussians)
    renderer = NativeRenderer(library, threads=1)
    renderer.set(posed)
    frames = [renderer.render(camera, Settings()) for _ in range(20)]
    total = min(sum(frame.seconds.values()) for frame in frames)
    blend = min(frame.seconds["blend"] for frame in frames)
    # Gaussians read, records written and read by every pair, keys sorted, the picture written.
    numbers = 3 + 6 + 1 + 4 + 3 + 3 * posed.sh.shape[1]
    frame = frames[0]
    moved = 4 * numbers * len(posed) + 64 * (frame.drawn + frame.pairs) + 16 * frame.rgba.size / 4
    moved += 8 * 4 * frame.drawn + 20 * frame.pairs
    # Pixels within all ellipses, as if nothing were hidden, at 22 operations each.
    seen = _project(posed, camera, Settings())
    spread = np.sqrt(np.linalg.det(seen.covariances))
    touched = float(np.sum(2 * np.pi * np.log(np.maximum(seen.opacities * 255, 1)) * spread))
    print(
        f"\n100 k at rest, one thread: {total * 1e3:.2f} ms, {blend * 1e3:.2f} of them blending "
        f"(best of 20).\nBound by memory ({bandwidth / 1e9:.0f} GB/s measured, "
        f"{moved / 1e6:.0f} MB a frame): {moved / bandwidth * 1e3:.2f} ms, "
        f"{total * bandwidth / moved:.1f} times less.\n"
        f"Bound by arithmetic ({flops / 1e9:.0f} Gflop/s measured, {touched / 1e6:.1f} M pixels "
        f"covered): {22 * touched / flops * 1e3:.2f} ms for blending, "
        f"{blend * flops / 22 / touched:.1f} times less.\n"
        f"Load of the machine now {os.getloadavg()[0]:.1f}."
    )
    for path in (library_path("cpu"), library_path("cuda")):
        if path.is_file():
            print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB.")


def _timed(work) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
