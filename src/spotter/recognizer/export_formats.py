"""The formats that a model can be exported to: how each is written, and what its files are run with."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from spotter.recognizer.export_coreml import open_coreml, write_coreml
from spotter.recognizer.export_job import Job, Run, Target
from spotter.recognizer.export_onnx import open_onnx, write_onnx
from spotter.recognizer.export_openvino import open_openvino, write_openvino
from spotter.recognizer.export_tflite import open_tflite, write_tflite

INTERPRETED = "Spotter's interpreter of Core ML programs"
"""Runs a Core ML package where there is no Core ML; what it takes says nothing of a phone."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format.

    Attributes:
        suffix: of its files.
        write: writes one.
        open: opens one with the format's own runtime.
        runtime: the project that brings the runtime, and its name for people.
        calibrated: whether its int8 needs pictures.
    """

    suffix: str
    write: Callable[[Job, Path], None]
    open: Callable[[Path], Run]
    runtime: tuple[str, str]
    calibrated: bool = True


FORMATS: dict[Target, Format] = {
    "coreml": Format(
        ".mlpackage", write_coreml, open_coreml, ("coremltools", "Core ML by coremltools"), calibrated=False
    ),
    "tflite": Format(".tflite", write_tflite, open_tflite, ("ai-edge-litert", "LiteRT")),
    "onnx": Format(".onnx", write_onnx, open_onnx, ("onnxruntime", "ONNX Runtime")),
    "openvino": Format(".xml", write_openvino, open_openvino, ("openvino", "OpenVINO")),
}


def runtime(target: Target) -> str:
    """What a format's files are run with on this machine, such as ``"ONNX Runtime 1.23.2"``."""
    if target == "coreml" and sys.platform != "darwin":
        return INTERPRETED
    project, name = FORMATS[target].runtime
    return f"{name} {version(project)}"


def files_of(path: Path) -> tuple[Path, ...]:
    """All that belongs to an exported file: OpenVINO's weights lie beside it."""
    return (path, path.with_suffix(".bin")) if path.suffix == ".xml" else (path,)


def size_of(path: Path) -> int:
    """Bytes of an exported file and of all that belongs to it."""
    return sum(
        part.stat().st_size
        for own in files_of(path)
        for part in (own.rglob("*") if own.is_dir() else (own,))
        if part.is_file()
    )
