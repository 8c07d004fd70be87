"""Training in PyTorch: fine-tuning a network that has a head, and the papers' networks from nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

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

    Returns:
        The network, an ``ov.Model``, and its logits of the held-back photos, (photos, classes).
    """
    examples = replace(_examples(data), anew=settings.blocks == ALL)
    found = finetune(
        work / "head",
        examples,
        _held(data),
        FinetuneSettings(settings.blocks, loop=_loop(LoopSettings(), data, settings)),
        work / "finetune",
        note,
        progress,
    )
    return to_openvino(found.network, data.pool.squares.shape[1]), found.logits


def from_nothing(
    work: Path, data: Divided, settings: TrainSettings, note: Note, progress: Progress
) -> tuple[Any, Floats]:
    """Train one of the papers' networks; without augmentation if one picture a photo is asked for.

    Returns:
        The network, an ``ov.Model``, and its logits of the held-back photos, (photos, classes).
    """
    examples = _examples(data)
    if settings.augment == 1:
        examples = replace(examples, augmenter=None)
    usual = ScratchSettings(settings.backbone)
    chosen = replace(usual, loop=_loop(usual.loop, data, settings))
    found = train_from_scratch(examples, _held(data), chosen, work / "scratch", note, progress)
    return to_openvino(found.network, found.network.side), found.logits


def _examples(data: Divided) -> PhotoExamples:
    pool, numbers = data.pool, data.numbers(data.train)
    return PhotoExamples(
        pool.squares[numbers],
        data.train.targets().repeat(pool.times, axis=0),
        pool.times,
        pool.augmenter,
        numbers.tolist(),
        [pool.masks[number] for number in numbers],
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
