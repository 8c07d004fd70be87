"""The page of a segmenter's evaluation, its words in the terminal, and the command that makes both."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spotter.cli.segmenter.evaluate import evaluate_command
from spotter.errors import DatasetError, UsageError
from spotter.report.part_colours import PART_COLOURS
from spotter.report.segmenter.evaluation import evaluation_html, write_evaluation
from spotter.report.segmenter.instances import Drawn, colour_of, draw_things, of_found, of_marked
from spotter.report.segmenter.told import print_evaluation
from spotter.report.terminal import error_console
from spotter.segmenter.annotation import CLASSES, Annotated
from spotter.segmenter.card import SegmenterCard
from spotter.segmenter.dataset import read_annotations
from spotter.segmenter.detections import Detections
from spotter.segmenter.evaluate import evaluate
from spotter.segmenter.judged import Evaluation
from spotter.segmenter.predict import Segmenter
from tests.pages import Page
from tests.segmenter.judged_material import (
    Box,
    Scripted,
    annotations,
    exact,
    found,
    instance,
    nothing,
    picture,
    written,
)

SIZE = (100, 100)
HEAD: Box = (30, 5, 60, 35)
LEFT: Box = (60, 60, 90, 90)
RIGHT: Box = (5, 60, 35, 90)
HOSTILE = "<b onload=1>{{7*7}}"
HEAD_N, LEFT_N, RIGHT_N = (CLASSES.index(name) + 1 for name in ("head", "left_hand", "right_hand"))
ALL = frozenset(range(1, len(CLASSES) + 1))


def people(number: int) -> Annotated:
    things = [(1, (5, 5, 90, 90)), (HEAD_N, HEAD), (LEFT_N, LEFT), (RIGHT_N, RIGHT)]
    marked = tuple(instance(label, box, SIZE) for label, box in things)
    return picture(*marked, known=ALL, group=f"person {number % 3}")


def finds(number: int) -> Detections:
    """The hands of every second picture are mixed up, and in the last nothing is found."""
    all_of_it = exact(people(number), 0.8)
    if number == 5:
        return nothing()
    if number % 2:
        swapped = {LEFT_N: RIGHT_N, RIGHT_N: LEFT_N}
        return replace(
            all_of_it, labels=np.array([swapped.get(int(one), int(one)) for one in all_of_it.labels])
        )
    return all_of_it


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    folder = tmp_path_factory.mktemp("pictures") / HOSTILE
    pictures = list(written(folder, [people(number) for number in range(7)]))
    pictures[6].path.write_text("no picture")
    data = annotations((*CLASSES, "tail"), pictures)
    model = Scripted((*CLASSES, "dog"), [finds(number) for number in range(7)])
    return evaluate(model, data, part_score=0.5)


def self_contained(text: str) -> Page:
    page = Page(text)
    assert "{{7*7}}" in text or "7*7" not in text
    for tag, attributes in page.elements:
        assert "onload" not in attributes
        for name in ("src", "href", "srcset", "action"):
            address = attributes.get(name, "")
            assert address.startswith(("data:", "#")) or not address, f"{tag} loads {address}"
    assert not re.search(r"url\((?!data:)|@import", text)
    assert not re.search(r"\bnan\b", re.sub(r"base64,[^\"]+", "", text), re.IGNORECASE)
    return page


def test_everything_is_on_the_page(result: Evaluation) -> None:
    page = self_contained(evaluation_html(result, "hands & <feet>", HOSTILE))
    for words in (
        "How well hands & <feet> sees", "6 pictures of", "mask AP50", "AP of masks", "AP of boxes",
        "mean IoU of the parts", "Average recall", "Masks of each class", "Boxes of each class",
        "Precision and recall", "What was taken for what", "left hand",
        "Left and right: 4 of 12 things that have a side were taken for the other side's.",
        "Pixel by pixel", "14 parts", "Pascal's six parts", "People", "The worst pictures", "Missed: person",
        "right hand taken for left hand", "Left out", "picture 6.png",
        "where F1 is best on these pictures", "3 people or groups",
        "do not have them marked: dog.", "unknown to the model: tail.",
    ):  # fmt: skip
        assert words in page.text, words
    curves = [one for one in page.all("div") if one.get("class") == "plot"]
    assert len(curves) == 4  # of what is marked
    assert {one["src"][:23] for one in page.all("img")} == {"data:image/jpeg;base64,"}
    assert all(one["alt"] for one in page.all("img"))


def test_the_worst_picture_is_the_one_where_nothing_was_found(result: Evaluation) -> None:
    assert [one.picture.path.name for one in result.worst[:1]] == ["picture 5.png"]
    page = Page(evaluation_html(result, "parts", "val"))
    files = [one["title"] for one in page.all("p") if one.get("class") == "file"]
    assert files == ["picture 5.png", "picture 1.png", "picture 3.png"]


def test_a_page_of_boxes_without_intervals_or_parts(tmp_path: Path) -> None:
    pictures = written(tmp_path, [picture(instance(1, HEAD), known=frozenset({1}))])
    judged = evaluate(Scripted(("dog",), [found([(1, 0.9, LEFT)])]), annotations(("dog",), pictures))
    page = self_contained(evaluation_html(judged, "dogs", "yard"))
    assert "Masks" not in page.text
    assert "box AP50" in page.text
    assert "Pixel by pixel" not in page.text
    assert "Nothing there: dog" in page.text
    assert "0.0 %" in page.text


def test_a_page_of_nothing_at_all(tmp_path: Path) -> None:
    pictures = written(tmp_path, [picture(known=frozenset({1}))])
    judged = evaluate(Scripted(("dog",), [nothing()]), annotations(("dog",), pictures))
    page = self_contained(evaluation_html(judged, "dogs", "yard"))
    assert "Nothing was found, so there is no score" in page.text
    assert math.isnan(judged.score)


def test_pictures_that_are_gone_meanwhile_are_not_shown(result: Evaluation, tmp_path: Path) -> None:
    gone = tuple(
        replace(one, picture=replace(one.picture, path=tmp_path / "gone.png")) for one in result.worst
    )
    page = self_contained(evaluation_html(replace(result, worst=gone), "parts", "val"))
    assert "The worst pictures" not in page.text
    assert not page.all("img")


def test_the_page_is_written_whole(result: Evaluation, tmp_path: Path) -> None:
    path = tmp_path / "new" / "page.html"
    write_evaluation(path, result, "parts", "val", {"Spotter": "9.9"})
    assert "Spotter 9.9" in path.read_text("utf-8")
    assert [one.name for one in path.parent.iterdir()] == ["page.html"]


def test_the_terminal_says_it_in_short(result: Evaluation, capsys: pytest.CaptureFixture[str]) -> None:
    print_evaluation(result, Path("page.html"), error_console())
    out, said = capsys.readouterr()
    assert out == ""
    for words in ("masks  AP50", "boxes  AP50", "IoU", "6 pictures", "left hand", "Left and right: 4 of 12",
                  "1 picture left out", "page.html"):  # fmt: skip
        assert words in said, words


def test_truth_and_finds_have_the_same_colours() -> None:
    marked = of_marked([instance(1, HEAD, SIZE)], 100, 100, (50, 50))
    drawn = of_found(found([(1, 0.9, HEAD)]), (50, 50))
    grey = np.full((50, 50, 3), 100, np.uint8)
    left, right = (draw_things(grey, things, ("left_hand",)) for things in (marked, drawn))
    assert (left[10, 22] == right[10, 22]).all()
    wanted = 100 + (np.array(PART_COLOURS["left_hand"]) - 100) * 0.55
    assert np.abs(left[10, 22] - wanted).max() < 1
    assert (left[40, 40] == 100).all() and (grey == 100).all()
    assert colour_of("upper_arm", 3) == PART_COLOURS["left_upper_arm"]


def test_people_beside_their_parts_are_outlined() -> None:
    mask = np.zeros((50, 50), bool)
    mask[10:40, 10:40] = True
    things = [Drawn(1, np.array([10, 10, 40, 40], np.float32), mask)]
    image = np.full((50, 50, 3), 100, np.uint8)
    assert (draw_things(image, things, ("person", "head"))[25, 25] == 100).all()
    assert (draw_things(image, things, ("person",))[25, 25] != 100).any()
    box = [Drawn(1, np.array([10, 10, 40, 40], np.float32), None)]
    assert (draw_things(image, box, ("person",))[25, 25] == 100).all()


class OnDisk(Scripted):
    """What `Segmenter.open` gives."""

    card = SegmenterCard("parts", CLASSES, 384)


@pytest.fixture
def pretended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A data set in COCO's format, and a model that knows it."""
    from tests.segmenter.judged_material import coco_folder

    model = OnDisk(CLASSES, [finds(number) for number in range(6)])
    monkeypatch.setattr(Segmenter, "open", lambda folder: model)
    return coco_folder(tmp_path / "data", CLASSES, [people(number) for number in range(6)])


