"""Local checkpoints of speech encoders, read without a network and without unpickling anything."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

from torch import nn

from rigtalk.rigs.errors import RigtalkError

from ..config import EncoderConfig

__all__ = ["FAMILIES", "build_model", "read_config", "read_model"]

FAMILIES = {
    "wav2vec2": "Wav2Vec2",
    "hubert": "Hubert",
    "wavlm": "WavLM",
    "data2vec-audio": "Data2VecAudio",
}
"""What ``config.json`` calls a kind of encoder, and what transformers calls it."""
CONFIG, WEIGHTS, HEARING = "config.json", "model.safetensors", "preprocessor_config.json"
PICKLED = ("pytorch_model.bin", "pytorch_model.bin.index.json", "tf_model.h5")
RATE = 16000
STEP_SAMPLES = 320
LARGEST = 480_000_000
"""Parameters; float32 weights of more do not fit into an ONNX file, which ends at 2 GiB."""
OURS: dict[str, Any] = {
    # A masked or left-out frame would be a frame of a face that nobody could know.
    "apply_spec_augment": False,
    # The weighted sum needs every layer.
    "layerdrop": 0.0,
    # It would give fewer frames than 50 a second.
    "add_adapter": False,
    # The one attention that all four have and the exporter knows.
    "attn_implementation": "eager",
}
NEVER_HEARD = ("masked_spec_embed",)
"""Weights that a checkpoint may lack, because only pretraining uses them."""


def read_config(folder: Path, *, frozen: bool = True, layers: str = "all") -> EncoderConfig:
    """What a checkpoint is, without its weights.

    Parameters
    ----------
    folder : Path
        With ``config.json``, ``model.safetensors`` and, if the model came with one,
        ``preprocessor_config.json``; without it lines are normalised, as transformers does.
    frozen, layers
        See `rigtalk.training.config.EncoderConfig`.

    Raises
    ------
    RigtalkError
        If the folder is not a checkpoint that can be used: which file is missing or wrong, and what
        to do.
    """
    if not folder.is_dir():
        raise RigtalkError(
            f"{folder}: no such folder; --encoder takes one with {CONFIG} and {WEIGHTS}"
        )
    if not (folder / CONFIG).is_file():
        raise RigtalkError(f"{folder}: not a checkpoint: there is no {CONFIG} in it")
    model = _json(folder / CONFIG)
    family = model.get("model_type")
    if family not in FAMILIES:
        raise RigtalkError(
            f"{folder / CONFIG} describes {family!r}: --encoder takes {', '.join(FAMILIES)}"
        )
    _check_weights(folder)
    hearing = _json(folder / HEARING) if (folder / HEARING).is_file() else {}
    rate = hearing.get("sampling_rate", RATE)
    if rate != RATE:
        raise RigtalkError(f"{folder / HEARING} says {rate} Hz: an encoder for {RATE} Hz is needed")
    _check_hop(folder, model)
    return EncoderConfig(
        model=model,
        normalised=bool(hearing.get("do_normalize", True)),
        frozen=frozen,
        layers=layers,
    )


def read_model(folder: Path, config: EncoderConfig) -> nn.Module:
    """The encoder with its weights, float32.

    Raises
    ------
    RigtalkError
        If the weights are damaged, or not those that ``config.json`` describes, or too many.
    """
    empty = build_model(config.model)
    parameters = sum(p.numel() for p in empty.parameters())
    if parameters > LARGEST:
        raise RigtalkError(
            f"{folder}: {parameters / 1e6:.0f} M parameters do not fit into an ONNX file; use an "
            f"encoder of at most {LARGEST / 1e6:.0f} M"
        )
    try:
        model, report = type(empty).from_pretrained(
            str(folder),
            config=empty.config,
            local_files_only=True,
            use_safetensors=True,
            output_loading_info=True,
        )
    except Exception as error:  # safetensors' and transformers' errors share no base
        raise RigtalkError(
            f"{folder / WEIGHTS}: damaged, or not of this {CONFIG} ({_reason(error)}); copy both "
            "again"
        ) from None
    missing = [name for name in report["missing_keys"] if not name.endswith(NEVER_HEARD)]
    if missing:
        raise RigtalkError(
            f"{folder / WEIGHTS} lacks {len(missing)} of the weights that {CONFIG} describes, such "
            f"as {min(missing)}: copy both from one checkpoint"
        )
    return model.float().eval()


def build_model(described: dict[str, Any]) -> nn.Module:
    """An encoder as ``config.json`` describes it, with random weights.

    Raises
    ------
    RigtalkError
        If transformers is not installed or the description makes no sense.
    """
    transformers = _transformers()
    family = FAMILIES[described["model_type"]]
    try:
        config = getattr(transformers, f"{family}Config").from_dict({**described, **OURS})
        return getattr(transformers, f"{family}Model")(config).eval()
    except Exception as error:  # whatever a wrong number leads to, the file is what is wrong
        raise RigtalkError(
            f"the encoder's {CONFIG} makes no sense ({_reason(error)}): copy it again"
        ) from None


def _transformers() -> Any:
    os.environ["HF_HUB_OFFLINE"] = "1"  # read as it is imported
    try:
        import transformers
    except ImportError:
        raise RigtalkError(
            "--encoder needs the package transformers: pip install transformers"
        ) from None
    # What it says about weights is told by the report of `read_model`, as errors.
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    return transformers


def _check_weights(folder: Path) -> None:
    if (folder / "adapter_config.json").is_file():
        raise RigtalkError(f"{folder} holds an adapter: merge it into its model and save that")
    if (folder / WEIGHTS).is_file():
        return
    for name in PICKLED:
        if (folder / name).is_file():
            raise RigtalkError(
                f"{folder} has its weights in {name}, which is not opened because such files can "
                'run code; if you trust it, convert it: python -c "from transformers import '
                f"AutoModel; AutoModel.from_pretrained('{folder}').save_pretrained('NEW')\""
            )
    raise RigtalkError(f"{folder}: not a checkpoint: there is no {WEIGHTS} in it")


def _check_hop(folder: Path, model: dict[str, Any]) -> None:
    strides = model.get("conv_stride", (5, 2, 2, 2, 2, 2, 2))  # what transformers takes if absent
    try:
        hop = math.prod(int(stride) for stride in strides)
    except (TypeError, ValueError):
        raise RigtalkError(
            f"{folder / CONFIG}: conv_stride is {strides!r}; copy it again"
        ) from None
    if hop != STEP_SAMPLES:
        raise RigtalkError(
            f"{folder / CONFIG}: the encoder gives a frame every {1000 * hop / RATE:g} ms; one of "
            f"{1000 * STEP_SAMPLES / RATE:g} ms is needed"
        )


def _json(path: Path) -> dict[str, Any]:
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        read = None
    if not isinstance(read, dict):
        raise RigtalkError(f"{path} cannot be read as JSON: copy it again")
    return read


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
