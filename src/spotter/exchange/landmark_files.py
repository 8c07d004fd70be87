"""The JSON files in which other programs keep the bodies that they found."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spotter.errors import ExchangeError

_NUMBER = re.compile(r"(\d+)(?:_keypoints)?(?:\.\w+)?$")
_WORLD_KEYS = ("world_landmarks", "pose_world_landmarks", "worldLandmarks")
_PICTURE_KEYS = ("landmarks", "pose_landmarks")


@dataclass(frozen=True, slots=True)
class FoundBody:
    """One person in one frame, as the file has them.

    Attributes:
        frame: number of the frame, from 0.
        person: the number that the file gives them; None where it gives none.
        points: float64 array (k, 4): x, y, depth (NaN where there is none) and confidence.
        world: float64 array (k, 3) in metres; None where there is none.
        relative: places are shares of the picture's width and height, not pixels.
    """

    frame: int
    person: int | None
    points: NDArray[np.float64]
    world: NDArray[np.float64] | None = None
    relative: bool = False


def read_bodies(path: Path) -> tuple[list[FoundBody], int]:
    """Everybody in a file, or in an OpenPose folder, in order of time; and how many frames it knows of.

    Raises:
        ExchangeError: nothing is there, it is no JSON, or of no form that is known.
    """
    if path.is_dir():
        return _openpose_folder(path)
    document = _json(path)
    try:
        if isinstance(document, dict) and "instance_info" in document:
            return _told(path, _mmpose(document["instance_info"]), len(document["instance_info"]))
        if isinstance(document, dict) and "annotations" in document:
            return _told(path, *_coco(document["annotations"], document.get("images", [])))
        if isinstance(document, dict) and "people" in document:
            return _told(path, _openpose(document, 0), 1)
        if isinstance(document, list):
            first = next((one for one in document if one), None)
            if isinstance(first, dict) and "keypoints" in first:
                return _told(path, *_coco(document, []))
            if isinstance(first, dict) and "instances" in first:
                return _told(path, _mmpose(document), len(document))
            if first is None or isinstance(first, list) or any(key in first for key in _PICTURE_KEYS):
                return _told(path, _mediapipe(document), len(document))
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise ExchangeError(
            f"{path} is damaged, or not quite of a form that is known: {type(error).__name__}: {error}"
        ) from error
    raise ExchangeError(
        f"{path} is of no form that is known; wanted is a folder of OpenPose's JSON, COCO results, "
        "RTMPose's (MMPose's) results, or a list of MediaPipe's landmarks a frame"
    )


def _told(path: Path, bodies: Iterable[FoundBody], frames: int) -> tuple[list[FoundBody], int]:
    found = sorted(bodies, key=lambda body: body.frame)
    counts = {len(body.points) for body in found}
    if len(counts) > 1:
        raise ExchangeError(f"{path} mixes bodies of {' and '.join(map(str, sorted(counts)))} keypoints")
    return found, max([frames, *(body.frame + 1 for body in found)])


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text("utf-8"))
    except json.JSONDecodeError as error:
        raise ExchangeError(f"{path}, line {error.lineno}: no JSON, or cut off ({error.msg})") from error
    except (OSError, UnicodeDecodeError, RecursionError) as error:
        raise ExchangeError(f"{path} cannot be read ({error})") from error


def _openpose_folder(folder: Path) -> tuple[list[FoundBody], int]:
    """A file a frame; the number in its name is the frame's, so that a file that is missing is a gap."""
    files = sorted(folder.glob("*.json"))
    numbers = [found and int(found[1]) for found in (_NUMBER.search(file.name) for file in files)]
    if not files:
        raise ExchangeError(f"{folder} holds no JSON files; wanted is the folder that OpenPose wrote")
    if None in numbers or len(set(numbers)) < len(numbers):
        numbers = list(range(len(files)))
    bodies: list[FoundBody] = []
    for file, number in zip(files, numbers, strict=True):
        document = _json(file)
        try:
            bodies += _openpose(document, int(number or 0))
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            raise ExchangeError(f"{file} is not as OpenPose writes it ({error!r})") from error
    return _told(folder, bodies, max(int(number or 0) for number in numbers) + 1)


