"""What the first bytes of a picture file say: its format, size and pixels, without decoding it."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

_SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # frame headers (ITU T.81, table B.1)
_NO_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
_HEIF_BRANDS = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"}
_TIFF_SHORT = 3
_PNG_ALPHA = {4, 6}
_INKS = 4


@dataclass(frozen=True, slots=True)
class PictureKind:
    """What a picture file is, before it is decoded.

    Attributes:
        format: JPEG, PNG, GIF, WebP, TIFF, BMP, AVIF, JPEG 2000, PNM or HEIC.
        width, height: in pixels as they are stored; 0 where the header does not say.
        bits: of one channel of a pixel; more than 8 are read as 8.
        cmyk: whether it is made of printing inks.
        animated: whether more than one picture is in it; the first is read.
        alpha: whether it may be transparent.
        orientation: EXIF's, 1 to 8; 1 is upright.
        cut_off: whether its end is missing, as far as that can be seen without decoding.
    """

    format: str
    width: int = 0
    height: int = 0
    bits: int = 8
    cmyk: bool = False
    animated: bool = False
    alpha: bool = False
    orientation: int = 1
    cut_off: bool = False

    @property
    def megapixels(self) -> float:
        """Millions of pixels."""
        return self.width * self.height / 1e6


def picture_kind(data: bytes | memoryview) -> PictureKind | None:
    """What a picture file is; None if its content is no picture's, whatever its name says.

    Args:
        data: the whole file.

    >>> picture_kind(b"GIF89a" + bytes([64, 0, 48, 0, 0, 0, 0, 0x3B]))
    PictureKind(format='GIF', width=64, height=48, bits=8, cmyk=False, animated=False, alpha=False,
                orientation=1, cut_off=False)
    >>> picture_kind(b"just some text") is None
    True
    """
    data = bytes(data)
    for begins, read in _READERS:
        if begins.match(data):
            try:
                return read(data)
            except (struct.error, IndexError, ValueError):
                return PictureKind(read(b"").format, cut_off=True)
    return None


def _jpeg(data: bytes) -> PictureKind:
    """Walks over the segments up to the frame header (ITU T.81, annex B)."""
    if not data:
        return PictureKind("JPEG")
    place, orientation = 2, 1
    while True:
        while data[place + 1] == 0xFF:  # any number of fill bytes
            place += 1
        if data[place] != 0xFF:
            raise ValueError("a marker was due")
        marker, length = data[place + 1], 0
        if marker not in _NO_LENGTH:
            (length,) = struct.unpack_from(">H", data, place + 2)
        body = place + 4
        if marker == 0xE1 and data[body : body + 6] == b"Exif\0\0":
            orientation = _exif_orientation(data[body + 6 : place + 2 + length])
        if marker in _SOF:
            bits, height, width, channels = struct.unpack_from(">BHHB", data, body)
            return PictureKind("JPEG", width, height, bits, cmyk=channels == _INKS, orientation=orientation)
        place += 2 + length


def _png(data: bytes) -> PictureKind:
    """Chunk by chunk (W3C PNG, third edition, with acTL and eXIf)."""
    if not data:
        return PictureKind("PNG")
    width, height, bits, colour = struct.unpack_from(">IIBB", data, 16)
    place, animated, alpha, orientation, ended = 8, False, colour in _PNG_ALPHA, 1, False
    while place + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, place)
        body = data[place + 8 : place + 8 + length] if name in (b"acTL", b"eXIf") else b""
        if name == b"acTL":
            animated = struct.unpack_from(">I", body)[0] > 1
        elif name == b"eXIf":
            orientation = _exif_orientation(body)
        alpha = alpha or name == b"tRNS"
        place += 12 + length
        ended = ended or (name == b"IEND" and place <= len(data) + 4)
    return PictureKind("PNG", width, height, bits, False, animated, alpha, orientation, not ended)


def _gif(data: bytes) -> PictureKind:
    """Screen size, and whether a second picture follows the first (GIF89a)."""
    if not data:
        return PictureKind("GIF")
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    place = 13 + _gif_colours(flags)
    pictures = 0
    while place < len(data) and data[place] != 0x3B and pictures < 2:
        if data[place] == 0x2C:
            pictures += 1
            place += 10 + _gif_colours(data[place + 9]) + 1
        else:
            place += 2
        while data[place]:  # blocks, each with its length first, up to an empty one
            place += 1 + data[place]
        place += 1
    return PictureKind("GIF", width, height, animated=pictures > 1)


def _gif_colours(flags: int) -> int:
    return 3 * (2 << (flags & 7)) if flags & 0x80 else 0


def _webp(data: bytes) -> PictureKind:
    """The first chunk (RFC 9649)."""
    if not data:
        return PictureKind("WebP")
    (size,) = struct.unpack_from("<I", data, 4)
    cut_off = len(data) < size + 8
    if data[12:16] == b"VP8X":
        flags = data[20]
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
        exif = data.find(b"EXIF", 30) if flags & 0x08 else -1
        turned = _exif_orientation(data[exif + 8 :].removeprefix(b"Exif\0\0")) if exif > 0 else 1
        return PictureKind(
            "WebP",
            width,
            height,
            animated=bool(flags & 2),
            alpha=bool(flags & 16),
            orientation=turned,
            cut_off=cut_off,
        )
    if data[12:16] == b"VP8L":
        packed = int.from_bytes(data[21:25], "little")
        width, height = (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
        return PictureKind("WebP", width, height, alpha=bool(packed >> 28 & 1), cut_off=cut_off)
    width, height = struct.unpack_from("<HH", data, 26)
    return PictureKind("WebP", width & 0x3FFF, height & 0x3FFF, cut_off=cut_off)


def _tiff(data: bytes) -> PictureKind:
    if not data:
        return PictureKind("TIFF")
    tags = _tiff_tags(data)
    return PictureKind(
        "TIFF",
        tags.get(256, 0),
        tags.get(257, 0),
        tags.get(258, 8),
        cmyk=tags.get(262) == 5,
        orientation=tags.get(274, 1),
    )


def _exif_orientation(tiff: bytes) -> int:
    try:
        turned = _tiff_tags(tiff).get(274, 1)
    except (struct.error, IndexError):
        return 1
    return turned if 1 <= turned <= 8 else 1


def _tiff_tags(data: bytes) -> dict[int, int]:
    """The first value of each whole-numbered tag of the first picture (TIFF 6.0)."""
    order = "<" if data[:2] == b"II" else ">"
    (first,) = struct.unpack_from(order + "I", data, 4)
    (count,) = struct.unpack_from(order + "H", data, first)
    tags = {}
    for index in range(count):
        place = first + 2 + 12 * index
        tag, kind, number = struct.unpack_from(order + "HHI", data, place)
        size = 2 if kind == _TIFF_SHORT else 4
        if number * size > 4:
            (place,) = struct.unpack_from(order + "I", data, place + 8)
            place -= 8
        (tags[tag],) = struct.unpack_from(order + ("H" if size == 2 else "I"), data, place + 8)
    return tags


def _bmp(data: bytes) -> PictureKind:
    if not data:
        return PictureKind("BMP")
    width, height = struct.unpack_from("<ii", data, 18)
    return PictureKind("BMP", width, abs(height))


def _iso(data: bytes) -> PictureKind:
    """AVIF and HEIC: the largest picture among the properties (ISO 23008-12)."""
    kind = "HEIC" if data[8:12] in _HEIF_BRANDS and b"avif" not in data[16:64] else "AVIF"
    if not data:
        return PictureKind(kind)
    sizes = [struct.unpack_from(">II", data, found.end() + 4) for found in re.finditer(b"ispe", data[:65536])]
    width, height = max(sizes, key=lambda size: size[0] * size[1], default=(0, 0))
    return PictureKind(kind, width, height, animated=data[8:12] == b"avis")


def _jpeg2000(data: bytes) -> PictureKind:
    if not data:
        return PictureKind("JPEG 2000")
    height, width, _, bits = struct.unpack_from(">IIHB", data, data.index(b"ihdr") + 4)
    return PictureKind("JPEG 2000", width, height, (bits & 0x7F) + 1)


def _pnm(data: bytes) -> PictureKind:
    """Numbers in plain text with comments between them (netpbm)."""
    if not data:
        return PictureKind("PNM")
    numbers = [int(one) for one in re.sub(rb"#[^\n]*", b"", data[2:1024]).split()[:3] if one.isdigit()]
    width, height = numbers[:2]
    deep = data[1:2] in b"2356" and numbers[2] > 255
    return PictureKind("PNM", width, height, 16 if deep else 8)


_READERS = tuple(
    (re.compile(begins, re.DOTALL), read)
    for begins, read in (
        (rb"\xff\xd8\xff", _jpeg),
        (rb"\x89PNG\r\n\x1a\n", _png),
        (rb"GIF8[79]a", _gif),
        (rb"RIFF....WEBP", _webp),
        (rb"II\x2a\x00|MM\x00\x2a", _tiff),
        (rb"BM.{4}\x00\x00\x00\x00", _bmp),
        (rb"....ftyp(avif|avis|heic|heix|hevc|heim|heis|mif1|msf1)", _iso),
        (rb"....jP  ", _jpeg2000),
        (rb"P[1-6]\s", _pnm),
    )
)
