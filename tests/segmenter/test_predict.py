"""The segmenter runs without PyTorch, puts boxes where they belong, and says what is wrong with a model."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from spotter.errors import ModelError
from spotter.media.frame import Frame
from spotter.recognizer.export_pictures import synthetic_squares
from spotter.segmenter import predict
from spotter.segmenter.annotation import CLASSES
from spotter.segmenter.card import NETWORK_FILE, read_card, write_card
from spotter.segmenter.export_onnx import write_onnx
from spotter.segmenter.model_folder import load_network
from spotter.segmenter.placement import fitted, letterbox
from spotter.segmenter.predict import Segmenter
from tests.segmenter import untrained

pytest.importorskip("onnx")  # comes with the extra that exporting needs


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with nothing in it but what runs."""
    folder = untrained.folder(tmp_path_factory.mktemp("segmenter") / "model")
    write_onnx(load_network(folder), read_card(folder), "f16", folder / NETWORK_FILE)
    (folder / "weights.safetensors").unlink()
    return folder


@pytest.fixture
def copied(model: Path, tmp_path: Path) -> Path:
    for file in model.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


WITHOUT_TORCH = """
import sys

class Nowhere:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("torch", "torchvision", "onnx", "safetensors"):
            raise ImportError(f"{name} is not to be imported")

sys.meta_path.insert(0, Nowhere())
import numpy as np
from spotter.media.frame import Frame
from spotter.segmenter.predict import Segmenter

segmenter = Segmenter.open(sys.argv[1])
image = np.random.default_rng(0).integers(0, 255, (90, 128, 3), np.uint8)
found = segmenter.push(Frame(image, 0.0, 0))
print(len(segmenter.detect(image, 0.05)), found.labels.shape)
"""


def test_it_runs_without_pytorch(model: Path) -> None:
    source = str(Path(__file__).parents[2] / "src")
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH, str(model)],
        env={**os.environ, "PYTHONPATH": source},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    count, shape = done.stdout.split(maxsplit=1)
    assert int(count) > 3 and shape.strip() == "(90, 128)"


@pytest.mark.parametrize("size", [(97, 131), (131, 97), (128, 128), (721, 1281), (33, 1000), (5, 3)])
def test_boxes_come_back_from_the_square(model: Path, size: tuple[int, int]) -> None:
    """Each box is where the square's lies when the picture is laid into it, cut off at the picture's edge."""
    height, width = size
    square = synthetic_squares(1, 64, seed=3)[0]
    image = np.asarray(cv2.resize(square, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    segmenter = Segmenter.open(model)
    inside = segmenter.detect_in_square(fitted(image, untrained.SIDE)[0], 0.05)
    found = segmenter.detect(image, 0.05)
    assert (found.height, found.width) == size and len(found) == len(inside) > 0
    again = letterbox(height, width, untrained.SIDE).boxes(found.boxes)
    limit = np.array([width, height] * 2, np.float32) * untrained.SIDE / max(size)
    np.testing.assert_allclose(again, np.minimum(inside.boxes, limit), atol=1e-3)
    assert (found.boxes >= 0).all() and (found.boxes <= [width, height, width, height]).all()


def test_the_score_is_the_card_s_unless_told(model: Path, copied: Path) -> None:
    image = synthetic_squares(1, 128, seed=5)[0]
    segmenter = Segmenter.open(model)
    usual = segmenter.detect(image)
    assert len(usual) == len(segmenter.detect(image, 0.5)) < len(segmenter.detect(image, 0.1))
    assert (usual.scores > 0.5).all() and (np.diff(usual.scores) <= 0).all()
    write_card(copied, replace(read_card(copied), score=0.1))
    assert len(Segmenter.open(copied).detect(image)) == len(segmenter.detect(image, 0.1))


def test_a_map_and_numbers_that_stay(model: Path) -> None:
    image = synthetic_squares(1, 128, seed=5)[0][:100]
    segmenter = Segmenter.open(model)
    found = segmenter.part_map(image)
    assert found.labels.shape == found.people.shape == (100, 128)
    assert found.ids == tuple(range(1, len(found.ids) + 1))
    first = segmenter.push(Frame(image, 0.0, 0))
    second = segmenter.push(Frame(image, 0.04, 1))
    assert first.ids == second.ids == found.ids
    assert segmenter.classes == CLASSES


def test_a_model_that_was_not_exported(copied: Path) -> None:
    (copied / NETWORK_FILE).unlink()
    with pytest.raises(ModelError, match=r"has no network.onnx, .*spotter segmenter export .* --to onnx"):
        Segmenter.open(copied)


def test_no_model_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelError, match="is no trained model"):
        Segmenter.open(tmp_path)
    monkeypatch.setattr(predict, "ON_BOARD", tmp_path / "parts")
    with pytest.raises(ModelError, match="built without its part model"):
        Segmenter.open()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.999])
def test_a_truncated_network(copied: Path, share: float) -> None:
    whole = (copied / NETWORK_FILE).read_bytes()
    (copied / NETWORK_FILE).write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(ModelError, match=r"network.onnx"):
        Segmenter.open(copied)


def test_a_network_of_another_size(copied: Path) -> None:
    write_card(copied, replace(read_card(copied), side=256))
    with pytest.raises(ModelError, match=r"\(1, 128, 128, 3\), and \(1, 256, 256, 3\)"):
        Segmenter.open(copied)


def test_a_network_of_more_classes_than_the_card_names(copied: Path) -> None:
    write_card(copied, replace(read_card(copied), classes=CLASSES[:2]))
    with pytest.raises(ModelError, match=r"more classes than the 2 of model.toml"):
        Segmenter.open(copied).detect(synthetic_squares(1, 128, seed=5)[0], 0.05)
