"""Numbers as text, many at a time."""

from __future__ import annotations

import numpy as np

__all__ = ["decimal_rows"]

_PIECES = np.array([f"{i:05d}" for i in range(100_000)], dtype="S5").view(np.uint8).reshape(-1, 5)
"""Text of every number of five digits."""
_LARGEST = 9.99


def decimal_rows(values: np.ndarray) -> list[bytes]:
    """Each row as ``,0.1234567891,-0.5000000000,…``: what ``"%.10f"`` gives, ten times as fast,
    and without a minus before a zero.

    Parameters
    ----------
    values : ndarray, shape (rows, n), float32

    Returns
    -------
    list of bytes, one a row
    """
    if len(values) == 0 or np.abs(values).max(initial=0.0) > _LARGEST:
        return [b"".join(b",%.10f" % value for value in row) for row in values.tolist()]
    # The product of a float32 and 10^10 is exact in float64, so rounding is that of printf.
    whole = np.rint(values.astype(np.float64) * 1e10).astype(np.int64)
    negative = whole < 0
    whole = np.abs(whole)
    text = np.empty((*values.shape, 14), dtype=np.uint8)
    text[..., 0] = ord(",")
    text[..., 1] = ord("-")
    text[..., 2] = ord("0") + whole // 10**10
    text[..., 3] = ord(".")
    text[..., 4:9] = _PIECES[whole // 10**5 % 10**5]
    text[..., 9:14] = _PIECES[whole % 10**5]
    kept = np.ones(text.shape, dtype=bool)
    kept[..., 1] = negative
    ends = np.cumsum(kept.sum(axis=(1, 2))).tolist()
    joined = text[kept].tobytes()
    return [joined[begin:end] for begin, end in zip([0, *ends], ends, strict=False)]
