"""Which parameters of a network learn, how fast, and whether they decay."""

from __future__ import annotations

from typing import Any

from spotter.recognizer.pytorch import nn, torch
from spotter.segmenter.settings import TrainSettings

_BACKBONE = ("backbone.backbone.", "backbone.body.")  # of the small network, and of torchvision's


def optimizer_of(network: nn.Module, settings: TrainSettings) -> torch.optim.AdamW:
    """AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101) over what is not frozen.

    Each of its groups has a ``share``: what the learning rate of a step is multiplied by for it.
    """
    return torch.optim.AdamW(_groups(network, settings), lr=settings.rate)


def set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Let each group learn at its share of a rate."""
    for group in optimizer.param_groups:
        group["lr"] = rate * group["share"]


def _groups(network: nn.Module, settings: TrainSettings) -> list[dict[str, Any]]:
    """Weights and the rest, of backbone and others, with their share of the learning rate and decay."""
    groups: dict[tuple[bool, bool], list[nn.Parameter]] = {}
    for name, value in network.named_parameters():
        if value.requires_grad:
            old = name.startswith(_BACKBONE)
            groups.setdefault((old, value.ndim > 1), []).append(value)
    return [
        {
            "params": values,
            "share": settings.backbone_rate if old else 1.0,
            "weight_decay": settings.decay if matrix else 0.0,
        }
        for (old, matrix), values in groups.items()
    ]
