"""Matterport's network in PyTorch: every layer and the whole of it are equal to a plain NumPy one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("h5py", reason="the train extra is not installed")

import torch
from torch import nn

from spotter.errors import UsageError
from spotter.segmenter.card import SegmenterCard
from spotter.segmenter.matterport import MatterportSegmenter, molded
from spotter.segmenter.matterport_boxes import Settings, anchor_boxes, crop_and_resize, pooled
from spotter.segmenter.matterport_network import MatterportNetwork, Sizes, same_padded
from spotter.segmenter.matterport_weights import in_our_order, read_matterport
from tests.segmenter import keras_reference as reference
from tests.segmenter.keras_files import random_weights, write_keras

BLOCKS = (2, 1, 2, 1)
TINY = (4, BLOCKS, 4, 6, 5, 30)  # classes, blocks, channels of stem, pyramid and RPN, width of the box head
ENDS = np.array([0, 0, 1, 1])
"""Added to the ends of boxes: Matterport counts to the last pixel that is inside, we to where it ends."""

CARD = SegmenterCard("matterport", ("a", "b", "c"), 64)
SMALL = Settings(48, 64, anchors=(8, 12, 20, 30, 60), proposals=40)
LARGE = Settings(400, 448, anchors=(32, 64, 128, 256, 512), candidates=3000, proposals=120)


def rng() -> np.random.Generator:
    return np.random.default_rng(7)


def layer_of(*shape: int) -> dict[str, Any]:
    return {"kernel": rng().normal(size=shape), "bias": np.zeros(shape[-1])}


def put(x: np.ndarray[Any, Any]) -> torch.Tensor:
    """Channels last in NumPy to a batch of one, channels first."""
    return torch.from_numpy(x.astype(np.float32)).permute(2, 0, 1)[None]


def taken(x: torch.Tensor) -> np.ndarray[Any, Any]:
    return x[0].permute(1, 2, 0).detach().numpy()


@pytest.mark.parametrize(
    ("kernel", "stride", "padding"), [(1, 1, 0), (1, 2, 0), (3, 1, 1), (7, 1, 0)], ids=str
)
@pytest.mark.parametrize("side", [8, 9])
def test_convolution_is_keras(kernel: int, stride: int, padding: int, side: int) -> None:
    layer = layer_of(kernel, kernel, 3, 5)
    x = rng().normal(size=(side, side + 1, 3))
    ours = nn.Conv2d(3, 5, kernel, stride, padding, bias=False)
    ours.weight.data = torch.from_numpy(in_our_order(layer["kernel"]))
    wanted = reference.convolution(x, layer, stride, "same" if padding else "valid")
    np.testing.assert_allclose(taken(ours(put(x))), wanted, atol=1e-5)


def test_convolution_by_hand() -> None:
    """A kernel that looks one to the right and up, on numbers that can be followed."""
    kernel = np.zeros((3, 3, 1, 1), np.float32)
    kernel[0, 2] = 1
    ours = nn.Conv2d(1, 1, 3, 1, 1, bias=False)
    ours.weight.data = torch.from_numpy(in_our_order(kernel))
    x = np.arange(9.0).reshape(3, 3, 1)
    assert taken(ours(put(x)))[:, :, 0].tolist() == [[0, 0, 0], [1, 2, 0], [4, 5, 0]]


@pytest.mark.parametrize("side", [6, 7])
def test_pooling_has_tensorflows_border(side: int) -> None:
    x = rng().normal(size=(side, side, 2)) - 5  # a border of zeros would be seen
    ours = nn.functional.max_pool2d(same_padded(put(x), 3, 2), 3, 2)
    np.testing.assert_allclose(taken(ours), reference.pooling(x), atol=1e-6)


def test_pooling_by_hand() -> None:
    x = np.arange(16.0).reshape(4, 4, 1)
    ours = nn.functional.max_pool2d(same_padded(put(x), 3, 2), 3, 2)
    assert taken(ours)[:, :, 0].tolist() == [[10, 11], [14, 15]]  # nothing is added at the top and left


def test_deconvolution_is_keras() -> None:
    kernel = rng().normal(size=(2, 2, 4, 3)).astype(np.float32)  # height, width, out, in
    ours = nn.ConvTranspose2d(3, 4, 2, 2, bias=False)
    ours.weight.data = torch.from_numpy(in_our_order(kernel))
    x = rng().normal(size=(3, 5, 3))
    wanted = reference.deconvolution(x, {"kernel": kernel, "bias": np.zeros(4)})
    np.testing.assert_allclose(taken(ours(put(x))), wanted, atol=1e-5)


def test_deconvolution_by_hand() -> None:
    kernel = np.array([[[[1]], [[2]]], [[[3]], [[4]]]], np.float32)
    ours = nn.ConvTranspose2d(1, 1, 2, 2, bias=False)
    ours.weight.data = torch.from_numpy(in_our_order(kernel))
    answer = taken(ours(put(np.array([[[1.0], [10.0]]]))))[:, :, 0]
    assert answer.tolist() == [[1, 2, 10, 20], [3, 4, 30, 40]]


def test_dense_is_keras() -> None:
    layer = layer_of(4, 3)
    ours = nn.Linear(4, 3, bias=False)
    ours.weight.data = torch.from_numpy(in_our_order(layer["kernel"]))
    x = rng().normal(size=4)
    np.testing.assert_allclose(
        ours(torch.from_numpy(x).float()).detach(), reference.dense(x, layer), atol=1e-6
    )


def test_norm_by_hand(tmp_path: Path) -> None:
    """Variance 0.003 and Keras' epsilon 0.001 make a deviation that no other epsilon makes."""
    weights = random_weights(1, *TINY)
    for role, value in {"gamma": 2.0, "beta": 1.0, "moving_mean": 3.0, "moving_variance": 0.003}.items():
        weights["bn_conv1"][role][:] = value
    write_keras(tmp_path / "a.h5", weights)
    ours = read_matterport(tmp_path / "a.h5", Sizes(*TINY)).layers["bn_conv1"]
    answer = ours(torch.full((1, 4, 1, 1), 3.1))
    np.testing.assert_allclose(answer.detach().ravel(), 1 + 2 * 0.1 / 0.004**0.5, rtol=1e-5)


