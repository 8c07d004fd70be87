"""How the part model on board is trained: every setting of every stage, out of recipe.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from spotter.segmenter.settings import TrainSettings

RECIPE = Path(__file__).with_name("recipe.toml")


@dataclass(frozen=True, slots=True)
class TrainingRecipe:
    """What recipe.toml says.

    Attributes:
        start_sha256: of the file of weights that the backbone begins with.
        pixels: of the first stage.
        training: of the second.
        first_held: photos from this one on are never trained with.
        photo_weight: how often each of the others is seen in an epoch.
    """

    start_sha256: str
    pixels: TrainSettings
    training: TrainSettings
    first_held: int
    photo_weight: int


def read_recipe() -> TrainingRecipe:
    """The recipe of the model on board."""
    told = tomllib.loads(RECIPE.read_text("utf-8"))
    return TrainingRecipe(
        start_sha256=told["start"]["sha256"],
        pixels=TrainSettings(**told["pixels"]),
        training=TrainSettings(**told["training"]),
        first_held=told["photos"]["first_held"],
        photo_weight=told["photos"]["weight"],
    )
