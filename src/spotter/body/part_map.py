"""Which pixel belongs to whom, and to which part of the body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

PARTS: Final = (
    "head", "torso",
    "left_upper_arm", "right_upper_arm", "left_lower_arm", "right_lower_arm", "left_hand", "right_hand",
    "left_upper_leg", "right_upper_leg", "left_lower_leg", "right_lower_leg", "left_foot", "right_foot",
)  # fmt: skip
"""Names of the parts; part number i of a label map is ``PARTS[i - 1]``. Left is the person's own left."""

MIRRORED: Final = (0, 1, 2, 4, 3, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13)
"""What each label becomes when the picture is mirrored."""

PASCAL: Final = ("head", "torso", "upper_arm", "lower_arm", "upper_leg", "lower_leg")
"""The six parts of Pascal-Person-Part (Chen et al. 2014, arXiv:1406.2031)."""

TO_PASCAL: Final = (0, 1, 2, 3, 3, 4, 4, 4, 4, 5, 5, 6, 6, 6, 6)
"""Label to Pascal-Person-Part's: hands are lower arm, feet lower leg, left and right are one."""


@dataclass(frozen=True, slots=True)
class PartMap:
    """The people in one picture and the parts of their bodies, pixel by pixel.

    Where two people overlap, the pixel belongs to the one in front. A pixel of a person whose part is
    not known has label 0.

    Attributes:
        labels: uint8 array (height, width), 0 for the background, else the number of the part.
        people: uint8 array (height, width), 0 for nobody, k for the person ``ids[k - 1]``.
        ids: number of each person that stays from frame to frame, from 1; may be of people with no pixel.
        scores: float32 array (len(ids), 15), 0 to 1: how surely there is this person (column 0) and each
            part (columns 1 to 14); NaN for a part that was not found.

    >>> labels = np.array([[0, 1], [2, 2]], np.uint8)
    >>> found = PartMap(labels, (labels > 0).astype(np.uint8), (7,), np.ones((1, 15), np.float32))
    >>> found.person(7).sum(), found.part("torso").sum(), found.areas(7)["head"]
    (np.int64(3), np.int64(2), 1)
    """

    labels: NDArray[np.uint8]
    people: NDArray[np.uint8]
    ids: tuple[int, ...]
    scores: NDArray[np.float32]

    def person(self, ident: int) -> NDArray[np.bool_]:
        """The pixels (height, width) of one person.

        Raises:
            ValueError: if nobody has this number.
        """
        return np.asarray(self.people == self.ids.index(ident) + 1)

    def part(self, name: str, ident: int | None = None) -> NDArray[np.bool_]:
        """The pixels (height, width) of a part, of one person or of everybody."""
        chosen = self.labels == PARTS.index(name) + 1
        return np.asarray(chosen if ident is None else chosen & self.person(ident))

    def areas(self, ident: int) -> dict[str, int]:
        """Pixels of the whole ``"person"`` and of each part of one person."""
        counts = np.bincount(self.labels[self.person(ident)], minlength=len(PARTS) + 1)
        return {"person": int(counts.sum())} | dict(zip(PARTS, counts[1:].tolist(), strict=True))

    @staticmethod
    def empty(height: int, width: int) -> PartMap:
        """Of a picture with nobody in it.

        >>> PartMap.empty(2, 3).ids
        ()
        """
        nobody = np.zeros((height, width), np.uint8)
        return PartMap(nobody, nobody, (), np.zeros((0, len(PARTS) + 1), np.float32))
