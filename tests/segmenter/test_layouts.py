"""COCO's folders, and what others have marked in COCO's people, each by a small data set of its kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from spotter.body.part_map import PARTS
from spotter.errors import DatasetError
from spotter.segmenter.annotation import CLASSES, PERSON
from spotter.segmenter.data_check import KINDS
from spotter.segmenter.dataset import read_annotations
from spotter.segmenter.examples import example
from spotter.segmenter.layouts import layouts
from spotter.segmenter.layouts_coco_parts import DENSEPOSE, HUMAN_PARTS
from tests.segmenter.marked_pictures import (
    annotation,
    block,
    document,
    mask_of,
    named,
    picture,
    rle,
    write_document,
)

BOX = (10.0, 8.0, 42.0, 40.0)


@pytest.mark.parametrize(
    ("train", "val", "pictures"),
    [
        ("annotations/instances_train2017.json", "annotations/instances_val2017.json", "images/{}2017"),
        ("annotations/instances_train2017.json", "annotations/instances_val2017.json", "{}2017"),
        ("train/instances.json", "val/instances.json", "{}/images"),
        ("train/_annotations.coco.json", "valid/_annotations.coco.json", "{}"),
    ],
)
def test_coco_in_two_parts(tmp_path: Path, train: str, val: str, pictures: str) -> None:
    for name, file in (("train", train), ("val", val)):
        content = document(annotation(1, BOX), images=[picture(1, f"{name}.jpg")])
        folder = pictures.format("valid" if name == "val" and "valid" in val else name)
        write_document(tmp_path / file, content, tmp_path / folder)
    found = read_annotations(tmp_path)
    assert [[one.path.name for one in part] for part in (found.train, found.val)] == [
        ["train.jpg"],
        ["val.jpg"],
    ]
    assert found.source["layout"] == "coco" and len(found.source["files"]) == 2
    assert found.notes == ()


def test_coco_with_a_part_for_judging_only(tmp_path: Path) -> None:
    write_document(
        tmp_path / "annotations/instances_val2017.json", document(annotation(1, BOX)), tmp_path / "val2017"
    )
    found = read_annotations(tmp_path)
    assert len(found.train) == 0 and len(found.val) == 1


def test_two_files_for_one_part_are_refused(tmp_path: Path) -> None:
    for year in (2014, 2017):
        write_document(tmp_path / f"annotations/instances_train{year}.json", document())
    with pytest.raises(DatasetError, match=r"several files for one part: .*2014.*2017"):
        read_annotations(tmp_path)


def test_the_part_for_judging_has_the_numbers_of_the_one_for_training(tmp_path: Path) -> None:
    ours = [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}]
    theirs = [{"id": 1, "name": "dog"}, {"id": 2, "name": "cow"}]
    write_document(tmp_path / "train/instances.json", document(annotation(1, BOX), categories=ours))
    things = [annotation(1, BOX), annotation(2, BOX, category_id=2)]
    write_document(tmp_path / "val/instances.json", document(*things, categories=theirs))
    found = read_annotations(tmp_path)
    assert found.classes == ("cat", "dog")
    assert [one.label for one in found.val[0].instances] == [2] and found.val[0].known == {2}
    assert KINDS["category unknown"][0] in found.notes[0]


def human_parts(folder: Path, *people: dict[str, Any]) -> Path:
    file = folder / "annotations/person_humanparts_train2017.json"
    write_document(file, document(*people), folder / "train2017")
    return folder


def test_coco_human_parts(tmp_path: Path) -> None:
    hier = [
        20,
        8,
        30,
        16,
        1,
        22,
        10,
        28,
        15,
        1,
        10,
        20,
        14,
        26,
        1,
        0,
        0,
        0,
        0,
        0,
        10,
        36,
        16,
        40,
        2,
        0,
        0,
        0,
        0,
        0,
    ]
    found = read_annotations(human_parts(tmp_path, annotation(7, BOX, hier=hier)), held_share=0)
    assert found.source["layout"] == "coco-human-parts" and found.notes == ()
    assert found.classes == ("person", *HUMAN_PARTS) and found.mirrored == (0, 1, 2, 3, 5, 4, 7, 6)
    things = named(found.train[0], found.classes)
    assert {name: [one.box.tolist() for one in same] for name, same in things.items()} == {
        "person": [list(BOX)],
        "head": [[20, 8, 30, 16]],
        "face": [[22, 10, 28, 15]],
        "left_hand": [[10, 20, 14, 26]],
        "left_foot": [[10, 36, 16, 40]],
    }
    assert things["person"][0].mask is not None and things["head"][0].mask is None
    assert {one.person for one in found.train[0].instances} == {None, 7}
    assert len({one.ident for one in found.train[0].instances}) == 5


def test_people_whose_parts_cannot_be_read_teach_nothing_of_parts(tmp_path: Path) -> None:
    folder = human_parts(tmp_path, annotation(7, BOX, hier=[1, 2, 3]), annotation(8, (44, 8, 60, 40)))
    found = read_annotations(folder, held_share=0)
    assert found.notes[0].startswith("2 people have parts that cannot be read; only the people are used")
    people = [one for one in found.train[0].instances if not one.crowd]
    assert [one.label for one in people] == [PERSON, PERSON]
    assert len(found.train[0].instances) == 2 + 2 * len(HUMAN_PARTS)
    seen = example(found.train[0], 64, found.mirrored)
    assert seen.labels.tolist() == [PERSON, PERSON]
    assert sorted(seen.unsure.tolist()) == sorted(one.box.tolist() for one in people)


def test_parts_find_their_person_though_its_id_was_taken(tmp_path: Path) -> None:
    hier = [20, 8, 30, 16, 1] + [0] * 25
    people = annotation(7, BOX, hier=hier), annotation(7, (11, 8, 42, 40), hier=hier)
    found = read_annotations(human_parts(tmp_path, *people), held_share=0)
    first, head, second, other_head = found.train[0].instances
    assert (head.person, other_head.person) == (first.ident, second.ident) and first.ident != second.ident


def test_densepose_masks_are_stretched_over_the_box(tmp_path: Path) -> None:
    masks: list[Any] = [[] for _ in DENSEPOSE]
    masks[DENSEPOSE.index("head")] = rle(block(64, 0, 192, 64, 256, 256), True)
    masks[DENSEPOSE.index("left_hand")] = rle(block(0, 128, 32, 160, 256, 256), True)
    people = annotation(7, BOX, dp_masks=masks), annotation(8, (44, 8, 60, 40))
    write_document(
        tmp_path / "annotations/densepose_coco_2014_train.json",
        document(*people, images=[picture(1, "COCO_train2014_1.jpg")]),
        tmp_path / "train2014",
    )
    for part in ("valminusminival", "minival"):
        more = document(annotation(9, BOX, dp_masks=masks), images=[picture(1, f"COCO_val2014_{part}.jpg")])
        write_document(tmp_path / f"annotations/densepose_coco_2014_{part}.json", more, tmp_path / "val2014")
    found = read_annotations(tmp_path)
    assert found.source["layout"] == "densepose" and found.classes == CLASSES and found.notes == ()
    assert [len(part) for part in (found.train, found.val)] == [2, 1]
    things = named(found.train[0], found.classes)
    head, hand = things["head"][0], things["left_hand"][0]
    assert head.box.tolist() == [18, 8, 34, 16] and hand.box.tolist() == [10, 24, 14, 28]
    assert (mask_of(head) == block(18, 8, 34, 16)).all() and (mask_of(hand) == block(10, 24, 14, 28)).all()
    assert head.person == 7
    unmarked = [one for one in found.train[0].instances if one.crowd]
    assert {one.label for one in unmarked} == set(range(2, 16)) and {one.person for one in unmarked} == {8}


def test_densepose_has_each_of_our_parts_once() -> None:
    assert sorted(DENSEPOSE) == sorted(PARTS)


def test_densepose_masks_that_are_none_are_left_out(tmp_path: Path) -> None:
    masks: list[Any] = [{"size": [256, 256], "counts": "oooo"}, 3, *([] for _ in DENSEPOSE[2:])]
    people = annotation(7, BOX, dp_masks=masks), annotation(8, BOX, dp_masks=[])
    write_document(tmp_path / "densepose_coco_2014_train.json", document(*people), tmp_path / "images")
    found = read_annotations(tmp_path, held_share=0)
    assert "2 parts cannot be read" in found.notes[0] and "torso of annotation 7" in found.notes[0]
    assert "dp_masks is not a list of 14 masks" in found.notes[1]


def test_every_layout_says_what_it_expects() -> None:
    for name, layout in layouts().items():
        assert layout.name == name and layout.about and layout.files
