"""The part model's training from the first stage to the files on board, in a small form."""

from __future__ import annotations

import argparse
import csv
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from spotter.body.part_map import PARTS, PartMap
from spotter.errors import MediaNotFoundError, ModelError
from spotter.media.label_png import label_png
from spotter.recognizer.pytorch import torch
from spotter.segmenter.annotation import CLASSES
from spotter.segmenter.architecture import architectures
from spotter.segmenter.predict import Segmenter
from spotter.segmenter.weights import weights_of
from training.parts import log, photos, pixels, recipe, ship, train
from training.parts.coco import IMAGES, LABELS, PEOPLE, write_instances

RECIPE = """
[start]
sha256 = "0"
[pixels]
network = "parts"
side = 64
epochs = 6
batch = 2
rate = 3e-3
backbone_rate = 1.0
warm_up = 2
frozen = 0
close = 0.5
[training]
network = "parts"
side = 64
epochs = 2
batch = 2
rate = 3e-3
warm_up = 2
frozen = 3
close = 0.5
judged = 1
[photos]
first_held = 1
weight = 1
"""


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four pictures of somebody who is a stack of coloured bands, a part each."""
    folder = tmp_path_factory.mktemp("bands")
    for kind in (IMAGES, LABELS, PEOPLE):
        (folder / kind).mkdir()
    rng = np.random.default_rng(0)
    colours = rng.integers(80, 255, (len(PARTS) + 1, 3)).astype(np.uint8)
    colours[0] = 20
    for number in range(4):
        labels = np.zeros((128, 128), np.uint8)
        left = int(rng.integers(5, 60))
        for part in range(1, len(PARTS) + 1):
            labels[part * 8 : part * 8 + 8, left : left + 50] = part
        cv2.imwrite(str(folder / IMAGES / f"{number:06d}.jpg"), colours[labels])
        (folder / LABELS / f"{number:06d}.png").write_bytes(label_png(labels))
        (folder / PEOPLE / f"{number:06d}.png").write_bytes(label_png((labels > 0).astype(np.uint8)))
    assert write_instances(folder) == 4
    return folder


@pytest.fixture(scope="module", autouse=True)
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the weights on board go; everything is small, the network looks at few proposals."""
    folder = tmp_path_factory.mktemp("shipped")
    path = folder / "recipe.toml"
    path.write_text(RECIPE, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recipe, "RECIPE", path)
        patch.setattr(ship, "SHIPPED", folder / ship.SHIPPED.name)
        patch.setattr(log, "_EVERY", 2)
        few = replace(architectures()["parts"], samples=24, proposals_train=60, proposals_run=40)
        patch.setitem(architectures(), "parts", few)
        yield folder


@pytest.fixture(scope="module")
def first(pictures: Path, shipped: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the first stage made."""
    folder = tmp_path_factory.mktemp("first")
    pixels.run(arguments(out=folder, rendered=[pictures]))
    return folder


def arguments(**more: object) -> argparse.Namespace:
    usual = {"photos": None, "photo_parts": None, "start": None, "resume": False, "parent": None}
    return argparse.Namespace(**usual | {"threads": 1} | more)


def logged(folder: Path, name: str) -> list[float]:
    with (folder / "log.csv").open(encoding="utf-8", newline="") as file:
        return [float(row[name]) for row in csv.DictReader(file)]


def test_from_pixels_to_the_files_on_board(
    pictures: Path, first: Path, shipped: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, board = tmp_path / "model", tmp_path / "board"
    train.run(arguments(out=model, rendered=[pictures] * 2, held=pictures, parent=first))
    began, learnt = weights_of(first).state, weights_of(model).state
    assert learnt.keys() == began.keys()
    entry = "backbone.backbone.entry.0.weight"  # which is frozen in the second stage
    assert torch.equal(learnt[entry], began[entry])
    ship.run(argparse.Namespace(trained=model, held=pictures, judged=1, out=board))
    kept = weights_of(shipped).state
    assert torch.equal(kept[entry], learnt[entry].half())
    segmenter = Segmenter.open(board)
    assert segmenter.classes == CLASSES and segmenter.card.twice and segmenter.card.side == 64
    segmenter.detect(np.zeros((50, 70, 3), np.uint8))
    assert len(logged(model, "loss")) == 4  # a line every 2 steps of 8
    assert "mask_ap50" in segmenter.card.training and "parity holds" in capsys.readouterr().out


def test_the_first_stage_learns_and_goes_on(pictures: Path, first: Path, tmp_path: Path) -> None:
    shutil.copytree(first, tmp_path / "out")
    pixels.run(arguments(out=tmp_path / "out", rendered=[pictures], resume=True))
    losses = logged(tmp_path / "out", "pixels")
    assert losses[5] < 0.8 * losses[0]  # of the first run
    assert losses[-1] < losses[5]


def test_another_file_to_begin_with_is_refused(pictures: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.tflite"
    other.write_bytes(b"something else")
    with pytest.raises(ModelError, match="recipe begins with 0"):
        pixels.run(arguments(out=tmp_path / "out", rendered=[pictures], start=other))


def found(score: float = 0.9, shift: int = 0) -> PartMap:
    """Somebody of 14 columns, of whom the outline is drawn as `drawn`."""
    labels = np.zeros((40, 80), np.uint8)
    for part in range(1, len(PARTS) + 1):
        labels[5 + shift : 35 + shift, part * 5 : part * 5 + 5] = part
    scores = np.full((1, len(PARTS) + 1), 0.9, np.float32)
    scores[0, 4] = score
    return PartMap(labels, (labels > 0).astype(np.uint8), (1,), scores)


def drawn() -> np.ndarray:
    person = np.zeros((40, 80), bool)
    person[4:36, 5:75] = True
    return person


def test_parts_of_a_photo_fill_the_outline_that_was_drawn() -> None:
    labels = photos.sure_parts(found(), drawn())
    assert labels is not None
    assert np.array_equal(labels > 0, drawn())
    assert labels[4, 6] == 1 and labels[35, 74] == len(PARTS)


@pytest.mark.parametrize(
    "unsure", [found(score=0.5), found(score=float("nan")), found(shift=5), PartMap.empty(40, 80)]
)
def test_a_photo_of_which_something_is_unsure_teaches_no_parts(unsure: PartMap) -> None:
    assert photos.sure_parts(unsure, drawn()) is None


def test_no_photos_are_told(tmp_path: Path) -> None:
    with pytest.raises(MediaNotFoundError, match="no photos in"):
        photos.run(argparse.Namespace(photos=tmp_path, out=tmp_path / "out"))
