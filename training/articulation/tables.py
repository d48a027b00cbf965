"""The tables of this folder as matrices."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from rigtalk.core.direction import EMOTIONS
from rigtalk.rigs import ControlSet, control_set
from rigtalk.rigs.errors import RigtalkError

__all__ = [
    "Dynamics",
    "PhoneTable",
    "Primitives",
    "Unit",
    "authored_phone_table",
    "emotion_table",
    "matrix_rows",
    "phone_table",
    "primitives",
    "read_table",
]

_SUFFIXES = ("Left", "Right", "L", "R", "UL", "UR", "DL", "DR")
_PREFIXES = {"arkit": "", "metahuman": "CTRL_expressions_"}


def read_table(name: str) -> dict[str, Any]:
    """One TOML file of this folder."""
    with (Path(__file__).parent / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


def _columns(base: str, controls: ControlSet) -> list[int]:
    """Columns that a name without a side stands for."""
    stem = _PREFIXES[controls.name] + base
    names = [stem] if stem in controls.names else [stem + s for s in _SUFFIXES]
    found = [controls.index(name) for name in names if name in controls.names]
    if not found:
        raise RigtalkError(f"no control of {controls.name!r} is called {base!r}: correct the table")
    return found


def matrix_rows(rows: list[dict[str, float]], controls: ControlSet) -> np.ndarray:
    """Weights by control name as a matrix, shape (rows, controls), float32."""
    matrix = np.zeros((len(rows), len(controls)), dtype=np.float32)
    for i, row in enumerate(rows):
        for base, weight in row.items():
            matrix[i, _columns(base, controls)] += weight
    return matrix


@dataclass(frozen=True)
class Unit:
    """A channel of speech or an action unit, and what it gives way to (see the tables)."""

    name: str
    region: str
    closes: float = 0.0
    rounds: float = 0.0
    open: float = 0.0
    speaks: float = 0.0
    effort: float = 0.0


@dataclass(frozen=True)
class Dynamics:
    """How channels of speech move; arrays of shape (channels,), seconds.

    Attributes
    ----------
    lead, lag : ndarray
        How long before and after its own time a sound is aimed at: standard deviations of the two
        halves of its dominance.
    settle : ndarray
        Time constant of the critically damped movement towards the aim.
    ahead : ndarray
        How early the movement is set off; twice `settle` makes up for its delay.
    """

    lead: np.ndarray
    lag: np.ndarray
    settle: np.ndarray
    ahead: np.ndarray

    def __mul__(self, pace: float) -> Dynamics:
        """The same organs, slower by a factor."""
        return Dynamics(self.lead * pace, self.lag * pace, self.settle * pace, self.ahead * pace)


@dataclass(frozen=True)
class Primitives:
    """Everything that moves, before it becomes controls.

    Attributes
    ----------
    units : tuple of Unit
        Phone channels, then event channels, then action units.
    spoken : int
        How many of them are phone channels.
    events : int
        How many are event channels.
    dynamics : Dynamics
        Of the phone channels.
    arkit, metahuman : ndarray, shape (2, units, controls), float32
        Weights of the left and the right half of the face; a central control takes half of each.
    lips : ndarray, shape (2, units), float32
        Millimetres between the lips' middles at full value, on two heads.
    rest, close : ndarray, shape (2,)
        Millimetres between lips at rest on either head, and what a closed mouth adds to that at a
        full drop of the jaw.
    least : float
        Millimetres that an open mouth shows at the least.
    loudness : float
        By what share a movement grows for each deviation of its vowel's loudness.
    overlap, tucked : float
        Millimetres by which the lower lip at rest covers the upper teeth, and (negative) by which
        a full tuck raises it.
    """

    units: tuple[Unit, ...]
    spoken: int
    events: int
    dynamics: Dynamics
    arkit: np.ndarray
    metahuman: np.ndarray
    lips: np.ndarray
    rest: np.ndarray
    close: np.ndarray
    least: float
    loudness: float
    overlap: float
    tucked: float

    @cached_property
    def aperture(self) -> np.ndarray:
        """Mean of `lips` over the heads, shape (units,), float32."""
        return self.lips.mean(axis=0)

    def at(self, name: str) -> int:
        """Column of a unit."""
        return self._columns[name]

    def gather(self, attribute: str) -> np.ndarray:
        """One attribute of all units, shape (units,), float32."""
        return np.array([getattr(unit, attribute) for unit in self.units], dtype=np.float32)

    @cached_property
    def _columns(self) -> dict[str, int]:
        return {unit.name: i for i, unit in enumerate(self.units)}

    @cached_property
    def regions(self) -> tuple[str, ...]:
        """Region of each unit."""
        return tuple(unit.region for unit in self.units)


def _dynamics(spoken: dict[str, dict[str, Any]]) -> Dynamics:
    learnt = read_table("calibration")
    rows = [{**row, **learnt.get(name, {})} for name, row in spoken.items()]
    return Dynamics(
        *(np.array([row[key] for row in rows]) for key in ("lead", "lag", "settle", "ahead"))
    )


def _halves(rows: list[dict[str, float]], controls: ControlSet) -> np.ndarray:
    matrix = matrix_rows(rows, controls)
    left = np.array([{"L": 1.0, "R": 0.0}.get(c.side, 0.5) for c in controls.controls], np.float32)
    return np.stack([matrix * left, matrix * (1.0 - left)])


@lru_cache(maxsize=1)
def primitives() -> Primitives:
    """Channels and action units of the tables."""
    channels = read_table("channels")
    spoken = {name: row for name, row in channels.items() if not row.get("event")}
    events = {name: row for name, row in channels.items() if row.get("event")}
    action = read_table("emotions")["units"]
    units = [
        *(Unit(n, r["region"], closes=r["opens"], effort=r["effort"]) for n, r in spoken.items()),
        *(Unit(n, r["region"]) for n, r in events.items()),
        *(
            Unit(n, r["region"], *(r.get(k, 0.0) for k in ("closes", "rounds", "open", "speaks")))
            for n, r in action.items()
        ),
    ]
    rows = [*spoken.values(), *events.values(), *action.values()]
    arkit, metahuman = (
        _halves([row[name] for row in rows], control_set(name)) for name in ("arkit", "metahuman")
    )
    aperture = read_table("aperture")
    millimetres = np.stack(
        [
            _two_sided(matrix_rows([row], control_set("arkit"))[0])
            for row in _by_head(aperture["millimetres"])
        ]
    )
    return Primitives(
        units=tuple(units),
        spoken=len(spoken),
        events=len(events),
        dynamics=_dynamics(spoken),
        arkit=arkit,
        metahuman=metahuman,
        lips=millimetres @ arkit.sum(axis=0).T,
        rest=np.array(aperture["rest"]),
        close=np.array(aperture["close"]),
        least=aperture["least"],
        loudness=read_table("calibration")["loudness"],
        overlap=aperture["overlap"],
        tucked=sum(
            float(np.mean(aperture["millimetres"].get(name, 0.0))) * weight
            for name, weight in spoken["tuck"]["arkit"].items()
            if "Lower" in name
        ),
    )


def _by_head(millimetres: dict[str, list[float]]) -> list[dict[str, float]]:
    return [{name: pair[head] for name, pair in millimetres.items()} for head in (0, 1)]


def _two_sided(millimetres: np.ndarray) -> np.ndarray:
    """A control with two sides moves the middle of the lips by half on each."""
    sides = np.array([c.side != "C" for c in control_set("arkit").controls])
    return np.where(sides, 0.5 * millimetres, millimetres).astype(np.float32)


@dataclass(frozen=True)
class PhoneTable:
    """Targets of all phones.

    Attributes
    ----------
    parts : mapping of str to tuple of (row, share of the time)
    targets, dominances : ndarray, shape (rows, channels)
    vowel : ndarray of bool, shape (rows,)
    """

    parts: dict[str, tuple[tuple[int, float], ...]]
    targets: np.ndarray
    dominances: np.ndarray
    vowel: np.ndarray


@lru_cache(maxsize=1)
def phone_table() -> PhoneTable:
    """The authored targets with those of calibration.toml in their place."""
    table = authored_phone_table()
    targets = table.targets.copy()
    for column, unit in enumerate(primitives().units[: targets.shape[1]]):
        for symbol, value in (
            read_table("calibration").get(unit.name, {}).get("targets", {}).items()
        ):
            targets[table.parts[symbol][0][0], column] = value
    return replace(table, targets=targets)


@lru_cache(maxsize=1)
def authored_phone_table() -> PhoneTable:
    """Targets and dominances of phones.toml over the channels of channels.toml."""
    table = read_table("phones")
    channels = {n: r for n, r in read_table("channels").items() if not r.get("event")}
    order = list(channels)
    rows: dict[str, int] = {}
    targets, dominances, vowel = [], [], []
    for kind in ("silence", "vowel", "consonant"):
        for symbol, wants in table[kind].items():
            rows[symbol] = len(rows)
            target = np.zeros(len(order))
            dominance = np.array([channels[name][kind] for name in order])
            for name, (value, firmness) in wants.items():
                target[order.index(name)] = value
                dominance[order.index(name)] = firmness
            targets.append(target)
            dominances.append(dominance)
            vowel.append(kind == "vowel")
    parts: dict[str, tuple[tuple[int, float], ...]] = {
        symbol: ((row, 1.0),) for symbol, row in rows.items()
    }
    for symbol, row in table["diphthong"].items():
        parts[symbol] = tuple((rows[part], share) for part, share in row["parts"])
    return PhoneTable(parts, np.array(targets), np.array(dominances), np.array(vowel))


@lru_cache(maxsize=1)
def emotion_table() -> tuple[dict[str, Any], ...]:
    """Rows of emotions.toml in the order of `EMOTIONS`."""
    emotions = read_table("emotions")["emotions"]
    return tuple(emotions[name] for name in EMOTIONS)
