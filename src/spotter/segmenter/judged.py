"""What came of judging a segmenter: figures for boxes and masks, and the worst pictures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from spotter.segmenter.annotation import Annotated
from spotter.segmenter.average_precision import FIGURES, averages, curve, mean_of, resampled_precision
from spotter.segmenter.average_precision_matches import Matches, Ranking, rankings
from spotter.segmenter.average_precision_overlaps import Floats, Ints
from spotter.segmenter.detections import Detections
from spotter.segmenter.evaluate_parts import PartIou
from spotter.segmenter.metrics import AtScore, Estimate, at_score, best_score, counts_at, estimate, shares
from spotter.segmenter.metrics_confusion import Confusion, confusion

_WITH_INTERVAL = ("AP", "AP50", "AP75")


@dataclass(frozen=True, slots=True)
class Judged:
    """How good boxes are, or masks.

    Attributes:
        average: COCO's figures by name, the mean of the classes; see `FIGURES`.
        averages: the same of each class.
        precision: float64 array (classes, 101), the best precision at each recall or beyond, at IoU 0.5.
        overall: precision, recall and F1 from the score on, all classes counted together.
        classes: the same of each class.
        confusion: what was taken for what, from the score on.
        f1: float64 array (pictures,), of each picture from the score on; NaN where nothing is or was found.
    """

    average: dict[str, Estimate]
    averages: tuple[dict[str, Estimate], ...]
    precision: Floats
    overall: AtScore
    classes: tuple[AtScore, ...]
    confusion: Confusion
    f1: Floats


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture to look at.

    Attributes:
        picture: with what is marked of the classes that are judged, under their numbers here.
        found: from the score on, labels under the same numbers.
        f1: of this picture.
        confusion: of this picture.
    """

    picture: Annotated
    found: Detections
    f1: float
    confusion: Confusion


@dataclass(frozen=True, slots=True)
class Unread:
    """A picture that was not judged, and why."""

    path: Path
    why: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How good a segmenter is on annotated pictures; made by `spotter.segmenter.evaluate.evaluate`.

    Attributes:
        classes: names of those that were judged.
        n: pictures that were judged.
        groups: people, videos or the like that they show; 0 where nobody said.
        boxes: how good the boxes are; None where no class is shared.
        masks: how good the masks are; None where no mask is known.
        iou: pixel by pixel; None where the model gives no part map or the data have no masks of people.
        score: finds from here on count in all that is no average; NaN if there is none.
        score_given: whether somebody chose it; else it is where F1 is best on these very pictures.
        ms_a_picture: milliseconds that the model took, in the middle of all pictures.
        only_model, only_data: classes that only one has, which were left out.
        worst: the pictures with the lowest F1, the worst first.
        left_out: pictures that could not be judged.
    """

    classes: tuple[str, ...]
    n: int
    groups: int
    boxes: Judged | None
    masks: Judged | None
    iou: PartIou | None
    score: float
    score_given: bool
    ms_a_picture: float
    only_model: tuple[str, ...] = ()
    only_data: tuple[str, ...] = ()
    worst: tuple[Shown, ...] = ()
    left_out: tuple[Unread, ...] = ()

    @property
    def best(self) -> Judged | None:
        """Masks where they are known, else boxes."""
        return self.masks or self.boxes


@dataclass(frozen=True, slots=True)
class Gathered:
    """What came of all pictures, before any score is chosen.

    Attributes:
        matches: of each picture.
        rankings: of each class.
    """

    matches: tuple[Matches, ...]
    rankings: tuple[Ranking, ...]

    @classmethod
    def of(cls, pictures: Sequence[Matches], classes: int) -> Gathered:
        """Gather at least one picture."""
        return cls(tuple(pictures), tuple(rankings(pictures, classes)))

    @property
    def wanted(self) -> int:
        """How much is to be found."""
        return sum(int(one.wanted[0].sum()) for one in self.rankings)

    def best_score(self) -> float:
        """See `spotter.segmenter.metrics.best_score`."""
        return best_score(self.rankings)

    def judged(self, score: float, weights: Ints) -> Judged:
        """All figures.

        Args:
            score: from which on finds count in all that is no average.
            weights: how often each picture is in other choices, see `spotter.segmenter.metrics.resampled`.
        """
        counts = counts_at(self.rankings, score)
        average, each = _averages(self.rankings, weights)
        return Judged(
            average,
            each,
            np.stack([curve(one).precision[0] for one in self.rankings]),
            at_score(counts.sum(1), weights),
            tuple(at_score(counts[:, place], weights) for place in range(counts.shape[1])),
            confusion(self.matches, len(self.rankings), score),
            shares(counts.sum(1))[:, 2],
        )


def _averages(
    rankings: Sequence[Ranking], weights: Ints
) -> tuple[dict[str, Estimate], tuple[dict[str, Estimate], ...]]:
    """COCO's figures of all classes together and of each; those in `_WITH_INTERVAL` with intervals."""
    figures = [averages(one) for one in rankings]
    others = np.stack([resampled_precision(one, weights) for one in rankings])
    known = np.isfinite(others)
    total = np.where(known, others, 0).sum(0)
    means = np.divide(total, known.sum(0), out=np.full(total.shape, math.nan), where=known.any(0))
    overall = {name: mean_of([one[name] for one in figures]) for name in FIGURES}
    return _estimates(overall, means), tuple(
        _estimates(values, choices) for values, choices in zip(figures, others, strict=True)
    )


def _estimates(values: dict[str, float], choices: Floats) -> dict[str, Estimate]:
    """Figures by name as estimates; ``choices`` has a column for each of `_WITH_INTERVAL`."""
    columns = dict(zip(_WITH_INTERVAL, choices.T, strict=True))
    return {
        name: estimate(value, columns[name]) if name in columns else Estimate(value)
        for name, value in values.items()
    }
