import json

import numpy as np
import pytest

from rigtalk.core.audio import Clip
from rigtalk.core.errors import RigtalkError
from rigtalk.core.judge.probe import Probe
from rigtalk.core.judge.report import as_json, as_text
from rigtalk.core.judge.take import judge_take
from rigtalk.core.speech.timing import Phone
from rigtalk.rigs import control_set

from .conftest import JAW, PHONES, Builder, spoken

SPEECH = 1.9


def figures(builder: Builder, clip: Clip, probe: Probe, **options) -> dict[str, float]:
    return dict(judge_take(builder.take(), clip, phones=PHONES, probe=probe, **options).figures)


def test_a_mouth_that_does_as_it_should(builder: Builder, clip: Clip, probe: Probe) -> None:
    found = figures(builder, clip, probe)
    assert found["closure_recall"] == 1.0
    assert found["false_seals_per_s"] == 0.0
    assert found["shut_vowels"] == 0.0
    assert found["silence_mm"] == pytest.approx(0.0, abs=0.01)
    assert found["openness_lag_ms"] == 0.0
    opened = probe.track(builder.values[50:51]).opening[0]
    assert found["open_vowel_mm"] == pytest.approx(opened, abs=1e-3)
    assert 6 < opened < 12


def test_a_missed_closure(builder: Builder, clip: Clip, probe: Probe) -> None:
    builder.pose(1.0, 1.5, mouthClose=0.0)
    assert figures(builder, clip, probe)["closure_recall"] == 0.5


def test_half_a_millimetre_is_shut_and_more_is_not(clip: Clip, probe: Probe) -> None:
    per_weight = probe.track(Builder().pose(0, 9, jawOpen=0.1).values[:1]).opening[0] / 0.1
    for opening, recall in ((0.4, 1.0), (0.6, 0.0)):
        builder = Builder().pose(0.0, 9.0, jawOpen=float(opening / per_weight))
        assert figures(builder, clip, probe)["closure_recall"] == recall


@pytest.mark.parametrize(("frames", "seals"), [(1, 0), (2, 1), (3, 1)])
def test_a_seal_far_from_labials_is_false_from_two_frames(
    builder: Builder, clip: Clip, probe: Probe, frames: int, seals: int
) -> None:
    builder.pose(0.9, 0.9 + frames / 60, mouthClose=JAW)
    assert figures(builder, clip, probe)["false_seals_per_s"] == pytest.approx(seals / SPEECH)


def test_a_seal_within_60_ms_of_a_labial_is_forgiven(
    builder: Builder, clip: Clip, probe: Probe
) -> None:
    builder.pose(1.15, 1.25, mouthClose=JAW)
    assert figures(builder, clip, probe)["false_seals_per_s"] == 0.0


def test_a_trembling_mouth(clip: Clip, probe: Probe) -> None:
    calm, trembling = Builder(), Builder()
    column = control_set("arkit").index("jawOpen")
    calm.values[:, column] = 0.3 + 0.1 * np.sin(2 * np.pi * 3 * calm.times)
    trembling.values[:, column] = 0.3 + 0.1 * np.sin(2 * np.pi * 20 * calm.times)
    assert figures(calm, clip, probe)["fast_share"] < 0.01
    assert figures(trembling, clip, probe)["fast_share"] > 0.98


def test_a_late_mouth(builder: Builder, clip: Clip, probe: Probe) -> None:
    builder.values = np.roll(builder.values, 4, axis=0)
    assert figures(builder, clip, probe)["openness_lag_ms"] == pytest.approx(4000 / 60, abs=17)


def test_an_open_mouth_in_silence(builder: Builder, clip: Clip, probe: Probe) -> None:
    builder.pose(2.5, 3.1, jawOpen=0.1)
    found = figures(builder, clip, probe)
    opening = probe.track(builder.values[-1:]).opening[0]
    assert found["silence_p95_mm"] == pytest.approx(opening, abs=1e-3)
    # Silence is judged from 0.2 s after to 0.2 s before speech: 6 frames at the begin are shut,
    # and of the end those from 2.6 s on are open.
    assert found["silence_mm"] == pytest.approx(opening * 12 / 18, rel=0.05)


def test_rounding_and_contact_follow_the_lips(builder: Builder, clip: Clip, probe: Probe) -> None:
    builder.pose(1.95, 2.45, mouthPucker=0.8)
    found = figures(builder, clip, probe)
    spread, rounded = (probe.track(builder.values[i : i + 1]).width[0] for i in (96, 132))
    assert found["rounding_mm"] == pytest.approx(spread - rounded, abs=0.01)
    assert found["bite_mm"] == pytest.approx(probe.track(builder.values).bite[113:122].min())


def test_contact_is_judged_where_the_head_can_make_it(
    builder: Builder, clip: Clip, probe: Probe
) -> None:
    take = judge_take(builder.take(), clip, phones=PHONES, probe=probe)
    if probe.reach > 1.0:
        assert np.isnan(take.figures["bite_contact"])
        assert any("comes no nearer to the teeth" in note for note in take.notes)
    else:
        assert take.figures["bite_contact"] == 0.0
        builder.pose(1.9, 2.0, jawOpen=0.1, mouthRollLower=1.0)
        assert figures(builder, clip, probe)["bite_contact"] == 1.0


def test_the_capture_itself(builder: Builder, clip: Clip, probe: Probe) -> None:
    builder.pose(0.8, 1.4, browInnerUp=0.5, eyeSquintLeft=0.4)
    found = figures(builder, clip, probe, captures=builder.take())
    for name in ("gap", "jaw", "width"):
        assert found[f"captured_{name}_r"] == pytest.approx(1.0)
    assert found["lve_mm"] == found["captured_gap_error_mm"] == found["captured_lag_ms"] == 0.0
    assert found["fdd_mm"] == pytest.approx(0.0, abs=1e-6)


