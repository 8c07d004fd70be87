"""Fine-tuning: the last blocks of a network that has a trained head, or all of it, learn from the photos."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spotter.errors import ModelError
from spotter.media.pictures import THREADS
from spotter.models.graph import Graph
from spotter.recognizer.activations import ActivationFiles, Cut
from spotter.recognizer.augment import Augmenter
from spotter.recognizer.checkpoint import Checkpoint
from spotter.recognizer.head import Step
from spotter.recognizer.layers import GraphNetwork, load_layers
from spotter.recognizer.loop import (
    Examples,
    Floats,
    Inputs,
    Learnt,
    Logits,
    LoopSettings,
    Numbers,
    Rated,
    fit,
    predicted,
)
from spotter.recognizer.pytorch import nn, torch

Squares = NDArray[np.uint8]

ALL = 0
"""The number of blocks that stands for all of them."""


@dataclass(frozen=True, slots=True)
class FinetuneSettings:
    """How a network is fine-tuned.

    Attributes:
        blocks: how many of its last blocks are trained; 0 for all of it. A block is a depthwise convolution
            and what follows it.
        rate: the learning rate of the last block and the head, at its highest.
        rate_decay: what the rate is multiplied by from each block to the one before it: early blocks see
            what all pictures have in common, and have less to learn.
        loop: the rest.
    """

    blocks: int = 1
    rate: float = 5e-5
    rate_decay: float = 0.8
    loop: LoopSettings = field(default_factory=LoopSettings)


@dataclass(frozen=True, slots=True)
class PhotoExamples:
    """Photos to train or judge with, each multiplied by augmentation.

    Attributes:
        squares: uint8 (photos, side, side, 3), RGB.
        targets: float32 (photos x times, classes), 0 or 1, photo by photo.
        times: how many pictures are made of each photo.
        augmenter: makes them; None leaves the photos as they are.
        numbers: of the photos, as the augmenter knows them; 0, 1, 2 ... if None.
        masks: of each photo, uint8 (side, side), above 127 where the subject is; or None.
        anew: whether the pictures are other ones in each epoch; the first epoch's are copies 0 to ``times``.
    """

    squares: Squares
    targets: Floats
    times: int = 1
    augmenter: Augmenter | None = None
    numbers: Sequence[int] | None = None
    masks: Sequence[Squares | None] | None = None
    anew: bool = False

    def __post_init__(self) -> None:
        if len(self.targets) != len(self.squares) * self.times:
            raise ValueError(
                f"{len(self.squares)} photos {self.times} times have {len(self.targets)} targets"
            )

    def inputs(self, numbers: Numbers, epoch: int) -> Inputs:
        """Some of the pictures as a network takes them in."""
        turn = max(0, epoch - 1) if self.anew else 0
        with ThreadPoolExecutor(THREADS) as threads:
            pictures = list(threads.map(lambda number: self._picture(int(number), turn), numbers))
        rows = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2)  # channels last, as they lie
        return (rows.float(),)

    def _picture(self, number: int, turn: int) -> Squares:
        row, copy = divmod(number, self.times)
        if self.augmenter is None:
            return np.asarray(self.squares[row])
        index = row if self.numbers is None else self.numbers[row]
        mask = None if self.masks is None else self.masks[row]
        made: Squares = self.augmenter.augment(self.squares[row], index, copy + turn * self.times, mask)
        return made

    def fingerprint(self) -> bytes:
        """What the pictures depend on."""
        said = hashlib.sha256(self.squares.tobytes())
        said.update(self.targets.tobytes())
        said.update(repr((self.times, self.anew, self.squares.shape, self.targets.shape)).encode())
        if self.augmenter is not None:
            numbers = None if self.numbers is None else [int(number) for number in self.numbers]
            said.update(repr((self.augmenter.settings, self.augmenter.seed, numbers)).encode())
        for mask in self.masks or ():
            said.update(b"-" if mask is None else mask.tobytes())
        return said.digest()


def finetune(
    model: Path | Graph,
    train: PhotoExamples,
    held: PhotoExamples,
    settings: FinetuneSettings,
    folder: Path,
    watch: Callable[[Step], None] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Learnt[GraphNetwork]:
    """Train the last blocks of a network, or all of it, at rates that fall towards its beginning.

    What lies before the trained blocks runs once over all pictures, and what comes out is kept in the
    folder. A stopped training goes on after its last whole epoch (see `loop.fit`); the folder is the
    caller's to delete.

    Args:
        model: a trained model's folder, or its graph; it ends with a softmax or sigmoid.
        train: photos to learn from.
        held: photos of others, to judge by after each epoch.
        settings: how.
        folder: for the checkpoint.
        watch: is told of every epoch.
        progress: is told what is done, how many and of how many.

    Raises:
        ModelError: if the network cannot be rebuilt in PyTorch or has no head.
        OutputError: if the folder cannot be written into.

    Example::

        squares = PhotoExamples(pool.squares, targets, pool.times, pool.augmenter)
        tuned = finetune(Path("body-parts"), squares, held, FinetuneSettings(blocks=2), Path("work"))
        save_network(to_openvino(tuned.network, side), Path("body-parts"))
    """
    network = load_layers(model) if isinstance(model, Path) else GraphNetwork(model)
    rated = _choose(network, settings)
    key = _key(network, train, held, settings)
    checkpoint = Checkpoint(folder, key, Step)
    tell = progress or _nobody
    tail: nn.Module
    train_inputs: Examples
    held_inputs: Examples
    if settings.blocks == ALL:
        tail, train_inputs, held_inputs = Logits(network), train, held
        files = None
    else:
        cut = Cut.before_training(network)
        tail, files = _Tail(network, cut), ActivationFiles(folder, key, cut)
        train_inputs = files.of(network, train, "train", tell, needed=not checkpoint.finished())
        held_inputs = files.of(network, held, "validation", tell, needed=True)
    fitted = fit(
        tail,
        rated,
        train_inputs,
        held_inputs,
        settings.loop,
        checkpoint,
        watch,
        lambda done, total: tell("training", done, total),
    )
    logits = predicted(tail, held_inputs, settings.loop.batch)
    if files is not None:
        files.delete()
    network.requires_grad_(True)
    return Learnt(network, fitted.steps, fitted.best_epoch, logits)


class _Tail(nn.Module):
    """What of the network is trained, of what the rest gives to logits."""

    def __init__(self, network: GraphNetwork, cut: Cut) -> None:
        super().__init__()
        self.network, self._cut = network, cut

    def forward(self, *known: torch.Tensor) -> torch.Tensor:
        wanted = self.network.answer().inputs[0]
        return self.network.evaluate(dict(zip(self._cut.keys, known, strict=True)), (wanted,))[0]


def _choose(network: GraphNetwork, settings: FinetuneSettings) -> list[Rated]:
    """Freeze what is not trained; the rest with its rates, the last block first."""
    groups: dict[int, list[nn.Parameter]] = {}
    for layer, block in network.blocks().items():
        trained = settings.blocks == ALL or block < settings.blocks
        for parameter in network.layers[layer].parameters():
            parameter.requires_grad_(trained)
            if trained:
                groups.setdefault(block, []).append(parameter)
    if not groups:
        raise ModelError("the network has no layers that could be trained")
    rates = {block: settings.rate * settings.rate_decay**block for block in groups}
    return [Rated(tuple(groups[block]), rates[block]) for block in sorted(groups)]


def _key(network: GraphNetwork, train: PhotoExamples, held: PhotoExamples, settings: FinetuneSettings) -> str:
    """What the training depends on."""
    said = hashlib.sha256(repr(settings).encode())
    for name, value in network.state_dict().items():
        said.update(name.encode())
        said.update(value.numpy().tobytes())
    said.update(train.fingerprint())
    said.update(held.fingerprint())
    return said.hexdigest()


def _nobody(what: str, done: int, total: int) -> None:
    """Progress that nobody wants to hear of."""
