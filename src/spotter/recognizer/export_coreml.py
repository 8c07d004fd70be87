"""Writes a model as a Core ML package that Xcode makes a ready class of, and runs such a package."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spotter.models.graph import Graph, Node, read_graph
from spotter.models.weights import NETWORK_NAME, read_network
from spotter.recognizer.card import RecognizerCard
from spotter.recognizer.coreml_reference import read_program
from spotter.recognizer.export_job import (
    INPUT,
    OUTPUT,
    Job,
    Run,
    description,
    facts,
    library,
    one_by_one,
    preprocessing,
    version,
)
from spotter.recognizer.quiet import quiet

_LABEL, _LABEL_PROBABILITIES = "classLabel", "classLabel_probs"


@dataclass(frozen=True, slots=True)
class ImageScaling:
    """What Core ML does with an image's values before the network: times scale, plus bias of the channel."""

    scale: float
    bias: tuple[float, float, float]


def write_coreml(job: Job, path: Path) -> None:
    """Write the model as an ML Program (``.mlpackage``, iOS 16 and macOS 13 on).

    In goes an RGB image "image" of side x side; its scale and bias belong to the input. A model of one class
    a picture gives Core ML's "classLabel" and "classLabel_probs"; a multi-label one "probabilities".
    f16: computes in half precision. int8: weights are stored in int8 with a scale an output channel, and the
    computing is in half precision; activations are not quantised, which coremltools can do on macOS only.

    Raises:
        MissingExtraError: if a library is missing.
    """
    coremltools = library("coremltools")
    with quiet():
        model = _converted(coremltools, job)
        if job.precision == "int8":
            model = _with_small_weights(coremltools, model)
        _describe(model, job)
        model.save(str(path))


def open_coreml(path: Path) -> Run:
    """The package: in Core ML itself on a Mac, elsewhere in `read_program`'s interpreter."""
    if sys.platform == "darwin":
        return _in_coreml(path)
    return one_by_one(read_program(path).run)


def _converted(coremltools: Any, job: Job) -> Any:
    torch = library("torch")
    from spotter.recognizer.layers import GraphNetwork

    graph, scaling = without_scaling(read_graph(read_network(job.folder / NETWORK_NAME)), job.card)
    side = job.card.side
    with torch.no_grad():
        traced = torch.jit.trace(GraphNetwork(graph).eval(), torch.zeros(1, 3, side, side), check_trace=False)
    single = job.card.task == "single"
    exact = job.precision == "f32"
    precision = coremltools.precision
    return coremltools.convert(
        traced,
        inputs=[
            coremltools.ImageType(
                INPUT, shape=(1, 3, side, side), scale=scaling.scale, bias=list(scaling.bias)
            )
        ],
        outputs=None if single else [coremltools.TensorType(OUTPUT)],
        classifier_config=coremltools.ClassifierConfig(list(job.card.classes)) if single else None,
        convert_to="mlprogram",
        compute_precision=precision.FLOAT32 if exact else precision.FLOAT16,
        minimum_deployment_target=coremltools.target.iOS16,
        skip_model_load=True,
    )


