"""Landmarks that another program found in a video, as Spotter's 33."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spotter.body.keypoints import INDEX, LANDMARKS
from spotter.errors import ExchangeError
from spotter.exchange.landmark_files import FoundBody, read_bodies
from spotter.exchange.landmark_people import number_people

Floats = NDArray[np.float32]
_Row = tuple[int, Floats, Floats, Floats, Floats]


@dataclass(frozen=True, slots=True)
class Skeleton:
    """The keypoints of another program.

    Attributes:
        name: such as ``"coco17"``.
        title: as people call it.
        count: how many keypoints a body has there.
        points: Spotter's landmark to the keypoint's number; what is missing it does not find.
    """

    name: str
    title: str
    count: int
    points: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class LandmarkTrack:
    """One person's landmarks over n frames; NaN with visibility 0 for what the file does not have.

    Attributes:
        person: the person's number.
        xy: float32 array (n, 33, 2), in pixels, or in shares of the picture's size.
        depth: float32 array (n, 33), as x in unit and growing away from the camera; NaN in 2-D formats.
        world: float32 array (n, 33, 3) in metres; NaN where the file has none.
        visibility: float32 array (n, 33), 0 to 1.
    """

    person: int
    xy: Floats
    depth: Floats
    world: Floats
    visibility: Floats

    @property
    def seen(self) -> NDArray[np.bool_]:
        """Boolean array (n,): the person is in this frame."""
        return np.asarray(np.isfinite(self.xy[:, :, 0]).any(axis=1), np.bool_)


@dataclass(frozen=True, slots=True)
class ForeignLandmarks:
    """Everybody whom another program found in a video.

    Attributes:
        path: of the file or folder.
        skeleton: what it finds.
        frames: how many frames n there are.
        relative: places are shares of the picture's width and height, not pixels.
        tracks: the people.
    """

    path: str
    skeleton: Skeleton
    frames: int
    relative: bool
    tracks: tuple[LandmarkTrack, ...]

    def times(self, fps: float) -> NDArray[np.float64]:
        """Times of the frames at a rate, array (n,)."""
        return np.arange(self.frames) / fps


@cache
def skeletons() -> Mapping[int, Skeleton]:
    """The skeletons that are known, by their number of keypoints.

    >>> sorted(skeletons()), skeletons()[17].points["left_knee"]
    ([17, 18, 25, 26, 33, 133], 13)
    """
    table = tomllib.loads(files("spotter.exchange").joinpath("landmarks.toml").read_text("utf-8"))
    known = [Skeleton(name, row["title"], row["count"], row["points"]) for name, row in table.items()]
    known.append(Skeleton("mediapipe33", "MediaPipe", len(LANDMARKS), INDEX))
    return {one.count: one for one in known}


def read_landmarks(path: Path) -> ForeignLandmarks:
    """Read the landmarks of another program: OpenPose, COCO results, RTMPose (MMPose), MediaPipe.

    Args:
        path: a JSON file, or the folder that OpenPose wrote. MediaPipe has no file of its own: a list with
            one entry a frame, either ``{"landmarks": [{"x", "y", "z", "visibility"} * 33],
            "world_landmarks": [...]}`` or the 33 points alone; null or empty where nobody is seen.

    Returns:
        The people, numbered by the file where it does so, else by following them from frame to frame.

    Raises:
        ExchangeError: it cannot be read, is damaged, or holds bodies of a skeleton that is not known.
    """
    bodies, frames = read_bodies(path)
    if not bodies:
        raise ExchangeError(f"{path} holds nobody in {frames} frames; is it the file of this video?")
    count = len(bodies[0].points)
    skeleton = skeletons().get(count)
    if skeleton is None:
        known = ", ".join(f"{number} ({one.title})" for number, one in sorted(skeletons().items()))
        raise ExchangeError(f"{path} has bodies of {count} keypoints; known are {known}")
    mapped = [_as_spotters(body, skeleton) for body in bodies]
    people = number_people(bodies, [xy for xy, *_ in mapped])
    rows: dict[int, list[_Row]] = {}
    for body, one, person in zip(bodies, mapped, people, strict=True):
        rows.setdefault(person, []).append((body.frame, *one))
    tracks = tuple(_track(person, frames, rows[person]) for person in sorted(rows))
    return ForeignLandmarks(str(path), skeleton, frames, bodies[0].relative, tracks)


def _as_spotters(body: FoundBody, skeleton: Skeleton) -> tuple[Floats, Floats, Floats, Floats]:
    """xy, depth, world and visibility of one body: arrays of 33."""
    xy, depth = np.full((33, 2), np.nan, np.float32), np.full(33, np.nan, np.float32)
    world, visibility = np.full((33, 3), np.nan, np.float32), np.zeros(33, np.float32)
    ours = [INDEX[name] for name in skeleton.points]
    points = body.points[list(skeleton.points.values())]
    found = np.isfinite(points[:, :2]).all(axis=1) & (points[:, 3] > 0)
    xy[ours] = np.where(found[:, None], points[:, :2], np.nan)
    depth[ours] = np.where(found, points[:, 2], np.nan)
    visibility[ours] = np.where(found, points[:, 3], 0).clip(0, 1)
    if body.world is not None:
        world[ours] = np.where(found[:, None], body.world[list(skeleton.points.values())], np.nan)
    return xy, depth, world, visibility


def _track(person: int, frames: int, rows: list[_Row]) -> LandmarkTrack:
    track = LandmarkTrack(
        person,
        np.full((frames, 33, 2), np.nan, np.float32),
        np.full((frames, 33), np.nan, np.float32),
        np.full((frames, 33, 3), np.nan, np.float32),
        np.zeros((frames, 33), np.float32),
    )
    for frame, xy, depth, world, visibility in rows:
        track.xy[frame], track.depth[frame] = xy, depth
        track.world[frame], track.visibility[frame] = world, visibility
    return track
