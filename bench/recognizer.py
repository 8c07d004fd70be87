"""The body-part recognizer: accuracy on people it never saw, time to train, time a prediction."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.material import Material, Skipped
from bench.table import Cell, Table
from spotter.errors import MissingExtraError
from spotter.models.session import Precision
from spotter.recognizer.dataset import Photo, PhotoSet
from spotter.recognizer.layouts import read_photos
from spotter.recognizer.predict import Recognizer
from spotter.recognizer.settings import Strategy, TrainSettings
from spotter.recognizer.train import train

CLASSES = ("face", "hand", "lower_arm")
GROUP = r"person(\d+)"
EACH = 120  # photos a class, as in the paper
PRECISIONS: tuple[Precision, ...] = ("auto", "f32")
ROUNDS, QUICK_ROUNDS = 7, 1
CALLS, QUICK_CALLS = 200, 20
QUICK_EPOCHS = 1
MOST_PEOPLE = 0.8  # of the people, so that some are left to be judged with


@dataclass(frozen=True, slots=True)
class Setup:
    """One way of training."""

    backbone: str
    strategy: Strategy
    fewest: bool
    wanted: float | None
    most_s: float
    weights: str = ""  # a file below the material's folder; the backbone is one of Spotter's own if empty
    draws: int = 5


_MOBILENET = "weights/google-coral_test_data/mobilenet_v1_1.0_224_quant_embedding_extractor.tflite"

SETUPS = (
    Setup("onboard", "features", False, 98.0, 60),
    Setup("onboard", "finetune", False, 98.5, 480, draws=3),
    Setup("onboard", "features", True, 98.0, 60),
    Setup("mobilenet v1, 8-bit file", "features", False, None, 60, _MOBILENET, 1),
    Setup("mobilenet v1, 8-bit file", "finetune", False, 98.5, 480, _MOBILENET, 1),
)


def run(material: Material, quick: bool) -> list[Table]:
    """Train as the paper did, on other people each time, and judge on those that are left."""
    folder = material.folder / "photos"
    if not (folder / "body-parts").is_dir():
        raise Skipped(
            f"there is no {folder / 'body-parts'}; name the folder with the photos with SPOTTER_SHARED"
        )
    every = _of(read_photos(folder / "body-parts", group=GROUP), CLASSES)
    with tempfile.TemporaryDirectory() as scratch, _own_home(Path(scratch)):
        latency = _latency(
            every, Path(scratch), quick
        )  # first: once PyTorch has run, its threads are in the way
        setups = [setup for setup in SETUPS if (material.folder / setup.weights).exists()]
        rows = [_row(setup, every, material.folder, quick, Path(scratch)) for setup in setups]
    accuracy = Table(
        name="recognizer",
        title="The paper's setting: 360 photos, ten pictures of each, judged on people never seen",
        columns=(
            "backbone", "strategy", "draws", "people", "photos", "judged on", "accuracy %", "lowest",
            "wanted", "faces elsewhere %", "hands elsewhere %", "hands with arm %", "seconds", "at most",
        ),
        rows=tuple(rows),
        notes=(
            "mean over the draws of who is trained with; the longest of their seconds, from photos to model",
            "people: how many are trained with, drawn at random or, in the third row, as few as there can be",
        ),
        digits=1,
    )  # fmt: skip
    return [accuracy, latency]


def _latency(every: PhotoSet, scratch: Path, quick: bool) -> Table:
    """How long the on-board model takes for a picture."""
    rounds = QUICK_ROUNDS if quick else ROUNDS
    train(every, scratch / "model", TrainSettings(augment=1))
    return Table(
        name="recognizer-speed",
        title="One prediction of the on-board model",
        columns=("precision", "threads", "median ms", "wanted ms"),
        rows=tuple(_speed_rows(scratch / "model", rounds, QUICK_CALLS if quick else CALLS)),
        notes=(
            f"one square of 128 pixels at a time, from pixels to probabilities; best of {rounds} medians",
        ),
    )


def _row(setup: Setup, every: PhotoSet, folder: Path, quick: bool, scratch: Path) -> tuple[Cell, ...]:
    found, seconds = [], []
    backbone = str(folder / setup.weights) if setup.weights else setup.backbone
    for seed in range(1 if quick else setup.draws):
        chosen, fresh = _drawn(every, seed, setup.fewest)
        settings = TrainSettings(setup.strategy, backbone, augment=10, seed=seed)
        if quick:
            settings = replace(settings, augment=2, epochs=QUICK_EPOCHS)
        began = time.perf_counter()
        try:
            train(chosen, scratch / "model", settings)
        except MissingExtraError as error:
            raise Skipped(str(error)) from error
        seconds.append(time.perf_counter() - began)
        recognizer = Recognizer.load(scratch / "model")
        elsewhere = [
            _accuracy(recognizer, _elsewhere(folder / "photos", name, label))
            for name, label in (("face", "face"), ("hand", "hand"), ("hand_and_forearm", "hand"))
        ]
        people = len({photo.group for photo in chosen.photos})
        found.append([people, len(chosen), len(fresh), _accuracy(recognizer, fresh), *elsewhere])
    mean = np.mean(found, 0)
    return (
        setup.backbone, setup.strategy, len(found), int(mean[0]), int(mean[1]), int(mean[2]), float(mean[3]),
        float(np.min(found, 0)[3]), setup.wanted, *(float(one) for one in mean[4:]),
        float(np.max(seconds)), setup.most_s,
    )  # fmt: skip


def _of(photos: PhotoSet, classes: tuple[str, ...]) -> PhotoSet:
    """The photos of some classes only."""
    kept = tuple(photo for photo in photos.photos if photo.labels[0] in classes)
    return PhotoSet(kept, classes)


def _drawn(every: PhotoSet, seed: int, fewest: bool) -> tuple[PhotoSet, PhotoSet]:
    """EACH photos a class, of people drawn by a seed or of as few as can be; and all others' photos."""
    rng = np.random.default_rng(seed)
    by_person: dict[str, list[Photo]] = {}
    for photo in every.photos:
        by_person.setdefault(photo.group or "", []).append(photo)
    people = [list(by_person)[i] for i in rng.permutation(len(by_person))]
    counts = dict.fromkeys(every.classes, 0)
    chosen: list[Photo] = []
    used: set[str] = set()
    most = MOST_PEOPLE * len(people)
    while min(counts.values()) < EACH and len(used) < most:
        person = max(people, key=lambda one: _worth(by_person[one], counts)) if fewest else people[0]
        people.remove(person)
        used.add(person)
        for photo in by_person[person]:
            if counts[photo.labels[0]] < EACH:
                counts[photo.labels[0]] += 1
                chosen.append(photo)
    fresh = [photo for person, photos in by_person.items() if person not in used for photo in photos]
    return every.only(tuple(chosen)), every.only(tuple(fresh))


