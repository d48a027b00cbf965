"""Speech that no engine is needed for."""

import numpy as np

from rigtalk.training.corpus.utterance import Phone, Utterance


def utterance(seed: int, *, pause: float = 0.3, vowel: float = 0.3) -> Utterance:
    """Bursts of noise that stand for phones; seconds of each silence and of the second vowel."""
    rng = np.random.default_rng(seed)
    phones, sound, now = [], [], 0.0
    for symbol, length in (("sil", pause), ("m", 0.1), ("aa", 0.2), ("b", 0.1), ("uw", vowel)) * 2:
        phones.append(Phone(now, now + length, symbol, int(symbol in ("aa", "uw"))))
        loudness = {"sil": 0.0, "m": 0.05, "b": 0.02}.get(symbol, 0.2)
        sound.append(rng.normal(0, 1, round(length * 16000)) * loudness)
        now += length
    samples = np.concatenate(sound).astype(np.float32)
    return Utterance(samples, tuple(phones), f"speaker{seed}", "test")