BOXES = [
    [0, 0, 1, 1],
    [0.2, 0.1, 0.7, 0.9],
    [0.5, 0.5, 0.5, 0.5],
    [0.9, 0.3, 0.95, 1.0],
    [-0.3, -0.2, 0.4, 1.3],  # partly outside
    [0.8, 0.9, 0.2, 0.1],  # upside down
]


@pytest.mark.parametrize("cells", [2, 7, 14])
def test_crop_and_resize_is_tensorflows(cells: int) -> None:
    x = rng().normal(size=(9, 6, 3))
    boxes = np.array(BOXES)
    ours = crop_and_resize(put(x), torch.from_numpy(boxes).float(), cells)
    for row, box in enumerate(boxes):
        wanted = reference.crop_and_resize(x, box, cells)
        np.testing.assert_allclose(ours[row].permute(1, 2, 0), wanted, atol=1e-5)


def test_crop_and_resize_by_hand() -> None:
    x = np.arange(12.0).reshape(3, 4, 1)
    boxes = torch.tensor([[0.5, 0.0, 1.0, 1 / 3], [0.25, 0.5, 0.75, 0.5], [-0.5, 0.0, 0.5, 1.0]])
    answer = crop_and_resize(put(x), boxes, 2)[:, 0]
    np.testing.assert_allclose(
        answer, [[[4, 5], [8, 9]], [[3.5, 3.5], [7.5, 7.5]], [[0, 0], [4, 7]]], atol=1e-5
    )


def test_anchors_by_hand() -> None:
    """The first place of a map of stride 4: sides 32, the middle at 0, wide, square and tall."""
    boxes = anchor_boxes([(256, 256), (16, 16)], 1024, [32, 512]).numpy() * 1023
    assert len(boxes) == 3 * (256**2 + 16**2)
    root = 2**0.5
    wanted = [[-16 * root, -8 * root, 16 * root, 8 * root], [-16] * 2 + [16] * 2]
    np.testing.assert_allclose(boxes[:2] + ENDS, wanted, atol=1e-3)
    last = boxes[-2] + ENDS
    np.testing.assert_allclose(last, [960 - 256, 960 - 256, 960 + 256, 960 + 256], atol=1e-3)


