"""Small annotated pictures for tests: blocks of colour, and files in which they are marked."""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from spotter.segmenter.annotation import Annotated, Annotations, Instance
from spotter.segmenter.dataset import read_annotations
from spotter.segmenter.detections import decoded, encoded

HEIGHT, WIDTH = 48, 64


def write_picture(path: Path, height: int = HEIGHT, width: int = WIDTH) -> Path:
    """A speckled picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = np.random.default_rng(len(path.name)).integers(0, 255, (height, width, 3), np.uint8)
    assert cv2.imwrite(str(path), image)
    return path


def write_lying(path: Path, image: NDArray[np.uint8], orientation: int) -> Path:
    """A JPEG whose EXIF says how it is turned (Exif 2.3, 4.6.4), as its rows are stored."""
    path.parent.mkdir(parents=True, exist_ok=True)
    jpeg = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 98])[1].tobytes()
    tiff = b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">HHHIHHI", 1, 0x112, 3, 1, orientation, 0, 0)
    path.write_bytes(jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(tiff) + 2) + tiff + jpeg[2:])
    return path


def write_labels(path: Path, labels: NDArray[np.uint8], palette: bool = False, bits: int = 8) -> Path:
    """A label map as a PNG (W3C PNG, third edition), grey or with a palette; of three channels, colours.

    Args:
        bits: of a pixel: 1, 2, 4, 8 or 16.
    """

    def chunk(name: bytes, content: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(name + content))
        return struct.pack(">I", len(content)) + name + content + check

    path.parent.mkdir(parents=True, exist_ok=True)
    height, width = labels.shape[:2]
    kind = 3 if palette else 2 if labels.ndim == 3 else 0
    single = labels.reshape(height, -1)
    if bits == 16:
        single = single.astype(">u2").view(np.uint8)
    elif bits < 8:
        digits = np.unpackbits(single[..., None], axis=2)[..., 8 - bits :]
        single = np.packbits(digits.reshape(height, -1), axis=1)
    rows = np.pad(single, ((0, 0), (1, 0))).tobytes()  # each row begins with its filter, 0
    colours = bytes((37 * one) % 256 for one in range(3 << min(bits, 8)))
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0))
        + (chunk(b"PLTE", colours) if palette else b"")
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
    return path


def block(left: int, top: int, right: int, bottom: int, height: int = HEIGHT, width: int = WIDTH) -> Any:
    """A mask that is one upright rectangle."""
    mask = np.zeros((height, width), np.bool_)
    mask[top:bottom, left:right] = True
    return mask


def rectangle(left: float, top: float, right: float, bottom: float) -> list[float]:
    """The same as COCO's polygon."""
    return [left, top, right, top, right, bottom, left, bottom]


def annotation(ident: int, box: tuple[float, float, float, float], **more: Any) -> dict[str, Any]:
    """An annotation of COCO's kind: a block, as a polygon."""
    left, top, right, bottom = box
    return {
        "id": ident,
        "image_id": 1,
        "category_id": 1,
        "bbox": [left, top, right - left, bottom - top],
        "segmentation": [rectangle(*box)],
        "iscrowd": 0,
        "area": (right - left) * (bottom - top),
    } | more


def picture(ident: int = 1, name: str = "1.jpg", **more: Any) -> dict[str, Any]:
    """A picture's entry."""
    return {"id": ident, "file_name": name, "height": HEIGHT, "width": WIDTH} | more


def document(*annotations: Any, **more: Any) -> dict[str, Any]:
    """A document of COCO's kind with one picture and one category."""
    return {
        "info": {"year": 2017},
        "images": [picture()],
        "annotations": list(annotations),
        "categories": [{"id": 1, "name": "person"}],
    } | more


def write_document(path: Path, content: dict[str, Any], pictures: Path | None = None) -> Path:
    """The document and its pictures, below ``images`` beside it or where it is said."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), "utf-8")
    for one in content["images"]:
        write_picture((pictures or path.parent / "images") / one["file_name"])
    return path


def rle(mask: Any, compressed: bool) -> dict[str, Any]:
    """A mask as it stands in a JSON document: COCO's compressed code, or the counts, made one by one."""
    if compressed:
        return {"size": list(mask.shape), "counts": encoded(mask)["counts"].decode()}
    runs, value = [0], False
    for pixel in mask.T.ravel().tolist():
        if pixel != value:
            runs.append(0)
            value = pixel
        runs[-1] += 1
    return {"size": list(mask.shape), "counts": runs}


def read(folder: Path, *annotations: Any, **more: Any) -> Annotations:
    """What is read of a document with these annotations."""
    write_document(folder / "instances.json", document(*annotations, **more))
    return read_annotations(folder, held_share=0)


def only(found: Annotations) -> Instance:
    """The one thing in the one picture."""
    (one,) = found.train
    (thing,) = one.instances
    return thing


def mask_of(thing: Instance) -> Any:
    """The mask of a thing that has one."""
    assert thing.mask is not None
    return decoded(thing.mask)


def named(one: Annotated, classes: tuple[str, ...]) -> dict[str, list[Instance]]:
    """The things in a picture by the names of their classes."""
    found: dict[str, list[Instance]] = {}
    for thing in one.instances:
        found.setdefault(classes[thing.label - 1], []).append(thing)
    return found


def require_fitting(one: Annotated) -> None:
    """Masks are of the picture's size, and boxes lie around them."""
    for thing in one.instances:
        ys, xs = np.nonzero(mask_of(thing))
        assert thing.box.tolist() == [xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]
