"""The bars on a frame: readable at every size, and the picture in the square left as it is."""

from __future__ import annotations

import io

import numpy as np
import pytest
from rich.console import Console

from spotter.recognizer.live import LiveAnswer
from spotter.recognizer.predict import Prediction
from spotter.report.palette import PAPER
from spotter.report.recognizer.bars import colour_of, draw_bars, rows_of
from spotter.report.recognizer.colours import class_colour
from spotter.report.recognizer.live_terminal import block_bar, live_view

THREE = ("face", "hand", "lower arm")
HAND = Prediction(("hand",), (0.02, 0.95, 0.03), THREE)
UNKNOWN = Prediction(("unknown",), (0.3, 0.4, 0.3), THREE)
TWO = Prediction(("face", "lower arm"), (0.97, 0.1, 0.88), THREE)
NOTHING = Prediction((), (0.1, 0.1, 0.1), THREE)
MANY = Prediction(("class 7",), tuple(i / 100 for i in range(20)), tuple(f"class {i}" for i in range(20)))
LONG = Prediction(
    ("Donaudampfschifffahrtsgesellschaft ü",), (0.7, 0.3), ("Donaudampfschifffahrtsgesellschaft ü", "b")
)

SIZES = [
    (320, 180),
    (320, 240),
    (240, 320),
    (640, 360),
    (720, 1280),
    (1920, 1080),
    (500, 500),
    (161, 97),
    (9, 7),
]


def grey(width: int, height: int) -> np.ndarray:
    return np.full((height, width, 3), 100, np.uint8)


def near(image: np.ndarray, colour: tuple[int, int, int], within: int = 30) -> np.ndarray:
    return np.abs(image.astype(int) - colour).sum(axis=2) < within


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize(
    "prediction",
    [HAND, UNKNOWN, TWO, NOTHING, MANY, LONG, None],
    ids=lambda one: one.label if one else "none yet",
)
def test_any_answer_fits_any_picture(size: tuple[int, int], prediction: Prediction | None) -> None:
    image = grey(*size)
    drawn = draw_bars(image, prediction)
    assert drawn.shape == image.shape and drawn.dtype == np.uint8
    assert (image == 100).all()
    assert (drawn != image).any()


@pytest.mark.parametrize("size", [size for size in SIZES if min(size) > 100], ids=str)
def test_the_square_stays_as_it_is_and_what_lies_outside_darkens(size: tuple[int, int]) -> None:
    width, height = size
    drawn = draw_bars(grey(width, height), HAND)
    edge = min(size)
    top, left = (height - edge) // 2, (width - edge) // 2
    inner = drawn[top : top + edge, left : left + edge]
    assert (inner[edge // 4 : edge // 3, edge // 2 : -edge // 8] == 100).all()
    if width > height + 20:
        assert (drawn[: height // 4, : left - 12] == 55).all() and (drawn[:, left + edge + 12 :] == 55).all()
    if height > width + 20:
        assert (drawn[: top - 12] == 55).all()


@pytest.mark.parametrize("size", [size for size in SIZES if min(size) > 100], ids=str)
def test_the_plate_stands_in_the_lower_left_and_leaves_the_upper_part_free(size: tuple[int, int]) -> None:
    drawn = draw_bars(grey(*size), MANY)
    rows, columns = np.nonzero(drawn.max(axis=2) < 45)  # only the plate is as dark
    assert rows.min() > 0.1 * size[1] and rows.max() < size[1] - 2
    assert columns.min() >= 2 and columns.max() < 0.7 * size[0]


@pytest.mark.parametrize("size", [(320, 240), (1920, 1080)], ids=str)
def test_a_bar_is_as_long_as_its_class_is_likely(size: tuple[int, int]) -> None:
    lengths = []
    for value in (0.25, 0.5, 1.0):
        certain = Prediction(("hand",), (0.0, value, 0.0), THREE)
        drawn = draw_bars(grey(*size), certain)
        plate = drawn[
            size[1] // 2 : -max(5, size[1] // 50), : size[0] // 2
        ]  # without the square's lower edge
        runs = near(plate, class_colour(1).dark)
        lengths.append(max(len(run) for row in runs for run in "".join(" x"[int(v)] for v in row).split()))
    assert lengths[1] == pytest.approx(2 * lengths[0], rel=0.15)
    assert lengths[2] == pytest.approx(4 * lengths[0], rel=0.15)


def test_the_answer_has_its_classes_colour() -> None:
    assert colour_of(HAND) == class_colour(1).dark
    assert colour_of(TWO) == class_colour(0).dark
    assert colour_of(UNKNOWN) == colour_of(NOTHING) == colour_of(None) == PAPER


def test_of_many_classes_the_likeliest_are_shown_in_their_order() -> None:
    rows = rows_of(MANY)
    assert [row.name for row in rows] == [f"class {i}" for i in range(14, 20)]
    assert [row.named for row in rows_of(TWO)] == [True, False, True]


def test_the_terminal_shows_answer_bars_and_what_was_left_out() -> None:
    console = Console(width=80, record=True, file=io.StringIO())
    console.print(live_view(None, 0))
    console.print(live_view(LiveAnswer(64.2, HAND, 0.0021), 3))
    text = console.export_text()
    assert "waiting" in text and "hand  95 %" in text and "1:04, 2.1 ms, 3 left out" in text
    assert text.count("█") >= 28 and "lower arm" in text


@pytest.mark.parametrize("share", [-1.0, 0.0, 0.3, 0.999, 1.0, 2.0])
def test_a_bar_of_letters_keeps_its_width(share: float) -> None:
    assert len(block_bar(share, 17)) == 17
