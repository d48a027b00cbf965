"""Batches from the jobs file to the summary."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rigtalk.core.batch.process import ONE_THREAD

STAGE = Path(__file__).with_name("stage.py")


def animate(*words: object) -> int:
    """In a process with one thread, as workers are: sums of several end on other digits."""
    command = [sys.executable, "-m", "rigtalk", "animate", *map(str, words)]
    env = os.environ | dict.fromkeys(ONE_THREAD, "1")
    return subprocess.run(command, env=env, check=False, stdout=subprocess.DEVNULL).returncode


def test_curves_are_those_of_animate(folder, jobs, batch, tiny_path, capsys, files):
    done = batch(
        jobs(
            "jobs.toml",
            """
            [[line]]
            audio = "one.wav"
            fps = 29.97
            emotion = ["0:joy=1", "1:anger=0.5"]
            strength = { mouth = 1.5 }
            seed = 4
            rig = "metahuman"
            outputs = ["{name}.csv", "deep/down/{name}.json", "{name}.npz"]
            [[line]]
            audio = "two.wav"
            """,
        )
    )
    assert (done.status, done.out, done.complaints) == (0, [], [])
    assert files() == {"one.csv", "deep/down/one.json", "one.npz", "two.csv"}
    words = ["--fps", "29.97", "--emotion", "0:joy=1", "--emotion", "1:anger=0.5", "--seed", "4"]
    words += ["--strength", "mouth=1.5", "--rig", "metahuman", "--actor", str(tiny_path)]
    single = folder / "single"
    single.mkdir()
    for name, made in (
        ("a.csv", "one.csv"),
        ("a.json", "deep/down/one.json"),
        ("a.npz", "one.npz"),
    ):
        out = single / name
        assert animate(folder / "one.wav", "-o", out, *words) == 0
        assert out.read_bytes() == (folder / made).read_bytes(), made
    words = ["-o", str(single / "b.csv"), "--actor", str(tiny_path)]
    assert animate(folder / "two.wav", *words) == 0
    assert (single / "b.csv").read_bytes() == (folder / "two.csv").read_bytes()


def test_a_table_and_a_toml_file_ask_for_the_same(folder, jobs, batch):
    table = jobs("a.csv", 'audio,name,emotion,outputs\none.wav,x,"joy=0.5,fear=0.1",t/{name}.csv')
    text = '[[line]]\naudio="one.wav"\nname="x"\nemotion="joy=0.5,fear=0.1"\noutputs="u/{name}.csv"'
    assert batch(table).status == batch(jobs("b.toml", text)).status == 0
    assert (folder / "t/x.csv").read_bytes() == (folder / "u/x.csv").read_bytes()


def test_one_bad_row_of_a_thousand(folder, jobs, batch, files):
    lines = "".join(
        f'[[line]]\naudio="{("one", "two")[i % 2]}.wav"\nname="n{i}"\noutputs="{{name}}.npz"\n'
        for i in range(1000)
    )
    bad = lines.replace('name="n500"', 'name="n500"\nemotion="joy=7"')
    done = batch(jobs("jobs.toml", bad), "--dry-run")
    assert done.status == 2
    assert done.complaints == [
        "rigtalk: error: jobs.toml line 501 (n500): intensity of joy is 7: it must be from 0 to 1"
    ]
    assert done.out == ["1000 lines, 24 min 58 s of speech, 999 files; 1 cannot be done"]
    assert files() == set()


def test_bad_rows_do_not_stop_the_others(folder, jobs, batch):
    (folder / "text.wav").write_text("no sound")
    done = batch(
        jobs(
            "jobs.csv",
            "audio,name,fps,outputs\n"
            "one.wav,good,30,\n"
            "none.wav,,,\n"
            "one.wav,,fast,\n"
            "one.wav,good,24,\n"
            "two.wav,,,one.wav\n"
            "two.wav,,,{nam}.csv\n"
            "two.wav,,,two.xyz\n"
            "text.wav,,,",
        )
    )
    assert done.status == 2
    assert done.counts == {"done": 1, "failed": 7}
    expected = [
        "row 3 (none.wav): {0}/none.wav: no such file",
        "row 4 (one.wav): fps is 'fast': give a number such as 25, 29.97 or 30000/1001",
        "row 5 (good): {0}/good.csv: jobs.csv row 2 (good) writes it already; put {{name}} into",
        "row 6 (two.wav): {0}/one.wav: unknown format '.wav'; use .csv .json .npz for curves",
        "row 7 (two.wav): output '{{nam}}.csv': unknown {{nam}}; there are {{name}}, {{character}}",
        "row 8 (two.wav): {0}/two.xyz: unknown format '.xyz'",
        "row 9 (text.wav): {0}/text.wav: ",
    ]
    assert len(done.complaints) == len(expected)
    for complaint, start in zip(done.complaints, expected, strict=True):
        assert complaint.startswith("rigtalk: error: jobs.csv " + start.format(folder))


def test_what_is_done_is_not_done_again(folder, jobs, batch, sound, babble):
    text = '[[line]]\naudio="one.wav"\n[[line]]\naudio="two.wav"\nseed=1\n'
    path = jobs("jobs.toml", text)
    assert batch(path).counts == {"done": 2}
    made = {name: (folder / name).stat().st_mtime_ns for name in ("one.csv", "two.csv")}
    os.utime(folder / "one.wav")  # touched, not changed
    assert batch(path).counts == {"skipped": 2}
    assert {name: (folder / name).stat().st_mtime_ns for name in made} == made

    jobs("jobs.toml", text.replace("seed=1", "seed=2"))
    assert batch(path).counts == {"skipped": 1, "done": 1}
    sound("one.wav", babble[100:20000])
    assert batch(path).counts == {"skipped": 1, "done": 1}
    (folder / "two.csv").unlink()
    assert batch(path).counts == {"skipped": 1, "done": 1}
    jobs("jobs.toml", '[[line]]\naudio="three.wav"\n' + text.replace("seed=1", "seed=2"))
    assert batch(path).counts == {"skipped": 2, "done": 1}, "rows may move"


def test_hand_made_changes_are_not_lost(folder, jobs, batch):
    path = jobs("jobs.toml", '[[line]]\naudio="one.wav"\n')
    batch(path)
    (folder / "one.csv").write_text("polished by hand")
    done = batch(path)
    assert done.counts == {"skipped": 1}
    assert done.summary["lines"][0]["notes"] == ["one.csv was edited since; left alone"]
    jobs("jobs.toml", '[[line]]\naudio="one.wav"\nseed=1\n')
    done = batch(path)
    assert done.status == 2
    assert "edited since rigtalk wrote it; move it away, or give --overwrite" in done.complaints[0]
    assert (folder / "one.csv").read_text() == "polished by hand"
    assert batch(path, "--overwrite").counts == {"done": 1}


def test_what_failed_is_tried_again_on_request(folder, jobs, batch, stage):
    (folder / "refuse.wav").write_bytes((folder / "one.wav").read_bytes())
    path = jobs("jobs.toml", '[[line]]\naudio="refuse.wav"\noutputs="a.fbx"\n')
    log = folder / "log"
    assert batch(path, host=stage).counts == {"failed": 1}
    done = batch(path, host=stage)
    assert done.counts == {"failed": 1}
    assert done.complaints[0].endswith("so it was not tried again (--retry)")
    assert len(log.read_text().splitlines()) == 1
    assert batch(path, "--retry", host=stage).counts == {"failed": 1}
    assert len(log.read_text().splitlines()) == 2


def test_killed_in_the_middle_and_taken_up_again(folder, jobs, batch, stage, files):
    """The parent dies without a word: workers go with it, and the rest is done the next time."""
    (folder / "hang.wav").write_bytes((folder / "one.wav").read_bytes())
    text = '[[line]]\naudio="one.wav"\n[[line]]\naudio="{}.wav"\noutputs="b.blend"\n'
    path = jobs("jobs.toml", text.format("hang"))
    parent = subprocess.Popen([sys.executable, STAGE, "batch", path])
    log, ledger = folder / "log", folder / "rigtalk-batch.jsonl"
    wait_for(lambda: log.exists() and log.read_text() and b'"done"' in ledger.read_bytes())
    parent.kill()
    parent.wait()
    worker = int(log.read_text().split()[0])
    wait_for(lambda: not alive(worker))
    assert {name for name in files() if "part" not in name} == {"one.csv", "log"}
    assert any("part" in name for name in files())

    ledger.write_bytes(ledger.read_bytes() + b'{"format":1,"state":"do')  # torn, too
    (folder / "hang.wav").rename(folder / "well.wav")
    jobs("jobs.toml", text.format("well"))
    done = batch(path, host=stage)
    assert done.counts == {"skipped": 1, "done": 1}
    assert files() == {"one.csv", "b.blend", "log"}
    assert all(json.loads(line) for line in ledger.read_bytes().splitlines() if b"}" in line)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_asked_to_stop(folder, jobs, stage, sign, files):
    (folder / "hang.wav").write_bytes((folder / "one.wav").read_bytes())
    path = jobs("jobs.toml", '[[line]]\naudio="hang.wav"\noutputs="b.blend"\n')
    page = folder / "page.html"
    parent = subprocess.Popen(
        [sys.executable, STAGE, "batch", path, "--html", page], stderr=subprocess.PIPE
    )
    log = folder / "log"
    wait_for(lambda: log.exists() and log.read_text())
    parent.send_signal(sign)
    _, err = parent.communicate(timeout=30)
    assert parent.returncode == 130
    assert err.decode() == "rigtalk: error: interrupted; run it again to go on\n"
    assert not alive(int(log.read_text().split()[0]))
    assert files() == {"log", "page.html"}
    assert "stopped before the end" in page.read_text()


def test_two_batches_in_one_folder(folder, jobs, batch, stage):
    (folder / "hang.wav").write_bytes((folder / "one.wav").read_bytes())
    path = jobs("jobs.toml", '[[line]]\naudio="hang.wav"\noutputs="b.blend"\n')
    first = subprocess.Popen([sys.executable, STAGE, "batch", path])
    wait_for(lambda: (folder / "log").exists())
    second = jobs("other.toml", '[[line]]\naudio="two.wav"\n')
    done = batch(second)
    assert done.status == 2
    assert f"another batch (process {first.pid}) is at work there" in done.complaints[0]
    first.kill()
    first.wait()
    assert batch(second).counts == {"done": 1}, "a dead process holds no lock"


def test_a_worker_that_dies_takes_only_its_line_along(folder, jobs, batch, stage, files):
    for name in ("die", "break"):
        (folder / f"{name}.wav").write_bytes((folder / "one.wav").read_bytes())
    text = "".join(
        f'[[line]]\naudio="{name}.wav"\noutputs="{name}.blend"\n'
        for name in ("one", "die", "two", "break", "three")
    )
    path = jobs("jobs.toml", text)
    done = batch(path, "--processes", 1, host=stage)
    assert done.counts == {"done": 3, "failed": 2}
    assert done.complaints == [
        "rigtalk: error: jobs.toml line 2 (die.wav): the worker was ended by SIGKILL after saying "
        "'a fault in the graphics driver'",
        "rigtalk: error: jobs.toml line 4 (break.wav): a fault in rigtalk: KeyError: 'break'",
    ]
    assert "Traceback" in done.summary["lines"][3]["faults"][0]
    assert files() == {"one.blend", "two.blend", "three.blend", "log"}
    workers = [line.split()[0] for line in (folder / "log").read_text().splitlines()]
    assert workers[0] == workers[1] != workers[2] == workers[3] != workers[4]
    (folder / "alive").touch()
    done = batch(path, host=stage)  # without --retry: nobody knows what would come of it
    assert done.counts == {"skipped": 3, "done": 1, "failed": 1}


def test_a_line_that_takes_too_long(folder, jobs, batch, stage, files):
    (folder / "hang.wav").write_bytes((folder / "one.wav").read_bytes())
    path = jobs(
        "jobs.toml",
        '[[line]]\naudio="hang.wav"\ntimeout=0.5\noutputs="h.blend"\n'
        '[[line]]\naudio="one.wav"\noutputs="{name}.blend"\n',
    )
    done = batch(path, "--processes", 1, host=stage)
    assert done.complaints == [
        "rigtalk: error: jobs.toml line 1 (hang.wav): given up: took longer than 0.5 s"
    ]
    assert files() == {"one.blend", "log"}


def test_a_scene_of_dialogue(folder, jobs, batch, stage):
    """Lines with one .blend are keyed into one scene; what fails in it is done again whole."""
    (folder / "room.blend").write_text("scene")
    (folder / "refuse.wav").write_bytes((folder / "one.wav").read_bytes())
    text = "".join(
        f'[[line]]\naudio="{audio}.wav"\ncharacter="{who}"\n{more}\n'
        'scene="room.blend"\noutputs=["talk.blend", "{name}.csv", "{name}.fbx"]\n'
        for audio, who, more in (
            ("one", "Anna", "start=101"),
            ("refuse", "Ben", ""),
            ("two", "Anna", "gap=0.25"),
        )
    )
    path = jobs("jobs.toml", text)
    done = batch(path, host=stage)
    assert done.counts == {"done": 2, "failed": 1}
    assert done.complaints[0].endswith("refuse.wav: cannot be used")
    assert json.loads((folder / "talk.blend").read_text()) == [
        ["one.wav", "Anna", 101, None],
        ["refuse.wav", "Ben", 1, 0.5],
        ["two.wav", "Anna", 1, 0.25],
    ]
    assert (folder / "two.fbx").read_text() == "two.wav"
    assert done.summary["lines"][0]["notes"] == ["no tongue"]
    (folder / "refuse.wav").rename(folder / "ben.wav")
    jobs("jobs.toml", text.replace("refuse", "ben"))
    assert batch(path, host=stage).counts == {"done": 3}


def test_scenes_without_blender(folder, jobs, batch):
    path = jobs("jobs.toml", '[[line]]\naudio="one.wav"\noutputs="a.blend"\n')
    done = batch(path)
    assert (done.status, done.complaints) == (2, ["rigtalk: error: scenes need Blender"])


def test_workers_that_cannot_start(folder, jobs, batch):
    class Broken:
        def worker_command(self, *, scenes: bool) -> list[str]:
            return [sys.executable, "-c", "import sys; sys.exit('no such add-on')"]

    done = batch(jobs("jobs.toml", '[[line]]\naudio="one.wav"\n'), host=Broken())
    assert done.status == 2
    assert done.complaints == [
        "rigtalk: error: workers cannot be started: the worker ended with status 1 after saying "
        "'no such add-on'"
    ]
    assert done.counts == {"left": 1}


def test_reports(folder, jobs, batch):
    page = folder / "page.html"
    path = jobs("jobs.toml", '[[line]]\naudio="one.wav"\nname="<b>"\n[[line]]\naudio="no.wav"\n')
    done = batch(path, "--html", page)
    assert done.counts == {"done": 1, "failed": 1}
    text = page.read_text("utf-8")
    assert "&lt;b&gt;" in text
    assert "<b>)" not in text
    assert "http" not in text
    assert text.index("no such file") < text.index("_b_.csv"), "what failed comes first"
    line = done.summary["lines"][0]
    assert (line["status"], line["outputs"]) == ("done", [str(folder / "_b_.csv")])
    assert done.summary["worker_peak_mib"] > 10


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--processes", "0"], "--processes is 0: it must be at least 1"),
        (["--html", "one.wav"], "one.wav: is an input"),
        (["--html", "nowhere/page.html"], "does not exist"),
        (["--out", "one.wav"], "one.wav"),
    ],
)
def test_bad_words(folder, jobs, batch, monkeypatch, words, message):
    monkeypatch.chdir(folder)
    done = batch(jobs("jobs.toml", '[[line]]\naudio="one.wav"\n'), *words)
    assert done.status == 2
    assert message in done.complaints[0]
    assert (folder / "one.wav").stat().st_size > 1000


def test_another_folder_for_outputs(folder, jobs, batch):
    path = jobs("jobs.toml", '[[line]]\naudio="one.wav"\noutputs="{folder}/{name}.csv"\n')
    assert batch(path, "--out", folder / "new" / "er").status == 0
    assert (folder / "new/er/one.csv").is_file()
    assert (folder / "new/er/rigtalk-batch.jsonl").is_file()
    assert not (folder / "rigtalk-batch.jsonl").exists()


def wait_for(condition) -> None:
    limit = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < limit, "it does not happen"
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """Whether a process runs; one that nobody has waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
