"""The layers that a network is rebuilt from in PyTorch, each one call of a functional operation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spotter.recognizer.pytorch import functional, nn, torch

Pair = tuple[int, int]


def tensor(values: NDArray[Any]) -> torch.Tensor:
    """A float32 copy."""
    return torch.from_numpy(np.array(values, np.float32, order="C"))


class Call(nn.Module):
    """An operation without weights."""

    def __init__(self, function: Callable[..., torch.Tensor], words: str = "") -> None:
        super().__init__()
        self._function, self._words = function, words or getattr(function, "__name__", "")

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        return self._function(*inputs)

    def extra_repr(self) -> str:
        return self._words


class Convolution(nn.Module):
    """A convolution in two dimensions, plain, grouped or depthwise; ``weight`` and ``bias`` are trained."""

    def __init__(
        self,
        weight: NDArray[Any],
        stride: Pair,
        dilation: Pair,
        pads: tuple[int, int, int, int],
        groups: int,
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(tensor(weight))
        self.bias: nn.Parameter | None = None
        self.stride, self.dilation, self.groups = stride, dilation, groups
        left, right, top, bottom = pads
        self._even = left == right and top == bottom
        self._pads = pads

    @property
    def depthwise(self) -> bool:
        return self.groups > 1

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        padding = (self._pads[2], self._pads[0]) if self._even else (0, 0)
        if not self._even:
            x = functional.pad(x, self._pads)
        if self.depthwise and torch.is_grad_enabled() and torch.is_autocast_enabled("cpu"):
            # learning in bf16 takes twice as long as in f32 here: processors' bf16 units multiply matrices
            with torch.autocast("cpu", enabled=False):
                return self._convolved(x.float(), padding)
        return self._convolved(x, padding)

    def _convolved(self, x: torch.Tensor, padding: Pair) -> torch.Tensor:
        return functional.conv2d(x, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def extra_repr(self) -> str:
        return f"{tuple(self.weight.shape)}, stride={self.stride}, pads={self._pads}, groups={self.groups}"


class Linear(nn.Module):
    """A fully connected layer; ``weight`` (out, in) and ``bias`` are trained."""

    def __init__(self, weight: NDArray[Any]) -> None:
        super().__init__()
        self.weight = nn.Parameter(tensor(weight))
        self.bias: nn.Parameter | None = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.linear(x, self.weight, self.bias)

    def extra_repr(self) -> str:
        return f"{tuple(self.weight.shape)}"


class PRelu(nn.Module):
    """A ReLU whose negative side has a slope of its own in each channel, which is trained."""

    def __init__(self, slope: NDArray[Any]) -> None:
        super().__init__()
        self.slope = nn.Parameter(tensor(slope))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return functional.prelu(x, self.slope)


class WithConstant(nn.Module):
    """A calculation with a constant; trained if it is a scale or a bias of channels, and else fixed."""

    def __init__(
        self,
        function: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
        value: NDArray[Any],
        *,
        trained: bool,
        constant_first: bool = False,
    ) -> None:
        super().__init__()
        self._function, self._first = function, constant_first
        if trained:
            self.value: torch.Tensor = nn.Parameter(tensor(value))
        else:
            self.register_buffer("value", tensor(value))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self._function(self.value, x) if self._first else self._function(x, self.value)

    def extra_repr(self) -> str:
        return f"{getattr(self._function, '__name__', '')} {tuple(self.value.shape)}"


def permute(order: Sequence[int]) -> Call:
    """A change of the axes' order."""
    order = tuple(order)
    return Call(lambda x: x.permute(order), f"permute{order}")


def reshape(rest: Sequence[int]) -> Call:
    """Another shape for each picture; the batch stays."""
    shape = (-1, *rest)
    return Call(lambda x: x.reshape(shape), f"reshape{shape}")


def max_pool(kernel: Pair, stride: Pair, pads: tuple[int, int, int, int], dilation: Pair, up: bool) -> Call:
    """Max pooling; edges that are padded unevenly are padded with the smallest number first."""
    left, right, top, bottom = pads
    even = left == right and top == bottom and 2 * left <= kernel[1] and 2 * top <= kernel[0]

    def pool(x: torch.Tensor) -> torch.Tensor:
        if not even:
            x = functional.pad(x, pads, value=float("-inf"))
        return functional.max_pool2d(x, kernel, stride, (top, left) if even else 0, dilation, up)

    return Call(pool, f"max_pool {kernel}, stride={stride}, pads={pads}")


def average_pool(kernel: Pair, stride: Pair, padding: Pair, up: bool, with_padding: bool) -> Call:
    """Average pooling."""
    return Call(
        lambda x: functional.avg_pool2d(x, kernel, stride, padding, up, with_padding),
        f"avg_pool {kernel}, stride={stride}, padding={padding}",
    )


def resize(size: Pair, mode: str, align_corners: bool) -> Call:
    """Enlargement or reduction to a height and width."""
    corners = align_corners if mode == "bilinear" else None
    return Call(
        lambda x: functional.interpolate(x, size=size, mode=mode, align_corners=corners), f"{mode} to {size}"
    )


def depth_to_space(block: int, channels: int, height: int, width: int) -> Call:
    """Channels become pixels, the block's place being the slower index of a channel, as in TensorFlow."""

    def rearrange(x: torch.Tensor) -> torch.Tensor:
        kept = channels // (block * block)
        x = x.reshape(-1, block, block, kept, height, width).permute(0, 3, 4, 1, 5, 2)
        return x.reshape(-1, kept, height * block, width * block)

    return Call(rearrange, f"depth_to_space {block}")
