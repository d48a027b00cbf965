"""Takes that are broken on purpose: what is said of them, and what is put right."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from rigtalk.rigs import control_set, mapping
from rigtalk.training.finetune.captures import Capture
from rigtalk.training.finetune.check import CheckedTake, check
from rigtalk.training.finetune.pretrained import Pretrained

ARKIT = control_set("arkit")
JAW = ARKIT.index("jawOpen")
Look = Callable[[Capture], CheckedTake]


@pytest.fixture(scope="module")
def look(embedded: Pretrained) -> Look:
    return lambda capture: check(capture, embedded.actor)


def kinds(take: CheckedTake) -> set[tuple[str, str]]:
    return {(finding.kind, finding.weight) for finding in take.findings}


def said(take: CheckedTake, kind: str) -> str:
    return next(finding.text for finding in take.findings if finding.kind == kind)


def test_a_good_take_is_in_step_and_as_it_was(facegood: Capture, look: Look) -> None:
    take = look(facegood)
    assert not take.refused
    assert not {"lag", "drift", "scale", "clipped", "gaps", "held"} & {k for k, _ in kinds(take)}
    assert take.alignment is not None
    assert take.alignment.agreement > 0.6
    assert len(take.values) == len(take.known) == 60 * 50 + 1
    # 30 fps rows and 50 Hz frames meet every tenth of a second.
    np.testing.assert_allclose(take.values[:2990:5, JAW], facegood.values[:1794:3, JAW], atol=1e-6)
    assert take.known[:2990, JAW].all()
    assert not take.known[:, ARKIT.in_region("brows", "eyes", "head")].any()


@pytest.mark.parametrize("lag", [0.2, -0.3, 0.45])
def test_a_lag_is_put_right(facegood: Capture, look: Look, lag: float) -> None:
    usual = look(facegood).alignment
    take = look(replace(facegood, times=facegood.times + lag))
    assert ("lag", "corrected") in kinds(take)
    assert ("after" if lag > 0 else "before") in said(take, "lag")
    assert take.alignment is not None
    assert usual is not None
    # Half a frame of the capture: which peak of the agreement is highest depends on the actor.
    assert take.alignment.lag - usual.lag == pytest.approx(lag, abs=0.017)
    inside = slice(30, 2950)  # what the shift leaves of the sound
    at = np.interp(
        np.arange(3001)[inside] / 50 + usual.lag, facegood.times, facegood.values[:, JAW]
    )
    assert np.abs(take.values[inside, JAW] - at).mean() < 0.01


def test_a_long_lag_is_refused_unless_allowed(facegood: Capture, embedded: Pretrained) -> None:
    late = replace(facegood, times=facegood.times + 2.5)
    take = check(late, embedded.actor)
    assert ("lag", "refused") in kinds(take)
    assert "2.5" in said(take, "lag")
    assert "--longest-lag 3" in said(take, "lag")
    assert not check(late, embedded.actor, longest_lag=3.0).refused


@pytest.mark.parametrize("stretch", [1.004, 0.996])
def test_a_drift_is_put_right(facegood: Capture, look: Look, stretch: float) -> None:
    take = look(replace(facegood, times=facegood.times * stretch))
    assert ("drift", "corrected") in kinds(take)
    assert take.alignment is not None
    usual = look(facegood).alignment
    assert usual is not None
    assert take.alignment.stretch * stretch == pytest.approx(usual.stretch, abs=3e-4)
    told = float(said(take, "drift").partition(" by ")[2].partition(" ms")[0])
    assert told == pytest.approx(1000 * abs(stretch - 1) * 60, abs=45)
    good = look(facegood).values[100:1900, JAW]
    assert np.abs(take.values[100:1900, JAW] - good).mean() < 0.01


@pytest.mark.parametrize(("written", "real"), [(25.0, 30.0), (60.0, 30.0), (24.0, 30.0)])
def test_a_wrong_frame_rate_is_refused_and_named(
    facegood: Capture, look: Look, written: float, real: float
) -> None:
    take = look(replace(facegood, times=facegood.times * real / written))
    assert ("rate", "refused") in kinds(take)
    assert f"written as {written:g}" in said(take, "rate")
    told = float(said(take, "rate").partition("recorded at ")[2].partition(" fps")[0])
    assert told == pytest.approx(real, rel=2e-3)


def test_the_sound_of_another_take_is_refused(
    facegood: Capture, other_facegood: Capture, look: Look
) -> None:
    for face, voice in ((facegood, other_facegood), (other_facegood, facegood)):
        take = look(replace(face, samples=voice.samples))
        assert ("stranger", "refused") in kinds(take)


def test_lost_sound_in_the_middle_is_refused(facegood: Capture, look: Look) -> None:
    late = facegood.times + np.where(facegood.times > 30, 0.3, 0.0)
    rows = np.r_[: len(late)]
    # The clock knows nothing of it: rows follow each other evenly.
    even = np.interp(facegood.times, late, rows)
    values = np.stack([np.interp(even, rows, c) for c in facegood.values.T], axis=1)
    assert ("jumps", "refused") in kinds(look(replace(facegood, values=values.astype(np.float32))))


def test_silence_and_scraps_are_refused(facegood: Capture, look: Look) -> None:
    quiet = replace(facegood, samples=np.zeros_like(facegood.samples))
    assert ("silence", "refused") in kinds(look(quiet))
    short = replace(facegood, samples=facegood.samples[:48000])
    assert ("short", "refused") in kinds(look(short))
    scrap = replace(facegood, values=facegood.values[:60], times=facegood.times[:60])
    assert ("short", "refused") in kinds(look(scrap))


def test_a_jaw_that_is_missing_or_frozen_is_refused(facegood: Capture, look: Look) -> None:
    given = facegood.given.copy()
    given[JAW] = False
    assert "jawOpen has no column" in said(look(replace(facegood, given=given)), "jaw")
    values = facegood.values.copy()
    values[:, JAW] = 0.1
    assert "jawOpen never moves" in said(look(replace(facegood, values=values)), "jaw")


def test_other_missing_or_frozen_controls_are_left_to_the_actor(
    facegood: Capture, look: Look
) -> None:
    funnel, pucker = ARKIT.indices("mouthFunnel", "mouthPucker")
    given, values = facegood.given.copy(), facegood.values.copy()
    given[funnel] = False
    values[:, pucker] = 0.2
    take = look(replace(facegood, given=given, values=values))
    assert not take.refused
    assert "mouthFunnel" in said(take, "missing")
    assert "mouthPucker" in said(take, "frozen")
    assert not take.known[:, [funnel, pucker]].any()
    assert take.known[:2990, JAW].all()


def test_percentages_are_weights(facegood: Capture, look: Look) -> None:
    take = look(replace(facegood, values=facegood.values * 100.0))
    assert ("scale", "corrected") in kinds(take)
    np.testing.assert_allclose(take.values, look(facegood).values, atol=1e-5)


def test_a_curve_that_is_cut_off_counts_only_below_the_cut(facegood: Capture, look: Look) -> None:
    values = facegood.values.copy()
    top = np.percentile(values[:, JAW], 90)
    values[:, JAW] = np.minimum(values[:, JAW], top)
    take = look(replace(facegood, values=values))
    assert "jawOpen" in said(take, "clipped")
    assert not take.refused
    assert take.known[:, JAW].mean() == pytest.approx(0.88, abs=0.04)
    assert take.values[take.known[:, JAW], JAW].max() < top


def test_gaps_and_frozen_stretches_are_left_out(facegood: Capture, look: Look) -> None:
    values = facegood.values.copy()
    values[600:660] = values[600]
    rows = np.r_[:300, 345 : len(values)]
    take = look(replace(facegood, values=values[rows], times=facegood.times[rows]))
    assert "1 gaps in its timecode, 1.5 s" in said(take, "gaps")
    assert "2.0 s" in said(take, "held")
    assert not take.refused
    known = take.known[:, JAW]
    assert not known[502:573].any()
    assert not known[1002:1098].any()
    assert known[:495].all()
    assert known[577:995].all()


def test_metahuman_curves_are_looked_at_as_such(facegood: Capture, look: Look) -> None:
    there = control_set("metahuman")
    take = look(
        replace(
            facegood,
            values=mapping("arkit", "metahuman").apply(facegood.values),
            controls=there,
            given=np.ones(len(there), dtype=bool),
            times=facegood.times + 0.15,
        )
    )
    assert not take.refused
    assert take.controls.name == "metahuman"
    assert take.alignment is not None
    assert take.alignment.lag == pytest.approx(0.155, abs=0.02)


def test_a_clipped_recording_is_noted(facegood: Capture, look: Look) -> None:
    loud = np.clip(facegood.samples * 20, -1, 1)
    take = look(replace(facegood, samples=loud))
    assert ("overload", "note") in kinds(take)
    assert not take.refused
