"""Plays a clip to the coach's page as its camera, in Chromium, and notes what the page counts and says."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import numpy as np

from bench.chromium import NAMES, find_chromium
from bench.material import Skipped
from spotter.media.reader import open_media

if TYPE_CHECKING:
    from playwright.sync_api import Page, Playwright, WebSocket

LEAD_S = 5.0
"""For so long the first picture stands still: time to load the models and to begin the set."""

_TAIL_S, _BLACK_S = 2.0, 6.0  # the last picture stands, then it is dark until the file begins again
_FPS = 30  # what Chromium takes an MJPEG file to have
_PATIENCE_S = 60.0
_SETTINGS = {"countdown": 0, "voice": False}
_NOTE_CUES = """
  window.cues = [];
  document.addEventListener("DOMContentLoaded", () => new MutationObserver(() => {
    const text = document.querySelector(".said")?.textContent ?? "";
    if (text !== window.cues.at(-1)?.[0]) window.cues.push([text, performance.now() / 1000]);
  }).observe(document.body, { childList: true, subtree: true, characterData: true }));
"""


@dataclass(frozen=True, slots=True)
class Watched:
    """What the page made of a clip.

    Attributes:
        count: complete repetitions, as the page showed them at the end of the clip.
        kept: as its summary tells them.
        cues: what was shown to be done, and when, in seconds of the page's clock.
        reps: the repetitions, as the coach told them: ``(end_s, names of its faults)`` in that clock.
        answers_per_s: of the coach.
    """

    count: int
    kept: int
    cues: list[tuple[str, float]]
    reps: list[tuple[float, list[str]]]
    answers_per_s: float

    def in_time(self, words: set[str], names: set[str]) -> int:
        """How many repetitions with one of these faults ended after one of these cues had been shown for it.

        A cue is for the repetition in which it is shown: after the end of the one before.
        """
        ends_s = [end_s for end_s, _ in self.reps]
        right = 0
        for before_s, (end_s, faults) in zip([-np.inf, *ends_s], self.reps, strict=False):
            shown = any(text in words and before_s < at_s < end_s for text, at_s in self.cues)
            right += shown and bool(names & set(faults))
        return right

    def faulty(self, names: set[str]) -> int:
        """How many repetitions have one of these faults."""
        return sum(bool(names & set(faults)) for _, faults in self.reps)


@dataclass(slots=True)
class _Heard:
    """What went over the coach's WebSocket."""

    states: int = 0
    first_s: float = float("nan")
    last_s: float = float("nan")
    shift_s: float = float("nan")  # from the session's clock to the page's
    stage: str = ""
    reps: list[dict[str, Any]] = field(default_factory=list)

    def hear(self, text: str | bytes) -> None:
        message = json.loads(text)
        if message["type"] != "state":
            return
        self.states += 1
        self.stage = message["stage"]
        self.last_s = message["time_s"]
        if self.states == 1:
            self.first_s = self.last_s
        if message["rep"]:
            self.reps.append(message["rep"])
        if message["cue"] and np.isnan(self.shift_s):
            self.shift_s = message["time_s"] - message["cue"]["since_s"]


def chromium() -> str:
    """Path of the installed Chromium.

    Raises:
        Skipped: there is none.
    """
    found = find_chromium()
    if found is None:
        raise Skipped(f"there is no Chromium on the path ({', '.join(NAMES)})")
    return found


