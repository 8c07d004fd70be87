"""A clip of the stick figure, and a browser to open reports with."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from bench.chromium import find_chromium
from spotter.body.keypoints import BONES
from spotter.media.writer import VideoWriter
from tests.report import material


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight seconds of squats at 320 by 240 pixels."""
    path = tmp_path_factory.mktemp("clip") / "squat.mp4"
    moving = material.motion()
    with VideoWriter(path, 320, 240, material.FPS) as video:
        for xy, time_s in zip(moving.xy, moving.time_s, strict=True):
            image = np.full((240, 320, 3), 120, np.uint8)
            for a, b in BONES:
                cv2.line(image, xy[a].astype(int).tolist(), xy[b].astype(int).tolist(), (60, 40, 30), 9)
            video.write(image, float(time_s))
    return path


@pytest.fixture(scope="session")
def browse() -> Callable[[Path], tuple[str, list[str]]]:
    """Opens a page without a window: its elements after its script ran, and what went to the console."""
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("there is no chromium here; install it to open reports in a browser")

    def open_page(path: Path) -> tuple[str, list[str]]:
        done = subprocess.run(
            [chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=2000",
             "--enable-logging=stderr", "--dump-dom", path.as_uri()],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )  # fmt: skip
        return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]

    return open_page
