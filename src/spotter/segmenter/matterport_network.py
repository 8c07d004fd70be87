"""The layers of Matterport's Mask R-CNN in PyTorch, each under the name that Keras gave it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from spotter.recognizer.pytorch import functional, nn, torch

RATIOS: Final = (0.5, 1.0, 2.0)
"""Width by height of the anchor boxes at each place."""

_EPSILON: Final = 1e-3  # of batch normalisation in Keras
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"  # of the blocks of a stage


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large the network is.

    Attributes:
        classes: how many, the background included.
        blocks: in stage 2, 3, 4 and 5 of the ResNet; ResNet-101's by default.
        stem: channels of the first layer; each stage has more in proportion.
        pyramid: channels of the feature pyramid and of the mask head.
        shared: channels of the region proposal network.
        hidden: width of the box head.
    """

    classes: int = 81
    blocks: tuple[int, int, int, int] = (3, 4, 23, 3)
    stem: int = 64
    pyramid: int = 256
    shared: int = 512
    hidden: int = 1024

    def block_names(self, stage: int) -> list[str]:
        """The blocks of a stage, 2 to 5.

        >>> Sizes().block_names(2), Sizes().block_names(4)[-1]
        (['2a', '2b', '2c'], '4w')
        """
        return [f"{stage}{letter}" for letter in _LETTERS[: self.blocks[stage - 2]]]


