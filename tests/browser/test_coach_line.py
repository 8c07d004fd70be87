"""The coach's page and its connection: lost and found, a new server, in the background, two at once."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from spotter.serve.config import Config, Limits
from tests.browser.conftest import Open
from tests.browser.line import Line
from tests.browser.staged import SQUAT, Director
from tests.serve.fake import Running

LOST = "The connection to Spotter is lost."
BROKEN = ("WebSocket connection", "net::ERR_", "fetching the script")
HIDE = """
  window.shownAgain = () => { hidden = false; document.dispatchEvent(new Event("visibilitychange")); };
  let hidden = true;
  Object.defineProperty(document, "hidden", { get: () => hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
"""


def test_the_set_goes_on_when_the_connection_is_back(visit: Open, stage: Running, director: Director) -> None:
    director.show(stage="set", exercise=SQUAT)
    director.frames_per_rep = 2
    with Line(stage.port) as line:
        here = visit(address=f"http://127.0.0.1:{line.port}")
        here.forgive(*BROKEN)
        here.begin()
        here.wait_for_count(2)
        line.cut()
        expect(here.page.get_by_text(LOST)).to_be_visible()
        here.check("lost")
        before = here.count()
        line.mend()
        expect(here.page.get_by_text(LOST)).to_be_hidden()
        here.wait_for_count(before + 1)
        assert len(director.opened) == 1, "another session was begun"


def test_what_was_said_while_it_was_lost_is_heard_afterwards(
    visit: Open, stage: Running, director: Director
) -> None:
    director.show(stage="set", exercise=SQUAT, count=4)
    with Line(stage.port) as line:
        here = visit(address=f"http://127.0.0.1:{line.port}")
        here.forgive(*BROKEN)
        here.begin()
        line.cut()
        expect(here.page.get_by_text(LOST)).to_be_visible()
        here.page.get_by_role("button", name="Finish").click()
        line.mend()
        expect(here.page.get_by_role("heading", level=1)).to_have_text("Squat: done")


def test_a_server_that_was_started_again_begins_a_new_session(
    visit: Open, stage: Running, director: Director, tmp_path: Path
) -> None:
    director.show(stage="set", exercise=SQUAT, count=4)
    again = Director(scene={"stage": "guide", "exercise": SQUAT})
    config = Config(port=0, data=tmp_path, database=str(tmp_path / "history.db"))
    with Line(stage.port) as line, Running(config, again) as other:
        here = visit(address=f"http://127.0.0.1:{line.port}")
        here.forgive(*BROKEN)
        here.begin()
        expect(here.page.locator(".count")).to_have_text("4")
        line.leads_to = other.port
        line.cut()
        line.mend()
        expect(here.page.get_by_text("A new one has begun.")).to_be_visible()
        expect(here.page.locator(".count")).to_have_text("0")
        expect(here.page.get_by_role("button", name="Start anyway")).to_be_visible()
        assert again.opened[0].start.exercise == "squat"


def test_a_page_in_the_background_sends_nothing_and_goes_on_when_it_is_shown(
    visit: Open, config_of_idlers: Config
) -> None:
    director = Director(scene={"stage": "set", "exercise": SQUAT}, frames_per_rep=2)
    with Running(config_of_idlers, director) as server:
        here = visit(address=f"http://127.0.0.1:{server.port}")
        here.begin()
        here.wait_for_count(1)
        with here.page.expect_event("websocket", timeout=15_000) as again:
            here.page.evaluate(HIDE)
            here.page.wait_for_timeout(1500)  # the server ends connections that say nothing for a second
            seen = len(director.opened[0].times)
            here.page.wait_for_timeout(300)
            assert len(director.opened[0].times) == seen
            here.page.evaluate("window.shownAgain()")
        assert again.value.url.endswith("/api/v1/live")
        before = here.count()
        here.wait_for_count(before + 1)
        assert len(director.opened) == 1
        expect(here.page.locator(".trouble")).to_be_hidden()


def test_two_pages_at_once_have_a_session_each(visit: Open, director: Director) -> None:
    director.show(stage="set", exercise=SQUAT)
    director.frames_per_rep = 2
    one, other = visit(), visit()
    one.begin()
    one.wait_for_count(2)
    other.begin()
    other.wait_for_count(1)
    before = one.count()
    one.wait_for_count(before + 1)
    other.page.get_by_role("button", name="Finish").click()
    expect(other.page.get_by_role("heading", level=1)).to_have_text("Squat: done")
    before = one.count()
    one.wait_for_count(before + 1)
    assert len(director.opened) == 2


def test_a_server_that_is_full_says_so(visit: Open, tmp_path: Path) -> None:
    config = Config(port=0, data=tmp_path, database=str(tmp_path / "history.db"), limits=Limits(streams=1))
    with Running(config, Director()) as server, server.client():
        here = visit(address=f"http://127.0.0.1:{server.port}")
        here.go()
        here.page.get_by_role("button", name="Start the camera").click()
        expect(here.page.get_by_role("alert")).to_contain_text("try again later")
        here.check("full")
        here.page.get_by_role("button", name="Back").click()
        expect(here.page.get_by_role("heading", name="What will you do?")).to_be_focused()


def test_a_server_that_is_gone_says_so_at_the_beginning_too(visit: Open, tmp_path: Path) -> None:
    config = Config(port=0, data=tmp_path, database=str(tmp_path / "history.db"))
    with Running(config, Director()) as server:
        here = visit(address=f"http://127.0.0.1:{server.port}")
        here.forgive(*BROKEN)
        here.go()
        expect(here.page.get_by_role("radio", name="Squat")).to_be_visible()
        server.stop()
        tabs = {"coach/again": "What will you do?", "parts": "Body parts", "videos": "Videos"}
        for tab, title in tabs.items():  # the code of the first is there, that of the others is not
            here.page.evaluate(f"location.hash = '#/{tab}'")
            expect(here.page.get_by_role("heading", level=1)).to_have_text(title)
            expect(here.page.get_by_role("alert")).to_contain_text("Spotter does not answer")
            expect(here.page.get_by_role("button", name="Try again")).to_be_visible()
            here.check(f"gone-{tab[:5]}")


def test_pages_that_were_open_say_so_too_when_the_server_is_gone(visit: Open, tmp_path: Path) -> None:
    config = Config(port=0, data=tmp_path, database=str(tmp_path / "history.db"))
    tabs = {"sessions": "Sessions", "progress": "Progress", "parts": "Body parts", "api": "The API"}
    with Running(config, Director()) as server:
        here = visit(address=f"http://127.0.0.1:{server.port}")
        here.forgive(*BROKEN)
        for tab in tabs:
            here.go(f"/#/{tab}")
            expect(here.page.locator("main .card").locator("visible=true").first).to_be_visible()
        server.stop()
        for tab, title in tabs.items():
            here.page.evaluate(f"location.hash = '#/{tab}/'")
            expect(here.page.get_by_role("heading", level=1)).to_have_text(title)
            expect(here.page.get_by_role("alert")).to_contain_text("Spotter does not answer")
            expect(here.page.get_by_role("button", name="Try again")).to_be_visible()
            here.check(f"away-{tab}")
