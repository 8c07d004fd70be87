"""The two operations of Mask R-CNN that ONNX has under other names: how they are traced and exported."""

from __future__ import annotations

from typing import Any

from spotter.recognizer.pytorch import torch
from spotter.segmenter import torchvision_ops

from torch.onnx.symbolic_helper import parse_args  # isort: skip  # after what says how to get it
from torch.onnx.utils import register_custom_op_symbolic  # isort: skip

OPSET = 17
"""RoiAlign shifts nothing by half a cell only from 16 on; for OpenVINO and for ONNX Runtime from 1.12 on."""

_LIBRARY = torch.library.Library("spotter", "DEF")  # type: ignore[no-untyped-call]
_LIBRARY.define("nms(Tensor boxes, Tensor scores, float overlap) -> Tensor")  # type: ignore[no-untyped-call]
_LIBRARY.define("roi_align(Tensor map, Tensor boxes, float scale, int side, int samples) -> Tensor")  # type: ignore[no-untyped-call]


def nms(boxes: torch.Tensor, scores: torch.Tensor, overlap: float) -> torch.Tensor:
    """Non-maximum suppression in each of several groups, as ONNX's NonMaxSuppression.

    Args:
        boxes: float32 (groups, n, 4), left, top, right, bottom.
        scores: float32 (groups, n); boxes with a score of 0 or less take no part.
        overlap: 0 to 1; a box with a greater overlap with a surer one of its group is dropped.

    Returns:
        Which are kept, numbered through all groups: int64 (kept,).

    >>> boxes = torch.tensor([[[0.0, 0, 10, 10], [1, 1, 10, 10]], [[0, 0, 10, 10], [0, 0, 5, 5]]])
    >>> nms(boxes, torch.tensor([[0.5, 0.9], [0.5, 0.0]]), 0.5)
    tensor([1, 2])
    """
    kept: torch.Tensor = torch.ops.spotter.nms(boxes, scores, overlap)
    return kept


def roi_align(map: torch.Tensor, boxes: torch.Tensor, scale: float, side: int, samples: int) -> torch.Tensor:
    """Features in boxes of one picture, as torchvision's RoIAlign with ``aligned=False``.

    Args:
        map: float32 (1, channels, height, width).
        boxes: float32 (n, 4), in pixels of the picture.
        scale: cells of the map that a pixel is.
        side: of the answer.
        samples: along each side of a cell of the answer.

    Returns:
        float32 (n, channels, side, side).
    """
    pooled: torch.Tensor = torch.ops.spotter.roi_align(map, boxes, scale, side, samples)
    return pooled


def _nms(boxes: torch.Tensor, scores: torch.Tensor, overlap: float) -> torch.Tensor:
    kept = []
    for number, (own_boxes, own_scores) in enumerate(zip(boxes, scores, strict=True)):
        rows = torch.where(own_scores > 0)[0]
        best = torchvision_ops.nms(own_boxes[rows], own_scores[rows], overlap)
        kept.append(rows[best] + number * boxes.shape[1])
    return torch.cat(kept)


def _roi_align(map: torch.Tensor, boxes: torch.Tensor, scale: float, side: int, samples: int) -> torch.Tensor:
    rois = torch.cat([torch.zeros_like(boxes[:, :1]), boxes], 1)
    return torchvision_ops.roi_align(map, rois, scale, side, side, samples, False)


@parse_args("v", "v", "f")
def _export_nms(graph: Any, boxes: Any, scores: Any, overlap: float) -> Any:
    each = graph.op("Shape", boxes, start_i=1, end_i=2)
    found = graph.op(
        "NonMaxSuppression",
        boxes,
        graph.op("Unsqueeze", scores, _constant(graph, [1])),  # each group: boxes of its own, and one class
        each,
        _constant(graph, [overlap], torch.float32),
        _constant(graph, [0.0], torch.float32),
    )
    # rows of group, class and box become numbers of boxes
    steps = graph.op("Concat", each, _constant(graph, [0, 1]), axis_i=0)
    return graph.op("ReduceSum", graph.op("Mul", found, steps), _constant(graph, [1]), keepdims_i=0)


@parse_args("v", "v", "f", "i", "i")
def _export_roi_align(graph: Any, map: Any, boxes: Any, scale: float, side: int, samples: int) -> Any:
    count = graph.op("Shape", boxes, start_i=0, end_i=1)
    pictures = graph.op("Expand", _constant(graph, [0]), count)
    return graph.op(
        "RoiAlign",
        map,
        boxes,
        pictures,
        coordinate_transformation_mode_s="output_half_pixel",
        mode_s="avg",
        output_height_i=side,
        output_width_i=side,
        sampling_ratio_i=samples,
        spatial_scale_f=scale,
    )


def _constant(graph: Any, value: Any, kind: torch.dtype = torch.int64) -> Any:
    return graph.op("Constant", value_t=torch.tensor(value, dtype=kind))


_LIBRARY.impl("nms", _nms, "CPU")  # type: ignore[no-untyped-call]
_LIBRARY.impl("roi_align", _roi_align, "CPU")  # type: ignore[no-untyped-call]
register_custom_op_symbolic("spotter::nms", _export_nms, OPSET)
register_custom_op_symbolic("spotter::roi_align", _export_roi_align, OPSET)
