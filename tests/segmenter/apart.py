"""A short training of the small network, in this process or in one that can be stopped from outside."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

import torch

from spotter.cli.app import run
from spotter.segmenter import train
from spotter.segmenter.architecture import architecture
from spotter.segmenter.checkpoint import Progress
from spotter.segmenter.network import build
from spotter.segmenter.processes import Processes
from spotter.segmenter.rcnn import MaskRcnn
from spotter.segmenter.settings import TrainSettings
from tests.segmenter.puppets import CLASSES, annotations

SETTINGS = TrainSettings(side=64, epochs=2, batch=2, rate=2e-3, warm_up=2, frozen=0, seed=3)
STEPS = 6
ALONE = Processes(0, 1, torch.device("cpu"))


def small(seed: int = 0, frozen: int = 0, channels: int = 32) -> MaskRcnn:
    """The small network with random weights, made narrow, which looks at few proposals."""
    torch.manual_seed(seed)
    few = replace(architecture("parts"), samples=24, proposals_train=60, proposals_run=40)
    return build(replace(few, channels=channels), len(CLASSES), frozen)


def nowhere(_network: MaskRcnn) -> tuple[float, float, float]:
    """A judge that knows nothing."""
    return math.nan, math.nan, math.nan


def trained(
    folder: Path,
    resume: bool = False,
    settings: TrainSettings = SETTINGS,
    told: Callable[[train.Step], None] | None = None,
    judge: train.Judge = nowhere,
) -> tuple[Progress, dict[int, float]]:
    """Train on six pictures; what came of it, and the loss of each step that was done."""
    data = annotations(folder / "pictures", train=6, val=0, side=64)
    losses: dict[int, float] = {}

    def on_step(step: train.Step) -> None:
        losses[step.done] = step.losses["loss"]
        if told is not None:
            told(step)

    trainer = train.Trainer(small(), data, settings, folder, ALONE, judge)
    return trainer.run(resume, progress=on_step), losses


def train_apart(folder: Path, told: Connection, words: tuple[str, ...]) -> None:
    """Train in a process of its own, save after every step if told so, and tell the losses."""
    torch.set_num_threads(1)
    if "every-step" in words:
        train._SAVE_EVERY_S = 0.0  # type: ignore[attr-defined]
    settings = replace(SETTINGS, workers=1 if "helped" in words else 0)

    def on_step(step: train.Step) -> None:
        told.send((step.done, step.losses["loss"]))

    sys.exit(run(lambda: trained(folder, settings=settings, told=on_step)))
