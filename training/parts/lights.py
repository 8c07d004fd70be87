"""Draws the light: a sun, a window or lamps, strong or dim, white or coloured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tools.render.body import Array
from tools.render.rig import unit

from .tables import Rng, between, chance

TONE = 0.08  # how far colours of light are from white


@dataclass(frozen=True, slots=True)
class Light:
    """Directions (3,) to the key light and to a second one; colours (3,), linear, of both, of sky and floor.

    `panes`: the key light falls through a window with so many panes across and up, and bars so dark.
    """

    towards: Array
    colour: Array
    second: Array
    second_colour: Array
    sky: Array
    ground: Array
    panes: tuple[float, float, float]


def draw_light(rng: Rng) -> Light:
    """Any light that people are photographed in."""
    azimuth, height = rng.uniform(0, 2 * np.pi), np.radians(rng.uniform(12, 85))
    level, directed = float(np.exp(rng.normal(0.5, 0.32))), between(rng, [0.1, 1.0])
    sky = (1.0 - 0.75 * directed) * level * 0.75 * _tone(rng)
    return Light(
        towards=np.array(
            [np.sin(azimuth) * np.cos(height), np.sin(height), np.cos(azimuth) * np.cos(height)]
        ),
        colour=1.1 * directed * level * _tone(rng),
        second=unit(rng.normal((0.0, 0.4, 0.0), 1.0)),
        second_colour=between(rng, [0.0, 0.35]) * level * _tone(rng, 3.0),
        sky=sky,
        ground=sky * between(rng, [0.4, 0.9]) * _tone(rng),
        panes=_window(rng) if chance(rng, 0.15) else (1.0, 1.0, 0.0),
    )


def _tone(rng: Rng, colourful: float = 1.0) -> Array:
    return np.clip(1.0 + rng.normal(0, TONE * colourful, 3), 0.3, 1.7)


def _window(rng: Rng) -> tuple[float, float, float]:
    return between(rng, [1.0, 7.0]), between(rng, [1.0, 7.0]), between(rng, [0.4, 0.95])
