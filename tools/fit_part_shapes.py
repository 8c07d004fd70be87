"""Fits the numbers of ``part_shapes.toml`` to rendered people, by trying one number after the other.

Run in the root of the repository, on pictures of ``python -m training.parts render``:

    python -m tools.fit_part_shapes out/train

It begins with the table as it is, writes it back after each sweep, and says how well the parts agree:
the mean intersection over union of the 14 parts, over the same pixels of the same people each time.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import tomlkit
from numpy.typing import NDArray

import spotter.body
from spotter.body.detector import Detector
from spotter.body.engine import MIN_SCORE
from spotter.body.landmarker import Landmarker
from spotter.body.part_costs import part_costs
from spotter.body.part_frame import PartFrame
from spotter.body.part_iou import LABELS, confusion, iou
from spotter.body.part_shapes import PartShapes
from spotter.body.parts_fast import MIN_MASK, MIN_VISIBILITY
from spotter.media.pictures import read_picture
from spotter.media.writing import write_text
from spotter.models.store import ModelStore

TABLE = Path(spotter.body.__file__).with_name("part_shapes.toml")

PIXELS = 250  # of each person, drawn at random
SAME_PERSON = 0.6  # intersection over union from which on a mask is that of a person in the picture
FIRST_STEPS = {"place": 0.08, "length": 0.02, "share": 0.2}
"""How far a number is moved at first: landmarks' factors, metres, and the others in shares of themselves."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Pixels of one person, in the picture (2, n), and their true labels (n,)."""

    frame: PartFrame
    points: NDArray[np.float32]
    labels: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Number:
    """A number of the table: where it stands, what it is, and the factor that makes up for it."""

    holder: Any
    key: str | int
    kind: str
    against: str | None = None

    def move(self, by: float) -> None:
        """Change it; landmarks' factors of one place keep their sum."""
        step = by * max(abs(float(self.holder[self.key])), 0.05) if self.kind == "share" else by
        self.holder[self.key] = round(float(self.holder[self.key]) + step, 3)
        if self.against is not None:
            self.holder[self.against] = round(float(self.holder[self.against]) - step, 3)


def main() -> None:
    """Fit and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("rendered", type=Path, help="a folder that `python -m training.parts render` wrote")
    parser.add_argument("--count", type=int, default=1500, help="pictures to look at (1500)")
    parser.add_argument("--sweeps", type=int, default=6, help="how often each number is tried (6)")
    parser.add_argument("--table", type=Path, default=TABLE, help="the table to fit")
    options = parser.parse_args()
    samples = list(look_at(options.rendered, options.count))
    table = tomlkit.parse(options.table.read_text("utf-8"))
    best = agreement(table, samples)
    print(f"{len(samples)} people: {best:.4f}", flush=True)
    for sweep in range(options.sweeps):
        best = climb(table, samples, best, 0.6**sweep)
        write_text(options.table, tomlkit.dumps(table))
        print(f"sweep {sweep + 1}: {best:.4f}", flush=True)


def look_at(folder: Path, count: int) -> Iterator[Sample]:
    """The people in the first pictures that the pose engine's models find, with their true labels."""
    rng, store = np.random.default_rng(0), ModelStore()
    detector, landmarker = Detector(store), Landmarker(store, with_mask=True)
    for path in sorted((folder / "images").glob("*.jpg"))[:count]:
        image = read_picture(path)
        labels, people = (
            np.asarray(cv2.imread(str(folder / kind / f"{path.stem}.png"), cv2.IMREAD_UNCHANGED), np.uint8)
            for kind in ("labels", "people")
        )
        for found in detector(image):
            look = landmarker(image, found.roi)
            frame = PartFrame.of(look.keypoints)
            if look.score < MIN_SCORE or look.mask is None or frame is None:
                continue
            mask = look.mask.full(*people.shape) >= MIN_MASK
            theirs = people == np.bincount(people[mask & (people > 0)], minlength=2).argmax()
            if (mask & theirs).sum() > SAME_PERSON * (mask | theirs).sum():
                rows, columns = np.nonzero(mask & theirs)
                some = rng.integers(0, len(rows), PIXELS)
                points = np.stack([columns[some], rows[some]]).astype(np.float32)
                yield Sample(frame, points, labels[rows[some], columns[some]])


def agreement(table: MutableMapping[str, Any], samples: Sequence[Sample]) -> float:
    """The mean intersection over union of the 14 parts."""
    shapes, counts = PartShapes.of(table), np.zeros((LABELS, LABELS), np.int64)
    for sample in samples:
        costs = part_costs(sample.frame, shapes, sample.points)
        costs[shapes.landmarks @ sample.frame.visibility < MIN_VISIBILITY] = np.inf
        counts += confusion(costs.argmin(axis=0) + 1, sample.labels)
    return float(np.nanmean(iou(counts)[1:]))


def climb(table: MutableMapping[str, Any], samples: Sequence[Sample], best: float, share: float) -> float:
    """Move each number up or down by a share of its first step, as far as that helps; the new agreement."""
    for number in numbers(table):
        for by in (share * FIRST_STEPS[number.kind], -share * FIRST_STEPS[number.kind]):
            number.move(by)
            moved = agreement(table, samples)
            if moved > best:
                best = moved
                break
            number.move(-by)
    return best


def numbers(table: MutableMapping[str, Any]) -> Iterator[Number]:
    """Every number of the table that may move."""
    for row in (*table["capsule"], *table["border"]):
        for factors in (row[key] for key in ("from", "to", "at") if key in row):
            first, *others = (name for name in factors if is_place(name))
            yield from (Number(factors, name, "place", first) for name in others)
            yield from (Number(factors, name, "length") for name in factors if not is_place(name))
        yield from (Number(row["across"], name, "share") for name in row.get("across", ()))
        for key, kind in (("radius", "share"), ("offset", "length"), ("cost", "share")):
            yield from (Number(row[key], k, kind) for k in range(len(row.get(key, ()))))
    for row in table["part"].values():
        yield from (Number(row, key, "share") for key in row if key != "landmarks")


def is_place(name: str) -> bool:
    """Whether a name of the basis is a place, not a direction."""
    return not name.startswith("along_") and not name.endswith(("_up", "_out")) and name != "down"


if __name__ == "__main__":
    main()
