"""Fit the articulation model to captured mouths; what it learns is calibration.toml.

    python -m rigtalk.training.articulation.calibrate CHECKPOINT CAPTURES calibration.toml

The takes have no text, so a trained actor says which phones it hears in them. Each channel that the
takes show is then fitted by itself. Given its dynamics the movement is linear in the targets of
the phones, which are found by least squares with the authored targets as so many frames of evidence
of their own; the dynamics are searched for around that (variable projection), for a small error and
for as much quick movement as the mouth had. Guessed phones blur what each of them does, so targets
are drawn away from their mean until the movement is as large as the captured one; and one person in
a language whose phones the actor does not know is no rule for all, so they go half-way to what was
learnt. Rest is closed by decision.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize, nnls

from rigtalk.core.files.replacing import replacing
from rigtalk.core.speech.phones import SILENCE
from rigtalk.rigs import control_set
from rigtalk.rigs.errors import RigtalkError

from ..corpus.captures import HELD_OUT, TAKES, Take, read_takes
from ..corpus.utterance import SAMPLE_RATE
from .facegood import facegood_seal, facegood_to_arkit
from .gestures import FRAME, blended, closures, followed, reduction, score
from .line import TimedPhone, checked, prominence
from .tables import Dynamics, PhoneTable, authored_phone_table, primitives, read_table

__all__ = ["Channel", "Heard", "agreement", "authored", "fit_channel", "hear", "main", "text"]

SHOWN = {
    "jaw": ("jawOpen",),
    "lower": ("mouthLowerDownLeft", "mouthLowerDownRight"),
    "upper": ("mouthUpperUpLeft", "mouthUpperUpRight"),
    "funnel": ("mouthFunnel",),
    "pucker": ("mouthPucker",),
}
"""Channels that the takes show, and the controls that show them."""
PRIOR_FRAMES = 150.0
"""How many frames of a phone its authored target is worth: 3 s."""
_BANDS = ((2.0, 4.0), (4.0, 8.0), (8.0, 12.0))
"""Hz; within what 30 frames a second can tell."""
_LIVELY = 0.03
"""Worth of a band's log ratio, squared, against the share of variance left unexplained."""
_TRUST = 0.5
"""Share of what was learnt in the targets; the rest is authored."""
_APART = 1.25
"""Most by which targets are drawn apart to make up for guessed phones."""
_SEEN = 0.1
"""Evidence for a phone, against that of its authored target, below which nothing is learnt."""
_EARLY_OR_LATE = 0.03
"""Seconds by which a movement may be set off too early or too late to arrive in time."""
_LOUDNESSES = (0.08, 0.12, 0.16, 0.20, 0.25, 0.30)
_KEYS = ("lead", "lag", "settle", "ahead")
_LIMITS = np.array([[0.012, 0.012, 0.008, 0.0], [0.12, 0.05, 0.05, 0.12]])
"""Seconds between which `lead`, `lag`, `settle` and `ahead` may lie."""


@dataclass(frozen=True)
class Heard:
    """A take as phones and as channels, 50 frames a second.

    Attributes
    ----------
    symbols : list of str
    spans : ndarray, shape (phones, 2)
    sizes, standing : ndarray, shape (phones,)
        By stress and duration; by loudness, in deviations.
    moved : dict of str to ndarray, shape (frames,)
        Each channel of `SHOWN`.
    seal : ndarray, shape (frames,)
    """

    symbols: list[str]
    spans: np.ndarray
    sizes: np.ndarray
    standing: np.ndarray
    moved: dict[str, np.ndarray]
    seal: np.ndarray


@dataclass(frozen=True)
class Channel:
    """What was learnt of a channel.

    Attributes
    ----------
    dynamics : Dynamics
    targets : ndarray, shape (rows,)
        Of the phone table.
    seen : ndarray of bool, shape (rows,)
        Whether the takes say anything about that phone.
    explained : float
        Share of the captured variance that free targets explain.
    """

    dynamics: Dynamics
    targets: np.ndarray
    seen: np.ndarray
    explained: float


