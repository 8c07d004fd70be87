"""Training: photos go in, a model's folder comes out."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spotter.errors import ModelDownloadError
from spotter.models.compose import with_head, with_temperature
from spotter.models.weights import NETWORK_NAME, save_network
from spotter.recognizer import head as heads
from spotter.recognizer.augment import Augmenter
from spotter.recognizer.backbones import Features, features_network
from spotter.recognizer.calibrate import calibrate
from spotter.recognizer.card import RecognizerCard, write_card
from spotter.recognizer.curves import write_curves
from spotter.recognizer.dataset import PhotoSet
from spotter.recognizer.features import FeatureStore
from spotter.recognizer.onboard import NAME as ONBOARD
from spotter.recognizer.pool import Pool, load_pool
from spotter.recognizer.settings import Silent, Trained, TrainSettings, Watch
from spotter.recognizer.split import split_photos

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]

Progress = Callable[[int, int], None]

_HEAD_EPOCHS = 100
_FINETUNE_EPOCHS = 10


def train(
    photos: PhotoSet, out: Path, settings: TrainSettings | None = None, watch: Watch | None = None
) -> Trained:
    """Train a recognizer.

    The photos are split by group; the held-back part decides when to stop, calibrates the probabilities and
    gives the figures. If nobody said which photos to hold back, a linear head is then trained again on all
    of them, as long as was best before.

    Args:
        photos: of at least two classes; see `read_photos`.
        out: the model's folder; it is made.
        settings: how; the defaults if None.
        watch: is told how it goes.

    Raises:
        DatasetError: if the photos cannot be trained with.
        MissingExtraError: if the strategy or backbone needs PyTorch, and it is not installed.
        OutputError: if the model cannot be written.

    Example::

        photos = read_photos(Path("photos"), group=r"person(\\d+)")
        trained = train(photos, Path("body-parts"))
        print(trained.card.training["validation_accuracy"])
    """
    return _Training(out, settings or TrainSettings(), watch or Silent()).run(photos)


@dataclass(frozen=True, slots=True)
class _Data:
    """The pool, and which of its photos are trained with and which are held back."""

    pool: Pool
    train: PhotoSet
    held: PhotoSet
    task: heads.Task

    def numbers(self, part: PhotoSet) -> Numbers:
        """The photos' numbers in the pool."""
        known = {photo: number for number, photo in enumerate(self.pool.photos.photos)}
        return np.array([known[photo] for photo in part.photos], np.int64)

    def copies(self, part: PhotoSet) -> Numbers:
        """The numbers of all pictures that are made of the photos."""
        return (self.numbers(part)[:, None] * self.pool.times + np.arange(self.pool.times)).ravel()

    def held_pictures(self) -> NDArray[np.uint8]:
        """The held-back photos as they are."""
        return self.pool.squares[self.numbers(self.held)]


