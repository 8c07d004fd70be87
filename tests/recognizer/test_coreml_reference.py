"""The interpreter of Core ML programs: each operation against PyTorch, and files that were tampered with."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("coremltools")

import torch
from torch import nn
from torch.nn import functional as F

from spotter.errors import ExportError
from spotter.recognizer.card import read_card
from spotter.recognizer.coreml_reference import read_program
from spotter.recognizer.export_coreml import open_coreml, write_coreml
from spotter.recognizer.export_job import Job
from spotter.recognizer.export_pictures import Pictures
from spotter.recognizer.layers import load_layers
from spotter.recognizer.parity import check_file
from spotter.recognizer.predict import as_input
from spotter.recognizer.quiet import quiet
from tests.recognizer.export_material import squares, write_model

MAIN = "Data/com.apple.CoreML/model.mlmodel"
WEIGHTS = "Data/com.apple.CoreML/weights/weight.bin"


class Lambda(nn.Module):
    def __init__(self, function: Callable[[Any], Any]) -> None:
        super().__init__()
        self.function = function
        generator = torch.Generator().manual_seed(0)
        self.conv = nn.Conv2d(3, 8, 3, 2, 1, bias=False)
        self.norm = nn.LayerNorm(8)
        self.linear = nn.Linear(8, 5)
        self.grouped = nn.Conv2d(8, 4, (3, 2), (1, 2), (2, 0), (2, 1), groups=4)
        self.slopes = nn.PReLU(8)
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.copy_(0.5 * torch.randn(parameter.shape, generator=generator))

    def forward(self, x: Any) -> Any:
        return self.function(self, self.conv(x)).flatten(1)


OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "grouped, dilated, padded convolution": lambda m, x: m.grouped(x),
    "batch norm": lambda m, x: F.batch_norm(x, 0.1 * torch.arange(8.0), 1 + torch.arange(8.0)),
    "prelu": lambda m, x: m.slopes(x),
    "leaky relu": lambda m, x: F.leaky_relu(x, 0.1),
    "relu6": lambda m, x: F.relu6(10 * x),
    "clip": lambda m, x: torch.clamp(x, -0.3, 0.7),
    "elu": lambda m, x: F.elu(x, 0.7),
    "gelu": lambda m, x: F.gelu(x),
    "gelu by tanh": lambda m, x: F.gelu(x, approximate="tanh"),
    "hard swish": lambda m, x: F.hardswish(4 * x),
    "hard sigmoid": lambda m, x: F.hardsigmoid(4 * x),
    "swish": lambda m, x: F.silu(x),
    "softplus": lambda m, x: F.softplus(x),
    "tanh": lambda m, x: torch.tanh(x),
    "exp, log, square root": lambda m, x: torch.log(torch.sqrt(torch.exp(x)) + 2),
    "power, absolute, division": lambda m, x: (x.abs() + 1) ** 1.5 / (x**2 + 1),
    "maximum, minimum": lambda m, x: torch.maximum(x, -x) - torch.minimum(x, 2 * x),
    "max pooling, ceiling": lambda m, x: F.max_pool2d(x, 3, 2, 1, ceil_mode=True),
    "max pooling with stride": lambda m, x: F.max_pool2d(x, 2, 3),
    "average pooling": lambda m, x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=True),
    "average pooling, padding left out": lambda m, x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False),
    "average pooling, ceiling": lambda m, x: F.avg_pool2d(
        x, 3, 2, 0, ceil_mode=True, count_include_pad=False
    ),
    "global pooling": lambda m, x: F.adaptive_avg_pool2d(x, 1),
    "padding with a value": lambda m, x: F.pad(x, (1, 2, 3, 0), value=-1.5),
    "padding by reflection": lambda m, x: F.pad(x, (1, 2, 3, 0), mode="reflect"),
    "padding by repetition": lambda m, x: F.pad(x, (1, 2, 3, 0), mode="replicate"),
    "linear and softmax": lambda m, x: torch.softmax(m.linear(x.mean((2, 3))), 1),
    "matrix product": lambda m, x: torch.matmul(x.flatten(2), x.flatten(2).transpose(1, 2)),
    "layer norm": lambda m, x: m.norm(x.permute(0, 2, 3, 1)),
    "transpose, reshape": lambda m, x: x.permute(0, 3, 1, 2).reshape(1, 4, -1)[:, 1:3],
    "split and concatenate": lambda m, x: torch.cat(
        [part * (i + 1) for i, part in enumerate(x.split([3, 5], 1))], 1
    ),
    "slice with steps": lambda m, x: x[:, 1:7:2, :-2, 3],
    "squeeze, expand": lambda m, x: x.mean((2, 3), keepdim=True).squeeze(-1).unsqueeze(1),
    "sums and extremes": lambda m, x: torch.cat([x.sum((2, 3)), x.amax((2, 3)), x.amin((2, 3))], 1),
    "nearest upsampling": lambda m, x: F.interpolate(x, scale_factor=2, mode="nearest"),
    "bilinear upsampling": lambda m, x: F.interpolate(
        x, scale_factor=2, mode="bilinear", align_corners=False
    ),
    "bilinear, corners aligned": lambda m, x: F.interpolate(
        x, scale_factor=2, mode="bilinear", align_corners=True
    ),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_operations_compute_what_pytorch_does(tmp_path: Path, name: str) -> None:
    import coremltools

    network = Lambda(OPERATIONS[name]).eval()
    image = torch.from_numpy(np.random.default_rng(1).normal(0, 1, (1, 3, 16, 16)).astype(np.float32))
    with quiet(), torch.no_grad():
        wanted = network(image)
        coremltools.convert(
            torch.jit.trace(network, image),
            inputs=[coremltools.TensorType("image", shape=image.shape)],
            convert_to="mlprogram",
            compute_precision=coremltools.precision.FLOAT32,
            minimum_deployment_target=coremltools.target.iOS16,
            skip_model_load=True,
        ).save(str(tmp_path / "one.mlpackage"))
    got = read_program(tmp_path / "one.mlpackage").run(image.numpy())
    assert wanted.std() > 0.01
    np.testing.assert_allclose(got, wanted.numpy().reshape(1, -1), atol=2e-5)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("models") / "model")


@pytest.fixture(scope="module")
def packages(model: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("packages")
    nothing = np.empty((0, 1, 1, 3), np.uint8)
    paths: dict[Any, Path] = {name: folder / f"{name}.mlpackage" for name in ("f32", "f16", "int8")}
    for precision, path in paths.items():
        write_coreml(Job(model, read_card(model), precision, nothing), path)
    return paths


@pytest.fixture
def package(packages: dict[str, Path], tmp_path: Path) -> Path:
    """A copy that may be damaged."""
    return Path(shutil.copytree(packages["f32"], tmp_path / "copy.mlpackage"))


@pytest.mark.parametrize(
    ("precision", "least", "most"), [("f32", 0, 1e-6), ("f16", 1e-6, 5e-3), ("int8", 1e-5, 0.03)]
)
def test_saved_programs(
    model: Path, packages: dict[str, Path], precision: str, least: float, most: float
) -> None:
    images, _ = squares(12, seed=7)
    with torch.no_grad():
        wanted = load_layers(model)(torch.from_numpy(as_input(images))).numpy()
    off = np.abs(open_coreml(packages[precision])(images) - wanted).max()
    assert least <= off < most


def test_int8_weights_are_stored_small(packages: dict[str, Path]) -> None:
    sizes = {name: (path / WEIGHTS).stat().st_size for name, path in packages.items()}
    assert sizes["f16"] < 0.6 * sizes["f32"]
    assert sizes["int8"] < 0.8 * sizes["f16"]
    assert any(value.std() > 0 for value in _weights(packages["int8"]) if value.ndim == 4)


@pytest.mark.parametrize("where", [0.0, 0.5, 0.97])
def test_a_weight_changed_in_the_file_is_seen(model: Path, package: Path, where: float) -> None:
    """The check is of the file: the conversion was right, and what lies there is not."""
    images, _ = squares(9, seed=8)
    with torch.no_grad():
        wanted = load_layers(model)(torch.from_numpy(as_input(images))).numpy()
    pictures = Pictures(images[:0], images, None, "a test", True)
    arguments: Any = ("coreml", "f32", read_card(model), pictures, wanted)
    assert check_file(package, *arguments).failures == ()
    content = bytearray((package / WEIGHTS).read_bytes())
    numbers = _weight_places(package)
    place = numbers[int(where * len(numbers))]
    content[place : place + 4] = np.float32(9.0).tobytes()
    (package / WEIGHTS).write_bytes(bytes(content))
    assert check_file(package, *arguments).failures != ()


def test_an_unknown_operation_is_named(package: Path) -> None:
    def rename(model: Any) -> None:
        for operation in _operations(model):
            if operation.type == "relu":
                operation.type = "frobnicate"

    _change(package, rename)
    with pytest.raises(ExportError, match=r"copy.mlpackage has operations .*: frobnicate; run .* on a Mac"):
        read_program(package)


def test_an_attribute_changed_in_the_file_is_seen(package: Path, packages: dict[str, Path]) -> None:
    def narrow(model: Any) -> None:
        for operation in _operations(model):
            if operation.type == "relu6":
                operation.type = "relu"

    images = squares(6, seed=8)[0]
    images[:] = np.where(np.random.default_rng(0).random(images.shape) < 0.5, 0, 255)
    before = open_coreml(packages["f32"])(images)
    _change(package, narrow)
    steps = [step.type for step in read_program(package).steps]
    assert "relu6" not in steps and "relu" in steps
    assert open_coreml(package)(images).shape == before.shape


@pytest.mark.parametrize("part", ["Manifest.json", MAIN, WEIGHTS])
@pytest.mark.parametrize("harm", ["gone", "cut", "garbage"])
def test_damaged_packages(package: Path, part: str, harm: str) -> None:
    path = package / part
    content = path.read_bytes()
    path.unlink()
    if harm != "gone":
        path.write_bytes(content[: len(content) // 2] if harm == "cut" else b"\xff" * len(content))
    with pytest.raises(ExportError, match=r"copy\.mlpackage"):
        read_program(package)


def _model(package: Path) -> Any:
    from coremltools.proto import Model_pb2

    model = Model_pb2.Model()
    model.ParseFromString((package / MAIN).read_bytes())
    return model


def _operations(model: Any) -> Any:
    main = model.mlProgram.functions["main"]
    return main.block_specializations[main.opset].operations


def _change(package: Path, change: Callable[[Any], None]) -> None:
    model = _model(package)
    change(model)
    (package / MAIN).write_bytes(model.SerializeToString())


def _weight_places(package: Path) -> list[int]:
    """Where each number of the convolutions and of the fully connected layer lies in the weights' file."""
    content = (package / WEIGHTS).read_bytes()
    places = []
    for operation in _operations(_model(package)):
        value = operation.attributes["val"]
        if operation.type == "const" and value.WhichOneof("value") == "blobFileValue":
            offset = value.blobFileValue.offset
            size, start = np.frombuffer(content[offset + 8 : offset + 24], "<u8").tolist()
            places += list(range(start, start + size, 4))
    return places


def _weights(package: Path) -> list[Any]:
    return [value for value in read_program(package).constants.values() if isinstance(value, np.ndarray)]
