import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.camera import Camera
from rigtalk.core.splat.correctives import Correctives
from rigtalk.core.splat.deformation import RestFrames
from rigtalk.core.splat.gaussians import Gaussians
from rigtalk.core.splat.head import SplatHead
from rigtalk.core.splat.mesh import Mesh, mesh_signature, triangles_of
from rigtalk.core.splat.posed import unpacked
from rigtalk.core.splat.reference import render
from rigtalk.core.splat.rotations import matrices, normalised


def sheet(side: int = 6) -> Mesh:
    """A bumpy square of (side - 1)² quads around the origin, 2 wide."""
    x, y = np.meshgrid(np.linspace(-1, 1, side), np.linspace(-1, 1, side), indexing="ij")
    z = 0.1 * np.sin(5 * x) * np.cos(4 * y)
    i, j = (each.ravel() for each in np.meshgrid(*[np.arange(side - 1)] * 2, indexing="ij"))
    quads = np.stack(
        [i * side + j, (i + 1) * side + j, (i + 1) * side + j + 1, i * side + j + 1], 1
    )
    triangles = triangles_of(np.full(len(quads), 4), quads.ravel())
    return Mesh(np.stack([x, y, z], -1).reshape(-1, 3), triangles)


def made_head(cloud, count: int = 300, degree: int = 2, **options) -> SplatHead:
    g = cloud(count, degree, size=0.05)
    flat = np.clip(g.positions * [0.5, 0.5, 0.05], -1, 1)
    g = Gaussians(flat, g.log_scales, g.rotations, g.opacity_logits, g.sh)
    return SplatHead.bind(g, sheet(), **options)


def test_at_rest_the_gaussians_are_where_they_were(cloud):
    head = made_head(cloud)
    posed = head.posed(head.mesh.vertices)
    np.testing.assert_allclose(posed.positions, head.gaussians.positions, atol=1e-6)
    np.testing.assert_allclose(
        unpacked(posed.covariances), head.gaussians.covariances(), rtol=1e-4, atol=1e-7
    )
    np.testing.assert_allclose(np.abs(posed.turns[:, 0]), 1, atol=1e-6)


def test_a_moved_mesh_carries_everything(cloud, camera):
    """The same as the plain set after the similarity, colours and normals included."""
    head = made_head(cloud)
    turn = matrices(normalised(np.array([0.3, -0.4, 0.5, 0.2])))
    posed = head.posed(1.3 * head.mesh.vertices @ turn.T + [0.1, 0.2, 0.3])
    moved = head.gaussians.transformed(turn, 1.3, (0.1, 0.2, 0.3))
    np.testing.assert_allclose(posed.positions, moved.positions, atol=1e-5)
    np.testing.assert_allclose(
        unpacked(posed.covariances), moved.covariances(), rtol=1e-3, atol=1e-6
    )
    ours, theirs = render(posed, camera), render(moved, camera)
    np.testing.assert_allclose(ours.rgb, theirs.rgb, atol=1 / 255)
    close = np.abs(ours.normals - theirs.normals).max(axis=-1) < 0.02
    assert close.mean() > 0.98  # the rim of the cloud is rounding


