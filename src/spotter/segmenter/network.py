"""Builds a Mask R-CNN of a known architecture, with random weights."""

from __future__ import annotations

from typing import Any

from spotter.recognizer.pytorch import nn
from spotter.segmenter.architecture import Architecture
from spotter.segmenter.mobilenet_v1 import MobileNetV1
from spotter.segmenter.pixel_head import PixelHead
from spotter.segmenter.rcnn import MaskRcnn, PartialRoiHeads, PartialRpn
from spotter.segmenter.small_heads import (
    SmallBoxHead,
    SmallMaskPredictor,
    SmallPyramid,
    SmallRpnHead,
    small_mask_head,
)

from torchvision.models import mobilenet_v3_large, resnet50  # isort: skip  # after what makes it importable
from torchvision.models.detection import backbone_utils, faster_rcnn, mask_rcnn  # isort: skip
from torchvision.models.detection.anchor_utils import AnchorGenerator  # isort: skip
from torchvision.models.detection.rpn import RPNHead  # isort: skip
from torchvision.ops import MultiScaleRoIAlign, misc  # isort: skip

HALF = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))

_HIDDEN = 1024  # of torchvision's box heads


def build(kind: Architecture, classes: int, frozen: int | None = None) -> MaskRcnn:
    """A network with random weights.

    Args:
        kind: which.
        classes: how many, without the background.
        frozen: how many steps of the backbone are not trained; what is usual for it if None.

    >>> from spotter.segmenter.architecture import architecture
    >>> sum(p.numel() for p in build(architecture("parts"), 15).parameters()) < 6_000_000
    True
    """
    steps = kind.frozen if frozen is None else frozen
    pyramid = _PYRAMIDS[kind.backbone](kind, steps)
    levels = len(kind.anchors)
    names = [str(level) for level in range(levels - 1)] + ["pool"]
    anchors = AnchorGenerator(kind.anchors, (kind.ratios,) * levels)
    per_place = anchors.num_anchors_per_location()[0]
    small = kind.backbone == "mobilenet_v1"
    heads = (_small_heads if small else _usual_heads)(kind, per_place, classes + 1)
    rpn_head, box_head, width, mask_head, mask_predictor = heads
    # torchvision pools from no coarsest map
    pooled = names if small else names[:-1]
    rpn = PartialRpn(
        anchors,
        rpn_head,
        fg_iou_thresh=0.7,
        bg_iou_thresh=0.3,
        batch_size_per_image=256,
        positive_fraction=0.5,
        pre_nms_top_n={"training": kind.proposals_train, "testing": kind.proposals_run},
        post_nms_top_n={"training": kind.proposals_train, "testing": kind.proposals_run},
        nms_thresh=0.7,
    )
    roi_heads = PartialRoiHeads(
        MultiScaleRoIAlign(pooled, 7, 2),
        box_head,
        faster_rcnn.FastRCNNPredictor(width, classes + 1),
        fg_iou_thresh=0.5,
        bg_iou_thresh=0.5,
        batch_size_per_image=kind.samples,
        positive_fraction=0.25,
        bbox_reg_weights=None,
        score_thresh=0.05,
        nms_thresh=0.5,
        detections_per_img=100,
        mask_roi_pool=MultiScaleRoIAlign(pooled, 14, 2),
        mask_head=mask_head,
        mask_predictor=mask_predictor,
    )
    pixel_head = PixelHead(kind.channels, classes + 1) if kind.pixels else None
    return MaskRcnn(pyramid, rpn, roi_heads, *(HALF if small else IMAGENET), pixel_head)


def _small_heads(kind: Architecture, anchors: int, outputs: int) -> tuple[Any, ...]:
    box_head = SmallBoxHead(kind.channels)
    return (
        SmallRpnHead(kind.channels, anchors),
        box_head,
        box_head.out_channels,
        small_mask_head(kind.channels),
        SmallMaskPredictor(kind.channels, outputs),
    )


def _usual_heads(kind: Architecture, anchors: int, outputs: int) -> tuple[Any, ...]:
    """torchvision's: the second version where the backbone is of the second version."""
    width = kind.channels
    predictor = mask_rcnn.MaskRCNNPredictor(width, 256, outputs)
    if kind.backbone == "resnet50_v2":
        box_head: nn.Module = faster_rcnn.FastRCNNConvFCHead(
            (width, 7, 7), [width] * 4, [_HIDDEN], norm_layer=nn.BatchNorm2d
        )
        masks = mask_rcnn.MaskRCNNHeads(width, [width] * 4, 1, norm_layer=nn.BatchNorm2d)
        return RPNHead(width, anchors, conv_depth=2), box_head, _HIDDEN, masks, predictor
    box_head = faster_rcnn.TwoMLPHead(width * 7**2, _HIDDEN)
    masks = mask_rcnn.MaskRCNNHeads(width, [width] * 4, 1)
    return RPNHead(width, anchors), box_head, _HIDDEN, masks, predictor


def _small_pyramid(kind: Architecture, frozen: int) -> nn.Module:
    backbone = MobileNetV1(0.75)
    if frozen:
        backbone.freeze(frozen)
    return SmallPyramid(backbone, kind.channels)


def _resnet50_pyramid(kind: Architecture, frozen: int) -> nn.Module:
    body = resnet50(weights=None, norm_layer=nn.BatchNorm2d)
    pyramid: nn.Module = backbone_utils._resnet_fpn_extractor(
        body, 5 - min(frozen, 5), norm_layer=nn.BatchNorm2d
    )
    return pyramid


def _mobilenet_v3_pyramid(kind: Architecture, frozen: int) -> nn.Module:
    body = mobilenet_v3_large(weights=None, norm_layer=misc.FrozenBatchNorm2d)
    pyramid: nn.Module = backbone_utils._mobilenet_extractor(body, True, 6 - min(frozen, 6))
    return pyramid


_PYRAMIDS = {
    "mobilenet_v1": _small_pyramid,
    "mobilenet_v3_large": _mobilenet_v3_pyramid,
    "resnet50_v2": _resnet50_pyramid,
}
