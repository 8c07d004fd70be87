"""Haar cascades, as OpenCV wrote them: boosted stages of rectangle features over sliding windows.

Viola and Jones 2001, Rapid Object Detection using a Boosted Cascade of Simple Features; tilted rectangles by
Lienhart and Maydt 2002. OpenCV 5 ships neither the classifier nor its files any more, so both are fetched and
computed here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.errors import ModelError

Floats = NDArray[np.float64]
Boxes = NDArray[np.float64]

_EPSILON = 1e-5  # of a stage's threshold, as OpenCV has it
_STEP = 1.1  # from one size of window to the next
_COARSE = 2.0  # windows smaller than so many times the trained size are tried at every second pixel
_AT_ONCE = 1 << 18  # corners of rectangles that are looked up together
_FLAT = 0.1  # a window of less contrast shows nothing
_ALIKE = 0.2  # share of their size by which windows on one thing may differ


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage: stumps that vote.

    Attributes:
        corners: int array (stumps, 3, 4, 2), for each of at most three rectangles the x and y of its corners.
        weights: float array (stumps, 3), of the rectangles' sums; 0 where there are fewer.
        tilted: bool array (stumps,).
        thresholds: float array (stumps,), of the sum over the window's deviation.
        leaves: float array (stumps, 2), the vote below the threshold and from it on.
        threshold: votes that pass.
    """

    corners: NDArray[np.int64]
    weights: Floats
    tilted: NDArray[np.bool_]
    thresholds: Floats
    leaves: Floats
    threshold: float


@dataclass(frozen=True, slots=True)
class Cascade:
    """A classifier of windows.

    Attributes:
        width, height: of the window that it was trained with, in pixels.
        stages: in their order.
    """

    width: int
    height: int
    stages: tuple[Stage, ...]

    def find(self, grey: NDArray[np.uint8], smallest: int = 0, neighbours: int = 3) -> Boxes:
        """Where the thing is.

        Args:
            grey: picture (height, width).
            smallest: height of the smallest window that is tried, in pixels.
            neighbours: more windows than this must agree.

        Returns:
            Boxes (n, 4), left, top, right, bottom in pixels; the one that most windows agree on first.
        """
        found = [box for box in self._windows(grey, smallest)]
        return grouped(np.concatenate(found) if found else np.zeros((0, 4)), neighbours)

    def _windows(self, grey: NDArray[np.uint8], smallest: int) -> Iterator[Boxes]:
        """Every window that passes all stages, size by size."""
        scale = 1.0
        while True:
            size = round(grey.shape[1] / scale), round(grey.shape[0] / scale)
            if size[0] < self.width or size[1] < self.height:
                return
            if self.height * scale >= smallest:
                shrunk = cv2.resize(grey, size, interpolation=cv2.INTER_LINEAR_EXACT)
                places = self._pass(np.asarray(shrunk, np.uint8), 1 if scale >= _COARSE else 2)
                yield np.concatenate([places, places + np.array([self.width, self.height])], 1) * scale
            scale *= _STEP

    def _pass(self, grey: NDArray[np.uint8], step: int) -> Floats:
        """Left and top (n, 2) of the windows of the trained size that pass."""
        sums, squares, slanted = (np.asarray(table) for table in cv2.integral3(grey))
        rows = np.arange(0, grey.shape[0] - self.height + 1, step)
        columns = np.arange(0, grey.shape[1] - self.width + 1, step)
        y, x = (axis.ravel() for axis in np.meshgrid(rows, columns, indexing="ij"))
        deviation = self._deviations(sums.astype(np.float64), squares.astype(np.float64), x, y)
        alive = deviation > _FLAT
        x, y, deviation = x[alive], y[alive], deviation[alive]
        tables = np.concatenate([sums.ravel(), slanted.ravel()])
        for stage in self.stages:
            votes = _votes(stage, tables, sums.shape[1], y * sums.shape[1] + x, deviation)
            passed = votes >= stage.threshold - _EPSILON
            x, y, deviation = x[passed], y[passed], deviation[passed]
            if not len(x):
                break
        return np.stack([x, y], 1).astype(np.float64)

    def _deviations(
        self, sums: Floats, squares: Floats, x: NDArray[np.int64], y: NDArray[np.int64]
    ) -> Floats:
        """The deviation of each window's pixels times its area, without its outermost pixels."""
        width, height = self.width - 2, self.height - 2
        low, high = (y + 1, x + 1), (y + 1 + height, x + 1 + width)

        def inside(table: Floats) -> Floats:
            return np.asarray(
                table[low] - table[low[0], high[1]] - table[high[0], low[1]] + table[high], np.float64
            )

        area = width * height
        return np.asarray(np.sqrt((area * inside(squares) - inside(sums) ** 2).clip(0)))


