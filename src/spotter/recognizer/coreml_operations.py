"""What the operations of a Core ML program compute, after the definitions in Apple's MIL operation reference.

Each takes PyTorch and its arguments by name: floating-point values as tensors, everything else (axes,
strides, flags) as arrays or texts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Arguments = dict[str, Any]
Operation = Callable[[Any, Arguments], Any]


def _ints(value: Any) -> list[int]:
    return [int(one) for one in np.asarray(value).ravel()]


def _flag(a: Arguments, name: str) -> bool:
    return bool(a[name]) if name in a else False


def _number(a: Arguments, name: str, default: float = 0.0) -> float:
    return float(a[name]) if name in a else default


def _tensor(torch: Any, value: Any) -> Any:
    """A tensor of what may be an array of whole numbers."""
    return value if torch.is_tensor(value) else torch.as_tensor(np.asarray(value))


def _around(
    a: Arguments, lengths: list[int], windows: list[int], strides: list[int]
) -> list[tuple[int, int]]:
    """Padding before and after each axis of the map, by the operation's ``pad_type``."""
    way = str(a.get("pad_type", "valid"))
    if way == "custom":
        pads = _ints(a["pad"])
        return list(zip(pads[0::2], pads[1::2], strict=True))
    if way == "valid":
        return [(0, 0)] * len(lengths)
    around = []
    for length, window, stride in zip(lengths, windows, strides, strict=True):
        total = max((-(-length // stride) - 1) * stride + window - length, 0)
        small, large = total // 2, total - total // 2
        around.append((large, small) if way == "same_lower" else (small, large))
    return around


def _padded(torch: Any, x: Any, around: list[tuple[int, int]], value: float) -> Any:
    if not any(any(pair) for pair in around):
        return x
    flat = [amount for pair in reversed(around) for amount in pair]
    return torch.nn.functional.pad(x, flat, value=value)


def _conv(torch: Any, a: Arguments) -> Any:
    x, weight = a["x"], a["weight"]
    axes = x.ndim - 2
    strides = _ints(a.get("strides", [1] * axes))
    dilations = _ints(a.get("dilations", [1] * axes))
    windows = [(k - 1) * d + 1 for k, d in zip(weight.shape[2:], dilations, strict=True)]
    x = _padded(torch, x, _around(a, list(x.shape[2:]), windows, strides), 0.0)
    convolve = getattr(torch.nn.functional, f"conv{axes}d")
    return convolve(x, weight, a.get("bias"), strides, 0, dilations, int(a.get("groups", 1)))


def _pool_sizes(a: Arguments) -> tuple[list[int], list[int], list[tuple[int, int]]]:
    windows = _ints(a["kernel_sizes"])
    strides = _ints(a.get("strides", [1] * len(windows)))
    return windows, strides, _around(a, list(a["x"].shape[2:]), windows, strides)


def _for_ceil(
    a: Arguments, windows: list[int], strides: list[int], around: list[tuple[int, int]]
) -> list[tuple[int, int]]:
    """With ``ceil_mode``, the padding that makes room for the last, incomplete windows."""
    if not _flag(a, "ceil_mode"):
        return around
    grown = []
    for length, window, stride, (before, after) in zip(
        a["x"].shape[2:], windows, strides, around, strict=True
    ):
        rest = (length + before + after - window) % stride
        last = length + before + after - window + (stride - rest if rest else 0)
        grown.append((before, after + (stride - rest if rest and last < length + before else 0)))
    return grown


def _max_pool(torch: Any, a: Arguments) -> Any:
    windows, strides, around = _pool_sizes(a)
    x = _padded(torch, a["x"], _for_ceil(a, windows, strides, around), -np.inf)
    return getattr(torch.nn.functional, f"max_pool{len(windows)}d")(x, windows, strides)


def _avg_pool(torch: Any, a: Arguments) -> Any:
    windows, strides, around = _pool_sizes(a)
    grown = _for_ceil(a, windows, strides, around)
    pool = getattr(torch.nn.functional, f"avg_pool{len(windows)}d")
    total = pool(_padded(torch, a["x"], grown, 0.0), windows, strides)
    ones = torch.ones_like(a["x"][:1, :1])
    if not _flag(a, "exclude_padding_from_average"):
        ones = _padded(torch, ones, around, 1.0)
        grown = [(0, g[1] - p[1]) for g, p in zip(grown, around, strict=True)]
    return total / pool(_padded(torch, ones, grown, 0.0), windows, strides)


def _pad(torch: Any, a: Arguments) -> Any:
    pads = _ints(a["pad"])
    pairs = list(zip(pads[0::2], pads[1::2], strict=True))
    way = str(a.get("mode", "constant"))
    if way == "constant":
        return _padded(torch, a["x"], pairs, _number(a, "constant_val"))
    shown = [amount for pair in reversed([pair for pair in pairs if any(pair)]) for amount in pair]
    return torch.nn.functional.pad(a["x"], shown, mode=way)


def _batch_norm(torch: Any, a: Arguments) -> Any:
    shape = (1, -1) + (1,) * (a["x"].ndim - 2)
    mean, variance = a["mean"].reshape(shape), a["variance"].reshape(shape)
    result = (a["x"] - mean) / torch.sqrt(variance + _number(a, "epsilon", 1e-5))
    if "gamma" in a:
        result = result * a["gamma"].reshape(shape)
    return result + a["beta"].reshape(shape) if "beta" in a else result


def _layer_norm(torch: Any, a: Arguments) -> Any:
    axes = _ints(a["axes"])
    mean = a["x"].mean(axes, keepdim=True)
    variance = ((a["x"] - mean) ** 2).mean(axes, keepdim=True)
    result = (a["x"] - mean) / torch.sqrt(variance + _number(a, "epsilon", 1e-5))
    return result * a.get("gamma", 1.0) + a.get("beta", 0.0)


def _prelu(torch: Any, a: Arguments) -> Any:
    alpha = a["alpha"].reshape((1, -1) + (1,) * (a["x"].ndim - 2))
    return torch.where(a["x"] >= 0, a["x"], alpha * a["x"])


def _gelu(torch: Any, a: Arguments) -> Any:
    way = {"EXACT": "none", "TANH_APPROXIMATION": "tanh"}[str(a.get("mode", "EXACT"))]
    return torch.nn.functional.gelu(a["x"], approximate=way)


def _reduced(name: str) -> Operation:
    def reduce(torch: Any, a: Arguments) -> Any:
        axes = _ints(a["axes"]) if "axes" in a else list(range(a["x"].ndim))
        return getattr(torch, name)(a["x"], dim=axes, keepdim=_flag(a, "keep_dims"))

    return reduce


def _matmul(torch: Any, a: Arguments) -> Any:
    x = a["x"].transpose(-1, -2) if _flag(a, "transpose_x") else a["x"]
    y = a["y"].transpose(-1, -2) if _flag(a, "transpose_y") else a["y"]
    return torch.matmul(x, y)


def _squeeze(torch: Any, a: Arguments) -> Any:
    x = a["x"]
    axes = [axis % x.ndim for axis in _ints(a["axes"])] if "axes" in a else range(x.ndim)
    return x.reshape([length for axis, length in enumerate(x.shape) if length != 1 or axis not in axes])


def _expand_dims(torch: Any, a: Arguments) -> Any:
    x, axes = a["x"], _ints(a["axes"])
    rank = x.ndim + len(axes)
    for axis in sorted(axis % rank for axis in axes):
        x = x.unsqueeze(axis)
    return x


def _reshape(torch: Any, a: Arguments) -> Any:
    lengths = _ints(a["shape"])
    return a["x"].reshape([a["x"].shape[i] if length == 0 else length for i, length in enumerate(lengths)])


def _concat(torch: Any, a: Arguments) -> Any:
    values = a["values"] if isinstance(a["values"], list) else [a["values"]]
    axis = int(a["axis"])
    if not _flag(a, "interleave"):
        return torch.cat(values, axis)
    return torch.stack(values, axis + 1).flatten(axis, axis + 1)


def _split(torch: Any, a: Arguments) -> Any:
    axis = int(a["axis"])
    if "split_sizes" in a:
        return tuple(torch.split(a["x"], _ints(a["split_sizes"]), axis))
    return tuple(torch.chunk(a["x"], int(a["num_splits"]), axis))


def _slice(torch: Any, a: Arguments) -> Any:
    x = a["x"]
    begin, end = _ints(a["begin"]), _ints(a["end"])
    strides = _ints(a["stride"]) if "stride" in a else [1] * x.ndim
    masks = {
        name: [bool(one) for one in np.asarray(a[name]).ravel()] if name in a else [False] * x.ndim
        for name in ("begin_mask", "end_mask", "squeeze_mask")
    }
    where: list[Any] = []
    for axis in range(x.ndim):
        if masks["squeeze_mask"][axis]:
            where.append(begin[axis])
            continue
        first = None if masks["begin_mask"][axis] else begin[axis]
        last = None if masks["end_mask"][axis] else end[axis]
        where.append(slice(first, last, strides[axis]))
    return x[tuple(where)]


def _nearest(torch: Any, a: Arguments) -> Any:
    up, across = (_number(a, f"scale_factor_{axis}", 1.0) for axis in ("height", "width"))
    return torch.nn.functional.interpolate(a["x"], scale_factor=(up, across), mode="nearest")


def _bilinear(torch: Any, a: Arguments) -> Any:
    x, corners = a["x"], bool(a.get("align_corners", True))
    size = [
        round(x.shape[2 + i] * _number(a, f"scale_factor_{n}", 1.0))
        for i, n in enumerate(("height", "width"))
    ]
    return torch.nn.functional.interpolate(x, size=size, mode="bilinear", align_corners=corners)


def _cast(torch: Any, a: Arguments) -> Any:
    kinds = {"fp16": torch.float32, "fp32": torch.float32, "fp64": torch.float32, "bool": torch.bool}
    return _tensor(torch, a["x"]).to(kinds.get(str(a["dtype"]), torch.int32))


def _classify(torch: Any, a: Arguments) -> Any:
    best = int(a["probabilities"].ravel().argmax())
    return a["classes"][best] if isinstance(a["classes"], list) else a["classes"], a["probabilities"]


OPERATIONS: dict[str, Operation] = {
    "abs": lambda torch, a: a["x"].abs(),
    "add": lambda torch, a: a["x"] + a["y"],
    "avg_pool": _avg_pool,
    "batch_norm": _batch_norm,
    "cast": _cast,
    "clamped_relu": lambda torch, a: torch.clamp(
        torch.where(a["x"] >= 0, a["x"], _number(a, "alpha") * a["x"]), max=_number(a, "beta")
    ),
    "classify": _classify,
    "clip": lambda torch, a: torch.clamp(a["x"], _number(a, "alpha"), _number(a, "beta")),
    "concat": _concat,
    "conv": _conv,
    "elu": lambda torch, a: torch.nn.functional.elu(a["x"], _number(a, "alpha", 1.0)),
    "exp": lambda torch, a: a["x"].exp(),
    "expand_dims": _expand_dims,
    "gelu": _gelu,
    "identity": lambda torch, a: a["x"],
    "inverse": lambda torch, a: 1 / (a["x"] + _number(a, "epsilon", 1e-4)),
    "layer_norm": _layer_norm,
    "leaky_relu": lambda torch, a: torch.where(a["x"] >= 0, a["x"], _number(a, "alpha", 0.01) * a["x"]),
    "linear": lambda torch, a: torch.nn.functional.linear(a["x"], a["weight"], a.get("bias")),
    "log": lambda torch, a: torch.log(a["x"] + _number(a, "epsilon", 1e-45)),
    "matmul": _matmul,
    "max_pool": _max_pool,
    "maximum": lambda torch, a: torch.maximum(a["x"], a["y"]),
    "minimum": lambda torch, a: torch.minimum(a["x"], a["y"]),
    "mul": lambda torch, a: a["x"] * a["y"],
    "pad": _pad,
    "pow": lambda torch, a: a["x"] ** a["y"],
    "prelu": _prelu,
    "real_div": lambda torch, a: a["x"] / a["y"],
    "reduce_max": _reduced("amax"),
    "reduce_mean": _reduced("mean"),
    "reduce_min": _reduced("amin"),
    "reduce_sum": _reduced("sum"),
    "relu": lambda torch, a: torch.relu(a["x"]),
    "relu6": lambda torch, a: torch.clamp(a["x"], 0, 6),
    "reshape": _reshape,
    "rsqrt": lambda torch, a: torch.rsqrt(a["x"] + _number(a, "epsilon", 1e-12)),
    "sigmoid": lambda torch, a: torch.sigmoid(a["x"]),
    "sigmoid_hard": lambda torch, a: torch.clamp(
        _number(a, "alpha", 0.2) * a["x"] + _number(a, "beta", 0.5), 0, 1
    ),
    "silu": lambda torch, a: a["x"] * torch.sigmoid(a["x"]),
    "slice_by_index": _slice,
    "softmax": lambda torch, a: torch.softmax(a["x"], int(a.get("axis", -1))),
    "softplus": lambda torch, a: torch.nn.functional.softplus(a["x"]),
    "split": _split,
    "sqrt": lambda torch, a: a["x"].sqrt(),
    "square": lambda torch, a: a["x"] ** 2,
    "squeeze": _squeeze,
    "sub": lambda torch, a: a["x"] - a["y"],
    "tanh": lambda torch, a: torch.tanh(a["x"]),
    "thresholded_relu": lambda torch, a: torch.where(
        a["x"] >= _number(a, "alpha", 1.0), a["x"], torch.zeros_like(a["x"])
    ),
    "transpose": lambda torch, a: a["x"].permute(_ints(a["perm"])),
    "upsample_bilinear": _bilinear,
    "upsample_nearest_neighbor": _nearest,
}
"""By the operation's name in a program; whatever is not here is refused by name."""
