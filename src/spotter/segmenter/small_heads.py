"""The layers of the small Mask R-CNN: pyramid and heads of depthwise separable convolutions."""

from __future__ import annotations

from collections import OrderedDict

from spotter.recognizer.pytorch import functional, nn, torch
from spotter.segmenter.mobilenet_v1 import MobileNetV1


def separable(channels_in: int, channels_out: int) -> nn.Sequential:
    """A 3x3 convolution a channel and a 1x1 over the channels (Howard et al. 2017, arXiv:1704.04861)."""
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_in, 3, 1, 1, groups=channels_in, bias=False),
        nn.BatchNorm2d(channels_in),
        nn.ReLU(inplace=True),
        nn.Conv2d(channels_in, channels_out, 1, bias=False),
        nn.BatchNorm2d(channels_out),
        nn.ReLU(inplace=True),
    )


class SmallPyramid(nn.Module):
    """A backbone and its feature pyramid: four maps of stride 4, 8, 16 and 32.

    Args:
        backbone: gives maps of stride 4, 8 and 16.
        channels: of the answer.
    """

    def __init__(self, backbone: MobileNetV1, channels: int) -> None:
        super().__init__()
        self.backbone = backbone
        self.out_channels = channels
        self.inner = nn.ModuleList(
            nn.Sequential(nn.Conv2d(here, channels, 1, bias=False), nn.BatchNorm2d(channels))
            for here in backbone.channels
        )
        self.smooth = nn.ModuleList(separable(channels, channels) for _ in backbone.channels)
        self.coarser = separable(channels, channels)

    def forward(self, pixels: torch.Tensor) -> OrderedDict[str, torch.Tensor]:
        """Maps "0" to "2", and "pool", the coarsest."""
        maps = self.backbone(pixels)
        names = list(maps)
        last = self.inner[-1](maps[names[-1]])
        found = [self.smooth[-1](last)]
        for row in range(len(names) - 2, -1, -1):
            here = self.inner[row](maps[names[row]])
            last = here + functional.interpolate(last, size=here.shape[-2:], mode="nearest")
            found.insert(0, self.smooth[row](last))
        found.append(self.coarser(functional.max_pool2d(found[-1], 2)))
        return OrderedDict(zip([*names, "pool"], found, strict=True))


class SmallRpnHead(nn.Module):
    """Which anchors hold something, and how they are to be moved.

    It has no normalisation: all levels go through the same layers, and their statistics differ.
    """

    def __init__(self, channels: int, anchors: int) -> None:
        super().__init__()
        self.around = nn.Conv2d(channels, channels, 3, 1, 1, groups=channels)
        self.across = nn.Conv2d(channels, channels, 1)
        self.holds = nn.Conv2d(channels, anchors, 1)
        self.moves = nn.Conv2d(channels, anchors * 4, 1)
        nn.init.kaiming_normal_(self.across.weight, nonlinearity="relu")
        for layer in (self.holds, self.moves):
            nn.init.normal_(layer.weight, std=0.01)
        for layer in (self.across, self.holds, self.moves):
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]

    def forward(self, maps: list[torch.Tensor]) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
        shared = [functional.relu(self.across(self.around(one))) for one in maps]
        return [self.holds(one) for one in shared], [self.moves(one) for one in shared]


class SmallBoxHead(nn.Module):
    """Features (n, channels, 7, 7) of boxes to vectors (n, 384)."""

    out_channels = 384

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.shared = nn.Sequential(separable(channels, channels), separable(channels, channels))
        self.flat = nn.Linear(channels * 7 * 7, self.out_channels)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return functional.relu(self.flat(self.shared(features).flatten(1)))


def small_mask_head(channels: int) -> nn.Sequential:
    """Features (n, channels, 14, 14) of boxes to features of masks."""
    return nn.Sequential(*(separable(channels, channels) for _ in range(4)))


class SmallMaskPredictor(nn.Module):
    """Features (n, channels, 14, 14) to logits (n, classes, 28, 28)."""

    def __init__(self, channels: int, classes: int) -> None:
        super().__init__()
        half = channels // 2
        self.finer = nn.ConvTranspose2d(channels, half, 2, 2)
        self.smooth = separable(half, half)
        self.logits = nn.Conv2d(half, classes, 1)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.logits(self.smooth(functional.relu(self.finer(features))))
        return logits
