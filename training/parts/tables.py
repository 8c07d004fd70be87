"""Reads the tables of what may be drawn, and draws from them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

TABLES = Path(__file__).parent / "tables"
SPLITS = ("train", "val", "test")

Rng = np.random.Generator
Row = Mapping[str, Any]
Colour = tuple[float, float, float]


@cache
def table(name: str) -> Row:
    """One of the TOML files in `tables`."""
    return tomllib.loads((TABLES / f"{name}.toml").read_text(encoding="utf-8"))


def choose(rng: Rng, weights: Mapping[str, float]) -> str:
    """A name, each as often as its weight says."""
    share = np.array(list(weights.values()), float)
    return list(weights)[int(rng.choice(len(share), p=share / share.sum()))]


def kinds(rows: Mapping[str, Row]) -> dict[str, float]:
    """The weights of a table of tables."""
    return {name: float(row["weight"]) for name, row in rows.items()}


def between(rng: Rng, limits: Sequence[float]) -> float:
    """A number between two."""
    return float(rng.uniform(limits[0], limits[1]))


def chance(rng: Rng, share: float) -> bool:
    """True so often."""
    return bool(rng.random() < share)


def allowed(weights: Mapping[str, float], held_back: Sequence[str], split: str) -> dict[str, float]:
    """The weights of what a split may use: what is held back is for val and test only.

    >>> allowed({"stripes": 1.0, "zigzag": 1.0}, ["zigzag"], "train")
    {'stripes': 1.0}
    """
    return {name: weight for name, weight in weights.items() if split != "train" or name not in held_back}


def kept_out(weights: Mapping[str, float], held_back: Sequence[str], split: str) -> dict[str, float]:
    """The weights of what only one side may use: train what is not held back, val and test what is.

    >>> kept_out({"planks": 1.0, "rings": 1.0}, ["rings"], "test")
    {'rings': 1.0}
    """
    return {name: weight for name, weight in weights.items() if (name in held_back) == (split != "train")}


def rgb(code: str) -> Colour:
    """Red, green and blue (0 to 1) of #rrggbb.

    >>> rgb("#ff8000")
    (1.0, 0.5019607843137255, 0.0)
    """
    red, green, blue = (int(code[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def any_colour(rng: Rng, vivid: float = 1.0) -> Colour:
    """A colour as paint and cloth have them: greys, whites and blacks more often than bright ones."""
    if chance(rng, 0.3):
        grey = float(rng.choice([rng.uniform(0.02, 0.2), rng.uniform(0.2, 0.75), rng.uniform(0.75, 0.97)]))
        tint = rng.normal(0.0, 0.015, 3)
        red, green, blue = np.clip(grey + tint, 0.01, 0.98)
        return float(red), float(green), float(blue)
    hue, colourful, value = rng.random() * 6, vivid * rng.beta(1.6, 1.6), rng.uniform(0.12, 0.97)
    wave = np.clip(np.abs((hue + np.array([0.0, 4.0, 2.0])) % 6 - 3) - 1, 0, 1)
    red, green, blue = value * (1 - colourful + colourful * wave)
    return float(red), float(green), float(blue)


def linear(colour: Colour) -> Colour:
    """Linear light of an sRGB colour."""
    red, green, blue = (channel**2.2 for channel in colour)
    return red, green, blue
