"""Moments as they are stored: exact in UTC, with what the clock on the wall said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def stored(moment: datetime) -> tuple[int, int, str]:
    """Microseconds since 1970 in UTC, seconds of local time before UTC, and the zone's name or nothing.

    The offset is stored beside the zone because laws change: a day stays the day that it was.

    Args:
        moment: with a time zone.

    >>> stored(datetime(2026, 3, 29, 12, tzinfo=ZoneInfo("Europe/Berlin")))
    (1774778400000000, 7200, 'Europe/Berlin')
    """
    offset = moment.utcoffset() or timedelta(0)
    return microseconds(moment), int(offset.total_seconds()), getattr(moment.tzinfo, "key", None) or ""


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970 in UTC.

    >>> microseconds(datetime(1970, 1, 1, 1, tzinfo=timezone(timedelta(hours=1))))
    0
    """
    return (moment - _EPOCH) // _MICROSECOND


def restored(started_us: int, offset_s: int, zone: str) -> datetime:
    """The moment again, in its zone where that still has the same offset then, else with the offset alone.

    >>> restored(1774778400000000, 7200, "Europe/Berlin").isoformat()
    '2026-03-29T12:00:00+02:00'
    >>> restored(1774778400000000, 7200, "Mars/Olympus").tzname()
    'UTC+02:00'
    """
    moment = _EPOCH + timedelta(microseconds=started_us)
    offset = timedelta(seconds=offset_s)
    if zone:
        try:
            local = moment.astimezone(ZoneInfo(zone))
        except (ZoneInfoNotFoundError, ValueError, OSError):  # no such zone on this machine
            pass
        else:
            if local.utcoffset() == offset:
                return local
    return moment.astimezone(timezone(offset) if offset else UTC)
