"""Measures the part model on board: rendered people whom it never saw, and photos that were kept back."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
from rich.progress import track

from bench.marked import known_maps, marked_frames, outline_iou, outlined_photos
from bench.material import Material, Skipped
from bench.table import Cell, Table
from spotter.body.part_iou import PartIou
from spotter.errors import ModelError, SpotterError
from spotter.segmenter.annotation import Annotations
from spotter.segmenter.average_precision import mean_of
from spotter.segmenter.dataset import read_annotations
from spotter.segmenter.evaluate import evaluate
from spotter.segmenter.metrics import Estimate
from spotter.segmenter.predict import Segmenter
from training.parts.recipe import read_recipe

_PICTURES, _QUICK_PICTURES, _QUICK_PHOTOS = 300, 6, 3
_FRAMES = 4  # of each clip
_SEED = 7
_WANTED_PARTS, _WANTED_PERSON, _WANTED_PHOTOS = 60.0, 90.0, 85.0


def run(material: Material, quick: bool) -> list[Table]:
    """Average precision of masks on pictures that are rendered for it, and outlines of people in photos."""
    try:
        segmenter = Segmenter.open()
    except ModelError as error:
        raise Skipped(str(error)) from error
    with tempfile.TemporaryDirectory() as scratch:
        pictures = _rendered(material, Path(scratch), _QUICK_PICTURES if quick else _PICTURES)
        found = evaluate(segmenter, pictures, split="all", resamples=0, worst=0)
    masks = found.masks
    assert masks is not None, "rendered pictures have masks"
    by_class = dict(zip(found.classes, masks.averages, strict=True))
    parts = [figures["AP50"].value for name, figures in by_class.items() if name != "person"]
    rows: list[tuple[Cell, ...]] = [
        ("rendered, masks of parts, AP50", 100 * mean_of(parts), _WANTED_PARTS),
        ("rendered, masks of people, AP50", 100 * by_class["person"]["AP50"].value, _WANTED_PERSON),
        ("rendered, masks of all, AP", 100 * masks.average["AP"].value, None),
    ]
    held_back = outlined_photos(material)[read_recipe().first_held :]
    if photos := held_back[: _QUICK_PHOTOS if quick else None]:
        outlines = outline_iou(photos, segmenter.part_map)
        rows.append(("photos kept back, people, IoU", 100 * outlines, _WANTED_PHOTOS))
    agreed = _clips(material, segmenter, 1 if quick else _FRAMES)
    rows += [
        ("clips of exercises, mean IoU of the 14 parts", 100 * agreed.mean, None),
        ("clips of exercises, people, IoU", 100 * agreed.person, None),
    ]
    title = "The part model on board, on people kept out of its training"
    notes = (f"{found.n} pictures rendered for this, split test, seed {_SEED}",)
    columns = ("what", "%", "wanted")
    return [Table("segmenter-accuracy", title, columns, tuple(rows), digits=1, notes=notes), _each(by_class)]


def _rendered(material: Material, folder: Path, count: int) -> Annotations:
    """Pictures of bodies, things and backgrounds that training never draws."""
    try:
        from training.parts.coco import write_instances
        from training.parts.render import Recipe, render

        assets = material.folder / "bodies"
        for _ in render(folder, assets, Recipe("test", _SEED, 480), range(count), os.cpu_count() or 1):
            pass
    except (SpotterError, ImportError) as error:
        raise Skipped(f"pictures cannot be rendered: {error}") from error
    write_instances(folder)
    return read_annotations(folder)


def _each(by_class: dict[str, dict[str, Estimate]]) -> Table:
    """Some of COCO's figures of each class."""
    names = ("AP", "AP50", "small", "medium", "large", "AR100")
    rows: list[tuple[Cell, ...]] = [
        (name.replace("_", " "), *(100 * figures[which].value for which in names))
        for name, figures in by_class.items()
    ]
    title = "The part model on board: masks of each class, in percent"
    return Table("segmenter-accuracy-each", title, ("class", *names), tuple(rows), digits=1)


def _clips(material: Material, segmenter: Segmenter, most: int) -> PartIou:
    """Agreement with the part maps of the rendered clips of exercises, so many frames of each."""
    agreed = PartIou()
    for clip in track(material.rendered_clips(), description="clips", transient=True):
        known = list(known_maps(clip).items())
        chosen = dict(known[row] for row in np.linspace(0, len(known) - 1, most).astype(int))
        for frame, truth in marked_frames(clip, chosen):
            if truth is not None:
                agreed.add(segmenter.part_map(frame.image).labels, truth)
    return agreed
