"""torchvision's detection networks, beside any build of PyTorch.

Where its compiled operations do not fit (see `spotter.recognizer.torchvision_import`), the two that Mask
R-CNN needs are plain PyTorch.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

import numpy as np

from spotter.errors import MissingExtraError
from spotter.recognizer.pytorch import functional, torch
from spotter.recognizer.torchvision_import import declared_operations, import_torchvision

_PROVIDED: list[bool] = []  # an operation is given what it does once


def import_detection() -> Any:
    """The module ``torchvision.models.detection``.

    Raises:
        MissingExtraError: if torchvision is not installed.
    """
    try:
        import_torchvision()
    except ImportError as error:
        raise MissingExtraError(
            "Mask R-CNN needs torchvision, which is not installed; "
            "install it with: pip install 'spotter-coach[train]'"
        ) from error
    library = declared_operations()
    if library is not None and not _PROVIDED:
        _provide(library)
    return import_module("torchvision.models.detection")


def _provide(library: torch.library.Library) -> None:
    """Give the declared operations something to do."""
    for key in ("CPU", "CUDA"):
        library.impl("nms", nms, key)  # type: ignore[no-untyped-call]
    library.impl("roi_align", roi_align, "CompositeImplicitAutograd")  # type: ignore[no-untyped-call]
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "torchvision" and "_has_ops" in vars(module):
            vars(module)["_has_ops"] = lambda: True  # it asks before each use whether they were compiled
    _PROVIDED.append(True)


def nms(dets: torch.Tensor, scores: torch.Tensor, iou_threshold: float) -> torch.Tensor:
    """Rows of the boxes that no surer kept box covers, the surest first (greedy non-maximum suppression).

    Args:
        dets: float tensor (n, 4), left, top, right, bottom.
        scores: float tensor (n,).
        iou_threshold: 0 to 1; a box with a greater overlap than this is dropped.

    >>> boxes = torch.tensor([[0.0, 0, 10, 10], [1, 1, 10, 10], [20, 20, 30, 30]])
    >>> nms(boxes, torch.tensor([0.5, 0.9, 0.1]), 0.5)
    tensor([1, 2])
    """
    order = scores.argsort(descending=True, stable=True).cpu().numpy()
    boxes = dets.detach().float().cpu().numpy()[order]
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    free = np.ones(len(boxes), np.bool_)
    kept = []
    for row in range(len(boxes)):
        if not free[row]:
            continue
        kept.append(row)
        rest = boxes[row + 1 :]
        across = np.minimum(rest[:, 2], boxes[row, 2]) - np.maximum(rest[:, 0], boxes[row, 0])
        down = np.minimum(rest[:, 3], boxes[row, 3]) - np.maximum(rest[:, 1], boxes[row, 1])
        shared = across.clip(0) * down.clip(0)
        free[row + 1 :] &= shared <= iou_threshold * (areas[row] + areas[row + 1 :] - shared)
    return torch.from_numpy(order[np.array(kept, np.int64)]).to(dets.device)


def roi_align(
    input: torch.Tensor,
    rois: torch.Tensor,
    spatial_scale: float,
    pooled_height: int,
    pooled_width: int,
    sampling_ratio: int,
    aligned: bool,
) -> torch.Tensor:
    """Features in boxes, by bilinear samples (RoIAlign; He et al. 2017, arXiv:1703.06870).

    Args:
        input: float tensor (pictures, channels, height, width).
        rois: float tensor (n, 5): number of the picture, left, top, right, bottom.
        spatial_scale: what the boxes are multiplied by to be in the map's cells.
        pooled_height, pooled_width: of the answer.
        sampling_ratio: samples along each side of a cell of the answer; positive.
        aligned: whether boxes are moved by half a cell.

    Returns:
        Float tensor (n, channels, pooled_height, pooled_width).

    >>> ramp = torch.arange(6.0).expand(1, 1, 6, 6)
    >>> roi_align(ramp, torch.tensor([[0.0, 1, 1, 5, 5]]), 1.0, 2, 2, 2, True)[0, 0, 0].tolist()
    [1.5, 3.5]
    """
    if sampling_ratio <= 0:
        raise NotImplementedError(
            "this RoIAlign wants a fixed number of samples a cell; install a torchvision that fits PyTorch"
        )
    channels, height, width = input.shape[1:]
    corners, weights = _samples(
        rois.detach().float(),
        (height, width),
        spatial_scale,
        (pooled_height, pooled_width),
        sampling_ratio,
        aligned,
    )
    table = input.permute(0, 2, 3, 1).reshape(-1, channels)
    rows = corners + (rois[:, 0].long() * height * width).view(-1, 1, 1)
    per_cell = corners.shape[-1]
    pooled = functional.embedding_bag(
        rows.reshape(-1, per_cell),
        table,
        mode="sum",
        per_sample_weights=weights.reshape(-1, per_cell).to(table.dtype),
    )
    return pooled.view(len(rois), pooled_height, pooled_width, channels).permute(0, 3, 1, 2)


def _samples(
    rois: torch.Tensor,
    size: tuple[int, int],
    scale: float,
    pooled: tuple[int, int],
    ratio: int,
    aligned: bool,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Map cells and their weights for every cell of the answer: both (n, cells, ratio² * 4)."""
    boxes = rois[:, 1:] * scale - (0.5 if aligned else 0.0)
    rows, row_weights = _along(boxes[:, 1], boxes[:, 3], size[0], pooled[0], ratio, aligned)
    columns, column_weights = _along(boxes[:, 0], boxes[:, 2], size[1], pooled[1], ratio, aligned)
    # (n, pooled_height, 1, samples, 1) with (n, 1, pooled_width, 1, samples)
    cells = rows[:, :, None, :, None] * size[1] + columns[:, None, :, None, :]
    weights = row_weights[:, :, None, :, None] * column_weights[:, None, :, None, :] / ratio**2
    shape = (len(rois), pooled[0] * pooled[1], (ratio * 2) ** 2)
    return cells.reshape(shape), weights.reshape(shape)


def _along(
    low: torch.Tensor, high: torch.Tensor, length: int, pooled: int, ratio: int, aligned: bool
) -> tuple[torch.Tensor, torch.Tensor]:
    """Neighbouring cells and weights along one axis: both (n, pooled, ratio * 2)."""
    extent = high - low
    if not aligned:
        extent = extent.clamp(min=1.0)
    steps = torch.arange(pooled * ratio, device=low.device, dtype=low.dtype)
    at = low[:, None] + (steps + 0.5) * (extent / (pooled * ratio))[:, None]
    inside = (at >= -1.0) & (at <= length)
    at = at.clamp(0, length - 1)
    before = at.floor().clamp(max=max(0, length - 2))
    share = at - before
    after = (before + 1).clamp(max=length - 1)
    cells = torch.stack([before, after], -1).long()
    weights = torch.stack([1 - share, share], -1) * inside[..., None]
    return cells.view(len(low), pooled, ratio * 2), weights.view(len(low), pooled, ratio * 2)
