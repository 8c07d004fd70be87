"""What each pixel is asked for while a small Mask R-CNN learns, and that it is asked of that one only."""

from __future__ import annotations

import pytest

from spotter.recognizer.pytorch import torch
from spotter.segmenter.architecture import architecture
from spotter.segmenter.network import build
from spotter.segmenter.pixel_head import PixelHead, pixel_labels, pixel_loss

SIDE = 16


def target(
    *boxes: tuple[int, int, int, int, int], unsure: list[list[float]] | None = None
) -> dict[str, torch.Tensor]:
    """Full boxes: left, top, right, bottom, class."""
    masks = torch.zeros(len(boxes), SIDE, SIDE, dtype=torch.uint8)
    for mask, (left, top, right, bottom, _) in zip(masks, boxes, strict=True):
        mask[top:bottom, left:right] = 1
    rows = torch.tensor(boxes).reshape(-1, 5)
    return {
        "boxes": rows[:, :4].float(),
        "labels": rows[:, 4],
        "masks": masks,
        "has_mask": torch.ones(len(boxes), dtype=torch.bool),
        "unsure": torch.tensor(unsure or []).reshape(-1, 4),
    }


def test_the_smallest_thing_owns_the_pixel_whatever_the_order() -> None:
    person, hand = (0, 0, 8, 16, 1), (4, 4, 8, 8, 7)
    for things in ((person, hand), (hand, person)):
        found = pixel_labels(target(*things), SIDE, SIDE)
        assert (found[4:8, 4:8] == 7).all()
        assert int((found == 1).sum()) == 8 * 16 - 16
        assert (found[:, 8:] == 0).all()


def test_a_coarse_map_asks_at_the_middle_of_its_places() -> None:
    found = pixel_labels(target((8, 0, 16, 16, 2)), SIDE, 4)
    assert found.tolist() == [[0, 0, 2, 2]] * 4


def test_where_nobody_marked_everything_less_is_asked() -> None:
    marked = target((4, 4, 12, 12, 1), unsure=[[0.0, 0.0, 8.0, 16.0]])
    found = pixel_labels(marked, SIDE, SIDE)
    assert (found[4:12, 4:8] == -2).all()  # something, and nobody says which part of it
    assert (found[:, :4] == -1).all()  # perhaps nothing
    assert (found[4:12, 8:12] == 1).all()
    boxed = marked | {"has_mask": torch.tensor([False]), "unsure": torch.zeros(0, 4)}
    assert set(pixel_labels(boxed, SIDE, SIDE)[4:12, 4:12].unique().tolist()) == {-1}


def test_loss_of_hand_computed_cases() -> None:
    logits = torch.tensor([0.5, 0.25, 0.25]).log().view(1, 3, 1, 1).expand(1, 3, 1, 4)
    assert pixel_loss(logits, torch.tensor([[[0, 0, 0, 1]]])) == pytest.approx(
        -(torch.tensor(0.5).log() + torch.tensor(0.25).log()).item() / 2
    )
    assert pixel_loss(logits, torch.tensor([[[-2, -1, -1, -1]]])) == pytest.approx(
        -torch.tensor(0.5).log().item()
    )
    assert pixel_loss(logits, torch.full((1, 1, 4), -1)) == 0


def test_every_map_learns_even_where_nothing_is_known() -> None:
    head = PixelHead(4, 3)
    maps = {str(level): torch.rand(1, 4, size, size) for level, size in enumerate((8, 4, 2, 1))}
    head(maps, [target(unsure=[[0.0, 0.0, SIDE, SIDE]])], SIDE).backward()
    gradients = [parameter.grad for parameter in head.parameters()]
    assert len(head.levels) == 3
    assert all(one is not None and bool((one == 0).all()) for one in gradients)


def test_only_the_small_network_is_asked() -> None:
    assert build(architecture("parts"), 3).pixel_head is not None
    assert build(architecture("mobilenetv3-large-fpn"), 3).pixel_head is None
