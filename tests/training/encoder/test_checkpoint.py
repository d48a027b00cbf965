"""A folder is a checkpoint that can be used, or one line says why not."""

import builtins
import json
import os
import shutil
import struct
from pathlib import Path

import pytest
import torch

from rigtalk.rigs.errors import RigtalkError
from rigtalk.training import cli
from rigtalk.training.encoder import checkpoint
from rigtalk.training.encoder.checkpoint import read_config, read_model

from .conftest import LARGE, Make, transformers


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory, make_checkpoint: Make) -> Path:
    return make_checkpoint(tmp_path_factory.mktemp("good") / "encoder", "Wav2Vec2")


@pytest.fixture
def folder(good: Path, tmp_path: Path) -> Path:
    """A copy to break."""
    return Path(shutil.copytree(good, tmp_path / "encoder"))


def change(path: Path, **facts: object) -> None:
    known = json.loads(path.read_text()) if path.is_file() else {}
    path.write_text(json.dumps(known | facts))


def complaint(folder: Path) -> str:
    with pytest.raises(RigtalkError) as caught:
        read_model(folder, read_config(folder))
    said = str(caught.value)
    assert "\n" not in said
    assert len(said) < 500
    return said


@pytest.mark.parametrize(
    ("family", "changes"),
    [
        ("Wav2Vec2", LARGE),
        ("Hubert", {}),
        ("Hubert", LARGE),
        ("WavLM", LARGE),
        ("Data2VecAudio", {}),
    ],
)
def test_families_are_read_as_they_were_saved(
    tmp_path: Path, make_checkpoint: Make, family: str, changes: dict
) -> None:
    folder = make_checkpoint(tmp_path / "encoder", family, **changes)
    config = read_config(folder)
    assert config.normalised
    assert config.frozen
    model = read_model(folder, config)
    plain = getattr(transformers, f"{family}Model").from_pretrained(
        folder, attn_implementation="eager"
    )
    sound = torch.randn(1, 4000, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        expected = plain.eval()(sound).last_hidden_state
        torch.testing.assert_close(model(sound).last_hidden_state, expected)
    assert not model.training
    assert os.environ["HF_HUB_OFFLINE"] == "1"


def test_a_model_with_a_head_on_top_will_do(tmp_path: Path, good: Path) -> None:
    config = transformers.Wav2Vec2Config.from_pretrained(good)
    whole = transformers.Wav2Vec2ForCTC(config)
    whole.save_pretrained(tmp_path, safe_serialization=True)
    model = read_model(tmp_path, read_config(tmp_path))
    kept, name = whole.wav2vec2.state_dict(), "encoder.layers.1.attention.q_proj.weight"
    assert torch.equal(model.state_dict()[name], kept[name])


def test_half_precision_becomes_single(tmp_path: Path, good: Path) -> None:
    transformers.Wav2Vec2Model.from_pretrained(good).half().save_pretrained(tmp_path)
    model = read_model(tmp_path, read_config(tmp_path))
    assert {p.dtype for p in model.parameters()} == {torch.float32}


def test_the_feature_extractor_says_whether_to_normalise(folder: Path) -> None:
    change(folder / "preprocessor_config.json", do_normalize=False, sampling_rate=16000)
    assert not read_config(folder).normalised
    change(folder / "preprocessor_config.json", do_normalize=True)
    assert read_config(folder).normalised


def test_missing_things(folder: Path, tmp_path: Path) -> None:
    assert "no such folder" in complaint(tmp_path / "none")
    (folder / "model.safetensors").unlink()
    assert "there is no model.safetensors" in complaint(folder)
    (folder / "config.json").unlink()
    assert "there is no config.json" in complaint(folder)


def test_pickles_are_never_opened(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04cos\nsystem\n.")
    said = complaint(folder)
    assert "can run code" in said
    assert "save_pretrained('NEW')" in said


def test_adapters_are_refused(folder: Path) -> None:
    (folder / "adapter_config.json").write_text("{}")
    assert "merge it into its model" in complaint(folder)


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"model_type": "bert"}, "describes 'bert': --encoder takes wav2vec2, hubert, wavlm"),
        ({"conv_stride": [5, 2, 2, 2, 2, 2, 1]}, "a frame every 10 ms; one of 20 ms is needed"),
        ({"conv_stride": "five"}, "conv_stride is 'five'"),
        ({"hidden_size": "wide"}, "makes no sense"),
        ({"hidden_size": 64}, "damaged, or not of this config.json"),
        ({"num_hidden_layers": 3}, "lacks 16 of the weights"),
    ],
)
def test_configurations_that_do_not_fit(folder: Path, facts: dict, said: str) -> None:
    change(folder / "config.json", **facts)
    assert said in complaint(folder)


def test_configurations_that_cannot_be_read(folder: Path) -> None:
    change(folder / "preprocessor_config.json", sampling_rate=8000)
    assert "says 8000 Hz: an encoder for 16000 Hz is needed" in complaint(folder)
    (folder / "preprocessor_config.json").write_text("[1]")
    assert "preprocessor_config.json cannot be read as JSON" in complaint(folder)
    (folder / "config.json").write_bytes(b"\xff{")
    assert "config.json cannot be read as JSON" in complaint(folder)


@pytest.mark.parametrize("damage", ["short", "header", "empty"])
def test_damaged_weights(folder: Path, damage: str) -> None:
    path = folder / "model.safetensors"
    whole = path.read_bytes()
    broken = {
        "short": whole[: len(whole) // 2],
        "header": struct.pack("<Q", 1 << 60) + whole[8:],
        "empty": b"",
    }
    path.write_bytes(broken[damage])
    assert "model.safetensors: damaged" in complaint(folder)


def test_too_many_parameters_for_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "LARGEST", 1000)
    assert "do not fit into an ONNX file" in complaint(folder)


def test_without_transformers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = builtins.__import__

    def absent(name: str, *rest: object, **more: object) -> object:
        if name == "transformers":
            raise ImportError(name)
        return usual(name, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", absent)
    assert "pip install transformers" in complaint(folder)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["actor", "--encoder", "/nowhere"], "/nowhere: no such folder"),
        (["actor", "--encoder-frozen"], "--encoder-frozen needs --encoder DIR"),
        (["corpus", "--fine-tune-encoder"], "--fine-tune-encoder needs --encoder DIR"),
        (["actor", "--encoder-frozen", "--fine-tune-encoder"], "not allowed with"),
        (["actor", "--encoder-layers", "middle"], "invalid choice: 'middle'"),
        (["compare", "--encoder", "/nowhere"], "leave out --encoder"),
    ],
)
def test_words_that_make_no_sense(words: list[str], said: str) -> None:
    with pytest.raises(RigtalkError) as caught:
        cli.main(words)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
