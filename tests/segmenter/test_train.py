"""Training Mask R-CNN: that it learns, that it can be repeated, and what it does when it cannot go on."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("torch")
import torch
from torch import nn

from spotter.errors import ModelError, TrainingError, UsageError
from spotter.segmenter.annotation import Annotations
from spotter.segmenter.batches import Batches
from spotter.segmenter.checkpoint import FILE_NAME, Progress
from spotter.segmenter.evaluate import evaluate
from spotter.segmenter.settings import TrainSettings
from spotter.segmenter.torch_detector import TorchDetector
from spotter.segmenter.train import Trainer
from tests.segmenter.apart import ALONE, SETTINGS, STEPS, nowhere, small, trained
from tests.segmenter.puppets import CLASSES, annotations

pytestmark = pytest.mark.usefixtures("one_thread")


class Stub(nn.Module):
    """Stands for a network where only the loop around it is looked at.

    Args:
        fails: what a step does, by its number from 1: an error, or a factor of the loss.
    """

    def __init__(self, fails: dict[int, Exception | float] | None = None) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.layer = nn.Conv2d(3, 5, 1)
        self._fails, self._steps = fails or {}, 0

    def forward(self, pixels: torch.Tensor, targets: Any) -> dict[str, torch.Tensor]:
        self._steps += 1
        happens = self._fails.get(self._steps, 1.0)
        if isinstance(happens, Exception):
            raise happens
        values = (self.layer(pixels / 255).mean((2, 3)) - torch.arange(5.0)).square().mean(0) * happens
        return dict(zip(("objectness", "proposals", "classes", "boxes", "masks"), values, strict=True))


LOOP = TrainSettings(side=32, epochs=2, batch=2, rate=0.1, warm_up=1, cool_down=0.0, augment=False)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Annotations:
    return annotations(tmp_path_factory.mktemp("pictures"), train=8, val=0, side=32)


def run(
    network: Stub, data: Annotations, folder: Path, settings: TrainSettings = LOOP, **more: Any
) -> Progress:
    return Trainer(network, data, settings, folder, ALONE, more.pop("judge", nowhere)).run(**more)  # type: ignore[arg-type]


def test_three_pictures_are_learnt_by_heart(tmp_path: Path) -> None:
    data = annotations(tmp_path, train=3, val=0, side=64)
    settings = TrainSettings(
        side=64,
        epochs=2,  # each of thirty looks at every picture, as each ends with a checkpoint
        batch=3,
        rate=5e-3,
        backbone_rate=1.0,
        warm_up=10,
        cool_down=0.5,
        augment=False,
        precise=True,
    )
    network = small(channels=64)
    Trainer(network, replace(data, train=data.train * 30), settings, tmp_path, ALONE, nowhere).run()
    detector = TorchDetector(network, CLASSES, settings.side)
    found = evaluate(detector, data, split="train", resamples=0, worst=0)
    assert found.masks is not None and found.boxes is not None
    assert found.masks.average["AP50"].value > 0.9
    assert found.boxes.average["AP50"].value > 0.9


def test_the_same_seed_gives_the_same_losses_and_another_one_others(tmp_path: Path) -> None:
    once, again = (trained(tmp_path / name) for name in ("a", "b"))
    assert once[1] == again[1] and list(once[1]) == list(range(1, STEPS + 1))
    for name, value in once[0].best.items():
        assert torch.equal(value, again[0].best[name]), name
    other = trained(tmp_path / "c", settings=replace(SETTINGS, seed=4, epochs=1))
    assert other[1][1] != once[1][1]


def test_what_is_frozen_stays_and_the_rest_learns(tmp_path: Path) -> None:
    data = annotations(tmp_path, train=2, val=0, side=64)
    network = small(frozen=3)
    before = {name: value.clone() for name, value in network.named_parameters()}
    Trainer(network, data, replace(SETTINGS, epochs=1, frozen=3), tmp_path, ALONE, nowhere).run()
    same = {name for name, value in network.named_parameters() if torch.equal(value, before[name])}
    still = ("backbone.backbone.entry.", *(f"backbone.backbone.blocks.{block}." for block in range(3)))
    assert {name for name in before if name.startswith(still)} <= same
    assert not {name for name in before if name.startswith("backbone.backbone.blocks.3.")} & same


def test_gradients_that_are_added_up_move_the_weights_as_one_large_batch(
    data: Annotations, tmp_path: Path
) -> None:
    """With a loss that is a mean over pictures, and no normalisation over them, it is the same."""
    one, added = Stub(), Stub()
    run(one, data, tmp_path / "one", replace(LOOP, batch=4))
    run(added, data, tmp_path / "added", replace(LOOP, batch=2, accumulate=2))
    for a, b in zip(one.parameters(), added.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-5)
    plain = Stub()
    run(plain, data, tmp_path / "plain", replace(LOOP, batch=2))
    assert not torch.allclose(plain.layer.bias, added.layer.bias, atol=1e-3)


@pytest.mark.parametrize(
    ("batch", "accumulate", "processes", "steps"),
    [(2, 1, 1, 4), (3, 1, 1, 3), (2, 3, 1, 6), (2, 1, 2, 2), (3, 2, 2, 2)],
)
def test_an_epoch_has_every_picture_and_whole_changes(
    data: Annotations, batch: int, accumulate: int, processes: int, steps: int
) -> None:
    settings = replace(LOOP, batch=batch, accumulate=accumulate)
    shares = [Batches(data.train, data.mirrored, settings, rank, processes) for rank in range(processes)]
    assert {len(one) for one in shares} == {steps} and steps % accumulate == 0
    drawn = np.concatenate([np.concatenate(one._order(0)) for one in shares])
    assert set(drawn.tolist()) == set(range(8)) and len(drawn) == steps * batch * processes
    assert np.array_equal(shares[0]._order(0), shares[0]._order(0))
    assert not np.array_equal(shares[0]._order(0), shares[0]._order(1))


def test_helping_processes_change_nothing(data: Annotations) -> None:
    settings = replace(LOOP, augment=True)
    alone, helped = (
        [pixels for pixels, _ in Batches(data.train, data.mirrored, one).epoch(1)]
        for one in (settings, replace(settings, workers=1))
    )
    assert len(alone) == 4 and all(torch.equal(a, b) for a, b in zip(alone, helped, strict=True))


def test_the_weights_of_the_best_epoch_are_kept(data: Annotations, tmp_path: Path) -> None:
    figures = iter([(0.5, 0.3, 0.4), (0.1, 0.6, 0.7), (0.9, 0.2, 0.2)])
    after: list[torch.Tensor] = []

    def judge(network: Any) -> tuple[float, float, float]:
        after.append(network.layer.weight.detach().clone())
        return next(figures)

    network = Stub()
    done = run(network, data, tmp_path, replace(LOOP, epochs=3), judge=judge)
    assert done.best_epoch == 2 and torch.equal(done.best["layer.weight"], after[1])
    assert [row.mask_ap for row in done.curve] == [0.3, 0.6, 0.2]


def test_boxes_decide_where_no_masks_are_marked_and_the_last_where_nothing_is(
    data: Annotations, tmp_path: Path
) -> None:
    figures = iter([(0.5, math.nan, math.nan), (0.2, math.nan, math.nan)])
    assert run(Stub(), data, tmp_path / "boxes", judge=lambda _: next(figures)).best_epoch == 1
    assert run(Stub(), data, tmp_path / "nothing").best_epoch == 2


@pytest.mark.parametrize(
    ("happens", "said"),
    [
        (math.nan, "the loss is nan at step 6"),
        (math.inf, "the loss is inf at step 6"),
        (1e36, "the gradient is inf at step 6"),
        (MemoryError(), "memory is full: free some"),
        (
            torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
            "memory is full .CUDA.* 2.00 GiB",
        ),
    ],
)
def test_what_ends_a_training_leaves_the_last_checkpoint(
    data: Annotations, tmp_path: Path, happens: Exception | float, said: str
) -> None:
    whole = run(Stub(), data, tmp_path / "whole")
    with pytest.raises(TrainingError, match=f"{said}.*{FILE_NAME}") as caught:
        run(Stub({6: happens}), data, tmp_path / "ended")
    assert caught.value.exit_code == 15
    assert "--rate" in str(caught.value) or "--batch or --side" in str(caught.value)
    gone_on = run(Stub(), data, tmp_path / "ended", resume=True)
    assert gone_on.curve[1].loss == whole.curve[1].loss
    assert torch.equal(gone_on.best["layer.weight"], whole.best["layer.weight"])


def test_memory_that_the_processor_does_not_have_is_told_too(data: Annotations, tmp_path: Path) -> None:
    class Greedy(Stub):
        def forward(self, pixels: torch.Tensor, targets: Any) -> dict[str, torch.Tensor]:
            torch.empty(10**15)
            return super().forward(pixels, targets)

    with pytest.raises(TrainingError, match=r"memory is full .*allocate"):
        run(Greedy(), data, tmp_path)


def test_other_errors_are_not_taken_for_a_lack_of_memory(data: Annotations, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="shape"):
        run(Stub({1: RuntimeError("shape mismatch")}), data, tmp_path)


def test_without_pictures_there_is_nothing_to_train(data: Annotations, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no picture to learn from"):
        run(Stub(), replace(data, train=()), tmp_path)
    with pytest.raises(ModelError, match="without --resume"):
        run(Stub(), data, tmp_path, resume=True)
