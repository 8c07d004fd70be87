"""Fine-tuning: what is trained, how it goes on after a stop, and that it is of use."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("safetensors")

import torch
from torch import nn

from spotter.errors import ModelError, OutputError
from spotter.models.compose import with_head
from spotter.models.from_torch import convert
from spotter.models.graph import Graph, Node, read_graph
from spotter.recognizer.augment import Augmenter, AugmentSettings
from spotter.recognizer.backbones import features_network
from spotter.recognizer.finetune import ALL, FinetuneSettings, PhotoExamples, finetune
from spotter.recognizer.head import HeadSettings, Step, accuracy, train_head
from spotter.recognizer.layers import GraphNetwork, to_openvino
from spotter.recognizer.loop import Learnt, LoopSettings
from spotter.recognizer.pictures import read_square
from spotter.recognizer.training_file import FILE_NAME

SIDE = 32
SETTINGS = FinetuneSettings(1, 1e-2, 0.5, LoopSettings(epochs=4, batch=16, patience=9, seed=5))


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Any:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def small_graph(answer: nn.Module | None = None) -> Graph:
    """Two depthwise blocks, as a saved model of OpenVINO gives them."""
    torch.manual_seed(0)
    blocks = [
        nn.Conv2d(3, 8, 5, 2, 2), nn.ReLU(),
        nn.Conv2d(8, 8, 3, 2, 1, groups=8), nn.Conv2d(8, 16, 1), nn.PReLU(16),
        nn.Conv2d(16, 16, 3, 1, 1, groups=16), nn.Conv2d(16, 16, 1), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 2), answer or nn.Softmax(1),
    ]  # fmt: skip
    for one in blocks:
        if isinstance(one, nn.Conv2d):  # without batch norms, PyTorch's own beginning fades away
            nn.init.kaiming_normal_(one.weight)
    return read_graph(to_openvino(nn.Sequential(Unit(), *blocks), SIDE))


class Unit(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * (1 / 127.5) - 1


def tints(count: int, seed: int, times: int = 1) -> PhotoExamples:
    """Noise that is a little redder or a little bluer."""
    rng = np.random.default_rng(seed)
    squares = rng.integers(0, 200, (count, SIDE, SIDE, 3)).astype(np.uint8)
    classes = rng.integers(0, 2, count)
    for square, blue in zip(squares, classes, strict=True):
        square[..., 2 * blue] += 40
    targets = np.eye(2, dtype=np.float32)[classes].repeat(times, 0)
    return PhotoExamples(
        squares, targets, times, Augmenter(AugmentSettings.only("noise"), seed=1) if times > 1 else None
    )


def tuned(folder: Path, settings: FinetuneSettings = SETTINGS, **more: Any) -> Learnt[GraphNetwork]:
    train = tints(40, 0, 2)
    if settings.blocks == ALL:
        train = replace(train, anew=True)
    return finetune(small_graph(), train, tints(30, 1), settings, folder, **more)


def weights(network: GraphNetwork) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in network.named_parameters()}


@pytest.mark.parametrize(("blocks", "frozen"), [(1, 2), (2, 1), (ALL, 0)])
def test_only_the_last_blocks_change(tmp_path: Path, blocks: int, frozen: int) -> None:
    before = weights(GraphNetwork(small_graph()))
    after = weights(tuned(tmp_path, replace(SETTINGS, blocks=blocks)).network)
    changed = {name.rpartition(".")[0] for name in before if not torch.equal(before[name], after[name])}
    shapes = [
        tuple(value.shape)
        for name, value in before.items()
        if value.ndim == 4 and name.rpartition(".")[0] not in changed
    ]
    of_blocks = [[(8, 3, 5, 5)], [(8, 1, 3, 3), (16, 8, 1, 1)]]
    assert shapes == [shape for one in of_blocks[:frozen] for shape in one]


@pytest.mark.parametrize("blocks", [1, ALL])
def test_it_learns_and_keeps_the_best_weights(tmp_path: Path, blocks: int) -> None:
    seen: list[Step] = []
    settings = replace(SETTINGS, blocks=blocks, loop=replace(SETTINGS.loop, epochs=8))
    found = tuned(tmp_path, settings, watch=seen.append)
    losses = [step.validation_loss for step in found.steps]
    assert tuple(seen) == found.steps
    assert found.steps[-1].train_loss < found.steps[0].train_loss
    assert losses[found.best_epoch - 1] == min(losses)
    held = tints(30, 1)
    with torch.no_grad():
        (pixels,) = held.inputs(np.arange(30), 0)
        now = found.network.logits(pixels).numpy()
    assert np.abs(now - found.logits).max() < 0.05 * max(1, np.abs(now).max())  # bf16 and f32
    assert accuracy(found.logits, held.targets, "single") > 0.8


def test_blocks_closer_to_the_pixels_learn_more_slowly(tmp_path: Path) -> None:
    begin = GraphNetwork(small_graph())
    slow = tuned(tmp_path / "a", replace(SETTINGS, blocks=2, rate_decay=0.01)).network
    even = tuned(tmp_path / "b", replace(SETTINGS, blocks=2, rate_decay=1.0)).network
    first_block = next(
        layer.key for layer in begin.plan if layer.op == "GroupConvolution" and begin.blocks()[layer.key] == 1
    )
    moved = [
        float((net.layers[first_block].weight - begin.layers[first_block].weight).abs().mean())
        for net in (slow, even)
    ]
    assert 0 < moved[0] < moved[1] / 5


@pytest.mark.parametrize("blocks", [1, ALL])
def test_a_stop_changes_nothing(tmp_path: Path, blocks: int) -> None:
    settings = replace(SETTINGS, blocks=blocks)
    whole = tuned(tmp_path / "whole", settings)

    def stop(step: Step) -> None:
        if step.epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tuned(tmp_path / "cut", settings, watch=stop)
    resumed = tuned(tmp_path / "cut", settings)
    assert resumed.steps == whole.steps
    np.testing.assert_array_equal(resumed.logits, whole.logits)
    for one, other in zip(whole.network.parameters(), resumed.network.parameters(), strict=True):
        assert torch.equal(one, other)


KILLED = """
import importlib.util, os, signal, sys
from pathlib import Path
import torch
torch.set_num_threads(1)
spec = importlib.util.spec_from_file_location("tests_of_finetune", sys.argv[1])
tests = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tests)
def die(step):
    if step.epoch == 2:
        os.kill(os.getpid(), signal.SIGKILL)
