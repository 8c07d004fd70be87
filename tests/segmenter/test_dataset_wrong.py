"""Annotations in COCO's format that are wrong: what is put right, what is left out, and what is said."""

from __future__ import annotations

import json
import math
import re
import tempfile
from copy import deepcopy
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as coco_mask

from spotter.errors import DatasetError, MediaNotFoundError, SpotterError, UsageError
from spotter.media.pictures import read_picture
from spotter.segmenter.data_check import KINDS
from spotter.segmenter.dataset import read_annotations
from spotter.segmenter.detections import decoded
from spotter.segmenter.examples import example
from spotter.segmenter.run_lengths import checked
from tests.segmenter.marked_pictures import (
    HEIGHT,
    WIDTH,
    annotation,
    block,
    document,
    only,
    picture,
    read,
    rectangle,
    rle,
    write_document,
    write_lying,
    write_picture,
)

BOX = (10.0, 8.0, 30.0, 40.0)
OTHER = (40.0, 10.0, 60.0, 40.0)
SIZE = [HEIGHT, WIDTH]

WRONG_BOXES: dict[str, tuple[dict[str, Any], str, list[float] | None]] = {
    "out of the picture": ({"bbox": [50, 8, 30, 30], "segmentation": []}, "box clipped", [50, 8, 64, 38]),
    "beside the picture": ({"bbox": [70, 8, 30, 30], "segmentation": []}, "box outside", None),
    "of nothing": ({"bbox": [10, 8, 0, 30], "segmentation": None}, "box wrong", None),
    "of nothing, with a mask": ({"bbox": [10, 8, -4, 30]}, "box of mask", list(BOX)),
    "with NaN": ({"bbox": [10, math.nan, 4, 30]}, "box of mask", list(BOX)),
    "of words": ({"bbox": ["10", 8, 4, 30]}, "box of mask", list(BOX)),
    "too large for a number": ({"bbox": [10**400, 8, 4, 30]}, "box of mask", list(BOX)),
    "of three numbers": ({"bbox": [10, 8, 4]}, "box of mask", list(BOX)),
}
"""What is changed in a sound annotation, the kind of finding, and the box that remains."""

WRONG_MASKS: dict[str, Any] = {
    "polygon of two corners": [[10, 8, 30, 40]],
    "polygon of an odd number": [[10, 8, 30, 40, 10, 40, 3]],
    "polygon with NaN": [[10, 8, math.nan, 40, 10, 40]],
    "polygon of words": [["10", 8, 30, 40, 10, 40]],
    "polygon of lists": [[[10, 8], [30, 40], [10, 40], 1, 2, 3]],
    "polygon of lists of two": [[[10, 8]] * 6],
    "polygon a million pixels away": [[10, 8, 1e6, 8, 1e6, 1e6]],
    "polygon of a number too large": [[10, 8, 10**400, 8, 30, 40]],
    "a word": "person",
    "of another size": rle(block(1, 1, 5, 5, 30, 30), True),
    "of no size": {"size": "all", "counts": [3]},
    "runs too long": {"size": SIZE, "counts": [9, HEIGHT * WIDTH]},
    "runs below 0": {"size": SIZE, "counts": [-9, 9 + HEIGHT * WIDTH]},
    "code of other characters": {"size": SIZE, "counts": "a person"},
    "code that breaks off": {"size": SIZE, "counts": "oooo"},
    "code of one enormous number": {"size": SIZE, "counts": "o" * 30 + "1"},
    "no code": {"size": SIZE},
}
"""Segmentations that cannot be used."""

EMPTY_MASKS: dict[str, Any] = {
    "a line": [[10, 8, 30, 8, 10, 8]],
    "between the pixels": [[10.1, 8.1, 10.2, 8.1, 10.2, 8.2]],
    "no run": {"size": SIZE, "counts": [HEIGHT * WIDTH]},
    "outside": [rectangle(-20, -20, -3, -3)],
}


@pytest.mark.parametrize("name", WRONG_BOXES)
def test_wrong_boxes_are_put_right_or_left_out_and_told(tmp_path: Path, name: str) -> None:
    changed, kind, box = WRONG_BOXES[name]
    found = read(tmp_path, annotation(17, BOX) | changed, annotation(18, OTHER))
    things = {one.ident: one for one in found.train[0].instances}
    assert things[18].box.tolist() == list(OTHER), "what is right beside it is used"
    assert (things[17].box.tolist() if 17 in things else None) == box
    (note,) = found.notes
    assert KINDS[kind][0] in note and "annotation 17 of" in note and "instances.json (1.jpg)" in note


