"""Beginning with our own weights, from either kind of file: what is taken depends on the classes' names."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("h5py", reason="the train extra is not installed")

import torch

from spotter.errors import ModelError
from spotter.segmenter.architecture import architecture
from spotter.segmenter.card import SegmenterCard
from spotter.segmenter.model_folder import facts, write_weights
from spotter.segmenter.network import build
from spotter.segmenter.rcnn import MaskRcnn
from spotter.segmenter.weights import read_weights, start_from
from spotter.segmenter.weights_h5 import write_h5
from spotter.segmenter.weights_safetensors import read_safetensors

CARD = SegmenterCard("parts", ("person", "head"), 384)
LAST = ("roi_heads.box_predictor", "roi_heads.mask_predictor.logits", "pixel_head.levels")


def network(seed: int, classes: int = 2) -> MaskRcnn:
    torch.manual_seed(seed)
    return build(architecture("parts"), classes)


@pytest.fixture(params=[".safetensors", ".h5"])
def written(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The weights of a network with the seed 1, in each of our own formats."""
    path: Path = tmp_path / f"weights{request.param}"
    if path.suffix == ".h5":
        write_h5(path, network(1).state_dict(), facts(CARD))
    else:
        write_weights(path, network(1), CARD)
    return path


def test_same_classes_take_everything(written: Path) -> None:
    weights = read_weights(written)
    assert weights.words["classes"] == ["person", "head"] and weights.words["network"] == "parts"
    ours = network(2)
    assert start_from(ours, weights, CARD.classes).fresh == ()
    given = network(1).state_dict()
    assert all(torch.equal(value, given[name]) for name, value in ours.state_dict().items())


@pytest.mark.parametrize("classes", [("person", "torso"), ("head", "person"), ("person", "head", "torso")])
def test_other_classes_leave_the_last_layers_as_they_are(written: Path, classes: tuple[str, ...]) -> None:
    ours, before = network(2, len(classes)), network(2, len(classes)).state_dict()
    assert start_from(ours, read_weights(written), classes).fresh == LAST
    given = network(1).state_dict()
    for name, value in ours.state_dict().items():
        assert torch.equal(value, before[name] if name.startswith(LAST) else given[name]), name


def test_a_file_that_does_not_say_its_classes_is_taken_by_shape(tmp_path: Path) -> None:
    torch.save(network(1).state_dict(), tmp_path / "a.pth")
    weights = read_weights(tmp_path / "a.pth")
    assert weights.words == {}
    assert start_from(network(2), weights, ["x", "y"]).fresh == ()
    assert start_from(network(2, 3), weights, ["x", "y", "z"]).fresh == LAST


def test_damaged_safetensors(tmp_path: Path) -> None:
    path = tmp_path / "weights.safetensors"
    write_weights(path, network(1), CARD)
    path.write_bytes(path.read_bytes()[:100_000])
    with pytest.raises(ModelError, match=r"weights\.safetensors is no whole \.safetensors file"):
        read_safetensors(path)
    with pytest.raises(ModelError, match="there is no file"):
        read_safetensors(tmp_path / "none.safetensors")