def without_scaling(graph: Graph, card: RecognizerCard) -> tuple[Graph, ImageScaling]:
    """Take the scaling that a network begins with out of it, for the image input to do.

    An image input has one scale for all channels; where the network has three, what is left of them stays
    in the network as a multiplication: x * s + b = (x * t + b * t / s) * (s / t).

    Returns:
        The rest of the network, and what its input wants; the whole network, and nothing to do, where it
        does not begin with the card's scale and bias.
    """
    start = next(node for node in graph.nodes if node.op == "Parameter")
    constants = {node.name: node.value for node in graph.nodes if node.value is not None}
    users = [node for node in graph.nodes if any(name == start.name for name, _ in node.inputs)]
    times = users[0]
    after = [node for node in graph.nodes if any(name == times.name for name, _ in node.inputs)]
    scale, bias = np.array(card.scale, np.float64), np.array(card.bias, np.float64)
    if not (
        len(users) == len(after) == 1
        and _is(times, "Multiply", scale, constants)
        and (_is(after[0], "Add", bias, constants) or _is(after[0], "Subtract", -bias, constants))
    ):
        return graph, ImageScaling(1.0, (0.0, 0.0, 0.0))
    common = float(scale[0])
    red, green, blue = (bias * common / scale).tolist()
    scaling = ImageScaling(common, (red, green, blue))
    if np.allclose(scale, common, rtol=1e-7):
        return _without(graph, {times.name, after[0].name}, after[0].name, start.name), scaling
    rest = (scale / common).astype(np.float32).reshape(1, 3, 1, 1)
    held = _constant_of(times, constants)
    nodes = tuple(replace(node, value=rest) if node.name == held else node for node in graph.nodes)
    return _without(Graph(nodes), {after[0].name}, after[0].name, times.name), scaling


def _is(node: Node, op: str, wanted: NDArray[np.float64], constants: dict[str, NDArray[Any]]) -> bool:
    """Whether an operation has this constant, one number a channel."""
    value = constants.get(_constant_of(node, constants)) if node.op == op else None
    return (
        value is not None
        and value.size in (1, 3)
        and np.allclose(value.ravel(), wanted, rtol=1e-5, atol=1e-7)
        and (value.size == 1 or value.shape[-3:] == (3, 1, 1))
    )


def _constant_of(node: Node, constants: dict[str, NDArray[Any]]) -> str:
    return next((name for name, _ in node.inputs if name in constants), "")


def _without(graph: Graph, names: set[str], end: str, instead: str) -> Graph:
    """The graph without some operations; what took the last one's output takes another one's."""
    kept = []
    for node in graph.nodes:
        if node.name not in names:
            inputs = tuple((instead, 0) if name == end else (name, i) for name, i in node.inputs)
            kept.append(replace(node, inputs=inputs))
    return Graph(tuple(kept))


def _with_small_weights(coremltools: Any, model: Any) -> Any:
    optimize = library("coremltools.optimize.coreml")
    way = optimize.OpLinearQuantizerConfig(mode="linear_symmetric", dtype="int8", granularity="per_channel")
    return optimize.linear_quantize_weights(model, optimize.OptimizationConfig(global_config=way))


def _describe(model: Any, job: Job) -> None:
    """Metadata inside the package, where Xcode shows it."""
    card = job.card
    model.author, model.license, model.version = card.author, card.licence, version(card)
    model.short_description = description(card)
    model.input_description[INPUT] = f"What to name: {preprocessing(card)}"
    if card.task == "single":
        limit = card.calibration.unknown_below
        model.output_description[_LABEL] = f"The likeliest class; below a probability of {limit:g}: unknown"
        model.output_description[_LABEL_PROBABILITIES] = "Each class's probability, 0 to 1, summing to 1"
    else:
        limits = json.dumps(list(card.calibration.thresholds))
        model.output_description[OUTPUT] = f"Each class's probability, 0 to 1; named from {limits} on"
    for key, value in facts(card).items():
        model.user_defined_metadata[key] = value


def _in_coreml(path: Path) -> Run:
    """Core ML's own answer, on the CPU, which computes most exactly."""
    coremltools, pictures = library("coremltools"), library("PIL.Image")
    with quiet():
        model = coremltools.models.MLModel(str(path), compute_units=coremltools.ComputeUnit.CPU_ONLY)
    classes = json.loads(model.user_defined_metadata["classes"])

    def run(squares: NDArray[np.uint8]) -> NDArray[np.float32]:
        rows = []
        for square in squares:
            told = model.predict({INPUT: pictures.fromarray(square)})
            by_name = told.get(_LABEL_PROBABILITIES)
            rows.append(told[OUTPUT].ravel() if by_name is None else [by_name[name] for name in classes])
        return np.asarray(rows, np.float32)

    return run
