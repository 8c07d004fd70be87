"""The recognizer's benchmarks, on photos made here."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.__main__ import main
from bench.material import Material
from bench.recognizer import CLASSES
from tests.recognizer.photos import drawn

SHAPES = ("bar", "disc", "ring")


@pytest.fixture(scope="module")
def material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    """Three shapes in place of three parts of the body, and four of eyes."""
    folder = tmp_path_factory.mktemp("material")
    photos = folder / "photos"
    for shape, name in zip(SHAPES, CLASSES, strict=True):
        _write(photos / "body-parts" / name, shape, [f"person{i:04}_0.png" for i in range(8)])
    for shape, name in zip(SHAPES, ("face", "hand", "hand_and_forearm"), strict=True):
        _write(photos / "elsewhere" / name, shape, ["1.png", "2.png"])
    for shape, name in zip((*SHAPES, "disc"), ("normal", "cataract", "glaucoma", "other"), strict=True):
        _write(photos / "fundus" / name, shape, [f"{i}.png" for i in range(6)])
    return Material(folder, folder / "nothing.mp4")


def _write(folder: Path, shape: str, names: list[str]) -> None:
    folder.mkdir(parents=True)
    for name in names:
        rng = np.random.default_rng([SHAPES.index(shape), sum(map(ord, str(folder.name) + name))])
        cv2.imwrite(str(folder / name), drawn(shape, rng)[..., ::-1])


@pytest.mark.parametrize(
    ("name", "tables"),
    [
        ("recognizer", ["recognizer", "recognizer-speed"]),
        ("recognizer_augment", ["recognizer-augment"]),
        ("recognizer_fundus", ["recognizer-fundus"]),
    ],
)
def test_a_benchmark_gives_its_tables(
    name: str, tables: list[str], material: Material, tmp_path: Path
) -> None:
    pytest.importorskip("torch")
    assert main([name, "--quick", "--out", str(tmp_path)], material) == 0
    assert sorted(path.stem for path in tmp_path.glob("*.csv")) == tables


@pytest.mark.parametrize("name", ["recognizer", "recognizer_fundus"])
def test_without_photos_it_says_what_is_missing(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nothing = Material(tmp_path / "nowhere", tmp_path / "nothing.mp4")
    assert main([name, "--quick", "--out", str(tmp_path)], nothing) == 0
    assert f"{name}: left out, because there is no" in " ".join(capsys.readouterr().out.split())
