"""The second paper's four-class experiment: eye photographs, from scratch and by transfer, side by side."""

from __future__ import annotations

import math
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from scipy.special import ndtri

from bench.machine import load
from bench.material import Material, Skipped
from bench.table import Cell, Table
from spotter.recognizer.layouts import read_photos
from spotter.recognizer.settings import Trained, TrainSettings
from spotter.recognizer.train import train

_EPOCHS, _QUICK_EPOCHS = 25, 1
_QUICK_AUGMENT = 2  # pictures of each photo, at most
_SEEDS, _QUICK_SEEDS = (0, 1, 2), (0,)
_PAPER = 80.0  # per cent


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to train."""

    words: str
    backbone: str
    augment: int
    from_scratch: bool


_WAYS = (
    _Way("from scratch, the paper's way", "four_class", 1, True),
    _Way("from scratch, augmented", "four_class", 10, True),
    _Way("transfer: features of the backbone on board", "onboard", 10, False),
)


def run(material: Material, quick: bool) -> list[Table]:
    """Validation accuracy of each way, for the same photos and the same splits."""
    folder = material.folder / "photos" / "fundus"
    if not folder.is_dir():
        raise Skipped(f"there is no {folder}; name the folder with the photos with SPOTTER_SHARED")
    photos = read_photos(folder)
    seeds = _QUICK_SEEDS if quick else _SEEDS
    epochs = _QUICK_EPOCHS if quick else _EPOCHS
    rows: list[tuple[Cell, ...]] = []
    for way in _WAYS:
        made: list[Trained] = []
        began = time.perf_counter()
        for seed in seeds:
            settings = TrainSettings(
                backbone=way.backbone,
                augment=min(way.augment, _QUICK_AUGMENT) if quick else way.augment,
                seed=seed,
                epochs=epochs if way.from_scratch else None,
            )
            with tempfile.TemporaryDirectory() as out:
                made.append(train(photos, Path(out, "model"), settings))
        seconds = (time.perf_counter() - began) / len(seeds)
        rows.append(_row(way, made, seconds))
    rows.append(("the paper's own figure", _EPOCHS, None, None, _PAPER, None, None))
    return [
        Table(
            name="recognizer-fundus",
            title=f"Four classes of eye photographs ({len(photos)}), {len(seeds)} splits",
            columns=("way", "epochs", "trained on", "validated on", "accuracy %", "+/- %", "s"),
            rows=tuple(rows),
            notes=(
                "each split holds back a fifth; +/- is half of the 95 % interval for all held-back photos",
                "the paper had far more photos: 106 steps an epoch",
                "the epoch with the lowest validation loss is the one that counts",
                load(),
            ),
            digits=1,
        )
    ]


def _row(way: _Way, made: list[Trained], seconds: float) -> tuple[Cell, ...]:
    accuracies = [float(one.card.training["validation_accuracy"]) for one in made]
    mean, held = statistics.mean(accuracies), sum(len(one.validation) for one in made)
    half = float(ndtri(0.975)) * math.sqrt(mean * (1 - mean) / held)
    epochs = round(statistics.mean(len(one.steps) for one in made))
    return (
        way.words,
        epochs,
        len(made[0].train),
        len(made[0].validation),
        100 * mean,
        100 * half,
        seconds,
    )
