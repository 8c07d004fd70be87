"""The networks of the second paper, for many labels a picture, as PyTorch modules.

"AI Personal Trainer" shows them in its text (`figure2`), its table of layers (`figure3`) and its first
experiment (`four_class`). It leaves open how much is dropped out, the kernels of the big network and how wide
the convolutions of the experiment are; what is chosen here stands in each function.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from spotter.errors import UsageError
from spotter.recognizer.head import Task
from spotter.recognizer.pytorch import nn, torch

_KINDS: dict[type[nn.Module], str] = {
    nn.Conv2d: "Conv2D",
    nn.BatchNorm2d: "Batch Normalization",
    nn.ReLU: "Activation",
    nn.MaxPool2d: "MaxPooling2D",
    nn.Dropout: "Dropout",
    nn.Flatten: "Flatten",
    nn.Linear: "Dense",
}
"""What Keras, in which the paper's networks were written, calls the layers."""


class Figure(nn.Module):
    """One of the paper's networks, of pixels to probabilities.

    Args:
        layers: of pixels from -1 to 1 to logits.
        side: of the pictures, in pixels.
        task: ``"multi"`` for a sigmoid at the end, as the paper has it; ``"single"`` for a softmax.
        seed: of the weights that it begins with.
    """

    def __init__(self, layers: nn.Sequential, side: int, task: Task, seed: int) -> None:
        super().__init__()
        self.layers, self.side, self.task = layers, side, task
        generator = torch.Generator().manual_seed(seed)
        for layer in layers:
            if isinstance(layer, nn.Conv2d | nn.Linear):  # as Keras begins
                nn.init.xavier_uniform_(layer.weight, generator=generator)
                if layer.bias is not None:
                    nn.init.zeros_(layer.bias)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Probabilities (N, classes) of pixels, float32 (N, 3, side, side), RGB, 0 to 255."""
        logits = self.logits(pixels)
        return torch.softmax(logits, 1) if self.task == "single" else torch.sigmoid(logits)

    def logits(self, pixels: torch.Tensor) -> torch.Tensor:
        """What goes into the softmax or sigmoid."""
        logits: torch.Tensor = self.layers(pixels * (1 / 127.5) - 1.0)
        return logits


@dataclass(frozen=True, slots=True)
class LayerRow:
    """A line of a table of layers.

    Attributes:
        kind: as Keras calls it.
        shape: of what comes out for one picture: (height, width, channels), or (units,).
    """

    kind: str
    shape: tuple[int, ...]


def figure3(classes: int = 8, task: Task = "multi", seed: int = 0) -> Figure:
    """The network of the paper's table: pictures of 250 x 250, 1.1 million weights, 93,312 features.

    Kernels are 3 x 3, and a quarter is dropped out, as usual in networks of this shape.
    """
    layers = [
        *_unit(3, 32, 3), *_unit(32, 32, 3), nn.MaxPool2d(3), nn.Dropout(0.25),
        *_unit(32, 128, 3), *_unit(128, 128, 3), nn.MaxPool2d(3), nn.Dropout(0.25),
        nn.Flatten(), nn.Linear(27 * 27 * 128, classes),
    ]  # fmt: skip
    return Figure(_named(layers), 250, task, seed)


def figure2(classes: int = 8, task: Task = "multi", seed: int = 0) -> Figure:
    """The small network of the paper's text: of 64 x 64 pixels, 32 filters of 5 x 5, max pooling of 5 x 5."""
    layers = [*_unit(3, 32, 5), nn.MaxPool2d(5), nn.Flatten(), nn.Linear(12 * 12 * 32, classes)]
    return Figure(_named(layers), 64, task, seed)


def four_class(classes: int = 4, task: Task = "single", seed: int = 0) -> Figure:
    """The network of the paper's first experiment: two convolutions, dense layers of 256 and 4 units.

    The convolutions are 3 x 3 with 32 and 64 filters, each followed by max pooling, on pictures of 64 x 64.
    """
    layers = [
        nn.Conv2d(3, 32, 3, padding="same"), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3, padding="same"), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(16 * 16 * 64, 256), nn.ReLU(), nn.Dropout(0.5), nn.Linear(256, classes),
    ]  # fmt: skip
    return Figure(_named(layers), 64, task, seed)


FIGURES: dict[str, Callable[[int, Task, int], Figure]] = {
    "figure2": figure2,
    "figure3": figure3,
    "four_class": four_class,
}
"""By the name of the backbone; of the number of classes, the task and the seed."""


def figure(name: str, classes: int, task: Task, seed: int = 0) -> Figure:
    """One of the paper's networks.

    Raises:
        UsageError: if there is none of that name.
    """
    if name not in FIGURES:
        raise UsageError(
            f"{name!r} is no network that is trained from scratch; there are: {', '.join(FIGURES)}"
        )
    return FIGURES[name](classes, task, seed)


def layer_table(network: Figure) -> tuple[LayerRow, ...]:
    """The network's layers with the shapes of what comes out of them, as the paper's table shows them.

    >>> [row.shape for row in layer_table(figure2())][:5]
    [(64, 64, 32), (64, 64, 32), (64, 64, 32), (12, 12, 32), (4608,)]
    """
    rows: list[LayerRow] = []

    def note(module: nn.Module, inputs: Any, output: torch.Tensor) -> None:
        shape = tuple(output.shape[1:])
        rows.append(LayerRow(_KINDS[type(module)], shape if len(shape) == 1 else (*shape[1:], shape[0])))

    handles = [layer.register_forward_hook(note) for layer in network.layers]
    training = network.training
    with torch.no_grad():
        network.eval()(torch.zeros(1, 3, network.side, network.side))
    network.train(training)
    for handle in handles:
        handle.remove()
    return tuple(rows)


def _unit(channels: int, filters: int, kernel: int) -> list[nn.Module]:
    """Convolution, batch norm and ReLU, which leave the size as it is."""
    return [nn.Conv2d(channels, filters, kernel, padding="same"), nn.BatchNorm2d(filters), nn.ReLU()]


def _named(layers: list[nn.Module]) -> nn.Sequential:
    """Layers with readable names, numbered by kind."""
    seen: Counter[str] = Counter()
    named: OrderedDict[str, nn.Module] = OrderedDict()
    for layer in layers:
        kind = _KINDS[type(layer)].lower().replace(" ", "_")
        seen[kind] += 1
        named[f"{kind}_{seen[kind]}"] = layer
    return nn.Sequential(named)
