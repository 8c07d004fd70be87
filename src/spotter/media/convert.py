"""From a decoded picture as the codec left it to an upright RGB picture with square pixels."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

import av
import cv2
import numpy as np
from av.buffer import Buffer
from av.video.reformatter import Colorspace, Interpolation, VideoReformatter
from numpy.typing import NDArray

from spotter.errors import MediaFormatError

_COLORSPACE_UNSPECIFIED = 2
# Players take an unmarked picture of high definition as BT.709 and a smaller one as BT.601; so do we.
_HD_WIDTH, _HD_HEIGHT = 1280, 576
# swscale has a direct way to RGB from planar 8 bit only; two direct steps take a third of its general way.
_PLANAR_FIRST = frozenset({"yuv420p10le", "p010le", "nv12", "nv21"})
# A pixel more oblong than this is a broken header, not a lens.
_LONGEST_PIXEL = 10


@dataclass(frozen=True, slots=True)
class Orientation:
    """How a stored picture is turned to stand upright: first transposed, then flipped.

    Attributes:
        transposed: rows become columns.
        flipped_x: left and right change places, after the transposition.
        flipped_y: top and bottom change places, after the transposition.

    >>> Orientation(transposed=True, flipped_x=True, flipped_y=False).rotation_deg
    90
    >>> Orientation.from_matrix(0, 1, -1, 0).apply(np.array([[1, 2]], np.uint8)).tolist()
    [[1], [2]]
    """

    transposed: bool = False
    flipped_x: bool = False
    flipped_y: bool = False

    @classmethod
    def from_matrix(cls, a: float, b: float, c: float, d: float) -> Orientation:
        """From a display matrix (ISO 14496-12): x' = a x + c y, y' = b x + d y; to the nearest quarter."""
        if abs(b) + abs(c) > abs(a) + abs(d):
            return cls(True, c < 0, b < 0)
        return cls(False, a < 0, d < 0)

    @property
    def rotation_deg(self) -> int:
        """The clockwise turn, one of 0, 90, 180, 270; in a mirrored picture left and right swap after it."""
        if self.transposed:
            return 270 if self.flipped_y else 90
        return 180 if self.flipped_y else 0

    def apply(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The picture turned; the same array where there is nothing to do."""
        if self.transposed:
            image = np.asarray(cv2.transpose(image), np.uint8)
        if self.flipped_x or self.flipped_y:
            axes = -1 if self.flipped_x and self.flipped_y else int(self.flipped_x)
            image = np.asarray(cv2.flip(image, axes), np.uint8)
        return image


def orientation_of(frame: av.VideoFrame) -> Orientation:
    """How a decoded frame is to be turned, from the display matrix that came with it."""
    try:
        matrix = frame.side_data.get("DISPLAYMATRIX")
    except ValueError:  # PyAV knows no name for some newer kinds of side data and then lists none at all
        angle = math.radians(-frame.rotation)
        return Orientation.from_matrix(math.cos(angle), math.sin(angle), -math.sin(angle), math.cos(angle))
    if matrix is None:
        return Orientation()
    a, b, _, c, d = struct.unpack_from("=5i", bytes(cast(Buffer, matrix)))
    return Orientation.from_matrix(a, b, c, d)


def square_pixel_size(width: int, height: int, pixel_aspect: Fraction | None) -> tuple[int, int]:
    """The size (width, height) that shows a picture undistorted: the shorter side of its pixels is stretched.

    >>> square_pixel_size(720, 576, Fraction(64, 45))
    (1024, 576)
    """
    if not pixel_aspect or not 1 / _LONGEST_PIXEL <= pixel_aspect <= _LONGEST_PIXEL:
        return width, height
    if pixel_aspect >= 1:
        return round(width * pixel_aspect), height
    return width, round(height / pixel_aspect)


