"""Finds things with the weights of Matterport's Mask R-CNN, which no longer installs, in PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.body.part_map import PartMap
from spotter.errors import UsageError
from spotter.media.frame import Frame
from spotter.recognizer.pytorch import torch
from spotter.segmenter.card import SegmenterCard
from spotter.segmenter.coco_classes import COCO_USED
from spotter.segmenter.compose import composed, least_score
from spotter.segmenter.detections import Detections
from spotter.segmenter.matterport_boxes import Settings, anchor_boxes, detected, pooled, proposed
from spotter.segmenter.matterport_network import MatterportNetwork
from spotter.segmenter.matterport_weights import read_matterport
from spotter.segmenter.tracked import PersonTracker

_SCORE = 0.7  # from which on Matterport shows what it found
_MEAN = np.array([123.7, 116.8, 103.9], np.float32)  # of red, green and blue


def open_matterport(
    path: Path, classes: Sequence[str] | None = None, settings: Settings | None = None
) -> MatterportSegmenter:
    """A segmenter from an .h5 file of Matterport's Mask R-CNN, such as ``mask_rcnn_coco.h5``.

    Args:
        path: the file; its ResNet, 50 or 101, and its number of classes are seen from it.
        classes: their names, without the background; if None, COCO's for 80 of them, else their numbers.
        settings: Matterport's; those of its ``Config`` if None.

    Raises:
        ModelError: if the file is damaged or something else; the message names the layer.
        UsageError: if there are not as many names as classes.
        MissingExtraError: if PyTorch, torchvision or h5py is not installed.
    """
    network = read_matterport(path)
    count = network.sizes.classes - 1
    if classes is None:
        classes = COCO_USED if count == len(COCO_USED) else [f"class {row + 1}" for row in range(count)]
    if len(classes) != count:
        raise UsageError(f"{path} knows {count} classes, and {len(classes)} names were given")
    settings = settings or Settings()
    card = SegmenterCard("matterport", tuple(classes), settings.max_side, _SCORE)
    return MatterportSegmenter(network, card, settings)


class MatterportSegmenter:
    """Matterport's network with what is done before and after it; it is used as `Segmenter` is.

    Args:
        network: with its weights.
        card: its classes, and the score from which on they are shown.
        settings: Matterport's.
        device: that it is computed on; a GPU if there is one, if None.
    """

    def __init__(
        self,
        network: MatterportNetwork,
        card: SegmenterCard,
        settings: Settings,
        device: torch.device | None = None,
    ) -> None:
        self.card = card
        self._device = device or torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self._network = network.to(self._device).eval()
        self._settings = settings
        self._tracker = PersonTracker()

    @property
    def classes(self) -> tuple[str, ...]:
        """Names; a detection's label i is ``classes[i - 1]``."""
        return self.card.classes

    def detect(self, image: NDArray[np.uint8], score: float | None = None) -> Detections:
        """Everything that is found in a picture.

        Args:
            image: RGB uint8 (height, width, 3).
            score: only what is surer, 0 to 1; as the card says if None.
        """
        height, width = image.shape[:2]
        square, corner, size = molded(image, self._settings)
        side = len(square)
        window = np.array([*corner, corner[0] + size[0] - 1, corner[1] + size[1] - 1]) / (side - 1)
        with torch.no_grad():
            pixels = torch.from_numpy(square).permute(2, 0, 1)[None].to(self._device)
            place = torch.tensor(window, dtype=torch.float32, device=self._device)
            least = self.card.score if score is None else score
            boxes, labels, scores, masks = self._found(pixels, place, least)
        return Detections(
            _in_picture(boxes.cpu().numpy(), window, height, width),
            labels.cpu().numpy(),
            scores.cpu().numpy(),
            masks.cpu().numpy(),
            height,
            width,
        )

    def part_map(self, image: NDArray[np.uint8]) -> PartMap:
        """The people in one picture, and their parts if it knows some, RGB uint8 (height, width, 3)."""
        found = self.detect(image, least_score(self.card.score))
        return composed(found, self.classes, image, self.card.score)

    def push(self, frame: Frame) -> PartMap:
        """The people in the next frame of a video, with numbers that stay."""
        return self._tracker.push(self.part_map(frame.image), frame)

    def _found(self, pixels: torch.Tensor, window: torch.Tensor, score: float) -> tuple[torch.Tensor, ...]:
        """Boxes (n, 4) in the square, classes (n,), scores (n,) and masks (n, 28, 28)."""
        network, settings, side = self._network, self._settings, pixels.shape[2]
        maps = network.maps(pixels)
        likely, moves = (torch.cat(rows) for rows in zip(*map(network.anchors_of, maps), strict=True))
        shapes = [(one.shape[2], one.shape[3]) for one in maps]
        places = anchor_boxes(shapes, side, settings.anchors).to(pixels.device)
        proposals = proposed(likely, moves, places, settings)
        heads = maps[:4]
        of_class, moves = network.classes_of(pooled(heads, proposals, side, 7))
        boxes, labels, scores = detected(proposals, of_class, moves, window, score, settings)
        masks = network.masks_of(pooled(heads, boxes, side, 14))
        return boxes, labels, scores, masks[torch.arange(len(labels)), labels]


def molded(
    image: NDArray[np.uint8], settings: Settings
) -> tuple[NDArray[np.float32], tuple[int, int], tuple[int, int]]:
    """A picture as the network takes it: in the middle of a black square, less the mean colour.

    Args:
        image: RGB (height, width, 3).
        settings: how large.

    Returns:
        float32 (side, side, 3); its top left corner there, as (top, left); and its (height, width) there.

    >>> square, corner, size = molded(np.zeros((50, 100, 3), np.uint8), Settings(64, 64))
    >>> square.shape, corner, size
    ((64, 64, 3), (16, 0), (32, 64))
    """
    height, width = image.shape[:2]
    side = settings.max_side
    scale = min(max(1.0, settings.min_side / min(height, width)), side / max(height, width))
    size = max(1, round(height * scale)), max(1, round(width * scale))
    if size != (height, width):
        image = np.asarray(cv2.resize(image, size[::-1], interpolation=cv2.INTER_LINEAR), np.uint8)
    corner = (side - size[0]) // 2, (side - size[1]) // 2
    square = np.zeros((side, side, 3), np.float32)
    square[corner[0] : corner[0] + size[0], corner[1] : corner[1] + size[1]] = image
    return square - _MEAN, corner, size


def _in_picture(
    boxes: NDArray[np.float32], window: NDArray[np.float64], height: int, width: int
) -> NDArray[np.float32]:
    """Boxes of the square as left, top, right, bottom in pixels of the picture."""
    top, left, bottom, right = ((boxes - window[[0, 1, 0, 1]]) / (window[2:] - window[:2])[[0, 1, 0, 1]]).T
    edges = [left * (width - 1), top * (height - 1), right * (width - 1) + 1, bottom * (height - 1) + 1]
    return np.stack(edges, 1).clip(0, [width, height, width, height]).astype(np.float32)
