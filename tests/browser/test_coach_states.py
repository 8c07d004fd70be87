"""Every state of the coach, from the choice to the summary: looked at by axe, and kept as pictures."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.staged import KNEE, SQUAT, STEP_BACK, TURN, Director, cue, good_rep, squatting


def test_every_state_can_be_used_by_everybody(visit: Open, director: Director) -> None:
    here = visit()
    page = here.page
    here.go()
    expect(page.get_by_role("radio", name="Squat")).to_be_visible()
    here.check("setup")

    director.show(guide=[STEP_BACK, TURN], exercise=SQUAT, bodies=[squatting()], person=1, sets=3)
    here.begin()
    expect(page.get_by_text(STEP_BACK.text).first).to_be_visible()
    here.check("guide")

    director.show(stage="countdown", countdown_s=2.4, exercise=SQUAT, sets=3)
    expect(page.locator(".seconds")).to_have_text("3")
    here.check("countdown")

    director.show(
        stage="set", count=7, exercise=SQUAT, working=KNEE, phase="far", progress=0.9, bodies=[squatting()],
        person=1, sets=3, cue=cue(), rep=good_rep(7), heart_rate=128.0,
    )  # fmt: skip
    expect(page.locator(".count")).to_have_text("7")
    page.keyboard.press("d")
    expect(page.locator(".details")).to_contain_text("on the server")
    here.check("set")
    page.keyboard.press("d")

    page.get_by_role("button", name="Settings").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    here.check("settings")
    page.keyboard.press("Escape")

    director.show(stage="rest", rest_left_s=42.0, set=1, sets=3, count=10, exercise=SQUAT)
    expect(page.locator(".seconds")).to_have_text("0:42")
    here.check("rest")

    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Squat: done")
    here.check("summary")
