"""The phones, under the name that this room uses."""

from rigtalk.core.speech.phones import (
    LABIODENTAL,
    PHONES,
    ROUNDED,
    SEALED,
    SILENCE,
    SYMBOL_IDS,
    SYMBOLS,
    VISEMES,
    VOWELS,
    PhoneFacts,
    from_arpabet,
    from_ipa,
)

__all__ = [
    "LABIODENTAL",
    "PHONES",
    "ROUNDED",
    "SEALED",
    "SILENCE",
    "SYMBOLS",
    "SYMBOL_IDS",
    "VISEMES",
    "VOWELS",
    "PhoneFacts",
    "from_arpabet",
    "from_ipa",
]
