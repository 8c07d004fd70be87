"""A network as plain data: its operations in order, with their attributes and constants."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Node:
    """One operation.

    Attributes:
        name: of its own in the graph.
        op: OpenVINO's name of the operation, such as ``"Convolution"`` or ``"Constant"``.
        inputs: the operation's name and the number of its output that each input comes from.
        attributes: as OpenVINO says them, such as ``{"strides": [2, 2], "pads_begin": [0, 0]}``.
        shape: of its first output; None where a length may be anything.
        value: of a constant; None of anything else.
    """

    name: str
    op: str
    inputs: tuple[tuple[str, int], ...]
    attributes: dict[str, Any] = field(default_factory=dict)
    shape: tuple[int | None, ...] = ()
    value: NDArray[Any] | None = None


@dataclass(frozen=True, slots=True)
class Graph:
    """A network's operations, each after those that it takes in."""

    nodes: tuple[Node, ...]


def read_graph(model: Any) -> Graph:
    """Take a network apart.

    Args:
        model: an ``ov.Model``, such as `read_network` gives; it is not changed.

    Returns:
        The operations in topological order; constants with their values.
    """
    return Graph(tuple(_node(operation) for operation in model.get_ordered_ops()))


def _node(operation: Any) -> Node:
    kind = operation.get_type_name()
    sources = [entry.get_source_output() for entry in operation.inputs()]
    return Node(
        name=operation.get_friendly_name(),
        op=kind,
        inputs=tuple((source.get_node().get_friendly_name(), source.get_index()) for source in sources),
        attributes=dict(operation.get_attributes()),
        shape=_shape(operation),
        value=np.array(operation.data) if kind == "Constant" else None,
    )


def _shape(operation: Any) -> tuple[int | None, ...]:
    if operation.get_output_size() == 0:
        return ()
    shape = operation.get_output_partial_shape(0)
    if shape.rank.is_dynamic:
        return ()
    return tuple(length.get_length() if length.is_static else None for length in shape)