class MatterportNetwork(nn.Module):
    """Mask R-CNN (He et al. 2017, arXiv:1703.06870) as github.com/matterport/Mask_RCNN builds it in Keras.

    Its three steps are called one after the other; what is between them is in matterport_boxes.py.

    >>> small = Sizes(2, (1, 1, 1, 1), 4, 8, 8, 8)
    >>> [tuple(one.shape[1:]) for one in MatterportNetwork(small).maps(torch.zeros(1, 3, 64, 64))]
    [(8, 16, 16), (8, 8, 8), (8, 4, 4), (8, 2, 2), (8, 1, 1)]
    """

    def __init__(self, sizes: Sizes) -> None:
        super().__init__()
        self.sizes = sizes
        self.layers = nn.ModuleDict({**_resnet(sizes), **_pyramid(sizes), **_heads(sizes)})
        self.eval()

    def maps(self, pixels: torch.Tensor) -> list[torch.Tensor]:
        """The feature pyramid, maps of stride 4, 8, 16, 32 and 64.

        Args:
            pixels: float32 (1, 3, side, side), RGB less its mean; side is a multiple of 64.
        """
        layer = self.layers
        x = functional.relu(layer["bn_conv1"](layer["conv1"](pixels)))
        x = functional.max_pool2d(same_padded(x, 3, 2), 3, 2)
        stages = []
        for stage in range(2, 6):
            for name in self.sizes.block_names(stage):
                x = self._block(x, name)
            stages.append(x)
        top = layer["fpn_c5p5"](stages[3])
        merged = [top]
        for stage in (4, 3, 2):
            finer = functional.interpolate(merged[0], scale_factor=2, mode="nearest")
            merged.insert(0, finer + layer[f"fpn_c{stage}p{stage}"](stages[stage - 2]))
        maps = [layer[f"fpn_p{stage}"](one) for stage, one in zip(range(2, 6), merged, strict=True)]
        return [*maps, maps[-1][:, :, ::2, ::2]]

    def _block(self, x: torch.Tensor, name: str) -> torch.Tensor:
        layer = self.layers
        inner = x
        for branch in ("2a", "2b", "2c"):
            inner = layer[f"bn{name}_branch{branch}"](layer[f"res{name}_branch{branch}"](inner))
            if branch != "2c":
                inner = functional.relu(inner)
        if f"res{name}_branch1" in layer:
            x = layer[f"bn{name}_branch1"](layer[f"res{name}_branch1"](x))
        return functional.relu(inner + x)

    def anchors_of(self, features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """How likely each anchor of a map holds something (n,), 0 to 1, and how it is to be moved (n, 4).

        Args:
            features: (1, channels, height, width), one of the maps.
        """
        shared = functional.relu(self.layers["rpn_conv_shared"](features))
        logits = _by_place(self.layers["rpn_class_raw"](shared), 2)
        return logits.softmax(1)[:, 1], _by_place(self.layers["rpn_bbox_pred"](shared), 4)

    def classes_of(self, pooled: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """How likely boxes are of each class (n, classes), and how each would move them (n, classes, 4).

        Args:
            pooled: (n, channels, 7, 7), features in the boxes.
        """
        layer = self.layers
        x = functional.relu(layer["mrcnn_class_bn1"](layer["mrcnn_class_conv1"](pooled)))
        x = functional.relu(layer["mrcnn_class_bn2"](layer["mrcnn_class_conv2"](x))).flatten(1)
        moves = layer["mrcnn_bbox_fc"](x).view(len(x), self.sizes.classes, 4)
        return layer["mrcnn_class_logits"](x).softmax(1), moves

    def masks_of(self, pooled: torch.Tensor) -> torch.Tensor:
        """The mask of each class in boxes (n, classes, 28, 28), 0 to 1.

        Args:
            pooled: (n, channels, 14, 14), features in the boxes.
        """
        layer, x = self.layers, pooled
        for number in range(1, 5):
            x = functional.relu(layer[f"mrcnn_mask_bn{number}"](layer[f"mrcnn_mask_conv{number}"](x)))
        masks: torch.Tensor = layer["mrcnn_mask"](functional.relu(layer["mrcnn_mask_deconv"](x)))
        return masks.sigmoid()


def same_padded(x: torch.Tensor, kernel: int, stride: int) -> torch.Tensor:
    """A map (n, channels, height, width) with the border that TensorFlow's padding "same" gives it.

    Where the border is odd, its larger half is at the bottom and right; it never is a maximum.

    >>> same_padded(torch.zeros(1, 1, 4, 4), 3, 2).shape, same_padded(torch.zeros(1, 1, 5, 5), 3, 2).shape
    (torch.Size([1, 1, 5, 5]), torch.Size([1, 1, 7, 7]))
    """
    borders: list[int] = []
    for length in (x.shape[3], x.shape[2]):
        border = max(0, (-(-length // stride) - 1) * stride + kernel - length)
        borders += [border // 2, border - border // 2]
    return functional.pad(x, borders, value=-torch.inf)


def _by_place(values: torch.Tensor, each: int) -> torch.Tensor:
    """A map (1, anchors * each, height, width) as rows (n, each): place by place, anchor by anchor."""
    return values.permute(0, 2, 3, 1).reshape(-1, each)


def _resnet(sizes: Sizes) -> dict[str, nn.Module]:
    """ResNet (He et al. 2015, arXiv:1512.03385), strides in the first convolution of a block."""
    layers: dict[str, nn.Module] = {
        "conv1": nn.Conv2d(3, sizes.stem, 7, 2, 3),
        "bn_conv1": _norm(sizes.stem),
    }
    last = sizes.stem
    for stage in range(2, 6):
        narrow = sizes.stem * 2 ** (stage - 2)
        for name in sizes.block_names(stage):
            first = name.endswith("a")
            stride = 2 if first and stage > 2 else 1
            parts = {
                "2a": nn.Conv2d(last, narrow, 1, stride),
                "2b": nn.Conv2d(narrow, narrow, 3, 1, 1),
                "2c": nn.Conv2d(narrow, narrow * 4, 1),
            }
            if first:
                parts["1"] = nn.Conv2d(last, narrow * 4, 1, stride)
            for branch, convolution in parts.items():
                layers[f"res{name}_branch{branch}"] = convolution
                layers[f"bn{name}_branch{branch}"] = _norm(convolution.out_channels)
            last = narrow * 4
    return layers


def _pyramid(sizes: Sizes) -> dict[str, nn.Module]:
    """The feature pyramid (Lin et al. 2017, arXiv:1612.03144)."""
    layers: dict[str, nn.Module] = {}
    for stage in range(2, 6):
        channels = sizes.stem * 2**stage
        layers[f"fpn_c{stage}p{stage}"] = nn.Conv2d(channels, sizes.pyramid, 1)
        layers[f"fpn_p{stage}"] = nn.Conv2d(sizes.pyramid, sizes.pyramid, 3, 1, 1)
    return layers


def _heads(sizes: Sizes) -> dict[str, nn.Module]:
    layers: dict[str, nn.Module] = {
        "rpn_conv_shared": nn.Conv2d(sizes.pyramid, sizes.shared, 3, 1, 1),
        "rpn_class_raw": nn.Conv2d(sizes.shared, 2 * len(RATIOS), 1),
        "rpn_bbox_pred": nn.Conv2d(sizes.shared, 4 * len(RATIOS), 1),
        "mrcnn_class_conv1": nn.Conv2d(sizes.pyramid, sizes.hidden, 7),
        "mrcnn_class_bn1": _norm(sizes.hidden),
        "mrcnn_class_conv2": nn.Conv2d(sizes.hidden, sizes.hidden, 1),
        "mrcnn_class_bn2": _norm(sizes.hidden),
        "mrcnn_class_logits": nn.Linear(sizes.hidden, sizes.classes),
        "mrcnn_bbox_fc": nn.Linear(sizes.hidden, sizes.classes * 4),
        "mrcnn_mask_deconv": nn.ConvTranspose2d(sizes.pyramid, sizes.pyramid, 2, 2),
        "mrcnn_mask": nn.Conv2d(sizes.pyramid, sizes.classes, 1),
    }
    for number in range(1, 5):
        layers[f"mrcnn_mask_conv{number}"] = nn.Conv2d(sizes.pyramid, sizes.pyramid, 3, 1, 1)
        layers[f"mrcnn_mask_bn{number}"] = _norm(sizes.pyramid)
    return layers


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=_EPSILON)
