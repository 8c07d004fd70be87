"""Networks made of detectors' inner layers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from spotter.errors import ModelError
from spotter.models.compose import Tap, pooled_features, with_head, with_temperature
from spotter.models.graph import read_graph
from spotter.models.session import Session
from spotter.models.store import ModelStore
from spotter.models.weights import NETWORK_NAME, read_network, save_network

SIDE = 64


def tap(layers: tuple[int, ...] = (10,), low: float = 0.0) -> Tap:
    return Tap(ModelStore().path("face-detection-short-range"), layers, low, 1.0)


def run(model: object, folder: Path, pixels: np.ndarray) -> np.ndarray:
    save_network(model, folder)
    return Session(folder / NETWORK_NAME, precision="f32").run(pixels)[0]


@pytest.fixture
def pixels() -> np.ndarray:
    return np.random.default_rng(0).uniform(0, 255, (3, 3, SIDE, SIDE)).astype(np.float32)


def test_each_tap_gives_its_means_side_by_side(tmp_path: Path, pixels: np.ndarray) -> None:
    one = run(pooled_features([tap((6,))], SIDE), tmp_path / "1", pixels)
    other = run(pooled_features([tap((9, 12))], SIDE), tmp_path / "2", pixels)
    both = run(pooled_features([tap((6,)), tap((9, 12))], SIDE), tmp_path / "3", pixels)
    assert one.shape[0] == 3 and one.std() > 0
    np.testing.assert_allclose(both, np.concatenate([one, other], 1), rtol=1e-4, atol=1e-4)


def test_pixels_reach_the_model_in_the_range_that_it_wants(tmp_path: Path, pixels: np.ndarray) -> None:
    from_zero = run(pooled_features([tap()], SIDE), tmp_path / "1", pixels)
    from_minus_one = run(pooled_features([tap(low=-1.0)], SIDE), tmp_path / "2", pixels / 2 + 127.5)
    np.testing.assert_allclose(from_zero, from_minus_one, rtol=1e-3, atol=1e-3)


def test_a_batch_gives_what_its_pictures_give_alone(tmp_path: Path, pixels: np.ndarray) -> None:
    model = pooled_features([tap()], SIDE)
    together = run(model, tmp_path, pixels)
    session = Session(tmp_path / NETWORK_NAME, precision="f32")
    alone = np.concatenate([session.run(one[None])[0] for one in pixels])
    np.testing.assert_allclose(together, alone, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("task", ["single", "multi"])
def test_the_head_is_what_its_numbers_say(tmp_path: Path, pixels: np.ndarray, task: str) -> None:
    features = run(pooled_features([tap()], SIDE), tmp_path / "features", pixels)
    rng = np.random.default_rng(1)
    weight = rng.normal(0, 0.1, (features.shape[1], 4)).astype(np.float32)
    bias = rng.normal(0, 1, 4).astype(np.float32)
    network = with_head(pooled_features([tap()], SIDE), weight, bias, task)  # type: ignore[arg-type]
    got = run(with_temperature(network, 2.0), tmp_path / "network", pixels)
    logits = (features @ weight + bias) / 2
    wanted = 1 / (1 + np.exp(-logits))
    if task == "single":
        wanted = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    np.testing.assert_allclose(got, wanted, atol=1e-5)


def test_a_network_without_softmax_has_no_temperature() -> None:
    with pytest.raises(ModelError, match="softmax or sigmoid is wanted"):
        with_temperature(pooled_features([tap()], SIDE), 2.0)


def test_a_layer_that_is_not_there_is_said() -> None:
    with pytest.raises(ModelError, match="has 17 activations, and number 99 is wanted"):
        pooled_features([tap((99,))], SIDE)


def test_the_graph_is_the_network(tmp_path: Path) -> None:
    save_network(pooled_features([tap()], SIDE), tmp_path)
    nodes = read_graph(read_network(tmp_path / NETWORK_NAME)).nodes
    known: set[str] = set()
    for node in nodes:
        assert {name for name, _ in node.inputs} <= known, "what goes in comes before"
        known.add(node.name)
        assert (node.value is not None) == (node.op == "Constant")
    convolutions = [node for node in nodes if node.op == "Convolution"]
    assert convolutions and all(len(node.attributes["strides"]) == 2 for node in convolutions)
    assert nodes[-1].op == "Result" and {node.op for node in nodes} >= {"Parameter", "Relu", "ReduceMean"}
