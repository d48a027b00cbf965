import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.files.ply import read_ply, write_ply
from rigtalk.core.splat.gaussians import SH_C0, Gaussians

FIELDS = ("positions", "log_scales", "rotations", "opacity_logits", "sh")
NEEDED = ["x", "y", "z", "scale_0", "scale_1", "scale_2"]
NUMPY = {"float": "f4", "double": "f8", "uchar": "u1", "int": "i4", "short": "i2"}


def ply(columns: dict[str, tuple[str, np.ndarray]], order="<", *, count=None, before="", data=b""):
    """A PLY of any columns and types, in any byte order or as text."""
    rows = len(next(iter(columns.values()))[1])
    encoding = {"<": "binary_little_endian", ">": "binary_big_endian", "": "ascii"}[order]
    lines = ["ply", f"format {encoding} 1.0", "comment made by hand"]
    lines += [*before.splitlines(), f"element vertex {rows if count is None else count}"]
    lines += [f"property {kind} {name}" for name, (kind, _) in columns.items()]
    head = "\n".join([*lines, "end_header", ""]).encode()
    if not order:
        table = zip(*(values.tolist() for _, values in columns.values()), strict=True)
        return head + data + "".join(" ".join(map(repr, row)) + "\n" for row in table).encode()
    dtype = np.dtype([(name, order + NUMPY[kind]) for name, (kind, _) in columns.items()])
    table = np.zeros(rows, dtype)
    for name, (_, values) in columns.items():
        table[name] = values
    return head + data + table.tobytes()


def columns_of(g: Gaussians, kind: str = "float") -> dict[str, tuple[str, np.ndarray]]:
    rest = np.swapaxes(g.sh[:, 1:], 1, 2).reshape(len(g), -1)
    found = {name: g.positions[:, i] for i, name in enumerate("xyz")}
    found |= {f"f_dc_{i}": g.sh[:, 0, i] for i in range(3)}
    found |= {f"f_rest_{i}": rest[:, i] for i in range(rest.shape[1])}
    found |= {"opacity": g.opacity_logits}
    found |= {f"scale_{i}": g.log_scales[:, i] for i in range(3)}
    found |= {f"rot_{i}": g.rotations[:, i] for i in range(4)}
    return {name: (kind, values) for name, values in found.items()}


def same(first: Gaussians, second: Gaussians) -> None:
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
def test_every_bit_comes_back(cloud, tmp_path, degree):
    g = cloud(100, degree)
    write_ply(tmp_path / "a.ply", g, comment="two\nlines")
    same(read_ply(tmp_path / "a.ply"), g)


def test_the_columns_are_those_of_3dgs(cloud, tmp_path):
    """Harmonics go channel by channel; rotations begin with w."""
    g = cloud(2, 1)
    write_ply(tmp_path / "a.ply", g)
    head, _, body = (tmp_path / "a.ply").read_bytes().partition(b"end_header\n")
    names = [line.split()[2].decode() for line in head.splitlines() if b"property" in line]
    row = dict(zip(names, np.frombuffer(body, "<f4")[: len(names)], strict=True))
    assert row["f_rest_1"] == g.sh[0, 2, 0]
    assert row["f_rest_3"] == g.sh[0, 1, 1]
    assert row["f_rest_8"] == g.sh[0, 3, 2]
    assert row["rot_0"] == g.rotations[0, 0]
    assert len(body) == 2 * len(names) * 4


@pytest.mark.parametrize("order", ["<", ">", ""])
@pytest.mark.parametrize("kind", ["float", "double"])
def test_any_encoding_order_and_extra_columns(cloud, tmp_path, order, kind):
    g = cloud(30, 2)
    columns = columns_of(g, kind)
    names = list(columns)
    np.random.default_rng(4).shuffle(names)
    shuffled = {"nx": ("float", np.ones(30)), "label": ("uchar", np.arange(30))}
    shuffled |= {name: columns[name] for name in names}
    shuffled["f_other"] = ("double", np.full(30, np.pi))
    (tmp_path / "a.ply").write_bytes(ply(shuffled, order))
    same(read_ply(tmp_path / "a.ply"), g)