def hear(take: Take, phones: Sequence[TimedPhone], loudness: np.ndarray) -> Heard:
    """A take with the phones that were heard in it.

    Parameters
    ----------
    take : Take
    phones : sequence of TimedPhone
    loudness : ndarray, shape (frames,)
        50 Hz.
    """
    symbols, spans, stresses = checked(phones, len(take.samples) / SAMPLE_RATE)
    frames = min(len(loudness), int((len(take.values) - 1) / take.fps / FRAME) + 1)
    times, known = np.arange(frames) * FRAME, np.arange(len(take.values)) / take.fps
    arkit = facegood_to_arkit(take.values, take.names)
    controls = control_set("arkit")
    moved = {
        name: np.interp(times, known, arkit[:, controls.indices(*shown)].mean(axis=1))
        for name, shown in SHOWN.items()
    }
    pressed = np.interp(times, known, facegood_seal(take.values, take.names))
    return Heard(
        symbols,
        spans,
        reduction(symbols, spans, stresses),
        prominence(symbols, spans, loudness),
        moved,
        np.maximum(pressed, closures(symbols, spans, frames).seal),
    )


def _design(
    take: Heard, column: int, *, dynamics: Dynamics, table: PhoneTable, loudness: float
) -> np.ndarray:
    """Movement of a channel for a target of 1 in each row of the table, shape (frames, rows)."""
    parts = primitives()
    rows = len(table.targets)
    alone = PhoneTable(
        table.parts,
        np.eye(rows),
        np.repeat(table.dominances[:, [column]], rows, axis=1),
        table.vowel,
    )
    frames = len(take.seal)
    line = score(
        take.symbols,
        take.spans,
        gains=take.sizes * (1.0 + loudness * take.standing),
        table=alone,
        effort=np.full(rows, parts.units[column].effort),
        jitter=np.ones((len(take.symbols), rows)),
        duration=frames * FRAME,
    )
    aimed, before = blended(line, frames, dynamics=dynamics)
    free = 1.0 - parts.units[column].closes * take.seal
    return followed(aimed, dynamics)[before : before + frames] * free[:, None]


def authored(name: str) -> Channel:
    """A channel as channels.toml and phones.toml have it."""
    row, table = read_table("channels")[name], authored_phone_table()
    dynamics = Dynamics(*(np.array([row[key]]) for key in _KEYS))
    targets = table.targets[:, primitives().at(name)]
    return Channel(dynamics, targets, np.zeros(len(targets), dtype=bool), 0.0)


