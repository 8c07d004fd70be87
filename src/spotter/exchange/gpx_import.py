"""Reads the tracks of GPX files, with the heart rate that many programs add to them."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element

from spotter.errors import ExchangeError
from spotter.exchange.importing import Recorded, heart_rate_of, number_of
from spotter.exchange.xml_reading import local, named, read_tree, text_at
from spotter.media.moments import time_of

_HEART = ("hr", "heartrate")


def read_gpx(path: Path) -> list[Recorded]:
    """The tracks in a GPX file that say when they were; see ``importing.read_recorded``.

    Raises:
        ExchangeError: no track with times is in it, it is damaged, or it is refused.
        MissingExtraError: defusedxml is not installed.
    """
    with path.open("rb") as file:
        root = read_tree(file, str(path))
    device = (root.get("creator") or "").strip()
    source = f"{path.name} ({device})" if device else path.name
    found = [one for track in named(root, "trk") if (one := _track(track, source)) is not None]
    if not found:
        raise ExchangeError(f"{path} holds no track that says when it was")
    return found


def _track(track: Element, source: str) -> Recorded | None:
    timed = [
        (when, _heart(point))
        for point in named(track, "trkseg", "trkpt")
        if (when := time_of(text_at(point, "time"))) is not None
    ]
    if not timed:
        return None
    started = min(when for when, _ in timed)
    seconds = [when.timestamp() for when, _ in timed]
    sport = text_at(track, "type") or text_at(track, "name") or "unknown"
    return Recorded(
        started=started,
        duration_s=max(seconds) - started.timestamp(),
        sport=sport.strip(),
        heart_rate=heart_rate_of(seconds, [bpm for _, bpm in timed], started),
        source=source,
    )


def _heart(point: Element) -> float:
    """Programs agree on the element's name only, not on its namespace, nor on what it lies in."""
    for extensions in named(point, "extensions"):
        for one in extensions.iter():
            if local(one.tag).lower() in _HEART:
                return number_of(one.text)
    return number_of(None)
