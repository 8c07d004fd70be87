"""How far a training of Mask R-CNN has come, on disk, so that a stopped one goes on at the very step."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from spotter.errors import ModelError
from spotter.recognizer.pytorch import nn, torch
from spotter.recognizer.training_file import FILE_NAME as FILE_NAME
from spotter.recognizer.training_file import State as State
from spotter.recognizer.training_file import read_training, recall, write_training
from spotter.segmenter.curve import EpochCurve as EpochCurve


@dataclass(slots=True)
class Progress:
    """How far a training has come.

    Attributes:
        epoch: whole epochs that are done.
        step: steps done in the epoch that has begun.
        sums: losses of these steps, added up.
        seconds: spent on these steps.
        curve: figures of the epochs that are done.
        best_epoch: with the highest AP; 0 before the first was judged.
        best: the weights of that epoch.
    """

    epoch: int = 0
    step: int = 0
    sums: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    curve: list[EpochCurve] = field(default_factory=list)
    best_epoch: int = 0
    best: State = field(default_factory=dict)


class Checkpoint:
    """The file of a training: weights now, the best weights, the optimizer's memory, and the curves.

    Args:
        folder: that it lies in.
        key: what the training depends on; a file of another training is refused.
    """

    def __init__(self, folder: Path, key: dict[str, Any]) -> None:
        self.path, self._key = folder / FILE_NAME, key

    def sweep(self) -> None:
        """Delete what a killed training has left half-written."""
        for rest in self.path.parent.glob(f".{self.path.name}.*.part"):
            rest.unlink(missing_ok=True)

    def save(self, progress: Progress, network: nn.Module, optimizer: torch.optim.Optimizer) -> None:
        """Write the file anew, whole or not at all.

        Raises:
            OutputError: if it cannot be written.
        """
        words = {
            "key": self._key,
            "epoch": progress.epoch,
            "step": progress.step,
            "sums": progress.sums,
            "seconds": progress.seconds,
            "best_epoch": progress.best_epoch,
            "curve": [asdict(row) for row in progress.curve],
        }
        write_training(self.path, words, network.state_dict(), progress.best, optimizer)

    def load(self, network: nn.Module, optimizer: torch.optim.Optimizer) -> Progress:
        """Put weights and the optimizer's memory back.

        Raises:
            ModelError: if there is no such file, it is broken, or it is of another training.
        """
        if not self.path.is_file():
            raise ModelError(f"there is no {self.path} to go on from; train without --resume")
        stored = read_training(self.path)
        words = stored.words
        try:
            self._compare(words["key"])
            network.load_state_dict(stored.now)
            recall(optimizer, stored.memory)
            return Progress(
                words["epoch"],
                words["step"],
                words["sums"],
                words["seconds"],
                [EpochCurve(**row) for row in words["curve"]],
                words["best_epoch"],
                stored.best,
            )
        except (KeyError, IndexError, TypeError, RuntimeError, ValueError) as error:
            raise ModelError(
                f"{self.path} does not fit this training ({error}); it may be of another Spotter: "
                "train anew, in another folder"
            ) from error

    def _compare(self, key: dict[str, Any]) -> None:
        """Raise a ModelError if the file is of another training, as far as it tells: older ones tell less."""
        other = sorted(name for name in key if key[name] != self._key.get(name))
        if other:
            said = ", ".join(f"{name} was {key[name]}, now {self._key.get(name)}" for name in other)
            raise ModelError(
                f"{self.path} is of another training ({said}); give the same settings, or another folder"
            )
