"""Evaluating a recognizer: what it says of photos, held against what they show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from spotter.errors import DatasetError, SpotterError
from spotter.media.pictures import THREADS
from spotter.recognizer.card import RecognizerCard
from spotter.recognizer.dataset import LeftOut, Photo, PhotoSet
from spotter.recognizer.judged import Evaluation, answers_to, is_right, is_unknown, judge, named_by, truth_of
from spotter.recognizer.pictures import read_square
from spotter.recognizer.predict import Recognizer
from spotter.recognizer.robustness import Trial, TrialResult, trials

_BATCH = 64
_MOST_TRIED = 200  # photos that are made worse: each of them is answered a score of times

Image = NDArray[np.uint8]

_Progress = Callable[[int, int], None]


def evaluate(
    recognizer: Recognizer,
    photos: PhotoSet,
    *,
    robustness: bool = True,
    seed: int = 0,
    progress: _Progress | None = None,
) -> Evaluation:
    """Ask a recognizer about photos of which is known what they show. Needs no PyTorch.

    The photos' classes are the model's by name. Photos of a class called ``unknown`` or ``other`` that the
    model does not have are answered rightly with "unknown". Photos that cannot be read are left out.

    Args:
        recognizer: is asked.
        photos: should not be those that it was trained with, nor of the same people.
        robustness: whether up to 200 of the photos are also made worse; see `spotter.recognizer.robustness`.
        seed: of which photos are made worse, and of the noise.
        progress: is told how many of how many photos are done.

    Raises:
        DatasetError: if the photos show classes that the model does not know, or none of them can be read.

    Example::

        found = evaluate(Recognizer.load("body-parts"), read_photos(Path("photos-of-others")))
        print(found.accuracy, found.interval)
    """
    require_known_classes(recognizer.card, photos)
    worse = _Trials(recognizer, len(photos) if robustness else 0, seed)
    good: list[Photo] = []
    rows: list[NDArray[np.float32]] = []
    bad: list[LeftOut] = []
    done = 0
    for batch in _batches(photos.photos, recognizer.card.side):
        seen = _look(recognizer, photos.photos, done, batch)
        good += seen.photos
        rows.append(seen.probabilities)
        bad += seen.left_out
        worse.add(seen)
        done += len(batch)
        if progress is not None:
            progress(done, len(photos))
    if not good:
        raise DatasetError(_nothing_to_judge(bad))
    return judge(
        recognizer.card,
        photos.only(tuple(good)),
        np.concatenate(rows),
        left_out=(*photos.left_out, *bad),
        robustness=worse.results(),
    )


def require_known_classes(card: RecognizerCard, photos: PhotoSet) -> None:
    """Raise unless every photo shows what the model can answer.

    Raises:
        DatasetError: naming the classes that the model does not know.
    """
    used = {label for photo in photos.photos for label in photo.labels}
    foreign = sorted(label for label in used - set(card.classes) if not is_unknown(label))
    if foreign:
        raise DatasetError(
            f"the photos show {_listed(foreign)}, and the model knows {_listed(card.classes)}; rename the "
            "classes as the model has them, or put photos of anything else into a class called unknown"
        )
    if card.task == "single":
        for photo in photos.photos:
            if len(photo.labels) != 1:
                raise DatasetError(
                    f"{photo.path} has {len(photo.labels)} labels, and the model answers with one class a "
                    "picture; give every photo one label"
                )


@dataclass(frozen=True, slots=True)
class _Seen:
    """A batch of photos that were read and answered.

    Attributes:
        numbers: of the photos among all.
        photos: themselves.
        squares: as the network saw them, uint8 (photos, side, side, 3).
        probabilities: of shape (photos, classes).
        left_out: those that could not be read.
    """

    numbers: list[int]
    photos: list[Photo]
    squares: Image
    probabilities: NDArray[np.float32]
    left_out: list[LeftOut]


def _look(
    recognizer: Recognizer, photos: tuple[Photo, ...], start: int, batch: list[Image | SpotterError]
) -> _Seen:
    """Ask the recognizer about the photos of a batch, the first of which has the number ``start``."""
    side = recognizer.card.side
    numbers = [start + place for place, found in enumerate(batch) if isinstance(found, np.ndarray)]
    images = [found for found in batch if isinstance(found, np.ndarray)]
    squares = np.stack(images) if images else np.zeros((0, side, side, 3), np.uint8)
    return _Seen(
        numbers,
        [photos[number] for number in numbers],
        squares,
        recognizer.probabilities(squares),
        [
            LeftOut(photos[start + place].path, str(found))
            for place, found in enumerate(batch)
            if isinstance(found, SpotterError)
        ],
    )


@dataclass(slots=True)
class _Count:
    """What has come of a trial so far."""

    trial: Trial | None
    n: int = 0
    right: int = 0
    unknown: int = 0

    def add(self, card: RecognizerCard, truth: NDArray[np.bool_], probabilities: NDArray[np.float32]) -> None:
        right = is_right(truth, answers_to(card, truth, probabilities))
        self.n += len(right)
        self.right += int(right.sum())
        self.unknown += int((~right & ~named_by(card, probabilities).any(axis=1)).sum())


class _Trials:
    """Makes some of the photos worse, and counts what the recognizer says of them then."""

    def __init__(self, recognizer: Recognizer, count: int, seed: int) -> None:
        self._recognizer, self._seed = recognizer, seed
        self._chosen = set(np.random.default_rng(seed).permutation(count)[:_MOST_TRIED].tolist())
        self._counts = [_Count(trial) for trial in (None, *trials())]

    def add(self, seen: _Seen) -> None:
        """Try those of a batch that were chosen."""
        kept = [place for place, number in enumerate(seen.numbers) if number in self._chosen]
        if not kept:
            return
        card = self._recognizer.card
        truth = truth_of(card, [seen.photos[place] for place in kept])
        self._counts[0].add(card, truth, seen.probabilities[kept])
        for count in self._counts[1:]:
            worse = np.stack([self._worse(count.trial, seen, place) for place in kept])
            count.add(card, truth, self._recognizer.probabilities(worse))

    def results(self) -> tuple[TrialResult, ...]:
        """What came of all of them; nothing if none was tried."""
        return tuple(
            TrialResult(count.trial, count.n, count.right, count.unknown) for count in self._counts if count.n
        )

    def _worse(self, trial: Trial | None, seen: _Seen, place: int) -> Image:
        image = seen.squares[place]
        return image if trial is None else trial.apply(image, self._seed + seen.numbers[place])


def _batches(photos: tuple[Photo, ...], side: int) -> Iterator[list[Image | SpotterError]]:
    """The photos as squares, or why not, in batches; the next one is read while one is worked on."""
    parts = [photos[start : start + _BATCH] for start in range(0, len(photos), _BATCH)]
    with ThreadPoolExecutor(THREADS) as threads:
        ahead = [threads.map(_read, part, repeat(side)) for part in parts[:1]]
        for part in [*parts[1:], ()]:
            ahead.append(threads.map(_read, part, repeat(side)))
            yield list(ahead.pop(0))


def _read(photo: Photo, side: int) -> Image | SpotterError:
    try:
        return read_square(photo.path, side)
    except SpotterError as error:
        return error


def _nothing_to_judge(bad: list[LeftOut]) -> str:
    if not bad:
        return "there is no photo to judge the model with; give a folder with one folder of photos a class"
    return f"not one of the {len(bad)} photos can be read; the first: {bad[0].why}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)
