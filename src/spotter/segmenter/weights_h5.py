"""A network's weights as an .h5 file, both ways: each tensor to the bit, and what is known of the network."""

from __future__ import annotations

import io
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np

from spotter.errors import ExportError, MissingExtraError, ModelError
from spotter.media.writing import write_bytes
from spotter.recognizer.pytorch import torch
from spotter.segmenter.checkpoint import State

VERSION: Final = 1
"""Of the way in which the file is laid out."""

_FORMAT, _LAYERS, _TENSORS = "spotter_format", "spotter_layers", "tensors"  # attributes; the rest are words
_TOP = "network"  # the group of tensors that are in no layer


def write_h5(path: Path, state: State, words: Mapping[str, Any]) -> None:
    """Write weights into an HDF5 file, whole or not at all.

    Each layer is a group, such as ``backbone.body.conv1``, and each of its tensors a data set in it with
    HDF5's own check sum. Attributes of the file are the words, as JSON, and ``spotter_layers``, which names
    all layers, as each group's attribute ``tensors`` names its tensors: so what is missing is noticed.

    Args:
        path: where it goes.
        state: tensors by name, of types that NumPy has.
        words: what is to be known of the network, such as its ``classes`` and ``network``; as JSON has it.

    Raises:
        ExportError: if a tensor is of a type that NumPy does not have.
        OutputError: if the file cannot be written; nothing is left then.
        MissingExtraError: if h5py is not installed.
    """
    layers: dict[str, State] = defaultdict(dict)
    for name, value in state.items():
        layer, _, leaf = name.rpartition(".")
        layers[layer or _TOP][leaf] = value
    content = io.BytesIO()
    with import_h5py().File(content, "w") as file:
        file.attrs.update({_FORMAT: VERSION, _LAYERS: list(layers)})
        file.attrs.update({name: json.dumps(value) for name, value in words.items()})
        for layer, tensors in layers.items():
            group = file.create_group(layer)
            group.attrs[_TENSORS] = list(tensors)
            for leaf, value in tensors.items():
                array = _as_array(f"{layer}.{leaf}", value)
                group.create_dataset(leaf, data=array, fletcher32=array.size > 0 and array.ndim > 0)
    write_bytes(path, content.getbuffer())


def read_h5(path: Path) -> tuple[State, dict[str, Any]]:
    """The weights and words that `write_h5` wrote.

    Raises:
        ModelError: if the file is missing, damaged, not of Spotter, or a layer is missing; it says which.
        MissingExtraError: if h5py is not installed.
    """
    with opened(path) as file:
        if _FORMAT not in file.attrs:
            raise ModelError(_not_ours(path, file))
        if file.attrs[_FORMAT] > VERSION:
            raise ModelError(f"{path} was written by a newer Spotter; update: pip install -U spotter-coach")
        try:
            state = dict(_tensors(path, file))
            words = {n: json.loads(text) for n, text in file.attrs.items() if n not in (_FORMAT, _LAYERS)}
        except (KeyError, ValueError, TypeError) as error:
            raise ModelError(f"{path} was changed by another program ({error}); export it again") from error
    return state, words


def _tensors(path: Path, file: Any) -> Iterator[tuple[str, torch.Tensor]]:
    for layer in file.attrs[_LAYERS]:
        for leaf in file[layer].attrs[_TENSORS] if layer in file else [""]:
            name = f"{layer}.{leaf}".strip(".")
            if f"{layer}/{leaf}" not in file:
                raise ModelError(f"{path} has no {name}, which it lists; export it again, or get it again")
            yield name if layer != _TOP else leaf, _read(path, layer, file[layer][leaf])


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """An HDF5 file for reading, as ``h5py.File``.

    Raises:
        ModelError: if it is not there, or no whole HDF5 file.
        MissingExtraError: if h5py is not installed.
    """
    h5py = import_h5py()
    if not path.is_file():
        raise ModelError(f"there is no file {path}")
    try:
        file = h5py.File(path, "r")
    except OSError as error:
        if "truncated" in str(error):
            raise ModelError(f"{path} is cut short: copying it broke off; get it again") from error
        raise ModelError(f"{path} is no HDF5 file, or its beginning is damaged; get it again") from error
    with file:
        yield file


def is_keras(file: Any) -> bool:
    """Whether an open HDF5 file has weights as Keras saves them."""
    return "layer_names" in file.attrs or "model_weights" in file


def import_h5py() -> Any:
    """The module h5py.

    Raises:
        MissingExtraError: if it is not installed.
    """
    try:
        import h5py
    except ImportError as error:
        raise MissingExtraError(
            ".h5 files need h5py, which is not installed; install it with: pip install 'spotter-coach[train]'"
        ) from error
    return h5py


def _as_array(name: str, value: torch.Tensor) -> Any:
    try:
        return value.detach().cpu().contiguous().numpy()
    except TypeError as error:
        raise ExportError(
            f"{name} is of type {value.dtype}, which .h5 files do not have; convert it to float32 first"
        ) from error


def _read(path: Path, layer: str, dataset: Any) -> torch.Tensor:
    try:
        return torch.from_numpy(np.asarray(dataset[()]))
    except (OSError, TypeError) as error:
        raise ModelError(f"{path} is damaged in layer {layer} ({error}); get it again") from error


def _not_ours(path: Path, file: Any) -> str:
    if is_keras(file):
        return (
            f"{path} is a file of Keras, perhaps Matterport's Mask R-CNN: it can find things with "
            "`spotter segment --engine maskrcnn --model`, but not become another network"
        )
    return f"{path} has no weights of Spotter; give an .h5 file that `spotter segmenter export` wrote"
