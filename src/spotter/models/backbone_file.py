"""The front of somebody's image classifier, a TFLite or ONNX file, as a network of pixels to features."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from spotter.errors import ModelError
from spotter.models.runtime import ov

RGB = tuple[float, float, float]
"""A number for red, green and blue each."""

SUFFIXES = (".tflite", ".onnx")

_MAPS = ("Add", "Clamp", "Convolution", "FakeQuantize", "HSwish", "Multiply", "PRelu", "Relu", "Swish")
_HALF = ((1 / 127.5,) * 3, (-1.0, -1.0, -1.0))  # -1 to 1, as TensorFlow's classifiers want their pixels
_IMAGENET = (
    (1 / (255 * 0.229), 1 / (255 * 0.224), 1 / (255 * 0.225)),
    (-0.485 / 0.229, -0.456 / 0.224, -0.406 / 0.225),
)  # mean 0 and deviation 1 over ImageNet, as PyTorch's want them


@dataclass(frozen=True, slots=True)
class Features:
    """A network that features come from.

    Attributes:
        network: an ``ov.Model``: "pixels", float32 (N, 3, side, side), RGB, 0 to 255, to "features" (N, F).
        side: of the square picture, in pixels.
        scale: what it multiplies red, green and blue by ...
        bias: ... and then adds.
        fingerprint: of its weights, to know features again that it gave.
    """

    network: Any
    side: int
    scale: RGB
    bias: RGB
    fingerprint: str


def file_features(path: Path) -> Features:
    """The means of the last maps of a classifier, before its own pooling and classes.

    A quantised network is dequantised: its weights become the numbers that they stand for, and the ranges
    of its activations become clamps. Quantised networks say themselves how they want pixels; others are
    taken to want -1 to 1 if they are TFLite, and ImageNet's mean and deviation if they are ONNX.

    Raises:
        ModelError: if the file cannot be read, or is no network of square pictures.
    """
    if path.suffix not in SUFFIXES or not path.is_file():
        raise ModelError(f"there is no network in {path}; give a file that ends with {' or '.join(SUFFIXES)}")
    try:
        model = ov.Core().read_model(str(path))
    except RuntimeError as error:
        raise ModelError(f"{path} cannot be read as a network") from error
    if len(model.inputs) != 1:
        raise ModelError(f"{path} has {len(model.inputs)} inputs, and one, the picture, is wanted")
    side, channels_last = _picture(model, path)
    norm = _IMAGENET if path.suffix == ".onnx" else _HALF
    entry = _quantised_entry(model)
    if entry is not None:
        norm = entry
    model.reshape([-1, side, side, 3] if channels_last else [-1, 3, side, side])
    pixels = ov.opset13.parameter([-1, 3, side, side], np.float32, name="pixels")
    pixels.output(0).set_names({"pixels"})
    scaled = ov.opset13.add(ov.opset13.multiply(pixels, _laid(norm[0])), _laid(norm[1]))
    if channels_last:
        scaled = ov.opset13.transpose(scaled, np.array([0, 2, 3, 1]))
    features = ov.opset13.reduce_mean(_last_maps(model, path), np.array([2, 3]), False)
    features.output(0).set_names({"features"})
    for target in list(model.get_parameters()[0].output(0).get_target_inputs()):
        target.replace_source_output(scaled.output(0))
    network = ov.Model([features.output(0)], [pixels], "features")
    _dequantise(network)
    network.validate_nodes_and_infer_types()
    return Features(network, side, *norm, hashlib.sha256(path.read_bytes()).hexdigest())


def _picture(model: Any, path: Path) -> tuple[int, bool]:
    """The side of the picture that goes in, and whether its channels come last."""
    shape = model.input(0).partial_shape
    lengths = [int(length.get_length()) if length.is_static else 0 for length in shape]
    if len(lengths) == 4 and lengths[3] == 3 and lengths[1] == lengths[2] > 0:
        return lengths[1], True
    if len(lengths) == 4 and lengths[1] == 3 and lengths[2] == lengths[3] > 0:
        return lengths[2], False
    raise ModelError(f"{path} takes in {shape}; square RGB pictures of a fixed size are wanted")


def _quantised_entry(model: Any) -> tuple[RGB, RGB] | None:
    """What a quantised network does to its bytes, taken out of it; None of other networks."""
    for node in model.get_ordered_ops():
        if node.get_type_name() != "FakeQuantize" or not _is_input(node):
            continue
        low, high, out_low, out_high = _ranges(node)
        scale = (out_high - out_low) / (high - low)
        node.output(0).replace(node.input(0).get_source_output())
        return (scale,) * 3, (out_low - low * scale,) * 3
    return None


def _is_input(node: Any) -> bool:
    """Whether nothing but a change of type or axes lies between the pixels and a node."""
    source = node.input(0).get_source_output().get_node()
    while source.get_type_name() in ("Transpose", "Convert"):
        source = source.input(0).get_source_output().get_node()
    return bool(source.get_type_name() == "Parameter")


def _ranges(node: Any) -> tuple[float, float, float, float]:
    low, high, out_low, out_high = (
        float(np.ravel(node.input(place).get_source_output().get_node().data)[0]) for place in range(1, 5)
    )
    return low, high, out_low, out_high


def _laid(values: RGB) -> Any:
    return np.asarray(values, np.float32).reshape(1, 3, 1, 1)


def _last_maps(model: Any, path: Path) -> Any:
    """The output (N, channels, height, width) of the last layer that still has a height and width."""
    for node in reversed(model.get_ordered_ops()):
        if node.get_type_name() in _MAPS:
            shape = node.output(0).partial_shape
            if shape.rank.get_length() == 4 and all(shape[axis].get_length() > 1 for axis in (2, 3)):
                return node.output(0)
    raise ModelError(f"{path} has no layer whose output has a height and a width")


def _dequantise(network: Any) -> None:
    """Put plain numbers in the place of quantised weights, and clamps in the place of quantised ranges."""
    steady: set[str] = set()  # operations that depend on constants only
    for node in network.get_ordered_ops():
        name, kind = node.get_friendly_name(), node.get_type_name()
        sources = [one.get_source_output().get_node() for one in node.inputs()]
        if kind == "Constant" or (sources and all(one.get_friendly_name() in steady for one in sources)):
            steady.add(name)
            continue
        for place, source in enumerate(sources):
            if source.get_friendly_name() in steady and source.get_type_name() != "Constant":
                node.input(place).replace_source_output(_folded(source).output(0))
        if kind == "FakeQuantize":
            low, high, _, _ = _ranges(node)
            clamp = ov.opset13.clamp(node.input(0).get_source_output(), low, high)
            node.output(0).replace(clamp.output(0))


def _folded(node: Any) -> Any:
    """What an operation makes of constants, as a constant of the same name."""
    compiled = ov.Core().compile_model(
        ov.Model([node.output(0)], []), "CPU", {"INFERENCE_PRECISION_HINT": "f32"}
    )
    value = np.array(next(iter(compiled([]).values())))
    constant = ov.opset13.constant(value)
    constant.set_friendly_name(node.get_friendly_name())
    return constant
