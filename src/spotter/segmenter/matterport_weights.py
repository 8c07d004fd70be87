"""Reads the .h5 files that Keras wrote for Matterport's Mask R-CNN."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from spotter.errors import ModelError
from spotter.recognizer.pytorch import torch
from spotter.segmenter.matterport_network import MatterportNetwork, Sizes
from spotter.segmenter.weights_h5 import is_keras, opened

Arrays = dict[tuple[str, str], NDArray[Any]]
"""Arrays of a file, by layer and role: ``("conv1", "kernel")``."""

_ROLES: Final = {
    "kernel": "weight",
    "bias": "bias",
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}
"""What Keras and PyTorch call the tensors of a layer."""

_RESNET50 = (3, 4, 6, 3)
_DEEPER = "res4g_branch2a"  # ResNet-101 has it, ResNet-50 has not
_NESTED = "rpn_model"  # the one group that is a network and not a layer
_COUNTER = "num_batches_tracked"  # of batch normalisation: PyTorch has it, Keras has not
_CLASSES = ("mrcnn_class_logits", "bias")


def read_matterport(path: Path, sizes: Sizes | None = None) -> MatterportNetwork:
    """The network that a file has the weights of, ready to find things.

    Args:
        path: an .h5 file: ``mask_rcnn_coco.h5`` of Matterport's releases, or one that its or PixelLib's
            training wrote, with ``save_weights`` or ``save``.
        sizes: how large it is; if None, ResNet-50 or ResNet-101 and the classes that the file has.

    Raises:
        ModelError: if the file is damaged or something else, or a layer is missing or of another shape; the
            message names it.
        MissingExtraError: if h5py is not installed.
    """
    arrays = _arrays(path)
    with torch.device("meta"):  # without weights: they come from the file
        network = MatterportNetwork(sizes or _sizes(path, arrays))
    wanted = network.state_dict()
    state = {name: torch.zeros((), dtype=torch.long) for name in wanted if name.endswith(_COUNTER)}
    for (layer, role), array in arrays.items():
        name = f"layers.{layer}.{_ROLES[role]}"
        if name not in wanted:
            raise ModelError(
                f"{path} has a {role} of layer {layer}, which Matterport's network of this size has not"
            )
        state[name] = torch.from_numpy(in_our_order(array))
        if state[name].shape != wanted[name].shape:
            shape = in_keras_order(tuple(wanted[name].shape))
            raise ModelError(
                f"{layer} in {path} has a {role} of shape {array.shape}, and {shape} is wanted: "
                "it is of a network that was changed, or of another one"
            )
    _complain_of_missing(path, network, arrays)
    network.load_state_dict(state, assign=True)
    return network


def in_our_order(array: NDArray[Any]) -> NDArray[np.float32]:
    """A kernel of Keras with its axes as PyTorch has them; vectors as they are.

    Convolutions are (height, width, in, out) there and (out, in, height, width) here, transposed ones
    (height, width, out, in) and (in, out, height, width), dense layers (in, out) and (out, in).

    >>> in_our_order(np.zeros((7, 5, 3, 64))).shape, in_our_order(np.zeros((4, 2))).shape
    ((64, 3, 7, 5), (2, 4))
    """
    turned = array.transpose(3, 2, 0, 1) if array.ndim == 4 else array.T
    return np.ascontiguousarray(turned, np.float32)


def in_keras_order(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape that a tensor of ours has in Keras.

    >>> in_keras_order((64, 3, 7, 5))
    (7, 5, 3, 64)
    """
    return (shape[2], shape[3], shape[1], shape[0]) if len(shape) == 4 else shape[::-1]


def _arrays(path: Path) -> Arrays:
    """All arrays of a file."""
    import h5py

    arrays: Arrays = {}

    def visit(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            first, *inner, leaf = name.split("/")
            layer = inner[0] if first == _NESTED and inner else first
            role = leaf.partition(":")[0]
            if role in _ROLES:
                arrays[layer, role] = _values(path, layer, item)

    with opened(path) as file:
        if not is_keras(file):
            raise ModelError(
                f"{path} has no layers of Keras; give a file that Matterport's Mask R-CNN wrote, "
                "or the folder of a model of Spotter"
            )
        file.get("model_weights", file).visititems(visit)
    return arrays


def _values(path: Path, layer: str, item: Any) -> NDArray[Any]:
    try:
        return np.asarray(item[()])
    except OSError as error:
        raise ModelError(f"{path} is damaged in layer {layer} ({error}); get it again") from error


def _sizes(path: Path, arrays: Arrays) -> Sizes:
    if _CLASSES not in arrays:
        raise ModelError(
            f"{path} has no layer {_CLASSES[0]}: it is no Mask R-CNN of Matterport, or it has no heads"
        )
    classes = len(arrays[_CLASSES])
    deeper = any(layer >= _DEEPER for layer, _ in arrays if layer.startswith("res4"))
    return Sizes(classes) if deeper else Sizes(classes, _RESNET50)


def _complain_of_missing(path: Path, network: MatterportNetwork, arrays: Arrays) -> None:
    for layer, module in network.layers.items():
        normalises = isinstance(module, torch.nn.BatchNorm2d)
        for role in ("gamma", "beta", "moving_mean", "moving_variance") if normalises else ("kernel", "bias"):
            if (layer, role) not in arrays:
                raise ModelError(f"{path} has no {role} of layer {layer}; get the whole file again")
