"""Networks as plain OpenVINO files: saving them with a description, quantising them, running them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spotter.errors import MissingExtraError, ModelError
from spotter.models.runtime import no_telemetry, ov

SECTION = "spotter"
"""Where in a file's ``rt_info`` the description lies."""


def save_ir(model: Any, path: Path, description: Mapping[str, str], *, half: bool = False) -> None:
    """Write an ``ov.Model`` as ``.xml`` with its ``.bin`` beside it.

    Args:
        model: what to write; the description is added to it.
        path: of the ``.xml``.
        description: written into the file's ``rt_info``, section "spotter".
        half: whether weights are stored in half precision; OpenVINO computes in what suits the machine.
    """
    for key, value in description.items():
        model.set_rt_info(value, [SECTION, key])
    ov.save_model(model, str(path), compress_to_fp16=half)


def read_description(path: Path) -> dict[str, str]:
    """What `save_ir` wrote into a file.

    Raises:
        ModelError: if there is no such file, or nothing of the kind in it.
    """
    try:
        told = ov.Core().read_model(str(path)).get_rt_info([SECTION]).astype(dict)
        return {key: str(value.astype(str)) for key, value in told.items()}
    except RuntimeError as error:
        raise ModelError(f"{path} is no OpenVINO file that Spotter wrote: {error}") from error


def quantised(model: Any, inputs: Sequence[Any], *, thorough: bool = False) -> Any:
    """A network in int8, weights and activations, calibrated on inputs, by NNCF.

    What rounding shifts in each layer is taken back in its bias.

    Args:
        model: an ``ov.Model`` with one input, or an ONNX model.
        inputs: what goes in for one picture each, of an ONNX model as a dictionary; 100 to 300 are plenty.
        thorough: whether the shift is measured layer after layer in the quantised network, which takes a
            minute, or estimated.

    Raises:
        MissingExtraError: if NNCF is not installed.
    """
    try:
        with no_telemetry():
            import nncf  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingExtraError(
            "quantising to int8 needs nncf; get it with: pip install 'spotter-coach[export]'"
        ) from error
    return nncf.quantize(
        model,
        nncf.Dataset(list(inputs)),
        subset_size=len(inputs),
        preset=nncf.QuantizationPreset.MIXED,
        fast_bias_correction=not thorough,
    )


def open_ir(path: Path) -> Callable[[NDArray[np.float32]], NDArray[np.float32]]:
    """A saved ``.xml``, ready to run on one thread, computing in float32 where its weights are not int8.

    Raises:
        ModelError: if it cannot be read or run.
    """
    settings = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": "f32",
        "INFERENCE_NUM_THREADS": 1,
    }
    try:
        request = ov.Core().compile_model(str(path), "CPU", settings).create_infer_request()
    except RuntimeError as error:
        raise ModelError(f"{path} cannot be run: {str(error).strip().splitlines()[-1]}") from error
    return lambda tensor: np.array(request.infer([tensor], share_inputs=True).to_tuple()[0])
