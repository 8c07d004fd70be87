"""Makes clips to measure on: scaled to a size, and repeated to a length."""

from __future__ import annotations

from pathlib import Path

import av
import cv2
import numpy as np

from spotter.media.reader import open_media
from spotter.media.writer import VideoWriter


def scaled(clip: Path, target: Path, width: int, height: int, frames: int | None = None) -> Path:
    """The clip, or its first frames, as a new file of another size; returns ``target``."""
    with open_media(clip) as source, VideoWriter(target, width, height, source.info.fps) as video:
        for frame in source:
            if frame.index == frames:
                break
            image = cv2.resize(frame.image, (width, height), interpolation=cv2.INTER_AREA)
            video.write(np.asarray(image, np.uint8), frame.time_s)
    return target


def looped(clip: Path, target: Path, frames: int) -> Path:
    """The clip over and over until it has at least so many frames, not encoded anew; returns ``target``."""
    with av.open(str(clip)) as source, av.open(str(target), "w") as container:
        track = source.streams.video[0]
        copy = container.add_stream_from_template(track)
        packets = [packet for packet in source.demux(track) if packet.pts is not None]
        shift = written = 0
        while written < frames:
            for packet in packets:
                packet.pts, packet.dts = _later(packet.pts, shift), _later(packet.dts, shift)
                packet.stream = copy
                container.mux(packet)
            shift = sum(packet.duration or 0 for packet in packets)  # muxing may have changed the ticks
            written += len(packets)
    return target


def _later(ticks: int | None, shift: int) -> int | None:
    return None if ticks is None else ticks + shift
