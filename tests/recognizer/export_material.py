"""A small network with everything that exporting finds hard, trained to tell red, green and blue apart."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import torch
from torch import nn
from torch.nn import functional

from spotter.models.weights import save_network
from spotter.recognizer.card import Calibration, RecognizerCard, Task, write_card
from spotter.recognizer.dataset import Photo, PhotoSet
from spotter.recognizer.export_pictures import synthetic_squares
from spotter.recognizer.layers import to_openvino
from spotter.recognizer.predict import as_input

CLASSES = ("red", "green leaf", "blü")
SIDE = 48
IMAGENET = ((0.01712, 0.01751, 0.01743), (-2.118, -2.036, -1.804))
PLAIN = ((1 / 127.5,) * 3, (-1.0,) * 3)


class SmallNet(nn.Module):
    """Convolution, PReLU, depthwise, ReLU6, padding, pooling, hard swish and two branches."""

    def __init__(self, task: Task, normalisation: tuple[tuple[float, ...], tuple[float, ...]]) -> None:
        super().__init__()
        self.task = task
        scale, bias = (torch.tensor(part).view(1, 3, 1, 1) for part in normalisation)
        self.register_buffer("scale", scale)
        self.register_buffer("bias", bias)
        self.first = nn.Conv2d(3, 16, 3, 2, 1)
        self.slopes = nn.PReLU(16)
        self.depthwise = nn.Conv2d(16, 16, 3, 1, 1, groups=16)
        self.point = nn.Conv2d(16, 32, 1)
        self.wide = nn.Conv2d(16, 24, 3, 2)
        self.head = nn.Linear(56, len(CLASSES))
        with torch.no_grad():
            self.slopes.weight[:] = torch.linspace(-0.2, 0.6, 16)

    def features(self, pixels: torch.Tensor) -> torch.Tensor:
        x = self.slopes(self.first(pixels * self.scale + self.bias))
        left = functional.max_pool2d(functional.relu6(self.point(functional.relu(self.depthwise(x)))), 2)
        right = functional.hardswish(self.wide(functional.pad(x, (0, 1, 0, 1))))
        return torch.cat([left.mean((2, 3)), right.mean((2, 3))], 1)

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        logits = self.head(self.features(pixels)) / 1.3
        return torch.softmax(logits, 1) if self.task == "single" else torch.sigmoid(logits)


def squares(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Patterns with a tint, and which of three tints each has."""
    which = np.arange(count) % 3
    images = synthetic_squares(count, SIDE, seed).astype(np.float32) * 0.5
    images[np.arange(count), :, :, which] += 110
    return np.clip(images, 0, 255).astype(np.uint8), which


def write_model(folder: Path, task: Task = "single", normalisation: tuple = PLAIN, seed: int = 0) -> Path:
    """A model's folder with the small network, its head fitted by least squares."""
    torch.manual_seed(seed)
    network = SmallNet(task, normalisation).eval()
    images, which = squares(90, seed=1)
    with torch.no_grad():
        features = network.features(torch.from_numpy(as_input(images)))
        mean = features.mean(0)
        wanted = 8 * (functional.one_hot(torch.from_numpy(which), 3).float() - 0.5)
        spread = features - mean
        ridge = spread.T @ spread + 1e-3 * len(images) * torch.eye(features.shape[1])
        network.head.weight[:] = torch.linalg.solve(ridge, spread.T @ wanted).T
        network.head.bias[:] = wanted.mean(0) - network.head.weight @ mean
    save_network(to_openvino(network, SIDE), folder)
    calibration = Calibration(1.3, 0.4) if task == "single" else Calibration(1.3, 0.0, (0.4, 0.5, 0.6))
    write_card(
        folder,
        RecognizerCard(
            classes=CLASSES,
            task=task,
            backbone="small",
            strategy="scratch",
            side=SIDE,
            scale=tuple(normalisation[0]),
            bias=tuple(normalisation[1]),
            calibration=calibration,
            author="A. Möller",
            licence="CC0-1.0",
            versions={"spotter": "0.1.0"},
        ),
    )
    return folder


def write_photos(folder: Path, count: int = 48, *, multilabel: bool = False) -> PhotoSet:
    """Photos of the three classes, larger than the network's side and not square."""
    folder.mkdir(parents=True)
    photos = []
    for number, (image, which) in enumerate(zip(*squares(count, seed=2), strict=True)):
        path = folder / f"{number:03}.png"
        cv2.imwrite(str(path), cv2.resize(image, (72, 64))[:, :, ::-1])
        photos.append(Photo(path, (CLASSES[which],)))
    return PhotoSet(tuple(photos), CLASSES, multilabel)
