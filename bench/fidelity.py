"""Compares Spotter's landmarks with MediaPipe's on the same frames: the same weights, another engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from bench.material import Material, Skipped
from bench.peer import Peer, PeerPose
from bench.table import Cell, Table
from spotter.body.detector import Detector
from spotter.body.engine import MIN_SCORE, PoseEngine
from spotter.body.keypoints import INDEX, Keypoints
from spotter.body.landmarker import Landmarker
from spotter.coach.analyze import MAX_SIDE
from spotter.media.reader import open_media
from spotter.models.store import ModelStore

_MOST_FRAMES, _QUICK_FRAMES = 150, 12
_SINGLE_EVERY, _QUICK_SINGLE_EVERY = 10, 4
_QUICK_CLIPS = 1
_HEAD_TRUNK_LEGS = [
    INDEX[f"{side}_{joint}"]
    for joint in ("ear", "shoulder", "hip", "knee", "ankle", "heel")
    for side in ("left", "right")
]
_UPRIGHT_QUANTILE = 0.95

Points = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Pair:
    """One frame as both saw it; None where no person was found."""

    ours: Keypoints | None
    theirs: PeerPose | None


@dataclass(frozen=True, slots=True)
class Looks:
    """A clip's frames as both saw them.

    Attributes:
        smoothed: following the person, MediaPipe's landmarks smoothed over time.
        raw: following the person, nothing smoothed.
        single: some of the frames, each by itself.
    """

    smoothed: list[Pair]
    raw: list[Pair]
    single: list[Pair]


class SingleLook:
    """Spotter's detector and landmarker on one picture by itself, as MediaPipe's static mode."""

    def __init__(self) -> None:
        store = ModelStore()
        self._detector, self._landmarker = Detector(store), Landmarker(store)

    def __call__(self, image: NDArray[np.uint8]) -> list[Keypoints]:
        """Landmarks of everybody found."""
        looks = [self._landmarker(image, found.roi) for found in self._detector(image)]
        return [look.keypoints for look in looks if look.score >= MIN_SCORE]


def run(material: Material, quick: bool) -> list[Table]:
    """A row a clip: following the person, MediaPipe with and without smoothing, and in single pictures."""
    frames = _QUICK_FRAMES if quick else _MOST_FRAMES
    every = _QUICK_SINGLE_EVERY if quick else _SINGLE_EVERY
    rows: list[tuple[Cell, ...]] = []
    for clip in track(_clips(material, quick), description="fidelity", transient=True):
        looks = look_at(clip, frames, every)
        ours = sum(pair.ours is not None for pair in looks.smoothed)
        theirs = sum(pair.theirs is not None for pair in looks.smoothed)
        distances = [_distances(pairs) for pairs in (looks.smoothed, looks.raw, looks.single)]
        rows.append((clip.stem, len(looks.smoothed), ours, theirs, *chain.from_iterable(distances)))
    figures = [row[4:] for row in rows]
    kinds = ("smoothed", "raw", "single")
    return [
        Table(
            name="fidelity",
            title="Distance of Spotter's landmarks from MediaPipe's, in % of the person's height",
            columns=(
                *("clip", "frames", "Spotter sees", "MediaPipe sees"),
                *(f"{kind}{what}" for kind in kinds for what in ("", " median", " world")),
            ),
            rows=(
                *rows,
                ("mean of the clips", None, None, None, *_over(np.mean, figures)),
                ("median of the clips", None, None, None, *_over(np.median, figures)),
            ),
            notes=(
                "mean distance of the 33 landmarks in the picture, and its median over the frames; world: "
                "mean of the world landmarks; over the frames in which both found the person",
                f"smoothed, raw: following the person through the first {frames} frames, MediaPipe with its "
                "smoothing over time and without; Spotter's landmarks are raw in both",
                f"single: each {every}th frame by itself, nothing followed and nothing smoothed",
                "wanted: below 1 on average",
            ),
        )
    ]


def _clips(material: Material, quick: bool) -> list[Path]:
    try:
        clips = [clip.path for clip in material.real_clips()]
    except Skipped:
        return [material.example_clip()]
    return sorted(clips, key=lambda clip: clip.stat().st_size)[: _QUICK_CLIPS if quick else None]


def look_at(clip: Path, frames: int, single_every: int) -> Looks:
    """Both engines on the first frames of a clip."""
    looks = Looks([], [], [])
    with ExitStack() as stack:
        smoothed, raw, static = (
            stack.enter_context(peer) for peer in (Peer(), Peer(smooth=False), Peer(static=True))
        )
        engine, look = PoseEngine(), SingleLook()
        source = stack.enter_context(open_media(clip, max_side=MAX_SIDE))
        for frame in islice(source, frames):
            bodies = [body.keypoints for body in engine.push(frame)]
            looks.smoothed.append(_pair(bodies, smoothed(frame.image)))
            looks.raw.append(_pair(bodies, raw(frame.image)))
            if frame.index % single_every == 0:
                looks.single.append(_pair(look(frame.image), static(frame.image)))
    return looks


def _pair(bodies: Sequence[Keypoints], theirs: PeerPose | None) -> Pair:
    """MediaPipe follows one person: of ours, the one nearest to it."""
    if theirs is None or not bodies:
        return Pair(bodies[0] if bodies else None, theirs)
    place = theirs.xy
    return Pair(min(bodies, key=lambda body: _apart(body.xy, place)), theirs)


def _distances(pairs: Sequence[Pair]) -> tuple[float | None, float | None, float | None]:
    """Mean and median in the picture, and mean in the world, in % of the height."""
    both = [(pair.ours, pair.theirs) for pair in pairs if pair.ours is not None and pair.theirs is not None]
    if not both:
        return None, None, None
    height = _height([theirs.xy for _, theirs in both])
    world_height = _height([theirs.world for _, theirs in both])
    picture = [100 * _apart(ours.xy, theirs.xy) / height for ours, theirs in both]
    world = [100 * _apart(ours.world, theirs.world) / world_height for ours, theirs in both]
    return float(np.mean(picture)), float(np.median(picture)), float(np.mean(world))


def _apart(a: Points, b: Points) -> float:
    return float(np.linalg.norm(a - b, axis=1).mean())


def _height(poses: Sequence[Points]) -> float:
    """How tall the person is: the diagonal round head, trunk and legs when most upright."""
    sizes = [float(np.linalg.norm(np.ptp(pose[_HEAD_TRUNK_LEGS], axis=0))) for pose in poses]
    return float(np.quantile(sizes, _UPRIGHT_QUANTILE))


def _over(
    statistic: Callable[[list[float]], np.floating[Any]], rows: Sequence[tuple[Cell, ...]]
) -> list[float | None]:
    """A statistic of each column, over the clips that have a figure there."""
    columns = [[cell for cell in column if isinstance(cell, float)] for column in zip(*rows, strict=True)]
    return [float(statistic(column)) if column else None for column in columns]
