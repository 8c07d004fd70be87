"""What Matterport's Mask R-CNN does with boxes: anchors, proposals, pooling, and what is found in the end.

Boxes are top, left, bottom, right, from 0 to 1 between the middles of the square's outermost pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from spotter.errors import UsageError
from spotter.recognizer.pytorch import functional, torch
from spotter.segmenter.matterport_network import RATIOS
from spotter.segmenter.torchvision_ops import import_detection

import_detection()

from torchvision.ops import boxes as box_ops  # noqa: E402

_SPREAD = (0.1, 0.1, 0.2, 0.2)  # what the networks' moves are multiplied by
_COARSEST = 64  # pixels of the square to a cell of the coarsest map
_USUAL_SIDE = 224.0  # of a box in pixels whose features come from the map of stride 16


@dataclass(frozen=True, slots=True)
class Settings:
    """Matterport's settings (its ``Config``) that weights do not tell; its own values by default.

    Attributes:
        min_side, max_side: the picture is enlarged until its shorter side has ``min_side`` pixels, as far as
            its longer side stays within ``max_side``, a multiple of 64, and laid into a square of that side.
        anchors: sides of the anchor boxes in pixels, for each map of the pyramid.
        candidates: how many of the surest anchors become boxes.
        proposals: how many of these are looked at.
        proposal_overlap: of two boxes that overlap more the surer one is looked at.
        overlap: of two things of a class that overlap more the surer one is given.
        most: so many things are given at most.
    """

    min_side: int = 800
    max_side: int = 1024
    anchors: tuple[int, ...] = (32, 64, 128, 256, 512)
    candidates: int = 6000
    proposals: int = 1000
    proposal_overlap: float = 0.7
    overlap: float = 0.3
    most: int = 100

    def __post_init__(self) -> None:
        if self.max_side <= 0 or self.max_side % _COARSEST:
            raise UsageError(f"max_side is {self.max_side}, and a multiple of {_COARSEST} is wanted")


def anchor_boxes(shapes: Sequence[tuple[int, int]], side: int, sides: Sequence[int]) -> torch.Tensor:
    """The anchor boxes (n, 4): map by map, place by place, ratio by ratio.

    Args:
        shapes: (height, width) of each map.
        side: of the square, in pixels.
        sides: of the anchor boxes of each map, in pixels.

    >>> (anchor_boxes([(2, 2)], 64, [32]) * 63)[4].tolist()
    [-16.0, 16.0, 15.0, 47.0]
    """
    ratios = torch.tensor(RATIOS)
    found = []
    for (height, width), length in zip(shapes, sides, strict=True):
        half = torch.stack([length / ratios.sqrt(), length * ratios.sqrt()], 1) / 2  # height, width
        y = torch.arange(height) * (side / height)
        x = torch.arange(width) * (side / width)
        middle = torch.stack(torch.meshgrid(y, x, indexing="ij"), -1).view(-1, 1, 2)
        boxes = torch.cat([middle - half, middle + half - 1], -1)
        found.append(boxes.view(-1, 4) / (side - 1))
    return torch.cat(found)


def moved(boxes: torch.Tensor, moves: torch.Tensor) -> torch.Tensor:
    """Boxes (n, 4) moved by what the network says (n, 4): down, right, taller and wider.

    The first two are in heights and widths of the box, the others logarithms; all are in units of `_SPREAD`.

    >>> moved(torch.tensor([[0.0, 0.0, 0.5, 0.5]]), torch.tensor([[10.0, -5.0, 0.0, 0.0]])).tolist()
    [[0.5, -0.25, 1.0, 0.25]]
    """
    moves = moves * moves.new_tensor(_SPREAD)
    size = boxes[:, 2:] - boxes[:, :2]
    middle = boxes[:, :2] + size / 2 + moves[:, :2] * size
    size = size * moves[:, 2:].exp()
    return torch.cat([middle - size / 2, middle + size / 2], 1)


def clipped(boxes: torch.Tensor, window: torch.Tensor) -> torch.Tensor:
    """Boxes (n, 4) cut off at a window (4,)."""
    return torch.maximum(torch.minimum(boxes, window[[2, 3, 2, 3]]), window[[0, 1, 0, 1]])


def proposed(
    likely: torch.Tensor, moves: torch.Tensor, places: torch.Tensor, settings: Settings
) -> torch.Tensor:
    """The boxes (n, 4) that are worth a look.

    Args:
        likely: (k,), how likely each anchor holds something.
        moves: (k, 4), how it is to be moved then.
        places: (k, 4), the anchor boxes.
        settings: how many.
    """
    surest = likely.topk(min(settings.candidates, len(likely))).indices
    boxes = clipped(moved(places[surest], moves[surest]), places.new_tensor([0.0, 0.0, 1.0, 1.0]))
    return boxes[box_ops.nms(boxes, likely[surest], settings.proposal_overlap)[: settings.proposals]]


def pooled(maps: Sequence[torch.Tensor], boxes: torch.Tensor, side: int, cells: int) -> torch.Tensor:
    """Features (n, channels, cells, cells) in boxes (n, 4), from the map that suits the size of each.

    Args:
        maps: of stride 4, 8, 16 and 32, each (1, channels, height, width).
        boxes: anywhere.
        side: of the square, in pixels.
        cells: along each side of the answer.
    """
    area = (boxes[:, 2:] - boxes[:, :2]).prod(1)
    level = (area.sqrt() / (_USUAL_SIDE / side)).log2().round().clamp(-2, 1)  # of no area: the finest
    features = maps[0].new_zeros(len(boxes), maps[0].shape[1], cells, cells)
    for number, one in enumerate(maps, start=-2):
        rows = torch.where(level == number)[0]
        features[rows] = crop_and_resize(one, boxes[rows], cells)
    return features


def crop_and_resize(features: torch.Tensor, boxes: torch.Tensor, cells: int) -> torch.Tensor:
    """Bilinear samples of a map at the corners of boxes and evenly between: TensorFlow's ``crop_and_resize``.

    Args:
        features: float (1, channels, height, width).
        boxes: (n, 4).
        cells: samples along each side, at least 2.

    Returns:
        (n, channels, cells, cells); 0 at points outside the map.

    >>> ramp = torch.arange(9.0).view(1, 1, 3, 3)
    >>> crop_and_resize(ramp, torch.tensor([[0.0, 0.0, 0.5, 1.0]]), 2)[0, 0].tolist()
    [[0.0, 2.0], [3.0, 5.0]]
    """
    steps = torch.linspace(0, 1, cells, device=boxes.device)[:, None]
    at = boxes[:, None, :2] * (1 - steps) + boxes[:, None, 2:] * steps  # (n, cells, 2), y and x
    shape = (len(boxes), cells, cells)
    points = torch.stack([at[:, None, :, 1].expand(shape), at[:, :, None, 0].expand(shape)], -1)
    inside = ((points >= 0) & (points <= 1)).all(-1)
    grid = (points * 2 - 1).view(1, -1, cells, 2)
    sampled = functional.grid_sample(features, grid, padding_mode="border", align_corners=True)
    sampled = sampled.view(features.shape[1], *shape).transpose(0, 1)
    return sampled * inside[:, None]


def detected(
    boxes: torch.Tensor,
    likely: torch.Tensor,
    moves: torch.Tensor,
    window: torch.Tensor,
    score: float,
    settings: Settings,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """What there is in the end, the surest first.

    Args:
        boxes: proposals (n, 4).
        likely: (n, classes), the background first.
        moves: (n, classes, 4).
        window: (4,), where in the square the picture is.
        score: only what is surer, 0 to 1.
        settings: how many.

    Returns:
        Boxes (k, 4), classes (k,) and scores (k,).
    """
    scores, classes = likely.max(1)
    boxes = clipped(moved(boxes, moves[torch.arange(len(boxes)), classes]), window)
    seen = (classes > 0) & (scores >= score) & (boxes[:, 2:] > boxes[:, :2]).all(1)
    boxes, classes, scores = boxes[seen], classes[seen], scores[seen]
    kept = box_ops.batched_nms(boxes, scores, classes, settings.overlap)[: settings.most]
    return boxes[kept], classes[kept], scores[kept]
