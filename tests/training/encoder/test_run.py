"""From a tiny encoder to a face: trained, kept, exported, performed."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from rigtalk.core.actor import Actor
from rigtalk.core.audio import Clip, read_clip
from rigtalk.core.direction import Direction
from rigtalk.core.line import Line
from rigtalk.core.performance import concatenate
from rigtalk.core.steps import STEP_SAMPLES, SampleSteps
from rigtalk.core.take import survey
from rigtalk.rigs import control_set
from rigtalk.rigs.errors import RigtalkError
from rigtalk.training import cli, pipeline
from rigtalk.training.assess import assess, perform_shard
from rigtalk.training.config import CorrelationConfig, EncoderConfig
from rigtalk.training.corpus.store import write_shard
from rigtalk.training.encoder.checkpoint import read_config, read_model
from rigtalk.training.encoder.samples import check_samples, heard_samples, stretches
from rigtalk.training.examples import ExampleShard, Mixture, draw_batch
from rigtalk.training.export import export_actor
from rigtalk.training.finetune.pretrained import load_pretrained
from rigtalk.training.loop import Corpora, Trainer, load_actor
from rigtalk.training.losses import Scales
from rigtalk.training.pipeline import Workplace, make_examples

from .conftest import CONFIG, LARGE, Make, utterance

SCALES = Scales(np.full((2, 61), 0.1), np.full((2, 251), 0.1))


def trained(folder: Path, shard: ExampleShard, *, frozen: bool) -> Trainer:
    encoder = read_config(folder, frozen=frozen)
    config = replace(CONFIG, encoder=replace(encoder, rate=1.0))
    pretrained = read_model(folder, encoder)
    trainer = Trainer(config, Corpora([shard]), SCALES, pretrained=pretrained)
    trainer.run()
    assert trainer.step == 3
    return trainer


def moved(trainer: Trainer, folder: Path) -> set[str]:
    """Weights of the encoder that are no longer those of the checkpoint."""
    assert trainer.config.encoder
    before = read_model(folder, trainer.config.encoder).state_dict()
    after = trainer.actor.pretrained.model.state_dict()
    return {name for name, weight in before.items() if not torch.equal(weight, after[name])}


@pytest.fixture(
    scope="module",
    params=[("Wav2Vec2", LARGE), ("Hubert", {}), ("WavLM", {})],
    ids=["wav2vec2-large", "hubert-base", "wavlm-base"],
)
def folder(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    make_checkpoint: Make,
) -> Path:
    family, changes = request.param
    return make_checkpoint(tmp_path_factory.mktemp("encoder") / family, family, **changes)


@pytest.fixture(scope="module")
def exported(folder: Path, shard: ExampleShard) -> Path:
    """Three steps with the encoder frozen, kept, read again and exported."""
    trainer = trained(folder, shard, frozen=True)
    assert not moved(trainer, folder)
    assert all(p.grad is None for p in trainer.actor.pretrained.model.parameters())
    assert trainer.actor.pretrained.shares.abs().min() > 0  # the sum of layers has learnt
    place = Workplace(folder.parent)
    trainer.save(place.checkpoint)
    actor = load_actor(place.checkpoint)
    for name, weight in trainer.actor.state_dict().items():
        assert torch.equal(weight, actor.state_dict()[name]), name
    with torch.no_grad():  # motion that can be seen after three steps
        actor.arkit.weight.mul_(10)
        actor.metahuman.weight.mul_(10)
    export_actor(actor, folder.parent / "actor.onnx", closure_threshold=0.5)
    return folder.parent / "actor.onnx"


def test_a_learning_encoder_learns_but_for_its_convolutions(
    folder: Path, shard: ExampleShard
) -> None:
    trainer = trained(folder, shard, frozen=False)
    names = moved(trainer, folder)
    assert "encoder.layers.0.attention.q_proj.weight" in names
    assert "feature_projection.projection.weight" in names
    assert not any(name.startswith("feature_extractor.") for name in names)


@pytest.mark.filterwarnings("ignore")  # torch's exporter warns of its own folding
def test_it_performs_a_line(exported: Path, line: Path) -> None:
    actor = Actor.load(exported)
    facts = json.loads(actor.network.session.get_modelmeta().custom_metadata_map["rigtalk"])
    assert facts["input"] == "samples"
    assert facts["normalised"]
    assert (facts["window_seconds"], facts["context_seconds"]) == (20.0, 3.0)
    clip, asked = read_clip(line), Direction({"joy": 0.7}, seed=2)
    for rig in ("arkit", "metahuman", "metahuman-board"):
        given = actor.perform(clip, asked, fps=30, rig=rig)
        controls = control_set(rig)
        assert len(given) == int(np.ceil(clip.duration * 30 - 1e-6)) + 1
        assert np.isfinite(given.values).all()
        assert (given.values >= controls.lows).all()
        assert (given.values <= controls.highs).all()
        joined = concatenate(actor.stream(clip, asked, fps=30, rig=rig, window=1.3))
        np.testing.assert_allclose(joined.values, given.values, atol=1e-6)
    assert given.values.std(axis=0).max() > 0.01


def test_level_does_not_matter(exported: Path, line: Path) -> None:
    actor, samples = Actor.load(exported), read_clip(line).samples[:64000]
    given = actor.perform(Clip(samples))
    quieter = actor.perform(Clip(0.25 * samples))
    # 1e-7 is added to the variance, so that a line a quarter as loud is normalised a bit less.
    np.testing.assert_allclose(quieter.values, given.values, atol=5e-3)


def test_windows_are_nearly_the_whole(exported: Path, line: Path) -> None:
    network = Actor.load(exported).network
    clip = Clip(np.tile(read_clip(line).samples, 7)[: 16000 * 50])
    heard: Line = survey(clip, progress=lambda _: None, cancelled=lambda: False)
    asked = Direction({"anger": 0.5})
    said = SampleSteps(network, heard, clip, asked.emotion_at, "arkit").between(0, heard.steps)
    samples = np.zeros(heard.steps * STEP_SAMPLES, dtype=np.float32)
    samples[: len(clip.samples)] = (clip.samples - heard.mean) / heard.deviation
    emotion = asked.emotion_at(np.arange(heard.steps) / 50)
    whole = network.run(samples, emotion, control_set="arkit")[0]
    difference = said[0] - whole
    # Measured, largest and root mean square: .0008 and .1 % of the curves' deviation with layer
    # norms, .019 and 1.4 % where a group norm measures the whole window.
    assert np.abs(difference).max() < 0.05
    assert np.sqrt((difference**2).mean()) < 0.03 * np.sqrt((whole.std(axis=0) ** 2).mean())
    # Where windows fade into each other nothing jumps that does not elsewhere.
    steps = np.abs(np.diff(difference, axis=0)).mean(axis=1)
    fading = np.zeros(len(steps), dtype=bool)
    for seam in (14.0 + 3.0, 28.0 + 3.0):
        fading[round(50 * (seam - 1.5)) : round(50 * (seam + 1.5))] = True
    assert steps[fading].mean() < 2.0 * steps[~fading].mean() + 1e-4


def test_examples_keep_sound_where_it_was(shard: ExampleShard) -> None:
    assert shard.frames == 3 * 81
    kept = heard_samples(shard, 81 + 10, 81 + 12, normalised=False)
    expected = utterance(1).samples[320 * 10 : 320 * 12]
    np.testing.assert_allclose(kept, expected, atol=1.0 / 32768)
    whole = heard_samples(shard, 81, 162, normalised=True)
    assert abs(whole.mean()) < 1e-4
    assert whole.std() == pytest.approx(1.0, abs=1e-3)
    across = heard_samples(shard, 70, 90, normalised=True)
    np.testing.assert_array_equal(across[320 * 11 :], whole[: 320 * 9])
    assert list(stretches(shard, 50))[:3] == [(0, 50), (50, 81), (81, 131)]


def test_batches_hold_the_sound_of_their_targets(shard: ExampleShard) -> None:
    encoder = EncoderConfig(model={}, normalised=False)
    draw = {"seed": 0, "batch": 2, "crop": 30, "encoder": encoder}
    batch = draw_batch([Mixture([shard], 1.0)], step=1, **draw)
    assert batch.features.shape == (2, 30 * 320)
    loud = batch.features.reshape(2, 30, 320).abs().mean(dim=-1) > 0.1
    spoken = (batch.silence < 0.5) & loud
    assert spoken.sum() > 10
    assert (batch.silence[loud] < 0.5).float().mean() > 0.9
    long = draw_batch([Mixture([shard], 1.0)], step=0, **{**draw, "crop": 250})
    assert long.features[:, 243 * 320 :].abs().max() == 0


def test_examples_without_sound_are_refused(shard: ExampleShard) -> None:
    deaf = replace(shard, arrays={k: v for k, v in shard.arrays.items() if k != "samples"})
    check_samples([shard])
    with pytest.raises(RigtalkError, match="run `rigtalk train corpus` with the same --encoder"):
        check_samples([shard, deaf])


@pytest.mark.filterwarnings("ignore")
def test_from_the_command_line(tmp_path: Path, make_checkpoint: Make) -> None:
    encoder = make_checkpoint(tmp_path / "encoder", "Wav2Vec2")
    for seed, split in enumerate(("synthetic", "real-train", "real-validation")):
        write_shard(tmp_path / "corpus" / split, split, [utterance(10 * seed + i) for i in (0, 1)])
    place = Workplace(tmp_path / "out")
    told = {"corpus": tmp_path / "corpus", "captures": tmp_path, "progress": lambda *_: None}
    make_examples(place, seed=1, **told)
    words = ["--out", str(place.folder), "--encoder", str(encoder)]
    pipeline.make_correlation(
        place, CorrelationConfig(width=32, hidden=32, layers=1), steps=2, seed=1
    )
    with pytest.raises(RigtalkError, match="keep no sound for an encoder"):
        cli.main(["actor", "--steps", "1", *words])
    make_examples(place, seed=1, samples=True, **told)
    assert cli.main(["actor", "--steps", "1", *words]) == 0
    assert "closure_recall_at_0.2" in place.log.read_text().splitlines()[-1]
    actor = load_actor(place.checkpoint)
    assert actor.hears == "samples"
    validation = place.examples("validation")
    assert perform_shard(actor, validation[0])["arkit"].shape == (validation[0].frames, 61)
    assert 0.0 <= assess(actor, validation)["silence_accuracy"] <= 1.0
    with pytest.raises(RigtalkError, match="cannot be fine-tuned"):
        load_pretrained(place.checkpoint)
    with pytest.raises(RigtalkError, match="resume with the same sizes"):
        cli.main(["actor", "--steps", "2", "--resume", "--fine-tune-encoder", *words])
