"""``rigtalk train``: the steps over a tiny corpus, and what it says to bad words."""

from pathlib import Path

import pytest

from rigtalk.rigs.errors import RigtalkError
from rigtalk.training import cli, pipeline
from rigtalk.training.config import ActorConfig, CorrelationConfig, TrainConfig
from rigtalk.training.corpus.store import write_shard
from rigtalk.training.pipeline import Workplace, make_actor, make_examples, make_export

from .bursts import utterance

TINY = TrainConfig(
    steps=3,
    batch=2,
    crop=40,
    real_from=0.0,
    bf16=False,
    actor=ActorConfig(width=32, heads=2, encoder_layers=1, decoder_layers=1, hidden=48, span=4),
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    """A working folder with a few lines of every split, without captures."""
    folder = tmp_path_factory.mktemp("train")
    for seed, split in enumerate(("synthetic", "real-train", "real-validation")):
        write_shard(folder / "corpus" / split, split, [utterance(10 * seed + i) for i in range(3)])
    made = Workplace(folder / "out")
    said: list[tuple[str, float]] = []
    make_examples(
        made,
        corpus=folder / "corpus",
        captures=folder / "none",
        seed=1,
        progress=lambda name, share: said.append((name, share)),
    )
    assert said[-1] == ("real-validation-take0", 1.0)
    return made


def test_examples_are_made_once(place: Workplace) -> None:
    kinds = {kind: len(place.examples(kind)) for kind in ("synthetic", "real", "validation")}
    assert kinds == {"synthetic": 1, "real": 20, "validation": 1}
    first = place.folder / "examples" / "synthetic" / "synthetic-take1" / "arkit.npy"
    before = first.stat().st_mtime_ns
    corpus = place.folder.parent / "corpus"
    make_examples(place, corpus=corpus, captures=corpus, seed=1, progress=lambda *_: None)
    assert first.stat().st_mtime_ns == before


def test_validation_examples_are_calm_and_training_examples_feel(place: Workplace) -> None:
    assert place.examples("validation")[0].arrays["emotion"].max() == 0
    assert max(shard.arrays["emotion"].max() for shard in place.examples("real")) > 0


@pytest.mark.filterwarnings("ignore")  # torch's exporter warns of its own folding
def test_a_whole_run_leaves_a_checkpoint_a_log_and_an_actor(place: Workplace) -> None:
    figures = pipeline.make_correlation(
        place, CorrelationConfig(width=32, hidden=32, layers=1), steps=4, seed=1
    )
    assert figures["model"].keys() == figures["linear"].keys()
    assert "mouth" in figures["model"]
    make_actor(place, TINY)
    assert place.checkpoint.is_file()
    assert "closure_recall_at_0.2" in place.log.read_text().splitlines()[-1]
    threshold = make_export(place, place.folder / "deep" / "actor.onnx")
    assert 0.0 < threshold < 1.0
    assert (place.folder / "deep" / "actor.onnx").stat().st_size > 10_000


def test_steps_say_which_step_is_missing(tmp_path: Path) -> None:
    empty = ["--out", str(tmp_path / "out"), "--corpus", str(tmp_path / "corpus")]
    with pytest.raises(RigtalkError, match="run `rigtalk train corpus` first"):
        cli.main(["actor", *empty])
    with pytest.raises(RigtalkError, match="run `rigtalk train corpus` first"):
        cli.main(["correlation", *empty])
    with pytest.raises(RigtalkError, match="no checkpoint"):
        cli.main(["export", *empty])
    with pytest.raises(RigtalkError, match="run `rigtalk train export` first"):
        cli.main(["evaluate", *empty])


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ([], "the following arguments are required"),
        (["sing"], "invalid choice: 'sing'"),
        (["actor", "--minutes", "0"], "--minutes is 0: it must be above 0"),
        (["actor", "--minutes", "soon"], "invalid float value"),
        (["actor", "--steps", "0"], "--steps is 0: it must be at least 1"),
        (["corpus", "--hours", "-1"], "--hours is -1"),
        (["all", "--seed", "-4"], "--seed is -4"),
        (["all", "--correlation-steps", "0"], "--correlation-steps is 0"),
    ],
)
def test_bad_words_get_one_line(words: list[str], complaint: str) -> None:
    with pytest.raises(RigtalkError) as caught:
        cli.main(words)
    assert complaint in str(caught.value)
    assert "\n" not in str(caught.value)


def test_all_runs_every_step_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[str] = []
    steps = {
        name: (about, lambda _, n=name: ran.append(n)) for name, (about, _) in cli.STEPS.items()
    }
    monkeypatch.setattr(cli, "STEPS", steps)
    assert cli.main(["all"]) == 0
    assert ran == ["corpus", "correlation", "actor", "export", "evaluate"]