def _worth(photos: list[Photo], counts: dict[str, int]) -> float:
    """How much a person's photos bring where photos are missing."""
    return sum(1 - counts[photo.labels[0]] / EACH for photo in photos)


def _elsewhere(folder: Path, name: str, label: str) -> PhotoSet:
    files = sorted((folder / "elsewhere" / name).iterdir())
    return PhotoSet(tuple(Photo(file, (label,)) for file in files), CLASSES)


def _accuracy(recognizer: Recognizer, photos: PhotoSet) -> float:
    """The share of the photos whose most probable class is right, in percent."""
    answers = recognizer.predict_all([photo.path for photo in photos.photos])
    best = [recognizer.classes[int(np.argmax(answer.probabilities))] for answer in answers]
    return 100 * float(
        np.mean([name in photo.labels for name, photo in zip(best, photos.photos, strict=True)])
    )


def _speed_rows(model: Path, rounds: int, calls: int) -> list[tuple[Cell, ...]]:
    """Each way in turn, several times: the best median is the machine's, the rest is its other work."""
    ways = [(precision, threads) for precision in PRECISIONS for threads in (None, 1)]
    recognizers = [Recognizer.load(model, precision=one, threads=threads) for one, threads in ways]
    medians = [[_median_ms(recognizer, calls) for recognizer in recognizers] for _ in range(rounds)]
    best = np.min(medians, axis=0)
    return [
        (precision, "all" if threads is None else str(threads), float(ms), 2.0)
        for (precision, threads), ms in zip(ways, best, strict=True)
    ]


def _median_ms(recognizer: Recognizer, calls: int) -> float:
    side = recognizer.card.side
    square: NDArray[np.uint8] = np.random.default_rng(0).integers(0, 256, (1, side, side, 3), np.uint8)
    times = []
    for _ in range(calls):
        began = time.perf_counter()
        recognizer.probabilities(square)
        times.append(time.perf_counter() - began)
    return 1e3 * float(np.median(times[calls // 4 :]))


@contextmanager
def _own_home(scratch: Path) -> Iterator[None]:
    """A data folder of this run's own, so that no features are known from before."""
    before = os.environ.get("SPOTTER_HOME")
    os.environ["SPOTTER_HOME"] = str(scratch / "home")
    try:
        yield
    finally:
        if before is None:
            del os.environ["SPOTTER_HOME"]
        else:
            os.environ["SPOTTER_HOME"] = before