@pytest.mark.parametrize(
    ("kind", "told"),
    [("mask wrong", one) for one in WRONG_MASKS.values()]
    + [("mask empty", one) for one in EMPTY_MASKS.values()],
    ids=[*WRONG_MASKS, *EMPTY_MASKS],
)
def test_wrong_masks_leave_the_box(tmp_path: Path, kind: str, told: Any) -> None:
    found = read(tmp_path, annotation(17, BOX, segmentation=told), annotation(18, OTHER))
    wrong, right = found.train[0].instances
    assert wrong.mask is None and wrong.box.tolist() == list(BOX) and not wrong.crowd
    assert right.mask is not None
    (note,) = found.notes
    assert KINDS[kind][0] in note and "annotation 17 of" in note
    assert example(found.train[0], 64, found.mirrored).has_mask.tolist() == [False, True]


def test_box_and_mask_that_contradict_each_other_teach_nothing(tmp_path: Path) -> None:
    found = read(tmp_path, annotation(1, BOX, segmentation=[rectangle(40, 10, 60, 30)]))
    thing = only(found)
    assert thing.crowd and thing.box.tolist() == [10, 8, 60, 40]
    assert KINDS["mask elsewhere"][0] in found.notes[0]


def test_a_box_that_is_missing_is_taken_from_the_mask(tmp_path: Path) -> None:
    told = annotation(1, BOX)
    del told["bbox"]
    found = read(tmp_path, told)
    assert only(found).box.tolist() == list(BOX) and found.notes == ()


def test_many_findings_are_one_sentence(tmp_path: Path) -> None:
    many = [annotation(one, BOX, bbox=[50, 8, 30, 30], segmentation=[]) for one in range(1, 214)]
    (note,) = read(tmp_path, *many).notes
    assert note.startswith(
        "213 boxes reach out of their pictures and were clipped; the first: annotation 1 of "
    )


def test_ids_are_told_apart(tmp_path: Path) -> None:
    same, other = annotation(5, BOX), annotation(5, (40, 10, 60, 40))
    found = read(tmp_path, same, same, other)
    idents = [one.ident for one in found.train[0].instances]
    assert len(idents) == 2 and idents[0] == 5 and idents[1] > 5
    assert KINDS["annotation twice"][0] in found.notes[0] and KINDS["id twice"][0] in found.notes[1]


def test_strays_are_left_out(tmp_path: Path) -> None:
    strays = [
        annotation(1, BOX, category_id=9),
        annotation(2, BOX, image_id=77),
        annotation(3, BOX, image_id=[1]),
        annotation(4, BOX, category_id={}),
        "not an annotation",
    ]
    found = read(tmp_path, *strays, annotation(9, BOX))
    assert only(found).ident == 9
    text = "\n".join(found.notes)
    assert "2 annotations are of categories that the file does not list" in text
    assert "annotation 2 of" in text and KINDS["picture unknown"][0] in text
    assert "2 annotations cannot be used" in text


def test_pictures_that_are_missing_or_broken_are_left_out(tmp_path: Path) -> None:
    images = [picture(1, "1.jpg"), picture(2, "gone.jpg"), picture(3, "broken.jpg"), picture(4, "small.jpg")]
    write_document(tmp_path / "instances.json", document(annotation(1, BOX), images=images))
    (tmp_path / "images/gone.jpg").unlink()
    (tmp_path / "images/broken.jpg").write_bytes(b"<html>not found</html>")
    write_picture(tmp_path / "images/small.jpg", 24, 32)
    found = read_annotations(tmp_path, held_share=0)
    assert [one.path.name for one in found.train] == ["1.jpg"]
    text = "\n".join(found.notes)
    for name, kind in (
        ("gone", "picture missing"),
        ("broken", "picture unreadable"),
        ("small", "picture size"),
    ):
        assert f"{name}.jpg: {KINDS[kind][0]}" in text
    assert "32 by 24, not 64 by 48" in text


