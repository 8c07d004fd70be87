"""The plate that says which colour is which part."""

from __future__ import annotations

from functools import lru_cache

from spotter.report.drawing import Image, Layer, stamp
from spotter.report.palette import INK, MUTED, PAPER
from spotter.report.part_colours import PART_COLOURS
from spotter.report.text import text_width

_ROWS = ("upper_arm", "lower_arm", "hand", "upper_leg", "lower_leg", "foot")
LEGIBLE = 0.4
"""The smallest unit, a 360th of a picture's shorter side in pixels, at which letters can be read."""

_WIDTHS = 460.0  # units that a picture is wide at least: the plate covers less than a third of it
_SIZE, _CHIP, _STEP, _PADDING, _MARGIN = 11.0, 11.0, 17.0, 10.0, 10.0


def draw_legend(image: Image) -> None:
    """Stamp the plate on a picture's lower left corner, in place; not where its letters could not be read.

    Args:
        image: RGB picture (height, width, 3).
    """
    height, width = image.shape[:2]
    unit = min(height / 360, width / _WIDTHS)
    if unit < LEGIBLE:
        return
    plate = legend_plate(unit)
    stamp(image, plate, _MARGIN * unit, height - plate.height - _MARGIN * unit)


@lru_cache(maxsize=8)
def legend_plate(unit: float) -> Layer:
    """The plate: head and torso, then a row for each limb's part with the colours of its left and right.

    Args:
        unit: what a pixel of a picture 360 pixels high is here.

    >>> legend_plate(1.0).width < legend_plate(2.0).width
    True
    """
    size, chip, step, pad = (one * unit for one in (_SIZE, _CHIP, _STEP, _PADDING))
    columns = [text_width(word, size) + 0.8 * size for word in ("left", "right")]
    names = max(text_width(name.replace("_", " "), size) for name in _ROWS) + size
    width, height = 2 * pad + sum(columns) + names, 2 * pad + (len(_ROWS) + 3) * step
    layer = Layer.empty(width + 1, height + 1)
    layer.box(0, 0, width, height, 8 * unit, INK, 0.82)

    def chips(row: int, text: str, parts: tuple[str, ...]) -> None:
        middle = pad + (row + 0.5) * step
        for x, part in zip((pad, pad + columns[0]), parts, strict=False):
            wide = chip * 1.6 + (columns[0] if len(parts) == 1 else 0)
            layer.box(x, middle - chip / 2, wide, chip, 2 * unit, PART_COLOURS[part])
        layer.text(text, pad + sum(columns), middle + 0.36 * size, size, PAPER)

    chips(0, "head", ("head",))
    chips(1, "torso", ("torso",))
    for word, x in (("left", pad), ("right", pad + columns[0])):
        layer.text(word, x, pad + 2.5 * step + 0.36 * size, size, MUTED)
    for row, name in enumerate(_ROWS, start=3):
        chips(row, name.replace("_", " "), (f"left_{name}", f"right_{name}"))
    return layer
