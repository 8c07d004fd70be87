"""Harvests labelled crops of the parts of a body from a video, so that a data set can be made by filming."""

from __future__ import annotations

import math
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from spotter.body.engine import PoseEngine
from spotter.body.keypoints import Body
from spotter.errors import UsageError
from spotter.media.frame import Frame
from spotter.media.prefetch import read_ahead
from spotter.media.source import MediaSource
from spotter.models.store import ModelStore
from spotter.recognizer.collection import Collection
from spotter.recognizer.confirm import Confirmer
from spotter.recognizer.crops import Crop, Picture, covers, cut, difference
from spotter.recognizer.parts import Place, find_parts, part_names, pixels_a_metre

_FOLLOWED_A_SECOND = 30.0  # frames in which people are followed ...
_LOOKS_A_SECOND = 10.0  # ... and in which crops are looked for
_SETTLED_LOOKS = 4  # for so many looks a person must have been as large as now:
_SAME_SIZE = 0.15  # just found, or cut off, their landmarks may lie anywhere
_MIN_CONFIRMED = 0.5
_MIN_SHARPNESS = 0.3
_SHARP_SHARE = 0.85  # of the usual sharpness of the same part of the same person, and ...
_CONTRAST_SHARE = 0.7  # ... of its usual contrast
_MIN_DIFFERENCE = 13.0  # grey levels, from each crop of the part and person that was kept before
_NEARLY = 0.99  # of the time from one frame to the next: times are rounded
_SAVE_EVERY_S = 10.0  # of the video, until the table is written again

Key = tuple[str, int]  # part and person


@dataclass(frozen=True, slots=True)
class CollectSettings:
    """What is worth keeping.

    Attributes:
        most: crops of a part in the folder, at most; spread over the length of a video.
        per_second: crops of a part of a person, at most.
        smallest: side of the smallest crop, in pixels of the video.
        max_people: how many people are followed at once.
    """

    most: int = 300
    per_second: float = 1.0
    smallest: int = 48
    max_people: int = 4

    def __post_init__(self) -> None:
        if self.most < 1 or self.smallest < 16 or not 0 < self.per_second <= _LOOKS_A_SECOND:
            raise UsageError(
                f"{self.most} crops of a part, {self.per_second:g} a second, from {self.smallest} pixels on "
                f"were asked for; give at least 1, between 0 and {_LOOKS_A_SECOND:g}, and at least 16"
            )


@dataclass(frozen=True, slots=True)
class Collected:
    """What came of a video.

    Attributes:
        video: its name in the crops' names.
        kept: how many crops of each part were written.
        people: how many people were seen.
        why_not: for each part of which nothing was kept, what was in the way most often.
        warning: a sentence about what could not be read of the video; None where all is well.
    """

    video: str
    kept: dict[str, int]
    people: int
    why_not: dict[str, str]
    warning: str | None


def collect(
    source: MediaSource,
    name: str,
    out: Path,
    settings: CollectSettings | None = None,
    *,
    videos_left: int = 1,
    store: ModelStore | None = None,
    on_frame: Callable[[Frame], None] | None = None,
    stop: threading.Event | None = None,
) -> Collected:
    """Collect from one video or camera until it ends, enough is there, or ``stop`` is set.

    A crop is kept if its landmarks are well visible and inside the picture, nothing is in front of it, it is
    the sharpest of its moment, and it looks different from those kept before. Each is written at once.

    Args:
        source: frames; see `open_media` and `open_camera`.
        name: of the video, for the crops' names.
        out: the folder of classes; it is made, or added to.
        settings: what is worth keeping; the defaults if None.
        videos_left: among how many videos, this one included, the room that is left is shared.
        store: where the models come from; the default store if None.
        on_frame: is told of every frame that was gone through.
        stop: ends early when it is set; what was collected is kept.

    Raises:
        SpotterError: if the video cannot be read, or the folder cannot be written to.

    Example::

        with open_media("me.mp4") as source:
            print(collect(source, "me", Path("photos")).kept)
    """
    harvest = _Harvest(source, name, Collection(out), settings or CollectSettings(), videos_left, store)
    stop = stop or threading.Event()
    frames = read_ahead(source)
    try:
        for frame in frames:
            harvest.push(frame)
            if on_frame is not None:
                on_frame(frame)
            if stop.is_set() or harvest.is_full:
                break
    finally:
        frames.close()
        harvest.finish()
    return harvest.result(source.warning)


