"""The loop that trains layers: epochs, learning rates, early stopping, and a checkpoint after each epoch."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from spotter.recognizer.checkpoint import Checkpoint, Progress, load_trained, trained_state
from spotter.recognizer.head import HeadSettings, Step, Task, accuracy, mean_loss, photo_weights
from spotter.recognizer.pytorch import functional, nn, torch

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]
Inputs = tuple[torch.Tensor, ...]

_CLIP = 5.0  # the longest gradient that is followed in full


@dataclass(frozen=True, slots=True)
class LoopSettings:
    """How layers are trained.

    Attributes:
        task: ``"single"``: softmax and cross-entropy; ``"multi"``: sigmoid and binary cross-entropy.
        epochs: at most so many.
        batch: pictures a step.
        warm_up: the share of all steps in which the learning rates rise; then they fall as a cosine.
        decay: of AdamW, of weights; biases and slopes do not decay.
        label_smoothing: 0 to 1, how much of each target is shared out among all classes.
        class_weights: whether rare classes count as much as frequent ones.
        patience: epochs without a lower validation loss until training ends.
        seed: of the order and of dropout.
    """

    task: Task = "single"
    epochs: int = 10
    batch: int = 32
    warm_up: float = 0.1
    decay: float = 0.01
    label_smoothing: float = 0.0
    class_weights: bool = True
    patience: int = 4
    seed: int = 0


class Examples(Protocol):
    """What is trained or judged with."""

    @property
    def targets(self) -> Floats:
        """Of shape (examples, classes), 0 or 1."""

    def inputs(self, numbers: Numbers, epoch: int) -> Inputs:
        """What goes into the network for some of the examples in an epoch."""


class Answering(Protocol):
    """A network that ends with a softmax or sigmoid."""

    def logits(self, pixels: torch.Tensor) -> torch.Tensor:
        """What goes into the softmax or sigmoid, (n, classes)."""


Network = TypeVar("Network", bound=Answering)


class Logits(nn.Module):
    """A network without its softmax or sigmoid, of pixels to logits, as `fit` trains it."""

    def __init__(self, network: Answering) -> None:
        super().__init__()
        self.network = network

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        return self.network.logits(pixels)


@dataclass(frozen=True, slots=True)
class Rated:
    """Parameters that learn at one rate."""

    parameters: tuple[nn.Parameter, ...]
    rate: float


@dataclass(frozen=True, slots=True)
class Fitted:
    """How a training went.

    Attributes:
        steps: losses, epoch by epoch.
        best_epoch: of which the weights are; 0 if none was better than what it began with.
    """

    steps: tuple[Step, ...]
    best_epoch: int


@dataclass(frozen=True, slots=True)
class Learnt(Generic[Network]):
    """What came of training a network on photos.

    Attributes:
        network: with the best weights; it gives probabilities.
        steps: losses and accuracy, epoch by epoch.
        best_epoch: of which the weights are; 0 if none was better than the network as it was.
        logits: of the validation photos, float32 (photos, classes).
    """

    network: Network
    steps: tuple[Step, ...]
    best_epoch: int
    logits: Floats = field(repr=False)


def fit(
    network: nn.Module,
    rated: Sequence[Rated],
    train: Examples,
    held: Examples,
    settings: LoopSettings,
    checkpoint: Checkpoint[Step],
    watch: Callable[[Step], None] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Fitted:
    """Train a network; its weights are those of the epoch with the lowest validation loss in the end.

    The same seed gives the same weights on the same machine with as many threads. A training that was
    stopped goes on after its last whole epoch, and ends as it would have without the stop.

    Args:
        network: of inputs to logits (n, classes).
        rated: what is trained, and how fast.
        train: to learn from.
        held: to judge by after each epoch.
        settings: how.
        checkpoint: where it is kept.
        watch: is told of every epoch.
        progress: is told how many of how many steps are done.

    Raises:
        OutputError: if the checkpoint cannot be written.
    """
    return _Loop(network, rated, train, held, settings, checkpoint, progress).run(watch)


class _Loop:
    def __init__(
        self,
        network: nn.Module,
        rated: Sequence[Rated],
        train: Examples,
        held: Examples,
        settings: LoopSettings,
        checkpoint: Checkpoint[Step],
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self._network, self._train, self._held = network, train, held
        self._settings, self._checkpoint, self._progress = settings, checkpoint, progress
        self._count: int = train.targets.shape[0]
        self._steps: int = -(-self._count // settings.batch)
        head = HeadSettings(settings.task, class_weights=settings.class_weights)
        self._weights = torch.from_numpy(photo_weights(train.targets, head) * self._count)
        share = settings.label_smoothing
        middle = 1 / train.targets.shape[1] if settings.task == "single" else 0.5
        self._targets = torch.from_numpy(train.targets * (1 - share) + share * middle)
        self._rates = [group.rate for group in rated for _ in (0, 1)]
        groups = []
        for group in rated:
            matrices = [one for one in group.parameters if one.ndim > 1]
            others = [one for one in group.parameters if one.ndim <= 1]
            groups += [{"params": matrices, "weight_decay": settings.decay}]
            groups += [{"params": others, "weight_decay": 0.0}]
        self._optimizer = torch.optim.AdamW(groups)
        self._free = [one for group in rated for one in group.parameters]

    def run(self, watch: Callable[[Step], None] | None) -> Fitted:
        done = self._checkpoint.load(self._network, self._optimizer)
        if done is None:
            done = Progress(self._judge()[0], trained_state(self._network))
        elif watch is not None:
            for step in done.steps:
                watch(step)
        while not done.finished:
            done.epochs += 1
            loss = self._epoch(done.epochs)
            held_out, right = self._judge()
            step = Step(done.epochs, loss, held_out, right)
            done.steps.append(step)
            if held_out < done.best_loss:
                done.best_loss, done.best_epoch = held_out, done.epochs
                done.best = trained_state(self._network)
            idle = done.epochs - done.best_epoch
            done.finished = done.epochs >= self._settings.epochs or idle >= self._settings.patience
            self._checkpoint.save(done, self._network, self._optimizer)
            if watch is not None:
                watch(step)
        load_trained(self._network, done.best)
        self._network.eval()
        return Fitted(tuple(done.steps), done.best_epoch)

    def _epoch(self, epoch: int) -> float:
        """One pass over all examples; the mean loss while it went on."""
        settings, total = self._settings, 0.0
        order = np.random.default_rng([settings.seed, epoch]).permutation(self._count)
        self._network.train()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings.seed * 1_000_003 + epoch)  # dropout's
            for step in range(self._steps):
                numbers = order[step * settings.batch : (step + 1) * settings.batch]
                total += self._step(numbers, epoch, (epoch - 1) * self._steps + step) * len(numbers)
                if self._progress is not None:
                    self._progress((epoch - 1) * self._steps + step + 1, settings.epochs * self._steps)
        return total / self._count

    def _step(self, numbers: Numbers, epoch: int, step: int) -> float:
        for group, rate in zip(self._optimizer.param_groups, self._rates, strict=True):
            group["lr"] = rate * self._pace(step)
        chosen = torch.from_numpy(numbers)
        with computing():
            logits = self._network(*self._train.inputs(numbers, epoch))
        loss = self._loss(logits.float(), self._targets[chosen], self._weights[chosen])
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._free, _CLIP)
        self._optimizer.step()
        return float(loss.detach())

    def _loss(self, logits: torch.Tensor, targets: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
        if self._settings.task == "single":
            each = -(targets * functional.log_softmax(logits, 1)).sum(1, keepdim=True)
        else:
            each = functional.binary_cross_entropy_with_logits(logits, targets, reduction="none")
        return (weights * each).sum() / len(logits)

    def _pace(self, step: int) -> float:
        """The share of the learning rates at a step: up in a line, down in half a cosine."""
        total = self._settings.epochs * self._steps
        rise: int = max(1, round(total * self._settings.warm_up))
        if step < rise:
            return (step + 1) / rise
        return 0.5 * (1 + math.cos(math.pi * (step - rise) / max(1, total - rise)))

    def _judge(self) -> tuple[float, float]:
        """Loss and accuracy on the held-back examples."""
        logits = predicted(self._network, self._held, self._settings.batch)
        targets = self._held.targets
        task = self._settings.task
        return mean_loss(logits, targets, task), accuracy(logits, targets, task)


def predicted(network: nn.Module, examples: Examples, batch: int = 32) -> Floats:
    """Logits of all examples, (examples, classes)."""
    network.eval()
    rows = []
    with torch.no_grad(), computing():
        for start in range(0, len(examples.targets), batch):
            numbers = np.arange(start, min(start + batch, len(examples.targets)))
            rows.append(network(*examples.inputs(numbers, 0)).float())
    return np.asarray(torch.cat(rows).numpy(), np.float32)


def computing() -> torch.autocast:
    """Computing in bf16 where the processor has units for it, and in f32 elsewhere."""
    fast = bool(torch.cpu.get_capabilities().get("amx_bf16"))
    return torch.autocast("cpu", torch.bfloat16, enabled=fast)
