"""MediaPipe's own Python Pose, the peer that Spotter's landmarks and speed are compared with."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from bench.material import Skipped

VERSION = "0.10.21"


@dataclass(frozen=True, slots=True)
class PeerPose:
    """What MediaPipe says of one picture.

    Attributes:
        xy: array (33, 2), pixels.
        world: array (33, 3), metres.
    """

    xy: NDArray[np.float64]
    world: NDArray[np.float64]


class Peer:
    """MediaPipe's Pose with the full model; a context manager.

    Args:
        static: look at each picture anew, without following the person.
        smooth: smooth the landmarks over time, as it does unless told otherwise; not with ``static``.

    Raises:
        Skipped: MediaPipe is not installed, or in another version.
    """

    def __init__(self, *, static: bool = False, smooth: bool = True) -> None:
        self._static, self._smooth, self._solutions = static, smooth and not static, _solutions()
        self._around = ExitStack()

    def __call__(self, image: NDArray[np.uint8]) -> PeerPose | None:
        """The person in an RGB picture (height, width, 3); None where none was found."""
        found = self._pose.process(image)
        if found.pose_landmarks is None:
            return None
        height, width = image.shape[:2]
        places = [(point.x * width, point.y * height) for point in found.pose_landmarks.landmark]
        world = [(point.x, point.y, point.z) for point in found.pose_world_landmarks.landmark]
        return PeerPose(np.array(places), np.array(world))

    def __enter__(self) -> Self:
        self._around.enter_context(_silenced())
        self._pose = self._solutions.pose.Pose(
            static_image_mode=self._static, model_complexity=1, smooth_landmarks=self._smooth
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pose.close()
        self._around.close()


@contextmanager
def _silenced() -> Iterator[None]:
    """Without what MediaPipe's threads write to standard error past Python: a dozen lines a graph."""
    terminal = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    try:
        yield
    finally:
        os.dup2(terminal, 2)
        os.close(terminal)


def _solutions() -> Any:
    try:
        mediapipe = importlib.import_module("mediapipe")
    except ImportError as error:
        raise Skipped(
            f"mediapipe is not installed here ({error}); `make bench` runs in an environment with it"
        ) from error
    if mediapipe.__version__ != VERSION:
        raise Skipped(f"mediapipe {mediapipe.__version__} is installed; the comparison is with {VERSION}")
    return mediapipe.solutions
