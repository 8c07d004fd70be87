"""Trains backbone and pyramid of the part model on the class of every pixel, before the heads are trained.

Without the heads a step costs a third, and every pixel teaches: most of what there is to learn, which part of
the body is where, is learnt in this stage.
"""

from __future__ import annotations

import argparse
import time
import tomllib
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from safetensors.torch import load_file, save_file

from spotter.media.writing import scratch_beside
from spotter.recognizer.pytorch import nn, torch
from spotter.segmenter.architecture import architecture
from spotter.segmenter.batches import Batch, Batches
from spotter.segmenter.network import build
from spotter.segmenter.optimizer import optimizer_of
from spotter.segmenter.processes import Processes, joined
from spotter.segmenter.rcnn import MaskRcnn, Target
from spotter.segmenter.settings import TrainSettings

from .train import PIXELS_FILE, RECIPE, add_data_arguments, gathered, load_start

_SAVE_EVERY_S = 240.0
_SAY_EVERY = 50  # steps


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    add_data_arguments(parser)
    parser.add_argument("--start", type=Path, help="the file of weights that the recipe begins with")
    parser.add_argument("--resume", action="store_true", help="go on with the weights in OUT")
    parser.add_argument("--minutes", type=float, help="end after so long, whatever the recipe says")


def run(arguments: argparse.Namespace) -> None:
    """Train as the recipe's table `pixels` says; with torchrun by several processes."""
    recipe = tomllib.loads(RECIPE.read_text("utf-8"))
    settings = TrainSettings(**recipe["pixels"])
    torch.set_num_threads(1)
    data = gathered(arguments, recipe["photos"])
    torch.manual_seed(settings.seed)
    network = build(architecture(settings.network), len(data.classes), settings.frozen)
    arguments.out.mkdir(parents=True, exist_ok=True)
    if arguments.resume:
        network.load_state_dict(load_file(arguments.out / PIXELS_FILE))
    elif arguments.start is not None:
        load_start(network, arguments.start, recipe)
    with joined() as processes:
        batches = Batches(data.train, data.mirrored, settings, processes.rank, processes.count)
        _Run(network, batches, settings, processes, arguments.out).train(arguments.minutes)


class _Pixels(nn.Module):
    """Only what learns in this stage."""

    def __init__(self, network: MaskRcnn) -> None:
        super().__init__()
        self.backbone, self.pixel_head = network.backbone, network.pixel_head
        network.backbone.coarser.requires_grad_(False)  # type: ignore[union-attr]  # nothing is asked of it
        self.mean, self.deviation = network.mean, network.deviation

    def forward(self, pixels: torch.Tensor, targets: list[Target]) -> torch.Tensor:
        maps = self.backbone((pixels - self.mean) / self.deviation)
        loss: torch.Tensor = self.pixel_head(maps, targets, pixels.shape[-1])  # type: ignore[misc]
        return loss


class _Run:
    """The loop."""

    def __init__(
        self, network: MaskRcnn, batches: Batches, settings: TrainSettings, processes: Processes, out: Path
    ) -> None:
        self._network, self._batches, self._settings = network, batches, settings
        self._processes, self._out = processes, out
        learning = _Pixels(network.to(processes.device))
        learning.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        learning.train()
        self._optimizer = optimizer_of(learning, settings)
        self._learning = processes.spread(learning)

    def train(self, minutes: float | None) -> None:
        total = self._settings.epochs * len(self._batches)
        began = saved = time.monotonic()
        mean = 0.0
        if self._processes.first:
            print(f"{total} steps, {asdict(self._settings)}", flush=True)
        for step, (pixels, targets) in enumerate(self._steps()):
            spent = (time.monotonic() - began) / 60
            share = step / total if minutes is None else max(step / total, spent / minutes)
            self._set_rate(step, share)
            pixels = pixels.to(self._processes.device, torch.float32)
            loss = self._learning(pixels.contiguous(memory_format=torch.channels_last), targets)
            self._optimizer.zero_grad()
            loss.backward()
            self._optimizer.step()
            mean += float(loss.detach()) / _SAY_EVERY
            if self._processes.first and (step + 1) % _SAY_EVERY == 0:
                print(f"{step + 1}/{total} pixels {mean:.4f} {spent:.1f} min", flush=True)
                mean = 0.0
            if self._processes.first and time.monotonic() - saved > _SAVE_EVERY_S:
                self._save()
                saved = time.monotonic()
            if self._processes.any(share >= 1):
                break
        if self._processes.first:
            self._save()

    def _steps(self) -> Iterator[Batch]:
        for epoch in range(self._settings.epochs):
            yield from self._batches.epoch(epoch)

    def _set_rate(self, step: int, share: float) -> None:
        rising = min(1.0, (step + 1) / self._settings.warm_up)
        falling = min(1.0, max(0.01, (1 - share) / self._settings.cool_down))
        for group in self._optimizer.param_groups:
            group["lr"] = self._settings.rate * rising * falling * group["share"]

    def _save(self) -> None:
        with scratch_beside(self._out / PIXELS_FILE) as scratch:
            save_file({name: one.contiguous() for name, one in self._network.state_dict().items()}, scratch)
            scratch.replace(self._out / PIXELS_FILE)
