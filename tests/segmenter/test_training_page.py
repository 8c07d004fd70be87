"""The page of a segmenter's training, and what the terminal shows meanwhile."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from spotter.report.segmenter.training import loss_charts, main_charts, training_html, write_training
from spotter.report.segmenter.training_live import LOOK, best_epoch, live_curves
from spotter.segmenter.annotation import Annotated
from spotter.segmenter.card import SegmenterCard
from spotter.segmenter.curve import EpochCurve
from spotter.segmenter.detections import Detections
from spotter.segmenter.evaluate import evaluate
from spotter.segmenter.settings import TrainSettings
from spotter.segmenter.trained import Seen, Trained
from tests.pages import Page
from tests.segmenter.puppets import CLASSES, annotations

SIDE = 64


def row(epoch: int, ap: float) -> EpochCurve:
    loss = 3 / epoch
    return EpochCurve(
        epoch, loss, 0.1, 0.05, loss / 3, loss / 3, loss / 3, 1e-3, ap, ap - 0.05, ap + 0.2, 12.5
    )


CURVE = (row(1, 0.2), row(2, 0.6), row(3, 0.5))


def found_in(picture: Annotated) -> Detections:
    """What is marked, as if it had been found, but for the last thing."""
    things = picture.instances[:-1]
    return Detections(
        np.stack([one.box for one in things]),
        np.array([one.label for one in things]),
        np.linspace(0.9, 0.6, len(things)).astype(np.float32),
        np.ones((len(things), 28, 28), np.float32),
        picture.height,
        picture.width,
    )


class Told:
    """A model that finds what it was told, picture by picture."""

    classes = CLASSES

    def __init__(self, pictures: Sequence[Annotated]) -> None:
        self._answers = iter([found_in(one) for one in pictures])

    def detect(self, image: np.ndarray, score: float | None = None) -> Detections:
        return next(self._answers)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    folder = tmp_path_factory.mktemp("pictures")
    data = annotations(folder, train=5, val=3, side=SIDE)
    data = replace(data, notes=("2 pictures left out: <b>broken</b>",))
    return Trained(
        Path("my model"),
        SegmenterCard("parts", CLASSES, SIDE, 0.35, author="Ada"),
        TrainSettings(side=SIDE, epochs=3, frozen=3, warm_up=1),
        CURVE,
        2,
        data,
        "from weights.pth: backbone.body",
        evaluate(Told(data.val), data, worst=0),
        tuple(Seen(one, found_in(one)) for one in data.val),
    )


def test_it_says_how_it_learnt_from_what_and_how_good_it_is(trained: Trained) -> None:
    page = Page(training_html(trained))
    for words in (
        "How my model was trained", "mask AP50", "80.0 %", "55.0 %", "2 of 3", "37.5 s", "best: 2",
        "From weights.pth: backbone.body.", "The weights of epoch 2 were kept", "from a score of 0.35 on",
        "5 pictures to learn from, 3 held back", "64 by 64", "3 blocks of the backbone", "COCO's figures",
    ):  # fmt: skip
        assert words in page.text, words
    assert "2 pictures left out: <b>broken</b>" in page.text  # as text, not as markup
    counts = page.text.index("What is marked")
    assert page.text[counts:].count("5 + 3") == len(CLASSES)


def test_held_back_pictures_are_shown_with_what_was_found(trained: Trained) -> None:
    page = Page(training_html(trained))
    pictures = [one for one in page.all("img") if one["alt"].startswith("What ")]
    assert len(pictures) == 2 * len(trained.seen)
    assert all(one["src"].startswith("data:image/jpeg") and one["width"] == "64" for one in pictures)
    assert len({one["src"] for one in pictures}) == len(pictures)  # marked and found are not the same
    assert "Person 90 %, head 80 %, torso 70 %, left hand 60 %" in page.text


def test_nothing_is_loaded_from_anywhere(trained: Trained) -> None:
    page = Page(training_html(trained))
    assert not [one for one in page.all("img") if not one["src"].startswith("data:")]
    assert not page.all("script") and "http" not in page.text


def test_without_held_back_pictures_it_says_so(trained: Trained) -> None:
    unknown = [replace(one, box_ap=math.nan, mask_ap=math.nan, mask_ap50=math.nan) for one in CURVE]
    bare = replace(
        trained,
        curve=tuple(unknown),
        best_epoch=3,
        data=replace(trained.data, val=(), notes=()),
        evaluation=None,
        seen=(),
    )
    text = Page(training_html(bare)).text
    assert "No picture was held back" in text and "nan" not in text.lower()
    for words in ("AP on held-back", "Held-back pictures", "Notes on the data", "mask AP50"):
        assert words not in text


def test_charts_have_a_line_a_loss_and_are_told_in_words() -> None:
    charts = "".join([*main_charts(CURVE, 2), *loss_charts(CURVE)])
    assert charts.count("<figure") == 5
    assert charts.count('class="line line-1"') == 5 and charts.count('class="line line-2"') == 3
    assert "of masks at last 45.0 %, of boxes 50.0 %" in charts
    asked = [replace(row, pixels=0.5) for row in CURVE]
    assert "The class of each pixel" in "".join(loss_charts(asked)) and "each pixel" not in charts


def test_it_is_one_file_written_whole(trained: Trained, tmp_path: Path) -> None:
    write_training(tmp_path / "report.html", trained, {"Spotter": "1.2.3"})
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    assert "Spotter 1.2.3" in (tmp_path / "report.html").read_text("utf-8")


def test_the_terminal_shows_loss_and_ap_beside_each_other() -> None:
    screen = io.StringIO()
    environment = {"TERM": "xterm"}
    console = Console(file=screen, width=100, height=30, force_terminal=True, _environ=environment)
    with live_curves(console) as watch:
        for one in CURVE:
            watch.epoch(one)
        for done in (1, 30):
            watch.stage("train", done, 120)
        console.print(watch._view())
    shown = screen.getvalue()
    for words in (
        "loss",
        "AP",
        "masks",
        "boxes",
        "epoch 3: loss 1.000",
        "best: epoch 2",
        "training: 30 of 120",
        "left",
    ):
        assert words in shown


def test_the_best_epoch_is_that_of_masks_or_of_boxes_or_of_none() -> None:
    boxes = [replace(one, mask_ap=math.nan) for one in CURVE]
    assert best_epoch(CURVE) == CURVE[1] and best_epoch(boxes) == boxes[1]
    assert best_epoch([replace(one, box_ap=math.nan) for one in boxes]) is None
    assert LOOK.words(replace(boxes[0], box_ap=math.nan, mask_ap50=math.nan)) == "epoch 1: loss 3.000"
