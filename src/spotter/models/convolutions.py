"""The convolutions of somebody's network file as plain arrays, in the order in which they are computed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spotter.errors import ModelError
from spotter.models.runtime import ov

Weights = NDArray[np.float32]

_FIRST_OF = {"Convolution": 0, "GroupConvolution": 1}


def convolutions(path: Path) -> list[tuple[Weights, Weights | None]]:
    """Weights (out, in per group, height, width) and biases (out,) of a TFLite, ONNX or IR file.

    Quantised weights become the numbers that they stand for.

    Raises:
        ModelError: if the file cannot be read as a network.
    """
    try:
        model = ov.Core().read_model(str(path))
    except RuntimeError as error:
        raise ModelError(f"{path} cannot be read as a network") from error
    found = []
    for node in model.get_ordered_ops():
        kind = node.get_type_name()
        if kind in _FIRST_OF:
            weight = _value(node.input(1).get_source_output())
            if kind == "GroupConvolution":
                weight = weight.reshape(-1, *weight.shape[2:])
            found.append((weight, _bias(node, len(weight))))
    return found


def _bias(node: Any, channels: int) -> Weights | None:
    """What is added to a convolution at once, if anything is."""
    for target in node.output(0).get_target_inputs():
        after = target.get_node()
        if after.get_type_name() == "Add":
            other = after.input(1 - target.get_index()).get_source_output()
            if (value := _value(other)).size == channels:
                return value.reshape(channels)
    return None


def _value(output: Any) -> Weights:
    """What an output that depends on constants only comes to."""
    compiled = ov.Core().compile_model(ov.Model([output], []), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return np.array(next(iter(compiled([]).values())), np.float32)
