"""What runs between the operations of a network while it is rebuilt in PyTorch: constants and flows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spotter.errors import ModelError
from spotter.models.graph import Node

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Flow:
    """A tensor that depends on the pictures.

    Attributes:
        key: of the layer that it comes out of.
        order: its axes as the graph counts them, each as the axis of the tensor that really is there. Changes
            of order are only noted here, so that most of them need never be done.
        sole: whether nothing else uses what came out of the layer.
        learned: whether a layer with weights lies before it.
    """

    key: str
    order: tuple[int, ...]
    sole: bool
    learned: bool

    @property
    def plain(self) -> bool:
        """Whether the axes lie as the graph counts them."""
        return self.order == tuple(range(len(self.order)))

    def turned(self, axes: Sequence[int]) -> Flow:
        """The same tensor with its axes counted in another order."""
        return replace(self, order=tuple(self.order[axis] for axis in axes))

    def laid(self, values: Array) -> Array:
        """A constant, as the graph counts axes, laid so that it meets the tensor that really is there."""
        whole = values.reshape((1,) * (len(self.order) - values.ndim) + values.shape)
        return whole.transpose(np.argsort(self.order))


class _Shape:
    """A length or shape that is computed from the batch's; what needs it knows it already."""


SHAPE = _Shape()

Value = Flow | Array | _Shape


def constant(node: Node, value: Value, what: str) -> Array:
    """A value that has to be a constant.

    Raises:
        ModelError: if it is none.
    """
    if not isinstance(value, np.ndarray):
        raise ModelError(
            f"{node.op} {node.name!r} has {what} that depend on the picture: it cannot be trained"
        )
    return value


def ints(values: Array) -> tuple[int, ...]:
    """Whole numbers of a constant."""
    return tuple(int(value) for value in np.asarray(values).reshape(-1))


_TYPES = {"f32": np.float32, "f16": np.float32, "f64": np.float32, "i64": np.int64, "i32": np.int64}

_TWO: dict[str, Callable[[Array, Array], Array]] = {
    "Add": np.add,
    "Subtract": np.subtract,
    "Multiply": np.multiply,
    "Divide": np.divide,
    "Maximum": np.maximum,
    "Minimum": np.minimum,
    "Power": np.power,
}


def folded(node: Node, inputs: Sequence[Array]) -> Array:
    """What an operation makes of constants.

    Raises:
        ModelError: if it is not known how.
    """
    if node.op in _TWO:
        return np.asarray(_TWO[node.op](inputs[0], inputs[1]))
    if node.op == "Convert":
        return inputs[0].astype(_TYPES.get(node.attributes["destination_type"], np.float32))
    if node.op == "Transpose":
        return inputs[0].transpose(ints(inputs[1]))
    if node.op in ("Reshape", "Unsqueeze", "Squeeze", "Broadcast") and None not in node.shape:
        shape = tuple(length or 0 for length in node.shape)
        return np.broadcast_to(inputs[0], shape) if node.op == "Broadcast" else inputs[0].reshape(shape)
    if node.op == "FakeQuantize":  # the values lie on its grid already: only their range matters
        return np.asarray(np.clip(inputs[0], inputs[1], inputs[2]))
    if node.op == "Gather":
        return np.take(inputs[0], inputs[1], axis=int(inputs[2]))
    if node.op == "Concat":
        return np.concatenate(inputs, axis=node.attributes["axis"])
    if node.op == "Sqrt":
        return np.sqrt(inputs[0])
    raise ModelError(
        f"the network has the operation {node.op} ({node.name!r}) on constants, which is not known"
    )
