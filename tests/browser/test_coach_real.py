"""The whole coach: Chromium's camera plays the example clip, and the page counts what is done in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Playwright

from bench.live_clients import server
from bench.material import REPOSITORY, Skipped
from bench.page_camera import camera_file, page_before, watch

EXAMPLE = REPOSITORY / "examples" / "squat.mp4"


def test_the_page_counts_what_is_done_before_its_camera(playwright: Playwright, tmp_path: Path) -> None:
    [athlete] = json.loads(EXAMPLE.with_suffix(".json").read_text("utf-8"))["people"]
    try:
        with server() as running:
            camera = tmp_path / "camera.mjpeg"
            seconds = camera_file(EXAMPLE, camera)
            address = f"http://127.0.0.1:{running.port}"
            with page_before(playwright, camera, address) as page:
                watched = watch(page, address, "squat", seconds)
    except Skipped as reason:
        pytest.skip(str(reason))
    wanted = sum(rep["scale"] == 1 for rep in athlete["reps"])  # one is shallow, an attempt
    assert (watched.count, watched.kept) == (wanted, wanted)
