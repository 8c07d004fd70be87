"""The colours of the overlay, chosen so that the colour-blind tell them apart too."""

from __future__ import annotations

from typing import Final

from spotter.coach.analysis import Severity

Colour = tuple[int, int, int]

RIGHT: Final[Colour] = (126, 240, 222)
"""What is right: light teal."""

SEVERITY: Final[dict[Severity, Colour]] = {
    "hint": (122, 190, 255),
    "warning": (255, 184, 28),
    "danger": (255, 84, 54),
}
"""What is wrong: the lightness falls with the severity, so that it shows without the hue too."""

SEVERITY_RANK: Final[dict[Severity, int]] = {"hint": 0, "warning": 1, "danger": 2}
"""The worse, the higher."""

HEART: Final[Colour] = (240, 150, 170)
"""The heart on its badge: told from a fault by its shape, and paler."""

INK: Final[Colour] = (12, 20, 26)
PAPER: Final[Colour] = (255, 255, 255)
MUTED: Final[Colour] = (176, 192, 202)
TRACK: Final[Colour] = (82, 98, 110)
