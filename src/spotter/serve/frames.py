"""Camera frames as they come over a WebSocket: taken apart, looked at from outside, decoded."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spotter.media.picture_kind import PictureKind, picture_kind
from spotter.media.pictures import decoded
from spotter.serve.config import Limits
from spotter.serve.messages import ErrorCode

HEADER = struct.Struct("<IId")
"""Before the picture: its number, zero, and its time in seconds."""

_FORMATS = ("JPEG", "PNG", "WebP")
_HEAD_BYTES = 65_536  # where a picture's size must stand; a longer search could be made to last
_MOST_SCANS = (
    64  # of a progressive JPEG, each of which is a pass over all pixels; cameras send one, others ten
)
_SCAN = b"\xff\xda"
_JPEG_END = b"\xff\xd9"
_PNG_END = b"IEND\xaeB`\x82"
_WANTED_SIDE = 960  # as much as a body needs that fills half of the picture's height
_LATEST_S = 1e9


class FrameError(Exception):
    """A frame that cannot be used.

    Attributes:
        code: of the error message to the client.
        seq: the frame's number, as far as it is known.
    """

    def __init__(self, code: ErrorCode, message: str, seq: int | None = None) -> None:
        super().__init__(message)
        self.code: ErrorCode = code
        self.seq = seq


@dataclass(frozen=True, slots=True)
class SentFrame:
    """A frame that is not decoded yet.

    Attributes:
        seq: the client's number for it.
        time_s: by the client's clock.
        arrived_s: by this machine's ``time.perf_counter``.
        picture: a whole JPEG, PNG or WebP file, or what pretends to be one.
    """

    seq: int
    time_s: float
    arrived_s: float
    picture: bytes


def read_frame(message: bytes, arrived_s: float, limits: Limits) -> SentFrame:
    """Take a binary message apart; the picture is not looked at yet.

    Raises:
        FrameError: it is too short, too large, or its header is wrong.

    >>> message = HEADER.pack(7, 0, 1.5) + b"..."
    >>> read_frame(message, 0.0, Limits()).seq
    7
    """
    if len(message) <= HEADER.size:
        raise FrameError(
            "bad_message",
            f"a frame is {HEADER.size} bytes of header and a picture, but {len(message)} bytes came",
        )
    seq, zero, time_s = HEADER.unpack_from(message)
    if zero or not math.isfinite(time_s) or abs(time_s) > _LATEST_S:
        raise FrameError(
            "bad_message",
            "a frame's header is its number (uint32), four bytes of zeros and its time in seconds (float64), "
            "all little-endian",
            seq,
        )
    size = len(message) - HEADER.size
    if size > limits.frame_bytes:
        raise FrameError(
            "too_large",
            f"the picture has {size:,} bytes; at most {limits.frame_bytes:,} are taken: "
            "send it smaller, or at a lower quality",
            seq,
        )
    return SentFrame(seq, time_s, arrived_s, bytes(message[HEADER.size :]))


def decode_frame(frame: SentFrame, limits: Limits) -> NDArray[np.uint8]:
    """The frame's pixels, RGB uint8 (height, width, 3); a large picture is decoded at a half or less.

    What the header says is checked before any pixel is decoded.

    Raises:
        FrameError: it is no picture, breaks off, or is larger than the limits allow.
    """
    kind = picture_kind(frame.picture[:_HEAD_BYTES])
    if kind is None or kind.format not in _FORMATS or not (kind.width and kind.height):
        raise FrameError("not_a_picture", f"the frame is no {', '.join(_FORMATS)} picture", frame.seq)
    if max(kind.width, kind.height) > limits.frame_side:
        raise FrameError(
            "too_large",
            f"the picture is {kind.width} by {kind.height} pixels; at most {limits.frame_side} a side are "
            "taken: send it smaller, 640 by 480 is enough",
            frame.seq,
        )
    wrong = _what_is_wrong(kind, frame.picture)
    wanted = _WANTED_SIDE if max(kind.width, kind.height) >= 2 * _WANTED_SIDE else None
    image = None if wrong else decoded(np.frombuffer(frame.picture, np.uint8), kind, max_side=wanted)
    if image is None:
        raise FrameError(
            "not_a_picture", f"the {kind.format} picture {wrong or 'cannot be decoded'}", frame.seq
        )
    return image


def _what_is_wrong(kind: PictureKind, data: bytes) -> str:
    """What a picture file shows from outside, in words that follow "the picture"; empty if nothing."""
    if kind.format == "JPEG":
        if not data.rstrip(b"\0").endswith(_JPEG_END):
            return "breaks off"
        if data.count(_SCAN) > _MOST_SCANS:
            return f"has more than {_MOST_SCANS} scans"
    elif kind.format == "PNG":
        if not data.endswith(_PNG_END):
            return "breaks off"
    elif kind.animated:
        return "is a film"
    else:
        (size,) = struct.unpack_from("<I", data, 4)
        if len(data) < size + 8:
            return "breaks off"
    return ""