def _votes(
    stage: Stage, tables: NDArray[np.int32], across: int, places: NDArray[np.int64], deviation: Floats
) -> Floats:
    """What the stumps of a stage vote for each window.

    Args:
        stage: the stage.
        tables: the summed table and, behind it, the tilted one, row after row.
        across: of a table.
        places: int array (n,), of each window's left top corner in the first table.
        deviation: array (n,), of each window.
    """
    corners = stage.corners[..., 1] * across + stage.corners[..., 0]
    corners += np.where(stage.tilted, len(tables) // 2, 0)[:, None, None]
    votes = np.empty(len(places))
    most = max(1, _AT_ONCE // corners.size)
    for first in range(0, len(places), most):
        here = slice(first, first + most)
        a, b, c, d = np.moveaxis(tables[corners[..., None] + places[here]], 2, 0)
        rectangles = stage.weights[..., None] * (a - b - c + d)
        low = rectangles.sum(1) < stage.thresholds[:, None] * deviation[here]
        below, above = stage.leaves.T[..., None]
        votes[here] = np.where(low, below, above).cumsum(0)[-1]  # one after the other, as rounding has it
    return votes


def grouped(boxes: Boxes, neighbours: int) -> Boxes:
    """Boxes (n, 4) that lie on each other as their mean, where more than so many do; the most backed first.

    >>> grouped(np.array([[0, 0, 10, 10], [1, 0, 11, 10], [50, 50, 60, 60.0]]), 1)
    array([[ 0.5,  0. , 10.5, 10. ]])
    """
    group = np.full(len(boxes), -1)
    means: list[tuple[int, Floats]] = []
    for first in range(len(boxes)):
        if group[first] >= 0:
            continue
        members, frontier = {first}, [first]
        while frontier:
            box = boxes[frontier.pop()]
            reach = _ALIKE * (np.minimum(box[2] - box[0], boxes[:, 2] - boxes[:, 0]))
            near = np.flatnonzero((np.abs(boxes - box).max(axis=1) <= reach) & (group < 0))
            frontier += [row for row in near.tolist() if row not in members]
            members.update(near.tolist())
        group[sorted(members)] = first
        means.append((len(members), boxes[sorted(members)].mean(axis=0)))
    kept = sorted((one for one in means if one[0] > neighbours), key=lambda one: -one[0])
    return np.array([mean for _, mean in kept]).reshape(-1, 4)


def read_cascade(path: Path) -> Cascade:
    """Read a cascade of stumps from OpenCV's XML.

    Raises:
        ModelError: if it cannot be read, or is a cascade of another kind.
    """
    try:
        root = ElementTree.parse(path).getroot().find("cascade")
        if root is None or _text(root, "featureType") != "HAAR":
            raise ModelError(f"{path} is no Haar cascade of OpenCV")
        features = [_feature(node) for node in root.iterfind("features/_")]
        stages = tuple(_stage(node, features) for node in root.iterfind("stages/_"))
        return Cascade(int(_text(root, "width")), int(_text(root, "height")), stages)
    except (OSError, ElementTree.ParseError, ValueError, IndexError) as error:
        raise ModelError(f"{path} cannot be read as a Haar cascade: {error}") from error


Feature = tuple[NDArray[np.int64], Floats, bool]


def _feature(node: ElementTree.Element) -> Feature:
    tilted = node.findtext("tilted", "0").strip() == "1"
    corners, weights = np.zeros((3, 4, 2), np.int64), np.zeros(3)
    for row, rectangle in enumerate(node.iterfind("rects/_")):
        x, y, width, height, weight = (float(word) for word in (rectangle.text or "").split())
        if tilted:
            points = ((x, y), (x - height, y + height), (x + width, y + width))
            last = (x + width - height, y + width + height)
        else:
            points = ((x, y), (x + width, y), (x, y + height))
            last = (x + width, y + height)
        corners[row], weights[row] = (*points, last), weight
    return corners, weights, tilted


def _stage(node: ElementTree.Element, features: list[Feature]) -> Stage:
    stumps = list(node.iterfind("weakClassifiers/_"))
    nodes = [_text(stump, "internalNodes").split() for stump in stumps]
    if any(len(words) != 4 for words in nodes):
        raise ValueError("its trees have more than one node")
    chosen = [features[int(words[2])] for words in nodes]
    return Stage(
        np.stack([corners for corners, _, _ in chosen]),
        np.stack([weights for _, weights, _ in chosen]),
        np.array([tilted for _, _, tilted in chosen]),
        np.array([float(words[3]) for words in nodes]),
        np.array([[float(word) for word in _text(stump, "leafValues").split()] for stump in stumps]),
        float(_text(node, "stageThreshold")),
    )


def _text(node: ElementTree.Element, name: str) -> str:
    found = node.findtext(name)
    if found is None:
        raise ValueError(f"it has no {name}")
    return found.strip()
