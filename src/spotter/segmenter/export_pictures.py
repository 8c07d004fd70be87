"""The pictures that an exported network is compared with its model on."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spotter.errors import SpotterError
from spotter.media.reader import open_media, read_picture
from spotter.recognizer.export_pictures import synthetic_squares
from spotter.segmenter.card import SegmenterCard
from spotter.segmenter.evaluate_split import drawn_then
from spotter.segmenter.placement import fitted

MOST_COMPARED = 24


@dataclass(frozen=True, slots=True)
class Pictures:
    """Pictures as the network takes them.

    Attributes:
        squares: RGB uint8 (pictures, side, side, 3).
        source: where they are from, in words.
    """

    squares: NDArray[np.uint8]
    source: str


def pictures_for(card: SegmenterCard, source: Path | None, most: int = MOST_COMPARED) -> Pictures:
    """Pictures to compare on, spread evenly over a source.

    Args:
        card: the model's.
        source: a picture, a folder of pictures or a video; the held-back pictures of the training if None,
            and made-up patterns if these are not there any more.
        most: no more than so many.

    Raises:
        MediaNotFoundError, MediaUnreadableError, MediaFormatError: if nothing can be read from the source.
    """
    if source is not None:
        return Pictures(_from_media(source, card.side, most), f"from {source.name}")
    held = _held_back(card, most)
    if held:
        return Pictures(np.stack(held), "pictures that were kept out of training")
    words = "made-up patterns, as no pictures were given and those of the training are not there"
    return Pictures(synthetic_squares(most, card.side), words)


def _from_media(source: Path, side: int, most: int) -> NDArray[np.uint8]:
    with open_media(source) as media:
        step = max(1, media.info.frame_count // most)
        squares = []
        for frame in media:
            if frame.index % step == 0:
                squares.append(fitted(frame.image, side)[0])
            if len(squares) == most:
                break
    return np.stack(squares)


def _held_back(card: SegmenterCard, most: int) -> list[NDArray[np.uint8]]:
    """As many held-back pictures of the training as are still there."""
    from spotter.segmenter.dataset import read_annotations

    squares: list[NDArray[np.uint8]] = []
    data = card.training.get("data", {})
    for told in data.get("sets", [data]):
        folder = Path(told.get("folder", ""))
        if not told.get("folder") or not folder.exists():
            continue
        with suppress(SpotterError):  # by now it may hold something else
            held = read_annotations(folder, told.get("layout"), **drawn_then({"data": told}, folder)).val
            for row in np.unique(np.linspace(0, len(held) - 1, most).round().astype(int)) if held else ():
                squares.append(fitted(read_picture(held[row].path), card.side)[0])
    return squares[:most]
