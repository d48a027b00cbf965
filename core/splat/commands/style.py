"""``rigtalk head style``: a head in the colours of a picture."""

from __future__ import annotations

import argparse

from ...errors import RigtalkError
from ...pictures import read_picture
from ..files.head_file import write_head
from ..style import recoloured
from .places import HEAD_SUFFIX, check_file, open_head
from .talking import tell

__all__ = ["run_style"]


def run_style(arguments: argparse.Namespace) -> int:
    """Recolour a head; returns the exit status."""
    if not 0 <= arguments.amount <= 1:
        raise RigtalkError(f"--amount is {arguments.amount:g}: it must be from 0 to 1")
    check_file(arguments.output, [arguments.head, arguments.picture], HEAD_SUFFIX)
    head = open_head(arguments.head)
    picture = read_picture(arguments.picture)
    try:
        styled = recoloured(head, picture, strength=arguments.amount)
    except RigtalkError as error:
        raise RigtalkError(f"{arguments.picture}: {error}") from None
    write_head(arguments.output, styled)
    tell(arguments.output)
    return 0
