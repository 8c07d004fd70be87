"""The heart rate characteristic: each form of packet, wrong lengths, gaps, beats and recovery."""

from __future__ import annotations

import math

import numpy as np
import pytest

from spotter.coach.session import HeartRate, SessionSet
from spotter.errors import DeviceError
from spotter.exchange.heart_rate import HeartRecorder, decode_heart_rate, gaps
from spotter.exchange.recovery import recoveries, rest_cue, rest_rule


@pytest.mark.parametrize(
    "packet",
    ["", "00", "0048ff", "01ff", "0848", "084800", "1048", "104800", "10480004ff", "18480100", "1848010000"],
)
def test_a_packet_of_wrong_length_is_told(packet: str) -> None:
    with pytest.raises(DeviceError, match=r"the strap sent \d+ bytes .* wanted were"):
        decode_heart_rate(bytes.fromhex(packet))


@pytest.mark.parametrize(
    ("packet", "bpm", "contact", "energy", "rr"),
    [
        ("0048", 72, None, None, ()),
        ("010301", 259, None, None, ()),
        ("0448", 72, False, None, ()),
        ("0648", 72, True, None, ()),
        ("0248", 72, None, None, ()),  # touch is said, but not supported
        ("08480a01", 72, None, 266, ()),
        ("10480004", 72, None, None, (1.0,)),
        ("1650000359ff02", 80, True, None, None),
        ("1e46ffff00040002", 70, True, 65535, (1.0, 0.5)),
        ("1f2c01050000020004", 300, True, 5, (0.5, 1.0)),
    ],
)
def test_every_form_of_packet(
    packet: str, bpm: int, contact: bool | None, energy: int | None, rr: tuple[float, ...] | None
) -> None:
    if rr is None:  # an odd byte is left over
        with pytest.raises(DeviceError):
            decode_heart_rate(bytes.fromhex(packet))
        return
    read = decode_heart_rate(bytes.fromhex(packet))
    assert (read.bpm, read.contact, read.energy_kj, read.rr_s) == (bpm, contact, energy, rr)


def test_what_no_heart_sent_is_not_noted() -> None:
    recorder = HeartRecorder()
    for second, packet in enumerate(["0650", "0450", "0600", "16", "0651"]):
        recorder.push(float(second), bytes.fromhex(packet))
    heart = recorder.heart_rate()
    assert heart.time_s.tolist() == [0.0, 4.0] and heart.bpm.tolist() == [80.0, 81.0]
    assert recorder.heart_rate(since_s=1.5).time_s.tolist() == [2.5]
    assert gaps(heart) == [(0.0, 4.0)]
    assert recorder.skipped == 1 and "1 bytes (16)" in recorder.told


def test_a_clock_that_does_not_grow_adds_nothing() -> None:
    recorder = HeartRecorder()
    for time_s in (1.0, 1.0, 0.5, 2.0):
        recorder.push(time_s, bytes([0, 70]))
    assert recorder.heart_rate().time_s.tolist() == [1.0, 2.0]


def test_beats_follow_one_another_and_begin_anew_after_a_gap() -> None:
    recorder = HeartRecorder()
    half = (512).to_bytes(2, "little")
    for time_s in (1.0, 2.1, 2.9, 60.0):  # packets come unevenly, the heart beats evenly
        recorder.push(time_s, bytes([0x10, 120]) + half + half)
    heart = recorder.heart_rate()
    assert np.diff(heart.rr_time_s).tolist() == [0.5] * 5 + [56.5, 0.5]
    assert heart.rr_time_s[-1] == 60.0
    assert heart.rr_s.tolist() == [0.5] * 8


def test_an_empty_recording() -> None:
    heart = HeartRecorder().heart_rate()
    assert len(heart.time_s) == 0 and gaps(heart) == []
    assert rest_cue(heart, 0.0, 100.0) is None


def heart_after(later_bpm: float, lost_from_s: float = math.inf) -> HeartRate:
    """80 before the set, 150 at its end at 30 s, and so much a minute later."""
    time_s = np.arange(0.0, 150.0)
    bpm = np.interp(time_s, [0, 30, 90, 150], [80, 150, later_bpm, later_bpm]).astype(np.float32)
    kept = time_s < lost_from_s
    return HeartRate(time_s[kept], bpm[kept])


def test_recovery_is_unknown_where_the_strap_was_lost_or_the_rest_was_short() -> None:
    sets = [SessionSet("squat", 5.0, 30.0), SessionSet("squat", 70.0, 88.0)]
    first, second = recoveries(sets[::-1], heart_after(110))
    assert math.isnan(first.drop_bpm) and first.peak_bpm == pytest.approx(147, abs=3)
    assert second.end_s == 88.0 and math.isfinite(second.drop_bpm)
    (lost,) = recoveries(sets[:1], heart_after(110, lost_from_s=60.0))
    assert math.isnan(lost.drop_bpm)
    (found,) = recoveries(sets[:1], heart_after(110))
    assert found.drop_bpm == pytest.approx(37, abs=3)


def test_resting_longer_is_said_only_where_the_heart_stays_fast() -> None:
    after_s = 30.0 + rest_rule().after_s
    assert rest_cue(heart_after(143), 30.0, after_s - 1) is None
    cue = rest_cue(heart_after(143), 30.0, after_s + 2)
    assert cue is not None and cue.text.startswith("Rest a little longer") and cue.since_s == after_s
    assert rest_cue(heart_after(120), 30.0, after_s + 2) is None
    assert rest_cue(heart_after(143, lost_from_s=60.0), 30.0, after_s + 2) is None
    calm = HeartRate(np.arange(0.0, 150.0), np.full(150, 82, np.float32))
    assert rest_cue(calm, 30.0, after_s) is None
    assert "Cole" in rest_rule().source
