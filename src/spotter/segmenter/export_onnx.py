"""Writes a network as an ONNX file that runs without PyTorch, with its weights in full or compressed."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from spotter.recognizer.export_job import library
from spotter.recognizer.pytorch import torch
from spotter.recognizer.quiet import quiet
from spotter.segmenter.card import INPUTS, OUTPUTS, SegmenterCard
from spotter.segmenter.export_network import ExportedRcnn
from spotter.segmenter.export_ops import OPSET
from spotter.segmenter.rcnn import MaskRcnn

Weights = Literal["f32", "f16", "int8"]

_LAYERS: Final = {"Conv": 0, "Gemm": 0, "ConvTranspose": 1}
"""Operations whose second input is compressed, and the axis of it that stands for the outputs."""


def write_onnx(network: MaskRcnn, card: SegmenterCard, weights: Weights, path: Path) -> None:
    """Write a network with all that is done before and after it.

    In go "image", uint8 (1, side, side, 3), RGB, and "score", float32 (1,); out come "boxes" float32 (n, 4),
    "labels" int64 (n,), "scores" float32 (n,) and "masks" float32 (n, 28, 28), the surest first.

    Args:
        network: in the mode for prediction.
        card: the model's.
        weights: how weights are stored. f16: half the size; int8: a quarter, with a scale for each output
            channel. They are made float32 again when the file is loaded, so all three are equally fast.
        path: where it goes; it may be a file that is there already.

    Raises:
        MissingExtraError: if onnx is not installed.
    """
    onnx = library("onnx")
    with tempfile.TemporaryDirectory() as scratch, quiet():
        plain = Path(scratch, "plain.onnx")
        _trace(network.cpu(), card.side, plain)
        model = onnx.load(str(plain))
        if weights != "f32":
            _compress(onnx, model.graph, _halved if weights == "f16" else _quantised)
        _describe(model, card, weights)
        onnx.checker.check_model(model)
        onnx.save(model, str(path))


def _trace(network: MaskRcnn, side: int, path: Path) -> None:
    example = torch.randint(0, 256, (1, side, side, 3), dtype=torch.uint8), torch.zeros(1)
    with torch.no_grad():
        torch.onnx.export(
            ExportedRcnn(network, side).eval(),
            example,
            str(path),
            dynamo=False,
            opset_version=OPSET,
            input_names=list(INPUTS),
            output_names=list(OUTPUTS),
            dynamic_axes={name: {0: "found"} for name in OUTPUTS},
        )


Compressor = Callable[[Any, str, NDArray[np.float32], int], tuple[list[Any], Any]]
"""From name, values and axis of a weight: the tensors that are stored, and the node that makes it of them."""


def _compress(onnx: Any, graph: Any, compressor: Compressor) -> None:
    """Store the layers' weights in another type, each with a node that gives them back."""
    axes = {node.input[1]: _LAYERS[node.op_type] for node in graph.node if node.op_type in _LAYERS}
    stored, nodes = [], []
    for tensor in graph.initializer:
        if tensor.name not in axes:
            stored.append(tensor)
            continue
        tensors, node = compressor(onnx, tensor.name, onnx.numpy_helper.to_array(tensor), axes[tensor.name])
        stored += tensors
        nodes.append(node)
    del graph.initializer[:]
    graph.initializer.extend(stored)
    nodes += graph.node
    del graph.node[:]
    graph.node.extend(nodes)


def _halved(onnx: Any, name: str, values: NDArray[np.float32], axis: int) -> tuple[list[Any], Any]:
    tensor = onnx.numpy_helper.from_array(values.astype(np.float16), f"{name}.f16")
    node = onnx.helper.make_node("Cast", [tensor.name], [name], to=onnx.TensorProto.FLOAT)
    return [tensor], node


def _quantised(onnx: Any, name: str, values: NDArray[np.float32], axis: int) -> tuple[list[Any], Any]:
    others = tuple(one for one in range(values.ndim) if one != axis)
    scale = np.maximum(np.abs(values).max(others, keepdims=True) / 127, np.finfo(np.float32).tiny)
    whole = np.rint(values / scale).astype(np.int8)
    tensors = [
        onnx.numpy_helper.from_array(array, f"{name}.{role}")
        for role, array in (
            ("int8", whole),
            ("scale", scale.ravel()),
            ("zero", np.zeros(scale.size, np.int8)),
        )
    ]
    node = onnx.helper.make_node("DequantizeLinear", [tensor.name for tensor in tensors], [name], axis=axis)
    return tensors, node


def _describe(model: Any, card: SegmenterCard, weights: Weights) -> None:
    """Metadata inside the file."""
    model.doc_string = f"Mask R-CNN that finds and outlines: {', '.join(card.classes)}."
    model.producer_name = "Spotter"
    model.graph.name = card.network
    told = {
        "classes": json.dumps(list(card.classes), ensure_ascii=False),
        "network": card.network,
        "side": str(card.side),
        "score": repr(card.score),
        "weights": weights,
        "author": card.author,
        "licence": card.licence,
    }
    for key, value in told.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
