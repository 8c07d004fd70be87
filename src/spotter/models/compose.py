"""Networks made of networks: the inner layers of detectors as features, and a linear head on top."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from spotter.errors import ModelError
from spotter.models.runtime import ov

_ACTIVATIONS = ("Relu", "PRelu", "Clamp")


@dataclass(frozen=True, slots=True)
class Tap:
    """Inner layers of a model whose means over the picture are features.

    Attributes:
        path: a model file with one NHWC input, RGB.
        layers: which of its activations (ReLU, PReLU, ReLU6), counted from 0 in the order of computing.
        low: the value that it wants for a black pixel.
        high: the value that it wants for a white pixel.
    """

    path: Path
    layers: tuple[int, ...]
    low: float
    high: float


def pooled_features(taps: Sequence[Tap], side: int) -> Any:
    """A network of which pixels go in and the means of inner layers come out.

    What leads to no tapped layer is cut away. The first operation brings the pixels to -1 to 1.

    Args:
        taps: at least one.
        side: of the square picture, in pixels; a multiple of 32.

    Returns:
        An ``ov.Model``: "pixels", float32 (N, 3, side, side), 0 to 255, to "features", float32 (N, F).

    Raises:
        ModelError: if a model cannot be cut so.
    """
    pixels = ov.opset13.parameter([-1, 3, side, side], np.float32, name="pixels")
    pixels.output(0).set_names({"pixels"})
    unit = ov.opset13.subtract(
        ov.opset13.multiply(pixels, np.full((1, 3, 1, 1), 1 / 127.5, np.float32)),
        np.ones((1, 3, 1, 1), np.float32),
    )
    means = [mean for tap in taps for mean in _means(tap, unit, side)]
    features = ov.opset13.concat(means, 1) if len(means) > 1 else means[0].get_node()
    features.output(0).set_names({"features"})
    return ov.Model([features.output(0)], [pixels], "features")


def with_head(
    features: Any, weight: NDArray[np.float32], bias: NDArray[np.float32], task: Literal["single", "multi"]
) -> Any:
    """The network with a linear layer and softmax or sigmoid behind its features.

    Args:
        features: an ``ov.Model`` with the output (N, F); it is taken apart.
        weight: of shape (F, classes).
        bias: of shape (classes,).
        task: ``"single"`` for softmax, ``"multi"`` for sigmoid.

    Returns:
        An ``ov.Model`` with the output "probabilities", float32 (N, classes).
    """
    source = features.get_results()[0].input(0).get_source_output()
    logits = ov.opset13.add(
        ov.opset13.matmul(source, np.ascontiguousarray(weight.T, np.float32), False, True),
        np.asarray(bias, np.float32)[None],
    )
    answer = ov.opset13.softmax(logits, 1) if task == "single" else ov.opset13.sigmoid(logits)
    answer.output(0).set_names({"probabilities"})
    return ov.Model([answer.output(0)], features.get_parameters(), "recognizer")


def with_temperature(network: Any, temperature: float) -> Any:
    """The network with its logits divided by a temperature, before the softmax or sigmoid that ends it.

    Args:
        network: an ``ov.Model`` with the output "probabilities"; it is taken apart.
        temperature: above 0; at 1 the network stays as it is.
    """
    if temperature == 1:
        return network
    last = network.get_results()[0].input(0).get_source_output().get_node()
    if last.get_type_name() not in ("Softmax", "Sigmoid"):
        raise ModelError(f"the network ends with {last.get_type_name()}, and softmax or sigmoid is wanted")
    logits = last.input(0).get_source_output()
    cooler = ov.opset13.multiply(logits, np.array([[1 / temperature]], np.float32))
    last.input(0).replace_source_output(cooler.output(0))
    network.validate_nodes_and_infer_types()
    return network


def _means(tap: Tap, unit: Any, side: int) -> list[Any]:
    """Outputs (N, channels) of a tap's layers, fed with pixels from -1 to 1."""
    try:
        model = ov.Core().read_model(str(tap.path))
    except RuntimeError as error:
        raise ModelError(f"{tap.path} cannot be read as a model") from error
    activations = [node for node in model.get_ordered_ops() if node.get_type_name() in _ACTIVATIONS]
    if max(tap.layers) >= len(activations):
        raise ModelError(
            f"{tap.path} has {len(activations)} activations, and number {max(tap.layers)} is wanted"
        )
    pooled = [
        ov.opset13.reduce_mean(activations[number].output(0), np.array([2, 3]), False).output(0)
        for number in tap.layers
    ]
    cut = ov.Model(pooled, model.get_parameters())
    cut.reshape([-1, side, side, 3])
    for target in list(cut.get_parameters()[0].output(0).get_target_inputs()):
        target.replace_source_output(_entry(unit, tap).output(0))
    return [result.input(0).get_source_output() for result in cut.get_results()]


def _entry(unit: Any, tap: Tap) -> Any:
    """Pixels from -1 to 1, NCHW, as the tapped model wants them: low to high, NHWC."""
    half, middle = (tap.high - tap.low) / 2, (tap.high + tap.low) / 2
    if (half, middle) != (1.0, 0.0):
        unit = ov.opset13.add(
            ov.opset13.multiply(unit, np.full((1, 1, 1, 1), half, np.float32)),
            np.full((1, 1, 1, 1), middle, np.float32),
        )
    return ov.opset13.transpose(unit, np.array([0, 2, 3, 1]))
