from rigtalk.blender_addon.direction.markers import read_markers

EVERYBODY = {"Anna", "Ben", "Camera"}


def read(*markers: tuple[float, str]):
    return read_markers(markers, "Anna", EVERYBODY)


def test_in_order_of_time():
    found = read((90, "furious"), (10, "joy 0.4"), (50, "neutral"))
    assert [frame for frame, _ in found.moods] == [10, 50, 90]
    assert found.moods[0][1].emotions == {"joy": 0.4}
    assert found.skipped == ()


def test_what_is_no_mood_is_named():
    found = read((1, "F_01"), (20, "warm"), (30, "Act 2: the door"))
    assert [frame for frame, _ in found.moods] == [20]
    assert found.skipped == ("F_01", "Act 2: the door")


def test_one_of_several_is_spoken_to():
    found = read((1, "anna: joy"), (2, "Ben: fear"), (3, "Ben: nonsense"), (4, "Anna: nonsense"))
    assert [frame for frame, _ in found.moods] == [1]
    assert found.skipped == ("Anna: nonsense",)


def test_of_two_at_one_frame_the_later_counts():
    found = read((5, "joy"), (5, "fear"))
    assert len(found.moods) == 1
    assert found.moods[0][1].emotions == {"fear": 1.0}
