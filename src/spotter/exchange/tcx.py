"""A session as TCX, version 2: a lap a set and a rest, with the heart rate."""

from __future__ import annotations

import math
import re
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from spotter.coach.session import Session, SessionSet
from spotter.exchange.timeline import (
    Span,
    exercise_title,
    instant,
    length_s,
    mean_range_deg,
    mean_score,
    readings,
    spans,
)
from spotter.media.writing import write_bytes

NAMESPACE = "http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"
"""Of all elements."""

_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_SCHEMA = "http://www.garmin.com/xmlschemas/TrainingCenterDatabasev2.xsd"
_NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def tcx_bytes(session: Session) -> bytes:
    """A TCX file with one activity; times are in UTC.

    TCX has no repetitions: they stand in the lap's notes. It wants calories and a distance of every lap;
    Spotter knows neither, and writes 0.

    Example::

        Path("squat.tcx").write_bytes(tcx_bytes(session))
    """
    root = Element(
        "TrainingCenterDatabase",
        {"xmlns": NAMESPACE, "xmlns:xsi": _INSTANCE, "xsi:schemaLocation": f"{NAMESPACE} {_SCHEMA}"},
    )
    activity = SubElement(SubElement(root, "Activities"), "Activity", Sport="Other")
    _add(activity, "Id", _time(instant(session, 0.0)))
    line = spans(session) or (Span(0.0, length_s(session)),)
    reached = -math.inf
    for number, span in enumerate(line):
        # A reading belongs to one lap, also where sets overlap; the last lap takes the very end.
        until = math.inf if number == len(line) - 1 else max(reached, span.end_s)
        _lap(activity, session, span, reached, until)
        reached = until
    notes = "\n".join(filter(None, [session.note, *session.summary]))
    if notes:
        _add(activity, "Notes", notes)
    _creator(activity)
    indent(root, " ")
    document: bytes = tostring(root, encoding="UTF-8", xml_declaration=True)
    return document + b"\n"


def write_tcx(session: Session, path: Path) -> None:
    """Write a session as TCX; see ``tcx_bytes``.

    Raises:
        OutputError: it cannot be written.
    """
    write_bytes(path, tcx_bytes(session))


def set_in_words(one: SessionSet) -> str:
    """What was done in a set, in a line.

    >>> from spotter.coach.analysis import Rep, Tempo
    >>> rep = Rep(1, 0.0, 1.0, 2.0, True, "both", 95.4, Tempo(1.0, 0.0, 1.0), math.nan, 88.0)
    >>> set_in_words(SessionSet("squat", 0.0, 2.0, (rep,), weight_kg=62.5))
    'Squat, 1 rep, 62.5 kg, score 88, range 95 degrees'
    """
    parts = [exercise_title(one.exercise)]
    if one.reps:
        parts.append(f"{one.count} rep{'' if one.count == 1 else 's'}")
    if one.holds:
        parts.append(f"held {sum(hold.end_s - hold.start_s for hold in one.holds):.0f} s")
    if one.weight_kg is not None:
        parts.append(f"{one.weight_kg:g} kg")
    score, moved = mean_score(one), mean_range_deg(one)
    if math.isfinite(score):
        parts.append(f"score {score:.0f}")
    if math.isfinite(moved):
        parts.append(f"range {moved:.0f} degrees")
    return ", ".join(parts)


def _lap(activity: Element, session: Session, span: Span, from_s: float, to_s: float) -> None:
    lap = SubElement(activity, "Lap", StartTime=_time(instant(session, span.start_s)))
    _add(lap, "TotalTimeSeconds", f"{span.duration_s:.3f}")
    _add(lap, "DistanceMeters", "0")
    _add(lap, "Calories", "0")
    points = readings(session.heart_rate, from_s, to_s)
    if len(points):
        _beats(lap, "AverageHeartRateBpm", float(points[:, 1].mean()))
        _beats(lap, "MaximumHeartRateBpm", float(points[:, 1].max()))
    _add(lap, "Intensity", "Resting" if span.of is None else "Active")
    _add(lap, "TriggerMethod", "Manual")
    if len(points):
        track = SubElement(lap, "Track")
        for seconds, bpm in points.tolist():
            point = SubElement(track, "Trackpoint")
            _add(point, "Time", _time(instant(session, seconds)))
            _beats(point, "HeartRateBpm", bpm)
    if span.of is not None:
        _add(lap, "Notes", set_in_words(span.of))


def _creator(activity: Element) -> None:
    creator = SubElement(activity, "Creator", {"xsi:type": "Device_t"})
    _add(creator, "Name", "Spotter")
    _add(creator, "UnitId", "0")
    _add(creator, "ProductID", "0")
    numbers = SubElement(creator, "Version")
    major, minor, *_ = version("spotter-coach").split(".")
    _add(numbers, "VersionMajor", major)
    _add(numbers, "VersionMinor", minor)


def _beats(parent: Element, name: str, bpm: float) -> None:
    _add(SubElement(parent, name), "Value", str(round(bpm)))


def _add(parent: Element, name: str, text: str) -> None:
    """Add an element with a text, without the characters that XML cannot say."""
    SubElement(parent, name).text = _NO_XML.sub("", text)


def _time(when: datetime) -> str:
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")
