"""How far a training has come, on disk after every epoch, so that a stopped one goes on where it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Generic

from spotter.errors import ModelError
from spotter.recognizer.curves import Row
from spotter.recognizer.pytorch import nn, torch
from spotter.recognizer.training_file import (
    FILE_NAME,
    State,
    read_training,
    read_words,
    recall,
    write_training,
)


@dataclass(slots=True)
class Progress(Generic[Row]):
    """How far a training has come.

    Attributes:
        epochs: that are done.
        best_epoch: with the lowest validation loss; 0 for the weights that it began with.
        best_loss: that loss.
        best: the weights of that epoch.
        steps: losses, epoch by epoch.
        finished: whether nothing is left to train.
    """

    best_loss: float
    best: State
    epochs: int = 0
    best_epoch: int = 0
    steps: list[Row] = field(default_factory=list)
    finished: bool = False


class Checkpoint(Generic[Row]):
    """A training's file: weights now, the best weights, the optimizer's memory, and the curves.

    Args:
        folder: that it lies in.
        key: what the training depends on; a file of another training is not used.
        kind: what is known of an epoch, such as `Step`.
    """

    def __init__(self, folder: Path, key: str, kind: type[Row]) -> None:
        self._path, self._key = folder / FILE_NAME, key
        self._row: Callable[..., Row] = kind

    def save(self, progress: Progress[Row], module: nn.Module, optimizer: torch.optim.Optimizer) -> None:
        """Write the file anew, whole or not at all.

        Raises:
            OutputError: if it cannot be written.
        """
        words = {
            "key": self._key,
            "epochs": progress.epochs,
            "best_epoch": progress.best_epoch,
            "best_loss": progress.best_loss,
            "finished": progress.finished,
            "steps": [asdict(step) for step in progress.steps],
        }
        write_training(self._path, words, trained_state(module), progress.best, optimizer)

    def load(self, module: nn.Module, optimizer: torch.optim.Optimizer) -> Progress[Row] | None:
        """Put the weights and the optimizer's memory back; None if there is nothing of this training."""
        words = self._words()
        if words is None:
            return None
        stored = read_training(self._path)
        load_trained(module, stored.now)
        recall(optimizer, stored.memory)
        return Progress(
            best_loss=words["best_loss"],
            best=stored.best,
            epochs=words["epochs"],
            best_epoch=words["best_epoch"],
            steps=[self._row(**step) for step in words["steps"]],
            finished=words["finished"],
        )

    def finished(self) -> bool:
        """Whether this training is done, so that nothing has to be prepared for it."""
        words = self._words()
        return words is not None and bool(words["finished"])

    def _words(self) -> dict[str, Any] | None:
        try:
            words = read_words(self._path)
        except ModelError:
            return None  # there is none, or it is no such file: training begins anew
        return words if words.get("key") == self._key else None


def trained_state(module: nn.Module) -> State:
    """Copies of what training changes in a network: parameters that are not frozen, and buffers."""
    return {name: value.detach().clone() for name, value in _changing(module).items()}


def load_trained(module: nn.Module, state: Mapping[str, torch.Tensor]) -> None:
    """Put back what `trained_state` gave."""
    with torch.no_grad():
        for name, value in _changing(module).items():
            value.copy_(state[name])


def _changing(module: nn.Module) -> State:
    free = {name: value for name, value in module.named_parameters() if value.requires_grad}
    return {**free, **dict(module.named_buffers())}
