import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.splat.camera import Camera

AT = {"field_of_view": 1.0, "width": 40, "height": 30}


def test_the_target_is_ahead_and_up_is_up():
    camera = Camera.look_at((1, 2, 3), (1, 2, -7), (0, 1, 0), **AT)
    np.testing.assert_allclose(camera.centre, [1, 2, 3], atol=1e-12)
    np.testing.assert_allclose(camera.rotation @ [1, 2, -7] + camera.translation, [0, 0, 10])
    above = camera.rotation @ [1, 3, -7] + camera.translation
    beside = camera.rotation @ [2, 2, -7] + camera.translation
    assert above[1] == pytest.approx(-1)  # y points down
    assert beside[0] == pytest.approx(1)
    assert np.linalg.det(camera.rotation) == pytest.approx(1)


def test_the_field_of_view_is_that_of_the_height():
    camera = Camera.look_at((0, 0, 0), (0, 0, 1), **AT)
    assert camera.fy * np.tan(0.5) == pytest.approx(15)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"width": -1}, "pixels"),
        ({"fx": 0}, "above 0"),
        ({"near": 0}, "above 0"),
        ({"cy": np.nan}, "not finite"),
        ({"rotation": 2 * np.eye(3)}, "orthogonal"),
        ({"rotation": np.eye(4)}, "3 x 3"),
    ],
)
def test_what_makes_no_camera_is_refused(change, what):
    facts = {"width": 4, "height": 3, "fx": 4, "fy": 4, "cx": 2, "cy": 1.5}
    facts |= {"rotation": np.eye(3), "translation": np.zeros(3)}
    Camera(**facts)
    with pytest.raises(RigtalkError, match=what):
        Camera(**(facts | change))


def test_a_look_along_up_is_refused():
    with pytest.raises(RigtalkError, match="along its own up"):
        Camera.look_at((0, 0, 0), (0, 1, 0), (0, 1, 0), **AT)
    with pytest.raises(RigtalkError, match="field of view"):
        Camera.look_at((0, 0, 0), (0, 0, 1), field_of_view=4.0, width=1, height=1)
