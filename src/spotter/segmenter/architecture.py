"""What networks there are to train, as data."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from spotter.errors import UsageError

Backbone = Literal["mobilenet_v1", "mobilenet_v3_large", "resnet50_v2"]


@dataclass(frozen=True, slots=True)
class Architecture:
    """One kind of Mask R-CNN; a table of architectures.toml.

    Attributes:
        name: as it is called on the command line.
        about: a sentence for people.
        backbone: what the features come from.
        side: of the square that pictures are fitted into, in pixels, if not told otherwise.
        channels: of the feature pyramid (Lin et al. 2017, arXiv:1612.03144).
        anchors: sides of the anchor boxes in pixels, a row a level of the pyramid, the finest first.
        ratios: height by width of the anchor boxes.
        proposals_train, proposals_run: how many boxes of the region proposal network are looked at.
        samples: how many of them a picture train the heads.
        frozen: how many steps of the backbone are not trained if not told otherwise.
        rate: the highest learning rate of AdamW if not told otherwise.
        close: the share of the pictures in which one person is looked at closely, for a network that looks
            twice where it knows people and their parts; 0 if it does not.
        pixels: whether the pyramid is also asked for the class of each pixel while it is trained.
    """

    name: str
    about: str
    backbone: Backbone
    side: int
    channels: int
    anchors: tuple[tuple[int, ...], ...]
    ratios: tuple[float, ...]
    proposals_train: int
    proposals_run: int
    samples: int
    frozen: int
    rate: float
    close: float = 0.0
    pixels: bool = False


def architecture(name: str) -> Architecture:
    """A network by its name.

    Raises:
        UsageError: if there is none of this name.

    >>> architecture("parts").side
    256
    """
    known = architectures()
    if name not in known:
        raise UsageError(f"there is no network called {name!r}; choose one of {', '.join(known)}")
    return known[name]


@cache
def architectures() -> dict[str, Architecture]:
    """All networks by name."""
    text = files(__package__).joinpath("architectures.toml").read_text("utf-8")
    found = {}
    for name, row in tomllib.loads(text)["networks"].items():
        row["anchors"] = tuple(map(tuple, row["anchors"]))
        row["ratios"] = tuple(row["ratios"])
        found[name] = Architecture(name=name, **row)
    return found
