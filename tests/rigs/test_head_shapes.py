"""The 52 shapes: lips and lids meet, the jaw opens as jaws do, shapes stay in their regions."""

from __future__ import annotations

import numpy as np
import pytest

from rigtalk.rigs.head import Head, build_head, measure_mouth
from rigtalk.rigs.head.lids import EYE_CENTRE, EYE_RADIUS

MM = 1000.0


@pytest.fixture(scope="module")
def head() -> Head:
    return build_head()


def both(**weights: float) -> dict[str, float]:
    """Left and right of each shape that has sides."""
    return {f"{name}{side}": value for name, value in weights.items() for side in ("Left", "Right")}


def lip_edges(head: Head) -> tuple[np.ndarray, np.ndarray]:
    """Opposite vertices along the whole line where the lips touch."""
    return head.lip_contact


def opening(head: Head, **weights: float) -> np.ndarray:
    """Height between the edges of the lips along the mouth, mm."""
    upper, lower = lip_edges(head)
    points = head.deform(head.weights(**weights)) * MM
    return points[upper, 2] - points[lower, 2]


def moved(head: Head, name: str) -> np.ndarray:
    """How far each vertex goes, mm, (V,)."""
    return np.linalg.norm(head.shape_deltas[head.shape_names.index(name)], axis=1) * MM


def test_lips_touch_at_rest_along_the_whole_mouth(head: Head) -> None:
    gap = opening(head)
    assert gap.max() <= 1.0
    assert gap.min() >= 0.0


def test_the_jaw_opens_as_far_as_a_jaw_does(head: Head) -> None:
    gap = measure_mouth(head, head.weights(jawOpen=1.0)).gap[0]
    assert 24.0 < gap < 29.0


@pytest.mark.parametrize("weight", [0.3, 0.6, 1.0])
def test_lips_meet_over_an_open_jaw(head: Head, weight: float) -> None:
    gap = opening(head, jawOpen=weight, mouthClose=weight)
    assert np.abs(gap).max() <= 1.0
    upper, lower = lip_edges(head)
    points = head.deform(head.weights(jawOpen=weight, mouthClose=weight)) * MM
    # They also meet in depth: neither lip stands in front of the other.
    assert np.abs(points[upper, 1] - points[lower, 1]).max() < 1.0


def test_lips_stay_closed_in_the_pose_of_m_b_and_p(head: Head) -> None:
    pose = {"jawOpen": 0.25, "mouthClose": 0.25, "mouthRollLower": 0.15, "mouthRollUpper": 0.1}
    assert opening(head, **pose, **both(mouthPress=0.35)).max() < 1.0


def test_mouth_closed_by_pressing_and_puckering_stays_closed(head: Head) -> None:
    assert opening(head, **both(mouthPress=1.0)).max() < 1.0
    assert opening(head, mouthPucker=1.0).max() < 2.0


def test_the_lower_lip_reaches_the_upper_teeth_for_f_and_v(head: Head) -> None:
    pose = head.weights(jawOpen=0.1, mouthRollLower=0.7, **both(mouthUpperUp=0.3))
    rest, bite = measure_mouth(head, head.weights()), measure_mouth(head, pose)
    assert bite.lip_to_teeth[0] < 0.7 * rest.lip_to_teeth[0]
    assert bite.lip_to_teeth[0] < 6.5


def test_rounding_narrows_and_protrudes(head: Head) -> None:
    rest = measure_mouth(head, head.weights())
    for name, narrower, further in (("mouthPucker", 0.65, 5.0), ("mouthFunnel", 0.8, 5.0)):
        round_ = measure_mouth(head, head.weights(**{name: 1.0}))
        assert round_.width[0] < narrower * rest.width[0]
        assert round_.protrusion[0] > further
    assert measure_mouth(head, head.weights(mouthFunnel=1.0)).gap[0] > 5.0


def test_a_smile_goes_up_and_out_and_a_frown_down(head: Head) -> None:
    corner = head.landmarks["mouth_corner_left"]
    smile = head.shape_deltas[head.shape_names.index("mouthSmileLeft"), corner] * MM
    frown = head.shape_deltas[head.shape_names.index("mouthFrownLeft"), corner] * MM
    assert (smile > [5.0, 2.0, 6.0]).all()
    assert frown[2] < -5.0


