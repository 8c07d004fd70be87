"""Segmenters that the registry names: fetched, converted once, found again, and how all of that fails."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="the export extra is not installed")
pytest.importorskip("onnx", reason="the export extra is not installed")

import torch

from spotter.cli.app import app, run
from spotter.errors import MissingExtraError, ModelChecksumError, ModelDownloadError, ModelError
from spotter.models import store as store_module
from spotter.models.card import ModelCard
from spotter.models.store import ModelStore
from spotter.segmenter import weights_folder
from spotter.segmenter.architecture import architecture
from spotter.segmenter.coco_classes import COCO_CLASSES
from spotter.segmenter.known_models import known_model
from spotter.segmenter.model_folder import load_network
from spotter.segmenter.network import build
from spotter.segmenter.open_model import open_model
from spotter.segmenter.predict import Segmenter
from spotter.segmenter.rcnn import MaskRcnn
from spotter.segmenter.torch_detector import TorchDetector

NAME = "tiny-coco"


def checkpoint(network: MaskRcnn) -> bytes:
    content = io.BytesIO()
    torch.save(network.state_dict(), content)
    return content.getvalue()


@pytest.fixture(scope="module")
def network() -> MaskRcnn:
    """A small network with COCO's classes that finds one of them everywhere."""
    torch.manual_seed(5)
    network = build(architecture("parts"), len(COCO_CLASSES)).eval()
    with torch.no_grad():
        network.roi_heads.box_predictor.cls_score.bias[1] += 6
    return network


@pytest.fixture
def card(server: Any, network: MaskRcnn, make_card: Callable[..., ModelCard]) -> ModelCard:
    server.content = checkpoint(network)
    return replace(make_card(f"{NAME}.pth", server.content, url=server.url), network="parts")


@pytest.fixture
def store(tmp_path: Path, card: ModelCard) -> ModelStore:
    return ModelStore(tmp_path, offline=False, registry={NAME: card})


def test_pulled_model_runs_and_finds_what_pytorch_finds(
    server: Any, card: ModelCard, tmp_path: Path, network: MaskRcnn, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """By the command, as a user does it; then again, when nothing is fetched or converted any more."""
    monkeypatch.setenv("SPOTTER_HOME", str(tmp_path))
    monkeypatch.delenv("SPOTTER_OFFLINE", raising=False)
    monkeypatch.setattr(store_module, "load_registry", lambda: {NAME: card})
    monkeypatch.setattr("spotter.segmenter.open_model.load_registry", lambda: {NAME: card})
    pull = ["models", "pull", NAME]
    assert run(lambda: app(pull, standalone_mode=False)) == 0
    folder = tmp_path / "models" / NAME
    told = capsys.readouterr()
    assert str(folder) in told.out and "100 % of" in told.err
    assert sorted(path.name for path in folder.iterdir()) == [
        "model.toml",
        "network.onnx",
        "weights.safetensors",
    ]

    server.asked.clear()
    monkeypatch.setattr(weights_folder, "make_folder", None)
    assert run(lambda: app(pull, standalone_mode=False)) == 0
    assert server.asked == []

    segmenter = open_model(NAME)
    assert isinstance(segmenter, Segmenter) and segmenter.classes == COCO_CLASSES
    picture = np.random.default_rng(1).integers(0, 256, (12, 9, 3), np.uint8).repeat(20, 0).repeat(20, 1)
    ours, wanted = (
        segmenter.detect(picture, 0.2),
        TorchDetector(network, COCO_CLASSES, segmenter.card.side).detect(picture, 0.2),
    )
    assert len(wanted) >= 3 and set(wanted.labels) == {1}
    rows = slice(0, 3)
    np.testing.assert_allclose(ours.scores[rows], wanted.scores[rows], atol=0.02)
    np.testing.assert_allclose(ours.boxes[rows], wanted.boxes[rows], atol=3)
    given = load_network(folder).state_dict()
    assert all(torch.equal(given[name], value) for name, value in network.state_dict().items())


def test_only_by_name(
    card: ModelCard, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody fetches 186 MB without having asked for them, and nobody misses them."""
    monkeypatch.setattr(store_module, "load_registry", lambda: {NAME: card})
    for command in ("pull", "verify"):
        assert run(lambda command=command: app(["models", command], standalone_mode=False)) == 0
    assert run(lambda: app(["models", "list"], standalone_mode=False)) == 0
    assert capsys.readouterr().out.startswith(f"{NAME}  missing")


def test_other_file_at_the_address(server: Any, store: ModelStore, tmp_path: Path) -> None:
    server.content = b"?" + server.content[1:]
    with pytest.raises(ModelChecksumError, match="expected SHA-256"):
        known_model(NAME, store)
    assert list(tmp_path.iterdir()) == []


def test_offline(tmp_path: Path, card: ModelCard) -> None:
    with pytest.raises(ModelDownloadError, match=rf"offline.*{NAME}\.pth"):
        known_model(NAME, ModelStore(tmp_path, offline=True, registry={NAME: card}))


def test_without_what_converts_it(store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> None:
        raise MissingExtraError("no onnx")

    monkeypatch.setattr(weights_folder, "write_onnx", missing)
    with pytest.raises(
        MissingExtraError, match=rf"spotter-coach\[export\]'; then: spotter models pull {NAME}"
    ):
        known_model(NAME, store)
    assert [path.name for path in tmp_path.iterdir()] == [f"{NAME}.pth"]  # fetched, and nothing half made


def test_broken_conversion_leaves_nothing(
    store: ModelStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(weights_folder, "save_network", stopped)
    monkeypatch.setattr(weights_folder, "write_onnx", lambda *_: None)
    with pytest.raises(KeyboardInterrupt):
        known_model(NAME, store)
    assert [path.name for path in tmp_path.iterdir()] == [f"{NAME}.pth"]


def test_weights_of_another_network(
    server: Any, tmp_path: Path, make_card: Callable[..., ModelCard], network: MaskRcnn
) -> None:
    state = {name: value for name, value in network.state_dict().items() if ".mask_head." not in name}
    for content, words in (
        (state, r"has not all of the network 'parts': there is no roi_heads\.mask_head"),
        (build(architecture("parts"), 2).state_dict(), "does not say what its classes are"),
        ({"a.b.weight": torch.zeros(1)}, "does not say"),
    ):
        saved = io.BytesIO()
        torch.save(content, saved)
        server.content = saved.getvalue()
        card = replace(make_card(f"{NAME}.pth", server.content, url=server.url), network="parts")
        with pytest.raises(ModelError, match=words):
            known_model(NAME, ModelStore(tmp_path, offline=False, registry={NAME: card}))
        (tmp_path / f"{NAME}.pth").unlink()
    assert not (tmp_path / NAME).exists()


def test_model_that_is_no_segmenter(store: ModelStore, card: ModelCard, tmp_path: Path) -> None:
    both = ModelStore(tmp_path, registry={NAME: card, "pose": replace(card, name="pose", network=None)})
    with pytest.raises(ModelError, match=f"pose is no segmenter; there are: {NAME}"):
        known_model("pose", both)
    with pytest.raises(ModelError, match="there is no model called 'nobody'"):
        known_model("nobody", both)
