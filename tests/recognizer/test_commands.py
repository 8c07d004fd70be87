"""The recognizer's commands one after the other, as a user calls them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from spotter.cli.app import app
from spotter.errors import SpotterError
from tests.recognizer.photos import CLASSES, write_photos


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPOTTER_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model trained by the command on photos in a folder with a space and an umlaut in its name."""
    folder = tmp_path_factory.mktemp("made")
    write_photos(folder / "meine schönen photos")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPOTTER_HOME", str(folder / "home"))
        spotter("train", folder / "meine schönen photos", "--out", folder / "model", "--augment", 2)
    return folder / "model"


def spotter(*words: object) -> Result:
    """Run ``spotter recognizer`` with some words."""
    result = CliRunner().invoke(app, ["recognizer", *map(str, words)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def document(*words: object) -> dict[str, object]:
    """What a command prints with --json: one JSON document and nothing else."""
    result = spotter(*words, "--json")
    assert result.exit_code == 0, result.stderr
    found: dict[str, object] = json.loads(result.stdout)
    return found


def test_a_trained_model_lies_there_with_its_report(model: Path) -> None:
    names = {path.name for path in model.iterdir()}
    assert names == {"curves.csv", "model.toml", "network.xml", "report.html", "weights.safetensors"}
    page = (model / "report.html").read_text("utf-8")
    assert "meine schönen photos" not in page or "<html" in page
    assert all(name in page for name in CLASSES)


def test_it_is_judged_on_others(model: Path, tmp_path: Path) -> None:
    write_photos(tmp_path / "others", people=10, each=1)
    found = document("evaluate", model, tmp_path / "others", "--out", tmp_path / "page.html")
    assert found["n"] == 30 and 0.7 < float(str(found["accuracy"])) <= 1
    low, high = found["interval"]  # type: ignore[misc]
    assert low < found["accuracy"] <= high
    assert set(found["classes"]) == set(CLASSES)  # type: ignore[call-overload]
    assert (tmp_path / "page.html").stat().st_size > 10_000


def test_pictures_are_named_and_bad_ones_told(model: Path, tmp_path: Path) -> None:
    write_photos(tmp_path / "some", people=1, each=1)
    (tmp_path / "some" / "disc" / "text.jpg").write_text("no picture")
    result = spotter("predict", model, tmp_path / "some", "--json")
    rows = json.loads(result.stdout)
    assert len(rows) == 4 and result.exit_code == 5
    (bad,) = (row for row in rows if "error" in row)
    assert bad["path"].endswith("text.jpg") and "text.jpg" in bad["error"]


@pytest.mark.parametrize("name", ["openvino", "onnx"])
def test_it_is_exported_and_the_file_agrees(model: Path, tmp_path: Path, name: str) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("onnxruntime")
    write_photos(tmp_path / "some", people=4, each=1)
    result = spotter(
        "export", model, "--to", name, "--out", tmp_path / "files", "--photos", tmp_path / "some"
    )
    assert result.exit_code == 0, result.stderr
    (row,) = json.loads((tmp_path / "files" / "parity.json").read_text("utf-8"))["files"]
    assert row["difference"] < 1e-3 and row["agreement"] == 1


def test_training_again_gives_the_same_figures_as_json(tmp_path: Path) -> None:
    write_photos(tmp_path / "photos", people=5)
    found = [document("train", "photos", "--out", name, "--augment", 1, "--seed", 3) for name in ("a", "b")]
    assert found[0]["classes"] == list(CLASSES)
    assert found[0]["validation_loss"] == found[1]["validation_loss"]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["train", "nowhere"], 3, "nowhere"),
        (["train", "photos", "--strategy", "magic"], 2, "magic"),
        (["train", "photos", "--backbone", "mobilnet_v1"], 2, "mobilenet_v1"),
        (["train", "photos/disc"], 12, "photos"),
        (["evaluate", "photos", "photos"], 7, "photos"),
        (["predict", "nowhere", "picture.png"], 7, "nowhere"),
    ],
)
def test_mistakes_are_told_in_a_sentence(words: list[str], code: int, said: str, tmp_path: Path) -> None:
    write_photos(tmp_path / "photos", people=3, each=1)
    with pytest.raises(SpotterError) as caught:
        spotter(*words)
    assert caught.value.exit_code == code and said in str(caught.value)
