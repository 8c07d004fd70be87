"""Backbones: the table, networks of timm without a network, and networks in files."""

from __future__ import annotations

import time
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from spotter.errors import ModelDownloadError, ModelError, UsageError
from spotter.models.graph import read_graph
from spotter.models.runtime import ov
from spotter.models.weights import NETWORK_NAME
from spotter.recognizer.backbones import backbones, features_network, find_backbone

needs_timm = pytest.mark.skipif(find_spec("timm") is None, reason="timm is not installed")

MOBILENET = "weights/google-coral_test_data/mobilenet_v1_0.25_128_quant.tflite"


def features_of(network: object, pixels: np.ndarray) -> np.ndarray:
    compiled = ov.Core().compile_model(network, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return np.asarray(compiled(pixels)[0])


def pictures(count: int, side: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (count, 3, side, side)).astype(np.float32)


def test_each_row_says_what_it_is() -> None:
    rows = backbones()
    assert rows[0].name == "onboard"
    assert {"mobilenet_v1", "mobilenet_v2", "mobilenet_v3_large", "mobilenet_v4_conv_small"} < {
        row.name for row in rows
    }
    for row in rows:
        assert find_backbone(row.name) == row
        assert row.side >= 64 and row.licence and row.about
        assert bool(row.id) == (row.source == "timm")


@pytest.mark.parametrize(
    ("name", "said"),
    [("mobilenet_v", "did you mean"), ("xyz", "there are: onboard"), ("", "there are: onboard")],
)
def test_an_unknown_name_is_answered_with_those_that_there_are(name: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        find_backbone(name)


def test_the_onboard_features_need_no_pytorch() -> None:
    found = features_network("onboard")
    assert features_of(found.network, pictures(2, found.side)).shape[0] == 2
    assert features_network("onboard").fingerprint == found.fingerprint


def test_networks_that_are_trained_from_scratch_have_no_features() -> None:
    with pytest.raises(UsageError, match="from scratch"):
        features_network("figure3")


@needs_timm
def test_missing_weights_are_an_error_at_once_and_never_random(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPOTTER_OFFLINE", "1")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    began = time.perf_counter()
    with pytest.raises(ModelDownloadError, match=r"mobilenetv3_large_100.*on board"):
        features_network("mobilenet_v3_large", cache=tmp_path / "kept")
    assert time.perf_counter() - began < 20
    assert not (tmp_path / "kept").exists()


@needs_timm
def test_a_name_that_timm_does_not_know() -> None:
    with pytest.raises(UsageError, match="no network called 'mobilenet_nonsense'"):
        features_network("timm:mobilenet_nonsense")


@needs_timm
def test_random_weights_come_only_when_asked_for_and_are_seeded() -> None:
    pixels = pictures(1, 224)
    first, same, other = (
        features_of(features_network("mobilenet_v1", random_weights=True, seed=seed).network, pixels)
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, same)
    assert np.abs(first - other).max() > 0


@needs_timm
def test_fetched_networks_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    from spotter.recognizer import timm_models

    timm = timm_models.import_timm()
    torch.manual_seed(3)
    weights = tmp_path / "model.pth"  # as if the hub had given it
    torch.save(timm.create_model("mobilenetv1_100").state_dict(), weights)
    monkeypatch.setattr(timm_models, "_weights", lambda *_: weights)
    fetched = features_network("mobilenet_v1", cache=tmp_path)
    monkeypatch.setattr(timm_models, "timm_features", None)  # must not be asked again
    kept = features_network("mobilenet_v1", cache=tmp_path)
    pixels = pictures(2, 224)
    assert (kept.side, kept.scale, kept.bias) == (fetched.side, fetched.scale, fetched.bias)
    np.testing.assert_allclose(
        features_of(kept.network, pixels), features_of(fetched.network, pixels), atol=1e-6
    )
    assert next(tmp_path.glob(f"*/{NETWORK_NAME}")).is_file()


def test_a_quantised_file_is_dequantised_and_close_to_itself(shared: Path) -> None:
    path = shared / "weights/google-coral_test_data/mobilenet_v1_1.0_224_quant_embedding_extractor.tflite"
    found = features_network(str(path))
    assert found.side == 224
    np.testing.assert_allclose(found.scale, 1 / 128, rtol=0.02)
    pixels = pictures(2, 224)
    got = features_of(found.network, pixels)
    quantised = ov.Core().compile_model(str(path), "CPU")
    for row, picture in zip(got, pixels, strict=True):
        wanted = quantised(picture.transpose(1, 2, 0)[None].astype(np.uint8))[0].ravel()
        assert np.corrcoef(wanted, row)[0, 1] > 0.995
    assert "FakeQuantize" not in {node.op for node in read_graph(found.network).nodes}


def test_a_file_becomes_pytorch_layers_that_agree(shared: Path) -> None:
    torch = pytest.importorskip("torch")
    from spotter.recognizer.layers import GraphNetwork

    found = features_network(str(shared / MOBILENET))
    pixels = pictures(2, found.side)
    with torch.no_grad():
        got = GraphNetwork(read_graph(found.network))(torch.from_numpy(pixels)).numpy()
    np.testing.assert_allclose(got, features_of(found.network, pixels), atol=1e-4)


def test_an_onnx_file_is_a_backbone_too(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    pytest.importorskip("onnx")
    nn = torch.nn
    body = nn.Sequential(nn.Conv2d(3, 6, 3, 2), nn.ReLU(), nn.Conv2d(6, 7, 3), nn.ReLU())
    module = nn.Sequential(body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(7, 4))
    path = tmp_path / "own network.onnx"
    torch.onnx.export(module, torch.zeros(1, 3, 32, 32), str(path), dynamo=False)
    pixels = pictures(2, 32)
    got = features_of(features_network(str(path)).network, pixels)
    mean, deviation = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    normal = (torch.from_numpy(pixels) / 255 - mean[:, None, None]) / deviation[:, None, None]
    with torch.no_grad():
        np.testing.assert_allclose(got, body(normal).mean((2, 3)).numpy(), atol=1e-4)


@pytest.mark.parametrize("content", [None, b"", b"not a network"])
def test_files_that_are_no_networks(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "broken.tflite"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ModelError, match=r"broken\.tflite"):
        features_network(str(path))
