"""Imports PyTorch, or says which extra of the package brings it."""

from __future__ import annotations

from spotter.errors import MissingExtraError

try:
    import torch
    from torch import nn
    from torch.nn import functional
except ImportError as error:
    raise MissingExtraError(
        "this needs PyTorch, which is not installed; install it with: pip install 'spotter-coach[train]'"
    ) from error

__all__ = ["functional", "nn", "torch"]
