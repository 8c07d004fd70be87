"""model.toml of a segmenter: what it finds, what it wants and what it was trained with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from spotter.models.model_toml import read_model_toml, write_model_toml

SCHEMA: Final = 1
TASK: Final = "segment"

DEFAULT_SCORE: Final = 0.5

NETWORK_FILE: Final = "network.onnx"
"""In a model's folder: the network as it runs without PyTorch."""

INPUTS: Final = ("image", "score")
OUTPUTS: Final = ("boxes", "labels", "scores", "masks")
"""What goes into that network and what comes out of it."""


@dataclass(frozen=True, slots=True)
class SegmenterCard:
    """A trained segmenter in words and numbers; the content of model.toml.

    Attributes:
        network: name of its architecture, one of architectures.toml.
        classes: names; class number i of the network is ``classes[i - 1]``.
        side: of the square that pictures are fitted into, in pixels.
        score: from which score on what is found is shown, 0 to 1.
        twice: whether it looks closely at everybody whom it found; see `spotter.segmenter.second_look`.
        training: what it was trained with: pictures, seed, epochs, seconds, average precision.
        author: who made it; empty if not said.
        licence: of the model; empty if not said.
        versions: of what made it, Spotter first.
    """

    network: str
    classes: tuple[str, ...]
    side: int
    score: float = DEFAULT_SCORE
    twice: bool = False
    training: dict[str, Any] = field(default_factory=dict)
    author: str = ""
    licence: str = ""
    versions: dict[str, str] = field(default_factory=dict)


def made_with(*libraries: str) -> dict[str, str]:
    """The versions of Spotter and of some libraries.

    >>> list(made_with("numpy"))
    ['spotter', 'numpy']
    """
    return {"spotter": version("spotter-coach"), **{name: version(name) for name in libraries}}


def write_card(folder: Path, card: SegmenterCard) -> None:
    """Write model.toml.

    Raises:
        OutputError: if it cannot be written.
    """
    content: dict[str, Any] = {
        "task": TASK,
        "network": card.network,
        "classes": list(card.classes),
        "score": card.score,
        "author": card.author,
        "licence": card.licence,
        "preprocessing": {
            "fit": "the whole picture in the top left corner of a square, black beside it",
            "side": card.side,
            "colour": "RGB, 0 to 255",
            "twice": card.twice,
        },
        "training": card.training,
        "versions": card.versions,
    }
    write_model_toml(folder, SCHEMA, content)


def read_card(folder: Path) -> SegmenterCard:
    """Read model.toml of a model's folder.

    Raises:
        ModelError: if it is not there, or is of no segmenter.
    """
    return read_model_toml(folder, SCHEMA, "spotter segmenter train --out", _card)


def _card(content: dict[str, Any]) -> SegmenterCard:
    if content["task"] != TASK:
        raise ValueError(f"it is of a model for another task, {content['task']!r}, and {TASK!r} is wanted")
    classes: Sequence[str] = content["classes"]
    if not classes or not all(isinstance(name, str) for name in classes):
        raise ValueError("classes must be a list of names")
    return SegmenterCard(
        network=content["network"],
        classes=tuple(classes),
        side=int(content["preprocessing"]["side"]),
        score=float(content["score"]),
        twice=bool(content["preprocessing"].get("twice", False)),
        training=content["training"],
        author=content["author"],
        licence=content["licence"],
        versions=content["versions"],
    )
