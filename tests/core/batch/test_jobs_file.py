"""Jobs files become rows."""

import pytest

from rigtalk.core.batch.jobs_file import read_jobs
from rigtalk.core.errors import RigtalkError


@pytest.fixture
def rows(tmp_path):
    def read(name: str, text: str | bytes):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_jobs(path)

    return read


def values(found):
    return [dict(row.values) for row in found]


def test_a_table(rows):
    found = rows("a.csv", '\ufeffAudio, name\r\na.wav,Anna\r\n\r\n"b,c.wav",\r\n')
    assert values(found) == [{"audio": "a.wav", "name": "Anna"}, {"audio": "b,c.wav"}]
    assert [row.label for row in found] == ["a.csv row 2 (Anna)", "a.csv row 4 (b,c.wav)"]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_tables_of_other_countries(rows, delimiter):
    found = rows("a.csv", f"audio{delimiter}emotion\na.wav{delimiter}joy=1,fear=0.5\n")
    assert values(found) == [{"audio": "a.wav", "emotion": "joy=1,fear=0.5"}]


def test_a_cell_with_lines_counts_as_it_stands(rows):
    found = rows("a.csv", 'audio,name\n"a\nb.wav",\nc.wav,\n')
    assert found[1].label == "a.csv row 4 (c.wav)"


def test_too_many_cells_is_a_bad_row(rows):
    found = rows("a.csv", "audio,emotion\na.wav,joy=1,fear=1\nb.wav,joy=1,\n")
    assert [row.problem for row in found] == [
        "has 3 cells for 2 columns; put quotes around a cell with a comma",
        "",
    ]


def test_defaults_and_lines(rows):
    found = rows("a.toml", '[defaults]\nfps=30\nseed=1\n[[line]]\naudio="a"\nseed=2\n')
    assert values(found) == [{"audio": "a", "fps": 30, "seed": 2}]
    assert found[0].label == "a.toml line 1 (a)"


def test_patterns_and_lists(rows, tmp_path):
    (tmp_path / "x").mkdir()
    for name in ("x/b.wav", "x/a.wav", "[1].wav"):
        (tmp_path / name).touch()
    text = '[[line]]\naudio="x/*.wav"\nfps=25\n[[line]]\naudio=["[1].wav", "x/b.wav"]\n'
    found = rows("a.toml", text + '[[line]]\naudio="y/*.wav"\n')
    assert [row.values["audio"] for row in found] == [
        "x/a.wav",
        "x/b.wav",
        "[1].wav",
        "x/b.wav",
        "y/*.wav",
    ]
    assert all(row.values["fps"] == 25 for row in found[:2])
    assert found[0].label == "a.toml line 1 (x/*.wav) a.wav"
    assert found[-1].problem.startswith("no recording fits 'y/*.wav' in")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.txt", "", "a jobs file is a .toml or a .csv"),
        ("a.csv", "", "has no line"),
        ("a.csv", "audio\n", "has no line"),
        ("a.csv", "audio,nam\na,b\n", "a.csv row 1: unknown key 'nam': did you mean 'name'?"),
        ("a.csv", "audio,audio\na,b\n", "a.csv row 1: two columns are called 'audio'"),
        ("a.csv", 'audio\n"a" b\n', "a.csv row 2: "),
        ("a.csv", b"audio\n\xff\xfe.wav\n", "not UTF-8 text"),
        ("a.toml", "[[line]\n", "not TOML: "),
        ("a.toml", "lines = []\n", "unknown key 'lines': did you mean 'line'?"),
        ("a.toml", "line = 3\n", "write each line as a table, [[line]]"),
        ("a.toml", "defaults = 3\n", "write it as a table, [defaults]"),
        ("a.toml", "[defaults]\nfsp=3\n", "unknown key 'fsp': did you mean 'fps'?"),
        ("a.toml", "[[character]]\nrig='arkit'\n", "character 1: give it a name"),
        ("a.toml", "[[scene]]\nname='a'\n", "scene 1: name its .blend with file"),
        ("a.toml", "[[export]]\nname='a'\nname2='a'\n", "export 1: unknown key 'name2'"),
        ("a.toml", "[[export]]\nname='a'\n[[export]]\nname='a'\n", "another export called 'a'"),
    ],
)
def test_files_that_cannot_be_used(rows, name, text, message):
    with pytest.raises(RigtalkError) as error:
        rows(name, text)
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_files_that_are_not_there(tmp_path):
    with pytest.raises(RigtalkError, match="no such file"):
        read_jobs(tmp_path / "a.csv")
    (tmp_path / "b.csv").mkdir()
    with pytest.raises(RigtalkError, match="cannot be read"):
        read_jobs(tmp_path / "b.csv")
