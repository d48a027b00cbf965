"""Files that went bad in every way: nothing but a clear line may come of them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rigtalk.core.errors import RigtalkError


def _survives(content: bytes, path: Path, read: Callable[[Path], object], *, tries: int) -> int:
    """Cut and spoil a good file at random; returns how often that was noticed."""
    rng = np.random.default_rng(0)
    lines = []
    for attempt in range(tries):
        spoilt = bytearray(content)
        if attempt % 3 == 0:
            del spoilt[int(rng.integers(len(spoilt))) :]
        else:
            # Headers matter most, so half of the damage is done near the beginning.
            reach = len(spoilt) if attempt % 2 else min(len(spoilt), 400)
            for at in rng.integers(reach, size=int(rng.integers(1, 9))):
                spoilt[at] = rng.choice([0, 1, 255, 48, 57, int(rng.integers(256))])
        path.write_bytes(spoilt)
        try:
            read(path)
        except RigtalkError as error:
            lines.append(str(error))
    assert all(line.count(str(path)) == 1 and "\n" not in line for line in lines)
    return len(lines)


@pytest.fixture
def survives() -> Callable[..., int]:
    return _survives