def test_features_come_from_the_map_that_suits_a_box() -> None:
    """224 pixels of 1024 are of stride 16; twice as many are of stride 32, half as many of 8."""
    maps = [torch.full((1, 1, 1024 // stride, 1024 // stride), float(stride)) for stride in (4, 8, 16, 32)]
    sides = [0, 20, 56, 78, 81, 112, 224, 310, 325, 448, 1024]
    boxes = torch.tensor([[0.0, 0.0, side / 1024, side / 1024] for side in sides])
    strides = pooled(maps, boxes, 1024, 7)[:, 0, 3, 3].tolist()
    assert strides == [4, 4, 4, 4, 8, 8, 16, 16, 32, 32, 32]


@pytest.mark.parametrize(
    ("settings", "height", "width", "seed"),
    [(SMALL, 64, 64, 2), (SMALL, 40, 64, 3), (SMALL, 100, 70, 5), (SMALL, 20, 30, 9), (LARGE, 300, 448, 9)],
)
def test_whole_network_is_the_reference(
    tmp_path: Path, settings: Settings, height: int, width: int, seed: int
) -> None:
    weights = random_weights(seed, *TINY)
    weights["mrcnn_class_logits"]["kernel"] *= 2  # so that more than one class is found
    write_keras(tmp_path / "tiny.h5", weights, whole_model=seed == 2)
    patches = np.random.default_rng(seed).integers(0, 256, (5, 5, 3), np.uint8)
    image = patches.repeat(-(-height // 5), 0).repeat(-(-width // 5), 1)[:height, :width]
    network = read_matterport(tmp_path / "tiny.h5", Sizes(*TINY))
    ours = MatterportSegmenter(network, CARD, settings, torch.device("cpu")).detect(image, 0.05)

    square, (top, left), size = molded(image, settings)
    window = np.array([top, left, top + size[0] - 1, left + size[1] - 1]) / (len(square) - 1)
    wanted = reference.detect(
        square + reference.MEAN,
        window,
        weights,
        BLOCKS,
        settings.anchors,
        settings.candidates,
        settings.proposals,
    )
    labels, scores, masks = (np.array([one[place] for one in wanted]) for place in (1, 2, 3))
    assert len(wanted) >= 5 and len(set(labels)) > 1
    assert ours.labels.tolist() == labels.tolist()
    np.testing.assert_allclose(ours.scores, scores, atol=1e-4)
    np.testing.assert_allclose(ours.masks, masks, atol=1e-3)
    inside = np.array([one[0] for one in wanted]) - window[[0, 1, 0, 1]]
    pixels = inside / (window[2:] - window[:2])[[0, 1, 0, 1]] * np.array([height - 1, width - 1] * 2)
    np.testing.assert_allclose(ours.boxes, (pixels + ENDS)[:, [1, 0, 3, 2]], atol=0.02)
    assert (ours.boxes >= 0).all() and (ours.boxes <= [width, height, width, height]).all()


def test_nothing_found_is_no_error(tmp_path: Path) -> None:
    weights = random_weights(1, *TINY)
    weights["mrcnn_class_logits"]["bias"][0] += 1000
    write_keras(tmp_path / "tiny.h5", weights)
    network = read_matterport(tmp_path / "tiny.h5", Sizes(*TINY))
    found = MatterportSegmenter(network, CARD, SMALL).detect(np.zeros((1, 90, 3), np.uint8))
    assert len(found) == 0 and found.masks.shape == (0, 28, 28) and found.boxes.shape == (0, 4)
    assert list(found.full_masks()) == []


def test_picture_is_laid_out_as_matterport_does() -> None:
    """800 by 1200 is shrunk to 1024, 600 by 700 enlarged to 800; around it is black, less the mean."""
    usual = Settings()
    square, corner, size = molded(np.full((800, 1200, 3), 255, np.uint8), usual)
    assert (corner, size) == ((170, 0), (683, 1024))
    np.testing.assert_allclose(square[0, 0], [-123.7, -116.8, -103.9])
    np.testing.assert_allclose(square[500, 500], [131.3, 138.2, 151.1], rtol=1e-6)
    assert molded(np.zeros((600, 700, 3), np.uint8), usual)[1:] == ((112, 45), (800, 933))
    assert molded(np.zeros((900, 1000, 3), np.uint8), usual)[1:] == ((62, 12), (900, 1000))
    with pytest.raises(UsageError, match="multiple of 64"):
        Settings(800, 1000)


def test_size_is_matterports() -> None:
    """Its own summary of the network for COCO: 64,158,584 parameters, in 394 layers of Keras."""
    tensors = MatterportNetwork(Sizes()).state_dict()
    assert sum(value.numel() for name, value in tensors.items() if "num_batches" not in name) == 64_158_584
