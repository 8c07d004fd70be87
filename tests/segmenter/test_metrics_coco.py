"""COCO's figures as pycocotools computes them, number by number."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from pycocotools import mask as coco_mask
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from spotter.segmenter.annotation import Annotated
from spotter.segmenter.average_precision import FIGURES, averages, curve, mean_of, resampled_precision
from spotter.segmenter.average_precision_matches import IOUS, SIZES, Ranking, matches, rankings
from spotter.segmenter.average_precision_overlaps import box_overlaps, mask_overlaps, surest
from spotter.segmenter.detections import Detections
from tests.segmenter.judged_material import by_chance

Material = Sequence[tuple[Annotated, Detections]]


def coco_eval(material: Material, kind: str, classes: int) -> Any:
    """What pycocotools makes of it."""
    truth, results = [], []
    for number, (picture, found) in enumerate(material, 1):
        for one in picture.instances:
            left, top, right, bottom = one.box.astype(float).tolist()
            assert one.mask is not None
            truth.append(
                {
                    "id": len(truth) + 1,
                    "image_id": number,
                    "category_id": one.label,
                    "bbox": [left, top, right - left, bottom - top],
                    "segmentation": one.mask,
                    "area": float(coco_mask.area(one.mask)),
                    "iscrowd": int(one.crowd),
                }
            )
        rows = zip(found.boxes.astype(float).tolist(), found.labels, found.scores, found.rles(), strict=True)
        for box, label, score, code in rows:
            where = (
                {"bbox": [box[0], box[1], box[2] - box[0], box[3] - box[1]]}
                if kind == "bbox"
                else {"segmentation": code}
            )
            results.append({"image_id": number, "category_id": int(label), "score": float(score)} | where)
    gt = COCO()
    gt.dataset = {
        "images": [
            {"id": number, "height": picture.height, "width": picture.width}
            for number, (picture, _) in enumerate(material, 1)
        ],
        "categories": [{"id": label, "name": str(label)} for label in range(1, classes + 1)],
        "annotations": truth,
        "info": {},
    }
    with contextlib.redirect_stdout(io.StringIO()):
        gt.createIndex()
        judge = COCOeval(gt, gt.loadRes(results), kind)
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return judge


def ours(material: Material, kind: str, classes: int) -> list[Ranking]:
    overlaps = box_overlaps if kind == "bbox" else mask_overlaps
    return rankings(
        [matches(overlaps(surest(found), picture.instances)) for picture, found in material], classes
    )


def known(values: Any) -> Any:
    return np.where(np.asarray(values) < 0, np.nan, values)


@pytest.mark.parametrize("kind", ["bbox", "segm"])
@pytest.mark.parametrize("seed", range(12))
def test_all_numbers_are_those_of_pycocotools(seed: int, kind: str) -> None:
    classes = 3
    material = by_chance(seed, classes)
    judge = coco_eval(material, kind, classes)
    found = ours(material, kind, classes)
    assert np.array_equal(IOUS, judge.params.iouThrs)
    for label, ranking in enumerate(found):
        for place, size in enumerate(SIZES):
            for number, most in enumerate(judge.params.maxDets):
                drawn = curve(ranking, size, most)
                precision = known(judge.eval["precision"][:, :, label, place, number])
                recall = known(judge.eval["recall"][:, label, place, number])
                assert np.allclose(drawn.precision, precision, 0, 1e-12, equal_nan=True)
                assert np.allclose(drawn.recall, recall, 0, 1e-12, equal_nan=True)
    figures = [averages(ranking) for ranking in found]
    summed = [mean_of([one[name] for one in figures]) for name in FIGURES]
    assert np.allclose(summed, known(judge.stats), 0, 1e-9, equal_nan=True)


def test_more_finds_than_are_looked_at() -> None:
    material = []
    for picture, found in by_chance(3, classes=1, pictures=3, most=40):
        assert len(found)
        material.append((picture, found.chosen(np.resize(np.arange(len(found)), 150))))
    judge = coco_eval(material, "bbox", 1)
    (ranking,) = ours(material, "bbox", 1)
    assert len(ranking.scores) == 300
    assert np.allclose(list(averages(ranking).values()), known(judge.stats), 0, 1e-9, equal_nan=True)


def test_a_choice_of_pictures_counts_as_if_they_were_there_so_often() -> None:
    material = by_chance(5, 2)
    rng = np.random.default_rng(1)
    for place, (picture, found) in enumerate(material):  # no equal scores: their order would play a part
        scores = (rng.permutation(len(found)) * 100 + place) / 10_000
        rest = found.boxes, found.labels, scores.astype(np.float32), found.masks
        material[place] = picture, Detections(*rest, found.height, found.width)
    weights = rng.multinomial(6, [1 / 6] * 6, size=4)
    for often in weights:
        chosen = [one for one, times in zip(material, often.tolist(), strict=True) for _ in range(times)]
        judge = coco_eval(chosen, "segm", 2)
        for label, ranking in enumerate(ours(material, "segm", 2)):
            wanted = known(judge.eval["precision"][:, :, label, 0, 2])
            (found_here,) = resampled_precision(ranking, often[None])
            expected = [wanted.mean(), wanted[0].mean(), wanted[5].mean()]
            assert np.allclose(found_here, expected, 0, 1e-9, equal_nan=True)
