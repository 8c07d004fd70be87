"""Judging a model by annotated pictures: what counts, what is left out, and what users get wrong."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from spotter.body.part_map import PARTS, PASCAL, TO_PASCAL
from spotter.errors import DatasetError, SpotterError, UsageError
from spotter.segmenter.annotation import CLASSES, Annotated, Annotations, Instance
from spotter.segmenter.average_precision import FIGURES
from spotter.segmenter.detections import encoded
from spotter.segmenter.evaluate import LEAST_SCORE, Split, chosen_pictures, evaluate
from spotter.segmenter.evaluate_classes import SharedClasses
from spotter.segmenter.evaluate_parts import true_parts
from spotter.segmenter.judged import Evaluation
from spotter.segmenter.judged_document import document
from tests.segmenter.judged_material import (
    Box,
    Scripted,
    annotations,
    by_chance,
    exact,
    found,
    instance,
    nothing,
    picture,
    written,
)
from tests.segmenter.test_metrics_coco import coco_eval, known

SIZE = (100, 100)
HERE: Box = (10, 10, 50, 50)
THERE: Box = (60, 60, 90, 90)
NAMES = ("left_hand", "right_hand")


def judged(folder: Path, pictures: list[Annotated], finds: list[Any], **options: Any) -> Evaluation:
    data = annotations(options.pop("classes", NAMES), written(folder, pictures))
    return evaluate(Scripted(options.pop("model", NAMES), finds), data, **options)


def test_figures_of_a_whole_set_are_those_of_pycocotools(tmp_path: Path) -> None:
    names = ("a", "b", "c")
    material = by_chance(7)
    pictures = written(tmp_path, [one for one, _ in material])
    result = evaluate(Scripted(names, [finds for _, finds in material]), annotations(names, pictures))
    for kind, figures in (("bbox", result.boxes), ("segm", result.masks)):
        assert figures is not None
        expected = known(coco_eval(material, kind, 3).stats)
        assert np.allclose([one.value for one in figures.average.values()], expected, 0, 1e-9, equal_nan=True)


def test_a_class_that_is_not_marked_everywhere(tmp_path: Path) -> None:
    """As pycocotools would judge with the finds of the unknown class taken out."""
    names = ("a", "b", "c")
    material = [
        (
            replace(
                one,
                known=frozenset({1, 2}) if number % 2 else one.known,
                instances=tuple(thing for thing in one.instances if thing.label != 3 or number % 2 == 0),
            ),
            finds,
        )
        for number, (one, finds) in enumerate(by_chance(11))
    ]
    left = [(one, finds.chosen(np.isin(finds.labels, list(one.known)))) for one, finds in material]
    assert any(len(before) > len(after) for (_, before), (_, after) in zip(material, left, strict=True))
    pictures = written(tmp_path, [one for one, _ in material])
    result = evaluate(Scripted(names, [finds for _, finds in material]), annotations(names, pictures))
    assert result.masks is not None
    expected = known(coco_eval(left, "segm", 3).stats)
    values = [one.value for one in result.masks.average.values()]
    assert np.allclose(values, expected, 0, 1e-9, equal_nan=True)


def test_classes_are_the_same_by_name_and_others_are_named(tmp_path: Path) -> None:
    one = picture(instance(2, HERE, SIZE), instance(1, THERE, SIZE))
    result = judged(
        tmp_path,
        [one],
        [found([(3, 0.9, HERE), (1, 0.8, THERE)])],
        model=("dog", "tail", "left hand"),
        classes=("cat", "Left-Hand"),
    )
    assert result.classes == ("left hand",)
    assert result.only_model == ("dog", "tail")
    assert result.only_data == ("cat",)
    assert result.masks is not None and result.masks.average["AP50"].value == pytest.approx(1)
    assert result.masks.overall.found == 1  # the dog does not count


def test_no_class_is_shared(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"dog.*cat.*no class is in both"):
        judged(tmp_path, [picture(instance(1, HERE))], [nothing()], model=("dog",), classes=("cat", "cow"))


def test_boxes_alone_give_no_figures_of_masks(tmp_path: Path) -> None:
    result = judged(tmp_path, [picture(instance(1, HERE))], [found([(1, 0.9, HERE)])])
    assert result.masks is None
    assert result.best is result.boxes is not None
    assert result.boxes.average["AP"].value == pytest.approx(1)
    told = document(result)
    assert told["masks"] is None
    assert told["classes"]["right_hand"]["boxes"]["AP"] is None  # nobody has a right hand there
    assert told["classes"]["right_hand"]["boxes"]["at_score"]["recall"] is None


def test_masks_of_a_class_that_has_none_are_not_punished(tmp_path: Path) -> None:
    one = picture(instance(1, HERE, SIZE), instance(2, THERE))
    finds = found([(1, 0.9, HERE), (2, 0.8, THERE), (2, 0.8, (0, 60, 30, 90))])
    result = judged(tmp_path, [one], [finds])
    assert result.boxes is not None and result.masks is not None
    assert (result.boxes.overall.found, result.boxes.overall.right) == (3, 2)
    assert (result.masks.overall.found, result.masks.overall.right) == (1, 1)
    assert math.isnan(result.masks.averages[1]["AP"].value)


def test_a_found_thing_where_nothing_is_marked_counts_for_masks_too(tmp_path: Path) -> None:
    pictures = [picture(instance(1, HERE, SIZE)), picture()]
    result = judged(tmp_path, pictures, [found([(1, 0.5, HERE)]), found([(1, 0.9, HERE)])])
    assert result.masks is not None
    assert result.masks.average["AP50"].value == pytest.approx(0.5)


def test_the_score_is_chosen_or_given(tmp_path: Path) -> None:
    pictures = [picture(instance(1, HERE, SIZE)), picture()]
    finds = [found([(1, 0.8, HERE)]), found([(1, 0.4, HERE)])]
    chosen = judged(tmp_path, pictures, finds)
    assert 0.4 < chosen.score <= 0.8 and not chosen.score_given
    assert chosen.masks is not None and chosen.masks.overall.f1.value == 1
    given = judged(tmp_path, pictures, finds, score=0.3)
    assert given.score == 0.3 and given.score_given
    assert given.masks is not None and given.masks.overall.precision.value == 0.5
    assert document(given)["at_score"]["chosen"] == "given"


def test_the_worst_pictures_come_first_and_right_ones_never(tmp_path: Path) -> None:
    pictures = [
        picture(instance(1, HERE, SIZE)),
        picture(instance(1, HERE, SIZE), instance(2, THERE, SIZE)),
        picture(instance(1, HERE, SIZE)),
        picture(instance(1, HERE, SIZE), instance(2, THERE, SIZE)),
    ]
    finds = [found([(1, 0.9, HERE)]), found([(1, 0.9, HERE)]), nothing(), found([(2, 0.9, HERE)])]
    result = judged(tmp_path, pictures, finds)
    assert [one.picture.path.stem[-1] for one in result.worst] == ["3", "2", "1"]
    assert [round(one.f1, 3) for one in result.worst] == [0, 0, 0.667]
    assert result.worst[0].confusion.taken.tolist() == [[0, 1], [0, 0]]
    assert result.worst[2].confusion.missed.tolist() == [0, 1]


def test_people_are_drawn_as_a_whole_for_intervals(tmp_path: Path) -> None:
    """Twenty pictures of two people say as little as two: the interval holds all that either of them gave."""
    pictures = [
        picture(instance(1, HERE, SIZE), group="ann" if number < 10 else "bob") for number in range(20)
    ]
    finds = [found([(1, 0.9, HERE if number < 10 else THERE)]) for number in range(20)]
    result = judged(tmp_path, pictures, finds)
    assert result.groups == 2
    assert result.masks is not None
    recall = result.masks.overall.recall
    assert (recall.value, recall.low, recall.high) == (0.5, 0.0, 1.0)
    alone = judged(tmp_path, [replace(one, group="") for one in pictures], finds)
    assert alone.masks is not None
    assert 0.2 < alone.masks.overall.recall.low < alone.masks.average["AP50"].high < 0.8


def test_only_so_many_pictures_drawn_by_chance_and_told_one_by_one(tmp_path: Path) -> None:
    pictures = [picture(instance(1, HERE, SIZE)) for _ in range(6)]
    told: list[tuple[int, int]] = []
    data = annotations(NAMES, written(tmp_path, pictures))
    model = Scripted(NAMES, [nothing()] * 6)
    result = evaluate(model, data, limit=3, worst=0, progress=lambda done, of: told.append((done, of)))
    assert result.n == 3 == len(set(model.asked))
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert chosen_pictures(data, "val", 3) == chosen_pictures(data, "val", 3)
    assert math.isnan(result.score)


def test_less_sure_finds_than_are_usual_are_not_asked_for(tmp_path: Path) -> None:
    asked: list[float | None] = []

    class Model(Scripted):
        def detect(self, image: Any, score: float | None = None) -> Any:
            asked.append(score)
            return super().detect(image, score)

    data = annotations(NAMES, written(tmp_path, [picture(instance(1, HERE, SIZE))]))
    evaluate(Model(NAMES, [nothing()]), data)
    assert set(asked) == {LEAST_SCORE}


def test_pictures_that_cannot_be_judged_are_left_out_and_named(tmp_path: Path) -> None:
    pictures = list(written(tmp_path, [picture(instance(1, HERE, SIZE)) for _ in range(3)]))
    pictures[1].path.write_bytes(b"no picture")
    pictures[2] = replace(pictures[2], height=90)
    result = evaluate(Scripted(NAMES, [found([(1, 0.9, HERE)])] * 3), annotations(NAMES, pictures))
    assert result.n == 1
    assert [one.path.stem[-1] for one in result.left_out] == ["1", "2"]
    assert "100 by 100 pixels, and its annotations are for 100 by 90" in result.left_out[1].why
    with pytest.raises(DatasetError, match="not one of the 2 pictures can be judged"):
        evaluate(Scripted(NAMES, []), annotations(NAMES, pictures[1:]))


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"score": 1.5}, UsageError, "give one from 0 to 1"),
        ({"score": math.nan}, UsageError, "give one from 0 to 1"),
        ({"limit": 0}, UsageError, "limit of 1 or more"),
        ({"split": "test"}, UsageError, "choose one of val, train, all"),
        ({"split": "train"}, DatasetError, "judge by 1 others with --split all"),
    ],
)
def test_bad_wishes(tmp_path: Path, options: dict[str, Any], error: type[SpotterError], words: str) -> None:
    with pytest.raises(error, match=words):
        judged(tmp_path, [picture(instance(1, HERE))], [nothing()], **options)


def test_nothing_to_judge_by() -> None:
    split: Split = "val"
    with pytest.raises(DatasetError, match=r"no picture to judge by in the split val$"):
        chosen_pictures(Annotations(NAMES, (0, 2, 1), (), ()), split)


def figure(labels: np.ndarray[Any, Any], names: tuple[str, ...], numbers: tuple[int, ...]) -> Annotated:
    """A person whose parts are known pixel by pixel: a label k is of class ``names[numbers[k]]``."""
    height, width = labels.shape
    own = np.array(numbers)[labels]
    things = [Instance(1, np.array([0, 0, width, height], np.float32), encoded(labels > 0))]
    for number in range(1, len(names)):
        if (own == number).any():
            rows, columns = np.nonzero(own == number)
            box = np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1], np.float32)
            things.append(Instance(number + 1, box, encoded(own == number)))
    return Annotated(Path("x.png"), height, width, tuple(things), frozenset(range(1, len(names) + 1)))


def body() -> np.ndarray[Any, Any]:
    """A label map of 14 bands, each 14 pixels high."""
    labels = np.zeros((220, 120), np.uint8)
    for part in range(14):
        labels[10 + 14 * part : 24 + 14 * part, 30:90] = part + 1
    return labels


def test_label_maps_of_all_parts(tmp_path: Path) -> None:
    one = figure(body(), CLASSES, tuple(range(15)))
    result = judged(tmp_path, [one], [exact(one)], model=CLASSES, classes=CLASSES, part_score=0.5)
    assert result.iou is not None
    assert result.iou.person.value > 0.85
    assert result.iou.parts.value > 0.8
    assert set(result.iou.of_parts) == set(PARTS)
    told = document(result)["iou"]
    assert told["n"] == 1 and told["of_pascal"].keys() == set(PASCAL)


def test_left_and_right_do_not_matter_to_pascal(tmp_path: Path) -> None:
    one = figure(body(), CLASSES, tuple(range(15)))
    swapped = {2 + part: 2 + part + (1 if part % 2 == 0 else -1) for part in range(2, 14)}
    finds = exact(one)
    finds = replace(finds, labels=np.array([swapped.get(int(label), label) for label in finds.labels]))
    result = judged(tmp_path, [one], [finds], model=CLASSES, classes=CLASSES, part_score=0.5)
    assert result.iou is not None
    assert result.iou.parts.value < 0.25
    assert result.iou.pascal.value > 0.8
    assert result.masks is not None
    assert result.masks.confusion.taken[2 + 1, 2 + 2] == 1  # a left upper arm taken for a right one


def test_label_maps_of_pascals_six_parts(tmp_path: Path) -> None:
    names = ("person", *PASCAL)
    one = figure(body(), names, TO_PASCAL)
    whole = figure(body(), CLASSES, tuple(range(15)))
    result = judged(tmp_path, [one], [exact(whole)], model=CLASSES, classes=names, part_score=0.5)
    assert result.classes == ("person", "head", "torso")
    assert result.only_data == ("upper_arm", "lower_arm", "upper_leg", "lower_leg")
    assert result.iou is not None
    assert math.isnan(result.iou.parts.value)
    assert result.iou.pascal.value > 0.8
    assert document(result)["iou"]["parts"] is None


def test_a_model_of_people_has_no_parts_to_judge(tmp_path: Path) -> None:
    one = figure(body(), CLASSES, tuple(range(15)))
    people = exact(replace(one, instances=one.instances[:1]))
    result = judged(tmp_path, [one], [people], model=("person",), classes=CLASSES, part_score=0.5)
    assert result.iou is not None
    assert result.iou.person.value > 0.85
    assert math.isnan(result.iou.parts.value) and math.isnan(result.iou.pascal.value)
    without = judged(tmp_path, [one], [people], model=("person",), classes=CLASSES)
    assert without.iou is None


def test_crowds_and_boxes_make_label_maps_unsure() -> None:
    one = figure(body(), CLASSES, tuple(range(15)))
    left = one.instances[:8]
    rest = replace(one, instances=(*left, Instance(9, np.array([0, 0, 120, 60], np.float32), None)))
    truth = true_parts(rest, CLASSES)
    assert truth is not None
    assert not truth.sure_labels[5, 5] and truth.sure_people[5, 5]
    assert truth.sure_labels[15, 60]  # a head is seen there
    crowd = replace(left[0], crowd=True)
    truth = true_parts(replace(one, instances=(crowd, *left[1:])), CLASSES)
    assert truth is not None
    assert not truth.sure_people[200, 60] and truth.sure_people[15, 60]
    boxes = tuple(replace(thing, mask=None) for thing in one.instances)
    assert true_parts(replace(one, instances=boxes), CLASSES) is None
    assert true_parts(replace(one, known=frozenset()), CLASSES) is None


def test_a_document_has_nulls_for_what_is_unknown(tmp_path: Path) -> None:
    result = judged(tmp_path, [picture(instance(1, HERE, SIZE))], [found([(1, 0.9, HERE)])])
    told = document(result)
    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert told["n"] == 1
    assert list(told["masks"])[:-1] == list(FIGURES)
    assert told["masks"]["AP"] == 1.0 and told["masks"]["small"] is None
    assert told["masks"]["intervals"] == {}  # of one picture nothing can be said
    assert told["iou"] is None
    assert told["classes"]["left_hand"]["n"] == 1
    assert told["at_score"]["masks"]["confusion"]["taken"] == [[1, 0], [0, 0]]
    assert told["ms_a_picture"] > 0


def test_names_differ_only_in_writing() -> None:
    shared = SharedClasses.between(("Left Hand", "person"), ("person", "left-hand"))
    assert shared.names == ("Left Hand", "person")
    assert shared.of_data == (0, 2, 1)


def test_no_pytorch_is_imported() -> None:
    program = (
        "import sys, spotter.segmenter.evaluate, spotter.report.segmenter.evaluation\n"
        "print([name for name in ('torch', 'torchvision') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr
