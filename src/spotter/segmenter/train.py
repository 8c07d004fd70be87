"""Trains Mask R-CNN: the loop, its checkpoints, and the judging after each epoch."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from spotter.errors import TrainingError, TrainingStoppedError, UsageError
from spotter.recognizer.pytorch import nn, torch
from spotter.segmenter.annotation import Annotated, Annotations
from spotter.segmenter.batches import Batch, Batches, on_device
from spotter.segmenter.checkpoint import Checkpoint, EpochCurve, Progress, State
from spotter.segmenter.optimizer import optimizer_of, set_rate
from spotter.segmenter.processes import Processes
from spotter.segmenter.rcnn import MaskRcnn
from spotter.segmenter.settings import TrainSettings
from spotter.segmenter.stopping import enough_memory, stop_requests

Judge = Callable[[MaskRcnn], tuple[float, float, float]]
"""AP of boxes, AP of masks and AP50 of masks on the held-back pictures, 0 to 1; NaN where not known."""

NOT_JUDGED: Final = (math.nan, math.nan, math.nan)
"""What a judge says who has no pictures."""

_CLIP = 5.0  # the longest gradient that is followed in full
_SAVE_EVERY_S = 300.0  # a killed run loses no more than this


@dataclass(frozen=True, slots=True)
class Step:
    """Where a training is.

    Attributes:
        done, total: steps, of all epochs.
        losses: of this step, by name.
        rate: the learning rate.
        left_s: seconds until it ends, at the speed so far; NaN at the beginning.
    """

    done: int
    total: int
    losses: dict[str, float]
    rate: float
    left_s: float


class Trainer:
    """Trains a network on annotated pictures.

    The same seed, pictures, threads and processes give the same losses; a training that was stopped, by a
    signal or a crash, goes on at the step of its last checkpoint and ends as it would have without it.

    Args:
        network: to train.
        data: to learn from.
        settings: how.
        folder: that the checkpoint is kept in.
        processes: which of how many this is.
        judge: of the weights after each epoch; only the first process calls it.

    Attributes:
        total: steps, of all epochs.

    Raises:
        UsageError: if there is no picture to learn from.
    """

    def __init__(
        self,
        network: MaskRcnn,
        data: Annotations,
        settings: TrainSettings,
        folder: Path,
        processes: Processes,
        judge: Judge,
    ) -> None:
        if not data.train:
            raise UsageError("there is no picture to learn from; look at the notes on what was left out")
        self._settings, self._processes, self._judge = settings, processes, judge
        self._network = network.to(processes.device)
        self._network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._batches = Batches(data.train, data.mirrored, settings, processes.rank, processes.count)
        self._optimizer = optimizer_of(network, settings)
        key = asdict(settings) | {"classes": list(data.classes), "pictures": len(data.train)}
        key |= {"processes": processes.count, "data": _fingerprint(data.train)}
        del key["epochs"], key["judged"], key["workers"]  # a training may be made longer
        self._checkpoint = Checkpoint(folder, key)
        self.total = settings.epochs * len(self._batches)

    def run(
        self,
        resume: bool = False,
        watch: Callable[[EpochCurve], None] | None = None,
        progress: Callable[[Step], None] | None = None,
    ) -> Progress:
        """Train to the end.

        Args:
            resume: go on from the checkpoint.
            watch: is told of every epoch, also of those that were done before.
            progress: is told of every step.

        Raises:
            ModelError: if there is nothing to go on from, or it is of another training.
            TrainingStoppedError: after a signal (Ctrl+C or kill): the checkpoint is written.
            TrainingError: if the loss or its gradient is no number any more, or memory is full.
            OutputError: if the checkpoint cannot be written.
        """
        done = self._checkpoint.load(self._network, self._optimizer) if resume else Progress()
        if watch is not None:
            for row in done.curve:
                watch(row)
        spread = self._processes.spread(self._network)
        clock = _Clock(self.total, done.epoch * len(self._batches) + done.step)
        if self._processes.first:
            self._checkpoint.sweep()
        if self._processes.any(self._processes.first and not self._checkpoint.path.exists()):
            self._save(done)  # so that there is something to go on from, whenever it may be killed
        advice = (
            f"free some and go on with --resume from {self._checkpoint.path}, or train anew, in another "
            "folder, with a smaller --batch or --side"
        )
        with stop_requests(self._processes.count == 1) as asked, enough_memory(advice):
            while done.epoch < self._settings.epochs:
                self._epoch(spread, done, clock, asked, progress)
                self._close(done)
                if watch is not None:
                    watch(done.curve[-1])
                if done.epoch < self._settings.epochs:
                    self._stop_if_asked(done, asked)
        return done

    def _epoch(
        self,
        spread: nn.Module,
        done: Progress,
        clock: _Clock,
        asked: list[int],
        progress: Callable[[Step], None] | None,
    ) -> None:
        """The rest of the epoch that has begun."""
        began, saved = time.monotonic(), time.monotonic()
        self._network.train()
        for batch in self._batches.epoch(done.epoch, done.step):
            at = done.epoch * len(self._batches) + done.step
            losses = self._step(spread, batch, at)
            for name, value in losses.items():
                done.sums[name] = done.sums.get(name, 0.0) + value
            done.step += 1
            now = time.monotonic()
            if progress is not None:
                progress(Step(at + 1, self.total, losses, self._rate(at), clock.left_s(at + 1)))
            whole = (at + 1) % self._settings.accumulate == 0  # half-added gradients cannot be kept
            if whole and self._processes.any(bool(asked) or now - saved > _SAVE_EVERY_S):
                done.seconds, began, saved = done.seconds + now - began, now, now
                self._save(done)
                self._stop_if_asked(done, asked)
        done.seconds += time.monotonic() - began

    def _stop_if_asked(self, done: Progress, asked: list[int]) -> None:
        """End here, right after a checkpoint was written, if any process was told to."""
        if self._processes.any(bool(asked)):
            raise TrainingStoppedError(
                f"training was stopped in epoch {done.epoch + 1}, and is kept in "
                f"{self._checkpoint.path}; go on with --resume"
            )

    def _step(self, spread: nn.Module, batch: Batch, at: int) -> dict[str, float]:
        settings = self._settings
        pixels, targets = on_device(batch, self._processes.device)
        torch.manual_seed((settings.seed * 1_000_003 + at) * 64 + self._processes.rank)  # the samplers'
        with self._processes.computing(settings.precise):
            losses = spread(pixels, targets)
        loss = torch.stack(list(losses.values())).sum()
        self._require_number(loss, "the loss", at)
        (loss / settings.accumulate).backward()  # type: ignore[no-untyped-call]
        if (at + 1) % settings.accumulate == 0:
            self._move(at)
        return {name: float(value.detach()) for name, value in losses.items()} | {
            "loss": float(loss.detach())
        }

    def _move(self, at: int) -> None:
        """Change the weights by the gradients that were added up."""
        set_rate(self._optimizer, self._rate(at))
        free = [one for group in self._optimizer.param_groups for one in group["params"]]
        length = torch.nn.utils.clip_grad_norm_(free, _CLIP)
        self._require_number(length, "the gradient", at)
        self._optimizer.step()
        self._optimizer.zero_grad()

    def _require_number(self, value: torch.Tensor, name: str, at: int) -> None:
        if not bool(torch.isfinite(value)):
            raise TrainingError(
                f"{name} is {float(value.detach())} at step {at + 1}: train anew, in another folder, with a "
                f"lower --rate; the last checkpoint, from before, is kept in {self._checkpoint.path}"
            )

    def _rate(self, at: int) -> float:
        return self._settings.rate * self._settings.pace(at, self.total)

    def _close(self, done: Progress) -> None:
        """Judge the epoch, keep the best weights, write the checkpoint."""
        self._network.eval()
        box_ap, mask_ap, mask_ap50 = self._judge(self._network) if self._processes.first else NOT_JUDGED
        losses = {name: total / done.step for name, total in done.sums.items()}
        rate = self._rate((done.epoch + 1) * len(self._batches) - 1)
        row = EpochCurve(
            done.epoch + 1,
            rate=rate,
            box_ap=box_ap,
            mask_ap=mask_ap,
            mask_ap50=mask_ap50,
            seconds=done.seconds,
            **losses,
        )
        best = done.curve[done.best_epoch - 1].ap if done.best_epoch else -math.inf
        done.curve.append(row)
        if not row.ap <= best:  # where nothing can be judged the last is the best
            done.best_epoch, done.best = row.epoch, _copied(self._network)
        done.epoch, done.step, done.sums, done.seconds = done.epoch + 1, 0, {}, 0.0
        self._save(done)

    def _save(self, done: Progress) -> None:
        if self._processes.first:
            self._checkpoint.save(done, self._network, self._optimizer)
        self._processes.wait()


class _Clock:
    """How long it will still take."""

    def __init__(self, total: int, first: int) -> None:
        self._total, self._first, self._began = total, first, time.monotonic()

    def left_s(self, done: int) -> float:
        here = done - self._first
        return (time.monotonic() - self._began) / here * (self._total - done) if here >= 5 else math.nan


def _copied(network: nn.Module) -> State:
    return {name: value.detach().cpu().clone() for name, value in network.state_dict().items()}


def _fingerprint(pictures: Sequence[Annotated]) -> str:
    """What was marked in which pictures, wherever they lie."""
    said = hashlib.sha256()
    for one in pictures:
        said.update(repr((one.path.name, one.height, one.width, sorted(one.known))).encode())
        for thing in one.instances:
            said.update(thing.box.tobytes() + bytes([thing.label % 256, thing.crowd, thing.mask is not None]))
    return said.hexdigest()
