"""What is marked in pictures: part maps of the rendered clips, and outlines drawn by hand on photos."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from bench.material import Material, RenderedClip
from spotter.body.part_iou import confusion, iou
from spotter.body.part_map import PartMap
from spotter.media.frame import Frame
from spotter.media.pictures import read_picture
from spotter.media.reader import open_media

Image = NDArray[np.uint8]
Labels = NDArray[np.uint8]


def known_maps(clip: RenderedClip) -> dict[int, Labels]:
    """The part maps of a clip by the numbers of their frames."""
    known = np.load(clip.path.with_suffix(".parts.npz"))
    return dict(zip(known["frames"].tolist(), known["maps"], strict=True))


def marked_frames(clip: RenderedClip, maps: dict[int, Labels]) -> Iterator[tuple[Frame, Labels | None]]:
    """The frames of a clip up to the last that has one of these maps, each with its map if it has one."""
    left = dict(maps)
    with open_media(clip.path) as source:
        for frame in source:
            yield frame, left.pop(frame.index, None)
            if not left:
                return


def outlined_photos(material: Material) -> list[Path]:
    """Photos of people with what is drawn as PNG beside them, in the order of their names."""
    return sorted((material.folder / "photos" / "people").glob("*.jpg"))


def outline_iou(photos: Sequence[Path], found: Callable[[Image], PartMap]) -> float:
    """Intersection over union of people with their outlines, over the pixels of all photos together."""
    counts = np.zeros((2, 2), np.int64)
    for photo in track(photos, description="photos", transient=True):
        drawn = cv2.imread(str(photo.with_suffix(".png")), cv2.IMREAD_UNCHANGED)
        counts += confusion(found(read_picture(photo)).people > 0, np.asarray(drawn) > 0, 2)
    return float(iou(counts)[1])
