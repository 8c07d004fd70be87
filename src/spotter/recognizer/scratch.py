"""Training a network from random weights: the second paper's, which begin with nothing learnt."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from spotter.recognizer.checkpoint import Checkpoint
from spotter.recognizer.figures import Figure, figure
from spotter.recognizer.finetune import PhotoExamples
from spotter.recognizer.head import Step
from spotter.recognizer.loop import Learnt, Logits, LoopSettings, Rated, fit, predicted
from spotter.recognizer.pytorch import torch

_LOOP = LoopSettings(task="multi", epochs=25, batch=16, decay=0.0, patience=25)


@dataclass(frozen=True, slots=True)
class ScratchSettings:
    """How a network is trained from random weights.

    Attributes:
        backbone: ``"figure2"``, ``"figure3"`` or ``"four_class"``.
        rate: Adam's learning rate at its highest.
        loop: the rest; the paper trained for 25 epochs, with a sigmoid, binary cross-entropy and Adam.
    """

    backbone: str = "figure3"
    rate: float = 1e-3
    loop: LoopSettings = _LOOP


def train_from_scratch(
    train: PhotoExamples,
    held: PhotoExamples,
    settings: ScratchSettings,
    folder: Path,
    watch: Callable[[Step], None] | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> Learnt[Figure]:
    """Train one of the paper's networks.

    Every epoch sees other copies of the photos if they are augmented. A stopped training goes on after its
    last whole epoch.

    Args:
        train: photos of the network's own side to learn from.
        held: photos of others, to judge by after each epoch.
        settings: how.
        folder: for the checkpoint.
        watch: is told of every epoch.
        progress: is told what is done, how many and of how many.

    Raises:
        UsageError: if there is no such network.
        OutputError: if the folder cannot be written into.

    Example::

        made = train_from_scratch(train, held, ScratchSettings("figure2"), Path("work"))
        save_network(to_openvino(made.network, made.network.side), Path("eyes"))
    """
    loop = settings.loop
    network = figure(settings.backbone, train.targets.shape[1], loop.task, loop.seed)
    train = replace(train, anew=train.augmenter is not None)
    body = Logits(network).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    said = hashlib.sha256(repr(settings).encode() + train.fingerprint() + held.fingerprint())
    fitted = fit(
        body,
        [Rated(tuple(network.parameters()), settings.rate)],
        train,
        held,
        loop,
        Checkpoint(folder, said.hexdigest(), Step),
        watch,
        None if progress is None else lambda done, total: progress("training", done, total),
    )
    return Learnt(network, fitted.steps, fitted.best_epoch, predicted(body, held, loop.batch))
