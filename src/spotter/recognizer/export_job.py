"""What every export starts from: the model, pictures to calibrate with, and what is written about it."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from spotter.errors import MissingExtraError
from spotter.recognizer.card import RecognizerCard
from spotter.recognizer.predict import as_input
from spotter.recognizer.quiet import quiet

Target = Literal["coreml", "tflite", "onnx", "openvino"]
Precision = Literal["f32", "f16", "int8"]

Run = Callable[[NDArray[np.uint8]], NDArray[np.float32]]
"""Squares, RGB uint8 (pictures, side, side, 3), to probabilities (pictures, classes)."""

INPUT, OUTPUT = "image", "probabilities"
"""What the tensors are called in every format that lets them be named."""


@dataclass(frozen=True, slots=True)
class Job:
    """One file to write.

    Attributes:
        folder: the model's.
        card: the model's.
        precision: of the file's numbers.
        calibration: squares, uint8 (pictures, side, side, 3), that int8 takes the ranges of values from.
    """

    folder: Path
    card: RecognizerCard
    precision: Precision
    calibration: NDArray[np.uint8]

    @property
    def title(self) -> str:
        """The model's name: its folder's."""
        return self.folder.resolve().name


def facts(card: RecognizerCard) -> dict[str, str]:
    """What is written into a file's metadata, as text; lists are JSON.

    >>> card = RecognizerCard(("a", "b"), "single", "onboard", "features", 8, (1.0,) * 3, (0.0,) * 3)
    >>> facts(card)["classes"], facts(card)["unknown_below"]
    ('["a", "b"]', '0.0')
    """
    calibration = card.calibration
    if card.task == "single":
        reading = {"unknown_below": repr(calibration.unknown_below)}
    else:
        reading = {"thresholds": json.dumps(list(calibration.thresholds))}
    return {
        "classes": json.dumps(list(card.classes), ensure_ascii=False),
        "task": card.task,
        "preprocessing": f"{preprocessing(card)}; the network does the rest",
        "side": str(card.side),
        **reading,
        "backbone": card.backbone,
        "strategy": card.strategy,
        "author": card.author,
        "licence": card.licence,
        "version": version(card),
    }


def preprocessing(card: RecognizerCard) -> str:
    """What a caller does with a picture, in words."""
    return (
        f"the largest square in the middle, resized to {card.side} x {card.side}, RGB, values from 0 to 255"
    )


def description(card: RecognizerCard) -> str:
    """One sentence on what the model does."""
    names = ", ".join(card.classes)
    what = "which one of" if card.task == "single" else "which of"
    return f"Tells {what} these a picture shows: {names}."


def version(card: RecognizerCard) -> str:
    """The program that trained the model, such as ``"Spotter 0.1.0"``."""
    name, number = next(iter(card.versions.items()), ("", ""))
    return f"{name} {number}".strip()


def library(name: str) -> Any:
    """Import a library that only exporting needs, without what it prints.

    Raises:
        MissingExtraError: if it is not installed.
    """
    try:
        with quiet():
            return importlib.import_module(name)
    except ImportError as error:
        raise MissingExtraError(
            f"exporting needs {name.partition('.')[0]}, which cannot be imported ({error}); "
            "get it with: pip install 'spotter-coach[export]'"
        ) from error


def one_by_one(run: Callable[[NDArray[np.float32]], NDArray[Any]]) -> Run:
    """A `Run` from a function that takes one picture as a network's input, float32 (1, 3, side, side)."""

    def run_all(squares: NDArray[np.uint8]) -> NDArray[np.float32]:
        rows = [np.asarray(run(as_input(one[None])), np.float32).reshape(1, -1) for one in squares]
        return np.concatenate(rows)

    return run_all