def test_teeth_show_when_lips_part_and_not_at_rest(head: Head) -> None:
    rest = head.vertices * MM
    marks = head.landmarks
    assert rest[marks["teeth_upper_edge"], 1] > rest[marks["lip_upper_inner"], 1] + 2.0
    low = measure_mouth(head, head.weights(**both(mouthLowerDown=1.0))).gap[0]
    high = measure_mouth(head, head.weights(**both(mouthUpperUp=1.0))).gap[0]
    assert low > 6.0
    assert high > 5.0


def front_of_lips(head: Head, points: np.ndarray, x: np.ndarray, z: np.ndarray) -> np.ndarray:
    """y of the foremost skin near places of the face, mm."""
    skin = points[head.parts["skin"]]
    skin = skin[(skin[:, 1] < -60.0) & (np.abs(skin[:, 2]) < 30.0)]
    away = (skin[:, 0][None] - x[:, None]) ** 2 + (skin[:, 2][None] - z[:, None]) ** 2
    return np.where(away < 3.0**2, skin[:, 1][None], np.inf).min(axis=1)


@pytest.mark.parametrize("part", ["teeth_upper", "teeth_lower", "tongue"])
def test_nothing_pokes_through_the_lips_at_rest(head: Head, part: str) -> None:
    points = head.vertices * MM
    inside = points[head.parts[part]]
    inside = inside[inside[:, 1] < -70.0]
    front = front_of_lips(head, points, inside[:, 0], inside[:, 2])
    assert np.isfinite(front).all()
    assert (inside[:, 1] - front).min() > 1.0


def test_lids_meet_in_a_blink(head: Head) -> None:
    points = head.deform(head.weights(**both(eyeBlink=1.0))) * MM
    for side in ("left", "right"):
        upper, lower = head.lid_contact[side]
        apart = np.linalg.norm(points[upper] - points[lower], axis=1)
        assert apart.max() < 0.6, side


@pytest.mark.parametrize("weight", [0.0, 0.25, 0.5, 0.75, 1.0])
@pytest.mark.parametrize("name", ["eyeBlink", "eyeSquint", "eyeWide", "eyeLookUp", "eyeLookDown"])
def test_lids_stay_off_the_eyeball(head: Head, name: str, weight: float) -> None:
    points = head.deform(head.weights(**both(**{name: weight}))) * MM
    ball = points[head.parts["eye_left"]]
    # Eyeballs sink a little in a blink; the front of the ball says how far.
    rest = head.vertices[head.parts["eye_left"]] * MM
    back = np.argmax(rest[:, 1])
    centre = EYE_CENTRE + (ball[back] - rest[back] if name == "eyeBlink" else 0.0)
    upper, lower = head.lid_contact["left"]
    distance = np.linalg.norm(points[np.concatenate([upper, lower])] - centre, axis=1)
    assert distance.min() > EYE_RADIUS


def test_eyeballs_turn_and_keep_their_size(head: Head) -> None:
    ball = head.parts["eye_left"]
    front = ball[np.argmin(head.vertices[ball, 1])]
    for name, way in (
        ("eyeLookOutLeft", [1.0, 0.0, 0.0]),
        ("eyeLookInLeft", [-1.0, 0.0, 0.0]),
        ("eyeLookUpLeft", [0.0, 0.0, 1.0]),
        ("eyeLookDownLeft", [0.0, 0.0, -1.0]),
    ):
        delta = head.shape_deltas[head.shape_names.index(name)] * MM
        assert delta[front] @ np.array(way) > 4.0, name
        turned = head.vertices[ball] * MM + delta[ball] - EYE_CENTRE
        was = head.vertices[ball] * MM - EYE_CENTRE
        np.testing.assert_allclose(
            np.linalg.norm(turned, axis=1), np.linalg.norm(was, axis=1), atol=0.01
        )


