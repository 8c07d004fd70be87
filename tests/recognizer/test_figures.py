"""The second paper's networks: layer by layer as in its table, trained from scratch, saved as any model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from spotter.errors import UsageError
from spotter.models.session import Session
from spotter.models.weights import NETWORK_NAME, save_network
from spotter.recognizer.backbones import backbones
from spotter.recognizer.figures import FIGURES, Figure, figure, figure2, figure3, four_class, layer_table
from spotter.recognizer.finetune import PhotoExamples
from spotter.recognizer.head import Task, accuracy
from spotter.recognizer.layers import load_layers, to_openvino
from spotter.recognizer.loop import Learnt, LoopSettings
from spotter.recognizer.predict import as_input
from spotter.recognizer.scratch import ScratchSettings, train_from_scratch

FIGURE_3 = """
Conv2D 250 250 32
Batch Normalization 250 250 32
Activation 250 250 32
Conv2D 250 250 32
Batch Normalization 250 250 32
Activation 250 250 32
MaxPooling2D 83 83 32
Dropout 83 83 32
Conv2D 83 83 128
Batch Normalization 83 83 128
Activation 83 83 128
Conv2D 83 83 128
Batch Normalization 83 83 128
Activation 83 83 128
MaxPooling2D 27 27 128
Dropout 27 27 128
Flatten 93312
Dense 8
"""
FIGURE_2 = """
Conv2D 64 64 32
Batch Normalization 64 64 32
Activation 64 64 32
MaxPooling2D 12 12 32
Flatten 4608
Dense 8
"""
FOUR_CLASS = """
Conv2D 64 64 32
Activation 64 64 32
MaxPooling2D 32 32 32
Conv2D 32 32 64
Activation 32 32 64
MaxPooling2D 16 16 64
Flatten 16384
Dense 256
Activation 256
Dropout 256
Dense 4
"""


@pytest.mark.parametrize(
    ("make", "table"), [(figure3, FIGURE_3), (figure2, FIGURE_2), (four_class, FOUR_CLASS)]
)
def test_layers_are_those_of_the_paper_line_by_line(make: type, table: str) -> None:
    rows = [f"{row.kind} {' '.join(map(str, row.shape))}" for row in layer_table(make())]
    assert rows == table.split("\n")[1:-1]


def test_kernels_and_answers_are_those_of_the_text() -> None:
    small = figure2()
    assert small.layers.conv2d_1.weight.shape == (32, 3, 5, 5)
    assert small.layers.maxpooling2d_1.kernel_size == 5
    pixels = torch.full((2, 3, 64, 64), 90.0)
    with torch.no_grad():
        assert not torch.allclose(small.eval()(pixels).sum(1), torch.ones(2))  # sigmoids of their own
        torch.testing.assert_close(four_class().eval()(pixels).sum(1), torch.ones(2))  # a softmax


def test_each_figure_is_a_backbone_with_its_side() -> None:
    sides = {row.name: row.side for row in backbones() if row.source == "figure"}
    assert sides == {name: make(3, "multi", 0).side for name, make in FIGURES.items()}
    with pytest.raises(UsageError, match="figure2, figure3, four_class"):
        figure("figure9", 3, "multi")


@pytest.mark.parametrize("seed", [0, 1])
def test_a_seed_gives_the_same_weights_to_begin_with(seed: int) -> None:
    first, same, other = (
        next(figure("figure2", 3, "multi", one).parameters()) for one in (seed, seed, seed + 1)
    )
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


def spots(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Dark pictures with a red spot, a green bar, both or neither, and which of them are there."""
    rng = np.random.default_rng(seed)
    squares = rng.integers(0, 60, (count, 64, 64, 3)).astype(np.uint8)
    targets = rng.integers(0, 2, (count, 2)).astype(np.float32)
    for square, (spot, bar) in zip(squares, targets, strict=True):
        top, left = rng.integers(4, 40, 2)
        if spot:
            square[top : top + 18, left : left + 18, 0] = 220
        if bar:
            square[:, left : left + 6, 1] = 220
    return squares, targets


def trained(folder: Path, task: Task = "multi", backbone: str = "figure2", epochs: int = 5) -> Learnt[Figure]:
    squares, targets = spots(60, 0)
    held, held_targets = spots(40, 1)
    if task == "single":
        targets, held_targets = (
            np.stack([one[:, 0], 1 - one[:, 0]], 1).astype(np.float32) for one in (targets, held_targets)
        )
    loop = LoopSettings(task, epochs, 10, decay=0.0, patience=epochs, seed=3)
    settings = ScratchSettings(backbone, 3e-3, loop)
    return train_from_scratch(
        PhotoExamples(squares, targets), PhotoExamples(held, held_targets), settings, folder
    )


@pytest.mark.parametrize(("task", "backbone"), [("multi", "figure2"), ("single", "four_class")])
def test_it_learns_and_becomes_a_model_like_any_other(tmp_path: Path, task: Task, backbone: str) -> None:
    made = trained(tmp_path / "work", task, backbone)
    _, held_targets = spots(40, 1)
    if task == "single":
        held_targets = np.stack([held_targets[:, 0], 1 - held_targets[:, 0]], 1)
    assert made.steps[-1].train_loss < made.steps[0].train_loss
    assert accuracy(made.logits, held_targets.astype(np.float32), task) > 0.9
    save_network(to_openvino(made.network, made.network.side), tmp_path / "model")
    pixels = as_input(spots(4, 2)[0])
    with torch.no_grad():
        wanted = made.network(torch.from_numpy(pixels)).numpy()
        again = load_layers(tmp_path / "model")(torch.from_numpy(pixels)).numpy()
    (got,) = Session(tmp_path / "model" / NETWORK_NAME, precision="f32").run(pixels)
    np.testing.assert_allclose(got, wanted, atol=1e-4)
    np.testing.assert_allclose(again, wanted, atol=1e-4)


def test_the_same_seed_gives_the_same_model(tmp_path: Path) -> None:
    first, second = trained(tmp_path / "a", epochs=2), trained(tmp_path / "b", epochs=2)
    np.testing.assert_array_equal(first.logits, second.logits)
    assert first.steps == second.steps
