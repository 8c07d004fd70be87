"""Which networks a recognizer can begin with, and their features."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal

from spotter.errors import ModelError, UsageError
from spotter.media.writing import write_text
from spotter.models.backbone_file import RGB, SUFFIXES, Features, file_features
from spotter.models.folders import data_folder
from spotter.models.weights import NETWORK_NAME, read_network, save_network
from spotter.recognizer.onboard import onboard_features, onboard_side

Source = Literal["onboard", "timm", "figure", "file"]

TIMM = "timm:"
"""What the name of any other network of timm begins with."""

UNIT_SCALE: RGB = (1 / 127.5, 1 / 127.5, 1 / 127.5)
UNIT_BIAS: RGB = (-1.0, -1.0, -1.0)
"""What brings pixels from 0 to 255 to -1 to 1."""


@dataclass(frozen=True, slots=True)
class BackboneRow:
    """A network that a recognizer can begin with.

    Attributes:
        name: as the user gives it.
        source: ``"onboard"``, ``"timm"``, ``"figure"`` (trained from scratch) or ``"file"``.
        id: what timm calls it, or the file's path; empty of others.
        side: of the square picture, in pixels; 0 where the network itself says it.
        licence: of its weights; empty if not known.
        about: one line.
    """

    name: str
    source: Source
    id: str
    side: int
    licence: str
    about: str


def backbones() -> tuple[BackboneRow, ...]:
    """The networks that have names of their own.

    >>> [row.name for row in backbones()][:2]
    ['onboard', 'mobilenet_v1']
    """
    table = tomllib.loads(files("spotter.recognizer").joinpath("backbones.toml").read_text("utf-8"))
    return tuple(
        BackboneRow(name, row["source"], row.get("id", ""), row["side"], row["licence"], row["about"])
        for name, row in table.items()
    )


def find_backbone(name: str) -> BackboneRow:
    """The row of a backbone.

    Args:
        name: of one of `backbones`; ``"timm:NAME"`` for any network of timm; or the path of a .tflite or
            .onnx file.

    Raises:
        UsageError: if there is none of that name.

    >>> find_backbone("timm:resnet18").source
    'timm'
    """
    rows = {row.name: row for row in backbones()}
    if name in rows:
        return rows[name]
    if name.startswith(TIMM):
        return BackboneRow(name, "timm", name.removeprefix(TIMM), 0, "", "a network of timm")
    if Path(name).suffix in SUFFIXES:
        return BackboneRow(name, "file", name, 0, "", "a network in a file")
    near = difflib.get_close_matches(name, rows, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(rows)},"
    raise UsageError(
        f"there is no backbone called {name!r}; {hint} any network of timm is timm:NAME, "
        "and a .tflite or .onnx file is given by its path"
    )


def features_network(
    name: str, *, random_weights: bool = False, seed: int = 0, cache: Path | None = None
) -> Features:
    """The network of a backbone without its classes.

    Networks of timm are kept in the user's data folder: the second time, neither timm nor PyTorch is needed.

    Args:
        name: see `find_backbone`.
        random_weights: whether a network of timm begins with random weights.
        seed: of random weights.
        cache: the folder for them; ``backbones`` in the user's data folder if None.

    Raises:
        UsageError: if there is none of that name, or it has no features because it is trained from scratch.
        ModelError: if a file is no network of pictures.
        ModelDownloadError: if its weights are not at hand and cannot be fetched.
        MissingExtraError: if it needs PyTorch and timm, and they are not installed.
        OutputError: if it cannot be kept.
    """
    row = find_backbone(name)
    if row.source == "figure":
        raise UsageError(f"the backbone {name!r} has no trained weights: it is only trained from scratch")
    if row.source == "onboard":
        table = files("spotter.recognizer").joinpath("onboard.toml").read_bytes()
        mark = hashlib.sha256(table).hexdigest()
        return Features(onboard_features(), onboard_side(), UNIT_SCALE, UNIT_BIAS, mark)
    if row.source == "file":
        return file_features(Path(row.id))
    if random_weights:
        return _from_timm(row, seed)
    folder = (data_folder() / "backbones" if cache is None else cache) / re.sub(r"[^\w.-]", "_", row.id)
    return _kept(folder) or _keep(folder, _from_timm(row, None))


def _from_timm(row: BackboneRow, seed: int | None) -> Features:
    from spotter.recognizer.timm_models import timm_features  # PyTorch takes seconds to import

    return timm_features(row.id, random_seed=seed)


def _kept(folder: Path) -> Features | None:
    """What was fetched before; None if it is not there or not whole."""
    try:
        said = json.loads((folder / "features.json").read_text("utf-8"))
        network = read_network(folder / NETWORK_NAME)
        return Features(network, said["side"], tuple(said["scale"]), tuple(said["bias"]), said["fingerprint"])
    except (OSError, ValueError, KeyError, ModelError):
        return None


def _keep(folder: Path, features: Features) -> Features:
    save_network(features.network, folder)
    said = {
        "side": features.side,
        "scale": features.scale,
        "bias": features.bias,
        "fingerprint": features.fingerprint,
    }
    write_text(folder / "features.json", json.dumps(said))  # last: it says that the network is whole
    return features