tests.tuned(Path(sys.argv[2]), watch=die)
"""


def test_a_kill_changes_nothing(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(
        [sys.executable, "-c", KILLED, __file__, str(tmp_path / "cut")],
        env=environment,
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    seen: list[int] = []
    resumed = tuned(
        tmp_path / "cut", progress=lambda what, at, of: seen.append(at) if what == "training" else 0
    )
    whole = tuned(tmp_path / "whole")
    assert resumed.steps == whole.steps
    np.testing.assert_array_equal(resumed.logits, whole.logits)
    assert min(seen) > 80 // 16 * 2  # the first two epochs were not trained again


def test_a_finished_training_is_not_done_again_and_another_one_is(tmp_path: Path) -> None:
    first = tuned(tmp_path)
    steps: list[str] = []
    again = tuned(tmp_path, progress=lambda what, at, of: steps.append(what))
    assert "training" not in steps
    np.testing.assert_array_equal(again.logits, first.logits)
    other = tuned(tmp_path, replace(SETTINGS, rate=1e-4), progress=lambda what, at, of: steps.append(what))
    assert "training" in steps
    assert other.steps != first.steps


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x08\0\0\0\0\0\0\0{}      "])
def test_a_damaged_checkpoint_is_begun_anew(tmp_path: Path, content: bytes) -> None:
    wanted = tuned(tmp_path / "whole")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / FILE_NAME).write_bytes(content)
    assert tuned(tmp_path / "broken").steps == wanted.steps


def test_many_labels_are_trained_with_sigmoids(tmp_path: Path) -> None:
    train, held = tints(40, 0), tints(30, 1)
    both = train.targets.copy()
    both[:5] = 1  # any number of labels
    settings = replace(SETTINGS, blocks=2, loop=replace(SETTINGS.loop, task="multi", epochs=8))
    found = finetune(small_graph(nn.Sigmoid()), replace(train, targets=both), held, settings, tmp_path)
    assert found.network.answer().op == "Sigmoid"
    assert found.steps[-1].validation_loss < found.steps[0].validation_loss
    assert accuracy(found.logits, held.targets, "multi") > 0.7


def test_rare_classes_count_as_much_with_class_weights(tmp_path: Path) -> None:
    train = tints(60, 0)
    standing = train.targets[:, 1] > 0
    rows = np.flatnonzero(~standing | (np.cumsum(standing) <= 3))
    few = PhotoExamples(train.squares[rows], train.targets[rows])
    found = [
        finetune(
            small_graph(),
            few,
            tints(30, 1),
            replace(SETTINGS, blocks=2, loop=replace(SETTINGS.loop, class_weights=weighted, epochs=2)),
            tmp_path / str(weighted),
        ).network
        for weighted in (True, False)
    ]
    (pixels,) = tints(30, 1).inputs(np.arange(30), 0)
    with torch.no_grad():
        with_weights, without = (float(network(pixels)[:, 1].mean()) for network in found)
    assert with_weights > without


def test_nothing_to_train_and_no_place_to_write(tmp_path: Path) -> None:
    empty = Graph((Node("x", "Parameter", (), shape=(None, 3, 4, 4)), Node("end", "Result", (("x", 0),))))
    with pytest.raises(ModelError, match="no layers"):
        finetune(empty, tints(4, 0), tints(4, 1), SETTINGS, tmp_path)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(OutputError):
        tuned(tmp_path / "file")


def test_imagenet_is_worth_something(shared: Path, tmp_path: Path) -> None:
    """The same network, fine-tuned on 8 photos a class, from its dequantised weights and from random ones."""
    path = shared / "weights/google-coral_test_data/mobilenet_v1_0.25_128_quant.tflite"
    classes = ("face", "hand", "lower_arm")
    found = features_network(str(path))
    squares, targets = [], []
    for number, name in enumerate(classes):
        files = sorted((shared / "photos/body-parts" / name).iterdir())
        for file in [*files[:8], *files[-20:]]:  # names begin with the person: other people in the end
            squares.append(read_square(file, found.side))
            targets.append(number)
    rows = np.arange(len(squares)).reshape(len(classes), -1)
    known, unseen = rows[:, :8].ravel(), rows[:, 8:].ravel()
    every, truth = np.stack(squares), np.eye(len(classes), dtype=np.float32)[targets]
    train = PhotoExamples(every[known], truth[known].repeat(4, 0), 4, Augmenter(seed=0))
    held = PhotoExamples(every[unseen], truth[unseen])
    settings = FinetuneSettings(4, 2e-4, 0.8, LoopSettings(epochs=4, batch=16, patience=9))
    backbone = GraphNetwork(read_graph(found.network))

    def result(folder: str) -> float:
        with torch.no_grad():
            features = [
                torch.cat([backbone(*one.inputs(np.arange(a, min(a + 16, len(one.targets))), 0)) for a in
                           range(0, len(one.targets), 16)]).numpy()
                for one in (train, held)
            ]  # fmt: skip
        head = train_head(features[0], train.targets, features[1], held.targets, HeadSettings())
        model = with_head(
            convert(backbone, torch.zeros(1, 3, found.side, found.side), "features"),
            head.weight,
            head.bias,
            "single",
        )
        tuned = finetune(read_graph(model), train, held, settings, tmp_path / folder)
        return accuracy(tuned.logits, held.targets, "single")

    imagenet = result("imagenet")
    torch.manual_seed(0)
    for parameter in backbone.parameters():
        if parameter.ndim == 4:
            nn.init.kaiming_normal_(parameter)
        else:
            nn.init.zeros_(parameter)
    assert imagenet > 0.85
    assert imagenet > result("random") + 0.15
