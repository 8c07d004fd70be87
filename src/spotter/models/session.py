"""Runs a model file with OpenVINO."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spotter.errors import ModelError
from spotter.models.runtime import ov
from spotter.models.split import split_at_small_maps
from spotter.models.weights import NETWORK_NAME, read_network

Precision = Literal["auto", "f32", "bf16"]

_READERS = {".tflite": "tflite", ".onnx": "onnx"}


class Session:
    """A model, compiled for this machine's CPU and ready to run.

    Outputs that are not asked for are cut out of the model, so that what leads to them alone is not computed.
    A session serves one caller at a time; threads want one each.

    Args:
        path: a ``.tflite`` or ``.onnx`` file, or a trained model's ``network.xml``;
            Spotter's own come from ``ModelStore.path``.
        outputs: names of the outputs that are wanted, in the order that ``run`` shall give them;
            all, in the model's order, if None.
        precision: ``"f32"``, ``"bf16"`` (half the time, two to three digits), or ``"auto"``: bf16 where the
            CPU has it.
        threads: how many threads work on one picture; OpenVINO decides if None.
        parallel: how many sessions of this model run at the same time, each on its share of the cores: more
            pictures a second from many streams, where one alone would be done sooner with all cores.
        exact_side: in bf16, layers from maps of this side on still run in f32; 0 for none. Small last layers
            add up the errors of all before them: BlazePose's world landmarks are 11 cm off in bf16
            throughout, 0.8 cm with maps of 2 x 2 in f32, for a tenth more time.
        batch: how many pictures come at a time, of a model that leaves that open; knowing it saves a
            twentieth of the time.
        inputs: how many tensors go in.

    Attributes:
        input_shape: of the first tensor that goes in; None where any length will do.
        input_type: its type.
        outputs: names of the tensors that come out, in their order.
        precision: ``"f32"`` or ``"bf16"``, whichever is used.

    Raises:
        ModelError: the file cannot be read, has no such output, or the CPU cannot run it so.

    Example::

        session = Session(ModelStore().path("pose-detection"))
        boxes, scores = session.run(tensor)
    """

    def __init__(
        self,
        path: Path,
        *,
        outputs: Sequence[str] | None = None,
        precision: Precision = "auto",
        threads: int | None = None,
        parallel: int = 1,
        exact_side: int = 0,
        batch: int | None = None,
        inputs: int = 1,
    ) -> None:
        self._name = path.name
        self.precision = _chosen(precision)
        try:
            stamp = path.stat().st_mtime_ns
        except OSError:
            stamp = 0  # the reader says what is wrong
        wanted_outputs = None if outputs is None else tuple(outputs)
        compiled, names = _compiled(
            path, stamp, wanted_outputs, _Cores(self.precision, threads, parallel), exact_side, batch, inputs
        )
        self._requests = [stage.create_infer_request() for stage in compiled]
        wanted = compiled[0].input(0)
        self.input_shape: tuple[int | None, ...] = tuple(
            length.get_length() if length.is_static else None for length in wanted.partial_shape
        )
        self.input_type: np.dtype[Any] = np.dtype(wanted.element_type.to_dtype())
        self.outputs = names
        self._handed_on = len(compiled[-1].inputs) if len(compiled) > 1 else 0
        given = list(compiled[0].outputs)[: len(compiled[0].outputs) - self._handed_on]
        if self._handed_on:
            given += list(compiled[1].outputs)
        self._order = [_index(given, name) for name in names]

    def run(self, tensor: NDArray[Any], *others: NDArray[Any]) -> tuple[NDArray[Any], ...]:
        """The outputs for one input, in the order of ``outputs``.

        Args:
            tensor: of ``input_shape`` and ``input_type``; read where it lies if it is contiguous.
            others: the model's further inputs, in its order.

        Returns:
            Arrays that belong to the caller.

        Raises:
            ModelError: the tensor has another shape or type than the model wants.
        """
        if tensor.dtype != self.input_type or not self._fits(tensor.shape):
            raise ModelError(
                f"{self._name} wants {self.input_type} {_words(self.input_shape)}, "
                f"but got {tensor.dtype} {_words(tensor.shape)}"
            )
        # Outputs are copied: 0.05 ms, where sharing them would let the next run overwrite what was given out.
        results = (
            self._requests[0].infer([tensor, *others], share_inputs=True, share_outputs=False).to_tuple()
        )
        if self._handed_on:
            seam = len(results) - self._handed_on
            late = self._requests[1].infer(list(results[seam:]), share_inputs=True, share_outputs=False)
            results = results[:seam] + late.to_tuple()
        return tuple(results[i] for i in self._order)

    def _fits(self, shape: tuple[int, ...]) -> bool:
        return len(shape) == len(self.input_shape) and all(
            wanted in (None, length) for wanted, length in zip(self.input_shape, shape, strict=True)
        )


class _Cores(NamedTuple):
    """How a model uses the processor; see `Session`."""

    precision: str
    threads: int | None
    parallel: int


@lru_cache(maxsize=16)
def _compiled(
    path: Path,
    stamp: int,
    outputs: tuple[str, ...] | None,
    cores: _Cores,
    exact_side: int,
    batch: int | None,
    inputs: int,
) -> tuple[list[Any], tuple[str, ...]]:
    """A model's stages, ready to run, and its outputs' names; the last ones are kept for the next video.

    ``stamp`` is the file's time of change: a file that was replaced is read anew.
    """
    model = _read(path, inputs)
    if outputs is not None:
        _keep_outputs(model, outputs, path)
    if batch is not None:
        model.reshape([batch, *list(model.inputs[0].partial_shape)[1:]])
    names = outputs or tuple(output.any_name for output in model.outputs)
    if not exact_side or cores.precision != "bf16":
        return [_compile(path, model, cores)], names
    try:
        front, tail = split_at_small_maps(model, exact_side)
    except ValueError as error:
        raise ModelError(f"{path} cannot be split at maps of {exact_side}: {error}") from error
    return [_compile(path, front, cores), _compile(path, tail, cores._replace(precision="f32"))], names


def _compile(path: Path, graph: Any, cores: _Cores) -> Any:
    settings: dict[str, Any] = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": cores.precision,
        "ENABLE_CPU_PINNING": False,  # a thread that may not leave a busy core takes twice as long
    }
    if cores.threads is not None:
        settings["INFERENCE_NUM_THREADS"] = cores.threads * cores.parallel
    if cores.parallel > 1:
        settings["NUM_STREAMS"] = str(cores.parallel)
    try:
        return _core().compile_model(graph, "CPU", settings)
    except RuntimeError as error:
        raise ModelError(f"{path} cannot be prepared for this CPU: {_last_line(error)}") from error


@cache
def _core() -> Any:
    return ov.Core()


@cache
def _cpu_has_bf16() -> bool:
    return "BF16" in _core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def _chosen(precision: Precision) -> str:
    if precision == "bf16" and not _cpu_has_bf16():
        raise ModelError("this CPU cannot compute in bf16; choose f32 or auto")
    return precision if precision != "auto" else "bf16" if _cpu_has_bf16() else "f32"


def _read(path: Path, inputs: int) -> Any:
    """The model's graph, by the reader that its name asks for and no other."""
    if path.name == NETWORK_NAME:
        return read_network(path)
    reader_name = _READERS.get(path.suffix)
    if reader_name is None:
        raise ModelError(f"{path} cannot be run: it must be a {' or '.join(_READERS)} file")
    if not path.is_file():
        raise ModelError(f"there is no model file {path}")
    reader = ov.frontend.FrontEndManager().load_by_framework(reader_name)
    try:
        model = reader.convert(reader.load(str(path)))
    except Exception as error:  # OpenVINO's readers raise half a dozen classes without a common parent
        raise ModelError(f"{path} is damaged, or no {path.suffix} file: {_last_line(error)}") from error
    if len(model.inputs) != inputs or not model.outputs:
        raise ModelError(
            f"{path} has {len(model.inputs)} inputs and {len(model.outputs)} outputs; "
            f"a model with {inputs} and at least 1 is wanted"
        )
    return model


def _keep_outputs(model: Any, wanted: Sequence[str], path: Path) -> None:
    """Remove all outputs but the wanted ones, and with them what is computed for them alone."""
    for name in wanted:
        if not any(name in output.names for output in model.outputs):
            there = ", ".join(output.any_name for output in model.outputs)
            raise ModelError(f"{path} has no output {name!r}; it has: {there}")
    for result in model.get_results():
        if result.output(0).names.isdisjoint(wanted):
            model.remove_result(result)


def _index(outputs: Sequence[Any], name: str) -> int:
    return next(i for i, output in enumerate(outputs) if name in output.names)


def _last_line(error: Exception) -> str:
    """The telling line of OpenVINO's many."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__


def _words(shape: Sequence[int | None]) -> str:
    return "(" + ", ".join("any" if length is None else str(length) for length in shape) + ")"
