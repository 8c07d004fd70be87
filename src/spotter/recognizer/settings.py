"""How a recognizer is trained, and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from spotter.recognizer.card import RecognizerCard
from spotter.recognizer.dataset import PhotoSet
from spotter.recognizer.head import Step
from spotter.recognizer.onboard import NAME as ONBOARD

Strategy = Literal["features", "finetune", "scratch"]


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """How a recognizer is trained.

    Attributes:
        strategy: ``"features"``: the backbone stays as it is, and a linear head is trained; ``"finetune"``:
            then its last blocks, or all of it, are trained too (needs the extra ``train``). The papers'
            networks are always trained from ``"scratch"``.
        backbone: name of a backbone; see `spotter.recognizer.backbones`.
        augment: how many pictures are made of each photo, itself included.
        seed: of the split, the augmentation and the training; the same seed gives the same model.
        validation: the share of the photos that are held back, 0 to 1, by group.
        epochs: at most so many; each strategy has its own default if None.
        blocks: of ``"finetune"``, how many of the backbone's last blocks are trained; 0 for all.
        label_smoothing: 0 to 1.
        class_weights: whether rare classes count as much as frequent ones.
        random_weights: whether a backbone may begin with random weights where its own are not at hand.
        author: written into the model.
        licence: written into the model.
    """

    strategy: Strategy = "features"
    backbone: str = ONBOARD
    augment: int = 10
    seed: int = 0
    validation: float = 0.2
    epochs: int | None = None
    blocks: int = 1
    label_smoothing: float = 0.0
    class_weights: bool = True
    random_weights: bool = False
    author: str = ""
    licence: str = ""


class Watch(Protocol):
    """Is told how training goes; what it raises stops the training, and what is done is kept."""

    def stage(self, name: str, done: int, total: int) -> None:
        """So many of so many pictures or steps of a stage are done."""

    def epoch(self, step: Step) -> None:
        """An epoch has ended."""

    def say(self, sentence: str) -> None:
        """Something that the user should know."""


class Silent:
    """A watch that tells nobody."""

    def stage(self, name: str, done: int, total: int) -> None:
        """Nothing."""

    def epoch(self, step: Step) -> None:
        """Nothing."""

    def say(self, sentence: str) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of a training.

    Attributes:
        folder: the model's.
        card: the model's, with the figures of its training.
        steps: how the losses went, epoch by epoch.
        train: the photos that it was trained with while the figures were taken.
        validation: the photos that were held back.
        probabilities: of the held-back photos, (photos, classes), by a network that never saw them.
        spent_s: seconds by stage.
    """

    folder: Path
    card: RecognizerCard
    steps: tuple[Step, ...]
    train: PhotoSet
    validation: PhotoSet
    probabilities: NDArray[np.float32]
    spent_s: dict[str, float]
