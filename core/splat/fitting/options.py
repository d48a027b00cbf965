"""How a head is fitted, and how far that is."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from ...errors import RigtalkError
from ..reference import Settings
from .parameters import Rates
from .plan import QUALITIES

__all__ = ["FitOptions", "FitState"]


@dataclass(frozen=True)
class FitOptions:
    """How a head is fitted.

    Attributes
    ----------
    gaussians : int
        At most; 100 to 1,000,000.
    steps : int
        Pictures that the optimiser sees.
    minutes : float
        After which it ends early, with rates that fell as they should; 0 for as long as it takes.
    degree : int
        Of the spherical harmonics, 0-3: 1 is enough for matt skin, hair that shines needs 3.
    correctives : bool
        Whether looks may change with expressions.
    settings : Settings
        How the head will be drawn. A dilation of 0 suits Blender 5.3's own renderer.
    threads : int
        0 for as many as the machine has.
    seed : int
    rates : Rates

    Raises
    ------
    RigtalkError
        If a number is out of its range.
    """

    gaussians: int = QUALITIES["standard"].gaussians
    steps: int = QUALITIES["standard"].steps
    minutes: float = 0.0
    degree: int = 3
    correctives: bool = True
    settings: Settings = field(default_factory=partial(Settings, antialiased=True))
    threads: int = 0
    seed: int = 0
    rates: Rates = field(default_factory=Rates)

    def __post_init__(self) -> None:
        for name, low, high in (
            ("gaussians", 100, 1_000_000),
            ("steps", 1, 1_000_000),
            ("minutes", 0, 10_000),
            ("degree", 0, 3),
            ("threads", 0, 1024),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise RigtalkError(f"{name} of a bake: {value} is not {low} to {high:,}")

    @classmethod
    def of_quality(cls, quality: str, *, gaussians: int = 0, minutes: float = 0.0) -> FitOptions:
        """Those of one of `QUALITIES`; RigtalkError if there is none of that name."""
        if quality not in QUALITIES:
            raise RigtalkError(f"there is no quality {quality!r}: use {', '.join(QUALITIES)}")
        chosen = QUALITIES[quality]
        return cls(gaussians=gaussians or chosen.gaussians, steps=chosen.steps, minutes=minutes)


@dataclass(frozen=True)
class FitState:
    """How far fitting is.

    Attributes
    ----------
    fraction : float
        0-1.
    step, steps : int
    gaussians : int
    psnr : float
        Decibels, over the pictures that were fitted to of late.
    seconds : float
        Since fitting began, without the time between a break and its going on.
    """

    fraction: float
    step: int
    steps: int
    gaussians: int
    psnr: float
    seconds: float
