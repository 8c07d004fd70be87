"""Judging a segmenter: what it finds in annotated pictures, held against what is marked in them."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from spotter.body.part_map import PARTS
from spotter.errors import DatasetError, SpotterError, UsageError
from spotter.media.pictures import read_picture
from spotter.segmenter.annotation import CLASSES, Annotated, Annotations
from spotter.segmenter.average_precision_matches import Matches, matches
from spotter.segmenter.average_precision_overlaps import Floats, box_overlaps, mask_overlaps, surest
from spotter.segmenter.compose import composed, least_score
from spotter.segmenter.detections import Detections
from spotter.segmenter.evaluate_classes import SharedClasses, key
from spotter.segmenter.evaluate_parts import PixelCounts, part_iou, pixel_counts, true_parts
from spotter.segmenter.judged import Evaluation, Gathered, Shown, Unread
from spotter.segmenter.metrics import resampled
from spotter.segmenter.metrics_confusion import confusion

Split = Literal["val", "train", "all"]
Image = NDArray[np.uint8]

RESAMPLES: Final = 200
"""How many other choices of the pictures the intervals come from."""

LEAST_SCORE: Final = 0.05
"""Finds that are less sure are not asked for, as is usual in figures of Mask R-CNN."""


class Detector(Protocol):
    """Finds things in pictures."""

    @property
    def classes(self) -> tuple[str, ...]:
        """Names; class number i is ``classes[i - 1]``."""

    def detect(self, image: Image, score: float | None = None) -> Detections:
        """What is found in a picture, RGB (height, width, 3), and is surer than ``score``."""


def evaluate(
    model: Detector,
    annotations: Annotations,
    *,
    split: Split = "val",
    score: float | None = None,
    limit: int | None = None,
    resamples: int = RESAMPLES,
    worst: int = 12,
    seed: int = 0,
    part_score: float | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Judge a model by annotated pictures, as COCO does and more. Needs no PyTorch.

    Classes are the same if their names are; those that only one of both has are left out. What is not marked
    everywhere (`Annotated.known`) is judged only in pictures where it is. Where masks are known of some
    things only, masks of the others are neither rewarded nor punished. Average precision and recall are
    COCO's (Lin et al. 2014, arXiv:1405.0312), with the size of a thing taken from its mask where it has one.

    Args:
        model: finds things.
        annotations: pictures and what is marked in them.
        split: which of them; ``"val"`` are those kept out of training.
        score: from which on finds count in precision, recall, F1 and confusion; where F1 is best if None.
        limit: no more pictures than this, drawn by chance.
        resamples: how many other choices of pictures intervals come from; 0 for no intervals.
        worst: how many of the worst pictures are looked at again, to be shown.
        seed: of what is drawn.
        part_score: from which on people are believed in part maps, which are then judged too, pixel by pixel,
            where the masks of people and their parts are known; see `spotter.segmenter.compose.composed`. No
            part map is made if None.
        progress: is told how many of how many pictures are done.

    Raises:
        UsageError: if the score, limit or split is none.
        DatasetError: if there is no picture to judge by, none can be read, or no class is shared.

    Example::

        found = evaluate(Segmenter.open(Path("parts")), read_annotations(Path("pictures")), split="all")
        print(found.masks.average["AP50"])
    """
    pictures = chosen_pictures(annotations, split, limit, seed)
    if score is not None and not 0 <= score <= 1:
        raise UsageError(f"finds cannot count from a score of {score:g} on; give one from 0 to 1")
    judge = _Judge(model, annotations, pictures, part_score)
    for done, picture in enumerate(pictures, 1):
        judge.add(picture)
        if progress is not None:
            progress(done, len(pictures))
    if not judge.seen:
        raise DatasetError(f"not one of the {len(pictures)} pictures can be judged; {judge.unread[0].why}")
    if not judge.shared.names and not judge.pixels:
        raise DatasetError(
            f"the model knows {', '.join(model.classes)}, and {', '.join(annotations.classes)} are marked: "
            "no class is in both; judge with pictures of what the model knows, under the same names"
        )
    return judge.evaluation(score, resamples, worst, seed)


def chosen_pictures(
    annotations: Annotations, split: Split, limit: int | None = None, seed: int = 0
) -> tuple[Annotated, ...]:
    """The pictures to judge by.

    Raises:
        UsageError: if the split or the limit is none.
        DatasetError: if there are none.
    """
    parts = {
        "val": annotations.val,
        "train": annotations.train,
        "all": (*annotations.train, *annotations.val),
    }
    if split not in parts:
        raise UsageError(f"there is no split called {split!r}; choose one of {', '.join(parts)}")
    if limit is not None and limit < 1:
        raise UsageError(f"{limit} pictures cannot be judged; give a limit of 1 or more")
    pictures = parts[split]
    if not pictures:
        other = next((name for name in ("all", "train") if parts[name]), None)
        hint = f"; judge by {len(parts[other])} others with --split {other}" if other else ""
        raise DatasetError(f"there is no picture to judge by in the split {split}{hint}")
    if limit is None or limit >= len(pictures):
        return pictures
    drawn = np.random.default_rng(seed).permutation(len(pictures))[:limit]
    return tuple(pictures[place] for place in sorted(drawn.tolist()))


