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
from spotter.models.backbone_file import RGB, Features
from spotter.models.compose import with_head, with_temperature
from spotter.models.weights import NETWORK_NAME, save_network
from spotter.recognizer import head as heads
from spotter.recognizer.augment import Augmenter
from spotter.recognizer.backbones import UNIT_BIAS, UNIT_SCALE, BackboneRow, features_network, find_backbone
from spotter.recognizer.calibrate import calibrate
from spotter.recognizer.card import RecognizerCard, write_card
from spotter.recognizer.curves import write_curves
from spotter.recognizer.dataset import PhotoSet
from spotter.recognizer.features import FeatureStore
from spotter.recognizer.onboard import NAME as ONBOARD
from spotter.recognizer.pool import Divided, Pool, load_pool
from spotter.recognizer.settings import Silent, Trained, TrainSettings, Watch
from spotter.recognizer.split import require_trainable, split_photos

Floats = NDArray[np.float32]
Progress = Callable[[int, int], None]

_HEAD_EPOCHS = 100


def train(
    photos: PhotoSet, out: Path, settings: TrainSettings | None = None, watch: Watch | None = None
) -> Trained:
    """Train a recognizer.

    The photos are split by group; the held-back part decides when to stop, calibrates the probabilities and
    gives the figures. If nobody said which photos to hold back, the head, and the blocks that were
    fine-tuned, are then trained again on all of them, as long as was best before; a network that began from
    scratch stays as it is.

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
    require_trainable(photos)
    return _Training(out, settings or TrainSettings(), watch or Silent()).run(photos)


@dataclass(frozen=True, slots=True)
class _Made:
    """A trained network, still without its temperature, and how it did on the photos that were held back."""

    network: Any
    data: Divided
    held_logits: Floats
    scale: RGB
    bias: RGB


class _Training:
    """One training, stage by stage, with the seconds that each takes."""

    def __init__(self, out: Path, settings: TrainSettings, watch: Watch) -> None:
        self._out, self._settings, self._watch = out, settings, watch
        self._work = out / ".work"
        self._spent: dict[str, float] = {}
        self._steps: list[heads.Step] = []

    def run(self, photos: PhotoSet) -> Trained:
        row = find_backbone(self._settings.backbone)
        made = self._from_nothing(photos, row) if row.source == "figure" else self._on_backbone(photos)
        with self._stage("save"):
            card = self._save(made)
        cooled = np.asarray(made.held_logits / card.calibration.temperature, np.float32)
        return Trained(
            self._out,
            card,
            tuple(self._steps),
            made.data.train,
            made.data.held,
            heads.probabilities_of(cooled, made.data.task),
            self._spent,
        )

    def _on_backbone(self, photos: PhotoSet) -> _Made:
        with self._stage("backbone"):
            backbone = self._backbone()
        data = self._read(photos, backbone.side, self._settings.augment)
        with self._stage("features") as progress:
            features = self._features(backbone, data.pool, progress)
        with self._stage("head"):
            head, held_logits = self._head(data, features)
            last = self._head_of_all(data, features, head)
        if self._settings.strategy == "finetune":
            from spotter.recognizer.deep import finetuned  # needs PyTorch

            with self._stage("finetune"):
                begins_with = {"head": head} if data.parts_were_given else {"head": head, "last": last}
                for name, one in begins_with.items():
                    save_network(
                        with_head(backbone.network, one.weight, one.bias, data.task), self._work / name
                    )
                network, held_logits = finetuned(
                    self._work, data, self._settings, self._note, self._watch.stage
                )
        else:
            network = with_head(backbone.network, last.weight, last.bias, data.task)
        return _Made(network, data, held_logits, backbone.scale, backbone.bias)

    def _from_nothing(self, photos: PhotoSet, row: BackboneRow) -> _Made:
        """One of the paper's networks, of which every epoch sees other copies of the photos."""
        from spotter.recognizer.deep import from_nothing  # needs PyTorch

        self._settings = replace(self._settings, strategy="scratch")
        data = self._read(photos, row.side, times=1)
        with self._stage("scratch"):
            network, held_logits = from_nothing(
                self._work, data, self._settings, self._note, self._watch.stage
            )
        return _Made(network, data, held_logits, UNIT_SCALE, UNIT_BIAS)

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

    def _read(self, photos: PhotoSet, side: int, times: int) -> Divided:
        settings = self._settings
        with self._stage("photos") as progress:
            pool = load_pool(photos, side, times, Augmenter(seed=settings.seed), progress)
            train, held = split_photos(pool.photos, validation=settings.validation, seed=settings.seed)
        return Divided(pool, train, held, "multi" if photos.multilabel else "single")

    def _features(self, backbone: Features, pool: Pool, progress: Progress) -> Floats:
        """Features of all pictures of the pool, (pictures, features)."""
        save_network(backbone.network, self._work)
        key = [backbone.fingerprint, *pool.key()]
        store = FeatureStore()
        return store.compute(self._work / NETWORK_NAME, pool.pictures, len(pool), key, progress)

    def _head(self, data: Divided, features: Floats) -> tuple[heads.Head, Floats]:
        """A linear head that was not trained with the held-back photos, and its logits of them."""
        times = data.pool.times
        targets = data.train.targets().repeat(times, axis=0)
        held = features[data.numbers(data.held) * times]
        head = heads.train_head(
            features[data.copies(data.train)],
            targets,
            held,
            data.held.targets(),
            self._head_settings(data),
            self._note,
        )
        return head, head.logits(held)

    def _head_of_all(self, data: Divided, features: Floats, head: heads.Head) -> heads.Head:
        """The head trained again on all photos, unless somebody said which are to be held back."""
        if data.parts_were_given:
            return head
        every = data.pool.photos.targets().repeat(data.pool.times, axis=0)
        return heads.refit_head(features, every, self._head_settings(data), head)

    def _head_settings(self, data: Divided) -> heads.HeadSettings:
        settings = self._settings
        epochs = settings.epochs if settings.strategy == "features" else None
        return heads.HeadSettings(
            data.task, epochs or _HEAD_EPOCHS, settings.label_smoothing, settings.class_weights
        )

    def _save(self, made: _Made) -> RecognizerCard:
        data = made.data
        calibration = calibrate(made.held_logits, data.held.targets(), data.task)
        save_network(with_temperature(made.network, calibration.temperature), self._out)
        write_curves(self._out, heads.Step, self._steps)
        card = RecognizerCard(
            classes=data.pool.photos.classes,
            task=data.task,
            backbone=self._settings.backbone,
            strategy=self._settings.strategy,
            side=data.pool.squares.shape[1],
            scale=made.scale,
            bias=made.bias,
            calibration=calibration,
            training=self._figures(data, made.held_logits),
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

    def _figures(self, data: Divided, held_logits: Floats) -> dict[str, Any]:
        settings, targets = self._settings, data.held.targets()
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
            "trained_again_on_all": settings.strategy != "scratch" and not data.parts_were_given,
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
