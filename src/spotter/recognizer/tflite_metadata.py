"""Labels and preprocessing inside a TFLite file, where MediaPipe Tasks and Android Studio look for them.

The metadata is a FlatBuffer of its own (identifier M001) in the model's buffers, and the labels' file is
appended to the model as a zip archive; both as TensorFlow Lite's metadata schema 1.x says. Tables are built
by the numbers of their fields in that schema.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from spotter.errors import ExportError
from spotter.recognizer.export_job import (
    INPUT,
    OUTPUT,
    Job,
    description,
    facts,
    library,
    preprocessing,
    version,
)

LABELS_NAME, FACTS_NAME = "labels.txt", "spotter.json"
_ENTRY = "TFLITE_METADATA"
_IDENTIFIER = b"M001"
_PARSER = "1.0.0"
_AXIS_LABELS, _DESCRIPTIONS = 2, 1
_RGB = 1
_IMAGE_PROPERTIES, _NORMALIZATION = 2, 1

_Field = Callable[[Any, int], None]
"""Adds one field to the table that a builder has open, under the field's number."""


def with_metadata(model: bytes, job: Job) -> bytes:
    """A TFLite model with metadata and the files that belong to it.

    Args:
        model: a ``.tflite`` file's content.
        job: says what is written into it.
    """
    archive = io.BytesIO(_with_buffer(model, _metadata(job)))
    archive.seek(0, io.SEEK_END)
    with zipfile.ZipFile(archive, "a", zipfile.ZIP_STORED) as bundle:
        for name, text in _files(job).items():
            bundle.writestr(zipfile.ZipInfo(name), text)
    return archive.getvalue()


def read_files(path: Path) -> dict[str, str]:
    """The files inside a TFLite file: labels.txt, a name a line, and spotter.json.

    Raises:
        ExportError: if there are none.
    """
    try:
        with zipfile.ZipFile(path) as bundle:
            return {name: bundle.read(name).decode() for name in bundle.namelist()}
    except (OSError, zipfile.BadZipFile) as error:
        raise ExportError(f"{path} has no labels inside: {error}") from error


def _files(job: Job) -> dict[str, str]:
    lines = "".join(f"{' '.join(name.split())}\n" for name in job.card.classes)
    return {LABELS_NAME: lines, FACTS_NAME: json.dumps(facts(job.card), ensure_ascii=False, indent=1)}


def _with_buffer(model: bytes, metadata: bytes) -> bytes:
    """The model with the metadata as one of its buffers."""
    tools, schema = (
        library("ai_edge_litert.tools.flatbuffer_utils"),
        library("ai_edge_litert.schema_py_generated"),
    )
    tree = tools.read_model_from_bytearray(bytearray(model))
    buffer = schema.BufferT()
    buffer.data = list(metadata)
    tree.buffers.append(buffer)
    entry = schema.MetadataT()
    entry.name, entry.buffer = _ENTRY, len(tree.buffers) - 1
    kept = [one for one in tree.metadata or [] if bytes(one.name or b"") != _ENTRY.encode()]
    tree.metadata = [*kept, entry]
    return bytes(tools.convert_object_to_bytearray(tree))


def _metadata(job: Job) -> bytes:
    """The whole metadata of a model."""
    builder = library("flatbuffers").Builder(1024)
    card = job.card
    labels = _file(builder, LABELS_NAME, "The classes, in the order of the probabilities", _AXIS_LABELS)
    image = _tensor(
        builder,
        INPUT,
        f"What to name: {preprocessing(card)}",
        _image_content(builder, card.side),
        [_values_as_they_are(builder)],
        [],
    )
    answer = _tensor(builder, OUTPUT, "Each class's probability, 0 to 1", None, [], [labels])
    graph = _table(builder, 10, {2: _list(builder, [image]), 3: _list(builder, [answer])})
    told = _file(builder, FACTS_NAME, "All that Spotter knows of the model, as JSON", _DESCRIPTIONS)
    root = _table(
        builder,
        8,
        {
            0: _text(builder, job.title),
            1: _text(builder, description(card)),
            2: _text(builder, version(card)),
            3: _list(builder, [graph]),
            4: _text(builder, card.author),
            5: _text(builder, card.licence),
            6: _list(builder, [told]),
            7: _text(builder, _PARSER),
        },
    )
    builder.Finish(root, _IDENTIFIER)
    return bytes(builder.Output())


def _image_content(builder: Any, side: int) -> int:
    """Content: an RGB image of side x side."""
    size = _table(builder, 2, {0: _uint32(side), 1: _uint32(side)})
    image = _table(builder, 2, {0: _int8(_RGB), 1: _offset(size)})
    return _table(builder, 2, {0: _uint8(_IMAGE_PROPERTIES), 1: _offset(image)})


def _values_as_they_are(builder: Any) -> int:
    """ProcessUnit: (x - 0) / 1, as the network does its scaling itself."""
    means, deviations = _floats(builder, [0.0]), _floats(builder, [1.0])
    options = _table(builder, 2, {0: means, 1: deviations})
    return _table(builder, 2, {0: _uint8(_NORMALIZATION), 1: _offset(options)})


def _tensor(
    builder: Any, name: str, what: str, content: int | None, units: Sequence[int], files: Sequence[int]
) -> int:
    """TensorMetadata."""
    fields = {0: _text(builder, name), 1: _text(builder, what)}
    if content is not None:
        fields[3] = _offset(content)
    if units:
        fields[4] = _list(builder, units)
    if files:
        fields[6] = _list(builder, files)
    return _table(builder, 7, fields)


def _file(builder: Any, name: str, what: str, kind: int) -> int:
    """AssociatedFile."""
    return _table(builder, 5, {0: _text(builder, name), 1: _text(builder, what), 2: _int8(kind)})


def _table(builder: Any, most: int, fields: dict[int, _Field]) -> int:
    """A table with some of its fields, by number; ``most`` is how many the schema gives it."""
    builder.StartObject(most)
    for number, add in fields.items():
        add(builder, number)
    return int(builder.EndObject())


def _text(builder: Any, text: str) -> _Field:
    return _offset(builder.CreateString(text))


def _list(builder: Any, tables: Sequence[int]) -> _Field:
    builder.StartVector(4, len(tables), 4)
    for table in reversed(tables):
        builder.PrependUOffsetTRelative(table)
    return _offset(builder.EndVector())


def _floats(builder: Any, values: Sequence[float]) -> _Field:
    builder.StartVector(4, len(values), 4)
    for value in reversed(values):
        builder.PrependFloat32(value)
    return _offset(builder.EndVector())


def _offset(place: int) -> _Field:
    return lambda builder, number: builder.PrependUOffsetTRelativeSlot(number, place, 0)


def _uint8(value: int) -> _Field:
    return lambda builder, number: builder.PrependUint8Slot(number, value, 0)


def _int8(value: int) -> _Field:
    return lambda builder, number: builder.PrependInt8Slot(number, value, 0)


def _uint32(value: int) -> _Field:
    return lambda builder, number: builder.PrependUint32Slot(number, value, 0)
