"""Real-time factor of `animate` on one core, beside the encoder that every peer starts with."""

import os
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import numpy as np
import torch
from recordings import script_of, write_recording
from transformers import Wav2Vec2Config, Wav2Vec2Model

from rigtalk.core.actor import Actor
from rigtalk.core.audio import open_audio, read_clip
from rigtalk.core.cli import main as rigtalk
from rigtalk.core.direction import Direction
from rigtalk.core.features import log_mel
from rigtalk.core.script import Script
from rigtalk.core.speech.recognise import recognise

SECONDS = 120.0
PEER_WINDOW_S = 20
REPEATS = 5


def best(action: Callable[[], object]) -> float:
    """Seconds of the fastest of several runs: the one least disturbed by other processes."""
    times = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        action()
        times.append(time.perf_counter() - begin)
    return min(times)


def main() -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        audio = write_recording(Path(folder) / "line.wav", SECONDS)
        load = best(Actor.load)
        actor = Actor.load()
        clip = read_clip(audio)

        def stream(script: Script | None = None) -> None:
            direction = Direction(script=script)
            for _ in actor.stream(open_audio(audio), direction, fps=60.0, rig="arkit"):
                pass

        curves = best(stream)
        script = Script(script_of(SECONDS))
        scripted = best(lambda: stream(script))
        begin = time.perf_counter()
        stream(Script(recognise(clip.samples)))
        recognised = time.perf_counter() - begin
        words = ["animate", str(audio), "-o", str(Path(folder) / "a.csv")]
        with redirect_stdout(StringIO()):
            command = best(lambda: rigtalk(words))
        features = best(lambda: log_mel(clip.samples))
        peer = best(lambda: encode(clip.samples))
    rows = (
        ("features alone", features),
        ("audio file to 61 curves at 60 fps", curves),
        ("the same, following a script", scripted),
        ("the same, once, recognising the words (pocketsphinx) and following them", recognised),
        ("`rigtalk animate` to a CSV, model load included", command),
        ("peer: wav2vec 2.0 base encoder alone (torch, random weights)", peer),
    )
    print(f"## Speed on one core, {SECONDS:.0f} s of speech, best of {REPEATS}\n")
    print("| what | seconds | times real time |\n|---|---|---|")
    for name, seconds in rows:
        print(f"| {name} | {seconds:.2f} | {SECONDS / seconds:.0f} |")
    print(f"\nLoading the actor: {load:.2f} s.")


def encode(samples: np.ndarray) -> None:
    """The published actors' first stage, in windows that its attention can afford."""
    window = PEER_WINDOW_S * 16000
    with torch.inference_mode():
        for begin in range(0, len(samples), window):
            PEER(torch.from_numpy(samples[begin : begin + window])[None])


PEER = Wav2Vec2Model(Wav2Vec2Config()).eval()

if __name__ == "__main__":
    main()
