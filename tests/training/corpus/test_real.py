import csv
import re
from functools import partial
from pathlib import Path

import pytest
import soundfile

from rigtalk.core.speech.timing import UNKNOWN
from rigtalk.rigs.errors import RigtalkError
from rigtalk.training.corpus import flite, real
from rigtalk.training.corpus.dataset import Corpus
from rigtalk.training.corpus.real import build_real
from rigtalk.training.corpus.speech import (
    VALIDATION_SPEAKERS,
    read_manifest,
    read_samples,
    read_transcripts,
)
from rigtalk.training.corpus.utterance import Phone
from rigtalk.training.corpus.voices import Manner, Voice

COLUMNS = ("path", "seconds", "language", "speaker", "transcript", "labels", "source", "licence")


@pytest.fixture
def speech(tmp_path: Path) -> Path:
    """Four recordings: two people who are trained on, one who is not, and words under BY-SA."""
    if not flite.available():
        pytest.skip("needs flite")
    voice = Voice("flite", "rms", "rms")
    rows = [
        ("set/a.flac", "somebody", "the brown puppy may move", "CC BY 4.0"),
        ("set/b.flac", "jfk", "five waves above the table", "Public domain"),
        ("set/c.flac", "nobody", "", "CC BY 4.0"),
        ("fsdd/d.flac", "digits", "seven", "CC BY-SA 4.0"),
    ]
    folder = tmp_path / "speech"
    with (tmp_path / "manifest.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for path, speaker, text, licence in rows:
            made = flite.synthesise(text or "my mother bought bread", voice, Manner())
            assert made is not None
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            soundfile.write(folder / path, made.samples, 16000)
            writer.writerow((path, made.duration, "en", speaker, text, "", "test", licence))
    (tmp_path / "manifest.csv").rename(folder / "manifest.csv")
    return folder


def test_people_and_terms_decide_the_split(speech: Path, tmp_path: Path) -> None:
    pytest.importorskip("pocketsphinx", reason="aligns the speech")
    cache = tmp_path / "cache"
    tally = build_real(speech, cache)
    assert tally["real-train"] == tally["real-validation"] == tally["real-words"] == 1
    assert tally["real-pseudo"] + tally["real-pseudo failed"] == 1
    assert list(Corpus(cache, "real-train").speakers) == ["somebody"]
    assert list(Corpus(cache, "real-validation").speakers) == ["jfk"]
    assert list(Corpus(cache, "real-words").speakers) == ["digits"]
    utterance = Corpus(cache, "real-train")[0].utterance()
    assert utterance.phones[-1].end == pytest.approx(utterance.duration, abs=1e-3)
    assert {"b", "p", "m", "v"} <= {phone.symbol for phone in utterance.phones}
    assert build_real(speech, cache)["real-train"] == 1  # nothing is done twice


def test_our_transcripts_take_precedence(
    speech: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pocketsphinx", reason="aligns the speech")
    table = tmp_path / "transcripts.tsv"
    table.write_text("# ours\nset/a.flac\t\nset/c.flac\tmy mother bought bread\n", "utf-8")
    assert read_transcripts(table) == {"set/a.flac": "", "set/c.flac": "my mother bought bread"}
    with_table = partial(read_manifest, transcripts=table)
    monkeypatch.setattr(real, "read_manifest", with_table)
    tally = build_real(speech, tmp_path / "cache")
    # The one that could not be made out is left out; the one without text becomes a full member.
    assert list(Corpus(tmp_path / "cache", "real-train").speakers) == ["nobody"]
    assert tally["real-pseudo"] == 0
    assert not (tmp_path / "cache" / "real-pseudo").exists()


def test_what_nobody_understood_is_cut_out(
    speech: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pocketsphinx", reason="aligns the speech")
    labels = (Phone(0.0, 1.2, "aa"), Phone(1.2, 1.4, UNKNOWN), Phone(1.4, 99.0, "iy"))
    manifest = speech / "manifest.csv"
    with manifest.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["speaker"] == "somebody"]
    with manifest.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows({**row, "labels": "set/a.lab"} for row in rows)
    monkeypatch.setattr(real, "read_labels", lambda path: labels)
    build_real(speech, tmp_path / "cache")
    parts = [entry.utterance() for entry in Corpus(tmp_path / "cache", "real-train")]
    # The rest after 1.4 s is shorter than a second in this sentence, or a part of its own.
    assert [phone.symbol for phone in parts[0].phones] == ["aa"]
    assert parts[0].duration == pytest.approx(1.2)
    rest = float(rows[0]["seconds"]) - 1.4
    assert len(parts) == (2 if rest >= 1.0 else 1)


def test_transcripts_fit_the_recordings(shared_data: Path) -> None:
    transcripts = read_transcripts()
    assert all(re.fullmatch(r"[a-z' ]*", text) for text in transcripts.values())
    recordings = read_manifest(shared_data / "speech")
    paths = {str(r.path.relative_to(shared_data / "speech")): r for r in recordings}
    assert set(transcripts) <= set(paths)
    # Nobody who is judged on may slip into training by way of the table.
    added = [paths[path] for path, text in transcripts.items() if text and paths[path].trainable]
    assert not {r.speaker for r in added} & VALIDATION_SPEAKERS
    assert len({r.speaker for r in added}) > 150


def test_missing_manifest_is_reported(tmp_path: Path) -> None:
    with pytest.raises(RigtalkError, match=r"it needs a manifest\.csv"):
        read_manifest(tmp_path)


def test_what_may_be_trained_on(shared_data: Path) -> None:
    recordings = read_manifest(shared_data / "speech")
    assert len(recordings) > 1500
    trained = {r.speaker for r in recordings if r.trainable}
    assert not trained & VALIDATION_SPEAKERS
    assert not any("BY-SA" in r.licence for r in recordings if r.trainable)
    english = [r for r in recordings if r.language == "en" and r.text]
    held_out = [r for r in english if r.speaker in VALIDATION_SPEAKERS]
    assert len(held_out) >= 60
    assert len({r.speaker for r in held_out}) >= 12
    samples = read_samples(held_out[0].path)
    assert samples.ndim == 1
    assert len(samples) > 16000
