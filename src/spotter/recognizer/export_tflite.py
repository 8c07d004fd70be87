"""Writes a model as a TFLite file with its labels inside, and runs such a file."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spotter.recognizer.export_job import Job, Run, library
from spotter.recognizer.quiet import quiet
from spotter.recognizer.tflite_metadata import with_metadata

_SIGNATURE, _ARGUMENT = "serving_default", "args_0"
_IN_FLOAT = ("INPUT", "OUTPUT", "MEAN", "CONCATENATION", "SOFTMAX", "LOGISTIC")
"""What int8 leaves alone: both ends, and the few numbers after pooling, whose ranges differ much."""


def write_tflite(job: Job, path: Path) -> None:
    """Write the model as TFLite: input float32 (1, side, side, 3), output float32 (1, classes).

    f16: weights in half precision, computing in float32 (or in half by a phone's GPU). int8: weights with a
    scale an output channel, and the maps by calibrated ranges; fully connected layers have int8 weights
    and compute in float32; input and output stay float32.

    Raises:
        MissingExtraError: if a library is missing.
    """
    with tempfile.TemporaryDirectory() as scratch, quiet():
        plain = Path(scratch, "plain.tflite")
        _convert(job, plain)
        content = plain.read_bytes() if job.precision == "f32" else _quantised(job, plain)
        path.write_bytes(with_metadata(content, job))


def open_tflite(path: Path) -> Run:
    """The file in LiteRT, on one thread of the CPU."""
    interpreters = library("ai_edge_litert.interpreter")
    with quiet():
        interpreter = interpreters.Interpreter(str(path), num_threads=1)
        interpreter.allocate_tensors()
    given, told = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]

    def run(squares: NDArray[np.uint8]) -> NDArray[np.float32]:
        rows = []
        for square in squares:
            interpreter.set_tensor(given, square[None].astype(np.float32))
            interpreter.invoke()
            rows.append(interpreter.get_tensor(told).reshape(1, -1))
        return np.concatenate(rows)

    return run


def _convert(job: Job, path: Path) -> None:
    torch, litert = library("torch"), library("litert_torch")
    from spotter.recognizer.layers import load_layers

    side = job.card.side
    network = litert.to_channel_last_io(load_layers(job.folder).eval(), args=[0]).eval()
    with torch.no_grad():
        litert.convert(network, (torch.zeros(1, side, side, 3),)).export(str(path))


def _quantised(job: Job, path: Path) -> bytes:
    quantizers, managers = (
        library("ai_edge_quantizer.quantizer"),
        library("ai_edge_quantizer.algorithm_manager"),
    )
    kinds = library("ai_edge_quantizer.qtyping")
    quantizer = quantizers.Quantizer(str(path))
    every = kinds.TFLOperationName.ALL_SUPPORTED
    if job.precision == "f16":
        half = kinds.TensorQuantizationConfig(num_bits=16, dtype=kinds.TensorDataType.FLOAT)
        quantizer.update_quantization_recipe(
            regex=".*",
            operation_name=every,
            op_config=kinds.OpQuantizationConfig(
                weight_tensor_config=half, compute_precision=kinds.ComputePrecision.FLOAT
            ),
            algorithm_key=managers.AlgorithmName.FLOAT_CASTING,
        )
        return bytes(quantizer.quantize(enable_progress_report=False).quantized_model)
    quantizer.add_static_config(".*", every, activation_num_bits=8, weight_num_bits=8)
    quantizer.add_weight_only_config(".*", kinds.TFLOperationName.FULLY_CONNECTED, num_bits=8)
    for name in _IN_FLOAT:
        operation = kinds.TFLOperationName[name]
        quantizer.update_quantization_recipe(
            regex=".*", operation_name=operation, algorithm_key=managers.AlgorithmName.NO_QUANTIZE
        )
    pictures: list[dict[str, Any]] = [
        {_ARGUMENT: square[None].astype(np.float32)} for square in job.calibration
    ]
    ranges = quantizer.calibrate({_SIGNATURE: pictures}, num_threads=1)
    return bytes(quantizer.quantize(ranges, enable_progress_report=False).quantized_model)