# Where a shape may move the head by more than half a millimetre: lowest and highest z, mm, and on
# which side of the face; with the least and the greatest movement of its quickest point, mm.
REGIONS = {
    "eyeBlinkLeft": (38.0, 95.0, "L", 8.0, 18.0),
    "eyeSquintLeft": (38.0, 95.0, "L", 2.0, 8.0),
    "eyeWideLeft": (45.0, 95.0, "L", 2.0, 7.0),
    "eyeLookUpLeft": (45.0, 95.0, "L", 4.0, 9.0),
    "browDownLeft": (60.0, 150.0, "L", 3.0, 10.0),
    "browOuterUpLeft": (65.0, 150.0, "L", 4.0, 11.0),
    "browInnerUp": (65.0, 150.0, "LR", 4.0, 11.0),
    "cheekSquintLeft": (10.0, 75.0, "L", 2.5, 8.0),
    "noseSneerLeft": (-25.0, 115.0, "L", 2.5, 8.0),
    "mouthSmileLeft": (-60.0, 75.0, "L", 8.0, 18.0),
    "mouthFrownLeft": (-60.0, 45.0, "L", 5.0, 12.0),
    "mouthPressLeft": (-45.0, 35.0, "L", 1.5, 7.0),
    "mouthPucker": (-60.0, 50.0, "LR", 8.0, 18.0),
    "mouthFunnel": (-60.0, 50.0, "LR", 6.0, 15.0),
    "mouthRollLower": (-45.0, 20.0, "LR", 3.0, 10.0),
    "mouthRollUpper": (-20.0, 35.0, "LR", 3.0, 10.0),
    "mouthShrugLower": (-60.0, 35.0, "LR", 3.0, 9.0),
    "mouthShrugUpper": (-40.0, 40.0, "LR", 2.0, 7.0),
    "jawOpen": (-110.0, 45.0, "LR", 24.0, 40.0),
    "jawForward": (-110.0, 45.0, "LR", 4.0, 9.0),
    "jawLeft": (-110.0, 45.0, "LR", 5.0, 11.0),
    "cheekPuff": (-50.0, 50.0, "LR", 5.0, 13.0),
    "tongueOut": (-50.0, 50.0, "LR", 20.0, 45.0),
}


@pytest.mark.parametrize("name", REGIONS)
def test_a_shape_moves_its_own_region(head: Head, name: str) -> None:
    low, high, sides, least, most = REGIONS[name]
    way = moved(head, name)
    assert least < way.max() < most
    active = head.vertices[way > 0.5] * MM
    assert active[:, 2].min() > low
    assert active[:, 2].max() < high
    if sides == "L":
        assert active[:, 0].min() > -12.0


def test_every_shape_does_something_and_none_moves_hair_ears_or_shirt(head: Head) -> None:
    still = np.concatenate(
        [head.parts[name] for name in ("hair", "ear_left", "ear_right", "shirt")]
    )
    for name in head.shape_names:
        way = moved(head, name)
        assert way.max() > 1.5, name
        assert way[still].max() == 0.0, name


@pytest.mark.parametrize(
    "name", ["mouthSmile", "mouthPress", "mouthLowerDown", "mouthUpperUp", "browDown", "noseSneer"]
)
def test_left_and_right_add_up_to_a_symmetrical_shape(head: Head, name: str) -> None:
    total = head.deform(head.weights(**both(**{name: 1.0}))) - head.vertices
    pairs = np.concatenate([head.parts["skin"], head.parts["brow_left"]])
    flip = np.array([-1.0, 1.0, 1.0])
    assert np.abs(total[head.mirror[pairs]] * flip - total[pairs]).max() * MM < 0.02
    # Where the two halves overlap they make no ridge: the sum over the middle line of the upper lip
    # goes from one side to the other without a jump.
    upper = lip_edges(head)[0]
    step = np.abs(np.diff(total[upper] * MM, axis=0)).max()
    assert step < 2.5


def test_a_smile_and_its_mirror_image_do_not_reach_the_other_corner(head: Head) -> None:
    right = head.landmarks["mouth_corner_right"]
    assert moved(head, "mouthSmileLeft")[right] < 0.5


def test_lower_teeth_and_chin_follow_the_jaw_and_upper_teeth_do_not(head: Head) -> None:
    way = moved(head, "jawOpen")
    assert way[head.parts["teeth_lower"]].min() > 10.0
    assert way[head.parts["teeth_upper"]].max() == 0.0
    assert way[head.landmarks["chin"]] > 20.0
    corner = way[head.landmarks["mouth_corner_left"]]
    assert 5.0 < corner < 20.0


def test_measures_of_many_frames_are_those_of_each(head: Head) -> None:
    rng = np.random.default_rng(1)
    weights = rng.random((2000, 52)).astype(np.float32) * 0.5
    measures = measure_mouth(head, weights)
    assert measures.gap.shape == (2000,)
    frame = 1234
    points = head.deform(weights[frame]) * MM
    at = {name: points[index] for name, index in head.landmarks.items()}
    assert measures.gap[frame] == pytest.approx(
        at["lip_upper_inner"][2] - at["lip_lower_inner"][2], abs=1e-3
    )
    width = np.linalg.norm(at["mouth_corner_left"] - at["mouth_corner_right"])
    assert measures.width[frame] == pytest.approx(width, abs=1e-3)
