"""The build hook: places weights, leaves nothing half-written, and goes on without a network."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from spotter.models import card
from spotter.models.wheel import Wheel

pytest.importorskip("hatchling", reason="the build hook needs hatchling, which is in the dev extra")

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hatch_build", REPOSITORY / "hatch_build.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def project(tmp_path: Path, fake_wheel: Wheel, weights: dict[str, bytes]) -> Path:
    """A project whose registry names the files of the fake wheel."""
    models = tmp_path / "project" / "src" / "spotter" / "models"
    models.mkdir(parents=True)
    shutil.copy(REPOSITORY / "src" / "spotter" / "models" / "wheel.py", models)
    lines = ["[wheels.fake]", *(f"{key} = {json.dumps(value)}" for key, value in asdict(fake_wheel).items())]
    for number, (name, content) in enumerate(weights.items()):
        digest = hashlib.sha256(content).hexdigest()
        lines += [
            f"[models.m{number}]",
            "wheel = 'fake'",
            f"[[models.m{number}.files]]",
            f"name = {name!r}",
            f"member = 'fakemodels/{name}'",
            f"size = {len(content)}",
            f"sha256 = {digest!r}",
        ]
    (models / "registry.toml").write_text("\n".join(lines))
    return tmp_path / "project"


@pytest.fixture
def build(hook: ModuleType, project: Path) -> Callable[..., list[str]]:
    """Runs the hook as a build does; returns the warnings."""

    def run(target: str = "wheel") -> list[str]:
        warnings: list[str] = []
        app = SimpleNamespace(display_warning=warnings.append)
        instance = hook.WeightsHook(str(project), {}, None, None, "", target, app)
        instance.initialize("editable", {})
        return warnings

    return run


def placed(project: Path) -> dict[str, bytes]:
    folder = project / "src" / "spotter" / "models" / "weights"
    return {path.name: path.read_bytes() for path in folder.glob("*")} if folder.exists() else {}


def test_weights_are_placed(
    build: Callable[..., list[str]], project: Path, weights: dict[str, bytes]
) -> None:
    assert build() == []
    files = placed(project)
    assert b"Do what you like." in files.pop("NOTICE-fakemodels.txt")
    assert files == weights


def test_whole_files_are_not_fetched_again(
    build: Callable[..., list[str]],
    project: Path,
    weights: dict[str, bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    build()
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    assert build() == []


def test_damaged_file_is_replaced(
    build: Callable[..., list[str]], project: Path, weights: dict[str, bytes]
) -> None:
    build()
    (project / "src/spotter/models/weights/a.tflite").write_bytes(b"half")
    assert build() == []
    assert placed(project)["a.tflite"] == weights["a.tflite"]


def test_no_network(build: Callable[..., list[str]], project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    (warning,) = build()
    assert "without model weights" in warning and "check the network" in warning
    assert placed(project) == {}


def test_offline(build: Callable[..., list[str]], project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPOTTER_OFFLINE", "1")
    (warning,) = build()
    assert "SPOTTER_OFFLINE" in warning
    assert placed(project) == {}


@pytest.mark.parametrize("what", ["wheel", "file"])
def test_wrong_checksum_stops_the_build(
    build: Callable[..., list[str]], project: Path, fake_wheel: Wheel, weights: dict[str, bytes], what: str
) -> None:
    registry = project / "src/spotter/models/registry.toml"
    digest = fake_wheel.sha256 if what == "wheel" else hashlib.sha256(weights["b.onnx"]).hexdigest()
    registry.write_text(registry.read_text().replace(digest, "0" * 64))
    with pytest.raises(Exception, match="wrong checksum") as raised:
        build()
    assert type(raised.value).__name__ == "WheelChecksumError"
    assert placed(project) == {}


def test_source_archive_carries_no_weights(build: Callable[..., list[str]], project: Path) -> None:
    assert build("sdist") == []
    assert placed(project) == {}


def test_hook_reads_the_real_registry_as_the_store_does(
    hook: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = tmp_path / "models"
    models.mkdir()
    shutil.copy(card.REGISTRY, models)
    wheel_module = hook.load_by_path("wheel_for_this_test", card.REGISTRY.with_name("wheel.py"))
    asked: list[tuple[object, list[str]]] = []
    monkeypatch.setattr(
        wheel_module, "take_out", lambda wheel, files, folder: asked.append((wheel, [f.name for f in files]))
    )
    hook.place_weights(models, wheel_module, offline=False)
    ((wheel, names),) = asked
    cards = [one for one in card.load_registry().values() if one.wheel and one.wheel.shipped]
    assert names == [file.name for entry in cards for file in entry.wheel_files]
    assert {asdict(entry.wheel)["sha256"] for entry in cards if entry.wheel} == {asdict(wheel)["sha256"]}