def run(data: Path, out: Path | None, **options: Any) -> None:
    given: dict[str, Any] = {"layout": None, "split": "all", "score": None, "limit": None, "as_json": False}
    evaluate_command(data.parent / "model", data, out=out, **(given | options))


def test_the_command_prints_json_alone_and_keeps_it(
    pretended: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(pretended, tmp_path / "out", as_json=True)
    out, said = capsys.readouterr()
    assert said == ""
    told = json.loads(out)
    assert told["n"] == 6 and told["masks"]["AP50"] > 0.4 and told["iou"]["person"] > 0.5
    assert json.loads((tmp_path / "out" / "evaluation.json").read_text()) == told
    assert (tmp_path / "out" / "evaluation.html").is_file()


def test_the_command_writes_beside_the_model(pretended: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (pretended.parent / "model").mkdir()
    run(pretended, None, layout="coco", limit=3, score=0.5)
    out, said = capsys.readouterr()
    assert out == ""
    assert "3 pictures" in said and "as was asked for" in said
    names = sorted(one.name for one in (pretended.parent / "model").iterdir())
    assert names == ["evaluation.html", "evaluation.json"]


def test_the_command_judges_by_what_was_kept_out_of_training(
    pretended: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model says how the pictures were split; without that it would be judged by what it learned from."""
    how = {"held_share": 0.5, "seed": 4}
    held = {one.path.name for one in read_annotations(pretended, held_share=0.5, seed=4).val}
    assert held != {one.path.name for one in read_annotations(pretended, held_share=0.5, seed=0).val}
    for data in ({"folder": str(pretended), **how}, {"sets": [{"folder": "x"}, {"folder": "data", **how}]}):
        monkeypatch.setattr(OnDisk, "card", replace(OnDisk.card, training={"data": data}))
        run(pretended, tmp_path / "out", split="val", as_json=True)
        told = json.loads((tmp_path / "out" / "evaluation.json").read_text())
        assert told["n"] == 3
        assert {Path(one["picture"]).name for one in told["worst"]} <= held


def test_the_command_says_what_is_wrong(pretended: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--split is 'test'; allowed are val, train, all"):
        run(pretended, tmp_path, split="test")
    with pytest.raises(UsageError, match="no layout called 'voc'"):
        run(pretended, tmp_path, layout="voc")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetError):
        run(tmp_path / "empty", tmp_path)
    assert not (tmp_path / "evaluation.html").exists()
