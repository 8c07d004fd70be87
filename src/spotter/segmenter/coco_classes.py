"""The names of COCO's classes, as networks trained on it number them."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Final

UNUSED: Final = "N/A"
"""Stands where COCO has a number that no class has."""


def _read() -> tuple[str, ...]:
    text = files(__package__).joinpath("coco_classes.toml").read_text("utf-8")
    return tuple(tomllib.loads(text)["classes"])


COCO_CLASSES: Final = _read()
"""All 90 numbers, ten of them unused, as torchvision's networks have them; number i is entry i - 1."""

COCO_USED: Final = tuple(name for name in COCO_CLASSES if name != UNUSED)
"""The 80 classes counted through, as Matterport's network has them; number i is entry i - 1."""
