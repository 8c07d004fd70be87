"""Files of Matterport's Mask R-CNN: each array gets to its place, and what is wrong with a file is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch", reason="the train extra is not installed")
pytest.importorskip("h5py", reason="the train extra is not installed")

import h5py
import torch

from spotter.errors import ModelError, UsageError
from spotter.segmenter.coco_classes import COCO_CLASSES, COCO_USED
from spotter.segmenter.matterport import open_matterport
from spotter.segmenter.matterport_network import MatterportNetwork, Sizes
from spotter.segmenter.matterport_weights import read_matterport
from spotter.segmenter.weights_h5 import write_h5
from tests.segmenter.keras_files import Weights, random_weights, shapes, write_keras

TINY = (4, (2, 1, 2, 1), 2, 3, 3, 4)


@pytest.fixture
def weights() -> Weights:
    return random_weights(1, *TINY)


def complaint(path: Path, weights: Weights) -> str:
    """What is said of a file with these weights."""
    write_keras(path / "a.h5", weights)
    with pytest.raises(ModelError) as raised:
        read_matterport(path / "a.h5", Sizes(*TINY))
    assert "a.h5" in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize("whole_model", [False, True], ids=["save_weights", "save"])
def test_every_array_gets_to_its_place(tmp_path: Path, weights: Weights, whole_model: bool) -> None:
    write_keras(tmp_path / "a.h5", weights, whole_model)
    layers = read_matterport(tmp_path / "a.h5", Sizes(*TINY)).layers
    assert set(layers) == set(weights)
    for name, roles in weights.items():
        given = layers[name].state_dict()
        given.pop("num_batches_tracked", None)
        assert len(given) == len(roles)
        for role, value in roles.items():
            kernel = {"kernel": "weight", "gamma": "weight", "bias": "bias", "beta": "bias"}
            ours = given[
                kernel.get(role, role.replace("moving_variance", "moving_var").replace("moving", "running"))
            ]
            back = ours.permute(2, 3, 1, 0) if value.ndim == 4 else ours.T if value.ndim == 2 else ours
            np.testing.assert_array_equal(back.numpy(), value)


def test_names_and_shapes_are_those_of_the_real_file() -> None:
    """Of mask_rcnn_coco.h5: ResNet-101 and 81 classes, each layer as model.py makes it."""
    with torch.device("meta"):
        network = MatterportNetwork(Sizes())
    wanted = {(layer, role): shape for layer, role, shape in shapes(81, (3, 4, 23, 3), 64, 256, 512, 1024)}
    roles = {
        "gamma": "weight",
        "beta": "bias",
        "moving_mean": "running_mean",
        "moving_variance": "running_var",
    }
    roles |= {"kernel": "weight", "bias": "bias"}
    for (layer, role), shape in wanted.items():
        ours = tuple(network.layers[layer].state_dict()[roles[role]].shape)
        assert (ours[2], ours[3], ours[1], ours[0]) == shape if len(shape) == 4 else ours[::-1] == shape
    assert {layer for layer, _ in wanted} == set(network.layers)
    assert "res4w_branch2c" in network.layers and "res4x_branch2a" not in network.layers


@pytest.mark.parametrize(
    ("layer", "role"),
    [
        ("conv1", "bias"),
        ("bn4b_branch2b", "moving_variance"),
        ("fpn_c3p3", "kernel"),
        ("rpn_class_raw", "kernel"),
        ("mrcnn_mask_deconv", "bias"),
    ],
)
def test_missing_layer_is_named(tmp_path: Path, weights: Weights, layer: str, role: str) -> None:
    del weights[layer][role]
    assert f"has no {role} of layer {layer};" in complaint(tmp_path, weights)
    del weights[layer]
    assert f"of layer {layer};" in complaint(tmp_path, weights)


def test_other_shape_is_named_in_keras_order(tmp_path: Path, weights: Weights) -> None:
    weights["fpn_p4"]["kernel"] = np.zeros((3, 3, 3, 9), np.float32)
    said = complaint(tmp_path, weights)
    assert "fpn_p4" in said and "(3, 3, 3, 9), and (3, 3, 3, 3) is wanted" in said


def test_layer_too_many_is_named(tmp_path: Path, weights: Weights) -> None:
    weights["res3b_branch2a"] = {"kernel": np.zeros((1, 1, 4, 4), np.float32)}
    assert "has a kernel of layer res3b_branch2a, which" in complaint(tmp_path, weights)


def test_damaged_and_foreign_files(tmp_path: Path, weights: Weights) -> None:
    path = tmp_path / "b.h5"
    write_keras(path, weights)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match=r"b\.h5 is cut short"):
        open_matterport(path)
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(ModelError, match="no HDF5 file"):
        open_matterport(path)
    with pytest.raises(ModelError, match="there is no file"):
        open_matterport(tmp_path / "c.h5")
    write_h5(path, {"a.weight": torch.zeros(2)}, {})
    with pytest.raises(ModelError, match="has no layers of Keras"):
        open_matterport(path)
    write_keras(path, {"conv1": weights["conv1"]})
    with pytest.raises(ModelError, match=r"no layer mrcnn_class_logits: .*no heads"):
        open_matterport(path)


def write_zeros(path: Path, classes: int, blocks: tuple[int, ...]) -> None:
    """A file of the real size in which no array was written: it takes no room on disk."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = np.array(["conv1"], "S")
        for layer, role, shape in shapes(classes, blocks, 64, 256, 512, 1024):
            file.create_dataset(f"{layer}/{layer}/{role}:0", shape, np.float32)


def test_resnet_50_for_classes_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "own.h5"
    write_zeros(path, 3, (3, 4, 6, 3))
    model = open_matterport(path)
    assert model.classes == ("class 1", "class 2")
    with pytest.raises(UsageError, match="knows 2 classes, and 1 names were given"):
        open_matterport(path, ["squirrel"])


def test_resnet_101_is_known_by_its_depth(tmp_path: Path) -> None:
    path = tmp_path / "deep.h5"
    write_zeros(path, 81, (1, 1, 23, 1))  # not whole, so that nothing large is read
    with pytest.raises(ModelError, match="of layer res2b_branch2a"):
        open_matterport(path)


def test_names_of_coco() -> None:
    """Matterport counts COCO's 80 classes through, torchvision leaves COCO's gaps."""
    assert (len(COCO_CLASSES), len(COCO_USED)) == (90, 80)
    assert COCO_USED[0] == COCO_CLASSES[0] == "person"
    assert COCO_CLASSES[89] == COCO_USED[79] == "toothbrush"
    assert COCO_CLASSES[17] == "dog" and COCO_USED[16] == "dog"  # category 18; number 17 in Matterport's list


def test_names_of_coco_are_torchvisions() -> Any:
    from spotter.segmenter.torchvision_ops import import_torchvision

    import_torchvision()
    from torchvision.models.detection import MaskRCNN_ResNet50_FPN_V2_Weights as Theirs

    assert ["__background__", *COCO_CLASSES] == Theirs.COCO_V1.meta["categories"]
