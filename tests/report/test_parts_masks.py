"""Label maps, run-length codes, outlines, areas and COCO's JSON: all say the same as the part map."""

from __future__ import annotations

import csv
import errno
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO

from spotter.body.part_choice import chosen
from spotter.body.part_map import PARTS, PartMap
from spotter.errors import OutputError
from spotter.media.label_png import label_png
from spotter.report.parts.areas import AreasCsv, part_areas
from spotter.report.parts.coco import CocoFile, categories
from spotter.report.parts.masks import outlines, person_masks
from spotter.segmenter.annotation import CLASSES
from spotter.segmenter.layouts_labels import read_labels
from tests.part_material import figures, painted, read_map

Mask = NDArray[np.bool_]


def noise(seed: int, height: int, width: int, people: int = 2, grain: float = 1.5) -> PartMap:
    """Patches of all parts and people, with holes, single pixels and unknown parts among them."""
    rng = np.random.default_rng(seed)

    def patches(most: int) -> NDArray[np.uint8]:
        smooth = cv2.GaussianBlur(rng.random((height, width)).astype(np.float32), (0, 0), grain)
        ranks = smooth.ravel().argsort().argsort().reshape(height, width)
        return (ranks * (most + 1) // (height * width)).astype(np.uint8)

    owners = patches(people)
    scores = rng.random((people, 15)).astype(np.float32)
    return PartMap(patches(14) * (owners > 0), owners, tuple(range(3, 3 + people)), scores)


def drawn(polygons: list[list[int]], height: int, width: int) -> Mask:
    """Polygons as COCO's own tool draws them."""
    return np.asarray(coco_mask.decode(coco_mask.merge(coco_mask.frPyObjects(polygons, height, width))), bool)


def truth(found: PartMap, place: int, label: int) -> Mask:
    own = found.people == place
    return own if label == 0 else own & (found.labels == label)


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 10_000), st.integers(1, 40), st.integers(1, 40), st.sampled_from([0.1, 1.5, 4.0]))
def test_code_outline_area_and_box_are_the_maps(seed: int, height: int, width: int, grain: float) -> None:
    found = noise(seed, height, width, grain=grain)
    areas = part_areas(found)
    for place in (1, 2):
        masks = {mask.label: mask for mask in person_masks(found, place)}
        for label in range(15):
            pixels = truth(found, place, label)
            if not pixels.any():
                assert label not in masks and areas[place - 1, label] == 0
                continue
            mask = masks[label]
            code = {"size": [height, width], "counts": mask.counts.encode()}
            assert (np.asarray(coco_mask.decode(code), bool) == pixels).all()
            assert mask.area == pixels.sum() == areas[place - 1, label]
            assert list(mask.box) == coco_mask.toBbox(code).tolist()
            assert all(len(polygon) >= 6 for polygon in mask.polygons)
            again = drawn(mask.polygons, height, width)
            assert (again & pixels).sum() / (again | pixels).sum() > 0.97, "small outlines are all but exact"


def test_large_outlines_are_smooth_and_true() -> None:
    found = read_map(painted(*figures(800, 420, 10, scale=20)))
    for mask in person_masks(found, 1):
        pixels = truth(found, 1, mask.label)
        assert (drawn(mask.polygons, 800, 420) == pixels).all(), "straight edges are exact"
    disc = np.zeros((400, 400), np.uint8)
    cv2.circle(disc, (200, 200), 150, 1, cv2.FILLED)
    (polygon,) = outlines(disc)
    assert len(polygon) < 2 * 200, "steps are smoothed"
    again = drawn([polygon], 400, 400)
    assert (again & (disc > 0)).sum() / (again | (disc > 0)).sum() > 0.99
    assert cv2.contourArea(np.array(polygon, np.float32).reshape(-1, 1, 2)) == pytest.approx(
        disc.sum(), rel=0.01
    )


def test_holes_and_pieces_are_kept() -> None:
    mask = np.zeros((60, 90), np.uint8)
    mask[10:50, 10:50], mask[20:30, 20:40], mask[24:26, 24:26], mask[5:9, 70:80] = 1, 0, 1, 1
    polygons = outlines(mask, 100, 200)
    assert len(polygons) == 3
    assert (drawn(polygons, 300, 300)[200:260, 100:190] == (mask > 0)).all()
    area = sum(cv2.contourArea(np.array(one, np.float32).reshape(-1, 1, 2)) for one in polygons)
    assert area == mask.sum()