def fit_channel(
    takes: Sequence[Heard], name: str, *, loudness: float, evaluations: int = 110
) -> Channel:
    """Dynamics and targets of one channel.

    Parameters
    ----------
    takes : sequence of Heard
    name : str
        One of `SHOWN`.
    loudness : float
        Growth of a movement for each deviation of its vowel's loudness.
    evaluations : int
        Of the search for the dynamics.
    """
    table = authored_phone_table()
    column = primitives().at(name)
    given = authored(name)
    aim = np.concatenate([take.moved[name] for take in takes])
    bands = _shares([take.moved[name] for take in takes])
    start = np.array([float(getattr(given.dynamics, key)[0]) for key in _KEYS])

    def tried(numbers: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """Cost, targets, and the design they move."""
        dynamics = Dynamics(*np.clip(numbers, *_LIMITS)[:, None])
        designs = [
            _design(take, column, dynamics=dynamics, table=table, loudness=loudness)
            for take in takes
        ]
        whole = np.concatenate(designs)
        targets = _solved(whole, aim, given.targets)
        liveliness = np.log(_shares([design @ targets for design in designs]) / bands)
        outside = np.abs(numbers - np.clip(numbers, *_LIMITS)).sum()
        outside += max(0.0, abs(numbers[3] - 2.0 * numbers[2]) - _EARLY_OR_LATE)
        cost = _unexplained(whole @ targets, aim) + _LIVELY * float(liveliness @ liveliness)
        return cost + 10.0 * outside, targets, whole

    found = minimize(
        lambda numbers: tried(numbers)[0],
        start,
        method="Nelder-Mead",
        options={
            "maxfev": evaluations,
            "initial_simplex": start + np.vstack([np.zeros(4), 0.35 * np.diag(start)]),
        },
    )
    numbers = np.clip(found.x, *_LIMITS)
    _, targets, design = tried(numbers)
    told = design @ targets
    spoken = design.sum(axis=0)
    spoken[table.parts[SILENCE][0][0]] = 0.0
    usual = float(spoken @ targets / spoken.sum())
    apart = usual + float(np.clip(aim.std() / told.std(), 1.0, _APART)) * (targets - usual)
    seen = (spoken > 0.0) & ((design**2).sum(axis=0) > _SEEN * PRIOR_FRAMES)
    trusted = _TRUST * np.maximum(apart, 0.0) + (1.0 - _TRUST) * given.targets
    learnt = np.where(seen, trusted, given.targets)
    return Channel(Dynamics(*numbers[:, None]), learnt, seen, 1.0 - _unexplained(told, aim))


def _solved(design: np.ndarray, aim: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Targets, none below 0, of the least squared error with the authored ones as evidence."""
    normal = design.T @ design + PRIOR_FRAMES * np.eye(len(given))
    half = np.linalg.cholesky(normal)
    right = np.linalg.solve(half, design.T @ aim + PRIOR_FRAMES * given)
    return nnls(half.T, right)[0]


def _unexplained(told: np.ndarray, aim: np.ndarray) -> float:
    return float(np.mean((told - aim) ** 2) / aim.var())


def _shares(curves: Sequence[np.ndarray]) -> np.ndarray:
    """Energy of curves in each of `_BANDS` against all of it, shape (bands,)."""
    power = np.zeros(len(_BANDS) + 1)
    for curve in curves:
        energy = np.abs(np.fft.rfft(curve - curve.mean())) ** 2
        frequency = np.fft.rfftfreq(len(curve), FRAME)
        inside = [energy[(frequency >= low) & (frequency < high)].sum() for low, high in _BANDS]
        power += [*inside, energy.sum()]
    return power[:-1] / power[-1]


def text(channels: dict[str, Channel], *, loudness: float) -> str:
    """The learnt numbers as calibration.toml."""
    table = authored_phone_table()
    rows = {parts[0][0]: name for name, parts in table.parts.items() if len(parts) == 1}
    lines = [
        "# Written by calibrate.py from captured mouths, in place of the authored numbers:",
        "# dynamics (seconds) of channels.toml, targets of phones.toml, and the growth of a",
        "# movement for each deviation of its vowel's loudness.",
        f"loudness = {loudness:.3f}",
    ]
    for name, channel in channels.items():
        lines += ["", f"[{name}]"]
        lines += [f"{key} = {float(getattr(channel.dynamics, key)[0]):.4f}" for key in _KEYS]
        learnt = (
            f"{rows[row]} = {channel.targets[row]:.3f}" for row in np.flatnonzero(channel.seen)
        )
        lines += [f"[{name}.targets]", *learnt]
    return "\n".join(lines) + "\n"


def best_loudness(takes: Sequence[Heard]) -> float:
    """The growth with loudness at which the jaw is told best."""
    tried = {
        value: fit_channel(takes, "jaw", loudness=value, evaluations=1).explained
        for value in _LOUDNESSES
    }
    return max(tried, key=tried.__getitem__)


def agreement(take: Heard, name: str, *, learnt: Channel, loudness: float) -> tuple[float, float]:
    """Correlation with the captured channel, and the movement's size against the captured one."""
    column = primitives().at(name)
    told = (
        _design(
            take,
            column,
            dynamics=learnt.dynamics,
            table=authored_phone_table(),
            loudness=loudness,
        )
        @ learnt.targets
    )
    aim = take.moved[name]
    return float(np.corrcoef(told, aim)[0, 1]), float(told.std() / aim.std())


def main(words: Sequence[str]) -> int:
    """Write calibration.toml from a checkpoint and a folder of takes, and say what it is worth.

    Parameters
    ----------
    words : sequence of str
        Checkpoint of a trained actor, folder of the takes, file to write.
    """
    from ..loop import load_actor  # torch: nothing else of the articulation model needs it
    from .hearing import heard_phones

    if len(words) != 3:
        raise RigtalkError("calibrate: name a checkpoint, a folder of takes and a file to write")
    actor, captures = load_actor(Path(words[0])), Path(words[1])
    heard = {
        take.name: hear(take, *heard_phones(actor, take.samples))
        for take in read_takes(captures, names=TAKES)
    }
    known = [take for name, take in heard.items() if name not in HELD_OUT]
    loudness = best_loudness(known)
    channels = {}
    for name in SHOWN:
        channels[name] = fit_channel(known, name, loudness=loudness)
        for take in sorted(HELD_OUT):
            before = agreement(heard[take], name, learnt=authored(name), loudness=loudness)
            after = agreement(heard[take], name, learnt=channels[name], loudness=loudness)
            sys.stderr.write(
                f"{name:<7} explains {channels[name].explained:.3f}; take {take}: "
                f"r {before[0]:.3f} -> {after[0]:.3f}, size {before[1]:.2f} -> {after[1]:.2f}\n"
            )
    with replacing(Path(words[2])) as file:
        file.write(text(channels, loudness=loudness).encode())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
