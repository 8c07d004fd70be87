"""``spotter segmenter train`` as a user calls it: from annotated pictures to a model's folder."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

pytest.importorskip("torch")

import torch
from safetensors.torch import load_file

from spotter.cli.app import app, run
from spotter.errors import SpotterError, TrainingStoppedError
from spotter.recognizer.curves import read_curves
from spotter.report.live_curves import LiveCurves
from spotter.segmenter import architecture
from spotter.segmenter.card import read_card
from spotter.segmenter.checkpoint import FILE_NAME
from spotter.segmenter.curve import EpochCurve
from spotter.segmenter.dataset import read_annotations
from spotter.segmenter.evaluate import evaluate
from spotter.segmenter.layouts import layouts
from spotter.segmenter.model_folder import load_network
from spotter.segmenter.torch_detector import TorchDetector
from tests.segmenter.forked import forked
from tests.segmenter.puppets import CLASSES, puppets, write_coco

pytestmark = pytest.mark.usefixtures("one_thread", "narrow")

REPOSITORY = Path(__file__).parents[2]
SHORT = ("--side", 64, "--epochs", 2, "--batch", 2, "--rate", 2e-3, "--seed", 1)


@pytest.fixture(scope="module")
def narrow() -> Iterator[None]:
    """Networks of this process have few channels, and look at few proposals."""
    known = architecture.architectures()
    small = replace(known["parts"], channels=32, samples=24, proposals_train=60, proposals_run=40)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(architecture, "architectures", lambda: {**known, "parts": small})
        yield


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    parts = {"train": puppets(folder, 4, 1, 64), "val": puppets(folder, 2, 2, 64)}
    return write_coco(folder / "schöne Bilder", parts)


@pytest.fixture(scope="module")
def model(pictures: Path, narrow: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "model"
    result = spotter(pictures, "--out", folder, *SHORT, "--author", "Ada")
    assert result.exit_code == 0 and result.stdout == ""
    (folder.parent / "said").write_text(result.stderr, "utf-8")
    return folder


def spotter(*words: object) -> Result:
    """Run ``spotter segmenter train`` with some words."""
    result = CliRunner().invoke(app, ["segmenter", "train", *map(str, words)])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def losses(folder: Path) -> list[tuple[float, float]]:
    return [(row.loss, row.mask_ap) for row in read_curves(folder, EpochCurve)]


def require_same_weights(one: Path, other: Path) -> None:
    states = [load_file(folder / "weights.safetensors") for folder in (one, other)]
    assert states[0].keys() == states[1].keys()
    for name, value in states[0].items():
        assert torch.equal(value, states[1][name]), name


def test_a_model_lies_there_with_its_page_and_its_checkpoint(model: Path) -> None:
    names = {path.name for path in model.iterdir()}
    assert names == {"model.toml", "weights.safetensors", "curves.csv", "report.html", FILE_NAME}
    card = read_card(model)
    assert (card.network, card.side, card.author) == ("parts", 64, "Ada")
    assert set(card.classes) >= set(CLASSES)
    assert card.training["pictures"] == 4 and card.training["held_back"] == 2
    assert (card.training["frozen"], card.training["warm_up"]) == (0, 2)  # random weights, two steps an epoch
    assert card.training["data"]["layout"] == "coco"
    assert set(card.versions) == {"spotter", "torch", "torchvision"}
    assert "How model was trained" in (model / "report.html").read_text("utf-8")


def test_the_weights_are_those_of_the_best_epoch(model: Path, pictures: Path) -> None:
    card = read_card(model)
    detector = TorchDetector(load_network(model), card.classes, card.side)
    found = evaluate(detector, read_annotations(pictures), resamples=0)
    assert found.boxes is not None and found.masks is not None
    best = read_curves(model, EpochCurve)[card.training["best_epoch"] - 1]
    assert best.box_ap == pytest.approx(found.boxes.average["AP"].value, abs=1e-5)
    assert best.mask_ap == pytest.approx(found.masks.average["AP"].value, abs=1e-5)
    assert best.mask_ap == max(row.mask_ap for row in read_curves(model, EpochCurve))


def test_it_says_how_it_goes(model: Path) -> None:
    said = (model.parent / "said").read_text("utf-8")
    for words in ("random weights", "epoch 1: loss", "held back: mask AP", "masks  AP50", "report.html"):
        assert words in said
    assert f"spotter segmenter export {model} --to onnx" in said


def test_the_same_seed_gives_the_same_model_and_json_alone_is_printed(
    model: Path, pictures: Path, tmp_path: Path
) -> None:
    result = spotter(pictures, "--out", tmp_path / "model", *SHORT, "--workers", 1, "--json")
    found = json.loads(result.stdout)
    assert losses(tmp_path / "model") == losses(model)
    assert [row["epoch"] for row in found["curve"]] == [1, 2]
    card = read_card(model)
    assert found["classes"] == list(card.classes) and found["mask_ap"] == card.training["mask_ap"]
    require_same_weights(tmp_path / "model", model)


def test_ctrl_c_keeps_everything_and_resume_goes_on_at_the_step(
    model: Path, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_self: object, name: str, done: int, total: int) -> None:
        if (name, done, total) == ("train", 3, 4):
            signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr(LiveCurves, "stage", interrupt)
        with pytest.raises(TrainingStoppedError, match=r"stopped in epoch 2.*--resume") as caught:
            spotter(pictures, "--out", tmp_path / "model", *SHORT)
    assert caught.value.exit_code == 130
    assert [path.name for path in (tmp_path / "model").iterdir()] == [FILE_NAME]
    result = spotter(pictures, "--out", tmp_path / "model", *SHORT, "--resume")
    assert losses(tmp_path / "model") == losses(model)
    assert result.stderr.count("epoch 1: loss") == result.stderr.count("epoch 2: loss") == 1


def test_nothing_is_overwritten_unless_it_goes_on(model: Path, pictures: Path) -> None:
    before = (model / "weights.safetensors").read_bytes()
    with pytest.raises(SpotterError, match=r"holds a model .*--resume, or give another folder") as caught:
        spotter(pictures, "--out", model, *SHORT)
    assert caught.value.exit_code == 2
    with pytest.raises(SpotterError, match=r"side was 64, now 96") as caught:
        spotter(pictures, "--out", model, *SHORT, "--side", 96, "--resume")
    assert caught.value.exit_code == 7
    assert (model / "weights.safetensors").read_bytes() == before


def test_a_model_s_weights_begin_another_one_for_people_alone(
    model: Path, pictures: Path, tmp_path: Path
) -> None:
    words = ("--out", tmp_path / "people", "--side", 64, "--epochs", 1, "--no-augment", "--classes", "person")
    result = spotter(pictures, *words, "--weights", model)
    card = read_card(tmp_path / "people")
    assert card.classes == ("person",) and card.training["frozen"] == 3
    assert "weights.safetensors: backbone.backbone" in result.stderr
    assert "beginning anew: roi_heads.box_predictor" in result.stderr


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--network", "yolo"], 2, "yolo.*resnet50-fpn-v2"),
        (["--layout", "voc"], 2, "voc.*coco"),
        (["--classes", "arm"], 2, "--classes arm.*person, head"),
        (["--resume"], 7, "without --resume"),
        (["--weights", "nowhere.safetensors"], 7, "nowhere.safetensors"),
        (["--weights", "."], 7, "neither weights.safetensors nor"),
    ],
)
def test_mistakes_are_told_in_a_sentence(
    pictures: Path, tmp_path: Path, words: list[str], code: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SpotterError, match=said) as caught:
        spotter(pictures, "--out", "model", *SHORT, *words)
    assert caught.value.exit_code == code
    assert not (tmp_path / "model").exists()


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SpotterError, match="nowhere") as caught:
        spotter(tmp_path / "nowhere", "--out", tmp_path / "model")
    assert caught.value.exit_code == 3


def test_without_pytorch_the_extra_is_named(pictures: Path, tmp_path: Path) -> None:
    program = "import sys; sys.modules['torch'] = None; from spotter.cli.app import main; main()"
    words = ["segmenter", "train", str(pictures), "--out", str(tmp_path / "model")]
    done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True)
    assert done.returncode == 14 and "spotter-coach[train]" in done.stderr
    assert "Traceback" not in done.stderr


TOGETHER = ("--epochs", "1", "--json")


def launched(pictures: Path, folder: Path) -> dict[str, Any]:
    """Train with two processes by PyTorch's own launcher; what the first one prints."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    command += ["-m", "spotter", "segmenter", "train", str(pictures), "--out", str(folder)]
    done = subprocess.run(
        [*command, *map(str, SHORT), *TOGETHER],
        cwd=REPOSITORY,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)  # one document: only the first process talks
    return found