@pytest.mark.parametrize("end", [b"\r\n", b"\r"])
def test_line_ends_of_other_systems(cloud, tmp_path, end):
    content = ply(columns_of(cloud(3)))
    at = content.index(b"end_header\n") + len(b"end_header\n")
    (tmp_path / "a.ply").write_bytes(content[:at].replace(b"\n", end) + content[at:])
    same(read_ply(tmp_path / "a.ply"), cloud(3))


@pytest.mark.parametrize("order", ["<", ""])
def test_elements_around_the_vertices_are_passed_over(cloud, tmp_path, order):
    data = np.arange(4, dtype="<f8").tobytes() if order else b"0 1\n2 3\n"
    before = "element camera 2\nproperty double a\nproperty double b\nobj_info x"
    content = ply(columns_of(cloud(5)), order, before=before, data=data)
    after = b"element face 1\nproperty list uchar int vertex_indices\nend_header"
    (tmp_path / "a.ply").write_bytes(content.replace(b"end_header", after) + b"\0" * 13)
    same(read_ply(tmp_path / "a.ply"), cloud(5))


def test_what_is_missing_is_filled_in(cloud, tmp_path):
    columns = columns_of(cloud(4, 2))
    (tmp_path / "a.ply").write_bytes(ply({name: columns[name] for name in NEEDED}))
    g = read_ply(tmp_path / "a.ply")
    assert g.degree == 0
    np.testing.assert_array_equal(g.sh, 0)
    np.testing.assert_array_equal(g.rotations, [[1, 0, 0, 0]] * 4)
    assert g.opacities().min() > 0.99


@pytest.mark.parametrize(("kind", "most"), [("uchar", 255), ("float", 1)])
def test_plain_colours_serve_where_there_are_no_harmonics(cloud, tmp_path, kind, most):
    columns = {name: columns_of(cloud(3))[name] for name in NEEDED}
    for name, values in zip(("red", "green", "blue"), np.eye(3), strict=True):
        columns[name] = (kind, most * values)
    (tmp_path / "a.ply").write_bytes(ply(columns))
    np.testing.assert_allclose(
        0.5 + SH_C0 * read_ply(tmp_path / "a.ply").sh[:, 0], np.eye(3), atol=1e-6
    )


def test_discs_get_a_thickness(cloud, tmp_path):
    columns = columns_of(cloud(3))
    del columns["scale_2"]
    (tmp_path / "a.ply").write_bytes(ply(columns))
    scales = read_ply(tmp_path / "a.ply").log_scales
    np.testing.assert_allclose(scales[:, 2], scales[:, :2].min(axis=1) - np.log(100), atol=1e-5)


def test_degree_4_is_cut(cloud, tmp_path):
    columns = columns_of(cloud(3, 0))
    columns |= {f"f_rest_{i}": ("float", np.full(3, float(i))) for i in range(72)}
    (tmp_path / "a.ply").write_bytes(ply(columns))
    g = read_ply(tmp_path / "a.ply")
    assert g.degree == 3
    np.testing.assert_array_equal(g.sh[0, 1:, 1], np.arange(24, 39))


def test_infinite_logarithms_are_held(cloud, tmp_path):
    columns = columns_of(cloud(3))
    columns["opacity"] = ("float", np.array([np.inf, -np.inf, 50]))
    columns["scale_1"] = ("float", np.array([-np.inf, 0, 0]))
    (tmp_path / "a.ply").write_bytes(ply(columns))
    g = read_ply(tmp_path / "a.ply")
    np.testing.assert_array_equal(g.opacity_logits, [30, -30, 30])
    assert g.log_scales[0, 1] == -30


def test_a_set_of_none(tmp_path):
    write_ply(tmp_path / "a.ply", Gaussians.empty(1))
    g = read_ply(tmp_path / "a.ply")
    assert (len(g), g.degree) == (0, 1)


def _header(*lines: str) -> bytes:
    return "\n".join(["ply", *lines, "end_header", ""]).encode()


