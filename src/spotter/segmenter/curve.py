"""What is known of each epoch of a training."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EpochCurve:
    """One epoch's figures.

    Attributes:
        epoch: its number, from 1.
        loss: mean of the sum of all losses.
        objectness, proposals: of the region proposal network: is there something, and where exactly.
        classes, boxes, masks: of the heads.
        rate: the learning rate at its end.
        box_ap, mask_ap: on the held-back pictures (AP, 0 to 1); NaN where none were judged.
        mask_ap50: AP of masks at an overlap of one half.
        seconds: that it took.
        pixels: loss of the pixel head; NaN where the network has none.
    """

    epoch: int
    loss: float
    objectness: float
    proposals: float
    classes: float
    boxes: float
    masks: float
    rate: float
    box_ap: float
    mask_ap: float
    mask_ap50: float
    seconds: float
    pixels: float = math.nan

    @property
    def ap(self) -> float:
        """What epochs are compared by: AP of masks, or of boxes where no masks are marked."""
        return self.box_ap if math.isnan(self.mask_ap) else self.mask_ap
