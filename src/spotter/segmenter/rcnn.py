"""Mask R-CNN: torchvision's stages, with targets that may be marked in part only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from spotter.recognizer.pytorch import functional, nn, torch
from spotter.segmenter.pixel_head import PixelHead
from spotter.segmenter.torchvision_ops import import_detection, roi_align

import_detection()

from torchvision.models.detection.image_list import ImageList  # noqa: E402
from torchvision.models.detection.roi_heads import RoIHeads, fastrcnn_loss  # noqa: E402
from torchvision.models.detection.rpn import RegionProposalNetwork  # noqa: E402

Target = dict[str, torch.Tensor]
"""What is marked in a picture: ``boxes`` float32 (n, 4) in pixels, ``labels`` int64 (n,), ``masks`` uint8
(n, side, side), ``has_mask`` bool (n,), and ``unsure`` float32 (k, 4): boxes in which there may be things
that nobody marked, so that what is found there is not taken for a mistake."""

Found = dict[str, torch.Tensor]
"""What is found: ``boxes`` (n, 4), ``labels`` (n,), ``scores`` (n,), ``masks`` (n, 1, 28, 28), 0 to 1."""

_MOSTLY = 0.5  # of a box inside an unsure one: then nothing is said of it


class MaskRcnn(nn.Module):
    """Mask R-CNN (He et al. 2017, arXiv:1703.06870) over square pictures of one size.

    Its parts have the names of torchvision's, so that its checkpoints fit.

    Args:
        backbone: of pictures to a feature pyramid.
        rpn: the region proposal network.
        roi_heads: boxes, classes and masks of the proposals.
        mean, deviation: of red, green and blue, 0 to 1: what the backbone wants taken off and divided by.
        pixel_head: what asks the feature pyramid for the class of each pixel while it is trained.
    """

    def __init__(
        self,
        backbone: nn.Module,
        rpn: RegionProposalNetwork,
        roi_heads: RoIHeads,
        mean: Sequence[float],
        deviation: Sequence[float],
        pixel_head: PixelHead | None = None,
    ) -> None:
        super().__init__()
        self.backbone, self.rpn, self.roi_heads = backbone, rpn, roi_heads
        self.pixel_head = pixel_head
        self.mean: torch.Tensor
        self.deviation: torch.Tensor
        for name, values in (("mean", mean), ("deviation", deviation)):
            buffer = torch.tensor(values, dtype=torch.float32).view(1, 3, 1, 1) * 255
            self.register_buffer(name, buffer, persistent=False)

    def forward(self, pixels: torch.Tensor, targets: list[Target] | None = None) -> Any:
        """Losses by name while training, else what is found in each picture.

        Args:
            pixels: float32 (pictures, 3, side, side), RGB, 0 to 255.
            targets: what is marked in each; while training.

        Returns:
            ``dict[str, Tensor]`` of the losses (``objectness`` and ``proposals`` of the region proposal
            network, ``classes``, ``boxes`` and ``masks`` of the heads, ``pixels`` of the pixel head where
            there is one), or ``list[Found]``.
        """
        images = ImageList((pixels - self.mean) / self.deviation, [tuple(pixels.shape[-2:])] * len(pixels))
        maps = self.backbone(images.tensors)
        proposals, losses = self.rpn(images, maps, targets)
        found, more = self.roi_heads(maps, proposals, images.image_sizes, targets)
        if not self.training:
            return found
        if self.pixel_head is not None:
            more["pixels"] = self.pixel_head(maps, targets, pixels.shape[-1])
        return {"objectness": losses["loss_objectness"], "proposals": losses["loss_rpn_box_reg"], **more}


class PartialRpn(RegionProposalNetwork):  # type: ignore[misc]
    """torchvision's, which learns nothing from anchors in unsure places."""

    def assign_targets_to_anchors(self, anchors: Any, targets: Any) -> Any:
        labels, boxes = super().assign_targets_to_anchors(anchors, targets)
        for label, anchor, target in zip(labels, anchors, targets, strict=True):
            label[(label == 0) & inside(anchor, target["unsure"])] = -1
        return labels, boxes

    def compute_loss(self, objectness: Any, moves: Any, labels: Any, targets: Any) -> Any:
        if any(bool((label >= 0).any()) for label in labels):
            return super().compute_loss(objectness, moves, labels, targets)
        return objectness.sum() * 0, moves.sum() * 0  # the mean of nothing would be no number


