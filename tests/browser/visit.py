"""A visit to the page: its browser context, what goes wrong on it, pictures of it, and its accessibility."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

Scheme = Literal["light", "dark"]

SCREENSHOTS = "SPOTTER_SCREENSHOTS"
"""Environment variable with the folder for pictures of every state that is checked."""


PATIENCE_S = 15.0

DESKTOP, PHONE = (1280, 800), (390, 844)
SIZES = (DESKTOP, PHONE)
SCHEMES: tuple[Scheme, ...] = ("light", "dark")

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
"""How many pixels the page is wider than the screen."""

LARGE_LETTERS = "document.documentElement.style.fontSize = '200%'"
"""As the user's own setting in the browser makes them."""


@dataclass
class Visit:
    """A page that was opened, and everything that went wrong on it.

    Attributes:
        page: of Playwright.
        address: of the server, without a slash at the end.
        size: of the window, in pixels.
        scheme: of its colours.
        problems: what the browser complained about: errors, refused requests, broken policies.
        forgiven: patterns of complaints that a test wants.
    """

    page: Page
    address: str
    size: tuple[int, int] = DESKTOP
    scheme: Scheme = "light"
    problems: list[str] = field(default_factory=list)
    forgiven: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.problems.append(f"uncaught: {error}"))

    def go(self, path: str = "/#/coach") -> None:
        """Open a page of the server."""
        self.page.goto(self.address + path)

    def begin(self, exercise: str = "Squat") -> None:
        """Choose an exercise and start the camera; the coach has answered then."""
        self.go()
        self.page.get_by_role("radio", name=exercise).check()
        self.page.get_by_role("button", name="Start the camera").click()
        expect(self.page.locator(".whereabouts h1")).not_to_have_text("Spotter")

    def show(self, size: tuple[int, int], scheme: Scheme) -> None:
        """Let the window have this size and the page these colours."""
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        self.page.emulate_media(color_scheme=scheme)

    def shoot(self, name: str, size: tuple[int, int] | None = None, scheme: Scheme | None = None) -> None:
        """Keep a picture, where a folder for it is named; the size and colours are for its name."""
        width, height = size or self.size
        folder = os.environ.get(SCREENSHOTS)
        if folder:
            self.wait("[...document.images].every((image) => image.complete)")
            self.page.screenshot(path=Path(folder) / f"{name}-{width}x{height}-{scheme or self.scheme}.png")

    def check(self, name: str) -> None:
        """Let axe look at the page as it is: contrast, names, roles, order. Nothing may stand over an edge.

        On desktop and phone, in light and dark, each with a picture; then it is as it was.
        """
        found = []
        for size in SIZES:
            for scheme in SCHEMES:
                self.show(size, scheme)
                self.shoot(name, size, scheme)
                found += [f"{size} {scheme}: {one}" for one in axe(self.page)]
            found += [f"{size}: {over} pixels too wide" for over in [self.page.evaluate(OVERFLOW)] if over]
        self.show(self.size, self.scheme)
        assert not found, f"{name}: " + "\n".join(found)

    def wait(self, script: str) -> None:
        """Wait until a script says true; the page's policy allows no script to wait in the page itself."""
        end_s = time.monotonic() + PATIENCE_S
        while not self.page.evaluate(script):
            assert time.monotonic() < end_s, f"never came true: {script}"
            self.page.wait_for_timeout(50)

    def count(self) -> int:
        """How many repetitions the page shows."""
        return int(self.page.locator(".count").inner_text())

    def wait_for_count(self, least: int) -> None:
        """Wait until so many repetitions are shown."""
        self.wait(f"Number(document.querySelector('.count').textContent) >= {least}")

    def forgive(self, *patterns: str) -> None:
        """Complaints that this test brings about."""
        self.forgiven += patterns

    def unforgiven(self) -> list[str]:
        """The complaints that no test wanted."""
        return [one for one in self.problems if not any(re.search(wanted, one) for wanted in self.forgiven)]

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")


def axe(page: Page) -> list[str]:
    """What axe-core finds wrong with a page, as it is now; skips the test where axe is not installed."""
    module = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    options = {"resultTypes": ["violations"], "preload": False}  # the style sheets are the page's own
    found: list[dict[str, Any]] = module.Axe().run(page, options=options).response["violations"]
    return [
        f"{one['id']}: {one['help']}: {node['html'][:200]} {node.get('failureSummary', '')}"
        for one in found
        for node in one["nodes"]
    ]
