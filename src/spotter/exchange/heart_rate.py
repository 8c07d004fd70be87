"""Heart rate as a strap sends it: the Bluetooth characteristic 0x2A37, and what is recorded of it."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

from spotter.coach.heart import HeartRate
from spotter.errors import DeviceError

HEART_RATE_SERVICE = "0000180d-0000-1000-8000-00805f9b34fb"
"""The standard heart rate service."""

HEART_RATE_MEASUREMENT = "00002a37-0000-1000-8000-00805f9b34fb"
"""The characteristic that it sends about once a second."""

_SIXTEEN_BITS, _TOUCHES, _KNOWS_TOUCH, _HAS_ENERGY, _HAS_RR = 1, 2, 4, 8, 16
_RR_UNIT_S = 1 / 1024
_SAME_BEATS_S = 2.0  # packets come up to a second late: within this, beats follow on those before


@dataclass(frozen=True, slots=True)
class HeartRateMeasurement:
    """One notification of a strap.

    Attributes:
        bpm: beats a minute; 0 where the strap finds none.
        contact: whether the strap touches the skin; None where it cannot tell.
        energy_kj: energy spent since its last reset, in kilojoules; None where it is not sent.
        rr_s: seconds between one beat and the next, the oldest first.
    """

    bpm: int
    contact: bool | None = None
    energy_kj: int | None = None
    rr_s: tuple[float, ...] = ()

    @property
    def believable(self) -> bool:
        """A heart was heard: there is a rate, and the strap does not say that it hangs in the air."""
        return self.bpm > 0 and self.contact is not False


def decode_heart_rate(packet: bytes) -> HeartRateMeasurement:
    """Decode a Heart Rate Measurement (Bluetooth SIG, Heart Rate Service 1.0, section 3.1).

    Args:
        packet: the characteristic's value: flags, the rate in 8 or 16 bits, then what the flags announce.

    Raises:
        DeviceError: the packet is not as long as its flags say.

    >>> decode_heart_rate(bytes([0x16, 72, 0x00, 0x04]))
    HeartRateMeasurement(bpm=72, contact=True, energy_kj=None, rr_s=(1.0,))
    """
    if not packet:
        raise _wrong_length(packet, "at least 2")
    flags = packet[0]
    head = "<BH" if flags & _SIXTEEN_BITS else "<BB"
    if flags & _HAS_ENERGY:
        head += "H"
    size = struct.calcsize(head)
    rest = len(packet) - size
    if flags & _HAS_RR:
        if rest < 2 or rest % 2:
            raise _wrong_length(packet, f"{size} and 2 for each RR interval")
    elif rest:
        raise _wrong_length(packet, str(size))
    _, bpm, *energy = struct.unpack_from(head, packet)
    intervals = struct.unpack_from(f"<{rest // 2}H", packet, size)
    return HeartRateMeasurement(
        bpm=bpm,
        contact=bool(flags & _TOUCHES) if flags & _KNOWS_TOUCH else None,
        energy_kj=energy[0] if energy else None,
        rr_s=tuple(interval * _RR_UNIT_S for interval in intervals),
    )


class HeartRecorder:
    """Collects a strap's packets into a `HeartRate`.

    A packet of wrong length is skipped and told; without contact or rate nothing is noted. So a lost strap
    leaves a gap in the times, and nothing is filled in.

    Attributes:
        latest: the last measurement that was decoded; None before the first.
        heard_s: when the last packet came, NaN before the first.
        skipped: how many packets were of wrong length.
        told: what was wrong with the last one of those; empty if none was.

    >>> recorder = HeartRecorder()
    >>> recorder.push(0.0, bytes([0, 70]))
    >>> recorder.push(1.0, bytes([0, 72, 99]))
    >>> recorder.push(9.0, bytes([0, 75]))
    >>> recorder.heart_rate().time_s.tolist(), recorder.heart_rate().bpm.tolist(), recorder.skipped
    ([0.0, 9.0], [70.0, 75.0], 1)
    """

    def __init__(self) -> None:
        self.latest: HeartRateMeasurement | None = None
        self.heard_s = float("nan")
        self.skipped = 0
        self.told = ""
        self._rates: list[tuple[float, int]] = []
        self._beats: list[tuple[float, float]] = []

    def push(self, time_s: float, packet: bytes) -> None:
        """Take a packet that came at a time, in seconds from when listening began."""
        try:
            measurement = decode_heart_rate(packet)
        except DeviceError as error:
            self.skipped += 1
            self.told = str(error)
            return
        self.latest, self.heard_s = measurement, time_s
        if not measurement.believable:
            return
        if not self._rates or time_s > self._rates[-1][0]:
            self._rates.append((time_s, measurement.bpm))
        self._add_beats(time_s, measurement.rr_s)

    def heart_rate(self, since_s: float = 0.0) -> HeartRate:
        """Everything up to now.

        Args:
            since_s: when the session began, on the packets' clock; times count from then, and what was heard
                before is left out.
        """
        # copied first, because the strap's thread may add to them meanwhile
        rates = [(time_s - since_s, bpm) for time_s, bpm in list(self._rates) if time_s >= since_s]
        beats = [(time_s - since_s, rr_s) for time_s, rr_s in list(self._beats) if time_s >= since_s]
        return HeartRate(
            time_s=np.array([time_s for time_s, _ in rates], np.float64),
            bpm=np.array([bpm for _, bpm in rates], np.float32),
            rr_time_s=np.array([time_s for time_s, _ in beats], np.float64),
            rr_s=np.array([rr_s for _, rr_s in beats], np.float32),
        )

    def _add_beats(self, time_s: float, intervals: tuple[float, ...]) -> None:
        """Beats follow on one another; after a gap the last of a packet is taken to come with the packet."""
        if not intervals:
            return
        before = self._beats[-1][0] if self._beats else -np.inf
        beat = time_s - sum(intervals)
        if abs(beat - before) < _SAME_BEATS_S or beat < before:
            beat = before
        for interval in intervals:
            beat += interval
            if interval > 0:
                self._beats.append((beat, interval))


def _wrong_length(packet: bytes, wanted: str) -> DeviceError:
    said = packet.hex(" ") or "nothing"
    return DeviceError(
        f"the strap sent {len(packet)} bytes ({said}), but wanted were {wanted}; the packet was skipped"
    )
