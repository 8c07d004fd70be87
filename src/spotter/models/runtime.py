"""Imports OpenVINO without its telemetry: the one place that imports it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_telemetry() -> Iterator[None]:
    """Hide ``openvino_telemetry``; with it, importing OpenVINO alone reports to Google Analytics.

    OpenVINO takes a stub of its own where that package is not installed.
    """
    name = "openvino_telemetry"
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]


with no_telemetry():
    import openvino as ov

# Its bridge to NumPy is made at first use; two threads that come to it at once wait for each other for ever.
ov.Type.f32.to_dtype()

__all__ = ["ov"]
