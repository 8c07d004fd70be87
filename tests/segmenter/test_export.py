"""The exported network finds what the trained one finds, without PyTorch; what does not fit is said."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from spotter.cli.segmenter.app import app
from spotter.errors import ExportError, ModelError, SpotterError, UsageError
from spotter.models.weights import WEIGHTS_NAME
from spotter.recognizer.export_pictures import synthetic_squares
from spotter.recognizer.pytorch import torch
from spotter.segmenter import export_onnx, parity
from spotter.segmenter.annotation import CLASSES
from spotter.segmenter.card import INPUTS, NETWORK_FILE, OUTPUTS, read_card, write_card
from spotter.segmenter.export import export
from spotter.segmenter.export_network import ExportedRcnn
from spotter.segmenter.export_pictures import pictures_for
from spotter.segmenter.model_folder import load_network, save_network
from spotter.segmenter.predict import Segmenter
from spotter.segmenter.rcnn import MaskRcnn
from tests.segmenter import untrained

onnxruntime = pytest.importorskip("onnxruntime")  # comes with the extra that exporting needs

SQUARES = synthetic_squares(2, untrained.SIDE, seed=5)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model's folder, exported in full precision into itself."""
    folder = untrained.folder(tmp_path_factory.mktemp("segmenter") / "model")
    trace = export_onnx._trace

    def kept(network: MaskRcnn, side: int, path: Path) -> None:
        trace(network, side, path)
        shutil.copy(path, folder.parent / "traced.onnx")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(export_onnx, "_trace", kept)
        patch.setattr(parity, "_TIMED", 1)
        export(folder, "onnx", weights="f32", pictures=patterns(folder.parent / "patterns"))
    return folder


