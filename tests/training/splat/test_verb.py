import json

import numpy as np
import pytest

from rigtalk.core.audio import read_clip
from rigtalk.core.splat.attention import attention_offsets
from rigtalk.core.splat.files.head_file import read_head, write_head
from rigtalk.core.splat.hearing import audio_features
from rigtalk.rigs.errors import RigtalkError
from rigtalk.training.cli import main


@pytest.fixture(scope="module")
def head_path(face_head, tmp_path_factory):
    path = tmp_path_factory.mktemp("head") / "face.splathead"
    write_head(path, face_head)
    return path


@pytest.fixture(scope="module")
def learnt(head_path, line_path):
    """The embedded line: its first 7 s learnt, its last second measured."""
    out = head_path.with_name("speaks.splathead")
    words = ["--takes", line_path, "-o", out, "--steps", "400", "--compare"]
    assert main(["head-attention", str(head_path), *map(str, words)]) == 0
    return out


def test_sound_brings_gaussians_nearer_to_the_truth(learnt):
    report = json.loads(learnt.with_suffix(".json").read_text())
    error = {name: figures["median"] for name, figures in report["error"].items()}
    high = {name: figures["high"] for name, figures in report["error"].items()}
    assert error["attention"] < 0.4 * error["shapes"]
    assert high["attention"] < 0.7 * min(high["linear"], high["no sound"])


def test_the_written_head_moves_as_the_face_does(learnt, line_take, line_path, face_head):
    head = read_head(learnt)
    assert head.facts["attention takes"] == 1
    features = audio_features(read_clip(line_path))
    index = head.attention.arrays["index"]
    gap = {"shapes": [], "attention": []}
    for frame in range(20, len(line_take), 20):
        weights, time = line_take.weights[frame], line_take.times[frame]
        truth = head.posed(line_take.vertices(frame)).positions
        vertices = head.vertices(weights)
        offsets = attention_offsets(head, features, weights, time)
        for name, change in (("shapes", None), ("attention", offsets)):
            found = head.posed(vertices, None, None, change).positions
            gap[name].append(np.linalg.norm(found - truth, axis=1)[index])
    assert np.mean(gap["attention"]) < 0.4 * np.mean(gap["shapes"])
    np.testing.assert_array_equal(head.gaussians.positions, face_head.gaussians.positions)


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["HEAD"], "--takes"),
        (["HEAD", "--takes", "LINE", "-o", "out.ply"], "must end in .splathead"),
        (["HEAD", "--takes", "none.wav", "-o", "OUT"], "none.wav: no such take"),
        (["none.splathead", "--takes", "LINE", "-o", "OUT"], "none.splathead"),
        (["HEAD", "--takes", "LINE", "-o", "OUT", "--steps", "0"], "--steps is 0"),
        (["HEAD", "--takes", "LINE", "-o", "OUT", "--seed", "-1"], "--seed is -1"),
        (["HEAD", "--takes", "LINE", "-o", "OUT", "--resume"], "--resume needs --checkpoint"),
        (["HEAD", "--takes", "LINE", "-o", "OUT", "--layers", "3"], "--layers"),
    ],
)
def test_bad_words_get_a_line_and_write_nothing(head_path, line_path, tmp_path, words, what):
    names = {"HEAD": head_path, "LINE": line_path, "OUT": tmp_path / "o.splathead"}
    with pytest.raises(RigtalkError, match=what):
        main(["head-attention", *(str(names.get(word, word)) for word in words)])
    assert not list(tmp_path.iterdir())


def test_help_tells_of_takes(capsys):
    with pytest.raises(SystemExit):
        main(["head-attention", "--help"])
    assert "recordings alone are performed" in " ".join(capsys.readouterr().out.split())