def _openpose(document: Mapping[str, Any], frame: int) -> Iterator[FoundBody]:
    for person in document["people"]:
        told = person.get("person_id", -1)
        ident = int(told[0] if isinstance(told, list) else told)
        yield FoundBody(frame, ident if ident >= 0 else None, _triples(person["pose_keypoints_2d"]))


def _coco(
    rows: Sequence[Mapping[str, Any]], images: Sequence[Mapping[str, Any]]
) -> tuple[list[FoundBody], int]:
    """Results or annotations. Frames are the images in the list of them; without it, their ids' numbers.

    Ids count from 0 where there is a 0, else from 1.
    """
    if images:
        ordered = sorted(images, key=lambda image: str(image.get("file_name", "")).zfill(64))
        frames = {str(image["id"]): number for number, image in enumerate(ordered)}
    else:
        numbers = {str(row["image_id"]): _number(row["image_id"]) for row in rows}
        first = 0 if 0 in numbers.values() else 1
        frames = {ident: number - first for ident, number in numbers.items()}
    found = []
    for row in rows:
        points = _triples(row["keypoints"])
        flags = points[:, 3]
        if row.get("num_keypoints") is not None and set(flags.tolist()) <= {0.0, 1.0, 2.0}:
            points[:, 3] = flags / 2  # an annotation: 2 is seen, 1 hidden
        ident = row.get("track_id", row.get("idx"))
        found.append(FoundBody(frames[str(row["image_id"])], _ident(ident), points))
    return found, len(images)


def _number(ident: object) -> int:
    if isinstance(ident, int):
        return ident
    digits = _NUMBER.search(str(ident))
    if digits is None:
        raise ValueError(f"the image_id {ident!r} holds no number of a frame")
    return int(digits[1])


def _ident(told: object) -> int | None:
    return int(told) if isinstance(told, int | float) and told >= 0 else None


def _mmpose(frames: Sequence[Mapping[str, Any]]) -> Iterator[FoundBody]:
    numbers = [int(one.get("frame_id", row)) for row, one in enumerate(frames)]
    first = min(numbers, default=0) if min(numbers, default=0) <= 1 else 1
    for number, one in zip(numbers, frames, strict=True):
        for instance in one["instances"]:
            places = np.asarray(instance["keypoints"], np.float64)
            scores = np.asarray(instance["keypoint_scores"], np.float64).reshape(-1, 1)
            empty = np.full_like(scores, np.nan)
            points = np.hstack([places[:, :2], empty, scores])
            yield FoundBody(number - first, _ident(instance.get("track_id")), points)


def _mediapipe(frames: Sequence[Any]) -> Iterator[FoundBody]:
    """A list a frame: of one body's points, of several bodies, or an object with those; empty for nobody."""
    for number, one in enumerate(frames):
        picture, world = one, None
        if isinstance(one, dict):
            picture = next((one[key] for key in _PICTURE_KEYS if key in one), None)
            world = next((one[key] for key in _WORLD_KEYS if one.get(key)), None)
        people, spaces = _people(picture), _people(world)
        for row, points in enumerate(people):
            space = _dicts(spaces[row], ("x", "y", "z")) if row < len(spaces) else None
            flat = _dicts(points, ("x", "y", "z", "visibility"))
            flat[:, 3] = np.where(np.isnan(flat[:, 3]), 1.0, flat[:, 3])
            yield FoundBody(number, None, flat, space, relative=True)


def _people(told: Any) -> list[Any]:
    if isinstance(told, dict):
        told = told["landmark"]  # the older API's protocol buffer as JSON
    if not told:
        return []
    return list(told) if isinstance(told[0], list) else [told]


def _dicts(points: Sequence[Mapping[str, Any]], keys: Sequence[str]) -> NDArray[np.float64]:
    rows = [[np.nan if point.get(key) is None else float(point[key]) for key in keys] for point in points]
    return np.array(rows, np.float64)


def _triples(flat: Sequence[float]) -> NDArray[np.float64]:
    """x, y and confidence in turn."""
    rows = np.asarray(flat, np.float64).reshape(-1, 3)
    return np.column_stack([rows[:, :2], np.full(len(rows), np.nan), rows[:, 2]])
