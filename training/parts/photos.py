"""Gives photos of people, outlined by hand, their parts by the fast engine, where it is sure."""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from spotter.body.part_engine import FastParts
from spotter.body.part_iou import confusion, iou
from spotter.body.part_map import PartMap
from spotter.errors import MediaNotFoundError
from spotter.media.frame import Frame
from spotter.media.label_png import label_png
from spotter.media.pictures import read_picture
from spotter.media.writing import write_bytes

from .coco import IMAGES, LABELS, PEOPLE, write_instances
from .recipe import read_recipe

LEAST_AGREEMENT = 0.9  # intersection over union of the outline found with the one that was drawn
LEAST_SEEN = 0.8  # of each part, how well its landmarks are seen

Labels = NDArray[np.uint8]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("out", type=Path, help="folder that the pictures and their maps are written to")
    parser.add_argument("--photos", type=Path, required=True, help="photos/people, with masks by hand")


def run(arguments: argparse.Namespace) -> None:
    """Write the photos of which every part is known, as the renderer writes its pictures."""
    photos = sorted(arguments.photos.glob("*.jpg"))[: read_recipe().first_held]
    if not photos:
        raise MediaNotFoundError(f"there are no photos in {arguments.photos}; give a folder of NNNN.jpg")
    for kind in (IMAGES, LABELS, PEOPLE):
        (arguments.out / kind).mkdir(parents=True, exist_ok=True)
    kept = 0
    for photo in track(photos, description="photos"):
        drawn = cv2.imread(str(photo.with_suffix(".png")), cv2.IMREAD_UNCHANGED)
        found = FastParts(max_people=1).push(Frame(read_picture(photo), 0.0, 0))
        labels = None if drawn is None else sure_parts(found, np.asarray(drawn > 0))
        if labels is None:
            continue
        write_bytes(arguments.out / LABELS / f"{photo.stem}.png", label_png(labels))
        write_bytes(arguments.out / PEOPLE / f"{photo.stem}.png", label_png((labels > 0).astype(np.uint8)))
        write_bytes(arguments.out / IMAGES / photo.name, photo.read_bytes())
        kept += 1
    write_instances(arguments.out)
    print(f"{arguments.out}: {kept} of {len(photos)} photos; of the others a part or the outline is unsure")


def sure_parts(found: PartMap, person: NDArray[np.bool_]) -> Labels | None:
    """The parts inside the drawn outline; None where a part is not sure, or the outlines do not agree.

    Args:
        found: by the fast engine.
        person: bool (height, width), the outline that was drawn.
    """
    if len(found.ids) != 1 or not bool((found.scores[0, 1:] >= LEAST_SEEN).all()):  # NaN is not sure either
        return None
    if iou(confusion(found.people > 0, person, 2))[1] < LEAST_AGREEMENT:
        return None
    return np.where(person, spread(found.labels), 0).astype(np.uint8)


def spread(labels: Labels) -> Labels:
    """Every pixel without a label takes that of the nearest one that has one.

    >>> spread(np.array([[0, 3, 0, 0, 5]], np.uint8)).tolist()
    [[3, 3, 3, 5, 5]]
    """
    _, nearest = cv2.distanceTransformWithLabels(
        (labels == 0).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    table = np.zeros(int(nearest.max()) + 1, np.uint8)
    known = labels > 0
    table[nearest[known]] = labels[known]
    return np.asarray(table[nearest], np.uint8)
