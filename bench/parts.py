"""Measures how well the fast engine finds body parts, and what it costs on top of the pose engine."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import islice

import cv2
import numpy as np
from rich.progress import track

from bench.marked import known_maps, marked_frames, outline_iou, outlined_photos
from bench.material import Material, RenderedClip
from bench.table import Cell, Table
from spotter.body.engine import PoseEngine
from spotter.body.part_engine import FastParts
from spotter.body.part_iou import PartIou
from spotter.body.parts_fast import part_map
from spotter.media.frame import Frame

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
    if photos := outlined_photos(material)[:most]:
        outlines = outline_iou(photos, lambda image: FastParts().push(Frame(image, 0.0, 0)))
        rows.append(("photos of people, person", 100 * outlines, 90.0))
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
    maps = dict(islice(known_maps(clip).items(), most))
    plain, enlarged = PoseEngine(masks=True, max_people=1), PoseEngine(masks=True, max_people=1)
    for frame, truth in marked_frames(clip, maps):
        bodies = plain.push(frame)
        if truth is not None:
            agreed.add(part_map(bodies, *frame.image.shape[:2]).labels, truth)
            yield from _milliseconds(frame, enlarged)


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
