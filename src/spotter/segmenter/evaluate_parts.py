"""Mean intersection over union of people and the parts of their bodies, pixel by pixel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from spotter.body.part_iou import LABELS, PASCAL_LABELS, confusion, iou, to_pascal
from spotter.body.part_map import PARTS, PASCAL, TO_PASCAL, PartMap
from spotter.segmenter.annotation import Annotated, Instance
from spotter.segmenter.average_precision_overlaps import Bools, Floats, Ints
from spotter.segmenter.detections import decoded
from spotter.segmenter.evaluate_classes import key
from spotter.segmenter.metrics import Estimate, estimated

Scheme = Literal["all", "pascal", "none"]
"""Whose parts are marked: `PARTS`, `PASCAL`, or none."""

_PERSON: Final = "person"
_PARTS: Final[dict[Scheme, tuple[str, ...]]] = {"all": PARTS, "pascal": PASCAL, "none": ()}
_TO_PASCAL: Final = np.array(TO_PASCAL, np.uint8)


@dataclass(frozen=True, slots=True)
class TrueParts:
    """What a picture's annotations say pixel by pixel.

    Attributes:
        parts: whose numbers the labels are: `PARTS`, `PASCAL`, or nobody's.
        labels: uint8 array (height, width), 0 for none.
        people: bool array (height, width), whether there is a person.
        sure_labels, sure_people: bool arrays (height, width), whether the annotations tell them there.
    """

    parts: Scheme
    labels: NDArray[np.uint8]
    people: Bools
    sure_labels: Bools
    sure_people: Bools


@dataclass(frozen=True, slots=True)
class PartIou:
    """Intersection over union on label maps, over the pixels of all pictures together.

    Attributes:
        n: pictures whose pixels are known.
        parts: mean of the parts of `PARTS`.
        pascal: mean of Pascal-Person-Part's six.
        person: of people against everything else.
        of_parts, of_pascal: of each part by name; nothing in it has NaN as its value.
    """

    n: int
    parts: Estimate
    pascal: Estimate
    person: Estimate
    of_parts: dict[str, Estimate]
    of_pascal: dict[str, Estimate]


@dataclass(frozen=True, slots=True)
class PixelCounts:
    """One picture's pixels: a row for the truth, a column for what was found.

    Attributes:
        parts: int64 array (15, 15), see `spotter.body.part_iou.confusion`; zeros where it is not known.
        pascal: int64 array (7, 7).
        person: int64 array (2, 2).
    """

    parts: Ints
    pascal: Ints
    person: Ints


def true_parts(picture: Annotated, classes: Sequence[str]) -> TrueParts | None:
    """The label map that a picture's masks make; None where there are none of people or their parts.

    Of things that cover each other the smaller one is seen. Where only a box is known, or a crowd is, nothing
    is sure.

    Args:
        picture: with all its instances.
        classes: of the data set; parts count only where all of them are marked.
    """
    names = {number: key(name) for number, name in enumerate(classes, 1) if number in picture.known}
    known = set(names.values())
    scheme = next((one for one, parts in _PARTS.items() if known.issuperset(parts)), None)
    if scheme is None:
        return None
    numbers = {name: number for number, name in enumerate(_PARTS[scheme], 1)} | {_PERSON: 0}
    if scheme == "none" and _PERSON not in known:
        return None
    things = [
        (numbers[names[one.label]], one) for one in picture.instances if names.get(one.label) in numbers
    ]
    if things and all(one.mask is None for _, one in things):
        return None
    return _painted(things, scheme, picture.height, picture.width)


def _painted(things: Sequence[tuple[int, Instance]], scheme: Scheme, height: int, width: int) -> TrueParts:
    labels = np.zeros((height, width), np.uint8)
    people, no_label, no_person = np.zeros((3, height, width), bool)
    masks = []
    for label, one in things:
        covered = _covered(one, height, width)
        if one.mask is not None and not one.crowd:
            masks.append((label, covered))
            continue
        no_label |= covered
        if not label:
            no_person |= covered
    for label, mask in sorted(masks, key=lambda one: -int(one[1].sum())):
        people |= mask
        if label:
            labels[mask] = label
    return TrueParts(scheme, labels, people, ~no_label | (labels > 0), ~no_person | people)


def _covered(one: Instance, height: int, width: int) -> Bools:
    if one.mask is not None:
        return decoded(one.mask)
    covered = np.zeros((height, width), bool)
    left, top, right, bottom = one.box.round().astype(int).tolist()
    covered[top:bottom, left:right] = True
    return covered


def pixel_counts(found: PartMap, truth: TrueParts) -> PixelCounts:
    """Hold a part map against the truth of its picture."""
    person = confusion(found.people[truth.sure_people] > 0, truth.people[truth.sure_people], 2)
    given, wanted = found.labels[truth.sure_labels], truth.labels[truth.sure_labels]
    parts = np.zeros((LABELS, LABELS), np.int64)
    pascal = np.zeros((PASCAL_LABELS, PASCAL_LABELS), np.int64)
    if truth.parts == "all":
        parts = confusion(given, wanted)
        pascal = to_pascal(parts)
    elif truth.parts == "pascal":
        pascal = confusion(_TO_PASCAL[given], wanted, PASCAL_LABELS)
    return PixelCounts(parts, pascal, person)


def part_iou(counts: Sequence[PixelCounts], weights: Ints) -> PartIou:
    """The figures of all pictures together.

    Args:
        counts: a picture each, at least one.
        weights: how often each is in other choices of them, see `spotter.segmenter.metrics.resampled`.
    """
    parts, *of_parts = estimated(np.stack([one.parts for one in counts]), weights, _with_mean)
    pascal, *of_pascal = estimated(np.stack([one.pascal for one in counts]), weights, _with_mean)
    person = estimated(np.stack([one.person for one in counts]), weights, iou)[1]
    return PartIou(
        len(counts),
        parts,
        pascal,
        person,
        dict(zip(PARTS, of_parts, strict=True)),
        dict(zip(PASCAL, of_pascal, strict=True)),
    )


def _with_mean(counts: Ints) -> Floats:
    """The mean of the parts, and each part: (choices, 1 + parts) of counts (choices, labels, labels)."""
    each = iou(counts)[:, 1:]
    known = np.isfinite(each)
    total = np.where(known, each, 0).sum(1)
    mean = np.divide(total, known.sum(1), out=np.full(len(each), math.nan), where=known.any(1))
    return np.column_stack([mean, each])
