"""Squares cut out of a picture: how sharp they are, and how much they differ."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.body.keypoints import Body
from spotter.recognizer.parts import Place

MOST_SIDE = 512
"""Larger squares are shrunk to this side: networks see 128 to 300 pixels."""

_LOOK_SIDE = 128  # at which sharpness is judged: what is blurred there is blurred for a network
_SIGN_SIDE = 16
_SUBJECT = 127  # of 255, from which a pixel of the mask belongs to the person
_FEW_PIXELS = 200

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Crop:
    """A part of a person's body as a picture of its own.

    Attributes:
        place: where it was in the frame.
        person: whose it is, their number in the video.
        time_s: of the frame.
        image: RGB (side, side, 3).
        mask: (side, side), 0 to 255, how likely each pixel belongs to the person; None where not known.
        sharpness: 0 to 1; see `sharpness`.
        contrast: 0 to 1; see `contrast`.
        sign: what it looks like in a few numbers; see `difference`.
    """

    place: Place
    person: int
    time_s: float
    image: Picture
    mask: Picture | None
    sharpness: float
    contrast: float
    sign: NDArray[np.float32]


def cut(image: Picture, mask: Picture | None, body: Body, place: Place, time_s: float) -> Crop:
    """Cut a part out of a frame (height, width, 3), and out of the person's mask (height, width)."""
    rows = slice(place.top, place.top + place.size)
    columns = slice(place.left, place.left + place.size)
    crop = _limited(image[rows, columns])
    subject = _limited(mask[rows, columns]) if mask is not None else None
    return Crop(
        place=place,
        person=body.id,
        time_s=time_s,
        image=crop,
        mask=subject,
        sharpness=sharpness(crop, subject),
        contrast=contrast(crop, subject),
        sign=_sign(crop, subject),
    )


def covers(mask: Picture, place: Place) -> bool:
    """Whether the person's mask lies where the landmarks say that the part is."""
    height, width = mask.shape
    ends = place.points
    middle = ends.mean(axis=0, keepdims=True)
    spots = np.concatenate([ends + (middle - ends) * share for share in (0.0, 0.35, 0.7)])
    columns = spots[:, 0].astype(np.int64).clip(0, width - 1)
    rows = spots[:, 1].astype(np.int64).clip(0, height - 1)
    return bool((mask[rows, columns] > _SUBJECT).mean() >= 0.8)


def sharpness(image: Picture, mask: Picture | None = None) -> float:
    """How much of its detail a picture loses when it is blurred again: little if it is blurred already.

    Differences between neighbouring pixels, before and after a 5x5 mean filter (after Crete et al., "The blur
    effect", 2007); only on the person, where a mask says who that is: behind a moving hand all may be sharp.

    Args:
        image: RGB (h, w, 3).
        mask: (h, w), above 127 on the person.

    Returns:
        0 (blurred, or nothing to see) to 1.

    >>> sharp = np.kron(np.eye(8), np.full((16, 16), 255)).astype(np.uint8)[..., None].repeat(3, 2)
    >>> sharpness(sharp) > 0.7 > 0.3 > sharpness(np.asarray(cv2.GaussianBlur(sharp, (0, 0), 4)))
    True
    """
    grey = _small(np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)).astype(np.float32)
    weight = np.ones_like(grey)
    if mask is not None:
        inside = (_small(mask) > _SUBJECT).astype(np.float32)
        weight = inside if inside.sum() >= _FEW_PIXELS else weight
    lost = []
    for axis, kernel in ((0, (1, 5)), (1, (5, 1))):
        before = np.abs(np.diff(grey, axis=axis))
        after = np.abs(np.diff(cv2.blur(grey, kernel), axis=axis))
        share = np.delete(weight, 0, axis=axis)
        total = float((before * share).sum())
        if total > 0:
            lost.append(float((np.maximum(before - after, 0) * share).sum()) / total)
    return min(lost, default=0.0)


def contrast(image: Picture, mask: Picture | None = None) -> float:
    """How far the person's darkest and lightest places lie apart, 0 to 1: less than usual while a shot fades.

    >>> contrast(np.full((8, 8, 3), 200, np.uint8))
    0.0
    """
    grey = _small(np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8))
    inside = _small(mask) > _SUBJECT if mask is not None else np.ones_like(grey, bool)
    dark, light = np.quantile(grey[inside] if inside.sum() >= _FEW_PIXELS else grey, (0.03, 0.97))
    return float(light - dark) / 255


def difference(first: Crop, second: Crop) -> float:
    """How different the person looks in two crops: the mean difference of coarse pictures, in grey levels.

    What is behind the person does not count, nor does the light as a whole.
    """
    weight = np.maximum(first.sign[..., 3], second.sign[..., 3])
    apart = np.abs(first.sign[..., :3] - second.sign[..., :3]).mean(axis=2)
    return float((apart * weight).sum() / max(float(weight.sum()), 1e-6))


def _limited(image: Picture) -> Picture:
    if image.shape[0] <= MOST_SIDE:
        return image.copy()  # the frame itself is not kept in memory
    return np.asarray(cv2.resize(image, (MOST_SIDE, MOST_SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def _small(image: Picture) -> Picture:
    return np.asarray(cv2.resize(image, (_LOOK_SIDE, _LOOK_SIDE), interpolation=cv2.INTER_AREA), np.uint8)


def _sign(image: Picture, mask: Picture | None) -> NDArray[np.float32]:
    """A coarse picture without its mean, and how much of each pixel is the person, (16, 16, 4)."""
    coarse = cv2.resize(image, (_SIGN_SIDE, _SIGN_SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    share = np.ones((_SIGN_SIDE, _SIGN_SIDE), np.float32)
    if mask is not None:
        share = cv2.resize(mask, (_SIGN_SIDE, _SIGN_SIDE), interpolation=cv2.INTER_AREA) / np.float32(255)
    return np.dstack([coarse - coarse.mean(axis=(0, 1)), share])
