"""The file of a training: what goes in comes out, and what is no such file is told."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")

import torch
from torch import nn

from spotter.errors import ModelError, OutputError
from spotter.recognizer.training_file import read_training, read_words
from spotter.segmenter.checkpoint import FILE_NAME, Checkpoint, EpochCurve, Progress

KEY = {"network": "parts", "classes": ["person"], "rate": 0.001}
ROW = EpochCurve(1, 1.5, 0.1, 0.2, 0.3, 0.4, 0.5, 1e-3, 0.25, math.nan, math.nan, 9.5)


def network() -> nn.Module:
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    layers.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return layers


def moved(layers: nn.Module, steps: int = 2) -> torch.optim.Optimizer:
    """An optimizer that has moved the weights."""
    optimizer = torch.optim.AdamW(layers.parameters(), 0.1)
    for step in range(steps):
        torch.manual_seed(step)
        layers(torch.rand(2, 3, 5, 5)).square().sum().backward()
        optimizer.step()
        optimizer.zero_grad()
    return optimizer


def written(folder: Path, key: dict[str, Any] = KEY) -> tuple[nn.Module, torch.optim.Optimizer]:
    layers = network()
    optimizer = moved(layers)
    best = {name: value + 1 for name, value in layers.state_dict().items()}
    progress = Progress(1, 3, {"loss": 0.1 + 0.2}, 2.5, [ROW], 1, best)
    Checkpoint(folder, key).save(progress, layers, optimizer)
    return layers, optimizer


def test_everything_comes_back_to_the_bit_and_in_place(tmp_path: Path) -> None:
    layers, optimizer = written(tmp_path)
    other = network()
    with torch.no_grad():
        other[0].weight.zero_()  # type: ignore[index, union-attr, operator]
    memory = torch.optim.AdamW(other.parameters(), 0.1)
    done = Checkpoint(tmp_path, KEY).load(other, memory)
    assert (done.epoch, done.step, done.sums, done.best_epoch) == (1, 3, {"loss": 0.1 + 0.2}, 1)
    assert str(done.curve) == str([ROW])
    for name, value in layers.state_dict().items():
        assert torch.equal(other.state_dict()[name], value)
        assert torch.equal(done.best[name], value + 1)
    for one, same in zip(layers.parameters(), other.parameters(), strict=True):
        for name, value in optimizer.state[one].items():
            assert torch.equal(memory.state[same][name], value), name
        assert memory.state[same]["exp_avg"].stride() == same.stride()  # else it would be slow


def test_a_file_of_an_older_spotter_is_read(tmp_path: Path) -> None:
    """One that does not tell of everything that a training depends on today."""
    written(tmp_path)
    key = KEY | {"data": "a fingerprint"}
    other = network()
    assert Checkpoint(tmp_path, key).load(other, torch.optim.AdamW(other.parameters())).epoch == 1


def test_the_words_are_read_without_the_tensors(tmp_path: Path) -> None:
    written(tmp_path)
    words = read_words(tmp_path / FILE_NAME)
    assert words["key"] == KEY and words["step"] == 3
    assert json.dumps(words["sums"]) == '{"loss": 0.30000000000000004}'
    stored = read_training(tmp_path / FILE_NAME)
    assert set(stored.now) == set(stored.best) == set(network().state_dict())
    assert "0.exp_avg" in stored.memory


def test_another_training_is_told_with_all_that_differs(tmp_path: Path) -> None:
    written(tmp_path)
    key = {"network": "parts", "classes": ["person", "head"]}
    other = network()
    with pytest.raises(ModelError, match=r"classes was \['person'\], now .*head.*, rate was 0.001, now None"):
        Checkpoint(tmp_path, key).load(other, torch.optim.AdamW(other.parameters()))


def test_weights_of_another_shape_are_told(tmp_path: Path) -> None:
    written(tmp_path)
    other = nn.Sequential(nn.Conv2d(3, 5, 3), nn.BatchNorm2d(5))
    with pytest.raises(ModelError, match="does not fit this training"):
        Checkpoint(tmp_path, KEY).load(other, torch.optim.AdamW(other.parameters()))


@pytest.mark.parametrize("cut", [0, 5, 100, -1])
def test_a_broken_file_is_told(tmp_path: Path, cut: int) -> None:
    written(tmp_path)
    path = tmp_path / FILE_NAME
    path.write_bytes(path.read_bytes()[:cut])
    other = network()
    with pytest.raises(ModelError, match=f"{FILE_NAME} is no whole checkpoint"):
        Checkpoint(tmp_path, KEY).load(other, torch.optim.AdamW(other.parameters()))


def test_a_file_of_weights_is_no_checkpoint(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    save_file({"weight": torch.zeros(2)}, tmp_path / FILE_NAME)
    other = network()
    with pytest.raises(ModelError, match="no whole checkpoint"):
        Checkpoint(tmp_path, KEY).load(other, torch.optim.AdamW(other.parameters()))


def test_a_folder_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=FILE_NAME):
        written(tmp_path / "file")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_only_what_a_kill_has_left_is_swept_away(tmp_path: Path) -> None:
    written(tmp_path)
    for name in (f".{FILE_NAME}.0a1b2c3d.part", "other.part", f"{FILE_NAME}.part"):
        (tmp_path / name).touch()
    Checkpoint(tmp_path, KEY).sweep()
    assert {path.name for path in tmp_path.iterdir()} == {FILE_NAME, "other.part", f"{FILE_NAME}.part"}
