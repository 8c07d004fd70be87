"""model.toml: what a trained model is, what it wants and how its answers are to be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from spotter.models.model_toml import read_model_toml, write_model_toml

SCHEMA = 1

Task = Literal["single", "multi"]


@dataclass(frozen=True, slots=True)
class Calibration:
    """How the network's numbers become answers.

    Attributes:
        temperature: the logits are divided by it; it is inside the network file already.
        unknown_below: a single-label answer whose probability is lower is "unknown"; 0 to 1.
        thresholds: of a multi-label model, for each class the probability from which it is named.
    """

    temperature: float = 1.0
    unknown_below: float = 0.0
    thresholds: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class RecognizerCard:
    """A trained recognizer in words and numbers; the content of model.toml.

    Attributes:
        classes: names, in the order of the network's outputs.
        task: ``"single"``, one class a picture (softmax), or ``"multi"``, any number (sigmoid).
        backbone: what the features come from, such as ``"onboard"`` or ``"mobilenet_v1"``.
        strategy: ``"features"``, ``"finetune"`` or ``"scratch"``.
        side: of the square RGB picture that goes in, in pixels.
        scale: for red, green and blue: what the network multiplies pixels from 0 to 255 by ...
        bias: ... and then adds. Both are inside the network file already.
        calibration: how its numbers become answers.
        training: what it was trained with: photos, seed, augmentation, epochs, seconds, accuracy.
        author: who made it; empty if not said.
        licence: of the model; empty if not said.
        versions: of what made it, Spotter first.
    """

    classes: tuple[str, ...]
    task: Task
    backbone: str
    strategy: str
    side: int
    scale: tuple[float, float, float]
    bias: tuple[float, float, float]
    calibration: Calibration = Calibration()
    training: dict[str, Any] = field(default_factory=dict)
    author: str = ""
    licence: str = ""
    versions: dict[str, str] = field(default_factory=dict)


def write_card(folder: Path, card: RecognizerCard) -> None:
    """Write model.toml.

    Raises:
        OutputError: if it cannot be written.
    """
    content: dict[str, Any] = {
        "task": card.task,
        "classes": list(card.classes),
        "backbone": card.backbone,
        "strategy": card.strategy,
        "author": card.author,
        "licence": card.licence,
        "preprocessing": {
            "crop": "the largest square in the middle",
            "side": card.side,
            "colour": "RGB, 0 to 255",
            "scale": list(card.scale),
            "bias": list(card.bias),
        },
        "calibration": {
            "temperature": card.calibration.temperature,
            "unknown_below": card.calibration.unknown_below,
            "thresholds": list(card.calibration.thresholds),
        },
        "training": card.training,
        "versions": card.versions,
    }
    write_model_toml(folder, SCHEMA, content)


def read_card(folder: Path) -> RecognizerCard:
    """Read model.toml of a model's folder.

    Raises:
        ModelError: if it is not there, or is no such file.
    """
    return read_model_toml(folder, SCHEMA, "spotter recognizer train --out", _card)


def _card(content: dict[str, Any]) -> RecognizerCard:
    made_ready, calibration = content["preprocessing"], content["calibration"]
    return RecognizerCard(
        classes=tuple(content["classes"]),
        task=content["task"],
        backbone=content["backbone"],
        strategy=content["strategy"],
        side=made_ready["side"],
        scale=tuple(made_ready["scale"]),
        bias=tuple(made_ready["bias"]),
        calibration=Calibration(
            calibration["temperature"],
            calibration["unknown_below"],
            tuple(calibration["thresholds"]),
        ),
        training=content["training"],
        author=content["author"],
        licence=content["licence"],
        versions=content["versions"],
    )
