"""Measures how well the fast engine finds body parts, and what it costs on top of the pose engine."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from bench.material import Material, RenderedClip
from bench.table import Cell, Table
from spotter.body.engine import PoseEngine
from spotter.body.part_engine import FastParts
from spotter.body.part_iou import PartIou, confusion, iou
from spotter.body.parts_fast import part_map
from spotter.media.frame import Frame
from spotter.media.pictures import read_picture
from spotter.media.reader import open_media

_HEIGHT = 720
_QUICK = 3
_TIMES = 5  # the best of so many: what else the machine does is not meant


def run(material: Material, quick: bool) -> list[Table]:
    """Agreement with the part maps of rendered bodies and with masks drawn on photos; milliseconds."""
    most = _QUICK if quick else None
    clips = material.rendered_clips()[: 1 if quick else None]
    agreed, spent = PartIou(), list[float]()
    for clip in track(clips, description="parts", transient=True):
        spent += _rendered(clip, agreed, most)
    rows: list[tuple[Cell, ...]] = [
        ("rendered, mean of the 14 parts", 100 * agreed.mean, 60.0),
        ("rendered, mean of Pascal-Person-Part's six", 100 * agreed.pascal_mean, 72.0),
        ("rendered, person", 100 * agreed.person, 90.0),
    ]
    photos = sorted((material.folder / "photos" / "people").glob("*.jpg"))[:most]
    if photos:
        counts = sum(confusion(*_photo(photo), 2) for photo in track(photos, transient=True))
        rows.append(("photos of people, person", 100 * float(iou(np.asarray(counts))[1]), 90.0))
    each = tuple((name.replace("_", " "), 100 * value) for name, value in agreed.parts.items())
    middle, slow = (float(value) for value in np.percentile(spent, (50, 95)))
    return [
        Table(
            "parts",
            "Fast engine: intersection over union",
            ("what", "IoU %", "wanted"),
            tuple(rows),
            digits=1,
        ),
        Table("parts-each", "Fast engine: each part of rendered bodies", ("part", "IoU %"), each, digits=1),
        Table(
            "parts-speed",
            f"Fast engine: milliseconds a frame and person on top of the pose engine, at {_HEIGHT} lines",
            ("what", "ms", "wanted"),
            (("median", middle, 3.0), ("95 of 100", slow, None)),
        ),
    ]


def _rendered(clip: RenderedClip, agreed: PartIou, most: int | None) -> Iterator[float]:
    """Follow a clip and count the pixels of the frames whose map is known; milliseconds for each of these."""
    known = np.load(clip.path.with_suffix(".parts.npz"))
    truths = dict(list(zip(known["frames"].tolist(), known["maps"], strict=True))[:most])
    plain, enlarged = PoseEngine(masks=True, max_people=1), PoseEngine(masks=True, max_people=1)
    with open_media(clip.path) as source:
        for frame in source:
            bodies = plain.push(frame)
            truth = truths.pop(frame.index, None)
            if truth is not None:
                agreed.add(part_map(bodies, *frame.image.shape[:2]).labels, truth)
                yield from _milliseconds(frame, enlarged)
            if not truths:
                return


def _milliseconds(frame: Frame, engine: PoseEngine) -> Iterator[float]:
    """What the parts of a frame cost at 720 lines once its people are found, for each of them."""
    width = round(frame.image.shape[1] * _HEIGHT / frame.image.shape[0])
    image = np.asarray(cv2.resize(frame.image, (width, _HEIGHT)), np.uint8)
    bodies = engine.push(Frame(image, frame.time_s, frame.index))
    times = []
    for _ in range(_TIMES):
        began = time.perf_counter()
        part_map(bodies, _HEIGHT, width)
        times.append(time.perf_counter() - began)
    if bodies:
        yield 1000 * min(times) / len(bodies)


def _photo(path: Path) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where there is a person by the fast engine, and by the map drawn by hand."""
    image = read_picture(path)
    drawn = cv2.imread(str(path.with_suffix(".png")), cv2.IMREAD_UNCHANGED)
    found = FastParts().push(Frame(image, 0.0, 0))
    return found.people > 0, np.asarray(drawn) > 0
