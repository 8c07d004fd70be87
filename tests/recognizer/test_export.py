"""Exporting a trained model: every format and precision, what is inside the files, and what goes wrong."""

from __future__ import annotations

import errno
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("torch")

import typer
from typer.testing import CliRunner

from spotter.cli.recognizer.export import export_command
from spotter.errors import ExportError, MissingExtraError, OutputError, UsageError
from spotter.models.graph import read_graph
from spotter.models.ir import read_description
from spotter.models.weights import NETWORK_NAME, read_network
from spotter.recognizer import export_formats
from spotter.recognizer.card import read_card
from spotter.recognizer.dataset import PhotoSet
from spotter.recognizer.export import export
from spotter.recognizer.export_coreml import without_scaling
from spotter.recognizer.layers import GraphNetwork, load_layers
from spotter.recognizer.predict import Recognizer, as_input
from spotter.recognizer.tflite_metadata import read_files
from tests.recognizer.export_material import CLASSES, IMAGENET, SIDE, squares, write_model, write_photos

# Not importorskip: imported by itself, nncf reports that to its makers.
LIBRARIES = ("coremltools", "onnx", "onnxruntime", "litert_torch", "ai_edge_quantizer", "nncf")
MISSING = [name for name in LIBRARIES if find_spec(name) is None]
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not installed: {', '.join(MISSING)}")

TARGETS = ("coreml", "tflite", "onnx", "openvino")
SUFFIXES = {"coreml": ".mlpackage", "tflite": ".tflite", "onnx": ".onnx", "openvino": ".xml"}
INSIDE = ("classes", "task", "preprocessing", "side", "author", "licence", "version", "unknown_below")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("models") / "three tints")


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> PhotoSet:
    return write_photos(tmp_path_factory.mktemp("photos") / "all")


