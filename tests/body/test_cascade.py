"""Haar cascades: features by hand, windows against a plain reference, files that are no cascades."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from spotter.body.cascade import Cascade, grouped, read_cascade
from spotter.errors import ModelError


def xml(rects: str, tilted: int, threshold: float, leaves: str = "-1. 1.", nodes: str = "0 -1 0") -> str:
    return f"""<?xml version="1.0"?><opencv_storage><cascade type_id="opencv-cascade-classifier">
    <stageType>BOOST</stageType><featureType>HAAR</featureType><height>12</height><width>10</width>
    <stageNum>1</stageNum><stages><_><maxWeakCount>1</maxWeakCount><stageThreshold>0.5</stageThreshold>
    <weakClassifiers><_><internalNodes>{nodes} {threshold}</internalNodes>
    <leafValues>{leaves}</leafValues></_>
    </weakClassifiers></_></stages>
    <features><_><rects>{rects}</rects><tilted>{tilted}</tilted></_></features></cascade></opencv_storage>"""


def cascade(tmp_path: Path, *arguments: object, **more: str) -> Cascade:
    path = tmp_path / "one.xml"
    path.write_text(xml(*arguments, **more))  # type: ignore[arg-type]
    return read_cascade(path)


def plain(grey: np.ndarray, rects: list[tuple[int, int, int, int, float]]) -> np.ndarray:
    """The feature over the deviation of every window of 10 by 12, pixel by pixel."""
    rows, columns = grey.shape[0] - 12 + 1, grey.shape[1] - 10 + 1
    out = np.zeros((rows, columns))
    for y in range(rows):
        for x in range(columns):
            window = grey[y : y + 12, x : x + 10].astype(float)
            inner = window[1:-1, 1:-1]
            area = inner.size
            deviation = np.sqrt(max(0.0, area * (inner**2).sum() - inner.sum() ** 2))
            value = sum(w * window[b : b + h, a : a + wd].sum() for a, b, wd, h, w in rects)
            out[y, x] = value / deviation if deviation > 0 else -np.inf
    return out


def test_windows_are_those_that_a_plain_reference_finds(tmp_path: Path) -> None:
    grey = np.random.default_rng(3).integers(0, 255, (24, 21)).astype(np.uint8)
    rects = [(1, 2, 6, 4, -1.0), (1, 2, 3, 4, 2.0), (4, 6, 5, 5, 0.5)]
    text = "".join(f"<_>{a} {b} {c} {d} {w}</_>" for a, b, c, d, w in rects)
    values = plain(grey, rects)
    threshold = float(np.median(values))
    found = {
        tuple(place) for place in cascade(tmp_path, text, 0, threshold)._pass(grey, 1).astype(int).tolist()
    }
    assert found == {(x, y) for y, x in zip(*np.nonzero(values >= threshold), strict=True)}
    assert 0 < len(found) < values.size


def test_tilted_rectangle_is_the_diamond_below_its_top_corner(tmp_path: Path) -> None:
    grey = np.zeros((12, 10), np.uint8)
    grey[4:8, 3:7] = 200  # a block in the middle, so that there is contrast
    diamond = np.zeros((12, 10), bool)
    table = np.zeros((13, 11), np.int64)
    for y in range(12):
        for x in range(10):
            one = np.zeros((12, 10), np.uint8)
            one[y, x] = 1
            table = cv2.integral3(one)[2].astype(np.int64)
            diamond[y, x] = table[2, 5] - table[5, 2] - table[5, 8] + table[8, 5] == 1
    inner = grey[1:-1, 1:-1].astype(float)
    value = grey[diamond].sum() / np.sqrt(inner.size * (inner**2).sum() - inner.sum() ** 2)
    assert diamond.any()
    for shift, passes in ((-1e-3, True), (1e-3, False)):
        one = cascade(tmp_path, "<_>5 2 3 3 1.</_>", 1, value + shift)
        assert bool(len(one._pass(grey, 1))) is passes


def test_thing_is_found_at_any_size_and_only_where_it_is(tmp_path: Path) -> None:
    dark_over_bright = cascade(tmp_path, "<_>0 0 10 6 -1.</_><_>0 6 10 6 1.</_>", 0, 0.9)
    grey = np.full((120, 160), 128, np.uint8)
    grey[40:64, 60:100], grey[64:88, 60:100] = 10, 245
    (box, *others) = dark_over_bright.find(grey)
    assert not others
    assert abs((box[1] + box[3]) / 2 - 64) < 6 and 60 < (box[0] + box[2]) / 2 < 100


def test_flat_and_tiny_pictures_show_nothing(tmp_path: Path) -> None:
    one = cascade(tmp_path, "<_>0 0 10 12 0.</_>", 0, -1.0)
    assert one.find(np.full((40, 40), 9, np.uint8)).shape == (0, 4)
    assert one.find(np.zeros((1, 1), np.uint8)).shape == (0, 4)


def test_grouping_needs_more_than_so_many_and_keeps_things_apart() -> None:
    boxes = np.array([[0, 0, 10, 10]] * 4 + [[100, 0, 110, 10]] * 3 + [[1, 1, 11, 11]], float)
    assert len(grouped(boxes, 3)) == 1
    assert len(grouped(boxes, 2)) == 2
    assert grouped(np.zeros((0, 4)), 3).shape == (0, 4)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "cannot be read"),
        ("<opencv_storage/>", "no Haar cascade"),
        (xml("<_>0 0 1 1 1.</_>", 0, 0.0).replace("HAAR", "LBP"), "no Haar cascade"),
        (xml("<_>0 0 1 1 1.</_>", 0, 0.0, nodes="1 2 0 0.5 0 -1 0"), "more than one node"),
        (xml("<_>0 0 1 1 1.</_>", 0, 0.0).replace("stageThreshold", "x"), "no stageThreshold"),
        (xml("<_>0 0 1 1 1.</_>", 0, 0.0, nodes="0 -1 7"), "cannot be read"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "one.xml"
    path.write_text(text)
    with pytest.raises(ModelError, match=said):
        read_cascade(path)