def test_a_person_with_no_pixel_has_no_mask() -> None:
    people = np.ones((4, 4), np.uint8)
    found = PartMap(people, people, (1, 2), np.ones((2, 15), np.float32))
    assert list(person_masks(found, 2)) == []
    assert part_areas(found)[1].tolist() == [0] * 15


def test_areas_are_those_of_the_part_map() -> None:
    found = noise(4, 50, 70, people=3)
    for ident, areas in zip(found.ids, part_areas(found), strict=True):
        assert areas.tolist() == list(found.areas(ident).values())
    assert part_areas(PartMap.empty(3, 5)).shape == (0, 15)


@pytest.mark.parametrize(("height", "width"), [(1, 1), (3, 5), (10, 4000), (33, 47)])
def test_a_label_map_is_a_grey_png_with_the_labels_as_they_are(
    tmp_path: Path, height: int, width: int
) -> None:
    found = noise(1, height, width)
    (tmp_path / "parts.png").write_bytes(label_png(found.labels))
    (tmp_path / "people.png").write_bytes(label_png(found.people))
    data = (tmp_path / "parts.png").read_bytes()
    assert (data[24], data[25]) == (8, 0), "8 bits of grey"
    assert (read_labels(tmp_path / "parts.png") == found.labels).all()
    assert (read_labels(tmp_path / "people.png") == found.people).all()
    plain = cv2.imread(str(tmp_path / "parts.png"), cv2.IMREAD_UNCHANGED)
    assert plain is not None and (plain == found.labels).all(), "other programs read the labels too"


def test_a_map_without_a_pixel_is_refused() -> None:
    with pytest.raises(ValueError, match="no picture"):
        label_png(np.zeros((0, 2), np.uint8))


def test_chosen_people_keep_their_pixels_and_nobody_elses() -> None:
    found = noise(7, 30, 40, people=3)
    some = chosen(found, {5: 9, 3: 2})
    assert some.ids == (9, 2)
    assert (some.person(9) == found.person(5)).all() and (some.person(2) == found.person(3)).all()
    assert not some.labels[found.people == 2].any()
    assert (some.scores == found.scores[[2, 0]]).all()
    assert not chosen(found, {}).people.any()


def written(path: Path, *maps: PartMap) -> dict[str, Any]:
    file = CocoFile(path, {"engine": "fast"})
    for number, found in enumerate(maps):
        file.add({"file_name": f"{number}.jpg"}, found)
    file.close()
    document: dict[str, Any] = json.loads(path.read_text())
    return document


def test_cocos_own_reader_finds_every_mask(tmp_path: Path) -> None:
    maps = [noise(1, 40, 60), PartMap.empty(7, 9), noise(2, 30, 20, people=3)]
    document = written(tmp_path / "segments.json", *maps)
    assert document["info"] == {
        "description": "people and their body parts, found by Spotter", "schema": 1, "engine": "fast",
    }  # fmt: skip
    assert [one["id"] for one in document["images"]] == [1, 2, 3]
    assert [(one["width"], one["height"]) for one in document["images"]] == [(60, 40), (9, 7), (20, 30)]
    assert [one["id"] for one in document["annotations"]] == list(range(1, len(document["annotations"]) + 1))
    coco = COCO(str(tmp_path / "segments.json"))
    assert coco.getAnnIds(imgIds=[2]) == []
    people = {one["id"]: one for one in document["annotations"] if one["category_id"] == 1}
    for one in document["annotations"]:
        found = maps[one["image_id"] - 1]
        place = found.ids.index(one["track_id"]) + 1
        assert (coco.annToMask(one) == truth(found, place, one["category_id"] - 1)).all()
        assert one["score"] == pytest.approx(found.scores[place - 1, one["category_id"] - 1], abs=1e-4)
        if one["id"] in people:
            assert "person" not in one
        else:
            whole = people[one["person"]]
            assert (whole["image_id"], whole["track_id"]) == (one["image_id"], one["track_id"])
    assert [one["name"] for one in categories()] == list(CLASSES), "the numbers that segmenter models have"
    assert [one.get("label") for one in categories()] == [None, *range(1, 15)]
    assert len(PARTS) == 14


