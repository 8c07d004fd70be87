"""One person's parts, told apart on a small grid inside the mask and drawn smoothly into the picture."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.body.mask import PersonMask
from spotter.body.part_costs import part_costs
from spotter.body.part_frame import PartFrame
from spotter.body.part_shapes import PartShapes

Bytes = NDArray[np.uint8]
Bools = NDArray[np.bool_]
Matrix = NDArray[np.float64]

_STEP = 2  # parts are told apart in every other row and column of the mask
_EDGE = 64  # a cell of that grid in which the mask is weaker than this is not looked at
_MARGIN = 2  # cells around the others that take over the part beside them
_LARGE = 2.0  # where a cell of the mask is so many pixels wide, half the picture's size loses nothing
_HALVED = np.array([[0.5, 0, -0.25], [0, 0.5, -0.25]])
_AROUND = np.ones((3, 3), np.uint8)


@dataclass(frozen=True, slots=True)
class PartLayer:
    """One person in a rectangle of the picture.

    Attributes:
        rows, columns: where the rectangle lies.
        labels: uint8 array, the part of each of its pixels as in ``PartMap``; it goes on a little beyond the
            person's outline.
        mask: uint8 array, how likely each of its pixels is the person's, 0 to 255.
        parts: int array, the labels from 1 to 14 that there can be.
    """

    rows: slice
    columns: slice
    labels: Bytes
    mask: Bytes
    parts: NDArray[np.int64]


def part_layer(
    mask: PersonMask, frame: PartFrame | None, present: Bools, shapes: PartShapes, height: int, width: int
) -> PartLayer | None:
    """One person's parts.

    Args:
        frame: where the person's bones are; None where that is not known: then no pixel has a part.
        present: bool array (14,), the parts that are not left out.
        shapes: of the parts.
        height, width: of the picture.

    Returns:
        The layer; None where the mask is empty or lies outside the picture.
    """
    values = mask.values
    side = max(1, len(values) // _STEP)
    inside = cv2.resize(values, (side, side), interpolation=cv2.INTER_AREA) >= _EDGE
    x, y, across, down = cv2.boundingRect(inside.view(np.uint8))
    if across == 0:
        return None
    window = np.pad(inside[y : y + down, x : x + across], _MARGIN)
    of_mask = mask.roi.crop_matrix(len(values))
    of_cells = _moved(_regridded(of_mask, len(values) / side), x - _MARGIN, y - _MARGIN)
    rows, columns = _rectangle(of_cells, window.shape, height, width)
    if rows.start >= rows.stop or columns.start >= columns.stop:
        return None
    cells = _doubled(_cells(window, of_cells, frame, present, shapes))
    size = columns.stop - columns.start, rows.stop - rows.start
    corner = np.array([[0, 0, columns.start], [0, 0, rows.start]])
    labels, likely = _drawn(cells, _regridded(of_cells, 0.5) - corner, values, of_mask - corner, size)
    parts = np.flatnonzero(np.bincount(cells.ravel())[1:]) + 1
    return PartLayer(rows, columns, labels, likely, parts)


def _drawn(
    cells: Bytes, of_cells: Matrix, values: Bytes, of_mask: Matrix, size: tuple[int, int]
) -> tuple[Bytes, Bytes]:
    """The parts and the mask in a rectangle (width, height) of the picture."""
    width, height = size
    half = np.hypot(*of_mask[:, 0]) >= _LARGE
    if half:
        of_cells, of_mask = (_HALVED @ np.vstack([matrix, [0, 0, 1]]) for matrix in (of_cells, of_mask))
        size = (width + 1) // 2, (height + 1) // 2
    labels = np.asarray(cv2.warpAffine(cells, of_cells, size, flags=cv2.INTER_NEAREST), np.uint8)
    likely = np.asarray(cv2.warpAffine(values, of_mask, size, flags=cv2.INTER_LINEAR), np.uint8)
    if half:
        labels = _doubled(labels)[:height, :width]
        doubled = cv2.resize(likely, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)
        likely = np.asarray(doubled, np.uint8)[:height, :width]
    return labels, likely


def _cells(
    window: Bools, to_picture: Matrix, frame: PartFrame | None, present: Bools, shapes: PartShapes
) -> Bytes:
    """The part of each cell that is wanted, and of those around them."""
    cells = np.zeros(window.shape, np.uint8)
    if frame is None or not present.any():
        return cells
    rows, columns = np.nonzero(window)
    points = to_picture[:, :2] @ np.stack([columns, rows]) + to_picture[:, 2:]
    costs = part_costs(frame, shapes, points.astype(np.float32))
    costs[~present] = np.inf
    cells[rows, columns] = costs.argmin(axis=0) + 1
    for _ in range(_MARGIN):
        cells += np.asarray(cv2.dilate(cells, _AROUND) * (cells == 0), np.uint8)
    return cells


def _doubled(cells: Bytes) -> Bytes:
    """A grid twice as fine, its stairs smoothed: the median of labels is one of them."""
    fine = cv2.resize(cells, None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)
    return np.asarray(cv2.medianBlur(fine, 3), np.uint8)


def _rectangle(to_picture: Matrix, shape: tuple[int, ...], height: int, width: int) -> tuple[slice, slice]:
    """The rows and columns of the picture around a grid; empty where it lies outside."""
    down, across = shape
    corners = np.array([[0, across, 0, across], [0, 0, down, down]]) - 0.5
    places = to_picture[:, :2] @ corners + to_picture[:, 2:]
    (left, top), (right, bottom) = np.floor(places.min(axis=1)), np.ceil(places.max(axis=1)) + 1
    return (
        slice(max(int(top), 0), max(min(int(bottom), height), 0)),
        slice(max(int(left), 0), max(min(int(right), width), 0)),
    )


def _regridded(to_picture: Matrix, step: float) -> Matrix:
    """The matrix (2, 3) for a grid of which each cell is ``step`` cells of the other one wide."""
    shift = (step - 1) / 2
    return np.asarray(to_picture @ np.array([[step, 0, shift], [0, step, shift], [0, 0, 1]]))


def _moved(to_picture: Matrix, x: int, y: int) -> Matrix:
    """The matrix (2, 3) for a grid that begins at column ``x`` and row ``y`` of the other one."""
    return np.asarray(to_picture @ np.array([[1, 0, x], [0, 1, y], [0, 0, 1]]))
