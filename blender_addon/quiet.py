"""Keeps Blender's own chatter out of what the user reads."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from rigtalk.core.errors import RigtalkError

__all__ = ["quiet"]


@contextmanager
def quiet() -> Iterator[None]:
    """Nothing is printed, even by Blender's C code and the graphics driver.

    What was held back is shown after all if a fault of ours ends the block: it may say why.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [os.dup(1), os.dup(2)]
    with tempfile.TemporaryFile() as chatter:
        try:
            os.dup2(chatter.fileno(), 1)
            os.dup2(chatter.fileno(), 2)
            yield
        except RigtalkError:
            raise
        except BaseException:
            chatter.seek(0)
            os.write(kept[1], chatter.read())
            raise
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for stream, copy in enumerate(kept, start=1):
                os.dup2(copy, stream)
                os.close(copy)
