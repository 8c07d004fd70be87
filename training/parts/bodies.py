"""Draws whose body it is: a mix of MakeHuman's macro targets, stretched a little, with a skin and hair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from itertools import product

import numpy as np

from tools.render.body import Array, Body, Source

from .tables import Colour, Rng, Row, any_colour, between, chance, choose, kept_out, rgb, table

LEVELS = (0.53, 0.86)  # hip and neck, as shares of the height
STRETCHED = ("legs", "trunk", "head", "girth")
WORDS = ("ethnicity", "sex", "age", "muscle", "weight")


@dataclass(frozen=True, slots=True)
class Shape:
    """Whose body: shares of macro targets, height in metres, and the colour of skin and hair (0 to 1).

    `anchor` and `other` are the macro combinations that are mixed; `stretch` are factors of STRETCHED.
    """

    anchor: str
    other: str
    mix: Mapping[str, float]
    height_m: float
    stretch: tuple[float, ...]
    skin: Colour
    hair: Colour


@cache
def anchors(split: str) -> dict[str, float]:
    """The macro combinations of a split and how likely they are."""
    rows = table("bodies")
    every = {"-".join(words): words for words in product(*(rows["words"][word] for word in WORDS))}
    weight = {
        name: float(np.prod([rows["likely"].get(word, 1.0) for word in words]))
        for name, words in every.items()
    }
    return kept_out(weight, rows["held_back"], split)


def draw_shape(rng: Rng, split: str) -> Shape:
    """A body of a split; the second body in the mix is never one that is held back."""
    rows = table("bodies")
    anchor, other = choose(rng, anchors(split)), choose(rng, anchors("train"))
    share = between(rng, rows["mix"]["anchor"])
    mix: dict[str, float] = {}
    for name, part in ((anchor, share), (other, 1.0 - share)):
        for target in _targets(name):
            mix[target] = mix.get(target, 0.0) + part
    dyed = chance(rng, rows["hair"]["dyed"])
    return Shape(
        anchor=anchor,
        other=other,
        mix=mix,
        height_m=between(rng, rows["mix"]["height_m"]),
        stretch=tuple(between(rng, rows["mix"][key]) for key in STRETCHED),
        skin=_skin(rng, rows["skin"], anchor.split("-")[0]),
        hair=any_colour(rng) if dyed else rgb(str(rng.choice(rows["hair"]["colours"]))),
    )


def build(source: Source, shape: Shape) -> Body:
    """The body at rest."""
    return Body(source, shape.mix, shape.height_m, partial(_stretched, shape))


def _stretched(shape: Shape, vertices: Array) -> Array:
    """Other proportions: heights between sole, hip, neck and crown by one factor each, girth by another."""
    legs, trunk, head, girth = shape.stretch
    levels = shape.height_m * np.array([0.0, *LEVELS, 1.0])
    above = np.diff(levels) * (legs, trunk, head)
    height = vertices[:, 1]
    heights = np.interp(height, levels, np.concatenate([[0.0], np.cumsum(above)]))
    beyond = height - np.clip(height, levels[0], levels[-1])
    wide = np.interp(height, levels[2] * np.array([0.97, 1.05]), (girth, head))
    return np.stack([vertices[:, 0] * wide, heights + beyond, vertices[:, 2] * wide], axis=1)


def _targets(name: str) -> tuple[str, str]:
    ethnicity, sex, age, muscle, weight = name.split("-")
    return f"{ethnicity}-{sex}-{age}", f"universal-{sex}-{age}-{muscle}-{weight}"


def _skin(rng: Rng, rows: Row, ethnicity: str) -> Colour:
    tones = np.array([rgb(code) for code in rows["tones"]])
    at = between(rng, rows[ethnicity]) * (len(tones) - 1)
    lower = min(int(at), len(tones) - 2)
    tone = tones[lower] + (at - lower) * (tones[lower + 1] - tones[lower])
    red, green, blue = np.clip(tone * rng.uniform(0.92, 1.08, 3), 0.01, 0.99)
    return float(red), float(green), float(blue)
