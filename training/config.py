"""Every number that shapes the networks and their training, as frozen dataclasses.

Checkpoints carry them as JSON, so a checkpoint can be read again without unpickling anything.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any

from rigtalk.rigs.errors import RigtalkError

__all__ = ["ActorConfig", "CorrelationConfig", "EncoderConfig", "LossWeights", "TrainConfig"]


@dataclass(frozen=True)
class ActorConfig:
    """Sizes of the actor.

    Attributes
    ----------
    width : int
        Channels of a token.
    heads : int
        Attention heads; divides `width`.
    encoder_layers, decoder_layers : int
        Transformer layers before and after the emotion is added.
    conv_layers : int
        Residual convolutions of three frames before the encoder.
    hidden : int
        Channels inside a feed-forward layer.
    span : int
        A frame attends to this many 20 ms frames on each side; also the attention's block.
    mels, emotions, arkit, metahuman, phones : int
        Channels in and out. The `phones` classes are predicted in training only.
    listener : bool
        Whether what is heard is mended by a decoder of its own, as in fine-tuned actors, whose
        other decoder has learnt another face.
    """

    width: int = 192
    heads: int = 4
    encoder_layers: int = 3
    decoder_layers: int = 2
    conv_layers: int = 2
    hidden: int = 512
    span: int = 16
    mels: int = 64
    emotions: int = 7
    arkit: int = 61
    metahuman: int = 251
    phones: int = 40
    listener: bool = False

    def __post_init__(self) -> None:
        if self.width % self.heads:
            raise RigtalkError(
                f"width {self.width} is not a multiple of {self.heads} heads: change one of them"
            )

    @property
    def context_frames(self) -> int:
        """Frames of 20 ms on each side that an output can depend on."""
        return 3 + self.conv_layers + self.span * (self.encoder_layers + self.decoder_layers)


@dataclass(frozen=True)
class CorrelationConfig:
    """Sizes of the correlation model; `window` and `stride` in 20 ms frames."""

    width: int = 128
    heads: int = 4
    layers: int = 2
    hidden: int = 256
    window: int = 9
    stride: int = 8
    masked: float = 0.35


@dataclass(frozen=True)
class EncoderConfig:
    """A speech encoder of the user's own that listens in place of the stem.

    Attributes
    ----------
    model : dict
        Its ``config.json``, so that a checkpoint can be read without the encoder's folder.
    normalised : bool
        Whether it hears lines with mean 0 and deviation 1.
    frozen : bool
        Else it learns, but for its convolutions (Baevski et al. 2020, section 4.4).
    layers : str
        ``"all"``: a learnt weighted sum of them, as in SUPERB (Yang et al. 2021, section 3);
        ``"last"``.
    rate : float
        Learning rate of a learning encoder, as a share of the run's.
    """

    model: dict[str, Any]
    normalised: bool
    frozen: bool = True
    layers: str = "all"
    rate: float = 0.02


@dataclass(frozen=True)
class LossWeights:
    """How much each part of the actor's loss counts."""

    position: float = 1.0
    velocity: float = 1.0
    metahuman: float = 0.5
    closure: float = 0.5
    seal: float = 1.0
    silence: float = 0.1
    phone: float = 0.4
    correlation: float = 0.05


@dataclass(frozen=True)
class TrainConfig:
    """One training run.

    Attributes
    ----------
    minutes : float
        Time budget of the whole run; the schedule of the learning rate follows it.
    steps : int, optional
        Budget in steps instead.
    real_from : float
        Part of the run, 0-1, after which real speech and captures join (stage B).
    real_share : float
        Part of each stage B batch that is real speech.
    capture_share : float
        Part of each stage B batch that is captured motion.
    spliced : float
        Part of the real speech in which pieces of many lines follow one another.
    crop : int
        Frames of 20 ms in a training example.
    dropout : float
        Share of channels left out.
    correlation_rows : int
        Examples of each batch that the correlation model looks at.
    encoder : EncoderConfig, optional
        Listens to samples; without one the actor hears features.
    """

    minutes: float = 85.0
    steps: int | None = None
    seed: int = 1
    batch: int = 24
    crop: int = 320
    learning_rate: float = 2e-3
    warmup: float = 0.03
    weight_decay: float = 0.02
    clip: float = 1.0
    dropout: float = 0.15
    real_from: float = 0.35
    real_share: float = 0.5
    capture_share: float = 0.08
    spliced: float = 0.3
    bf16: bool = True
    threads: int = 1
    evaluate_minutes: float = 10.0
    log_steps: int = 25
    correlation_rows: int = 4
    save_minutes: float = 3.0
    actor: ActorConfig = field(default_factory=ActorConfig)
    losses: LossWeights = field(default_factory=LossWeights)
    encoder: EncoderConfig | None = None

    def to_json(self) -> str:
        """The configuration as one line of JSON."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> TrainConfig:
        """The configuration that `to_json` wrote.

        Raises
        ------
        RigtalkError
            If the text is from another version of the configuration.
        """
        try:
            fields: dict[str, Any] = json.loads(text)
            actor = ActorConfig(**fields.pop("actor"))
            losses = LossWeights(**fields.pop("losses"))
            encoder = fields.pop("encoder", None)  # checkpoints of rigtalk 0.1 have none
            return cls(
                actor=actor,
                losses=losses,
                encoder=EncoderConfig(**encoder) if encoder else None,
                **fields,
            )
        except (TypeError, KeyError, ValueError) as error:
            raise RigtalkError(
                f"this checkpoint's configuration cannot be read ({error}): train again"
            ) from None