def test_a_stretched_mesh_stretches_its_gaussians():
    """Twice as wide: twice as far along x, square root of two times as thick."""
    mesh = Mesh([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.array([[0, 1, 2]]))
    g = Gaussians([[0.3, 0.3, 0.1]], np.log([[0.01] * 3]), [[1, 0, 0, 0]], [0], np.zeros((1, 1, 3)))
    posed = SplatHead.bind(g, mesh).posed(mesh.vertices * [2, 1, 1])
    np.testing.assert_allclose(posed.positions, [[0.6, 0.3, 0.1 * np.sqrt(2)]], rtol=1e-5)
    expected = np.diag([4, 1, 2]) * 1e-4
    np.testing.assert_allclose(unpacked(posed.covariances)[0], expected, rtol=1e-4, atol=1e-12)


def test_a_fold_has_no_crease(cloud):
    """Across the fold the turn changes little by little, not at an edge."""
    mesh = sheet(21)
    x = np.linspace(-0.3, 0.3, 400)
    on = np.stack([x, np.full_like(x, 0.123), np.zeros_like(x)], 1)
    some = cloud(400)
    head = SplatHead.bind(
        Gaussians(on, some.log_scales, some.rotations, some.opacity_logits, some.sh), mesh
    )
    right = np.maximum(mesh.vertices[:, 0], 0)
    bent = mesh.vertices - right[:, None] * [0.5, 0, 0] + right[:, None] * [0, 0, 1]
    turns = head.posed(bent).turns
    steps = 2 * np.arccos(np.clip(np.abs((turns[1:] * turns[:-1]).sum(1)), 0, 1))
    whole = 2 * np.arccos(np.abs(turns[0] @ turns[-1]))
    assert whole > 0.8
    assert steps.max() < 0.05


def test_shapes_move_vertices(cloud):
    deltas = np.zeros((2, 36, 3))
    deltas[0, :, 2], deltas[1, 5, 0] = 0.5, 0.25
    head = made_head(cloud, shape_names=("up", "aside"), shape_deltas=deltas)
    moved = head.vertices(np.array([2.0, 1]))
    np.testing.assert_allclose(moved - head.mesh.vertices, 2 * deltas[0] + deltas[1], atol=1e-6)
    posed = head.posed_by_weights(np.array([1.0, 0]), RestFrames.of(head.mesh))
    risen = posed.positions - head.gaussians.positions
    np.testing.assert_allclose(risen, np.tile([0, 0, 0.5], (300, 1)), atol=1e-5)


def test_controls_find_shapes_by_name(cloud):
    head = made_head(cloud, shape_names=("up", "aside"), shape_deltas=np.zeros((2, 36, 3)))
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    np.testing.assert_array_equal(head.weights(["aside", "jaw", "nose"], values), [[0, 0], [0, 3]])


def test_correctives_change_the_expression_only(cloud):
    head = made_head(cloud, 50, 0, shape_names=("up",), shape_deltas=np.zeros((1, 36, 3)))
    with_them = SplatHead(
        head.gaussians, head.triangle, head.barycentric, head.mesh,
        shape_names=("up",), shape_deltas=np.zeros((1, 36, 3)),
        correctives=Correctives.of_dense(np.ones((1, 1)), {"sh": np.ones((1, 50, 1, 3))}),
    )  # fmt: skip
    for weight in (0, 0.5):
        sh = with_them.posed_by_weights(np.array([weight])).sh
        np.testing.assert_allclose(sh, head.gaussians.sh + weight, atol=1e-6)
    np.testing.assert_array_equal(with_them.posed(head.mesh.vertices).sh, head.gaussians.sh)


def test_another_mesh_is_refused(cloud):
    head = made_head(cloud, signature=mesh_signature(36, np.full(25, 4), np.zeros(100)))
    head.check_mesh(head.signature)
    with pytest.raises(RigtalkError, match="another mesh"):
        head.check_mesh(made_head(cloud).signature)
    with pytest.raises(RigtalkError, match="mesh of 36 vertices, not of 35"):
        head.posed(head.mesh.vertices[:35])


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"triangle": np.full(300, 50)}, "does not have"),
        ({"triangle": np.full(300, -1)}, "does not have"),
        ({"triangle": np.zeros(299)}, "300 Gaussians need"),
        ({"barycentric": np.full((300, 3), 0.5)}, "not in its triangle"),
        ({"barycentric": np.tile([2, -0.5, -0.5], (300, 1))}, "not in its triangle"),
        ({"barycentric": np.full((300, 3), np.nan)}, "not in its triangle"),
        ({"shape_names": ("a",)}, "1 shapes need"),
        ({"shape_names": ("a", "a"), "shape_deltas": np.zeros((2, 36, 3))}, "same name"),
        ({"shape_names": ("a",), "shape_deltas": np.full((1, 36, 3), 1e6)}, "finite"),
    ],
)
def test_parts_that_do_not_belong_together_are_refused(cloud, change, what):
    head = made_head(cloud)
    parts = {name: getattr(head, name) for name in ("gaussians", "triangle", "barycentric", "mesh")}
    with pytest.raises(RigtalkError, match=what):
        SplatHead(**(parts | change))


def test_bad_weights_are_refused(cloud):
    head = made_head(cloud)
    with pytest.raises(RigtalkError, match="0 finite weights"):
        head.vertices(np.zeros(1))


def test_a_real_head_speaks(shared_data):
    """Gaussians on the skin of a real head stay on it in a wide open mouth."""
    data = np.load(shared_data / "heads" / "ict_facekit.npz", allow_pickle=False)
    faces = data["faces"]
    triangles = triangles_of((faces >= 0).sum(axis=1), faces[faces >= 0])
    mesh = Mesh(data["vertices"], triangles)
    rng = np.random.default_rng(0)
    of, foot = rng.integers(0, len(triangles), 5000), rng.dirichlet((1, 1, 1), 5000)
    on = np.einsum("nc,nci->ni", foot, mesh.vertices[triangles[of]])
    names = tuple(str(name) for name in data["shape_names"])
    g = Gaussians(
        on, np.full((5000, 3), -2), np.tile([1, 0, 0, 0], (5000, 1)), np.full(5000, 2),
        np.zeros((5000, 1, 3)),
    )  # fmt: skip
    head = SplatHead.bind(g, mesh, shape_names=names, shape_deltas=data["shape_deltas"])
    weights = head.weights(["jawOpen", "mouthSmile_L"], np.array([1.0, 0.7]))
    moved = head.vertices(weights)
    posed = head.posed_by_weights(weights)
    expected = np.einsum("nc,nci->ni", head.barycentric, moved[triangles[head.triangle]])
    assert np.linalg.norm(expected - on, axis=1).max() > 2  # cm
    np.testing.assert_allclose(posed.positions, expected, atol=1e-4)
    camera = Camera.look_at((0, 0, 70), (0, 0, 0), field_of_view=0.5, width=64, height=64)
    assert 0.2 < render(posed, camera).alpha.mean() < 0.9
