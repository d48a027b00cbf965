"""Finds out by name what a character is: which shape keys, bones or properties are controls.

A prefix must be common on the character to count: "open_mouth_left" among "jawOpen" and
"eyeBlinkLeft" is not the control mouthLeft.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from .controls import ControlSet
from .conventions import HALVES, Convention, conventions, readings
from .errors import RigtalkError
from .response import Response, Term

__all__ = ["Match", "all_matches", "closest_match", "describe_match", "match_as", "match_controls"]

_COMMON_PREFIX = 0.1
"""Least share of the names found that a prefix must stand before."""

_LEAST_NAMES = 2
"""A single name that is known says nothing: "hand.L" is not the sound L."""

_NAMES_SHOWN = 6


@dataclass(frozen=True)
class Match:
    """What was found on a character.

    Attributes
    ----------
    convention : str
        Name of the convention, such as ``"arkit"``.
    title : str
        The same for people.
    controls : ControlSet
    names : mapping of str to str
        Control to the name that it has on the character, in the order of the control set.
    also : mapping of str to tuple of str
        Further names that take the same value: the other half of a control of the middle.
    axes : mapping of str to int
        Axis (0 = x, 1 = y) of the bone's location, for controls that are bones if the names are.
    missing : tuple of str
        Controls that were looked for and not found.
    ambiguous : mapping of str to tuple of str
        Controls for which several names fit equally well; none of them is used.
    needed : int
        How many controls make a match.
    lacks : tuple of str
        Controls without which it is no match, and that were not found.
    responses : mapping of str to Response
        For controls whose channel takes more than the control: it stands in for missing ones.
    besides : tuple of str
        Titles of other conventions that the character has as well; they are left at rest.
    """

    convention: str
    title: str
    controls: ControlSet
    names: Mapping[str, str]
    also: Mapping[str, tuple[str, ...]]
    axes: Mapping[str, int]
    missing: tuple[str, ...]
    ambiguous: Mapping[str, tuple[str, ...]]
    needed: int
    lacks: tuple[str, ...] = ()
    responses: Mapping[str, Response] = field(default_factory=dict)
    besides: tuple[str, ...] = ()

    @property
    def wanted(self) -> int:
        """How many controls were looked for."""
        return len(self.names) + len(self.missing) + len(self.ambiguous)

    @property
    def share(self) -> float:
        """Share of the controls that was found, 0-1."""
        return len(self.names) / self.wanted

    @property
    def complete_enough(self) -> bool:
        """Whether the character counts as one of this convention."""
        return len(self.names) >= self.needed and not self.lacks

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Every (control, name on the character) that takes values, halves included."""
        return tuple(
            (control, each)
            for control, name in self.names.items()
            for each in (name, *self.also.get(control, ()))
        )

    def describe(self) -> str:
        """One line for people: what was found, what is missing, what is in doubt."""
        parts = [f"{self.title}: {len(self.names)} of {self.wanted} controls found"]
        if self.missing:
            parts.append(f"missing {_listed(self.missing)}")
        if self.ambiguous:
            control, names = next(iter(self.ambiguous.items()))
            others = len(self.ambiguous) - 1
            parts.append(
                f"in doubt {control} ({' or '.join(names)})"
                + (f" and {others} more" if others else "")
            )
        if self.besides:
            parts.append(f"there too, and left at rest: {', '.join(self.besides)}")
        return "; ".join(parts)


def match_controls(names: Iterable[str]) -> Match | None:
    """What a character is, from the names of its shape keys, bones or properties.

    Parameters
    ----------
    names : iterable of str
        All of one kind, from one object.

    Returns
    -------
    Match or None
        The convention of which most is there; None if none reaches its least share.
        `describe_match` says why.
    """
    return next(iter(all_matches(names)), None)


def all_matches(names: Iterable[str]) -> tuple[Match, ...]:
    """Everything that a character is at once, the convention of which most is there first.

    A mesh may have the 52 of ARKit and 15 visemes: animating both would move the mouth twice, so
    one is chosen, and each says in `Match.besides` what else there is.
    """
    found = [match for match in _matches(names) if match.complete_enough]
    found.sort(key=lambda match: (-len(match.names), -match.share))
    return tuple(replace(match, besides=_besides(match, found)) for match in found)


def _besides(match: Match, found: list[Match]) -> tuple[str, ...]:
    """What else there is: other names, not the same ones read in another way."""
    taken = {name for _, name in match.pairs()}
    titles = []
    for other in found:
        own = {name for _, name in other.pairs()}
        if len(own - taken) * 2 > len(own):
            titles.append(other.title)
            taken |= own
    return tuple(titles)


