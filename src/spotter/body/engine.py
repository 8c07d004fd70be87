"""The pose engine: pushed one frame at a time, it answers with the people in it."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from spotter.body.cuts import CutDetector
from spotter.body.detector import Detection, Detector
from spotter.body.keypoints import Body
from spotter.body.landmarker import Landmarker, Landmarks
from spotter.body.roi import Roi
from spotter.body.tracker import LIMBS, Roster, Track, appearance, covers, same_body
from spotter.media.frame import Frame
from spotter.models.store import ModelStore

MIN_SCORE = 0.5
"""Landmarks with a lower person score are not believed (BlazePose's own threshold)."""

_SEARCH_EVERY_S = 1.0
_SEARCH_AFTER_LOSS_S = 0.1
_SEARCH_ALONE_S = 0.075  # an empty room is looked at a dozen times a second, not for every frame
_RECENT_LOSS_S = 2.0
_SECOND_LOOKS = 2
_SAME_PLACE = 0.6  # overlap of two regions of interest


class PoseEngine:
    """Finds and follows the people in a stream of frames.

    The detector looks at the whole picture only when nobody is followed, or now and then for people
    who have come in; in between, each person is followed by their own landmarks.

    Args:
        store: where the weights come from; the default store if None.
        max_people: how many people are followed at once.
        masks: whether bodies carry their mask.
        parallel: how many engines run at the same time, each on its share of the cores; see `Session`.

    Attributes:
        shot: number of the present shot, from 0; it grows at every cut.
        spent_s: seconds spent so far in ``"detector"``, ``"landmarks"`` and ``"tracking"``.

    Example::

        engine = PoseEngine(max_people=2)
        with open_media("gym.mp4") as source:
            for frame in source:
                for body in engine.push(frame):
                    print(frame.time_s, body.id, body.box)
    """

    def __init__(
        self,
        store: ModelStore | None = None,
        *,
        max_people: int = 4,
        masks: bool = False,
        parallel: int = 1,
    ) -> None:
        self._store, self._masks, self._parallel = store or ModelStore(), masks, parallel
        with ThreadPoolExecutor(2) as loading:  # a quarter of a second less than one after the other
            detector = loading.submit(Detector, self._store, parallel)
            landmarker = loading.submit(Landmarker, self._store, masks, parallel)
            self._detector, self._landmarker = detector.result(), landmarker.result()
        self._beside = ThreadPoolExecutor(1, "spotter-detect")
        self._cuts = CutDetector()
        self._roster = Roster()
        self._max_people = max_people
        self._searched_s = -np.inf
        self.shot = 0
        self.spent_s: defaultdict[str, float] = defaultdict(float)

    @property
    def masks(self) -> bool:
        """Whether bodies carry their mask; may be changed between two frames."""
        return self._masks

    @masks.setter
    def masks(self, wanted: bool) -> None:
        if wanted != self._masks:
            self._landmarker = Landmarker(self._store, wanted, self._parallel)
            self._masks = wanted

    def push(self, frame: Frame) -> list[Body]:
        """The people in this frame, by their numbers; times must grow from call to call."""
        began = time.perf_counter()
        if self._cuts.push(frame.image):
            self.shot += 1
            self._roster.clear()
        self._spend("tracking", began)
        if self._search_is_due(frame.time_s):
            detecting = self._beside.submit(self._detect, frame.image)  # a frame takes a third less so
            self._follow(frame)
            self._search(frame, detecting.result())
        else:
            self._follow(frame)
            if self._search_is_due(frame.time_s):  # somebody was lost just now
                self._search(frame, self._detect(frame.image))
        return sorted((_body(track) for track in self._roster.in_sight), key=lambda body: body.id)

    def _follow(self, frame: Frame) -> None:
        """Look for everybody where they were in the frame before."""
        results = {}
        for track in self._roster.in_sight:
            landmarks = self._look_at(frame.image, track.roi)
            if landmarks.score >= MIN_SCORE:
                results[track.id] = landmarks, appearance(frame.image, landmarks.keypoints)
        began = time.perf_counter()
        self._roster.settle(results, frame.time_s)
        self._spend("tracking", began)

    def _search_is_due(self, time_s: float) -> bool:
        if not self._roster.in_sight:
            return time_s - self._searched_s >= _SEARCH_ALONE_S
        if len(self._roster.in_sight) >= self._max_people:
            return False
        lost_lately = any(time_s - t.seen_s < _RECENT_LOSS_S for t in self._roster.out_of_sight)
        return time_s - self._searched_s >= (_SEARCH_AFTER_LOSS_S if lost_lately else _SEARCH_EVERY_S)

    def _detect(self, image: NDArray[np.uint8]) -> list[Detection]:
        """Look at the whole picture."""
        began = time.perf_counter()
        detections = self._detector(image)
        self._spend("detector", began)
        return detections

    def _search(self, frame: Frame, detections: Sequence[Detection]) -> None:
        """Begin to follow who was detected and is not followed yet."""
        self._searched_s = frame.time_s
        for detection in detections:
            if len(self._roster.in_sight) >= self._max_people:
                return
            if self._is_followed(detection):
                continue
            landmarks = self._settle(frame.image, detection.roi)
            limbs = landmarks.keypoints.xy[LIMBS]
            known = any(
                covers(t.landmarks, limbs) or same_body(t.landmarks, landmarks) for t in self._roster.in_sight
            )
            if landmarks.score >= MIN_SCORE and not known:
                self._roster.admit(landmarks, appearance(frame.image, landmarks.keypoints), frame.time_s)

    def _is_followed(self, detection: Detection) -> bool:
        """Whether a detection lies on somebody who is followed already."""
        return any(
            detection.roi.overlap(t.roi) > _SAME_PLACE or covers(t.landmarks, detection.points[:1])
            for t in self._roster.in_sight
        )

    def _settle(self, image: NDArray[np.uint8], roi: Roi) -> Landmarks:
        """Look where the detector points, and again where that look points, until a person is seen.

        The detector places lying and cut-off bodies roughly; the landmarks find the way from there.
        """
        landmarks = self._look_at(image, roi)
        for _ in range(_SECOND_LOOKS):
            if landmarks.score >= MIN_SCORE:
                break
            landmarks = self._look_at(image, Roi.from_alignment(*landmarks.alignment))
        return landmarks

    def _look_at(self, image: NDArray[np.uint8], roi: Roi) -> Landmarks:
        began = time.perf_counter()
        landmarks = self._landmarker(image, roi)
        self._spend("landmarks", began)
        return landmarks

    def _spend(self, stage: str, began: float) -> None:
        self.spent_s[stage] += time.perf_counter() - began


def _body(track: Track) -> Body:
    found = track.landmarks
    return Body(id=track.id, keypoints=found.keypoints, score=found.score, mask=found.mask)
