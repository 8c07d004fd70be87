"""The QR code in a terminal: read back from the very characters and colours that the terminal gets."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from rich.console import Console
from rich.text import Text

from spotter.serve.qr import QUIET_ZONE, can_show, qr_text

CONTENT = "https://192.168.178.123:8765/?token=1W4gihoR-NtdZMy0zO_3z02Pd-ecggXh"
HALVES = {" ": (False, False), "▀": (True, False), "▄": (False, True), "█": (True, True)}
PIXELS = 6


def printed(content: str, colours: str = "truecolor") -> str:
    """What a terminal gets."""
    console = Console(file=io.StringIO(), force_terminal=True, color_system=colours, width=100)  # type: ignore[arg-type]
    console.print(qr_text(content))
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


def seen(text: str) -> NDArray[np.uint8]:
    """The picture that a terminal makes of it, whatever its own colours are: each cell brings both."""
    rows: list[list[int]] = []
    for line in Text.from_ansi(text).split():
        (span,) = line.spans
        assert (span.start, span.end) == (0, len(line)), "a cell has the terminal's own colours"
        style = span.style
        assert not isinstance(style, str) and style.color is not None and style.bgcolor is not None
        ink, paper = (sum(one.get_truecolor()) // 3 for one in (style.color, style.bgcolor))
        cells = [HALVES[character] for character in line.plain]
        rows += [[ink if cell[half] else paper for cell in cells] for half in (0, 1)]
    return np.kron(np.array(rows, np.uint8), np.ones((PIXELS, PIXELS), np.uint8))


@pytest.mark.parametrize("colours", ["truecolor", "256", "standard"])
@pytest.mark.parametrize("ground", [0, 255], ids=["dark terminal", "light terminal"])
def test_a_reader_reads_it_on_any_terminal(colours: str, ground: int) -> None:
    picture = cv2.copyMakeBorder(
        seen(printed(CONTENT, colours)), 60, 60, 60, 60, cv2.BORDER_CONSTANT, value=[ground]
    )
    read, _, _ = cv2.QRCodeDetector().detectAndDecode(picture)
    assert read == CONTENT


def test_it_has_a_quiet_zone_and_fits_a_usual_terminal() -> None:
    lines = qr_text(CONTENT).plain.split("\n")
    assert len({len(line) for line in lines}) == 1
    assert len(lines[0]) <= 80 and len(lines) <= 24
    assert all(line[:QUIET_ZONE].isspace() and line[-QUIET_ZONE:].isspace() for line in lines)
    assert not "".join(lines[: QUIET_ZONE // 2] + lines[-(QUIET_ZONE // 2) :]).strip()


@pytest.mark.parametrize(
    ("width", "encoding", "colours", "shown"),
    [
        (80, "utf-8", "truecolor", True),
        (41, "utf-8", "256", True),
        (40, "utf-8", "256", False),
        (80, "ascii", "256", False),
        (80, "cp437", "standard", True),
        (80, "utf-8", None, False),
    ],
)
def test_a_terminal_that_cannot_show_it_is_known(
    width: int, encoding: str, colours: str | None, shown: bool
) -> None:
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    console = Console(file=file, force_terminal=colours is not None, color_system=colours, width=width)  # type: ignore[arg-type]
    assert can_show(console, qr_text(CONTENT)) == shown
