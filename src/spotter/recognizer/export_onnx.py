"""Writes a model as an ONNX file, and runs such a file."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from spotter.models.ir import quantised
from spotter.recognizer.export_job import INPUT, OUTPUT, Job, Run, description, facts, library, one_by_one
from spotter.recognizer.predict import as_input
from spotter.recognizer.quiet import quiet

OPSET = 17
"""The newest that PyTorch's exporter of traced graphs writes by itself; for ONNX Runtime from 1.12 on."""


def write_onnx(job: Job, path: Path) -> None:
    """Write the model as ONNX: input "image" float32 (N, 3, side, side), output "probabilities" (N, classes).

    f16: weights and computing in half precision, input and output stay float32. int8: static QDQ by
    NNCF, weights with a scale an output channel, and activations.

    Raises:
        MissingExtraError: if a library is missing.
    """
    onnx = library("onnx")
    with tempfile.TemporaryDirectory() as scratch, quiet():
        plain = Path(scratch, "plain.onnx")
        _trace(job, plain)
        model = onnx.load(str(plain)) if job.precision != "int8" else _quantised(job, plain)
        if job.precision == "f16":
            model = _halved(model)
        _describe(model, job)
        onnx.checker.check_model(model)
        onnx.save(model, str(path))


def open_onnx(path: Path) -> Run:
    """The file in ONNX Runtime, on one thread of the CPU."""
    runtime = library("onnxruntime")
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    with quiet():
        session = runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return one_by_one(lambda image: session.run([OUTPUT], {INPUT: image})[0])


def _trace(job: Job, path: Path) -> None:
    torch = library("torch")
    from spotter.recognizer.layers import load_layers

    image = torch.zeros(1, 3, job.card.side, job.card.side)
    with torch.no_grad():
        torch.onnx.export(
            load_layers(job.folder).eval(),
            (image,),
            str(path),
            dynamo=False,
            opset_version=OPSET,
            input_names=[INPUT],
            output_names=[OUTPUT],
            dynamic_axes={INPUT: {0: "pictures"}, OUTPUT: {0: "pictures"}},
        )


def _halved(model: Any) -> Any:
    """In half precision, but for input and output; the casts at both ends are put where they belong."""
    halves = library("onnxruntime.transformers.float16")
    model = halves.convert_float_to_float16(model, keep_io_types=True)
    library("onnxruntime.transformers.onnx_model").OnnxModel(model).topological_sort()
    return model


def _quantised(job: Job, path: Path) -> Any:
    """In int8 by NNCF, which corrects biases; with ONNX Runtime's own quantiser 2 % of the answers change."""
    ready = path.with_name("ready.onnx")
    library("onnxruntime.quantization.shape_inference").quant_pre_process(str(path), str(ready))
    inputs = [{INPUT: as_input(square[None])} for square in job.calibration]
    return quantised(library("onnx").load(str(ready)), inputs, thorough=True)


def _describe(model: Any, job: Job) -> None:
    """Metadata inside the file."""
    model.doc_string = description(job.card)
    model.producer_name = "Spotter"
    model.graph.name = job.title
    for key, value in facts(job.card).items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
