"""When something was recorded, as files say it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

_YEARS = (1971, 2199)
_KEYS = ("com.apple.quicktime.creationdate", "creation_time")  # Apple's own one also knows the time zone
_ANDROID = "com.android."


def time_of(text: str | None) -> datetime | None:
    """A time as ISO 8601 writes it; one without a zone is taken for UTC, as these formats say.

    Returns:
        None for what is no time, or none from 1971 to 2199, as a clock that was never set gives.

    >>> time_of("2026-05-04T18:30:00.000Z"), time_of("soon"), time_of(None)
    (datetime.datetime(2026, 5, 4, 18, 30, tzinfo=datetime.timezone.utc), None, None)
    """
    try:
        when = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    if not _YEARS[0] <= when.year <= _YEARS[1]:
        return None
    return when if when.tzinfo is not None else when.replace(tzinfo=UTC)


def recording_began(metadata: Mapping[str, str], duration_s: float) -> datetime | None:
    """When the recording of a video began, with a time zone, as its container says.

    Android's recorder writes when a recording ended: its length is taken off there.

    Args:
        metadata: of the container, as ffmpeg names it.
        duration_s: how long the video is; NaN where unknown.

    Returns:
        None where the container does not say, or says what cannot be (see `time_of`).

    >>> recording_began({"creation_time": "2026-05-04T18:30:00.000000Z"}, 60.0).isoformat()
    '2026-05-04T18:30:00+00:00'
    >>> android = {"creation_time": "2026-05-04T18:30:00.000000Z", "com.android.version": "14"}
    >>> recording_began(android, 60.0).isoformat()
    '2026-05-04T18:29:00+00:00'
    """
    for key in _KEYS:
        when = time_of(metadata.get(key))
        if when is None:
            continue
        if not any(name.startswith(_ANDROID) for name in metadata):
            return when
        return None if math.isnan(duration_s) else when - timedelta(seconds=duration_s)
    return None