class _Training:
    """One training, stage by stage, with the seconds that each takes."""

    def __init__(self, out: Path, settings: TrainSettings, watch: Watch) -> None:
        self._out, self._settings, self._watch = out, settings, watch
        self._work = out / ".work"
        self._spent: dict[str, float] = {}
        self._steps: list[heads.Step] = []

    def run(self, photos: PhotoSet) -> Trained:
        with self._stage("backbone"):
            backbone = self._backbone()
        with self._stage("photos") as progress:
            data = self._read(photos, backbone.side, progress)
        with self._stage("features") as progress:
            features = self._features(backbone, data.pool, progress)
        with self._stage("head"):
            head, held_logits = self._head(data, features)
            network = with_head(backbone.network, head.weight, head.bias, data.task)
        if self._settings.strategy == "finetune":
            with self._stage("finetune"):
                network, held_logits = self._finetune(network, data)
        with self._stage("save"):
            card = self._save(network, backbone, data, held_logits)
        cooled = np.asarray(held_logits / card.calibration.temperature, np.float32)
        probabilities = heads.probabilities_of(cooled, data.task)
        return Trained(self._out, card, tuple(self._steps), data.train, data.held, probabilities, self._spent)

    def _backbone(self) -> Features:
        """The settings' backbone; the one on board where its weights are not to be had."""
        settings = self._settings
        try:
            return features_network(
                settings.backbone, random_weights=settings.random_weights, seed=settings.seed
            )
        except ModelDownloadError as error:
            self._watch.say(f"{error}; the backbone that is on board is taken instead")
            self._settings = replace(settings, backbone=ONBOARD)
            return features_network(ONBOARD)

    def _read(self, photos: PhotoSet, side: int, progress: Progress) -> _Data:
        settings = self._settings
        augmenter = Augmenter(seed=settings.seed)
        pool = load_pool(photos, side, settings.augment, augmenter, progress)
        parts = split_photos(pool.photos, validation=settings.validation, seed=settings.seed)
        return _Data(pool, parts[0], parts[1], "multi" if photos.multilabel else "single")

    def _features(self, backbone: Features, pool: Pool, progress: Progress) -> Floats:
        """Features of all pictures of the pool, (pictures, features)."""
        save_network(backbone.network, self._work)
        key = [backbone.fingerprint, *pool.key()]
        store = FeatureStore()
        return store.compute(self._work / NETWORK_NAME, pool.pictures, len(pool), key, progress)

    def _head(self, data: _Data, features: Floats) -> tuple[heads.Head, Floats]:
        """A linear head, and the logits of the held-back photos by a head that was not trained with them."""
        settings = heads.HeadSettings(
            data.task,
            self._settings.epochs or _HEAD_EPOCHS,
            self._settings.label_smoothing,
            self._settings.class_weights,
        )
        times = data.pool.times
        targets = data.train.targets().repeat(times, axis=0)
        held = features[data.numbers(data.held) * times]
        head = heads.train_head(
            features[data.copies(data.train)], targets, held, data.held.targets(), settings, self._note
        )
        logits = head.logits(held)
        if self._settings.strategy == "features" and not _parts_were_given(data.pool.photos):
            every = data.pool.photos.targets().repeat(times, axis=0)
            head = heads.refit_head(features, every, settings, head)
        return head, logits

    def _finetune(self, network: Any, data: _Data) -> tuple[Any, Floats]:
        """The network with its last blocks trained, and its logits of the held-back photos."""
        from spotter.recognizer.finetune import ALL, FinetuneSettings, PhotoExamples, finetune
        from spotter.recognizer.layers import to_openvino
        from spotter.recognizer.loop import LoopSettings

        settings, pool, numbers = self._settings, data.pool, data.numbers(data.train)
        examples = PhotoExamples(
            pool.squares[numbers],
            data.train.targets().repeat(pool.times, axis=0),
            pool.times,
            pool.augmenter,
            numbers.tolist(),
            [pool.masks[number] for number in numbers],
            anew=settings.blocks == ALL,
        )
        held = PhotoExamples(data.held_pictures(), data.held.targets())
        loop = LoopSettings(
            data.task,
            settings.epochs or _FINETUNE_EPOCHS,
            label_smoothing=settings.label_smoothing,
            class_weights=settings.class_weights,
            seed=settings.seed,
        )
        start = self._work / "head"
        save_network(network, start)
        tuned = finetune(
            start,
            examples,
            held,
            FinetuneSettings(settings.blocks, loop=loop),
            self._work / "finetune",
            self._note,
            self._watch.stage,
        )
        return to_openvino(tuned.network, pool.squares.shape[1]), tuned.logits

    def _save(self, network: Any, backbone: Features, data: _Data, held_logits: Floats) -> RecognizerCard:
        targets = data.held.targets()
        calibration = calibrate(held_logits, targets, data.task)
        save_network(with_temperature(network, calibration.temperature), self._out)
        write_curves(self._out, self._steps)
        card = RecognizerCard(
            classes=data.pool.photos.classes,
            task=data.task,
            backbone=self._settings.backbone,
            strategy=self._settings.strategy,
            side=backbone.side,
            scale=backbone.scale,
            bias=backbone.bias,
            calibration=calibration,
            training=self._figures(data, held_logits, targets),
            author=self._settings.author,
            licence=self._settings.licence,
            versions={
                "spotter": version("spotter-coach"),
                "openvino": version("openvino"),
                "numpy": np.__version__,
            },
        )
        write_card(self._out, card)  # last of all: a folder with a card is a whole model
        shutil.rmtree(self._work, ignore_errors=True)
        return card

    def _figures(self, data: _Data, held_logits: Floats, targets: Floats) -> dict[str, Any]:
        settings = self._settings
        paths = [photo.path.resolve().parent for photo in data.pool.photos.photos]
        return {
            "folder": os.path.commonpath(paths),
            "photos": len(data.train),
            "validation_photos": len(data.held),
            "groups": len({photo.group for photo in data.pool.photos.photos if photo.group is not None}),
            "left_out": len(data.pool.photos.left_out),
            "augment": settings.augment,
            "seed": settings.seed,
            "epochs": len(self._steps),
            "trained_again_on_all": settings.strategy == "features"
            and not _parts_were_given(data.pool.photos),
            "validation_accuracy": round(heads.accuracy(held_logits, targets, data.task), 4),
            "validation_loss": round(heads.mean_loss(held_logits, targets, data.task), 4),
            "spent_s": {name: round(seconds, 2) for name, seconds in self._spent.items()},
        }

    def _note(self, step: heads.Step) -> None:
        self._steps.append(step)
        self._watch.epoch(step)

    @contextmanager
    def _stage(self, name: str) -> Iterator[Progress]:
        began = time.perf_counter()
        yield partial(self._watch.stage, name)
        self._spent[name] = time.perf_counter() - began


def _parts_were_given(photos: PhotoSet) -> bool:
    return any(photo.part for photo in photos.photos)
