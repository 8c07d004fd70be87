"""What the frozen front of a network gives for each picture, computed once and kept in files."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spotter.media.writing import output_error, write_text
from spotter.recognizer.layers import GraphNetwork
from spotter.recognizer.loop import Examples, Floats, Inputs, Numbers, computing
from spotter.recognizer.pytorch import torch

_BATCH = 32
_MOST = 65504.0  # the largest number in float16


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a network is cut: the results of frozen layers that trained ones take in.

    Attributes:
        keys: of those layers.
    """

    keys: tuple[str, ...]

    @classmethod
    def before_training(cls, network: GraphNetwork) -> Cut:
        """The cut before the first layers that are trained; layers without weights belong to the front."""
        moving: set[str] = set()
        for layer in network.plan:
            free = any(one.requires_grad for one in network.layers[layer.key].parameters())
            if free or moving & set(layer.inputs):
                moving.add(layer.key)
        needed = [name for layer in network.plan if layer.key in moving for name in layer.inputs]
        return cls(tuple(dict.fromkeys(name for name in needed if name not in moving)))


@dataclass(frozen=True, slots=True)
class Activations:
    """What the front gave for each picture.

    Attributes:
        tables: float16 (pictures, ...) for each place of the cut.
        targets: of the pictures.
    """

    tables: tuple[NDArray[np.float16], ...]
    targets: Floats

    def inputs(self, numbers: Numbers, epoch: int) -> Inputs:
        """Those of some pictures; the same in each epoch."""
        return tuple(_laid(torch.from_numpy(table[numbers]).float()) for table in self.tables)


class ActivationFiles:
    """Files of activations in a folder; those of an earlier run of the same training are used again.

    Args:
        folder: that they lie in.
        key: what they depend on.
        cut: where the network is cut.
    """

    def __init__(self, folder: Path, key: str, cut: Cut) -> None:
        self._folder, self._key, self._cut = folder, key, cut

    def of(
        self,
        network: GraphNetwork,
        examples: Examples,
        part: str,
        tell: Callable[[str, int, int], None],
        *,
        needed: bool,
    ) -> Activations:
        """Activations of examples.

        Args:
            network: the front of which is run.
            examples: pictures.
            part: the examples' name.
            tell: is told what is done, how many and of how many.
            needed: without which nothing is computed, and only the targets are right.

        Raises:
            OutputError: if they cannot be written.
        """
        if not needed:
            return Activations((), examples.targets)
        paths = [self._folder / f"{part}.{number}.f16" for number in range(len(self._cut.keys))]
        mark = self._folder / f"{part}.json"
        shapes = self._known(mark)
        if shapes is None:
            shapes = self._compute(network, examples, paths, tell)
            write_text(mark, json.dumps({"key": self._key, "shapes": shapes}))
        tables = tuple(
            np.memmap(path, np.float16, "r", shape=tuple(shape))
            for path, shape in zip(paths, shapes, strict=True)
        )
        return Activations(tables, examples.targets)

    def delete(self) -> None:
        """Remove the files."""
        for pattern in ("*.f16", "train.json", "validation.json"):
            for path in self._folder.glob(pattern):
                with contextlib.suppress(OSError):  # some systems keep files that are still looked at
                    path.unlink()

    def _known(self, mark: Path) -> list[list[int]] | None:
        try:
            said: dict[str, Any] = json.loads(mark.read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return said["shapes"] if said.get("key") == self._key else None

    def _compute(
        self,
        network: GraphNetwork,
        examples: Examples,
        paths: list[Path],
        tell: Callable[[str, int, int], None],
    ) -> list[list[int]]:
        """Written in order and not into a map of the file, so that a full disk is an error and no crash."""
        count, shapes = len(examples.targets), [[0] for _ in paths]
        network.eval()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with contextlib.ExitStack() as stack:
                files = [stack.enter_context(path.open("wb")) for path in paths]
                for start in range(0, count, _BATCH):
                    numbers = np.arange(start, min(start + _BATCH, count))
                    for place, values in enumerate(self._front(network, examples.inputs(numbers, 0))):
                        files[place].write(values.data)
                        shapes[place] = [count, *values.shape[1:]]
                    tell("activations", int(numbers[-1]) + 1, count)
        except OSError as error:
            raise output_error(self._folder, error) from error
        return shapes

    def _front(self, network: GraphNetwork, inputs: Inputs) -> list[NDArray[np.float16]]:
        with torch.no_grad(), computing():
            found = network.evaluate({network.input: inputs[0]}, self._cut.keys)
        return [np.ascontiguousarray(one.float().clamp(-_MOST, _MOST).numpy(), np.float16) for one in found]


def _laid(values: torch.Tensor) -> torch.Tensor:
    """Maps with the channels last, which is faster."""
    return values.contiguous(memory_format=torch.channels_last) if values.ndim == 4 else values
