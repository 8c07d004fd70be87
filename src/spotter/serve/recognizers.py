"""The models that a client of the recognizer may choose among, by their names alone."""

from __future__ import annotations

from pathlib import Path

from spotter.models.model_toml import FILE_NAME
from spotter.recognizer.onboard import NAME, onboard_recognizer
from spotter.serve.config import Config

FOLDER = "recognizers"
"""Of the data folder: each trained model in it is one of the user's own."""


def find_recognizers(config: Config) -> dict[str, Path]:
    """Name to folder of each model: what the server was started with, the data folder's, the one on board.

    The first one answers where none is named; of two with one name the earlier one counts.
    """
    own = sorted(card.parent for card in (config.data / FOLDER).glob(f"*/{FILE_NAME}"))
    found: dict[str, Path] = {}
    for folder in (*config.recognizers, *own):
        found.setdefault(folder.resolve().name, folder)
    found.setdefault(NAME, onboard_recognizer())
    return found
