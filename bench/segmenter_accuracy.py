"""Measures the part model on board: rendered people whom it never saw, and photos that were kept back."""

from __future__ import annotations

import os
import tempfile
import tomllib
from pathlib import Path

import cv2
import numpy as np
from rich.progress import track

from bench.material import REPOSITORY, Material, Skipped
from bench.table import Cell, Table
from spotter.body.part_iou import PartIou, confusion, iou
from spotter.errors import ModelError, SpotterError
from spotter.media.pictures import read_picture
from spotter.media.reader import open_media
from spotter.segmenter.annotation import Annotations
from spotter.segmenter.dataset import read_annotations
from spotter.segmenter.evaluate import evaluate
from spotter.segmenter.predict import Segmenter

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
    parts = [by_class[name] for name in found.classes if name != "person"]
    rows: list[tuple[Cell, ...]] = [
        ("rendered, masks of parts, AP50", 100 * _mean([one["AP50"].value for one in parts]), _WANTED_PARTS),
        ("rendered, masks of people, AP50", 100 * by_class["person"]["AP50"].value, _WANTED_PERSON),
        ("rendered, masks of all, AP", 100 * masks.average["AP"].value, None),
    ]
    outlines = _photos(material, segmenter, _QUICK_PHOTOS if quick else None)
    if outlines is not None:
        rows.append(("photos kept back, people, IoU", 100 * outlines, _WANTED_PHOTOS))
    agreed = _clips(material, segmenter, 1 if quick else _FRAMES)
    rows += [
        ("clips of exercises, mean IoU of the 14 parts", 100 * agreed.mean, None),
        ("clips of exercises, people, IoU", 100 * agreed.person, None),
    ]
    names = ("AP", "AP50", "small", "medium", "large", "AR100")
    each = tuple(
        (name.replace("_", " "), *(100 * figures[which].value for which in names))
        for name, figures in by_class.items()
    )
    return [
        Table(
            "segmenter-accuracy",
            "The part model on board, on people kept out of its training",
            ("what", "%", "wanted"),
            tuple(rows),
            digits=1,
            notes=(f"{found.n} pictures rendered for this, split test, seed {_SEED}",),
        ),
        Table(
            "segmenter-accuracy-each",
            "The part model on board: masks of each class, in percent",
            ("class", *names),
            each,
            digits=1,
        ),
    ]


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


def _photos(material: Material, segmenter: Segmenter, most: int | None) -> float | None:
    """Intersection over union of people with the outlines drawn by hand; None without photos."""
    recipe = tomllib.loads((REPOSITORY / "training" / "parts" / "recipe.toml").read_text("utf-8"))
    photos = sorted((material.folder / "photos" / "people").glob("*.jpg"))[recipe["photos"]["first_held"] :]
    counts = np.zeros((2, 2), np.int64)
    for photo in track(photos[:most], description="photos", transient=True):
        drawn = cv2.imread(str(photo.with_suffix(".png")), cv2.IMREAD_UNCHANGED)
        counts += confusion(segmenter.part_map(read_picture(photo)).people > 0, np.asarray(drawn) > 0, 2)
    return float(iou(counts)[1]) if photos else None


def _clips(material: Material, segmenter: Segmenter, most: int) -> PartIou:
    """Agreement with the part maps of the rendered clips of exercises, so many frames of each."""
    agreed = PartIou()
    for clip in track(material.rendered_clips(), description="clips", transient=True):
        known = np.load(clip.path.with_suffix(".parts.npz"))
        chosen = np.linspace(0, len(known["frames"]) - 1, most).astype(int)
        truths = {int(known["frames"][row]): known["maps"][row] for row in chosen}
        with open_media(clip.path) as source:
            for frame in source:
                if (truth := truths.pop(frame.index, None)) is not None:
                    agreed.add(segmenter.part_map(frame.image).labels, truth)
                if not truths:
                    break
    return agreed


def _mean(values: list[float]) -> float:
    return float(np.nanmean(values)) if values else float("nan")
