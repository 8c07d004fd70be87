"""Networks with random weights that find things all the same, for tests of everything but training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spotter.recognizer.export_pictures import synthetic_squares
from spotter.recognizer.pytorch import nn, torch
from spotter.segmenter.annotation import CLASSES
from spotter.segmenter.architecture import architecture
from spotter.segmenter.card import SegmenterCard
from spotter.segmenter.model_folder import save_network
from spotter.segmenter.network import build
from spotter.segmenter.rcnn import MaskRcnn

SIDE = 128
_BACKGROUND = 2.5  # more than any class: a handful of things are surer than one half


def network(kind: str = "parts", classes: int = len(CLASSES), *, proposals: int | None = None) -> MaskRcnn:
    """A network that finds about a hundred things in made-up patterns, few of them surely.

    Its normalisation is set and its last layers are scaled, so that numbers are as large as a trained one's.
    """
    torch.manual_seed(0)
    chosen = architecture(kind)
    made = build(replace(chosen, proposals_run=proposals or chosen.proposals_run), classes).eval()
    squares = pixels(synthetic_squares(1, SIDE))
    for module in made.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = None
            module.train()
    with torch.no_grad():
        made(squares)
        made.eval()
        for name in ("cls_logits", "holds"):
            if hasattr(made.rpn.head, name):
                _spread(getattr(made.rpn.head, name), made, squares, 1.0)
        last = made.roi_heads.box_predictor.cls_score
        _spread(last, made, squares, 1.5)
        last.bias[0] += _BACKGROUND
    return made


def _spread(layer: nn.Module, made: MaskRcnn, squares: torch.Tensor, wanted: float) -> None:
    """Scale a layer so that each of its outputs has a mean of 0 and a certain deviation."""
    rows: list[torch.Tensor] = []
    hook = layer.register_forward_hook(
        lambda module, given, out: rows.append(out.movedim(1, -1).flatten(0, -2))
    )
    made(squares)
    hook.remove()
    found = torch.cat(rows)
    scale = wanted / found.std(0).mean()
    layer.weight.mul_(scale)
    layer.bias.copy_((layer.bias - found.mean(0)) * scale)


def pixels(squares: NDArray[np.uint8]) -> torch.Tensor:
    """Squares (n, side, side, 3) as the network takes them."""
    return torch.from_numpy(squares).permute(0, 3, 1, 2).float()


def folder(path: Path) -> Path:
    """A model's folder with its weights, not exported yet."""
    save_network(path, network(), SegmenterCard("parts", CLASSES, SIDE, versions={"spotter": "0"}))
    return path
