"""Networks rebuilt in PyTorch give what OpenVINO gives, whatever they are made of, and can be trained."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from torch import nn

from spotter.errors import ModelError
from spotter.models.compose import Tap, pooled_features, with_head
from spotter.models.from_torch import convert
from spotter.models.graph import Graph, Node, read_graph
from spotter.models.runtime import ov
from spotter.models.store import ModelStore
from spotter.models.weights import save_network
from spotter.recognizer.layers import GraphNetwork, load_layers, to_openvino

CLASSES = 3


def openvino_outputs(model: Any, pixels: np.ndarray) -> dict[str, np.ndarray]:
    """By the name of the Result, in f32."""
    compiled = ov.Core().compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    values = list(compiled(pixels).values())
    return {
        result.get_friendly_name(): value for result, value in zip(model.get_results(), values, strict=True)
    }


def torch_outputs(model: Any, pixels: np.ndarray) -> dict[str, np.ndarray]:
    graph = read_graph(model)
    names = [node.name for node in graph.nodes if node.op == "Result"]
    with torch.no_grad():
        found = GraphNetwork(graph)(torch.from_numpy(pixels))
    tensors = found if isinstance(found, tuple) else (found,)
    return {name: tensor.numpy() for name, tensor in zip(names, tensors, strict=True)}


def assert_equal(model: Any, pixels: np.ndarray, allowed: float = 1e-4) -> None:
    """Within ``allowed`` of the largest number that comes out, which is 1 for probabilities."""
    wanted, got = openvino_outputs(model, pixels), torch_outputs(model, pixels)
    for name, values in wanted.items():
        assert got[name].shape == values.shape
        assert np.abs(got[name] - values).max() <= allowed * max(1.0, float(np.abs(values).max()))


def onboard_like(side: int = 64) -> Any:
    store = ModelStore()
    taps = [
        Tap(store.path("palm-detection-full"), (14, 19), 0.0, 1.0),
        Tap(store.path("pose-detection"), (25, 29), -1.0, 1.0),
    ]
    features = pooled_features(taps, side)
    width = features.output(0).partial_shape[1].get_length()
    rng = np.random.default_rng(0)
    weight = rng.normal(0, 0.1, (width, CLASSES)).astype(np.float32)
    return with_head(features, weight, rng.normal(0, 1, CLASSES).astype(np.float32), "single")


def pictures(count: int, side: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0, 255, (count, 3, side, side)).astype(np.float32)


@pytest.mark.parametrize("name", ["palm-detection-full", "pose-detection"])
def test_detectors_are_rebuilt_exactly(name: str) -> None:
    model = ov.Core().read_model(str(ModelStore().path(name)))
    side = model.input(0).shape[1]
    pixels = np.random.default_rng(1).uniform(0, 1, (1, side, side, 3)).astype(np.float32)
    assert_equal(model, pixels)


def test_a_recognizer_on_detectors_takes_any_batch_and_answers_the_same(tmp_path: Path) -> None:
    model = onboard_like()
    save_network(model, tmp_path)
    pixels = pictures(5, 64)
    with torch.no_grad():
        got = load_layers(tmp_path)(torch.from_numpy(pixels)).numpy()
    (wanted,) = openvino_outputs(model, pixels).values()
    assert got.shape == (5, CLASSES)
    assert np.abs(got - wanted).max() < 1e-4
    np.testing.assert_allclose(got.sum(1), 1, rtol=1e-5)


def test_only_what_computes_is_left_and_pixels_are_scaled_by_fixed_numbers() -> None:
    network = GraphNetwork(read_graph(onboard_like()))
    ops = [layer.op for layer in network.plan]
    assert not {"Transpose", "Convert", "Constant", "Unsqueeze", "Gather"} & set(ops)
    assert not any(layer.key.endswith("_order") for layer in network.plan)
    first = [layer.key for layer in network.plan if layer.op in ("Multiply", "Add")][:2]
    assert not any(list(network.layers[key].parameters()) for key in first)
    assert all("." in name and name.startswith("layers.") for name, _ in network.named_parameters())
    assert network.answer().op == "Softmax"


def test_gradients_reach_every_parameter() -> None:
    network = GraphNetwork(read_graph(onboard_like()))
    network.logits(torch.from_numpy(pictures(2, 64))).square().sum().backward()
    for name, parameter in network.named_parameters():
        assert parameter.grad is not None, name
        assert torch.isfinite(parameter.grad).all(), name
    moved = sum(bool(one.grad.abs().sum() > 0) for one in network.parameters() if one.grad is not None)
    assert moved > 0.95 * len(list(network.parameters()))


def test_blocks_are_counted_from_the_end_in_each_branch() -> None:
    network = GraphNetwork(read_graph(onboard_like()))
    blocks = network.blocks()
    depthwise = [layer.key for layer in network.plan if layer.op == "GroupConvolution"]
    assert blocks[network.answer().key] == blocks[network.answer().inputs[0]] == 0
    last = [key for key in depthwise if blocks[key] == 0]
    assert len(last) == 2  # one of the palm detector's, one of the pose detector's
    assert max(blocks.values()) >= 19
    for layer in network.plan:
        assert all(blocks.get(name, 99) >= blocks[layer.key] for name in layer.inputs)


def test_results_of_inner_layers_can_be_computed_and_computed_from() -> None:
    network = GraphNetwork(read_graph(onboard_like()))
    pixels = torch.from_numpy(pictures(2, 64))
    features = network.plan[-2].inputs[0]
    with torch.no_grad():
        (middle,) = network.evaluate({network.input: pixels}, [features])
        (answer,) = network.evaluate({features: middle}, network.outputs)
        assert torch.equal(answer, network(pixels))
    assert [layer.op for layer in network.needed([features], network.outputs)] == ["MatMul", "Softmax"]


def _mobile() -> nn.Module:
    """Everything that MobileNets are made of."""

    class Squeeze(nn.Module):
        def __init__(self, channels: int) -> None:
            super().__init__()
            self.less, self.more = nn.Conv2d(channels, 4, 1), nn.Conv2d(4, channels, 1)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            mean = x.mean((2, 3), keepdim=True)
            return x * nn.functional.hardsigmoid(self.more(torch.relu(self.less(mean))))

    return nn.Sequential(
        nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.Hardswish(),
        nn.Conv2d(8, 8, 3, 1, 1, groups=8, bias=False), nn.BatchNorm2d(8), nn.ReLU6(), Squeeze(8),
        nn.Conv2d(8, 16, 1), nn.SiLU(), nn.Conv2d(16, 16, 5, 2, 2, groups=16), nn.GELU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, CLASSES), nn.Softmax(1),
    )  # fmt: skip


def _plain() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(3, 8, 5, padding="same"), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(3), nn.Dropout(),
        nn.Conv2d(8, 8, 3, padding=1, dilation=1), nn.PReLU(8), nn.MaxPool2d(3, 2, 1), nn.AvgPool2d(2),
        nn.Flatten(), nn.Linear(8 * 2 * 2, 16), nn.ELU(), nn.Linear(16, CLASSES), nn.Sigmoid(),
    )  # fmt: skip


def _resizing() -> nn.Module:
    return nn.Sequential(
        nn.ZeroPad2d((0, 1, 0, 1)), nn.Conv2d(3, 4, 3, 2), nn.LeakyReLU(0.2),
        nn.Upsample(scale_factor=2, mode="bilinear"), nn.Conv2d(4, 6, 3, 3), nn.Tanh(),
        nn.Upsample(scale_factor=2), nn.AdaptiveMaxPool2d(1), nn.Flatten(),
        nn.Linear(6, CLASSES), nn.Softmax(1),
    )  # fmt: skip


@pytest.mark.parametrize("make", [_mobile, _plain, _resizing])
def test_networks_of_pytorch_come_back_from_openvino(make: Callable[[], nn.Module]) -> None:
    torch.manual_seed(0)
    module = make()
    for one in module.modules():  # as if it had been trained: batch norms that do something
        if isinstance(one, nn.BatchNorm2d):
            nn.init.uniform_(one.weight, 0.5, 2)
            nn.init.uniform_(one.bias, -1, 1)
            one.running_mean.uniform_(-1, 1)
            one.running_var.uniform_(0.5, 2)
    side = 27
    model = to_openvino(nn.Sequential(Scaled(), module), side)
    assert [output.any_name for output in (model.input(0), model.output(0))] == ["pixels", "probabilities"]
    pixels = pictures(3, side)
    assert_equal(model, pixels)
    with torch.no_grad():
        wanted = module(torch.from_numpy(pixels) / 255).numpy()
    assert np.abs(next(iter(torch_outputs(model, pixels).values())) - wanted).max() < 1e-4
    rebuilt = GraphNetwork(read_graph(model))
    again = to_openvino(rebuilt, side)
    assert_equal(again, pixels)
    assert np.abs(next(iter(openvino_outputs(again, pixels).values())) - wanted).max() < 1e-4


class Scaled(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * (1 / 255)


def test_what_was_converted_does_not_change_when_the_module_is_trained_on() -> None:
    module = nn.Sequential(nn.Flatten(), nn.Linear(12, CLASSES), nn.Sigmoid())
    pixels = pictures(1, 2)
    model = convert(module.eval(), torch.from_numpy(pixels))
    (before,) = openvino_outputs(model, pixels).values()
    with torch.no_grad():
        module[1].weight.fill_(1)
    (after,) = openvino_outputs(model, pixels).values()
    np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("way", ["trace", "export"])
def test_the_layers_can_be_traced_and_exported(way: str) -> None:
    network = GraphNetwork(read_graph(onboard_like())).eval()
    pixels = torch.from_numpy(pictures(1, 64))
    if way == "trace":
        taken: Any = torch.jit.trace(network, pixels)
    else:
        taken = torch.export.export(network, (pixels,)).module()
    with torch.no_grad():
        torch.testing.assert_close(taken(pixels), network(pixels))


def test_an_unknown_operation_is_named() -> None:
    nodes = (
        Node("pixels", "Parameter", (), shape=(None, 3)),
        Node("odd", "GridSample", (("pixels", 0),), shape=(None, 3)),
        Node("end", "Result", (("odd", 0),)),
    )
    with pytest.raises(ModelError, match=r"GridSample.*'odd'"):
        GraphNetwork(Graph(nodes))


def test_quantised_networks_are_dequantised(shared: Path) -> None:
    path = shared / "weights/google-coral_test_data/mobilenet_v1_1.0_224_quant_embedding_extractor.tflite"
    model = ov.Core().read_model(str(path))
    pixels = np.random.default_rng(2).integers(0, 255, (1, 224, 224, 3)).astype(np.uint8)
    (wanted,) = openvino_outputs(model, pixels).values()
    with torch.no_grad():
        got = GraphNetwork(read_graph(model))(torch.from_numpy(pixels).float()).numpy()
    assert np.corrcoef(wanted.ravel(), got.ravel())[0, 1] > 0.97  # 8-bit steps make the rest


@pytest.mark.skipif(find_spec("timm") is None, reason="timm is not installed")
@pytest.mark.parametrize("name", ["mobilenetv3_large_100", "mobilenetv4_conv_small", "efficientnet_lite0"])
def test_networks_of_timm_come_back_from_openvino(name: str) -> None:
    from spotter.recognizer.timm_models import import_timm

    module = import_timm().create_model(name, pretrained=False, num_classes=CLASSES).eval()
    pixels = pictures(2, 64) / 255
    model = convert(module, torch.from_numpy(pixels))
    assert_equal(model, pixels)
