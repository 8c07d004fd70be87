"""A visit to the page: its browser context, what goes wrong on it, pictures of it, and its accessibility."""

from __future__ import annotations

import os
import re
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Page, expect

SCREENSHOTS = "SPOTTER_SCREENSHOTS"
"""Environment variable with the folder for pictures of every state that is checked."""


PATIENCE_S = 15.0


@dataclass
class Visit:
    """A page that was opened, and everything that went wrong on it.

    Attributes:
        page: of Playwright.
        address: of the server, without a slash at the end.
        label: of its pictures, such as ``"390x844-dark"``.
        problems: what the browser complained about: errors, refused requests, broken policies.
        forgiven: patterns of complaints that a test wants.
    """

    page: Page
    address: str
    label: str
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

    def shoot(self, name: str) -> None:
        """Keep a picture, where a folder for it is named."""
        folder = os.environ.get(SCREENSHOTS)
        if folder:
            self.wait("[...document.images].every((image) => image.complete)")
            self.page.screenshot(path=Path(folder) / f"{name}-{self.label}.png")

    def check(self, name: str) -> None:
        """Keep a picture and let axe look at the page: contrast, names, roles, order. Nothing may fail."""
        self.shoot(name)
        found = axe(self.page)
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
