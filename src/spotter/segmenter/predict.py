"""A trained segmenter without PyTorch: loading it and asking it who and what is in a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from spotter.body.part_map import PartMap
from spotter.errors import ModelError
from spotter.media.frame import Frame
from spotter.models.session import Session
from spotter.segmenter.card import INPUTS, NETWORK_FILE, OUTPUTS, SegmenterCard, read_card
from spotter.segmenter.compose import composed, least_score
from spotter.segmenter.detections import Detections
from spotter.segmenter.second_look import seen_once, seen_twice
from spotter.segmenter.tracked import PersonTracker

ON_BOARD: Final = Path(__file__).with_name("parts")
"""Folder of the part model that comes with Spotter."""


class Segmenter:
    """Mask R-CNN in OpenVINO; made by `open`. One segmenter serves one caller at a time.

    Args:
        folder: with model.toml and network.onnx.
        card: what model.toml says.
        threads: how many may work on a picture; OpenVINO decides if None.

    Attributes:
        folder: where the model lies.
        card: what it is.

    Raises:
        ModelError: if the network is missing, damaged, or of another size than the card says.

    Example::

        segmenter = Segmenter.open()
        with open_media("gym.mp4") as source:
            for frame in source:
                found = segmenter.push(frame)
                for person in found.ids:
                    print(frame.time_s, person, found.areas(person)["torso"])
    """

    def __init__(self, folder: Path, card: SegmenterCard, *, threads: int | None = None) -> None:
        self.folder, self.card = folder, card
        path = folder / NETWORK_FILE
        if not path.is_file():
            raise ModelError(
                f"{folder} has no {NETWORK_FILE}, which runs without PyTorch; "
                f"make it with: spotter segmenter export {folder} --to onnx"
            )
        # In bfloat16 boxes would be a pixel or two off: they are reckoned inside the network.
        self._session = Session(path, outputs=OUTPUTS, precision="f32", threads=threads, inputs=len(INPUTS))
        wanted = (1, card.side, card.side, 3)
        if self._session.input_shape != wanted:
            raise ModelError(
                f"{path} takes pictures of {self._session.input_shape}, and {wanted} is what model.toml "
                "beside it says: they belong to different models; export the model again"
            )
        self._tracker = PersonTracker()

    @classmethod
    def open(cls, folder: Path | str | None = None, *, threads: int | None = None) -> Segmenter:
        """Load a model.

        Args:
            folder: with model.toml and network.onnx; the part model that comes with Spotter if None.
            threads: how many may work on a picture; OpenVINO decides if None.

        Raises:
            ModelError: if it is no model, or is damaged.
        """
        if folder is None and not ON_BOARD.is_dir():
            raise ModelError(
                "this Spotter was built without its part model; give the folder of a model, "
                "or install a release: pip install --force-reinstall spotter-coach"
            )
        folder = ON_BOARD if folder is None else Path(folder)
        return cls(folder, read_card(folder), threads=threads)

    @property
    def classes(self) -> tuple[str, ...]:
        """Names; a detection's label i is ``classes[i - 1]``."""
        return self.card.classes

    def detect(self, image: NDArray[np.uint8], score: float | None = None) -> Detections:
        """Everything that is found in a picture.

        Args:
            image: RGB uint8 (height, width, 3).
            score: only what is surer, 0 to 1; as the model's card says if None.
        """

        def look(square: NDArray[np.uint8]) -> Detections:
            return self.detect_in_square(square, score)

        return (seen_twice if self.card.twice else seen_once)(look, image, self.card.side)

    def detect_in_square(self, square: NDArray[np.uint8], score: float | None = None) -> Detections:
        """Everything that is found in a square, at one look.

        Args:
            square: RGB uint8 (side, side, 3).
            score: only what is surer, 0 to 1; as the model's card says if None.

        Raises:
            ModelError: if the network gives a class that the card does not name.
        """
        least = np.array([self.card.score if score is None else score], np.float32)
        boxes, labels, scores, masks = self._session.run(square[None], least)
        if labels.max(initial=1) > len(self.classes):
            raise ModelError(
                f"{self.folder / NETWORK_FILE} knows more classes than the {len(self.classes)} of model.toml "
                "beside it: they belong to different models; export the model again"
            )
        return Detections(boxes, labels, scores, masks, self.card.side, self.card.side)

    def part_map(self, image: NDArray[np.uint8]) -> PartMap:
        """The people and their parts in one picture, RGB uint8 (height, width, 3); the surest person is 1."""
        found = self.detect(image, least_score(self.card.score))
        return composed(found, self.classes, image, self.card.score)

    def push(self, frame: Frame) -> PartMap:
        """The people and their parts in the next frame of a video, with numbers that stay."""
        return self._tracker.push(self.part_map(frame.image), frame)
