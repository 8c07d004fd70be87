"""The paper's joints, as a baseline: Haar cascades inside the segmented person, and the mask's geometry."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.body.cascade import Boxes, Cascade, read_cascade
from spotter.body.keypoints import INDEX, LANDMARKS, Body, Keypoints
from spotter.body.part_map import PartMap
from spotter.body.part_source import PartEngine
from spotter.media.frame import Frame
from spotter.models.store import ModelStore

CASCADES = ("frontalface_default", "upperbody", "lowerbody", "fullbody")

_HEIGHT = 200  # pixels that a person is shrunk to before the cascades look
_STATURE_M = 1.7  # lengths are in units of a usual person's: the picture does not tell
_SEEN = 0.6  # visibility of what was found; of what was only reckoned it is less
_RECKONED = 0.4
_LEAST_PIXELS = 400  # of a person that anything can be said of
_UPRIGHT = 1.1  # height by width from which a person is taken to stand

Mask = NDArray[np.bool_]
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Hints:
    """What the cascades found inside a person: boxes (4,) in pixels, None for what was not found."""

    face: NDArray[np.float64] | None = None
    upper: NDArray[np.float64] | None = None
    lower: NDArray[np.float64] | None = None
    full: NDArray[np.float64] | None = None


class HaarJoints:
    """Finds joints as the paper does, for comparison: pushed one frame at a time like the pose engine.

    The cascades (frontal face, upper, lower and full body) look inside each segmented person. What they
    find places head, shoulders and hips; the rest comes from the mask: legs from its halves below the hips,
    wrists from its points farthest from the trunk. It knows no depth, takes everybody to face the camera, and
    says nothing of people who do not stand upright. The pose engine is far better; docs/accuracy.md says how
    far.

    Args:
        parts: segments the people.
        store: where the cascades come from; the default store if None.

    Attributes:
        shot: number of the present shot; it does not look for cuts.
        spent_s: seconds spent in ``"parts"`` and ``"cascades"``.
    """

    def __init__(self, parts: PartEngine, store: ModelStore | None = None) -> None:
        self._parts = parts
        folder = (store or ModelStore()).path("haar-cascades").parent
        self._cascades = {name: read_cascade(folder / f"haarcascade_{name}.xml") for name in CASCADES}
        self.shot = 0
        self.spent_s: defaultdict[str, float] = defaultdict(float)

    def push(self, frame: Frame) -> list[Body]:
        """The people in this frame, by their numbers."""
        found: PartMap = self._parts.push(frame)
        grey = cv2.cvtColor(frame.image, cv2.COLOR_RGB2GRAY)
        bodies = []
        for row, ident in enumerate(found.ids):
            mask = found.person(ident)
            keypoints = joints_of(mask, look_inside(self._cascades, np.asarray(grey, np.uint8), mask))
            if np.isfinite(keypoints.xy).all():
                bodies.append(Body(ident, keypoints, float(found.scores[row, 0])))
        return sorted(bodies, key=lambda body: body.id)


def look_inside(cascades: dict[str, Cascade], grey: NDArray[np.uint8], mask: Mask) -> Hints:
    """Let the cascades look at a segmented person, with everything around them greyed out."""
    box = _extent(mask)
    if box is None:
        return Hints()
    left, top, right, bottom = box
    scale = _HEIGHT / (bottom - top)
    inside = np.where(mask, grey, np.uint8(127))[top:bottom, left:right]
    size = max(1, round((right - left) * scale)), _HEIGHT
    shrunk = np.asarray(cv2.resize(inside, size, interpolation=cv2.INTER_AREA), np.uint8)
    framed = np.pad(shrunk, _HEIGHT // 8, constant_values=127)
    found: dict[str, NDArray[np.float64] | None] = {}
    for name, share in zip(CASCADES, (0.08, 0.2, 0.3, 0.6), strict=True):
        boxes: Boxes = cascades[name].find(framed, round(_HEIGHT * share))
        found[name] = None
        if len(boxes):
            found[name] = (boxes[0] - _HEIGHT // 8) / scale + (left, top, left, top)
    return Hints(found["frontalface_default"], found["upperbody"], found["lowerbody"], found["fullbody"])


def joints_of(mask: Mask, hints: Hints) -> Keypoints:
    """The 33 landmarks of a segmented person; all NaN of one who is too small or does not stand upright.

    Args:
        mask: bool array (height, width).
        hints: what the cascades found.

    >>> bool(np.isnan(joints_of(np.ones((10, 60), bool), Hints()).xy).all())
    True
    """
    box = _extent(mask)
    if box is None or mask.sum() < _LEAST_PIXELS or box[3] - box[1] < _UPRIGHT * (box[2] - box[0]):
        return Keypoints.empty()
    places, sure = _trunk(mask, box, hints)
    _legs(mask, box, places)
    if hints.full is not None:
        sure |= set(LANDMARKS[25:])
    _arms(mask, box, places)
    xy, visibility = np.zeros((33, 2), np.float32), np.full(33, _RECKONED, np.float32)
    for name, row in INDEX.items():
        xy[row] = places[name]
        if name in sure:
            visibility[row] = _SEEN
    world = np.zeros((33, 3), np.float32)
    hips = (xy[INDEX["left_hip"]] + xy[INDEX["right_hip"]]) / 2
    world[:, :2] = (xy - hips) * (_STATURE_M / (box[3] - box[1]))
    return Keypoints(xy, world, visibility, visibility)


def _trunk(mask: Mask, box: tuple[int, int, int, int], hints: Hints) -> tuple[dict[str, Point], set[str]]:
    """Head, shoulders and hips, and which of them a cascade saw."""
    down, out = proportions()
    top, height = box[1], box[3] - box[1]
    places: dict[str, Point] = {}
    sure: set[str] = set()
    head_y = top + down["nose"] * height
    head_x, face_half = _middle(mask, head_y), out["ear"] * height
    if hints.face is not None:
        head_x, head_y = (hints.face[0] + hints.face[2]) / 2, (hints.face[1] + hints.face[3]) / 2
        face_half = (hints.face[2] - hints.face[0]) / 2
        sure |= {name for name in LANDMARKS[:11]}
    for name in LANDMARKS[:11]:
        share = 0.0 if name == "nose" else 1.0 if "ear" in name else 0.4
        side = 1 if "left" in name else -1
        rise = 0.0 if name == "nose" or "ear" in name else 0.4 if "mouth" in name else -0.3
        places[name] = head_x + side * share * face_half, head_y + rise * face_half
    shoulder_y, hip_y = top + down["shoulder"] * height, top + down["hip"] * height
    if hints.upper is not None:
        shoulder_y = hints.upper[1] + 0.75 * (hints.upper[3] - hints.upper[1])  # head and shoulders fill it
        sure |= {"left_shoulder", "right_shoulder"}
    if hints.lower is not None:
        hip_y = hints.lower[1] + 0.1 * (hints.lower[3] - hints.lower[1])  # from the hips to the feet
        sure |= {"left_hip", "right_hip"}
    for name, y in (("shoulder", shoulder_y), ("hip", hip_y)):
        middle = _middle(mask, y)
        half = out[name] * height
        places[f"left_{name}"], places[f"right_{name}"] = (middle + half, y), (middle - half, y)
    return places, sure


def _legs(mask: Mask, box: tuple[int, int, int, int], places: dict[str, Point]) -> None:
    """Knees, ankles and feet: the middles of the mask's halves below the hips."""
    down, _ = proportions()
    top, height = box[1], box[3] - box[1]
    for joint in ("knee", "ankle", "toe"):
        y = top + down[joint] * height
        left, right = _halves(mask, y)
        names = {"toe": ("heel", "foot_index")}.get(joint, (joint,))
        for name in names:
            places[f"left_{name}"], places[f"right_{name}"] = (left, y), (right, y)


