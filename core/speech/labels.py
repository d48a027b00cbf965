"""Phone labels that people or aligners made: TIMIT .phn, HTK, HTS and Festival .lab, TextGrids.

All times become seconds, all symbols those of `phones`. A stop that is labelled in two parts, its
closure and its release (TIMIT's ``pcl p``), becomes one phone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import RigtalkError
from .alphabets import choose_alphabet, share_unknown
from .timing import Phone

__all__ = ["LABEL_SUFFIXES", "TIMIT_RATE", "Labels", "read_labels"]

TIMIT_RATE = 16000.0
MOST_UNKNOWN = 0.1
"""Share of labels that may stand for nothing known before the file is refused."""
_HTK_UNIT = 1e-7
_HTS = re.compile(r"^[^\s/]*?\^?[^\s/^-]*-([^\s/+]+)\+")
_TOKEN = re.compile(r'"((?:[^"]|"")*)"|(?<![\w.])(-?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?)(?![\w.])')
_INDEX = re.compile(r"\[\s*\d*\s*\]")
_PHONE_TIER = re.compile(r"phon|segment|\bMAU\b", re.IGNORECASE)

Entry = tuple[float, float, str]
"""Start and end in seconds, and the symbol as it is written."""


@dataclass(frozen=True)
class Labels:
    """What a label file says.

    Attributes
    ----------
    phones : tuple of Phone
        In order; not made to cover the recording.
    alphabet : str
        Key of `alphabets.ALPHABETS`.
    unknown : tuple of str
        Symbols that stand for nothing known; their phones are `timing.UNKNOWN`.
    """

    phones: tuple[Phone, ...]
    alphabet: str
    unknown: tuple[str, ...] = ()


def read_labels(path: str | Path, *, sample_rate: float = TIMIT_RATE) -> Labels:
    """Read a label file, by its suffix.

    Parameters
    ----------
    path : str or Path
        ``.phn``: start, end and phone on a line, in samples if they are whole numbers, else in
        seconds. ``.lab``: the same in HTK's units of 100 ns or in seconds, also with HTS contexts,
        or an xlabel file of Festival (a ``#`` line, then end, colour and phone). ``.TextGrid``:
        long or short text format with a tier of phones.
    sample_rate : float
        Hz; of the samples that .phn counts.

    Raises
    ------
    RigtalkError
        If it is missing, not readable, in no known format, has no phones, or more than a tenth of
        its symbols are of no known alphabet (ARPAbet, IPA, X-SAMPA).
    """
    path = Path(path)
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise RigtalkError(
            f"{path}: unknown format {path.suffix!r} for labels; use {', '.join(LABEL_SUFFIXES)}"
        )
    entries = _tidy(reader(_text(path), path, sample_rate), path)
    symbols = [symbol for _, _, symbol in entries]
    alphabet, readings, unknown = choose_alphabet(symbols)
    if share_unknown(symbols, unknown) > MOST_UNKNOWN:
        shown = ", ".join(repr(symbol) for symbol in unknown[:4])
        more = " …" if len(unknown) > 4 else ""
        raise RigtalkError(
            f"{path}: {shown}{more} are no phones that are known; write them in ARPAbet, IPA or "
            "X-SAMPA"
        )
    phones: list[Phone] = []
    closure = ""
    for start, end, symbol in entries:
        parts = readings[symbol]
        step = (end - start) / len(parts)
        for i, (name, stress) in enumerate(parts):
            phone = Phone(start + i * step, start + (i + 1) * step, name, stress)
            if closure == name and phones and phone.start - phones[-1].end < 1e-3:
                phone = Phone(phones.pop().start, phone.end, name, stress)
            phones.append(phone)
        closure = parts[-1][0] if symbol.strip().lower().endswith("cl") else ""
    if all(phone.symbol in ("sil", "?") for phone in phones):
        raise RigtalkError(f"{path}: there are no phones in it, only silence")
    return Labels(tuple(phones), alphabet, unknown)


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise RigtalkError(f"{path}: no such file") from None
    except OSError as error:
        raise RigtalkError(f"{path}: cannot be read ({error.strerror})") from None
    # Praat writes UTF-16 as soon as there is a letter outside ASCII.
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "latin-1")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" in text:
            break
        return text.replace("\r\n", "\n").replace("\r", "\n")
    raise RigtalkError(f"{path}: not a text file, so no labels")


def _tidy(entries: list[Entry], path: Path) -> list[Entry]:
    """Entries in order, with a length."""
    for start, end, symbol in entries:
        if not -1.0 < start <= end < 1e6:  # NaN compares false
            raise RigtalkError(
                f"{path}: {symbol or 'a silence'!r} from {start:g} to {end:g} s: times must rise"
            )
    kept = sorted(entry for entry in entries if entry[1] > entry[0])
    if not kept:
        raise RigtalkError(f"{path}: there are no labels in it")
    return kept


def _rows(text: str, path: Path, first: int) -> list[list[str]]:
    """Lines that are not blank, split at blanks into start, end and the rest."""
    rows = []
    for number, line in enumerate(text.splitlines(), first):
        cells = line.split(maxsplit=2)
        if not cells:
            continue
        try:
            float(cells[0]), float(cells[1])
        except (ValueError, IndexError):
            raise RigtalkError(
                f"{path}: line {number}: {line.strip()[:40]!r} is not a start, an end and a phone"
            ) from None
        rows.append([cells[0], cells[1], cells[2] if len(cells) > 2 else ""])
    return rows


def _timed(rows: list[list[str]], unit: float) -> list[Entry]:
    """Entries of rows; whole numbers count units, others seconds."""
    whole = all(cell.lstrip("-").isdigit() for row in rows for cell in row[:2])
    scale = unit if whole else 1.0
    return [(float(a) * scale, float(b) * scale, symbol) for a, b, symbol in rows]


def _phn(text: str, path: Path, rate: float) -> list[Entry]:
    return _timed(_rows(text, path, 1), 1.0 / rate)


def _lab(text: str, path: Path, rate: float) -> list[Entry]:
    head, mark, body = (
        text.partition("\n#\n") if not text.startswith("#\n") else ("", "#", text[2:])
    )
    if mark:
        return _xlabel(body, path, head.count("\n") + 3)
    entries = []
    for start, end, context in _timed(_rows(text, path, 1), _HTK_UNIT):
        found = _HTS.match(context)
        name = found.group(1) if found else (context.split() or [""])[0]
        entries.append((start, end, name))
    return entries


def _xlabel(body: str, path: Path, first: int) -> list[Entry]:
    entries, before = [], 0.0
    for end, _, symbol in _rows(body, path, first):
        entries.append((before, float(end), symbol.split(";")[0].strip()))
        before = float(end)
    return entries


def _textgrid(text: str, path: Path, rate: float) -> list[Entry]:
    tiers = _tiers(text, path)
    if not tiers:
        raise RigtalkError(f"{path}: a TextGrid without an interval tier")
    for name, entries in tiers:
        if _PHONE_TIER.search(name):
            return entries
    name, entries = max(tiers, key=lambda tier: _phones_in(tier[1]))
    if _phones_in(entries) < 1.0 - MOST_UNKNOWN:
        names = ", ".join(repr(name) for name, _ in tiers)
        raise RigtalkError(f"{path}: no tier of phones (there are {names}); call it 'phones'")
    return entries


def _phones_in(entries: list[Entry]) -> float:
    symbols = [symbol for _, _, symbol in entries if symbol.strip()]
    return (1.0 - share_unknown(symbols, choose_alphabet(symbols)[2])) if symbols else 0.0


def _tiers(text: str, path: Path) -> list[tuple[str, list[Entry]]]:
    """Names and entries of the interval tiers; the long format is the short one with words."""
    tokens = [
        (found.group(1).replace('""', '"'), True)
        if found.group(1) is not None
        else (found.group(2), False)
        for found in _TOKEN.finditer(_INDEX.sub(" ", text))
    ]
    if ("TextGrid", True) not in tokens[:3]:
        raise RigtalkError(f"{path}: not a TextGrid in one of Praat's text formats")
    tiers: list[tuple[str, list[Entry]]] = []
    at = 0
    try:
        while at < len(tokens):
            kind, quoted = tokens[at]
            at += 1
            if not quoted or kind not in ("IntervalTier", "TextTier"):
                continue
            name, count = tokens[at][0], int(float(tokens[at + 3][0]))
            at += 4
            width = 3 if kind == "IntervalTier" else 2
            if at + count * width > len(tokens):
                raise IndexError
            if kind == "IntervalTier":
                cells = [tokens[at + i * 3 : at + i * 3 + 3] for i in range(count)]
                tiers.append((name, [(float(a[0]), float(b[0]), c[0]) for a, b, c in cells]))
            at += count * width
    except (ValueError, IndexError):
        raise RigtalkError(f"{path}: a TextGrid that is damaged or cut short") from None
    return tiers


_READERS: dict[str, Callable[[str, Path, float], list[Entry]]] = {
    ".phn": _phn,
    ".lab": _lab,
    ".textgrid": _textgrid,
}
LABEL_SUFFIXES = (".phn", ".lab", ".TextGrid")
"""Suffixes of label files; case does not matter."""
