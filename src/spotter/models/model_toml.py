"""model.toml: a trained model in words and numbers, whatever kind of model it is."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import tomlkit

from spotter.errors import ModelError
from spotter.media.writing import write_text

FILE_NAME = "model.toml"

Card = TypeVar("Card")


def write_model_toml(folder: Path, schema: int, content: Mapping[str, Any]) -> None:
    """Write model.toml.

    Args:
        folder: the model's; it is made if it is not there.
        schema: number of the way in which the content is laid out.
        content: tables and values, in the order that they are written.

    Raises:
        OutputError: if it cannot be written.
    """
    write_text(folder / FILE_NAME, tomlkit.dumps({"schema": schema, **content}))


def read_model_toml(
    folder: Path, schema: int, command: str, made_of: Callable[[dict[str, Any]], Card]
) -> Card:
    """Read model.toml of a model's folder.

    Args:
        folder: the model's.
        schema: the only number that is read.
        command: what makes such folders, for the message where there is none.
        made_of: makes a card of the content; it may raise KeyError, TypeError or ValueError.

    Raises:
        ModelError: if it is not there, or is no such file.
    """
    path = folder / FILE_NAME
    try:
        content = tomllib.loads(path.read_text("utf-8"))
        if content["schema"] != schema:
            raise ModelError(
                f"{path} has the schema {content['schema']}, and this Spotter reads {schema}; "
                "train the model again, or use the Spotter that made it"
            )
        return made_of(content)
    except FileNotFoundError as error:
        raise ModelError(
            f"{folder} is no trained model: it has no {FILE_NAME}; give the folder that {command} made"
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path} cannot be read: {error}") from error
