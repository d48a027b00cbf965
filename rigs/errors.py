"""The one family of errors that a user can act on."""

__all__ = ["RigtalkError"]


class RigtalkError(Exception):
    """What is wrong, where, and what to do, in one line.

    The command line prints it as ``rigtalk: error: ...`` and exits with status 2; the panel shows
    it as a report. Anything else that escapes is a fault of ours and keeps its traceback.
    """
