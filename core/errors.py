"""The family of errors, under the name that this room uses."""

from rigtalk.rigs.errors import RigtalkError

__all__ = ["RigtalkError"]
