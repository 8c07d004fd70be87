"""Matterport's Mask R-CNN as Keras has it: shapes of its layers, random weights, and .h5 files of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Weights = dict[str, dict[str, NDArray[np.float32]]]
"""Arrays by layer and role, shaped as in Keras."""

RPN = ("rpn_conv_shared", "rpn_class_raw", "rpn_bbox_pred")
CALM = {"conv1": 0.01, "fpn_c2p2": 0.03, "fpn_c3p3": 0.03, "fpn_c4p4": 0.03, "fpn_c5p5": 0.03}
"""Layers whose kernels are made smaller: pixels are large, and so are sums over residual blocks."""

NORM = ("gamma", "beta", "moving_mean", "moving_variance")


def shapes(
    classes: int, blocks: tuple[int, ...], stem: int, pyramid: int, shared: int, hidden: int
) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    """Layer, role and shape of every array, in the order of Matterport's model.py."""

    def convolution(name: str, *shape: int) -> Iterator[tuple[str, str, tuple[int, ...]]]:
        yield name, "kernel", shape
        yield name, "bias", (shape[-1],)

    def norm(name: str, channels: int) -> Iterator[tuple[str, str, tuple[int, ...]]]:
        for role in NORM:
            yield name, role, (channels,)

    yield from convolution("conv1", 7, 7, 3, stem)
    yield from norm("bn_conv1", stem)
    last = stem
    for stage, count in enumerate(blocks, start=2):
        inner, outer = stem * 2 ** (stage - 2), stem * 2**stage
        for letter in "abcdefghijklmnopqrstuvw"[:count]:
            branches = {"2a": (1, 1, last, inner), "2b": (3, 3, inner, inner), "2c": (1, 1, inner, outer)}
            if letter == "a":
                branches["1"] = (1, 1, last, outer)
            for branch, shape in branches.items():
                yield from convolution(f"res{stage}{letter}_branch{branch}", *shape)
                yield from norm(f"bn{stage}{letter}_branch{branch}", shape[-1])
            last = outer
    for stage in (5, 4, 3, 2):
        yield from convolution(f"fpn_c{stage}p{stage}", 1, 1, stem * 2**stage, pyramid)
        yield from convolution(f"fpn_p{stage}", 3, 3, pyramid, pyramid)
    yield from convolution(RPN[0], 3, 3, pyramid, shared)
    yield from convolution(RPN[1], 1, 1, shared, 6)
    yield from convolution(RPN[2], 1, 1, shared, 12)
    yield from convolution("mrcnn_class_conv1", 7, 7, pyramid, hidden)
    yield from norm("mrcnn_class_bn1", hidden)
    yield from convolution("mrcnn_class_conv2", 1, 1, hidden, hidden)
    yield from norm("mrcnn_class_bn2", hidden)
    yield from convolution("mrcnn_class_logits", hidden, classes)
    yield from convolution("mrcnn_bbox_fc", hidden, classes * 4)
    for number in range(1, 5):
        yield from convolution(f"mrcnn_mask_conv{number}", 3, 3, pyramid, pyramid)
        yield from norm(f"mrcnn_mask_bn{number}", pyramid)
    yield "mrcnn_mask_deconv", "kernel", (2, 2, pyramid, pyramid)
    yield "mrcnn_mask_deconv", "bias", (pyramid,)
    yield from convolution("mrcnn_mask", 1, 1, pyramid, classes)


def random_weights(seed: int, *sizes: Any) -> Weights:
    """Weights that keep activations at about the same size from layer to layer."""
    rng = np.random.default_rng(seed)
    weights: Weights = {}
    for layer, role, shape in shapes(*sizes):
        if role == "kernel":
            taken = shape[3] if layer.endswith("deconv") else int(np.prod(shape[:-1]))
            value = rng.normal(0, CALM.get(layer, 1.0) * (2 / taken) ** 0.5, shape)
        elif role in ("gamma", "moving_variance"):
            value = rng.uniform(0.5, 1.5, shape)
        else:
            value = rng.normal(0, 0.2, shape)
        weights.setdefault(layer, {})[role] = value.astype(np.float32)
    return weights


def write_keras(path: Path, weights: Weights, whole_model: bool = False) -> None:
    """An .h5 file as Keras 2 writes it, by ``save_weights`` or by ``save``."""
    import h5py

    with h5py.File(path, "w") as file:
        root = file.create_group("model_weights") if whole_model else file
        groups: dict[str, Mapping[str, Any]] = {"input_image": {}, "fpn_p6": {}}  # these have no weights
        groups |= {layer: {layer: roles} for layer, roles in weights.items() if layer not in RPN}
        groups["rpn_model"] = {layer: weights[layer] for layer in RPN if layer in weights}
        root.attrs["layer_names"] = [name.encode() for name in groups]
        root.attrs["backend"], root.attrs["keras_version"] = b"tensorflow", b"2.0.8"
        for name, layers in groups.items():
            group = root.create_group(name)
            pairs = [
                (f"{layer}/{role}:0", value)
                for layer, roles in layers.items()
                for role, value in roles.items()
            ]
            group.attrs["weight_names"] = [weight.encode() for weight, _ in pairs]
            for weight, value in pairs:
                group.create_dataset(weight, data=value)
        if whole_model:
            file["optimizer_weights/training/SGD/kernel:0"] = np.zeros(3)
