"""Evaluates a saved Core ML package where there is no Core ML: its own operations and weights, one by one.

It reads the package's files as Apple's published format describes them (Model.proto and MIL.proto), so that
an export is checked by what was saved and not by what was converted.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spotter.errors import ExportError
from spotter.recognizer.coreml_operations import OPERATIONS
from spotter.recognizer.export_job import library

_TYPES: dict[str, type[Any]] = {
    "BOOL": np.bool_, "FLOAT16": np.float16, "FLOAT32": np.float32, "FLOAT64": np.float64,
    "INT8": np.int8, "INT16": np.int16, "INT32": np.int32, "INT64": np.int64,
    "UINT8": np.uint8, "UINT16": np.uint16, "UINT32": np.uint32, "UINT64": np.uint64,
}  # fmt: skip
_BLOB = struct.Struct("<IIQQ")
"""Before each tensor in the weights' file: a mark, the type, how many bytes, and where they begin."""
_BLOB_MARK = 0xDEADBEEF
_WEIGHTS = "@model_path/"


@dataclass(frozen=True, slots=True)
class Step:
    """One operation of a program.

    Attributes:
        type: its name, such as ``"conv"``.
        inputs: for each parameter, names of values or values themselves; several of a list.
        outputs: names of what comes out.
        half: whether the first of them is kept in half precision.
    """

    type: str
    inputs: Mapping[str, tuple[Any, ...]]
    outputs: tuple[str, ...]
    half: bool


class Program:
    """A saved ML Program, ready to be evaluated; made by `read_program`.

    Floating-point operations compute in float32, and what the program declares as half precision is rounded
    to it after each operation, as the operations' definition allows.

    Attributes:
        steps: the operations in order, constants left out.
        constants: by name; the weights are in float32 whatever they are stored as.
        input: name of the one input.
        output: name of the tensor of probabilities.
    """

    def __init__(
        self, steps: tuple[Step, ...], constants: Mapping[str, Any], given: str, output: str
    ) -> None:
        self.steps, self.constants, self.input, self.output = steps, constants, given, output
        self._constants = {name: _as_tensor(value) for name, value in constants.items()}

    def run(self, image: NDArray[np.float32]) -> NDArray[np.float32]:
        """The probabilities of one picture.

        Args:
            image: RGB float32 (1, 3, side, side), 0 to 255.

        Returns:
            An array (1, classes).

        Raises:
            ExportError: if the program has an operation that is not known here.
        """
        torch = library("torch")
        values = {**self._constants, self.input: torch.from_numpy(np.array(image, np.float32))}
        with torch.no_grad():
            for step in self.steps:
                arguments = {name: _argument(given, values) for name, given in step.inputs.items()}
                result = OPERATIONS[step.type](torch, arguments)
                results = result if isinstance(result, tuple) else (result,)
                for name, value in zip(step.outputs, results, strict=True):
                    values[name] = value.half().float() if step.half else value
        return np.asarray(values[self.output].numpy(), np.float32).reshape(1, -1)


def read_program(path: Path) -> Program:
    """Read a ``.mlpackage``.

    Raises:
        ExportError: if it is no package with an ML Program, is damaged, or has an operation not known here.
    """
    messages, decoding = library("coremltools.proto.Model_pb2"), library("google.protobuf.message")
    root = _root(path)
    model = messages.Model()
    try:
        model.ParseFromString(root.read_bytes())
        main = model.mlProgram.functions["main"]
        block = main.block_specializations[main.opset]
        if len(main.inputs) != 1:
            raise ValueError(f"it has {len(main.inputs)} inputs")
        reader = _Reader(messages, root.parent)
        constants, steps = reader.read(block.operations)
    except (OSError, ValueError, KeyError, struct.error, decoding.DecodeError) as error:
        raise ExportError(f"{path} cannot be read as a Core ML program: {error}") from error
    unknown = sorted({step.type for step in steps} - set(OPERATIONS))
    if unknown:
        raise ExportError(
            f"{path} has operations that Spotter cannot check without a Mac: {', '.join(unknown)}; "
            "run the export on a Mac, or choose another backbone"
        )
    return Program(tuple(steps), constants, main.inputs[0].name, _probabilities(steps, block.outputs))


def _root(path: Path) -> Path:
    """The package's main file, by its manifest."""
    try:
        manifest = json.loads((path / "Manifest.json").read_text("utf-8"))
        entry = manifest["itemInfoEntries"][manifest["rootModelIdentifier"]]
        return path / "Data" / str(entry["path"])
    except (OSError, ValueError, KeyError) as error:
        raise ExportError(
            f"{path} is no Core ML package: its Manifest.json cannot be read: {error}"
        ) from error


def _probabilities(steps: list[Step], outputs: Any) -> str:
    """Name of the tensor that a classifier takes its answer from; of any other model, its one output."""
    for step in steps:
        if step.type == "classify":
            return str(step.inputs["probabilities"][0].name)
    return str(outputs[0])


