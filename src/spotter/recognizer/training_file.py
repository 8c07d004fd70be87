"""A training in one safetensors file: weights, the optimizer's memory and words, whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from spotter.errors import MissingExtraError, ModelError
from spotter.media.writing import write_bytes
from spotter.recognizer.pytorch import torch

FILE_NAME: Final = "training.safetensors"
"""In the folder of a training."""

State = dict[str, torch.Tensor]

_WORDS = "training"  # the entry of the file's header that holds the words as JSON


@dataclass(frozen=True, slots=True)
class Stored:
    """What is in a training's file.

    Attributes:
        words: all that is no tensor.
        now: weights as they are.
        best: weights as they were best; empty before anything was judged.
        memory: the optimizer's, by number of the parameter and name; see `recall`.
    """

    words: dict[str, Any]
    now: State
    best: State
    memory: State


def write_training(
    path: Path,
    words: Mapping[str, Any],
    now: Mapping[str, torch.Tensor],
    best: Mapping[str, torch.Tensor],
    optimizer: torch.optim.Optimizer,
) -> None:
    """Write the file anew.

    Raises:
        OutputError: if it cannot be written; what was there before stays.
        MissingExtraError: if safetensors is not installed.
    """
    memory = {
        f"{number}.{name}": torch.as_tensor(value)
        for number, values in optimizer.state_dict()["state"].items()
        for name, value in values.items()
    }
    tensors = {
        f"{group}.{name}": value.detach().cpu().clone(memory_format=torch.contiguous_format)
        for group, state in (("now", now), ("best", best), ("optimizer", memory))
        for name, value in state.items()
    }
    write_bytes(path, _safetensors().torch.save(tensors, {_WORDS: json.dumps(words)}))


def read_words(path: Path) -> dict[str, Any]:
    """All in the file that is no tensor.

    Raises:
        ModelError: if there is no such file, or it is broken.
        MissingExtraError: if safetensors is not installed.
    """
    return _read(path, tensors=False).words


def read_training(path: Path) -> Stored:
    """All that is in the file.

    Raises:
        ModelError: if there is no such file, or it is broken.
        MissingExtraError: if safetensors is not installed.
    """
    return _read(path, tensors=True)


def recall(optimizer: torch.optim.Optimizer, memory: Mapping[str, torch.Tensor]) -> None:
    """Give an optimizer its memory back, laid out in memory as its parameters are."""
    parameters = [one for group in optimizer.param_groups for one in group["params"]]
    state: dict[int, State] = {}
    for name, value in memory.items():
        number, _, rest = name.partition(".")
        parameter = parameters[int(number)]
        if value.shape == parameter.shape:
            value = torch.empty_like(parameter).copy_(value)
        state.setdefault(int(number), {})[rest] = value
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})


def _read(path: Path, tensors: bool) -> Stored:
    groups: dict[str, State] = {"now": {}, "best": {}, "optimizer": {}}
    library = _safetensors()
    try:
        with library.safe_open(path, "pt") as file:
            words = json.loads(file.metadata()[_WORDS])
            for name in file.keys() if tensors else ():
                group, _, rest = name.partition(".")
                groups[group][rest] = file.get_tensor(name)
    except (library.SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path} is no whole checkpoint ({error}); delete it and train anew") from error
    return Stored(words, groups["now"], groups["best"], groups["optimizer"])


def _safetensors() -> Any:
    try:
        import safetensors.torch
    except ImportError as error:
        raise MissingExtraError(
            "training layers needs safetensors; install it with: pip install 'spotter-coach[train]'"
        ) from error
    return safetensors