@pytest.mark.parametrize("orientation", [5, 6, 7, 8])
def test_pictures_that_were_annotated_lying_are_turned_with_their_annotations(
    tmp_path: Path, orientation: int
) -> None:
    mask = block(4, 30, 24, 44)
    image = np.full((HEIGHT, WIDTH, 3), 60, np.uint8)
    image[mask] = 250
    box = (4.0, 30.0, 24.0, 44.0)
    write_document(
        tmp_path / "instances.json", document(annotation(1, box), annotation(2, box, segmentation=[]))
    )
    write_lying(tmp_path / "images/1.jpg", image, orientation)
    found = read_annotations(tmp_path, held_share=0)
    (one,) = found.train
    upright = read_picture(one.path)
    assert (one.height, one.width) == upright.shape[:2] == (WIDTH, HEIGHT)
    bright = upright[..., 0] > 150
    assert one.instances[0].mask is not None
    assert (decoded(one.instances[0].mask) == bright).mean() > 0.98
    left, top, width, height = cv2.boundingRect(bright.astype(np.uint8))
    for thing in one.instances:
        assert np.abs(thing.box - [left, top, left + width, top + height]).max() <= 1
    assert KINDS["picture turned"][0] in found.notes[0]


def test_a_picture_that_is_turned_upside_down_has_the_same_size_and_is_believed(tmp_path: Path) -> None:
    write_document(tmp_path / "instances.json", document(annotation(1, BOX)))
    write_lying(tmp_path / "images/1.jpg", np.zeros((HEIGHT, WIDTH, 3), np.uint8), 3)
    assert only(read_annotations(tmp_path, held_share=0)).box.tolist() == list(BOX)


def test_pictures_that_are_nowhere_are_looked_for_in_named_places(tmp_path: Path) -> None:
    write_document(tmp_path / "instances.json", document(annotation(1, BOX)))
    (tmp_path / "images/1.jpg").unlink()
    with pytest.raises(DatasetError, match=r"names pictures such as 1\.jpg.*looked in .*images"):
        read_annotations(tmp_path)


CATEGORY = {"id": 1, "name": "person"}
FATAL: dict[str, tuple[str, str]] = {
    "cut off": (json.dumps(document(annotation(1, BOX)))[:-90], "breaks off after"),
    "cut off in a text": ('{"images": [{"id": 1, "file_na', "breaks off after"),
    "cut off after a comma": ('{"images": [],', "breaks off after"),
    "a list": ("[1, 2]", "not a JSON object"),
    "a page": ("<html></html>", "not a JSON object"),
    "no commas": ('{"images": [{"id": 1} {"id": 2}]}', "a comma or ] was due at character 22"),
    "a number for a list": ('{"images": 3}', '"images" is not a list'),
    "a bad value": ('{"images": [nope]}', "not JSON as COCO has it"),
    "no annotations": (json.dumps({"images": [], "categories": []}), 'no list "annotations"'),
    "no categories": (json.dumps(document(categories=[])), "lists no category"),
    "no pictures": (json.dumps(document(images=[])), "lists no picture that can be used"),
    "unusable pictures": (
        json.dumps(document(images=[{"id": 1, "file_name": "1.jpg", "height": -3, "width": 4}])),
        "height and width are to be whole numbers above 0",
    ),
    "two pictures with one id": (json.dumps(document(images=[picture(1, "1.jpg"), picture(1, "2.jpg")])),
                                 "two pictures with the id 1: 1.jpg and 2.jpg"),
    "two categories with one id": (json.dumps(document(categories=[CATEGORY, {"id": 1, "name": "cat"}])),
                                   "two categories with the same id or name"),
    "two categories with one name": (json.dumps(document(categories=[CATEGORY, {"id": 2, "name": "person"}])),
                                     "two categories with the same id or name"),
    "a category without a name": (json.dumps(document(categories=[{"id": 1}])), "without an id or a name"),
    "too deep": ('{"images": [' + "[" * 100_000 + "]" * 100_000 + "]}", "too deep"),
}  # fmt: skip


@pytest.mark.parametrize("name", FATAL)
def test_files_that_cannot_be_used_say_why(tmp_path: Path, name: str) -> None:
    text, why = FATAL[name]
    (tmp_path / "instances.json").write_text(text, "utf-8")
    for one in ("1.jpg", "2.jpg"):
        write_picture(tmp_path / "images" / one)
    with pytest.raises(DatasetError, match=re.escape(why)) as caught:
        read_annotations(tmp_path)
    assert "instances.json" in str(caught.value)


