"""Grad-CAM: which places of a picture spoke for a class (Selvaraju et al. 2017, arXiv:1610.02391)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.recognizer.layers import GraphNetwork, load_layers
from spotter.recognizer.predict import as_input
from spotter.recognizer.pytorch import torch


class GradCam:
    """Shows what a trained network looked at. Needs PyTorch (the extra ``train``).

    The last maps before the network gives up places (by a mean over the picture, or by flattening) are
    weighted by how much the class's logit grows with their mean, and what is positive of their sum is the
    heat map. Where several branches give up places separately, such as layers of two detectors, their heat
    maps are enlarged and added.

    Args:
        folder: the model's.

    Raises:
        MissingExtraError: if PyTorch is not installed.
        ModelError: if the model is damaged or cannot be rebuilt in PyTorch.
    """

    def __init__(self, folder: Path) -> None:
        self._network = load_layers(folder).eval()
        self._maps: tuple[str, ...] | None = None

    def heat(self, squares: NDArray[np.uint8], classes: Sequence[int]) -> NDArray[np.float32]:
        """Heat maps, each of one picture and class.

        Args:
            squares: RGB uint8 of shape (pictures, side, side, 3), the side as in the card.
            classes: for each picture, the number of the class that is asked about.

        Returns:
            An array (pictures, side, side), 0 to 1; a picture in which nothing speaks for the class is all 0.
        """
        pixels = torch.from_numpy(as_input(squares))
        if self._maps is None:
            self._maps = last_maps(self._network, pixels[:1])
        with torch.no_grad():
            found = self._network.evaluate({self._network.input: pixels}, self._maps)
        maps = [one.detach().requires_grad_() for one in found]
        known = dict(zip(self._maps, maps, strict=True))
        logits = self._network.evaluate(known, (self._network.answer().inputs[0],))[0]
        chosen = logits[torch.arange(len(squares)), torch.as_tensor(list(classes))].sum()
        slopes = torch.autograd.grad(chosen, maps)
        side = squares.shape[1]
        heat = sum(_cam(one, slope, side) for one, slope in zip(maps, slopes, strict=True))
        return _normalised(np.asarray(heat, np.float32))


def last_maps(network: GraphNetwork, pixels: torch.Tensor) -> tuple[str, ...]:
    """Names of the layers whose results are the last ones with places in them, one for each branch.

    Places are given up where maps (N, C, H, W) go into something that has none; but where what comes out
    only weighs channels of maps further on (squeeze and excitation), they live on.

    Args:
        network: as it is in the model's folder.
        pixels: any picture, float32 (1, 3, side, side).
    """
    names = [layer.key for layer in network.plan]
    with torch.no_grad():
        results = network.evaluate({network.input: pixels}, names)
    shapes = {name: tuple(result.shape) for name, result in zip(names, results, strict=True)}
    inputs = {layer.key: layer.inputs for layer in network.plan}
    lives_on = set[str]()  # layers after which maps with places still come
    for layer in reversed(network.plan):
        if _has_places(shapes[layer.key]) or layer.key in lives_on:
            lives_on.update(layer.inputs)
    ends = [
        name
        for layer in network.plan
        if not _has_places(shapes[layer.key]) and layer.key not in lives_on
        for name in layer.inputs
        if name in shapes and _has_places(shapes[name])
    ]
    return tuple(dict.fromkeys(_unturned(name, inputs, shapes) for name in ends))


def _has_places(shape: tuple[int, ...]) -> bool:
    return len(shape) == 4 and shape[2] * shape[3] > 1


def _unturned(name: str, inputs: dict[str, tuple[str, ...]], shapes: dict[str, tuple[int, ...]]) -> str:
    """The layer before one that only changes the order of axes, as is done before flattening."""
    while len(inputs[name]) == 1 and inputs[name][0] in shapes:
        before = inputs[name][0]
        turned = shapes[name] != shapes[before] and sorted(shapes[name]) == sorted(shapes[before])
        if not turned:
            break
        name = before
    return name


def _cam(maps: torch.Tensor, slopes: torch.Tensor, side: int) -> NDArray[np.float32]:
    """Heat (N, side, side) of maps (N, C, H, W): what the picture's areas add to the logit."""
    heat = torch.relu((slopes.mean(dim=(2, 3), keepdim=True) * maps).sum(dim=1)).detach().numpy()
    enlarged = [cv2.resize(one, (side, side), interpolation=cv2.INTER_CUBIC) for one in heat]
    # In a branch with more places each has less of the logit: they are compared by area, not by place.
    return np.stack(enlarged).astype(np.float32) * (maps.shape[2] * maps.shape[3])


def _normalised(heat: NDArray[np.float32]) -> NDArray[np.float32]:
    top = heat.max(axis=(1, 2), keepdims=True)
    return np.asarray(np.clip(heat, 0, None) / np.where(top > 0, top, 1), np.float32)
