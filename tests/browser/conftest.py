"""Fixtures of the browser's tests: one Chromium and one server for all, a fresh page for each."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the extra serve is not installed")
pytest.importorskip("playwright", reason="playwright is not installed")

from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from bench.chromium import NAMES, find_chromium
from spotter.history.history import History
from spotter.serve.config import Config, Limits
from tests.browser.staged import Director
from tests.browser.visit import DESKTOP, PATIENCE_S, SCREENSHOTS, Visit
from tests.history.material import full
from tests.history.training import Form, sessions
from tests.serve.fake import Running

WANTED = "SPOTTER_BROWSER"
"""Set to 1 to run these tests."""

WEEKS = [day for week in range(12) for day in (7 * week, 7 * week + 3)]
"""On which days the one with a history trained."""

Open = Callable[..., Visit]


def chromium_path() -> str:
    """The installed Chromium; skips where there is none, or where nobody asked for these tests."""
    if os.environ.get(WANTED) != "1":
        pytest.skip(f"tests with a browser take minutes: make browser, or {WANTED}=1")
    found = find_chromium()
    if found is None:
        pytest.skip(f"there is no Chromium on the path ({', '.join(NAMES)})")
    return found


@pytest.fixture(scope="session")
def _playwright() -> Iterator[tuple[Playwright, asyncio.AbstractEventLoop]]:
    folder = os.environ.get(SCREENSHOTS)
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
    started = sync_playwright().start()
    expect.set_options(timeout=1000 * PATIENCE_S)
    loop = asyncio.get_running_loop()
    asyncio._set_running_loop(None)
    yield started, loop
    asyncio._set_running_loop(loop)
    started.stop()


@pytest.fixture
def playwright(_playwright: tuple[Playwright, asyncio.AbstractEventLoop]) -> Iterator[Playwright]:
    """Playwright, whose event loop counts as running in this test alone: others have their own."""
    started, loop = _playwright
    asyncio._set_running_loop(loop)
    yield started
    asyncio._set_running_loop(None)


def launch(playwright: Playwright, *flags: str) -> Browser:
    """A Chromium with a camera that shows a moving pattern, unless the flags name another one."""
    return playwright.chromium.launch(
        executable_path=chromium_path(),
        args=[
            "--no-sandbox",
            "--use-fake-device-for-media-stream=fps=5",
            "--mute-audio",
            "--disable-gpu",
            *flags,
        ],
    )


@pytest.fixture(scope="session")
def _browsers() -> Iterator[list[Browser]]:
    yield []


@pytest.fixture
def browser(playwright: Playwright, _browsers: list[Browser]) -> Browser:
    """The Chromium of all tests."""
    if not _browsers:
        _browsers.append(launch(playwright))
    return _browsers[0]


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The server of all tests, whose trainers show what its director says."""
    folder = tmp_path_factory.mktemp("stage")
    config = Config(port=0, data=folder, database=str(folder / "history.db"), workers=2)
    with Running(config, Director()) as running:
        yield running


@pytest.fixture
def director(stage: Running) -> Director:
    """Says what the coach sees."""
    director = stage.trainers
    assert isinstance(director, Director)
    director.reset()
    return director


@pytest.fixture
def visit(browser: Browser, stage: Running) -> Iterator[Open]:
    """Opens pages, each in a context of its own; fails the test if the browser complained about one."""
    visits: list[Visit] = []
    with ExitStack() as closing:

        def opening(
            size: tuple[int, int] = DESKTOP,
            scheme: Any = "light",
            *,
            address: str | None = None,
            camera: bool = True,
            script: str = "",
            **settings: Any,
        ) -> Visit:
            address = address or f"http://127.0.0.1:{stage.port}"
            width, height = size
            context = browser.new_context(
                viewport={"width": width, "height": height}, color_scheme=scheme, **settings
            )
            closing.callback(context.close)
            context.set_default_timeout(1000 * PATIENCE_S)
            if camera:
                context.grant_permissions(["camera"], origin=address)
            if script:
                context.add_init_script(script)
            visits.append(Visit(context.new_page(), address, size, scheme))
            return visits[-1]

        yield opening
    for one in visits:
        complaints = "\n".join(one.unforgiven())
        assert not complaints, complaints


@pytest.fixture
def config_of_idlers(tmp_path: Path) -> Config:
    """A server that ends connections on which nothing comes for a second."""
    return Config(
        port=0, data=tmp_path, database=str(tmp_path / "history.db"), limits=Limits(idle_s=1.0), workers=1
    )


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server with a history: somebody who got better in twelve weeks, and somebody who did little."""
    folder = tmp_path_factory.mktemp("kept")
    config = Config(port=0, data=folder, database=str(folder / "history.db"), workers=2)
    first = Form(range_deg=70, score=66, faults={"too-shallow": 0.6}, angle="knee", weight_kg=20, sets=2)
    last = Form(range_deg=98, score=88, faults={"too-shallow": 0.1}, angle="knee", weight_kg=40, sets=2)
    with History.open(config.database) as history:
        for session in sessions("Ada", "squat", WEEKS, [first, last]):
            history.add(session)
        for session in sessions("Ada", "plank", WEEKS[::6], Form(held_s=40, view="side")):
            history.add(session)
        for session in sessions("Grace/Hopper", "squat", WEEKS[-4:], Form(angle="knee")):
            history.add(session)
        history.add(full())
    with Running(config) as running:
        yield running


@pytest.fixture
def here(visit: Open, kept: Running) -> Visit:
    """A page of the server with a history."""
    return visit(address=f"http://127.0.0.1:{kept.port}")
