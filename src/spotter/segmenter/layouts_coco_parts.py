"""People of COCO whose parts others have marked: COCO Human Parts and DensePose-COCO."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from spotter.segmenter.annotation import CLASSES, PERSON, Instance
from spotter.segmenter.data_check import Findings
from spotter.segmenter.data_check_coco import instance_of, told_box
from spotter.segmenter.layouts_coco import Marked, has_files, read_files, reading_of
from spotter.segmenter.layouts_reading import Reading
from spotter.segmenter.outlines import Box, DrawnRle, Stretched
from spotter.segmenter.run_lengths import box_of, checked

HUMAN_PARTS_FILES = (
    (("annotations/person_humanparts_train*.json",), "annotations/person_humanparts_val*.json"),
    (("person_humanparts_train*.json",), "person_humanparts_val*.json"),
)
HUMAN_PARTS = ("head", "face", "left_hand", "right_hand", "left_foot", "right_foot")
"""In the order of the field ``hier``."""

DENSEPOSE_FILES = tuple(
    (
        (f"{folder}densepose_coco_2014_train.json", f"{folder}densepose_coco_2014_valminusminival.json"),
        f"{folder}densepose_coco_2014_minival.json",
    )
    for folder in ("annotations/", "", "DensePose_COCO/")
)
DENSEPOSE = (
    "torso", "right_hand", "left_hand", "left_foot", "right_foot",
    "right_upper_leg", "left_upper_leg", "right_lower_leg", "left_lower_leg",
    "left_upper_arm", "right_upper_arm", "left_lower_arm", "right_lower_arm", "head",
)  # fmt: skip
"""In the order of the field ``dp_masks``."""

_PER_PART = 5  # numbers of hier: left, top, right, bottom, and whether the part is seen


def has_human_parts(path: Path) -> bool:
    """Whether a folder has files of COCO Human Parts."""
    return has_files(path, HUMAN_PARTS_FILES)


def read_human_parts(path: Path, found: Findings) -> Reading:
    """COCO Human Parts (Yang et al. 2020, Hier R-CNN, github.com/soeaver/Hier-R-CNN).

    Each person of COCO 2017 has beside ``bbox`` and ``segmentation`` a field ``hier`` of 30 numbers: left,
    top, right, bottom and whether it is seen (0 or not) of head, face, left hand, right hand, left foot and
    right foot. Parts have boxes only.
    """
    classes = ("person", *HUMAN_PARTS)
    known = frozenset(range(1, len(classes) + 1))
    return reading_of(path, read_files(path, HUMAN_PARTS_FILES, found), classes, found, _with_boxes, known)


def has_densepose(path: Path) -> bool:
    """Whether a folder has files of DensePose-COCO."""
    return has_files(path, DENSEPOSE_FILES)


def read_densepose(path: Path, found: Findings) -> Reading:
    """DensePose-COCO (Güler et al. 2018, arXiv:1802.00434): the 14 parts of `CLASSES`, by hand.

    Where a person was marked, ``dp_masks`` has 14 masks of 256 x 256 that are stretched over ``bbox``, as
    run-length codes, or an empty list for a part that is not seen. Parts hidden by clothes are marked through
    them. Nothing is learned of the parts of people who were not marked.
    """
    known = frozenset(range(1, len(CLASSES) + 1))
    return reading_of(path, read_files(path, DENSEPOSE_FILES, found), CLASSES, found, _with_masks, known)


def _with_boxes(marked: Marked) -> list[Instance]:
    """A person and the boxes of its parts."""
    person = marked.instance()
    if person is None or person.crowd or marked.label != PERSON:
        return [] if person is None else [person]
    told = marked.told.get("hier")
    numbers = told if isinstance(told, list) else []
    if len(numbers) != _PER_PART * len(HUMAN_PARTS) or not all(type(one) in (int, float) for one in numbers):
        marked.found.add("parts wrong", marked.where, "hier is not a list of 30 numbers")
        return [person, *_unmarked(person, len(HUMAN_PARTS), marked)]
    things = [person]
    for number, name in enumerate(HUMAN_PARTS):
        left, top, right, bottom, seen = numbers[number * _PER_PART :][:_PER_PART]
        if not seen:
            continue
        entry = {
            "bbox": [left, top, right - left, bottom - top],
            "id": next(marked.unused),
            "person": person.ident,
        }
        where = f"{name} of {marked.where}"
        part = instance_of(entry, PERSON + 1 + number, marked.size, where, marked.found)
        things += [part] if part is not None else []
    return things


def _with_masks(marked: Marked) -> list[Instance]:
    """A person and the masks of its parts."""
    person = marked.instance()
    if person is None or person.crowd or marked.label != PERSON:
        return [] if person is None else [person]
    told = marked.told.get("dp_masks")
    if told is None:
        return [person, *_unmarked(person, len(DENSEPOSE), marked)]
    box = told_box(marked.told.get("bbox"))
    if not isinstance(told, list) or len(told) != len(DENSEPOSE) or box is None:
        marked.found.add("parts wrong", marked.where, "dp_masks is not a list of 14 masks in a box")
        return [person, *_unmarked(person, len(DENSEPOSE), marked)]
    parts = (_stretched(*pair, box, person, marked) for pair in zip(DENSEPOSE, told, strict=True))
    return [person, *(one for one in parts if one is not None)]


def _stretched(name: str, told: Any, box: Box, person: Instance, marked: Marked) -> Instance | None:
    if told == []:
        return None
    where = f"{name} of {marked.where}"
    try:
        if not isinstance(told, dict):
            raise ValueError("no run-length code")
        small = checked(told)
    except ValueError as error:
        marked.found.add("part wrong", where, str(error))
        return None
    inside = box_of(small)
    if inside is None:
        return None
    rows, columns = small["size"]
    across, down = (box[2] - box[0]) / columns, (box[3] - box[1]) / rows
    entry = {
        "bbox": [
            box[0] + inside[0] * across,
            box[1] + inside[1] * down,
            (inside[2] - inside[0]) * across,
            (inside[3] - inside[1]) * down,
        ],
        "segmentation": DrawnRle(*marked.size, Stretched(small, box)),
        "id": next(marked.unused),
        "person": person.ident,
    }
    return instance_of(entry, CLASSES.index(name) + 1, marked.size, where, marked.found)


def _unmarked(person: Instance, parts: int, marked: Marked) -> list[Instance]:
    """Crowds of each part where the person is: there may be parts, and nobody says where."""
    return [
        Instance(PERSON + part, person.box, person.mask, True, next(marked.unused), person.ident)
        for part in range(1, parts + 1)
    ]