def member(rank: int, port: int, printed: Path, words: tuple[str, ...]) -> None:
    """One of two processes, in the environment that the launcher gives to each."""
    os.environ.update(RANK=str(rank), LOCAL_RANK=str(rank), WORLD_SIZE="2")
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
    torch.set_num_threads(1)
    with printed.open("w", encoding="utf-8") as file, redirect_stdout(file):
        code = run(lambda: app(["segmenter", "train", *words], standalone_mode=False))
    sys.exit(code)


def without_launcher(pictures: Path, folder: Path) -> dict[str, Any]:
    """The same, begun by hand: it is known already that the launcher can, and it is slow to begin."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = (str(pictures), "--out", str(folder), *map(str, SHORT), *TOGETHER)
    printed = [folder.with_name(f"printed{rank}") for rank in range(2)]
    said = [folder.with_name(f"said{rank}") for rank in range(2)]
    both = [forked(said[rank], member, rank, port, printed[rank], words) for rank in range(2)]
    for process, told in zip(both, said, strict=True):
        process.join(300)
        assert process.exitcode == 0, told.read_text("utf-8")
    assert printed[1].read_text("utf-8") == ""
    found: dict[str, Any] = json.loads(printed[0].read_text("utf-8"))
    return found


def test_two_processes_train_one_model_and_the_same_again(pictures: Path, tmp_path: Path) -> None:
    once, again = launched(pictures, tmp_path / "a"), without_launcher(pictures, tmp_path / "b")
    for one in (once, again):
        assert len(one["curve"]) == 1 and one["mask_ap"] is not None
        one["curve"][0]["seconds"] = one["seconds"] = one["model"] = None
    assert once == again
    require_same_weights(tmp_path / "a", tmp_path / "b")


def test_the_page_of_the_docs_lists_every_layout_and_its_files() -> None:
    rows = (REPOSITORY / "docs" / "segmenter.md").read_text("utf-8").splitlines()
    for one in layouts().values():
        assert f"| `{one.name}` | {one.about} | {'<br>'.join(one.files)} |" in rows
