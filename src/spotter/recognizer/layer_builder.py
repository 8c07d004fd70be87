"""Goes through a network's graph and makes a PyTorch layer of each operation that matters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from spotter.errors import ModelError
from spotter.models.graph import Graph, Node
from spotter.recognizer.layer_modules import Convolution, Linear, permute, tensor
from spotter.recognizer.layer_values import SHAPE, Array, Flow, Value, folded
from spotter.recognizer.pytorch import nn

_SHAPES_ONLY = ("ShapeOf",)


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer's place in the network.

    Attributes:
        key: its name, which is the name of its module too.
        op: of OpenVINO, that it was made of.
        inputs: names of the layers whose results it takes in.
    """

    key: str
    op: str
    inputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Built:
    """A network's layers.

    Attributes:
        input: the name under which the pictures go in.
        layers: in the order of computing.
        modules: by name.
        outputs: names of the layers whose results are given out.
    """

    input: str
    layers: tuple[Layer, ...]
    modules: dict[str, nn.Module]
    outputs: tuple[str, ...]


class Builder:
    """Rebuilds one graph; operations (`layer_ops`) use it to add layers."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._values: dict[str, Value] = {}
        self._users = Counter(source for node in graph.nodes for source, _ in node.inputs)
        self._layers: list[Layer] = []
        self._modules: dict[str, nn.Module] = {}
        self._input = ""
        self._outputs: list[str] = []

    def build(self) -> Built:
        """All layers.

        Raises:
            ModelError: if an operation is not known, or the network has several inputs.
        """
        for node in self._graph.nodes:
            if node.op == "Parameter":
                self._values[node.name] = self._begin(node)
            elif node.op == "Result":
                self._outputs.append(self.plain(node, self._values[node.inputs[0][0]]).key)
            else:
                self._values[node.name] = self._value(node)
        return Built(self._input, tuple(self._layers), self._modules, tuple(self._outputs))

    def shape(self, flow_of: str) -> tuple[int | None, ...]:
        """The shape of an operation's result."""
        return next(node.shape for node in self._graph.nodes if node.name == flow_of)

    def add(
        self, node: Node, module: nn.Module, inputs: Sequence[Flow], *, learned: bool = False, part: str = ""
    ) -> Flow:
        """Add a layer; what comes out has the axes of the first thing that goes in.

        Args:
            node: the operation that it is made of.
            module: the layer.
            inputs: what goes in.
            learned: whether it has weights.
            part: told apart by, if several layers are made of one operation.
        """
        key = self._unused(f"{node.name}_{part}" if part else node.name)
        self._modules[key] = module
        self._layers.append(Layer(key, node.op, tuple(flow.key for flow in inputs)))
        learned = learned or any(flow.learned for flow in inputs)
        return Flow(key, inputs[0].order, self.alone(node), learned)

    def plain(self, node: Node, value: Value) -> Flow:
        """A flow with its axes really in the graph's order."""
        flow = self.flow(node, value)
        if flow.plain:
            return flow
        turned = self.add(node, permute(flow.order), [flow], part="order")
        return replace(turned, order=tuple(range(len(flow.order))))

    def flow(self, node: Node, value: Value) -> Flow:
        """A value that has to depend on the picture."""
        if not isinstance(value, Flow):
            raise ModelError(
                f"{node.op} {node.name!r} takes in a constant where a picture's values are wanted"
            )
        return value

    def alone(self, node: Node) -> bool:
        """Whether one operation only uses what an operation gives."""
        return self._users[node.name] == 1

    def give_bias(self, flow: Flow, bias: Array) -> bool:
        """Let a layer with weights add a bias itself; whether that can be done."""
        module = self._modules.get(flow.key)
        if not (flow.sole and isinstance(module, Convolution | Linear) and module.bias is None):
            return False
        channels = module.weight.shape[0]
        axis = 1 if isinstance(module, Convolution) else len(flow.order) - 1
        wanted = [1] * len(flow.order)
        wanted[axis] = channels
        if list(bias.shape) != wanted:
            return False
        module.bias = nn.Parameter(tensor(bias.reshape(-1)))
        return True

    def _begin(self, node: Node) -> Flow:
        if self._input:
            raise ModelError("the network has several inputs, and one, the picture, is wanted")
        self._input = self._unused(node.name)
        return Flow(self._input, tuple(range(len(node.shape))), self.alone(node), learned=False)

    def _value(self, node: Node) -> Value:
        from spotter.recognizer.layer_ops import OPERATIONS  # it uses this class

        if node.value is not None:
            return node.value
        if node.op in _SHAPES_ONLY:
            return SHAPE
        for name, output in node.inputs:
            if output and isinstance(self._values[name], Flow):
                raise ModelError(f"{node.op} {node.name!r} takes in a second output, which is not known")
        inputs = [self._values[name] for name, _ in node.inputs]
        arrays = [value for value in inputs if isinstance(value, np.ndarray)]
        if len(arrays) == len(inputs):
            return folded(node, arrays)
        if not any(isinstance(value, Flow) for value in inputs):
            return SHAPE
        if node.op not in OPERATIONS:
            raise ModelError(
                f"the network has the operation {node.op} ({node.name!r}), which cannot be rebuilt in PyTorch"
            )
        return OPERATIONS[node.op](self, node, inputs)

    def _unused(self, name: str) -> str:
        """A module's name that is like an operation's and not taken."""
        short = re.sub(r"\W+", "_", name.split(";")[0]).strip("_") or "layer"
        taken = {*self._modules, self._input, *dir(nn.ModuleDict)}
        numbered = (short if not number else f"{short}_{number}" for number in range(len(taken) + 1))
        return next(one for one in numbered if one not in taken)
