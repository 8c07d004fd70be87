"""MobileNet v1, as far as a detector needs it: three maps of features."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spotter.errors import ModelError
from spotter.models.convolutions import convolutions
from spotter.recognizer.pytorch import nn, torch

BLOCKS = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *((512, 1),) * 7)
"""Channels at full width, and stride, of the depthwise separable blocks (Howard et al. 2017,
arXiv:1704.04861); the last two are as PoseNet and BodyPix have them, neither wider nor coarser."""

_MAPS = {"0": 2, "1": 4, "2": 12}  # after which blocks there are maps of stride 4, 8 and 16


class MobileNetV1(nn.Module):
    """Pixels, RGB from 0 to 1, normalised to -1 to 1, to maps of stride 4, 8 and 16.

    Its normalisation layers are folded into the convolutions, so that what is trained is what is run.

    Args:
        width: what the number of channels is multiplied by.

    >>> network = MobileNetV1(0.25)
    >>> [tuple(map.shape[1:]) for map in network(torch.zeros(1, 3, 64, 96)).values()]
    [(32, 16, 24), (64, 8, 12), (128, 4, 6)]
    """

    def __init__(self, width: float) -> None:
        super().__init__()
        last = round(32 * width)
        self.entry = nn.Sequential(nn.Conv2d(3, last, 3, 2, 1), nn.ReLU6())
        self.blocks = nn.ModuleList()
        for channels, stride in BLOCKS:
            here = round(channels * width)
            self.blocks.append(
                nn.Sequential(
                    nn.Conv2d(last, last, 3, stride, 1, groups=last),
                    nn.ReLU6(),
                    nn.Conv2d(last, here, 1),
                    nn.ReLU6(),
                )
            )
            last = here
        self.channels = [round(BLOCKS[block][0] * width) for block in _MAPS.values()]
        self._begin()

    def _begin(self) -> None:
        """Random weights that keep the signal's strength (He et al. 2015, arXiv:1502.01852).

        Without normalisation layers PyTorch's own would let it fade away over so many layers.
        """
        own = torch.Generator().manual_seed(torch.initial_seed())
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu", generator=own)
                nn.init.zeros_(module.bias)  # type: ignore[arg-type]

    def forward(self, pixels: torch.Tensor) -> OrderedDict[str, torch.Tensor]:
        """Maps "0", "1" and "2", the finest first."""
        maps = OrderedDict[str, torch.Tensor]()
        here = self.entry(pixels)
        for number, block in enumerate(self.blocks):
            here = block(here)
            for name, after in _MAPS.items():
                if after == number:
                    maps[name] = here
        return maps

    def freeze(self, blocks: int) -> None:
        """Train neither the entry nor the first so many blocks."""
        for module in (self.entry, *self.blocks[:blocks]):
            module.requires_grad_(False)

    def load_file(self, path: Path) -> None:
        """Take the weights of a TFLite or ONNX file of this network; quantised ones are dequantised.

        Raises:
            ModelError: if the file cannot be read, or its layers are not this network's.
        """
        layers = [module for module in self.modules() if isinstance(module, nn.Conv2d)]
        found = convolutions(path)
        if len(found) < len(layers):
            raise ModelError(f"{path} has {len(found)} convolutions, and {len(layers)} are wanted")
        with torch.no_grad():
            for number, (layer, (weight, bias)) in enumerate(zip(layers, found, strict=False)):
                _copy(layer, weight, bias, f"convolution {number + 1} of {path}")


def _copy(layer: nn.Conv2d, weight: NDArray[np.float32], bias: NDArray[np.float32] | None, said: str) -> None:
    wanted: Sequence[int] = layer.weight.shape
    if tuple(weight.shape) != tuple(wanted):
        raise ModelError(f"{said} has weights of {list(weight.shape)}, and {list(wanted)} are wanted")
    layer.weight.copy_(torch.from_numpy(weight))
    if layer.bias is not None:
        layer.bias.copy_(torch.from_numpy(bias) if bias is not None else torch.zeros(len(weight)))
