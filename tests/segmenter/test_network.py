"""The networks that can be trained: that they are what their names say."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

pytest.importorskip("torch")

import torch

from spotter.errors import UsageError
from spotter.segmenter.architecture import architecture, architectures
from spotter.segmenter.mobilenet_v1 import MobileNetV1
from spotter.segmenter.network import build
from spotter.segmenter.optimizer import optimizer_of
from spotter.segmenter.settings import TrainSettings


def shapes(network: torch.nn.Module) -> dict[str, tuple[int, ...]]:
    """Of all tensors but the counters of batch normalisation, which play no part."""
    state = network.state_dict().items()
    return {name: tuple(value.shape) for name, value in state if not name.endswith("num_batches_tracked")}


@pytest.mark.parametrize(
    ("name", "theirs"),
    [
        ("resnet50-fpn-v2", "maskrcnn_resnet50_fpn_v2"),
        ("mobilenetv3-large-fpn", "fasterrcnn_mobilenet_v3_large_fpn"),
    ],
)
def test_torchvision_s_weights_fit(name: str, theirs: str) -> None:
    """Every tensor of torchvision's own has its place; MobileNetV3 has no masks there."""
    with torch.device("meta"):
        ours = shapes(build(architecture(name), 7))
    from torchvision.models import detection

    with torch.device("meta"):
        made = getattr(detection, theirs)(weights=None, weights_backbone=None, num_classes=8)
    wanted = shapes(made)
    assert wanted.items() <= ours.items()
    assert {one for one in ours if one not in wanted} <= {one for one in ours if "roi_heads.mask_" in one}


@pytest.mark.parametrize("name", list(architectures()))
def test_frozen_blocks_are_counted_from_the_picture_on(name: str) -> None:
    free = []
    for frozen in (0, None, 99):
        with torch.device("meta"):
            network = build(architecture(name), 2, frozen)
        free.append({key for key, value in network.named_parameters() if value.requires_grad})
    everything, usual, least = free
    assert least < usual < everything
    assert not [key for key in least if key.startswith(("backbone.body.", "backbone.backbone."))]


def test_backbone_and_other_layers_learn_at_their_own_rates() -> None:
    network = build(architecture("parts"), 2)
    settings = TrainSettings(backbone_rate=0.25, decay=0.02)
    groups = optimizer_of(network, settings).param_groups
    assert sorted((group["share"], group["weight_decay"]) for group in groups) == [
        (0.25, 0.0), (0.25, 0.02), (1.0, 0.0), (1.0, 0.02)
    ]  # fmt: skip
    learning = sum(value.requires_grad for value in network.parameters())
    assert sum(len(group["params"]) for group in groups) == learning


def test_random_weights_keep_the_signal() -> None:
    """Without normalisation layers, it would fade away over 27 of them."""
    torch.manual_seed(0)
    network = MobileNetV1(0.75)
    with torch.no_grad():
        maps = network(torch.randn(2, 3, 64, 64))
    for one in maps.values():
        assert 0.02 < float(one.std()) < 2
    torch.manual_seed(0)
    again = MobileNetV1(0.75)
    for a, b in zip(network.parameters(), again.parameters(), strict=True):
        assert torch.equal(a, b)


def test_the_rate_rises_stays_and_falls() -> None:
    settings = TrainSettings(warm_up=10, cool_down=0.25)
    pace = [settings.pace(step, 100) for step in range(100)]
    assert pace[0] == 0.1 and pace[9:75] == [1.0] * 66
    assert all(a > b for a, b in pairwise(pace[75:])) and pace[-1] < 0.06
    assert math.isclose(settings.pace(100, 100), 0.01)


def test_an_unknown_network_is_told_with_those_that_there_are() -> None:
    with pytest.raises(UsageError, match=r"no network called 'yolo'.*parts, resnet50-fpn-v2"):
        architecture("yolo")
