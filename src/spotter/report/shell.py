"""The shell of a page in the report's look: one file, which loads nothing from anywhere."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import cv2
import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from spotter.report.templates import asset, render

_QUALITY = 82
_STYLES = ("report.css", "shell.css")


@dataclass(frozen=True, slots=True)
class Tile:
    """One large figure in a page's head.

    Attributes:
        value: as it is written, such as ``"97.5 %"``.
        label: what it is.
        remark: a word more, in small print; may be empty.
    """

    value: str
    label: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Ring:
    """The page's one main figure, drawn as a ring that is filled so far.

    Attributes:
        share: 0 to 1.
        value: as it is written in the ring.
        label: what it is, in a word or two.
    """

    share: float
    value: str
    label: str


def page_html(
    title: str,
    body: Markup,
    *,
    meta: str = "",
    ring: Ring | None = None,
    tiles: Sequence[Tile] = (),
    notice: str = "",
    versions: Mapping[str, str] | None = None,
    script: str = "",
) -> str:
    """A whole page.

    Args:
        title: its heading, and what the browser's tab says.
        body: what stands between head and foot, such as `fragment` of templates.py gives:
            ``<section class="card">`` each.
        meta: a line under the heading: what it is about.
        ring: the main figure.
        tiles: more large figures beside it.
        notice: something that the reader should know first.
        versions: name to version of what made it, Spotter first; Spotter's own if None.
        script: JavaScript that runs at the end of the page; the page must be complete without it.

    >>> "<h1>Hands &amp; feet</h1>" in page_html("Hands & feet", Markup("<p>Hello</p>"))
    True
    """
    return render(
        "shell.html.j2",
        title=title,
        body=body,
        meta=meta,
        ring=ring,
        tiles=tiles,
        notice=notice,
        versions=list((made_with() if versions is None else versions).items()),
        script=Markup(script),
        css=Markup("\n".join(asset(name) for name in _STYLES)),
    )


def picture_uri(image: NDArray[np.uint8], side: int | None = None, quality: int = _QUALITY) -> str:
    """A picture as an address that has the picture in it, for ``<img src>``.

    Args:
        image: RGB of shape (height, width, 3).
        side: the longest side that it is shrunk to, in pixels; as it is if None.
        quality: of the JPEG, 1 to 100.

    >>> picture_uri(np.zeros((8, 8, 3), np.uint8))[:29]
    'data:image/jpeg;base64,/9j/4A'
    """
    longest = max(image.shape[:2])
    if side is not None and longest > side:
        height, width = (max(1, round(length * side / longest)) for length in image.shape[:2])
        image = np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_OPTIMIZE, 1]
    _, data = cv2.imencode(".jpg", image[:, :, ::-1], options)
    return "data:image/jpeg;base64," + base64.b64encode(data.tobytes()).decode("ascii")


def made_with() -> dict[str, str]:
    """Spotter and its version; empty where it runs without being installed."""
    try:
        return {"Spotter": version("spotter-coach")}
    except PackageNotFoundError:
        return {}
