"""Reads the weights of our own model folders, as safetensors."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from spotter.errors import ModelError
from spotter.segmenter.checkpoint import State


def read_safetensors(path: Path) -> tuple[State, dict[str, Any]]:
    """The tensors of a .safetensors file, and the words in its header, read as JSON where they are.

    Raises:
        ModelError: if the file is missing or damaged.
    """
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise ModelError(f"there is no file {path}")
    try:
        with safe_open(path, "pt") as file:
            state = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  # it is no dictionary
            words: dict[str, Any] = dict(file.metadata() or {})
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{path} is no whole .safetensors file ({error}); get it again") from error
    for name, text in words.items():
        with suppress(ValueError):
            words[name] = json.loads(text)
    return state, words
