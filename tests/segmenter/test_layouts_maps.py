"""Data sets of label maps, each by a small one of its kind."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from spotter.errors import DatasetError
from spotter.segmenter.annotation import CLASSES, PERSON
from spotter.segmenter.data_check import KINDS
from spotter.segmenter.dataset import mirrored_classes, read_annotations
from spotter.segmenter.examples import example
from spotter.segmenter.layouts_labels import read_labels, scheme
from tests.segmenter.marked_pictures import (
    HEIGHT,
    WIDTH,
    mask_of,
    named,
    require_fitting,
    write_labels,
    write_picture,
)


def puppet(numbers: dict[str, int]) -> NDArray[np.uint8]:
    """Two people side by side of blocks: parts of the left one by name."""
    labels = np.zeros((HEIGHT, WIDTH), np.uint8)
    places = {
        "head": (10, 2, 18, 10), "torso": (8, 10, 20, 26),
        "left": (20, 10, 24, 24), "right": (4, 10, 8, 24), "legs": (8, 26, 20, 46),
    }  # fmt: skip
    for name, (left, top, right, bottom) in places.items():
        if name in numbers:
            labels[top:bottom, left:right] = numbers[name]
    labels[:, 32:] = np.roll(labels, 32, 1)[:, 32:]
    return labels


def people_of(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.where(labels > 0, np.where(np.arange(WIDTH) < 32, 3, 8), 0).astype(np.uint8)


def write_pascal(root: Path) -> None:
    labels = puppet({"head": 1, "torso": 2, "left": 3, "right": 3, "legs": 5})
    for name, palette in (("2008_1", True), ("2008_2", False)):
        write_labels(root / "pascal_person_part/pascal_person_part_gt" / f"{name}.png", labels, palette)
        write_picture(root / "VOCdevkit/VOC2010/JPEGImages" / f"{name}.jpg")
    lists = root / "pascal_person_part/pascal_person_part_trainval_list"
    lists.mkdir()
    (lists / "train.txt").write_text("2008_1\n\n")
    (lists / "val.txt").write_text("JPEGImages/2008_2.jpg pascal_person_part_gt/2008_2.png\n")


def write_lip(root: Path) -> None:
    labels = puppet({"head": 2, "torso": 5, "left": 14, "right": 15, "legs": 9})
    labels[:, 32:] = 0
    for part in ("train", "val"):
        maps = root / "TrainVal_parsing_annotations/TrainVal_parsing_annotations" / f"{part}_segmentations"
        write_labels(maps / f"{part}_1.png", labels)
        write_picture(root / "TrainVal_images/TrainVal_images" / f"{part}_images" / f"{part}_1.jpg")


def write_cihp(root: Path) -> None:
    labels = puppet({"head": 13, "torso": 10, "left": 14, "right": 15, "legs": 12})
    for part in ("Training", "Validation"):
        folder = root / "instance-level_human_parsing" / part
        write_labels(folder / "Category_ids/0001.png", labels)
        write_labels(folder / "Human_ids/0001.png", people_of(labels))
        write_picture(folder / "Images/0001.jpg")


def write_ours(root: Path) -> None:
    labels = puppet({"head": 1, "torso": 2, "left": 3, "right": 4, "legs": 9})
    for part in ("train", "val"):
        write_labels(root / part / "labels/0001.png", labels)
        write_labels(root / part / "people/0001.png", people_of(labels))
        write_picture(root / part / "images/0001.jpg")


MAPS: dict[str, tuple[Callable[[Path], None], int, dict[str, int]]] = {
    "pascal-person-part": (write_pascal, 2, {"head": 1, "torso": 1, "upper_arm": 2, "upper_leg": 1}),
    "lip": (write_lip, 1, {"head": 1, "torso": 1, "left_arm": 1, "right_arm": 1, "legs": 1}),
    "cihp": (write_cihp, 2, {"head": 1, "torso": 1, "left_arm": 1, "right_arm": 1, "legs": 1}),
    "spotter-parts": (
        write_ours,
        2,
        {"head": 1, "torso": 1, "left_upper_arm": 1, "right_upper_arm": 1, "left_upper_leg": 1},
    ),
}
"""How each is written, how many people are in a picture, and how often each part is in each of them."""


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
@pytest.mark.parametrize("palette", [False, True])
def test_labels_are_numbers_however_they_are_stored(tmp_path: Path, palette: bool, bits: int) -> None:
    labels = np.random.default_rng(bits).integers(0, 1 << bits, (9, 16)).astype(np.uint8)
    assert (read_labels(write_labels(tmp_path / "a.png", labels, palette, bits)) == labels).all()


@pytest.mark.parametrize("name", MAPS)
def test_label_maps_become_people_and_parts(tmp_path: Path, name: str) -> None:
    write, people, parts = MAPS[name]
    write(tmp_path)
    found = read_annotations(tmp_path)
    assert found.source["layout"] == name and found.classes == scheme(name).classes
    assert found.notes == scheme(name).facts
    assert [len(part) for part in (found.train, found.val)] == [1, 1]
    for one in found.train + found.val:
        things = named(one, found.classes)
        assert {label: len(same) for label, same in things.items()} == {"person": people} | {
            label: count * people for label, count in parts.items()
        }
        require_fitting(one)
        for person in things["person"]:
            own = [mask_of(thing) for thing in one.instances if thing.person == person.ident]
            assert len(own) == sum(parts.values())
            assert (np.any(own, 0) == mask_of(person)).all(), "parts lie in their person and cover it"


def test_left_and_right_of_label_maps_change_places_in_a_mirror(tmp_path: Path) -> None:
    write_cihp(tmp_path)
    found = read_annotations(tmp_path)
    left = found.classes.index("left_arm") + 1
    assert found.mirrored[left] == left + 1 and found.mirrored[left + 1] == left


def test_people_that_no_map_tells_apart(tmp_path: Path) -> None:
    write_cihp(tmp_path)
    for one in tmp_path.rglob("Human_ids/*.png"):
        one.unlink()
    for folder in tmp_path.rglob("Human_ids"):
        folder.rmdir()
    found = read_annotations(tmp_path)
    assert "all that is marked in a picture is taken for one person" in found.notes[1]
    assert len(named(found.train[0], found.classes)["person"]) == 1


def test_specks_are_no_people(tmp_path: Path) -> None:
    write_pascal(tmp_path)
    path = tmp_path / "pascal_person_part/pascal_person_part_gt/2008_1.png"
    labels = np.zeros((HEIGHT, WIDTH), np.uint8)
    labels[2:4, 2:4] = 1
    labels[20:, 20:40] = 255
    write_labels(path, labels)
    found = read_annotations(tmp_path)
    assert found.train[0].instances == () and "nothing is marked in the picture" in found.notes[-1]


def test_label_maps_that_cannot_be_used_are_left_out_with_their_pictures(tmp_path: Path) -> None:
    labels = puppet({"head": 1})
    for name in ("good", "odd", "colour", "broken", "deep", "text", "small", "people", "none"):
        write_picture(tmp_path / f"images/{name}.jpg")
        write_labels(tmp_path / f"labels/{name}.png", labels)
        write_labels(tmp_path / f"people/{name}.png", people_of(labels))
    odd = labels.copy()
    odd[0, :2] = 47, 99
    write_labels(tmp_path / "labels/odd.png", odd)
    write_labels(tmp_path / "labels/colour.png", np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    whole = (tmp_path / "labels/broken.png").read_bytes()
    (tmp_path / "labels/broken.png").write_bytes(whole[:-9])
    write_labels(tmp_path / "labels/deep.png", labels, bits=16)
    (tmp_path / "labels/text.png").write_text("a label map, says its name")
    for kind in ("labels", "people"):
        write_labels(tmp_path / kind / "small.png", labels[:20, :20])
    (tmp_path / "people/people.png").unlink()
    (tmp_path / "labels/none.png").unlink()
    found = read_annotations(tmp_path, held_share=0)
    assert [one.path.stem for one in found.train] == ["good", "odd"]
    text = "\n".join(found.notes)
    assert "5 label maps cannot be used" in text and "none.png: there is no label map" in text
    assert "odd.png: the label map has labels that this layout does not know" in text and "(47, 99)" in text
    assert "small.jpg: the picture is of another size" in text


def test_names_in_lists_that_are_nowhere_are_told(tmp_path: Path) -> None:
    write_pascal(tmp_path)
    lists = tmp_path / "pascal_person_part/pascal_person_part_trainval_list"
    (lists / "train.txt").write_text("2008_1\n2008_9\n")
    found = read_annotations(tmp_path)
    assert len(found.train) == 1 and KINDS["picture missing"][0] in found.notes[1]


def test_photos_of_clothes_tell_of_people_only(tmp_path: Path) -> None:
    for number in (9, 10):
        write_labels(tmp_path / f"00{number:02}.png", puppet({"head": 41, "torso": 3}))
        write_picture(tmp_path / f"00{number:02}.jpg")
    write_picture(tmp_path / "0011.jpg")
    (tmp_path / "labels.json").write_text(json.dumps(["null", "skin"]))
    found = read_annotations(tmp_path, held_share=0.5)
    assert found.source["layout"] == "clothing-people" and found.classes == ("person",)
    one = found.train[0]
    assert one.known == {PERSON} and [thing.label for thing in one.instances] == [PERSON]
    require_fitting(one)
    assert "0011.png: there is no label map for the picture" in found.notes[0]
    seen = example(one, 64, mirrored_classes(CLASSES))
    assert seen.labels.tolist() == [PERSON] and seen.unsure.tolist() == seen.boxes.tolist()
    (tmp_path / "labels.json").write_text(json.dumps(["skin", "null"]))
    with pytest.raises(DatasetError, match="does not begin with null"):
        read_annotations(tmp_path)


def test_the_real_photos_of_people(shared: Path) -> None:
    folder = shared / "photos/people"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    found = read_annotations(folder)
    assert (len(found.train), len(found.val)) == (216, 24) and found.notes == ()
    assert {one.known for one in found.train} == {frozenset({PERSON})}
    for one in found.val[:3]:
        require_fitting(one)
        assert 0.05 < mask_of(one.instances[0]).mean() < 0.6
