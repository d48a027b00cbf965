import pytest

from rigtalk.blender_addon.direction.moods import NEUTRAL, moods, parse_mood
from rigtalk.core.direction import Direction
from rigtalk.core.errors import RigtalkError


def test_every_preset_is_a_direction_of_its_own():
    assert len(moods()) >= 12
    for name, mood in moods().items():
        direction = Direction(emotions=mood.emotions, strength=mood.strength)  # in range, known
        assert direction.emotional, name
        assert mood.title
        assert mood.description
    seen = {(tuple(m.emotions.items()), tuple(m.strength.items())) for m in moods().values()}
    assert len(seen) == len(moods())
    assert {"warm", "furious", "verge-of-tears"} <= set(moods())


@pytest.mark.parametrize(
    ("text", "emotions", "strength"),
    [
        ("joy 0.6", {"joy": 0.6}, {}),
        ("  JOY=.6 ", {"joy": 0.6}, {}),
        ("joy 60%", {"joy": 0.6}, {}),
        ("fear", {"fear": 1.0}, {}),
        ("joy 0.6 anger 0.2", {"joy": 0.6, "anger": 0.2}, {}),
        ("joy 0.6, anger 0.2; head 1.3", {"joy": 0.6, "anger": 0.2}, {"head": 1.3}),
        ("neutral", {}, {}),
        ("speech 0.5", {}, {"speech": 0.5}),
    ],
)
def test_words(text: str, emotions: dict, strength: dict):
    mood = parse_mood(text)
    assert mood.emotions == pytest.approx(emotions)
    assert mood.strength == pytest.approx(strength)


@pytest.mark.parametrize(
    "text", ["On the Verge of Tears", "on the verge of tears", "verge-of-tears", "verge_of_tears"]
)
def test_presets_by_title_and_by_name(text: str):
    assert parse_mood(text) == moods()["verge-of-tears"].scaled(1.0)


def test_a_share_and_a_mixture():
    furious = moods()["furious"]
    half = parse_mood("furious 0.5")
    assert half.emotions["anger"] == pytest.approx(0.5 * furious.emotions["anger"])
    assert half.strength["speech"] == pytest.approx(0.5 + 0.5 * furious.strength["speech"])
    mixed = parse_mood("furious + sadness 0.3 & head 0.5")
    assert mixed.emotions == pytest.approx({**furious.emotions, "sadness": 0.3})
    assert mixed.strength["head"] == pytest.approx(0.5 * furious.strength["head"])
    assert furious.scaled(0.0).emotions["anger"] == NEUTRAL.emotions.get("anger", 0.0)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("F_01", "no mood or emotion is called 'F_'"),
        ("Take 2", "called 'Take'"),
        ("", "no mood is named"),
        (" , ", "no mood is named"),
        ("0.6 joy", "0.6 stands alone"),
        ("joy 1.5", "joy is 1.5: it must be from 0 to 1"),
        ("joy -0.5", "joy is -0.5: it must be from 0 to 1"),
        ("head", "head needs a number from 0 to 2"),
        ("head 2.5", "head needs a number from 0 to 2"),
        ("furious, hungry", "called 'hungry'"),
        ("\N{GRINNING FACE}", "no mood or emotion is called"),
    ],
)
def test_what_is_no_mood(text: str, complaint: str):
    with pytest.raises(RigtalkError, match=complaint):
        parse_mood(text)
