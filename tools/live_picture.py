"""Makes the README's picture of the live coach: the example before the page, deep in a squat, with a cue.

Run in the root of the repository, where Chromium is installed:

    python -m tools.live_picture docs/images/live.png
"""

from __future__ import annotations

import argparse
import io
import json
import tempfile
import time
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

from bench.live_clients import server
from bench.material import REPOSITORY
from bench.page_camera import camera_file, page_before, started_playwright

CLIP = REPOSITORY / "examples" / "squat.mp4"
SIZE = (1120, 720)
LEAST_COUNT, DEEP = 2, 0.8
PATIENCE_S = 90.0
SETTINGS = {"countdown": 0, "reps": 8, "sets": 3, "rest": 60}
MOMENT = """() => {
  const count = Number(document.querySelector(".count")?.textContent);
  const share = Number(document.querySelector(".way i")?.style.getPropertyValue("--share"));
  return [count, share, document.querySelector(".said")?.textContent ?? ""];
}"""


def picture(page: Page, address: str) -> bytes:
    """A PNG of the page at the bottom of a squat that it has something to say to.

    Raises:
        TimeoutError: there was no such moment.
    """
    page.set_viewport_size({"width": SIZE[0], "height": SIZE[1]})
    page.add_init_script(f"localStorage.setItem('spotter', JSON.stringify({json.dumps(SETTINGS)}))")
    page.goto(f"{address}/?exercise=squat#/coach")
    page.get_by_role("button", name="Start the camera").click()
    page.get_by_role("button", name="Start anyway").click()
    end_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < end_s:
        count, share, said = page.evaluate(MOMENT)
        if count >= LEAST_COUNT and share >= DEEP and said:
            return page.screenshot()
        page.wait_for_timeout(30)
    raise TimeoutError("no repetition was deep and had a cue: is this machine too busy?")


def small(image: Image.Image) -> Image.Image:
    """The same in as many colours as a palette has: a fraction of the bytes."""
    colours = image.quantize(256, method=Image.Quantize.MAXCOVERAGE, kmeans=3)
    return image.quantize(palette=colours, dither=Image.Dither.FLOYDSTEINBERG)


def main() -> None:
    """Write the picture."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("target", type=Path)
    target: Path = parser.parse_args().target
    with tempfile.TemporaryDirectory() as folder, server() as running, started_playwright() as playwright:
        camera = Path(folder, "camera.mjpeg")
        camera_file(CLIP, camera)
        with page_before(playwright, camera, f"http://127.0.0.1:{running.port}") as page:
            png = picture(page, f"http://127.0.0.1:{running.port}")
    small(Image.open(io.BytesIO(png)).convert("RGB")).save(target, optimize=True)


if __name__ == "__main__":
    main()