def _arms(mask: Mask, box: tuple[int, int, int, int], places: dict[str, Point]) -> None:
    """Wrists: the mask's points above the knees that are farthest from the trunk; elbows half way."""
    knees = int(places["left_knee"][1])
    rows, columns = np.nonzero(mask[: max(box[1] + 1, knees)])
    for side, sign in (("left", 1), ("right", -1)):
        shoulder = np.array(places[f"{side}_shoulder"])
        away = (columns - shoulder[0]) * sign
        beside = away > 0
        reach = np.hypot(columns - shoulder[0], rows - shoulder[1]) * beside
        reach *= rows > shoulder[1] - 0.5 * (box[3] - box[1])
        if beside.any():
            far = int(reach.argmax())
            hand = np.array([columns[far], rows[far]], np.float64)
        else:
            hand = shoulder + np.array([0.0, 0.3 * (box[3] - box[1])])
        wrist, elbow = shoulder + 0.85 * (hand - shoulder), shoulder + 0.45 * (hand - shoulder)
        for name, point in (("wrist", wrist), ("elbow", elbow)):
            places[f"{side}_{name}"] = float(point[0]), float(point[1])
        for name in ("pinky", "index", "thumb"):
            places[f"{side}_{name}"] = float(hand[0]), float(hand[1])


def _extent(mask: Mask) -> tuple[int, int, int, int] | None:
    """Left, top, right and bottom of a mask; None of an empty one."""
    left, top, width, height = cv2.boundingRect(mask.astype(np.uint8))
    return (left, top, left + width, top + height) if width and height else None


def _columns(mask: Mask, y: float) -> NDArray[np.int64]:
    """Columns of the mask in a row, or of the nearest row that has any."""
    row = min(max(int(y), 0), mask.shape[0] - 1)
    filled = np.flatnonzero(mask.any(axis=1))
    return np.flatnonzero(mask[filled[np.abs(filled - row).argmin()]])


def _middle(mask: Mask, y: float) -> float:
    return float(np.median(_columns(mask, y))) + 0.5


def _halves(mask: Mask, y: float) -> tuple[float, float]:
    """The middles of the person's left and right leg in a row: of its two pieces, or of its halves."""
    columns = _columns(mask, y)
    gaps = np.diff(columns)
    cut = int(gaps.argmax()) + 1 if len(gaps) and gaps.max() > 1 else len(columns) // 2
    right, left = columns[:cut], columns[cut:]
    return (
        float(left.mean() if len(left) else columns.mean()) + 0.5,
        float(right.mean() if len(right) else columns.mean()) + 0.5,
    )


@cache
def proportions() -> tuple[dict[str, float], dict[str, float]]:
    """Shares of the height down from the top of the head, and out from the middle."""
    table = tomllib.loads(files(__package__).joinpath("haar_proportions.toml").read_text("utf-8"))
    return table["down"], table["out"]