class _Harvest:
    """One video: looks at its frames, and keeps the best crop of each part, person and moment."""

    def __init__(
        self,
        source: MediaSource,
        name: str,
        collection: Collection,
        settings: CollectSettings,
        videos_left: int,
        store: ModelStore | None,
    ) -> None:
        store = store or ModelStore()
        self._engine = PoseEngine(store, max_people=settings.max_people, masks=True)
        self._confirmer = Confirmer(store)
        self._name, self._collection, self._settings = name, collection, settings
        room = {part: max(0, settings.most - collection.count(part)) for part in part_names()}
        self._room = {part: math.ceil(free / videos_left) for part, free in room.items()}
        self._duration_s = source.info.duration_s
        self._moment_s = 1 / settings.per_second
        self._best: dict[Key, tuple[float, Crop]] = {}  # with the time at which its moment began
        self._kept: defaultdict[Key, list[Crop]] = defaultdict(list)
        self._seen: defaultdict[Key, list[tuple[float, float]]] = defaultdict(list)
        self._written = Counter[str]()
        self._why_not: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._people: set[int] = set()
        self._sizes: defaultdict[int, list[float]] = defaultdict(list)
        self._next_s, self._look_s, self._save_s = -math.inf, -math.inf, -math.inf

    @property
    def is_full(self) -> bool:
        """Whether there is enough of every part."""
        return all(self._written[part] >= room for part, room in self._room.items())

    def push(self, frame: Frame) -> None:
        """Follow the people, and look for crops if it is time."""
        if frame.time_s < self._next_s:
            return
        self._next_s = frame.time_s + _NEARLY / _FOLLOWED_A_SECOND
        bodies = self._engine.push(frame)
        if frame.time_s < self._look_s:
            return
        self._look_s = frame.time_s + _NEARLY / _LOOKS_A_SECOND
        for body in bodies:
            if self._is_settled(body):
                self._look_at(frame, body, [other for other in bodies if other is not body])
        for key, (began_s, _) in list(self._best.items()):
            if frame.time_s - began_s >= self._moment_s:
                self._settle(key)
        if frame.time_s >= self._save_s:
            self._collection.save_table()
            self._save_s = frame.time_s + _SAVE_EVERY_S

    def finish(self) -> None:
        """Keep what the last moments brought, and write the table."""
        for key in list(self._best):
            self._settle(key)
        self._collection.save_table()

    def result(self, warning: str | None) -> Collected:
        kept = {part: self._written[part] for part in part_names()}
        why_not = {
            part: self._why_not[part].most_common(1)[0][0]
            for part, count in kept.items()
            if not count and self._why_not[part]
        }
        return Collected(self._name, kept, len(self._people), why_not, warning)

    def _is_settled(self, body: Body) -> bool:
        self._people.add(body.id)
        sizes = self._sizes[body.id]
        sizes.append(pixels_a_metre(body.keypoints))
        lately = sizes[-_SETTLED_LOOKS:]
        return len(lately) == _SETTLED_LOOKS and max(lately) <= (1 + _SAME_SIZE) * min(lately)

    def _look_at(self, frame: Frame, body: Body, others: Sequence[Body]) -> None:
        height, width = frame.image.shape[:2]
        mask = body.mask.full(height, width) if body.mask is not None else None
        for place in find_parts(body, others, height, width, self._settings.smallest):
            if isinstance(place, Place):
                self._consider(frame, body, place, mask)
            else:
                part, why = place
                self._why_not[part][why] += 1

    def _consider(self, frame: Frame, body: Body, place: Place, mask: Picture | None) -> None:
        """Compare a crop with the best one of its moment."""
        if self._written[place.part] >= self._room_until(place.part, frame.time_s):
            self._why_not[place.part]["enough of it"] += 1
            return
        if mask is not None and not covers(mask, place):
            self._why_not[place.part]["hidden"] += 1
            return
        key = place.part, body.id
        crop = cut(frame.image, mask, body, place, frame.time_s)
        self._seen[key].append((crop.sharpness, crop.contrast))
        began_s, best = self._best.get(key, (frame.time_s, None))
        if best is not None and crop.sharpness <= best.sharpness:
            return
        why = self._flaw(key, crop)
        if why is None and self._confirmer.probability(frame.image, place) < _MIN_CONFIRMED:
            why = "hidden"
        if why is None:
            self._best[key] = began_s, crop
        else:
            self._why_not[place.part][why] += 1

    def _room_until(self, part: str, time_s: float) -> int:
        """How many crops of a part may be written by then, so that they are spread over the whole video."""
        room = self._room[part]
        share = 1.0 if math.isnan(self._duration_s) else time_s / self._duration_s
        return min(room, math.ceil(room * share))

    def _flaw(self, key: Key, crop: Crop) -> str | None:
        """What is wrong with a crop, by what its part and person usually look like; None if nothing."""
        sharpness, contrast = np.median(self._seen[key], axis=0)
        if crop.sharpness < max(_MIN_SHARPNESS, _SHARP_SHARE * sharpness):
            return "blurred"
        return "too pale" if crop.contrast < _CONTRAST_SHARE * contrast else None

    def _settle(self, key: Key) -> None:
        """A part's moment is over: write its best crop, if it is still good and unlike the others."""
        _, crop = self._best.pop(key)
        part = key[0]
        if why := self._flaw(key, crop):
            self._why_not[part][why] += 1
        elif any(difference(crop, other) < _MIN_DIFFERENCE for other in self._kept[key]):
            self._why_not[part]["like one before"] += 1
        elif self._written[part] < self._room_until(part, crop.time_s) and self._collection.add(
            crop, self._name
        ):
            self._written[part] += 1
            self._kept[key].append(crop)