class _Judge:
    """Asks a model about pictures, and gathers what comes of each.

    Args:
        model: is asked.
        annotations: what the classes of the data are.
        pictures: that it will be asked about.
        part_score: see `evaluate`.
    """

    def __init__(
        self,
        model: Detector,
        annotations: Annotations,
        pictures: Sequence[Annotated],
        part_score: float | None,
    ) -> None:
        self.shared = SharedClasses.between(model.classes, annotations.classes)
        self.unread: list[Unread] = []
        self.pixels: list[PixelCounts] = []
        self.seen: list[Annotated] = []
        self._model, self._classes, self._part_score = model, annotations.classes, part_score
        self._boxes: list[Matches] = []
        self._masks: list[Matches] = []
        self._with_pixels: list[int] = []
        self._seconds: list[float] = []
        things = [one for picture in pictures for one in self.shared.picture(picture).instances]
        masked = {one.label for one in things if one.mask is not None and not one.crowd}
        self._maskless = frozenset(one.label for one in things) - masked
        self._any_mask = bool(masked)

    def add(self, picture: Annotated) -> None:
        """Ask about a picture; one that cannot be read is noted."""
        try:
            image = _read(picture)
        except SpotterError as error:
            self.unread.append(Unread(picture.path, str(error)))
            return
        began = time.perf_counter()
        found = self._model.detect(image, LEAST_SCORE)
        self._seconds.append(time.perf_counter() - began)
        renamed = self.shared.picture(picture)
        self.seen.append(renamed)
        if self.shared.names:
            self._hold(found, renamed)
        self._count_pixels(found, image, picture)

    def evaluation(self, score: float | None, resamples: int, worst: int, seed: int) -> Evaluation:
        """All that came of them."""
        weights = resampled([one.group for one in self.seen], resamples, seed)
        classes = len(self.shared.names)
        boxes = Gathered.of(self._boxes, classes) if classes else None
        masks = Gathered.of(self._masks, classes) if self._any_mask else None
        best = masks or boxes
        used = score if score is not None else best.best_score() if best else math.nan
        judged_boxes = boxes.judged(used, weights) if boxes else None
        judged_masks = masks.judged(used, weights) if masks else None
        judged = judged_masks or judged_boxes
        return Evaluation(
            classes=self.shared.names,
            n=len(self.seen),
            groups=len({one.group for one in self.seen} - {""}),
            boxes=judged_boxes,
            masks=judged_masks,
            iou=part_iou(self.pixels, weights[:, self._with_pixels]) if self.pixels else None,
            score=used,
            score_given=score is not None,
            ms_a_picture=1000 * float(np.median(self._seconds)),
            only_model=self.shared.only_model,
            only_data=self.shared.only_data,
            worst=self._worst(judged.f1, used, worst) if judged else (),
            left_out=tuple(self.unread),
        )

    def _hold(self, found: Detections, picture: Annotated) -> None:
        """Hold what was found against what is marked."""
        kept = surest(self.shared.found(found, picture.known))
        self._boxes.append(matches(box_overlaps(kept, picture.instances)))
        if self._any_mask:
            judged = ~np.isin(kept.labels, sorted(self._maskless))
            marked = [one for one in picture.instances if one.label not in self._maskless]
            self._masks.append(matches(mask_overlaps(kept.chosen(judged), marked)))

    def _count_pixels(self, found: Detections, image: Image, picture: Annotated) -> None:
        """Hold the part map that the finds make against the one that the masks make."""
        names = {key(name) for name in self._model.classes}
        if self._part_score is None or names.isdisjoint(CLASSES):
            return
        truth = true_parts(picture, self._classes)
        if truth is None:
            return
        if names.isdisjoint(PARTS):
            truth = replace(truth, parts="none")
        sure = found.chosen(found.scores >= least_score(self._part_score))
        parts = composed(sure, self._model.classes, image, self._part_score)
        self.pixels.append(pixel_counts(parts, truth))
        self._with_pixels.append(len(self.seen) - 1)

    def _worst(self, f1: Floats, score: float, most: int) -> tuple[Shown, ...]:
        """The pictures with the lowest F1, those with more in them first, looked at again."""
        marked = np.array([len(one.instances) for one in self.seen])
        order = np.lexsort((-marked, f1))
        chosen = [int(place) for place in order if f1[place] < 1][:most]
        return tuple(
            self._shown(place, float(f1[place]), score) for place in chosen if self.seen[place].path.exists()
        )

    def _shown(self, place: int, f1: float, score: float) -> Shown:
        picture = self.seen[place]
        found = self.shared.found(self._model.detect(_read(picture), LEAST_SCORE), picture.known)
        came = (self._masks or self._boxes)[place]
        mixed = confusion([came], len(self.shared.names), score)
        return Shown(picture, surest(found.chosen(found.scores >= score)), f1, mixed)


def _read(picture: Annotated) -> Image:
    """A picture, of the size that its annotations are for."""
    image = read_picture(picture.path)
    if image.shape[:2] != (picture.height, picture.width):
        raise DatasetError(
            f"{picture.path} has {image.shape[1]} by {image.shape[0]} pixels, and its annotations are for "
            f"{picture.width} by {picture.height}; give the picture that they were made for"
        )
    return image