LITTLE = "format binary_little_endian 1.0"
GOOD = [f"property float {name}" for name in NEEDED]
ONE = [LITTLE, "element vertex 1", *GOOD]
OTHERS = [f"property float f_rest_{i}" for i in range(1, 10)]
TEXT = "format ascii 1.0"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"PK\3\4 something", "not a PLY"),
        (b"ply", "not a PLY"),
        (b"ply\nformat ascii 1.0\nelement vertex 3", "no end"),
        (b"ply\n" + b"x" * 100000, "no end"),
        (_header("format binary_middle_endian 1.0"), "strange line"),
        (_header("element vertex 3", *GOOD), "no format"),
        (_header(LITTLE, "element vertex -3", *GOOD), "strange line"),
        (_header(LITTLE, "element vertex 3", "property quad x"), "strange line"),
        (_header(LITTLE, "property float x"), "strange line"),
        (_header(LITTLE, "element vertex 1", *GOOD, "property float x"), "same name"),
        (_header(LITTLE, "element face 1", "property int a"), "no vertices"),
        (_header(LITTLE, "element vertex 1", *GOOD[:3]), "no Gaussians, but a mesh"),
        (_header(LITTLE, "element vertex 1", *GOOD, "property list uchar int i"), "lists"),
        (_header(LITTLE, "element vertex 1000000000", *GOOD) + b"\0" * 99, "promises 1000000000"),
        (_header(LITTLE, "element vertex 999999999999999999", *GOOD), "truncated"),
        (_header(TEXT, "element vertex 1000000000", *GOOD), "truncated"),
        (_header(TEXT, "element vertex 2", *GOOD) + b"1 2 3 4 5 66\n1 2 3 4 5\n", "not so"),
        (_header(TEXT, "element vertex 1", *GOOD) + b"1 2 3 4 five 6\n", "is none"),
        (_header(*ONE, "property float f_rest_0") + b"\0" * 28, "f_rest"),
        (_header(*ONE, *OTHERS) + b"\0" * 60, "f_rest"),
        (
            _header(LITTLE, "element chunk 1", "property float min_x", "element vertex 1",
                    "property uint packed_position") + b"\0" * 8,
            "compressed PLY",
        ),
    ],
)  # fmt: skip
def test_bad_files_are_refused(tmp_path, content, what):
    (tmp_path / "a.ply").write_bytes(content)
    with pytest.raises(RigtalkError, match=what) as caught:
        read_ply(tmp_path / "a.ply")
    assert str(tmp_path / "a.ply") in str(caught.value)
    assert str(caught.value).count("a.ply") == 1


def test_not_a_number_is_refused_and_counted(cloud, tmp_path):
    columns = columns_of(cloud(9))
    columns["y"] = ("float", np.where(np.arange(9) > 6, np.nan, 1.0))
    for order in ("<", ""):
        (tmp_path / "a.ply").write_bytes(ply(columns, order))
        with pytest.raises(RigtalkError, match=r"2 of 9 Gaussians .* positions .the first is 7"):
            read_ply(tmp_path / "a.ply")


def test_the_wrong_byte_order_is_noticed(cloud, tmp_path):
    """Swapped floats are wild numbers: scales far beyond any use, or positions without end."""
    content = ply(columns_of(cloud(50))).replace(b"little", b"big")
    (tmp_path / "a.ply").write_bytes(content)
    with pytest.raises(RigtalkError):
        read_ply(tmp_path / "a.ply")


@pytest.mark.parametrize("order", ["<", ""])
def test_spoilt_files_never_break_anything(survives, cloud, tmp_path, order):
    content = ply(columns_of(cloud(4)), order)
    assert survives(content, tmp_path / "a.ply", read_ply, tries=300) > 100


def test_a_file_that_cannot_be_written_leaves_nothing(cloud, tmp_path):
    with pytest.raises(RigtalkError, match="cannot be written"):
        write_ply(tmp_path / "none" / "a.ply", cloud(3))
    assert list(tmp_path.iterdir()) == []
