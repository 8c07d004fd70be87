"""Every page by the keyboard alone: what can be pressed is reached by Tab, and one sees where one is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.staged import SQUAT, Director, cue, good_rep
from tests.browser.visit import PHONE, Visit

MOST_STOPS = 300
STOPS = """() => [...document.querySelectorAll(
  "a[href], button, input, select, summary, video[controls], [tabindex='0']"
)].filter((one) => !one.disabled && one.checkVisibility({ visibilityProperty: true }))
  .filter((one) => one.type !== "radio" || one.checked)
  .map((one) => { one.dataset.stop = "wanted"; return one; }).length
"""
"""Marks what Tab has to reach; of a group of radio buttons it is the chosen one."""

HERE = """() => {
  const at = document.activeElement;
  if (at === document.body) return null;
  const ringed = (one) => {
    const style = one && getComputedStyle(one);
    return style && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  const { left, right, top, bottom } = at.getBoundingClientRect();
  at.dataset.stop = "reached";
  return {
    html: at.outerHTML.slice(0, 150),
    ringed: [at, at.nextElementSibling, at.closest(".drop")].some(ringed),
    inside: right > 0 && left < innerWidth && bottom > 0 && top < innerHeight,
  };
}"""
"""What has the focus: whether a ring is around it or what it stands for, and whether it is on the screen."""

TO_THE_TOP = "document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex')"

MISSED = "[...document.querySelectorAll('[data-stop=wanted]')].map((one) => one.outerHTML.slice(0, 150))"

PAGES: dict[str, Callable[[Page], Any]] = {
    "/#/coach": lambda page: page.get_by_role("radio", name="Squat"),
    "/#/videos": lambda page: page.get_by_role("heading", name="No video yet"),
    "/#/sessions": lambda page: page.get_by_role("button", name="More"),
    "/#/sessions/squat-ada-80": lambda page: page.get_by_role("button", name="Delete"),
    "/#/sessions/compare/squat-ada-0/squat-ada-80": lambda page: page.get_by_role("heading", name="Squat"),
    "/#/progress/of/Ada/squat": lambda page: page.get_by_role("heading", name="Week by week"),
    "/#/progress/month/2026-04": lambda page: page.get_by_role("heading", name="Went well"),
    "/#/parts": lambda page: page.get_by_role("button", name="Start the camera"),
    "/#/api": lambda page: page.get_by_role("heading", name="Messages"),
    "/docs/": lambda page: page.get_by_role("heading", name="Messages"),
}


def walk(page: Page) -> None:
    """Press Tab until it has gone around; all that can be pressed is reached, seen, and on the screen."""
    page.evaluate(TO_THE_TOP)
    wanted = page.evaluate(STOPS)
    assert 0 < wanted < MOST_STOPS
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(HERE)
        if stop is None:
            break
        assert stop["ringed"], f"one does not see that it has the focus: {stop['html']}"
        assert stop["inside"], f"it is beside the screen: {stop['html']}"
    assert page.evaluate(MISSED) == []


@pytest.mark.parametrize("path", PAGES)
def test_whatever_can_be_pressed_is_reached_and_seen(here: Visit, path: str) -> None:
    here.go(path)
    expect(PAGES[path](here.page).first).to_be_visible()
    walk(here.page)


@pytest.mark.parametrize("size", [PHONE, (844, 390)], ids=["phone", "lying phone"])
def test_nothing_is_out_of_reach_before_the_camera(
    visit: Open, director: Director, size: tuple[int, int]
) -> None:
    director.show(stage="set", exercise=SQUAT, count=2)
    here = visit(size)
    here.begin()
    walk(here.page)


def test_a_dialog_keeps_the_focus_and_gives_it_back(visit: Open, director: Director) -> None:
    director.show(stage="set", exercise=SQUAT, count=2)
    here = visit()
    here.begin()
    page = here.page
    page.get_by_role("button", name="Settings").press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    for _ in range(20):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.matches('dialog *, body')")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Settings")).to_be_focused()


def moving(here: Visit, director: Director) -> int:
    """How many things move when a repetition is counted."""
    director.show(stage="set", exercise=SQUAT, count=1)
    here.begin()
    here.wait_for_count(1)
    here.page.evaluate(
        "window.moved = 0; const look = () => {"
        " moved = Math.max(moved, document.getAnimations().length); requestAnimationFrame(look); }; look();"
    )
    director.show(stage="set", exercise=SQUAT, count=2, rep=good_rep(2), cue=cue())
    here.wait_for_count(2)
    here.page.wait_for_timeout(300)
    moved: int = here.page.evaluate("window.moved")
    return moved


def test_nothing_moves_for_those_who_asked_for_that(visit: Open, director: Director) -> None:
    assert moving(visit(), director) > 0
    assert moving(visit(reduced_motion="reduce"), director) == 0
