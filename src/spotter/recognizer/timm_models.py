"""Networks of timm, with the weights of its hub."""

from __future__ import annotations

import hashlib
import os
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from spotter.errors import MissingExtraError, ModelDownloadError, UsageError
from spotter.models.backbone_file import RGB, Features
from spotter.models.from_torch import convert
from spotter.recognizer.pytorch import functional, nn, torch
from spotter.recognizer.torchvision_import import import_torchvision

_SECONDS = 5.0  # to find out whether the hub answers
_HUB_SETTINGS = {"HF_HUB_ETAG_TIMEOUT": "5", "HF_HUB_DOWNLOAD_TIMEOUT": "10", "HF_HUB_DISABLE_TELEMETRY": "1"}


class _Features(nn.Module):
    """Pixels, RGB from 0 to 255, to features; normalised as the network was trained."""

    def __init__(self, body: nn.Module, scale: RGB, bias: RGB) -> None:
        super().__init__()
        self.body = body
        self.scale: torch.Tensor
        self.bias: torch.Tensor
        self.register_buffer("scale", torch.tensor(scale).view(1, 3, 1, 1))
        self.register_buffer("bias", torch.tensor(bias).view(1, 3, 1, 1))

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        features: torch.Tensor = self.body(pixels * self.scale + self.bias)
        return functional.adaptive_avg_pool2d(features, 1).flatten(1) if features.ndim == 4 else features


def timm_features(name: str, random_seed: int | None = None) -> Features:
    """A network of timm without its classifier.

    Args:
        name: as timm calls it, such as ``"mobilenetv3_large_100"``.
        random_seed: of random weights; None for the hub's.

    Raises:
        UsageError: if timm has no such network.
        ModelDownloadError: if its weights are neither in the hub's cache nor can be fetched.
        MissingExtraError: if timm is not installed.
        ModelError: if OpenVINO cannot convert it.
    """
    timm = import_timm()
    if not timm.is_model(name.split(".")[0]):
        near = timm.list_models(f"{name[:9]}*")[:5]
        hint = f"it has, for example, {', '.join(near)}" if near else "timm.list_models() tells which it has"
        raise UsageError(f"timm has no network called {name!r}; {hint}")
    if random_seed is None:
        weights = {"file": str(_weights(timm, name))}
        body = timm.create_model(name, pretrained=True, num_classes=0, pretrained_cfg_overlay=weights)
    else:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(random_seed)
            body = timm.create_model(name, pretrained=False, num_classes=0)
    config = body.pretrained_cfg
    side: int = config["input_size"][1]
    red, green, blue = (1 / (255 * deviation) for deviation in config["std"])
    scale = (red, green, blue)
    red, green, blue = (
        -mean / deviation for mean, deviation in zip(config["mean"], config["std"], strict=True)
    )
    module = _Features(body, scale, (red, green, blue)).eval()
    network = convert(module, torch.full((1, 3, side, side), 127.0), "features")
    fingerprint = hashlib.sha256(f"{name} {random_seed}".encode()).hexdigest()
    return Features(network, side, scale, (red, green, blue), fingerprint)


def _weights(timm: Any, name: str) -> Path:
    """The file of a network's weights, from the hub's cache or the hub."""
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    place = timm.models.get_pretrained_cfg(name)
    if place is None or not place.hf_hub_id:
        raise UsageError(
            f"timm has no trained weights of {name!r}; choose another, or ask for random weights"
        )
    file = place.hf_hub_filename or "model.safetensors"
    try:
        return Path(hf_hub_download(place.hf_hub_id, file, local_files_only=True))
    except LocalEntryNotFoundError:
        pass  # then they have to be fetched
    try:
        if os.environ.get("SPOTTER_OFFLINE", "0") not in ("", "0"):
            raise ConnectionError("SPOTTER_OFFLINE is set")
        _knock()
        return Path(hf_hub_download(place.hf_hub_id, file))
    except Exception as error:  # the hub's client raises classes of three libraries
        raise ModelDownloadError(
            f"the weights of {name!r} are not on this machine and could not be fetched from timm's hub: "
            f"{error}; connect to the network once, or take the backbone that is on board"
        ) from error


def _knock() -> None:
    """Find out whether the hub answers: its client would try for most of a minute."""
    if getproxies():
        return  # only the client knows how to go through them
    address = urlsplit(os.environ.get("HF_ENDPOINT") or "https://huggingface.co")
    port = address.port or (80 if address.scheme == "http" else 443)
    with socket.create_connection((address.hostname or "", port), timeout=_SECONDS):
        pass


def import_timm() -> Any:
    """timm, with a torchvision that need not fit PyTorch: timm uses nothing compiled of it.

    Raises:
        MissingExtraError: if it is not installed.
    """
    for name, value in _HUB_SETTINGS.items():
        os.environ.setdefault(name, value)
    try:
        import_torchvision()
        import timm
    except ImportError as error:
        raise MissingExtraError(
            "this backbone needs timm, which is not installed; "
            "install it with: pip install 'spotter-coach[train]'"
        ) from error
    return timm
