"""Annotations in COCO's format: what is read of them, and what is kept to judge by."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from spotter.body.part_map import MIRRORED, PARTS
from spotter.errors import UsageError
from spotter.segmenter.annotation import CLASSES, Annotated
from spotter.segmenter.dataset import mirrored_classes, read_annotations
from spotter.segmenter.detections import decoded
from spotter.segmenter.examples import example
from tests.segmenter.marked_pictures import (
    HEIGHT,
    WIDTH,
    annotation,
    block,
    document,
    only,
    picture,
    read,
    rle,
    write_document,
)

BOX = (10.0, 8.0, 30.0, 40.0)


@pytest.mark.parametrize("compressed", [False, True])
def test_run_lengths_are_the_mask(tmp_path: Path, compressed: bool) -> None:
    mask = block(10, 8, 30, 40) & ~block(15, 10, 20, 30)
    thing = only(read(tmp_path, annotation(7, BOX, segmentation=rle(mask, compressed))))
    assert thing.mask is not None and (decoded(thing.mask) == mask).all()
    assert thing.box.tolist() == list(BOX) and thing.ident == 7 and thing.label == 1 and not thing.crowd


def test_polygons_are_drawn_as_pycocotools_draws_them_and_only_when_looked_at(tmp_path: Path) -> None:
    pieces = [[10.3, 8.1, 29.7, 9.2, 22.4, 39.6], [40.0, 30.0, 50.5, 30.0, 50.5, 44.2, 41.0, 41.0]]
    thing = only(read(tmp_path, annotation(7, (10, 8, 51, 44), segmentation=pieces)))
    assert thing.mask is not None and "counts" not in thing.mask
    wanted = coco_mask.merge(coco_mask.frPyObjects(pieces, HEIGHT, WIDTH))
    assert thing.mask["counts"] == wanted["counts"] and thing.mask["size"] == [HEIGHT, WIDTH]


def test_categories_of_ours_keep_our_numbers_and_others_their_order(tmp_path: Path) -> None:
    ours = [{"id": 90, "name": "right_foot"}, {"id": 3, "name": "person"}]
    found = read(tmp_path / "a", annotation(1, BOX, category_id=90), categories=ours)
    assert found.classes == CLASSES and only(found).label == len(CLASSES)
    assert found.train[0].known == {1, len(CLASSES)}
    people = read(tmp_path / "people", annotation(1, BOX))
    assert people.classes == ("person",) and people.mirrored == (0, 1) and people.train[0].known == {1}
    theirs = [{"id": 90, "name": "Right hand"}, {"id": 3, "name": "cat"}, {"id": 5, "name": "Left hand"}]
    found = read(tmp_path / "b", annotation(1, BOX, category_id=90), categories=theirs)
    assert found.classes == ("cat", "Left hand", "Right hand") and only(found).label == 3
    assert found.mirrored == (0, 1, 3, 2) and found.train[0].known == {1, 2, 3}


def test_a_part_knows_its_person(tmp_path: Path) -> None:
    found = read(tmp_path, annotation(1, BOX), annotation(2, BOX, person=1))
    assert [(one.ident, one.person) for one in found.train[0].instances] == [(1, None), (2, 1)]


def test_all_of_our_classes_change_sides_as_part_maps_do() -> None:
    assert mirrored_classes(PARTS) == MIRRORED
    assert mirrored_classes(CLASSES) == (0, 1, *(number + 1 for number in MIRRORED[1:]))


def test_pictures_come_in_the_order_of_the_file_and_empty_ones_are_kept(tmp_path: Path) -> None:
    images = [picture(4, "b.jpg"), picture(1, "a.jpg")]
    found = read(tmp_path, annotation(1, BOX, image_id=1), images=images)
    assert [(one.path.name, len(one.instances)) for one in found.train] == [("b.jpg", 0), ("a.jpg", 1)]
    assert "nothing is marked" in found.notes[0]


def test_the_lists_may_come_in_any_order_between_others(tmp_path: Path) -> None:
    content = document(annotation(1, BOX))
    shuffled = {key: content[key] for key in ("categories", "annotations", "info", "images")} | {"x": [[{}]]}
    write_document(tmp_path / "instances.json", shuffled)
    text = json.dumps(shuffled, indent=3)
    (tmp_path / "instances.json").write_text("\ufeff" + text, "utf-8")
    assert only(read_annotations(tmp_path, held_share=0)).box.tolist() == list(BOX)


def test_crowds_are_kept_for_judging_and_never_learned(tmp_path: Path) -> None:
    crowd = annotation(1, BOX, iscrowd=1, segmentation=rle(block(10, 8, 30, 40), False))
    found = read(tmp_path, crowd, annotation(2, (40, 10, 60, 40)))
    assert [one.crowd for one in found.train[0].instances] == [True, False]
    assert "not trained with, kept for judging" in found.notes[0]
    seen = example(found.train[0], 64, found.mirrored)
    assert len(seen.boxes) == 1 and seen.boxes[0].tolist() == [40, 10, 60, 40]
    assert list(BOX) in seen.unsure.tolist()


def many(folder: Path, names: list[str]) -> Path:
    images = [picture(number, name) for number, name in enumerate(names, 1)]
    write_document(folder / "instances.json", document(images=images))
    return folder


def names_of(pictures: tuple[Annotated, ...]) -> set[str]:
    return {one.path.name for one in pictures}


def test_nobody_is_on_both_sides_and_the_seed_decides_who(tmp_path: Path) -> None:
    folder = many(tmp_path, [f"person{who:02}_{shot}.jpg" for who in range(10) for shot in range(3)])
    found = read_annotations(folder, held_share=0.2, seed=4)
    assert len(found.val) == 6 and len(found.train) == 24
    assert not {one.group for one in found.train} & {one.group for one in found.val}
    assert len({one.group for one in found.val}) == 2
    again, other = (read_annotations(folder, held_share=0.2, seed=seed) for seed in (4, 5))
    assert names_of(again.val) == names_of(found.val) != names_of(other.val)
    assert len(read_annotations(folder, held_share=1).train) == 0
    assert len(read_annotations(folder, held_share=0.001).val) == 3, "somebody is kept to judge by"
    assert len(read_annotations(folder, held_share=0.999).train) == 3, "and somebody to learn from"
    assert len(read_annotations(folder, held_share=0).val) == 0


def test_groups_may_be_told_by_an_expression(tmp_path: Path) -> None:
    folder = many(tmp_path, [f"{place}-{shot}.jpg" for place in "abcde" for shot in range(4)])
    found = read_annotations(folder, held_share=0.2, group=r"(\w)-\d")
    assert {one.group for one in found.val}.isdisjoint(one.group for one in found.train)
    assert len(found.val) == 4
    with pytest.raises(UsageError, match="found in none"):
        read_annotations(folder, group="person(\\d+)")


def test_coco_itself_is_read_as_pycocotools_reads_it(shared: Path) -> None:
    source = shared / "joints/photos/coco/test_coco.json"
    if not source.is_file():
        pytest.skip(f"{source} is not there")
    found = read_annotations(source, held_share=0.25)
    assert len(found.train) == 3 and len(found.val) == 1 and found.notes == ()
    coco = COCO(str(source))
    for one in found.train + found.val:
        wanted = {told["id"]: told for told in coco.loadAnns(coco.getAnnIds(one.ident))}
        assert wanted.keys() == {thing.ident for thing in one.instances}
        for thing in one.instances:
            told = wanted[thing.ident]
            assert thing.mask is not None and (decoded(thing.mask) == coco.annToMask(told)).all()
            left, top, width, height = told["bbox"]
            assert np.allclose(thing.box, [left, top, left + width, top + height], atol=0.01)
