"""What is on board: features from the inner layers of BlazePose's detectors, and a model trained on them."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

from spotter.models.compose import Tap, pooled_features
from spotter.models.store import ModelStore

NAME = "onboard"

_MODEL = "body_parts"


def onboard_side() -> int:
    """Side of the square picture that it takes, in pixels.

    >>> onboard_side()
    128
    """
    side: int = _table()["side"]
    return side


def onboard_features() -> Any:
    """Its network, an ``ov.Model``: pixels (N, 3, side, side), 0 to 255, to features (N, F).

    Detectors that were trained to find palms and people have learnt what parts of a body look like: a linear
    head on the means of their inner layers tells face, hand and lower arm of people apart whom it never saw.

    Raises:
        ModelError: if the detectors are missing or damaged.
    """
    store = ModelStore()
    taps = [
        Tap(store.path(tap["model"]), tuple(tap["layers"]), tap["low"], tap["high"])
        for tap in _table()["tap"]
    ]
    return pooled_features(taps, onboard_side())


def onboard_recognizer() -> Path:
    """Folder of the trained model that comes with Spotter: face, hand, lower arm or lower leg.

    >>> from spotter.recognizer.card import read_card
    >>> read_card(onboard_recognizer()).classes
    ('face', 'hand', 'lower_arm', 'lower_leg')
    """
    return Path(str(files("spotter.recognizer"))) / _MODEL


def _table() -> dict[str, Any]:
    return tomllib.loads(files("spotter.recognizer").joinpath("onboard.toml").read_text("utf-8"))
