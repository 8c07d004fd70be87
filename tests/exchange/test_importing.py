"""TCX and GPX of other programs, what XML can be made to do, and which session a recording belongs to."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from spotter.coach.heart import HeartRate
from spotter.errors import ExchangeError, MediaNotFoundError, MediaUnreadableError, MissingExtraError
from spotter.exchange.importing import Recorded, matched, read_recorded
from tests.exchange.sessions import EVENING, heart_of, squats

TCX = """<?xml version="1.0" encoding="{encoding}"?>
<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"><Activities>
<Activity Sport="Übung"><Id>2026-05-04T16:30:00Z</Id>
<Lap StartTime="2026-05-04T16:30:00.0000000Z"><TotalTimeSeconds>60</TotalTimeSeconds><Calories>7</Calories>
<Track>
<Trackpoint><Time>2026-05-04T16:30:01</Time><HeartRateBpm><Value>91</Value></HeartRateBpm></Trackpoint>
<Trackpoint><Time>2026-05-04T18:30:02+02:00</Time>
<HeartRateBpm><Value> 92 </Value></HeartRateBpm></Trackpoint>
<Trackpoint><Time>2026-05-04T16:30:03Z</Time></Trackpoint>
<Trackpoint><Time>when?</Time><HeartRateBpm><Value>93</Value></HeartRateBpm></Trackpoint>
<Trackpoint><Time>2026-05-04T16:30:05Z</Time><HeartRateBpm><Value>many</Value></HeartRateBpm></Trackpoint>
</Track></Lap>
<Lap StartTime="2026-05-04T16:31:00Z"><TotalTimeSeconds>30.5</TotalTimeSeconds><Calories>5</Calories></Lap>
</Activity></Activities></TrainingCenterDatabase>"""

GPX = """<gpx creator="Läufer" xmlns="http://www.topografix.com/GPX/1/1" xmlns:x="urn:x">
<trk><type>training</type>
<trkseg><trkpt lat="1" lon="2"><time>2026-05-04T16:30:00Z</time>
<extensions><x:TrackPointExtension><x:hr>80</x:hr></x:TrackPointExtension></extensions></trkpt></trkseg>
<trkseg><trkpt lat="1" lon="2"><time>2026-05-04T16:35:00Z</time>
<extensions><HeartRate>95</HeartRate></extensions>
</trkpt></trkseg></trk><trk><name>no times</name><trkseg><trkpt lat="1" lon="2"/></trkseg></trk></gpx>"""

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def written(tmp_path: Path, content: bytes | str, name: str = "a.xml") -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("encoding", ["UTF-8", "ISO-8859-1", "windows-1252", "UTF-16"])
def test_tcx_of_other_programs_in_their_encodings(tmp_path: Path, encoding: str) -> None:
    content = TCX.format(encoding=encoding).encode(encoding)
    (recorded,) = read_recorded(written(tmp_path, content))
    assert (recorded.sport, recorded.calories, recorded.duration_s) == ("Übung", 12, 90.5)
    assert recorded.started == EVENING
    assert recorded.heart_rate is not None
    assert recorded.heart_rate.time_s.tolist() == [1, 2]
    assert recorded.heart_rate.bpm.tolist() == [91, 92]


@pytest.mark.parametrize("before", ["          ", "\ufeff"], ids=["spaces", "byte order mark"])
def test_what_some_programs_write_before_the_declaration(tmp_path: Path, before: str) -> None:
    (recorded,) = read_recorded(written(tmp_path, before + TCX.format(encoding="UTF-8")))
    assert recorded.sport == "Übung"


def test_gpx_with_two_ways_to_say_the_heart(tmp_path: Path) -> None:
    (recorded,) = read_recorded(written(tmp_path, GPX))
    assert (recorded.sport, recorded.duration_s, recorded.source) == ("training", 300, "a.xml (Läufer)")
    assert recorded.heart_rate is not None
    assert recorded.heart_rate.bpm.tolist() == [80, 95]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (
            f'<!DOCTYPE gpx [<!ENTITY l0 "ha">{LAUGHS}]><gpx>&l9;</gpx>',
            "defines the entity 'l0', as XML bombs do",
        ),
        ('<!DOCTYPE gpx [<!ENTITY x SYSTEM "file:///etc/passwd">]><gpx>&x;</gpx>', "defines the entity 'x'"),
        ('<!DOCTYPE gpx [<!ENTITY % p SYSTEM "http://a.b/c">%p;]><gpx/>', "defines the entity 'p'"),
        ("<gpx><trk>&nbsp;</trk></gpx>", "is no whole XML: undefined entity"),
        (GPX[:-200], "is no whole XML: unclosed token in line 5, column 9"),
        (TCX.format(encoding="UTF-8")[:700], "is no whole XML"),
        (TCX.format(encoding="shift_jis").encode("utf-8"), "encoding that cannot be read"),
        (TCX.format(encoding="klingon").encode("utf-8"), "encoding that cannot be read|unknown encoding"),
        (TCX.format(encoding="UTF-8").encode("latin-1"), "is no whole XML: not well-formed .* in line 3"),
        ("<gpx/>", "holds no track that says when it was"),
        ("<TrainingCenterDatabase/>", "holds no activity that says when it was"),
        ("<html/>", "neither FIT, TCX, GPX nor Apple"),
        (b"\x1f\x8b\x08rest", "packed with gzip"),
        (b"PK\x03\x04rest", "is an archive that is cut or damaged"),
        ("", "is empty"),
    ],
)
def test_bad_files_are_refused_in_one_sentence(tmp_path: Path, content: bytes | str, said: str) -> None:
    with pytest.raises(ExchangeError, match=said):
        read_recorded(written(tmp_path, content))


def test_times_of_a_clock_that_was_never_set_are_none(tmp_path: Path) -> None:
    content = TCX.format(encoding="UTF-8").replace("2026-05-04", "0001-01-01")
    with pytest.raises(ExchangeError, match="holds no activity that says when it was"):
        read_recorded(written(tmp_path, content))


def test_without_the_safe_parser_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "defusedxml.ElementTree", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'spotter-coach\[records\]'"):
        read_recorded(written(tmp_path, GPX))


def test_files_that_are_not_there_or_are_folders(tmp_path: Path) -> None:
    with pytest.raises(MediaNotFoundError):
        read_recorded(tmp_path / "none.fit")
    with pytest.raises(MediaUnreadableError):
        read_recorded(tmp_path)


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(-3, None), (-2, 11), (0, 121), (1, 61), (2, 11), (3, None)],
)
def test_a_recording_gives_what_it_has_of_the_sessions_time(minutes: int, expected: int | None) -> None:
    started = (EVENING + timedelta(minutes=minutes)).astimezone(UTC)
    found = matched(squats(heart=False), Recorded(started, 131.0, "training", heart_of(131)))
    if expected is None:
        assert found is None
    else:
        assert found is not None and found.heart_rate is not None
        assert len(found.heart_rate.bpm) == expected
        assert 0 <= found.heart_rate.time_s[0] <= found.heart_rate.time_s[-1] <= 130.5


def test_what_the_session_knows_better_is_kept() -> None:
    sparse = Recorded(EVENING, 131.0, "training", HeartRate(np.array([5.0]), np.array([70], np.float32)))
    kept = matched(squats(), sparse)
    assert kept is not None and kept.heart_rate is not None
    assert len(kept.heart_rate.bpm) == 121
    assert matched(squats(heart=False), replace(sparse, heart_rate=None)) is None
    assert matched(squats(datetime(1999, 1, 1, tzinfo=UTC)), sparse) is None
