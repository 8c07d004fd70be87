"""Reads PyTorch's checkpoints, above all torchvision's, as tensors under the names that our networks have."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from spotter.errors import ModelError
from spotter.recognizer.pytorch import torch
from spotter.segmenter.checkpoint import State
from spotter.segmenter.coco_classes import COCO_CLASSES

_INNER: Final = ("model", "state_dict")  # where training scripts put the weights beside other things

_RENAMED: Final = (
    (r"module\.(.*)", r"\1"),  # of several GPUs
    (r"(backbone\.fpn\.(?:inner|layer)_blocks\.\d+)\.(weight|bias)", r"\1.0.\2"),  # before torchvision 0.13
    (r"rpn\.head\.conv\.(weight|bias)", r"rpn.head.conv.0.0.\1"),
    (r"((?:conv1|bn1|layer[1-4])\..*)", r"backbone.body.\1"),  # ResNet classifiers
    (r"features\.(.*)", r"backbone.body.\1"),  # MobileNet classifiers
)
"""What tensors are called in older files and in those of classifiers, and what here."""

_CLASSES = "roi_heads.box_predictor.cls_score.bias"


def read_checkpoint(path: Path) -> tuple[State, dict[str, Any]]:
    """The tensors of a .pth file of PyTorch, under our names, and what is known of the network.

    It is read by PyTorch's restricted reader (``weights_only=True``), which knows tensors and plain data and
    runs no code, whatever the file says.

    Returns:
        The tensors by name, and ``{"classes": ...}``, COCO's, where there is an output for each of them.

    Raises:
        ModelError: if the file is missing, damaged, or holds more than tensors.
    """
    if not path.is_file():
        raise ModelError(f"there is no file {path}")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # the reader raises half a dozen classes without a common parent
        raise ModelError(_unreadable(path, str(error))) from error
    for key in _INNER:
        if isinstance(content, dict) and isinstance(content.get(key), dict):
            content = content[key]
    values = content.values() if isinstance(content, dict) else [None]
    if not all(isinstance(value, torch.Tensor) for value in values):
        raise ModelError(
            f"{path} holds no weights by name; save them with: torch.save(network.state_dict(), FILE)"
        )
    state = {_renamed(str(name)): value for name, value in content.items()}
    outputs = len(state.get(_CLASSES, ()))
    return state, {"classes": list(COCO_CLASSES)} if outputs == len(COCO_CLASSES) + 1 else {}


def _renamed(name: str) -> str:
    for old, new in _RENAMED:
        if match := re.fullmatch(old, name):
            name = match.expand(new)
    return name


def _unreadable(path: Path, reason: str) -> str:
    if foreign := re.search(r"GLOBAL (\S+)", reason):
        return (
            f"{path} holds more than weights ({foreign[1]}): reading that could run code, so it is refused; "
            "save the weights alone with: torch.save(network.state_dict(), FILE)"
        )
    return f"{path} cannot be read as a checkpoint of PyTorch: it is damaged, cut short, or something else"
