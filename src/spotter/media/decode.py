"""Decoding that carries on past damage and keeps a note of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import av
from av.container import InputContainer
from av.video.stream import VideoStream

# Reading can fail for a moment and go on; failing this often in a row, it has met the end of what is there.
_READ_ATTEMPTS = 5
_MOST_THREADS = 8
# A transport stream marks the packet before a gap, such as a joint of two files: it is mostly whole.
_MARKS_GAPS = "mpegts"
# Each decoding thread holds pictures of its own: this keeps an 8K stream from filling the memory.
_THREADS_BYTES = 128 * 2**20


@dataclass(slots=True)
class Damage:
    """What could not be decoded so far.

    Attributes:
        packets: how many pieces of the stream were left out.
        reason: ffmpeg's words for the first failure; empty where all is well.
        first_pts: the time stamp of the first piece that failed, in units of the stream; None where unknown.
        read_failed: whether the reading itself ended with an error.
    """

    packets: int = 0
    reason: str = ""
    first_pts: int | None = None
    read_failed: bool = False

    def note(self, reason: str, pts: int | None = None) -> None:
        """Count one more piece left out."""
        if not self.packets:
            self.reason, self.first_pts = reason, pts
        self.packets += 1


def set_threads(stream: VideoStream, *, low_delay: bool) -> None:
    """Decode on several cores; with ``low_delay`` they share one picture, so that none is held back."""
    context = stream.codec_context
    context.thread_type = "SLICE" if low_delay else "AUTO"
    frame_bytes = max(1, context.width * context.height * 3 // 2)
    context.thread_count = max(1, min(os.cpu_count() or 1, _MOST_THREADS, _THREADS_BYTES // frame_bytes))


def decoded_frames(container: InputContainer, stream: VideoStream, damage: Damage) -> Iterator[av.VideoFrame]:
    """Every frame of the stream that decodes, in the order shown; what does not is noted in ``damage``."""
    for packet in _packets(container, stream, damage):
        if packet.is_corrupt and container.format.name != _MARKS_GAPS:
            damage.note("cut short", packet.pts)
            continue
        try:
            frames = packet.decode()
        except av.FFmpegError as error:
            damage.note(str(error.strerror), packet.pts)
            continue
        yield from frames


def _packets(
    container: InputContainer, stream: VideoStream, damage: Damage
) -> Iterator[av.Packet[VideoStream]]:
    packets = container.demux(stream)
    failures = 0
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError as error:
            damage.note(str(error.strerror))
            failures += 1
            if failures == _READ_ATTEMPTS:
                damage.read_failed = True
                yield _last_packet(stream)
                return
            packets = container.demux(stream)
            continue
        if packet is None:
            return
        failures = 0
        yield packet


def _last_packet(stream: VideoStream) -> av.Packet[VideoStream]:
    """The empty packet that makes a decoder hand out the frames that it still holds."""
    packet = cast("av.Packet[VideoStream]", av.Packet())
    packet.stream = stream
    if stream.time_base is not None:
        packet.time_base = stream.time_base
    return packet
