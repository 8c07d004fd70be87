"""A trained network as two files, in which nothing is stored twice: its graph, and safetensors."""

from __future__ import annotations

import json
import struct
import tempfile
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path
from typing import Any

from spotter.errors import ModelError
from spotter.media.writing import write_bytes
from spotter.models.runtime import ov

NETWORK_NAME = "network.xml"
WEIGHTS_NAME = "weights.safetensors"

_TYPES = {
    "f64": "F64", "f32": "F32", "f16": "F16", "bf16": "BF16", "i64": "I64", "i32": "I32", "i16": "I16",
    "i8": "I8", "u64": "U64", "u32": "U32", "u16": "U16", "u8": "U8", "boolean": "BOOL",
}  # fmt: skip
_ROLES = {
    "Convolution": "weight",
    "GroupConvolution": "weight",
    "MatMul": "weight",
    "Add": "bias",
    "PRelu": "slope",
}
_HEADER_LENGTH = struct.Struct("<Q")


def save_network(model: Any, folder: Path) -> None:
    """Write network.xml (OpenVINO's intermediate representation) and weights.safetensors.

    The safetensors' data section is byte for byte what OpenVINO would write as ``.bin``, divided into its
    constants by name: other programs read the weights as safetensors, OpenVINO as they lie.

    Args:
        model: an ``ov.Model``; its operations get names that depend on nothing but the graph.
        folder: where they go; it is made if it is not there.

    Raises:
        OutputError: if they cannot be written.
    """
    _name(model)
    with tempfile.TemporaryDirectory() as scratch:
        plain = Path(scratch, NETWORK_NAME)
        ov.save_model(model, str(plain), compress_to_fp16=False)
        graph, data = plain.read_bytes(), plain.with_suffix(".bin").read_bytes()
    header = json.dumps(_described(graph, len(data)), separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)  # the format wants the data aligned
    write_bytes(folder / WEIGHTS_NAME, _HEADER_LENGTH.pack(len(header)) + header + data)
    write_bytes(folder / NETWORK_NAME, graph)


def read_network(path: Path) -> Any:
    """The ``ov.Model`` that `save_network` wrote.

    Args:
        path: of network.xml; weights.safetensors lies beside it.

    Raises:
        ModelError: if a file is missing or damaged.
    """
    weights = path.with_name(WEIGHTS_NAME)
    for file in (path, weights):
        if not file.is_file():
            raise ModelError(f"there is no model file {file}")
    content = weights.read_bytes()
    try:
        start = _HEADER_LENGTH.size + _HEADER_LENGTH.unpack_from(content)[0]
        header = json.loads(content[_HEADER_LENGTH.size : start])
        ends = [one["data_offsets"][1] for name, one in header.items() if name != "__metadata__"]
        if max(ends, default=0) != len(content) - start:
            raise ValueError("it is cut off")
        return ov.Core().read_model(path.read_bytes(), content[start:])
    except (ValueError, KeyError, TypeError, RuntimeError, struct.error) as error:
        reason = str(error).strip().splitlines()[-1] if str(error).strip() else type(error).__name__
        raise ModelError(f"{weights} or {path.name} beside it is damaged: {reason}") from error


def _name(model: Any) -> None:
    """Name each operation by its kind and place, each constant by what takes it in: ``Convolution_3.weight``.

    OpenVINO's own names count all operations that the process ever made.
    """
    counts: Counter[str] = Counter()
    constants = []
    for operation in model.get_ordered_ops():
        kind = operation.get_type_name()
        if kind == "Constant":
            constants.append(operation)
            continue
        operation.set_friendly_name(f"{kind}_{counts[kind]}")
        counts[kind] += 1
    for number, constant in enumerate(constants):
        constant.set_friendly_name(f"{_role(constant)}.{number}")


def _role(constant: Any) -> str:
    """What a constant is for: the name of the operation that takes it in, conversions passed over."""
    output = constant.output(0)
    while True:
        target = min(output.get_target_inputs(), key=lambda one: one.get_node().get_friendly_name())
        taker = target.get_node()
        if taker.get_type_name() not in ("Convert", "Unsqueeze", "Reshape") or target.get_index():
            return f"{taker.get_friendly_name()}.{_ROLES.get(taker.get_type_name(), 'value')}"
        output = taker.output(0)


def _described(graph: bytes, length: int) -> dict[str, Any]:
    """The safetensors' header for a ``.bin`` of that length: each stretch once, gaps as bytes."""
    tensors: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    done = 0
    for start, end, name, kind, shape in sorted(_constants(graph)):
        if start < done:
            continue  # constants that are equal are stored once
        if start > done:
            tensors[f"gap.{done}"] = _tensor("U8", [start - done], done, start)
        tensors[name] = _tensor(kind, shape, start, end)
        done = end
    if done < length:
        tensors[f"gap.{done}"] = _tensor("U8", [length - done], done, length)
    return tensors


def _tensor(kind: str, shape: list[int], start: int, end: int) -> dict[str, Any]:
    return {"dtype": kind, "shape": shape, "data_offsets": [start, end]}


def _constants(graph: bytes) -> list[tuple[int, int, str, str, list[int]]]:
    """Start, end, name, type and shape of each constant in the data."""
    found = []
    for layer in ElementTree.fromstring(graph).iter("layer"):
        data = layer.find("data")
        if layer.get("type") != "Const" or data is None:
            continue
        start, size = int(data.attrib["offset"]), int(data.attrib["size"])
        shape = [int(length) for length in data.get("shape", "").split(",") if length.strip()]
        kind = _TYPES.get(data.attrib["element_type"], "U8")
        if kind == "U8" and data.attrib["element_type"] != "u8":
            shape = [size]
        if size:
            found.append((start, start + size, layer.attrib["name"], kind, shape))
    return found
