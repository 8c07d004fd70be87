"""People for the tests of the pose engine: painted pictures, and landmarks that fit them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.body.detector import Detection
from spotter.body.keypoints import BONES, INDEX, Body, Keypoints
from spotter.body.landmarker import Landmarks
from spotter.body.roi import Roi
from spotter.media.frame import Frame
from tests.motion.stick import EYES_OVER_HEELS, TRUNK, Pose, raw_landmarks

WIDTH, HEIGHT = 320, 180
RED, BLUE, GREEN = (200, 40, 40), (40, 60, 200), (30, 180, 60)
_STANDING = raw_landmarks(Pose(at=(0, 0, 0), anchor="mid_hip"), np.zeros(1))


@dataclass(frozen=True, slots=True)
class Someone:
    """A standing person in a picture: hip centre and height in pixels, and the colour of the clothes."""

    x: float
    y: float
    tall: float = 100.0
    colour: tuple[int, int, int] = RED


def landmarks_of(person: Someone, score: float = 0.99) -> Landmarks:
    """What the landmark model would say of the person."""
    scale = person.tall / EYES_OVER_HEELS
    xy = (_STANDING["world"][0, :, :2] * scale + [person.x, person.y]).astype(np.float32)
    seen = np.full(33, 0.95, np.float32)
    rim = [person.x, person.y - (TRUNK + 0.4) * scale]
    return Landmarks(
        keypoints=Keypoints(xy, _STANDING["world"][0].astype(np.float32), seen, seen),
        score=score,
        alignment=np.array([[person.x, person.y], rim], np.float32),
        mask=None,
    )


def detection_of(person: Someone, score: float = 0.9) -> Detection:
    """What the detector would say of the person."""
    centre, rim = landmarks_of(person).alignment
    half = person.tall / 4
    box = np.array([person.x - half, rim[1], person.x + half, person.y], np.float32)
    return Detection(box, np.stack([centre, rim, centre, rim]), score)


def body_of(number: int, person: Someone) -> Body:
    """The person under a number."""
    return Body(number, landmarks_of(person).keypoints, 0.99)


def picture_of(*people: Someone, background: int = 90) -> NDArray[np.uint8]:
    """A picture of the people; later ones stand in front."""
    image = np.full((HEIGHT, WIDTH, 3), background, np.uint8)
    for person in people:
        xy = landmarks_of(person).keypoints.xy
        thick = max(2, round(person.tall * 0.1))
        for a, b in BONES:
            cv2.line(
                image, *(tuple(np.round(xy[k]).astype(int).tolist()) for k in (a, b)), person.colour, thick
            )
        corners = [xy[INDEX[name]] for name in ("left_shoulder", "right_shoulder", "right_hip", "left_hip")]
        cv2.fillPoly(image, [np.round(corners).astype(np.int32)], person.colour)
    return image


def frame_of(index: int, time_s: float, *people: Someone) -> Frame:
    """A frame that shows the people."""
    return Frame(picture_of(*people), time_s, index)


def roi_of(person: Someone) -> Roi:
    """The square around the person."""
    return Roi.from_alignment(*landmarks_of(person).alignment)
