"""The actor's ONNX file: loading, checking and running it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnxruntime

from rigtalk.rigs import control_set

from .direction import EMOTIONS
from .errors import RigtalkError
from .features import MELS
from .speech.phones import SYMBOLS

__all__ = ["EMBEDDED", "Network", "load_network"]

EMBEDDED = Path(__file__).parent / "data" / "actor.onnx"
FORMAT = 1
"""Of the file's inputs, outputs and metadata; raised when they change."""
OUTPUTS = ("arkit", "metahuman", "closure", "silence")
INPUTS = ("features", "samples")
"""What a network may listen to."""
LONGEST_WINDOW = 120.0
"""Seconds; attention over more at once would need gigabytes."""


@dataclass(frozen=True)
class Network:
    """A checked network.

    Attributes
    ----------
    session : onnxruntime.InferenceSession
    context_seconds : float
        An output depends on no more than this much time on either side. Of a network that hears
        samples, which depends on all of its window, outputs nearer to an inner edge than this are
        not to be trusted.
    closure_threshold : float
        Probability from which a lip closure is certain.
    hears : str
        ``"features"``, or ``"samples"`` where the network begins with an encoder of its own.
    normalised : bool
        Whether the samples of a line must have mean 0 and deviation 1.
    window_seconds : float
        How much a network that hears samples hears at a time; 0 for features, which need no limit.
    tells_phones : bool
        Whether it also says which phones it hears, so that it can follow a script.
    bites : mapping of str to (ndarray, ndarray)
        For each control set the columns that take the lower lip to the upper teeth, and their
        values when it is there; empty where the file does not say.
    """

    session: onnxruntime.InferenceSession
    context_seconds: float
    closure_threshold: float
    hears: str = "features"
    normalised: bool = False
    window_seconds: float = 0.0
    tells_phones: bool = False
    bites: Mapping[str, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)

    def run(
        self, heard: np.ndarray, emotion: np.ndarray, *, control_set: str
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Curves and probabilities for a stretch of sound.

        Parameters
        ----------
        heard : ndarray, shape (2 * steps, 64) or (320 * steps,), float32
            Features at 100 Hz, from `features.normalise`, or samples at 16 kHz.
        emotion : ndarray, shape (steps, 7), float32
            At 50 Hz.
        control_set : str
            ``"arkit"`` or ``"metahuman"``; or ``"phones"``, the log probabilities of those of
            `rigtalk.core.speech.phones.SYMBOLS`, if it `tells_phones`.

        Returns
        -------
        curves : ndarray, shape (steps, controls), float32
        closure, silence : ndarray, shape (steps,), float32
        """
        inputs = {self.hears: heard[None], "emotion": emotion[None]}
        curves, closure, silence = self.session.run([control_set, "closure", "silence"], inputs)
        return curves[0], closure[0], silence[0]


def load_network(path: Path, *, threads: int) -> Network:
    """Load a network and check that it fits this version.

    Raises
    ------
    RigtalkError
        If the file is missing, damaged, or made for another version.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    # Threads that spin while they wait would take a core from Blender.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise RigtalkError(
            f"{path}: no such actor; install rigtalk again or name another"
        ) from None
    except OSError as error:
        raise RigtalkError(f"{path}: the actor cannot be read ({error.strerror})") from None
    try:
        session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors share no base but Exception
        reason = str(error).splitlines()[0].rpartition(" : ")[2][:120]
        raise RigtalkError(
            f"{path}: not an actor, or damaged ({reason}); install rigtalk again or name another"
        ) from None
    return _checked(session, path)


def _checked(session: onnxruntime.InferenceSession, path: Path) -> Network:
    text = session.get_modelmeta().custom_metadata_map.get("rigtalk", "")
    names = {output.name for output in session.get_outputs()}
    try:
        facts = json.loads(text)
        if facts["format"] != FORMAT:
            raise RigtalkError(
                f"{path}: an actor of format {facts['format']}, this rigtalk plays format "
                f"{FORMAT}; update the older of the two"
            )
        for name, version in facts["control_sets"].items():
            if control_set(name).version != version:
                raise RigtalkError(
                    f"{path}: made for version {version} of the control set {name!r}, this rigtalk "
                    f"has version {control_set(name).version}; train or install a matching actor"
                )
        network = Network(
            session,
            float(facts["context_seconds"]),
            float(facts["closure_threshold"]),
            hears=str(facts.get("input", "features")),  # files of rigtalk 0.1 do not say
            normalised=bool(facts.get("normalised", False)),
            window_seconds=float(facts.get("window_seconds", 0.0)),
            tells_phones="phones" in names and facts.get("phones") == list(SYMBOLS),
            bites={name: _pose(name, pose) for name, pose in facts.get("bites", {}).items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise RigtalkError(f"{path}: an ONNX file, but not an actor of rigtalk") from None
    if network.hears not in INPUTS:
        raise RigtalkError(f"{path}: an actor that hears {network.hears!r}; update rigtalk")
    widths = {value.name: value.shape[-1] for value in session.get_inputs()}
    fits = widths.keys() == {network.hears, "emotion"} and widths["emotion"] == len(EMOTIONS)
    if not names.issuperset(OUTPUTS) or not fits or widths.get("features", MELS) != MELS:
        raise RigtalkError(f"{path}: an actor whose inputs or outputs do not fit this rigtalk")
    if not _possible(network):
        raise RigtalkError(f"{path}: an actor with impossible metadata; export it again")
    return network


def _pose(name: str, pose: Mapping[str, float]) -> tuple[np.ndarray, np.ndarray]:
    """Columns and values of some controls; ValueError where they are none."""
    controls = control_set(name)
    values = np.array([float(value) for value in pose.values()], dtype=np.float32)
    columns = np.array([controls.names.index(each) for each in pose], dtype=np.intp)
    if not ((controls.lows[columns] <= values) & (values <= controls.highs[columns])).all():
        raise ValueError
    return columns, values


def _possible(network: Network) -> bool:
    if network.context_seconds < 0 or not 0 < network.closure_threshold <= 1:
        return False
    # Two contexts of a window overlap with its neighbours; something must be left between them.
    return network.hears == "features" or (
        0 < 3 * network.context_seconds < network.window_seconds <= LONGEST_WINDOW
    )
