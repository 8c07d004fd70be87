"""The heart rate characteristic: each form of packet, wrong lengths, gaps and beats."""

from __future__ import annotations

import numpy as np
import pytest

from spotter.coach.heart import gaps
from spotter.errors import DeviceError
from spotter.exchange.heart_rate import HeartRecorder, decode_heart_rate


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
