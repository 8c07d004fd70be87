"""Reads the activities of TCX files."""

from __future__ import annotations

import math
from datetime import timedelta
from pathlib import Path
from xml.etree.ElementTree import Element

from spotter.errors import ExchangeError
from spotter.exchange.importing import Recorded, heart_rate_of, number_of
from spotter.exchange.xml_reading import named, read_tree, text_at
from spotter.media.moments import time_of


def read_tcx(path: Path) -> list[Recorded]:
    """The activities in a TCX file of version 1 or 2; see ``importing.read_recorded``.

    Raises:
        ExchangeError: no activity with a time is in it, it is damaged, or it is refused.
        MissingExtraError: defusedxml is not installed.
    """
    with path.open("rb") as file:
        root = read_tree(file, str(path))
    found = [_activity(one, path.name) for one in root.iter() if one.tag.rpartition("}")[2] == "Activity"]
    known = [one for one in found if one is not None]
    if not known:
        raise ExchangeError(f"{path} holds no activity that says when it was")
    return known


def _activity(activity: Element, name: str) -> Recorded | None:
    laps = list(named(activity, "Lap"))
    began = [when for lap in laps if (when := time_of(lap.get("StartTime"))) is not None]
    points = [
        (when.timestamp(), number_of(text_at(point, "HeartRateBpm", "Value")))
        for lap in laps
        for point in named(lap, "Track", "Trackpoint")
        if (when := time_of(text_at(point, "Time"))) is not None
    ]
    started = min(began, default=time_of(text_at(activity, "Id")))
    if started is None:
        return None
    ends = [
        when + timedelta(seconds=_seconds(lap))
        for lap in laps
        if (when := time_of(lap.get("StartTime"))) is not None
    ]
    last = max([started.timestamp(), *(end.timestamp() for end in ends), *(when for when, _ in points)])
    calories = sum(_known(number_of(text_at(lap, "Calories"))) for lap in laps)
    device = text_at(activity, "Creator", "Name")
    return Recorded(
        started=started,
        duration_s=last - started.timestamp(),
        sport=activity.get("Sport") or "unknown",
        heart_rate=heart_rate_of([when for when, _ in points], [bpm for _, bpm in points], started),
        # Every lap must say calories, and a program that does not know them writes 0.
        calories=calories or None,
        source=f"{name} ({device.strip()})" if device and device.strip() else name,
    )


def _seconds(lap: Element) -> float:
    return min(_known(number_of(text_at(lap, "TotalTimeSeconds"))), timedelta(days=30).total_seconds())


def _known(number: float) -> float:
    return number if math.isfinite(number) and number > 0 else 0.0
