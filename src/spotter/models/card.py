"""Which model files exist: the registry, and one card for each model in it."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from spotter.errors import ModelError
from spotter.models.wheel import Wheel, WheelFile

REGISTRY = Path(__file__).with_name("registry.toml")

WEIGHT_SUFFIXES = (".tflite", ".onnx", ".safetensors", ".h5", ".pth", ".xml")
"""Formats that hold numbers only; a pickle can run any code when it is read, so it is refused. PyTorch's .pth
is one inside: it is only ever read by PyTorch's restricted reader, which knows tensors and runs no code."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model.

    Attributes:
        name: the file's name on disk.
        size: bytes.
        sha256: 64 hexadecimal digits.
        url: where it comes from, http or https; None if it is in a wheel.
        member: its path inside the card's wheel; None if it comes from a URL.
    """

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012 - pydantic's name and form

    name: str
    size: Annotated[int, Field(gt=0)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    url: Annotated[str | None, Field(pattern="^https?://")] = None
    member: str | None = None


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What is known of one model.

    Attributes:
        name: how Spotter calls it, such as ``"pose-detection"``.
        task: what it does, in words.
        licence: SPDX name of the weights' licence.
        source: page that describes where the weights come from.
        input: the tensor that goes in, in words.
        outputs: the tensors that come out, each ``"name: words"``.
        files: the weights; the first one is the one to load.
        wheel: the Python wheel that holds the files; None if they come from URLs.
        network: the segmenter's network that the weights are of: they are made into a folder that runs,
            which takes PyTorch; None if the file runs as it is.
    """

    name: str
    task: str
    licence: str
    source: str
    input: str
    outputs: tuple[str, ...]
    files: tuple[ModelFile, ...]
    wheel: Wheel | None = None
    network: str | None = None

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files)

    @property
    def wheel_files(self) -> list[WheelFile]:
        """The files that are in the wheel."""
        return [WheelFile(f.member, f.name, f.size, f.sha256) for f in self.files if f.member]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A model's table in the TOML file."""

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012

    task: str
    licence: str
    source: str
    input: str
    outputs: tuple[str, ...]
    files: Annotated[tuple[ModelFile, ...], Field(min_length=1)]
    wheel: str | None = None
    network: str | None = None


@dataclass(frozen=True, slots=True)
class _Registry:
    """The whole TOML file."""

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012

    models: dict[str, _Entry]
    wheels: dict[str, Wheel]


def load_registry(path: Path = REGISTRY) -> Mapping[str, ModelCard]:
    """Read a registry of models.

    Args:
        path: a TOML file; Spotter's own by default.

    Returns:
        The cards by name, in the file's order.

    Raises:
        ModelError: the file cannot be read or breaks the schema; the message names the key.

    >>> card = load_registry()["pose-detection"]
    >>> card.licence, card.files[0].name
    ('Apache-2.0', 'pose_detection.tflite')
    """
    try:
        data: Any = tomllib.loads(path.read_text(encoding="utf-8"))
        registry = TypeAdapter(_Registry).validate_python({"wheels": {}, **data})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"the model registry {path} cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ModelError(f"the model registry {path} is wrong at {key}: {first['msg']}") from error
    _check_files(path, registry)
    return {name: _card(path, name, entry, registry.wheels) for name, entry in registry.models.items()}


def _card(path: Path, name: str, entry: _Entry, wheels: Mapping[str, Wheel]) -> ModelCard:
    if entry.wheel is not None and entry.wheel not in wheels:
        raise _wrong(path, name, f"no wheel is called {entry.wheel!r}; there is {_list(wheels)}")
    origin: Literal["url", "member"] = "url" if entry.wheel is None else "member"
    for file in entry.files:
        if (file.url is None) == (origin == "url") or (file.member is None) == (origin == "member"):
            raise _wrong(path, name, f"{file.name} needs a {origin} and nothing else to come from")
    return ModelCard(
        name=name,
        task=entry.task,
        licence=entry.licence,
        source=entry.source,
        input=entry.input,
        outputs=entry.outputs,
        files=entry.files,
        wheel=wheels[entry.wheel] if entry.wheel is not None else None,
        network=entry.network,
    )


def _check_files(path: Path, registry: _Registry) -> None:
    """Plain names, each once, and only formats that cannot run code."""
    for model, entry in registry.models.items():
        for file in entry.files:
            if PurePath(file.name).name != file.name or "\\" in file.name:
                raise _wrong(path, model, f"{file.name!r} must be a plain file name, without a folder")
            if PurePath(file.name).suffix not in WEIGHT_SUFFIXES:
                raise _wrong(path, model, f"{file.name!r} must end with one of {_list(WEIGHT_SUFFIXES)}")
    counts = Counter(file.name for entry in registry.models.values() for file in entry.files)
    for name, count in counts.items():
        if count > 1:
            raise ModelError(f"the model registry {path} is wrong: {count} files are called {name}")


def _wrong(path: Path, model: str, what: str) -> ModelError:
    return ModelError(f"the model registry {path} is wrong at models.{model}: {what}")


def _list(names: Mapping[str, Any] | tuple[str, ...]) -> str:
    return ", ".join(names) or "none"
