"""A trained recognizer: loading it and asking it what a picture shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from spotter.models.session import Precision, Session
from spotter.models.weights import NETWORK_NAME
from spotter.recognizer.card import RecognizerCard, read_card
from spotter.recognizer.dataset import PhotoSet
from spotter.recognizer.pictures import read_square, square

if TYPE_CHECKING:
    from spotter.recognizer.export import Exported
    from spotter.recognizer.export_job import Precision as FilePrecision
    from spotter.recognizer.export_job import Target
    from spotter.recognizer.judged import Evaluation
    from spotter.recognizer.settings import TrainSettings

UNKNOWN = "unknown"

Picture = NDArray[np.uint8] | Path | str


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a recognizer says of one picture.

    Attributes:
        labels: the answer: one class, or ``"unknown"``; of a multi-label model any number of classes.
        probabilities: for each class in the model's order, 0 to 1.
        classes: their names.

    >>> Prediction(("hand",), (0.1, 0.9), ("face", "hand")).confidence
    0.9
    """

    labels: tuple[str, ...]
    probabilities: tuple[float, ...]
    classes: tuple[str, ...]

    @property
    def label(self) -> str:
        """The answer as one word; several classes joined by a comma, ``"unknown"`` for none."""
        return ", ".join(self.labels) or UNKNOWN

    @property
    def confidence(self) -> float:
        """The highest probability."""
        return max(self.probabilities)


class Recognizer:
    """A model that names what a picture shows; made by `train` or `load`.

    Needs no PyTorch: the network runs in OpenVINO. One recognizer serves one caller at a time.

    Attributes:
        folder: where the model lies.
        card: what it is; its ``classes`` are in the order of the probabilities.

    Example::

        recognizer = Recognizer.load("body-parts")
        answer = recognizer.predict("photo.jpg")
        print(answer.label, answer.confidence)
    """

    def __init__(
        self, folder: Path, card: RecognizerCard, *, precision: Precision = "auto", threads: int | None = None
    ) -> None:
        self.folder, self.card = folder, card
        self._session = Session(folder / NETWORK_NAME, precision=precision, threads=threads, batch=1)

    @classmethod
    def load(
        cls, folder: Path | str, *, precision: Precision = "auto", threads: int | None = None
    ) -> Recognizer:
        """Load a model's folder.

        Args:
            folder: with model.toml, network.xml and weights.safetensors.
            precision: of the computing; see `Session`.
            threads: how many may work on a picture; OpenVINO decides if None.

        Raises:
            ModelError: if it is no model, or is damaged.
        """
        folder = Path(folder)
        return cls(folder, read_card(folder), precision=precision, threads=threads)

    @classmethod
    def train(
        cls, photos: PhotoSet | Path | str, out: Path | str, settings: TrainSettings | None = None
    ) -> Recognizer:
        """Train a recognizer and load it; see `spotter.recognizer.train.train`.

        Args:
            photos: a folder with a folder a class, a CSV, or photos that `read_photos` has read, which can
                also take groups out of the files' names.
            out: the model's folder; it is made.
            settings: how; the defaults if None.

        Example::

            recognizer = Recognizer.train("photos", "body-parts")
            print(recognizer.card.training["validation_accuracy"])
        """
        from spotter.recognizer.train import train

        return cls.load(train(_photo_set(photos), Path(out), settings).folder)

    def evaluate(self, photos: PhotoSet | Path | str, *, robustness: bool = True) -> Evaluation:
        """Judge it by photos of which is known what they show; see `spotter.recognizer.evaluate.evaluate`."""
        from spotter.recognizer.evaluate import evaluate

        return evaluate(self, _photo_set(photos), robustness=robustness)

    def export(
        self,
        target: Target | Literal["all"],
        out: Path | str,
        *,
        precision: FilePrecision = "f32",
        photos: PhotoSet | Path | str | None = None,
    ) -> list[Exported]:
        """Write it in another format and check the file; see `spotter.recognizer.export.export`."""
        from spotter.recognizer.export import export

        known = None if photos is None else _photo_set(photos)
        return export(self.folder, target, Path(out), precision=precision, photos=known)

    @property
    def classes(self) -> tuple[str, ...]:
        """Names, in the order of the probabilities."""
        return self.card.classes

    def predict(self, picture: Picture) -> Prediction:
        """What one picture shows.

        Args:
            picture: a file, or RGB uint8 of shape (height, width, 3); its middle square is looked at.

        Raises:
            MediaFormatError: if the file is no picture (and other `SpotterError` as in `read_picture`).
        """
        return self.predict_all([picture])[0]

    def predict_all(self, pictures: Sequence[Picture]) -> list[Prediction]:
        """What each of some pictures shows; see `predict`."""
        if not pictures:
            return []
        squares = np.stack([self._square(picture) for picture in pictures])
        return [self.answer(row) for row in self.probabilities(squares)]

    def probabilities(self, squares: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The network's probabilities.

        Args:
            squares: RGB uint8 of shape (pictures, side, side, 3), the side as in the card.

        Returns:
            An array (pictures, classes), 0 to 1; rows sum to 1 if there is one class a picture.
        """
        rows = [self._session.run(as_input(one[None]))[0] for one in squares]
        return np.concatenate(rows) if rows else np.zeros((0, len(self.classes)), np.float32)

    def answer(self, probabilities: NDArray[np.float32]) -> Prediction:
        """The answer that probabilities of shape (classes,) mean, by the card's thresholds."""
        calibration = self.card.calibration
        values = tuple(float(value) for value in probabilities)
        if self.card.task == "multi":
            limits = calibration.thresholds
            named = tuple(
                name
                for name, value, limit in zip(self.classes, values, limits, strict=True)
                if value >= limit
            )
        else:
            best = int(np.argmax(probabilities))
            named = (self.classes[best] if values[best] >= calibration.unknown_below else UNKNOWN,)
        return Prediction(named, values, self.classes)

    def _square(self, picture: Picture) -> NDArray[np.uint8]:
        if isinstance(picture, np.ndarray):
            return square(picture, self.card.side)
        return read_square(Path(picture), self.card.side)


def _photo_set(photos: PhotoSet | Path | str) -> PhotoSet:
    from spotter.recognizer.layouts import read_photos

    return photos if isinstance(photos, PhotoSet) else read_photos(Path(photos))


def as_input(squares: NDArray[np.uint8]) -> NDArray[np.float32]:
    """RGB uint8 (n, side, side, 3) as a network's input: float32 (n, 3, side, side), 0 to 255."""
    return np.ascontiguousarray(squares.transpose(0, 3, 1, 2), dtype=np.float32)
