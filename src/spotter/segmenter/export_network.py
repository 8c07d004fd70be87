"""A Mask R-CNN as it is exported: torchvision's steps for one picture, in operations that every runtime has.

torchvision's own code makes lists of boxes of any length, level by level and class by class. Here lengths are
fixed as long as they can be, and boxes stay in the order that suits the computing; the answer is the same.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from spotter.recognizer.pytorch import nn, torch
from spotter.segmenter.export_ops import nms, roi_align
from spotter.segmenter.rcnn import MaskRcnn

from torchvision.models.detection.image_list import ImageList  # isort: skip  # after what makes it importable

_LARGEST_GROWTH = math.log(1000 / 16)  # of a box, as in torchvision's BoxCoder
_SMALLEST_FOUND = 1e-2  # pixels: narrower boxes are dropped, as in torchvision's RoIHeads
_LEVEL_ROUNDING = 1e-6  # as in torchvision's LevelMapper

Maps = Mapping[str, torch.Tensor]


class ExportedRcnn(nn.Module):
    """A network with its preprocessing, for one picture.

    Args:
        network: in the mode for prediction.
        side: of the square pictures.
    """

    def __init__(self, network: MaskRcnn, side: int) -> None:
        super().__init__()
        self.network, self._side = network, side

    def forward(self, image: torch.Tensor, score: torch.Tensor) -> tuple[torch.Tensor, ...]:
        """What is found in a picture, the surest first.

        Args:
            image: uint8 (1, side, side, 3), RGB.
            score: float32 (1,), 0 to 1: only what is surer is found, and gets a mask.

        Returns:
            Boxes float32 (n, 4) in pixels of the square, labels int64 (n,), scores float32 (n,), masks
            float32 (n, 28, 28), 0 to 1.
        """
        network, heads = self.network, self.network.roi_heads
        pixels = (image.permute(0, 3, 1, 2).float() - network.mean) / network.deviation
        maps = network.backbone(pixels)
        proposals, real = self._proposals(list(maps.values()))
        pooled, order = self._pooled(maps, heads.box_roi_pool, proposals)
        logits, moves = heads.box_predictor(heads.box_head(pooled))
        boxes, labels, scores = self._found(logits, moves, proposals[order], real[order], score)
        pooled, order = self._pooled(maps, heads.mask_roi_pool, boxes)
        boxes, labels, scores = boxes[order], labels[order], scores[order]
        masks = heads.mask_predictor(heads.mask_head(pooled))
        masks = masks[torch.arange(labels.shape[0]), labels].sigmoid()
        scores, order = scores.sort(descending=True)
        return boxes[order], labels[order], scores, masks[order]

    def _proposals(self, maps: Sequence[torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
        """Boxes (n, 4) that may hold something, always as many, and which of them (n,) are real."""
        rpn = self.network.rpn
        most = rpn.pre_nms_top_n()
        boxes, scores = [], []
        for holds, moves, anchors in zip(*rpn.head(maps), self._anchors(maps), strict=True):
            surest, rows = holds.permute(0, 2, 3, 1).flatten().topk(min(most, len(anchors)))
            moves = moves.view(-1, 4, moves.shape[2] * moves.shape[3]).permute(2, 0, 1).reshape(-1, 4)
            moved = self._moved(moves[rows], anchors[rows], rpn.box_coder)
            missing = most - len(rows)
            boxes.append(_padded(moved, missing))
            scores.append(_padded(surest.sigmoid() * _is_wide(moved, rpn.min_size), missing))
        kept = nms(torch.stack(boxes), torch.stack(scores), rpn.nms_thresh)
        fixed = rpn.post_nms_top_n()
        likely, rows = _padded(torch.cat(scores)[kept], fixed).topk(fixed)
        return _padded(torch.cat(boxes)[kept], fixed)[rows], likely > 0

    def _found(
        self,
        logits: torch.Tensor,
        moves: torch.Tensor,
        proposals: torch.Tensor,
        real: torch.Tensor,
        score: torch.Tensor,
    ) -> tuple[torch.Tensor, ...]:
        """Boxes (n, 4), labels (n,) and scores (n,) of what is surer than ``score``, the surest first."""
        heads = self.network.roi_heads
        each = len(proposals)
        boxes = self._moved(moves.view(each, -1, 4)[:, 1:], proposals[:, None], heads.box_coder)
        likely = logits.softmax(1)[:, 1:]
        chosen = (likely > score) & real[:, None] & _is_wide(boxes, _SMALLEST_FOUND)
        boxes, likely = boxes.permute(1, 0, 2), (likely * chosen).permute(1, 0)  # class by class
        kept = nms(boxes, likely, heads.nms_thresh)
        scores, order = likely.reshape(-1)[kept].sort(descending=True)
        kept = kept[order][: heads.detections_per_img]
        labels = torch.div(kept, each, rounding_mode="floor") + 1
        return boxes.reshape(-1, 4)[kept], labels, scores[: heads.detections_per_img]

    def _pooled(self, maps: Maps, pool: Any, boxes: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Features in boxes from the map that suits the size of each, and which box each row is of.

        The rows go map by map, which saves putting them back (eq. 1 of Lin et al. 2017, arXiv:1612.03144).
        """
        used = [maps[name] for name in pool.featmap_names]
        halvings = [round(math.log2(self._side / one.shape[-1])) for one in used]
        size = (boxes[:, 2:] - boxes[:, :2]).prod(1).sqrt()
        level = pool.canonical_level + torch.log2(size / pool.canonical_scale) + _LEVEL_ROUNDING
        level = level.floor().clamp(halvings[0], halvings[-1])
        rows = [torch.where(level == halvings[0] + place)[0] for place in range(len(used))]
        pooled = [
            roi_align(one, boxes[own], 0.5**halved, pool.output_size[0], pool.sampling_ratio)
            for one, own, halved in zip(used, rows, halvings, strict=True)
        ]
        return torch.cat(pooled), torch.cat(rows)

    def _moved(self, moves: torch.Tensor, boxes: torch.Tensor, coder: Any) -> torch.Tensor:
        """Boxes where moves (..., 4) take them, inside the picture."""
        size = boxes[..., 2:] - boxes[..., :2]
        moves = moves / torch.tensor(coder.weights)
        middle = boxes[..., :2] + size / 2 + moves[..., :2] * size
        half = moves[..., 2:].clamp(max=_LARGEST_GROWTH).exp() * size / 2
        return torch.cat([middle - half, middle + half], -1).clamp(0, self._side)

    def _anchors(self, maps: Sequence[torch.Tensor]) -> tuple[torch.Tensor, ...]:
        """The anchor boxes (k, 4) of each map."""
        generator, side = self.network.rpn.anchor_generator, self._side
        sizes = [(int(one.shape[2]), int(one.shape[3])) for one in maps]
        empty = [torch.zeros(1, 1, *size) for size in sizes]
        anchors = generator(ImageList(torch.zeros(1, 3, side, side), [(side, side)]), empty)[0]
        places = generator.num_anchors_per_location()
        return anchors.split([h * w * each for (h, w), each in zip(sizes, places, strict=True)])  # type: ignore[no-any-return]


def _is_wide(boxes: torch.Tensor, least: float) -> torch.Tensor:
    """Whether boxes (..., 4) are at least so many pixels wide and high."""
    return (boxes[..., 2:] - boxes[..., :2] >= least).all(-1)


def _padded(values: torch.Tensor, rows: int) -> torch.Tensor:
    """So many rows of zeros more."""
    return torch.cat([values, values.new_zeros(rows, *values.shape[1:])]) if rows else values
