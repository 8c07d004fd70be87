"""The colours of the body's parts: the same in overlays, on pages and in label maps."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from spotter.body.part_map import PARTS
from spotter.report.palette import Colour

PART_COLOURS: Final[dict[str, Colour]] = {
    "head": (154, 255, 226),
    "torso": (73, 200, 148),
    "left_upper_arm": (93, 123, 254),
    "right_upper_arm": (169, 85, 34),
    "left_lower_arm": (54, 75, 167),
    "right_lower_arm": (228, 155, 1),
    "left_hand": (166, 194, 254),
    "right_hand": (255, 236, 14),
    "left_upper_leg": (150, 118, 181),
    "right_upper_leg": (178, 1, 10),
    "left_lower_leg": (124, 42, 141),
    "right_lower_leg": (254, 135, 105),
    "left_foot": (175, 116, 220),
    "right_foot": (196, 44, 101),
}
"""The person's left is blue and violet, the right yellow to red, head and torso are green.

Found by searching these families for the largest distances, in OKLab (Ottosson 2020), between parts that
touch each other, as people with no colour-blindness, deuteranopia, protanopia and tritanopia see them
(simulated after Machado et al. 2009, doi:10.1109/TVCG.2009.113); ``tests/report/test_parts_colours.py``
measures them.
"""

UNKNOWN_PART: Final[Colour] = (190, 190, 190)
"""A pixel of a person whose part is not known."""

_PEOPLE: Final = (
    (230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66),
    (0, 114, 178), (213, 94, 0), (204, 121, 167),
)  # fmt: skip
"""Okabe and Ito's colours for the colour-blind (2008, https://jfly.uni-koeln.de/color/)."""


def part_palette() -> NDArray[np.uint8]:
    """RGB colours (15, 3) of the labels of a `PartMap`, black for the background.

    >>> part_palette()[[0, 2]].tolist()
    [[0, 0, 0], [73, 200, 148]]
    """
    return np.array([(0, 0, 0), *(PART_COLOURS[name] for name in PARTS)], np.uint8)


def people_palette() -> NDArray[np.uint8]:
    """RGB colours (256, 3) of the numbers in a map of people, black for nobody; after seven they begin again.

    >>> palette = people_palette()
    >>> palette.shape, (palette[1] == palette[8]).all()
    ((256, 3), np.True_)
    """
    colours = np.resize(np.array(_PEOPLE, np.uint8), (255, 3))
    return np.vstack([np.zeros((1, 3), np.uint8), colours])
