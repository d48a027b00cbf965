"""Jobs files, TOML and CSV, as rows of what each line says."""

from __future__ import annotations

import csv
import glob
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..errors import RigtalkError
from .fields import check_names
from .product import TABLES, check_tables, combine

__all__ = ["Row", "read_jobs"]

DELIMITERS = ",;\t"
LARGEST = 64 << 20
"""Bytes; a jobs file of a million lines is smaller."""


@dataclass(frozen=True)
class Row:
    """One line of a jobs file.

    Attributes
    ----------
    label : str
        Where it stands: what messages call it.
    values : mapping
        What it says.
    problem : str
        Why it cannot be used, or empty.
    """

    label: str
    values: Mapping[str, Any]
    problem: str = ""


def read_jobs(path: Path) -> list[Row]:
    """Every line of a jobs file; one that is wrong is a row with a problem.

    Raises
    ------
    RigtalkError
        If the file as a whole cannot be used.
    """
    readers = {".toml": _toml_rows, ".csv": _csv_rows}
    if path.suffix.lower() not in readers:
        raise RigtalkError(f"{path}: a jobs file is a .toml or a .csv")
    try:
        if path.stat().st_size > LARGEST:
            raise RigtalkError(f"{path}: is larger than {LARGEST >> 20} MiB; split it")
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        raise RigtalkError(f"{path}: no such file") from None
    except OSError as error:
        raise RigtalkError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise RigtalkError(f"{path}: not UTF-8 text; save it as UTF-8") from None
    rows = readers[path.suffix.lower()](path, text)
    rows = [each for row in rows for each in _globbed(row, path.parent)]
    if not rows:
        raise RigtalkError(f"{path}: has no line; see rigtalk batch --help")
    return rows


def _toml_rows(path: Path, text: str) -> list[Row]:
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RigtalkError(f"{path}: not TOML: {error}") from None
    try:
        check_names(tables, ("defaults", "line", *TABLES))
        defaults = tables.get("defaults", {})
        if not isinstance(defaults, dict):
            raise RigtalkError("defaults: write it as a table, [defaults]")
        check_names(defaults)
        lines = tables.get("line", [])
        if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines):
            raise RigtalkError("line: write each line as a table, [[line]]")
        axes = check_tables(tables)
    except RigtalkError as error:
        raise RigtalkError(f"{path}: {error}") from None
    rows = []
    for number, line in enumerate(lines, start=1):
        label = _label(f"{path.name} line {number}", line)
        try:
            combined = combine(line, axes)
        except RigtalkError as error:
            rows.append(Row(label, line, str(error)))
            continue
        rows += [Row(label + which, {**defaults, **values}) for which, values in combined]
    return rows


def _csv_rows(path: Path, text: str) -> list[Row]:
    first = text.split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    rows: list[Row] = []
    header: list[str] = []
    number = after = 1
    try:
        for cells in reader:
            number, after = after, reader.line_num + 1
            label = f"{path.name} row {number}"
            if not any(cell.strip() for cell in cells):
                continue
            if header:
                rows.append(_csv_row(label, header, cells))
            else:
                header = [cell.strip().lower() for cell in cells]
                _check_header(header)
    except csv.Error as error:
        raise RigtalkError(f"{path} row {after}: {error}") from None
    except RigtalkError as error:
        raise RigtalkError(f"{path} row {number}: {error}") from None
    return rows


def _check_header(header: list[str]) -> None:
    check_names(header)
    for name in header:
        if header.count(name) > 1:
            raise RigtalkError(f"two columns are called {name!r}")


def _csv_row(label: str, header: list[str], cells: list[str]) -> Row:
    values = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if cell.strip()}
    extra = [cell for cell in cells[len(header) :] if cell.strip()]
    problem = (
        f"has {len(cells)} cells for {len(header)} columns; put quotes around a cell with a comma"
        if extra
        else ""
    )
    return Row(_label(label, values), values, problem)


def _label(where: str, values: Mapping[str, Any]) -> str:
    name = values.get("name") or values.get("audio")
    return f"{where} ({name})" if isinstance(name, str) else where


def _globbed(row: Row, base: Path) -> list[Row]:
    """A row for each recording that a list or a pattern such as ``lines/*.wav`` names."""
    audio = row.values.get("audio")
    patterns = audio if isinstance(audio, list) else [audio]
    found: list[str] = []
    for pattern in patterns:
        if not isinstance(pattern, str) or row.problem:
            return [row]
        if not any(sign in pattern for sign in "*?[") or (base / pattern).exists():
            found.append(pattern)
            continue
        # pathlib takes no pattern that is absolute or leads up
        matches = sorted(glob.glob(pattern, root_dir=base, recursive=True))  # noqa: PTH207
        if not matches:
            return [replace(row, problem=f"no recording fits {pattern!r} in {base}")]
        found += matches
    if found == [audio]:
        return [row]
    return [
        Row(f"{row.label} {Path(path).name}".strip(), {**row.values, "audio": path})
        for path in found
    ]