@pytest.fixture(scope="module")
def exported(model: Path, photos: PhotoSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All formats in f32."""
    out = tmp_path_factory.mktemp("exported")
    export(model, "all", out, photos=photos)
    return out


def test_all_formats_agree_in_f32(exported: Path) -> None:
    rows = json.loads((exported / "parity.json").read_text("utf-8"))["files"]
    assert [row["target"] for row in rows] == ["coreml", "onnx", "tflite", "openvino"]
    for row in rows:
        assert row["failures"] == []
        assert row["difference"] < 1e-5
        assert row["agreement"] == 1.0
        assert row["accuracy"] == row["model_accuracy"] > 0.9
        assert row["pictures"] == 32, "a third of the 48 photos is for calibrating"
        assert row["size"] > 10_000
        assert row["latency_ms"] is None or row["latency_ms"] > 0
    names = {path.name for path in exported.iterdir()}
    assert names == {f"three tints-f32{suffix}" for suffix in (*SUFFIXES.values(), ".bin")} | {
        "parity.json",
        "parity.md",
    }


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("precision", ["f16", "int8"])
def test_smaller_numbers(model: Path, photos: PhotoSet, tmp_path: Path, target: Any, precision: Any) -> None:
    (made,) = export(model, target, tmp_path, precision=precision, photos=photos)
    assert made.file == tmp_path / f"three tints-{precision}{SUFFIXES[target]}"
    assert 0 < made.parity.difference < (1e-2 if precision == "f16" else 0.2)
    assert made.parity.agreement == 1.0
    assert made.parity.accuracy == made.parity.model_accuracy


@pytest.mark.parametrize("target", TARGETS)
def test_several_labels(tmp_path: Path, target: Any) -> None:
    model = write_model(tmp_path / "multi", "multi", IMAGENET)
    (made,) = export(model, target, tmp_path / "out", photos=write_photos(tmp_path / "p", 9, multilabel=True))
    assert made.parity.difference < 1e-5
    if target == "coreml":
        described = _coreml(made.file).description
        assert [output.name for output in described.output] == ["probabilities"]
        assert json.loads(described.metadata.userDefined["thresholds"]) == [0.4, 0.5, 0.6]


@pytest.mark.parametrize("target", TARGETS)
def test_what_the_file_says_of_itself(exported: Path, target: str) -> None:
    told = _facts(exported / f"three tints-f32{SUFFIXES[target]}", target)
    assert set(INSIDE) <= set(told)
    assert json.loads(told["classes"]) == list(CLASSES)
    assert (told["task"], told["author"], told["licence"]) == ("single", "A. Möller", "CC0-1.0")
    assert (told["version"], told["side"], told["unknown_below"]) == ("spotter 0.1.0", str(SIDE), "0.4")
    assert "RGB" in told["preprocessing"] and "0 to 255" in told["preprocessing"]


def test_core_ml_is_ready_for_xcode(exported: Path) -> None:
    described = _coreml(exported / "three tints-f32.mlpackage").description
    image = described.input[0]
    assert (image.name, image.type.imageType.width, image.type.imageType.height) == ("image", SIDE, SIDE)
    assert image.type.imageType.colorSpace == image.type.imageType.RGB
    assert [output.name for output in described.output] == ["classLabel", "classLabel_probs"]
    assert (described.metadata.author, described.metadata.license) == ("A. Möller", "CC0-1.0")
    assert "unknown" in described.output[0].shortDescription


def test_tflite_says_how_to_read_its_answer(exported: Path) -> None:
    """The labels' file belongs to the output, and pixels are wanted as they are: for MediaPipe."""
    path = exported / "three tints-f32.tflite"
    assert read_files(path)["labels.txt"].splitlines() == list(CLASSES)
    metadata = _tflite_metadata(path)
    assert metadata[4:8] == b"M001"
    for text in ("labels.txt", "spotter.json", "A. Möller", "CC0-1.0", "image", "probabilities"):
        assert text.encode() in metadata
    graph = _vector(_root(metadata), 3)[0]
    image, answer = _vector(graph, 2)[0], _vector(graph, 3)[0]
    content = _child(image, 3)
    assert content.Get(_uint8(), content.Pos + content.Offset(4)) == 2, "image properties"
    size = _child(_child(content, 1), 1)
    assert [size.Get(_uint32(), size.Pos + size.Offset(4 + 2 * i)) for i in (0, 1)] == [SIDE, SIDE]
    labels = _vector(answer, 6)[0]
    assert labels.String(labels.Pos + labels.Offset(4)) == b"labels.txt"


@pytest.mark.parametrize("target", ["onnx", "openvino"])
def test_any_number_of_pictures(exported: Path, model: Path, target: str) -> None:
    images, _ = squares(5, seed=9)
    path = str(exported / f"three tints-f32{SUFFIXES[target]}")
    if target == "onnx":
        import onnxruntime

        (got,) = onnxruntime.InferenceSession(path).run(["probabilities"], {"image": as_input(images)})
    else:
        from spotter.models.ir import open_ir

        got = open_ir(Path(path))(as_input(images))
    np.testing.assert_allclose(got, Recognizer.load(model, precision="f32").probabilities(images), atol=1e-5)


@pytest.mark.parametrize("normalisation", [IMAGENET, ((0.01,) * 3, (0.0, -1.0, 0.5))])
def test_scaling_goes_to_the_image_input(tmp_path: Path, normalisation: Any) -> None:
    import torch

    model = write_model(tmp_path / "model", normalisation=normalisation)
    graph, scaling = without_scaling(read_graph(read_network(model / NETWORK_NAME)), read_card(model))
    assert scaling.scale == pytest.approx(normalisation[0][0])
    image = as_input(squares(1, seed=4)[0])
    given = image * np.float32(scaling.scale) + np.array(scaling.bias, np.float32).reshape(1, 3, 1, 1)
    with torch.no_grad():
        got = GraphNetwork(graph)(torch.from_numpy(given.astype(np.float32)))
        wanted = load_layers(model)(torch.from_numpy(image))
    np.testing.assert_allclose(got.numpy(), wanted.numpy(), atol=1e-6)


def test_a_network_that_scales_otherwise_is_left_whole(model: Path) -> None:
    card = replace(read_card(model), bias=(0.0, 0.0, 0.0))
    graph = read_graph(read_network(model / NETWORK_NAME))
    rest, scaling = without_scaling(graph, card)
    assert rest is graph
    assert (scaling.scale, scaling.bias) == (1.0, (0.0, 0.0, 0.0))


def test_a_file_that_disagrees_is_not_kept(
    model: Path, photos: PhotoSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = write_model(tmp_path / "other", seed=1)
    onnx = export_formats.FORMATS["onnx"]
    wrong = replace(onnx, write=lambda job, path: onnx.write(replace(job, folder=other), path))
    monkeypatch.setitem(export_formats.FORMATS, "onnx", wrong)
    with pytest.raises(ExportError, match=r"three tints-f32.onnx was not written: a probability differs by"):
        export(model, "all", tmp_path / "out", photos=photos)
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"three tints-f32.tflite", "three tints-f32.xml", "three tints-f32.mlpackage"} < names
    assert not any("onnx" in name for name in names)
    assert "**three tints-f32.onnx was not written**" in (tmp_path / "out/parity.md").read_text("utf-8")


def test_without_photos_it_is_checked_with_patterns_and_says_so(model: Path, tmp_path: Path) -> None:
    (made,) = export(model, "onnx", tmp_path)
    assert "made-up patterns" in made.parity.source
    assert made.parity.accuracy is None
    with pytest.raises(ExportError, match=r"onnx in int8 .* --photos"):
        export(model, "onnx", tmp_path, precision="int8")


def test_unreadable_photos_are_left_out(model: Path, tmp_path: Path) -> None:
    photos = write_photos(tmp_path / "photos", 6)
    photos.photos[0].path.write_text("no picture")
    (made,) = export(model, "openvino", tmp_path / "out", photos=photos)
    assert made.parity.pictures == 4


def test_exporting_again_replaces_and_keeps_the_rest(model: Path, photos: PhotoSet, tmp_path: Path) -> None:
    for target in ("coreml", "onnx", "openvino"):
        export(model, target, tmp_path, photos=photos)  # type: ignore[arg-type]
    (tmp_path / "three tints-f32.onnx").unlink()
    export(model, "coreml", tmp_path, photos=photos)
    rows = json.loads((tmp_path / "parity.json").read_text("utf-8"))["files"]
    assert [row["target"] for row in rows] == ["coreml", "openvino"]
    write_model(tmp_path / "three tints", seed=3)
    export(tmp_path / "three tints", "coreml", tmp_path, photos=photos)
    rows = json.loads((tmp_path / "parity.json").read_text("utf-8"))["files"]
    assert [row["target"] for row in rows] == ["coreml"], "nothing is said of another model's files"


def test_a_missing_library_is_named(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingExtraError, match=r"needs onnx.*pip install 'spotter-coach\[export\]'"):
        export(model, "onnx", tmp_path)


def test_a_full_disk_leaves_nothing(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(job: Any, path: Path) -> None:
        path.write_bytes(b"half of it")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setitem(
        export_formats.FORMATS, "tflite", replace(export_formats.FORMATS["tflite"], write=full)
    )
    with pytest.raises(OutputError, match=r"three tints-f32.tflite .*disk is full"):
        export(model, "tflite", tmp_path)
    assert list(tmp_path.iterdir()) == []


ALONE = """
import os, socket, sys
from pathlib import Path

def refused(*arguments, **named):
    raise SystemExit(f"it calls {arguments}")

socket.socket.connect = socket.getaddrinfo = os.fork = refused
from spotter.recognizer.export import export
from spotter.recognizer.layouts import read_photos

export(Path(sys.argv[1]), "all", Path(sys.argv[2]), precision="int8", photos=read_photos(Path(sys.argv[3])))
if sys.modules.get("openvino_telemetry"):
    raise SystemExit("telemetry was loaded")
"""


def test_nothing_is_printed_and_nobody_is_called(model: Path, photos: PhotoSet, tmp_path: Path) -> None:
    folder = _folders(photos, tmp_path / "photos")
    program = [sys.executable, "-c", ALONE, str(model), str(tmp_path / "out"), str(folder)]
    done = subprocess.run(program, capture_output=True, text=True, timeout=120, env=dict(os.environ))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_command(model: Path, photos: PhotoSet, tmp_path: Path) -> None:
    _folders(photos, tmp_path / "photos")
    arguments = [str(model), "--to", "openvino", "--out", str(tmp_path / "out"), "--photos"]
    precisions = ["--precision", "f32", "--precision", "f16"]
    done = _command([*arguments, str(tmp_path / "photos"), *precisions, "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert [row["file"] for row in told["files"]] == ["three tints-f16.xml", "three tints-f32.xml"]
    assert all(row["accuracy"] is not None for row in told["files"])
    shown = _command([*arguments, str(tmp_path / "photos")])
    assert shown.stdout == ""
    assert "three tints-f32.xml" in shown.stderr
    wrong = _command([str(model), "--to", "keras"])
    assert isinstance(wrong.exception, UsageError)
    assert "'keras'; allowed are coreml, tflite, onnx, openvino, all" in str(wrong.exception)


def test_the_python_snippets_of_the_documentation(
    model: Path,
    exported: Path,
    photos: PhotoSet,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Any,
) -> None:
    """Each gives what the recognizer itself says of a photo that is wide, as phones take them."""
    text = (Path(__file__).parents[2] / "docs/export.md").read_text("utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    for path in exported.iterdir():
        if path.suffix in (".onnx", ".tflite", ".xml", ".bin"):
            (tmp_path / path.name.replace("three tints", "body-parts")).write_bytes(path.read_bytes())
    image = cv2.resize(cv2.imread(str(photos.photos[4].path)), (160, 90))
    cv2.imwrite(str(tmp_path / "photo.jpg"), image)
    monkeypatch.chdir(tmp_path)
    wanted = Recognizer.load(model, precision="f32").predict("photo.jpg")
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, "export.md", "exec"), names)
        if "print" in block:
            assert names["probabilities"][0].tolist() == pytest.approx(wanted.probabilities, abs=1e-4)
    assert capsys.readouterr().out.splitlines() == [wanted.label] * 3
    assert wanted.label == CLASSES[1]
    several = {"classes": '["a", "b"]', "task": "multi", "thresholds": "[0.5, 0.2]"}
    assert names["answer"](np.array([0.4, 0.3]), several) == ["b"]
    unsure = {"classes": '["a", "b"]', "task": "single", "unknown_below": "0.9"}
    assert names["answer"](np.array([0.6, 0.4]), unsure) == "unknown"


def _folders(photos: PhotoSet, folder: Path) -> Path:
    """The photos as a folder a class."""
    for photo in photos.photos:
        path = folder / photo.labels[0] / photo.path.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(photo.path.read_bytes())
    return folder


def _command(arguments: list[str]) -> Any:
    app = typer.Typer()
    app.command()(export_command)
    return CliRunner().invoke(app, arguments)


def _coreml(path: Path) -> Any:
    from coremltools.proto import Model_pb2

    model = Model_pb2.Model()
    model.ParseFromString((path / "Data/com.apple.CoreML/model.mlmodel").read_bytes())
    return model


def _facts(path: Path, target: str) -> dict[str, str]:
    if target == "onnx":
        import onnx

        return {entry.key: entry.value for entry in onnx.load(str(path)).metadata_props}
    if target == "openvino":
        return read_description(path)
    if target == "coreml":
        return dict(_coreml(path).description.metadata.userDefined)
    return dict(json.loads(read_files(path)["spotter.json"]))


def _tflite_metadata(path: Path) -> bytes:
    from ai_edge_litert.tools.flatbuffer_utils import read_model

    model = read_model(str(path))
    (entry,) = [one for one in model.metadata if one.name == b"TFLITE_METADATA"]
    return bytes(model.buffers[entry.buffer].data)


def _root(buffer: bytes) -> Any:
    import flatbuffers

    (start,) = np.frombuffer(buffer[:4], "<u4")
    return flatbuffers.table.Table(bytearray(buffer), int(start))


def _child(table: Any, field: int) -> Any:
    import flatbuffers

    return flatbuffers.table.Table(table.Bytes, table.Indirect(table.Pos + table.Offset(4 + 2 * field)))


def _vector(table: Any, field: int) -> list[Any]:
    import flatbuffers

    offset = table.Offset(4 + 2 * field)
    start = table.Vector(offset)
    places = [table.Indirect(start + 4 * i) for i in range(table.VectorLen(offset))]
    return [flatbuffers.table.Table(table.Bytes, place) for place in places]


def _uint8() -> Any:
    from flatbuffers import number_types

    return number_types.Uint8Flags


def _uint32() -> Any:
    from flatbuffers import number_types

    return number_types.Uint32Flags