@dataclass(frozen=True, slots=True)
class _Name:
    """Stands for a value that an operation before has made."""

    name: str


class _Reader:
    """Turns the file's messages into steps and arrays."""

    def __init__(self, messages: Any, folder: Path) -> None:
        self._types = library("coremltools.proto.MIL_pb2").DataType
        self._folder = folder
        self._files: dict[str, bytes] = {}

    def read(self, operations: Any) -> tuple[dict[str, Any], list[Step]]:
        constants: dict[str, Any] = {}
        steps = []
        for operation in operations:
            names = tuple(output.name for output in operation.outputs)
            if operation.type == "const":
                constants[names[0]] = self._value(operation.attributes["val"])
            elif operation.type == "constexpr_affine_dequantize":
                constants[names[0]] = self._dequantised(operation)
            else:
                inputs = {key: tuple(self._bindings(value)) for key, value in operation.inputs.items()}
                steps.append(Step(operation.type, inputs, names, self._is_half(operation.outputs[0].type)))
        return constants, steps

    def _bindings(self, argument: Any) -> Iterator[Any]:
        for binding in argument.arguments:
            yield (
                _Name(binding.name) if binding.WhichOneof("binding") == "name" else self._value(binding.value)
            )

    def _is_half(self, kind: Any) -> bool:
        if kind.WhichOneof("type") != "tensorType":
            return False
        return bool(kind.tensorType.dataType == self._types.Value("FLOAT16"))

    def _dequantised(self, operation: Any) -> NDArray[np.float32]:
        """(data - zero point) * scale, both given for each index of one axis or once for all."""
        given = {key: self._value(value) for key, value in operation.attributes.items() if key != "name"}
        given |= {key: next(iter(self._bindings(value))) for key, value in operation.inputs.items()}
        data = np.asarray(given["quantized_data"])
        shape = [1] * data.ndim
        shape[int(given["axis"])] = -1
        zero, scale = (np.asarray(given[key], np.float32) for key in ("zero_point", "scale"))
        spread = [part.reshape(shape) if part.ndim else part for part in (zero, scale)]
        values = (data.astype(np.float32) - spread[0]) * spread[1]
        half = self._is_half(operation.outputs[0].type)
        return np.asarray(values.astype(np.float16) if half else values, np.float32)

    def _value(self, value: Any) -> Any:
        """An array, a number, a text, or a list of them."""
        if value.WhichOneof("value") == "blobFileValue":
            return self._from_file(value)
        immediate = value.immediateValue
        if immediate.WhichOneof("value") == "list":
            return [self._value(one) for one in immediate.list.values]
        tensor = immediate.tensor
        held = tensor.WhichOneof("value")
        if held == "strings":
            return tensor.strings.values[0]
        kind, shape = self._type(value.type)
        if held == "bytes":
            found = np.frombuffer(tensor.bytes.values, kind)
        else:
            found = np.array(list(getattr(tensor, held).values) if held else [], kind)
        if found.size == 1 and math.prod(shape) != 1:
            found = np.repeat(found, math.prod(shape))  # one number may stand for all
        return _widened(found.reshape(shape))

    def _type(self, kind: Any) -> tuple[Any, tuple[int, ...]]:
        tensor = kind.tensorType
        name = self._types.Name(tensor.dataType)
        if name not in _TYPES:
            raise ValueError(f"it holds numbers of the type {name}")
        return np.dtype(_TYPES[name]), tuple(int(one.constant.size) for one in tensor.dimensions)

    def _from_file(self, value: Any) -> NDArray[Any]:
        place = value.blobFileValue
        kind, shape = self._type(value.type)
        content = self._content(place.fileName)
        mark, _, size, start = _BLOB.unpack_from(content, place.offset)
        if mark != _BLOB_MARK or size != math.prod(shape) * kind.itemsize or start + size > len(content):
            raise ValueError(f"{place.fileName} holds no tensor of {shape} at {place.offset}")
        return _widened(np.frombuffer(content, kind, math.prod(shape), start).reshape(shape))

    def _content(self, name: str) -> bytes:
        if name not in self._files:
            self._files[name] = (self._folder / name.removeprefix(_WEIGHTS)).read_bytes()
        return self._files[name]


def _widened(array: NDArray[Any]) -> NDArray[Any]:
    """Half precision as float32; everything else as it is."""
    return array.astype(np.float32) if array.dtype == np.float16 else array


def _as_tensor(value: Any) -> Any:
    """Floating-point arrays as PyTorch's; what says how an operation works stays as it is."""
    is_float = isinstance(value, np.ndarray) and value.dtype.kind == "f"
    return library("torch").from_numpy(np.array(value, np.float32)) if is_float else value


def _argument(given: tuple[Any, ...], values: Mapping[str, Any]) -> Any:
    found = [values[one.name] if isinstance(one, _Name) else _as_tensor(one) for one in given]
    return found[0] if len(found) == 1 else found
