"""Makes of an annotated picture what a network is trained with: a square, boxes, classes and masks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from pycocotools import mask as coco_mask

from spotter.errors import DatasetError
from spotter.media.convert import limited_size
from spotter.media.pictures import read_picture
from spotter.segmenter.annotation import PERSON, Annotated, Instance, Rle
from spotter.segmenter.augment import Augmentation, drawn_placement, recoloured
from spotter.segmenter.placement import Placement, fitted, letterbox
from spotter.segmenter.run_lengths import label_layers

_LEAST_SIDE = 3  # pixels of the square: what is narrower is no more than a hint of a thing
_LEAST_AREA = 12
_LEAST_SEEN = 0.3  # of a box: what is cut off further may show nothing of the thing itself
_ROUNDING = 2  # pixels by which a shrunk picture may be larger or smaller than reckoned


@dataclass(frozen=True, slots=True)
class Example:
    """One square picture and what is to be found in it.

    Attributes:
        image: uint8 array (side, side, 3), RGB.
        boxes: float32 array (n, 4), left, top, right, bottom in pixels of the square.
        labels: int64 array (n,), numbers of the classes, from 1.
        masks: uint8 array (n, side, side), 1 on the thing; all 0 where only the box is known.
        has_mask: bool array (n,).
        unsure: float32 array (k, 4): boxes in which there may be things that are not among these: crowds,
            what is too small or cut off, and parts of people whose parts nobody marked.
        scale: pixels of the square that a pixel of the picture became.
    """

    image: NDArray[np.uint8]
    boxes: NDArray[np.float32]
    labels: NDArray[np.int64]
    masks: NDArray[np.uint8]
    has_mask: NDArray[np.bool_]
    unsure: NDArray[np.float32]
    scale: float


def example(
    annotated: Annotated,
    side: int,
    mirrored: Sequence[int],
    rng: np.random.Generator | None = None,
    settings: Augmentation | None = None,
) -> Example:
    """What a network learns from a picture, or is asked.

    Args:
        annotated: the picture.
        side: of the square in pixels.
        mirrored: the number that each class becomes in a mirrored picture; entry 0 is the background.
        rng: what the changes are drawn from: the same state gives the same example. Without it the picture is
            only fitted into the square, in its top left corner.
        settings: what is changed with ``rng``; augment.toml's if None.

    Raises:
        MediaNotFoundError, MediaUnreadableError, MediaFormatError: if the picture cannot be read.
        DatasetError: if the picture is not of the size that was told.
    """
    size = annotated.height, annotated.width
    if rng is None:
        image, _ = fitted(_read(annotated, side), side)
        return placed(image, annotated, letterbox(*size, side), mirrored)
    settings = settings if settings is not None else Augmentation.usual()
    boxes = _stacked([one.box for one in annotated.instances if not one.crowd])
    people = [one.box for one in annotated.instances if one.label == PERSON and not one.crowd]
    placement = drawn_placement(size, side, boxes, rng, settings, _stacked(people))
    # shrunk while it is read, so that the warp itself need not: no pixel is skipped
    wanted = max(1, round(max(size) * min(1.0, placement.scale)))
    image = recoloured(_read(annotated, wanted), rng, settings)
    return placed(placement.picture(image, *size), annotated, placement, mirrored)


def placed(
    square: NDArray[np.uint8], annotated: Annotated, placement: Placement, mirrored: Sequence[int]
) -> Example:
    """What is marked in a picture, moved to where the picture lies in the square.

    Args:
        square: RGB (side, side, 3), the picture where ``placement`` puts it.
        annotated: what is marked, in pixels of the picture.
        placement: from the one to the other.
        mirrored: the number that each class becomes in a mirrored picture.
    """
    side = placement.side
    things = [one for one in annotated.instances if not one.crowd]
    masks, tight, areas = moved_masks([one.mask for one in things if one.mask is not None], placement)
    has_mask = np.array([one.mask is not None for one in things], np.bool_)
    moved = placement.boxes(_stacked([one.box for one in things]))
    boxes = moved.clip(0, side)
    kept = _area(boxes) >= _LEAST_SEEN * _area(moved)
    boxes[has_mask] = np.where(areas[:, None] > 0, tight, boxes[has_mask])
    kept[has_mask] = areas >= _LEAST_AREA
    kept &= (boxes[:, 2:] - boxes[:, :2]).min(1, initial=side) >= _LEAST_SIDE
    if not (kept.all() and has_mask.all()):
        whole = np.zeros((int(kept.sum()), side, side), np.uint8)
        whole[has_mask[kept]] = masks[kept[has_mask]]
        masks = whole
    table = np.asarray(mirrored if placement.mirrored else range(len(mirrored)), np.int64)
    labels = table[[one.label for one in things]] if things else np.zeros(0, np.int64)
    crowds = placement.boxes(_stacked([one.box for one in annotated.instances if one.crowd])).clip(0, side)
    unmarked = _unmarked(annotated, things, boxes, len(mirrored), side)
    unsure = np.unique(np.concatenate([crowds, boxes[~kept], unmarked]), axis=0)
    return Example(
        square,
        boxes[kept],
        labels[kept],
        masks,
        has_mask[kept],
        unsure[(unsure[:, 2:] > unsure[:, :2]).all(1)],
        placement.scale,
    )


def moved_masks(
    rles: Sequence[Rle], placement: Placement
) -> tuple[NDArray[np.uint8], NDArray[np.float32], NDArray[np.int64]]:
    """Masks where they lie in the square.

    Args:
        rles: run-length codes of masks that are all of the picture's size.
        placement: from the picture to the square.

    Returns:
        uint8 array (n, side, side), 1 on the thing; the boxes (n, 4) around them, and their areas (n,) in
        pixels. Of what does not lie in the square, all is 0.
    """
    side = placement.side
    masks = np.zeros((len(rles), side, side), np.uint8)
    boxes, areas = np.zeros((len(rles), 4), np.float32), np.zeros(len(rles), np.int64)
    if not rles:
        return masks, boxes, areas
    extents = coco_mask.toBbox(list(rles)).astype(np.float32)
    extents[:, 2:] += extents[:, :2]
    around = placement.boxes(extents) + np.array([-1, -1, 2, 2], np.float32)  # for what is rounded in moving
    for labels, members in label_layers(rles):
        moved = placement.standing_labels(labels)
        for number, member in enumerate(members, 1):
            left, top, right, bottom = around[member].clip(0, side).astype(int).tolist()
            if right <= left or bottom <= top:
                continue
            window = masks[member, top:bottom, left:right]
            np.equal(moved[top:bottom, left:right], number, out=window, casting="unsafe")
            if area := cv2.countNonZero(window):
                x, y, width, height = cv2.boundingRect(window)
                boxes[member] = left + x, top + y, left + x + width, top + y + height
                areas[member] = area
    return masks, boxes, areas


def _unmarked(
    annotated: Annotated, things: Sequence[Instance], boxes: NDArray[np.float32], classes: int, side: int
) -> NDArray[np.float32]:
    """Boxes (k, 4) where things of classes may be that are not marked in this picture."""
    if annotated.known.issuperset(range(1, classes)):
        return np.zeros((0, 4), np.float32)
    if PERSON not in annotated.known:
        return np.array([[0, 0, side, side]], np.float32)
    return boxes[[one.label == PERSON for one in things]].reshape(-1, 4)


def _read(annotated: Annotated, longest: int) -> NDArray[np.uint8]:
    image = read_picture(annotated.path, max_side=longest)
    height, width = image.shape[:2]
    told = limited_size(annotated.width, annotated.height, longest)
    if abs(width - told[0]) > _ROUNDING or abs(height - told[1]) > _ROUNDING:
        raise DatasetError(
            f"{annotated.path} is not of the shape that its annotations are for: they say "
            f"{annotated.width} by {annotated.height} pixels, and shrunk to {longest} it is {width} by "
            f"{height}; give the picture that was annotated"
        )
    return image


def _area(boxes: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray((boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1]))


def _stacked(boxes: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    return np.stack(boxes) if boxes else np.zeros((0, 4), np.float32)