def test_an_unknown_score_is_null(tmp_path: Path) -> None:
    people = np.ones((3, 3), np.uint8)
    scores = np.full((1, 15), np.nan, np.float32)
    document = written(tmp_path / "a.json", PartMap(people, people, (1,), scores))
    assert [one["score"] for one in document["annotations"]] == [None, None]


def test_nobody_in_any_picture_is_still_a_file(tmp_path: Path) -> None:
    document = written(tmp_path / "a.json", PartMap.empty(4, 5), PartMap.empty(1, 1))
    assert document["annotations"] == [] and len(document["images"]) == 2


def test_what_failed_is_taken_back(tmp_path: Path) -> None:
    file = CocoFile(tmp_path / "a.json", {})
    file.add({"file_name": "good.jpg"}, noise(1, 20, 20))
    mark = file.mark
    file.add({"file_name": "bad.mp4"}, noise(2, 30, 30))
    file.cut(mark)
    file.add({"file_name": "also good.jpg"}, noise(3, 25, 25))
    file.close()
    document = json.loads((tmp_path / "a.json").read_text())
    assert [one["file_name"] for one in document["images"]] == ["good.jpg", "also good.jpg"]
    numbers = [one["id"] for one in document["annotations"]]
    assert numbers == list(range(1, len(numbers) + 1))
    assert {one["image_id"] for one in document["annotations"]} == {1, 2}


def test_a_full_disk_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import spotter.media.writing as writing

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    file = CocoFile(tmp_path / "a.json", {})
    file.add({"file_name": "a.jpg"}, noise(1, 20, 20))
    monkeypatch.setattr(writing.os, "replace", full)
    with pytest.raises(OutputError, match="disk is full"):
        file.close()
    assert list(tmp_path.iterdir()) == []


KILLED = """
import sys, os, signal
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from spotter.report.parts.coco import CocoFile
from tests.report.test_parts_masks import noise
file = CocoFile(Path(sys.argv[1]), {})
for number in range(3):
    file.add({"file_name": "a"}, noise(number, 50, 50))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL on Windows")
def test_a_killed_run_leaves_the_file_of_the_run_before(tmp_path: Path) -> None:
    path = tmp_path / "segments.json"
    before = written(path, noise(1, 10, 10))
    root = str(Path(__file__).parents[2])
    done = subprocess.run([sys.executable, "-c", KILLED, str(path), root], cwd=root, timeout=60)
    assert done.returncode == -9
    assert json.loads(path.read_text()) == before


def test_memory_does_not_grow_with_the_frames(tmp_path: Path) -> None:
    """What stays of a frame is its line of the images' list, not what was found in it."""
    import tracemalloc

    found = read_map(painted(*figures(40, 80, 2, 22, 42)))
    file = CocoFile(tmp_path / "a.json", {})
    file.add({"file_name": "a.mp4"}, found)
    tracemalloc.start()
    for frame in range(50):
        file.add({"file_name": "a.mp4", "frame": frame, "time_s": frame / 30}, found)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    file.close()
    assert (tmp_path / "a.json").stat().st_size > 50 * 6_000
    assert kept < 50 * 500


def test_the_table_of_areas_is_empty_where_a_part_is_not_seen(tmp_path: Path) -> None:
    table = AreasCsv(tmp_path / "areas.csv", ("file", "time_s"))
    labels = np.array([[0, 1, 2], [0, 0, 2]], np.uint8)
    people = np.array([[0, 1, 1], [0, 1, 1]], np.uint8)
    table.add(("a, b.mp4", "0.5000"), PartMap(labels, people, (4, 6), np.ones((2, 15), np.float32)))
    table.add(("a, b.mp4", "0.6000"), PartMap.empty(2, 3))
    table.file.close()
    header, row = csv.reader((tmp_path / "areas.csv").read_text().splitlines())
    assert header == ["file", "time_s", "person", "body", *PARTS]
    assert row == ["a, b.mp4", "0.5000", "4", "4", "1", "2", *[""] * 12]