class PartialRoiHeads(RoIHeads):  # type: ignore[misc]
    """torchvision's, which takes nothing in unsure places for background, nor a box for a mask."""

    def forward(self, features: Any, proposals: Any, image_shapes: Any, targets: Any = None) -> Any:
        if not self.training:
            return super().forward(features, proposals, image_shapes)
        proposals, matched, labels, moves = self.select_training_samples(proposals, targets)
        any_sure = any(map(len, labels))
        looked_at = proposals if any_sure else _anywhere(proposals)
        pooled = self.box_head(self.box_roi_pool(features, looked_at, image_shapes))
        logits, regression = self.box_predictor(pooled)
        of_class, of_box = logits.sum() * 0, regression.sum() * 0
        if any_sure:
            of_class, of_box = fastrcnn_loss(logits, regression, labels, moves)
        of_mask = self._mask_loss(features, proposals, matched, labels, image_shapes, targets)
        return [], {"classes": of_class, "boxes": of_box, "masks": of_mask}

    def assign_targets_to_proposals(self, proposals: Any, gt_boxes: Any, gt_labels: Any) -> Any:
        matched, labels = super().assign_targets_to_proposals(proposals, gt_boxes, gt_labels)
        for label, boxes, unsure in zip(labels, proposals, self._unsure, strict=True):
            label[(label == 0) & inside(boxes, unsure)] = -1
        return matched, labels

    def select_training_samples(self, proposals: Any, targets: Any) -> Any:
        self._unsure = [target["unsure"] for target in targets]
        return super().select_training_samples(proposals, targets)

    def _mask_loss(
        self, features: Any, proposals: Any, matched: Any, labels: Any, image_shapes: Any, targets: Any
    ) -> torch.Tensor:
        boxes, classes, wanted = [], [], []
        for proposal, match, label, target in zip(proposals, matched, labels, targets, strict=True):
            seen = label > 0
            if len(target["labels"]):
                seen = seen & target["has_mask"][match]
            rows = torch.where(seen)[0]
            boxes.append(proposal[rows])
            classes.append(label[rows])
            if len(rows):
                wanted.append(_mask_targets(target["masks"], match[rows], proposal[rows]))
        if not wanted:
            boxes = _anywhere(boxes)
        logits = self.mask_predictor(self.mask_head(self.mask_roi_pool(features, boxes, image_shapes)))
        if not wanted:
            nothing: torch.Tensor = logits.sum() * 0
            return nothing
        label = torch.cat(classes)
        chosen = logits[torch.arange(len(label), device=logits.device), label]
        return functional.binary_cross_entropy_with_logits(chosen.float(), torch.cat(wanted))


def _anywhere(boxes: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """Some box instead of none: several processes want the same layers to take part in each."""
    return [boxes[0].new_tensor([[0.0, 0.0, 8.0, 8.0]]), *boxes[1:]]


def _mask_targets(masks: torch.Tensor, rows: torch.Tensor, boxes: torch.Tensor) -> torch.Tensor:
    """The masks (n, 28, 28) of proposals, cut out of the marked ones."""
    rois = torch.cat([rows[:, None].to(boxes), boxes.detach()], 1)
    return roi_align(masks[:, None].float(), rois, 1.0, 28, 28, 2, True)[:, 0]


def inside(boxes: torch.Tensor, unsure: torch.Tensor) -> torch.Tensor:
    """Which boxes (n, 4) lie mostly inside one of the unsure ones (k, 4).

    >>> inside(torch.tensor([[0.0, 0, 2, 2], [5, 5, 9, 9]]), torch.tensor([[0.0, 0, 4, 4]])).tolist()
    [True, False]
    """
    if not len(unsure):
        return torch.zeros(len(boxes), dtype=torch.bool, device=boxes.device)
    low = torch.maximum(boxes[:, None, :2], unsure[None, :, :2])
    high = torch.minimum(boxes[:, None, 2:], unsure[None, :, 2:])
    shared = (high - low).clamp(min=0).prod(-1)
    areas = (boxes[:, 2:] - boxes[:, :2]).prod(-1).clamp(min=1e-6)
    return (shared / areas[:, None] > _MOSTLY).any(1)
