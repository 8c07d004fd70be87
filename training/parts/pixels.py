"""Trains backbone and pyramid of the part model on the class of every pixel, before the heads are trained.

Without the heads a step costs a third, and every pixel teaches: most of what there is to learn, which part of
the body is where, is learnt in this stage.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict
from itertools import chain
from pathlib import Path

from spotter.errors import ModelError
from spotter.models.weights import WEIGHTS_NAME
from spotter.models.wheel import file_sha256
from spotter.recognizer.pytorch import nn, torch
from spotter.segmenter.annotation import Annotations
from spotter.segmenter.batches import Batches, on_device
from spotter.segmenter.card import SegmenterCard
from spotter.segmenter.model_folder import write_weights
from spotter.segmenter.optimizer import optimizer_of, set_rate
from spotter.segmenter.processes import Processes, joined
from spotter.segmenter.rcnn import MaskRcnn, Target
from spotter.segmenter.settings import TrainSettings
from spotter.segmenter.train import Step
from spotter.segmenter.weights import weights_of

from .log import Log
from .recipe import read_recipe
from .train import add_data_arguments, begun

_SAVE_EVERY_S = 240.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_data_arguments(parser)
    parser.add_argument("--start", type=Path, help="the file of weights that the recipe begins with")
    parser.add_argument("--resume", action="store_true", help="go on with the weights in OUT")


def run(arguments: argparse.Namespace) -> None:
    """Train as the recipe's table `pixels` says; with torchrun by several processes."""
    recipe = read_recipe()
    data, network = begun(arguments, recipe, recipe.pixels)
    if arguments.resume:
        network.load_state_dict(weights_of(arguments.out).state)
    elif arguments.start is not None:
        load_start(network, arguments.start, recipe.start_sha256)
    with joined() as processes:
        train(network, data, recipe.pixels, processes, arguments.out)


def load_start(network: MaskRcnn, path: Path, sha256: str) -> None:
    """Begin with the weights of a backbone.

    Raises:
        ModelError: if it is another file than the recipe names.
    """
    found = file_sha256(path)
    if found != sha256:
        raise ModelError(f"{path} has the SHA-256 {found}, and the recipe begins with {sha256}")
    network.backbone.backbone.load_file(path)  # type: ignore[union-attr, operator]


def train(
    network: MaskRcnn, data: Annotations, settings: TrainSettings, processes: Processes, out: Path
) -> None:
    """Train the network's backbone, pyramid and pixel head, and write all of its weights."""
    card = SegmenterCard(settings.network, data.classes, settings.side)
    batches = Batches(data.train, data.mirrored, settings, processes.rank, processes.count)
    learning = _Pixels(network.to(processes.device))
    learning.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    learning.train()
    optimizer, spread = optimizer_of(learning, settings), processes.spread(learning)
    log, total = Log(out, processes), settings.epochs * len(batches)
    log.say(f"{total} steps, {asdict(settings)}")
    began = saved = time.monotonic()
    steps = chain.from_iterable(map(batches.epoch, range(settings.epochs)))
    for at, batch in enumerate(steps):
        rate = settings.rate * settings.pace(at, total)
        set_rate(optimizer, rate)
        loss = spread(*on_device(batch, processes.device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        now = time.monotonic()
        left_s = (now - began) / (at + 1) * (total - at - 1)
        log.step(Step(at + 1, total, {"pixels": float(loss.detach())}, rate, left_s))
        if processes.first and (now - saved > _SAVE_EVERY_S or at + 1 == total):
            write_weights(out / WEIGHTS_NAME, network, card)
            saved = now


class _Pixels(nn.Module):
    """Only what learns in this stage."""

    def __init__(self, network: MaskRcnn) -> None:
        super().__init__()
        assert network.pixel_head is not None, "the part model has one"
        self.backbone, self.pixel_head = network.backbone, network.pixel_head
        network.backbone.coarser.requires_grad_(False)  # nothing is asked of it
        self.mean, self.deviation = network.mean, network.deviation

    def forward(self, pixels: torch.Tensor, targets: list[Target]) -> torch.Tensor:
        maps = self.backbone((pixels - self.mean) / self.deviation)
        loss: torch.Tensor = self.pixel_head(maps, targets, pixels.shape[-1])
        return loss