def camera_file(clip: Path, target: Path) -> float:
    """Write a clip as a file that Chromium plays as its camera; returns the clip's seconds.

    Before it the first picture stands still for ``LEAD_S``; after it the last one does, and then it is dark,
    so that the clip's end is told from its beginning, which follows when the file is over.
    """
    with open_media(clip) as source, av.open(str(target), "w", format="mjpeg") as file:
        track = file.add_stream("mjpeg", rate=_FPS, options={"qmin": "3", "qmax": "3"})
        track.width, track.height, track.pix_fmt = source.info.width, source.info.height, "yuvj420p"
        written, image, end_s = 0, None, 0.0

        def hold(until_s: float) -> None:
            nonlocal written
            while image is not None and written < round(until_s * _FPS):
                file.mux(track.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
                written += 1

        for frame in source:
            hold(LEAD_S + frame.time_s)
            image, end_s = frame.image, frame.time_s
        assert image is not None
        hold(LEAD_S + end_s + _TAIL_S)
        image = np.zeros_like(image)
        hold(LEAD_S + end_s + _TAIL_S + _BLACK_S)
        file.mux(track.encode())
    return end_s


@contextmanager
def started_playwright() -> Iterator[Playwright]:
    """Playwright, running.

    Raises:
        Skipped: it is not installed.
    """
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise Skipped("Playwright is not installed; install the extra 'dev'") from None
    with sync_playwright() as playwright:
        yield playwright


@contextmanager
def page_before(playwright: Playwright, camera: Path, address: str) -> Iterator[Page]:
    """The page in a Chromium whose camera plays a file.

    Raises:
        Skipped: there is no Chromium.
    """
    flags = ["--no-sandbox", "--use-fake-device-for-media-stream", "--disable-gpu", "--mute-audio"]
    browser = playwright.chromium.launch(
        executable_path=chromium(), args=[*flags, f"--use-file-for-fake-video-capture={camera}"]
    )
    context = browser.new_context(viewport={"width": 640, "height": 600})
    context.grant_permissions(["camera"], origin=address)
    context.add_init_script(f"localStorage.setItem('spotter', JSON.stringify({json.dumps(_SETTINGS)}))")
    context.add_init_script(_NOTE_CUES)
    try:
        yield context.new_page()
    finally:
        browser.close()


def watch(page: Page, address: str, exercise: str, seconds: float) -> Watched:
    """Let the page coach a clip that its camera plays, and finish when the clip is over.

    Args:
        page: of ``page_before``.
        address: of the server.
        exercise: what is done in the clip.
        seconds: how long it is.

    Raises:
        Skipped: this machine is too busy to begin the set before the movement begins.
        TimeoutError: the page did not get that far.
    """
    heard = _Heard()

    def listen(line: WebSocket) -> None:
        line.on("framereceived", lambda text: heard.hear(text))  # Playwright writes into a method's object

    page.on("websocket", listen)
    page.goto(f"{address}/?exercise={exercise}#/coach")
    page.get_by_role("button", name="Start the camera").click()
    go = page.locator(".go")
    _until(page, lambda: heard.stage != "", _PATIENCE_S)
    if heard.stage == "guide":  # the first picture need not be all that the guide wants
        go.click()
    _until(page, lambda: heard.stage == "set", _PATIENCE_S)
    if _shown_s(page) > LEAD_S:
        raise Skipped(f"the set had not begun after {LEAD_S:g} s: this machine is too busy")
    _until(page, lambda: _shown_s(page) > LEAD_S + seconds + _TAIL_S - 0.5, LEAD_S + seconds + _PATIENCE_S)
    count = int(page.locator(".count").inner_text())
    page.get_by_role("button", name="Finish").click()
    kept = page.locator(".big div", has_text="repetitions").locator("dd").inner_text()
    cues: list[tuple[str, float]] = [(text, at_s) for text, at_s in page.evaluate("window.cues")]
    reps = [(rep["end_s"] + heard.shift_s, [fault["name"] for fault in rep["faults"]]) for rep in heard.reps]
    return Watched(count, int(kept), cues, reps, heard.states / (heard.last_s - heard.first_s))


def _shown_s(page: Page) -> float:
    """How much of the camera's file has been shown."""
    return float(page.evaluate("document.querySelector('video').currentTime"))


def _until(page: Page, true: Any, patience_s: float) -> None:
    end_s = time.monotonic() + patience_s
    while not true():
        if time.monotonic() > end_s:
            raise TimeoutError("the page did not get that far")
        page.wait_for_timeout(30)
