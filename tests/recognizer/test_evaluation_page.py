"""The pages of an evaluation and of a training: complete, self-contained, harmless whatever names are."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from spotter.recognizer.dataset import Photo, PhotoSet
from spotter.recognizer.evaluate import evaluate
from spotter.recognizer.head import Step
from spotter.recognizer.judged import Evaluation, judge
from spotter.recognizer.predict import Recognizer
from spotter.recognizer.settings import Trained
from spotter.report.recognizer.evaluation import evaluation_html, write_evaluation
from spotter.report.recognizer.told import print_evaluation
from spotter.report.recognizer.training import training_html
from spotter.report.terminal import error_console
from tests.pages import Page
from tests.recognizer import tiny

HOSTILE = "<b onload=1>\"'&{{7*7}}{%x%} Ωß"


def colour_photos(folder: Path, mistakes: int = 2) -> PhotoSet:
    """Six photos rightly named, some that are not, one of nothing known, and one that is no picture."""
    folder.mkdir(exist_ok=True)
    shows = [(name, name) for name in tiny.CLASSES * 2]
    shows += [("red", "blue")] * mistakes + [("grey", "unknown")]
    photos = []
    for i, (colour, label) in enumerate(shows):
        path = folder / f"{HOSTILE.replace('/', '')}{i}.png"
        path.write_bytes(cv2.imencode(".png", tiny.picture(colour)[:, :, ::-1])[1].tobytes())
        photos.append(Photo(path, (label,), f"person{i % 3}"))
    (folder / "text.jpg").write_text("no picture")
    photos.append(Photo(folder / "text.jpg", ("red",)))
    return PhotoSet(tuple(photos), (*tiny.CLASSES, "unknown"))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.write_model(tmp_path_factory.mktemp("page") / "colours & <shapes>")


@pytest.fixture(scope="module")
def found(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    return evaluate(Recognizer.load(model), colour_photos(tmp_path_factory.mktemp("photos")))


def self_contained(text: str, page: Page) -> None:
    assert "7*7" not in text or "{{7*7}}" in text  # written out, not computed
    assert not page.all("b") or not any("onload" in attributes for attributes in page.all("b"))
    for tag, attributes in page.elements:
        for name in ("src", "href", "srcset", "action"):
            address = attributes.get(name, "")
            assert address.startswith(("data:", "#")) or not address, f"{tag} loads {address}"
    assert "@import" not in text
    assert not re.search(r"url\((?!data:)", text)
    policy = next(one for one in page.all("meta") if one.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy["content"]


def test_everything_is_on_the_page(found: Evaluation, model: Path) -> None:
    text = evaluation_html(found, model, "photos & <others>")
    page = Page(text)
    self_contained(text, page)
    for words in (
        "How well colours & <shapes> sees", "9 photos of photos & <others>", "77.8 %", "right",
        "What was taken for what", "Each class", "Can its sureness be trusted?", "The surest mistakes",
        "red but shows blue", "When photos are worse", "out of focus", "rotated", "turned by 90°", "Left out",
        "text.jpg", "Below 60 % it answers “unknown”.", "The photos are of 3 people or groups.",
    ):  # fmt: skip
        assert words in page.text, words


def test_cells_open_galleries_that_are_there(found: Evaluation, model: Path) -> None:
    page = Page(evaluation_html(found, model, "photos"))
    targets = {attributes["href"][1:] for attributes in page.all("a")}
    places = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    assert targets <= places
    assert "cell-2-0" in targets  # blue taken for red
    assert "cell-0-2" not in targets
    assert "blue, answered red: 2 photos" in page.text


def test_pictures_are_said_in_words(found: Evaluation, model: Path) -> None:
    for picture in Page(evaluation_html(found, model, "photos")).all("img"):
        assert "alt" in picture
        assert picture["src"].startswith("data:image/jpeg;base64,")


def test_the_network_is_shown_to_look_where_torch_is(found: Evaluation, model: Path) -> None:
    pytest.importorskip("torch")
    page = Page(evaluation_html(found, model, "photos"))
    assert "What the network looked at" in page.text
    assert any(one["alt"].startswith("The places of the photo that spoke for red") for one in page.all("img"))


WITHOUT_TORCH = """
import sys
sys.modules["torch"] = None
from pathlib import Path
from spotter.recognizer.dataset import Photo, PhotoSet
from spotter.recognizer.evaluate import evaluate
from spotter.recognizer.predict import Recognizer
from spotter.report.recognizer.evaluation import evaluation_html
model, photo = Path(sys.argv[1]), Path(sys.argv[2])
photos = PhotoSet((Photo(photo, ("red",)),), ("red",))
found = evaluate(Recognizer.load(model), photos, robustness=False)
print("pip install" in evaluation_html(found, model, "photos"), found.accuracy)
"""


def test_without_torch_the_page_says_so(found: Evaluation, model: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT_TORCH, str(model), str(found.photos[0].path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.stdout.split() == ["True", "1.0"], run.stderr


def test_no_mistake_and_photos_that_are_gone_meanwhile(model: Path, tmp_path: Path) -> None:
    found = evaluate(Recognizer.load(model), colour_photos(tmp_path / "some", mistakes=0), robustness=False)
    for photo in found.photos[:4]:
        photo.path.unlink()
    text = evaluation_html(found, model, "photos")
    page = Page(text)
    assert "There are none." in page.text
    assert "When photos are worse" not in page.text
    assert "100 %" in page.text
    assert "NaN" not in text
    assert not re.search(r"\bnan\b", re.sub(r"base64,[^\"]+", "", text))


def test_several_labels_have_a_page_without_a_matrix(tmp_path: Path) -> None:
    model = tiny.write_model(tmp_path / "multi", "multi")
    photos = colour_photos(tmp_path / "photos").only(colour_photos(tmp_path / "photos").photos[:6])
    found = evaluate(Recognizer.load(model), replace(photos, multilabel=True), robustness=False)
    page = Page(evaluation_html(found, model, "photos"))
    assert "Each label" in page.text
    assert "What was taken for what" not in page.text
    assert "of all labels right" in page.text


def test_the_page_is_written_whole(found: Evaluation, model: Path, tmp_path: Path) -> None:
    path = tmp_path / "new" / "page.html"
    write_evaluation(path, found, model, "photos", {"Spotter": "9.9"})
    assert "Spotter 9.9" in path.read_text("utf-8")
    assert [one.name for one in path.parent.iterdir()] == ["page.html"]


def test_the_terminal_says_it_in_short(
    found: Evaluation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    print_evaluation(found, tmp_path / "page.html", error_console())
    out, said = capsys.readouterr()
    assert out == ""
    for words in ("77.8 % right", "9 photos", "blue answered red: 2", "text.jpg", "page.html", "precision"):
        assert words in said


def training_of(model: Path, found: Evaluation) -> tuple[Trained, Evaluation]:
    card = Recognizer.load(model).card
    known = tuple(photo for photo in found.photos if photo.labels[0] in card.classes)
    part = PhotoSet(known, card.classes)
    steps = (Step(1, math.inf, 1.1, 0.33), Step(2, 0.4, 0.5, 0.7), Step(1, 0.3, 0.2, 0.9))
    card = replace(card, training={"augment": 10, "seed": 7, "trained_again_on_all": True}, author=HOSTILE)
    rows = np.array([[0.8, 0.1, 0.1]] * len(part), np.float32)
    trained = Trained(model, card, steps, part, part, rows, {"features": 61.0, "odd": 0.5})
    return trained, judge(card, part, rows)


def test_a_training_has_its_curves_its_photos_and_its_validation(found: Evaluation, model: Path) -> None:
    trained, validation = training_of(model, found)
    text = training_html(trained, validation, np.full((60, 90, 3), 200, np.uint8))
    page = Page(text)
    self_contained(text, page)
    for words in (
        "How colours & <shapes> was trained", "Loss", "next stage", "best: 3",
        "The weights of epoch 1 were kept",
        "with the temperature 1.00", "less than 60.0 % sure", "trained again with all photos",
        "Split by group: 3 people or groups", "looking at the pictures", "1 min 1 s", "odd",
        "What was made of the photos", "On held-back photos", "Seed 7", HOSTILE,
    ):  # fmt: skip
        assert words in page.text, words
    curves = [one["d"] for one in page.all("path") if one.get("class", "").startswith("line line-")]
    assert "M0 " in curves[1]
    assert "inf" not in "".join(curves)


def test_a_training_without_epochs_or_groups(found: Evaluation, model: Path) -> None:
    trained, validation = training_of(model, found)
    alone = PhotoSet(tuple(replace(photo, group=None) for photo in trained.train.photos), tiny.CLASSES)
    page = Page(training_html(replace(trained, steps=(), train=alone, validation=alone), validation))
    assert "How it learnt" not in page.text
    assert "--group says who is who" in page.text


def test_the_command_prints_json_alone(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from spotter.cli.recognizer.evaluate import evaluate_command

    for name in tiny.CLASSES:
        (tmp_path / "set" / name).mkdir(parents=True)
        for i in range(2):
            cv2.imwrite(str(tmp_path / "set" / name / f"{i}.png"), tiny.picture(name)[:, :, ::-1] - i)
    page = tmp_path / "page.html"
    evaluate_command(
        model, tmp_path / "set", group=None, layout="auto", out=page, as_json=True, no_robustness=True
    )
    out, said = capsys.readouterr()
    assert json.loads(out)["accuracy"] == 1.0
    assert said == ""
    assert page.is_file()
