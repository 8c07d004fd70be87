"""FIT files of other programs, whole, cut, damaged and strange."""

from __future__ import annotations

import struct
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from garmin_fit_sdk import CrcCalculator, Encoder, Profile

from spotter.errors import ExchangeError
from spotter.exchange.fit import fit_bytes
from spotter.exchange.importing import Recorded, matched, read_recorded
from tests.exchange.sessions import BERLIN, EVENING, squats

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "watch.fit"
    path.write_bytes(content)
    return path


def encoded(*messages: tuple[str, dict[str, Any]]) -> bytes:
    encoder = Encoder()
    for name, message in messages:
        encoder.write_mesg({"mesg_num": Profile["mesg_num"][name], **message})
    return encoder.close()


def read(tmp_path: Path, content: bytes) -> Recorded:
    (recorded,) = read_recorded(written(tmp_path, content))
    return recorded


FILE_ID = ("FILE_ID", {"type": "activity", "manufacturer": "garmin", "time_created": NOON})


def record(seconds: float, bpm: int) -> tuple[str, dict[str, Any]]:
    return "RECORD", {"timestamp": NOON + timedelta(seconds=seconds), "heart_rate": bpm}


def activity(start_s: float, took_s: float, **more: Any) -> tuple[str, dict[str, Any]]:
    start = NOON + timedelta(seconds=start_s)
    return "SESSION", {
        "timestamp": start + timedelta(seconds=took_s),
        "start_time": start,
        "total_elapsed_time": took_s,
        "sport": "running",
        **more,
    }


def test_what_was_exported_is_read_again(tmp_path: Path) -> None:
    session = squats()
    recorded = read(tmp_path, fit_bytes(session))
    assert recorded.started == EVENING
    assert recorded.started.utcoffset() == timedelta(hours=2)
    assert recorded.duration_s == pytest.approx(130.5, abs=0.001)
    assert (recorded.sport, recorded.calories, recorded.warnings) == ("strength_training", None, ())
    heart, own = recorded.heart_rate, session.heart_rate
    assert heart is not None and own is not None
    np.testing.assert_array_equal(heart.time_s, own.time_s)
    np.testing.assert_array_equal(heart.bpm, own.bpm)
    np.testing.assert_allclose(heart.rr_s, own.rr_s)
    np.testing.assert_allclose(heart.rr_time_s, own.rr_time_s, atol=1.0)
    found = matched(squats(heart=False), recorded)
    assert found is not None and found.heart_rate is not None
    np.testing.assert_array_equal(found.heart_rate.bpm, own.bpm[own.time_s <= 130.5])


@pytest.mark.parametrize("part", [0.25, 0.5, 0.9, 0.999])
def test_a_file_that_is_cut_gives_what_is_whole(tmp_path: Path, part: float) -> None:
    whole = fit_bytes(squats())
    recorded = read(tmp_path, whole[: int(len(whole) * part)])
    assert recorded.warnings[0] == f"it is cut: it ends at byte {int(len(whole) * part)} of {len(whole)}"
    heart = recorded.heart_rate
    assert heart is not None
    assert recorded.started == EVENING
    np.testing.assert_array_equal(heart.bpm, squats().heart_rate.bpm[: len(heart.bpm)])  # type: ignore[union-attr]


def test_a_cut_at_any_byte_is_a_warning_or_one_sentence(tmp_path: Path) -> None:
    whole = encoded(FILE_ID, *(record(second, 80 + second) for second in range(4)), activity(0, 4))
    told = 0
    for length in range(1, len(whole)):
        try:
            recorded = read(tmp_path, whole[:length])
        except ExchangeError as error:
            assert f"byte {length}" in str(error)
        else:
            told += 1
            assert recorded.warnings and f"byte {length} of {len(whole)}" in recorded.warnings[0]
    assert told > 40


def test_any_wrong_byte_is_a_warning_or_one_sentence_or_harmless(tmp_path: Path) -> None:
    whole = encoded(FILE_ID, *(record(second, 80 + second) for second in range(4)), activity(0, 4))
    for place in range(0, len(whole), 3):
        broken = bytearray(whole)
        broken[place] ^= 0xFF
        try:
            found = read_recorded(written(tmp_path, bytes(broken)))
        except ExchangeError:
            continue
        assert place in range(2, 4) or place in range(12, 14) or found[0].warnings, place


def test_a_wrong_checksum_is_told_with_its_byte(tmp_path: Path) -> None:
    whole = bytearray(fit_bytes(squats()))
    whole[-1] ^= 0x55
    recorded = read(tmp_path, bytes(whole))
    assert recorded.warnings[0].startswith(f"its checksum at byte {len(whole) - 2} is wrong")
    assert recorded.heart_rate is not None and len(recorded.heart_rate.bpm) == 121


