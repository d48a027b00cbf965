import argparse
import json
from pathlib import Path

import numpy as np
import pytest

from rigtalk.core.judge.reference import load_reference
from rigtalk.core.network import EMBEDDED
from rigtalk.rigs.errors import RigtalkError
from rigtalk.training.corpus.store import write_shard
from rigtalk.training.corpus.utterance import Phone, Utterance, cover
from rigtalk.training.evaluation.command import add_options, run_evaluate, run_reference


def hummed(speaker: str) -> Utterance:
    phones = cover([Phone(0.4, 0.9, "aa", 1), Phone(0.9, 1.0, "m"), Phone(1.0, 1.5, "iy")], 2.0)
    samples = 0.3 * np.sin(np.arange(32000) / 16)
    samples[(np.arange(32000) < 6400) | (np.arange(32000) > 24000)] = 0
    return Utterance(samples.astype(np.float32), phones, speaker, "test")


@pytest.fixture
def options(tmp_path: Path):
    """Options of a small corpus."""
    for split in ("real-train", "real-validation"):
        write_shard(tmp_path / split, split, [hummed(name) for name in "abcdef"[:2]])

    def parsed(*words: object) -> argparse.Namespace:
        parser = argparse.ArgumentParser()
        add_options(parser)
        found = parser.parse_args([str(word) for word in words])
        facts = {"onnx": EMBEDDED, "out": tmp_path, "corpus": tmp_path, "seed": 1}
        return argparse.Namespace(**vars(found), **facts, shared=tmp_path / "none")

    return parsed


def test_evaluate_in_every_form(options, tmp_path: Path) -> None:
    page, data = tmp_path / "e.html", tmp_path / "e.json"
    said: list[str] = []
    given = options("--quick", "--markdown", "--html", page, "--json", data)
    run_evaluate(given, said.append)
    assert said[0].startswith("| | actor | loudness | loudness-shut | targets |")
    figures = json.loads(data.read_text())["rows"]
    assert figures["targets"]["closure_recall"] == 1.0
    assert "actor.onnx" in page.read_text("utf-8")
    plain: list[str] = []
    run_evaluate(options("--quick", "--head", "embedded"), plain.append)
    assert "head embedded" in plain[-1]


def test_evaluate_needs_an_actor(options, tmp_path: Path) -> None:
    given = options("--quick")
    given.onnx = tmp_path / "none.onnx"
    with pytest.raises(RigtalkError, match="run `rigtalk train export` first"):
        run_evaluate(given, print)


def test_reference_is_written(options, tmp_path: Path) -> None:
    said: list[str] = []
    run_reference(options("--reference", tmp_path / "judge.json"), said.append)
    assert load_reference(tmp_path / "judge.json").about["lines"] == 2
    assert "emotions read on unseen lines" in said[0]
