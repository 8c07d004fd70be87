"""A network as trainable PyTorch layers, rebuilt from its graph: fine-tuning and export begin here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from spotter.errors import ModelError
from spotter.models.from_torch import convert
from spotter.models.graph import Graph, read_graph
from spotter.models.weights import NETWORK_NAME, read_network
from spotter.recognizer.layer_builder import Builder, Layer
from spotter.recognizer.layer_modules import Convolution
from spotter.recognizer.pytorch import nn, torch

_ANSWERS = ("Softmax", "Sigmoid")


class GraphNetwork(nn.Module):
    """A network of OpenVINO as PyTorch layers that can be trained, traced and exported.

    Weights, biases, slopes of PReLU and scales of channels are parameters; what scales the pixels is a
    buffer. Quantised weights are dequantised, and the ranges of quantised activations become clamps. The
    batch may be of any size; the pictures' side is fixed.

    Args:
        graph: with one input.

    Attributes:
        layers: by name, in the order of computing.
        plan: the same layers with what each takes in.
        outputs: names of the layers whose results are given out.

    Raises:
        ModelError: if it has an operation that is not known here.

    Example::

        network = load_layers(Path("body-parts"))
        probabilities = network(torch.from_numpy(as_input(squares)))
    """

    def __init__(self, graph: Graph) -> None:
        super().__init__()
        built = Builder(graph).build()
        self.plan: tuple[Layer, ...] = built.layers
        self.input: str = built.input
        self.outputs: tuple[str, ...] = built.outputs
        self.layers = nn.ModuleDict(built.modules)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor | tuple[torch.Tensor, ...]:
        """The network's output; a tuple of them if there are several.

        Args:
            pixels: as the network wants them: of a recognizer, float32 (N, 3, side, side), RGB, 0 to 255.
        """
        found = self.evaluate({self.input: pixels}, self.outputs)
        return found[0] if len(found) == 1 else found

    def logits(self, pixels: torch.Tensor) -> torch.Tensor:
        """What goes into the softmax or sigmoid at the end, (N, classes)."""
        return self.evaluate({self.input: pixels}, (self.answer().inputs[0],))[0]

    def answer(self) -> Layer:
        """The softmax or sigmoid at the end.

        Raises:
            ModelError: if the network ends with something else.
        """
        last = self.plan[-1]
        if last.op not in _ANSWERS or self.outputs != (last.key,):
            raise ModelError(f"the network ends with {last.op}, and not with one softmax or sigmoid")
        return last

    def evaluate(self, known: Mapping[str, torch.Tensor], wanted: Iterable[str]) -> tuple[torch.Tensor, ...]:
        """Results of some layers, computed from those of others.

        Args:
            known: by layer; ``{network.input: pixels}`` for the pictures.
            wanted: names of layers.
        """
        wanted = tuple(wanted)
        values = dict(known)
        for layer in self.needed(values, wanted):
            values[layer.key] = self.layers[layer.key](*(values[name] for name in layer.inputs))
        return tuple(values[name] for name in wanted)

    def needed(self, known: Iterable[str], wanted: Iterable[str]) -> tuple[Layer, ...]:
        """The layers between known results and wanted ones, in the order of computing."""
        have, missing, found = set(known), set(wanted), []
        for layer in reversed(self.plan):
            if layer.key in missing and layer.key not in have:
                found.append(layer)
                missing.update(layer.inputs)
        return tuple(reversed(found))

    def blocks(self) -> dict[str, int]:
        """For each layer, the number of its block, counted from the end of the network: 0 is the last.

        A block is a depthwise convolution and what follows, up to the next; in a network without them, any
        convolution begins one. Where branches meet, each is counted for itself.
        """
        starts = {layer.key for layer in self.plan if self._begins(layer.key, depthwise=True)}
        starts = starts or {layer.key for layer in self.plan if self._begins(layer.key, depthwise=False)}
        after = {layer.key: 0 for layer in self.plan}
        for layer in reversed(self.plan):
            before = after[layer.key] + (layer.key in starts)
            for name in layer.inputs:
                if name in after:
                    after[name] = max(after[name], before)
        return after

    def _begins(self, key: str, *, depthwise: bool) -> bool:
        module = self.layers[key]
        return isinstance(module, Convolution) and (module.depthwise or not depthwise)


def load_layers(folder: Path) -> GraphNetwork:
    """The network of a trained model's folder as PyTorch layers.

    Raises:
        ModelError: if it is no model, is damaged, or has an operation that is not known here.
    """
    return GraphNetwork(read_graph(read_network(folder / NETWORK_NAME)))


def to_openvino(module: nn.Module, side: int) -> Any:
    """A PyTorch network as an ``ov.Model``: "pixels", float32 (N, 3, side, side), to "probabilities".

    Args:
        module: takes in RGB from 0 to 255, gives out probabilities (N, classes); it is put into the mode for
            prediction.
        side: of the pictures, in pixels.

    Raises:
        ModelError: if OpenVINO cannot convert it.
    """
    return convert(module.eval(), torch.full((1, 3, side, side), 127.0))