def test_a_file_that_was_never_finished_is_read_all_the_same(tmp_path: Path) -> None:
    whole = bytearray(fit_bytes(squats()))
    struct.pack_into("<I", whole, 4, 0)
    recorded = read(tmp_path, bytes(whole[: len(whole) // 2]))
    assert recorded.warnings[0].startswith("it was never finished")
    assert recorded.heart_rate is not None and len(recorded.heart_rate.bpm) > 30


def test_a_header_of_twelve_bytes_and_numbers_of_the_other_order(tmp_path: Path) -> None:
    began = int((NOON - datetime(1989, 12, 31, tzinfo=UTC)).total_seconds())
    data = bytes([0x40, 0, 1]) + struct.pack(">H", 20) + bytes([2, 253, 4, 0x86, 3, 1, 0x02])
    data += b"".join(b"\0" + struct.pack(">IB", began + second, 100 + second) for second in range(3))
    head = struct.pack("<BBHI4s", 12, 0x10, 100, len(data), b".FIT")
    crc = CrcCalculator.calculate_crc(bytearray(head + data), 0, len(head + data))
    recorded = read(tmp_path, head + data + struct.pack("<H", crc))
    assert recorded.warnings == () and recorded.started == NOON
    assert recorded.heart_rate is not None
    assert recorded.heart_rate.bpm.tolist() == [100, 101, 102]


def test_several_activities_share_their_readings_out(tmp_path: Path) -> None:
    content = encoded(
        FILE_ID,
        *(record(second, 90) for second in range(0, 100, 10)),
        *(record(second, 150) for second in range(1000, 1100, 10)),
        activity(1000, 100, sub_sport="strength_training", sport="training", total_calories=42),
        activity(0, 100, sub_sport="generic"),
    )
    first, second = read_recorded(written(tmp_path, content))
    assert (first.sport, second.sport, second.calories) == ("running", "strength_training", 42)
    assert first.heart_rate is not None and second.heart_rate is not None
    assert (set(first.heart_rate.bpm), set(second.heart_rate.bpm)) == ({90}, {150})
    assert first.warnings == second.warnings == ()


def test_a_clock_that_jumps_is_told(tmp_path: Path) -> None:
    content = encoded(
        FILE_ID, record(0, 90), record(86_400 * 400, 95), record(1, 91), record(1, 99), activity(0, 5)
    )
    recorded = read(tmp_path, content)
    assert "1 readings of the heart lie outside" in recorded.warnings[0]
    assert recorded.heart_rate is not None
    assert recorded.heart_rate.time_s.tolist() == [0, 1]


@pytest.mark.parametrize("hours", [-9.5, 0, 5.75, 14])
def test_the_watchs_time_zone_is_kept(tmp_path: Path, hours: float) -> None:
    zone = timezone(timedelta(hours=hours))
    recorded = read(tmp_path, fit_bytes(squats(EVENING.astimezone(zone))))
    assert recorded.started.utcoffset() == timedelta(hours=hours)
    assert recorded.started == EVENING


def test_over_the_end_of_summer_time_the_times_still_match(tmp_path: Path) -> None:
    session = squats(datetime(2026, 10, 25, 2, 59, tzinfo=BERLIN, fold=0))
    recorded = read(tmp_path, fit_bytes(session))
    found = matched(replace(session, heart_rate=None), recorded)
    assert found is not None and found.heart_rate is not None
    assert len(found.heart_rate.bpm) == 121
    later = squats(datetime(2026, 10, 25, 2, 59, tzinfo=BERLIN, fold=1))
    assert matched(replace(later, heart_rate=None), recorded) is None


def test_fields_of_several_numbers_where_one_is_wanted_are_not_known(tmp_path: Path) -> None:
    content = encoded(
        FILE_ID,
        record(0, 90),
        record(3, 91),
        activity(0, 5, total_elapsed_time=[4.0, 5.0], total_calories=[1, 2]),
    )
    recorded = read(tmp_path, content)
    assert (recorded.started, recorded.duration_s, recorded.calories) == (NOON, 0.0, None)
    assert recorded.heart_rate is not None and recorded.heart_rate.bpm.tolist() == [90, 91]


def test_files_that_hold_no_activity(tmp_path: Path) -> None:
    settings = encoded(("FILE_ID", {"type": "settings", "manufacturer": "garmin", "time_created": NOON}))
    with pytest.raises(ExchangeError, match="of the kind 'settings' and holds no activity"):
        read_recorded(written(tmp_path, settings))
    with pytest.raises(ExchangeError, match="ends at byte 5, within the header"):
        read_recorded(written(tmp_path, settings[:5]))
