"""Operations of our own beside torchvision's: held against what they are by definition."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

pytest.importorskip("torch")

import torch

from spotter.recognizer.torchvision_import import declared_operations, import_torchvision
from spotter.segmenter.torchvision_ops import import_detection, nms, roi_align

Floats = NDArray[np.float64]


def plain_nms(boxes: Floats, scores: Floats, limit: float) -> list[int]:
    """Take the surest box, drop what it covers, and again."""
    left = sorted(range(len(boxes)), key=lambda row: (-scores[row], row))
    kept = []
    while left:
        best, *left = left
        kept.append(best)
        left = [row for row in left if overlap(boxes[best], boxes[row]) <= limit]
    return kept


def overlap(a: Floats, b: Floats) -> float:
    wide = min(a[2], b[2]) - max(a[0], b[0])
    high = min(a[3], b[3]) - max(a[1], b[1])
    shared = max(wide, 0) * max(high, 0)
    whole = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared
    return shared / whole if whole else 0.0


@st.composite
def boxes_with_scores(draw: st.DrawFn) -> tuple[Floats, Floats]:
    """Boxes at quarter pixels, where nothing is rounded, many of them equal or touching."""
    numbers = st.integers(0, 40).map(lambda value: value / 4)
    rows = draw(st.lists(st.tuples(numbers, numbers, numbers, numbers, st.integers(0, 8)), max_size=24))
    table = np.array(rows, np.float64).reshape(-1, 5)
    boxes = np.concatenate([table[:, :2], table[:, :2] + table[:, 2:4]], 1)
    return boxes, table[:, 4] / 8


@settings(max_examples=200, deadline=None)
@given(boxes_with_scores(), st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]))
def test_suppression_is_what_it_is_by_definition(found: tuple[Floats, Floats], limit: float) -> None:
    boxes, scores = found
    kept = nms(torch.from_numpy(boxes).float(), torch.from_numpy(scores).float(), limit)
    assert kept.dtype == torch.int64
    assert kept.tolist() == plain_nms(boxes, scores, limit)


def plain_roi_align(
    maps: Floats, box: Floats, scale: float, pooled: tuple[int, int], ratio: int, aligned: bool
) -> Floats:
    """One box, sample by sample (channels, pooled height, pooled width)."""
    shift = 0.5 if aligned else 0.0
    left, top, right, bottom = box * scale - shift
    wide, high = right - left, bottom - top
    if not aligned:
        wide, high = max(wide, 1.0), max(high, 1.0)
    out = np.zeros((len(maps), *pooled))
    for row in range(pooled[0]):
        for column in range(pooled[1]):
            for down in range(ratio):
                for across in range(ratio):
                    y = top + (row + (down + 0.5) / ratio) * high / pooled[0]
                    x = left + (column + (across + 0.5) / ratio) * wide / pooled[1]
                    out[:, row, column] += between(maps, y, x) / ratio**2
    return out


def between(maps: Floats, y: float, x: float) -> Floats:
    """The value between four cells; nothing further than a cell out of the map."""
    height, width = maps.shape[1:]
    if not (-1 <= y <= height and -1 <= x <= width):
        return np.zeros(len(maps))
    y, x = min(max(y, 0.0), height - 1), min(max(x, 0.0), width - 1)
    above, before = math.floor(y), math.floor(x)
    below, after = min(above + 1, height - 1), min(before + 1, width - 1)
    down, across = y - above, x - before
    return np.asarray(
        maps[:, above, before] * (1 - down) * (1 - across)
        + maps[:, above, after] * (1 - down) * across
        + maps[:, below, before] * down * (1 - across)
        + maps[:, below, after] * down * across
    )


@pytest.mark.parametrize("aligned", [True, False])
@pytest.mark.parametrize(
    ("pooled", "ratio", "scale"), [((7, 7), 2, 0.25), ((2, 5), 3, 1.0), ((1, 1), 1, 0.5)]
)
def test_pooling_is_what_it_is_by_definition(
    aligned: bool, pooled: tuple[int, int], ratio: int, scale: float
) -> None:
    rng = np.random.default_rng(0)
    maps = rng.normal(size=(2, 3, 9, 11))
    boxes = rng.uniform(-12, 60, (20, 2))
    boxes = np.concatenate([boxes, boxes + rng.uniform(0, 50, (20, 2))], 1)
    boxes[:3] = [[0, 0, 44, 36], [5, 5, 5, 5], [-40, -40, -30, -30]]  # all of it, nothing, and outside
    pictures = rng.integers(0, 2, 20)
    rois = torch.from_numpy(np.column_stack([pictures, boxes]))
    found = roi_align(torch.from_numpy(maps), rois, scale, *pooled, ratio, aligned)
    wanted = [
        plain_roi_align(maps[picture], box, scale, pooled, ratio, aligned)
        for picture, box in zip(pictures, boxes, strict=True)
    ]
    np.testing.assert_allclose(found.numpy(), np.stack(wanted), atol=2e-5)


def test_pooling_lets_gradients_through() -> None:
    torch.manual_seed(0)
    maps = torch.randn(1, 2, 5, 6, dtype=torch.float64, requires_grad=True)
    rois = torch.tensor([[0, 0.7, 1.1, 4.2, 4.9], [0, 2.0, 2.0, 9.0, 9.0]])
    weights = torch.randn(2, 2, 3, 3, dtype=torch.float64)

    def loss(values: torch.Tensor) -> torch.Tensor:
        return (roi_align(values, rois, 1.0, 3, 3, 2, True) * weights).sum()

    (gradient,) = torch.autograd.grad(loss(maps), maps)
    step = torch.randn_like(maps)
    change = (loss(maps + 1e-4 * step) - loss(maps - 1e-4 * step)) / 2e-4
    torch.testing.assert_close((gradient * step).sum(), change, rtol=1e-5, atol=1e-7)


def test_nothing_is_pooled_and_suppressed_where_nothing_is() -> None:
    assert roi_align(torch.zeros(1, 4, 5, 5), torch.zeros(0, 5), 1.0, 7, 7, 2, True).shape == (0, 4, 7, 7)
    assert nms(torch.zeros(0, 4), torch.zeros(0), 0.5).shape == (0,)
    with pytest.raises(NotImplementedError, match="fixed number"):
        roi_align(torch.zeros(1, 1, 5, 5), torch.zeros(1, 5), 1.0, 2, 2, 0, True)


def test_torchvision_calls_them_where_its_own_do_not_fit() -> None:
    detection = import_detection()
    assert import_detection() is detection and import_torchvision().models.detection is detection
    if declared_operations() is None:
        pytest.skip("this torchvision has operations of its own")
    from torchvision import ops

    boxes = torch.tensor([[0.0, 0, 10, 10], [1, 1, 10, 10], [20, 20, 30, 30]])
    assert ops.nms(boxes, torch.tensor([0.5, 0.9, 0.1]), 0.5).tolist() == [1, 2]
    ramp = torch.arange(6.0).expand(1, 1, 6, 6)
    assert ops.roi_align(ramp, [boxes[:1] * 0.5], 2, 1.0, 2, True).shape == (1, 1, 2, 2)
