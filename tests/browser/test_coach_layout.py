"""The coach on small screens: upright and lying phones, and a desktop at 200 and 400 percent."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Open
from tests.browser.staged import KNEE, PLANK, SQUAT, STEP_BACK, TURN, Director, cue, squatting
from tests.browser.visit import DESKTOP, LARGE_LETTERS, OVERFLOW, PHONE

SIZES = {
    "phone": (390, 844),
    "lying phone": (844, 390),
    "small phone": (320, 568),
    "desktop at 200 %": (640, 400),
    "tablet": (820, 1180),
}

WIDE = {"128": {"exercise": SQUAT, "count": 128}, "10:05": {"exercise": PLANK, "held_s": 605.0}}
"""What the count shows, and the scene for it."""

Box = tuple[float, float, float, float]


def box_of(place: Locator) -> Box:
    """Left, top, right and bottom."""
    box = place.bounding_box()
    assert box is not None, f"{place} is not there"
    return box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]


def overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_everything_fits_and_nothing_covers_another(
    visit: Open, director: Director, size: tuple[int, int]
) -> None:
    here = visit(size)
    page = here.page
    here.go()
    expect(page.get_by_role("radio", name="Squat")).to_be_visible()
    assert page.evaluate(OVERFLOW) == 0
    start = box_of(page.get_by_role("button", name="Start the camera"))
    assert start[3] <= size[1], "the start button is not at hand"
    here.shoot("setup")

    director.show(guide=[STEP_BACK, TURN], exercise=SQUAT, sets=3)
    here.begin()
    expect(page.locator(".guide")).to_be_visible()
    here.shoot("guide")
    assert box_of(page.locator(".guide"))[3] <= box_of(page.locator(".controls"))[1] + 1
    guide = box_of(page.locator(".plate", has=page.locator(".guide")))
    assert not overlap(guide, box_of(page.locator(".whereabouts")))

    director.show(
        stage="set", count=28, exercise=SQUAT, working=KNEE, phase="far", progress=0.9, bodies=[squatting()],
        person=1, set=2, sets=3, cue=cue("Push your knees out over your toes"),
    )  # fmt: skip
    expect(page.locator(".count")).to_have_text("28")
    here.shoot("set")
    assert page.evaluate(OVERFLOW) == 0
    plates = [box_of(page.locator(name)) for name in (".whereabouts", ".tally", ".said", ".controls")]
    for number, one in enumerate(plates):
        assert min(one[:2]) >= 0 and one[2] <= size[0] and one[3] <= size[1] + 1
        assert not any(overlap(one, other) for other in plates[number + 1 :])
    for name in ("End the set", "Sound", "Settings", "Finish", "Leave"):
        button = box_of(page.get_by_role("button", name=name))
        assert button[2] <= size[0] and button[3] - button[1] >= 44, f"{name} is too small or out of reach"

    for number, (text, scene) in enumerate(WIDE.items()):
        director.show(stage="set", set=2, sets=3, working=KNEE, phase="far", attempts=1, **scene)
        expect(page.locator(".count")).to_have_text(text)
        here.shoot(f"wide-{number}")
        tally = box_of(page.locator(".tally"))
        assert tally[2] <= size[0] and not overlap(tally, box_of(page.locator(".whereabouts")))

    page.get_by_role("button", name="Settings").click()
    here.shoot("settings")
    expect(page.get_by_role("button", name="Done")).to_be_visible()
    page.keyboard.press("Escape")

    director.show(stage="rest", rest_left_s=602.0, set=1, sets=3, count=28, exercise=SQUAT)
    expect(page.locator(".seconds")).to_have_text("10:02")
    here.shoot("rest")
    clock = box_of(page.locator(".clock"))
    assert clock[0] >= 0 and clock[2] <= size[0]
    assert not overlap(clock, box_of(page.locator(".tally")))
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", name="Squat: done")).to_be_visible()
    assert page.evaluate(OVERFLOW) == 0
    here.shoot("summary")


def test_the_count_can_be_read_from_three_metres(visit: Open, director: Director) -> None:
    """A digit as high as 1/12 of the screen: on a laptop of 20 cm 1.7 cm, 20 minutes of arc at 3 m."""
    director.show(stage="set", count=8, exercise=SQUAT)
    here = visit()
    here.begin()
    size = here.page.locator(".count").evaluate("(count) => parseFloat(getComputedStyle(count).fontSize)")
    capital = 0.7  # of the font's size
    assert size * capital >= 800 / 12


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_letters_of_twice_the_size_have_room(visit: Open, director: Director, size: tuple[int, int]) -> None:
    director.show(
        stage="set", count=28, attempts=1, exercise=SQUAT, working=KNEE, phase="far", progress=0.9,
        set=2, sets=3, cue=cue(),
    )  # fmt: skip
    here = visit(size)
    page = here.page
    here.begin()
    page.evaluate(LARGE_LETTERS)
    expect(page.locator(".count")).to_have_text("28")
    here.shoot("large-letters")
    assert page.evaluate(OVERFLOW) == 0
    plates = [box_of(page.locator(name)) for name in (".whereabouts", ".tally", ".said", ".controls")]
    for number, one in enumerate(plates):
        assert not any(overlap(one, other) for other in plates[number + 1 :])
    for name in ("End the set", "Settings", "Leave"):
        page.get_by_role("button", name=name).focus()
        button = box_of(page.get_by_role("button", name=name))
        assert button[0] >= 0 and button[2] <= size[0] and button[3] <= size[1]