@pytest.fixture
def traced(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tracing the same network again, which takes long, gives what it gave before."""

    def known(network: object, side: int, path: Path) -> None:
        shutil.copy(model.parent / "traced.onnx", path)

    monkeypatch.setattr(export_onnx, "_trace", known)
    monkeypatch.setattr(parity, "_TIMED", 1)


def patterns(folder: Path) -> Path:
    """A folder of pictures in which such a network finds things."""
    folder.mkdir()
    for number, square in enumerate(synthetic_squares(2, untrained.SIDE, seed=1)):
        cv2.imwrite(str(folder / f"{number}.png"), square)
    return folder


@pytest.fixture
def pictures(model: Path) -> Path:
    return model.parent / "patterns"


@pytest.fixture
def plain(model: Path, tmp_path: Path) -> Path:
    """A copy of the model that was not exported."""
    folder = tmp_path / "plain"
    folder.mkdir()
    for name in ("model.toml", WEIGHTS_NAME):
        (folder / name).write_bytes((model / name).read_bytes())
    return folder


def expected(model: Path, square: np.ndarray, score: float) -> dict[str, np.ndarray]:
    network = load_network(model)
    network.roi_heads.score_thresh = score
    with torch.no_grad():
        found = network(untrained.pixels(square[None]))[0]
    return {name: value.numpy() for name, value in found.items()}


@pytest.mark.parametrize("score", [0.05, 0.3])
def test_it_finds_what_the_network_finds(model: Path, score: float) -> None:
    segmenter = Segmenter.open(model)
    for square in SQUARES:
        wanted, got = expected(model, square, score), segmenter.detect_in_square(square, score)
        assert len(got) == len(wanted["scores"]) > 3
        assert got.labels.tolist() == wanted["labels"].tolist()
        np.testing.assert_allclose(got.boxes, wanted["boxes"], atol=2e-2)
        np.testing.assert_allclose(got.scores, wanted["scores"], atol=1e-3)
        np.testing.assert_allclose(got.masks, wanted["masks"][:, 0], atol=1e-3)


def test_it_finds_nothing_where_nothing_is_sure_enough(model: Path) -> None:
    found = Segmenter.open(model).detect_in_square(SQUARES[0], 0.999)
    assert len(found) == 0 and found.masks.shape == (0, 28, 28) and found.boxes.shape == (0, 4)


def test_other_programs_can_run_the_file(model: Path) -> None:
    session = onnxruntime.InferenceSession(str(model / NETWORK_FILE), providers=["CPUExecutionProvider"])
    given = dict(zip(INPUTS, (SQUARES[:1], np.float32([0.3])), strict=True))
    boxes, labels, scores, _masks = session.run(list(OUTPUTS), given)
    got = Segmenter.open(model).detect_in_square(SQUARES[0], 0.3)
    assert labels.tolist() == got.labels.tolist()
    np.testing.assert_allclose(boxes, got.boxes, atol=2e-2)
    np.testing.assert_allclose(scores, got.scores, atol=1e-3)
    words = session.get_modelmeta().custom_metadata_map
    assert json.loads(words["classes"]) == list(CLASSES) and words["side"] == str(untrained.SIDE)


@pytest.mark.parametrize("kind", ["mobilenetv3-large-fpn", "resnet50-fpn-v2"])
def test_other_architectures_are_the_same_in_their_exported_form(kind: str) -> None:
    network = untrained.network(kind, 2, proposals=16)
    network.roi_heads.detections_per_img, network.roi_heads.score_thresh = 8, 0.02
    with torch.no_grad():
        wanted = network(untrained.pixels(SQUARES[:1]))[0]
        got = ExportedRcnn(network, untrained.SIDE)(torch.from_numpy(SQUARES[:1]), torch.tensor([0.02]))
    boxes, labels, scores, masks = (value.numpy() for value in got)
    assert len(scores) == len(wanted["scores"]) > 1
    assert labels.tolist() == wanted["labels"].tolist()
    np.testing.assert_allclose(boxes, wanted["boxes"].numpy(), atol=1e-3)
    np.testing.assert_allclose(scores, wanted["scores"].numpy(), atol=1e-5)
    np.testing.assert_allclose(masks, wanted["masks"][:, 0].numpy(), atol=1e-5)


@pytest.mark.usefixtures("traced")
def test_int8_makes_a_file_of_a_quarter(
    model: Path, plain: Path, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With random weights it finds other things: whether it runs and how far it is off is looked at."""
    monkeypatch.setitem(parity.LIMITS, "int8", parity.Limits(0.1, 0.0, 100, 1, 1))
    made = export(plain, "onnx", weights="int8", pictures=pictures)
    assert made.size < 0.35 * (model / NETWORK_FILE).stat().st_size
    assert made.parity is not None and made.parity.found > 20 and made.parity.mean_scores < 0.1


def test_what_came_of_comparing_is_written_down(model: Path) -> None:
    document = json.loads((model / "parity.json").read_text())
    row = document["files"][0]
    assert row["weights"] == "f32" and row["matched"] == 1 and row["found"] > 20
    assert row["boxes"] < 0.05 and row["mean_scores"] < 1e-4
    assert "| f32 |" in (model / "parity.md").read_text()


@pytest.fixture
def no_tracing(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exporting gives the file that is known already."""

    def copied(network: object, card: object, weights: object, path: Path) -> None:
        path.write_bytes((model / NETWORK_FILE).read_bytes())

    monkeypatch.setattr("spotter.segmenter.export.write_onnx", copied)


@pytest.mark.usefixtures("no_tracing")
def test_a_file_that_disagrees_is_not_kept(
    plain: Path, pictures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(parity.LIMITS, "f16", replace(parity.LIMITS["f16"], scores=0.0))
    (plain / NETWORK_FILE).write_bytes(b"an earlier one")
    with pytest.raises(ExportError, match=r"scores differ by .* in the mean, and at most 0 is allowed"):
        export(plain, "onnx", pictures=pictures)
    assert (plain / NETWORK_FILE).read_bytes() == b"an earlier one"
    assert "was not written" in (plain / "parity.md").read_text()
    assert not list(plain.glob(".*.part"))


@pytest.mark.usefixtures("no_tracing")
def test_another_network_in_the_file_is_noticed(plain: Path, pictures: Path) -> None:
    network = load_network(plain)
    with torch.no_grad():
        network.roi_heads.mask_predictor.logits.bias.add_(0.5)
    save_network(plain, network, read_card(plain))
    with pytest.raises(ExportError, match=r"was not written: masks differ by 0\.\d+ in the mean"):
        export(plain, "onnx", pictures=pictures)


def test_pictures_with_nothing_in_them_prove_nothing(model: Path, pictures: Path) -> None:
    shown = pictures_for(read_card(model), pictures / "0.png")
    nobody = Segmenter.open(model).detect_in_square(shown.squares[0], 0.999)
    made = parity.check_folder(model, "f32", shown, [nobody], 0.999)
    assert np.isnan(made.matched) and made.document()["matched"] is None
    assert "nothing was found" in made.failures[0] and "--pictures" in made.failures[0]


def test_weights_go_into_safetensors_and_h5(plain: Path, tmp_path: Path) -> None:
    pytest.importorskip("h5py")
    from spotter.segmenter.weights_h5 import read_h5

    own = load_network(plain).state_dict()
    export(plain, "safetensors", tmp_path / "copy")
    made = export(plain, "h5", tmp_path / "h5")
    state, words = read_h5(made.file)
    assert words["classes"] == list(CLASSES) and words["network"] == "parts"
    for other in (state, load_network(tmp_path / "copy").state_dict()):
        assert own.keys() == other.keys() and all(torch.equal(own[name], other[name]) for name in own)


def test_what_makes_no_sense_is_refused(plain: Path) -> None:
    with pytest.raises(UsageError, match="--weights is for onnx"):
        export(plain, "h5", weights="f16")
    with pytest.raises(UsageError, match="name another folder with --out"):
        export(plain, "safetensors")


def test_another_architecture(plain: Path) -> None:
    write_card(plain, replace(read_card(plain), network="mobilenetv3-large-fpn"))
    with pytest.raises(ModelError, match=r'network "parts", and model.toml .* "mobilenetv3-large-fpn"'):
        load_network(plain)
    write_card(plain, replace(read_card(plain), network="yolo"))
    with pytest.raises(ModelError, match=r"does not have: there is no network called 'yolo'"):
        load_network(plain)


def test_other_classes_name_the_tensor_and_both_shapes(plain: Path) -> None:
    network, card = load_network(plain), read_card(plain)
    write = replace(card, classes=CLASSES[:3])
    save_network(plain, network, write)  # the header agrees, the tensors do not
    with pytest.raises(
        ModelError,
        match=r"cls_score.weight is \(16, 384\), and the network 'parts' for 3 classes has it as \(4, 384\)",
    ):
        load_network(plain)


def test_missing_and_broken_weights(plain: Path) -> None:
    whole = (plain / WEIGHTS_NAME).read_bytes()
    (plain / WEIGHTS_NAME).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match=r"weights.safetensors is no whole .safetensors file"):
        export(plain, "onnx")
    (plain / WEIGHTS_NAME).unlink()
    with pytest.raises(ModelError, match=r"there is no file .*weights.safetensors"):
        export(plain, "onnx")


@pytest.mark.usefixtures("traced")
def test_the_command_makes_a_model_that_runs(
    model: Path, plain: Path, pictures: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    words = ["export", plain, "--to", "onnx", "--out", out, "--pictures", pictures / "0.png", "--json"]
    done = CliRunner().invoke(app, list(map(str, words)))
    assert done.exit_code == 0, done.stderr
    document = json.loads(done.stdout)
    row = document["files"][0]
    assert row["weights"] == "f16" and row["pictures"] == 1 and row["mean_scores"] < 0.005
    assert Path(document["file"]) == out / NETWORK_FILE and not (plain / NETWORK_FILE).exists()
    assert row["size"] == document["size"] < 0.55 * (model / NETWORK_FILE).stat().st_size
    assert Segmenter.open(out).classes == CLASSES


def test_another_format_is_refused(plain: Path) -> None:
    failed = CliRunner().invoke(app, ["export", str(plain), "--to", "tflite"])
    assert isinstance(failed.exception, SpotterError) and "--to is 'tflite'" in str(failed.exception)
