"""Mask R-CNN with pictures that are marked in part only, or not at all."""

from __future__ import annotations

import math

import pytest

pytest.importorskip("torch")

import torch

from spotter.segmenter.rcnn import MaskRcnn, Target, _mask_targets, inside
from tests.segmenter.apart import small

pytestmark = pytest.mark.usefixtures("one_thread")

SIDE = 64
BOX = [10.0, 12.0, 40.0, 44.0]


@pytest.fixture(scope="module")
def network() -> MaskRcnn:
    return small().train()


@pytest.fixture(scope="module")
def pixels() -> torch.Tensor:
    torch.manual_seed(1)
    return torch.rand(2, 3, SIDE, SIDE) * 255


def target(
    boxes: list[list[float]] | None = None, masked: bool = True, unsure: list[list[float]] | None = None
) -> Target:
    """Things of the first class, marked by boxes that their masks fill."""
    rows = torch.tensor(boxes or []).reshape(-1, 4)
    masks = torch.zeros(len(rows), SIDE, SIDE, dtype=torch.uint8)
    for mask, (left, top, right, bottom) in zip(masks, rows.long().tolist(), strict=True):
        mask[top:bottom, left:right] = int(masked)
    return {
        "boxes": rows,
        "labels": torch.ones(len(rows), dtype=torch.int64),
        "masks": masks,
        "has_mask": torch.full((len(rows),), masked),
        "unsure": torch.tensor(unsure or []).reshape(-1, 4),
    }


def losses(network: MaskRcnn, pixels: torch.Tensor, targets: list[Target]) -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    found: dict[str, torch.Tensor] = network(pixels, targets)
    return found


def numbers(network: MaskRcnn, pixels: torch.Tensor, targets: list[Target]) -> dict[str, float]:
    return {name: float(value.detach()) for name, value in losses(network, pixels, targets).items()}


def test_a_box_is_inside_another_one_if_most_of_it_is() -> None:
    unsure = torch.tensor([[0.0, 0, 10, 10], [50, 50, 60, 60]])
    boxes = torch.tensor([[2.0, 2, 4, 4], [5, 0, 14, 10], [6, 0, 16, 10], [52, 40, 58, 56], [20, 20, 30, 30]])
    assert inside(boxes, unsure).tolist() == [True, True, False, False, False]
    assert inside(boxes, torch.zeros(0, 4)).tolist() == [False] * 5
    assert inside(torch.zeros(0, 4), unsure).tolist() == []


def test_anchors_in_unsure_places_are_neither_right_nor_wrong(network: MaskRcnn) -> None:
    anchors = torch.tensor([BOX, [0.0, 0, 20, 20], [42, 42, 60, 60]])
    told = target([BOX], unsure=[[0, 0, 24, 24]])
    labels, _ = network.rpn.assign_targets_to_anchors([anchors], [told])
    assert labels[0].tolist() == [1, -1, 0]
    told["unsure"] = torch.zeros(0, 4)
    labels, _ = network.rpn.assign_targets_to_anchors([anchors], [told])
    assert labels[0].tolist() == [1, 0, 0]


def test_finds_in_unsure_places_are_not_taken_for_background(network: MaskRcnn) -> None:
    proposals = [torch.tensor([[0.0, 0, 20, 20], [1, 1, 19, 20], [42, 42, 60, 60]])]
    for unsure, wanted in (([[0.0, 0, 24, 24]], [0, 1]), ([], [0, 0, 0, 1])):
        _, _, labels, _ = network.roi_heads.select_training_samples(
            list(proposals), [target([BOX], unsure=unsure)]
        )
        assert sorted(labels[0].tolist()) == wanted


def test_where_everything_is_unsure_nothing_is_learnt(network: MaskRcnn, pixels: torch.Tensor) -> None:
    nobody_knows = target(unsure=[[-SIDE * 9.0, -SIDE * 9.0, SIDE * 9.0, SIDE * 9.0]])
    found = losses(network, pixels, [nobody_knows, nobody_knows])
    assert {name: float(value.detach()) for name, value in found.items()} == dict.fromkeys(found, 0.0)
    torch.stack(list(found.values())).sum().backward()  # type: ignore[no-untyped-call]
    for name, value in network.named_parameters():
        assert value.grad is not None and not value.grad.any(), name  # there, for the other processes
    network.zero_grad()


def test_where_nothing_is_there_background_is_learnt(network: MaskRcnn, pixels: torch.Tensor) -> None:
    found = numbers(network, pixels, [target(), target()])
    assert all(math.isfinite(value) for value in found.values())
    assert found["objectness"] > 0 and found["classes"] > 0
    assert found["proposals"] == found["boxes"] == found["masks"] == 0


def test_a_box_alone_says_nothing_of_the_mask(network: MaskRcnn, pixels: torch.Tensor) -> None:
    boxes = [target([BOX], masked=False)] * 2
    found = numbers(network, pixels, boxes)
    assert found["masks"] == 0 and found["boxes"] > 0 and found["classes"] > 0
    assert numbers(network, pixels, [target([BOX]), boxes[0]])["masks"] > 0
    one = [target([BOX, [30.0, 30, 60, 60]])] * 2
    one[0]["has_mask"] = torch.tensor([False, True])
    some = numbers(network, pixels, one)
    one[0]["masks"] = torch.cat([torch.zeros_like(one[0]["masks"][:1]), one[0]["masks"][1:]])
    assert some["masks"] == numbers(network, pixels, one)["masks"]  # it is not looked at


def test_the_mask_that_is_wanted_is_cut_out_of_the_proposal(network: MaskRcnn) -> None:
    masks = torch.zeros(1, SIDE, SIDE, dtype=torch.uint8)
    masks[0, 16:48, 16:32] = 1
    boxes = torch.tensor([[16.0, 16, 48, 48], [16, 16, 32, 48]])
    cut = _mask_targets(masks, torch.zeros(2, dtype=torch.int64), boxes)
    assert cut.shape == (2, 28, 28)
    assert cut[0, 1:-1, 1:13].min() > 0.999 and cut[0, :, 15:].max() == 0
    assert cut[1, 1:-1, 1:-1].min() > 0.999 and cut[1].min() >= 0.5  # it fades out over its edge


def test_what_is_found_lies_in_the_picture(network: MaskRcnn, pixels: torch.Tensor) -> None:
    network.eval()
    with torch.no_grad():
        found = network(pixels)
    network.train()
    assert len(found) == 2
    for one in found:
        count = len(one["scores"])
        assert one["boxes"].shape == (count, 4) and one["masks"].shape == (count, 1, 28, 28)
        assert bool((one["labels"] >= 1).all())
        assert bool(((one["boxes"] >= 0) & (one["boxes"] <= SIDE)).all())
        assert bool(((one["masks"] >= 0) & (one["masks"] <= 1)).all())
