import pytest

from rigtalk.core.arguments import parse_direction, parse_fps
from rigtalk.core.direction import Direction
from rigtalk.core.errors import RigtalkError


@pytest.mark.parametrize(
    ("text", "fps"),
    [
        ("24", 24),
        ("29.97", 30000 / 1001),
        ("23.976", 24000 / 1001),
        ("59.94", 60000 / 1001),
        ("30000/1001", 30000 / 1001),
        ("12.5", 12.5),
    ],
)
def test_rates(text: str, fps: float):
    assert parse_fps(text) == fps


@pytest.mark.parametrize("text", ["fast", "", "1/0", "/", "24fps"])
def test_what_is_no_rate(text: str):
    with pytest.raises(RigtalkError, match="fps is"):
        parse_fps(text)


def test_words_for_a_direction():
    assert parse_direction([], [], 0) == Direction()
    assert parse_direction(["joy=0.7,anger=.2"], ["mouth=1.2,head=0"], 9) == Direction(
        emotions={"joy": 0.7, "anger": 0.2}, strength={"mouth": 1.2, "head": 0.0}, seed=9
    )
    assert parse_direction(["joy", "fear=0.5"], [], 0).emotions == {"joy": 1.0, "fear": 0.5}
    assert parse_direction(["3.5:joy=.9", "0:joy=.2,fear"], [], 0).keys == (
        (0.0, {"joy": 0.2, "fear": 1.0}),
        (3.5, {"joy": 0.9}),
    )


def test_strengths_over_time():
    given = parse_direction([], ["3.5:mouth=1.2", "head=0", "0:mouth=1,speech=.5"], 0)
    assert given.strength == {"head": 0.0}
    assert given.strength_keys == ((0.0, {"mouth": 1.0, "speech": 0.5}), (3.5, {"mouth": 1.2}))


@pytest.mark.parametrize(
    ("emotions", "strengths", "complaint"),
    [
        (["joy=lots"], [], "joy is 'lots'"),
        (["joy="], [], "joy is ''"),
        (["jou"], [], "unknown emotion 'jou'"),
        (["joy=2"], [], "intensity of joy is 2"),
        ([""], [], "not understood"),
        (["1:joy", "joy"], [], "for all emotions, or for none"),
        (["noon:joy"], [], "the time in --emotion noon:joy is 'noon'"),
        (["1:joy", "1:fear"], [], "must be finite and rise"),
        (["inf:joy"], [], "must be finite and rise"),
        ([], ["mouth"], "not understood"),
        ([], ["lips=1"], "unknown strength 'lips'"),
        ([], ["1:lips=1"], "unknown strength 'lips'"),
        ([], ["noon:mouth=1"], "the time in --strength noon:mouth=1 is 'noon'"),
        ([], ["1:mouth=1", "mouth=2"], "seconds whenever you name mouth, or never"),
        ([], ["1:mouth=1", "1:jaw=1"], "strength keys must be finite and rise"),
    ],
)
def test_complaints(emotions: list[str], strengths: list[str], complaint: str):
    with pytest.raises(RigtalkError, match=complaint):
        parse_direction(emotions, strengths, 0)
