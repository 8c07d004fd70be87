"""What comes of a training, and who is told how it goes. Needs no PyTorch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from spotter.segmenter.annotation import Annotated, Annotations
from spotter.segmenter.card import SegmenterCard
from spotter.segmenter.curve import EpochCurve
from spotter.segmenter.detections import Detections
from spotter.segmenter.judged import Evaluation
from spotter.segmenter.settings import TrainSettings


class Watch(Protocol):
    """Is told how training goes; what it raises stops the training, and the last checkpoint is kept."""

    def stage(self, name: str, done: int, total: int) -> None:
        """So many of so many steps or pictures of a stage are done: ``"train"`` or ``"judge"``."""

    def epoch(self, row: EpochCurve, /) -> None:
        """An epoch has ended."""

    def say(self, sentence: str) -> None:
        """Something that the user should know."""


class Silent:
    """A watch that tells nobody."""

    def stage(self, name: str, done: int, total: int) -> None:
        """Nothing."""

    def epoch(self, row: EpochCurve, /) -> None:
        """Nothing."""

    def say(self, sentence: str) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A held-back picture and what the trained network found in it."""

    picture: Annotated
    found: Detections


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of a training.

    Attributes:
        folder: the model's.
        card: the model's, with the figures of its training.
        settings: how it was trained.
        curve: losses and average precision, epoch by epoch.
        best_epoch: of which the weights are.
        data: what it was trained with and judged by.
        began: where the weights came from, in a sentence.
        evaluation: of the best weights on the held-back pictures; None if there are none.
        seen: some of these pictures, evenly spread over all of them.
    """

    folder: Path
    card: SegmenterCard
    settings: TrainSettings
    curve: tuple[EpochCurve, ...]
    best_epoch: int
    data: Annotations
    began: str
    evaluation: Evaluation | None
    seen: tuple[Seen, ...]

    @property
    def best(self) -> EpochCurve:
        """The epoch of which the weights are."""
        return self.curve[self.best_epoch - 1]