def test_other_encodings_are_refused(tmp_path: Path) -> None:
    (tmp_path / "instances.json").write_bytes(json.dumps(document()).encode("utf-16"))
    with pytest.raises(DatasetError, match="UTF-8"):
        read_annotations(tmp_path)


def test_a_folder_without_annotations_says_what_is_expected_where(tmp_path: Path) -> None:
    with pytest.raises(DatasetError) as caught:
        read_annotations(tmp_path)
    for wanted in (
        "instances_train2017.json",
        "densepose_coco_2014_train.json",
        "Category_ids",
        "labels.json",
    ):
        assert wanted in str(caught.value)
    with pytest.raises(DatasetError, match="none of the files"):
        read_annotations(tmp_path, "coco")
    with pytest.raises(UsageError, match="choose one of coco-human-parts"):
        read_annotations(tmp_path, "yolo")
    with pytest.raises(MediaNotFoundError):
        read_annotations(tmp_path / "nowhere")
    with pytest.raises(UsageError, match=r"0 to 1"):
        read_annotations(tmp_path, held_share=1.5)


WHOLE = json.dumps(
    document(
        annotation(1, BOX),
        annotation(2, BOX, segmentation=rle(block(10, 8, 30, 40), True)),
        annotation(3, BOX, segmentation=rle(block(10, 8, 30, 40), False)),
    )
)
JUNK: tuple[Any, ...] = (
    *(
        None,
        True,
        0,
        -1,
        3,
        1 << 40,
        10**400,
        0.5,
        -1e300,
        math.nan,
        math.inf,
        "",
        "person",
        "a\0b",
        "../1.jpg",
    ),
    *([], [[]], [3], [[1, 2, 3, 4, 5, 6]], [None] * 4, [math.nan] * 4, {}, {"id": 1}, {"size": [4, 4]}),
)
GONE = len(JUNK)


def broken(changes: list[tuple[list[int], int]]) -> dict[str, Any]:
    """A document of which some things are something else, or gone: each is found by which entry of which."""
    content: dict[str, Any] = json.loads(WHOLE)
    for way, junk in changes:
        place: Any = content
        for step, turn in enumerate(way):
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = keys[turn % len(keys)]
            if step + 1 < len(way) and isinstance(place[key], dict | list):
                place = place[key]
            elif junk == GONE:
                del place[key]
                break
            else:
                place[key] = deepcopy(JUNK[junk])
                break
    return content


CHANGE = st.tuples(st.lists(st.integers(0, 30), min_size=1, max_size=5), st.integers(0, GONE))


@settings(max_examples=150, deadline=None)
@given(st.lists(CHANGE, min_size=1, max_size=4), st.integers(0, 2**32))
def test_any_document_is_read_or_refused_with_a_reason(
    changes: list[tuple[list[int], int]], seed: int
) -> None:
    content = broken(changes)
    with tempfile.TemporaryDirectory() as name:
        write_picture(Path(name, "images", "1.jpg"))
        Path(name, "instances.json").write_text(json.dumps(content), "utf-8")
        try:
            found = read_annotations(Path(name))
        except SpotterError as error:
            assert len(str(error)) > 20
            return
        for one in found.train + found.val:
            for thing in one.instances:
                assert np.isfinite(thing.box).all() and (thing.box[2:] > thing.box[:2]).all()
                assert (thing.box >= 0).all() and thing.box[2] <= one.width and thing.box[3] <= one.height
                assert thing.mask is None or decoded(thing.mask).shape == (one.height, one.width)
            seen = example(one, 32, found.mirrored, np.random.default_rng(seed))
            assert seen.masks.shape == (len(seen.boxes), 32, 32)


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=40)
    | st.text(alphabet="0123456789:;<=>?@ABCDEOPQabcdemno", max_size=40).map(str.encode)
)
def test_any_code_is_a_mask_or_refused(code: bytes) -> None:
    try:
        sound = checked({"size": [5, 7], "counts": code.decode("latin-1")})
    except ValueError:
        return
    assert coco_mask.decode(sound).shape == (5, 7)
