"""For each operation of OpenVINO, how it becomes a PyTorch layer."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from spotter.errors import ModelError
from spotter.models.graph import Node
from spotter.recognizer import layer_modules as modules
from spotter.recognizer.layer_builder import Builder
from spotter.recognizer.layer_values import Array, Flow, Value, constant, ints
from spotter.recognizer.pytorch import functional, torch

Inputs = Sequence[Value]
Operation = Callable[[Builder, Node, Inputs], Value]


def _same(builder: Builder, node: Node, inputs: Inputs) -> Value:
    """Conversions of type: everything is computed in the type that the pictures come in."""
    flow = builder.flow(node, inputs[0])
    return replace(flow, sole=flow.sole and builder.alone(node))


def _transpose(builder: Builder, node: Node, inputs: Inputs) -> Value:
    flow = builder.flow(node, _same(builder, node, inputs))
    return flow.turned(ints(constant(node, inputs[1], "axes")))


def _each(function: Callable[[torch.Tensor], torch.Tensor]) -> Operation:
    """An operation on each number for itself."""

    def add(builder: Builder, node: Node, inputs: Inputs) -> Value:
        return builder.add(node, modules.Call(function), [builder.flow(node, inputs[0])])

    return add


def _clamp(builder: Builder, node: Node, inputs: Inputs) -> Value:
    low, high = float(node.attributes["min"]), float(node.attributes["max"])
    if (low, high) == (0.0, 6.0):
        call = modules.Call(functional.relu6)
    else:
        call = modules.Call(lambda x: torch.clamp(x, low, high), f"clamp {low}, {high}")
    return builder.add(node, call, [builder.flow(node, inputs[0])])


def _swish(builder: Builder, node: Node, inputs: Inputs) -> Value:
    if len(inputs) > 1 and float(constant(node, inputs[1], "factors")) != 1.0:
        raise ModelError(f"Swish {node.name!r} has another factor than 1")
    return builder.add(node, modules.Call(functional.silu), [builder.flow(node, inputs[0])])


def _gelu(builder: Builder, node: Node, inputs: Inputs) -> Value:
    way = "tanh" if node.attributes.get("approximation_mode", "ERF").upper() == "TANH" else "none"
    call = modules.Call(lambda x: functional.gelu(x, approximate=way), f"gelu {way}")
    return builder.add(node, call, [builder.flow(node, inputs[0])])


def _softmax(builder: Builder, node: Node, inputs: Inputs) -> Value:
    flow = builder.flow(node, inputs[0])
    axis = flow.order[node.attributes["axis"]]
    return builder.add(node, modules.Call(lambda x: torch.softmax(x, axis), f"softmax {axis}"), [flow])


def _two(
    function: Callable[[Any, Any], torch.Tensor], *, bias: bool = False, slope: bool = False
) -> Operation:
    """An operation on two tensors, one of which may be a constant."""

    def add(builder: Builder, node: Node, inputs: Inputs) -> Value:
        first, second = inputs
        if isinstance(first, Flow) and isinstance(second, Flow):
            if first.order != second.order:
                first, second = builder.plain(node, first), builder.plain(node, second)
            return builder.add(node, modules.Call(function), [first, second])
        values = constant(node, second if isinstance(first, Flow) else first, "values")
        flow = builder.flow(node, first if isinstance(first, Flow) else second)
        if values.ndim > len(flow.order):
            raise ModelError(f"{node.op} {node.name!r} adds axes, which is not known")
        laid = flow.laid(values)
        if bias and builder.give_bias(flow, laid):
            return replace(flow, sole=builder.alone(node))
        trained = slope and flow.learned and _of_channels(laid)
        module = modules.WithConstant(function, laid, trained=trained, constant_first=flow is second)
        return builder.add(node, module, [flow])

    return add


def _of_channels(values: Array) -> bool:
    """Whether there is one number for each channel."""
    return values.ndim > 1 and values.shape[1] == values.size > 1


def _prelu(builder: Builder, node: Node, inputs: Inputs) -> Value:
    flow, slope = builder.flow(node, inputs[0]), constant(node, inputs[1], "slopes")
    if slope.ndim == 1:  # one for each of the graph's channels
        slope = slope.reshape(1, -1, *(1,) * (len(flow.order) - 2))
    laid = flow.laid(slope)
    if laid.size > 1 and not _of_channels(laid):
        raise ModelError(f"PRelu {node.name!r} has slopes of another axis than the channels'")
    return builder.add(node, modules.PRelu(laid.reshape(-1)), [flow], learned=True)


def _fake_quantize(builder: Builder, node: Node, inputs: Inputs) -> Value:
    """What the quantised numbers stand for, without their steps: a clamp to their range."""
    flow = builder.flow(node, inputs[0])
    ranges = [constant(node, value, "ranges") for value in inputs[1:5]]
    if any(values.size != 1 for values in ranges):
        raise ModelError(f"FakeQuantize {node.name!r} has a range for each channel, which is not known")
    low, high, out_low, out_high = (float(values.reshape(-1)[0]) for values in ranges)
    flow = builder.add(
        node, modules.Call(lambda x: torch.clamp(x, low, high), f"clamp {low}, {high}"), [flow]
    )
    if (low, high) == (out_low, out_high):
        return flow
    factor = (out_high - out_low) / (high - low)
    numbers = np.array([factor, out_low - low * factor], np.float32)
    scaled = modules.WithConstant(operator.mul, numbers[0], trained=False)
    moved = modules.WithConstant(operator.add, numbers[1], trained=False)
    return builder.add(node, moved, [builder.add(node, scaled, [flow], part="scale")], part="offset")


def _pads(node: Node, size: Sequence[int | None], kernel: Sequence[int]) -> tuple[int, int, int, int]:
    """Left, right, top and bottom, as PyTorch's ``pad`` wants them."""
    wanted = node.attributes
    way = str(wanted.get("auto_pad", "explicit"))
    if way == "valid":
        return 0, 0, 0, 0
    if not way.startswith("same"):
        (top, left), (bottom, right) = wanted["pads_begin"], wanted["pads_end"]
        return left, right, top, bottom
    pads: list[int] = []
    for axis in (1, 0):
        length, stride = size[axis], wanted["strides"][axis]
        if length is None:
            raise ModelError(
                f"{node.op} {node.name!r} pads pictures of any size; give the network a fixed size"
            )
        reach = (kernel[axis] - 1) * wanted.get("dilations", [1, 1])[axis] + 1
        total = max((-(-length // stride) - 1) * stride + reach - length, 0)
        small = total // 2
        pads += [small, total - small] if way == "same_upper" else [total - small, small]
    return pads[0], pads[1], pads[2], pads[3]


def _convolution(builder: Builder, node: Node, inputs: Inputs) -> Value:
    weight, groups = constant(node, inputs[1], "weights"), 1
    if node.op == "GroupConvolution":
        groups = weight.shape[0]
        weight = weight.reshape(-1, *weight.shape[2:])
    if weight.ndim != 4:
        raise ModelError(f"{node.op} {node.name!r} has {weight.ndim - 2} dimensions, and 2 are wanted")
    pads = _pads(node, builder.shape(node.inputs[0][0])[2:], weight.shape[2:])
    stride, dilation = node.attributes["strides"], node.attributes["dilations"]
    layer = modules.Convolution(weight, tuple(stride), tuple(dilation), pads, groups)
    return builder.add(node, layer, [builder.plain(node, inputs[0])], learned=True)


def _matmul(builder: Builder, node: Node, inputs: Inputs) -> Value:
    flow = builder.plain(node, inputs[0])
    if node.attributes.get("transpose_a"):
        raise ModelError(f"MatMul {node.name!r} turns its first matrix, which is not known")
    if isinstance(inputs[1], Flow):
        other, turned = builder.plain(node, inputs[1]), bool(node.attributes.get("transpose_b"))
        call = modules.Call(lambda x, y: x @ (y.transpose(-1, -2) if turned else y), "matmul")
        return builder.add(node, call, [flow, other])
    weight = constant(node, inputs[1], "weights")
    if weight.ndim != 2:
        raise ModelError(f"MatMul {node.name!r} has weights of {weight.ndim} axes, and 2 are wanted")
    weight = weight if node.attributes.get("transpose_b") else weight.T
    return builder.add(node, modules.Linear(weight), [flow], learned=True)


def _max_pool(builder: Builder, node: Node, inputs: Inputs) -> Value:
    kernel, wanted = node.attributes["kernel"], node.attributes
    pads = _pads(node, builder.shape(node.inputs[0][0])[2:], kernel)
    up = str(wanted.get("rounding_type", "floor")).startswith("ceil")
    dilation = wanted.get("dilations", [1, 1])
    call = modules.max_pool(tuple(kernel), tuple(wanted["strides"]), pads, tuple(dilation), up)
    return builder.add(node, call, [builder.plain(node, inputs[0])])


def _avg_pool(builder: Builder, node: Node, inputs: Inputs) -> Value:
    kernel, wanted = node.attributes["kernel"], node.attributes
    left, right, top, bottom = _pads(node, builder.shape(node.inputs[0][0])[2:], kernel)
    if (left, top) != (right, bottom):
        raise ModelError(f"AvgPool {node.name!r} pads its edges unevenly, which is not known")
    up = str(wanted.get("rounding_type", "floor")).startswith("ceil")
    with_padding = not (wanted.get("exclude-pad") or wanted.get("exclude_pad"))
    call = modules.average_pool(tuple(kernel), tuple(wanted["strides"]), (top, left), up, with_padding)
    return builder.add(node, call, [builder.plain(node, inputs[0])])


def _pad(builder: Builder, node: Node, inputs: Inputs) -> Value:
    if node.attributes.get("pad_mode", "constant") != "constant":
        raise ModelError(f"Pad {node.name!r} pads with {node.attributes['pad_mode']}, which is not known")
    flow = builder.flow(node, inputs[0])
    begin, end = ints(constant(node, inputs[1], "widths")), ints(constant(node, inputs[2], "widths"))
    value = float(constant(node, inputs[3], "values").reshape(-1)[0]) if len(inputs) > 3 else 0.0
    widths = {flow.order[axis]: (begin[axis], end[axis]) for axis in range(len(begin))}
    pads = [width for axis in reversed(range(1, len(begin))) for width in widths[axis]]
    while pads and pads[-2:] == [0, 0]:
        pads = pads[:-2]
    call = modules.Call(lambda x: functional.pad(x, pads, value=value), f"pad {pads}")
    return builder.add(node, call, [flow])


def _concat(builder: Builder, node: Node, inputs: Inputs) -> Value:
    flows = [builder.flow(node, value) for value in inputs]
    if any(flow.order != flows[0].order for flow in flows):
        flows = [builder.plain(node, flow) for flow in flows]
    axis = flows[0].order[node.attributes["axis"]]
    return builder.add(node, modules.Call(lambda *all_: torch.cat(all_, axis), f"cat {axis}"), flows)


def _reduce(function: Callable[..., torch.Tensor]) -> Operation:
    """Means, sums or maxima over axes."""

    def add(builder: Builder, node: Node, inputs: Inputs) -> Value:
        flow = builder.flow(node, inputs[0])
        count = len(flow.order)
        axes = {axis % count for axis in ints(constant(node, inputs[1], "axes"))}
        dims, keep = tuple(sorted(flow.order[axis] for axis in axes)), bool(node.attributes["keep_dims"])
        call = modules.Call(lambda x: function(x, dim=dims, keepdim=keep), f"{function.__name__} {dims}")
        made = builder.add(node, call, [flow])
        if keep:
            return made
        left = [flow.order[axis] for axis in range(count) if axis not in axes]
        return replace(made, order=tuple(sorted(left).index(axis) for axis in left))

    return add


def _reshape(builder: Builder, node: Node, inputs: Inputs) -> Value:
    """Reshape, Squeeze and Unsqueeze: the batch stays the first axis, whatever its length."""
    rest = node.shape[1:]
    if not node.shape or None in rest or node.shape[0] not in (None, 1):
        raise ModelError(f"{node.op} {node.name!r} gives a shape that is not fixed: {node.shape}")
    flow = builder.flow(node, inputs[0])
    before = builder.shape(node.inputs[0][0])
    if sum(length != 1 for length in before[1:]) > 1:  # else the axes' order makes no difference
        flow = builder.plain(node, flow)
    made = builder.add(node, modules.reshape([length or 1 for length in rest]), [flow])
    return replace(made, order=tuple(range(len(node.shape))))


def _interpolate(builder: Builder, node: Node, inputs: Inputs) -> Value:
    wanted, shape = node.attributes, node.shape
    flow = builder.flow(node, inputs[0])
    places = [axis for axis in range(len(shape)) if flow.order[axis] in (2, 3)]
    before = builder.shape(node.inputs[0][0])
    changed = [axis for axis in range(1, len(shape)) if shape[axis] != before[axis]]
    if not set(changed) <= set(places):
        flow, places = builder.plain(node, flow), [2, 3]
    corners = wanted["coordinate_transformation_mode"]
    linear = wanted["mode"] in ("linear", "linear_onnx")
    good = (
        corners in ("half_pixel", "pytorch_half_pixel", "align_corners")
        if linear
        else corners == "asymmetric"
    )
    sizes = sorted((flow.order[axis], shape[axis] or 0) for axis in places)
    if (
        not good
        or (not linear and wanted["mode"] != "nearest")
        or any(wanted["pads_begin"] + wanted["pads_end"])
    ):
        raise ModelError(
            f"Interpolate {node.name!r} ({wanted['mode']}, {corners}) cannot be rebuilt in PyTorch"
        )
    mode = "bilinear" if linear else "nearest"
    call = modules.resize((sizes[0][1], sizes[1][1]), mode, corners == "align_corners")
    return builder.add(node, call, [flow])


def _depth_to_space(builder: Builder, node: Node, inputs: Inputs) -> Value:
    _, channels, height, width = builder.shape(node.inputs[0][0])
    block, flow = int(node.attributes["block_size"]), builder.plain(node, inputs[0])
    if node.attributes["mode"] == "depth_first":
        return builder.add(node, modules.Call(lambda x: functional.pixel_shuffle(x, block)), [flow])
    call = modules.depth_to_space(block, channels or 0, height or 0, width or 0)
    return builder.add(node, call, [flow])


def _batch_norm(builder: Builder, node: Node, inputs: Inputs) -> Value:
    """With the means and variances that were learnt: a scale and a bias for each channel."""
    flow = builder.flow(node, inputs[0])
    gamma, beta, mean, variance = (constant(node, value, "weights") for value in inputs[1:5])
    scale = gamma / np.sqrt(variance + float(node.attributes["epsilon"]))
    laid = [
        flow.laid(one.reshape(1, -1, *(1,) * (len(flow.order) - 2))) for one in (scale, beta - mean * scale)
    ]
    scaled = builder.add(
        node, modules.WithConstant(operator.mul, laid[0], trained=True), [flow], learned=True, part="scale"
    )
    return builder.add(node, modules.WithConstant(operator.add, laid[1], trained=True), [scaled], part="bias")


OPERATIONS: dict[str, Operation] = {
    "Add": _two(operator.add, bias=True, slope=True),
    "AvgPool": _avg_pool,
    "BatchNormInference": _batch_norm,
    "Clamp": _clamp,
    "Concat": _concat,
    "Convert": _same,
    "Convolution": _convolution,
    "DepthToSpace": _depth_to_space,
    "Divide": _two(operator.truediv, slope=True),
    "Elu": lambda builder, node, inputs: builder.add(
        node,
        modules.Call(lambda x: functional.elu(x, node.attributes["alpha"])),
        [builder.flow(node, inputs[0])],
    ),
    "Exp": _each(torch.exp),
    "FakeQuantize": _fake_quantize,
    "Gelu": _gelu,
    "GroupConvolution": _convolution,
    "HSigmoid": _each(functional.hardsigmoid),
    "HSwish": _each(functional.hardswish),
    "Interpolate": _interpolate,
    "MatMul": _matmul,
    "MaxPool": _max_pool,
    "Maximum": _two(torch.maximum),
    "Minimum": _two(torch.minimum),
    "Multiply": _two(operator.mul, slope=True),
    "PRelu": _prelu,
    "Pad": _pad,
    "Power": _two(operator.pow),
    "ReduceMax": _reduce(torch.amax),
    "ReduceMean": _reduce(torch.mean),
    "ReduceSum": _reduce(torch.sum),
    "Relu": _each(functional.relu),
    "Reshape": _reshape,
    "Sigmoid": _each(torch.sigmoid),
    "SoftPlus": _each(functional.softplus),
    "Softmax": _softmax,
    "Sqrt": _each(torch.sqrt),
    "Squeeze": _reshape,
    "Subtract": _two(operator.sub, slope=True),
    "Swish": _swish,
    "Tanh": _each(torch.tanh),
    "Transpose": _transpose,
    "Unsqueeze": _reshape,
}
"""By OpenVINO's name."""
