"""Training in PyTorch: fine-tuning a network that has a head, and the papers' networks from nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spotter.models.weights import NETWORK_NAME, read_network
from spotter.recognizer.dataset import PhotoSet
from spotter.recognizer.finetune import ALL, FinetuneSettings, PhotoExamples, finetune
from spotter.recognizer.head import Step
from spotter.recognizer.layers import to_openvino
from spotter.recognizer.loop import LoopSettings
from spotter.recognizer.pool import Divided
from spotter.recognizer.scratch import ScratchSettings, train_from_scratch
from spotter.recognizer.settings import TrainSettings

Floats = NDArray[np.float32]
Note = Callable[[Step], None]
Progress = Callable[[str, int, int], None]


def finetuned(
    work: Path, data: Divided, settings: TrainSettings, note: Note, progress: Progress
) -> tuple[Any, Floats]:
    """Train the last blocks of the network in ``work/head``.

    Then, unless somebody said which photos are to be held back, those of ``work/last``, whose head has seen
    all photos, on all photos, for as many epochs as were best before.

    Returns:
        The network, an ``ov.Model``, and its logits of the held-back photos, (photos, classes).
    """
    loop = _loop(LoopSettings(), data, settings)
    side = data.pool.squares.shape[1]
    train, held = _examples(data, data.train, settings), _held(data)
    chosen = FinetuneSettings(settings.blocks, loop=loop)
    found = finetune(work / "head", train, held, chosen, work / "finetune", note, progress)
    if data.parts_were_given:
        return to_openvino(found.network, side), found.logits
    if not found.best_epoch:
        return read_network(work / "last" / NETWORK_NAME), found.logits
    every = _examples(data, data.pool.photos, settings)
    as_long = replace(loop, epochs=found.best_epoch, patience=found.best_epoch)
    chosen = FinetuneSettings(settings.blocks, loop=as_long)
    last = finetune(work / "last", every, held, chosen, work / "finetune-last", progress=progress)
    return to_openvino(last.network, side), found.logits


def from_nothing(
    work: Path, data: Divided, settings: TrainSettings, note: Note, progress: Progress
) -> tuple[Any, Floats]:
    """Train one of the papers' networks; without augmentation if one picture a photo is asked for.

    Returns:
        The network, an ``ov.Model``, and its logits of the held-back photos, (photos, classes).
    """
    examples = _examples(data, data.train, settings)
    usual = ScratchSettings(settings.backbone)
    chosen = replace(usual, loop=_loop(usual.loop, data, settings))
    found = train_from_scratch(examples, _held(data), chosen, work / "scratch", note, progress)
    return to_openvino(found.network, found.network.side), found.logits


def _examples(data: Divided, part: PhotoSet, settings: TrainSettings) -> PhotoExamples:
    """The pictures of a part of the photos; other ones in each epoch where nothing is frozen."""
    pool, numbers = data.pool, data.numbers(part)
    return PhotoExamples(
        pool.squares[numbers],
        part.targets().repeat(pool.times, axis=0),
        pool.times,
        pool.augmenter if settings.augment > 1 else None,
        numbers.tolist(),
        [pool.masks[number] for number in numbers],
        anew=settings.blocks == ALL,
    )


def _held(data: Divided) -> PhotoExamples:
    return PhotoExamples(data.held_pictures(), data.held.targets())


def _loop(usual: LoopSettings, data: Divided, settings: TrainSettings) -> LoopSettings:
    return replace(
        usual,
        task=data.task,
        epochs=settings.epochs or usual.epochs,
        label_smoothing=settings.label_smoothing,
        class_weights=settings.class_weights,
        seed=settings.seed,
    )
