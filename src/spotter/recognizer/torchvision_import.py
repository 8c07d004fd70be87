"""Imports torchvision beside any build of PyTorch.

The registry's usual torchvision is built for CUDA: beside a PyTorch for the CPU its compiled operations are
missing, and it cannot be imported. Then they are declared here, so that it can; to classify pictures none of
them is needed, and what finds things in them provides its own (`spotter.segmenter.torchvision_ops`).
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from spotter.recognizer.pytorch import torch

_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "roi_align(Tensor input, Tensor rois, float spatial_scale, SymInt pooled_height, SymInt pooled_width, "
    "int sampling_ratio, bool aligned) -> Tensor",
)
_DECLARED: list[torch.library.Library] = []  # an operation lives as long as the object that declared it


def import_torchvision() -> Any:
    """The module ``torchvision``, with operations declared where its compiled ones do not fit this PyTorch.

    Raises:
        ImportError: if it is not installed.
    """
    try:
        return import_module("torchvision")
    except RuntimeError:
        for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
            del sys.modules[name]
        if not _DECLARED:
            _DECLARED.append(_declare())
        return import_module("torchvision")


def declared_operations() -> torch.library.Library | None:
    """The operations that were declared, which do nothing yet; None where torchvision has its own."""
    return _DECLARED[0] if _DECLARED else None


def _declare() -> torch.library.Library:
    library = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
    for schema in _SCHEMAS:
        library.define(schema)  # type: ignore[no-untyped-call]
    return library