def limited_size(width: int, height: int, max_side: int | None) -> tuple[int, int]:
    """The size (width, height), shrunk in proportion until the longer side is at most ``max_side``.

    >>> limited_size(7680, 4320, 1920)
    (1920, 1080)
    """
    longest = max(width, height)
    if max_side is None or longest <= max_side:
        return width, height
    return max(1, round(width * max_side / longest)), max(1, round(height * max_side / longest))


def letterboxed(image: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """The picture in the middle of a black one of (height, width), shrunk or enlarged in proportion to fit.

    >>> letterboxed(np.full((2, 2, 3), 9, np.uint8), 4, 2)[0, :, 0].tolist()
    [0, 9, 9, 0]
    """
    if image.shape[:2] == (height, width):
        return image
    scale = min(width / image.shape[1], height / image.shape[0])
    inner_w, inner_h = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    canvas = np.zeros((height, width, 3), np.uint8)
    top, left = (height - inner_h) // 2, (width - inner_w) // 2
    inner = cv2.resize(image, (inner_w, inner_h), interpolation=method)
    canvas[top : top + inner_h, left : left + inner_w] = inner
    return canvas


class RgbConverter:
    """Makes upright RGB uint8 pictures of shape (height, width, 3) of the frames of one stream.

    Colour conversion and scaling are one pass of swscale; where the size stays, its direct YUV to RGB path is
    used. A frame whose size differs from the first one's is letterboxed.

    Args:
        first: the stream's first frame; its size and orientation hold for the whole stream.
        pixel_aspect: width of a stored pixel over its height; None where unknown.
        max_side: the longest side wanted, in pixels; None for as it is.
    """

    def __init__(self, first: av.VideoFrame, pixel_aspect: Fraction | None, max_side: int | None) -> None:
        self._to_rgb, self._to_planar = VideoReformatter(), VideoReformatter()
        self._pixel_aspect = pixel_aspect
        self._max_side = max_side
        self._orientation = orientation_of(first)
        width, height = self._scaled_size(first)
        self.width, self.height = (height, width) if self._orientation.transposed else (width, height)

    @property
    def rotation_deg(self) -> int:
        """The clockwise turn that is applied."""
        return self._orientation.rotation_deg

    def convert(self, frame: av.VideoFrame) -> NDArray[np.uint8]:
        """The frame as a C-contiguous, writable array of its own.

        Raises:
            MediaFormatError: if its pixel format cannot be turned into RGB.
        """
        width, height = self._scaled_size(frame)
        source = frame
        if frame.format.name in _PLANAR_FIRST and (width, height) == (frame.width, frame.height):
            source = self._to_planar.reformat(frame, format="yuv420p", threads=1)
        shrinks = width < frame.width or height < frame.height
        try:
            rgb = self._to_rgb.reformat(
                source,
                width,
                height,
                "rgb24",
                src_colorspace=_colorspace(frame),
                interpolation=Interpolation.AREA if shrinks else Interpolation.BILINEAR,
                threads=1,  # more threads cost more processor time here than they save
            )
        except av.FFmpegError as error:
            raise MediaFormatError(
                f"pictures of the pixel format {frame.format.name} cannot be turned into RGB "
                f"({error.strerror}); convert the video to MP4 with H.264"
            ) from error
        image = np.asarray(rgb.to_ndarray(), np.uint8)
        if rgb is frame:  # the decoder may still refer to these very pixels
            image = image.copy()
        image = letterboxed(self._orientation.apply(image), self.width, self.height)
        return np.ascontiguousarray(image)

    def _scaled_size(self, frame: av.VideoFrame) -> tuple[int, int]:
        return limited_size(*square_pixel_size(frame.width, frame.height, self._pixel_aspect), self._max_side)


def _colorspace(frame: av.VideoFrame) -> int | None:
    unmarked = frame.colorspace == _COLORSPACE_UNSPECIFIED
    if unmarked and (frame.width >= _HD_WIDTH or frame.height > _HD_HEIGHT):
        return Colorspace.ITU709
    return None