def test_errors_against_a_capture_are_millimetres(clip: Clip, probe: Probe) -> None:
    still = Builder()
    moved = Builder().pose(0.0, 9.0, jawOpen=0.2).pose(1.0, 2.0, browInnerUp=1.0)
    found = figures(still, clip, probe, captures=moved.take())
    gap = probe.track(moved.values[:1]).opening[0]
    assert found["captured_gap_error_mm"] == pytest.approx(gap, rel=0.05)
    jaw = 0.2 * np.linalg.norm(probe.mouth[:, 1 + control_set("arkit").index("jawOpen")], axis=1)
    assert found["lve_mm"] == pytest.approx(jaw.max(), rel=1e-3)
    # A third of the time on, two thirds off: the deviation is sqrt(1/3 * 2/3) of the way.
    brow = probe.brow_face[:, 1 + control_set("arkit").index("browInnerUp")]
    expected = np.sqrt(2 / 9) * np.linalg.norm(brow, axis=1).mean()
    assert found["fdd_mm"] == pytest.approx(expected, rel=0.15)


def test_a_capture_without_brows(builder: Builder, clip: Clip, probe: Probe) -> None:
    take = judge_take(builder.take(), clip, captures=builder.take(), probe=probe)
    assert np.isnan(take.figures["fdd_mm"])
    assert any("do not move" in note for note in take.notes)


def test_without_labels_only_what_needs_none(builder: Builder, clip: Clip) -> None:
    take = judge_take(builder.take(), clip)
    assert "closure_recall" not in take.figures
    assert {"fast_share", "brow_range_mm", "region_distance"} <= set(take.figures)


def test_no_closures_is_none_and_never_nan(clip: Clip, builder: Builder) -> None:
    take = judge_take(builder.take(), clip, phones=[Phone(0.5, 1.0, "s")], asked="joy")
    data = json.loads(as_json(take, {"curves": "a", "audio": "b"}))
    assert data["figures"]["closure_recall"] is None
    assert data["figures"]["rounding_mm"] is None
    assert "NaN" not in as_json(take, {})
    assert any("no p, b or m" in note for note in take.notes)
    assert "p b m with lips shut" in as_text(take)
    assert [line for line in as_text(take).splitlines() if "lips shut" in line and "none" in line]


def test_unknown_stretches_are_not_judged(builder: Builder, clip: Clip) -> None:
    builder.pose(0.8, 1.0, mouthClose=JAW)
    phones = [Phone(0.5, 0.6, "p"), Phone(0.6, 1.2, "?"), *PHONES[2:]]
    take = judge_take(builder.take(), clip, phones=phones)
    assert take.figures["false_seals_per_s"] == 0.0
    assert take.seals is not None
    assert take.seals.seconds == pytest.approx(SPEECH - 0.6)


def test_metahuman_curves_are_judged_as_well(clip: Clip, builder: Builder) -> None:
    take = builder.take()
    arkit = judge_take(take, clip, phones=PHONES).figures
    meta = judge_take(take.to("metahuman"), clip, phones=PHONES).figures
    assert meta["closure_recall"] == arkit["closure_recall"] == 1.0
    assert meta["open_vowel_mm"] == pytest.approx(arkit["open_vowel_mm"], rel=0.05)


@pytest.mark.parametrize("fps", [24.0, 30000 / 1001, 120.0])
def test_other_rates_give_the_same(clip: Clip, builder: Builder, fps: float) -> None:
    found = judge_take(builder.take().resampled(fps), clip, phones=PHONES).figures
    assert found["closure_recall"] == 1.0
    assert found["false_seals_per_s"] == 0.0


@pytest.mark.parametrize(
    ("seconds", "start", "note"),
    [
        (4.0, 0.0, "1.00 s longer than the sound"),
        (2.0, 0.0, "end 1.00 s before the sound"),
        (3.0, 47000.5, "stamped 13:03:20"),
    ],
)
def test_lengths_that_differ(clip: Clip, seconds: float, start: float, note: str) -> None:
    take = judge_take(Builder(seconds).take(start=start), clip)
    assert any(note in line for line in take.notes)
    assert not judge_take(Builder(3.0).take(), clip).notes


@pytest.mark.parametrize("seconds", [1.0, 9.0])
def test_what_does_not_belong_together(clip: Clip, seconds: float) -> None:
    with pytest.raises(RigtalkError, match=r"the curves last .* do not belong together"):
        judge_take(Builder(seconds).take(), clip)


def test_labels_past_the_end(clip: Clip, builder: Builder) -> None:
    take = judge_take(builder.take(), clip, phones=[*PHONES, Phone(2.4, 4.0, "s")])
    assert any("labels end 1.00 s after the sound" in note for note in take.notes)
    assert take.phones[-1].end == pytest.approx(3.0)
    with pytest.raises(RigtalkError, match="the labels run from 5"):
        judge_take(builder.take(), clip, phones=[Phone(5.0, 6.0, "s")])
    early = judge_take(builder.take(), clip, phones=PHONES[:2])
    assert any("counts as silence" in note for note in early.notes)


def test_unknown_emotion(clip: Clip, builder: Builder) -> None:
    with pytest.raises(RigtalkError, match="unknown emotion 'jou'"):
        judge_take(builder.take(), clip, asked="jou")


def test_silence_is_judged(builder: Builder) -> None:
    take = judge_take(spoken().take(), Clip(np.zeros(48000, np.float32)))
    assert np.isnan(take.figures["brow_pitch_r"])
    assert "NaN" not in as_json(take, {})