def closest_match(names: Iterable[str]) -> Match | None:
    """The best match however little was found; None if hardly a name is known."""
    listed = tuple(names)
    whole = match_controls(listed)
    if whole is not None:
        return whole
    best = max(_matches(listed), key=lambda match: (len(match.names), match.share))
    return best if len(best.names) >= _LEAST_NAMES else None


def match_as(names: Iterable[str], convention: str) -> Match:
    """What of one convention, by its name, is there: teeth have a few controls of the face.

    Raises
    ------
    RigtalkError
        If there is no such convention.
    """
    for known in conventions():
        if known.name == convention:
            return _match(known, tuple(dict.fromkeys(names)))
    raise RigtalkError(f"there is no convention {convention!r}")


def _matches(names: Iterable[str]) -> tuple[Match, ...]:
    listed = tuple(dict.fromkeys(names))
    return tuple(_match(convention, listed) for convention in conventions())


def describe_match(names: Iterable[str]) -> str:
    """One line for people about `match_controls` of these names, found or not."""
    match = closest_match(names)
    if match is None:
        known = ", ".join(convention.title for convention in conventions())
        return f"no control of a known rig found (known: {known})"
    if match.complete_enough:
        return match.describe()
    found = f"not enough for {match.title}: {len(match.names)} of {match.wanted} controls found, "
    if match.lacks and len(match.names) >= match.needed:
        return found + f"but not {_listed(match.lacks)}"
    return found + f"{match.needed} needed; missing {_listed(match.missing)}"


def _match(convention: Convention, names: tuple[str, ...]) -> Match:
    candidates = _candidates(convention, names)
    chosen: dict[str, str] = {}
    also: dict[str, tuple[str, ...]] = {}
    doubtful: dict[str, tuple[str, ...]] = {}
    for control in (control.name for control in convention.wanted):
        whole, left, right = (candidates.get((control, half), ()) for half in ("", *HALVES))
        if len(whole) == 1:
            chosen[control] = whole[0]
        elif whole:
            doubtful[control] = whole
        elif len(left) == len(right) == 1:
            chosen[control], also[control] = left[0], right
        elif left and right:
            doubtful[control] = left + right
    return Match(
        convention=convention.name,
        title=convention.title,
        controls=convention.controls,
        names=chosen,
        also=also,
        axes={name: convention.axes[name] for name in chosen if name in convention.axes},
        missing=tuple(
            control.name
            for control in convention.wanted
            if control.name not in chosen and control.name not in doubtful
        ),
        ambiguous=doubtful,
        needed=convention.needed,
        lacks=tuple(name for name in convention.required if name not in chosen),
        responses=_stand_ins(convention, chosen),
    )


def _stand_ins(convention: Convention, chosen: Mapping[str, str]) -> dict[str, Response]:
    """Responses of the controls that take the part of missing ones."""
    terms: dict[str, list[Term]] = {}
    for missing in convention.instead:
        if missing in chosen:
            continue
        waiting, seen = list(convention.instead[missing]), {missing}
        while waiting:
            other = waiting.pop(0)
            if other in chosen:
                terms.setdefault(other, [Term(other)]).append(Term(missing))
            elif other not in seen:
                waiting += convention.instead.get(other, ())
            seen.add(other)
    highs = {control.name: control.high for control in convention.wanted}
    return {name: Response(tuple(all_), high=highs[name]) for name, all_ in terms.items()}


def _candidates(
    convention: Convention, names: tuple[str, ...]
) -> dict[tuple[str, str], tuple[str, ...]]:
    """The names that fit each (control, half); half is empty for a name of the whole control.

    Only names with a common prefix count, and where several fit, those with the commonest; of these
    the earliest spelling of the table, and the one that is spelt like the control, decide.
    """
    sightings: dict[tuple[str, str], list[tuple[str, int, str]]] = {}
    prefixes: Counter[str] = Counter()
    for name in names:
        for prefix, key in readings(name):
            if key in convention.keys:
                slots = [((control, ""), place) for control, place in convention.keys[key]]
            elif key in convention.halves:
                slots = [((convention.halves[key], key[1]), 0)]
            else:
                continue
            for slot, place in slots:
                sightings.setdefault(slot, []).append((prefix, place, name))
            prefixes[prefix] += 1
            break
    common = _COMMON_PREFIX * prefixes.total()
    candidates = {}
    for slot, seen in sightings.items():
        most = max(prefixes[prefix] for prefix, *_ in seen)
        if most >= common:
            near = [(place, name) for prefix, place, name in seen if prefixes[prefix] == most]
            first = min(place for place, _ in near)
            fitting = tuple(name for place, name in near if place == first)
            candidates[slot] = (slot[0],) if slot[0] in fitting else fitting
    return candidates


def _listed(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:_NAMES_SHOWN])
    more = len(names) - _NAMES_SHOWN
    return shown + (f" and {more} more" if more > 0 else "")
