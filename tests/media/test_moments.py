"""When a video was taken, from what its container says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from spotter.media.moments import recording_began, time_of
from spotter.media.reader import open_media
from tests.coached_clip import write_clip

EVENING = datetime(2026, 5, 4, 16, 30, tzinfo=UTC)
UTC_TEXT = "2026-05-04T16:30:00.000000Z"


@pytest.mark.parametrize(
    ("metadata", "duration_s", "began"),
    [
        ({}, 60.0, None),
        ({"creation_time": UTC_TEXT}, 60.0, EVENING),
        ({"creation_time": "1904-01-01T00:00:00.000000Z"}, 60.0, None),
        ({"creation_time": "1970-01-01T00:00:00.000000Z"}, 60.0, None),
        ({"creation_time": "tomorrow"}, 60.0, None),
        ({"creation_time": ""}, 60.0, None),
        (
            {"creation_time": UTC_TEXT, "com.android.version": "14"},
            90.0,
            EVENING.replace(minute=28, second=30),
        ),
        ({"creation_time": UTC_TEXT, "com.android.capture.fps": "30"}, float("nan"), None),
        (
            {"creation_time": UTC_TEXT, "com.apple.quicktime.creationdate": "2026-05-04T20:30:00+0400"},
            60.0,
            EVENING,
        ),
    ],
)
def test_when_a_recording_began(metadata: dict[str, str], duration_s: float, began: datetime | None) -> None:
    assert recording_began(metadata, duration_s) == began


def test_a_phones_own_time_zone_is_kept() -> None:
    began = recording_began({"com.apple.quicktime.creationdate": "2026-05-04T20:30:00+0400"}, 60.0)
    assert began is not None and began.isoformat() == "2026-05-04T20:30:00+04:00"


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59-12:00", "0001-01-01", "2200-01-01", "20260504T", "?"])
def test_times_that_are_none(text: str) -> None:
    assert time_of(text) is None


def test_containers_say_it(tmp_path: Path) -> None:
    with open_media(write_clip(tmp_path / "a.mp4", creation_time=UTC_TEXT)) as source:
        assert source.info.created == EVENING
    android = {"creation_time": UTC_TEXT, "com.android.version": "14"}
    with open_media(write_clip(tmp_path / "b.mp4", **android)) as source:
        assert source.info.created == EVENING - timedelta(seconds=source.info.duration_s)
    with open_media(write_clip(tmp_path / "c.mkv", creation_time=UTC_TEXT)) as source:
        assert source.info.created == EVENING
    with open_media(write_clip(tmp_path / "d.mp4")) as source:
        assert source.info.created is None
